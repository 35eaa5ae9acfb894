"""What is to come of contracts equals a program that goes from one to the next, and what comes in drawn worlds."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from memory_engine import Happened, MemoryEngine
from test_lifetime_value_oracle import ALL, BEGIN, DAY, ZONE, codes, local, renewal, rows_of

from desirepath import Answer
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.lifetime_value import LifetimeValue
from desirepath.runner import ask
from desirepath.statistics.contracts import Contracts, fit_sbg

Pays = Callable[[random.Random, dt.date], float]
TODAY = BEGIN + 600 * DAY
ASKED = LifetimeValue("a", model="contract", ends="e", discount=0.0, ages=[])


def ten(rng: random.Random, first: dt.date) -> float:
    """Everybody pays ten."""
    return 10.0


def cheap_january(rng: random.Random, first: dt.date) -> float:
    """Who began in January pays ten, and all others a hundred."""
    return 10.0 if (first.year, first.month) == (2024, 1) else 100.0


def ten_or_a_hundred(rng: random.Random, first: dt.date) -> float:
    """Half of them pay ten, the others a hundred."""
    return rng.choice([10.0, 100.0])


def club(seed: int, people: int, pays: Pays = ten, *, days: int = 965, longer: bool = False) -> list[Happened]:
    """Monthly contracts that end at a renewal, each with a chance of its own; `longer`: large payers stay longer."""
    rng, log = random.Random(seed), [Happened("clock", BEGIN + days * DAY, "tick", "z")]
    for person in range(people):
        first, leave = local(BEGIN) + dt.timedelta(rng.randrange(540)), rng.betavariate(1.0, 6.0)
        amount = pays(rng, first)
        if longer:
            leave = min(1.5 * leave, 0.95) if amount < 60 else 0.4 * leave
        for k in range(60):
            day = renewal(first, k, "month")
            moment = int(dt.datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(ZONE)).timestamp()) * 10**6
            if moment > log[0].time:
                break
            ends = k > 0 and rng.random() < leave
            fields = {} if ends else {"value": amount}
            log.append(Happened(f"p{person}", moment, "e" if ends else "a", f"{len(log):06d}", fields))
            if ends:
                break
    return log


def test_a_forecast_equals_one_made_contract_by_contract() -> None:
    log = club(7, 500, lambda rng, first: round(rng.lognormvariate(3, 0.8), 2), days=720)
    asked = LifetimeValue("a", model="contract", ends="e", every="quarter", holdout="200 days", ahead="365 days")
    everyone = sorted({event.person for event in log})
    blocks = MemoryEngine(log, [everyone[k::3] for k in range(3)])
    answer = ask(asked, Population(Period.everything(), calendar=Calendar(ZONE)), blocks)
    rows = list(rows_of(log, Period.everything(), log[0].time, asked).values())
    over = np.array([row["state"] == "ended" for row in rows])
    renewals = np.array([row["renewals"] for row in rows])
    model, _ = fit_sbg(Contracts(renewals, over, np.ones(len(rows), dtype=np.int64)))
    paid = [sum(money for at, money in row["amounts"].items() if at == 0 or at < row["seen"]) for row in rows]
    payment = np.array(paid) / 10_000 / (renewals + ~over)
    rate = 1.1 ** (1 / 4) - 1
    each = np.where(over, 0.0, model.payments(renewals + 1, rate, 4) * payment)
    many = 0
    for told in answer.table.to_pylist():
        inside = np.array([told["cohort"] in ("all", row["cohort"]) for row in rows])
        if (inside & ~over).sum() >= 10 and "few_payers" not in codes(answer):
            many += 1
            assert told["to_come"] == pytest.approx(each[inside].mean(), rel=1e-6)
        assert told["to_come_low"] <= told["to_come"] <= told["to_come_high"], "never NaN"
    assert many > 3
    checks = dict(zip(answer.extras["checks"]["what"], answer.extras["checks"]["value"], strict=True))
    assert checks["mean amount"] == pytest.approx(payment[~over].mean(), rel=1e-6)
    table = answer.extra("contracts").to_pylist()
    assert table[0]["came_to_it"] == int((renewals >= 1).sum())
    assert table[2]["ended"] == int((over & (renewals == 3)).sum())
    before = ~over & (renewals == 2)
    assert table[2]["running_before"] == int(before.sum()) >= 10
    assert table[2]["payments_to_come"] == pytest.approx(float(model.derl(3, rate)))
    worth = table[2]["payments_to_come"] * payment[before].mean()
    assert table[2]["value_to_come"] == pytest.approx(worth, rel=1e-6)
    assert table[2]["of_all_expected"] == pytest.approx(float(model.survival(3)))


def test_money_is_held_out_too() -> None:
    log, since = club(7, 500, ten_or_a_hundred, days=720), 180
    asked = LifetimeValue("a", model="contract", ends="e", holdout=f"{since} days")
    held = (
        ask(asked, Population(Period.everything(), calendar=Calendar(ZONE)), MemoryEngine(log))
        .extra("holdout")
        .to_pylist()
    )
    rows = rows_of(log, Period.everything(), log[0].time, asked).values()
    past = [row for row in rows if row["seen"] >= since]
    ran = [row for row in past if not (row["state"] == "ended" and renewed_before(row, since))]
    came = [sum(m for at, m in row["amounts"].items() if row["seen"] - since <= at < row["seen"]) for row in ran]
    assert held[-1]["people"] == len(ran)
    assert held[-1]["actual_value"] == pytest.approx(sum(came) / 10_000)
    assert held[-1]["expected_value"] == pytest.approx(held[-1]["actual_value"], rel=0.15)
    assert sum(row["expected_value"] for row in held[:-1]) == pytest.approx(held[-1]["expected_value"])
    assert abs(held[-1]["of_actual_off"]) < 0.15


def renewed_before(row: dict[str, object], since: int) -> bool:
    """Whether a contract that ended did so at a renewal before the time held out."""
    return max(row["days"]) + 31 < row["seen"] - since  # type: ignore[call-overload, operator]


def came_after(log: list[Happened]) -> dict[str, tuple[bool, float, float, Answer]]:
    """By cohort: whether what came within a year is in the interval, what was expected, and what came."""
    population = Population(Period(BEGIN - DAY, TODAY, "UTC"), cutoff=TODAY, calendar=Calendar(ZONE))
    answer = ask(ASKED, population, MemoryEngine(log))
    cohort = {row["person"]: row["cohort"] for row in answer.people().to_pylist()}
    later: dict[str, float] = defaultdict(float)
    for event in log:
        if event.person in cohort and TODAY < event.time <= TODAY + 365 * DAY:
            later[cohort[event.person]] += event.fields.get("value", 0.0)  # type: ignore[operator]
    later["all"] = sum(later.values())
    found = {}
    for told in answer.table.to_pylist():
        money = later[told["cohort"]] / told["people"]
        found[told["cohort"]] = told["to_come_low"] <= money <= told["to_come_high"], told["to_come"], money, answer
    return found


def test_a_cohort_is_worth_what_its_own_contracts_pay() -> None:
    """A pooled payment gave January seven times what came of it."""
    found = came_after(club(1_000, 600, cheap_january))
    inside, expected, came, answer = found["2024-01"]
    assert inside
    assert expected == pytest.approx(came, rel=0.4)
    assert expected < 30
    assert found["2024-02"][1] > 150
    assert "few_payers" in codes(answer), "some cohorts have fewer than ten left"


def test_large_payers_who_stay_longer_count_for_what_they_pay() -> None:
    found = [came_after(club(1_000 + seed, 600, ten_or_a_hundred, longer=True)) for seed in range(3)]
    assert np.mean([inside for each in found for inside, *_ in each.values()]) >= 0.85
    assert sum(each["all"][1] for each in found) == pytest.approx(sum(each["all"][2] for each in found), rel=0.12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pays", "longer"), [(cheap_january, False), (ten_or_a_hundred, False), (ten_or_a_hundred, True)]
)
def test_intervals_hold_what_comes_as_often_as_the_page_says(pays: Pays, longer: bool) -> None:
    found = [came_after(club(5_000 + seed, 600, pays, longer=longer)) for seed in range(100)]
    cohorts = [inside for each in found for name, (inside, *_) in each.items() if name != "all"]
    wholes = [each["all"][0] for each in found]
    ratio = sum(each["all"][1] for each in found) / sum(each["all"][2] for each in found)
    print(f"cohorts {np.mean(cohorts):.3f}, wholes {np.mean(wholes):.3f}, expected by came {ratio:.3f}")
    assert np.mean(cohorts) >= 0.93
    assert np.mean(wholes) >= 0.93


def test_many_contracts_are_rounded_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    log = club(6, 400, lambda rng, first: round(rng.lognormvariate(3, 0.8), 2))
    exact = ask(ASKED, ALL, MemoryEngine(log))
    monkeypatch.setattr("desirepath.questions.lifetime_value_sums.EXACT_LIMIT", 100)
    everyone = sorted({event.person for event in log})
    found = ask(ASKED, ALL, MemoryEngine(log))
    again = ask(ASKED, ALL, MemoryEngine(log, [everyone[k::5] for k in range(5)]))
    assert (found.columns, found.extras) == (again.columns, again.extras)
    for one, two in zip(found.table.to_pylist(), exact.table.to_pylist(), strict=True):
        assert (one["people"], one["active"], one["brought_in"]) == (two["people"], two["active"], two["brought_in"])
        assert one["to_come"] == pytest.approx(two["to_come"], rel=0.01)


def test_nobody_left_and_nothing_paid_are_numbers() -> None:
    log = [Happened(e.person, e.time, e.name, e.id, {}) for e in club(3, 300, days=600)]
    answer = ask(ASKED, ALL, MemoryEngine(log))
    last = answer.table.to_pylist()[-1]
    assert last["to_come"] is None
    assert last["purchases_to_come"] > 0
    assert answer.extra("holdout").to_pylist()[-1]["expected_value"] is None
    assert set(answer.extras["contracts"]["value_to_come"]) == {None}
