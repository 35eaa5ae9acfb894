"""What does a company call what a connector reads? Other names, channels, things and values, as its mapping says.

A connector knows the words of its vendor; a company has its own: a ticket is `opened`, a call is `about {queue}`, a
survey's answer is about the case that stands in one of its fields. The archive keeps the vendor's words. What a mapping
says is put over each event when it is mapped, and in the same way over a state that becomes an event later; so an
archive can be mapped again in other words.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping as Pairs
from typing import TYPE_CHECKING

from desirepath.connectors.amount_sql import finite_number, is_gap, with_points
from desirepath.connectors.mapping import Mapping, Template, Value
from desirepath.connectors.scratch import literal
from desirepath.events.where_fields import pointer_to

if TYPE_CHECKING:
    import duckdb

LONGEST_NAME = 256
"""Bytes that the name of an event may have."""

_NUMBERS = "('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')"


def worded(parts: dict[str, str], mapping: Mapping) -> dict[str, str]:
    """SQL of the parts of an event in the company's words; where it lacks a property, the vendor's words stay.

    Parameters
    ----------
    parts
        SQL of the parts in the vendor's words.
    mapping
        For `names`, templates whose holes are properties, and for `channel`, `entity` and `value` of `fields`.
    """
    fields = mapping.fields
    if not (mapping.names or fields.channel or fields.entity or fields.value):
        return parts
    told = f"({parts['properties']})"
    state, own, channel = parts["state"], parts["name"], parts["channel"]
    is_event, is_state = f"({parts['kind']}) = 'event'", f"({state}) IS NOT NULL"
    concerned = f"({is_event} OR {is_state})"
    theirs = f"CASE WHEN {is_state} THEN json_extract_string({state}, '/name') ELSE {own} END"
    ours = _named(theirs, mapping.names, told)
    other = f"CASE WHEN {concerned} THEN {_filled(fields.channel, told)} END" if fields.channel else "NULL"
    thing = f"CASE WHEN {concerned} THEN {_scalar(told, fields.entity[1])} END" if fields.entity else "NULL"
    kind = literal(fields.entity[0]) if fields.entity else "NULL"
    amount, currency, bad, said = _amount(fields.value, told)
    raw_entity = f"concat({parts['entity_type']}, ':', {parts['entity_id']})"
    marks = [
        f"'$raw_name', CASE WHEN {ours} IS DISTINCT FROM ({theirs}) THEN {theirs} END",
        f"'$raw_channel', CASE WHEN {other} IS NOT NULL THEN {channel} END",
        f"'$raw_entity', CASE WHEN {is_event} AND {thing} IS NOT NULL AND ({parts['entity_id']}) IS NOT NULL "
        f"THEN {raw_entity} END",
    ]
    patch = [
        f"'name', {ours}",
        f"'raw_name', CASE WHEN {ours} IS DISTINCT FROM ({theirs}) THEN {theirs} END",
        # a state's thing stays what it is, as its states are told apart by it
        f"'entity', CASE WHEN {thing} IS NOT NULL THEN json_array({kind}, {thing}) END",
        f"'amount', coalesce({amount}, TRY_CAST(json_extract_string({state}, '/amount') AS DOUBLE))",
        f"'currency', CASE WHEN {amount} IS NULL THEN json_extract_string({state}, '/currency') ELSE {currency} END",
    ]
    over = f"{is_event} AND {amount} IS NOT NULL"
    return {
        **parts,
        "name": f"CASE WHEN {is_event} THEN {ours} ELSE {own} END",
        "channel": f"coalesce({other}, {channel})",
        "entity_type": f"CASE WHEN {is_event} AND {thing} IS NOT NULL THEN {kind} ELSE {parts['entity_type']} END",
        "entity_id": f"CASE WHEN {is_event} THEN coalesce({thing}, {parts['entity_id']}) ELSE {parts['entity_id']} END",
        "value": f"CASE WHEN {over} THEN {amount} ELSE {parts['value']} END",
        "currency": f"CASE WHEN {over} THEN {currency} ELSE {parts['currency']} END",
        "value_bad": f"{concerned} AND {bad}",
        "value_text": said,
        "properties": f"CASE WHEN {concerned} THEN CAST(json_merge_patch({told}, json_object({', '.join(marks)})) "
        f"AS VARCHAR) ELSE {told} END",
        "state": f"CASE WHEN {is_state} THEN CAST(json_merge_patch({state}, json_object({', '.join(patch)})) "
        "AS VARCHAR) END",
    }


def unused_words(con: duckdb.DuckDBPyConnection, scan: str, mapping: Mapping) -> list[str]:
    """What a mapping says of names and properties that are not there, where that looks like a slip.

    Parameters
    ----------
    con, scan
        A connection, and the archived table as it reads it.
    mapping
        A name that no event bears may be one that comes later; it is told where another name reads alike.
    """
    fields = mapping.fields
    wanted = {
        "channel": fields.channel.columns() if fields.channel else [],
        "entity": [fields.entity[1]] if fields.entity else [],
        "value": [fields.value.column] if fields.value else [],
        "names": [name for ours in mapping.names.values() for name in Template(ours).columns()],
    }
    concerned = "kind = 'event' OR state IS NOT NULL"
    said = []
    if mapping.names:
        own = "CASE WHEN kind = 'event' THEN name ELSE json_extract_string(state, '/name') END"
        there = {str(row[0]) for row in con.execute(f"SELECT DISTINCT {own} FROM {scan} WHERE {concerned}").fetchall()}
        for name in mapping.names.keys() - there:
            near = next(iter(difflib.get_close_matches(name, there - mapping.names.keys(), 1, 0.8)), None)
            if near is not None:
                said.append(f"The mapping names {name!r}, which no event is called; there is {near!r}.")
    for key, properties in wanted.items():
        for name in dict.fromkeys(properties):
            found = f"bool_or(json_type(properties, {_at(name)}) IS NOT NULL), count(*)"
            has, events = con.execute(f"SELECT {found} FROM {scan} WHERE {concerned}").fetchall()[0]
            if events and not has:
                said.append(f"No event has the property {name!r}, of which the mapping makes {key}.")
    return sorted(said)


def _named(theirs: str, names: Pairs[str, str], told: str) -> str:
    if not names:
        return f"({theirs})"
    cases = []
    for name, ours in names.items():
        filled = _filled(Template(ours), told)
        fits = f"nullif(CASE WHEN strlen({filled}) <= {LONGEST_NAME} THEN trim({filled}) END, '')"
        cases.append(f"WHEN {literal(name)} THEN coalesce({fits}, {literal(name)})")
    return f"(CASE ({theirs}) {' '.join(cases)} ELSE ({theirs}) END)"


def _filled(template: Template, told: str) -> str:
    """The template with its holes filled; missing where a property is."""
    parts = [_scalar(told, text) if is_column else literal(text) for is_column, text in template.parts()]
    return f"({' || '.join(parts)})" if parts else "NULL"


def _at(name: str) -> str:
    """A JSON pointer to a property."""
    return literal(pointer_to(name))


def _scalar(told: str, name: str) -> str:
    """A text or number as text, whole numbers without decimals; missing for anything else, and where it is blank."""
    text = f"json_extract_string({told}, {_at(name)})"
    return (
        f"nullif(trim(CASE WHEN json_type({told}, {_at(name)}) = 'VARCHAR' THEN {text} "
        f"WHEN json_type({told}, {_at(name)}) IN {_NUMBERS} THEN regexp_replace({text}, '\\.0$', '') END), '')"
    )


def _amount(value: Value | None, told: str) -> tuple[str, str, str, str]:
    """An amount, its currency, whether what stands there is none, and what does."""
    if value is None:
        return "CAST(NULL AS DOUBLE)", "CAST(NULL AS VARCHAR)", "false", "CAST(NULL AS VARCHAR)"
    text, kind = f"json_extract_string({told}, {_at(value.column)})", f"json_type({told}, {_at(value.column)})"
    plain = f"trim({text}, ' ' || chr(9) || chr(10) || chr(13))"
    if value.decimal == ",":
        plain = f"CASE WHEN {kind} = 'VARCHAR' THEN {with_points(plain)} ELSE {plain} END"
    finite = finite_number(plain)
    currency = literal(value.currency.upper()) if value.currency else "CAST(NULL AS VARCHAR)"
    if value.currency_column:
        named = f"upper({_scalar(told, value.currency_column)})"
        currency = f"coalesce(CASE WHEN regexp_matches({named}, '^[A-Z]{{3}}$') THEN {named} END, {currency})"
    return finite, currency, f"(NOT {is_gap(text)} AND {finite} IS NULL)", text
