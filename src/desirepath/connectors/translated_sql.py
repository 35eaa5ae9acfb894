"""How does a row that a connector made become an event? The columns of a translated table, and their SQL.

A connector's rows are archived in one typed shape, each beside the record that it was made from. From there on they
go the way of all rows: the same checks, the same reasons for the quarantine, the same erasure.
"""

from __future__ import annotations

import pyarrow as pa

from desirepath.connectors.columns import Columns
from desirepath.connectors.mapping import At, EventRule, Fields, TableMapping, Template
from desirepath.connectors.placeholders import PLACEHOLDERS
from desirepath.connectors.scratch import literal
from desirepath.events.schema import IDENTITY_TYPE

TRANSLATED = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("key", pa.string()),
        pa.field("name", pa.string()),
        pa.field("at", pa.timestamp("us", tz="UTC")),
        pa.field("at_text", pa.string()),
        pa.field("precision", pa.string(), nullable=False),
        pa.field("quality", pa.string(), nullable=False),
        pa.field("identities", pa.list_(IDENTITY_TYPE), nullable=False),
        pa.field("channel", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("entity_type", pa.string()),
        pa.field("entity_id", pa.string()),
        pa.field("session", pa.string()),
        pa.field("sequence", pa.int64()),
        pa.field("properties", pa.string(), nullable=False),
        pa.field("state", pa.string()),
        pa.field("received", pa.timestamp("us", tz="UTC")),
        pa.field("stream", pa.string(), nullable=False),
        pa.field("raw", pa.string()),
    ]
)
"""One row per thing that a record says; `raw` is the record itself, and stands at the first of its rows. `received` is
when it came, where that was not with all the others of its import."""

TABLE = TableMapping(
    events=(EventRule(Template("{name}", whole="name"), At("at")),),
    fields=Fields(key=("key",), identities=(("*", "identities"),)),
)
"""The table of a connector's mapping."""


def translated_parts(columns: Columns, somebody: tuple[str, ...]) -> dict[str, str]:
    """SQL of the parts of an event, as `rule_sql.compile_rule` has them."""
    text, real = columns.use, {value.strip().casefold() for value in somebody}
    nobody = ", ".join(literal(value) for value in PLACEHOLDERS if value not in real)
    return {
        "kind": text("kind"),
        "state": text("state"),
        "local": "CAST(NULL AS TIMESTAMP)",
        "absolute": columns.use("at", "typed"),
        "instant": "m_absolute",
        "received": columns.use("received", "typed"),
        "precision": text("precision"),
        "quality": text("quality"),
        "name": f"nullif(trim({text('name')}), '')",
        "identities": f"list_filter({columns.use('identities', 'typed')}, "
        f"lambda one: lower(trim(one.value)) NOT IN ({nobody}))",
        "channel": text("channel"),
        "value": columns.use("value", "typed"),
        "value_text": "CAST(NULL AS VARCHAR)",
        "value_bad": "false",
        "currency": text("currency"),
        "entity_type": text("entity_type"),
        "entity_id": text("entity_id"),
        "session": text("session"),
        "sequence": columns.use("sequence", "typed"),
        "sequence_text": "CAST(NULL AS VARCHAR)",
        "sequence_bad": "false",
        "key": text("key"),
        "properties": text("properties"),
        "at_text": text("at_text"),
        # names and identities come out of JSON, where a NUL can be written
        "nul": " OR ".join(f"coalesce(contains({text(name)}, chr(0)), false)" for name in ("name", "key", "session")),
    }
