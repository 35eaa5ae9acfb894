"""PostHog: batch exports, and what its client libraries send to /batch/, /e/ and /capture/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from desirepath.connectors.connector import YES_NO, Connector, Given, Option
from desirepath.connectors.instants import Moment, corrected, epoch_of_size, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, digest, event, first_number, snapshot, some, who

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SILENT = frozenset({"$set", "$create_alias", "$merge_dangerously", "$groupidentify", "$unset"})
_NOISE = frozenset({"$feature_flag_called", "$web_vitals", "$exception_steps", "$$heatmap", "$snapshot"})
_ANONYMOUS_LIBRARIES = ("web", "js", "posthog-js")
_SHOWN = {
    "$current_url": "page",
    "$browser": "browser",
    "$os": "operating_system",
    "$device_type": "device",
    "$referring_domain": "referring_domain",
    "$geoip_country_name": "country",
    "$geoip_city_name": "city",
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
}
_LEFT = re.compile(
    r"\$(lib.*|insert_id|anon_distinct_id|device_id|session_id|window_id|initial_.*|set|set_once|time|sent_at|groups|"
    r"group_.*|user_id|is_identified|process_person_profile|python_.*|is_server|geoip_disable|raw_user_agent|screen_.*|"
    r"viewport_.*|browser_language.*|timezone.*|config_defaults|sdk_debug.*|session_recording.*|replay.*|recording.*|"
    r"pageview_id|prev_pageview.*|host|pathname|referrer|autocapture_disabled.*|web_vitals.*|exception_capture.*|"
    r"dead_clicks.*|surveys_.*|feature.*|active_feature_flags|ce_version|event_type|elements.*|os_.*|browser_version)|token"
)


class PostHog(Connector):
    """Events; `$set`, aliases and merges say who is who and are no events."""

    name = "posthog"
    title = "PostHog"
    about = "Batch exports (JSON lines or Parquet), the events API, and what client libraries send."
    streams = {"events": "one event each; `$identify` also joins the anonymous id to the person"}
    pages = {"results": "events"}
    options = (
        Option(
            "noise", "keep `$feature_flag_called`, `$web_vitals` and other events of the library itself", "no", YES_NO
        ),
    )
    docs = (
        "`uuid` tells an event apart. Who is who is worked out here: PostHog's `person_id` is as of the moment of the "
        "export and is not used where there is another id.",
        "A `distinct_id` is the person's own id, unless it is the device's, or an anonymous one of a browser.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Events with a `distinct_id` at the top."""
        sample = opened.first_of(self.pages)
        return "event" in sample and "distinct_id" in sample and ("uuid" in sample or "properties" in sample)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or what is known of who is who."""
        del stream
        name, inner = str(data["event"]), _inner(data.get("properties"))
        distinct = data.get("distinct_id") or inner.get("distinct_id")
        told = {**_inner(data.get("$set_once")), **_inner(inner.get("$set_once"))}
        told |= {**_inner(data.get("person_properties")), **_inner(data.get("$set")), **_inner(inner.get("$set"))}
        at = _when(data, given)
        key = data.get("uuid") or data.get("id") or inner.get("$insert_id") or digest(data)
        people = _who(name, distinct, inner, told, data)
        if name in _SILENT or (name in _NOISE and not given.is_on("noise")):
            if name in _NOISE:
                yield Row("none", str(key), name, at, [])
                return
            group = inner.get("$group_key")
            yield snapshot(
                key,
                "group" if name == "$groupidentify" else "profile",
                at,
                people,
                entity=("group", str(group)) if group else None,
                properties=some(told | _inner(inner.get("$group_set"))),
            )
            return
        yield event(
            key,
            name,
            at,
            people,
            channel=_channel(inner),
            value=first_number(inner, ("revenue", "value", "amount")),
            currency=code(inner.get("currency")),
            session=str(inner["$session_id"]) if inner.get("$session_id") else None,
            properties=some(
                {
                    **{_SHOWN.get(k, k): v for k, v in inner.items() if not _LEFT.fullmatch(k) or k in _SHOWN},
                    "element": inner.get("$el_text"),
                    "user_properties": told,
                }
            ),
        )


def _inner(value: Any) -> dict[str, Any]:
    """An object, or its text; Parquet exports write texts."""
    if isinstance(value, str) and value.startswith("{"):
        value = msgspec.json.decode(value)
    return dict(value) if isinstance(value, Mapping) else {}


def _when(data: Mapping[str, Any], given: Given) -> Moment:
    told = data.get("timestamp")
    if told in (None, ""):
        if isinstance(data.get("offset"), int | float):  # milliseconds before it was sent
            return Moment(given.received_us - round(float(data["offset"]) * 1000), "millisecond", "client_corrected")
        return Moment(given.received_us)
    at = epoch_of_size(told) if isinstance(told, int | float) else iso(told, "UTC")
    sent = data.get("sent_at")
    if sent and "created_at" not in data:
        sent_at = epoch_of_size(sent) if isinstance(sent, int | float) else iso(sent, "UTC")
        return corrected(at, sent_at, Moment(given.received_us))
    return at


def _who(name: str, distinct: Any, inner: Mapping[str, Any], told: Mapping[str, Any], data: Mapping[str, Any]) -> Who:
    named: list[tuple[str, Any]] = []
    if name == "$create_alias":
        # the two ids that are one; Python sends the former one as `distinct_id`, others the new one
        ids = [distinct, inner.get("distinct_id"), inner.get("alias")]
        named += [(_kind(one, inner), one) for one in ids]
    elif name == "$merge_dangerously":
        named += [("user_id", distinct), ("user_id", inner.get("alias"))]
    elif name == "$groupidentify":
        # libraries of servers make up an id for these
        made_up = str(distinct).startswith("$") or _UUID.fullmatch(str(distinct))
        named += [] if made_up else [(_kind(distinct, inner), distinct)]
    else:
        named.append(("user_id" if name == "$identify" else _kind(distinct, inner), distinct))
    named.append(("user_id", inner.get("$user_id")))
    named.append(("email", told.get("email") or told.get("$email")))
    named.append(("phone", told.get("phone")))
    # the first anonymous id of a browser is its device id: one thing, one name
    named += [("anonymous_id", inner.get("$anon_distinct_id")), ("anonymous_id", inner.get("$device_id"))]
    found = who(*named)
    if not found:
        found = who(("posthog_person", data.get("person_id")))
    told_groups = inner.get("$groups")
    groups = told_groups if isinstance(told_groups, Mapping) else {}
    companies = who(*(("group_id", one) for one in (*groups.values(), inner.get("$group_key"))))
    return sorted(found, key=lambda one: one[0] in ("anonymous_id", "posthog_person")) + companies


def _kind(distinct: Any, inner: Mapping[str, Any]) -> str:
    """Whether an id names a person or a browser."""
    text = str(distinct or "")
    if inner.get("$is_identified") is True or text == str(inner.get("$user_id") or "?"):
        return "user_id"
    if text == str(inner.get("$device_id") or "") or inner.get("$is_identified") is False:
        return "anonymous_id"
    if _UUID.fullmatch(text) and inner.get("$lib") in _ANONYMOUS_LIBRARIES:
        return "anonymous_id"
    return "user_id"


def _channel(inner: Mapping[str, Any]) -> str:
    library = str(inner.get("$lib") or "")
    if library in _ANONYMOUS_LIBRARIES:
        return "web"
    return "app" if any(one in library for one in ("ios", "android", "react-native", "flutter")) else "server"
