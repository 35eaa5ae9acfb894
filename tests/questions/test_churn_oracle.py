"""Churn and what came before equal a program that follows the page in plain lists, for random logs and all options."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.churn import Churn
from desirepath.runner import ask

HOUR = 3_600_000_000
DAY = 24 * HOUR
DAYS = 8
FRICTION = ["error", "moved"]
EVERYTHING = Population(Period.everything())
HOURS = {"6 hours": 6 * HOUR, "1 day": DAY, "36 hours": 36 * HOUR, "2 days": 2 * DAY}


@dataclass
class Spell:
    """Positions of the first and the last event, when it is over, and what it is judged by."""

    begin: int
    last: int
    over: int | None
    back: bool = False
    own: bool = False
    silence: int = -1


@dataclass
class Row:
    """What there is to say of somebody in a bucket."""

    outcome: str
    back: bool
    friction: set[str]
    score: int | None
    theme: str | None
    reason: str
    touch: str
    own: bool
    away: int


def log_of(rng: random.Random) -> list[Happened]:
    """What a few or more people did in eight days, at every sixth hour."""
    found, people = [], rng.choice([2, 4, 16, 16])
    for number in range(rng.randrange(32 if people < 16 else 90)):
        name = rng.choice(["buy"] * (2 if people < 16 else 4) + ["leave", "error", "moved", "ticket", "survey"])
        fields = {
            "why": rng.choice(["price", "service", None, None]),
            "about": rng.choice(["login", "bill", None]),
            "score": rng.choice(["1", "3", "5", None]) if name == "survey" else None,
        }
        known = {field: value for field, value in fields.items() if value is not None}
        at = rng.randrange(DAYS * 4) * 6 * HOUR
        found.append(Happened(f"p{rng.randrange(people)}", at, name, f"{number:04d}", known))
    return found


def contracts(events: list[Happened]) -> tuple[list[Spell], list[int]]:
    """Spells by contract, and ends without a begin."""
    spells: list[Spell] = []
    begin, stray = None, []
    for k, event in enumerate(events):
        if event.name == "leave":
            if begin is None:
                stray.append(event.time)
            else:
                spells.append(Spell(begin, k, event.time))
            begin = None
        elif event.name == "buy" and begin is None:
            begin = k
            if spells:
                spells[-1].back = True
    if begin is not None:
        spells.append(Spell(begin, begin, None))
    return spells, stray


def silences(events: list[Happened], asked: Churn, cutoff: int) -> list[Spell]:
    """Spells by silence."""
    spells: list[Spell] = []
    bought = [k for k, event in enumerate(events) if event.name == "buy"]
    gaps: list[int] = []
    begin = bought[0] if bought else 0
    for k, place in enumerate(bought):
        following = bought[k + 1] if k + 1 < len(bought) else None
        until = cutoff if following is None else events[following].time
        if following is not None and until == events[place].time:
            continue
        own = asked.gap == "auto" and len(gaps) >= asked.least
        silence = HOURS[asked.otherwise]
        if asked.gap != "auto":
            silence = HOURS[asked.gap]
        elif own:
            rank = math.ceil(Fraction(str(asked.quantile)) * len(gaps))
            silence = max(HOURS[asked.floor], sorted(gaps)[rank - 1])
        gone = until - events[place].time > silence
        if gone or following is None:
            over = events[place].time + silence + 1 if gone else None
            spells.append(Spell(begin, place, over, following is not None, own, silence))
            begin = following if following is not None else begin
        if following is not None:
            gaps.append(until - events[place].time)
    return spells


def row_of(events: list[Happened], spells: list[Spell], asked: Churn, day: int, cutoff: int) -> Row | None:
    """Somebody in a bucket."""
    start, end = day * DAY, (day + 1) * DAY
    here = [s for s in spells if events[s.begin].time < end and (s.over is None or s.over >= start)]
    if not here:
        return None
    spell = here[0]
    ended = spell.over is not None and spell.over < end
    at_risk = events[spell.begin].time < start
    outcome = "churned" if ended else "stayed" if cutoff + 1 >= end else "undecided"
    if not at_risk:
        outcome = "began and ended" if ended else "began"
    if ended:
        anchor, at = spell.last, events[spell.last].time
    elif asked.ends is not None:
        anchor, at = sum(event.time < end for event in events), end
    else:
        anchor = max(k for k, event in enumerate(events) if event.name == "buy" and event.time < end)
        at = events[anchor].time
    window = [event for event in events[:anchor] if event.time >= at - HOURS[asked.lookback]]
    scores = [event.value("score") for event in window if event.value("score")]
    tickets = [event.value("about") or "(missing)" for event in window if event.name == "ticket"]
    before = events[:anchor]
    if asked.ends is None and spell.over is not None:
        before = [event for event in events if event.time < spell.over]
    stated = [event.value("why") for event in before if event.time >= at - HOURS[asked.lookback] and event.value("why")]
    if asked.ends is not None and ended and events[spell.last].value("why"):
        stated.append(events[spell.last].value("why"))
    later = [events[s.begin].time for s in spells if s.begin > spell.last]
    away = (later[0] if later else cutoff) - (spell.over or 0)
    return Row(
        outcome,
        spell.back and ended,
        {event.name for event in window} & set(FRICTION),
        int(scores[-1] or 0) if scores else None,
        tickets[-1] if tickets else None,
        (stated[-1] or "") if stated else "(not stated)",
        before[-1].name if before else "(none)",
        spell.own,
        away,
    )


def weighed(told: dict[int, list[Row]], had: Any) -> tuple[float, float] | None:
    """The shares of those who churned and of those who stayed, each bucket weighed by how many churned in it."""
    one = other = 0.0
    many = 0
    for rows in told.values():
        churned = [had(row) for row in rows if row.outcome == "churned"]
        stayed = [had(row) for row in rows if row.outcome == "stayed"]
        if churned and len(stayed) >= 5:
            many += len(churned)
            one += sum(churned)
            other += len(churned) * sum(stayed) / len(stayed)
    return (one / many, other / many) if many else None


def survival(lives: list[tuple[int, bool]], moment: int) -> Fraction:
    """Kaplan and Meier's estimate in fractions."""
    still = Fraction(1)
    for when in sorted({took for took, gone in lives if gone and took <= moment}):
        waiting = sum(took >= when for took, _ in lives)
        still *= 1 - Fraction(sum(took == when and gone for took, gone in lives), waiting)
    return still


CHOICES = {
    "at_risk": lambda row: row.outcome in ("churned", "stayed", "undecided"),
    "churned": lambda row: row.outcome == "churned",
    "stayed": lambda row: row.outcome == "stayed",
    "undecided": lambda row: row.outcome == "undecided",
    "came_back": lambda row: row.outcome == "churned" and row.back,
    "began": lambda row: row.outcome == "began",
    "began_and_ended": lambda row: row.outcome == "began and ended",
}


def beside(answer: Any, told: dict[int, list[Row]]) -> int:
    """Friction, themes and scores of those who churned beside those who stayed; how many differences there are."""
    many = 0
    decided = [row for rows in told.values() for row in rows]
    for line in answer.extra("last_friction").to_pylist():
        what = line["friction"]
        for side in ("churned", "stayed"):
            assert line[side] == sum(what in row.friction for row in decided if row.outcome == side)
        both = weighed(told, lambda row, what=what: what in row.friction)
        assert (line["difference"] is None) == (both is None)
        if both is not None:
            assert line["of_stayed"] == pytest.approx(both[1])
            assert line["difference"] == pytest.approx(both[0] - both[1])
            many += both[0] != both[1]
    themes = {row["theme"]: (row["churned"], row["stayed"]) for row in answer.extra("themes").to_pylist()}
    if any(row.theme for row in decided if row.outcome in ("churned", "stayed")):
        for side, place in (("churned", 0), ("stayed", 1)):
            found = Counter(row.theme or "(no ticket)" for row in decided if row.outcome == side)
            assert found == Counter({theme: pair[place] for theme, pair in themes.items()})
    else:
        assert not themes
    for line in answer.extra("last_feedback").to_pylist():
        scored = {day: [row for row in rows if row.score is not None] for day, rows in told.items()}
        given = [row.score or 0 for rows in scored.values() for row in rows if row.outcome == "churned"]
        assert line["answered_churned"] == len(given)
        assert line["answered_stayed"] == sum(row.outcome == "stayed" for rows in scored.values() for row in rows)
        assert line["mean_churned"] == (pytest.approx(sum(given) / len(given)) if given else None)
        both = weighed(scored, lambda row: row.score)
        assert line["mean_stayed"] == (None if both is None else pytest.approx(both[1]))
        assert line["difference"] == (None if both is None else pytest.approx(both[0] - both[1]))
        many += both is not None
    return many


def check(
    log: list[Happened], asked: Churn, days: range, cutoff: int, engine: MemoryEngine, *, drill: bool
) -> Counter[str]:
    """Every number of the answer against the program; how much of each there was."""
    answer = ask(asked, Population(Period(days.start * DAY, days.stop * DAY, "UTC"), cutoff=cutoff), engine)
    journeys: dict[str, list[Happened]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            journeys.setdefault(event.person, []).append(event)
    spells, stray = {}, []
    for who, events in journeys.items():
        spells[who] = silences(events, asked, cutoff)
        if asked.ends is not None:
            spells[who], strays = contracts(events)
            stray += strays
    known = [day for day in days if min(event.time for event in log) // DAY <= day <= cutoff // DAY]
    table = {row["bucket"]: row for row in answer.table.to_pylist()}
    ended, over, persons, own = [], {}, {}, {}
    for day in known:
        label = f"1970-01-{day + 1:02d}"
        rows = {who: row_of(journeys[who], spells[who], asked, day, cutoff) for who in journeys}
        told = {who: row for who, row in rows.items() if row is not None}
        for column, fits in CHOICES.items():
            people = sorted(who for who, row in told.items() if fits(row))
            assert table.get(label, {}).get(column, 0) == len(people), (column, label)
            if label in table and drill:
                drilled = answer.people(bucket=label, outcome=column.replace("_", " ")).column("person").to_pylist()
                assert sorted(drilled) == people
        gone = [row for row in told.values() if row.outcome in ("churned", "began and ended")]
        ended += gone
        if cutoff + 1 >= (day + 1) * DAY:
            over[day] = list(told.values())
        for who, row in told.items():
            persons[who] = persons.get(who, False) or row.outcome in ("churned", "began and ended")
            own[who] = row.own
        if label in table:
            at_risk = sum(CHOICES["at_risk"](row) for row in told.values())
            share = sum(row.outcome == "churned" for row in gone) / at_risk if at_risk and day in over else None
            assert table[label]["of_at_risk_churned"] == (None if share is None else pytest.approx(share))
    for extra, column, found in (("reasons", "reason", "reason"), ("last_touchpoint", "touchpoint", "touch")):
        lines = answer.extras[extra]
        counted = Counter(dict(zip(lines[column], lines["people"], strict=True)))
        assert counted == Counter(getattr(row, found) for row in ended)
    away = [(row.away, row.back) for row in ended]
    for line, limit in zip(answer.extra("coming_back").to_pylist(), (30 * DAY, 90 * DAY, 365 * DAY), strict=True):
        assert line["people"] == sum(row.back for row in ended), "nobody is watched for 30 days"
        still = survival(away, limit)
        watched = max((took for took, _ in away), default=-1) >= limit or (away and still == 0)
        assert line["of_ended_came_back"] == (pytest.approx(float(1 - still)) if watched else None)
    assert answer.extras["coming_back"]["within"][0] == "30 days"
    seen = Counter(ended=len(ended), compared=beside(answer, over))
    whole(answer, asked, journeys, spells, known, cutoff, persons, own)
    ages = Counter(row.outcome for rows in over.values() for row in rows if row.outcome in ("churned", "stayed"))
    assert sum(answer.extras["by_tenure"]["churned"]) == ages["churned"]
    assert answer.extras["by_tenure"]["at_risk"][0] == ages.total(), "all of them are younger than 30 days"
    outside = sum(at // DAY in known for at in stray)
    said = [notice.text for notice in answer.warnings if notice.code == "before_start"]
    assert said == ([f"{outside} ends of what had not begun, or had ended, are left out."] if outside else [])
    return seen


def whole(
    answer: Any,
    asked: Churn,
    journeys: Any,
    spells: Any,
    known: list[int],
    cutoff: int,
    persons: dict[str, bool],
    own: dict[str, bool],
) -> None:
    """The period, the curve, and by what people are judged."""
    (period,) = answer.extra("period").to_pylist()
    assert (period["customers"], period["ended"]) == (len(persons), sum(persons.values()))
    lives = []
    for who, found in spells.items():
        if found and journeys[who][found[0].begin].time // DAY in known:
            began = journeys[who][found[0].begin].time
            until = cutoff if found[0].over is None else found[0].over
            lives.append((until - began, found[0].over is not None))
    for line in answer.extra("survival").to_pylist():
        moment = round(line["after_seconds"] * 1_000_000)
        assert line["of_begun_still"] == pytest.approx(float(survival(lives, moment)))
        assert line["watched"] == sum(took >= moment for took, _ in lives)
    if asked.ends is None and asked.gap == "auto":
        assert answer.extras["silence"]["people"][0] == sum(own.values())
        assert sum(answer.extras["silence"]["people"]) == len(persons)


def test_it_equals_the_definition() -> None:
    rng, seen = random.Random(8), Counter[str]()
    for _ in range(500):
        log = log_of(rng)
        if not log:
            continue
        ends = rng.choice(["leave", None])
        asked = Churn(
            ends=ends,
            active="buy",
            gap=rng.choice(["auto", "auto", "6 hours", "1 day"]),
            quantile=rng.choice([0.5, 0.8]),
            least=rng.choice([1, 2, 3]),
            otherwise=rng.choice(["1 day", "2 days"]),
            floor=rng.choice(["6 hours", "1 day"]),
            reason="why",
            feedback="score",
            friction=FRICTION,
            tickets="ticket",
            theme="about",
            lookback=rng.choice(list(HOURS)),
            every="day",
        )
        first = rng.randrange(DAYS)
        days = range(first, rng.randrange(first + 1, DAYS + 1)) if rng.random() < 0.4 else range(DAYS)
        last = max(event.time for event in log)
        cutoff = rng.choice([last, max(last - DAY, min(event.time for event in log))])
        people = sorted({event.person for event in log})
        seen += check(
            log, asked, days, cutoff, MemoryEngine(log, [people[::2], people[1::2]]), drill=rng.random() < 0.15
        )
    assert seen["ended"] > 800, seen
    assert seen["compared"] > 60, seen


def test_groups_are_parts_of_the_whole() -> None:
    rng = random.Random(9)
    for _ in range(40):
        log = log_of(rng)
        population = Population(Period.everything(), breakdown=Breakdown("why", top=10))
        answer = ask(Churn(ends="leave", active="buy", every="day"), population, MemoryEngine(log))
        lines = answer.extra("period").to_pylist()
        for column in ("customers", "ended"):
            parts = [line[column] for line in lines if line["group"] != "(everyone)"]
            assert sum(parts) == next((line[column] for line in lines if line["group"] == "(everyone)"), 0)
