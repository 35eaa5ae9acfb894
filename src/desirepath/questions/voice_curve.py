"""Where do feelings dip? The emotion curve: how those feel who came by a touchpoint, against those who did not.

A remark says how a journey was; whoever came by a touchpoint before it is counted there, whatever the remark is about.
What those speak of more often than the others is what the touchpoint leaves behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from desirepath.questions.voice_quotes import first_quotes
from desirepath.questions.voice_tally import EFFORT, PEOPLE, VoiceTally
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, compare_proportions, interval_columns
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.intervals import hybrid_difference

MORE = 0.02
"""A theme counts as left behind if it is told this much more often, as a share, and chance does not explain it."""


def curve_table(tally: VoiceTally, *, quotes: bool) -> dict[str, list[Any]]:
    """A line per touchpoint, in the order of the journey."""
    asked = tally.asked
    many, first = len(asked.places), asked.first_passed
    here = [tally.line(first + k) for k in range(many)]
    others = [tally.line(first + many + k) for k in range(many)]
    moods, rest = [tally.mood(line) for line in here], [tally.mood(line) for line in others]
    change = [_difference(one, two) for one, two in zip(moods, rest, strict=True)]
    chances = [p_value(each) for each in change]
    themes = left_behind(tally)
    table: dict[str, list[Any]] = {"stage": [each.stage for each in asked.places]} if asked.stages else {}
    table |= {
        "touchpoint": [each.name for each in asked.places],
        "people": [int(line[PEOPLE]) for line in here],
        **interval_columns("sentiment", moods),
        "people_with_sentiment": [each.n for each in moods],
        **interval_columns("sentiment_of_others", rest),
        **interval_columns("difference", change),
        "q_value": list(benjamini_hochberg(chances)),
    }
    table["feeling"] = [
        None if q is None else "like others" if q > FLAG or each.value is None else "low" if each.value < 0 else "high"
        for q, each in zip(table["q_value"], change, strict=True)
    ]
    table |= interval_columns("effort", [tally.mood(line, EFFORT) for line in here])
    if asked.score is not None:
        table |= interval_columns("score", [tally.scores(line) for line in here])
        table |= interval_columns("score_of_others", [tally.scores(line) for line in others])
    table["theme"] = [None if each is None else tally.theme_name(each[0]) for each in themes]
    table["of_people_with_theme"] = [None if each is None else each[1] for each in themes]
    table["of_others_with_theme"] = [None if each is None else each[2] for each in themes]
    lines = [(first + k, each[0]) for k, each in enumerate(themes) if each is not None]
    quoted = dict(zip(lines, first_quotes(tally, lines), strict=True)) if quotes else {}
    table["quote"] = [quoted.get((first + k, each[0])) if each else None for k, each in enumerate(themes)]
    return table


def left_behind(tally: VoiceTally) -> list[tuple[int, float, float | None] | None]:
    """By touchpoint the theme that who came by it tells most over the others, and its share here and there."""
    first, many = tally.asked.first_passed, len(tally.asked.places)
    return told_more(tally, [(first + k, partial(tally.share, first + many + k)) for k in range(many)])


def told_more(
    tally: VoiceTally, lines: Sequence[tuple[int, Callable[[int], Proportion]]]
) -> list[tuple[int, float, float | None] | None]:
    """By line the theme that is told most over others, and its share here and there; None where none stands out.

    Of many themes on many lines chance alone lets some differ: all of them are one screen.

    Parameters
    ----------
    tally
        Sums.
    lines
        The place of each line, and the share of a theme among those whom it is held against; where there is nobody, the
        theme told most counts.
    """
    found: list[tuple[int, int, Proportion, Proportion]] = []
    for line, (here, others) in enumerate(lines):
        themes = [theme for theme in tally.of_place.get(here, []) if theme > 1]
        found += [(line, theme, tally.share(here, theme), others(theme)) for theme in themes]
    chances = [compare_proportions(one.x, one.n, two.x, two.n).p_value for *_, one, two in found]
    best: list[list[tuple[float, int, float, float | None]]] = [[] for _ in lines]
    for (line, theme, one, two), q in zip(found, benjamini_hochberg(chances), strict=True):
        more = (one.rate or 0.0) - (two.rate or 0.0)
        if more >= MORE and ((q is not None and q <= FLAG) or not two.n):
            best[line].append((-more, theme, one.rate or 0.0, two.rate))
    return [min(each, key=lambda one: one[:2])[1:] if each else None for each in best]


def _difference(one: Estimate, two: Estimate) -> Estimate:
    if one.low is None or two.low is None:
        return Estimate(None, None, None, one.n + two.n, one.level, "mean difference")
    return hybrid_difference(one, two, method="mean difference")


__all__ = ["curve_table", "left_behind", "told_more"]
