"""From sums to the tables of a journey map: touchpoints, stages, moves, scores, and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.map_charts import map_chart
from desirepath.answers.map_drawing import drawing, drawing_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.instance_facts import too_young
from desirepath.questions.journey_map_waits import Waits, usual
from desirepath.questions.journey_map_walk import Counted
from desirepath.questions.map_quotes import Said, quotes, together
from desirepath.questions.map_voice import added, voice_tables
from desirepath.questions.question import Report
from desirepath.questions.transitions_gaps import Gaps
from desirepath.questions.voice_tally import VoiceTally
from desirepath.statistics import Estimate, Proportion, interval_columns, newcombe
from desirepath.statistics.scores import FEW, score, score_difference

Array = npt.NDArray[Any]

SECOND = 1_000_000
PARTS = 10_000
"""Money is added up in ten-thousandths, so that the order of sums does not matter."""
START = "(start)"


@dataclass(frozen=True, eq=False)
class MapTally:
    """Sums over instances.

    Attributes
    ----------
    asked
        The map.
    size
        How many instances there are.
    outcomes, closed
        int64[3] twice: converted, dropped, in progress; the same of those whose time was over when the data ends.
    people, first
        Persons with an instance; int64[k]: persons that came by each touchpoint, counted at their first instance there.
    counted
        What the walk counted.
    stays, stage_stays, gaps
        To the next touchpoint, to the next stage, and of moves between touchpoints.
    waits
        How long those in progress have been where they are.
    answers, about, passed, odd
        int64[kinds, 11], int64[kinds, k, 11] twice, int64[kinds]: see `journey_map_walk.last_answers`.
    said, texts
        Comments, and their texts by number; see `map_quotes`.
    voices
        Per kind of feedback with comments what they say; see `map_voice`.
    """

    asked: JourneyMap
    size: int
    outcomes: Array
    closed: Array
    people: int
    first: Array
    counted: Counted
    stays: Gaps
    stage_stays: Gaps
    gaps: Gaps
    waits: Waits
    answers: Array
    about: Array
    passed: Array
    odd: Array
    said: Said
    texts: Mapping[int, str]
    voices: Mapping[int, VoiceTally]

    def __add__(self, other: MapTally) -> MapTally:
        """Join two groups of instances."""
        return MapTally(
            self.asked,
            self.size + other.size,
            self.outcomes + other.outcomes,
            self.closed + other.closed,
            self.people + other.people,
            self.first + other.first,
            Counted(*(one + two for one, two in zip(self.counted, other.counted, strict=True))),
            self.stays + other.stays,
            self.stage_stays + other.stage_stays,
            self.gaps + other.gaps,
            self.waits + other.waits,
            self.answers + other.answers,
            self.about + other.about,
            self.passed + other.passed,
            self.odd + other.odd,
            together(self.said, other.said),
            dict(sorted({**self.texts, **other.texts}.items())),
            added(self.voices, other.voices),
        )

    @property
    def conversion(self) -> Proportion:
        """Converted instances of those whose time was over when the data ends."""
        return Proportion(int(self.closed[0]), int(self.closed.sum()))

    def rates(self) -> Mapping[str, Proportion]:
        """Conversion, and per touchpoint the share of closed instances that did not end there without the goal."""
        ways = self.counted.closed
        named = {f"go on from {each.name}": _stayed(ways[k]) for k, each in enumerate(self.asked.touchpoints)}
        return {"convert": self.conversion, **named}


def map_report(tally: MapTally) -> Report:
    """Put the sums into words and tables."""
    extras = {"stages": _stages(tally), "moves": _moves(tally), "drawing": _drawing(tally)}
    if tally.asked.feedback:
        extras["scores"] = _scores(tally)
    if any(each.comment is not None for each in tally.asked.feedback):
        names = [each.name for each in tally.asked.touchpoints]
        scales = [each.scale for each in tally.asked.feedback]
        extras["quotes"] = quotes(tally.said, tally.texts, scales, names)
        extras |= voice_tables(tally.voices, scales)
    return Report(
        _touchpoints(tally) | _felt(tally, extras.get("feelings")),
        extras,
        _words(tally),
        _notices(tally),
        [drawing_chart(), map_chart()] if tally.size else [],
    )


def _felt(tally: MapTally, feelings: Mapping[str, list[Any]] | None) -> dict[str, list[Any]]:
    """How those feel who came by each touchpoint, and what they speak of: of the first feedback with comments."""
    if feelings is None:
        return {}
    many = len(tally.asked.touchpoints)
    names = ("sentiment", "sentiment_low", "sentiment_high", "instances_with_sentiment", "theme", "quote")
    return {name: feelings[name][:many] for name in names}


def _stayed(ways: Array) -> Proportion:
    """Of closed instances, by what became of them at a place, the share that did not leave."""
    return Proportion(int(ways[0] + ways[3]), int(ways.sum()))


def _ways(ways: Array, closed: Array) -> dict[str, list[Any]]:
    """What became of instances at each place, and of those whose time was over the share that did not leave."""
    rates = [_stayed(each).estimate() for each in closed]
    return {
        "instances": ways.sum(axis=1).tolist(),
        "went_on": ways[:, 3].tolist(),
        "converted": ways[:, 0].tolist(),
        "left": ways[:, 1].tolist(),
        "waiting": ways[:, 2].tolist(),
        "decided": [rate.n for rate in rates],
        "decided_converted": closed[:, 0].tolist(),
        "decided_left": closed[:, 1].tolist(),
        **interval_columns("of_decided", rates),
    }


def _times(gaps: Gaps) -> dict[str, list[Any]]:
    quartiles = gaps.all_quartiles(range(gaps.kinds))
    names = ("quarter_seconds", "median_seconds", "three_quarters_seconds")
    return {
        name: [None if each is None else each[place] / SECOND for each in quartiles] for place, name in enumerate(names)
    }


def _touchpoints(tally: MapTally) -> dict[str, list[Any]]:
    """One row per touchpoint of the map."""
    asked = tally.asked
    counted = tally.counted
    instances = counted.ways.sum(axis=1)
    table: dict[str, list[Any]] = {
        "stage": [asked.stages[each.stage].name for each in asked.touchpoints],
        "touchpoint": [each.name for each in asked.touchpoints],
        **_ways(counted.ways, counted.closed),
    }
    table["people"] = tally.first.tolist()
    table |= _times(tally.stays)
    limits = usual(tally.stays)
    table["waiting_longer"] = [None if each is None else tally.waits.longer(k, each) for k, each in enumerate(limits)]
    table["events"] = counted.events.tolist()
    table["attempts"] = [_ratio(int(e), int(n)) for e, n in zip(counted.events, instances, strict=True)]
    table["came_back"] = counted.back.tolist()
    limited = [each.limit > 0 for each in asked.touchpoints]
    table["late"] = [int(n) if has else None for n, has in zip(counted.late, limited, strict=True)]
    table["contacts"] = counted.contacts.tolist()
    table["contacts_per_100"] = [_ratio(100 * int(c), int(n)) for c, n in zip(counted.contacts, instances, strict=True)]
    for name in ("cost", "revenue"):
        amounts = zip(asked.touchpoints, getattr(counted, name), strict=True)
        table[name] = [None if getattr(each, name) is None else int(amount) / PARTS for each, amount in amounts]
    if asked.feedback:
        scale = asked.feedback[0].scale
        scores = [score(scale, counts) for counts in tally.passed[0]]
        table |= interval_columns("score", scores)
        table["answers"] = [each.n for each in scores]
    return table


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _stages(tally: MapTally) -> dict[str, list[Any]]:
    asked = tally.asked
    return {
        "stage": [stage.name for stage in asked.stages],
        "owner": [stage.owner for stage in asked.stages],
        **_ways(tally.counted.stage_ways, tally.counted.stage_closed),
        **_times(tally.stage_stays),
        "late": [
            int(n) if stage.limit else None for n, stage in zip(tally.counted.stage_late, asked.stages, strict=True)
        ],
    }


def _moves(tally: MapTally) -> dict[str, list[Any]]:
    """One row per move between touchpoints: how often, how long, and how instances that made it came out."""
    asked, k = tally.asked, len(tally.asked.touchpoints)
    counted = tally.counted
    moves = counted.moves
    names = [*(each.name for each in asked.touchpoints), START]
    whole = [*counted.outcomes, tally.closed]
    came = [*counted.ways.sum(axis=1).tolist(), tally.size]
    ranked = sorted(zip(*np.nonzero(moves), strict=True), key=lambda move: (-int(moves[move]), *map(int, move)))
    expected = asked.road.follows()
    quartiles = tally.gaps.all_quartiles([int(a) * k + int(b) if a < k else 0 for a, b in ranked])
    rows = []
    for (a, b), lengths in zip(ranked, quartiles, strict=True):
        with_, all_ = counted.move_outcomes[a, b], np.asarray(whole[a])
        others = all_ - with_
        shares = [Proportion(int(each[0]), int(each[:2].sum())).estimate() for each in (with_, others)]
        counts = [number for each in (with_, others) for number in (int(each[0]), int(each[:2].sum()))]
        change = newcombe(*counts)
        rows.append(
            {
                "from": names[a],
                "to": names[b],
                "instances": int(moves[a, b]),
                "times": int(counted.times[a, b]),
                "of_from": _ratio(int(moves[a, b]), came[a]),
                "expected": bool(a == k or (int(a), int(b)) in expected),
                "median_seconds": lengths[1] / SECOND if a < k and lengths else None,
                "of_converting": shares[0].value,
                "of_others_converting": shares[1].value,
                "difference": change.value,
                "difference_low": change.low,
                "difference_high": change.high,
            }
        )
    columns = list(rows[0]) if rows else ["from", "to", "instances", "times"]
    return {name: [row[name] for row in rows] for name in columns}


def _drawing(tally: MapTally) -> dict[str, list[Any]]:
    """What the picture of the map is made of."""
    points, k = tally.asked.touchpoints, len(tally.asked.touchpoints)
    names = [each.name for each in points]
    came = dict(zip(names, map(int, tally.counted.ways.sum(axis=1)), strict=True))
    moves = {(names[a], names[b]): int(tally.counted.moves[a, b]) for a in range(k) for b in range(k)}
    stages = [(stage.name, [names[t] for t in stage.touchpoints]) for stage in tally.asked.stages]
    return drawing(stages, came, moves)


def _scores(tally: MapTally) -> dict[str, list[Any]]:
    """Scores by touchpoint: answers that are about it, and answers of all who came by, beside those who did not."""
    places = [(n, kind.scale, k) for n, kind in enumerate(tally.asked.feedback) for k in range(len(tally.first))]
    about = [score(scale, tally.about[n, k]) for n, scale, k in places]
    passed = [score(scale, tally.passed[n, k]) for n, scale, k in places]
    came = tally.counted.ways.sum(axis=1)
    differences = [_from_others(tally, n, k) for n, _, k in places]
    table: dict[str, list[Any]] = {
        "scale": [scale for _, scale, _ in places],
        "touchpoint": [tally.asked.touchpoints[k].name for _, _, k in places],
        **interval_columns("about", about),
        "answers_about": [each.n for each in about],
        **interval_columns("passed", passed),
        "answers_passed": [each.n for each in passed],
        "of_instances_answering": [
            _ratio(each.n, int(came[k])) for each, (_, _, k) in zip(passed, places, strict=True)
        ],
        **interval_columns("difference", differences),
        "feeling": [_feeling(each) for each in differences],
    }
    return table


def _feeling(difference: Estimate) -> str | None:
    """Whether who came by is more or less satisfied than the others, where the two can be told apart."""
    if difference.low is None or difference.high is None:
        return None
    return "high" if difference.low > 0 else "low" if difference.high < 0 else "like others"


def _from_others(tally: MapTally, number: int, k: int) -> Estimate:
    """The score of who came by a touchpoint less that of who did not, by a kind of feedback."""
    passed = tally.passed[number, k]
    return score_difference(tally.asked.feedback[number].scale, passed, tally.answers[number] - passed)


def _words(tally: MapTally) -> list[str]:
    asked = tally.asked
    if not tally.size:
        return [f"Nobody began {asked.title!r} in this period."]
    begun = f"{count(tally.size)} instances of {asked.title!r} by {count(tally.people)} people"
    share = tally.conversion.estimate()
    said = [
        f"{begun}; {with_interval(share)} of the {count(share.n)} whose time is over reached the goal."
        if share.n
        else f"{begun}; the time of none of them is over yet."
    ]
    left = tally.counted.ways[:, 1]
    if left.any():
        worst = int(np.argmax(left))
        whole = int(left.sum())
        said.append(
            f"Most of those that dropped were last at {asked.touchpoints[worst].name}: "
            f"{percent(int(left[worst]) / whole)} of {count(whole)}."
        )
    return [*said, *_lowest(tally)]


def _lowest(tally: MapTally) -> list[str]:
    """The touchpoint whose passers gave the lowest scores beside the others, where the two can be told apart."""
    if not tally.asked.feedback:
        return []
    found = []
    for k, touchpoint in enumerate(tally.asked.touchpoints):
        change = _from_others(tally, 0, k)
        if change.value is not None and change.high is not None and change.high < 0:
            if int(tally.passed[0, k].sum()) >= FEW:
                found.append((change.value, touchpoint.name, change))
    if not found:
        return []
    value, name, change = min(found, key=lambda each: each[:2])
    return [
        f"Those who came by {name} gave {tally.asked.feedback[0].scale} scores {abs(value):.1f} lower than the others "
        f"(95 % interval {change.low:.1f} to {change.high:.1f})."
    ]


def _notices(tally: MapTally) -> list[Notice]:
    notices = []
    notices += too_young(tally.outcomes, tally.conversion.n)
    if int(tally.odd.sum()):
        text = f"Answers whose score is not on its scale are left out: {int(tally.odd.sum()):,}."
        notices.append(Notice("odd_scores", text))
    small = [int(each.sum()) for each in tally.answers if 0 < each.sum() < FEW]
    if small:
        notices.append(Notice("few_answers", f"Scores rest on {min(small)} answers; below {FEW} they say little."))
    if tally.size and tally.stays.approximate:
        notices.append(Notice("approximate", "Quantiles of times are within 0.8 %."))
    return notices


__all__ = ["MapTally", "map_report"]
