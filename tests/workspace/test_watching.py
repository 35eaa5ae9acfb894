"""What is wrong with the data is found, and what is right is not called wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import desirepath
from desirepath import Workspace
from desirepath.arrivals import Arrivals, gaps, last_week, longest_silence, strays
from desirepath.people.erasures import ErasureLog
from desirepath.watching import LOOKS, Finding, look

MONDAY = dt.date(2026, 3, 2)
MAPPING = (
    "source: shop\ntime_zone: UTC\nidentities: {user_id: user, cookie: cookie}\nevents: [{name: '{event}', at: at}]\n"
)


def shop(root: Path, rows: list[str], *, mapping: str = MAPPING) -> Workspace:
    """A workspace with rows of `user,cookie,event,at`."""
    root.mkdir()
    (root / "shop.csv").write_text("\n".join(["user,cookie,event,at", *rows]) + "\n", encoding="utf-8")
    (root / "shop.yaml").write_text(mapping, encoding="utf-8")
    workspace = desirepath.create(root / "acme", time_zone="UTC")
    workspace.import_files([root / "shop.csv"], root / "shop.yaml")
    return workspace


def daily(days: int, each: int = 20, *, without: tuple[int, ...] = ()) -> list[str]:
    """Rows of so many days, some left out."""
    return [
        f"u{k},,visit,{MONDAY + dt.timedelta(days=day)} 10:{k % 60:02d}:{day % 60:02d}"
        for day in range(days)
        if day not in without
        for k in range(each)
    ]


def at(day: int) -> dt.datetime:
    """The evening of a day of `daily`."""
    return dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(22), dt.UTC)


def found(workspace: Workspace, name: str, now: dt.datetime) -> list[Finding]:
    return [one for one in look(workspace, now=now) if one.look == name]


def test_all_is_well_where_all_is_well(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(60)) as workspace:
        wrong = [one for one in look(workspace, now=at(59)) if one.severity != "note"]
        assert wrong == []


def test_a_gap_is_found_once_with_what_is_missing(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(60, without=(30, 31))) as workspace:
        (gap,) = found(workspace, "gap", at(59))
    assert gap.severity == "problem"
    assert gap.details == {"since": "2026-04-01", "until": "2026-04-02", "usual": 40}
    assert gap.source == "shop"


def test_silence_of_all_is_said_once_and_only_when_it_is_unusual(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(30)) as workspace:
        assert found(workspace, "silent", at(31)) == []
        (silent,) = found(workspace, "silent", at(40))
    assert silent.details == {"days": 11}
    assert silent.source is None


def test_a_source_that_ends_before_the_others(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(60)) as workspace:
        (tmp_path / "b.csv").write_text(
            "user,cookie,event,at\n" + "\n".join(row.replace("visit", "call") for row in daily(20)), encoding="utf-8"
        )
        (tmp_path / "b.yaml").write_text(MAPPING.replace("shop", "hotline"), encoding="utf-8")
        workspace.import_files([tmp_path / "b.csv"], tmp_path / "b.yaml")
        (behind,) = found(workspace, "behind", at(59))
        assert (behind.source, behind.details["days"]) == ("hotline", 40)


def test_clocks_that_are_ahead(tmp_path: Path) -> None:
    with shop(tmp_path / "a", [*daily(10), "u1,,visit,2100-01-01 00:00"]) as workspace:
        (clock,) = found(workspace, "clock", at(9))
    assert clock.details["events"] == 1
    assert clock.severity == "warning"


@pytest.mark.parametrize(("bad", "severity"), [(1, "note"), (10, "warning"), (100, "problem")])
def test_quarantine_weighs_by_its_share(tmp_path: Path, bad: int, severity: str) -> None:
    with shop(tmp_path / "a", [*daily(10, 50), *["u1,,visit,sometime"] * bad]) as workspace:
        (one,) = found(workspace, "quarantine", at(9))
    assert one.severity == severity
    assert one.details == {"rows": bad, "of": 500 + bad}


def test_events_that_name_nobody(tmp_path: Path) -> None:
    rows = [row.replace(",,", f",c{k},", 1).replace(f"u{k % 20},", ",", 1) for k, row in enumerate(daily(10))]
    with shop(tmp_path / "a", [*rows, *daily(1, 5)]) as workspace:
        (one,) = found(workspace, "unnamed", at(9))
    assert one.severity == "warning"
    assert one.details["of"] == 205


def test_maps_and_metrics_that_make_no_sense(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(10)) as workspace:
        (workspace.root / "maps" / "broken.yaml").write_text("map: broken\n")
        (workspace.root / "metrics" / "own.yaml").write_text(
            "metrics:\n  - {metric: odd, group: revenue, says: Odd., question: measure, fields: {event: visit},\n"
            "     number: {column: events}, denominator: people, target: 3}\n"
        )
        told = [one for one in found(workspace, "definitions", at(9)) if one.severity == "problem"]
    assert {one.names for one in told} == {("broken",), ("odd",)}


def test_an_erasure_that_was_not_finished(tmp_path: Path) -> None:
    with shop(tmp_path / "a", daily(3)) as workspace:
        ErasureLog(workspace.root).begin([("user_id", "u1")], {}, at=at(2), author="ada", reason="asked")
        (one,) = found(workspace, "erasure", at(2))
    assert one.details == {"erasures": [1]}


def test_every_finding_is_of_a_look_and_says_what_to_do(tmp_path: Path) -> None:
    with shop(tmp_path / "a", [*daily(40, without=(20,)), *["u1,,visit,sometime"] * 30]) as workspace:
        for one in look(workspace, now=at(90)):
            assert one.look in LOOKS
            assert one.says
            assert one.do.endswith((".", "`"))


def test_a_slow_beginning_is_no_gap_and_quiet_weekends_are_none() -> None:
    ramp = Arrivals(MONDAY, (2, 0, 3, 5, 9, *[20] * 60))
    assert gaps(ramp) == []
    offices = Arrivals(MONDAY, ((30, 30, 30, 30, 30, 0, 0) * 8))
    assert gaps(offices) == []
    missing = Arrivals(MONDAY, ((30, 30, 30, 30, 30, 0, 0) * 4 + (30, 0, 30, 30, 30, 0, 0) + (30,) * 9))
    (one,) = gaps(missing)
    assert (one.since, one.until, one.usual) == (MONDAY + dt.timedelta(days=29),) * 2 + (30,)


def test_a_week_out_of_the_ordinary() -> None:
    steady = [20] * 70
    assert last_week(Arrivals(MONDAY, tuple(steady))) is None
    fallen = last_week(Arrivals(MONDAY, (*steady, *[4] * 7, 1)))
    assert fallen is not None
    assert (fallen.events, fallen.expected) == (28, 140.0)
    assert fallen.z < -5
    risen = last_week(Arrivals(MONDAY, (*steady, *[60] * 7, 1)))
    assert risen is not None
    assert risen.z > 5
    assert last_week(Arrivals(MONDAY, (5,))) is None


def test_what_lies_long_before_the_rest() -> None:
    assert strays(Arrivals(MONDAY, (1, *[0] * 60, *[10] * 60))) == (1, MONDAY, MONDAY + dt.timedelta(days=61))
    assert strays(Arrivals(MONDAY, (50, *[0] * 60, *[10] * 60))) is None
    assert strays(Arrivals(MONDAY, (1, *[0] * 10, *[10] * 60))) is None
    assert longest_silence(Arrivals(MONDAY, (1, 0, 0, 3, 0, 2, 0, 0, 0))) == 2


def test_remedies_are_known_for_every_reason() -> None:
    from desirepath.connectors.rejects import REASONS, REMEDIES

    assert REMEDIES.keys() == REASONS.keys()
    assert all(text.endswith(".") for text in REMEDIES.values())
