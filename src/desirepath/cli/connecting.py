"""`connectors list | show | page | test`: which sources there are, what each reads, and whether one is well made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from desirepath.cli.importing import options_of
from desirepath.cli.running import Run, command
from desirepath.errors import InputError

Name = Annotated[str, typer.Argument(help="The connector's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The sources that desirepath reads.")
    command(group, "list")(list_connectors)
    command(group, "show")(show)
    command(group, "page")(page)
    command(group, "test")(test)
    app.add_typer(group, name="connectors")


def list_connectors(run: Run) -> None:
    """List the sources, those that other packages bring included."""
    from desirepath.connectors.registry import connectors

    found = connectors()
    if run.as_json:
        return run.screen.document([{"name": one.name, "title": one.title, "about": one.about} for one in found])
    run.screen.table({"name": [one.name for one in found], "reads": [one.about for one in found]}, last="reads")
    return run.screen.say(
        "\n`desirepath connectors show NAME` says more; `desirepath import FILES` finds the right one."
    )


def show(run: Run, name: Name) -> None:
    """Explain a source: what is read, what becomes of it, what may be chosen."""
    from desirepath.connectors.registry import connector

    one = connector(name)
    if run.as_json:
        return run.screen.document(
            {
                "name": one.name,
                "title": one.title,
                "about": one.about,
                "streams": dict(one.streams),
                "options": [
                    {"name": o.name, "about": o.about, "default": o.default, "choices": list(o.choices)}
                    for o in one.options
                ],
                "notes": list(one.docs),
            }
        )
    screen = run.screen
    screen.say(f"{one.title} ({one.name})", "bold")
    screen.prose(one.about)
    screen.say("\nWhat is read, and what it becomes:", "bold")
    for stream, text in one.streams.items():
        screen.prose(f"{stream}: {text}", indent="  ")
    if one.options:
        screen.say("\nOptions (--option NAME=VALUE):", "bold")
    for option in one.options:
        choices = f" One of {', '.join(choice for choice in option.choices if choice)}." if option.choices else ""
        default = f" Default: {option.default}." if option.default else ""
        screen.prose(f"{option.name}: {option.about}.{choices}{default}", indent="  ")
    if one.docs:
        screen.say("\nGood to know:", "bold")
    for text in one.docs:
        screen.prose(text, indent="  ")
    return None


def page(run: Run, name: Name) -> None:
    """Print a source's page of docs, as Markdown."""
    from desirepath.connectors.pages import page_of
    from desirepath.connectors.registry import connector

    run.screen.say(page_of(connector(name)).rstrip("\n"))


def test(
    run: Run,
    name: Name,
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Samples of its source.")],
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the connector; may be repeated.")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone of times that carry none.")] = None,
    expect: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON lines that must come out.")] = None,
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what comes out, as JSON lines.")] = None,
) -> None:
    """Check a connector on samples: is it pure, are its rows fit to be stored, are they the expected ones?"""
    from desirepath.connectors.files import every_file, expand
    from desirepath.connectors.registry import connector
    from desirepath.connectors.trying import compare, try_connector

    if write is not None and write.exists():
        raise InputError(f"{write} exists already; name another file.", looked=str(write.resolve()))
    trial = try_connector(connector(name), every_file(expand(files)), options=options_of(option), time_zone=time_zone)
    if expect is not None:
        compare(trial, expect)
    if write is not None:
        write.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in trial.rows), encoding="utf-8")
    if run.as_json:
        run.screen.document(
            {
                "records": trial.records,
                "events": trial.events,
                "snapshots": trial.snapshots,
                "left_out": trial.left_out,
                "rejected": trial.rejected,
                "nameless": trial.nameless,
                "names": dict(trial.names),
                "kinds": dict(trial.kinds),
                "problems": trial.problems,
            }
        )
    else:
        run.screen.say(
            f"{trial.records:,} records: {trial.events:,} events, {trial.snapshots:,} snapshots, "
            f"{trial.left_out:,} left out, {trial.rejected:,} rejected.",
            "bold",
        )
        run.screen.prose("Events: " + ", ".join(f"{one} ({count:,})" for one, count in trial.names.most_common(20)))
        run.screen.prose("Identities: " + ", ".join(f"{one} ({count:,})" for one, count in trial.kinds.most_common(20)))
        if trial.nameless:
            run.screen.prose(f"{trial.nameless:,} events name nobody; an import puts them into the quarantine.")
        for problem in trial.problems:
            run.screen.prose(f"- {problem}")
        run.screen.say("All well." if not trial.problems else f"{len(trial.problems)} problems.", "bold")
    if trial.problems:
        raise typer.Exit(1)
