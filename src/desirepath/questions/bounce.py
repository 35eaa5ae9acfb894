"""How many visits are over as soon as they begin, by both usual definitions?

    ws.ask(Bounce(views="page view", key="order", by="page"), unit="session")

    entry     visits  decided  classic  of decided  not engaged  of decided  median
    (all)     31 044   30 990   12 210      39.4 %        9 880      31.9 %    41 s
    /          9 310    9 301    3 404      36.6 %        2 790      30.0 %    55 s

Classic: one view and nothing else. Not engaged, as Google Analytics 4 has it: shorter than 10 seconds, fewer than two
views, and no key event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.charts import INK, PALE
from desirepath.answers.words import count, span, with_interval
from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import ALWAYS_OPEN, Array, Code, JourneyBatch, Match, Matched, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.bounce_entries import ALL, OTHER, ByValue
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.statistics import Proportion, interval_columns

FOREVER = 2**61
KINDS = ("visits", "decided", "undecided", "classic", "not engaged")
VIEW, KEY, BESIDES = 1, 2, 4


@kernel
def _visits(
    starts: Array, time: Array, match: Array, bits: Array, begin: int, end: int,
    journey: Array, place: Array, took: Array, views: Array, others: Array, keys: Array,
) -> int:  # fmt: skip
    """One row per journey whose first view lies in the period; return how many."""
    row = 0
    for p in range(len(starts) - 1):
        first, seen, beside, key = -1, 0, 0, 0
        for i in range(starts[p], starts[p + 1]):
            fits = bits[match[i]]
            if fits & VIEW:
                seen += 1
                if first < 0:
                    first = i
            elif fits & (KEY | BESIDES):
                beside += 1
            if fits & KEY:
                key += 1
        if first < 0 or not begin <= time[first] < end:
            continue
        journey[row], place[row] = p, first
        took[row] = time[starts[p + 1] - 1] - time[starts[p]]
        views[row], others[row], keys[row] = seen, beside, key
        row += 1
    return row


@question
class Bounce(Question):
    """How many visits are over as soon as they begin, by both usual definitions?

    Parameters
    ----------
    views
        What is a view of a page or screen: an event's name or a filter; any event, if left out. A unit without a view
        is no visit.
    key
        Key events, each of which makes a visit engaged: an event's name or a filter; none, if left out.
    seconds
        A visit of at least this length is engaged.
    besides
        What, next to views and key events, makes a visit more than one view: an event's name or a filter; any other
        event, if left out.
    by
        What to tell visits apart by: a field of their first view, such as `"page"`; its `name`, if left out.
    most
        How many entries to show, those with most visits first; the rest is summed up exactly.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"entry"})

    spans: ClassVar[frozenset[str]] = frozenset({"took"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"endless", "over"})

    views: str | None = None
    key: str | None = None
    seconds: str = "10 seconds"
    besides: str | None = None
    by: str = "name"
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one entry is shown, not {self.most}.")
        if not self.by.strip():
            raise InputError("`by` is the name of a field, such as 'page'.")
        _ = self.reads(), self._least

    @cached_property
    def _least(self) -> int:
        return duration(self.seconds).microseconds

    def reads(self) -> Reads:
        """What each event is, and the value by which visits are told apart."""
        views, besides = (Where.of(None) if text is None else Where.event(text) for text in (self.views, self.besides))
        key = Where.of("false") if self.key is None else Where.event(self.key)
        return {"match": Match((views, key, besides)), "entry": Code(self.by)}

    def horizon(self) -> int:
        """A visit that begins in the period is looked at whole."""
        return FOREVER

    def history(self) -> bool:
        """A visit that began before the period does not begin again with it."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per visit that begins in the period."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        journey, place, took, views, others, keys = np.empty((6, size), dtype=np.int64)
        many = _visits(
            journeys.starts, journeys.time, match.codes, match.bits, *journeys.period,
            journey, place, took, views, others, keys,
        )  # fmt: skip
        journey, place, took, views, others, keys = (
            each[:many] for each in (journey, place, took, views, others, keys)
        )
        closes = journeys.open_until[journey]
        over = closes <= journeys.cutoff
        values: dict[str, Array] = {
            "entry": cast("Array", journeys.columns["entry"])[place],
            "views": views,
            "took": took,
            "over": over,
            "classic": over & (views == 1) & (others == 0),
            "not_engaged": over & (views < 2) & (took < self._least) & (keys == 0),
            "endless": closes >= ALWAYS_OPEN,
        }
        return Findings(journey, values, {"entry": place}, {"entry": journeys.labels["entry"]})

    def tally(self, findings: Findings) -> BounceTally:
        """Visits by entry and kind, and their lengths."""
        values = findings.values
        flags = [values["over"], values["classic"], values["not_engaged"]]
        sums = ByValue.of(values["entry"], flags, values["over"], values["took"], findings.labels["entry"])
        return BounceTally(sums, int(values["endless"].sum()))

    def answer(self, tally: BounceTally) -> Report:
        """A line for all visits, and one per entry."""
        return _report(self, tally)

    def meant(self, tally: BounceTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that an entry of the table stands for."""
        if "entry" not in which:
            return which
        keys = tally.sums.keys_of(which["entry"], self.most, "entry")
        rest = {name: value for name, value in which.items() if name != "entry"}
        return rest if keys is None else {**rest, "keys": keys}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`entry="/home"`, `kind="classic"`, `"not engaged"`, `"decided"` or `"undecided"`; all visits.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such entry or kind.
        """
        refuse_others(which, ["entry", "kind", "keys"])
        values, chosen = findings.values, np.ones(len(findings), dtype=np.bool_)
        if "keys" in which:
            chosen &= np.isin(values["entry"], which["keys"])
        kind = place_among("kind", which.get("kind", KINDS[0]), KINDS)
        fits = (chosen, values["over"], ~values["over"], values["classic"], values["not_engaged"])[kind]
        return np.asarray(chosen & fits)


@dataclass(frozen=True, eq=False)
class BounceTally:
    """Sums over visits.

    Attributes
    ----------
    sums
        By entry: visits, decided, classic, not engaged; the lengths of those decided.
    endless
        How many belong to units that are never over, such as persons.
    """

    sums: ByValue
    endless: int

    def __add__(self, other: BounceTally) -> BounceTally:
        """Join two groups of visits."""
        return BounceTally(self.sums + other.sums, self.endless + other.endless)

    @property
    def size(self) -> int:
        """How many visits there are."""
        return self.sums.size

    def rates(self) -> Mapping[str, Proportion]:
        """The two bounce rates."""
        _, decided, classic, idle = map(int, self.sums.counts.sum(axis=0))
        return {"bounce (classic)": Proportion(classic, decided), "bounce (not engaged)": Proportion(idle, decided)}


def _report(asked: Bounce, tally: BounceTally) -> Report:
    sums = tally.sums
    shown, rest = sums.shown(asked.most) if tally.size else ([], [])
    counts = [sums.counts.sum(axis=0), *sums.counts[shown]] if tally.size else []
    names = [ALL, *(sums.labels[int(sums.keys[k])] for k in shown)] if tally.size else []
    whole = sums.whole.quartiles(0)
    middle = [None if whole is None else whole[1] / 1_000_000, *sums.middle_seconds(shown)] if tally.size else []
    if rest:
        names.append(OTHER)
        counts.append(sums.counts[rest].sum(axis=0))
        middle.append(None)
    visits, decided, classic, idle = ([int(row[column]) for row in counts] for column in range(4))
    pairs = [[Proportion(x, n).estimate() for x, n in zip(part, decided, strict=True)] for part in (classic, idle)]
    table: dict[str, list[Any]] = {
        "entry": names,
        "visits": visits,
        "decided": decided,
        "undecided": [n - over for n, over in zip(visits, decided, strict=True)],
        "classic": classic,
        **interval_columns("of_decided_classic", pairs[0]),
        "not_engaged": idle,
        **interval_columns("of_decided_not_engaged", pairs[1]),
        "median_seconds": middle,
    }
    return Report(
        table,
        words=_words(asked, tally),
        notices=_notices(tally, len(rest)),
        charts=[bounce_chart()] if any(decided) else [],
    )


def _words(asked: Bounce, tally: BounceTally) -> list[str]:
    if not tally.size:
        return [f"Nobody visited{f' ({asked.views})' if asked.views else ''} in this period."]
    classic, idle = tally.rates().values()
    if not classic.n:
        return [f"None of {count(tally.size)} visits is known to be over: not enough data."]
    key = f", without {asked.key}" if asked.key else ""
    return [
        f"Of {count(classic.n)} visits that are over, {with_interval(classic.estimate())} were one view and nothing "
        f"else.",
        f"{with_interval(idle.estimate())} were not engaged: shorter than {span(asked._least)}, fewer than 2 views"
        f"{key}.",
    ]


def _notices(tally: BounceTally, rest: int) -> list[Notice]:
    found = []
    open_ = tally.size - int(tally.sums.counts[:, 1].sum())
    if tally.endless:
        text = (
            f"{tally.endless:,} units are never over, because a person or entity may always come again: they are "
            'undecided, and in no rate. Ask with unit="session".'
        )
        found.append(Notice("undecided", text))
    elif open_:
        text = f"{open_:,} visits may still go on when the data ends; they are in no rate."
        found.append(Notice("undecided", text))
    if rest:
        found.append(
            Notice("other", f"{rest:,} entries with fewer visits are summed up as {OTHER}; `most` shows more.")
        )
    if tally.sums.whole.approximate:
        text = "Times are binned, because there were too many to keep each; at most 0.8 % off."
        found.append(Notice("approximate_times", text))
    return found


def bounce_chart() -> dict[str, Any]:
    """Both bounce rates by entry, with their intervals."""
    names = {"field": "entry", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
    share = {"type": "quantitative", "axis": {"format": "%"}, "title": "share of visits that are over"}
    layer: list[dict[str, Any]] = []
    for column, colour in (("of_decided_classic", INK), ("of_decided_not_engaged", PALE)):
        ends = {"x": {"field": f"{column}_low", **share}, "x2": {"field": f"{column}_high"}}
        layer.append({"mark": {"type": "rule", "color": colour, "strokeWidth": 2}, "encoding": ends})
        told = [
            {"field": "entry"},
            {"field": "visits", "type": "quantitative", "format": ","},
            {"field": column, "type": "quantitative", "format": ".1%"},
        ]
        point = {"type": "point", "filled": True, "color": colour, "size": 70}
        layer.append({"mark": point, "encoding": {"x": {"field": column, **share}, "tooltip": told}})
    return {
        "data": {"name": "table"},
        "transform": [{"filter": "isValid(datum.of_decided_classic)"}],
        "width": 400,
        "height": {"step": 26},
        "encoding": {"y": names},
        "layer": layer,
    }
