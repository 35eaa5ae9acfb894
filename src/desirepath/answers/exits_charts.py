"""What do exits look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def exits_chart() -> dict[str, Any]:
    """A bar per touchpoint: the share of those who were there that leaves from it, with its interval."""
    share = {"type": "quantitative", "axis": {"format": "%"}, "title": "leave from here, of those who were here"}
    names = {"field": "touchpoint", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
    tooltip = [
        {"field": "touchpoint"},
        {"field": "met", "type": "quantitative", "format": ","},
        {"field": "exits", "type": "quantitative", "format": ","},
        {"field": "of_met", "type": "quantitative", "format": ".1%"},
        {"field": "of_exits", "type": "quantitative", "format": ".1%"},
    ]
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "isValid(datum.of_met)"}],
        "width": 400,
        "height": {"step": 24},
        "encoding": {"y": names},
        "layer": [
            {
                "mark": {"type": "bar", "color": PALE},
                "encoding": {"x": {"field": "of_met", **share}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {"x": {"field": "of_met_low", **share}, "x2": {"field": "of_met_high"}},
            },
        ],
    }
