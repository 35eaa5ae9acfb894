"""Each vendor is pulled from, page by page, through trouble, and from where it was."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pretending import BROKEN, CUT, HALF, SAMPLES, TOO_MANY, Asked, pretending, sample, workspace_with

from desirepath.errors import CancelledError, InputError, UnknownNameError, WorkspaceError
from desirepath.syncing import api
from desirepath.syncing.run import Schedule, known_accounts, sync
from desirepath.workspace import Workspace


def tell(*_: Any) -> None:
    """Say nothing."""


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    made = api.Api.__init__

    def quick(self: api.Api, *given: Any, **named: Any) -> None:
        made(self, *given, **{**named, "pause": 0.01})

    monkeypatch.setattr(api.Api, "__init__", quick)


def names(workspace: Workspace) -> list[str]:
    rows = workspace.sql("SELECT name FROM events ORDER BY occurred_at, name").to_pylist()
    return [row["name"] for row in rows]


# ---- Zendesk --------------------------------------------------------------------------------------------------------


def zendesk(asked: Asked) -> Any:
    if asked.path.endswith("/incremental/tickets/cursor.json"):
        place = {"": 0, "c1": 1, "c2": 2, "c3": 3}[asked.query.get("cursor", "")]
        if place == 3:
            return {"tickets": [], "after_cursor": "c3", "end_of_stream": True}
        return sample(f"zendesk/incremental_tickets_cursor_{place}.json")
    if asked.path.endswith("/incremental/users/cursor.json"):
        return {**sample("zendesk/users.json"), "after_cursor": "u1"}
    if asked.path.endswith("ticket_events.json"):
        return {"ticket_events": [], "end_of_stream": True, "end_time": 1}
    if asked.path.endswith("satisfaction_ratings.json"):
        return {**sample("zendesk/satisfaction_ratings.json"), "meta": {"has_more": False}}
    return 404, {"error": asked.path}


ZENDESK = {"subdomain": "x", "email": "a@x.example", "token": "t", "since": "2026-01-01"}


def test_zendesk_through_trouble(tmp_path: Path) -> None:
    trouble = [TOO_MANY, BROKEN, HALF, CUT, TOO_MANY]
    with (
        pretending(zendesk, trouble) as vendor,
        workspace_with(tmp_path / "acme", "zendesk", vendor.url, **ZENDESK) as ws,
    ):
        done = sync(ws, "zendesk", progress=tell)
        assert done.records == {"users": 2, "tickets": 4, "ticket_events": 0, "satisfaction_ratings": 1}
        assert names(ws) == ["ticket created", "ticket status open", "ticket status solved", "csat bad"]
        assert not vendor.trouble
        assert vendor.asked[0].headers["authorization"].startswith("Basic ")
        before = len(vendor.asked)
        again = sync(ws, "zendesk", progress=tell)
        assert again.result is None or again.result.stored == 0
        later = vendor.asked[before:]
        assert {asked.query.get("cursor") for asked in later if "tickets/cursor" in asked.path} == {"c3"}
        assert names(ws) == ["ticket created", "ticket status open", "ticket status solved", "csat bad"]


def test_a_pull_that_fails_goes_on_from_there(tmp_path: Path) -> None:
    broken = True

    def answer(asked: Asked) -> Any:
        if broken and asked.query.get("cursor") == "c2":
            return 500, {"error": "down"}
        return zendesk(asked)

    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "zendesk", vendor.url, **ZENDESK) as ws:
        with pytest.raises(WorkspaceError, match="answers 500"):
            sync(ws, "zendesk", progress=tell)
        assert names(ws) == []
        broken = False
        before = len(vendor.asked)
        done = sync(ws, "zendesk", progress=tell)
        asked = [one.query.get("cursor") for one in vendor.asked[before:] if "tickets/cursor" in one.path]
        assert asked == ["c2"]
        assert done.records["tickets"] == 4
        assert len(names(ws)) == 4


def test_a_pull_that_is_stopped_goes_on_from_there(tmp_path: Path) -> None:
    with pretending(zendesk) as vendor, workspace_with(tmp_path / "acme", "zendesk", vendor.url, **ZENDESK) as ws:

        def stop(stage: str, done: int, total: int | None) -> None:
            if stage == "pulling tickets" and done >= 3 and total is None:
                raise CancelledError("stopped")

        with pytest.raises(CancelledError):
            sync(ws, "zendesk", progress=stop)
        sync(ws, "zendesk", progress=tell)
        cursors = [one.query.get("cursor") for one in vendor.asked if "tickets/cursor" in one.path]
        assert cursors == [None, "c1", "c2"]
        assert len(names(ws)) == 4


# ---- HubSpot, Salesforce, Stripe ------------------------------------------------------------------------------------


def test_hubspot(tmp_path: Path) -> None:
    deals = sample("hubspot/deals_page1.json")
    more = {"results": [{**deals["results"][0], "id": "3002"}]}

    def answer(asked: Asked) -> Any:
        assert asked.headers["authorization"] == "Bearer secret"
        kind = asked.path.rpartition("/")[2]
        if kind == "deals":
            assert asked.query["propertiesWithHistory"] == "dealstage"
            return more if asked.query.get("after") == "3002" else deals
        return sample("hubspot/contacts.json") if kind == "contacts" else {"results": []}

    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "hubspot", vendor.url, token="secret") as ws:
        done = sync(ws, "hubspot", progress=tell)
        assert done.records["deals"] == 2
        assert names(ws).count("deal closedwon") == 2
        people = ws.sql("SELECT DISTINCT person FROM person_of_event").num_rows
        assert people == 1


def test_salesforce(tmp_path: Path) -> None:
    history = sample("salesforce/query_opportunityhistory.json")
    first = {
        **history,
        "records": history["records"][:1],
        "done": False,
        "nextRecordsUrl": "/services/data/v65.0/query/01-1",
    }
    second = {**history, "records": history["records"][1:]}

    def answer(asked: Asked) -> Any:
        if asked.path.endswith("/token"):
            assert b"client_credentials" in asked.body
            return {"access_token": "made", "instance_url": "https://elsewhere.example"}
        assert asked.headers["authorization"] == "Bearer made"
        if asked.path.endswith("/01-1"):
            return second
        if "FROM OpportunityHistory " in asked.query["q"]:
            assert "CreatedDate >= 2026-01-01T00:00:00Z" in asked.query["q"]
            return first
        return {"totalSize": 0, "done": True, "records": []}

    said = {"domain": "x.my.salesforce.com", "client_id": "c", "client_secret": "s", "since": "2026-01-01"}
    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "salesforce", vendor.url, **said) as ws:
        sync(ws, "salesforce", progress=tell)
        assert names(ws) == ["opportunity Prospecting", "opportunity Closed Lost"]


def test_stripe_begins_with_objects_and_goes_on_with_events(tmp_path: Path) -> None:
    lines = (SAMPLES / "stripe" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]

    def answer(asked: Asked) -> Any:
        kind = asked.path.rpartition("/")[2]
        if kind == "events":
            rest = events[3:] if asked.query.get("starting_after") == events[2]["id"] else events[:3]
            return {"object": "list", "data": rest, "has_more": rest is not events[3:] and len(rest) == 3}
        if kind == "subscriptions":
            assert asked.query["status"] == "all"
            one = {**events[1]["data"]["object"], "created": events[1]["created"], "start_date": events[1]["created"]}
            return {"object": "list", "data": [one], "has_more": False}
        return {"object": "list", "data": [], "has_more": False}

    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "stripe", vendor.url, token="sk") as ws:
        sync(ws, "stripe", progress=tell)
        # the subscription's beginning is told by the object and by the event, and is one
        assert names(ws).count("customer.subscription.created") == 1
        assert names(ws).count("invoice.paid") == 2
        before = len(vendor.asked)
        sync(ws, "stripe", progress=tell)
        assert {asked.path for asked in vendor.asked[before:]} == {"/v1/events"}


# ---- Intercom, Typeform, Qualtrics ----------------------------------------------------------------------------------


def test_intercom(tmp_path: Path) -> None:
    conversation = {
        "type": "conversation",
        "id": "9",
        "created_at": 1780000000,
        "updated_at": 1780000600,
        "source": {"type": "conversation", "author": {"type": "user", "id": "c1"}, "body": "<p>Help &amp; advice</p>"},
        "contacts": {"contacts": [{"id": "c1", "external_id": "u1"}]},
        "conversation_rating": {"rating": 2, "remark": "slow", "created_at": 1780000600},
        "conversation_parts": {
            "conversation_parts": [
                {
                    "id": "p1",
                    "part_type": "comment",
                    "body": "<p>Hello</p>",
                    "created_at": 1780000100,
                    "author": {"type": "admin"},
                },
                {"id": "p2", "part_type": "close", "body": None, "created_at": 1780000500, "author": {"type": "admin"}},
                {
                    "id": "p3",
                    "part_type": "note",
                    "body": "secret",
                    "created_at": 1780000550,
                    "author": {"type": "admin"},
                },
            ]
        },
    }

    def answer(asked: Asked) -> Any:
        if asked.path == "/conversations/9":
            return conversation
        if asked.path == "/conversations/search":
            told = json.loads(asked.body)
            if told["pagination"].get("starting_after"):
                return {"type": "conversation.list", "conversations": [], "pages": {}}
            found = {"starting_after": "next"}
            return {"type": "conversation.list", "conversations": [{"id": "9"}], "pages": {"next": found}}
        return {"type": "list", "data": [], "pages": {}}

    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "intercom", vendor.url, token="t") as ws:
        sync(ws, "intercom", progress=tell)
        assert names(ws) == ["conversation started", "conversation reply", "conversation closed", "csat bad"]
        texts = ws.sql("SELECT properties ->> 'text' AS t FROM events ORDER BY occurred_at").to_pylist()
        assert texts[0]["t"] == "Help & advice"
        assert "secret" not in str(ws.sql("SELECT properties FROM events").to_pylist())


def test_typeform(tmp_path: Path) -> None:
    one = sample("typeform/webhook.json")["form_response"]

    def answer(asked: Asked) -> Any:
        assert asked.path == "/forms/f1/responses"
        return {"items": [{**one, "token": f"t{k}"} for k in range(3)], "total_items": 3}

    with (
        pretending(answer) as vendor,
        workspace_with(tmp_path / "acme", "typeform", vendor.url, token="t", forms=["f1"]) as ws,
    ):
        done = sync(ws, "typeform", progress=tell)
        assert done.records == {"responses f1": 3}
        assert names(ws) == ["nps"] * 3


def test_qualtrics(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.write(SAMPLES / "qualtrics" / "export.json", "survey.json")
    asked_for = []

    def answer(asked: Asked) -> Any:
        asked_for.append(asked.path)
        assert asked.headers["x-api-token"] == "t"
        if asked.method == "POST":
            return {"result": {"progressId": "p1"}}
        if asked.path.endswith("/file"):
            return packed.getvalue()
        status = "complete" if asked_for.count(asked.path) > 1 else "inProgress"
        return {"result": {"status": status, "fileId": "f1", "percentComplete": 50}}

    said = {"data_center": "fra1", "token": "t", "surveys": ["SV_1"]}
    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "qualtrics", vendor.url, **said) as ws:
        sync(ws, "qualtrics", progress=tell)
        assert names(ws) == ["nps"]


# ---- Mixpanel, Amplitude --------------------------------------------------------------------------------------------


def test_mixpanel_day_by_day(tmp_path: Path) -> None:
    content = (SAMPLES / "mixpanel" / "export.jsonl").read_bytes()

    def answer(asked: Asked) -> Any:
        return content if asked.query["from_date"] == "2026-03-02" else b""

    said = {"service_account": "u", "secret": "s", "project_id": "1", "since": _days_ago(3)}
    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "mixpanel", vendor.url, **said) as ws:
        sync(ws, "mixpanel", since="2026-03-01", progress=tell)
        assert "Feature Used" in names(ws)
        assert vendor.asked[0].query["project_id"] == "1"
        days = [asked.query["from_date"] for asked in vendor.asked]
        assert days[:3] == ["2026-02-24", "2026-02-25", "2026-02-26"]  # five days again, for what came late
        before = len(vendor.asked)
        sync(ws, "mixpanel", progress=tell)
        assert len(vendor.asked) - before <= 7


def test_amplitude_day_by_day(tmp_path: Path) -> None:
    content = (SAMPLES / "amplitude" / "export_2026030209_2026030423.zip").read_bytes()
    served = []

    def answer(asked: Asked) -> Any:
        if not served:
            served.append(asked.query["start"])
            return content
        return 404, {"error": "no data"}

    said = {"api_key": "k", "secret_key": "s", "since": _days_ago(2)}
    with pretending(answer) as vendor, workspace_with(tmp_path / "acme", "amplitude", vendor.url, **said) as ws:
        sync(ws, "amplitude", progress=tell)
        assert names(ws) == ["session_start", "Trial Started", "Invite Sent", "revenue_amount"]


def _days_ago(days: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 86_400))


# ---- settings -------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_with(tmp_path / "acme", "zendesk", "http://127.0.0.1:9", subdomain="x", token="${NOT_SET}") as ws:
        with pytest.raises(UnknownNameError) as found:
            sync(ws, "zendek", progress=tell)
        assert found.value.nearest == "zendesk"
        with pytest.raises(InputError, match="email"):
            sync(ws, "zendesk", progress=tell)
    settings = tmp_path / "acme" / "workspace.toml"
    settings.write_text(settings.read_text() + 'email = "a@x.example"\nevery = "1 hour"\n')
    import desirepath

    with desirepath.open(tmp_path / "acme") as ws:
        with pytest.raises(InputError, match="NOT_SET"):
            sync(ws, "zendesk", progress=tell)
        assert known_accounts(ws)["zendesk"].every == 3600
        monkeypatch.setenv("NOT_SET", "secret")
        with pytest.raises(WorkspaceError, match="does not answer"):
            sync(ws, "zendesk", progress=tell)
        assert "secret" not in (tmp_path / "acme" / "sync" / "zendesk" / "state.json").read_text()


def test_a_vendor_that_refuses_us(tmp_path: Path) -> None:
    with (
        pretending(lambda _: (401, {"error": "no"})) as vendor,
        workspace_with(tmp_path / "acme", "zendesk", vendor.url, **ZENDESK) as ws,
        pytest.raises(InputError, match="refuses us"),
    ):
        sync(ws, "zendesk", progress=tell)


def test_the_schedule_pulls(tmp_path: Path) -> None:
    import threading

    with (
        pretending(zendesk) as vendor,
        workspace_with(tmp_path / "acme", "zendesk", vendor.url, every="1 hour", **ZENDESK) as ws,
    ):
        schedule = Schedule(ws, threading.RLock())
        schedule.start()
        until = time.monotonic() + 30
        while "zendesk" not in schedule.last and time.monotonic() < until:
            time.sleep(0.1)
        schedule.stop()
        assert schedule.last["zendesk"]["records"]["tickets"] == 4
        assert not schedule.problems
