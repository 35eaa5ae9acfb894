"""How are people who may be one searched for? Their records are compared, and what is likely waits for review.

By default nothing is linked. Where it is asked for, a link is made at once if the score is at least 0.99, nothing
personal is in doubt, neither side has a strong identity, and the person keeps within the limit of identities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from desirepath.engines.duckdb import quiet
from desirepath.people.match_fields import FieldKind
from desirepath.people.matching import FLOOR, Suggested, suggest
from desirepath.people.rules import RuleBook
from desirepath.suggesting.collect import SEPARATOR, Fields, person_records, wanted_fields
from desirepath.suggesting.queue import SCHEMA, codes, keep, names_of, open_ones

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

SURE = 0.99
"""The least score of a link that may be made without being looked at."""
AUTHOR = "desirepath"
"""The author of such links."""


@dataclass(frozen=True)
class Searched:
    """The account of a search.

    Attributes
    ----------
    suggestions, linked
        How many suggestions await a decision, and how many links were made without one.
    records, looked_at
        How many people were compared, and how many pairs of them.
    compared
        The fields that were used, and what each is.
    left_out
        The fields that were not, and why.
    """

    suggestions: int
    linked: int
    records: int
    looked_at: int
    compared: Mapping[str, FieldKind]
    left_out: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**vars(self), "compared": dict(self.compared), "left_out": dict(self.left_out)}


def find_suggestions(
    workspace: Workspace,
    fields: Fields | None = None,
    *,
    least: float = FLOOR,
    automatic: bool = False,
    progress: Progress = quiet,
) -> Searched:
    """Search for people who may be one, and keep what is likely for review; an earlier search is replaced.

    Parameters
    ----------
    workspace
        Whose people.
    fields
        Which fields of events hold what, such as `{"given_name": "properties:/first_name"}`; for `text` and
        `personal_number` also several in a list. Found by their names if left out.
    least
        The least score of a suggestion.
    automatic
        Whether to link at once what is sure; see above.
    progress
        Told what is being done.

    Raises
    ------
    InputError
        When the extra `match` is not installed, a kind is unknown, or no field is named and none found.
    NotEnoughDataError
        For too few people, or too few fields that say anything.
    """
    store, settings = workspace.store(), workspace.settings
    wanted = wanted_fields(store, fields)
    progress("collecting records", 0, None)
    records, kinds = person_records(store, wanted, settings.time_zone)
    found = suggest(
        records,
        kinds,
        floor=least,
        threads=settings.threads,
        memory=settings.memory_limit,
        tell=lambda stage: progress(stage, 0, None),
    )
    table = open_ones(store, _with_values(found, records), RuleBook(workspace.root))
    table = table.set_column(0, "number", pa.array(range(1, table.num_rows + 1), pa.int64()))
    keep(workspace, table)
    linked = _link_sure(workspace, table) if automatic else 0
    compared = {name: kinds[name] for name in found.compared}
    waiting = open_ones(store, table, RuleBook(workspace.root)).num_rows if linked else table.num_rows
    return Searched(waiting, linked, found.records, found.looked_at, compared, found.left_out)


def _with_values(found: Suggested, records: pa.Table) -> pa.Table:
    """The suggestions with identities apart, and the values of both sides beside each other."""
    rows = {row["id"]: row for row in records.to_pylist()}
    kept = []
    for number, pair in enumerate(found.pairs.to_pylist(), start=1):
        (a_kind, _, a_value), (b_kind, _, b_value) = (pair[side].partition(SEPARATOR) for side in ("a", "b"))
        one, two = rows[pair["a"]], rows[pair["b"]]
        values = [{"field": name, "a": one[name], "b": two[name]} for name in found.compared]
        who = {"a_kind": a_kind, "a_value": a_value, "b_kind": b_kind, "b_value": b_value}
        kept.append({"number": number, **who, **pair, "values": values})
    return pa.Table.from_pylist(kept, schema=SCHEMA)


def _link_sure(workspace: Workspace, table: pa.Table) -> int:
    """Link what is sure, likeliest first; return how many links were made."""
    store, book = workspace.store(), RuleBook(workspace.root)
    most = workspace.settings.identity.most
    sizes = _sizes(store)
    leader: dict[int, int] = {}

    def lead(code: int) -> int:
        while code in leader:
            code = leader[code]
        return code

    touched: list[int] = []
    linked = 0
    for row in table.to_pylist():
        if row["score"] < SURE or not row["undisputed"]:
            continue
        pair = names_of(row)
        named = codes(store, list(pair))
        one, two = (lead(code) for code in named)
        if one == two or one not in sizes or two not in sizes or sizes[one] + sizes[two] > most:
            continue
        book.add("link", *pair, author=AUTHOR, reason=f"suggestion with score {row['score']:.4f}")
        leader[two] = one
        sizes[one] += sizes.pop(two)
        touched += named
        linked += 1
    if touched:
        workspace.resolve(f"{linked} sure suggestion{'' if linked == 1 else 's'}", touched=touched)
    return linked


def _sizes(store: Store) -> dict[int, int]:
    """How many strong and semi identities each person without a strong one has; people are numbered by their leader."""
    rows = store.rows(
        """SELECT p.person, greatest(count(*) FILTER (i.strength = 'semi'), 1)
        FROM person_of p JOIN identities i ON i.code = p.identity WHERE p.person >= 0
        GROUP BY p.person HAVING count(*) FILTER (i.strength = 'strong') = 0"""
    )
    return {int(person): int(many) for person, many in rows}
