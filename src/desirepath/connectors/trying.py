"""Does a connector keep its promises? What `desirepath connectors test` looks at, for ours and for yours.

Every record of the samples is translated twice and must mean the same; what it means must be fit to be stored: keys
and names, identities as pairs of text, moments that are known or whose text is, properties that are JSON. With
expected rows beside the samples, these must be what comes out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import as_iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row
from desirepath.connectors.translating import FAULTS, records_of
from desirepath.connectors.wording import LONGEST_NAME

MOST = 20
"""Problems that are told."""


@dataclass
class Trial:
    """What trying a connector gave.

    Attributes
    ----------
    records, events, snapshots, left_out, rejected
        Records read, and what became of them.
    nameless
        Events that name nobody, and go to the quarantine.
    names, kinds
        Names of events, and kinds of identities, with how often each.
    problems
        What is wrong, in words; none where all is well.
    rows
        Every row as plain data, for comparing.
    """

    records: int = 0
    events: int = 0
    snapshots: int = 0
    left_out: int = 0
    rejected: int = 0
    nameless: int = 0
    names: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def say(self, problem: str) -> None:
        """Note what is wrong."""
        if len(self.problems) < MOST:
            self.problems.append(problem)


def try_connector(
    source: Connector, paths: Sequence[Path], *, options: dict[str, str] | None = None, time_zone: str | None = None
) -> Trial:
    """Try a connector on samples.

    Parameters
    ----------
    source
        The connector.
    paths
        Files of its source.
    options, time_zone
        As for an import.

    Raises
    ------
    InputError
        When a file cannot be read at all, or an option makes no sense.
    """
    trial = Trial()
    given = Given(source.settle(options or {}), time_zone, 1_780_000_000_000_000)
    for name in ("name", "title", "about", "streams"):
        if not getattr(source, name, None):
            trial.say(f"the connector has no {name}")
    for path in paths:
        members = Opened(path).members()
        if members and not source.recognise(members[0]):
            trial.say(f"{path.name} is not recognised, so it needs --as {source.name}")
        for opened, records in records_of(source, path, given):
            for record in records:
                trial.records += 1
                if record.stream not in source.streams:
                    trial.say(f"{path.name}: the stream {record.stream!r} is none of those that the connector names")
                _try_record(source, record.stream, record.data, given, trial, path.name)
            trial.rejected += len(opened.rejected)
    if not trial.records:
        trial.say("no record was read")
    if trial.events and trial.nameless == trial.events:
        trial.say("no event names anybody, so all go to the quarantine")
    return trial


def _try_record(source: Connector, stream: str, data: dict[str, Any], given: Given, trial: Trial, where: str) -> None:
    before = msgspec.json.encode(data)
    try:
        rows = list(source.translate(stream, data, given))
        again = list(source.translate(stream, msgspec.json.decode(before), given))
    except FAULTS as problem:
        trial.rejected += 1
        trial.say(f"{where}: a record of {stream} is not understood: {type(problem).__name__} {problem}")
        return
    if msgspec.json.encode(data) != before:
        trial.say(f"{where}: translating a record of {stream} changes it")
    if [_plain(row) for row in rows] != [_plain(row) for row in again]:
        trial.say(f"{where}: a record of {stream} does not mean the same twice")
    for row in rows:
        _try_row(row, trial, f"{where}, {stream}")


def _try_row(row: Row, trial: Trial, where: str) -> None:
    if row.kind == "none":
        trial.left_out += 1
        return
    plain = _plain(row)
    trial.rows.append(plain)
    trial.kinds.update(kind for kind, _ in row.who)
    if row.kind == "event":
        trial.events += 1
        trial.names[row.name] += 1
        if not row.who:
            trial.nameless += 1
        if row.at.us is None and not row.at.text:
            trial.say(f"{where}: the event {row.name!r} has no moment")
    else:
        trial.snapshots += 1
    if not row.key:
        trial.say(f"{where}: {row.name!r} has no key")
    if not row.name or len(row.name.encode()) > LONGEST_NAME:
        trial.say(f"{where}: {row.name!r} is no name of an event")
    if not all(isinstance(part, str) and part for pair in row.who for part in pair):
        trial.say(f"{where}: identities are pairs of text, not {row.who!r}")
    if row.value is not None and not isinstance(row.value, int | float):
        trial.say(f"{where}: the value {row.value!r} is no number")
    try:
        json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError) as problem:
        trial.say(f"{where}: the properties of {row.name!r} are no JSON: {problem}")


def _plain(row: Row) -> dict[str, Any]:
    """A row as plain data, without what is empty."""
    told: dict[str, Any] = {
        "kind": row.kind,
        "key": row.key,
        "name": row.name,
        "at": None if row.at.us is None else as_iso(row.at.us),
        "who": [list(one) for one in row.who],
        "channel": row.channel,
        "value": row.value,
        "currency": row.currency,
        "entity": None if row.entity is None else list(row.entity),
        "session": row.session,
        "properties": dict(row.properties or {}),
        "state": None if row.state is None else dict(row.state),
    }
    return {name: value for name, value in told.items() if value not in (None, {}, [])}


def compare(trial: Trial, expected: Path) -> None:
    """Hold the rows against those of a file of JSON lines, in any order; what differs is a problem.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    wanted = [line for line in expected.read_text(encoding="utf-8").splitlines() if line.strip()]
    left = Counter(json.dumps(json.loads(line), sort_keys=True) for line in wanted)
    found = Counter(json.dumps(row, sort_keys=True) for row in trial.rows)
    for row in (left - found).elements():
        trial.say(f"expected and not there: {row[:200]}")
    for row in (found - left).elements():
        trial.say(f"there and not expected: {row[:200]}")
