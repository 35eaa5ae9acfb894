"""Real files through the mappings beside this file, against known answers computed from these very files."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from real_data import DATA, MAPPINGS, expected, needs_data

from desirepath.connectors import Counts, archive_raw, guess, map_events, plan_import, preview, read_mapping
from desirepath.errors import MappingError
from desirepath.events.schema import EVENT_SCHEMA

pytestmark = needs_data


def imported(name: str, folder: Path, path: str) -> tuple[list[dict[str, Any]], Counts]:
    """Import a data set with its mapping."""
    plan = plan_import([DATA / path], read_mapping(MAPPINGS / f"{name}.yaml"))
    archive_raw(plan, folder / "archive", received_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), temp=folder)
    mapped = map_events(folder / "archive", temp=folder)
    events = pa.Table.from_batches(list(mapped.batches), EVENT_SCHEMA).to_pylist()
    assert mapped.counts.read == len(events) + mapped.counts.duplicates + mapped.quarantine.num_rows
    return events, mapped.counts


def test_olist_orders_payments_and_reviews(tmp_path: Path) -> None:
    known = expected("olist_A")
    events, counts = imported("olist", tmp_path, "olist_A")
    names = Counter(event["name"] for event in events)
    assert counts.rows == known["orders"] + sum(known["payment_types"].values()) + sum(known["review_scores"].values())
    assert names["purchase"] == known["orders"]
    assert {kind: names[f"payment {kind}"] for kind in known["payment_types"]} == known["payment_types"]
    assert sum(event["value"] or 0 for event in events) == pytest.approx(known["payment_value"], abs=0.01)
    assert len({event["identities"][0]["value"] for event in events}) == known["persons"]
    assert len({event["id"] for event in events}) == len(events)
    reviews = [json.loads(event["properties"]) for event in events if event["name"] == "review"]
    assert Counter(str(review["score"]) for review in reviews) == known["review_scores"]
    assert sum("text" in review for review in reviews) == known["reviews_with_text"]


def test_olist_late_deliveries_are_reviewed_worse(tmp_path: Path) -> None:
    known = expected("olist_A")
    events, _ = imported("olist", tmp_path, "olist_A")
    # The known answers take the first review of each order in the file.
    first: dict[str, dict[str, Any]] = {}
    for event in sorted((event for event in events if event["name"] == "review"), key=lambda event: event["record"]):
        first.setdefault(event["entity_id"], json.loads(event["properties"]))
    reviews = [review for review in first.values() if "late" in review]
    assert sum(review["late"] for review in reviews) / len(reviews) == pytest.approx(known["late_share"], abs=1e-6)
    for late, count, mean in (
        (True, "n_late", "mean_score_late"),
        (False, "n_on_time", "mean_score_on_time"),
    ):
        scores = [review["score"] for review in reviews if review["late"] is late]
        assert (len(scores), sum(scores) / len(scores)) == (
            known[count],
            pytest.approx(known[mean], abs=1e-6),
        )


@pytest.mark.parametrize("name", ["receipt_log", "helpdesk_log"])
def test_process_logs(tmp_path: Path, name: str) -> None:
    known = expected(name)
    events, _ = imported(name, tmp_path, f"{name}/events.parquet")
    assert len(events) == known["events"]
    assert {
        name: count
        for name, count in Counter(event["name"] for event in events).items()
        if name in known["top_activities"]
    } == known["top_activities"]
    cases: dict[str, list[dict[str, Any]]] = {}
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["sequence"], event["id"])):
        cases.setdefault(event["identities"][0]["value"], []).append(event)
    assert len(cases) == known["cases"]
    assert len({tuple(event["name"] for event in case) for case in cases.values()}) == known["variants_stable_ts_sort"]
    assert str(min(event["occurred_at"] for event in events)) == known["first_ts"]
    assert str(max(event["occurred_at"] for event in events)) == known["last_ts"]
    if "cases_by_channel" in known:
        assert Counter(case[0]["channel"] for case in cases.values()) == known["cases_by_channel"]


def test_clicks(tmp_path: Path) -> None:
    known = expected("clicks_ecom_planted")
    events, _ = imported("clicks_ecom_planted", tmp_path, "clicks_ecom_planted/events.parquet")
    assert Counter(event["name"] for event in events) == known["event_counts"]
    assert len({event["identities"][0]["value"] for event in events}) == known["users"]
    assert len({event["session"] for event in events}) == known["sessions"]


GUESSES = {
    "cdnow/master.parquet": ("date", "customer_id", "master"),
    "clicks_ecom_planted/events.parquet": ("timestamp", "user_id", "{event}"),
    "completejourney/transactions.parquet": ("transaction_timestamp", "household_id", "transactions"),
    "helpdesk_log/events.parquet": ("timestamp", "case_id", "{activity}"),
    "receipt_log/events.parquet": ("timestamp", "case_id", "{activity}"),
    "olist_A/orders.parquet": ("order_purchase_timestamp", "customer_id", "orders"),
    "olist_funnel/mql.parquet": ("first_contact_date", "mql_id", "mql"),
    "ravenstack_saas/support_tickets.parquet": ("submitted_at", "account_id", "support tickets"),
}


@pytest.mark.parametrize("path", GUESSES)
def test_guesses_on_real_files(path: str) -> None:
    found = guess([DATA / path])
    (table,) = found.mapping.tables
    (rule,) = table.events
    assert table.fields.identities is not None
    assert (rule.at.column, table.fields.identities[0][1], rule.name.text) == GUESSES[path]
    shown = preview(found.mapping, [DATA / path], 5, time_zone="UTC" if found.needs_time_zone else None)
    assert shown.events.num_rows == 5


@pytest.mark.parametrize(
    "path",
    ["telco_churn/customers.parquet", "vader_ground_truth/snippets.parquet", "ab_cookie_cats/users.parquet"],
)
def test_files_without_times_are_no_events(path: str) -> None:
    with pytest.raises(MappingError, match="No column tells a time"):
        guess([DATA / path])
