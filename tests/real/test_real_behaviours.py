"""Behaviours on real files: known figures of drivers, a planted incident, and how soft a threshold is."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import numpy as np
import pytest
from real_data import DATA, needs_data, opened

from desirepath.statistics import benjamini_hochberg
from desirepath.statistics.adoption import best_level, table_at
from desirepath.statistics.twofold import Twofold

pytestmark = needs_data

CLICKS = DATA / "clicks_ecom_planted" / "events.parquet"
CUSTOMERS = DATA / "telco_churn" / "customers.parquet"
PLAYERS = DATA / "ab_cookie_cats" / "users.parquet"
ATTRIBUTES = (
    "gender", "senior_citizen", "partner", "dependents", "phone_service", "multiple_lines", "internet_service",
    "online_security", "online_backup", "device_protection", "tech_support", "streaming_tv", "streaming_movies",
    "contract", "paperless_billing", "payment_method",
)  # fmt: skip


def test_errors_at_the_payment_go_with_leaving(tmp_path: Path) -> None:
    """Sessions that come to the payment: an error in the first five minutes, against a purchase after them.

    One purchase has the moment of its payment page and stands before it in the file, so that it is none after it.
    """
    counted = duckdb.sql(
        f"""WITH begun AS (
                SELECT session_id, min(timestamp) AS paid FROM '{CLICKS}' WHERE event = 'payment_details' GROUP BY 1),
            found AS (SELECT session_id,
                bool_or(event = 'purchase' AND timestamp > paid AND timestamp <= paid + INTERVAL 5 MINUTE) AS early,
                bool_or(event = 'payment_error' AND timestamp BETWEEN paid AND paid + INTERVAL 5 MINUTE) AS failed,
                bool_or(event = 'purchase' AND timestamp > paid + INTERVAL 5 MINUTE) AS bought
                FROM '{CLICKS}' JOIN begun USING (session_id) GROUP BY 1)
        SELECT early, failed, bought, count(*) FROM found GROUP BY ALL"""
    ).fetchall()
    known = {tuple(row[:3]): row[3] for row in counted}
    with opened(tmp_path, "clicks_ecom_planted", "clicks_ecom_planted/events.parquet") as ws:
        fields = {
            "start": "payment_details",
            "goal": "purchase",
            "within": "5 minutes",
            "window": "1 day",
            "times": [1],
        }
        answer = ws.ask("behaviours", unit="session", **fields)
        rows = {row["behaviour"]: row for row in answer.table.to_pylist()}
        alone = ws.ask("behaviours", unit="session", only=["payment_error"], **fields).table.to_pylist()
    accounts = dict(zip(answer.extras["accounts"]["what"], answer.extras["accounts"]["people"], strict=True))
    assert accounts == {"converted": 172, "not converted": 368, "undecided": 0, "early": 92}
    error = rows["payment_error"]
    assert (
        (error["converted"], error["not_converted"]) == (known[False, True, True], known[False, True, False]) == (2, 21)
    )
    assert [(row["behaviour"], row["verdict"]) for row in alone] == [("payment_error", "associated")]
    assert error["of_more_high"] < 0
    assert error["risk_ratio"] == pytest.approx((2 / 23) / (170 / 517))
    assert not {"payment_details", "purchase"} & set(rows), "what defines start and goal is no behaviour"


def test_the_drivers_of_churn_are_those_that_are_known() -> None:
    """43 attributes of 7,043 customers: 38 go with churn; odds ratios as PostHog has them, one more in each cell."""
    tables, rows = {}, []
    for name in ATTRIBUTES:
        found = duckdb.sql(f"SELECT \"{name}\", churn_value, count(*) FROM '{CUSTOMERS}' GROUP BY ALL").fetchall()
        for value in sorted({row[0] for row in found}):
            a, b = (sum(n for v, churned, n in found if (v, churned) == (value, side)) for side in (1, 0))
            tables[name, value] = Twofold(a, b, 1_869 - a, 5_174 - b)
            rows.append((name, value))
    q_values = benjamini_hochberg([table.p_value() for table in tables.values()])
    assert (len(rows), sum(q is not None and q < 0.05 for q in q_values)) == (43, 38)
    known = {
        ("contract", "Month-to-month"): (10.248, 0.4051),
        ("online_security", "No"): (5.504, 0.3426),
        ("tech_support", "No"): (5.298, 0.3373),
        ("internet_service", "Fiber optic"): (4.249, 0.3080),
    }
    for row, (odds, phi) in known.items():
        table = tables[row]
        more = Twofold(table.a + 1, table.b + 1, table.c + 1, table.d + 1)
        assert (more.odds_ratio().value, table.phi) == (pytest.approx(odds, abs=1e-3), pytest.approx(phi, abs=5e-5))
    assert tables["contract", "Month-to-month"].lift == pytest.approx(1.609, abs=5e-4)


def test_shuffled_churn_has_no_drivers() -> None:
    columns = ", ".join(f'"{name}"' for name in ATTRIBUTES)
    people = duckdb.sql(f"SELECT churn_value, {columns} FROM '{CUSTOMERS}'").fetchall()
    churned, draw, alarms = [row[0] for row in people], random.Random(6), 0
    for _ in range(20):
        draw.shuffle(churned)
        p_values = []
        for k in range(1, len(ATTRIBUTES) + 1):
            for value in {row[k] for row in people}:
                here = [side for side, row in zip(churned, people, strict=True) if row[k] == value]
                a, b = sum(here), len(here) - sum(here)
                p_values.append(Twofold(a, b, 1_869 - a, 5_174 - b).p_value())
        alarms += any(q is not None and q < 0.05 for q in benjamini_hochberg(p_values))
    assert alarms <= 3


def test_the_threshold_of_a_game_is_soft() -> None:
    """Rounds that go with coming back: the strongest correlation is at 70, and 60 is as good within its error."""
    rounds, back = duckdb.sql(f"SELECT sum_gamerounds, retention_7::INT FROM '{PLAYERS}'").fetchnumpy().values()
    levels = np.searchsorted(np.arange(10, 160, 10), rounds, side="right")
    counts = np.zeros((16, 2), dtype=np.int64)
    np.add.at(counts, (levels, 1 - back), 1)
    correlation = {10 * level: table_at(counts, level).phi or 0 for level in range(1, 16)}
    best = max(correlation, key=lambda k: correlation[k])
    assert (best, round(correlation[70], 3)) == (70, 0.553)
    assert 10 * best_level(counts) == 60
    youden = {10 * level: table_at(counts, level).youden or 0 for level in range(1, 16)}
    assert max(youden, key=lambda k: youden[k]) == 40
    bits = {10 * level: table_at(counts, level).bits or 0 for level in range(1, 16)}
    assert max(bits, key=lambda k: bits[k]) == 50
