"""What people say, where, and how they feel equals a program written from the definition, for random logs."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from memory_engine import Happened, MemoryEngine
from remark_logs import (
    DAY,
    FIELDS,
    MAP,
    PLACES,
    STAGES,
    WITHIN,
    Remark,
    bucket_of,
    buckets_over,
    populations,
    random_log,
    remarks_of,
)

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.statistics import Estimate, Proportion, benjamini_hochberg, compare_proportions
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.intervals import hybrid_difference
from desirepath.statistics.means import mean
from desirepath.statistics.scores import rule_of

CLOSE = 1e-3
"""Moods of a person are rounded to ten-thousandths."""


def asked_at_random(rng: random.Random) -> dict[str, Any]:
    """A question with any options."""
    fields: dict[str, Any] = {**FIELDS, "quotes": 0, "within": rng.choice(list(WITHIN))}
    where = rng.choice(["touchpoints", "touchpoints", "map", "nowhere"])
    if where == "touchpoints":
        fields["touchpoints"] = rng.choice([PLACES, ["order", "name in ('visit', 'order')"], ["call"]])
    if where == "map":
        fields["map"] = MAP
    fields |= {"link_by": "parcel"} if rng.random() < 0.4 else {}
    fields |= {"score": "score", "scale": rng.choice(["nps", "stars"])} if rng.random() < 0.7 else {}
    return fields | {"every": rng.choice([None, "day", "week"]), "most": rng.choice([1, 2, 10])}


def opinions(remarks: list[Remark], name: str) -> list[float]:
    """The mean of each person who has one."""
    by_person: dict[str, list[float]] = defaultdict(list)
    for each in remarks:
        if getattr(each, name) is not None:
            by_person[each.person].append(getattr(each, name))
    return [sum(moods) / len(moods) for moods in by_person.values()]


def mood_of(remarks: list[Remark], name: str = "mood") -> Estimate:
    """The mean over people."""
    moods = opinions(remarks, name)
    n, middle = len(moods), sum(moods) / max(len(moods), 1)
    return mean(n, middle, sum((each - middle) ** 2 for each in moods) / (n - 1) if n > 1 else 0.0)


def score_of_people(remarks: list[Remark], scale: str) -> Estimate:
    """The score of people by their last answer that is on the scale."""
    last = {each.person: each.score for each in remarks if each.score is not None}
    return rule_of(scale).score(np.bincount(list(last.values()), minlength=11))


def people_of(remarks: list[Remark]) -> set[str]:
    return {each.person for each in remarks}


def same(row: dict[str, Any], name: str, wanted: Estimate, close: float = CLOSE) -> None:
    """Three columns are an estimate."""
    for suffix in ("", "_low", "_high"):
        value = getattr(wanted, suffix[1:] or "value")
        assert row[name + suffix] == (None if value is None else pytest.approx(value, abs=close)), name + suffix


def check_feelings(row: dict[str, Any], remarks: list[Remark], fields: dict[str, Any]) -> None:
    """Moods and scores of a line."""
    for column, name in (("sentiment", "mood"), ("effort", "ease")):
        same(row, column, mood_of(remarks, name))
        assert row[f"people_with_{column}"] == len(opinions(remarks, name))
    assert ("score" in row) == ("score" in fields)
    if "score" in fields:
        wanted = score_of_people(remarks, fields["scale"])
        same(row, "score", wanted)
        assert row["people_with_score"] == wanted.n


def names_of(fields: dict[str, Any]) -> list[str]:
    """The touchpoints that remarks may hang on, in order."""
    return list(PLACES) if "map" in fields else list(fields.get("touchpoints", []))


def by_theme(remarks: list[Remark]) -> dict[str, list[Remark]]:
    """Remarks by theme, those of most people first; nothing sorts as `(missing)`."""
    found: dict[str, list[Remark]] = defaultdict(list)
    for each in remarks:
        found[each.theme].append(each)
    name = {"(no theme)": "(missing)"}
    return dict(sorted(found.items(), key=lambda item: (-len(people_of(item[1])), name.get(item[0], item[0]))))


def check_themes(rows: list[dict[str, Any]], remarks: list[Remark], fields: dict[str, Any]) -> None:
    """The main table."""
    expected = []
    at: list[Any] = [("all", remarks)]
    if names_of(fields):
        at += [(name, [each for each in remarks if each.place == name]) for name in names_of(fields)]
        at.append(("(none)", [each for each in remarks if each.place is None]))
    for name, here in at:
        for theme, mine in list(by_theme(here).items())[: fields["most"]]:
            expected.append((name, theme, here, mine))
    assert [(row["touchpoint"], row["theme"]) for row in rows] == [each[:2] for each in expected]
    for row, (name, _, here, mine) in zip(rows, expected, strict=True):
        assert (row["people"], row["remarks"], row["quote"]) == (len(people_of(mine)), len(mine), None)
        assert row.get("stage") == (STAGES.get(name) if "map" in fields else None)
        same(row, "of_people_there", Proportion(len(people_of(mine)), len(people_of(here))).estimate(), 1e-9)
        check_feelings(row, mine, fields)


def check_change(rows: list[dict[str, Any]], remarks: list[Remark], fields: dict[str, Any], over: list[int]) -> None:
    """The last bucket that is over against those before it, of people in each."""
    if fields["every"] is None:
        assert not rows or "change" not in rows[0]
        return
    chances, changes = [], []
    for row in rows:
        here = [each for each in remarks if row["touchpoint"] in ("all", each.place or "(none)")]
        there, said = (
            [
                len({e.person for e in some if bucket_of(e.time, fields["every"]) in span})
                for span in (over[:-1], over[-1:])
            ]
            for some in (here, [each for each in here if each.theme == row["theme"]])
        )
        if len(over) < 2:
            changes.append(None)
            chances.append(None)
            continue
        compared = compare_proportions(said[1], there[1], said[0], there[0])
        changes.append((compared.difference, said[0]))
        chances.append(compared.p_value)
    for row, change, q in zip(rows, changes, benjamini_hochberg(chances), strict=True):
        assert row["q_value"] == (None if q is None else pytest.approx(q))
        same(row, "change", change[0] if change else Estimate(None, None, None, 0, 0.95, ""), 1e-9)
        sure = q is not None and q < 0.05 and change[0].value > 0
        assert row["new"] == bool(sure and not change[1])


def check_places(answer: Answer, remarks: list[Remark], fields: dict[str, Any]) -> None:
    """Where remarks hang, and how sure that is; and the same by stage."""
    names = [*names_of(fields), "(none)"]
    rows = answer.extra("places").to_pylist()
    assert [row["touchpoint"] for row in rows] == names
    for row in rows:
        mine = [each for each in remarks if (each.place or "(none)") == row["touchpoint"]]
        how = Counter(each.how for each in mine)
        assert (row["people"], row["remarks"]) == (len(people_of(mine)), len(mine))
        assert (row["named"], row["last_before"]) == (how["named"], how["last before"])
        sure = sum(each.sure for each in mine) / len(mine) if mine and row["touchpoint"] != "(none)" else None
        assert row["mean_confidence"] == (None if sure is None else pytest.approx(sure, abs=CLOSE))
        assert row["top_theme"] == next((theme for theme in by_theme(mine) if theme != "(no theme)"), None)
        check_feelings(row, mine, fields)
    for row in answer.extra("stages").to_pylist() if "map" in fields else ():
        mine = [each for each in remarks if each.place and STAGES[each.place] == row["stage"]]
        assert (row["people"], row["remarks"]) == (len(people_of(mine)), len(mine))
        assert row["top_theme"] == next((theme for theme in by_theme(mine) if theme != "(no theme)"), None)
        check_feelings(row, mine, fields)
        assert answer.people(stage=row["stage"]).num_rows == len(mine)


def left_behind(names: list[str], remarks: list[Remark]) -> list[tuple[str, float, float | None] | None]:
    """By touchpoint the theme that who came by tells most over the others; all comparisons are one screen."""
    found: list[list[tuple[float, str, float, float | None]]] = []
    chances: list[float | None] = []
    for name in names:
        came, others = ([each for each in remarks if (name in each.passed) == here] for here in (True, False))
        n, m = len(people_of(came)), len(people_of(others))
        found.append([])
        for theme, mine in by_theme(came).items():
            if theme == "(no theme)":
                continue
            x, y = len(people_of(mine)), len({each.person for each in others if each.theme == theme})
            chances.append(compare_proportions(x, n, y, m).p_value)
            found[-1].append((-x / n + (y / m if m else 0.0), theme, x / n, y / m if m else None))
    q_values = iter(benjamini_hochberg(chances))
    sure = [[(q is None or q < 0.05) and each[0] <= -0.02 for each, q in zip(one, q_values)] for one in found]  # noqa: B905 - the rest is of the next
    kept = [[each for each, so in zip(one, of, strict=True) if so] for one, of in zip(found, sure, strict=True)]
    return [min(one, key=lambda each: each[:2])[1:] if one else None for one in kept]


def check_curve(answer: Answer, remarks: list[Remark], fields: dict[str, Any]) -> int:
    """Who came by each touchpoint against who did not; says how many themes were left behind."""
    rows, changes, left = answer.extra("curve").to_pylist(), [], 0
    assert [row["touchpoint"] for row in rows] == names_of(fields)
    for row, theme in zip(rows, left_behind(names_of(fields), remarks), strict=True):
        came = [each for each in remarks if row["touchpoint"] in each.passed]
        others = [each for each in remarks if row["touchpoint"] not in each.passed]
        assert row["people"] == len(people_of(came))
        assert answer.people(passed=row["touchpoint"]).num_rows == len(came)
        assert answer.people(not_passed=row["touchpoint"]).num_rows == len(others)
        here, there = mood_of(came), mood_of(others)
        same(row, "sentiment", here)
        same(row, "sentiment_of_others", there)
        same(row, "effort", mood_of(came, "ease"))
        if "score" in fields:
            same(row, "score", score_of_people(came, fields["scale"]))
            same(row, "score_of_others", score_of_people(others, fields["scale"]))
        known = here.low is not None and there.low is not None
        change = hybrid_difference(here, there, method="") if known else Estimate(None, None, None, 0, 0.95, "")
        same(row, "difference", change)
        changes.append(change)
        assert row["theme"] == (theme[0] if theme else None)
        told = (row["of_people_with_theme"], row["of_others_with_theme"])
        assert told == (pytest.approx(theme[1:]) if theme else (None, None))
        left += theme is not None and bool(others)
    for row, change, q in zip(rows, changes, benjamini_hochberg([p_value(each) for each in changes]), strict=True):
        assert row["q_value"] == (None if q is None else pytest.approx(q, abs=0.01))
        if q is None or abs(q - 0.05) > 0.01:
            feeling = None if q is None else "like others" if q >= 0.05 else "low" if change.value < 0 else "high"
            assert row["feeling"] == feeling
    return left


def check_doubts(answer: Answer, remarks: list[Remark], fields: dict[str, Any]) -> None:
    """Scores that are not on the scale, and words that say the opposite."""
    rows = answer.extra("doubtful").to_pylist()
    bad, good = {"nps": (range(7), range(9, 11)), "stars": (range(3), range(4, 6))}[fields["scale"]]
    both = [each for each in remarks if each.score is not None and each.mood is not None]
    opposite = [e for e in both if (e.score in good and e.mood <= -1.5) or (e.score in bad and e.mood >= 1.5)]
    off = [each for each in remarks if each.score is None and "score" in each.event.fields]
    assert [row["remarks"] for row in rows] == [len(opposite), len(off)]
    assert rows[0]["of_remarks"] == (pytest.approx(len(opposite) / len(both)) if both else None)


def check_languages(answer: Answer, remarks: list[Remark]) -> None:
    """How many remarks there are by language, and of how many something is known."""
    found = {row["language"]: row for row in answer.extra("languages").to_pylist()}
    by_language: dict[str, list[Remark]] = defaultdict(list)
    for each in remarks:
        by_language[each.event.fields.get("said.language", "(unknown)")].append(each)
    assert {name: row["remarks"] for name, row in found.items()} == {k: len(v) for k, v in by_language.items()}
    for name, mine in by_language.items():
        assert found[name]["with_sentiment"] == sum(each.mood is not None for each in mine)
        assert found[name]["with_theme"] == sum(each.theme != "(no theme)" for each in mine)
        assert answer.people(language=name).num_rows == len(mine)


def check(log: list[Happened], fields: dict[str, Any], rng: random.Random) -> int:
    """One question against the program."""
    period, cutoff, blocks = populations(rng, log)
    answer = ask(build("voice", fields), Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    remarks = remarks_of(log, fields, period, cutoff)
    rows = answer.table.to_pylist()
    check_themes(rows, remarks, fields)
    over = buckets_over(log, period, cutoff, fields["every"]) if fields["every"] else []
    check_change(rows, remarks, fields, over)
    if remarks:
        check_languages(answer, remarks)
        if "score" in fields:
            check_doubts(answer, remarks, fields)
    drilled = Counter(
        (row["person"], row["place"], row["how"], round(row["sure"], 9), row["theme"], row["text"])
        for row in answer.people().to_pylist()
    )
    assert drilled == Counter(
        (e.person, e.place, e.how, round(e.sure, 9), drilled_theme(e), e.event.fields["said"]) for e in remarks
    )
    if not names_of(fields):
        assert "curve" not in answer.extras
        return 0
    check_places(answer, remarks, fields)
    return check_curve(answer, remarks, fields)


def drilled_theme(remark: Remark) -> str:
    return "(missing)" if remark.theme == "(no theme)" else remark.theme


@pytest.mark.parametrize("seed", range(600))
def test_it_equals_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    check(random_log(rng), asked_at_random(rng), rng)


def test_many_people_leave_themes_behind() -> None:
    """In larger logs themes stand out from chance, so that the curve has something to tell."""
    left = 0
    for seed in range(30):
        rng = random.Random(1_000 + seed)
        fields = asked_at_random(rng) | {"touchpoints": PLACES, "link_by": "entity_id"}
        fields.pop("map", None)
        left += check(random_log(rng, 600, 150), fields, rng)
    assert left >= 3


@pytest.mark.parametrize("field", ["plan", "topic"])
def test_everybody_is_in_one_group(field: str) -> None:
    """A breakdown takes the value of everybody's first remark; groups make up the whole, also of people."""
    rng = random.Random(3)
    log = [event for _ in range(6) for event in random_log(rng)]
    log = [
        Happened(e.person + str(n % 5), e.time, e.name, f"{n:05d}", {**e.fields, "plan": rng.choice("xyz")})
        for n, e in enumerate(log)
    ]
    fields = {**FIELDS, "quotes": 0, "touchpoints": PLACES, "most": 100}
    split = Population(Period.everything(), breakdown=Breakdown(field, top=3))
    answer = ask(build("voice", fields), split, MemoryEngine(log))
    rows = answer.table.to_pylist()
    whole = {(row["touchpoint"], row["theme"]): row for row in rows if row["group"] == "(everyone)"}
    alone = ask(build("voice", fields), Population(Period.everything()), MemoryEngine(log)).table.to_pylist()
    assert [{k: v for k, v in row.items() if k != "group"} for row in rows if row["group"] == "(everyone)"] == alone
    for name in ("people", "remarks", "people_with_sentiment"):
        parts = Counter()
        for row in rows:
            if row["group"] != "(everyone)":
                parts[row["touchpoint"], row["theme"]] += row[name]
        assert parts == Counter({key: row[name] for key, row in whole.items() if row[name]})
    first = {}
    for each in remarks_of(log, fields, Period.everything(), 10**18):
        first.setdefault(each.person, each.event.fields.get(field, "(missing)"))
    for group, number in Counter(first.values()).most_common(2):
        assert answer.people(group=group, first=True).num_rows == number


def test_sessions_are_units_of_their_own() -> None:
    """Two visits of one person, each with a remark, are two when visits are asked of."""
    log = [Happened("p", k * 40 * DAY, "survey", str(k), {"said": "so", "session": f"s{k}"}) for k in range(2)]
    populations_of = [Population(Period.everything(), unit=unit) for unit in ("person", "session")]
    of = [ask(build("voice", FIELDS | {"quotes": 0}), each, MemoryEngine(log)) for each in populations_of]
    assert [answer.columns["people"] for answer in of] == [[1], [2]]
    assert [answer.people(first=True).num_rows for answer in of] == [1, 2]


def test_mistakes_are_named() -> None:
    for fields in (
        {"most": 0},
        {"quotes": 21},
        {"theme": " "},
        {"within": "3"},
        {"map": MAP, "touchpoints": ["visit"]},
        {"touchpoints": ["visit", "visit"]},
        {"scale": "feet"},
    ):
        with pytest.raises(InputError):
            build("voice", {**FIELDS, **fields})
    log = [Happened("p", 0, "visit", "0"), Happened("p", 0, "survey", "1", {"said": "so", "topic": "x"})]
    fields = {**FIELDS, "quotes": 0, "touchpoints": ["visit"]}
    answer = ask(build("voice", fields), Population(Period.everything()), MemoryEngine(log))
    assert answer.people(touchpoint="visit", theme="x", how="last before", mood="unread").num_rows == 1
    for which in (
        {"touchpoint": "order"},
        {"passed": "(none)"},
        {"theme": "y"},
        {"how": "guessed"},
        {"mood": "angry"},
        {"stage": "first"},
        {"has": "words"},
        {"a": 1},
    ):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
