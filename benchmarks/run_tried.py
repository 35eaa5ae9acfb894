"""Which ways to ask the peers for a funnel were tried, and how long does each take?

Called by `run_funnel.py --tried`; writes the section "funnel-tried" of RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import hand_log
import results
import simulate
from contender import Answer
from peers import chdb_tried, duckdb_tried
from race import Entrant, Process, Times, Yardstick, check_all

LAPS, ROUNDS = 2, 3
RACED = "(raced)"


def measure(
    entrant: Entrant, variants: Iterable[str], yardstick: Yardstick, truth: Answer | None
) -> tuple[dict[str, Times], str]:
    """Ask every variant in turn, lap after lap; refuse unequal answers."""
    times = {variant: Times() for variant in variants}
    process = Process(entrant)
    for _ in range(LAPS):
        for variant, measured in times.items():
            yardstick.lay()
            asked = [process.ask(variant) for _ in range(1 + ROUNDS)]
            measured.take(asked, unmeasured=1)
    process.close()
    check_all(times, truth)
    return times, process.version


def tried_table(times: dict[str, Times]) -> str:
    """Return the table of one peer, fastest first; ratios are to its fastest raced form."""
    raced = min(measured.median for variant, measured in times.items() if RACED in variant)
    rows = [
        [
            variant,
            results.seconds(measured.median),
            results.seconds(measured.slowest),
            results.seconds(measured.work),
            f"{measured.median / raced:.2f}",
        ]
        for variant, measured in sorted(times.items(), key=lambda item: item[1].median)
    ]
    return results.table(["tried", "warm, s", "worst lap", "CPU, s", "to raced"], rows)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure what else was tried with the peers.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--chdb", required=True, help="interpreter of the environment with chdb")
    asked = parser.parse_args()
    log = asked.data / "events.parquet"
    by_hand = hand_log.write(asked.data / "hand" / "events.parquet")
    yardstick = Yardstick()
    parts = ["## Funnel: what was tried with the peers"]
    for module, python in ((chdb_tried, asked.chdb), (duckdb_tried, sys.executable)):
        script = Path(str(module.__file__))
        small = Entrant(script.stem, python, script, "all", by_hand.parent / f"hand-{script.stem}")
        small.prepare(by_hand)
        measure(small, module.TRIED, Yardstick(), hand_log.expected(by_channel=False))
        entrant = Entrant(script.stem, python, script, "all", asked.data / script.stem)
        entrant.prepare(log)
        times, version = measure(entrant, module.TRIED, yardstick, None)
        parts += [f"### {version}", tried_table(times)]
    parts.insert(
        1,
        f"Median of {ROUNDS} in one process after 1 unmeasured, best and worst of {LAPS} laps, two threads; "
        "the same counts from all, on the big log and on the hand-counted one. "
        f"{results.machine()}. {results.today()}. "
        f"Noise: {yardstick.spread():.2f} (median over best of a fixed piece of work; above 1.1 others were at work).",
    )
    text = "\n\n".join(parts)
    print(text)
    results.write_section("funnel-tried", text)


if __name__ == "__main__":
    main()
