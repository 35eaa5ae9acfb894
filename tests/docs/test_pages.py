"""Every command and every line of Python in the README and the docs runs, and prints what the page says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_blocks import ROOT, Reader, blocks, commands, same

from desirepath.questions import catalog as catalog_module

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_CODE = [page for page in PAGES if any(block.is_run for block in blocks(page))]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    folder = tmp_path / "reader"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))  # as for whoever starts Python there
    monkeypatch.delenv("DESIREPATH_WORKSPACE", raising=False)
    before = dict(catalog_module.catalog())
    someone = Reader(folder)
    yield someone
    someone.leave()
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)
    # a page may put a question of its own into the catalog
    for name in catalog_module._questions.keys() - before.keys():
        del catalog_module._questions[name]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, reader: Reader) -> None:
    assert reader.follow(page) > 0


def test_the_pages_that_matter_have_code() -> None:
    found = {str(page.relative_to(ROOT)) for page in WITH_CODE}
    assert {"README.md", "docs/questions/funnel.md", "docs/new_question.md"} <= found


def test_output_is_compared() -> None:
    assert same("a\nb", "a\nb\n")
    assert not same("a\nb", "a\nc\n")
    assert not same("a", "a\nb")
    assert same("12… people", "12,345 people")
    assert not same("12… people", "13,345 people")
    assert same("a\n…\nz", "a\nb\nc\nz\n")
    assert same("a\n…\nz", "a\nz\n")
    assert not same("a\n…\nz", "a\nb\n")


def test_commands_are_told_from_output() -> None:
    found = list(commands("$ one \\\n    more\nprinted\n\n$ two\n"))
    assert found == [("one \\\n    more", "printed\n"), ("two", "")]


def test_a_wrong_output_is_noticed(tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "never_there.md"
    texts = {
        "```python\nprint(1)\n```\n\n```text\n2\n```\n": AssertionError,
        "```console\n$ echo 1\n2\n```\n": AssertionError,
        "```console\n$ false\n```\n": AssertionError,
        "```python\n1 / 0\n```\n": ZeroDivisionError,
    }
    for text, problem in texts.items():
        monkeypatch.setattr(Path, "read_text", lambda self, encoding=None, text=text: text)
        with pytest.raises(problem):
            reader.follow(page)
