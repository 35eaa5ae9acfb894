"""What the page shows, the command line says, and so do the files that one takes away."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chromium import settled
from companies import Company, Tabs
from demo_shared import demo_company
from playwright.sync_api import Locator, Page, expect

SHOWN = (
    "/journeys/map",
    "/journeys/map?journey=purchase&channel=app",
    "/journeys/funnel",
    "/journeys/friction",
    "/journeys/paths",
    "/voice/scores",
    "/cohorts",
    "/cohorts/lifecycle",
    "/value",
)
"""Views whose first picture can be taken away."""


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company once more, for the command line: a workspace is open in one process only."""
    return demo_company(tmp_path_factory)[0]


def take(page: Page, what: str) -> None:
    """Choose from the menu of the first picture."""
    page.locator("main figure").first.get_by_role("button", name="Take away").click()
    page.get_by_role("option", name=what).locator("visible=true").click()


def elsewhere(page: Page) -> dict[str, str]:
    """How to ask the same elsewhere, as the page says it."""
    take(page, "Copy as Python, curl, command")
    dialog = page.get_by_role("dialog")
    found = dict(zip(("command", "python", "curl"), dialog.locator("pre").all_inner_texts(), strict=True))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return found


def saved(page: Page, what: str) -> bytes:
    """A file that is taken away."""
    with page.expect_download() as download:
        take(page, what)
    return Path(download.value.path()).read_bytes()


def says(root: Path, command: str) -> dict[str, Any]:
    """What the command line answers."""
    words = shlex.split(command)
    assert words[:2] == ["desirepath", "ask"]
    done = subprocess.run(
        [sys.executable, "-m", "desirepath", *words[1:], "-w", str(root), "--json"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("address", SHOWN)
def test_the_command_line_says_the_same(demo_tabs: Tabs, beside: Path, address: str) -> None:
    with demo_tabs.at(address) as page:
        settled(page)
        there = says(beside, elsewhere(page)["command"])
        here = json.loads(saved(page, "Whole answer (JSON)"))
        for part in ("question", "words", "table", "extras", "warnings"):
            assert here[part] == there[part], part
        take(page, "Show as a table")
        shown = page.get_by_role("dialog")
        rows = len(next(iter(here["table"].values()), []))
        if shown.locator("tbody tr").count() != min(rows, 200):  # the picture is of another table of the answer
            assert shown.locator("tbody tr").count() in {
                len(next(iter(one.values()))) for one in here["extras"].values()
            }


def same_in_python(page: Page) -> str:
    """The program that the page gives."""
    return elsewhere(page)["python"]


def test_the_program_says_the_same(demo_tabs: Tabs, beside: Path) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase&channel=app") as page:
        settled(page)
        program = elsewhere(page)["python"].replace('"FOLDER"', repr(str(beside)))
        named: dict[str, Any] = {}
        exec(compile(program, "copied", "exec"), named)  # noqa: S102
        here = json.loads(saved(page, "Whole answer (JSON)"))
        assert json.loads(json.dumps(named["answer"].to_dict(), default=str))["table"] == here["table"]


def address_in(curl: str) -> str:
    """The path and query of a call of curl."""
    found = re.search(r"https?://[^/]+(/\S+?)'?$", curl.strip())
    assert found, curl
    return found[1]


@pytest.mark.parametrize("address", ["/journeys/map", "/cohorts"])
def test_files_are_what_the_server_answers(demo_tabs: Tabs, demo: Company, address: str) -> None:
    with demo_tabs.at(address) as page:
        settled(page)
        asked = address_in(elsewhere(page)["curl"])
        answer = demo.data(asked)
        taken = saved(page, "Table (CSV)")
        assert taken in {
            demo.get(asked, "text/csv"),
            *(demo.get(f"{asked}&table={name}", "text/csv") for name in answer["extras"]),
        }
        first, *rows = csv.reader(io.StringIO(taken.decode("utf-8-sig")))
        tables = [answer["table"], *answer["extras"].values()]
        table = next(one for one in tables if list(one) == first)
        assert len(rows) == len(table[first[0]])
        assert saved(page, "Table (Parquet)")[:4] == b"PAR1"


def test_the_twin_of_a_picture_is_its_table(demo_tabs: Tabs, demo: Company) -> None:
    with demo_tabs.at("/journeys/map") as page:
        settled(page)
        answer = demo.data(address_in(elsewhere(page)["curl"]))
        take(page, "Show as a table")
        table = page.get_by_role("dialog").get_by_role("table")
        named = next(name for name, column in answer["table"].items() if column and isinstance(column[0], str))
        at = [cell.replace(" ", "_") for cell in table.locator("thead th").all_inner_texts()].index(named)
        assert column_of(table, at) == answer["table"][named]


def column_of(table: Locator, number: int) -> list[str]:
    """The texts of a column."""
    return table.locator(f"tbody tr > :nth-child({number + 1})").all_inner_texts()


def test_pictures_are_files(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map") as page:
        settled(page)
        drawn = saved(page, "Picture (SVG)").decode()
        assert drawn.startswith("<svg")
        assert "data until" in drawn
        assert "url(http" not in drawn
        assert saved(page, "Picture (PNG)")[:8] == b"\x89PNG\r\n\x1a\n"
