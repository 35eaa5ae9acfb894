"""What do pulls know of people? What has landed and is not imported, and how far a column of texts was read.

Before anybody is erased, all of it goes: a pull that was under way begins again, and a table whose cursor holds texts
is read as a whole once more. What was stored of it is a duplicate.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from desirepath.syncing.run import FOLDER, State

_UNDER_WAY = ("until", "cursors", "sizes", "counts")


def forget_pulls(root: Path) -> None:
    """Let go of what pulls of a workspace have landed, and of texts by which they go on."""
    for folder in sorted(path.parent for path in (root / FOLDER).glob("*/state.json")):
        shutil.rmtree(folder / "landing", ignore_errors=True)
        state = State(folder)
        kept = {name: value for name, value in state.data.items() if name not in _UNDER_WAY}
        ends = {stream: one for stream, one in kept.get("ends", {}).items() if '"kind": "text"' not in json.dumps(one)}
        if "ends" in kept:
            kept["ends"] = ends
        if kept != state.data:
            state.data = kept
            state.save()
