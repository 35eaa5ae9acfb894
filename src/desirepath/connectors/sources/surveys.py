"""Surveys in plain tables: SurveyMonkey, Delighted, and any file of scores."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option, Record
from desirepath.connectors.instants import NEVER, Moment, formatted, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, event, number, some, who

_NAMES = {
    "score": (
        "score",
        "nps",
        "nps score",
        "nps_score",
        "csat",
        "ces",
        "rating",
        "stars",
        "note",
        "likelihood",
        "answer value",
    ),
    "text": (
        "comment",
        "comments",
        "feedback",
        "text",
        "verbatim",
        "reason",
        "answer",
        "why",
        "response text",
        "commentaire",
    ),
    "at": (
        "created_at",
        "date",
        "timestamp",
        "submitted_at",
        "responded_at",
        "response date",
        "completed_at",
        "updated_at",
        "time",
    ),
    "email": ("email", "e-mail", "email address", "mail", "customer email"),
    "phone": ("phone", "phone number", "mobile"),
    "person": ("user_id", "customer_id", "customer id", "person", "person_id", "customer", "client_id", "contact id"),
    "id": ("id", "response_id", "response id", "responseid", "survey_response_id"),
}
_SCALES = {"nps": "0-10", "csat": "1-5", "ces": "1-7", "stars": "1-5"}
_US = "%m/%d/%Y %I:%M:%S %p"


class Delighted(Connector):
    """Answers as Delighted exports them."""

    name = "delighted"
    title = "Delighted"
    about = "The export of survey responses (CSV)."
    streams = {"responses": "`nps`, with its score and comment"}
    docs = (
        "A response is told apart by its id. The person is the column `Customer ID`, `user_id` or the like among the "
        "properties, and the e-mail address. Other columns become properties.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Columns of Delighted."""
        return {"id", "person_id", "score", "comment", "created_at"} <= {name.lower() for name in opened.header}

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows of CSV."""
        del given
        yield from opened.rows(self.stream_of)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One answer."""
        del stream
        known = {
            "id",
            "person_id",
            "email",
            "name",
            "score",
            "comment",
            "created_at",
            "updated_at",
            "permalink",
            "tags",
        }
        extra = {key: value for key, value in data.items() if key.lower() not in known and value}
        person = next(
            (key for key in extra if key.lower().replace(" ", "_") in ("customer_id", "user_id", "external_id")), None
        )
        score = number(data.get("score"))
        yield event(
            data["id"],
            "nps",
            iso(data["created_at"], given.time_zone, "created_at"),
            who(
                ("user_id", extra.pop(person) if person else None),
                ("email", data.get("email")),
                ("delighted_person", data.get("person_id")),
            ),
            channel="survey",
            value=score,
            properties=some(
                {**extra, "score": score, "scale": "0-10", "text": data.get("comment"), "tags": data.get("tags")}
            ),
        )


class SurveyMonkey(Connector):
    """Answers as SurveyMonkey exports them, and of its API."""

    name = "surveymonkey"
    title = "SurveyMonkey"
    about = "The export of all responses (CSV with two headings), and pages of `/surveys/{id}/responses/bulk`."
    streams = {
        "responses": "`survey`, with its answers by question; `nps` where an answer is one",
        "bulk": "the same, of the API",
    }
    pages = {"data": "bulk"}
    docs = (
        "The CSV writes American dates without zone, so say `--time-zone`. A column that the second heading divides is "
        "named by both.",
        "An answer that is edited keeps its id, and its first version stays.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Headings, or a page of responses."""
        if {"respondent id", "collector id"} <= {name.lower() for name in opened.header}:
            return True
        first = opened.first_of(self.pages)
        return "collector_id" in first and "survey_id" in first

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows after two headings, or pages."""
        del given
        if not opened.header:
            yield from opened.records(self.pages, lambda _: "bulk")
            return
        rows = opened.table()
        first, second = next(rows)[1], next(rows, (0, []))[1]
        second += [""] * (len(first) - len(second))
        names: list[str] = []
        asked = ""
        for head, under in zip(first, second, strict=True):
            asked = head or asked
            name = asked if under in ("", "Response", "Open-Ended Response") else f"{asked}: {under}"
            names.append(name if name not in names else f"{name} {len(names)}")
        yield from opened.rows(self.stream_of, 2, names)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One response."""
        if stream == "bulk":
            yield _bulk(data)
            return
        told = {key.lower(): value for key, value in data.items()}
        meta = {
            "respondent id",
            "collector id",
            "start date",
            "end date",
            "ip address",
            "email address",
            "first name",
            "last name",
            "custom data 1",
        }
        answers = {key: value for key, value in data.items() if key.lower() not in meta and value}
        own = told["respondent id"]
        ended = told.get("end date") or told.get("start date")
        yield event(
            own,
            "survey",
            _us_date(ended, given, "End Date"),
            who(("user_id", told.get("custom data 1")), ("email", told.get("email address"))) or [("response_id", own)],
            channel="survey",
            properties=some({**answers, "text": _words(answers.values()), "collector": told.get("collector id")}),
        )


def _us_date(text: Any, given: Given, column: str) -> Moment:
    if text and "/" in str(text):
        at = formatted(text, _US, given.time_zone, column)
        return at if at.us is not None else formatted(text, "%m/%d/%Y %H:%M:%S", given.time_zone, column)
    return iso(text, given.time_zone, column)


def _words(values: Any) -> str | None:
    return " ".join(str(one) for one in values if number(one) is None and len(str(one)) > 2) or None


def _bulk(data: Mapping[str, Any]) -> Row:
    own, variables = str(data["id"]), data.get("custom_variables") or {}
    answers: dict[str, Any] = {}
    for page in data.get("pages") or ():
        for question in page.get("questions") or ():
            found = [
                one.get("text") or one.get("simple_text") or one.get("choice_id")
                for one in question.get("answers") or ()
            ]
            answers[str(question.get("heading") or question.get("id"))] = found[0] if len(found) == 1 else found
    return event(
        own,
        "survey",
        iso(data.get("date_created") or data["date_modified"], "UTC"),
        who(
            ("user_id", variables.get("user_id") or variables.get("customer_id")),
            (
                "email",
                (data.get("metadata") or {}).get("contact", {}).get("email", {}).get("value")
                or data.get("email_address"),
            ),
            ("surveymonkey_contact", data.get("recipient_id") or data.get("contact_id")),
        )
        or [("response_id", own)],
        channel="survey",
        properties=some(
            {
                **answers,
                "text": _words(v for v in answers.values() if isinstance(v, str)),
                "survey": data.get("survey_id"),
            }
        ),
    )


class Scores(Connector):
    """Any table of scores."""

    name = "scores"
    title = "NPS, CSAT and CES from any table"
    about = "CSV with a column for a score and one for when it was given; whose it is, and words, where there are any."
    streams = {"answers": "`nps`, `csat` or `ces`, with its score and words"}
    options = (
        Option("kind", "what was asked for", "", ("", "nps", "csat", "ces", "stars")),
        Option("scale", "the scale, such as `1-5`; that of the kind if left out"),
        *(Option(f"{name}_column", f"the column of the {name}; found by its name if left out") for name in _NAMES),
    )
    docs = (
        "Columns are found by their names (`score`, `nps`, `comment`, `email`, `created_at`, …) and may be named "
        "by options. "
        "Where no column names the person, each answer is one person of its own.",
        "A score that is no number is quarantined, never taken for 0.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Never by itself: many tables have a column called `score`."""
        del opened
        return False

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows of CSV, each with the columns that were found, or objects of JSON lines."""
        columns = self._columns(opened.header or list(opened.sample), given)
        for record in opened.records_or_rows(self.pages, self.stream_of):
            yield record._replace(data={"$columns": columns, **record.data})

    def _columns(self, header: list[str], given: Given) -> dict[str, str]:
        named = {re.sub(r"\s+", " ", name.strip().lower()): name for name in header}
        found: dict[str, str] = {}
        for field, names in _NAMES.items():
            chosen = given[f"{field}_column"] or next((named[name] for name in names if name in named), "")
            if chosen:
                found[field] = chosen
        return found

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One answer."""
        del stream
        columns = data["$columns"]
        told = {field: data.get(column) for field, column in columns.items()}
        score = number(told.get("score"))
        if score is None:
            raise ValueError(f"{told.get('score')!r} is no score")
        kind = given["kind"] or next((one for one in _SCALES if one in columns.get("score", "").lower()), "nps")
        people: Who = who(("user_id", told.get("person")), ("email", told.get("email")), ("phone", told.get("phone")))
        own = str(told.get("id") or "|".join(str(data[key]) for key in sorted(data) if not key.startswith("$")))
        rest = {key: value for key, value in data.items() if key not in columns.values() and not key.startswith("$")}
        yield event(
            f"{kind}|{own}",
            kind if kind != "stars" else "review",
            iso(told.get("at"), given.time_zone, columns.get("at", "")) if told.get("at") else NEVER,
            people or [("response_id", own)],
            channel="survey",
            value=score,
            properties=some(
                {**rest, "score": score, "scale": given["scale"] or _SCALES[kind], "text": told.get("text")}
            ),
        )
