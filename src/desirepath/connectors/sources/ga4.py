"""Google Analytics 4: the BigQuery export, and what is sent by the Measurement Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import Moment, epoch
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, digest, event, number, snapshot, some, who

_SLOTS = ("string_value", "int_value", "double_value", "float_value")
_IN_EVENT = {"value", "currency", "ga_session_id"}
_CHANNELS = {"ios": "app", "android": "app"}
_NEW = ("batch_page_id", "batch_ordering_id")


class GA4(Connector):
    """Rows of `events_YYYYMMDD`, and hits."""

    name = "ga4"
    title = "Google Analytics 4"
    about = (
        "The BigQuery export (tables `events_YYYYMMDD` and `events_intraday_YYYYMMDD`, saved as JSON lines, JSON or "
        "Parquet), and events as the Measurement Protocol sends them."
    )
    streams = {
        "events": "rows of the export: one event each, of a browser or app (`client_id`) and a login (`user_id`)",
        "hits": "events of the Measurement Protocol, with the head of their request",
    }
    docs = (
        "A row has no id of its own. It is told apart by device, time, name, bundle and place in the bundle, so that "
        "rows of the intraday table and of the day's table are one event, and a day may be exported again.",
        "Rows without device and login (consent denied) name nobody, and go to the quarantine as `identity_missing`.",
        "The channel is `web` or `app`. A session is `ga_session_id` within one device. The source of a visit is the "
        "event's own (`collected_traffic_source`), not the first one of the person.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Rows have an event name and a time in microseconds."""
        return "event_name" in opened.sample and "event_timestamp" in opened.sample

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event a row."""
        if stream == "hits":
            yield from _hit(data, given)
            return
        params = _plain(data.get("event_params"))
        device, login = data.get("user_pseudo_id"), data.get("user_id")
        name = str(data["event_name"])
        parts = [
            device,
            data["event_timestamp"],
            name,
            data.get("event_bundle_sequence_id"),
            data.get("batch_event_index"),
        ]
        if data.get("batch_event_index") is None:
            parts += [data.get(part) for part in _NEW]
            parts.append(digest(params))
        shop = data.get("ecommerce") or {}
        value, platform = number(params.get("value")), str(data.get("platform") or "web").lower()
        order = shop.get("transaction_id") or params.get("transaction_id")
        yield event(
            "|".join("" if part is None else str(part) for part in parts),
            name,
            epoch(data["event_timestamp"], "us"),
            who(("user_id", login), ("client_id", device)),
            channel=_CHANNELS.get(platform, platform),
            value=number(shop.get("purchase_revenue")) if value is None else value,
            currency=code(params.get("currency")),
            entity=("order", str(order)) if order and order != "(not set)" else None,
            session=_session(params.get("ga_session_id"), device),
            sequence=_place(data),
            properties=_properties(data, params),
        )


def _plain(params: Any) -> dict[str, Any]:
    """Parameters as pairs: whole as a dict, as typed slots, or as a list of both."""
    if isinstance(params, Mapping):
        return dict(params)
    found: dict[str, Any] = {}
    for one in params or ():
        value = one.get("value")
        if isinstance(value, Mapping):
            slot = next((slot for slot in _SLOTS if value.get(slot) is not None), None)
            value = value[slot] if slot else None
            if slot == "int_value":
                value = int(str(value))
        found[str(one["key"])] = value
    return found


def _session(session: Any, device: Any) -> str | None:
    return None if session is None else f"{device}.{session}" if device else str(session)


def _place(data: Mapping[str, Any]) -> int | None:
    """The source's own order among events of one moment."""
    page, place = data.get("batch_ordering_id"), data.get("batch_event_index")
    if place is None:
        return None
    return int(page or 0) * 1000 + int(place)


def _properties(data: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    device, place = data.get("device") or {}, data.get("geo") or {}
    came = data.get("collected_traffic_source") or {}
    first = data.get("traffic_source") or {}
    last = ((data.get("session_traffic_source_last_click") or {}).get("manual_campaign")) or {}
    web = device.get("web_info") or {}
    told = {
        **{key: value for key, value in params.items() if key not in _IN_EVENT},
        "page": params.get("page_location"),
        "device": device.get("category"),
        "operating_system": device.get("operating_system"),
        "browser": web.get("browser") or device.get("browser"),
        "language": device.get("language"),
        "country": place.get("country"),
        "city": place.get("city"),
        "source": came.get("manual_source") or last.get("source"),
        "medium": came.get("manual_medium") or last.get("medium"),
        "campaign": came.get("manual_campaign_name") or last.get("campaign_name"),
        "first_source": first.get("source"),
        "first_medium": first.get("medium"),
        "first_campaign": first.get("name"),
        "items": data.get("items"),
        "user_properties": _plain(data.get("user_properties")),
        "app_version": (data.get("app_info") or {}).get("version"),
    }
    told.pop("page_location", None)
    return some(told)


def _hit(data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    """An event of the Measurement Protocol, whose request's head stands under `$request`."""
    head = data.get("$request") or {}
    params = dict(data.get("params") or {})
    device, login = head.get("client_id") or head.get("app_instance_id"), head.get("user_id")
    told = data.get("timestamp_micros") or head.get("timestamp_micros")
    at = epoch(told, "us") if told else Moment(given.received_us, "microsecond")
    name = str(data["name"])
    session = params.pop("session_id", None) or params.get("ga_session_id")
    # a hit has no id: the place in its request, and the request, are its own
    key = "|".join(map(str, (device, login, at.us, name, head.get("$id", ""), data.get("$place", 0))))
    people = _plain({k: (v or {}).get("value") for k, v in (head.get("user_properties") or {}).items()})
    yield event(
        key,
        name,
        at,
        who(("user_id", login), ("client_id", device)),
        channel="web" if head.get("client_id") else "app",
        value=number(params.get("value")),
        currency=code(params.get("currency")),
        entity=("order", str(params["transaction_id"])) if params.get("transaction_id") else None,
        session=_session(session, device),
        properties=some(
            {**{k: v for k, v in params.items() if k not in _IN_EVENT}, "page": params.get("page_location")}
            | {"user_properties": people}
        ),
    )
    if login and device:
        yield snapshot(f"{login}|{device}", "profile", at, who(("user_id", login), ("client_id", device)))
