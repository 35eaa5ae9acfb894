"""An answer shows itself in words, tables, charts and HTML, and comes back from JSON as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desirepath import Answer
from desirepath.answers.answer import Notice
from desirepath.answers.charts import funnel_chart, with_data
from desirepath.answers.words import cell, count, percent, plain, span, with_bounds, with_interval
from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics import wilson

SECOND = 1_000_000
COLUMNS = {
    "step": [1, 2],
    "name": ["visit", "<b>order</b>"],
    "reached": [1200, 3],
    "of_entered": [1.0, 0.0025],
    "of_entered_low": [0.997, 0.0009],
    "of_entered_high": [1.0, 0.0073],
    "median_seconds": [None, 90.0],
    "nothing": [None, None],
}


def answer(**changes: Any) -> Answer:
    chart = with_data(funnel_chart(), {"table": COLUMNS})
    given: dict[str, Any] = {
        "question": {"name": "funnel", "steps": ["visit", "order"]},
        "asked_of": {"unit": "person", "cutoff": 5},
        "columns": COLUMNS,
        "extras": {"instead": {"name": ["help", None], "passages": [3, 1]}},
        "words": ("Few order.",),
        "warnings": (Notice("undecided", "3 <could> go on"),),
        "charts": (chart,),
    }
    return Answer(**{**given, **changes})


def test_json_gives_back_the_answer() -> None:
    found = answer(drill=lambda which: {"person": []})
    again = Answer.from_json(found.to_json(indent=2))
    assert again == found
    assert again.to_dict() == found.to_dict() == json.loads(found.to_json())
    with pytest.raises(InputError, match="file"):
        again.people()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        '{"question": {}}',
        '{"question": 1, "asked_of": 2, "table": 3, "extras": 4, "words": 5, "warnings": 6, "charts": 7}',
    ],
)
def test_text_that_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not the JSON of an answer"):
        Answer.from_json(text)


def test_json_never_holds_what_json_cannot() -> None:
    with pytest.raises(ValueError, match="JSON"):
        answer(columns={"share": [float("nan")]}).to_json()


def test_tables() -> None:
    found = answer()
    assert found.table.to_pydict() == COLUMNS
    assert found.to_pandas()["reached"].tolist() == [1200, 3]
    assert found.to_polars()["name"].to_list() == COLUMNS["name"]
    assert found.extra("instead").to_pydict() == {"name": ["help", None], "passages": [3, 1]}
    with pytest.raises(InputError, match="instead"):
        found.extra("outside")


def test_people_are_those_of_the_drill() -> None:
    asked: list[Any] = []

    def drill(which: Any) -> dict[str, list[Any]]:
        asked.append(dict(which))
        return {"person": ["a", "b"]}

    assert answer(drill=drill).people(step=2, outcome="dropped").num_rows == 2
    assert asked == [{"step": 2, "outcome": "dropped"}]


def test_plain_text() -> None:
    lines = plain(answer()).splitlines()
    assert lines[0] == "Few order."
    assert lines[2].split() == ["step", "name", "reached", "of_entered", "median_seconds"]
    assert lines[3].split() == ["1", "visit", "1,200", "100.0", "%", "[99.7,", "100.0]"]
    assert lines[4].split() == ["2", "<b>order</b>", "3", "0.2", "%", "[0.1,", "0.7]", "1.5", "minutes"]
    assert lines[-1] == "note (undecided): 3 <could> go on"
    assert str(answer()) == plain(answer())
    assert plain(answer(columns={}, words=("Nothing.",), warnings=())).strip() == "Nothing."


def test_html_escapes_everything() -> None:
    html = answer(words=("<script>alert(1)</script>",))._repr_html_()
    assert "<script>" not in html
    assert "<b>order" not in html
    assert "&lt;b&gt;order&lt;/b&gt;" in html
    assert "3 &lt;could&gt; go on" in html
    assert set(answer()._repr_mimebundle_()) >= {"text/html", "text/plain"}


def test_chart_draws_the_rows_of_its_table() -> None:
    found = answer()
    assert found.charts[0]["data"]["values"][1]["reached"] == 3
    assert "http" not in json.dumps({key: value for key, value in found.charts[0].items() if key != "$schema"})
    assert found.chart.to_dict(validate=True)["width"] == 480
    with pytest.raises(NotEnoughDataError):
        _ = answer(charts=()).chart


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "no time"),
        (1, "less than a second"),
        (SECOND, "1 second"),
        (1.5 * SECOND, "1.5 seconds"),
        (59 * SECOND, "59 seconds"),
        (60 * SECOND, "1 minute"),
        (90 * SECOND, "1.5 minutes"),
        (3_600 * SECOND, "1 hour"),
        (36 * 3_600 * SECOND, "1.5 days"),
        (240 * 3_600 * SECOND, "10 days"),
    ],
)
def test_spans_of_time(microseconds: float, text: str) -> None:
    assert span(microseconds) == text


@pytest.mark.parametrize("microseconds", [59.96 * SECOND, 59.6 * 60 * SECOND, 23.99 * 3_600 * SECOND, 9.96 * SECOND])
def test_a_span_never_shows_a_full_unit_of_the_smaller_kind(microseconds: float) -> None:
    number, unit = span(microseconds).split()
    full = {"second": 60, "seconds": 60, "minute": 60, "minutes": 60, "hour": 24, "hours": 24}
    assert float(number) < full.get(unit, 10**9), span(microseconds)
    assert number != "10.0"


def test_numbers_as_people_write_them() -> None:
    assert (count(1234567), count(0)) == ("1,234,567", "0")
    assert (percent(0.1234), percent(0.1234, 2), percent(1.0), percent(None)) == (
        "12.3 %",
        "12.34 %",
        "100.0 %",
        "not enough data",
    )
    assert with_interval(wilson(81, 263)) == "30.8 % (95 % interval 25.5 to 36.6 %)"
    assert with_interval(wilson(0, 0)) == "not enough data"
    assert (cell("of_entered", 0.5), cell("gap_seconds", 90), cell("x", None), cell("flagged", True)) == (
        "50.0 %",
        "1.5 minutes",
        "",
        "yes",
    )
    assert with_bounds(COLUMNS, "reached", 0) == "1,200"


def test_asked_in_full(tmp_path: Any) -> None:
    from made_workspaces import made

    found = made(tmp_path, "u A 2023-05-01T10:00:00Z").ask("funnel", steps=["A", "B"])
    assert set(found.question) == {
        "name",
        "steps",
        "window",
        "order",
        "entry",
        "exclude",
        "excluded",
        "hold",
        "strict_scope",
        "rates",
        "distinct",
        "grace",
        "instead_within",
        "instead_top",
    }
    assert {
        "unit",
        "period",
        "filter",
        "cohort",
        "breakdown",
        "sample",
        "against",
        "cutoff",
        "data_version",
        "identity_version",
        "time_zone",
        "workspace",
    } <= set(found.asked_of)
