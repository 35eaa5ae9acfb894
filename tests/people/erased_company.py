"""A company that knows Ann in every way it can, and a search that finds her wherever she is left.

Ann has a user id, an address that is written in several ways, a phone and a customer number; she shares a tablet with
Bob. Joann's address ends like Ann's, and her customer number begins like Ann's: what is erased of Ann must spare her.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import desirepath
from desirepath import Workspace
from desirepath.people.rules import RuleBook

ANN = ("ann-0001", "ann@example.org", "+33612345678", "1000017")
"""Ann's strong and semi values, as the database has them."""

WRITTEN = (*ANN, "ann%40example.org", "33 6 12 34 56 78", "+33 (6) 12.34.56.78")
"""The same as some of the files write them."""

AMOUNT = 1000017.0
"""An amount of Joe's that looks like Ann's number and is none."""

WEB = """\
id,user,mail,cookie,event,at,amount,note
1,,,c-ann,visit,2026-05-01T09:00:00Z,,
2,ann-0001,Ann@Example.org,c-ann,sign in,2026-05-01T09:10:00Z,,
3,ann-0001,,t-1,visit,2026-05-01T20:00:00Z,,from the sofa
4,,,t-1,visit,2026-05-01T20:05:00Z,,still the sofa
5,bob-0002,bob@example.org,t-1,visit,2026-05-02T20:00:00Z,,
6,bob-0002,,t-1,order,2026-05-02T20:10:00Z,30,"gift for ANN@EXAMPLE.ORG, not joann@example.org"
7,joe-0003,joann@example.org,c-joe,visit,2026-05-02T10:00:00Z,,
8,joe-0003,,c-joe,order,2026-05-02T10:20:00Z,12,call +33 (6) 12.34.56.78
9,ann-0001,,c-ann,order,2026-05-01T09:30:00Z,99,
10,ann-0001,,c-ann,order,yesterday,5,set aside
11,,,,visit,2026-05-03T10:00:00Z,,nobody but ann@example.org
12,too,few for ann-0001
13,eve-0004,,c-eve,visit,2026-05-03T11:00:00Z,,https://x.example/?to=ann%40example.org&n=1
14,zed-0009,,,far away,2026-09-01T00:00:00Z,,
"""

WEB_MAPPING = """\
source: web
key: [id]
identities: {user_id: user, email: mail, cookie: cookie}
value: {column: amount, currency: EUR}
properties: [note]
events: [{name: "{event}", at: at}]
"""

APP: list[dict[str, Any]] = [
    {"who": {"user": "ann-0001", "tel": "0033 6 12 34 56 78"}, "what": "visit", "at": "2026-05-04T09:00:00Z"},
    {"who": {"user": "bob-0002"}, "what": "visit", "at": "2026-05-04T10:00:00Z", "sent": {"to": ["ann@example.org"]}},
    {"who": {"user": "bob-0002", "tel": "+33612345678"}, "what": "order", "at": "2026-05-04T10:30:00Z", "n": 1.50},
    {"who": {"user": "joe-0003"}, "what": "visit", "at": "2026-05-04T11:00:00Z", "ann@example.org": True, "n": 1000017},
    {"from": "ann-0001", "to": "bob-0002", "what": "transfer", "at": "2026-05-04T12:00:00Z"},
]

APP_MAPPING = """\
source: app
tables:
- files: app.jsonl
  events:
  - {name: "{what}", at: at, when: "what != 'transfer'", identities: {user_id: /who/user, phone: /who/tel}}
  - {name: sent, at: at, when: "what = 'transfer'", identities: {user_id: from}}
  - {name: received, at: at, when: "what = 'transfer'", identities: {user_id: to}}
"""

CUSTOMERS = """\
number,login,street
1000017,ann-0001,1 Rue d'Ann
1000018,bob-0002,2 Bob Street
10000171,joe-0003,3 Joe Street
1000099,,9 Nobody Street of ann-0001
"""

SHOP_MAPPING = """\
source: shop
tables:
- files: orders.parquet
  lookup: {customers.csv: number}
  key: [order]
  identities: {customer_id: number, user_id: login}
  value: {column: total, currency: EUR}
  properties: [about, street, referrer]
  events: [{name: order, at: at}]
"""

AGAIN = """\
id,user,mail,cookie,event,at,amount,note
2,ann-0001,Ann@Example.org,c-ann,sign in,2026-05-01T09:10:00Z,,
4,,,t-1,visit,2026-05-01T20:05:00Z,,still the sofa
9,ann-0001,,c-ann,order,2026-05-01T09:30:00Z,100,says something else
7,joe-0003,joann@example.org,c-joe,visit,2026-05-02T10:00:00Z,,
20,joe-0003,,c-joe,order,2026-05-06T10:20:00Z,13,
"""

FUNNEL: dict[str, Any] = {"steps": ["visit", "order"], "window": "2 days"}


def orders() -> pa.Table:
    """Orders with typed columns: numbers, a list, a struct."""
    rows = [
        ("o1", 1000017, "2026-05-05T10:00:00Z", 12.5, {"by": "ann@example.org", "n": 1}, None),
        ("o2", 1000018, "2026-05-05T11:00:00Z", 20.0, {"by": "for ann-0001", "n": 2}, 1000017),
        ("o3", 10000171, "2026-05-05T12:00:00Z", AMOUNT, {"by": "x", "n": 1000017}, 1000018),
    ]
    columns = list(zip(*rows, strict=True))
    struct = pa.struct([("by", pa.string()), ("n", pa.int64())])
    kinds = [pa.string(), pa.int64(), pa.string(), pa.float64(), struct, pa.int64()]
    names = ["order", "number", "at", "total", "about", "referrer"]
    return pa.table({name: pa.array(list(c), k) for name, c, k in zip(names, columns, kinds, strict=True)})


def write(folder: Path, name: str, content: str) -> Path:
    """Write a file of a source."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def company(folder: Path, name: str = "ws", *, imports: str = "web app shop again") -> Workspace:
    """A workspace of all sources, each an import of its own."""
    files = folder / "sources"
    ws = desirepath.create(folder / name, time_zone="UTC")
    lines = [json.dumps(row) for row in APP] + ['{"who": {"user": "ann-0001"}, broken', '{"note": "of nobody"']
    for one in imports.split():
        if one == "web":
            ws.import_files([write(files, "web.csv", WEB)], write(files, "web.yaml", WEB_MAPPING))
        elif one == "app":
            ws.import_files([write(files, "app.jsonl", "\n".join(lines))], write(files, "app.yaml", APP_MAPPING))
        elif one == "shop":
            place = write(files / "shop", "customers.csv", CUSTOMERS).parent
            pq.write_table(orders(), place / "orders.parquet")
            ws.import_files([place], write(files, "shop.yaml", SHOP_MAPPING))
        elif one == "again":
            ws.import_files([write(files, "again.csv", AGAIN)], files / "web.yaml")
    book = RuleBook(ws.root)
    phone, mail = ("phone", "+33612345678"), ("email", "ann@example.org")
    book.add("cut", ("user_id", "bob-0002"), phone, author="Eve", reason="Bob typed the phone of ANN-0001")
    book.add("link", ("user_id", "ann-0001"), mail, author="Eve", reason="she said so")
    book.add("block", ("email", "info@example.org"), author="Eve", reason="the shop's own")
    book.add("undo", undone=3, author="ann-0001", reason="no longer")
    ws.resolve("rules changed")
    return ws


TABLES = (
    "events",
    "identities",
    "identity_links",
    "people",
    "person_of",
    "stretches",
    "refused_links",
    "renamed",
    "batches",
    "quarantine",
)


def tables(ws: Workspace, *, without: tuple[str, ...] = ("since", "seq")) -> dict[str, list[str]]:
    """Every table as sorted text; the places of events, which follow the order of arrival, aside."""
    found = {}
    whose = "SELECT e.id, o.person FROM person_of_event o JOIN events e ON e.seq = o.seq"
    for table in (*TABLES, f"({whose})"):
        rows = ws.sql(f"SELECT * FROM {table}").to_pylist()
        found[table] = sorted(repr([(key, value) for key, value in row.items() if key not in without]) for row in rows)
    return found


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Everything that a workspace's files say, as they stand and unpacked, with its place."""
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        where = str(path.relative_to(root))
        yield where, where
        yield where, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            yield f"{where} (rows)", json.dumps(table.to_pylist(), default=_plain, ensure_ascii=False)
        elif path.suffix == ".arrow":
            yield f"{where} (rows)", repr(pa.ipc.open_file(path).read_all().to_pylist())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    yield f"{where} ({table})", repr(con.sql(f"FROM {table}").to_arrow_table().to_pylist())


def _plain(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def places_of(root: Path, *values: str) -> list[str]:
    """Where any of the values is found, whatever its case; names that hold another's are told apart."""
    found = []
    for where, text in texts(root):
        plain = text.lower()
        for other in ("joann@example.org", "10000171", f"{AMOUNT!r}"):
            plain = plain.replace(other, "")
        found += [f"{where}: {value}" for value in values if value.lower() in plain]
    return found
