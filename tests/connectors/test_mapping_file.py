"""Mapping files: what they may say, what is refused, and that they survive a round trip."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from desirepath.connectors import mapping_of, parse_mapping, read_mapping
from desirepath.errors import MappingError

FULL = """
source: shop
instance: eu
time_zone: Europe/Paris
person: customer
tables:
  - files: [orders*.csv, old/]
    lookup: {customers.csv: customer_id, shops.csv: [shop_id, country]}
    where: "status != 'test'"
    encoding: cp1252
    delimiter: ";"
    quote: ""
    skip: 2
    key: [order_id]
    identities: {email: mail, customer: customer_id}
    channel: "{medium} shop"
    entity: {order: order_id}
    value: {column: total, currency: {column: cur, otherwise: EUR}, decimal: ","}
    session: sid
    sequence: seq
    properties: [status, {late: "delivered > promised"}]
    time_zone: UTC
    events:
      - {name: purchase, at: purchased_at}
      - name: "payment {payment_type}"
        at: {column: paid_at, format: "%d/%m/%Y %H:%M"}
        when: "amount > 0"
        value: {column: amount, currency: EUR}
        channel: {column: medium}
        key: id
        properties: {}
  - files: refunds.json
    records: /data
    identities: {customer: c}
    events: [{name: {column: kind}, at: {column: t, unit: ms}}]
"""


def test_a_mapping_survives_a_round_trip_as_yaml_and_json() -> None:
    mapping = parse_mapping(FULL)
    assert parse_mapping(yaml.safe_dump(mapping.to_dict(), sort_keys=False)) == mapping
    assert mapping_of(json.loads(json.dumps(mapping.to_dict()))) == mapping
    first = mapping.tables[0]
    assert first.fields.key == ("order_id",)
    assert first.lookups[1].keys == ("shop_id", "country")
    assert first.events[1].fields.over(first.fields).key == ("id",)
    assert first.events[1].fields.over(first.fields).session == "sid"
    assert first.events[1].fields.properties == ()


def test_the_short_form_is_one_table() -> None:
    mapping = parse_mapping("source: s\nidentities: {u: u}\nevents: [{name: a, at: t}]\n")
    assert len(mapping.tables) == 1
    assert mapping.instance == "main"


BASE = "source: s\nidentities: {u: u}\nevents: [{name: a, at: t}]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mapping with keys"),
        ("[]", "mapping with keys"),
        ("source: s\n", "'events' is needed"),
        ("identities: {u: u}\nevents: [{name: a, at: t}]\n", "'source' is needed"),
        (BASE + "sesion: x\n", "Did you mean 'session'"),
        (BASE.replace("at: t", "att: t"), r"Did you mean 'at'.*events\[0\]"),
        ("source: s\ntables: []\n", "may not be empty"),
        ("source: s\ntables: [{identities: {u: u}, evnts: []}]\n", r"Did you mean 'events'.*tables\[0\]"),
        (BASE.replace("[{name: a, at: t}]", "[]"), "may not be empty"),
        (BASE.replace("identities: {u: u}\n", ""), r"needs identities.*tables\[0\].events\[0\]"),
        (BASE.replace("{u: u}", "{}"), "At least one pair"),
        (BASE.replace("{u: u}", "u"), "pairs `name: value`"),
        (BASE + "person: customer\n", "none of the identities.*Allowed: u"),
        (BASE + "time_zone: Europe/Pariss\n", r"Did you mean 'Europe/Paris'.*time_zone"),
        (BASE.replace("at: t", "at: 5"), "a text is needed, not 5; put it in quotes"),
        (BASE.replace("at: t", "at: {column: t, unit: h}"), "no unit called 'h'.*Allowed: s, ms, us"),
        (BASE.replace("at: t", 'at: {column: t, unit: s, format: "%Y"}'), "not both"),
        (BASE.replace("name: a", 'name: "a {b"'), "braces"),
        (BASE.replace("name: a", 'name: "a {}"'), "empty hole"),
        (BASE + "value: {column: v, currency: 5}\n", "a text is needed"),
        (BASE + 'value: {column: v, decimal: "x"}\n', "decimals"),
        (BASE + "entity: {a: b, c: d}\n", "one entity"),
        (BASE + 'delimiter: ",,"\n', "one character"),
        (BASE + "encoding: utf-99\n", "no encoding called"),
        (BASE + "skip: -1\n", "whole number"),
        (BASE + "key: []\n", "may not be empty"),
        (BASE + "source: t\n", "stands twice"),
        ('source: "a\\0b"\nidentities: {u: u}\nevents: [{name: a, at: t}]\n', "NUL"),
        ('source: "a\\x1Fb"\nidentities: {u: u}\nevents: [{name: a, at: t}]\n', "control characters"),
        ("source: [s\n", "not a readable YAML"),
        ("source: !!python/object/apply:os.system ['true']\n", "not a readable YAML"),
        ("a: &a [x]\nb: *a\n", "aliases are not allowed"),
        ("&a [*a]\n", "aliases are not allowed"),
    ],
)
def test_what_a_mapping_may_not_say(text: str, said: str) -> None:
    with pytest.raises(MappingError, match=said):
        parse_mapping(text)


def test_a_bomb_and_an_oversized_file_are_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join('*' + p for _ in range(9))}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(MappingError, match="aliases"):
        parse_mapping(bomb)
    with pytest.raises(MappingError, match="256 KB"):
        parse_mapping("# " + "x" * 300_000)
    with pytest.raises(MappingError, match="nested too deeply"):
        parse_mapping("[" * 100_000)
    with pytest.raises(MappingError, match="UTF-8"):
        parse_mapping(b"source: \xff")
    with pytest.raises(MappingError, match="cannot be read"):
        read_mapping(tmp_path / "nowhere.yaml")
