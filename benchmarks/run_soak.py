"""Does a workspace that is larger than its memory answer every question, and keep to its limit?

    python benchmarks/run_soak.py                          # 200 M events, 10 M people, 4 GB: an hour and more
    python benchmarks/run_soak.py --events 20000000 --memory 1GB
    python benchmarks/run_soak.py --brief                  # each question once, by a property, and by session

Events are written straight into the database, as an import of them would take hours. Then everything is asked that the
contract suite asks of every question of the catalog (tests/contract/examples_*.py), and once more with a breakdown and
a filter by a property, which DuckDB has to look at every event for. Measured is anonymous memory: what was mapped
from files can be dropped at any moment and does not count.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import results

import desirepath
from desirepath.engines.memory import held, in_bytes
from desirepath.people.rules import RuleBook, mark
from desirepath.questions.catalog import catalog

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "contract"))

from examples import EXAMPLES, Example

EACH = 20
"""Events a person, on average; a few people have thousands."""

STEP = 10_000_000

EVENTS_SQL = """INSERT INTO events
    SELECT s, md5(s::VARCHAR)::UUID, 'abcdefgh'[1 + (h % 8)::INTEGER],
        make_timestamptz(1767225600000000 + ((h >> 8) % 7776000000000)::BIGINT), 'microsecond', 'server',
        TIMESTAMPTZ '2026-05-01', NULL, 'soak', 'main', ['web', 'app', 'shop', NULL][1 + ((h >> 20) & 3)::INTEGER],
        CASE WHEN h % 8 = 3 THEN ((h >> 32) & 1023) / 4.0 END, 'EUR', NULL, NULL, NULL,
        [struct_pack(kind := 'user_id', value := 'u' || p)], p,
        '{"plan":"' || 'xyz'[1 + ((h >> 40) % 3)::INTEGER] || '","score":' || ((h >> 44) & 255) || '}', 1, s, 'soak'
    FROM (SELECT range AS s, hash(range) AS h,
            floor(pow((hash(range + 7) >> 11) / pow(2.0, 53), 2) * $people)::BIGINT AS p
        FROM range($low, $high))"""


class Anonymous:
    """The peak of this process's anonymous memory, looked at twenty times a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Anonymous:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, held())


def fill(root: Path, events: int, memory: str) -> None:
    """Make a workspace with that many events, whose people are known without being worked out."""
    shutil.rmtree(root, ignore_errors=True)
    desirepath.create(root, time_zone="UTC").close()
    with (root / "workspace.toml").open("a", encoding="utf-8") as out:
        out.write(f'memory_limit = "{memory}"\n')
    people = max(events // EACH, 1)
    with desirepath.open(root) as workspace:
        store = workspace.store()
        store.run("INSERT INTO identities SELECT range, 'user_id', 'u' || range, 'strong' FROM range(?)", [people])
        store.run("INSERT INTO person_of SELECT range, range, 1 FROM range(?)", [people])
        store.run("INSERT INTO identity_versions VALUES (1, now(), 'soak', ?)", [people])
        store.run("DELETE FROM versions WHERE name = 'rules'")
        rules = mark(workspace.settings.identity, RuleBook(root).decided())
        store.run("INSERT INTO versions VALUES ('rules', ?)", [rules])
        for low in range(0, events, STEP):
            given = {"people": people, "low": low, "high": min(low + STEP, events)}
            store.connection.execute(EVENTS_SQL, given).fetchall()
            print(f"{given['high']:,} events written", flush=True)
        store.bump("data")
        store.bump("identity")


def step(name: str, act: Callable[[], Any], rows: list[list[str]], limit: int) -> bool:
    """Do one thing, and note how long it took and how much it held; return whether it kept to the limit."""
    with Anonymous() as watched:
        began = time.perf_counter()
        try:
            act()
            wrong = ""
        except desirepath.DesirepathError as problem:
            wrong = f" ({type(problem).__name__})"
        took = time.perf_counter() - began
    rows.append([name + wrong, results.seconds(took), results.megabytes(watched.peak)])
    print(" | ".join(rows[-1]), flush=True)
    return watched.peak <= limit


def asks(*, brief: bool = False) -> list[tuple[str, Example, dict[str, Any]]]:
    """Everything that is asked: every example plainly, the first of each question in other ways too.

    Briefly, only the first of each question, and not in all ways.
    """
    found: list[tuple[str, Example, dict[str, Any]]] = []
    more: dict[str, dict[str, Any]] = {
        "by plan": {"breakdown": "plan"},
        "of a score": {"filter": "score < 128"},
        "sessions": {"unit": "session"},
        "against another channel": {"filter": "channel = 'web'", "compare": {"filter": "channel = 'app'"}},
    }
    if brief:
        more = {label: more[label] for label in ("by plan", "sessions")}
    for name in catalog():
        examples = [example for example in EXAMPLES if example.name == name][: 1 if brief else None]
        found += [(example.label, example, {}) for example in examples]
        found += [(f"{name} {label}", examples[0], given) for label, given in more.items()]
    return found


def said(asked: argparse.Namespace) -> str:
    """Say what was asked, so that a part is not taken for the whole."""
    what = "Each question once, by a property, and by session, asked" if asked.brief else "Everything asked"
    if asked.only:
        return f"{what} with {asked.only}"
    return f"{what}, from {asked.since} on," if asked.since else what


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Ask everything of a workspace that is larger than its memory.")
    parser.add_argument("--events", type=int, default=200_000_000)
    parser.add_argument("--memory", default="4GB", help="memory_limit of the workspace")
    parser.add_argument("--folder", type=Path, help="where to put it; kept, and used again if it is there")
    parser.add_argument("--brief", action="store_true", help="ask each question once, by a property, and by session")
    parser.add_argument("--only", help="ask questions of this name alone")
    parser.add_argument("--since", default="", help="ask questions from this name on, in the order of the alphabet")
    asked = parser.parse_args()
    limit = in_bytes(asked.memory)
    rows: list[list[str]] = []
    fits = True
    with tempfile.TemporaryDirectory() as passing:
        root = (asked.folder or Path(passing)) / "ws-soak"
        if not (root / "journeys.duckdb").exists():
            fill(root, asked.events, asked.memory)
        with desirepath.open(root) as workspace:
            fits &= step("journeys made", workspace.engine.refresh, rows, limit)
            for label, example, given in asks(brief=asked.brief):
                if asked.only in (None, example.name) and example.name >= asked.since:
                    fits &= step(label, lambda e=example, g=given: workspace.ask(e.build(), **g), rows, limit)
    text = "\n\n".join(
        [
            "## Soak",
            f"{said(asked)} of {asked.events:,} events within {asked.memory}. {results.machine()}. {results.today()}.",
            results.table(["what", "s", "anonymous memory at most, MB"], rows),
        ]
    )
    results.write_section("soak", text)
    if not fits:
        sys.exit(f"More than {asked.memory} were held; see {results.RESULTS}.")


if __name__ == "__main__":
    main()
