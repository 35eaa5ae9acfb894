"""A mapping file for what a connector reads: other names, other installations, what identities prove."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connector: ga5\n", "ga4"),
        ("connector: ga4\nname: {a: b}\n", "names"),
        ("connector: ga4\nevents: []\n", "connector"),
        ("connector: ga4\noptions: {nothing: 1}\n", "nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    mapping = tmp_path / "ga4.yaml"
    mapping.write_text(text)
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        with pytest.raises(InputError, match=said):
            workspace.import_files([SAMPLES / "ga4"], mapping)
        assert workspace.sql("SELECT count(*) AS n FROM batches").to_pylist() == [{"n": 0}]
