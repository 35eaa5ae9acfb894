"""No file over 400 lines, no function over 60, no room for odds and ends, and doors that only hand out."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator

import pytest
from house_source import ROOT, Module, modules, of_each_module

MOST_LINES, MOST_IN_A_FUNCTION = 400, 60
FORBIDDEN = {"utils", "util", "common", "helpers", "helper", "base", "core", "internals", "manager", "misc"}
MODULES = modules()


def name(module: Module) -> str:
    return module.name


@of_each_module
def test_files_are_short(module: Module) -> None:
    lines = len(module.text.splitlines())
    assert lines <= MOST_LINES, f"{module.where} has {lines} lines"


@of_each_module
def test_functions_are_short(module: Module) -> None:
    long = [
        f"{module.where}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_IN_A_FUNCTION
    ]
    assert not long, "\n".join(long)


@of_each_module
def test_modules_are_named_for_what_they_do(module: Module) -> None:
    for part in module.name.split("."):
        assert not FORBIDDEN.intersection(part.split("_")), module.where


@of_each_module
def test_every_file_opens_with_its_purpose(module: Module) -> None:
    said = ast.get_docstring(module.tree) or ""
    assert len(said) > 20, f"{module.where} does not say what it is for"
    first = said.splitlines()[0]
    assert first.rstrip().endswith((".", "?", ":", ",")) or len(said.splitlines()) > 1, module.where


@of_each_module
def test_annotations_are_lazy(module: Module) -> None:
    code = [node for node in module.tree.body if not isinstance(node, ast.Expr)]
    if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in code):
        assert "from __future__ import annotations" in module.text, module.where


@pytest.mark.parametrize("module", [m for m in MODULES if m.path.name == "__init__.py"], ids=name)
def test_doors_only_hand_out(module: Module) -> None:
    """An `__init__` imports, lists and forwards names; anything else belongs into a file of its own."""
    for node in module.tree.body:
        is_forwarding = isinstance(node, ast.FunctionDef) and node.name in {"__getattr__", "__dir__"}
        plain = isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.If)
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert plain or text or is_forwarding, f"{module.where}:{node.lineno}"


def public(
    node: ast.Module | ast.ClassDef,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Give what others may call: no underscore, and not inside a private class or a function."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if child.name.startswith("_"):
                continue
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


@of_each_module
def test_what_is_public_is_documented(module: Module) -> None:
    bare = [f"{module.where}:{node.lineno} {node.name}" for node in public(module.tree) if not ast.get_docstring(node)]
    assert not bare, "\n".join(bare)


def test_helpers_of_tests_have_names_of_their_own() -> None:
    """All folders of tests are on one path, so two helpers of one name would hide each other, or us."""
    seen: dict[str, str] = {}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name.startswith("test_") or path.name in {"conftest.py", "__init__.py"}:
            continue
        where = str(path.relative_to(ROOT))
        assert str(path.parent.relative_to(ROOT)) in settings["pythonpath"], f"{where} is not on the path of the tests"
        assert path.stem not in seen, f"{where} and {seen[path.stem]}"
        seen[path.stem] = where
