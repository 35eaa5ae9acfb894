"""The journeys as the company believes in them: maps that lie in the demo's workspace, to be asked about and edited."""

from __future__ import annotations

from pathlib import Path

from desirepath.demo.writing import put_texts

MAPS = {
    "repair": """\
# How a printer is repaired. One visit in four finds nobody at home; what does that cost?
map: repair
title: A printer is repaired
entity: [case, touchpoint]
starts: fault reported
goal: repaired
gives_up: repair given up
gives_up_after: 30 days
watch_after: 30 days
stages:
  - stage: Report
    owner: Care
    needs: somebody who takes the fault seriously, at once
    expects: one call, and a date for the visit
    steps:
      - {touchpoint: fault reported, milestone: true}
      - {touchpoint: call about repair, contact: human, cost: value}
  - stage: Visit
    owner: Field service
    needs: a technician who comes when it was agreed
    expects: one visit
    steps:
      - visit scheduled
      - {touchpoint: rescheduled visit, event: [customer absent, visit rescheduled], expected: false, cost: value}
      - {touchpoint: repaired, cost: value, milestone: true}
feedback:
  - {event: "name = 'survey answered' and touchpoint = 'repair'", score: score, scale: nps, about: repaired,
     comment: comment}
variants: {rescheduled: rescheduled visit}
rules:
  - {at_most: 1, of: call about repair, name: one call is enough}
  - {after: visit scheduled, must: repaired, within: 7 days, name: repaired within a week of the booking}
thresholds: {fitness: 0.9, conversion: 0.7}
""",
    "purchase": """\
# How an order comes about, in the shop on the web and in the app.
map: purchase
title: An order in the shop
starts: shop visit
goal: order
gives_up_after: 7 days
watch_after: 30 days
stages:
  - stage: Look
    owner: Marketing
    steps:
      - {touchpoint: shop visit, repeats: true}
      - {touchpoint: product view, repeats: true}
  - stage: Choose
    owner: Shop
    steps: [{touchpoint: add to cart, repeats: true}]
  - stage: Pay
    owner: Payments
    steps:
      - {touchpoint: checkout, repeats: true}
      - {touchpoint: payment error, failure: true, expected: false}
      - {touchpoint: call about order, contact: human, cost: value, expected: false}
      - {touchpoint: order, revenue: value, milestone: true}
feedback:
  - {event: "name = 'survey answered' and touchpoint = 'order'", score: score, scale: nps, about: order,
     comment: comment}
variants: {app: "channel = 'app'", web: "channel = 'web'"}
""",
    "help": """\
# Who looks for help, and whether the page was enough.
map: help
title: A question is answered
starts: help opened
goal: help solved
gives_up_after: 1 day
stages:
  - stage: Help pages
    owner: Care
    steps:
      - {touchpoint: help opened, contact: self-service}
      - touchpoint: call
        event: [call about internet, call about printer, call about bill]
        contact: human
        cost: value
        expected: false
      - {touchpoint: ticket opened, contact: human, cost: 6, expected: false}
      - help solved
""",
}


def write_maps(folder: Path) -> None:
    """Put the maps into a workspace's folder of maps; what is there already stays as it is."""
    put_texts(folder, MAPS)


__all__ = ["MAPS", "write_maps"]
