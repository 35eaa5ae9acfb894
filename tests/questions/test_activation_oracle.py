"""Activation equals a program written from its definition; a planted behaviour is found on people held out."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.activation import Activation
from desirepath.runner import ask

HOUR = 60 * MINUTE
LENGTHS = {"30 minutes": 30 * MINUTE, "1 hour": HOUR, "70 minutes": 70 * MINUTE, "2 hours": 2 * HOUR}
PERIODS = [Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")]
Life = tuple[int, bool]


def fits(text: str | None, event: Happened) -> bool:
    return text is None or (event.value("plan") == "x" if text == "plan = 'x'" else event.name == text)


def starters(log: list[Happened], asked: Activation, period: Period, cutoff: int) -> list[dict[str, Any]]:
    """Per person who starts: when each milestone was reached, what became of them, and what they did early."""
    journeys: dict[str, list[Happened]] = defaultdict(list)
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff and (asked.entry == "first_ever" or event.time >= period.start):
            journeys[event.person].append(event)
    found = []
    for person, events in journeys.items():
        starts = [n for n, event in enumerate(events) if fits(asked.start, event)]
        if asked.entry == "first":
            starts = [n for n in starts if period.holds(events[n].time)]
        if not starts or not period.holds(events[starts[0]].time):
            continue
        began, after = events[starts[0]].time, events[starts[0] + (asked.start is not None) :]
        limit = began + LENGTHS[asked.within]
        reached = {
            name: min(
                [event.time - began for event in after if event.time <= limit and fits(name, event)], default=None
            )
            for name in asked.names
        }
        times = sorted(took for took in reached.values() if took is not None)
        row = {"person": person, "reached": reached, "followed": min(limit, cutoff) - began}
        row["took"] = times[asked.needed - 1] if len(times) >= asked.needed else None
        row["outcome"] = "activated" if row["took"] is not None else "not activated" if limit <= cutoff else "undecided"
        if asked.stays_from and asked.stays_until:
            first, last = (began + LENGTHS[text] for text in (asked.stays_from, asked.stays_until))
            seen = any(fits(asked.stays, e) and e.time > limit and first <= e.time <= last for e in after)
            row["stays"] = "undecided" if last > cutoff else "stayed" if seen else "left"
            row["did"] = Counter(
                event.name
                for event in events[starts[0] :]
                if event.time <= limit and not (asked.start is not None and fits(asked.start, event))
            )
        found.append(row)
    return found


def by_end(lives: list[Life]) -> Fraction:
    """Kaplan and Meier's estimate in fractions."""
    still = Fraction(1)
    for when in sorted({took for took, came in lives if came}):
        waiting = sum(took >= when for took, _ in lives)
        still *= 1 - Fraction(sum(came and took == when for took, came in lives), waiting)
    return 1 - still


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(people=data.draw(st.sampled_from([4, 10])), most=40))
    milestones = data.draw(st.sampled_from([["b"], ["b", "plan = 'x'"], ["c", "b", "a"]]))
    staying = data.draw(st.booleans())
    asked = Activation(
        milestones=milestones,
        start=data.draw(st.sampled_from([None, "a"])),
        need=data.draw(st.sampled_from([None, 1])),
        within=data.draw(st.sampled_from(["30 minutes", "1 hour"])),
        entry=data.draw(st.sampled_from(["first", "first_ever"])),
        times=[1, 2],
        least="0 %",
        stays=data.draw(st.sampled_from([None, "d"])) if staying else None,
        stays_from=data.draw(st.sampled_from(["1 hour", "70 minutes"])) if staying else None,
        stays_until="2 hours" if staying else None,
    )
    period = data.draw(st.sampled_from(PERIODS))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(asked, Population(period, cutoff=cutoff), engine)
    reach = LENGTHS[asked.stays_until or asked.within]
    found = starters([e for e in log if e.time < period.end + reach], asked, period, cutoff)
    accounts: Any = answer.extras["accounts"]
    told = Counter(dict(zip(accounts["what"], accounts["people"], strict=True)))
    assert +told == Counter(row["outcome"] for row in found)
    rows = {row["milestone"]: row for row in answer.table.to_pylist()}
    assert list(rows) == ["(activated)", *milestones]
    for name, row in rows.items():
        took = [each["took"] if name == "(activated)" else each["reached"][name] for each in found]
        assert (row["started"], row["people"]) == (len(found), sum(when is not None for when in took))
        lives = [
            (each["followed"] if when is None else when, when is not None)
            for each, when in zip(found, took, strict=True)
        ]
        if row["of_started"] is None:
            assert max((took for took, _ in lives), default=-1) < LENGTHS[asked.within]
        else:
            assert row["of_started"] == pytest.approx(float(by_end(lives)))
            assert 0 <= row["of_started_low"] <= row["of_started"] <= row["of_started_high"] <= 1
    if staying:
        check_staying(answer, found, asked)


def check_staying(answer: Answer, found: list[dict[str, Any]], asked: Activation) -> None:
    """Who stays, of the activated and of the others; and what they did early."""
    known = [row for row in found if row["stays"] != "undecided"]
    for row in answer.extra("staying").to_pylist():
        mine = [each for each in known if (each["outcome"] == "activated") == (row["what"] == "activated")]
        assert (row["people"], row["stayed"]) == (len(mine), sum(each["stays"] == "stayed" for each in mine))
        assert row["left"] == row["people"] - row["stayed"]
        assert row["of_people"] == (None if not mine else pytest.approx(row["stayed"] / row["people"]))
    for name in {name for row in known for name in row["did"]}:
        for times in asked.times:
            wanted = sorted(row["person"] for row in known if row["did"][name] >= times)
            got = answer.people(behaviour=name, times=times).column("person").to_pylist()
            assert sorted(got) == wanted


def company(people: int, *, cause: float) -> Answer:
    """People who do things in their first week; inviting twice changes who is seen in the fifth week by `cause`."""
    draw, log = random.Random(8), []
    for n in range(people):
        person, begins = f"p{n:04d}", draw.randrange(24) * HOUR
        log.append(Happened(person, begins, "sign-up", f"{n}s"))
        often = {name: draw.choice((0, 0, 1, 2, 3)) for name in ("invite", "search", "import")}
        for name, times in often.items():
            log += [
                Happened(person, begins + draw.randrange(1, 160) * HOUR, name, f"{n}{name}{t}") for t in range(times)
            ]
        if draw.random() < 0.3 + cause * (often["invite"] >= 2):
            log.append(Happened(person, begins + 30 * 24 * HOUR, "login", f"{n}l"))
    log.append(Happened("late", 100 * 24 * HOUR, "z", "z"))
    asked = Activation(
        start="sign-up", milestones=["import", "invite"], stays_from="28 days", stays_until="35 days", times=[1, 2, 3]
    )
    return ask(asked, Population(Period.everything()), MemoryEngine(log))


def test_a_planted_behaviour_is_found_on_people_held_out() -> None:
    found = company(1_200, cause=0.4)
    rows = {row["behaviour"]: row for row in found.extra("candidates").to_pylist()}
    assert (rows["invite"]["times"], rows["invite"]["verdict"]) == (2, "associated")
    assert rows["invite"]["of_did_low"] < 0.7 < rows["invite"]["of_did_high"]
    assert rows["invite"]["held_out"] in (600, 601)
    assert {rows[name]["verdict"] for name in ("search", "import")} == {"not distinguishable"}
    assert found.words[-1].endswith("invite, at least 2 times.")
    noise = company(1_200, cause=0.0)
    assert set(noise.extra("candidates").to_pydict()["verdict"]) == {"not distinguishable"}


def test_the_cohort_is_the_denominator() -> None:
    """Ten start, four do anything: 2 of 10 are activated, not 2 of 4."""
    log = [Happened(f"p{n}", 0, "sign-up", f"{n}") for n in range(10)]
    log += [Happened(f"p{n}", HOUR, "search", f"{n}s") for n in range(4)]
    log += [Happened(f"p{n}", 2 * HOUR, "invite", f"{n}i") for n in range(2)]
    log.append(Happened("p9", 1_000 * HOUR, "z", "z"))
    answer = ask(Activation(start="sign-up", milestones=["invite"]), Population(Period.everything()), MemoryEngine(log))
    row = answer.table.to_pylist()[0]
    assert (row["started"], row["people"], row["of_started"]) == (10, 2, pytest.approx(0.2))


def test_mistakes_are_named() -> None:
    for fields in (
        {"milestones": []},
        {"milestones": ["a", " a"]},
        {"milestones": ["a"], "need": 2},
        {"milestones": ["a"], "stays": "b"},
        {"milestones": ["a"], "stays_from": "10 days"},
        {"milestones": ["a"], "stays_from": "5 days", "stays_until": "20 days"},
        {"milestones": ["a"], "stays_from": "20 days", "stays_until": "20 days"},
        {"milestones": ["a"], "most": 0},
        {"milestones": ["a"], "start": "b", "only": ["b"]},
        {"milestones": ["a"], "within": "7"},
    ):
        with pytest.raises(InputError):
            Activation(**fields)  # type: ignore[arg-type]
    log = [Happened("p", 0, "a", "1")]
    answer = ask(Activation(milestones=["b"]), Population(Period.everything()), MemoryEngine(log))
    for which in ({"milestone": "c"}, {"outcome": "lost"}, {"stays": "left"}, {"behaviour": "a"}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
