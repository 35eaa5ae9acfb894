"""How sure is a share or a mean when some people were counted several times? People are the unit, not what they did.

A person's answers, tickets or issues are alike, so ten of one person say less than ten of ten people. Sums over people
tell how much less:

    ratio(Clusters(...))          contacts per customer, with an interval over customers
    share(Clusters(...))          the share of issues, with Wilson's interval at the effective number
    design_effect(Clusters(...))  how many times wider the variance is than that of as many people

Source: W. G. Cochran, Sampling Techniques (1977), section 6.3 on the ratio estimator; L. Kish, Survey Sampling (1965),
section 8.2 on the design effect; the effective number in Wilson's interval: E. Korn, B. Graubard, Confidence intervals
for proportions with small expected number of positive counts, Survey Methodology 24 (1998).
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from desirepath.statistics.intervals import Estimate, normal_quantile, wilson_limits
from desirepath.statistics.means import LEAST, t_quantile


def ratio_spread(
    total: int | Fraction, units: int | Fraction, squares: int | Fraction, cross: int | Fraction, sizes: int | Fraction
) -> Fraction:
    """The sum over people of (a - m total / units)², exactly; what the variance of a ratio of sums rests on.

    Parameters
    ----------
    total, units
        The sums of a and of m; `units` is not 0.
    squares, cross, sizes
        The sums of a², of a m and of m².
    """
    rate = Fraction(total) / Fraction(units)
    return squares - 2 * rate * cross + rate * rate * sizes


class Clusters(NamedTuple):
    """Sums over people; a is what each brings to the part, m what each brings to the whole. All are whole numbers.

    Attributes
    ----------
    people
        How many people there are.
    total, units
        The sums of a and of m.
    squares, cross, sizes
        The sums of a², of a m and of m².
    own
        The sum of squares of what single rows bring, where a person has several that each count once in the whole: the
        variance is never below that of rows that have nothing to do with each other.
    """

    people: int
    total: int
    units: int
    squares: int
    cross: int
    sizes: int
    own: int = 0

    @property
    def spread(self) -> float:
        """The sum over people of (a - m total / units)², rounded once."""
        among = ratio_spread(self.total, self.units, self.squares, self.cross, self.sizes)
        alone = self.own - Fraction(self.total**2, self.units) if self.own else 0
        return float(max(among, alone, 0))


def ratio(sums: Clusters, level: float = 0.95, scale: float = 1.0, *, counted: bool = False) -> Estimate:
    """Estimate total / units, with Student's interval over people.

    Parameters
    ----------
    sums
        Over people.
    level
        Confidence level.
    scale
        What the result is multiplied with, such as 100 for contacts per 100 customers.
    counted
        Whether the total is a number of events, never below 0: then no end is, and where nothing happened at all the
        upper end is Poisson's exact limit, 3.7 / units (Garwood 1936).

    Returns
    -------
    Estimate
        Without a value where nothing is in the whole, without an interval for fewer than four people, or where all have
        the same ratio and it is no count of 0: nothing tells then how far others may differ.
    """
    n, whole = sums.people, sums.units
    if whole <= 0:
        return Estimate(None, None, None, n, level, "ratio")
    value = sums.total / whole
    spread = sums.spread
    if n <= LEAST or not (spread or (counted and not sums.total)):
        return Estimate(scale * value, None, None, n, level, "ratio")
    half = t_quantile(level, n - 1) * math.sqrt(spread * n / (n - 1)) / whole
    low, high = value - half, value + half
    if counted:
        low = max(low, 0.0)
        high = high if sums.total else -math.log((1 - level) / 2) / whole
    return Estimate(scale * value, scale * low, scale * high, n, level, "ratio")


def design_effect(sums: Clusters) -> float:
    """How many times the variance of a share or mean is that of as many people with one row each; at least 1.

    Where all rows are alike nothing tells how alike those of one person are; they are then taken for one.
    """
    if sums.units <= 0:
        return 1.0
    alone = sums.own - sums.total * sums.total / sums.units
    if alone <= 1e-9 * sums.own:
        return max(sums.sizes / sums.units, 1.0)
    return max(sums.spread / alone, 1.0)


def share(sums: Clusters, level: float = 0.95) -> Estimate:
    """Estimate the share total / units of rows that are 0 or 1, with Wilson's interval at the effective number of rows.

    Returns
    -------
    Estimate
        Without a value where there are no rows. With one row a person it is Wilson's interval.
    """
    n, x = sums.units, sums.total
    if n <= 0:
        return Estimate(None, None, None, 0, level, "wilson")
    effect = design_effect(replace_own(sums, x))
    low, high = wilson_limits(x / effect, n / effect, normal_quantile(level))
    found = Estimate(x / n, low, high, n, level, "wilson")
    if x in (0, n):  # rounding must not move an end inside
        found = replace(found, low=0.0 if x == 0 else low, high=1.0 if x == n else high)
    return found


def replace_own(sums: Clusters, own: int) -> Clusters:
    """The same sums with the squares of single rows, which of rows that are 0 or 1 is their sum."""
    return sums._replace(own=own)


__all__ = ["Clusters", "design_effect", "ratio", "ratio_spread", "share"]
