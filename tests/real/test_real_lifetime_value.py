"""What 23,570 customers of a shop brought in equals SQL; a tenth of them gives the published models and hold-out."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from real_data import DATA, expected, needs_data

import desirepath
from desirepath import Answer
from desirepath.statistics.buying import Buyers, fit_bg_nbd
from desirepath.statistics.buying_money import Spenders, fit_gamma_gamma
from desirepath.statistics.buying_pareto import fit_pareto_nbd

pytestmark = needs_data

FILES = DATA / "cdnow"
HELD_DAYS = 273
"""From the end of September 1997 to the end of June 1998: 39 weeks."""


def asked(tmp_path: Path, name: str, **fields: Any) -> Answer:
    """Ask of a workspace in which each row of the file is an order."""
    mapping = {
        "source": "cdnow",
        "time_zone": "UTC",
        "identities": {"customer_id": "customer_id"},
        "sequence": "$record",
        "events": [{"name": "order", "at": "date", "value": "amount"}],
    }
    (tmp_path / "cdnow.yaml").write_text(json.dumps(mapping))
    with desirepath.create(tmp_path / name, time_zone="UTC") as ws:
        result = ws.import_files([FILES / f"{name}.parquet"], tmp_path / "cdnow.yaml")
        assert (result.quarantined, result.duplicate) == (0, 0), result
        return ws.ask("lifetime_value", purchase="order", **fields)


def test_the_published_models(tmp_path: Path) -> None:
    table = pq.read_table(FILES / "summary_rfm_gg.parquet").to_pydict()
    x, mean = np.array(table["x"]), np.array(table["zbar"])
    buyers = Buyers.of(x, table["t_x"], table["T"])
    model, fit = fit_bg_nbd(buyers)
    known = expected("cdnow")
    assert model.values == pytest.approx([known["bgnbd"][name] for name in ("r", "alpha", "a", "b")], abs=1e-3)
    assert fit.log_likelihood == pytest.approx(-9582.4292, abs=0.01)
    assert float(model.alive(2, 30.43, 38.86)) == pytest.approx(0.72662, abs=1e-4)
    assert float(model.expected(39, 2, 30.43, 38.86)) == pytest.approx(1.22599, abs=2e-4)
    assert model.expected(39, buyers.x, buyers.t_x, buyers.T).sum() == pytest.approx(1653.4, abs=0.5)
    pareto, fit = fit_pareto_nbd(buyers)
    assert pareto.values == pytest.approx((0.55328, 10.5777, 0.60624, 11.6686), rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-9594.976, abs=0.01)
    amounts, fit = fit_gamma_gamma(Spenders.of(x[x > 0], (x * mean)[x > 0]))
    assert amounts.values == pytest.approx([known["gammagamma"][name] for name in "pqv"], abs=1e-3)
    assert (fit.n, amounts.mean) == (946, pytest.approx(35.171, abs=1e-3))
    assert Spenders.of(x[x > 0], (x * mean)[x > 0]).correlation() == pytest.approx(0.114, abs=1e-3)


def test_a_tenth_of_the_customers_in_days(tmp_path: Path) -> None:
    """The same customers, asked through a workspace: days for weeks, so that alpha is seven times as large."""
    answer = asked(tmp_path, "sample", holdout=f"{HELD_DAYS} days", every="quarter")
    held = answer.extra("holdout").to_pylist()
    assert held[-1]["people"] == expected("cdnow")["sample_customers"]
    assert held[-1]["expected"] == pytest.approx(1653.4, rel=0.01)
    assert held[-1]["actual"] == 1882
    assert held[0]["people"] == expected("cdnow")["no_repeat_in_39w"]
    assert held[-1]["of_actual_off"] == pytest.approx(-0.12, abs=0.01)
    checks = dict(zip(answer.extras["checks"]["what"], answer.extras["checks"]["value"], strict=True))
    assert 0 < checks["correlation of how often and how much"] < 0.3


def test_what_everybody_brought_in_equals_sql(tmp_path: Path) -> None:
    answer = asked(tmp_path, "master", ages=["30 days", "180 days", "365 days"])
    known, last = expected("cdnow"), answer.table.to_pylist()[-1]
    assert (last["people"], round(last["brought_in"], 2)) == (known["customers"], known["amount"])
    rows = duckdb.sql(
        f"""
        WITH days AS (
            SELECT customer_id, date, sum(amount) AS amount FROM '{FILES / "master.parquet"}' GROUP BY ALL
        ), firsts AS (SELECT customer_id, min(date) AS first FROM days GROUP BY 1)
        SELECT strftime(first, '%Y-%m') AS cohort, count(DISTINCT customer_id), sum(amount),
               count(DISTINCT customer_id) FILTER (date > first),
               sum(amount) FILTER (date_diff('day', first, date) <= 30),
               sum(amount) FILTER (date_diff('day', first, date) <= 180),
               sum(amount) FILTER (date_diff('day', first, date) <= 365)
        FROM days JOIN firsts USING (customer_id) GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    for told, (cohort, people, whole, again, *by_age) in zip(answer.table.to_pylist(), rows, strict=False):
        assert (told["cohort"], told["people"], told["repeaters"]) == (cohort, people, again)
        assert told["brought_in"] == pytest.approx(whole, abs=1e-3)
        ages = [told[f"by_{age}_days"] * people for age in (30, 180, 365)]
        assert ages == pytest.approx(by_age, abs=1e-2)
        assert told["to_come_low"] < told["to_come"] < told["to_come_high"]


def test_the_forecast_equals_a_fit_of_its_own(tmp_path: Path) -> None:
    """Summed up by hand from the file, customer by customer."""
    answer = asked(tmp_path, "master", holdout="none")
    table = pq.read_table(FILES / "master.parquet").to_pydict()
    days: dict[int, dict[dt.datetime, float]] = {}
    for who, date, amount in zip(table["customer_id"], table["date"], table["amount"], strict=True):
        mine = days.setdefault(who, {})
        mine[date] = mine.get(date, 0.0) + amount
    end = dt.datetime(1998, 6, 30)
    x = np.array([len(mine) - 1 for mine in days.values()])
    t_x = np.array([(max(mine) - min(mine)).days for mine in days.values()])
    seen = np.array([(end - min(mine)).days for mine in days.values()])
    model, fit = fit_bg_nbd(Buyers.of(x, t_x, seen))
    told = [row for row in answer.extra("model").to_pylist() if row["model"] == "BG/NBD"]
    assert [row["value"] for row in told] == pytest.approx(model.values, rel=1e-3)
    assert told[0]["log_likelihood"] == pytest.approx(fit.log_likelihood, abs=0.01)
    last = answer.table.to_pylist()[-1]
    assert last["purchases_to_come"] == pytest.approx(model.expected(365, x, t_x, seen).mean(), rel=1e-4)
    paid = [[amount for date, amount in mine.items() if date > min(mine) and amount > 0] for mine in days.values()]
    many, total = np.array([len(each) for each in paid]), np.array([sum(each) for each in paid])
    amounts, _ = fit_gamma_gamma(Spenders.of(many[many > 0], total[many > 0]))
    each = amounts.expected(many, total) * model.expected(365, x, t_x, seen)
    assert 0.9 * each.mean() < last["to_come"] < each.mean(), "discounted by a twentieth, about"
