"""How fast is ClickHouse, embedded (chdb), at the same funnel, laid out as well as we could find?

Two layouts take part. `person` keeps events ordered by (person, time), as our store does: no knowledge
of the question beyond that. `touchpoint` orders them by (touchpoint, person, time), so that a funnel
reads its four touchpoints and nothing else, and keeps the first channel of everybody in a table of its
own. Both hold plain numbers instead of strings, no compression, and eight partitions by person, so that
two threads never meet in one group. What else was tried is in chdb_tried.py.

`windowFunnel` has our meaning: any entry, the latest first step carried along, window closed, events of
one instant in any order. Its times are UInt64 microseconds, since it takes no DateTime64.

Two more contenders know nothing of the question when they store: ids and names as they came (strings), default
compression, ordered by (person, time), eight partitions by person. `table` asks as the manual does, over all rows;
`filtered` lets only the rows of the four touchpoints through. They hold what desirepath holds.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

from contender import (
    BY_CHANNEL,
    CHANNELS,
    EVERYBODY,
    FUNNEL,
    STEP_CODES,
    STEPS,
    THREADS,
    WINDOW_MICROSECONDS,
    Ask,
    run_as_script,
)

REQUIREMENT = "chdb==4.4.0"
PERSON = "person"
TOUCHPOINT = "touchpoint"
TABLE, FILTERED = "table", "filtered"
AS_IT_COMES = (TABLE, FILTERED)
ORDER = {PERSON: "person, time", TOUCHPOINT: "name, person, time", TABLE: "person, time", FILTERED: "person, time"}

CODES = ", ".join(str(code) for code in STEP_CODES)
CONDITIONS = ", ".join(f"name = {code}" for code in STEP_CODES)
REACHED = ", ".join(f"countIf(reach >= {step})" for step in range(1, len(STEP_CODES) + 1))
WORDS = "[" + ", ".join(f"'{channel}'" for channel in CHANNELS) + "]"
KEPT = "person String, time UInt64, name LowCardinality(String), channel LowCardinality(String)"
NAMES = ", ".join(f"'{step}'" for step in STEPS)
NAMED = ", ".join(f"name = '{step}'" for step in STEPS)
PLAIN = "person UInt32 CODEC(NONE), time UInt64 CODEC(NONE), name UInt8 CODEC(NONE), channel UInt8 CODEC(NONE)"


def reach(table: str = "events", condition: str = f"WHERE name IN ({CODES})", also: str = "") -> str:
    """Return SQL for one row per person with the number of steps reached."""
    funnel = f"windowFunnel({WINDOW_MICROSECONDS})(time, {CONDITIONS}) AS reach"
    return f"SELECT person, {also}{funnel} FROM {table} {condition} GROUP BY person"


def funnel_sql() -> str:
    """Return SQL for people per step."""
    return f"SELECT '{EVERYBODY}', {REACHED} FROM ({reach()}) SETTINGS max_threads = {THREADS}"


def by_channel_sql(layout: str) -> str:
    """Return SQL for people per step by the channel of their first event."""
    if layout == PERSON:
        source = f"({reach(condition='', also='argMin(channel, time) AS first, ')})"
    else:
        # Both sides go through one GROUP BY: a join of a million people costs more than the funnel itself.
        events = f"SELECT person, time, name, channel FROM events WHERE name IN ({CODES})"
        both = f"({events} UNION ALL SELECT person, 0, 255, channel FROM first_channels)"
        source = f"({reach(both, '', 'maxIf(channel, name = 255) AS first, ')})"
    return f"SELECT {WORDS}[first + 1], {REACHED} FROM {source} GROUP BY first SETTINGS max_threads = {THREADS}"


def as_it_comes_sql(question: str, layout: str) -> str:
    """Return SQL as the manual writes it, over ids and names as they came."""
    condition = f"WHERE name IN ({NAMES})" if layout == FILTERED and question == FUNNEL else ""
    first = "argMin(channel, time) AS first, " if question == BY_CHANNEL else ""
    funnel = f"windowFunnel({WINDOW_MICROSECONDS})(time, {NAMED}) AS reach"
    rows = f"SELECT person, {first}{funnel} FROM events {condition} GROUP BY person"
    group, by = ("first", "GROUP BY first") if question == BY_CHANNEL else (f"'{EVERYBODY}'", "")
    return f"SELECT {group}, {REACHED} FROM ({rows}) {by} SETTINGS max_threads = {THREADS}"


def sql_of(question: str, layout: str) -> str:
    """Return the SQL that answers `question` on `layout`."""
    if layout in AS_IT_COMES:
        return as_it_comes_sql(question, layout)
    return {FUNNEL: funnel_sql(), BY_CHANNEL: by_channel_sql(layout)}[question]


def cold_program(store: Path, layout: str, question: str) -> str:
    """Return a Python program that prints the answer; the shortest way that the public API offers."""
    sql = sql_of(question, layout)
    return (
        "import chdb\n"
        f"rows = chdb.query({sql!r}, 'CSV', path={str(store)!r})\n"
        "print(str(rows).replace('\\n', ';'), flush=True)\n"
    )


def load(query: Any, events: Path, target: str) -> None:
    """Fill table `target` (person, time, name, channel as numbers) from the log."""
    log = f"file('{events}', Parquet)"
    numbers = (
        "SELECT user_id, toUInt32(row_number() OVER (ORDER BY user_id) - 1) AS person "
        f"FROM (SELECT DISTINCT user_id FROM {log})"
    )
    query(
        f"INSERT INTO {target} SELECT people.person, toUInt64(toUnixTimestamp64Micro(occurred_at)), "
        f"toUInt8(substring(touchpoint, 2)), toUInt8(indexOf({WORDS}, channel) - 1) "
        f"FROM {log} AS log JOIN ({numbers}) AS people USING (user_id)"
    )


class ChdbFunnel:
    """ClickHouse inside the process, on a store directory.

    Parameters
    ----------
    store : Path
        Directory of the session.
    layout : str
        `person` or `touchpoint`.
    """

    def __init__(self, store: Path, layout: str) -> None:
        self.store = store
        self.layout = layout

    def prepare(self, events: Path) -> None:
        """Load the log, merge it into one part per partition."""
        shutil.rmtree(self.store, ignore_errors=True)
        session = importlib.import_module("chdb.session").Session(str(self.store))
        number = "cityHash64(person)" if self.layout in AS_IT_COMES else "person"
        table = f"ENGINE = MergeTree PARTITION BY {number} % 8 ORDER BY ({ORDER[self.layout]})"
        if self.layout in AS_IT_COMES:
            session.query(f"CREATE TABLE events ({KEPT}) {table}")
            moment = "toUInt64(toUnixTimestamp64Micro(occurred_at))"
            log = f"file('{events}', Parquet)"
            session.query(f"INSERT INTO events SELECT user_id, {moment}, touchpoint, channel FROM {log}")
        else:
            session.query(f"CREATE TABLE events ({PLAIN}) {table}")
            load(session.query, events, "events")
        session.query("OPTIMIZE TABLE events FINAL")
        if self.layout == TOUCHPOINT:
            columns = "person UInt32 CODEC(NONE), channel UInt8 CODEC(NONE)"
            rest = "ENGINE = MergeTree PARTITION BY person % 8 ORDER BY person"
            session.query(f"CREATE TABLE first_channels ({columns}) {rest}")
            first = "SELECT person, argMin(channel, time) FROM events GROUP BY person"
            session.query(f"INSERT INTO first_channels {first}")
            session.query("OPTIMIZE TABLE first_channels FINAL")
        session.close()

    def open(self) -> tuple[str, Ask]:
        """Open the session."""
        chdb = importlib.import_module("chdb")
        session = importlib.import_module("chdb.session").Session(str(self.store))

        def ask(question: str) -> str:
            return str(session.query(sql_of(question, self.layout), "CSV")).replace("\n", ";")

        return f"chdb {chdb.__version__} (ClickHouse {chdb.engine_version})", ask


if __name__ == "__main__":
    run_as_script(ChdbFunnel)
