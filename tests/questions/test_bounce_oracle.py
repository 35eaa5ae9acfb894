"""Bounces equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import random
import statistics
from typing import Any

import numpy as np
import pytest
from exits_logs import blocks, random_log
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.bounce import Bounce
from desirepath.runner import ask
from desirepath.statistics import wilson

GAP = 30 * MINUTE
LENGTHS = {"10 seconds": MINUTE // 6, "10 minutes": 10 * MINUTE, "20 minutes": 20 * MINUTE}


def visits_of(log: list[Happened], cutoff: int) -> list[list[Happened]]:
    """Sessions by the plain rule: a pause of more than half an hour begins the next."""
    found: list[list[Happened]] = []
    for person in sorted({event.person for event in log}):
        last = None
        for event in sorted(log, key=lambda event: (event.time, event.id)):
            if event.person != person or event.time > cutoff:
                continue
            if last is None or event.time - last > GAP:
                found.append([])
            found[-1].append(event)
            last = event.time
    return found


def told(visit: list[Happened], fields: dict[str, Any], cutoff: int) -> dict[str, Any] | None:
    """What one visit is, or None where it has no view."""
    views = [event for event in visit if fields["views"] is None or event.name in ("a", "b")]
    keys = [event for event in visit if event.name == fields["key"]]
    others = [event for event in visit if event not in views]
    if fields["besides"] is not None:
        others = [event for event in others if event.name in (fields["besides"], fields["key"])]
    if not views:
        return None
    took = visit[-1].time - visit[0].time
    over = visit[-1].time + GAP <= cutoff
    return {
        "person": visit[0].person,
        "at": views[0].time,
        "entry": views[0].value(fields["by"]) or "(missing)",
        "took": took,
        "decided": over,
        "undecided": not over,
        "classic": over and len(views) == 1 and not others,
        "not engaged": over and len(views) < 2 and took < LENGTHS[fields["seconds"]] and not keys,
    }


@pytest.mark.parametrize("seed", range(6))
def test_they_equal_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        check(rng)


def check(rng: random.Random) -> None:
    """One log and one question."""
    log = random_log(rng)
    fields: dict[str, Any] = {
        "views": rng.choice([None, "name in ('a', 'b')"]),
        "key": rng.choice([None, "a", "c"]),
        "besides": rng.choice([None, "d"]),
        "seconds": rng.choice(list(LENGTHS)),
        "by": rng.choice(["name", "plan"]),
        "most": rng.choice([1, 20]),
    }
    period = rng.choice([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 120 * MINUTE)])
    engine = MemoryEngine(log, blocks(rng, log))
    answer = ask(Bounce(**fields), Population(period, unit="session", cutoff=cutoff), engine)
    found = [each for visit in visits_of(log, cutoff) if (each := told(visit, fields, cutoff))]
    found = [each for each in found if period.holds(each["at"])]
    sizes = {name: sum(each["entry"] == name for each in found) for name in {each["entry"] for each in found}}
    shown = sorted(sizes, key=lambda name: (-sizes[name], name))[: fields["most"]]
    names = ["(all)", *shown, *(["(other)"] if len(sizes) > len(shown) else [])] if found else []
    assert answer.columns["entry"] == names
    drilled = rng.choice(["decided", "undecided", "classic", "not engaged"])
    for row in answer.table.to_pylist():
        part = [
            each
            for each in found
            if row["entry"] in ("(all)", each["entry"]) or (row["entry"] == "(other)" and each["entry"] not in shown)
        ]
        assert row["visits"] == len(part)
        for kind in ("decided", "undecided", "classic", "not engaged"):
            fits = [each["person"] for each in part if each[kind]]
            assert row[kind.replace(" ", "_")] == len(fits)
            if drilled == kind:
                who = answer.people(entry=row["entry"], kind=kind).column("person").to_pylist()
                assert sorted(who) == sorted(fits)
        decided = [each["took"] / 1e6 for each in part if each["decided"]]
        if row["entry"] != "(other)":
            assert row["median_seconds"] == (pytest.approx(statistics.median(decided)) if decided else None)
        if decided:
            assert row["of_decided_classic"] == row["classic"] / len(decided)
            assert row["of_decided_classic_low"] <= row["of_decided_classic"] <= row["of_decided_classic_high"]
            assert row["of_decided_not_engaged"] == row["not_engaged"] / len(decided)
        else:
            assert row["of_decided_classic"] is None


def test_a_person_is_never_over_and_the_answer_says_what_to_ask() -> None:
    log = [Happened("p", 0, "view", "1"), Happened("q", 10**12, "view", "2")]
    answer = ask(Bounce(), Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["undecided"] == [2, 2]
    assert answer.columns["of_decided_classic"] == [None, None]
    (notice,) = (item for item in answer.warnings if item.code == "undecided")
    assert 'unit="session"' in notice.text


def test_a_value_that_reads_like_a_line_of_ours_loses_nobody() -> None:
    values = ["(all)", "(other)", '"(all)"', "web", None]
    log = [Happened(f"p{n}", 0, "a", str(n), {"plan": value} if value else {}) for n, value in enumerate(values)]
    log.append(Happened("last", 10**11, "a", "zz", {"plan": "web"}))
    answer = ask(Bounce(by="plan"), Population(Period.everything(), unit="session"), MemoryEngine(log))
    assert sorted(answer.columns["entry"]) == ['""(all)""', '"(all)"', '"(other)"', "(all)", "(missing)", "web"]
    assert {name: answer.people(entry=name).num_rows for name in answer.columns["entry"]} == dict(
        zip(answer.columns["entry"], answer.columns["visits"], strict=True)
    )


def test_mistakes_are_named() -> None:
    for fields in ({"most": 0}, {"seconds": "10"}, {"views": "value =="}, {"by": " "}):
        with pytest.raises(InputError):
            Bounce(**fields)  # type: ignore[arg-type]
    log = [Happened("p", 0, "view", "1")]
    answer = ask(Bounce(), Population(Period.everything(), unit="session"), MemoryEngine(log))
    for which in ({"entry": "vew"}, {"kind": "bounced"}, {"page": "x"}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)


def covered(rng: np.random.Generator, spread: bool, visits: float, runs: int) -> float:
    """How often the interval holds the truth, 40 %; where people differ, by 20 points around it."""
    held = 0
    for _ in range(runs):
        many = 1 + rng.poisson(visits - 1, 400)
        chance = rng.beta(2, 3, 400) if spread else np.full(400, 0.4)
        share = wilson(int(rng.binomial(many, chance).sum()), int(many.sum()))
        assert share.low is not None
        assert share.high is not None
        held += share.low <= 0.4 <= share.high
    return held / runs


def test_intervals_hold_where_visits_are_independent() -> None:
    assert covered(np.random.default_rng(4), spread=False, visits=3, runs=600) > 0.92


@pytest.mark.slow
def test_intervals_are_as_narrow_as_the_page_says_where_people_differ() -> None:
    rng = np.random.default_rng(1)
    assert covered(rng, spread=False, visits=6, runs=8_000) == pytest.approx(0.95, abs=0.01)
    for visits, share in ((1.5, 0.93), (3, 0.90), (6, 0.84)):
        assert covered(rng, spread=True, visits=visits, runs=8_000) == pytest.approx(share, abs=0.015)
