"""What people wrote: answers to surveys as Qualtrics exports them, and reviews as Google Play does."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from desirepath.demo.clock import DAY, Clock, Floats, Ints, Rng
from desirepath.demo.comments import REMARKS
from desirepath.demo.company import Company
from desirepath.demo.crm import case_ids
from desirepath.demo.identifiers import calls, customers, mails, number_of, orders
from desirepath.demo.orders import Orders
from desirepath.demo.people import LANGUAGES, People
from desirepath.demo.repairs import Repairs
from desirepath.demo.surveys import TOUCHPOINTS, Surveys
from desirepath.demo.text import moments, numbered, plain
from desirepath.demo.writing import Csv

QUESTION = "How likely are you to recommend Quillwave to friends or colleagues?"
_GROUPS = ("Detractor", "Passive", "Promoter")
_COLUMNS = {
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "Progress": ("Progress", "progress"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
    "Q1_NPS_GROUP": (f"{QUESTION} - Group", "QID1_NPS_GROUP"),
    "Q1": (QUESTION, "QID1"),
    "comment": ("What is the main reason for your score?", "QID2_TEXT"),
    "touchpoint": ("touchpoint", "touchpoint"),
    "touchpoint_id": ("touchpoint_id", "touchpoint_id"),
}
"""Name of each column, what the second heading says, and what the third one does."""


def headings(time_zone: str) -> list[list[str]]:
    """The second and third heading of Qualtrics' files."""
    imports = []
    for name, (_, own) in _COLUMNS.items():
        told = {"ImportId": own, **({"timeZone": time_zone} if name.endswith("Date") else {})}
        imports.append(json.dumps(told, separators=(",", ":")))
    return [[question for question, _ in _COLUMNS.values()], imports]


def write_surveys(
    clock: Clock, people: People, surveys: Surveys, repairs: Repairs, bought: Orders, hotline: int, sink: Csv
) -> int:
    """One row per answer, with what it is about; `hotline` is the number of calls."""
    thing, kind = surveys.thing, surveys.touchpoint
    about = pa.concat_arrays(
        [
            case_ids(people, repairs).take(pa.array(thing[kind == 0])),
            orders(number_of(people, len(bought.index))[thing[kind == 1]]),
            calls(number_of(people, hotline)[thing[kind == 2]]),
        ]
    )
    done = np.flatnonzero(surveys.answered >= 0)
    index, score, at = surveys.index[done], surveys.score[done], moments(clock.local(surveys.answered[done]))
    values = (
        at,
        at,
        pa.repeat("IP Address", len(done)),
        pa.repeat(100, len(done)),
        pa.repeat("True", len(done)),
        at,
        numbered(number_of(people, len(surveys.index))[done], "R_", 15),
        mails(people, index),
        customers(people, index),
        pa.repeat("email", len(done)),
        plain(people.language[index], [language.upper() for language in LANGUAGES]),
        plain((score >= 7).astype(np.int64) + (score >= 9), _GROUPS),
        score,
        plain(surveys.remark[done], REMARKS),
        plain(kind[done], TOUCHPOINTS),
        about.take(pa.array(done)),
    )
    sink.write(dict(zip(_COLUMNS, values, strict=True)))
    return len(done)


# ---- reviews ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reviews:
    """Reviews of the app; nobody is named in them."""

    at: Ints
    stars: Ints
    version: Ints
    language: Ints
    number: Ints
    silent: Ints  # 1: stars without words


WORDS = (
    (
        ("Keeps crashing since the update.", "Login does not work."),
        ("Stürzt seit dem Update ab.", "Anmelden geht nicht."),
        ("Plante depuis la mise à jour.", "Connexion impossible."),
    ),
    (
        ("It is all right.", "Could be faster."),
        ("Ganz in Ordnung.", "Könnte schneller sein."),
        ("Correct.", "Un peu lent."),
    ),
    (
        ("Everything in one place.", "Ordering ink takes a minute."),
        ("Alles an einem Ort.", "Tinte in einer Minute bestellt."),
        ("Tout au même endroit.", "Encre commandée en une minute."),
    ),
)
"""By mood (bad, middling, good) and language."""
HEAD = (
    "Package Name", "App Version Code", "App Version Name", "Reviewer Language", "Device",
    "Review Submit Date and Time", "Review Submit Millis Since Epoch", "Review Last Update Date and Time",
    "Review Last Update Millis Since Epoch", "Star Rating", "Review Title", "Review Text",
    "Developer Reply Date and Time", "Developer Reply Millis Since Epoch", "Developer Reply Text", "Review Link",
)  # fmt: skip
APP = "com.quillwave.app"


def draw_reviews(rng: Rng, clock: Clock, company: Company, people: People) -> Reviews:
    """Draw who reviews the app and how many stars it gets; the release before the last is the one that crashes."""
    index = np.flatnonzero(people.app & (rng.random(len(people)) < company.review_share))
    count = len(index)
    at = clock.draw(rng, count)
    releases = clock.utc(clock.midnight + np.array(company.release_days, np.int64) * DAY)
    version = np.searchsorted(releases, at, side="right")
    shares = np.array(company.review_stars)[version]
    stars = 1 + (rng.random(count)[:, None] > np.cumsum(shares, axis=1)[:, :4]).sum(axis=1)
    silent = (rng.random(count) < 0.3).astype(np.int64)
    return Reviews(at, stars.astype(np.int64), version, people.language[index], people.ids(index), silent)


def mean_stars(company: Company) -> Floats:
    """The planted mean of each release."""
    means: Floats = np.array(company.review_stars) @ np.arange(1.0, 6.0)
    return means


def write_reviews(clock: Clock, company: Company, folder: Path, chunks: list[Reviews]) -> dict[str, int]:
    """Monthly files as the Play Console writes them, UTF-16; returns their rows."""
    import csv

    found: dict[str, list[tuple[int, list[Any]]]] = {}
    for reviews in chunks:
        for place, month in enumerate(clock.month(reviews.at).tolist()):
            row = _row(company, reviews, place)
            found.setdefault(f"{month:%Y%m}", []).append((int(reviews.at[place]), row))
    counts = {}
    if not found:  # a company so small that nobody writes; the console gives out the headings
        found[f"{clock.last:%Y%m}"] = []
    for month, rows in sorted(found.items()):
        path = folder / f"reviews_{APP}_{month}.csv"
        with path.open("w", encoding="utf-16", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(HEAD)
            lines.writerows(row for _, row in sorted(rows, key=lambda one: one[0]))
        counts[f"{folder.name}/{path.name}"] = len(rows)
    return counts


def _row(company: Company, reviews: Reviews, place: int) -> list[Any]:
    at, stars, number = int(reviews.at[place]), int(reviews.stars[place]), int(reviews.number[place])
    version, language = company.releases[reviews.version[place]], int(reviews.language[place])
    written = dt.datetime.fromtimestamp(at / 1_000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = WORDS[0 if stars <= 2 else 1 if stars == 3 else 2][language][number % 2]
    link = f"https://play.google.com/console/reviews?reviewId=gp%3A{number:012d}&corpus=PUBLIC_REVIEWS"
    silent = bool(reviews.silent[place])
    return [
        APP, version.replace(".", ""), version, LANGUAGES[language], ("husky", "akita", "a54x")[number % 3],
        written, at, written, at, stars, "", "" if silent else words, "", "", "", "" if silent else link,
    ]  # fmt: skip
