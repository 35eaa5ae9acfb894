"""The `desirepath` command: its commands, and how a run of it ends.

A mistake of the user ends with one sentence on stderr and the error's exit code, with `--json` also with an
error document on stdout. A traceback means a defect of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from desirepath import __version__
from desirepath.cli import (
    asking,
    connecting,
    deciding,
    demonstrating,
    erasing,
    importing,
    looking,
    mapping,
    matching,
    measuring,
    reading,
    segmenting,
    serving,
    upkeep,
    users,
)
from desirepath.cli.interrupt import Interrupts
from desirepath.cli.running import AsJson, Chosen, Quiet, Run
from desirepath.cli.safety import visible
from desirepath.cli.screen import Screen
from desirepath.errors import CancelledError, DesirepathError, InputError, WorkspaceError

ORDER = (
    "demo",
    "init",
    "import",
    "sync",
    "ask",
    "questions",
    "metrics",
    "publish",
    "map",
    "topics",
    "text",
    "people",
    "events",
    "quarantine",
    "sql",
    "serve",
    "collect",
    "drain",
    "keys",
    "users",
    "tokens",
    "audit",
    "sources",
    "connectors",
    "rebuild",
    "doctor",
)


class Root(TyperGroup):
    """The command with all its parts; every run passes through `main`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in the order in which they are needed."""
        known = super().list_commands(ctx)
        return sorted(known, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and turn every end into an exit code."""
        given = list(sys.argv[1:] if args is None else args)

        name = prog_name or "desirepath"
        work = partial(super().main, given, name, complete_var, False, windows_expand_args, **extra)
        code = ended(work, as_json=_wants_json(given))
        if not standalone_mode:
            return code
        sys.exit(code)


def ended(work: Callable[[], Any], *, as_json: bool) -> int:
    """Run, and say in one sentence what went wrong."""
    _accept_any_text()
    with Interrupts() as interrupts:
        try:
            code = work()
            sys.stdout.flush()
            if interrupts.happened:
                return _failed(CancelledError(_STOPPED), as_json=as_json)
            return code if isinstance(code, int) else 0
        except typer.TyperException as problem:
            return _failed(_usage(problem), as_json=as_json)
        except DesirepathError as problem:
            return _failed(problem, as_json=as_json)
        except OSError as problem:
            where = None if problem.filename is None else str(problem.filename)
            return _failed(WorkspaceError(f"{problem.strerror or problem}.", looked=where), as_json=as_json)
        except _database_errors() as problem:
            text = " ".join(str(problem).split())
            return _failed(WorkspaceError(f"The database stopped: {text}"), as_json=as_json)
        except RuntimeError:
            # DuckDB turns the interrupt of a query into an error of its own
            if interrupts.happened:
                return _failed(CancelledError(_STOPPED), as_json=as_json)
            raise


_STOPPED = "Stopped. Nothing of this command was kept; the workspace is as it was."


def _database_errors() -> tuple[type[Exception], ...]:
    """Errors of DuckDB that come from the machine, not from a defect; none while DuckDB is not loaded."""
    duckdb: Any = sys.modules.get("duckdb")
    return (
        ()
        if duckdb is None
        else (
            duckdb.OutOfMemoryException,
            duckdb.IOException,
            duckdb.FatalException,
            duckdb.InterruptException,
        )
    )


def _usage(problem: typer.TyperException) -> DesirepathError:
    message = problem.format_message()
    shown: Any = getattr(problem, "ctx", None)
    if shown is not None:
        ending = "" if message.rstrip().endswith((".", "?", ")")) else "."
        message = f"{message.rstrip()}{ending} `{shown.command_path} --help` lists what there is."
    near = getattr(problem, "possibilities", None)
    error = InputError(message, nearest=None)
    error.code = "usage"
    error.nearest = near[0] if near else None
    return error


def _failed(problem: DesirepathError, *, as_json: bool) -> int:
    text = problem.message if problem.code == "usage" else str(problem)
    if as_json:
        Screen(as_json=True).document(
            {
                "error": {
                    "code": problem.code,
                    "message": problem.message,
                    "allowed": problem.allowed,
                    "nearest": problem.nearest,
                    "looked": problem.looked,
                }
            }
        )
        sys.stdout.flush()
    sys.stderr.write(
        ("" if isinstance(problem, CancelledError) else "Error: ") + visible(text.rstrip(), lines=True) + "\n"
    )
    return problem.exit_code


def _wants_json(arguments: Sequence[str]) -> bool:
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before or "--output=json" in before or ("--output", "json") in pairwise(before)


def _accept_any_text() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


app = typer.Typer(
    cls=Root,
    name="desirepath",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Customer journey analytics on your own machine. Begin with [bold]desirepath demo[/bold].",
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"desirepath {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    workspace: Chosen = None,
    json: AsJson = False,
    quiet: Quiet = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", metavar="", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Remember what was said before the command's name."""
    del version
    ctx.obj = Run(workspace, json, quiet)


demonstrating.register(app)
upkeep.register_init(app)
importing.register(app)
asking.register(app)
_people = looking.register(app)
deciding.register(_people)
erasing.register(_people)
matching.register(_people)
reading.register(app)
segmenting.register(app)
serving.register(app)
users.register(app)
connecting.register(app)
mapping.register(app)
measuring.register(app)
upkeep.register(app)


def main() -> None:
    """Run the command line."""
    app()
