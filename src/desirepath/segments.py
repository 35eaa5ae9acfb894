"""Who was meant again? People behind a number of an answer, or with a certain event, saved under a name.

    answer.save("gave up at the cart", step=2, outcome="dropped")
    ws.ask("retention", start="visit", cohort="gave up at the cart")
    ws.ask("retention", start="visit", cohort="not gave up at the cart")

What is saved is the question, in `segments/<name>.yaml`, not the list: the segment is found anew in the data of the day
and by the present verdict on who is who.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from desirepath.engines.duckdb import quiet
from desirepath.errors import FilterError, InputError, UnknownNameError
from desirepath.events.where import Where, always
from desirepath.journeys.batch import JourneyBatch, Match, Matched
from desirepath.population import Members, Population

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer
    from desirepath.engines.duckdb import DuckEngine
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

FOLDER = "segments"
DEEPEST = 8
"""So many segments may rest on each other."""

_NAME = re.compile(r"(?!not\b)\w[\w .,+%-]{0,79}", flags=re.I)
_KEPT = ("period", "filter", "cohort", "person", "unit", "use", "breakdown", "sample", "cutoff")


@dataclass(frozen=True)
class Segment:
    """People who were meant once and may be meant again.

    Parameters
    ----------
    name
        What it is called.
    where
        People with at least one event that fits; or
    question, asked_of, which
        the people behind a number: the question, whom it was asked of, and what `answer.people` takes.
    """

    name: str
    where: str | None = None
    question: Mapping[str, Any] | None = None
    asked_of: Mapping[str, Any] = field(default_factory=dict)
    which: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that could not be told from a filter, and a segment of nothing."""
        if not _NAME.fullmatch(self.name) or self.name.lower() in ("true", "false"):
            raise InputError(
                f"{self.name!r} cannot name a segment: letters, digits, spaces and .,+%- can, up to 80 of them, "
                "and it does not begin with 'not'."
            )
        if (self.where is None) == (self.question is None):
            raise InputError(f"The segment {self.name!r} needs either a filter or a question.")
        if self.where is not None:
            Where.parse(self.where)

    @property
    def file(self) -> str:
        """The name of its file."""
        return re.sub(r"[^\w-]+", "-", self.name.casefold()) + ".yaml"


class Segments:
    """The segments of one workspace.

    Parameters
    ----------
    root
        The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER

    def all(self) -> dict[str, Segment]:
        """Every saved segment by name, in the order of the names."""
        found = [_read(path) for path in sorted(self.folder.glob("*.yaml"))] if self.folder.is_dir() else []
        return {segment.name: segment for segment in sorted(found, key=lambda segment: segment.name)}

    def get(self, name: str) -> Segment:
        """One segment.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        known = self.all()
        if name not in known:
            raise UnknownNameError.of("segment", name, known, looked=str(self.folder))
        return known[name]

    def save(self, segment: Segment) -> None:
        """Write a segment; one of the same name is replaced."""
        import yaml

        self.folder.mkdir(exist_ok=True)
        path = self.folder / segment.file
        if path.exists() and _read(path).name != segment.name:
            raise InputError(f"{segment.name!r} and {_read(path).name!r} would share a file; choose another name.")
        parts = {"name": segment.name, "where": segment.where, "question": segment.question}
        parts |= {"asked_of": dict(segment.asked_of), "which": dict(segment.which)}
        draft = path.with_suffix(".draft")
        text = yaml.safe_dump({name: part for name, part in parts.items() if part}, sort_keys=False, allow_unicode=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    def remove(self, name: str) -> None:
        """Forget a segment.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        (self.folder / self.get(name).file).unlink()

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when any segment does."""
        paths = sorted(self.folder.glob("*.yaml")) if self.folder.is_dir() else []
        return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)

    def read_cohort(self, cohort: str | Where | None) -> tuple[Where, Members | None]:
        """What a `cohort` means: a filter, a segment's name, or `not` and a segment's name.

        Raises
        ------
        FilterError
            If it is none of these; the nearest segment is named.
        """
        if not isinstance(cohort, str):
            return Where.of(cohort), None
        known = self.all()
        name, outside = cohort.strip(), False
        if name not in known and name.lower().startswith("not "):
            name, outside = name[4:].strip(), True
        if name in known:
            return Where.of(None), Members(name, None, outside)
        try:
            return Where.of(cohort), None
        except FilterError as problem:
            if _NAME.fullmatch(name):
                raise UnknownNameError.of("segment", name, known, looked=str(self.folder)) from problem
            raise


def _read(path: Path) -> Segment:
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise InputError("it is not a mapping of keys to values")
        return Segment(**raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, InputError) as problem:
        raise InputError(f"The segment cannot be read: {problem}", looked=str(path)) from problem


def segment_of(name: str, answer: Answer, which: Mapping[str, Any]) -> Segment:
    """A segment of the people behind a number of an answer; refused where the selection makes no sense."""
    if answer.asked_of.get("against"):
        raise InputError("A comparison has two populations; save the segment from an answer about one of them.")
    answer.people(**which)
    kept = {key: answer.asked_of[key] for key in _KEPT if answer.asked_of.get(key) not in (None, "true", "everything")}
    if cast("Any", answer.drill).asked[0].cutoff is None:
        kept.pop("cutoff", None)  # an answer tells where its data ended; the segment goes on with the data of the day
    return Segment(name, question=dict(answer.question), asked_of=kept, which=dict(which))


def members(
    workspace: Workspace, engine: DuckEngine, asked: Members, depth: int = 0, progress: Progress | None = None
) -> Members:
    """Look up who belongs to a segment at present; `progress` may stop it.

    Raises
    ------
    InputError
        If segments rest on each other in a circle.
    """
    if depth >= DEEPEST:
        raise InputError(f"The segment {asked.label!r} rests on too many others, or on itself.")
    segment = workspace.segments.get(asked.label)
    if segment.where is not None:
        return replace(asked, places=_with_event(engine, Where.parse(segment.where), progress))
    answer = workspace.asking.ask_segment(segment, engine, depth + 1, progress or quiet)
    return replace(asked, places=cast("Any", answer.drill).places(segment.which))


def defining(segments: Segments, population: Population, depth: int = 0) -> list[Where]:
    """Which events define who is asked: those of a cohort's filter, and those that a segment's question looks at."""
    from desirepath.questions.catalog import build

    asked = [population.cohort] if population.cohort != always else []
    named = population.members
    if named is None or named.single or depth >= DEEPEST:
        return asked
    segment = segments.get(named.label)
    if segment.where is not None:
        return [*asked, Where.parse(segment.where)]
    fields = dict(segment.question or {})
    reads = build(str(fields.pop("name")), fields).reads().values()
    asked += [where for read in reads if isinstance(read, Match) for where in read.filters if where != always]
    inner, members = segments.read_cohort(segment.asked_of.get("cohort"))
    return asked + defining(segments, replace(population, cohort=inner, members=members), depth + 1)


def _with_event(engine: DuckEngine, where: Where, progress: Progress | None) -> dict[int, np.ndarray[Any, Any]]:
    def work(batch: JourneyBatch) -> tuple[int, np.ndarray[Any, Any]]:
        fits = np.concatenate(([0], np.cumsum(cast("Matched", batch.columns["fits"]).holds(0))))
        return batch.block, batch.owner[fits[batch.starts[1:]] > fits[batch.starts[:-1]]]

    return dict(engine.map({"fits": Match((where,))}, work, progress=progress))
