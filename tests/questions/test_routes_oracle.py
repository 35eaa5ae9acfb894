"""Routes over a map, told by walking one instance after another; and the funnel of the same instances."""

from __future__ import annotations

import random
from collections import Counter
from itertools import groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from passages import passages
from random_journeys import MINUTE, logs
from toy_maps import BLOCKS, KEYED, TOY

from desirepath import Answer
from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask, run_each

WAYS = {"converted": "converted", "dropped": "left", "in progress": "waiting"}


def asked(log: list[Happened], definition: dict[str, Any], **fields: Any) -> Answer:
    question = build("routes", {"map": definition, "most": 1_000, **fields})
    return ask(question, Population(Period.everything()), MemoryEngine(log))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(people=4), definition=st.sampled_from([TOY, BLOCKS, KEYED]))
def test_routes(log: list[Happened], definition: dict[str, Any]) -> None:
    asked_map = JourneyMap.of(definition)
    names = [each.name for each in asked_map.touchpoints]
    ways: Counter[tuple[str, str]] = Counter()
    over: Counter[tuple[str, str]] = Counter()
    whole: set[tuple[str, ...]] = set()
    until = max((event.time for event in log), default=0)
    for each in passages(asked_map, log):
        walked = [names[touchpoint] for touchpoint, _ in groupby(each.touched)]
        whole.add(tuple(walked))
        for depth in range(1, min(len(walked), 4) + 1):
            if each.began + asked_map.patience <= until:
                over[" -> ".join(walked[:depth]), "decided"] += 1
                over[" -> ".join(walked[:depth]), "decided_converted"] += each.outcome == "converted"
            way = "went_on" if len(walked) > depth else WAYS[each.outcome]
            ways[" -> ".join(walked[:depth]), way] += 1
            ways[" -> ".join(walked[:depth]), f"in_the_end_{WAYS[each.outcome]}"] += 1
    told = asked(log, definition, depth=4)
    columns = (
        "went_on",
        "converted",
        "left",
        "waiting",
        "in_the_end_converted",
        "in_the_end_left",
        "in_the_end_waiting",
    )
    rows = told.table.to_pylist()
    assert Counter({(row["route"], name): row[name] for row in rows for name in columns if row[name]}) == ways
    of = ("decided", "decided_converted")
    assert Counter({(row["route"], name): row[name] for row in rows for name in of}) == over
    for row in rows:
        told_share = row["decided_converted"] / row["decided"] if row["decided"] else None
        assert row["of_decided_converting"] == told_share
    assert not whole or f"over {len(whole)} route" in told.words[0]
    ordered = [(row["depth"], -row["instances"]) for row in rows]
    assert ordered == sorted(ordered)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs(people=4))
def test_routes_the_map_and_the_funnel_agree(log: list[Happened]) -> None:
    of_instances = Population(Period.everything(), unit="journey:toy", map=JourneyMap.of(TOY))
    funnel = ask(build("funnel", {"steps": ["a", "c"], "window": "1 hour"}), of_instances, MemoryEngine(log))
    rows = [row for row in asked(log, TOY).table.to_pylist() if row["depth"] == 1]
    ends = [sum(row[f"in_the_end_{way}"] for row in rows) for way in WAYS.values()]
    steps = funnel.table.to_pylist()
    assert [sum(ends), ends[0]] == [row["reached"] for row in steps]
    assert ends[1:] == [steps[0]["dropped"], steps[0]["undecided"]]
    paths = ask(build("paths", {"start": "a", "end": "c", "window": "1 hour"}), of_instances, MemoryEngine(log))
    assert sum(paths.columns["converted"]) == ends[0]


def test_the_fastest_route_with_those_still_on_their_way() -> None:
    log = [Happened("last", 200 * MINUTE, "x", "zzz", {})]
    for number in range(40):
        for name, minutes in (("a", 0), ("b", 2), ("c", 6)):
            log.append(Happened(f"fast{number}", minutes * MINUTE, name, f"f{number}{name}", {}))
        for name, minutes in (("a", 0), ("c", 30)):
            log.append(Happened(f"slow{number}", minutes * MINUTE, name, f"s{number}{name}", {}))
    for number in range(20):  # in progress when the data ends, and seen for four minutes
        for name, minutes in (("a", 196), ("b", 198)):
            log.append(Happened(f"late{number}", minutes * MINUTE, name, f"l{number}{name}", {}))
    answer = asked(log, TOY, depth=2)
    fast = next(row for row in answer.table.to_pylist() if row["route"] == "a -> b")
    # the twenty are out of sight after four minutes; of the forty left, all come to the goal after six
    assert (fast["instances"], fast["in_the_end_waiting"], fast["of_converted_soon"]) == (60, 20, pytest.approx(1.0))
    assert fast["half_converted_seconds"] == 360
    assert answer.extras["fastest"]["route"] == ["a -> b", "a -> c"]
    slow = next(row for row in answer.table.to_pylist() if row["route"] == "a -> c")
    assert (slow["of_converted_soon"], slow["half_converted_seconds"]) == (0.0, 1_800)


def at(who: str, minute: int, name: str) -> Happened:
    return Happened(who, minute * MINUTE, name, f"{who}{name}{minute}", {})


def test_the_fastest_route_need_not_be_among_those_shown() -> None:
    log: list[Happened] = []
    for i in range(40):
        log += [at(f"u{i}", 0, "A"), at(f"u{i}", 1, "B")]
        log += [at(f"u{i}", 40, "C")] if i < 20 else []
    for i in range(35):
        log += [at(f"v{i}", 0, "A"), at(f"v{i}", 5, "C")]
    log += [at("z", 100 * 24 * 60, "Z")]
    definition = {"map": "m", "starts": "A", "goal": "C", "gives_up_after": "1 hour", "stages": [
        {"stage": "all", "steps": ["A", {"touchpoint": "B", "optional": True}, "C"]}]}  # fmt: skip
    few, all_of_them = (asked(log, definition, most=most) for most in (1, 10))
    assert few.words == all_of_them.words
    assert few.extras["fastest"]["route"] == ["A -> C"]
    assert all_of_them.extras["fastest"]["route"][0] == "A -> C"
    assert "A -> C: 100.0 % of 35" in few.words[-1]


def test_times_of_many_are_rounded_and_counts_stay_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(5)
    log = [at("zz", 100 * 24 * 60, "Z")]
    for i in range(300):
        log.append(Happened(f"u{i}", 0, "A", f"{i}a"))
        if i % 3:
            log.append(Happened(f"u{i}", draw.randrange(MINUTE, 50 * MINUTE), "C", f"{i}c"))
    definition = {"map": "m", "starts": "A", "goal": "C", "gives_up_after": "1 hour", "stages": [
        {"stage": "all", "steps": ["A", {"touchpoint": "B", "optional": True}, "C"]}]}  # fmt: skip
    exact = asked(log, definition)
    for name in ("questions.routes_answer", "statistics.survival"):
        monkeypatch.setattr(f"desirepath.{name}.EXACT_LIMIT", 100)
    question, everybody = build("routes", {"map": definition, "most": 1_000}), Population(Period.everything())
    blocks = [
        ["zz", *(f"u{i}" for i in range(k, 300, 4))] if k == 0 else [f"u{i}" for i in range(k, 300, 4)]
        for k in range(4)
    ]
    (one,), (two,) = (
        run_each(question, [everybody], MemoryEngine(log, order), None) for order in (blocks, [*blocks[1:], blocks[0]])
    )
    assert one.tally().approximate
    for name in ("owner", "length", "many"):
        assert (getattr(one.tally(), name) == getattr(two.tally(), name)).all(), "in any order"
    assert one.tally().many.sum() == 300
    assert len(one.tally().many) < 300
    rounded = ask(question, everybody, MemoryEngine(log, blocks))
    assert {item.code for item in rounded.warnings} - {item.code for item in exact.warnings} == {"approximate_times"}
    for here, there in zip(rounded.table.to_pylist(), exact.table.to_pylist(), strict=True):
        half, other = here.pop("half_converted_seconds"), there.pop("half_converted_seconds")
        assert half == pytest.approx(other, rel=0.004)
        soon, then = ([row.pop(f"of_converted_soon{end}") for end in ("", "_low", "_high")] for row in (here, there))
        assert soon == pytest.approx(then, abs=0.02)
        assert here == there


def test_half_have_converted_though_no_time_is_over_yet() -> None:
    log = [at("u", 0, "A"), at("u", 20, "C"), at("z", 30, "Z")]
    definition = {"map": "m", "starts": "A", "goal": "C", "gives_up_after": "1 hour", "stages": [
        {"stage": "all", "steps": ["A", "C"]}]}  # fmt: skip
    answer = asked(log, definition)
    place = answer.columns["route"].index("A -> C")
    assert answer.columns["half_converted_seconds"][place] == 1200
    assert list(answer.words) == ["1 instance of 'm', over 1 route to its end."]


def test_every_number_of_routes_leads_to_its_instances() -> None:
    log = [at("u1", 0, "A"), at("u1", 1, "B"), at("u1", 2, "C"), at("u2", 0, "A"), at("u2", 1, "C")]
    log += [at("u3", 0, "A"), at("u3", 5, "H"), at("u4", 0, "A"), at("u4", 1, "B"), at("u5", 300, "A")]
    log += [at("z", 310, "Z")]
    definition = {"map": "m", "starts": "A", "goal": "C", "gives_up_after": "1 hour", "stages": [
        {"stage": "all", "steps": ["A", {"touchpoint": "B", "optional": True}, "C"]}]}  # fmt: skip
    answer = asked(log, definition, most=1, depth=3)
    for row in answer.table.to_pylist():
        here = {"route": row["route"], "depth": row["depth"]}
        for way in ("went on", *WAYS.values()):
            assert answer.people(**here, way=way).num_rows == row[way.replace(" ", "_")]
        assert answer.people(**here, decided=True).num_rows == row["decided"]
        young = row["instances"] - row["decided"]
        assert answer.people(**here, decided="no").num_rows == answer.people(**here, decided=False).num_rows == young
        assert answer.people(**here, decided=True, outcome="converted").num_rows == row["decided_converted"]
    for row in answer.extra("depths").to_pylist():
        for outcome, way in WAYS.items():
            assert answer.people(before=row["depth"], outcome=outcome).num_rows == row[f"{way}_before"]
    instead = answer.extra("instead").to_pylist()
    assert {(row["last_touchpoint"], row["instead"], row["instances"]) for row in instead} == {
        ("A", "H", 1),
        ("B", "(nothing)", 1),
    }
    for row in instead:
        told = answer.people(last_touchpoint=row["last_touchpoint"], instead=row["instead"])
        assert told.num_rows == row["instances"]
    assert answer.people(but="A -> B").num_rows == answer.people(but=["A -> B"]).num_rows == 3
    with pytest.raises(InputError, match="depth"):
        answer.people(route=None)
    with pytest.raises(InputError, match="way"):
        answer.people(way="left")
