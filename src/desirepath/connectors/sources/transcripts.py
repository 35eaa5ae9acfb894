"""Transcripts of calls and chats: JSON lines of turns, WebVTT, and transcripts that vendors make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option, Record
from desirepath.connectors.instants import NEVER, Moment, epoch_of_size, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, number, snapshot, some, state_of, who

_ID = ("conversation_id", "conversationId", "call_id", "chat_id", "interaction_id", "sid")
_TIME = ("ts", "timestamp", "time", "at", "created_at", "start_time", "occurred_at")
_SPEAKER = ("speaker", "role", "author", "participant", "from", "channel_role")
_KNOWN = frozenset(
    ("conversation_id", "conversationId", *_TIME, "turns", "transcripts", "kind", "channel", "started_at", "startTime",
     "customer_id", "user_id", "customer_email", "email", "customer_phone", "phone")
)  # fmt: skip
"""Members of a conversation that stand elsewhere; all others are its properties."""
_SENTENCE = {"media_channel", "transcript"}
_CUE = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d\d):(\d\d)[.,](\d{3})")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]+)>")
_CUSTOMER = ("customer", "client", "caller", "user", "consumer", "external", "kunde", "contact")
_AGENT = ("agent", "operator", "internal", "support", "advisor", "bot", "system", "assistant")


class Transcripts(Connector):
    """Conversations, word for word."""

    name = "transcripts"
    title = "Call and chat transcripts"
    about = (
        "JSON lines with one turn each (`conversation_id`, `ts`, `speaker`, `text`), JSON with one conversation each "
        "(`turns`), WebVTT, and the transcripts of Genesys and Twilio (pages of sentences)."
    )
    streams = {
        "conversations": "`call` or `chat`, with its turns; a conversation that a call log tells too is one event"
    }
    options = (
        Option("kind", "what the conversations were", "", ("", "call", "chat")),
        Option(
            "started_at",
            "when a WebVTT or Twilio's sentences began, where the file does not say it "
            "(`NOTE started_at: 2026-03-09T10:00:00Z`)",
        ),
        Option("person", "who the customer of such a file is, such as `phone:+49170555` or `email:ann@example.org`"),
    )
    docs = (
        "Turns of one conversation are brought together, wherever they stand in the file; times may be moments "
        "or offsets "
        "from the conversation's start.",
        "The customer is `customer_phone`, `customer_email` or `customer_id`. Where a call log has a contact of "
        "the same "
        "person within five minutes, the transcript belongs to that contact and is no event of its own.",
        "What else a conversation's object holds (`queue`, `wait_s`, …) are its properties. "
        "Words are kept as `turns` (speaker, seconds, text) and, what the customer said, as `text`.",
    )

    def recognise(self, opened: Opened) -> bool:
        """WebVTT, or turns."""
        if opened.head.startswith("WEBVTT"):
            return True
        sample = opened.sample
        turn = "text" in sample and any(key in sample for key in _SPEAKER) and any(key in sample for key in _ID)
        if opened.first_of(("sentences",)).keys() >= _SENTENCE:
            return True
        return turn or isinstance(sample.get("turns"), list) or ("transcripts" in sample and "conversationId" in sample)

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Conversations, each with its turns."""
        if opened.head.startswith("WEBVTT"):
            yield Record("conversations", _vtt(opened, given))
            return
        if opened.page_key(("sentences",)):
            yield Record("conversations", _sentences(opened))
            return
        held: dict[str, dict[str, Any]] = {}
        for record in opened.records({"conversations": "conversations"}, lambda _: "conversations"):
            one = record.data
            if isinstance(one.get("turns"), list) or "transcripts" in one:
                yield record
                continue
            own = next((str(one[key]) for key in _ID if one.get(key) is not None), None)
            if own is None:
                opened.reject(
                    record.line, "record_unreadable", (record.text or "").encode(), "no conversation is named"
                )
                continue
            kept = held.setdefault(own, {"conversation_id": own, "turns": [], "$line": record.line})
            kept["turns"].append({key: value for key, value in one.items() if not key.startswith("customer_")})
            for key, value in one.items():
                if key.startswith("customer_") or key in ("started_at", "kind", "channel", "call_sid", "language"):
                    kept.setdefault(key, value)
        for one in held.values():
            yield Record("conversations", {k: v for k, v in one.items() if k != "$line"}, None, one["$line"])

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One conversation."""
        del stream
        own = next((str(data[key]) for key in _ID if data.get(key) is not None), None)
        if own is None:
            raise ValueError(f"no conversation is named: {', '.join(_ID)}")
        said = _turns(data)
        start = _start(data, said, given)
        turns = sorted((_turn(one, start, place) for place, one in enumerate(said)), key=lambda turn: turn["$order"])
        for turn in turns:
            turn.pop("$order")
        kind = given["kind"] or str(data.get("kind") or "").lower()
        if kind not in ("call", "chat"):
            kind = "call" if data.get("$vtt") or data.get("call_id") or "transcripts" in data else "chat"
        people = [*_who(data, given), ("conversation_id", own)]
        customers = [turn["text"] for turn in turns if turn["speaker"] == "customer"]
        ends = [turn["end_s"] if turn.get("end_s") is not None else turn.get("start_s") for turn in turns]
        yield snapshot(
            own,
            kind,
            start,
            people,
            channel="phone" if kind == "call" else "chat",
            entity=("transcript", own),
            properties=some(
                {
                    **{key: value for key, value in data.items() if key not in _KNOWN and not key.startswith("$")},
                    "text": " ".join(customers) or data.get("text"),
                    "turns": turns,
                    "duration_s": number(data.get("duration_s"))
                    or max((one for one in ends if one is not None), default=None),
                }
            ),
            # `engines.inferring` makes an event of it, unless a call log tells the same contact
            state=state_of("contact", own, kind),
        )


def _turns(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Turns, also of Genesys' transcripts, whose phrases carry milliseconds since 1970."""
    if "transcripts" not in data:
        return [dict(one) for one in data.get("turns") or ()]
    return [
        {
            "text": phrase.get("decoratedText") or phrase.get("text"),
            "speaker": "customer" if phrase.get("participantPurpose") == "external" else "agent",
            "ts": phrase.get("startTimeMs"),
        }
        for one in data["transcripts"]
        for phrase in one.get("phrases") or ()
    ]


def _moment(value: Any) -> Moment:
    """A moment, or an offset in seconds (below a billion) from the start."""
    if isinstance(value, int | float) or (isinstance(value, str) and number(value) is not None):
        return NEVER if abs(float(value)) < 1e9 else epoch_of_size(value)
    return iso(value, "UTC") if value else NEVER


def _told(one: Mapping[str, Any]) -> Any:
    return next((one[key] for key in _TIME if one.get(key) not in (None, "")), None)


def _start(data: Mapping[str, Any], said: list[dict[str, Any]], given: Given) -> Moment:
    told = data.get("started_at") or data.get("startTime") or given["started_at"] or _told(data)
    if told:
        found = _moment(told)
        if found.us is not None:
            return found
    moments = [moment for moment in (_moment(_told(one)) for one in said) if moment.us is not None]
    return min(moments, key=lambda moment: moment.us or 0) if moments else Moment(None, text=str(told or ""))


def _turn(one: Mapping[str, Any], start: Moment, place: int) -> dict[str, Any]:
    told = _told(one)
    moment = _moment(told)
    offset: float | None = None
    if moment.us is not None and start.us is not None:
        offset = (moment.us - start.us) / 1e6
    elif number(one.get("offset", one.get("start_s", told))) is not None:
        offset = number(one.get("offset", one.get("start_s", told)))
    end = number(one.get("end_s"))
    order = number(one.get("seq"))
    turn = some({"speaker": _speaker(one), "start_s": offset, "end_s": end, "text": one.get("text")})
    return {**turn, "text": turn.get("text", ""), "$order": (order if order is not None else offset or 0.0, place)}


def _speaker(one: Mapping[str, Any]) -> str:
    told = str(next((one[key] for key in _SPEAKER if one.get(key)), "")).lower()
    if any(sign in told for sign in _AGENT):
        return "agent"
    return "customer" if any(sign in told for sign in _CUSTOMER) else told


def _who(data: Mapping[str, Any], given: Given) -> Who:
    kind, _, value = given["person"].partition(":")
    return who(
        ("user_id", data.get("customer_id") or data.get("user_id")),
        ("email", data.get("customer_email") or data.get("email")),
        ("phone", data.get("customer_phone") or data.get("phone")),
        *([(kind, value)] if value else []),
    )


def _vtt(opened: Opened, given: Given) -> dict[str, Any]:
    """The cues of a WebVTT file; notes may say who and when (`NOTE customer_phone: +49…`)."""
    del given
    found: dict[str, Any] = {
        "conversation_id": opened.name.rpartition(".")[0] or opened.name,
        "turns": [],
        "$vtt": True,
    }
    cue: dict[str, Any] | None = None
    for _, line in opened.lines():
        time = _CUE.search(line)
        if time is not None:
            parts = [float(part or 0) for part in time.groups()]
            begin = parts[0] * 3600 + parts[1] * 60 + parts[2] + parts[3] / 1000
            end = parts[4] * 3600 + parts[5] * 60 + parts[6] + parts[7] / 1000
            cue = {"offset": begin, "end_s": end, "text": "", "speaker": ""}
            found["turns"].append(cue)
        elif line.startswith("NOTE "):
            name, _, value = line[5:].partition(":")
            if value:
                found[name.strip()] = value.strip()
        elif not line.strip():
            cue = None
        elif cue is not None:
            voice = _VOICE.search(line)
            text = re.sub(r"<[^>]*>", "", line).strip()
            named = re.match(r"([A-Za-zÀ-ÿ ]{2,20}):\s+(.*)", text)
            if voice is not None:
                cue["speaker"] = voice[1]
            elif named is not None and not cue["text"]:
                cue["speaker"], text = named[1], named[2]
            cue["text"] = f"{cue['text']} {text}".strip()
    return found


def _sentences(opened: Opened) -> dict[str, Any]:
    """Pages of Twilio's sentences; which channel is the customer's, they do not say."""
    found: dict[str, Any] = {"conversation_id": opened.name.rpartition(".")[0] or opened.name, "kind": "call"}
    turns: list[dict[str, Any]] = []
    for _, page in opened.documents():
        told = re.search(r"/Transcripts/(\w+)/", str((page.get("meta") or {}).get("url")))
        found |= {"conversation_id": told[1]} if told else {}
        turns += [
            {
                "speaker": f"channel {one.get('media_channel')}",
                "start_s": number(one.get("start_time")),
                "end_s": number(one.get("end_time")),
                "seq": one.get("sentence_index"),
                "text": one.get("transcript"),
            }
            for one in page.get("sentences") or ()
        ]
    return {**found, "turns": turns}
