"""How satisfied are they? The score of a survey's answers, with its interval, its trend, and who did not answer.

    ws.ask(Scores(answers="survey", scale="nps", every="month"))

    bucket   answers  people  promoters  passives  detractors  score
    all          912     874        441       290         181  28.5 [23.4, 33.6]
    2026-04      410     402        190       140          80  26.8 [19.2, 34.2]

Of several answers of a person within a window the last counts; people are the unit of every interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Number, Read, Reads
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.scores_answer import ALL, ScoresTally, scores_report
from desirepath.questions.scores_said import kind_told
from desirepath.questions.scores_walk import (
    ANSWERED,
    COUNTED,
    MISSING,
    OFF,
    OPEN,
    REFERENCE,
    SILENT,
    SUPERSEDED,
    Asked,
    beside_of,
    of_person,
    rows_of,
)
from desirepath.statistics.keyed import Keyed
from desirepath.statistics.scores import PLACES, Rule, rule_of

NPS_KINDS, OTHER_KINDS = ("promoter", "passive", "detractor"), ("good", "other")
STATES = {
    "counted": (COUNTED,),
    "left out": (SUPERSEDED, MISSING, OFF),
    "superseded": (SUPERSEDED,),
    "missing": (MISSING,),
    "off the scale": (OFF,),
    "invited": (ANSWERED, SILENT, OPEN),
    "answered": (ANSWERED,),
    "not answered": (SILENT,),
    "open": (OPEN,),
    "reference": (REFERENCE,),
}
SELECTIONS = ("kind", "score", "bucket", "text", "label", "first")


@question
class Scores(Question):
    """How satisfied are they, and how sure is that?

    Parameters
    ----------
    answers
        Which events are answers: an event's name or a filter.
    score
        The property that holds the score, a number.
    scale
        `nps` (0 to 10), `csat5`, `csat7`, `ces7` (7 is easiest), `stars` (1 to 5), or the worst and the best value:
        `"7 to 1"` is an effort score on which 1 is easiest.
    once
        Of several answers of a person within this time the last counts, such as `"30 days"`; `none` counts each.
    text
        The property with the comment, to tell answers with one from those without.
    invited
        Which events are invitations to answer, for the response rate: an event's name or a filter.
    respond_within
        How long after an invitation an answer is one to it; invitations of the same person in that time are reminders.
    every
        Buckets of the workspace's calendar, for the trend: `day`, `week`, `month` or `quarter`.
    label
        The property in which the source names the kind of an answer, such as `Promoter`: held against its score.
    strata
        A property by which answers are weighted, so that kinds of people that answer seldom count as much as they are.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"first", "text"})

    answers: str
    score: str = "score"
    scale: str = "nps"
    once: str = "30 days"
    text: str | None = None
    invited: str | None = None
    respond_within: str = "14 days"
    every: Literal["day", "week", "month", "quarter"] | None = None
    strata: str | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        for name in ("score", "text", "strata", "label"):
            if getattr(self, name) is not None and not getattr(self, name).strip():
                raise InputError(f"`{name}` needs the name of a property.")
        _ = self._asked, self.reads()

    @cached_property
    def rule(self) -> Rule:
        """How answers become a score."""
        return rule_of(self.scale)

    @cached_property
    def _asked(self) -> Asked:
        once = -1 if self.once.strip() == "none" else duration(self.once).microseconds
        within = duration(self.respond_within).microseconds
        invited = -1 if self.invited is None else within
        return Asked(self.rule, once, invited, self.every, self.text is not None, self.strata is not None)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What an answer that counts may be."""
        return NPS_KINDS if self.rule.kind == "nps" else OTHER_KINDS

    def reads(self) -> Reads:
        """Which events are answers and invitations, the score, the comment, and the kind of people."""
        events = (self.answers,) if self.invited is None else (self.answers, self.invited)
        wanted: dict[str, Read] = {"match": Match(tuple(map(Where.event, events))), "score": Number(self.score)}
        if self.text is not None:
            wanted["text"] = Code(self.text)
        if self.strata is not None:
            wanted["strata"] = Code(self.strata)
        if self.label is not None:
            wanted["label"] = Code(self.label)
        return wanted

    def horizon(self) -> int:
        """Answers to the last invitations come later."""
        return max(self._asked.within, 0)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per answer, per invitation, and per person to compare with."""
        rows, labels, told = rows_of(journeys, self._asked)
        counted = rows.state == COUNTED
        points = np.where(counted, self.rule.points[np.maximum(rows.score, 0)], 0)
        owner = journeys.owner[rows.journey].astype(np.int64)
        in_all = of_person(owner, counted, points)
        in_bucket = in_all if not labels else of_person(owner * len(labels) + rows.bucket, counted, points)
        beside = np.stack((*in_all, *in_bucket), axis=1).astype(np.int64)
        if self.invited is not None:
            # Invitations are no answers, so that what stands beside them has room in the same columns.
            decided, came = np.isin(rows.state, (ANSWERED, SILENT)), (rows.state == ANSWERED).astype(np.int64)
            in_all_asked = of_person(owner, decided, came)
            by_bucket = in_all_asked if not labels else of_person(owner * len(labels) + rows.bucket, decided, came)
            beside[decided] = np.stack((*in_all_asked, *by_bucket), axis=1)[decided]
        values: dict[str, Array] = {
            "state": rows.state,
            "score": rows.score,
            "said_at": journeys.time[rows.place],
            "first": in_all[2],
            "text": rows.text,
            "bucket": rows.bucket,
            "beside": beside,
            "stratum": rows.stratum[:, None],
            "labelled": self._labelled(journeys, rows.place, rows.score, counted)[:, None],
        }
        spelled: dict[str, list[str | None]] = {
            "state": [
                "counted",
                "superseded",
                "missing",
                "off the scale",
                "answered",
                "not answered",
                "open",
                "person",
            ],
            "score": [str(n) for n in range(PLACES)],
            "bucket": [*labels] if labels else [ALL],
            "told": [*told],
            "strata": list(journeys.labels["strata"]) if self.strata is not None else [],
        }
        return Findings(rows.journey, values, {"entry": rows.place}, spelled)

    def _labelled(self, journeys: JourneyBatch, place: Array, score: Array, counted: Array) -> Array:
        """int8[rows]: 0 where no label tells the kind of a counted answer, 1 where it is its score's, 2 another."""
        if self.label is None:
            return np.zeros(len(place), dtype=np.int8)
        told = np.array([kind_told(label) for label in journeys.labels["label"]], dtype=np.int8)
        named = told[cast("Array", journeys.columns["label"])[place]]
        at = np.maximum(score, 0)
        good = self.rule.satisfied[at]
        own = np.where(good, 2, np.where(at <= 6, 0, 1)) if self.rule.kind == "nps" else np.where(good, 2, 0)
        if self.rule.kind != "nps":
            named = np.where(named == 1, -1, named)  # what is in the middle tells nothing of good and bad
        return np.where(counted & (named >= 0), np.where(named == own, 1, 2), 0).astype(np.int8)

    def tally(self, findings: Findings) -> ScoresTally:
        """Answers by score, in all and by bucket, with and without a comment, and by kind of people."""
        values = findings.values
        labels = () if self.every is None else tuple(map(str, findings.labels["bucket"]))
        told = () if self.every is None else tuple(map(str, findings.labels["told"]))
        size, state, score = 1 + len(labels), values["state"], np.maximum(values["score"], 0)
        counted = state == COUNTED
        place, where = score[counted], values["bucket"][counted] + 1
        counts = np.zeros((size, PLACES), dtype=np.int64)
        counts[0] = np.bincount(place, minlength=PLACES)
        states = np.zeros((size, REFERENCE + 1), dtype=np.int64)
        states[0] = np.bincount(state, minlength=REFERENCE + 1)
        beside = beside_of(values["beside"][counted], self.rule.points[place], where, size)
        decided = np.isin(state, (ANSWERED, SILENT))
        came = (state[decided] == ANSWERED).astype(np.int64)
        invitations = beside_of(values["beside"][decided], came, values["bucket"][decided] + 1, size)
        if labels:
            np.add.at(counts, (where, place), 1)
            np.add.at(states, (values["bucket"] + 1, state), 1)
        texts = np.zeros((2, PLACES), dtype=np.int64)
        np.add.at(texts, (1 - values["text"][counted].astype(np.int64), place), 1)
        strata = Keyed.nothing(1 + PLACES)
        if self.strata is not None:
            use = counted | (state == REFERENCE)
            each = np.zeros((int(use.sum()), 1 + PLACES), dtype=np.int64)
            column = np.where(state[use] == REFERENCE, 0, 1 + score[use])
            each[np.arange(len(each)), column] = 1
            strata = Keyed.of(values["stratum"][use, 0], each)
        names = tuple(findings.labels["strata"]) if len(strata.keys) else ()
        size = len(findings)
        labelled = np.bincount(values["labelled"][:, 0], minlength=3)
        pair = (int(labelled[1]), int(labelled[2]))
        return ScoresTally(self, size, labels, told, counts, states, beside, invitations, texts, strata, names, pair)

    def answer(self, tally: ScoresTally) -> Report:
        """The score in all and by bucket, how answers are distributed, and what they leave out."""
        return scores_report(tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`kind="detractor"`, `score=7`, `bucket="2026-05"`, `text="with"`, `first=True`; all answers.

        `kind` is also `counted`, `left out`: `superseded`, `missing`, `off the scale`, and of invitations `invited`,
        `answered`, `not answered`, `open`. `label="differs"` are answers that are labelled otherwise than their score
        says. `first` leaves one answer a person.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such kind or bucket.
        """
        refuse_others(which, SELECTIONS)
        values, state = findings.values, findings.values["state"]
        chosen = np.asarray(state <= OFF)
        if "kind" in which:
            chosen = self._kind(values, str(which["kind"]))
        elif {"score", "text", "label", "first"} & which.keys():
            chosen = state == COUNTED
        column = 2
        if which.get("bucket", ALL) != ALL:
            chosen = chosen & (values["bucket"] == place_among("bucket", which["bucket"], findings.labels["bucket"]))
            column = 5
        if "score" in which:
            chosen = chosen & (values["score"] == place_among("score", str(which["score"]), findings.labels["score"]))
        if "text" in which:
            chosen = chosen & (values["text"] == (place_among("text", which["text"], ["without", "with"]) == 1))
        if "label" in which:
            wanted = 1 + place_among("label", which["label"], ["agrees", "differs"])
            chosen = chosen & (values["labelled"][:, 0] == wanted)
        if which.get("first"):
            chosen = chosen & (values["beside"][:, column] == 1)
        return np.asarray(chosen)

    def _kind(self, values: Mapping[str, Array], kind: str) -> Array:
        """Which rows are of a kind."""
        place_among("kind", kind, [*self.kinds, *STATES])
        if kind in STATES:
            return np.isin(values["state"], STATES[kind])
        counted, score = values["state"] == COUNTED, np.maximum(values["score"], 0)
        good = self.rule.satisfied[score]
        if kind in ("promoter", "good"):
            return np.asarray(counted & good)
        if kind == "other":
            return np.asarray(counted & ~good)
        return np.asarray(counted & (score <= 6 if kind == "detractor" else (score > 6) & ~good))
