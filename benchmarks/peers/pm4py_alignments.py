"""How fast does pm4py align whole walks with a road, exactly, and does it find the same fitness?

The road of `desirepath_maps.WALKING` as a process tree, turned into a Petri net; events off the map are taken out, as
they cost nothing. The log is loaded before the clock starts. It runs in an environment of its own: pm4py is under the
AGPL, and nothing of it is part of this project.
"""

from __future__ import annotations

import importlib

from contender import Ask, run_as_script
from peers.pm4py_journeys import COLUMNS, LAYOUT, REQUIREMENT, Pm4py

WALK = "fitness of whole walks"
TREE = "->( X( 't00', tau ), *( X( 't01', 't02', 't03' ), tau ), 't04', +( 't05', 't06' ), X( 't07', tau ) )"


class Pm4pyAlignments(Pm4py):
    """The log as a file; see `Pm4py`."""

    def open(self) -> tuple[str, Ask]:
        """Load the library, the log and the road."""
        pandas, package = importlib.import_module("pandas"), importlib.import_module("pm4py")
        importlib.import_module("pm4py.util.constants").SHOW_PROGRESS_BAR = False
        frame = pandas.read_parquet(self.store / "events.parquet", columns=list(COLUMNS)).rename(columns=COLUMNS)
        people = frame["case:concept:name"].nunique()
        frame = frame[frame["concept:name"].isin([f"t0{number}" for number in range(8)])]
        frame = package.format_dataframe(
            frame, case_id="case:concept:name", activity_key="concept:name", timestamp_key="time:timestamp"
        )
        net = package.convert_to_petri_net(package.parse_process_tree(TREE))

        def ask(question: str) -> str:
            found = package.conformance_diagnostics_alignments(frame, *net)
            # who never came by the map has skipped all of the road, which pm4py is not shown
            total = sum(each["fitness"] for each in found)
            return f"all,{people},{round(10_000 * total / people)}"

        return f"pm4py {package.__version__}", ask


QUESTIONS = (WALK,)
__all__ = ["LAYOUT", "REQUIREMENT", "Pm4pyAlignments"]

if __name__ == "__main__":
    run_as_script(Pm4pyAlignments)
