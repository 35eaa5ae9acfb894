"""What does credit look like? A bar for each channel and rule with its interval; money spent and what came back.

The table has a column for each rule, so each rule is a layer of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desirepath.answers.charts import INK


def rules_chart(rules: Sequence[str], *, in_money: bool = False) -> dict[str, Any]:
    """Bars of each channel's credit, one colour per rule, with intervals.

    Parameters
    ----------
    rules
        The columns of the table to draw.
    in_money
        Whether it is credit in money.
    """
    unit = "value credited" if in_money else "conversions credited"
    layers: list[dict[str, Any]] = []
    for rule in rules:
        column = f"{rule}_value" if in_money else rule
        place = {"yOffset": {"datum": rule}}
        tooltip = [
            {"field": "channel"},
            {"field": column, "type": "quantitative", "format": ",.1f"},
            {"field": f"{column}_low", "type": "quantitative", "format": ",.1f"},
            {"field": f"{column}_high", "type": "quantitative", "format": ",.1f"},
        ]
        bar = {
            "x": {"field": column, "type": "quantitative", "title": unit},
            "color": {"datum": rule, "type": "nominal", "title": "rule"},
        }
        reach = {"x": {"field": f"{column}_low", "type": "quantitative"}, "x2": {"field": f"{column}_high"}}
        layers.append({"mark": {"type": "bar"}, "encoding": {**place, **bar, "tooltip": tooltip}})
        layers.append({"mark": {"type": "rule", "color": INK}, "encoding": {**place, **reach}})
    return {
        "data": {"name": "table"},
        "width": 480,
        "height": {"step": 12},
        "encoding": {
            "y": {"field": "channel", "type": "nominal", "sort": {"field": "linear", "order": "descending"}},
        },
        "layer": layers,
    }
