"""Outliers as NIST has them; few false alarms in a steady week, and a planted spike is found."""

from __future__ import annotations

import numpy as np
import pytest

from desirepath.errors import InputError
from desirepath.statistics.spikes import counts_against_past, generalised_esd

ROSNER = (
    "-0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70 1.76 1.77 1.81 1.91 "
    "1.94 1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40 2.47 2.54 2.62 2.64 2.90 2.92 2.92 2.93 "
    "3.21 3.26 3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01"
)


def test_generalised_esd_as_in_nists_handbook() -> None:
    """Section 1.3.5.17.3: 54 values, three outliers; its table is rounded to three digits."""
    values = [float(each) for each in ROSNER.split()]
    found = generalised_esd(values, 10)
    assert [values[place] for place in found.places] == [6.01, 5.42, 5.34]
    statistics = [3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067]
    limits = [3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085]
    assert found.statistics == pytest.approx(statistics, abs=0.0011)
    assert found.limits == pytest.approx(limits, abs=0.0011)


def test_odd_values_make_no_outliers() -> None:
    assert generalised_esd([2.0] * 20, 3).places == []
    assert generalised_esd([], 0).places == []
    for values, most in (([1.0, 2.0], 1), ([1.0, float("nan"), 2.0, 3.0], 1)):
        with pytest.raises(InputError):
            generalised_esd(values, most)


def test_by_hand() -> None:
    """Six weeks of 10 per 100 let 20 expect of 200; the median does not see one wild week."""
    counts, active = [40, 40, 400, 40, 40, 40, 80], [400] * 6 + [800]
    last = counts_against_past(counts, active)[-1]
    assert (last.rate, last.number, last.spike) == (0.1, 80.0, "no")
    assert last.z == pytest.approx(0, abs=0.1)
    few = counts_against_past([4] * 7, [40] * 7)[-1]
    assert (few.number, few.z, few.spike) == (4.0, None, "too little data")
    assert counts_against_past([40] * 3, [400] * 3)[-1].spike == "too little data"
    unusable = counts_against_past([40] * 8, [400] * 8, usable=[True] * 4 + [False] * 4)
    assert unusable[-1].rate is None
    assert counts_against_past([40] * 6 + [0], [400] * 6 + [0])[-1].rate is None
    assert counts_against_past([0] * 8, [400] * 8)[-1].spike == "too little data"
    wild = counts_against_past([40] * 6 + [100_000], [400] * 7)[-1]
    assert wild.z == 40.0
    assert counts_against_past([400] * 6 + [0], [400] * 7)[-1].spike == "no"


def steady(rng: np.random.Generator, days: int, size: float, spread: float = 0.0) -> tuple[list[int], list[int]]:
    """Days with a steady rate and a week's season; `spread` makes counts vary more than Poisson's."""
    season = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.7, 0.6])[np.arange(days) % 7]
    active = rng.poisson(2000, days)
    expected = season * active * size
    if spread:
        expected = expected * rng.gamma(1 / spread, spread, days)
    return rng.poisson(expected).tolist(), active.tolist()


def alarms(seed: int, runs: int, spread: float) -> tuple[int, int, int]:
    """How many of the days of so many steady half years are judged, a spike, and a spike or perhaps one."""
    rng = np.random.default_rng(seed)
    told: list[str] = []
    for _ in range(runs):
        found = counts_against_past(*steady(rng, 210, 0.05, spread), step=7)
        told += [each.spike for each in found if each.z is not None]
    return len(told), told.count("yes"), told.count("yes") + told.count("perhaps")


@pytest.mark.parametrize("spread", [0.0, 0.01])
def test_a_steady_week_gives_few_false_alarms(spread: float) -> None:
    """Poisson's counts, and counts whose mean scatters by a tenth from day to day."""
    judged, spikes, either = alarms(11, 30, spread)
    assert judged > 5_000
    assert spikes <= 2
    assert either / judged <= (0.008 if spread else 0.002)


@pytest.mark.slow
@pytest.mark.parametrize(("spread", "spike", "perhaps"), [(0.0, 0.0001, 0.001), (0.01, 0.0003, 0.005)])
def test_false_alarms_of_two_hundred_years(spread: float, spike: float, perhaps: float) -> None:
    """As the page says: fewer than one day in 10,000 is a spike, one in 1,000 perhaps; three and five in the other."""
    judged, spikes, either = alarms(12, 400, spread)
    assert judged > 70_000
    assert spikes / judged <= spike
    assert either / judged <= perhaps


def test_a_planted_spike_is_found() -> None:
    """Where a hundred are expected, twice as many are a spike in nine of ten cases, and stand out in all."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        counts, active = steady(rng, 120, 0.05)
        counts[100] = int(counts[100] * 2.0)
        told = counts_against_past(counts, active, step=7)
        found += told[100].spike == "yes"
        assert (told[100].z or 0) > 3
    assert found >= 45


def test_a_rise_that_stays_is_a_spike_on_its_second_day() -> None:
    rng = np.random.default_rng(4)
    counts, active = steady(rng, 120, 0.05)
    for day in (100, 101):
        counts[day] = int(counts[day] * 1.55)
    told = counts_against_past(counts, active, step=7)
    assert told[101].spike == "yes"
