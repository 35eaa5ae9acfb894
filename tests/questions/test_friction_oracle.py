"""What rubs, told by walking one instance after another, and effects by averaging over those who had come as far."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from passages import Passage, passages
from random_journeys import MINUTE, logs
from toy_maps import BLOCKS, KEYED, RUBBING, TOY

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics.adjusted import LEAST

FORTNIGHT = 14 * 24 * 60 * MINUTE
Signal = tuple[str, str]


def asked(log: list[Happened], definition: dict[str, Any], period: Period, **fields: Any) -> Answer:
    return ask(build("friction", {"map": definition, **fields}), Population(period), MemoryEngine(log))


def signals(asked_map: JourneyMap, each: Passage) -> tuple[dict[Signal, int], set[int]]:
    """The signals of an instance, with the furthest touchpoint at each, and all that were furthest; -1: none."""
    points, follows = asked_map.touchpoints, asked_map.road.follows()
    road = [point.expected and not point.failure for point in points]
    human = [point.contact == "human" for point in points]
    found: dict[Signal, int] = {}
    furthest, records, spoke = -1, {-1}, None
    runs: list[int] = []
    stage, entered = None, 0
    for place, (here, now) in enumerate(each.steps):
        before, came = each.steps[place - 1] if place else (None, 0)
        earlier = furthest
        if road[here]:
            furthest = max(furthest, here)
            records.add(furthest)
        name = points[here].name
        if here == before:
            if road[here] and not human[here] and (here, here) not in follows:
                found.setdefault(("repeated", name), furthest)
        else:
            if here in runs and road[here] and not human[here] and (before, here) not in follows:
                found.setdefault(("loop", name), furthest)
            runs.append(here)
            if len(runs) > 3 and runs[-4:-2] == runs[-2:]:
                found.setdefault(("ping-pong", points[min(runs[-2:])].name), furthest)
        if points[here].failure:
            found.setdefault(("failure", name), furthest)
        elif not road[here]:
            found.setdefault(("detour", name), furthest)
        if before is not None:
            if points[before].contact == "self-service" and human[here]:
                found.setdefault(("self-service to human", points[before].name), earlier)
            if here != before and human[before] and human[here]:
                found.setdefault(("transfer", points[before].name), earlier)
            if points[here].limit and now - came > points[here].limit:
                found.setdefault(("too slow", name), furthest)
        if human[here]:
            if spoke is not None and now - spoke[1] <= FORTNIGHT:
                found.setdefault(("repeat contact", points[spoke[0]].name), furthest)
            spoke = (here, now)
        if points[here].stage != stage:
            limit = asked_map.stages[stage].limit if stage is not None else 0
            if limit and now - entered > limit:
                found.setdefault(("stage too slow", asked_map.stages[stage].name), furthest)
            stage, entered = points[here].stage, now
    return found, records


def effects(
    asked_map: JourneyMap, known: list[Passage], until: int
) -> tuple[dict[Signal, int], dict[Signal, int], dict[Signal, float | None]]:
    """Instances per signal, those whose time is over, and how much rarer these convert than those as far without it."""
    counts: dict[Signal, int] = defaultdict(int)
    decided: dict[Signal, int] = defaultdict(int)
    told = []
    for each in known:
        mine, far = signals(asked_map, each)
        over = each.began + asked_map.patience <= until
        for signal in mine:
            counts[signal] += 1
            decided[signal] += over
        if over:
            told.append((each.outcome, mine, far))
    lost: dict[Signal, float | None] = {}
    for signal in counts:
        total, weight = 0.0, 0
        for stratum in {mine[signal] for _, mine, _ in told if signal in mine}:
            treated = [o for o, mine, _ in told if mine.get(signal, None) == stratum]
            controls = [o for o, mine, far in told if signal not in mine and stratum in far]
            if treated and len(controls) >= LEAST:
                rates = [sum(o == "converted" for o in group) / len(group) for group in (treated, controls)]
                total += len(treated) * (rates[0] - rates[1])
                weight += len(treated)
        lost[signal] = total / weight if weight else None
    return counts, decided, lost


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(people=8), definition=st.sampled_from([TOY, BLOCKS, KEYED, RUBBING]))
def test_signals_and_their_effects(log: list[Happened], definition: dict[str, Any]) -> None:
    asked_map = JourneyMap.of(definition)
    for low, high in ((-(2**62), 2**62), (40 * MINUTE, 150 * MINUTE)):
        period = Period.everything() if low < 0 else Period(low, high, "UTC")
        known = [each for each in passages(asked_map, log) if low <= each.began < high]
        counts, decided, lost = effects(asked_map, known, max((event.time for event in log), default=0))
        rows = {(row["kind"], row["at"]): row for row in asked(log, definition, period).table.to_pylist()}
        mine = {key: row for key, row in rows.items() if key[0] not in ("stall", "drop-off", "channel switch")}
        assert {key: row["instances"] for key, row in mine.items()} == counts
        assert {key: row["decided"] for key, row in mine.items()} == decided
        for key, row in mine.items():
            if lost[key] is None:
                assert row["conversion_difference"] is None
            else:
                assert math.isclose(row["conversion_difference"], lost[key], abs_tol=1e-9)


def shoppers(rng: random.Random, people: int, *, harm: float, late: float) -> list[Happened]:
    """People who see `a`, perhaps `b`, and order `d`; `c` is a detour after `b` that costs conversions."""
    log = []
    for person in range(people):
        start = rng.randrange(0, 10_000) * MINUTE
        names = ["a"]
        chance = 0.2
        if rng.random() < 0.5:
            names.append("b")
            chance = 0.8
            if rng.random() < late:
                names.append("c")
                chance -= harm
        if rng.random() < chance:
            names.append("d")
        log += [
            Happened(f"p{person}", start + 2 * place * MINUTE, name, f"{person:06}-{place}", {})
            for place, name in enumerate(names)
        ]
    log.append(Happened("last", 20_000 * MINUTE, "x", "zzz", {}))
    return log


def row_of(answer: Answer, kind: str, at: str) -> dict[str, Any]:
    return next(row for row in answer.table.to_pylist() if (row["kind"], row["at"]) == (kind, at))


def test_a_planted_harm_is_found_and_having_come_far_is_none() -> None:
    harmed = asked(shoppers(random.Random(1), 4_000, harm=0.3, late=0.4), RUBBING, Period.everything())
    row = row_of(harmed, "detour", "c")
    assert row["conversion_difference_low"] < -0.3 < row["conversion_difference_high"]
    assert (row["rank"], row["clear"], row["evidence"]) == (1, True, "adjusted")
    assert 10 * row["conversions_lost"] > 0
    # whoever comes to c has come to b, and converts more often than everybody; that is not c's merit
    harmless = asked(shoppers(random.Random(2), 4_000, harm=0.0, late=0.4), RUBBING, Period.everything())
    row = row_of(harmless, "detour", "c")
    assert abs(row["conversion_difference"]) < 0.06
    assert not row["clear"]


def test_nothing_planted_is_seldom_called_clear() -> None:
    answers = [
        asked(shoppers(random.Random(seed), 800, harm=0.0, late=0.4), RUBBING, Period.everything())
        for seed in range(40)
    ]
    clear = sum(row_of(each, "detour", "c")["clear"] for each in answers)
    inside = sum(
        row["conversion_difference_low"] <= 0 <= row["conversion_difference_high"]
        for row in (row_of(each, "detour", "c") for each in answers)
    )
    assert (clear <= 3, inside >= 34) == (True, True)


@pytest.mark.parametrize("rate", [0.2, 0.8])
def test_a_bad_week_shows_where_people_drop_off(rate: float) -> None:
    rng, log = random.Random(11), []
    for person in range(6_000):
        start = rng.randrange(0, 50_000) * MINUTE
        bad = 20_000 * MINUTE <= start < 30_000 * MINUTE
        names = ["a", "b"] + (["d"] if rng.random() < (rate if bad else 0.8) else [])
        log += [
            Happened(f"p{person}", start + place * MINUTE, name, f"{person:06}-{place}", {})
            for place, name in enumerate(names)
        ]
    log.append(Happened("last", 60_000 * MINUTE, "x", "zzz", {}))
    answer = asked(log, RUBBING, Period(20_000 * MINUTE, 30_000 * MINUTE, "UTC"))
    row = row_of(answer, "drop-off", "b")
    came = sum(20_000 * MINUTE <= event.time < 30_000 * MINUTE for event in log if event.name == "a")
    assert row["of_going_on_low"] < rate < row["of_going_on_high"]
    assert row["of_going_on_otherwise_low"] < 0.8 < row["of_going_on_otherwise_high"]
    assert row["conversions_lost_low"] < (0.8 - rate) * came < row["conversions_lost_high"]
    assert row["clear"] == (rate < 0.8)
    assert row["rank"] == 1 or rate == 0.8


def test_stalls_switches_and_self_service_by_hand() -> None:
    def walk(person: str, *steps: tuple[str, int, str]) -> list[Happened]:
        return [
            Happened(person, minute * MINUTE, name, f"{person}-{place}", {"channel": channel})
            for place, (name, minute, channel) in enumerate(steps)
        ]

    log = [Happened("last", 10_000 * MINUTE, "x", "zzz", {})]
    for number in range(18):
        log += walk(f"fast{number:02}", ("a", 0, "web"), ("d", 2, "web"))
    for number in range(2):
        log += walk(f"slow{number}", ("a", 0, "web"), ("d", 20, "app"))
    log += walk("asks", ("a", 0, "web"), ("b", 5, "phone"), ("d", 9, "web"))
    log += walk("gives up", ("a", 0, "web"))
    answer = asked(log, RUBBING, Period.everything())
    assert (row_of(answer, "stall", "a")["instances"], row_of(answer, "channel switch", "a")["instances"]) == (2, 3)
    assert sorted(set(answer.people(kind="stall", at="a")["person"].to_pylist())) == ["slow0", "slow1"]
    ways = answer.extras["self_service"]
    assert ways["days"] == [1, 7, 14]
    assert [ways[name][0] for name in ("instances", "resolved", "contained_only", "leaked")] == [22, 20, 1, 1]
    assert ways["leaks_to"][0] == "b"


def test_one_instance_alone_proves_nothing() -> None:
    """Its own spread is not known, so that of the others stands for it."""
    rng, log = random.Random(3), [Happened("last", 10_000 * MINUTE, "x", "zzz", {})]
    for number in range(60):
        names = ["a", *["b"] * rng.randrange(4), "d"] if number else ["a", "c", *["b"] * 4, "d"]
        log += [
            Happened(f"p{number:02}", place * MINUTE, name, f"{number:02}-{place}", {})
            for place, name in enumerate(names)
        ]
    row = row_of(asked(log, RUBBING, Period.everything()), "detour", "c")
    assert (row["instances"], row["clear"], row["money_a_year"]) == (1, False, None)


def test_money_a_year_is_of_the_time_that_can_be_told_of() -> None:
    """Twenty a day meet the detour and lose ten each, for a year; whose time is not over is in neither side."""
    day, log = 24 * 60 * MINUTE, []
    patient = {**RUBBING, "gives_up_after": "20 days"}
    for number in range(60 * 40):
        start = number * day // 40
        names = ("a", "c") if number % 2 else ("a", "d")
        for place, name in enumerate(names):
            moment = start + place * MINUTE
            if moment <= 60 * day:
                log.append(Happened(f"p{number:04}", moment, name, f"{number:04}-{place}", {}))
    log.append(Happened("last", 60 * day, "x", "zzz", {}))
    answer = asked(log, patient, Period.everything())
    row, year = row_of(answer, "detour", "c"), answer.extra("year").to_pylist()[0]
    assert (row["instances"], row["decided"]) == (1_200, 800)
    assert year["days"] == pytest.approx(40, rel=1e-3)
    assert row["money_each"] == pytest.approx(10)
    assert row["money_a_year"] == pytest.approx(20 * 365.25 * 10, rel=1e-3)
    for each in answer.table.to_pylist():
        if each["money_a_year"] is not None:
            told = each["decided"] * each["money_each"] * year["times_a_year"]
            assert each["money_a_year"] == pytest.approx(told)


@pytest.mark.parametrize(("patience", "starts"), [(30, 1), (29, 2), (10, 21), (1, 30)])
def test_dates_without_hours_are_days_of_their_own(patience: int, starts: int) -> None:
    """Ten a day, all at midnight, lose ten each: 36,525 a year, however few days are over; of one day none is told."""
    day, log = 24 * 60 * MINUTE, []
    for number in range(31 * 20):
        names = ("a", "c") if number % 2 else ("a", "d")
        for place, name in enumerate(names):
            log.append(Happened(f"p{number:04}", number // 20 * day, name, f"{number:04}-{place}", {}))
    answer = asked(log, {**RUBBING, "gives_up_after": f"{patience} days"}, Period.everything())
    row, year = row_of(answer, "detour", "c"), answer.extra("year").to_pylist()[0]
    assert row["decided"] == 10 * starts
    if starts == 1:
        assert (row["money_a_year"], year["times_a_year"]) == (None, None)
        assert {notice.code: notice.text for notice in answer.warnings}["short_span"].startswith("Money a year is not")
    else:
        assert year["days"] == pytest.approx(starts)
        assert row["money_a_year"] == pytest.approx(36_525)
