"""What the company measures: words for its events, metrics of its own with targets, and the outcome it fears."""

from __future__ import annotations

from pathlib import Path

from desirepath.demo.writing import put_texts

METRICS = {
    "words": """\
# What the metrics of the house look for, and what it is called here.
words:
  value: order
  nps_answer: survey answered
  contract_runs: renewal due
  contact: >-
    name in ('call about bill', 'call about internet', 'call about order', 'call about outage', 'call about printer',
    'call about repair', 'ticket opened')
  cost: cost_eur
  reason: feedback
""",
    "care": """\
# What care promises.
metrics:
  - metric: repair success
    group: friction
    says: The share of reported faults whose printer is repaired within 30 days.
    question: funnel
    fields: {steps: [fault reported, call about repair, visit scheduled, repaired], window: 30 days}
    number: {column: of_entered, row: {step: 4}, n: mature, n_row: {step: 1}}
    form: share
    denominator: people who reported a fault, and whose 30 days are over
    matures: once the 30 days are over
    better: higher
    target: 0.8
    alert: {below: 0.6}
    people: {step: 4, outcome: mature}
  - metric: nps after a repair
    group: loyalty
    says: What customers say once their printer is repaired, in points.
    question: scores
    fields: {answers: "name = 'survey answered' and touchpoint = 'repair'", scale: nps, once: none}
    number: {column: score, row: {bucket: all}, n: answers}
    form: points
    denominator: answers
    better: higher
    target: 40
  - metric: nps after an order
    group: loyalty
    says: What customers say once their order has come, in points.
    question: scores
    fields: {answers: "name = 'survey answered' and touchpoint = 'order'", scale: nps, once: none}
    number: {column: score, row: {bucket: all}, n: answers}
    form: points
    denominator: answers
    better: higher
    target: 20
  - metric: nps after a call
    group: loyalty
    says: What customers say after a call, in points.
    question: scores
    fields: {answers: "name = 'survey answered' and touchpoint = 'call'", scale: nps, once: none}
    number: {column: score, row: {bucket: all}, n: answers}
    form: points
    denominator: answers
    better: higher
    target: 10
""",
    "shop": """\
# What the shop lives on.
metrics:
  - metric: shop conversion
    group: revenue
    says: The share of visitors of the shop who order within seven days.
    question: funnel
    fields: {steps: [shop visit, product view, add to cart, checkout, order], window: 7 days}
    number: {column: of_entered, row: {step: 5}, n: mature, n_row: {step: 1}}
    form: share
    denominator: visitors of the shop whose seven days are over
    matures: once the seven days are over
    better: higher
    target: 0.2
    people: {step: 5, outcome: mature}
  - metric: guests who open an account
    group: engagement
    says: The share of guests at the checkout who open an account within a day, made to by the wall.
    question: funnel
    fields: {steps: [guest checkout, account created], window: 1 day}
    number: {column: of_entered, row: {step: 2}, n: mature, n_row: {step: 1}}
    form: share
    denominator: guests at the checkout whose day is over
    matures: once the day is over
    better: higher
    target: 0.6
    people: {step: 2, outcome: mature}
""",
    "outcomes": """\
# From churn back to what customers met before.
outcomes:
  - outcome: churn
    says: A contract is cancelled when it comes up for renewal.
    goal: contract cancelled
    within: 30 days
    window: 120 days
    hide: [renewal due, contract renewed, survey sent]
    metrics: [churn rate, repair success, nps after a repair, tickets per 100 active]
    maps: [repair, purchase, help]
""",
}


def write_metrics(folder: Path) -> None:
    """Put the files into a workspace's folder `metrics`; what is there is left as it is."""
    put_texts(folder, METRICS)
