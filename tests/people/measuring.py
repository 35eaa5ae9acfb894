"""How right is a resolution, where the truth is known?

Everything is measured over events, since journeys are made of events: B-cubed asks of every event which share of the
events that it was put together with are of the same human (precision), and which share of that human's events it was
put together with (recall), itself included. An event whose person is None, such as a passer-by's at a kiosk, stands
alone: it counts like every other event, with full precision and with the recall of a single event. So leaving events
to nobody costs recall, and is not free.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """How right a resolution is.

    Attributes
    ----------
    precision, recall
        B-cubed, averaged over all events.
    worst
        How many humans the worst person mixes: one found person's events, counted by their true humans.
    mixed
        How many found people mix at least two humans.
    """

    precision: float
    recall: float
    worst: int
    mixed: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def numbered(people: Sequence[Hashable | None]) -> Ints:
    """int64[events]: a number a person; every None gets its own."""
    known: dict[Hashable, int] = {}
    alone = len(people)
    numbers = [alone + place if who is None else known.setdefault(who, len(known)) for place, who in enumerate(people)]
    return np.unique(np.array(numbers, dtype=np.int64), return_inverse=True)[1].astype(np.int64)


def score(people: Sequence[Hashable | None], human: npt.NDArray[Any]) -> Score:
    """Compare found people with true humans.

    Parameters
    ----------
    people
        The person of each event; None stands alone.
    human
        int64[events]: who caused each.
    """
    found = numbered(people)
    truth = np.unique(human, return_inverse=True)[1]
    pairs, place, together = np.unique(found * (truth.max() + 1) + truth, return_inverse=True, return_counts=True)
    same = together[place]
    humans_in = np.bincount(pairs // (truth.max() + 1))
    return Score(
        precision=float((same / np.bincount(found)[found]).mean()),
        recall=float((same / np.bincount(truth)[truth]).mean()),
        worst=int(humans_in.max()),
        mixed=int((humans_in > 1).sum()),
    )


def changed(before: Sequence[Hashable | None], after: Sequence[Hashable | None]) -> float:
    """The share of events that change hands between two resolutions of the same events, by whatever name.

    A person's successor is who got most of their events; the other events have changed hands. That is counted forward
    and backward, so that joining counts like splitting, and the larger share is given: 0 only if nothing changed.

    Parameters
    ----------
    before, after
        The person of each event, events in the same order.
    """
    one, two = numbered(before), numbered(after)
    pairs, together = np.unique(one * (two.max() + 1) + two, return_counts=True)
    stayed = []
    for people in np.divmod(pairs, two.max() + 1):
        most = np.zeros(people.max() + 1, dtype=np.int64)
        np.maximum.at(most, people, together)
        stayed.append(int(most.sum()))
    return 1 - min(stayed) / len(one)
