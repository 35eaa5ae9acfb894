"""Two ways through a map, compared by walking one instance after another and adding up by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine, holds
from passages import Passage, passages, touchpoint
from random_journeys import MINUTE, logs, splits
from toy_maps import BLOCKS, FELT, KEYED, TOY

from desirepath.answers.answer import Answer
from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import Estimate, compare_quantiles, newcombe, quantile_estimate, wilson
from desirepath.statistics.means import Moments3, mean, mean_difference
from desirepath.statistics.scores import score, score_difference

PAID: dict[str, Any] = {
    "map": "paid",
    "goal": "c",
    "gives_up_after": "90 minutes",
    "watch_after": "40 minutes",
    "stages": [
        {
            "stage": "all",
            "steps": [
                "a",
                {"touchpoint": "b", "contact": "human", "cost": "value"},
                {"touchpoint": "c", "revenue": "value", "cost": 0.25},
                {"touchpoint": "d", "contact": "human", "cost": 2, "expected": False},
            ],
        }
    ],
    "feedback": [{"event": "name in ('b', 'd')", "score": "grade", "scale": "nps"}],
    "variants": {"asked": "d", "back": "b -> ... -> a", "by app": "channel = 'app'"},
}

Test = Callable[[Sequence[Happened]], bool]


def some(fits: Callable[[Happened], bool]) -> Test:
    """Whether one of the events is such."""
    return lambda events: any(fits(event) for event in events)


def like(regex: str) -> Test:
    """Whether the letters of the events' names have it somewhere."""
    return lambda events: re.search(regex, "".join(event.name for event in events)) is not None


NAMED: dict[str, Test] = {letter: like(letter) for letter in "abcd"}
WAYS: dict[str, Test] = {
    **NAMED,
    "plan = 'x'": some(lambda event: event.fields.get("plan") == "x"),
    "channel = 'web' or name = 'c'": some(lambda event: event.fields.get("channel") == "web" or event.name == "c"),
    "a -> b": like("ab"),
    "b -> ... -> c": like("b.*c"),
    "{not b}{2} -> c": like("[^b]{2}c"),
    "^ a -> {a or b}": like("^a[ab]"),
    "b? -> c $": like("c$"),
    "c -> {b or d}": like("c[bd]"),
    "{a or b} -> ... -> {c or d} $": like("[ab].*[cd]$"),
}
OF_TOY: dict[str, Test] = {**WAYS, "web": some(lambda e: e.fields.get("channel") == "web"), "twice": like("aa")}


@dataclass(frozen=True)
class Told:
    """A map, what its ways mean, and which of the measures it speaks of."""

    definition: dict[str, Any]
    ways: dict[str, Test]
    measures: tuple[str, ...] = ()


MAPS = (
    Told(TOY, OF_TOY, ("contacts", "cost")),
    Told(BLOCKS, {**WAYS, "b": some(lambda e: e.name == "b" and e.fields.get("channel") == "web")}),
    Told(KEYED, WAYS),
    Told(FELT, OF_TOY, ("stars", "contacts", "cost")),
    Told(
        PAID,
        {**WAYS, "asked": like("d"), "back": like("b.*a"), "by app": some(lambda e: e.fields.get("channel") == "app")},
        ("nps", "contacts", "cost", "revenue"),
    ),
)
GRADES = {"nps": range(11), "stars": range(1, 6)}
SIDES = ("with", "without", "both", "neither")
OUTCOMES = ("converted", "dropped", "in progress")


@dataclass
class Fact:
    """What is known of an instance."""

    one: Passage
    side: str
    closed: bool
    grade: int | None
    contacts: Fraction
    cost: Fraction
    revenue: Fraction

    @property
    def converted(self) -> bool:
        return self.one.outcome == "converted"


def up_to_end(asked: JourneyMap, one: Passage) -> list[Happened]:
    """The events of an instance up to the one that ended it, or to when it was given up."""
    found = []
    for event in one.events:
        if event.time > one.began + asked.patience:
            break
        found.append(event)
        if holds(asked.goal.root, event) or holds(asked.gives_up.root, event):
            break
    return found


def amount(said: float | str | None, event: Happened) -> Fraction:
    """What an event costs or earns."""
    return Fraction(event.fields.get("value", "0")) if isinstance(said, str) else Fraction(said or 0)


def fact_of(told: Told, asked: JourneyMap, one: Passage, way: tuple[str, str | None], cutoff: int) -> Fact:
    """Look at all events of an instance, those after its end for what it cost and how it was."""
    before = up_to_end(asked, one)
    did = [told.ways[text](before) for text in way if text is not None]
    side = SIDES[0 if did[0] else 1] if len(did) == 1 else SIDES[{2: 2, 0: 3}.get(sum(did), 0 if did[0] else 1)]
    contacts, cost, revenue, grade = Fraction(0), Fraction(0), Fraction(0), None
    for event in one.events:
        place = touchpoint(asked, event)
        if place != 255:
            point = asked.touchpoints[place]
            contacts += point.contact == "human"
            cost += amount(point.cost, event)
            revenue += amount(point.revenue, event)
        for kind in asked.feedback[:1]:
            said = float(event.fields.get(kind.score, "nan"))
            if holds(kind.where.root, event) and said in GRADES[kind.scale]:
                grade = int(said)
    return Fact(one, side, one.began + asked.patience <= cutoff, grade, contacts, cost, revenue)


def moments(facts: Sequence[Fact], name: str) -> Moments3:
    """Number, mean and sample variance."""
    values = [getattr(fact, name) for fact in facts]
    middle = sum(values, Fraction(0)) / max(len(values), 1)
    spread = sum(((value - middle) ** 2 for value in values), Fraction(0)) / max(len(values) - 1, 1)
    return len(values), float(middle), float(spread)


def answers(facts: Sequence[Fact]) -> Any:
    """How many gave each grade."""
    given = Counter(fact.grade for fact in facts)
    return np.array([given[grade] for grade in range(11)], dtype=np.int64)


def by_hand(scale: str, facts: Sequence[Fact]) -> float | None:
    """A score of the grades."""
    grades = [fact.grade for fact in facts if fact.grade is not None]
    if not grades:
        return None
    points = [100 * ((grade > 8) - (grade < 7)) for grade in grades] if scale == "nps" else grades
    return sum(points) / len(points)


def measured(name: str, one: Sequence[Fact], two: Sequence[Fact]) -> tuple[Estimate, Estimate, Estimate]:
    """A measure of both sides, and its difference; of those whose time was over."""
    if name == "of_converted":
        counts = [(sum(fact.converted for fact in facts), len(facts)) for facts in (one, two)]
        return wilson(*counts[0]), wilson(*counts[1]), newcombe(*counts[0], *counts[1])
    if name == "median_hours":
        hours = [
            [(fact.one.over - fact.one.began) / (60 * MINUTE) for fact in facts if fact.converted]
            for facts in (one, two)
        ]
        fast, slow = (quantile_estimate(each) for each in hours)
        return fast, slow, compare_quantiles(fast, slow)
    if name in GRADES:
        a, b = answers(one), answers(two)
        for facts, counts in ((one, a), (two, b)):
            assert score(name, counts).value == pytest.approx(by_hand(name, facts))
        return score(name, a), score(name, b), score_difference(name, a, b)
    x, y = moments(one, name), moments(two, name)
    return mean(*x), mean(*y), mean_difference(x, y)


def same(row: dict[str, Any], name: str, wanted: Estimate) -> None:
    """Three columns are an estimate."""
    for suffix, value in (("", wanted.value), ("_low", wanted.low), ("_high", wanted.high)):
        assert row[name + suffix] == (None if value is None else pytest.approx(value, abs=1e-9)), name + suffix


def check_measures(answer: Answer, told: Told, facts: Sequence[Fact]) -> None:
    """The lines of the table."""
    rows = answer.table.to_pylist()
    assert [row["measure"] for row in rows] == ["of_converted", "median_hours", *told.measures]
    over = {side: [fact for fact in facts if fact.side == side and fact.closed] for side in SIDES}
    for row in rows:
        one, two, difference = measured(row["measure"], over["with"], over["without"])
        same(row, "with", one)
        same(row, "without", two)
        same(row, "difference", difference)
        assert (row["n_with"], row["n_without"]) == (one.n, two.n)
        for side in SIDES[:2]:
            assert row[f"instances_{side}"] == sum(fact.side == side for fact in facts)


def check_people(answer: Answer, facts: Sequence[Fact], sides: Sequence[str]) -> None:
    """How many are on each side, who they are, and what is told of each."""
    counts = Counter((fact.side, fact.one.outcome) for fact in facts)
    table = answer.extra("instances").to_pylist()
    assert [row["way"] for row in table] == list(sides)
    for row in table:
        ways = [counts[row["way"], outcome] for outcome in OUTCOMES]
        assert (row["instances"], [row["converted"], row["dropped"], row["in_progress"]]) == (sum(ways), ways)
    for side in SIDES:
        for outcome in OUTCOMES:
            people = answer.people(way=side, outcome=outcome)["person"].to_pylist()
            wanted = [fact.one.person for fact in facts if (fact.side, fact.one.outcome) == (side, outcome)]
            assert sorted(people) == sorted(wanted)
    known = Counter(
        (row["person"], row["way"], row["outcome"], row["score"], row["contacts"], row["cost"], row["revenue"])
        for row in answer.people().to_pylist()
    )
    assert known == Counter(
        (
            fact.one.person,
            fact.side,
            fact.one.outcome,
            None if fact.grade is None else str(fact.grade),
            fact.contacts,
            fact.cost,
            fact.revenue,
        )
        for fact in facts
    )


def check_words(answer: Answer, facts: Sequence[Fact], way: tuple[str, str | None]) -> None:
    """How many there are is said, and what the numbers leave out."""
    two = [fact for fact in facts if fact.side in SIDES[:2]]
    if facts:
        other = "without it" if way[1] is None else f"with {way[1]}"
        counts = [sum(fact.side == side for fact in facts) for side in SIDES[:2]]
        assert f"{counts[0]} instances with {way[0]}, {counts[1]} {other}." in answer.words[0]
    else:
        assert "Nobody began" in answer.words[0]
    codes = {notice.code for notice in answer.warnings}
    assert ("undecided" in codes) == any(not fact.closed for fact in two)
    assert ("few_answers" in codes) == any(fact.closed and fact.grade is not None for fact in two)
    assert ("associated" in codes) == bool(facts)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[Told, list[Happened], tuple[str, str | None], str | None]:
    """A map, a log with what its touchpoints need, two ways, and perhaps a touchpoint that all came by."""
    told = draw(st.sampled_from(MAPS))
    values = st.sampled_from((None, "5", "2.5", "-0.75", "1000000"))
    grades = st.sampled_from((None, "0", "6", "7", "9", "10", "11", "7.5"))
    log = draw(logs(people=4, most=26))
    for place, event in enumerate(log):
        given = {"value": draw(values), "grade": draw(grades)}
        if draw(st.booleans()):
            given |= {"entity_id": draw(st.sampled_from("12")), "entity_type": draw(st.sampled_from("xyz"))}
        fields = {**event.fields, **{name: value for name, value in given.items() if value is not None}}
        log[place] = Happened(event.person, event.time, event.name, event.id, fields)
    by, other = draw(st.permutations(list(told.ways)))[:2]
    points = [each.name for each in JourneyMap.of(told.definition).touchpoints]
    return told, log, (by, draw(st.sampled_from([None, other]))), draw(st.sampled_from([None, None, *points]))


def facts_among(
    told: Told, log: list[Happened], way: tuple[str, str | None], among: str | None, low: int, high: int
) -> list[Fact]:
    """The facts of the instances that began in a period and came by a touchpoint."""
    asked, cutoff = JourneyMap.of(told.definition), max((event.time for event in log), default=0)
    names = [each.name for each in asked.touchpoints]
    return [
        fact_of(told, asked, one, way, cutoff)
        for one in passages(asked, log)
        if low <= one.began < high and (among is None or names.index(among) in one.touched)
    ]


ALWAYS = (Period.everything().start, Period.everything().end)
SPANS = (ALWAYS, (40 * MINUTE, 150 * MINUTE))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), asked=comparisons(), span=st.sampled_from(SPANS))
def test_two_ways(
    data: st.DataObject, asked: tuple[Told, list[Happened], tuple[str, str | None], str | None], span: tuple[int, int]
) -> None:
    """Sides, measures, people and words, for blocks of people in any split."""
    told, log, way, among = asked
    question = build("compare", {"map": told.definition, "by": way[0], "against": way[1], "among": among})
    population = Population(Period(*span, "UTC"))
    answer = ask(question, population, MemoryEngine(log))
    facts = facts_among(told, log, way, among, *span)
    check_measures(answer, told, facts)
    check_people(answer, facts, SIDES[:2] if way[1] is None else SIDES)
    check_words(answer, facts, way)
    split = ask(question, population, MemoryEngine(log, data.draw(splits(log)) or [[]]))
    assert (split.table, split.extras, split.words) == (answer.table, answer.extras, answer.words)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asked=comparisons())
def test_two_periods_are_held_against_each_other_by_who_goes_the_way(
    asked: tuple[Told, list[Happened], tuple[str, str | None], str | None],
) -> None:
    """Shares of instances whose time was over: who began lately may still go the way."""
    told, log, way, among = asked
    question = build("compare", {"map": told.definition, "by": way[0], "against": way[1], "among": among})
    one, two = (Population(Period(*span, "UTC")) for span in SPANS)
    answer = ask(question, one, MemoryEngine(log), against=two)
    counts: list[dict[str, tuple[int, int]]] = []
    for span in SPANS:
        over = [fact for fact in facts_among(told, log, way, among, *span) if fact.closed]
        mine = {side: [fact.converted for fact in over if fact.side == side] for side in SIDES}
        went = len(mine["with"]) + len(mine["both"])
        found = {f"go the way {way[0]}": (went, len(over))}
        counts.append(found | {f"convert {side}": (sum(mine[side]), len(mine[side])) for side in SIDES[:2]})
    rows = answer.extra("differences").to_pylist()
    assert [row["measure"] for row in rows] == list(counts[0])
    for row in rows:
        wanted = newcombe(*counts[0][row["measure"]], *counts[1][row["measure"]])
        for column, value in (("difference", wanted.value), ("low", wanted.low), ("high", wanted.high)):
            assert row[column] == (None if value is None else pytest.approx(value, abs=1e-9))


def test_what_comes_after_the_end_is_no_end() -> None:
    """A pattern that asks for the last event is about the last one up to the end, not about a survey after it."""
    log = [Happened("last", 900 * MINUTE, "x", "zzz", {})]
    for place, name in enumerate("abcd"):  # d comes after the goal, and is watched
        log.append(Happened("p", place * MINUTE, name, f"{place}", {"grade": "9"}))
    answer = ask(
        build("compare", {"map": PAID, "by": "b -> c $", "against": "c -> d $"}),
        Population(Period.everything()),
        MemoryEngine(log),
    )
    assert [row["instances"] for row in answer.extra("instances").to_pylist()] == [1, 0, 0, 0]
    row = next(row for row in answer.table.to_pylist() if row["measure"] == "nps")
    assert (row["with"], row["n_with"], row["n_without"]) == (100.0, 1, 0)
    assert "few_answers" in {notice.code for notice in answer.warnings}
