"""Where is everybody at the first, second, third touchpoint, and how many have ended by then?

    ws.ask(Steps(start="visit", end="order", length=3))

    step  touchpoint    people  of_everyone
       1  visit         12 410      100.0 %
       2  search         7 300       58.8 %
       2  (converted)      410        3.3 %

A step matrix: at each step touchpoints + (converted) + (left) + (undecided) are everybody. Paths are those of the
question `paths`, with the same rules; this is what they look like step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import steps_chart
from desirepath.answers.words import count, percent
from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array, JourneyBatch, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.catalog import question
from desirepath.questions.paths import Paths
from desirepath.questions.paths_tree import Packing
from desirepath.questions.paths_walk import CONVERTED, LEFT, OUTCOMES, UNDECIDED
from desirepath.questions.question import Findings, Question, Report, refuse_others, several
from desirepath.questions.top_codes import OTHER
from desirepath.questions.touchpoints import Spelled, refuse_misspelt, told_names
from desirepath.statistics import Proportion, interval_columns

MOST_CELLS, MOST_RATES = 4_000_000, 600
BEGAN = "(began later)"


@kernel
def _count_digits(words: Array, steps: Array, per_word: int, base: int, backward: bool, counts: Array) -> None:
    """Add to `counts[k, digit]` the paths whose touchpoint k, counted from 0, is that; the last one, if backward."""
    for row in range(len(steps)):
        many = steps[row]
        for k in range(many):
            word = words[row, k // per_word]
            for _ in range(per_word - 1 - k % per_word):
                word //= base
            counts[many - 1 - k if backward else k, word % base - 1] += 1


def _digit(findings: Findings, packing: Packing, step: int, *, backward: bool) -> Array:
    """int64[rows]: the key of the touchpoint at a step, counted from 1; -1 where the path does not go so far."""
    steps = findings.values["steps"].astype(np.int64)
    there = steps >= step
    k = np.where(there, steps - step if backward else step - 1, 0)
    words = findings.values["words"][np.arange(len(findings)), k // packing.per_word]
    digit = words // packing.base ** (packing.per_word - 1 - k % packing.per_word) % packing.base - 1
    return np.where(there, digit, -1)


@question
class Steps(Question):
    """Where is everybody at the first, second, third touchpoint, and how many have ended by then?

    Parameters
    ----------
    start
        What a path begins with: an event's name or a filter; the journey's first event, if left out.
    end
        What it should reach: an event's name or a filter; without it, nobody converts.
    window
        Longest time from the start, such as `"7 days"`; both ends included, as in a funnel.
    entry
        `any`: told from the latest start before the earliest end; `first`: only from the first start.
    direction
        `forward` from the start; `backward`: step 1 is the last touchpoint before the first end.
    length
        How many steps to tell.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    collapse
        Whether repeats in a row are told once.
    most
        How many touchpoints to show, the most frequent first; the others are summed up at each step.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"touchpoint"})
    spans: ClassVar[frozenset[str]] = frozenset({"took"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"told"})

    start: str | None = None
    end: str | None = None
    window: str = "30 days"
    entry: Literal["any", "first"] = "any"
    direction: Literal["forward", "backward"] = "forward"
    length: int = 10
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)
    collapse: bool = False
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one touchpoint is shown, not {self.most}.")
        _ = self._paths

    @cached_property
    def _paths(self) -> Paths:
        return Paths(
            start=self.start,
            end=self.end,
            window=self.window,
            entry=self.entry,
            direction=self.direction,
            length=self.length,
            only=self.only,
            hide=self.hide,
            expand=self.expand,
            collapse=self.collapse,
        )

    @property
    def _backward(self) -> bool:
        return self.direction == "backward"

    def named(self) -> Sequence[str]:
        """Events that are told more finely."""
        return self._paths.named()

    def reads(self) -> Reads:
        """What paths need."""
        return self._paths.reads()

    def horizon(self) -> int:
        """As far as paths look."""
        return self._paths.horizon()

    def history(self) -> bool:
        """What led to an end may lie before the period."""
        return self._paths.history()

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per path."""
        return self._paths.find(journeys)

    def tally(self, findings: Findings) -> StepsTally:
        """Counts by step and touchpoint, and by step and how paths ended before it."""
        texts = cast("Spelled", findings.labels["touchpoints"])
        if len(texts) * self.length > MOST_CELLS:
            raise InputError(f"There are {len(texts):,} touchpoints, too many for a table of steps; expand by less.")
        packing = Packing.of(len(texts), self.length)
        counts = np.zeros((self.length, max(len(texts), 1)), dtype=np.int64)
        steps, outcome = findings.values["steps"].astype(np.int64), findings.values["outcome"].astype(np.int64)
        _count_digits(findings.values["words"], steps, packing.per_word, packing.base, self._backward, counts)
        ended = np.bincount(steps * 3 + outcome, minlength=(self.length + 1) * 3).reshape(-1, 3)
        before = np.cumsum(ended, axis=0)[:-1]
        return StepsTally(texts, counts, before, len(findings), int(findings.values["more"].sum()))

    def answer(self, tally: StepsTally) -> Report:
        """A line per step and touchpoint, with those who had ended."""
        return _report(tally, self)

    def meant(self, tally: StepsTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The line `(other)` becomes the touchpoints that it sums up.

        Raises
        ------
        UnknownNameError
            If there is no such touchpoint.
        """
        wanted, known = which.get("touchpoint"), tally.texts
        if wanted == OTHER:
            shown = set(tally.ranked(self.most))
            return {**which, "touchpoint": [text for place, text in enumerate(known) if place not in shown]}
        own = [BEGAN, *(f"({outcome})" for outcome in OUTCOMES)]
        if wanted and tally.size:
            refuse_misspelt(several(wanted), told_names(known), own)
        return which

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`step=2, touchpoint="search"`, `"(other)"`, or `"(converted)"`, `"(left)"`, `"(undecided)"`; all paths.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such step or touchpoint.
        """
        refuse_others(which, ["step", "touchpoint"])
        if not which:
            return np.ones(len(findings), dtype=np.bool_)
        step, wanted = int(which.get("step", 1)), which.get("touchpoint", "")
        if not 1 <= step <= self.length:
            raise UnknownNameError.of("step", str(step), [str(n) for n in range(1, self.length + 1)])
        texts = cast("Spelled", findings.labels["touchpoints"])
        digit = _digit(findings, Packing.of(len(texts), self.length), step, backward=self._backward)
        if not wanted:
            return np.asarray(digit >= 0)
        if wanted == BEGAN and self._backward:
            return np.asarray(digit < 0)
        outcomes = [f"({outcome})" for outcome in OUTCOMES]
        if wanted in outcomes:
            return np.asarray((digit < 0) & (findings.values["outcome"] == outcomes.index(wanted)))
        names = set(several(wanted))
        return np.isin(digit, [key for key in texts.keys if texts[key] in names])


@dataclass(frozen=True, eq=False)
class StepsTally:
    """Sums over paths.

    Attributes
    ----------
    texts
        The touchpoints by key.
    counts
        int64[length, touchpoints]: paths by step and touchpoint.
    ended
        int64[length, 3]: paths that had ended before a step, by outcome.
    size
        How many paths there are.
    more
        How many paths were longer than is told.
    """

    texts: Sequence[str]
    counts: Array
    ended: Array
    size: int
    more: int

    def __add__(self, other: StepsTally) -> StepsTally:
        """Join two groups of paths; nobody at all knows of no touchpoints."""
        if len(self.texts) != len(other.texts):
            return self if self.size or not other.size else other
        return StepsTally(
            self.texts,
            self.counts + other.counts,
            self.ended + other.ended,
            self.size + other.size,
            self.more + other.more,
        )

    def ranked(self, most: int) -> list[int]:
        """The touchpoints that have lines of their own, the most frequent first."""
        return [int(each) for each in np.argsort(-self.counts.sum(axis=0), kind="stable")[:most]]

    def rates(self) -> Mapping[str, Proportion]:
        """Per step and frequent touchpoint the share of everybody who is there."""
        cells = np.argsort(-self.counts, axis=None, kind="stable")[:MOST_RATES]
        places = [divmod(int(cell), self.counts.shape[1]) for cell in cells]
        found = {f"at {self.texts[t]} in step {k + 1}": (k, t) for k, t in sorted(places) if self.counts[k, t]}
        return {name: Proportion(int(self.counts[k, t]), self.size) for name, (k, t) in found.items()}


def _lines(tally: StepsTally, asked: Steps) -> list[tuple[int, str, int]]:
    """Step, touchpoint and how many, in the order of the table."""
    ranked = tally.ranked(asked.most)
    rest = tally.counts.sum(axis=1) - tally.counts[:, ranked].sum(axis=1)
    found = []
    for k in range(asked.length):
        found += [(k + 1, tally.texts[t], int(tally.counts[k, t])) for t in ranked if tally.counts[k, t]]
        if rest[k]:
            found.append((k + 1, OTHER, int(rest[k])))
        if asked.direction == "backward":
            found += [(k + 1, BEGAN, int(tally.ended[k].sum()))]
        else:
            kinds = (CONVERTED, LEFT, UNDECIDED) if asked.end is not None else (LEFT, UNDECIDED)
            found += [(k + 1, f"({OUTCOMES[kind]})", int(tally.ended[k, kind])) for kind in kinds]
    return found


def _report(tally: StepsTally, asked: Steps) -> Report:
    lines = _lines(tally, asked) if tally.size else []
    shares = [Proportion(number, tally.size).estimate() for _, _, number in lines]
    table: dict[str, list[Any]] = {
        "step": [step for step, _, _ in lines],
        "touchpoint": [name for _, name, _ in lines],
        "people": [number for _, _, number in lines],
        **interval_columns("of_everyone", shares),
    }
    return Report(
        table,
        words=_words(tally, asked, lines),
        notices=_notices(tally, asked, lines),
        charts=[steps_chart()] if lines else [],
    )


def _words(tally: StepsTally, asked: Steps, lines: Sequence[tuple[int, str, int]]) -> list[str]:
    if not tally.size:
        what = f"reached {asked.end}" if asked.direction == "backward" else f"began with {asked.start or 'anything'}"
        return [f"Nobody {what} in this period."]
    where = "before the end" if asked.direction == "backward" else "from the start"
    found = [f"{count(tally.size)} paths, told in {asked.length} steps {where}."]
    second = [line for line in lines if line[0] == 2 and not line[1].startswith("(")]
    if second:
        _, name, number = max(second, key=lambda line: line[2])
        found.append(f"The second is most often {name}: {percent(number / tally.size)} of everybody.")
    return found


def _notices(tally: StepsTally, asked: Steps, lines: Sequence[tuple[int, str, int]]) -> list[Notice]:
    found = []
    undecided = int(tally.ended[-1, UNDECIDED]) if tally.size else 0
    if undecided:
        text = f"{undecided:,} could still go on when the data ends; they count as neither converted nor left."
        found.append(Notice("undecided", text))
    if tally.more:
        found.append(Notice("cut_short", f"{tally.more:,} paths are longer than {asked.length} touchpoints."))
    if any(name == OTHER for _, name, _ in lines):
        found.append(Notice("other", f"Less frequent touchpoints are summed up as {OTHER}; `most` shows more."))
    return found
