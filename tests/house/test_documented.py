"""Undocumented is a failing test: questions, their fields, codes of warnings, errors, and decisions."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys

import pytest
from house_source import ROOT, modules

from desirepath import errors
from desirepath.questions.catalog import catalog, field_texts, schema

DOCS = ROOT / "docs"
OUR_QUESTIONS = [name for name, kind in catalog().items() if kind.__module__.startswith("desirepath.")]
NESTED = {"Step", "Exclusion"}


@pytest.mark.parametrize("name", OUR_QUESTIONS)
def test_a_question_has_a_page_that_names_its_fields(name: str) -> None:
    page = (DOCS / "questions" / f"{name}.md").read_text(encoding="utf-8")
    missing = [field.name for field in dataclasses.fields(catalog()[name]) if f"`{field.name}`" not in page]
    assert not missing, f"docs/questions/{name}.md does not mention {missing}"


@pytest.mark.parametrize("name", OUR_QUESTIONS)
def test_a_question_documents_its_fields(name: str) -> None:
    kind = catalog()[name]
    texts = field_texts(kind)
    fields = {field.name for field in dataclasses.fields(kind)}
    assert set(texts) == fields
    assert all(len(text) > 10 for text in texts.values())
    properties = schema(name)["properties"]
    assert {field for field, shape in properties.items() if shape.get("description")} == fields


@pytest.mark.parametrize("name", OUR_QUESTIONS)
def test_a_question_opens_with_a_question(name: str) -> None:
    assert (catalog()[name].__doc__ or "").strip().splitlines()[0].endswith("?")


@pytest.mark.parametrize("name", OUR_QUESTIONS)
def test_a_question_costs_one_file_and_is_listed_nowhere(name: str) -> None:
    """No other room names it, apart from the package's front door."""
    home = catalog()[name].__module__
    others = [
        module.where
        for module in modules()
        if module.room not in {"questions", "desirepath"}
        for found in module.imports
        if found.target == home
    ]
    assert not others


def documented_attributes(node: ast.ClassDef) -> set[str]:
    """Return the names under Parameters and Attributes."""
    text = ast.get_docstring(node) or ""
    names: set[str] = set()
    for line in text.splitlines():
        if re.fullmatch(r"\w+(, \w+)*", line):
            names.update(line.split(", "))
    return names


def notice_codes() -> dict[str, str]:
    """Return the code of every warning that an answer can carry, and where it is given."""
    found: dict[str, str] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            is_notice = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice"
            if is_notice and node.args and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)] = f"{module.where}:{node.lineno}"
        for pair in re.finditer(r'^\s*\("(\w+)", "\{n\}', module.text, flags=re.M):
            found[pair[1]] = module.where
        for pair in re.finditer(r'^\s*\("(\w+)", "In \{n\}', module.text, flags=re.M):
            found[pair[1]] = module.where
    return found


def test_the_metrics_of_the_house_have_their_page() -> None:
    """Made by `desirepath metrics page`."""
    from desirepath.metrics.pages import page_of
    from desirepath.metrics.shelf import house

    page = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
    assert page == page_of(house()), "desirepath metrics page > docs/reference/metrics.md"


def test_every_warning_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "answers.md").read_text(encoding="utf-8")
    codes = notice_codes()
    assert {"undecided", "tie_resolved", "excluded", "missing_hold", "sampled"} <= codes.keys()
    missing = [f"{code} ({where})" for code, where in codes.items() if f"`{code}`" not in page]
    assert not missing, missing


def test_every_error_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "command_line.md").read_text(encoding="utf-8")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    missing = [kind.code for kind in kinds if f"`{kind.code}`" not in page]
    assert len(kinds) > 5
    assert not missing, missing


def test_every_reason_for_quarantine_is_in_the_reference() -> None:
    from desirepath.connectors import REASONS

    page = (DOCS / "reference" / "mapping_files.md").read_text(encoding="utf-8")
    missing = [code for code in REASONS if f"`{code}`" not in page]
    assert not missing, missing


def test_every_key_of_a_mapping_is_in_the_reference() -> None:
    from desirepath.connectors import mapping_file

    page = (DOCS / "reference" / "mapping_files.md").read_text(encoding="utf-8")
    keys = {*mapping_file._HEAD, *mapping_file._TABLE, *mapping_file._EVENT}
    missing = sorted(key for key in keys if f"`{key}`" not in page)
    assert not missing, missing


def test_every_setting_is_in_the_reference() -> None:
    from desirepath.settings import Settings

    page = (DOCS / "reference" / "workspace.md").read_text(encoding="utf-8")
    missing = [field.name for field in dataclasses.fields(Settings) if f"`{field.name}`" not in page]
    assert not missing, missing


def test_every_connector_has_its_page() -> None:
    """Made by `desirepath connectors page NAME`, and listed."""
    from desirepath.connectors.pages import index_of, page_of
    from desirepath.connectors.registry import OURS, connector

    sources = [connector(name) for name in sorted(OURS)]
    for one in sources:
        page = (DOCS / "sources" / f"{one.name}.md").read_text(encoding="utf-8")
        assert page == page_of(one), f"desirepath connectors page {one.name} > docs/sources/{one.name}.md"
    assert index_of(sources) in (DOCS / "sources.md").read_text(encoding="utf-8")
    pages = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert all(f"sources/{one.name}.md" in pages for one in sources)
    assert {path.stem for path in (DOCS / "sources").glob("*.md")} == {one.name for one in sources}


def test_every_table_of_the_database_is_in_the_reference() -> None:
    from desirepath.engines.schema import MIGRATIONS

    page = (DOCS / "reference" / "database.md").read_text(encoding="utf-8")
    statements = " ".join(statement for step in MIGRATIONS for statement in step)
    tables = set(re.findall(r"CREATE TABLE (\w+)", statements))
    assert {"events", "people", "quarantine"} <= tables
    missing = sorted(table for table in tables if f"`{table}`" not in page)
    assert not missing, missing
    events = statements[statements.index("events (") : statements.index(")", statements.index("raw_table"))]
    columns = re.findall(r"(?:\(|,)\s*(\w+) [A-Z]", events.replace('STRUCT(kind VARCHAR, "value" VARCHAR)[]', "LIST"))
    assert len(columns) == 22
    missing = sorted(column for column in columns if f"`{column}`" not in page)
    assert not missing, missing


DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]
    assert len(DECISIONS) >= 8


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_linked_and_says_what_was_decided(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    for heading in ("## Decided", "## Why", "## Instead of"):
        assert heading in text, heading
    assert re.search(r"^Status: (in force|superseded by \[[0-9]{4}\])", text, flags=re.M)
    assert path.name in (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    for rule in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / rule).exists(), rule


LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#:\s]+)(#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def test_links_lead_somewhere() -> None:
    dead = []
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for found in LINK.finditer(path.read_text(encoding="utf-8")):
            target = found[1] or found[3] or found[4]
            if target and "://" not in target and not (path.parent / target).exists():
                dead.append(f"{path.relative_to(ROOT)}: {target}")
    assert not dead, dead


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    missing = [str(page) for path in DOCS.rglob("*.md") if str(page := path.relative_to(DOCS)) not in menu]
    assert not missing, missing


def test_the_changelog_knows_the_version() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import desirepath; print(desirepath.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"## {done.stdout.strip()}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_names_the_commands_that_ci_runs() -> None:
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    assert "make test" in readme
    assert re.search(r"^make .*\btest\b", ci, flags=re.M)
    assert re.search(r"^make .*\bcheck\b", ci, flags=re.M)
