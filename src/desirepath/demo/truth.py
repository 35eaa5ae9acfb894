"""The planted truth: what was put in, what came out of the dice, and whether an estimate finds it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.demo.clock import Floats, Ints
from desirepath.errors import InputError, UnknownNameError

_SHIFT = np.int64(38)  # milliseconds of eight years fit below a person's number


@dataclass(frozen=True)
class Check:
    """One estimate held against the truth.

    `recovered`: the interval holds the planted value (the realised one if none was planted). `exact`: the
    estimate is the realised value.
    """

    name: str
    planted: float | None
    realised: float
    estimate: float
    low: float
    high: float
    recovered: bool
    exact: bool


class Ledger:
    """Figures that add up over chunks: per name the sum, how many, expected sum, variance, sum of squares."""

    def __init__(self) -> None:
        self._sums: dict[str, list[float]] = {}
        self._samples: dict[str, list[Ints]] = {}
        self.counts: dict[str, int] = {}

    def rate(self, name: str, hits: npt.NDArray[np.bool_], chance: Floats | float | None = None) -> None:
        """Add people at risk; `hits` says who did it, `chance` is each one's planted probability."""
        expected = None if chance is None else np.broadcast_to(chance, hits.shape)
        variance = 0.0 if expected is None else float((expected * (1 - expected)).sum())
        self._add(name, hits.astype(np.float64), None if expected is None else float(expected.sum()), variance)

    def mean(self, name: str, values: npt.NDArray[Any], expected: Floats | float | None = None) -> None:
        """Add measured values; `expected` is each one's planted mean."""
        total = None if expected is None else float(np.broadcast_to(expected, values.shape).sum())
        self._add(name, values.astype(np.float64), total, None)

    def _add(self, name: str, values: Floats, expected: float | None, variance: float | None) -> None:
        entry = self._sums.setdefault(
            name, [0.0, 0.0, 0.0, 0.0, 0.0, float(expected is not None), float(variance is not None)]
        )
        parts = (values.sum(), len(values), expected or 0.0, variance or 0.0, (values**2).sum())
        for place, part in enumerate(parts):
            entry[place] += float(part)

    def count(self, name: str, number: int) -> None:
        """Add to a plain count."""
        self.counts[name] = self.counts.get(name, 0) + int(number)

    def sample(self, name: str, values: Ints) -> None:
        """Keep values whose quantiles are wanted."""
        self._samples.setdefault(name, []).append(values)

    def figures(self) -> dict[str, dict[str, float | int | None]]:
        """All figures: planted, realised, the count behind it, what it is divided by, one standard error."""
        found: dict[str, dict[str, float | int | None]] = {}
        for name, (total, of, expected, variance, squares, planted, is_rate) in sorted(self._sums.items()):
            if of == 0:
                continue
            spread = variance if planted and is_rate else max(squares - total * total / of, 0.0)
            found[name] = {
                "planted": round(expected / of, 6) if planted else None,
                "realised": round(total / of, 6),
                "count": int(total) if is_rate or float(total).is_integer() else round(total, 2),
                "of": int(of),
                "standard_error": round(float(np.sqrt(spread)) / of, 6),
            }
        return found

    def quantiles(self) -> dict[str, dict[str, float]]:
        """Quartiles in seconds of the kept samples."""
        found = {}
        for name, parts in sorted(self._samples.items()):
            values = np.concatenate(parts) / 1_000
            if len(values):
                low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
                found[name] = {
                    "n": len(values),
                    "p25_s": float(low),
                    "median_s": float(middle),
                    "p75_s": float(high),
                }
        return found


def reached(steps: list[tuple[Ints, Ints]], window: int, origin: int) -> tuple[list[Ints], Ints, Ints]:
    """Count an ordered funnel over persons by search: any entry, closed window, equal instants in any order.

    Parameters
    ----------
    steps
        Per step the persons (numbers from 0) and moments (ms) of its events; steps share no event.
    window
        Longest time from first to last step, ms.
    origin
        A moment before all events, ms.

    Returns
    -------
    tuple
        Per step the sorted persons who got there; for the persons of the last step the moment of the earliest
        completion and the latest start that leads to it.

    Notes
    -----
    For every event of a step, the chain with the latest start dominates all others that end there; because
    keys are (person, moment), one running maximum over all persons finds it.
    """
    keys = np.unique((steps[0][0] << _SHIFT) + (steps[0][1] - origin))
    starts = keys
    found = [np.unique(keys >> _SHIFT)]
    for person, at in steps[1:]:
        later = np.unique((person << _SHIFT) + (at - origin))
        spot = np.searchsorted(keys, later, side="right") - 1
        later, spot = later[spot >= 0], spot[spot >= 0]
        start = starts[spot] if len(starts) else later
        fits = ((start >> _SHIFT) == (later >> _SHIFT)) & (later - start <= window)
        keys, starts = later[fits], np.maximum.accumulate(start[fits])
        found.append(np.unique(keys >> _SHIFT))
    _, first = np.unique(keys >> _SHIFT, return_index=True)
    low = (np.int64(1) << _SHIFT) - 1
    return found, (keys[first] & low) + origin, (starts[first] & low) + origin


def read_truth(folder: Path) -> dict[str, Any]:
    """Read `truth.json` of a simulated company.

    Raises
    ------
    InputError
        When the folder holds no simulated company.
    """
    path = Path(folder) / "truth.json"
    if not path.is_file():
        raise InputError("This folder holds no simulated company: truth.json is missing.", looked=str(path))
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return truth


def check(truth: Mapping[str, Any], name: str, estimate: float, low: float, high: float) -> Check:
    """Hold an estimate with its interval against the planted truth.

    Parameters
    ----------
    truth
        What `read_truth` or `DemoReport.truth` gives.
    name
        A key of `truth["figures"]`.
    estimate, low, high
        The answer and its interval, in the unit of the figure (rates and NPS as shares of 1, EUR, counts).

    Raises
    ------
    UnknownNameError
        When no such figure was planted.
    """
    figures = truth["figures"]
    if name not in figures:
        raise UnknownNameError.of("planted figure", name, figures, looked="truth.json")
    figure = figures[name]
    aim = figure["realised"] if figure["planted"] is None else figure["planted"]
    exact = abs(estimate - figure["realised"]) <= 1e-6
    return Check(name, figure["planted"], figure["realised"], estimate, low, high, low <= aim <= high, exact)
