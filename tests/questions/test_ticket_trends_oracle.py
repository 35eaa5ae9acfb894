"""Ticket trends equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.ticket_trends import TicketTrends
from desirepath.runner import ask
from desirepath.statistics.clustered import Clusters, ratio

HOUR = 3_600_000_000
DAY = 24 * HOUR


def random_log(rng: random.Random, *, days: int) -> list[Happened]:
    """What a few people did in some weeks, some of it about a theme."""
    log = []
    for number in range(rng.randrange(0, 60)):
        fields = {"theme": rng.choice(["login", "bill", "(other)", "app"])} if rng.random() < 0.7 else {}
        name = rng.choice(["ticket", "ticket", "visit", "order"])
        moment = rng.randrange(days * 4) * 6 * HOUR
        log.append(Happened(f"p{rng.randrange(5)}", moment, name, f"{number:04d}", fields))
    return log


def start_of(moment: int, every: str) -> int:
    """Where the day or the week (from Monday; the epoch is a Thursday) of a moment begins."""
    day = moment // DAY
    return (day if every == "day" else day - (day + 3) % 7) * DAY


class Bucket:
    """What happened in a bucket, person by person."""

    def __init__(self, events: list[Happened], active: str | None) -> None:
        self.tickets = Counter(event.person for event in events if event.name == "ticket")
        self.active = {event.person for event in events if active in (None, event.name)}
        self.themes = Counter(event.fields.get("theme") for event in events if event.name == "ticket")


def by_bucket(log: list[Happened], asked: TicketTrends, cutoff: int) -> dict[int, Bucket]:
    """All buckets that hold a moment from the first event to the cut-off."""
    size = DAY if asked.every == "day" else 7 * DAY
    begin, last = min(event.time for event in log), max(event.time for event in log)
    end = max(min(cutoff, last), begin)
    found = {}
    for start in range(start_of(begin, asked.every), end + 1, size):
        inside = [e for e in log if start <= e.time < start + size and e.time <= cutoff]
        found[start] = Bucket(inside, asked.active)
    return found


@pytest.mark.parametrize("seed", range(600))
def test_they_equal_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    every = rng.choice(["day", "week"])
    log = random_log(rng, days=12 if every == "day" else 70)
    asked = TicketTrends(
        tickets="ticket",
        active=rng.choice([None, "visit"]),
        every=every,
        theme=rng.choice([None, "theme"]),
        season=rng.choice([True, False]),
        most=rng.choice([1, 2, 10]),
    )
    period = rng.choice([Period.everything(), Period(3 * DAY, 9 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 8 * DAY)])
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    blocks = [people[: len(people) // 2], people[len(people) // 2 :]]
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    if not log:
        assert not answer.table.to_pylist()
        return
    size = DAY if every == "day" else 7 * DAY
    buckets = by_bucket(log, asked, cutoff)
    starts = list(buckets)
    end = min(cutoff, last)
    asked_for = [s for s in starts if s + size > period.start and s < period.end and s <= end]
    table = answer.table.to_pylist()
    if not table:
        assert not any(buckets[s].tickets or buckets[s].active for s in asked_for)
        return
    labels = [Calendar().label(start, every) for start in asked_for]
    assert [row["bucket"] for row in table] == labels
    for start, row in zip(asked_for, table, strict=True):
        check(row, starts.index(start), list(buckets.values()), asked, over=start + size <= cutoff + 1)
        assert row["over"] == (start + size <= cutoff + 1)
        drilled = answer.people(bucket=row["bucket"], who="with tickets").column("person").to_pylist()
        assert sorted(drilled) == sorted(buckets[start].tickets)
        drilled = answer.people(bucket=row["bucket"]).column("person").to_pylist()
        assert sorted(drilled) == sorted(buckets[start].tickets.keys() | buckets[start].active)
    if asked.theme:
        check_themes(answer, [buckets[start] for start in asked_for], asked)


def check(row: dict[str, Any], place: int, buckets: list[Bucket], asked: TicketTrends, *, over: bool) -> None:
    """A row of the table; expectations as the text has them."""
    bucket = buckets[place]
    tickets = sum(bucket.tickets.values())
    assert (row["tickets"], row["people"], row["active"]) == (tickets, len(bucket.tickets), len(bucket.active))
    everybody = sorted(bucket.tickets.keys() | bucket.active)
    y, x = [bucket.tickets[who] for who in everybody], [int(who in bucket.active) for who in everybody]
    products = [sum(a * b for a, b in zip(*pair, strict=True)) for pair in ((y, y), (y, x), (x, x))]
    wanted = ratio(Clusters(len(everybody), sum(y), sum(x), *products), scale=100, counted=True)
    for name, value in (("", wanted.value), ("_low", wanted.low), ("_high", wanted.high)):
        assert row[f"per_100_active{name}"] == (None if value is None else pytest.approx(value))
    step = 7 if asked.season and asked.every == "day" else 1
    # the bucket in which the data begins is not known whole
    before = [buckets[k] for k in range(place - step, place - 6 * step - 1, -step) if k > 0]
    rates = [sum(each.tickets.values()) / len(each.active) for each in before if each.active]
    if len(rates) < 4 or not bucket.active or not over or place == 0:
        assert row["expected"] is None or place - 6 * step <= 0
    elif place - 6 * step > 0:
        assert row["expected"] == pytest.approx(statistics.median(rates) * len(bucket.active))
    assert row["spike"] == ("too little data" if over else "not over"), "these logs are far too small for a spike"


def check_themes(answer: Any, buckets: list[Bucket], asked: TicketTrends) -> None:
    """Tickets by theme, and everybody behind them."""
    totals: Counter[str | None] = sum((bucket.themes for bucket in buckets), Counter())
    rows = answer.extra("themes").to_pylist()
    told: Counter[str] = Counter()
    for row in rows:
        told[row["theme"]] += row["tickets"]
    assert sum(told.values()) == sum(totals.values())
    known = {(f'"{name}"' if name == "(other)" else name) or "(missing)": many for name, many in totals.items()}
    for theme, tickets in told.items():
        if theme != "(other)" and tickets:
            assert tickets == known[theme]
    if len(known) > asked.most:
        assert told["(other)"] == sum(sorted(known.values())[: len(known) - asked.most])
    for theme in told:
        bucket = rows[0]["bucket"]
        drilled = answer.people(theme=theme, bucket=bucket).num_rows
        tickets = next(row["tickets"] for row in rows if (row["theme"], row["bucket"]) == (theme, bucket))
        assert min(tickets, 1) <= drilled <= tickets


def story(*, spike: bool) -> list[Happened]:
    """Twelve weeks of 300 people who visit; 60 of them have a ticket a week, and 90 more about logins in week 11."""
    log = []
    for week in range(12):
        monday = (4 + 7 * week) * DAY
        log += [Happened(f"p{n}", monday + HOUR, "visit", f"{week:02d}-{n:04d}") for n in range(300)]
        for n in range(60):
            theme = {"theme": "login" if n < 20 else "bill"}
            log.append(Happened(f"p{(n + week) % 300}", monday + 2 * HOUR, "ticket", f"{week:02d}-t{n:04d}", theme))
        if spike and week == 10:
            log += [
                Happened(f"p{n}", monday + 3 * HOUR, "ticket", f"s{n:04d}", {"theme": "login"}) for n in range(100, 190)
            ]
    log.append(Happened("p0", (4 + 7 * 12) * DAY, "visit", "end"))
    return log


def test_a_planted_spike_and_its_theme_are_found() -> None:
    asked = TicketTrends(tickets="ticket", theme="theme")
    answer = ask(asked, Population(Period.everything()), MemoryEngine(story(spike=True)))
    table = answer.table.to_pylist()
    # the first week is not known whole, four are needed before
    assert [row["spike"] for row in table] == ["too little data"] * 5 + ["no"] * 5 + ["yes", "no", "not over"]
    assert (table[10]["tickets"], table[10]["expected"]) == (150, 60.0)
    growth = answer.extra("growth").to_pylist()
    assert (growth[0]["theme"], growth[0]["of_growth"]) == ("login", 1.0)
    assert growth[0]["more_than_expected"] == 90.0
    assert "150 tickets" in answer.words[1]
    assert "login" in answer.words[2]
    calm = ask(asked, Population(Period.everything()), MemoryEngine(story(spike=False)))
    assert "yes" not in calm.columns["spike"]
    assert calm.extra("growth").num_rows == 0


def test_groups_hold_each_person_once_a_bucket() -> None:
    log = [
        Happened(event.person, event.time, event.name, event.id, {**event.fields, "channel": "web" if k % 3 else "app"})
        for k, event in enumerate(story(spike=True))
    ]
    population = Population(Period.everything(), breakdown=Breakdown("channel"))
    table = ask(TicketTrends(tickets="ticket"), population, MemoryEngine(log)).table.to_pylist()
    for bucket in {row["bucket"] for row in table}:
        rows = [row for row in table if row["bucket"] == bucket]
        for name in ("tickets", "people", "active"):
            assert sum(row[name] for row in rows if row["group"] != "(everyone)") == rows[0][name]


def test_tickets_without_anybody_active_are_told() -> None:
    log = [Happened("p", 0, "ticket", "1"), Happened("p", 30 * DAY, "other", "2")]
    answer = ask(TicketTrends(tickets="ticket", active="visit"), Population(Period.everything()), MemoryEngine(log))
    assert "nobody_active" in {each.code for each in answer.warnings}
    assert answer.columns["per_100_active"] == [None] * len(answer.columns["bucket"])


def test_mistakes_are_named() -> None:
    for fields in ({"most": 0}, {"theme": " "}, {"tickets": ""}):
        with pytest.raises(InputError):
            TicketTrends(**{"tickets": "ticket", **fields})
    log = [Happened("p", 0, "ticket", "1", {"theme": "x"})]
    answer = ask(TicketTrends(tickets="ticket", theme="theme"), Population(Period.everything()), MemoryEngine(log))
    for which in ({"theme": "y"}, {"bucket": "2026"}, {"who": "nobody"}, {"grade": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
    plain = ask(TicketTrends(tickets="ticket"), Population(Period.everything()), MemoryEngine(log))
    with pytest.raises(UnknownNameError, match="theme"):
        plain.people(theme="x")
