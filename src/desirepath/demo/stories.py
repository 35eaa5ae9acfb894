"""Realised values of every planted story, counted over the rows of one chunk with numpy and nothing else.

No question of desirepath is called: the funnel is counted by `truth.reached`, the rest by masks and sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.answers import Reviews, mean_stars
from desirepath.demo.care import Block, Help
from desirepath.demo.clock import DAY, MINUTE, Clock, Flags, Floats, Ints
from desirepath.demo.company import (
    CAMPAIGNS,
    DELIVERY_PRICES,
    HELP_QUEUES,
    HELP_TOPICS,
    REASONS,
    STEPS,
    Company,
)
from desirepath.demo.orders import Orders
from desirepath.demo.people import People
from desirepath.demo.renewals import Renewals
from desirepath.demo.repairs import Repairs
from desirepath.demo.rows import CODE, Rows
from desirepath.demo.shopping import Shopping
from desirepath.demo.surveys import Surveys, promoter_value, response_table, score_table
from desirepath.demo.truth import Ledger, reached


@dataclass(frozen=True)
class Chunk:
    """Everything drawn for one chunk of people. `rows` are the web and app events inside the period."""

    people: People
    rows: Rows
    shopping: Shopping
    orders: Orders
    repairs: Repairs
    help: Help
    calls: Block
    tickets: Block
    surveys: Surveys
    renewals: Renewals
    reviews: Reviews
    links: Flags

    def events(self, name: str) -> tuple[Ints, Ints]:
        """Places in the chunk and moments of the web and app events of one name."""
        which = self.rows["event"] == CODE[name]
        return self.rows["person"][which] - self.people.base, self.rows["at"][which]

    def first_orders(self) -> tuple[Ints, Ints]:
        """Places and moments of `order` events (subscriptions are `refill order`)."""
        which = self.orders.kind == 0
        return self.orders.index[which], self.orders.ordered[which]


def count_all(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> None:
    """Add one chunk to every figure."""
    reach = count_purchase(ledger, clock, company, chunk)
    count_reasons(ledger, clock, company, chunk, reach)
    count_guests(ledger, clock, company, chunk)
    count_repairs(ledger, clock, company, chunk)
    count_help(ledger, clock, company, chunk)
    count_surveys(ledger, clock, company, chunk)
    count_renewals(ledger, company, chunk)
    count_reviews(ledger, company, chunk.reviews)


def _depths(found: list[Ints], count: int) -> Ints:
    depth = np.zeros(count, dtype=np.int64)
    for step, people in enumerate(found):
        depth[people] = step + 1
    return depth


def count_purchase(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> Ints:
    """Count the main funnel: all, mature people, first touch, times; returns the mature reach of shoppers."""
    shopping, count = chunk.shopping, len(chunk.people)
    window = company.window_days * DAY
    mature_until = clock.cutoff - window
    origin = clock.begin - 40 * DAY
    steps = [chunk.events(name) for name in STEPS[:-1]] + [chunk.first_orders()]
    found, done, start = reached(steps, window, origin)
    for name, people in zip(STEPS, found, strict=True):
        ledger.count(f"purchase.all.{name}", len(people))
    _count_groups(ledger, shopping, _depths(found, count)[shopping.index])
    person, at = steps[0]
    last_entry = np.full(count, -1, dtype=np.int64)
    np.maximum.at(last_entry, person, at)
    open_ = last_entry > mature_until
    open_[found[-1]] = False
    ledger.count("purchase.all.undecided", int(open_.sum()))
    first_entry = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first_entry, person, at)
    ledger.sample("purchase.time_from_chain_start", done - start)
    ledger.sample("purchase.time_from_first_entry", done - first_entry[found[-1]])
    ripe = at <= mature_until
    depth = _depths(reached([(person[ripe], at[ripe]), *steps[1:]], window, origin)[0], count)
    mine = depth[shopping.index]
    _step_rates(ledger, shopping, mine)
    touch = (at == first_entry[person]) & ripe
    first = _depths(reached([(person[touch], at[touch]), *steps[1:]], window, origin)[0], count)[shopping.index]
    chance = shopping.chance.prod(axis=1) * (shopping.early < 0)
    ledger.rate("purchase.first_touch.order.of_entered", first[first > 0] == 5, chance[first > 0])
    happened = shopping.at <= clock.cutoff
    ledger.count(
        "ties.product view = add to cart",
        int((shopping.tied_cart & (shopping.depth >= 3) & happened[:, 2]).sum()),
    )
    ledger.count("ties.checkout = order", int((shopping.tied_order & (shopping.depth == 5) & happened[:, 4]).sum()))
    ledger.count("purchase.order after the window", int((shopping.slow & happened[:, 4]).sum()))
    return mine


def _groups(shopping: Shopping) -> list[tuple[str, Flags]]:
    """Channel of entry and campaign of the shoppers."""
    campaigns = [*enumerate(CAMPAIGNS), (-1, "(none)")]
    return [
        ("[web]", ~shopping.app),
        ("[app]", shopping.app),
        *((f"[{name}]", shopping.campaign == code) for code, name in campaigns),
    ]


def _count_groups(ledger: Ledger, shopping: Shopping, depth: Ints) -> None:
    for label, group in _groups(shopping):
        for step, name in enumerate(STEPS):
            ledger.count(f"purchase.all.{name}{label}", int((depth[group] > step).sum()))


def _step_rates(ledger: Ledger, shopping: Shopping, depth: Ints) -> None:
    """Rates of every step, overall, by channel of entry and by campaign, among mature people."""
    total = np.cumprod(shopping.chance, axis=1)
    everybody = ("", np.ones(len(depth), dtype=bool))
    for label, members in (everybody, *_groups(shopping)):
        group = members & (depth > 0)
        for step in range(1, 5):
            before = group & (depth >= step)
            ledger.rate(f"purchase.{STEPS[step]}.of_entered{label}", depth[group] > step, total[group, step - 1])
            ledger.rate(
                f"purchase.{STEPS[step]}.of_previous{label}",
                depth[before] > step,
                shopping.chance[before, step - 1],
            )


def count_reasons(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk, depth: Ints) -> None:
    """Why people stop after the checkout, and what they do instead."""
    shopping = chunk.shopping
    there, bought, chance = depth >= 4, depth == 5, shopping.chance[:, 3]
    low, high = clock.incident(company.incident_first_day, company.incident_days)
    checkout = shopping.at[:, 3]
    web = there & ~shopping.step_app[:, 3]
    inside = web & (checkout >= low) & (checkout < high)
    for label, group in (("[web, incident week]", inside), ("[web, other weeks]", web & ~inside)):
        planted = company.error_incident if group is inside else company.error_normal
        ledger.rate(f"purchase.payment error of checkout{label}", shopping.error[group], planted)
        ledger.rate(f"purchase.order.of_previous{label}", bought[group], chance[group])
    for label, group in (
        ("[payment error]", there & shopping.error),
        ("[no payment error]", there & ~shopping.error),
    ):
        ledger.rate(f"purchase.order.of_previous{label}", bought[group], chance[group])
    for code, price in enumerate(DELIVERY_PRICES):
        group = there & (shopping.delivery == code)
        ledger.rate(f"purchase.order.of_previous[delivery {price:.2f}]", bought[group], chance[group])
    called = _contacted(chunk, chunk.calls, checkout)
    wrote = _contacted(chunk, chunk.tickets, checkout)
    dropped = depth == 4
    ledger.rate("instead.call within 24 h of dropped at checkout", called[dropped], company.instead_call)
    ledger.rate("instead.ticket within 24 h of dropped at checkout", wrote[dropped], company.instead_ticket)
    ledger.rate("instead.call within 24 h of ordered", called[bought], company.converted_call)


def _contacted(chunk: Chunk, contacts: Block, checkout: Ints) -> Flags:
    """Shoppers with a contact about an order in the 24 hours after the checkout."""
    place = np.full(len(chunk.people), -1, dtype=np.int64)
    place[chunk.shopping.index] = np.arange(len(checkout))
    about = contacts["queue"] == 0
    who, at = place[contacts["index"][about]], contacts["at"][about]
    who, at = who[who >= 0], at[who >= 0]
    near = (at > checkout[who]) & (at <= checkout[who] + DAY)
    found = np.zeros(len(checkout), dtype=bool)
    found[who[near]] = True
    return found


def count_guests(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> None:
    """Count the forced account and the looks on another device, for people and for their cookies."""
    window, origin, count = company.window_days * DAY, clock.begin - 40 * DAY, len(chunk.people)
    steps = [chunk.events("guest checkout"), chunk.events("account wall"), chunk.events("account created")]
    found = reached(steps, DAY, origin)[0]
    done = np.zeros(count, dtype=bool)
    done[found[-1]] = True
    first = steps[0][0][steps[0][1] <= clock.cutoff - DAY]
    ledger.rate("guest.account created of guest checkout (resolved people)", done[first], company.guest_steps[3])
    ledger.count("guest.guest checkout (cookies)", len(np.unique(steps[0][0])))
    which = (chunk.rows["event"] == CODE["guest product view"]) & (chunk.rows["cookie"] >= 0)
    person, at = chunk.rows["person"][which] - chunk.people.base, chunk.rows["at"][which]
    # A look on a second device belongs to the customer only if that device signs in within the data.
    linked = np.zeros(count, dtype=bool)
    second = (chunk.rows["cookie"] % 4 == 1) & (chunk.rows["cookie"] >= 0) & (chunk.rows["event"] == CODE["login"])
    linked[chunk.rows["person"][second] - chunk.people.base] = True
    stranger = (chunk.rows["cookie"][which] % 4 == 1) & ~linked[person]
    owner = np.where(stranger, person + count, person)
    both = reached([(owner, at), chunk.first_orders()], window, origin)[0]
    ledger.count("second device.looked as a guest (resolved people)", len(both[0]))
    ledger.count("second device.ordered within 7 days (resolved people)", len(both[1]))
    ledger.count("second device.linked by a later login", int(linked.sum()))


def count_repairs(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> None:
    """Count the repair funnel and what a missed visit costs; rates for cases a full window before the end."""
    repairs = chunk.repairs
    window = company.repair_window_days * DAY
    about = chunk.calls["queue"] == 1
    fine = repairs.repaired
    steps = [
        (repairs.index, repairs.reported),
        (chunk.calls["index"][about], chunk.calls["at"][about]),
        (repairs.index[repairs.booked[:, 0] >= 0], repairs.booked[repairs.booked[:, 0] >= 0, 0]),
        (repairs.index[fine], repairs.final[fine]),
    ]
    inside = repairs.reported <= clock.cutoff
    steps[0] = (steps[0][0][inside], steps[0][1][inside])
    found, done, start = reached(steps, window, clock.begin - DAY)
    depth = _depths(found, len(chunk.people))[repairs.index]
    names = ("fault reported", "call about repair", "visit scheduled", "repaired")
    for step, name in enumerate(names):
        ledger.count(f"repair.all.{name}", int((depth > step).sum()))
    mature = repairs.reported <= clock.cutoff - window
    for step in range(1, 4):
        before = mature & (depth >= step)
        chance = float(np.prod(company.repair_steps[:step]))
        ledger.rate(f"repair.{names[step]}.of_entered", depth[mature] > step, chance)
        ledger.rate(f"repair.{names[step]}.of_previous", depth[before] > step, company.repair_steps[step - 1])
    ledger.count("repair.all.undecided", int((~mature & inside & (depth < 4)).sum()))
    ledger.sample("repair.time_from_report", done - start)
    _count_loop(ledger, company, chunk, mature & fine)


def _count_loop(ledger: Ledger, company: Company, chunk: Chunk, fixed: Flags) -> None:
    repairs = chunk.repairs
    of_case = chunk.calls["case"] >= 0
    place = chunk.calls["index"][of_case]
    calls = np.bincount(place, minlength=len(chunk.people))[repairs.index]
    cents = np.bincount(place, weights=chunk.calls["cents"][of_case], minlength=len(chunk.people))[repairs.index]
    visits: Floats = repairs.absences * np.float64(company.absent_cost) + company.visit_cost
    expected: Floats = repairs.absences * np.float64(company.reschedule_call) + 1
    for label, group in _loops(repairs.absences):
        which = fixed & group
        ledger.mean(f"repair.calls per case[{label}]", calls[which], expected[which])
        cost = visits[which] + cents[which] / 100
        ledger.mean(f"repair.cost EUR per case[{label}]", cost, visits[which] + company.call_cost * expected[which])
        days = (repairs.final[which] - repairs.reported[which]) / DAY
        ledger.mean(f"repair.days to repaired[{label}]", days)
    # Absences are capped, which takes nothing from the share of cases with at least one.
    ledger.rate("repair.rescheduled of repaired", repairs.absences[fixed] > 0, company.absent)


def _loops(absences: Ints) -> list[tuple[str, Flags]]:
    return [
        ("rescheduled 0", absences == 0),
        ("rescheduled 1", absences == 1),
        ("rescheduled 2+", absences >= 2),
    ]


def count_help(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> None:
    """Self-service: solved alone, or leaked to a call or a ticket within 24 hours, by topic."""
    help_ = chunk.help
    ripe = help_.opened <= clock.cutoff - DAY - 30 * MINUTE
    solved = np.zeros(len(chunk.people), dtype=bool)
    solved[chunk.events("help solved")[0]] = True
    queue = np.array(HELP_QUEUES)[help_.topic]
    contacted = {}
    for name, contacts in (("call", chunk.calls), ("ticket", chunk.tickets)):
        place = np.full(len(chunk.people), -1, dtype=np.int64)
        place[help_.index] = np.arange(len(help_.index))
        who = place[contacts["index"]]
        near = (who >= 0) & (contacts["queue"] == queue[who])
        near &= (contacts["at"] > help_.opened[who]) & (contacts["at"] <= help_.opened[who] + DAY)
        hit = np.zeros(len(help_.index), dtype=bool)
        hit[who[near]] = True
        contacted[name] = hit
    for code, topic in enumerate(HELP_TOPICS):
        group = ripe & (help_.topic == code)
        leaks = 1 - company.contained[code]
        ledger.rate(f"help.solved alone[{topic}]", solved[help_.index[group]], company.contained[code])
        ledger.rate(f"help.call within 24 h[{topic}]", contacted["call"][group], leaks * company.leak_call)
        ledger.rate(f"help.ticket within 24 h[{topic}]", contacted["ticket"][group], leaks * company.leak_ticket)


def count_surveys(ledger: Ledger, clock: Clock, company: Company, chunk: Chunk) -> None:
    """Count NPS (as a share of 1) by touchpoint and cause, and response rates of surveys three weeks old."""
    surveys = chunk.surveys
    labels = (
        ("repair", 0, "rescheduled 0"),
        ("repair", 1, "rescheduled 1"),
        ("repair", 2, "rescheduled 2+"),
        ("order", 0, "on time"),
        ("order", 1, "late"),
        ("call", 0, "wait up to 5 minutes"),
        ("call", 1, "wait over 5 minutes"),
    )
    touchpoint = np.array(("repair", "order", "call"))[surveys.touchpoint]
    table, responses = score_table(company), response_table(company)
    answered = surveys.score >= 0
    for row, (name, group, label) in enumerate(labels):
        which = (touchpoint == name) & (surveys.group == group)
        values = promoter_value(surveys.score[which & answered])
        ledger.mean(f"nps.{name}[{label}]", values, float(table[row, 0] - table[row, 2]))
        ledger.count(f"nps.sent.{name}[{label}]", int(which.sum()))
        old = which & (surveys.sent <= clock.cutoff - 21 * DAY)
        ledger.rate(f"nps.response.{name}[{label}]", answered[old], float(responses[row]))


def count_renewals(ledger: Ledger, company: Company, chunk: Chunk) -> None:
    """Churn at renewal and its reasons, with and without a missed repair visit or a payment error before."""
    renewals = chunk.renewals
    groups = {
        "": np.ones(len(renewals.index), dtype=bool),
        "[no missed visit]": ~renewals.rescheduled,
        "[missed visit]": renewals.rescheduled,
        "[payment error]": renewals.declined & ~renewals.rescheduled,
    }
    for label, group in groups.items():
        ledger.rate(f"churn.cancelled of due{label}", renewals.cancelled[group], renewals.chance[group])
    for label, planted in (
        ("[no missed visit]", company.reasons),
        ("[missed visit]", company.reasons_rescheduled),
    ):
        left = groups[label] & renewals.cancelled
        for code, reason in enumerate(REASONS):
            ledger.rate(f"churn.reason {reason} of cancelled{label}", renewals.reason[left] == code, planted[code])


def count_reviews(ledger: Ledger, company: Company, reviews: Reviews) -> None:
    """Stars of the app by release."""
    for version, (name, mean) in enumerate(zip(company.releases, mean_stars(company), strict=True)):
        ledger.mean(f"reviews.stars[{name}]", reviews.stars[reviews.version == version], float(mean))
