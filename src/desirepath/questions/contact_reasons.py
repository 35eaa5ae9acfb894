"""What do people contact us for, how does it sound, could they have helped themselves, and what does it cost?

    ws.ask(ContactReasons(map="repair", text="text", every="month"))

    topic         contacts  with_contacts  contacts_per_100  sentiment  contained  cost_per_issue  quote
    appointment        412            371   9.6 [8.7, 10.4]       -2.1     38.0 %           11.20  Nobody came today …
    billing             96             90   2.2 [1.8, 2.7]        -0.9     61.4 %            8.40  I was charged twice

The reason is read from the words, or is a field of the contact. Issues, containment and costs are those of the
question `service`; contacts, self-service and costs may be those of a journey map.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Self, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.errors import InputError
from desirepath.events.where import Where, never
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.maps.journey_map import JourneyMap, Touchpoint
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Report
from desirepath.questions.service import CUSTOMER, WHO, Service
from desirepath.questions.service_answer import ServiceTally, service_report
from desirepath.questions.top_codes import OTHER
from desirepath.questions.voice import MOST_QUOTES, Voice
from desirepath.questions.voice_answer import ALL, changes
from desirepath.questions.voice_quotes import first_quotes, quotes_table
from desirepath.questions.voice_tally import EFFORT, REMARKS, SENTIMENT, VoiceTally
from desirepath.statistics import Estimate, Proportion, interval_columns

MOST_PRICED = 62


@question
class ContactReasons(Service):
    """What do people contact us for, how does it sound, could they have helped themselves, and what does it cost?

    Parameters
    ----------
    contacts
        Which events are contacts with a human: an event's name or a filter; those of the `map`, if left out.
    self_service
        Which events are self-service, such as help pages, bots or an app; those of the `map`, if left out.
    topic
        The field that says what a contact is about; what the words of `text` say they came for, if left out.
    cost
        What events cost: a property with numbers, or the cost by channel, such as `{"phone": 8.0, "chat": 4.0}`; what
        the `map` says, if left out.
    map
        A journey map whose touchpoints say which contacts are human and which self-service, and what they cost.
    text
        The property with the words of a contact.
    every
        Buckets of the workspace's calendar, to tell what has changed: the last that is over against those before it.
    quotes
        How many quotes a topic has.
    """

    contacts: str | None = None  # type: ignore[assignment]
    map: str | dict[str, Any] | None = None
    text: str = "text"
    every: Literal["day", "week", "month", "quarter"] | None = None
    quotes: int = 3

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.contacts is None and self.map is None:
            raise InputError("Contacts are named by `contacts`, or by a `map` whose touchpoints are contacts.")
        if not self.text.strip():
            raise InputError("`text` needs the name of a property.")
        if not 0 <= self.quotes <= MOST_QUOTES:
            raise InputError(f"{self.quotes} quotes are not shown.", allowed=[f"0 to {MOST_QUOTES}"])
        if self.topic is None:
            object.__setattr__(self, "topic", f"{self.text}.intent")
        if not isinstance(self.map, str):
            super().__post_init__()

    @cached_property
    def _touchpoints(self) -> tuple[Touchpoint, ...]:
        """Those of the map.

        Raises
        ------
        InputError
            If the map is a name that nobody looked up, or has no contacts.
        """
        if self.map is None:
            return ()
        if isinstance(self.map, str):
            raise InputError(f"The map {self.map!r} has to be looked up; ask a workspace, or give the whole map.")
        found = JourneyMap.of(self.map).touchpoints
        if self.contacts is None and not any(each.contact == "human" for each in found):
            raise InputError("No touchpoint of the map is a contact with a human.", allowed=["contact: human"])
        return found

    def bound(self, maps: Callable[[str], JourneyMap]) -> Self:
        """The same question with its map written out."""
        return replace(self, map=dict(maps(self.map).definition)) if isinstance(self.map, str) else self

    @cached_property
    def _priced(self) -> list[Touchpoint]:
        """The contacts and self-service of the map that cost something."""
        found = [each for each in self._touchpoints if each.contact is not None and each.cost is not None]
        return [] if self.cost is not None else found[:MOST_PRICED]

    @property
    def has_cost(self) -> bool:
        """Whether the question or the map tells what contacts cost."""
        return self.cost is not None or bool(self._priced)

    def sides(self) -> tuple[Where, Where]:
        """Which events are contacts with a human, and which are self-service."""
        of_map = [
            Where.any_of([each.where for each in self._touchpoints if each.contact == kind])
            for kind in ("human", "self-service")
        ]
        human = of_map[0] if self.contacts is None else Where.event(self.contacts)
        if self.self_service is not None:
            return human, Where.event(self.self_service)
        return human, of_map[1] if any(each.contact == "self-service" for each in self._touchpoints) else never

    @cached_property
    def _voice(self) -> Voice:
        """What is asked of the words."""
        return Voice(answers="true", text=self.text, theme=self.topic, every=self.every, most=self.most)

    def reads(self) -> Reads:
        """What `service` reads, the words and how they sound, and what touchpoints of the map cost."""
        wanted: dict[str, Read] = {**super().reads()}
        wanted |= {"text": Code(self.text), "language": Code(f"{self.text}.language")}
        wanted |= {name: Number(f"{self.text}.{name}") for name in ("sentiment", "effort")}
        if self._priced:
            wanted["priced"] = Match(tuple(each.where for each in self._priced))
            wanted["value"] = Number("value")
        return wanted

    def costs_of(self, journeys: JourneyBatch) -> npt.NDArray[np.float64]:
        """float64[n]: what each event costs, NaN where that is not known."""
        if not self._priced:
            return super().costs_of(journeys)
        given = np.full(len(journeys.time), math.nan)
        matched = cast("Matched", journeys.columns["priced"])
        for k, each in reversed(list(enumerate(self._priced))):
            here = matched.holds(k)
            value = cast("Array", journeys.columns["value"])[here] if each.cost == "value" else each.cost
            given[here] = value
        return given

    def find(self, journeys: JourneyBatch) -> Findings:
        """The rows of `service`; the words are looked at again when they are summed up."""
        return replace(super().find(journeys), batch=journeys)

    def tally(self, findings: Findings) -> ReasonsTally:  # type: ignore[override]
        """Issues and costs by topic, and what was said."""
        journeys = cast("JourneyBatch", findings.batch)
        said = self._said(journeys)
        mine = np.unique(findings.journey[findings.values["kind"] == CUSTOMER])
        voice = self._voice.tally(said.take(np.isin(said.journey, mine)))
        return ReasonsTally(super().tally(findings), voice)

    def _said(self, journeys: JourneyBatch) -> Findings:
        """One row per contact with words; what a contact is about is what its issue is about."""
        matched, found = cast("Matched", journeys.columns["match"]), self._issues(journeys)[0]
        theme = cast("Array", journeys.columns["topic"]).astype(np.int64)
        mine = found.number > 0
        theme[mine] = found.issues.topic[found.number[mine] - 1]
        columns = {**journeys.columns, "match": Matched(matched.codes, matched.bits & 1), "theme": theme}
        labels = {**journeys.labels, "theme": journeys.labels["topic"]}
        return self._voice.find(replace(journeys, columns=columns, labels=labels))

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """What `service` selects by; with `has="sentiment"` or `"effort"` customers with a contact that has one.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such topic, outcome, horizon or reading.
        """
        if "has" not in which:
            return super().select(findings, which)
        rest = {name: value for name, value in which.items() if name != "has"}
        said = self._said(cast("JourneyBatch", findings.batch))
        said = said.take(self._voice.select(said, {"has": which["has"]}))
        chosen = super().select(findings, {"who": WHO[1], **rest})
        of, theme = findings.journey, findings.values["topic"]
        if "topic" not in which:
            return np.asarray(chosen & np.isin(of, said.journey))
        many = len(findings.labels["topic"])
        return np.asarray(chosen & np.isin(of * many + theme, said.journey * many + said.values["theme"]))

    def answer(self, tally: ReasonsTally) -> Report:  # type: ignore[override]
        """The table of `service` by reason, with how each sounds, whether it grew, and quotes."""
        return reasons_report(self, tally)

    def meant(self, tally: ReasonsTally, which: Mapping[str, Any]) -> Mapping[str, Any]:  # type: ignore[override]
        """`(other)` are the topics that have no line of their own."""
        return super().meant(tally.service, which)


@dataclass(frozen=True, eq=False)
class ReasonsTally:
    """Issues and what was said of them.

    Attributes
    ----------
    service, voice
        See `service_answer.ServiceTally` and `voice_tally.VoiceTally`.
    """

    service: ServiceTally
    voice: VoiceTally

    def __add__(self, other: ReasonsTally) -> ReasonsTally:
        """Join two groups of rows."""
        return ReasonsTally(self.service + other.service, self.voice + other.voice)

    @property
    def size(self) -> int:
        """How many issues and customers there are."""
        return self.service.size

    def rates(self) -> Mapping[str, Proportion]:
        """See `ServiceTally`."""
        return self.service.rates()


def reasons_report(asked: ContactReasons, tally: ReasonsTally) -> Report:
    """The report of `service` with more columns, and quotes."""
    report, voice = service_report(tally.service), tally.voice
    codes = [[-1], *(found for _, found in tally.service.shown)] if tally.size else []
    table = dict(report.table)
    lines = [sum((voice.line(0, code + 1) for code in each[1:]), voice.line(0, each[0] + 1)) for each in codes]
    for name, column in (("sentiment", SENTIMENT), ("effort", EFFORT)):
        moods: list[Estimate] = [voice.mood(line, column) for line in lines]
        table |= {**interval_columns(name, moods), f"people_with_{name}": [each.n for each in moods]}
    shown = tally.service.shown if tally.size else []
    single = [(0, found[0] + 1) for name, found in shown if name != OTHER]
    themes = [None if name in (ALL, OTHER) else found[0] + 1 for name, found in [(ALL, [-1]), *shown]][: len(codes)]
    if asked.every is not None:
        found = changes(voice, single)
        place = {theme: k for k, (_, theme) in enumerate(single)}
        for name, values in found.items():
            table[name] = [None if each is None else values[place[each]] for each in themes]
    told = quotes_table(voice, single, [ALL], asked.quotes)
    first = first_quotes(voice, single) if asked.quotes else [None] * len(single)
    firsts = {theme: quote for (_, theme), quote in zip(single, first, strict=True)}
    table["quote"] = [None if each is None else firsts[each] for each in themes]
    spoken = set(voice.of_place.get(0, ()))
    names = {voice.theme_name(found[0] + 1): name for name, found in shown if found[0] + 1 in spoken}
    quotes = {"topic": [names[theme] for theme in told["theme"]]}
    quotes |= {name: values for name, values in told.items() if name not in ("touchpoint", "theme")}
    notices = list(report.notices)
    silent, whole = int(voice.line(0, 1)[REMARKS]), int(voice.line(0)[REMARKS])
    if silent:
        text = f"{silent:,} of {whole:,} contacts with words have no reason that these tell, as in a language not read."
        notices.append(Notice("no_reason", text))
    return replace(report, table=table, extras={**report.extras, "quotes": quotes}, notices=notices)


__all__ = ["ContactReasons"]
