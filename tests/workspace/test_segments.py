"""People behind a number can be asked anything else, and are found anew in the data of the day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_workspaces import add, groups, made, rows_of, steps

from desirepath import Workspace
from desirepath.errors import FilterError, InputError, UnknownNameError
from desirepath.segments import Segment

STORY = """
ann  visit  2023-05-01T10:00:00Z  channel=web  plan=pro
ann  cart   2023-05-01T10:10:00Z  channel=web
ann  order  2023-05-01T10:20:00Z  channel=web
bob  visit  2023-05-01T11:00:00Z  channel=web  plan=pro
bob  cart   2023-05-01T11:10:00Z  channel=app
bob  help   2023-05-01T11:20:00Z
cat  visit  2023-05-01T12:00:00Z  channel=app  plan=free
cat  help   2023-05-03T12:00:00Z
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, STORY) as found:
        yield found


def people(ws: Workspace, cohort: str) -> set[str]:
    found = ws.ask("funnel", steps=["visit", "help"], window="9 days", cohort=cohort).people(step=1, outcome="reached")
    return {name.removeprefix("user_id:") for name in found.column("person").to_pylist()}


def test_those_behind_a_number_and_all_others(ws: Workspace) -> None:
    answer = ws.ask("funnel", steps=["visit", "cart", "order"], window="1 day")
    answer.save("gave up", step=2, outcome="dropped")
    assert people(ws, "gave up") == {"bob"}
    assert people(ws, "not gave up") == {"ann", "cat"}
    found = ws.ask("funnel", steps=["visit", "help"], window="9 days", cohort="gave up")
    assert found.asked_of["cohort"] == "gave up"
    assert steps(found) == [1, 1]


def test_a_segment_of_a_group_of_a_breakdown(ws: Workspace) -> None:
    answer = ws.ask("funnel", steps=["visit", "cart"], window="1 day", breakdown="plan")
    answer.save("pro visitors", group="pro", step=1, outcome="reached")
    assert people(ws, "pro visitors") == {"ann", "bob"}


def test_a_segment_by_a_filter_and_one_that_rests_on_it(ws: Workspace) -> None:
    ws.segments.save(Segment("on the web", "channel = 'web'"))
    assert people(ws, "on the web") == {"ann", "bob"}
    ws.ask("funnel", steps=["visit", "order"], window="1 day", cohort="on the web").save(
        "web without order", step=1, outcome="dropped"
    )
    assert people(ws, "web without order") == {"bob"}
    assert ws.segment_size("web without order") == 1


def test_it_is_found_anew_in_new_data(ws: Workspace) -> None:
    ws.ask("funnel", steps=["visit", "cart"], window="1 day").save("with a cart", step=2, outcome="reached")
    assert people(ws, "with a cart") == {"ann", "bob"}
    add(ws, rows_of("cat  cart  2023-05-01T12:30:00Z", first=100), name="later")
    assert people(ws, "with a cart") == {"ann", "bob", "cat"}


def test_it_goes_on_after_the_data_in_which_it_was_saved(ws: Workspace) -> None:
    for name, more in (("with a cart", {}), ("with a cart by then", {"cutoff": "2023-05-03T12:00:00Z"})):
        answer = ws.ask("funnel", steps=["visit", "cart"], window="1 day", **more)
        answer.save(name, step=2, outcome="reached")
    later = "dan  visit  2023-06-01T10:00:00Z\ndan  cart  2023-06-01T10:30:00Z"
    add(ws, rows_of(later, first=200), name="later")
    assert people(ws, "with a cart") == {"ann", "bob", "dan"}
    assert people(ws, "with a cart by then") == {"ann", "bob"}


def test_compared_with_another_segment(ws: Workspace) -> None:
    ws.segments.save(Segment("app", "channel = 'app'"))
    found = ws.ask("funnel", steps=["visit", "help"], window="9 days", cohort="app", compare={"cohort": "not app"})
    assert groups(found) == {"this": [2, 2], "other": [1, 0]}


def test_saved_again_under_the_same_name(ws: Workspace) -> None:
    ws.segments.save(Segment("some", "channel = 'app'"))
    assert people(ws, "some") == {"bob", "cat"}
    ws.segments.save(Segment("some", "name = 'order'"))
    assert people(ws, "some") == {"ann"}
    ws.segments.remove("some")
    with pytest.raises(UnknownNameError, match="some"):
        people(ws, "some")


def test_as_of_an_earlier_version_it_is_found_by_that_version(ws: Workspace) -> None:
    ws.segments.save(Segment("app", "channel = 'app'"))
    before = ws.ask("funnel", steps=["visit", "help"], window="9 days", cohort="app")
    version = before.asked_of["identity_version"]
    again = ws.ask("funnel", steps=["visit", "help"], window="9 days", cohort="app", as_of=version)
    assert steps(again) == steps(before)


@pytest.mark.parametrize("name", ["", "not me", "a = b", "true", "x" * 90, "a/b", "../up"])
def test_names_that_could_be_taken_for_something_else_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        Segment(name, "true")


def test_mistakes_are_named(ws: Workspace) -> None:
    ws.segments.save(Segment("promoters", "value >= 9"))
    with pytest.raises(UnknownNameError, match="promoters"):
        people(ws, "promotors")
    with pytest.raises(FilterError):
        people(ws, "channel == 'web'")
    with pytest.raises(InputError, match="share a file"):
        ws.segments.save(Segment("Promoters", "value >= 8"))
    with pytest.raises(InputError, match="question"):
        Segment("nothing")
    answer = ws.ask("funnel", steps=["visit", "cart"], window="1 day")
    with pytest.raises(InputError):
        answer.save("wrong", step=7)
    assert "wrong" not in ws.segments.all()


def test_a_circle_is_refused(ws: Workspace) -> None:
    ws.segments.save(Segment("one", "channel = 'web'"))
    ws.ask("funnel", steps=["visit", "cart"], cohort="one").save("two", step=1, outcome="reached")
    ws.ask("funnel", steps=["visit", "cart"], cohort="two").save("one", step=1, outcome="reached")
    with pytest.raises(InputError, match="rests on"):
        people(ws, "one")


def test_a_file_that_is_no_segment_is_named(ws: Workspace) -> None:
    ws.segments.save(Segment("one", "channel = 'web'"))
    (ws.segments.folder / "one.yaml").write_text("- just\n- a list\n")
    with pytest.raises(InputError, match=r"one\.yaml"):
        ws.segments.all()
