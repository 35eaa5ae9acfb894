"""Which properties does an event keep? SQL of one JSON object of columns, conditions, or of whatever is left.

Without a declaration they are the table's own columns that the mapping uses for nothing else. Nulls are left
out; types of Parquet and JSON stay, CSV gives texts; nested JSON stays as it is.
"""

from __future__ import annotations

import json

from desirepath.connectors.columns import Columns
from desirepath.connectors.conditions import condition_sql
from desirepath.connectors.mapping import Fields, Property, TableMapping
from desirepath.connectors.scratch import literal
from desirepath.errors import MappingError


def property_columns(fields: Fields, columns: Columns) -> list[str]:
    """Return the columns that become properties as they are."""
    if fields.properties is None:
        return [] if columns.is_json else columns.own
    return [item for item in fields.properties if isinstance(item, str)]


def properties_sql(fields: Fields, table: TableMapping, columns: Columns, place: str | None) -> str:
    """Return SQL of the properties, VARCHAR; `place` is the zone of dates in conditions."""
    if fields.properties is None:
        used = _used_columns(table)
        if columns.is_json:
            return _json_rest(used, columns)
        chosen: tuple[Property | str, ...] = tuple(name for name in columns.own if name not in used)
    else:
        chosen = fields.properties
    pieces: list[str] = []
    for item in chosen:
        name = item if isinstance(item, str) else item.name
        pieces.append(
            f"{literal(json.dumps(_label(name), ensure_ascii=False) + ':')} || {_property(item, columns, place)}"
        )
    return f"'{{' || concat_ws(',', {', '.join(pieces)}) || '}}'" if pieces else "'{}'"


def _property(item: Property | str, columns: Columns, place: str | None) -> str:
    if isinstance(item, str):
        return columns.use(item, "json")
    try:
        columns.find(item.expression)
    except MappingError:
        return f"CAST(({condition_sql(item.expression, columns, place)}) AS VARCHAR)"
    return columns.use(item.expression, "json")


def _label(name: str) -> str:
    """Return the name of a property for a column: of `/address/city`, the last part."""
    return name.rsplit("/", 1)[-1] if name.startswith("/") else name


def _json_rest(used: set[str], columns: Columns) -> str:
    """Return the object without what is used elsewhere, and without nulls."""
    tops = {name[1:].split("/", 1)[0] if name.startswith("/") and "/" not in name[1:] else name for name in used}
    patch = literal(json.dumps(dict.fromkeys(sorted(tops)), ensure_ascii=False))
    line = columns.use_line()
    rest = f"CAST(json_merge_patch({line}, {patch}) AS VARCHAR)"
    return (
        f"CASE WHEN regexp_matches({line}, ':\\s*null') THEN CAST(json_strip_nulls({rest}) AS VARCHAR) ELSE {rest} END"
    )


def _used_columns(table: TableMapping) -> set[str]:
    found: set[str] = set()
    for rule in table.events:
        fields = rule.fields.over(table.fields)
        found |= {rule.at.column, *rule.name.columns(), *(column for _, column in fields.identities or ())}
        found |= set(fields.channel.columns()) if fields.channel else set()
        found |= {fields.entity[1]} if fields.entity else set()
        found |= {fields.value.column, fields.value.currency_column or ""} if fields.value else set()
        found |= {name for name in (fields.session, fields.sequence) if name is not None}
    return found
