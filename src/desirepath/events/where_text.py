"""How is a filter written? The reader of the text form.

    channel = 'web' and plan in ('pro', 'team') and not (value <= 10 or email is missing)

Keywords are read in any case, field names exactly. `or` binds least, then `and`, then `not`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import NoReturn, TypeVar

from desirepath.errors import FilterError
from desirepath.events.where_tokens import Token, refuse, tokens
from desirepath.events.where_tree import (
    COMPARISONS,
    MATCHES,
    MOST_DEPTH,
    MOST_VALUES,
    RESERVED,
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

_OPERATORS = (*COMPARISONS, "in", "not in", *MATCHES, "between", "is missing", "is not missing")
_OTHER_SPELLINGS = {
    "==": "=",
    "===": "=",
    "<>": "!=",
    "!==": "!=",
    "=<": "<=",
    "=>": ">=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "=~": "matches",
    "~": "matches",
    "null": "missing",
    "ilike": "matches",
    "regexp": "matches",
    "exists": "is not missing",
    "has": "contains",
}
_Built = TypeVar("_Built")


def read_filter(text: str) -> Node:
    """Read the text form of a filter.

    Raises
    ------
    FilterError
        With the character at which reading stopped, what was expected and what was found.
    """
    return _Reader(text).whole()


def read_field(text: str) -> Field:
    """Read one field as it is written in a filter: `plan`, `"odd name"`, `properties:/a/b`.

    Raises
    ------
    FilterError
        When the text is not exactly one field.
    """
    reader = _Reader(text)
    field = reader.field()
    reader.end()
    return field


class _Reader:
    """A recursive-descent reader over the words of one filter."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        if self.now.kind == "end":
            refuse(self.text, 0, "it is empty; write true for a filter that keeps everything.")
        node = self.either()
        self.end()
        return node

    def end(self) -> None:
        if self.now.kind == "end":
            return
        nearest = _OTHER_SPELLINGS.get(self.now.text.lower())
        close = difflib.get_close_matches(self.now.text.lower(), ("and", "or"), n=1, cutoff=0.6)
        self.fail(
            f"expected 'and', 'or' or the end, found {self.now}.",
            nearest=nearest or (close[0] if close else None),
        )

    def either(self) -> Node:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def both(self) -> Node:
        parts = [self.single()]
        while self.take("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def single(self) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self.fail(f"the filter is nested deeper than {MOST_DEPTH} levels.")
        node: Node
        if self.take("not"):
            node = Not(self.single())
        elif self.take("("):
            node = self.either()
            if not self.take(")"):
                self.fail(f"expected 'and', 'or' or ')', found {self.now}.")
        elif self.now.word in {"true", "false"}:
            node = Constant(self.step().word == "true")
        else:
            node = self.test()
        self.depth -= 1
        return node

    def test(self) -> Node:
        field = self.field()
        negated = self.take("not")
        start = self.now
        test = self.operation(field, negated)
        if test is None:
            self.at = self.tokens.index(start)
            self.fail_operator(negated)
        return Not(test) if negated else test

    def operation(self, field: Field, negated: bool) -> Node | None:
        start = self.now
        if not negated and start.text in COMPARISONS:
            self.step()
            return self.build(lambda other: Compare(field, start.text, other), self.operand())
        if not negated and self.take("is"):
            inverted = self.take("not")
            if not self.take("missing"):
                self.fail(f"expected 'missing' or 'not missing', found {self.now}.", nearest="missing")
            return Not(Missing(field)) if inverted else Missing(field)
        if self.take("in"):
            return self.build(lambda values: OneOf(field, values), self.list())
        if self.take("between"):
            low, _ = self.literal()
            if not self.take("and"):
                self.fail(f"expected 'and' and the upper bound, found {self.now}.")
            return self.build(lambda high: Between(field, low, high), self.literal())
        operator = self.text_operator()
        if operator is None:
            return None
        return self.build(lambda value: Match(field, operator, value), self.literal())

    def text_operator(self) -> str | None:
        for operator in MATCHES:
            words = operator.split()
            if self.now.word == words[0]:
                self.step()
                if len(words) > 1 and not self.take("with"):
                    self.fail(f"expected 'with' after {words[0]!r}, found {self.now}.", nearest=operator)
                return operator
        return None

    def build(self, make: Callable[[_Built], Node], given: tuple[_Built, int]) -> Node:
        value, position = given
        try:
            return make(value)
        except FilterError as problem:
            refuse(self.text, position, problem.message, allowed=problem.allowed, nearest=problem.nearest)

    def list(self) -> tuple[tuple[Literal, ...], int]:
        start = self.now.position
        if not self.take("("):
            self.fail(f"expected '(' and a list, found {self.now}.")
        values = []
        while True:
            values.append(self.literal()[0])
            if len(values) > MOST_VALUES:
                refuse(self.text, start, f"a list holds at most {MOST_VALUES:,} values.")
            if self.take(")"):
                return tuple(values), start
            if not self.take(","):
                self.fail(f"expected ',' or ')', found {self.now}.")

    def operand(self) -> tuple[Literal | Field, int]:
        start = self.now
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if start.kind == "quoted" or (
            start.kind == "name" and start.word not in RESERVED and not _dated(start, following)
        ):
            return self.field(), start.position
        return self.literal()

    def literal(self) -> tuple[Literal, int]:
        token = self.now
        literal: Literal | None = None
        try:
            if token.kind == "string":
                literal = Text(token.value)
            elif token.kind == "number":
                whole = token.text.lstrip("+-").isdigit()
                literal = Number(int(token.text) if whole else float(token.text))
            elif token.word in {"true", "false"}:
                literal = Truth(token.word == "true")
            elif _dated(token, self.tokens[min(self.at + 1, len(self.tokens) - 1)]):
                self.step()
                literal = Date(self.now.value)
        except FilterError as problem:
            refuse(self.text, token.position, problem.message, allowed=problem.allowed, nearest=problem.nearest)
        if literal is None:
            quoted = f"'{token.value}'" if token.kind in {"name", "quoted"} else None
            self.fail(f"expected a value ('text', 10, true, date '2024-05-01'), found {token}.", nearest=quoted)
        self.step()
        return literal, token.position

    def field(self) -> Field:
        token = self.now
        if token.kind not in {"name", "quoted"}:
            self.fail(f"expected a field, found {token}; text stands on the right of an operator.")
        if token.word in RESERVED:
            self.fail(
                f"expected a field, found the keyword {token}; a field of that name stands in double quotes.",
                nearest=f'"{token.text}"',
            )
        self.step()
        pointer = self.step().value if self.now.kind == "pointer" else None
        try:
            return Field(token.value, pointer)
        except FilterError as problem:
            refuse(self.text, token.position, problem.message, nearest=problem.nearest)

    def take(self, word: str) -> bool:
        if self.now.word != word:
            return False
        self.step()
        return True

    def step(self) -> Token:
        token = self.now
        if token.kind != "end":
            self.at += 1
        return token

    def fail(self, problem: str, *, nearest: str | None = None, allowed: tuple[str, ...] = ()) -> NoReturn:
        refuse(self.text, self.now.position, problem, nearest=nearest, allowed=allowed)

    def fail_operator(self, negated: bool) -> NoReturn:
        allowed = ("in", *MATCHES, "between") if negated else _OPERATORS
        found = self.now.text.lower()
        close = difflib.get_close_matches(found, allowed, n=1, cutoff=0.5)
        nearest = _OTHER_SPELLINGS.get(found) or (close[0] if close else None)
        self.fail(f"expected an operator, found {self.now}.", nearest=nearest, allowed=allowed)


def _dated(token: Token, following: Token) -> bool:
    return token.word == "date" and following.kind == "string"
