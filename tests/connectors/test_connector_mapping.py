"""A mapping file for what a connector reads: other names, other installations, what identities prove."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import desirepath
from desirepath.errors import InputError

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
