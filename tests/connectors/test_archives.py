"""Archives: every format and packing gives the same events, and an import that stops leaves nothing."""

from __future__ import annotations

import datetime as dt
import errno
import gzip
import hashlib
import json
import os
import signal
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from importing import RECEIVED, SIMPLE, csv_of, import_files, import_path

from desirepath.connectors import archive_raw, map_events, parse_mapping, plan_import, read_manifest
from desirepath.connectors.scratch import interruptible, scratch_connection
from desirepath.errors import CancelledError, InputError, MappingError, WorkspaceError

ROWS = [{"user": f"u{n}", "at": f"2024-01-{n + 1:02d} 10:00:00", "what": "visit", "note": f"n{n}"} for n in range(5)]


def zstd(content: bytes) -> bytes:
    """Pack bytes."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


def written(kind: str) -> bytes:
    """Return the rows in one of the formats."""
    lines = [",".join(row.values()) for row in ROWS]
    return {
        "csv": csv_of(*lines),
        "tsv": csv_of(*lines).replace(b",", b"\t"),
        "jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
        "ndjson": "\n".join(map(json.dumps, ROWS)).encode() + b"\n",
        "json": json.dumps(ROWS, indent=1).encode(),
    }[kind]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "ndjson", "json"])
@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
def test_every_format_and_packing(tmp_path: Path, kind: str, packed: str) -> None:
    pack = {"": lambda content: content, ".gz": gzip.compress, ".zst": zstd}[packed]
    result = import_files(tmp_path, {f"log.{kind}{packed}": pack(written(kind))}, SIMPLE)
    assert [event["identities"][0]["value"] for event in result.in_order()] == [row["user"] for row in ROWS]
    assert [event["occurred_at"].day for event in result.in_order()] == [1, 2, 3, 4, 5]
    assert result.properties() == [{"note": row["note"]} for row in ROWS]


def test_packed_files_of_several_members(tmp_path: Path) -> None:
    content = written("csv")
    for name, pack in (("gz", gzip.compress), ("zst", zstd)):
        parts = pack(content[:60]) + pack(content[60:])
        assert len(import_files(tmp_path, {f"log.csv.{name}": parts}, SIMPLE, name=name).events) == 5


def test_parquet_with_the_same_rows(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "log.parquet")
    assert len(import_path([tmp_path / "log.parquet"], tmp_path, SIMPLE).events) == 5


def test_damaged_and_mistaken_files_are_named(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "log.parquet")
    content = (tmp_path / "log.parquet").read_bytes()
    for name, data, said in (
        ("cut.parquet", content[: len(content) // 2], "cut.parquet"),
        ("text.parquet", b"user,at\n", "does not begin"),
        ("empty.parquet", b"", "it is empty"),
        ("log.xlsx", b"PK", "no ending"),
    ):
        with pytest.raises(InputError, match=said):
            import_files(
                tmp_path,
                {name: data},
                SIMPLE.replace("source: shop", f"source: shop\nfiles: {name}"),
                name=name,
            )
    (tmp_path / "named.csv").write_bytes(content)
    assert len(import_path([tmp_path / "named.csv"], tmp_path, SIMPLE, name="named").events) == 5


def test_folders_globs_and_patterns(tmp_path: Path) -> None:
    place = tmp_path / "logs"
    (place / "old").mkdir(parents=True)
    for name in ("a.csv", "b.csv", "[odd].csv", "old/c.csv", ".hidden.csv", "_part.csv"):
        (place / name).write_bytes(csv_of(f"{name},2024-01-01,x,y"))
    (place / "readme.md").write_text("no data")

    def people(paths: list[Path], files: str | None, name: str) -> list[str]:
        text = SIMPLE if files is None else SIMPLE.replace("source: shop", f"source: shop\nfiles: {files}")
        return sorted(event["identities"][0]["value"] for event in import_path(paths, tmp_path, text, name=name).events)

    assert people([place], None, "1") == ["[odd].csv", "a.csv", "b.csv"]
    assert people([place], '"[ab].csv"', "2") == ["a.csv", "b.csv"]
    assert people([place], '"[odd].csv"', "3") == ["[odd].csv"]
    assert people([place], "old", "4") == ["old/c.csv"]
    assert people([place], "old/*.csv", "5") == ["old/c.csv"]
    assert people([place / "?.csv"], None, "6") == ["a.csv", "b.csv"]
    assert people([place / "a.csv", place / "old" / "c.csv"], '["a.csv", "c.csv"]', "7") == [
        "a.csv",
        "old/c.csv",
    ]
    with pytest.raises(MappingError, match=r"No file matches 'aa.csv'.*Did you mean 'a.csv'"):
        people([place], "aa.csv", "8")
    with pytest.raises(MappingError, match="leads out"):
        people([place / "old"], "../*.csv", "9")
    with pytest.raises(InputError, match="does not exist"):
        people([place / "nowhere.csv"], None, "10")


def test_a_file_no_table_names_is_said(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(csv_of("ann,2024-01-01,x,y"))
    text = SIMPLE.replace("source: shop", "source: shop\nfiles: a.csv")
    result = import_path([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path, text)
    assert (len(result.events), [w for w in result.counts.warnings if "b.csv" in w and "left out" in w]) == (
        1,
        result.counts.warnings,
    )


def test_a_rebuild_gives_the_same_to_the_last_bit(tmp_path: Path) -> None:
    rows = [f"u{n % 7},2024-01-01 10:00:{n % 60:02d},x,{n % 3}" for n in range(500)] + ["x,bad,x,y", "short"]
    first = import_files(tmp_path, {"log.csv": csv_of(*rows)}, SIMPLE)
    (tmp_path / "files-one" / "log.csv").unlink()
    again = map_events(first.folder, temp=tmp_path)
    table = pa.Table.from_batches(list(again.batches))
    assert table.equals(first.table)
    assert again.quarantine.to_pylist() == first.quarantine
    assert again.counts == first.counts


def test_the_manifest_holds_checksums_and_counts(tmp_path: Path) -> None:
    result = import_files(tmp_path, {"log.csv": csv_of("ann,2024-01-01,x,y", "short")}, SIMPLE)
    manifest, mapping = read_manifest(result.folder)
    (part,) = manifest.raws["log"].parts
    assert (part.rows, part.rejected, manifest.rejected, manifest.received_at) == (1, 1, 1, RECEIVED)
    assert part.sha256 == hashlib.sha256((result.folder / "log.parquet").read_bytes()).hexdigest()
    assert part.source_sha256 == hashlib.sha256((tmp_path / "files-one" / "log.csv").read_bytes()).hexdigest()
    assert mapping.to_dict() == parse_mapping(SIMPLE).to_dict()


@pytest.mark.parametrize("stop", [CancelledError, KeyboardInterrupt])
@pytest.mark.parametrize("stage", ["read", "check"])
def test_an_import_that_is_stopped_leaves_nothing(tmp_path: Path, stop: type[BaseException], stage: str) -> None:
    (tmp_path / "log.csv").write_bytes(csv_of("ann,2024-01-01,x,y"))
    plan = plan_import([tmp_path / "log.csv"], parse_mapping(SIMPLE))

    def progress(now: str, done: int, total: int | None) -> None:
        if now == stage:
            raise stop("stopped")

    with pytest.raises(stop):
        archive_raw(plan, tmp_path / "archive", received_at=RECEIVED, temp=tmp_path, progress=progress)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv"]
    archive_raw(plan, tmp_path / "archive", received_at=RECEIVED, temp=tmp_path)
    mapped = map_events(
        tmp_path / "archive",
        temp=tmp_path,
        progress=lambda now, done, total: (_ for _ in ()).throw(stop("stopped")),
    )
    with pytest.raises(stop):
        list(mapped.batches)
    with pytest.raises(InputError, match="complete only"):
        _ = mapped.quarantine


def test_a_full_disk_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(csv_of("ann,2024-01-01,x,y"))
    plan = plan_import([tmp_path / "log.csv"], parse_mapping(SIMPLE))

    def progress(now: str, done: int, total: int | None) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WorkspaceError, match="No space left"):
        archive_raw(plan, tmp_path / "archive", received_at=RECEIVED, temp=tmp_path, progress=progress)
    assert not list(tmp_path.glob("archive*"))


def test_ctrl_c_during_a_query_is_ctrl_c(tmp_path: Path) -> None:
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    with scratch_connection([tmp_path], temp=tmp_path, threads=1) as con:
        timer.start()
        with pytest.raises(KeyboardInterrupt), interruptible():
            con.execute("SELECT count(*) FROM range(1000000000) t(i) WHERE sha256(i::VARCHAR) = 'x'").fetchall()


def test_the_scratch_database_sees_its_folders_and_nothing_else(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "log.csv").write_bytes(csv_of("ann,2024-01-01,x,y"))
    with scratch_connection([inside], temp=inside) as con:
        assert len(con.execute(f"FROM read_csv('{inside}/log.csv')").fetchall()) == 1
        for hostile in (
            f"FROM read_csv('{outside}/log.csv')",
            f"FROM read_csv('{inside}/../outside/log.csv')",
            f"COPY (SELECT 1) TO '{outside}/new.csv'",
            f"ATTACH '{outside}/new.duckdb'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(hostile).fetchall()
    assert sorted(path.name for path in outside.iterdir()) == ["log.csv"]


def test_files_whose_columns_do_not_fit_are_one_table_of_texts(tmp_path: Path) -> None:
    for name, note in (("a", [1]), ("b", ["x"])):
        table = pa.table({"user": ["ann"], "at": ["2024-01-01"], "what": ["v"], "note": note})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    result = import_path([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path, SIMPLE)
    assert result.properties() == [{"note": "1"}, {"note": "x"}]


def test_an_archive_is_never_overwritten_and_needs_a_zone(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(csv_of("ann,2024-01-01,x,y"))
    plan = plan_import([tmp_path / "log.csv"], parse_mapping(SIMPLE))
    with pytest.raises(InputError, match="time zone"):
        archive_raw(plan, tmp_path / "archive", received_at=dt.datetime(2024, 1, 1), temp=tmp_path)
    (tmp_path / "archive").mkdir()
    with pytest.raises(InputError, match="exists already"):
        archive_raw(plan, tmp_path / "archive", received_at=RECEIVED, temp=tmp_path)
    with pytest.raises(InputError, match="no readable archive"):
        map_events(tmp_path / "archive", temp=tmp_path)


def test_files_of_two_kinds_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="one kind"):
        import_files(tmp_path, {"a.csv": written("csv"), "b.json": written("json")}, SIMPLE)
