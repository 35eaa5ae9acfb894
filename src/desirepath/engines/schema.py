"""What tables does a workspace's database have, and how does an older one become a newer one?

Each migration is a list of statements that runs in one transaction and moves the schema one version on. A database
of a newer version than this program knows is refused, never guessed at.
"""

from __future__ import annotations

import duckdb

from desirepath.errors import WorkspaceError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE events (
            seq BIGINT NOT NULL, id UUID NOT NULL, name VARCHAR NOT NULL, occurred_at TIMESTAMPTZ NOT NULL,
            precision VARCHAR NOT NULL, quality VARCHAR NOT NULL, received_at TIMESTAMPTZ NOT NULL, sequence BIGINT,
            source VARCHAR NOT NULL, instance VARCHAR NOT NULL, channel VARCHAR, value DOUBLE, currency VARCHAR,
            entity_type VARCHAR, entity_id VARCHAR, session VARCHAR,
            identities STRUCT(kind VARCHAR, "value" VARCHAR)[] NOT NULL, identity BIGINT NOT NULL,
            properties JSON NOT NULL, batch INTEGER NOT NULL, record BIGINT NOT NULL, raw_table VARCHAR NOT NULL)""",
        """CREATE TABLE identities (
            code BIGINT NOT NULL, kind VARCHAR NOT NULL, value VARCHAR NOT NULL, strength VARCHAR NOT NULL)""",
        """CREATE TABLE identity_links (
            a BIGINT NOT NULL, b BIGINT NOT NULL, source VARCHAR NOT NULL,
            first_at TIMESTAMPTZ NOT NULL, last_at TIMESTAMPTZ NOT NULL, times BIGINT NOT NULL)""",
        "CREATE TABLE people (person BIGINT NOT NULL, id VARCHAR NOT NULL)",
        "CREATE TABLE person_of (identity BIGINT NOT NULL, person BIGINT NOT NULL)",
        """CREATE TABLE batches (
            batch INTEGER NOT NULL, source VARCHAR NOT NULL, instance VARCHAR NOT NULL, folder VARCHAR NOT NULL,
            received_at TIMESTAMPTZ NOT NULL, rows BIGINT NOT NULL, left_out BIGINT NOT NULL, read BIGINT NOT NULL,
            stored BIGINT NOT NULL, duplicate BIGINT NOT NULL, quarantined BIGINT NOT NULL)""",
        """CREATE TABLE quarantine (
            batch INTEGER NOT NULL, "table" VARCHAR NOT NULL, file VARCHAR NOT NULL, line BIGINT, record BIGINT,
            reason_code VARCHAR NOT NULL, reason VARCHAR NOT NULL, raw BLOB NOT NULL)""",
        "CREATE TABLE versions (name VARCHAR NOT NULL, version BIGINT NOT NULL)",
        "INSERT INTO versions VALUES ('schema', 1), ('data', 0), ('identity', 0)",
    ),
)

LATEST = len(MIGRATIONS)


def migrate(connection: duckdb.DuckDBPyConnection, *, where: str) -> None:
    """Bring a database to the latest schema version.

    Raises
    ------
    WorkspaceError
        If the database was written by a newer version of desirepath.
    """
    found = _version(connection)

    def run(statement: str, parameters: list[int] | None = None) -> None:
        connection.execute(statement, parameters or []).fetchall()

    if found > LATEST:
        raise WorkspaceError(
            f"The database has schema version {found}; this desirepath knows versions up to {LATEST}. "
            "Install a newer one.",
            looked=where,
        )
    for number in range(found, LATEST):
        run("BEGIN")
        for statement in MIGRATIONS[number]:
            run(statement)
        run("UPDATE versions SET version = ? WHERE name = 'schema'", [number + 1])
        run("COMMIT")
    if found < LATEST:
        run("CHECKPOINT")


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'versions'").fetchall()
    if known[0][0] == 0:
        return 0
    rows = connection.execute("SELECT version FROM versions WHERE name = 'schema'").fetchall()
    return int(rows[0][0]) if rows else 0
