"""How does a filter travel as JSON? The reader and writer of the JSON form.

true
{"field": "channel", "is": "=", "value": "web"}
{"field": {"name": "properties", "pointer": "/a/b"}, "is": "in", "values": ["pro", "team"]}
{"field": "delivered", "is": ">", "other": "promised"}
{"field": "value", "is": "between", "values": [1, 10]}
{"field": "occurred_at", "is": ">=", "value": {"date": "2024-05-01"}}
{"field": "email", "is": "missing"}
{"all": [...]}   {"any": [...]}   {"not": ...}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from desirepath.errors import FilterError, UnknownNameError
from desirepath.events.where_tree import (
    COMPARISONS,
    MATCHES,
    MOST_DEPTH,
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    Date,
    Field,
    Literal,
    Match,
    Missing,
    Node,
    Not,
    Number,
    OneOf,
    Text,
    Truth,
)

_TESTS = (*COMPARISONS, *MATCHES, "in", "between", "missing")


def filter_json(node: Node) -> object:
    """Return the JSON form of a filter, made of dicts, lists, text, numbers and booleans."""
    match node:
        case Constant():
            return node.value
        case Not():
            return {"not": filter_json(node.part)}
        case AllOf():
            return {"all": [filter_json(part) for part in node.parts]}
        case AnyOf():
            return {"any": [filter_json(part) for part in node.parts]}
        case Missing():
            return {"field": field_json(node.field), "is": "missing"}
        case OneOf():
            return {
                "field": field_json(node.field),
                "is": "in",
                "values": [_literal_json(value) for value in node.values],
            }
        case Between():
            return {
                "field": field_json(node.field),
                "is": "between",
                "values": [_literal_json(node.low), _literal_json(node.high)],
            }
        case Match():
            return {"field": field_json(node.field), "is": node.operator, "value": _literal_json(node.value)}
        case Compare():
            start: dict[str, object] = {"field": field_json(node.field), "is": node.operator}
            if isinstance(node.other, Field):
                return start | {"other": field_json(node.other)}
            return start | {"value": _literal_json(node.other)}


def read_filter_json(value: object, depth: int = 1) -> Node:
    """Read the JSON form of a filter.

    Raises
    ------
    FilterError
        Naming the part that cannot be read and what it may hold.
    """
    if depth > MOST_DEPTH:
        raise FilterError(f"The filter is nested deeper than {MOST_DEPTH} levels.")
    if isinstance(value, bool):
        return Constant(value)
    if not isinstance(value, Mapping):
        raise FilterError(
            f"A filter is true, false or an object, not {_shown(value)}.",
            allowed=('{"field": …, "is": …}', "all", "any", "not"),
        )
    for key, kind in (("all", AllOf), ("any", AnyOf)):
        if key in value:
            _only(value, {key})
            return kind(tuple(read_filter_json(part, depth + 1) for part in _sequence(value[key], key)))
    if "not" in value:
        _only(value, {"not"})
        return Not(read_filter_json(value["not"], depth + 1))
    return _test(value)


def field_json(field: Field) -> object:
    """Return the JSON form of a field: its name, or an object with name and pointer."""
    return field.name if field.pointer is None else {"name": field.name, "pointer": field.pointer}


def read_field_json(value: object) -> Field:
    """Read the JSON form of a field.

    Raises
    ------
    FilterError
        When it is neither a name nor an object with a name and a pointer.
    """
    if isinstance(value, str):
        return Field(value)
    if isinstance(value, Mapping):
        _only(value, {"name", "pointer"})
        name, pointer = value.get("name"), value.get("pointer")
        if isinstance(name, str) and isinstance(pointer, str):
            return Field(name, pointer)
    raise FilterError(f"A field is a name or an object with name and pointer, not {_shown(value)}.")


def _test(value: Mapping[object, object]) -> Node:
    if "field" not in value or "is" not in value:
        raise FilterError(
            f"A condition needs 'field' and 'is'; found {_shown(list(value))}.",
            allowed=("field", "is", "value", "values", "other"),
        )
    field, operator = read_field_json(value["field"]), value["is"]
    if not isinstance(operator, str) or operator not in _TESTS:
        raise UnknownNameError.of("operator", str(operator), _TESTS, looked="a filter in JSON form")
    if operator == "missing":
        _only(value, {"field", "is"})
        return Missing(field)
    if operator in {"in", "between"}:
        _only(value, {"field", "is", "values"})
        values = tuple(_literal(item) for item in _sequence(value.get("values"), "values"))
        if operator == "in":
            return OneOf(field, values)
        if len(values) != 2:
            raise FilterError(f"'between' needs two values, not {len(values)}.")
        return Between(field, *values)
    if operator in COMPARISONS and "other" in value:
        _only(value, {"field", "is", "other"})
        return Compare(field, operator, read_field_json(value["other"]))
    _only(value, {"field", "is", "value"})
    if "value" not in value:
        raise FilterError(f"The condition with {operator!r} has no 'value'.")
    literal = _literal(value["value"])
    return Compare(field, operator, literal) if operator in COMPARISONS else Match(field, operator, literal)


def _literal(value: object) -> Literal:
    if isinstance(value, bool):
        return Truth(value)
    if isinstance(value, int | float):
        return Number(value)
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, Mapping) and set(value) == {"date"} and isinstance(value["date"], str):
        return Date(value["date"])
    raise FilterError(f'A value is text, a number, true, false or {{"date": "2024-05-01"}}, not {_shown(value)}.')


def _literal_json(literal: Literal) -> object:
    if isinstance(literal, Date):
        return {"date": literal.text}
    if isinstance(literal, Number):
        text = str(literal)
        return int(text) if text.lstrip("-").isdigit() else literal.value
    return literal.value


def _sequence(value: object, name: str) -> Sequence[object]:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return cast("Sequence[object]", value)
    raise FilterError(f"{name!r} holds a list, not {_shown(value)}.")


def _only(value: Mapping[object, object], allowed: set[str]) -> None:
    extra = [str(key) for key in value if key not in allowed]
    if extra:
        raise FilterError(f"A filter has {extra[0]!r} where it has no place.", allowed=sorted(allowed))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
