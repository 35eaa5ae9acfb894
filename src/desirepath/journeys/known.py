"""Which value was known first, or last, in a journey? For breakdowns that do not look at one event alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]


@kernel
def _known(starts: Array, codes: Array, journey: Array, step: int, out: Array) -> None:
    for row in range(len(journey)):
        begin, end = starts[journey[row]], starts[journey[row] + 1]
        i = begin if step > 0 else end - 1
        while begin <= i < end and codes[i] == 0:
            i += step
        out[row] = codes[i] if begin <= i < end else 0


def known_codes(starts: Array, codes: Array, journey: Array, *, last: bool) -> Array:
    """The first or last code of a journey that is not 0.

    Parameters
    ----------
    starts
        int64[p + 1]: offsets of the journeys.
    codes
        Per event the code of its value, 0 where it is missing.
    journey
        int64[rows]: the journeys wanted.
    last
        Look from the end.

    Returns
    -------
    int64[rows]; 0 where the journey has no value.
    """
    out = np.zeros(len(journey), dtype=np.int64)
    _known(starts, codes, journey, -1 if last else 1, out)
    return out
