"""How much there is equals a program written from the definition."""

from __future__ import annotations

import math
import random
from collections import defaultdict

import numpy as np
import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.measure import Measure, Measured
from desirepath.runner import ask
from desirepath.statistics import Moments
from desirepath.statistics.means import t_quantile

ALL = Population(Period.everything())


def drawn(seed: int) -> list[Happened]:
    """What up to eight people did and spent."""
    dice = random.Random(seed)
    values = [None, 0.1, 5, 12.34, -3, 0]
    log = []
    for n in range(dice.randrange(30)):
        value = dice.choice(values)
        fields = {} if value is None else {"value": value}
        log.append(Happened(f"p{dice.randrange(8)}", dice.randrange(50), dice.choice("abc"), f"{n:03d}", fields))
    return log


@pytest.mark.parametrize("event", ["a", None])
def test_it_equals_the_definition(event: str | None) -> None:
    for seed in range(250):
        log = drawn(seed)
        of = "name = 'b'" if seed % 2 else None
        mine: dict[str, list[Happened]] = defaultdict(list)
        for happened in log:
            mine[happened.person].append(happened)
        base = [events for events in mine.values() if of is None or any(each.name == "b" for each in events)]
        done = [[each for each in events if event in (None, each.name)] for events in base]
        sums = [math.fsum(float(each.fields.get("value", 0)) for each in events) for events in done]
        blocks = [sorted(mine)[k::3] for k in range(3)]
        row = ask(Measure(event, "value", of), ALL, MemoryEngine(log, blocks)).table.to_pylist()[0]
        number = sum(map(len, done))
        assert (row["people"], row["did"], row["events"]) == (len(base), sum(bool(each) for each in done), number)
        if number and not any("value" in each.fields for events in done for each in events):
            assert (row["total"], row["total_each"], row["mean"]) == (None, None, None)
            continue
        assert row["total"] == pytest.approx(sum(sums), abs=1e-9)
        if not base:
            assert row["of_people"] is None
            continue
        assert row["events_each"] == pytest.approx(number / len(base))
        assert row["total_each"] == pytest.approx(sum(sums) / len(base), abs=1e-9)
        if not number:
            assert row["mean"] is None
            continue
        ratio = sum(sums) / number
        assert row["mean"] == pytest.approx(ratio, abs=1e-9)
        if sum(bool(each) for each in done) > 3 and row["mean_high"] is not None:
            residuals = [total - ratio * len(events) for total, events in zip(sums, done, strict=True)]
            error = math.sqrt(sum(r * r for r in residuals) / (len(base) - 1) * len(base)) / number
            assert row["mean_high"] - ratio == pytest.approx(t_quantile(0.95, len(base) - 1) * error, abs=1e-6)


def test_the_ratio_is_covered_as_often_as_it_says() -> None:
    """1,000 draws of 60 people whose number of orders goes with what an order costs."""
    dice = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        orders = dice.choice([0, 1, 1, 2, 4], 60).astype(float)
        spent = np.round(orders * (10 + 5 * orders) + dice.normal(0, 4, 60) * np.sqrt(orders), 2)
        found = Measured(60, 0, Moments.of(orders), Moments.of(spent), Moments.of(spent + orders)).mean()
        # of 8 orders of five people: 2 at 15, 2 at 20, 4 at 30
        held += (found.low or 0) <= (2 * 15 + 2 * 20 + 4 * 30) / 8 <= (found.high or 0)
    assert 0.93 <= held / 1000 <= 0.97


def test_amounts_that_cannot_be_right_or_are_not_there() -> None:
    log = [Happened("ann", 1, "order", "1", {"value": 5e12}), Happened("ann", 2, "order", "2", {"value": 5e12})]
    log += [Happened("bob", 3, "order", "3", {"value": 1e300}), Happened("cat", 4, "order", "4")]
    answer = ask(Measure("order", "value"), ALL, MemoryEngine(log))
    (row,) = answer.table.to_pylist()
    assert (row["total"], row["events"]) == (1e13, 4)
    assert "2 events have no number" in next(n.text for n in answer.warnings if n.code == "without_number")
    assert (row["mean_low"], row["mean_high"]) == (None, None)  # three did it
    (row,) = ask(Measure("order", "nothing"), ALL, MemoryEngine(log)).table.to_pylist()
    assert (row["total"], row["total_each"], row["mean"]) == (None, None, None)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="property"):
        Measure("a", " ")
    answer = ask(Measure("a"), ALL, MemoryEngine(drawn(3)))
    with pytest.raises(UnknownNameError, match="did it"):
        answer.people(did="perhaps")
