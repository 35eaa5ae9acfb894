"""What does each contract that still runs pay a period, and how sure is that for a cohort?

    paid = payments_of(tally, margin=1.0)
    paid.each                 of each row of contracts
    paid.mean                 of all that run

A cohort is worth what those of it pay who are still there: whoever left says nothing of it, nor do other cohorts. Only
where fewer than ten are left is their payment drawn towards that of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.questions.lifetime_value_rows import OVER
from desirepath.questions.lifetime_value_sums import LifetimeTally
from desirepath.questions.lifetime_value_walk import UNIT
from desirepath.statistics.contracts import shrunk_means

Array = npt.NDArray[Any]

LEAST_OWN = 10
"""A cohort with fewer contracts that run does not have a payment of its own alone."""


@dataclass(frozen=True)
class Payments:
    """Payments a period, the margin taken.

    Attributes
    ----------
    each
        float64[rows]: of the contracts of each row of the tally.
    runs
        bool[rows]: whether those still run.
    variance
        float64[cohorts]: of a cohort's mean, as the cohort's own.
    lean
        float64[cohorts]: how much of a cohort's mean is that of the others.
    common
        The variance of that.
    few
        How many cohorts have fewer than `LEAST_OWN` that run.
    """

    each: Array
    runs: Array
    n: Array
    variance: Array
    lean: Array
    common: float
    few: int

    @property
    def known(self) -> bool:
        """Whether any money came in."""
        return bool((self.each > 0).any())

    @property
    def mean(self) -> float | None:
        """Of all that run; None where none does, or no money came in."""
        return self.of(self.runs) if self.known else None

    def of(self, inside: Array) -> float | None:
        """The mean of some rows."""
        many = int(self.n[inside].sum())
        return float((self.n * self.each)[inside].sum()) / many if many else None

    def spread(self, payments: Array) -> Array:
        """float64[cohorts + 1]: the variance that unsure means give sums of so many payments by cohort, and to all."""
        by = payments**2 * self.variance
        leaning = payments * self.lean
        return np.append(by + leaning**2 * self.common, by.sum() + leaning.sum() ** 2 * self.common)

    def notices(self) -> list[Notice]:
        """Say where a payment is not a cohort's own alone."""
        if not self.few or not self.known:
            return []
        text = f"In {self.few:,} cohorts fewer than {LEAST_OWN} contracts still run: what they pay is drawn towards "
        return [Notice("few_payers", text + "what those of the other cohorts pay.")]


def each_payment(paid: Array, periods: Array, margin: float) -> Array:
    """float64[rows]: of each contract, from its money and the periods that began; nothing where more was refunded."""
    return np.asarray(np.maximum(paid, 0) / UNIT * margin / periods)


def payments_of(tally: LifetimeTally, margin: float) -> Payments:
    """What the contracts of a tally pay.

    Parameters
    ----------
    tally
        With contracts.
    margin
        The share of an amount that is kept.
    """
    cohort, renewals, state, paid = tally.contracts.keys.T
    n, cohorts = tally.contracts.sums[:, 0], len(tally.labels)
    runs = state != OVER
    each = each_payment(paid, renewals + runs, margin)

    def by_cohort(weights: Array) -> Array:
        return np.bincount(cohort, weights=np.where(runs, weights, 0.0), minlength=cohorts)

    many, total = by_cohort(n), by_cohort(n * each)
    own = np.divide(total, many, out=np.zeros(cohorts), where=many > 0)
    squares = by_cohort(n * (each - own[cohort]) ** 2)
    drawn = shrunk_means(many, own, squares)
    few = many < LEAST_OWN
    variance = np.divide(squares, many * (many - 1), out=np.zeros(cohorts), where=~few)
    return Payments(
        np.where(runs & few[cohort], drawn.mean[cohort], each),
        runs,
        n,
        np.where(few, drawn.variance, variance),
        np.where(few, drawn.lean, 0.0),
        drawn.common,
        int((few & (many > 0)).sum()),
    )


__all__ = ["LEAST_OWN", "Payments", "each_payment", "payments_of"]
