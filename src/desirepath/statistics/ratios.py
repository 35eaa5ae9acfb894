"""Which share of the money stays, and how sure is that? Ratios of two sums over the same customers.

A ratio of sums, such as revenue kept of revenue at the start, is no mean of the customers' ratios: a large customer
counts for more. Only sums, squares and products are needed, so groups add up.

    Products(n=2, x=300, y=200, xx=50_000, xy=40_000, yy=40_000).share()       0.667
    Products(n=2, x=300, y=350, xx=50_000, xy=60_000, yy=72_500).ratio()       1.167

Source: the variance is that of the linearised ratio (W. Cochran, Sampling Techniques, 1977, 6.3 and 2.11). For a share
its interval is Wilson's for the number of equal customers that would have that variance (E. Korn, B. Graubard,
Confidence intervals for proportions with small expected number of positive counts estimated from survey data, Survey
Methodology 24, 1998; with Wilson's limits: N. Dean, M. Pagano, Journal of Survey Statistics and Methodology 3, 2015);
where nobody or everybody lost all, for L. Kish's effective number of customers (Survey Sampling, 1965).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from desirepath.statistics.clustered import ratio_spread
from desirepath.statistics.intervals import Estimate, normal_quantile, wilson_limits
from desirepath.statistics.means import LEAST, t_quantile


@dataclass(frozen=True)
class Products:
    """What a ratio of sums needs to be known, as whole numbers.

    Attributes
    ----------
    n
        How many customers there are.
    x, y
        The sums of the whole and of the part, in one unit.
    xx, xy, yy
        The sums of squares and of products.
    """

    n: int = 0
    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0
    yy: int = 0

    def __add__(self, other: Products) -> Products:
        """Join two groups without a common customer."""
        return Products(
            self.n + other.n,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )

    @property
    def variance(self) -> float | None:
        """The variance of y / x; None for fewer than two customers, or where nothing is in `x`."""
        if self.n < 2 or not self.x:
            return None
        residual = ratio_spread(self.y, self.x, self.yy, self.xy, self.xx)
        return float(residual * self.n / (self.n - 1) / self.x**2)

    def ratio(self, level: float = 0.95) -> Estimate:
        """y / x where y may be larger than x; for up to three customers, or where all ratios are one, no interval.

        Parameters
        ----------
        level
            Confidence level.

        Returns
        -------
        Estimate
            The ratio with Student's interval of its linearised form; without a value where nothing is in `x`.
        """
        if not self.x:
            return Estimate(None, None, None, self.n, level, "ratio of sums")
        value, spread = self.y / self.x, self.variance
        if self.n <= LEAST or not spread:
            return Estimate(value, None, None, self.n, level, "ratio of sums")
        half = t_quantile(level, self.n - 1) * math.sqrt(spread)
        return Estimate(value, max(value - half, 0.0), value + half, self.n, level, "ratio of sums")

    def share(self, level: float = 0.95) -> Estimate:
        """y / x where no customer's y is below 0 or above their x.

        Parameters
        ----------
        level
            Confidence level.

        Returns
        -------
        Estimate
            The share; without an interval for up to three customers who lost a part, or where all lost the same part.
        """
        if not self.x:
            return Estimate(None, None, None, self.n, level, "share of a sum")
        value, spread = self.y / self.x, self.variance
        if self.y in (0, self.x):
            customers = self.x**2 / self.xx
        elif self.n <= LEAST or not spread:
            return Estimate(value, None, None, self.n, level, "share of a sum")
        else:
            customers = value * (1 - value) / spread
        low, high = wilson_limits(value * customers, customers, normal_quantile(level))
        return Estimate(value, low, high, self.n, level, "share of a sum")


__all__ = ["Products"]
