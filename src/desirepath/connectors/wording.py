"""What does a company call what a connector reads? Other names, channels, things and values, as its mapping says.

A connector knows the words of its vendor; a company has its own: a ticket is `opened`, a call is `about {queue}`, a
survey's answer is about the case that stands in one of its fields. What a mapping says of it is put over each event
before it is archived, and in the same way over a state that becomes an event later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desirepath.connectors.mapping import Fields, Template
from desirepath.connectors.rows import Row, code, number

RAW_NAME = "$raw_name"
"""The property that keeps the source's own name of an event that bears another."""


class Wording:
    """What a mapping says of a connector's events.

    Parameters
    ----------
    names
        Other names: the source's, and ours, a template whose holes are properties of the event.
    fields
        `channel`, `entity` and `value`, made of properties of the event.
    """

    def __init__(self, names: Mapping[str, str], fields: Fields) -> None:
        self._names = {theirs: Template(ours).parts() for theirs, ours in names.items()}
        self._channel = fields.channel.parts() if fields.channel else None
        self._entity, self._value = fields.entity, fields.value
        self._says = bool(self._names or self._channel or self._entity or self._value)

    def put(self, row: Row) -> Row:
        """The row in the company's words; where it lacks a property that is needed, the vendor's words stay."""
        if not self._says or (row.kind != "event" and row.state is None):
            return row
        told = row.properties or {}
        theirs = row.name if row.state is None else str(row.state["name"])
        ours = _filled(self._names.get(theirs), told) or theirs
        if ours != theirs:
            row.properties = {**told, RAW_NAME: theirs}
        row.channel = _filled(self._channel, told) or row.channel
        entity = (self._entity[0], _scalar(told.get(self._entity[1]))) if self._entity else ("", None)
        amount, currency = self._amount(told)
        if row.state is None:
            row.name = ours
            row.entity = (entity[0], entity[1]) if entity[1] else row.entity
            if amount is not None:
                row.value, row.currency = amount, currency
        else:  # a state's thing stays what it is, as its states are told apart by it
            row.state = {
                **row.state,
                "name": ours,
                "raw_name": theirs if ours != theirs else None,
                "entity": entity if entity[1] else None,
                "amount": amount,
                "currency": currency,
            }
        return row

    def _amount(self, told: Mapping[str, Any]) -> tuple[float | None, str | None]:
        if self._value is None:
            return None, None
        said = told.get(self._value.column)
        amount = number(said.replace(".", "").replace(",", ".") if self._value.decimal == "," and said else said)
        named = code(told.get(self._value.currency_column)) if self._value.currency_column else None
        return amount, (named or self._value.currency) if amount is not None else None


def _filled(parts: Sequence[tuple[bool, str]] | None, told: Mapping[str, Any]) -> str | None:
    """The parts of a template with its holes filled; None where a property is missing, or there is no template."""
    if parts is None:
        return None
    found = [_scalar(told.get(text)) if is_column else text for is_column, text in parts]
    return None if None in found else "".join(map(str, found))


def _scalar(value: Any) -> str | None:
    """A text or number as text; whole numbers without decimals."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" else None
