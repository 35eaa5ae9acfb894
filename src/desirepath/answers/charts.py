"""What does an answer look like? Vega-Lite specifications, so that notebook, page and exported HTML draw the same.

A specification names the table that it draws (`data: {"name": ...}`); `with_data` puts the rows in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""The name of the dialect; nothing is fetched from it."""

INK, PALE = "#3d5a80", "#b9c7d6"


def with_data(chart: Mapping[str, Any], tables: Mapping[str, Mapping[str, list[Any]]]) -> dict[str, Any]:
    """Bind the rows of the table that the chart names."""
    table = tables[chart["data"]["name"]]
    names = list(table)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return {"$schema": SCHEMA, **chart, "data": {"values": rows}}


def funnel_chart() -> dict[str, Any]:
    """Bars of those who reached each step, with the interval of their share of those who entered."""
    labels = {"field": "name", "type": "nominal", "sort": {"field": "step"}, "title": None}
    share = {
        "type": "quantitative",
        "title": "share of those who entered",
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    return {
        "data": {"name": "table"},
        "width": 480,
        "height": {"step": 28},
        "encoding": {"y": labels},
        "layer": [
            {
                "mark": {"type": "bar", "color": PALE},
                "encoding": {
                    "x": {"field": "of_entered", **share},
                    "tooltip": [
                        {"field": "name", "title": "step"},
                        {"field": "reached", "type": "quantitative", "format": ","},
                        {"field": "dropped", "type": "quantitative", "format": ","},
                        {"field": "undecided", "type": "quantitative", "format": ","},
                        {"field": "of_entered", "type": "quantitative", "format": ".1%"},
                        {"field": "of_previous", "type": "quantitative", "format": ".1%"},
                    ],
                },
            },
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {
                    "x": {"field": "of_entered_low", "type": "quantitative"},
                    "x2": {"field": "of_entered_high"},
                },
            },
        ],
    }
