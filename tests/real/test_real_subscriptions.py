"""Movements of revenue over 5,000 subscriptions of 500 accounts, against SQL over the files."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from real_data import DATA, expected, needs_data

import desirepath
from desirepath import Workspace

pytestmark = needs_data

FILE = DATA / "ravenstack_saas" / "subscriptions.parquet"
MAPPING = """
source: billing
time_zone: UTC
identities: {account: account}
properties: [subscription, mrr, plan]
events:
  - {name: "{event}", at: at}
"""
ASKED = {"starts": "subscribed", "changes": None, "ends": "cancelled", "key": "subscription"}


@pytest.fixture(scope="module")
def saas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A start and perhaps an end of each subscription; an end on the day of the start comes after it."""
    folder = tmp_path_factory.mktemp("saas")
    duckdb.sql(
        f"""SELECT account_id AS account, 'subscribed' AS event, start_date AS at, subscription_id AS subscription,
            mrr_amount AS mrr, plan_tier AS plan FROM '{FILE}'
        UNION ALL SELECT account_id, 'cancelled', end_date + INTERVAL 1 HOUR, subscription_id, mrr_amount, plan_tier
            FROM '{FILE}' WHERE end_date IS NOT NULL"""
    ).write_parquet(str(folder / "events.parquet"))
    (folder / "events.yaml").write_text(MAPPING)
    with desirepath.create(folder / "workspace", time_zone="UTC") as ws:
        ws.import_files([folder / "events.parquet"], folder / "events.yaml")
        yield ws


def truth(month: str) -> tuple[int, int, int, int, int, int, int]:
    """Revenue when a month begins and ends, that of the same accounts at its end, what is kept, and customers."""
    begin = f"TIMESTAMP '{month}-01'"
    (found,) = duckdb.sql(
        f"""WITH accounts AS (SELECT account_id,
            coalesce(sum(mrr_amount) FILTER (start_date < {begin} AND coalesce(end_date >= {begin}, true)), 0) AS a,
            coalesce(sum(mrr_amount) FILTER (start_date < {begin} + INTERVAL 1 MONTH
                AND coalesce(end_date >= {begin} + INTERVAL 1 MONTH, true)), 0) AS b
            FROM '{FILE}' GROUP BY account_id)
        SELECT sum(a), sum(b), sum(b) FILTER (a > 0), sum(least(a, b)), count(*) FILTER (a > 0),
            count(*) FILTER (b > 0), count(*) FILTER (a > 0 AND b = 0) FROM accounts"""
    ).fetchall()
    return tuple(int(value or 0) for value in found)  # type: ignore[return-value]


def test_every_month_equals_sql_and_adds_up(saas: Workspace) -> None:
    known = expected("ravenstack_saas")
    rows = saas.ask("subscriptions", **ASKED).table.to_pylist()
    assert len(rows) == 24
    before = 0
    for row in rows:
        start, end, net, kept, paying, left, lost = truth(row["bucket"])
        assert (row["mrr_start"], row["mrr_end"]) == (start, end)
        assert (row["customers_start"], row["customers_end"], row["customers_churn"]) == (paying, left, lost)
        up = row["mrr_start"] + row["mrr_new"] + row["mrr_reactivation"] + row["mrr_expansion"]
        assert up - row["mrr_contraction"] - row["mrr_churn"] == row["mrr_end"]
        assert row["mrr_start"] == before
        before = row["mrr_end"]
        if row["over"] and start:
            assert row["of_mrr_net"] == pytest.approx(net / start)
            assert row["of_mrr_kept"] == pytest.approx(kept / start)
            assert row["of_customers_lost"] == pytest.approx(lost / paying)
    ((ended,),) = duckdb.sql(f"SELECT sum(mrr_amount) FROM '{FILE}' WHERE end_date IS NOT NULL").fetchall()
    assert before == known["mrr_sum"] - ended


def test_every_number_leads_to_its_accounts(saas: Workspace) -> None:
    answer = saas.ask("subscriptions", **ASKED, every="quarter")
    for row in answer.table.to_pylist():
        for movement in ("start", "new", "reactivation", "expansion", "contraction", "churn", "end", "passing"):
            people = answer.people(bucket=row["bucket"], movement=movement).num_rows
            assert people == row[f"customers_{movement}"]


def test_a_key_that_is_left_out_is_told(saas: Workspace) -> None:
    answer = saas.ask("subscriptions", **{**ASKED, "key": None})
    notices = {notice.code: notice.text for notice in answer.warnings}
    assert "name what tells them apart in `key`" in notices["started_again"]
    assert "before_start" in notices
    assert "before_start" not in {notice.code for notice in saas.ask("subscriptions", **ASKED).warnings}
