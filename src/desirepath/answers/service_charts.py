"""What does self-service look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def containment_chart() -> dict[str, Any]:
    """Bars of what became of issues that began in self-service, by topic."""
    outcomes = ["resolved", "abandoned", "came_back", "leaked", "undecided"]
    return {
        "data": {"name": "table"},
        "transform": [{"fold": outcomes, "as": ["outcome", "number"]}],
        "mark": {"type": "bar"},
        "width": 420,
        "height": {"step": 24},
        "encoding": {
            "y": {"field": "topic", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "number", "type": "quantitative", "title": "issues that began in self-service"},
            "color": {
                "field": "outcome",
                "type": "nominal",
                "title": None,
                "scale": {"domain": outcomes, "range": [INK, "#8a9bb0", "#d98324", "#b3261e", PALE]},
            },
            "order": {"field": "outcome", "type": "nominal", "sort": "descending"},
            "tooltip": [
                {"field": "topic"},
                {"field": "outcome"},
                {"field": "number", "type": "quantitative", "format": ","},
                {"field": "of_decided_contained", "type": "quantitative", "format": ".1%"},
                {"field": "of_decided_resolved", "type": "quantitative", "format": ".1%"},
            ],
        },
    }
