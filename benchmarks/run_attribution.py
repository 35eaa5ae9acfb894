"""How fast is credit over five million paths, and what do other libraries say of the same paths?

    python benchmarks/run_attribution.py            # data, environments of the libraries, race; writes into RESULTS.md

The target is a chain of third order over 5 M paths and 20 channels within 10 s, counting and solving.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import results
import simulate
from peers.attribution_peers import REQUIREMENTS
from run_journeys import python_with

from desirepath.statistics.credit import Paths, credit
from desirepath.statistics.removal import chain_of, markov, removal

MANY, CHANNELS, TARGET = 5_000_000, 20, 10.0
FEW, FEW_CHANNELS = 10_000, 12
RULES = ("first", "last", "linear", "position", "participation", "shapley")
ORDERS = (1, 2, 3)
NAMES = {"channelattribution": "ChannelAttribution 2.2.5", "mam": "marketing-attribution-models 2.1.1"}


def made(paths: int, channels: int, seed: int = 20) -> Paths:
    """Return paths of which one in ten converts: few touches mostly, and channels of very different size."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(0.25, paths), 25)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    often = 1 / np.arange(1, channels + 1)
    touches = rng.choice(channels, int(starts[-1]), p=often / often.sum()).astype(np.int32)
    rate = 0.05 + 0.1 * rng.random(channels)
    won = (rng.random(paths) < rate[touches[starts[1:] - 1]]).astype(np.float64)
    names = tuple(f"c{c:02d}" for c in range(channels))
    return Paths(touches, starts, won, 1 - won, won * rng.integers(1, 100, paths), names=names)


@dataclass(frozen=True)
class Took:
    """Seconds of a piece of work: until it was done, and of the processor."""

    seconds: float
    work: float

    def __add__(self, other: Took) -> Took:
        return Took(self.seconds + other.seconds, self.work + other.work)


def clock(work: Any) -> tuple[Took, Any]:
    """Return how long a piece of work took, and what it gives."""
    began, worked = time.perf_counter(), time.process_time()
    found = work()
    return Took(time.perf_counter() - began, time.process_time() - worked), found


def large() -> tuple[list[list[str]], float, int]:
    """Return the rows of the large table, the seconds of the third order, and how many touches there are."""
    paths = made(MANY, CHANNELS)
    rows = []
    for rule in RULES:
        took, _ = clock(lambda rule=rule: credit(paths, rule))
        rows.append([rule, "", "", results.seconds(took.seconds), results.seconds(took.work)])
    whole = Took(0.0, 0.0)
    for order in ORDERS:
        counting, chain = clock(lambda order=order: chain_of(paths, order))
        solving, _ = clock(lambda chain=chain: removal(chain, range(1, CHANNELS + 1)))
        whole = counting + solving
        cells = (counting.seconds, solving.seconds, whole.seconds, whole.work)
        rows.append([f"markov {order}", *map(results.seconds, cells)])
    return rows, whole.seconds, len(paths.touches)


def written(place: Path) -> None:
    """Write the small table: distinct paths, with how often each converts and does not."""
    paths = made(FEW * 6, FEW_CHANNELS, seed=21)
    counts: dict[str, list[int]] = {}
    for begin, end, won in zip(paths.starts[:-1], paths.starts[1:], paths.conversions, strict=True):
        text = ">".join(paths.names[c] for c in paths.touches[begin:end])
        counts.setdefault(text, [0, 0])[0 if won else 1] += 1
    with place.open("w", newline="", encoding="utf-8") as out:
        rows = [(text, *each) for text, each in sorted(counts.items())[:: max(1, len(counts) // FEW)]]
        csv.writer(out).writerows([("path", "conversions", "nulls"), *rows])


def ours(place: Path) -> dict[str, dict[str, Any]]:
    """Return our seconds, from the file to the credit, and the credit by rule."""

    def read() -> Paths:
        with place.open(newline="", encoding="utf-8") as given:
            rows = list(csv.DictReader(given))
        counts = [[float(row[name]) for row in rows] for name in ("conversions", "nulls")]
        return Paths.of([row["path"] for row in rows], *counts)

    done = {}
    for rule in ("first", "last", "linear", "position"):
        took, paths = clock(read)
        more, found = clock(lambda rule=rule, paths=paths: credit(paths, rule))
        done[rule] = {"seconds": (took + more).seconds, "credit": dict(zip(paths.names, found.tolist(), strict=True))}
    for order in ORDERS:
        took, paths = clock(read)
        more, chain = clock(lambda order=order, paths=paths: markov(paths, order))
        shares = dict(zip(paths.names, chain.credit.tolist(), strict=True))
        done[f"markov {order}"] = {"seconds": (took + more).seconds, "credit": shares}
        if order == 1:
            effects = dict(zip(paths.names, chain.effects.tolist(), strict=True))
            done["effects"] = {"seconds": (took + more).seconds, "credit": effects}
    return done


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> str:
    """Return how far two credits are apart: the largest difference, as a share of the channel's own."""
    return f"{100 * max(abs(one[name] - other.get(name, 0.0)) / one[name] for name in one if one[name]):.2g} %"


def comparison(mine: Mapping[str, Any], theirs: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Return a row for each rule: seconds, and how far others are from ours."""
    rows = []
    for rule, own in mine.items():
        row = [rule, results.seconds(own["seconds"])]
        for name in NAMES:
            each = theirs[name].get(rule)
            row += (
                ["", ""] if each is None else [results.seconds(each["seconds"]), apart(own["credit"], each["credit"])]
            )
        rows.append(row)
    return rows


def section(rows: Sequence[Sequence[str]], third: float, touches: int, compared: Sequence[Sequence[str]]) -> str:
    """Return the text of the section in RESULTS.md."""
    missed = "nothing" if third <= TARGET else f"a chain of third order takes {results.seconds(third)} s"
    head = ["", "counting, s", "solving, s", "together, s", "CPU, s"]
    return "\n\n".join(
        [
            "## Attribution",
            f"{MANY:,} paths of {CHANNELS} channels with {touches:,} touches, in memory. {results.machine()}. "
            f"{results.today()}, load {results.load():.1f}. Once each, one process. Asked: markov 3 in {TARGET:g} s.",
            results.table(head, rows),
            f"**Missed:** {missed}.",
            f"### Other libraries, about {FEW:,} distinct paths of {FEW_CHANNELS} channels",
            "From the file to the credit; beside the seconds, the largest difference to our credit, as a share of that "
            "of the channel. First, last, linear and by place are the same. ChannelAttribution draws paths at random "
            "from its chain (seed 1, until it is sure to 5 %), so that its credit by removal has the error of its "
            "simulation, larger for small channels; ours is solved. marketing-attribution-models solves the chain too, "
            "and its removal effects are ours (`effects`); its credit (`markov 1`) is another thing, because it shares "
            "each conversion out again inside its own path, by the effects of the channels there. It knows the first "
            "order alone.",
            results.table(
                ["", "desirepath, s", *(text for name in NAMES.values() for text in (f"{name}, s", "apart"))], compared
            ),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Time credit over paths.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    asked.data.mkdir(parents=True, exist_ok=True)
    place = asked.data / "paths.csv"
    written(place)
    mine = ours(place)
    script = Path(__file__).parent / "peers" / "attribution_peers.py"
    theirs = {}
    for name, needed in REQUIREMENTS.items():
        python = python_with(asked.data, name, *needed)
        done = subprocess.run([python, str(script), name, str(place)], check=True, capture_output=True, text=True)
        theirs[name] = json.loads(done.stdout.splitlines()[-1])
    rows, third, touches = large()
    text = section(rows, third, touches, comparison(mine, theirs))
    if asked.dry:
        print(text)
    else:
        results.write_section("attribution", text)


if __name__ == "__main__":
    main()
