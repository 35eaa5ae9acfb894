"""What does a record say? Events, and snapshots of people and things, in the one shape that every connector makes."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from desirepath.connectors.instants import Moment

Kind = Literal["event", "snapshot", "none"]

Who = list[tuple[str, str]]
"""Identities as pairs of kind and value, the one that names the person first."""

_MAILS = frozenset({"email", "e_mail", "mail"})
_CENTS: dict[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
"""Decimals of the minor unit by ISO 4217, where they are not two."""

# made once: a union of types that stands in a call is made anew at each
_NO_TEXTS = (dict, list, bool)

LEAST_PHONE = 11
"""Digits from which a number without `+` is read as one with its country code."""


@dataclass(slots=True)
class Row:
    """What one record says about one moment.

    Parameters
    ----------
    kind
        `event`: something happened. `snapshot`: what a system knew about somebody or something at a moment; it joins
        identities and tells states, and is no event. `none`: the record is known and left out.
    key
        What tells this from everything else of its source; an event's id is made of it.
    name
        The event's name; of a snapshot, what it is of.
    at
        When.
    who
        Identities; at least one for an event.
    channel, value, currency, entity, session, sequence, properties
        As an `Event` has them; `entity` is type and id.
    state
        For a snapshot, see `state_of`.
    """

    kind: Kind
    key: str
    name: str
    at: Moment
    who: Who
    channel: str | None = None
    value: float | None = None
    currency: str | None = None
    entity: tuple[str, str] | None = None
    session: str | None = None
    sequence: int | None = None
    properties: Mapping[str, Any] | None = None
    state: Mapping[str, Any] | None = None


def event(key: object, name: str, at: Moment, who: Who, **rest: Any) -> Row:
    """Something happened; `rest` as `Row` has it."""
    return Row("event", str(key), name, at, who, **rest)


def snapshot(key: object, name: str, at: Moment, who: Who, **rest: Any) -> Row:
    """What a system knew at a moment; each version has a key of its own, made of `key` and the moment."""
    return Row("snapshot", f"{key}|{at.us}", name, at, who, **rest)


def left_out(key: object, why: str) -> Row:
    """A record that is known and yields nothing, such as a survey's test answer."""
    return Row("none", str(key), why, Moment(None), [])


def state_of(
    field: str,
    value: Any,
    name: str,
    *,
    initial: Any = None,
    made: Moment | None = None,
    history: bool = False,
    worth: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A state that a thing was in, of which an event is made when it was entered.

    Parameters
    ----------
    field, value
        Such as `status` and `open`.
    name
        The name of the event of entering it.
    initial
        The state in which such a thing begins; being in it is no event.
    made
        When the thing was made: a state that it has then is the one that it was made in, and no event.
    history
        Whether the system itself tells this change, so that nothing has to be inferred.
    worth
        What the event of entering it is worth: `value` and `currency`.
    """
    return {
        "field": field,
        "value": str(value),
        "name": name,
        "initial": initial,
        "history": history,
        "made": made and made.us,
        **({"amount": worth.get("value"), "currency": worth.get("currency")} if worth else {}),
    }


def who(*pairs: tuple[str, Any]) -> Who:
    """Identities without those that are missing, each once, in one way of writing."""
    found: Who = []
    for kind, value in pairs:
        if type(value) is str:
            text = value.strip()
        elif value is None or isinstance(value, _NO_TEXTS):
            continue
        else:
            text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        if not text:
            continue
        if kind in _MAILS:
            text = text.lower()
            if "@" not in text:
                continue
        elif kind == "phone":
            text = phone(text) or ""
        pair = (kind, text)
        if text and pair not in found:
            found.append(pair)
    return found


def phone(text: str) -> str | None:
    """A phone number as E.164 has it where it says its country; None for what is no number."""
    plain = str(text).strip().removeprefix("tel:").removeprefix("sip:").partition("@")[0].partition(";")[0]
    digits = re.sub(r"\D", "", plain)
    if len(digits) < 5 or re.search(r"[A-Za-z]{3}", plain):
        return None
    if plain.startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + digits if len(digits) >= LEAST_PHONE and not digits.startswith("0") else digits


def number(value: Any) -> float | None:
    """A finite number or its text; None for anything else."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if value is None or value == "" or isinstance(value, _NO_TEXTS):
        return None
    try:
        found = float(value if type(value) is int else str(value))
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def major(amount: Any, currency: Any) -> float | None:
    """An amount in minor units, such as cents, in major ones; JPY has none, KWD has three decimals."""
    found = number(amount)
    if found is None:
        return None
    decimals = _CENTS.get(str(currency or "").upper(), 2)
    return round(found / float(10**decimals), decimals)


def code(currency: Any) -> str | None:
    """A currency's code in capital letters."""
    text = str(currency or "").strip().upper()
    return text if len(text) == 3 and text.isascii() and text.isalpha() else None


def digest(data: Any) -> str:
    """A short text that is equal for equal data, for records without an id of their own."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:32]


def first_number(told: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """The first of some members that is a number."""
    for name in names:
        value = told.get(name)
        if value is not None and (found := number(value)) is not None:
            return found
    return None


def some(values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Properties without those that are empty."""
    pairs = values.items() if type(values) is dict or isinstance(values, Mapping) else values
    return {name: value for name, value in pairs if value or value == 0}
