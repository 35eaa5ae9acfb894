"""What does a number mean here? Metrics, words, outcomes and maps with their definitions, and where each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI
from pydantic import BaseModel, Field

from desirepath.errors import DesirepathError
from desirepath.server.once import Once
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

if TYPE_CHECKING:
    from pathlib import Path

    from desirepath.maps.journey_map import JourneyMap
    from desirepath.metrics.form import MetricForm, OutcomeForm
    from desirepath.metrics.shelf import Defined


class MetricDefinition(BaseModel):
    """A metric: what it says, of whom, and how it is asked."""

    name: str
    group: str
    says: str
    question: str
    fields: dict[str, Any] = Field(description="As they are written; words begin with `$`.")
    asked: dict[str, Any] | None = Field(description="The same with words put in; null where one is missing.")
    of: dict[str, Any] = Field(description="Whom it is asked of, beside the period.")
    denominator: str
    matures: str | None
    form: str
    better: str | None
    target: float | None
    alert: dict[str, float]
    trap: str | None
    own: bool
    file: str | None = Field(description="Its file in the workspace; null for those that come with desirepath.")
    line: int | None
    words: list[str]
    wanting: list[str]
    wrong: str | None


class WordDefinition(BaseModel):
    """A word, and what it stands for here."""

    word: str
    means: str | None
    own: bool
    file: str | None
    line: int | None
    used_by: list[str]


class OutcomeDefinition(BaseModel):
    """An outcome, and what lies beneath it."""

    name: str
    says: str
    goal: str
    start: str | None
    within: str
    window: str
    metrics: list[str]
    maps: list[str]
    own: bool
    file: str | None
    line: int | None
    wrong: str | None


class MapDefinition(BaseModel):
    """A journey map: what begins and ends an instance, and how each of its outcomes is meant."""

    name: str
    title: str
    file: str
    stages: list[str]
    touchpoints: int
    outcomes: dict[str, str] = Field(description="Each outcome, and when an instance has it.")
    feedback: list[str]
    rules: list[str]
    wrong: str | None


class DefinitionsShape(BaseModel):
    """All definitions."""

    metrics: list[MetricDefinition]
    words: list[WordDefinition]
    outcomes: list[OutcomeDefinition]
    maps: list[MapDefinition]
    wrong: str | None = Field(description="What keeps the workspace's own files from being read.")


def install(app: FastAPI, state: State) -> None:
    """Add the definitions."""
    once = Once(state)

    @app.get("/api/definitions", summary="What every number means here", responses=problems(503), **needs("read"))
    def definitions() -> DefinitionsShape:
        return once("definitions", lambda: _told(state.workspace.root))


def _told(root: Path) -> DefinitionsShape:
    from desirepath.metric_checks import check
    from desirepath.metrics.shelf import defined, house, written_in

    wrong = None
    try:
        known, places = defined(root), written_in(root)
    except DesirepathError as problem:
        known, places, wrong = house(), {}, problem.message
    faults = dict(reversed(check(known)))
    return DefinitionsShape(
        metrics=[_metric(known, form, places, faults) for form in known.metrics.values()],
        words=[_word(known, name, places) for name in sorted(known.words)],
        outcomes=[_outcome(known, form, places, faults) for form in known.outcomes.values()],
        maps=_maps(root),
        wrong=wrong,
    )


Places = dict[tuple[str, str], tuple[str, int | None]]


def _metric(known: Defined, form: MetricForm, places: Places, faults: dict[str, str]) -> MetricDefinition:
    plain = msgspec.to_builtins(form)
    file, line = places.get(("metric", form.metric), (None, None))
    wanting = known.wanting(form)
    asked = None
    if not wanting and form.metric not in faults:
        asked = known.filled(plain.get("fields", {}))
    return MetricDefinition(
        name=form.metric,
        group=form.group,
        says=form.says,
        question=form.question,
        fields=plain.get("fields", {}),
        asked=asked,
        of=plain.get("of", {}),
        denominator=form.denominator,
        matures=form.matures,
        form=form.form,
        better=form.better,
        target=form.target,
        alert={name: value for name, value in plain.get("alert", {}).items() if value is not None},
        trap=form.trap,
        own=form.metric in known.own,
        file=file,
        line=line,
        words=known.used(form),
        wanting=wanting,
        wrong=faults.get(form.metric),
    )


def _word(known: Defined, name: str, places: Places) -> WordDefinition:
    file, line = places.get(("word", name), (None, None))
    used = [form.metric for form in known.metrics.values() if name in known.used(form)]
    used += [form.outcome for form in known.outcomes.values() if name in known.used(form)]
    return WordDefinition(word=name, means=known.words[name], own=file is not None, file=file, line=line, used_by=used)


def _outcome(known: Defined, form: OutcomeForm, places: Places, faults: dict[str, str]) -> OutcomeDefinition:
    file, line = places.get(("outcome", form.outcome), (None, None))
    return OutcomeDefinition(
        name=form.outcome,
        says=form.says,
        goal=form.goal,
        start=form.start,
        within=form.within,
        window=form.window,
        metrics=form.metrics,
        maps=form.maps,
        own=file is not None,
        file=file,
        line=line,
        wrong=faults.get(form.outcome),
    )


def _maps(root: Path) -> list[MapDefinition]:
    from desirepath.maps.shelf import Shelf

    shelf = Shelf(root / "maps")
    found = []
    for name, path in shelf.files().items():
        file = str(path.relative_to(root))
        try:
            found.append(_map(name, file, shelf.get(name)))
        except DesirepathError as problem:
            told: dict[str, Any] = {"stages": [], "touchpoints": 0, "outcomes": {}, "feedback": [], "rules": []}
            found.append(MapDefinition(name=name, title=name, file=file, wrong=problem.message, **told))
    return found


def _map(name: str, file: str, made: JourneyMap) -> MapDefinition:
    patience, gives_up = made.definition.get("gives_up_after"), made.definition.get("gives_up")
    said = f"after an event that fits: {made.gives_up}; " if gives_up else ""
    outcomes = {
        "begins": f"with an event that fits: {made.starts}",
        "converted": f"reached the goal, an event that fits: {made.goal}",
        "dropped": f"{said}when {patience} have passed since the beginning, and the goal was not reached",
        "in progress": f"neither yet, and {patience} have not passed: undecided, and never counted as dropped",
    }
    return MapDefinition(
        name=name,
        title=made.title,
        file=file,
        stages=[stage.name for stage in made.stages],
        touchpoints=len(made.touchpoints),
        outcomes=outcomes,
        feedback=[f"{one.score} ({one.scale}) of {one.where}" for one in made.feedback],
        rules=[one.name for one in made.rules],
        wrong=None,
    )
