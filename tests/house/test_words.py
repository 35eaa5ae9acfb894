"""One concept, one word; plain prose; and nothing in the tree that only its makers understand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from house_source import ROOT, Module, modules, of_each_module, texts

OTHER_WORDS = {
    "user": "person",
    "users": "people",
    "visitor": "person",
    "visitors": "people",
    "actor": "person",
    "audience": "cohort or segment",
    "audiences": "cohorts or segments",
    "timeout": "window",
    "timestamp": "occurred_at or received_at",
    "timestamps": "moments",
    "alias": "identity",
    "interaction": "touchpoint",
    "interactions": "touchpoints",
    "phase": "stage",
    "kpi": "goal",
    "insight": "finding",
    "insights": "findings",
    "compliance": "conformance",
    "voc": "feedback",
    "medium": "channel",
    "platform": "channel",
}
"""Words that elsewhere mean what we have one word for; see the glossary in docs/glossary.md."""

MEANS_SOMETHING_ELSE: set[tuple[str, str]] = {
    # a user is somebody who may log in to the server; a person is somebody whose journey is looked at
    ("desirepath.server.access.users", "User"),
    ("desirepath.server.access.users", "Users"),
    ("desirepath.server.access.forms", "user"),
}
"""(module, name) pairs in which such a word is meant in its plain sense."""


def public_names(module: Module) -> Iterator[tuple[int, str]]:
    """Give the names of functions, classes, parameters and attributes that others see."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_"):
                continue
            yield node.lineno, node.name
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield from ((argument.lineno, argument.arg) for argument in given)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.lineno, node.name
            for child in node.body:
                if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
                    yield child.lineno, child.target.id


def words_of(name: str) -> set[str]:
    """Split `snake_case` and `CamelCase` into words."""
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


@of_each_module
def test_the_glossary_is_kept(module: Module) -> None:
    other = [
        f"{module.where}:{line} {name}: say {OTHER_WORDS[word]}"
        for line, name in public_names(module)
        if (module.name, name) not in MEANS_SOMETHING_ELSE
        for word in sorted(words_of(name) & OTHER_WORDS.keys())
    ]
    assert not other, "\n".join(other)


def test_the_glossary_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for word in ("person", "touchpoint", "conversion window", "undecided", "cohort", "finding"):
        assert f"| {word}" in page or f", {word}" in page, word


PROSE = re.compile(r"\b(sim" + r"ply|ju" + r"st|obvi" + r"ously)\b", re.IGNORECASE)


def prose() -> Iterator[tuple[str, str]]:
    """Give every text that is written for readers: pages, the page, and the package's docstrings and comments."""
    for path, text in texts("*.md", "*.ts", "*.tsx"):
        yield str(path.relative_to(ROOT)), text
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield module.where, ast.get_docstring(node) or ""
        for number, line in enumerate(module.text.splitlines(), start=1):
            yield f"{module.where}:{number}", line.partition("# ")[2]


def test_prose_does_not_talk_down() -> None:
    found = [f"{where}: {hit[0]}" for where, text in prose() for hit in PROSE.finditer(text)]
    assert not found, "\n".join(found)


# Put together from pieces, so that this file does not hold what it looks for.
UNWANTED = {
    "a path of a developer's machine": re.compile(r"(?<![\w.}])/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/[a-z]"),
    "a folder outside the project": re.compile(r"\bsha" + r"red/"),
    "the number of an issue": re.compile(r"(?<![\w&/#'\"(])#[0-9]{1,5}\b(?!\w)|\b(issue|PR|pull request) [0-9]+\b"),
    "the id of a requirement": re.compile(r"(?<![\w.])R[0-9]{2}\b(?!\.)"),
    "the address of a registry": re.compile(r"(extra-)?index-u" + r"rl|find-li" + r"nks|/sim" + r"ple/?\b|pypi\.org"),
}
TEXTS = (
    *("*.py", "*.md", "*.toml", "*.yml", "*.yaml", "*.ts", "*.tsx", "*.svg", "*.html"),
    *("Makefile", "run", ".gitignore", ".npmrc", "package.json", "package-lock.json"),
)


@pytest.mark.parametrize("what", UNWANTED)
def test_nothing_private_is_left_in_the_tree(what: str) -> None:
    found = []
    for path, text in texts(*TEXTS):
        where = str(path.relative_to(ROOT))
        for number, line in enumerate(text.splitlines(), start=1):
            if UNWANTED[what].search(line):
                found.append(f"{where}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of a developer's machine", "see /wo" + "rk/notes.md"),
        ("a folder outside the project", "in ../sha" + "red/data"),
        ("the number of an issue", "fixes #" + "12"),
        ("the id of a requirement", "as R1" + "2 says"),
        ("the address of a registry", "--index-u" + "rl x"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, line: str) -> None:
    assert UNWANTED[what].search(line)
