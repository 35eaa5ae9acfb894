"""The page keeps the rules: short files that say what they are for, imports downward, no text that becomes markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from house_source import ROOT, files

WEB = ROOT / "web" / "src"
SOURCES = [path for path in files("*.ts", "*.tsx", "*.css") if path.is_relative_to(WEB) and path.name != "schema.ts"]
SCRIPTS = [path for path in SOURCES if path.suffix != ".css"]
MOST_LINES = 400

MAY_IMPORT = {
    "api": {"api"},
    "lib": {"lib", "api"},
    "charts": {"charts"},
    "ui": {"ui", "charts", "lib", "api"},
    "views": {"views", "ui", "charts", "lib", "api"},
}
"""What each folder may import; what stands beside them may import everything."""

CHARTS_MAY = {"lib/format", "lib/i18n", "lib/hooks", "api/answer"}
"""What else a chart may import: it is drawn from tables and a width, and knows nothing of requests and addresses."""

UNSAFE = re.compile(
    r"dangerouslySetInnerHTML|\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|\bnew Function\b|"
    r"createContextualFragment|javascript:"
)
ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)


def where(path: Path) -> str:
    """Its place below the page's sources."""
    return str(path.relative_to(WEB))


def imports(path: Path) -> list[Path]:
    """The files of ours that a file imports."""
    text = path.read_text(encoding="utf-8")
    code = re.sub(r"^(import|export) type .*?;$", "", text, flags=re.MULTILINE | re.DOTALL)  # types are no code
    named = re.findall(r"""(?:from|^import|\bimport\()\s*['"](\.[^'"]+)['"]""", code, re.MULTILINE)
    return [(path.parent / name).resolve() for name in named]


@pytest.mark.parametrize("path", SCRIPTS, ids=where)
def test_files_of_the_page_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{where(path)} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=where)
def test_files_of_the_page_say_what_they_are_for(path: Path) -> None:
    assert re.match(r"/\*\*? \S.{7,}", path.read_text(encoding="utf-8")), f"{where(path)} opens without its purpose"


@pytest.mark.parametrize("path", SCRIPTS, ids=where)
def test_no_text_becomes_markup_or_code(path: Path) -> None:
    assert not UNSAFE.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=where)
def test_no_address_of_others(path: Path) -> None:
    assert not ADDRESS.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SCRIPTS, ids=where)
def test_imports_of_the_page_run_downward(path: Path) -> None:
    room = path.relative_to(WEB).parts[0]
    if room not in MAY_IMPORT:
        return
    for target in imports(path):
        assert target.is_relative_to(WEB), f"{where(path)} imports {target}"
        other = target.relative_to(WEB).parts[0]
        if room == "charts" and other != "charts":
            assert str(target.relative_to(WEB)) in CHARTS_MAY, f"{where(path)} imports {other}/{target.name}"
        else:
            assert other in MAY_IMPORT[room], f"{where(path)} imports {other}"


def test_there_is_something_to_look_at() -> None:
    assert len(SCRIPTS) > 20
    assert any(imports(path) for path in SCRIPTS)
