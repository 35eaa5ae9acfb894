"""What do retention, stickiness and lifecycle look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE

_SHARE = {"type": "quantitative", "axis": {"format": "%"}}


def curve_chart(every: str) -> dict[str, Any]:
    """The share that comes back by period, with its interval."""
    period = {"field": "period", "type": "ordinal", "sort": None, "title": f"periods ({every}) after the start"}
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "datum.period != '0' && isValid(datum.of_observable)"}],
        "width": 480,
        "height": 240,
        "encoding": {"x": period},
        "layer": [
            {
                "mark": {"type": "area", "color": PALE, "opacity": 0.6},
                "encoding": {
                    "y": {"field": "of_observable_low", **_SHARE, "title": "share that comes back"},
                    "y2": {"field": "of_observable_high"},
                },
            },
            {
                "mark": {"type": "line", "color": INK, "point": True},
                "encoding": {
                    "y": {"field": "of_observable", **_SHARE},
                    "tooltip": [
                        {"field": "period"},
                        {"field": "returned", "type": "quantitative", "format": ","},
                        {"field": "observable", "type": "quantitative", "format": ","},
                        {"field": "of_observable", "type": "quantitative", "format": ".1%"},
                    ],
                },
            },
        ],
    }


def triangle_chart() -> dict[str, Any]:
    """A heat map of cohorts by period."""
    return {
        "data": {"name": "cohorts"},
        "transform": [{"filter": "isValid(datum.of_observable)"}],
        "mark": {"type": "rect"},
        "width": {"step": 34},
        "height": {"step": 18},
        "encoding": {
            "x": {"field": "period", "type": "ordinal", "sort": None},
            "y": {"field": "cohort", "type": "nominal", "sort": None, "title": None},
            "color": {"field": "of_observable", **_SHARE, "scale": {"scheme": "blues"}, "title": "came back"},
            "tooltip": [
                {"field": "cohort"},
                {"field": "period"},
                {"field": "returned", "type": "quantitative", "format": ","},
                {"field": "observable", "type": "quantitative", "format": ","},
                {"field": "of_observable", "type": "quantitative", "format": ".1%"},
            ],
        },
    }
