"""How do events and snapshots get into the database? Each once, with who was seen with whom on them.

A snapshot is what a system knew about somebody or something at a moment. It is no event, and no journey has it; it
joins identities as an event does, and the states that it tells are what `inferring` makes events of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.engines.store import NORMALISED, Appended, Progress
from desirepath.events.event import KIND_STRENGTHS, strength_of

if TYPE_CHECKING:
    from desirepath.engines.store import Store

CHUNK = 1_000_000


def append(store: Store, batches: pa.RecordBatchReader, batch: int, progress: Progress) -> Appended:
    """Append what is not stored yet; see `Store.append`."""
    read = stored = snapshots = 0
    store.run("CREATE TEMP TABLE IF NOT EXISTS touched (code BIGINT)")
    for chunk in _chunks(batches):
        shots = pc.equal(chunk.column("kind"), "snapshot")
        some = pc.any(shots).as_py()
        events = chunk.filter(pc.invert(shots)) if some else chunk
        if events.num_rows:
            stored += append_events(store, events, batch)
        if some:
            snapshots += _append_snapshots(store, chunk.filter(shots), batch)
        read += chunk.num_rows
        progress("storing", read, None)
    return Appended(read, stored + snapshots, read - stored - snapshots, snapshots)


def append_events(store: Store, events: pa.Table, batch: int, *, linking: bool = True) -> int:
    """Append the events that are not stored yet, and return how many that are.

    Parameters
    ----------
    events
        In `EVENT_SCHEMA`.
    batch
        The number of the import.
    linking
        Whether who stands together on an event says that they belong together; what is inferred says nothing new.
    """
    rows = _fresh(store, events, "events")
    if not rows:
        return 0
    fresh_from = _add_identities(store)
    after = store.one(
        "SELECT greatest((SELECT coalesce(max(seq), -1) FROM events), "
        "(SELECT version - 1 FROM versions WHERE name = 'rows'))"
    )[0]
    store.run(
        """INSERT INTO events
        SELECT ? + 1 + f.place, f.id, f.name, f.occurred_at, f.precision, f.quality, f.received_at,
            f.sequence, f.source, f.instance, f.channel, f.value, f.currency, f.entity_type, f.entity_id,
            f.session, f.identities, i.code, f.properties, ?, f.record, f.raw_table
        FROM fresh f JOIN identities i ON i.kind = f.namer.kind AND i.value = f.namer.value""",
        [after, batch],
    )
    _add_links(store, "same event", linking=linking)
    _note_touched(store, fresh_from)
    return rows


def _append_snapshots(store: Store, snapshots: pa.Table, batch: int) -> int:
    rows = _fresh(store, snapshots, "snapshots")
    if not rows:
        return 0
    fresh_from = _add_identities(store)
    store.run(
        """INSERT INTO snapshots
        SELECT f.id, f.name, f.occurred_at, f.received_at, f.source, f.instance, f.channel, f.entity_type, f.entity_id,
            f.identities, i.code, f.properties, f.state, ?, f.record, f.raw_table
        FROM fresh f LEFT JOIN identities i ON i.kind = f.namer.kind AND i.value = f.namer.value""",
        [batch],
    )
    _add_links(store, "same record", linking=True)
    _note_touched(store, fresh_from)
    return rows


def _fresh(store: Store, incoming: pa.Table, table: str) -> int:
    """Make the view `fresh` of what is not in a table yet, and return how many rows it has.

    `place` is a row's number among the new ones, and keeps `seq` without gaps.
    """
    numbered = incoming.drop_columns(["place"]) if "place" in incoming.column_names else incoming
    store.connection.register("incoming", _numbered(numbered))
    rows = incoming.num_rows
    known = store.one(f"SELECT count(*) FROM incoming i SEMI JOIN {table} e ON i.id = e.id")[0]
    copies = rows - store.one("SELECT count(DISTINCT id) FROM incoming")[0]
    source = "incoming i"
    if known or copies:
        first = "QUALIFY row_number() OVER (PARTITION BY id ORDER BY raw_table, record) = 1" if copies else ""
        store.run(
            "CREATE OR REPLACE TEMP TABLE unknown AS "
            f"SELECT * REPLACE (row_number() OVER (ORDER BY place) - 1 AS place) FROM "
            f"(SELECT * FROM incoming i ANTI JOIN {table} e ON i.id = e.id {first})"
        )
        rows = int(store.one("SELECT count(*) FROM unknown")[0])
        source = "unknown i"
    if rows:
        store.run(
            f"""CREATE OR REPLACE TEMP VIEW fresh AS SELECT *, coalesce(
                list_filter(identities, lambda x: lower(x.kind) NOT IN {_kinds(store, "semi", "weak", "apart")})[1],
                list_filter(identities, lambda x: lower(x.kind) IN {_kinds(store, "semi")})[1],
                list_filter(identities, lambda x: lower(x.kind) IN {_kinds(store, "weak")})[1], identities[1]) AS namer
            FROM {_normalised(store, source)}"""
        )
    return int(rows)


def _normalised(store: Store, source: str) -> str:
    """`source`, its e-mail addresses and phone numbers in one way of writing."""
    name = source.split(maxsplit=1)[0]
    odd = store.rows(
        f"""SELECT 1 FROM {name} WHERE list_bool_or(list_transform(identities, lambda x:
        x.kind IN ('email', 'phone') AND x.value <> {NORMALISED})) LIMIT 1"""
    )
    if not odd:
        return source
    one_way = f"list_transform(identities, lambda x: struct_pack(kind := x.kind, value := {NORMALISED}))"
    return f"(SELECT * REPLACE ({one_way} AS identities) FROM {name}) i"


def _add_identities(store: Store) -> int:
    """Give codes to identities that are new; return the first of them."""
    run = store.run
    run(
        """CREATE OR REPLACE TEMP TABLE unseen AS
        SELECT s.kind, s.value, bool_or(s.names) AS names FROM (
            SELECT namer.kind AS kind, namer.value AS value, true AS names FROM fresh WHERE len(identities) > 0
            UNION ALL
            SELECT x.kind, x.value, false FROM (SELECT unnest(identities) AS x FROM fresh WHERE len(identities) > 1)
        ) s ANTI JOIN identities i ON i.kind = s.kind AND i.value = s.value
        GROUP BY s.kind, s.value"""
    )
    kinds = store.rows("SELECT kind, bool_or(names) FROM unseen GROUP BY kind")
    run("CREATE OR REPLACE TEMP TABLE strengths (kind VARCHAR, strength VARCHAR)")
    for kind, names in kinds:
        known = store.rows("SELECT strength FROM identities WHERE kind = ? LIMIT 1", [kind])
        strength = known[0][0] if known else store.kinds.get(kind.lower()) or strength_of(kind, names_person=names)
        run("INSERT INTO strengths VALUES (?, ?)", [kind, strength])
    after = store.one("SELECT coalesce(max(code), -1) FROM identities")[0]
    run(
        """INSERT INTO identities
        SELECT ? + row_number() OVER (ORDER BY u.kind, u.value), u.kind, u.value, s.strength
        FROM unseen u JOIN strengths s USING (kind)""",
        [after],
    )
    return int(after) + 1


def _add_links(store: Store, rule: str, *, linking: bool) -> None:
    """Note who was seen with whom: every pair on a row, but two weak ones only where nothing firmer is."""
    weak = _kinds(store, "weak")
    store.run(
        f"""CREATE OR REPLACE TEMP TABLE seen AS
        SELECT least(i.code, j.code) AS a, greatest(i.code, j.code) AS b, p.source,
            min(p.occurred_at) AS first_at, max(p.occurred_at) AS last_at, count(*) AS times,
            arg_min(p.id, (p.occurred_at, p.id)) AS first_event
        FROM (
            SELECT identities[k] AS x, identities[l] AS y, source, occurred_at, id FROM (
                SELECT *, unnest(generate_series(k + 1, len(identities))) AS l FROM (
                    SELECT *, len(list_filter(identities, lambda x: lower(x.kind) NOT IN {weak})) > 0 AS firm,
                        unnest(generate_series(1, len(identities) - 1)) AS k
                    FROM fresh WHERE len(identities) > 1))
            WHERE NOT firm OR lower(identities[k].kind) NOT IN {weak} OR lower(identities[l].kind) NOT IN {weak}
        ) p
        JOIN identities i ON i.kind = p.x.kind AND i.value = p.x.value
        JOIN identities j ON j.kind = p.y.kind AND j.value = p.y.value
        WHERE i.code <> j.code GROUP BY ALL"""
    )
    if linking:
        store.run("INSERT INTO identity_links BY NAME SELECT *, ? AS rule FROM seen", [rule])


def _note_touched(store: Store, fresh_from: int) -> None:
    """Remember whose verdict these rows may change: new identities, new links, events on shared devices."""
    store.run(
        """INSERT INTO touched
        SELECT code FROM identities WHERE code >= ?
        UNION SELECT a FROM seen UNION SELECT b FROM seen
        UNION SELECT i.code FROM (SELECT DISTINCT namer FROM fresh) f
            JOIN identities i ON i.kind = f.namer.kind AND i.value = f.namer.value
            WHERE i.code IN (SELECT identity FROM stretches)""",
        [fresh_from],
    )


def _kinds(store: Store, *strengths: str) -> str:
    """The kinds of these strengths as an SQL list."""
    every = KIND_STRENGTHS | store.kinds
    found = sorted(kind for kind, strength in every.items() if strength in strengths)
    return "(" + ", ".join("'" + kind.replace("'", "''") + "'" for kind in found) + ")"


def _chunks(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Join record batches to tables of about a million rows."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK:
            yield pa.Table.from_batches(held, schema=batches.schema)
            held, rows = [], 0
    if rows:
        yield pa.Table.from_batches(held, schema=batches.schema)


def _numbered(chunk: pa.Table) -> pa.Table:
    return chunk.append_column("place", [np.arange(chunk.num_rows, dtype=np.int64)])
