"""Who are the people? Customers, households on one cookie, guests; one chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import Flags, Ints, Rng
from desirepath.demo.company import Company

# fmt: off
FIRST_NAMES = (
    "marie", "lucas", "emma", "noah", "louise", "jules", "anna", "felix", "clara", "paul",
    "sofia", "leon", "ines", "hugo", "lea", "milan", "nora", "oscar", "alice", "tom",
)
# fmt: on
# fmt: off
LAST_NAMES = (
    "durand", "petit", "moreau", "weber", "keller", "fontaine", "meyer", "garnier", "brandt", "lambert",
    "vogel", "rousseau", "hansen", "martin", "schmitt", "leroy", "novak", "perrin", "king", "walsh",
)
# fmt: on
REGIONS = ("Paris", "Lille", "Strasbourg", "Lyon", "Nantes", "Marseille")
LANGUAGES = ("en", "de", "fr")
DEVICES = ("desktop", "mobile", "tablet", "kiosk")


@dataclass(frozen=True)
class People:
    """A chunk of people; arrays of one length by place in the chunk. `base` is the first person's number."""

    base: int
    known: Flags
    app: Flags
    cookie: Ints
    household: Flags
    device: Ints
    language: Ints
    region: Ints
    plan: Ints
    first_name: Ints
    last_name: Ints

    def __len__(self) -> int:
        """Count the people."""
        return len(self.known)

    def ids(self, index: Ints) -> Ints:
        """Numbers of the people at these places of the chunk, unique over all chunks."""
        return index + self.base


def draw_people(rng: Rng, company: Company, base: int, count: int) -> People:
    """Draw `count` people numbered from `base` (even, so that households never cross a chunk)."""
    index = np.arange(count, dtype=np.int64)
    known = rng.random(count) < company.known_share
    # Pairs are drawn over neighbours; both must be customers, so the rate is raised to keep the share.
    chance = company.household_share / company.known_share
    pair = rng.random((count + 1) // 2) < chance
    partner = np.minimum(index ^ 1, count - 1)
    household = pair[index // 2] & known & known[partner] & (partner != index)
    owner = np.where(household, index - index % 2, index)
    return People(
        base=base,
        known=known,
        app=known & (rng.random(count) < company.app_share),
        cookie=(owner + base) * 4,
        household=household,
        device=rng.choice(3, count, p=(0.52, 0.40, 0.08)).astype(np.int64),
        language=rng.choice(3, count, p=(0.60, 0.16, 0.24)).astype(np.int64),
        region=rng.choice(6, count, p=(0.34, 0.12, 0.14, 0.18, 0.10, 0.12)).astype(np.int64),
        plan=rng.choice(4, count, p=(0.38, 0.30, 0.22, 0.10)).astype(np.int64),
        first_name=rng.integers(0, len(FIRST_NAMES), count),
        last_name=rng.integers(0, len(LAST_NAMES), count),
    )
