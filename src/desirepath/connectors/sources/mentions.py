"""Social mentions: what listening tools export, and posts of Mastodon and Bluesky."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Record
from desirepath.connectors.instants import iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, number, some, who


class Mentions(Connector):
    """Public posts about the company."""

    name = "mentions"
    title = "Social mentions"
    about = (
        "CSV or JSON lines with `id`, `platform`, `author`, `created_at` and `text`; statuses of Mastodon; posts of "
        "Bluesky."
    )
    streams = {"mentions": "`mention`, with its words and reach"}
    docs = (
        "An author's handle (`mastodon:@ben@social.example`) is a weak identity: it is somebody, and joins "
        "nobody. Link it "
        "by hand where you know who it is.",
        "A mention is told apart by platform and id. A tool's own judgement of sentiment is kept as `sentiment_told`.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Columns of a mention, or a status."""
        named = {name.strip().lower() for name in (opened.header or opened.sample)}
        if {"platform", "author", "text"} <= named and named & {"created_at", "date"}:
            return True
        sample = opened.sample
        return ("account" in sample and "content" in sample and "created_at" in sample) or (
            "record" in sample and "author" in sample and str(sample.get("uri", "")).startswith("at://")
        )

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows of CSV, lists and lines."""
        del given
        if not opened.header:
            yield from opened.records({"posts": "mentions", "statuses": "mentions"}, self.stream_of)
            return
        for record in opened.rows(self.stream_of):
            yield record._replace(data={key.strip().lower(): value for key, value in record.data.items()})

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One mention."""
        del stream
        told = _told(data)
        site, own = str(told["platform"]).lower(), str(told["id"])
        author = str(told.get("author") or "")
        rest = {key: value for key, value in told.items() if key not in _TAKEN}
        yield event(
            f"{site}|{own}",
            "mention",
            iso(told.get("created_at") or told.get("date"), given.time_zone, "created_at"),
            who(("user_id", told.get("user_id")), ("handle", f"{site}:{author}" if author else f"{site}#{own}")),
            channel="social",
            properties=some(
                {
                    **{key: number(value) if number(value) is not None else value for key, value in rest.items()},
                    "text": told.get("text"),
                    "site": site,
                    "page": told.get("url"),
                    "language": told.get("language") or told.get("lang"),
                    "sentiment_told": told.get("sentiment"),
                }
            ),
        )


_TAKEN = frozenset(
    {"id", "platform", "author", "created_at", "date", "text", "url", "language", "lang", "sentiment", "user_id"}
)


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """A mention, out of what Mastodon and Bluesky call it."""
    if isinstance(data.get("account"), Mapping):
        text = html.unescape(re.sub(r"<[^>]+>", " ", str(data.get("content") or ""))).strip()
        return {
            "id": data["id"], "platform": "mastodon", "author": "@" + str(data["account"].get("acct", "")),
            "created_at": data["created_at"], "text": re.sub(r"\s+", " ", text), "url": data.get("url"),
            "language": data.get("language"), "likes": data.get("favourites_count"),
            "shares": data.get("reblogs_count"),
        }  # fmt: skip
    if isinstance(data.get("record"), Mapping):
        record = data["record"]
        return {
            "id": data["uri"], "platform": "bluesky", "author": "@" + str((data.get("author") or {}).get("handle", "")),
            "created_at": record.get("createdAt"), "text": record.get("text"), "url": data["uri"],
            "language": (record.get("langs") or [None])[0], "likes": data.get("likeCount"),
            "shares": data.get("repostCount"),
        }  # fmt: skip
    return dict(data)
