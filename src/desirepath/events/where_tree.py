"""What is a filter made of? Fields, literals and tests: immutable values, compared by content.

Literals keep their type (`Text`, `Number`, `Truth`, `Date`), because to Python `1 == 1.0 == True`, and two
filters that differ only there must not be taken for one another. Every node prints itself in the text form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from desirepath.errors import FilterError, MomentError
from desirepath.events.zones import span

MOST_DEPTH = 64
MOST_VALUES = 1_000
MOST_PATTERN = 1_024
EXACT_INTEGER = 2**53 - 1

COMPARISONS = ("=", "!=", "<=", ">=", "<", ">")
MATCHES = ("like", "contains", "starts with", "ends with", "matches")
RESERVED = frozenset({"and", "or", "not", "in", "like", "is", "between", "true", "false"})

_BARE = r"[^\W\d][\w.$]*|[$_][\w.$]*"
_BARE_POINTER = r"/[\w.$~/*@+-]*"
_BAD_TILDE = r"~(?![01])"


@dataclass(frozen=True, slots=True)
class Field:
    """One field by its name, or one place inside a JSON field by an RFC 6901 pointer such as `/a/b`.

    Raises
    ------
    FilterError
        When the pointer does not start with `/`, or escapes a character other than `~` (`~0`) and `/` (`~1`).
    """

    name: str
    pointer: str | None = None

    def __post_init__(self) -> None:
        _check_text(self.name)
        if self.pointer is None:
            return
        _check_text(self.pointer)
        if not self.pointer.startswith("/") or re.search(_BAD_TILDE, self.pointer):
            raise FilterError(
                f"{self.pointer!r} is not a JSON pointer: '/a/b', with '~' written '~0' and '/' '~1'.",
                nearest="/a/b",
            )

    def __str__(self) -> str:
        plain = re.fullmatch(_BARE, self.name) and self.name.lower() not in RESERVED
        name = self.name if plain else '"' + self.name.replace('"', '""') + '"'
        if self.pointer is None:
            return name
        pointer = (
            self.pointer if re.fullmatch(_BARE_POINTER, self.pointer) else '"' + self.pointer.replace('"', '""') + '"'
        )
        return f"{name}:{pointer}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal, `'web'`."""

    value: str

    def __post_init__(self) -> None:
        _check_text(self.value)

    def __str__(self) -> str:
        return "'" + self.value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number, `10.5`. Whole numbers beyond 2^53 - 1 are refused: a double cannot tell them apart."""

    value: float

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise FilterError(f"{self.value!r} is not a number.")
        if isinstance(self.value, int) and abs(self.value) > EXACT_INTEGER:
            raise FilterError(
                f"{str(self.value)[:40]} is too large to be exact as a number; compare it as text, in quotes."
            )
        if not math.isfinite(self.value):
            raise FilterError(f"{self.value!r} is not a finite number.")
        object.__setattr__(self, "value", float(self.value) + 0.0)

    def __str__(self) -> str:
        # A whole number within exact range is written without a point; a larger one keeps its exponent, and
        # stays a float when read.
        if self.value.is_integer() and abs(self.value) <= EXACT_INTEGER:
            return str(int(self.value))
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Date:
    """A date or time, `date '2024-05-01'`, compares a text field as a moment; a date is its whole day."""

    text: str

    def __post_init__(self) -> None:
        try:
            span(self.text, "UTC")
        except MomentError as problem:
            raise FilterError(problem.message, allowed=problem.allowed) from None

    def __str__(self) -> str:
        return f"date '{self.text}'"


Literal = Text | Number | Truth | Date


@dataclass(frozen=True, slots=True)
class Constant:
    """A filter that keeps everything (`true`) or nothing (`false`)."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Compare:
    """`field = literal` or `field = other field`, with one of `COMPARISONS`."""

    field: Field
    operator: str
    other: Literal | Field

    def __post_init__(self) -> None:
        if self.operator not in COMPARISONS:
            raise FilterError(f"{self.operator!r} is not a comparison.", allowed=COMPARISONS)
        if isinstance(self.other, Truth) and self.operator not in {"=", "!="}:
            raise FilterError("true and false have no order; compare them with = or !=.")

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.other}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """`field in (…)`: equal to one of 1 to 1,000 literals of one type."""

    field: Field
    values: tuple[Literal, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise FilterError(f"A list holds 1 to {MOST_VALUES:,} values, not {len(self.values):,}.")
        if len({type(value) for value in self.values}) > 1:
            raise FilterError("A list holds values of one type: all text, all numbers, all dates, or true and false.")

    def __str__(self) -> str:
        return f"{self.field} in ({', '.join(map(str, self.values))})"


@dataclass(frozen=True, slots=True)
class Between:
    """`field between low and high`, both included."""

    field: Field
    low: Literal
    high: Literal

    def __post_init__(self) -> None:
        if type(self.low) is not type(self.high) or isinstance(self.low, Truth):
            raise FilterError("'between' needs two texts, two numbers or two dates.")

    def __str__(self) -> str:
        return f"{self.field} between {self.low} and {self.high}"


@dataclass(frozen=True, slots=True)
class Match:
    """A test on the field's text, with one of `MATCHES`; `contains` also tests membership in a JSON list."""

    field: Field
    operator: str
    value: Literal

    def __post_init__(self) -> None:
        if self.operator not in MATCHES:
            raise FilterError(f"{self.operator!r} is not a text test.", allowed=MATCHES)
        if self.operator == "contains":
            if isinstance(self.value, Date):
                raise FilterError("'contains' needs a text, a number, or true or false.")
            return
        if not isinstance(self.value, Text):
            raise FilterError(f"'{self.operator}' needs a text in single quotes.")
        if self.operator == "matches" and len(self.value.value.encode()) > MOST_PATTERN:
            raise FilterError(f"A regular expression can be at most {MOST_PATTERN:,} bytes long.")
        if self.operator == "like" and re.sub(r"\\[\\%_]", "", self.value.value).count("\\"):
            raise FilterError(r"In a 'like' pattern a backslash stands before %, _ or another backslash.")

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class Missing:
    """`field is missing`: absent, or null."""

    field: Field

    def __str__(self) -> str:
        return f"{self.field} is missing"


@dataclass(frozen=True, slots=True)
class Not:
    """`not part`; unknown stays unknown."""

    part: Node

    def __str__(self) -> str:
        part = self.part
        if isinstance(part, OneOf | Match | Between):
            return f"{part.field} not{str(part).removeprefix(str(part.field))}"
        if isinstance(part, Missing):
            return f"{part.field} is not missing"
        return f"not ({part})" if isinstance(part, AllOf | AnyOf) else f"not {part}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`part and part …`, two or more."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AllOf | AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`part or part …`, two or more."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


Leaf = Compare | OneOf | Between | Match | Missing
Node = Constant | Leaf | Not | AllOf | AnyOf


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node with its depth (the root has 1), parents first, left to right, without recursion."""
    rest: list[tuple[Node, int]] = [(root, 1)]
    while rest:
        node, depth = rest.pop()
        yield node, depth
        if isinstance(node, Not):
            rest.append((node.part, depth + 1))
        elif isinstance(node, AllOf | AnyOf):
            rest.extend((part, depth + 1) for part in reversed(node.parts))


def fields_of(root: Node) -> tuple[Field, ...]:
    """Return the fields that a filter reads, each once, in order of appearance."""
    found: dict[Field, None] = {}
    for node, _ in walk(root):
        if isinstance(node, get_args(Leaf)):
            found[node.field] = None
        if isinstance(node, Compare) and isinstance(node.other, Field):
            found[node.other] = None
    return tuple(found)


def check_depth(root: Node) -> None:
    """Refuse a tree deeper than 64 levels.

    Raises
    ------
    FilterError
        When it is deeper.
    """
    if any(depth > MOST_DEPTH for _, depth in walk(root)):
        raise FilterError(f"The filter is nested deeper than {MOST_DEPTH} levels.")


def _check_parts(parts: tuple[Node, ...]) -> None:
    if len(parts) < 2:
        raise FilterError("'and' and 'or' join two or more conditions.")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FilterError(f"{text!r} is not valid Unicode text: it holds half of a surrogate pair.") from None
