"""How fast are the questions about a journey map over 20 M events, and how fast is exact conformance beside pm4py?

    python benchmarks/run_maps.py            # data, import, race; writes into RESULTS.md

The targets are a whole journey map's answer within 3 s, and the conformance of a million instances within 10 s.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import desirepath_maps
import results
import simulate
from desirepath_maps import ASKED, CONFORMANCE, MAP, WALK
from peers import pm4py_alignments
from race import Times, Yardstick
from run_journeys import OURS, WARM, WARM_UPS, entrant, python_with, race

TARGETS: Mapping[str, float] = {MAP: 3.0, CONFORMANCE: 10.0}
SMALL = simulate.Recipe(20_000, 2_000)
PM4PY = "pm4py"


def instances(workspace: Path) -> int:
    """Return how many instances of the map there are."""
    import desirepath

    with desirepath.open(workspace) as ws:
        name, asked = ASKED[CONFORMANCE]
        return int(ws.ask(name, **asked).extras["fitness"]["instances"][-1])


def large_table(times: Mapping[str, Times], events: int) -> str:
    """Return the table of the large log."""
    rows = []
    for question, each in times.items():
        target = TARGETS.get(question)
        marked = "" if target is None or each.median <= target else " †"
        rows.append(
            [
                question,
                f"{results.seconds(each.median)}{marked}",
                "" if target is None else f"{target:g}",
                f"{events / each.median / 1e6:.1f}",
                results.seconds(each.work),
                results.megabytes(each.memory),
            ]
        )
    return results.table(["", "s, warm", "asked, s", "M events a second", "CPU, s", "peak MB"], rows)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Race the questions about maps.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    recipe = simulate.Recipe()
    log = simulate.make(asked.data, recipe)
    ours = entrant(asked.data, OURS, sys.executable, desirepath_maps, "ws", "ws")
    ours.prepare(log)
    yardstick = Yardstick()
    times = {question: race([ours], question, yardstick, laps=1)[OURS] for question in ASKED if question != WALK}
    many = instances(asked.data / "ws")

    place = asked.data / "walks"
    small = simulate.make(place, SMALL)
    python = python_with(asked.data, "pm4py", pm4py_alignments.REQUIREMENT, "pyarrow")
    racing = [
        entrant(place, OURS, sys.executable, desirepath_maps, "ws", "ws"),
        entrant(place, PM4PY, python, pm4py_alignments, pm4py_alignments.LAYOUT, PM4PY),
    ]
    for each in racing:
        each.prepare(small)
    walks = race(racing, WALK, yardstick, laps=1)
    missed = [
        f"{question} takes {results.seconds(times[question].median)} s, asked {target:g}"
        for question, target in TARGETS.items()
        if times[question].median > target
    ]
    rows = [
        [name, results.seconds(each.median), f"{each.median / walks[OURS].median:.0f}"] for name, each in walks.items()
    ]
    text = "\n\n".join(
        [
            "## Journey maps",
            f"{recipe.events:,} events of {recipe.people:,} people (simulate.py, seed {recipe.seed}), {many:,} "
            f"instances of a map with 12 touchpoints; discover draws one of sessions. {results.machine()}. "
            f"{results.today()}. Warm medians of {WARM} askings in one process after {WARM_UPS} unmeasured, two "
            "threads. † is above what was asked.",
            f"Noise {yardstick.spread():.2f} (1.0 is a quiet machine).",
            large_table(times, recipe.events),
            "**Missed:** " + ("; ".join(missed) if missed else "nothing") + ".",
            f"### Exact alignments, {SMALL.people:,} whole walks of {SMALL.events:,} events",
            "The same mean fitness, to four digits. pm4py has its log loaded, and one process; desirepath a workspace.",
            results.table(["", "s", f"to {OURS}"], rows),
        ]
    )
    if asked.dry:
        print(text)
    else:
        results.write_section("maps", text)


if __name__ == "__main__":
    main()
