"""Ways to ask what people contact us for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from examples_service import balances as balances_of_service
from examples_service import counts as counts_of_service
from toy_maps import TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """What `service` counts, and customers with a contact that has a mood."""
    where = {} if row["topic"] == "all" else {"topic": row["topic"]}
    known = [({**where, "has": name}, row[f"people_with_{name}"]) for name in ("sentiment", "effort")]
    return [*counts_of_service(row), *known]


def balances(answer: Answer) -> Iterator[Balance]:
    """What `service` accounts for."""
    yield from balances_of_service(answer)


def _reasons(label: str, *, any_event: bool = False, dated: tuple[str, ...] = (), **fields: Any) -> Example:
    asked = {"gap": "1 hour", "horizons": ["20 minutes", "1 hour"], "text": "said", "quotes": 0, **fields}
    named = f"contact_reasons {label}"
    return Example("contact_reasons", asked, named, counts, not any_event, dated=dated, any_event=any_event)


EXAMPLES = [
    _reasons("by field", contacts="a", self_service="b", topic="plan", most=1, active="c", cost={"web": 2.5}),
    _reasons("of a map", map=TOY, topic="channel", active="c", again="20 minutes"),
    _reasons("by day", contacts="a", topic="plan", every="day", resolved="d", any_event=True, dated=("change",)),
]
