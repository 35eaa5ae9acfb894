"""What was tried to make DuckDB faster at the funnel before the packed ASOF joins were chosen to race?

The plain forms answer over rows ordered by (person, time) or by (touchpoint, person, time), with person
and time in columns of their own, as anybody would keep them.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from contender import EVERYBODY, STEP_CODES, WINDOW_MICROSECONDS, Ask, run_as_script
from peers.duckdb_funnel import BITS, CONFIG, check_packing, funnel_sql, load

FIRST, SECOND, THIRD, FOURTH = STEP_CODES
FOUR = "name IN (" + ", ".join(str(code) for code in STEP_CODES) + ")"
PERSON, NAME, PACKED = "by_person", "by_name", "events"


def joined(table: str, keep: str = "") -> str:
    """Return the funnel by ASOF joins on person and time; `keep` may be MATERIALIZED."""
    parts = [f"s1 AS {keep} (SELECT person, time, time AS first FROM {table} WHERE name = {FIRST})"]
    for step, code in enumerate(STEP_CODES[1:], start=2):
        parts.append(
            f"s{step} AS {keep} (SELECT e.person, e.time, s.first FROM {table} e ASOF JOIN s{step - 1} s "
            f"ON e.person = s.person AND e.time >= s.time "
            f"WHERE e.name = {code} AND e.time - s.first <= {WINDOW_MICROSECONDS})"
        )
    counts = ", ".join(f"(SELECT count(DISTINCT person) FROM s{step})" for step in range(1, 5))
    return f"WITH {', '.join(parts)} SELECT '{EVERYBODY}', {counts}"


def windowed(table: str) -> str:
    """Return the funnel by running maxima: the latest first step known so far, carried from step to step."""
    over = "OVER (PARTITION BY person ORDER BY time RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    late = WINDOW_MICROSECONDS
    return (
        f"WITH r AS (SELECT person, time, name FROM {table} WHERE {FOUR}), "
        f"a1 AS (SELECT *, max(CASE WHEN name = {FIRST} THEN time END) {over} AS l1 FROM r), "
        f"a2 AS (SELECT *, max(CASE WHEN name = {SECOND} AND time - l1 <= {late} THEN l1 END) {over} AS l2 "
        "FROM a1 WHERE l1 IS NOT NULL), "
        f"a3 AS (SELECT *, max(CASE WHEN name = {THIRD} AND time - l2 <= {late} THEN l2 END) {over} AS l3 "
        "FROM a2 WHERE l2 IS NOT NULL) "
        f"SELECT '{EVERYBODY}', (SELECT count(DISTINCT person) FROM a1 WHERE l1 IS NOT NULL), "
        "(SELECT count(DISTINCT person) FROM a2 WHERE l2 IS NOT NULL), "
        "(SELECT count(DISTINCT person) FROM a3 WHERE l3 IS NOT NULL), "
        f"(SELECT count(DISTINCT person) FROM a3 WHERE name = {FOURTH} AND time - l3 <= {late})"
    )


def listed(table: str) -> str:
    """Return the funnel by one list of times per person and step, and lambdas."""
    lists = ", ".join(f"list(time) FILTER (name = {code}) AS t{step}" for step, code in enumerate(STEP_CODES, 1))
    parts = [
        f"p1 AS (SELECT *, [{{'t': x, 's': x}} for x in t1] AS e1 FROM "
        f"(SELECT person, {lists} FROM {table} WHERE {FOUR} GROUP BY person HAVING bool_or(name = {FIRST})))"
    ]
    for step in range(2, 5):
        before = f"list_max([x.s for x in e{step - 1} if x.t <= y])"
        pairs = f"[{{'t': y, 's': {before}}} for y in t{step}]"
        kept = f"[z for z in {pairs} if z.t - z.s <= {WINDOW_MICROSECONDS}]"
        source = f"SELECT *, {kept} AS e{step} FROM p{step - 1}"
        parts.append(f"p{step} AS (SELECT * FROM ({source}) WHERE len(e{step}) > 0)")
    counts = ", ".join(f"(SELECT count(*) FROM p{step})" for step in range(1, 5))
    return f"WITH {', '.join(parts)} SELECT '{EVERYBODY}', {counts}"


def kept(sql: str) -> str:
    """Return the packed funnel with every step kept in memory for the counts."""
    for step in range(1, 5):
        sql = sql.replace(f"s{step} AS (", f"s{step} AS MATERIALIZED (")
    return sql


def by_bits(sql: str) -> str:
    """Return the packed funnel with people counted in a bit string."""
    person = f"(k >> {BITS})::UINTEGER"
    return sql.replace(
        f"count(DISTINCT k >> {BITS})", f"bit_count(bitstring_agg({person}, 0::UINTEGER, 1048575::UINTEGER))"
    )


TRIED: dict[str, str] = {
    "ASOF joins, rows by person and time": joined(PERSON),
    "ASOF joins, rows by person and time, kept": joined(PERSON, "MATERIALIZED"),
    "ASOF joins, rows by touchpoint": joined(NAME),
    "ASOF joins, rows by touchpoint, kept": joined(NAME, "MATERIALIZED"),
    "window functions, rows by person and time": windowed(PERSON),
    "window functions, rows by touchpoint": windowed(NAME),
    "lists and lambdas, rows by person and time": listed(PERSON),
    "packed, ASOF joins (raced)": funnel_sql(),
    "packed, ASOF joins, kept": kept(funnel_sql()),
    "packed, ASOF joins, people in a bit string": by_bits(funnel_sql()),
}


class DuckdbTried:
    """All layouts in one database.

    Parameters
    ----------
    store : Path
        Directory of the database.
    layout : str
        Not used.
    """

    def __init__(self, store: Path, layout: str = "") -> None:
        self.file = store / "tried.duckdb"

    def prepare(self, events: Path) -> None:
        """Make every layout."""
        shutil.rmtree(self.file.parent, ignore_errors=True)
        self.file.parent.mkdir(parents=True)
        with duckdb.connect(str(self.file), config=CONFIG) as con:
            load(con, events)
            check_packing(con)
            con.execute(f"CREATE TABLE {NAME} AS SELECT * FROM log ORDER BY name, person, time")
            packed = f"(person::UBIGINT << {BITS}) + (time - (SELECT min(time) FROM log))::UBIGINT"
            con.execute(f"CREATE TABLE {PACKED} AS SELECT name, {packed} AS k FROM log ORDER BY name, k")
            con.execute(f"ALTER TABLE log RENAME TO {PERSON}")

    def open(self) -> tuple[str, Ask]:
        """Open the database for reading; what is asked is a key of `TRIED`."""
        con = duckdb.connect(str(self.file), read_only=True, config=CONFIG)

        def ask(variant: str) -> str:
            return ";".join(",".join(map(str, row)) for row in con.execute(TRIED[variant]).fetchall())

        return f"DuckDB {duckdb.__version__}", ask


if __name__ == "__main__":
    run_as_script(DuckdbTried)
