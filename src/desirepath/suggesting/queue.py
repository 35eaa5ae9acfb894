"""Which suggestions await a decision, and what becomes of them? Accepted ones link, dismissed ones are not made again.

They are kept in `suggestions.parquet`, with the values that were compared, so that they can be judged; who erases a
person throws the file away. Both decisions are rules of hand with author and reason, and `undo` takes either back.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from desirepath.errors import InputError
from desirepath.people.rules import RuleBook

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.people.rules import Name
    from desirepath.workspace import Workspace

FILE = "suggestions.parquet"

_TEXT = pa.string()
SCHEMA = pa.schema(
    {
        "number": pa.int64(),
        "a_kind": _TEXT,
        "a_value": _TEXT,
        "b_kind": _TEXT,
        "b_value": _TEXT,
        "score": pa.float64(),
        "undisputed": pa.bool_(),
        "why": pa.list_(pa.struct({"field": _TEXT, "says": _TEXT, "weight": pa.float64()})),
        "values": pa.list_(pa.struct({"field": _TEXT, "a": _TEXT, "b": _TEXT})),
    }
)


def review_queue(workspace: Workspace) -> pa.Table:
    """The suggestions that await a decision, likeliest first.

    Returns
    -------
    `number`; `a_kind`, `a_value`, `b_kind`, `b_value`, the identities that the two are called by; `score`;
    `undisputed`, whether something personal is the same and nothing personal is in doubt; `why`, for each field what
    was found in words and its weight in bits; `values`, for each field what either side says. Without people who are
    one by now, or gone, or of whom it was decided that they are not one, or not to be asked about.
    """
    import pyarrow.parquet as pq

    path = workspace.root / FILE
    store = workspace.store()
    return open_ones(store, pq.read_table(path), RuleBook(workspace.root)) if path.exists() else SCHEMA.empty_table()


def keep(workspace: Workspace, table: pa.Table) -> None:
    """Put suggestions, numbered in their order, in the place of earlier ones."""
    import pyarrow.parquet as pq

    path = workspace.root / FILE
    draft = path.with_suffix(".draft")
    pq.write_table(table, draft)
    os.replace(draft, path)


def open_ones(store: Store, table: pa.Table, book: RuleBook) -> pa.Table:
    """Those of the suggestions that are still to be decided, in their order."""
    decided = book.decided()
    settled = [(*one, *two) for one, two in sorted(decided.cuts | decided.dismissed)]
    names = ("a_kind", "a_value", "b_kind", "b_value")
    columns = {name: pa.array([pair[k] for pair in settled], _TEXT) for k, name in enumerate(names)}
    people = """SELECT {columns} least(p.person, q.person) AS one, greatest(p.person, q.person) AS two FROM {table} g
        JOIN identities i ON i.kind = g.a_kind AND i.value = g.a_value JOIN person_of p ON p.identity = i.code
        JOIN identities j ON j.kind = g.b_kind AND j.value = g.b_value JOIN person_of q ON q.identity = j.code
        WHERE p.person >= 0 AND q.person >= 0 AND p.person <> q.person"""
    store.connection.register("made_suggestions", table)
    store.connection.register("settled_pairs", pa.table(columns))
    try:
        return store.arrow(
            f"""SELECT s.* EXCLUDE (one, two) FROM ({people.format(columns="g.*,", table="made_suggestions")}) s
            ANTI JOIN ({people.format(columns="", table="settled_pairs")}) d ON d.one = s.one AND d.two = s.two
            ORDER BY s.number"""
        ).cast(SCHEMA)
    finally:
        store.connection.unregister("made_suggestions")
        store.connection.unregister("settled_pairs")


def accept(workspace: Workspace, number: int, *, author: str, reason: str) -> tuple[int, int]:
    """Say that the two of a suggestion are one person.

    Parameters
    ----------
    workspace
        Whose people.
    number
        The suggestion's number in the queue.
    author, reason
        Who decides, and why.

    Returns
    -------
    The number of the rule that now says so, and how many identities changed hands.

    Raises
    ------
    InputError
        When no such suggestion awaits a decision, or author or reason are missing.
    """
    one, two = _pair(workspace, number)
    rule = RuleBook(workspace.root).add("link", one, two, author=author, reason=reason)
    return rule.number, workspace.resolve(f"rule {rule.number}", touched=codes(workspace.store(), [one, two]))


def dismiss(workspace: Workspace, number: int, *, author: str, reason: str) -> int:
    """Say that a suggestion is not to be made again; who is who stays as it is. Returns the number of the rule.

    Raises
    ------
    InputError
        As `accept`.
    """
    one, two = _pair(workspace, number)
    return RuleBook(workspace.root).add("dismiss", one, two, author=author, reason=reason).number


def codes(store: Store, names: list[Name]) -> list[int]:
    """The store's numbers of identities."""
    found = [store.rows("SELECT code FROM identities WHERE kind = ? AND value = ?", name) for name in names]
    return [int(row[0]) for rows in found for row in rows]


def names_of(row: dict[str, Any]) -> tuple[Name, Name]:
    """The identities that the two of a suggestion are called by."""
    return (row["a_kind"], row["a_value"]), (row["b_kind"], row["b_value"])


def _pair(workspace: Workspace, number: int) -> tuple[Name, Name]:
    waiting = review_queue(workspace)
    numbers = waiting.column("number").to_pylist()
    if number not in numbers:
        raise InputError(
            f"No suggestion {number} awaits a decision.",
            allowed=numbers,
            looked="`desirepath people review`; numbers change with every search",
        )
    return names_of(waiting.slice(numbers.index(number), 1).to_pylist()[0])
