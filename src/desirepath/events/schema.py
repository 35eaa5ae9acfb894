"""How do events travel? The Arrow schemas between connectors and the store.

DuckDB 2.0 hands out UUID as text unless `SET arrow_lossless_conversion = true`; with that setting a query's
UUID column has the type that `EVENT_SCHEMA` names, and DuckDB reads that type back as UUID. `properties`
travels as text (cast JSON to VARCHAR) and is checked to be JSON when it enters the store's JSON column. Times
are UTC microseconds.

The store adds `seq` (the dense arrival number) and `batch` (the number of the import).
"""

from __future__ import annotations

import pyarrow as pa

IDENTITY_TYPE: pa.StructType = pa.struct([pa.field("kind", pa.string()), pa.field("value", pa.string())])

_TIME = pa.timestamp("us", tz="UTC")

EVENT_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("id", pa.uuid(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("occurred_at", _TIME, nullable=False),
        pa.field("precision", pa.string(), nullable=False),
        pa.field("quality", pa.string(), nullable=False),
        pa.field("received_at", _TIME, nullable=False),
        pa.field("sequence", pa.int64()),
        pa.field("source", pa.string(), nullable=False),
        pa.field("instance", pa.string(), nullable=False),
        pa.field("channel", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("entity_type", pa.string()),
        pa.field("entity_id", pa.string()),
        pa.field("session", pa.string()),
        pa.field("identities", pa.list_(IDENTITY_TYPE), nullable=False),
        pa.field("properties", pa.string(), nullable=False),
        pa.field("record", pa.int64(), nullable=False),
        pa.field("raw_table", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("state", pa.string()),
    ]
)
"""One row per event, without `seq` and `batch`.

Rows whose `kind` is `snapshot` are no events: they tell what a system knew about somebody or something at a moment,
and `state`, the text of one JSON object, what state it was in (see `connectors.rows.state_of`).
"""

QUARANTINE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64()),
        pa.field("record", pa.int64()),
        pa.field("reason_code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
    ]
)
"""One row per input that could not become an event: where it stood, why, and its bytes."""
