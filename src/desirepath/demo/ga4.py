"""Website and app as Google Analytics 4 exports them: late, sometimes twice, with placeholders for ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.demo.browsing import JUNK, KIOSK
from desirepath.demo.clock import DAY, SECOND, Clock, Flags, Ints, Rng
from desirepath.demo.company import CAMPAIGNS, DELIVERY_PRICES, HELP_TOPICS, PRODUCTS, Company
from desirepath.demo.identifiers import cookies, devices, number_of, orders, where_else, whole
from desirepath.demo.orders import Orders
from desirepath.demo.people import DEVICES, People
from desirepath.demo.rows import CODE, ERRORS, PAGES, Rows, pick
from desirepath.demo.text import fragments, joined, moments, numbered
from desirepath.demo.writing import MonthlyLines

#: what the events are called in Google Analytics, in the order of `NAMES`
THEIRS = (
    "shop_visit", "view_item", "add_to_cart", "begin_checkout", "payment_error", "login", "page_view", "bill_view",
    "app_open", "screen_view", "help_open", "help_solved", "guest_view_item", "guest_add_to_cart",
    "guest_begin_checkout", "account_wall", "sign_up", "kiosk_report", "purchase",
)  # fmt: skip
_SITE = "https://www.quillwave.example/"
_SYSTEMS = ("iOS 26", "iOS 18", "Android 16", "Android 15", "Android 14")
_VERSIONS = ("8.4.1", "8.5.0", "8.5.2")


@dataclass(frozen=True)
class Arrival:
    """How one chunk's rows arrive: `order` lists rows by arrival (a re-sent row twice), `at` the moments."""

    order: Ints
    at: Ints
    duplicates: int
    late: int


def number_rows(block: Rows, chunk: int) -> Rows:
    """Give every row its native number, unique over chunks and over web and app."""
    return block | {"number": (np.int64(chunk) << 32) + np.arange(len(block["at"]), dtype=np.int64)}


def _arrive(rng: Rng, company: Company, at: Ints, late_share: float) -> Arrival:
    """Decide which rows are re-sent, which come a month late, and the order of arrival (ties in any)."""
    count = len(at)
    late = rng.random(count) < late_share
    again = np.flatnonzero(rng.random(count) < company.duplicated)
    # 31 days later is always another monthly file.
    lag = np.where(late, 31 * DAY, 0)
    index = np.concatenate([np.arange(count), again])
    arrival = np.concatenate([at + lag, at[again] + lag[again] + rng.integers(1, 3_600, len(again)) * SECOND])
    order = np.lexsort((rng.random(len(index)), arrival))
    return Arrival(index[order], arrival[order], len(again), int(late.sum()))


def write_web(
    rng: Rng, clock: Clock, company: Company, people: People, bought: Orders, block: Rows, sink: MonthlyLines
) -> tuple[Arrival, int]:
    """Write web rows; returns the arrival and the number of rows with a placeholder for the login."""
    arrival = _arrive(rng, company, block["at"], company.late)
    placeholder = (block["event"] == CODE["page view"]) & ~block["known"] & (rng.random(len(block["at"])) < 0.002)
    block = pick(block | {"placeholder": placeholder}, arrival.order)
    login = where_else(
        block["known"],
        joined(',"user_id":"', numbered(np.maximum(block["person"], 0), "C"), '"'),
    )
    login = where_else(~block["placeholder"], login, ',"user_id":"anonymous"')
    head = joined('"', cookies(block["cookie"]), '","platform":"WEB","stream_id":"4401"')
    device = fragments(_device(people, block), [f',"device":{{"category":"{name}"}}' for name in DEVICES])
    page = fragments(block["page"], [_param("page_location", _SITE + name.replace(" ", "-")) for name in PAGES])
    sink.write(
        _lines(clock, people, bought, block, page, joined(login, ',"user_pseudo_id":', head, device)), arrival.at
    )
    return arrival, int(placeholder.sum())


def write_app(
    rng: Rng, clock: Clock, company: Company, people: People, bought: Orders, block: Rows, sink: MonthlyLines
) -> Arrival:
    """Write app rows, of which every one is signed in."""
    arrival = _arrive(rng, company, block["at"], 0.0)
    block = pick(block, arrival.order)
    tails = [
        f'","platform":"{"IOS" if system.startswith("iOS") else "ANDROID"}","stream_id":"4402",'
        f'"device":{{"category":"mobile","operating_system":"{system.split()[0]}",'
        f'"operating_system_version":"{system.split()[1]}"}},"app_info":{{"version":"{version}"}}'
        for system in _SYSTEMS
        for version in _VERSIONS
    ]
    who = joined(
        ',"user_id":"',
        numbered(block["person"], "C"),
        '","user_pseudo_id":"',
        devices(block["cookie"]),
        fragments(block["person"] % len(tails), tails),
    )
    page = fragments(block["page"], [_param("firebase_screen", name) for name in PAGES])
    sink.write(_lines(clock, people, bought, block, page, who), arrival.at)
    return arrival


def _param(key: str, value: str | float) -> str:
    """A parameter in its typed slot, with a comma before it."""
    said = f'"string_value":"{value}"' if isinstance(value, str) else f'"double_value":{value}'
    return f',{{"key":"{key}","value":{{{said}}}}}'


def _lines(clock: Clock, people: People, bought: Orders, block: Rows, page: Any, who: Any) -> Any:
    return joined(
        '{"event_date":"',
        pc.strftime(moments(clock.local(block["at"])), "%Y%m%d"),
        '","event_timestamp":"',
        whole(block["at"] * 1_000),
        '","event_name":"',
        fragments(block["event"], THEIRS),
        '","event_params":[{"key":"ga_session_id","value":{"int_value":"',
        whole(np.abs(block["session"])),
        '"}}',
        page,
        fragments(block["product"], [_param("product", name) + _param("price_eur", price) for name, price in PRODUCTS]),
        fragments(block["delivery"], [_param("delivery_eur", price) for price in DELIVERY_PRICES]),
        fragments(block["topic"], [_param("topic", name) for name in HELP_TOPICS]),
        fragments(block["error"], [_param("error", name) for name in ERRORS]),
        _purchase(people, bought, block["order"]),
        '],"event_bundle_sequence_id":"',
        whole(block["number"]),
        '","batch_event_index":"1"',
        who,
        fragments(
            block["campaign"],
            [f',"collected_traffic_source":{{"manual_campaign_name":"{name}"}}' for name in CAMPAIGNS],
        ),
        "}\n",
    )


def _purchase(people: People, bought: Orders, order: Ints) -> Any:
    """The parameters of an order: its number, what it is worth, how many pieces."""
    if not len(bought.index):
        return fragments(np.full(len(order), -1), [])
    at = np.maximum(order, 0)
    numbers = number_of(people, len(bought.index))[at]
    said: Any = joined(
        ',{"key":"transaction_id","value":{"string_value":"',
        orders(numbers),
        '"}},{"key":"value","value":{"double_value":',
        pa.array(bought.total[at]).cast(pa.string()),
        '}},{"key":"currency","value":{"string_value":"EUR"}},{"key":"shipping","value":{"double_value":',
        pa.array(bought.delivery[at]).cast(pa.string()),
        '}},{"key":"quantity","value":{"int_value":"',
        whole(bought.quantity[at]),
        '"}}',
    )
    return where_else(order >= 0, said)


def _device(people: People, block: Rows) -> Ints:
    place = np.clip(block["person"] - people.base, 0, len(people) - 1)
    kiosk: Flags = (block["cookie"] <= KIOSK) & (block["cookie"] > JUNK)
    return np.where(kiosk, 3, people.device[place])
