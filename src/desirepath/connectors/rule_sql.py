"""How does a row become an event?

One SELECT per event rule, built from a mapping and the real list of columns. Three layers over
`Columns.relation`: the parts of the event and everything that can be wrong with them; the reason, if any, for
which it is set aside; the columns of the event. Values a person wrote enter as quoted literals, names only
through `Columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desirepath.connectors.amount_sql import finite_number, is_gap, with_points
from desirepath.connectors.columns import Columns
from desirepath.connectors.conditions import condition_sql
from desirepath.connectors.mapping import EventRule, Fields, Mapping, TableMapping, Template
from desirepath.connectors.placeholders import PLACEHOLDERS
from desirepath.connectors.property_sql import properties_sql, property_columns
from desirepath.connectors.scratch import literal
from desirepath.connectors.times import NUMBERS, TimeSql, time_sql, utc_sql
from desirepath.connectors.translated_sql import translated_parts
from desirepath.connectors.wording import LONGEST_NAME, worded
from desirepath.events.event import EVENT_ID_SQL

EARLIEST = "TIMESTAMPTZ '1990-01-01 00:00:00+00'"
_LATER = {"key", "instant", "at_text", "value_text", "sequence_text"}
ROW_ORDER = "$record"
"""As `sequence`: the order of the rows in their file is the source's own order."""

_MAILS = {"email", "e-mail", "e_mail", "mail", "email_address"}


@dataclass(frozen=True, slots=True)
class RuleSql:
    """An event rule, compiled.

    Parameters
    ----------
    columns
        The columns it uses; each rule has its own list.
    applies
        SQL condition: the row passes `where` and `when`.
    missing
        SQL condition: the row's time is empty.
    parts
        SQL of each part of the event, by name.
    own_key
        Whether the mapping declares a key; otherwise the row's content is the key.
    """

    columns: Columns
    applies: str
    missing: str
    parts: dict[str, str]
    own_key: bool


def compile_rule(mapping: Mapping, table: TableMapping, rule: EventRule, columns: Columns) -> RuleSql:
    """Compile one event rule against the columns of its table.

    Raises
    ------
    MappingError
        When it names a column that is not there, or one whose type does not fit.
    """
    if mapping.connector is not None:
        parts = worded(translated_parts(columns, mapping.somebody), mapping)
        missing = f"({parts['absolute']} IS NULL AND {parts['at_text']} IS NULL)"
        return RuleSql(columns, f"({parts['kind']}) <> 'none'", missing, parts, own_key=True)
    fields = rule.fields.over(table.fields)
    place = fields.time_zone or mapping.time_zone
    conditions = [condition_sql(text, columns, place) for text in (table.where, rule.when) if text is not None]
    kind = columns.type_of(rule.at.column)
    time = time_sql(rule.at, kind, columns.use(rule.at.column, "text" if kind == "VARCHAR" else "typed"))
    parts = {
        "kind": "'event'",
        "state": "CAST(NULL AS VARCHAR)",
        "quality": "NULL",
        **_time_parts(time, place),
        "name": _template(rule.name, columns, needed=True),
        "identities": _identities(_ordered(fields, mapping.person), columns, mapping.somebody),
        "channel": _template(fields.channel, columns),
        **_value(fields, columns),
        **_entity(fields, columns),
        "session": _trimmed(columns.use(fields.session)) if fields.session else "CAST(NULL AS VARCHAR)",
        **_sequence(fields, columns),
        "key": _key(fields, rule, columns),
        "properties": properties_sql(fields, table, columns, place),
        "at_text": f"CAST({columns.use(rule.at.column)} AS VARCHAR)",
        "nul": _nul(rule, fields, columns),
    }
    applies = " AND ".join(f"({condition}) IS TRUE" for condition in conditions) or "true"
    return RuleSql(columns, applies, time.missing, parts, fields.key is not None)


def select_events(
    compiled: RuleSql,
    mapping: Mapping,
    raw_table: str,
    folder: Path,
    received_at: str,
    *,
    several: bool,
    verdicts: str | None,
) -> str:
    """Return the SELECT of a rule's events, in the order of `EVENT_SCHEMA`, then `reason` and `detail`.

    Parameters
    ----------
    compiled
        The rule.
    mapping
        For source and instance.
    raw_table, folder
        The archived table and where it lies.
    received_at
        SQL of the moment of the import.
    several
        Whether the table has several rules; a row without the time of this one is then none of its business.
    verdicts
        Name of a table (record, ordinal, verdict) about rows that share their key, or None when there are
        none.
    """
    parts, source, instance = compiled.parts, literal(mapping.source), literal(mapping.instance)
    if "received" in parts:
        received_at = f"coalesce(m_received, {received_at})"
    quality = (
        "CASE WHEN m_clamped THEN 'clamped' WHEN m_local IS NOT NULL THEN 'zone_declared' "
        "ELSE coalesce(m_quality, 'server') END"
    )
    chosen = {
        "id": EVENT_ID_SQL.format(source=source, instance=instance, key="m_key"),
        "name": "m_name",
        "occurred_at": f"CASE WHEN m_clamped THEN {received_at} ELSE m_time END",
        "precision": "m_precision",
        "quality": quality,
        "received_at": received_at,
        "sequence": "m_sequence",
        "source": source,
        "instance": instance,
        **{name: f"m_{name}" for name in ("channel", "value", "currency", "entity_type", "entity_id", "session")},
        "identities": "m_identities",
        "properties": _with_original_time(),
        "record": "record",
        "raw_table": literal(raw_table),
        "kind": "m_kind",
        "state": "m_state",
        "reason": "reason",
        "detail": _detail(parts),
    }
    rows = _judged(compiled, folder, received_at, several=several, verdicts=verdicts)
    return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in chosen.items())} FROM ({rows})"


def _judged(compiled: RuleSql, folder: Path, received_at: str, *, several: bool, verdicts: str | None) -> str:
    """Return the SELECT of the parts of each event, `m_…`, with its time and reason."""
    parts = compiled.parts
    ordinal = "coalesce(v.ordinal, 1)" if verdicts else "1"
    key = parts["key"] if compiled.own_key else f"concat_ws(chr(31), {parts['key']}, content, {ordinal})"
    verdict = "v.verdict" if verdicts else "CAST(NULL AS VARCHAR)"
    join = f" LEFT JOIN {verdicts} AS v ON v.record = r.record" if verdicts else ""
    only = f"{compiled.applies} AND NOT {compiled.missing}" if several else compiled.applies
    told = {name: sql for name, sql in parts.items() if name not in _LATER}
    told |= {"missing": compiled.missing, "key": key, "verdict": verdict}
    relation = compiled.columns.relation(folder, content=not compiled.own_key)
    listed = ", ".join(f"{sql} AS m_{name}" for name, sql in told.items())
    rows = f"SELECT r.*, {listed} FROM ({relation}) AS r{join}"
    rows = f"SELECT *, {parts['instant']} AS m_time FROM ({rows} WHERE {only})"
    future = f"m_time > {received_at} + INTERVAL 1 HOUR"
    return f"SELECT *, {_reason()} AS reason, {future} AS m_clamped FROM ({rows})"


def _reason() -> str:
    return (
        "CASE WHEN m_missing THEN 'time_missing' WHEN m_time IS NULL THEN 'time_unreadable' "
        f"WHEN m_time < {EARLIEST} THEN 'time_out_of_range' "
        "WHEN m_name IS NULL OR trim(m_name) = '' THEN 'name_missing' "
        f"WHEN strlen(m_name) > {LONGEST_NAME} THEN 'name_too_long' "
        "WHEN len(m_identities) = 0 AND m_kind = 'event' THEN 'identity_missing' WHEN m_nul THEN 'nul_character' "
        "WHEN m_key IS NULL THEN 'key_missing' WHEN m_value_bad THEN 'value_unreadable' "
        "WHEN m_sequence_bad THEN 'sequence_unreadable' ELSE m_verdict END"
    )


def _detail(parts: dict[str, str]) -> str:
    texts = {
        "time_unreadable": parts["at_text"],
        "time_out_of_range": parts["at_text"],
        "value_unreadable": parts["value_text"],
        "sequence_unreadable": parts["sequence_text"],
    }
    said = " ".join(f"WHEN '{reason}' THEN left({text}, 100)" for reason, text in texts.items())
    return f"CASE reason {said} END"


def _with_original_time() -> str:
    original = "json_object('$original_time', strftime(m_time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'))"
    return f"CASE WHEN m_clamped THEN CAST(json_merge_patch(m_properties, {original}) AS VARCHAR) ELSE m_properties END"


def _time_parts(time: TimeSql, place: str | None) -> dict[str, str]:
    # The local time is a column of the first layer and read in its zone in the second: it is named many times
    # there.
    local = time.local or "CAST(NULL AS TIMESTAMP)"
    absolute = time.instant or "CAST(NULL AS TIMESTAMPTZ)"
    if time.local is None or place is None:
        instant = "m_absolute"
    else:
        instant = f"CASE WHEN m_local IS NOT NULL THEN {utc_sql('m_local', place)} ELSE m_absolute END"
    return {"local": local, "absolute": absolute, "precision": time.precision, "instant": instant}


def _template(template: Template | None, columns: Columns, *, needed: bool = False) -> str:
    if template is None:
        return "CAST(NULL AS VARCHAR)"
    pieces = [
        f"nullif(trim({columns.use(text)}), '')" if is_column else literal(text) for is_column, text in template.parts()
    ]
    # `||` with a missing part is missing: a name or channel with a hole in it would be a name of its own.
    joined = " || ".join(pieces) or "''"
    return f"({joined})" if needed or len(pieces) > 1 else joined


def _ordered(fields: Fields, person: str | None) -> list[tuple[str, str]]:
    identities = list(fields.identities or ())
    return sorted(identities, key=lambda pair: pair[0] != person) if person is not None else identities


def _identities(identities: list[tuple[str, str]], columns: Columns, somebody: tuple[str, ...]) -> str:
    real = {value.strip().casefold() for value in somebody}
    nobody = ", ".join(literal(value) for value in PLACEHOLDERS if value not in real)
    found: list[str] = []
    for kind, column in identities:
        text = columns.use(column)
        value = f"lower(trim({text}))" if kind.lower() in _MAILS else f"trim({text})"
        struct = f"{{'kind': {literal(kind)}, 'value': {value}}}"
        found.append(f"CASE WHEN lower(trim({text})) NOT IN ({nobody}) THEN {struct} END")
    return f"list_filter([{', '.join(found)}], lambda one: one IS NOT NULL)"


def _trimmed(text: str) -> str:
    return f"nullif(trim({text}), '')"


def _value(fields: Fields, columns: Columns) -> dict[str, str]:
    if fields.value is None:
        return {
            "value": "CAST(NULL AS DOUBLE)",
            "value_text": "CAST(NULL AS VARCHAR)",
            "value_bad": "false",
            "currency": "CAST(NULL AS VARCHAR)",
        }
    given, text = fields.value, columns.use(fields.value.column)
    currency = literal(given.currency) if given.currency else "CAST(NULL AS VARCHAR)"
    if given.currency_column:
        currency = f"coalesce(upper({_trimmed(columns.use(given.currency_column))}), {currency})"
    if columns.type_of(given.column).partition("(")[0] in NUMBERS:
        typed = columns.use(given.column, "typed")
        number = f"CASE WHEN isfinite(CAST({typed} AS DOUBLE)) THEN CAST({typed} AS DOUBLE) END"
        bad = f"isinf(CAST({typed} AS DOUBLE)) IS TRUE"
        return {
            "value": number,
            "value_text": text,
            "value_bad": bad,
            "currency": f"CASE WHEN {number} IS NOT NULL THEN {currency} END",
        }
    plain = f"trim({text})"
    finite, empty = finite_number(with_points(plain) if given.decimal == "," else plain), is_gap(text)
    return {
        "value": finite,
        "value_text": text,
        "value_bad": f"NOT {empty} AND {finite} IS NULL",
        "currency": f"CASE WHEN NOT {empty} THEN {currency} END",
    }


def _entity(fields: Fields, columns: Columns) -> dict[str, str]:
    if fields.entity is None:
        return {"entity_type": "CAST(NULL AS VARCHAR)", "entity_id": "CAST(NULL AS VARCHAR)"}
    kind, column = fields.entity
    value = _trimmed(columns.use(column))
    return {"entity_type": f"CASE WHEN {value} IS NOT NULL THEN {literal(kind)} END", "entity_id": value}


def _sequence(fields: Fields, columns: Columns) -> dict[str, str]:
    if fields.sequence is None:
        return {
            "sequence": "CAST(NULL AS BIGINT)",
            "sequence_text": "CAST(NULL AS VARCHAR)",
            "sequence_bad": "false",
        }
    if fields.sequence == ROW_ORDER and ROW_ORDER not in columns.own:
        return {"sequence": "r.record", "sequence_text": "CAST(NULL AS VARCHAR)", "sequence_bad": "false"}
    text = _trimmed(columns.use(fields.sequence))
    number = f"CASE WHEN regexp_matches({text}, '^[+-]?[0-9]+$') THEN TRY_CAST({text} AS BIGINT) END"
    return {
        "sequence": number,
        "sequence_text": text,
        "sequence_bad": f"{text} IS NOT NULL AND ({number}) IS NULL",
    }


def _key(fields: Fields, rule: EventRule, columns: Columns) -> str:
    # The rule's name is part of the key: one order makes a purchase and a delivery.
    name = literal(rule.name.text)
    if fields.key is None:
        return name
    texts = [columns.use(column) for column in fields.key]
    values = ", ".join(f"coalesce({text}, '')" for text in texts)
    return (
        f"CASE WHEN {' OR '.join(f'{text} IS NOT NULL' for text in texts)} THEN "
        f"concat_ws(chr(31), {name}, {values}) END"
    )


def _nul(rule: EventRule, fields: Fields, columns: Columns) -> str:
    """Return the condition that a text of a typed file holds a NUL; readers of text files see to theirs."""
    singles = [fields.session, fields.entity[1] if fields.entity else None]
    names = [
        *rule.name.columns(),
        *(fields.channel.columns() if fields.channel else []),
        *(c for _, c in fields.identities or ()),
    ]
    names += [name for name in singles if name is not None]
    checks = [
        f"coalesce(contains({columns.use(name)}, chr(0)), false)"
        for name in dict.fromkeys(names)
        if columns.has_text_of_parquet(name)
    ]
    escaped = [name for name in property_columns(fields, columns) if columns.has_text_of_parquet(name)]
    checks += [f"coalesce(contains({columns.use(name)}, chr(0)), false)" for name in escaped]
    return " OR ".join(dict.fromkeys(checks)) or "false"
