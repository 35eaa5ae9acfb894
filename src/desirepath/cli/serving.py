"""`serve`, `collect`, `drain`, `keys`, `sources`: events that stream in, and how their sources are."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.importing import options_of, show_account
from desirepath.cli.running import Run, command, find_workspace
from desirepath.errors import CancelledError, InputError

if TYPE_CHECKING:
    from desirepath.sources import SourceHealth
    from desirepath.workspace import Workspace

HOST, PORT, COLLECTOR_PORT = "127.0.0.1", 8321, 8322

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "serve")(serve)
    command(app, "collect")(collect)
    command(app, "drain")(drain)
    command(app, "sources")(sources)
    command(app, "sync")(sync)
    command(app, "singer")(singer)
    keys = typer.Typer(no_args_is_help=True, help="Write keys: who may send events, and can do nothing else.")
    command(keys, "new")(new_key)
    command(keys, "list")(list_keys)
    command(keys, "remove")(remove_key)
    app.add_typer(keys, name="keys")


def serve(
    run: Run,
    host: Host = HOST,
    port: Annotated[int, typer.Option(help="Port of the API.")] = PORT,
    collector_port: Annotated[int, typer.Option(help="Port of the collector.")] = COLLECTOR_PORT,
    watch: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Import files that are dropped into this folder.")
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Another name by which the server may be called; repeatable."),
    ] = None,
) -> None:
    """Collect events, store them within seconds, and answer questions: on a page, and over HTTP."""
    from desirepath.server.ports import is_taken

    with run.workspace() as workspace:
        workspace.store()  # says at once when another process has it
        if is_taken(host, port):
            raise InputError(
                f"Something else listens on port {port} of {host}; nothing was started.", allowed=["--port ANOTHER"]
            )
        keep_serving(run, workspace, host, port, collector_port, watch, allowed_host or ())


def keep_serving(
    run: Run,
    workspace: Workspace,
    host: str,
    port: int,
    collector_port: int,
    watch: Path | None = None,
    names: Sequence[str] = (),
) -> None:
    """Say where the page is, and serve until the process is told to stop."""
    from desirepath.cli.users import say_where
    from desirepath.server.run import serve as work

    run.screen.hint(f"Collector on http://{host}:{collector_port}. Ctrl-C stops both.")
    _say_without_keys(workspace.root, run)
    say_where(replace(run, chosen=workspace.root), workspace.settings, host, port)
    run.screen.flush()
    stopped = f"Stopped; all is kept. `desirepath serve -w {shlex.quote(str(workspace.root))}` goes on."
    try:
        work(workspace, host, port, collector_port, watch, names)
    except KeyboardInterrupt:  # the way to end it; nothing is lost
        raise CancelledError(stopped) from None
    run.screen.hint(stopped)


def collect(
    run: Run,
    host: Host = HOST,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = COLLECTOR_PORT,
    rate: Annotated[int, typer.Option(help="Events that one key may send in a second.")] = 50_000,
) -> None:
    """Take events from client libraries into the inbox; `serve` or `drain` stores them."""
    from desirepath.collector.limits import Limits
    from desirepath.collector.run import run as work

    if rate < 1:
        raise InputError(f"--rate must be 1 or more, not {rate}.")
    root = find_workspace(run.chosen)
    run.screen.hint(f"Collector on http://{host}:{port}. Ctrl-C stops it.")
    _say_without_keys(root, run)
    work(root, host, port, Limits(rate=rate))


def _say_without_keys(root: Path, run: Run) -> None:
    from desirepath.collector.keys import KeyBook

    if not KeyBook(root).keys():
        run.screen.hint("There is no write key yet, so nothing is taken; `desirepath keys new shop` makes one.")


def drain(run: Run) -> None:
    """Store what the collector took, where no server does."""
    from desirepath.draining import Drain

    with run.workspace() as workspace, run.progress() as progress:
        work = Drain(workspace)
        try:
            done = work.all(progress)
        finally:
            work.close()
    if run.as_json:
        return run.screen.document(asdict(done))
    return run.screen.say(
        f"{done.requests:,} requests; {done.read:,} events read = {done.stored:,} stored + {done.duplicate:,} "
        f"duplicate + {done.quarantined:,} quarantined.",
        "bold",
    )


def sync(
    run: Run,
    name: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="Which account; all are listed if left out.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="From this date on, whatever was pulled before.")
    ] = None,
) -> None:
    """Pull what is new from a vendor's API or a database. Accounts stand in workspace.toml under [sync.NAME]."""
    from desirepath.syncing.run import known_accounts
    from desirepath.syncing.run import sync as work

    with run.workspace() as workspace:
        if name is None:
            found = known_accounts(workspace)
            rows = [{"account": one.name, "source": one.source, "every": one.every} for one in found.values()]
            if run.as_json:
                return run.screen.document(rows)
            if not rows:
                run.screen.say("No account is named; `[sync.zendesk]` in workspace.toml names one.")
                return None
            run.screen.table({"account": [row["account"] for row in rows], "source": [row["source"] for row in rows]})
            return None
        with run.progress() as progress:
            done = work(workspace, name, since=since, progress=progress)
    if run.as_json:
        return run.screen.document(done.to_dict())
    counts = ", ".join(f"{count:,} {stream}" for stream, count in done.records.items() if count)
    run.screen.say(f"{done.account}: {counts or 'nothing new'}.")
    if done.result is not None:
        show_account(run.screen, done.result)
    return None


def singer(
    run: Run,
    source: Annotated[str, typer.Option("--as", metavar="SOURCE", help="The connector that reads the records.")],
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the connector; may be repeated.")
    ] = None,
    instance: Annotated[str | None, typer.Option(help="Which installation of the source.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone of times that carry none.")] = None,
) -> None:
    """Import the messages of a Singer tap from standard input; its last state is printed when all is stored."""
    from desirepath.syncing.singer import sing

    with run.workspace() as workspace, run.progress() as progress:
        done = sing(
            workspace,
            sys.stdin,
            source,
            options=options_of(option),
            instance=instance,
            time_zone=time_zone,
            progress=progress,
        )
    if run.as_json:
        result = None if done.result is None else done.result.to_dict()
        return run.screen.document({"records": dict(done.records), "imported": result, "state": done.state})
    if done.result is not None:
        run.screen.hint(f"{done.result.source}: {done.result.line}.")
    if done.state is not None:
        run.screen.say(json.dumps(done.state))
    return None


def new_key(
    run: Run,
    name: Annotated[str, typer.Argument(help="What to call it, such as shop.")],
    key: Annotated[str | None, typer.Option(help="A key that your clients use already.")] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Web origin that may use it, such as https://shop.example; repeatable."),
    ] = None,
    secret: Annotated[
        bool, typer.Option("--secret", metavar="", help="For servers: it may say that two known people are one.")
    ] = False,
    instance: Annotated[str, typer.Option(help="Which installation of its source its events are of.")] = "main",
    signed: Annotated[
        str, typer.Option(metavar="SECRET", help="For /webhooks/VENDOR/KEY: the secret with which the vendor signs.")
    ] = "",
) -> None:
    """Make a write key. It is shown once; only its hash is kept."""
    from desirepath.collector.keys import KeyBook

    if secret and origin:
        raise InputError("A secret key stands in no web page, so it has no origins.", allowed=["--secret", "--origin"])
    book = KeyBook(find_workspace(run.chosen))
    made = book.add(name, text=key, public=not secret, origins=tuple(origin or ()), instance=instance, signed=signed)
    if run.as_json:
        return run.screen.document({"name": name, "key": made, "public": not secret})
    run.screen.say(made)
    return run.screen.hint(f"The write key {name!r}. Keep it: it is shown this once.")


def list_keys(run: Run) -> None:
    """List the write keys."""
    from desirepath.collector.keys import KeyBook

    found = KeyBook(find_workspace(run.chosen)).keys()
    rows: list[dict[str, Any]] = [
        {
            "name": key.name,
            "for": "web pages" if key.public else "servers",
            "origins": ", ".join(key.origins) or "any",
            "instance": key.instance,
            "made": key.made_at,
        }
        for key in found
    ]
    if run.as_json:
        return run.screen.document(rows)
    if not rows:
        return run.screen.say("There is no write key; `desirepath keys new shop` makes one.")
    run.screen.table({name: [row[name] for row in rows] for name in rows[0]})
    return None


def remove_key(run: Run, name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """Take a write key away; what it sends from now on is refused."""
    from desirepath.collector.keys import KeyBook

    KeyBook(find_workspace(run.chosen)).remove(name)
    if run.as_json:
        return run.screen.document({"removed": name})
    return run.screen.say(f"The write key {name!r} is taken away.")


def sources(run: Run) -> None:
    """How each source is: fresh or late, how much, whether it adds up, what is new in it."""
    from desirepath.sources import sources as found
    from desirepath.sources import waiting

    with run.workspace() as workspace:
        listed, waits = found(workspace), waiting(workspace)
    if run.as_json:
        run.screen.document({"sources": [one.to_dict() for one in listed], "waiting": waits.to_dict()})
        return
    if not listed:
        run.screen.say("There is no source yet; `desirepath import FILES` is the way in.")
    else:
        _show(run, listed)
    if waits.requests:
        run.screen.say(
            f"{waits.events:,} events in {waits.requests:,} requests wait in the inbox; `desirepath drain` stores them."
        )


def _show(run: Run, listed: list[SourceHealth]) -> None:
    run.screen.table(
        {
            "source": [one.source if one.instance == "main" else f"{one.source} ({one.instance})" for one in listed],
            "last event": [_moment(one.last_event) for one in listed],
            "last received": [_moment(one.last_received) for one in listed],
            "events": [one.events for one in listed],
            "snapshots": [one.snapshots for one in listed],
            "received": [one.received for one in listed],
            "duplicate": [one.duplicate for one in listed],
            "quarantined": [one.quarantined for one in listed],
            "unnamed": ["" if one.unnamed is None else f"{one.unnamed:.0%}" for one in listed],
        }
    )
    for one in listed:
        if not one.adds_up:
            run.screen.prose(f"{one.source}: the account does not add up; `desirepath doctor` says where.")
        for said, names in (
            ("new names", one.new_names),
            ("new properties", one.new_properties),
            ("names not seen for a week", one.gone_names),
            ("names that no journey map has", one.unmapped_names or ()),
        ):
            if names:
                more = f" and {len(names) - 8} more" if len(names) > 8 else ""
                run.screen.prose(f"{one.source}: {said}: {', '.join(names[:8])}{more}.")


def _moment(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
