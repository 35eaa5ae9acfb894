"""`init`, `rebuild`, `doctor`, `health`: making a workspace and keeping it well."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from desirepath.cli.importing import show_account
from desirepath.cli.running import Run, command, find_workspace
from desirepath.errors import InputError


def register_init(app: typer.Typer) -> None:
    """Add `init`."""
    command(app, "init")(init)


def register(app: typer.Typer) -> None:
    """Add the others."""
    command(app, "rebuild")(rebuild)
    command(app, "doctor")(doctor)
    command(app, "health")(health)


def init(
    run: Run,
    name: Annotated[Path, typer.Argument(metavar="NAME", help="The folder to make.")],
    time_zone: Annotated[
        str | None, typer.Option(help="IANA zone of the calendar, such as Europe/Paris. Needed.")
    ] = None,
    week_start: Annotated[str, typer.Option(help="First day of the week.")] = "monday",
    currency: Annotated[str, typer.Option(help="Currency of amounts whose file leaves it empty.")] = "EUR",
) -> None:
    """Make a workspace: one folder that holds everything."""
    from desirepath.workspace import create

    if time_zone is None:
        raise InputError(
            "A workspace needs its time zone: days, weeks and months are cut by it, a guess would move them.",
            allowed=["--time-zone Europe/Paris (any IANA zone)", "--time-zone UTC"],
        )
    with create(name, time_zone=time_zone, week_start=week_start, currency=currency) as workspace:
        made = workspace.settings
    if run.as_json:
        return run.screen.document(
            {
                "workspace": str(name),
                "name": made.name,
                "time_zone": made.time_zone,
                "week_start": made.week_start,
                "currency": made.currency,
            }
        )
    run.screen.say(
        f"Workspace {made.name} made in {name}: {made.time_zone}, weeks begin on {made.week_start}, {made.currency}.",
        "bold",
    )
    return run.screen.say(f"Next: desirepath import FILES --guess -w {name}")


def rebuild(run: Run) -> None:
    """Make the database again from the archive; the old one stays until the new one is whole."""
    with run.workspace() as workspace, run.progress("Rebuilding") as progress:
        results = workspace.rebuild(progress=progress)
    if run.as_json:
        return run.screen.document({"imports": [result.to_dict() for result in results]})
    for result in results:
        show_account(run.screen, result)
    return run.screen.say(f"Rebuilt from {len(results):,} archived imports.")


MARKS = {"ok": ("ok", "green"), "warning": ("look", "yellow"), "problem": ("PROBLEM", "red")}


def doctor(
    run: Run,
    warm: Annotated[
        bool,
        typer.Option("--warm", metavar="", help="Compile the kernels now, so that the first question is fast."),
    ] = False,
) -> None:
    """Check the workspace from the archive to the journeys. Exit code 1 when something is wrong."""
    from desirepath.doctor import examine, warm_kernels

    root = find_workspace(run.chosen)
    if warm:
        with run.progress("Warming up") as progress:
            warm_kernels(progress)
    with run.progress() as progress:
        checks = examine(root, progress)
    worst = (
        "problem"
        if any(check.status == "problem" for check in checks)
        else "warning"
        if any(check.status == "warning" for check in checks)
        else "ok"
    )
    screen = run.screen
    if screen.as_json:
        screen.document(
            {
                "workspace": str(root.resolve()),
                "status": worst,
                "checks": [check.to_dict() for check in checks],
            }
        )
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            mark, colour = MARKS[check.status]
            screen.say(f"{mark:<8}{check.name:<{width}}  {check.text}", colour if check.status != "ok" else None)
        screen.say()
        screen.say(
            {
                "ok": "All well.",
                "warning": "Nothing is wrong; some things are worth a look.",
                "problem": "Something is wrong. `desirepath rebuild` makes the database again.",
            }[worst],
            "bold",
        )
    if worst == "problem":
        screen.flush()
        raise typer.Exit(1)


def health(run: Run) -> None:
    """What is wrong with the data now, the worst first, and what to do; the page's view of it says the same."""
    from desirepath.watching import LOOKS, look

    with run.workspace() as workspace:
        found = look(workspace)
    if run.as_json:
        return run.screen.document({"findings": [asdict(one) for one in found], "looks": dict(LOOKS)})
    for one in found:
        style = {"problem": "bold red", "warning": "bold", "note": ""}[one.severity]
        run.screen.say(f"{one.severity}: {one.says}", style)
        run.screen.say(f"  {one.do}", "dim")
    well = len(LOOKS) - len({one.look for one in found})
    return run.screen.hint(f"{len(LOOKS)} looks at the data; {well} found everything as it should be.")
