"""The use of features equals a program written from its definition, for random logs, zones, weeks and options."""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import pytest
from exits_logs import blocks
from memory_engine import Happened, MemoryEngine
from retention_oracle import began, instant, local_date, number
from test_retention_oracle import HOUR, SPRING

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.usage import Usage
from desirepath.runner import ask

DAY = 24 * HOUR
EVERY: list[Literal["day", "week", "month"] | None] = [None, None, "day", "week", "month"]
PERIODS = [Period.everything(), Period(SPRING, SPRING + 9 * DAY, "UTC")]
LISTED: dict[str, Callable[[Happened], bool]] = {
    "a": lambda event: event.name == "a",
    "plan = 'x'": lambda event: event.value("plan") == "x",
    "never": lambda event: event.name == "never",
}


def logs(rng: random.Random) -> list[Happened]:
    """What a few people did within some weeks, often at the edges of days."""
    return [
        Happened(
            f"p{rng.randrange(4)}",
            SPRING - 5 * DAY + rng.randrange(24 * 20) * HOUR + rng.choice([0, 0, 1, -1]),
            rng.choice("abc"),
            f"{n:05d}",
            rng.choice([{}, {"plan": "x"}, {"plan": "y"}]),
        )
        for n in range(rng.choice([0, 1, 3, 8, 24]))
    ]


def used(event: Happened, question: Usage) -> list[str]:
    """The features that an event is a use of."""
    if question.features:
        return [name for name in question.features if LISTED[name](event)]
    value = event.value(question.by)
    return [] if value is None else [value]


def asked(rng: random.Random) -> Usage:
    """Any question."""
    return Usage(
        features=rng.choice([[], [], list(LISTED)]),
        by=rng.choice(["name", "plan"]),
        active=rng.choice([None, "a"]),
        least=rng.choice([1, 1, 2]),
        window=rng.choice(["28 days", "1 day", "3 days"]),
        every=rng.choice(EVERY),
        most=rng.choice([1, 20]),
    )


def buckets_of(
    log: list[Happened], question: Usage, period: Period, cutoff: int, zone: str, week: str
) -> dict[str, tuple[bool, set[int]]]:
    """Per bucket whether it is over, and its days."""
    first = min((event.time for event in log), default=0)
    end = max(min(max((event.time for event in log), default=0), cutoff), first)
    unit = question.every or "day"
    low = number(local_date(max(period.start, first), zone), unit, week)
    high = number(local_date(min(period.end - 1, end), zone), unit, week)
    days = range(local_date(first, zone).toordinal(), local_date(end, zone).toordinal() + 1)

    def over(k: int) -> bool:
        return instant(began(k + 1, unit, week), zone) <= cutoff + 1

    def label(k: int) -> str:
        return str(Calendar(zone, week).label(instant(began(k, unit, week), zone), unit))

    if question.every:
        return {
            label(k): (
                over(k),
                {day for day in days if began(k, unit, week).toordinal() <= day < began(k + 1, unit, week).toordinal()},
            )
            for k in range(low, high + 1)
        }
    if high < low:
        return {}
    known = [day for day in days if day <= high and over(day)]
    last = known[-1] if known else high
    width = {"28 days": 28, "1 day": 1, "3 days": 3}[question.window]
    return {f"{width} days to {label(last)}": (bool(known), {day for day in days if last - width < day <= last})}


def mean_or_none(values: list[float]) -> Any:
    return pytest.approx(statistics.fmean(values)) if values else None


def entropy(uses: Counter[str]) -> float:
    whole = sum(uses.values())
    return -sum(n / whole * math.log(n / whole) for n in uses.values()) if whole else 0.0


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        check(rng)


def check(rng: random.Random) -> None:
    """One log and one question."""
    log, question, period = logs(rng), asked(rng), rng.choice(PERIODS)
    zone, week = rng.choice(["UTC", "Europe/Paris"]), rng.choice(["monday", "sunday"])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, SPRING + 5 * DAY)])
    population = Population(period, cutoff=cutoff, calendar=Calendar(zone, week))
    answer = ask(question, population, MemoryEngine(log, blocks(rng, log)))
    buckets = buckets_of(log, question, period, cutoff, zone, week)

    people: dict[str, dict[str, tuple[int, Counter[str], Counter[str]]]] = {}
    for name, (_, days) in buckets.items():
        people[name] = {}
        for person in {event.person for event in log}:
            own = [
                (local_date(event.time, zone).toordinal(), event)
                for event in log
                if event.person == person and event.time <= cutoff
            ]
            own = [(day, event) for day, event in own if day in days]
            active = {day for day, event in own if question.active in (None, event.name)}
            if len(active) >= question.least:
                pairs = [(day, feature) for day, event in own for feature in used(event, question)]
                people[name][person] = (
                    len(active),
                    Counter(feature for _, feature in pairs),
                    Counter(feature for _, feature in set(pairs)),
                )
    rows = {row["bucket"]: row for row in answer.table.to_pylist()}
    if not any(people.values()):
        assert rows == {}
        return
    assert {name: row["over"] for name, row in rows.items()} == {name: over for name, (over, _) in buckets.items()}
    for name, row in rows.items():
        them = people[name].values()
        assert row["active"] == len(them)
        if not row["over"]:
            assert (row["breadth"], row["depth"], row["catalogue"], row["uses"]) == (None, None, None, None)
            continue
        catalogue = len(question.features) or len({feature for _, uses, _ in them for feature in uses})
        breadths = [len(uses) for _, uses, _ in them]
        assert row["catalogue"] == catalogue
        assert row["breadth"] == mean_or_none([float(n) for n in breadths])
        assert row["breadth_median"] == (statistics.median(breadths) if breadths else None)
        assert row["of_catalogue"] == (mean_or_none([n / catalogue for n in breadths]) if catalogue else None)
        assert row["uses"] == sum(sum(uses.values()) for _, uses, _ in them)
        assert row["active_days"] == sum(days for days, _, _ in them)
        assert row["depth"] == mean_or_none([sum(uses.values()) / days for days, uses, _ in them])
        if catalogue > 1:
            even = mean_or_none([entropy(uses) / math.log(catalogue) for _, uses, _ in them])
            assert row["entropy"] == even if even is None else row["entropy"] == pytest.approx(even.expected, abs=1e-9)
        else:
            assert row["entropy"] is None
    whole = [name for name, (over, _) in buckets.items() if over]
    if whole:
        check_last(rng, answer, question, people[whole[-1]])


def check_last(
    rng: random.Random, answer: Any, question: Usage, them: dict[str, tuple[int, Counter[str], Counter[str]]]
) -> None:
    """The tables of the last bucket that is over, and whom they lead to."""
    features = {feature for _, uses, _ in them.values() for feature in uses}
    whose = {feature: {who for who, (_, uses, _) in them.items() if feature in uses} for feature in features}
    total = Counter[str]()
    days = Counter[str]()
    for _, uses, each in them.values():
        total.update(uses)
        days.update(each)
    order = sorted(whose, key=lambda name: (-len(whose[name]), -total[name], name))
    rows = answer.extra("features").to_pylist()
    assert [row["feature"] for row in rows] == order[: question.most] + (
        ["(other)"] if len(order) > question.most else []
    )
    for row in rows:
        if row["feature"] == "(other)":
            assert row["uses"] == sum(total[name] for name in order[question.most :])
            continue
        name = row["feature"]
        assert (row["people"], row["uses"], row["active_days"]) == (len(whose[name]), total[name], days[name])
        assert row["of_active"] == len(whose[name]) / len(them)
        assert row["of_uses"] == pytest.approx(total[name] / sum(total.values()))
        assert row["uses_per_person"] == total[name] / len(whose[name])
    if order:
        name = rng.choice(order)
        assert set(answer.people(feature=name).column("person").to_pylist()) == whose[name]
    drilled = rng.randint(0, 3)
    for row in answer.extra("breadth").to_pylist():
        exactly = {who for who, (_, uses, _) in them.items() if len(uses) == row["features"]}
        assert row["people"] == len(exactly)
        assert row["at_least"] == sum(len(uses) >= row["features"] for _, uses, _ in them.values())
        if row["features"] == drilled:
            assert set(answer.people(features=drilled).column("person").to_pylist()) == exactly


def test_mistakes_are_named() -> None:
    for fields in (
        {"least": 0},
        {"most": 0},
        {"window": "36 hours"},
        {"window": "0 days"},
        {"features": ["a", "a "]},
        {"by": " "},
        {"features": [f"f{n}" for n in range(61)]},
    ):
        with pytest.raises(InputError):
            Usage(**fields)  # type: ignore[arg-type]
    log = [Happened("p", n * DAY, "search", str(n)) for n in range(3)]
    answer = ask(Usage(), Population(Period.everything()), MemoryEngine(log))
    for which in ({"feature": "serch"}, {"bucket": "1970"}, {"level": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
