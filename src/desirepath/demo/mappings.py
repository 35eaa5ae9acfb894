"""One mapping file per folder: which connector reads it, and how the company calls what it finds there."""

from __future__ import annotations

from pathlib import Path

from desirepath.demo.writing import put_texts

MAPPINGS = {
    "ga4": """\
# Website and app. Who signed in carries the customer number, all others only the id of a browser.
connector: ga4
names:
  shop_visit: shop visit
  view_item: product view
  add_to_cart: add to cart
  begin_checkout: checkout
  purchase: order
  payment_error: payment error
  page_view: page view
  screen_view: screen view
  bill_view: bill viewed
  app_open: app open
  help_open: help opened
  help_solved: help solved
  guest_view_item: guest product view
  guest_add_to_cart: guest add to cart
  guest_begin_checkout: guest checkout
  account_wall: account wall
  sign_up: account created
  kiosk_report: kiosk report
""",
    "hubspot": """\
# Orders in the warehouse, ink by subscription, and the mails that ask how it was.
connector: hubspot
options: {won: refill}
names:
  deal refill: refill order
  deal approved: order approved
  deal shipped: order shipped
  deal delivered: order delivered
  email sent: survey sent
entity: {order: deal}
""",
    "salesforce": """\
# Printers to repair: a case each, its visits as bookings and as tasks that are done.
connector: salesforce
channel: field
names:
  case created: fault reported
  case status Visit scheduled: visit scheduled
  case status Visit rescheduled: visit rescheduled
  task: "{Outcome__c}"
value: {column: Cost__c, currency: EUR}
""",
    "zendesk": """\
# The ticket desk.
connector: zendesk
names: {ticket created: ticket opened, ticket status solved: ticket solved}
""",
    "calls": """\
# The hotline, word for word.
connector: transcripts
source: calls
names: {call: "call about {queue}"}
entity: {case: case_id}
value: {column: cost_eur, currency: EUR}
""",
    "qualtrics": """\
# What people said when they were asked; touchpoint_id is the case, order or call that an answer is about.
connector: qualtrics
names: {nps: survey answered}
entity: {touchpoint: touchpoint_id}
""",
    "stripe": """\
# Contracts that came up for renewal.
connector: stripe
options: {every_event: yes}
names:
  invoice.upcoming: renewal due
  invoice.paid: contract renewed
  customer.subscription.deleted: contract cancelled
entity: {contract: subscription}
""",
    "google_play": """\
# Reviews of the app. Nobody is named in them.
connector: google_play
names: {review: app review}
""",
}


def write_mappings(folder: Path) -> None:
    """Write `<folder>/<source>/mapping.yaml` for every source."""
    for source, text in MAPPINGS.items():
        (folder / source / "mapping.yaml").write_text(text, encoding="utf-8")


def write_words(folder: Path) -> None:
    """Put the same into a workspace's folder of mappings, so that they hold for whatever comes later.

    What is there already stays as it is.
    """
    put_texts(folder, MAPPINGS)
