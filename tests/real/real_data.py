"""Where the real data lies, what is known of it, and a workspace of it; tests skip where it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import desirepath
from desirepath import Workspace

DATA = Path(os.environ.get("DESIREPATH_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")).resolve()
MAPPINGS = Path(__file__).parent / "mappings"

needs_data = pytest.mark.skipif(
    not (DATA / "EXPECTED.json").exists(), reason=f"the real data is not at {DATA}; set DESIREPATH_DATA"
)


def expected(name: str) -> Any:
    """Return the known answers of one data set."""
    return json.loads((DATA / "EXPECTED.json").read_text())[name]


def opened(folder: Path, name: str, path: str, zone: str = "UTC") -> Workspace:
    """Return a workspace of one data set, in which every row is an event."""
    ws = desirepath.create(folder / name, time_zone=zone)
    result = ws.import_files([DATA / path], MAPPINGS / f"{name}.yaml")
    assert (result.quarantined, result.duplicate) == (0, 0), result
    return ws
