"""Which routes do they take over the touchpoints of a map, how does each end, and which lead fastest to the goal?

    ws.ask("routes", map="repair", depth=3)

    depth   route                                  instances   went on   converted   left   waiting   convert
    1       fault reported                             1,836     1,669           0    139        28    76.9 %
    2       fault reported -> call about repair        1,669     1,472           0    169        28    84.1 %

A route is how an instance began: its first touchpoints, repeats in a row counted once. At every depth, the shown
routes, the others, and those that had ended before are all instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array, Code, JourneyBatch, Reads
from desirepath.journeys.kernel import kernel
from desirepath.maps.instances import DROPPED, NOTHING, OUTCOMES, closed
from desirepath.maps.variants import Variants, variants_of
from desirepath.questions.catalog import question
from desirepath.questions.journey_map_walk import Instances
from desirepath.questions.on_map import OnMap
from desirepath.questions.question import Findings, Report, place_among, refuse_others, several, truth
from desirepath.questions.routes_answer import ARROW, WAYS, YOUNG, RoutesTally, routes_report
from desirepath.questions.top_codes import NOTHING as NO_EVENT

MOST_DEPTH = 30
SELECTIONS = ("route", "way", "outcome", "decided", "depth", "before", "but", "instead", "last_touchpoint")


@question
class Routes(OnMap):
    """Which routes do they take over the touchpoints of a map, how does each end, and which lead fastest to the goal?

    Parameters
    ----------
    map
        The name of a map, or a whole map.
    depth
        How many touchpoints of a route are looked at.
    most
        How many routes of each depth to show, the most frequent first; the rest is summed up.
    """

    map: str | dict[str, Any]
    depth: int = 5
    most: int = 10

    def __post_init__(self) -> None:
        """Refuse what shows nothing, before anything is read."""
        if not 1 <= self.depth <= MOST_DEPTH:
            raise InputError(f"A route has 1 to {MOST_DEPTH} touchpoints, not {self.depth}.")
        if self.most < 1:
            raise InputError(f"At least one route is shown, not {self.most}.")

    def reads(self) -> Reads:
        """What events are called, for what people do instead."""
        return {"event": Code("name")}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per instance."""
        ended, begins = self.ended(journeys), journeys.starts[:-1]
        values = {
            "outcome": ended.outcome,
            "started_at": journeys.time[begins],
            "ended_at": ended.at,
        }
        return Findings(np.arange(len(journeys)), values, {"entry": begins}, {"outcome": OUTCOMES}, journeys)

    def _instances(self, journeys: JourneyBatch) -> Instances:
        found = self.instances(journeys)
        once = np.full(len(journeys.time), NOTHING, dtype=np.uint8)
        collapse(found.starts, found.touched, found.last, once)
        return found._replace(touched=once)

    def _variants(self, journeys: JourneyBatch, found: Instances) -> Variants:
        kind = found.outcome.astype(np.int8) + np.int8(YOUNG) * ~closed(self.asked_map, journeys)
        return variants_of(found.starts, found.touched, found.last, kind)

    def tally(self, findings: Findings) -> RoutesTally:
        """Instances by route and outcome with their lengths, and what came after the last touchpoint of the dropped."""
        journeys = cast("JourneyBatch", findings.batch)
        found = self._instances(journeys)
        rows = findings.journey
        lengths = found.at[rows] - journeys.time[journeys.starts[rows]]
        last, event = _instead(journeys, found, rows)
        names = journeys.labels["event"]
        pairs, counts = np.unique(np.stack((last, event))[:, last >= 0], axis=1, return_counts=True)
        afterwards = {(int(a), int(b)): int(n) for a, b, n in zip(pairs[0], pairs[1], counts, strict=True)}
        labels = {code: str(names[code] or "") for _, code in afterwards if code >= 0}
        return RoutesTally.of(
            self.asked_map, self.depth, self.most, self._variants(journeys, found), rows, lengths
        ).with_instead(afterwards, labels)

    def answer(self, tally: RoutesTally) -> Report:
        """Routes by depth, how everybody is accounted for, the fastest routes, and what was done instead."""
        return routes_report(tally)

    def meant(self, tally: RoutesTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row without a name becomes what it sums up: so deep, and on none of the routes that are shown."""
        if "route" not in which or which["route"] is not None:
            return which
        depth = int(which.get("depth", 0))
        if not 1 <= depth <= self.depth:
            raise InputError("The routes that are not shown are those of a depth.", allowed=range(1, self.depth + 1))
        shown = tally.shown(depth) if tally.size else []
        return {**{name: value for name, value in which.items() if name != "route"}, "but": shown}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`route="visit -> cart"` with `way="left"`, and `outcome="dropped"`, how it came out in the end.

        `depth=3` has at least three touchpoints, `before=3` fewer; `but=["visit -> cart"]` begins in no such way.
        `decided=True` are those whose time is over. `route=None, depth=2` is the row without a name. `instead="help"`
        are the dropped that did so after their last touchpoint, perhaps `(nothing)`; `last_touchpoint` says which.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint.
        """
        refuse_others(which, SELECTIONS)
        journeys = cast("JourneyBatch", findings.batch)
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "outcome" in which:
            chosen &= findings.values["outcome"] == place_among("outcome", which["outcome"], OUTCOMES)
        if "decided" in which:
            chosen &= (closed(self.asked_map, journeys) == truth(which["decided"]))[findings.journey]
        if which.keys() & {"instead", "last_touchpoint", "route", "way", "depth", "before", "but"}:
            found = self._instances(journeys)
            chosen &= self._went(journeys, found, which)[findings.journey]
            if "instead" in which or "last_touchpoint" in which:
                chosen &= self._did_instead(findings, found, which)
        return chosen

    def _went(self, journeys: JourneyBatch, found: Instances, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """bool per instance: whether it took a route, and what became of it there."""
        upto = np.arange(len(journeys.time)) <= np.repeat(found.last, np.diff(found.starts))
        passed = np.concatenate(([0], np.cumsum(upto & (found.touched != NOTHING))))
        length, fits = np.diff(passed[found.starts]), np.ones(len(journeys), dtype=np.bool_)
        if "depth" in which:
            fits &= length >= int(which["depth"])
        if "before" in which:
            fits &= length < int(which["before"])
        for route in several(which.get("but", [])):
            fits &= self._ways(found, route) < 0
        if "route" in which:
            ways = self._ways(found, which["route"])
            return fits & (ways == place_among("way", which["way"], WAYS) if "way" in which else ways >= 0)
        if "way" in which:
            if "depth" not in which:
                raise InputError("A way is chosen together with the route that it leads from.")
            ended = np.where(length > int(which["depth"]), 0, 1 + found.outcome)
            fits &= ended == place_among("way", which["way"], WAYS)
        return fits

    def _ways(self, found: Instances, route: object) -> Array:
        """int64 per instance: the place in `WAYS` of what became of it after a route; -1 where it began otherwise."""
        names = [each.name for each in self.asked_map.touchpoints]
        wanted = [place_among("touchpoint", each, names) for each in str(route).split(ARROW)]
        fits = np.empty(len(found.starts) - 1, dtype=np.int64)
        begins_with(found.starts, found.touched, found.last, found.outcome, np.array(wanted), fits)
        return fits

    def _did_instead(self, findings: Findings, found: Instances, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """bool[rows]: who dropped at a touchpoint, and did something else right after it."""
        journeys = cast("JourneyBatch", findings.batch)
        last, event = _instead(journeys, found, findings.journey)
        chosen = last >= 0
        if "last_touchpoint" in which:
            names = [each.name for each in self.asked_map.touchpoints]
            chosen &= last == place_among("touchpoint", which["last_touchpoint"], names)
        if "instead" in which:
            codes = {name: code for code, name in enumerate(journeys.labels["event"]) if name}
            wanted = which["instead"]
            if wanted != NO_EVENT and wanted not in codes:
                raise UnknownNameError.of("event", str(wanted), [*codes, NO_EVENT])
            chosen &= event == codes.get(wanted, -1)
        return chosen


def _instead(journeys: JourneyBatch, found: Instances, rows: Array) -> tuple[Array, Array]:
    """int64[rows] each: the last touchpoint of the dropped, -1 of others, and the event after it, -1 for none."""
    codes = cast("Array", journeys.columns["event"])
    last, event = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64)
    instead(rows, found, codes, last, event)
    return last, event


@kernel
def collapse(starts: Array, touched: Array, last: Array, once: Array) -> None:
    """Write touchpoints up to each instance's end, of repeats in a row the first alone."""
    for p in range(len(starts) - 1):
        before = -1
        for i in range(starts[p], last[p] + 1):
            here = int(touched[i])
            if here not in (NOTHING, before):
                once[i] = here
                before = here


@kernel
def instead(rows: Array, found: Instances, names: Array, last: Array, event: Array) -> None:
    """Of dropped instances: the last touchpoint, and the first event after it, that none matches (-1: nothing)."""
    for r in range(len(rows)):
        p = rows[r]
        if found.outcome[p] != DROPPED:
            continue
        place = -1
        for i in range(found.starts[p], found.last[p] + 1):
            if found.touched[i] != NOTHING:
                last[r] = int(found.touched[i])
                place = i
        if last[r] < 0:
            continue
        for i in range(place + 1, found.starts[p + 1]):
            if names[i] != names[place]:
                event[r] = names[i]
                break


@kernel
def begins_with(starts: Array, touched: Array, last: Array, outcome: Array, wanted: Array, fits: Array) -> None:
    """Say per instance what became of it after a route: a place in `WAYS`; -1 where it did not begin so."""
    for p in range(len(starts) - 1):
        count, same, more = 0, True, False
        for i in range(starts[p], last[p] + 1):
            here = touched[i]
            if here == NOTHING:
                continue
            if count == len(wanted):
                more = True
                break
            if here != wanted[count]:
                same = False
                break
            count += 1
        fits[p] = -1
        if same and count == len(wanted):
            fits[p] = 0 if more else 1 + outcome[p]
