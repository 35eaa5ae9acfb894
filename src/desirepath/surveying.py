"""What do all events say of their sources? Looked at once, and kept as long as data and maps stay the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desirepath.arrivals import Arrivals, Lateness, Which, arrivals, lateness, wrong_clocks
from desirepath.sources import SourceHealth, sources

if TYPE_CHECKING:
    from desirepath.workspace import Workspace


@dataclass(frozen=True)
class Facts:
    """What every event has to be looked at for; it stays as long as data and maps do.

    Attributes
    ----------
    sources
        How they are.
    days
        When their events happened.
    late
        How late those came that came lately.
    clocks
        Events dated in the future, and those put right by their device.
    """

    sources: Sequence[SourceHealth]
    days: Mapping[Which, Arrivals]
    late: Mapping[Which, Lateness]
    clocks: Mapping[Which, tuple[int, int]]

    @classmethod
    def of(cls, workspace: Workspace) -> Facts:
        """Look at every event."""
        store = workspace.store()
        days = arrivals(store, workspace.settings.time_zone)
        return cls(sources(workspace), days, lateness(store), wrong_clocks(store))


__all__ = ["Facts"]
