"""The company's records as its systems export them: orders, calls, tickets, visits, surveys, renewals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.demo.care import Block
from desirepath.demo.clock import HOUR, SECOND, Clock, Ints, Rng
from desirepath.demo.comments import REMARKS
from desirepath.demo.company import PLANS, PRODUCTS, QUEUES, REASONS
from desirepath.demo.orders import KINDS, ORDER_CHANNELS, Orders
from desirepath.demo.people import FIRST_NAMES, LANGUAGES, LAST_NAMES, REGIONS, People
from desirepath.demo.renewals import Renewals
from desirepath.demo.repairs import Repairs
from desirepath.demo.surveys import TOUCHPOINTS, Surveys
from desirepath.demo.text import hidden, joined, moments, numbered, plain
from desirepath.demo.writing import Csv, Lines

#: numbers of orders and calls: the chunk's first person times this, plus the place in the chunk
PER_PERSON = 32
_SUBJECTS = (
    "Question about my order",
    "Repair appointment",
    "Internet connection",
    "Printer does not print",
    "Question about my bill",
)


def customers(people: People, index: Ints) -> Any:
    """Write the customer ids of the people at these places."""
    return numbered(people.ids(index), "C")


def mails(people: People, index: Ints) -> Any:
    """E-mail addresses, one per person."""
    number = pa.array(people.ids(index)).cast(pa.string())
    return joined(
        plain(people.first_name[index], FIRST_NAMES),
        ".",
        plain(people.last_name[index], LAST_NAMES),
        number,
        "@mail.example",
    )


def order_ids(people: People, place: Ints) -> Any:
    """Order numbers by place in the chunk."""
    return numbered(people.base * PER_PERSON + place, "O", 9)


def call_ids(people: People, place: Ints) -> Any:
    """Call numbers by place in the chunk."""
    return numbered(people.base * PER_PERSON + place, "K", 9)


def write_orders(clock: Clock, people: People, orders: Orders, sink: Csv) -> int:
    """One row per order; returns the number of dates, each of which is an event."""
    local = {
        name: moments(clock.local_or_never(at))
        for name, at in (
            ("ordered_at", orders.ordered),
            ("approved_at", orders.approved),
            ("shipped_at", orders.shipped),
            ("delivered_at", orders.delivered),
            ("promised_by", orders.promised),
        )
    }
    state = np.where(orders.cancelled, 2, np.where(orders.delivered >= 0, 0, 1))
    sink.write(
        {
            "order_id": order_ids(people, np.arange(len(orders.index))),
            "kind": plain(orders.kind, KINDS),
            "customer_id": customers(people, orders.index),
            "email": mails(people, orders.index),
            "channel": plain(orders.channel, ORDER_CHANNELS),
            "product": plain(orders.product, [name for name, _ in PRODUCTS]),
            "quantity": orders.quantity,
            "delivery_eur": orders.delivery,
            "total_eur": orders.total,
            "status": plain(state, ("delivered", "open", "cancelled")),
            **local,
        }
    )
    return sum(len(column) - column.null_count for name, column in local.items() if name != "promised_by")


def write_calls(clock: Clock, people: People, calls: Block, sink: Csv) -> int:
    """One row per call, local time."""
    count = len(calls["at"])
    case = hidden(numbered(np.maximum(calls["case"], 0), "R"), calls["case"] >= 0)
    sink.write(
        {
            "call_id": call_ids(people, np.arange(count)),
            "customer_id": customers(people, calls["index"]),
            "queue": plain(calls["queue"], QUEUES),
            "started_at": moments(clock.local(calls["at"])),
            "wait_s": calls["wait"],
            "talk_s": calls["length"] // SECOND,
            "transferred": plain(calls["transferred"], ("no", "yes")),
            "case_id": case,
            "cost_eur": calls["cents"] / 100,
        }
    )
    return count


def offset_text(clock: Clock, at: Ints) -> Any:
    """ISO text with the zone's offset, e.g. 2026-03-29T03:10:00+02:00."""
    local = clock.local(at)
    hours = (local - at) // HOUR
    return joined(
        pc.strftime(moments(local), "%Y-%m-%dT%H:%M:%S"),
        plain(hours, [f"+{hour:02d}:00" for hour in range(15)]),
    )


def write_tickets(clock: Clock, people: People, tickets: Block, sink: Lines) -> int:
    """One JSON line per ticket, times with an offset; some writers are known by e-mail only."""
    index, solved = tickets["index"], tickets["solved"]
    who = joined('"', customers(people, index), '"')
    named_by = _choose(tickets["mail_only"] == 0, who, "null")
    closed = _choose(solved >= 0, joined('"', offset_text(clock, np.maximum(solved, clock.begin)), '"'), "null")
    sink.write(
        joined(
            '{"ticket_id":"',
            numbered(people.base * PER_PERSON + np.arange(len(index)), "T", 9),
            '","customer_id":',
            named_by,
            ',"email":"',
            mails(people, index),
            '","topic":"',
            plain(tickets["queue"], QUEUES),
            '","opened_at":"',
            offset_text(clock, tickets["at"]),
            '","solved_at":',
            closed,
            ',"priority":"',
            plain(tickets["priority"], ("normal", "high", "urgent")),
            '","subject":"',
            plain(tickets["queue"], _SUBJECTS),
            '"}\n',
        )
    )
    return len(index) + int((solved >= 0).sum())


def _choose(where: Any, column: Any, other: str) -> Any:
    return pc.if_else(pa.array(where), column, pa.scalar(other))


def write_outage(rng: Rng, clock: Clock, people: People, count: int, sink: Lines) -> tuple[int, int]:
    """Write reports of the clock-change night; returns the counts of the repeated hour's two passes."""
    known = np.flatnonzero(people.known)
    index = rng.choice(known, count).astype(np.int64)
    at = np.sort(clock.autumn_change() + rng.integers(-1_800, 9_000, count) * SECOND)
    sink.write(
        joined(
            '{"report_id":"',
            numbered(np.arange(count), "N", 6),
            '","customer_id":"',
            customers(people, index),
            '","reported_at":"',
            offset_text(clock, at),
            '","region":"',
            plain(people.region[index], REGIONS),
            '"}\n',
        )
    )
    passed = (at - clock.autumn_change()) // HOUR
    return int((passed == 0).sum()), int((passed == 1).sum())


def write_visits(
    clock: Clock, company_costs: tuple[float, float], people: People, repairs: Repairs, sink: Csv
) -> tuple[int, int]:
    """One row per visit; a case without a visit has one row with its report. Returns rows and events."""
    reported = repairs.reported <= clock.cutoff
    cases, most = repairs.booked.shape
    case = np.repeat(np.arange(cases), most)
    visit = np.tile(np.arange(most), cases)
    booked = repairs.booked.ravel()
    keep = np.repeat(reported, most) & ((visit == 0) | (booked >= 0))
    case, visit, booked, ended = case[keep], visit[keep], booked[keep], repairs.outcome.ravel()[keep]
    missed = (visit < repairs.absences[case]) & (ended >= 0)
    fixed = (visit == repairs.absences[case]) & repairs.repaired[case]
    given_up = (ended >= 0) & ~missed & ~fixed
    visit_cost, absent_cost = company_costs
    cost = np.where(missed, absent_cost, visit_cost)
    dates = {
        "reported_at": np.where(visit == 0, repairs.reported[case], -1),
        "scheduled_at": np.where(visit == 0, booked, -1),
        "rescheduled_at": np.where(visit > 0, booked, -1),
        "absent_at": np.where(missed, ended, -1),
        "repaired_at": np.where(fixed, ended, -1),
        "given_up_at": np.where(given_up, ended, -1),
    }
    index = repairs.index[case]
    sink.write(
        {
            "case_id": numbered(repairs.case_ids(people)[case], "R"),
            "attempt": visit + 1,
            "customer_id": customers(people, index),
            "region": plain(people.region[index], REGIONS),
            **{name: moments(clock.local_or_never(at)) for name, at in dates.items()},
            "cost_eur": pa.array(cost, mask=ended < 0),
        }
    )
    return len(case), int(sum((at >= 0).sum() for at in dates.values()))


def write_surveys(clock: Clock, people: People, surveys: Surveys, repairs: Repairs, sink: Csv) -> int:
    """One row per invitation; score and comment are empty without an answer. Returns the number of events."""
    index, kind, thing = surveys.index, surveys.touchpoint, surveys.thing
    case = repairs.case_ids(people)[thing[kind == 0]]
    ids = pa.concat_arrays(
        [
            numbered(case, "R"),
            order_ids(people, thing[kind == 1]),
            call_ids(people, thing[kind == 2]),
        ]
    )
    answered = surveys.answered >= 0
    sink.write(
        {
            "survey_id": numbered(people.base * PER_PERSON + np.arange(len(index)), "S", 9),
            "customer_id": customers(people, index),
            "email": mails(people, index),
            "language": plain(people.language[index], LANGUAGES),
            "touchpoint": plain(kind, TOUCHPOINTS),
            "touchpoint_id": ids,
            "sent_at": moments(clock.local(surveys.sent)),
            "answered_at": moments(clock.local_or_never(surveys.answered)),
            "score": pa.array(surveys.score, mask=~answered),
            "comment": plain(surveys.remark, REMARKS),
        }
    )
    return len(index) + int(answered.sum())


def write_renewals(clock: Clock, people: People, renewals: Renewals, sink: Csv) -> int:
    """One row per contract due; returns the number of events (due, decided)."""
    index = renewals.index
    plan = people.plan[index]
    sink.write(
        {
            "contract_id": numbered(people.ids(index), "V"),
            "customer_id": customers(people, index),
            "plan": plain(plan, [name for name, _ in PLANS]),
            "monthly_eur": np.array([fee for _, fee in PLANS])[plan],
            "due_on": pa.array(clock.day(renewals.due).astype("datetime64[D]")),
            "decided_at": moments(clock.local(renewals.decided)),
            "decision": plain(renewals.cancelled.astype(np.int64), ("renewed", "cancelled")),
            "reason": plain(renewals.reason, REASONS),
        }
    )
    return 2 * len(index)
