"""What did people say there? A few comments that stand for the others, of those who were satisfied and who were not.

A comment stands for others if its words are theirs: the mean share of comments, of the same touchpoint and side, in
which each of its words occurs. Of two that are alike the shorter is told. Nothing is made up or shortened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.instances import NOTHING
from desirepath.questions.journey_map_walk import Instances
from desirepath.statistics.scores import scale_of

Array = npt.NDArray[Any]

EACH = 2
"""So many quotes of each side."""

LEAST_WORDS = 3

_WORD = re.compile(r"\w{3,}")

Said = Mapping[tuple[int, int, int, int], int]
"""Comments by kind of feedback, touchpoint, score and text, with how many instances gave them."""


@kernel
def last_comments(
    rows: Array, found: Instances, matches: Array, place: Array, texts: Array, about: int, spot: Array, score: Array,
    text: Array,
) -> None:  # fmt: skip
    """Write every instance's last answer with a comment: its touchpoint (-1 where there is none), score and text."""
    for r in range(len(rows)):
        p = rows[r]
        spot[r], before = -1, -1
        for i in range(found.starts[p], found.starts[p + 1]):
            if found.touched[i] != NOTHING:
                before = int(found.touched[i])
            if matches[i] and place[i] >= 0 and texts[i] > 0:
                spot[r] = about if about >= 0 else before
                score[r], text[r] = int(place[i]), int(texts[i])


def comments_of(
    rows: Array, found: Instances, kind: int, matches: Array, place: Array, texts: Array, about: int
) -> dict[tuple[int, int, int, int], int]:
    """The last comments of the instances `rows`, of one kind of feedback."""
    spot, score, text = (np.full(len(rows), -1, dtype=np.int64) for _ in range(3))
    last_comments(rows, found, matches, place, texts, about, spot, score, text)
    some = spot >= 0
    given, counts = np.unique(np.stack((spot[some], score[some], text[some])), axis=1, return_counts=True)
    return {(kind, int(at), int(points), int(code)): int(n) for at, points, code, n in zip(*given, counts, strict=True)}


def together(one: Said, other: Said) -> Said:
    """The comments of two groups of instances."""
    found = Counter(dict(one))
    found.update(dict(other))
    return dict(sorted(found.items()))


def side_of(scale: str, score: int) -> str | None:
    """`low`, `high`, or None for what is neither."""
    known = scale_of(scale)
    if scale == "nps":
        return "low" if score <= 6 else "high" if score >= 9 else None
    if known.good is not None:
        return "high" if score >= known.good else "low"
    middle = (known.low + known.high) / 2
    return "low" if score < middle else "high" if score > middle else None


def quotes(said: Said, texts: Mapping[int, str], scales: Sequence[str], names: Sequence[str]) -> dict[str, list[Any]]:
    """A table of comments that stand for the others, by kind of feedback, touchpoint and side."""
    by_place: dict[tuple[int, int, str], Counter[str]] = {}
    scores: dict[tuple[int, int, str, str], Counter[int]] = {}
    for (kind, at, score, code), number in said.items():
        side = side_of(scales[kind], score)
        text = " ".join(texts[code].split())
        if side is None or not text:
            continue
        by_place.setdefault((kind, at, side), Counter())[text] += number
        scores.setdefault((kind, at, side, text), Counter())[score] += number
    table: dict[str, list[Any]] = {
        name: [] for name in ("scale", "touchpoint", "side", "score", "quote", "instances", "of_comments")
    }
    for (kind, at, side), comments in sorted(by_place.items()):
        for text in _standing(comments):
            row = (
                scales[kind],
                names[at],
                side,
                scores[kind, at, side, text].most_common(1)[0][0],
                text,
                comments[text],
                comments[text] / comments.total(),
            )
            for column, value in zip(table.values(), row, strict=True):
                column.append(value)
    return table


def _standing(comments: Counter[str]) -> list[str]:
    """The comments that stand best for all; no two share more than half of their words."""
    words = {text: frozenset(_words(text)) for text in comments}
    frequent: Counter[str] = Counter()
    for text, number in comments.items():
        frequent.update(dict.fromkeys(words[text], number))
    total = comments.total()

    def worth(text: str) -> tuple[bool, float, int, str]:
        mean = sum(frequent[word] for word in words[text]) / total / max(len(words[text]), 1)
        return len(words[text]) < LEAST_WORDS, -mean, len(text), text

    chosen: list[str] = []
    for text in sorted(comments, key=worth):
        if all(2 * len(words[text] & words[other]) <= len(words[text] | words[other]) for other in chosen):
            chosen.append(text)
        if len(chosen) == EACH:
            break
    return chosen


def _words(text: str) -> Iterable[str]:
    return (word.casefold() for word in _WORD.findall(text))
