"""What do the movements of recurring revenue look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK

_UP = ("new", "reactivation", "expansion")
_DOWN = ("contraction", "churn")


def movements_chart(measure: str) -> dict[str, Any]:
    """What came in above the line and what went below it, per bucket; `measure` is `mrr` or `customers`."""
    names = [*_UP, *_DOWN]
    signs = [{"calculate": f"-datum.{measure}_{name}", "as": f"{measure}_{name}"} for name in _DOWN]
    return {
        "data": {"name": "table"},
        "transform": [
            *signs,
            {"fold": [f"{measure}_{name}" for name in names], "as": ["column", "amount"]},
            {"calculate": f"slice(datum.column, {len(measure) + 1})", "as": "movement"},
        ],
        "mark": {"type": "bar"},
        "width": 480,
        "height": 240,
        "encoding": {
            "x": {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None},
            "y": {"field": "amount", "type": "quantitative", "title": f"{measure}; below: what was lost"},
            "color": {
                "field": "movement",
                "type": "nominal",
                "scale": {"domain": names, "range": [INK, "#98c1d9", "#7a9e7e", "#e8c07d", "#d98f6c"]},
            },
            "tooltip": [
                {"field": "bucket"},
                {"field": "movement"},
                {"field": "amount", "type": "quantitative", "format": ",.2f"},
            ],
        },
    }
