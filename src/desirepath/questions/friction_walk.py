"""Where does a journey rub? Signals of every instance, each with how far it had come: one walk.

A signal is a kind of trouble at a touchpoint; an instance has each at most once, where it has it first. How far it had
come then is its stratum: the furthest touchpoint of the road, in the order of the map (0: none yet; touchpoints of long
maps share one). Detours and failures are no progress.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.scratch import scratch
from desirepath.maps.instances import DROPPED, NOTHING
from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.instance_facts import put
from desirepath.questions.journey_map_walk import Instances

Array = npt.NDArray[Any]

REPEATED, LOOP, PING_PONG, FAILURE, DETOUR, SWITCH, LEAK, AGAIN, TRANSFER, LATE = range(10)
KINDS = (
    "repeated",
    "loop",
    "ping-pong",
    "failure",
    "detour",
    "channel switch",
    "self-service to human",
    "repeat contact",
    "transfer",
    "too slow",
)
"""The kinds of signals at a touchpoint; after them come the stages that took too long."""

LEAST_STRATA, MOST_STRATA = 6, 24
BINS = 160
"""Stays are counted in bins of a quarter of a doubling, from a second to longer than anybody lives."""

SOON = 14 * 86_400_000_000
"""A contact so soon after another, in microseconds, is a repeat of it."""


class Rubs(NamedTuple):
    """What the walk needs of the map; k touchpoints."""

    stage: Array  # int64[k]
    human: Array  # bool[k]
    alone: Array  # bool[k]: self-service
    failure: Array  # bool[k]
    road: Array  # bool[k]: expected, and no failure
    stratum: Array  # int64[k], from 1
    follows: Array  # bool[k, k]: what the road lets follow
    limit: Array  # int64[k]
    stage_limit: Array  # int64[s]

    @classmethod
    def of(cls, asked: JourneyMap) -> Rubs:
        """What it needs of that map."""
        points, k = asked.touchpoints, len(asked.touchpoints)
        follows = np.zeros((k, k), dtype=np.bool_)
        for before, after in asked.road.follows():
            follows[before, after] = True
        return cls(
            np.array([each.stage for each in points], dtype=np.int64),
            np.array([each.contact == "human" for each in points], dtype=np.bool_),
            np.array([each.contact == "self-service" for each in points], dtype=np.bool_),
            np.array([each.failure for each in points], dtype=np.bool_),
            np.array([each.expected and not each.failure for each in points], dtype=np.bool_),
            1 + np.arange(k, dtype=np.int64) * _strata(k) // max(k, 1),
            follows,
            np.array([each.limit for each in points], dtype=np.int64),
            np.array([each.limit for each in asked.stages], dtype=np.int64),
        )


def _strata(k: int) -> int:
    """How many strata a map with so many touchpoints has; fewer for long ones, so that sums stay small."""
    return min(k, MOST_STRATA, max(LEAST_STRATA, MOST_STRATA * MOST_STRATA // max(k, 1)))


class Signals(NamedTuple):
    """The signals of a block's instances.

    Signal `kind * k + t` is of a kind at touchpoint t, `len(KINDS) * k + s` a stage that took too long; from `count` on
    follow the bins of first stays, `count + t * BINS + bin`, and, `2 * t` and `2 * t + 1` after these, those who then
    kept and who switched the channel.
    """

    starts: Array  # int64[p + 1]
    signal: Array  # int64
    stratum: Array  # int64
    reached: Array  # int64[p]: a bit for every stratum that the instance was furthest in
    end: Array  # int64[p]: the furthest touchpoint of the road, -1 for none


class Room(NamedTuple):
    """What the walk writes to besides; all 0 at first. Signals are stamped with the instance, from 1."""

    stamp: Array  # int64[signals]
    stayed: Array  # int64[k]
    seen: Array  # int64[k]


@kernel
def _emit(found: Signals, room: Room, put: int, p: int, signal: int, stratum: int) -> int:
    if room.stamp[signal] == p + 1:
        return put
    room.stamp[signal] = p + 1
    if put < len(found.signal):
        found.signal[put] = signal
        found.stratum[put] = stratum
    return put + 1


@kernel
def _go_on(
    found: Signals, room: Room, put: int, p: int, t: int, length: int, has_channels: bool, switches: bool, f: int
) -> int:
    """Note the first time that an instance goes on from a touchpoint: after how long, and in which channel.

    Going on to a detour in another channel is that detour, and no switch beside it.
    """
    if room.stayed[t] == p + 1:
        return put
    room.stayed[t] = p + 1
    k, after = len(room.stayed), len(room.stamp)
    if put < len(found.signal):
        step = int(4 * np.log2(1 + length / 1_000_000))
        found.signal[put] = after + t * BINS + min(step, BINS - 1)
        found.stratum[put] = -1
    put += 1
    if has_channels:
        if put < len(found.signal):
            found.signal[put] = after + k * BINS + 2 * t + (1 if switches else 0)
            found.stratum[put] = -1
        put += 1
        if switches:
            put = _emit(found, room, put, p, SWITCH * k + t, f)
    return put


@kernel
def _at(
    found: Signals, room: Room, rubs: Rubs, put: int, p: int, here: int, before: int, older: int, oldest: int, f: int
) -> int:
    """Signals of coming to a touchpoint, given the ones before it: repeats, loops, failures and detours."""
    k = len(rubs.stage)
    plain = rubs.road[here] and not rubs.human[here]
    if here == before:
        if plain and not rubs.follows[here, here]:
            put = _emit(found, room, put, p, REPEATED * k + here, f)
    elif plain and room.seen[here] == p + 1 and not rubs.follows[before, here]:
        put = _emit(found, room, put, p, LOOP * k + here, f)
    if here != before and here == older and before == oldest:
        put = _emit(found, room, put, p, PING_PONG * k + min(before, here), f)
    if rubs.failure[here]:
        put = _emit(found, room, put, p, FAILURE * k + here, f)
    elif not rubs.road[here]:
        put = _emit(found, room, put, p, DETOUR * k + here, f)
    return put


@kernel
def find_signals(block: Instances, channel: Array, rubs: Rubs, found: Signals, room: Room) -> int:
    """Write the signals of every instance behind each other, as far as there is room; return how many there are."""
    k = len(rubs.stage)
    put = 0
    for p in range(len(block.outcome)):
        found.starts[p] = put
        before, older, oldest, came, began, place = -1, -1, -1, 0, 0, -1
        furthest, f, reached, stage, entered, spoke, spoken = -1, 0, 1, -1, 0, -1, 0
        for i in range(block.starts[p], block.last[p] + 1):
            here = int(block.touched[i])
            if here == NOTHING:
                continue
            now, earlier = block.time[i], f
            if rubs.road[here] and here > furthest:
                furthest, f = here, int(rubs.stratum[here])
                reached |= 1 << f
            put = _at(found, room, rubs, put, p, here, before, older, oldest, f)
            if before >= 0:
                if rubs.alone[before] and rubs.human[here]:
                    put = _emit(found, room, put, p, LEAK * k + before, earlier)
                if here != before and rubs.human[before] and rubs.human[here]:
                    put = _emit(found, room, put, p, TRANSFER * k + before, earlier)
                if rubs.limit[here] > 0 and now - came > rubs.limit[here]:
                    put = _emit(found, room, put, p, LATE * k + here, f)
                if here != before:
                    known = rubs.road[here] and channel[i] > 0 and channel[place] > 0
                    switches = known and channel[i] != channel[place]
                    put = _go_on(found, room, put, p, before, now - began, known, switches, earlier)
            if rubs.human[here]:
                if spoke >= 0 and now - spoken <= SOON:
                    put = _emit(found, room, put, p, AGAIN * k + spoke, f)
                spoke, spoken = here, now
            if rubs.stage[here] != stage:
                if stage >= 0 and rubs.stage_limit[stage] > 0 and now - entered > rubs.stage_limit[stage]:
                    put = _emit(found, room, put, p, len(KINDS) * k + stage, f)
                stage, entered = int(rubs.stage[here]), now
            room.seen[here] = p + 1
            if here != before:
                oldest, older, before, began = older, before, here, now
            came, place = now, i
        found.reached[p] = reached
        found.end[p] = furthest
    found.starts[len(block.outcome)] = put
    return put


def signals_of(block: Instances, channel: Array, rubs: Rubs) -> Signals:
    """The signals of a block's instances; `channel` is a code per event, 0 where it is unknown."""
    k, n = len(rubs.stage), len(block.outcome)
    room = len(block.time)  # mostly there are fewer than events; if not, the walk is done again
    starts, reached, end = (np.zeros(size, dtype=np.int64) for size in (n + 1, n, n))
    signal, stratum = scratch("friction signal", room, np.int64), scratch("friction stratum", room, np.int64)
    many = find_signals(block, channel, rubs, Signals(starts, signal, stratum, reached, end), _room(rubs, k))
    if many <= room:
        return Signals(starts, signal[:many].copy(), stratum[:many].copy(), reached, end)
    found = Signals(starts, np.empty(many, dtype=np.int64), np.empty(many, dtype=np.int64), reached, end)
    find_signals(block, channel, rubs, found, _room(rubs, k))
    return found


def signal_count(rubs: Rubs) -> int:
    """How many signals there are beside the stays."""
    return len(KINDS) * len(rubs.stage) + len(rubs.stage_limit)


def _room(rubs: Rubs, k: int) -> Room:
    return Room(*(np.zeros(size, dtype=np.int64) for size in (signal_count(rubs), k, k)))


class Plan(NamedTuple):
    """Where the groups of sums are; f strata, s signals, k touchpoints.

    Those who were furthest in each stratum; those who have each signal, where they had it; those who have it, in every
    stratum in which they were; first stays by touchpoint and bin; by touchpoint those who then kept and who switched
    the channel; and those who came further than it and who dropped before that, in the period and at other times.
    """

    strata: int
    signals: int
    touchpoints: int

    @property
    def treated(self) -> int:
        """Where the signals begin."""
        return self.strata

    @property
    def has(self) -> int:
        """Where those with a signal begin."""
        return self.treated + self.signals * self.strata

    @property
    def stays(self) -> int:
        """Where the bins begin."""
        return self.has + self.signals * self.strata

    @property
    def channels(self) -> int:
        """Where those who kept and switched the channel begin."""
        return self.stays + self.touchpoints * BINS

    @property
    def ways(self) -> int:
        """Where those who came further and dropped begin."""
        return self.channels + 2 * self.touchpoints

    @property
    def size(self) -> int:
        """How many groups there are."""
        return self.ways + 4 * self.touchpoints


class Begins(NamedTuple):
    """The numbers of `Plan`, for a kernel."""

    strata: int
    signals: int
    treated: int
    has: int
    stays: int
    ways: int


@kernel
def sort_into(
    rows: Array, inside: Array, block: Instances, found: Signals, plan: Begins, road: Array, offsets: Array,
    groups: Array,
) -> int:  # fmt: skip
    """Write the groups of the instances `rows` behind each other, as far as there is room; return how many there are.

    `inside` says which of them began in the period, and `road` which touchpoints are progress.
    """
    place = 0
    for r in range(len(rows)):
        p = rows[r]
        offsets[r] = place
        if inside[r]:
            for f in range(plan.strata):
                if found.reached[p] >> f & 1:
                    place = put(groups, place, f)
            for j in range(found.starts[p], found.starts[p + 1]):
                signal = found.signal[j]
                if signal >= plan.signals:
                    place = put(groups, place, plan.stays + signal - plan.signals)
                    continue
                place = put(groups, place, plan.treated + signal * plan.strata + found.stratum[j])
                for f in range(plan.strata):
                    if found.reached[p] >> f & 1:
                        place = put(groups, place, plan.has + signal * plan.strata + f)
        furthest = -1
        for i in range(block.starts[p], block.last[p] + 1):
            here = int(block.touched[i])
            if here != NOTHING and road[here] and here > furthest:
                furthest = here
                stops = block.outcome[p] == DROPPED and here == found.end[p]
                way = (0 if inside[r] else 2) + (1 if stops else 0)
                place = put(groups, place, plan.ways + here * 4 + way)
    offsets[len(rows)] = place
    return place


def groups_of(
    rows: Array, inside: Array, block: Instances, found: Signals, plan: Begins, road: Array
) -> tuple[Array, Array]:
    """int64[rows + 1] and int64: where the groups of each instance begin, and all groups; see `sort_into`."""
    room = 2 * len(block.time)  # mostly enough; if not, it is done again
    offsets, groups = np.zeros(len(rows) + 1, dtype=np.int64), scratch("friction groups", room, np.int64)
    given = (rows, inside, block, found, plan, road, offsets)
    many = sort_into(*given, groups)
    if many <= room:
        return offsets, groups[:many].copy()
    groups = np.empty(many, dtype=np.int64)
    sort_into(*given, groups)
    return offsets, groups
