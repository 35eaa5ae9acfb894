"""What does the use of features look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def features_chart() -> dict[str, Any]:
    """A bar per feature: the share of active people that use it, with its interval."""
    share = {"type": "quantitative", "axis": {"format": "%"}, "title": "share of active people that use it"}
    names = {"field": "feature", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
    tooltip = [
        {"field": "feature"},
        {"field": "people", "type": "quantitative", "format": ","},
        {"field": "of_active", "type": "quantitative", "format": ".1%"},
        {"field": "uses_per_person", "type": "quantitative", "format": ",.2f"},
        {"field": "of_uses", "type": "quantitative", "format": ".1%"},
    ]
    return {
        "data": {"name": "features"},
        "transform": [{"filter": "isValid(datum.of_active)"}],
        "width": 400,
        "height": {"step": 24},
        "encoding": {"y": names},
        "layer": [
            {
                "mark": {"type": "bar", "color": PALE},
                "encoding": {"x": {"field": "of_active", **share}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {"x": {"field": "of_active_low", **share}, "x2": {"field": "of_active_high"}},
            },
        ],
    }


def usage_chart() -> dict[str, Any]:
    """Features per person over time, with the interval of the mean."""
    number = {"type": "quantitative", "title": "features per active person"}
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "isValid(datum.breadth)"}],
        "width": 480,
        "height": 200,
        "encoding": {"x": {"field": "bucket", "type": "ordinal", "sort": None, "title": None}},
        "layer": [
            {
                "mark": {"type": "area", "color": PALE, "opacity": 0.6},
                "encoding": {"y": {"field": "breadth_low", **number}, "y2": {"field": "breadth_high"}},
            },
            {
                "mark": {"type": "line", "color": INK, "point": True},
                "encoding": {
                    "y": {"field": "breadth", **number},
                    "tooltip": [
                        {"field": "bucket"},
                        {"field": "active", "type": "quantitative", "format": ","},
                        {"field": "breadth", "type": "quantitative", "format": ".2f"},
                        {"field": "depth", "type": "quantitative", "format": ".2f"},
                    ],
                },
            },
        ],
    }
