"""Who is this, without saying who? Persons by handle: since when, how often, where, and why they are one person.

Read through connections of their own, beside whoever has the turn. Identities stay here; what leaves is handles,
labels, kinds and counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import Where, always, compile_sql, never
from desirepath.events.where_fields import EventFields, Sql
from desirepath.journeys.batch import JourneyBatch
from desirepath.journeys.sessions import SessionRule, session_numbers
from desirepath.server.handles import is_handle, label_of
from desirepath.server.sorting import Sort

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.server.state import State
    from desirepath.workspace import Workspace

MOST_FOUND = 20
WINDOWS = (3_600, 86_400, 30 * 86_400, 400 * 86_400)
"""Seconds before the newest event in which the last persons are looked for, before everything is looked through."""

SORTED = {
    "label": "sha256(? || p.id)",
    "last": "l.last",
    "since": "l.first",
    "events": "l.events",
    "value": "CASE WHEN l.currencies <= 1 THEN l.value END",
}
"""By what the list of people can be sorted; visits and channels are only looked up for those who are shown."""

ORDER = "e.occurred_at, e.sequence NULLS LAST, e.id"


@dataclass(frozen=True)
class Person:
    """A person: the place in the database, and the id, which is an identity."""

    code: int
    id: str


def by_handle(state: State, store: Store, handle: str) -> Person:
    """The person whom a handle stands for.

    Raises
    ------
    UnknownNameError
        If it stands for nobody at present.
    """
    found = state.handles.person(store, handle)
    return Person(int(store.one("SELECT person FROM people WHERE id = ?", [found])[0]), found)


def found(state: State, store: Store, text: str) -> tuple[Literal["identity", "label"], list[Person]]:
    """Whom a text means, and by what: a label or handle, else an identity typed in full."""
    given = text.strip()
    if is_handle(given) or given.lower().startswith("p-"):
        ids = state.handles.labelled(store, given)
        if ids:  # else a customer number that looks like a label
            marks = ", ".join("?" for _ in ids)
            rows = store.rows(f"SELECT person, id FROM people WHERE id IN ({marks})", ids)
            return "label", [Person(int(code), str(name)) for code, name in rows]
    return "identity", of_identity(store, given)


def of_identity(store: Store, text: str) -> list[Person]:
    """The persons who have an identity, given as `kind:value` or by its value alone."""
    from desirepath.engines.store import written_as

    fits, given = written_as(text)
    rows = store.rows(
        f"""SELECT DISTINCT p.person, p.id FROM people p LEFT JOIN person_of o ON o.person = p.person
        LEFT JOIN identities i ON i.code = o.identity AND i.strength <> 'visit'
        WHERE p.id = ? OR {fits} ORDER BY p.id LIMIT {MOST_FOUND}""",
        [text, *given],
    )
    return [Person(int(code), str(name)) for code, name in rows]


def the_one(state: State, text: str) -> str:
    """The id of the one person whom a handle or an identity means; no other identity is told.

    Raises
    ------
    UnknownNameError
        If there is nobody.
    InputError
        If there are several; their handles are told.
    """
    with state.reads() as store:
        if is_handle(text):
            return state.handles.person(store, text)
        persons = of_identity(store, text.strip())
    if not persons:
        raise UnknownNameError("Nobody has this identity.", looked="the identities of all people")
    if len(persons) > 1:
        handles = state.handles.all_of(one.id for one in persons)
        raise InputError("Several people have this identity; say which.", allowed=handles)
    return persons[0].id


def latest(store: Store, most: int, offset: int, *, passers_by: bool) -> list[Person]:
    """Those whose last event is the newest, newest first."""
    (newest,) = store.one("SELECT max(occurred_at) FROM events")
    if newest is None:
        return []
    kept = "" if passers_by else "AND NOT p.passer_by"
    for seconds in (*WINDOWS, None):
        where = "" if seconds is None else f"WHERE e.occurred_at >= ?::TIMESTAMPTZ - INTERVAL {seconds} SECOND"
        rows = store.rows(
            f"""SELECT p.person, p.id FROM (SELECT o.person, max(e.occurred_at) AS last
                FROM events e JOIN person_of_event o ON o.seq = e.seq {where} GROUP BY 1) l
            JOIN people p ON p.person = l.person {kept} ORDER BY l.last DESC, p.id LIMIT ? OFFSET ?""",
            [*([] if seconds is None else [newest]), most, offset],
        )
        if len(rows) == most or seconds is None:
            return [Person(int(code), str(name)) for code, name in rows]
    return []


def sorted_by(
    state: State,
    store: Store,
    by: Sort,
    most: int,
    offset: int,
    *,
    passers_by: bool,
) -> list[Person]:
    """Some of all people, sorted.

    Raises
    ------
    UnknownNameError
        If they cannot be sorted by that.
    """
    key = SORTED[by.among(list(SORTED)).column]
    money = amounts(state, "revenue")
    brought = f"FILTER ({money.text})"
    kept = "" if passers_by else "WHERE NOT p.passer_by"
    rows = store.rows(
        f"""SELECT p.person, p.id FROM (SELECT o.person, min(e.occurred_at) AS first, max(e.occurred_at) AS last,
                count(*) AS events, sum(e.value) {brought} AS value, count(DISTINCT e.currency) {brought} AS currencies
            FROM events e JOIN person_of_event o ON o.seq = e.seq GROUP BY 1) l
        JOIN people p ON p.person = l.person {kept}
        ORDER BY {key} {"DESC" if by.down else "ASC"} NULLS LAST, p.id LIMIT ? OFFSET ?""",
        [
            *money.parameters,
            *money.parameters,
            *([state.handles.secret] if by.column == "label" else []),
            most,
            offset,
        ],
    )
    return [Person(int(code), str(name)) for code, name in rows]


@dataclass(frozen=True)
class Owned:
    """Which events belong to which persons; found once, because that is what takes long.

    Attributes
    ----------
    sql, parameters
        A table `o` of `person` and `seq`, to be put into queries.
    """

    person: list[int]
    seq: list[int]
    sql: str = "(SELECT unnest(?::BIGINT[]) AS person, unnest(?::BIGINT[]) AS seq) o"

    @property
    def parameters(self) -> list[list[int]]:
        """What the table is made of."""
        return [self.person, self.seq]


def owned(store: Store, persons: Sequence[Person]) -> Owned:
    """The events of persons."""
    marks = ", ".join("?" for _ in persons)
    table = store.arrow(
        f"SELECT person, seq FROM person_of_event WHERE person IN ({marks})", [one.code for one in persons]
    )
    return Owned(table["person"].to_pylist(), table["seq"].to_pylist())


def told(state: State, store: Store, persons: Sequence[Person], theirs: Owned | None = None) -> list[dict[str, Any]]:
    """What is known of persons, in their order; `value` is of the events that bring money, where one currency does."""
    if not persons:
        return []
    money = amounts(state, "revenue")
    theirs = theirs or owned(store, persons)
    rows = store.rows(
        f"""SELECT o.person, min(e.occurred_at), max(e.occurred_at), count(*),
            list_sort(list(DISTINCT e.channel) FILTER (e.channel IS NOT NULL)),
            sum(e.value) FILTER ({money.text}), count(DISTINCT e.currency) FILTER ({money.text}),
            min(e.currency) FILTER ({money.text})
        FROM {theirs.sql} JOIN events e ON e.seq = o.seq GROUP BY 1""",
        [*money.parameters, *money.parameters, *money.parameters, *theirs.parameters],
    )
    known = {int(row[0]): row[1:] for row in rows}
    visits = _visits(store, theirs)
    return [_known(state, one, known.get(one.code), visits.get(one.code, 0)) for one in persons]


def _known(state: State, person: Person, row: tuple[Any, ...] | None, visits: int) -> dict[str, Any]:
    first, last, events, channels, value, currencies, currency = row or (None, None, 0, [], None, 0, None)
    handle = state.handles.of(person.id)
    return {
        "handle": handle,
        "label": label_of(handle),
        "since": None if first is None else first.isoformat(),
        "last": None if last is None else last.isoformat(),
        "events": int(events),
        "sessions": visits,
        "value": float(value) if value is not None and currencies <= 1 else None,
        "currency": currency if currencies == 1 else None,
        "channels": list(channels or []),
    }


Kind = Literal["revenue", "cost"]


def amounts(state: State, kind: Kind) -> Sql:
    """Of which events the amount is what comes in, or what they cost."""
    return state.once(f"amounts of {kind}", lambda: _amounts(state.workspace, kind))


def _amounts(workspace: Workspace, kind: Kind) -> Sql:
    """What maps say has a revenue or a cost; and what the workspace calls an order brings money."""
    from desirepath.errors import DesirepathError

    wheres: list[Where] = []
    shelf = workspace.asking.maps
    for path in shelf.files().values():
        try:
            wheres += [one.where for one in shelf.read(path).touchpoints if getattr(one, kind) == "value"]
        except DesirepathError:  # the list of maps says what is wrong with it
            continue
    try:
        order = workspace.metrics.defined().words.get("order")
        wheres += [Where.event(order)] if order and kind == "revenue" else []
    except DesirepathError:  # and the list of metrics
        pass
    known = [where for where in wheres if where not in (always, never)]
    made = compile_sql(Where.any_of(known), EventFields(table="e"), zone=workspace.settings.time_zone)
    return Sql(f"coalesce({made.text}, false)", made.parameters)


def _visits(store: Store, theirs: Owned) -> dict[int, int]:
    """How many visits each person made, as questions count them."""
    table = store.arrow(
        f"""SELECT o.person, epoch_us(e.occurred_at) AS time, CASE WHEN e.session IS NULL THEN 0
            ELSE dense_rank() OVER (ORDER BY e.session NULLS FIRST) END AS given
        FROM {theirs.sql} JOIN events e ON e.seq = o.seq ORDER BY o.person, {ORDER}""",
        theirs.parameters,
    )
    person = table["person"].to_numpy()
    number = visit_numbers(person, table["time"].to_numpy(), table["given"].to_numpy())
    pairs = np.unique(np.stack([person, number], axis=1)[number != 0], axis=0) if len(number) else np.zeros((0, 2))
    found, counts = np.unique(pairs[:, 0], return_counts=True)
    return {int(code): int(n) for code, n in zip(found, counts, strict=True)}


def visit_numbers(person: np.ndarray[Any, Any], time: np.ndarray[Any, Any], given: np.ndarray[Any, Any]) -> Any:
    """The number of each event's visit, unique for its person; events in their order, person by person."""
    if not len(time):
        return np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(person)) + 1, [len(person)])).astype(np.int64)
    batch = JourneyBatch(np.arange(len(starts) - 1, dtype=np.int64), starts, time.astype(np.int64), {})
    number, _ = session_numbers(batch, SessionRule(), given=given.astype(np.int64))
    return number


def why_one(store: Store, person: Person) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """The identities of a person by kind, what joined them, and how many links were not believed."""
    mine = "(SELECT identity FROM person_of WHERE person = ?)"
    kinds = store.rows(
        f"""SELECT kind, any_value(strength), count(*) FROM identities
        WHERE code IN {mine} AND strength <> 'visit' GROUP BY kind ORDER BY min(strength) = 'weak', 3 DESC, 1""",
        [person.code],
    )
    joined = store.rows(
        f"""SELECT coalesce(rule, 'same event'), sum(times)::BIGINT, min(first_at) FROM identity_links l
        ANTI JOIN refused_links r ON (r.a = l.a AND r.b = l.b) OR (r.a = l.b AND r.b = l.a)
        WHERE l.a IN {mine} AND l.b IN {mine} GROUP BY 1 ORDER BY 2 DESC, 1""",
        [person.code, person.code],
    )
    (conflicts,) = store.one(
        f"SELECT count(DISTINCT (least(a, b), greatest(a, b))) FROM refused_links WHERE a IN {mine} OR b IN {mine}",
        [person.code, person.code],
    )
    return (
        [{"kind": kind, "strength": strength, "n": int(n)} for kind, strength, n in kinds],
        [{"by": by, "n": int(n), "first": None if at is None else at.isoformat()} for by, n, at in joined],
        int(conflicts),
    )


__all__ = [
    "ORDER",
    "SORTED",
    "Owned",
    "Person",
    "amounts",
    "by_handle",
    "found",
    "latest",
    "of_identity",
    "owned",
    "sorted_by",
    "the_one",
    "told",
    "visit_numbers",
    "why_one",
]
