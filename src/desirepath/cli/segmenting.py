"""`segments list, show, define, remove`: people who were meant once and may be meant again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.running import Run, command

if TYPE_CHECKING:
    from desirepath.segments import Segment

Name = Annotated[str, typer.Argument(metavar="NAME", help="The segment.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)

    @group.callback()
    def segments() -> None:
        """Segments: people behind a number of an answer, or with a certain event, under a name."""

    app.add_typer(group, name="segments")
    command(group, "list")(list_all)
    command(group, "show")(show)
    command(group, "define")(define)
    command(group, "remove")(remove)


def list_all(run: Run) -> None:
    """List the saved segments."""
    with run.workspace() as workspace:
        known = workspace.segments.all()
    if run.as_json:
        return run.screen.document([_plain(segment) for segment in known.values()])
    if not known:
        return run.screen.say("No segment is saved here; `desirepath ask … --people … --save-segment NAME` saves one.")
    run.screen.table({"segment": list(known), "people": [_in_words(segment) for segment in known.values()]})
    return None


def show(run: Run, name: Name) -> None:
    """Show what a segment means, and how many people are in it at present."""
    with run.workspace() as workspace, run.progress() as progress:
        segment = workspace.segments.get(name)
        people = workspace.segment_size(name, progress=progress)
    if run.as_json:
        return run.screen.document({**_plain(segment), "people": people})
    run.screen.say(f"{name}: {people:,} people", "bold")
    run.screen.say(json.dumps(_plain(segment), indent=2, ensure_ascii=False))
    return None


def define(
    run: Run,
    name: Name,
    where: Annotated[str, typer.Option(metavar="FILTER", help="People with at least one event that fits.")],
) -> None:
    """Define a segment by a filter."""
    from desirepath.segments import Segment

    with run.workspace() as workspace:
        workspace.segments.save(Segment(name, where))
    run.screen.say(f"Saved as the segment {name!r}; use it as --cohort {name!r}.")


def remove(run: Run, name: Name) -> None:
    """Forget a segment; its people stay."""
    with run.workspace() as workspace:
        workspace.segments.remove(name)
    run.screen.say(f"The segment {name!r} is no more.")


def _plain(segment: Segment) -> dict[str, Any]:
    if segment.where is not None:
        return {"name": segment.name, "where": segment.where}
    return {
        "name": segment.name,
        "question": dict(segment.question or {}),
        "asked_of": dict(segment.asked_of),
        "which": dict(segment.which),
    }


def _in_words(segment: Segment) -> str:
    if segment.where is not None:
        return f"with an event where {segment.where}"
    chosen = ", ".join(f"{name} {value}" for name, value in segment.which.items()) or "everybody"
    return f"of a {str((segment.question or {}).get('name')).replace('_', ' ')}: {chosen}"
