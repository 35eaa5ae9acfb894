"""Who said what where? Sums over remarks that add up in any order; a person counts once for each line.

A line is a touchpoint, a stage or all of them, with one theme or with all. What a person says several times on one line
is one opinion: the mean of the moods, and the last score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.questions.question import Findings
from desirepath.questions.voice_walk import LAST, NAMED
from desirepath.statistics import Estimate, Proportion
from desirepath.statistics.keyed import Grouped, Keyed
from desirepath.statistics.means import mean_of_sums
from desirepath.statistics.scores import PLACES

if TYPE_CHECKING:
    from desirepath.questions.remarks import Remarks

Array = npt.NDArray[Any]

NO_THEME = "(no theme)"

THEMES = 1 << 20
"""Keys of lines have room for so many themes; 0 stands for all of them, and theme code t for t + 1."""

TEXTS = 1 << 24
PARTS = 10_000
"""Moods are added up in ten-thousandths, so that the order of sums does not matter."""

PEOPLE, REMARKS, SENTIMENT, EFFORT, LINKED, SCORES = 0, 1, 2, 5, 8, 11
"""First columns of a line: moods are their number, sum and sum of squares; links are named, last and confidence."""

EARLIER, LAST_OVER, NEITHER, TIMES = 0, 1, 2, 3
"""When somebody spoke: before the last bucket that is over, in it, or in one that is not over."""

SHOWN = 30
"""So many themes are held against those of another group."""

MOST_TEXTS = 50_000
"""So many distinct texts are kept to quote from; of more, those whose hash is least: the same in any order."""


@dataclass(frozen=True, eq=False)
class VoiceTally:
    """Sums over remarks.

    Attributes
    ----------
    asked
        The question.
    size
        How many remarks there are.
    labels, told
        The buckets, and whether the period touches each: `over`, `open` or neither.
    lines
        Per line: people, remarks, moods, links, and people by their last score.
    trend
        People by `line * TIMES + when`: who speaks in several of the buckets before counts once.
    said
        Per touchpoint, and of who came by it, with one theme and per text: times, moods and scores (number and sum).
    languages
        Per language remarks, those with a sentiment, and those with a theme.
    doubtful
        int64[4]: remarks with a score and a sentiment, those that say the opposite, scores that are not on the scale,
        moods beyond -5 to 5.
    texts
        The texts by code.
    tongue_of
        The language's code by the text's; the highest, where a property of one's own says several.
    themes, tongues
        What the codes of themes and of languages mean.
    """

    asked: Remarks
    size: int
    labels: tuple[str, ...]
    told: tuple[str, ...]
    lines: Keyed
    trend: Keyed
    said: Keyed
    languages: Keyed
    doubtful: Array
    texts: Mapping[int, str]
    tongue_of: Mapping[int, int]
    themes: tuple[str | None, ...]
    tongues: tuple[str | None, ...]

    def __add__(self, other: VoiceTally) -> VoiceTally:
        """Join two groups of remarks; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        said, texts = _some(self.said + other.said, {**self.texts, **other.texts})
        return VoiceTally(
            self.asked,
            self.size + other.size,
            self.labels,
            self.told,
            self.lines + other.lines,
            self.trend + other.trend,
            said,
            self.languages + other.languages,
            self.doubtful + other.doubtful,
            texts,
            {code: max(self.tongue_of.get(code, -1), other.tongue_of.get(code, -1)) for code in texts},
            self.themes or other.themes,
            self.tongues or other.tongues,
        )

    def line(self, place: int, theme: int = 0) -> Array:
        """int64[columns]: one line; places: 0 for all, touchpoints from 1, none, stages, who came by or did not."""
        return self.lines.at(place * THEMES + theme)

    @cached_property
    def of_place(self) -> Mapping[int, list[int]]:
        """The themes of every place, those of most people first; equal ones by name."""
        found: dict[int, list[tuple[int, str, int]]] = {}
        for key, people in zip(self.lines.keys.tolist(), self.lines.sums[:, PEOPLE].tolist(), strict=True):
            place, theme = divmod(key, THEMES)
            if theme:
                found.setdefault(place, []).append((-people, str(self.themes[theme - 1]), theme))
        return {place: [theme for *_, theme in sorted(themes)] for place, themes in found.items()}

    @cached_property
    def by_line(self) -> Mapping[int, Sequence[tuple[int, list[int]]]]:
        """Texts by code with their sums, by `touchpoint * THEMES + theme`: 0 for none, or the line of who came by."""
        found: dict[int, list[tuple[int, list[int]]]] = {}
        for key, sums in zip(self.said.keys.tolist(), self.said.sums.tolist(), strict=True):
            line, code = divmod(key, TEXTS)
            found.setdefault(line, []).append((code, sums))
        return found

    @cached_property
    def spoken(self) -> Mapping[str, str | None]:
        """The language of each text, its white space aside."""
        found = ((" ".join(text.split()), self.tongue_of[code]) for code, text in self.texts.items())
        return {text: self.tongues[tongue] for text, tongue in found}

    @cached_property
    def quoted(self) -> dict[tuple[int, int | None], list[tuple[str, list[int], int]]]:
        """Quotes by place and theme, as far as they were chosen already."""
        return {}

    @cached_property
    def quoted_in(self) -> dict[str, str | None]:
        """The languages of quotes, as far as they were chosen already."""
        return {}

    def theme_name(self, theme: int) -> str:
        """What a theme is called; theme 1 is none."""
        return NO_THEME if theme == 1 else str(self.themes[theme - 1])

    def share(self, place: int, theme: int) -> Proportion:
        """Of the people with a remark at a place, those who speak of a theme."""
        return Proportion(int(self.line(place, theme)[PEOPLE]), int(self.line(place)[PEOPLE]))

    def mood(self, line: Array, column: int = SENTIMENT) -> Estimate:
        """The mean sentiment or effort of the people on a line."""
        n, total, squares = (int(each) for each in line[column : column + 3])
        return mean_of_sums(n, total / PARTS, squares / PARTS)

    def scores(self, line: Array) -> Estimate:
        """The score of the people on a line."""
        return self.asked.rule.score(line[SCORES : SCORES + PLACES])

    def rates(self) -> Mapping[str, Proportion]:
        """Of everybody with a remark, who speak of each theme."""
        themes = self.of_place.get(0, [])[:SHOWN]
        return {f"speak of {self.themes[theme - 1]}": self.share(0, theme) for theme in sorted(themes) if theme > 1}

    def nobody(self) -> Proportion:
        """The share of a theme that nobody here speaks of."""
        return Proportion(0, int(self.line(0)[PEOPLE]))


Family = tuple[Array, Array]
"""Rows, and the place of each; a row may be in several families, and several times in one."""


def tally_of(asked: Remarks, findings: Findings, families: Iterable[Family] | None = None) -> VoiceTally:
    """Add up rows.

    Parameters
    ----------
    asked, findings
        The question and its rows.
    families
        The places of lines that are summed up; those of `VoiceTally.line`, if left out.

    Raises
    ------
    InputError
        If there are more themes or texts than keys have room for.
    """
    values, labels = findings.values, findings.labels
    if len(labels["theme"]) >= THEMES - 1 or len(labels["text"]) >= TEXTS:
        raise InputError(f"{asked.theme!r} has too many values to be themes.", allowed=[f"fewer than {THEMES:,}"])
    lines, trend = _lines(asked, findings, _families(asked, findings) if families is None else families)
    read = ~np.isnan(values["sentiment"])
    tongues = np.stack((np.ones(len(findings)), read, values["theme"] > 0), axis=1).astype(np.int64)
    order = np.lexsort((values["language"], values["text"]))  # the last of equal texts has the highest language
    spoken = dict(zip(values["text"][order].tolist(), values["language"][order].tolist(), strict=True))
    texts = {int(code): str(labels["text"][code]) for code in np.unique(values["text"])}
    said, texts = _some(_said(asked if families is None else None, findings), texts)
    return VoiceTally(
        asked,
        len(findings),
        tuple(map(str, labels["bucket"])),
        tuple(map(str, labels["told"])),
        lines,
        trend,
        said,
        Keyed.of(values["language"], tongues),
        _doubtful(asked, findings),
        texts,
        {code: spoken[code] for code in texts},
        tuple(labels["theme"]) if len(findings) else (),
        tuple(labels["language"]) if len(findings) else (),
    )


def _families(asked: Remarks, findings: Findings) -> Iterator[Family]:
    """All, touchpoints, stages, and who came by each touchpoint or did not."""
    values, rows = findings.values, np.arange(len(findings))
    place, many = values["place"].astype(np.int64), len(asked.places)
    yield rows, np.zeros(len(findings), dtype=np.int64)
    if many:
        yield rows, np.where(place >= 0, place + 1, many + 1)
    stages = asked.stages
    if stages:
        of = np.array([stages.index(each.stage) if each.stage else -1 for each in asked.places] + [-1], dtype=np.int64)
        some = np.flatnonzero(of[place] >= 0)
        yield some, many + 2 + of[place[some]]
    for k in range(many):
        came = values["passed"][:, k]
        yield rows, np.where(came, asked.first_passed + k, asked.first_passed + many + k)


def _lines(asked: Remarks, findings: Findings, families: Iterable[Family]) -> tuple[Keyed, Keyed]:
    """What people say on each line, and how many there are in each bucket.

    Family by family, each with all themes and by theme: all at once would be many times as large as the remarks.
    """
    theme, owner = findings.values["theme"].astype(np.int64) + 1, findings.values["unit"][:, 0]
    when = _when(findings)
    said, trends = [Keyed.nothing(SCORES + PLACES)], [Keyed.nothing(1)]
    for rows, place in families:
        for line in (place * THEMES, place * THEMES + theme[rows]):
            grouped = Grouped.of(owner[rows] * (int(line.max(initial=0)) + 1) + line)
            line_of = line[grouped.order[grouped.begins]]
            said.append(Keyed.of(line_of, _opinions(grouped, findings.values, rows)))
            if asked.unit is not None:
                group = grouped.per_row(np.arange(len(line_of)))
                spoke = Grouped.of(group * TIMES + when[rows]).keys
                trends.append(Keyed.counts(line_of[spoke // TIMES] * TIMES + spoke % TIMES))
    return _together(said), _together(trends)


def _when(findings: Findings) -> Array:
    """int64[rows]: `LAST_OVER` in the last bucket that is over, `EARLIER` in those before it, `NEITHER` elsewhere."""
    over = [k for k, how in enumerate(findings.labels["told"]) if how == "over"]
    when = np.full(max(len(findings.labels["told"]), 1), NEITHER, dtype=np.int64)
    when[over[:-1]], when[over[-1:]] = EARLIER, LAST_OVER
    return np.asarray(when[findings.values["bucket"]])


def _together(parts: Sequence[Keyed]) -> Keyed:
    """The sums of all parts."""
    return Keyed.of(np.concatenate([each.keys for each in parts]), np.concatenate([each.sums for each in parts]))


def _opinions(grouped: Grouped, values: Mapping[str, Array], rows: Array) -> Array:
    """int64[groups, columns]: what each person says on each line."""
    groups = len(grouped.begins)
    found = np.zeros((groups, SCORES + PLACES), dtype=np.int64)
    if not groups:
        return found
    found[:, PEOPLE] = 1
    found[:, REMARKS] = grouped.sums(np.ones(len(rows), dtype=np.int64))
    for column, name in ((SENTIMENT, "sentiment"), (EFFORT, "effort")):
        found[:, column : column + 3] = grouped.means(values[name][rows], PARTS)
    how = values["how"][rows]
    found[:, LINKED], found[:, LINKED + 1] = grouped.sums(how == NAMED), grouped.sums(how == LAST)
    found[:, LINKED + 2] = grouped.sums(np.rint(values["sure"][rows] * PARTS).astype(np.int64))
    score = values["score"][rows][grouped.order].astype(np.int64)
    place = np.where(score >= 0, np.arange(len(score)), -1)
    last = np.maximum.reduceat(place, grouped.begins)
    scored = np.flatnonzero(last >= 0)
    found[scored, SCORES + score[last[scored]]] = 1
    return found


def _said(asked: Remarks | None, findings: Findings) -> Keyed:
    """Per place, theme and text how often it was said, how it sounds and what score it came with.

    With a question also of those who came by each of its touchpoints: what is quoted of them is theirs.
    """
    values = findings.values
    touchpoint, theme = values["place"].astype(np.int64) + 1, values["theme"].astype(np.int64) + 1
    read, scored = ~np.isnan(values["sentiment"]), values["score"] >= 0
    columns = np.stack(
        (
            np.ones(len(findings), dtype=np.int64),
            read.astype(np.int64),
            np.where(read, np.rint(np.where(read, values["sentiment"], 0.0) * PARTS), 0).astype(np.int64),
            scored.astype(np.int64),
            np.where(scored, values["score"], 0).astype(np.int64),
            # whoever says a lot weighs no more than whoever says it once
            np.rint(PARTS / _of_unit(values["unit"][:, 0])).astype(np.int64),
        ),
        axis=1,
    )
    place, row = touchpoint, np.arange(len(findings))
    if asked is not None and asked.places:
        came, at = np.nonzero(values["passed"])
        place, row = np.concatenate((place, asked.first_passed + at)), np.concatenate((row, came))
    keys = (place * THEMES + theme[row]) * TEXTS + values["text"][row].astype(np.int64)
    return Keyed.of(keys, columns[row])


def _of_unit(unit: Array) -> Array:
    """int64[rows]: how many remarks there are of whoever made each."""
    grouped = Grouped.of(unit)
    return grouped.per_row(grouped.sums(np.ones(len(unit), dtype=np.int64)))


def _doubtful(asked: Remarks, findings: Findings) -> Array:
    """int64[4]: see `VoiceTally`; the opposite is a good score with clearly bad words, or a bad one with good words."""
    score, sentiment = findings.values["score"].astype(np.int64), findings.values["sentiment"]
    both = (score >= 0) & ~np.isnan(sentiment)
    place = np.maximum(score, 0)
    good = asked.rule.satisfied[place]
    bad = place <= 6 if asked.rule.kind == "nps" else ~good & (2 * place < asked.rule.low + asked.rule.high)
    if asked.rule.good[0] == asked.rule.low:  # a scale on which the least is the best
        bad = ~good & (2 * place > asked.rule.low + asked.rule.high)
    mood = np.where(both, sentiment, 0.0)
    opposite = both & ((good & (mood <= -1.5)) | (bad & (mood >= 1.5)))
    outside = findings.values["outside"].sum()
    return np.array([both.sum(), opposite.sum(), (score == -2).sum(), outside], dtype=np.int64)


def _some(said: Keyed, texts: Mapping[int, str]) -> tuple[Keyed, dict[int, str]]:
    """What was said and the texts by code, of the texts that are kept."""
    kept = sorted(texts)
    if len(texts) > MOST_TEXTS:
        kept = sorted(sorted(texts, key=lambda code: _rank(texts[code]))[:MOST_TEXTS])
        some = np.isin(said.keys % TEXTS, np.array(kept, dtype=np.int64))
        said = Keyed(said.keys[some], said.sums[some])
    return said, {code: texts[code] for code in kept}


def _rank(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
