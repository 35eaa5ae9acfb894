"""What does each column of a file mean? The mapping of a source, as a person declares it.

A mapping names a system and says, table by table, which columns hold the moment, the person and the rest of
an event. It is plain data: `Mapping.to_dict()` gives what `mapping_file.read_mapping` reads, and the archive
keeps that text, so that a rebuild maps the archived rows exactly as the import did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field, fields, replace
from typing import Any

UNITS = ("s", "ms", "us")
"""Units that an epoch time column may declare."""

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes for columns: `payment {payment_type}`; `{{` and `}}` are braces.

    Parameters
    ----------
    text
        The template as written.
    whole
        The column when the mapping said `{column: name}`; such a name is taken as it stands.
    """

    text: str
    whole: str | None = None

    def parts(self) -> list[tuple[bool, str]]:
        """Return `(is_column, text)` pairs in order."""
        if self.whole is not None:
            return [(True, self.whole)]
        found: list[tuple[bool, str]] = []
        end = 0
        for hole in _HOLE.finditer(self.text):
            found.append((False, self.text[end : hole.start()]))
            found.append((True, hole[1]) if hole[1] is not None else (False, hole[0][0]))
            end = hole.end()
        found.append((False, self.text[end:]))
        return [part for part in found if part[0] or part[1]]

    def columns(self) -> list[str]:
        """Return the columns that fill the holes."""
        return [text for is_column, text in self.parts() if is_column]

    def to_dict(self) -> object:
        """Return the form a mapping file holds."""
        return {"column": self.whole} if self.whole is not None else self.text


@dataclass(frozen=True, slots=True)
class At:
    """Where the moment of an event stands, and how it is written (ISO 8601 unless told)."""

    column: str
    format: str | None = None
    unit: str | None = None

    def to_dict(self) -> object:
        """Return the form a mapping file holds."""
        if self.format is None and self.unit is None:
            return self.column
        return _given({"column": self.column, "format": self.format, "unit": self.unit})


@dataclass(frozen=True, slots=True)
class Value:
    """Where an amount stands, in which currency, and which sign parts its decimals.

    With a `currency_column`, `currency` is that of amounts that name none there.
    """

    column: str
    currency: str | None = None
    currency_column: str | None = None
    decimal: str = "."

    def to_dict(self) -> object:
        """Return the form a mapping file holds."""
        column = self.currency_column
        currency: object = self.currency if column is None else _given({"column": column, "otherwise": self.currency})
        decimal = None if self.decimal == "." else self.decimal
        return _given({"column": self.column, "currency": currency, "decimal": decimal})


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an event: a renamed column, or a condition that is true, false or unknown."""

    name: str
    expression: str

    def to_dict(self) -> object:
        """Return the form a mapping file holds."""
        return {self.name: self.expression}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A second table whose columns are joined on by equally named keys; each key stands there once."""

    file: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """What a table declares for all its events, and an event for itself. None means: not declared."""

    key: tuple[str, ...] | None = None
    identities: tuple[tuple[str, str], ...] | None = None
    channel: Template | None = None
    entity: tuple[str, str] | None = None
    value: Value | None = None
    session: str | None = None
    sequence: str | None = None
    properties: tuple[Property | str, ...] | None = None
    time_zone: str | None = None

    def over(self, under: Fields) -> Fields:
        """Return these fields, with those not declared here taken from `under`."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return Fields(**{name: value if value is not None else getattr(under, name) for name, value in own.items()})

    def in_currency(self, code: str) -> Fields:
        """Return these fields, with `code` for amounts whose currency column is empty, unless they say another."""
        value = self.value
        if value is None or value.currency_column is None or value.currency is not None:
            return self
        return replace(self, value=replace(value, currency=code))

    def to_dict(self) -> dict[str, object]:
        """Return the form a mapping file holds."""
        return _given(
            {
                "key": list(self.key) if self.key is not None else None,
                "identities": dict(self.identities) if self.identities is not None else None,
                "channel": self.channel.to_dict() if self.channel else None,
                "entity": dict([self.entity]) if self.entity else None,
                "value": self.value.to_dict() if self.value else None,
                "session": self.session,
                "sequence": self.sequence,
                "properties": _properties(self.properties),
                "time_zone": self.time_zone,
            }
        )


@dataclass(frozen=True, slots=True)
class EventRule:
    """One kind of event that a row can yield."""

    name: Template
    at: At
    when: str | None = None
    fields: Fields = Fields()

    def to_dict(self) -> dict[str, object]:
        """Return the form a mapping file holds."""
        return _given(
            {"name": self.name.to_dict(), "at": self.at.to_dict(), "when": self.when, **self.fields.to_dict()}
        )


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is written, where that cannot or should not be found out from the file."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    skip: int = 0
    records: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the form a mapping file holds."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return _given({**given, "skip": self.skip or None})


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One table: files of one shape, what is joined to them, and the events its rows yield."""

    events: tuple[EventRule, ...]
    files: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    where: str | None = None
    fields: Fields = Fields()
    text: TextFormat = TextFormat()

    def to_dict(self) -> dict[str, object]:
        """Return the form a mapping file holds."""
        lookup = {item.file: list(item.keys) for item in self.lookups}
        return {
            **_given({"files": list(self.files) or None, "lookup": lookup or None, "where": self.where}),
            **self.text.to_dict(),
            **self.fields.to_dict(),
            "events": [rule.to_dict() for rule in self.events],
        }


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the files of one source mean.

    Parameters
    ----------
    source
        The name of the system that told us.
    instance
        Which installation of it.
    tables
        At least one table.
    time_zone
        The IANA zone of moments that are written without one.
    person
        The kind of identity that names the person in this source.
    somebody
        Identifiers that name somebody here, although they read like placeholders (see `placeholders`).
    connector
        The connector that reads the files, instead of a description of their columns; None where there is one.
    options
        What was chosen of the connector's options.
    names
        Other names for events: the source's own name, and ours, a template whose holes are properties of the event.
        The source's own is kept as `$raw_name`.
    fields
        Channel, entity and value of the connector's events, made of their properties.
    kinds
        What identities of a kind prove, for kinds that only the connector knows.
    """

    source: str
    tables: tuple[TableMapping, ...]
    instance: str = "main"
    time_zone: str | None = None
    person: str | None = None
    somebody: tuple[str, ...] = ()
    connector: str | None = None
    options: Pairs[str, str] = field(default_factory=dict)
    names: Pairs[str, str] = field(default_factory=dict)
    kinds: Pairs[str, str] = field(default_factory=dict)
    fields: Fields = Fields()

    def to_dict(self) -> dict[str, object]:
        """Return the mapping as JSON-able data, in the form a mapping file holds."""
        head = _given(
            {
                "source": self.source,
                "instance": self.instance,
                "time_zone": self.time_zone,
                "person": self.person,
                "somebody": list(self.somebody) or None,
                "connector": self.connector,
                "options": {name: value for name, value in self.options.items() if value} or None,
                "names": dict(self.names) or None,
                **self.fields.to_dict(),
                "kinds": dict(self.kinds) or None,
            }
        )
        if self.connector is not None:
            return head
        return {**head, "tables": [table.to_dict() for table in self.tables]}

    def in_currency(self, code: str) -> Mapping:
        """Return the mapping, with `code` for amounts whose currency column is empty, unless it says another."""
        tables = (
            replace(
                table,
                fields=table.fields.in_currency(code),
                events=tuple(replace(rule, fields=rule.fields.in_currency(code)) for rule in table.events),
            )
            for table in self.tables
        )
        return replace(self, tables=tuple(tables), fields=self.fields.in_currency(code))


def _properties(properties: tuple[Property | str, ...] | None) -> list[object] | None:
    if properties is None:
        return None
    return [item if isinstance(item, str) else item.to_dict() for item in properties]


def _given(values: dict[str, Any]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
