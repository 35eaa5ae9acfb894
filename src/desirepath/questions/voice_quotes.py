"""Which remarks stand for the others? A few of each line, chosen by a rule and not by hand, without personal data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from desirepath.questions.voice_tally import PARTS, THEMES, VoiceTally

TIMES, READ, MOOD, SCORED, SCORE, WEIGHT = range(6)

MOST_MARKED = 3_000
"""So many distinct texts of a touchpoint are looked through for phrases."""

MOST_LOOKED_AT = 400
"""So many texts of a line are compared with each other, those that were said most often, then by the text."""


def _texts(tally: VoiceTally, place: int, theme: int | None) -> list[tuple[str, list[int]]]:
    """The texts of a line, or of a place with all its themes, with their sums; those said most often first."""
    found: dict[str, list[int]] = {}
    touchpoints = len(tally.asked.places)
    passed = tally.asked.first_passed
    wanted: Sequence[int] = range(touchpoints + 1)
    if 0 < place <= touchpoints + 1:
        wanted = [0 if place == touchpoints + 1 else place]
    elif passed <= place < passed + touchpoints:
        wanted = [place]  # who came by is quoted whatever the remark is about
    themes = range(1, len(tally.themes) + 1) if theme is None else [theme]
    for there, about in product(wanted, themes):
        for code, sums in tally.by_line.get(there * THEMES + about, ()):
            text = " ".join(tally.texts[code].split())
            found[text] = [a + b for a, b in zip(found.get(text, [0] * 6), sums, strict=True)]
    return sorted(found.items(), key=lambda each: (-each[1][TIMES], each[0]))


def chosen(tally: VoiceTally, place: int, theme: int | None, most: int) -> list[tuple[str, list[int], int]]:
    """Quotes of a line: the words without personal data, sums, and for how many remarks each stands.

    `tally.quoted_in` then has their languages.
    """
    from desirepath.text.representatives import representatives

    texts = _texts(tally, place, theme)
    if not texts or not most:
        return []
    some = texts[:MOST_LOOKED_AT]
    weights, times = ([sums[column] for _, sums in some] for column in (WEIGHT, TIMES))
    picked = representatives([text for text, _ in some], most, weights, times=times)
    found: dict[str, tuple[list[int], int]] = {}
    for each in picked:
        quote, spoken_for = masked_text(some[each.place][0]), each.others + 1
        if quote in found:
            found[quote] = found[quote][0], found[quote][1] + spoken_for
            continue
        tally.quoted_in[quote] = tally.spoken[some[each.place][0]]
        alike = [sums for text, sums in texts if reads_like(text, quote)]
        found[quote] = [sum(column) for column in zip(*alike, strict=True)], spoken_for
    quotes = [(quote, sums, max(many, sums[TIMES])) for quote, (sums, many) in found.items()]
    tally.quoted[place, theme] = quotes
    return quotes


def reads_like(text: str, quote: str) -> bool:
    """Whether a text, its white space aside, is shown as that quote; few texts have to be masked to tell."""
    if text == quote:
        return True
    before, masks, _ = quote.partition("[")
    if not (masks and text.startswith(before)) and (text.isascii() or not _is_broken(text)):
        return False
    return masked_text(text) == quote


def broken_texts(tally: VoiceTally) -> int:
    """How many of the texts were read in a wrong encoding."""
    return sum(_is_broken(text) for text in tally.texts.values() if not text.isascii())


@lru_cache(maxsize=10_000)
def _is_broken(text: str) -> bool:
    from desirepath.text.repair import repaired

    return repaired(text) != text


@lru_cache(maxsize=10_000)
def masked_text(text: str) -> str:
    """The words with their encoding put right and without personal data."""
    from desirepath.text.masking import masked
    from desirepath.text.repair import repaired

    return masked(repaired(text))


def quotes_table(
    tally: VoiceTally, lines: Sequence[tuple[int, int]], names: Sequence[str], most: int
) -> dict[str, list[Any]]:
    """A line per quote."""
    table: dict[str, list[Any]] = {
        name: [] for name in ("touchpoint", "theme", "quote", "language", "times", "stands_for", "sentiment", "score")
    }
    for place, theme in lines:
        for text, sums, stands_for in chosen(tally, place, theme, most):
            row = (
                names[place],
                tally.theme_name(theme),
                text,
                tally.quoted_in[text],
                sums[TIMES],
                stands_for,
                sums[MOOD] / PARTS / sums[READ] if sums[READ] else None,
                sums[SCORE] / sums[SCORED] if sums[SCORED] else None,
            )
            for column, value in zip(table.values(), row, strict=True):
                column.append(value)
    if tally.asked.score is None:
        del table["score"]
    return table


def phrases_table(tally: VoiceTally, names: Sequence[str], most: int) -> dict[str, list[Any]]:
    """A line per word or pair of words that marks the remarks about a touchpoint, or of a theme."""
    from desirepath.text.phrases import keyphrases

    groups: dict[str, list[str]] = {}
    touchpoints = len(tally.asked.places)
    for line, texts in tally.by_line.items():
        there, theme = divmod(line, THEMES)
        if there <= touchpoints:
            name = names[there if there else touchpoints + 1] if touchpoints else tally.theme_name(theme)
            groups.setdefault(name, []).extend(tally.texts[code] for code, _ in texts)
    some = {name: sorted(set(texts))[:MOST_MARKED] for name, texts in sorted(groups.items())}
    column = "touchpoint" if touchpoints else "theme"
    table: dict[str, list[Any]] = {name: [] for name in (column, "phrase", "texts", "texts_elsewhere")}
    for name, phrases in keyphrases(some, most).items():
        for phrase in phrases:
            row = (name, phrase.text, phrase.texts, phrase.others)
            for values, value in zip(table.values(), row, strict=True):
                values.append(value)
    return table


def first_quotes(tally: VoiceTally, lines: Sequence[tuple[int, int]]) -> list[str | None]:
    """The first quote of every line; it is the same however many are chosen."""
    found = [tally.quoted.get(line) or chosen(tally, *line, 1) for line in lines]
    return [each[0][0] if each else None for each in found]


__all__ = [
    "broken_texts",
    "chosen",
    "first_quotes",
    "masked_text",
    "phrases_table",
    "quotes_table",
    "reads_like",
]
