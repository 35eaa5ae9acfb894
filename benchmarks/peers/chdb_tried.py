"""What was tried to make ClickHouse faster at the funnel before two layouts were chosen to race?

Each entry of `TRIED` is SQL for the same counts over one of the layouts; run_tried.py measures them
side by side. What did not help stays here, so that nobody has to find out again.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import importlib
import shutil
from pathlib import Path

from contender import EVERYBODY, STEP_CODES, STEPS, THREADS, WINDOW_MICROSECONDS, Ask, run_as_script
from peers.chdb_funnel import CODES, CONDITIONS, PLAIN, REACHED, WORDS, load

LZ4 = PLAIN.replace(" CODEC(NONE)", "")
WORDY = "person UInt32, time UInt64, name LowCardinality(String), channel LowCardinality(String)"
NAMES = ", ".join(f"'t{code:02d}' = {code}" for code in range(40))
TYPED = f"person UInt32, time DateTime64(6, 'UTC'), name Enum8({NAMES}), channel UInt8"
PROJECTION = ", PROJECTION by_name (SELECT person, time, name ORDER BY name, person, time)"
IN_WORDS = "person, time, 't' || leftPad(toString(name), 2, '0'), " + WORDS + "[channel + 1]"
IN_TYPES = "person, fromUnixTimestamp64Micro(toInt64(time), 'UTC'), name::Int8, channel"
PACKED = "bitShiftLeft(toUInt64(person), 44) + (time - (SELECT min(time) FROM source))"
BY_PERSON = "ORDER BY (person, time)"
BY_NAME = "ORDER BY (name, person, time)"
EIGHT = "PARTITION BY person % 8"

# table: (columns, partitions and order, what is selected from the source)
LAYOUTS: dict[str, tuple[str, str, str]] = {
    "lz4": (LZ4, BY_PERSON, "*"),
    "bare": (PLAIN, BY_PERSON, "*"),
    "words": (WORDY, BY_PERSON, IN_WORDS),
    "typed": (TYPED, BY_PERSON, IN_TYPES),
    "projection": (PLAIN + PROJECTION, BY_PERSON, "*"),
    "bare_8": (PLAIN, f"{EIGHT} {BY_PERSON}", "*"),
    "name_lz4": (LZ4, BY_NAME, "*"),
    "name": (PLAIN, BY_NAME, "*"),
    "name_8": (PLAIN, f"{EIGHT} {BY_NAME}", "*"),
    "name_32": (PLAIN, f"PARTITION BY person % 32 {BY_NAME}", "*"),
    "name_ranges": (PLAIN, f"PARTITION BY intDiv(person, 125000) {BY_NAME}", "*"),
    "name_words_8": (WORDY, f"{EIGHT} {BY_NAME}", IN_WORDS),
    "packed": ("name UInt8 CODEC(NONE), k UInt64 CODEC(NONE)", "ORDER BY (name, k)", f"name, {PACKED}"),
}
LISTS = "lists"

INDEPENDENT = "force_aggregate_partitions_independently = 1, allow_aggregate_partitions_independently = 1"
IN_ORDER = "optimize_aggregation_in_order = 1"
FOUR = f"WHERE name IN ({CODES})"
FOUR_WORDS = "WHERE name IN (" + ", ".join(f"'{step}'" for step in STEPS) + ")"
WORD_CONDITIONS = ", ".join(f"name = '{step}'" for step in STEPS)


def funnel(table: str, *settings: str, where: str = FOUR, time: str = "time", conditions: str = CONDITIONS) -> str:
    """Return the funnel by windowFunnel over `table`."""
    reach = f"windowFunnel({WINDOW_MICROSECONDS})({time}, {conditions}) AS reach"
    inner = f"SELECT {reach} FROM {table} {where} GROUP BY person"
    rest = ", ".join([f"max_threads = {THREADS}", *settings])
    return f"SELECT '{EVERYBODY}', {REACHED} FROM ({inner}) SETTINGS {rest}"


def reduced(inner: str) -> str:
    """Return the funnel by windowFunnel over arrays of one row per person, without any GROUP BY."""
    tests = ", ".join(f"arrayMap(x -> x = {code}, n)" for code in STEP_CODES)
    reach = f"arrayReduce('windowFunnel({WINDOW_MICROSECONDS})', t, {tests}) AS reach"
    people = f"SELECT {reach} FROM ({inner})"
    return f"SELECT '{EVERYBODY}', {REACHED} FROM ({people}) SETTINGS max_threads = {THREADS}"


def joined(group: str, *settings: str) -> str:
    """Return the funnel by ASOF joins on the packed number, and on `group`: ClickHouse wants an equality."""
    parts = [f"s1 AS (SELECT {group} AS g, k, k AS first FROM packed WHERE name = {STEP_CODES[0]})"]
    for step, code in enumerate(STEP_CODES[1:], start=2):
        parts.append(
            f"s{step} AS (SELECT e.g AS g, e.k AS k, s.first AS first "
            f"FROM (SELECT {group} AS g, k FROM packed WHERE name = {code}) AS e "
            f"ASOF JOIN s{step - 1} AS s ON e.g = s.g AND e.k >= s.k "
            f"WHERE e.k - s.first <= {WINDOW_MICROSECONDS})"
        )
    counts = ", ".join(f"(SELECT uniqExact(bitShiftRight(k, 44)) FROM s{step})" for step in range(1, 5))
    rest = ", ".join([f"max_threads = {THREADS}", *settings])
    return f"WITH {', '.join(parts)} SELECT '{EVERYBODY}', {counts} SETTINGS {rest}"


MICROS = "toUInt64(toUnixTimestamp64Micro(time))"
FILTERED = (
    f"SELECT arrayFilter((x, m) -> m IN ({CODES}), times, names) AS t, "
    f"arrayFilter(m -> m IN ({CODES}), names) AS n FROM {LISTS}"
)
ENTERED = f"WHERE has(names, {STEP_CODES[0]})"
SEMI = f"{FOUR} AND person IN (SELECT person FROM bare WHERE name = {STEP_CODES[0]})"

TRIED: dict[str, str] = {
    "by person: all rows": funnel("lz4", where=""),
    "by person: all rows, aggregated in order": funnel("lz4", IN_ORDER, where=""),
    "by person: the four touchpoints": funnel("lz4"),
    "by person: aggregated in order": funnel("lz4", IN_ORDER),
    "by person: no PREWHERE": funnel("lz4", "optimize_move_to_prewhere = 0"),
    "by person: LowCardinality(String)": funnel("words", where=FOUR_WORDS, conditions=WORD_CONDITIONS),
    "by person: Enum8 and DateTime64": funnel("typed", where=FOUR_WORDS, time=MICROS, conditions=WORD_CONDITIONS),
    "by person: uncompressed": funnel("bare"),
    "by person: uncompressed, only who entered": funnel("bare", where=SEMI),
    "by person: projection by touchpoint": funnel("projection", "force_optimize_projection = 1"),
    "by person: 8 partitions (raced)": funnel("bare_8"),
    "by person: 8 partitions, independent": funnel("bare_8", INDEPENDENT),
    "by touchpoint": funnel("name_lz4"),
    "by touchpoint: uncompressed": funnel("name"),
    "by touchpoint: uncompressed, in order": funnel("name", IN_ORDER),
    "by touchpoint: 8 partitions (raced)": funnel("name_8"),
    "by touchpoint: 8 partitions, independent": funnel("name_8", INDEPENDENT),
    "by touchpoint: 8 partitions, independent, in order": funnel("name_8", INDEPENDENT, IN_ORDER),
    "by touchpoint: 8 partitions, blocks of 16 k rows": funnel("name_8", "max_block_size = 16384"),
    "by touchpoint: 8 partitions, blocks of 1 M rows": funnel("name_8", "max_block_size = 1048576"),
    "by touchpoint: 8 partitions, two-level at once": funnel("name_8", "group_by_two_level_threshold = 1"),
    "by touchpoint: 8 partitions, never two-level": funnel(
        "name_8", "group_by_two_level_threshold = 0", "group_by_two_level_threshold_bytes = 0"
    ),
    "by touchpoint: 8 partitions, no prefetch": funnel("name_8", "enable_software_prefetch_in_aggregation = 0"),
    "by touchpoint: 8 partitions, mapped files": funnel("name_8", "min_bytes_to_use_mmap_io = 1"),
    "by touchpoint: 8 partitions, uncompressed cache": funnel("name_8", "use_uncompressed_cache = 1"),
    "by touchpoint: 8 partitions, 4 threads": funnel("name_8").replace("max_threads = 2", "max_threads = 4"),
    "by touchpoint: 8 partitions, compiled at once": funnel(
        "name_8", "min_count_to_compile_aggregate_expression = 0", "min_count_to_compile_expression = 0"
    ),
    "by touchpoint: 32 partitions": funnel("name_32"),
    "by touchpoint: 8 ranges of people": funnel("name_ranges"),
    "by touchpoint: 8 partitions, LowCardinality(String)": funnel(
        "name_words_8", where=FOUR_WORDS, conditions=WORD_CONDITIONS
    ),
    "one row per person: arrayReduce": reduced(f"SELECT times AS t, names AS n FROM {LISTS}"),
    "one row per person: filtered first": reduced(FILTERED),
    "one row per person: filtered, only who entered": reduced(f"{FILTERED} {ENTERED}"),
    "packed, ASOF joins": joined("0"),
    "packed, ASOF joins by 1,024 people": joined("bitShiftRight(k, 54)"),
    "packed, ASOF joins, sorted": joined("0", "join_algorithm = 'full_sorting_merge'"),
}


class ChdbTried:
    """All layouts in one store.

    Parameters
    ----------
    store : Path
        Directory of the session.
    layout : str
        Not used.
    """

    def __init__(self, store: Path, layout: str = "") -> None:
        self.store = store

    def prepare(self, events: Path) -> None:
        """Make every layout."""
        shutil.rmtree(self.store, ignore_errors=True)
        session = importlib.import_module("chdb.session").Session(str(self.store))
        session.query(f"CREATE TABLE source ({LZ4}) ENGINE = MergeTree ORDER BY (person, time)")
        load(session.query, events, "source")
        for name, (columns, order, selected) in LAYOUTS.items():
            session.query(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree {order}")
            session.query(f"INSERT INTO {name} SELECT {selected} FROM source")
            session.query(f"OPTIMIZE TABLE {name} FINAL")
        columns = "person UInt32, times Array(UInt64), names Array(UInt8)"
        session.query(f"CREATE TABLE {LISTS} ({columns}) ENGINE = MergeTree ORDER BY person")
        session.query(
            f"INSERT INTO {LISTS} SELECT person, groupArray(time), groupArray(name) "
            "FROM (SELECT * FROM source ORDER BY person, time) GROUP BY person ORDER BY person "
            f"SETTINGS {IN_ORDER}"
        )
        session.query(f"OPTIMIZE TABLE {LISTS} FINAL")
        session.close()

    def open(self) -> tuple[str, Ask]:
        """Open the session; what is asked is a key of `TRIED`."""
        chdb = importlib.import_module("chdb")
        session = importlib.import_module("chdb.session").Session(str(self.store))

        def ask(variant: str) -> str:
            return str(session.query(TRIED[variant], "CSV")).replace("\n", ";")

        return f"chdb {chdb.__version__} (ClickHouse {chdb.engine_version})", ask


if __name__ == "__main__":
    run_as_script(ChdbTried)
