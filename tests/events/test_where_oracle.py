"""Random filters on random events: DuckDB against a slow evaluator that knows no SQL."""

from __future__ import annotations

import functools
import json
import operator
import re
from collections.abc import Callable
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.events import where_tree as tree
from desirepath.events.moments import instant, span
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import EventFields
from desirepath.events.where_tree import Field

PARIS = "Europe/Paris"


@functools.lru_cache(maxsize=1)
def store() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Pacific/Kiritimati'")
    return connection


TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "12",
    "12.0",
    "-1",
    "1e1",
    "true",
    "False",
    "2024-05-01",
    "2024-05-01 23:30",
    "2024-05-01T22:30:00Z",
    "nan",
]
VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([0, 12, -1, 2.5, True, False, None]),
    st.lists(st.sampled_from(["a", 12, True]), max_size=2),
)
PROPERTIES = st.dictionaries(st.sampled_from("pq"), VALUES, max_size=2)
FIELDS = st.sampled_from([Field("p"), Field("q"), Field("r"), Field("properties", "/p/0")])
NUMBERS = st.sampled_from([0, 12, -1, 2.5]).map(tree.Number)
WORDS = st.sampled_from(TEXTS).map(tree.Text)
TRUTHS = st.booleans().map(tree.Truth)
DATES = st.sampled_from(["2024-05-01", "2024-05-02", "2024-05-02 00:30", "2024-05-01T22:30:00Z"]).map(tree.Date)
LISTS = st.one_of(*(st.lists(kind, min_size=1, max_size=3).map(tuple) for kind in (NUMBERS, WORDS, TRUTHS, DATES)))
LEAVES = st.one_of(
    st.builds(tree.Compare, FIELDS, st.sampled_from(["=", "!="]), st.one_of(TRUTHS, FIELDS)),
    st.builds(tree.Compare, FIELDS, st.sampled_from(tree.COMPARISONS), st.one_of(NUMBERS, WORDS, DATES, FIELDS)),
    st.builds(tree.OneOf, FIELDS, LISTS),
    *(st.builds(tree.Between, FIELDS, kind, kind) for kind in (NUMBERS, WORDS, DATES)),
    st.builds(tree.Match, FIELDS, st.sampled_from(["contains", "starts with", "ends with"]), WORDS),
    st.builds(tree.Match, FIELDS, st.just("contains"), st.one_of(NUMBERS, TRUTHS)),
    st.builds(tree.Missing, FIELDS),
)
FILTERS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(tree.Not, parts),
        st.builds(tree.AllOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(tree.AnyOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def raw(properties: dict[str, object], field: Field) -> object:
    if field.pointer == "/p/0":
        value = properties.get("p")
        return value[0] if isinstance(value, list) and value else None
    return properties.get(field.name)


def as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def as_number(value: object) -> float | None:
    text = as_text(value)
    if text is None or not re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", text):
        return None
    return float(text)


def as_truth(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(as_text(value)).lower())


def as_instant(value: object) -> int | None:
    text = as_text(value)
    return instant(text, PARIS) if text is not None and text.startswith("2024-") else None


def leaf(node: tree.Leaf, properties: dict[str, object]) -> bool | None:
    value = raw(properties, node.field)
    if isinstance(node, tree.Missing):
        return value is None
    if isinstance(node, tree.OneOf):
        found = [leaf(tree.Compare(node.field, "=", literal), properties) for literal in node.values]
        return None if None in found else any(found)
    if isinstance(node, tree.Between):
        low = leaf(tree.Compare(node.field, ">=", node.low), properties)
        high = leaf(tree.Compare(node.field, "<=", node.high), properties)
        return None if low is None or high is None else low and high
    if isinstance(node, tree.Match):
        return matched(node, value)
    return compared(node, value, properties)


def matched(node: tree.Match, value: object) -> bool | None:
    wanted = node.value.value  # type: ignore[union-attr]
    if node.operator == "contains" and not isinstance(wanted, str):
        read = as_truth if isinstance(wanted, bool) else as_number
        return wanted in [read(item) for item in value] if isinstance(value, list) else None
    if node.operator == "contains" and isinstance(value, list):
        return wanted in [as_text(item) for item in value]
    text = as_text(value)
    if text is None:
        return None
    tests = {"contains": text.__contains__, "starts with": text.startswith, "ends with": text.endswith}
    return bool(tests[node.operator](str(wanted)))


def compared(node: tree.Compare, value: object, properties: dict[str, object]) -> bool | None:
    compare = COMPARE[node.operator]
    if isinstance(node.other, Field):
        other = raw(properties, node.other)
        for read in (as_number, as_instant, as_text):
            x, y = read(value), read(other)
            if x is not None and y is not None:
                return bool(compare(x, y))
        return None
    if isinstance(node.other, tree.Date):
        at = as_instant(value)
        start, end = span(node.other.text, PARIS)
        if at is None:
            return None
        place = 0 if at == start or start <= at < end else -1 if at < start else 1
        return bool(compare(place, 0))
    readers: dict[type, Callable[[object], object]] = {
        tree.Text: as_text,
        tree.Number: as_number,
        tree.Truth: as_truth,
    }
    found = readers[type(node.other)](value)
    return None if found is None else bool(compare(found, node.other.value))


def evaluate(node: tree.Node, properties: dict[str, object]) -> bool | None:
    if isinstance(node, tree.Constant):
        return node.value
    if isinstance(node, tree.Not):
        part = evaluate(node.part, properties)
        return None if part is None else not part
    if isinstance(node, tree.AllOf | tree.AnyOf):
        parts = [evaluate(part, properties) for part in node.parts]
        decisive = isinstance(node, tree.AnyOf)
        return decisive if decisive in parts else None if None in parts else not decisive
    return leaf(node, properties)


@settings(max_examples=500, deadline=None)
@given(FILTERS, PROPERTIES)
def test_duckdb_agrees_with_an_evaluator_in_python(root: tree.Node, properties: dict[str, object]) -> None:
    sql = compile_sql(Where(root), EventFields(), zone=PARIS)
    select = f"SELECT {sql.text} FROM (SELECT CAST(? AS JSON) AS properties)"
    ((found,),) = store().execute(select, [*sql.parameters, json.dumps(properties)]).fetchall()
    assert found is evaluate(root, properties)
