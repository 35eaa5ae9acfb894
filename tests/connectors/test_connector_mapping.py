"""A mapping file for what a connector reads: other names, other installations, what identities prove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import desirepath
from desirepath.errors import InputError
from desirepath.rebuilding import replay

SAMPLES = Path(__file__).parent / "samples"


def test_other_names_for_events(tmp_path: Path) -> None:
    mapping = tmp_path / "ga4.yaml"
    mapping.write_text(
        "connector: ga4\nsource: web\ninstance: eu\nnames: {page_view: view, purchase: order}\n"
        "kinds: {client_id: semi}\n"
    )
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        result = workspace.import_files([SAMPLES / "ga4"], mapping)
        assert result.source == "web"
        found = workspace.sql(
            """SELECT name, properties ->> '$."$raw_name"' AS theirs, count(*)::INT AS n FROM events
            WHERE source = 'web' AND instance = 'eu' GROUP BY ALL ORDER BY ALL"""
        ).to_pylist()
        assert [(row["name"], row["theirs"], row["n"]) for row in found] == [
            ("order", "purchase", 1),
            ("session_start", None, 1),
            ("sign_up", None, 1),
            ("view", "page_view", 2),
        ]
        proven = workspace.sql("SELECT DISTINCT strength FROM identities WHERE kind = 'client_id'").to_pylist()
        assert proven == [{"strength": "semi"}]


CALLS = [
    {"call_id": "K1", "started_at": "2026-05-01T10:00:00+02:00", "customer_id": "c1", "queue": "repair", "cost": "4,5"},
    {"call_id": "K2", "started_at": "2026-05-02T10:00:00+02:00", "customer_id": "c1", "case": 7.0, "cost": "1.204,25"},
]


def test_a_transcript_in_the_companys_words(tmp_path: Path) -> None:
    file, mapping = tmp_path / "calls.jsonl", tmp_path / "calls.yaml"
    turns = [{"speaker": "customer", "start_s": 0.0, "text": "The printer does not print."}]
    file.write_text("".join(json.dumps({**call, "turns": turns}) + "\n" for call in CALLS))
    mapping.write_text(
        "connector: transcripts\nsource: calls\nnames: {call: 'call about {queue}'}\nentity: {case: case}\n"
        "channel: hotline\nvalue: {column: cost, currency: EUR, decimal: ','}\n"
    )
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        for _ in range(2):
            workspace.import_files([file], mapping)
        found = workspace.sql(
            """SELECT name, channel, value, currency, entity_type AS kind, entity_id AS thing,
                properties ->> '$."$raw_name"' AS theirs, properties ->> 'queue' AS queue FROM events
            ORDER BY occurred_at"""
        ).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("call about repair", "hotline", 4.5, "EUR", "transcript", "K1", "call", "repair"),
        ("call", "hotline", 1204.25, "EUR", "case", "7", None, None),
    ]


def test_what_is_inferred_bears_the_companys_names_too(tmp_path: Path) -> None:
    mapping = tmp_path / "zendesk.yaml"
    mapping.write_text("connector: zendesk\nnames: {ticket status solved: 'solved at last'}\n")
    versions = (("new", "2026-05-01T10:00:00Z"), ("solved", "2026-05-02T10:00:00Z"))
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        for status, at in versions:
            ticket = {"id": 1, "requester_id": 5, "status": status, "created_at": versions[0][1], "updated_at": at}
            file = tmp_path / f"{status}.json"
            file.write_text(json.dumps({"tickets": [{**ticket, "url": "https://a.zendesk.com/1"}]}))
            workspace.import_files([file], mapping)
        found = workspace.sql(
            "SELECT name, properties FROM events WHERE properties ->> 'inferred' = 'true'"
        ).to_pylist()
    assert [row["name"] for row in found] == ["solved at last"]
    assert json.loads(found[0]["properties"]) == {
        "inferred": True, "from": "new", "to": "solved", "$raw_name": "ticket status solved",
    }  # fmt: skip


def ga4(event: str, place: int = 0, **params: Any) -> str:
    """A row of the export with parameters as they are."""
    row = {"event_name": event, "event_timestamp": 1_777_629_600_000_000 + place, "user_id": "u1"}
    return json.dumps({**row, "event_params": params}) + "\n"


def imported(tmp_path: Path, lines: str, mapping: str, columns: str) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """What an import with a mapping gives, and the reasons of what is set aside."""
    file, said = tmp_path / "events.jsonl", tmp_path / "mapping.yaml"
    file.write_text(lines)
    said.write_text(mapping)
    with desirepath.create(tmp_path / "acme", time_zone="UTC", currency="CHF") as workspace:
        result = workspace.import_files([file], said)
        rows = workspace.sql(f"SELECT {columns} FROM events ORDER BY occurred_at").to_pylist()
    return [tuple(row.values()) for row in rows], dict(result.reasons)


def test_what_stands_in_a_hole(tmp_path: Path) -> None:
    """Texts and numbers; what is blank, nested, too long or not there leaves the vendor's word."""
    said = ("red", 7, 7.0, 2.5, "it's {odd}", "  ", "", None, True, ["a"], {"b": 1}, "x" * 300)
    lines = "".join(ga4("view", place, of=value) for place, value in enumerate(said)) + ga4("view", 99)
    found, reasons = imported(tmp_path, lines, "connector: ga4\nnames: {view: 'view of {of}'}\n", "name")
    assert reasons == {}
    ours = ["view of red", "view of 7", "view of 7", "view of 2.5", "view of it's {odd}"]
    assert [name for (name,) in found] == [*ours, *["view"] * 8]


def test_amounts_that_are_none_are_set_aside(tmp_path: Path) -> None:
    said = (3.5, 4, "12,50", "1.204,25", "", None, "free", ["a"], True)
    lines = "".join(
        ga4("fee", place, cost=value, cur="usd" if value == 4 else None) for place, value in enumerate(said)
    )
    mapping = "connector: ga4\nvalue: {column: cost, decimal: ',', currency: {column: cur}}\n"
    found, reasons = imported(tmp_path, lines, mapping, "value, currency")
    assert reasons == {"value_unreadable": 3}
    assert found == [(3.5, "CHF"), (4.0, "USD"), (12.5, "CHF"), (1204.25, "CHF"), (None, None), (None, None)]


def test_slips_are_told(tmp_path: Path) -> None:
    file, mapping = tmp_path / "events.jsonl", tmp_path / "ga4.yaml"
    file.write_text(ga4("page_view", cost=1) + ga4("purchase", 1))
    mapping.write_text(
        "connector: ga4\nnames: {page_veiw: view, sign_up: 'new {plan}', purchase: order}\n"
        "value: {column: csot, currency: EUR}\nentity: {order: cost}\n"
    )
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        assert workspace.import_files([file], mapping).warnings == (
            "No event has the property 'csot', of which the mapping makes value.",
            "No event has the property 'plan', of which the mapping makes names.",
            "The mapping names 'page_veiw', which no event is called; there is 'page_view'.",
        )


TRANSCRIPT = {
    "call_id": "T1",
    "started_at": "2026-03-09T09:00:30Z",
    "customer_phone": "+49 170 555",
    "turns": [{"speaker": "customer", "start_s": 0, "text": "Hello."}],
}
CALL = {
    "sid": "CA1",
    "from": "+49170555",
    "to": "+4930000",
    "direction": "inbound",
    "status": "completed",
    "start_time": "Mon, 09 Mar 2026 09:00:00 +0000",
    "duration": "60",
}


@pytest.mark.parametrize("words", ["", "channel: hotline\n", "entity: {case: status}\n", "names: {call: phoned}\n"])
@pytest.mark.parametrize("first", ["log", "transcript"])
def test_a_call_is_one_event_in_any_words(tmp_path: Path, words: str, first: str) -> None:
    log, said = tmp_path / "calls.json", tmp_path / "transcript.jsonl"
    log.write_text(json.dumps({"calls": [CALL]}))
    said.write_text(json.dumps(TRANSCRIPT) + "\n")
    mapping = tmp_path / "twilio.yaml"
    mapping.write_text(f"connector: twilio\n{words}")
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        steps = [lambda: workspace.import_files([log], mapping), lambda: workspace.import_sources([said])]
        for step in steps if first == "log" else reversed(steps):
            step()
        assert workspace.sql("SELECT source FROM events").to_pylist() == [{"source": "twilio"}]


def test_an_archive_is_read_again_in_other_words(tmp_path: Path) -> None:
    file, mapping = tmp_path / "events.jsonl", tmp_path / "ga4.yaml"
    file.write_text(ga4("view", 0, part="home", cost="free") + ga4("view", 1, part="shop", cost="2"))
    mapping.write_text("connector: ga4\nnames: {view: 'veiw of {part}'}\nvalue: {column: cost, currency: EUR}\n")
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        result = workspace.import_files([file], mapping)
        assert dict(result.reasons) == {"value_unreadable": 1}
        mapping.write_text("connector: ga4\nnames: {view: 'view of {part}'}\nentity: {part: part}\n")
        (again,) = replay(workspace, result.batch, mapping, progress=lambda *_: None)
        assert (again.stored, again.quarantined) == (2, 0)
        rows = workspace.sql("SELECT name, entity_id, value FROM events ORDER BY ALL").to_pylist()
    assert [tuple(row.values()) for row in rows] == [("view of home", "home", None), ("view of shop", "shop", None)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connector: ga5\n", "ga4"),
        ("connector: ga4\nname: {a: b}\n", "names"),
        ("connector: ga4\nevents: []\n", "connector"),
        ("connector: ga4\noptions: {nothing: 1}\n", "nothing"),
        ("connector: ga4\nnames: {call: 'about {queue'}\n", "braces"),
        ("connector: ga4\nvalue: {column: cost, decimal: x}\n", "decimals"),
        ("connector: ga4\nentity: {case: a, order: b}\n", "one entity"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    mapping = tmp_path / "ga4.yaml"
    mapping.write_text(text)
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        with pytest.raises(InputError, match=said):
            workspace.import_files([SAMPLES / "ga4"], mapping)
        assert workspace.sql("SELECT count(*) AS n FROM batches").to_pylist() == [{"n": 0}]
