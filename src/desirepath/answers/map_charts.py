"""How are journey maps drawn? Bars and heat maps that any notebook shows."""

from __future__ import annotations

from typing import Any


def map_chart() -> dict[str, Any]:
    """Bars of what became of instances at every touchpoint, by stage."""
    ways = ["went_on", "converted", "waiting", "left"]
    return {
        "data": {"name": "table"},
        "transform": [{"fold": ways, "as": ["way", "number"]}],
        "mark": {"type": "bar"},
        "width": 420,
        "height": {"step": 22},
        "encoding": {
            "row": {"field": "stage", "type": "nominal", "sort": None, "title": None},
            "y": {"field": "touchpoint", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "number", "type": "quantitative", "title": "instances"},
            "color": {"field": "way", "type": "nominal", "title": None, "sort": ways},
            "tooltip": [
                {"field": "touchpoint"},
                {"field": "way"},
                {"field": "number", "type": "quantitative", "format": ","},
                {"field": "median_seconds", "type": "quantitative", "format": ",.0f"},
                {"field": "of_decided", "type": "quantitative", "format": ".1%"},
            ],
        },
        "resolve": {"scale": {"y": "independent"}},
    }


def difference_chart() -> dict[str, Any]:
    """The two sides of every measure, each on a scale of its own, with intervals."""
    side = {"field": "side", "type": "nominal", "title": None}
    return {
        "data": {"name": "table"},
        "transform": [
            {"fold": ["with", "without"], "as": ["side", "value"]},
            {"calculate": "datum.side == 'with' ? datum.with_low : datum.without_low", "as": "low"},
            {"calculate": "datum.side == 'with' ? datum.with_high : datum.without_high", "as": "high"},
        ],
        "facet": {"row": {"field": "measure", "type": "nominal", "sort": None, "title": None}},
        "spec": {
            "width": 360,
            "height": {"step": 18},
            "encoding": {"y": side},
            "layer": [
                {
                    "mark": {"type": "rule"},
                    "encoding": {
                        "x": {"field": "low", "type": "quantitative", "title": None, "scale": {"zero": False}},
                        "x2": {"field": "high"},
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60},
                    "encoding": {
                        "x": {"field": "value", "type": "quantitative", "title": None},
                        "color": side,
                        "tooltip": [{"field": "measure"}, {"field": "side"}, {"field": "value", "format": ",.4g"}],
                    },
                },
            ],
        },
        "resolve": {"scale": {"x": "independent"}},
    }


def departures_chart() -> dict[str, Any]:
    """Bars of how many instances depart at each place, by kind."""
    return {
        "data": {"name": "table"},
        "transform": [{"window": [{"op": "row_number", "as": "rank"}]}, {"filter": "datum.rank <= 30"}],
        "mark": {"type": "bar"},
        "width": 420,
        "height": {"step": 22},
        "encoding": {
            "y": {"field": "at", "type": "nominal", "sort": {"op": "sum", "field": "instances", "order": "descending"}},
            "x": {"field": "instances", "type": "quantitative"},
            "color": {"field": "kind", "type": "nominal", "title": None},
            "tooltip": [
                {"field": "kind"},
                {"field": "at"},
                {"field": "instances", "type": "quantitative", "format": ","},
                {"field": "of_instances", "type": "quantitative", "format": ".1%"},
                {"field": "conversion_difference", "type": "quantitative", "format": "+.1%"},
            ],
        },
    }


def friction_chart(measure: str) -> dict[str, Any]:
    """The ranked list as bars of money or of lost conversions, with intervals."""
    place = {"field": "place", "type": "nominal", "sort": {"field": "rank"}, "title": None}
    return {
        "data": {"name": "table"},
        "transform": [
            {"filter": f"datum.rank <= 20 && datum.{measure} != null"},
            {"calculate": "datum.kind + ' at ' + datum.at", "as": "place"},
        ],
        "width": 420,
        "height": {"step": 22},
        "encoding": {"y": place},
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {
                    "x": {"field": measure, "type": "quantitative", "title": measure.replace("_", " ")},
                    "opacity": {"field": "clear", "type": "nominal", "scale": {"domain": [False, True]}},
                    "tooltip": [
                        {"field": "place"},
                        {"field": "instances", "type": "quantitative", "format": ","},
                        {"field": measure, "type": "quantitative", "format": ",.0f"},
                        {"field": "evidence"},
                    ],
                },
            },
            {
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": f"{measure}_low", "type": "quantitative"},
                    "x2": {"field": f"{measure}_high"},
                },
            },
        ],
    }
