"""How conversations go equals a program written from the definition, for random logs and options."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine
from remark_logs import DAY, HOUR, bucket_of, buckets_over, ends_at
from test_voice_oracle import same

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import Estimate, Proportion
from desirepath.statistics.clustered import Clusters, share
from desirepath.statistics.means import mean

READ = {"sentiment_start": ["-4", "-1", "0"], "sentiment_end": ["-3", "-0.5", "0.5", "4"]}
READ |= {"silence": ["0", "12.5", "0.25"], "talk": ["0.4", "1"], "transfers": ["0", "1", "3"]}
RESOLUTIONS = ("resolved", "unresolved")


def random_log(rng: random.Random) -> list[Happened]:
    """Calls of a few people within three weeks; what is read of them are properties of their very names."""
    log = []
    for number in range(rng.randrange(0, 40)):
        fields: dict[str, str] = {}
        if rng.random() < 0.85:
            fields["turns"] = "[]"
        for name, values in READ.items():
            if rng.random() < 0.7:
                fields[f"turns.{name}"] = rng.choice(values)
        if rng.random() < 0.7:
            fields["turns.resolution"] = rng.choice([*RESOLUTIONS, "unknown"])
        if rng.random() < 0.5:
            fields["line"] = rng.choice("xyz")
        name = rng.choice(["call", "call", "chat", "visit"])
        log.append(Happened(f"p{rng.randrange(6)}", rng.randrange(42) * 12 * HOUR, name, f"{number:04d}", fields))
    return log


def value_of(event: Happened, name: str) -> float | None:
    """What was read; the change is known where both ends are."""
    if name == "change":
        ends = [value_of(event, f"sentiment_{end}") for end in ("end", "start")]
        return None if None in ends else ends[0] - ends[1]
    text = event.fields.get(f"turns.{name}")
    return None if text is None else float(text)


def mean_of(talks: list[Happened], name: str) -> Estimate:
    """The mean over people of their means."""
    by_person: dict[str, list[float]] = defaultdict(list)
    for event in talks:
        value = value_of(event, name)
        if value is not None:
            by_person[event.person].append(value)
    means = [sum(each) / len(each) for each in by_person.values()]
    n, middle = len(means), sum(means) / max(len(means), 1)
    return mean(n, middle, sum((each - middle) ** 2 for each in means) / (n - 1) if n > 1 else 0.0)


def mood_of(event: Happened) -> str:
    change = value_of(event, "change")
    return "unread" if change is None else "better" if change > 0.5 else "worse" if change < -0.5 else "same"


def over_people(talks: list[Happened]) -> Clusters:
    """Resolved conversations and those that tell it, by person."""
    by_person: dict[str, list[bool]] = defaultdict(list)
    for event in talks:
        if event.fields.get("turns.resolution") in RESOLUTIONS:
            by_person[event.person].append(event.fields["turns.resolution"] == "resolved")
    each = [(sum(one), len(one)) for one in by_person.values()]
    squares, cross, sizes = sum(a * a for a, _ in each), sum(a * m for a, m in each), sum(m * m for _, m in each)
    return Clusters(len(each), sum(a for a, _ in each), sum(m for _, m in each), squares, cross, sizes)


def check_line(row: dict[str, Any], talks: list[Happened]) -> None:
    """A line against its conversations."""
    people = {event.person for event in talks}
    handed = {event.person for event in talks if (value_of(event, "transfers") or 0) >= 1}
    said = Counter(event.fields.get("turns.resolution") for event in talks)
    known = sum(said[each] for each in RESOLUTIONS)
    assert (row["conversations"], row["people"], row["handed_on"]) == (len(talks), len(people), len(handed))
    assert (row["resolved"], row["known"]) == (said["resolved"], known)
    told = {event.person for event in talks if value_of(event, "transfers") is not None}
    same(row, "of_people_handed_on", Proportion(len(handed), len(told)).estimate(), 1e-9)
    same(row, "of_known_resolved", share(over_people(talks)), 1e-9)
    for name in (*READ, "change"):
        same(row, name, mean_of(talks, name))
    assert row["people_with_change"] == mean_of(talks, "change").n


@pytest.mark.parametrize("seed", range(600))
def test_it_equals_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    log, every = random_log(rng), rng.choice([None, "day", "week"])
    period = rng.choice([Period.everything(), Period(5 * DAY, 15 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 14 * DAY)])
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    blocks = [people[: len(people) // 2], people[len(people) // 2 :]]
    wanted = rng.choice(["call", "name in ('call', 'chat')"])
    asked = build("conversations", {"conversations": wanted, "every": every})
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    names = ("call",) if wanted == "call" else ("call", "chat")
    talks = [e for e in log if e.name in names and "turns" in e.fields and e.time <= cutoff and period.holds(e.time)]
    rows = answer.table.to_pylist()
    if not talks:
        assert rows == []
        assert "Nobody" in answer.words[0]
        return
    check_line(rows[0], talks)
    labels = {event.id: label_of(event.time, every) for event in talks} if every else {}
    for row in rows[1:]:
        check_line(row, [event for event in talks if labels[event.id] == row["bucket"]])
        assert answer.people(bucket=row["bucket"]).num_rows == row["conversations"]
    assert set(labels.values()) <= {row["bucket"] for row in rows[1:]}
    if every:
        over = {label_of(ends_at(k, every) - 1, every) for k in buckets_over(log, period, cutoff, every)}
        assert {row["bucket"] for row in rows[1:] if row["over"]} == over
    moods = Counter(map(mood_of, talks))
    for mood in ("better", "worse", "same", "unread"):
        assert answer.people(mood=mood).num_rows == moods[mood]
    drilled = Counter((row["person"], row["resolution"]) for row in answer.people().to_pylist())
    assert drilled == Counter((e.person, e.fields.get("turns.resolution", "unknown")) for e in talks)
    unread = len({e.person for e in talks}) - mean_of(talks, "sentiment_start").n
    assert ("no_sentiment" in {each.code for each in answer.warnings}) == (unread > 0)


def label_of(moment: int, every: Any) -> str:
    """What the calendar calls the bucket of a moment."""
    bucket = bucket_of(moment, every)
    return Calendar().label(bucket * DAY if every == "day" else (7 * bucket - 3) * DAY, every)


def test_everybody_is_in_one_group() -> None:
    """A breakdown takes the value of everybody's first conversation; groups make up the whole."""
    rng = random.Random(1)
    log = [event for _ in range(6) for event in random_log(rng)]
    log = [Happened(e.person + str(n % 4), e.time, e.name, f"{n:05d}", e.fields) for n, e in enumerate(log)]
    split = Population(Period.everything(), breakdown=Breakdown("line"))
    asked = build("conversations", {"conversations": "call"})
    answer = ask(asked, split, MemoryEngine(log))
    rows = answer.table.to_pylist()
    alone = ask(asked, Population(Period.everything()), MemoryEngine(log)).table.to_pylist()
    assert [{k: v for k, v in rows[0].items() if k != "group"}] == alone
    for name in ("conversations", "people", "handed_on", "resolved", "people_with_change"):
        assert sum(row[name] for row in rows[1:]) == rows[0][name] > 0
    for row in rows[1:]:
        assert answer.people(group=row["group"], first=True).num_rows == row["people"]


def test_mistakes_are_named() -> None:
    for fields in ({"turns": " "}, {"every": "hour"}):
        with pytest.raises(InputError):
            build("conversations", {"conversations": "call", **fields})
    log = [Happened("p", 0, "call", "1", {"turns": "[]"})]
    answer = ask(build("conversations", {"conversations": "call"}), Population(Period.everything()), MemoryEngine(log))
    assert answer.people(bucket="all", resolution="unknown", mood="unread").num_rows == 1
    for which in ({"bucket": "2026"}, {"resolution": "lost"}, {"mood": "bad"}, {"has": "words"}, {"a": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
