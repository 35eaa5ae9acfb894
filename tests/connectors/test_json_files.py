"""JSON files of every shape, and texts that two parsers would read differently."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import import_files

from desirepath.connectors.json_check import DEEPEST, doubtful_sql, json_fault
from desirepath.connectors.json_shapes import find_shapes
from desirepath.errors import InputError, MappingError

MAPPING = """
source: app
identities: {user_id: user}
events:
  - {name: "{what}", at: at}
"""
ROW = {"user": "ann", "at": "2024-01-01T10:00:00Z", "what": "visit"}
SOUND = json.dumps(ROW)


def with_member(member: str) -> str:
    """Return a sound object with one more member, as text."""
    return SOUND[:-1] + ", " + member + "}"


FAULTS = {
    "no JSON": ("nonsense", "json_invalid"),
    "cut off": (SOUND[:-5], "json_invalid"),
    "two values": (SOUND + " 1", "json_invalid"),
    "trailing comma": (SOUND[:-1] + ",}", "json_invalid"),
    "single quotes": ("{'a': 1}", "json_invalid"),
    "control character": (with_member('"n": "a\tb"'), "json_invalid"),
    "a separator character": (with_member('"n": "a\x01b"'), "json_invalid"),
    "list": ("[1]", "json_not_object"),
    "number": ("17", "json_not_object"),
    "text": ('"x"', "json_not_object"),
    "key twice": (with_member('"n": 1, "n": 2'), "json_duplicate_key"),
    "key twice, nested": (with_member('"n": {"a": 1, "a": 2}'), "json_duplicate_key"),
    "key twice, in a list": (with_member('"n": [{"a": 1, "a": 2}]'), "json_duplicate_key"),
    "key twice, escaped": (with_member('"n": 1, "\\u006e": 2'), "json_duplicate_key"),
    "NaN": (with_member('"n": NaN'), "json_number"),
    "Infinity": (with_member('"n": [1, -Infinity]'), "json_number"),
    "lower case nan": (with_member('"n": nan'), "json_invalid"),
    "1e400": (with_member('"n": 1e400'), "json_number"),
    "-1E+0999": (with_member('"n": -1E+0999'), "json_number"),
    "400 digits": (with_member('"n": ' + "9" * 400), "json_number"),
    "lone surrogate": (with_member('"n": "\\ud800"'), "json_surrogate"),
    "lone surrogate in a key": (with_member('"\\uDFFF": 1'), "json_surrogate"),
    "NUL in a value": (with_member('"n": "a\\u0000b"'), "nul_character"),
    "NUL in a key": (with_member('"a\\u0000": 1'), "nul_character"),
    "too deep": (with_member('"n": ' + "[" * DEEPEST + "]" * DEEPEST), "json_too_deep"),
    "far too deep": (with_member('"n": ' + "[" * 100_000 + "]" * 100_000), "json_too_deep"),
}
HARMLESS = {
    "deep enough": with_member('"n": ' + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)),
    "surrogate pair": with_member('"n": "\\ud83d\\ude00"'),
    "escaped backslash": with_member('"n": "\\\\ud800 \\\\u0000"'),
    "same key at two levels": with_member('"n": {"user": 1}, "m": {"user": 2}'),
    "words": with_member('"n": "NaN, Infinity, {[{", "m": null'),
    "large number": with_member('"n": 1e308'),
    "space around": "  " + SOUND + "  ",
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_text_that_cannot_be_trusted_is_set_aside(tmp_path: Path, case: str) -> None:
    text, reason = FAULTS[case]
    result = import_files(tmp_path, {"log.jsonl": f"{SOUND}\n{text}\n{SOUND}\n".encode()}, MAPPING)
    assert result.reasons() == [(2, reason, text.encode())]
    assert len(result.events) == 2


@pytest.mark.parametrize("case", HARMLESS)
def test_a_sound_text_is_kept(tmp_path: Path, case: str) -> None:
    result = import_files(tmp_path, {"log.jsonl": f"{HARMLESS[case]}\n".encode()}, MAPPING)
    assert (len(result.events), result.quarantine) == (1, [])


def test_bytes_that_are_no_text_cost_their_line(tmp_path: Path) -> None:
    lines = [SOUND.encode(), b'{"user": "\xff"}', b"", b'{"user": "a\0b"}', SOUND.encode()]
    result = import_files(tmp_path, {"log.jsonl": b"\n".join(lines) + b"\nrest"}, MAPPING)
    assert result.reasons() == [
        (2, "encoding", lines[1]),
        (4, "nul_character", lines[3]),
        (6, "json_invalid", b"rest"),
    ]
    assert len(result.events) == 2


def test_a_row_rejected_by_the_mapping_names_its_line_and_text(tmp_path: Path) -> None:
    late = json.dumps({**ROW, "at": "never"})
    result = import_files(tmp_path, {"log.ndjson": f"\n{SOUND}\nbad\n{late}\n".encode()}, MAPPING)
    assert result.reasons() == [(3, "json_invalid", b"bad"), (4, "time_unreadable", late.encode())]


OBJECTS = [ROW, {**ROW, "user": "bob", "n": {"a": [1, 2.5, None], "b": "é"}}]
SHAPES = {
    "lines": ("log.jsonl", "\n".join(map(json.dumps, OBJECTS))),
    "lines called json": ("log.json", "\n".join(map(json.dumps, OBJECTS)) + "\n"),
    "list": ("log.json", json.dumps(OBJECTS)),
    "pretty list": ("log.json", json.dumps(OBJECTS, indent=2)),
    "list after a mark": ("log.json", "\ufeff" + json.dumps(OBJECTS)),
    "pretty objects": ("log.json", "\n".join(json.dumps(item, indent=2) for item in OBJECTS)),
    "inside an object": ("log.json", json.dumps({"count": 2, "items": OBJECTS})),
    "pretty, inside an object": (
        "log.json",
        json.dumps({"count": 2, "items": OBJECTS, "next": None}, indent=1),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("packed", [False, True])
def test_shapes_of_json_files(tmp_path: Path, shape: str, packed: bool) -> None:
    name, text = SHAPES[shape]
    content = text.encode()
    files = {name + ".gz": gzip.compress(content)} if packed else {name: content}
    result = import_files(tmp_path, files, MAPPING)
    assert result.quarantine == []
    assert [event["identities"][0]["value"] for event in result.in_order()] == ["ann", "bob"]
    assert result.properties() == [{}, {"n": {"a": [1, 2.5, None], "b": "é"}}]


def test_records_names_the_list(tmp_path: Path) -> None:
    text = json.dumps({"meta": [{"x": 1}], "data": {"rows": OBJECTS}}).encode()
    mapping = MAPPING.replace("source: app", "source: app\nrecords: /data/rows")
    assert len(import_files(tmp_path, {"log.json": text}, mapping).events) == 2
    with pytest.raises(InputError, match="no 'row'"):
        import_files(tmp_path, {"log.json": text}, mapping.replace("/data/rows", "/data/row"), name="two")


def test_a_damaged_list_loses_only_the_damaged_element(tmp_path: Path) -> None:
    text = f'[{SOUND},\n {{"user": nope}},\n {SOUND}\n]'
    result = import_files(tmp_path, {"log.json": text.encode()}, MAPPING)
    assert len(result.events) == 2
    assert result.reasons() == [(2, "json_invalid", b'{"user": nope}')]


def test_a_fault_in_a_sound_list_names_its_element(tmp_path: Path) -> None:
    text = json.dumps([ROW, ROW], indent=1)[:-2] + ',\n{"user": NaN},\n' + json.dumps({**ROW, "at": "no"}) + "]"
    result = import_files(tmp_path, {"log.json": text.encode()}, MAPPING)
    places = [(row["line"], row["record"], row["reason_code"]) for row in result.quarantine]
    assert places == [(None, 3, "json_number"), (None, 3, "time_unreadable")]


def test_a_list_cut_off_loses_only_its_end(tmp_path: Path) -> None:
    text = f"[{SOUND},\n{SOUND},\n{SOUND[:20]}"
    result = import_files(tmp_path, {"log.json": text.encode()}, MAPPING)
    assert len(result.events) == 2
    assert result.reasons() == [(3, "json_invalid", SOUND[:20].encode())]


@pytest.mark.parametrize("text", ["", " \n ", "[]", "[\n]"])
def test_nothing_in_it(tmp_path: Path, text: str) -> None:
    result = import_files(tmp_path, {"log.json": text.encode()}, MAPPING)
    assert (result.events, result.quarantine) == ([], [])


def test_numbers_and_truths_keep_their_type_and_nulls_are_left_out(tmp_path: Path) -> None:
    text = with_member('"i": 12, "f": 1.5, "t": true, "z": null, "s": "12", "big": 12345678901234567890')
    result = import_files(tmp_path, {"log.jsonl": text.encode()}, MAPPING)
    assert result.properties() == [{"i": 12, "f": 1.5, "t": True, "s": "12", "big": 12345678901234567890}]


def test_pointers_lead_into_objects(tmp_path: Path) -> None:
    text = json.dumps({"user": {"id": 7, "a/b": "x"}, "at": 1704103200, "what": "visit", "plan": {"name": "pro"}})
    mapping = """
source: app
identities: {user_id: /user/id}
properties: [/plan/name, {slashed: /user/a~1b}, {paid: "plan:/name = 'pro'"}]
events:
  - {name: "{what}", at: {column: at, unit: s}}
"""
    result = import_files(tmp_path, {"log.jsonl": text.encode()}, mapping)
    assert result.events[0]["identities"] == [{"kind": "user_id", "value": "7"}]
    assert result.properties() == [{"name": "pro", "slashed": "x", "paid": True}]


def test_a_member_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"no column called 'wath'.*Did you mean 'what'"):
        import_files(tmp_path, {"log.jsonl": SOUND.encode()}, MAPPING.replace("{what}", "{wath}"))
    assert not list(tmp_path.glob("archive*"))


def test_a_member_that_appears_late_is_found(tmp_path: Path) -> None:
    lines = [json.dumps({**ROW, "pad": "x" * 400})] * 5000 + [json.dumps({**ROW, "plan": "pro"})]
    mapping = MAPPING.replace("source: app", "source: app\nproperties: [plan]")
    result = import_files(tmp_path, {"log.jsonl": "\n".join(lines).encode()}, mapping)
    assert result.properties()[-1] == {"plan": "pro"}


DUCK = duckdb.connect()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(value=json_values, cut=st.integers(0, 3), repeat=st.booleans())
def test_the_quick_test_never_overlooks_a_fault(value: object, cut: int, repeat: bool) -> None:
    text = json.dumps(value)
    text = text[: len(text) - cut]
    if repeat and text.startswith("{") and len(text) > 2:
        text = text[:-1] + "," + text[1:]
    twice = "len(json_keys(line)) <> len(list_distinct(json_keys(line)))"
    rows = DUCK.execute(
        f"SELECT {doubtful_sql('line', twice)} FROM (SELECT CAST(? AS VARCHAR) AS line)", [text]
    ).fetchall()
    assert rows[0][0] is True or json_fault(text) is None


@st.composite
def written(draw: st.DrawFn, depth: int = 0) -> str:
    """A JSON object as text, in which keys may stand twice, and braces in texts and lists."""
    members = []
    for _ in range(draw(st.integers(0, 4))):
        key = draw(st.sampled_from(["a", "b", "c", "0", "-", "", "a/b", "~", "\\u0061"]))
        kinds = ["1", "null", '"{"', '"}"', "{}", "[{}]"]
        value = draw(st.sampled_from([*kinds, "object", "list"]) if depth < 3 else st.sampled_from(kinds))
        if value == "object":
            value = draw(written(depth=depth + 1))
        elif value == "list":
            value = f"[{draw(written(depth=depth + 1))}, {draw(written(depth=depth + 1))}]"
        members.append(f'"{key}": {value}')
    return "{" + ", ".join(members) + "}"


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(written(), min_size=1, max_size=12))
def test_the_shapes_of_a_file_never_hide_a_key_that_stands_twice(texts: list[str]) -> None:
    DUCK.execute("CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(?::VARCHAR[]) AS line", [texts])
    shapes = find_shapes(DUCK, "texts", "line")
    rows = DUCK.execute(f"SELECT line, {doubtful_sql('line', shapes.twice, shapes.unknown)} FROM texts").fetchall()
    assert len(rows) == len(texts)
    assert [text for text, doubtful in rows if not doubtful and json_fault(text) is not None] == []


def test_objects_in_objects_are_judged_by_their_shape() -> None:
    """So that only texts with a shape of their own are searched one by one."""
    texts = ['{"a": {"b": {"c": 1}, "d": 2}, "e": 3}', '{"a": {"b": {"c": 4}}}', '{"a": {"b": 5}}']
    odd = ['{"a": {"b": {"c": 1, "c": 2}}}', '{"a": [{"b": 1}]}', '{"a": {"b": "{"}}']
    DUCK.execute("CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(?::VARCHAR[]) AS line", [texts])
    assert find_shapes(DUCK, "texts", "line").unknown == "false"
    DUCK.execute("INSERT INTO texts SELECT unnest(?::VARCHAR[])", [odd])
    unknown = find_shapes(DUCK, "texts", "line").unknown
    assert [text for (text,) in DUCK.execute(f"SELECT line FROM texts WHERE {unknown}").fetchall()] == odd
