"""Where does a journey rub, whom does it concern, and what does it cost a year?

    ws.ask("friction", map="repair")

    kind            at                   instances   score     contacts   money a year
    detour          rescheduled visit          271   -54 [..]    230      16,200 [15,500 to 16,900]
    repeat contact  call about repair          240   -40 [..]    240      13,900 [13,100 to 14,700]

What happened to those with a signal is held against others who had come as far; see `statistics.adjusted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.journeys.batch import Array, Code, JourneyBatch, Reads
from desirepath.maps.instances import DROPPED, OUTCOMES
from desirepath.questions.catalog import question
from desirepath.questions.friction_answer import friction_report
from desirepath.questions.friction_effects import stall_bins
from desirepath.questions.friction_people import DAY, HORIZONS, behind_of, contain
from desirepath.questions.friction_sums import DROP_OFF, Began, FrictionTally, friction_places
from desirepath.questions.friction_voice import heard_by_signal
from desirepath.questions.friction_walk import (
    BINS,
    Begins,
    Plan,
    Rubs,
    Signals,
    groups_of,
    signal_count,
    signals_of,
)
from desirepath.questions.instance_facts import Facts, Groups, facts_of, facts_reads
from desirepath.questions.journey_map_walk import Instances
from desirepath.questions.map_voice import MapVoice, voice_reads, voices_of
from desirepath.questions.on_map import OnMap
from desirepath.questions.question import Findings, Report, place_among, refuse_others, truth
from desirepath.questions.voice_tally import VoiceTally

SELECTIONS = ("kind", "at", "outcome", "decided", "from_bin")
CHANNEL = "channel"


@question
class Friction(OnMap):
    """Where does a journey rub, whom does it concern, and what does it cost a year?

    Parameters
    ----------
    map
        The name of a map, or a whole map.
    slow
        A stay is a stall if it is longer than this share of all stays at its touchpoint; touchpoints with a limit have
        that instead.
    """

    counts_people: ClassVar[bool] = True

    map: str | dict[str, Any]
    slow: float = 0.9

    def __post_init__(self) -> None:
        """Refuse a share that is none, before anything is read."""
        if not 0.5 <= self.slow < 1:
            raise InputError(
                f"{self.slow} cannot be what a stall begins with.", allowed=["a number from 0.5 to below 1"]
            )

    @cached_property
    def _rubs(self) -> Rubs:
        return Rubs.of(self.asked_map)

    @cached_property
    def _plan(self) -> Plan:
        strata = 1 + int(self._rubs.stratum.max(initial=0))
        return Plan(strata, signal_count(self._rubs), len(self.asked_map.touchpoints))

    @cached_property
    def _voice(self) -> tuple[int, MapVoice] | None:
        """The map's first kind of feedback, whose score counts too, and what is asked of its comments if it has any."""
        found = voices_of(self.asked_map).get(0)
        return None if found is None else (0, found)

    @property
    def _begins(self) -> Begins:
        plan = self._plan
        return Begins(plan.strata, plan.signals, plan.treated, plan.has, plan.stays, plan.ways)

    def reads(self) -> Reads:
        """What facts need, and the channel."""
        found = {**facts_reads(self.asked_map), CHANNEL: Code("channel")}
        return found if self._voice is None else {**found, **voice_reads(self.asked_map, self._voice[0])}

    def history(self) -> bool:
        """Instances of other times say how many drop off otherwise."""
        return True

    def _signals(self, journeys: JourneyBatch, found: Instances) -> Signals:
        return signals_of(found, cast("Array", journeys.columns[CHANNEL]), self._rubs)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per instance, those that began outside the period too: they are what the others are held against."""
        found = self.instances(journeys)
        begins = journeys.starts[:-1]
        values = {"started_at": journeys.time[begins], "ended_at": found.at}
        values |= facts_of(self.asked_map, journeys, found)._asdict()
        return Findings(np.arange(len(journeys)), values, {"entry": begins}, {"outcome": OUTCOMES}, journeys)

    def tally(self, findings: Findings) -> FrictionTally:
        """Groups by signal and by how far instances had come, people, and whose self-service was enough."""
        journeys = cast("JourneyBatch", findings.batch)
        found = self.instances(journeys)
        signals, k = self._signals(journeys, found), len(self.asked_map.touchpoints)
        inside = _inside(findings, journeys)
        over = findings.values["closed"]
        decided, began = np.flatnonzero(over), findings.values["started_at"]
        facts = Facts(*(findings.values[name][decided] for name in Facts._fields))
        given = (findings.journey[decided], inside[decided], found, signals, self._begins)
        offsets, groups = groups_of(*given, self._rubs.road)
        mine = findings.journey[inside]
        counted, leaks = np.zeros((len(HORIZONS), k, 4), np.int64), np.zeros((len(HORIZONS), k, k), np.int64)
        for place, days in enumerate(HORIZONS):
            contain(
                mine, found, journeys.open_until, journeys.cutoff, self._rubs, days * DAY, counted[place], leaks[place]
            )
        return FrictionTally(
            self.asked_map,
            self.slow,
            self._plan,
            np.bincount(findings.values["outcome"][inside], minlength=3).astype(np.int64),
            np.bincount(findings.values["outcome"][inside & over], minlength=3).astype(np.int64),
            Began.of(began[inside & over], min(journeys.span[1], journeys.cutoff - self.asked_map.patience)),
            Groups.of(facts, np.arange(len(decided)), offsets, groups, self._plan.size),
            behind_of(mine, journeys.owner, found, signals, self._begins, k),
            counted,
            leaks,
            self._heard(journeys, mine, found, signals),
        )

    def _heard(self, journeys: JourneyBatch, mine: Array, found: Instances, signals: Signals) -> VoiceTally | None:
        if self._voice is None:
            return None
        return heard_by_signal(self._voice[1], self._voice[0], journeys, mine, found, signals, self._plan.signals)

    def answer(self, tally: FrictionTally) -> Report:
        """One ranked list, where people drop off, whose self-service was enough, and the finding in words."""
        return friction_report(tally)

    def meant(self, tally: FrictionTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where the stalls at a touchpoint begin."""
        if which.get("kind") != "stall":
            return which
        names = [each.name for each in self.asked_map.touchpoints]
        at = place_among("touchpoint", which.get("at"), names)
        return {**which, "from_bin": stall_bins(tally.behind.stays[at], self.slow)}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`{"kind": "detour", "at": "rescheduled visit"}`, and `outcome`; `decided=True`: whose time was over.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such place.
        """
        refuse_others(which, SELECTIONS)
        journeys = cast("JourneyBatch", findings.batch)
        chosen = _inside(findings, journeys)
        if "outcome" in which:
            chosen &= findings.values["outcome"] == place_among("outcome", which["outcome"], OUTCOMES)
        if "decided" in which:
            chosen &= findings.values["closed"] == truth(which["decided"])
        if "kind" in which or "at" in which:
            chosen &= self._rubbed(journeys, which)[findings.journey]
        return chosen

    def _rubbed(self, journeys: JourneyBatch, which: Mapping[str, Any]) -> Array:
        """Which instances have the signal."""
        found = self.instances(journeys)
        known = friction_places(self.asked_map)
        if "kind" in which:
            place_among("kind of friction", which["kind"], dict.fromkeys(each.kind for each in known))
        if "at" in which:
            place_among("touchpoint or stage", which["at"], dict.fromkeys(each.at for each in known))
        fits = np.zeros(len(journeys), dtype=np.bool_)
        signals = self._signals(journeys, found)
        of = np.repeat(np.arange(len(journeys)), np.diff(signals.starts))
        for each in known:
            if which.get("kind", each.kind) != each.kind or which.get("at", each.at) != each.at:
                continue
            if each.kind == DROP_OFF:
                fits |= (found.outcome == DROPPED) & (signals.end == each.number)
            elif each.kind == "stall":
                begin = self._plan.signals + each.number * BINS
                first = begin + int(which.get("from_bin", BINS))
                fits[of[(signals.signal >= first) & (signals.signal < begin + BINS)]] = True
            else:
                fits[of[signals.signal == each.number]] = True
        return fits


def _inside(findings: Findings, journeys: JourneyBatch) -> Array:
    """bool[rows]: which instances began in the period."""
    began = findings.values["started_at"]
    return np.asarray((began >= journeys.period[0]) & (began < journeys.period[1]))
