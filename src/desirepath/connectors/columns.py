"""Which columns can a mapping name, and how is each read? The one place where names of columns become SQL.

A name is looked up in the list of real columns of the table and of what is joined to it, and nowhere else; it
enters SQL as a quoted identifier or, for JSON, as a quoted RFC 6901 pointer. `/address/city` leads into a
column that holds JSON. The rest of the compiler sees only the aliases `c0`, `c1`, ….
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from desirepath.connectors.json_reading import LINE
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.scratch import literal, quoted
from desirepath.errors import MappingError, UnknownNameError
from desirepath.events.where_fields import ColumnFields, Source, pointer_to
from desirepath.events.where_tree import Field

Form = Literal["text", "json", "typed", "line"]

_FLOATS = ("FLOAT", "DOUBLE", "REAL")
_NESTED = ("STRUCT", "MAP", "UNION")


@dataclass(frozen=True, slots=True)
class Join:
    """A raw table joined by equally named key columns."""

    raw: RawTable
    keys: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """Where a name leads: the table (0) or the nth joined one, its column, its type, a pointer into it."""

    origin: int
    name: str
    type: str
    pointer: str | None = None


class Columns:
    """The columns of one table and its joins; collects what is used and writes the relation that offers it.

    Parameters
    ----------
    raw
        The table itself.
    joins
        What is joined to it, in order.
    looked
        Where the columns come from, for errors.
    """

    def __init__(self, raw: RawTable, joins: Sequence[Join] = (), looked: str | None = None) -> None:
        self._raws = [raw, *(join.raw for join in joins)]
        self._joins = list(joins)
        self._looked = looked or raw.name
        self._known: dict[str, tuple[int, str]] = {name: (0, name) for name in raw.columns}
        for number, join in enumerate(joins, 1):
            for name in join.raw.columns:
                self._known.setdefault(name, (number, name))
                self._known.setdefault(f"{join.label}.{name}", (number, name))
        self._used: dict[tuple[Column, Form], str] = {}

    @property
    def own(self) -> list[str]:
        """Names of the table's own columns."""
        return list(self._raws[0].columns)

    @property
    def is_json(self) -> bool:
        """Whether the table itself holds JSON texts."""
        return self._raws[0].kind == "json"

    def find(self, name: str) -> Column:
        """Return where a name leads.

        Raises
        ------
        MappingError
            When there is no such column; names the nearest one.
        """
        if name in self._known:
            origin, column = self._known[name]
            return Column(origin, column, self._type(origin, column))
        if name.startswith("/"):
            first, rest = [*name[1:].split("/", 1), ""][:2]
            first = first.replace("~1", "/").replace("~0", "~")
            if first in self._known:
                origin, column = self._known[first]
                return Column(origin, column, self._type(origin, column), "/" + rest if "/" in name[1:] else None)
        close = difflib.get_close_matches(name, self._known, n=1, cutoff=0.6)
        raise MappingError(
            f"There is no column called {name!r}.",
            allowed=list(self._known),
            nearest=close[0] if close else None,
            looked=self._looked,
        )

    def use(self, name: str, form: Form = "text") -> str:
        """Return the alias under which the relation offers a column.

        Parameters
        ----------
        name
            The column.
        form
            `text` (VARCHAR), `json` (text of a JSON value, NULL for null) or `typed` (as it is stored).
        """
        return self._alias(self.find(name), form)

    def use_line(self) -> str:
        """Return the alias of the JSON text of the table's own row."""
        return self._alias(Column(0, LINE, "VARCHAR"), "line")

    def type_of(self, name: str) -> str:
        """Return the type that the `typed` form of a column has."""
        column = self.find(name)
        return "VARCHAR" if column.pointer is not None or self._raws[column.origin].kind == "json" else column.type

    def has_text_of_parquet(self, name: str) -> bool:
        """Whether a column holds text that no reader of ours has checked for NUL characters."""
        column = self.find(name)
        return self._raws[column.origin].kind == "parquet" and column.type == "VARCHAR"

    def resolve(self, field: Field) -> Source:
        """Return where a filter's field lives; see `where_fields.FieldResolver`."""
        name = field.name
        if name not in self._known:
            raise UnknownNameError.of("column", name, self._known, looked=self._looked)
        column = self.find(name)
        if self._raws[column.origin].kind == "json":
            alias, kind = self._alias(column, "json"), "JSON"
            return ColumnFields({alias: kind}, looked=self._looked).resolve(Field(alias, field.pointer))
        alias, kind = self._alias(column, "typed"), column.type
        if kind.startswith(_NESTED):
            alias, kind = self._alias(column, "json"), "JSON"
        return ColumnFields({alias: kind}, looked=self._looked).resolve(Field(alias, field.pointer))

    def content(self) -> str:
        """Return SQL of a text that says what the table's own row holds, and nothing of its place.

        Every value is marked with its column's name, so that a column that is empty everywhere changes
        nothing.
        """
        if self.is_json:
            return f"t0.{LINE}"
        marked = (
            f"{literal(hashlib.sha256(name.encode()).hexdigest()[:6])} || CAST(t0.{quoted(name)} AS VARCHAR)"
            for name in sorted(self.own)
        )
        return f"concat_ws(chr(31), {', '.join(marked)})"

    def relation(self, folder: Path, *, content: bool = False, row_hash: bool = False) -> str:
        """Return a SELECT over the archive that offers `record`, `part` and all used aliases.

        Parameters
        ----------
        folder
            The archive folder.
        content
            Whether to offer `content`, see there.
        row_hash
            Whether to offer `row_hash`, which is equal for rows of equal content.
        """
        paths: dict[tuple[int, Form], list[str]] = {}
        chosen = [f"{self._sql(column, form, paths)} AS {alias}" for (column, form), alias in self._used.items()]
        if content:
            chosen.append(f"{self.content()} AS content")
        if row_hash:
            own = [LINE] if self.is_json else self.own
            chosen.append(f"hash({', '.join(f't0.{quoted(name)}' for name in own)}) AS row_hash")
        conditions = [self._join_sql(number, paths) for number in range(1, len(self._raws))]
        record = (
            self._raws[0]
            .record_sql()
            .replace("file_row_number", "t0.file_row_number")
            .replace("file_index", "t0.file_index")
        )
        text = (
            f"SELECT {', '.join([f'{record} AS record', 't0.file_index AS part', *chosen])} FROM "
            f"{self._source(0, folder, paths)}"
        )
        for number, condition in enumerate(conditions, 1):
            text += f" LEFT JOIN {self._source(number, folder, paths)} ON {condition}"
        return text

    def _alias(self, column: Column, form: Form) -> str:
        return self._used.setdefault((column, form), f"c{len(self._used)}")

    def _type(self, origin: int, name: str) -> str:
        return "JSON" if self._raws[origin].kind == "json" else self._raws[origin].columns[name]

    def _source(self, origin: int, folder: Path, paths: dict[tuple[int, Form], list[str]]) -> str:
        scan = self._raws[origin].scan(folder)
        if self._raws[origin].kind != "json":
            return f"{scan} AS t{origin}"
        forms: tuple[tuple[Form, str], ...] = (("text", "json_extract_string"), ("json", "json_extract"))
        lists = [
            f"{function}({LINE}, [{', '.join(map(literal, paths[origin, form]))}]) AS {form}_values"
            for form, function in forms
            if paths.get((origin, form))
        ]
        return f"(SELECT {', '.join(['file_row_number', 'file_index', LINE, *lists])} FROM {scan}) AS t{origin}"

    def _sql(self, column: Column, form: Form, paths: dict[tuple[int, Form], list[str]]) -> str:
        if form == "line":
            return f"t0.{LINE}"
        if self._raws[column.origin].kind == "json":
            path = pointer_to(column.name) + (column.pointer or "")
            wanted: Form = "json" if form == "json" else "text"
            known = paths.setdefault((column.origin, wanted), [])
            if path not in known:
                known.append(path)
            value = f"t{column.origin}.{wanted}_values[{known.index(path) + 1}]"
            return f"nullif({value}::VARCHAR, 'null')" if form == "json" else value
        value = f"t{column.origin}.{quoted(column.name)}"
        if column.pointer is not None:
            document = (
                f"CASE WHEN json_valid({value}) THEN {value} END" if column.type == "VARCHAR" else f"to_json({value})"
            )
            if form == "json":
                return f"nullif(json_extract({document}, {literal(column.pointer)})::VARCHAR, 'null')"
            return f"json_extract_string({document}, {literal(column.pointer)})"
        return (
            value
            if form == "typed"
            else _as_text(value, column.type)
            if form == "text"
            else _as_json(value, column.type)
        )

    def _join_sql(self, number: int, paths: dict[tuple[int, Form], list[str]]) -> str:
        join, conditions = self._joins[number - 1], []
        for key in join.keys:
            mine = next((self._known[key] for _ in (0,) if key in self._known and self._known[key][0] < number), None)
            if mine is None or key not in join.raw.columns:
                where = join.label if mine is not None else self._raws[0].name
                known = join.raw.columns if mine is not None else self._known
                close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
                raise MappingError(
                    f"The lookup's key {key!r} is no column of {where}.",
                    allowed=list(known),
                    nearest=close[0] if close else None,
                )
            left = self._sql(Column(mine[0], mine[1], self._type(*mine)), "text", paths)
            right = self._sql(Column(number, key, self._type(number, key)), "text", paths)
            conditions.append(f"{left} = {right}")
        return " AND ".join(conditions)


def _as_text(value: str, kind: str) -> str:
    if kind in {"VARCHAR", "JSON"}:
        return value
    if kind in _FLOATS:
        # Identifiers become floats where a column has gaps: 17.0 names the same person as 17.
        return (
            f"CASE WHEN {value} = trunc({value}) AND abs({value}) < 1e15 THEN CAST(CAST({value} "
            f"AS BIGINT) AS VARCHAR) ELSE CAST({value} AS VARCHAR) END"
        )
    if kind.startswith(_NESTED) or kind.endswith("]"):
        return f"CAST(to_json({value}) AS VARCHAR)"
    return f"CAST({value} AS VARCHAR)"


def _as_json(value: str, kind: str) -> str:
    if kind == "JSON":
        return f"nullif(CAST({value} AS VARCHAR), 'null')"
    if kind in _FLOATS:
        return f"CASE WHEN isfinite({value}) THEN CAST(to_json({value}) AS VARCHAR) END"
    if kind == "BLOB":
        return f"CAST(to_json(base64({value})) AS VARCHAR)"
    text = f"CAST(to_json({value}) AS VARCHAR)"
    if any(name in kind for name in _FLOATS):
        # JSON has no NaN; inside lists and structs it becomes null.
        return f"regexp_replace({text}, '([:\\[,])-?(NaN|Infinity|nan|inf)', '\\1null', 'g')"
    return text
