"""`people show`, `events`, `quarantine`, `sql`: looking at what is stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.running import Output, Run, command
from desirepath.cli.safety import visible
from desirepath.cli.screen import Screen
from desirepath.cli.values import Columns, moment_text, of_arrow
from desirepath.errors import InputError

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

Most = Annotated[int, typer.Option(min=1, help="How many at most.")]


def register(app: typer.Typer) -> typer.Typer:
    """Add the commands; return the group `people`, for others to add to."""
    people = typer.Typer(no_args_is_help=True)

    @people.callback()
    def people_group() -> None:
        """Look at single people, and at who is one person."""

    command(people, "show")(show_person)
    app.add_typer(people, name="people")
    command(app, "events")(events)
    command(app, "quarantine")(quarantine)
    command(app, "sql")(sql)
    return people


def show_person(
    run: Run,
    who: Annotated[
        str, typer.Argument(metavar="ID", help="A person's id, or an identity such as email:ann@example.org.")
    ],
    most: Most = 1000,
    output: Output = "text",
) -> None:
    """One person's identities, and what they did in order."""
    from desirepath.knowing import accounts, of_person
    from desirepath.looking import find_person, identities

    with run.workspace() as workspace:
        zone = workspace.settings.time_zone
        store = workspace.store()
        code, person = find_person(store, who)
        known = of_arrow(identities(store, person))
        links = of_arrow(of_person(store, code, by_hand=True).drop_columns(["code_a", "code_b"]), zone)
        belongs = of_arrow(accounts(store, person), zone)
        story = of_arrow(workspace.timeline(person, most=most + 1), zone)
    cut = _cut(story, most)
    screen = run.screen
    if screen.as_json:
        return screen.document(
            {
                "person": person,
                "identities": records(known),
                "links": records(links),
                "accounts": records(belongs),
                "events": _with_properties(story),
                "more": cut,
            }
        )
    if output == "csv":
        return screen.csv(story)
    screen.say(person, "bold")
    for kind, value, strength in zip(known["kind"], known["value"], known["strength"], strict=True):
        screen.say(f"  {kind}: {value} ({strength})")
    for link in records(links):
        times = "" if link["times"] is None else f", {link['times']:,} time{'s' if link['times'] > 1 else ''}"
        screen.say(f"    {link['a']} with {link['b']}: {link['rule']}{times}, {link['source'] or ''}".rstrip(), "dim")
    for kind, value in zip(belongs["kind"], belongs["value"], strict=True):
        screen.say(f"  belongs to {kind} {value}")
    screen.say()
    _story(screen, story, zone)
    screen.say(f"\n{len(story['id']):,} events{'; there are more, see --most' if cut else ''}.")
    return None


def events(
    run: Run,
    filter: Annotated[  # noqa: A002 - the word that users know
        str | None, typer.Option(help="Which, such as \"name = 'order' and value > 100\".")
    ] = None,
    most: Most = 50,
    output: Output = "text",
) -> None:
    """The latest events, newest last."""
    with run.workspace() as workspace:
        zone = workspace.settings.time_zone
        found = of_arrow(workspace.events(filter, most=most), zone)
    if run.as_json:
        return run.screen.document({"events": _with_properties(found)})
    if output == "csv":
        return run.screen.csv(found)
    _story(run.screen, found, zone)
    return run.screen.hint(f"{len(found['id']):,} events, the latest that fit.")


def _story(screen: Screen, found: Columns, zone: str) -> None:
    """Events as lines: when, what, where, about what, and the properties in what room is left."""
    rows = records(found)
    columns: Columns = {f"when ({zone})": [_moment(row) for row in rows]}
    if "person" in found:
        columns["person"] = found["person"]
    columns["event"] = found["name"]
    columns["channel"] = found["channel"]
    columns["source"] = found["source"]
    columns["value"] = [
        "" if row["value"] is None else f"{row['value']:,.10g} {row['currency'] or ''}".strip() for row in rows
    ]
    columns["about"] = ["" if row["entity_id"] is None else f"{row['entity_type']} {row['entity_id']}" for row in rows]
    columns["properties"] = [_properties(row["properties"]) for row in rows]
    filled = {name: cells for name, cells in columns.items() if any(cell not in (None, "") for cell in cells)}
    spared = screen.table(filled, spare=("source", "properties", "channel"), last="properties")
    if spared:
        screen.hint(f"({', '.join(spared)}: no room here; --output json or csv has everything)")


def _moment(row: dict[str, Any]) -> str:
    return (
        moment_text(row["occurred_at"], row["precision"])
        if isinstance(row["occurred_at"], dt.datetime)
        else str(row["occurred_at"])
    )


def _with_properties(found: Columns) -> list[dict[str, Any]]:
    """Events as records, their properties as data and no longer as text."""
    import json

    return [{**row, "properties": json.loads(row["properties"] or "{}")} for row in records(found)]


def _properties(text: str | None) -> str:
    import json

    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        return str(text)
    return ", ".join(f"{name}={_short(value)}" for name, value in found.items() if value is not None)


def _short(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def quarantine(
    run: Run,
    reasons: Annotated[bool, typer.Option("--reasons", metavar="", help="How many there are by reason.")] = False,
    replay: Annotated[
        int | None,
        typer.Option(metavar="BATCH", help="Read an archived import again with another --mapping."),
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", "-m", help="The mapping for --replay.")] = None,
    most: Most = 100,
    output: Output = "text",
) -> None:
    """What could not be imported, where it stood and why; nothing is dropped silently."""
    if (replay is None) != (mapping is None):
        raise InputError(
            "--replay BATCH and --mapping FILE belong together: the import is read again with that mapping."
        )
    with run.workspace() as workspace:
        if replay is not None and mapping is not None:
            return _replay(run, workspace, replay, mapping)
        from desirepath.looking import quarantine_reasons

        store = workspace.store()
        total = int(store.one("SELECT count(*) FROM quarantine")[0])
        found = of_arrow(quarantine_reasons(store) if reasons else workspace.quarantine(most=most))
    screen = run.screen
    if screen.as_json:
        return screen.document({"total": total, "reasons" if reasons else "entries": records(found)})
    if output == "csv":
        return screen.csv(found)
    if total == 0:
        return screen.say("Nothing is in quarantine: every row of every import became events.")
    if reasons:
        screen.table(found)
    else:
        _entries(screen, found)
    return screen.say(
        f"\n{total:,} in all. With a better mapping: `desirepath quarantine --replay BATCH --mapping m.yaml`."
    )


def _entries(screen: Screen, found: Columns) -> None:
    for entry in records(found):
        place = (
            f" line {entry['line']}"
            if entry["line"] is not None
            else ""
            if entry["record"] is None
            else f" row {entry['record']}"
        )
        screen.prose(f"import {entry['batch']}, {entry['file']}{place}: {entry['reason']}")
        room = screen.width - 4
        raw = visible(entry["raw"].decode("utf-8", "backslashreplace"))
        screen.say("    " + raw if len(raw) <= room else raw[: room - 1] + "…", "dim")


def _replay(run: Run, workspace: Workspace, batch: int, mapping: Path) -> None:
    from desirepath.cli.importing import show_account
    from desirepath.rebuilding import replay

    with run.progress("Rebuilding") as progress:
        results = replay(workspace, batch, mapping, progress=progress)
    again = [result for result in results if result.batch == batch]
    if run.as_json:
        return run.screen.document({"replayed": batch, "imports": [result.to_dict() for result in again]})
    for result in again:
        show_account(run.screen, result)
    return None


def sql(
    run: Run,
    query: Annotated[
        str,
        typer.Argument(
            metavar="SELECT",
            help="One SELECT over events, people, identities, person_of, batches, quarantine.",
        ),
    ],
    most: Annotated[int, typer.Option(min=0, help="Most rows to print; 0 prints all.")] = 1000,
    output: Output = "text",
) -> None:
    """Ask the database in SQL; nothing can be changed, and no file or address can be reached."""
    from desirepath.looking import select

    with run.workspace() as workspace:
        found = of_arrow(select(workspace.store(), query, most + 1 if most else None), workspace.settings.time_zone)
    cut = most > 0 and _cut(found, most)
    screen = run.screen
    if screen.as_json:
        screen.document({"rows": records(found), "more": cut})
    elif output == "csv":
        screen.csv(found)
    else:
        screen.table(found)
    if cut:
        screen.hint(f"The first {most:,} rows; --most 0 prints all.")


def records(columns: Columns) -> list[dict[str, Any]]:
    """Columns as one record per row."""
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cut(columns: Columns, most: int) -> bool:
    """Cut a table to its first rows; say whether anything was cut."""
    more = any(len(values) > most for values in columns.values())
    for values in columns.values():
        del values[most:]
    return more
