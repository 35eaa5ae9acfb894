"""What all tests share: an odd time zone of the host, patience for a busy machine, real data where it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import settings

# No answer may depend on the zone of the computer: here it is one that nobody has in mind.
os.environ["TZ"] = "Pacific/Chatham"
time.tzset()

settings.register_profile("desirepath", deadline=None)
settings.load_profile("desirepath")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data sets; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("DESIREPATH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"There is no real data at {folder}; DESIREPATH_DATA names another folder.")
    return folder
