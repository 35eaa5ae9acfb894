"""Which changes happened that no system told? They are inferred from what was known before and after.

Systems that keep no history give out a thing as it is: a ticket that was new and is solved now was solved in between.
Of all the states of a thing that were ever seen, in their own order and whatever came first to us, those that differ
from the one before become events, at the moment of the version that tells them. They are marked `inferred`, because
states between two versions are not seen. Where the system tells a change itself, nothing is inferred of it.

A conversation that a transcript tells is an event too, unless a call log tells the same contact: of the same person,
within five minutes.

What was inferred is a pure function of the snapshots and events that there are. If something older comes later, what
was inferred wrongly is taken away again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desirepath.engines.storing import append_events
from desirepath.events.event import EVENT_ID_SQL

if TYPE_CHECKING:
    from desirepath.engines.store import Store

NEAR = "INTERVAL 5 MINUTE"
"""How far a transcript's beginning may be from that of its contact."""

SAME = "INTERVAL 1 MINUTE"
"""How far a version's moment may be from that of the change that its system tells."""

CONTACT = "contact"
"""The field of a state that is a contact which a transcript tells."""

_THING = "CAST(md5(concat_ws(chr(31), {s}.source, {s}.instance, {s}.entity_type, {s}.entity_id)) AS UUID)"

_SAID = """TRY_CAST({s}.state ->> 'amount' AS DOUBLE) AS value, {s}.state ->> 'currency' AS currency,
            coalesce({s}.state ->> '$.entity[0]', {s}.entity_type) AS entity_type,
            coalesce({s}.state ->> '$.entity[1]', {s}.entity_id) AS entity_id"""
"""What a mapping says of the event of a state (see `connectors.wording`); the thing itself where it says nothing."""

_COLUMNS = """d.id, d.name, d.occurred_at, d.precision, d.quality, d.received_at, CAST(NULL AS BIGINT) AS sequence,
    d.source, d.instance, d.channel, d.value, d.currency, d.entity_type, d.entity_id,
    CAST(NULL AS VARCHAR) AS session, d.identities, d.properties, d.record, d.raw_table, 'event' AS kind,
    CAST(NULL AS VARCHAR) AS state"""


def infer(store: Store, batch: int) -> int:
    """Bring what is inferred up to date with an import; return how many events there are more.

    Parameters
    ----------
    store
        The database, in a transaction; the import's events and snapshots are in it.
    batch
        The number of the import.
    """
    _find_things(store, batch)
    if not store.one("SELECT count(*) FROM things")[0]:
        return 0
    store.run(f"CREATE OR REPLACE TEMP TABLE desired AS {_changes()} UNION ALL {_contacts()}")
    gone = store.rows(
        """SELECT count(*), max(e.seq) FROM inferred f JOIN things t ON t.entity = f.entity JOIN events e ON e.id = f.id
        WHERE f.id NOT IN (SELECT id FROM desired)"""
    )[0]
    if gone[0]:
        store.run("UPDATE versions SET version = greatest(version, ? + 1) WHERE name = 'rows'", [gone[1]])
        stale = "SELECT f.id FROM inferred f JOIN things t ON t.entity = f.entity ANTI JOIN desired d ON d.id = f.id"
        store.run(f"DELETE FROM events WHERE id IN ({stale})")
        store.run(f"DELETE FROM inferred WHERE id IN ({stale})")
    added = 0
    for (told_by,) in store.rows("SELECT DISTINCT batch FROM desired ORDER BY 1"):
        query = (
            f"SELECT {_COLUMNS} FROM desired d WHERE d.batch = {int(told_by)} AND d.id NOT IN (SELECT id FROM inferred)"
        )
        events = store.arrow(f"SELECT * FROM ({query}) ORDER BY occurred_at, id")
        if events.num_rows:
            added += append_events(store, events, int(told_by), linking=False)
    store.run("INSERT INTO inferred SELECT d.id, d.entity FROM desired d ANTI JOIN inferred f ON f.id = d.id")
    for name in ("things", "desired"):
        store.run(f"DROP TABLE {name}")
    return added - int(gone[0])


def _find_things(store: Store, batch: int) -> None:
    """Things of which this import tells something new: their states, or contacts that transcripts may tell too."""
    thing = _THING.format(s="s")
    store.run(
        f"""CREATE OR REPLACE TEMP TABLE things AS SELECT DISTINCT {thing} AS entity FROM snapshots s
        WHERE s.batch = {int(batch)} AND s.state IS NOT NULL AND s.entity_id IS NOT NULL"""
    )
    if store.rows(f"SELECT 1 FROM snapshots WHERE state ->> 'field' = '{CONTACT}' LIMIT 1"):
        store.run(
            f"""INSERT INTO things SELECT DISTINCT {thing} FROM snapshots s JOIN events e
            ON e.occurred_at BETWEEN s.occurred_at - {NEAR} AND s.occurred_at + {NEAR}
            WHERE s.state ->> 'field' = '{CONTACT}' AND e.batch = {int(batch)} AND {_is_contact()}"""
        )
        store.run("CREATE OR REPLACE TEMP TABLE things AS SELECT DISTINCT entity FROM things")


def _changes() -> str:
    """The states that differ from the one before, and that no system tells itself."""
    thing, said = _THING.format(s="s"), _SAID.format(s="o")
    key = "concat_ws(chr(31), 'inferred', o.entity_type, o.entity_id, field, before_us, o.value)"
    made = EVENT_ID_SQL.format(source="source", instance="instance", key=key)
    return f"""SELECT {made} AS id, entered AS name, occurred_at, 'second' AS precision, 'server' AS quality,
            received_at, source, instance, channel, {said}, identities,
            CAST(json_merge_patch(json_object('inferred', true, 'to', o.value),
                CASE WHEN before IS NULL THEN '{{}}' ELSE json_object('from', before) END,
                CASE WHEN state ->> 'raw_name' IS NULL THEN '{{}}'
                    ELSE json_object('$raw_name', state ->> 'raw_name') END) AS VARCHAR) AS properties,
            record, raw_table, batch, entity
        FROM (
            SELECT *, epoch_us(occurred_at) AS before_us, lag(value) OVER entered_in AS before
            FROM (SELECT s.*, {thing} AS entity, s.state ->> 'field' AS field, s.state ->> 'value' AS value,
                    s.state ->> 'name' AS entered, s.state ->> 'initial' AS initial,
                    TRY_CAST(s.state ->> 'made' AS BIGINT) AS made,
                    (s.state ->> 'history') = 'true' AS history FROM snapshots s
                WHERE s.state IS NOT NULL AND s.state ->> 'field' <> '{CONTACT}'
                    AND {thing} IN (SELECT entity FROM things))
            WINDOW entered_in AS (PARTITION BY entity, field ORDER BY occurred_at, history DESC, id)
        ) o
        WHERE NOT history AND o.value IS DISTINCT FROM before
            AND NOT (before IS NULL AND (o.value IS NOT DISTINCT FROM initial OR abs(before_us - made) <= 60000000))
            AND len(identities) > 0
            AND NOT EXISTS (SELECT 1 FROM snapshots h WHERE h.source = o.source AND h.instance = o.instance
                AND h.entity_type = o.entity_type AND h.entity_id = o.entity_id AND h.state ->> 'field' = o.field
                AND h.state ->> 'history' = 'true' AND h.state ->> 'value' = o.value
                AND h.occurred_at BETWEEN o.occurred_at - {SAME} AND o.occurred_at + {SAME})"""


def _contacts() -> str:
    """The contacts that a transcript tells, and no call log."""
    thing, said = _THING.format(s="s"), _SAID.format(s="s")
    key = "concat_ws(chr(31), 'transcript', s.entity_type, s.entity_id)"
    made = EVENT_ID_SQL.format(source="source", instance="instance", key=key)
    return f"""SELECT {made}, s.state ->> 'name', s.occurred_at, 'second', 'server', s.received_at, s.source,
            s.instance, s.channel, {said},
            s.identities, CAST(s.properties AS VARCHAR), s.record, s.raw_table,
            s.batch, {thing}
        FROM (SELECT * FROM snapshots s
            WHERE s.state ->> 'field' = '{CONTACT}' AND {thing} IN (SELECT entity FROM things)
            QUALIFY row_number() OVER (PARTITION BY source, instance, entity_type, entity_id ORDER BY batch, id) = 1) s
        WHERE len(s.identities) > 0 AND NOT EXISTS (SELECT 1 FROM events e WHERE {_is_contact()}
            AND e.source <> s.source AND e.occurred_at BETWEEN s.occurred_at - {NEAR} AND s.occurred_at + {NEAR}
            AND len(list_intersect(e.identities,
                list_filter(s.identities, lambda x: x.kind <> 'conversation_id'))) > 0)"""


def _is_contact() -> str:
    """SQL condition: an event `e` is a contact that a call log tells."""
    own = {
        name: f"CASE WHEN contains(CAST(e.properties AS VARCHAR), '$raw_') "
        f"THEN coalesce(e.properties ->> '/$raw_{name}', e.{column}) ELSE e.{column} END"
        for name, column in (("entity", "entity_type"), ("channel", "channel"))
    }  # as the system itself says it, whatever a mapping says of it
    return (
        f"split_part({own['entity']}, ':', 1) IN ('call', 'conversation', 'contact') "
        f"AND ({own['channel']}) IN ('phone', 'chat', 'email')"
    )
