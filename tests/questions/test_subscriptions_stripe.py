"""Stripe's events as imported answer without a word of configuration but what tells subscriptions apart."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import desirepath

CREATED, UPDATED, DELETED = (f"customer.subscription.{what}" for what in ("created", "updated", "deleted"))


def items(cents: int) -> dict[str, Any]:
    """One item at a monthly price."""
    price = {"id": "p", "currency": "eur", "unit_amount": cents, "recurring": {"interval": "month"}}
    return {"object": "list", "data": [{"id": "i", "quantity": 1, "price": price}]}


def told(number: int, kind: str, day: str, subscription: str, customer: str, cents: int, **more: Any) -> dict[str, Any]:
    """An event as Stripe tells it; `before` is what was otherwise."""
    before = more.pop("before", None)
    thing = {"id": subscription, "object": "subscription", "customer": customer, "status": "active", "currency": "eur"}
    data = {"object": {**thing, "items": items(cents), **more}, **({"previous_attributes": before} if before else {})}
    moment = int(dt.datetime.fromisoformat(f"{day}T10:00:00+00:00").timestamp())
    return {"id": f"evt_{number}", "object": "event", "type": kind, "created": moment, "data": data}


def test_movements_of_stripe(tmp_path: Path) -> None:
    """Two subscriptions of one customer, a trial that is paid and ends, a trial that is not, and somebody new."""
    events = [
        told(1, CREATED, "2026-01-05", "s1", "c1", 10_000),
        told(2, CREATED, "2026-01-06", "s2", "c2", 5_000, status="trialing"),
        told(3, UPDATED, "2026-01-20", "s2", "c2", 5_000, before={"status": "trialing"}),
        told(4, CREATED, "2026-01-07", "s3", "c1", 2_000),
        told(5, UPDATED, "2026-02-03", "s1", "c1", 13_000, before={"items": items(10_000)}),
        told(6, DELETED, "2026-02-10", "s2", "c2", 5_000, status="canceled"),
        told(7, CREATED, "2026-02-10", "s4", "c3", 5_000, status="trialing"),
        told(8, DELETED, "2026-02-20", "s4", "c3", 5_000, status="canceled"),
        told(9, CREATED, "2026-03-10", "s5", "c4", 5_000),
    ]
    (tmp_path / "events.json").write_text(json.dumps({"object": "list", "data": events}))
    with desirepath.create(tmp_path / "workspace", time_zone="UTC") as ws:
        ws.import_sources([tmp_path / "events.json"], "stripe")
        answer = ws.ask("subscriptions", key="entity_id", kind="movement")
        january, february, march = answer.table.to_pylist()
        assert (january["mrr_new"], january["customers_new"], january["mrr_end"]) == (170, 2, 170)
        assert (february["mrr_expansion"], february["mrr_churn"], february["mrr_end"]) == (30, 50, 150)
        assert (march["mrr_new"], march["over"]) == (50, False)
        assert answer.extras["kinds"]["kind"] == ["upgrade"]
        assert answer.extras["problems"]["events"] == [1, 0, 0], "a trial that ends was never paid for"
        assert "unknown_name" not in {notice.code for notice in answer.warnings}
