"""Why are these one person? Evidence, conflicts, versions and accounts, read out of the store for people to check."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from desirepath.errors import InputError, UnknownNameError
from desirepath.looking import find_person

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

Name = tuple[str, str]

_LINK = """x.kind || ':' || x.value AS a, y.kind || ':' || y.value AS b, l.rule, l.source, l.first_at, l.last_at,
    l.times, CAST(l.first_event AS VARCHAR) AS first_event"""
_MERGED = """(SELECT a, b, rule, source, min(first_at) AS first_at, max(last_at) AS last_at,
    sum(times)::BIGINT AS times, arg_min(first_event, first_at) AS first_event
    FROM identity_links GROUP BY a, b, rule, source)"""


def find_identity(store: Store, text: str) -> tuple[int, Name]:
    """The code, kind and value of an identity given as `kind:value`, or by its value where only one has it.

    Raises
    ------
    UnknownNameError
        If there is none.
    InputError
        If several kinds have that value.
    """
    kind, _, value = text.partition(":")
    from desirepath.engines.store import written_as

    fits, given = written_as(text)
    rows = store.rows(
        f"SELECT code, kind, value FROM identities i WHERE strength <> 'visit' AND {fits} ORDER BY kind LIMIT 9", given
    )
    exact = [row for row in rows if (row[1], row[2]) == (kind, value)] or rows
    if len(exact) == 1:
        return int(exact[0][0]), (str(exact[0][1]), str(exact[0][2]))
    if exact:
        names = [f"{row[1]}:{row[2]}" for row in exact]
        raise InputError(f"{text!r} is an identity of several kinds; say which.", allowed=names)
    near = [
        str(row[0])
        for row in store.rows(
            """SELECT kind || ':' || value AS name FROM identities WHERE strength <> 'visit'
            ORDER BY jaro_winkler_similarity(name, ?) DESC LIMIT 5""",
            [text],
        )
    ]
    raise UnknownNameError.of("identity", text, near, looked="all identities")


def why(store: Store, one: str, two: str) -> dict[str, Any]:
    """Why two identities are, or are not, of one person.

    Returns
    -------
    `same`: whether they are; `people`: the persons' ids; `path`: the links that lead from one to the other, shortest
    first; `refused`: links between the two persons that joined nobody, with their reason.
    """
    (start, a), (end, b) = find_identity(store, one), find_identity(store, two)
    people = [_person_of(store, code) for code in (start, end)]
    same = people[0] is not None and people[0] == people[1]
    path = _path(store, start, end) if same and start != end else []
    refused = [] if same else _refused_between(store, start, end)
    return {
        "a": ":".join(a),
        "b": ":".join(b),
        "same": same,
        "people": [None if person is None else _spelled(store, person) for person in people],
        "path": path,
        "refused": refused,
    }


def _person_of(store: Store, code: int) -> int | None:
    rows = store.rows("SELECT person FROM person_of WHERE identity = ?", [code])
    return int(rows[0][0]) if rows and rows[0][0] >= 0 else None


def _spelled(store: Store, code: int) -> str:
    return str(store.one("SELECT kind || ':' || value FROM identities WHERE code = ?", [code])[0])


def _path(store: Store, start: int, end: int) -> list[dict[str, Any]]:
    """The fewest links between two identities of one person; of equally few the earliest seen."""
    links = of_person(store, start, by_hand=True).to_pylist()
    near: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for link in links:
        near.setdefault(link["code_a"], []).append((link["code_b"], link))
        near.setdefault(link["code_b"], []).append((link["code_a"], link))
    came: dict[int, tuple[int, dict[str, Any]] | None] = {start: None}
    todo = deque([start])
    while todo and end not in came:
        here = todo.popleft()
        for there, link in near.get(here, []):
            if there not in came:
                came[there] = (here, link)
                todo.append(there)
    steps: list[dict[str, Any]] = []
    at = end
    while (step := came.get(at)) is not None:
        at, link = step
        steps.append({name: value for name, value in link.items() if not name.startswith("code_")})
    return steps[::-1]


def of_person(store: Store, code: int, *, by_hand: bool = False) -> pa.Table:
    """The links that hold a person together, of the person that an identity belongs to, earliest first.

    Parameters
    ----------
    code
        Any identity of the person.
    by_hand
        Whether to add links that rules of hand made.
    """
    from desirepath.people.rules import RuleBook

    members = "(SELECT identity FROM person_of WHERE person = (SELECT person FROM person_of WHERE identity = ?))"
    pairs: list[tuple[str, str, str, str, str]] = []
    if by_hand:
        root = store.path.parent
        pairs = [(*one, *two, "by hand") for one, two in sorted(RuleBook(root).decided().links)]
    import pyarrow as pa

    names = ("ka", "va", "kb", "vb", "rule")
    given = {name: pa.array([pair[k] for pair in pairs], pa.string()) for k, name in enumerate(names)}
    store.connection.register("given", pa.table(given))
    try:
        return store.arrow(
            f"""SELECT l.a AS code_a, l.b AS code_b, {_LINK} FROM (
                SELECT * FROM {_MERGED} UNION ALL BY NAME
                SELECT least(p.code, q.code) AS a, greatest(p.code, q.code) AS b, g.rule FROM given g
                JOIN identities p ON p.kind = g.ka AND p.value = g.va
                JOIN identities q ON q.kind = g.kb AND q.value = g.vb
            ) l JOIN identities x ON x.code = l.a JOIN identities y ON y.code = l.b
            ANTI JOIN refused_links r ON r.a = l.a AND r.b = l.b
            WHERE l.a IN {members} AND l.b IN {members}
            ORDER BY l.first_at NULLS FIRST, a, b, l.source""",
            [code, code],
        )
    finally:
        store.connection.unregister("given")


def _refused_between(store: Store, start: int, end: int) -> list[dict[str, Any]]:
    """Refused links between two persons, and those of both with one third identity, such as a shared device."""
    found = store.arrow(
        """WITH one AS (SELECT ? AS code UNION SELECT identity FROM person_of WHERE person >= 0
                AND person = (SELECT person FROM person_of WHERE identity = ?)),
            two AS (SELECT ? AS code UNION SELECT identity FROM person_of WHERE person >= 0
                AND person = (SELECT person FROM person_of WHERE identity = ?)),
            ends AS (SELECT a AS mine, b AS other, reason FROM refused_links
                UNION ALL SELECT b, a, reason FROM refused_links),
            direct AS (SELECT mine, other, reason FROM ends WHERE mine IN (FROM one) AND other IN (FROM two)),
            third AS (SELECT other FROM ends WHERE mine IN (FROM one)
                INTERSECT SELECT other FROM ends WHERE mine IN (FROM two))
        SELECT x.kind || ':' || x.value AS a, y.kind || ':' || y.value AS b, l.reason FROM (
            FROM direct UNION SELECT mine, other, reason FROM ends
            WHERE other IN (FROM third) AND (mine IN (FROM one) OR mine IN (FROM two))
        ) l JOIN identities x ON x.code = l.mine JOIN identities y ON y.code = l.other ORDER BY 1, 2""",
        [start, start, end, end],
    )
    return [dict(row) for row in found.to_pylist()]


def conflicts(store: Store, most: int) -> pa.Table:
    """Links that joined nobody, with their reason: those of strong identities first."""
    return store.arrow(
        f"""SELECT r.reason, {_LINK} FROM refused_links r
        JOIN {_MERGED} l ON l.a = least(r.a, r.b) AND l.b = greatest(r.a, r.b)
        JOIN identities x ON x.code = r.a JOIN identities y ON y.code = r.b
        ORDER BY CASE r.reason WHEN 'cut' THEN 0 WHEN 'same_kind' THEN 1 WHEN 'size' THEN 2 WHEN 'fan_out' THEN 3
            WHEN 'linked' THEN 4 WHEN 'kiosk' THEN 5 ELSE 6 END, 2, 3, l.source LIMIT ?""",
        [most],
    )


def conflict_reasons(store: Store) -> pa.Table:
    """How many links joined nobody, by reason."""
    return store.arrow("SELECT reason, count(*) AS links FROM refused_links GROUP BY reason ORDER BY 2 DESC, 1")


def versions(store: Store) -> pa.Table:
    """The versions of who is who, oldest first."""
    return store.arrow("SELECT version, made_at, cause, changed FROM identity_versions ORDER BY version")


def accounts(store: Store, who: str) -> pa.Table:
    """The organisations that a person belongs to, and from when to when they were seen together."""
    person, _ = find_person(store, who)
    return store.arrow(
        """SELECT x.kind, x.value, m.first_at, m.last_at, m.times
        FROM memberships m JOIN identities x ON x.code = m.account
        WHERE m.person = ? ORDER BY m.first_at, x.kind, x.value""",
        [person],
    )


def decide(
    workspace: Workspace, action: Any, one: str, two: str | None, *, author: str, reason: str
) -> tuple[int, int]:
    """Add a rule of hand and apply it; return its number and how many identities changed hands.

    Raises
    ------
    InputError
        If an identity is unknown, or the rule lacks a reason.
    """
    from desirepath.people.rules import RuleBook

    store = workspace.store()
    a = _meant(store, one, action)
    b = None if two is None else find_identity(store, two)[1]
    rule = RuleBook(workspace.root).add(action, a, b, author=author, reason=reason)
    return rule.number, workspace.resolve(f"rule {rule.number}", touched=_codes(store, (a, b)))


def undo(workspace: Workspace, number: int, *, author: str, reason: str) -> tuple[int, int]:
    """Take a rule back; return the new rule's number and how many identities changed hands."""
    from desirepath.people.rules import RuleBook

    workspace.store()  # opened first: to open it would apply the rule on its own
    book = RuleBook(workspace.root)
    rule = book.add("undo", undone=number, author=author, reason=reason)
    named = [name for each in book.rules()[:-1] for name in (each.a, each.b)]  # an undo may take back an undo
    return rule.number, workspace.resolve(f"rule {rule.number}", touched=_codes(workspace.store(), named))


def _codes(store: Store, names: Iterable[Name | None]) -> list[int]:
    return [
        int(row[0])
        for name in names
        if name is not None
        for row in store.rows("SELECT code FROM identities WHERE kind = ? AND value = ?", name)
    ]


def _meant(store: Store, text: str, action: str) -> Name:
    """The identity; a value may be blocked before it is ever seen."""
    try:
        return find_identity(store, text)[1]
    except UnknownNameError:
        kind, sign, value = text.partition(":")
        if action != "block" or not sign or not kind or not value:
            raise
        return kind, value
