"""Which organisation does an event belong to? Journeys of accounts, made of what their people did.

An event that names an account belongs to it (to the first, where it names several). Any other belongs to the account
that its person is a member of at that moment: from the first event that shows the two together to the last. Of several
memberships that are open at once the one that began last counts, and of equal ones the last by id. An event of nobody
who is a member belongs to no account.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from desirepath.engines.verdicts import Who

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.journeys.columns import Manifest

_MEMBERS = "SELECT person, account, epoch_us(first_at) AS first_us, epoch_us(last_at) AS last_us FROM memberships"

_ACCOUNTS = "SELECT code, kind, value FROM identities WHERE strength = 'apart' AND kind NOT IN ('ip', 'user_agent')"

_NAMED = """SELECT e.seq, arg_min(a.code, e.place) AS person FROM (
        SELECT seq, unnest(identities) AS x, generate_subscripts(identities, 1) AS place FROM events e WHERE {where}) e
    JOIN scratch.accounts a ON a.kind = e.x.kind AND a.value = e.x.value GROUP BY e.seq"""

_OPEN = """SELECT e.seq, m.account, m.first_us, i.kind || ':' || i.value AS id
    FROM ({events}) e JOIN scratch.members m ON m.person = e.person
        AND epoch_us(e.occurred_at) BETWEEN m.first_us AND m.last_us
    JOIN scratch.accounts i ON i.code = m.account
    WHERE e.seq NOT IN (SELECT seq FROM scratch.named)"""


@dataclass(frozen=True)
class Accounts(Who):
    """Accounts in the place of people; whose an event is follows from who is who at present."""

    def events(self, where: str) -> str:
        """SQL for the events `e` that fit and belong to an account: all columns, and `person`, the account's code."""
        return f"SELECT e.*, a.person FROM events e JOIN scratch.account_of a ON a.seq = e.seq WHERE {where}"

    def prepare(self, store: Store, where: str = "true") -> None:
        """Make the tables that `events` reads, for the events `e` that fit."""
        self._prepare_members(store, where)
        store.run(
            f"""CREATE OR REPLACE TABLE scratch.account_of AS SELECT seq, person FROM scratch.named
            UNION ALL SELECT seq, arg_max(account, (first_us, id)) FROM ({_OPEN.format(events=super().events(where))})
            GROUP BY seq"""
        )

    def _prepare_members(self, store: Store, where: str) -> None:
        super().prepare(store)
        store.run(f"CREATE OR REPLACE TABLE scratch.accounts AS {_ACCOUNTS}")
        store.run(f"CREATE OR REPLACE TABLE scratch.members AS {_MEMBERS}")
        some = bool(store.one("SELECT count(*) FROM scratch.accounts")[0])
        store.run(f"CREATE OR REPLACE TABLE scratch.named AS {_NAMED.format(where=where if some else 'false')}")

    def forget(self, store: Store) -> None:
        """Drop them again."""
        super().forget(store)
        for name in ("accounts", "members", "named", "account_of"):
            store.run(f"DROP TABLE IF EXISTS scratch.{name}")

    @property
    def people(self) -> str:
        """SQL for `person`, `id` and `passer_by` of every account."""
        return self.named(f"SELECT code FROM ({_ACCOUNTS})")

    def in_several(self, store: Store) -> int:
        """How many events do not say which of several accounts they belong to."""
        several = "(SELECT person FROM memberships GROUP BY person HAVING count(*) > 1)"
        where = f"e.identity IN (SELECT identity FROM person_of WHERE person IN {several})"
        where += f" OR e.seq IN (SELECT seq FROM scratch.odd WHERE person IN {several})"
        super().prepare(store)
        try:
            self._prepare_members(store, where)
            events = super().events(f"({where})")
            return int(
                store.one(
                    f"SELECT count(*) FROM (SELECT seq FROM ({_OPEN.format(events=events)}) "
                    "GROUP BY seq HAVING count(*) > 1)"
                )[0]
            )
        finally:
            self.forget(store)

    def note(self, store: Store, folder: Path, label: str) -> str:
        """Write down who was a member of what, to know later what changed."""
        path = folder / f"members-{label}.arrow"
        table = store.arrow(f"{_MEMBERS} ORDER BY ALL").replace_schema_metadata({"kinds": self._kinds(store)})
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        return path.name

    def _kinds(self, store: Store) -> str:
        """The kinds of identities that are accounts."""
        return repr([row[0] for row in store.rows(f"SELECT DISTINCT kind FROM ({_ACCOUNTS}) ORDER BY 1")])

    def changed(self, store: Store, made: Manifest, into: str, folder: Path) -> bool:
        """Note in the table `into` which of the events known then may belong to another account now (`seq`)."""
        try:
            with pa.OSFile(str(folder / made.notes), "rb") as file:
                then = pa.ipc.open_file(file).read_all()
        except (OSError, pa.ArrowInvalid):
            return False
        if then.schema.metadata[b"kinds"].decode() != self._kinds(store) or not self._noted(store, made, into):
            return False  # what was a person may be an account now
        store.connection.register("then_members", then)
        try:
            self._add_moved(store, made, into)
        finally:
            store.connection.unregister("then_members")
        return True

    def _add_moved(self, store: Store, made: Manifest, into: str) -> None:
        """Events at moments at which their person was a member then and is not now, or the other way round."""
        # where a person has several memberships and one begins otherwise, another may be the last that began
        store.run(
            f"""CREATE OR REPLACE TABLE scratch.times AS
            WITH pairs AS (
                SELECT person, account, t.first_us AS f0, t.last_us AS l0, n.first_us AS f1, n.last_us AS l1
                FROM then_members t FULL JOIN ({_MEMBERS}) n USING (person, account)),
            several AS (SELECT person FROM pairs GROUP BY person HAVING count(*) > 1)
            SELECT person, coalesce(f0, f1) AS begin_us, coalesce(l0, l1) AS end_us FROM pairs
                WHERE f0 IS NULL OR f1 IS NULL
            UNION ALL SELECT person, least(f0, f1), greatest(l0, l1) FROM pairs
                WHERE f0 <> f1 AND person IN (SELECT person FROM several)
            UNION ALL SELECT person, least(f0, f1), greatest(f0, f1) FROM pairs WHERE f0 <> f1
            UNION ALL SELECT person, least(l0, l1), greatest(l0, l1) FROM pairs WHERE l0 <> l1"""
        )
        super().prepare(store)
        mine = super().events(f"e.seq < {made.rows}")
        store.run(
            f"""INSERT INTO {into} SELECT DISTINCT e.seq FROM ({mine}) e JOIN scratch.times t ON t.person = e.person
                AND epoch_us(e.occurred_at) BETWEEN t.begin_us AND t.end_us
            WHERE e.seq NOT IN (SELECT seq FROM {into})"""
        )
        store.run("DROP TABLE scratch.times")
