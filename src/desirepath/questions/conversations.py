"""How do calls and chats go: better at the end than at the start, with how much silence, handed on how often, solved?

    ws.ask(Conversations(conversations="call", every="month"))

    bucket  conversations  people  sentiment_start  sentiment_end  change               handed_on  resolved
    all             1,204   1,010             -1.8            0.9  +2.7 [+2.5, +2.8]       12.1 %    64.0 %

Moods are the customer's alone. People are the unit: of several conversations of a person the mean counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.voice_charts import moods_chart
from desirepath.answers.words import count
from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Reads
from desirepath.questions.activity_walk import buckets_of
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.remarks import firsts
from desirepath.statistics import Estimate, Proportion, interval_columns
from desirepath.statistics.clustered import Clusters, share
from desirepath.statistics.keyed import Grouped, Keyed
from desirepath.statistics.means import mean_of_sums

ALL = "all"
PARTS = 10_000
MEANS = ("sentiment_start", "sentiment_end", "change", "silence", "talk", "transfers")
PEOPLE, TALKS, HANDED, RESOLVED, KNOWN, TOLD, SQUARES, CROSS, SIZES, FIRST_MEAN = range(10)
SELECTIONS = ("bucket", "resolution", "handed_on", "mood", "has", "first")
RESOLUTIONS = ("resolved", "unresolved", "unknown")
MOODS = ("better", "worse", "same", "unread")
SAME = 0.5


@question
class Conversations(Question):
    """How do calls and chats go: better at the end than at the start, how silent, handed on how often, solved?

    Parameters
    ----------
    conversations
        Which events are conversations: an event's name or a filter.
    turns
        The property with the turns: a list of who says what, and when.
    every
        Buckets of the workspace's calendar, for the trend: `day`, `week`, `month` or `quarter`.
    """

    conversations: str
    turns: str = "turns"
    every: Literal["day", "week", "month", "quarter"] | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not self.turns.strip():
            raise InputError("`turns` needs the name of a property.")
        self.reads()

    def reads(self) -> Reads:
        """Which events are conversations, and what their turns tell."""
        found = {name: Number(f"{self.turns}.{name}") for name in MEANS if name != "change"}
        match, told = Match((Where.event(self.conversations),)), Code(f"{self.turns}.resolution")
        return {"match": match, "turns": Code(self.turns), "resolution": told, **found}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per conversation whose turns are known.

        A breakdown takes its value at the first conversation of each, so that everybody is in one group.
        """
        begin, end = journeys.period
        inside = (journeys.time >= begin) & (journeys.time < end)
        has = cast("Array", journeys.columns["turns"]) > 0
        at = np.flatnonzero(cast("Matched", journeys.columns["match"]).holds(0) & inside & has)
        of = journeys.journey_of_event()[at]
        bucket, labels, told = np.zeros(len(at), dtype=np.int64), [""], [""]
        if self.every is not None:
            found = buckets_of(journeys, self.every)
            labels = journeys.calendar.labels(found.edges, self.every)
            bucket = np.clip(np.searchsorted(found.edges, journeys.time[at], side="right") - 1, 0, len(labels) - 1)
            told = found.told
        values: dict[str, Array] = {
            name: cast("npt.NDArray[np.float64]", journeys.columns[name])[at] for name in MEANS if name != "change"
        }
        values["change"] = values["sentiment_end"] - values["sentiment_start"]
        known = [str(label) for label in journeys.labels["resolution"]]
        table = np.array([RESOLUTIONS.index(each) if each in RESOLUTIONS else 2 for each in known], dtype=np.int64)
        values |= {
            "resolution": table[cast("Array", journeys.columns["resolution"])[at]],
            "bucket": bucket,
            "began_at": journeys.time[at],
            "unit": of[:, None],
        }
        spelled = {"resolution": list(RESOLUTIONS), "bucket": labels, "told": told}
        return Findings(of, values, {"entry": firsts(of, at)}, cast("Any", spelled))

    def tally(self, findings: Findings) -> ConversationsTally:
        """Means of people, in all and by bucket."""
        values = findings.values
        rows = np.arange(len(findings))
        lines = [np.zeros(len(findings), dtype=np.int64)]
        if self.every is not None:
            lines.append(values["bucket"] + 1)
        line, row = np.concatenate(lines), np.tile(rows, len(lines))
        grouped = Grouped.of(values["unit"][:, 0][row] * (int(line.max(initial=0)) + 1) + line)
        many = len(grouped.begins)
        found = np.zeros((many, FIRST_MEAN + 3 * len(MEANS)), dtype=np.int64)
        if many:
            found[:, PEOPLE] = 1
            found[:, TALKS] = grouped.sums(np.ones(len(row), dtype=np.int64))
            found[:, HANDED] = grouped.sums(values["transfers"][row] >= 1) > 0
            solved, known = (
                grouped.sums(each) for each in (values["resolution"][row] == 0, values["resolution"][row] < 2)
            )
            for column, each in ((RESOLVED, solved), (KNOWN, known), (TOLD, known > 0)):
                found[:, column] = each
            for column, each in ((SQUARES, solved * solved), (CROSS, solved * known), (SIZES, known * known)):
                found[:, column] = each
        for place, name in enumerate(MEANS):
            column = FIRST_MEAN + 3 * place
            found[:, column : column + 3] = grouped.means(values[name][row], PARTS)
        keys = line[grouped.order[grouped.begins]] if many else line
        labels, told = (tuple(map(str, findings.labels[name])) for name in ("bucket", "told"))
        return ConversationsTally(self, len(findings), labels, told, Keyed.of(keys, found))

    def answer(self, tally: ConversationsTally) -> Report:
        """Moods, silence, transfers and outcomes, in all and by bucket."""
        return conversations_report(tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket=…`, `resolution="resolved"`, `handed_on=True`, `mood="worse"`, `has="change"`; `first`: one a person.

        `resolution` is also `known`: resolved or not; `has` are conversations of which a mean is known.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket, resolution or mood.
        """
        refuse_others(which, SELECTIONS)
        values, chosen = findings.values, np.ones(len(findings), dtype=np.bool_)
        if which.get("bucket", ALL) != ALL:
            chosen &= values["bucket"] == place_among("bucket", which["bucket"], findings.labels["bucket"])
        if "resolution" in which:
            place = place_among("resolution", which["resolution"], (*RESOLUTIONS, "known"))
            chosen &= values["resolution"] < 2 if place == len(RESOLUTIONS) else values["resolution"] == place
        if "handed_on" in which:
            known = ~np.isnan(values["transfers"])
            chosen &= known & ((values["transfers"] >= 1) == bool(which["handed_on"]))
        if "mood" in which:
            change = np.where(np.isnan(values["change"]), 0.0, values["change"])
            mood = np.where(change > SAME, 0, np.where(change < -SAME, 1, 2))
            mood = np.where(np.isnan(values["change"]), 3, mood)
            chosen &= mood == place_among("mood", which["mood"], MOODS)
        if "has" in which:
            chosen &= ~np.isnan(values[MEANS[place_among("reading", which["has"], MEANS)]])
        if which.get("first"):
            chosen = Grouped.of(values["unit"][:, 0]).first(chosen)
        return np.asarray(chosen)


@dataclass(frozen=True, eq=False)
class ConversationsTally:
    """Sums over people.

    Attributes
    ----------
    asked
        The question.
    size
        How many conversations there are.
    labels, told
        The buckets, and whether the period touches each: `over`, `open` or neither.
    lines
        By bucket + 1, or 0 for all: people, conversations, people handed on, conversations resolved and known, people
        with a known one and what a variance over them is made of (`clustered.Clusters`); then of each of `MEANS`
        people, sum and sum of squares.
    """

    asked: Conversations
    size: int
    labels: tuple[str, ...]
    told: tuple[str, ...]
    lines: Keyed

    def __add__(self, other: ConversationsTally) -> ConversationsTally:
        """Join two groups of conversations; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return ConversationsTally(self.asked, self.size + other.size, self.labels, self.told, self.lines + other.lines)

    def mean(self, line: Array, name: str) -> Estimate:
        """The mean over people."""
        column = FIRST_MEAN + 3 * MEANS.index(name)
        n, total, squares = (int(each) for each in line[column : column + 3])
        return mean_of_sums(n, total / PARTS, squares / PARTS)

    def handed_on(self, line: Array) -> Proportion:
        """The share of people who were handed on, of those of whom it is known."""
        return Proportion(int(line[HANDED]), self.mean(line, "transfers").n)

    def resolved(self, line: Array) -> Estimate:
        """The share of conversations that were resolved, of those that tell it; the interval is over people."""
        return share(Clusters(*(int(line[column]) for column in (TOLD, RESOLVED, KNOWN, SQUARES, CROSS, SIZES))))

    def rates(self) -> Mapping[str, Proportion]:
        """The share of people who were handed on, and of conversations that tell it which were resolved."""
        line = self.lines.at(0)
        return {
            "are handed on": self.handed_on(line),
            "are resolved": Proportion(int(line[RESOLVED]), int(line[KNOWN])),
        }


def conversations_report(tally: ConversationsTally) -> Report:
    """Tables, words and notices."""
    lines = [0, *(k + 1 for k, how in enumerate(tally.told) if how)] if tally.size else []
    found = [tally.lines.at(k) for k in lines]
    names = [ALL, *tally.labels]
    table: dict[str, list[Any]] = {"bucket": [names[k] for k in lines]}
    if tally.asked.every is not None:
        table["over"] = [k == 0 or tally.told[k - 1] == "over" for k in lines]
    table |= {"conversations": [int(line[TALKS]) for line in found], "people": [int(line[PEOPLE]) for line in found]}
    for name in MEANS:
        means = [tally.mean(line, name) for line in found]
        table |= interval_columns(name, means)
        if name == "change":
            table["people_with_change"] = [each.n for each in means]
    table["handed_on"] = [int(line[HANDED]) for line in found]
    table |= interval_columns("of_people_handed_on", [tally.handed_on(line).estimate() for line in found])
    table |= {"resolved": [int(line[RESOLVED]) for line in found], "known": [int(line[KNOWN]) for line in found]}
    table |= interval_columns("of_known_resolved", [tally.resolved(line) for line in found])
    return Report(table, {}, _words(tally), _notices(tally), [moods_chart()] if tally.size else [])


def _words(tally: ConversationsTally) -> list[str]:
    if not tally.size:
        return ["Nobody had a conversation in this period whose turns are known."]
    line = tally.lines.at(0)
    said = [f"{count(tally.size)} conversations of {count(int(line[PEOPLE]))} people."]
    change = tally.mean(line, "change")
    if change.value is not None and change.low is not None and change.high is not None:
        start, end = (tally.mean(line, name).value or 0.0 for name in MEANS[:2])
        of = f"by {change.value:+.1f} (95 % interval {change.low:+.1f} to {change.high:+.1f})"
        said.append(
            f"The customers' sentiment goes from {start:+.1f} to {end:+.1f}, {of}, of {count(change.n)} people."
        )
    return said


def _notices(tally: ConversationsTally) -> list[Notice]:
    line = tally.lines.at(0)
    unread = int(line[PEOPLE]) - tally.mean(line, "sentiment_start").n
    if not tally.size or not unread:
        return []
    text = f"Of {count(unread)} of {count(int(line[PEOPLE]))} people the words have no sentiment; it is not guessed."
    return [Notice("no_sentiment", text)]


__all__ = ["Conversations"]
