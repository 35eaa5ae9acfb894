"""How right and how fast is it worked out who is who?

    python benchmarks/run_identity.py                 # all of it, into RESULTS.md
    python benchmarks/run_identity.py --dry --people 25000

How right: simulated towns of 2,500 people (tests/people/household_simulator.py), resolved by our rules and by
re-implementations of what others document (tests/people/arrival_rules.py), measured over events by B-cubed; and again
with the same events in another order of arrival. How fast: the same town with 520,000 people, about 10 M events over
2 M identities, once as arrays, where nothing but the rules is timed, and once through the store, from rows to people,
with the last 10,000 events coming later.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import results

from desirepath.engines.store import Store
from desirepath.events.schema import EVENT_SCHEMA, IDENTITY_TYPE
from desirepath.people.policy import Policy
from desirepath.people.resolve import KIOSK, OWN, SEMI, STRONG, WEAK, Evidence, Verdict, resolve
from desirepath.people.rules import Decided
from desirepath.people.sharing import Stretches, stretches
from desirepath.resolving import resolve_store

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "people"))

from arrival_rules import RULES, Found, names_somebody, ours
from household_simulator import NONE, Recipe, Town, simulate, spelled
from measuring import Score, changed, score

SEEDS = (1, 2, 3, 4, 5)
PEOPLE = 520_000
LATER = 10_000
STEP = 500_000
CLASSES = {"customer": STRONG, "account": STRONG, "address": SEMI, "phone": SEMI, "cookie": WEAK}
"""The class of each column's identities, in the order of class and kind."""

Ints = npt.NDArray[np.int64]
Rule = Callable[[Sequence[Any]], Found]


# ---- how right ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """What came of one rule in several towns."""

    name: str
    scores: list[Score]
    changes: list[float]


def judge(name: str, rule: Rule, towns: Sequence[Town]) -> Judged:
    """Resolve every town twice, the second time with its events in another order."""
    scores, changes = [], []
    for number, town in enumerate(towns):
        found = rule(town.events)
        order = np.random.default_rng(number).permutation(len(town.events)).tolist()
        again: Found = [None] * len(order)
        for place, person in zip(order, rule([town.events[place] for place in order]), strict=True):
            again[place] = person
        scores.append(score(found, town.human))
        changes.append(changed(found, again))
    return Judged(name, scores, changes)


def right_rows(judged: Sequence[Judged]) -> list[list[str]]:
    """Return the rows of the table: medians over the towns, and the worst of all."""
    rows = []
    for one in judged:
        middle = [statistics.median(getattr(each, key) for each in one.scores) for key in ("precision", "recall", "f1")]
        worst = max(each.worst for each in one.scores)
        rows.append([one.name, *(f"{value:.3f}" for value in middle), str(worst), f"{np.median(one.changes):.2%}"])
    return rows


# ---- how fast, as arrays ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numbered:
    """A town's events with a number for every identity, in the order of class and kind; placeholders left out.

    Attributes
    ----------
    names
        int64[columns, events]: identities or `NONE`, columns as in `CLASSES`.
    strength, kind
        int8[n], int64[n]: class and column of each identity.
    values
        string[n]: what each is called.
    """

    names: Ints
    at: Ints
    strength: npt.NDArray[np.int8]
    kind: Ints
    values: pa.StringArray


def number(town: Town) -> Numbered:
    """Number the identities that were seen."""
    words = spelled(town.humans)
    parts, strength, kind, values = [], [], [], []
    so_far = 0
    for place, (column, class_) in enumerate(CLASSES.items()):
        called = [value for _, value in words[column]]
        somebody = np.array([names_somebody(value) for value in called])
        given = getattr(town.columns, column)
        given = np.where((given != NONE) & somebody[given], given, NONE)
        seen = np.unique(given[given != NONE])
        new = np.full(len(called) + 1, NONE)  # the last stands for NONE
        new[seen] = so_far + np.arange(len(seen))
        parts.append(new[given])
        strength.append(np.full(len(seen), class_, dtype=np.int8))
        kind.append(np.full(len(seen), place))
        values.append(pa.array(called).take(pa.array(seen)))
        so_far += len(seen)
    names = np.stack(parts)
    some = (names != NONE).any(axis=0)
    return Numbered(
        names[:, some], town.columns.at[some], *map(np.concatenate, (strength, kind)), pa.concat_arrays(values)
    )


def evidence_of(numbered: Numbered) -> Evidence:
    """What was seen together, each pair once, as the store keeps it."""
    n = len(numbered.strength)
    keys, moments = [], []
    for one, two in combinations(range(len(CLASSES)), 2):
        both = (numbered.names[one] != NONE) & (numbered.names[two] != NONE)
        keys.append(numbered.names[one][both] * n + numbered.names[two][both])
        moments.append(numbered.at[both])
    key, at = np.concatenate(keys), np.concatenate(moments)
    order = np.lexsort((at, key))
    key, at = key[order], at[order]
    first = np.append(True, key[1:] != key[:-1])
    a, b = np.divmod(key[first], n)
    nobody = np.zeros(n, dtype=np.bool_)
    cuts = np.zeros((0, 2), dtype=np.int64)
    return Evidence(numbered.strength, numbered.kind, nobody, a, b, at[first], np.zeros(len(a), dtype=np.bool_), cuts)


def share(numbered: Numbered, verdict: Verdict, policy: Policy) -> Stretches:
    """Who had each shared device when."""
    cookie = numbered.names[list(CLASSES).index("cookie")]
    namer = numbered.names[0]
    for column in (1, 2, 3):
        namer = np.where(namer == NONE, numbered.names[column], namer)
    login = (cookie != NONE) & (namer != NONE)
    login &= (verdict.state[cookie] != OWN) & (verdict.state[namer] == OWN)
    device, person = verdict.leader[cookie[login]], verdict.leader[namer[login]]
    many = (numbered.strength == WEAK) & (verdict.state != OWN)
    shared = np.unique(verdict.leader[many])
    return stretches(device, numbered.at[login], person, shared, verdict.state[shared] == KIOSK, policy)


def fast_arrays(numbered: Numbered, rounds: int = 3) -> list[list[str]]:
    """Time the rules alone."""
    policy = Policy()
    began = time.perf_counter()
    evidence = evidence_of(numbered)
    linking = time.perf_counter() - began
    resolve(evidence_of(shortened(numbered, 1_000)), policy)  # kernels are compiled or loaded before the clock runs
    resolving, sharing = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        verdict = resolve(evidence, policy)
        resolving.append(time.perf_counter() - began)
        began = time.perf_counter()
        had = share(numbered, verdict, policy)
        sharing.append(time.perf_counter() - began)
    people = len(np.unique(verdict.leader[verdict.state == OWN]))
    return [
        [f"{len(numbered.at):,} events to {len(evidence.a):,} links, NumPy", results.seconds(linking)],
        [
            f"{len(evidence):,} identities to {people:,} people, the rules alone",
            results.seconds(statistics.median(resolving)),
        ],
        [f"{len(had.device):,} stretches of shared devices", results.seconds(statistics.median(sharing))],
    ]


def shortened(numbered: Numbered, events: int) -> Numbered:
    """The first events."""
    return Numbered(numbered.names[:, :events], numbered.at[:events], numbered.strength, numbered.kind, numbered.values)


# ---- how fast, through the store ----------------------------------------------------------------------------


def batches_of(numbered: Numbered, begin: int, end: int) -> pa.RecordBatchReader:
    """Events as a connector gives them."""

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(begin, end, STEP):
            yield batch_of(numbered, start, min(start + STEP, end))

    return pa.RecordBatchReader.from_batches(EVENT_SCHEMA, batches())


def batch_of(numbered: Numbered, begin: int, end: int) -> pa.RecordBatch:
    """Events from `begin` to before `end`; all have one name, and an id that no other event has."""
    size = end - begin
    names = numbered.names[:, begin:end].T
    some = names != NONE
    flat = names[some]
    kinds = pa.array([{"customer": "customer_id", "account": "user_id", "address": "email"}.get(c, c) for c in CLASSES])
    structs = pa.StructArray.from_arrays(
        [kinds.take(pa.array(numbered.kind[flat])), numbered.values.take(pa.array(flat))], fields=list(IDENTITY_TYPE)
    )
    offsets = np.append(0, some.sum(axis=1).cumsum()).astype(np.int32)
    identities = pa.ListArray.from_arrays(pa.array(offsets), structs)
    place = np.arange(begin, end, dtype=np.uint64)
    raw = np.stack([place * np.uint64(0x9E3779B97F4A7C15), place], axis=1)
    binary = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), size, [None, pa.py_buffer(raw.tobytes())])
    at = pa.array(numbered.at[begin:end], pa.timestamp("us", tz="UTC"))
    known = {
        "id": pa.ExtensionArray.from_storage(pa.uuid(), binary),
        "occurred_at": at,
        "received_at": at,
        "identities": identities,
        "record": pa.array(np.arange(begin, end)),
    }
    texts = {"name": "seen", "precision": "microsecond", "quality": "server", "source": "town", "instance": "town"}
    texts |= {"properties": "{}", "raw_table": "town"}
    columns = []
    for item in EVENT_SCHEMA:
        if item.name in texts:
            columns.append(pa.repeat(pa.scalar(texts[item.name], item.type), size))
        else:
            columns.append(known[item.name] if item.name in known else pa.nulls(size, item.type))
    return pa.RecordBatch.from_arrays(columns, schema=EVENT_SCHEMA)


def fast_store(numbered: Numbered, folder: Path, memory: str) -> list[list[str]]:
    """Time rows to people through the store: everything but the last events, then those."""
    store = Store(folder / "identity.duckdb", temp=folder, memory=memory)
    nothing = Decided(frozenset(), frozenset(), frozenset(), frozenset())
    many = len(numbered.at)
    rows = []
    for batch, (begin, end) in enumerate([(0, many - LATER), (many - LATER, many)], start=1):
        with store.transaction():
            began = time.perf_counter()
            store.append(batches_of(numbered, begin, end), batch, lambda *_: None)
            appended = time.perf_counter()
            changes = resolve_store(store, Policy(), nothing, cause=f"batch {batch}")
            done = time.perf_counter()
        which = f"{end - begin:,} events" if batch == 1 else f"{end - begin:,} events more"
        rows.append([f"{which}: stored, links noted", results.seconds(appended - began)])
        rows.append([f"{which}: who is who, {changes:,} identities changed hands", results.seconds(done - appended)])
    store.close()
    return rows


# ---- all of it ----------------------------------------------------------------------------------------------


def section(judged: Sequence[Judged], fast: Sequence[Sequence[str]]) -> str:
    """Return the text of the section in RESULTS.md."""
    events = [f"{len(simulate(Recipe(seed=seed)).human):,}" for seed in SEEDS]
    return "\n\n".join(
        [
            "## Identity",
            f"Simulated towns of {Recipe().people:,} people, whose true humans are known: households around one "
            "device, kiosks, people who never log in, second accounts, addresses of somebody else. Medians over "
            f"{len(SEEDS)} towns of {', '.join(events)} events; B-cubed over events; the worst person is the one that "
            "mixes most humans in any town; changes: events that change hands when the same events arrive in another "
            "order. What others do is re-implemented by us from their documentation. The "
            "towns are invented by us too, so read this as a check of rules, and not as a comparison of products.",
            results.table(["rule", "precision", "recall", "F1", "worst person", "changes"], right_rows(judged)),
            f"How long it takes. {results.machine()}. {results.today()}. Load {results.load():.1f} at the end.",
            results.table(["what", "s"], fast),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure how people are found.")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how large the town for the timing is")
    parser.add_argument("--memory", default="8GB", help="memory limit of the store")
    parser.add_argument("--without-store", action="store_true", help="time the rules alone")
    parser.add_argument("--dry", action="store_true", help="print instead of writing into RESULTS.md")
    asked = parser.parse_args()
    towns = [simulate(Recipe(seed=seed)) for seed in SEEDS]
    rules: dict[str, Rule] = {**RULES, "**desirepath**": ours}
    judged = [judge(name, rule, towns) for name, rule in rules.items()]
    numbered = number(simulate(Recipe(people=asked.people, kiosks=max(1, asked.people // 625))))
    fast = fast_arrays(numbered)
    if not asked.without_store:
        with tempfile.TemporaryDirectory() as folder:
            fast += fast_store(numbered, Path(folder), asked.memory)
    text = section(judged, fast)
    print(text)
    if not asked.dry:
        results.write_section("identity", text)


if __name__ == "__main__":
    main()
