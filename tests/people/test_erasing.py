"""Who is erased is nowhere any more, everybody else is as before, and no stop in the middle does harm."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from erased_company import (
    AGAIN,
    ANN,
    FUNNEL,
    WEB,
    WEB_MAPPING,
    WRITTEN,
    company,
    places_of,
    tables,
    texts,
    write,
)
from made_workspaces import content, steps
from sparing import sparing

import desirepath
from desirepath import Workspace
from desirepath.doctor import examine
from desirepath.engines.duckdb import quiet
from desirepath.erasing import Erasure, erase_person, export_person, replay_erasures
from desirepath.erasing import placing as placing_module
from desirepath.errors import CancelledError, InputError, UnknownNameError, WorkspaceError
from desirepath.people.erasures import ErasureLog
from desirepath.people.rules import RuleBook


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's workspace, closed; never changed by a test."""
    ws = company(tmp_path_factory.mktemp("company"))
    ws.engine.refresh()
    ws.close()
    return ws.root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of fewer imports, for what is tried many times."""
    ws = company(tmp_path_factory.mktemp("small"), imports="web app")
    ws.engine.refresh()
    ws.close()
    return ws.root


@pytest.fixture
def ws(known: Path, tmp_path: Path) -> Workspace:
    """A copy of it, to be changed."""
    return desirepath.open(shutil.copytree(known, tmp_path / "ws"))


def erase(ws: Workspace, who: str = "ann@example.org", **options: Any) -> Erasure:
    given = {"author": "Ada", "reason": "asked for it", "progress": quiet} | options
    return erase_person(ws, who, **given)


def nothing_is_left(ws: Workspace, values: tuple[str, ...] = WRITTEN) -> None:
    """Ann is nowhere, and nothing half done is either."""
    ws.close()
    assert places_of(ws.root, *values) == []
    assert ErasureLog(ws.root).pending() == []
    everything = [str(path.relative_to(ws.root)) for path in ws.root.rglob("*")]
    assert not [name for name in everything if name.endswith((".tmp", ".wal", ".draft")) or "rebuilding" in name]
    wrong = {check.name: check.text for check in examine(ws.root, quiet) if check.status == "problem"}
    wrong.pop("duplicates", None)  # overlapping imports leave gaps in `seq`, erased from or not
    assert wrong == {}


def others(ws: Workspace) -> list[Any]:
    """What the others did, but for texts that name Ann.

    An event of `app`, which declares no key, has its id of all that its row says, so that it changes with the text.
    """
    rows = ws.sql(
        """SELECT p.id AS person, e.occurred_at, e.name, e.value, CASE WHEN e.source <> 'app' THEN e.id END AS id
        FROM events e JOIN person_of_event o ON o.seq = e.seq JOIN people p ON p.person = o.person ORDER BY 1, 2, 3"""
    ).to_pylist()
    return [row for row in rows if row["person"] != "customer_id:1000017"]


# ---- what is erased ---------------------------------------------------------------------------------------


def test_the_search_finds_her_before(known: Path) -> None:
    """A search that finds nothing proves nothing, unless it finds what is there."""
    found = " ".join(places_of(known, *WRITTEN))
    for value in WRITTEN:
        assert value in found
    for place in ("archive/000001/web.parquet", "rejected.parquet", "journeys.duckdb (events)", "identity_rules"):
        assert place in found, place
    assert "columns/" in found
    assert "manifest.json" in found


def test_nothing_is_left_of_her(ws: Workspace) -> None:
    before = others(ws)
    receipt = erase(ws)
    assert receipt.numbers == (1,)
    assert dict(receipt.counts) == {
        "identities": 5,
        "events": 8,
        "kept_events": 0,
        "raw_rows": 14,
        "quarantined": 4,
        "redactions": 11,
        "redacted_rows": 9,
        "imports": 4,
        "rules": 3,
    }
    nothing_is_left(ws)
    again = desirepath.open(ws.root)
    assert others(again) == before
    with pytest.raises(UnknownNameError):
        erase(again)
    assert again.sql("SELECT count(*) AS n FROM identities WHERE kind || value = 'cookiec-ann'").to_pylist() == [
        {"n": 0}
    ]


def test_a_rebuild_gives_the_same_store(ws: Workspace) -> None:
    erase(ws)
    before, said = tables(ws), content(ws.ask("funnel", **FUNNEL))
    ws.rebuild()
    assert tables(ws) == before
    assert content(ws.ask("funnel", **FUNNEL)) == said
    nothing_is_left(ws)


def test_answers_are_as_if_she_had_never_been(ws: Workspace, tmp_path: Path) -> None:
    """Held against the same sources from which somebody took her lines before they were imported."""
    erase(ws)
    mine = ("1,", "2,", "3,", "4,", "9,", "10,", "11,", "12,")
    without = "\n".join(line for line in WEB.splitlines() if not line.startswith(mine)) + "\n"
    other = desirepath.create(tmp_path / "other", time_zone="UTC")
    mapping = write(tmp_path / "lines", "web.yaml", WEB_MAPPING)
    other.import_files([write(tmp_path / "lines", "web.csv", without)], mapping)
    again = "\n".join(line for line in AGAIN.splitlines() if line.startswith(("id", "7,", "20,"))) + "\n"
    other.import_files([write(tmp_path / "lines", "again.csv", again)], mapping)
    asked = {**FUNNEL, "filter": "source = 'web'"}
    assert content(ws.ask("funnel", **asked)) == content(other.ask("funnel", **asked))


def test_names_in_what_is_others_are_taken_out(ws: Workspace) -> None:
    erase(ws)
    rows = ws.sql("SELECT e.source, e.identities, CAST(e.properties AS VARCHAR) AS said FROM events e").to_pylist()
    said = {row["said"] for row in rows}
    assert '{"note":"gift for [erased], not joann@example.org"}' in said
    assert '{"note":"https://x.example/?to=[erased]&n=1"}' in said
    assert '{"note":"call [erased]"}' in said
    assert '{"about":{"by":"for [erased]","n":2},"street":"2 Bob Street"}' in said  # her number was the referrer
    assert '{"who":{"user":"bob-0002"},"n":1.50}' in said or '{"who":{"user":"bob-0002"},"n":1.5}' in said
    named = {one["value"] for row in rows for one in row["identities"]}
    assert "[erased]" not in named  # a mark that names somebody would join everybody who was erased
    amounts = [row["value"] for row in ws.sql("SELECT value FROM events WHERE source = 'shop'").to_pylist()]
    assert 1000017.0 in amounts


def test_a_row_of_two_people_keeps_the_other(ws: Workspace) -> None:
    """Ann sent Bob something: that he received it is his, that she sent it is hers."""
    assert ws.events("name = 'sent'").num_rows == 1
    erase(ws)
    assert ws.events("name = 'sent'").num_rows == 0
    assert ws.events("name = 'received'").num_rows == 1
    (entry,) = [row for row in ws.quarantine().to_pylist() if row["reason_code"] == "identity_missing"]
    assert json.loads(entry["raw"])["from"] is None


def test_a_shared_device_stays_with_who_is_left(ws: Workspace) -> None:
    device = "SELECT o.person, p.id FROM identities i JOIN person_of o ON o.identity = i.code "
    device += "LEFT JOIN people p ON p.person = o.person WHERE i.value = 't-1'"
    assert ws.sql(device).to_pylist() == [{"person": -1, "id": None}]
    erase(ws)
    assert [row["id"] for row in ws.sql(device).to_pylist()] == ["customer_id:1000018"]
    assert ws.sql("SELECT count(*) AS n FROM stretches").to_pylist() == [{"n": 0}]


def test_rows_that_were_there_twice_do_not_come_back(ws: Workspace) -> None:
    """Import 4 held some of her rows again: duplicates, one of which nothing but a shared device names."""
    erase(ws)
    folder = ws.root / "archive" / "000004"
    (part,) = [path for path in folder.glob("*.parquet") if "lines" not in path.name and "rejected" not in path.name]
    assert sorted(pq.read_table(part).column("id").to_pylist()) == ["20", "7"]
    ws.rebuild()
    assert ws.sql("SELECT count(*) AS n FROM events WHERE name = 'sign in'").to_pylist() == [{"n": 0}]


def test_joined_rows_go_with_her(ws: Workspace) -> None:
    erase(ws)
    folder = ws.root / "archive" / "000003"
    (customers,) = folder.glob("customers.erased-?.parquet")
    streets = pq.read_table(customers).column("street").to_pylist()
    assert streets == ["2 Bob Street", "3 Joe Street"]


def test_kept_lines_keep_their_places(ws: Workspace) -> None:
    lines = {row["raw"]: row["line"] for row in ws.quarantine().to_pylist()}
    erase(ws)
    for row in ws.quarantine().to_pylist():
        if row["reason_code"] != "identity_missing":
            assert lines[row["raw"]] == row["line"]
    entry = next(row for row in ws.quarantine().to_pylist() if row["reason_code"] == "identity_missing")
    assert (entry["line"], entry["record"]) == (5, 4)


def test_rules_keep_their_numbers(ws: Workspace) -> None:
    erase(ws)
    rules = RuleBook(ws.root).rules()
    assert [rule.number for rule in rules] == [1, 2, 3, 4]
    assert rules[0].to_dict()["b"] == ["phone", "[erased]"]
    assert rules[0].to_dict()["a"] == ["user_id", "bob-0002"]
    assert rules[3].author == "[erased]"
    assert [rule.number for rule in RuleBook(ws.root).standing()] == [1, 2, 4]


def test_history_stays_but_for_her(ws: Workspace) -> None:
    """Before they were told apart by hand, Ann and Bob were one person and went by her name."""
    asked = {**FUNNEL, "filter": "source = 'app'", "as_of": 2}
    versions = [row["version"] for row in ws.sql("SELECT version FROM identity_versions ORDER BY 1").to_pylist()]
    assert steps(ws.ask("funnel", **asked)) == [2, 1]
    erase(ws)
    now = [row["version"] for row in ws.sql("SELECT version FROM identity_versions ORDER BY 1").to_pylist()]
    assert now == [*versions, versions[-1] + 1]
    assert steps(ws.ask("funnel", **asked)) == [2, 1]
    former = """SELECT p.kind || ':' || p.value AS person FROM former_person_of f
        JOIN identities i ON i.code = f.identity JOIN identities p ON p.code = f.person
        WHERE i.value = 'bob-0002' ORDER BY f.since"""
    known = ["user_id:bob-0002", "user_id:bob-0002", "customer_id:1000018"]
    assert [row["person"] for row in ws.sql(former).to_pylist()] == known
    orphans = """SELECT count(*) AS n FROM (
            SELECT person FROM former_person_of UNION ALL SELECT person FROM former_stretches)
        WHERE person >= 0 AND person NOT IN (SELECT code FROM identities)"""
    assert ws.sql(orphans).to_pylist() == [{"n": 0}]


@pytest.mark.parametrize("source", ["web", "app", "shop"])
def test_every_kind_of_file_alone(tmp_path: Path, source: str) -> None:
    ws = company(tmp_path, imports=source)
    erase(ws, "ann-0001")
    ws.close()
    assert places_of(ws.root, "ann-0001") == []
    again = desirepath.open(ws.root)
    before = tables(again)
    again.rebuild()
    assert tables(again) == before


def test_an_import_of_hers_alone_is_dropped(tmp_path: Path) -> None:
    ws = company(tmp_path, imports="web")
    alone = write(
        tmp_path / "more",
        "ann-0001.csv",
        "id,user,mail,cookie,event,at,amount,note\n30,ann-0001,,,visit,2026-05-09,,\n",
    )
    mapping = write(tmp_path / "more", "web.yaml", WEB_MAPPING + "time_zone: UTC\n")
    assert ws.import_files([alone], mapping).batch == 2
    assert any("ann-0001.csv" in text for _, text in texts(ws.root / "archive"))
    erase(ws, "ann-0001")
    assert [path.name for path in (ws.root / "archive").iterdir()] == ["000001"]
    ws.close()
    assert places_of(ws.root, "ann-0001") == []


def test_files_named_after_her(tmp_path: Path) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    lines = "id,user,mail,cookie,event,at,amount,note\n1,cust_000123,,,visit,2026-05-01T10:00:00Z,,\n"
    path = write(tmp_path / "in", "cust_000123.csv", lines + "2,bob,,,visit,2026-05-01T11:00:00Z,,\n3,too few\n")
    ws.import_files([path], write(tmp_path / "in", "web.yaml", WEB_MAPPING))
    erase(ws, "cust_000123")
    (entry,) = ws.quarantine().to_pylist()
    assert (entry["table"], entry["file"], entry["line"]) == ("erased", "[erased].csv", 4)
    before = tables(ws)
    ws.rebuild()
    assert tables(ws) == before
    ws.close()
    assert places_of(ws.root, "cust_000123") == []


def test_short_names_stay_in_texts_and_go_where_they_name(tmp_path: Path) -> None:
    """`al` is in half of all words: it is taken out where it names Al, and nowhere else."""
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    lines = "id,user,mail,cookie,event,at,amount,note\n"
    lines += "1,al,,,visit,2026-05-01T10:00:00Z,,\n2,bo,,,visit,2026-05-01T10:00:00Z,,said al fine\n3,al,short\n"
    path = write(tmp_path / "in", "log.csv", lines)
    ws.import_files([path], write(tmp_path / "in", "web.yaml", WEB_MAPPING))
    receipt = erase(ws, "user_id:al")
    assert (receipt.counts["raw_rows"], receipt.counts["quarantined"], receipt.counts["redactions"]) == (1, 1, 0)
    assert ws.sql("SELECT properties->>'note' AS n FROM events").to_pylist() == [{"n": "said al fine"}]
    assert ws.quarantine().num_rows == 0


def test_people_without_events_and_without_names(ws: Workspace) -> None:
    """Eve's cookie is hers; a person of a cookie alone has no name to look for, and one on others' rows no events."""
    receipt = erase(ws, "eve-0004")
    assert (receipt.counts["events"], receipt.counts["raw_rows"], receipt.counts["identities"]) == (1, 1, 2)
    RuleBook(ws.root).add(
        "cut", ("user_id", "joe-0003"), ("email", "joann@example.org"), author="Ada", reason="mistyped"
    )
    ws.resolve("rule 5")
    receipt = erase(ws, "joann@example.org")
    assert (receipt.counts["events"], receipt.counts["identities"]) == (0, 1)
    assert receipt.counts["redactions"] >= 2
    assert ws.sql("SELECT count(*) AS n FROM identities WHERE value = 'joann@example.org'").to_pylist() == [{"n": 0}]
    assert ws.sql("SELECT count(*) AS n FROM events WHERE identities[1].value = 'joe-0003'").to_pylist()[0]["n"] > 2
    (tmp := ws.root / "questions" / "vip.yaml").write_text("who: bob-0002\n")
    receipt = erase(ws, "bob-0002")
    assert list(receipt.named_in) == ["questions/vip.yaml"]
    assert tmp.read_text() == "who: bob-0002\n"


def test_a_person_of_a_device_alone(tmp_path: Path) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    lines = (
        "id,user,mail,cookie,event,at,amount,note\n1,,,c-1,visit,2026-05-01,,\n2,,,c-2,visit,2026-05-01,,c-1 was here\n"
    )
    path = write(tmp_path / "in", "log.csv", lines)
    ws.import_files([path], write(tmp_path / "in", "web.yaml", WEB_MAPPING + "time_zone: UTC\n"))
    assert erase(ws, "cookie:c-1").counts["events"] == 1
    assert ws.sql("SELECT properties->>'note' AS n FROM events").to_pylist() == [{"n": "c-1 was here"}]


# ---- deciding ---------------------------------------------------------------------------------------------


def snapshot(root: Path) -> dict[str, bytes]:
    kept = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and "columns" not in path.parts and path.suffix != ".duckdb":
            kept[str(path.relative_to(root))] = path.read_bytes()
    return kept


def test_trying_changes_nothing(ws: Workspace) -> None:
    before, files = tables(ws), snapshot(ws.root)
    tried = erase(ws, dry_run=True)
    assert (tables(ws), snapshot(ws.root)) == (before, files)
    assert (tried.numbers, tried.digest) == ((), "")
    assert erase(ws).counts == tried.counts


def test_what_is_refused(ws: Workspace) -> None:
    files = snapshot(ws.root)
    with pytest.raises(UnknownNameError, match="no person"):
        erase(ws, "nobody-at-all")
    for given in ({"author": " "}, {"reason": ""}):
        with pytest.raises(InputError, match="author and a reason"):
            erase(ws, **given)
    assert snapshot(ws.root) == files


def test_the_log_names_nobody(ws: Workspace) -> None:
    receipt = erase(ws, reason="ann@example.org wrote to us", author="ann-0001")
    text = (ws.root / "erasures.jsonl").read_text()
    assert "[erased] wrote to us" in text
    assert not [value for value in ANN if value in text]
    (entry,) = ErasureLog(ws.root).entries()
    assert len(entry.identities) == 5
    assert entry.done_at is not None
    assert receipt.digest == ErasureLog(ws.root).digest(entry)
    assert receipt.digest in text
    assert oct((ws.root / "erasure.key").stat().st_mode)[-3:] == "600"


def test_a_damaged_archive_is_refused_before_anything(ws: Workspace) -> None:
    part = ws.root / "archive" / "000003" / "orders.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    files = snapshot(ws.root)
    with pytest.raises(WorkspaceError, match="import 3 is damaged"):
        erase(ws)
    assert snapshot(ws.root) == files
    shutil.rmtree(part.parent)
    with pytest.raises(WorkspaceError, match="archive of import 3 is missing"):
        erase(ws)


def test_a_workspace_that_is_open_elsewhere(ws: Workspace) -> None:
    ws.close()
    files = snapshot(ws.root)
    held = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb, sys; c = duckdb.connect({str(ws.root / 'journeys.duckdb')!r}); "
            "print('open', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert held.stdout is not None
    held.stdout.readline()
    with pytest.raises(WorkspaceError, match="Another process"):
        erase(ws)
    held.communicate(b"")
    with desirepath.open(ws.root) as second:
        second.store()
        with pytest.raises(WorkspaceError, match="open twice"):
            erase(ws)
    assert snapshot(ws.root) == files
    assert erase(ws).numbers == (1,)


# ---- stopping ---------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, number: int, problem: BaseException) -> Callable[[], int]:
    """Raise at the n-th rename; return how many there were."""
    rename, seen = os.replace, [0]

    def replace(*given: Any, **options: Any) -> None:
        seen[0] += 1
        if seen[0] == number:
            raise problem
        rename(*given, **options)

    monkeypatch.setattr(os, "replace", replace)
    return lambda: seen[0]


def renames(small: Path, tmp_path: Path) -> int:
    """How many renames an erasure makes."""
    with pytest.MonkeyPatch.context() as patch:
        count = crash_at(patch, -1, Crash())
        erase(desirepath.open(shutil.copytree(small, tmp_path / "counted")))
    return count()


def finished_after(root: Path, way: str) -> None:
    """What a crash left opens, answers, and can be finished."""
    ws = desirepath.open(root)
    assert content(ws.ask("funnel", **FUNNEL))["table"]
    if way == "erase":
        try:
            assert erase(ws).numbers
        except UnknownNameError:
            assert ErasureLog(root).entries()[0].done_at is not None
    elif way == "rebuild":
        ws.rebuild()
        assert content(ws.ask("funnel", **FUNNEL))["table"]
        replay_erasures(ws, progress=quiet)
    else:
        replay_erasures(ws, progress=quiet)
    before = tables(ws)
    nothing_is_left(ws, tuple(value for value in WRITTEN if value != "1000017"))  # a number of hers in `shop` alone
    if way == "replay":
        with desirepath.open(root) as again:
            again.rebuild()
            assert tables(again) == before


@pytest.mark.parametrize("steps", sparing([4, 1], 2))
@pytest.mark.parametrize("problem", [Crash(), OSError(28, "No space left on device")], ids=["crash", "full"])
def test_a_stop_at_any_rename_can_be_finished(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: BaseException, steps: int
) -> None:
    many = renames(small, tmp_path)
    assert many > 8
    begun = 0
    for number in range(2, many + 1, steps if isinstance(problem, Crash) else 3 * steps):
        root = shutil.copytree(small, tmp_path / f"ws{number}")
        ws = desirepath.open(root)
        with monkeypatch.context() as patch, contextlib.suppress(Crash, WorkspaceError, OSError):
            crash_at(patch, number, problem)
            erase(ws)
        _abandon(ws)
        begun += bool(ErasureLog(root).pending())
        if ErasureLog(root).entries():
            finished_after(root, ("erase", "replay", "rebuild")[number % 3])
        else:
            with desirepath.open(root) as again:
                assert again.timeline("ann-0001").num_rows == 7
        shutil.rmtree(root)
    assert begun >= 1


def _abandon(ws: Workspace) -> None:
    """Let go of the database as a process that ended does."""
    if ws._store is not None:
        ws._store.connection.close()
        ws._store = None


@pytest.mark.parametrize("step", sparing(range(7), 3))
def test_a_stop_between_steps_can_be_finished(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    ws = desirepath.open(shutil.copytree(small, tmp_path / "ws"))
    with monkeypatch.context() as patch:
        taken = [0]

        def some(steps: Any) -> bool:
            for each in steps:
                if taken[0] == step:
                    raise Crash
                taken[0] += 1
                each()
            return False

        patch.setattr("desirepath.erasing.erase.take", some)
        with pytest.raises(Crash):
            erase(ws)
    _abandon(ws)
    if step == 0:
        assert ErasureLog(ws.root).entries() == []
        with desirepath.open(ws.root) as again:
            erase(again)
    finished_after(ws.root, "erase" if step % 2 else "replay")


KILLED = """
import os, sys
import desirepath
from desirepath.engines.duckdb import quiet
from desirepath.erasing import erase_person
sync, left = os.fsync, [int(sys.argv[2])]
def fsync(handle):
    left[0] -= 1
    if left[0] == 0:
        os._exit(9)
    sync(handle)
os.fsync = fsync
erase_person(desirepath.open(sys.argv[1]), "ann@example.org", author="Ada", reason="asked", progress=quiet)
"""


@pytest.mark.parametrize("number", sparing([3, 14, 22, 25, 30, 34], 2))
def test_a_killed_process_can_be_followed_up(small: Path, tmp_path: Path, number: int) -> None:
    ws = desirepath.open(shutil.copytree(small, tmp_path / "ws"))
    done = subprocess.run([sys.executable, "-c", KILLED, str(ws.root), str(number)], check=False, timeout=300)
    assert done.returncode == 9
    finished_after(ws.root, "erase")


def test_a_full_disk_while_preparing_changes_nothing(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(ws)
    ws.close()
    files = snapshot(ws.root)
    for where in ("desirepath.erasing.placing.stage", "desirepath.erasing.placing.store_batch"):
        with monkeypatch.context() as patch:

            def full(*_: Any, **__: Any) -> None:
                raise duckdb.IOException("No space left on device")

            patch.setattr(where, full)
            with pytest.raises(WorkspaceError, match="nothing was changed"):
                erase(ws)
        ws.close()
        assert snapshot(ws.root) == files
        assert not list(ws.root.glob("*rebuilding*"))
    assert tables(ws) == before


@pytest.mark.parametrize("error", sparing([KeyboardInterrupt, CancelledError], 2))
@pytest.mark.parametrize("stage", ["searching the archive", "writing the archive", "storing"])
def test_stopping_before_it_begins_leaves_all_as_it_was(ws: Workspace, stage: str, error: type[BaseException]) -> None:
    before = tables(ws)
    files = snapshot(ws.root)

    def stop(said: str, done: int, total: int | None) -> None:
        if said == stage:
            raise error("stopped")

    with pytest.raises(error):
        erase(ws, progress=stop)
    assert (tables(ws), snapshot(ws.root)) == (before, files)
    assert not list(ws.root.glob("*rebuilding*"))


def test_ctrl_c_that_comes_too_late_says_so(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    clean, pressed = placing_module.clean, []

    def once(workspace: Workspace) -> None:
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt
        clean(workspace)

    monkeypatch.setattr(placing_module, "clean", once)
    with pytest.raises(CancelledError, match="erasure 1 is done"):
        erase(ws)
    nothing_is_left(ws)


# ---- again ------------------------------------------------------------------------------------------------


def test_a_restored_backup_is_erased_again(ws: Workspace, tmp_path: Path) -> None:
    ws.close()
    backup = shutil.copytree(ws.root, tmp_path / "backup")
    erase(ws)
    assert replay_erasures(ws, progress=quiet) is None
    erase(ws, "eve-0004")
    expected = others(ws)
    ws.close()
    for name in ("erasures.jsonl", "erasure.key"):
        shutil.copy2(ws.root / name, backup / name)
    restored = desirepath.open(backup)
    receipt = replay_erasures(restored, progress=quiet)
    assert receipt is not None
    assert receipt.numbers == (1, 2)
    assert receipt.counts["identities"] == 7
    assert others(restored) == expected
    nothing_is_left(restored)
    assert places_of(backup, "eve-0004") == []
    assert replay_erasures(desirepath.open(backup), progress=quiet) is None


def test_a_log_without_its_key_is_refused(ws: Workspace) -> None:
    erase(ws, "eve-0004")
    (ws.root / "erasure.key").unlink()
    with pytest.raises(WorkspaceError, match="key of the log"):
        replay_erasures(ws, progress=quiet)
    assert replay_erasures(desirepath.create(ws.root.parent / "new", time_zone="UTC"), progress=quiet) is None


def test_who_comes_back_stays(ws: Workspace, tmp_path: Path) -> None:
    erase(ws)
    fresh = "id,user,mail,cookie,event,at,amount,note\n50,ann-0001,,,visit,2026-05-20T10:00:00Z,,back\n"
    ws.import_files([write(tmp_path / "back", "back.csv", fresh)], write(tmp_path / "back", "w.yaml", WEB_MAPPING))
    assert ws.timeline("ann-0001").num_rows == 1
    log = ws.root / "erasures.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[0]["at"] = "2026-01-01T00:00:00+00:00"  # the clocks of a test run too fast
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert replay_erasures(ws, progress=quiet) is None
    assert ws.timeline("ann-0001").num_rows == 1


# ---- handing out ------------------------------------------------------------------------------------------


def test_the_document_says_all_that_is_known(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "ann.json"
    found = export_person(ws, "ann@example.org", path)
    assert json.loads(path.read_text()) == found
    assert not list(tmp_path.glob("*.draft"))
    assert {one["value"] for one in found["identities"]} == {*ANN, "c-ann"}
    assert len(found["events"]) == 8
    assert found["events"][0]["identities"] == [{"kind": "cookie", "value": "c-ann"}]
    assert [device["value"] for device in found["shared_devices"]] == ["t-1"]
    links = {(link["a"], link["b"]): link for link in found["evidence"]}
    assert links["email:ann@example.org", "user_id:ann-0001"]["times"] == 1
    assert [rule["rule"] for rule in found["rules"]] == [1, 2]
    assert found["rules"][0]["a"] == ["user_id", "(of another person)"]
    counts = erase(ws, dry_run=True).counts
    assert len(found["rows"]) == counts["raw_rows"]
    assert len(found["named_in_rows_of_others"]) == counts["redacted_rows"]
    assert len(found["unreadable_lines"]) == 2
    by_line = {(row["import"], row["table"], row["line"]): row["row"] for row in found["rows"]}
    assert by_line[1, "web", 3]["mail"] == "Ann@Example.org"
    assert by_line[3, "customers", 2]["street"] == "1 Rue d'Ann"
    assert "bob-0002" not in json.dumps(found["evidence"])


def test_the_document_tells_accounts(tmp_path: Path) -> None:
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    days = [("ann", 1), ("ann", 2), ("bob", 3)]
    lines = "user,org,at,event\n" + "".join(f"{who},acme,2026-05-0{day}T10:00:00Z,a\n" for who, day in days)
    mapping = "source: s\nidentities: {user_id: user, account_id: org}\nevents: [{name: '{event}', at: at}]\n"
    ws.import_files([write(tmp_path / "in", "log.csv", lines)], write(tmp_path / "in", "m.yaml", mapping))
    found = export_person(ws, "user_id:ann")
    assert found["accounts"] == [
        {
            "kind": "account_id",
            "value": "acme",
            "first_at": "2026-05-01T10:00:00+00:00",
            "last_at": "2026-05-02T10:00:00+00:00",
            "events": 2,
        }
    ]
    erase(ws, "user_id:ann")
    assert ws.sql("SELECT value FROM identities ORDER BY value").to_pylist() == [{"value": "acme"}, {"value": "bob"}]
