"""What is planted: every parameter of the simulated company, in one frozen record.

The company is Quillwave: internet lines and printers, sold and served in the Europe/Paris zone, in EUR.
Whatever an analysis may find in the demo data was put there by a number on this page; `truth.json` repeats
the number beside what came out of the dice.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

STEPS = ("shop visit", "product view", "add to cart", "checkout", "order")
REPAIR_STEPS = ("fault reported", "call about repair", "visit scheduled", "repaired")
GUEST_STEPS = ("guest product view", "guest add to cart", "guest checkout", "account created")
CAMPAIGNS = ("newsletter", "spring-ink", "search-brand", "search-generic", "social")
QUEUES = ("order", "repair", "internet", "printer", "bill")
HELP_TOPICS = ("internet slow", "wifi setup", "printer offline", "bill question")
HELP_QUEUES = (2, 2, 3, 4)
REASONS = ("price", "competitor", "moved", "no longer needed", "service")
PRODUCTS = (
    ("Inkjet Nova 210", 89.0),
    ("Inkjet Nova 450", 149.0),
    ("Laser Atlas 300", 219.0),
    ("Laser Atlas 900", 399.0),
    ("Ink set black", 19.9),
    ("Ink set colour", 44.9),
    ("Ink set XL", 74.5),
    ("Toner Atlas", 92.0),
    ("Router Mistral 6", 129.0),
    ("Mesh pair Mistral", 179.0),
    ("Photo paper A4", 14.9),
    ("Fibre 1000 upgrade", 59.0),
)
PRODUCT_WEIGHTS = (12, 9, 6, 3, 20, 18, 11, 5, 6, 4, 12, 6)
DELIVERY_PRICES = (0.0, 4.9, 9.9)
JUNK_IDS = ("null", "anonymous", "undefined", "0")
PLANS = (("Fibre 300", 24.99), ("Fibre 1000", 34.99), ("Fibre and print", 44.99), ("Print only", 9.99))

Five = tuple[float, float, float, float, float]
Four = tuple[float, float, float, float]
Three = tuple[float, float, float]


@dataclass(frozen=True)
class Company:
    """The planted truth. Probabilities unless a unit is named; steps in the order of `STEPS`."""

    name: str = "Quillwave"
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    days: int = 180
    known_share: float = 0.80  # people who are customers with a customer_id
    app_share: float = 0.40  # customers whose everyday channel is the app
    household_share: float = 0.05  # customers who share one cookie with one other customer
    people_per_kiosk: int = 5_000

    # Main purchase funnel: one shopping episode per shopper, window 7 days.
    shopper_share: float = 0.55  # of customers
    shop_app_share: float = 0.38  # shoppers who enter by the app
    window_days: int = 7
    step_web: Four = (0.72, 0.46, 0.62, 0.84)
    step_app: Four = (0.78, 0.52, 0.70, 0.90)
    campaign_share_web: Five = (0.16, 0.12, 0.14, 0.17, 0.11)  # the rest arrives with no campaign
    campaign_share_app: Five = (0.22, 0.14, 0.05, 0.04, 0.09)
    campaign_view: Five = (1.05, 1.10, 1.08, 0.85, 0.70)  # multiplies visit -> product view
    campaign_cart: Five = (1.20, 1.12, 1.00, 0.90, 0.75)  # multiplies product view -> add to cart
    slow_order: float = 0.04  # would-be orders that come 9 to 20 days after the checkout
    early_look: float = 0.15  # shoppers with one fruitless visit 10 to 35 days before
    long_gap: float = 0.15  # per step: comes back hours or a day later
    switch_channel: float = 0.20  # of long gaps: continues on the other channel by deep link
    tie_cart: float = 0.04  # product view and add to cart at one instant
    tie_order: float = 0.03  # web checkout and order at one instant
    delivery_share: Three = (0.55, 0.30, 0.15)
    delivery_effect: Three = (1.00, 1.00, 0.70)  # multiplies checkout -> order
    incident_first_day: int = 101
    incident_days: int = 7
    error_incident: float = 0.60  # payment error at a web checkout in the incident week
    error_normal: float = 0.02
    error_effect: float = 0.35  # multiplies checkout -> order
    instead_call: float = 0.30  # dropped at checkout: calls within 24 h
    instead_ticket: float = 0.08  # dropped at checkout: writes a ticket within 24 h
    converted_call: float = 0.04  # ordered: calls within 24 h of the checkout

    # Guests: the forced account and the second device.
    guest_steps: Four = (
        0.50,
        0.40,
        0.60,
        0.45,
    )  # looks at a product, cart, checkout, creates the forced account
    guest_order: float = 0.85  # of created accounts
    researcher_share: float = 0.10  # shoppers who looked anonymously, on another device, within 3 days before
    researcher_login: float = 0.70  # of those: later log in on that other device

    # Self-service against people, by HELP_TOPICS.
    help_share: float = 0.18
    contained: Four = (0.62, 0.55, 0.38, 0.71)
    leak_call: float = 0.65  # not contained: calls within 24 h
    leak_ticket: float = 0.22

    # Printer repair with its reschedule loop.
    repair_share: float = 0.12  # of customers, one case each
    repair_window_days: int = 30
    repair_steps: Three = (0.92, 0.88, 0.93)
    absent: float = 0.24  # per visit, at most three times
    absent_at_most: int = 3
    reschedule_call: float = 0.80  # an absence causes one more call
    visit_cost: float = 68.0  # EUR
    absent_cost: float = 41.0  # EUR
    call_minute_cost: float = 0.90  # EUR
    call_minutes_log_mean: float = 1.55
    call_minutes_log_sd: float = 0.60
    nps_repair: tuple[Three, Three, Three] = ((0.56, 0.26, 0.18), (0.30, 0.28, 0.42), (0.14, 0.22, 0.64))
    nps_order: tuple[Three, Three] = ((0.52, 0.30, 0.18), (0.24, 0.30, 0.46))  # on time, late
    nps_call: tuple[Three, Three] = ((0.46, 0.30, 0.24), (0.26, 0.30, 0.44))  # wait under 5 minutes, longer
    response_repair: Three = (0.36, 0.33, 0.28)
    response_order: float = 0.24
    response_call: float = 0.18
    call_invited: float = 0.30

    # Renewals.
    renewal_share: float = 0.50  # customers whose contract is due in the period
    churn: float = 0.09
    churn_rescheduled: float = 0.14  # added after at least one missed visit before the decision
    churn_payment_error: float = 0.08  # added after a payment error before the decision
    reasons: Five = (0.36, 0.26, 0.20, 0.14, 0.04)
    reasons_rescheduled: Five = (0.18, 0.14, 0.08, 0.05, 0.55)

    # Reviews of the app, which name nobody: one release crashes.
    review_share: float = 0.06  # of customers whose everyday channel is the app
    releases: tuple[str, str, str] = ("8.4.1", "8.5.0", "8.5.2")
    release_days: tuple[int, int] = (62, 97)  # days of the period on which the second and third came out
    review_stars: tuple[Five, Five, Five] = (
        (0.08, 0.06, 0.10, 0.26, 0.50),
        (0.46, 0.20, 0.12, 0.12, 0.10),
        (0.07, 0.05, 0.10, 0.28, 0.50),
    )

    # Dirt that every real log has.
    duplicated: float = 0.004  # web and app rows re-sent, byte for byte
    late: float = 0.005  # web rows that arrive one monthly file later
    junk: float = 0.01  # anonymous web rows whose cookie is a placeholder
    ticket_mail_only: float = 0.12  # tickets that carry an e-mail address but no customer_id
    cancelled_order: float = 0.03

    @property
    def call_cost(self) -> float:
        """Expected cost of one call in EUR (mean of the log-normal length times the price of a minute)."""
        return self.call_minute_cost * exp(self.call_minutes_log_mean + self.call_minutes_log_sd**2 / 2)
