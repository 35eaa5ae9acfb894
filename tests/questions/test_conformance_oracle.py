"""How instances depart from a map, told by listing the words of its road and by walking one instance after another."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine, holds
from passages import Passage, passages
from random_journeys import logs
from road_words import distances, words
from toy_maps import BLOCKS, KEYED, TOY

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap, Law
from desirepath.maps.road import Block
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

EVERYBODY = Population(Period.everything())


def one(touchpoint: int, **how: bool) -> Block:
    return Block("touchpoint", touchpoint, (), **how)


ROADS = {
    "toy": (TOY, [one(0), one(1), one(2)]),
    "blocks": (
        BLOCKS,
        [
            Block("any_order", -1, (one(0), one(1)), optional=True),
            Block("one_of", -1, (one(2, repeats=True), one(3))),
        ],
    ),
    "keyed": (KEYED, [one(0), one(1, optional=True, repeats=True), one(2)]),
}


def asked(name: str, log: list[Happened], definition: dict[str, Any], **fields: Any) -> Answer:
    return ask(build(name, {"map": definition, **fields}), EVERYBODY, MemoryEngine(log))


def verdict(law: Law, events: list[Happened], closes: int, cutoff: int) -> str:
    """What becomes of one rule in one instance."""
    firsts = [place for place, event in enumerate(events) if holds(law.first.root, event)]
    if not firsts:
        return "not concerned"
    if law.second is None:
        return "broken" if len(firsts) > law.most else "kept"
    said = []
    for place in firsts:
        near = [
            each
            for each in events[place + 1 :]
            if holds(law.second.root, each) and each.time - events[place].time <= law.within
        ]
        if near:
            said.append("kept" if law.kind == "must" else "broken")
        elif min(events[place].time + law.within, closes) <= cutoff:
            said.append("broken" if law.kind == "must" else "kept")
        else:
            said.append("undecided")
    return next(each for each in ("broken", "undecided", "kept") if each in said)


def too_slow(asked_map: JourneyMap, each: Passage, cutoff: int) -> set[str]:
    """Where an instance took longer than allowed."""
    found, points = set(), asked_map.touchpoints
    for (before, then), (here, now) in zip(each.steps, each.steps[1:], strict=False):
        del before
        if points[here].limit and now - then > points[here].limit:
            found.add(points[here].name)
    stays: list[list[int]] = []
    for here, now in each.steps:
        if not stays or stays[-1][0] != points[here].stage:
            stays.append([points[here].stage, now])
    ends = [now for _, now in stays[1:]] + [min(each.over, cutoff)] * bool(stays)
    for (stage, entered), end in zip(stays, ends, strict=True):
        if asked_map.stages[stage].limit and end - entered > asked_map.stages[stage].limit:
            found.add(asked_map.stages[stage].name)
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(people=3), name=st.sampled_from(list(ROADS)), whole=st.booleans())
def test_what_departs(log: list[Happened], name: str, whole: bool) -> None:
    definition, blocks = ROADS[name]
    asked_map = JourneyMap.of(definition)
    cutoff = max((event.time for event in log), default=0)
    answer = asked("conformance", log, definition, whole=whole, most=1_000)
    known = passages(asked_map, log)
    people = answer.people().to_pylist()
    assert len(people) == len(known)
    fitness, on_the_way, variants = Counter[float](), Counter[str](), Counter[tuple[int, ...]]()
    decided: Counter[tuple[str, str]] = Counter()
    for each in known:
        trace = tuple(each.touched)
        held = words(Block("in_order", -1, tuple(blocks)), len(trace) + 4)
        all_of_it = whole or each.outcome == "converted"
        rows = [distances(trace, word) for word in held]
        cost = min(row[-1] if all_of_it else min(row) for row in rows)
        worst = len(trace) + (min(map(len, held)) if all_of_it else 0)
        fitness[round(1 - cost / max(worst, 1), 9)] += 1
        slow = too_slow(asked_map, each, cutoff)
        broken = [
            law.name
            for law in asked_map.rules
            if verdict(law, each.events, each.over + asked_map.watch, cutoff) == "broken"
        ]
        on_the_way.update([f"slow {place}" for place in slow] + [f"broken {law}" for law in broken])
        on_the_way["conforming"] += not cost and not slow and not broken
        if each.began + asked_map.patience <= cutoff:
            for outcome in (each.outcome, "all"):
                decided[outcome, "decided"] += 1
                decided[outcome, "decided_conforming"] += not cost and not slow and not broken
                decided[outcome, "decided_late"] += bool(slow)
        variants[trace] += 1
    assert Counter(round(row["fitness"], 9) for row in people) == fitness
    assert sum(row["conforming"] for row in people) == on_the_way["conforming"]
    told = answer.extra("fitness").to_pylist()
    columns = ("decided", "decided_conforming", "decided_late")
    assert Counter({(row["outcome"], name): row[name] for row in told for name in columns}) == decided
    for row in told:
        for share, part in (("of_conforming", "decided_conforming"), ("of_late", "decided_late")):
            assert row[share] == (row[part] / row["decided"] if row["decided"] else None)
    for row in answer.table.to_pylist():
        if row["kind"] in ("too slow", "stage too slow"):
            assert row["instances"] == on_the_way[f"slow {row['at']}"]
        if row["kind"] == "rule broken":
            assert row["instances"] == on_the_way[f"broken {row['at']}"]
    names = [each.name for each in asked_map.touchpoints]
    routes: Counter[str] = Counter()
    for route, number in zip(*(answer.extras["variants"][column] for column in ("route", "instances")), strict=True):
        routes[route] += number
    assert routes == Counter({" -> ".join(names[each] for each in trace): n for trace, n in variants.items()})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(people=3), name=st.sampled_from(list(ROADS)))
def test_conformance_the_map_and_the_funnel_count_the_same_instances(log: list[Happened], name: str) -> None:
    definition = ROADS[name][0]
    fit, drawn = (asked(question, log, definition) for question in ("conformance", "journey_map"))
    of_instances = Population(Period.everything(), unit=f"journey:{definition['map']}", map=JourneyMap.of(definition))
    funnel = ask(build("funnel", {"steps": [definition.get("starts", "a")] * 2}), of_instances, MemoryEngine(log))
    rows = dict(zip(fit.extras["fitness"]["outcome"], fit.extras["fitness"]["instances"], strict=True))
    outcomes = Counter(row["outcome"] for row in drawn.people().to_pylist())
    assert {each: outcomes[each] for each in ("converted", "dropped", "in progress")} | {
        "all": outcomes.total()
    } == rows
    assert funnel.table.to_pylist()[0]["reached"] == rows["all"]
    late = {row["at"]: row["instances"] for row in fit.table.to_pylist() if row["kind"].endswith("too slow")}
    for table, column in ((drawn.table.to_pydict(), "touchpoint"), (drawn.extras["stages"], "stage")):
        for place, number in zip(table[column], table["late"], strict=True):
            assert number in (None, late.get(place, 0))
