"""How strongly do two yes-or-no facts go together? The measures of a table of two rows and two columns.

                    reached it    did not
    did it               a            b
    did not do it        c            d

    Twofold(13182, 26971, 3599, 46437).odds_ratio()      6.30 (95 % interval 6.06 to 6.56)
    Twofold(13182, 26971, 3599, 46437).phi               0.327

Differences, ratios and the p-value of one table never contradict each other: the interval of the difference leaves out
0 exactly when that of the risk ratio leaves out 1, and when the p-value is below 1 less the level. The odds ratio has
the interval that other tools show, and may differ from them near the border.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from desirepath.errors import InputError
from desirepath.statistics.differences import compare_proportions
from desirepath.statistics.intervals import Estimate, newcombe, normal_quantile, wilson, wilson_limits


@dataclass(frozen=True)
class Twofold:
    """Counts of four kinds of people.

    Parameters
    ----------
    a, b
        Of those with the first fact: who has the second, and who has not.
    c, d
        Of those without the first fact: who has the second, and who has not.

    Raises
    ------
    InputError
        If a count is negative.
    """

    a: int
    b: int
    c: int
    d: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if min(self.a, self.b, self.c, self.d) < 0:
            raise InputError(f"{self} holds a count below 0.", allowed=["0 or more"])

    @property
    def n(self) -> int:
        """Everybody."""
        return self.a + self.b + self.c + self.d

    @property
    def least(self) -> int:
        """The smallest of the four sums at the margins."""
        return min(self.a + self.b, self.c + self.d, self.a + self.c, self.b + self.d)

    @property
    def turned(self) -> Twofold:
        """The same people with rows and columns exchanged."""
        return Twofold(self.a, self.c, self.b, self.d)

    def share(self) -> Estimate:
        """Of those with the first fact, who has the second (positive predictive value); Wilson's interval."""
        return wilson(self.a, self.a + self.b)

    def share_without(self) -> Estimate:
        """Of those without the first fact, who has the second; Wilson's interval."""
        return wilson(self.c, self.c + self.d)

    def difference(self) -> Estimate:
        """`share` less `share_without`, with Newcombe's interval."""
        return newcombe(self.a, self.a + self.b, self.c, self.c + self.d)

    def p_value(self) -> float | None:
        """Two-sided, of the difference's being 0; None where a row is empty. See `compare_proportions`."""
        return compare_proportions(self.a, self.a + self.b, self.c, self.c + self.d).p_value

    def risk_ratio(self, level: float = 0.95) -> Estimate:
        """`share` by `share_without`: how many times as often.

        Parameters
        ----------
        level
            Confidence level.

        Returns
        -------
        Without a value where a row is empty, or nobody of the second row has the second fact.

        References
        ----------
        The interval is made from Wilson's limits of the two shares (MOVER): Donner and Zou (2012), Statistical Methods
        in Medical Research 21, 347-359; Newcombe (2013), Confidence Intervals for Proportions, section 10.6.
        """
        one, two, z = self.a + self.b, self.c + self.d, normal_quantile(level)
        if not one or not two or not self.c:
            return Estimate(None, None, None, self.n, level, "mover ratio")
        p, q = self.a / one, self.c / two
        (l1, u1), (l2, u2) = wilson_limits(self.a, one, z), wilson_limits(self.c, two, z)
        low = _smaller_root(u2 * (2 * q - u2), p * q, l1 * (2 * p - l1))
        below, rest = l2 * (2 * q - l2), u1 * (2 * p - u1)
        high = (p * q + math.sqrt(max((p * q) ** 2 - below * rest, 0.0))) / below
        value = p / q
        # only rounding can put an end on the wrong side of the value
        return Estimate(value, min(low, value), max(high, value), self.n, level, "mover ratio")

    def odds_ratio(self, level: float = 0.95) -> Estimate:
        """The odds with the first fact by the odds without it, a d / b c.

        Parameters
        ----------
        level
            Confidence level.

        Returns
        -------
        With half a person added to each cell where one is empty; without a value where a row or column is.

        References
        ----------
        Woolf (1955), Annals of Human Genetics 19, 251-253; the half: Haldane (1956), Annals of Human Genetics 20,
        309-311.
        """
        if not self.least:
            return Estimate(None, None, None, self.n, level, "woolf")
        half = 0.5 if min(self.a, self.b, self.c, self.d) == 0 else 0.0
        cells = [each + half for each in (self.a, self.b, self.c, self.d)]
        value = cells[0] * cells[3] / (cells[1] * cells[2])
        spread = math.exp(normal_quantile(level) * math.sqrt(sum(1 / each for each in cells)))
        return Estimate(value, value / spread, value * spread, self.n, level, "woolf")

    @property
    def phi(self) -> float | None:
        """Correlation of the two facts, from -1 to 1 (also Matthews' coefficient); None where a margin is empty."""
        return phi(self.a, self.b, self.c, self.d)

    @property
    def lift(self) -> float | None:
        """`share` by the share of everybody that has the second fact; None where either is of nobody."""
        if not self.a + self.b or not self.a + self.c:
            return None
        return self.a * self.n / ((self.a + self.b) * (self.a + self.c))

    @property
    def youden(self) -> float | None:
        """Sensitivity plus specificity less 1, the first fact taken as a sign of the second (Youden 1950)."""
        if not self.a + self.c or not self.b + self.d:
            return None
        return self.a / (self.a + self.c) - self.b / (self.b + self.d)

    @property
    def bits(self) -> float | None:
        """How much one fact tells of the other: mutual information (Shannon 1948), in bits; None for nobody."""
        if not self.n:
            return None
        rows, columns = (self.a + self.b, self.c + self.d), (self.a + self.c, self.b + self.d)
        cells = ((self.a, 0, 0), (self.b, 0, 1), (self.c, 1, 0), (self.d, 1, 1))
        told = sum(x * math.log2(x * self.n / (rows[r] * columns[k])) for x, r, k in cells if x)
        return max(told / self.n, 0.0)

    def e_value(self) -> float | None:
        """How strong an unmeasured cause of both would have to be to explain the risk ratio away; see `e_value`."""
        return e_value(self.risk_ratio().value)

    def e_value_limit(self) -> float | None:
        """The same for the end of the risk ratio's interval that is nearer to 1; 1 where the interval holds 1."""
        ratio = self.risk_ratio()
        if ratio.value is None:
            return None
        low, high = ratio.low or 0.0, ratio.high or math.inf
        return 1.0 if low <= 1 <= high else e_value(low if low > 1 else high)


def _smaller_root(square: float, middle: float, rest: float) -> float:
    """The smaller positive root of square r^2 - 2 middle r + rest, in the form that holds for any square."""
    below = middle + math.sqrt(max(middle * middle - square * rest, 0.0))
    return rest / below if below > 0 else 0.0


def phi(a: float, b: float, c: float, d: float) -> float | None:
    """Correlation of two yes-or-no facts from the four counts; None where a margin is empty."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    return (a * d - b * c) / math.sqrt(margins) if margins > 0 else None


def phi_error(a: float, b: float, c: float, d: float) -> float | None:
    """The standard error of `phi` by the delta method; None where a margin is empty.

    References
    ----------
    Bishop, Fienberg and Holland (1975), Discrete Multivariate Analysis, section 11.3.2.
    """
    value, n = phi(a, b, c, d), a + b + c + d
    if value is None:
        return None
    row, column = (a + b) * (c + d) / n**2, (a + c) * (b + d) / n**2
    lean, other = (a + b - c - d) / n, (a + c - b - d) / n
    inside = (
        1
        - value**2
        + (value + value**3 / 2) * lean * other / math.sqrt(row * column)
        - 0.75 * value**2 * (lean**2 / row + other**2 / column)
    )
    return math.sqrt(max(inside, 0.0) / n)


def e_value(risk_ratio: float | None) -> float | None:
    """The least risk ratio with which an unmeasured cause would have to go with both facts to explain one away.

    Parameters
    ----------
    risk_ratio
        Above 0; below 1 its inverse is taken.

    Returns
    -------
    1 for a ratio of 1; None for none, or for 0.

    References
    ----------
    VanderWeele and Ding (2017), Annals of Internal Medicine 167, 268-274.
    """
    if risk_ratio is None or risk_ratio <= 0:
        return None
    ratio = max(risk_ratio, 1 / risk_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))
