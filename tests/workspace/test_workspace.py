"""Opening, closing, locking down and mending a workspace: a wrong number is never the answer."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from made_workspaces import LATE, add, content, groups, made, rows_of, steps

import desirepath
from desirepath import Workspace
from desirepath.engines.schema import LATEST
from desirepath.errors import DesirepathError, InputError, WorkspaceError

AB = "u A 2023-05-01T10:00:00Z channel=web\nu B 2023-05-01T10:30:00Z\nv A 2023-05-01T10:00:00Z channel=app"


def ask(ws: Workspace) -> list[int]:
    return steps(ws.ask("funnel", steps=["A", "B"], window="1 hour"))


# ---- create and open --------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter.txt").write_text("dear")
    with pytest.raises(WorkspaceError, match="not empty"):
        desirepath.create(tmp_path / "there", time_zone="UTC")
    with pytest.raises(WorkspaceError):
        desirepath.create(tmp_path / "there" / "letter.txt", time_zone="UTC")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["letter.txt"]
    desirepath.create(tmp_path / "empty" / "deep", time_zone="UTC").close()
    with pytest.raises(WorkspaceError):
        desirepath.create(tmp_path / "empty" / "deep", time_zone="UTC")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"time_zone": "Paris"}, "Paris"),
        ({"time_zone": ""}, "zone"),
        ({"time_zone": "UTC", "week_start": "moonday"}, "monday"),
        ({"time_zone": "UTC", "currency": "euros"}, "EUR"),
        ({"time_zone": "UTC", "name": 'a"b'}, "name"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_made(
    tmp_path: Path, options: dict[str, str], says: str
) -> None:
    with pytest.raises(DesirepathError, match=says):
        desirepath.create(tmp_path / "ws", **options)
    assert not (tmp_path / "ws").exists()


def test_nothing_to_open(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(WorkspaceError, match="no workspace"):
            desirepath.open(place)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError):
        desirepath.open(tmp_path / "file")  # and not a NotADirectoryError


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 'x'", "time_zone"),
        ("time_zone = 'UTC'", "name"),
        ("name = 'x'\ntime_zone = 'UTC'\ntimezone = 'UTC'", "time_zone"),
        ("name = 'x'\ntime_zone = 'Mars/Base'", "Mars"),
        ("name = 'x'\ntime_zone = 'UTC'\nweek_start = 'mon'", "mon"),
        ("name = 'x'\ntime_zone = 'UTC'\ncurrency = 'eur'", "eur"),
        ("name = 'x'\ntime_zone = 'UTC'\nthreads = 0", "threads"),
        ("name = 'x'\ntime_zone = 'UTC'\nthreads = '2'", "threads"),
        ("name = 'x'\ntime_zone = 'UTC'\nthreads = true", "threads"),
        ("name = 'x'\ntime_zone = 'UTC'\nmemory_limit = 'lots'", "lots"),
        ("name = 'x'\ntime_zone = 'UTC'\nmemory_limit = 8", "memory"),
        ("name = 'x'\ntime_zone = 3", "time_zone|zone"),
        ("name = 5\ntime_zone = 'UTC'", "name"),
        ("name = 'x'\ntime_zone = 'UTC'\nweek_start = 1", "week|1"),
        ("name = 'x'\ntime_zone = 'UTC'\ncurrency = 978", "978"),
        ("name = 'x'\ntime_zone = ['UTC']", "zone|UTC"),
        ("name = x", "read"),
        ("\xff\xfe", "read"),
        ("", "name"),
    ],
)
def test_mistakes_in_the_settings_are_named(tmp_path: Path, text: str, says: str) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    ws.close()
    (tmp_path / "ws" / "workspace.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(DesirepathError, match=says):
        desirepath.open(tmp_path / "ws")


def test_settings_come_back(tmp_path: Path) -> None:
    desirepath.create(
        tmp_path / "ws", time_zone="Asia/Kathmandu", week_start="Sunday", currency="npr", name="Café No 5"
    ).close()
    found = desirepath.open(tmp_path / "ws").settings
    assert (found.name, found.time_zone, found.week_start, found.currency) == (
        "Café No 5",
        "Asia/Kathmandu",
        "sunday",
        "NPR",
    )


def test_an_empty_workspace_answers(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "ws", time_zone="UTC") as ws:
        assert ws.events().num_rows == ws.quarantine().num_rows == 0
        assert ws.sql("SELECT count(*) AS n FROM people").to_pylist() == [{"n": 0}]
        assert ask(ws) == [0, 0]
        assert ws.ask("funnel", steps=["A", "B"], breakdown="channel").people().num_rows == 0


def test_a_closed_workspace_opens_again_and_answers_without_its_database(tmp_path: Path) -> None:
    ws = made(tmp_path, AB)
    assert ask(ws) == [2, 1]
    ws.close()
    ws.close()
    assert ask(ws) == [2, 1], "it opens again when it is needed"
    ws.close()
    other = desirepath.open(ws.root)
    assert ask(other) == [2, 1]
    assert other._store is None, "a question about names alone needs the segments only"


def test_the_same_workspace_opened_twice_in_one_program(tmp_path: Path) -> None:
    """A notebook's cell that opens the workspace is run again; the answer is right, or there is a clear word."""
    ws = made(tmp_path, AB)
    other = desirepath.open(ws.root)
    try:
        assert ask(other) == [2, 1]
        assert other.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 4}]
    except WorkspaceError as problem:
        assert "open" in str(problem)
    assert ask(ws) == [2, 1]


def test_a_second_process_gets_a_clear_word_while_a_writer_lives(tmp_path: Path) -> None:
    ws = made(tmp_path, AB)
    code = """
        import sys, desirepath
        from desirepath.errors import WorkspaceError
        ws = desirepath.open(sys.argv[1])
        for act in (
            lambda: ws.sql("SELECT 1"),
            lambda: ws.import_files(["x.csv"], sys.argv[2]),
            lambda: ws.events(),
            lambda: ws.ask("funnel", steps=["A", "plan = 'x'"]),
        ):
            try:
                act()
            except WorkspaceError as problem:
                assert "Another process" in str(problem), problem
                print("refused")
    """
    mapping = next(tmp_path.glob("files-*/mapping.yaml"))
    (tmp_path / "x.csv").write_text("id,user,event,at,channel,session,amount\n1,u,A,2023-05-01T00:00:00Z,,,\n")
    mapping.write_text(mapping.read_text().replace('"*.csv"', "x.csv"))
    environment = {**os.environ, "PYTHONPATH": str(Path(desirepath.__file__).parent.parent)}
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(ws.root), str(mapping)],
        env=environment,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.split() == ["refused"] * 4
    assert ask(ws) == [2, 1]


def test_a_killed_writer_leaves_the_committed(tmp_path: Path) -> None:
    """Killed without a word between two imports: the first is there, whole."""
    code = """
        import os, sys, time
        from pathlib import Path
        from made_workspaces import add, made
        ws = made(Path(sys.argv[1]), sys.argv[2])
        print("ready", flush=True)
        add(ws, sys.argv[2], name="x")
        time.sleep(60)
    """
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(desirepath.__file__).parent.parent)])
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), AB],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.05)
    process.kill()
    process.wait()
    process.stdout.close()
    ws = desirepath.open(tmp_path / "ws")
    assert ask(ws) == [2, 1]
    assert ws.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 4}]
    assert add(ws, rows_of(AB, first=100), name="later").stored == 3


# ---- the database cannot reach out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_parquet('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "FROM read_json('{file}')",
        "WITH x AS (SELECT * FROM read_text('{file}')) SELECT * FROM x",
        "SELECT (SELECT content FROM read_text('{file}'))",
        "ATTACH '{folder}/other.duckdb'",
        "COPY events TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/out.parquet'",
        "EXPORT DATABASE '{folder}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA enable_profiling",
        "DELETE FROM events",
        "DROP TABLE events",
        "CREATE TABLE t (a INTEGER)",
        "INSERT INTO events SELECT * FROM events",
        "UPDATE versions SET version = 9",
        "WITH x AS (SELECT 1) INSERT INTO versions SELECT 'x', 1",
        "SELECT 1; DROP TABLE events",
        "BEGIN",
        "CALL pragma_version()",
        "VACUUM",
        "CHECKPOINT",
        "",
        "not sql at all",
    ],
)
def test_sql_only_looks_and_only_inside(
    tmp_path_factory: pytest.TempPathFactory, locked: Workspace, query: str
) -> None:
    folder = tmp_path_factory.mktemp("outside")
    secret = folder / "secret.csv"
    secret.write_text("a\nsecret\n")
    before = locked.sql("SELECT count(*) AS n, max(seq) AS m FROM events").to_pylist()
    with pytest.raises(InputError) as caught:
        locked.sql(query.format(file=secret, folder=folder))
    assert "secret\n" not in str(caught.value)
    assert [path.name for path in folder.iterdir()] == ["secret.csv"]
    assert locked.sql("SELECT count(*) AS n, max(seq) AS m FROM events").to_pylist() == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "ATTACH '{folder}/other.duckdb'",
        "COPY events TO '{folder}/out.csv'",
        "INSTALL httpfs",
        "LOAD '{file}'",
        "SET threads = 1",
        "SET enable_external_access = true",
        "SET GLOBAL temp_directory = '/tmp'",
    ],
)
def test_the_connection_itself_is_locked_down(tmp_path: Path, locked: Workspace, query: str) -> None:
    import duckdb

    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    with pytest.raises(duckdb.Error):
        locked.store().connection.cursor().execute(
            query.format(file=tmp_path / "secret.csv", folder=tmp_path)
        ).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("locked"), AB)


# ---- hostile names ----------------------------------------------------------------------------------------

NAMES = [
    "*",
    "$",
    "$.a",
    '"',
    "'",
    "a.b",
    "a/b",
    "~",
    "~1",
    "a b",
    "",
    "🦆",
    "é\u0301",
    "'; drop table events; --",
    "[0]",
    "\\",
    "name",
]
"""Property names that confuse JSON paths, quoting and SQL."""


def quoted(name: str) -> str:
    if name == "name":
        return "properties:/name"
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Person n has the property NAMES[n], and its value is a hostile text too."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = []
    for n, name in enumerate(NAMES):
        for k, event in enumerate(("A", "B")):
            lines.append(
                json.dumps(
                    {
                        "id": f"{n}-{k}",
                        "user": f"u{n}",
                        "event": event,
                        "at": f"2023-05-01T10:0{k}:00Z",
                        name: value_of(n),
                    }
                )
            )
    lines.append(json.dumps({"id": "z", "user": "zed", "event": "far", "at": "2024-01-01T00:00:00Z"}))
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping = {
        "source": "hostile",
        "tables": [
            {
                "files": "log.jsonl",
                "key": ["id"],
                "identities": {"user_id": "user"},
                "events": [{"name": "{event}", "at": "at"}],
            }
        ],
    }
    import yaml

    (folder / "mapping.yaml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    ws = desirepath.create(folder / "ws", time_zone="UTC")
    result = ws.import_files([folder / "log.jsonl"], folder / "mapping.yaml")
    assert (result.stored, result.quarantined) == (2 * len(NAMES) + 1, 0), ws.quarantine().to_pylist()
    return ws


def value_of(n: int) -> str:
    return f"{NAMES[n - 1]}'\"; drop table events; -- {n}"


@pytest.mark.parametrize("n", range(len(NAMES)), ids=[repr(name) for name in NAMES])
def test_a_hostile_property_is_asked_exactly(hostile: Workspace, n: int) -> None:
    field, value = quoted(NAMES[n]), value_of(n)
    where = f"{field} = '{value.replace(chr(39), chr(39) * 2)}'"
    found = hostile.ask("funnel", steps=[f"name = 'A' and {where}", "B"], window="1 hour")
    assert found.people().column("person").to_pylist() == [f"user_id:u{n}"]
    assert steps(found) == [1, 1]
    assert steps(hostile.ask("funnel", steps=["A", "B"], filter=f"{field} is not missing")) == [1, 1]
    assert steps(hostile.ask("funnel", steps=["A", "B"], cohort=where)) == [1, 1]
    assert hostile.events(where).num_rows == 2
    if NAMES[n] not in ("name", ""):
        split = hostile.ask("funnel", steps=["A", "B"], breakdown=NAMES[n])
        assert groups(split) == {"(everyone)": [len(NAMES)] * 2, "(missing)": [len(NAMES) - 1] * 2, value: [1, 1]}
        assert split.people(group=value).column("person").to_pylist() == [f"user_id:u{n}"]
        held = hostile.ask("funnel", steps=["A", "B"], hold=[NAMES[n]])
        assert steps(held) == [len(NAMES)] * 2
    assert hostile.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 2 * len(NAMES) + 1}]


def test_hostile_people_and_events(tmp_path: Path) -> None:
    texts = [
        "'; drop table events; --",
        'a"b',
        "a,b",
        "<script>alert(1)</script>",
        "🦆",
        "a\\b",
        "%s",
        "{x}",
        "$1",
        "?",
    ]
    rows = [
        {"id": f"{n}-{k}", "user": text, "event": text, "at": f"2023-05-01T1{k}:00:00Z", "plan": text}
        for n, text in enumerate(texts)
        for k in range(2)
    ]
    ws = made(tmp_path, rows)
    for text in texts:
        escaped = text.replace("'", "''")
        found = ws.ask(
            "funnel", steps=[f"name = '{escaped}'", f"name = '{escaped}' and plan = '{escaped}'"], window="1 day"
        )
        assert found.people(step=2).column("person").to_pylist() == [f"user_id:{text}"]
        assert ws.timeline(f"user_id:{text}").num_rows == 2
        assert "<script>" not in ws.ask("funnel", steps=[f"name = '{escaped}'", "x"])._repr_html_()
    assert groups(
        ws.ask("funnel", steps=["plan is not missing", "plan is not missing"], window="1 day", breakdown="plan")
    ).keys() == {"(everyone)", *texts}


# ---- damage -----------------------------------------------------------------------------------------------


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    ws = made(tmp_path, AB)
    ws.store().run("UPDATE versions SET version = ? WHERE name = 'schema'", [LATEST + 1])
    ws.close()
    again = desirepath.open(ws.root)
    with pytest.raises(WorkspaceError, match="newer"):
        again.sql("SELECT 1")
    again.close()
    before = (ws.root / "journeys.duckdb").read_bytes()
    with pytest.raises(WorkspaceError, match="newer"):
        desirepath.open(ws.root).events()
    assert (ws.root / "journeys.duckdb").read_bytes() == before


def right_or_refused(root: Path, expected: object) -> str:
    """Ask; the answer is the right one, or there is an error of ours and a rebuild mends it."""
    ws = desirepath.open(root)
    try:
        found = content(ws.ask("funnel", steps=["A", "B"], window="1 hour", breakdown="channel"))
        ws.ask("funnel", steps=["A", "plan = 'x'"])
    except DesirepathError:
        ws.close()
        ws = desirepath.open(root)
        ws.rebuild()
        found = content(ws.ask("funnel", steps=["A", "B"], window="1 hour", breakdown="channel"))
        ws.close()
        assert found == expected
        return "mended"
    with contextlib.suppress(DesirepathError):
        ws.close()
    assert found == expected
    return "right"


@pytest.fixture
def sound(tmp_path: Path) -> tuple[Path, object]:
    lines = "\n".join(
        f"u{n} {name} 2023-05-01T10:{k}0:00Z channel={'web' if n % 3 else 'app'}"
        for n in range(40)
        for k, name in enumerate(("A", "B"))
        if k == 0 or n % 2
    )
    ws = made(tmp_path, f"{lines}\n{LATE}")
    expected = content(ws.ask("funnel", steps=["A", "B"], window="1 hour", breakdown="channel"))
    ws.close()
    return ws.root, expected


def test_deleted_segments_are_made_again(sound: tuple[Path, object]) -> None:
    root, expected = sound
    shutil.rmtree(root / "columns")
    assert right_or_refused(root, expected) == "right"


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"3",
        b'{"format": 1}',
        b'{"format": 99}',
        b"\xff\xfe\x00",
        b'{"format": 1, "segments": []}',
        b'{"format": 1, "segments": [{}]}',
    ],
)
def test_a_manifest_of_garbage(sound: tuple[Path, object], garbage: bytes) -> None:
    root, expected = sound
    (root / "columns" / "manifest.json").write_bytes(garbage)
    right_or_refused(root, expected)


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b"null", b'{"data": 1}'])
def test_a_stamp_of_garbage(sound: tuple[Path, object], garbage: bytes) -> None:
    root, expected = sound
    (root / "columns" / "database.json").write_bytes(garbage)
    right_or_refused(root, expected)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_segment_cut_short(sound: tuple[Path, object], share: float) -> None:
    root, expected = sound
    for path in sorted((root / "columns").glob("*/*.arrow")):
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    right_or_refused(root, expected)


def test_a_segment_that_is_missing(sound: tuple[Path, object]) -> None:
    root, expected = sound
    sorted((root / "columns").glob("*/*.arrow"))[0].unlink()
    right_or_refused(root, expected)


def test_segments_that_changed_places(sound: tuple[Path, object]) -> None:
    root, expected = sound
    one, two = sorted((root / "columns").glob("*/*.arrow"))[:2]
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    right_or_refused(root, expected)


def test_flipped_bytes_in_a_segment(sound: tuple[Path, object]) -> None:
    root, expected = sound
    rng = random.Random(4)
    paths = sorted((root / "columns").glob("*/*.arrow"))
    kept = {path: path.read_bytes() for path in paths}
    for _ in range(12):
        path = rng.choice(paths)
        if not path.exists():
            break  # it was found out and made again under another name
        damaged = bytearray(kept[path])
        for place in rng.sample(range(len(damaged)), len(damaged) // 20):
            damaged[place] ^= 0xFF
        path.write_bytes(bytes(damaged))
        if right_or_refused(root, expected) == "mended":
            break
        path.write_bytes(kept[path])


@pytest.mark.parametrize("damage", ["empty", "garbage", "cut", "flipped", "missing", "log"])
def test_a_damaged_database_is_right_or_refused_and_can_be_made_again(sound: tuple[Path, object], damage: str) -> None:
    root, expected = sound
    path = root / "journeys.duckdb"
    raw = bytearray(path.read_bytes())
    shutil.rmtree(root / "columns")
    if damage == "missing":
        path.unlink()
    elif damage == "log":
        (root / "journeys.duckdb.wal").write_bytes(b"garbage" * 1000)
    else:
        if damage == "flipped":
            for place in range(8192, len(raw), 50):
                raw[place] ^= 0xFF
        path.write_bytes(
            {"empty": b"", "garbage": b"garbage" * 5000, "cut": bytes(raw[: len(raw) // 2]), "flipped": bytes(raw)}[
                damage
            ]
        )
    right_or_refused(root, expected)


def test_a_damaged_database_is_not_said_to_be_open_elsewhere(sound: tuple[Path, object]) -> None:
    root, _ = sound
    path = root / "journeys.duckdb"
    raw = bytearray(path.read_bytes())
    shutil.rmtree(root / "columns")
    for place in range(4096, len(raw), 50):
        raw[place] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(WorkspaceError) as caught:
        desirepath.open(root).ask("funnel", steps=["A", "B"])
    assert "Another process" not in str(caught.value)


def test_segments_of_an_older_state_are_not_believed(tmp_path: Path) -> None:
    ws = made(tmp_path, AB)
    ask(ws)
    ws.close()
    old = tmp_path / "old columns"
    shutil.copytree(ws.root / "columns", old)
    add(ws, rows_of("v B 2023-05-01T10:10:00Z", first=70), name="more")
    ws.close()
    shutil.rmtree(ws.root / "columns")
    shutil.copytree(old, ws.root / "columns")
    assert ask(desirepath.open(ws.root)) == [2, 2]


@pytest.mark.parametrize("damage", ["manifest", "parquet", "mapping", "gone"])
def test_a_damaged_archive_never_becomes_another_truth(sound: tuple[Path, object], damage: str) -> None:
    root, expected = sound
    folder = root / "archive" / "000001"
    parts = [path for path in folder.glob("*.parquet") if path.name != "rejected.parquet"]
    if damage == "manifest":
        (folder / "manifest.json").write_text("{}")
    elif damage == "mapping":
        (folder / "mapping.yaml").write_text("source: story")
    elif damage == "parquet":
        raw = bytearray(parts[0].read_bytes())
        for place in range(4, len(raw) - 8, 40):
            raw[place] ^= 0xFF
        parts[0].write_bytes(bytes(raw))
    else:
        parts[0].unlink()
    ws = desirepath.open(root)
    with pytest.raises(DesirepathError):
        ws.rebuild()
    assert content(ws.ask("funnel", steps=["A", "B"], window="1 hour", breakdown="channel")) == expected


def test_what_a_killed_program_had_spilled_is_gone_when_the_workspace_is_next_opened(tmp_path: Path) -> None:
    made(tmp_path, AB, late=False).close()
    code = textwrap.dedent(
        """
        import os, signal, sys
        import desirepath
        from desirepath.engines import building

        def killed(making, dealt, *rest):
            dealt._spill()
            os.kill(os.getpid(), signal.SIGKILL)

        building._write = killed
        with desirepath.open(sys.argv[1]) as ws:
            ws.columns.drop()
            ws.engine.refresh()
        """
    )
    root = next(path.parent for path in tmp_path.rglob("workspace.toml"))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code, str(root)], env=env, check=False).returncode == -9
    assert list((root / "temp").glob("dealt-*"))
    with desirepath.open(root) as ws:
        ws.store()
        assert not list((root / "temp").iterdir())
        (root / "temp" / "dealt-1-1").write_bytes(b"what this process is working on")
        with desirepath.open(root) as beside:
            beside.store()
        assert [path.name for path in (root / "temp").iterdir()] == ["dealt-1-1"]
        assert ask(ws) == [2, 1]


def test_nothing_is_made_again_under_a_program_that_has_the_workspace(tmp_path: Path) -> None:
    """What it spilled stays, and so does its database."""
    made(tmp_path, AB, late=False).close()
    root = next(path.parent for path in tmp_path.rglob("workspace.toml"))
    code = textwrap.dedent(
        """
        import sys
        import desirepath

        with desirepath.open(sys.argv[1]) as ws:
            ws.store()
            (ws.root / "temp" / "dealt-1-0").write_bytes(b"half of a block")
            print("open", flush=True)
            sys.stdin.readline()
            print(ws.ask("funnel", steps=["A", "B"], window="1 hour").columns["reached"], flush=True)
        """
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(root)]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "open\n"
        before = (root / "journeys.duckdb").stat().st_ino
        with desirepath.open(root) as ws, pytest.raises(WorkspaceError, match="Another process"):
            ws.rebuild()
        assert (root / "temp" / "dealt-1-0").exists()
        assert (root / "journeys.duckdb").stat().st_ino == before
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "[2, 1]\n"
