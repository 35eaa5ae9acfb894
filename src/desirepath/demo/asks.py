"""The first questions to ask of the demo data, with the figures of `truth.json` that answer them."""

from __future__ import annotations

from typing import Any

from desirepath.demo.company import GUEST_STEPS, REPAIR_STEPS, STEPS, Company

IDENTITY_NOTE = """\
Sources name their people by customer_id, by a cookie or device when nobody signed in, and by an e-mail \
address on some tickets. Every event of the purchase, repair, help, survey and renewal stories carries \
customer_id, so those figures need no resolution. Figures marked '(resolved people)' need the cookie of an \
anonymous visit to be attached to the customer who later signed in. truth-identities.parquet lists who is who; \
a value of several people is shared: a household's cookie, a kiosk.\
"""
RATES = "rates over mature people: entry at least one window before the cut-off"


def asks(company: Company) -> list[dict[str, Any]]:
    """List the questions in the order in which they are worth asking."""
    manner = {"order": "ordered", "entry": "any", "unit": "person", "filter": None}
    purchase = manner | {"steps": list(STEPS), "window": f"{company.window_days} days"}
    repair = manner | {"steps": list(REPAIR_STEPS), "window": f"{company.repair_window_days} days"}
    guest = manner | {"steps": list(GUEST_STEPS[2:]), "window": "1 day"}
    entered = "purchase.<step>.of_entered"
    return [
        _ask("funnel", purchase, f"purchase.all.<step> (in counts), {entered}", RATES),
        _ask(
            "funnel",
            purchase | {"breakdown": "channel"},
            f"{entered}[web], [app]",
            "channel of the first step",
        ),
        _ask(
            "funnel",
            purchase | {"breakdown": "campaign"},
            f"{entered}[<campaign>]",
            "no campaign is [(none)]",
        ),
        _ask("funnel", purchase | {"entry": "first"}, "purchase.first_touch.order.of_entered", RATES),
        _ask("funnel", repair, "repair.all.<step> (in counts), repair.<step>.of_entered", RATES),
        _ask(
            "funnel",
            guest,
            "guest.account created of guest checkout (resolved people)",
            "the account's event names the customer, the checkout only the cookie",
        ),
    ]


def _ask(question: str, how: dict[str, Any], figures: str, note: str) -> dict[str, Any]:
    return {"question": question, **how, "figures": figures, "note": note}
