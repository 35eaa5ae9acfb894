"""Mixpanel: the raw export, and what its client libraries send to /track, /import, /engage and /groups."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option
from desirepath.connectors.instants import Moment, epoch, epoch_of_size, local
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, digest, event, first_number, snapshot, some, who

_DEVICE = "$device:"
_OLD_COOKIE = re.compile(r"[0-9a-f]{8,}-[0-9a-f]{8,}-[0-9a-f]{6,}-[0-9a-f]{4,}-[0-9a-f]{8,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IN_EVENT = frozenset(
    "time distinct_id $insert_id token $device_id $user_id mp_processing_time_ms $mp_api_timestamp_ms "
    "mp_sent_by_lib_version "
    "$mp_api_endpoint mp_lib $lib_version $anon_distinct_id $identified_id $distinct_id_before_identity "
    "$had_persisted_distinct_id $distinct_ids alias".split()
)
_SHOWN = {
    "$current_url": "page",
    "$browser": "browser",
    "$os": "operating_system",
    "$device": "device",
    "$referring_domain": "referring_domain",
    "$city": "city",
    "mp_country_code": "country",
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
}
_REVENUE = ("$amount", "revenue", "Revenue", "amount", "price")


class Mixpanel(Connector):
    """Events and profiles."""

    name = "mixpanel"
    title = "Mixpanel"
    about = "The raw export (JSON lines), and what client libraries send (`/track`, `/import`, `/engage`, `/groups`)."
    streams = {
        "events": "one event each; `$identify`, `$create_alias` and `$merge` also say who is who",
        "profiles": "profile updates: no event, but e-mail address, phone number and properties of a person",
        "groups": "profile updates of groups: no event",
    }
    options = (
        Option(
            "legacy_time_zone",
            "IANA zone of a project made before 2023, whose export writes the wall clock of that zone as if it "
            "were UTC",
        ),
    )
    docs = (
        "Mixpanel does not take duplicates out of its export; event, person, time and `$insert_id` tell an event "
        "apart.",
        "`time` is in seconds or milliseconds, told by its size; an event without one happened when it was received.",
        "A `distinct_id` that begins with `$device:`, or is the `$device_id`, is a device; any other names the person. "
        "Events without one go to the quarantine as `identity_missing`.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Objects of `event` and `properties`, with Mixpanel's ids."""
        sample = opened.sample
        inner = sample.get("properties")
        return (
            isinstance(sample.get("event"), str)
            and isinstance(inner, dict)
            and "distinct_id" in inner
            and "time" in inner
        )

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or one profile update."""
        if stream == "profiles":
            yield from _profile(data, given)
        elif stream == "groups":
            yield from _group(data, given)
        else:
            yield _event(data, given)


def _event(data: Mapping[str, Any], given: Given) -> Row:
    name, inner = str(data["event"]), data.get("properties") or {}
    at = _when(inner.get("time"), given)
    people = _who(inner)
    known = inner.get("$insert_id") or inner.get("insert_id")
    # libraries that send no id send each event once; its content tells it apart
    own = known or digest(data)
    # once two ids are merged, an export tells the one that joined them, and keeps the first beside it
    first = inner.get("$distinct_id_before_identity") or inner.get("distinct_id") or ""
    key = "|".join((name, str(first), str((at.us or 0) // 1_000_000), str(own)))
    amount = first_number(inner, _REVENUE)
    groups = [("group_id", value) for kind, value in inner.items() if kind in ("company", "company_id", "$group_id")]
    return event(
        key,
        name,
        at,
        people + [one for one in who(*groups) if one not in people],
        channel=_channel(inner),
        value=amount,
        currency=code(inner.get("currency") or inner.get("$currency")),
        session=str(inner["$session_id"]) if inner.get("$session_id") else None,
        properties=some(
            {
                _SHOWN.get(key, key): value
                for key, value in inner.items()
                if key not in _IN_EVENT and not _is_empty(value)
            }
        ),
    )


def _when(time: Any, given: Given) -> Moment:
    if time is None or time == "":
        return Moment(given.received_us, "millisecond")
    at = epoch_of_size(time)
    if given["legacy_time_zone"] and at.us is not None:
        clock = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=at.us)
        return local(clock, given["legacy_time_zone"], at.text, "time", at.precision)
    return at


def _who(inner: Mapping[str, Any]) -> Who:
    named: list[tuple[str, Any]] = [("user_id", _as_person(inner.get("$user_id"), inner))]
    # of two ids that are made one, each is a person or a device by its look
    several = inner.get("$distinct_ids")
    alias = inner.get("alias") if inner.get("distinct_id") or inner.get("alias") else None
    for one in (
        inner.get("distinct_id"),
        inner.get("$identified_id"),
        *(several if isinstance(several, list) else ()),
        alias,
    ):
        person = _as_person(one, inner)
        named.append(("user_id", person) if person else ("device_id", _as_device(one)))
    named.append(("email", inner.get("$email") or inner.get("email")))
    own = inner.get("$device_id")
    former = [one for one in (inner.get("$anon_distinct_id"), inner.get("$distinct_id_before_identity")) if one]
    devices = [own, *(one for one in former if _as_person(one, inner) is None)]
    named += [("device_id", _as_device(one)) for one in devices]
    found = who(*named)
    return sorted(found, key=lambda one: ("user_id", "email", "device_id").index(one[0]))


def _as_person(one: Any, inner: Mapping[str, Any]) -> str | None:
    text = str(one or "").strip()
    if (
        not text
        or text.startswith(_DEVICE)
        or text == str(inner.get("$device_id") or "")
        or _OLD_COOKIE.fullmatch(text)
    ):
        return None
    if (
        _UUID.fullmatch(text)
        and inner.get("mp_lib") in ("web", "swift", "android", "flutter", "react-native")
        and (text != inner.get("$user_id"))
    ):
        return None
    return text


def _as_device(one: Any) -> str | None:
    return str(one).strip().removeprefix(_DEVICE) if one else None


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", "undefined", "null")


def _channel(inner: Mapping[str, Any]) -> str:
    library = str(inner.get("mp_lib") or "")
    if library in ("web", "js"):
        return "web"
    return "app" if library in ("swift", "iphone", "android", "flutter", "react-native", "unity") else "server"


def _profile(data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    told: dict[str, Any] = {}
    for verb in ("$set", "$set_once", "$append", "$union", "$add"):
        told |= {key: value for key, value in (data.get(verb) or {}).items() if key not in told}
    inner = {"$device_id": data.get("$device_id"), "$user_id": data.get("$user_id")}
    person = _as_person(data.get("$distinct_id"), inner)
    yield snapshot(
        f"profile|{data.get('$distinct_id')}|{digest(told)}",
        "profile",
        epoch_of_size(data.get("$time")) if data.get("$time") else Moment(given.received_us),
        who(
            ("user_id", person),
            ("user_id", data.get("$user_id")),
            ("email", told.get("$email") or told.get("email")),
            ("phone", told.get("$phone") or told.get("phone")),
            ("device_id", None if person else _as_device(data.get("$distinct_id"))),
            ("device_id", data.get("$device_id")),
        ),
        properties=some(told),
    )


def _group(data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    yield snapshot(
        f"group|{data.get('$group_key')}|{data.get('$group_id')}",
        "group",
        epoch(data.get("$time"), "s") if data.get("$time") else Moment(given.received_us),
        who(("group_id", data.get("$group_id"))),
        entity=("group", str(data.get("$group_id"))),
        properties=some(dict(data.get("$set") or {})),
    )
