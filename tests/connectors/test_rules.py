"""From rows to events: names, keys, identities, values, properties, lookups, and several events in a row."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from importing import SIMPLE, csv_of, import_files, import_path

from desirepath.connectors import is_placeholder, raw_row, read_manifest
from desirepath.errors import MappingError
from desirepath.events.event import event_id

DAY = "2024-01-01"


def mapping(extra: str = "", events: str = "  - {name: visit, at: at}", identities: str = "{user_id: user}") -> str:
    """Return a mapping with more at its top level."""
    return f"source: shop\ntime_zone: UTC\nidentities: {identities}\n{extra}\nevents:\n{events}\n"


def test_names_are_templates(tmp_path: Path) -> None:
    content = csv_of(f"ann,{DAY},card,", f"ann,{DAY},,", f"ann,{DAY}, wire ,", f"ann,{DAY},{'é' * 130},")
    result = import_files(tmp_path, {"log.csv": content}, mapping(events='  - {name: "{{pay}} {what}", at: at}'))
    assert [event["name"] for event in result.in_order()] == ["{pay} card", "{pay} wire"]
    assert [entry[:2] for entry in result.reasons()] == [(3, "name_missing"), (5, "name_too_long")]


def test_a_column_with_braces_in_its_name_is_named_whole(tmp_path: Path) -> None:
    content = csv_of(f"ann,{DAY},card", header="user,at,{odd}")
    result = import_files(tmp_path, {"log.csv": content}, mapping(events='  - {name: {column: "{odd}"}, at: at}'))
    assert result.events[0]["name"] == "card"


def test_channels_are_constants_columns_and_templates(tmp_path: Path) -> None:
    content = csv_of(f"ann,{DAY},web,", f"ann,{DAY},,")
    events = "  - {name: a, at: at}\n  - {name: b, at: at, channel: {column: what}}\n"
    events += "  - {name: c, at: at, channel: 'old {what}'}"
    result = import_files(tmp_path, {"log.csv": content}, mapping("channel: app", events))
    found = {(event["record"], event["name"]): event["channel"] for event in result.events}
    assert found == {
        (1, "a"): "app",
        (1, "b"): "web",
        (1, "c"): "old web",
        (2, "a"): "app",
        (2, "b"): None,
        (2, "c"): None,
    }


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        " ",
        "null",
        "NULL",
        " Anonymous ",
        "undefined",
        "0",
        "-1",
        "n/a",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_placeholders_name_nobody(tmp_path: Path, nobody: str) -> None:
    assert is_placeholder(nobody)
    content = csv_of(f'"{nobody}",{DAY},x,"{nobody}"', f'"{nobody}",{DAY},x,bob', f"ann,{DAY},x,bob")
    result = import_files(tmp_path, {"log.csv": content}, mapping(identities="{user_id: user, login: note}"))
    assert [entry[:2] for entry in result.reasons()] == [(2, "identity_missing")]
    assert [[one["value"] for one in event["identities"]] for event in result.in_order()] == [
        ["bob"],
        ["ann", "bob"],
    ]


def test_the_person_comes_first_and_mail_is_folded(tmp_path: Path) -> None:
    content = csv_of(f" ann ,{DAY},x, Ann@Example.ORG ")
    result = import_files(
        tmp_path, {"log.csv": content}, mapping("person: login", identities="{email: note, login: user}")
    )
    assert result.events[0]["identities"] == [
        {"kind": "login", "value": "ann"},
        {"kind": "email", "value": "ann@example.org"},
    ]


def test_identifiers_that_became_floats_are_whole_again(tmp_path: Path) -> None:
    pq.write_table(pa.table({"user": [17.0, None, 2.5], "at": ["2024-01-01"] * 3}), tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, mapping())
    assert [event["identities"][0]["value"] for event in result.in_order()] == ["17", "2.5"]


def test_values_currencies_sessions_entities_sequences(tmp_path: Path) -> None:
    rows = [
        "ann,1.50,eur,s1,o1,3",
        "ann, 2 ,,,,",
        "ann,,USD,,,",
        "ann,-1e3,USD,,,",
        "ann,12 EUR,,,,",
        "ann,1_000,,,,",
        "ann,nan,,,,",
        "ann,inf,,,,",
        "ann,1e999,,,,",
        "ann,1,,,,x",
        "ann,1,,,,1.5",
    ]
    content = csv_of(*(f"{DAY}," + row for row in rows), header="at,user,total,cur,sid,oid,seq")
    text = mapping("value: {column: total, currency: {column: cur}}\nsession: sid\nentity: {order: oid}\nsequence: seq")
    result = import_files(tmp_path, {"log.csv": content}, text)
    found = [
        (e["value"], e["currency"], e["session"], e["entity_type"], e["entity_id"], e["sequence"])
        for e in result.in_order()
    ]
    nothing = (None, None, None, None)
    assert found == [
        (1.5, "EUR", "s1", "order", "o1", 3),
        (2.0, None, *nothing),
        (None, None, *nothing),
        (-1000.0, "USD", *nothing),
        (None, None, *nothing),
    ]
    assert [entry[:2] for entry in result.reasons()] == [
        *((line, "value_unreadable") for line in (6, 7, 9, 10)),
        *((line, "sequence_unreadable") for line in (11, 12)),
    ]
    assert any("12 EUR" in row["reason"] for row in result.quarantine)


def test_decimal_commas(tmp_path: Path) -> None:
    content = b"user;at;total\nann;2024-01-01;1.234,50\nann;2024-01-01;7\n"
    result = import_files(
        tmp_path, {"log.csv": content}, mapping('value: {column: total, currency: EUR, decimal: ","}')
    )
    assert [event["value"] for event in result.in_order()] == [1234.5, 7.0]


def test_properties_are_what_is_not_used_elsewhere(tmp_path: Path) -> None:
    content = csv_of(f'ann,{DAY},x,"say ""hi"" \\ \t é"', f"ann,{DAY},x,")
    result = import_files(tmp_path, {"log.csv": content}, mapping())
    assert result.properties() == [{"what": "x", "note": 'say "hi" \\ \t é'}, {"what": "x"}]


def test_properties_may_be_conditions_and_renamed(tmp_path: Path) -> None:
    content = csv_of(
        f"ann,{DAY},2024-01-03,2024-01-02",
        f"ann,{DAY},2024-01-01,2024-01-02",
        f"ann,{DAY},,2024-01-02",
        header="user,at,delivered,promised",
    )
    text = mapping("properties: [promised, {came: delivered}, {late: delivered > promised}]")
    result = import_files(tmp_path, {"log.csv": content}, text)
    assert [(p.get("came"), p.get("late")) for p in result.properties()] == [
        ("2024-01-03", True),
        ("2024-01-01", False),
        (None, None),
    ]
    assert "late" not in result.properties()[2]


def test_typed_properties_keep_their_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "user": ["a"],
            "at": ["2024-01-01"],
            "i": [3],
            "f": [float("nan")],
            "g": [1.5],
            "b": [True],
            "l": [[1, 2]],
            "s": [{"x": None, "y": "é"}],
            "n": pa.nulls(1),
            "raw": [b"\x00\xff"],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, mapping())
    assert result.properties() == [
        {"i": 3, "g": 1.5, "b": True, "l": [1, 2], "s": {"x": None, "y": "é"}, "raw": "AP8="}
    ]


def test_nul_in_typed_text_is_set_aside(tmp_path: Path) -> None:
    table = pa.table({"user": ["a", "b\0", "c"], "at": ["2024-01-01"] * 3, "note": ["x", "y", "z\0"]})
    pq.write_table(table, tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, mapping())
    assert [event["identities"][0]["value"] for event in result.events] == ["a"]
    assert [(row["record"], row["line"], row["reason_code"]) for row in result.quarantine] == [
        (2, None, "nul_character"),
        (3, None, "nul_character"),
    ]


ORDERS = csv_of(
    "1,c1,2024-01-01,2024-01-02,",
    "2,c2,2024-01-03,,",
    "3,c3,,,",
    "4,c4,2024-01-05,bad,",
    "5,,2024-01-06,2024-01-07,",
    header="order_id,cust,bought,paid,note",
)
TWO_EVENTS = mapping("key: [order_id]", "  - {name: purchase, at: bought}\n  - {name: payment, at: paid}", "{c: cust}")


def test_several_events_in_a_row(tmp_path: Path) -> None:
    result = import_files(tmp_path, {"orders.csv": ORDERS}, TWO_EVENTS)
    assert [(event["record"], event["name"]) for event in result.in_order()] == [
        (1, "payment"),
        (1, "purchase"),
        (2, "purchase"),
        (4, "purchase"),
    ]
    assert [entry[:2] for entry in result.reasons()] == [
        (4, "no_event"),
        (5, "time_unreadable"),
        (6, "identity_missing"),
        (6, "identity_missing"),
    ]
    assert (result.counts.rows, result.counts.read) == (5, 8)


def test_rows_left_out_by_the_mapping_are_counted(tmp_path: Path) -> None:
    content = csv_of(f"ann,{DAY},test,5", f"ann,{DAY},live,0", f"ann,{DAY},live,5", f"ann,{DAY},,5", "ann,,live,5")
    one = mapping("where: what != 'test'", "  - {name: a, at: at, when: note > 0}")
    result = import_files(tmp_path, {"log.csv": content}, one)
    assert [event["record"] for event in result.events] == [3]
    assert (result.counts.left_out, [entry[:2] for entry in result.reasons()]) == (3, [(6, "time_missing")])
    two = mapping(
        "where: what != 'test'",
        "  - {name: a, at: at, when: note > 0}\n  - {name: b, at: at, when: note = 0}",
    )
    result = import_files(tmp_path, {"log.csv": content}, two, name="two")
    assert [(event["record"], event["name"]) for event in result.in_order()] == [(2, "b"), (3, "a")]
    assert (result.counts.left_out, [entry[:2] for entry in result.reasons()]) == (2, [(6, "no_event")])


def test_ids_are_the_hash_of_source_instance_rule_and_key(tmp_path: Path) -> None:
    result = import_files(tmp_path, {"orders.csv": ORDERS}, TWO_EVENTS)
    first = next(event for event in result.events if event["name"] == "payment")
    assert first["id"] == event_id("shop", "main", "payment\x1f1")
    plain = hashlib.sha256(b"shop\x1fmain\x1fpayment\x1f1").digest()[:16]
    assert first["id"] == uuid.UUID(bytes=plain)


def test_ids_without_key_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = [f"u{n % 5},2024-01-0{n % 3 + 1},x,{n % 2}" for n in range(60)]
    first = import_files(tmp_path, {"log.csv": csv_of(*rows)}, SIMPLE)
    random.Random(1).shuffle(rows)
    second = import_files(tmp_path, {"other.csv": csv_of(*rows)}, SIMPLE, name="two")
    assert first.ids() == second.ids()
    assert len(first.ids()) == 60


def test_the_same_rows_in_another_file_of_the_table_are_repeated(tmp_path: Path) -> None:
    rows = [f"ann,{DAY},x,1", f"ann,{DAY},x,1", f"ann,{DAY},x,2"]
    files = {"a.csv": csv_of(*rows), "b.csv": csv_of(*rows[1:], f"ann,{DAY},x,3")}
    result = import_files(tmp_path, files, SIMPLE)
    assert (len(result.events), len(result.ids()), result.counts.duplicates) == (4, 4, 2)


def test_a_column_that_only_other_files_have_changes_no_id(tmp_path: Path) -> None:
    alone = import_files(tmp_path, {"a.csv": csv_of(f"ann,{DAY},x,1")}, SIMPLE)
    files = {
        "a.csv": csv_of(f"ann,{DAY},x,1"),
        "b.csv": csv_of(f"bob,{DAY},x,1,more", header="user,at,what,note,extra"),
    }
    both = import_files(tmp_path, files, SIMPLE, name="two")
    assert alone.ids() < both.ids()


def test_rows_of_one_key_the_first_wins(tmp_path: Path) -> None:
    content = csv_of(
        f"1,ann,{DAY},a",
        f"1,ann,{DAY},a",
        f"1,ann,{DAY},b",
        "2,bob,bad,a",
        f"2,bob,{DAY},b",
        f",ann,{DAY},a",
        header="id,user,at,note",
    )
    result = import_files(tmp_path, {"log.csv": content}, mapping("key: id"))
    assert [event["record"] for event in result.in_order()] == [1, 5]
    assert result.counts.duplicates == 1
    assert [entry[:2] for entry in result.reasons()] == [
        (4, "conflict"),
        (5, "time_unreadable"),
        (7, "key_missing"),
    ]


def test_lookups_bring_columns(tmp_path: Path) -> None:
    files = {
        "payments.csv": csv_of("1,5", "2,6", "9,7", ",8", header="order_id,amount"),
        "orders.csv": csv_of("1,c1,2024-01-01,o", "2,c2,2024-01-02,o", header="order_id,cust,at,note"),
        "people.csv": csv_of("c1,ann,p", "c2,bob,p", header="cust,name,note"),
    }
    text = """
source: shop
time_zone: UTC
tables:
  - files: payments.csv
    lookup: {orders.csv: order_id, people.csv: cust}
    identities: {login: name}
    properties: [amount, note, people.note]
    events: [{name: payment, at: at}]
"""
    result = import_files(tmp_path, files, text)
    assert [(event["identities"][0]["value"], event["raw_table"]) for event in result.in_order()] == [
        ("ann", "payments"),
        ("bob", "payments"),
    ]
    assert result.properties()[0] == {"amount": "5", "note": "o", "people.note": "p"}
    assert [entry[:2] for entry in result.reasons()] == [(4, "time_missing"), (5, "time_missing")]
    assert result.counts.rows == 4
    assert result.counts.warnings == [
        "1 rows have a order_id that the lookup orders has not, and get nothing from it: '9' (1)."
    ]


def test_rows_whose_key_a_lookup_has_not_are_told(tmp_path: Path) -> None:
    rows = ["GTXPro,2024-01-01,u1", "GTXPro,2024-01-02,u2", "GTX Basic,2024-01-03,u3", ",2024-01-04,u4"]
    rows += [f"new{n},2024-01-05,u5" for n in range(4)]
    files = {
        "deals.csv": csv_of(*rows, header="product,at,who"),
        "products.csv": csv_of("GTX Pro,a", "GTX Basic,b", header="product,series"),
    }
    text = mapping("files: deals.csv\nlookup: {products.csv: product}", identities="{login: who}")
    (warning,) = import_files(tmp_path, files, text).counts.warnings
    assert warning == (
        "6 rows have a product that the lookup products has not, and get nothing from it: 'GTXPro' (2, nearest "
        "'GTX Pro'), 'new0' (1), 'new1' (1) and 2 more."
    )


@pytest.mark.parametrize(
    ("lookup", "said"),
    [
        ("{people.csv: cust}", r"has 2 values of cust that stand in several rows \(such as 'c[12]'\)"),
        ("{people.csv: cus}", "no column called 'cus'"),
        ("{poeple.csv: cust}", "Did you mean 'people.csv'"),
        ("{../people.csv: cust}", "leads out"),
        ("{/etc/passwd: cust}", "leads out"),
    ],
)
def test_lookups_that_are_refused(tmp_path: Path, lookup: str, said: str) -> None:
    files = {
        "log.csv": csv_of("c1,2024-01-01", header="cust,at"),
        "people.csv": csv_of("c1,a", "c1,b", "c2,a", "c2,b", "c3,a", header="cust,name"),
    }
    text = mapping(f"files: log.csv\nlookup: {lookup}", identities="{login: name}")
    with pytest.raises(MappingError, match=said):
        import_files(tmp_path, files, text)
    assert not list(tmp_path.glob("archive*"))


HOSTILE = [
    'a"b',
    "'; DROP TABLE events; --",
    '"; drop table x; --',
    "😀",
    "$.*",
    "a b",
    "select",
    "{x}",
    "%s",
    "a\\b",
    "récord",
    "record",
    "part",
    "content",
    "reason",
    "m_time",
    "c0",
    "t0",
    "file_index",
    "line",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_hostile_column_names_are_names(tmp_path: Path, name: str, kind: str) -> None:
    row = {"user": "ann", "at": "2024-01-01", name: "v"}
    path = tmp_path / f"log.{kind}"
    if kind == "csv":
        path.write_text(",".join('"' + key.replace('"', '""') + '"' for key in row) + "\nann,2024-01-01,v\n", "utf-8")
    elif kind == "jsonl":
        path.write_text(json.dumps(row) + "\n", "utf-8")
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    quoted = json.dumps(name, ensure_ascii=False)
    condition = json.dumps('"' + name.replace('"', '""') + '"' + " = 'v'", ensure_ascii=False)
    text = mapping(
        f"key: [{quoted}]\nsession: {quoted}\nwhere: {condition}\nproperties: [{quoted}]",
        f"  - {{name: {{column: {quoted}}}, at: at}}",
    )
    result = import_path([path], tmp_path, text)
    (event,) = result.events
    assert (event["name"], event["session"], json.loads(event["properties"])) == ("v", "v", {name: "v"})
    everything = import_path([path], tmp_path, mapping(), name="two")
    assert everything.properties() == [{name: "v"}]


def test_names_that_are_empty_or_repeated_get_numbers(tmp_path: Path) -> None:
    content = b"user,at,,a,A,a\nann,2024-01-01,1,2,3,4\n"
    result = import_files(tmp_path, {"log.csv": content}, mapping())
    assert result.properties() == [{"column_3": "1", "a": "2", "A_2": "3", "a_3": "4"}]
    pq.write_table(
        pa.table([["ann"], ["2024-01-01"], ["x"], ["y"]], names=["user", "at", "a", "A"]),
        tmp_path / "log.parquet",
    )
    assert import_path([tmp_path / "log.parquet"], tmp_path, mapping(), name="two").properties() == [
        {"a": "x", "A_2": "y"}
    ]


@pytest.mark.parametrize("value", ["'; DROP TABLE x; --", 'a"b', "a'b", "\\", "{}", "$1", "?", "\x1f"])
def test_hostile_values_are_values(tmp_path: Path, value: str) -> None:
    rows = csv_of(",".join(('"' + value.replace('"', '""') + '"', DAY, "x", '"' + value.replace('"', '""') + '"')))
    condition = json.dumps("note = '" + value.replace("'", "''") + "'")
    text = mapping(
        f"where: {condition}\nchannel: {json.dumps(value.replace('{}', ''))}\nproperties: [note]".replace(
            'channel: ""', "channel: x"
        )
    )
    result = import_files(tmp_path, {"log.csv": rows}, text)
    assert result.properties() == [{"note": value}]
    assert result.events[0]["identities"][0]["value"] == value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("session: sesion_id", r"no column called 'sesion_id'.*Did you mean 'session_id'"),
        ("where: stauts = 1", "'stauts'"),
        ("where: 'a = '", "cannot be used"),
        ("properties: [nope]", "'nope'"),
        ("properties: [{x: nope = 1}]", "'nope'"),
        ("key: [nope]", "'nope'"),
        ("value: nope", "'nope'"),
        ("channel: '{nope}'", "'nope'"),
    ],
)
def test_columns_that_are_nowhere_are_refused(tmp_path: Path, change: str, said: str) -> None:
    content = csv_of(f"ann,{DAY},s", header="user,at,session_id")
    with pytest.raises(MappingError, match=said):
        import_files(tmp_path, {"log.csv": content}, mapping(change))
    assert not list(tmp_path.glob("archive*"))


def test_the_order_of_rows_may_be_declared_as_sequence(tmp_path: Path) -> None:
    result = import_files(
        tmp_path, {"log.csv": csv_of(*[f"ann,{DAY},x,{n}" for n in range(5)])}, mapping("sequence: $record")
    )
    assert [event["sequence"] for event in result.in_order()] == [1, 2, 3, 4, 5]


def test_an_event_leads_back_to_its_row(tmp_path: Path) -> None:
    files = {"a.csv": csv_of(f"ann,{DAY},x,1", f"bob,{DAY},x,2"), "b.csv": csv_of(f"cyd,{DAY},x,3")}
    result = import_files(tmp_path, files, SIMPLE)
    manifest, _ = read_manifest(result.folder)
    cyd = result.in_order()[2]
    assert json.loads(raw_row(result.folder, manifest.raws[cyd["raw_table"]], cyd["record"]))["user"] == "cyd"
