"""`desirepath import`: files or rows in, with a mapping that is given or guessed, and an account that adds up."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.looking import records
from desirepath.cli.querying import Query, Table, Uri, asked_of, first_rows
from desirepath.cli.running import Run, command, find_workspace
from desirepath.cli.screen import Screen
from desirepath.cli.values import Columns, moment_text, of_arrow
from desirepath.errors import CancelledError, InputError, TimeZoneNeededError, WorkspaceError

if TYPE_CHECKING:
    from desirepath.connectors import Guess, Mapping, Preview
    from desirepath.importing import ImportResult
    from desirepath.syncing.sql import Asked

    _Given = list[Path] | Asked
    """What is imported: files, or what is asked of a database."""

SHOWN = 12

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILES...",
        help="Files, folders or globs, of a source that desirepath knows, or CSV, JSON lines or Parquet.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "import")(import_files)


def import_files(
    run: Run,
    files: Files = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="The YAML file that says what the columns mean.")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone of times that carry none.")] = None,
    guess: Annotated[
        bool, typer.Option("--guess", metavar="", help="Propose a mapping and show what it would give.")
    ] = False,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Save the guessed mapping, to correct it.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--as", metavar="SOURCE", help="The connector that reads the files; found out if left out."),
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the connector; may be repeated.")
    ] = None,
    instance: Annotated[
        str | None, typer.Option(help="Which installation of the source, where you have several.")
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", metavar="", help="Import with the guessed mapping without being asked."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Check and preview; nothing is written.")
    ] = False,
    database: Uri = None,
    table: Table = None,
    query: Query = None,
) -> None:
    """Import files. Read = stored + duplicate + quarantined, always; importing again changes nothing."""
    asked = asked_of(files or [], database, table, query)
    given: _Given = asked or files or []
    _check_options(given, mapping, guess, write, source)
    if guess:
        return _guessed(run, given, time_zone, write, yes=yes and not dry_run, ask=not dry_run)
    if mapping is None:
        return _sources(run, files or [], source, options_of(option), instance, time_zone, dry_run=dry_run)
    if option or instance:
        raise InputError("--option and --instance belong to a connector; a mapping file says both itself.")
    if dry_run:
        return _previewed(run, given, mapping, time_zone)
    result = _import(run, given, mapping, time_zone)
    if run.as_json:
        return run.screen.document(result.to_dict())
    return show_account(run.screen, result)


def _looked_at(run: Run, given: _Given) -> AbstractContextManager[list[Path]]:
    """The files that are looked at: those given, or one with the first rows of a database."""
    return nullcontext(given) if isinstance(given, list) else first_rows(run, given)


def _previewed(run: Run, given: _Given, mapping: Path, time_zone: str | None) -> None:
    from desirepath.connectors import preview, read_mapping

    known = read_mapping(mapping)
    with _looked_at(run, given) as files:
        shown = preview(known, files, SHOWN, time_zone=time_zone)
    if run.as_json:
        return run.screen.document({"preview": _preview_data(shown), "imported": None})
    _show_preview(run.screen, shown)
    return run.screen.say("\nNothing was imported (--dry-run).")


def _check_options(given: _Given, mapping: Path | None, guess: bool, write: Path | None, source: str | None) -> None:
    if not isinstance(given, list) and not guess and mapping is None:
        what = "No connector reads a database" if source is not None else "Rows are imported with a mapping"
        raise InputError(
            f"{what}: a mapping says what the columns mean.",
            allowed=["--mapping FILE.yaml", "--guess to have a mapping proposed"],
        )
    if source is not None and (guess or mapping is not None):
        raise InputError(
            "A connector knows what the columns mean.", allowed=["--as SOURCE", "--mapping FILE", "--guess"]
        )
    if guess and mapping is not None:
        raise InputError("Give a mapping or have one guessed, not both.", allowed=["--mapping FILE", "--guess"])
    if write is not None and not guess:
        raise InputError("--write saves a guessed mapping, so it needs --guess.")
    if write is not None and write.exists():
        raise InputError(f"{write} exists already; name another file.", looked=str(write.resolve()))
    files = given if isinstance(given, list) else []
    beside = [path / "mapping.yaml" for path in files if (path / "mapping.yaml").is_file()]
    if not guess and mapping is None and source is None and beside:
        raise InputError(
            "An import needs to know what the columns mean.",
            allowed=["--mapping FILE.yaml", "--guess to have a mapping proposed", "--as SOURCE"],
            nearest=f"--mapping {beside[0]}",
        )


def options_of(given: list[str] | None) -> dict[str, str]:
    """Options as `name=value`.

    Raises
    ------
    InputError
        When one has no `=`.
    """
    found: dict[str, str] = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign:
            raise InputError(f"{one!r} is no option of a connector.", allowed=["--option NAME=VALUE"])
        found[name.strip()] = value.strip()
    return found


def _words(run: Run, *, needed: bool) -> tuple[Mapping, ...]:
    """What the workspace says of connectors; nothing, where none is needed and there is none."""
    from desirepath.connectors.choosing import words_in

    try:
        return words_in(find_workspace(run.chosen))
    except WorkspaceError:
        if needed:
            raise
        return ()


def _sources(
    run: Run,
    files: list[Path],
    source: str | None,
    options: dict[str, str],
    instance: str | None,
    time_zone: str | None,
    *,
    dry_run: bool,
) -> None:
    """Import by connectors, one source after the other."""
    from desirepath.connectors.choosing import choose, try_first

    chosen = choose(files, source, options=options, instance=instance, words=_words(run, needed=not dry_run))
    try_first(chosen, time_zone)
    documents: list[dict[str, Any]] = []
    for one in chosen:
        for path in one.left_out:
            run.screen.prose(f"Note: {path.name} is of no source that desirepath recognises, and is left out.")
        if dry_run:
            from desirepath.connectors import preview

            shown = preview(one.mapping, one.files, SHOWN, time_zone=time_zone)
            documents.append({"source": one.mapping.source, "preview": _preview_data(shown), "imported": None})
            if not run.as_json:
                run.screen.say(f"\n{one.mapping.source}, {len(one.files)} files", "bold")
                _show_preview(run.screen, shown)
            continue
        result = _import(run, list(one.files), one.mapping, time_zone)
        documents.append(result.to_dict())
        if not run.as_json:
            show_account(run.screen, result)
    if run.as_json:
        run.screen.document({"imports": documents})
    elif dry_run:
        run.screen.say("\nNothing was imported (--dry-run).")


def _import(run: Run, given: _Given, mapping: Path | Mapping, time_zone: str | None) -> ImportResult:
    with run.workspace() as workspace:
        archive = workspace.root / "archive"
        before = {path.name for path in archive.glob("[0-9]*")}
        try:
            with run.progress() as progress:
                if isinstance(given, list):
                    return workspace.import_files(given, mapping, time_zone=time_zone, progress=progress)
                from desirepath.syncing.sql import import_rows

                return import_rows(workspace, given, mapping, time_zone=time_zone, progress=progress)
        except KeyboardInterrupt:
            kept = [path.name for path in archive.glob("[0-9]*") if path.name.isdigit() and path.name not in before]
            if not kept:
                raise
            raise CancelledError(
                f"Stopped after import {int(kept[0])} was complete: it is kept, "
                "and the next question sorts it into journeys."
            ) from None


def show_account(screen: Screen, result: ImportResult) -> None:
    """Print the account of an import, with what is odd about it; the account comes last."""
    for warning in result.warnings:
        screen.prose(f"Note: {warning}")
    if result.left_out:
        screen.say(f"{result.left_out:,} of the rows are left out by the mapping's own conditions or its connector.")
    if result.quarantined:
        screen.say(
            "In quarantine: "
            + ", ".join(f"{count:,} {reason}" for reason, count in result.reasons.items())
            + ". `desirepath quarantine` shows them."
        )
    if result.batch is None:
        screen.say("Nothing of it was new, so no import was kept.")
    screen.say(f"{result.source}: {result.line}.", "bold")


def _guessed(run: Run, given: _Given, time_zone: str | None, write: Path | None, *, yes: bool, ask: bool) -> None:
    with _looked_at(run, given) as files:
        proposed, document = _proposed(run, files, time_zone, write)
    screen = run.screen
    if yes or (ask and write is None and _agreed(run)):
        result = _import(run, given, proposed, None)
        document["imported"] = result.to_dict()
        screen.say()
        if not screen.as_json:
            show_account(screen, result)
    elif not screen.as_json:
        screen.say(
            "\nNothing was imported. --yes imports with this mapping; --write m.yaml saves it, "
            "to correct it and use it with --mapping."
        )
    if screen.as_json:
        screen.document(document)


def _proposed(run: Run, files: list[Path], time_zone: str | None, write: Path | None) -> tuple[Mapping, dict[str, Any]]:
    """Propose a mapping and show what it would give; the same as plain data."""
    from desirepath.connectors import guess, preview
    from desirepath.connectors.plan import with_zone

    screen = run.screen
    found = guess(files)
    proposed = with_zone(found.mapping, time_zone)
    text = _yaml(proposed)
    screen.say("# A guess: check it before you rely on it.", "dim")
    screen.say(text.rstrip())
    # the last note asks for the zone that the command line may have given
    notes = found.notes[:-1] if found.needs_time_zone and time_zone is not None else found.notes
    for note in notes:
        screen.prose(f"- {note}")
    if write is not None:
        write.write_text(text, encoding="utf-8")
        screen.hint(f"Mapping written to {write}.")
    if found.needs_time_zone and time_zone is None:
        _needs_zone(run, found, proposed)
    shown = preview(proposed, files, SHOWN)
    screen.say()
    _show_preview(screen, shown)
    return proposed, {
        "mapping": proposed.to_dict(),
        "notes": list(notes),
        "needs_time_zone": False,
        "preview": _preview_data(shown),
        "imported": None,
    }


def _needs_zone(run: Run, found: Guess, proposed: Mapping) -> None:
    if run.as_json:
        run.screen.document(
            {
                "mapping": proposed.to_dict(),
                "notes": list(found.notes),
                "needs_time_zone": True,
                "preview": None,
                "imported": None,
            }
        )
        raise typer.Exit(TimeZoneNeededError.exit_code)
    raise TimeZoneNeededError(
        "The times carry no zone, so nothing can be previewed or imported yet.",
        allowed=["--time-zone Europe/Paris (any IANA zone)", "--time-zone UTC"],
    )


def _agreed(run: Run) -> bool:
    if run.as_json or not (sys.stdin.isatty() and run.screen.is_terminal):
        return False
    return typer.confirm("\nImport with this mapping?", default=False)


def _yaml(mapping: Mapping) -> str:
    """The mapping as a person would write it: a sole table's fields stand at the top."""
    import yaml

    data = mapping.to_dict()
    tables = data["tables"]
    if isinstance(tables, list) and len(tables) == 1:
        head = {name: value for name, value in data.items() if name != "tables"}
        data = {**head, **tables[0]}
    return "".join(
        yaml.safe_dump(
            {name: value},
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None if isinstance(value, list | dict) else False,
            width=110,
        )
        for name, value in data.items()
    )


def _show_preview(screen: Screen, shown: Preview) -> None:
    counts = shown.counts
    set_aside = sum(counts.quarantined.values())
    events = of_arrow(shown.events)
    rows = records(events)
    screen.say(
        f"The first {counts.rows:,} rows would give {counts.read:,} events, {set_aside:,} of them for the "
        "quarantine. The first of them:",
        "bold",
    )
    columns: Columns = {
        "when (UTC)": [moment_text(row["occurred_at"], row["precision"]) for row in rows],
        "event": events["name"],
        "person": [
            "" if not row["identities"] else f"{row['identities'][0]['kind']}:{row['identities'][0]['value']}"
            for row in rows
        ],
        "channel": events["channel"],
        "value": events["value"],
        "properties": [row["properties"] if row["properties"] != "{}" else "" for row in rows],
    }
    screen.table(
        {name: cells for name, cells in columns.items() if any(cell not in (None, "") for cell in cells)},
        spare=("channel",),
        last="properties",
    )
    if shown.quarantine.num_rows:
        aside = of_arrow(shown.quarantine.slice(0, SHOWN))
        raw = [value.decode("utf-8", "backslashreplace") for value in aside["raw"]]
        screen.say("\nRows that would be set aside:", "bold")
        screen.table(
            {
                "file": aside["file"],
                "line": [str(line or "") for line in aside["line"]],
                "reason": aside["reason"],
                "as it was read": raw,
            },
            last="as it was read",
        )


def _preview_data(shown: Preview) -> dict[str, Any]:
    counts = shown.counts
    return {
        "rows": counts.rows,
        "left_out": counts.left_out,
        "read": counts.read,
        "quarantined": dict(counts.quarantined),
        "events": records(of_arrow(shown.events)),
        "rejected": records(of_arrow(shown.quarantine.slice(0, SHOWN))),
    }


__all__ = ["import_files", "register", "show_account"]
