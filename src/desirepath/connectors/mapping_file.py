"""How is a mapping file read?

Strictly: an unknown key, a wrong type or a doubtful value is an error that says where. Example: `source:
shop` with a misspelt `evnets:` is refused with the place (`tables[0]`), the keys allowed there and the
nearest one. Aliases are refused, because a few lines of them can unfold to gigabytes, and so is a key given
twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import yaml

from desirepath.connectors.mapping import (
    UNITS,
    At,
    EventRule,
    Fields,
    Lookup,
    Mapping,
    Property,
    TableMapping,
    Template,
    TextFormat,
    Value,
)
from desirepath.connectors.translated_sql import TABLE
from desirepath.errors import MappingError, UnknownNameError
from desirepath.events.moments import zone
from desirepath.events.strict_yaml import StrictLoader

_T = TypeVar("_T")

LARGEST = 256 * 1024
"""Largest mapping file, in bytes."""

_HEAD = ("source", "instance", "time_zone", "person", "somebody")
_WORDING = ("channel", "entity", "value")
_CONNECTOR = ("connector", "source", "instance", "time_zone", "somebody", "options", "names", "kinds", *_WORDING)
_FIELDS = (
    "key",
    "identities",
    "channel",
    "entity",
    "value",
    "session",
    "sequence",
    "properties",
    "time_zone",
)
_TEXT = ("encoding", "delimiter", "quote", "skip", "records")
_TABLE = ("files", "lookup", "where", "events", *_TEXT, *_FIELDS)
_EVENT = ("name", "at", "when", *_FIELDS)


def read_mapping(path: Path) -> Mapping:
    """Read a mapping from a YAML (or JSON) file.

    Raises
    ------
    MappingError
        When the file is too large, is not YAML, or says something that a mapping cannot hold; names the
        place.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise MappingError(f"The mapping {path} cannot be read: {problem.strerror or problem}.") from None
    return parse_mapping(content, looked=str(path))


def parse_mapping(content: bytes | str, *, looked: str = "the mapping") -> Mapping:
    """Read a mapping from YAML text; `looked` names where it came from in errors."""
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > LARGEST:
        raise MappingError(
            f"A mapping may have {LARGEST // 1024} KB; this one has {len(raw) // 1024} KB.", looked=looked
        )
    try:
        data = yaml.load(raw.decode("utf-8-sig"), StrictLoader)  # noqa: S506 (a SafeLoader without aliases)
    except UnicodeDecodeError as problem:
        raise MappingError(f"A mapping is written in UTF-8; byte {problem.start} is not.", looked=looked) from None
    except yaml.YAMLError as problem:
        raise MappingError(
            "This is not a readable YAML file: " + " ".join(str(problem).split()), looked=looked
        ) from None
    except RecursionError:
        raise MappingError("This YAML file is nested too deeply.", looked=looked) from None
    return mapping_of(data, looked=looked)


def mapping_of(data: object, *, looked: str = "the mapping") -> Mapping:
    """Build a mapping from plain data, as `Mapping.to_dict` gives it.

    Raises
    ------
    MappingError
        Names the key path at which the data departs from what a mapping holds.
    """
    top = _Node(data, "", looked)
    if isinstance(data, dict) and "connector" in data:
        return _of_connector(top)
    if isinstance(data, dict) and "tables" not in data:
        top.keys((*_HEAD, *_TABLE), required=("source", "events"))
        tables: tuple[TableMapping, ...] = (_table(top, shared=_HEAD),)
    else:
        top.keys((*_HEAD, "tables"), required=("source", "tables"))
        tables = tuple(_table(node) for node in top.at("tables").items(least=1))
    source, instance = top.at("source").name(), top.optional("instance", _Node.name)
    mapping = Mapping(
        source,
        tables,
        instance or "main",
        top.optional("time_zone", _zone),
        top.optional("person", _Node.text),
        tuple(item.text() for item in top.optional("somebody", _Node.items) or ()),
    )
    _check_person(mapping, top)
    return mapping


def _of_connector(top: _Node) -> Mapping:
    """The mapping of a source that a connector reads; which connectors there are is asked when files are read."""
    top.keys(_CONNECTOR, required=("connector",))
    connector = top.at("connector").name()
    return Mapping(
        top.optional("source", _Node.name) or connector,
        (TABLE,),
        top.optional("instance", _Node.name) or "main",
        top.optional("time_zone", _zone),
        None,
        tuple(item.text() for item in top.optional("somebody", _Node.items) or ()),
        connector,
        {name: item.choice() for name, item in top.optional("options", _Node.pairs) or ()},
        {name: _template(item).text for name, item in top.optional("names", _Node.pairs) or ()},
        {name: item.text() for name, item in top.optional("kinds", _Node.pairs) or ()},
        _fields(top, with_zone=False),
    )


def _check_person(mapping: Mapping, top: _Node) -> None:
    for number, table in enumerate(mapping.tables):
        for place, rule in enumerate(table.events):
            kinds = [kind for kind, _ in rule.fields.over(table.fields).identities or ()]
            where = f"tables[{number}].events[{place}]"
            if not kinds:
                top.fail(
                    "An event needs identities: which column names the person?",
                    path=where,
                    allowed=["identities: {kind: column}"],
                )
            if mapping.person is not None and mapping.person not in kinds:
                top.fail(
                    f"The person is declared to be {mapping.person!r}, which is none of the identities.",
                    path=where,
                    allowed=kinds,
                )


def _table(node: _Node, shared: tuple[str, ...] = ()) -> TableMapping:
    node.keys((*shared, *_TABLE), required=("events",))
    return TableMapping(
        events=tuple(_event(item) for item in node.at("events").items(least=1)),
        files=tuple(item.text() for item in node.at("files").one_or_more()) if node.has("files") else (),
        lookups=tuple(
            Lookup(name, tuple(key.text() for key in item.one_or_more())) for name, item in node.at("lookup").pairs()
        )
        if node.has("lookup")
        else (),
        where=node.optional("where", _Node.text),
        fields=_fields(node, with_zone="time_zone" not in shared),
        text=_text_format(node),
    )


def _event(node: _Node) -> EventRule:
    node.keys(_EVENT, required=("name", "at"))
    return EventRule(
        _template(node.at("name")), _moment(node.at("at")), node.optional("when", _Node.text), _fields(node)
    )


def _fields(node: _Node, with_zone: bool = True) -> Fields:
    return Fields(
        key=tuple(item.text() for item in node.at("key").one_or_more()) if node.has("key") else None,
        identities=tuple((kind, item.text()) for kind, item in node.at("identities").pairs(least=1))
        if node.has("identities")
        else None,
        channel=node.optional("channel", _template),
        entity=node.optional("entity", _entity),
        value=node.optional("value", _value),
        session=node.optional("session", _Node.text),
        sequence=node.optional("sequence", _Node.text),
        properties=node.optional("properties", _properties),
        time_zone=node.optional("time_zone", _zone) if with_zone else None,
    )


def _text_format(node: _Node) -> TextFormat:
    delimiter, quote = node.optional("delimiter", _Node.text), node.optional("quote", _Node.raw_text)
    for key, sign in (("delimiter", delimiter), ("quote", quote)):
        if sign is not None and (len(sign) > 1 or not sign.isascii() or sign in {"\r", "\n"}):
            node.at(key).fail(f"A {key} is one character, not {sign!r}.")
    skip = node.optional("skip", _Node.count) or 0
    encoding = node.optional("encoding", _encoding)
    return TextFormat(encoding, delimiter, quote, skip, node.optional("records", _Node.text))


def _encoding(node: _Node) -> str:
    name = node.text()
    try:
        "".encode(name)
    except LookupError:
        node.fail(
            f"There is no encoding called {name!r}.",
            allowed=["utf-8", "cp1252", "latin-1", "utf-16", "cp850"],
        )
    return name


def _template(node: _Node) -> Template:
    if isinstance(node.value, dict):
        node.keys(("column",), required=("column",))
        column = node.at("column").text()
        return Template("{" + column + "}", whole=column)
    template = Template(node.text())
    if any(not is_column and ("{" in text or "}" in text) and len(text) > 1 for is_column, text in template.parts()):
        node.fail(f"The braces of {template.text!r} do not pair.", allowed=["{column}", "{{ for a brace"])
    if "" in template.columns():
        node.fail(f"{template.text!r} has an empty hole.", allowed=["{column}"])
    return template


def _moment(node: _Node) -> At:
    if not isinstance(node.value, dict):
        return At(node.text())
    node.keys(("column", "format", "unit"), required=("column",))
    at = At(node.at("column").text(), node.optional("format", _Node.text), node.optional("unit", _Node.text))
    if at.unit is not None and at.unit not in UNITS:
        node.at("unit").fail(f"There is no unit called {at.unit!r} for times.", allowed=UNITS)
    if at.unit is not None and at.format is not None:
        node.fail("A time has a format (text) or a unit (number), not both.")
    return at


def _value(node: _Node) -> Value:
    if not isinstance(node.value, dict):
        return Value(node.text())
    node.keys(("column", "currency", "decimal"), required=("column",))
    column, decimal = node.at("column").text(), node.optional("decimal", _Node.text) or "."
    if decimal not in {".", ","}:
        node.at("decimal").fail(f"{decimal!r} does not part decimals.", allowed=[".", ","])
    currency = node.optional("currency", lambda item: item)
    if currency is None:
        return Value(column, decimal=decimal)
    if isinstance(currency.value, dict):
        currency.keys(("column", "otherwise"), required=("column",))
        return Value(column, currency.optional("otherwise", _Node.text), currency.at("column").text(), decimal)
    return Value(column, currency.text(), None, decimal)


def _entity(node: _Node) -> tuple[str, str]:
    pairs = node.pairs(least=1)
    if len(pairs) > 1:
        node.fail("An event is about one entity.", allowed=["entity: {order: order_id}"])
    return pairs[0][0], pairs[0][1].text()


def _properties(node: _Node) -> tuple[Property | str, ...]:
    if isinstance(node.value, dict):
        return tuple(Property(name, item.text()) for name, item in node.pairs())
    found: list[Property | str] = []
    for item in node.items():
        if isinstance(item.value, dict):
            found += [Property(name, inner.text()) for name, inner in item.pairs(least=1)]
        else:
            found.append(item.text())
    return tuple(found)


def _zone(node: _Node) -> str:
    name = node.text()
    try:
        zone(name)
    except UnknownNameError as problem:
        node.fail(problem.message, nearest=problem.nearest, allowed=["IANA names such as Europe/Paris, UTC"])
    return name


class _Node:
    """A value of the file, with the path to it, so that every error can say where."""

    def __init__(self, value: object, path: str, looked: str) -> None:
        self.value, self.path, self.looked = value, path, looked

    def fail(
        self, message: str, *, path: str | None = None, nearest: str | None = None, allowed: object = ()
    ) -> NoReturn:
        place = self.path if path is None else path
        looked = f"{self.looked}, at {place}" if place else self.looked
        listed = [str(item) for item in allowed] if isinstance(allowed, (list, tuple)) else []
        raise MappingError(message, allowed=listed, nearest=nearest, looked=looked)

    def keys(self, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
        if not isinstance(self.value, dict):
            self.fail(f"Here a mapping with keys is needed, not {_kind(self.value)}.", allowed=allowed)
        for key in self.value:
            if key not in allowed:
                close = difflib.get_close_matches(str(key), allowed, n=1, cutoff=0.6)
                self.fail(
                    f"There is no key called {key!r} here.",
                    nearest=close[0] if close else None,
                    allowed=allowed,
                )
        for key in required:
            if self.value.get(key) is None:
                self.fail(f"The key {key!r} is needed here.", allowed=allowed)

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> _Node:
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return _Node(value, f"{self.path}.{key}" if self.path else key, self.looked)

    def optional(self, key: str, read: Callable[[_Node], _T]) -> _T | None:
        return read(self.at(key)) if self.has(key) else None

    def text(self) -> str:
        text = self.raw_text()
        if text == "":
            self.fail("This text may not be empty.")
        return text

    def name(self) -> str:
        # U+001F parts the pieces of an event's id, so that no name may hold it.
        text = self.text()
        if any(sign < " " for sign in text):
            self.fail("A name may not hold control characters.")
        return text

    def raw_text(self) -> str:
        if not isinstance(self.value, str):
            hint = "; put it in quotes if it is meant as text" if isinstance(self.value, (bool, int, float)) else ""
            self.fail(f"Here a text is needed, not {_kind(self.value)}{hint}.")
        if "\0" in self.value:
            self.fail("A text may not hold the NUL character.")
        return self.value

    def choice(self) -> str:
        # YAML reads yes and no as true and false, and numbers as numbers
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value) if isinstance(self.value, int | float) else self.raw_text()

    def count(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            self.fail(f"Here a whole number from 0 is needed, not {_kind(self.value)}.")
        return self.value

    def items(self, least: int = 0) -> list[_Node]:
        if not isinstance(self.value, list):
            self.fail(f"Here a list is needed, not {_kind(self.value)}.")
        if len(self.value) < least:
            self.fail("This list may not be empty.")
        return [_Node(item, f"{self.path}[{number}]", self.looked) for number, item in enumerate(self.value)]

    def one_or_more(self) -> list[_Node]:
        return self.items(least=1) if isinstance(self.value, list) else [self]

    def pairs(self, least: int = 0) -> list[tuple[str, _Node]]:
        if not isinstance(self.value, dict):
            self.fail(f"Here pairs `name: value` are needed, not {_kind(self.value)}.")
        if len(self.value) < least:
            self.fail("At least one pair is needed here.")
        for key in self.value:
            if not isinstance(key, str) or not key:
                self.fail(f"{key!r} cannot be a name here; put it in quotes if it is meant as text.")
        return [(key, self.at(key)) for key in self.value]


def _kind(value: object) -> str:
    names = {dict: "pairs", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), f"{value!r}")
