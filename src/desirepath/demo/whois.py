"""Who is who in truth: every identifier that occurs in the files, and the person behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.demo.clock import Ints
from desirepath.demo.identifiers import (
    cookies,
    customers,
    devices,
    hubspot_contacts,
    mails,
    salesforce,
    stripe_customers,
    zendesk_people,
)
from desirepath.demo.people import People
from desirepath.demo.rows import Rows
from desirepath.demo.stories import Chunk

_SCHEMA = pa.schema([("kind", pa.string()), ("value", pa.string()), ("person", pa.int64())])


class WhoIsWho:
    """`truth-identities.parquet`: kind, value, person (a number; -1 for passers-by at a kiosk).

    A value with several persons is shared: a household's cookie, a kiosk, a placeholder.
    """

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd", store_schema=False)

    def write(self, people: People, rows: Rows, index: Ints, drawn: Chunk) -> None:
        """Append the identifiers of one chunk; `index` are the places of those with a customer number."""
        ids = people.ids(index)
        repairs, wrote = drawn.repairs.index, np.unique(drawn.tickets["index"])
        parts = [
            ("user_id", customers(people, index), ids),
            ("email", mails(people, index), ids),
            ("hubspot_contact", hubspot_contacts(people, index), ids),
            ("stripe_customer", stripe_customers(people, index), ids),
            ("salesforce_contact", salesforce("003", people.ids(repairs)), people.ids(repairs)),
            ("zendesk_user", zendesk_people(people, wrote), people.ids(wrote)),
        ]
        for app in (False, True):
            which = rows["app"] == app
            pairs = np.unique(np.stack([rows["cookie"][which], rows["person"][which]]), axis=1)
            parts.append(("client_id", devices(pairs[0]) if app else cookies(pairs[0]), pairs[1]))
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
