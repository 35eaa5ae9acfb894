"""The page as it was built: how much of it a browser must fetch before the first picture, and what is not in it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

SCRIPTS, STYLES = 150_000, 15_000
"""Bytes, compressed, that the first picture may cost."""

ALL_STYLES = 20_000
"""Bytes, compressed, with what single views bring."""

ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", re.IGNORECASE)
NAMES_ONLY = ("http://www.w3.org/", "https://react.dev/errors/")
"""Addresses that are never asked: names of namespaces, and where React explains the number of an error."""


def compressed(*paths: Path) -> int:
    """Bytes that travel."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def needed(page: Path, first: Path) -> set[Path]:
    """A script and those that it cannot do without."""
    found, open_ = set[Path](), [first]
    while open_:
        path = open_.pop()
        if path not in found:
            found.add(path)
            named = re.findall(r"""(?:from|^import|;import)\s*["']\./([^"']+\.js)["']""", path.read_text())
            open_ += [path.parent / name for name in named]
    return found


def first_load(page: Path) -> tuple[set[Path], set[Path]]:
    """The scripts and styles of the first document, and the greatest view's."""
    named = re.findall(r'(?:src|href)="/([^"]+)"', (page / "index.html").read_text())
    begun = [page / name for name in named if name.endswith(".js")]
    scripts = set[Path]().union(*(needed(page, path) for path in begun))
    views = [needed(page, path) - scripts for path in (page / "assets").glob("*.js") if path not in scripts]
    greatest = max(views, key=lambda view: compressed(*view), default=set())
    return scripts | greatest, {page / name for name in named if name.endswith(".css")}


def test_the_first_picture_is_light(built: Path) -> None:
    scripts, styles = first_load(built)
    assert scripts
    assert styles
    sizes = {path.name: compressed(path) for path in (*scripts, *styles)}
    assert compressed(*scripts) <= SCRIPTS, json.dumps(sizes, indent=1)
    assert compressed(*styles) <= STYLES, json.dumps(sizes, indent=1)


def test_all_styles_together_are_light(built: Path) -> None:
    assert compressed(*built.rglob("*.css")) <= ALL_STYLES


def test_nothing_leads_elsewhere(built: Path) -> None:
    found = [
        f"{path.name}: {address}"
        for path in built.rglob("*")
        if path.suffix in {".js", ".css", ".html", ".svg"}
        for address in ELSEWHERE.findall(path.read_text(encoding="utf-8"))
        if address.startswith(("http", "//")) and not address.startswith(NAMES_ONLY)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", [r"\beval\(", r"\bnew Function\(", r"document\.write\(", r"\bsetTimeout\([\"'`]"])
def test_no_text_becomes_code(built: Path, word: str) -> None:
    found = [path.name for path in built.rglob("*.js") if re.search(word, path.read_text(encoding="utf-8"))]
    assert not found


def test_nothing_stands_within_the_document(built: Path) -> None:
    text = (built / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", text)


def test_text_files_have_their_smaller_forms(built: Path) -> None:
    for path in (built / "assets").rglob("*"):
        if path.suffix in {".js", ".css"} and path.stat().st_size >= 1000:
            assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
            assert path.with_name(path.name + ".br").stat().st_size < path.stat().st_size
