"""Do they walk the road that the map expects, and where do they depart from it?

    ws.ask("conformance", map="repair")

    kind       at                 instances  of instances   converted   against conforming
    skipped    call about repair      2 310        27.1 %      93.0 %    -0.4 points [-1.6, 0.7]
    extra      visit scheduled          410         4.8 %      81.2 %   -12.2 points [-16.3, -8.5]
    too slow   repaired                 388         4.6 %      74.0 %   -19.4 points [-24.0, -15.2]

Every instance is held against the road by the cheapest alignment, exactly; see `maps.aligning`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array, Code, JourneyBatch, Reads
from desirepath.maps.departures import BEGUN, DEPARTURES, WHOLE, departures_of
from desirepath.maps.instances import CONVERTED, OUTCOMES, closed
from desirepath.maps.obeying import BROKEN, VERDICTS, rule_reads, verdicts
from desirepath.maps.variants import Variants, variants_of
from desirepath.questions.catalog import question
from desirepath.questions.conformance_answer import conformance_report, departure_places
from desirepath.questions.conformance_sums import ConformanceTally, FitnessSums, VariantSums, mark_of
from desirepath.questions.conformance_walk import Departed, OffMap, groups_of, has_off_map, late_of, off_map, places
from desirepath.questions.instance_facts import Facts, Groups, facts_of, facts_reads
from desirepath.questions.journey_map_walk import Instances, Shape
from desirepath.questions.on_map import OnMap
from desirepath.questions.question import Findings, Report, place_among, refuse_others, truth

SELECTIONS = ("kind", "at", "conforming", "outcome", "variant", "off_map", "rule", "verdict")


@question
class Conformance(OnMap):
    """Do they walk the road that the map expects, and where do they depart from it?

    Parameters
    ----------
    map
        The name of a map, or a whole map.
    whole
        Whether those who dropped or are in progress are held against the whole road too; if not, any beginning of it
        is theirs to walk.
    most
        How many variants, and how many names of events off the map, to show; the rest is summed up.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"variant", "told"})

    map: str | dict[str, Any]
    whole: bool = False
    most: int = 50

    def __post_init__(self) -> None:
        """Refuse what shows nothing, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one variant is shown, not {self.most}.")

    @cached_property
    def _shape(self) -> Shape:
        return Shape.of(self.asked_map)

    def reads(self) -> Reads:
        """What facts and rules need, and what events off the map are called."""
        return {**facts_reads(self.asked_map), **rule_reads(self.asked_map), "event": Code("name")}

    def _variants(self, found: Instances) -> Variants:
        kind = np.where((found.outcome == CONVERTED) | self.whole, WHOLE, BEGUN).astype(np.int64)
        return variants_of(found.starts, found.touched, found.last, kind)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per instance: its fitness, and all that departs."""
        asked, found = self.asked_map, self.instances(journeys)
        k, s = len(asked.touchpoints), len(asked.stages)
        variants = self._variants(found)
        departures = departures_of(variants, asked.road, k)
        of = variants.of
        late = np.zeros((len(journeys), k + s), dtype=np.bool_)
        late_of(found, self._shape, late)
        verdict = verdicts(asked, journeys).T.copy()
        cost = departures.cost[of]
        begins = journeys.starts[:-1]
        values = {
            "started_at": journeys.time[begins],
            "ended_at": found.at,
            "fitness": departures.fitness()[of],
            "departures": cost,
            "conforming": (cost == 0) & ~late.any(axis=1) & ~(verdict == BROKEN).any(axis=1),
            "late": late.any(axis=1),
            "variant": variants.mark[of].view(np.int64),
            "told": departures.told[of],
            "which": departures.which[of],
            "slow": late,
            "verdict": verdict,
        }
        values |= facts_of(asked, journeys, found)._asdict()
        return Findings(np.arange(len(journeys)), values, {"entry": begins}, {"outcome": OUTCOMES}, journeys)

    def tally(self, findings: Findings) -> ConformanceTally:
        """Groups by departure, variants, fitness, rules, and what is off the map."""
        asked, values = self.asked_map, findings.values
        journeys = cast("JourneyBatch", findings.batch)
        found = self.instances(journeys)
        k, s, r = len(asked.touchpoints), len(asked.stages), len(asked.rules)
        departed = Departed(values["which"], values["slow"], values["verdict"], values["conforming"])
        facts = Facts(*(values[name] for name in Facts._fields))
        rows = np.arange(len(findings))
        groups = Groups.of(facts, rows, *groups_of(departed), places(k, s, r))
        names = len(journeys.labels["event"])
        off = OffMap(*(np.zeros(shape, dtype=np.int64) for shape in (names, (names, 3), (names, 2))))
        codes = cast("Array", journeys.columns["event"])
        off_map(findings.journey, found, closed(asked, journeys), codes, np.zeros(names, dtype=np.int64), off)
        some = [int(code) for code in np.flatnonzero(off.events)]
        return ConformanceTally(
            self.asked_map,
            self.most,
            len(findings),
            groups,
            FitnessSums.of(values["fitness"], facts.outcome, values["conforming"], values["late"], facts.closed),
            VariantSums.of(self._variants(found), findings.journey, values),
            np.stack([np.bincount(values["verdict"][:, rule], minlength=len(VERDICTS)) for rule in range(r)])
            if r
            else np.zeros((0, len(VERDICTS)), dtype=np.int64),
            {code: str(journeys.labels["event"][code] or "") for code in some},
            {code: tuple(map(int, (off.events[code], *off.outcomes[code], *off.closed[code]))) for code in some},
            int((~values["told"]).sum()),
        )

    def answer(self, tally: ConformanceTally) -> Report:
        """Departures by size, fitness, variants, rules, and the finding in words."""
        return conformance_report(tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`{"kind": "skipped", "at": "call"}`, `{"conforming": True}`, `{"variant": …}`, `{"rule": …, "verdict": …}`.

        Also `off_map` with the name of an event, and `outcome`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such place.
        """
        refuse_others(which, SELECTIONS)
        values, asked = findings.values, self.asked_map
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "kind" in which or "at" in which:
            chosen &= self._departing(findings, which.get("kind"), which.get("at"))
        if "conforming" in which:
            chosen &= values["conforming"] == truth(which["conforming"])
        if "outcome" in which:
            chosen &= values["outcome"] == place_among("outcome", which["outcome"], OUTCOMES)
        if "variant" in which:
            chosen &= values["variant"] == mark_of(str(which["variant"]))
        if "rule" in which:
            rule = place_among("rule", which["rule"], [each.name for each in asked.rules])
            verdict = place_among("verdict", which.get("verdict", "broken"), VERDICTS)
            chosen &= values["verdict"][:, rule] == verdict
        elif "verdict" in which:
            raise InputError("A verdict is chosen together with its rule.")
        if "off_map" in which:
            chosen &= self._off_map(findings, str(which["off_map"]))
        return chosen

    def _departing(self, findings: Findings, kind: Any, at: Any) -> Array:
        """Which instances depart in that way there; of any kind, or anywhere, if it is left out."""
        values = findings.values
        known = departure_places(self.asked_map)
        kinds, names = dict.fromkeys(each.kind for each in known), dict.fromkeys(each.at for each in known)
        if kind is not None:
            place_among("kind of departure", kind, kinds)
        if at is not None:
            place_among("touchpoint, stage or rule", at, names)
        fits = np.zeros(len(findings), dtype=np.bool_)
        k, slow = values["which"].shape[1], values["slow"].shape[1]
        for place in known:
            if kind not in (None, place.kind) or at not in (None, place.at):
                continue
            number, rest = place.number, place.number - len(DEPARTURES) * k
            if rest < 0:
                fits |= (values["which"][:, number % k] >> (number // k) & 1).astype(np.bool_)
            elif rest < slow:
                fits |= values["slow"][:, rest]
            else:
                fits |= values["verdict"][:, rest - slow] == BROKEN
        return fits

    def _off_map(self, findings: Findings, name: str) -> Array:
        journeys = cast("JourneyBatch", findings.batch)
        labels = list(journeys.labels["event"])
        fits = np.zeros(len(journeys), dtype=np.bool_)
        if name not in labels:
            raise UnknownNameError.of("event", name, [label for label in labels if label])
        codes = cast("Array", journeys.columns["event"])
        has_off_map(self.instances(journeys), codes, labels.index(name), fits)
        return fits[findings.journey]
