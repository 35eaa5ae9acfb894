"""From credit in whole numbers to a table, and from moves between channels to what each one's removal would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.charts import credit_chart
from desirepath.answers.words import count, percent
from desirepath.questions.attribution_walk import CONVERSIONS, MODELS, NULLS, UNDECIDED, UNIT, UNTOUCHED
from desirepath.questions.question import Report
from desirepath.statistics import Proportion, interval_columns

Array = npt.NDArray[Any]

MOST_CHANNELS = 250
"""Removal effects are worked out for so many channels at most, those with the most touches."""


@dataclass(frozen=True, eq=False)
class AttributionTally:
    """Sums over paths; see `Shares` for the arrays.

    Attributes
    ----------
    size
        How many journeys there are.
    labels
        The channels; place 0 is none.
    """

    size: int
    labels: tuple[str | None, ...]
    credit: Array
    paths: Array
    people: Array
    moves: Array
    counts: Array

    def __add__(self, other: AttributionTally) -> AttributionTally:
        """Join two groups of journeys."""
        labels = self.labels if len(self.labels) >= len(other.labels) else other.labels
        one, two = self._wide(len(labels)), other._wide(len(labels))
        return AttributionTally(self.size + other.size, labels, *(a + b for a, b in zip(one, two, strict=True)))

    def _wide(self, width: int) -> tuple[Array, ...]:
        """The arrays with room for so many channels; an empty batch may know of none."""
        have = len(self.labels)
        if have == width:
            return self.credit, self.paths, self.people, self.moves, self.counts
        more = width - have
        moves = np.zeros((width, width + 2), np.int64)
        moves[:have, :have] = self.moves[:, :have]
        moves[:have, width:] = self.moves[:, have:]
        wide = [
            np.pad(each, [(0, 0)] * (each.ndim - 1) + [(0, more)]) for each in (self.credit, self.paths, self.people)
        ]
        return (*wide, moves, self.counts)

    @property
    def credited(self) -> int:
        """Conversions that have a touch to credit."""
        return int(self.counts[CONVERSIONS] - self.counts[UNTOUCHED])

    def rates(self) -> Mapping[str, Proportion]:
        """Per channel the share of conversions whose path touches it."""
        return {
            f"{label} takes part": Proportion(int(self.paths[c]), int(self.counts[CONVERSIONS]))
            for c, label in enumerate(self.labels)
            if c and self.moves[:, c].any()
        }


def attribution_report(goal: str, by: str, tally: AttributionTally) -> Report:
    """Put the sums into words and tables."""
    shown = [c for c in range(1, len(tally.labels)) if tally.moves[:, c].any()]
    shown.sort(key=lambda c: (-int(tally.credit[MODELS.index("linear"), c]), tally.labels[c] or ""))
    effects = removal_effects(tally.moves, shown[:MOST_CHANNELS])
    total = sum(effects)
    table: dict[str, list[Any]] = {"channel": [tally.labels[c] for c in shown]}
    table["people"] = [int(tally.people[c]) for c in shown]
    table["paths"] = [int(tally.paths[c]) for c in shown]
    part = [Proportion(int(tally.paths[c]), int(tally.counts[CONVERSIONS])).estimate() for c in shown]
    table |= interval_columns("of_conversions", part)
    for model, name in enumerate(MODELS):
        table[name] = [int(tally.credit[model, c]) / UNIT for c in shown]
    padded = [*effects, *[None] * (len(shown) - len(effects))]
    table["markov"] = [None if e is None or not total else tally.credited * e / total for e in padded]
    table["removal_effect"] = padded
    return Report(
        table,
        {"accounts": _accounts(tally)},
        words=_words(goal, by, tally, table),
        notices=_notices(tally, shown),
        charts=[credit_chart()] if shown and tally.credited else [],
    )


def removal_effects(moves: Array, channels: Sequence[int]) -> list[float]:
    """What each channel's removal takes off the chance to convert, of a first-order chain.

    Parameters
    ----------
    moves
        int64[k, k + 2] from start (0) or a channel to a channel, conversion, nothing.
    channels
        The channels to remove, one at a time.

    Returns
    -------
    Per channel 1 - P(conversion without it) / P(conversion); empty where nothing ever converts.

    Notes
    -----
    After Anderl, Becker, von Wangenheim and Schumann (2016), solved exactly: absorption probabilities of the chain
    (Grinstead and Snell, chapter 11), where all moves into a removed channel lead to nothing.
    """
    here = [0, *(c for c in range(1, len(moves)) if moves[:, c].any())]
    out = moves[here].sum(axis=1)
    if not moves[:, -2].any():
        return []
    rates = moves[here] / np.maximum(out, 1)[:, None]
    step, converts = rates[:, here], rates[:, -2]
    whole = float(np.linalg.solve(np.eye(len(here)) - step, converts)[0])
    effects = []
    for c in channels:
        place = here.index(c)
        without = step.copy()
        without[:, place] = 0.0
        left = float(np.linalg.solve(np.eye(len(here)) - without, converts)[0])
        effects.append(max(1.0 - left / whole, 0.0))
    return effects


def _accounts(tally: AttributionTally) -> dict[str, list[Any]]:
    counts = tally.counts
    nulls = int(counts[NULLS])
    closed = tally.credited + nulls
    parts = (tally.credited, None, nulls, None)
    return {
        "what": ["credited conversions", "conversions without a touch", "paths to nothing", "undecided paths"],
        "paths": [tally.credited, int(counts[UNTOUCHED]), nulls, int(counts[UNDECIDED])],
        "of_closed_paths": [None if part is None or not closed else part / closed for part in parts],
    }


def _words(goal: str, by: str, tally: AttributionTally, table: Mapping[str, list[Any]]) -> list[str]:
    conversions = int(tally.counts[CONVERSIONS])
    if not conversions:
        return [f"Nobody reached {goal} in this period, so there is no credit to share out."]
    if not tally.credited:
        return [f"None of the {count(conversions)} conversions ({goal}) has a touch with a {by} before it."]
    lead = (
        f"{count(tally.credited)} of {count(conversions)} conversions ({goal}) have a touch to credit; "
        f"{table['channel'][0]} gets most by equal shares, {percent(table['linear'][0] / tally.credited)} of them."
    )
    best = {name: max(range(len(table[name])), key=table[name].__getitem__) for name in ("first", "last")}
    first, last = (table["channel"][best[name]] for name in ("first", "last"))
    return [lead, f"Most often first is {first}, most often last {last}."]


def _notices(tally: AttributionTally, shown: Sequence[int]) -> list[Notice]:
    found = []
    if tally.credited:
        text = "Credit says how conversions are shared out, not how many would be missing without a channel."
        found.append(Notice("credit", text))
    undecided = int(tally.counts[UNDECIDED])
    if undecided:
        text = f"{undecided:,} paths may still convert when the data ends; they are in no chain and get no credit."
        found.append(Notice("undecided", text))
    if len(shown) > MOST_CHANNELS:
        text = f"The Markov rule is worked out for the {MOST_CHANNELS} channels with the most credit alone."
        found.append(Notice("many_channels", text))
    return found
