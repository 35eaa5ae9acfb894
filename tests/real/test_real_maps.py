"""Journey maps on real logs: known variants, a planted incident, and late deliveries; SQL says what is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from real_data import DATA, MAPPINGS, expected, needs_data, opened

import desirepath

pytestmark = needs_data

SHOP: dict[str, Any] = {
    "map": "shop",
    "starts": ["home", "catalog", "search", "product_view", "promo_page", "cart"],
    "goal": "purchase",
    "gives_up_after": "2 hours",
    "stages": [
        {
            "stage": "Browse",
            "steps": [
                {"one_of": ["home", "catalog", "search", "filter_results", "product_view"], "repeats": True},
                {"touchpoint": "support_chat", "contact": "human", "expected": False},
                {"touchpoint": "error_page", "failure": True, "expected": False},
            ],
        },
        {"stage": "Cart", "steps": [{"touchpoint": "add_to_cart", "repeats": True}, "cart"]},
        {"stage": "Checkout", "owner": "Payments", "steps": ["shipping_details", "payment_details", "purchase"]},
    ],
}
TROUBLE = [{"touchpoint": "payment_error", "failure": True, "expected": False}]


@pytest.mark.parametrize(("name", "most"), [("receipt_log", 27), ("helpdesk_log", 14)])
def test_a_map_is_drawn_of_a_real_log(tmp_path: Path, name: str, most: int) -> None:
    known = expected(name)
    with opened(tmp_path, name, f"{name}/events.parquet") as ws:
        drawn = ws.ask("discover", least=0.05)
        assert f"of {known['variants_stable_ts_sort']} variants" in drawn.words[0]
        assert drawn.extras["levels"]["touchpoints"][-1] == most == known["activities"]
        assert drawn.extras["levels"]["of_events"][-1] == 1
        frequent = dict(zip(drawn.columns["touchpoint"], drawn.columns["events"], strict=True))
        assert {each: frequent[each] for each in frequent if each in known["top_activities"]}.items() <= (
            known["top_activities"].items()
        )
        (definition,) = drawn.extras["definition"]["definition"]
        fit = ws.ask("conformance", map=definition, most=10_000)
        size = fit.extras["fitness"]["instances"][-1]
        assert (
            sum(fit.extras["variants"]["instances"]) == size == ws.ask("journey_map", map=definition).people().num_rows
        )
        weighted = zip(fit.extras["variants"]["fitness"], fit.extras["variants"]["instances"], strict=True)
        mean = sum(fitness * n for fitness, n in weighted) / size
        assert fit.extras["fitness"]["fitness"][-1] == pytest.approx(mean, abs=1e-5)
        assert mean > 0.9


@pytest.mark.parametrize("has_errors", [True, False])
def test_the_payment_incident_is_the_top_friction_of_its_time(tmp_path: Path, has_errors: bool) -> None:
    shop = SHOP
    if has_errors:
        *first, last = SHOP["stages"]
        shop = {**SHOP, "stages": [*first, {**last, "steps": [*last["steps"][:2], *TROUBLE, *last["steps"][2:]]}]}
    with opened(tmp_path, "clicks_ecom_planted", "clicks_ecom_planted/events.parquet") as ws:
        answer = ws.ask("friction", map=shop, period="2024-05-19..2024-06-08")
        top = answer.table.to_pylist()[0]
        assert (top["stage"], top["owner"], top["clear"]) == ("Checkout", "Payments", True)
        assert (top["kind"], top["at"]) == (
            ("failure", "payment_error") if has_errors else ("drop-off", "payment_details")
        )
        calm = ws.ask("friction", map=shop, period="2024-04-01..2024-05-01").table.to_pylist()
        assert (calm[0]["kind"], calm[0]["at"]) != (top["kind"], top["at"])
        known = expected("clicks_ecom_planted")["payment_to_purchase_session_cr"]
        periods = ("2024-01-01..2024-05-19", "2024-05-19..2024-06-08", "2024-06-08..2024-07-01")
        for period, (number, rate) in zip(periods, known.values(), strict=True):
            steps = {"steps": ["payment_details", "purchase"], "order": "any", "window": "1 day"}
            first, last = ws.ask("funnel", period=period, unit="session", **steps).columns["reached"]
            assert (first, last / first) == (number, pytest.approx(rate, abs=1e-4))


def test_late_orders_and_what_they_say(tmp_path: Path) -> None:
    """The promise is a moment of its own, so that being late is a rule: delivered after it."""
    known = expected("olist_A")
    mapping = (MAPPINGS / "olist.yaml").read_text()
    promise = "      - {name: promised until, at: order_estimated_delivery_date}\n"
    split = mapping.index("      - name: delivered\n")
    (tmp_path / "olist.yaml").write_text(mapping[:split] + promise + mapping[split:])
    with desirepath.create(tmp_path / "olist", time_zone="America/Sao_Paulo") as ws:
        ws.import_files([DATA / "olist_A"], tmp_path / "olist.yaml")
        asked = {
            "map": "order",
            "entity": "order",
            "starts": "purchase",
            "goal": "delivered",
            "gives_up_after": "365 days",
            "watch_after": "365 days",
            "stages": [
                {"stage": "Order", "steps": ["purchase", {"touchpoint": "order approved", "optional": True}]},
                {"stage": "Way", "steps": ["handed to carrier", "delivered"]},
                {"stage": "After", "steps": [{"touchpoint": "review", "optional": True}]},
            ],
            "feedback": [{"event": "review", "score": "score", "scale": "stars", "about": "delivered"}],
            "rules": [{"after": "promised until", "never": "delivered", "name": "delivered as promised"}],
        }
        answer = ws.ask("conformance", map=asked)
        rows = {(row["kind"], row["at"]): row for row in answer.table.to_pylist()}
        late = rows["rule broken", "delivered as promised"]
        assert answer.people(kind="rule broken", at="delivered as promised").num_rows == late["instances"]
        truth = duckdb.sql(
            f"""SELECT count(*) FROM '{DATA}/olist_A/orders.parquet'
            WHERE order_delivered_customer_date > order_estimated_delivery_date"""
        ).fetchall()
        assert late["instances"] == truth[0][0]
        assert late["score"] == pytest.approx(known["mean_score_late"], abs=0.02)
        # of orders whose year was over when the data ends, which are fewer
        assert late["score_difference"] < -1.5 and late["score_difference_high"] < -1.4
