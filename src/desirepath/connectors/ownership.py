"""Whose are the rows of an archive? Which are one person's alone, and which are others' and name that person.

A row is somebody's when the events that it makes, or would make if they could be read or were not there already, are
theirs. What an event is and who stands on it is asked of the mapping itself, so that this and an import cannot differ.
A row of a joined table goes with the rows that it is joined to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from desirepath.connectors.archive import ArchiveManifest
from desirepath.connectors.columns import Columns, Join
from desirepath.connectors.json_reading import LINE
from desirepath.connectors.mapping import EventRule, TableMapping
from desirepath.connectors.mapping import Mapping as FileMapping
from desirepath.connectors.plan import PlannedTable, columns_of
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.redaction import MAILS, Mentions, Places, redacted, texts_of
from desirepath.connectors.rule_sql import RuleSql, compile_rule, select_events
from desirepath.connectors.scratch import literal
from desirepath.events.where_fields import pointer_to

Name = tuple[str, str]
"""An identity: kind and value."""

Place = tuple[str, str]
"""A column, and a pointer into it; empty for the whole column."""

Whose = Literal["theirs", "others", "unattributed"]

LEFT_OUT = "left_out"
"""Instead of a reason: the mapping makes no event of the row."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that a row makes: who stands on it, its id where it has one, and why it is set aside if it is."""

    names: tuple[Name, ...]
    id: str | None = None
    reason: str | None = None
    rule: int = 0


@dataclass(frozen=True, slots=True)
class Sought:
    """One person, as an archive knows people.

    Parameters
    ----------
    names
        Their identities.
    mentions
        Those of them that are looked for in texts.
    ids
        Their events that no identity of theirs names, such as on a shared device.
    spelling
        SQL of the one way of writing an identity `x`, as the store has it.
    whose
        Says of events whose they are.
    """

    names: frozenset[Name]
    mentions: Mentions
    ids: frozenset[str]
    spelling: str
    whose: Callable[[Sequence[Claim]], Sequence[Whose]]


@dataclass(slots=True)
class Found:
    """What was found in one raw table, by record.

    Parameters
    ----------
    theirs
        Rows that are theirs alone.
    named
        Rows of others that name them.
    blanks
        Of those, the places that are emptied whatever they say.
    places
        Where in the table a value is more than text.
    quarantined
        How many of `theirs` could not become an event.
    kept
        Ids of events that are theirs and stay: of a shared device, in a row that makes an event of somebody else too.
    """

    theirs: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)
    blanks: dict[int, set[Place]] = field(default_factory=lambda: defaultdict(set))
    places: Places = field(default_factory=Places)
    quarantined: int = 0
    kept: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule of a table, as it stands in the archive."""

    number: int
    table: TableMapping
    planned: PlannedTable
    rule: EventRule


class Ownership:
    """The rows of one archive folder and whose they are.

    Parameters
    ----------
    con
        A connection that may read the folder.
    folder, manifest, mapping
        The archive.
    sought
        The person.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        folder: Path,
        manifest: ArchiveManifest,
        mapping: FileMapping,
        sought: Sought,
    ) -> None:
        self._con, self._folder, self._manifest, self._mapping, self._sought = con, folder, manifest, mapping, sought
        self._raws = {name: raw for name, raw in manifest.raws.items() if raw.rows}
        pairs = list(zip(mapping.tables, manifest.tables, strict=True))
        rules = ((table, planned, rule) for table, planned in pairs for rule in table.events)
        self._rules = [_Rule(number, *parts) for number, parts in enumerate(rules) if parts[1].raw in self._raws]
        self._holders: dict[str, set[tuple[str, Place]]] = defaultdict(set)
        self._by_rule: dict[int, set[Place]] = defaultdict(set)
        self._found = {name: Found() for name in self._raws}

    def survey(self) -> dict[str, Found]:
        """Look through all tables."""
        names = sorted(self._sought.names)
        columns = {key: pa.array([name[k] for name in names], pa.string()) for k, key in enumerate(("kind", "value"))}
        self._con.register("sought", pa.table(columns))
        self._con.register("sought_ids", pa.table({"id": pa.array(sorted(self._sought.ids), pa.string())}))
        self._note_places()
        mentioned = {name: set(self.edits(name, self._candidates(raw))) for name, raw in self._raws.items()}
        for name in self._raws:
            self._note_names(name)
        mains = {rule.planned.raw for rule in self._rules}
        for name in sorted(mains):
            self._judge(name, mentioned[name])
        for name in sorted(self._raws.keys() - mains):
            self._judge_joined(name, mentioned[name])
        return self._found

    # ---- texts ----------------------------------------------------------------------------------------------

    def edits(self, name: str, records: Collection[int]) -> dict[int, dict[str, tuple[str | None, int, str]]]:
        """Return the new value, the number of names, and the old value, of each value that changes."""
        raw, found = self._manifest.raws[name], self._found[name]
        if not records:
            return {}
        shown = {column: sql for column, sql in texts_of(raw).items() if sql is not None}
        self._choose(records)
        query = f"SELECT {raw.record_sql()} AS record, {', '.join(shown.values())} FROM {raw.scan(self._folder)}"
        rows = self._con.execute(f"SELECT * FROM ({query}) WHERE record IN (SELECT record FROM chosen)")
        changed: dict[int, dict[str, tuple[str | None, int, str]]] = {}
        while some := rows.fetchmany(10_000):
            for record, *values in some:
                for column, value in zip(shown, values, strict=True):
                    if value is None:
                        continue
                    blanks = {pointer for place, pointer in found.blanks.get(record, ()) if place == column}
                    new, hits = redacted(value, column, self._sought.mentions, found.places, blanks)
                    if hits:
                        changed.setdefault(record, {})[column] = (new, hits, value)
        return changed

    def _candidates(self, raw: RawTable) -> list[int]:
        rough = self._sought.mentions.rough
        if rough is None:
            return []
        texts = [sql for sql in texts_of(raw).values() if sql is not None]
        query = (
            f"SELECT {raw.record_sql()} AS record FROM {raw.scan(self._folder)} "
            f"WHERE regexp_matches(concat_ws(chr(31), {', '.join(texts)}), {literal(rough)})"
        )
        return [record for (record,) in self._con.execute(query).fetchall()]

    def _choose(self, records: Collection[int]) -> None:
        self._con.register("chosen", pa.table({"record": pa.array(sorted(records), pa.int64())}))

    # ---- places ---------------------------------------------------------------------------------------------

    def _note_places(self) -> None:
        """Note which places name people, which join tables, and which count."""
        firm: dict[str, set[Place]] = defaultdict(set)
        counted: dict[str, set[Place]] = defaultdict(set)
        for rule in self._rules:
            columns = columns_of(rule.planned, self._manifest.raws)
            fields = rule.rule.fields.over(rule.table.fields)
            for kind, name in fields.identities or ():
                raw, place = self._place(rule.planned, columns, name)
                self._holders[raw].add((kind, place))
                self._by_rule[rule.number] |= {place} if raw == rule.planned.raw else set()
                firm[raw].add(place)
            numbers = [rule.rule.at.column, fields.value.column if fields.value else None, fields.sequence]
            for name in (each for each in numbers if each is not None and each != "$record"):
                raw, place = self._place(rule.planned, columns, name)
                counted[raw].add(place)
        for planned in self._manifest.tables:
            self._note_keys(planned, firm)
        for name, found in self._found.items():
            found.places = Places(frozenset(firm[name]), frozenset(counted[name]))

    def _note_keys(self, planned: PlannedTable, firm: dict[str, set[Place]]) -> None:
        """A key that stands for an identity in one table stands for it in the joined one too."""
        for number, (name, keys, _) in enumerate(planned.joins):
            columns = self._before(planned, number)
            joined = Columns(self._manifest.raws[name])
            for key in keys:
                raw, mine = self._place(planned, columns, key)
                _, yours = self._place(PlannedTable(name), joined, key)
                firm[raw].add(mine)
                firm[name].add(yours)
                self._holders[name] |= {(kind, yours) for kind, place in self._holders[raw] if place == mine}

    def _place(self, planned: PlannedTable, columns: Columns, name: str) -> tuple[str, Place]:
        found = columns.find(name)
        raw = [planned.raw, *(join[0] for join in planned.joins)][found.origin]
        if self._manifest.raws[raw].kind == "json":
            return raw, (LINE, pointer_to(found.name) + (found.pointer or ""))
        return raw, (found.name, found.pointer or "")

    def _before(self, planned: PlannedTable, number: int) -> Columns:
        """The columns of a table and of what is joined to it before the join of this number."""
        joins = [Join(self._manifest.raws[name], keys, label) for name, keys, label in planned.joins[:number]]
        return Columns(self._manifest.raws[planned.raw], joins)

    def _note_names(self, name: str) -> None:
        """Note where one of their identities stands in a place that names people."""
        raw, found = self._raws[name], self._found[name]
        for kind, (column, pointer) in sorted(self._holders[name]):
            columns = Columns(raw)
            path = pointer if raw.kind == "json" else pointer_to(column) + pointer if pointer else column
            text = f"trim({columns.use(path)})"
            text = f"lower({text})" if kind.lower() in MAILS else text
            struct = f"{{'kind': {literal(kind)}, 'value': {text}}}"
            query = f"SELECT record, {struct} AS x FROM ({columns.relation(self._folder)})"
            for (record,) in self._con.execute(self._of_sought(query)).fetchall():
                found.named.add(record)
                found.blanks[record].add((column, pointer))

    def _of_sought(self, query: str) -> str:
        """Of a query of `record` and identity `x`, the records whose identity is theirs."""
        return (
            f"SELECT DISTINCT record FROM ({query}) q JOIN sought s "
            f"ON s.kind = x.kind AND s.value = {self._sought.spelling}"
        )

    # ---- rows of events -------------------------------------------------------------------------------------

    def _judge(self, name: str, mentioned: set[int]) -> None:
        """Decide about the rows of a table that makes events."""
        found = self._found[name]
        rules = [rule for rule in self._rules if rule.planned.raw == name]
        for rule in rules:
            found.named |= self._named(name, self._compiled(rule))
        found.named |= mentioned
        if not found.named:
            return
        claims = self._claims(rules, found.named)
        asked = [claim for each in claims.values() for claim in each]
        verdicts = iter(self._sought.whose(asked))
        for record, each in claims.items():
            said = {claim: next(verdicts) for claim in each}
            if _is_theirs(said):
                found.theirs.add(record)
                found.quarantined += any(claim.reason not in (None, LEFT_OUT) for claim in each)
            elif "theirs" in said.values():
                self._part(found, record, said)
        found.named -= found.theirs

    def _part(self, found: Found, record: int, said: Mapping[Claim, Whose]) -> None:
        """Empty what names only them in a row that is others' too, so that their event is not taken for another's."""
        of_others = {place for claim, whose in said.items() if whose != "theirs" for place in self._by_rule[claim.rule]}
        for claim, whose in said.items():
            if whose == "theirs":
                alone = self._by_rule[claim.rule] - of_others
                found.blanks[record] |= alone
                if not alone and claim.id is not None and self._sought.names.isdisjoint(claim.names):
                    found.kept.add(claim.id)

    def _compiled(self, rule: _Rule) -> RuleSql:
        # compiled for each query: a relation offers all columns that were asked for before
        return compile_rule(self._mapping, rule.table, rule.rule, columns_of(rule.planned, self._manifest.raws))

    def _named(self, name: str, compiled: RuleSql) -> set[int]:
        """Rows whose event bears one of their identities, or is known to be theirs."""
        relation = compiled.columns.relation(self._folder)
        query = f"SELECT record, unnest({compiled.parts['identities']}) AS x FROM ({relation}) AS r"
        rows = self._con.execute(self._of_sought(query)).fetchall()
        if self._sought.ids:
            events = self._events(name, compiled, several=False)
            rows += self._con.execute(
                f"SELECT DISTINCT record FROM ({events}) WHERE CAST(id AS VARCHAR) IN (SELECT id FROM sought_ids)"
            ).fetchall()
        return {record for (record,) in rows}

    def _events(self, name: str, compiled: RuleSql, *, several: bool) -> str:
        received = f"TIMESTAMPTZ {literal(self._manifest.received_at.isoformat(' '))}"
        return select_events(compiled, self._mapping, name, self._folder, received, several=several, verdicts=None)

    def _claims(self, rules: Sequence[_Rule], records: set[int]) -> dict[int, list[Claim]]:
        """The events that rows make; of a row that makes none, who stands in it."""
        acting: dict[int, list[Claim]] = defaultdict(list)
        idle: dict[int, list[Claim]] = {record: [] for record in records}
        for rule in rules:
            self._choose(records)
            compiled = self._compiled(rule)
            one_way = (
                f"list_transform(identities, lambda x: struct_pack(kind := x.kind, value := {self._sought.spelling}))"
            )
            rows = self._con.execute(
                f"SELECT record, {one_way} FROM (SELECT record, {compiled.parts['identities']} AS identities "
                f"FROM ({compiled.columns.relation(self._folder)}) AS r WHERE record IN (SELECT record FROM chosen))"
            ).fetchall()
            names = {record: tuple((one["kind"], one["value"]) for one in said) for record, said in rows}
            several = len(rule.table.events) > 1
            events = self._events(rule.planned.raw, compiled, several=several)
            made = f"SELECT record, CAST(id AS VARCHAR), reason FROM ({events})"
            rows = self._con.execute(f"{made} WHERE record IN (SELECT record FROM chosen)").fetchall()
            for record, event, reason in rows:
                acting[record].append(Claim(names[record], event, reason, rule.number))
            for record, said in names.items():
                idle[record].append(Claim(said, None, LEFT_OUT, rule.number))
        return {record: acting.get(record) or each for record, each in idle.items()}

    # ---- rows of joined tables ------------------------------------------------------------------------------

    def _judge_joined(self, name: str, mentioned: set[int]) -> None:
        """Decide about the rows of a table that is only joined to others."""
        found = self._found[name]
        found.named |= mentioned
        elsewhere: set[int] = set()
        with_theirs: set[int] = set()
        pairs = list(self._pairs(name))
        for main, query in pairs:
            self._choose(self._found[main].theirs)
            chosen = f"SELECT DISTINCT joined FROM ({query}) WHERE record IN (SELECT record FROM chosen)"
            with_theirs |= {row for (row,) in self._con.execute(chosen).fetchall()}
        candidates = found.named | with_theirs
        for main, query in pairs:
            self._choose(self._found[main].theirs)
            self._con.register("rows_joined", pa.table({"record": pa.array(sorted(candidates), pa.int64())}))
            others = (
                f"SELECT DISTINCT joined FROM ({query}) WHERE joined IN (SELECT record FROM rows_joined) "
                "AND record NOT IN (SELECT record FROM chosen)"
            )
            elsewhere |= {row for (row,) in self._con.execute(others).fetchall()}
        found.theirs = candidates - elsewhere
        found.named -= found.theirs

    def _pairs(self, name: str) -> Iterator[tuple[str, str]]:
        """For each table that this one is joined to: its name, and a query of `record` there and `joined` here."""
        for planned in self._manifest.tables:
            for number, (joined, keys, _) in enumerate(planned.joins):
                if joined != name or planned.raw not in self._raws:
                    continue
                left, right = self._before(planned, number), Columns(self._manifest.raws[name])
                on = " AND ".join(f"l.{left.use(key)} = k.{right.use(key)}" for key in keys)
                yield (
                    planned.raw,
                    f"SELECT l.record, k.record AS joined FROM ({left.relation(self._folder)}) l "
                    f"JOIN ({right.relation(self._folder)}) k ON {on}",
                )


def _is_theirs(said: Mapping[Claim, Whose]) -> bool:
    """Whether a row that names somebody is theirs alone; one that makes no event goes with whom it names."""
    if "others" in said.values():
        return False
    return "theirs" in said.values() or all(claim.reason is not None for claim in said)
