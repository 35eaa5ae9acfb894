"""Where does output go? Tables drawn with rich on a terminal, plain lines elsewhere, and one document as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from desirepath.cli.safety import csv_cell, visible, visible_json
from desirepath.cli.values import Cell, as_json, cell_text

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100


class Screen:
    """Standard output and standard error of one run.

    Parameters
    ----------
    as_json
        Only `document` writes to standard output then.
    quiet
        No hints on standard error.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at standard output."""
        return sys.stdout.isatty()

    @property
    def width(self) -> int:
        """Columns to fill with prose."""
        return min(shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns, 120) if self.is_terminal else PLAIN_WIDTH

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)

    def flush(self) -> None:
        """Write out what is held back."""
        sys.stdout.flush()

    def say(self, text: str = "", style: str | None = None) -> None:
        """A line for the reader; nothing in JSON mode."""
        if self.as_json:
            return
        if style and self.is_terminal:
            from rich.text import Text

            self._console.print(Text(visible(text, lines=True), style=style), soft_wrap=True)
        else:
            sys.stdout.write(visible(text, lines=True) + "\n")

    def prose(self, text: str, *, indent: str = "", style: str | None = None) -> None:
        """A paragraph, broken at the width of the terminal."""
        self.say(textwrap.fill(visible(text), self.width, initial_indent=indent, subsequent_indent=indent), style)

    def hint(self, text: str) -> None:
        """A line on standard error for who sits there; nothing when quiet."""
        if not self.quiet:
            sys.stderr.write(visible(text, lines=True) + "\n")

    def document(self, data: Any) -> None:
        """The one JSON document of a run."""
        text = json.dumps(as_json(data), indent=2 if self.is_terminal else None, ensure_ascii=False, allow_nan=False)
        sys.stdout.write(visible_json(text) + "\n")

    def table(self, columns: Mapping[str, Sequence[Cell]], *, fold: str | None = None, indent: str = "") -> None:
        """A table of texts and numbers by column; `fold` names the column that takes what width is left."""
        if self.as_json or not columns:
            return
        heads = [visible(name.replace("_", " ")) for name in columns]
        right = [any(isinstance(cell, int | float) for cell in cells) for cells in columns.values()]
        texts = [[visible(cell_text(cell)) for cell in cells] for cells in columns.values()]
        if self.is_terminal:
            self._drawn(heads, right, texts, None if fold is None else list(columns).index(fold))
            return
        widths = [max(map(len, [head, *cells])) for head, cells in zip(heads, texts, strict=True)]
        for row in [heads, *map(list, zip(*texts, strict=True))]:
            cells = (text.rjust(width) if to_right else text.ljust(width) for text, width, to_right in zip(row, widths, right, strict=True))
            sys.stdout.write((indent + "  ".join(cells)).rstrip() + "\n")

    def _drawn(self, heads: list[str], right: list[bool], texts: list[list[str]], fold: int | None) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
        for place, (head, to_right) in enumerate(zip(heads, right, strict=True)):
            one_line = fold is not None and place != fold
            table.add_column(
                Text(head), justify="right" if to_right else "left", no_wrap=one_line or to_right, overflow="fold"
            )
        for row in zip(*texts, strict=True):
            table.add_row(*map(Text, row))
        self._console.print(table)

    def csv(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table as CSV (RFC 4180), without anything that a spreadsheet would run."""
        write = sys.stdout.write
        write(",".join(csv_cell(name, is_text=True) for name in columns) + "\r\n")
        for row in zip(*columns.values(), strict=True):
            plain = [as_json(value) for value in row]
            write(",".join(_csv_value(value) for value in plain) + "\r\n")


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_cell(value, is_text=True)
    if isinstance(value, bool | int | float):
        return csv_cell(json.dumps(value), is_text=False)
    return csv_cell(json.dumps(value, ensure_ascii=False), is_text=True)
