"""Scores equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.scores import Scores
from desirepath.runner import ask
from desirepath.statistics.intervals import normal_quantile, wilson_limits
from desirepath.statistics.means import t_quantile
from desirepath.statistics.scores import rule_of

HOUR = 3_600_000_000
DAY = 24 * HOUR
ONCE = {"none": None, "2 days": 2 * DAY, "30 days": 30 * DAY}


def random_log(rng: random.Random) -> list[Happened]:
    """What a few people did and said within a month; times every half day, so that windows are met exactly."""
    log = []
    for number in range(rng.randrange(0, 40)):
        fields = {}
        if rng.random() < 0.9:
            fields["score"] = rng.choice(["0", "1", "5", "6", "7", "8", "9", "10", "10", "2.5", "12"])
        if rng.random() < 0.5:
            fields["text"] = rng.choice(["good", "  ", "slow"])
        if rng.random() < 0.6:
            fields["plan"] = rng.choice(["x", "y", "z"])
        name = rng.choice(["survey", "survey", "invited", "visit"])
        log.append(Happened(f"p{rng.randrange(6)}", rng.randrange(60) * 12 * HOUR, name, f"{number:04d}", fields))
    return log


def judged(log: list[Happened], asked: Scores, period: Period, cutoff: int) -> list[dict[str, Any]]:
    """Every answer and invitation in the period, with what it is."""
    journeys: dict[str, list[Happened]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            journeys.setdefault(event.person, []).append(event)
    rule, within = rule_of(asked.scale), 3 * DAY
    rows: list[dict[str, Any]] = []
    for person, events in journeys.items():
        valid: list[dict[str, Any]] = []
        for event in events:
            if event.name != "survey" or not period.holds(event.time):
                continue
            given = event.fields.get("score")
            row = {"person": person, "time": event.time, "score": None, "text": event.fields.get("text", "").strip()}
            rows.append(row)
            number = math.nan if given is None else float(given)
            if given is None:
                row["kind"] = "missing"
            elif number != int(number) or not rule.low <= number <= rule.high:
                row["kind"] = "off the scale"
            else:
                row |= {"kind": "counted", "score": int(number)}
                valid.append(row)
        window = ONCE[asked.once]
        while valid and window is not None:
            inside = [row for row in valid if row["time"] <= valid[0]["time"] + window]
            for row in inside[:-1]:
                row["kind"] = "superseded"
            valid = valid[len(inside) :]
        until = -1
        for place, event in enumerate(events):
            if asked.invited is None or event.name != "invited" or not period.holds(event.time) or event.time <= until:
                continue
            until = event.time + within
            kind = "open" if until > cutoff else "not answered"
            for later in events[place + 1 :]:
                if kind != "open" and later.name == "survey" and later.time <= until:
                    number = float(later.fields.get("score", "nan"))
                    if math.isfinite(number) and number == int(number) and rule.low <= number <= rule.high:
                        kind = "answered"
            rows.append({"person": person, "time": event.time, "kind": kind, "score": None, "text": ""})
    return rows


def of_kind(scale: str, score: int) -> str:
    """What an answer that counts is."""
    if scale == "nps":
        return "promoters" if score >= 9 else "detractors" if score <= 6 else "passives"
    first, last = {"stars": (4, 5), "csat7": (6, 7), "10 to 0": (0, 1)}[scale]
    return "good" if first <= score <= last else "other"


def spread_over_people(rows: list[dict[str, Any]], points: list[int]) -> float:
    """The design effect, by people one after another."""
    n, mean = len(rows), sum(points) / len(rows)
    alone = sum((each - mean) ** 2 for each in points)
    people = Counter(row["person"] for row in rows)
    if len(people) == n:
        return 1.0
    most = sum(many**2 for many in people.values()) / n
    if alone < 1e-9 or len(people) < 4:
        return most
    among = 0.0
    for person in people:
        among += sum(each - mean for row, each in zip(rows, points, strict=True) if row["person"] == person) ** 2
    k = len(people)
    unsure = (t_quantile(0.95, k - 1) / t_quantile(0.95, n - 1)) ** 2 * k / (k - 1) * (n - 1) / n
    return max(min(max(among / alone, 1.0) * unsure, most), 1.0)


def value_of(scale: str, scores: list[int]) -> float:
    """The score."""
    n = len(scores)
    if scale == "nps":
        return 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / n
    return sum(s >= 6 for s in scores) / n if scale == "csat7" else sum(scores) / n


def check_line(line: dict[str, Any], rows: list[dict[str, Any]], asked: Scores) -> None:
    """A row of the table against its rows of the log."""
    counted = [row for row in rows if row["kind"] == "counted"]
    scores = [row["score"] for row in counted]
    assert line["answers"] == len(counted)
    assert line["left_out"] == sum(row["kind"] in ("superseded", "missing", "off the scale") for row in rows)
    assert line["people"] == len({row["person"] for row in counted})
    kinds = Counter(of_kind(asked.scale, score) for score in scores)
    for name in ("promoters", "passives", "detractors") if asked.scale == "nps" else ("good", "other"):
        assert line[name] == kinds[name]
    if asked.invited is not None:
        became = Counter(row["kind"] for row in rows)
        assert (line["open"], line["answered"]) == (became["open"], became["answered"])
        assert line["invited"] == became["open"] + became["answered"] + became["not answered"]
        over = became["answered"] + became["not answered"]
        assert line["of_invited"] == (pytest.approx(became["answered"] / over) if over else None)
        if over:
            decided = [row for row in rows if row["kind"] in ("answered", "not answered")]
            effect = spread_over_people(decided, [int(row["kind"] == "answered") for row in decided])
            ends = wilson_limits(became["answered"] / effect, over / effect, normal_quantile(0.95))
            assert (line["of_invited_low"], line["of_invited_high"]) == pytest.approx(ends, abs=1e-9)
    if not scores:
        assert line["score"] is None
        return
    assert line["score"] == pytest.approx(value_of(asked.scale, scores))
    rule = rule_of(asked.scale)
    effect = spread_over_people(counted, [int(rule.points[score]) for score in scores])
    expected = rule.score(np.bincount(scores, minlength=11), effect)
    for name, wanted in (("score_low", expected.low), ("score_high", expected.high)):
        assert line[name] == (None if wanted is None else pytest.approx(wanted, abs=1e-9))
    assert line["score_low"] <= line["score"] <= line["score_high"]


@pytest.mark.parametrize("seed", range(600))
def test_they_equal_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    log = random_log(rng)
    asked = Scores(
        answers="survey",
        scale=rng.choice(["nps", "nps", "stars", "csat7", "10 to 0"]),
        once=rng.choice(list(ONCE)),
        text=rng.choice([None, "text"]),
        invited=rng.choice([None, "invited"]),
        respond_within="3 days",
        every=rng.choice([None, "day", "week"]),
        strata=rng.choice([None, "plan"]),
    )
    period = rng.choice([Period.everything(), Period(5 * DAY, 20 * DAY, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 18 * DAY)])
    people = sorted({event.person for event in log})
    rng.shuffle(people)
    blocks = [people[: len(people) // 2], people[len(people) // 2 :]]
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    rows = judged(log, asked, period, cutoff)
    table = answer.table.to_pylist()
    if not table:
        assert not rows
        return
    check_line(table[0], rows, asked)
    for line in table[1:]:
        label = {row["time"]: Calendar().label(bucket_start(row["time"], asked.every), asked.every) for row in rows}
        check_line(line, [row for row in rows if label[row["time"]] == line["bucket"]], asked)
    drilled = answer.people().to_pylist()
    wanted = Counter((row["person"], row["kind"]) for row in rows if row["kind"] not in INVITATIONS)
    assert Counter((row["person"], row["state"]) for row in drilled) == wanted
    counted = [row for row in rows if row["kind"] == "counted"]
    if asked.text and counted:
        parts = answer.extra("with_text").to_pylist()
        assert [part["answers"] for part in parts] == [
            sum(bool(row["text"]) for row in counted),
            sum(not row["text"] for row in counted),
        ]
        assert answer.people(text="with").num_rows == parts[0]["answers"]
    if asked.strata and counted:
        check_weights(answer.extra("weighted").to_pylist()[1], log, rows, asked, period, cutoff)


INVITATIONS = ("answered", "not answered", "open")


def bucket_start(moment: int, every: Any) -> int:
    """Where the day or the week (from Monday; the epoch is a Thursday) of a moment begins."""
    day = moment // DAY
    return (day if every == "day" else day - (day + 3) % 7) * DAY


def check_weights(
    line: dict[str, Any], log: list[Happened], rows: list[dict[str, Any]], asked: Scores, period: Period, cutoff: int
) -> None:
    """The weighted score, kind by kind."""
    until = period.end + (3 * DAY if asked.invited else 0)
    kind: dict[str, str | None] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff and period.start <= event.time < until:
            kind[event.person] = kind.get(event.person) or event.fields.get("plan")
    if asked.invited:
        reference = {row["person"] for row in rows if row["kind"] in INVITATIONS}
    else:
        reference = {event.person for event in log if event.time <= cutoff and period.holds(event.time)}
    sizes = Counter(kind[person] for person in reference)
    total, weight = 0.0, 0
    for value, size in sizes.items():
        scores = [row["score"] for row in rows if row["kind"] == "counted" and kind[row["person"]] == value]
        if scores:
            total += size * value_of(asked.scale, scores)
            weight += size
    assert line["score"] == (pytest.approx(total / weight) if weight else None)
    assert line["of_people_like_them"] == (pytest.approx(weight / len(reference)) if reference else None)


def test_a_group_has_the_people_of_its_rows() -> None:
    rng = random.Random(1)
    log = [event for _ in range(5) for event in random_log(rng)]
    log = [Happened(e.person, e.time, e.name, f"{n:05d}", e.fields) for n, e in enumerate(log)]
    population = Population(Period.everything(), breakdown=Breakdown("plan"))
    answer = ask(Scores(answers="survey", once="none"), population, MemoryEngine(log))
    whole, *parts = answer.table.to_pylist()
    for name in ("answers", "people", "promoters", "detractors"):
        assert sum(part[name] for part in parts) == whole[name] > 0
    measures = set(answer.extra("differences").column("measure").to_pylist())
    assert measures == {"score", "are promoters", "are detractors"}


def test_notices_say_what_was_left_out() -> None:
    log = [Happened(f"p{n}", n, "survey", f"{n:03d}", {"score": str(1 + n % 10)}) for n in range(60)]
    log.append(Happened("p1", 10**9, "survey", "x", {"score": "11"}))
    log.append(Happened("p1", 10**9, "survey", "y"))
    log.append(Happened("p1", 10**9, "survey", "z", {"score": "9"}))
    answer = ask(Scores(answers="survey"), Population(Period.everything()), MemoryEngine(log))
    codes = {each.code for each in answer.warnings}
    assert codes == {"scale_suspect", "missing_score", "off_scale", "superseded"}
    five = [Happened(f"p{n}", n, "survey", f"{n:03d}", {"score": str(n % 6)}) for n in range(60)]
    answer = ask(Scores(answers="survey"), Population(Period.everything()), MemoryEngine(five))
    assert "1 to 5" in answer.warnings[0].text
    few = ask(Scores(answers="survey"), Population(Period.everything()), MemoryEngine(five[:5]))
    assert [each.code for each in few.warnings] == ["few_answers"]


@pytest.mark.parametrize(("scale", "low", "high"), [("nps", "3", "10"), ("csat5", "1", "5"), ("stars", "1", "5")])
def test_it_is_said_where_those_who_write_differ(scale: str, low: str, high: str) -> None:
    """Of 100 who write 60 are bad, of 100 who do not 30; then as many on either side, which chance may do."""

    def log(written: int, unwritten: int) -> list[Happened]:
        found = []
        for text, bad in (("so", written), ("", unwritten)):
            for n in range(100):
                fields = {"score": low if n < bad else high, "text": text}
                found.append(Happened(f"{text}{n}", n, "survey", f"{text}{n:03d}", fields))
        return found

    asked, everything = Scores(answers="survey", scale=scale, text="text"), Population(Period.everything())
    answer = ask(asked, everything, MemoryEngine(log(60, 30)))
    (notice,) = [each for each in answer.warnings if each.code == "who_writes_differs"]
    said = {
        "nps": ("-20.0", "+40.0", "-60.0"),
        "csat5": ("40.0 %", "70.0 %", "-30.0"),
        "stars": ("2.60", "3.80", "-1.20"),
    }
    for part in (*said[scale], "100 answers with a comment", "points (95 % interval -"):
        assert part in notice.text
    assert not ask(asked, everything, MemoryEngine(log(45, 40))).warnings
    assert not ask(Scores(answers="survey", scale=scale), everything, MemoryEngine(log(60, 30))).warnings


def test_the_response_rate_is_over_people() -> None:
    """Twenty people are invited ten times each; half of them always answer. It is a share of twenty, not of 200."""
    log = []
    for n in range(20):
        for k in range(10):
            log.append(Happened(f"p{n:02d}", 20 * k * DAY, "invited", f"i{n:02d}{k}"))
            if n % 2:
                log.append(Happened(f"p{n:02d}", 20 * k * DAY + HOUR, "survey", f"s{n:02d}{k}", {"score": "10"}))
    log.append(Happened("x", 400 * DAY, "visit", "x"))
    asked = Scores(answers="survey", invited="invited")
    answer = ask(asked, Population(Period.everything(), cutoff=400 * DAY), MemoryEngine(log))
    (line,) = answer.table.to_pylist()
    assert (line["invited"], line["answered"], line["of_invited"]) == (200, 100, 0.5)
    ends = wilson_limits(10, 20, normal_quantile(0.95))
    assert (line["of_invited_low"], line["of_invited_high"]) == pytest.approx(ends)
    assert f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f} %" in answer.words[-1]
    assert answer.people(kind="answered", first=True).num_rows == 10
    assert answer.people(kind="invited", first=True).num_rows == 20


def test_two_groups_can_be_compared_by_their_score() -> None:
    one = [Happened(f"p{n}", n, "survey", f"{n:03d}", {"score": "10" if n % 2 else "3"}) for n in range(40)]
    two = [Happened(f"q{n}", n, "survey", f"q{n:03d}", {"score": "10"}) for n in range(40)]
    asked = Scores(answers="survey")
    tallies = []
    for log in (one, two):
        from desirepath.runner import run

        tallies.append(run(asked, Population(Period.everything()), MemoryEngine(log), None).tally())
    change = tallies[1].score_difference(tallies[0])
    assert (change.value, change.n) == (100, 80)
    assert change.low is not None
    assert change.low > 50


def test_mistakes_are_named() -> None:
    for fields in ({"scale": "nsp"}, {"once": "7"}, {"score": " "}, {"answers": ""}, {"scale": "3 to 3"}):
        with pytest.raises(InputError):
            Scores(**{"answers": "survey", **fields})
    answer = ask(Scores(answers="a"), Population(Period.everything()), MemoryEngine([Happened("p", 0, "a", "1")]))
    for which in ({"kind": "good"}, {"bucket": "2026"}, {"score": 11}, {"text": "some"}, {"grade": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)


def test_two_groups_differ_by_their_scores_too() -> None:
    """Ten with 6 promoters and 2 detractors, twenty with 5 and 10: 40 points against -25."""
    log = []
    for n, score in enumerate([9] * 6 + [8] * 2 + [3] * 2):
        log.append(Happened(f"a{n}", n, "nps", f"a{n:02d}", {"score": score, "plan": "pro"}))
    for n, score in enumerate([10] * 5 + [7] * 5 + [3] * 10):
        log.append(Happened(f"b{n:02d}", n, "nps", f"b{n:02d}", {"score": score, "plan": "free"}))
    population = Population(Period.everything(), breakdown=Breakdown("plan"))
    found = ask(Scores(answers="nps"), population, MemoryEngine(log))
    rows = [row for row in found.extra("differences").to_pylist() if row["measure"] == "score"]
    assert {row["group"]: round(row["difference"], 9) for row in rows} == {"pro": 65.0, "free": -65.0}
    for row in rows:
        assert row["low"] < row["difference"] < row["high"]
        assert 0 < row["p_value"] < 0.05
