"""In which order does a list stand? By a column, over the whole list, never a page of it; what is missing is last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desirepath.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import pyarrow as pa

SAID = "A column by which the whole list is sorted, `-` before it for the largest first; what is missing comes last."


@dataclass(frozen=True)
class Sort:
    """By which column, and whether from the largest down."""

    column: str
    down: bool

    @classmethod
    def of(cls, given: str) -> Sort | None:
        """What was asked for: `cost`, or `-cost`; None where nothing was."""
        return cls(given.removeprefix("-"), given.startswith("-")) if given else None

    def among(self, known: list[str]) -> Sort:
        """The same, if the list has such a column.

        Raises
        ------
        UnknownNameError
            If it has not.
        """
        if self.column not in known:
            raise UnknownNameError.of("column", self.column, known, looked="sort")
        return self


def arranged(rows: list[dict[str, Any]], by: Sort, known: list[str]) -> list[dict[str, Any]]:
    """What is told of a few, sorted by one of the known columns; those that are alike stay as they stood.

    Raises
    ------
    UnknownNameError
        If it is none of these.
    """
    name = by.among(known).column
    there, missing = ([row for row in rows if (row[name] is None) == lacks] for lacks in (False, True))
    return [*sorted(there, key=lambda row: row[name], reverse=by.down), *missing]


def ordered(found: pa.Table, values: pa.ChunkedArray, by: Sort) -> pa.Table:
    """The rows of a table by one value each; those that are alike stay as they stood.

    Raises
    ------
    InputError
        If the values have no order.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_nested(kind):
        raise InputError(f"What stands in {by.column!r} has no order.", looked="sort")
    keyed = pa.table({"by": values.cast(kind)})
    order = "descending" if by.down else "ascending"
    return found.take(pc.sort_indices(keyed, sort_keys=[("by", order)]))  # which leaves what is missing at the end


__all__ = ["SAID", "Sort", "arranged", "ordered"]
