"""How fast is retentioneering, from the file to transitions with medians?

Every asking loads the log, as a notebook does: a data frame, an event stream, the question. It runs in an environment
of its own and sends nothing anywhere.
"""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path

from contender import Ask, run_as_script
from journey_questions import TRANSITIONS, text

os.environ["RETENTIONEERING_NO_TRACK"] = "1"
REQUIREMENT = "retentioneering==5.2.4"
LAYOUT = "file"


class Retentioneering:
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
        pandas = importlib.import_module("pandas")
        package = importlib.import_module("retentioneering")

        def ask(question: str) -> str:
            frame = pandas.read_parquet(self.store / "events.parquet", columns=["user_id", "touchpoint", "occurred_at"])
            frame = frame.rename(columns={"touchpoint": "event", "occurred_at": "timestamp"})
            stream = package.Eventstream(frame)
            counts = stream.transition_graph_data(edge_weight="count")
            medians = stream.transition_graph_data(edge_weight="time_median")
            return text(
                (f"{int(a[1:])}-{int(b[1:])}", int(counts.loc[a, b]), medians.loc[a, b].value // 1000)
                for a in counts.index
                for b in counts.columns
                if a[0] == b[0] == "t" and counts.loc[a, b] > 0
            )

        return f"retentioneering {package.__version__}", ask


QUESTIONS = (TRANSITIONS,)

if __name__ == "__main__":
    run_as_script(Retentioneering)
