"""From sums over remarks to tables: themes by touchpoint, how people feel along the journey, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from desirepath.answers.answer import Notice
from desirepath.answers.voice_charts import feeling_chart, themes_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.questions.question import Report
from desirepath.questions.remarks import UNKNOWN, UNLINKED
from desirepath.questions.voice_curve import curve_table
from desirepath.questions.voice_quotes import broken_texts, first_quotes, phrases_table, quotes_table
from desirepath.questions.voice_tally import (
    EARLIER,
    EFFORT,
    LAST_OVER,
    LINKED,
    PARTS,
    PEOPLE,
    REMARKS,
    SENTIMENT,
    THEMES,
    TIMES,
    VoiceTally,
)
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, compare_proportions, interval_columns
from desirepath.statistics.scores import FEW

if TYPE_CHECKING:
    from desirepath.questions.voice import Voice

ALL = "all"
BAD = -0.5
"""Below it a mood is bad in words, if the whole interval is."""


def voice_report(tally: VoiceTally) -> Report:
    """Tables, words, notices and pictures."""
    asked = cast("Voice", tally.asked)
    touchpoints = [each.name for each in asked.places]
    places = [0, *range(1, len(touchpoints) + 1), *([len(touchpoints) + 1] if touchpoints else [])]
    names = [ALL, *touchpoints, UNLINKED]
    if not tally.size:
        places = []
    lines = _lines(tally, places)
    extras: dict[str, dict[str, list[Any]]] = {}
    if touchpoints:
        extras["curve"] = curve_table(tally, quotes=asked.quotes > 0)
        extras["places"] = _places(tally, names)
    if asked.stages:
        extras["stages"] = _stages(tally)
    extras["quotes"] = quotes_table(tally, lines, names, asked.quotes)
    extras["phrases"] = phrases_table(tally, names, asked.most)
    extras["languages"] = _languages(tally)
    if asked.score is not None:
        extras["doubtful"] = _doubtful(tally)
    table = _themes(tally, lines, names)
    if asked.every is not None:
        table |= changes(tally, lines)
    table["quote"] = first_quotes(tally, lines) if asked.quotes else [None] * len(lines)
    charts = [feeling_chart(), themes_chart()] if touchpoints else [themes_chart()]
    return Report(
        table, extras, _words(tally, names, extras.get("curve")), _notices(tally), charts if tally.size else []
    )


def _lines(tally: VoiceTally, places: Sequence[int]) -> list[tuple[int, int]]:
    """The themes of each place that most people speak of."""
    most = cast("Voice", tally.asked).most
    return [(place, theme) for place in places for theme in tally.of_place.get(place, [])[:most]]


def themes_table(tally: VoiceTally, names: Sequence[str]) -> dict[str, list[Any]]:
    """A line per touchpoint and theme, with a quote; names are of all and of the touchpoints."""
    lines = _lines(tally, range(len(names)))
    return {**_themes(tally, lines, names), "quote": first_quotes(tally, lines)}


def _themes(tally: VoiceTally, lines: Sequence[tuple[int, int]], names: Sequence[str]) -> dict[str, list[Any]]:
    """A line per touchpoint and theme."""
    found = [tally.line(*each) for each in lines]
    stages = [None, *(each.stage for each in tally.asked.places), None]
    table: dict[str, list[Any]] = {}
    if tally.asked.stages:
        table["stage"] = [stages[place] for place, _ in lines]
    table |= {
        "touchpoint": [names[place] for place, _ in lines],
        "theme": [tally.theme_name(theme) for _, theme in lines],
        "people": [int(line[PEOPLE]) for line in found],
        **interval_columns("of_people_there", [tally.share(*each).estimate() for each in lines]),
        "remarks": [int(line[REMARKS]) for line in found],
    }
    return table | _feelings(tally, found)


def _feelings(tally: VoiceTally, lines: Sequence[Any]) -> dict[str, list[Any]]:
    """Moods and scores of lines, with how many people they are of."""
    table: dict[str, list[Any]] = {}
    for name, column in (("sentiment", SENTIMENT), ("effort", EFFORT)):
        moods = [tally.mood(line, column) for line in lines]
        table |= {**interval_columns(name, moods), f"people_with_{name}": [each.n for each in moods]}
    if tally.asked.score is not None:
        scores = [tally.scores(line) for line in lines]
        table |= {**interval_columns("score", scores), "people_with_score": [each.n for each in scores]}
    return table


def _places(tally: VoiceTally, names: Sequence[str]) -> dict[str, list[Any]]:
    """A line per touchpoint, in the order of the journey: who speaks there, how they feel, and how sure the link is."""
    lines = [tally.line(place) for place in range(1, len(names))]
    stages = [*(each.stage for each in tally.asked.places), None]
    table: dict[str, list[Any]] = {"stage": stages} if tally.asked.stages else {}
    top = [tally.of_place.get(place, []) for place in range(1, len(names))]
    feelings = _feelings(tally, lines)
    return {
        **table,
        "touchpoint": list(names[1:]),
        "people": [int(line[PEOPLE]) for line in lines],
        "remarks": [int(line[REMARKS]) for line in lines],
        **feelings,
        "top_theme": [next((tally.theme_name(theme) for theme in each if theme > 1), None) for each in top],
        "named": [int(line[LINKED]) for line in lines],
        "last_before": [int(line[LINKED + 1]) for line in lines],
        "mean_confidence": [
            int(line[LINKED + 2]) / PARTS / int(line[REMARKS]) if line[REMARKS] and place < len(names) - 1 else None
            for place, line in enumerate(lines, start=1)
        ],
    }


def _stages(tally: VoiceTally) -> dict[str, list[Any]]:
    first = len(tally.asked.places) + 2
    places = [first + k for k in range(len(tally.asked.stages))]
    lines = [tally.line(place) for place in places]
    top = [tally.of_place.get(place, []) for place in places]
    return {
        "stage": list(tally.asked.stages),
        "people": [int(line[PEOPLE]) for line in lines],
        "remarks": [int(line[REMARKS]) for line in lines],
        **_feelings(tally, lines),
        "top_theme": [next((tally.theme_name(theme) for theme in each if theme > 1), None) for each in top],
    }


def _languages(tally: VoiceTally) -> dict[str, list[Any]]:
    """Per language how many remarks there are, and of how many something could be read."""
    order = np.lexsort((tally.languages.keys, -tally.languages.sums[:, 0]))
    keys, sums = tally.languages.keys[order].tolist(), tally.languages.sums[order].tolist()
    return {
        "language": [tally.tongues[key] or UNKNOWN for key in keys],
        "remarks": [each[0] for each in sums],
        "with_sentiment": [each[1] for each in sums],
        "with_theme": [each[2] for each in sums],
    }


def _doubtful(tally: VoiceTally) -> dict[str, list[Any]]:
    both, opposite, off, _ = (int(each) for each in tally.doubtful)
    return {
        "doubt": ["words and score say the opposite", "score is not on the scale"],
        "remarks": [opposite, off],
        "of_remarks": [opposite / both if both else None, off / tally.size if tally.size else None],
    }


def changes(tally: VoiceTally, lines: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
    """The share of a theme in the last bucket that is over, less that of the people of all buckets before it."""
    enough = sum(how == "over" for how in tally.told) > 1
    found: list[tuple[Estimate | None, float | None, int]] = []
    for place, theme in lines:
        (said, there), (before, earlier) = (
            [int(tally.trend.at((place * THEMES + each) * TIMES + when)[0]) for each in (theme, 0)]
            for when in (LAST_OVER, EARLIER)
        )
        if enough:
            compared = compare_proportions(said, there, before, earlier)
            found.append((compared.difference, compared.p_value, before))
        else:
            found.append((None, None, before))
    nothing = Estimate(None, None, None, 0, 0.95, "newcombe")
    sure = benjamini_hochberg([p for _, p, _ in found])
    return {
        **interval_columns("change", [each or nothing for each, *_ in found]),
        "q_value": list(sure),
        "new": [
            bool(q is not None and q <= FLAG and change is not None and (change.value or 0) > 0 and not before)
            for (change, _, before), q in zip(found, sure, strict=True)
        ],
    }


def _words(tally: VoiceTally, names: Sequence[str], curve: Mapping[str, list[Any]] | None) -> list[str]:
    """Who speaks, what of most, and where people feel worst."""
    if not tally.size:
        return ["Nobody said anything in this period: no event that fits has words."]
    all_ = tally.line(0)
    said = [f"{count(int(all_[REMARKS]))} remarks of {count(int(all_[PEOPLE]))} people."]
    worst = _worst(tally)
    if worst is not None:
        place, theme = worst
        share, mood = tally.share(place, theme), tally.mood(tally.line(place, theme))
        where = "" if not tally.asked.places else f" about {names[place]}"
        of = with_interval(share.estimate())
        text = f"What hurts most: {tally.theme_name(theme)}, told by {count(share.x)} of {count(share.n)} people"
        said.append(f"{text} with a remark{where}, {of}; sentiment {mood.value:+.1f}.")
    themes = [theme for theme in tally.of_place.get(0, []) if theme > 1]
    if themes and (worst is None or worst[1] != themes[0]):
        share = tally.share(0, themes[0])
        said.append(f"Most speak of {tally.theme_name(themes[0])}: {percent(share.rate)} of everybody with a remark.")
    low = [k for k, each in enumerate(curve["feeling"]) if each == "low"] if curve else []
    if curve and low:
        k = min(low, key=lambda place: curve["difference"][place])
        text = f"Feelings dip at {curve['touchpoint'][k]}: sentiment {curve['sentiment'][k]:+.1f} of who came by, "
        text += f"{curve['sentiment_of_others'][k]:+.1f} of the others"
        said.append(f"{text}; they speak of {curve['theme'][k]}." if curve["theme"][k] else f"{text}.")
    return said


def _worst(tally: VoiceTally) -> tuple[int, int] | None:
    """The touchpoint and theme with most people times how bad they feel, where that is surely bad."""
    places = range(1, len(tally.asked.places) + 1) if tally.asked.places else [0]
    found = []
    for place in places:
        for theme in tally.of_place.get(place, []):
            line = tally.line(place, theme)
            mood = tally.mood(line)
            if theme > 1 and mood.value is not None and mood.high is not None and mood.high < BAD:
                found.append((int(line[SENTIMENT]) * mood.value, place, theme))
    return min(found)[1:] if found else None


def _notices(tally: VoiceTally) -> list[Notice]:
    if not tally.size:
        return []
    notices, people = [], int(tally.line(0)[PEOPLE])
    if people < FEW:
        notices.append(Notice("few_answers", f"Only {people} people said something; shares and moods are very unsure."))
    unread = tally.size - int(tally.languages.sums[:, 1].sum())
    if unread:
        rows = zip(tally.languages.keys.tolist(), tally.languages.sums.tolist(), strict=True)
        left = {str(tally.tongues[key] or "unknown"): each[0] - each[1] for key, each in rows}
        told = ", ".join(f"{name} {count(n)}" for name, n in sorted(left.items(), key=lambda one: -one[1]) if n)
        text = f"{count(unread)} of {count(tally.size)} remarks have no sentiment ({told}): it is not guessed."
        notices.append(Notice("no_sentiment", text))
    if tally.asked.score is not None and tally.doubtful[1]:
        share = Proportion(int(tally.doubtful[1]), int(tally.doubtful[0]))
        text = f"{count(share.x)} of {count(share.n)} remarks with a score and a sentiment say the opposite in words."
        notices.append(Notice("words_and_score", text))
    off = int(tally.doubtful[2])
    if off:
        text = (
            f"{count(off)} of {count(tally.size)} remarks have a score that is not on the scale {tally.asked.scale!r}."
        )
        notices.append(Notice("off_scale", text))
    outside = int(tally.doubtful[3])
    if outside:
        text = f"{count(outside)} remarks have a sentiment or an effort beyond -5 to +5, which counts as none."
        notices.append(Notice("off_scale_mood", text))
    if not any(theme > 1 for theme in tally.of_place.get(0, [])):
        text = "No remark has a theme: topics need 40 different texts; `theme` may name another field."
        notices.append(Notice("no_themes", text))
    broken = broken_texts(tally)
    if broken:
        text = f"{count(broken)} texts were read in a wrong encoding where they came from; they are put right here."
        notices.append(Notice("encoding", text))
    if tally.asked.places:
        nowhere = int(tally.line(len(tally.asked.places) + 1)[REMARKS])
        if nowhere:
            text = f"{count(nowhere)} remarks hang on no touchpoint: none came before them within {tally.asked.within}."
            notices.append(Notice("unlinked", text))
    return notices


__all__ = ["ALL", "changes", "themes_table", "voice_report"]
