"""Web and app logs as their trackers write them: late, sometimes twice, with placeholders for ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from desirepath.demo.browsing import JUNK, KIOSK
from desirepath.demo.clock import DAY, SECOND, Clock, Flags, Ints, Rng
from desirepath.demo.company import CAMPAIGNS, DELIVERY_PRICES, HELP_TOPICS, JUNK_IDS, PRODUCTS, Company
from desirepath.demo.people import DEVICES, People
from desirepath.demo.rows import CODE, ERRORS, NAMES, PAGES, Rows, pick
from desirepath.demo.text import fragments, hexes, hidden, joined, moments, named, numbered
from desirepath.demo.writing import Lines, MonthlyParquet

_PRODUCT = tuple(f',"product":"{name}","price_eur":{price}' for name, price in PRODUCTS)
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


def arrive(rng: Rng, clock: Clock, company: Company, at: Ints, late_share: float) -> Arrival:
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
    rng: Rng, clock: Clock, company: Company, people: People, block: Rows, sink: MonthlyParquet
) -> tuple[Arrival, int]:
    """Write web rows; returns the arrival and the number of rows with a placeholder customer_id."""
    arrival = arrive(rng, clock, company, block["at"], company.late)
    placeholder = (block["event"] == CODE["page view"]) & ~block["known"] & (rng.random(len(block["at"])) < 0.002)
    block = pick(block | {"placeholder": placeholder}, arrival.order)
    sink.write(_web_table(people, block), clock.month(arrival.at))
    return arrival, int(placeholder.sum())


def _web_table(people: People, block: Rows) -> Any:
    product = block["product"]
    price = np.array([price for _, price in PRODUCTS])[product]
    customer = numbered(np.maximum(block["person"], 0), "C")
    customer = hidden(customer, block["known"])
    customer = _overwrite(customer, block["placeholder"], np.zeros(len(product), dtype=np.int64), ("anonymous",))
    return pa.table(
        {
            "event_id": hexes(block["number"], "w"),
            "ts": moments(block["at"], "UTC"),
            "event": named(block["event"], NAMES),
            "session_id": hexes(block["session"] * 2, "s"),
            "cookie": cookies(block["cookie"]),
            "customer_id": customer,
            "device": named(_device(people, block), DEVICES),
            "campaign": named(block["campaign"], CAMPAIGNS),
            "page": named(block["page"], PAGES),
            "product": named(product, [name for name, _ in PRODUCTS]),
            "price_eur": pa.array(price, mask=product < 0),
            "delivery_eur": pa.array(np.array(DELIVERY_PRICES)[block["delivery"]], mask=block["delivery"] < 0),
            "topic": named(block["topic"], HELP_TOPICS),
            "error": named(block["error"], ERRORS),
        }
    )


def _device(people: People, block: Rows) -> Ints:
    place = np.clip(block["person"] - people.base, 0, len(people) - 1)
    kiosk = (block["cookie"] <= KIOSK) & (block["cookie"] > JUNK)
    return np.where(kiosk, 3, people.device[place])


def cookies(codes: Ints) -> Any:
    """Cookie values: random-looking for a private device, a name for a kiosk, a placeholder for junk."""
    text = hexes(np.maximum(codes, 0), "k")
    text = _overwrite(text, codes <= JUNK, JUNK - codes, JUNK_IDS)
    kiosk = (codes <= KIOSK) & (codes > JUNK)
    if not kiosk.any():
        return text
    numbers = KIOSK - codes
    return _overwrite(text, kiosk, numbers, [f"kiosk-{number:03d}" for number in range(int(numbers[kiosk].max()) + 1)])


def _overwrite(column: Any, where: Flags, codes: Ints, names: Any) -> Any:
    if not where.any():
        return column
    index = np.arange(len(column))
    index[where] = len(column) + codes[where]
    return pa.chunked_array([column, pa.array(list(names), pa.string())]).combine_chunks().take(pa.array(index))


def write_app(rng: Rng, clock: Clock, company: Company, block: Rows, sink: Lines) -> Arrival:
    """Write app rows as JSON lines in order of arrival."""
    arrival = arrive(rng, clock, company, block["at"], 0.0)
    sink.write(_app_lines(pick(block, arrival.order)))
    return arrival


def _app_lines(block: Rows) -> Any:
    delivery = [f',"delivery_eur":{price}' for price in DELIVERY_PRICES]
    system = [f'","os":"{name}","app_version":"{version}"' for name in _SYSTEMS for version in _VERSIONS]
    return joined(
        '{"event_id":"',
        hexes(block["number"], "a"),
        '","at":',
        pa.array(block["at"]).cast(pa.string()),
        ',"name":"',
        fragments(block["event"], NAMES),
        '","session":"',
        hexes(block["session"] * 2 + 1, "s"),
        '","device_id":"',
        hexes(block["cookie"], "d"),
        '","customer_id":"',
        numbered(block["person"], "C"),
        fragments(block["person"] % len(system), system),
        fragments(block["campaign"], [f',"campaign":"{name}"' for name in CAMPAIGNS], ',"campaign":null'),
        fragments(block["product"], _PRODUCT, ',"product":null,"price_eur":null'),
        fragments(block["delivery"], delivery, ',"delivery_eur":null'),
        fragments(block["page"], [f',"screen":"{name}"' for name in PAGES], ',"screen":null'),
        fragments(block["topic"], [f',"topic":"{name}"' for name in HELP_TOPICS], ',"topic":null'),
        fragments(block["error"], [f',"error":"{name}"' for name in ERRORS], ',"error":null'),
        "}\n",
    )
