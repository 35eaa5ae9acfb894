"""What customers brought in, and what is to come, equal programs written from their definitions."""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import splits

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.lifetime_value import LifetimeValue
from desirepath.questions.lifetime_value_ranges import error_of, far_off
from desirepath.questions.lifetime_value_sums import Money
from desirepath.runner import ask
from desirepath.statistics.buying import Buyers, fit_bg_nbd
from desirepath.statistics.buying_money import Spenders, fit_gamma_gamma

HOUR = 3_600_000_000
DAY = 24 * HOUR
ZONE = "America/New_York"
BEGIN = 1_704_000_000_000_000  # the last days of 2023
ALL = Population(Period.everything())


def local(moment: int) -> dt.date:
    return dt.datetime.fromtimestamp(moment / 10**6, ZoneInfo(ZONE)).date()


def label(day: dt.date, every: str) -> str:
    week = day.isocalendar()
    return {
        "week": f"{week.year}-W{week.week:02d}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": str(day.year),
    }[every]


def renewal(first: dt.date, k: int, every: str) -> dt.date:
    """The day of the k-th renewal: so many months later, on the last day of a month that is too short."""
    if every == "week":
        return first + dt.timedelta(7 * k)
    months = first.year * 12 + first.month - 1 + k * {"month": 1, "quarter": 3, "year": 12}[every]
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


@st.composite
def logs(draw: st.DrawFn) -> list[Happened]:
    """What a few people bought, gave back and ended within some months."""
    value = st.sampled_from([None, 0, 0.1, 5, 12.34, 99.99, -3, 2e12, -1e300])
    rows = draw(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 150 * 24), st.sampled_from("aaaex"), value), max_size=25)
    )
    return [
        Happened(f"p{who}", BEGIN + hours * HOUR, name, f"{n:04d}", {} if value is None else {"value": value})
        for n, (who, hours, name, value) in enumerate(rows)
    ]


def customer(events: list[Happened], period: Period, today: dt.date, asked: LifetimeValue) -> dict[str, Any] | None:
    """One person's row, or nothing where the first purchase is missing or outside the period."""
    bought = [event for event in events if event.name == "a"]
    first = next((event for event in bought if (event.fields.get("value") or 0) >= 0), None)
    if first is None or not period.holds(first.time):
        return None
    began, amounts, days = local(first.time), defaultdict(int), defaultdict(int)
    for event in bought:
        amount = money_of(event)
        age = max((local(event.time) - began).days, 0)
        amounts[age] += amount
        if not is_refund(event):
            days[(local(event.time) - began).days] += amount
    places = [n for n, event in enumerate(events) if event.name == "e" and n > events.index(first)]
    found = {
        "cohort": label(began, asked.every),
        "days": sorted(days),
        "spent": {age: money for age, money in days.items() if money > 0 and age > 0},
        "amounts": amounts,
        "seen": (today - began).days,
        "refunded": -sum(money_of(event) for event in bought if is_refund(event)),
        "beyond": sum(abs(event.fields.get("value") or 0) > 1e12 for event in bought),
        "unvalued": sum(money == 0 for money in days.values()),
        "state": "active",
    }
    renewals = [renewal(began, k, asked.every) for k in range(1, 30)]
    if places:
        at = next(day for day in renewals if day >= local(events[places[0]].time))
        found["state"] = "ended" if at < today else "ending"
        found["ended_at"] = renewals.index(at) + 1
    found["renewals"] = sum(day < today for day in renewals)
    if found["state"] == "ended":
        found["renewals"] = found["ended_at"]
    return found


def money_of(event: Happened) -> int:
    """Ten-thousandths; an amount beyond a million millions cannot be read."""
    value = event.fields.get("value") or 0
    return round(value * 10_000) if abs(value) <= 1e12 else 0


def is_refund(event: Happened) -> bool:
    return (event.fields.get("value") or 0) < 0


def rows_of(log: list[Happened], period: Period, cutoff: int, asked: LifetimeValue) -> dict[str, dict[str, Any]]:
    mine: dict[str, list[Happened]] = defaultdict(list)
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            mine[event.person].append(event)
    rows = {person: customer(events, period, local(cutoff), asked) for person, events in mine.items()}
    return {person: row for person, row in rows.items() if row is not None}


def check(answer: Answer, rows: dict[str, dict[str, Any]], asked: LifetimeValue) -> None:
    """The table, the people and the notices say what the rows do."""
    total = {person: sum(row["amounts"].values()) for person, row in rows.items()}
    money = any(total.values()) or any(row["refunded"] for row in rows.values())
    cohorts = sorted({row["cohort"] for row in rows.values()})
    assert answer.columns["cohort"] == [*cohorts, *(["all"] if rows else [])]
    for told in answer.table.to_pylist():
        inside = {person: row for person, row in rows.items() if told["cohort"] in ("all", row["cohort"])}
        assert told["people"] == len(inside)
        assert told["repeaters"] == sum(len(row["days"]) > 1 for row in inside.values())
        for state in ("active", "ended", "ending"):
            if asked.model == "contract":
                assert told[state] == sum(row["state"] == state for row in inside.values())
        for text in asked.ages:
            age = int(text.split()[0])
            old = [row for row in inside.values() if row["seen"] >= age]
            value = told[f"by_{age}_days"]
            if not money or not old or (told["cohort"] != "all" and len(old) < len(inside)):
                assert value is None
            else:
                sums = [sum(money for at, money in row["amounts"].items() if at <= age) for row in old]
                assert value == pytest.approx(asked.margin * sum(sums) / len(old) / 10_000, abs=1e-9)
        if money:
            whole = asked.margin * sum(total[person] for person in inside) / 10_000
            assert told["brought_in"] == pytest.approx(whole, abs=1e-9)
            assert told["so_far"] == pytest.approx(whole / len(inside), abs=1e-9)
        else:
            assert told["brought_in"] is told["so_far"] is None
        assert told["to_come"] is told["lifetime"] is None, "too few"
    for row in answer.people().to_pylist():
        mine = rows[row["person"]]
        assert (row["cohort"], row["purchases"], row["seen_days"]) == (mine["cohort"], len(mine["days"]), mine["seen"])
        assert row["last_after_days"] == mine["days"][-1]
        assert row["brought_in"] == total[row["person"]] / 10_000
        if asked.model == "contract":
            assert (row["state"], row["renewals"]) == (mine["state"], mine["renewals"])
    assert answer.people().num_rows == len(rows)
    codes = {notice.code for notice in answer.warnings}
    assert ("refunded" in codes) == any(row["refunded"] for row in rows.values())
    assert ("unreadable_amounts" in codes) == any(row["beyond"] for row in rows.values())
    assert ("no_amounts" in codes) == (bool(rows) and not money)
    assert ("without_money" in codes) == (money and any(row["unvalued"] for row in rows.values()))
    assert ("few_buyers" in codes) == (bool(rows) and asked.model != "none")


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_brought_in_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    model = data.draw(st.sampled_from(["auto", "none", "contract", "contract"]))
    asked = LifetimeValue(
        "a",
        every=data.draw(st.sampled_from(["week", "month", "quarter", "year"])),
        ages=data.draw(st.sampled_from([["30 days"], ["1 day", "14 days", "90 days"], []])),
        margin=data.draw(st.sampled_from([1.0, 0.25])),
        model=model,
        ends="e" if model == "contract" else None,
        holdout=data.draw(st.sampled_from(["auto", "none", "30 days"])),
    )
    period = data.draw(st.sampled_from([Period.everything(), Period(BEGIN + 20 * DAY, BEGIN + 90 * DAY, "UTC")]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, BEGIN + 100 * DAY)]))
    population = Population(period, cutoff=cutoff, calendar=Calendar(ZONE))
    answer = ask(asked, population, MemoryEngine(log, data.draw(splits(log)) or [[]]))
    check(answer, rows_of(log, period, cutoff, asked), asked)


# ---- forecasts -----------------------------------------------------------------------------------------------


def shop(seed: int, people: int, *, days: int = 500) -> list[Happened]:
    """Customers with rates, ends and amounts of their own; BG/NBD and Gamma-Gamma hold, in whole days."""
    rng, log = random.Random(seed), [Happened("clock", BEGIN + days * DAY, "tick", "z")]
    for person in range(people):
        at, rate, stop = rng.randrange(days // 2), rng.gammavariate(0.8, 1 / 25), rng.betavariate(1.2, 2.5)
        mean = 6.0 / rng.gammavariate(4.0, 1 / 15.0)
        while at < days:
            amount = round(rng.gammavariate(6.0, mean / 6.0) + 0.01, 2)
            moment = BEGIN + (at * 24 + 15) * HOUR
            log.append(Happened(f"p{person}", moment, "a", f"{len(log):06d}", {"value": amount}))
            if log[-2].person == f"p{person}" and rng.random() < stop:
                break
            at += max(1, round(rng.expovariate(rate)))
    return log


def plain_forecast(rows: list[dict[str, Any]], asked: LifetimeValue, held: int) -> dict[str, Any]:
    """Customer by customer, without putting any two together."""
    days = np.array([len(row["days"]) - 1 for row in rows])
    last = np.array([row["days"][-1] for row in rows])
    seen = np.array([row["seen"] for row in rows])
    model, _ = fit_bg_nbd(Buyers.of(days, last, seen))
    spent = np.array([sum(row["spent"].values()) / 10_000 for row in rows])
    again = days > 0
    amounts, _ = fit_gamma_gamma(Spenders.of(days[again], spent[again]))
    alive = model.alive(days, last, seen)
    worth, before = np.zeros(len(rows)), np.zeros(len(rows))
    steps = round(365 / 30)
    for k in range(1, steps + 1):
        upto = model.expected(365 * k / steps, days, last, seen)
        worth += (upto - before) * 1.1 ** (-365 * (k - 0.5) / steps / 365.25)
        before = upto
    then = [{**row, "days": [day for day in row["days"] if day <= row["seen"] - held]} for row in rows]
    old = [row for row in then if row["seen"] >= held]
    x, t_x = np.array([len(row["days"]) - 1 for row in old]), np.array([row["days"][-1] for row in old])
    until = np.array([row["seen"] - held for row in old])
    earlier, _ = fit_bg_nbd(Buyers.of(x, t_x, until))
    return {
        "purchases": before,
        "value": worth * amounts.expected(days, spent),
        "alive": alive,
        "held": earlier.expected(held, x, t_x, until).sum(),
        "came": sum(sum(day > row["seen"] - held for day in row["days"]) for row in rows if row["seen"] >= held),
    }


def test_a_forecast_equals_one_made_customer_by_customer() -> None:
    log, asked = shop(5, 500), LifetimeValue("a", every="quarter", holdout="150 days")
    everyone = sorted({event.person for event in log})
    blocks = [everyone[k::3] for k in range(3)]
    answer = ask(asked, Population(Period.everything(), calendar=Calendar(ZONE)), MemoryEngine(log, blocks))
    rows = list(rows_of(log, Period.everything(), log[0].time, asked).values())
    plain = plain_forecast(rows, asked, 150)
    for told in answer.table.to_pylist():
        inside = np.array([told["cohort"] in ("all", row["cohort"]) for row in rows])
        assert told["purchases_to_come"] == pytest.approx(plain["purchases"][inside].mean(), rel=1e-4)
        assert told["to_come"] == pytest.approx(plain["value"][inside].mean(), rel=1e-4)
        assert told["to_come_low"] < told["to_come"] < told["to_come_high"]
        assert told["lifetime"] == pytest.approx(told["so_far"] + told["to_come"])
    held = answer.extra("holdout").to_pylist()
    assert held[-1]["expected"] == pytest.approx(plain["held"], rel=1e-4)
    assert held[-1]["actual"] == plain["came"] == sum(row["actual"] for row in held[:-1])
    bands = answer.extra("alive").to_pylist()
    for k, band in enumerate(bands):
        assert band["people"] == answer.people(alive=band["alive"]).num_rows
        inside = np.minimum((plain["alive"] * 10).astype(int), 9) == k
        assert abs(band["people"] - int(inside.sum())) <= 2, "fits may differ in the last digits"
    assert sum(band["people"] for band in bands) == len(rows)
    assert sum(band["value_to_come"] for band in bands) == pytest.approx(plain["value"].sum(), rel=1e-4)


def test_refunds_of_the_time_held_out_are_not_known_before_it() -> None:
    log, asked = shop(5, 500), LifetimeValue("a", every="year", holdout="150 days")
    since = BEGIN + 351 * DAY
    back = [
        Happened(e.person, e.time + 1, "a", f"{e.id}r", {"value": -e.fields["value"]})  # type: ignore[operator]
        for e in log
        if e.name == "a" and e.time > since
    ]
    population = Population(Period.everything(), calendar=Calendar(ZONE))
    plain, less = (ask(asked, population, MemoryEngine(each)) for each in (log, log + back[::2]))
    one, two = (answer.extra("holdout").to_pylist()[-1] for answer in (plain, less))
    assert two["expected_value"] == pytest.approx(one["expected_value"], rel=1e-9)
    assert two["expected"] == pytest.approx(one["expected"], rel=1e-9)
    assert two["actual_value"] < 0.7 * one["actual_value"]
    assert less.table.to_pylist()[-1]["to_come"] < plain.table.to_pylist()[-1]["to_come"]
    assert "holdout_bias" in codes(less)


def test_customers_who_brought_in_the_same_have_no_interval() -> None:
    log = [Happened(f"p{n}", BEGIN + n * HOUR, "a", f"{n:04d}", {"value": 0.1}) for n in range(7)]
    row = ask(LifetimeValue("a"), ALL, MemoryEngine(log)).table.to_pylist()[-1]
    assert (row["so_far"], row["so_far_low"], row["so_far_high"]) == (pytest.approx(0.1), None, None)
    log.append(Happened("q", BEGIN, "a", "9999", {"value": 0.2}))
    row = ask(LifetimeValue("a"), ALL, MemoryEngine(log)).table.to_pylist()[-1]
    assert row["so_far_low"] < row["so_far"] < row["so_far_high"]


def held_by_so_far(n: int, times: int) -> float:
    """How often the interval of `so_far` holds the true mean of lognormal amounts that are spread by 1.2."""
    rng, inside, true = np.random.default_rng(n), 0, float(np.exp(1.2**2 / 2))
    for _ in range(times):
        money = np.rint(rng.lognormal(0, 1.2, (n, 1)) * 10_000).astype(np.int64)
        told = Money.of(np.zeros(n, dtype=np.int64), money, np.ones((n, 1), dtype=np.bool_), 1).each(None, 0)
        assert told.low is not None
        assert told.high is not None
        inside += told.low <= true <= told.high
    return inside / times


def test_few_large_amounts_make_means_less_sure_than_they_say() -> None:
    assert held_by_so_far(10, 500) == pytest.approx(0.80, abs=0.06)
    assert held_by_so_far(300, 500) == pytest.approx(0.92, abs=0.04)


@pytest.mark.slow
def test_intervals_of_what_came_hold_as_often_as_the_page_says() -> None:
    for n, told in ((10, 0.80), (50, 0.87), (300, 0.92)):
        held = held_by_so_far(n, 20_000)
        print(n, held)
        assert held == pytest.approx(told, abs=0.015)


def test_amounts_that_cannot_be_read_are_told() -> None:
    log = [
        Happened("p", BEGIN, "a", "1", {"value": 5.0}),
        Happened("p", BEGIN + DAY, "a", "2", {"value": 1e13}),
        Happened("p", BEGIN + 2 * DAY, "a", "3", {"value": -1e13}),
        Happened("p", BEGIN + 3 * DAY, "a", "4", {"value": 1e12}),
    ]
    answer = ask(LifetimeValue("a"), ALL, MemoryEngine(log))
    assert answer.table.to_pylist()[-1]["brought_in"] == 1e12 + 5
    assert answer.people().to_pylist()[0]["purchases"] == 3, "one is a refund, though not of how much"
    text = next(notice.text for notice in answer.warnings if notice.code == "unreadable_amounts")
    assert text.startswith("2 amounts are beyond 1,000,000,000,000")


def test_that_nothing_came_in_the_time_held_out_is_warned_of_and_widens() -> None:
    """A shop that was shut: all that was expected is missing, and the forecast may be nothing too."""
    shut, begin = BEGIN + 800 * DAY, BEGIN + 500 * DAY
    log = [e for e in shop(5, 500) if e.name == "a" and e.time < begin] + [Happened("clock", shut, "tick", "z")]
    asked, population = LifetimeValue("a", every="year", holdout="300 days"), Population(Period.everything())
    answer = ask(asked, population, MemoryEngine(log))
    held, last = answer.extra("holdout").to_pylist()[-1], answer.table.to_pylist()[-1]
    assert (held["actual"], held["of_actual_off"], held["of_expected_missing"]) == (0, None, 1.0)
    assert held["of_expected_value_missing"] == 1.0
    text = next(notice.text for notice in answer.warnings if notice.code == "holdout_bias")
    assert "nothing came" in text
    for name in ("purchases_to_come", "to_come"):
        assert last[f"{name}_low"] == 0
        assert last[f"{name}_high"] > 2.5 * last[name]
    plain = ask(LifetimeValue("a", every="year", holdout="none"), population, MemoryEngine(log)).table.to_pylist()[-1]
    assert plain["to_come_low"] > 0


def test_an_error_in_the_time_held_out_reaches_as_far_as_it_says() -> None:
    assert error_of(100.0, 100.0, 0.0) == (0.0, 0.0)
    assert error_of(100.0, 0.0, 0.0) == pytest.approx((1.0, 1.96), abs=1e-3)
    assert error_of(2.0, 0.0, 2.5) == (0.0, 0.0), "by chance"
    assert far_off(2.0, 0.0, 1.5) is None
    assert far_off(704.0, 0.0, 30.0) == "nothing came"
    below, above = error_of(100.0, 10.0, 1.0)
    assert 0.98 < below < 1
    assert above == pytest.approx(1.96, abs=1e-3)
    below, above = error_of(10.0, 100.0, 1.0)
    assert above > 50, "more may come than was expected"


def test_many_customers_are_rounded_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    log, asked = shop(6, 400), LifetimeValue("a", every="quarter")
    exact = ask(asked, ALL, MemoryEngine(log))
    monkeypatch.setattr("desirepath.questions.lifetime_value_sums.EXACT_LIMIT", 100)
    everyone = sorted({event.person for event in log})
    found = ask(asked, ALL, MemoryEngine(log))
    again = ask(asked, ALL, MemoryEngine(log, [everyone[k::5] for k in range(5)]))
    assert (found.columns, found.extras) == (again.columns, again.extras)
    assert "rounded_customers" in {notice.code for notice in found.warnings}
    for one, two in zip(found.table.to_pylist(), exact.table.to_pylist(), strict=True):
        assert (one["people"], one["brought_in"]) == (two["people"], two["brought_in"])
        assert one["to_come"] == pytest.approx(two["to_come"], rel=0.01)
    for band in found.extra("alive").to_pylist():
        assert band["people"] == found.people(alive=band["alive"]).num_rows


def came_after(seed: int, people: int) -> list[tuple[bool, float, float]]:
    """Per cohort: whether what came within a year is inside the interval, what was expected, and what came."""
    log, today = shop(seed, people, days=500 + 365), BEGIN + 500 * DAY
    asked = LifetimeValue("a", every="quarter", discount=0.0, ages=[])
    population = Population(Period(BEGIN, today, "UTC"), cutoff=today, calendar=Calendar(ZONE))
    answer = ask(asked, population, MemoryEngine(log))
    cohort = {row["person"]: row["cohort"] for row in answer.people().to_pylist()}
    found = []
    for told in answer.table.to_pylist():
        inside = {person for person, name in cohort.items() if told["cohort"] in ("all", name)}
        money = sum(e.fields.get("value", 0.0) for e in log if e.time > today and e.person in inside) / len(inside)  # type: ignore[misc]
        found.append((told["to_come_low"] <= money <= told["to_come_high"], told["to_come"], money))
    return found


def test_what_comes_is_what_was_expected() -> None:
    found = [row for seed in range(3) for row in came_after(40 + seed, 400)]
    assert np.mean([inside for inside, *_ in found]) >= 0.8
    assert sum(row[1] for row in found) == pytest.approx(sum(row[2] for row in found), rel=0.25)


@pytest.mark.slow
def test_intervals_hold_what_comes_as_often_as_the_page_says() -> None:
    found = [row for seed in range(100) for row in came_after(1_000 + seed, 800)]
    assert np.mean([inside for inside, *_ in found]) >= 0.94
    assert sum(row[1] for row in found) == pytest.approx(sum(row[2] for row in found), rel=0.05)


# ---- refusals ------------------------------------------------------------------------------------------------


def codes(answer: Answer) -> set[str]:
    return {notice.code for notice in answer.warnings}


def test_money_is_refused_where_those_who_buy_more_often_spend_more() -> None:
    log = shop(8, 300)
    often: dict[str, int] = defaultdict(int)
    for event in log:
        often[event.person] += 1
    log = [Happened(e.person, e.time, e.name, e.id, {"value": 3.0 * often[e.person] + 1}) for e in log]
    answer = ask(LifetimeValue("a"), ALL, MemoryEngine(log))
    assert "spend_follows_frequency" in codes(answer)
    last = answer.table.to_pylist()[-1]
    assert last["to_come"] is last["lifetime"] is None
    assert last["purchases_to_come"] > 0
    assert last["so_far"] > 0


def test_what_cannot_be_forecast_is_refused_in_words() -> None:
    once = [Happened(f"p{n}", BEGIN + n * HOUR, "a", f"{n:04d}", {"value": 1.0}) for n in range(400)]
    assert "few_buyers" in codes(ask(LifetimeValue("a"), ALL, MemoryEngine(once)))
    twice = once + [
        Happened(f"p{n}", BEGIN + (n + 24 * 30) * HOUR, "a", f"x{n:04d}", {"value": 1.0}) for n in range(400)
    ]
    answer = ask(LifetimeValue("a"), ALL, MemoryEngine(twice))
    assert codes(answer) & {"no_fit", "no_fit_of_amounts"}, "everybody alike"
    assert answer.table.to_pylist()[-1]["to_come"] is None
    assert answer.table.to_pylist()[-1]["so_far"] == 2.0


def test_mistakes_are_named() -> None:
    wrong: list[dict[str, Any]] = [
        {"margin": 0.0},
        {"margin": 1.1},
        {"discount": -0.1},
        {"ages": ["90 days", "30 days"]},
        {"ages": ["1 hour"]},
        {"ahead": "5 minutes"},
        {"model": "contract"},
        {"ends": "e"},
        {"value": " "},
        {"purchase": " "},
        {"holdout": "half"},
    ]
    for fields in wrong:
        with pytest.raises(InputError):
            LifetimeValue(**{"purchase": "a", **fields})
    answer = ask(LifetimeValue("a"), ALL, MemoryEngine([Happened("p", BEGIN, "a", "1")]))
    for which in ({"cohort": "2020-01"}, {"bought": "never"}, {"alive": "0 to 10 %"}, {"state": "active"}, {"x": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)


def test_each_group_has_models_and_bands_of_its_own() -> None:
    drawn = shop(9, 500)
    group = {person: "ab"[n % 2] for n, person in enumerate(sorted({event.person for event in drawn}))}
    log = [Happened(e.person, e.time, e.name, e.id, {**e.fields, "channel": group[e.person]}) for e in drawn]
    population = Population(Period.everything(), breakdown=Breakdown("channel"))
    answer = ask(LifetimeValue("a", every="year", holdout="none"), population, MemoryEngine(log))
    rows = [row for row in answer.table.to_pylist() if row["cohort"] == "all"]
    assert rows[0]["group"] == "(everyone)"
    assert rows[0]["brought_in"] == pytest.approx(rows[1]["brought_in"] + rows[2]["brought_in"])
    assert len({row["to_come"] for row in rows}) == 3
    for band in answer.extra("alive").to_pylist()[::3]:
        assert band["people"] == answer.people(alive=band["alive"], group=band["group"]).num_rows
    measures = set(answer.extras["differences"]["measure"])
    assert "buy again within 90 days" in measures


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(), more=st.sampled_from([1.0, 1e11, 1e-3]), model=st.sampled_from(["auto", "pareto_nbd", "contract"]))
def test_however_little_there_is_no_number_is_none(log: list[Happened], more: float, model: Any) -> None:
    """With the least numbers of customers taken away, whatever is fitted gives numbers, or words."""
    log = [
        Happened(f"{e.person}{k}", e.time + k * HOUR, e.name, f"{e.id}{k}", {n: v * more for n, v in e.fields.items()})  # type: ignore[operator]
        for e in log
        for k in range(3)
    ]
    least = ("forecast.LEAST_CUSTOMERS", "forecast.LEAST_REPEATERS", "contract.LEAST_CONTRACTS", "contract.LEAST_OVER")
    with pytest.MonkeyPatch.context() as patched:
        for name in least:
            patched.setattr(f"desirepath.questions.lifetime_value_{name}", 1)
        asked = LifetimeValue("a", model=model, ends="e" if model == "contract" else None, every="week")
        answer = ask(asked, ALL, MemoryEngine(log))
    assert Answer.from_json(answer.to_json()).columns == answer.columns, "JSON has no NaN"
    for row in answer.table.to_pylist():
        for name in ("purchases_to_come", "to_come"):
            if row[name] is not None:
                assert 0 <= row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
