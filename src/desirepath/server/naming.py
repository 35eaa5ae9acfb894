"""Which fields name people? Their values are told neither as groups nor as choices: who it is has to be asked.

An address, a customer number or a device may stand in a property as well as among the identities of an event. A short
number says nothing by itself: that somebody is called 5 makes no identity of every score of 5.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.events.where_fields import EVENT_COLUMNS, pointer_to
from desirepath.journeys.batch import Match

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.server.asked import Wanted
    from desirepath.server.state import State

SOME = 200_000
"""So many events are looked at for what properties hold."""

MUCH = 0.1
"""A field names people where this share of its values does."""

KNOWN = 500
"""Of so many fields it is known by heart."""

COLUMNS = ("entity_id", "session")
"""The columns of events that may hold identities, besides `identities` itself, which no question reads."""

TELLING = frozenset({"by", "expand", "kind", "label", "reason", "show", "strata", "theme", "topic"})
"""Fields of questions that name a field whose values are told."""

ADDRESS = r"[^@\s]+@[^@\s]+\.[^@\s]+"

_KNOWN = "(SELECT value FROM identities WHERE strength <> 'visit')"
# each a join of its own, by hash: with both in one condition every value would be held against every identity
NAMES = f"""(regexp_full_match(v, '{ADDRESS}') OR length(v) > 5 AND (v IN {_KNOWN} OR lower(v) IN {_KNOWN}))"""
"""Whether a value `v` is an address, or an identity that is no short number."""

_OWN = """len([one FOR one IN identities IF lower(one.value) = lower(v)
    OR length(one.value) > 5 AND starts_with(lower(v), lower(one.value))]) > 0"""
"""Whether it is one of the identities of its own event, or begins with one as the numbers of visits do."""


class Naming:
    """Which fields name people at present.

    Parameters
    ----------
    state
        The server's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[str, bool] = {}
        self._stamp = ""
        self._guard = threading.Lock()

    def __call__(self, field: str) -> bool:
        """Whether a field names people; of what is no field nothing is told."""
        stamp = self._state.stamp()
        with self._guard:
            if stamp != self._stamp or len(self._known) >= KNOWN:
                self._known, self._stamp = {}, stamp
            if field in self._known:
                return self._known[field]
        with self._state.reads() as store:
            found = _names(store, field)
        with self._guard:
            if stamp == self._stamp:
                self._known[field] = found
        return found

    def chosen_by(self, wanted: Wanted) -> str | None:
        """A field that names people and that a filter looks at, by which somebody could be picked out; None if none."""
        return next((name for name in sorted(_asked_by(self._state, wanted)) if self(name)), None)

    def refuse(self, wanted: Wanted) -> None:
        """Refuse to tell the values of a field that names people.

        Raises
        ------
        InputError
            If a question would.
        """
        for field in dict.fromkeys(_told(wanted)):
            if self(field):
                raise InputError(
                    f"The values of {field!r} name people, so they are not told. Ask for the people behind a number.",
                    looked=field,
                )


def _asked_by(state: State, wanted: Wanted) -> set[str]:
    """The fields that the caller's filters look at: not those of a map or a segment that others have written."""
    from desirepath.maps.instances import map_reads
    from desirepath.questions.catalog import build

    of = [wanted.whom, wanted.whom.get("compare") or {}]
    wheres = [Where.of(one["filter"]) for one in of if one.get("filter")]
    wheres += [state.workspace.segments.read_cohort(one["cohort"])[0] for one in of if one.get("cohort")]
    maps, given = state.workspace.asking.maps, wanted.fields.get("map")
    if wanted.kind == "question":
        asked = build(wanted.name, wanted.fields).bound(maps.get)
        walks = asked.walks()
        reads = [*asked.reads().values(), *(map_reads(walks).values() if walks else ())]
        wheres += [where for read in reads if isinstance(read, Match) for where in read.filters]
    written = maps.get(given).wheres() if isinstance(given, str) else []
    return _names_of(wheres) - _names_of(written)


def _names_of(wheres: Iterable[Where]) -> set[str]:
    return {field.name for where in wheres for field in where.fields()}


def _told(wanted: Wanted) -> Iterator[str]:
    """The fields whose values a question tells; the names may be of something else as well."""
    given: list[Any] = [wanted.whom.get("breakdown")]
    given += [value for key, value in wanted.fields.items() if key in TELLING]
    for value in given:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield text
                if " by " in text:
                    yield text.rpartition(" by ")[2].strip()


def _names(store: Store, field: str) -> bool:
    if field in EVENT_COLUMNS and field not in COLUMNS:
        return False
    if any("\ud800" <= letter <= "\udfff" for letter in field):
        return False  # half a character: nothing that was stored is named so
    read = f'CAST("{field}" AS VARCHAR)' if field in COLUMNS else "json_extract_string(properties, ?)"
    values, naming = store.one(
        f"""SELECT count(*), count(*) FILTER ({_OWN} OR {NAMES}) FROM (
            SELECT trim({read}) AS v, identities FROM {some(store)}) WHERE v <> ''""",
        [] if field in COLUMNS else [pointer_to(field)],
    )
    return bool(values and naming >= MUCH * values)


def some(store: Store) -> str:
    """The events that are looked at: all, or blocks of them from all over the time."""
    (events,) = store.one("SELECT count(*) FROM events")
    if events <= 2 * SOME:
        return "events"
    return f"(FROM events USING SAMPLE {100 * SOME / events:.6f} PERCENT (system, 7))"


__all__ = ["NAMES", "SOME", "Naming", "some"]
