"""What do the numbers of tickets say? Rates per active person, what was to be expected, and which themes grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.trend_charts import tickets_chart
from desirepath.answers.words import count
from desirepath.questions.question import Report
from desirepath.questions.top_codes import top_codes
from desirepath.statistics import Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.clustered import Clusters, ratio
from desirepath.statistics.keyed import Keyed
from desirepath.statistics.spikes import (
    AT_LEAST,
    ENOUGH,
    PERHAPS,
    TOO_LITTLE,
    YES,
    Expected,
    counts_against_past,
    generalised_esd,
)

if TYPE_CHECKING:
    from desirepath.questions.ticket_trends import TicketTrends

Array = npt.NDArray[Any]

NOT_OVER = "not over"
TICKETS, WITH, ACTIVE, SQUARES, CROSS, PEOPLE = range(6)
LOOK_BACK = 25
"""From so many buckets on those that stand out are looked for once more, all at once."""


@dataclass(frozen=True, eq=False)
class TrendTally:
    """Sums over rows.

    Attributes
    ----------
    asked
        The question.
    size
        How many rows there are.
    labels, told, whole
        The buckets; `over` or `open` where the period touches one; `yes` where it is over and known whole.
    sums
        int64[buckets, 6]: tickets, people with tickets, active people; per person the squares of tickets and tickets of
        the active; people.
    themes, names
        Tickets by theme and bucket (`theme * buckets + bucket`), and what the codes of themes mean.
    """

    asked: TicketTrends
    size: int
    labels: tuple[str, ...]
    told: tuple[str, ...]
    whole: tuple[str, ...]
    sums: Array
    themes: Keyed
    names: tuple[str | None, ...]

    def __add__(self, other: TrendTally) -> TrendTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return TrendTally(
            self.asked,
            self.size + other.size,
            self.labels,
            self.told,
            self.whole,
            self.sums + other.sums,
            self.themes + other.themes,
            self.names or other.names,
        )

    @property
    def lines(self) -> list[int]:
        """The buckets that the period touches."""
        return [k for k, how in enumerate(self.told) if how] if self.size else []

    def rates(self) -> Mapping[str, Proportion]:
        """Of the people who were there in a bucket of the period, the share with a ticket; buckets added up."""
        lines = [k for k in self.lines if self.told[k] == "over"]
        people, with_tickets = (int(self.sums[lines, column].sum()) for column in (PEOPLE, WITH))
        return {f"ask for help in a {self.asked.every}": Proportion(with_tickets, people)}

    def rate(self, line: int) -> Estimate:
        """Tickets per 100 active people, with an interval over people."""
        row = [int(each) for each in self.sums[line]]
        sums = Clusters(row[PEOPLE], row[TICKETS], row[ACTIVE], row[SQUARES], row[CROSS], row[ACTIVE])
        return ratio(sums, scale=100.0, counted=True)

    def expected(self, counts: Array) -> list[Expected]:
        """Every bucket held against those before it."""
        usable = [each == "yes" for each in self.whole]
        active = self.sums[:, ACTIVE].tolist()
        return counts_against_past(counts.tolist(), active, step=self.asked.step, usable=usable)

    @cached_property
    def by_theme(self) -> dict[int, Array]:
        """int64[buckets] per code of a theme."""
        many = len(self.labels)
        found: dict[int, Array] = {}
        for key, tickets in zip(self.themes.keys.tolist(), self.themes.sums[:, 0].tolist(), strict=True):
            line = found.setdefault(key // many, np.zeros(many, dtype=np.int64))
            line[key % many] += tickets
        return found

    @cached_property
    def shown(self) -> list[tuple[str, list[int]]]:
        """The themes with most tickets in the period, and the codes of all others together."""
        lines = self.lines
        many = {code: int(line[lines].sum()) for code, line in self.by_theme.items()}
        return top_codes(many, self.names, self.asked.most)


def trend_report(tally: TrendTally) -> Report:
    """Tables, words, notices and the picture."""
    lines = tally.lines
    expected = tally.expected(tally.sums[:, TICKETS]) if lines else []
    table: dict[str, list[Any]] = {"bucket": [tally.labels[k] for k in lines]}
    table["over"] = [tally.told[k] == "over" for k in lines]
    for name, column in (("tickets", TICKETS), ("people", WITH), ("active", ACTIVE)):
        table[name] = tally.sums[lines, column].tolist()
    table |= interval_columns("per_100_active", [tally.rate(k) for k in lines])
    table["expected"] = [expected[k].number for k in lines]
    table["expected_per_100"] = [_hundred(expected[k].rate) for k in lines]
    table["z"] = [expected[k].z for k in lines]
    table["p_value"] = [expected[k].p_value for k in lines]
    table["spike"] = [expected[k].spike if tally.told[k] == "over" else NOT_OVER for k in lines]
    table["stands_out"] = _stands_out(expected, lines)
    extras: dict[str, Mapping[str, list[Any]]] = {}
    if tally.asked.theme is not None:
        extras["themes"], extras["growth"] = _themes(tally, lines, table)
    words = _words(tally, table, extras.get("growth"))
    return Report(table, extras, words, _notices(tally, table), [tickets_chart()] if lines else [])


def _hundred(rate: float | None) -> float | None:
    return None if rate is None else 100 * rate


def _stands_out(expected: Sequence[Expected], lines: Sequence[int]) -> list[bool | None]:
    """Which buckets are outliers among all of the period, looking back; None where there are too few."""
    known = [k for k in lines if expected[k].z is not None]
    if len(known) < LOOK_BACK:
        return [None] * len(lines)
    z = [float(expected[k].z or 0) for k in known]
    odd = {known[place] for place in generalised_esd(z, len(known) // 10).places}
    return [k in odd if expected[k].z is not None else None for k in lines]


def _themes(
    tally: TrendTally, lines: Sequence[int], table: Mapping[str, list[Any]]
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Tickets by theme and bucket, held against the buckets before; and which themes grew most in the spikes."""
    names = ("theme", "bucket", "tickets", "expected", "z", "p_value", "q_value", "spike")
    found: dict[str, list[Any]] = {name: [] for name in names}
    grown: dict[str, list[float]] = {}
    spikes = {k for k, spike in zip(lines, table["spike"], strict=True) if spike in (YES, PERHAPS)}
    for name, codes in tally.shown:
        counts = sum((tally.by_theme[code] for code in codes), np.zeros(len(tally.labels), dtype=np.int64))
        expected = tally.expected(counts)
        for k in lines:
            each = expected[k]
            over = tally.told[k] == "over"
            spike = each.spike if over else NOT_OVER
            row = (name, tally.labels[k], int(counts[k]), each.number, each.z, each.p_value, None, spike)
            for column, value in zip(names, row, strict=True):
                found[column].append(value)
            if k in spikes and each.number is not None:
                grown.setdefault(name, []).append(float(counts[k]) - each.number)
    for bucket in set(found["bucket"]):  # the themes of one bucket are looked at together
        places = [place for place, each in enumerate(found["bucket"]) if each == bucket]
        adjusted = benjamini_hochberg([found["p_value"][place] for place in places])
        for place, q_value in zip(places, adjusted, strict=True):
            found["q_value"][place] = q_value
    more = [
        tickets - number
        for k, tickets, number in zip(lines, table["tickets"], table["expected"], strict=True)
        if k in spikes and number is not None
    ]
    return found, _growth(tally, grown, sum(more))


def _growth(tally: TrendTally, grown: Mapping[str, Sequence[float]], more: float) -> dict[str, list[Any]]:
    """What each theme has more than expected in the spikes, the most first."""
    ranked = sorted(grown, key=lambda name: (-sum(grown[name]), name))
    return {
        "theme": ranked,
        "buckets": [len(grown[name]) for name in ranked],
        "more_than_expected": [sum(grown[name]) for name in ranked],
        "of_growth": [sum(grown[name]) / more if more > 0 else None for name in ranked],
    }


def _words(tally: TrendTally, table: Mapping[str, list[Any]], growth: Mapping[str, list[Any]] | None) -> list[str]:
    tickets = sum(table["tickets"])
    if not tickets:
        return [f"Nobody had a ticket ({tally.asked.tickets}) in this period."]
    over = [place for place, each in enumerate(table["over"]) if each]
    said = []
    if over and table["per_100_active"][over[-1]] is not None:
        last = over[-1]
        rate = f"{table['per_100_active'][last]:.3g} tickets per 100 active people"
        low, high = table["per_100_active_low"][last], table["per_100_active_high"][last]
        if low is not None and high is not None:
            rate += f" (95 % interval {low:.3g} to {high:.3g})"
        said.append(f"In {table['bucket'][last]}, the last {tally.asked.every} that is over, there were {rate}.")
    else:
        said.append(f"{count(tickets)} tickets; no {tally.asked.every} with active people is over.")
    spikes = [place for place in over if table["spike"][place] == YES]
    if spikes:
        worst = max(spikes, key=lambda place: table["z"][place])
        told = f"{count(table['tickets'][worst])} tickets in {table['bucket'][worst]}"
        told += f", {table['expected'][worst]:,.0f} expected"
        plural = "" if len(spikes) == 1 else "s"
        said.append(f"{len(spikes)} spike{plural}; the clearest: {told}.")
        if growth and growth["theme"] and growth["more_than_expected"][0] > 0:
            said.append(f"What grew most in them: {growth['theme'][0]}.")
    elif any(table["spike"][place] not in (TOO_LITTLE, NOT_OVER) for place in over):
        said.append(f"No {tally.asked.every} is a spike.")
    return said


def _notices(tally: TrendTally, table: Mapping[str, list[Any]]) -> list[Notice]:
    found = []
    if not all(table["over"]):
        found.append(Notice("unfinished_bucket", f"The last {tally.asked.every} is not over, and is not judged."))
    few = [spike for spike in table["spike"] if spike == TOO_LITTLE]
    if few:
        text = (
            f"{len(few)} of {len(table['spike'])} {tally.asked.every}s are not judged: fewer than {AT_LEAST} "
            f"comparable ones before, or below {ENOUGH} tickets expected."
        )
        found.append(Notice("too_little_data", text))
    if tally.size and not sum(table["active"]) and sum(table["tickets"]):
        found.append(Notice("nobody_active", "There are tickets, but nobody was active; is `active` the right event?"))
    return found
