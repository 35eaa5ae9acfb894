"""One mapping file per folder: how the company's files become events."""

from __future__ import annotations

from pathlib import Path

MAPPINGS = {
    "web": """\
# Website tracker. Visitors who signed in carry customer_id, all others only a cookie.
source: web
time_zone: Europe/Paris
person: customer_id
files: events-*.parquet
key: [event_id]
identities: {customer_id: customer_id, cookie: cookie}
channel: web
session: session_id
properties: [device, campaign, page, product, price_eur, delivery_eur, topic, error]
events:
  - {name: "{event}", at: ts}
""",
    "app": """\
# Mobile app. Everybody is signed in.
source: app
time_zone: Europe/Paris
person: customer_id
files: events.jsonl.gz
key: [event_id]
identities: {customer_id: customer_id, device: device_id}
channel: app
session: session
properties: [os, app_version, campaign, product, price_eur, delivery_eur, screen, topic, error]
events:
  - {name: "{name}", at: {column: at, unit: ms}}
""",
    "shop": """\
# Orders, one row each with all its dates in local time.
source: shop
time_zone: Europe/Paris
person: customer_id
files: orders.csv
key: [order_id]
identities: {customer_id: customer_id, email: email}
channel: {column: channel}
entity: {order: order_id}
properties: [product, quantity, delivery_eur, status, {late: "delivered_at > promised_by"}]
events:
  - {name: "{kind}", at: ordered_at, value: {column: total_eur, currency: EUR}}
  - {name: order approved, at: approved_at}
  - {name: order shipped, at: shipped_at}
  - {name: order delivered, at: delivered_at}
""",
    "care": """\
# Call centre (local time), ticket desk (times with offset), and the outage in the night of the clock change.
source: care
time_zone: Europe/Paris
person: customer_id
tables:
  - files: calls.csv
    key: [call_id]
    identities: {customer_id: customer_id}
    channel: phone
    entity: {case: case_id}
    properties: [call_id, wait_s, talk_s, transferred]
    events: [{name: "call about {queue}", at: started_at, value: {column: cost_eur, currency: EUR}}]
  - files: tickets.jsonl
    key: [ticket_id]
    identities: {customer_id: customer_id, email: email}
    channel: ticket
    properties: [topic, priority, subject]
    events: [{name: ticket opened, at: opened_at}, {name: ticket solved, at: solved_at}]
  - files: outage.jsonl
    key: [report_id]
    identities: {customer_id: customer_id}
    channel: phone
    events: [{name: outage report, at: reported_at}]
""",
    "repairs": """\
# Technicians' visits, local time. A missed visit is followed by a row with the next attempt.
source: repairs
time_zone: Europe/Paris
person: customer_id
files: visits.csv
key: [case_id, attempt]
identities: {customer_id: customer_id}
channel: field
entity: {case: case_id}
properties: [attempt, region]
events:
  - {name: fault reported, at: reported_at}
  - {name: visit scheduled, at: scheduled_at}
  - {name: visit rescheduled, at: rescheduled_at}
  - {name: customer absent, at: absent_at, value: {column: cost_eur, currency: EUR}}
  - {name: repaired, at: repaired_at, value: {column: cost_eur, currency: EUR}}
  - {name: repair given up, at: given_up_at, value: {column: cost_eur, currency: EUR}}
""",
    "surveys": """\
# NPS surveys; touchpoint_id is the case, order or call that the answer is about.
source: surveys
time_zone: Europe/Paris
person: customer_id
files: nps.csv
key: [survey_id]
identities: {customer_id: customer_id, email: email}
channel: survey
entity: {touchpoint: touchpoint_id}
properties: [touchpoint, touchpoint_id, language, score, comment]
events:
  - {name: survey sent, at: sent_at}
  - {name: survey answered, at: answered_at}
""",
    "billing": """\
# Contracts that came up for renewal.
source: billing
time_zone: Europe/Paris
person: customer_id
files: renewals.csv
key: [contract_id]
identities: {customer_id: customer_id}
channel: billing
entity: {contract: contract_id}
properties: [plan, reason]
events:
  - {name: renewal due, at: due_on, value: {column: monthly_eur, currency: EUR}}
  - {name: "contract {decision}", at: decided_at, value: {column: monthly_eur, currency: EUR}}
""",
}


def write_mappings(folder: Path) -> None:
    """Write `<folder>/<source>/mapping.yaml` for every source."""
    for source, text in MAPPINGS.items():
        (folder / source / "mapping.yaml").write_text(text, encoding="utf-8")
