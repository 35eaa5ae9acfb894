"""A metric is a question's number: the same as asked by hand, with its interval, target and people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import made

from desirepath import Workspace
from desirepath.errors import InputError, MetricError, UnknownNameError
from desirepath.metric_checks import check
from desirepath.metrics.form import Alert
from desirepath.metrics.reading import Reading, alarms, standing
from desirepath.metrics.shelf import house

STORY = """
ann  visit    2023-03-06T10:00:00Z  channel=web
ann  order    2023-03-07T10:10:00Z  channel=web  amount=60
bob  visit    2023-03-07T11:00:00Z  channel=app
bob  visit    2023-03-14T11:00:00Z  channel=app
bob  order    2023-03-14T12:00:00Z  channel=web  amount=20
cat  visit    2023-03-26T00:30:00Z  channel=app
dan  visit    2023-03-28T09:00:00Z  channel=web
rel  release  2023-03-15T08:00:00Z  note=2.0
"""
METRICS = """
words:
  bought: order
metrics:
  - metric: conversion of visitors
    group: revenue
    says: The share of visitors who order within three days.
    question: funnel
    fields: {steps: [visit, $bought], window: 3 days}
    number: {column: of_entered, pick: last}
    denominator: visitors
    form: share
    better: higher
    target: 0.95
    people: {step: 2, outcome: reached}
  - metric: drop-off of visitors
    group: friction
    says: The share of visitors who do not.
    question: funnel
    fields: {steps: [visit, $bought], window: 3 days}
    number: {column: of_entered, row: {step: 2}, complement: true}
    denominator: visitors
    form: share
    better: lower
    people: {step: 1, outcome: dropped}
  - metric: spent online
    group: revenue
    says: What each person spends.
    question: measure
    fields: {event: "$bought and channel = 'web'", value: value}
    number: {column: total_each, n: people}
    of: {filter: "name != 'release'"}
    denominator: people
    form: money
"""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with made(tmp_path_factory.mktemp("metrics"), STORY) as found:
        (found.root / "metrics").mkdir(exist_ok=True)
        (found.root / "metrics" / "shop.yaml").write_text(METRICS)
        yield found


def test_the_number_is_the_questions(ws: Workspace) -> None:
    asked = ws.ask("funnel", steps=["visit", "order"], window="3 days")
    answer = ws.metric("conversion of visitors")
    row = answer.table.to_pylist()[0]
    last = asked.table.to_pylist()[-1]
    assert {name: row[name] for name in row if name != "stands"} == {
        name: last[name] for name in ("of_entered", "of_entered_low", "of_entered_high")
    }
    assert answer.extra("behind").to_pylist() == asked.table.to_pylist()
    assert answer.question["asked"] == asked.question
    assert sorted(answer.people().column("person").to_pylist()) == ["user_id:ann", "user_id:bob"]


def test_what_is_left_of_the_whole(ws: Workspace) -> None:
    one, two = (ws.metric(name).table.to_pylist()[0] for name in ("conversion of visitors", "drop-off-of-visitors"))
    assert one["of_entered"] + two["of_entered"] == pytest.approx(1)
    assert one["of_entered_low"] + two["of_entered_high"] == pytest.approx(1)
    assert sorted(ws.metric("drop-off of visitors").people().column("person").to_pylist()) == [
        "user_id:cat",
        "user_id:dan",
    ]


def test_words_stand_for_events_in_filters_too(ws: Workspace) -> None:
    row = ws.metric("spent online").table.to_pylist()[0]
    assert (row["total_each"], row["n"]) == (pytest.approx(80 / 5), 5)  # with whoever acts much later
    only = ws.metric("spent online", filter="channel = 'app'")
    assert only.table.to_pylist()[0]["total_each"] == 0
    assert only.asked_of["filter"] == "name != 'release' and channel = 'app'"


def test_over_time_with_what_happened(ws: Workspace) -> None:
    (ws.root / "workspace.toml").write_text(
        (ws.root / "workspace.toml").read_text() + "annotations = \"name = 'release'\"\n"
    )
    with Workspace(ws.root) as again:
        answer = again.metric("conversion of visitors", over="week", period="2023-03")
    told = dict(zip(answer.columns["bucket"], answer.columns["of_entered"], strict=True))
    assert told == {"2023-W10": 0.5, "2023-W11": 1.0, "2023-W12": 0.0, "2023-W13": 0.0}
    assert answer.extras["annotations"]["note"] == ["2.0"]
    assert answer.extras["annotations"]["bucket"] == ["2023-W11"]
    layers = answer.charts[0]["layer"]
    assert layers[-1]["data"]["values"] == [{"bucket": "2023-W11", "note": "2.0"}]
    assert answer.people(bucket="2023-W11").column("person").to_pylist() == ["user_id:bob"]


def test_by_channel(ws: Workspace) -> None:
    answer = ws.metric("conversion of visitors", breakdown="channel")
    told = dict(zip(answer.columns["group"], answer.columns["of_entered"], strict=True))
    assert told == {"(everyone)": 0.5, "app": 0.5, "web": 0.5}
    assert answer.people(group="web").num_rows == 1


def test_every_metric_in_one_table(ws: Workspace) -> None:
    answer = ws.metrics.everything(group="revenue")
    rows = {row["metric"]: row for row in answer.table.to_pylist()}
    assert rows["conversion of visitors"]["stands"] == "missed"
    assert rows["conversion of visitors"]["number"] == 0.5
    assert rows["spent online"]["value"].startswith("16.00")
    with pytest.raises(InputError, match="no group"):
        ws.metrics.everything(group="fun")


@pytest.mark.parametrize(
    ("reading", "better", "stands"),
    [
        (Reading({}, 0.5, 0.4, 0.6), "higher", "undecided"),
        (Reading({}, 0.5, 0.45, 0.6), "higher", "met"),
        (Reading({}, 0.3, 0.2, 0.44), "higher", "missed"),
        (Reading({}, 0.3, 0.2, 0.45), "lower", "met"),
        (Reading({}, 0.5, 0.46, 0.6), "lower", "missed"),
        (Reading({}, 0.5), "higher", "undecided"),
        (Reading({}, 0.5, plain=True), "higher", "met"),
        (Reading({}, None), "higher", None),
    ],
)
def test_how_a_number_stands_to_a_target_of_45(reading: Reading, better: str, stands: str | None) -> None:
    assert standing(reading, 0.45, better) == stands


def test_an_alert_needs_the_whole_interval() -> None:
    alert = Alert(below=0.2, above=0.8)
    assert alarms(Reading({}, 0.1, 0.05, 0.19), alert)
    assert not alarms(Reading({}, 0.1, 0.05, 0.21), alert)
    assert alarms(Reading({}, 0.9, 0.85, 0.95), alert)
    assert not alarms(Reading({}, 0.9), alert)
    assert not alarms(Reading({}, 0.1, 0.05, 0.19), None)


def broken(folder: Path, text: str) -> Any:
    with made(folder, STORY) as ws:
        (ws.root / "metrics" / "own.yaml").write_text(text)
        return ws.metrics.defined()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics:\n  - metrik: x", "line 2, column 5: there is no key called 'metrik'.*Did you mean 'metric'"),
        ("metrics:\n  - metric: x\n    group: fun", "line 3, column 12: group: 'fun' is none of its values"),
        ("words: {Order: x}", "'Order' is no word"),
        ("metrics: 5", "metrics: expected a list"),
        ("- 1", "pairs"),
        ("words: {a: b}\nwords: {a: c}", "twice"),
    ],
)
def test_what_a_file_gets_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MetricError, match=said):
        broken(tmp_path, text)


def test_what_does_not_fit_is_said(ws: Workspace) -> None:
    path = ws.root / "metrics" / "more.yaml"
    head = "{group: revenue, says: x, denominator: people, "
    path.write_text(
        "metrics:\n"
        f"  - {head}metric: no word, question: measure, fields: {{event: $boought}}, number: {{column: did}}}}\n"
        f"  - {head}metric: no column, question: measure, number: {{column: done}}}}\n"
        f"  - {head}metric: no row, question: funnel, fields: {{steps: [visit, order], window: 1 day}}, "
        "number: {column: reached}}\n"
        f"  - {head}metric: no field, question: measure, fields: {{evnt: order}}, number: {{column: did}}}}\n"
    )
    try:
        with pytest.raises(MetricError, match=r"no word \$boought.*Did you mean 'bought'"):
            ws.metric("no word")
        with pytest.raises(MetricError, match="no column 'done'"):
            ws.metric("no column")
        with pytest.raises(MetricError, match="2 rows of the table fit"):
            ws.metric("no row")
        wrong = dict(check(ws.metrics.defined()))
        assert set(wrong) >= {"no field", "no word"}
        assert "evnt" in wrong["no field"]
        lacking = {row["metric"]: row["lacks"] for row in ws.metrics.everything(group="revenue").table.to_pylist()}
        assert lacking["no column"].startswith("metric: The table has no column")
    finally:
        path.unlink()
    with pytest.raises(UnknownNameError, match="Did you mean 'conversion of visitors'"):
        ws.metric("conversion of visitor")
    with pytest.raises(InputError, match="cannot be asked with 'unit'"):
        ws.metric("spent online", unit="session")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("every: evry", "Did you mean 'every'"),
        ("of: {unit: persn}", "Did you mean 'person'"),
        ("alert: {}", "needs a threshold"),
        ("better: higher, target: .nan", "target is no number"),
        ("better: higher, target: 40", "40 % is written 0.4"),
        ("target: 0.4", "which way is better"),
    ],
)
def test_what_would_never_be_asked_or_judged_is_said(ws: Workspace, change: str, said: str) -> None:
    path = ws.root / "metrics" / "odd.yaml"
    path.write_text(
        "metrics:\n  - {group: revenue, says: x, denominator: people, metric: odd, question: subscriptions,"
        f" form: share, number: {{column: of_mrr_net}}, {change}}}\n"
    )
    try:
        assert any(name == "odd" and said in text for name, text in check(ws.metrics.defined()))
    finally:
        path.unlink()


def test_names_that_lead_elsewhere_are_said(ws: Workspace) -> None:
    path = ws.root / "metrics" / "odd.yaml"
    head = "{group: revenue, says: costs $value of it, denominator: people, question: measure, number: {column: did}, "
    path.write_text(f"words: {{ordr: x}}\nmetrics:\n  - {head}metric: NPS}}\n  - {head}metric: outcome}}\n")
    try:
        known = ws.metrics.defined()
        wrong = dict(check(known))
        assert {"ordr", "outcome"} <= wrong.keys()
        assert wrong.keys() & {"nps", "NPS"}
        assert known.wanting(known.metrics["outcome"]) == []  # what a sentence says is no word
        assert known.filled("name = 'big $order x' and $bought") == "name = 'big $order x' and (name = 'order')"
    finally:
        path.unlink()


def test_what_no_event_fits_is_told(ws: Workspace) -> None:
    row = next(r for r in ws.metrics.everything().table.to_pylist() if r["metric"] == "sales cycle")
    assert row["lacks"] == "no event fits $lead, $won, $lost"


def test_buckets_of_the_question_itself_say_which_are_whole(ws: Workspace) -> None:
    path = ws.root / "metrics" / "trend.yaml"
    path.write_text(
        "metrics:\n  - {group: loyalty, says: x, denominator: people, metric: visits per 100, question: ticket_trends,"
        " fields: {tickets: visit}, number: {column: per_100_active, row: {over: true}, pick: last}, every: every}\n"
    )
    try:
        answer = ws.metric("visits per 100", over="week", period="2023-03-09..2023-03-27")
        states = dict(zip(answer.columns["bucket"], answer.columns["state"], strict=True))
        assert states == {"2023-W10": "part", "2023-W11": "whole", "2023-W12": "whole"}
        assert (
            "2023" in ws.metric("visits per 100", over="year").columns["bucket"]
        )  # tickets have no years of their own
        with pytest.raises(UnknownNameError, match="Did you mean 'week'"):
            ws.metric("visits per 100", over="weeks")
    finally:
        path.unlink()


def test_the_catalog_of_the_house_makes_sense() -> None:
    known = house()
    told = {name: meaning or "event" for name, meaning in known.words.items()}
    filled = type(known)(told, known.metrics, known.outcomes)
    assert check(filled) == []
    assert len(known.metrics) >= 20
