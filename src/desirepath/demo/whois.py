"""Who is who in truth: every identifier that occurs in the files, and the person behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.demo.digital import cookies
from desirepath.demo.orders import Orders
from desirepath.demo.people import People
from desirepath.demo.records import customers, mails
from desirepath.demo.rows import Rows
from desirepath.demo.text import hexes

_SCHEMA = pa.schema([("kind", pa.string()), ("value", pa.string()), ("person", pa.int64())])


class WhoIsWho:
    """`truth-identities.parquet`: kind, value, person (a number; -1 for passers-by at a kiosk).

    A value with several persons is shared: a household's cookie, a kiosk, a placeholder.
    """

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd", store_schema=False)

    def write(self, people: People, rows: Rows, orders: Orders) -> None:
        """Append the identifiers of one chunk."""
        signed = np.unique(rows["person"][rows["known"]]) - people.base
        index = np.unique(np.concatenate([np.flatnonzero(people.known), signed, orders.index])).astype(np.int64)
        parts = [
            ("customer_id", customers(people, index), people.ids(index)),
            ("email", mails(people, index), people.ids(index)),
        ]
        for kind, app in (("cookie", False), ("device", True)):
            which = rows["app"] == app
            pairs = np.unique(np.stack([rows["cookie"][which], rows["person"][which]]), axis=1)
            values = hexes(pairs[0], "d") if app else cookies(pairs[0])
            parts.append((kind, values, pairs[1]))
        for kind, values, person in parts:
            self._writer.write_table(_rows(kind, values, person))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


def _rows(kind: str, values: Any, person: Any) -> Any:
    return pa.table(
        {
            "kind": pa.array([kind]).take(pa.array(np.zeros(len(values), np.int64))),
            "value": values,
            "person": person,
        },
        schema=_SCHEMA,
    )
