"""Held answers lead to whom they counted; answers of closed periods outlive newer data, and others do not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import add, made, rows_of

from desirepath import Answer, Workspace, runner
from desirepath.engines.duckdb import DuckEngine, quiet
from desirepath.erasing import erase_person
from desirepath.errors import CancelledError, InputError
from desirepath.segments import Segment

PEOPLE = [f"p{number:02d}" for number in range(40)]
STORY = "\n".join(
    [
        *(f"{one}  A  2023-05-01T10:00:00Z  channel=web" for one in PEOPLE),
        *(f"{one}  B  2023-05-01T10:30:00Z  channel=web" for one in PEOPLE[::4]),
        "zed  C  2023-06-01T00:00:00Z",
    ]
)
MAY: dict[str, Any] = {"steps": ["A", "B"], "window": "1 day", "period": "2023-05"}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, STORY, late=False) as found:
        add(found, rows_of("zed  C  2023-06-03T00:00:00Z", first=90), name="end")
        yield found


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows whenever something is counted."""
    made: list[str] = []
    true_ask = runner.ask
    monkeypatch.setattr(runner, "ask", lambda *args, **more: made.append("") or true_ask(*args, **more))
    return made


def came(ws: Workspace, text: str, name: str) -> None:
    add(ws, rows_of(text, first=1_000 + 100 * ws.engine.extent().data_version), name=name)


def people(found: Answer, **which: Any) -> list[str]:
    return sorted(found.people(**which)["person"].to_pylist())


def test_the_people_of_a_held_answer_are_those_whom_it_counted(ws: Workspace) -> None:
    held = ws.ask("funnel", steps=["A", "B"], window="1 day")
    before = people(held, step=2)
    assert len(before) == 10
    came(ws, "\n".join(f"q{n:02d}  C  2023-06-04T00:00:00Z" for n in range(40)), "others")
    assert len(people(ws.ask("funnel", steps=["A", "B"], window="1 day"), step=2)) == 10
    assert people(held, step=2) == before


def test_held_answers_lead_to_whom_they_counted_however_much_comes(ws: Workspace) -> None:
    """Journeys that are read again are those of the time of asking: appended to, and made anew."""
    came(ws, "p00  A  2023-05-20T10:00:00Z", "late")  # so that one block is put together from two files
    funnel = ws.ask("funnel", steps=["A", "B"], window="1 day", breakdown="channel")
    moves = ws.ask("transitions")
    assert moves.drill.runs["(everyone)"].found[0].let_go
    engine = ws.engine
    came(ws, "p00  B  2023-05-20T10:10:00Z\np01  B  2023-05-01T10:20:00Z\nnew  A  2023-05-02T00:00:00Z", "few")
    for _ in range(2):
        assert ws.engine is engine
        assert len(people(funnel, step=1)) == funnel.columns["reached"][0] == 40
        assert len(people(funnel, step=2, group="web")) == 10
        assert moves.people(**{"from": "A", "to": "B"}).num_rows == 10
        assert ws.ask("funnel", steps=["A", "B"], window="1 day").columns["reached"] == [41, 11]
        many = "\n".join(f"n{k:03d}  C  2023-06-04T00:00:00Z" for k in range(200))
        came(ws, many, f"many {ws.engine.extent().data_version}")


def test_held_answers_do_without_the_workspace(ws: Workspace) -> None:
    found = ws.ask("funnel", steps=["A", "B"], window="1 day")
    ws.close()
    assert len(people(found, step=2)) == 10
    came(Workspace(ws.root), "new  A  2023-05-02T00:00:00Z", "by another")
    assert len(people(found, step=1)) == 40
    shutil.rmtree(ws.root)
    assert len(people(found, step=2)) == 10


def test_data_that_comes_while_a_question_is_asked_is_no_part_of_it(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_map, done = DuckEngine.map, []

    def late(self: DuckEngine, *args: Any, **more: Any) -> list[Any]:
        if not done:
            done.append(came(ws, "new  A  2023-05-02T00:00:00Z", "meanwhile"))
        return true_map(self, *args, **more)

    monkeypatch.setattr(DuckEngine, "map", late)
    found = ws.ask("funnel", steps=["A", "B"], window="1 day")
    assert found.columns["reached"] == [40, 10]
    assert len(people(found, step=1)) == 40
    assert ws.ask("funnel", steps=["A", "B"], window="1 day").columns["reached"] == [41, 10]


def test_after_an_erasure_nothing_of_before_is_read_again(ws: Workspace) -> None:
    funnel, moves = ws.ask("funnel", steps=["A", "B"], window="1 day"), ws.ask("transitions")
    earlier = ws.ask("funnel", steps=["A", "B"], window="1 day", as_of=1)
    erase_person(ws, "user_id:p00", author="Ada", reason="asked", progress=quiet)
    for found, which in ((funnel, {"step": 1}), (moves, {"from": "A", "to": "B"}), (earlier, {"step": 1})):
        with pytest.raises(InputError, match="was erased"):
            found.people(**which)
    assert len(people(ws.ask("funnel", steps=["A", "B"], window="1 day"), step=1)) == 39


def test_what_the_database_tells_is_told_as_long_as_rows_are_kept(ws: Workspace) -> None:
    came(ws, "k1  A  2023-05-05T10:00:00Z  plan=pro\nk1  B  2023-05-05T11:00:00Z  plan=pro", "plans")
    asked: dict[str, Any] = {"steps": ["plan = 'pro' and name = 'A'", "B"], "window": "1 day"}
    held, split = ws.ask("funnel", **asked), ws.ask("funnel", steps=["A", "B"], window="1 day", breakdown="plan")
    moves = ws.ask("transitions", filter="plan = 'pro'")
    came(ws, "k1  B  2023-05-05T10:30:00Z  plan=pro\nk2  A  2023-05-05T10:00:00Z  plan=pro", "more")
    assert people(held, step=2) == people(split, step=2, group="pro") == people(held, step=1)
    assert ws.ask("funnel", **asked).columns["reached"] == [2, 1]
    with pytest.raises(InputError, match="has changed since"):
        moves.people(**{"from": "A", "to": "B"})


def test_newer_data_leaves_a_closed_period_alone(ws: Workspace, asks: list[str]) -> None:
    first = ws.ask("funnel", **MAY)
    split = ws.ask("funnel", **MAY, breakdown="channel")
    compared = ws.ask("funnel", **MAY, compare={"filter": "channel = 'web'"})
    assert len(asks) == 3
    newer = "\n".join(f"{one}  A  2023-06-04T00:00:00Z" for one in ["p00", "a", "n", "z"])
    came(ws, newer, "newer")
    again = ws.ask("funnel", **MAY)
    assert len(asks) == 3
    assert (again.columns, again.extras, again.words) == (first.columns, first.extras, first.words)
    assert again.asked_of["data_version"] == ws.engine.extent().data_version > first.asked_of["data_version"]
    assert again.asked_of["cutoff"] > first.asked_of["cutoff"]
    assert ws.ask("funnel", **MAY, breakdown="channel").columns == split.columns
    assert ws.ask("funnel", **MAY, compare={"filter": "channel = 'web'"}).columns == compared.columns
    assert len(asks) == 3
    assert people(again, step=2) == people(first, step=2)
    assert again.compare(first).columns["group"] == first.compare(again).columns["group"]
    again.save("converted", step=2)
    assert ws.ask("funnel", **MAY, cohort="converted").columns["reached"] == [10, 10]
    came(ws, newer.replace("06-04", "06-05"), "newest")
    before = len(asks)
    assert ws.ask("funnel", **MAY).columns == first.columns
    assert len(asks) == before


def test_what_may_change_is_asked_anew(ws: Workspace, asks: list[str]) -> None:
    ws.ask("funnel", **MAY)
    open_ended = {**MAY, "period": "2023-06"}
    ws.ask("funnel", **open_ended)
    ws.ask("funnel", **MAY, cohort="name = 'C'")
    came(ws, "zed  A  2023-06-04T00:00:00Z", "newer")
    assert ws.ask("funnel", **open_ended).columns["reached"][0] == 1
    ws.ask("funnel", **MAY, cohort="name = 'C'")
    assert len(asks) == 5
    came(ws, "late  A  2023-05-20T00:00:00Z", "late")  # of the closed period, but came now
    assert ws.ask("funnel", **MAY).columns["reached"] == [41, 10]
    assert len(asks) == 6


def test_a_name_that_comes_later_is_no_longer_unknown(ws: Workspace) -> None:
    asked = {**MAY, "steps": ["A", "D"]}
    assert [one.code for one in ws.ask("funnel", **asked).warnings] == ["unknown_name"]
    came(ws, "zed  D  2023-06-04T00:00:00Z", "newer")
    assert ws.ask("funnel", **asked).warnings == ()


def test_buckets_that_are_over_are_counted_once(ws: Workspace, asks: list[str]) -> None:
    asked = {**MAY, "period": "2023-05-01..2023-07-01", "over": "week"}
    first = ws.ask("funnel", **asked)
    counted = len(asks)
    came(ws, "zed  A  2023-06-04T00:00:00Z", "newer")
    again = ws.ask("funnel", **asked)
    assert counted >= 5
    assert 1 <= len(asks) - counted <= 2
    whole = first.columns["state"].index("whole")
    assert again.columns["reached"][whole] == first.columns["reached"][whole]


def test_people_of_a_settled_answer_are_counted_once(ws: Workspace, asks: list[str]) -> None:
    ws.ask("funnel", **MAY)
    came(ws, "zed  A  2023-06-04T00:00:00Z", "newer")
    again = ws.ask("funnel", **MAY)
    before = len(asks)
    assert len(people(again, step=2)) == 10
    assert len(people(ws.ask("funnel", **MAY), step=1)) == 40
    assert len(asks) == before + 1

    def stop(*_: Any) -> None:
        raise CancelledError("enough")

    came(ws, "zed  A  2023-06-05T00:00:00Z", "newest")
    with pytest.raises(CancelledError):
        ws.ask("funnel", **MAY, progress=stop).people(step=2)


def test_nothing_is_kept_of_former_segments(ws: Workspace) -> None:
    for number in range(3):
        ws.ask("funnel", **MAY)
        ws.segments.save(Segment(f"s{number}", "name = 'A'"))
        came(ws, f"zed  A  2023-06-0{4 + number}T00:00:00Z", f"newer {number}")
    ws.ask("funnel", **MAY)
    assert len(ws.asking.remembered) == 1


def test_buckets_that_the_period_cuts_are_not_over_with_it(ws: Workspace) -> None:
    """The last week of May ends in June: only then is it known to be over."""
    asked: dict[str, Any] = {"answers": "A", "score": "channel", "every": "month", "period": "2023-05-01..2023-05-20"}
    before = ws.ask("scores", **asked)
    came(ws, "zed  C  2023-07-20T00:00:00Z", "newer")
    after = ws.ask("scores", **asked)
    ws.asking.remembered.forget()
    assert after.to_dict() == ws.ask("scores", **asked).to_dict()
    assert before.question == after.question


def test_people_of_an_answer_that_has_become_another_are_refused(ws: Workspace) -> None:
    ws.ask("funnel", **MAY)
    came(ws, "zed  A  2023-06-04T00:00:00Z", "newer")
    again = ws.ask("funnel", **MAY)
    came(ws, "late  A  2023-05-20T00:00:00Z", "late")
    with pytest.raises(InputError, match="has changed since"):
        again.people(step=1)
