"""What an import promises: all or nothing, once only, in any order, and the archive is the truth."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import LATE, add, columns_of, content, made, rows_of, steps, write_csv, write_mapping
from sparing import sparing

import desirepath
from desirepath import Workspace
from desirepath.doctor import examine
from desirepath.engines.duckdb import quiet
from desirepath.errors import CancelledError, DesirepathError, InputError
from desirepath.rebuilding import replay

TABLES = ("events", "identities", "identity_links", "people", "person_of", "batches", "quarantine")
FUNNELS: list[dict[str, Any]] = [
    {"steps": ["A", "B", "C"], "window": "3 hours"},
    {"steps": ["A", "B"], "window": "session", "entry": "each"},
    {"steps": ["A", "C"], "order": "strict", "breakdown": "plan"},
]


def some(seed: int = 1, events: int = 300) -> list[dict[str, str]]:
    rng = random.Random(seed)
    return [
        {
            "id": f"{seed}-{n}",
            "user": f"u{rng.randrange(30)}",
            "event": rng.choice("ABCD"),
            "at": f"2023-05-{rng.randrange(1, 4):02d}T{rng.randrange(24):02d}:{rng.randrange(0, 60, 15):02d}:00Z",
            "channel": rng.choice(["web", "app", ""]),
            "amount": rng.choice(["", "1.5", "20"]),
            "plan": rng.choice(["pro", "free", ""]),
        }
        for n in range(events)
    ]


def tables(ws: Workspace, *, without: tuple[str, ...] = ("seq", "received_at")) -> dict[str, list[str]]:
    """Every table as sorted text; places in the table and the moment of receipt aside unless wanted."""
    found = {}
    for table in TABLES:
        rows = ws.sql(f"SELECT * FROM {table}").to_pylist()
        found[table] = sorted(repr([(key, value) for key, value in row.items() if key not in without]) for row in rows)
    return found


def archive(ws: Workspace) -> dict[str, bytes]:
    """Every file of the archive."""
    root = ws.root / "archive"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def answers(ws: Workspace) -> list[Any]:
    return [content(ws.ask("funnel", **funnel)) for funnel in FUNNELS]


def state(ws: Workspace) -> Any:
    versions = ws.sql("SELECT * FROM versions ORDER BY name").to_pylist()
    return tables(ws, without=()), versions, archive(ws), sorted(path.name for path in (ws.root / "archive").iterdir())


def test_the_same_file_twice_is_stored_once(tmp_path: Path) -> None:
    ws = made(tmp_path, some(), late=False)
    before, said = state(ws), answers(ws)
    for name in ("again", "under another name"):
        result = add(ws, some(), name=name)
        assert (result.batch, result.read, result.stored, result.duplicate, result.quarantined) == (
            None,
            300,
            0,
            300,
            0,
        )
        assert state(ws) == before
    assert answers(ws) == said


def test_an_overlapping_file_adds_what_is_new(tmp_path: Path) -> None:
    rows = some()
    ws = made(tmp_path, rows[:200], late=False)
    result = add(ws, rows[100:], name="second")
    assert (result.batch, result.stored, result.duplicate) == (2, 100, 100)
    whole = made(tmp_path, rows, late=False, name="whole")
    assert answers(ws) == answers(whole)
    add(ws, [*rows[150:], *rows_of(LATE, first=9_000)], name="third")
    numbers = ws.sql("SELECT seq FROM events ORDER BY seq").column("seq").to_pylist()
    assert numbers == list(range(len(numbers)))
    assert {check.name for check in examine(ws.root, lambda *_: None) if check.status == "problem"} == set()


def test_order_and_cut_of_files_do_not_matter(tmp_path: Path) -> None:
    rows = [*some(), *rows_of(LATE, first=9_000)]
    columns = columns_of(rows)
    whole = made(tmp_path, rows, late=False, name="whole")
    expected, stored = (
        answers(whole),
        tables(
            whole,
            without=(
                "seq",
                "received_at",
                "batch",
                "record",
                "raw_table",
                "code",
                "identity",
                "person",
                "folder",
                "rows",
                "read",
                "stored",
            ),
        ),
    )
    rng = random.Random(2)
    for number, pieces in enumerate((1, 3, 7)):
        shuffled = rng.sample(rows, len(rows))
        folder = tmp_path / f"pieces{number}"
        for piece in range(pieces):
            write_csv(folder / f"{rng.random()}.csv", shuffled[piece::pieces], columns)
        mapping = write_mapping(folder / "mapping.yaml", columns)
        ws = desirepath.create(tmp_path / f"ws{number}", time_zone="UTC")
        if number == 1:
            for file in sorted(folder.glob("*.csv")):
                ws.import_files([file], mapping)
        else:
            ws.import_files([folder], mapping)
        assert answers(ws) == expected
        found = tables(
            ws,
            without=(
                "seq",
                "received_at",
                "batch",
                "record",
                "raw_table",
                "code",
                "identity",
                "person",
                "folder",
                "rows",
                "read",
                "stored",
            ),
        )
        assert (found["events"], found["identities"]) == (stored["events"], stored["identities"])


class Stop:
    """Raises at the n-th report of a stage."""

    def __init__(self, stage: str, number: int, error: type[BaseException]) -> None:
        self.stage, self.number, self.error = stage, number, error
        self.raised = False

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage == self.stage:
            self.number -= 1
            if self.number == 0:
                self.raised = True
                raise self.error("stopped")


def stages(ws: Workspace, act: Callable[[Callable[[str, int, int | None], None]], Any]) -> list[str]:
    """Which stages an operation reports, in order."""
    seen: list[str] = []
    act(lambda stage, done, total: seen.append(stage))
    return list(dict.fromkeys(seen))


@pytest.mark.parametrize("error", sparing([CancelledError, KeyboardInterrupt, RuntimeError], 2))
@pytest.mark.parametrize("stage", ["read", "check", "storing"])
def test_a_stopped_import_leaves_all_as_it_was(tmp_path: Path, stage: str, error: type[BaseException]) -> None:
    ws = made(tmp_path, some(), late=False)
    before, said = state(ws), answers(ws)
    folder = tmp_path / "more"
    rows = some(2)
    write_csv(folder / "more.csv", rows)
    mapping = write_mapping(folder / "mapping.yaml", columns_of(rows))
    stop = Stop(stage, 1, error)
    with pytest.raises(error):
        ws.import_files([folder], mapping, progress=stop)
    assert stop.raised
    assert state(ws) == before
    assert answers(ws) == said
    assert list((ws.root / "temp").iterdir()) == []
    ws.close()
    again = desirepath.open(ws.root)
    assert state(again) == before
    result = again.import_files([folder], mapping)
    assert (result.batch, result.stored) == (2, 300)
    whole = made(tmp_path, [*some(), *rows], late=False, name="whole")
    assert answers(again) == answers(whole)


@pytest.mark.parametrize("error", [CancelledError, KeyboardInterrupt])
def test_stopping_after_the_import_is_kept_loses_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """The last stage sorts what is already stored: whoever stops it has the import, and the next question sorts."""
    ws = made(tmp_path, some(), late=False)
    folder = tmp_path / "more"
    rows = some(2)
    write_csv(folder / "more.csv", rows)
    mapping = write_mapping(folder / "mapping.yaml", columns_of(rows))
    kept = ws.import_files([folder], mapping, progress=Stop("sorting into journeys", 1, error))
    assert kept.stored == 300
    assert any("next question" in text for text in kept.warnings)
    whole = made(tmp_path, [*some(), *rows], late=False, name="whole")
    assert ws.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 600}]
    assert len(list((ws.root / "archive").iterdir())) == 2
    assert answers(ws) == answers(whole)
    ws.close()
    assert desirepath.open(ws.root).import_files([folder], mapping).stored == 0


def test_all_stages_were_tried(tmp_path: Path) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    rows = some()
    write_csv(tmp_path / "files" / "log.csv", rows)
    mapping = write_mapping(tmp_path / "files" / "mapping.yaml", columns_of(rows))
    found = stages(ws, lambda progress: ws.import_files([tmp_path / "files"], mapping, progress=progress))
    assert found == ["read", "check", "storing", "sorting into journeys"]


def test_a_stopped_question_leaves_the_workspace_usable(tmp_path: Path) -> None:
    ws = made(tmp_path, some(), late=False)
    said = answers(ws)
    with pytest.raises(CancelledError):
        ws.ask("funnel", steps=["A", "B"], progress=Stop("asking", 1, CancelledError))
    assert answers(ws) == said


# ---- rebuild and replay -----------------------------------------------------------------------------------


def test_rebuild_gives_the_same_store_and_answers(tmp_path: Path) -> None:
    """All tables but `seq`, the arrival number, which may differ, and the counts of versions."""
    ws = made(tmp_path, some(), late=False)
    add(ws, [*some(2), *some()[:50]], name="second")
    with_bad = [*some(3, 20), {"id": "bad", "user": "u1", "event": "A", "at": "yesterday"}]
    assert add(ws, with_bad, name="third").quarantined == 1
    before, said = tables(ws, without=("seq", "since")), answers(ws)
    results = ws.rebuild()
    assert [(result.batch, result.stored, result.duplicate, result.quarantined) for result in results] == [
        (1, 300, 0, 0),
        (2, 300, 50, 0),
        (3, 20, 0, 1),
    ]
    assert tables(ws, without=("seq", "since")) == before
    assert answers(ws) == said
    ws.close()
    again = desirepath.open(ws.root)
    assert answers(again) == said
    again.rebuild()
    assert tables(again, without=("seq", "since")) == before


def test_rebuild_from_the_archive_alone(tmp_path: Path) -> None:
    ws = made(tmp_path, some(), late=False)
    said, before = answers(ws), tables(ws, without=("seq", "since"))
    ws.close()
    for name in ("journeys.duckdb", "columns", "temp"):
        path = ws.root / name
        path.unlink() if path.is_file() else __import__("shutil").rmtree(path)
    again = desirepath.open(ws.root)
    again.rebuild()
    assert (answers(again), tables(again, without=("seq", "since"))) == (said, before)


@pytest.mark.parametrize("stage", ["storing", "sorting into journeys"])
def test_a_stopped_rebuild_leaves_the_old_database(tmp_path: Path, stage: str) -> None:
    ws = made(tmp_path, some(), late=False)
    said, before = answers(ws), tables(ws, without=("seq", "since"))
    with pytest.raises(KeyboardInterrupt):
        ws.rebuild(progress=Stop(stage, 1, KeyboardInterrupt))
    assert (answers(ws), tables(ws, without=("seq", "since"))) == (said, before)
    assert not list(ws.root.glob("*rebuilding*"))


def bad_times(tmp_path: Path) -> tuple[Workspace, Path]:
    """Make a workspace in which B is in quarantine, and a mapping that reads it."""
    rows = rows_of("u A 2023-05-01T10:00:00Z\nu B 01.05.2023_10:30\nzed far 2024-01-01T00:00:00Z")
    rows[1]["at"] = "01.05.2023 10:30"
    columns = columns_of(rows)
    write_csv(tmp_path / "files" / "log.csv", rows, columns)
    mapping = write_mapping(tmp_path / "files" / "mapping.yaml", columns)
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    assert ws.import_files([tmp_path / "files"], mapping).quarantined == 1
    text = mapping.read_text().replace(
        '      - {name: "{event}", at: at}\n',
        """      - {name: "{event}", at: at, when: "event != 'B'"}\n"""
        """      - {name: "{event}", at: {column: at, format: "%d.%m.%Y %H:%M"}, time_zone: UTC, """
        """when: "event = 'B'"}\n""",
    )
    better = tmp_path / "better.yaml"
    better.write_text(text)
    return ws, better


def test_a_corrected_mapping_brings_back_what_was_set_aside(tmp_path: Path) -> None:
    ws, better = bad_times(tmp_path)
    assert [row["reason_code"] for row in ws.quarantine().to_pylist()] == ["time_unreadable"]
    (result,) = replay(ws, 1, better, progress=quiet)
    assert (result.stored, result.quarantined) == (3, 0)
    assert ws.quarantine().num_rows == 0
    assert ws.events("name = 'B'").num_rows == 1
    ws.close()
    assert steps(desirepath.open(ws.root).ask("funnel", steps=["A", "B"], window="1 hour")) == [1, 1]


def test_a_question_after_a_replay_sees_what_came_back(tmp_path: Path) -> None:
    ws, better = bad_times(tmp_path)
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour")) == [1, 0]
    replay(ws, 1, better, progress=quiet)
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour")) == [1, 1]


def test_a_replay_that_cannot_be_leaves_all_as_it_was(tmp_path: Path) -> None:
    ws, better = bad_times(tmp_path)
    before = state(ws)
    with pytest.raises(InputError, match="no archived import 7"):
        replay(ws, 7, better, progress=quiet)
    other = tmp_path / "other.yaml"
    other.write_text(better.read_text().replace("source: story", "source: tale"))
    with pytest.raises(InputError, match="tale"):
        replay(ws, 1, other, progress=quiet)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(better.read_text().replace("column: at,", "column: no_such,"))
    with pytest.raises(DesirepathError, match="no_such"):
        replay(ws, 1, wrong, progress=quiet)
    assert state(ws) == before


def test_an_import_that_the_mapping_forbids_writes_nothing(tmp_path: Path) -> None:
    ws = made(tmp_path, some(), late=False)
    before = state(ws)
    rows = [{"id": "1", "user": "u", "event": "A", "at": "2023-05-01T10:00:00"}]
    write_csv(tmp_path / "naive" / "log.csv", rows)
    mapping = write_mapping(tmp_path / "naive" / "mapping.yaml", columns_of(rows))
    with pytest.raises(DesirepathError, match="zone"):
        ws.import_files([tmp_path / "naive"], mapping)
    with pytest.raises(DesirepathError):
        ws.import_files([tmp_path / "nowhere"], mapping)
    with pytest.raises(InputError, match="mapping"):
        ws.import_files([tmp_path / "naive"])
    assert state(ws) == before
    assert ws.import_files([tmp_path / "naive"], mapping, time_zone="Europe/Paris").stored == 1


def test_an_empty_currency_is_the_workspaces_and_stays_so(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "id,at,user,amount,cur\n1,2023-05-01,u,5,usd\n2,2023-05-02,u,6,\n3,2023-05-03,u,,\n"
    )
    text = "source: s\ntime_zone: UTC\nkey: id\nidentities: {user: user}\nproperties: []\nvalue: %s\n"
    text += "events: [{name: '%s', at: at}]\n"
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC", currency="CHF")
    for name, value in {
        "empty": "{column: amount, currency: {column: cur}}",
        "otherwise": "{column: amount, currency: {column: cur, otherwise: PLN}}",
        "number": "amount",
    }.items():
        (tmp_path / f"{name}.yaml").write_text(text % (value, name))
        ws.import_files([tmp_path / "log.csv"], tmp_path / f"{name}.yaml")
    query = "SELECT name, list(currency ORDER BY occurred_at) AS found FROM events GROUP BY name ORDER BY name"
    told = [("empty", ["USD", "CHF", None]), ("number", [None, None, None]), ("otherwise", ["USD", "PLN", None])]
    assert [tuple(row.values()) for row in ws.sql(query).to_pylist()] == told
    ws.close()
    settings = tmp_path / "ws" / "workspace.toml"
    settings.write_text(settings.read_text().replace("CHF", "EUR"))
    with desirepath.open(tmp_path / "ws") as again:
        again.rebuild()
        assert [tuple(row.values()) for row in again.sql(query).to_pylist()] == told


def test_an_empty_file_is_said_to_be_empty_once(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"")
    mapping = write_mapping(tmp_path / "mapping.yaml", columns_of([]), zone="UTC")
    result = desirepath.create(tmp_path / "ws", time_zone="UTC").import_files([tmp_path / "log.csv"], mapping)
    assert (result.read, list(result.warnings)) == (0, ["log.csv is empty: 0 rows."])
