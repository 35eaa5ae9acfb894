"""The vendors that are pulled from: their addresses, how they page, and how far back they must be read again."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from desirepath.errors import WorkspaceError
from desirepath.syncing.accounts import Account
from desirepath.syncing.api import Api
from desirepath.syncing.pulls import Cursor, Page, Pull, Span, Vendor, later
from desirepath.syncing.sql_accounts import SQL

_DAY = 86_400


def _iso(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d")


def _bearer(url: Callable[[Account], str], *names: str) -> Callable[[Account, Path], Api]:
    def make(account: Account, temp: Path) -> Api:
        (token,) = account.need(*(names or ("token",)))
        return Api(account.base_url or url(account), temp, headers={"authorization": f"Bearer {token}"})

    return make


# ---- Zendesk ----------------------------------------------------------------------------------------------------


def _zendesk_api(account: Account, temp: Path) -> Api:
    subdomain, email, token = account.need("subdomain", "email", "token")
    return Api(account.base_url or f"https://{subdomain}.zendesk.com", temp, basic=(f"{email}/token", token))


def _zendesk_cursor(what: str) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    """Incremental exports by cursor, which goes on from where it was at any time later."""

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        after = cursor.get("after")
        while True:
            params = {"cursor": after} if after else {"start_time": span.since}
            page = api.get(f"api/v2/incremental/{what}/cursor.json", **params, per_page=1000)
            after = page.get("after_cursor") or after
            yield Page(list(page.get(what) or ()), {"after": after})
            if page.get("end_of_stream", True):
                return

    return pages


def _zendesk_time(what: str, **more: Any) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    """Incremental exports by time."""

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        start = cursor.get("time") or span.since
        while True:
            page = api.get(f"api/v2/incremental/{what}.json", start_time=start, **more)
            end = page.get("end_time") or start
            yield Page(list(page.get(what) or ()), {"time": end})
            if page.get("end_of_stream", True) or end <= start:
                return
            start = end

    return pages


def _zendesk_ratings(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
    after = cursor.get("after")
    while True:
        params = {"page[size]": 100, "start_time": span.since, **({"page[after]": after} if after else {})}
        page = api.get("api/v2/satisfaction_ratings.json", **params)
        after = later(page, "meta", "after_cursor")
        yield Page(list(page.get("satisfaction_ratings") or ()), {"after": after})
        if not after or not later(page, "meta", "has_more"):
            return


# ---- HubSpot ----------------------------------------------------------------------------------------------------

_HUBSPOT = {
    "contacts": ("email,hs_additional_emails,phone,mobilephone,firstname,lastname,lifecyclestage,createdate,"
                 "lastmodifieddate,hs_merged_object_ids,associatedcompanyid", "lifecyclestage"),
    "companies": ("name,domain,industry", ""),
    "deals": ("dealname,amount,deal_currency_code,dealstage,pipeline,createdate,closedate,hs_lastmodifieddate",
              "dealstage"),
    "tickets": ("subject,content,hs_pipeline_stage,hs_ticket_priority,hs_ticket_category,createdate,source_type,"
                "hs_lastmodifieddate", "hs_pipeline_stage"),
    "calls": ("hs_timestamp,hs_call_direction,hs_call_duration,hs_call_title,hs_call_body,hs_call_disposition", ""),
    "emails": ("hs_timestamp,hs_email_direction,hs_email_subject,hs_email_text,hs_email_from_email,"
               "hs_email_to_email", ""),
    "meetings": ("hs_timestamp,hs_meeting_title,hs_meeting_start_time,hs_meeting_outcome", ""),
}  # fmt: skip


def _hubspot(what: str) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    properties, history = _HUBSPOT[what]

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        del span  # lists have no time; what is here already is a duplicate
        after = cursor.get("after")
        params: dict[str, Any] = {"limit": 50 if history else 100, "properties": properties}
        if history:
            params["propertiesWithHistory"] = history
        if what not in ("contacts", "companies"):
            params["associations"] = "contacts,companies"
        while True:
            page = api.get(f"crm/objects/2026-09/{what}", **params, **({"after": after} if after else {}))
            after = later(page, "paging", "next", "after")
            yield Page(list(page.get("results") or ()), {"after": after})
            if not after:
                return

    return pages


# ---- Salesforce -------------------------------------------------------------------------------------------------

_SALESFORCE = {
    "leads": ("Lead", "SystemModstamp"),
    "contacts": ("Contact", "SystemModstamp"),
    "accounts": ("Account", "SystemModstamp"),
    "opportunities": ("Opportunity", "SystemModstamp"),
    "opportunity_history": ("OpportunityHistory", "CreatedDate"),
    "cases": ("Case", "SystemModstamp"),
    "tasks": ("Task", "SystemModstamp"),
    "events": ("Event", "SystemModstamp"),
}


def _salesforce_api(account: Account, temp: Path) -> Api:
    domain, client, secret = account.need("domain", "client_id", "client_secret")
    base = account.base_url or f"https://{domain}"
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    told = Api(base, temp).form("services/oauth2/token", form)
    address = account.base_url or told.get("instance_url") or base
    return Api(address, temp, headers={"authorization": f"Bearer {told['access_token']}"})


def _salesforce(what: str) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    kind, moment = _SALESFORCE[what]

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        following = cursor.get("next")
        while True:
            if following:
                page = api.get(following.lstrip("/"))
            else:
                query = f"SELECT FIELDS(STANDARD) FROM {kind} WHERE {moment} >= {_iso(span.since)} ORDER BY {moment}"
                page = api.get("services/data/v65.0/queryAll", q=query)
            following = page.get("nextRecordsUrl")
            yield Page(list(page.get("records") or ()), {"next": following})
            if page.get("done", True) or not following:
                return

    return pages


# ---- Stripe -----------------------------------------------------------------------------------------------------


def _stripe(what: str, **more: Any) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        after = cursor.get("after")
        params: dict[str, Any] = {"limit": 100, "created[gte]": span.since, **more}
        while True:
            page = api.get(f"v1/{what}", **params, **({"starting_after": after} if after else {}))
            records = list(page.get("data") or ())
            after = records[-1]["id"] if records else after
            yield Page(records, {"after": after})
            if not page.get("has_more") or not records:
                return

    return pages


# ---- Intercom ---------------------------------------------------------------------------------------------------


def _intercom(what: str, *, whole: bool) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
    """A search by time of change; of conversations, each is asked for whole, with its parts."""

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        after = cursor.get("after")
        query = {"field": "updated_at", "operator": ">", "value": span.since}
        while True:
            paging: dict[str, Any] = {"per_page": 50, **({"starting_after": after} if after else {})}
            page = api.post(f"{what}/search", {"query": query, "pagination": paging})
            records = list(page.get(what) or page.get("data") or ())
            if whole:
                records = [api.get(f"{what}/{one['id']}") for one in records]
            after = later(page, "pages", "next", "starting_after")
            yield Page(records, {"after": after})
            if not after:
                return

    return pages


# ---- Mixpanel, Amplitude: a file a day ----------------------------------------------------------------------------


def _days(cursor: Cursor, span: Span) -> Iterator[int]:
    """The beginnings of the days of a span, from a cursor on."""
    day = cursor.get("day") or span.since // _DAY * _DAY
    while day <= span.until:
        yield day
        day += _DAY


def _mixpanel_api(account: Account, temp: Path) -> Api:
    user, secret = account.need("service_account", "secret")
    return Api(account.base_url or "https://data.mixpanel.com", temp, basic=(user, secret))


def _mixpanel_of(account: Account) -> list[Pull]:
    (project,) = account.need("project_id")

    def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
        for day in _days(cursor, span):
            said = {"from_date": _day(day), "to_date": _day(day), "project_id": project}
            content = api.content("api/2.0/export", absent=(404,), **said)
            yield Page([], {"day": day + _DAY}, (f"{_day(day)}.jsonl", content) if content else None)

    return [Pull("events", pages, 5 * _DAY)]


def _amplitude_api(account: Account, temp: Path) -> Api:
    key, secret = account.need("api_key", "secret_key")
    return Api(account.base_url or "https://amplitude.com", temp, basic=(key, secret))


def _amplitude(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
    for day in _days(cursor, span):
        text = _day(day).replace("-", "")
        content = api.content("api/2/export", absent=(404,), start=f"{text}T00", end=f"{text}T23")
        yield Page([], {"day": day + _DAY}, (f"{text}.zip", content) if content else None)


# ---- Qualtrics, Typeform ----------------------------------------------------------------------------------------


def _qualtrics_api(account: Account, temp: Path) -> Api:
    center, token = account.need("data_center", "token")
    url = account.base_url or f"https://{center}.qualtrics.com"
    return Api(url, temp, headers={"x-api-token": token})


def _qualtrics_of(account: Account) -> list[Pull]:
    surveys = account.given.get("surveys") or []

    def of(survey: str) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
        def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
            del cursor
            place = f"API/v3/surveys/{survey}/export-responses"
            asked = {"format": "json", "startDate": _iso(span.since), "endDate": _iso(span.until)}
            progress = api.post(place, asked)["result"]["progressId"]
            for _ in range(600):
                told = api.get(f"{place}/{progress}")["result"]
                if told["status"] == "failed":
                    raise WorkspaceError(f"Qualtrics could not export the survey {survey}.")
                if told["status"] == "complete":
                    content = api.content(f"{place}/{told['fileId']}/file")
                    yield Page([], {}, (f"{survey}.zip", content or b""))
                    return
                time.sleep(0.5 if account.base_url else 2)
            raise WorkspaceError(f"Qualtrics does not finish the export of the survey {survey}.")

        return pages

    return [Pull(f"responses {survey}", of(str(survey)), _DAY) for survey in surveys]


def _typeform_of(account: Account) -> list[Pull]:
    forms = account.given.get("forms") or []

    def of(form: str) -> Callable[[Api, Cursor, Span], Iterator[Page]]:
        def pages(api: Api, cursor: Cursor, span: Span) -> Iterator[Page]:
            before = cursor.get("before")
            while True:
                # with a token to go on from, no time may be said
                place: dict[str, Any] = {"before": before} if before else {"since": _iso(span.since)}
                page = api.get(f"forms/{form}/responses", page_size=1000, **place)
                items = [one for one in page.get("items") or () if not before or _newer(one, span)]
                before = items[-1]["token"] if items else None
                yield Page([{**one, "form_id": form} for one in items], {"before": before})
                if len(page.get("items") or ()) < 1000 or not before:
                    return

        return pages

    return [Pull(f"responses {form}", of(str(form)), _DAY) for form in forms]


def _newer(one: dict[str, Any], span: Span) -> bool:
    return str(one.get("submitted_at") or "9") >= _iso(span.since)


VENDORS: dict[str, Vendor] = {
    "amplitude": Vendor(_amplitude_api, lambda _: [Pull("events", _amplitude, 2 * _DAY)], ("api_key", "secret_key")),
    "hubspot": Vendor(
        _bearer(lambda _: "https://api.hubapi.com"),
        lambda _: [Pull(one, _hubspot(one)) for one in _HUBSPOT],
        ("token",),
    ),
    "intercom": Vendor(
        _bearer(lambda _: "https://api.intercom.io"),
        lambda _: [
            Pull("contacts", _intercom("contacts", whole=False)),
            Pull("conversations", _intercom("conversations", whole=True)),
            Pull("tickets", _intercom("tickets", whole=False)),
        ],
        ("token",),
    ),
    "mixpanel": Vendor(_mixpanel_api, _mixpanel_of, ("service_account", "secret", "project_id")),
    "qualtrics": Vendor(_qualtrics_api, _qualtrics_of, ("data_center", "token", "surveys")),
    "salesforce": Vendor(
        _salesforce_api,
        lambda _: [Pull(one, _salesforce(one)) for one in _SALESFORCE],
        ("domain", "client_id", "client_secret"),
    ),
    "stripe": Vendor(
        _bearer(lambda _: "https://api.stripe.com"),
        lambda _: [
            # events reach back for thirty days; what is older is told by objects
            *(
                Pull(one, _stripe(one, **more), only_first=True)
                for one, more in (
                    ("customers", {}),
                    ("subscriptions", {"status": "all"}),
                    ("invoices", {}),
                    ("refunds", {}),
                )
            ),
            Pull("events", _stripe("events")),
        ],
        ("token",),
    ),
    "sql": SQL,
    "typeform": Vendor(_bearer(lambda _: "https://api.typeform.com"), _typeform_of, ("token", "forms")),
    "zendesk": Vendor(
        _zendesk_api,
        lambda _: [
            Pull("users", _zendesk_cursor("users"), lasting=True),
            Pull("tickets", _zendesk_cursor("tickets"), lasting=True),
            Pull("ticket_events", _zendesk_time("ticket_events", include="comment_events")),
            Pull("satisfaction_ratings", _zendesk_ratings, _DAY),
        ],
        ("subdomain", "email", "token"),
    ),
}
"""Each vendor by the name of its connector; `sql` is any database, read with a mapping."""
