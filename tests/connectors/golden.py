"""The sample files, how each is imported, and what must come of them."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

from desirepath.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"

FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.parent != SAMPLES)

OPTIONS = {"export_legacy_newyork.jsonl": ("mixpanel", {"legacy_time_zone": "America/New_York"})}

ZONES = {"surveymonkey": "UTC"}

PEOPLE = {
    "ada": {
        "u_ada", "ada@example.org", "ada.l@work.example", "1111.2222", "501", "499", "cus_ada", "+4917055500001",
        "ph-anon", "3001",
    },
    "ben": {"u_ben", "ben@example.org", "amp-ben", "9002", "+4917055500002", "x-ben"},
    "cleo": {
        "u_cleo", "cleo@example.net", "003000000000003AAA", "00Q000000000001AAA", "006000000000001AAA",
        "500000000000001AAA", "cus_cleo", "seg-anon",
    },
}  # fmt: skip

ANONYMOUS = {
    ("ga4", "page_view", "client_id:3333.4444"),
    ("google_play", "review", "google_play_review:gp:1"),
    ("mentions", "mention", "handle:mastodon:@ben@social.example"),
    ("app_store", "review", "app_store_author:https://itunes.apple.com/us/reviews/id1"),
}
"""Events of somebody who is none of the three; and one rating of which nobody is named at all."""

Told = tuple[str, str, str, str, float | None]


def golden() -> Counter[Told]:
    """Person, source, event, moment and value of the 41 events."""
    with (SAMPLES / "GOLDEN.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return Counter(
        (row["person"], row["source"], row["event"], row["ts_utc"], float(row["value"]) if row["value"] else None)
        for row in rows
    )


def import_one(workspace: Workspace, path: Path) -> None:
    """Import one sample as its README says."""
    source, options = OPTIONS.get(path.name, (None, {}))
    zone = ZONES.get(path.parent.name)
    (result,) = workspace.import_sources([path], source, options=options, time_zone=zone)
    assert result.read == result.stored + result.duplicate + result.quarantined


_EVENTS = """SELECT e.source, e.name, e.occurred_at AS at, e.value, p.id AS person,
    list_transform(e.identities, lambda x: x.value) AS ids
    FROM events e LEFT JOIN person_of_event o ON o.seq = e.seq LEFT JOIN people p ON p.person = o.person
    ORDER BY e.occurred_at, e.id"""


def told(workspace: Workspace) -> tuple[Counter[Told], set[tuple[str, str, str]], dict[str, set[str]]]:
    """The events of the three; those of others; and which persons each of the three is."""
    found: Counter[Told] = Counter()
    others: set[tuple[str, str, str]] = set()
    persons: dict[str, set[str]] = {name: set() for name in PEOPLE}
    for row in workspace.sql(_EVENTS).to_pylist():
        who = _who(row)
        if who is None:
            others.add((row["source"], row["name"], row["person"]))
            continue
        at = row["at"].astimezone(dt.UTC)
        moment = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
        found[who, row["source"], row["name"], moment, row["value"]] += 1
        persons[who].add(row["person"])
    return found, others, persons


def _who(row: dict[str, Any]) -> str | None:
    """By the person's name first: a device that two people use names neither."""
    value = str(row["person"] or "").partition(":")[2]
    for name, ids in PEOPLE.items():
        if value in ids:
            return name
    for name, ids in PEOPLE.items():
        if ids.intersection(row["ids"]):
            return name
    return None
