"""Run the code of a page as a reader would: shell and Python blocks in order, in one folder, outputs compared.

- a `console` block holds commands after `$ ` and what they print; lines ending in a backslash go on
- a `python` block is executed; a `text` block right after it is what it prints
- a block after `<!-- file: NAME -->` is saved as that file
- a block after `<!-- not run: WHY -->` is left alone
- `…` stands for any text inside a line, and for any lines where it is a line of its own
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>file|not run): (?P<what>[^>]*?) -->\n+)?^```(?P<kind>\w+)[^\n]*\n(?P<text>.*?)^```$", re.M | re.S
)
_RUN = ("console", "python", "text")


@dataclass(frozen=True)
class Block:
    """One block of a page."""

    kind: str
    text: str
    line: int
    mark: str | None = None
    what: str = ""
    right_after: bool = False

    @property
    def is_run(self) -> bool:
        """Whether a reader runs it."""
        return self.mark is None and self.kind in ("console", "python")


def blocks(page: Path) -> Iterator[Block]:
    """Give the blocks of a page in order."""
    content = page.read_text(encoding="utf-8")
    end = 0
    for found in _BLOCK.finditer(content):
        between = content[end : found.start()]
        line = content.count("\n", 0, found.start()) + 1
        yield Block(found["kind"], found["text"], line, found["mark"], found["what"] or "", not between.strip())
        end = found.end()


def same(expected: str, printed: str) -> bool:
    """Tell whether what was printed is what the page shows, with `…` for what may differ."""
    pattern = ""
    for line in expected.strip("\n").splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r" *\n"
    return re.fullmatch(pattern + r"\s*", printed.strip("\n") + "\n") is not None


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give each command of a console block with the output that is shown for it."""
    command: list[str] = []
    output: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(output)
            command, output = [line[2:]], []
        elif command and not output and command[-1].endswith("\\"):
            command.append(line)
        else:
            output.append(line)
    if command:
        yield "\n".join(command), "\n".join(output)


class Reader:
    """Somebody who follows a page word for word in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__page__"}
        self.environment = {**os.environ, "COLUMNS": "140", "NO_COLOR": "1", "TERM": "dumb", "PATH": self._path()}

    def _path(self) -> str:
        """A search path on which `desirepath` is ours."""
        beside = Path(sys.executable).parent
        if not (beside / "desirepath").exists():
            # not installed: the tests run on the source alone
            beside = self.folder.parent / f"{self.folder.name}-bin"
            beside.mkdir()
            shim = beside / "desirepath"
            shim.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m desirepath.cli "$@"\n')
            shim.chmod(0o755)
        return f"{beside}{os.pathsep}{os.environ['PATH']}"

    def follow(self, page: Path) -> int:
        """Run all blocks; return how many there were to run."""
        printed: str | None = None
        ran = 0
        for block in blocks(page):
            where = f"{page.relative_to(ROOT)}:{block.line}"
            if block.mark == "file":
                place = self.folder / block.what
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(block.text, encoding="utf-8")
            elif block.mark == "not run" or block.kind not in _RUN:
                pass
            elif block.kind == "console":
                self._type(block, where)
                ran += 1
            elif block.kind == "python":
                printed = self._execute(block, where)
                ran += 1
                continue
            elif printed is not None and block.right_after:
                assert same(block.text, printed), f"{where} shows\n{block.text}\nbut this was printed:\n{printed}"
            printed = None
        return ran

    def _type(self, block: Block, where: str) -> None:
        for command, shown in commands(block.text):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=600,
            )
            ends_badly = any(line.startswith("Error:") for line in shown.splitlines())
            assert (done.returncode != 0) == ends_badly, (
                f"{where}: {command}\nended with {done.returncode}:\n{done.stdout}"
            )
            if shown.strip():
                assert same(shown, done.stdout), f"{where}: {command}\nshows\n{shown}\nbut printed\n{done.stdout}"

    def _execute(self, block: Block, where: str) -> str:
        code = compile("\n" * block.line + block.text, where, "exec")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, self.names)  # noqa: S102 - the page's own code
        return out.getvalue()

    def leave(self) -> None:
        """Close what the page left open."""
        for value in self.names.values():
            if type(value).__name__ == "Workspace":
                value.close()
