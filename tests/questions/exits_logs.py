"""Random logs from a seed, for tests that ask of many: few people, few names, many ties, gaps exactly a window long."""

from __future__ import annotations

import random

from memory_engine import Happened
from random_journeys import MINUTE, NAMES


def random_log(rng: random.Random, most: int = 20) -> list[Happened]:
    """What a few people did within four hours, at every tenth minute."""
    found = []
    for number in range(rng.choice([0, 1, 3, 8, most])):
        known = {"channel": rng.choice((None, "web", "app", "shop")), "plan": rng.choice((None, "x", "y"))}
        fields = {name: value for name, value in known.items() if value is not None}
        time = 10 * rng.randrange(25) * MINUTE
        found.append(Happened(f"p{rng.randrange(5)}", time, rng.choice(NAMES), f"{number:05d}", fields))
    return found


def blocks(rng: random.Random, log: list[Happened]) -> list[list[str]]:
    """Everybody, in two blocks."""
    everyone = sorted({event.person for event in log})
    rng.shuffle(everyone)
    middle = rng.randint(0, len(everyone))
    return [everyone[:middle], everyone[middle:]]
