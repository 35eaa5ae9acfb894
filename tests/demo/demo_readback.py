"""Read a simulated company back from its vendors' files with the csv and json readers, into plain Python objects.

No connector of desirepath is used: what the files say is read here by their vendors' documents.
"""

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

from desirepath.demo.ga4 import THEIRS
from desirepath.demo.money import FEEDBACK
from desirepath.demo.rows import NAMES

PARIS = ZoneInfo("Europe/Paris")
Row = dict[str, Any]
REASONS = dict(zip(FEEDBACK, ("price", "competitor", "moved", "no longer needed", "service"), strict=True))


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1_000)


def local(text: str) -> int:
    """A naive Paris time as UTC milliseconds."""
    return ms(datetime.fromisoformat(text).replace(tzinfo=PARIS))


def iso(text: str) -> int:
    """ISO text with a zone as UTC milliseconds."""
    return ms(datetime.fromisoformat(text))


def customer_of(mail: str) -> str:
    """The customer number of somebody known by the e-mail address, which ends in it."""
    digits = mail.partition("@")[0].lstrip("abcdefghijklmnopqrstuvwxyz.")
    return f"C{int(digits):08d}"


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
        self.ga4 = [
            json.loads(line) | {"file": path.name.split(".")[0][-6:]}
            for path in sorted((folder / "ga4").glob("*.gz"))
            for line in self._gzip(path)
        ]
        self.web_rows = [row for row in self.ga4 if row["platform"] == "WEB"]
        self.app_lines = [json.dumps(row | {"file": ""}) for row in self.ga4 if row["platform"] != "WEB"]
        self.contacts = {row["id"]: row["properties"]["email"] for row in self._lines("hubspot/contacts.jsonl")}
        self.deals = self._lines("hubspot/deals.jsonl")
        self.invitations = self._lines("hubspot/emails.jsonl")
        self.field_contacts = {row["Id"]: row["Email"] for row in self._csv("salesforce/Contact.csv")}
        self.cases, self.bookings, self.visits = (
            self._csv(f"salesforce/{name}.csv") for name in ("Case", "CaseHistory", "Task")
        )
        self.users = {row["id"]: row for row in self._lines("zendesk/users.jsonl")}
        self.tickets = self._lines("zendesk/tickets.jsonl")
        self.audits = self._lines("zendesk/audits.jsonl")
        transcripts = [json.loads(line) for line in self._gzip(folder / "calls" / "transcripts.jsonl.gz")]
        self.calls = [row for row in transcripts if row["queue"] != "outage"]
        self.outage = [row for row in transcripts if row["queue"] == "outage"]
        self.survey_rows = self._csv("qualtrics/nps.csv")
        self.surveys = self.survey_rows[2:]  # after the second and third heading
        self.customers = {row["id"]: row["metadata"]["user_id"] for row in self._lines("stripe/customers.jsonl")}
        self.contracts = self._lines("stripe/events.jsonl")
        self.reviews = [
            row
            for path in sorted((folder / "google_play").glob("*.csv"))
            for row in csv.DictReader(path.read_text(encoding="utf-16").splitlines())
        ]
        self.digital = self._digital()
        self.orders = self._orders()

    def _gzip(self, path: Path) -> list[str]:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return lines.read().splitlines()

    def _csv(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def _lines(self, name: str) -> list[Row]:
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    def _digital(self) -> list[Digital]:
        found: dict[str, Digital] = {}
        for row in self.ga4:
            own = row["event_bundle_sequence_id"]
            params = {one["key"]: next(iter(one["value"].values())) for one in row["event_params"]}
            event = Digital(
                own,
                int(row["event_timestamp"]) // 1_000,
                NAMES[THEIRS.index(row["event_name"])],
                row.get("user_id"),
                row["user_pseudo_id"],
                row["platform"] != "WEB",
                params | {"campaign": row.get("collected_traffic_source", {}).get("manual_campaign_name")},
                row["file"],
            )
            if own not in found or event.file_month < found[own].file_month:
                found[own] = event
        return list(found.values())

    def _orders(self) -> list[Row]:
        """Orders of website and app, and refills out of the warehouse, with what the warehouse did."""
        found = {
            event.row["transaction_id"]: {
                "order_id": event.row["transaction_id"],
                "kind": "order",
                "customer_id": str(event.customer),
                "at": event.at,
                "total": event.row["value"],
            }
            for event in self.digital
            if event.name == "order"
        }
        for deal in self.deals:
            told = {one["value"]: iso(one["timestamp"]) for one in deal["propertiesWithHistory"]["dealstage"]}
            own, properties = deal["properties"]["dealname"], deal["properties"]
            if "refill" in told:
                contact = deal["associations"]["contacts"]["results"][0]["id"]
                found[own] = {
                    "order_id": own,
                    "kind": "refill order",
                    "customer_id": customer_of(self.contacts[contact]),
                    "at": told["refill"],
                    "total": float(properties["amount"]),
                }
            promised = iso(properties["promised_by"]) if "promised_by" in properties else None
            found[own] |= {name: told.get(name) for name in ("approved", "shipped", "delivered")}
            found[own] |= {"promised_by": promised}
        return list(found.values())

    def steps(self, names: list[str]) -> dict[str, list[list[int]]]:
        """Per customer the sorted moments of each funnel step; the last step may be `order`."""
        found: dict[str, list[list[int]]] = defaultdict(lambda: [[] for _ in names])
        for event in self.digital:
            if event.customer is not None and event.name in names and event.name != "order":
                found[event.customer][names.index(event.name)].append(event.at)
        if "order" in names:
            for row in self.orders:
                if row["kind"] == "order":
                    found[row["customer_id"]][names.index("order")].append(row["at"])
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
