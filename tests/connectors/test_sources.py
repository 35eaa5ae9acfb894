"""What single sources mean by their records, as their docs have it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from translated import RECEIVED, rows

from desirepath.connectors.connector import Given
from desirepath.connectors.instants import as_iso
from desirepath.connectors.registry import OURS, connector, recognised
from desirepath.connectors.rows import Row
from desirepath.connectors.salesforce_objects import long_id
from desirepath.connectors.trying import try_connector
from desirepath.errors import InputError, TimeZoneNeededError, UnknownNameError


def one(name: str, stream: str, data: dict[str, Any], **options: str) -> list[Row]:
    """What one record says."""
    source = connector(name)
    return list(source.translate(stream, data, Given(source.settle(options), None, RECEIVED)))


def events(found: list[Row]) -> list[tuple[str, str | None]]:
    """Names and moments of events."""
    return [(row.name, None if row.at.us is None else as_iso(row.at.us)) for row in found if row.kind == "event"]


# ---- event logs -----------------------------------------------------------------------------------------------------

XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <string key="concept:name" value="a log"/>
  <trace>
    <string key="concept:name" value="c1"/><string key="client" value="ann"/>
    <event><string key="concept:name" value="register"/><date key="time:timestamp" value="2026-05-01T10:00:00+02:00"/>
      <string key="lifecycle:transition" value="complete"/><float key="amount" value="12.5"/></event>
    <event><string key="concept:name" value="check"/><date key="time:timestamp" value="2026-05-01T11:00:00.000+02:00"/>
      <string key="lifecycle:transition" value="start"/><string key="org:resource" value="bob"/></event>
  </trace>
</log>"""


def test_xes(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(XES, encoding="utf-8")
    assert recognised(path) == ["xes"]
    found = rows("xes", path)
    assert events(found) == [("register", "2026-05-01T08:00:00.000Z"), ("check (start)", "2026-05-01T09:00:00.000Z")]
    assert found[0].who == [("case_id", "c1")]
    assert found[0].value == 12.5
    assert (found[1].properties or {})["org:resource"] == "bob"
    assert rows("xes", path, person="client", kind="customer_id")[0].who == [("customer_id", "ann")]
    assert [row.kind for row in rows("xes", path, lifecycle="complete")] == ["event", "none"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaa">]><log>&a;</log>',
        "<log><trace><event>",
        "<log>" + "<list>" * 100 + "</list>" * 100 + "</log>",
    ],
)
def test_xes_that_may_not_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.xes"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no readable XES"):
        rows("xes", path)


OCEL_XML = """<?xml version="1.0"?>
<log>
  <object-types><object-type name="customer"/><object-type name="order"/></object-types>
  <event-types/>
  <objects>
    <object id="ann" type="customer"/>
    <object id="o-1" type="order">
      <attributes><attribute name="status" time="2026-05-01T10:00:00Z">placed</attribute></attributes>
      <objects><relationship object-id="ann" qualifier="of"/></objects></object>
  </objects>
  <events>
    <event id="e1" type="pay" time="2026-05-01T12:00:00Z"><attributes><attribute name="value">5</attribute></attributes>
      <objects><relationship object-id="o-1" qualifier="order"/></objects></event>
  </events>
</log>"""


def test_ocel_xml_and_sqlite_are_the_same(tmp_path: Path) -> None:
    path, database = tmp_path / "log.xml", tmp_path / "log.sqlite"
    path.write_text(OCEL_XML, encoding="utf-8")
    con = sqlite3.connect(database)
    con.executescript(
        """CREATE TABLE event (ocel_id, ocel_type); CREATE TABLE object (ocel_id, ocel_type);
        CREATE TABLE event_map_type (ocel_type, ocel_type_map); CREATE TABLE object_map_type (ocel_type, ocel_type_map);
        CREATE TABLE event_object (ocel_event_id, ocel_object_id, ocel_qualifier);
        CREATE TABLE object_object (ocel_source_id, ocel_target_id, ocel_qualifier);
        CREATE TABLE event_Pay (ocel_id, ocel_time, value); CREATE TABLE object_Customer (ocel_id, ocel_time);
        CREATE TABLE object_Order (ocel_id, ocel_time, status);
        INSERT INTO event VALUES ('e1', 'pay'); INSERT INTO object VALUES ('ann', 'customer'), ('o-1', 'order');
        INSERT INTO event_map_type VALUES ('pay', 'Pay');
        INSERT INTO object_map_type VALUES ('customer', 'Customer'), ('order', 'Order');
        INSERT INTO event_object VALUES ('e1', 'o-1', 'order'); INSERT INTO object_object VALUES ('o-1', 'ann', 'of');
        INSERT INTO event_Pay VALUES ('e1', '2026-05-01T12:00:00Z', 5);
        INSERT INTO object_Order VALUES ('o-1', '2026-05-01T10:00:00Z', 'placed');"""
    )
    con.close()
    for log in (path, database):
        assert recognised(log) == ["ocel"]
        found = rows("ocel", log)
        (pay,) = [row for row in found if row.kind == "event"]
        assert (pay.name, pay.value, pay.entity, pay.who) == ("pay", 5.0, ("order", "o-1"), [("user_id", "ann")])
        (order,) = [row for row in found if row.kind == "snapshot"]
        assert order.properties == {"status": "placed"}


# ---- billing, CRM ---------------------------------------------------------------------------------------------------


def subscription(amount: int, status: str = "active", items: int = 1, **more: Any) -> dict[str, Any]:
    """A subscription of Stripe's."""
    price = {"unit_amount": amount, "currency": "eur", "recurring": {"interval": "month", "interval_count": 1}}
    data = [{"id": f"si_{k}", "quantity": 1, "price": price} for k in range(items)]
    return {"id": "sub", "object": "subscription", "customer": "cus", "status": status, "items": {"data": data}, **more}


def stripe(kind: str, thing: dict[str, Any], **before: Any) -> list[Row]:
    """What an event of Stripe's says."""
    data = {"object": thing, "previous_attributes": before}
    return one("stripe", "events", {"id": "evt", "object": "event", "type": kind, "created": 1780000000, "data": data})


@pytest.mark.parametrize(
    ("kind", "now", "before", "movement"),
    [
        ("customer.subscription.created", subscription(1000), {}, "new"),
        ("customer.subscription.created", subscription(1000, "trialing"), {}, "trial"),
        ("customer.subscription.updated", subscription(2000), {"items": subscription(1000)["items"]}, "upgrade"),
        ("customer.subscription.updated", subscription(500), {"items": subscription(1000)["items"]}, "downgrade"),
        (
            "customer.subscription.updated",
            subscription(1000, items=2),
            {"items": subscription(1000)["items"]},
            "add-on",
        ),
        ("customer.subscription.updated", subscription(1000), {"status": "trialing"}, "paid"),
        (
            "customer.subscription.updated",
            subscription(1000, cancel_at_period_end=True),
            {"cancel_at_period_end": False},
            "cancel asked",
        ),
        ("customer.subscription.paused", subscription(1000), {}, "pause"),
        ("customer.subscription.deleted", subscription(1000, "canceled"), {}, "cancel"),
        ("customer.subscription.updated", subscription(1000), {"metadata": {}}, None),
    ],
)
def test_movements_of_subscriptions(
    kind: str, now: dict[str, Any], before: dict[str, Any], movement: str | None
) -> None:
    row = stripe(kind, now, **before)[0]
    assert (row.properties or {}).get("movement") == movement


def test_what_stripe_gives_back_is_negative_and_told_once() -> None:
    charge = {
        "id": "ch",
        "object": "charge",
        "customer": "cus",
        "amount": 5000,
        "amount_refunded": 3000,
        "currency": "eur",
    }
    (told,) = stripe("charge.refunded", charge, amount_refunded=1000)
    assert (told.name, told.value, told.currency) == ("charge.refunded", -20.0, "EUR")
    refund = {"id": "re", "object": "refund", "charge": "ch", "customer": "cus", "amount": 2000, "currency": "eur"}
    (later,) = one("stripe", "refunds", {**refund, "created": 1780000000})
    assert (later.key, later.value) == (told.key, told.value)
    assert [
        row.kind for row in stripe("payment_intent.created", {"id": "pi", "object": "payment_intent", "customer": "c"})
    ] == ["none"]


def test_ids_of_salesforce() -> None:
    assert long_id("0015000000Gv7qJ") == "0015000000Gv7qJAAR"  # of Salesforce's own docs
    assert long_id("0015000000Gv7qJAAR") == "0015000000Gv7qJAAR"
    assert long_id("") == ""


def test_a_lead_that_was_converted_joins_what_it_became() -> None:
    lead = {
        "Id": "00Q000000000001AAA", "Email": "A@x.example", "IsConverted": "true", "ConvertedDate": "2026-05-01",
        "ConvertedContactId": "003000000000003AAA", "ConvertedOpportunityId": "006000000000001AAA",
        "CreatedDate": "2026-04-01T00:00:00.000+0000", "SystemModstamp": "2026-05-01T00:00:00.000+0000",
    }  # fmt: skip
    kinds = {kind for row in one("salesforce", "leads", lead) for kind, _ in row.who}
    assert kinds == {"salesforce_contact", "salesforce_lead", "email", "salesforce_opportunity"}
    assert events(one("salesforce", "leads", lead)) == [("lead created", "2026-04-01T00:00:00.000Z")]
    with pytest.raises(TimeZoneNeededError):
        one("salesforce", "leads", lead, conversions="yes")
    assert [row.kind for row in one("salesforce", "leads", {**lead, "IsDeleted": "true"})] == ["none"]


# ---- words ----------------------------------------------------------------------------------------------------------

VTT = """WEBVTT

NOTE started_at: 2026-05-01T10:00:00Z
NOTE customer_phone: +49 170 1234567

1
00:00:01.000 --> 00:00:04.500
<v Agent>How can I help?

2
00:00:05.000 --> 00:01:09.000
Customer: It does not print.
Not at all.
"""


def test_a_webvtt(tmp_path: Path) -> None:
    path = tmp_path / "call-7.vtt"
    path.write_text(VTT, encoding="utf-8")
    assert recognised(path) == ["transcripts"]
    (row,) = rows("transcripts", path)
    told = dict(row.properties or {})
    assert (row.name, as_iso(row.at.us or 0)) == ("call", "2026-05-01T10:00:00.000Z")
    assert row.who == [("phone", "+491701234567"), ("conversation_id", "call-7")]
    assert [turn["speaker"] for turn in told["turns"]] == ["agent", "customer"]
    assert told["text"] == "It does not print. Not at all."
    assert told["duration_s"] == 69.0


def test_turns_that_stand_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    turns = [
        {
            "conversation_id": "b",
            "seq": 2,
            "ts": 30,
            "speaker": "customer",
            "text": "two",
            "started_at": "2026-05-01T10:00:00Z",
        },
        {
            "conversation_id": "a",
            "seq": 1,
            "ts": "2026-05-01T09:00:00Z",
            "speaker": "visitor",
            "text": "x",
            "customer_email": "a@x.example",
        },
        {"conversation_id": "b", "seq": 1, "ts": 10, "speaker": "customer", "text": "one", "customer_id": "u1"},
    ]
    path.write_text("".join(json.dumps(turn) + "\n" for turn in turns), encoding="utf-8")
    found = {row.key.partition("|")[0]: row for row in rows("transcripts", path)}
    assert dict(found["b"].properties or {})["text"] == "one two"
    assert found["b"].who[0] == ("user_id", "u1")
    assert found["a"].who[0] == ("email", "a@x.example")


def test_scores_of_any_table(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(
        "Date;NPS;Comment;E-Mail\n2026-05-01;9;good;A@x.example\n2026-05-02;none;;b@x.example\n", encoding="utf-8"
    )
    trial = try_connector(connector("scores"), [path], time_zone="UTC")
    assert trial.events == 1
    assert trial.rejected == 1
    (row,) = trial.rows
    assert (row["name"], row["value"], row["who"]) == ("nps", 9.0, [["email", "a@x.example"]])
    with pytest.raises(TimeZoneNeededError):
        try_connector(connector("scores"), [path])


def test_reviews_of_any_table(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        "review_id,stars,review_text,date,author\nr1,2,Too slow,2026-05-01T10:00:00Z,ann\n", encoding="utf-8"
    )
    assert recognised(path) == ["reviews"]
    (row,) = rows("reviews", path)
    assert (row.name, row.value, row.who) == ("review", 2.0, [("handle", "ann")])


def test_surveys_of_qualtrics(tmp_path: Path) -> None:
    """Three headings in German, and two of former times with columns V1 to V10."""
    names = "StartDate,Status,Finished,RecordedDate,ResponseId,Q1,Q1"
    texts = "Anfang,Art,Beendet,Erfasst,Antwort,Frage,Frage"
    ids = ",".join(
        f'"{{""ImportId"":""{one}""}}"'
        for one in ("startDate", "status", "finished", "recordedDate", "_recordId", "QID1", "QID2")
    )
    path = tmp_path / "three.csv"
    path.write_text(
        f"{names}\n{texts}\n{ids}\n2026-05-01 08:00:00,0,1,2026-05-01 08:01:00,R_1,2,Das ist sehr gut\n",
        encoding="utf-8",
    )
    (row,) = rows("qualtrics", path, "Europe/Berlin")
    assert events([row]) == [("survey", "2026-05-01T06:01:00.000Z")]
    assert dict(row.properties or {})["text"] == "Das ist sehr gut"
    former = tmp_path / "two.csv"
    former.write_text(
        "\ufeffV1,V3,V7,V8,V9,V10,Q1,\nResponseID,Name,Status,StartDate,EndDate,Finished,How?,\n"
        "R_2,Anonym,0,2026-05-01 08:00:00,2026-05-01 08:05:00,1,7,\n",
        encoding="utf-8",
    )
    assert recognised(former) == ["qualtrics"]
    (row,) = rows("qualtrics", former, "UTC")
    assert row.key == "R_2"
    assert events([row]) == [("survey", "2026-05-01T08:05:00.000Z")]


# ---- analytics ------------------------------------------------------------------------------------------------------


def test_clocks_of_devices() -> None:
    """An hour fast: the message was sent when it came, and happened as long before as it says."""
    message = {
        "type": "track", "event": "x", "messageId": "m", "userId": "u",
        "originalTimestamp": as_iso(RECEIVED + 3_600_000_000 - 60_000_000), "sentAt": as_iso(RECEIVED + 3_600_000_000),
    }  # fmt: skip
    (row,) = one("segment", "messages", message)
    assert row.at.us == RECEIVED - 60_000_000
    assert row.at.quality == "client_corrected"
    close = {**message, "originalTimestamp": as_iso(RECEIVED - 5_000_000), "sentAt": as_iso(RECEIVED - 2_000_000)}
    (row,) = one("segment", "messages", close)
    assert row.at.us == RECEIVED - 5_000_000


def test_devices_and_people_of_mixpanel() -> None:
    def who(**inner: Any) -> list[tuple[str, str]]:
        return one("mixpanel", "events", {"event": "e", "properties": {"time": 1780000000, **inner}})[0].who

    assert who(distinct_id="$device:d1", **{"$device_id": "d1"}) == [("device_id", "d1")]
    assert who(distinct_id="ann", **{"$device_id": "d1", "$user_id": "ann"}) == [
        ("user_id", "ann"),
        ("device_id", "d1"),
    ]
    assert who(distinct_id="") == []
    assert who(**{"$distinct_ids": ["ann", "$device:d2"]}) == [("user_id", "ann"), ("device_id", "d2")]


def test_seconds_and_milliseconds_of_mixpanel() -> None:
    for time in (1780000000, 1780000000000, 1780000000.0):
        (row,) = one("mixpanel", "events", {"event": "e", "properties": {"time": time, "distinct_id": "a"}})
        assert row.at.us == 1_780_000_000_000_000
    (row,) = one("mixpanel", "events", {"event": "e", "properties": {"distinct_id": "a"}})
    assert row.at.us == RECEIVED


def test_legacy_projects_of_mixpanel_over_a_change_of_clocks() -> None:
    """The wall clock of New York as if it were UTC, an hour before and after clocks go back."""
    for wall, hours in (("2022-11-06T00:30:00", 4), ("2022-11-06T03:30:00", 5)):
        import datetime as dt

        seconds = int(dt.datetime.fromisoformat(wall).replace(tzinfo=dt.UTC).timestamp())
        data = {"event": "e", "properties": {"time": seconds, "distinct_id": "a"}}
        (row,) = one("mixpanel", "events", data, legacy_time_zone="America/New_York")
        assert row.at.us == (seconds + hours * 3600) * 1_000_000


# ---- all ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OURS))
def test_records_of_another_world_do_no_harm(name: str) -> None:
    """They are refused as the quarantine expects, or left out, or mean little; nothing else is raised."""
    from desirepath.connectors.translating import FAULTS

    source = connector(name)
    given = Given(source.settle({}), "UTC", RECEIVED)
    for stream in source.streams:
        for data in (
            {},
            {"id": None},
            {"id": 1, "properties": 3},
            {"event": {}, "data": []},
            {"created_at": "never", "id": "x"},
        ):
            try:
                list(source.translate(stream, dict(data), given))
            except FAULTS:
                continue


def test_options_are_checked() -> None:
    with pytest.raises(UnknownNameError) as found:
        connector("mixpanel").settle({"legacy_timezone": "UTC"})
    assert found.value.nearest == "legacy_time_zone"
    with pytest.raises(InputError, match="cannot be"):
        connector("snowplow").settle({"page_pings": "maybe"})
    with pytest.raises(UnknownNameError):
        connector("zendek")


def test_a_zip_of_files(tmp_path: Path) -> None:
    path = tmp_path / "reviews.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for k in range(2):
            packed.writestr(f"{k}.csv", f"review_id,stars,review_text,date\nr{k},2,slow,2026-05-01T10:00:00Z\n")
    assert recognised(path) == ["reviews"]
    assert len(rows("reviews", path)) == 2


def test_money_of_a_checkout_is_told_once() -> None:
    session = {"object": "checkout.session", "id": "cs_1", "customer": "cus_1", "amount_total": 4990, "currency": "eur"}
    paid = {"mode": "payment", "payment_status": "paid"}
    for more, value in (
        ({"mode": "subscription", "payment_status": "paid", "invoice": "in_1"}, None),
        ({"mode": "payment", "payment_status": "unpaid"}, None),
        (paid, 49.9),
    ):
        told = {
            "type": "checkout.session.completed",
            "id": "evt",
            "created": 1,
            "data": {"object": {**session, **more}},
        }
        assert [row.value for row in one("stripe", "events", told)] == [value]
    note = {"object": "credit_note", "id": "cn_1", "customer": "cus_1", "amount": 1000, "currency": "eur"}
    told = {"type": "credit_note.created", "id": "evt", "created": 1, "data": {"object": {**note, "refund": "re_1"}}}
    assert [row.value for row in one("stripe", "events", told)] == [None]
    told["data"] = {"object": {**note, "out_of_band_amount": 1000}}
    assert [row.value for row in one("stripe", "events", told)] == [-10]


def test_a_refund_goes_to_the_customer_of_its_charge() -> None:
    refund = {"id": "re_1", "object": "refund", "amount": 1000, "currency": "eur", "created": 5, "status": "succeeded"}
    (plain,) = one("stripe", "refunds", {**refund, "charge": "ch_1"})
    (whole,) = one("stripe", "refunds", {**refund, "charge": {"id": "ch_1", "object": "charge", "customer": "cus_1"}})
    assert (plain.key, plain.value, plain.who) == (whole.key, -10, [("stripe_charge", "ch_1")])
    assert whole.who == [("stripe_customer", "cus_1"), ("stripe_charge", "ch_1")]
    (charge,) = one("stripe", "charges", {"id": "ch_1", "object": "charge", "customer": "cus_1", "created": 1})
    assert charge.who == [("stripe_customer", "cus_1"), ("stripe_charge", "ch_1")]
    assert one("stripe", "refunds", {**refund, "charge": "ch_1", "status": "failed"})[0].kind == "none"


def test_a_deal_that_is_corrected_is_won_once(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text(
        "Id,OpportunityId,StageName,Amount,CreatedDate\n"
        "008000000000003AAA,006000000000001AAA,Closed Won,120,2026-03-05T10:00:00.000Z\n"
        "008000000000002AAA,006000000000001AAA,Closed Won,100,2026-03-05T09:00:00.000Z\n"
        "008000000000001AAA,006000000000001AAA,Proposal,100,2026-03-01T09:00:00.000Z\n"
    )
    found = rows("salesforce", history)
    assert [(row.name, row.value) for row in found if row.kind == "event"] == [
        ("opportunity Proposal", None),
        ("opportunity Closed Won", 100.0),
    ]
    assert [row.name for row in found if row.kind == "none"] == ["a change of something other than the stage"]
    told = {
        "Id": "017000000000001AAA",
        "OpportunityId": "006000000000001AAA",
        "Field": "StageName",
        "NewValue": "Closed Won",
        "CreatedDate": "2026-03-05T09:00:00.000+0000",
    }
    key = next(row.key for row in found if row.name == "opportunity Closed Won" and row.kind == "event")
    assert one("salesforce", "opportunity_field_history", told)[0].key == key


def test_objects_of_salesforce_are_told_by_their_ids() -> None:
    source = connector("salesforce")
    contact = {"Id": "003000000000003AAA", "AccountId": "001", "LastName": "X", "LeadSource": "Web"}
    assert source.stream_of(contact) == "contacts"
    assert source.stream_of({"Id": "00Q000000000003AAA", "LeadSource": "Web"}) == "leads"
    gone = {"Id": "003000000000004AAA", "IsDeleted": "true", "MasterRecordId": "003000000000003AAA"}
    (row,) = one("salesforce", "contacts", {**gone, "CreatedDate": "2026-03-05T09:00:00Z"})
    assert row.who == [("salesforce_contact", "003000000000003AAA"), ("salesforce_contact", "003000000000004AAA")]


def test_notifications_of_companies_are_no_contacts() -> None:
    told = {
        "eventId": 1,
        "subscriptionType": "company.propertyChange",
        "objectId": 501,
        "propertyName": "lifecyclestage",
        "propertyValue": "customer",
        "occurredAt": 1_780_000_000_000,
    }
    assert one("hubspot", "notifications", told)[0].kind == "none"
    (row,) = one("hubspot", "notifications", {**told, "subscriptionType": "contact.propertyChange"})
    assert row.who == [("hubspot_contact", "501")]


def test_enriched_json_says_what_its_columns_say() -> None:
    told = {
        "event": "unstruct",
        "event_name": "link_click",
        "event_id": "e1",
        "collector_tstamp": "2026-03-05T09:00:00Z",
        "domain_userid": "d1",
        "unstruct_event_com_snowplowanalytics_snowplow_link_click_1": {"targetUrl": "https://x.example"},
        "contexts_com_acme_plan_1": [{"level": "pro"}],
    }
    (row,) = one("snowplow", "events", told)
    assert row.name == "link_click"
    assert row.properties is not None
    assert row.properties["targetUrl"] == "https://x.example"
    assert row.properties["contexts"] == {"plan": {"level": "pro"}}


def test_pages_of_the_events_api_of_posthog(tmp_path: Path) -> None:
    told = {"id": "0190", "event": "view", "distinct_id": "u1", "timestamp": "2026-03-05T09:00:00Z", "properties": {}}
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"next": None, "results": [{**told, "person": {"properties": {"n": 1}}}]}))
    assert recognised(page) == ["posthog"]
    (row,) = rows("posthog", page)
    assert row.key == "0190"


def test_a_merge_leaves_the_key_of_mixpanel() -> None:
    told = {"$insert_id": "i1", "time": 1_780_000_000, "distinct_id": "anonymous"}
    (before,) = one("mixpanel", "events", {"event": "view", "properties": told})
    merged = {**told, "distinct_id": "u1", "$distinct_id_before_identity": "anonymous"}
    (after,) = one("mixpanel", "events", {"event": "view", "properties": merged})
    assert before.key == after.key


# ---- what a company adds of its own ----------------------------------------------------------------------------------


def test_deals_of_a_pipeline_of_ones_own() -> None:
    deal = {
        "id": "7",
        "createdAt": "2026-05-01T10:00:00Z",
        "updatedAt": "2026-05-03T10:00:00Z",
        "properties": {"dealname": "ink", "dealstage": "1047522", "amount": "19.90", "deal_currency_code": "EUR"},
        "propertiesWithHistory": {
            "dealstage": [
                {"value": "1047522", "timestamp": "2026-05-03T10:00:00Z"},
                {"value": "1047521", "timestamp": "2026-05-01T10:00:00Z"},
            ]
        },
    }
    for won, worth in (("", set()), ("1047522", {"1047522"}), ("1047521, 1047522", {"1047521", "1047522"})):
        found = [row for row in one("hubspot", "deals", deal, won=won) if row.kind == "event"]
        assert {row.name: row.value for row in found} == {
            f"deal {stage}": 19.9 if stage in worth else None for stage in ("1047521", "1047522")
        }


def test_things_of_hubspot_that_are_nobodys() -> None:
    product = {"id": "9", "properties": {"name": "Ink", "price": "9", "hs_lastmodifieddate": "2026-05-01T10:00:00Z"}}
    source = connector("hubspot")
    assert source.stream_of(product) == "others"
    assert [row.kind for row in one("hubspot", "others", product)] == ["none"]
    assert source.stream_of({"id": "1", "properties": {"custom": "x", "lastmodifieddate": "2026"}}) == "contacts"
    assert (
        source.stream_of({"id": "1", "properties": {"email": "a@b.example", "hs_lastmodifieddate": ""}}) == "contacts"
    )


def test_custom_fields_and_what_a_task_is_about() -> None:
    task = {
        "Id": "00T000000000001EAA",
        "WhoId": "003000000000001AAA",
        "WhatId": "500000000000001AAA",
        "Subject": "Visit",
        "Status": "Completed",
        "IsClosed": "true",
        "CompletedDateTime": "2026-05-01T10:00:00.000+0000",
        "Cost__c": "41.5",
        "Empty__c": "",
    }
    (row,) = one("salesforce", "tasks", task)
    assert row.entity == ("case", "500000000000001AAA")
    assert row.properties == {"Cost__c": "41.5", "subject": "Visit", "status": "Completed"}
    (row,) = one("salesforce", "tasks", {**task, "WhatId": ""})
    assert row.entity == ("activity", "00T000000000001EAA")


@pytest.mark.parametrize(("platform", "channel"), [("WEB", "web"), ("ANDROID", "app"), ("IOS", "app"), (None, "web")])
def test_the_channel_of_ga4(platform: str | None, channel: str) -> None:
    data = {"event_name": "x", "event_timestamp": "1777629600000000", "user_id": "u", "platform": platform}
    assert [row.channel for row in one("ga4", "events", data)] == [channel]


def test_what_else_a_transcript_holds() -> None:
    said = {"speaker": "customer", "start_s": 0, "text": "Hello."}
    call = {
        "call_id": "K1",
        "started_at": "2026-05-01T10:00:00Z",
        "customer_id": "c",
        "queue": "repair",
        "turns": [said],
    }
    (row,) = one("transcripts", "conversations", call)
    told = dict(row.properties or {})
    assert told.pop("turns") == [{"speaker": "customer", "start_s": 0.0, "text": "Hello."}]
    assert told == {"call_id": "K1", "queue": "repair", "text": "Hello.", "duration_s": 0.0}
    other = {**call, "duration_s": 300, "started_at": None, "created_at": "2026-03-01"}
    (row,) = one("transcripts", "conversations", other)
    assert ((row.properties or {})["duration_s"], as_iso(row.at.us or 0)) == (300.0, "2026-03-01T00:00:00.000Z")


def test_what_a_message_says_of_itself_and_of_its_page() -> None:
    message = {
        "type": "track",
        "event": "view",
        "userId": "u",
        "messageId": "m",
        "timestamp": "2026-05-01T10:00:00Z",
        "properties": {"page": "home", "source": "leaflet", "left": 0, "empty": ""},
    }
    (row,) = one("segment", "messages", message)
    assert row.properties == {"page": "home", "source": "leaflet", "left": 0}
    context = {
        "page": {"url": "https://a.example/", "title": ""},
        "campaign": {"source": "mail"},
        "os": {"name": "iOS"},
    }
    (row,) = one("segment", "messages", {**message, "context": context})
    assert row.properties == {"page": "https://a.example/", "source": "mail", "operating_system": "iOS", "left": 0}
