"""Identity resolution through the database: events as tuples in, who is who out, without files to import."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
from plain import Name, Seen

from desirepath.engines.store import Store
from desirepath.events.schema import EVENT_SCHEMA
from desirepath.people.policy import Policy
from desirepath.people.rules import Decided
from desirepath.resolving import resolve_store

UNDECIDED = Decided(frozenset(), frozenset(), frozenset(), frozenset())


def event_id(event: Seen, number: int) -> uuid.UUID:
    """An id that depends on nothing but the event."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{event.at} {event.names} {number}")


def table_of(events: Sequence[tuple[int, Seen]]) -> pa.Table:
    """Events in the store's schema; each comes with its number."""
    columns = {
        "id": [event_id(event, number).bytes for number, event in events],
        "name": [f"e{number}" for number, _ in events],
        "occurred_at": [event.at for _, event in events],
        "precision": ["microsecond"] * len(events),
        "quality": ["server"] * len(events),
        "received_at": [0] * len(events),
        "sequence": [None] * len(events),
        "source": ["test"] * len(events),
        "instance": ["main"] * len(events),
        "identities": [[{"kind": kind, "value": value} for kind, value in event.names] for _, event in events],
        "properties": ["{}"] * len(events),
        "record": [number for number, _ in events],
        "raw_table": ["raw"] * len(events),
    }
    fields = [
        pa.array(columns.get(field.name, [None] * len(events)), type=_plain(field.type)).cast(field.type)
        if not isinstance(field.type, pa.BaseExtensionType)
        else pa.ExtensionArray.from_storage(field.type, pa.array(columns[field.name], field.type.storage_type))
        for field in EVENT_SCHEMA
    ]
    return pa.Table.from_arrays(fields, schema=EVENT_SCHEMA)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind


class Stored:
    """A database without a workspace.

    Parameters
    ----------
    folder
        Where to put it.
    policy
        The limits.
    """

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.policy = policy or Policy()
        self.store = Store(folder / "journeys.duckdb", temp=folder, kinds=self.policy.kinds)
        self._batch = 0

    def add(self, events: Iterable[tuple[int, Seen]], decided: Decided = UNDECIDED, *, everything: bool = False) -> int:
        """Append numbered events and resolve; return how many identities changed hands."""
        self._batch += 1
        table = table_of(list(events))
        with self.store.transaction():
            self.store.append(table.to_reader(), self._batch, lambda *_: None)
            return resolve_store(self.store, self.policy, decided, cause=f"import {self._batch}", everything=everything)

    def whose(self) -> dict[str, str]:
        """The person of every event that has one, by the event's name."""
        return dict(
            self.store.rows(
                """SELECT e.name, p.id FROM events e JOIN person_of_event o ON o.seq = e.seq
                JOIN people p ON p.person = o.person WHERE NOT p.passer_by"""
            )
        )

    def groups(self) -> set[frozenset[Name]]:
        """Everybody's identities; shared devices and blocked values aside."""
        found: dict[int, set[Name]] = {}
        for person, kind, value in self.store.rows(
            """SELECT o.person, i.kind, i.value FROM person_of o JOIN identities i ON i.code = o.identity
            WHERE o.person >= 0"""
        ):
            found.setdefault(person, set()).add((kind, value))
        return set(map(frozenset, found.values()))

    def refused(self) -> set[tuple[frozenset[Name], str]]:
        """Links that joined nobody, and why."""
        rows = self.store.rows(
            """SELECT x.kind, x.value, y.kind, y.value, r.reason FROM refused_links r
            JOIN identities x ON x.code = r.a JOIN identities y ON y.code = r.b"""
        )
        return {(frozenset({(row[0], row[1]), (row[2], row[3])}), row[4]) for row in rows}

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()
