"""In which group is somebody, and when is something over? Stories in which a number was of others than it said."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import codes, made

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError

D = "2023-05-01T"


def by_group(answer: Answer, *columns: str) -> dict[str, list[Any]]:
    """Some columns of each group's rows."""
    found: dict[str, list[Any]] = {}
    for row in answer.table.to_pylist():
        found.setdefault(row["group"], []).append(tuple(row[column] for column in columns))
    return found


# ---- groups -------------------------------------------------------------------------------------------------


def test_stickiness_has_everybody_in_the_group_of_their_first_event(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        ann  v  {D}10:00:00Z            channel=web
        ann  v  2023-05-02T10:00:00Z    channel=app
        bob  v  2023-05-04T10:00:00Z    channel=app
        """,
        late=False,
    )
    plain, split = ws.ask("stickiness", of=[2]), ws.ask("stickiness", of=[2], breakdown="channel")
    here = plain.table.to_pylist()[1]
    assert (here["bucket"], here["active"], here["in_2"]) == ("2023-05-02", 1, 1)
    groups = by_group(split, "bucket", "active", "in_2")
    assert groups["(everyone)"][1] == groups["web"][1] == ("2023-05-02", 1, 1)
    assert groups["app"][1] == ("2023-05-02", 0, 0)
    assert split.words[0] == plain.words[0]
    for group, many in (("(everyone)", 1), ("web", 1), ("app", 0)):
        assert split.people(bucket="2023-05-02", of=2, group=group).num_rows == many


def test_lifecycle_keeps_its_sum_in_every_group(tmp_path: Path) -> None:
    rows = [f"p{i} v 2023-05-05T10:00:00Z channel=web" for i in range(20)]
    rows += [f"p{i} v 2023-05-12T10:00:00Z channel={'app' if i < 10 else 'web'}" for i in range(15)]
    rows += ["z v 2023-05-19T10:00:00Z channel=web"]
    answer = made(tmp_path, "\n".join(rows), late=False).ask("lifecycle", event="v", breakdown="channel")
    before = None
    for active, returning, dormant, undecided, share in by_group(
        answer, "active", "returning", "dormant", "undecided", "of_before"
    )["web"]:
        if before is not None:
            assert returning + dormant + undecided == before
        before = active
        assert share in (None, 0.75)


def test_brackets_are_called_what_they_are(tmp_path: Path) -> None:
    rows = []
    for i in range(20):
        rows.append(f"p{i} a {D}10:00:00Z channel={'web' if i % 2 else 'app'}")
        rows.append(f"p{i} a 2023-05-0{2 if i % 2 else 4}T10:00:00Z channel=x")
    ws = made(tmp_path, "\n".join(rows))
    answer = ws.ask("retention", start="a", every="day", brackets=["1", "2..3"], breakdown="channel")
    differences = answer.extra("differences").to_pylist()
    told = {(row["group"], row["measure"]): row["difference"] for row in differences}
    assert told == {
        ("app", "returned in period 1"): -1.0,
        ("app", "returned in period 2..3"): 1.0,
        ("web", "returned in period 1"): 1.0,
        ("web", "returned in period 2..3"): -1.0,
    }
    assert "period 1;" in answer.words[0] and "period 2..3" in answer.words[0]
    only = ws.ask("retention", start="a", every="day", brackets=["1..3"], breakdown="channel")
    assert only.extra("differences").num_rows == 2


def test_shares_of_too_few_buckets_are_not_compared(tmp_path: Path) -> None:
    rows = [f"p{i} v {D}10:00:00Z channel=web" for i in range(10)]
    rows += [f"q{i} v 2023-05-0{day}T10:00:00Z channel=app" for i in range(10) for day in (1, 2, 3, 4)]
    ws = made(tmp_path, "\n".join([*rows, "z v 2023-05-05T10:00:00Z channel=app"]), late=False)
    answer = ws.ask("stickiness", event="v", of=[3, 7], breakdown="channel")
    assert set(answer.columns["of_7"]) == {None}
    assert set(answer.extra("differences").column("measure").to_pylist()) == {"active in the last of 3"}


@pytest.mark.parametrize(("at", "group"), [("first known", "web"), ("last known", "tv")])
def test_what_is_known_of_somebody_does_not_hang_on_the_question(tmp_path: Path, at: str, group: str) -> None:
    ws = made(
        tmp_path,
        f"""
        ann  v  {D}10:00:00Z            channel=web
        ann  v  2023-05-10T10:00:00Z
        ann  v  2023-05-12T10:00:00Z    channel=app
        ann  v  2023-07-30T10:00:00Z    channel=tv
        """,
    )
    whom: Any = {"period": "2023-05-10..2023-05-11", "breakdown": "channel", "at": at}
    asked: list[Answer] = [
        *(ws.ask("retention", cohorts="every", every="day", periods=periods, **whom) for periods in (1, 60)),
        ws.ask("retention", cohorts="first", start="channel is missing", every="day", periods=1, **whom),
        ws.ask("engagement", **whom),
        *(ws.ask("funnel", steps=["v", "v"], window=window, **whom) for window in ("3 days", "100 days")),
    ]
    for answer in asked:
        assert set(answer.columns["group"]) == {"(everyone)", group}
    filtered = ws.ask("engagement", filter="channel = 'app' or channel is missing", **whom)
    assert set(filtered.columns["group"]) == {"(everyone)", "app"}


def test_groups_are_told_of_people_who_stand_in_one_block(tmp_path: Path) -> None:
    rows = [f"p{i} v {D}10:00:00Z channel={'web' if i % 2 else 'app'}" for i in range(300)]
    ws = made(tmp_path, "\n".join([*rows, "z w 2023-05-03T00:00:00Z"]), late=False)
    for question in ("usage", "transitions", "paths", "exits", "engagement", "lifecycle", "stickiness"):
        for at in ("entry", "first known"):
            answer = ws.ask(question, breakdown="channel", at=at)
            assert {"app", "web"} <= set(answer.columns["group"]), question


# ---- ends ---------------------------------------------------------------------------------------------------


def test_a_session_that_is_over_is_in_the_rates_of_any_window(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        p  a  {D}10:00:00Z
        p  b  {D}10:01:00Z
        q  a  {D}10:00:00Z
        z  z  2023-05-02T10:00:00Z
        """,
        late=False,
    )
    funnel = ws.ask("funnel", steps=["a", "b"], unit="session")
    assert funnel.columns["mature"] == [2, 1]
    assert (funnel.columns["dropped"], funnel.columns["undecided"]) == ([1, 0], [0, 0])
    paths = ws.ask("paths", start="a", end="b", unit="session")
    assert sum(paths.columns["decided"]) == 2
    assert ws.ask("funnel", steps=["a", "b"]).columns["mature"] == [0, 0]


def test_a_session_as_long_as_sessions_may_be_is_over(tmp_path: Path) -> None:
    begin = datetime(2023, 5, 1)
    rows = [f"p {'a' if i == 0 else 'z'} {begin + timedelta(minutes=20 * i):%Y-%m-%dT%H:%M:%SZ}" for i in range(72)]
    ws = made(tmp_path, "\n".join([*rows, "q z 2023-05-02T00:05:00Z"]), late=False)
    exits = ws.ask("exits", unit="session").extra("ends").to_pylist()
    assert {row["end"]: row["people"] for row in exits} == {"exits": 1, "converted": 0, "undecided": 1}
    assert ws.ask("paths", start="a", end="b", unit="session").columns["left"] == [1]
    for window in ("session", "30 days"):
        asked: Any = {"steps": ["a", "b"], "window": window, "unit": "session"}
        assert ws.ask("funnel", **asked).columns["undecided"] == [0, 0]


def test_sequences_let_an_instant_pass_as_funnels_do(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p b {D}10:00:00Z\np a {D}10:00:00Z")
    funnel = ws.ask("funnel", steps=["a", "b"], window="1 hour")
    accounts = ws.ask("sequences", start="a", end="b", within="10 s", window="1 hour").extras["accounts"]
    assert (funnel.columns["reached"], accounts["people"]) == ([1, 1], [1, 0, 0, 0])


def test_the_reported_chain_has_the_earliest_steps(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z\np c {D}10:00:00Z\np c {D}10:01:00Z\np c {D}10:01:00Z")
    assert ws.ask("funnel", steps=["a", "c", "c"], window="1 hour").columns["median_seconds"] == [None, 0.0, 60.0]


def test_visits_are_counted_on_the_whole_timeline(tmp_path: Path) -> None:
    ws = made(tmp_path, "\n".join(f"p {event} 2023-05-0{n}T10:00:00Z" for n, event in enumerate("abc", 1)), late=False)
    assert ws.ask("timeline").columns["visit"] == [1, 2, 3]
    assert ws.ask("timeline", period="2023-05-02..").columns["visit"] == [2, 3]
    assert ws.ask("timeline", filter="name = 'c'").columns["visit"] == [3]
    assert ws.ask("timeline", person="user_id:p", filter="name = 'b'").columns["visit"] == [2]


def test_a_cut_off_after_the_data_says_so(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z\nz z {D}10:30:00Z", late=False)
    asked: Any = {"steps": ["a", "b"], "window": "1 hour"}
    assert "beyond_data" in codes(ws.ask("funnel", cutoff="2023-05-03", **asked))
    assert "beyond_data" not in codes(ws.ask("funnel", cutoff=f"{D}10:15:00Z", **asked))


# ---- as others count ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("month", "start", "back"), [("2023-03", "23", "03-30"), ("2023-05", "07", "05-14")])
def test_a_week_of_others_has_seven_days_where_clocks_change(tmp_path: Path, month: str, start: str, back: str) -> None:
    rows = f"ann a {month}-{start}T09:40:00Z\nann b 2023-{back}T11:00:00Z"
    ws = made(tmp_path, rows, time_zone="Europe/Berlin")
    asked: Any = {"start": "a", "returns": "b", "every": "week", "periods": 1}
    assert ws.ask("retention", like="amplitude", **asked).columns["returned"] == [0, 1]


def test_lengths_of_others_that_are_no_whole_days_are_not_rounded_up(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z\np b 2023-05-02T12:00:00Z")
    for every in ("25 hours", "36 hours"):
        asked: Any = {"start": "a", "returns": "b", "every": every, "periods": 3}
        assert ws.ask("retention", like="amplitude", **asked).columns["returned"] == [1, 0, 0, 0]


def test_what_is_no_number_is_not_compared_with_others(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z\np a {D}23:50:00Z\np a 2023-05-02T00:10:00Z")
    like = ws.ask("lifecycle", unit="session", like="mixpanel").extra("like")
    assert like.num_rows and "over" not in like.column("measure").to_pylist()


def test_people_are_chosen_by_all_they_did_however_others_end_the_range(tmp_path: Path) -> None:
    ws = made(tmp_path, f"ann a {D}10:00:00Z\nann a 2023-05-02T10:00:00Z\nann b 2023-05-25T10:00:00Z channel=web")
    asked: Any = {"start": "a", "every": "day", "periods": 1, "period": "2023-05-01..2023-05-10"}
    for like in (None, "posthog"):
        answer = ws.ask("retention", cohort="channel = 'web'", like=like, **asked)
        assert answer.columns["started"] == [1, 1]


def test_like_is_not_asked_bucket_by_bucket(tmp_path: Path) -> None:
    ws = made(tmp_path, f"ann a {D}10:00:00Z")
    with pytest.raises(InputError, match="no buckets of the calendar"):
        ws.ask("retention", start="a", every="day", over="month", like="mixpanel")


# ---- what is misspelt ---------------------------------------------------------------------------------------


def test_names_outside_filters_are_looked_up_too(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z plan=x\np b {D}10:05:00Z\nr a {D}10:00:00Z\nr c {D}10:01:00Z")
    asked: Any = {"start": "a", "end": "b", "window": "1 hour"}
    turned = ws.ask("paths", through=["c", "a"], **asked)
    assert turned.words == ("Nobody began with a and came by c > a here.",)
    assert "unknown_name" not in codes(turned)
    assert "unknown_name" in codes(ws.ask("paths", through=["nope"], **asked))
    each: Any = {
        "steps": asked,
        "clusters": {},
        "paths": asked,
        "transitions": {},
        "exits": {},
        "sequences": {**asked, "within": "1 minute"},
    }
    for question, whom in each.items():
        assert "unknown_name" in codes(ws.ask(question, expand=["nope by plan"], **whom))
        assert "unknown_name" not in codes(ws.ask(question, expand=["a by plan"], **whom))


def test_words_that_a_field_does_not_take_are_told_with_those_that_it_does(tmp_path: Path) -> None:
    ws = made(tmp_path, f"p a {D}10:00:00Z")
    with pytest.raises(UnknownNameError, match="on_or_after"):
        ws.ask("retention", start="a", mode="onn")
    with pytest.raises(InputError, match="there already"):
        ws.ask("retention", start="a", brackets=["1", "1..1"])
    assert ws.ask("retention", start="a", brackets=["00", " 1 .. 2"]).columns["period"] == ["0", "1..2"]
    with pytest.raises(InputError, match="above 0 %"):
        ws.ask("engagement", levels=["0 %"])
    answer = ws.ask("retention", start="a", every="day", periods=1)
    with pytest.raises(InputError, match="together with the period"):
        answer.people(outcome="returned")


def test_last_days_end_where_the_data_is_taken_to_end(tmp_path: Path) -> None:
    rows = "\n".join(f"p{day} a 2023-05-{day:02d}T10:00:00Z" for day in range(1, 21))
    ws = made(tmp_path, rows, late=False)
    asked: Any = {"steps": ["a", "b"], "window": "1 hour", "period": "last 3 days"}
    assert (
        ws.ask("funnel", **asked).asked_of["period"]
        != ws.ask("funnel", cutoff="2023-05-10", **asked).asked_of["period"]
    )
    assert ws.ask("funnel", cutoff="2023-05-10", **asked).columns["reached"][0] == 3
