"""All sources, in any order, twice, are the 41 events of three people."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from golden import ANONYMOUS, FILES, SAMPLES, golden, import_one, told
from sparing import sparing

import desirepath
from desirepath.connectors.choosing import choose
from desirepath.connectors.registry import recognised
from desirepath.workspace import Workspace


def check(workspace: Workspace) -> None:
    found, others, persons = told(workspace)
    assert found == golden()
    assert len(others) == len(ANONYMOUS) + 1
    assert others >= ANONYMOUS
    assert persons["ada"] == {"user_id:u_ada"}
    assert persons["ben"] == {"user_id:u_ben"}
    assert persons["cleo"] == {"user_id:u_cleo", "salesforce_contact:003000000000003AAA"}
    aside = workspace.sql("SELECT reason_code, count(*) AS n FROM quarantine GROUP BY ALL").to_pylist()
    assert aside == [{"reason_code": "identity_missing", "n": 2}]  # consent denied; an empty id


@pytest.mark.parametrize("seed", sparing(range(4), 4))
def test_any_order_twice(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    files = [*FILES, *FILES]
    chance.shuffle(files)
    with desirepath.create(tmp_path / "acme", time_zone="Europe/Berlin") as workspace:
        for path in files:
            import_one(workspace, path)
        check(workspace)


def test_the_snapshots_first_and_their_history_later(tmp_path: Path) -> None:
    """What was inferred wrongly is taken away when the system's own word comes."""
    audits = [path for path in FILES if "audits" in path.name]
    calls = [path for path in FILES if path.parent.name == "genesys"]
    with desirepath.create(tmp_path / "acme", time_zone="Europe/Berlin") as workspace:
        for path in FILES:
            if path not in audits + calls:
                import_one(workspace, path)
        inferred = "SELECT name FROM events WHERE properties ->> 'inferred' = 'true' ORDER BY occurred_at"
        names = [row["name"] for row in workspace.sql(inferred).to_pylist()]
        assert names == ["ticket status open", "ticket status solved"]
        chats = workspace.sql("SELECT source, name FROM events WHERE entity_type = 'transcript'").to_pylist()
        assert chats == [{"source": "transcripts", "name": "chat"}]
        for path in audits + calls:
            import_one(workspace, path)
        assert workspace.sql(inferred).num_rows == 0
        check(workspace)
        question = workspace.ask("transitions", top=50)
        assert question.table.num_rows > 0


def test_a_rebuild_gives_the_same(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="Europe/Berlin") as workspace:
        for path in reversed(FILES):
            import_one(workspace, path)
        events = "SELECT id, name, occurred_at, identities, properties FROM events ORDER BY id"
        before = workspace.sql(events).to_pylist()
        workspace.rebuild()
        assert workspace.sql(events).to_pylist() == before
        check(workspace)


def test_every_file_is_recognised_as_its_own_source() -> None:
    names = {"reviews": {"app_store", "google_play"}, "social": {"mentions"}}
    for path in FILES:
        found = recognised(path)
        assert len(found) == 1, (path, found)
        assert found[0] in names.get(path.parent.name, {path.parent.name}), path


def test_a_folder_is_sorted_by_source() -> None:
    chosen = choose([SAMPLES])
    assert {one.mapping.source for one in chosen} >= {"ga4", "zendesk", "stripe", "salesforce"}
    assert {path.name for path in chosen[0].left_out} == {"GOLDEN.csv", "README.md"}
    assert sum(len(one.files) for one in chosen) == len(FILES)
