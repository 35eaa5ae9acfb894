"""Hostile names and values reach DuckDB as values only: exact, harmless, and never part of the SQL text."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import FilterError
from desirepath.events import where_tree as tree
from desirepath.events.where import Where, compile_sql, compile_value_sql
from desirepath.events.where_fields import ColumnFields, EventFields, Sql, combine, pointer_to
from desirepath.events.where_tree import Field

HOSTILE = [
    "*",
    "",
    "$",
    'a"b',
    "a'b",
    "a.b",
    "~",
    "/",
    "😀",
    "'; drop table events; --",
    "a\0b",
    "a b",
    "~1",
    "~0",
    "0",
    "-",
    "\\",
    "$.a",
    "$[*]",
    "a[0]",
    "?",
    "$1",
    "{x}",
    "%s",
    "/*",
    "--",
    "e\u0301",
    "é",
    "\u202e",
    "\x1f",
    "\n",
    "properties",
    "null",
    "x" * 2000,
]


@functools.lru_cache(maxsize=1)
def store() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def ask(sql: Sql, properties: object) -> object:
    text = json.dumps(properties, ensure_ascii=False)
    select = f"SELECT {sql.text} FROM (SELECT CAST(? AS JSON) AS properties)"
    ((found,),) = store().execute(select, [*sql.parameters, text]).fetchall()
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_a_property_name_is_exact(name: str) -> None:
    others = {other: "wrong" for other in HOSTILE if other != name}
    value = compile_value_sql(name, EventFields())
    assert ask(value, others | {name: "right"}) == "right"
    assert ask(value, others) is None
    where = Where(tree.Compare(Field(name), "=", tree.Text("right")))
    assert Where.parse(str(where)) == where
    assert ask(compile_sql(where, EventFields()), others | {name: "right"}) is True
    assert ask(compile_sql(where, EventFields()), others) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_a_nested_name_is_exact(name: str) -> None:
    nested = compile_value_sql(Field("properties", pointer_to("a", name)), EventFields())
    assert ask(nested, {"a": {name: "right"}, name: "wrong"}) == "right"


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("operator", ["=", "contains", "starts with", "ends with"])
def test_a_value_is_exact(value: str, operator: str) -> None:
    leaf = tree.Compare if operator == "=" else tree.Match
    sql = compile_sql(Where(leaf(Field("p"), operator, tree.Text(value))), EventFields())
    assert ask(sql, {"p": value}) is True
    if value:
        assert ask(sql, {"p": "nothing of the kind "}) is False


@pytest.mark.parametrize("name", [name for name in HOSTILE if name and "\0" not in name])
def test_a_column_name_is_exact(name: str) -> None:
    connection = store()
    quoted = '"' + name.replace('"', '""') + '"'
    sql = compile_sql(Where(tree.Compare(Field(name), "=", tree.Text("?"))), ColumnFields({name: "VARCHAR"}))
    for piece in (sql, sql.numbered()):
        select = f"SELECT {piece.text} FROM (SELECT '?' AS {quoted})"
        assert connection.execute(select, piece.parameters).fetchall() == [(True,)]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_duckdb_cannot_name_is_refused(name: str) -> None:
    with pytest.raises(FilterError, match="cannot be the name"):
        compile_sql(Where(tree.Missing(Field(name))), ColumnFields({name: "VARCHAR"}))


MARK = "ZQX"
MARKED = st.builds(lambda before, after: before + MARK + after, *[st.sampled_from(HOSTILE[:30])] * 2)
NAMES = st.one_of(MARKED.map(Field), MARKED.map(lambda name: Field("properties", pointer_to(name))))
LITERALS = st.one_of(MARKED.map(tree.Text), st.integers(10**6, 10**9).map(tree.Number))
LEAVES = st.one_of(
    st.builds(tree.Compare, NAMES, st.sampled_from(tree.COMPARISONS), st.one_of(LITERALS, NAMES)),
    st.builds(tree.OneOf, NAMES, st.lists(MARKED.map(tree.Text), min_size=1, max_size=3).map(tuple)),
    st.builds(tree.Between, NAMES, MARKED.map(tree.Text), MARKED.map(tree.Text)),
    st.builds(tree.Match, NAMES, st.sampled_from(["contains", "starts with", "ends with"]), MARKED.map(tree.Text)),
    st.builds(tree.Match, NAMES, st.just("matches"), st.just(tree.Text(MARK + "'?"))),
    st.builds(tree.Match, NAMES, st.just("like"), st.just(tree.Text(MARK + "'?%"))),
    st.builds(tree.Missing, NAMES),
)
FILTERS = st.recursive(
    LEAVES,
    lambda parts: st.builds(tree.AnyOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    max_leaves=6,
)


def shape(root: tree.Node) -> tree.Node:
    """Return the same filter with tame names and values."""
    if isinstance(root, tree.AnyOf):
        return tree.AnyOf(tuple(shape(part) for part in root.parts))
    tame = Field("a")
    if isinstance(root, tree.Compare):
        tame_other: tree.Literal | Field = tame
        if not isinstance(root.other, Field):
            tame_other = tree.Text("1") if isinstance(root.other, tree.Text) else tree.Number(1)
        return tree.Compare(tame, root.operator, tame_other)
    if isinstance(root, tree.OneOf):
        return tree.OneOf(tame, tuple(tree.Text("1") for _ in root.values))
    if isinstance(root, tree.Between):
        return tree.Between(tame, tree.Text("1"), tree.Text("1"))
    return tree.Match(tame, root.operator, tree.Text("1")) if isinstance(root, tree.Match) else tree.Missing(tame)


@settings(max_examples=400, deadline=None)
@given(FILTERS)
def test_sql_text_depends_on_the_shape_alone(root: tree.Node) -> None:
    sql = compile_sql(Where(root), EventFields(), zone="Europe/Paris")
    assert sql.text == compile_sql(Where(shape(root)), EventFields(), zone="Europe/Paris").text
    assert MARK not in sql.text
    assert not re.search(r"[0-9]{6}", sql.text)
    assert sql.text.replace("'", "").count("?") >= len(sql.parameters) > 0
    numbered = sql.numbered(3)
    assert MARK not in numbered.text
    assert {int(n) for n in re.findall(r"\$([0-9]+)", numbered.text)} == set(range(3, 3 + len(numbered.parameters)))
    assert ask(sql, {"p": 1}) in {True, False, None}


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", "(", "(?=a)", r"\1", "[z-a]"])
def test_bad_patterns_are_refused_by_duckdb_as_an_error(pattern: str) -> None:
    where = Where(tree.Match(Field("p"), "matches", tree.Text(pattern)))
    assert where.patterns() == (pattern,)
    with pytest.raises(duckdb.Error):
        ask(compile_sql(where, EventFields()), {"p": "a"})


def test_a_pattern_that_explodes_elsewhere_is_linear() -> None:
    where = Where.parse("p matches '^(a+)+$'")
    assert ask(compile_sql(where, EventFields()), {"p": "a" * 5000 + "!"}) is False


def test_the_numbering_leaves_quoted_question_marks_alone() -> None:
    sql = Sql("""("a?""b?" = ? AND 'it''s ?' = ? AND x = ?)""", (1, True, 1))
    numbered = sql.numbered()
    assert numbered.text == """("a?""b?" = $1 AND 'it''s ?' = $2 AND x = $1)"""
    assert numbered.parameters == (1, True)


def test_pieces_bring_their_parameters_in_the_order_of_the_text() -> None:
    joined = combine("{b} {a} {b} {{x}} {c}", a=Sql("?", (1,)), b=Sql("? ?", (2, 3)), c="c")
    assert joined == Sql("? ? ? ? ? {x} c", (2, 3, 1, 2, 3))


def test_the_filter_language_starts_without_heavy_libraries() -> None:
    code = (
        "import sys; import desirepath.events, desirepath.events.where; "
        "print([name for name in ('duckdb', 'numpy', 'pandas', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
