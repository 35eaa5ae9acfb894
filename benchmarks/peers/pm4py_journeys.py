"""How fast is pm4py, from the file to transitions with medians?

Every asking loads the log, as a notebook does. It runs in an environment of its own: pm4py is under the AGPL, and
nothing of it is part of this project.
"""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

from contender import Ask, run_as_script
from journey_questions import TRANSITIONS, text

REQUIREMENT = "pm4py==2.7.23.11"
LAYOUT = "file"
COLUMNS = {"user_id": "case:concept:name", "touchpoint": "concept:name", "occurred_at": "time:timestamp"}


class Pm4py:
    """The log as a file.

    Parameters
    ----------
    store : Path
        Directory of the file.
    layout : str
        `file`; there is no other.
    """

    def __init__(self, store: Path, layout: str = LAYOUT) -> None:
        self.store = store

    def prepare(self, events: Path) -> None:
        """Keep a copy of the log."""
        self.store.mkdir(parents=True, exist_ok=True)
        shutil.copy(events, self.store / "events.parquet")

    def open(self) -> tuple[str, Ask]:
        """Load the library; the log is loaded by every asking."""
        pandas, package = importlib.import_module("pandas"), importlib.import_module("pm4py")

        def ask(question: str) -> str:
            frame = pandas.read_parquet(self.store / "events.parquet", columns=list(COLUMNS)).rename(columns=COLUMNS)
            frame = package.format_dataframe(
                frame, case_id="case:concept:name", activity_key="concept:name", timestamp_key="time:timestamp"
            )
            counts, _, _ = package.discover_dfg(frame)
            gaps, _, _ = package.discover_performance_dfg(frame)
            return text(
                (f"{int(a[1:])}-{int(b[1:])}", number, int(gaps[a, b]["median"] * 1e6))
                for (a, b), number in counts.items()
            )

        return f"pm4py {package.__version__}", ask


QUESTIONS = (TRANSITIONS,)

if __name__ == "__main__":
    run_as_script(Pm4py)
