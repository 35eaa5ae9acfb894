"""How does one look at single events and people? Reading the store, never changing it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import Derived, EventFields

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.engines.store import Store

_SHOWN = """e.occurred_at, e.name, e.channel, e.source, e.value, e.currency, e.entity_type, e.entity_id,
    e.precision, e.quality, CAST(e.properties AS VARCHAR) AS properties, CAST(e.id AS VARCHAR) AS id"""
_ORDER = "e.occurred_at, e.sequence NULLS LAST, e.id"


def latest_events(store: Store, where: Where, most: int, zone: str, derived: Derived | None = None) -> pa.Table:
    """The latest events that fit, newest last; `derived` says where fields live that are worked out of others."""
    sql = compile_sql(where, EventFields(table="e", derived=derived), zone=zone)
    try:
        return store.arrow(
            f"""SELECT p.id AS person, {_SHOWN} FROM (
                SELECT * FROM events e WHERE {sql.text} ORDER BY e.occurred_at DESC, e.id DESC LIMIT ?) e
            LEFT JOIN person_of_event o ON o.seq = e.seq
            LEFT JOIN people p ON p.person = o.person ORDER BY {_ORDER}""",
            [*sql.parameters, most],
        )
    except duckdb.InvalidInputException as problem:
        raise InputError(f"The filter cannot be evaluated: {problem}") from problem


def find_person(store: Store, who: str) -> tuple[int, str]:
    """The person that an id, or an identity such as `email:a@example.org`, or its bare value, belongs to.

    Raises
    ------
    InputError
        If nobody or more than one person answers to it.
    """
    found = store.rows("SELECT person, id FROM people WHERE id = ?", [who])
    if found:
        return int(found[0][0]), str(found[0][1])
    from desirepath.engines.store import written_as

    fits, given = written_as(who)
    rows = store.rows(
        f"""SELECT DISTINCT p.person, p.id FROM identities i JOIN person_of o ON o.identity = i.code
        JOIN people p ON p.person = o.person WHERE {fits} ORDER BY p.id LIMIT 20""",
        given,
    )
    if len(rows) == 1:
        return int(rows[0][0]), str(rows[0][1])
    if rows:
        raise InputError(f"{who!r} belongs to several people; say which.", allowed=[row[1] for row in rows])
    near = [
        str(row[0])
        for row in store.rows("SELECT id FROM people ORDER BY jaro_winkler_similarity(id, ?) DESC LIMIT 5", [who])
    ]
    raise UnknownNameError.of("person", who, near, looked="the identities of all people")


def timeline(store: Store, who: str, most: int) -> pa.Table:
    """One person's events, oldest first."""
    person, _ = find_person(store, who)
    return store.arrow(
        f"""SELECT {_SHOWN} FROM events e JOIN person_of_event o ON o.seq = e.seq
        WHERE o.person = ? ORDER BY {_ORDER} LIMIT ?""",
        [person, most],
    )


def identities(store: Store, who: str) -> pa.Table:
    """The identities of one person."""
    person, _ = find_person(store, who)
    return store.arrow(
        """SELECT i.kind, i.value, i.strength FROM identities i JOIN person_of o ON o.identity = i.code
        WHERE o.person = ? ORDER BY i.strength, i.kind, i.value""",
        [person],
    )


def quarantined(store: Store, most: int) -> pa.Table:
    """What could not be imported, latest import first."""
    return store.arrow(
        """SELECT batch, "table", file, line, record, reason_code, reason, raw FROM quarantine
        ORDER BY batch DESC, "table", file, coalesce(line, record), reason_code LIMIT ?""",
        [most],
    )


def quarantine_reasons(store: Store) -> pa.Table:
    """How many entries there are by reason."""
    return store.arrow(
        """SELECT reason_code, count(*) AS entries, min(batch) AS first_batch, max(batch) AS last_batch
        FROM quarantine GROUP BY reason_code ORDER BY 2 DESC, 1"""
    )


def select(store: Store, query: str, most: int | None = None) -> pa.Table:
    """The result of one SELECT, or its first `most` rows.

    Raises
    ------
    InputError
        If the text is anything but one SELECT, or DuckDB refuses it.
    """
    try:
        statements = duckdb.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError("Only a single SELECT can be asked.")
        return _stoppable(store.connection.cursor(), query, most)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as problem:
        raise InputError(f"The query cannot be asked: {problem}") from problem


def _stoppable(cursor: duckdb.DuckDBPyConnection, query: str, most: int | None) -> pa.Table:
    """Run a query on a thread of its own: the one that waits hears Ctrl-C, the one inside DuckDB does not."""

    def work() -> pa.Table:
        found = cursor.sql(query)
        return (found if most is None else found.limit(most)).to_arrow_table()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(work)
        try:
            return answer.result()
        except BaseException:
            cursor.interrupt()
            raise
