"""From distinct paths to the sequences that they have, and what became of those with them and of those without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import sequences_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.questions.paths_answer import still_open
from desirepath.questions.paths_tally import SEPARATOR
from desirepath.questions.paths_tree import merged, people_of
from desirepath.questions.paths_walk import COUNTS, OUTCOMES, RATED, SURE
from desirepath.questions.question import Report
from desirepath.questions.sequences_walk import count_patterns, ranked_paths
from desirepath.statistics import (
    FLAG,
    Proportion,
    ProportionComparison,
    benjamini_hochberg,
    compare_proportions,
    interval_columns,
)

if TYPE_CHECKING:
    from desirepath.questions.sequences import Sequences, SequencesTally

Array = npt.NDArray[Any]

MOST_PATTERNS = 6_000_000
"""So many sequences can be counted at once; with more touchpoints the rarest are passed over, and that is said."""


@dataclass(frozen=True)
class Mined:
    """The frequent closed sequences.

    Attributes
    ----------
    names
        Their touchpoints, as texts.
    counts
        int64[sequences, 3]: people by outcome.
    looked_at, left_out
        How many sequences were frequent before those were taken off that longer ones speak for; how many touchpoints
        were passed over.
    """

    names: list[str]
    counts: Array
    looked_at: int
    left_out: int


def mine(tally: SequencesTally, asked: Sequences) -> Mined:
    """Count every sequence of the frequent touchpoints, and keep those that are frequent and closed.

    A sequence is closed when no longer one has as many people (Wang and Han 2004), among those up to `length`.
    """
    words, given = merged(tally.paths.parts, tally.packing.words)
    everyone = tally.size - tally.early
    enough = max(1, math.ceil(asked.share * everyone - 1e-9))
    keys = np.arange(len(tally.texts), dtype=np.int16)
    singles = _counted(tally, words, given, keys, len(keys), 1, asked.depth)[1]
    frequent = np.flatnonzero(people_of(singles) >= enough) if everyone else np.zeros(0, dtype=np.int64)
    frequent = frequent[np.argsort(-people_of(singles[frequent]), kind="stable")]
    fits = len(frequent)
    while fits > 1 and sum(fits**n for n in range(1, asked.length + 1)) > MOST_PATTERNS:
        fits -= 1
    kept, left_out = frequent[:fits], len(frequent) - fits
    ranks = np.full(max(len(keys), 1), -1, dtype=np.int16)
    ranks[kept] = np.arange(len(kept))
    offsets, counts = _counted(tally, words, given, ranks, len(kept), asked.length, asked.depth)
    people = people_of(counts)
    numbers = np.flatnonzero(people >= enough) if len(kept) else np.zeros(0, dtype=np.int64)
    patterns = {_digits(int(number), offsets, len(kept)): int(number) for number in numbers}
    open_ = {
        shorter
        for pattern, number in patterns.items()
        for shorter in (pattern[:k] + pattern[k + 1 :] for k in range(len(pattern)))
        if shorter in patterns and people[patterns[shorter]] == people[number]
    }
    closed = [pattern for pattern in patterns if pattern not in open_]
    names = [SEPARATOR.join(tally.texts[int(kept[digit])] for digit in pattern) for pattern in closed]
    return Mined(names, counts[[patterns[pattern] for pattern in closed]], len(patterns), left_out)


def _counted(
    tally: SequencesTally, words: Array, given: Array, ranks: Array, base: int, length: int, depth: int
) -> tuple[Array, Array]:
    """Offsets of the numbers of sequences by length, and int64[sequences, 5] counts."""
    sizes = [base**n for n in range(1, length + 1)]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    counts = np.zeros((max(int(offsets[-1]), 1), COUNTS), dtype=np.int64)
    if base and len(words):
        paths = ranked_paths(words, tally.packing.per_word, tally.packing.base, ranks, depth)
        stamp, place = np.zeros(len(counts), dtype=np.int32), np.zeros(length, dtype=np.int64)
        count_patterns(paths, np.ascontiguousarray(given), length, base, offsets, stamp, counts, place)
    return offsets, counts


def _digits(number: int, offsets: Array, base: int) -> tuple[int, ...]:
    length = int(np.searchsorted(offsets, number, side="right"))
    number -= int(offsets[length - 1])
    return tuple(number // base**k % base for k in range(length - 1, -1, -1))


def sequences_report(tally: SequencesTally, asked: Sequences) -> Report:
    """Put the sequences into words and tables."""
    found = mine(tally, asked)
    whole = tally.conversion
    rated = found.counts[:, [SURE, RATED]].tolist()
    compared = [compare_proportions(x, n, whole.x - x, whole.n - n) for x, n in rated]
    q_values = benjamini_hochberg([each.p_value for each in compared])
    order = _order(found, compared, with_end=asked.end is not None)[: asked.most]
    table = _table(found, compared, q_values, order, tally, with_end=asked.end is not None)
    return Report(
        table,
        {"accounts": _accounts(tally)},
        words=_words(tally, asked, table),
        notices=_notices(tally, asked, found, len(order)),
        charts=[sequences_chart(converts=asked.end is not None)] if order else [],
    )


def _order(found: Mined, compared: Sequence[ProportionComparison], *, with_end: bool) -> list[int]:
    """The surest difference first; without an end, the most people first."""
    people = people_of(found.counts).tolist()

    def rank(k: int) -> tuple[float, int, str]:
        p_value = compared[k].p_value if with_end else None
        return (1.0 if p_value is None else p_value, -people[k], found.names[k])

    return sorted(range(len(found.names)), key=rank)


def _table(
    found: Mined,
    compared: Sequence[ProportionComparison],
    q_values: Sequence[float | None],
    order: Sequence[int],
    tally: SequencesTally,
    *,
    with_end: bool,
) -> dict[str, list[Any]]:
    everyone = tally.size - tally.early
    rows = [found.counts[k].tolist() for k in order]
    people = [sum(row[: len(OUTCOMES)]) for row in rows]
    shares = [Proportion(number, everyone).estimate() for number in people]
    table: dict[str, list[Any]] = {"sequence": [found.names[k] for k in order], "people": people}
    table |= interval_columns("of_people", shares)
    if not with_end:
        return table
    for outcome, name in enumerate(OUTCOMES):
        table[name] = [row[outcome] for row in rows]
    decided = [Proportion(row[SURE], row[RATED]).estimate() for row in rows]
    table["decided"] = [each.n for each in decided]
    table |= interval_columns("of_decided", decided)
    whole = tally.conversion
    others = [(whole.x - row[SURE], whole.n - row[RATED]) for row in rows]
    table["of_others"] = [x / n if n else None for x, n in others]
    differences = [compared[k].difference for k in order]
    table |= interval_columns("of_more", differences)
    table["q_value"] = [q_values[k] for k in order]
    table["flagged"] = [q is not None and q <= FLAG for q in table["q_value"]]
    return table


def _accounts(tally: SequencesTally) -> dict[str, list[Any]]:
    """What became of everybody who started."""
    names = ["reached the end by the landmark", "converted after it", "left", "undecided"]
    return {"what": names, "people": [tally.early, *tally.outcomes[: len(OUTCOMES)].tolist()]}


def _words(tally: SequencesTally, asked: Sequences, table: dict[str, list[Any]]) -> list[str]:
    if not tally.size:
        return [f"Nobody began with {asked.start or 'anything'} in this period."]
    said = []
    if asked.end is not None:
        share = tally.conversion.estimate()
        so_far = f"had not reached {asked.end} within {asked.within}"
        said.append(
            f"Of the {count(share.n)} who {so_far} and whose window has closed, {with_interval(share)} did so within "
            f"{asked.window}."
            if share.n
            else f"No window has closed yet of those who {so_far}, so there is no rate."
        )
    if not table["sequence"]:
        return [*said, f"No sequence is shared by {asked.least} of them."]
    name, people = table["sequence"][0], count(table["people"][0])
    if asked.end is None:
        said.append(f"The most frequent sequence is {name}: {people} have it.")
    elif table["flagged"][0]:
        said.append(
            f"Most surely associated: {name}, {percent(table['of_decided'][0])} of those who have it, against "
            f"{percent(table['of_others'][0])} of the others."
        )
    else:
        said.append("No sequence differs from the rest more surely than chance allows.")
    return said


def _notices(tally: SequencesTally, asked: Sequences, found: Mined, shown: int) -> list[Notice]:
    notices = []
    notices += still_open(tally.outcomes, converts=asked.end is not None)
    if tally.early:
        text = (
            f"{tally.early:,} reached {asked.end} by the landmark; they had less time for anything, and are left out."
        )
        notices.append(Notice("before_landmark", text))
    if asked.end is not None and found.names:
        text = "A sequence is associated with the outcome; whether it brings it about only a test can say."
        notices.append(Notice("associated", text))
    if tally.more:
        text = f"{tally.more:,} paths are longer than {asked.depth} touchpoints, and looked at as far as that."
        notices.append(Notice("cut_short", text))
    if found.left_out:
        text = f"{found.left_out:,} rarer touchpoints are passed over, because there would be too many sequences."
        notices.append(Notice("rare_touchpoints", text))
    if shown < len(found.names):
        text = f"{len(found.names) - shown:,} more sequences are frequent enough; `most` shows more."
        notices.append(Notice("other", text))
    return notices
