"""How fast is DuckDB at the same funnel, in the best SQL we could find?

Person and time are packed into one number (person in the high 20 bits, microseconds since the first
event in the low 44), and rows are ordered by (touchpoint, packed number). Each step is then one ASOF
join on one inequality: the latest earlier row of the step before. A row of somebody else is at least
2^44 microseconds less the whole period away, which is longer than the window, so that the window's test
drops it. Three joins carry the latest first step along, which is exactly "any entry". The plain forms
(window functions, ASOF join by person, lists with lambdas) are several times slower: duckdb_tried.py.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from contender import (
    BY_CHANNEL,
    CHANNELS,
    EVERYBODY,
    FUNNEL,
    STEP_CODES,
    THREADS,
    WINDOW_MICROSECONDS,
    Ask,
    run_as_script,
)

PACKED = "packed"
BITS = 44
CONFIG: dict[str, str | bool | int | float | list[str]] = {"threads": THREADS}
WORDS = "[" + ", ".join(f"'{channel}'" for channel in CHANNELS) + "]"


def steps_sql() -> str:
    """Return tables `s1` … `s4`: the rows `k` that reach each step, and the `first` step of each."""
    parts = [f"s1 AS (SELECT k, k AS first FROM events WHERE name = {STEP_CODES[0]})"]
    for step, code in enumerate(STEP_CODES[1:], start=2):
        parts.append(
            f"s{step} AS (SELECT e.k, s.first FROM (SELECT k FROM events WHERE name = {code}) e "
            f"ASOF JOIN s{step - 1} s ON e.k >= s.k WHERE e.k - s.first <= {WINDOW_MICROSECONDS})"
        )
    return "WITH " + ",\n".join(parts)


def funnel_sql() -> str:
    """Return SQL for people per step."""
    counts = ", ".join(f"(SELECT count(DISTINCT k >> {BITS}) FROM s{step})" for step in range(1, 5))
    return f"{steps_sql()}\nSELECT '{EVERYBODY}', {counts}"


def by_channel_sql() -> str:
    """Return SQL for people per step by the channel of their first event."""
    people = "\nUNION ALL ".join(
        f"SELECT DISTINCT k >> {BITS} AS person, {step} AS step FROM s{step}" for step in range(1, 5)
    )
    counts = ", ".join(f"count(*) FILTER (step = {step})" for step in range(1, 5))
    return (
        f"{steps_sql()},\npeople AS ({people})\n"
        f"SELECT {WORDS}[channel + 1], {counts} FROM people "
        "JOIN first_channels USING (person) GROUP BY channel"
    )


def sql_of(question: str) -> str:
    """Return the SQL that answers `question`."""
    return {FUNNEL: funnel_sql(), BY_CHANNEL: by_channel_sql()}[question]


def cold_program(store: Path, layout: str, question: str) -> str:
    """Return a Python program that prints the answer."""
    file = str(store / "funnel.duckdb")
    return (
        "import duckdb\n"
        f"con = duckdb.connect({file!r}, read_only=True, config={CONFIG!r})\n"
        f"rows = con.execute({sql_of(question)!r}).fetchall()\n"
        "print(';'.join(','.join(map(str, row)) for row in rows), flush=True)\n"
    )


def load(con: duckdb.DuckDBPyConnection, events: Path) -> None:
    """Make table `log` (person, time, name, channel as numbers), ordered by person and time."""
    log = f"read_parquet('{events}')"
    con.execute(
        "CREATE TEMP TABLE users AS "
        "SELECT user_id, (row_number() OVER (ORDER BY user_id) - 1)::UINTEGER AS person "
        f"FROM (SELECT DISTINCT user_id FROM {log})"
    )
    con.execute(
        "CREATE TABLE log AS SELECT person, epoch_us(occurred_at) AS time, "
        f"touchpoint[2:]::UTINYINT AS name, (list_position({WORDS}, channel) - 1)::UTINYINT AS channel "
        f"FROM {log} JOIN users USING (user_id) ORDER BY person, time"
    )


def check_packing(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse a log whose times or people do not fit the packed number."""
    found = con.execute("SELECT max(time) - min(time), max(person) FROM log").fetchone()
    assert found is not None  # noqa: S101
    span, people = found
    if span + WINDOW_MICROSECONDS >= 1 << BITS or people >= 1 << (64 - BITS):
        raise ValueError(f"{people + 1} people over {span} microseconds do not fit {BITS} bits of time in 64.")


class DuckdbFunnel:
    """DuckDB on a database file.

    Parameters
    ----------
    store : Path
        Directory of the database.
    layout : str
        `packed`; there is no other.
    """

    def __init__(self, store: Path, layout: str = PACKED) -> None:
        self.store = store
        self.layout = layout

    def prepare(self, events: Path) -> None:
        """Load the log and keep what the SQL needs: packed rows by touchpoint, first channels."""
        shutil.rmtree(self.store, ignore_errors=True)
        self.store.mkdir(parents=True)
        with duckdb.connect(str(self.store / "load.duckdb"), config=CONFIG) as con:
            load(con, events)
            check_packing(con)
            con.execute(f"ATTACH '{self.store / 'funnel.duckdb'}' AS out")
            packed = f"(person::UBIGINT << {BITS}) + (time - (SELECT min(time) FROM log))::UBIGINT"
            con.execute(f"CREATE TABLE out.events AS SELECT name, {packed} AS k FROM log ORDER BY name, k")
            con.execute(
                "CREATE TABLE out.first_channels AS "
                "SELECT person::UBIGINT AS person, arg_min(channel, time) AS channel "
                "FROM log GROUP BY person ORDER BY person"
            )
        (self.store / "load.duckdb").unlink()

    def open(self) -> tuple[str, Ask]:
        """Open the database for reading."""
        con = duckdb.connect(str(self.store / "funnel.duckdb"), read_only=True, config=CONFIG)

        def ask(question: str) -> str:
            return ";".join(",".join(map(str, row)) for row in con.execute(sql_of(question)).fetchall())

        return f"DuckDB {duckdb.__version__}", ask


if __name__ == "__main__":
    run_as_script(DuckdbFunnel)
