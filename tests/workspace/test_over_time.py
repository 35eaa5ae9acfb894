"""A question over time says of each bucket what it says when asked of that bucket alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_workspaces import add, made

from desirepath import Workspace
from desirepath.errors import InputError, UnknownNameError

# In the zone of these workspaces clocks go forward on 26 March 2023: that day has 23 hours.
STORY = """
ann  visit  2023-03-06T10:00:00Z  channel=web
ann  order  2023-03-07T10:10:00Z  channel=web
bob  visit  2023-03-07T11:00:00Z  channel=app
bob  visit  2023-03-14T11:00:00Z  channel=app
bob  order  2023-03-14T12:00:00Z  channel=web
cat  visit  2023-03-26T00:30:00Z  channel=app
cat  order  2023-03-26T21:30:00Z  channel=app
dan  visit  2023-03-28T09:00:00Z  channel=web
eve  visit  2023-04-05T09:00:00Z  channel=web
"""
FUNNEL = {"steps": ["visit", "order"], "window": "3 days"}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with made(tmp_path_factory.mktemp("over"), STORY, time_zone="Europe/Paris", late=False) as found:
        yield found


@pytest.mark.parametrize("over", ["day", "week", "month", "year"])
def test_each_bucket_is_asked_by_itself(ws: Workspace, over: str) -> None:
    answer = ws.ask("funnel", **FUNNEL, over=over)
    rows = answer.table.to_pylist()
    for bucket in dict.fromkeys(answer.columns["bucket"]):
        alone = ws.ask("funnel", **FUNNEL, period=bucket).table.to_pylist()
        told = [
            {k: v for k, v in row.items() if k not in ("bucket", "state")} for row in rows if row["bucket"] == bucket
        ]
        assert told == alone


def test_what_is_whole_and_what_is_not(ws: Workspace) -> None:
    answer = ws.ask("funnel", **FUNNEL, over="week")
    states = dict(zip(answer.columns["bucket"], answer.columns["state"], strict=True))
    # the data begins within the first week and ends within the last; in the one before windows end on
    # Thursday
    assert states == {
        "2023-W10": "part",
        "2023-W11": "whole",
        "2023-W12": "whole",
        "2023-W13": "open",
        "2023-W14": "part",
    }
    assert {notice.code for notice in answer.warnings} >= {"part_buckets", "open_buckets"}
    assert answer.words == ["5 weeks from 2023-W10 to 2023-W14; 2 of them are whole, with all their windows over."]


def test_a_period_that_cuts_a_bucket(ws: Workspace) -> None:
    answer = ws.ask("funnel", **FUNNEL, over="week", period="2023-03-14..2023-03-27")
    states = dict(zip(answer.columns["bucket"], answer.columns["state"], strict=True))
    assert states == {"2023-W11": "part", "2023-W12": "whole"}


def test_every_line_leads_to_its_people(ws: Workspace) -> None:
    answer = ws.ask("funnel", **FUNNEL, over="week")
    for row in answer.table.to_pylist():
        behind = answer.people(bucket=row["bucket"], step=row["step"], outcome="reached")
        assert behind.num_rows == row["reached"]
    answer.save("came in week 11", bucket="2023-W11", step=1, outcome="reached")
    assert ws.segment_size("came in week 11") == 1


def test_with_breakdown_and_comparison(ws: Workspace) -> None:
    split = ws.ask("funnel", **FUNNEL, over="month", breakdown="channel")
    assert set(split.columns["group"]) == {"(everyone)", "app", "web"}
    assert "2023-03" in split.extra("differences").column("bucket").to_pylist()
    beside = ws.ask("funnel", **FUNNEL, over="month", compare={"cohort": "channel = 'app'"})
    assert set(beside.columns["group"]) == {"this", "other"}


def test_nothing_in_the_period(ws: Workspace) -> None:
    answer = ws.ask("funnel", **FUNNEL, over="week", period="2020")
    assert answer.table.num_rows == 0
    assert answer.words == ["The data has no week in this period."]


def test_what_makes_no_sense_is_refused(ws: Workspace) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'week'"):
        ws.ask("funnel", **FUNNEL, over="weeks")
    with pytest.raises(InputError, match="side by side"):
        ws.ask("funnel", **FUNNEL, over="week", compare={"period": "2022"})
    answer = ws.ask("funnel", **FUNNEL, over="week")
    with pytest.raises(InputError, match="which bucket"):
        answer.people(step=1)
    with pytest.raises(UnknownNameError, match="2023-W99"):
        answer.people(bucket="2023-W99", step=1)


def test_newer_data_between_buckets_is_in_all_that_are_counted_after_it(tmp_path: Path) -> None:
    with made(tmp_path, STORY, time_zone="Europe/Paris", late=False) as ws:
        new = [{"id": f"n{n}", "user": f"n{n}", "event": "visit", "at": "2023-04-05T10:00:00Z"} for n in range(7)]
        told: list[str] = []

        def progress(stage: str, done: int, total: int | None) -> None:
            if stage == "weeks" and done == 2 and not told:
                told.append(stage)
                add(ws, new, name="more")

        answer = ws.ask("funnel", **FUNNEL, over="week", progress=progress)
        assert told
        last = {row["bucket"]: row["reached"] for row in answer.table.to_pylist() if row["step"] == 1}["2023-W14"]
        alone = ws.ask("funnel", **FUNNEL, period="2023-W14").columns["reached"][0]
        ws.asking.remembered.forget()
        assert last == alone == ws.ask("funnel", **FUNNEL, period="2023-W14").columns["reached"][0] == 8


def test_people_of_a_bucket_that_has_become_another_are_refused(tmp_path: Path) -> None:
    with made(tmp_path, STORY, time_zone="Europe/Paris", late=False) as ws:
        answer = ws.ask("funnel", **FUNNEL, over="day")
        assert answer.people(bucket="2023-03-07", step=1).num_rows == 1
        add(ws, [{"id": "900", "user": "fay", "event": "visit", "at": "2023-03-07T12:00:00Z"}], name="later")
        with pytest.raises(InputError, match="has changed since"):
            answer.people(bucket="2023-03-07", step=1)
        # what newer data did not touch is still led to
        assert answer.people(bucket="2023-03-06", step=1).num_rows == 1


def test_answers_over_time_are_not_compared_whole(ws: Workspace) -> None:
    plain, over = ws.ask("funnel", **FUNNEL), ws.ask("funnel", **FUNNEL, over="week")
    for one, other in ((plain, over), (over, plain)):
        with pytest.raises(InputError, match="without `over`"):
            one.compare(other)
