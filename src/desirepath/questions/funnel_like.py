"""How do other products count a funnel?"""

from __future__ import annotations

from collections.abc import Sequence

from desirepath.questions.like import Rule, inside_period

_RATES = Rule(
    "who is in the rates",
    "whoever's window was still open when the data ends is in no rate",
    "everybody who entered is in the rates",
    {"rates": "all"},
)

_SECOND = Rule(
    "events of one second",
    "moments are told in microseconds, and every event counts",
    "times are rounded down to the second; events of one second may stand in any order, and of several of one name the "
    "first counts",
    clock="second",
    once=True,
)

_ENTRY = Rule(
    "entry",
    "every touch of the first step opens a passage, and the best one counts",
    "the first touch in the date range opens the only passage, without optimized re-entry",
    {"entry": "first"},
)

_GRACE = Rule(
    "grace of two seconds",
    "only events of one instant may stand in any order",
    "events within two seconds are interchangeable, and each step takes the first event that fits",
    {"grace": "2 seconds"},
)

_EXCLUDED = Rule(
    "excluded events",
    "an excluded event ends the passage; whoever entered stays in the count",
    "whoever met an excluded event between the steps, and did not convert, is taken out of the whole funnel",
    {"excluded": "drop_unit"},
)

_SHARED = Rule(
    "one event for several steps",
    "each step needs an event of its own",
    "windowFunnel lets one event do every step whose condition it meets",
    {"distinct": False},
)


def funnel_rules(product: str, *, entry: str, order: str, bare: bool, exclusions: bool) -> Sequence[Rule]:
    """What a product does in another way.

    Parameters
    ----------
    product
        One of `like.PRODUCTS`.
    entry, order
        The funnel's own.
    bare
        Whether no step is optional or has a limit of its own, and each needs an event of its own.
    exclusions
        Whether events are excluded.
    """
    if product == "amplitude":
        return [_SECOND, _RATES]
    if product == "mixpanel":
        first = [_ENTRY] if entry == "any" else []
        grace = [_GRACE] if entry != "each" and order == "ordered" and bare else []
        return [*first, *grace, _RATES]
    if product == "posthog":
        return [inside_period(), *([_EXCLUDED] if exclusions else []), _RATES]
    return [inside_period(), *([_SHARED] if order != "strict" else []), _RATES]
