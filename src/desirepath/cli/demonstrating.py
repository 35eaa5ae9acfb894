"""`desirepath demo`: a simulated company, its first questions, and whether the answers find the truth."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.recovery import PEOPLE, SEED
from desirepath.cli.running import SETTINGS, Run, command
from desirepath.cli.screen import Screen
from desirepath.errors import CancelledError, InputError

if TYPE_CHECKING:
    from desirepath.cli.recovery import Asked
    from desirepath.workspace import Workspace

SOURCES = "sources"


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "demo")(demo)


def demo(
    run: Run,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to make the workspace.")] = Path(
        "demo-company"
    ),
    people: Annotated[
        int | None,
        typer.Option(help=f"How many people to simulate.  Default: {PEOPLE:,}.", show_default=False),
    ] = None,
    seed: Annotated[int | None, typer.Option(help=f"Seed of all dice. Default: {SEED}.", show_default=False)] = None,
    page: Annotated[
        bool, typer.Option("--page", metavar="", help="Serve the page on it in the end, until Ctrl-C.")
    ] = False,
) -> None:
    """See it work: simulate a company, import its data, ask, and compare with the planted truth.

    Run again, it keeps what is there and repeats the questions. Exit code 1 when an answer misses the truth.
    """
    if page and run.as_json:
        raise InputError("--json ends with one document, and --page goes on serving.", allowed=["--json", "--page"])
    from desirepath.cli.recognition import recognise
    from desirepath.cli.recovery import ask_all
    from desirepath.connectors.choosing import MAPPINGS
    from desirepath.demo import read_truth
    from desirepath.demo.codebook import write_codebook
    from desirepath.demo.journey_maps import write_maps
    from desirepath.demo.mappings import write_words
    from desirepath.demo.metrics import write_metrics

    try:
        workspace = _workspace(run, folder, people, seed)
        with workspace:
            write_maps(folder / "maps")
            write_words(folder / MAPPINGS)
            write_metrics(folder / "metrics")
            write_codebook(workspace.texts.folder)
            imports = _import_all(run, workspace)
            _learn(run, workspace)
            truth = read_truth(folder / SOURCES)
            asked = ask_all(run, workspace, truth)
            known = recognise(workspace, folder / SOURCES / "truth-identities.parquet")
            run.screen.say()
            run.screen.prose(known.words())
            somebody = _somebody(workspace)
    except KeyboardInterrupt:
        raise CancelledError(f"Stopped. What was done so far is kept; `{_again(folder)}` goes on from there.") from None
    missed = [check.name for one in asked for check in one.missed]
    if run.as_json:
        said = {"asked": [one.to_dict() for one in asked], "who_is_who": known.to_dict(), "missed": missed}
        run.screen.document({"workspace": str(folder), "imports": imports, **said})
    else:
        _close(run.screen, folder, asked, missed, somebody)
    if missed:
        run.screen.flush()
        raise typer.Exit(1)
    if page:
        _show_page(run, folder)


def _show_page(run: Run, folder: Path) -> None:
    """The page on the workspace, on the usual ports or, where others have them, on the next ones that are free."""
    from desirepath.cli.serving import COLLECTOR_PORT, HOST, PORT, keep_serving
    from desirepath.server.ports import free_from
    from desirepath.workspace import open_workspace

    port = free_from(HOST, PORT)
    run.screen.say()
    with open_workspace(folder) as workspace:
        keep_serving(run, workspace, HOST, port, free_from(HOST, max(COLLECTOR_PORT, port + 1)))


def _learn(run: Run, workspace: Workspace) -> None:
    """Learn from the scores that came with comments how comments sound, in whatever language."""
    from desirepath.learning import learn_sentiment

    if workspace.texts.head_of("comment") is None:
        with run.progress("Learning how comments sound") as progress:
            progress("learning how comments sound", 0, None)
            with suppress(InputError):  # nobody has commented yet
                learn_sentiment(  # by words alone: the demo says the same wherever it is shown
                    workspace, "comment", score="score", scale="nps", answers="survey answered", models=["words"]
                )


def _again(folder: Path) -> str:
    return "desirepath demo" if folder == Path("demo-company") else f"desirepath demo {shlex.quote(str(folder))}"


def _workspace(run: Run, folder: Path, people: int | None, seed: int | None) -> Workspace:
    """The demo's workspace with its source files, made where they are missing."""
    from desirepath.demo import Company, read_truth, simulate
    from desirepath.workspace import create, open_workspace

    sources, draft = folder / SOURCES, folder / f"{SOURCES}.draft"
    if not (folder / SETTINGS).is_file():
        company = Company()
        create(folder, time_zone=company.time_zone, currency=company.currency, name=folder.resolve().name).close()
        draft.mkdir()
    elif not (sources.is_dir() or draft.is_dir()):
        raise InputError(
            f"{str(folder)!r} is a workspace, but not one that the demo made; it is left alone.",
            looked=str(sources),
        )
    if sources.is_dir():
        truth = read_truth(sources)
        asked_for = {"people": people, "seed": seed}
        other = [f"--{name} {value}" for name, value in asked_for.items() if value is not None and value != truth[name]]
        if other:
            raise InputError(
                f"{str(folder)!r} exists, with {truth['people']:,} people and seed {truth['seed']}; "
                f"{' and '.join(other)} needs another folder."
            )
        run.screen.say(f"{folder} exists ({truth['people']:,} people, seed {truth['seed']}); asking again.")
        return open_workspace(folder)
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was stopped
    with run.progress() as progress:
        report = simulate(
            draft,
            people or PEOPLE,
            SEED if seed is None else seed,
            progress=lambda done, total: progress("simulating people", done, total),
        )
    draft.rename(sources)
    run.screen.say(
        f"{report.truth['company']}, a simulated company: {report.people:,} people, {report.total:,} events "
        f"in {len(report.events)} sources, written to {sources}."
    )
    return open_workspace(folder)


def _import_all(run: Run, workspace: Workspace) -> list[dict[str, Any]]:
    """Import the sources that are not in yet; the account of all."""
    folder = workspace.root / SOURCES
    there = {row[0] for row in workspace.store().rows("SELECT source FROM batches")}
    missing = sorted(path.parent.name for path in folder.glob("*/mapping.yaml") if path.parent.name not in there)
    for source in missing:
        with run.progress(f"Importing {source}") as progress:
            workspace.import_files([folder / source], folder / source / "mapping.yaml", progress=progress)
    names = ("source", "rows", "read", "stored", "duplicate", "quarantined", "events")
    rows = workspace.store().rows(
        f"""SELECT {", ".join(names[:-1])}, (SELECT count(*) FROM events e WHERE e.batch = b.batch) FROM batches b
        ORDER BY batch"""
    )
    if missing:
        _show_accounts(run.screen, names, rows)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _show_accounts(screen: Screen, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    totals = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    screen.say("\nImported; in every line, read = stored + duplicate + quarantined:", "bold")
    columns = zip(*[*rows, ("all", *totals)], strict=True)
    screen.table({name: list(column) for name, column in zip(names, columns, strict=True)})
    screen.prose("What is stored and no event is what a system knew of a person or a thing at a moment: who is who.")


def _close(screen: Screen, folder: Path, asked: list[Asked], missed: list[str], somebody: str) -> None:
    known = [check for one in asked for check in one.checks]
    screen.say()
    if missed:
        screen.say(
            f"{len(missed)} of {len(known)} planted figures were not found again: {', '.join(missed)}.",
            "bold red",
        )
    else:
        screen.say(f"All {len(known)} planted figures were found again.", "bold green")
    where = f"-w {shlex.quote(str(folder))}"
    screen.say("\nTry next:", "bold")
    funnel = f"desirepath ask funnel {where} --step checkout --step order"
    for line in (
        f"{funnel} --breakdown campaign",
        f"{funnel} --window '1 day' --people step=1,outcome=dropped",
        f"{funnel} --table instead",
        f"desirepath ask friction {where} repair",
        f"desirepath ask voice {where} repair --answers 'survey answered' --text comment --score score",
        f"desirepath ask compare {where} repair --by rescheduled",
        f"desirepath metrics {where}",
        f"desirepath ask repair-success {where} --over month",
        f"desirepath ask outcome churn {where}",
        f"desirepath people show {where} {shlex.quote(somebody)}",
        f"desirepath quarantine {where} --reasons",
        f"desirepath doctor {where}",
    ):
        screen.say(f"  {line}")


def _somebody(workspace: Workspace) -> str:
    """A person with a story worth reading: whoever called most often."""
    rows = workspace.store().rows(
        """SELECT p.id FROM events e JOIN person_of_event o ON o.seq = e.seq
        JOIN people p ON p.person = o.person
        WHERE e.channel = 'phone' GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT 1"""
    )
    return str(rows[0][0]) if rows else "ID"


def described(question: Mapping[str, Any]) -> str:
    """A planted question in a line."""
    steps = " → ".join(question.get("steps", ()))
    extra = [f"within {question['window']}"] if question.get("window") else []
    extra += ["from the first touch alone"] if question.get("entry") == "first" else []
    extra += [f"by {question['breakdown']}"] if question.get("breakdown") else []
    return f"{steps} {', '.join(extra)}"
