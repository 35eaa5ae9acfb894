"""How are the sources? For each: how fresh, how much, whether it adds up, whom it does not name, what is new in it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from desirepath.collector.inbox import FILE, Outbox
from desirepath.errors import DesirepathError, WorkspaceError
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import EventFields, pointer_to
from desirepath.maps.shelf import Shelf

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

NEW = 7
"""Days for which a name or property counts as new."""


@dataclass(frozen=True)
class SourceHealth:
    """How one source is.

    Attributes
    ----------
    source, instance
        Which.
    imports
        How many imports it has.
    received, stored, duplicate, quarantined
        Events and snapshots: `received = stored + duplicate + quarantined`.
    events, snapshots
        What of the stored there is now; inferred events are among `events`.
    last_event, last_received
        When the newest event happened, and when the last came.
    unnamed
        Events that no firm identity names: somebody, but nobody known; as a share of `events`.
    names
        How many names its events have.
    new_names, new_properties
        Names of events and properties that came up in the last seven days of this source, although it is older.
    gone_names
        Names that came up before and not in its last seven days.
    unmapped_names
        Names of events of which no journey map speaks, the most frequent first; None where there is no map to read.
    adds_up
        Whether the account holds against the tables.
    """

    source: str
    instance: str
    imports: int
    received: int
    stored: int
    duplicate: int
    quarantined: int
    events: int
    snapshots: int
    last_event: dt.datetime | None
    last_received: dt.datetime | None
    unnamed: float | None
    names: int
    new_names: tuple[str, ...]
    new_properties: tuple[str, ...]
    gone_names: tuple[str, ...]
    unmapped_names: tuple[str, ...] | None
    adds_up: bool

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        found = asdict(self)
        for key in ("last_event", "last_received"):
            found[key] = None if found[key] is None else found[key].isoformat()
        return found


@dataclass(frozen=True)
class Waiting:
    """What the collector took and the drain has not stored yet.

    Attributes
    ----------
    requests, events
        How many.
    since
        When the oldest came.
    """

    requests: int = 0
    events: int = 0
    since: dt.datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        since = None if self.since is None else self.since.isoformat()
        return {"requests": self.requests, "events": self.events, "since": since}


_ACCOUNTS = """SELECT source, instance, count(*) AS imports, sum(read)::BIGINT, sum(stored)::BIGINT,
    sum(duplicate)::BIGINT, sum(quarantined)::BIGINT, bool_and(read = stored + duplicate + quarantined)
    FROM batches GROUP BY ALL ORDER BY ALL"""

_EVENTS = """SELECT e.source, e.instance, count(*), max(e.occurred_at), max(e.received_at), count(DISTINCT e.name),
    count(*) FILTER (i.strength NOT IN ('strong', 'semi')), count(f.id)
    FROM events e JOIN identities i ON i.code = e.identity LEFT JOIN inferred f ON f.id = e.id GROUP BY ALL"""

_SNAPSHOTS = "SELECT source, instance, count(*), max(received_at) FROM snapshots GROUP BY ALL"

_NAMES = f"""WITH seen AS (
        SELECT source, instance, name, min(received_at) AS first, max(occurred_at) AS last FROM events GROUP BY ALL
    ), whole AS (
        SELECT source, instance, min(first) AS began, max(last) AS ended FROM seen GROUP BY ALL
    )
    SELECT s.source, s.instance, s.name, s.first > w.began + INTERVAL {NEW} DAY
        AND s.first > (SELECT max(received_at) FROM events) - INTERVAL {NEW} DAY AS new,
        s.last < w.ended - INTERVAL {NEW} DAY AS gone
    FROM seen s JOIN whole w USING (source, instance) ORDER BY s.name"""

_RECENT = f"""SELECT DISTINCT source, instance, unnest(json_keys(properties)) AS name FROM events
    WHERE received_at > ? - INTERVAL {NEW} DAY AND (source, instance) IN (
        SELECT (source, instance) FROM events GROUP BY source, instance
        HAVING min(received_at) <= ? - INTERVAL {NEW} DAY)
    ORDER BY ALL"""

_BEFORE = f"""SELECT 1 FROM events WHERE source = ? AND instance = ? AND received_at <= ? - INTERVAL {NEW} DAY
    AND json_extract(properties, ?) IS NOT NULL LIMIT 1"""


def _new_properties(store: Store) -> dict[tuple[str, str], list[str]]:
    """Properties that came up in the last days, of sources that are older; each is looked for before that."""
    found: dict[tuple[str, str], list[str]] = {}
    last = store.one("SELECT max(received_at) FROM events")[0]
    if last is None:
        return found
    for source, instance, name in store.rows(_RECENT, [last, last]):
        if not store.rows(_BEFORE, [source, instance, last, pointer_to(name)]):
            found.setdefault((source, instance), []).append(name)
    return found


def _unmapped_names(workspace: Workspace) -> dict[tuple[str, str], list[str]] | None:
    """Names of events of which no map speaks; a map that cannot be read is told by `desirepath map check`."""
    shelf = Shelf(workspace.root / "maps")
    maps = []
    for name in shelf.files():
        with suppress(DesirepathError):
            maps.append(shelf.get(name))
    if not maps:
        return None
    spoken = compile_sql(
        Where.any_of([where for one in maps for where in one.wheres()]),
        EventFields(table="e", derived=workspace.engine.derived),
        zone=workspace.settings.time_zone,
    )
    found: dict[tuple[str, str], list[str]] = {}
    for source, instance, name in workspace.store().rows(
        f"SELECT e.source, e.instance, e.name FROM events e GROUP BY ALL "
        f"HAVING NOT coalesce(bool_or({spoken.text}), false) ORDER BY count(*) DESC, e.name",
        spoken.parameters,
    ):
        found.setdefault((source, instance), []).append(name)
    return found


def sources(workspace: Workspace) -> list[SourceHealth]:
    """How each source of a workspace is, by name."""
    store = workspace.store()
    events = {row[:2]: row[2:] for row in store.rows(_EVENTS)}
    shots = {row[:2]: row[2:] for row in store.rows(_SNAPSHOTS)}
    new: dict[tuple[str, str], list[str]] = {}
    gone: dict[tuple[str, str], list[str]] = {}
    for source, instance, name, is_new, is_gone in store.rows(_NAMES):
        if is_new:
            new.setdefault((source, instance), []).append(name)
        if is_gone:
            gone.setdefault((source, instance), []).append(name)
    drift, unmapped = _new_properties(store), _unmapped_names(workspace)
    found = []
    for source, instance, imports, read, stored, duplicate, quarantined, adds_up in store.rows(_ACCOUNTS):
        which = (source, instance)
        count, last, came, names, loose, inferred = events.get(which, (0, None, None, 0, 0, 0))
        snapshots, snapped = shots.get(which, (0, None))
        found.append(
            SourceHealth(
                source,
                instance,
                imports,
                read,
                stored,
                duplicate,
                quarantined,
                count,
                snapshots,
                last,
                max((one for one in (came, snapped) if one is not None), default=None),
                None if not count else loose / count,
                names,
                tuple(new.get(which, ())),
                tuple(drift.get(which, ())),
                tuple(gone.get(which, ())),
                None if unmapped is None else tuple(unmapped.get(which, ())),
                bool(adds_up) and stored == count - inferred + snapshots,
            )
        )
    return found


def waiting(workspace: Workspace) -> Waiting:
    """What the collector took and is not drained yet.

    Raises
    ------
    WorkspaceError
        When the inbox cannot be read, as on a full disk.
    """
    path = workspace.root / FILE
    if not path.exists():
        return Waiting()
    try:
        outbox = Outbox(path)
        try:
            requests, events, since = outbox.size()
        finally:
            outbox.close()
    except sqlite3.Error as problem:
        raise WorkspaceError(f"The inbox cannot be read: {problem}.", looked=str(path)) from None
    moment = None if since is None else dt.datetime.fromtimestamp(since / 1e6, dt.UTC)
    return Waiting(requests, events, moment)
