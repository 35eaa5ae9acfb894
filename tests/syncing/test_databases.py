"""Tables and queries of SQL databases, read through ADBC: once, again and again, through trouble, with bad input."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import desirepath
from desirepath.erasing import erase_person
from desirepath.errors import CancelledError, InputError, MappingError, UnknownNameError, WorkspaceError
from desirepath.syncing import databases, sql
from desirepath.syncing.databases import Database
from desirepath.syncing.marks import Mark, last_mark, overlap_of
from desirepath.syncing.run import Schedule, sync
from desirepath.syncing.sql import Asked, import_rows, parts, written
from desirepath.workspace import Workspace

pytest.importorskip("adbc_driver_sqlite")

MAPPING = """\
source: shop
time_zone: UTC
key: id
identities: {customer: customer}
properties: [status, note]
events:
- {name: order, at: updated_at, value: {column: total, currency: EUR}}
"""


def tell(*_: Any) -> None:
    """Say nothing."""


def stop_late(stage: str, done: int, total: int | None) -> None:
    """Stop a pull after 40,000 rows."""
    if total is None and done > 40_000:
        raise CancelledError("stopped")


class Shop:
    """A shop's database, and the workspace that reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "shop.db"
        self.run("CREATE TABLE orders (id INTEGER, customer TEXT, status TEXT, total NUMERIC, updated_at TEXT, note)")
        with desirepath.create(folder / "acme", time_zone="UTC"):
            pass
        (folder / "acme" / "orders.yaml").write_text(MAPPING, encoding="utf-8")

    def run(self, statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
        """Write into the database."""
        with sqlite3.connect(self.path) as connection:
            if rows is None:
                connection.execute(statement)
            else:
                connection.executemany(statement, rows)
        connection.close()

    def add(self, *rows: tuple[Any, ...]) -> None:
        """Add orders: number, customer, status, total, moment, note."""
        self.run("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", list(rows))

    def orders(self, days: range, hour: int = 10) -> None:
        """One order a day of May."""
        self.add(*((day, f"c{day % 3}", "paid", day, f"2026-05-{day:02d} {hour}:00:00", None) for day in days))

    def open(self, **said: Any) -> Workspace:
        """The workspace, with an account that reads the orders."""
        table = {"source": "sql", "uri": "sqlite:///../shop.db", "table": "orders", "mapping": "orders.yaml", **said}
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None)
        settings = self.folder / "acme" / "workspace.toml"
        text = settings.read_text(encoding="utf-8").partition("\n[sync")[0]
        settings.write_text(f"{text}\n[sync.orders]\n{lines}\n", encoding="utf-8")
        return desirepath.open(self.folder / "acme")

    def asked(self, **what: Any) -> Asked:
        """What is asked of the database."""
        return Asked(Database.of(f"sqlite:///{self.path}", "here"), **what)

    def pulled(self, **said: Any) -> tuple[int, int, int]:
        """Pull the account: rows, stored, duplicate."""
        with self.open(**said) as workspace:
            done = sync(workspace, "orders", progress=tell)
        result = done.result
        (rows,) = done.records.values() or (0,)
        return (rows, result.stored, result.duplicate) if result is not None else (rows, 0, 0)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty one."""
    return Shop(tmp_path)


def count(workspace: Workspace) -> int:
    return int(workspace.sql("SELECT count(*) AS n FROM events").to_pylist()[0]["n"])


# ---- once -----------------------------------------------------------------------------------------------------------


def test_a_table_is_imported_like_a_file(shop: Shop) -> None:
    shop.orders(range(1, 11))
    with shop.open() as workspace:
        mapping = shop.folder / "acme" / "orders.yaml"
        told: list[tuple[str, int]] = []

        def progress(stage: str, done: int, _: int | None) -> None:
            told.append((stage, done))

        first = import_rows(workspace, shop.asked(table="orders"), mapping, time_zone=None, progress=progress)
        assert (first.rows, first.stored, first.duplicate, first.quarantined) == (10, 10, 0, 0)
        assert ("reading", 10) in told
        query = "SELECT * FROM orders WHERE id > 3 -- the later ones\n;"
        again = import_rows(workspace, shop.asked(query=query), mapping, time_zone=None, progress=tell)
        assert (again.rows, again.stored, again.duplicate) == (7, 0, 7)
        assert workspace.sql("SELECT sum(value) AS v FROM events").to_pylist() == [{"v": 55.0}]
        assert not list((workspace.root / "temp").glob("rows-*"))


def test_a_table_without_rows(shop: Shop) -> None:
    with shop.open() as workspace:
        result = import_rows(
            workspace, shop.asked(table="orders"), workspace.root / "orders.yaml", time_zone=None, progress=tell
        )
        assert (result.rows, result.stored, result.batch) == (0, 0, None)
    assert shop.pulled() == (0, 0, 0)


def test_columns_of_sqlite_have_the_type_of_all_their_rows(shop: Shop, tmp_path: Path) -> None:
    """The driver alone takes that of the first rows, and breaks off after them."""
    shop.add(*((day, None, None, day, None, None) for day in range(40_000)))
    shop.add((40_000, "Ann", "paid", 2.5, "2026-05-01", 7), (2**60, "Bob", 3, 3, "2026-05-02", "late"))
    path = tmp_path / "rows.parquet"
    assert written(shop.asked(table="orders"), path, tell) == 40_002
    read = pq.read_table(path)
    kinds = {field.name: str(field.type) for field in read.schema}
    assert kinds == {
        "id": "int64",
        "customer": "string",
        "status": "string",
        "total": "double",
        "updated_at": "string",
        "note": "string",
    }
    assert read.slice(40_000).to_pylist() == [
        dict(zip(kinds, (40_000, "Ann", "paid", 2.5, "2026-05-01", "7"), strict=True)),
        dict(zip(kinds, (2**60, "Bob", "3", 3.0, "2026-05-02", "late"), strict=True)),
    ]


def test_types_of_a_database_that_has_them(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "typed.duckdb")) as made:
        made.execute(
            "CREATE TABLE typed AS SELECT 1::UTINYINT AS small, 2::HUGEINT AS huge, 12.50::DECIMAL(10, 2) AS amount, "
            "1.5::FLOAT AS single, true AS flag, DATE '2026-05-01' AS day, TIMESTAMP '2026-05-01 10:00:00.5' AS local, "
            "TIMESTAMPTZ '2026-05-01 10:00+02' AS instant, TIME '10:00' AS clock, uuid() AS number, [1, NULL] AS list, "
            "{'a': 1.5, 'b': DATE '2026-05-01'} AS nested, MAP {'k': 1} AS pairs, 'x'::ENUM ('x', 'y') AS choice, "
            "NULL AS nothing, '{\"a\": 1}'::JSON AS document"
        )
    database = Database.of("duckdb:///typed.duckdb", "here", tmp_path)
    written(Asked(database, "typed"), tmp_path / "rows.parquet", tell)
    with duckdb.connect() as reader:
        described = reader.execute(f"DESCRIBE SELECT * FROM '{tmp_path}/rows.parquet'").fetchall()
        row = reader.execute(f"SELECT list, nested, pairs, clock, choice, document FROM '{tmp_path}/rows.parquet'")
        assert row.fetchone() == (
            "[1,null]",
            '{"a":1.5,"b":"2026-05-01"}',
            '{"k":1}',
            "10:00:00.000000",
            "x",
            '{"a": 1}',
        )
    texts = ("clock", "number", "list", "nested", "pairs", "choice", "nothing", "document")
    assert {name: kind for name, kind, *_ in described} == {
        "small": "UTINYINT",
        "huge": "DECIMAL(38,0)",
        "amount": "DECIMAL(10,2)",
        "single": "FLOAT",
        "flag": "BOOLEAN",
        "day": "DATE",
        "local": "TIMESTAMP",
        "instant": "TIMESTAMP WITH TIME ZONE",
        **dict.fromkeys(texts, "VARCHAR"),
    }


@pytest.mark.parametrize("value", ["'x'::BLOB", "INTERVAL 1 DAY", "['x'::BLOB]", "{'a': INTERVAL 1 DAY}"])
def test_a_type_without_a_form_names_its_column(tmp_path: Path, value: str) -> None:
    with duckdb.connect(str(tmp_path / "typed.duckdb")) as made:
        made.execute(f"CREATE TABLE typed AS SELECT 1 AS id, {value} AS odd")
    database = Database.of("duckdb:///typed.duckdb", "here", tmp_path)
    with pytest.raises(InputError, match="The column 'odd' has the type") as found:
        written(Asked(database, "typed"), tmp_path / "rows.parquet", tell)
    assert any("CAST" in one for one in found.value.allowed)
    written(Asked(database, query="SELECT id FROM typed"), tmp_path / "rows.parquet", tell)


def test_names_of_columns_that_are_equal_or_odd(shop: Shop) -> None:
    shop.orders(range(1, 4))
    query = 'SELECT a.*, b.id, b.customer AS "a ""quoted"" name" FROM orders a JOIN orders b ON a.id = b.id'
    with shop.open() as workspace:
        mapping = workspace.root / "orders.yaml"
        result = import_rows(workspace, shop.asked(query=query), mapping, time_zone=None, progress=tell)
        assert result.stored == 3


# ---- again and again ------------------------------------------------------------------------------------------------


def test_the_next_pull_reads_from_the_last_value_on(shop: Shop) -> None:
    shop.orders(range(1, 11))
    assert shop.pulled(cursor="updated_at") == (10, 10, 0)
    assert shop.pulled(cursor="updated_at") == (1, 0, 1)
    shop.orders(range(11, 13))
    assert shop.pulled(cursor="updated_at") == (3, 2, 1)
    state = json.loads((shop.folder / "acme" / "sync" / "orders" / "state.json").read_text())
    assert state["ends"]["orders"] == {"mark": {"kind": "text", "value": "2026-05-12 10:00:00"}}


def test_a_late_row_is_found_by_the_overlap(shop: Shop) -> None:
    shop.orders(range(1, 11))
    shop.pulled(cursor="updated_at")
    shop.add(
        (50, "c1", "paid", 1, "2026-05-10 10:00:00", None),  # of the same moment
        (51, "c1", "paid", 1, "2026-05-10 09:30:00", None),  # committed after the last pull, begun before
        (52, "c1", "paid", 1, "2026-05-10 04:00:00", None),
    )
    assert shop.pulled(cursor="updated_at") == (3, 2, 1)
    assert shop.pulled(cursor="updated_at", overlap="8 hours") == (4, 1, 3)


def test_a_row_that_has_no_value_of_the_cursor_always_comes(shop: Shop) -> None:
    shop.run("CREATE TABLE visits (id INTEGER, customer TEXT, at TEXT, changed INTEGER)")
    shop.run("INSERT INTO visits VALUES (1, 'c1', '2026-05-01', 100), (2, 'c2', '2026-05-01', NULL)")
    mapping = (
        "source: shop\ntime_zone: UTC\nkey: id\nidentities: {customer: customer}\nevents: [{name: visit, at: at}]\n"
    )
    (shop.folder / "acme" / "visits.yaml").write_text(mapping)
    said = {"table": "visits", "cursor": "changed", "mapping": "visits.yaml"}
    assert shop.pulled(**said) == (2, 2, 0)
    shop.run("INSERT INTO visits VALUES (3, 'c3', '2026-05-02', NULL), (4, 'c1', '2026-05-02', 99)")
    assert shop.pulled(**said) == (3, 1, 2)
    assert shop.pulled(**said, overlap=1) == (4, 1, 3)


def test_without_a_cursor_all_rows_come_each_time(shop: Shop) -> None:
    shop.orders(range(1, 4))
    assert shop.pulled() == (3, 3, 0)
    shop.orders(range(4, 5))
    assert shop.pulled() == (4, 1, 3)


def test_equal_rows_without_a_key_are_counted_once_each(shop: Shop) -> None:
    """Those that are read again by the overlap are told from those that are there twice."""
    mapping = MAPPING.replace("key: id\n", "")
    (shop.folder / "acme" / "orders.yaml").write_text(mapping, encoding="utf-8")
    row = (1, "c1", "paid", 1.5, "2026-05-01 10:00:00", None)
    shop.add(row, row)
    assert shop.pulled(cursor="updated_at") == (2, 2, 0)
    assert shop.pulled(cursor="updated_at") == (2, 0, 2)
    shop.add(row)
    assert shop.pulled(cursor="updated_at") == (3, 1, 2)


def test_another_query_begins_anew(shop: Shop) -> None:
    shop.orders(range(1, 11))
    said = {"table": None, "cursor": "updated_at"}
    assert shop.pulled(**said, query="SELECT * FROM orders WHERE id % 2 = 0") == (5, 5, 0)
    assert shop.pulled(**said, query="SELECT * FROM orders") == (10, 5, 5)


def test_since_is_a_date_of_the_cursor(shop: Shop) -> None:
    shop.orders(range(1, 11))
    assert shop.pulled(cursor="updated_at", since="2026-05-04") == (7, 7, 0)
    with shop.open(cursor="updated_at") as workspace:
        done = sync(workspace, "orders", since="2026-05-02", progress=tell)
        assert done.records == {"orders": 9}
        with_numbers = shop.open(cursor="id")
        with with_numbers, pytest.raises(InputError, match="holds numbers"):
            sync(with_numbers, "orders", since="2026-05-02", progress=tell)
    with shop.open() as workspace, pytest.raises(InputError, match="Without a cursor"):
        sync(workspace, "orders", since="2026-05-02", progress=tell)


def test_a_date_that_is_refused_leaves_the_account_where_it_was(shop: Shop) -> None:
    shop.orders(range(1, 4))
    assert shop.pulled(cursor="id") == (3, 3, 0)
    with shop.open(cursor="id") as workspace, pytest.raises(InputError, match="holds numbers"):
        sync(workspace, "orders", since="2026-05-02", progress=tell)
    shop.orders(range(4, 6))
    assert shop.pulled(cursor="id") == (3, 2, 1)


def test_numbers_come_although_a_text_is_the_last_value(shop: Shop) -> None:
    shop.run("CREATE TABLE mixed (id, customer, status, total, updated_at, note, upd)")
    row = "INSERT INTO mixed VALUES ({0}, 'c1', 'paid', 1, '2026-05-0{0} 10:00:00', NULL, {1})"
    for number, upd in ((1, "1"), (2, "'2026'")):
        shop.run(row.format(number, upd))
    assert shop.pulled(table="mixed", cursor="upd")[:2] == (2, 2)
    shop.run(row.format(3, "4"))
    assert shop.pulled(table="mixed", cursor="upd")[1] == 1


def test_a_dollar_in_a_password_is_not_shown() -> None:
    with pytest.raises(InputError, match="%24") as refused:
        Database.of("postgresql://reader:pa$word99@host/shop", "--database")
    assert "word99" not in str(refused.value) + refused.value.message


def test_an_erasure_leaves_nobody_in_what_pulls_know(shop: Shop) -> None:
    shop.add((1, "ann@a.example", "paid", 1, "2026-05-01 10:00:00", None))
    shop.add((2, "zoe@secret.example", "paid", 1, "2026-05-02 10:00:00", None))
    assert shop.pulled(cursor="customer") == (2, 2, 0)
    with shop.open(cursor="customer") as workspace:
        under_way = workspace.root / "sync" / "orders" / "landing" / "orders.1.parquet"
        under_way.parent.mkdir(exist_ok=True)
        under_way.write_bytes(b"zoe@secret.example")
        erase_person(workspace, "customer:zoe@secret.example", author="me", reason="asked", progress=tell)
        left = [path for path in (workspace.root / "sync").rglob("*") if path.is_file()]
        assert left and not [path for path in left if b"zoe" in path.read_bytes()]
    # she is still in the shop's own database, and comes again when all is read anew
    assert shop.pulled(cursor="customer") == (2, 1, 1)


@pytest.mark.parametrize("table", ["a/b", "x" * 300, "..", "a b'c"])
def test_a_table_may_be_called_whatever_it_likes(shop: Shop, table: str) -> None:
    shop.orders(range(1, 3))
    shop.run(f'CREATE VIEW "{table}" AS SELECT * FROM orders')
    with shop.open() as workspace:
        asked = shop.asked(query=f'SELECT * FROM "{table}" ; \n;') if table == ".." else shop.asked(table=table)
        mapping = shop.folder / "acme" / "orders.yaml"
        result = import_rows(workspace, asked, mapping, time_zone=None, progress=tell)
    assert result.stored == 2
    assert not list(shop.folder.rglob("*.parquet.tmp"))


def test_the_columns_may_change_between_pulls(shop: Shop) -> None:
    shop.orders(range(1, 4))
    assert shop.pulled(cursor="updated_at") == (3, 3, 0)
    shop.run("ALTER TABLE orders ADD COLUMN coupon TEXT")
    shop.run("INSERT INTO orders VALUES (9, 'c1', 'paid', 1, '2026-05-09 10:00:00', NULL, 'MAY')")
    assert shop.pulled(cursor="updated_at") == (2, 1, 1)
    shop.run("ALTER TABLE orders RENAME COLUMN customer TO client")
    shop.run("INSERT INTO orders VALUES (10, 'c1', 'paid', 1, '2026-05-10 10:00:00', NULL, 'MAY')")
    with shop.open(cursor="updated_at") as workspace, pytest.raises(MappingError, match="'customer'"):
        sync(workspace, "orders", progress=tell)
    # what came is kept until the mapping fits
    path = shop.folder / "acme" / "orders.yaml"
    path.write_text(MAPPING.replace("customer: customer", "customer: client"), encoding="utf-8")
    shop.run("INSERT INTO orders VALUES (11, 'c1', 'paid', 1, '2026-05-11 10:00:00', NULL, 'MAY')")
    assert shop.pulled(cursor="updated_at") == (2, 1, 1)
    assert shop.pulled(cursor="updated_at") == (2, 1, 1)


def test_a_query_that_does_not_fit_the_mapping_can_be_put_right(shop: Shop) -> None:
    shop.orders(range(1, 4))
    said = {"table": None, "cursor": "updated_at"}
    with (
        shop.open(**said, query="SELECT id, updated_at FROM orders") as workspace,
        pytest.raises(MappingError, match="There is no column"),
    ):
        sync(workspace, "orders", progress=tell)
    assert shop.pulled(**said, query="SELECT * FROM orders") == (3, 3, 0)


# ---- through trouble ------------------------------------------------------------------------------------------------


def test_a_pull_that_is_stopped_goes_on_from_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files end where the cursor changes, so that equal rows lie in one file."""
    monkeypatch.setattr(sql, "ROWS_OF_A_FILE", 16_000)
    day = "2026-05-{:02d} 10:00:00"
    shop.add(*((n, "c1", "paid", 1, day.format(1 + n // 7_000), None) for n in range(70_000)))

    with shop.open(cursor="updated_at") as workspace:
        with pytest.raises(CancelledError):
            sync(workspace, "orders", progress=stop_late)
        folder = workspace.root / "sync" / "orders"
        state = json.loads((folder / "state.json").read_text())
        before = state["cursors"]["orders"]["cursor"]
        assert before["files"] == 1
        landed = [path for path in sorted((folder / "landing").iterdir()) if path.stat().st_size]
        assert [path.name for path in landed] == ["orders.parquet"]
        moments = pq.read_table(landed[0])["updated_at"]
        assert len(moments) % 7_000 == 0
        assert moments[-1].as_py() == before["mark"]["value"]
        done = sync(workspace, "orders", progress=tell)
        assert done.result is not None
        assert (done.result.stored, done.result.quarantined) == (70_000, 0)
        assert done.records["orders"] == 70_000 + 7_000  # the last value of the first file is read again
        assert count(workspace) == 70_000
        assert not list((workspace.root / "temp").glob("rows-*"))


def test_a_row_that_changes_while_a_pull_is_stopped_is_a_conflict(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both versions come in one import; which is right, nobody can tell."""
    monkeypatch.setattr(sql, "ROWS_OF_A_FILE", 16_000)
    shop.add(*((n, "c1", "paid", 1, f"2026-05-{1 + n // 7_000:02d}", None) for n in range(70_000)))

    with shop.open(cursor="updated_at") as workspace:
        with pytest.raises(CancelledError):
            sync(workspace, "orders", progress=stop_late)
        shop.run("UPDATE orders SET updated_at = '2026-05-30' WHERE id = 3")
        result = sync(workspace, "orders", progress=tell).result
        assert result is not None
        assert (result.stored, dict(result.reasons)) == (70_000, {"conflict": 1})


def test_two_hundred_thousand_rows_take_little_memory(shop: Shop) -> None:
    text = "x" * 1000
    shop.add(*((n, f"c{n % 100}", "paid", 1, f"2026-05-{1 + n % 28:02d}", f"{n} {text}") for n in range(200_000)))
    code = f"""
import resource, sys
from pathlib import Path
from desirepath.syncing.databases import Database
from desirepath.syncing.sql import Asked, parts
asked = Asked(Database.of("sqlite:///{shop.path}", "here"), "orders", None, "updated_at")
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
start, most = used(), 0
for part in parts(asked, Path("{shop.folder}")):
    rows, most = part.rows, max(most, used())
print(rows, most - start)
"""
    here = {**os.environ, "PYTHONPATH": str(Path(desirepath.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=here)
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 200_000
    assert megabytes < 150, "the texts alone have 200 MB"


def test_the_schedule_pulls(shop: Shop) -> None:
    import threading

    shop.orders(range(1, 4))
    with shop.open(cursor="updated_at", every="1 hour") as workspace:
        schedule = Schedule(workspace, threading.RLock())
        schedule.start()
        until = time.monotonic() + 60
        while "orders" not in schedule.last and not schedule.problems and time.monotonic() < until:
            time.sleep(0.1)
        schedule.stop()
        assert not schedule.problems
        assert schedule.last["orders"]["records"] == {"orders": 3}


def test_the_source_is_never_written_to(shop: Shop) -> None:
    shop.orders(range(1, 4))
    before = shop.path.read_bytes()
    shop.pulled(cursor="updated_at")
    assert shop.path.read_bytes() == before
    asked = shop.asked(query="DELETE FROM orders")
    with pytest.raises(InputError, match="The database refuses the query"):
        written(asked, shop.folder / "rows.parquet", tell)
    from adbc_driver_manager import Error

    with asked.database.opened() as connection, connection.cursor() as cursor, pytest.raises(Error, match="readonly"):
        cursor.execute("DELETE FROM orders")
    assert shop.path.read_bytes() == before


# ---- bad input ------------------------------------------------------------------------------------------------------


def test_a_table_or_column_that_is_not_there(shop: Shop) -> None:
    with pytest.raises(UnknownNameError) as found:
        written(shop.asked(table="Order"), shop.folder / "x.parquet", tell)
    assert (found.value.nearest, found.value.allowed) == ("orders", ["orders"])
    assert "shop.db" in str(found.value.looked)
    with pytest.raises(UnknownNameError) as found:
        list(parts(shop.asked(table="orders", cursor="updated"), shop.folder))
    assert found.value.nearest == "updated_at"
    with pytest.raises(InputError, match=r"refuses the query: .*no such column: nope"):
        written(shop.asked(query="SELECT nope FROM orders"), shop.folder / "x.parquet", tell)
    with pytest.raises(InputError, match="not both"):
        shop.asked(table="orders", query="SELECT 1")
    with pytest.raises(InputError, match="a table, or a query"):
        shop.asked()


def test_names_of_tables_are_quoted(shop: Shop) -> None:
    name = 'order"s; DROP TABLE orders'
    quoted = name.replace('"', '""')
    shop.run(f'CREATE TABLE "{quoted}" AS SELECT 1 AS id')
    assert written(shop.asked(table=name), shop.folder / "x.parquet", tell) == 1
    assert written(shop.asked(table="main.orders"), shop.folder / "x.parquet", tell) == 0


def test_text_that_is_no_text_names_its_column(shop: Shop) -> None:
    shop.run("INSERT INTO orders (id, status) VALUES (1, CAST(x'ff41' AS TEXT))")
    with pytest.raises(InputError, match="A value of the column 'status' cannot be read: Invalid UTF8"):
        written(shop.asked(table="orders"), shop.folder / "x.parquet", tell)


def test_bytes_name_their_column(shop: Shop) -> None:
    shop.add((1, "c1", "paid", 1, "2026-05-01", b"\x00"))
    with pytest.raises(InputError, match="The column 'note' holds bytes"):
        written(shop.asked(table="orders"), shop.folder / "x.parquet", tell)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"cursr": "updated_at"}, "Did you mean 'cursor'"),
        ({"query": "SELECT 1"}, "not both"),
        ({"table": None}, "a table, or a query"),
        ({"mapping": None}, "mapping must be known"),
        ({"uri": None}, "uri must be known"),
        ({"uri": ""}, "uri must be text"),
        ({"table": 7}, "table must be text"),
        ({"mapping": "other.yaml"}, "other.yaml cannot be read"),
        ({"instance": "eu"}, "belong to a connector"),
        ({"overlap": "1 hour"}, "Without a cursor"),
        ({"since": "2026-01-01"}, "Without a cursor"),
        ({"uri": "sqlite:///../shp.db"}, "no database file"),
        ({"uri": "$SHOP_NOT_SET"}, "SHOP_NOT_SET is not set"),
    ],
)
def test_an_account_that_cannot_be_pulled_says_why(shop: Shop, said: dict[str, Any], problem: str) -> None:
    with shop.open(**said) as workspace, pytest.raises(InputError, match=problem):
        sync(workspace, "orders", progress=tell)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"cursor": "id", "overlap": "1 hour"}, "its overlap is one"),
        ({"cursor": "updated_at", "overlap": "7"}, "needs its unit"),
    ],
)
def test_an_overlap_that_does_not_fit(shop: Shop, said: dict[str, Any], problem: str) -> None:
    shop.orders(range(1, 3))
    with shop.open(**said) as workspace, pytest.raises(InputError, match=problem):
        sync(workspace, "orders", progress=tell)


@pytest.mark.parametrize(
    ("uri", "nearest"),
    [
        ("shop.db", None),
        ("", None),
        ("sqlite://shop.db", "sqlite:///shop.db"),
        ("sqlite:///", None),
        ("postgresql://ann:se/cr@et@db.example/shop", None),
        ("postgresql://ann:se%cr@db.example/shop", None),
    ],
)
def test_an_address_that_is_none(uri: str, nearest: str | None) -> None:
    with pytest.raises(InputError) as found:
        Database.of(uri, "--database")
    assert found.value.nearest == nearest
    assert found.value.allowed or found.value.nearest
    assert "cr" not in str(found.value).replace("percent", "")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("id,customer\n")
    with pytest.raises(InputError, match="is no sqlite database"):
        Database.of("sqlite:///shop.db", "here", tmp_path)
    with pytest.raises(InputError) as found:
        Database.of(f"sqlite://{tmp_path}/shop.db", "here", tmp_path / "elsewhere")
    assert found.value.nearest == f"sqlite:///{tmp_path}/shop.db"


def test_a_driver_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def opening(uri: str) -> Callable[[], Any]:
        return lambda: Database.of(uri, "here").opened().__enter__()

    with pytest.raises(InputError) as found:
        opening("postgrsql://db.example/shop")()
    assert (found.value.nearest, found.value.looked) == ("postgresql://", "the URI of the database")
    monkeypatch.setattr(databases.importlib.util, "find_spec", lambda name: None if "_postg" in name else name)
    with pytest.raises(InputError) as found:
        opening("postgresql://db.example/shop")()
    assert found.value.allowed == ["pip install 'desirepath[sql]'", "pip install adbc-driver-postgresql"]
    monkeypatch.setattr(databases.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="the extra `sql` is needed"):
        opening("postgresql://db.example/shop")()


def test_a_password_is_taken_from_the_environment_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "p@ss/wörd:1")
    monkeypatch.setenv("SHOP_HOST", "127.0.0.1:1")
    database = Database.of("postgres://ann:$SHOP_PASSWORD@${SHOP_HOST}/shop", "here")
    assert database.uri == "postgresql://ann:p%40ss%2Fw%C3%B6rd%3A1@127.0.0.1:1/shop"
    assert database.shown == "postgresql://127.0.0.1:1/shop"
    assert "p@ss" not in repr(database)
    assert "p%40ss" not in repr(database)
    for said in ("cannot use p@ss/wörd:1", "cannot use p%40ss%2Fw%C3%B6rd%3A1"):
        assert database.said(ValueError(said)) == "cannot use …"
    assert database.said(ValueError(f"cannot use {database.uri}")) == "cannot use postgresql://…"
    with pytest.raises(WorkspaceError) as found, database.opened():
        pass
    assert "does not let us in" in str(found.value)
    assert "ss" not in str(found.value).replace("address", "").replace("accepting", "")
    monkeypatch.setenv("SHOP_DATABASE", "snowflake://ann:secret@acme/shop?token=hidden+word")
    whole = Database.of("$SHOP_DATABASE", "here")
    assert (whole.kind, whole.uri) == ("snowflake", "ann:secret@acme/shop?token=hidden+word")
    assert whole.said(ValueError("secret, hidden word and hidden%20word")) == "…, … and …"


# ---- marks ----------------------------------------------------------------------------------------------------------


MOMENT = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "column", "last"),
    [
        ("instant", pa.array([0, 1_777_629_600_000_000, 2**63 - 1, None], pa.timestamp("us", "UTC")), MOMENT),
        ("instant", pa.array([1_777_629_600_000_000_999, None], pa.timestamp("ns", "UTC")), MOMENT),
        ("local", pa.array([-(2**63), None], pa.timestamp("us")), None),
        ("date", pa.array([20_574, 2**31 - 1], pa.date32()), dt.date(2026, 5, 1)),
        ("float", pa.array([1.5, float("inf"), float("nan")]), 1.5),
        ("decimal", pa.array(["1.50", "NaN", "Infinity"]), Decimal("1.50")),
        ("integer", pa.array([1, None]), 1),
        ("text", pa.array([None, None], pa.string()), None),
    ],
)
def test_the_last_value_is_one_beyond_which_there_may_be_more(kind: str, column: pa.Array, last: Any) -> None:
    assert last_mark(kind, column) == (None if last is None else Mark(kind, last))


@pytest.mark.parametrize(
    ("kind", "value", "overlap", "back"),
    [
        ("integer", "100", None, "100"),
        ("integer", "100", 30, "70"),
        ("decimal", "1.50", "1", "0.50"),
        ("text", "2026-05-01 00:30:00.5", None, "2026-04-30 23:30:00"),
        ("text", "2026-05-01T12:30:00Z", "1 day", "2026-04-30T12:30:00"),
        ("text", "2026-05-01", None, "2026-04-30"),
        ("text", "a17", None, "a17"),
        ("text", "2026-13-45 00:00:00", None, "2026-13-45 00:00:00"),
        ("instant", "0001-01-01T00:00:00+00:00", None, "0001-01-01T00:00:00+00:00"),
        ("date", "2026-05-01", None, "2026-04-30"),
        ("local", "2026-05-01T10:00:00", None, "2026-05-01T09:00:00"),
        ("instant", "2026-05-01T10:00:00+00:00", "90 min", "2026-05-01T08:30:00+00:00"),
    ],
)
def test_how_far_back_is_read(kind: str, value: str, overlap: Any, back: str) -> None:
    mark = Mark.from_dict({"kind": kind, "value": value})
    assert mark.back(overlap_of(kind, overlap)).to_dict() == {"kind": kind, "value": back}
    assert Mark.from_dict(mark.to_dict()) == mark
