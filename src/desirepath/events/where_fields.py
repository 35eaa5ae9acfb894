"""Where does a filter's field live? Resolvers turn names into SQL, and only listed ones into identifiers.

A resolver answers with a `Source`: SQL with `?` for every value, and what kind of value it yields.

- `text`: VARCHAR whose type is decided by what it is compared with
- `json`: as `text`, and perhaps a JSON list (for `contains`)
- `number`, `truth`: DOUBLE-comparable, BOOLEAN
- `instant`: TIMESTAMPTZ; `local`: TIMESTAMP without zone
- `list`: VARCHAR[]; `opaque`: anything that can only be missing or not
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from desirepath.errors import FilterError, UnknownNameError
from desirepath.events.where_tree import Field

Kind = Literal["text", "json", "number", "truth", "instant", "local", "list", "opaque"]
Parameter = str | int | float | bool

EVENT_COLUMNS: Mapping[str, Kind] = {
    "name": "text",
    "channel": "text",
    "source": "text",
    "instance": "text",
    "value": "number",
    "currency": "text",
    "occurred_at": "instant",
    "received_at": "instant",
    "entity_type": "text",
    "entity_id": "text",
    "session": "text",
    "quality": "text",
    "precision": "text",
}
"""The event's own columns that filters may name; every other name is a property."""

_PLACE = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\?""")
_NUMBERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
} | {"INT", "INT1", "INT2", "INT4", "INT8", "LONG", "SHORT", "SIGNED", "BIGNUM"}
_FLOATS = {"FLOAT", "REAL", "FLOAT4", "DOUBLE", "FLOAT8"}
_TEXTS = {"VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR"}
_LOCALS = {
    "DATE",
    "TIMESTAMP",
    "DATETIME",
    "TIMESTAMP_S",
    "TIMESTAMP_MS",
    "TIMESTAMP_NS",
    "TIMESTAMP WITHOUT TIME ZONE",
}
_INSTANTS = {"TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"}
_AS_TEXT = {"UUID", "ENUM", "TIME", "TIME_NS", "BIT"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of DuckDB SQL and the values of its `?`, in the order of the text."""

    text: str
    parameters: tuple[Parameter, ...] = ()

    def numbered(self, first: int = 1) -> Sql:
        """Return the same SQL with `$first`, `$first+1`, … instead of `?`; equal values share one number."""
        numbers: dict[tuple[type, Parameter], int] = {}
        rest = iter(self.parameters)

        def place(found: re.Match[str]) -> str:
            if found[0] != "?":
                return found[0]
            value = next(rest)
            return f"${numbers.setdefault((type(value), value), first + len(numbers))}"

        text = _PLACE.sub(place, self.text)
        return Sql(text, tuple(value for _, value in numbers))


def combine(template: str, **parts: Sql | str) -> Sql:
    """Fill the `{name}` places of a template with SQL, and put the parameters in the order of the text."""
    text: list[str] = []
    parameters: list[Parameter] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        text.append(literal)
        if name is None:
            continue
        part = parts[name]
        text.append(part if isinstance(part, str) else part.text)
        parameters.extend(() if isinstance(part, str) else part.parameters)
    return Sql("".join(text), tuple(parameters))


@dataclass(frozen=True, slots=True)
class Source:
    """A field's value: its kind, its SQL, and for `json` and `list` the SQL of its elements' texts."""

    kind: Kind
    sql: Sql
    elements: Sql | None = None


Derived = Callable[[str, str], "Source | None"]
"""Says where a field lives that is worked out of another, given its name and what stands before columns; or None."""


class FieldResolver(Protocol):
    """Whatever can say where a field lives."""

    def resolve(self, field: Field) -> Source:
        """Return where `field` lives.

        Raises
        ------
        UnknownNameError
            When there is no such field.
        """


class EventFields:
    """The fields of table `events`: its own columns, and any other name as a property.

    A property that has the name of a column is reached as `properties:/value`. A nested one likewise.

    Parameters
    ----------
    known
        Names of the properties seen so far. When given, any other property is refused, with the nearest name.
    table
        Alias of the table, written in front of its columns.
    derived
        Says where a field lives that is worked out of another, given its name and what stands before columns; None for
        any other.
    """

    def __init__(
        self,
        *,
        known: Collection[str] | None = None,
        table: str | None = None,
        derived: Derived | None = None,
    ) -> None:
        self._known = None if known is None else frozenset(known)
        self._derived = derived
        self._prefix = "" if table is None else identifier(table) + "."

    def resolve(self, field: Field) -> Source:
        """Return the column, or the property, that `field` names."""
        if field.pointer is not None:
            if field.name != "properties":
                raise UnknownNameError.of("JSON field", field.name, ["properties"], looked="the events")
            return _json_at(self._prefix + "properties", field.pointer)
        if field.name in EVENT_COLUMNS:
            return Source(EVENT_COLUMNS[field.name], Sql(self._prefix + identifier(field.name)))
        derived = self._derived(field.name, self._prefix) if self._derived is not None else None
        if derived is not None:
            return derived
        if self._known is not None and field.name not in self._known:
            known = self._known | EVENT_COLUMNS.keys()
            raise UnknownNameError.of("field", field.name, known, looked="the events' columns and properties")
        return _json_at(self._prefix + "properties", pointer_to(field.name))


class ColumnFields:
    """The columns of one table, such as a file that a mapping reads.

    Parameters
    ----------
    columns
        Name and DuckDB type of each column, such as `{"total": "DOUBLE", "tags": "VARCHAR[]"}`.
    table
        Alias of the table, written in front of its columns.
    looked
        Where the columns come from, for error messages.
    """

    def __init__(self, columns: Mapping[str, str], *, table: str | None = None, looked: str | None = None) -> None:
        self._columns = dict(columns)
        self._prefix = "" if table is None else identifier(table) + "."
        self._looked = looked

    def resolve(self, field: Field) -> Source:
        """Return the column that `field` names."""
        if field.name not in self._columns:
            raise UnknownNameError.of("column", field.name, self._columns, looked=self._looked)
        column = self._prefix + identifier(field.name)
        kind, sql = _typed(column, self._columns[field.name].strip().upper())
        if field.pointer is not None:
            if kind not in {"text", "json"}:
                raise FilterError(
                    f"{field.name} holds no JSON but {self._columns[field.name]}, so {field} leads nowhere."
                )
            valid = f"CASE WHEN json_valid({column}) THEN {column} END" if kind == "text" else column
            return _json_at(valid, field.pointer)
        if kind == "json":
            return Source("json", Sql(f"json_extract_string({column}, '$')"), Sql(f"TRY_CAST({column} AS VARCHAR[])"))
        return Source(kind, Sql(sql), Sql(sql) if kind == "list" else None)


def pointer_to(*names: str) -> str:
    """Return the RFC 6901 pointer to a property by its name, or to a nested one by the names on the way."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def identifier(name: str) -> str:
    """Quote an identifier for SQL.

    Raises
    ------
    FilterError
        When it is empty or holds a NUL character, which DuckDB cannot name.
    """
    if not name or "\0" in name:
        raise FilterError(f"{name!r} cannot be the name of a column.")
    return '"' + name.replace('"', '""') + '"'


def _json_at(column: str, pointer: str) -> Source:
    return Source(
        "json",
        Sql(f"json_extract_string({column}, ?)", (pointer,)),
        Sql(f"TRY_CAST(json_extract({column}, ?) AS VARCHAR[])", (pointer,)),
    )


def _typed(column: str, kind: str) -> tuple[Kind, str]:
    name = kind.partition("(")[0].strip()
    if kind.endswith("]"):
        return "list", f"CAST({column} AS VARCHAR[])"
    if name in _TEXTS:
        return "text", column
    if name in _AS_TEXT:
        return "text", f"CAST({column} AS VARCHAR)"
    if name in _FLOATS:
        # Files hold NaN where they mean nothing; to a filter both are missing.
        return "number", f"CASE WHEN isfinite({column}) THEN {column} END"
    if name in _NUMBERS or name in {"DECIMAL", "NUMERIC"}:
        return "number", column
    if name in _LOCALS:
        return "local", f"CAST({column} AS TIMESTAMP)"
    if name in _INSTANTS:
        return "instant", column
    simple: dict[str, Kind] = {"BOOLEAN": "truth", "BOOL": "truth", "LOGICAL": "truth", "JSON": "json"}
    return simple.get(name, "opaque"), column
