"""What tables does a workspace's database have, and how does an older one become a newer one?

Each migration is a list of statements that runs in one transaction and moves the schema one version on. A database
of a newer version than this program knows is refused, never guessed at.
"""

from __future__ import annotations

import duckdb

from desirepath.errors import WorkspaceError


def person_of_event_sql(person_of: str = "person_of", stretches: str = "stretches") -> str:
    """The query that says whose each event is: columns `seq` and `person`; nobody's events are left out.

    An event belongs to the person of the identity that names it. On a shared device it belongs to who had the device
    then; where a blocked value names it, to the person of the next identity on it (`renamed`).
    """
    return f"""SELECT e.seq, o.person FROM events e JOIN {person_of} o ON o.identity = e.identity WHERE o.person >= 0
        UNION ALL {odd_events_sql(person_of, stretches)}"""


def odd_events_sql(person_of: str = "person_of", stretches: str = "stretches") -> str:
    """The same for those events alone whose identity does not say it: a shared device's, and renamed ones."""
    on_device = f"SELECT identity FROM {stretches}"
    renamed = "SELECT r.seq, e.occurred_at, r.identity FROM renamed r JOIN events e ON e.seq = r.seq"
    return f"""SELECT r.seq, o.person FROM renamed r JOIN {person_of} o ON o.identity = r.identity WHERE o.person >= 0
        UNION ALL
        SELECT d.seq, s.person FROM (
            SELECT seq, occurred_at, identity FROM events WHERE identity IN ({on_device})
            UNION ALL SELECT * FROM ({renamed}) x WHERE x.identity IN ({on_device})
        ) d ASOF JOIN {stretches} s ON s.identity = d.identity AND epoch_us(d.occurred_at) >= s.begin_us
        WHERE epoch_us(d.occurred_at) < s.end_us AND s.person >= 0"""


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
    (
        "ALTER TABLE identity_links ADD COLUMN rule VARCHAR DEFAULT 'same event'",
        "ALTER TABLE identity_links ADD COLUMN first_event UUID",
        "DROP TABLE people",
        "DROP TABLE person_of",
        # who is who is worked out again when the workspace is next opened
        "CREATE TABLE person_of (identity BIGINT NOT NULL, person BIGINT NOT NULL, since BIGINT NOT NULL)",
        """CREATE TABLE former_person_of (
            identity BIGINT NOT NULL, person BIGINT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL)""",
        """CREATE TABLE stretches (
            identity BIGINT NOT NULL, begin_us BIGINT NOT NULL, end_us BIGINT NOT NULL, person BIGINT NOT NULL,
            since BIGINT NOT NULL)""",
        """CREATE TABLE former_stretches (
            identity BIGINT NOT NULL, begin_us BIGINT NOT NULL, end_us BIGINT NOT NULL, person BIGINT NOT NULL,
            since BIGINT NOT NULL, until BIGINT NOT NULL)""",
        "CREATE TABLE renamed (seq BIGINT NOT NULL, identity BIGINT NOT NULL)",
        "CREATE TABLE refused_links (a BIGINT NOT NULL, b BIGINT NOT NULL, reason VARCHAR NOT NULL)",
        """CREATE TABLE identity_versions (
            version BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, cause VARCHAR NOT NULL, changed BIGINT NOT NULL)""",
        """CREATE VIEW people AS SELECT code AS person, kind || ':' || value AS id, strength = 'visit' AS passer_by
            FROM identities WHERE code IN (SELECT person FROM person_of UNION ALL SELECT person FROM stretches)""",
        """CREATE VIEW memberships AS
            SELECT o.person, x.code AS account, min(l.first_at) AS first_at, max(l.last_at) AS last_at,
                sum(l.times)::BIGINT AS times
            FROM (SELECT a AS account, b AS identity, first_at, last_at, times FROM identity_links
                UNION ALL SELECT b, a, first_at, last_at, times FROM identity_links) l
            JOIN identities x ON x.code = l.account AND x.strength = 'apart' AND x.kind NOT IN ('ip', 'user_agent')
            JOIN identities y ON y.code = l.identity AND y.strength <> 'apart'
            JOIN person_of o ON o.identity = l.identity AND o.person >= 0
            GROUP BY ALL""",
        f"CREATE VIEW person_of_event AS {person_of_event_sql()}",
    ),
    (
        """CREATE TABLE snapshots (
            id UUID NOT NULL, name VARCHAR NOT NULL, occurred_at TIMESTAMPTZ NOT NULL, received_at TIMESTAMPTZ NOT NULL,
            source VARCHAR NOT NULL, instance VARCHAR NOT NULL, channel VARCHAR, entity_type VARCHAR, entity_id VARCHAR,
            identities STRUCT(kind VARCHAR, "value" VARCHAR)[] NOT NULL, identity BIGINT, properties JSON NOT NULL,
            state JSON, batch INTEGER NOT NULL, record BIGINT NOT NULL, raw_table VARCHAR NOT NULL)""",
        "CREATE TABLE inferred (id UUID NOT NULL, entity UUID NOT NULL)",
        "ALTER TABLE batches ADD COLUMN snapshots BIGINT DEFAULT 0",
        # the row after the last that an event ever had; what is taken away again leaves no place to another
        "INSERT INTO versions VALUES ('rows', 0)",
        # the last request of the collector's inbox that is in the tables
        "INSERT INTO versions VALUES ('inbox', 0)",
    ),
    (
        # what other tools may rely on: columns of these are only ever added
        "CREATE SCHEMA bi",
        """CREATE VIEW bi.events AS
            SELECT CAST(e.id AS VARCHAR) AS event_id, e.occurred_at, e.name, e.channel, e.source, e.instance,
                p.id AS person, e.value, e.currency, e.entity_type, e.entity_id, e.session,
                CAST(e.properties AS VARCHAR) AS properties
            FROM main.events e LEFT JOIN main.person_of_event o ON o.seq = e.seq
            LEFT JOIN main.people p ON p.person = o.person""",
        """CREATE VIEW bi.people AS
            SELECT p.id AS person, min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at,
                count(e.seq) AS events, p.passer_by
            FROM main.people p LEFT JOIN main.person_of_event o ON o.person = p.person
            LEFT JOIN main.events e ON e.seq = o.seq
            GROUP BY p.person, p.id, p.passer_by""",
        """CREATE VIEW bi.identities AS
            SELECT p.id AS person, i.kind, i.value, i.strength FROM main.identities i
            JOIN person_of o ON o.identity = i.code JOIN main.people p ON p.person = o.person""",
        """CREATE VIEW bi.memberships AS
            SELECT p.id AS person, a.kind || ':' || a.value AS account, m.first_at, m.last_at, m.times
            FROM main.memberships m JOIN main.people p ON p.person = m.person
            JOIN main.identities a ON a.code = m.account""",
    ),
    (
        # what texts say, by a hash of each; made again when it is needed
        """CREATE TABLE readings (
            "text" UBIGINT NOT NULL, reading VARCHAR NOT NULL, model VARCHAR NOT NULL, value VARCHAR, number DOUBLE)""",
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
