"""What a workspace says of a connector holds for whatever comes through it: files, pulls and what is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from killing import collecting, free_port, messages, send, workspace_with_key

import desirepath
from desirepath.collector.keys import KeyBook
from desirepath.connectors.choosing import mapping_for, words_in
from desirepath.draining import Drain
from desirepath.erasing import erase_person
from desirepath.errors import DesirepathError, InputError, UnknownNameError
from desirepath.rebuilding import rebuild
from desirepath.workspace import Workspace

MAIN = "connector: segment\nnames: {view: 'page {spot}'}\nchannel: '{surface}'\nkinds: {anonymous_id: strong}\n"


def said(root: Path, name: str, text: str) -> None:
    (root / "mappings").mkdir(exist_ok=True)
    (root / "mappings" / f"{name}.yaml").write_text(text)


def track(own: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "view",
        "messageId": own,
        "userId": "u1",
        "timestamp": "2026-05-01T10:00:00.000Z",
        "properties": properties,
    }


def drained(workspace: Workspace) -> int:
    drain = Drain(workspace)
    try:
        return drain.all(lambda *_: None).stored
    finally:
        drain.close()


def found(workspace: Workspace) -> list[tuple[Any, ...]]:
    rows = workspace.sql("SELECT name, channel, source, instance FROM events ORDER BY ALL").to_pylist()
    return [tuple(row.values()) for row in rows]


def test_what_is_sent_and_what_is_imported_bear_the_same_names(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    KeyBook(root).add("eu", text="dpw_eu", public=False, instance="eu")
    KeyBook(root).add("us", text="dpw_us", public=False, instance="us")
    said(root, "segment", MAIN)
    said(root, "segment-eu", "connector: segment\ninstance: eu\nsource: web\nnames: {view: seen}\n")
    said(root, "orders", "source: orders\nevents: [{name: order, at: at}]\nidentities: {user_id: who}\nkey: [id]\n")
    with collecting(root, port):
        for key in ("dpw_test", "dpw_eu", "dpw_us"):
            body = json.dumps({"batch": [track("a", spot="home", surface="kiosk"), track("b")]}).encode()
            assert send(port, body, key=key)[0] == 200
    expected = [
        ("page home", "kiosk", "segment", "main"),
        ("page home", "kiosk", "segment", "us"),
        ("seen", "web", "web", "eu"),
        ("seen", "web", "web", "eu"),
        ("view", "web", "segment", "main"),
        ("view", "web", "segment", "us"),
    ]
    file = tmp_path / "messages.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (track("a", spot="home", surface="kiosk"), track("b"))))
    with desirepath.open(root) as workspace:
        assert drained(workspace) == 6
        assert found(workspace) == expected
        assert workspace.sql("SELECT count(*) AS n FROM identities WHERE strength = 'strong'").to_pylist()[0]["n"] == 1
        again = workspace.import_sources([file])
        assert [(one.read, one.stored, one.duplicate) for one in again] == [(2, 0, 2)]
        rebuild(workspace, progress=lambda *_: None)
        assert found(workspace) == expected


def test_other_words_begin_another_folder(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    with collecting(root, port), desirepath.open(root) as workspace:
        for number, words in enumerate((None, None, "names: {view: seen}", "names: {view: looked}", None)):
            if words:
                said(root, "segment", f"connector: segment\n{words}\n")
            elif number == 4:
                (root / "mappings" / "segment.yaml").unlink()
            assert send(port, messages([f"m{number}"]))[0] == 200
            assert drained(workspace) == 1
        names = workspace.sql("SELECT name, count(*) AS n FROM events GROUP BY ALL ORDER BY ALL").to_pylist()
        assert [(row["name"], row["n"]) for row in names] == [("looked", 1), ("seen", 1), ("view", 3)]
        batches = workspace.sql("SELECT count(*) AS n FROM batches").to_pylist()
        assert batches == [{"n": 4}]


@pytest.mark.parametrize(
    ("text", "what"),
    [("connector: segment\nname: {a: b}\n", "names"), ("connector: segment\noptions: {no: 1}\n", "option")],
)
def test_a_mapping_that_cannot_be_read_stops_the_drain_and_loses_nothing(tmp_path: Path, text: str, what: str) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    said(root, "segment", text)
    with collecting(root, port):
        assert send(port, messages(["a", "b"]))[0] == 200
    with desirepath.open(root) as workspace:
        with pytest.raises(DesirepathError, match=what):
            drained(workspace)
        said(root, "segment", "connector: segment\nnames: {view: seen}\n")
        assert drained(workspace) == 2
        assert {row[0] for row in found(workspace)} == {"seen"}


def test_an_unknown_connector_is_told_and_yml_is_read(tmp_path: Path) -> None:
    said(tmp_path, "a", "connector: segmnt\n")
    with pytest.raises(UnknownNameError, match="segmnt"):
        words_in(tmp_path)
    (tmp_path / "mappings" / "a.yaml").unlink()
    (tmp_path / "mappings" / "b.yml").write_text("connector: segment\nnames: {view: '  '}\n")
    assert [one.connector for one in words_in(tmp_path)] == ["segment"]


def test_the_drain_goes_on_after_an_erasure(tmp_path: Path) -> None:
    """An erasure writes parts anew, under names of their own."""
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    with collecting(root, port), desirepath.open(root) as workspace:
        for number in range(44):
            person = "zoe" if number in (0, 3) else f"u{number}"
            assert send(port, messages([f"m{number}"], person=person))[0] == 200
            if number in (0, 1, 4, 43) or number > 10:
                drained(workspace)
            if number in (1, 4):
                erase_person(workspace, "user_id:zoe", author="me", reason="asked", progress=lambda *_: None)
        assert workspace.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 42}]
        rebuild(workspace, progress=lambda *_: None)
        assert workspace.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 42}]


def test_two_files_that_speak_of_one_source(tmp_path: Path) -> None:
    for name in ("a", "b"):
        said(tmp_path, name, "connector: ga4\n")
    with pytest.raises(InputError, match=r"a\.yaml and b\.yaml"):
        words_in(tmp_path)


def test_what_is_asked_for_goes_before_what_is_said(tmp_path: Path) -> None:
    said(tmp_path, "stripe", "connector: stripe\noptions: {every_event: yes, charges: yes}\ntime_zone: Europe/Paris\n")
    words = words_in(tmp_path)
    mapping = mapping_for("stripe", options={"charges": "no"}, words=words)
    assert (mapping.options, mapping.time_zone) == ({"every_event": "yes", "charges": "no"}, "Europe/Paris")
    assert mapping_for("stripe", instance="eu", words=words).instance == "eu"
    assert mapping_for("zendesk", words=words).options == {"metric_events": "no"}
