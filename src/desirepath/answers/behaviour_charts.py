"""What do behaviours and activation look like? Vega-Lite specifications without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE


def behaviours_chart(*, groups: bool, table: str = "table") -> dict[str, Any]:
    """Behaviours by the difference that goes with them, with its interval; those that are associated in ink.

    Parameters
    ----------
    groups
        Whether two groups are compared; else those who did it with those who did not.
    table
        Which table is drawn.
    """
    what = (
        "more of the first group than of the other" if groups else "more of those who did it than of those who did not"
    )
    share = {"type": "quantitative", "axis": {"format": "+%"}, "title": what}
    shares = ("of_one", "of_other") if groups else ("of_did", "of_did_not")
    threshold = (
        "datum.days != null ? datum.behaviour + ' (' + datum.days + '+ days)' : "
        "datum.times == 1 ? datum.behaviour : datum.behaviour + ' (' + datum.times + '+ times)'"
    )
    color = {
        "field": "verdict",
        "type": "nominal",
        "title": None,
        "scale": {"domain": ["associated", "not distinguishable", "too few"], "range": [INK, "#7d8b99", PALE]},
    }
    return {
        "data": {"name": table},
        "transform": [{"calculate": threshold, "as": "what"}],
        "width": 360,
        "encoding": {
            "y": {"field": "what", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
        },
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 3, "color": PALE},
                "encoding": {"x": {"field": "of_more_low", **share}, "x2": {"field": "of_more_high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 45},
                "encoding": {
                    "x": {"field": "of_more", **share},
                    "color": color,
                    "tooltip": [
                        {"field": "what"},
                        {"field": shares[0], "type": "quantitative", "format": ".1%"},
                        {"field": shares[1], "type": "quantitative", "format": ".1%"},
                        {"field": "of_people", "type": "quantitative", "format": ".1%"},
                        {"field": "q_value", "type": "quantitative", "format": ".3f"},
                        {"field": "verdict"},
                    ],
                },
            },
        ],
    }
