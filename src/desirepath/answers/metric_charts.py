"""What does a metric look like over time? A line with its interval, its target, and what happened when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desirepath.answers.charts import INK, PALE, SCHEMA

WARM = "#b5651d"
X: dict[str, Any] = {"field": "bucket", "type": "ordinal", "sort": "ascending", "title": None}


def trend_chart(
    title: str,
    column: str,
    table: Mapping[str, list[Any]],
    *,
    share: bool,
    target: float | None,
    notes: Mapping[str, list[Any]] | None = None,
) -> dict[str, Any]:
    """A line per group over the buckets, with its rows.

    Parameters
    ----------
    title, column
        The metric's name, and the column that holds it.
    table
        With `bucket`, `state`, perhaps `group`, the column and its interval.
    share
        Whether the number is written in percent.
    target
        Drawn as a line, if there is one.
    notes
        What happened: `bucket` and `note`.
    """
    names = [name for name in table if name in ("bucket", "state", "group") or name.startswith(column)]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(table[name] for name in names), strict=True)]
    layers = _lines(title, column, table, share)
    if target is not None:
        layers.append(
            {"mark": {"type": "rule", "strokeDash": [4, 4], "color": WARM}, "encoding": {"y": {"datum": target}}}
        )
    if notes is not None and notes["bucket"]:
        told = [dict(zip(notes, row, strict=True)) for row in zip(*notes.values(), strict=True)]
        rule = {"mark": {"type": "rule", "color": WARM, "opacity": 0.6}, "data": {"values": told}}
        layers.append({**rule, "encoding": {"x": X, "tooltip": [{"field": "bucket"}, {"field": "note"}]}})
    size = {"width": 480, "height": 220}
    return {"$schema": SCHEMA, "data": {"values": rows}, **size, "layer": layers}


def _lines(title: str, column: str, table: Mapping[str, list[Any]], share: bool) -> list[dict[str, Any]]:
    """The interval as a band, the line, and a point for each bucket that is whole."""
    axis: dict[str, Any] = {"type": "quantitative", "title": title, "scale": {"zero": False}}
    if share:
        axis["axis"] = {"format": ".0%"}
    colour = {"field": "group", "type": "nominal"} if "group" in table else {"value": INK}
    tips = [{"field": name} for name in ("bucket", "state", *(["group"] if "group" in table else []))]
    tips.append({"field": column, "type": "quantitative", "format": ".1%" if share else ",.4~g"})
    layers: list[dict[str, Any]] = []
    if f"{column}_low" in table:
        band = {"x": X, "y": {"field": f"{column}_low", **axis}, "y2": {"field": f"{column}_high"}, "color": colour}
        layers.append({"mark": {"type": "area", "opacity": 0.25, "color": PALE}, "encoding": band})
    hollow = {"condition": {"test": "datum.state == 'whole'", "value": 40}, "value": 0}
    line = {"x": X, "y": {"field": column, **axis}, "color": colour}
    layers.append({"mark": {"type": "line"}, "encoding": line})
    layers.append({"mark": {"type": "point", "filled": True}, "encoding": {**line, "size": hollow, "tooltip": tips}})
    return layers
