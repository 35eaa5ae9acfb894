"""Instances of a map, found by a few lines of Python that look at one event after another."""

from __future__ import annotations

from dataclasses import dataclass, field

from memory_engine import Happened, holds

from desirepath.maps.journey_map import JourneyMap


@dataclass
class Passage:
    """One instance."""

    person: str
    about: str | None
    began: int
    over: int
    outcome: str = "in progress"
    steps: list[tuple[int, int]] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)

    @property
    def touched(self) -> list[int]:
        """Its touchpoints up to its end."""
        return [touchpoint for touchpoint, _ in self.steps]


def touchpoint(asked: JourneyMap, event: Happened) -> int:
    """The first touchpoint that an event fits; a number beyond all for none."""
    fits = [number for number, each in enumerate(asked.touchpoints) if holds(each.where.root, event)]
    return fits[0] if fits else 255


def passages(asked: JourneyMap, log: list[Happened]) -> list[Passage]:
    """All instances, by looking at one event after another."""
    cutoff = max((event.time for event in log), default=0)
    found: list[Passage] = []
    for event in sorted(log, key=lambda each: (each.person, each.time, touchpoint(asked, each), each.id)):
        about = event.fields.get("entity_id") if event.fields.get("entity_type") in asked.entities else None
        mine = [one for one in found if one.person == event.person and (about is None or one.about == about)]
        mine = mine[-1:] if about is not None else mine
        alive = [
            one
            for one in mine
            if event.time <= one.over + asked.watch and (asked.watch or one.outcome == "in progress")
        ]
        now = alive[-1] if alive else None
        is_open = now is not None and now.outcome == "in progress" and event.time <= now.over
        if holds(asked.starts.root, event) and not is_open:
            now = Passage(event.person, about, event.time, event.time + asked.patience)
            found.append(now)
            is_open = True
        if now is not None:
            now.events.append(event)
        if now is None or not is_open:
            continue
        if touchpoint(asked, event) != 255:
            now.steps.append((touchpoint(asked, event), event.time))
        if holds(asked.goal.root, event) or holds(asked.gives_up.root, event):
            now.outcome = "converted" if holds(asked.goal.root, event) else "dropped"
            now.over = event.time
    for one in found:
        if one.outcome == "in progress" and one.over <= cutoff:
            one.outcome = "dropped"
    return found
