"""What do scores look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def distribution_chart() -> dict[str, Any]:
    """A bar per score."""
    return {
        "data": {"name": "distribution"},
        "mark": {"type": "bar", "color": INK},
        "width": {"step": 32},
        "height": 200,
        "encoding": {
            "x": {"field": "score", "type": "ordinal", "axis": {"labelAngle": 0}},
            "y": {"field": "of_answers", "type": "quantitative", "axis": {"format": "%"}, "title": "share of answers"},
            "tooltip": [
                {"field": "score", "type": "ordinal"},
                {"field": "answers", "type": "quantitative", "format": ","},
                {"field": "of_answers", "type": "quantitative", "format": ".1%"},
            ],
        },
    }


def score_trend_chart() -> dict[str, Any]:
    """The score by bucket, with its interval."""
    y = {"type": "quantitative", "scale": {"zero": False}, "title": "score"}
    return {
        "data": {"name": "trend"},
        "width": 480,
        "height": 240,
        "encoding": {"x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None}},
        "layer": [
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 3},
                "encoding": {"y": {"field": "score_low", **y}, "y2": {"field": "score_high"}},
            },
            {
                "mark": {"type": "line", "color": INK, "point": True},
                "encoding": {
                    "y": {"field": "score", **y},
                    "tooltip": [
                        {"field": "bucket"},
                        {"field": "answers", "type": "quantitative", "format": ","},
                        {"field": "score", "type": "quantitative", "format": ".3"},
                        {"field": "change", "type": "quantitative", "format": "+.3"},
                    ],
                },
            },
        ],
    }
