"""A real PostgreSQL server is read: its types, its cursor, its refusals; skipped where none is installed."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import desirepath
from desirepath.errors import InputError, UnknownNameError, WorkspaceError
from desirepath.syncing.databases import Database
from desirepath.syncing.run import sync
from desirepath.syncing.sql import Asked, import_rows, parts, written

dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")

PASSWORD = "pa:ss@wörd/%"
FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
    Path(found) for found in [shutil.which("initdb")] if found
]


def tell(*_: Any) -> None:
    """Say nothing."""


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root: for whom to run it then."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a server of our own, without its password."""
    if not FOUND:
        pytest.skip("PostgreSQL is not installed")
    programs, who = FOUND[-1].parent, _unprivileged()
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name, socket.socket() as free:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if who:
            for path in (folder, folder / "password"):
                os.chown(path, pwd.getpwnam(who["user"]).pw_uid, who["group"])
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def run(program: str, *given: str) -> None:
            command = [programs / program, "-D", folder / "data", *given]
            subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)

        run("initdb", "-U", "ann", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8")
        said = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-w", "-o", said, "-l", str(folder / "log"), "start")
        try:
            yield f"127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture
def database(address: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The server's database, with the password from the environment."""
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    return Database.of(f"postgresql://ann:$SHOP_PASSWORD@{address}", "here")


def run(database: Database, *statements: str) -> None:
    """Write into it."""
    with dbapi.connect(database.uri, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


TYPED = """CREATE TABLE typed (small smallint, big bigint, single real, double float8, amount numeric(10, 2),
    number numeric, words text, flag boolean, day date, local timestamp, instant timestamptz, clock time,
    document json, "binary" jsonb, list int[], choice choice, id uuid)"""
FILLED = """INSERT INTO typed VALUES (7, 2, 1.5, 2.5, 12.50, 123456789012345678901.5, 'é', true, '2026-01-02',
    '2026-01-02 03:04:05.123456', '2026-01-02 03:04:05.123456+02', '10:00', '{"a": 1}', '{"b": [1]}', '{1,NULL}', 'x',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')"""


def test_types(database: Database, tmp_path: Path) -> None:
    run(database, "DROP TABLE IF EXISTS typed", "DROP TYPE IF EXISTS choice", "CREATE TYPE choice AS ENUM ('x')", TYPED)
    run(database, FILLED, "INSERT INTO typed (amount) VALUES ('NaN')")
    path = tmp_path / "rows.parquet"
    assert written(Asked(database, "public.typed"), path, tell) == 2
    read = pq.read_table(path)
    kinds = {field.name: str(field.type) for field in read.schema}
    texts = ("words", "number", "clock", "document", "binary", "list", "choice", "id")
    assert kinds == {
        "small": "int16",
        "big": "int64",
        "single": "float",
        "double": "double",
        "amount": "decimal128(10, 2)",
        "flag": "bool",
        "day": "date32[day]",
        "local": "timestamp[us]",
        "instant": "timestamp[us, tz=UTC]",
        **dict.fromkeys(texts, "string"),
    }
    first, second = ({name: str(value) for name, value in row.items()} for row in read.to_pylist())
    assert first == {
        "small": "7",
        "big": "2",
        "single": "1.5",
        "double": "2.5",
        "amount": "12.50",
        "number": "123456789012345678901.5",
        "words": "é",
        "flag": "True",
        "day": "2026-01-02",
        "local": "2026-01-02 03:04:05.123456",
        "instant": "2026-01-02 01:04:05.123456+00:00",
        "clock": "10:00:00.000000",
        "document": '{"a": 1}',
        "binary": '{"b": [1]}',
        "list": "[1,null]",
        "choice": "x",
        "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    }
    assert set(second.values()) == {"None"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("'\\x01'::bytea", "binary"),
        ("'1 day'::interval", "month_day_nano_interval"),
        ("'10.0.0.1'::inet", "inet"),
        ("'10:00+01'::timetz", "timetz"),
    ],
)
def test_types_without_a_form(database: Database, tmp_path: Path, value: str, kind: str) -> None:
    with pytest.raises(InputError, match=f"The column 'odd' has the type {kind}, which"):
        written(Asked(database, query=f"SELECT {value} AS odd"), tmp_path / "rows.parquet", tell)
    written(Asked(database, query=f"SELECT CAST({value} AS text) AS odd"), tmp_path / "rows.parquet", tell)


def test_it_is_never_written_to(database: Database, tmp_path: Path) -> None:
    run(database, "DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT 1 AS id")
    for query in (
        "DELETE FROM kept",
        "SELECT setval('odd', 1)",
        "WITH gone AS (DELETE FROM kept RETURNING 1) TABLE gone",
    ):
        with pytest.raises(InputError, match="The database refuses the query"):
            written(Asked(database, query=query), tmp_path / "rows.parquet", tell)
    from adbc_driver_manager import Error

    with database.opened() as connection, connection.cursor() as cursor, pytest.raises(Error, match="read-only"):
        cursor.execute("DELETE FROM kept")
    assert written(Asked(database, "kept"), tmp_path / "rows.parquet", tell) == 1


@pytest.mark.parametrize(
    ("kind", "value", "late"),
    [
        ("timestamptz", "'2026-05-01'::timestamptz + n * interval '1 hour'", 2),
        ("timestamp", "'2026-05-01'::timestamp + n * interval '1 hour'", 2),
        ("date", "'2026-05-01'::date + n", 2),
        ("bigint", "n", 1),
        ("numeric", "n / 4.0", 1),
        ("numeric(12, 2)", "n / 4.0", 1),
        ("float8", "n / 4.0", 1),
        ("text", "'n' || lpad(n::text, 5, '0')", 1),
    ],
)
def test_cursors(database: Database, tmp_path: Path, kind: str, value: str, late: int) -> None:
    """The next pull reads the last value again; of times, the last hour or day."""
    fill = f"INSERT INTO orders SELECT n, 'c' || n % 3, now(), {value} FROM generate_series({{}}) n"
    run(
        database,
        "DROP TABLE IF EXISTS orders",
        f"CREATE TABLE orders (id bigint, customer text, at timestamptz, grows {kind})",
        fill.format("1, 10"),
    )
    root = tmp_path / "acme"
    with desirepath.create(root, time_zone="UTC"):
        pass
    settings = root / "workspace.toml"
    uri = f"postgresql://ann:$SHOP_PASSWORD@{database.shown.partition('://')[2]}"
    said = {"source": "sql", "uri": uri, "table": "orders", "cursor": "grows", "mapping": "orders.yaml"}
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in said.items())
    settings.write_text(f"{settings.read_text()}\n[sync.orders]\n{lines}\n", encoding="utf-8")
    mapping = "source: shop\nkey: id\nidentities: {customer: customer}\nevents: [{name: order, at: at}]\n"
    (root / "orders.yaml").write_text(mapping, encoding="utf-8")
    with desirepath.open(root) as workspace:
        found = []
        for more in (None, None, "11, 12"):
            if more is not None:
                run(database, fill.format(more), "INSERT INTO orders SELECT 99, 'c', now(), max(grows) FROM orders")
            result = sync(workspace, "orders", progress=tell).result
            assert result is not None
            found.append((result.rows, result.stored, result.duplicate))
        assert found == [(10, 10, 0), (late, 0, late), (late + 3, 3, late)]
    for path in root.rglob("*"):
        if path.is_file():
            assert b"pa:ss" not in path.read_bytes()
            assert b"pa%3Ass" not in path.read_bytes()


def test_times_that_no_calendar_has(database: Database, tmp_path: Path) -> None:
    """They are set aside when they are the time of an event, and are never where the next pull begins."""
    query = "SELECT n AS id, 'c' AS customer, {} AS at FROM generate_series(1, 4) n"
    odd = "(ARRAY['infinity', '2026-05-01 00:00+00', '0044-03-15 BC', '20000-01-01'])[n]::timestamptz"
    found = list(parts(Asked(database, query=query.format(odd), cursor="at"), tmp_path))
    assert [part.mark.to_dict()["value"] for part in found if part.mark] == ["2026-05-01T00:00:00+00:00"]
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("source: shop\nkey: id\nidentities: {customer: customer}\nevents: [{name: order, at: at}]\n")
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        asked = Asked(database, query=query.format(odd))
        result = import_rows(workspace, asked, mapping, time_zone=None, progress=tell)
        assert (result.rows, result.quarantined, set(result.reasons)) == (4, 2, {"time_out_of_range"})


def test_a_column_that_cannot_be_a_cursor(database: Database, tmp_path: Path) -> None:
    query = "SELECT '{1}'::int[] AS list, true AS flag, '{}'::jsonb AS document, gen_random_uuid() AS id"
    for cursor in ("list", "flag", "document", "id"):
        with pytest.raises(InputError, match="is no cursor"):
            list(parts(Asked(database, query=query, cursor=cursor), tmp_path))


def test_refusals(database: Database, tmp_path: Path) -> None:
    run(database, "CREATE SCHEMA IF NOT EXISTS shop", "CREATE TABLE IF NOT EXISTS shop.visits (id int)")
    with pytest.raises(UnknownNameError) as found:
        written(Asked(database, "shop.visit"), tmp_path / "rows.parquet", tell)
    assert found.value.nearest == "shop.visits"
    assert not any("pg_" in name for name in found.value.allowed)
    with pytest.raises(InputError, match='column "nope" does not exist'):
        written(Asked(database, query="SELECT nope FROM shop.visits"), tmp_path / "rows.parquet", tell)
    place = database.shown.partition("://")[2]
    refused = {
        f"postgresql://ann:wr0ngword@{place}": "password authentication failed",
        f"postgresql://ann:wr0ngword@{place}?nonsense=1": "invalid URI query parameter",
        "postgresql://ann:wr0ngword@127.0.0.1:1/shop": "Connection refused",
    }
    for uri, reason in refused.items():
        with pytest.raises(WorkspaceError, match=reason) as failed, Database.of(uri, "here").opened():
            pass
        assert "wr0ngword" not in str(failed.value)


def test_four_million_rows_take_little_memory(database: Database, tmp_path: Path) -> None:
    """From a mark on, too: a result for which a value is bound would come in one piece."""
    code = f"""
import resource, sys
from pathlib import Path
from desirepath.syncing.databases import Database
from desirepath.syncing.marks import Mark
from desirepath.syncing.sql import Asked, parts
query = "SELECT n, repeat('x', 100) || n AS words FROM generate_series(1, 4000000) n"
asked = Asked(Database.of({database.uri!r}, "here"), None, query, "n")
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
start, rows, files = used(), 0, 0
for part in parts(asked, Path({str(tmp_path)!r}), lambda kind: Mark(kind, 1000)):
    if part.file is not None:
        rows, files = rows + part.rows, files + 1
print(rows, files, used() - start)
"""
    here = {**os.environ, "PYTHONPATH": str(Path(desirepath.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=here)
    rows, files, megabytes = map(int, done.stdout.split())
    assert (rows, files > 2) == (3_999_001, True)
    assert megabytes < 300, "the texts alone have 420 MB"
