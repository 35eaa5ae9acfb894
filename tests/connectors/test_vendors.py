"""Records that vendors publish are recognised and read, each for what its vendor's document says that it is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from translated import rows as rows_of

import desirepath
from desirepath.connectors.instants import as_iso
from desirepath.connectors.registry import recognised
from desirepath.connectors.rows import Row

VENDORS = Path(__file__).parent / "vendors"

#: by file: how many rows of each name; what is known and left out in brackets
SAID: dict[str, dict[str, int]] = {
    "cloudevents/example_0.json": {"com.example.someevent": 1},
    "cloudevents/example_3.json": {"com.example.someevent": 1},
    "ga4/bigquery_export_velir.jsonl": {"first_visit": 8},
    "ga4/bigquery_export_velir_full.jsonl": {"first_visit": 3, "session_start": 1},
    "hubspot/mock_companies_data.json": {"company": 2},
    "hubspot/mock_contacts_data.json": {"profile": 2},
    "hubspot/mock_contacts_with_history.json": {"profile": 2},
    "hubspot/mock_deals_data.json": {"deal created": 2, "deal": 2},
    "hubspot/mock_products_data.json": {"()": 2},
    "hubspot/mock_quotes_data.json": {"()": 1},
    "hubspot/mock_tickets_data.json": {"ticket created": 2, "ticket": 2},
    "intercom/get_companies_successful.json": {"company": 1},
    "intercom/get_contacts_contact_id_successful.json": {"profile": 1},
    "intercom/get_conversations_conversation_id_conversation_found.json": {
        "message sent": 1,
        "conversation reply": 1,
        "conversation": 1,
    },
    "intercom/get_conversations_successful.json": {"message sent": 1, "conversation": 1},
    "intercom/get_tickets_ticket_id_ticket_found.json": {"ticket created": 1},
    "intercom/post_tickets_search_successful.json": {"ticket created": 1},
    "qualtrics/sample.csv": {"survey": 1},
    "qualtrics/sample_legacy.csv": {"survey": 1},
    "segment/6.json": {"profile": 2, "Song Played": 2},
    "segment/alias_1.json": {"profile": 1},
    "segment/b2b-saas_2.json": {"Signed Up": 1},
    "segment/common_0.json": {"Report Submitted": 1},
    "segment/ecommerce_index_4.json": {"Order Completed": 1},
    "segment/email_0.json": {"Email Bounced": 1},
    "segment/identify_0.json": {"profile": 1},
    "segment/mobile_7.json": {"Install Attributed": 1},
    "segment/track_2.json": {"Button Clicked": 1},
    "segment/video_0.json": {"Video Playback Started": 1},
    "snowplow/enriched.tsv": {"link_click": 1},
    "snowplow/enriched_expected.json": {"link_click": 1},
    "stripe/charge.json": {"()": 1},  # of nobody
    "stripe/checkout.session.json": {"checkout.session.created": 1},
    "stripe/credit_note.json": {"credit_note.created": 1},
    "stripe/customer.json": {"profile": 1},
    "stripe/dispute.json": {"()": 1},
    "stripe/event.json": {"()": 1},  # a plan was made
    "stripe/invoice.json": {"()": 1},  # a draft
    "stripe/refund.json": {"charge.refunded": 1},
    "stripe/subscription.json": {
        "customer.subscription.created": 1,
        "trial converted": 1,
        "customer.subscription.deleted": 1,
    },
    "twilio/calls.json": {"()": 2},  # legs of other calls
    "twilio/messages.json": {"message sent": 1, "message received": 1},
    "twilio/sentences.json": {"call": 1},
    "zendesk/organization.json": {"organization": 1},
    "zendesk/organizations.json": {"organization": 2},
    "zendesk/search_ticket.json": {"ticket created": 1, "ticket": 1},
    "zendesk/ticket.json": {"ticket created": 1, "ticket": 1},
    "zendesk/ticket_audit.json": {"ticket status open": 1, "ticket": 1},
    "zendesk/ticket_audits.json": {"ticket status open": 1, "ticket": 1},
    "zendesk/ticket_comments.json": {"()": 2},  # they do not name their ticket
    "zendesk/tickets.json": {"ticket created": 2, "ticket": 2},
    "zendesk/user.json": {"profile": 1},
    "zendesk/users.json": {"profile": 1, "()": 1},  # one is a colleague
}


def rows(name: str, **options: str) -> list[Row]:
    """What a file says, read by the connector that recognises it."""
    path = VENDORS / name
    return rows_of(recognised(path)[0], path, "UTC", **options)


@pytest.mark.parametrize("name", SAID)
def test_what_a_file_says(name: str) -> None:
    source = {"twilio/sentences.json": "transcripts"}.get(name, name.partition("/")[0])
    assert recognised(VENDORS / name) == [source]
    assert Counter(row.name if row.kind != "none" else "()" for row in rows(name)) == SAID[name]


def test_no_file_is_forgotten() -> None:
    there = {str(path.relative_to(VENDORS)) for path in VENDORS.rglob("*") if path.is_file()}
    assert there - {"README.md"} == set(SAID)


def test_snowplows_two_formats_say_the_same() -> None:
    (table,), (document,) = rows("snowplow/enriched.tsv"), rows("snowplow/enriched_expected.json")
    assert (table.at.us, table.key, table.who, table.channel) == (
        document.at.us,
        document.key,
        document.who,
        document.channel,
    )


def test_single_facts_by_hand() -> None:
    """Looked up in the files with the eye."""
    (order,) = rows("segment/ecommerce_index_4.json")
    assert (order.who[0], order.value, order.currency) == (("user_id", "019mr8mf4r"), 25.0, "USD")
    songs = [row for row in rows("segment/6.json") if row.kind == "event"]
    assert as_iso(songs[0].at.us or 0) == "2012-12-02T00:30:12.984Z"
    ticket = next(row for row in rows("zendesk/ticket.json") if row.kind == "event")
    one = json.loads((VENDORS / "zendesk" / "ticket.json").read_text())["ticket"]
    assert ("zendesk_user", str(one["requester_id"])) in ticket.who
    assert as_iso(ticket.at.us or 0).startswith(one["created_at"].rstrip("Z"))
    (sentences,) = rows("twilio/sentences.json", started_at="2026-05-01T10:00:00Z", person="phone:+4917012345678")
    assert sentences.who == [("phone", "+4917012345678"), ("conversation_id", "GT" + "a" * 32)]
    assert (sentences.properties or {})["turns"] == [{"speaker": "channel 1", "text": "test test"}]
    visit = rows("ga4/bigquery_export_velir_full.jsonl")[0]
    raw = json.loads((VENDORS / "ga4" / "bigquery_export_velir_full.jsonl").read_text().splitlines()[0])
    assert visit.at.us == int(raw["event_timestamp"])
    assert ("client_id", raw["user_pseudo_id"]) in visit.who


def test_all_of_them_are_imported_and_add_up(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        results = workspace.import_sources([VENDORS], time_zone="UTC")
        again = workspace.import_sources([VENDORS], time_zone="UTC")
    for first, second in zip(results, again, strict=True):
        assert first.read == first.stored + first.duplicate + first.quarantined
        assert (second.read, second.stored) == (first.read, 0)
    assert {result.source for result in results} >= {"ga4", "stripe", "zendesk", "segment", "snowplow", "twilio"}
