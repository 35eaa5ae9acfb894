"""What a theme contributes to a change equals the closed formula, and contributions add up to the change exactly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from memory_engine import Happened, MemoryEngine
from remark_logs import (
    DAY,
    FIELDS,
    MAP,
    PLACES,
    Remark,
    bucket_of,
    buckets_over,
    populations,
    random_log,
    remarks_of,
)

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import benjamini_hochberg
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.means import mean_difference
from desirepath.statistics.scores import rule_of

CHANGED = {**FIELDS, "answers": "survey", "score": "score"}


def asked_at_random(rng: random.Random) -> dict[str, Any]:
    """A question with any options."""
    fields: dict[str, Any] = {**CHANGED, "scale": rng.choice(["nps", "nps", "stars", "0 to 10", "10 to 0"])}
    fields |= rng.choice([{}, {"touchpoints": PLACES}, {"map": MAP}])
    return fields | {
        "every": rng.choice(["day", "week", "week"]),
        "before": rng.choice([1, 1, 2, 9]),
        "most": rng.choice([1, 2, 20]),
    }


def answers_of(
    log: list[Happened], fields: dict[str, Any], period: Period, cutoff: int, before: Sequence[int] = ()
) -> list[Remark]:
    """Answers with a score on the scale, with words or without; the last of a person in the span before or a bucket."""
    last: dict[tuple[str, int], Remark] = {}
    for each in remarks_of(log, fields, period, cutoff, wordless=True):
        if each.score is not None:
            bucket = bucket_of(each.time, fields["every"])
            last[each.person, before[0] if bucket in before else bucket] = each
    return sorted(last.values(), key=lambda each: each.person)


def theme_of(remark: Remark) -> str:
    return remark.theme if remark.text else "(no words)"


def points_of(remark: Remark, scale: str) -> float:
    """What an answer adds to the mean that is the score."""
    score = remark.score or 0
    return 100.0 * ((score >= 9) - (score <= 6)) if scale == "nps" else float(score)


def label_of(bucket: int, every: str) -> str:
    """What the calendar calls a bucket."""
    start = bucket * DAY if every == "day" else (7 * bucket - 3) * DAY
    return Calendar().label(start, every)


def moments_of(values: list[float]) -> tuple[int, float, float]:
    """Number, mean and sample variance."""
    n = len(values)
    middle = sum(values) / n
    return n, middle, sum((each - middle) ** 2 for each in values) / (n - 1) if n > 1 else 0.0


def lines_of(now: list[Remark], then: list[Remark], most: int) -> list[tuple[str, set[str]]]:
    """The themes with most answers in both, all others together, and those without words."""
    many = Counter(theme_of(each) for each in [*now, *then])
    wordless = many.pop("(no words)", 0)
    ranked = sorted(many, key=lambda theme: (-many[theme], theme))
    found = [(theme, {theme}) for theme in ranked[:most]]
    if ranked[most:]:
        found.append(("(other)", set(ranked[most:])))
    return [*found, ("(no words)", {"(no words)"})] if wordless else found


def check_line(row: dict[str, Any], themes: set[str], now: list[Remark], then: list[Remark], scale: str) -> Any:
    """One theme by the formula; gives its contribution with the interval."""
    points = [[points_of(each, scale) for each in some] for some in (now, then)]
    middle = (sum(points[0]) / len(now) + sum(points[1]) / len(then)) / 2
    mine = [[points_of(each, scale) for each in some if theme_of(each) in themes] for some in (now, then)]
    share = [len(mine[0]) / len(now), len(mine[1]) / len(then)]
    score = [sum(each) / len(each) if each else None for each in mine]
    assert (row["answers_after"], row["answers_before"]) == (len(mine[0]), len(mine[1]))
    assert (row["of_answers_after"], row["of_answers_before"]) == pytest.approx(share)
    for name, value in (("score_after", score[0]), ("score_before", score[1])):
        assert row[name] == (None if value is None else pytest.approx(value))
    known = [each if each is not None else score[1 - k] for k, each in enumerate(score)]
    more = (share[0] - share[1]) * ((known[0] + known[1]) / 2 - middle)
    happier = (share[0] + share[1]) / 2 * (known[0] - known[1])
    assert row["by_how_many"] == pytest.approx(more, abs=1e-8)
    assert row["by_how_satisfied"] == pytest.approx(happier, abs=1e-8)
    # an answer of another theme brings nothing
    brought = [
        moments_of([points_of(each, scale) - middle if theme_of(each) in themes else 0.0 for each in some])
        for some in (now, then)
    ]
    contribution = mean_difference(*brought)
    assert contribution.value == pytest.approx(more + happier, abs=1e-8)
    for suffix, value in (("", contribution.value), ("_low", contribution.low), ("_high", contribution.high)):
        assert row["contribution" + suffix] == (None if value is None else pytest.approx(value, abs=1e-8))
    return contribution


def check(answer: Answer, now: list[Remark], then: list[Remark], fields: dict[str, Any]) -> None:
    """The table against the answers after and before."""
    rows, rule = answer.table.to_pylist(), rule_of(fields["scale"])
    spans = {row["when"]: row for row in answer.extra("scores").to_pylist()}
    for when, some in (("before", then), ("after", now)):
        assert spans[when]["answers"] == len(some) == answer.people(when=when).num_rows
        wanted = rule.score(np.bincount([each.score or 0 for each in some], minlength=11)).value
        assert spans[when]["score"] == (None if wanted is None else pytest.approx(wanted))
    if not now or not then:
        assert rows == []
        return
    lines = dict(lines_of(now, then, fields["most"]))
    assert {row["theme"] for row in rows} == set(lines)
    found = [check_line(row, lines[row["theme"]], now, then, fields["scale"]) for row in rows]
    points = [[points_of(each, fields["scale"]) for each in some] for some in (now, then)]
    change = sum(points[0]) / len(now) - sum(points[1]) / len(then)
    for name in ("contribution", "by_how_many"):
        parts = [row[name] + (row["by_how_satisfied"] if name == "by_how_many" else 0.0) for row in rows]
        assert sum(parts) == pytest.approx(change, abs=1e-7)
    assert spans["after"]["score"] - spans["before"]["score"] == pytest.approx(change)
    toward = [row["contribution"] * (1 if change < 0 else -1) for row in rows]
    assert toward == sorted(toward)
    for row, each, q in zip(rows, found, benjamini_hochberg([p_value(each) for each in found]), strict=True):
        assert row["of_change"] == (pytest.approx(each.value / change) if change else None)
        assert row["q_value"] == (None if q is None else pytest.approx(q, abs=1e-6))
        for when, some in (("after", now), ("before", then)):
            people = answer.people(theme=row["theme"], when=when).column("person").to_pylist()
            assert sorted(people) == [e.person for e in some if theme_of(e) in lines[row["theme"]]]


@pytest.mark.parametrize("seed", range(700))
def test_it_equals_the_formula(seed: int) -> None:
    rng = random.Random(seed)
    log = random_log(rng, most=90, people=12)
    period, cutoff, blocks = populations(rng, log)
    fields = asked_at_random(rng)
    over = buckets_over(log, period, cutoff, fields["every"])
    answers = answers_of(log, fields, period, cutoff)
    after = over[-1] if over else None
    if answers and rng.random() < 0.4:
        after = bucket_of(rng.choice(answers).time, fields["every"])
        fields["bucket"] = label_of(after, fields["every"])
    first = min((bucket_of(each.time, fields["every"]) for each in log), default=0)
    before = [] if after is None else list(range(max(after - fields["before"], first), after))
    answers = answers_of(log, fields, period, cutoff, before)
    answer = ask(build("what_changed", fields), Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    now = [each for each in answers if bucket_of(each.time, fields["every"]) == after]
    then = [each for each in answers if bucket_of(each.time, fields["every"]) in before]
    check(answer, now, then, fields)
    assert answer.people().num_rows == len(answers)
    assert answer.people(first=True).num_rows == len({each.person for each in answers})


def two_weeks(now: dict[str, list[int]], then: dict[str, list[int]]) -> list[Happened]:
    """Scores by theme in two weeks, a day apart from a last event in the third."""
    log = [Happened("x", 21 * DAY, "tick", "x")]
    for week, by_theme in enumerate((then, now)):
        for theme, scores in by_theme.items():
            for n, score in enumerate(scores):
                fields = {"said": "so", "topic": theme, "score": str(score)}
                log.append(
                    Happened(f"{week}{theme}{n}", (4 + 7 * week) * DAY, "survey", f"{week}{theme}{n:03d}", fields)
                )
    return log


def test_one_theme_brings_all_of_it() -> None:
    """Of 40 answers 4, then 20 are about what is late, at 0; all others are at 10. It is late that explains it."""
    log = two_weeks({"late": [0] * 20, "kind": [10] * 20}, {"late": [0] * 4, "kind": [10] * 36})
    answer = ask(
        build("what_changed", {**CHANGED, "every": "week"}), Population(Period.everything()), MemoryEngine(log)
    )
    rows = {row["theme"]: row for row in answer.table.to_pylist()}
    # from +80 to 0: the middle is +40; 'late' is 40 points more frequent and 140 below, 'kind' 40 rarer and 60 above
    assert rows["late"]["contribution"] == pytest.approx(-0.4 * 140)
    assert rows["kind"]["contribution"] == pytest.approx(-0.4 * 60)
    assert [rows["late"]["by_how_satisfied"], rows["kind"]["by_how_satisfied"]] == [0, 0]
    assert list(rows) == ["late", "kind"]
    assert rows["late"]["contribution_high"] < 0
    assert "late goes with -56 of it, 70 %" in " ".join(answer.words)


def test_nothing_changed() -> None:
    log = two_weeks({"late": [0, 3], "kind": [10, 9]}, {"late": [0, 3], "kind": [10, 9]})
    answer = ask(
        build("what_changed", {**CHANGED, "every": "week"}), Population(Period.everything()), MemoryEngine(log)
    )
    assert answer.columns["contribution"] == pytest.approx([0, 0])
    assert answer.columns["of_change"] == [None, None]
    assert {each.code for each in answer.warnings} >= {"associated", "few_answers"}


def test_a_bucket_that_is_not_over_says_so() -> None:
    log = two_weeks({"late": [0, 3], "kind": [10, 9]}, {"late": [0, 3], "kind": [10, 9]})

    def codes(last: int) -> set[str]:
        more = [Happened("x", last * DAY, "tick", "x")]
        fields = {**CHANGED, "every": "week", "bucket": "1970-W03"}
        answer = ask(build("what_changed", fields), Population(Period.everything()), MemoryEngine(log[1:] + more))
        assert answer.columns["answers_after"] == [2, 2]
        return {each.code for each in answer.warnings}

    assert "unfinished_bucket" in codes(13)
    assert "unfinished_bucket" not in codes(30)


def test_groups_make_up_the_whole() -> None:
    rng = random.Random(4)
    log = [event for _ in range(8) for event in random_log(rng, 90, 12)]
    log = [Happened(e.person, e.time, e.name, f"{n:05d}", e.fields) for n, e in enumerate(log)]
    split = Population(Period.everything(), breakdown=Breakdown("parcel"))
    answer = ask(build("what_changed", {**CHANGED, "every": "week", "most": 100}), split, MemoryEngine(log))
    rows = answer.table.to_pylist()
    whole = {row["theme"]: row["answers_after"] for row in rows if row["group"] == "(everyone)"}
    parts: Counter[str] = Counter()
    for row in rows:
        if row["group"] != "(everyone)":
            parts[row["theme"]] += row["answers_after"]
    assert whole == dict(parts)


def test_mistakes_are_named() -> None:
    for fields in ({"score": None}, {"before": 0}, {"most": 101}, {"scale": "feet"}):
        with pytest.raises(InputError):
            build("what_changed", {**CHANGED, **fields})
    log = two_weeks({"late": [0] * 3}, {"kind": [10] * 3})
    asked = build("what_changed", {**CHANGED, "every": "week", "bucket": "1999-W01"})
    with pytest.raises(UnknownNameError):
        ask(asked, Population(Period.everything()), MemoryEngine(log))
    answer = ask(
        build("what_changed", {**CHANGED, "every": "week"}), Population(Period.everything()), MemoryEngine(log)
    )
    for which in ({"theme": "price"}, {"when": "now"}, {"b": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
