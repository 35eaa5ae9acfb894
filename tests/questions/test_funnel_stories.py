"""Streams on which products disagree, and mistakes that others made, told to a real workspace.

Each story goes the whole way: a CSV file, an import, a question. The names F1 to F9 and W1 to W5 are those of the
page on what every number means.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import LATE, add, codes, content, groups, made, microseconds, rows_of, steps

import desirepath
from desirepath import Answer, Workspace
from desirepath.events.moments import bucket_label, instant

HOUR = 3_600.0


def ask(ws: Workspace, **options: Any) -> Answer:
    """Ask for A, then B, within an hour."""
    return ws.ask("funnel", **{"steps": ["A", "B"], "window": "1 hour", **options})


def test_f1_two_events_of_one_instant_convert_in_either_order_and_it_is_said(tmp_path: Path) -> None:
    for name, lines in (
        ("ba", "u B 2023-05-01T10:00:00Z\nu A 2023-05-01T10:00:00Z"),
        ("ab", "u A 2023-05-01T10:00:00Z\nu B 2023-05-01T10:00:00Z"),
    ):
        found = ask(made(tmp_path, lines, name=name))
        assert steps(found) == [1, 1]
        assert "tie_resolved" in codes(found)
        assert found.columns["median_seconds"] == [None, 0.0]


def test_f2_a_later_entry_converts_and_the_first_touch_stands_beside_it(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-05-01T00:00:00Z\nu A 2023-05-01T05:00:00Z\nu B 2023-05-01T05:01:00Z")
    found = ask(ws)
    assert steps(found) == [1, 1]
    assert found.columns["median_seconds"] == [None, 60.0]
    (touch,) = [item.text for item in found.warnings if item.code == "first_touch"]
    assert "From the first touch alone 0 would have finished, instead of 1" in touch
    assert steps(ask(ws, entry="first")) == [1, 0]
    assert steps(ask(ws, entry="each")) == [2, 1]
    whole = {row["from_seconds"] for row in found.extra("times").to_pylist() if row["stretch"] == "since first entry"}
    assert min(whole) == pytest.approx(5 * HOUR + 60), "told from the first entry too"


def test_f3_a_window_that_passed_long_ago_does_not_convert(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2022-01-01T00:00:00Z\nu B 2023-02-05T00:00:00Z")
    assert steps(ask(ws)) == [1, 0]
    assert steps(ask(ws, window="30 days")) == [1, 0]
    assert steps(ask(ws, window="400 days")) == [1, 1]
    assert steps(ask(ws, window="399 days")) == [1, 0]


def test_f4_time_from_a_to_b_is_never_negative(tmp_path: Path) -> None:
    ws = made(tmp_path, "u B 2023-05-01T00:00:00Z\nu A 2023-05-01T00:00:10Z\nu B 2023-05-01T00:00:20Z")
    found = ask(ws)
    assert steps(found) == [1, 1]
    assert found.columns["median_seconds"] == [None, 10.0]


def test_f5_an_excluded_event_ends_the_passage_and_keeps_the_entry(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        (
            "u A 2023-05-01T00:00:00Z\nu X 2023-05-01T00:10:00Z\nu B 2023-05-01T00:20:00Z\n"
            "v A 2023-05-01T00:00:00Z\nv B 2023-05-01T00:20:00Z"
        ),
    )
    found = ask(ws, exclude=["X"])
    assert (steps(found), steps(found, column="dropped")) == ([2, 1], [1, 0])
    assert "excluded" in codes(found)
    dropped = ask(ws, exclude=["X"], excluded="drop_unit")
    assert steps(dropped) == [1, 1]
    assert "taken_out" in codes(dropped)
    assert [row["person"] for row in dropped.people(outcome="excluded").to_pylist()] == ["user_id:u"]
    assert steps(ask(ws)) == [2, 2]


def test_f6_repeated_steps_need_events_of_their_own(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        (
            "u A 2023-05-01T00:00:00Z\nu A 2023-05-01T00:01:00Z\nu B 2023-05-01T00:02:00Z\n"
            "v A 2023-05-01T00:00:00Z\nv B 2023-05-01T00:02:00Z"
        ),
    )
    assert steps(ask(ws, steps=["A", "A", "B"])) == [2, 1, 1]


DST = "u A 2023-03-26T00:30\nu B 2023-03-26T23:30\nv A 2023-03-25T23:30\nw A 2023-03-27T00:00"
"""In Paris the 26th of March 2023 has 23 hours."""


def test_f7_a_day_of_23_hours_is_one_day(tmp_path: Path) -> None:
    ws = made(tmp_path, DST, time_zone="Europe/Paris", zone="Europe/Paris")
    moments = [
        int(row["us"])
        for row in ws.sql(
            "SELECT epoch_us(occurred_at) AS us FROM events WHERE name IN ('A', 'B') AND "
            "identities[1].value = 'u' ORDER BY 1"
        ).to_pylist()
    ]
    assert moments[1] - moments[0] == 22 * 3_600_000_000
    assert {bucket_label(moment, "Europe/Paris", "day") for moment in moments} == {"2023-03-26"}
    assert bucket_label(moments[0], "UTC", "day") == "2023-03-25"
    day = ask(ws, window="1 day", period="2023-03-26")
    assert steps(day) == [1, 1]
    assert [row["person"] for row in day.people().to_pylist()] == ["user_id:u"]
    assert steps(ask(ws, window="22 hours", period="2023-03-26")) == [1, 1]
    assert steps(ask(ws, window="21 hours 59 minutes", period="2023-03-26")) == [1, 0]
    assert steps(ask(ws, period="2023-03-25"))[0] == 1
    assert steps(ask(ws, period="2023-03-27"))[0] == 1
    assert steps(ask(ws, period="2023-03-25..2023-03-28"))[0] == 3


def test_f7_the_zone_of_the_computer_is_never_read(tmp_path: Path) -> None:
    ws = made(tmp_path, DST, time_zone="Europe/Paris", zone="Europe/Paris", late=False)
    here = content(
        ask(ws, window="1 day", period="2023-03-26", cutoff="2023-03-27 12:00", filter="occurred_at >= '2023-03-26'")
    )
    rows = ws.sql("SELECT epoch_us(occurred_at) AS us FROM events ORDER BY 1").to_pylist()
    ws.close()
    code = """
import json, sys, time
from pathlib import Path
from made_workspaces import content, made
import desirepath
import test_funnel_stories as stories
ws = made(Path(sys.argv[1]), stories.DST, time_zone="Europe/Paris", zone="Europe/Paris", late=False)
rows = ws.sql("SELECT epoch_us(occurred_at) AS us FROM events ORDER BY 1").to_pylist()
asked = {"period": "2023-03-26", "cutoff": "2023-03-27 12:00", "filter": "occurred_at >= '2023-03-26'"}
found = content(stories.ask(ws, window="1 day", **asked))
last = stories.ask(desirepath.open(sys.argv[2]), window="1 day", period="last 1 day")
print(json.dumps([time.tzname[0], rows, found, last.columns["reached"]]))
"""
    tests = Path(__file__).parent
    path = os.pathsep.join(
        str(place) for place in (tests, tests.parent / "workspace", Path(desirepath.__file__).parent.parent)
    )
    asked = set()
    for number, place in enumerate(["Pacific/Auckland", "America/Los_Angeles"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = {**os.environ, "TZ": place, "PYTHONPATH": path}
        run = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(ws.root)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr[-2000:]
        host, there_rows, there, last = json.loads(run.stdout)
        asked.add(host)
        assert (there_rows, there, last) == (rows, here, [1, 1])
    assert len(asked) == 2, "the computer's zone was changed"


def test_f8_what_was_done_before_the_login_is_the_persons(tmp_path: Path) -> None:
    """A cookie that one person alone used is that person's, for its whole history."""
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    (tmp_path / "web.csv").write_text(
        "id,cookie,user,event,at\n1,c1,,A,2023-05-01T10:00:00Z\n"
        "2,c1,ann,login,2023-05-01T10:05:00Z\n3,,ann,B,2023-05-01T10:30:00Z\n"
        "4,,zed,far,2024-01-01T00:00:00Z\n"
    )
    (tmp_path / "web.yaml").write_text(
        "source: web\nfiles: web.csv\nkey: [id]\nperson: user_id\n"
        "identities: {user_id: user, cookie: cookie}\nevents: [{name: '{event}', at: at}]\n"
    )
    ws.import_files([tmp_path / "web.csv"], tmp_path / "web.yaml")
    assert steps(ask(ws)) == [1, 1]
    assert [row["person"] for row in ask(ws).people().to_pylist()] == ["user_id:ann"]
    assert ws.timeline("user_id:ann").column("name").to_pylist() == ["A", "login", "B"]


def test_f8_declared_strong_identities_join_across_systems_in_any_order(tmp_path: Path) -> None:
    shop = "id,customer,mail,event,at\n1,77,ann@example.org,A,2023-05-01T10:00:00Z\n"
    app = (
        "id,customer,mail,event,at\n2,,ann@example.org,B,2023-05-01T10:30:00Z\n"
        "3,,zed@example.org,far,2024-01-01T00:00:00Z\n"
    )
    found = []
    for name, order in (("one", ("shop", "app")), ("two", ("app", "shop"))):
        ws = desirepath.create(tmp_path / name, time_zone="UTC")
        for source in order:
            file = tmp_path / f"{name}-{source}.csv"
            file.write_text(shop if source == "shop" else app)
            file.with_suffix(".yaml").write_text(
                f"source: {source}\nfiles: {file.name}\nkey: [id]\n"
                f"identities: {{customer_id: customer, email: mail}}\n"
                f"events: [{{name: '{{event}}', at: at}}]\n"
            )
            ws.import_files([file], file.with_suffix(".yaml"))
        answer = ask(ws)
        assert steps(answer) == [1, 1]
        found.append([(row["person"], microseconds(row["entered_at"])) for row in answer.people().to_pylist()])
        assert {
            row["kind"]
            for row in ws.sql(
                "SELECT kind FROM identities i JOIN person_of o ON o.identity = i.code JOIN people p "
                "USING (person) WHERE p.id = 'customer_id:77'"
            ).to_pylist()
        } == {"customer_id", "email"}
    assert found[0] == found[1] == [("customer_id:77", instant("2023-05-01T10:00:00Z", "UTC"))]


def test_f9_midnight_does_not_cut_a_session(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        "u A 2023-05-01T23:50\nu B 2023-05-02T00:10\nu B 2023-05-02T00:40:01",
        time_zone="Europe/Paris",
        zone="Europe/Paris",
    )
    by_session = ask(ws, unit="session")
    assert steps(by_session) == [1, 1]
    assert by_session.people().num_rows == 1
    assert steps(ask(ws, window="session")) == [1, 1]
    assert steps(ask(ws, steps=["B", "B"], window="session")) == [1, 0], "30 minutes and a second: a session of its own"
    two = ask(ws, steps=["A", "B"], entry="each", unit="session")
    assert steps(two) == [1, 1]
    assert ask(ws, steps=["B", "A"], unit="session").people().num_rows == 2, "one person, two sessions with B"


# ---- what went wrong elsewhere ----------------------------------------------------------------------------


def test_w1_equal_times_and_repeated_events_reach_the_fourth_step(tmp_path: Path) -> None:
    lines = (
        "u A 2023-05-01T00:00:01Z\nu B 2023-05-01T00:00:01Z\nu A 2023-05-01T00:00:02Z\n"
        "u C 2023-05-01T00:00:02Z\nu B 2023-05-01T00:00:02Z\nu D 2023-05-01T00:00:03Z"
    )
    assert steps(ask(made(tmp_path, lines), steps=["A", "B", "C", "D"])) == [1, 1, 1, 1]


def test_w2_whole_second_times_convert(tmp_path: Path) -> None:
    lines = "\n".join(f"u{n} {name} 2023-05-01T00:00:07Z" for n in range(20) for name in ("B", "A"))
    found = ask(made(tmp_path, lines))
    assert (steps(found), found.columns["of_entered"]) == ([20, 20], [1.0, 1.0])


def test_w3_the_third_of_three_steps_is_reached(tmp_path: Path) -> None:
    lines = (
        "u A 2023-05-01T00:00:01Z\nu B 2023-05-01T00:00:02Z\nu C 2023-05-01T00:00:03Z\n"
        "v A 2023-05-01T00:00:01Z\nv C 2023-05-01T00:00:02Z"
    )
    assert steps(ask(made(tmp_path, lines), steps=["A", "B", "C"])) == [2, 1, 1]


def test_w4_a_duplicate_of_a_repeated_step_hides_nothing(tmp_path: Path) -> None:
    lines = "u A 2023-05-01T00:01:00Z\nu P 2023-05-01T00:10:00Z\nu P 2023-05-01T00:10:00Z\nu P 2023-05-01T00:11:00Z"
    ws = made(tmp_path, lines)
    found = ask(ws, steps=["A", "P", "P"])
    assert steps(found) == [1, 1, 1]
    assert found.columns["median_seconds"] == [None, 540.0, 0.0]
    assert steps(ask(ws, steps=["A", "P", "P", "P", "P"])) == [1, 1, 1, 1, 0]


def test_w5_order_is_by_the_time_told_whatever_arrived_first(tmp_path: Path) -> None:
    ws = made(tmp_path, "u B 2023-05-01T00:02:00Z")
    add(ws, rows_of("u A 2023-05-01T00:01:00Z", first=50), name="late")
    assert steps(ask(ws)) == [1, 1]
    swapped = made(tmp_path, "u A 2023-05-01T00:02:00Z\nu B 2023-05-01T00:01:00Z", name="swapped")
    assert steps(ask(swapped)) == [1, 0]


def test_late_somebody_only_moves_the_cutoff(tmp_path: Path) -> None:
    assert "far_away" in LATE
    ws = made(tmp_path, "u A 2023-05-01T00:02:00Z")
    assert groups(ask(ws, breakdown="name")) == {"(everyone)": [1, 0], "A": [1, 0]}


def test_a_misspelt_property_is_pointed_out_with_the_nearest_name(tmp_path: Path) -> None:
    """In a filter, a cohort or a step it would hold for nobody and say nothing."""
    ws = made(tmp_path, "u A 2023-05-01T00:00:00Z plan=pro\nu B 2023-05-01T00:01:00Z amount=3")
    for asked in ({"filter": "plann = 'pro'"}, {"cohort": "plann = 'pro'"}, {"steps": ["plann = 'pro'", "B"]}):
        found = ws.ask("funnel", **{"steps": ["A", "B"], "window": "1 hour", **asked})
        (text,) = [item.text for item in found.warnings if item.code == "unknown_name"]
        assert "no property called 'plann'" in text
        assert "'plan'" in text
    for asked in ({"filter": "plan = 'pro'"}, {"filter": "value > 2 or channel = 'x'"}, {"steps": ["A", "plan = 'x'"]}):
        found = ws.ask("funnel", **{"steps": ["A", "B"], "window": "1 hour", **asked})
        assert "unknown_name" not in {item.code for item in found.warnings}
