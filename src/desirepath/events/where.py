"""Which rows are meant? One typed filter language for events, file columns, questions, segments and maps.

Text form: `channel = 'web' and plan in ('pro', 'team') and not value <= 10`. The same filter travels as JSON
and prints itself as text; both forms read back as the same filter.

- comparisons `= != < <= > >=` with `'text'` (a quote inside is written twice), `10.5`, `true`, `date
  '2024-05-01'` or another field; `in (…)`, `between … and …`, `is missing`
- tests on text: `like 'a%_'` (backslash escapes), `contains`, `starts with`, `ends with`, and `matches` with
  an RE2 regular expression found anywhere in the text; all of them mind case, `matches '(?i)…'` does not
- `not` in front of a condition or of `in`, `between` and the tests on text; `and`; `or`; parentheses; `true`,
  `false`
- fields: `plan`, `utm.source`, `"any other name"` (a double quote inside is written twice), `properties:/a/b`
  and `properties:"/a b/c"` (RFC 6901 JSON pointers)

What comparing means, and what missing values do, stands in `where_sql`. Limits: text 16 KB, 64 levels deep,
1,000 values in a list, patterns 1 KB. Patterns are compiled by DuckDB alone (RE2, linear time);
`Where.patterns` lists them so that an engine can refuse a bad one before it asks.

    >>> Where.parse("plan == 'pro'")
    Traceback (most recent call last):
    desirepath.errors.FilterError: The filter cannot be read at character 6: expected an operator, found '=='.
    ...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desirepath.errors import FilterError
from desirepath.events.where_tree import (
    AllOf,
    AnyOf,
    Compare,
    Constant,
    Field,
    Match,
    Node,
    Not,
    OneOf,
    Text,
    check_depth,
    fields_of,
    walk,
)

if TYPE_CHECKING:
    import zoneinfo

    from desirepath.events.where_fields import FieldResolver, Sql
    from desirepath.events.where_sql import ValueKind

# The readers and the compiler are loaded when they are first needed: a funnel of named steps needs neither.

_SIGNS = (
    "=",
    "<",
    ">",
    " in (",
    " in(",
    " like ",
    " is missing",
    " is not missing",
    " between ",
    " contains ",
    " matches ",
    " starts with ",
    " ends with ",
)
"""What makes a text a filter and not the name of an event."""


@dataclass(frozen=True, slots=True)
class Where:
    """A filter: immutable, hashable, equal when its tree is equal.

    Parameters
    ----------
    root
        The tree of tests, see `where_tree`.

    Raises
    ------
    FilterError
        When the tree is deeper than 64 levels.
    """

    root: Node

    def __post_init__(self) -> None:
        check_depth(self.root)

    @classmethod
    def parse(cls, text: str) -> Where:
        """Read the text form.

        Raises
        ------
        FilterError
            With a line that points at the character, what was expected there, and the nearest operator.
        """
        from desirepath.events.where_text import read_filter

        return cls(read_filter(text))

    @classmethod
    def from_json(cls, value: object) -> Where:
        """Read the JSON form, as `to_json` writes it.

        Raises
        ------
        FilterError
            Naming the part that is not understood.
        """
        from desirepath.events.where_json import read_filter_json
        from desirepath.events.where_tokens import MOST_TEXT

        where = cls(read_filter_json(value))
        if len(str(where).encode()) > MOST_TEXT:
            raise FilterError(f"A filter can be at most {MOST_TEXT:,} bytes long, written as text.")
        return where

    @classmethod
    def of(cls, value: Where | str | bool | Mapping[str, object] | None) -> Where:
        """Return a filter given in any form; None keeps everything.

        Raises
        ------
        FilterError
            As `parse` and `from_json`.
        """
        if isinstance(value, Where):
            return value
        if value is None:
            return always
        return cls.parse(value) if isinstance(value, str) else cls.from_json(value)

    @classmethod
    def event(cls, text: str) -> Where:
        """Read an event's name or a filter: text with an operator in it is a filter, any other is a name.

        Raises
        ------
        FilterError
            If the text is empty, or a filter that cannot be read.
        """
        stripped = text.strip()
        if not stripped:
            raise FilterError("An event's name or a filter is needed here; this text is empty.")
        if any(sign in f" {stripped} ".lower() for sign in _SIGNS):
            return cls.parse(stripped)
        return cls(Compare(Field("name"), "=", Text(stripped)))

    @classmethod
    def all_of(cls, filters: Iterable[Where]) -> Where:
        """Return the filter that keeps what all of these keep; of none, everything."""
        parts: list[Node] = []
        for where in filters:
            if where == never:
                return never
            if where != always:
                parts.extend(where.root.parts if isinstance(where.root, AllOf) else [where.root])
        return cls(AllOf(tuple(parts))) if len(parts) > 1 else cls(parts[0]) if parts else always

    @classmethod
    def any_of(cls, filters: Iterable[Where]) -> Where:
        """Return the filter that keeps what any of these keeps; of none, nothing."""
        parts: list[Node] = []
        for where in filters:
            if where == always:
                return always
            if where != never:
                parts.extend(where.root.parts if isinstance(where.root, AnyOf) else [where.root])
        return cls(AnyOf(tuple(parts))) if len(parts) > 1 else cls(parts[0]) if parts else never

    def __and__(self, other: Where) -> Where:
        return Where.all_of([self, other])

    def __or__(self, other: Where) -> Where:
        return Where.any_of([self, other])

    def __invert__(self) -> Where:
        return Where(Not(self.root))

    def fields(self) -> tuple[Field, ...]:
        """Return the fields it reads, each once, in order of appearance."""
        return fields_of(self.root)

    def texts_of(self, field: Field) -> tuple[str, ...]:
        """Return the texts that it asks a field to be equal to, in order of appearance."""
        found: list[str] = []
        for node, _ in walk(self.root):
            if isinstance(node, Compare) and node.field == field and node.operator == "=":
                found += [node.other.value] if isinstance(node.other, Text) else []
            elif isinstance(node, OneOf) and node.field == field:
                found += [value.value for value in node.values if isinstance(value, Text)]
        return tuple(found)

    def patterns(self) -> tuple[str, ...]:
        """Return its regular expressions, which only DuckDB can judge."""
        return tuple(
            node.value.value
            for node, _ in walk(self.root)
            if isinstance(node, Match) and isinstance(node.value, Text) and node.operator == "matches"
        )

    def to_json(self) -> object:
        """Return the JSON form: dicts, lists, text, numbers and booleans."""
        from desirepath.events.where_json import filter_json

        return filter_json(self.root)

    def __str__(self) -> str:
        return str(self.root)


always = Where(Constant(True))
"""The filter that keeps everything."""
never = Where(Constant(False))
"""The filter that keeps nothing."""


def compile_sql(where: Where, fields: FieldResolver, *, zone: str | zoneinfo.ZoneInfo | None = None) -> Sql:
    """Return the filter as a DuckDB BOOLEAN expression, NULL where it is unknown.

    Parameters
    ----------
    where
        The filter.
    fields
        Where its fields live: `EventFields()` or `ColumnFields({...})`.
    zone
        IANA zone in which dates and times without offset are read; needed only by filters that compare
        moments.

    Returns
    -------
    Sql
        Text with `?` for every value, and the values. The text holds no part of the filter but operators and
        identifiers from the resolver's own list.

    Raises
    ------
    UnknownNameError
        For a field that the resolver does not know.
    FilterError
        For a comparison that its field's type forbids, and for dates without a zone.
    """
    from desirepath.events.where_sql import compile_filter

    return compile_filter(where.root, fields, zone)


def compile_value_sql(
    field: Field | str,
    fields: FieldResolver,
    kind: ValueKind = "text",
    *,
    zone: str | zoneinfo.ZoneInfo | None = None,
) -> Sql:
    """Return the value of one field as a DuckDB expression, NULL where it is missing or of another kind.

    Parameters
    ----------
    field
        The field; a str is its plain name, not filter text (see `read_field`).
    fields
        Where it lives.
    kind
        `text` (VARCHAR), `number` (finite DOUBLE-comparable), `truth` (BOOLEAN) or `instant` (TIMESTAMPTZ).
    zone
        As for `compile_sql`.

    Raises
    ------
    UnknownNameError
        For a field that the resolver does not know.
    FilterError
        When the field's type cannot be read as `kind`.
    """
    from desirepath.events.where_sql import compile_value

    return compile_value(Field(field) if isinstance(field, str) else field, fields, kind, zone)
