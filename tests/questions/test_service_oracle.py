"""Issues, their outcomes and costs equal a program written from their definition, for random logs and all options."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.service import Service
from desirepath.runner import ask
from desirepath.statistics.clustered import Clusters, ratio, share

HOUR = 3_600_000_000
DAY = 24 * HOUR
GAP, AGAIN, HORIZONS = 3 * DAY, DAY, {"1 day": DAY, "3 days": 3 * DAY, "6 days": 6 * DAY}
PRICES = {"phone": 8.0, "chat": 4.5, "bot": 0.1}
OUTCOMES = ("resolved", "abandoned", "came back", "leaked", "undecided")


def random_log(rng: random.Random) -> list[Happened]:
    """Help pages, bots, calls and solutions of a few people within three weeks; every half day."""
    log = []
    for number in range(rng.randrange(0, 45)):
        name = rng.choice(["help", "help", "bot", "call", "call", "solved", "visit"])
        fields = {}
        if rng.random() < 0.75:
            fields["topic"] = rng.choice(["login", "bill", "all"])
        if rng.random() < 0.8:
            fields["channel"] = rng.choice(["phone", "chat", "bot", "shop"])
        if rng.random() < 0.7:
            fields["cost"] = rng.choice(["1", "2.25", "-1", "0"])
        log.append(Happened(f"p{rng.randrange(5)}", rng.randrange(42) * 12 * HOUR, name, f"{number:04d}", fields))
    return log


@dataclass
class Issue:
    """Events of a person about one topic."""

    person: str
    topic: str | None
    events: list[Happened] = field(default_factory=list)
    last: int = 0
    next: int | None = None

    @property
    def start(self) -> int:
        return self.events[0].time

    @property
    def human(self) -> bool:
        return self.events[0].name == "call"


def issues_of(log: list[Happened], cutoff: int, *, topics: bool) -> list[Issue]:
    """All issues of everybody."""
    found: list[Issue] = []
    for person in sorted({event.person for event in log}):
        mine: list[Issue] = []
        recent: Issue | None = None
        for event in sorted(log, key=lambda event: (event.time, event.id)):
            if event.person != person or event.time > cutoff or event.name == "visit":
                continue
            topic = event.fields.get("topic") if topics else None
            before = [issue for issue in mine if issue.topic == topic]
            issue = recent if topic is None else before[-1] if before else None
            if issue is not None and event.time - issue.last > GAP:
                issue = None
            if event.name == "solved":
                if issue is not None:
                    issue.events.append(event)
                continue
            if issue is None:
                issue = Issue(person, topic)
                if before:
                    before[-1].next = event.time
                mine.append(issue)
            issue.events.append(event)
            issue.last = event.time
            recent = issue
        found += mine
    return found


def outcome_of(issue: Issue, horizon: int, cutoff: int, *, says_solved: bool) -> str:
    """What became of an issue."""
    if issue.human:
        return "began with a human"
    until = issue.start + horizon
    if until > cutoff:
        return "undecided"
    inside = [event for event in issue.events if event.time <= until]
    if any(event.name == "call" for event in inside):
        return "leaked"
    if any(event.name == "solved" for event in inside):
        return "resolved"
    about = [event.time for event in inside if event.name != "solved"]
    back = any(two - one >= AGAIN for one, two in pairwise(about))
    back |= issue.next is not None and issue.next <= until
    return "came back" if back else "abandoned" if says_solved else "resolved"


def cost_of(event: Happened, cost: Any) -> float | None:
    """What an event costs."""
    if cost is None:
        return 0.0
    if isinstance(cost, dict):
        return cost.get(event.fields.get("channel", ""))
    return float(event.fields["cost"]) if "cost" in event.fields else None


def over_people(rows: list[tuple[str, float, float]]) -> Clusters:
    """Sums over people of (person, part, whole), in hundredths."""
    part, whole = defaultdict(float), defaultdict(float)
    for person, a, m in rows:
        part[person] += a
        whole[person] += m
    products = [
        sum(round(one[who]) * round(two[who]) for who in part)
        for one, two in ((part, part), (part, whole), (whole, whole))
    ]
    own = sum(round(a) ** 2 for _, a, m in rows if m)
    return Clusters(
        sum(m > 0 for m in whole.values()), round(sum(part.values())), round(sum(whole.values())), *products, own
    )


def close(row: dict[str, Any], name: str, wanted: Any) -> None:
    """Three columns are an estimate."""
    for suffix, value in (("", wanted.value), ("_low", wanted.low), ("_high", wanted.high)):
        if name.startswith("cost") and suffix == "_low" and row[f"{name}_low"] == 0:
            assert value <= 0
            continue
        assert row[f"{name}{suffix}"] == (None if value is None else pytest.approx(value, abs=1e-9)), name + suffix


def check(row: dict[str, Any], issues: list[Issue], spent: dict[str, list[float]], asked: Service, cutoff: int,
          customers: list[str]) -> None:  # fmt: skip
    """A line against its issues, and what each customer's contacts cost."""
    longest = max(HORIZONS.values())
    became = [outcome_of(each, longest, cutoff, says_solved=asked.resolved is not None) for each in issues]
    assert row["issues"] == len(issues)
    assert row["self_service"] == sum(not each.human for each in issues)
    for name in OUTCOMES:
        assert row[name.replace(" ", "_")] == became.count(name)
    decided = [(i.person, o) for i, o in zip(issues, became, strict=True) if o in OUTCOMES[:4]]
    close(row, "of_decided_contained", share(over_people([(who, o != "leaked", 1) for who, o in decided])))
    close(row, "of_decided_resolved", share(over_people([(who, o == "resolved", 1) for who, o in decided])))
    calls, money = [], []
    repeats = 0
    for issue in issues:
        inside = [event for event in issue.events if event.time <= issue.start + longest and event.name != "solved"]
        contacts = sum(event.name == "call" for event in inside)
        repeats += max(contacts - 1, 0)
        if issue.start + longest <= cutoff:
            calls.append((issue.person, contacts, 1))
            money.append((issue.person, sum(round(100 * (cost_of(e, asked.cost) or 0)) for e in inside), 1))
    assert row["repeat_contacts"] == repeats
    close(row, "contacts_per_issue", ratio(over_people(calls), counted=True))
    contacts = [spent[who][0] if who in spent else 0 for who in customers]
    assert (row["contacts"], row["customers"], row["with_contacts"]) == (
        sum(contacts), len(customers), sum(each > 0 for each in contacts),
    )  # fmt: skip
    each = [(who, many, 1) for who, many in zip(customers, contacts, strict=True)]
    close(row, "contacts_per_100", ratio(over_people(each), scale=100, counted=True))
    if asked.cost is not None and row["cost"] is not None:
        close(row, "cost_per_issue", ratio(over_people(money), scale=0.01))
        each = [(who, spent[who][1] if who in spent else 0, 1) for who in customers]
        close(row, "cost_per_customer", ratio(over_people(each), scale=0.01))
        assert row["cost"] == pytest.approx(sum(a for _, a, _ in each) / 100)


@pytest.mark.parametrize("seed", range(600))
def test_they_equal_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    log = random_log(rng)
    asked = Service(
        contacts="call",
        self_service="name in ('help', 'bot')",
        topic=rng.choice([None, "topic"]),
        gap="3 days",
        cost=rng.choice([None, "cost", PRICES]),
        resolved=rng.choice([None, "solved"]),
        horizons=list(HORIZONS),
        active=rng.choice([None, "visit"]),
        most=rng.choice([1, 2, 10]),
    )
    if asked.resolved is None:
        log = [event for event in log if event.name != "solved"]
    period = rng.choice([Period.everything(), Period(5 * DAY, 12 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 14 * DAY)])
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    blocks = [people[: len(people) // 2], people[len(people) // 2 :]]
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    all_issues = issues_of(log, cutoff, topics=asked.topic is not None)
    issues = [issue for issue in all_issues if period.holds(issue.start)]
    inside = [event for event in log if event.time <= cutoff and period.holds(event.time)]
    served = ("call", "help", "bot")
    customers = sorted({e.person for e in inside if asked.active in (None, e.name) or e.name in served})
    spent: dict[Any, dict[str, list[float]]] = {}
    for issue in all_issues:
        for event in issue.events:
            if period.holds(event.time) and event.name in served:
                for key in ("all", ("topic", issue.topic)):
                    line = spent.setdefault(key, {}).setdefault(issue.person, [0, 0])
                    line[0] += event.name == "call"
                    line[1] += round(100 * (cost_of(event, asked.cost) or 0))
    rows = answer.table.to_pylist()
    if not rows:
        assert not customers
        return
    check(rows[0], issues, spent.get("all", {}), asked, cutoff, customers)
    check_topics(rows[1:], issues, spent, asked, cutoff, customers)
    check_horizons(answer, issues, asked, cutoff)
    assert sorted(answer.people().column("person").to_pylist()) == sorted(issue.person for issue in issues)
    unpriced = sum(cost_of(e, asked.cost) is None for e in inside if e.name == "call")
    if asked.cost is not None:
        cents = sum(line[1] for line in spent.get("all", {}).values())
        calls = sum(e.name == "call" for e in inside)
        assert {row["cost"] is None for row in rows} == {not cents and 0 < calls == unpriced}
    assert ("unpriced" in {each.code for each in answer.warnings}) == (asked.cost is not None and unpriced > 0)


def check_topics(rows: list[dict[str, Any]], issues: list[Issue], spent: Any, asked: Service, cutoff: int,
                 customers: list[str]) -> None:  # fmt: skip
    """Each topic's line; the rare ones together have what is left."""
    names = {None: "(missing)", "all": '"all"'}
    by_name = {row["topic"]: row for row in rows}
    topics = {issue.topic for issue in issues} | {key[1] for key in spent if key != "all"}
    if asked.topic is None:
        assert not rows
        return
    assert len(rows) == min(len(topics), asked.most + 1)
    for topic in topics:
        row = by_name.get(names.get(topic, topic))
        if row is not None:
            mine = [issue for issue in issues if issue.topic == topic]
            check(row, mine, spent.get(("topic", topic), {}), asked, cutoff, customers)


def check_horizons(answer: Any, issues: list[Issue], asked: Service, cutoff: int) -> None:
    """What became of issues by each horizon, and where they leaked."""
    for row in answer.extra("self_service").to_pylist():
        if row["topic"] != "all":
            continue
        horizon = HORIZONS[row["within"]]
        became = Counter(outcome_of(i, horizon, cutoff, says_solved=asked.resolved is not None) for i in issues)
        assert [row[name.replace(" ", "_")] for name in OUTCOMES] == [became[name] for name in OUTCOMES]
        assert answer.people(outcome="leaked", within=row["within"]).num_rows == became["leaked"]
        decided = sum(became[name] for name in OUTCOMES[:4])
        assert answer.people(outcome="decided", within=row["within"]).num_rows == decided
    leaks: Counter[tuple[str, str]] = Counter()
    for issue in issues:
        if outcome_of(issue, max(HORIZONS.values()), cutoff, says_solved=asked.resolved is not None) == "leaked":
            names = [event.name for event in issue.events if event.name != "solved"]
            calls = [event for event in issue.events if event.name == "call"]
            before = names[: names.index("call")][-1]
            leaks[before, calls[0].fields.get("channel", "(missing)")] += 1
    told = {(row["after"], row["channel"]): row["issues"] for row in answer.extra("leaks").to_pylist()}
    assert told == leaks


def test_groups_hold_each_issue_and_customer_once() -> None:
    rng = random.Random(2)
    log = [event for _ in range(6) for event in random_log(rng)]
    log = [Happened(e.person, e.time, e.name, f"{n:05d}", e.fields) for n, e in enumerate(log)]
    population = Population(Period.everything(), breakdown=Breakdown("channel"))
    asked = Service(contacts="call", self_service="name in ('help', 'bot')", gap="3 days", cost="cost")
    table = ask(asked, population, MemoryEngine(log)).table.to_pylist()
    for name in ("issues", "leaked", "contacts", "customers", "repeat_contacts"):
        assert sum(row[name] for row in table[1:]) == table[0][name]


def test_mistakes_are_named() -> None:
    for fields in (
        {"most": 0},
        {"topic": " "},
        {"cost": ""},
        {"horizons": []},
        {"horizons": ["7 days", "1 day"]},
        {"cost": {"phone": float("nan")}},
        {"gap": "7"},
    ):
        with pytest.raises(InputError):
            Service(**{"contacts": "call", **fields})
    log = [Happened("p", 0, "call", "1", {"topic": "x", "cost": "1e9"})]
    answer = ask(Service(contacts="call", topic="topic"), Population(Period.everything()), MemoryEngine(log))
    for which in (
        {"topic": "y"},
        {"outcome": "lost"},
        {"outcome": "leaked", "within": "2 days"},
        {"who": "x"},
        {"a": 1},
    ):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
    with pytest.raises(InputError, match="costs at most"):
        ask(Service(contacts="call", cost="cost"), Population(Period.everything()), MemoryEngine(log))
