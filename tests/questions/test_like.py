"""What other products would say of the streams on which they disagree, and of random logs by their documented rules."""

from __future__ import annotations

import random
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.like import ask_like
from desirepath.population import Population
from desirepath.questions.funnel import Exclusion, Funnel
from desirepath.questions.like import PRODUCTS
from desirepath.questions.question import Question
from desirepath.questions.retention import Retention
from desirepath.questions.stickiness import Stickiness
from desirepath.questions.transitions import Transitions
from desirepath.runner import ask

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
BEGIN = 1_777_593_600 * SECOND  # 2026-05-01 00:00 UTC


def log(text: str, unit: int = SECOND) -> list[Happened]:
    """Events from words like `A@3`, of one person."""
    events = []
    for number, word in enumerate(text.split()):
        name, _, time = word.partition("@")
        events.append(Happened("ann", BEGIN + int(float(time) * unit), name, f"{number:03d}"))
    return events


def like(product: str, question: Question, events: list[Happened], population: Population | None = None) -> Answer:
    engine = MemoryEngine(events)
    whom = population or Population(Period.everything())
    return ask_like(product, question, whom, lambda asked, of: ask(asked, of, engine))


def reached(product: str, text: str, *, unit: int = SECOND, period: Period | None = None, **fields: Any) -> list[int]:
    question = Funnel(**{"steps": ["A", "B"], "window": "1 hour", **fields})
    population = Population(period or Period.everything())
    return list(like(product, question, log(text, unit), population).columns["reached"])


@pytest.mark.parametrize(
    ("story", "text", "unit", "fields", "expected"),
    [
        ("F1", "B@5 A@5", SECOND, {}, {"amplitude": 2, "mixpanel": 2, "posthog": 2, "clickhouse": 2}),
        (
            "F1 a second apart",
            "B@5.2 A@5.9",
            SECOND,
            {},
            {"amplitude": 2, "mixpanel": 2, "posthog": 1, "clickhouse": 1},
        ),
        ("F1 two apart", "B@5 A@7", SECOND, {}, {"amplitude": 1, "mixpanel": 2, "posthog": 1, "clickhouse": 1}),
        ("F1 three apart", "B@5 A@8", SECOND, {}, {"amplitude": 1, "mixpanel": 1, "posthog": 1, "clickhouse": 1}),
        ("F2", "A@0 A@5 B@5.02", HOUR, {}, {"amplitude": 2, "mixpanel": 1, "posthog": 2, "clickhouse": 2}),
        ("F3", "A@0 B@400", DAY, {}, dict.fromkeys(PRODUCTS, 1)),
        ("F5", "A@0 X@1 B@2", MINUTE, {"exclude": ["X"]}, {"amplitude": 1, "mixpanel": 1, "posthog": 0}),
        ("F6", "A@0 A@1 B@2", MINUTE, {"steps": ["A", "A", "B"]}, dict.fromkeys(PRODUCTS, 3)),
        ("F6 one A", "A@0 B@2", MINUTE, {"steps": ["A", "A", "B"]}, {"posthog": 1, "clickhouse": 3}),
        ("F6 in a second", "A@0.1 A@0.2 B@9", SECOND, {"steps": ["A", "A", "B"]}, {"amplitude": 1, "posthog": 3}),
    ],
)
def test_streams_on_which_products_disagree(
    story: str, text: str, unit: int, fields: dict[str, Any], expected: dict[str, int]
) -> None:
    for product, steps in expected.items():
        found = reached(product, text, unit=unit, **fields)
        assert sum(number > 0 for number in found) == steps, (story, product, found)


def test_f4_the_time_between_is_never_negative() -> None:
    for product in PRODUCTS:
        found = like(product, Funnel(steps=["A", "B"], window="1 hour"), log("B@0 A@10 B@20"))
        assert found.columns["median_seconds"][1] == 10.0
    found = like("mixpanel", Funnel(steps=["A", "B"], window="1 hour"), log("B@8.5 A@10"))
    assert found.columns["median_seconds"][1] == 0.0, "what lies before the step before it took no time"


def test_f9_midnight() -> None:
    events = log("A@23.9 B@24.1", HOUR)
    counted = {
        product: like(product, Transitions(), events, Population(Period.everything(), unit="session"))
        for product in ("amplitude", "mixpanel")
    }
    pairs = {
        name: list(zip(*(answer.columns[side] for side in ("from", "to")), strict=True))
        for name, answer in counted.items()
    }
    assert {name: ("A", "B") in found for name, found in pairs.items()} == {"amplitude": True, "mixpanel": False}
    session = Funnel(steps=["A", "B"], window="session")
    assert like("mixpanel", session, events).columns["reached"] == [1, 0]
    assert like("amplitude", session, events).columns["reached"] == [1, 1]
    assert like("posthog", session, events).columns["reached"] == [1, 1]


def test_events_that_do_not_count_oust_none_that_do() -> None:
    def plan(at: float, name: str, of: str, number: str) -> Happened:
        return Happened("ann", BEGIN + int(at * SECOND), name, number, {"plan": of})

    events = [plan(0.1, "A", "y", "1"), plan(0.5, "A", "x", "2"), plan(0.7, "A", "x", "3"), plan(60, "B", "x", "4")]
    counts = Population(Period.everything(), filter=Where.of("plan = 'x'"))
    for steps, expected in ((["A", "B"], [1, 1]), (["A", "A", "B"], [1, 0, 0])):
        asked = Funnel(steps=steps, window="1 hour")
        alone = [event for event in events if event.fields["plan"] == "x"]
        assert like("amplitude", asked, events, counts).columns["reached"] == expected
        assert like("amplitude", asked, alone).columns["reached"] == expected


def test_steps_after_the_date_range() -> None:
    day = Period(BEGIN, BEGIN + DAY, "UTC")
    found = {product: reached(product, "A@23.9 B@24.1 C@900", unit=HOUR, period=day) for product in PRODUCTS}
    assert found == {"amplitude": [1, 1], "mixpanel": [1, 1], "posthog": [1, 0], "clickhouse": [1, 0]}


def test_every_entry_is_in_the_rates() -> None:
    events = [*log("A@0 B@1", MINUTE), Happened("ben", BEGIN + 30 * MINUTE, "A", "9")]
    here = ask(
        Funnel(steps=["A", "B"], window="1 hour"),
        Population(Period.everything()),
        MemoryEngine(events),
    )
    assert here.columns["of_entered"][-1] is None, "no window has closed"
    for product in PRODUCTS:
        there = like(product, Funnel(steps=["A", "B"], window="1 hour"), events)
        assert there.columns["of_entered"][-1] == 0.5
        assert there.columns["undecided"] == [0, 0]
        assert "all_closed" in [notice.code for notice in there.warnings]


def test_retention_by_hours_and_days() -> None:
    def returned(product: str, text: str, every: str = "day") -> list[int]:
        question = Retention(start="A", returns="B", every=every, periods=2)
        return list(like(product, question, log(f"{text} Z@3000", HOUR)).columns["returned"])

    # ten in the evening, and six in the morning: another day by the calendar, eight hours by the clock
    assert returned("posthog", "A@22 B@30") == [0, 1, 0]
    assert returned("mixpanel", "A@22 B@30") == [1, 0, 0]
    assert returned("amplitude", "A@22 B@30") == [1, 0, 0]
    # at 17:59, and the next day at 17:00: 23 hours, but the next day from the hour of the start
    assert returned("mixpanel", "A@17.98 B@41") == [1, 0, 0]
    assert returned("amplitude", "A@17.98 B@41") == [0, 1, 0]
    # a week is 7 days from the day of the start
    assert returned("amplitude", "A@23 B@169", "week") == [0, 1, 0]
    assert returned("mixpanel", "A@23 B@169", "week") == [1, 0, 0]


def test_periods_that_have_begun_are_in_the_rates() -> None:
    events = log("A@1 B@26 A@27", HOUR)
    question = Retention(start="A", returns="B", every="day", periods=2)
    found = like("posthog", question, events)
    assert found.columns["observable"] == [1, 1, 0]
    assert found.columns["of_observable"][1] == 1.0
    assert "begun" in [notice.code for notice in found.warnings]


def test_every_number_comes_apart_into_rules() -> None:
    draw = random.Random(5)
    for _ in range(60):
        events = [
            Happened(
                draw.choice(["ann", "ben"]), BEGIN + draw.randint(0, 40) * SECOND // 2, draw.choice("AABC"), f"{n:03d}"
            )
            for n in range(draw.randint(1, 12))
        ]
        question = Funnel(steps=["A", "B", "C"], window="10 seconds")
        for product in PRODUCTS:
            found = like(product, question, events)
            table = found.extras["like"]
            for row, measure in enumerate(table["measure"]):
                here, there, step = (table[name][row] for name in ("here", "there", "difference"))
                if measure in ("reached", "dropped", "undecided"):
                    parts = [part.rpartition(": ")[2] for part in table["because"][row].split("; ") if part]
                    assert step == there - here == sum(int(part.replace(",", "")) for part in parts)
            names = [name for name, value in zip(table["measure"], table["there"], strict=True) if value is not None]
            assert "reached" in names
            numbers = [value for name, value in zip(table["measure"], table["there"], strict=True) if name == "reached"]
            assert numbers == found.columns["reached"]
            for step, number in enumerate(found.columns["reached"], start=1):
                assert len(found.people(step=step, outcome="reached").to_pylist()) == number


def greedy(events: list[tuple[int, str]], steps: list[str], window: int, grace: int, exclude: str | None) -> int:
    """The first A, and then for each step the first event that fits: by the rules, with lists."""
    entries = [place for place, (_, name) in enumerate(events) if name == steps[0]]
    if not entries:
        return 0
    used, latest = {entries[0]}, events[entries[0]][0]
    close = latest + window
    for depth, step in enumerate(steps[1:], start=1):
        fits = [
            place
            for place, (time, name) in enumerate(events)
            if name == step and place not in used and latest - grace <= time <= close
        ]
        stops = [time for time, name in events if name == exclude and time > latest + grace and time <= close]
        if not fits or (stops and min(stops) + grace < events[fits[0]][0]):
            return depth
        used.add(fits[0])
        latest = max(latest, events[fits[0]][0])
    return len(steps)


def test_the_first_event_that_fits_is_taken() -> None:
    draw = random.Random(11)
    seen = set()
    for _ in range(800):
        steps = draw.choice([["A", "B"], ["A", "B", "C"], ["A", "A", "B"], ["A", "B", "A"]])
        events = sorted(
            (BEGIN + draw.randint(0, 24) * SECOND // 2, draw.choice("ABCX"), n) for n in range(draw.randint(1, 10))
        )
        told = [Happened("ann", time, name, f"{n:03d}") for time, name, n in events]
        window, grace = draw.choice([4, 8, 20]), draw.choice([1, 2])
        exclude = draw.choice([[], [Exclusion("X")]])
        question = Funnel(
            steps=list(steps),
            window=f"{window} seconds",
            entry="first",
            grace=f"{grace} seconds",
            exclude=list(exclude),
            rates="all",
        )
        found = ask(question, Population(Period.everything()), MemoryEngine(told))
        depth = greedy(
            [(time, name) for time, name, _ in events], steps, window * SECOND, grace * SECOND, "X" if exclude else None
        )
        assert list(found.columns["reached"]) == [int(depth > place) for place in range(len(steps))], (steps, told)
        seen.add((depth, len(steps), bool(exclude)))
    assert len(seen) >= 12


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="mixpanel"):
        like("mixpannel", Funnel(steps=["A", "B"]), log("A@1"))
    with pytest.raises(InputError, match="PostHog would count this as"):
        like("posthog", Stickiness(), log("A@1"))
    with pytest.raises(InputError, match="grace needs"):
        Funnel(steps=["A", "B"], grace="2 seconds")
    with pytest.raises(InputError, match="event of its own"):
        Funnel(steps=["A", "B"], order="strict", distinct=False)
    with pytest.raises(InputError, match="without `like`"):
        like("posthog", Funnel(steps=["A", "B"]), log("A@1")).save("x")
