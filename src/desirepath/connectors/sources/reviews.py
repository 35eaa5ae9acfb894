"""Reviews: Google Play, the App Store, and any table of reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from desirepath.connectors.connector import Connector, Given, Record
from desirepath.connectors.instants import Moment, epoch, epoch_of_size, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, digest, event, number, some, who

_NAMES = {
    "id": ("review_id", "reviewid", "id"),
    "stars": ("rating", "stars", "star rating", "score", "review_score", "overall"),
    "text": (
        "text",
        "review",
        "review_text",
        "body",
        "content",
        "comment",
        "review text",
        "review_comment_message",
        "reviewtext",
    ),
    "title": ("title", "review_title", "summary", "review title", "review_comment_title"),
    "at": (
        "date",
        "created_at",
        "reviewed_at",
        "review_date",
        "time",
        "timestamp",
        "submitted_at",
        "review_creation_date",
    ),
    "author": ("author", "author_id", "reviewer", "reviewer_id", "nickname", "user_name", "username", "reviewerid"),
    "email": ("email", "author_email"),
    "person": ("user_id", "customer_id"),
    "product": ("product", "product_id", "asin", "sku", "app", "location", "place", "business"),
    "language": ("language", "lang", "locale"),
    "site": ("site", "source", "platform", "provider"),
}


class GooglePlay(Connector):
    """Reviews of an app in Google Play."""

    name = "google_play"
    title = "Google Play reviews"
    about = "The monthly files of reviews (`reviews_*.csv`, UTF-16), as the Play Console writes them."
    streams = {"reviews": "`review`, with its stars and words, at its last change"}
    docs = (
        "Nobody is named in these files: each review is one person of its own, by the id in its link, or by device and "
        "time where there is only a rating.",
        "A review that is changed appears again: its last change is one more event of the same person.",
    )

    def recognise(self, opened: Opened) -> bool:
        """The headings of these files."""
        return {"Package Name", "Star Rating", "Review Link"} <= set(opened.header)

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows of CSV."""
        del given
        yield from opened.rows(self.stream_of)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One review."""
        del stream, given
        linked = parse_qs(urlsplit(data.get("Review Link") or "").query).get("reviewId", [None])[0]
        made = data.get("Review Submit Millis Since Epoch")
        parts = (data["Package Name"], made, data.get("Device"), data.get("Review Text"))
        own = linked or digest(parts)
        changed = data.get("Review Last Update Millis Since Epoch") or made
        stars = number(data.get("Star Rating"))
        yield event(
            f"{own}|{changed}",
            "review",
            epoch(changed, "ms") if changed else iso(data.get("Review Submit Date and Time"), "UTC"),
            who(("google_play_review", own)),
            channel="review",
            value=stars,
            entity=("app", str(data["Package Name"])),
            properties=some(
                {
                    "score": stars,
                    "scale": "1-5",
                    "title": data.get("Review Title"),
                    "text": data.get("Review Text"),
                    "language": data.get("Reviewer Language"),
                    "device": data.get("Device"),
                    "app_version": data.get("App Version Name"),
                    "reply": data.get("Developer Reply Text"),
                    "site": "Google Play",
                }
            ),
        )


class AppStore(Connector):
    """Reviews of an app in the App Store."""

    name = "app_store"
    title = "App Store reviews"
    about = "The feed of customer reviews (JSON), and pages of `customerReviews` of App Store Connect."
    streams = {"reviews": "`review`, with its stars and words", "customer_reviews": "the same, of App Store Connect"}
    docs = ("Nicknames say little of who somebody is: each author is one person of its own.",)

    def recognise(self, opened: Opened) -> bool:
        """A feed with ratings, or a page of reviews."""
        if "im:rating" in opened.head and '"feed"' in opened.head[:200]:
            return True
        return opened.first_of(("data",)).get("type") == "customerReviews"

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Entries of a feed, or of a page."""
        del given
        for _, document in opened.documents():
            feed = document.get("feed") if isinstance(document, Mapping) else None
            if isinstance(feed, Mapping):
                entries = feed.get("entry") or ()
                for one in [entries] if isinstance(entries, Mapping) else entries:
                    if "im:rating" in one:  # the first entry of a feed is the app itself
                        yield Record("reviews", dict(one))
            else:
                yield from (Record("customer_reviews", dict(one)) for one in document.get("data") or ())

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One review."""
        del given
        if stream == "customer_reviews":
            told = data.get("attributes") or {}
            own, at, author = str(data["id"]), iso(told["createdDate"], "UTC"), told.get("reviewerNickname")
            stars, title, text, version = number(told.get("rating")), told.get("title"), told.get("body"), None
        else:
            own, at = str(data["id"]["label"]), iso(data["updated"]["label"], "UTC")
            author = ((data.get("author") or {}).get("uri") or {}).get("label")
            stars, title = number((data.get("im:rating") or {}).get("label")), (data.get("title") or {}).get("label")
            text, version = (data.get("content") or {}).get("label"), (data.get("im:version") or {}).get("label")
        yield event(
            own,
            "review",
            at,
            who(("app_store_author", author or own)),
            channel="review",
            value=stars,
            properties=some(
                {
                    "score": stars,
                    "scale": "1-5",
                    "title": title,
                    "text": text,
                    "app_version": version,
                    "site": "App Store",
                }
            ),
        )


class Reviews(Connector):
    """Any table of reviews."""

    name = "reviews"
    title = "Reviews from any table"
    about = "CSV or JSON lines with stars or words, and when they were written."
    streams = {"reviews": "`review`, with its stars and words"}
    pages = {"reviews": "reviews"}
    docs = (
        "Columns are found by their names (`rating`, `stars`, `text`, `title`, `date`, `author`, `email`, …); others "
        "become properties. Where no column names the person, the author does, or each review is one of its own.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Columns for stars, words and a time."""
        named = {name.strip().lower() for name in (opened.header or opened.sample)}
        stars = named & {"stars", "rating", "star rating", "review_score", "overall"}
        words = named & {"review", "review_text", "reviewtext", "review_comment_message"}
        return bool(stars and words) and bool(named & set(_NAMES["at"])) and "package name" not in named

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Rows of CSV, or objects."""
        del given
        yield from opened.records_or_rows(self.pages, self.stream_of)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One review."""
        del stream
        named = {name.strip().lower(): name for name in data}
        columns = {
            field: next((named[name] for name in names if name in named), None) for field, names in _NAMES.items()
        }
        told = {field: data.get(column) if column else None for field, column in columns.items()}
        stars, written = number(told["stars"]), told["at"]
        if stars is None and not told["text"]:
            raise ValueError("a review needs stars or words")
        own = str(told["id"] or digest(data))
        taken = set(columns.values())
        yield event(
            own,
            "review",
            _when(written, given, columns["at"] or ""),
            who(("user_id", told["person"]), ("email", told["email"]), ("handle", told["author"]))
            or [("review_id", own)],
            channel="review",
            value=stars,
            entity=("product", str(told["product"])) if told["product"] else None,
            properties=some(
                {
                    **{key: value for key, value in data.items() if key not in taken},
                    "score": stars,
                    "scale": "1-5",
                    "title": told["title"],
                    "text": told["text"],
                    "language": told["language"],
                    "site": told["site"],
                }
            ),
        )


def _when(written: Any, given: Given, column: str) -> Moment:
    if isinstance(written, int | float) or re.fullmatch(r"\d{9,}", str(written or "")):
        return epoch_of_size(written)
    return iso(written, given.time_zone, column)
