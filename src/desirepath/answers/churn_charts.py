"""What does churn look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE

_SHARE = {"type": "quantitative", "axis": {"format": "%"}}


def share_chart() -> dict[str, Any]:
    """The share of the customers at the start of each bucket that churned in it, with its interval."""
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "isValid(datum.of_at_risk_churned)"}],
        "width": 480,
        "height": 200,
        "encoding": {"x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None}},
        "layer": [
            {
                "mark": {"type": "area", "color": PALE, "opacity": 0.6},
                "encoding": {
                    "y": {"field": "of_at_risk_churned_low", **_SHARE, "title": "of customers at the start"},
                    "y2": {"field": "of_at_risk_churned_high"},
                },
            },
            {
                "mark": {"type": "line", "color": INK, "point": True},
                "encoding": {
                    "y": {"field": "of_at_risk_churned", **_SHARE},
                    "tooltip": [
                        {"field": "bucket"},
                        {"field": "churned", "type": "quantitative", "format": ","},
                        {"field": "at_risk", "type": "quantitative", "format": ","},
                        {"field": "of_at_risk_churned", "type": "quantitative", "format": ".1%"},
                    ],
                },
            },
        ],
    }


def staying_chart() -> dict[str, Any]:
    """The share that is still a customer, by time since they began."""
    share = {**_SHARE, "scale": {"domain": [0, 1]}, "title": "still customers"}
    return {
        "data": {"name": "survival"},
        "transform": [{"calculate": "datum.after_seconds / 86400", "as": "days"}],
        "width": 480,
        "height": 200,
        "encoding": {"x": {"field": "days", "type": "quantitative", "title": "days since they began"}},
        "layer": [
            {
                "mark": {"type": "area", "color": PALE, "opacity": 0.6, "interpolate": "step-after"},
                "encoding": {
                    "y": {"field": "of_begun_still_low", **share},
                    "y2": {"field": "of_begun_still_high"},
                },
            },
            {
                "mark": {"type": "line", "color": INK, "interpolate": "step-after"},
                "encoding": {"y": {"field": "of_begun_still", **share}},
            },
        ],
    }
