"""Who keeps the rules of a map? Each is decided per instance: kept, broken, undecided, or not concerned.

    after a must b (within t)     every a is followed by a b; undecided while one may still come
    after a never b (within t)    no b comes after an a
    at most n of a                undecided is nobody: what was kept so far is kept

An instance is concerned by the first two once `a` has happened, and by the last one if `a` has. What belongs to an
instance after its end counts. Source of the kinds: W. van der Aalst, M. Pesic, H. Schonenberg, Declarative workflows
(DECLARE), 2009.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Match, Matched, Read
from desirepath.journeys.kernel import kernel
from desirepath.maps.journey_map import JourneyMap

Array = npt.NDArray[Any]

KEPT, BROKEN, UNDECIDED, UNCONCERNED = 0, 1, 2, 3
VERDICTS = ("kept", "broken", "undecided", "not concerned")


def rule_reads(asked: JourneyMap) -> dict[str, Read]:
    """The columns that the rules of a map need."""
    return {
        f"rule {number}": Match((law.first,) if law.second is None else (law.first, law.second))
        for number, law in enumerate(asked.rules)
    }


@kernel
def _most(starts: Array, codes: Array, bits: Array, most: int, verdict: Array) -> None:
    for p in range(len(starts) - 1):
        count = 0
        for i in range(starts[p], starts[p + 1]):
            count += bits[codes[i]] & 1
        verdict[p] = UNCONCERNED if count == 0 else BROKEN if count > most else KEPT


@kernel
def _follows(
    starts: Array, time: Array, codes: Array, bits: Array, closes: Array, must: bool, within: int, cutoff: int,
    verdict: Array,
) -> None:  # fmt: skip
    """From the last event to the first, knowing what comes next."""
    for p in range(len(starts) - 1):
        found, coming = UNCONCERNED, -1
        for i in range(starts[p + 1] - 1, starts[p] - 1, -1):
            bit = bits[codes[i]]
            if bit & 1:
                comes = coming >= 0 and time[coming] - time[i] <= within
                last = min(time[i] + within, closes[p])
                if comes:
                    said = KEPT if must else BROKEN
                elif last <= cutoff or coming >= 0:
                    said = BROKEN if must else KEPT
                else:
                    said = UNDECIDED
                if said == BROKEN or found == UNCONCERNED or (said == UNDECIDED and found == KEPT):
                    found = said
            if bit & 2:
                coming = i
        verdict[p] = found


def verdicts(asked: JourneyMap, batch: JourneyBatch) -> Array:
    """int8[rules, instances]: places in `VERDICTS`.

    Parameters
    ----------
    batch
        Instances, with the columns of `rule_reads`.
    """
    found = np.full((len(asked.rules), len(batch)), UNCONCERNED, dtype=np.int8)
    for number, law in enumerate(asked.rules):
        matched = cast("Matched", batch.columns[f"rule {number}"])
        bits = matched.bits.astype(np.int64)
        if law.kind == "at_most":
            _most(batch.starts, matched.codes, bits, law.most, found[number])
        else:
            _follows(
                batch.starts, batch.time, matched.codes, bits, batch.open_until, law.kind == "must", law.within,
                batch.cutoff, found[number],
            )  # fmt: skip
    return found
