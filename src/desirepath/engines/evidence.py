"""What is known about who is who, and where is the verdict kept? The seam between the store and the people's room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from desirepath.engines.store import Store

if TYPE_CHECKING:
    import pyarrow as pa


class Evidence:
    """Who was seen with whom, and what was made of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def links(self) -> tuple[int, pa.Table]:
        """How many identities there are, and the pairs of those that prove something (columns `a`, `b`)."""
        identities = int(self._store.one("SELECT count(*) FROM identities")[0])
        pairs = self._store.arrow(
            """SELECT DISTINCT l.a, l.b FROM identity_links l
            JOIN identities x ON x.code = l.a JOIN identities y ON y.code = l.b
            WHERE x.strength <> 'weak' AND y.strength <> 'weak'"""
        )
        return identities, pairs

    def verdict(self) -> npt.NDArray[np.int64]:
        """int64[identities]: the person that each identity belongs to, as it was last kept."""
        kept = self._store.arrow("SELECT person FROM person_of ORDER BY identity")
        return np.asarray(kept.column(0).to_numpy(), dtype=np.int64)

    def keep(self, groups: pa.Table) -> None:
        """Keep who is who: `groups` has one row an identity, in order of code, with its `person`."""
        run = self._store.run
        self._store.connection.register("grouped", groups)
        run("DELETE FROM person_of")
        run("DELETE FROM people")
        run("INSERT INTO person_of SELECT identity, person FROM grouped ORDER BY person, identity")
        run(
            """INSERT INTO people
            SELECT g.person, arg_min(i.kind || ':' || i.value,
                (CASE i.strength WHEN 'strong' THEN 0 WHEN 'semi' THEN 1 ELSE 2 END, i.kind, i.value))
            FROM grouped g JOIN identities i ON i.code = g.identity GROUP BY g.person ORDER BY g.person"""
        )
        self._store.connection.unregister("grouped")
        self._store.bump("identity")
