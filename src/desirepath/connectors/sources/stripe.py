"""Stripe: events (from the API or webhooks), and objects for what lies further back than events do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import YES_NO, Connector, Given, Option
from desirepath.connectors.instants import Moment, epoch
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, event, left_out, major, snapshot, some, who

_OBJECTS = ("customer", "subscription", "invoice", "charge", "refund", "credit_note", "dispute", "checkout.session")
_PER_MONTH = {"day": 365.25 / 12, "week": 365.25 / 12 / 7, "month": 1.0, "year": 1 / 12}
_AMOUNTS = {
    "invoice.paid": ("amount_paid", 1),
    "charge.succeeded": ("amount", 1),
    "charge.refunded": ("amount_refunded", -1),
    "refund.created": ("amount", -1),
    "credit_note.created": ("out_of_band_amount", -1),
    "checkout.session.completed": ("amount_total", 1),
    "checkout.session.async_payment_succeeded": ("amount_total", 1),
    "invoice.payment_failed": ("amount_due", 0),
}
_SAME = {"invoice.payment_succeeded": "invoice.paid"}
_NOISE = frozenset(
    "invoice.created invoice.finalized invoice.updated invoice.upcoming invoice.sent invoice.payment_succeeded "
    "invoiceitem.created payment_intent.created payment_intent.succeeded charge.updated customer.updated plan.created "
    "plan.updated price.created price.updated product.created product.updated balance.available "
    "payment_method.attached "
    "payment_method.updated setup_intent.created setup_intent.succeeded charge.succeeded refund.updated "
    "charge.refund.updated refund.created".split()
)


class Stripe(Connector):
    """Subscriptions and money."""

    name = "stripe"
    title = "Stripe"
    about = (
        "Events as the API lists them and webhooks send them, and lists of customers, subscriptions, invoices, "
        "charges and refunds."
    )
    streams = {
        "events": "one event each, under Stripe's own name; what changed a subscription's price is a `movement`",
        "customers": "who is who",
        "subscriptions": "`customer.subscription.created`, `customer.subscription.deleted`, the end of a trial",
        "invoices": "`invoice.paid`",
        "charges": "whose they are: money that came in is told by invoices, what was given back by refunds",
        "refunds": "`charge.refunded`",
        "others": "checkout sessions and credit notes: `checkout.session.created`, `credit_note.created`",
    }
    options = (
        Option(
            "every_event",
            "keep events that repeat others or concern nobody, such as `payment_intent.created`",
            "no",
            YES_NO,
        ),
        Option(
            "charges", "take `charge.succeeded` for the money that came in, where there are no invoices", "no", YES_NO
        ),
    )
    docs = (
        "Stripe keeps events for 30 days; what is older is made from objects. The creation, end and payment of "
        "one thing "
        "is one event, whichever tells it, and however often it is delivered.",
        "Amounts are in major units: 4990 is EUR 49.90, and JPY 4990. What is given back is negative. "
        "The money of a checkout that makes an invoice is told by the invoice, and of a credit note by the refund.",
        "A subscription's monthly revenue is `mrr`, its items by price, quantity and interval. `movement` is `new`, "
        "`trial`, `paid` (after a trial), `upgrade`, `add-on`, `downgrade`, `pause`, `resume` or `cancel`.",
        "Stripe calls customers by its own number; `user_id` in the metadata, and e-mail addresses, say who they are.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Objects that say that they are Stripe's."""
        sample = opened.first_of(("data",))
        return (sample.get("object") == "event" and "type" in sample) or (
            sample.get("object") in _OBJECTS and "created" in sample
        )

    def read(self, opened: Opened, given: Given) -> Iterator[Any]:
        """Lines, lists of the API, or one object."""
        del given
        for record in opened.records({}, self.stream_of):
            listed = record.data.get("data")
            if record.data.get("object") in ("list", "search_result") and isinstance(listed, list):
                yield from (record._replace(stream=self.stream_of(one), data=one, text=None) for one in listed)
            else:
                yield record

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Objects say what they are."""
        name = f"{data.get('object')}s"
        return name if name in self.streams else "others"

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or what an object tells of the past."""
        if stream == "events":
            yield from _event(data, given)
        else:
            yield from _object(data)


def _who(one: Mapping[str, Any]) -> Who:
    customer = one.get("id") if one.get("object") == "customer" else one.get("customer")
    customer = customer.get("id") if isinstance(customer, Mapping) else customer
    details = one.get("customer_details") or one.get("billing_details") or {}
    marks = one.get("metadata") or {}
    email = one.get("customer_email") or one.get("email") or one.get("receipt_email") or details.get("email")
    return who(
        ("user_id", marks.get("user_id") or marks.get("userId") or one.get("client_reference_id")),
        ("stripe_customer", customer),
        ("email", email),
        ("phone", one.get("customer_phone") or one.get("phone") or details.get("phone")),
    )


def _key(kind: str, one: Mapping[str, Any], otherwise: str) -> str:
    """Of what happens once to a thing, the thing and what happened; so events and objects tell one story."""
    if kind in ("customer.subscription.created", "customer.subscription.deleted", "invoice.paid", "customer.created"):
        return f"{one.get('id')}|{kind}"
    return otherwise


def _event(data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    kind, one = str(data["type"]), data["data"]["object"]
    before = data["data"].get("previous_attributes") or {}
    at = epoch(data["created"], "s")
    kept = given.is_on("every_event") or (given.is_on("charges") and kind == "charge.succeeded")
    people = _who(one)
    if kind in ("customer.updated", "customer.created"):
        yield _profile(one, at)
    if not people or (kind in _NOISE and not kept):
        yield left_out(data["id"], f"{kind}: told by another event, or of nobody")
        return
    name = _SAME.get(kind, kind) if not kept else kind
    key = _refund(one, before, data["created"]) if name == "charge.refunded" else _key(name, one, str(data["id"]))
    yield _told(key, name, at, people, one, before, charges=given.is_on("charges"))
    if before.get("status") == "trialing" and one.get("status") == "active":
        yield _told(f"{one.get('id')}|paid", "trial converted", at, people, one, {})


def _told(
    key: str,
    name: str,
    at: Moment,
    people: Who,
    one: Mapping[str, Any],
    before: Mapping[str, Any],
    *,
    charges: bool = False,
) -> Row:
    field, sign = ("", 0) if _is_told_elsewhere(name, one, charges) else _AMOUNTS.get(name, ("", 0))
    amount = one.get(field)
    if name == "charge.refunded":
        amount = _given_back(one, before)
    value = major(amount, one.get("currency")) if field and sign else None
    thing = str(one.get("object") or name.partition(".")[0])
    return event(
        key,
        name,
        at,
        people,
        channel="billing",
        value=None if value is None else value * sign,
        currency=code(one.get("currency")) if value is not None else None,
        entity=(thing, str(one["id"])) if one.get("id") else None,
        properties=some(
            {
                **(_subscription(one, before, name) if thing == "subscription" else {}),
                "status": one.get("status"),
                "billing_reason": one.get("billing_reason"),
                "amount_due": major(one.get("amount_due"), one.get("currency"))
                if name in ("invoice.payment_failed", "invoice.upcoming")
                else None,
                "reason": (one.get("cancellation_details") or {}).get("reason") or one.get("reason"),
                "feedback": (one.get("cancellation_details") or {}).get("feedback"),
                "text": (one.get("cancellation_details") or {}).get("comment"),
                "subscription": one.get("subscription") if isinstance(one.get("subscription"), str) else None,
                "failure": one.get("failure_message"),
            }
        ),
    )


def _is_told_elsewhere(name: str, one: Mapping[str, Any], charges: bool) -> bool:
    """Whether another event tells the same money: a checkout's invoice, or the invoice that a charge paid."""
    if name == "charge.succeeded":
        return not charges
    if name.startswith("checkout.session."):
        return bool(one.get("invoice")) or one.get("mode") != "payment" or one.get("payment_status") != "paid"
    return False


def _items(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = one.get("items")
    return list(items.get("data") or ()) if isinstance(items, Mapping) else []


def _mrr(one: Mapping[str, Any]) -> float | None:
    """Monthly revenue of a subscription, in major units."""
    total, known = 0.0, False
    for item in _items(one) or [one]:
        price = item.get("price") or item.get("plan") or {}
        recurring = price.get("recurring") or price
        amount = price.get("unit_amount", price.get("amount"))
        per = _PER_MONTH.get(str(recurring.get("interval")))
        if amount is None or per is None:
            continue
        quantity = 1 if item.get("quantity") is None else item["quantity"]
        currency = price.get("currency") or one.get("currency")
        total += (major(amount, currency) or 0) * quantity * per / (recurring.get("interval_count") or 1)
        known = True
    return round(total, 2) if known else None


def _subscription(one: Mapping[str, Any], before: Mapping[str, Any], name: str) -> dict[str, Any]:
    now = _mrr(one)
    was = _mrr({**one, **before}) if "items" in before or "quantity" in before or "plan" in before else None
    movement = None
    if name.endswith(".created"):
        movement = "trial" if one.get("status") == "trialing" else "new"
    elif name.endswith(".deleted"):
        movement = "cancel"
    elif name.endswith(".paused") or (before.get("pause_collection", 0) is None and one.get("pause_collection")):
        movement = "pause"
    elif name.endswith(".resumed"):
        movement = "resume"
    elif before.get("status") == "trialing" and one.get("status") == "active":
        movement = "paid"
    elif was is not None and now is not None and was != now:
        more = "items" in before and len(_items(one)) > len(_items({**one, **before}))
        movement = "downgrade" if now < was else "add-on" if more else "upgrade"
    ends = bool(one.get("cancel_at_period_end")) and before.get("cancel_at_period_end") is False
    first = next(iter(_items(one)), {})
    plan = (first.get("price") or first.get("plan") or {}).get("nickname")
    return {
        "plan": plan,
        "mrr": now,
        "previous_mrr": was,
        "movement": "cancel asked" if ends and movement is None else movement,
    }


def _profile(one: Mapping[str, Any], at: Moment) -> Row:
    return snapshot(
        f"{one['id']}|customer",
        "profile",
        at,
        _who(one),
        properties=some(
            {
                "name": one.get("name"),
                "country": (one.get("address") or {}).get("country"),
                "delinquent": one.get("delinquent"),
            }
        ),
    )


def _object(one: Mapping[str, Any]) -> Iterator[Row]:
    """What an object tells of the past."""
    kind, people, made = str(one.get("object")), _who(one), epoch(one.get("created"), "s")
    charge = one.get("charge")
    if kind == "refund":
        people = people or (_who(charge) if isinstance(charge, Mapping) else [])
        charge = charge.get("id") if isinstance(charge, Mapping) else charge
        people = [*people, *who(("stripe_charge", charge))]
    if kind == "customer":
        yield _profile(one, made)
    elif not people:
        yield left_out(f"{one.get('id')}|{kind}", "concerns nobody who is known")
    elif kind == "subscription":
        began = epoch(one.get("start_date") or one.get("created"), "s")
        told = {**one, "status": "trialing" if one.get("trial_start") else one.get("status")}
        yield _told(
            f"{one['id']}|customer.subscription.created", "customer.subscription.created", began, people, told, {}
        )
        if one.get("trial_end") and one.get("status") == "active":
            ended = epoch(one["trial_end"], "s")
            yield _told(f"{one['id']}|paid", "trial converted", ended, people, one, {})
        if one.get("ended_at"):
            ended = epoch(one["ended_at"], "s")
            yield _told(
                f"{one['id']}|customer.subscription.deleted", "customer.subscription.deleted", ended, people, one, {}
            )
    elif kind == "invoice":
        paid = one.get("status") == "paid" or one.get("paid") is True
        when = (one.get("status_transitions") or {}).get("paid_at") or one.get("created")
        if paid:
            yield _told(f"{one['id']}|invoice.paid", "invoice.paid", epoch(when, "s"), people, one, {})
        else:
            yield left_out(f"{one['id']}|invoice", f"an invoice that is {one.get('status')}")
    elif kind == "charge":
        # its money is told by invoices and refunds; but a refund knows only the charge, and the charge its customer
        yield snapshot(f"{one['id']}|charge", "charge", made, [*people, ("stripe_charge", str(one["id"]))])
    elif kind == "refund" and one.get("status") in ("failed", "canceled"):
        yield left_out(
            f"{one['id']}|refund", f"a refund that {'failed' if one['status'] == 'failed' else 'was canceled'}"
        )
    elif kind == "refund":
        told = {**one, "id": charge or one["id"], "object": "charge", "amount_refunded": one.get("amount")}
        yield _told(_refund(told, {}, one.get("created")), "charge.refunded", made, people, told, {})
    else:
        name = f"{kind}.created"
        yield _told(f"{one['id']}|{name}", name, made, people, one, {})


def _refund(one: Mapping[str, Any], before: Mapping[str, Any], at: Any) -> str:
    """The key of a refund: an event tells its charge, and the list of refunds the refund itself."""
    return f"{one.get('id')}|refund|{_given_back(one, before)}|{at}"


def _given_back(one: Mapping[str, Any], before: Mapping[str, Any]) -> int:
    return (one.get("amount_refunded") or 0) - (before.get("amount_refunded") or 0)
