"""What do other products count in another way? Rules that a question lays over itself to be asked as they would ask.

The rules are those that the products document; docs/like.md has them side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PRODUCTS = {"amplitude": "Amplitude", "mixpanel": "Mixpanel", "posthog": "PostHog", "clickhouse": "ClickHouse"}
"""The products whose rules are known, by the name they are asked for by."""


@dataclass(frozen=True)
class Rule:
    """One thing that a product counts in another way.

    Parameters
    ----------
    name
        What it is about.
    here, there
        How it is here, and how it is there.
    fields
        The question's fields that follow the rule.
    clock
        To what moments are rounded down there; see `population.Clock`.
    once
        Whether of several events of one name in one moment the first alone counts.
    inside_period
        Whether what follows an entry has to lie in the period too.
    """

    name: str
    here: str
    there: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    clock: Literal["second", "hour", "day"] | None = None
    once: bool = False
    inside_period: bool = False


def inside_period() -> Rule:
    """The rule that everything lies in the date range."""
    return Rule(
        "end of the date range",
        "entries lie in the period; what follows may come after it",
        "everything has to lie in the date range, steps and returns too",
        inside_period=True,
    )
