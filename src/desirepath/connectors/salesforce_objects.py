"""What is an object of Salesforce? Told by its type, the beginning of its id, or its columns."""

from __future__ import annotations

from typing import Any

SIGNS = (
    ("opportunity_history", "OpportunityId", "StageName"),
    ("opportunity_field_history", "OpportunityId", "NewValue"),
    ("case_history", "CaseId", "NewValue"),
    ("opportunities", "StageName", "CloseDate"),
    ("leads", "LeadSource"),
    ("leads", "IsConverted"),
    ("cases", "CaseNumber"),
    ("cases", "SuppliedEmail"),
    ("tasks", "WhoId", "Subject", "Status"),
    ("events", "WhoId", "Subject"),
    ("contacts", "AccountId", "LastName"),
    ("contacts", "AccountId", "Email"),
    ("accounts", "Name", "Industry"),
    ("accounts", "Name", "Website"),
)
TYPES = {
    "Lead": "leads",
    "Contact": "contacts",
    "Account": "accounts",
    "Opportunity": "opportunities",
    "OpportunityHistory": "opportunity_history",
    "OpportunityFieldHistory": "opportunity_field_history",
    "Case": "cases",
    "CaseHistory": "case_history",
    "Task": "tasks",
    "Event": "events",
}
PREFIXES = {
    "001": "accounts",
    "003": "contacts",
    "006": "opportunities",
    "008": "opportunity_history",
    "00Q": "leads",
    "00T": "tasks",
    "00U": "events",
    "500": "cases",
}
"""What an object is, by the beginning of its id."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_ID = 15


def long_id(value: Any) -> str:
    """The 18 characters of an id of which the 15 are case-sensitive; other texts stay."""
    text = str(value or "").strip()
    if len(text) != _SHORT_ID or not text.isalnum():
        return text
    marks = "".join(
        _ALPHABET[sum(1 << place for place, one in enumerate(text[k : k + 5]) if one.isascii() and one.isupper())]
        for k in (0, 5, 10)
    )
    return text + marks
