"""How is a filter asked of DuckDB? As SQL in which every value, pattern and property name is bound.

What a comparison means depends on the literal, not on how the value happened to be stored:

- with a number: the value as a finite number (`12`, `"12"`), else missing
- with a text: the value's text, compared by code point
- with `true` or `false`: the value if it is true or false (also as text, in any case), else missing
- with a date (or a text, where the field is a moment): the value as an ISO date or time, else missing; a
  value without offset is read in `zone`. A date alone stands for its whole local day, so `<= '2024-05-31'`
  includes that day.
- with another field: as numbers if both are numbers, else as moments if both are, else as text

A missing value makes its test unknown, `not` of unknown is unknown, and a filter keeps only what is true:
neither `plan = 'pro'` nor `plan != 'pro'` nor `not plan = 'pro'` keeps an event without plan. `is missing`
asks for it. `contains` tests membership in a JSON list, and part of the text of anything else. Empty text is
not missing.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import Literal as OneOfThese
from typing import NoReturn

from desirepath.errors import FilterError
from desirepath.events.where_fields import FieldResolver, Source, Sql, combine
from desirepath.events.where_tree import (
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
from desirepath.events.zones import ABSOLUTE_SHAPE, LOCAL_SHAPE, local_to_utc_sql, span
from desirepath.events.zones import zone as read_zone

ValueKind = OneOfThese["text", "number", "truth", "instant"]

_NUMBER = "CASE WHEN isfinite(TRY_CAST({x} AS DOUBLE)) THEN TRY_CAST({x} AS DOUBLE) END"
_TRUTH = "CASE lower({x}) WHEN 'true' THEN true WHEN 'false' THEN false END"
_TEXT_TESTS = {
    "like": "{x} LIKE {value} ESCAPE '\\'",
    "contains": "contains({x}, {value})",
    "starts with": "starts_with({x}, {value})",
    "ends with": "suffix({x}, {value})",
    "matches": "regexp_matches({x}, {value})",
}
_WANTED = {
    "number": "a number such as 10",
    "truth": "true or false",
    "instant": "a date or time in quotes",
    "local": "a date or time in quotes",
}


def compile_filter(root: Node, fields: FieldResolver, zone: str | zoneinfo.ZoneInfo | None) -> Sql:
    """Return the BOOLEAN expression of a filter; see `where.compile_sql`."""
    return _Compiler(fields, None if zone is None else read_zone(zone)).node(root)


def compile_value(field: Field, fields: FieldResolver, kind: ValueKind, zone: str | zoneinfo.ZoneInfo | None) -> Sql:
    """Return the expression of one field's value; see `where.compile_value_sql`."""
    return _Compiler(fields, None if zone is None else read_zone(zone)).value(field, kind)


@dataclass(frozen=True, slots=True)
class _Compiler:
    fields: FieldResolver
    zone: zoneinfo.ZoneInfo | None

    def node(self, node: Node) -> Sql:
        match node:
            case Constant():
                return Sql("true" if node.value else "false")
            case Not():
                return combine("(NOT {x})", x=self.node(node.part))
            case AllOf() | AnyOf():
                parts = [self.node(part) for part in node.parts]
                return _joined(parts, " AND " if isinstance(node, AllOf) else " OR ")
            case Missing():
                return combine("({x} IS NULL)", x=self.fields.resolve(node.field).sql)
            case Compare(field, operator, Field() as other):
                return self.against(field, operator, other)
            case Compare(field, operator, other):
                return self.compare(field, operator, other)  # type: ignore[arg-type]
            case Between():
                return self.between(node)
            case OneOf():
                return self.one_of(node)
            case Match():
                return self.match(node)

    def compare(self, field: Field, operator: str, literal: Literal) -> Sql:
        source, literal = self.typed(field, literal)
        x = self.as_literal(field, source, literal)
        if isinstance(literal, Date):
            return self.compare_span(x, operator, literal)
        return combine("({x} " + operator + " {value})", x=x, value=_bound(literal))

    def compare_span(self, x: Sql, operator: str, literal: Date) -> Sql:
        start, end = self.span(literal)
        if start == end:
            return combine("({x} " + operator + " {at})", x=x, at=_instant(start))
        if operator in {"=", "!="}:
            template = "({x} BETWEEN {first} AND {last})" if operator == "=" else "({x} NOT BETWEEN {first} AND {last})"
            return combine(template, x=x, first=_instant(start), last=_instant(end - 1))
        edge = start if operator in {"<", ">="} else end
        sign = "<" if operator in {"<", "<="} else ">="
        return combine("({x} " + sign + " {at})", x=x, at=_instant(edge))

    def between(self, node: Between) -> Sql:
        source, low = self.typed(node.field, node.low)
        _, high = self.typed(node.field, node.high)
        x = self.as_literal(node.field, source, low)
        if isinstance(low, Date) and isinstance(high, Date):
            first, (start, end) = self.span(low)[0], self.span(high)
            last = end if start == end else end - 1
            return combine("({x} BETWEEN {first} AND {last})", x=x, first=_instant(first), last=_instant(last))
        return combine("({x} BETWEEN {low} AND {high})", x=x, low=_bound(low), high=_bound(high))

    def one_of(self, node: OneOf) -> Sql:
        typed = [self.typed(node.field, value) for value in node.values]
        source, first = typed[0]
        x = self.as_literal(node.field, source, first)
        if not isinstance(first, Date):
            return combine("({x} IN {values})", x=x, values=_joined([_bound(value) for _, value in typed], ", "))
        # The value stands once in the text, however many days are asked for.
        spans = [self.compare_span(Sql("v"), "=", value) for _, value in typed if isinstance(value, Date)]
        return combine("list_transform([{x}], lambda v: {spans})[1]", x=x, spans=_joined(spans, " OR "))

    def match(self, node: Match) -> Sql:
        source = self.fields.resolve(node.field)
        value = node.value
        if node.operator == "contains" and source.elements is not None:
            return self.contains(source, value)
        if source.kind not in {"text", "json"}:
            wanted = _WANTED.get(source.kind)
            raise FilterError(
                f"{node.field} holds {_held(source.kind)}, so '{node.operator}' cannot be asked of it."
                + (f" Compare it with {wanted}." if wanted else "")
            )
        if not isinstance(value, Text):
            raise FilterError(f"{node.field} is no list, so 'contains' needs a text in single quotes.")
        return combine("(" + _TEXT_TESTS[node.operator] + ")", x=source.sql, value=_bound(value))

    def contains(self, source: Source, value: Literal) -> Sql:
        elements = source.elements or source.sql
        if isinstance(value, Text):
            member = "list_contains({elements}, {value})"
            if source.kind == "list":
                return combine(member, elements=elements, value=_bound(value))
            template = "CASE WHEN {elements} IS NULL THEN contains({x}, {value}) ELSE " + member + " END"
            return combine(template, x=source.sql, elements=elements, value=_bound(value))
        typed = combine(_NUMBER if isinstance(value, Number) else _TRUTH, x="v")
        return combine(
            "list_contains(list_transform({elements}, lambda v: {typed}), {value})",
            elements=elements,
            typed=typed,
            value=_bound(value),
        )

    def against(self, field: Field, operator: str, other: Field) -> Sql:
        left, right = self.fields.resolve(field), self.fields.resolve(other)
        kinds = {_family(left.kind), _family(right.kind)}
        if kinds == {"text"}:
            return self.against_text(left, operator, right)
        if "list" in kinds or "opaque" in kinds or len(kinds - {"text"}) > 1:
            raise FilterError(
                f"{field} holds {_held(left.kind)} and {other} {_held(right.kind)}; these cannot be compared."
            )
        if left.kind == right.kind == "local" and self.zone is None:
            return combine("({x} " + operator + " {y})", x=left.sql, y=right.sql)
        (wanted,) = kinds - {"text"}
        x, y = (self.converted(name, source, wanted) for name, source in ((field, left), (other, right)))
        return combine("({x} " + operator + " {y})", x=x, y=y)

    def against_text(self, left: Source, operator: str, right: Source) -> Sql:
        # v holds both values, and m both moments, so that each is made once however often the cases name it.
        x, y, given = Sql("v.x"), Sql("v.y"), "{x} IS NOT NULL AND {y} IS NOT NULL"
        numbers = combine(f"WHEN {given} THEN {{x}} {operator} {{y}}", x=combine(_NUMBER, x=x), y=combine(_NUMBER, x=y))
        text = f"v.x {operator} v.y"
        if self.zone is not None:
            template = (
                "list_transform([{{'x': {x}, 'y': {y}}}], lambda m: "
                f"CASE WHEN m.x IS NOT NULL AND m.y IS NOT NULL THEN m.x {operator} m.y ELSE {text} END)[1]"
            )
            rest = combine(template, x=self.moment(x), y=self.moment(y))
        else:
            # Without a zone, moments with offset and without compare among themselves only.
            (xl, xa), (yl, ya) = ((_local(name), _absolute(name)) for name in ("v.x", "v.y"))
            rest = Sql(
                f"CASE WHEN {xl} IS NOT NULL AND {yl} IS NOT NULL THEN {xl} {operator} {yl} "
                f"WHEN {xa} IS NOT NULL AND {ya} IS NOT NULL THEN {xa} {operator} {ya} "
                f"WHEN coalesce({xl}, {xa}) IS NOT NULL AND coalesce({yl}, {ya}) IS NOT NULL THEN NULL "
                f"ELSE {text} END"
            )
        template = "list_transform([{{'x': {x}, 'y': {y}}}], lambda v: CASE {numbers} ELSE {rest} END)[1]"
        return combine(template, x=left.sql, y=right.sql, numbers=numbers, rest=rest)

    def value(self, field: Field, kind: ValueKind) -> Sql:
        source = self.fields.resolve(field)
        if kind != "text":
            return self.converted(field, source, kind)
        templates = {
            "text": "{x}",
            "json": "{x}",
            "list": "CAST(to_json({x}) AS VARCHAR)",
            "instant": "strftime(timezone('UTC', {x}), '%Y-%m-%dT%H:%M:%S.%fZ')",
            "local": "strftime({x}, '%Y-%m-%dT%H:%M:%S.%f')",
        }
        return combine(templates.get(source.kind, "CAST({x} AS VARCHAR)"), x=source.sql)

    def typed(self, field: Field, literal: Literal) -> tuple[Source, Literal]:
        """Return the field's source, and the literal as meant there: a text beside a moment is a date."""
        source = self.fields.resolve(field)
        if _family(source.kind) == "instant" and isinstance(literal, Text):
            return source, Date(literal.value)
        return source, literal

    def as_literal(self, field: Field, source: Source, literal: Literal) -> Sql:
        if isinstance(literal, Text):
            if _family(source.kind) == "text":
                return source.sql
            _refuse_kind(field, source, literal)
        wanted: dict[type, ValueKind] = {Number: "number", Truth: "truth", Date: "instant"}
        kind = wanted[type(literal)]
        if _family(source.kind) not in {"text", kind}:
            _refuse_kind(field, source, literal)
        return self.converted(field, source, kind)

    def converted(self, field: Field, source: Source, kind: str) -> Sql:
        family = _family(source.kind)
        if family == "text":
            if kind == "instant":
                return self.moment(source.sql)
            return combine(_NUMBER if kind == "number" else _TRUTH, x=source.sql)
        if family != kind:
            raise FilterError(f"{field} holds {_held(source.kind)}, not {_held(kind)}.")
        if source.kind == "local":
            return self.in_zone(source.sql)
        return source.sql

    def moment(self, x: Sql) -> Sql:
        # t holds the text, so that it is read once however often the cases name it.
        local = self.in_zone(Sql("TRY_CAST(t AS TIMESTAMP)"))
        template = "list_transform([{x}], lambda t: CASE WHEN {shaped} THEN {local} ELSE {absolute} END)[1]"
        return combine(template, x=x, shaped=_shaped("t", LOCAL_SHAPE), local=local, absolute=_absolute("t"))

    def in_zone(self, x: Sql) -> Sql:
        place = Sql("?", (self.needed_zone().key,))
        return combine("({utc})", utc=combine(local_to_utc_sql("{x}", "{zone}"), x=x, zone=place))

    def span(self, literal: Date) -> tuple[int, int]:
        return span(literal.text, self.needed_zone())

    def needed_zone(self) -> zoneinfo.ZoneInfo:
        if self.zone is None:
            raise FilterError("The filter compares dates, and no time zone was given in which to read them.")
        return self.zone


def _joined(parts: list[Sql], between: str, around: tuple[str, str] = ("(", ")")) -> Sql:
    text = around[0] + between.join(part.text for part in parts) + around[1]
    return Sql(text, tuple(value for part in parts for value in part.parameters))


def _shaped(name: str, shape: str) -> str:
    return f"regexp_matches({name}, '{shape}')"


def _absolute(name: str) -> str:
    return f"CASE WHEN {_shaped(name, ABSOLUTE_SHAPE)} THEN TRY_CAST({name} AS TIMESTAMPTZ) END"


def _local(name: str) -> str:
    return f"CASE WHEN {_shaped(name, LOCAL_SHAPE)} THEN TRY_CAST({name} AS TIMESTAMP) END"


def _bound(literal: Literal) -> Sql:
    if isinstance(literal, Date):
        raise FilterError(f"{literal} stands where only a text, a number or a truth can.")
    return Sql("?", (literal.value,))


def _instant(time_us: int) -> Sql:
    return Sql("make_timestamptz(?)", (time_us,))


def _family(kind: str) -> str:
    return {"json": "text", "local": "instant"}.get(kind, kind)


def _held(kind: str) -> str:
    texts = {
        "number": "a number",
        "truth": "true or false",
        "list": "a list",
        "opaque": "a nested or binary value",
    }
    return texts.get(_family(kind), "a text" if _family(kind) == "text" else "a moment")


def _refuse_kind(field: Field, source: Source, literal: Literal) -> NoReturn:
    if source.kind == "list":
        raise FilterError(f"{field} holds a list; ask whether it 'contains' {literal}.")
    wanted = _WANTED.get(source.kind)
    nearest = None
    if isinstance(literal, Text):
        stripped = literal.value.strip().lower()
        numeric = source.kind == "number" and stripped.lstrip("+-").replace(".", "", 1).isdigit()
        nearest = stripped if numeric or (source.kind == "truth" and stripped in {"true", "false"}) else None
    advice = f" Compare it with {wanted}." if wanted else " It can only be missing or not missing."
    raise FilterError(f"{field} holds {_held(source.kind)}, not {literal}.{advice}", nearest=nearest)
