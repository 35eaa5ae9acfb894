"""What do all commands share? Which workspace is meant, how to show things, and how errors end.

`@command` gives a function the three options that every command has (`--workspace`, `--json`, `--quiet`) and
hands it a `Run` in their place.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from desirepath.cli.progress import Progress, watched
from desirepath.cli.screen import Screen
from desirepath.errors import InputError, WorkspaceError

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

SETTINGS = "workspace.toml"
VARIABLE = "DESIREPATH_WORKSPACE"
PANEL = "For every command"
PIPE_CLOSED = 141
"""What a shell reports for a program whose reader went away."""


Chosen = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="FOLDER",
        help=f"The workspace; else {VARIABLE}, else this folder.",
        rich_help_panel=PANEL,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        metavar="",
        help="One JSON document on standard output, and nothing else.",
        rich_help_panel=PANEL,
    ),
]
Output = Annotated[Literal["text", "csv", "json"], typer.Option(help="How to print.", rich_help_panel=PANEL)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", metavar="", help="No progress and no hints.", rich_help_panel=PANEL)
]


@dataclass(frozen=True)
class Run:
    """One run of one command."""

    chosen: Path | None = None
    as_json: bool = False
    quiet: bool = False

    @cached_property
    def screen(self) -> Screen:
        """Where to show things."""
        return Screen(as_json=self.as_json, quiet=self.quiet)

    def workspace(self) -> Workspace:
        """The chosen workspace, opened; a context manager."""
        from desirepath.workspace import open_workspace

        return open_workspace(find_workspace(self.chosen))

    def progress(self, title: str = "") -> AbstractContextManager[Progress]:
        """A bar on stderr, as a function to call."""
        return watched(quiet=self.quiet, title=title)


def find_workspace(chosen: Path | None) -> Path:
    """The workspace that is meant: named, else in the environment, else the current folder.

    Raises
    ------
    WorkspaceError
        If there is none; says where it looked.
    """
    here = Path.cwd()
    if chosen is not None:
        return _existing(chosen, "--workspace")
    named = os.environ.get(VARIABLE)
    if named:
        return _existing(Path(named), VARIABLE)
    if (here / SETTINGS).is_file():
        return Path()
    inside = sorted(path.parent.name for path in here.glob(f"*/{SETTINGS}"))
    raise WorkspaceError(
        "No workspace was named, and the current folder is none.",
        allowed=[
            *(f"--workspace {name}" for name in inside),
            "--workspace FOLDER",
            f"{VARIABLE}=FOLDER",
            f"working inside a folder that holds {SETTINGS}",
        ],
        nearest=f"--workspace {inside[0]}" if len(inside) == 1 else None,
        looked=f"--workspace (not given), {VARIABLE} (not set), {here}",
    )


def _existing(folder: Path, named_by: str) -> Path:
    if (folder / SETTINGS).is_file():
        return folder
    raise WorkspaceError(
        f"There is no workspace at {str(folder)!r}; "
        f"`desirepath init {folder.name or 'acme'} --time-zone ZONE` makes one.",
        looked=f"{folder.resolve() / SETTINGS} ({named_by})",
    )


Function = Callable[..., None]


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[Function], Function]:
    """Register a function, whose first parameter is a `Run`, as a command."""

    def register(function: Function) -> Function:
        app.command(name, **options)(with_common(function))
        return function

    return register


def single_command(name: str, function: Function, parameters: list[inspect.Parameter]) -> Any:
    """A command that is made when it is called for, with parameters that are not written out."""
    from typer.main import get_command

    single = typer.Typer(add_completion=False, context_settings={"help_option_names": ["--help", "-h"]})
    single.command(name)(with_common(function, parameters))
    return get_command(single)


def with_common(function: Function, own: list[inspect.Parameter] | None = None) -> Function:
    """The function as typer takes it; `own` stands for its parameters where they are not written out."""
    if own is None:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("ctx", keyword, annotation=typer.Context),
        inspect.Parameter("workspace", keyword, default=None, annotation=Chosen),
        inspect.Parameter("json", keyword, default=False, annotation=AsJson),
        inspect.Parameter("quiet", keyword, default=False, annotation=Quiet),
    ]

    def call(*, ctx: typer.Context, workspace: Path | None, json: bool, quiet: bool, **given: Any) -> None:
        outer = ctx.obj if isinstance(ctx.obj, Run) else Run()
        output = given.get("output")
        if output == "csv" and (json or outer.as_json):
            raise InputError("Ask for CSV or for JSON, not for both.")
        run = Run(workspace or outer.chosen, json or outer.as_json or output == "json", quiet or outer.quiet)
        try:
            function(run, **given)
            run.screen.flush()
        except BrokenPipeError:  # whoever read the output went away: nobody is left to tell
            run.screen.abandon()
            raise typer.Exit(PIPE_CLOSED) from None

    parameters = [parameter.replace(kind=keyword) for parameter in own] + shared
    call.__name__, call.__doc__ = function.__name__, function.__doc__
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call
