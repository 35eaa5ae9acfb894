"""Where does output go? Tables drawn with rich on a terminal, plain lines elsewhere, one document as JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from desirepath.answers.cells import as_json, csv_lines
from desirepath.cli.safety import visible, visible_json
from desirepath.cli.values import Cell, cell_text

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100
GAP = 2
"""Blanks between the columns of a drawn table."""
LEAST = 20
"""Columns of the screen below which a column that is cut is not worth showing."""


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

    def abandon(self) -> None:
        """Let go of a standard output that nobody reads, so that the end of the process does not complain."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

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

    def table(
        self,
        columns: Mapping[str, Sequence[Cell]],
        *,
        spare: Sequence[str] = (),
        last: str | None = None,
        indent: str = "",
    ) -> list[str]:
        """A table of texts and numbers by column.

        Parameters
        ----------
        columns
            Cells by column; a column with a number in it stands to the right.
        spare
            Columns that a narrow terminal does without, in this order.
        last
            The column that is cut where the room ends.
        indent
            What stands before each line where no table is drawn.

        Returns
        -------
        The columns that there was no room for.
        """
        if self.as_json or not columns:
            return []
        cells = {name: [visible(cell_text(cell)) for cell in values] for name, values in columns.items()}
        heads = {name: visible(name.replace("_", " ")) for name in columns}
        right = {name for name, values in columns.items() if any(isinstance(cell, int | float) for cell in values)}
        if self.is_terminal:
            return self._drawn(heads, cells, right, spare, last)
        widths = {name: max(map(len, [heads[name], *cells[name]])) for name in cells}
        for row in [
            heads,
            *({name: cells[name][place] for name in cells} for place in range(len(next(iter(cells.values()))))),
        ]:
            texts = (
                row[name].rjust(width) if name in right else row[name].ljust(width) for name, width in widths.items()
            )
            sys.stdout.write((indent + "  ".join(texts)).rstrip() + "\n")
        return []

    def _drawn(
        self,
        heads: dict[str, str],
        cells: dict[str, list[str]],
        right: set[str],
        spare: Sequence[str],
        last: str | None,
    ) -> list[str]:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        shown, room = _fitting(heads, cells, spare, last, self._console.width)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, header_style="bold", show_edge=False)
        for name in shown:
            cut = name == last and room is not None
            table.add_column(
                Text(heads[name]),
                justify="right" if name in right else "left",
                no_wrap=cut or name in right,
                overflow="ellipsis" if cut else "fold",
                max_width=room if cut else None,
            )
        for row in zip(*(cells[name] for name in shown), strict=True):
            table.add_row(*map(Text, row))
        self._console.print(table)
        return [heads[name] for name in cells if name not in shown]

    def csv(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table as CSV (RFC 4180), without anything that a spreadsheet would run."""
        for line in csv_lines(columns):
            sys.stdout.write(line)


def _fitting(
    heads: Mapping[str, str],
    cells: Mapping[str, list[str]],
    spare: Sequence[str],
    last: str | None,
    width: int,
) -> tuple[list[str], int | None]:
    """The columns that fit, and the width left for the last one where it must be cut."""
    from rich.cells import cell_len

    natural = {name: max(map(cell_len, [heads[name], *cells[name]])) + GAP for name in cells}
    shown = list(cells)
    for name in [*spare, None]:
        total = sum(natural[one] for one in shown)
        if total <= width:
            return shown, None
        if last in shown and total - natural[last] + LEAST <= width:
            return shown, width - (total - natural[last])
        if name in shown:
            shown.remove(name)
    return [name for name in shown if name != last] or shown, None
