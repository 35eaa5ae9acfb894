"""Logs and funnels for property tests: few people, few names, many ties, gaps that are exactly a window."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from memory_engine import Happened

from desirepath import Exclusion, Funnel, Step

MINUTE = 60_000_000
NAMES = ("a", "b", "c", "d")
WINDOWS = ("10 minutes", "30 minutes", "2 hours", "session")


def _said(text: str, mood: str | None, stars: str | None, **turns: str) -> dict[str, str]:
    """Words, and what an engine would read in them under the very names of its readings."""
    found = {"said": text, "said.language": "en", "mood": mood, "said.sentiment": mood, "stars": stars}
    found |= {f"said.{name}": value for name, value in turns.items()}
    return {name: value for name, value in found.items() if value is not None}


BAD, GOOD = "nobody came", "so quick"
SAID: tuple[dict[str, str], ...] = (
    {},
    _said(
        BAD, "-3", "1", sentiment_start="-3", sentiment_end="-3.5", transfers="2", resolution="unresolved", topic="v"
    ),
    _said(GOOD, "4", "5", sentiment_start="-1", sentiment_end="2", transfers="0", resolution="resolved", talk="0.4"),
    _said("well", None, "3", transfers="1", effort="-2", topic="v"),
    _said("call 030 1234567", "-0.25", None, sentiment_start="0", sentiment_end="0.5", silence="12.5", topic="w"),
    _said("call 030 7654321", "0.5", "5", resolution="resolved", effort="2"),
)
"""What comes with an event, so that there is something to read in each log."""

SAID_FIELDS = tuple(dict.fromkeys(name for each in SAID for name in each))


@st.composite
def logs(draw: st.DrawFn, people: int = 5, most: int = 14) -> list[Happened]:
    """What a few people did within a few hours; every tenth minute, so that windows are met exactly."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, people - 1),
                st.integers(0, 24),
                st.sampled_from(NAMES),
                st.sampled_from((None, "web", "app", "shop")),
                st.sampled_from((None, "x", "y")),
                st.sampled_from(SAID),
            ),
            max_size=most,
        )
    )
    return [
        Happened(f"p{person}", 10 * moment * MINUTE, name, f"{number:05d}", _known(channel=channel, plan=plan) | said)
        for number, (person, moment, name, channel, plan, said) in enumerate(rows)
    ]


def _known(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    """Make any funnel that is allowed, all options mixed."""
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "any", "partial"]))
    wheres = draw(st.lists(st.sampled_from([*NAMES, "channel = 'web'", "name in ('a', 'b')"]), min_size=2, max_size=4))
    free = order == "any"
    steps: list[Any] = [
        Step(
            where,
            optional=not free and 0 < place < len(wheres) - 1 and draw(st.booleans()),
            within=draw(st.sampled_from([None, None, "10 minutes"])) if place and not free else None,
        )
        for place, where in enumerate(wheres)
    ]
    if order == "partial":
        steps = [steps[0], [replace(step, optional=False, within=None) for step in steps[1:]]]
    goal = len(wheres) - sum(step.optional for step in steps if isinstance(step, Step))
    exclude: list[str | Exclusion] = []
    if draw(st.booleans()):
        after = draw(st.integers(1, goal - 1))
        exclude.append(Exclusion("d", after, draw(st.sampled_from([None, after + 1]))))
    return Funnel(
        steps=steps,
        window=draw(st.sampled_from(WINDOWS)),
        order=order,
        entry=draw(st.sampled_from(["any", "first", "each"])),
        exclude=exclude,
        excluded=draw(st.sampled_from(["end_chain", "drop_unit"])),
        hold=draw(st.sampled_from([[], [], ["plan"]])),
        strict_scope="name in ('a', 'b', 'c')" if order == "strict" and draw(st.booleans()) else None,
        instead_top=draw(st.integers(1, 3)),
    )


@st.composite
def splits(draw: st.DrawFn, log: list[Happened]) -> list[list[str]]:
    """Cut people into any number of blocks, in any order; some blocks are empty."""
    everyone = draw(st.permutations(sorted({event.person for event in log})))
    edges = sorted(draw(st.lists(st.integers(0, len(everyone)), max_size=4)))
    bounds = [0, *edges, len(everyone)]
    return [list(everyone[low:high]) for low, high in pairwise(bounds)]


def large_log(seed: int, people: int, events: int) -> list[Happened]:
    """What many people did within two days, for the engines."""
    rng, words = random.Random(seed), random.Random(seed + 1)
    return [
        Happened(
            f"p{rng.randrange(people)}",
            rng.randrange(0, 2 * 24 * 60, 5) * MINUTE + 1_700_000_000_000_000,
            rng.choice(NAMES),
            f"{number:06d}",
            _known(
                channel=rng.choice((None, "web", "app", "shop")),
                plan=rng.choice((None, "x", "y", "z", "long name; 'quoted'")),
                session=rng.choice((None, None, "s1", "s2")),
            )
            | words.choice(SAID),
        )
        for number in range(events)
    ]
