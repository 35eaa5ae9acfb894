"""`map new, list, show, check, diff, discover, schema`: journey maps as files that are read, checked and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.asking import refuse_empty
from desirepath.cli.running import Run, command, find_workspace
from desirepath.errors import InputError, UnknownNameError, WorkspaceError

if TYPE_CHECKING:
    from desirepath.maps.journey_map import JourneyMap
    from desirepath.maps.shelf import Shelf
    from desirepath.questions.thresholds import Judged

Name = Annotated[str, typer.Argument(metavar="MAP", help="The name of a map in this workspace, or a file.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MAP]...", help="Names of maps, or files; all of the workspace's if none."),
]
Force = Annotated[bool, typer.Option("--force", metavar="", help="Write over a map of that name.")]
SCHEMA = "journey-map.schema.json"
HEADER = f"# yaml-language-server: $schema=./{SCHEMA}\n"

BLANK = """\
# What the journey should be. `desirepath map check {name}` reads it, `desirepath ask journey-map {name}` measures it.
map: {name}
title: {title}
# starts: the event that begins it; the first touchpoint, if left out
goal: {goal}
# gives_up: the event that ends it without success
gives_up_after: {patience}
stages:
  - stage: {stage}
    # owner: who answers for it
    steps:
{steps}
# a step may say more: {{touchpoint: call, contact: human, cost: 6, limit: 2 days, optional: true, repeats: true}}
# or be several: {{one_of: [app, web]}}, {{any_order: [a, b]}}
# feedback: [{{event: survey answered, score: score, scale: nps}}]
# rules: [{{after: call, must: visit, within: 2 days}}, {{at_most: 1, of: call}}]
# thresholds: {{fitness: 0.9, late: 0.1, conversion: 0.7}}   for `desirepath map check {name} --data`
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)

    @group.callback()
    def maps() -> None:
        """Journey maps: files that say how a journey should be, and what it is held against."""

    app.add_typer(group, name="map")
    command(group, "list")(list_all)
    command(group, "new")(new)
    command(group, "discover")(discover)
    command(group, "show")(show)
    command(group, "check")(check)
    command(group, "diff")(diff)
    command(group, "schema")(schema)


def list_all(run: Run) -> None:
    """List the maps of the workspace."""
    shelf = _shelf(run)
    rows: dict[str, list[Any]] = {"map": [], "title": [], "stages": [], "touchpoints": [], "problem": []}
    for name in shelf.files():
        try:
            found = shelf.get(name)
            known: tuple[Any, ...] = (name, found.title, len(found.stages), len(found.touchpoints), None)
        except InputError as error:
            known = (name, None, None, None, str(error))
        for column, value in zip(rows.values(), known, strict=True):
            column.append(value)
    if run.as_json:
        return run.screen.document([dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)])
    if not rows["map"]:
        return run.screen.say(
            f"No map is in {shelf.folder}; `desirepath map new NAME` or `map discover NAME` makes one."
        )
    run.screen.table({name: column for name, column in rows.items() if any(column)})
    return None


def new(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, and its file.")],
    step: Annotated[list[str] | None, typer.Option(help="An event on the road, in order; several times.")] = None,
    goal: Annotated[str | None, typer.Option(help="The event that means success; the last step, if left out.")] = None,
    gives_up_after: Annotated[str, typer.Option(metavar="TIME", help="When somebody dropped.")] = "30 days",
    title: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    force: Force = False,
) -> None:
    """Write a map to edit, from the events that you name."""
    from desirepath.events.yaml_forms import as_yaml

    steps = step or ["first event", "second event", "last event"]
    text = BLANK.format(
        name=name,
        title=as_yaml(title or name.replace("-", " ").replace("_", " ")),
        goal=as_yaml(goal or steps[-1]),
        patience=as_yaml(gives_up_after),
        stage=as_yaml(steps[0]),
        steps="\n".join(f"      - {as_yaml(each)}" for each in steps),
    )
    _written(run, _write(_shelf(run), name, text, force=force), name)


def discover(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, and its file.")],
    goal: Annotated[str | None, typer.Option(help="The event that is the goal.")] = None,
    least: Annotated[
        float, typer.Option(metavar="SHARE", help="The least share of journeys with a touchpoint.")
    ] = 0.05,
    unit: Annotated[str, typer.Option(help="What a journey is: person, session, account or entity:KIND.")] = "person",
    period: Annotated[str | None, typer.Option(help="Journeys of this time alone.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Nothing but this event; several times.")] = None,
    hide: Annotated[list[str] | None, typer.Option(help="Without this event; several times.")] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=EVENT,EVENT", help="A touchpoint made of several events; several times."),
    ] = None,
    force: Force = False,
) -> None:
    """Draw a map of what people really do, and write it to be edited."""
    from desirepath.events.yaml_forms import as_yaml

    groups = dict(_group(text) for text in group or ())
    fields: dict[str, Any] = {"called": name, "goal": goal, "least": least}
    fields |= {"only": list(only or ()), "hide": list(hide or ()), "group": groups}
    with run.workspace() as workspace:
        shelf = _shelf(run)
        _free(shelf, name, force=force)
        refuse_empty(workspace)
        with run.progress() as progress:
            answer = workspace.ask("discover", unit=unit, period=period, progress=progress, **fields)
        found = answer.extras["definition"]["definition"]
        if not found:
            raise InputError(" ".join(answer.words))
        levels = answer.extras["levels"]
        notes = [f"# {line}" for line in answer.words]
        path = _write(shelf, name, "\n".join([*notes, as_yaml(found[0])]), force=force)
    if run.as_json:
        return run.screen.document({"file": str(path), "definition": found[0], "levels": levels})
    run.screen.prose(" ".join(answer.words))
    run.screen.say()
    run.screen.table(dict(levels))
    _written(run, path, name)
    return None


def _group(text: str) -> tuple[str, list[str]]:
    name, sign, events = text.partition("=")
    if not sign or not name.strip() or not events.strip():
        raise InputError(f"--group {text!r} cannot be read; it is written like 'browse=home,catalog'.")
    return name.strip(), [each.strip() for each in events.split(",") if each.strip()]


def show(run: Run, name: Name) -> None:
    """Show the stages, touchpoints, limits and rules of a map."""
    found = _read(_shelf(run), name)
    if run.as_json:
        return run.screen.document(dict(found.definition))
    run.screen.say(f"{found.title}", "bold")
    for key in ("starts", "goal", "gives_up", "gives_up_after", "watch_after", "value"):
        if found.definition.get(key) is not None:
            run.screen.say(f"  {key.replace('_', ' ')}: {_said(found.definition[key])}")
    for stage in found.stages:
        owner = f", {stage.owner}" if stage.owner else ""
        run.screen.say(f"\n{stage.name}{owner}", "bold")
        for touchpoint in (found.touchpoints[each] for each in stage.touchpoints):
            run.screen.say(f"  {touchpoint.name}{_marks(found, touchpoint.name)}")
    for title, names in (
        ("Variants", list(found.variants)),
        ("Rules", [law.name for law in found.rules]),
        ("Thresholds", [f"{key} {value:g}" for key, value in found.thresholds.items()]),
    ):
        if names:
            run.screen.say(f"\n{title}: {'; '.join(names)}")
    return None


def _marks(found: JourneyMap, name: str) -> str:
    touchpoint = next(each for each in found.touchpoints if each.name == name)
    said = (each for each in _steps(found.definition["stages"]) if each.get("touchpoint") == name)
    step: dict[str, Any] = next(said, {})
    marks = [key for key in ("optional", "repeats", "milestone", "failure") if step.get(key)]
    marks += [] if touchpoint.expected else ["not expected"]
    marks += [str(step[key]) for key in ("contact",) if step.get(key)]
    marks += [f"{key} {step[key]}" for key in ("limit", "cost", "revenue") if step.get(key) is not None]
    return f" ({', '.join(marks)})" if marks else ""


def _steps(parts: Any) -> Any:
    """All steps of a definition that say more than a name."""
    for part in parts:
        if isinstance(part, dict):
            yield part
            for kind in ("steps", "one_of", "any_order", "in_order"):
                yield from _steps(part.get(kind) or ())


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else f"{value:g}"


def check(
    run: Run,
    names: Names = None,
    data: Annotated[
        bool, typer.Option("--data", metavar="", help="Hold the data against the map's thresholds too.")
    ] = False,
    period: Annotated[str | None, typer.Option(help="With --data: instances that began in this time.")] = None,
) -> None:
    """Read maps and say what is wrong with them; with --data, whether what people do keeps to them.

    Exit code 1 when a threshold is missed.
    """
    if period is not None and not data:
        raise InputError("--period chooses instances; it goes with --data.")
    shelf = _shelf(run)
    found = [(each, _read(shelf, each)) for each in names or list(shelf.files())]
    if not found:
        raise InputError(f"There is no map in {shelf.folder}; `desirepath map new NAME` makes one.")
    judged = _judge(run, found, period) if data else {}
    missed = [name for name, rows in judged.items() if any(each.verdict == "missed" for each in rows)]
    if run.as_json:
        run.screen.document([_checked(name, asked, judged.get(name)) for name, asked in found])
    else:
        for name, asked in found:
            size = f"{len(asked.stages)} stages, {len(asked.touchpoints)} touchpoints"
            run.screen.say(f"{name}: reads well; {size}, {len(asked.rules)} rules.")
            if name in judged:
                run.screen.table(_judged_table(judged[name]))
    if missed:
        run.screen.flush()
        run.screen.hint(f"Thresholds are missed: {', '.join(missed)}.")
        raise typer.Exit(1)


def _judge(run: Run, maps: list[tuple[str, JourneyMap]], period: str | None) -> dict[str, list[Judged]]:
    from desirepath.questions.thresholds import judge

    judged = {}
    with run.workspace() as workspace:
        refuse_empty(workspace)
        for name, asked in maps:
            with run.progress() as progress:
                answer = workspace.ask("conformance", map=dict(asked.definition), period=period, progress=progress)
            judged[name] = judge(asked, answer.extras["fitness"])
    return judged


def _checked(name: str, asked: JourneyMap, judged: list[Judged] | None) -> dict[str, Any]:
    plain: dict[str, Any] = {"map": name, "stages": len(asked.stages), "touchpoints": len(asked.touchpoints)}
    if judged is not None:
        plain["measures"] = [
            {
                "measure": each.measure,
                "value": each.found.value,
                "low": each.found.low,
                "high": each.found.high,
                "n": each.found.n,
                "threshold": each.threshold,
                "verdict": each.verdict,
            }
            for each in judged
        ]
    return plain


def _judged_table(judged: list[Judged]) -> dict[str, list[Any]]:
    return {
        "measure": [each.measure for each in judged],
        "value": [each.found.value for each in judged],
        "low": [each.found.low for each in judged],
        "high": [each.found.high for each in judged],
        "of": [each.found.n for each in judged],
        "threshold": [
            None if each.threshold is None else f"{'at most' if each.is_at_most else 'at least'} {each.threshold:g}"
            for each in judged
        ],
        "verdict": [each.verdict for each in judged],
    }


def diff(
    run: Run,
    one: Annotated[str, typer.Argument(metavar="ONE", help="A map by name, or a file.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another, or another version of it.")],
) -> None:
    """Say in words what is different between two maps."""
    from desirepath.maps.differing import differences

    shelf = _shelf(run)
    before, after = (_read(shelf, each) for each in (one, other))
    found = differences(before.definition, after.definition)
    if run.as_json:
        return run.screen.document(
            [{"where": list(each.where), "kind": each.kind, "one": each.one, "two": each.two} for each in found]
        )
    for each in found:
        run.screen.say(each.words)
    if not found:
        run.screen.say("The two maps say the same.")
    return None


def schema(run: Run) -> None:
    """Print the JSON Schema of a map's file, for editors."""
    from desirepath.maps.form import schema as made

    del run
    typer.echo(json.dumps(made(), indent=2, ensure_ascii=False))


def _shelf(run: Run) -> Shelf:
    """The maps of the workspace; of this folder, where there is no workspace, so that a pipeline can check files."""
    from desirepath.maps.shelf import Shelf

    try:
        root = find_workspace(run.chosen)
    except WorkspaceError:
        if run.chosen is not None:
            raise
        root = Path()
    return Shelf(root / "maps")


def _read(shelf: Shelf, name: str) -> JourneyMap:
    """The map of a name, or of a file."""
    path = Path(name)
    if name not in shelf.files() and (path.suffix in (".yaml", ".yml") or path.exists()):
        return shelf.read(path)
    return shelf.get(name)


def _free(shelf: Shelf, name: str, *, force: bool) -> Path:
    """Where a new map goes."""
    path = shelf.files().get(name, shelf.folder / f"{name}.yaml")
    if path.exists() and not force:
        raise InputError(f"There is a map called {name!r} already; --force writes over it.", looked=str(path))
    return path


def _write(shelf: Shelf, name: str, text: str, *, force: bool) -> Path:
    """Write a map that reads well, and its schema beside it."""
    from desirepath.maps.form import schema as made

    path = _free(shelf, name, force=force)
    found = shelf.parse(text, looked=f"the map {name!r}")
    if found.name != name:
        raise UnknownNameError.of("name of a map", name, [found.name])
    shelf.folder.mkdir(parents=True, exist_ok=True)
    (shelf.folder / SCHEMA).write_text(json.dumps(made(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def _written(run: Run, path: Path, name: str) -> None:
    if run.as_json:
        run.screen.document({"file": str(path)})
        return
    run.screen.say(f"Written to {path}; edit it, then `desirepath ask journey-map {name}`.")
