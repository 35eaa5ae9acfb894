"""Random logs of remarks, and what each is about, told by a few lines of Python from the questions' docstrings."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from memory_engine import Happened, holds

from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.statistics.scores import rule_of

HOUR = 3_600_000_000
DAY = 24 * HOUR
WITHIN = {"2 days": 2 * DAY, "5 days": 5 * DAY}
FIELDS = {"answers": "survey", "text": "said", "theme": "topic", "sentiment": "mood", "effort": "ease"}
PLACES = ["visit", "call", "order"]
WORDS = ("nobody came", "quick and kind", "  ", "so so", "my bill", "  so   so ")

MAP: dict[str, Any] = {
    "map": "care",
    "goal": "order",
    "gives_up_after": "5 days",
    "stages": [
        {"stage": "first", "steps": ["visit", {"touchpoint": "call", "contact": "human", "cost": 2.5}]},
        {"stage": "last", "steps": ["order"]},
    ],
}
STAGES = {"visit": "first", "call": "first", "order": "last"}


def random_log(rng: random.Random, most: int = 45, people: int = 6) -> list[Happened]:
    """What a few people did and said within three weeks; every half day, so that moments tie and windows are met."""
    planted = rng.random() < 0.5
    log = []
    for number in range(rng.randrange(0, most)):
        name = rng.choice(["survey", "survey", "survey", "visit", "call", "order", "tick"])
        who, fields = f"p{rng.randrange(people)}", {}
        if rng.random() < 0.85:
            fields["said"] = rng.choice(WORDS)
        if rng.random() < 0.8:
            fields["topic"] = rng.choice(["late", "late", "kind", "price", "(no theme)"])
        if rng.random() < 0.8:
            fields["mood"] = rng.choice(["-4.5", "-3", "-0.5", "0", "0.5", "2.25", "5", "7"])
        if planted and int(who[1:]) % 2 and name == "survey":
            fields |= {"topic": "late", "mood": rng.choice(["-5", "-4", "-3"])}
        if planted and not int(who[1:]) % 2 and name == "visit":
            name = "tick"
        if rng.random() < 0.4:
            fields["ease"] = rng.choice(["-2", "1.5", "4"])
        if rng.random() < 0.7:
            fields["score"] = rng.choice(["0", "3", "6", "7", "9", "10", "2.5", "12"])
        if rng.random() < 0.5:
            fields |= {"entity_id": rng.choice("12"), "entity_type": rng.choice(["order", "order", "ticket"])}
        if rng.random() < 0.5:
            fields["parcel"] = rng.choice("789")
        if rng.random() < 0.5:
            fields["said.language"] = rng.choice(["de", "en"])
        log.append(Happened(who, rng.randrange(42) * 12 * HOUR, name, f"{number:04d}", fields))
    return log


@dataclass
class Remark:
    """One remark and what is known of it."""

    person: str
    time: int
    event: Happened
    text: str
    theme: str
    mood: float | None
    ease: float | None
    score: int | None
    place: str | None = None
    how: str = "none"
    sure: float = 0.0
    passed: set[str] = field(default_factory=set)


def number_in(event: Happened, name: str) -> float:
    return float(event.fields.get(name, "nan"))


def within_five(value: float) -> float | None:
    """A mood, or None for what is none."""
    return value if -5 <= value <= 5 else None


def theme_of(event: Happened) -> str:
    """The theme; quoted where it reads like a line of ours."""
    theme = event.fields.get("topic")
    return "(no theme)" if theme is None else f'"{theme}"' if theme == "(no theme)" else theme


def score_of(event: Happened, scale: str) -> int | None:
    """The score, or None where there is none on the scale."""
    value, rule = number_in(event, "score"), rule_of(scale)
    if math.isnan(value) or value != int(value) or not rule.low <= value <= rule.high:
        return None
    return int(value)


def remarks_of(
    log: list[Happened], fields: dict[str, Any], period: Period, cutoff: int, *, wordless: bool = False
) -> list[Remark]:
    """Every remark in the period, in the order of time."""
    places = list(PLACES) if "map" in fields else list(fields.get("touchpoints", []))
    filters = [Where.event(name) for name in places]
    key, within = fields.get("link_by", "entity_id"), WITHIN[fields.get("within", "5 days")]

    def about(event: Happened) -> Any:
        value = event.fields.get(key)
        return value if value is None or key != "entity_id" else (value, event.fields.get("entity_type"))

    def not_another(one: Any, other: Any) -> bool:
        """A remark about an order is about no touchpoint of another order."""
        kinds = [each[1] if key == "entity_id" and each is not None else None for each in (one, other)]
        return one is None or other is None or one == other or kinds[0] != kinds[1]

    def touched(event: Happened) -> str | None:
        if event.name == "survey":
            return None
        fits = [name for name, where in zip(places, filters, strict=True) if holds(where.root, event)]
        return fits[0] if fits else None

    journeys: dict[str, list[Happened]] = defaultdict(list)
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            journeys[event.person].append(event)
    found = []
    for person, events in journeys.items():
        for event in events:
            text = " ".join(event.fields.get("said", "").split())
            if event.name != "survey" or not period.holds(event.time) or not (text or wordless):
                continue
            moods = [within_five(number_in(event, name)) for name in ("mood", "ease")]
            scale = fields.get("scale", "nps")
            score = score_of(event, scale) if fields.get("score") else None
            one = Remark(person, event.time, event, text, theme_of(event), *moods, score)
            before = [(touched(each), each) for each in events if each.time <= event.time]
            steps = [(name, each) for name, each in before if name is not None]
            same = [(name, each) for name, each in steps if about(event) is not None and about(each) == about(event)]
            steps = [(name, each) for name, each in steps if not_another(about(event), about(each))]
            near = [(name, each) for name, each in steps if event.time - each.time <= within]
            one.passed = {name for name, _ in (same or near)}
            if same:
                one.place, one.how, one.sure = same[-1][0], "named", 1.0
            elif near:
                one.place, one.how = near[-1][0], "last before"
                gap = event.time - near[-1][1].time
                others = [each.time for name, each in steps if name != one.place]
                other = min(event.time - max(others), within) if others else within
                one.sure = 0.5 if gap + other == 0 else other / (gap + other)
            found.append(one)
    return found


def populations(rng: random.Random, log: list[Happened]) -> tuple[Period, int, list[list[str]]]:
    """A period, a cut-off, and people in two blocks."""
    period = rng.choice([Period.everything(), Period(5 * DAY, 15 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    return period, rng.choice([last, min(last, 14 * DAY)]), [people[: len(people) // 2], people[len(people) // 2 :]]


def bucket_of(moment: int, every: str) -> int:
    """The number of the day or the week (from Monday; the epoch is a Thursday) of a moment."""
    day = moment // DAY
    return day if every == "day" else (day + 3) // 7


def buckets_over(log: list[Happened], period: Period, cutoff: int, every: str) -> list[int]:
    """The buckets that the period touches, from the first event of anybody on, and that are over."""
    if not log:
        return []
    begin, last = min(event.time for event in log), max(event.time for event in log)
    end = max(min(cutoff, last), begin)
    first = bucket_of(max(period.start, begin), every) if period.start > begin else bucket_of(begin, every)
    until = bucket_of(min(period.end - 1, end), every)
    return [k for k in range(first, until + 1) if ends_at(k, every) <= cutoff + 1]


def ends_at(bucket: int, every: str) -> int:
    """Where the bucket of that number ends."""
    return (bucket + 1) * DAY if every == "day" else (7 * (bucket + 1) - 3) * DAY
