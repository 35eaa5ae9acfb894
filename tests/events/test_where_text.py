"""The filter language as text and as JSON: reading, refusing, and reading back what was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import FilterError, UnknownNameError
from desirepath.events import where_tree as tree
from desirepath.events.where import Where, always, never
from desirepath.events.where_json import field_json, read_field_json
from desirepath.events.where_text import read_field
from desirepath.events.where_tokens import FilterTextError
from desirepath.events.where_tree import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    Date,
    Field,
    Match,
    Missing,
    Not,
    Number,
    OneOf,
    Text,
    Truth,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
fields = st.one_of(
    st.builds(Field, texts),
    st.builds(Field, st.sampled_from(["plan", "date", "contains", "in", "IN", "a.b", "$x", "späť", "a-b", "1a"])),
    st.builds(Field, texts, texts.map(lambda name: "/" + name.replace("~", "~0").replace("/", "~1"))),
)
numbers = st.one_of(
    st.integers(-tree.EXACT_INTEGER, tree.EXACT_INTEGER), st.floats(allow_nan=False, allow_infinity=False)
).map(Number)
words = texts.map(Text)
truths = st.booleans().map(Truth)
dates = st.sampled_from(["2024-05-01", "2024-05-01 10:30", "2024-05-01T10:30:00.5Z", " 2024-05-01 "]).map(Date)
literals = st.one_of(numbers, words, truths, dates)
lists = st.one_of(*(st.lists(kind, min_size=1, max_size=4).map(tuple) for kind in (numbers, words, truths, dates)))
leaves = st.one_of(
    st.builds(Constant, st.booleans()),
    st.builds(Compare, fields, st.sampled_from(["=", "!="]), st.one_of(literals, fields)),
    st.builds(Compare, fields, st.sampled_from(tree.COMPARISONS), st.one_of(numbers, words, dates, fields)),
    st.builds(OneOf, fields, lists),
    *(st.builds(Between, fields, kind, kind) for kind in (numbers, words, dates)),
    st.builds(Match, fields, st.sampled_from(["starts with", "ends with", "matches"]), words),
    st.builds(Match, fields, st.just("like"), st.text("ab%_é'", max_size=5).map(Text)),
    st.builds(Match, fields, st.just("contains"), st.one_of(words, numbers, truths)),
    st.builds(Missing, fields),
)
nodes = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(AllOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@settings(max_examples=600, deadline=None)
@given(nodes)
def test_text_and_json_read_back_as_the_same_filter(root: tree.Node) -> None:
    where = Where(root)
    assert Where.parse(str(where)) == where
    assert Where.from_json(json.loads(json.dumps(where.to_json()))) == where
    assert hash(Where.parse(str(where))) == hash(where)


@given(fields)
def test_fields_read_back(field: Field) -> None:
    assert read_field(str(field)) == field
    assert read_field_json(json.loads(json.dumps(field_json(field)))) == field


@settings(max_examples=500, deadline=None)
@given(st.text("abc='\"()<>!,.:/~ \n\t0123456789+-eé%andornotinlike\0\ud800", max_size=60))
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    try:
        where = Where.parse(text)
    except FilterTextError as error:
        assert 0 <= error.position <= len(text)
    except FilterError:
        return
    else:
        assert Where.parse(str(where)) == where


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("plan = 'pro'", Compare(Field("plan"), "=", Text("pro"))),
        ("PLAN = 'it''s'", Compare(Field("PLAN"), "=", Text("it's"))),
        ("value>-10.5e1", Compare(Field("value"), ">", Number(-105.0))),
        ("late = TRUE", Compare(Field("late"), "=", Truth(True))),
        ("delivered > promised", Compare(Field("delivered"), ">", Field("promised"))),
        ('a != "odd "" name"', Compare(Field("a"), "!=", Field('odd " name'))),
        ("due < date '2024-05-01'", Compare(Field("due"), "<", Date("2024-05-01"))),
        ("date >= date", Compare(Field("date"), ">=", Field("date"))),
        ("plan IN ('a','b')", OneOf(Field("plan"), (Text("a"), Text("b")))),
        ("plan not in (1)", Not(OneOf(Field("plan"), (Number(1),)))),
        ("x between 1 and 2", Between(Field("x"), Number(1), Number(2))),
        ("x not between 1 and 2", Not(Between(Field("x"), Number(1), Number(2)))),
        ("x is missing", Missing(Field("x"))),
        ("x is not missing", Not(Missing(Field("x")))),
        ("x starts with 'a'", Match(Field("x"), "starts with", Text("a"))),
        ("x not ends  with 'a'", Not(Match(Field("x"), "ends with", Text("a")))),
        ("contains contains 'a'", Match(Field("contains"), "contains", Text("a"))),
        ("x matches '^a.*'", Match(Field("x"), "matches", Text("^a.*"))),
        ("properties:/a/b = 1", Compare(Field("properties", "/a/b"), "=", Number(1))),
        ('properties:"/a b" = 1', Compare(Field("properties", "/a b"), "=", Number(1))),
        ('"":/ = 1', Compare(Field("", "/"), "=", Number(1))),
        ('"true" = 1', Compare(Field("true"), "=", Number(1))),
        ("true", Constant(True)),
        ("not not false", Not(Not(Constant(False)))),
        (
            "a=1 or b=2 and not c=3",
            AnyOf(
                (
                    Compare(Field("a"), "=", Number(1)),
                    AllOf((Compare(Field("b"), "=", Number(2)), Not(Compare(Field("c"), "=", Number(3))))),
                )
            ),
        ),
        (
            "(a=1 or b=2) and (true and false)",
            AllOf(
                (
                    AnyOf((Compare(Field("a"), "=", Number(1)), Compare(Field("b"), "=", Number(2)))),
                    AllOf((Constant(True), Constant(False))),
                )
            ),
        ),
    ],
)
def test_reads_the_text_form(text: str, root: tree.Node) -> None:
    assert Where.parse(text) == Where(root)


@pytest.mark.parametrize(
    ("text", "position", "problem", "nearest"),
    [
        ("", 0, "it is empty", None),
        ("plan == 'a'", 5, "expected an operator", "="),
        ("plan <> 'a'", 5, "expected an operator", "!="),
        ("plan lik 'a'", 5, "expected an operator", "like"),
        ("plan not 'a'", 9, "expected an operator", None),
        ("plan not = 'a'", 9, "expected an operator", None),
        ("plan", 4, "expected an operator, found the end", None),
        ("plan = ", 7, "expected a value", None),
        ("plan = 'a", 7, "this quote is not closed", None),
        ('"plan = 1', 0, "this double quote is not closed", None),
        ("plan = “a”", 7, "not a plain quote", "'"),
        ("utm-source = 1", 3, "stands in double quotes", None),
        ("1a = 1", 0, "expected a number", None),
        ("'a' = 1", 0, "expected a field", None),
        ("in = 1", 0, "keyword", '"in"'),
        ("plan = in", 7, "expected a value", "'in'"),
        ("a = 1 adn b = 2", 6, "expected 'and', 'or' or the end", "and"),
        ("a = 1 && b = 2", 6, "expected 'and', 'or' or the end", "and"),
        ("(a = 1", 6, "expected 'and', 'or' or ')'", None),
        ("a = 1)", 5, "expected 'and', 'or' or the end", None),
        ("a is null", 5, "expected 'missing'", "missing"),
        ("a in 'b'", 5, "expected '(' and a list", None),
        ("a in ()", 6, "expected a value", None),
        ("a in (b)", 6, "expected a value", "'b'"),
        ("a in (1, 'b')", 5, "values of one type", None),
        ("a in (1 2)", 8, "expected ',' or ')'", None),
        ("a between 1 or 2", 12, "expected 'and' and the upper bound", None),
        ("a between 1 and 'b'", 16, "two texts, two numbers or two dates", None),
        ("a starts 'b'", 9, "expected 'with'", "starts with"),
        ("a > true", 4, "have no order", None),
        ("a like 5", 7, "needs a text", None),
        (r"a like 'b\'", 7, "backslash", None),
        ("a = date 'soon'", 4, "not a date", None),
        ("a = 9007199254740992", 4, "too large to be exact", None),
        ("a = 1e999", 4, "not a finite number", None),
        ("a:b = 1", 1, "JSON pointer", None),
        ("properties:/~2 = 1", 0, "not a JSON pointer", "/a/b"),
        ("a = 1;", 5, "has no place here", None),
        ("\n\n  a = \n  b c", 13, "expected 'and', 'or' or the end", None),
    ],
)
def test_refuses_and_points_at_the_character(text: str, position: int, problem: str, nearest: str | None) -> None:
    with pytest.raises(FilterTextError) as caught:
        Where.parse(text)
    assert caught.value.position == position
    assert problem in caught.value.message
    assert caught.value.nearest == nearest
    shown, caret = caught.value.message.rstrip("\n").split("\n")[-2:]
    line = (text + " ")[: position + 1].rsplit("\n", 1)[-1]
    assert caret.index("^") == 4 + len(line) - 1
    assert shown[4:] == text.split("\n")[text[:position].count("\n")]


def test_a_long_line_is_shown_around_the_character() -> None:
    with pytest.raises(FilterTextError) as caught:
        Where.parse("a = 1 and " * 200 + "b ? 2" + " and a = 1" * 200)
    shown, caret = caught.value.message.rstrip("\n").split("\n")[-2:]
    assert len(shown) <= 104
    assert shown[caret.index("^")] == "?"


def test_control_characters_do_not_reach_the_terminal() -> None:
    with pytest.raises(FilterTextError) as caught:
        Where.parse("a = '\x1b[31m\x00' b")
    assert "\x1b" not in str(caught.value)
    assert "\x00" not in str(caught.value)


def test_limits() -> None:
    assert Where.parse("(" * 60 + "a = 1" + ")" * 60)
    for deep in ("(" * 70 + "a = 1" + ")" * 70, "not " * 70 + "true", "not (" * 40 + "a = 1" + ")" * 40):
        with pytest.raises(FilterError, match="deeper than 64"):
            Where.parse(deep)
    with pytest.raises(FilterError, match="deeper than 64"):
        Where.parse("a = 1 or b = 1 and (" * 40 + "true" + ")" * 40)
    root: tree.Node = Constant(True)
    value: object = True
    for _ in range(64):
        root, value = Not(root), {"not": value}
    with pytest.raises(FilterError, match="deeper than 64"):
        Where(root)
    with pytest.raises(FilterError, match="deeper than 64"):
        Where.from_json(value)
    assert Where.parse(f"a in ({', '.join(['1'] * 1000)})")
    with pytest.raises(FilterError, match="1,000"):
        Where.parse(f"a in ({', '.join(['1'] * 1001)})")
    with pytest.raises(FilterError, match="1 to 1,000"):
        Where.from_json({"field": "a", "is": "in", "values": [1] * 1001})
    with pytest.raises(FilterError, match="16,384 bytes"):
        Where.parse("a = '" + "é" * 8200 + "'")
    with pytest.raises(FilterError, match="16,384 bytes"):
        Where.from_json({"field": "a", "is": "=", "value": "é" * 8200})
    assert Where.parse("a matches '" + "é" * 512 + "'").patterns() == ("é" * 512,)
    with pytest.raises(FilterError, match="1,024 bytes"):
        Where.parse("a matches '" + "é" * 513 + "'")


def test_half_a_surrogate_pair_is_refused() -> None:
    for build in (Text, Field, lambda text: Field("a", "/" + text)):
        with pytest.raises(FilterError, match="Unicode"):
            build("\ud800")
    with pytest.raises(FilterError, match="Unicode"):
        Where.parse("a = '\ud800'")


def test_types_keep_filters_apart() -> None:
    same_to_python: list[tree.Literal] = [Number(1), Truth(True), Text("1")]
    assert len({Where(Compare(Field("a"), "=", value)) for value in same_to_python}) == 3
    assert Number(1) == Number(1.0)
    assert str(Number(-0.0)) == "0"
    with pytest.raises(FilterError):
        Number(True)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "true, false or an object"),
        ("plan = 'a'", "true, false or an object"),
        ({}, "'field' and 'is'"),
        ({"field": "a", "is": "~", "value": 1}, "no operator called '~'"),
        ({"field": "a", "is": ["="], "value": 1}, "no operator called"),
        ({"field": "a", "is": "="}, "no 'value'"),
        ({"field": "a", "is": "=", "value": None}, "A value is text"),
        ({"field": "a", "is": "=", "value": [1]}, "A value is text"),
        ({"field": "a", "is": "=", "value": 1, "values": [1]}, "'values' where it has no place"),
        ({"field": "a", "is": "=", "value": float("nan")}, "not a finite number"),
        ({"field": "a", "is": "=", "value": 10**400}, "too large to be exact"),
        ({"field": "a", "is": "=", "value": {"date": 5}}, "A value is text"),
        ({"field": "a", "is": "like", "other": "b"}, "no place"),
        ({"field": "a", "is": "in", "values": "abc"}, "holds a list"),
        ({"field": "a", "is": "in"}, "holds a list"),
        ({"field": "a", "is": "between", "values": [1]}, "two values"),
        ({"field": {"name": "a"}, "is": "missing"}, "A field is a name"),
        ({"field": {"name": "a", "pointer": "b"}, "is": "missing"}, "not a JSON pointer"),
        ({"field": 5, "is": "missing"}, "A field is a name"),
        ({"all": [True]}, "two or more"),
        ({"any": True}, "holds a list"),
        ({"not": True, "field": "a"}, "no place"),
    ],
)
def test_refuses_other_json(value: object, problem: str) -> None:
    with pytest.raises((FilterError, UnknownNameError)) as caught:
        Where.from_json(value)
    assert problem in str(caught.value)


def test_any_form_becomes_a_filter() -> None:
    where = Where.parse("a = 1")
    assert Where.of(where) is where
    assert Where.of("a = 1") == where
    assert Where.of({"field": "a", "is": "=", "value": 1}) == where
    assert Where.of(None) == always
    assert Where.of(False) == never


def test_joining_filters() -> None:
    a, b, c = (Where.parse(f"{name} = 1") for name in "abc")
    assert Where.all_of([]) == always
    assert Where.any_of([]) == never
    assert Where.all_of([a]) == a
    assert Where.all_of([a, always, b & c]) == Where.parse("a = 1 and b = 1 and c = 1")
    assert Where.any_of([a | b, never, c]) == Where.parse("a = 1 or b = 1 or c = 1")
    assert a & never == never
    assert a | always == always
    assert str(~(a | b) & c) == "not (a = 1 or b = 1) and c = 1"


def test_fields_and_patterns_are_listed_once_in_order() -> None:
    where = Where.parse("b = a and (c matches 'x' or not b in ('matches')) and properties:/q is missing")
    assert [str(field) for field in where.fields()] == ["b", "a", "c", "properties:/q"]
    assert where.patterns() == ("x",)


@pytest.mark.parametrize("text", ["a = 1", "a b", "", "'a'", "a:", "1"])
def test_a_field_alone_is_read_strictly(text: str) -> None:
    with pytest.raises(FilterError):
        read_field(text)


def test_texts_that_a_field_is_asked_to_equal() -> None:
    where = Where.parse("name = 'a' or (name in ('b', 'a') and not name != 'c') or plan = 'd' or name like 'e'")
    assert where.texts_of(Field("name")) == ("a", "b", "a")
    assert where.texts_of(Field("channel")) == ()
