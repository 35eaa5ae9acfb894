"""How does recurring revenue grow and shrink: new, expansion, contraction, churn?

    ws.ask(Subscriptions(starts="subscribed", changes="upgraded", ends="cancelled", amount="value"))

    bucket    mrr_start  mrr_new  mrr_expansion  mrr_contraction  mrr_churn  mrr_end  of_mrr_kept  of_mrr_net
    2026-03      41 200    3 100          1 900              400      1 150   44 650       96.2 %     100.8 %

Start + new + reactivation + expansion - contraction - churn = end, to the cent, and the end of a month is the start of
the next. Who came and who went is told net: what a customer pays when the month begins, and when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.journeys.ruler import ruler
from desirepath.questions import subscriptions_walk as walked
from desirepath.questions.activity_walk import LONGEST_DAYS, buckets_of
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.subscriptions_answer import report
from desirepath.questions.subscriptions_sums import MISSING, MOVEMENTS, PROBLEMS, SubscriptionsTally, held_by

DAY = 86_400_000_000
SPELLED = ("new", "reactivation", "expansion", "contraction", "stayed", "churn", "passing", "none")


@question
class Subscriptions(Question):
    """How does recurring revenue grow and shrink: new, expansion, contraction, churn?

    Parameters
    ----------
    starts
        What begins a subscription: an event's name or a filter. The one that is set fits Stripe's events as imported.
    changes
        What changes its amount, if anything does.
    ends
        What ends it.
    amount
        The property that holds the new monthly amount, such as `mrr` or `value`; without one every subscription is 1.
    key
        The property that tells subscriptions apart, where somebody may have several at a time, such as `entity_id`; one
        each, if left out.
    kind
        The property that tells why an amount grew or shrank, such as plan, seats or add-on.
    every
        Buckets of the workspace's calendar: `day`, `week`, `month`, `quarter` or `year`.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"unknown", "blank", "again"})

    starts: str = "movement in ('new', 'paid', 'resume') or name starts with 'trial converted'"
    changes: str | None = "movement in ('upgrade', 'add-on', 'downgrade')"
    ends: str = "movement in ('cancel', 'pause')"
    amount: str | None = "mrr"
    key: str | None = None
    kind: str | None = None
    every: Literal["day", "week", "month", "quarter", "year"] = "month"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        for name in ("amount", "key", "kind", "changes"):
            given = getattr(self, name)
            if given is not None and not given.strip():
                raise InputError(f"`{name}` is empty; leave it out instead.")
        self.reads()

    def reads(self) -> Reads:
        """Which events start, change and end a subscription, and what they tell of it."""
        changes = Where.parse("false") if self.changes is None else Where.event(self.changes)
        found: dict[str, Read] = {"match": Match((Where.event(self.starts), changes, Where.event(self.ends)))}
        if self.amount is not None:
            found["amount"] = Number(self.amount)
        if self.key is not None:
            found["key"] = Code(self.key)
        if self.kind is not None:
            found["kind"] = Code(self.kind)
        return found

    def horizon(self) -> int:
        """A bucket that the period touches is told whole."""
        return LONGEST_DAYS[self.every] * DAY

    def history(self) -> bool:
        """What is paid when the period begins follows from all that was before."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and bucket in which it pays, paid, or tells something that does not fit."""
        rows, buckets = self._rows(journeys), buckets_of(journeys, self.every)
        values: dict[str, Array] = {
            "bucket": rows.bucket,
            "movement": rows.movement,
            "before_cents": rows.start,
            "after_cents": rows.end,
            **({"kind": rows.kind} if self.kind is not None else {}),
            **{name: getattr(rows, name) for name in PROBLEMS},
        }
        labels = journeys.calendar.labels(buckets.edges, self.every)
        spelled: dict[str, Any] = {"bucket": labels, "movement": SPELLED, "told": buckets.told}
        if self.kind is not None:
            spelled["kind"] = journeys.labels["kind"]
        anchors = {"entry": rows.entry.astype(np.int64), "latest": rows.latest.astype(np.int64)}
        return Findings(rows.journey.astype(np.int64), values, anchors, spelled)

    def _rows(self, journeys: JourneyBatch) -> walked.Rows:
        match, columns = cast("Matched", journeys.columns["match"]), journeys.columns
        nothing = np.zeros(len(journeys.time), dtype=np.int32)
        key, kind = (cast("Array", columns.get(name, nothing)) for name in ("key", "kind"))
        cents = np.full(len(journeys.time), walked.CENTS, dtype=np.int64)
        if self.amount is not None:
            told = (match.bits[match.codes] & (walked.STARTS | walked.CHANGES)) > 0
            cents = walked.in_cents(np.where(told, cast("Array", columns["amount"]), np.nan))
        buckets = buckets_of(journeys, self.every)
        keys = len(journeys.labels["key"]) if self.key is not None else 1
        space = 4 * len(journeys) + 64
        while True:
            rows, held = walked.room(space), np.zeros(max(keys, 1), dtype=np.int64)
            many = walked.walk(
                journeys.starts, journeys.time, match.codes, match.bits, cents, key, kind, ruler(buckets.edges),
                max(buckets.first, 0), buckets.last, held, np.full(len(held), -1, dtype=np.int64), rows,
            )  # fmt: skip
            if many <= space:
                found = walked.Rows(*(column[:many] for column in rows))
                if many and max(int(found.start.max()), int(found.end.max())) > walked.LARGEST:
                    most = walked.LARGEST // walked.CENTS
                    raise InputError(f"A customer pays at most {most:,} a month; one pays more. Is the unit right?")
                return found
            space = many

    def tally(self, findings: Findings) -> SubscriptionsTally:
        """Customers, cents and their products by bucket."""
        return SubscriptionsTally.of(findings)

    def answer(self, tally: SubscriptionsTally) -> Report:
        """A line per bucket."""
        return report(self, tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-03"`, `movement="churn"`, `kind="seats"`, `problem="blank"`; all who pay or paid in a bucket.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket, movement, kind or problem.
        """
        refuse_others(which, ["bucket", "movement", "kind", "problem"])
        values = findings.values
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "problem" in which:
            name = PROBLEMS[place_among("problem", which["problem"], PROBLEMS)]
            chosen &= values[name] > 0
        else:
            chosen &= values["movement"] != walked.NONE
        if "bucket" in which:
            chosen &= values["bucket"] == place_among("bucket", which["bucket"], map(str, findings.labels["bucket"]))
        if "movement" in which:
            place_among("movement", which["movement"], MOVEMENTS)
            chosen &= held_by(values, which["movement"])
        if "kind" in which:
            known = [MISSING if label is None else label for label in findings.labels.get("kind", ())]
            chosen &= values.get("kind", values["movement"]) == place_among("kind", which["kind"], known)
        return np.asarray(chosen)
