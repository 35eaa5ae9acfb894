"""What goes with an outcome, and how do the numbers beneath it stand? From the outcome back to what people do before.

    ws.outcome("churn")

Behaviours are looked at for equally long after the start, and the outcome comes after that: what is found goes together
with it, and is not said to bring it about. What defines the outcome is no behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from desirepath.answers.answer import Answer, Notice
from desirepath.engines.duckdb import quiet
from desirepath.errors import InputError
from desirepath.events.where_tree import Field
from desirepath.metrics.shelf import Defined

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

WHOM = ("period", "filter", "cohort", "breakdown", "at", "top", "several", "sample", "cutoff", "compare")


def ask_outcome(workspace: Workspace, name: str, *, progress: Progress = quiet, **whom: Any) -> Answer:
    """Ask what goes with an outcome.

    Parameters
    ----------
    workspace
        Whose.
    name
        An outcome of the folder `metrics/`.
    progress
        Told how far it is; may raise `CancelledError`.
    whom
        Period, filter, cohort and so on, as `Workspace.ask` takes them.

    Returns
    -------
    The answer of `behaviours`, with the steps of journey maps that its lines are, and a table `metrics` of what lies
    beneath the outcome.

    Raises
    ------
    UnknownNameError
        If there is no such outcome, metric or map.
    """
    for key in whom:
        if key not in WHOM:
            raise InputError(f"An outcome cannot be asked with {key!r}.", allowed=WHOM)
    known = workspace.metrics.defined()
    form = known.outcome(name)
    given = {key: value for key, value in whom.items() if value is not None}
    fields = {"goal": form.goal, "start": form.start, "within": form.within, "window": form.window, "hide": form.hide}
    found = workspace.ask("behaviours", progress=progress, **given, **known.filled(fields))
    steps = _steps(workspace, form.maps)
    columns = {**found.columns}
    if steps:
        columns["step"] = [steps.get(str(each)) for each in found.columns["behaviour"]]
    extras = {"metrics": _metrics(workspace, known, form.metrics, given.get("period"), progress), **found.extras}
    text = f"What goes with {form.outcome} within {form.within} of the start; associated, not shown to cause it."
    return replace(
        found,
        question={"name": "outcome", **msgspec.to_builtins(form), "asked": dict(found.question)},
        columns=columns,
        extras=extras,
        warnings=[Notice("associated", text), *(each for each in found.warnings if each.code != "associated")],
    )


def _steps(workspace: Workspace, maps: Sequence[str]) -> dict[str, str]:
    """Per event's name the touchpoints of maps that it stands for."""
    found: dict[str, list[str]] = {}
    for name in maps:
        for touchpoint in workspace.asking.maps.get(name).touchpoints:
            for event in touchpoint.where.texts_of(Field("name")):
                found.setdefault(event, []).append(f"{name}: {touchpoint.name}")
    return {event: ", ".join(dict.fromkeys(places)) for event, places in found.items()}


def _metrics(
    workspace: Workspace, known: Defined, names: Sequence[str], period: str | None, progress: Progress
) -> Mapping[str, list[Any]]:
    """How the metrics beneath the outcome stand."""
    lines = []
    for done, name in enumerate(names):
        progress("metrics", done, len(names))
        lines.append(workspace.metrics.line(known, known.metric(name), period))
    shown = ("metric", "value", "number", "low", "high", "n", "target", "stands", "lacks")
    return {name: [line.get(name) for line in lines] for name in shown}
