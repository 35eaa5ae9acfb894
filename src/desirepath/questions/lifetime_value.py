"""What has a customer brought in, and what is still to come?

    ws.ask(LifetimeValue(purchase="order", value="value"))

    cohort   people  by_90_days  so_far  to_come
    2026-01     812        61.2    98.4     31.0
    2026-02     790        58.8    88.1     34.5
    all       4 930        59.9    79.0     36.2

What was brought in is counted; what is to come is a model's, fitted to all customers and held against a time that it
did not see. Where a model would be guessing, it is refused in words and what was counted stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import JourneyBatch, Match, Number, Reads
from desirepath.questions.catalog import question
from desirepath.questions.lifetime_value_answer import lifetime_report
from desirepath.questions.lifetime_value_forecast import BANDS, Asked, alive_model, band_of
from desirepath.questions.lifetime_value_rows import STATES, bought_alike, customers, tally_of
from desirepath.questions.lifetime_value_sums import LifetimeTally
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others

DAY = 86_400_000_000
FOREVER = 2**61
LONGEST = 20 * 366
ALL = "all"
MOST_AGES = 12


@question
class LifetimeValue(Question):
    """What has a customer brought in, and what is still to come?

    Parameters
    ----------
    purchase
        What brings money in: an event's name or a filter. Refunds are events that fit and have an amount below zero.
    value
        The property that holds the amount of a purchase.
    margin
        The share of an amount that is kept, such as 0.4; amounts as they are, if left out.
    discount
        By how much money a year later is worth less, such as 0.1 for 10 %.
    ahead
        How far ahead of the cut-off to look, such as `"365 days"`.
    every
        Cohorts by first purchase ever: `week`, `month`, `quarter` or `year` of the calendar; with contracts also the
        period after which one is renewed.
    ages
        Ages of customers at which to tell what they had brought in by then, in days, such as `"90 days"`.
    model
        `bg_nbd` or `pareto_nbd` for customers who never say goodbye; `auto` takes the first and, where it cannot be
        fitted, the second; `contract` for contracts that are renewed or end; `none` counts only.
    ends
        What ends a contract: an event's name or a filter. Needed for contracts, and for nothing else.
    holdout
        How much of the end of the data the model is not shown at first, to see how well it tells it: `auto` is the
        last third, a length such as `"90 days"`, or `none`.
    """

    purchase: str
    value: str = "value"
    margin: float = 1.0
    discount: float = 0.1
    ahead: str = "365 days"
    every: Literal["week", "month", "quarter", "year"] = "month"
    ages: list[str] = field(default_factory=lambda: ["30 days", "90 days", "180 days", "365 days"])
    model: Literal["auto", "bg_nbd", "pareto_nbd", "contract", "none"] = "auto"
    ends: str | None = None
    holdout: str = "auto"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 0 < self.margin <= 1:
            raise InputError(f"A margin is a share of the amount, not {self.margin}.", allowed=["above 0, up to 1"])
        if not 0 <= self.discount <= 1:
            raise InputError(f"A discount is a share a year, not {self.discount}.", allowed=["0 to 1, such as 0.1"])
        if (self.model == "contract") != (self.ends is not None):
            raise InputError("`ends` says what ends a contract: it goes with model 'contract', and with no other.")
        if len(self.ages) > MOST_AGES or list(self._ages) != sorted(set(self._ages)):
            raise InputError(f"Ages are up to {MOST_AGES} lengths of time, each once, the shortest first.")
        if not self.value.strip():
            raise InputError("`value` needs the name of a property with numbers, such as value.")
        _ = self._asked, self._held, self.reads()

    @cached_property
    def _ages(self) -> tuple[int, ...]:
        return tuple(_days(text, "An age") for text in self.ages)

    @cached_property
    def _held(self) -> int | None:
        text = self.holdout.strip().lower()
        return None if text == "auto" else 0 if text == "none" else _days(text, "What is held out")

    @cached_property
    def _asked(self) -> Asked:
        ahead = _days(self.ahead, "How far to look ahead")
        return Asked(self.model, ahead, self.discount, self.margin, self.every)

    def reads(self) -> Reads:
        """Whether an event is a purchase or ends a contract, and its amount."""
        wheres = [self.purchase, *([] if self.ends is None else [self.ends])]
        return {"match": Match(tuple(Where.event(text) for text in wheres)), "number": Number(self.value)}

    def horizon(self) -> int:
        """Customers of the period are followed up to the end of the data."""
        return FOREVER

    def history(self) -> bool:
        """Who buys for the first time ever can only be told from all that was before."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per customer whose first purchase ever lies in the period."""
        return customers(journeys, self.every, self._ages, self._held, contract=self.model == "contract")

    def tally(self, findings: Findings) -> LifetimeTally:
        """Money by cohort and age, and customers by what they are alike in."""
        return tally_of(findings, self._ages)

    def answer(self, tally: LifetimeTally) -> Report:
        """A line per cohort and one for all: what was brought in, and what is to come."""
        return lifetime_report(tally, self._asked, self.purchase)

    def meant(self, tally: LifetimeTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """How likely it is that somebody still buys depends on the model, and so on all customers."""
        if "alive" not in which:
            return which
        model = alive_model(tally, self._asked)
        place = place_among("band", which["alive"], BANDS if model else [])
        return {**which, "alive": (place, model, tally.approximate)}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`cohort="2026-01"` or `"all"`, `bought="again"` or `"once"`, `alive="90 to 100 %"`, `state="active"`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such cohort, band or state.
        """
        contract = "state" in findings.labels
        refuse_others(which, ["cohort", "bought", *(["state"] if contract else ["alive"])])
        chosen, values = np.ones(len(findings), dtype=np.bool_), findings.values
        if which.get("cohort", ALL) != ALL:
            chosen &= values["cohort"] == place_among("cohort", which["cohort"], findings.labels["cohort"])
        if "bought" in which:
            again = place_among("kind of customer", which["bought"], ["once", "again"]) == 1
            chosen &= (values["purchases"] > 1) == again
        if "state" in which:
            chosen &= values["state"] == place_among("state", which["state"], STATES)
        if "alive" in which:
            place, model, approximate = which["alive"]
            chosen &= band_of(model.alive(*bought_alike(findings, approximate=approximate))) == place
        return chosen


def _days(text: str, what: str) -> int:
    length = duration(text).microseconds
    if length % DAY or not 0 < length <= LONGEST * DAY:
        raise InputError(f"{what} is a number of days, not {text!r}.", allowed=["1 day", "90 days", "365 days"])
    return length // DAY
