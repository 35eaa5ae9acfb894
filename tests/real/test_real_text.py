"""Readers of remarks on real texts: no worse than VADER alone, and languages told apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from real_data import DATA, needs_data

from desirepath.text.effort import efforts
from desirepath.text.emotions import emotions
from desirepath.text.intents import intents
from desirepath.text.language import languages
from desirepath.text.sentiment import sentiments

pytestmark = needs_data

Floats = npt.NDArray[np.float64]


def rows(query: str) -> list[tuple[str, float]]:
    """Return texts with what people thought of them."""
    return duckdb.sql(query).fetchall()


@cache
def truth(source: str) -> tuple[list[str], Floats]:
    """Return the texts of one source and their ratings."""
    if source == "reviews":
        lines = rows(f"SELECT text, labels FROM '{DATA}/product_reviews_aspects/lines.parquet' WHERE kind = 'sentence'")
        summed = [(text, sum(map(int, re.findall(r"\[([+-]\d)\]", str(labels or ""))))) for text, labels in lines]
        found = [(text, float(value)) for text, value in summed if value]
    else:
        found = rows(
            f"SELECT text, mean_rating FROM '{DATA}/vader_ground_truth/snippets.parquet' WHERE source LIKE '{source}%'"
        )
    return [text for text, _ in found], np.array([value for _, value in found])


@cache
def readings(source: str) -> tuple[Floats, Floats]:
    """Return our readings (nan where abstained) and VADER's."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    theirs = SentimentIntensityAnalyzer()
    texts, _ = truth(source)
    return sentiments(texts, languages(texts)), np.array([theirs.polarity_scores(text)["compound"] for text in texts])


def quality(read: Floats, rated: Floats) -> tuple[float, float]:
    """Return Pearson's correlation and how often the sign is right."""
    return float(np.corrcoef(read, rated)[0, 1]), float((np.sign(read) == np.sign(rated)).mean())


FLOORS = {
    "tweets": (0.875, 0.90, 0.03),
    "amazon": (0.69, 0.67, 0.025),
    "movie": (0.565, 0.665, 0.012),
    "nyt": (0.535, 0.56, 0.012),
    "reviews": (0.71, 0.80, 0.01),
}
"""Correlation and right signs over all texts (0 where abstained), and the most that may be abstained on."""


@pytest.mark.parametrize("source", FLOORS)
def test_sentiment_is_no_worse_than_it_was(source: str) -> None:
    read, _ = readings(source)
    correlation, right = quality(np.nan_to_num(read), truth(source)[1])
    least = FLOORS[source]
    assert correlation >= least[0]
    assert right >= least[1]
    assert np.isnan(read).mean() <= least[2]


@pytest.mark.parametrize("source", FLOORS)
def test_sentiment_is_no_worse_than_vader_where_it_answers(source: str) -> None:
    read, theirs = readings(source)
    answered = ~np.isnan(read)
    rated = truth(source)[1][answered]
    ours, vader = quality(read[answered], rated), quality(theirs[answered], rated)
    assert ours[0] >= vader[0]
    assert ours[1] >= vader[1]


@pytest.mark.parametrize(
    ("code", "query", "least"),
    [
        ("fr", "SELECT explication FROM '{}/nps_jardinerie/responses.parquet' WHERE length(explication) > 2", 0.92),
        ("pt", "SELECT review_comment_message FROM '{}/olist_A/order_reviews.parquet' "
               "WHERE length(review_comment_message) > 2", 0.90),
        ("en", "SELECT consumer_complaint_narrative FROM '{}/cfpb_complaints/complaints.parquet' "
               "WHERE length(consumer_complaint_narrative) > 2", 0.98),
    ],
)  # fmt: skip
def test_languages_of_real_remarks(code: str, query: str, least: float) -> None:
    found = Counter(languages([text for (text,) in duckdb.sql(query.format(DATA)).fetchall()]))
    assert found[code] / found.total() >= least
    assert code == "en" or found["en"] <= 2, "two customers of the garden centre did write English"


def test_complaints_to_an_authority_are_no_praise() -> None:
    query = f"""SELECT consumer_complaint_narrative FROM '{DATA}/cfpb_complaints/complaints.parquet'
        WHERE length(consumer_complaint_narrative) > 20"""
    texts = [text for (text,) in duckdb.sql(query).fetchall()]
    codes = languages(texts)
    read = sentiments(texts, codes)
    assert np.nanmean(read < 0) > 0.75
    assert Counter(intents(texts, codes))["praise"] < 0.02 * len(texts)
    assert Counter(emotions(texts, codes))["joy"] < 0.05 * len(texts)
    hard = efforts(texts, codes)
    assert math.isnan(hard.min()) and np.nanmean(hard) < 0
