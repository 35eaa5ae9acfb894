"""Attempts, sessions and other parts of a journey, hidden starts, rows of what is left over: what each number is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_workspaces import codes, made

from desirepath import Answer
from desirepath.errors import UnknownNameError

D = "2023-05-01T"
LATE = "z late 2023-09-01T10:00:00Z"


def reached(answer: Answer) -> dict[str, list[int]]:
    """How many reached each step, by group."""
    found: dict[str, list[int]] = {}
    for row in answer.table.to_pylist():
        found.setdefault(row.get("group", "(everyone)"), []).append(row["reached"])
    return found


def test_what_came_first_after_a_start_that_is_not_shown(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        ann  visit   {D}10:00:00Z
        ann  search  {D}10:01:00Z
        ann  order   {D}10:02:00Z
        bob  visit   {D}10:00:00Z
        bob  help    {D}10:01:00Z
        {LATE}
        """,
        late=False,
    )
    plain = ws.ask("paths", start="visit", end="order", window="1 hour").extra("next").to_pylist()
    assert {(row["next"], row["converted"], row["left"]) for row in plain} == {("search", 1, 0), ("help", 0, 1)}
    for view in ({"hide": ["visit"]}, {"only": ["search", "help", "order"]}):
        found = ws.ask("paths", start="visit", end="order", window="1 hour", **view)
        assert found.extra("next").to_pylist() == plain


# ---- attempts, sessions, held values ------------------------------------------------------------------------


def test_every_attempt_is_of_its_own_entry(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        u  A  {D}10:00:00Z           channel=web
        u  B  {D}10:10:00Z           channel=web
        u  A  2023-05-02T10:00:00Z   channel=app
        u  B  2023-05-02T10:20:00Z   channel=app
        """,
    )
    asked = {"steps": ["A", "B"], "window": "1 hour", "entry": "each"}
    assert reached(ws.ask("funnel", **asked, breakdown="channel")) == {
        "(everyone)": [2, 2],
        "app": [1, 1],
        "web": [1, 1],
    }
    rows = ws.ask("funnel", **asked).people(step=2).to_pylist()
    assert [f"{row['entered_at']:%d %H}" for row in rows] == ["01 10", "02 10"]


def test_the_first_entry_lies_in_one_session_and_others_are_no_first(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        u  A  {D}10:00:00Z  channel=web
        u  A  {D}20:00:00Z  channel=app
        u  B  {D}20:05:00Z  channel=app
        """,
    )
    asked = {"steps": ["A", "B"], "window": "session"}
    for of in ({"entry": "first"}, {"like": "mixpanel"}):
        assert reached(ws.ask("funnel", **asked, **of))["(everyone)"] == [1, 0]
    split = ws.ask("funnel", **asked, breakdown="channel")
    assert reached(split) == {"(everyone)": [1, 1], "web": [1, 1]}
    assert "first_touch" in codes(split)


def test_who_met_an_excluded_event_is_taken_out_whichever_part_it_was_in(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        early  A  {D}10:00:00Z  plan=x
        early  X  {D}10:01:00Z  plan=x
        early  A  {D}12:00:00Z  plan=y
        late   A  {D}10:00:00Z  plan=y
        late   A  {D}12:00:00Z  plan=x
        late   X  {D}12:01:00Z  plan=x
        """,
    )
    asked = {"steps": ["A", "B"], "exclude": ["X"], "excluded": "drop_unit"}
    for part in ({"window": "session"}, {"window": "1 hour", "hold": ["plan"]}, {"window": "1 hour"}):
        found = ws.ask("funnel", **asked, **part)
        assert reached(found)["(everyone)"] == [0, 0]
        assert "taken_out" in codes(found)


def test_a_stray_event_is_no_excluded_one_where_the_exclusion_does_not_hold_yet(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        u  A  {D}10:00:00Z
        u  X  {D}10:05:00Z
        v  A  {D}10:00:00Z
        v  Y  {D}10:05:00Z
        w  A  {D}10:00:00Z
        w  B  {D}10:01:00Z
        w  X  {D}10:05:00Z
        """,
    )
    asked = {"steps": ["A", "B", "C"], "window": "1 hour", "order": "strict", "exclude": [{"where": "X", "after": 2}]}
    out = ws.ask("funnel", **asked, excluded="drop_unit")
    assert reached(out)["(everyone)"] == [2, 0, 0]  # w is taken out, u is not
    (told,) = [item.text for item in ws.ask("funnel", **asked).warnings if item.code == "excluded"]
    assert told.startswith("In 1 ")


def test_a_session_in_which_another_lies_is_open_as_long_as_it_takes_events(tmp_path: Path) -> None:
    rows = f"""
        u  A  {D}10:00:00Z  channel=web
        u  Y  {D}10:20:00Z  channel=app  session=s2
        u  Z  {D}10:25:00Z  channel=app
        z  Y  {D}10:40:00Z
        """
    asked = {"steps": ["A", "B"], "window": "session", "filter": "channel = 'web'"}
    found = made(tmp_path / "open", rows, late=False).ask("funnel", **asked).table.to_pylist()[0]
    assert (found["dropped"], found["undecided"], found["mature"]) == (0, 1, 0)
    over = rows.replace("10:40", "10:56")
    found = made(tmp_path / "over", over, late=False).ask("funnel", **asked).table.to_pylist()[0]
    assert (found["dropped"], found["undecided"], found["mature"]) == (1, 0, 1)


# ---- lines of what is left over -----------------------------------------------------------------------------


def test_other_paths_and_touchpoints_lead_to_their_people_and_misspelt_ones_are_refused(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        ann  visit   {D}10:00:00Z
        ann  search  {D}10:01:00Z
        bob  visit   {D}10:00:00Z
        bob  help    {D}10:01:00Z
        """,
    )
    paths = ws.ask("paths", start="visit", window="1 hour", most=1)
    assert (paths.columns["path"][-1], paths.columns["people"][-1]) == ("(other)", 1)
    assert paths.people(path="(other)").num_rows == 1
    rest = paths.people(no_path=[paths.columns["path"][0]])
    assert rest.to_pylist() == paths.people(path="(other)").to_pylist()
    steps = ws.ask("steps", start="visit", window="1 hour", most=1, length=2)
    (row,) = [each for each in steps.table.to_pylist() if each["touchpoint"] == "(other)"]
    assert steps.people(step=row["step"], touchpoint="(other)").num_rows == row["people"] == 2
    for answer, which in (
        (paths, {"path": "visit > serch"}),
        (paths, {"begins": ["vsit"]}),
        (steps, {"step": 2, "touchpoint": "serch"}),
    ):
        with pytest.raises(UnknownNameError, match="Did you mean"):
            answer.people(**which)


def test_rows_of_groups_in_another_order_stand_beside_their_own(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        a  A  {D}10:00:00Z  plan=x
        b  A  {D}10:00:00Z  plan=x
        c  A  {D}10:00:00Z  plan=x
        d  A  {D}10:00:00Z  plan=y
        d  A  {D}10:00:01Z  plan=y
        d  A  {D}10:00:02Z  plan=y
        d  A  {D}10:00:03Z  plan=y
        """,
    )
    asked = {"steps": ["A", "A"], "window": "1 minute", "entry": "each", "breakdown": "plan"}
    found = ws.ask("funnel", **asked, like="clickhouse")
    rows = [row for row in found.extra("like").to_pylist() if row["measure"] == "reached"]
    assert [(row["group"], row["here"], row["there"]) for row in rows] == [
        ("(everyone)", 5, 7),
        ("(everyone)", 2, 7),
        ("x", 3, 3),
        ("x", 0, 3),
        ("y", 2, 4),
        ("y", 2, 4),
    ]


def test_a_step_within_the_grace_may_lie_before_the_period(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        "u B 2023-04-30T23:59:59Z\nu A 2023-05-01T00:00:00Z\nv B 2023-04-30T23:59:57Z\nv A 2023-05-01T00:00:00Z",
    )
    asked = {"steps": ["A", "B"], "entry": "first", "grace": "2 seconds", "window": "1 hour"}
    for period in (None, "2023-05-01"):
        assert reached(ws.ask("funnel", **asked, period=period))["(everyone)"] == [2, 1]


def test_what_has_begun_to_fit_is_over_with_the_period(tmp_path: Path) -> None:
    ws = made(tmp_path, "ann visit 2023-05-04T10:00:00Z\nbob visit 2023-06-03T10:00:00Z", late=False)
    asked = {"patterns": ["visit -> ... -> order"]}
    for period, expected in (("2023-05-04", (0, 1)), (None, (2, 0)), ("2023-05-04..2023-06-04", (2, 0))):
        row = ws.ask("patterns", **asked, period=period).table.to_pylist()[0]
        assert (row["undecided"], row["fits_not"]) == expected


def test_buckets_within_buckets_lead_to_their_people(tmp_path: Path) -> None:
    rows = [f"p{i} visit 2023-05-{day:02}T10:00:00Z" for day in range(1, 22) for i in range(day % 5)]
    ws = made(tmp_path, "\n".join(rows), late=False)
    found = ws.ask("lifecycle", every="day", over="week")
    told = 0
    for row in found.table.to_pylist():
        for state in ("new", "returning", "resurrected", "dormant"):
            here = {"bucket": row["bucket"], "inner_bucket": row["inner_bucket"], "state": state}
            assert found.people(**here).num_rows == row[state]
            told += row[state]
    assert told


def test_what_is_summed_up_of_what_was_done_instead_leads_to_its_people(tmp_path: Path) -> None:
    did = {"p1": "help", "p2": "help", "p3": "search", "p4": "chat"}
    rows = [f"{who} A {D}10:00:00Z\n{who} {what} {D}10:01:00Z" for who, what in did.items()] + [f"p5 A {D}10:00:00Z"]
    found = made(tmp_path, "\n".join(rows)).ask("funnel", steps=["A", "B"], window="1 hour", instead_top=1)
    told = {row["instead"]: row["passages"] for row in found.extra("instead").to_pylist()}
    assert told == {"help": 2, "(other)": 2, "(nothing)": 1}
    for name, many in told.items():
        assert found.people(step=1, instead=name).num_rows == many
    others = found.people(step=1, but=["help", "(nothing)"]).num_rows
    assert (found.people(step=1, but="help").num_rows, others) == (3, 2)
    assert set(found.people(step=1, instead="(other)")["person"].to_pylist()) == {"user_id:p3", "user_id:p4"}


def test_a_held_value_has_its_own_entry(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        u  A  {D}10:00:00Z  plan=x
        u  A  {D}12:00:00Z  plan=y
        u  B  {D}12:05:00Z  plan=y
        """,
    )
    for more in ({}, {"entry": "first"}, {"window": "session"}):
        asked = {"steps": ["A", "B"], "window": "1 hour", "hold": ["plan"], **more}
        assert reached(ws.ask("funnel", **asked, breakdown="plan")) == {"(everyone)": [1, 1], "y": [1, 1]}
        (row,) = ws.ask("funnel", **asked).people(step=2).to_pylist()
        assert f"{row['entered_at']:%H:%M}" == "12:00"


def test_what_came_next_leads_to_its_people(tmp_path: Path) -> None:
    rows = f"""
        ann  visit   {D}10:00:00Z
        ann  search  {D}10:01:00Z
        ann  order   {D}10:02:00Z
        bob  visit   {D}10:00:00Z
        bob  search  {D}10:01:00Z
        cat  visit   {D}10:00:00Z
        dan  visit   {D}10:00:00Z
        dan  help    {D}10:01:00Z
        """
    ws = made(tmp_path, rows)
    for view in ({}, {"hide": ["visit"]}):
        found = ws.ask("paths", start="visit", end="order", window="1 hour", **view)
        assert "told" not in found.people().column_names
        told = found.extra("next").to_pylist()
        assert {row["next"] for row in told} == {"search", "help", "(nothing)"}
        for row in told:
            assert found.people(next=row["next"]).num_rows == row["converted"] + row["left"] + row["undecided"]
            assert found.people(next=row["next"], outcome="left").num_rows == row["left"]
    for which in ({"next": "serch"}, {"but": ["serch"]}, {"no_path": "visit > serch"}):
        with pytest.raises(UnknownNameError, match="search"):
            found.people(**which)


def test_a_misspelt_type_of_entity_is_pointed_out(tmp_path: Path) -> None:
    """As the unit it would count nobody and say nothing."""
    ws = made(tmp_path, "u A 2023-05-01T00:00:00Z entity_type=ticket entity_id=7")
    assert "unknown_name" not in {each.code for each in ws.ask("measure", event="A", unit="entity").warnings}
    (text,) = [
        each.text for each in ws.ask("measure", event="A", unit="entity:tickt").warnings if each.code == "unknown_name"
    ]
    assert "no type of entity called 'tickt'" in text
