"""Who got in touch: tickets as Zendesk exports them, and the hotline's calls, word for word."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from desirepath.demo.care import Block
from desirepath.demo.clock import DAY, SECOND, Clock, Ints, Rng
from desirepath.demo.company import QUEUES
from desirepath.demo.identifiers import (
    ZENDESK_USERS,
    calls,
    customers,
    mails,
    number_of,
    salesforce,
    where_else,
    whole,
    with_offset,
    zendesk_people,
    zulu,
)
from desirepath.demo.people import LANGUAGES, People
from desirepath.demo.said import OUTAGE, turns
from desirepath.demo.text import fragments, joined, numbered, plain
from desirepath.demo.writing import Lines

_SITE = "https://quillwave.zendesk.com/api/v2"
_SUBJECTS = (
    "Question about my order",
    "Repair appointment",
    "Internet connection",
    "Printer does not print",
    "Question about my bill",
)
_PRIORITIES = ("normal", "high", "urgent")


def strangers(tickets: Block) -> tuple[Ints, Ints]:
    """Who wrote, by place in the chunk, and whether (1) the desk knows the address alone, as nobody signed in."""
    index, place = np.unique(tickets["index"], return_inverse=True)
    alone = np.ones(len(index), dtype=np.int64)
    np.minimum.at(alone, place, tickets["mail_only"])
    return index, alone


def write_agent(clock: Clock, sink: Lines) -> None:
    """The one who solves the tickets."""
    at = zulu(np.array([clock.begin - 900 * DAY]))[0].as_py()
    own = ZENDESK_USERS - 7
    said = {"id": own, "url": f"{_SITE}/users/{own}.json", "role": "agent", "email": "desk@quillwave.example"}
    sink.write(pa.array([json.dumps(said | {"external_id": None, "created_at": at, "updated_at": at}) + "\n"]))


def write_writers(clock: Clock, people: People, tickets: Block, sink: Lines) -> None:
    """The people who wrote: by their customer number where they were signed in, and by their address alone else."""
    index, by_mail = strangers(tickets)
    user = zendesk_people(people, index)
    at = zulu(clock.begin - (1 + people.ids(index) % 300) * DAY)
    sink.write(
        joined(
            '{"id":',
            user,
            f',"url":"{_SITE}/users/',
            user,
            '.json","role":"end-user","email":"',
            mails(people, index),
            where_else(
                by_mail == 0, joined('","external_id":"', customers(people, index), '"'), '","external_id":null'
            ),
            ',"created_at":"',
            at,
            '","updated_at":"',
            at,
            '"}\n',
        )
    )


def write_tickets(people: People, tickets: Block, sink: Lines) -> int:
    """One line per ticket, as it is at the end of the period."""
    number, solved = 1 + number_of(people, len(tickets["at"])), tickets["solved"]
    sink.write(
        joined(
            '{"id":',
            whole(number),
            f',"url":"{_SITE}/tickets/',
            whole(number),
            '.json","requester_id":',
            zendesk_people(people, tickets["index"]),
            ',"via":{"channel":"',
            plain(tickets["mail_only"], ("web", "email")),
            '"},"subject":"',
            plain(tickets["queue"], _SUBJECTS),
            '","tags":["',
            plain(tickets["queue"], QUEUES),
            '"],"priority":"',
            plain(tickets["priority"], _PRIORITIES),
            fragments(solved >= 0, ['","status":"open","created_at":"', '","status":"solved","created_at":"']),
            zulu(tickets["at"]),
            '","updated_at":"',
            zulu(np.maximum(tickets["at"], solved)),
            '"}\n',
        )
    )
    return len(number)


def write_audits(people: People, tickets: Block, sink: Lines) -> int:
    """What became of the tickets: who solved them and when."""
    done = np.flatnonzero(tickets["solved"] >= 0)
    number = 1 + number_of(people, len(tickets["at"]))[done]
    sink.write(
        joined(
            '{"id":',
            whole(880_000_000 + number),
            ',"ticket_id":',
            whole(number),
            ',"created_at":"',
            zulu(tickets["solved"][done]),
            f'","author_id":{ZENDESK_USERS - 7},"via":{{"channel":"web"}},"events":[{{"id":',
            whole(990_000_000 + number),
            ',"type":"Change","field_name":"status","value":"solved","previous_value":"open"}]}\n',
        )
    )
    return len(done)


def write_calls(clock: Clock, people: People, block: Block, sink: Lines) -> int:
    """One line per call: whom the hotline had on the line, what it was about, and what both said."""
    index, queue = block["index"], block["queue"]
    number, talk = number_of(people, len(index)), block["length"] // SECOND
    case = joined(',"case_id":"', salesforce("500", np.maximum(block["case"], 0)), '"')
    sink.write(
        joined(
            '{"call_id":"',
            calls(number),
            '","kind":"call","started_at":"',
            with_offset(clock, block["at"]),
            '","customer_id":"',
            customers(people, index),
            '","queue":"',
            plain(queue, QUEUES),
            '","wait_s":',
            whole(block["wait"]),
            ',"talk_s":',
            whole(talk),
            ',"transferred":"',
            plain(block["transferred"], ("no", "yes")),
            '","cost_eur":',
            pa.array(block["cents"] / 100).cast(pa.string()),
            where_else(block["case"] >= 0, case),
            _words(people, index, queue, number, talk),
        )
    )
    return len(index)


def write_outage(rng: Rng, clock: Clock, people: People, count: int, sink: Lines) -> tuple[int, int]:
    """Write calls of the clock-change night; returns the counts of the repeated hour's two passes."""
    known = np.flatnonzero(people.known)
    index = rng.choice(known, count).astype(np.int64)
    at = np.sort(clock.autumn_change() + rng.integers(-1_800, 9_000, count) * SECOND)
    number = np.arange(count, dtype=np.int64)
    sink.write(
        joined(
            '{"call_id":"',
            numbered(number, "N", 6),
            '","kind":"call","started_at":"',
            with_offset(clock, at),
            '","customer_id":"',
            customers(people, index),
            '","queue":"outage"',
            _words(people, index, np.full(count, OUTAGE), number, np.full(count, 60)),
        )
    )
    passed = (at - clock.autumn_change()) // (3_600 * SECOND)
    return int((passed == 0).sum()), int((passed == 1).sum())


def _words(people: People, index: Ints, queue: Ints, number: Ints, talk: Ints) -> Any:
    """The language and the turns of each call, to the end of the line."""
    language = people.language[index]
    return joined(
        ',"language":"', plain(language, LANGUAGES), '","turns":[', turns(queue, language, number, talk), "]}\n"
    )
