"""Whole names are found however they are written, parts of other names never, and JSON keeps all else as it was."""

from __future__ import annotations

import json

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.connectors.redaction import Mentions, Places, mentions_of, redacted

ANN = mentions_of(
    [
        ("email", "ann@x.org"),
        ("phone", "+33612345678"),
        ("user_id", "123456"),
        ("crm_id", "Übér-99"),
        ("login", "cust_000123"),
        ("user_id", "c00"),
    ]
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("write to ANN@X.ORG.", "write to [erased]."),
        ("<ann@x.org>,ann@x.org", "<[erased]>,[erased]"),
        ("?u=ann%40x.org&to=%3DAnn%40X.org", "?u=[erased]&to=%3D[erased]"),
        (r"hi\nann@x.org\"", r"hi\n[erased]\""),
        ("joann@x.org", None),
        ("j.ann@x.org, j+ann@x.org, j-ann@x.org", None),
        ("ann@x.org.uk, ann@x.orga, ann@x.org-y", None),
        ("tel +33 6 12 34 56 78, 0033612345678", "tel [erased], [erased]"),
        ("(33) 612-345.678", "([erased]"),
        ("1336123456789", None),
        ("no 123456, order-123456", "no [erased], order-[erased]"),
        ("2026-05-01T12:34:56.123456Z", None),
        ("2024-123456 123456.5 0.123456 1123456", None),
        ("ÜBÉR-99 and %C3%9Cb%C3%A9r-99", "[erased] and [erased]"),
        ("x_cust_000123 cust_0001234", None),
        ("cust_000123-a", "[erased]-a"),
        ("c00", None),
        ("", None),
    ],
)
def test_whole_names_and_no_parts(text: str, left: str | None) -> None:
    plain, hits = ANN.replaced(text)
    assert plain == (text if left is None else left)
    assert bool(hits) == (left is not None)
    found = duckdb.execute("SELECT regexp_matches(?, ?)", [text, ANN.rough]).fetchall()
    assert found[0][0] or not hits  # what DuckDB passes over holds no name


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("c00,visit", True),
        ("a;C00", True),
        ('{"who": "c00", broken', True),
        ("u=c00&x", True),
        ("c001,ac00,x-c00", False),
        ("ann@x.org", True),
    ],
)
def test_lines_that_cannot_be_read(line: str, found: bool) -> None:
    assert ANN.stand_in(line) == found


def test_json_changes_where_the_name_stands_and_nowhere_else() -> None:
    text = (
        '{ "a":"Ann\\u0040x.org", "n": 123456, "at":123456, "f": 1.50, "g":1e400, "x": {"y": ["ann@x.org", '
        '"hi \\u00fcb\\u00e9r-99"]}, "ann@x.org": true, "who": "ann@x.org", "gone": {"id": 7} , "u": "\\u00e9" }'
    )
    places = Places(frozenset({("line", "/who")}), frozenset({("line", "/at")}))
    plain, hits = redacted(text, "line", ANN, places, {"/x/y/1", "/gone/id"})
    assert hits == 7
    assert plain == (
        '{ "a":"[erased]", "n": null, "at":123456, "f": 1.50, "g":1e400, "x": {"y": ["[erased]", '
        'null]}, "[erased]": true, "who": null, "gone": {"id": null} , "u": "\\u00e9" }'
    )


def test_what_names_somebody_leaves_nothing() -> None:
    places = Places(frozenset({("mail", "")}), frozenset({("total", "")}))
    assert redacted(" Ann@x.org ", "mail", ANN, places) == (None, 1)
    assert redacted("ann@x.org (old)", "mail", ANN, places) == ("[erased] (old)", 1)
    assert redacted("123456", "total", ANN, places) == ("123456", 0)
    assert redacted("anything", "mail", ANN, places, {""}) == (None, 1)
    assert redacted("{no json ann@x.org", "note", ANN, places) == ("{no json [erased]", 1)
    assert redacted("[ann@x.org]", "note", ANN, places) == ("[[erased]]", 1)


def test_nobody_is_looked_for() -> None:
    nobody = mentions_of([])
    assert nobody == Mentions(None, None, None, None)
    assert redacted('{"a": "ann@x.org"}', "line", nobody, Places()) == ('{"a": "ann@x.org"}', 0)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(value=values, ascii_only=st.booleans())
def test_any_json_without_names_stays_byte_for_byte(value: object, ascii_only: bool) -> None:
    text = json.dumps({"x": value}, ensure_ascii=ascii_only)
    assert redacted(text, "line", ANN, Places()) == (text, 0)


@given(value=values, before=st.text(max_size=5), mail=st.sampled_from(["ann@x.org", "ANN@x.org", "ann%40x.org"]))
def test_any_json_with_a_name_reads_without_it(value: object, before: str, mail: str) -> None:
    text = json.dumps({"x": value, "said": f"{before} {mail}", "list": [mail, value]})
    plain, hits = redacted(text, "line", ANN, Places())
    assert plain is not None
    assert hits == 2
    assert json.loads(plain) == {"x": value, "said": f"{before} [erased]", "list": ["[erased]", value]}
