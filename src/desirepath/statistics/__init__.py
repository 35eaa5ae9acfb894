"""Sums that add up in any order, and how sure one can be of what they say."""

from __future__ import annotations

from desirepath.statistics.differences import (
    FLAG,
    ProportionComparison,
    benjamini_hochberg,
    compare_proportions,
    compare_quantiles,
    score_test,
)
from desirepath.statistics.durations import Durations, Histogram
from desirepath.statistics.intervals import (
    NOT_ENOUGH_DATA,
    Estimate,
    interval_columns,
    newcombe,
    quantile_estimate,
    wilson,
    wilson_columns,
)
from desirepath.statistics.sums import Counts, Moments, Proportion, Sums, Top

__all__ = [
    "FLAG",
    "NOT_ENOUGH_DATA",
    "Counts",
    "Durations",
    "Estimate",
    "Histogram",
    "Moments",
    "Proportion",
    "ProportionComparison",
    "Sums",
    "Top",
    "benjamini_hochberg",
    "compare_proportions",
    "compare_quantiles",
    "interval_columns",
    "newcombe",
    "quantile_estimate",
    "score_test",
    "wilson",
    "wilson_columns",
]
