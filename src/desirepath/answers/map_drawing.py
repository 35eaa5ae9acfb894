"""How is a map drawn? Touchpoints from left to right, moves between them as lines as thick as they are frequent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desirepath.answers.charts import INK, PALE

MOST_MOVES = 40
"""So many moves are drawn, the most frequent; more would hide the map."""

LANES = 3

COLUMNS = ("part", "touchpoint", "to", "x", "y", "x2", "y2", "instances", "stage", "back")


def drawing(
    stages: Sequence[tuple[str, Sequence[str]]], instances: Mapping[str, int], moves: Mapping[tuple[str, str], int]
) -> dict[str, list[Any]]:
    """The parts of the picture as a table: a row per touchpoint and per move.

    Parameters
    ----------
    stages
        Names of stages with their touchpoints, in order.
    instances
        How many came by each touchpoint.
    moves
        How many went from one touchpoint to another.
    """
    place: dict[str, tuple[float, float]] = {}
    order: dict[str, int] = {}
    stage_of: dict[str, str] = {}
    for stage, name in ((stage, name) for stage, names in stages for name in names):
        # in lanes, so that lines past a touchpoint and long names are seen
        place[name] = (float(len(order)), float(len(order) % LANES) + 0.15 * (len(order) // LANES % 2))
        order[name] = len(order)
        stage_of[name] = stage
    rows: list[tuple[Any, ...]] = [
        ("touchpoint", name, None, x, y, None, None, instances.get(name, 0), stage_of[name], False)
        for name, (x, y) in place.items()
    ]
    drawn = sorted(((a, b), n) for (a, b), n in moves.items() if a in place and b in place and a != b and n)
    drawn.sort(key=lambda each: -each[1])
    rows += [
        ("move", a, b, *place[a], *place[b], n, stage_of[a], order[b] < order[a]) for (a, b), n in drawn[:MOST_MOVES]
    ]
    return {name: [row[column] for row in rows] for column, name in enumerate(COLUMNS)}


def drawing_chart() -> dict[str, Any]:
    """The picture of the table `drawing`."""
    at = {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"padding": 80, "zero": False}},
        "y": {
            "field": "y",
            "type": "quantitative",
            "axis": None,
            "scale": {"padding": 40, "zero": False, "reverse": True},
        },
    }
    number = {"field": "instances", "type": "quantitative", "format": ","}
    touchpoints = [{"filter": "datum.part == 'touchpoint'"}]
    return {
        "data": {"name": "drawing"},
        "width": 860,
        "height": 300,
        "encoding": at,
        "layer": [
            _moves(number),
            {
                "transform": touchpoints,
                "mark": {"type": "circle", "color": INK, "opacity": 1},
                "encoding": {
                    "size": {
                        "field": "instances",
                        "type": "quantitative",
                        "scale": {"range": [40, 700]},
                        "legend": None,
                    },
                    "tooltip": [{"field": "touchpoint"}, {"field": "stage"}, number],
                },
            },
            {
                "transform": touchpoints,
                "mark": {"type": "text", "dy": -20, "fontSize": 11, "limit": 190},
                "encoding": {"text": {"field": "touchpoint"}},
            },
            {
                "transform": touchpoints,
                "mark": {"type": "text", "dy": 21, "fontSize": 10, "color": INK},
                "encoding": {"text": number},
            },
        ],
    }


def _moves(number: dict[str, Any]) -> dict[str, Any]:
    """The lines between touchpoints."""
    return {
        "transform": [{"filter": "datum.part == 'move'"}],
        "mark": {"type": "rule", "opacity": 0.55, "strokeCap": "round"},
        "encoding": {
            "x2": {"field": "x2"},
            "y2": {"field": "y2"},
            "strokeWidth": {
                "field": "instances",
                "type": "quantitative",
                "scale": {"range": [0.6, 9], "type": "sqrt"},
                "legend": None,
            },
            "color": {
                "field": "back",
                "type": "nominal",
                "scale": {"domain": [False, True], "range": [PALE, "#c1440e"]},
                "legend": {"title": "goes back"},
            },
            "tooltip": [{"field": "touchpoint", "title": "from"}, {"field": "to"}, number],
        },
    }
