"""Snowplow: enriched events as TSV or JSON, and what trackers send."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from desirepath.connectors.connector import YES_NO, Connector, Given, Option, Record
from desirepath.connectors.instants import Moment, corrected, epoch, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, event, first_number, left_out, number, some, who

FIELDS = (
    "app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker "
    "v_tracker v_collector "
    "v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid geo_country "
    "geo_region "
    "geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain "
    "ip_netspeed page_url "
    "page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery page_urlfragment "
    "refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery refr_urlfragment refr_medium "
    "refr_source refr_term "
    "mkt_medium mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action se_label se_property "
    "se_value "
    "unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state tr_country ti_orderid "
    "ti_sku "
    "ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max "
    "useragent br_name "
    "br_family br_version br_type br_renderengine br_lang br_features_pdf br_features_flash br_features_java "
    "br_features_director br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears "
    "br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer "
    "os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height "
    "tr_currency "
    "tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone mkt_clickid "
    "mkt_network "
    "etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp derived_contexts domain_sessionid derived_tstamp "
    "event_vendor event_name event_format event_version event_fingerprint true_tstamp"
).split()
"""The columns of an enriched event, in their order."""

_SHORT = {
    "e": "event", "eid": "event_id", "uid": "user_id", "duid": "domain_userid", "nuid": "network_userid", "tnuid": (
        "network_userid"
    ),
    "sid": "domain_sessionid", "vid": "domain_sessionidx", "p": "platform", "aid": "app_id", "url": "page_url",
    "page": "page_title", "refr": "page_referrer", "se_ca": "se_category", "se_ac": "se_action", "se_la": "se_label",
    "se_pr": "se_property", "se_va": "se_value", "tr_id": "tr_orderid", "tr_tt": "tr_total", "tr_cu": "tr_currency",
    "ti_id": "ti_orderid", "ti_sk": "ti_sku", "ti_nm": "ti_name", "ti_ca": "ti_category", "ti_pr": "ti_price",
    "ti_qu": "ti_quantity", "lang": "br_lang", "tz": "os_timezone",
}  # fmt: skip
"""The names that trackers send, and those of the enriched event."""

_KINDS = {
    "pv": "page_view",
    "pp": "page_ping",
    "se": "struct",
    "ue": "unstruct",
    "tr": "transaction",
    "ti": "transaction_item",
}
_SHOWN = {
    "page_url": "page",
    "page_title": "page_title",
    "page_referrer": "referrer",
    "mkt_source": "source",
    "mkt_medium": "medium",
    "mkt_campaign": "campaign",
    "geo_country": "country",
    "geo_city": "city",
    "dvce_type": "device",
    "br_name": "browser",
    "os_name": "operating_system",
    "se_category": "category",
    "se_action": "action",
    "se_label": "label",
    "se_property": "property",
    "ti_sku": "sku",
    "ti_name": "item",
    "app_id": "app",
}


class Snowplow(Connector):
    """Enriched events, and hits of trackers."""

    name = "snowplow"
    title = "Snowplow"
    about = "Enriched events (131 columns parted by tabs, or their JSON), and what trackers send to a collector."
    streams = {
        "events": "enriched events; one event each",
        "hits": "what trackers send, by its short names",
    }
    options = (Option("page_pings", "keep `page_ping` heartbeats as events", "no", YES_NO),)
    docs = (
        "All times are UTC. The best is taken: `true_tstamp`, then `derived_tstamp`, then the collector's.",
        "`event_id` tells an event apart; where `event_fingerprint` is there, both do, because clients copy ids.",
        "Self-describing events bear the name of their schema, structured ones their action.",
    )

    def recognise(self, opened: Opened) -> bool:
        """131 columns without heading, or JSON of the same names."""
        if "event_id" in opened.sample and "collector_tstamp" in opened.sample:
            return True
        return opened.head.partition("\n")[0].count("\t") == len(FIELDS) - 1

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """TSV without quotes, or JSON lines."""
        if opened.head.lstrip()[:1] == "{":
            yield from opened.records({}, lambda _: "events")
            return
        for number_, line in opened.lines():
            cells = line.split("\t")
            if not line:
                continue
            if len(cells) != len(FIELDS):
                reason = "columns_missing" if len(cells) < len(FIELDS) else "columns_extra"
                opened.reject(number_, reason, line.encode("utf-8", "surrogateescape"))
                continue
            yield Record("events", {k: v for k, v in zip(FIELDS, cells, strict=True) if v}, None, number_)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event."""
        told = _long(data) if stream == "hits" else _packed(data)
        kind = str(told.get("event") or "")
        own = str(told["event_id"])
        if kind == "page_ping" and not given.is_on("page_pings"):
            yield left_out(own, "page_ping")
            return
        inner = _self_described(told.get("unstruct_event"))
        value, currency = _value(told, inner)
        fingerprint = told.get("event_fingerprint")
        order = told.get("tr_orderid") or told.get("ti_orderid")
        yield event(
            f"{own}|{fingerprint}" if fingerprint else own,
            _name(kind, told, inner),
            _when(told, stream, given),
            _who(told),
            channel={"mob": "app", "srv": "server", "pc": "server"}.get(
                str(told.get("platform")), str(told.get("platform") or "web")
            ),
            value=value,
            currency=code(currency),
            entity=("order", str(order)) if order else None,
            session=told.get("domain_sessionid"),
            properties=some(
                {
                    **{shown: told.get(key) for key, shown in _SHOWN.items()},
                    **inner.get("data", {}),
                    "contexts": _contexts(told),
                }
            ),
        )


def _packed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """An enriched event of the analytics SDKs, whose members are named by their schemas, in the form of the others."""
    if "unstruct_event" in data or "contexts" in data:
        return data
    found: dict[str, Any] = {}
    contexts: list[dict[str, Any]] = []
    for key, value in data.items():
        if key.startswith("unstruct_event_"):
            inner = {"schema": f"iglu:x/{data.get('event_name') or _named(key)}", "data": value}
            found["unstruct_event"] = {"data": inner}
        elif key.startswith("contexts_") and isinstance(value, list):
            contexts += [{"schema": f"iglu:x/{_named(key)}", "data": one} for one in value]
        else:
            found[key] = value
    if contexts:
        found["contexts"] = {"data": contexts}
    return found


def _named(key: str) -> str:
    """The name in `contexts_org_schema_web_page_1`: as near as the member tells it, without vendor and version."""
    return "_".join(key.split("_")[3:-1]).removeprefix("snowplow_") or key


def _long(data: Mapping[str, Any]) -> dict[str, Any]:
    """A hit by the names of the enriched event."""
    told = {_SHORT.get(key, key): value for key, value in data.items()}
    told["event"] = _KINDS.get(str(told.get("event")), told.get("event"))
    told["unstruct_event"] = _decoded(data, "ue_px", "ue_pr")
    told["contexts"] = _decoded(data, "cx", "co")
    return told


def _decoded(data: Mapping[str, Any], packed: str, plain: str) -> Any:
    if data.get(packed):
        text = str(data[packed])
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    return data.get(plain)


def _document(value: Any) -> Any:
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        return msgspec.json.decode(value)
    return value


def _self_described(value: Any) -> dict[str, Any]:
    """Schema name and data of a self-describing event; empty where there is none."""
    found = _document(value)
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        return {}
    inner = found["data"]
    if "schema" not in inner:
        return {}
    data = inner.get("data")
    parts = str(inner["schema"]).removeprefix("iglu:").split("/")
    return {
        "name": parts[1] if len(parts) > 1 else parts[0],
        "data": data if isinstance(data, dict) else {"data": data},
    }


def _contexts(told: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in ("contexts", "derived_contexts"):
        document = _document(told.get(column))
        for one in document.get("data", []) if isinstance(document, dict) else ():
            parts = str(one.get("schema", "")).removeprefix("iglu:").split("/")
            name = parts[1] if len(parts) > 1 else parts[0]
            if name not in ("PerformanceTiming", "web_page", "ua_parser_context", "yauaa_context"):
                found[name] = one.get("data")
    return found


def _name(kind: str, told: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    if inner:
        return str(inner["name"])
    if kind == "struct":
        return str(told.get("se_action") or "struct")
    return str(told.get("event_name") or kind)


def _when(told: Mapping[str, Any], stream: str, given: Given) -> Moment:
    if stream == "hits":
        if told.get("ttm"):
            return epoch(told["ttm"], "ms")
        if not told.get("dtm"):
            return Moment(given.received_us)
        made, sent = epoch(told["dtm"], "ms"), epoch(told.get("stm"), "ms")
        return corrected(made, sent, Moment(given.received_us))
    best = next(
        (
            told[key]
            for key in ("true_tstamp", "derived_tstamp", "collector_tstamp", "dvce_created_tstamp")
            if told.get(key)
        ),
        None,
    )
    return iso(best, "UTC")


def _who(told: Mapping[str, Any]) -> Who:
    login = told.get("user_id")
    named = "email" if isinstance(login, str) and "@" in login and "." in login else "user_id"
    return who((named, login), ("cookie", told.get("domain_userid")), ("cookie", told.get("network_userid")))


def _value(told: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[float | None, Any]:
    data = inner.get("data", {})
    found = first_number(data, ("revenue", "value", "total"))
    if found is not None:
        return found, data.get("currency")
    if number(told.get("tr_total")) is not None:
        return number(told["tr_total"]), told.get("tr_currency")
    return number(told.get("se_value")), None
