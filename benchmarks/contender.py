"""What every contender of a race answers, and how it is spoken to while it runs.

A contender is a script with two commands:

    prepare --events events.parquet --store DIR --layout NAME     loads the log, once, unmeasured
    serve --store DIR --layout NAME                               answers one question a line

`serve` measures inside the process (warm). Cold figures come from a short program of the contender's
own, started anew each time. Answers travel as text: rows joined by `;`, each a label and counts by
step. Only the standard library is used here: contenders run in environments of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

STEPS = ("t03", "t07", "t11", "t19")
STEP_CODES = tuple(int(step[1:]) for step in STEPS)
WINDOW = "7 days"
WINDOW_MICROSECONDS = 7 * 86_400 * 1_000_000
CHANNELS = ("web", "app", "email", "store", "phone")
THREADS = 2

FUNNEL = "funnel"
BY_CHANNEL = "funnel by first channel"
QUESTIONS = (FUNNEL, BY_CHANNEL)
EVERYBODY = "everybody"

Answer = dict[str, list[int]]
Ask = Callable[[str], str]


class Contender(Protocol):
    """One way to answer the questions of a race."""

    def prepare(self, events: Path) -> None:
        """Load the log (`event_id, user_id, touchpoint, channel, occurred_at`) into a store of its own."""

    def open(self) -> tuple[str, Ask]:
        """Open the store; return the version of what answers, and a function from question to answer text."""


def read_answer(text: str) -> Answer:
    """Read `web,10,4;app,3,1` as people per step by label; a label may go on in a later row.

    Labels without anybody are left out, since not every contender can know of them.
    """
    answer: Answer = {}
    for row in text.strip().strip(";").replace('"', "").split(";"):
        label, *counts = row.strip().split(",")
        answer.setdefault(label, []).extend(int(count) for count in counts)
    return {label: counts for label, counts in sorted(answer.items()) if any(counts)}


def serve(contender: Contender) -> None:
    """Answer the questions that arrive on standard input, one JSON line each."""
    version, ask = contender.open()
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        began, worked = time.perf_counter(), time.process_time()
        text = ask(line.strip())
        took, work = time.perf_counter() - began, time.process_time() - worked
        print(json.dumps({"seconds": took, "work": work, "answer": text}), flush=True)


def run_as_script(make: Callable[[Path, str], Contender]) -> None:
    """Run `prepare` or `serve` for the contender that `make(store, layout)` returns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("prepare", "serve"))
    parser.add_argument("--events", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--layout", required=True)
    asked = parser.parse_args()
    contender = make(asked.store, asked.layout)
    if asked.command == "serve":
        serve(contender)
    else:
        contender.prepare(asked.events)
