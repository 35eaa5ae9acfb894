"""What real customers say: late parcels in Portuguese, and a garden centre's answers in French with broken letters."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from real_data import DATA, MAPPINGS, expected, needs_data

import desirepath
from desirepath.learning import learn_sentiment, propose_topics

pytestmark = needs_data

REVIEWS = {"answers": "review", "text": "text", "score": "score", "scale": "stars"}


def test_late_deliveries_are_what_people_speak_of(tmp_path: Path) -> None:
    known = expected("olist_A")
    with desirepath.create(tmp_path / "olist", time_zone="America/Sao_Paulo") as ws:
        ws.import_files([DATA / "olist_A"], MAPPINGS / "olist.yaml")
        stars = ws.ask("scores", answers="review", scale="stars", once="none", breakdown="late").table.to_pylist()
        by_late = {row["group"]: row["score"] for row in stars}
        assert by_late["true"] == pytest.approx(known["mean_score_late"], abs=0.02)
        assert by_late["false"] == pytest.approx(known["mean_score_on_time"], abs=0.02)
        voice = ws.ask("voice", **REVIEWS, touchpoints=["handed to carrier", "delivered"], breakdown="late", quotes=0)
        places = {(row["group"], row["touchpoint"]): row for row in voice.extra("places").to_pylist()}
        for group in ("true", "false"):
            here = [places[group, name] for name in ("handed to carrier", "delivered")]
            # a review names its order, so that it is about what happened to that order last
            assert sum(row["named"] for row in here) == sum(row["remarks"] for row in here) > 100
        # who gets a late parcel is asked before it has come, and writes while it is on its way
        still = {group: places[group, "handed to carrier"]["remarks"] for group in ("true", "false")}
        there = {group: places[group, "delivered"]["remarks"] for group in ("true", "false")}
        assert still["true"] > there["true"]
        assert still["false"] < there["false"]
        assert places["true", "handed to carrier"]["score"] < 2.3
        assert places["false", "delivered"]["score"] > 3.6
        differences = [row for row in voice.extra("differences").to_pylist() if row["group"] == "true"]
        told_more = [row for row in differences if row["flagged"] and row["difference"] > 0]
        assert told_more
        # Portuguese is not scored as English: it has no sentiment until that was learned
        languages = {
            row["language"]: row for row in voice.extra("languages").to_pylist() if row["group"] == "(everyone)"
        }
        assert languages["pt"]["remarks"] > 1_000
        assert languages["pt"]["with_sentiment"] == 0
        topics = ws.texts.topics_of("text")
        assert topics is not None
        words = {
            term for row in told_more for topic in topics.topics if topic.name in row["measure"] for term in topic.terms
        }
        # prazo: deadline; atraso: delay; recebi, entregue, chegou: received, delivered, arrived
        assert words & {"prazo", "atraso", "atrasado", "recebi", "chegou", "entrega", "entregue", "ainda"}

        lesson, path = learn_sentiment(ws, "text", score="score", scale="stars", answers="review")
        assert path is not None, lesson.why
        assert lesson.evidence.auc is not None
        assert lesson.evidence.auc.low > 0.88
        read = ws.ask("voice", **REVIEWS, touchpoints=["handed to carrier"], breakdown="late", quotes=1)
        moods = {row["group"]: row for row in read.extra("curve").to_pylist()}
        assert moods["true"]["sentiment_high"] < moods["false"]["sentiment_low"]
        assert all(row["quote"] for row in read.extra("quotes").to_pylist())


def test_a_garden_centre_speaks_french(tmp_path: Path) -> None:
    rows = f"""SELECT 'r' || row_number() OVER () AS respondent,
        TIMESTAMP '2020-01-01' + to_minutes(row_number() OVER ()) AS at, nps, explication AS text
        FROM '{DATA}/nps_jardinerie/responses.parquet'"""
    duckdb.sql(f"COPY ({rows}) TO '{tmp_path / 'survey.parquet'}'")
    (tmp_path / "survey.yaml").write_text(
        "source: survey\ntime_zone: Europe/Paris\nidentities: {respondent: respondent}\n"
        "events:\n  - {name: answer, at: at, properties: [nps, text]}\n"
    )
    with desirepath.create(tmp_path / "ws", time_zone="Europe/Paris") as ws:
        ws.import_files([tmp_path / "survey.parquet"], tmp_path / "survey.yaml")
        topics, _ = propose_topics(ws, "text")
        assert len(topics.topics) >= 4
        answer = ws.ask("voice", answers="answer", text="text", score="nps", quotes=2)
        languages = {row["language"]: row for row in answer.extra("languages").to_pylist()}
        assert languages["fr"]["remarks"] > 2_500
        assert languages["fr"]["with_sentiment"] == 0
        assert "encoding" in {item.code for item in answer.warnings}
        quotes = " ".join(answer.extra("quotes").column("quote").to_pylist())
        assert "\N{SINGLE LOW-9 QUOTATION MARK}" not in quotes
        assert quotes
