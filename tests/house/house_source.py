"""The source of the package as the rules of the house see it: modules, rooms, floors, imports."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = "desirepath"

FLOORS = {
    "errors": -1,
    "events": 0,
    "statistics": 1,
    "journeys": 1,
    "text": 1,
    "answers": 2,
    "engines": 2,
    "connectors": 2,
    "questions": 3,
    "maps": 3,
    "people": 3,
    "collector": 3,
    "metrics": 3,
    "workspace": 4,
    "demo": 4,
    "server": 5,
    "cli": 6,
    PACKAGE: 7,
}
"""The floor of each room; errors are the ground, and `desirepath` itself, which hands out names, the roof."""

WORKSPACE_ROOM = {
    "workspace",
    "asking",
    "narrowing",
    "remembering",
    "settled",
    "summing",
    "runner",
    "runs",
    "segments",
    "population",
    "grouping",
    "importing",
    "looking",
    "misspelt",
    "settings",
    "resolving",
    "suggesting",
    "erasing",
    "beside",
    "like",
    "over_time",
    "measuring",
    "metric_checks",
    "outcomes",
    "publishing",
    "knowing",
    "draining",
    "rebuilding",
    "sources",
    "arrivals",
    "surveying",
    "watching",
    "recognising",
    "syncing",
    "texts",
    "learning",
}
"""Top-level modules that make up the workspace's room."""

CLI_ROOM = {"cli", "doctor", "__main__"}


def room_of(module: str) -> str:
    """Return the room that a module stands in.

    Top-level modules belong to the workspace's room or to the command line's: `cli_…` is a part of it.
    """
    parts = module.split(".")
    if len(parts) == 1 or parts[1] == "__version__":
        return PACKAGE
    name = parts[1]
    if name in WORKSPACE_ROOM:
        return "workspace"
    return "cli" if name in CLI_ROOM or name.startswith("cli_") else name


@dataclass(frozen=True)
class Import:
    """One import of a module of ours."""

    line: int
    target: str
    deferred: bool
    """Inside a function or under TYPE_CHECKING, and so not run when the module is imported."""


@dataclass(frozen=True)
class Module:
    """One source file."""

    path: Path

    @cached_property
    def text(self) -> str:
        """What the file says."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The same, parsed."""
        return ast.parse(self.text)

    @property
    def where(self) -> str:
        """Its place below the project."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def name(self) -> str:
        """Its dotted name."""
        parts = list(self.path.relative_to(SOURCE).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The room it stands in."""
        return room_of(self.name)

    @cached_property
    def imports(self) -> list[Import]:
        """Every import of our own modules, wherever in the file it stands."""
        return list(_imports(self.tree, deferred=False))


def _imports(node: ast.AST, *, deferred: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield Import(child.lineno, alias.name, deferred)
        elif isinstance(child, ast.ImportFrom) and child.module and child.module.split(".")[0] == PACKAGE:
            for alias in child.names:
                yield Import(child.lineno, _resolved(child.module, alias.name), deferred)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(child):
            yield from _imports(child, deferred=True)
        else:
            yield from _imports(child, deferred=deferred)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _resolved(module: str, name: str) -> str:
    """Return `module.name` where that is a module (or the version, which anyone may read), else `module`."""
    if name == "__version__":
        return f"{module}.{name}"
    place = SOURCE.joinpath(*module.split("."), name)
    return f"{module}.{name}" if place.with_suffix(".py").exists() or place.is_dir() else module


@cache
def modules() -> list[Module]:
    """Return every source file of the package."""
    return [Module(path) for path in sorted((SOURCE / PACKAGE).rglob("*.py"))]


def texts(*patterns: str) -> Iterator[tuple[Path, str]]:
    """Give the same files with what they say."""
    yield from ((path, _text(path)) for path in files(*patterns))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def files(*patterns: str) -> Iterator[Path]:
    """Give the project's own files that fit a pattern, leaving out what tools and runs have made."""
    made = {"__pycache__", "site", "build", "dist", "demo-company", "data", "node_modules"}
    own: list[Path] = []
    for folder, inside, names in os.walk(ROOT):  # what is left out is not looked into: others may write there meanwhile
        inside[:] = [name for name in inside if name not in made and (name == ".ci" or not name.startswith("."))]
        own += [Path(folder, name) for name in names]
    for pattern in patterns:
        yield from sorted(path for path in own if path.match(pattern) and path.is_file())


def of_each_module(check: Callable[[Module], None]) -> Callable[[str], None]:
    """A test of every module, a room at a time: thousands of tests would take longer to list than to run."""
    rooms: dict[str, list[Module]] = {}
    for module in modules():
        rooms.setdefault(module.room, []).append(module)

    def test(room: str) -> None:
        wrong = []
        for module in rooms[room]:
            try:
                check(module)
            except AssertionError as problem:
                wrong.append(f"{module.where}: {problem}")
        assert not wrong, "\n".join(wrong)

    test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
    decorated: Callable[[str], None] = pytest.mark.parametrize("room", rooms)(test)
    return decorated
