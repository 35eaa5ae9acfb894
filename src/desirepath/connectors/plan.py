"""What would an import read, and can it work? Everything that can be checked before anything is written.

`plan_import` finds the files of each table, looks at their first rows, and compiles the mapping against their
columns, so that a misspelt column, a missing lookup file or an undeclared time zone is an error at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from desirepath.connectors.columns import Columns, Join
from desirepath.connectors.files import (
    Kind,
    SourceFile,
    data_files,
    every_file,
    expand,
    resolve,
    source_file,
    table_name,
)
from desirepath.connectors.mapping import At, EventRule, Mapping, TableMapping, TextFormat
from desirepath.connectors.peek import Peek, peek
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.registry import connector
from desirepath.connectors.rule_sql import compile_rule
from desirepath.connectors.times import ABSOLUTE, LOCAL, LOCAL_TYPES
from desirepath.errors import MappingError, TimeZoneNeededError, UnknownNameError
from desirepath.events.moments import zone


@dataclass(frozen=True, slots=True)
class PlannedRaw:
    """Files of one shape that become one raw table."""

    name: str
    kind: Kind
    files: tuple[SourceFile, ...]
    text: TextFormat


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table of the mapping: its raw table, and what is joined to it as (raw table, keys, label)."""

    raw: str
    joins: tuple[tuple[str, tuple[str, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will read.

    Parameters
    ----------
    mapping
        What the files mean, with the time zone of the command line filled in.
    tables
        One per table of the mapping.
    raws
        The raw tables to be archived.
    warnings
        What is odd, but does not stand in the way.
    """

    mapping: Mapping
    tables: tuple[PlannedTable, ...]
    raws: tuple[PlannedRaw, ...]
    warnings: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(source.size for raw in self.raws for source in raw.files)


def plan_import(paths: Sequence[Path], mapping: Mapping, *, time_zone: str | None = None) -> ImportPlan:
    """Find the files that a mapping means below `paths`, and check that they can be imported.

    Parameters
    ----------
    paths
        Files, folders and globs.
    mapping
        What they mean; `guess.guess` proposes one where there is none.
    time_zone
        IANA zone of times without one, where the mapping declares none.

    Raises
    ------
    InputError
        When a file is missing or unreadable.
    MappingError
        When the mapping does not fit the files.
    TimeZoneNeededError
        When times carry no zone and none is declared.
    """
    given = expand([Path(path) for path in paths])
    mapping = with_zone(mapping, time_zone)
    if mapping.connector is not None:
        return _plan_records(given, mapping)
    planner = _Planner(given)
    tables = tuple(planner.table(table, sole=len(mapping.tables) == 1) for table in mapping.tables)
    warnings = [*planner.unused()]
    for table, planned in zip(mapping.tables, tables, strict=True):
        warnings += _check(mapping, table, planned, planner.raws)
    return ImportPlan(mapping, tables, tuple(planner.raws.values()), tuple(warnings))


def _plan_records(given: Sequence[Path], mapping: Mapping) -> ImportPlan:
    """Plan an import through a connector, which reads all files that are given."""
    name = str(mapping.connector)
    source = connector(name)
    known = replace(mapping, options=source.settle(mapping.options), kinds={**source.kinds, **mapping.kinds})
    files = tuple(SourceFile(path, "records", None) for path in every_file(given))
    raw = PlannedRaw(name, "records", files, TextFormat())
    return ImportPlan(known, (PlannedTable(name),), (raw,))


def with_zone(mapping: Mapping, time_zone: str | None) -> Mapping:
    """Fill in the zone of the command line.

    Raises
    ------
    MappingError
        When the mapping declares another one, or there is no such zone.
    """
    if time_zone is None:
        return mapping
    try:
        zone(time_zone)
    except UnknownNameError as problem:
        raise MappingError(
            problem.message, nearest=problem.nearest, allowed=["IANA names such as Europe/Paris"]
        ) from None
    if mapping.time_zone is not None and mapping.time_zone != time_zone:
        raise MappingError(
            f"The mapping declares the time zone {mapping.time_zone}, the command {time_zone}; only one can be right."
        )
    return replace(mapping, time_zone=time_zone)


@dataclass(slots=True)
class _Planner:
    given: list[Path]
    raws: dict[str, PlannedRaw] = field(default_factory=dict)

    def table(self, table: TableMapping, *, sole: bool) -> PlannedTable:
        if not table.files and not sole:
            raise MappingError("Each of several tables needs `files:`.", looked="tables")
        looked = [path for item in table.lookups for path in resolve(item.file, self._places())]
        files = [path for pattern in table.files for path in resolve(pattern, self.given)] or [
            path for path in data_files(self.given) if path not in looked
        ]
        raw = self._raw(files, table_name(table.files[0] if table.files else files[0].name), table.text)
        joins = []
        for item in table.lookups:
            joined = self._raw(resolve(item.file, self._places()), table_name(item.file), table.text)
            joins.append((joined, item.keys, table_name(item.file)))
        return PlannedTable(raw, tuple(joins))

    def unused(self) -> list[str]:
        used = {source.path for raw in self.raws.values() for source in raw.files}
        return [
            f"{path} is not part of any table of the mapping and was left out."
            for path in self.given
            if path.is_file() and path not in used
        ]

    def _places(self) -> list[Path]:
        # A lookup lies beside the files that were given, also when only they were named.
        return [*self.given, *{path.parent for path in self.given if path.is_file()}]

    def _raw(self, files: Sequence[Path], name: str, text: TextFormat) -> str:
        sources = tuple(source_file(path) for path in dict.fromkeys(files))
        kinds = {source.kind for source in sources}
        if len(kinds) > 1:
            raise MappingError(
                f"The files of one table are of one kind, not {' and '.join(sorted(kinds))}.", looked=name
            )
        for known in self.raws.values():
            if known.files == sources and known.text == text:
                return known.name
        unique, number = name, 1
        while unique in self.raws:
            number += 1
            unique = f"{name}_{number}"
        self.raws[unique] = PlannedRaw(unique, sources[0].kind, sources, text)
        return unique


def columns_of(planned: PlannedTable, raws: dict[str, RawTable]) -> Columns:
    """Return the columns that one table of a mapping offers."""
    joins = [Join(raws[name], keys, label) for name, keys, label in planned.joins]
    return Columns(raws[planned.raw], joins)


def _check(mapping: Mapping, table: TableMapping, planned: PlannedTable, raws: dict[str, PlannedRaw]) -> list[str]:
    peeks = {
        name: [peek(source, raws[name].text) for source in raws[name].files[:3]]
        for name in (planned.raw, *(join[0] for join in planned.joins))
    }
    if not peeks[planned.raw] or not any(one.columns for one in peeks[planned.raw]):
        return []  # Nothing to hold the mapping against; the archive says which files are empty.
    shapes = {name: RawTable(name, raws[name].kind, [], _columns(found)) for name, found in peeks.items()}
    complete = all(one.complete for found in peeks.values() for one in found) and all(
        len(raws[name].files) <= 3 for name in peeks
    )
    for rule in table.events:
        try:
            compile_rule(mapping, table, rule, columns_of(planned, shapes))
        except MappingError:
            # A JSON file may name the column further down; the archive checks again, with all rows seen.
            if complete:
                raise
        _check_times(mapping, table, rule, peeks[planned.raw])
    return []


def _columns(peeks: list[Peek]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in peeks:
        for name, kind in one.columns.items():
            found.setdefault(name, kind)
    return found


def _check_times(mapping: Mapping, table: TableMapping, rule: EventRule, peeks: list[Peek]) -> None:
    at = rule.at
    kinds = {one.columns[at.column] for one in peeks if at.column in one.columns}
    texts = [
        value for one in peeks for row in one.rows if isinstance(value := row.get(at.column), str) and value.strip()
    ]
    if (
        at.format is None
        and at.unit is None
        and texts
        and all(re.fullmatch(r"\s*[0-9]{9,17}(\.[0-9]+)?\s*", text) for text in texts)
    ):
        raise MappingError(
            f"The times in column {at.column!r} are numbers such as {texts[0]!r}; say how they count.",
            allowed=["unit: s", "unit: ms", "unit: us"],
        )
    if at.format is None and at.unit is None and len(texts) >= 5 and not any(_is_iso(text) for text in texts):
        raise MappingError(
            f"No time in column {at.column!r} is an ISO time (such as {texts[0]!r}); say how it is written.",
            allowed=[f'{{column: {at.column}, format: "%d/%m/%Y %H:%M"}}'],
        )
    if rule.fields.over(table.fields).time_zone or mapping.time_zone:
        return
    naive = [
        text
        for text in texts
        if at.unit is None and ((at.format is not None and "%z" not in at.format.lower()) or re.match(LOCAL, text))
    ]
    if kinds & set(LOCAL_TYPES):
        values = [str(row.get(at.column)) for one in peeks for row in one.rows if row.get(at.column) is not None]
        raise zone_needed(at, values)
    if naive:
        raise zone_needed(at, naive)


def _is_iso(text: str) -> bool:
    return re.match(LOCAL, text) is not None or re.match(ABSOLUTE, text) is not None


def zone_needed(at: At, values: Sequence[str]) -> TimeZoneNeededError:
    """Return the error for times without zone, naming the column and some of its values."""
    samples = ", ".join(repr(value) for value in list(dict.fromkeys(values))[:3])
    return TimeZoneNeededError(
        f"The times in column {at.column!r} (such as {samples}) carry no time zone, and none "
        f"is declared. Nothing was imported.",
        allowed=[
            "time_zone: Europe/Paris in the mapping (any IANA zone)",
            "--time-zone Europe/Paris",
            "UTC, if they are in UTC",
        ],
    )
