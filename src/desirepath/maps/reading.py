"""How is a map's file read? Strictly, and every error says at which line and column."""

from __future__ import annotations

from typing import get_args

from desirepath.errors import MapError
from desirepath.events.yaml_forms import Kind
from desirepath.maps.form import Feedback, MapForm, Rule, Scale, Stage, Step, Thresholds

MAP = Kind(
    "map",
    MapForm,
    MapError,
    parts={
        "stages": Stage,
        "steps": Step,
        "one_of": Step,
        "any_order": Step,
        "in_order": Step,
        "feedback": Feedback,
        "rules": Rule,
        "thresholds": Thresholds,
    },
    choices={"contact": ("human", "self-service"), "scale": get_args(Scale)},
    named=("map", "a map's name has letters, digits, '-' and '_', 64 at most, and begins with a letter or a digit."),
)
"""The files of journey maps."""
