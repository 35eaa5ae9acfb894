"""How fast is ClickHouse, embedded (chdb), at the questions about sequences, in the best SQL we could find?

On the layout `person` of chdb_funnel.py: plain numbers, no compression, eight partitions, ordered by person and
time, so that arrays by person come in order without sorting. Window functions took longer (3.0 s for the transitions).
On the layout `table`, which knows nothing of the questions, the same SQL turns names into numbers on its way.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this benchmark
from __future__ import annotations

import importlib
from pathlib import Path

from contender import THREADS, Ask, run_as_script
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
    triangle,
)
from peers.chdb_funnel import PERSON, TABLE, WORDS, ChdbFunnel

IN_ORDER = "SETTINGS optimize_aggregation_in_order = 1"
END = f"SETTINGS max_threads = {THREADS}"

SQL = {
    TRANSITIONS: f"""
        SELECT concat(toString(f), '-', toString(t)), count(), toInt64(floor(quantileExactInclusive(0.5)(gap))) FROM (
            SELECT arrayJoin(arrayZip(arrayPopBack(n), arrayPopFront(n), arrayPopFront(arrayDifference(ts)))) AS x,
                x.1 AS f, x.2 AS t, x.3 AS gap FROM (
                SELECT groupArray(name) AS n, groupArray(toInt64(time)) AS ts FROM events GROUP BY person {IN_ORDER}))
        GROUP BY f, t {END}""",
    PATHS: f"""
        SELECT arrayStringConcat(path, '-'), count() AS n, countIf(done) FROM (
            SELECT arrayJoin(arraySplit((x, i) -> i, n, pause)) AS session,
                indexOf(arrayPopFront(session), {GOAL}) AS goal, goal > 0 AS done,
                arraySlice(arrayCompact(if(done, arraySlice(session, 1, goal), session)), 1, {LONGEST}) AS path FROM (
                SELECT groupArray(name) AS n,
                    arrayMap(gap -> gap > {PAUSE}, arrayDifference(groupArray(toInt64(time)))) AS pause
                FROM events GROUP BY person {IN_ORDER}))
        GROUP BY path ORDER BY n DESC, path LIMIT {TOP} {END}""",
    RETENTION: f"""
        WITH people AS (
            SELECT groupBitOr(bitShiftLeft(toUInt64(1), toUInt8(intDiv(time - {FIRST_MONDAY}, {WEEK})))) AS weeks
            FROM events GROUP BY person),
        kinds AS (SELECT weeks, count() AS n FROM people GROUP BY weeks)
        SELECT cohort, k, sum(n) FROM (
            SELECT weeks, n, bitCount(bitXor(weeks, weeks - 1)) - 1 AS cohort, arrayJoin(range({WEEKS})) AS k
            FROM kinds)
        WHERE cohort + k < 64 AND bitTest(weeks, least(cohort + k, 63)) GROUP BY cohort, k {END}""",
    ATTRIBUTION: f"""
        WITH runs AS (
            SELECT arrayJoin(arraySplit((x, e) -> e, arrayZip(c, ts, n),
                arrayPushFront(arrayPopBack(arrayMap(name -> name = {GOAL}, n)), 0))) AS run FROM (
                SELECT groupArray(channel) AS c, groupArray(toInt64(time)) AS ts, groupArray(name) AS n
                FROM events GROUP BY person {IN_ORDER})),
        paths AS (
            SELECT run[-1].2 AS w, arrayFilter(x -> x.2 >= w - {LOOKBACK}, arrayPopBack(run)) AS path
            FROM runs WHERE run[-1].3 = {GOAL}),
        weighed AS (
            SELECT path, arrayMap(x -> exp2((x.2 - w) / {HALF_LIFE}), path) AS weights, arraySum(weights) AS total,
                length(path) AS k FROM paths WHERE k > 0),
        touches AS (SELECT arrayJoin(arrayZip(path, weights, arrayEnumerate(path))) AS x, k, total FROM weighed)
        SELECT x.1.1 AS channel, countIf(x.3 = 1), countIf(x.3 = k), toInt64(round(sum(1 / k))),
            toInt64(round(sum(x.2 / total))) FROM touches GROUP BY channel {END}""",
}

NUMBERS = f"toUInt8(substring(name, 2)) AS name, toUInt8(indexOf({WORDS}, channel) - 1) AS channel"


def sql_of(question: str, layout: str) -> str:
    """Return the SQL that answers `question` on `layout`."""
    source = "events" if layout == PERSON else f"(SELECT person, time, {NUMBERS} FROM events)"
    return SQL[question].replace("FROM events", f"FROM {source}")


class ChdbJourneys(ChdbFunnel):
    """The store of the funnel by person and time, asked other questions.

    Parameters
    ----------
    store : Path
        Directory of the session.
    layout : str
        `person` or `table`.
    """

    def __init__(self, store: Path, layout: str = PERSON) -> None:
        if layout not in (PERSON, TABLE):
            raise ValueError(f"There is no layout {layout!r} for these questions.")
        super().__init__(store, layout)

    def open(self) -> tuple[str, Ask]:
        """Open the session."""
        chdb = importlib.import_module("chdb")
        session = importlib.import_module("chdb.session").Session(str(self.store))

        def ask(question: str) -> str:
            found = str(session.query(sql_of(question, self.layout), "CSV")).strip().replace('"', "")
            if question == RETENTION:
                return triangle(row.split(",") for row in found.split("\n"))
            return found.replace("\n", ";")

        return f"chdb {chdb.__version__} (ClickHouse {chdb.engine_version})", ask


if __name__ == "__main__":
    run_as_script(ChdbJourneys)
