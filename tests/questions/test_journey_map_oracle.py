"""Instances and what becomes of them, told by a few lines of Python for random logs."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine, holds
from passages import Passage, passages, touchpoint
from random_journeys import MINUTE, logs, splits
from remark_logs import Remark
from test_voice_oracle import left_behind, mood_of, same, score_of_people
from toy_maps import BLOCKS, FELT, TOY

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.maps.journey_map import Heard, JourneyMap
from desirepath.population import Population
from desirepath.questions import journey_map_waits
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import Estimate, Proportion
from desirepath.statistics.intervals import hybrid_difference
from desirepath.text.masking import masked

KEYED: dict[str, Any] = {**BLOCKS, "map": "keyed", "entity": ["x", "y"], "watch_after": "10 minutes"}
WAYS = {"converted": "converted", "dropped": "left", "in progress": "waiting"}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), definition=st.sampled_from([TOY, BLOCKS, KEYED]))
def test_what_becomes_of_instances(data: st.DataObject, definition: dict[str, Any]) -> None:
    log = data.draw(logs(people=3))
    for place, event in enumerate(log):
        kinds = {"entity_id": "1" if place % 3 else "2", "entity_type": "xyz"[place % 3]} if place % 4 else {}
        log[place] = Happened(event.person, event.time, event.name, event.id, {**event.fields, **kinds})
    low, high = data.draw(st.sampled_from([(-(2**62), 2**62), (40 * MINUTE, 150 * MINUTE)]))
    asked = JourneyMap.of(definition)
    period = Period.everything() if low < 0 else Period(low, high, "UTC")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journey_map_waits, "FEW", 1)
        answer = ask(build("journey_map", {"map": definition}), Population(period), MemoryEngine(log))
        check_waits(answer, [one for one in passages(asked, log) if low <= one.began < high], log)
    known = [one for one in passages(asked, log) if low <= one.began < high]
    assert Counter(row["outcome"] for row in answer.people().to_pylist()) == Counter(one.outcome for one in known)
    for number, row in enumerate(answer.table.to_pylist()):
        ways = Counter(
            "went_on" if one.touched[-1] != number else WAYS[one.outcome] for one in known if number in one.touched
        )
        assert {name: row[name] for name in ("went_on", *WAYS.values())} == {
            name: ways[name] for name in ("went_on", *WAYS.values())
        }
        over = Counter(
            "went_on" if one.touched[-1] != number else one.outcome
            for one in known
            if number in one.touched and one.began + asked.patience <= max(event.time for event in log)
        )
        assert (row["decided"], row["decided_converted"]) == (over.total(), over["converted"])
        stayed = over.total() - over["dropped"]
        assert row["of_decided"] == (stayed / over.total() if over.total() else None)
        assert row["people"] == len({one.person for one in known if number in one.touched})
        assert row["events"] == sum(one.touched.count(number) for one in known)


def check_waits(answer: Answer, known: list[Passage], log: list[Happened]) -> None:
    """Who has been at a touchpoint for longer than three in four who went on; and who that is."""
    stays: dict[int, list[int]] = {}
    waits: dict[int, list[tuple[str, int]]] = {}
    for one in known:
        runs = [step for place, step in enumerate(one.steps) if place == 0 or one.steps[place - 1][0] != step[0]]
        for (here, since), (_, until) in pairwise(runs):
            stays.setdefault(here, []).append(until - since)
        if one.outcome == "in progress" and runs:
            here, since = runs[-1]
            waits.setdefault(here, []).append((one.person, max(event.time for event in log) - since))
    for number, row in enumerate(answer.table.to_pylist()):
        if number not in stays:
            assert row["waiting_longer"] is None
            continue
        than = np.quantile(stays[number], 0.75)
        longer = [person for person, age in waits.get(number, []) if age > than]
        assert row["waiting_longer"] == len(longer)
        people = answer.people(touchpoint=row["touchpoint"], way="waiting longer")["person"].to_pylist()
        assert sorted(people) == sorted(longer)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs())
@example(log=[Happened("p0", 0, name, f"{place:05}", {}) for place, name in enumerate("aaaaaaad")])
def test_a_funnel_of_instances_counts_what_the_map_counts(log: list[Happened]) -> None:
    asked = JourneyMap.of(TOY)
    of_instances = Population(Period.everything(), unit="journey:toy", map=asked)
    funnel = ask(build("funnel", {"steps": ["a", "c"], "window": "1 hour"}), of_instances, MemoryEngine(log))
    answer = ask(build("journey_map", {"map": TOY}), Population(Period.everything()), MemoryEngine(log))
    outcomes = Counter(row["outcome"] for row in answer.people().to_pylist())
    steps = funnel.table.to_pylist()
    assert [row["reached"] for row in steps] == [sum(outcomes.values()), outcomes["converted"]]
    assert (steps[0]["dropped"], steps[0]["undecided"]) == (outcomes["dropped"], outcomes["in progress"])


def comments_on(asked: JourneyMap, kind: Heard, instances: list[Passage], mood: str) -> list[Remark]:
    """What was said in instances, each as if it were a person of its own."""
    found = []
    names = [each.name for each in asked.touchpoints]
    for number, one in enumerate(instances):
        met: list[tuple[int, str]] = []
        for event in one.events:
            here = touchpoint(asked, event)
            if here != 255 and not holds(kind.where.root, event):
                met.append((event.time, names[here]))
        for event in one.events:
            if not holds(kind.where.root, event) or "said" not in event.fields:
                continue
            before = [name for moment, name in met if moment <= event.time]
            value, ease, stars = (float(event.fields.get(each, "nan")) for each in (mood, "said.effort", "stars"))
            remark = Remark(
                str(number),
                event.time,
                event,
                event.fields["said"],
                event.fields.get("said.topic", "(no theme)"),
                value if -5 <= value <= 5 else None,
                ease if -5 <= ease <= 5 else None,
                None if math.isnan(stars) else int(stars),
                passed=set(before),
            )
            remark.place = names[kind.about] if kind.about >= 0 else before[-1] if before else None
            found.append(remark)
    return found


def check_feelings(row: dict[str, Any], remarks: list[Remark], theme: Any) -> None:
    """How those feel who came by a touchpoint, beside the others."""
    came = [each for each in remarks if row["touchpoint"] in each.passed]
    others = [each for each in remarks if row["touchpoint"] not in each.passed]
    assert row["instances"] == len({each.person for each in came})
    here, there = mood_of(came), mood_of(others)
    same(row, "sentiment", here)
    same(row, "sentiment_of_others", there)
    assert row["instances_with_sentiment"] == here.n
    known = here.low is not None and there.low is not None
    same(
        row, "difference", hybrid_difference(here, there, method="") if known else Estimate(None, None, None, 0, 0, "")
    )
    same(row, "effort", mood_of(came, "ease"))
    same(row, "score", score_of_people(came, "stars"))
    same(row, "score_of_others", score_of_people(others, "stars"))
    told = (row["theme"], row["of_instances_with_theme"], row["of_others_with_theme"])
    assert told == (theme or (None, None, None))
    said = {each.text for each in came if theme and each.theme == theme[0]}
    assert (row["quote"] is None) == (theme is None)
    assert row["quote"] is None or row["quote"] in map(masked, said)


def check_themes(rows: list[dict[str, Any]], names: list[str], remarks: list[Remark]) -> None:
    """Themes of every touchpoint, and of all."""
    expected = []
    for name in ("all", *names):
        here = [each for each in remarks if name in ("all", each.place)]
        expected += [(name, t, here, [each for each in here if each.theme == t]) for t in {each.theme for each in here}]
    assert {(row["touchpoint"], row["theme"]) for row in rows} == {each[:2] for each in expected}
    found = {(row["touchpoint"], row["theme"]): row for row in rows}
    assert len(found) == len(rows)
    for name, theme, here, mine in expected:
        row = found[name, theme]
        people, whole = len({each.person for each in mine}), len({each.person for each in here})
        assert (row["instances"], row["remarks"]) == (people, len(mine))
        same(row, "of_instances_there", Proportion(people, whole).estimate(), 1e-9)
        same(row, "sentiment", mood_of(mine))
        same(row, "score", score_of_people(mine, "stars"))
        assert row["quote"] in {masked(each.text) for each in mine}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_said_in_instances(data: st.DataObject) -> None:
    """Feelings and themes by kind of feedback; what hangs where is told by the instances alone."""
    log = data.draw(logs(people=4, most=24))
    separate = data.draw(st.booleans())
    definition = {**FELT, "feedback": [{**each} for each in FELT["feedback"]]}
    if separate:
        definition["stages"] = [{"stage": "all", "steps": ["b", "c"]}]
        definition |= {"variants": {}, "rules": []}
    asked = JourneyMap.of(definition)
    blocks = data.draw(splits(log)) or [[]]
    answer = ask(build("journey_map", {"map": definition}), Population(Period.everything()), MemoryEngine(log, blocks))
    instances, names = passages(asked, log), [each.name for each in asked.touchpoints]
    feelings, themes = (answer.extra(name).to_pylist() for name in ("feelings", "themes"))
    assert [row["touchpoint"] for row in feelings] == names * len(asked.feedback)
    for number, kind in enumerate(asked.feedback):
        remarks = comments_on(asked, kind, instances, kind.sentiment or "said.sentiment")
        mine = feelings[number * len(names) : (number + 1) * len(names)]
        for row, theme in zip(mine, left_behind(names, remarks), strict=True):
            check_feelings(row, remarks, theme)
        if number == 0:
            told = answer.table.to_pylist()
            assert [row["sentiment"] for row in told] == [row["sentiment"] for row in mine]
            assert [row["quote"] for row in told] == [row["quote"] for row in mine]
    rows = iter(themes)
    for kind in asked.feedback:
        remarks = comments_on(asked, kind, instances, kind.sentiment or "said.sentiment")
        many = sum(len({e.theme for e in remarks if name in ("all", e.place)}) for name in ("all", *names))
        check_themes([next(rows) for _ in range(many)], names, remarks)
    assert next(rows, None) is None
