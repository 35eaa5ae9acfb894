"""Streams on which products disagree, and mistakes that others made, told to every question they concern.

Each story goes the whole way: a CSV file, an import, a question. F1 to F9 and W1 to W15 are the names in the page on
what every number means; what a funnel makes of them is in `test_funnel_stories.py`.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import add, codes, content, made, rows_of

import desirepath
from desirepath import Answer, Workspace

HOUR = 3_600.0
DAY = "2023-05-01T"


def ways(ws: Workspace, **options: Any) -> dict[str, str]:
    """Each path from A to B within an hour, and what became of it."""
    found = ws.ask("paths", **{"start": "A", "end": "B", "window": "1 hour", **options})
    outcomes = ("converted", "left", "undecided")
    return {row["path"]: next(o for o in outcomes if row.get(o)) for row in found.table.to_pylist()}


def moves(ws: Workspace, **options: Any) -> dict[tuple[str, str], int]:
    """How often one touchpoint follows another."""
    found = ws.ask("transitions", hide=["far away"], **options)
    return {
        (row["from"], row["to"]): row["times"] for row in found.table.to_pylist() if "(" not in row["from"] + row["to"]
    }


def back(ws: Workspace, **options: Any) -> list[int]:
    """Who came back, period by period."""
    found = ws.ask("retention", **{"start": "A", "returns": "B", "every": "day", "periods": 2, **options})
    return list(found.columns["returned"])


def wait(ws: Workspace, **options: Any) -> float | None:
    """The median time from A to B."""
    found: Any = ws.ask("time_to", **{"start": "A", "end": "B", **options}).extras["outcomes"]["median_seconds"][0]
    return None if found is None else float(found)


def credit(ws: Workspace, rule: str = "linear", **options: Any) -> dict[str, float]:
    """Each channel's credit for B."""
    found = ws.ask("attribution", **{"goal": "B", "touches": "A", "apart": "none", "lookback": "1 hour", **options})
    shared = zip(found.columns["channel"], found.columns[rule], strict=True)
    return {channel: part for channel, part in shared if part}


# ---- the nine streams --------------------------------------------------------------------------------------


def test_f1_two_events_of_one_instant(tmp_path: Path) -> None:
    """A path counts them as a funnel does, in either order; what follows what keeps the order of the log."""
    for name, order in (("ba", "BA"), ("ab", "AB")):
        ws = made(tmp_path, "\n".join(f"u {each} {DAY}10:00:00Z" for each in order), name=name)
        assert ways(ws) == {"A": "converted"}
        assert list(moves(ws).values()) == [1]


def test_f2_a_later_entry_converts(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u A {DAY}00:00:00Z channel=web\nu A {DAY}05:00:00Z channel=app\nu B {DAY}05:01:00Z")
    assert ways(ws) == {"A": "converted"}
    assert ways(ws, entry="first") == {"A": "left"}
    assert wait(ws) == 5 * HOUR + 60, "the clock runs from the first start"
    assert credit(ws) == {"app": 1.0}
    assert credit(ws, lookback="6 hours") == {"app": 0.5, "web": 0.5}
    assert back(ws) == [1, 0, 0]


def test_f3_a_window_that_passed_long_ago(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2022-01-01T00:00:00Z channel=web\nu B 2023-02-05T00:00:00Z")
    assert ways(ws) == {"A": "left"}
    assert ways(ws, window="400 days") == {"A": "converted"}
    assert credit(ws) == {}
    assert credit(ws, lookback="400 days") == {"web": 1.0}
    assert moves(ws, within="30 days") == {}
    assert moves(ws) == {("A", "B"): 1}, "without a longest gap the whole journey is one stretch"
    assert back(ws, every="month", periods=13)[12:] == [0, 1]


def test_f4_time_from_a_to_b_is_never_negative(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u B {DAY}00:00:00Z\nu A {DAY}00:00:10Z\nu B {DAY}00:00:20Z")
    assert wait(ws) == 10.0
    found = ws.ask("transitions", hide=["far away"])
    gaps = [row["median_seconds"] for row in found.table.to_pylist() if row["median_seconds"] is not None]
    assert gaps == [10.0, 10.0]
    assert ways(ws) == {"A": "converted"}


def test_f5_what_is_excluded_is_seen_on_the_path(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u A {DAY}00:00:00Z\nu X {DAY}00:10:00Z\nu B {DAY}00:20:00Z")
    assert ways(ws) == {"A > X": "converted"}
    assert ways(ws, hide=["X"]) == {"A": "converted"}
    assert moves(ws) == {("A", "X"): 1, ("X", "B"): 1}


def test_f6_repeated_events_stay_apart_unless_collapsed(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u A {DAY}00:00:00Z\nu A {DAY}00:01:00Z\nu B {DAY}00:02:00Z")
    assert ways(ws, entry="first", collapse=False) == {"A > A": "converted"}
    assert ways(ws, entry="first") == {"A": "converted"}
    assert moves(ws) == {("A", "A"): 1, ("A", "B"): 1}
    assert moves(ws, collapse=True) == {("A", "B"): 1}
    assert ways(ws, end="A") == {"A": "converted"}, "two distinct events"


PARIS = {"time_zone": "Europe/Paris", "zone": "Europe/Paris"}


def test_f7_a_day_of_23_hours_is_one_day(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-03-26T00:30\nu B 2023-03-26T23:30", **PARIS)
    assert back(ws) == [1, 0, 0], "the same day, although 22 hours later"
    assert back(ws, every="22 hours") == [0, 1, 0], "periods by the clock are counted from the start"
    assert wait(ws) == 22 * HOUR
    assert moves(ws, within="22 hours") == {("A", "B"): 1}
    assert moves(ws, within="21 hours 59 minutes") == {}


def test_f8_before_and_after_the_login_is_one_person(tmp_path: Path) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    (tmp_path / "web.csv").write_text(
        "id,cookie,user,event,at,channel\n1,c1,,A,2023-05-01T10:00:00Z,web\n"
        "2,c1,ann,login,2023-05-01T10:05:00Z,web\n3,,ann,B,2023-05-01T10:30:00Z,app\n"
        "4,,zed,far away,2024-01-01T00:00:00Z,app\n"
    )
    (tmp_path / "web.yaml").write_text(
        "source: web\nfiles: web.csv\nkey: [id]\nperson: user_id\nchannel: '{channel}'\n"
        "identities: {user_id: user, cookie: cookie}\nevents: [{name: '{event}', at: at}]\n"
    )
    ws.import_files([tmp_path / "web.csv"], tmp_path / "web.yaml")
    assert ways(ws) == {"A > login": "converted"}
    assert moves(ws) == {("A", "login"): 1, ("login", "B"): 1}
    assert wait(ws) == HOUR / 2
    assert back(ws) == [1, 0, 0]
    assert credit(ws) == {"web": 1.0}


def test_f9_midnight_does_not_cut_a_session(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-05-01T23:50\nu B 2023-05-02T00:10\nu B 2023-05-02T00:40:01", **PARIS)
    assert ways(ws, unit="session") == {"A": "converted"}
    assert moves(ws, unit="session") == {("A", "B"): 1}
    assert moves(ws) == {("A", "B"): 1, ("B", "B"): 1}
    assert ws.ask("paths", unit="session", period="2023-05").columns["people"] == [1, 1]
    assert back(ws) == [0, 1, 0], "it is the next day of the calendar"


# ---- what went wrong elsewhere ------------------------------------------------------------------------------


def test_w1_w4_equal_times_hide_no_repeats(tmp_path: Path) -> None:
    ws = made(
        tmp_path, f"u A {DAY}00:01:00Z\nu P {DAY}00:10:00Z\nu P {DAY}00:10:00Z\nu P {DAY}00:11:00Z\nu B {DAY}00:12:00Z"
    )
    assert ways(ws, collapse=False) == {"A > P > P > P": "converted"}
    assert moves(ws) == {("A", "P"): 1, ("P", "P"): 2, ("P", "B"): 1}


def test_w2_whole_seconds_swap_nothing(tmp_path: Path) -> None:
    ws = made(tmp_path, "\n".join(f"u{n} {name} {DAY}00:00:07Z" for n in range(20) for name in ("B", "A")))
    found = ws.ask("paths", start="A", end="B", window="1 hour")
    assert found.columns["converted"] == [20]


def test_w3_the_third_of_three_is_reached(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u A {DAY}00:00:01Z\nu B {DAY}00:00:02Z\nu C {DAY}00:00:03Z\nv A {DAY}00:00:01Z")
    depths = ws.ask("paths", start="A", window="1 hour").extra("depths").to_pylist()
    assert [row["there"] for row in depths[:4]] == [2, 1, 1, 0]


def test_w5_order_is_by_the_time_told(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u B {DAY}00:02:00Z")
    add(ws, rows_of(f"u A {DAY}00:01:00Z", first=50), name="late")
    assert moves(ws) == {("A", "B"): 1}
    assert ways(ws) == {"A": "converted"}


def test_w6_one_person_in_every_question(tmp_path: Path) -> None:
    """Whoever was one person after a login is one in all questions, and uniques never count them twice."""
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    (tmp_path / "a.csv").write_text(
        "id,cookie,user,event,at\n1,c1,ann,A,2023-05-01T10:00:00Z\n2,c2,ann,A,2023-05-02T10:00:00Z\n"
        "3,c2,,B,2023-05-03T10:00:00Z\n4,c3,bob,A,2023-05-03T10:00:00Z\n"
    )
    (tmp_path / "a.yaml").write_text(
        "source: web\nfiles: a.csv\nkey: [id]\nperson: user_id\nidentities: {user_id: user, cookie: cookie}\n"
        "events: [{name: '{event}', at: at}]\n"
    )
    ws.import_files([tmp_path / "a.csv"], tmp_path / "a.yaml")
    assert ws.ask("funnel", steps=["A", "B"], window="9 days").columns["reached"] == [2, 1]
    assert sum(ws.ask("paths", start="A").columns["people"]) == 2
    assert ws.ask("retention", start="A", every="day", periods=1).columns["started"][0] == 2
    touched = {row["touchpoint"]: row["people"] for row in ws.ask("transitions").extra("touchpoints").to_pylist()}
    assert touched == {"A": 2, "B": 1}


def test_w7_a_sample_is_of_whole_people(tmp_path: Path) -> None:
    """Nobody's journey is thinned out: whoever is in the sample is in it with everything, in every question."""
    lines = "\n".join(f"u{n:03d} {each} {DAY}00:0{k}:00Z" for n in range(400) for k, each in enumerate("ABC"))
    ws = made(tmp_path, lines)
    for share in (0.2, 0.5):
        found = ws.ask("paths", start="A", window="1 hour", sample=share)
        assert found.columns["path"] == ["A > B > C"]
        (number,) = found.columns["people"]
        assert 0.7 * share < number / 400 < 1.3 * share
        assert moves(ws, sample=share) == {("A", "B"): number, ("B", "C"): number}
        assert ws.ask("funnel", steps=["A", "B", "C"], window="1 hour", sample=share).columns["reached"] == [number] * 3
        assert "sampled" in codes(found)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Kolkata", "America/Los_Angeles", "Europe/Paris"])
def test_w8_days_are_those_of_the_workspace(tmp_path: Path, zone: str) -> None:
    """East of Greenwich as west of it, and on the day when the clocks change, tomorrow is one day later."""
    lines = (
        "u A 2023-03-25T23:50\nu B 2023-03-26T00:10\nv A 2023-03-26T00:10\nv B 2023-03-26T23:50\n"
        "w A 2023-03-26T12:00\nw B 2023-03-28T00:00"
    )
    ws = made(tmp_path, lines, time_zone=zone, zone=zone)
    assert back(ws) == [1, 1, 1]
    cohorts = ws.ask("retention", start="A", returns="B", every="day", periods=1).extra("cohorts").to_pylist()
    assert {row["cohort"]: row["started"] for row in cohorts} == {"2023-03-25": 1, "2023-03-26": 2}
    brackets = ws.ask("retention", start="A", returns="B", every="day", brackets=["0", "1..2"])
    assert brackets.columns["returned"] == [1, 2]


def test_w9_people_and_sessions_are_told_apart(tmp_path: Path) -> None:
    ws = made(tmp_path, f"u A {DAY}00:00:00Z\nu A {DAY}09:00:00Z\nu B {DAY}09:01:00Z\nv A {DAY}00:00:00Z")
    by_person, by_session = (
        ws.ask("paths", start="A", end="B", window="1 hour", unit=u) for u in ("person", "session")
    )
    assert (sum(by_person.columns["people"]), sum(by_session.columns["people"])) == (2, 3)
    assert (by_person.asked_of["unit"], by_session.asked_of["unit"]) == ("person", "session")
    assert by_session.people().num_rows == 3
    assert len(set(by_session.people().column("person").to_pylist())) == 2


def test_w10_cohorts_are_pooled_by_their_size(tmp_path: Path) -> None:
    """Ten people of whom none comes back, and one who does: 1 of 11, not the mean of 0 % and 100 %."""
    lines = "\n".join(f"u{n} A 2023-05-01T00:00:00Z" for n in range(10))
    ws = made(tmp_path, lines + "\nv A 2023-05-02T00:00:00Z\nv B 2023-05-03T00:00:00Z")
    found = ws.ask("retention", start="A", returns="B", every="day", periods=1)
    assert found.columns["of_observable"][1] == pytest.approx(1 / 11)


def test_w11_late_data_changes_nothing_but_what_it_says(tmp_path: Path) -> None:
    """Sessions and answers are those of the whole log, however it came in."""
    draw = random.Random(5)
    rows = rows_of(
        "\n".join(
            f"u{draw.randrange(6)} {draw.choice('ABC')} 2023-05-0{draw.randrange(1, 4)}T0{draw.randrange(6)}:"
            f"{draw.randrange(60):02d}:00Z"
            for _ in range(160)
        )
    )
    whole = made(tmp_path, rows, name="whole")
    shuffled = list(rows)
    draw.shuffle(shuffled)
    parts = made(tmp_path, shuffled[:100], name="parts")
    for number in range(3):
        add(parts, shuffled[100 + 20 * number : 120 + 20 * number], name=f"late-{number}")
    asked: dict[str, dict[str, Any]] = {
        "paths": {"start": "A", "end": "B", "unit": "session"},
        "transitions": {"unit": "session"},
        "retention": {"start": "A", "every": "day"},
        "time_to": {"start": "A", "end": "B"},
        "funnel": {"steps": ["A", "B"], "window": "session"},
    }
    for name, fields in asked.items():
        assert content(whole.ask(name, **fields)) == content(parts.ask(name, **fields)), name


def test_w12_a_shared_device_joins_nobody(tmp_path: Path) -> None:
    """A hundred people on one kiosk stay a hundred people."""
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    rows = [f"{n},kiosk,u{n},A,2023-05-01T10:{n % 60:02d}:00Z" for n in range(100)]
    (tmp_path / "a.csv").write_text("id,cookie,user,event,at\n" + "\n".join(rows) + "\n")
    (tmp_path / "a.yaml").write_text(
        "source: web\nfiles: a.csv\nkey: [id]\nperson: user_id\nidentities: {user_id: user, cookie: cookie}\n"
        "events: [{name: '{event}', at: at}]\n"
    )
    ws.import_files([tmp_path / "a.csv"], tmp_path / "a.yaml")
    assert ws.ask("funnel", steps=["A", "B"], window="1 day").columns["reached"] == [100, 0]
    assert sum(ws.ask("paths", start="A").columns["people"]) == 100


def test_w13_variants_are_the_same_in_every_run(tmp_path: Path) -> None:
    """Repeated and simultaneous activities give the same variants, in whatever order the lines stand."""
    rows = rows_of(
        "\n".join(
            f"c{n} {each} {DAY}00:0{k // 2}:00Z"
            for n in range(30)
            for k, each in enumerate("ABBA" if n % 3 else "ABAB")
        )
    )
    first = made(tmp_path, rows, name="one")
    again = made(tmp_path, list(reversed(rows)), name="two")
    for ws in (first, again):
        found = ws.ask("paths", collapse=False, window="1 day", period="2023-05")
        assert sum(found.columns["people"]) == 30
        assert found.columns == ws.ask("paths", collapse=False, window="1 day", period="2023-05").columns
    counts = [Counter(ws.ask("transitions", hide=["far away"]).columns["times"]) for ws in (first, again)]
    assert counts[0] == counts[1]


def test_w14_input_order_window_zone_and_sign(tmp_path: Path) -> None:
    """Rows of a file in any order; a window always; no time runs backward."""
    lines = [f"u B {DAY}10:00:20Z", f"u A {DAY}10:00:10Z", f"u B {DAY}10:00:00Z", "v A 2023-05-01T09:00:00Z"]
    for name, order in (("one", lines), ("two", lines[::-1])):
        ws = made(tmp_path, "\n".join(order), name=name)
        assert wait(ws) == 10.0
        assert moves(ws) == {("B", "A"): 1, ("A", "B"): 1}
        assert ways(ws, window="5 seconds") == {"A": "left"}


def test_w15_one_cohort_or_several_is_said(tmp_path: Path) -> None:
    """By their first start everybody is in one cohort; by every start in several, and the answer says so."""
    ws = made(tmp_path, "u A 2023-05-01T00:00:00Z\nu A 2023-05-02T00:00:00Z\nv A 2023-05-02T00:00:00Z")
    first = ws.ask("retention", start="A", every="day", periods=1)
    every = ws.ask("retention", start="A", every="day", periods=1, cohorts="every")

    def sizes(answer: Answer) -> dict[str, int]:
        return {row["cohort"]: row["started"] for row in answer.extra("cohorts").to_pylist()}

    assert sizes(first) == {"2023-05-01": 1, "2023-05-02": 1}
    assert sizes(every) == {"2023-05-01": 1, "2023-05-02": 2}
    assert "several_cohorts" in codes(every)
    assert "several_cohorts" not in codes(first)
