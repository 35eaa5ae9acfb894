"""Amplitude: the export, and what its client libraries send to /2/httpapi and /batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import Moment, epoch_of_size, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, digest, event, number, snapshot, some, who

_EMPTY = ("", "EMPTY", "(none)", None)
_SILENT = frozenset({"$identify", "$groupidentify"})
_REVENUE = ("$revenue", "revenue")


class Amplitude(Connector):
    """Events; `$identify` tells who somebody is and is no event."""

    name = "amplitude"
    title = "Amplitude"
    about = "The export (a ZIP of gzipped JSON lines, as it is downloaded), and what client libraries send."
    streams = {
        "events": "one event each, of a person (`user_id`) and a device; `$identify` is a profile, and no event",
        "hits": "events as `/2/httpapi` and `/batch` take them",
    }
    docs = (
        "Times of the export have no zone and are UTC. A file holds what was uploaded in an hour; when it happened is "
        "`event_time`.",
        "`uuid`, or `insert_id`, tells an event apart. A session of -1 is none. Texts `EMPTY` are missing values.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Rows of the export have a type, a time and Amplitude's number of the person."""
        sample = opened.sample
        return "event_type" in sample and ("amplitude_id" in sample or "insert_id" in sample or "$insert_id" in sample)

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Hits have their time in milliseconds."""
        return "events" if "event_time" in data else "hits"

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or one profile."""
        del stream
        name, inner = str(data["event_type"]), data.get("event_properties") or {}
        told, device = data.get("user_properties") or {}, data.get("device_id")
        at = _when(data, given)
        changed = _changed(told)
        people = who(
            ("user_id", data.get("user_id")),
            ("email", changed.get("email") or changed.get("$email")),
            ("device_id", device),
            ("amplitude_id", data.get("amplitude_id") if not data.get("user_id") and not device else None),
        )
        companies = who(*(("group_id", one) for one in _groups(data.get("groups"))))
        own = data.get("uuid") or data.get("$insert_id") or data.get("insert_id")
        if not own:
            own = digest(data)
        if name in _SILENT:
            yield snapshot(f"{own}", "profile", at, people + companies, properties=some(changed))
            return
        yield event(
            own if data.get("uuid") else f"{device or data.get('user_id')}|{own}",
            name,
            at,
            people + companies,
            channel=str(data.get("platform") or "server").lower(),
            value=_value(data, inner),
            currency=code(data.get("currency") or inner.get("currency") or inner.get("$currency")),
            session=str(data["session_id"]) if data.get("session_id") not in (None, "", -1, "-1") else None,
            sequence=data.get("event_id") if type(data.get("event_id")) is int else None,
            properties=some(
                {
                    **{key: value for key, value in inner.items() if value not in _EMPTY},
                    "user_properties": {k: v for k, v in changed.items() if v not in _EMPTY},
                    "country": data.get("country"),
                    "city": data.get("city"),
                    "device": data.get("device_type") or data.get("device_family"),
                    "operating_system": data.get("os_name"),
                    "app_version": data.get("version_name") or data.get("app_version"),
                }
            ),
        )


def _when(data: Mapping[str, Any], given: Given) -> Moment:
    if "event_time" in data:
        return iso(data["event_time"], "UTC")
    if data.get("time") in (None, ""):
        return Moment(given.received_us)
    return epoch_of_size(data["time"])


def _changed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a person, out of the verbs that set them."""
    found: dict[str, Any] = {}
    for key, value in told.items():
        if key in ("$set", "$setOnce", "$add", "$append", "$prepend", "$postInsert") and isinstance(value, Mapping):
            found |= {inner: one for inner, one in value.items() if one not in _EMPTY}
        elif key not in ("$unset", "$clearAll", "$remove"):
            found[key] = value
    return found


def _groups(groups: Any) -> list[Any]:
    found: list[Any] = []
    for value in (groups or {}).values() if isinstance(groups, Mapping) else ():
        found += value if isinstance(value, list) else [value]
    return found


def _value(data: Mapping[str, Any], inner: Mapping[str, Any]) -> float | None:
    for place in (data, inner):
        for key in _REVENUE:
            if number(place.get(key)) is not None:
                return number(place[key])
    price = number(data.get("price") or inner.get("$price"))
    count = number(data.get("quantity") or inner.get("$quantity"))
    return None if price is None else price * (1 if count is None else count)
