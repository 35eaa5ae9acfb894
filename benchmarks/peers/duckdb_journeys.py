"""How fast is DuckDB at the questions about sequences, in the best SQL we could find?

Rows lie ordered by person and time, as plain numbers. Neighbours are joined by position and running sums go over the
whole table without a partition, which DuckDB streams: windows by person take thirty times as long (52 s for the
transitions).
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from contender import Ask, run_as_script
from journey_questions import (
    ATTRIBUTION,
    FIRST_MONDAY,
    GOAL,
    HALF_LIFE,
    LONGEST,
    LOOKBACK,
    PATHS,
    PAUSE,
    RETENTION,
    TOP,
    TRANSITIONS,
    WEEK,
    WEEKS,
    text,
    triangle,
)
from peers.duckdb_funnel import CONFIG, load

LAYOUT = "person"
BASE = 41

SQL = {
    TRANSITIONS: """
        SELECT a.name || '-' || b.name, count(*), floor(median(b.time - a.time))::BIGINT
        FROM log a POSITIONAL JOIN (FROM log OFFSET 1) b WHERE a.person = b.person GROUP BY a.name, b.name""",
    PATHS: f"""
        WITH a AS (
            SELECT name, lag(name) OVER () AS before,
                coalesce(lag(person) OVER () <> person OR time - lag(time) OVER () > {PAUSE}, true) AS new FROM log),
        b AS (SELECT new, new OR before <> name AS kept, NOT new AND name = {GOAL} AS goal, name FROM a),
        c AS (
            SELECT name, new, kept, goal, sum(new::INT) OVER (ROWS UNBOUNDED PRECEDING)::INT AS session,
                sum(kept::INT) OVER (ROWS UNBOUNDED PRECEDING)::INT AS k,
                sum(goal::INT) OVER (ROWS UNBOUNDED PRECEDING)::INT AS goals FROM b),
        d AS (
            SELECT name, kept, goal, session,
                k - max(CASE WHEN new THEN k END) OVER (ROWS UNBOUNDED PRECEDING) AS place,
                goals > max(CASE WHEN new THEN goals END) OVER (ROWS UNBOUNDED PRECEDING) AS over FROM c),
        e AS (
            SELECT bool_or(goal) AS done, sum(
                CASE WHEN kept AND NOT over AND place < {LONGEST}
                THEN (name + 1)::BIGINT * ({BASE} ** ({LONGEST} - 1 - place))::BIGINT ELSE 0 END)::BIGINT AS path
            FROM d GROUP BY session)
        SELECT path, count(*) AS n, count(*) FILTER (done) FROM e GROUP BY path ORDER BY n DESC, path LIMIT {TOP}""",
    RETENTION: f"""
        WITH people AS (
            SELECT person, bit_or(1::BIGINT << ((time - {FIRST_MONDAY}) // {WEEK})) AS weeks FROM log GROUP BY person),
        kinds AS (SELECT weeks, count(*) AS n FROM people GROUP BY weeks),
        cohorts AS (SELECT weeks, n, length(bin(weeks & -weeks)) - 1 AS cohort FROM kinds)
        SELECT cohort, k, sum(n)::BIGINT FROM cohorts, range({WEEKS}) r(k)
        WHERE (weeks >> (cohort + k)) & 1 = 1 GROUP BY cohort, k""",
    ATTRIBUTION: f"""
        WITH g AS (
            SELECT person, time, channel, name = {GOAL} AS goal,
                sum((name = {GOAL})::INT) OVER (ROWS UNBOUNDED PRECEDING)::INT - (name = {GOAL})::INT AS path FROM log),
        goals AS (SELECT person, path, time AS w FROM g WHERE goal),
        c AS (
            SELECT path, channel, count(*) AS n, sum(2.0 ** ((time - w) / {HALF_LIFE}::DOUBLE)) AS weight,
                min(time) AS first_at, max(time) AS last_at
            FROM (SELECT * FROM g WHERE NOT goal) g JOIN goals USING (path, person) WHERE time >= w - {LOOKBACK}
            GROUP BY path, channel),
        p AS (
            SELECT path, sum(n) AS n, sum(weight) AS weight, arg_min(channel, first_at) AS first,
                arg_max(channel, last_at) AS last FROM c GROUP BY path)
        SELECT channel, count(*) FILTER (first = channel), count(*) FILTER (last = channel),
            round(sum(c.n / p.n))::BIGINT, round(sum(c.weight / p.weight))::BIGINT
        FROM c JOIN p USING (path) GROUP BY channel""",
}


def unpacked(path: int) -> str:
    """Return a packed path as text."""
    names = []
    for place in range(LONGEST):
        digit = path // BASE ** (LONGEST - 1 - place) % BASE
        if digit:
            names.append(str(digit - 1))
    return "-".join(names)


class DuckdbJourneys:
    """DuckDB on a database file.

    Parameters
    ----------
    store : Path
        Directory of the database.
    layout : str
        `person`; there is no other.
    """

    def __init__(self, store: Path, layout: str = LAYOUT) -> None:
        self.store = store

    def prepare(self, events: Path) -> None:
        """Load the log, ordered by person and time."""
        shutil.rmtree(self.store, ignore_errors=True)
        self.store.mkdir(parents=True)
        with duckdb.connect(str(self.store / "log.duckdb"), config=CONFIG) as con:
            load(con, events)

    def open(self) -> tuple[str, Ask]:
        """Open the database for reading."""
        con = duckdb.connect(str(self.store / "log.duckdb"), read_only=True, config=CONFIG)

        def ask(question: str) -> str:
            rows = con.execute(SQL[question]).fetchall()
            if question == RETENTION:
                return triangle(rows)
            return text([unpacked(row[0]), *row[1:]] if question == PATHS else row for row in rows)

        return f"DuckDB {duckdb.__version__}", ask


if __name__ == "__main__":
    run_as_script(DuckdbJourneys)
