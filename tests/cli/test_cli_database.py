"""Are rows of a database imported like files, and are mistakes about them answered?"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import desirepath

pytest.importorskip("adbc_driver_sqlite")


@pytest.fixture
def shop(tmp_path: Path, cli, monkeypatch) -> Path:
    """A workspace, a mapping, and a database of twelve orders."""
    monkeypatch.chdir(tmp_path)
    cli("init", "acme", "--time-zone", "UTC")
    Path("orders.yaml").write_text(
        "source: shop\ntime_zone: UTC\nkey: id\nidentities: {customer_id: customer_id}\n"
        "events: [{name: order, at: ordered_at, value: total}]\n"
    )
    with sqlite3.connect("shop.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, customer_id TEXT, ordered_at TEXT, total NUMERIC)")
        rows = [(n, f"c{n % 3}", f"2026-05-{n:02d} 10:00:00", n * 1.5) for n in range(1, 13)]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return tmp_path


SOURCE = Path(desirepath.__file__).parent.parent
STOPPED = "Stopped. Nothing of this command was kept; the workspace is as it was."
ROWS = ("import", "--database", "sqlite:///shop.db", "-w", "acme")


def test_rows_are_imported(shop, cli):
    ended = cli(*ROWS, "--table", "orders", "--mapping", "orders.yaml")
    assert ended.code == 0
    last = ended.out.splitlines()[-1]
    assert last == "shop: 12 rows; 12 events read = 12 stored + 0 duplicate + 0 quarantined."
    again = cli(*ROWS, "--query", "SELECT * FROM orders WHERE id > 10", "--mapping", "orders.yaml", "--json").json
    assert (again["rows"], again["stored"], again["duplicate"]) == (2, 0, 2)


def test_nothing_is_written_where_it_is_only_shown(shop, cli):
    given = (*ROWS, "--table", "orders", "--json")
    shown = cli(*given, "--mapping", "orders.yaml", "--dry-run").json
    assert (shown["preview"]["read"], shown["imported"]) == (12, None)
    guessed = cli(*given, "--guess", "--write", "guessed.yaml", "--time-zone", "Europe/Paris").json
    assert (guessed["mapping"]["source"], guessed["imported"]) == ("orders", None)
    assert cli("events", "-w", "acme", "--json").json["events"] == []
    assert cli(*given, "--mapping", "guessed.yaml").json["stored"] == 12


def test_a_guess_looks_at_the_first_rows_and_imports_all(shop, cli, monkeypatch):
    from desirepath.cli import querying

    monkeypatch.setattr(querying, "LOOKED_AT", 5)
    done = cli(*ROWS, "--table", "orders", "--guess", "--yes", "--time-zone", "UTC", "--json").json
    assert (done["preview"]["rows"], done["imported"]["stored"]) == (5, 12)


def test_a_guess_never_guesses_the_zone(shop, cli):
    ended = cli(*ROWS, "--table", "orders", "--guess")
    assert ended.code == 2
    assert "--time-zone Europe/Paris" in ended.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--database", "sqlite:///shop.db", "--table", "orders"), "--guess to have a mapping proposed"),
        (("--database", "sqlite:///shop.db", "--table", "orders", "--as", "stripe"), "No connector reads a database"),
        (("--database", "sqlite:///shop.db", "--mapping", "orders.yaml"), "a table, or a query"),
        (("--database", "sqlite:///shop.db", "--table", "a", "--query", "b", "--mapping", "orders.yaml"), "not both"),
        (("--database", "sqlite:///shop.db", "--table", "order", "--mapping", "orders.yaml"), "mean 'orders'"),
        (("--database", "sqlite:///shp.db", "--table", "orders", "--mapping", "orders.yaml"), "no database file"),
        (("--database", "sqlight:///shop.db", "--table", "orders", "--mapping", "orders.yaml"), "mean 'sqlite://'"),
        (("--database", "$SHOP_NOT_SET", "--table", "orders", "--mapping", "orders.yaml"), "SHOP_NOT_SET is not set"),
        (("--table", "orders", "--mapping", "orders.yaml"), "belong to a database"),
        (("shop.db", "--database", "sqlite:///shop.db", "--table", "orders", "--guess"), "not both at once"),
        ((), "Nothing was named"),
    ],
)
def test_mistakes_are_answered(shop, cli, given, said):
    ended = cli("import", *given, "-w", "acme")
    assert ended.code == 2
    assert said in ended.err


def test_ctrl_c_stops_a_query(shop):
    with duckdb.connect("numbers.duckdb") as made:
        made.execute("CREATE TABLE numbers AS SELECT 1 AS n")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS id FROM n"
    given = ("--database", "duckdb:///numbers.duckdb", "--query", endless, "--mapping", "orders.yaml", "-w", "acme")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    work = subprocess.Popen(
        [sys.executable, "-m", "desirepath.cli", "import", *given], env=environment, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not list(Path("acme/temp").glob("rows-*")) and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1)
    work.send_signal(signal.SIGINT)
    _, said = work.communicate(timeout=60)
    assert (work.returncode, said.strip()) == (130, STOPPED)
    assert not list(Path("acme/temp").glob("rows-*"))


def test_a_password_is_never_shown(shop, cli):
    uri = "postgresql://ann:$SHOP_PASSWORD@127.0.0.1:1/shop"
    given = ("import", "--database", uri, "--table", "orders", "--mapping", "orders.yaml", "-w", "acme")
    for more in ((), ("--json",)):
        ended = cli(*given, *more, SHOP_PASSWORD="wr0ng/w@rd")
        assert ended.code == 3
        for part in ("wr0ng", "w@rd", "w%40rd"):
            assert part not in ended.out + ended.err
    assert "127.0.0.1:1" in ended.out
