"""How does the history of who is who move into a database that is made anew? By name, and without who is erased.

A new database numbers identities afresh. What was known of each at every version is carried over by kind and value;
what concerns an erased identity stays behind. Where an erased one stood for a group, the next of the group does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import pyarrow as pa

from desirepath.engines.evidence import CLASS_SQL
from desirepath.engines.store import Store

STILL = 2**62
"""Stands for the end of what holds at present."""

ROWS = 1_000_000


def carry_history(old: Store, new: Store, gone: Collection[int], cleaned: Callable[[str], str]) -> None:
    """Carry over all verdicts on who is who; call inside a transaction of the new store.

    Parameters
    ----------
    old, new
        The stores; the new one holds its events and their identities, and no verdict yet.
    gone
        Codes of the old store's identities that stay behind.
    cleaned
        Takes names out of a text, such as the cause of a version.
    """
    old.connection.register("gone", pa.table({"code": pa.array(sorted(gone), pa.int64())}))
    _carry_codes(old, new)
    _carry_people(old, new)
    _carry_stretches(old, new)
    old.connection.unregister("gone")
    for version, made_at, cause, changed in old.rows(
        "SELECT version, epoch_us(made_at), cause, changed FROM identity_versions ORDER BY version"
    ):
        given = [version, made_at, cleaned(cause), changed]
        new.run("INSERT INTO identity_versions VALUES (?, make_timestamptz(?), ?, ?)", given)
    for name in ("data", "identity"):
        new.run("UPDATE versions SET version = ? WHERE name = ?", [old.version(name), name])
    for name in ("old_codes", "codes", "old_who", "led", "pieces"):
        new.run(f"DROP TABLE IF EXISTS {name}")


def _copy(old: Store, query: str, new: Store, into: str) -> None:
    """Put the result of a query into a table of the other store, some rows at a time."""
    for batch in old.connection.sql(query).to_arrow_reader(ROWS):
        new.connection.register("moving", pa.Table.from_batches([batch]))
        new.run(f"INSERT INTO {into} SELECT * FROM moving")
        new.connection.unregister("moving")


def _carry_codes(old: Store, new: Store) -> None:
    """Find the new code of every old identity (`codes`: old, new); visits to kiosks come along."""
    new.run("CREATE OR REPLACE TEMP TABLE old_codes (code BIGINT, kind VARCHAR, value VARCHAR, strength VARCHAR)")
    left = "code NOT IN (SELECT code FROM gone)"
    device = "regexp_replace(value, '@[^@]*$', '')"
    of_gone = "SELECT kind || ':' || value FROM identities WHERE code IN (SELECT code FROM gone)"
    had = "SELECT {0}.person FROM {0} WHERE identity NOT IN (SELECT code FROM gone)"
    had = f"{had.format('stretches')} UNION ALL {had.format('former_stretches')}"
    _copy(
        old,
        f"""SELECT code, kind, value, strength FROM identities
        WHERE {left} AND (strength <> 'visit' OR (code IN ({had}) AND {device} NOT IN ({of_gone})))""",
        new,
        "old_codes",
    )
    new.run(
        """INSERT INTO identities SELECT (SELECT coalesce(max(code), -1) FROM identities)
            + row_number() OVER (ORDER BY o.value), o.kind, o.value, o.strength
        FROM old_codes o WHERE o.strength = 'visit'"""
    )
    new.run(
        """CREATE OR REPLACE TEMP TABLE codes AS SELECT o.code AS old, i.code AS new
        FROM old_codes o JOIN identities i ON i.kind = o.kind AND i.value = o.value"""
    )


def _carry_people(old: Store, new: Store) -> None:
    """Carry over who was whose, present and former."""
    new.run("CREATE OR REPLACE TEMP TABLE old_who (identity BIGINT, person BIGINT, since BIGINT, until BIGINT)")
    query = f"""SELECT identity, person, since, {STILL}::BIGINT FROM person_of
        UNION ALL SELECT identity, person, since, until FROM former_person_of"""
    _copy(old, query, new, "old_who")
    new.run(
        """CREATE OR REPLACE TEMP TABLE led AS
        SELECT c.new AS identity, CASE WHEN w.person < 0 THEN w.person ELSE p.new END AS person, w.person AS former,
            w.since, w.until
        FROM old_who w JOIN codes c ON c.old = w.identity LEFT JOIN codes p ON p.old = w.person"""
    )
    # a group without its leader: at each time the first of those that were in it then leads
    new.run(
        f"""CREATE OR REPLACE TEMP TABLE pieces AS
        WITH orphans AS (SELECT * FROM led WHERE person IS NULL),
        bounds AS (
            SELECT former, since, lead(since) OVER (PARTITION BY former ORDER BY since) AS until FROM (
                SELECT former, since FROM orphans UNION SELECT former, until FROM orphans))
        SELECT o.identity, first_value(o.identity) OVER (
                PARTITION BY o.former, b.since ORDER BY {CLASS_SQL.replace("strength", "i.strength")}, i.kind, i.value
            ) AS person, b.since, b.until
        FROM orphans o JOIN bounds b ON b.former = o.former AND b.since >= o.since AND b.since < o.until
        JOIN identities i ON i.code = o.identity"""
    )
    every = "SELECT identity, person, since, until FROM led WHERE person IS NOT NULL UNION ALL SELECT * FROM pieces"
    new.run(f"INSERT INTO person_of SELECT identity, person, since FROM ({every}) WHERE until = {STILL} ORDER BY 1")
    new.run(f"INSERT INTO former_person_of SELECT * FROM ({every}) WHERE until < {STILL} ORDER BY until, identity")


def _carry_stretches(old: Store, new: Store) -> None:
    """Carry over who had which device when; who is gone becomes nobody."""
    for table, last in (("stretches", ""), ("former_stretches", ", until")):
        columns = f"identity, begin_us, end_us, person, since{last}"
        new.run(f"CREATE OR REPLACE TEMP TABLE old_who AS SELECT {columns} FROM {table} LIMIT 0")
        _copy(old, f"SELECT {columns} FROM {table}", new, "old_who")
        new.run(
            f"""INSERT INTO {table} SELECT c.new, w.begin_us, w.end_us, coalesce(p.new, -1), w.since
                {last and ", w.until"}
            FROM old_who w JOIN codes c ON c.old = w.identity LEFT JOIN codes p ON p.old = w.person
            ORDER BY 1, 2"""
        )
