"""How do a database's rows become a Parquet file? Batch by batch, with types that a mapping can use.

Numbers, texts, dates, times, true and false stay what they are. JSON, lists and structures become JSON text, a UUID
and a time of day become text. What has no such form, such as bytes, is an error that names the column; nothing is left
out silently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from desirepath.errors import InputError

ALLOWED = (
    "whole numbers, decimals, floats",
    "text, JSON, UUIDs, lists",
    "true and false",
    "dates, and times with and without zone",
    "a query that leaves the column out, or makes text of it: CAST(… AS text)",
)
_INSTANT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Plain:
    """What becomes of a column: its type in Parquet, and how each batch of it is made so; None where it stays."""

    type: pa.DataType
    made: Callable[[pa.Array], pa.Array] | None = None


def plain(field: pa.Field, looked: str) -> Plain:
    """Tell what becomes of a column.

    Raises
    ------
    InputError
        When its type has no form that a mapping could use; names the column.
    """
    found = _plain(field.type, field.metadata or {})
    if found is None:
        raise InputError(
            f"The column {field.name!r} has the type {_called(field.type)}, which cannot be imported.",
            allowed=ALLOWED,
            looked=looked,
        )
    return found


def is_number_as_text(field: pa.Field) -> bool:
    """Whether a driver gives a decimal number as text, as that of PostgreSQL does."""
    kind = field.type
    return isinstance(kind, pa.OpaqueType) and kind.type_name == "numeric" and pa.types.is_string(kind.storage_type)


def _plain(kind: pa.DataType, told: dict[bytes, bytes]) -> Plain | None:
    if isinstance(kind, pa.BaseExtensionType):
        return _of_extension(kind, told)
    if pa.types.is_dictionary(kind):
        inner = _plain(kind.value_type, told)
        return None if inner is None else Plain(inner.type, lambda one: _made(inner, one.dictionary_decode()))
    if pa.types.is_null(kind):
        return Plain(pa.string(), lambda one: one.cast(pa.string()))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return Plain(pa.string(), lambda one: one.cast(pa.string()))
    if pa.types.is_decimal(kind):
        fits = kind.precision <= 38
        wanted = pa.decimal128(kind.precision, kind.scale) if fits else pa.string()
        return Plain(wanted, lambda one: one.cast(wanted))
    if pa.types.is_float16(kind) or pa.types.is_date64(kind):
        narrow = pa.float32() if pa.types.is_float16(kind) else pa.date32()
        return Plain(narrow, lambda one: one.cast(narrow))
    if pa.types.is_timestamp(kind):
        moment = _INSTANT if kind.tz else pa.timestamp("us")
        # finer than microseconds is cut off: events know no finer moment
        return Plain(moment, None if kind == moment else lambda one: one.cast(moment, safe=False))
    if pa.types.is_time(kind):
        return Plain(pa.string(), lambda one: one.cast(pa.string()))
    if pa.types.is_nested(kind):
        return Plain(pa.string(), _json_texts) if _can_be_json(kind) else None
    stays = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_string, pa.types.is_date32)
    return Plain(kind) if any(is_kind(kind) for is_kind in stays) else None


def _of_extension(kind: pa.BaseExtensionType, told: dict[bytes, bytes]) -> Plain | None:
    if kind.extension_name == "arrow.uuid":
        return Plain(pa.string(), lambda one: pa.array([None if v is None else str(v) for v in one.to_pylist()]))
    if kind.extension_name == "arrow.bool8":
        return Plain(pa.bool_(), lambda one: one.storage.cast(pa.bool_()))
    if kind.extension_name not in ("arrow.json", "arrow.opaque") or not _is_text(kind.storage_type):
        return None
    places = _places(told)
    if kind.extension_name == "arrow.opaque" and kind.type_name == "numeric" and places is not None:
        wanted = pa.decimal128(*places)
        return Plain(wanted, lambda one: _finite(one.storage).cast(wanted))
    return Plain(pa.string(), lambda one: one.storage.cast(pa.string()))


def _places(told: dict[bytes, bytes]) -> tuple[int, int] | None:
    """Precision and scale of PostgreSQL's `numeric(p, s)`; None where it was declared without, or goes too far."""
    modifier = int(told.get(b"POSTGRESQL:typmod", b"-1")) - 4
    precision, scale = modifier >> 16 & 0xFFFF, modifier & 0x7FF
    return (precision, scale) if modifier >= 0 and scale <= precision <= 38 else None


def _finite(texts: pa.Array) -> pa.Array:
    """Texts of numbers, without NaN and infinities, which no decimal can hold."""
    return pc.if_else(pc.match_substring_regex(texts, "[A-Za-z]{3}"), None, texts)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _made(how: Plain, column: pa.Array) -> pa.Array:
    return column if how.made is None else how.made(column)


def _can_be_json(kind: pa.DataType) -> bool:
    """Whether everything inside a list, structure or map has a form of its own."""
    if pa.types.is_map(kind):
        return _is_text(kind.key_type) and _can_be_json(kind.item_type)
    if pa.types.is_struct(kind):
        return all(_can_be_json(kind.field(number).type) for number in range(kind.num_fields))
    if pa.types.is_nested(kind):
        return not pa.types.is_union(kind) and _can_be_json(kind.value_type)
    return _plain(kind, {}) is not None


def _json_texts(column: pa.Array) -> pa.Array:
    # a map with a key twice keeps the last, as JSON does
    values = column.to_pylist(maps_as_pydicts="lossy")
    return pa.array([None if one is None else _ENCODER.encode(one).decode() for one in values], pa.string())


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _called(kind: pa.DataType) -> str:
    return str(kind.type_name) if isinstance(kind, pa.OpaqueType) else str(kind)


class RowsFile:
    """A Parquet file that rows are written to, a batch at a time.

    Parameters
    ----------
    path
        The file.
    schema
        The columns as the database gives them.
    looked
        What the database is called, for errors.

    Raises
    ------
    InputError
        When a column has a type that cannot be imported.
    """

    def __init__(self, path: Path, schema: pa.Schema, looked: str) -> None:
        self.path, self.rows, self._looked = path, 0, looked
        self._plains = [plain(one, looked) for one in schema]
        kinds = [(one.name, how.type) for one, how in zip(schema, self._plains, strict=True)]
        self._schema = pa.schema([pa.field(name, kind) for name, kind in kinds])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows.

        Raises
        ------
        InputError
            When a value does not fit the type that the database gave its column.
        """
        columns = []
        for number, how in enumerate(self._plains):
            try:
                columns.append(_made(how, batch.column(number)))
                columns[-1].validate(full=True)  # that texts are UTF-8, which SQLite does not promise
            except (
                pa.ArrowInvalid,
                pa.ArrowNotImplementedError,
                UnicodeDecodeError,
                TypeError,
                OverflowError,
            ) as problem:
                raise InputError(
                    f"A value of the column {self._schema.field(number).name!r} cannot be read: {problem}.",
                    looked=self._looked,
                ) from None
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        self.rows += batch.num_rows

    def close(self) -> None:
        """End the file."""
        self._writer.close()
