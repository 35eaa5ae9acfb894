"""Helpers beside other tests are imported by their plain name."""

from __future__ import annotations

import sys
from pathlib import Path

for _room in ("workspace", "contract", "questions", "people"):
    _place = str(Path(__file__).parent.parent / _room)
    if _place not in sys.path:
        sys.path.insert(0, _place)
