"""Contact reasons are `service` on the same fields; moods, changes and the costs of a map equal a plain program."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine
from remark_logs import bucket_of, buckets_over
from test_service_oracle import DAY, PRICES, issues_of
from test_service_oracle import random_log as log_of_service
from test_voice_oracle import same

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import Estimate, benjamini_hochberg, compare_proportions
from desirepath.statistics.means import mean

RULES = {"gap": "3 days", "again": "1 day", "horizons": ["1 day", "3 days", "6 days"]}
SIDES = {"contacts": "call", "self_service": "name in ('help', 'bot')"}
MAP: dict[str, Any] = {
    "map": "care",
    "goal": "solved",
    "gives_up_after": "5 days",
    "stages": [
        {
            "stage": "all",
            "steps": [
                {"touchpoint": "help", "contact": "self-service", "cost": 0.25},
                {"touchpoint": "bot", "contact": "self-service"},
                {"touchpoint": "call", "contact": "human", "cost": 2.5},
                "solved",
            ],
        }
    ],
}
COSTS = {"help": "0.25", "call": "2.5"}
SAID = ("nobody came", "  ", "my bill is wrong", "so so")
NAMES = {None: "(missing)", "all": '"all"'}


def random_log(rng: random.Random) -> list[Happened]:
    """The log of `service` with words, moods under the very names of the readings, and what the map says it costs."""
    found = []
    for event in log_of_service(rng):
        fields = dict(event.fields)
        if rng.random() < 0.8:
            fields["text"] = rng.choice(SAID)
        if rng.random() < 0.8:
            fields["text.sentiment"] = rng.choice(["-4", "-1.5", "0", "3", "9"])
        if rng.random() < 0.4:
            fields["text.effort"] = rng.choice(["-3", "2"])
        if event.name in COSTS:
            fields["price"] = COSTS[event.name]
        found.append(Happened(event.person, event.time, event.name, event.id, fields))
    return found


Said = list[tuple[str, str | None, Happened]]
"""Contacts with words: whose they are, what their issue is about, and the event."""


def mood_of(said: Said, field: str) -> Estimate:
    """The mean over people; over people and topics where several are told together."""
    moods: dict[Any, list[float]] = defaultdict(list)
    for person, topic, event in said:
        value = float(event.fields.get(field, "nan"))
        if -5 <= value <= 5:
            moods[person, topic].append(value)
    means = [sum(each) / len(each) for each in moods.values()]
    n, middle = len(means), sum(means) / max(len(means), 1)
    return mean(n, middle, sum((each - middle) ** 2 for each in means) / (n - 1) if n > 1 else 0.0)


def check_moods(answer: Answer, said: Said, rng: random.Random) -> None:
    """Every line's moods, and the customers behind those of one."""
    rows = answer.table.to_pylist()
    chosen = (rng.choice(rows), rng.choice(["sentiment", "effort"]))
    shown = {row["topic"] for row in rows}
    for row in rows:
        mine = [(who, NAMES.get(topic, topic), event) for who, topic, event in said]
        if row["topic"] == "all":
            mine = [(who, "", event) for who, _, event in mine]
        elif row["topic"] == "(other)":
            mine = [each for each in mine if each[1] not in shown]
        else:
            mine = [each for each in mine if each[1] == row["topic"]]
        for column in ("sentiment", "effort"):
            wanted = mood_of(mine, f"text.{column}")
            same(row, column, wanted)
            where = {} if row["topic"] == "all" else {"topic": row["topic"]}
            assert row[f"people_with_{column}"] == wanted.n
            if (row, column) == chosen:
                assert answer.people(**where, has=column).num_rows == wanted.n


def check_changes(rows: list[dict[str, Any]], said: Said, over: list[int], every: str) -> None:
    """The share of those with words who tell a reason, in the last bucket that is over and in those before."""
    single = [row for row in rows if row["topic"] not in ("all", "(other)")]
    assert all(row["change"] is None for row in rows if row not in single)
    chances, found = [], []
    for row in single:
        here = [
            len({who for who, topic, event in said if bucket_of(event.time, every) in span and each(topic)})
            for each in (lambda topic, name=row["topic"]: NAMES.get(topic, topic) == name, lambda _: True)
            for span in (over[:-1], over[-1:])
        ]
        told, there = here[:2], here[2:]
        if len(over) < 2:
            found.append(Estimate(None, None, None, 0, 0.95, ""))
            chances.append(None)
            continue
        compared = compare_proportions(told[1], there[1], told[0], there[0])
        found.append(compared.difference)
        chances.append(compared.p_value)
    for row, change, q in zip(single, found, benjamini_hochberg(chances), strict=True):
        same(row, "change", change, 1e-9)
        assert row["q_value"] == (None if q is None else pytest.approx(q))


@pytest.mark.parametrize("seed", range(500))
def test_it_is_service_with_words(seed: int) -> None:
    rng = random.Random(seed)
    log = random_log(rng)
    every, of_map = rng.choice([None, "day", "week"]), rng.random() < 0.4
    shared = {**RULES, "topic": "topic", "most": rng.choice([1, 2, 10]), "active": rng.choice([None, "visit"])}
    shared |= {"resolved": rng.choice([None, "solved"])}
    cost = rng.choice([None, "cost", PRICES])
    period = rng.choice([Period.everything(), Period(5 * DAY, 12 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 14 * DAY)])
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    blocks = [people[: len(people) // 2], people[len(people) // 2 :]]
    population = Population(period, cutoff=cutoff)
    mine = {"map": MAP} if of_map else {**SIDES, "cost": cost}
    asked = build("contact_reasons", {**shared, **mine, "every": every, "quotes": 0})
    answer = ask(asked, population, MemoryEngine(log, blocks))
    plain = build("service", {**shared, **SIDES, "cost": "price" if of_map else cost})
    service = ask(plain, population, MemoryEngine(log, blocks))
    assert {name: answer.columns[name] for name in service.columns} == dict(service.columns)
    assert {name: answer.extras[name] for name in service.extras} == dict(service.extras)
    assert answer.words == service.words or (
        of_map and answer.words == ("Nobody had an issue that began in this period.",)
    )
    if seed % 5 == 0:
        assert answer.people(outcome="leaked").to_pylist() == service.people(outcome="leaked").to_pylist()
    if not service.columns["topic"]:
        assert answer.columns["topic"] == []
        return
    solved = log if shared["resolved"] else [event for event in log if event.name != "solved"]
    said = [
        (issue.person, issue.topic, event)
        for issue in issues_of(solved, cutoff, topics=True)
        for event in issue.events
        if event.name == "call" and period.holds(event.time) and event.fields.get("text", "").strip()
    ]
    check_moods(answer, said, rng)
    if every is not None:
        check_changes(answer.table.to_pylist(), said, buckets_over(log, period, cutoff, every), every)
    else:
        assert "change" not in answer.columns


def test_what_a_touchpoint_costs_may_be_its_value() -> None:
    steps = [{"touchpoint": "call", "contact": "human", "cost": "value"}, "solved"]
    of_value = {**MAP, "stages": [{"stage": "all", "steps": steps}]}
    log = [Happened(f"p{n}", n, "call", str(n), {"value": value}) for n, value in enumerate(("3", "4.5"))]
    asked = build("contact_reasons", {"map": of_value, "quotes": 0})
    answer = ask(asked, Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["cost"][0] == 7.5
    dearer = build("contact_reasons", {"map": of_value, "cost": {"phone": 1.0}, "quotes": 0})
    assert ask(dearer, Population(Period.everything()), MemoryEngine(log)).columns["cost"] == [None, None]


def test_groups_make_up_the_whole() -> None:
    rng = random.Random(2)
    log = [event for _ in range(6) for event in random_log(rng)]
    log = [Happened(e.person + str(n % 3), e.time, e.name, f"{n:05d}", e.fields) for n, e in enumerate(log)]
    split = Population(Period.everything(), breakdown=Breakdown("channel"))
    asked = build("contact_reasons", {**RULES, **SIDES, "topic": "topic", "quotes": 0})
    rows = ask(asked, split, MemoryEngine(log)).table.to_pylist()
    alone = ask(asked, Population(Period.everything()), MemoryEngine(log)).table.to_pylist()
    whole = [{k: v for k, v in row.items() if k != "group"} for row in rows if row["group"] == "(everyone)"]
    assert whole == alone
    assert whole[0]["people_with_sentiment"] > 0
    for name in ("contacts", "people_with_sentiment", "people_with_effort"):
        parts = [row[name] for row in rows if row["group"] != "(everyone)" and row["topic"] == "all"]
        assert sum(parts) == whole[0][name]


def test_mistakes_are_named() -> None:
    alone = {**MAP, "stages": [{"stage": "all", "steps": ["call", "solved"]}]}
    for fields in ({}, {"contacts": "call", "text": " "}, {"contacts": "call", "quotes": 21}, {"map": alone}):
        with pytest.raises(InputError):
            build("contact_reasons", fields)
    log = [Happened("p", 0, "call", "1", {"text": "so", "topic": "bill"})]
    asked = build("contact_reasons", {"contacts": "call", "topic": "topic", "quotes": 0})
    answer = ask(asked, Population(Period.everything()), MemoryEngine(log))
    assert answer.people(topic="bill", who="with contacts").num_rows == 1
    for which in ({"topic": "login"}, {"has": "words"}, {"outcome": "lost"}, {"a": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
