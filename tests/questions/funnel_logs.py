"""Random funnels and random logs that crowd the places where funnels go wrong.

Ties, one event matching several steps, repeated steps, and gaps that are exactly a window, one microsecond
more and one less; the same at the period's edges and at the cut-off. Times are tiny numbers of microseconds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from funnel_chains import OracleLog, OracleOptions

_LETTERS = "abc"


def number_sessions(times: Sequence[int], gap: int) -> list[int]:
    """Give session numbers for ascending times: a new session begins after a pause longer than `gap`."""
    numbers = [0] * len(times)
    for place in range(1, len(times)):
        numbers[place] = numbers[place - 1] + (times[place] - times[place - 1] > gap)
    return numbers


def random_options(rng: random.Random) -> OracleOptions:
    """Make a funnel of one to five steps that mixes every option; all options occur together."""
    steps = rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 5])
    order = rng.choice(["ordered", "ordered", "strict", "any", "partial"])
    blocks = _random_blocks(rng, steps, order)
    inner = [block[0] for block in blocks[1:-1] if len(block) == 1]
    optional = frozenset(step for step in inner if rng.random() < 0.4)
    depth = steps - len(optional)
    window: int | str | None = rng.choice([None, 0, 4, 10, 10, 20, "session"])
    alone = [block[0] for block in blocks[1:] if len(block) == 1]
    within = {step: rng.choice([0, 3, 5, 12]) for step in alone if rng.random() < 0.25}
    exclusions: list[tuple[int, int]] = []
    while depth > 1 and rng.random() < 0.35 and len(exclusions) < 2:
        after = rng.randint(1, depth - 1)
        exclusions.append(rng.choice([(1, depth), (after, rng.randint(after + 1, depth))]))
    cutoff = rng.choice([20, 25, 30, 40])
    begin = rng.choice([None, None, 2, 6])
    end = rng.choice([None, None, 12, 20])
    return OracleOptions(
        blocks=blocks,
        optional=optional,
        window=window,
        within=within,
        entry=rng.choice(["any", "first", "each"]),
        exclusions=exclusions,
        strict=order == "strict",
        period=(begin, end),
        cutoff=cutoff,
        hold=rng.random() < 0.2,
        session_gap=rng.choice([4, 7]),
        distinct=order == "strict" or rng.random() < 0.7,
        all_closed=rng.random() < 0.2,
    )


def random_log(rng: random.Random, options: OracleOptions, most: int = 8) -> OracleLog:
    """Make a log of up to `most` events of one person, none after the cut-off; same letter, same step.

    What does a step is always in the scope that strict order minds.
    """
    size = max(rng.randint(0, most), rng.randint(0, most))
    letters = {step: rng.choice(_LETTERS) for step in options.steps}
    for step in options.steps[1:]:
        if rng.random() < 0.5:
            letters[step] = _LETTERS[(step - 1) % len(_LETTERS)]
    times = sorted(_random_times(rng, options, size))
    sessions = number_sessions(times, options.session_gap)
    arrivals = list(range(size))
    rng.shuffle(arrivals)
    events = []
    for time, session, arrival in zip(times, sessions, arrivals, strict=True):
        letter = rng.choice([*letters.values(), *letters.values(), "-"])
        matched = {step for step, wanted in letters.items() if wanted == letter}
        if rng.random() < 0.15:
            matched.add(rng.choice(options.steps))
        events.append(
            (
                time,
                rng.choice([None, arrival]),
                arrival,
                frozenset(matched),
                frozenset(number for number in range(len(options.exclusions)) if rng.random() < 0.15),
                bool(matched) or rng.random() < 0.3,
                rng.choice(["x", "x", "y", None]),
                session,
            )
        )
    rng.shuffle(events)
    return OracleLog(events)


def _random_blocks(rng: random.Random, steps: int, order: str) -> list[list[int]]:
    numbers = list(range(1, steps + 1))
    if order == "any":
        return [numbers]
    if order != "partial":
        return [[number] for number in numbers]
    blocks: list[list[int]] = []
    while numbers:
        size = rng.randint(1, min(3, len(numbers)))
        blocks.append(numbers[:size])
        numbers = numbers[size:]
    return blocks


def _random_times(rng: random.Random, options: OracleOptions, size: int) -> list[int]:
    cutoff = options.cutoff if options.cutoff is not None else 30
    lengths = [options.session_gap, *options.within.values()]
    if isinstance(options.window, int):
        lengths.append(options.window)
    gaps = [0, 0, 0, 0, 1, 2, 3, 5, 8]
    gaps += [length + more for length in lengths for more in (-1, 0, 1) if length + more >= 0]
    edges = [0, cutoff] + [cutoff - length + more for length in lengths for more in (0, 1)]
    edges += [edge + more for edge in options.period if edge is not None for more in (-1, 0, 1)]
    times: list[int] = []
    while len(times) < size:
        if not times or rng.random() < 0.15:
            time = rng.choice([*edges, rng.randint(0, cutoff)])
        else:
            time = rng.choice(times) + rng.choice(gaps)
        if 0 <= time <= cutoff:
            times.append(time)
    return times
