"""How is a SELECT written for each kind of database? Names are quoted, values are bound, and nothing is changed.

Two kinds need more than the standard:

- PostgreSQL streams a result only where it binds no value. So the value is bound to a setting of the transaction first,
  and the SELECT compares with that setting.
- A column of SQLite has no type; its driver takes that of the first rows and breaks off at the first row that differs.
  So all rows are asked which types they have, and a first row of such types goes before them, to be taken off again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from desirepath.errors import InputError, WorkspaceError
from desirepath.syncing.marks import Mark
from desirepath.syncing.plain_rows import ALLOWED

_SETTING = "desirepath.since"
_CASTS = {
    "integer": "bigint",
    "float": "double precision",
    "decimal": "numeric",
    "text": "text",
    "date": "date",
    "local": "timestamp",
    "instant": "timestamptz",
}
_SQLITE_KINDS = ("text", "real", "integer")
_SQLITE_SAMPLES = {"text": ("'x'", pa.string()), "real": ("0.5", pa.float64()), "integer": ("0", pa.int64())}


@dataclass(frozen=True)
class Select:
    """What is read, as SQL.

    Parameters
    ----------
    relation
        What stands after FROM.
    quote
        The sign around names.
    """

    relation: str
    quote: str = '"'

    @classmethod
    def of(cls, kind: str, table: str | None, query: str | None) -> Select:
        """Write the SELECT for a kind of database."""
        found = {"postgresql": _Postgresql, "sqlite": _Sqlite}.get(kind, cls)
        select = found("", "`" if kind == "bigquery" else '"')
        if table is not None:
            return found(".".join(select.quoted(part) for part in table.split(".")), select.quote)
        # as a subquery a statement can only read; its last line may be a comment
        statement = re.sub(r"[;\s]+$", "", str(query))
        return found(f"(\n{statement}\n) AS {select.quoted('asked')}", select.quote)

    def quoted(self, name: str) -> str:
        """A name as SQL has it."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def schema(self, cursor: Any, looked: str) -> pa.Schema:
        """The columns of the result; `looked` is what the database is called, for errors."""
        del looked
        cursor.execute(f"SELECT * FROM {self.relation} WHERE 1 = 0")
        with cursor.fetch_record_batch() as reader:
            return reader.schema

    def run(self, cursor: Any, schema: pa.Schema, ordered: str | None, mark: Mark | None) -> Any:
        """Begin to read: a reader of record batches, closed by whoever asked.

        Parameters
        ----------
        cursor
            Of the connection.
        schema
            What `schema` gave.
        ordered
            The column to order by.
        mark
            Where to begin; rows without a value always come.
        """
        del schema
        text = f"SELECT * FROM {self.relation}" + self.since(ordered, mark, "?") + self.order(ordered)
        cursor.execute(text, None if mark is None else [mark.value])
        return cursor.fetch_record_batch()

    def since(self, ordered: str | None, mark: Mark | None, value: str) -> str:
        """The condition; `value` is how it speaks of the mark."""
        if mark is None or ordered is None:
            return ""
        return f" WHERE {self.quoted(ordered)} >= {value} OR {self.quoted(ordered)} IS NULL"

    def order(self, ordered: str | None) -> str:
        """The order."""
        return "" if ordered is None else f" ORDER BY {self.quoted(ordered)}"


class _Postgresql(Select):
    def run(self, cursor: Any, schema: pa.Schema, ordered: str | None, mark: Mark | None) -> Any:
        del schema
        value = ""
        if mark is not None:
            cursor.execute(f"SELECT set_config('{_SETTING}', $1, true)", [mark.to_dict()["value"]])
            cursor.fetchall()
            value = f"CAST(current_setting('{_SETTING}') AS {_CASTS[mark.kind]})"
        cursor.execute(f"SELECT * FROM {self.relation}" + self.since(ordered, mark, value) + self.order(ordered))
        return cursor.fetch_record_batch()


class _Sqlite(Select):
    def since(self, ordered: str | None, mark: Mark | None, value: str) -> str:
        condition = super().since(ordered, mark, value)
        # every number sorts before every text, so in a column of both, numbers are read each time
        mixed = f" OR typeof({self.quoted(ordered)}) <> 'text'" if ordered and mark and mark.kind == "text" else ""
        return condition + mixed

    def schema(self, cursor: Any, looked: str) -> pa.Schema:
        names = super().schema(cursor, looked).names
        wanted = ("blob", *_SQLITE_KINDS)
        asked = ", ".join(f"max(typeof({self.quoted(name)}) = '{kind}')" for name in names for kind in wanted)
        cursor.execute(f"SELECT {asked} FROM {self.relation}")
        told = cursor.fetchone()
        fields = []
        for number, name in enumerate(names):
            has_bytes, *has = told[number * len(wanted) : (number + 1) * len(wanted)]
            if has_bytes:
                raise InputError(
                    f"The column {name!r} holds bytes (BLOB), which cannot be imported.", allowed=ALLOWED, looked=looked
                )
            # texts win over numbers, and floats over whole numbers; a column without any value is one of texts
            kind = next((kind for kind, there in zip(_SQLITE_KINDS, has, strict=True) if there), "text")
            fields.append(pa.field(name, _SQLITE_SAMPLES[kind][1]))
        return pa.schema(fields)

    def run(self, cursor: Any, schema: pa.Schema, ordered: str | None, mark: Mark | None) -> Any:
        samples = {kind: text for text, kind in _SQLITE_SAMPLES.values()}
        first = ", ".join(f"{samples[field.type]} AS {self.quoted(field.name)}" for field in schema)
        text = f"SELECT 0 AS {self.quoted('place')}, {first} UNION ALL SELECT 1, * FROM {self.relation}"
        text += self.since(ordered, mark, "?")
        if ordered is not None:
            text += f" ORDER BY 1, {schema.names.index(ordered) + 2}"
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "16384"})
        cursor.execute(text, None if mark is None else [mark.value])
        return _WithoutFirst(cursor.fetch_record_batch(), schema)


class _WithoutFirst:
    """A reader without its first row and column."""

    def __init__(self, reader: Any, schema: pa.Schema) -> None:
        self._reader, self._schema, self._is_first = reader, schema, True

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        batch = next(self._reader)
        if self._is_first:
            self._is_first = False
            if batch.column(0)[0].as_py() != 0:
                raise WorkspaceError("SQLite gave rows in another order than it was asked for.")
            batch = batch.slice(1)
        return pa.RecordBatch.from_arrays(batch.columns[1:], schema=self._schema)

    def close(self) -> None:
        """Let go of the result."""
        self._reader.close()
