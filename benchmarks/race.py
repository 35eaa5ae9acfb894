"""How are contenders timed, so that none is favoured and a noisy machine shows?

Warm: one process with its store open, two askings unmeasured, then the median of seven. Cold: a new
process each time, from its start to the line with the answer, import included, files in the page cache;
one unmeasured, then the median of five. Contenders take turns, one process at a time, for three laps;
the lap with the lowest median counts, for all by the same rule, since others on the machine only ever
add time. A fixed piece of work is timed before every turn: how far its times spread says how quiet the
machine was.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from contender import Answer, read_answer

HERE = Path(__file__).resolve().parent
LAPS = 3
WARM_UPS, WARM, COLD = 2, 7, 5


class Disagreement(Exception):
    """Two contenders gave different answers: no time is worth anything until that is settled."""


@dataclass(frozen=True)
class Entrant:
    """A contender as the race knows it.

    Attributes
    ----------
    name : str
        What the table calls it.
    python : str
        Interpreter that runs it.
    script : Path
        File with the commands `prepare` and `serve`.
    layout : str
        Which of its layouts.
    store : Path
        Where its data lie.
    cold : dict
        Program per question that prints the answer in a new process.
    """

    name: str
    python: str
    script: Path
    layout: str
    store: Path
    cold: Mapping[str, str] = field(default_factory=dict)

    def command(self, verb: str, *more: str) -> list[str]:
        """Return the command line of `prepare` or `serve`."""
        where = ["--store", str(self.store), "--layout", self.layout]
        return [self.python, str(self.script), verb, *where, *more]

    def forget(self) -> None:
        """Let the next `prepare` load the log again."""
        self.store.with_name(self.store.name + ".prepared").unlink(missing_ok=True)

    def prepare(self, events: Path) -> float:
        """Load the log unless the store is newer than the log and the script; return the seconds it took.

        A store does not notice that the program which wrote it has changed: see `forget`.
        """
        done = self.store.with_name(self.store.name + ".prepared")
        sources = max(events.stat().st_mtime, self.script.stat().st_mtime)
        if done.exists() and done.stat().st_mtime > sources:
            return 0.0
        done.unlink(missing_ok=True)
        self.store.parent.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        subprocess.run(self.command("prepare", "--events", str(events)), check=True, env=environment())
        took = time.perf_counter() - began
        done.write_text(f"{took:.1f}\n")
        return took


@dataclass(frozen=True)
class Asked:
    """One asking: seconds passed and seconds of processor time, as the contender measured them; its answer."""

    seconds: float
    work: float
    answer: Answer


@dataclass
class Times:
    """What was measured for one entrant and one question.

    Attributes
    ----------
    laps, works : list
        By lap, seconds passed and seconds of processor time, all threads together.
    memory : int
        Peak, in bytes.
    answer : dict
        The answer, always the same.
    """

    laps: list[list[float]] = field(default_factory=list)
    works: list[list[float]] = field(default_factory=list)
    memory: int = 0
    answer: Answer = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Lowest median of a lap."""
        return min(statistics.median(lap) for lap in self.laps)

    @property
    def slowest(self) -> float:
        """Highest median of a lap."""
        return max(statistics.median(lap) for lap in self.laps)

    @property
    def work(self) -> float:
        """Lowest median of a lap, of processor time: waiting for a busy machine does not count."""
        return min(statistics.median(lap) for lap in self.works)

    def take(self, asked: Sequence[Asked], unmeasured: int) -> None:
        """Take a lap, of which the first askings are not measured.

        Raises
        ------
        Disagreement
            When an answer differs from an earlier one.
        """
        for one in asked:
            if self.answer and self.answer != one.answer:
                raise Disagreement(f"First the answer was {self.answer}, later {one.answer}.")
            self.answer = one.answer
        self.laps.append([one.seconds for one in asked[unmeasured:]])
        self.works.append([one.work for one in asked[unmeasured:]])


class Process:
    """A contender's `serve` command, running.

    Parameters
    ----------
    entrant : Entrant
        Whom to start.
    """

    def __init__(self, entrant: Entrant) -> None:
        self.name = entrant.name
        self.child = subprocess.Popen(
            entrant.command("serve"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.version = str(self._hear()["version"])

    def _pipe(self, end: IO[str] | None) -> IO[str]:
        if end is None:
            raise RuntimeError(f"{self.name} has no pipe.")
        return end

    def _hear(self) -> dict[str, object]:
        line = self._pipe(self.child.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self.child.wait()} instead of answering.")
        heard: dict[str, object] = json.loads(line)
        return heard

    def ask(self, question: str) -> Asked:
        """Ask once."""
        stdin = self._pipe(self.child.stdin)
        stdin.write(question + "\n")
        stdin.flush()
        heard = self._hear()
        return Asked(float(str(heard["seconds"])), float(str(heard["work"])), read_answer(str(heard["answer"])))

    def close(self) -> int:
        """End the process; return the most memory it ever held, in bytes."""
        held = peak_memory(self.child.pid)
        self._pipe(self.child.stdin).close()
        _, status, used = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        return held or used.ru_maxrss * 1024


def peak_memory(process: int) -> int:
    """Return the most memory that a running process has held, in bytes; 0 where the system does not say.

    `ru_maxrss` would count what this program itself held when it made the process.
    """
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:")), 0)


def environment() -> dict[str, str]:
    """Return the environment of contenders: they find contender.py, and nothing of them is sent anywhere.

    Every one may keep its compiled bytecode, as an installed package does.
    """
    paths = [str(HERE), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def check_all(times: Mapping[str, Times], truth: Answer | None = None) -> Answer:
    """Return the one answer that all gave.

    Raises
    ------
    Disagreement
        When an answer differs from `truth`, or from the first one when there is no `truth`.
    """
    first = next(iter(times.values())).answer if truth is None else truth
    wrong = {name: measured.answer for name, measured in times.items() if measured.answer != first}
    if wrong:
        raise Disagreement(f"Expected {first}, but: {wrong}")
    return first


class Yardstick:
    """A fixed piece of work on one thread, timed before each round; its spread is the machine's noise."""

    def __init__(self) -> None:
        self.data = np.arange(8_000_000, dtype=np.int64)
        self.seconds: list[float] = []

    def lay(self) -> None:
        """Measure once."""
        began = time.perf_counter()
        for _ in range(3):
            int(np.bitwise_xor.reduce(self.data * 3))
        self.seconds.append(time.perf_counter() - began)

    def spread(self) -> float:
        """Median over best: 1.0 is a quiet machine."""
        return statistics.median(self.seconds) / min(self.seconds)


def warm(entrants: Sequence[Entrant], question: str, yardstick: Yardstick) -> tuple[dict[str, Times], dict[str, str]]:
    """Race all entrants warm; return times and versions by entrant."""
    times = {entrant.name: Times() for entrant in entrants}
    versions = {}
    for _ in range(LAPS):
        for entrant in entrants:
            yardstick.lay()
            measured = times[entrant.name]
            process = Process(entrant)
            asked = [process.ask(question) for _ in range(WARM_UPS + WARM)]
            versions[entrant.name] = process.version
            measured.memory = max(measured.memory, process.close())
            measured.take(asked, unmeasured=WARM_UPS)
    return times, versions


@dataclass(frozen=True)
class Run:
    """One new process: seconds until its first line, processor time to its end, peak memory in bytes, that line."""

    seconds: float
    work: float
    memory: int
    line: str


def start_to_line(python: str, program: str) -> Run:
    """Run `program` in a new process and time it until its first line."""
    with tempfile.TemporaryDirectory() as place:
        # A file and not `-c`: without a file DuckDB takes the process for a session and draws progress bars.
        script = Path(place, "program.py")
        script.write_text(program)
        began = time.perf_counter()
        child = subprocess.Popen([python, str(script)], stdout=subprocess.PIPE, text=True, env=environment())
        if child.stdout is None:
            raise RuntimeError("The program has no pipe.")
        line = child.stdout.readline()
        took = time.perf_counter() - began
        held = peak_memory(child.pid)
        child.stdout.read()
        child.stdout.close()
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"A program of {python} ended with status {child.returncode}.")
    return Run(took, used.ru_utime + used.ru_stime, held or used.ru_maxrss * 1024, line.strip())


def cold(entrants: Sequence[Entrant], question: str, yardstick: Yardstick) -> dict[str, Times]:
    """Race all entrants cold: every answer in a new process; a turn's first only fills the page cache."""
    times = {entrant.name: Times() for entrant in entrants}
    for _ in range(LAPS):
        for entrant in entrants:
            yardstick.lay()
            measured = times[entrant.name]
            runs = [start_to_line(entrant.python, entrant.cold[question]) for _ in range(1 + COLD)]
            measured.memory = max(measured.memory, *(run.memory for run in runs))
            measured.take([Asked(run.seconds, run.work, read_answer(run.line)) for run in runs], unmeasured=1)
    return times


def hand_check(entrants: Sequence[Entrant], log: Path, expected: Mapping[str, Answer]) -> None:
    """Let every entrant answer the hand-counted log, in a store of its own.

    Raises
    ------
    Disagreement
        When one of them counts otherwise.
    """
    for entrant in entrants:
        small = Entrant(
            entrant.name,
            entrant.python,
            entrant.script,
            entrant.layout,
            log.parent / f"hand-{entrant.store.name}",
        )
        small.prepare(log)
        process = Process(small)
        for question, truth in expected.items():
            check_all({entrant.name: Times(answer=process.ask(question).answer)}, truth)
        process.close()
