"""Which kinds of journeys are there?

    ws.ask(Clusters(unit="session"))

    type    people  of_people  typical                        marks
    type 1  41 200     61.2 %  visit > search > product       search, product
    type 2  15 020     22.3 %  login > account > help         help, account > help

Types come from what is touched in which order, not from who somebody is. A number of types is told only if it is
stable: found again among resampled people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import types_chart
from desirepath.answers.words import count, percent
from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array, JourneyBatch, Reads
from desirepath.questions.catalog import question
from desirepath.questions.paths import Paths
from desirepath.questions.paths_tally import SEPARATOR
from desirepath.questions.paths_tree import Packing, PathCounts, counted, merged, people_of
from desirepath.questions.paths_walk import UNDECIDED
from desirepath.questions.question import Findings, Question, Report
from desirepath.questions.sequences_walk import ranked_paths
from desirepath.questions.touchpoints import Spelled
from desirepath.statistics import Proportion

MOST_TYPES, MOST_DEPTH, FEWEST, MARKS = 12, 40, 30, 3


@question
class Clusters(Question):
    """Which kinds of journeys are there?

    Parameters
    ----------
    start
        What a path begins with: an event's name or a filter; the first event in the period, if left out.
    window
        How long after the start touchpoints belong to the path.
    types
        How many types; the first stable peak of the silhouette, if left out.
    depth
        How many touchpoints of each path are looked at, repeats in a row once.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"took"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"told"})

    start: str | None = None
    window: str = "30 days"
    types: int | None = None
    depth: int = 15
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.types is not None and not 2 <= self.types <= MOST_TYPES:
            raise InputError(f"There can be 2 to {MOST_TYPES} types, not {self.types}.")
        if not 2 <= self.depth <= MOST_DEPTH:
            raise InputError(f"2 to {MOST_DEPTH} touchpoints of a path are looked at, not {self.depth}.")
        _ = self._paths

    @cached_property
    def _paths(self) -> Paths:
        return Paths(
            start=self.start,
            window=self.window,
            length=self.depth,
            only=self.only,
            hide=self.hide,
            expand=self.expand,
        )

    def named(self) -> Sequence[str]:
        """Events that are told more finely."""
        return self._paths.named()

    def reads(self) -> Reads:
        """What paths need."""
        return self._paths.reads()

    def horizon(self) -> int:
        """As far as paths look."""
        return self._paths.horizon()

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per path."""
        return self._paths.find(journeys)

    def tally(self, findings: Findings) -> TypesTally:
        """Distinct paths."""
        texts = cast("Spelled", findings.labels["touchpoints"])
        packing = Packing.of(len(texts), self.depth)
        keys, counts = counted(findings.values["words"], findings.values["outcome"])
        undecided = int((findings.values["outcome"] == UNDECIDED).sum())
        more = int(findings.values["more"].sum())
        return TypesTally(
            texts, packing, PathCounts(packing.words, ((keys, counts),) if len(keys) else ()), undecided, more
        )

    def answer(self, tally: TypesTally) -> Report:
        """A line per type."""
        return _report(_sorted_out(tally, self), tally, self)

    def meant(self, tally: TypesTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """A type becomes what was fitted to everybody."""
        if "type" not in which:
            return which
        found = _sorted_out(tally, self)
        if which["type"] not in found.names:
            raise UnknownNameError.of("type", str(which["type"]), found.names)
        return {**which, "type": (found, found.names.index(which["type"]))}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`type="type 1"`, `path="visit > search"`; everybody with a path.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such type.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        texts = cast("Spelled", findings.labels["touchpoints"])
        packing = Packing.of(len(texts), self.depth)
        for name, wanted in which.items():
            if name == "type":
                found, number = wanted
                words, place = np.unique(findings.values["words"], axis=0, return_inverse=True)
                chosen &= (found.types(_paths_of(words, packing, self.depth)) == number)[place.reshape(-1)]
            elif name == "path":
                chosen &= self._paths.select(findings, {"path": wanted})
            else:
                raise UnknownNameError.of("selection", name, ["type", "path"])
        return chosen


@dataclass(frozen=True, eq=False)
class TypesTally:
    """Sums over paths.

    Attributes
    ----------
    texts
        The touchpoints by key.
    packing
        How paths are packed.
    paths
        Distinct paths.
    undecided
        How many may still go on.
    more
        How many are longer than is looked at.
    """

    texts: Spelled
    packing: Packing
    paths: PathCounts
    undecided: int
    more: int

    def __add__(self, other: TypesTally) -> TypesTally:
        """Join two groups of paths; nobody at all knows of no touchpoints."""
        if len(self.texts) != len(other.texts):
            return self if self.size or not other.size else other
        return TypesTally(
            self.texts, self.packing, self.paths + other.paths, self.undecided + other.undecided, self.more + other.more
        )

    @property
    def size(self) -> int:
        """How many paths there are."""
        return sum(int(given.sum()) for _, given in self.paths.parts)

    def rates(self) -> Mapping[str, Proportion]:
        """None: each group has types of its own, fitted to it."""
        return {}


def _paths_of(words: Array, packing: Packing, depth: int) -> Array:
    """int16[n, depth]: touchpoints by key, -1 after the end."""
    keys = np.arange(max(packing.base - 1, 1), dtype=np.int16)
    return ranked_paths(words.reshape(-1, packing.words), packing.per_word, packing.base, keys, depth)


@dataclass(frozen=True)
class SortedOut:
    """Everybody's paths by type.

    Attributes
    ----------
    names
        The types, the largest first; one for all where nothing is stable.
    model
        What was fitted, or None.
    words, paths, people
        The distinct paths, packed and not, and how many people each has.
    own
        int64[paths]: their types.
    fitted
        How many paths the types were fitted to.
    """

    names: list[str]
    model: Any
    words: Array
    paths: Array
    people: Array
    own: Array
    fitted: int

    def types(self, paths: Array) -> Array:
        """int64[n]: the type of each path."""
        return np.zeros(len(paths), dtype=np.int64) if self.model is None else cast("Array", self.model.types(paths))


def _sorted_out(tally: TypesTally, asked: Clusters) -> SortedOut:
    from desirepath.questions.clusters_fit import fit, sample

    words, given = merged(tally.paths.parts, tally.packing.words)
    people, paths = people_of(given), _paths_of(words, tally.packing, asked.depth)
    some, weights = sample(people, words[:, 0] if len(words) else people)
    enough = int(people.sum()) >= FEWEST
    model = fit(paths[some], weights, len(tally.texts), asked.types) if enough else None
    own = np.zeros(len(paths), dtype=np.int64) if model is None else model.types(paths)
    names = ["everybody"] if model is None else [f"type {k + 1}" for k in range(len(model.centres))]
    return SortedOut(names if len(paths) else [], model, words, paths, people, own, len(some))


def _marks(found: SortedOut, tally: TypesTally, own: Array) -> str:
    """The steps that set a type apart: more frequent in it than elsewhere (class-based tf-idf)."""
    space = len(tally.texts)
    inside, everywhere = np.zeros(space), np.zeros(space)
    for weights, totals in ((found.people * own, inside), (found.people, everywhere)):
        for k in range(found.paths.shape[1]):
            known = found.paths[:, k] >= 0
            np.add.at(totals, found.paths[known, k], weights[known])
    if not inside.sum():
        return ""
    share = inside / inside.sum()
    score = share * np.log(1 + everywhere.sum() / np.maximum(everywhere, 1))
    return ", ".join(tally.texts[t] for t in np.argsort(-score, kind="stable")[:MARKS].tolist() if score[t] > 0)


def _report(found: SortedOut, tally: TypesTally, asked: Clusters) -> Report:
    names = found.names
    table: dict[str, list[Any]] = {name: [] for name in ("type", "people", "of_people", "of_people_low")}
    table |= {name: [] for name in ("of_people_high", "steps", "typical", "with_typical", "marks")}
    distances = np.zeros(len(found.paths)) if found.model is None else found.model.distances(found.paths)
    lengths = (found.paths >= 0).sum(axis=1)
    for k, name in enumerate(names):
        own = found.own == k
        people = int(found.people[own].sum())
        share = Proportion(people, tally.size).estimate()
        medoid = None
        if own.any():
            rows = np.flatnonzero(own)
            medoid = rows[np.lexsort((-found.people[rows], np.round(distances[rows], 12)))[0]]
        row = {
            "type": name,
            "people": people,
            "of_people": share.value,
            "of_people_low": share.low,
            "of_people_high": share.high,
            "steps": float((lengths[own] * found.people[own]).sum() / people) if people else None,
            "typical": None if medoid is None else _text(found.paths[medoid], tally),
            "with_typical": None if medoid is None else int(found.people[medoid]),
            "marks": _marks(found, tally, own),
        }
        for column, value in row.items():
            table[column].append(value)
    tried = () if found.model is None else found.model.tried
    extras: dict[str, dict[str, list[Any]]] = {
        "numbers": {
            "types": [n for n, _, _ in tried],
            "silhouette": [round(apart, 6) for _, apart, _ in tried],
            "stability": [round(stable, 6) for _, _, stable in tried],
        }
    }
    return Report(
        table,
        extras,
        words=_words(found, tally, asked, table),
        notices=_notices(found, tally, asked),
        charts=[types_chart()] if names else [],
    )


def _text(path: Array, tally: TypesTally) -> str:
    return SEPARATOR.join(tally.texts[int(key)] for key in path if key >= 0) or "(nothing)"


def _words(found: SortedOut, tally: TypesTally, asked: Clusters, table: Mapping[str, list[Any]]) -> list[str]:
    if not tally.size:
        return [f"Nobody began with {asked.start or 'anything'} in this period."]
    if tally.size < FEWEST:
        return [f"{count(tally.size)} paths are not enough data for types; at least {FEWEST} are needed."]
    if found.model is None:
        return [f"No stable types were found among {count(tally.size)} paths: resampled people fall apart otherwise."]
    marks = table["marks"][0]
    said = f"{len(found.names)} types among {count(tally.size)} paths; the largest, {percent(table['of_people'][0])}, "
    return [
        said + (f"is marked by {marks}." if marks else "has none of these touchpoints."),
        f"Refitted to resampled people they agree to {found.model.stability:.2f} (adjusted Rand index; 1 is the same).",
    ]


def _notices(found: SortedOut, tally: TypesTally, asked: Clusters) -> list[Notice]:
    notices = []
    if tally.undecided:
        text = f"{tally.undecided:,} paths may still go on when the data ends, and may be of another type then."
        notices.append(Notice("undecided", text))
    if tally.more:
        text = f"{tally.more:,} paths are longer than {asked.depth} touchpoints, and looked at as far as that."
        notices.append(Notice("cut_short", text))
    if found.model is not None:
        from desirepath.questions.clusters_fit import STABLE

        if found.model.stability < STABLE:
            text = f"These types are not stable: {found.model.stability:.2f}, where {STABLE} is asked for."
            notices.append(Notice("unstable_types", text))
        if found.fitted < len(found.paths):
            text = f"Fitted to {found.fitted:,} of {len(found.paths):,} different paths; all were sorted into types."
            notices.append(Notice("fitted_to_some", text))
    return notices
