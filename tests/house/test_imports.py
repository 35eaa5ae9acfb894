"""Imports only run downward, and never in a circle."""

from __future__ import annotations

import subprocess
import sys

import pytest
from house_source import FLOORS, PACKAGE, Module, modules, of_each_module, room_of

MAY_IMPORT = {
    "errors": set(),
    "events": {"errors"},
    "statistics": {"errors"},
    "journeys": {"errors", "events"},
    "text": {"errors", "events"},
    "answers": {"errors", "statistics"},
    "engines": {"errors", "events", "journeys"},
    "connectors": {"errors", "events"},
    "questions": {"errors", "events", "journeys", "statistics", "text", "answers", "maps"},
    "maps": {"errors", "events", "journeys"},
    "metrics": {"errors", "events", "statistics", "answers"},
    "people": {"errors", "events", "journeys", "engines"},
    "collector": {"errors", "events", "connectors"},
    "demo": {"errors", "events", "connectors"},
}
"""What each room may import besides itself; the rooms above have every floor below them to choose from."""


@of_each_module
def test_imports_run_downward(module: Module) -> None:
    assert module.room in FLOORS, f"{module.where}: {module.room!r} is no room of the house"
    upward = []
    for found in module.imports:
        there = room_of(found.target)
        allowed = MAY_IMPORT.get(module.room)
        if there == module.room:
            continue
        too_high = FLOORS[there] >= FLOORS[module.room] if allowed is None else there not in allowed
        if too_high and found.target != f"{PACKAGE}.__version__":
            upward.append(f"{module.where}:{found.line} imports {found.target}")
    assert not upward, "\n".join(upward)


def test_the_table_keeps_the_floors() -> None:
    """Neither can be loosened alone; maps and questions share a floor, and only questions look across."""
    level = {
        (room, there) for room, targets in MAY_IMPORT.items() for there in targets if FLOORS[there] >= FLOORS[room]
    }
    assert level == {("questions", "maps")}


def test_no_circle_of_modules() -> None:
    known = {module.name for module in modules()}
    graph = {
        module.name: sorted({i.target for i in module.imports if not i.deferred and i.target in known})
        for module in modules()
    }
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, "a circle: " + " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for target in graph[name]:
                visit(target, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@of_each_module
def test_no_relative_import(module: Module) -> None:
    assert "from ." not in module.text


def imported_by(statement: str, *arguments: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


HEAVY = {"duckdb", "pyarrow", "numba", "numpy", "pandas", "polars", "altair"}


@pytest.mark.parametrize(
    "statement",
    [
        "import desirepath",
        "import desirepath.answers",
        "import desirepath.engines",
        "import desirepath.journeys",
        "import desirepath.people",
        "import desirepath.questions",
        "import desirepath.errors",
    ],
)
def test_the_front_doors_are_light(statement: str) -> None:
    """The command line must start fast; what is heavy is loaded when it is used."""
    assert not imported_by(statement) & HEAVY


def test_help_loads_nothing_heavy() -> None:
    pytest.importorskip("desirepath.cli", reason="the command line is not there")
    statement = (
        "import sys; sys.argv = ['desirepath', '--help']\n"
        "import contextlib, io\n"
        "from desirepath.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()"
    )
    found = imported_by(statement)
    assert PACKAGE in found
    assert not found & HEAVY
