"""What came back? An answer shows itself, draws itself, explains itself and leads to its people.

It repeats the resolved question (all defaults spelled out, period, filter, unit, versions of data and identity,
cut-off, zone), so that it can be asked again and checked. Every warning has a code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from desirepath.errors import InputError, NotEnoughDataError

if TYPE_CHECKING:
    import altair
    import pandas
    import polars
    import pyarrow as pa

Table = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Notice:
    """Something that the reader must know; `code` never changes, `text` may."""

    code: str
    text: str


class Drill(Protocol):
    """What leads from an answer to the people behind it."""

    def __call__(self, which: Mapping[str, Any], /) -> Table:
        """One row per unit that a number counts."""

    def compare(self, other: object, names: tuple[str, str], /) -> Answer:
        """The same question's answer for this population beside that for another."""


@dataclass(frozen=True)
class Answer:
    """The answer to one question.

    Attributes
    ----------
    question
        The question with all fields, as JSON.
    asked_of
        Whom and when it was asked of: unit, period, filter, breakdown, comparison, versions, cut-off, zone.
    columns
        The main table, by column.
    extras
        Further tables, by name.
    words
        The finding in sentences, with denominators and interval.
    warnings
        What the reader must know.
    charts
        Vega-Lite specifications with their data.
    """

    question: Mapping[str, Any]
    asked_of: Mapping[str, Any]
    columns: Table
    extras: Mapping[str, Table] = field(default_factory=dict)
    words: Sequence[str] = ()
    warnings: Sequence[Notice] = ()
    charts: Sequence[Mapping[str, Any]] = ()
    drill: Drill | None = field(default=None, repr=False, compare=False)
    keeper: Callable[[str, Answer, Mapping[str, Any]], object] | None = field(default=None, repr=False, compare=False)

    @property
    def table(self) -> pa.Table:
        """The main table as an Arrow table."""
        return _arrow(self.columns)

    def extra(self, name: str) -> pa.Table:
        """A further table, such as what people did instead.

        Raises
        ------
        InputError
            If the answer has no such table.
        """
        if name not in self.extras:
            raise InputError(f"The answer has no table {name!r}.", allowed=self.extras)
        return _arrow(self.extras[name])

    def to_pandas(self) -> pandas.DataFrame:
        """The main table for pandas."""
        return self.table.to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """The main table for Polars."""
        import polars

        frame = polars.from_arrow(self.table)
        assert isinstance(frame, polars.DataFrame)  # noqa: S101 - a table is never a series
        return frame

    @property
    def chart(self) -> altair.Chart:
        """The first chart, for a notebook.

        Raises
        ------
        NotEnoughDataError
            If there was nothing to draw.
        """
        import altair

        if not self.charts:
            raise NotEnoughDataError("There is nothing to draw in this answer.")
        drawn: altair.Chart = altair.Chart.from_dict(dict(self.charts[0]))
        return drawn

    def people(self, /, **which: Any) -> pa.Table:
        """Who is behind a number: one row per unit that it counts.

        Parameters
        ----------
        which
            What the question lets one select, for a funnel `step=2, outcome="dropped"`; `group=` picks one part
            of a breakdown or comparison.

        Raises
        ------
        InputError
            If the answer was read from a file, or the question knows no such selection.
        """
        if self.drill is None:
            raise InputError("An answer that was read from a file has no people; ask the question again.")
        return _arrow(self.drill(which))

    def save(self, segment: str, /, **which: Any) -> None:
        """Save the people behind a number as a segment, to be used as `cohort` in any question.

        Parameters
        ----------
        segment
            What to call it. The question is saved, not the list: the segment is found anew in the data of the day.
        which
            As for `people`.

        Raises
        ------
        InputError
            If the answer does not come from an open workspace, or the selection or name cannot be used.
        """
        if self.keeper is None:
            raise InputError("Only the answer of an open workspace can be saved as a segment; ask the question again.")
        self.keeper(segment, self, which)

    def compare(self, other: Answer, names: tuple[str, str] = ("this", "other")) -> Answer:
        """Put this answer beside another to the same question, with the differences and their intervals.

        Parameters
        ----------
        other
            Asked of another population of the same workspace.
        names
            What to call the two; the column `group` says which is which.

        Raises
        ------
        InputError
            If the question is another, or an answer was read from a file.
        """
        if self.drill is None:
            raise InputError("An answer that was read from a file cannot be compared; ask the question again.")
        return self.drill.compare(other.drill, names)

    def to_html(self, *, title: str | None = None) -> str:
        """The answer as a page of its own: words, pictures, tables and notices. Nothing in it is fetched.

        Parameters
        ----------
        title
            Of the page; the question's name if left out.
        """
        from desirepath.answers.html import page

        return page(self, title)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, as JSON holds it."""
        return {
            "question": dict(self.question),
            "asked_of": dict(self.asked_of),
            "words": list(self.words),
            "warnings": [{"code": item.code, "text": item.text} for item in self.warnings],
            "table": {name: list(values) for name, values in self.columns.items()},
            "extras": {
                name: {column: list(values) for column, values in extra.items()} for name, extra in self.extras.items()
            },
            "charts": [dict(chart) for chart in self.charts],
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """The answer as JSON; `from_json` reads it back."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """Read an answer back; it no longer leads to its people.

        Raises
        ------
        InputError
            If the text is not an answer's JSON.
        """
        try:
            raw = json.loads(text)
            return cls(
                question=raw["question"],
                asked_of=raw["asked_of"],
                columns=raw["table"],
                extras=raw["extras"],
                words=tuple(raw["words"]),
                warnings=tuple(Notice(**item) for item in raw["warnings"]),
                charts=tuple(raw["charts"]),
            )
        except (json.JSONDecodeError, KeyError, TypeError) as problem:
            raise InputError(f"This is not the JSON of an answer: {problem!r}.") from problem

    def _repr_html_(self) -> str:
        from desirepath.answers.html import page_part

        return page_part(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # a notebook takes the richest form it knows: the chart where it can draw Vega-Lite, else the table
        return {"text/html": self._repr_html_(), "text/plain": str(self)}

    def __str__(self) -> str:
        from desirepath.answers.words import plain

        return plain(self)


def _arrow(columns: Table) -> pa.Table:
    import pyarrow as pa

    return pa.table({name: pa.array(values) for name, values in columns.items()})
