"""Typeform: responses of the API, and webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option
from desirepath.connectors.instants import iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, left_out, number, some, who

_SCORES = {"nps": ("nps", "0-10"), "opinion_scale": ("survey", None), "rating": ("survey", None)}


class Typeform(Connector):
    """Responses to forms."""

    name = "typeform"
    title = "Typeform"
    about = "Pages of `/forms/{id}/responses`, and webhooks (`form_response`)."
    streams = {"responses": "`nps` where the form asks for it, and otherwise `survey`; with its score and words"}
    pages = {"items": "responses"}
    options = (Option("person", "the hidden field that names the person", "user_id"),)
    docs = (
        "A response is told apart by its token. Who answered stands in the hidden fields (`user_id`, `email`, `phone`) "
        "and in answers of those types; an anonymous answer is one person of its own.",
        "Answers are named by the reference of their field, not by its title. Unfinished responses are left out.",
    )

    def recognise(self, opened: Opened) -> bool:
        """A webhook, or a page of responses."""
        first = opened.first_of(self.pages)
        return "form_response" in first or ("token" in first and "answers" in first)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One response."""
        del stream
        one = data.get("form_response") or data
        own, hidden = str(one.get("token") or one["response_id"]), one.get("hidden") or {}
        answers = [answer for answer in one.get("answers") or () if isinstance(answer, Mapping)]
        if not one.get("submitted_at") or str(one["submitted_at"]).startswith("0001"):
            yield left_out(own, "a response that was not sent")
            return
        kinds = _kinds(one)
        name, scale, score = "survey", None, None
        told: dict[str, Any] = {}
        texts: list[str] = []
        for answer in answers:
            field = answer.get("field") or {}
            kind = str(field.get("type") or kinds.get(str(field.get("id"))) or "")
            value = _value(answer)
            told[str(field.get("ref") or field.get("id"))] = value
            if kind in _SCORES and number(value) is not None and (score is None or kind == "nps"):
                (name, scale), score = _SCORES[kind], number(value)
            elif answer.get("type") == "text" and value:
                texts.append(str(value))
        found = {
            str(answer.get("type")): _value(answer)
            for answer in answers
            if answer.get("type") in ("email", "phone_number")
        }
        yield event(
            own,
            name,
            iso(one["submitted_at"], "UTC"),
            who(
                ("user_id", hidden.get(given["person"] or "user_id")),
                ("email", hidden.get("email") or found.get("email")),
                ("phone", hidden.get("phone") or found.get("phone_number")),
            )
            or [("response_id", own)],
            channel="survey",
            value=score,
            properties=some(
                {
                    **told,
                    "score": score,
                    "scale": scale,
                    "text": " ".join(texts) or None,
                    "form": one.get("form_id") or (one.get("definition") or {}).get("id"),
                    "landed_at": one.get("landed_at"),
                    "hidden": {
                        key: value for key, value in hidden.items() if key not in ("email", "phone", given["person"])
                    },
                }
            ),
        )


def _kinds(one: Mapping[str, Any]) -> dict[str, str]:
    fields = (one.get("definition") or {}).get("fields") or ()
    return {str(field.get("id")): str(field.get("type")) for field in fields}


def _value(answer: Mapping[str, Any]) -> Any:
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if isinstance(value, Mapping):
        return value.get("label") or value.get("labels") or value.get("other")
    return value
