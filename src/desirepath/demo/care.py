"""The call centre, the ticket desk and the help pages: why people get in touch, and who did not need to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import DAY, HOUR, OFFICE, SECOND, Clock, Flags, Ints, Rng
from desirepath.demo.company import HELP_QUEUES, Company
from desirepath.demo.people import People
from desirepath.demo.repairs import Repairs, call_length
from desirepath.demo.rows import CODE, Rows, rows, stack
from desirepath.demo.shopping import Shopping

Block = dict[str, Ints]
HELP_SESSIONS = 800


@dataclass(frozen=True)
class Help:
    """One row per help issue; `way` is 0 solved by oneself, 1 call, 2 ticket, 3 gave up."""

    index: Ints
    topic: Ints
    opened: Ints
    way: Ints
    human_at: Ints
    app: Flags


def contact(index: Ints, at: Ints, queue: int | Ints, case: int | Ints = -1, length: int | Ints = -1) -> Block:
    """Make a block of contacts: place in the chunk, moment, queue, case or -1, length or -1 (to be drawn)."""
    shape = len(index)
    return {
        "index": index,
        "at": at,
        "queue": np.broadcast_to(np.asarray(queue, np.int64), shape),
        "case": np.broadcast_to(np.asarray(case, np.int64), shape),
        "length": np.broadcast_to(np.asarray(length, np.int64), shape),
    }


def draw_help(rng: Rng, clock: Clock, company: Company, people: People) -> Help:
    """Draw help issues and how each one ended."""
    index = np.flatnonzero(people.known & (rng.random(len(people)) < company.help_share)).astype(np.int64)
    count = len(index)
    topic = rng.choice(4, count, p=(0.30, 0.22, 0.26, 0.22)).astype(np.int64)
    opened = clock.draw(rng, count)
    contained = rng.random(count) < np.array(company.contained)[topic]
    spot = rng.random(count)
    leak = np.where(spot < company.leak_call, 1, np.where(spot < company.leak_call + company.leak_ticket, 2, 3))
    wait = np.minimum(rng.exponential(1.5, count), 8.0) * 3_600
    human = opened + (120 + wait).astype(np.int64) * SECOND
    human = np.where(leak == 1, clock.opening(rng, human), human)
    app = rng.random(count) < np.where(people.app[index], 0.85, 0.10)
    return Help(index, topic, opened, np.where(contained, 0, leak), human, app)


def help_rows(rng: Rng, people: People, help_: Help) -> Rows:
    """Web and app rows of the help pages: opened, and solved when the page was enough."""
    solved = help_.way == 0
    blocks = []
    for which, name in ((np.ones(len(solved), dtype=bool), "help opened"), (solved, "help solved")):
        who, app = help_.index[which], help_.app[which]
        wait = rng.integers(60, 1_500, len(who)) * SECOND if name == "help solved" else 0
        blocks.append(
            rows(
                person=people.ids(who),
                at=help_.opened[which] + wait,
                event=CODE[name],
                app=app,
                session=people.ids(who) * 1_024 + HELP_SESSIONS,
                topic=help_.topic[which],
                cookie=np.where(app, people.ids(who) * 4 + 2, people.cookie[who]),
            )
        )
    return stack(blocks)


def draw_contacts(
    rng: Rng,
    clock: Clock,
    company: Company,
    people: People,
    shopping: Shopping,
    repairs: Repairs,
    help_: Help,
) -> tuple[Block, Block]:
    """All calls and all tickets of the chunk; the reasons are the stories, plus everyday questions."""
    calls, tickets = _instead(rng, clock, company, shopping)
    calls += _repair_calls(repairs, people)
    queue = np.array(HELP_QUEUES)[help_.topic]
    for way, blocks in ((1, calls), (2, tickets)):
        which = help_.way == way
        blocks.append(contact(help_.index[which], help_.human_at[which], queue[which]))
    known = np.flatnonzero(people.known).astype(np.int64)
    for mean, blocks, hours in ((0.16, calls, OFFICE), (0.10, tickets, None)):
        times = np.minimum(rng.negative_binomial(0.25, 0.25 / (0.25 + mean), len(known)), 40)
        who = np.repeat(known, times)
        at = clock.draw(rng, len(who), hours=OFFICE) if hours is not None else clock.draw(rng, len(who))
        at = clock.opening(rng, at) if hours is not None else at
        blocks.append(contact(who, at, rng.choice((2, 3, 4), len(who), p=(0.4, 0.2, 0.4))))
    return _joined(clock, calls), _joined(clock, tickets)


def _joined(clock: Clock, blocks: list[Block]) -> Block:
    whole = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    whole["at"] = -(-whole["at"] // SECOND) * SECOND
    keep = (whole["at"] >= clock.begin) & (whole["at"] <= clock.cutoff)
    order = np.argsort(whole["at"][keep], kind="stable")
    return {name: column[keep][order] for name, column in whole.items()}


def _instead(rng: Rng, clock: Clock, company: Company, shopping: Shopping) -> tuple[list[Block], list[Block]]:
    """Draw what people do after the checkout: dropped ones call or write within 24 h, few buyers call."""
    spot = rng.random(len(shopping.index))
    dropped, bought = shopping.depth == 4, shopping.depth == 5
    phones = (dropped & (spot < company.instead_call)) | (bought & (spot < company.converted_call))
    writes = dropped & (spot >= company.instead_call) & (spot < company.instead_call + company.instead_ticket)
    wait = np.minimum(rng.exponential(2.5, len(spot)), 8.0) * 3_600
    # A payment error comes within a minute of the checkout; the contact is later than that.
    at = shopping.at[:, 3] + (240 + wait).astype(np.int64) * SECOND
    calls = contact(shopping.index[phones], clock.opening(rng, at[phones]), 0)
    return [calls], [contact(shopping.index[writes], at[writes], 0)]


def _repair_calls(repairs: Repairs, people: People) -> list[Block]:
    case = repairs.case_ids(people)
    first = repairs.call >= 0
    blocks = [contact(repairs.index[first], repairs.call[first], 1, case[first], repairs.minutes[first])]
    for visit in range(1, repairs.extra_call.shape[1]):
        which = repairs.extra_call[:, visit] >= 0
        length = repairs.booked[which, visit] - repairs.extra_call[which, visit] - 20 * SECOND
        blocks.append(contact(repairs.index[which], repairs.extra_call[which, visit], 1, case[which], length))
    return blocks


def finish_calls(rng: Rng, company: Company, calls: Block) -> Block:
    """Add the waiting time (heavy tail), the length, the transfer and the cost in EUR cents."""
    count = len(calls["at"])
    length = np.where(calls["length"] < 0, call_length(rng, company, count), calls["length"])
    wait = np.minimum(rng.gamma(0.9, 150, count), 2_700).astype(np.int64)
    transferred = (rng.random(count) < np.where(calls["queue"] == 1, 0.10, 0.16)).astype(np.int64)
    cents = np.round(length / 60_000 * company.call_minute_cost * 100).astype(np.int64)
    return calls | {"length": length, "wait": wait, "transferred": transferred, "cents": cents}


def finish_tickets(rng: Rng, clock: Clock, company: Company, tickets: Block) -> Block:
    """Add the moment of the solution (-1: open), the priority, and if only an e-mail names the writer."""
    count = len(tickets["at"])
    hours = np.exp(rng.normal(np.log(14), 1.1, count))
    solved = tickets["at"] + np.minimum(hours * HOUR, 45 * DAY).astype(np.int64) // SECOND * SECOND
    priority = rng.choice(3, count, p=(0.70, 0.24, 0.06)).astype(np.int64)
    mail_only = (rng.random(count) < company.ticket_mail_only).astype(np.int64)
    return tickets | {
        "solved": np.where(solved > clock.cutoff, -1, solved),
        "priority": priority,
        "mail_only": mail_only,
    }
