"""What do transitions, paths and steps look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any


def moves_chart() -> dict[str, Any]:
    """A heat map of what follows what."""
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "datum.from != '(other)'"}],
        "mark": {"type": "rect"},
        "width": {"step": 30},
        "height": {"step": 20},
        "encoding": {
            "y": {"field": "from", "type": "nominal", "title": "from"},
            "x": {"field": "to", "type": "nominal", "title": "to"},
            "color": {"field": "times", "type": "quantitative", "scale": {"scheme": "blues", "type": "sqrt"}},
            "tooltip": [
                {"field": "from"},
                {"field": "to"},
                {"field": "times", "type": "quantitative", "format": ","},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "of_visits", "type": "quantitative", "format": ".1%"},
                {"field": "median_seconds", "type": "quantitative", "format": ",.1f"},
            ],
        },
    }
