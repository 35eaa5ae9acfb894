"""What happens at every stage and touchpoint of a journey map?

    ws.ask("journey_map", map="repair")

    stage   touchpoint       instances  went on  converted  left  waiting  median  contacts per 100
    Report  fault reported       8 510    7 790          0   610      110    2 h                  0
    Visit   visit scheduled      6 905    6 800          0    60       45    2 d                 31

Every instance that came by a touchpoint went on from there, converted there, left there or waits there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Number, Reads
from desirepath.maps.instances import OUTCOMES, closed
from desirepath.questions.catalog import question
from desirepath.questions.instance_facts import facts_reads, money
from desirepath.questions.journey_map_answer import PARTS, MapTally, map_report
from desirepath.questions.journey_map_waits import Waits, usual, wait_longer
from desirepath.questions.journey_map_walk import (
    Counted,
    Instances,
    Shape,
    Spans,
    Stamps,
    first_visits,
    last_answers,
    makes,
    measure,
    passes,
    walk,
)
from desirepath.questions.map_quotes import comments_of
from desirepath.questions.map_voice import MapVoice, heard, voice_reads, voices_of
from desirepath.questions.on_map import OnMap
from desirepath.questions.question import Findings, Report, place_among, refuse_others
from desirepath.questions.transitions_gaps import Gaps
from desirepath.statistics.scores import PLACES, places_of

WAYS = ("converted", "left", "waiting", "went on")
LONGER = "waiting longer"
"""The way of those who wait for longer than three in four stayed who went on."""
SELECTIONS = ("touchpoint", "stage", "way", "from", "to", "outcome")


@question
class JourneyMap(OnMap):
    """What happens at every stage and touchpoint of a journey map?

    Parameters
    ----------
    map
        The name of a map, or a whole map.
    """

    map: str | dict[str, Any]

    @cached_property
    def _voices(self) -> dict[int, MapVoice]:
        return voices_of(self.asked_map)

    @cached_property
    def _shape(self) -> Shape:
        return Shape.of(self.asked_map)

    def reads(self) -> Reads:
        """What events are worth, and which are answers, with their scores."""
        asked = self.asked_map
        found = facts_reads(asked)
        if asked.feedback:
            found["answers"] = Match(tuple(each.where for each in asked.feedback))
        for number, each in enumerate(asked.feedback):
            found[f"score {number}"] = Number(each.score)
        return found | voice_reads(asked)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per instance: how it came out, and at which touchpoints it is the first of its person's."""
        ended, touched = self.ended(journeys), self.touched(journeys)
        k = len(self.asked_map.touchpoints)
        first = np.zeros((len(journeys), k), dtype=np.bool_)
        first_visits(journeys.starts, touched, ended.last, journeys.owner, np.full(k, -1, dtype=np.int64), first)
        begins = journeys.starts[:-1]
        new = np.diff(journeys.owner, prepend=-1) != 0
        values = {
            "outcome": ended.outcome,
            "started_at": journeys.time[begins],
            "ended_at": ended.at,
            "new": new,
            "first": first,
        }
        rows = np.arange(len(journeys))
        return Findings(rows, values, {"entry": begins}, {"outcome": OUTCOMES}, journeys)

    def tally(self, findings: Findings) -> MapTally:
        """What happens at every touchpoint, on every move and in every stage."""
        journeys = cast("JourneyBatch", findings.batch)
        found = self.instances(journeys)
        k, s = len(self.asked_map.touchpoints), len(self.asked_map.stages)
        counted = Counted.nothing(k, s)
        cost, revenue = (money(self.asked_map, journeys, found.touched, name, PARTS) for name in ("cost", "revenue"))
        over = closed(self.asked_map, journeys)
        walk(findings.journey, found, over, self._shape, cost, revenue, counted, Stamps.nothing(k, s))
        outcome = findings.values["outcome"]
        return MapTally(
            self.asked_map,
            len(findings),
            np.bincount(outcome, minlength=3).astype(np.int64),
            np.bincount(outcome[over[findings.journey]], minlength=3).astype(np.int64),
            int(findings.values["new"].sum()),
            findings.values["first"].sum(axis=0, dtype=np.int64),
            counted,
            *self._spans(findings.journey, found, k, s),
            Waits.of(findings.journey, found),
            *self._answers(findings.journey, journeys, found, k),
            *self._comments(findings.journey, journeys, found),
            {
                number: heard(voice, number, self.asked_map.feedback[number], journeys, findings.journey)
                for number, voice in self._voices.items()
            },
        )

    def _spans(self, rows: Array, found: Instances, k: int, s: int) -> tuple[Gaps, Gaps, Gaps]:
        """How long instances stayed at touchpoints and in stages, and how long moves took."""
        spans = Spans.room(len(found.touched))
        measure(rows, found, self._shape, spans)
        moves, stages = spans.many.tolist()
        move, stay, gap = spans.move[:moves], spans.stay[:moves], spans.gap[:moves]
        return (
            Gaps.of(k, move // k, stay),
            Gaps.of(s, spans.stage[:stages], spans.stage_stay[:stages]),
            Gaps.of(k * k, move, gap),
        )

    def _answers(
        self, rows: Array, journeys: JourneyBatch, found: Instances, k: int
    ) -> tuple[Array, Array, Array, Array]:
        """Per kind of feedback: all answers, those about each touchpoint, those of who came by, and odd ones."""
        kinds = self.asked_map.feedback
        about, passed = (np.zeros((len(kinds), k, PLACES), dtype=np.int64) for _ in range(2))
        answers, odd = np.zeros((len(kinds), PLACES), dtype=np.int64), np.zeros((len(kinds), 1), dtype=np.int64)
        for number, kind in enumerate(kinds):
            matches = cast("Matched", journeys.columns["answers"]).holds(number)
            place = places_of(kind.scale, cast("Array", journeys.columns[f"score {number}"]))
            counted = (about[number], passed[number], odd[number], answers[number])
            last_answers(rows, found, matches, place, kind.about, k, *counted)
        return answers, about, passed, odd[:, 0]

    def _comments(
        self, rows: Array, journeys: JourneyBatch, found: Instances
    ) -> tuple[dict[tuple[int, int, int, int], int], dict[int, str]]:
        """What was said, and the texts by numbers that no two kinds of feedback share."""
        said: dict[tuple[int, int, int, int], int] = {}
        texts: dict[int, str] = {}
        kinds = self.asked_map.feedback
        for number, kind in enumerate(kinds):
            if kind.comment is None:
                continue
            matches = cast("Matched", journeys.columns["answers"]).holds(number)
            place = places_of(kind.scale, cast("Array", journeys.columns[f"score {number}"]))
            codes = cast("Array", journeys.columns[f"comment {number}"])
            mine = comments_of(rows, found, number, matches, place, codes, kind.about)
            labels = journeys.labels[f"comment {number}"]
            for (_, at, score, code), many in mine.items():
                text = code * len(kinds) + number
                said[number, at, score, text] = many
                texts[text] = str(labels[code] or "")
        return dict(sorted(said.items())), dict(sorted(texts.items()))

    def answer(self, tally: MapTally) -> Report:
        """Touchpoints, stages, moves, and the finding in words."""
        return map_report(tally)

    def meant(self, tally: MapTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """How long those have waited at least who wait for longer than is usual.

        Raises
        ------
        InputError
            If too few stays there have ended, or it is asked of a stage.
        """
        if which.get("way") != LONGER:
            return which
        names = [each.name for each in self.asked_map.touchpoints]
        if "touchpoint" not in which:
            raise InputError(f"The way {LONGER!r} is chosen together with the touchpoint where they wait.")
        at = place_among("touchpoint", which["touchpoint"], names)
        than = usual(tally.stays)[at]
        if than is None:
            raise InputError(f"Too few stays at {names[at]!r} have ended to say how long is usual there.")
        return {**which, "way": (at, than)}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`{"touchpoint": "repaired", "way": "left"}`, `{"stage": "Visit"}`, `{"from": …, "to": …}`, `{"outcome": …}`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint or stage.
        """
        refuse_others(which, SELECTIONS)
        journeys = cast("JourneyBatch", findings.batch)
        found = self.instances(journeys)
        fits = np.ones(len(journeys), dtype=np.bool_)
        names = [each.name for each in self.asked_map.touchpoints]
        if "outcome" in which and which["outcome"] != "all":
            fits &= found.outcome == place_among("outcome", which["outcome"], OUTCOMES)
        for kind in ("touchpoint", "stage"):
            if kind in which:
                places = self._shape.stage if kind == "stage" else np.arange(len(names))
                known = [each.name for each in self.asked_map.stages] if kind == "stage" else names
                fits &= self._way(found, places, place_among(kind, which[kind], known), which.get("way"), findings)
        if "way" in which and not {"touchpoint", "stage"} & which.keys():
            raise InputError("A way is chosen together with the touchpoint or the stage that it leads from.")
        if "from" in which or "to" in which:
            if not {"from", "to"} <= which.keys():
                raise InputError("A move is chosen by both its ends, `from` and `to`.")
            ends = [place_among("touchpoint", which[end], [*names, "(start)"]) for end in ("from", "to")]
            moved = np.zeros(len(journeys), dtype=np.bool_)
            makes(found.starts, found.touched, found.last, ends[0], ends[1], len(names), moved)
            fits &= moved
        return fits[findings.journey]

    def _way(self, found: Instances, places: Array, wanted: int, way: Any, findings: Findings) -> Array:
        """Which instances came by, and went on as is wanted; `first` means the first of each person's."""
        fits = np.empty(len(found.outcome), dtype=np.int64)
        passes(found.starts, found.touched, found.last, places, found.outcome, wanted, fits)
        if way in (None, "all"):
            return np.asarray(fits >= 0)
        if isinstance(way, tuple):
            at, than = way
            return wait_longer(found, at, than)
        if way == "first":
            return np.asarray(findings.values["first"][:, wanted])
        return np.asarray(fits == place_among("way", way, (*WAYS, LONGER, "first")))
