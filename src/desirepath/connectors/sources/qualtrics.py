"""Qualtrics: responses as CSV with three headings, as CSV of former times with two, and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import YES_NO, Connector, Given, Option, Record
from desirepath.connectors.instants import NEVER, Moment, iso, local
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, left_out, number, some, who

_HEAD = {
    "startdate": "start", "enddate": "end", "recordeddate": "recorded", "status": "status", "finished": "finished",
    "progress": "progress", "responseid": "id", "_recordid": "id", "recipientemail": "email", "emailaddress": "email",
    "externalreference": "reference", "externaldatareference": "reference", "distributionchannel": "channel",
    "userlanguage": "language", "duration": "duration_s", "surveyid": "survey", "contactid": "contact",
}  # fmt: skip
_LEFT = frozenset(
    {"ipaddress", "recipientlastname", "recipientfirstname", "locationlatitude", "locationlongitude", (
        "locationaccuracy"
    ),
     "responseset", "name", "panelid"}
)  # fmt: skip
_TESTS = {"1", "survey preview", "2", "survey test", "8", "spam", "9", "preview"}
_LEVELS = {"promoter", "passive", "detractor"}


class Qualtrics(Connector):
    """Responses to a survey."""

    name = "qualtrics"
    title = "Qualtrics"
    about = "Exported responses: CSV or TSV with three headings, CSV of former times with two, and JSON."
    streams = {"responses": "`nps` where the survey asks for it, and otherwise `survey`; with its score and words"}
    options = (
        Option("partial", "keep answers that were not finished, which Qualtrics closes after a week", "no", YES_NO),
        Option("score", "the column that holds the score, where it is not the one that Qualtrics groups as NPS"),
        Option("event", "the event's name", ""),
    )
    docs = (
        "CSV is in the time zone of the account, which the third heading names where it can; else say `--time-zone`. "
        "JSON is in UTC. Times count in whole seconds, so that both tell one answer.",
        "Previews, tests and spam are left out. The respondent is the external reference (`user_id`) and the e-mail "
        "address; an anonymous answer is one person of its own.",
        "Properties bear the names of the columns (`Why`), or of the questions in JSON (`QID2_TEXT`); the first "
        "text is "
        "also `text`.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Headings of Qualtrics, or JSON with `responses`."""
        names = {name.lower() for name in opened.header}
        if {"responseid", "startdate"} <= names or ("ImportId" in opened.head and "recordeddate" in names):
            return True
        if {"v1", "v8"} <= names and "ResponseID" in opened.head:
            return True
        first = opened.first_of(("responses",))
        return "responseId" in first and "values" in first

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows after the headings, each with the zone that the headings name."""
        del given
        if not opened.header:
            yield from opened.records({"responses": "responses"}, self.stream_of)
            return
        names, places, zone, skip = self._headings(opened)
        for record in opened.rows(self.stream_of, skip, names):
            yield record._replace(data={"$zone": zone, "$ids": places, **record.data})

    def _headings(self, opened: Opened) -> tuple[list[str], dict[str, str], str | None, int]:
        """Names of the columns, each once; what each column is; the zone; and how many headings there are."""
        rows = []
        for _, cells in opened.table():
            rows.append(cells)
            if len(rows) == 3:
                break
        codes = rows[0]
        if rows[0][0] == "V1" and len(rows) > 1:  # former times: the second heading names what V1 to V10 are
            codes = [rows[1][k] if re.fullmatch(r"V\d+", name) else name for k, name in enumerate(rows[0])]
        imported = [_import_id(cell) for cell in rows[2]] if len(rows) > 2 else []
        three = any(one is not None for one in imported)
        zone = next((one["timeZone"] for one in imported if one and one.get("timeZone")), None)
        zone = "UTC" if zone in ("Z", "GMT") else zone
        names: list[str] = []
        for name in codes:
            unique, k = name or "column", 2
            while unique in names:
                unique, k = f"{name or 'column'}_{k}", k + 1
            names.append(unique)
        ids = {name: str(one["ImportId"]) for name, one in zip(names, imported, strict=False) if one}
        return names, ids, zone, 3 if three else 2 if rows[0][0] == "V1" or _is_text(rows) else 1

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One response."""
        del stream
        values = data.get("values")
        told: dict[str, Any] = {}
        answers: dict[str, Any] = {}
        labels = data.get("labels") or {}
        ids = data.get("$ids") or {}
        for name, value in (values if isinstance(values, Mapping) else data).items():
            key = re.sub(r"[\s()]|in ?seconds|insekunden", "", str(ids.get(name, name)).lower())
            plain = re.sub(r"[\s()]|in ?seconds", "", str(name).lower())
            if name.startswith("$"):
                continue
            if key in _HEAD or plain in _HEAD:
                told.setdefault(_HEAD.get(key) or _HEAD[plain], value)
            elif plain not in _LEFT and key not in _LEFT and value not in (None, ""):
                answers[name] = value
        own = str(data.get("responseId") or told["id"])
        status = str(labels.get("status") or told.get("status") or "").lower()
        if status in _TESTS or "test" in status:
            yield left_out(own, f"an answer of kind {status}")
            return
        if str(told.get("finished", "1")).lower() in ("0", "false") and not given.is_on("partial"):
            yield left_out(own, "an answer that was not finished")
            return
        yield self._answer(own, told, answers, labels, data, given)

    def _answer(
        self,
        own: str,
        told: Mapping[str, Any],
        answers: Mapping[str, Any],
        labels: Mapping[str, Any],
        data: Mapping[str, Any],
        given: Given,
    ) -> Row:
        group = next((name for name in answers if name.upper().endswith("NPS_GROUP")), None)
        asked = given["score"] or (re.sub(r"_?NPS_GROUP$", "", group, flags=re.IGNORECASE) if group else "")
        score = number(answers.get(asked)) if asked else None
        texts = [value for name, value in answers.items() if _is_words(value) and name not in (group, asked)]
        level = labels.get(group) if group and group in labels else answers.get(group or "")
        return event(
            own,
            given["event"] or ("nps" if group and score is not None else "survey"),
            _seconds(told.get("recorded") or told.get("end"), data.get("$zone") or given.time_zone),
            who(
                ("user_id", told.get("reference")),
                ("email", told.get("email")),
                ("qualtrics_contact", told.get("contact")),
            )
            or [("response_id", own)],
            channel="survey",
            value=score,
            properties=some(
                {
                    **{name: value for name, value in answers.items() if name not in (group, asked)},
                    "score": score,
                    "scale": "0-10" if group else None,
                    "group": level if str(level).lower() in _LEVELS else None,
                    "text": " ".join(texts) or None,
                    "language": told.get("language"),
                    "sent_by": told.get("channel"),
                    "survey": told.get("survey"),
                }
            ),
        )


def _import_id(cell: str) -> dict[str, Any] | None:
    if not cell.startswith("{"):
        return None
    try:
        found = json.loads(cell)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "ImportId" in found else None


def _is_text(rows: list[list[str]]) -> bool:
    """Whether the second row is a heading: no time stands in it."""
    return len(rows) > 1 and not any(re.match(r"\d{4}-\d\d-\d\d", cell) for cell in rows[1])


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and number(value) is None and (" " in value.strip() or len(value) > 20)


def _seconds(text: Any, zone: str | None) -> Moment:
    """A time in whole seconds, which is what CSV tells of one that JSON tells to the millisecond."""
    if not text:
        return NEVER
    if "T" not in str(text):
        try:
            read = dt.datetime.fromisoformat(str(text))
        except ValueError:
            return Moment(None, text=str(text))
        return local(read.replace(microsecond=0), zone, str(text), "RecordedDate")
    at = iso(text, "UTC")
    return at if at.us is None else at._replace(us=at.us // 1_000_000 * 1_000_000, precision="second")
