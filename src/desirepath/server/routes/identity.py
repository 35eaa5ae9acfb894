"""Who is who? In numbers, by which rules, what nobody has decided yet; and the decisions of people, with a reason.

Identities are shown by their kind and a hint of their value. A link that waits is named by a keyed hash, so that it can
be decided without being spelled out.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from desirepath.errors import UnknownNameError
from desirepath.recognising import OPEN
from desirepath.server.answering import WAITING, while_wanted
from desirepath.server.handles import label_of
from desirepath.server.masking import identity as masked
from desirepath.server.once import Once
from desirepath.server.problems import problems
from desirepath.server.scopes import caller_of, needs
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.people.rules import Rule

MOST = 200
"""So many open links and suggestions are listed."""

LAST = 50
"""So many versions of who is who are listed."""

LIMITS = {
    "same_kind": "strong identities of one kind that a person may have, such as customer numbers",
    "fan_out": "identities of one kind beside which an address or phone still proves something",
    "most": "strong and semi identities that a person may have",
    "most_linked": "weak identities that may be linked into one device",
    "shared_by": "people who may share a device; one of more is a kiosk",
    "reach": "how long before a first login a shared device's events still count for who logged in",
    "lead": "how long before a login its person is taken to be there already",
    "count_passers_by": "whether visits to a kiosk that nobody logged in to count as people",
}
"""The limits, in words."""


class KindShape(BaseModel):
    """Identities of one kind."""

    kind: str
    strength: str = Field(description="strong: names one person; semi: very likely; weak: attached only; apart: not.")
    identities: int
    people: int


class LinkShape(BaseModel):
    """How identities were seen together."""

    rule: str
    source: str
    links: int
    times: int


class RefusedShape(BaseModel):
    """Links that joined nobody, by reason."""

    reason: str
    says: str
    links: int
    waits: int = Field(description="How many of them somebody must decide; the others follow from what was seen.")


class EndShape(BaseModel):
    """One end of a link: an identity, and whose it is."""

    hint: str = Field(description="Kind, and a hint of the value.")
    handle: str | None
    label: str | None


class OpenShape(BaseModel):
    """A link that waits for a decision."""

    key: str
    a: EndShape
    b: EndShape
    reason: str
    says: str
    rule: str
    source: str
    times: int
    first_at: str
    last_at: str


class SuggestionShape(BaseModel):
    """Two people who may be one."""

    number: int
    a: EndShape
    b: EndShape
    score: float
    undisputed: bool
    why: list[str]


class RuleShape(BaseModel):
    """A decision of somebody."""

    rule: int
    action: str
    a: str | None
    b: str | None
    undone: int | None
    author: str
    reason: str
    at: str
    standing: bool


class VersionShape(BaseModel):
    """A version of who is who."""

    version: int
    made_at: str
    cause: str
    changed: int


class LimitShape(BaseModel):
    """A limit of resolution; it can be changed in workspace.toml."""

    name: str
    says: str
    value: str
    usual: bool


class IdentityShape(BaseModel):
    """Who is who."""

    people: int
    named: int
    merged: int
    passers_by: int
    identities: int
    kinds: list[KindShape]
    sizes: list[tuple[int, int]] = Field(description="How many people have so many identities; 21 stands for more.")
    shared: int
    kiosks: int
    links: list[LinkShape]
    refused: list[RefusedShape]
    open: list[OpenShape]
    open_total: int
    suggestions: list[SuggestionShape]
    suggestions_total: int
    rules: list[RuleShape]
    versions: list[VersionShape]
    limits: list[LimitShape]
    blocked: int = Field(description="Values that the workspace says name nobody.")


class Decision(BaseModel):
    """What somebody decides of a link, or of a suggestion."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["link", "cut"]
    reason: str = Field(min_length=1, max_length=500)
    key: str | None = Field(None, max_length=100, description="A link that waits.")
    suggestion: int | None = None


class TakenBack(BaseModel):
    """Why a rule is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class Decided(BaseModel):
    """The rule that says so now, and how many identities changed hands."""

    rule: int
    changed: int


def install(app: FastAPI, state: State) -> None:
    """Add what is told of identities, and the decisions."""
    once = Once(state)

    @app.get("/api/identity", summary="Who is who, and what is open", responses=problems(503), **needs("read"))
    async def identity(request: Request) -> IdentityShape:
        return await while_wanted(state, request, lambda progress: once("identity", lambda: _told(state, progress)))

    @app.post(
        "/api/identity/decisions",
        summary="Say of two identities whether they are one person",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def decide(request: Request, given: Decision) -> Decided:
        author = caller_of(request).name or "somebody"
        number, changed = _decide(state, given, author)
        state.audit(request, "identity decided", f"rule {number}", decision=given.action)
        return Decided(rule=number, changed=changed)

    @app.post(
        "/api/identity/rules/{rule}/undo",
        summary="Take a decision back; who is who is as if it had never been",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def undo(request: Request, rule: Annotated[int, Path(ge=1, le=10**9)], given: TakenBack) -> Decided:
        from desirepath.knowing import undo as take_back

        author = caller_of(request).name or "somebody"
        with state.turns:
            number, changed = take_back(state.workspace, rule, author=author, reason=given.reason)
        state.audit(request, "identity decision taken back", f"rule {rule}", by_rule=number)
        return Decided(rule=number, changed=changed)


def _decide(state: State, given: Decision, author: str) -> tuple[int, int]:
    from desirepath import suggesting
    from desirepath.knowing import decide as settle

    with state.turns:
        workspace = state.workspace
        if given.suggestion is not None:
            if given.action == "link":
                return suggesting.accept(workspace, given.suggestion, author=author, reason=given.reason)
            return suggesting.dismiss(workspace, given.suggestion, author=author, reason=given.reason), 0
        for row in _waiting(workspace.store()):
            if _key(state, row) == given.key:
                one, two = f"{row['a_kind']}:{row['a_value']}", f"{row['b_kind']}:{row['b_value']}"
                if given.action == "link":
                    one, two = row["a_id"], row["b_id"]  # the people; to join the address alone would only move it
                return settle(workspace, given.action, one, two, author=author, reason=given.reason)
    raise UnknownNameError("There is no such link that waits for a decision.", looked="the links that wait")


_WAITING = f"""WITH waiting AS (SELECT r.reason, r.a, r.b, o.person AS one, u.person AS two {OPEN})
    SELECT r.reason, x.kind AS a_kind, x.value AS a_value, y.kind AS b_kind, y.value AS b_value,
        any_value(p.id) AS a_id, any_value(q.id) AS b_id, any_value(l.rule) AS rule, any_value(l.source) AS source,
        coalesce(sum(l.times), 0)::BIGINT AS times, min(l.first_at) AS first_at, max(l.last_at) AS last_at
    FROM waiting r JOIN identities x ON x.code = r.a JOIN identities y ON y.code = r.b
    LEFT JOIN identity_links l ON l.a = least(r.a, r.b) AND l.b = greatest(r.a, r.b)
    JOIN people p ON p.person = r.one JOIN people q ON q.person = r.two
    GROUP BY r.reason, x.kind, x.value, y.kind, y.value ORDER BY times DESC, 2, 3, 4, 5"""


def _waiting(store: Store) -> list[dict[str, Any]]:
    return [dict(row) for row in store.arrow(_WAITING).to_pylist()]


def _key(state: State, row: dict[str, Any]) -> str:
    told = "\x1f".join([state.handles.secret, row["a_kind"], row["a_value"], row["b_kind"], row["b_value"]])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _told(state: State, progress: Progress) -> IdentityShape:
    from desirepath.knowing import versions
    from desirepath.people.rules import RuleBook
    from desirepath.recognising import recognised
    from desirepath.suggesting import review_queue

    with state.turns.after(lambda before: progress(WAITING, 0, before)):
        workspace = state.workspace
        store = workspace.store()
        found, waiting = recognised(store), _waiting(store)
        history = versions(store).to_pylist()[-LAST:]
        queue = review_queue(workspace)
        policy, book = workspace.settings.identity, RuleBook(workspace.root)
        known = book.rules()
        standing = {rule.number for rule in book.standing(known)}
        suggestions = [_suggestion(state, store, row) for row in queue.slice(0, MOST).to_pylist()]
    told = asdict(found)
    usual = type(policy)()
    return IdentityShape(
        **told,
        open=[_open(state, row) for row in waiting[:MOST]],
        open_total=len(waiting),
        suggestions=suggestions,
        suggestions_total=queue.num_rows,
        rules=[_rule(rule, rule.number in standing) for rule in reversed(known)],
        versions=[
            VersionShape(**{**row, "made_at": row["made_at"].isoformat(timespec="seconds")}) for row in history[::-1]
        ],
        limits=[
            LimitShape(
                name=one.name,
                says=LIMITS[one.name],
                value=_written(getattr(policy, one.name)),
                usual=getattr(policy, one.name) == getattr(usual, one.name),
            )
            for one in fields(policy)
            if one.name in LIMITS
        ],
        blocked=len(policy.blocked),
    )


def _written(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _end(state: State, kind: str, value: str, person: str | None) -> EndShape:
    handle = None if person is None else state.handles.of(person)
    return EndShape(hint=masked(kind, value), handle=handle, label=None if handle is None else label_of(handle))


def _open(state: State, row: dict[str, Any]) -> OpenShape:
    from desirepath.recognising import MEANING

    return OpenShape(
        key=_key(state, row),
        a=_end(state, row["a_kind"], row["a_value"], row["a_id"]),
        b=_end(state, row["b_kind"], row["b_value"], row["b_id"]),
        reason=row["reason"],
        says=MEANING[row["reason"]],
        rule=row["rule"] or "",
        source=row["source"] or "",
        times=row["times"],
        first_at="" if row["first_at"] is None else row["first_at"].isoformat(),
        last_at="" if row["last_at"] is None else row["last_at"].isoformat(),
    )


def _suggestion(state: State, store: Store, row: dict[str, Any]) -> SuggestionShape:
    ends = []
    for side in ("a", "b"):
        kind, value = row[f"{side}_kind"], row[f"{side}_value"]
        people = store.rows(
            """SELECT p.id FROM identities i JOIN person_of o ON o.identity = i.code JOIN people p USING (person)
            WHERE i.kind = ? AND i.value = ? LIMIT 1""",
            [kind, value],
        )
        ends.append(_end(state, kind, value, str(people[0][0]) if people else None))
    return SuggestionShape(
        number=row["number"],
        a=ends[0],
        b=ends[1],
        score=row["score"],
        undisputed=row["undisputed"],
        why=[f"{reason['field']}: {reason['says']} ({reason['weight']:+.1f} bits)" for reason in row["why"]],
    )


def _rule(rule: Rule, standing: bool) -> RuleShape:
    said = rule.to_dict()
    for end, name in (("a", rule.a), ("b", rule.b)):
        said[end] = None if name is None else masked(*name)
    return RuleShape(**said, standing=standing)
