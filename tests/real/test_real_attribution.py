"""Credit over 88,387 real paths, as events in a workspace, equals the known figures of every rule that has any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from real_data import DATA, expected, needs_data

import desirepath

pytestmark = needs_data

MAPPING = {
    "source": "paths",
    "tables": [
        {
            "files": "*.parquet",
            "key": ["id"],
            "identities": {"user_id": "person"},
            "channel": {"column": "channel"},
            "events": [{"name": "{event}", "at": "at"}],
        }
    ],
}


def as_events(path: Path) -> None:
    """Write every path, once a journey, a touch a minute; a conversion is one more event."""
    rows = pq.read_table(DATA / "channelattribution_paths" / "paths.parquet").to_pylist()
    people, names, channels, minutes = [], [], [], []
    person = 0
    for row in rows:
        touches = row["path"].split(" > ")
        for converted, times in ((True, int(row["total_conversions"])), (False, int(row["total_null"]))):
            for _ in range(times):
                steps = [*touches, None] if converted else touches
                people += [f"p{person}"] * len(steps)
                names += ["touch"] * len(touches) + ["conversion"] * converted
                channels += steps
                minutes += range(len(steps))
                person += 1
    people.append("late")
    names.append("far away")
    channels.append(None)
    minutes.append(100 * 24 * 60)
    moments = np.array(minutes, dtype=np.int64) * 60_000_000 + 1_700_000_000_000_000
    table = {"id": np.arange(len(people)), "person": people, "event": names, "channel": channels}
    pq.write_table(pa.table({**table, "at": pa.array(moments, pa.timestamp("us", tz="UTC"))}), path)


def test_every_rule_gives_the_known_credit(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    as_events(files / "paths.parquet")
    (files / "paths.yaml").write_text(json.dumps(MAPPING))
    with desirepath.create(tmp_path / "ws", time_zone="UTC") as ws:
        ws.import_files([files / "paths.parquet"], files / "paths.yaml")
        found = ws.ask("attribution", goal="conversion", touches="touch", apart="1 second")
    known = expected("channelattribution_paths")
    rows = {row["channel"]: row for row in found.table.to_pylist()}
    for rule in ("first", "last", "linear"):
        assert {name: row[rule] for name, row in rows.items()} == pytest.approx(known[rule], abs=5e-4)
        assert sum(row[rule] for row in rows.values()) == pytest.approx(known["conversions"], abs=1e-4)
    markov = {name: row["markov"] for name, row in rows.items()}
    assert markov == pytest.approx(known["markov1_exact_conversions"], abs=5e-3)
    effects = known["markov1_removal_effects"]
    assert {name: rows[name]["removal_effect"] for name in effects} == pytest.approx(effects, abs=5e-5)
    accounts = dict(zip(found.extras["accounts"]["what"], found.extras["accounts"]["paths"], strict=True))
    assert accounts["credited conversions"] == known["conversions"]
    assert accounts["paths to nothing"] == known["nulls"]
    share = found.extras["accounts"]["of_closed_paths"][0]
    assert share == pytest.approx(0.22384513559686)
