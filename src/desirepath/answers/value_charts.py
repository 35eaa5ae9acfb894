"""What does the value of customers look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def curve_chart() -> dict[str, Any]:
    """What each cohort's customers had brought in by each age."""
    return {
        "data": {"name": "curve"},
        "transform": [{"filter": "isValid(datum.brought_in)"}],
        "width": 480,
        "height": 260,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "age_days", "type": "quantitative", "title": "days since the first purchase"},
            "y": {"field": "brought_in", "type": "quantitative", "title": "brought in by then, a customer"},
            "color": {"field": "cohort", "type": "nominal", "sort": None},
            "tooltip": [
                {"field": "cohort"},
                {"field": "age_days", "type": "quantitative"},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "brought_in", "type": "quantitative", "format": ",.2f"},
            ],
        },
    }


def value_chart() -> dict[str, Any]:
    """What each cohort's customers brought in, and on top of it what is to come, with its interval."""
    amount = {"type": "quantitative", "title": "a customer: brought in (dark), with what is to come (pale)"}
    return {
        "data": {"name": "table"},
        "width": 420,
        "height": {"step": 22},
        "encoding": {"y": {"field": "cohort", "type": "nominal", "sort": None, "title": None}},
        "layer": [
            {
                "mark": {"type": "bar", "color": PALE},
                "encoding": {
                    "x": {"field": "lifetime", **amount},
                    "tooltip": [
                        {"field": "cohort"},
                        {"field": "people", "type": "quantitative", "format": ","},
                        {"field": "so_far", "type": "quantitative", "format": ",.2f"},
                        {"field": "to_come", "type": "quantitative", "format": ",.2f"},
                    ],
                },
            },
            {"mark": {"type": "bar", "color": INK}, "encoding": {"x": {"field": "so_far", **amount}}},
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": {"field": "lifetime_low", "type": "quantitative"},
                    "x2": {"field": "lifetime_high"},
                },
            },
        ],
    }


__all__ = ["curve_chart", "value_chart"]
