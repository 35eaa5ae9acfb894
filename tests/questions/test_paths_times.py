"""The time of each path is that of the people on it."""

from __future__ import annotations

from statistics import median

from memory_engine import Happened, MemoryEngine

from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.paths import Paths
from desirepath.runner import ask

SECOND = 1_000_000
TOOK = {"search": [40, 100, 7_000], "help": [30, 31]}


def test_each_path_has_its_median() -> None:
    log = []
    for way, times in TOOK.items():
        for n, took in enumerate(times):
            for name, at in (("visit", 0), (way, 10), ("order", took)):
                log.append(Happened(f"{way} {n}", at * SECOND, name, f"{way} {n} {name}"))
    log.append(Happened("gone", 0, "visit", "gone"))
    log.append(Happened("later", 10_000_000 * SECOND, "x", "later"))
    answer = ask(Paths(start="visit", end="order", window="1 day"), Population(Period.everything()), MemoryEngine(log))
    rows = {row["path"]: row["median_seconds"] for row in answer.table.to_pylist()}
    for way, times in TOOK.items():
        assert abs(rows[f"visit > {way}"] / median(times) - 1) < 0.002
    assert rows["visit"] is None
