"""Questions about sequences on real logs: known figures, and SQL straight over the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from real_data import DATA, expected, needs_data, opened

from desirepath import Workspace

LONG = "4000 days"
PURCHASES = DATA / "completejourney" / "transactions.parquet"

pytestmark = needs_data


@pytest.fixture(scope="module")
def households(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    path = "completejourney/transactions.parquet"
    with opened(tmp_path_factory.mktemp("real"), "completejourney", path) as ws:
        yield ws


@pytest.mark.parametrize("name", ["receipt_log", "helpdesk_log"])
def test_variants_and_what_follows_what(tmp_path: Path, name: str) -> None:
    known = expected(name)
    with opened(tmp_path, name, f"{name}/events.parquet") as ws:
        ways = ws.ask("paths", length=40, collapse=False, window=LONG, most=10_000)
        assert len(ways.columns["path"]) == known["variants_stable_ts_sort"]
        assert sum(ways.columns["people"]) == known["cases"]
        found = ws.ask("transitions", collapse=False, most=10_000)
        pairs = {f"{row['from']} -> {row['to']}": row["times"] for row in found.table.to_pylist()}
        assert {pair: pairs[pair] for pair in known["top_dfg"]} == known["top_dfg"]
        assert sum(times for pair, times in pairs.items() if pair.startswith("(start)")) == known["cases"]
        follows = sum(times for pair, times in pairs.items() if "(" not in pair)
        assert follows == known["events"] - known["cases"]


def test_clicks_through_every_question(tmp_path: Path) -> None:
    known = expected("clicks_ecom_planted")["users_reaching"]
    with opened(tmp_path, "clicks_ecom_planted", "clicks_ecom_planted/events.parquet") as ws:
        assert (known["cart"], known["payment_details"], known["purchase"]) == (489, 390, 328)
        for name, number in known.items():
            assert sum(ws.ask("paths", start=name, window=LONG).columns["people"]) == number
            assert sum(ws.ask("paths", end=name, direction="backward", window=LONG).columns["people"]) == number
            assert ws.ask("retention", start=name, every="month").columns["started"][0] == number
            assert ws.ask("time_to", start=name, end="purchase").extras["outcomes"]
        bought = ws.ask("attribution", goal="purchase", lookback=LONG)
        assert len(set(bought.people().column("person").to_pylist())) == known["purchase"]


@pytest.mark.parametrize("unit", ["week", "month"])
@pytest.mark.parametrize("cohorts", ["first", "every"])
def test_cohorts_of_households_equal_sql(households: Workspace, unit: str, cohorts: str) -> None:
    """Cohorts of the first purchase, and of every period with one: who buys again k periods later."""
    started = (
        f"SELECT household_id, min({unit}) AS cohort FROM bought GROUP BY ALL"
        if cohorts == "first"
        else f"SELECT DISTINCT household_id, {unit} AS cohort FROM bought"
    )
    rows = duckdb.sql(
        f"""WITH bought AS (SELECT DISTINCT household_id, date_trunc('{unit}', transaction_timestamp) AS {unit}
                FROM '{PURCHASES}'),
            started AS ({started}),
            sizes AS (SELECT cohort, count(*) AS started FROM started GROUP BY cohort)
        SELECT strftime(cohort, '{"%G-W%V" if unit == "week" else "%Y-%m"}') AS cohort,
            datediff('{unit}', cohort, {unit}) AS k, any_value(sizes.started), count(*)
        FROM started JOIN sizes USING (cohort) JOIN bought USING (household_id)
        WHERE {unit} > cohort GROUP BY ALL"""
    ).fetchall()
    truth = {(cohort, str(k)): (size, number) for cohort, k, size, number in rows if k <= 60}
    answer = households.ask("retention", start="bought", every=unit, periods=60, cohorts=cohorts)
    seen = 0
    for row in answer.extra("cohorts").to_pylist():
        if row["period"] == "0" or row["observable"] < row["started"]:
            continue
        size, number = truth.get((row["cohort"], row["period"]), (row["started"], 0))
        assert (row["started"], row["returned"]) == (size, number), row
        seen += 1
    assert seen > (60 if unit == "month" else 800)
