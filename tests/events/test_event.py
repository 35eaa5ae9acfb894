"""Events: ids that DuckDB makes alike, an order that ignores arrival, schemas that DuckDB reads exactly."""

from __future__ import annotations

import dataclasses
import json
import uuid

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.events.event import (
    EVENT_ID_SQL,
    KIND_STRENGTHS,
    PRECISIONS,
    QUALITIES,
    STRENGTHS,
    Event,
    Identity,
    event_id,
    strength_of,
)
from desirepath.events.schema import EVENT_SCHEMA, IDENTITY_TYPE, QUARANTINE_SCHEMA

CONNECTION = duckdb.connect()
ID = EVENT_ID_SQL.format(source="?", instance="?", key="?")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = texts.map(lambda text: text.replace("\x1f", ""))

STORE = """
    CREATE OR REPLACE TABLE stored (
        id UUID, name VARCHAR, occurred_at TIMESTAMPTZ, precision VARCHAR, quality VARCHAR,
        received_at TIMESTAMPTZ, sequence BIGINT, source VARCHAR, instance VARCHAR, channel VARCHAR,
        value DOUBLE, currency VARCHAR, entity_type VARCHAR, entity_id VARCHAR, session VARCHAR,
        identities STRUCT(kind VARCHAR, value VARCHAR)[], properties JSON, record BIGINT, raw_table VARCHAR,
        kind VARCHAR, state VARCHAR
    )
"""


@settings(max_examples=200, deadline=None)
@given(names, names, texts)
@example("shop", "main", "1")
@example("", "", "")
@example("é", "e\u0301", "😀\0\x1f\u202e")
def test_sql_and_python_make_the_same_id(source: str, instance: str, key: str) -> None:
    ((found,),) = CONNECTION.execute(f"SELECT {ID}", [source, instance, key]).fetchall()
    assert found == event_id(source, instance, key)


def test_the_id_is_pinned() -> None:
    """Made with sha256sum; a change of it would store every replayed event twice."""
    assert event_id("shop", "main", "order 1") == uuid.UUID("6bd2c085-31de-68a4-7b68-14fcdcebcce9")


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert event_id("a", "b", "c") != event_id("ab", "", "c") != event_id("a", "bc", "")
    for source, instance in (("a\x1fb", "c"), ("a", "b\x1fc")):
        with pytest.raises(InputError, match=r"U\+001F"):
            event_id(source, instance, "k")


def an_event(number: int, **changes: object) -> Event:
    event = Event(
        id=event_id("shop", "main", str(number)),
        name="purchase",
        occurred_at=1_714_557_600_000_000,
        precision="second",
        quality="server",
        received_at=1_714_557_600_000_001,
        source="shop",
        instance="main",
        identities=(Identity("customer_id", "c1"), Identity("email", "é@example.org")),
        properties='{"plan":"pro"}',
    )
    return dataclasses.replace(event, **changes)  # type: ignore[arg-type]


def test_the_order_of_a_journey_is_time_then_sequence_then_id() -> None:
    early = an_event(1, occurred_at=5, sequence=9)
    second = an_event(2, occurred_at=6, sequence=-1)
    third = an_event(3, occurred_at=6, sequence=0)
    last = sorted([an_event(number, occurred_at=6) for number in (4, 5)], key=lambda event: event.id)
    shuffled = [last[1], third, early, last[0], second]
    assert sorted(shuffled, key=lambda event: event.order_key) == [early, second, third, *last]


def test_duckdb_sorts_ids_as_python_does() -> None:
    ids = [event_id("a", "b", str(number)) for number in range(200)]
    found = CONNECTION.execute("SELECT id FROM (SELECT unnest(?) AS id) ORDER BY id", [ids]).fetchall()
    assert [row[0] for row in found] == sorted(ids)


def test_events_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        an_event(1).name = "other"  # type: ignore[misc]
    assert not hasattr(an_event(1), "__dict__")


def test_strengths() -> None:
    assert set(KIND_STRENGTHS.values()) == set(STRENGTHS)
    assert strength_of("Email") == "semi"
    assert strength_of("cookie", names_person=True) == "weak"
    assert strength_of("loyalty_card") == "weak"
    assert strength_of("loyalty_card", names_person=True) == "strong"


def test_arrow_events_enter_and_leave_duckdb_unchanged() -> None:
    events = [
        an_event(1),
        an_event(
            2,
            occurred_at=-62_135_596_800_000_000,
            received_at=253_402_300_799_999_999,
            sequence=7,
            value=-0.5,
        ),
        an_event(3, identities=(), properties="{}", name="", channel="web", session="s", record=2**40),
        *(an_event(10 + number, precision=precision) for number, precision in enumerate(PRECISIONS)),
        *(an_event(20 + number, quality=quality) for number, quality in enumerate(QUALITIES)),
    ]
    rows = [dataclasses.asdict(event) | {"id": event.id.bytes} for event in events]
    columns = [
        pa.array([row[field.name] for row in rows], pa.binary(16)).cast(field.type)
        if field.name == "id"
        else pa.array([row[field.name] for row in rows], field.type)
        for field in EVENT_SCHEMA
    ]
    sent = pa.Table.from_arrays(columns, schema=EVENT_SCHEMA)
    connection = duckdb.connect(config={"arrow_lossless_conversion": "true"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(STORE)
    connection.register("sent", sent)
    assert connection.execute("SELECT DISTINCT typeof(id) FROM sent").fetchall() == [("UUID",)]
    connection.execute("INSERT INTO stored BY NAME SELECT * FROM sent")
    back = connection.sql("SELECT * REPLACE (CAST(properties AS VARCHAR) AS properties) FROM stored").to_arrow_table()
    assert back.schema.names == EVENT_SCHEMA.names
    for field in EVENT_SCHEMA:
        if field.name != "identities":
            assert back.schema.field(field.name).type == field.type
    assert back.to_pylist() == sent.to_pylist()
    assert json.loads(back.to_pylist()[0]["properties"]) == {"plan": "pro"}


def test_what_is_not_json_is_refused_on_the_way_in() -> None:
    CONNECTION.execute(STORE)
    with pytest.raises(duckdb.Error):
        CONNECTION.execute("INSERT INTO stored (properties) VALUES (?)", ["{broken"])


def test_the_schema_has_every_field_of_an_event() -> None:
    assert {field.name for field in dataclasses.fields(Event)} == set(EVENT_SCHEMA.names)
    optional = {field.name for field in dataclasses.fields(Event) if field.default is None}
    assert {field.name for field in EVENT_SCHEMA if field.nullable} == optional
    assert [field.name for field in dataclasses.fields(Identity)] == [field.name for field in IDENTITY_TYPE]


def test_quarantine_keeps_bytes_that_are_not_text() -> None:
    where = {"table": "orders", "file": "a.csv", "line": None, "record": 3}
    row = where | {"reason_code": "utf8", "reason": "not UTF-8", "raw": b"\xff\0"}
    table = pa.Table.from_pylist([row], schema=QUARANTINE_SCHEMA)
    assert table.to_pylist() == [row]
    CONNECTION.register("quarantine", table)
    assert CONNECTION.execute("SELECT raw, line, record FROM quarantine").fetchall() == [(b"\xff\0", None, 3)]
