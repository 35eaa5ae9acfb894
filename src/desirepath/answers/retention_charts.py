"""What do retention, stickiness and lifecycle look like? Vega-Lite specifications without data."""

from __future__ import annotations

from collections.abc import Sequence
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


def lifecycle_chart() -> dict[str, Any]:
    """Who is active, new, back or back after a while, above the line; who stays away below it."""
    states = ["new", "returning", "resurrected", "dormant"]
    return {
        "data": {"name": "table"},
        "transform": [
            {"calculate": "datum.dormant === null ? null : -datum.dormant", "as": "dormant"},
            {"fold": states, "as": ["state", "people"]},
        ],
        "mark": {"type": "bar"},
        "width": 480,
        "height": 240,
        "encoding": {
            "x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None},
            "y": {"field": "people", "type": "quantitative", "title": "people; below: who stayed away"},
            "color": {
                "field": "state",
                "type": "nominal",
                "scale": {"domain": states, "range": ["#98c1d9", INK, "#7a9e7e", "#d98f6c"]},
            },
            "tooltip": [
                {"field": "bucket"},
                {"field": "state"},
                {"field": "people", "type": "quantitative", "format": ","},
            ],
        },
    }


def stickiness_chart(widths: Sequence[int]) -> dict[str, Any]:
    """The share of those active within a while who are active now, over time."""
    return {
        "data": {"name": "table"},
        "transform": [{"fold": [f"of_{width}" for width in widths], "as": ["share of", "share"]}],
        "mark": {"type": "line"},
        "width": 480,
        "height": 200,
        "encoding": {
            "x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None}
            | {"axis": {"labelOverlap": True}},
            "y": {"field": "share", **_SHARE, "title": "active now, of those active within"},
            "color": {"field": "share of", "type": "nominal"},
        },
    }


def spread_chart() -> dict[str, Any]:
    """On how many of the last days people came."""
    return {
        "data": {"name": "spread"},
        "mark": {"type": "bar", "color": INK},
        "width": 320,
        "height": 160,
        "encoding": {
            "row": {"field": "of", "type": "ordinal", "title": "of the last"},
            "x": {"field": "active", "type": "ordinal", "title": "active in so many"},
            "y": {"field": "people", "type": "quantitative"},
            "tooltip": [
                {"field": "active", "type": "quantitative"},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "of_people", "type": "quantitative", "format": ".1%"},
            ],
        },
    }


def levels_chart() -> dict[str, Any]:
    """The share of people at each level beside the share of everything that is theirs."""
    return {
        "data": {"name": "table"},
        "transform": [{"fold": ["of_people", "of_total"], "as": ["share of", "share"]}],
        "mark": {"type": "bar"},
        "width": 360,
        "encoding": {
            "y": {"field": "level", "type": "nominal", "sort": None, "title": None},
            "yOffset": {"field": "share of", "type": "nominal"},
            "x": {"field": "share", **_SHARE, "title": None},
            "color": {
                "field": "share of",
                "type": "nominal",
                "scale": {"domain": ["of_people", "of_total"], "range": [PALE, INK]},
            },
        },
    }
