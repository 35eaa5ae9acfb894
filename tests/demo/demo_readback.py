"""Read a simulated company back with the csv, json and pyarrow readers, into plain Python objects."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

PARIS = ZoneInfo("Europe/Paris")
Row = dict[str, Any]


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1_000)


def local(text: str) -> int:
    """A naive Paris time as UTC milliseconds."""
    return ms(datetime.fromisoformat(text).replace(tzinfo=PARIS))


@dataclass
class Digital:
    """One web or app event after removing re-sent rows."""

    id: str
    at: int
    name: str
    customer: str | None
    device: str
    app: bool
    row: Row
    file_month: str


class Readback:
    """All files of one company."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web_rows = [
            row | {"file": path.stem[-7:]}
            for path in sorted((folder / "web").glob("*.parquet"))
            for row in pq.read_table(path).to_pylist()
        ]
        with gzip.open(folder / "app" / "events.jsonl.gz", "rt", encoding="utf-8") as lines:
            self.app_lines = lines.read().splitlines()
        self.orders = self._csv("shop/orders.csv")
        self.calls = self._csv("care/calls.csv")
        self.visits = self._csv("repairs/visits.csv")
        self.surveys = self._csv("surveys/nps.csv")
        self.renewals = self._csv("billing/renewals.csv")
        self.tickets = self._lines("care/tickets.jsonl")
        self.outage = self._lines("care/outage.jsonl")
        self.digital = self._digital()

    def _csv(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def _lines(self, name: str) -> list[Row]:
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    def _digital(self) -> list[Digital]:
        found: dict[str, Digital] = {}
        for row in self.web_rows:
            event = Digital(
                row["event_id"],
                ms(row["ts"]),
                row["event"],
                row["customer_id"],
                row["cookie"],
                False,
                row,
                row["file"],
            )
            if event.id not in found or event.file_month < found[event.id].file_month:
                found[event.id] = event
        for line in self.app_lines:
            row = json.loads(line)
            found[row["event_id"]] = Digital(
                row["event_id"], row["at"], row["name"], row["customer_id"], row["device_id"], True, row, ""
            )
        return list(found.values())

    def steps(self, names: list[str]) -> dict[str, list[list[int]]]:
        """Per customer the sorted moments of each funnel step; the last step may be `order`."""
        found: dict[str, list[list[int]]] = defaultdict(lambda: [[] for _ in names])
        for event in self.digital:
            if event.customer is not None and event.name in names:
                found[event.customer][names.index(event.name)].append(event.at)
        if "order" in names:
            for row in self.orders:
                if row["kind"] == "order":
                    found[row["customer_id"]][names.index("order")].append(local(row["ordered_at"]))
        for moments in found.values():
            for step in moments:
                step.sort()
        return found


def chain(steps: list[list[int]], start: int, window: int) -> list[int]:
    """Moments of the furthest chain from one entry: each next step as early as possible, never backwards."""
    reached = [start]
    for moments in steps[1:]:
        later = [at for at in moments if reached[-1] <= at <= start + window]
        if not later:
            break
        reached.append(min(later))
    return reached
