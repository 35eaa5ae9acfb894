"""The first questions to ask of the demo data, with the figures of `truth.json` that answer them."""

from __future__ import annotations

from typing import Any

from desirepath.demo.company import GUEST_STEPS, REPAIR_STEPS, STEPS, Company

IDENTITY_NOTE = """\
Each system names its people in its own way: website, app, hotline and surveys by the customer number (user_id) or, \
when nobody signed in, by the id of a browser (client_id); HubSpot, Salesforce, Zendesk and Stripe by numbers of \
their own, and e-mail addresses. Stripe knows the customer number beside the address, and so joins them all. A few \
tickets come from an address alone. Figures marked '(resolved people)' need the browser of an anonymous visit to be \
attached to the customer who later signed in with it. truth-identities.parquet lists who is who; a value of several \
people is shared: a household's browser, a kiosk.\
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
