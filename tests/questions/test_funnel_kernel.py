"""The funnel's kernel says what enumerating every chain says, compiled or not, and in whatever batches it is asked."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from funnel_adapter import batch_of, differences, kernel_attempts, plan_of
from funnel_chains import OracleLog, OracleOptions, Unit
from funnel_oracle import UnitResult, oracle, random_log, random_options, units

import desirepath
from desirepath.journeys.batch import JourneyBatch
from desirepath.journeys.kernel import compiles
from desirepath.questions.funnel_answer import FunnelTally, funnel_tally
from desirepath.questions.funnel_find import Plan, find_rows
from desirepath.questions.funnel_rows import BEYOND, DONE, DROPPED, UNDECIDED, matching

LOGS = 1_000
PLAIN_LOGS = 150
STATUS = {"dropped": DROPPED, "undecided": UNDECIDED, "converted": DONE}


def random_case(seed: int) -> tuple[OracleLog, OracleOptions]:
    rng = random.Random(seed)
    options = random_options(rng)
    return random_log(rng, options), options


def straight_case(seed: int) -> tuple[OracleLog, OracleOptions]:
    """Steps in order, a window, entry at any touch, mostly without ties: what the fast lane takes."""
    rng = random.Random(seed)
    steps = rng.randint(1, 4)
    options = OracleOptions(
        blocks=[[step] for step in range(1, steps + 1)],
        window=rng.choice([None, 3, 10, 20]),
        period=(rng.choice([None, 4]), rng.choice([None, 12, 20])),
        cutoff=rng.choice([20, 25, 40]),
    )
    size, last = rng.randint(1, 8), options.cutoff or 0
    times = rng.sample(range(last + 1), size) if rng.random() < 0.8 else rng.choices(range(last + 1), k=size)
    events = [
        (time, None, place, frozenset({rng.randint(1, steps)}), frozenset(), True) for place, time in enumerate(times)
    ]
    return OracleLog(events), options


def as_plain(found: Any) -> Any:
    """Attempts as JSON holds them."""
    if isinstance(found, frozenset):
        return sorted(found)
    if isinstance(found, dict):
        return {str(key): as_plain(value) for key, value in found.items()}
    return [as_plain(item) for item in found] if isinstance(found, list) else found


@pytest.mark.parametrize("make", [random_case, straight_case])
def test_kernel_says_what_enumeration_says(make: Any) -> None:
    wrong: dict[int, list[str]] = {}
    asked: Counter[str] = Counter()
    for seed in range(LOGS):
        log, options = make(seed)
        cut = units(log, options)
        if not cut:
            continue
        found = differences(cut, options, oracle(log, options))
        if found:
            wrong[seed] = found
        asked["logs"] += 1
        asked[options.entry] += 1
        asked["strict"] += options.strict
        asked["optional"] += bool(options.optional)
        asked["within"] += bool(options.within)
        asked["exclusions"] += bool(options.exclusions)
        asked["block"] += any(len(block) > 1 for block in options.blocks)
        asked["session"] += options.window == "session"
    assert not wrong, f"{len(wrong)} of {asked['logs']} logs differ: {dict(list(wrong.items())[:5])}"
    assert asked["logs"] > 0.9 * LOGS
    if make is random_case:
        assert (
            min(
                asked[name]
                for name in ("first", "each", "strict", "optional", "within", "exclusions", "block", "session")
            )
            > 100
        ), asked


def compiled_or_not(seeds: range) -> list[Any]:
    """What the kernel says of the first random logs, as JSON."""
    answers = []
    for seed in seeds:
        for make in (random_case, straight_case):
            log, options = make(seed)
            cut = units(log, options)
            answers.append(as_plain(kernel_attempts(cut, options)) if cut else [])
    return answers


def test_uncompiled_kernel_says_the_same() -> None:
    assert compiles(), "numba must be there, or nothing is compared"
    here = Path(__file__).parent
    code = (
        f"import json, test_funnel_kernel as t; from desirepath.journeys.kernel import "
        f"compiles; assert not compiles(); "
        f"print(json.dumps(t.compiled_or_not(range({PLAIN_LOGS}))))"
    )
    path = os.pathsep.join([str(here), str(Path(desirepath.__file__).parent.parent)])
    environment = {**os.environ, "DESIREPATH_PLAIN": "1", "PYTHONPATH": path}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    plain, compiled = json.loads(run.stdout), json.loads(json.dumps(compiled_or_not(range(PLAIN_LOGS))))
    assert len(plain) == 2 * PLAIN_LOGS
    assert [place for place, (one, two) in enumerate(zip(plain, compiled, strict=True)) if one != two] == []
    assert sum(len(attempts) for answer in plain for attempts in answer) > PLAIN_LOGS / 2


# ---- sums -------------------------------------------------------------------------------------------------


def several(seed: int) -> tuple[list[Unit], list[UnitResult], OracleOptions]:
    """Give many people's logs under one funnel."""
    rng = random.Random(seed)
    options = dataclasses.replace(random_options(rng), hold=False)
    while options.window == "session":
        options = dataclasses.replace(random_options(rng), hold=False)
    cut: list[Unit] = []
    told: list[UnitResult] = []
    while len(cut) < 12:
        log = random_log(rng, options)
        cut += units(log, options)
        told += oracle(log, options)
    return cut, told, options


def tally_of(plan: Plan, some: list[Unit], options: OracleOptions) -> FunnelTally:
    batch: JourneyBatch = batch_of(some, options)
    name = np.ones(len(batch.time), dtype=np.int32)
    named = dataclasses.replace(batch, columns={**batch.columns, "name": name}, labels={"name": [None, "x"]})
    return funnel_tally(plan, find_rows(plan, named))


def spelled(tally: FunnelTally) -> dict[str, Any]:
    """The tally with everything that can be compared by `==`."""
    found = {field.name: getattr(tally, field.name) for field in dataclasses.fields(tally)}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in found.items()}


@pytest.mark.parametrize("seed", range(60))
def test_any_split_into_batches_gives_the_same_sum(seed: int) -> None:
    cut, _, options = several(seed)
    plan = plan_of(options)
    whole = spelled(tally_of(plan, cut, options))
    rng = random.Random(seed)
    for _ in range(3):
        order = rng.sample(cut, len(cut))
        edges = sorted({0, len(cut), *(rng.randint(0, len(cut)) for _ in range(rng.randint(0, 5)))})
        parts = [tally_of(plan, order[low:high], options) for low, high in pairwise(edges)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        assert spelled(total) == whole
    one, two, three = (tally_of(plan, cut[k::3], options) for k in range(3))
    zero = tally_of(plan, [], options)
    assert spelled((one + two) + three) == spelled(one + (two + three)) == whole
    assert spelled(one + two) == spelled(two + one)
    assert spelled(zero + one) == spelled(one + zero) == spelled(one)
    assert zero.size == 0


@pytest.mark.parametrize("seed", range(60, 120))
def test_sums_are_those_of_the_enumerated_attempts(seed: int) -> None:
    cut, told, options = several(seed)
    tally = tally_of(plan_of(options), cut, options)
    attempts = [attempt for result in told for attempt in result.attempts]
    outcome = np.zeros((4, options.depth + 1), dtype=int)
    mature = np.zeros(options.depth + 1, dtype=int)
    for attempt in attempts:
        outcome[STATUS[attempt.status], attempt.reach] += 1
        if attempt.mature_reach is not None:
            mature[attempt.mature_reach] += 1
    assert tally.outcome.tolist() == outcome.tolist()
    assert tally.mature.tolist() == mature.tolist()
    for step in options.optional:
        assert tally.optional[step - 1] == sum(step in attempt.optional_reached for attempt in attempts)
    entered = tally.reached(1)
    dropped, undecided = int(outcome[DROPPED].sum()), int(outcome[UNDECIDED].sum())
    assert entered == len(attempts) == dropped + undecided + tally.reached(options.depth)


def test_many_matching_events_are_found_uncompiled_too() -> None:
    """More than fit into a byte: what is added up from narrow numbers stays narrow where nothing is compiled."""
    codes = np.random.default_rng(6).integers(0, 9, size=2_000).astype(np.uint8)
    wanted = np.arange(9) % 3 == 0
    compiled, plain = (np.zeros(len(codes) + 1, dtype=np.uint32) for _ in range(2))
    many = matching(codes, wanted, compiled)
    assert many == matching.plain(codes, wanted, plain) == np.isin(codes, [0, 3, 6]).sum() > 255
    assert np.array_equal(compiled[: many + 1], plain[: many + 1])
    assert compiled[many] == BEYOND
