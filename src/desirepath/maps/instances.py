"""Which passages through a map are in somebody's journey? Each is an instance, with an outcome.

An event that fits `starts` begins an instance, unless one is open already. An instance converts with the first event
that fits `goal`; it is dropped with one that fits `gives_up`, or once `gives_up_after` has passed since its start;
until then it is in progress. What happens in between belongs to it, and for `watch_after` what comes after its end.

With `entity`, an event about an entity of such a kind belongs to the instance of that very entity and to no other, so
that two tickets of one person stay apart; an event about none belongs to the instance that began last. Events of one
moment are taken in the order of the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import Code, JourneyBatch, Match, Matched, Read
from desirepath.journeys.kernel import kernel
from desirepath.maps.journey_map import JourneyMap

Array = npt.NDArray[Any]

CONVERTED, DROPPED, IN_PROGRESS = 0, 1, 2
OUTCOMES = ("converted", "dropped", "in progress")

TOUCHPOINTS = "~map touchpoints"
TOUCHED = "~map touched"
"""The column that a cut adds: uint8[n], the touchpoint of each event, or `NOTHING`."""

ENDS = "~map ends"
ENTITY, ENTITY_TYPE = "~map entity", "~map entity type"

_EACH = 60
"""So many filters one column of matches holds."""

NOTHING = 255
"""Stands for an event that no touchpoint matches."""


def map_reads(asked: JourneyMap) -> Mapping[str, Read]:
    """The columns that a map needs of each event."""
    found: dict[str, Read] = {ENDS: Match((asked.starts, asked.goal, asked.gives_up))}
    filters = [touchpoint.where for touchpoint in asked.touchpoints]
    for number, begin in enumerate(range(0, len(filters), _EACH)):
        found[f"{TOUCHPOINTS} {number}"] = Match(tuple(filters[begin : begin + _EACH]))
    if asked.entities:
        found |= {ENTITY: Code("entity_id"), ENTITY_TYPE: Code("entity_type")}
    return found


def _with_touched(asked: JourneyMap, batch: JourneyBatch) -> JourneyBatch:
    """The batch with the first touchpoint of the map that each event fits."""
    found = np.full(len(batch.time), NOTHING, dtype=np.uint8)
    for number, begin in enumerate(range(0, len(asked.touchpoints), _EACH)):
        matched = cast("Matched", batch.columns[f"{TOUCHPOINTS} {number}"])
        bits = matched.bits.astype(np.int64)
        lowest = bits & -bits
        table = np.full(len(bits), NOTHING, dtype=np.uint8)
        some = lowest > 0
        table[some] = (begin + np.round(np.log2(lowest[some].astype(np.float64)))).astype(np.uint8)
        here = table[matched.codes]
        found = here if number == 0 else np.where(found == NOTHING, here, found)
    return replace(batch, columns={**batch.columns, TOUCHED: found})


class Rules(NamedTuple):
    """When an instance is over; microseconds."""

    patience: int
    watch: int
    cutoff: int


class Ended(NamedTuple):
    """Per instance how it came out, when that was known, and its last event that is not after its end."""

    outcome: Array  # int8[instances]
    at: Array  # int64[instances]: its goal, the event that gave it up, or when patience ended; of open ones the cut-off
    last: Array  # int64[instances]: place of its last event up to its end


class Began(NamedTuple):
    """Room for the instances of a block, in the order in which they are found."""

    over: Array  # int64[starts]: when it ended, or patience ends
    done: Array  # bool[starts]: whether an event ended it


@kernel
def _number(
    starts: Array, time: Array, ends: Array, bits: Array, entity: Array, latest: Array, rules: Rules, began: Began,
    number: Array, until: Array,
) -> None:  # fmt: skip
    """Write the instance of every event, from 1 (0: none), and until when that instance takes events.

    `latest` has a place per entity, all 0.
    """
    many = 0
    for p in range(len(starts) - 1):
        base = many
        alive = many
        for i in range(starts[p], starts[p + 1]):
            now, what, whose = time[i], bits[ends[i]], entity[i]
            while alive < many and now > began.over[alive] + rules.watch:
                alive += 1
            mine = -1
            if whose > 0:
                mine = latest[whose] - 1 if latest[whose] > base else -1
            elif many > alive:
                mine = many - 1
                while mine > alive and (
                    now > began.over[mine] + rules.watch or (rules.watch == 0 and began.done[mine])
                ):
                    mine -= 1
            is_open = mine >= 0 and not began.done[mine] and now <= began.over[mine]
            if what & 1 and not is_open:
                mine = many
                began.over[mine] = now + rules.patience
                began.done[mine] = False
                many += 1
                is_open = True
                if whose > 0:
                    latest[whose] = many
            number[i] = 0
            if is_open or (mine >= 0 and rules.watch > 0 and now <= began.over[mine] + rules.watch):
                number[i] = mine + 1
            if is_open and what & 6:
                began.over[mine] = now
                began.done[mine] = True
        for i in range(starts[p], starts[p + 1]):
            until[i] = began.over[number[i] - 1] + rules.watch if number[i] > 0 else 0


@kernel
def _split(starts: Array, number: Array, begins: Array, came_from: Array) -> int:
    """Write where each instance begins, whose events all stand together, and in which journey; return how many."""
    count = 0
    for p in range(len(starts) - 1):
        before = 0
        for i in range(starts[p], starts[p + 1]):
            if number[i] != before:
                begins[count] = i
                came_from[count] = p
                before = number[i]
                count += 1
    begins[count] = len(number)
    return count


@kernel
def _end(
    starts: Array, time: Array, ends: Array, bits: Array, closes: Array, rules: Rules, outcome: Array, at: Array,
    last: Array,
) -> None:  # fmt: skip
    """Write how every instance came out; the first event of each has begun it."""
    for p in range(len(starts) - 1):
        border = min(time[starts[p]] + rules.patience, closes[p])
        outcome[p] = DROPPED if border <= rules.cutoff else IN_PROGRESS
        at[p] = min(border, rules.cutoff)
        for i in range(starts[p], starts[p + 1]):
            if time[i] > border:
                break
            last[p] = i
            if bits[ends[i]] & 6:
                outcome[p] = CONVERTED if bits[ends[i]] & 2 else DROPPED
                at[p] = time[i]
                break


def closed(asked: JourneyMap, batch: JourneyBatch) -> Array:
    """bool[instances]: whose time to give up was over when the data ends, whatever had become of them by then.

    Rates are of these alone: of others those are known that ended early, and not yet those that will end late.
    """
    over = batch.time[batch.starts[:-1]] + asked.patience
    return np.asarray(np.minimum(over, batch.shut_at) <= batch.cutoff)


@dataclass(frozen=True)
class Cut:
    """How a map cuts journeys.

    Parameters
    ----------
    asked
        The map.
    watched
        Whether what happens after an instance's end belongs to it, as long as the map says.
    """

    asked: JourneyMap
    watched: bool = True

    def rules(self, batch: JourneyBatch) -> Rules:
        """When an instance of a batch is over."""
        return Rules(self.asked.patience, self.asked.watch if self.watched else 0, batch.cutoff)

    def cut(self, batch: JourneyBatch) -> JourneyBatch:
        """The instances of a batch, as journeys; what belongs to none is left out.

        Parameters
        ----------
        batch
            Whole journeys, with the columns of `map_reads`.
        """
        batch = _with_touched(self.asked, batch)
        batch = batch.within_moments(cast("Array", batch.columns[TOUCHED]))
        ends = cast("Matched", batch.columns[ENDS])
        entity, labels = self._entities(batch)
        n = len(batch.time)
        most = int(ends.holds(0).sum()) + 1
        number, until = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        began = Began(np.empty(most, dtype=np.int64), np.empty(most, dtype=np.bool_))
        latest = np.zeros(labels, dtype=np.int64)
        bits = ends.bits.astype(np.int64)
        _number(batch.starts, batch.time, ends.codes, bits, entity, latest, self.rules(batch), began, number, until)
        inside = number > 0
        if not inside.all():
            batch, number, until = batch.keep_events(inside), number[inside], until[inside]
        if self.asked.entities:
            made, came_from = batch.cut(number, closes=until)
            return replace(made, shut=batch.shut_at[came_from])
        begins, journey = (np.empty(int(number.max(initial=0)) + 1, dtype=np.int64) for _ in range(2))
        many = _split(batch.starts, number, begins, journey)
        came_from = journey[:many]
        closes = np.minimum(until[begins[:many]], batch.open_until[came_from])
        owner, shut = batch.owner[came_from], batch.shut_at[came_from]
        return replace(batch, starts=begins[: many + 1], owner=owner, closes=closes, shut=shut)

    def ended(self, batch: JourneyBatch) -> Ended:
        """How the instances of a batch that was cut came out."""
        ends = cast("Matched", batch.columns[ENDS])
        found = Ended(*(np.zeros(len(batch), dtype=kind) for kind in (np.int8, np.int64, np.int64)))
        bits = ends.bits.astype(np.int64)
        _end(batch.starts, batch.time, ends.codes, bits, batch.open_until, self.rules(batch), *found)
        return found

    def _entities(self, batch: JourneyBatch) -> tuple[Array, int]:
        """int32[n]: a number per entity that keeps instances apart, 0 for none; and how many numbers there are."""
        if not self.asked.entities:
            return np.zeros(len(batch.time), dtype=np.int32), 1
        ids, kinds = cast("Array", batch.columns[ENTITY]), cast("Array", batch.columns[ENTITY_TYPE])
        wanted = np.array([label in self.asked.entities for label in batch.labels[ENTITY_TYPE]], dtype=np.bool_)
        return np.where(wanted[kinds], ids, 0).astype(np.int32), len(batch.labels[ENTITY])
