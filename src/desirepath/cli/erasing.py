"""`people export`, `people erase`, `people replay-erasures`: what a person may ask of who measures them."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.answers.cells import as_json
from desirepath.cli.running import Run, command
from desirepath.cli.safety import visible
from desirepath.errors import CancelledError, InputError

if TYPE_CHECKING:
    from desirepath.erasing import Erasure

Who = Annotated[str, typer.Argument(metavar="ID", help="A person's id, or an identity such as email:ann@example.org.")]
Yes = Annotated[bool, typer.Option("--yes", metavar="", help="Do not ask; needed where nobody can be asked.")]


def register(people: typer.Typer) -> None:
    """Add the commands to `people`."""
    command(people, "export")(export)
    command(people, "erase")(erase)
    command(people, "replay-erasures")(replay)


def export(
    run: Run,
    who: Who,
    to: Annotated[Path, typer.Option(metavar="FILE.json", help="The document to write.")],
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE.csv", help="The events as a table too.")] = None,
) -> None:
    """Write everything that is known about a person to one file.

    Others may stand in it too, in free text above all: look it through before you hand it out.
    """
    from desirepath.erasing import export_person

    for path in (to, csv):
        if path is not None and not path.parent.is_dir():
            raise InputError(f"There is no folder {str(path.parent)!r} to write to.")
    with run.workspace() as workspace, run.progress() as progress:
        found = export_person(workspace, who, to, progress=progress)
    if csv is not None:
        _write_csv(run, csv, found["events"])
    counts = {name: len(value) for name, value in found.items() if isinstance(value, list)}
    if run.as_json:
        return run.screen.document(
            {"person": found["person"], "written": [str(to), *map(str, filter(None, [csv]))], **counts}
        )
    run.screen.say(found["person"], "bold")
    _counts(run, counts)
    return run.screen.say(f"Written to {to}{f' and {csv}' if csv else ''}. Look it through before you hand it out.")


def _write_csv(run: Run, path: Path, events: list[dict[str, Any]]) -> None:
    from desirepath.erasing.export import for_owner

    names = list(events[0]) if events else ["occurred_at", "name"]
    columns = {name: [_cell(event[name]) for event in events] for name in names}
    with (
        open(path, "w", encoding="utf-8", newline="", opener=for_owner) as out,
        contextlib.redirect_stdout(out),
    ):
        run.screen.csv(columns)


def _cell(value: Any) -> Any:
    return json.dumps(as_json(value), ensure_ascii=False) if isinstance(value, list | dict) else value


def erase(
    run: Run,
    who: Who,
    reason: Annotated[str, typer.Option(help="Why; it stands in the log of erasures.")],
    author: Annotated[str | None, typer.Option(help="Who decides; the name you are logged in by if left out.")] = None,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", metavar="", help="Only count what there is.")] = False,
) -> None:
    """Erase a person from the archive, the database and all that is made from them. There is no way back."""
    from desirepath.erasing import erase_person
    from desirepath.people.erasures import ErasureLog

    by = author or getpass.getuser()
    with run.workspace() as workspace:

        def work(*, tried: bool) -> Erasure:
            with run.progress() as progress:
                return erase_person(workspace, who, author=by, reason=reason, progress=progress, dry_run=tried)

        if dry_run:
            return _show(run, work(tried=True), f"{who}: this would be erased.")
        if not yes:
            _ask_nobody()
            # who was half erased may not be known any more, and is not counted again
            if not ErasureLog(workspace.root).pending():
                _list(run, work(tried=True))
            _ask(f"Erase {who}? There is no way back.")
        erased = work(tried=False)
    return _show(run, erased, f"Erased, as number {', '.join(map(str, erased.numbers))} of erasures.jsonl.")


def replay(run: Run, yes: Yes = False) -> None:
    """Erase again, in a workspace that was restored from a backup, whoever was erased since.

    Put the erasures.jsonl and erasure.key of today into the restored folder first. Who came back later stays.
    """
    from desirepath.erasing import replay_erasures

    if not yes:
        _ask_nobody()
        _ask("Erase again whoever was erased before? There is no way back.")
    with run.workspace() as workspace, run.progress() as progress:
        erased = replay_erasures(workspace, progress=progress)
    if erased is None:
        if run.as_json:
            return run.screen.document({"erasures": []})
        return run.screen.say("Nothing is left of anybody who was erased.")
    return _show(run, erased, f"Erased again: number {', '.join(map(str, erased.numbers))} of erasures.jsonl.")


def _ask_nobody() -> None:
    if not sys.stdin.isatty():
        raise InputError(
            "What is erased does not come back: --yes says that you mean it.", allowed=["--yes", "--dry-run"]
        )


def _ask(question: str) -> None:
    """Go on only when somebody agrees; standard output is left to the answer."""
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CancelledError("Nothing was erased.")


def _show(run: Run, erasure: Erasure, said: str) -> None:
    if run.as_json:
        return run.screen.document(erasure.to_dict())
    run.screen.say(said, "bold")
    _counts(run, erasure.counts)
    for path in erasure.named_in:
        run.screen.say(f"  {path} holds a name and is yours: it was left as it is")
    if erasure.digest:
        run.screen.say(f"  at {erasure.at}, by {erasure.author}: {erasure.reason}")
        run.screen.say(f"  digest {erasure.digest}")
    return None


def _list(run: Run, erasure: Erasure) -> None:
    for name, count in erasure.counts.items():
        run.screen.hint(f"  {name.replace('_', ' ')}: {count:,}")
    for path in erasure.named_in:
        run.screen.hint(f"  {path} holds a name and is yours: it will be left as it is")


def _counts(run: Run, counts: Any) -> None:
    for name, count in counts.items():
        run.screen.say(f"  {name.replace('_', ' ')}: {count:,}")
