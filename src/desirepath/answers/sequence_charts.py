"""What do transitions, paths and steps look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def moves_chart() -> dict[str, Any]:
    """A heat map of what follows what."""
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "datum.from != '(other)'"}],
        "mark": {"type": "rect"},
        "width": {"step": 30},
        "height": {"step": 20},
        "encoding": {
            "y": {"field": "from", "type": "nominal", "title": "from"},
            "x": {"field": "to", "type": "nominal", "title": "to"},
            "color": {"field": "times", "type": "quantitative", "scale": {"scheme": "blues", "type": "sqrt"}},
            "tooltip": [
                {"field": "from"},
                {"field": "to"},
                {"field": "times", "type": "quantitative", "format": ","},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "of_visits", "type": "quantitative", "format": ".1%"},
                {"field": "median_seconds", "type": "quantitative", "format": ",.1f"},
            ],
        },
    }


def paths_chart(*, converts: bool) -> dict[str, Any]:
    """Bars of the most frequent paths, by what became of those who took them."""
    outcomes = ["converted", "left", "undecided"] if converts else ["left", "undecided"]
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "datum.path != '(other)'"}, {"fold": outcomes, "as": ["outcome", "number"]}],
        "mark": {"type": "bar"},
        "width": 420,
        "height": {"step": 20},
        "encoding": {
            "y": {"field": "path", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 380}},
            "x": {"field": "number", "type": "quantitative", "title": "people"},
            "color": {"field": "outcome", "type": "nominal", "title": None, "sort": outcomes},
            "tooltip": [
                {"field": "path"},
                {"field": "outcome"},
                {"field": "number", "type": "quantitative", "format": ","},
            ],
        },
    }


def time_chart() -> dict[str, Any]:
    """The share to whom each outcome has come, as steps with a band."""
    share = {"type": "quantitative", "axis": {"format": "%"}, "title": "of all who started"}
    after = {"field": "after_seconds", "type": "quantitative", "title": "seconds since the start"}
    return {
        "data": {"name": "curve"},
        "width": 480,
        "height": 260,
        "encoding": {"x": after, "color": {"field": "outcome", "type": "nominal", "title": None}},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.2, "interpolate": "step-after"},
                "encoding": {"y": {"field": "of_started_low", **share}, "y2": {"field": "of_started_high"}},
            },
            {
                "mark": {"type": "line", "interpolate": "step-after"},
                "encoding": {"y": {"field": "of_started", **share}},
            },
        ],
    }


def steps_chart() -> dict[str, Any]:
    """A heat map: the share of everybody at each touchpoint, step by step."""
    return {
        "data": {"name": "table"},
        "mark": {"type": "rect"},
        "width": {"step": 38},
        "height": {"step": 20},
        "encoding": {
            "x": {"field": "step", "type": "ordinal"},
            "y": {"field": "touchpoint", "type": "nominal", "sort": None, "title": None},
            "color": {
                "field": "of_everyone",
                "type": "quantitative",
                "axis": {"format": "%"},
                "scale": {"scheme": "blues"},
                "title": "of everybody",
            },
            "tooltip": [
                {"field": "step", "type": "ordinal"},
                {"field": "touchpoint"},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "of_everyone", "type": "quantitative", "format": ".1%"},
            ],
        },
    }


def sequences_chart(*, converts: bool) -> dict[str, Any]:
    """Sequences by the difference that goes with them, with its interval; or by how many have them."""
    names = {"field": "sequence", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
    if not converts:
        bars = {"field": "of_people", "type": "quantitative", "axis": {"format": "%"}, "title": "share of people"}
        return {"data": {"name": "table"}, "mark": {"type": "bar", "color": INK}, "encoding": {"y": names, "x": bars}}
    share = {"type": "quantitative", "axis": {"format": "+%"}, "title": "more convert than among the others"}
    return {
        "data": {"name": "table"},
        "width": 360,
        "encoding": {"y": names},
        "layer": [
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 3},
                "encoding": {"x": {"field": "of_more_low", **share}, "x2": {"field": "of_more_high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "color": INK},
                "encoding": {
                    "x": {"field": "of_more", **share},
                    "tooltip": [
                        {"field": "sequence"},
                        {"field": "people", "type": "quantitative", "format": ","},
                        {"field": "of_decided", "type": "quantitative", "format": ".1%"},
                        {"field": "of_others", "type": "quantitative", "format": ".1%"},
                    ],
                },
            },
        ],
    }


def types_chart() -> dict[str, Any]:
    """How many journeys are of each type."""
    return {
        "data": {"name": "table"},
        "mark": {"type": "bar", "color": INK},
        "width": 360,
        "encoding": {
            "y": {"field": "type", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "of_people", "type": "quantitative", "axis": {"format": "%"}, "title": "share of journeys"},
            "tooltip": [
                {"field": "type"},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "typical"},
                {"field": "marks"},
            ],
        },
    }


def timeline_chart() -> dict[str, Any]:
    """A tick per event on the axis of time, a line per touchpoint."""
    return {
        "data": {"name": "table"},
        "width": 560,
        "height": {"step": 20},
        "mark": {"type": "tick", "thickness": 2},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None},
            "y": {"field": "name", "type": "nominal", "title": None, "sort": {"field": "event", "op": "min"}},
            "tooltip": [{"field": "event"}, {"field": "at", "type": "nominal"}, {"field": "name"}, {"field": "visit"}],
        },
    }


def patterns_chart() -> dict[str, Any]:
    """A bar per pattern: the share of journeys that fit, with its interval."""
    x = {"type": "quantitative", "title": "share of journeys that fit", "axis": {"format": "%"}}
    y = {"field": "pattern", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 320}}
    return {
        "data": {"name": "table"},
        "width": 400,
        "height": {"step": 28},
        "encoding": {"y": y},
        "layer": [
            {"mark": {"type": "bar", "color": PALE}, "encoding": {"x": {"field": "of_people", **x}}},
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {"x": {"field": "of_people_low", **x}, "x2": {"field": "of_people_high"}},
            },
        ],
    }
