"""Where is the verdict on who is who kept, the present one and all before? Changes only, each with its version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from desirepath.engines.schema import odd_events_sql
from desirepath.engines.store import Store
from desirepath.journeys.columns import Manifest

NOBODY = -1
"""Stands in `person_of` for an identity that no single person has."""


@dataclass(frozen=True)
class Who:
    """The tables that say who is who: the present verdict, an earlier one, or one under other rules."""

    person_of: str = "person_of"
    stretches: str = "stretches"

    @property
    def odd_events(self) -> str:
        """SQL for `seq` and `person` of the events whose identity alone does not tell whose they are."""
        return odd_events_sql(self.person_of, self.stretches)

    def events(self, where: str) -> str:
        """SQL for the events `e` that fit and belong to somebody: all columns, and `person`; wants `prepare`."""
        return f"""SELECT e.*, o.person FROM events e JOIN {self.person_of} o ON o.identity = e.identity
                WHERE o.person >= 0 AND {where}
            UNION ALL SELECT e.*, o.person FROM events e JOIN scratch.odd o ON o.seq = e.seq WHERE {where}"""

    def prepare(self, store: Store, where: str = "true") -> None:
        """Make the tables that `events` reads, for the events `e` that fit."""
        store.run(f"CREATE OR REPLACE TABLE scratch.odd AS {self.odd_events}")

    def note(self, store: Store, folder: Path, label: str) -> str:
        """Write into a file what `changed` will want to know besides the versions; return its name, if there is one."""
        return ""

    def changed(self, store: Store, made: Manifest, into: str, folder: Path) -> bool:
        """Note in the table `into` which of the events known then may belong to somebody else now (`seq`).

        Parameters
        ----------
        store
            The events.
        made
            What segments were made of, and when.
        into
            The table to make.
        folder
            Where `note` wrote.

        Returns
        -------
        False where that cannot be told, because the verdict is not the present one.
        """
        return self == Who() and self._noted(store, made, into)

    def _noted(self, store: Store, made: Manifest, into: str) -> bool:
        since = made.identity_version
        changed = f"""SELECT identity FROM person_of WHERE since > {since}
            UNION SELECT identity FROM former_person_of WHERE until > {since}
            UNION SELECT identity FROM stretches WHERE since > {since}
            UNION SELECT identity FROM former_stretches WHERE until > {since}"""
        if made.rules != store.version("rules"):
            # what a blocked value named may have another name now, and whoever it named stood for nobody
            changed += f" UNION SELECT identity FROM person_of WHERE person = {NOBODY}"
        store.run(
            f"""CREATE OR REPLACE TABLE {into} AS
            SELECT seq FROM events WHERE seq < {made.rows} AND identity IN ({changed})
            UNION SELECT seq FROM renamed WHERE seq < {made.rows} AND identity IN ({changed})"""
        )
        return True

    def forget(self, store: Store) -> None:
        """Drop them again."""
        store.run("DROP TABLE IF EXISTS scratch.odd")

    @property
    def people(self) -> str:
        """SQL for `person`, `id` and `passer_by` of everybody."""
        return self.named(f"SELECT person FROM {self.person_of} UNION ALL SELECT person FROM {self.stretches}")

    def named(self, which: str) -> str:
        """SQL for `person`, `id` and `passer_by` of those whose numbers another query gives."""
        return f"""SELECT code AS person, kind || ':' || value AS id, strength = 'visit' AS passer_by FROM identities
            WHERE code IN ({which})"""


class Verdicts:
    """The verdicts of one workspace.

    Parameters
    ----------
    store
        The workspace's database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, groups: pa.Table, shared: pa.Table, into: Who) -> None:
        """Put a verdict into tables of its own, made for it: `groups` (identity, person), `shared` (stretches)."""
        with _given(self._store, groups=groups, shared=shared):
            self._store.run(f"CREATE OR REPLACE TABLE {into.person_of} AS SELECT * FROM groups")
            self._store.run(f"CREATE OR REPLACE TABLE {into.stretches} AS SELECT * FROM shared")

    def keep(self, groups: pa.Table, shared: pa.Table, refused: pa.Table, cause: str) -> int:
        """Make a verdict on the identities in `reached` the present one.

        Parameters
        ----------
        groups
            One row an identity: `identity`, and `person` (its leader's code, or -1).
        shared
            `identity`, `begin_us`, `end_us`, `person`.
        refused
            `a`, `b`, `reason`.
        cause
            What made us look again.

        Returns
        -------
        How many identities changed hands; the version of who is who counts up if any did.
        """
        store = self._store
        with _given(store, groups=groups, shared=shared, refused=refused):
            changed = self._compare()
            if changed:
                version = store.version("identity") + 1
                self._replace(version)
                store.run("INSERT INTO identity_versions VALUES (?, now(), ?, ?)", [version, cause, changed])
                store.bump("identity")
            reached = "(SELECT code FROM reached)"
            store.run(f"DELETE FROM refused_links WHERE a IN {reached} AND b IN {reached}")
            store.run("INSERT INTO refused_links SELECT a, b, reason FROM refused ORDER BY a, b")
        return changed

    def _compare(self) -> int:
        """Note in `moved` and `reshared` which identities have another person, and which other stretches."""
        self._store.run(
            """CREATE OR REPLACE TEMP TABLE moved AS SELECT g.identity, g.person, p.person AS former, p.since
            FROM groups g LEFT JOIN person_of p ON p.identity = g.identity
            WHERE p.person IS DISTINCT FROM g.person"""
        )
        self._store.run(
            """CREATE OR REPLACE TEMP TABLE reshared AS SELECT DISTINCT identity FROM (
                (SELECT identity, begin_us, end_us, person FROM stretches SEMI JOIN reached r ON r.code = identity
                 EXCEPT SELECT identity, begin_us, end_us, person FROM shared)
                UNION ALL
                (SELECT identity, begin_us, end_us, person FROM shared
                 EXCEPT SELECT identity, begin_us, end_us, person FROM stretches))"""
        )
        either = "SELECT identity FROM moved UNION SELECT identity FROM reshared"
        return int(self._store.one(f"SELECT count(*) FROM ({either})")[0])

    def _replace(self, version: int) -> None:
        """Put what is new in place of what was, and keep what was."""
        for sql in (
            "INSERT INTO former_person_of SELECT identity, former, since, $v FROM moved WHERE former IS NOT NULL",
            "DELETE FROM person_of WHERE identity IN (SELECT identity FROM moved WHERE former IS NOT NULL)",
            "INSERT INTO person_of SELECT identity, person, $v FROM moved ORDER BY identity",
            """INSERT INTO former_stretches SELECT identity, begin_us, end_us, person, since, $v FROM stretches
            WHERE identity IN (SELECT identity FROM reshared)""",
            "DELETE FROM stretches WHERE identity IN (SELECT identity FROM reshared)",
            """INSERT INTO stretches SELECT identity, begin_us, end_us, person, $v FROM shared
            WHERE identity IN (SELECT identity FROM reshared) ORDER BY identity, begin_us""",
        ):
            self._store.run(sql.replace("$v", str(version)))

    def as_of(self, version: int, into: Who) -> None:
        """Put an earlier verdict into tables of its own; an identity that was not known then stands alone."""
        run = self._store.run
        run(
            f"""CREATE OR REPLACE TABLE {into.person_of} AS
            SELECT i.code AS identity, coalesce(p.person, i.code) AS person FROM identities i LEFT JOIN (
                SELECT identity, person FROM person_of WHERE since <= ?
                UNION ALL SELECT identity, person FROM former_person_of WHERE since <= ? AND until > ?
            ) p ON p.identity = i.code WHERE i.strength <> 'visit'""",
            [version] * 3,
        )
        run(
            f"""CREATE OR REPLACE TABLE {into.stretches} AS
            SELECT identity, begin_us, end_us, person FROM stretches WHERE since <= ?
            UNION ALL SELECT identity, begin_us, end_us, person FROM former_stretches WHERE since <= ? AND until > ?""",
            [version] * 3,
        )


@contextmanager
def _given(store: Store, **tables: pa.Table) -> Iterator[None]:
    """Let SQL see tables by name."""
    for name, table in tables.items():
        store.connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            store.connection.unregister(name)
