"""What do trends of tickets look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def tickets_chart() -> dict[str, Any]:
    """Tickets per 100 active people by bucket, with the interval and what was expected; spikes stand out."""
    y = {"type": "quantitative", "title": "tickets per 100 active people"}
    return {
        "data": {"name": "table"},
        "width": 520,
        "height": 240,
        "encoding": {"x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None}},
        "layer": [
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 3},
                "encoding": {"y": {"field": "per_100_active_low", **y}, "y2": {"field": "per_100_active_high"}},
            },
            {
                "mark": {"type": "line", "color": PALE, "strokeDash": [4, 3]},
                "encoding": {"y": {"field": "expected_per_100", **y}},
            },
            {
                "mark": {"type": "line", "color": INK},
                "encoding": {"y": {"field": "per_100_active", **y}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "y": {"field": "per_100_active", **y},
                    "color": {
                        "field": "spike",
                        "type": "nominal",
                        "title": "spike",
                        "scale": {
                            "domain": ["yes", "perhaps", "no", "too little data", "not over"],
                            "range": ["#b3261e", "#d98324", INK, PALE, PALE],
                        },
                    },
                    "tooltip": [
                        {"field": "bucket"},
                        {"field": "tickets", "type": "quantitative", "format": ","},
                        {"field": "active", "type": "quantitative", "format": ","},
                        {"field": "expected", "type": "quantitative", "format": ",.0f"},
                        {"field": "z", "type": "quantitative", "format": ".1f"},
                        {"field": "spike"},
                    ],
                },
            },
        ],
    }
