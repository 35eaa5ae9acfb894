"""What do questions about what people say share? Remarks: their words, what these say, and what they hang on.

A remark hangs on the touchpoint that it names (the same order or ticket), else on the last one before it; see
`voice_walk`. What a text says (topic, sentiment, effort, language) is read by whoever delivers the journeys: the fields
`comment.topic`, `comment.sentiment` and so on, or others that the question names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Self, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.activity_walk import buckets_of
from desirepath.questions.question import Findings, Question, place_among, refuse_others
from desirepath.questions.top_codes import told_apart
from desirepath.questions.voice_quotes import reads_like
from desirepath.questions.voice_tally import NO_THEME
from desirepath.questions.voice_walk import HOW, Things, linked, passed_by
from desirepath.statistics.keyed import Grouped
from desirepath.statistics.scores import Rule, rule_of

MOST_TOUCHPOINTS, EACH = 240, 60
UNLINKED, UNKNOWN = "(none)", "(unknown)"
WORDLESS = "(no words)"
SELECTIONS = (
    "touchpoint", "passed", "not_passed", "stage", "theme", "bucket", "how", "language", "mood", "has", "quote",
    "first",
)  # fmt: skip
MOODS = ("bad", "neutral", "good", "unread")
HAS = ("sentiment", "effort", "score")


@dataclass(frozen=True)
class Place:
    """Where remarks may hang: a touchpoint, and the stage that it is part of."""

    name: str
    where: Where
    stage: str | None = None


@dataclass(frozen=True)
class Remarks(Question):
    """A question about remarks.

    Parameters
    ----------
    answers
        Which events are remarks: an event's name or a filter.
    text
        The property with the words.
    score, scale
        The property with a score, if remarks have one, and its scale; see the question `scores`.
    map
        The journey map whose touchpoints remarks are about, by name or written out.
    touchpoints
        Instead of a map: the events that remarks may be about, names or filters.
    link_by
        The field that a remark has in common with the touchpoint it names: `entity_id`, or a property such as the
        number of an order.
    within
        How long after a touchpoint a remark that names none is still about it.
    theme
        The field that says what a remark is about; the topic of the text, if left out.
    sentiment, effort
        The fields with how it sounds and how hard it was, -5 to +5; read from the text, if left out.
    """

    blanks: ClassVar[frozenset[str]] = frozenset({"score"})

    answers: str
    text: str = "text"
    score: str | None = None
    scale: str = "nps"
    map: str | dict[str, Any] | None = None
    touchpoints: list[str] = field(default_factory=list)
    link_by: str = "entity_id"
    within: str = "30 days"
    theme: str | None = None
    sentiment: str | None = None
    effort: str | None = None

    WORDLESS: ClassVar[bool] = False
    """Whether remarks without words count too."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        for name in ("text", "score", "theme", "sentiment", "effort", "link_by"):
            if getattr(self, name) is not None and not getattr(self, name).strip():
                raise InputError(f"`{name}` needs the name of a field.")
        if self.map is not None and self.touchpoints:
            raise InputError("Touchpoints are those of a `map`, or `touchpoints`, not both.")
        _ = self.rule, self.horizon_back
        if not isinstance(self.map, str):
            self.reads()

    @property
    def unit(self) -> str | None:
        """The unit of the buckets that remarks are told apart by, if they are."""
        return None

    @cached_property
    def rule(self) -> Rule:
        """How answers become a score."""
        return rule_of(self.scale)

    @cached_property
    def horizon_back(self) -> int:
        """How long a remark may come after what it is about, microseconds."""
        return duration(self.within).microseconds

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The touchpoints, in the order of the map.

        Raises
        ------
        InputError
            If there are too many, or the map is a name that nobody looked up.
        """
        if isinstance(self.map, str):
            raise InputError(f"The map {self.map!r} has to be looked up; ask a workspace, or give the whole map.")
        if self.map is not None:
            asked = JourneyMap.of(self.map)
            stages = [stage.name for stage in asked.stages]
            found = [Place(each.name, each.where, stages[each.stage]) for each in asked.touchpoints]
        else:
            found = [Place(text, Where.event(text)) for text in self.touchpoints]
        if len(found) > MOST_TOUCHPOINTS:
            raise InputError(f"Remarks may hang on {MOST_TOUCHPOINTS} touchpoints, not on {len(found)}.")
        names = [each.name for each in found]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"The touchpoint {name!r} stands twice.")
        return tuple(found)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of the map, in its order."""
        return tuple(dict.fromkeys(each.stage for each in self.places if each.stage is not None))

    @property
    def first_passed(self) -> int:
        """Lines of a tally: all, touchpoints, none, stages; from here on who came by each touchpoint or did not."""
        return len(self.places) + 2 + len(self.stages)

    def bound(self, maps: Callable[[str], JourneyMap]) -> Self:
        """The same question with its map written out."""
        if not isinstance(self.map, str):
            return self
        return replace(self, map=dict(maps(self.map).definition))

    def reads(self) -> Reads:
        """Remarks, their words and what these say, scores, touchpoints, and what events are about."""
        wanted: dict[str, Read] = {
            "match": Match((Where.event(self.answers),)),
            "text": Code(self.text),
            "theme": Code(self.theme or f"{self.text}.topic"),
            "language": Code(f"{self.text}.language"),
            "sentiment": Number(self.sentiment or f"{self.text}.sentiment"),
            "effort": Number(self.effort or f"{self.text}.effort"),
        }
        if self.score is not None:
            wanted["score"] = Number(self.score)
        filters = [each.where for each in self.places]
        for number, begin in enumerate(range(0, len(filters), EACH)):
            wanted[f"touchpoints {number}"] = Match(tuple(filters[begin : begin + EACH]))
        if filters:
            wanted["thing"] = Code(self.link_by)
            if self.link_by == "entity_id":
                wanted["kind of thing"] = Code("entity_type")
        return wanted

    def history(self) -> bool:
        """What a remark is about may have been before the period."""
        return bool(self.places)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per remark: where it hangs, what it is about, and how it sounds.

        A breakdown takes its value at the first remark of each, so that everybody is in one group.
        """
        remark = cast("Matched", journeys.columns["match"]).holds(0)
        codes = cast("Array", journeys.columns["text"])
        said = np.array([bool(label and label.strip()) for label in journeys.labels["text"]], dtype=np.bool_)
        begin, end = journeys.period
        inside = (journeys.time >= begin) & (journeys.time < end)
        at = np.flatnonzero(remark & inside if self.WORDLESS else remark & inside & said[codes])
        of = journeys.journey_of_event()
        touch, things = self._touched(journeys, remark)
        starts, time, horizon = journeys.starts, journeys.time, self.horizon_back
        link = linked(starts, time, of, remark, touch, things, horizon)
        bucket, labels, told = np.zeros(len(at), dtype=np.int64), [""], [""]
        if self.unit is not None:
            found = buckets_of(journeys, self.unit)
            labels = journeys.calendar.labels(found.edges, self.unit)
            bucket = np.clip(np.searchsorted(found.edges, journeys.time[at], side="right") - 1, 0, len(labels) - 1)
            told = found.told
        values: dict[str, Array] = {
            "place": link.place[at],
            "how": link.how[at],
            "sure": link.sure[at],
            "theme": cast("Array", journeys.columns["theme"])[at].astype(np.int64),
            "language": cast("Array", journeys.columns["language"])[at].astype(np.int64),
            "text": codes[at].astype(np.int64),
            "sentiment": _within_five(cast("Array", journeys.columns["sentiment"])[at]),
            "effort": _within_five(cast("Array", journeys.columns["effort"])[at]),
            "outside": self._outside(journeys, at),
            "score": self._scores(journeys, at),
            "said_at": journeys.time[at],
            "bucket": bucket,
            "passed": passed_by(starts, time, of, at, touch, things, horizon, len(self.places)),
            "unit": of[at][:, None],
        }
        spelled: dict[str, Any] = {
            "place": [each.name for each in self.places],
            "how": list(HOW),
            "theme": told_apart(journeys.labels["theme"], (NO_THEME, WORDLESS)),
            "language": list(journeys.labels["language"]),
            "text": list(journeys.labels["text"]),
            "bucket": labels,
            "told": told,
        }
        return Findings(of[at], values, {"entry": firsts(of[at], at)}, spelled)

    def _touched(self, journeys: JourneyBatch, remark: Array) -> tuple[Array, Things | None]:
        """int64[n]: the touchpoint of every event that is no remark, -1 for none; and what each event is about."""
        touch = np.full(len(journeys.time), -1, dtype=np.int64)
        for number, begin in reversed(list(enumerate(range(0, len(self.places), EACH)))):
            matched = cast("Matched", journeys.columns[f"touchpoints {number}"])
            first = np.full(len(matched.bits), -1, dtype=np.int64)
            for k in reversed(range(min(EACH, len(self.places) - begin))):
                first[((matched.bits >> k) & 1) == 1] = begin + k
            here = first[matched.codes]
            touch = np.where(here >= 0, here, touch)
        touch = np.where(remark, -1, touch)
        if not self.places:
            return touch, None
        thing = cast("Array", journeys.columns["thing"]).astype(np.int64)
        kinds, many = np.zeros(len(thing), dtype=np.int64), 1
        if "kind of thing" in journeys.columns:
            labels = journeys.labels["kind of thing"]
            # entities of a map stand for each other: a survey may call a case a touchpoint
            same = [k for k, label in enumerate(labels) if label in self._entities]
            table = np.arange(len(labels), dtype=np.int64)
            table[same] = same[0] if same else 0
            kinds, many = table[cast("Array", journeys.columns["kind of thing"])], len(labels)
        return touch, Things(np.where(thing > 0, thing * many + kinds, 0), np.where(thing > 0, kinds + 1, 0))

    @cached_property
    def _entities(self) -> tuple[str, ...]:
        """The kinds of entities of the map."""
        return JourneyMap.of(self.map).entities if isinstance(self.map, dict) else ()

    def _outside(self, journeys: JourneyBatch, at: Array) -> Array:
        """bool[rows, 1]: whether a mood is beyond what moods may be."""
        moods = [np.abs(cast("Array", journeys.columns[name])[at]) for name in ("sentiment", "effort")]
        return np.asarray(((moods[0] > 5) | (moods[1] > 5))[:, None])

    def _scores(self, journeys: JourneyBatch, at: Array) -> Array:
        if self.score is None:
            return np.full(len(at), -1, dtype=np.int8)
        return self.rule.places(cast("npt.NDArray[np.float64]", journeys.columns["score"])[at])

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`touchpoint=…`, `stage=…`, `theme=…`, `bucket=…`, `how="named"`, `language="en"`, `mood="bad"`; all remarks.

        `passed=…` are remarks of those who had come by a touchpoint, `not_passed=…` of those who had not; `has="score"`
        (or `sentiment`, `effort`) are those with one, `quote=…` those that read so; `first` leaves one remark a person.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint, stage, theme or bucket.
        """
        refuse_others(which, SELECTIONS)
        values, chosen = findings.values, np.ones(len(findings), dtype=np.bool_)
        if "touchpoint" in which:
            places = [each.name for each in self.places]
            k = place_among("touchpoint", which["touchpoint"], [*places, UNLINKED])
            chosen &= values["place"] == (k if k < len(places) else -1)
        for name in ("passed", "not_passed"):
            if name in which:
                k = place_among("touchpoint", which[name], [each.name for each in self.places])
                chosen &= values["passed"][:, k] == (name == "passed")
        if "stage" in which:
            k = place_among("stage", which["stage"], self.stages)
            of = np.array([self.stages.index(each.stage) if each.stage else -1 for each in self.places] + [-1])
            chosen &= of[values["place"]] == k
        for name in ("theme", "bucket", "how", "language"):
            if name in which:
                chosen &= values[name] == self._place(findings, name, str(which[name]))
        if "mood" in which:
            chosen &= _mood(values["sentiment"]) == place_among("mood", which["mood"], MOODS)
        if "has" in which:
            known = values[HAS[place_among("reading", which["has"], HAS)]]
            chosen &= known >= 0 if which["has"] == "score" else ~np.isnan(known)
        if "quote" in which:
            codes, wanted = np.unique(values["text"][chosen]), str(which["quote"])
            texts = findings.labels["text"]
            chosen &= np.isin(values["text"], [k for k in codes if reads_like(" ".join(str(texts[k]).split()), wanted)])
        if which.get("first"):
            chosen = Grouped.of(values["unit"][:, 0]).first(chosen)
        return np.asarray(chosen)

    def _place(self, findings: Findings, name: str, wanted: str) -> int:
        """The code of a value; a theme or language that nobody has in these rows is still one that there is."""
        labels = [label if label is not None else UNKNOWN for label in findings.labels[name]]
        labels = [NO_THEME, *labels[1:]] if name == "theme" else labels
        if wanted not in labels:
            raise UnknownNameError.of(name, wanted, labels)
        return labels.index(wanted)


def firsts(unit: Array, at: Array) -> Array:
    """int64[rows]: the first event of each row's unit; rows of a unit stand together."""
    begins = np.flatnonzero(np.diff(unit, prepend=-1))
    return np.repeat(at[begins], np.diff(np.append(begins, len(unit))))


def _within_five(values: Array) -> Array:
    """What is not between -5 and 5 is no sentiment, and says nothing."""
    return np.where(np.abs(values) <= 5, values, np.nan).astype(np.float64)


def _mood(sentiment: Array) -> Array:
    """int[n]: places of `MOODS`; within a half of 0 is neutral."""
    read = np.where(np.isnan(sentiment), 0.0, sentiment)
    return np.where(np.isnan(sentiment), 3, np.where(read < -0.5, 0, np.where(read > 0.5, 2, 1)))


__all__ = ["UNKNOWN", "UNLINKED", "Place", "Remarks", "firsts"]
