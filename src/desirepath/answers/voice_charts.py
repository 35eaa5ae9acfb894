"""How does what people say look? How they feel along the journey, and which themes there are; without data."""

from __future__ import annotations

from typing import Any

from desirepath.answers.charts import INK, PALE

HARM = "#d55e00"


def feeling_chart() -> dict[str, Any]:
    """The emotion curve: sentiment with its interval at every touchpoint, in the order of the journey."""
    y = {"type": "quantitative", "scale": {"domain": [-5, 5]}, "title": "sentiment"}
    return {
        "data": {"name": "curve"},
        "width": {"step": 72},
        "height": 220,
        "encoding": {"x": {"field": "touchpoint", "type": "nominal", "sort": None, "title": None}},
        "layer": [
            {"mark": {"type": "rule", "color": PALE}, "encoding": {"x": None, "y": {"datum": 0}}},
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 4},
                "encoding": {"y": {"field": "sentiment_low", **y}, "y2": {"field": "sentiment_high"}},
            },
            {
                "mark": {"type": "line", "color": INK, "interpolate": "monotone"},
                "encoding": {"y": {"field": "sentiment", **y}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "y": {"field": "sentiment", **y},
                    "color": {"condition": {"test": "datum.feeling == 'low'", "value": HARM}, "value": INK},
                    "tooltip": [
                        {"field": "touchpoint"},
                        {"field": "people", "type": "quantitative", "format": ","},
                        {"field": "sentiment", "type": "quantitative", "format": "+.1f"},
                        {"field": "sentiment_of_others", "type": "quantitative", "format": "+.1f"},
                        {"field": "theme", "title": "they speak of"},
                        {"field": "quote"},
                    ],
                },
            },
        ],
    }


def themes_chart() -> dict[str, Any]:
    """A bar per theme over everybody, in the colour of its mood."""
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "datum.touchpoint == 'all'"}],
        "mark": {"type": "bar"},
        "width": 360,
        "height": {"step": 24},
        "encoding": {
            "y": {"field": "theme", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "of_people_there",
                "type": "quantitative",
                "axis": {"format": "%"},
                "title": "share of people",
            },
            "color": {"condition": {"test": "datum.sentiment_high < -0.5", "value": HARM}, "value": INK},
            "tooltip": [
                {"field": "theme"},
                {"field": "people", "type": "quantitative", "format": ","},
                {"field": "sentiment", "type": "quantitative", "format": "+.1f"},
                {"field": "quote"},
            ],
        },
    }


def contributions_chart() -> dict[str, Any]:
    """A bar per theme: how much of a score's change goes with it."""
    return {
        "data": {"name": "table"},
        "width": 360,
        "height": {"step": 24},
        "encoding": {"y": {"field": "theme", "type": "nominal", "sort": None, "title": None}},
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {
                    "x": {"field": "contribution", "type": "quantitative", "title": "contribution to the change"},
                    "color": {"condition": {"test": "datum.contribution < 0", "value": HARM}, "value": INK},
                    "tooltip": [
                        {"field": "theme"},
                        {"field": "contribution", "type": "quantitative", "format": "+.2f"},
                        {"field": "of_answers_before", "type": "quantitative", "format": ".1%"},
                        {"field": "of_answers_after", "type": "quantitative", "format": ".1%"},
                    ],
                },
            },
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 2},
                "encoding": {
                    "x": {"field": "contribution_low", "type": "quantitative"},
                    "x2": {"field": "contribution_high"},
                },
            },
        ],
    }


def moods_chart() -> dict[str, Any]:
    """How customers sound at the start and at the end of conversations, bucket by bucket."""
    y = {"type": "quantitative", "scale": {"domain": [-5, 5]}, "title": "sentiment"}
    return {
        "data": {"name": "table"},
        "width": {"step": 56},
        "height": 220,
        "encoding": {"x": {"field": "bucket", "type": "ordinal", "sort": None, "title": None}},
        "layer": [
            {
                "mark": {"type": "rule", "color": PALE, "strokeWidth": 3},
                "encoding": {"y": {"field": "sentiment_start", **y}, "y2": {"field": "sentiment_end"}},
            },
            {
                "mark": {"type": "point", "color": INK, "size": 70},
                "encoding": {"y": {"field": "sentiment_start", **y}, "tooltip": [{"field": "sentiment_start"}]},
            },
            {
                "mark": {"type": "point", "filled": True, "color": INK, "size": 90},
                "encoding": {"y": {"field": "sentiment_end", **y}, "tooltip": [{"field": "sentiment_end"}]},
            },
        ],
    }
