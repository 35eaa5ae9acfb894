"""How often do the intervals of what the churned had more often hold the truth? Made journeys, a known difference."""

from __future__ import annotations

import random
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.churn import Churn
from desirepath.runner import ask

DAY = 86_400_000_000
MONDAY = 4
LIFT = 0.15


def trial(rng: random.Random, lift: float, people: int = 250) -> dict[str, Any]:
    """Nine weeks in which 6 % leave each week; errors grow week by week, and are more frequent before an end."""
    log = [Happened("clock", 71 * DAY, "look", "z")]
    for number in range(people):
        log.append(Happened(f"p{number}", 0, "buy", f"{number:03d} 0"))
        for week in range(9):
            start, leaves = (MONDAY + 7 * week) * DAY, rng.random() < 0.06
            if rng.random() < 0.2 + 0.02 * week + (lift if leaves else 0):
                log.append(Happened(f"p{number}", start + DAY, "error", f"{number:03d} {week} 1"))
            if leaves:
                log.append(Happened(f"p{number}", start + 5 * DAY, "leave", f"{number:03d} {week} 2"))
                break
    asked = Churn(ends="leave", active="buy", friction=["error"], lookback="6 days", every="week")
    answer = ask(asked, Population(Period.everything()), MemoryEngine(log))
    (line,) = answer.extra("last_friction").to_pylist()
    return line


def rates(seed: int, times: int) -> tuple[float, float]:
    """How often the interval holds the difference, and how often one is found where there is none."""
    rng = random.Random(seed)
    held = [trial(rng, LIFT) for _ in range(times)]
    none = [trial(rng, 0.0) for _ in range(times)]
    inside = sum(line["difference_low"] <= LIFT <= line["difference_high"] for line in held)
    return inside / times, sum(line["p_value"] < 0.05 for line in none) / times


def test_intervals_hold_the_difference() -> None:
    inside, found = rates(1, 25)
    assert inside >= 0.8
    assert found <= 0.2


@pytest.mark.slow
def test_intervals_hold_the_difference_in_many_trials() -> None:
    inside, found = rates(4, 1_000)
    assert 0.92 <= inside <= 0.97
    assert 0.03 <= found <= 0.075
