"""Scores of real surveys equal the figures that are known of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from real_data import DATA, expected, needs_data, opened

import desirepath
from desirepath import Workspace

pytestmark = needs_data

MAPPING = """
source: survey
time_zone: Europe/Paris
identities: {respondent: respondent}
events:
  - {name: answer, at: at, properties: [nps, satisfaction, text, basket]}
"""


def surveyed(folder: Path, rows: str) -> Workspace:
    """Return a workspace of a survey without dates: one respondent a row, one answer a minute."""
    (folder / "survey.yaml").write_text(MAPPING)
    duckdb.sql(
        f"COPY (SELECT 'r' || row_number() OVER () AS respondent, "
        f"TIMESTAMP '2020-01-01' + to_minutes(row_number() OVER ()) AS at, * FROM ({rows})) "
        f"TO '{folder / 'survey.parquet'}'"
    )
    ws = desirepath.create(folder / "ws", time_zone="Europe/Paris")
    result = ws.import_files([folder / "survey.parquet"], folder / "survey.yaml")
    assert result.quarantined == 0, result
    return ws


def test_a_garden_centre(tmp_path: Path) -> None:
    known = expected("nps_jardinerie")
    rows = f"""SELECT nps, satisfaction, explication AS text,
        CASE WHEN CaTicket < 20 THEN 'small' ELSE 'large' END AS basket
        FROM '{DATA}/nps_jardinerie/responses.parquet'"""
    with surveyed(tmp_path, rows) as ws:
        answer = ws.ask("scores", answers="answer", score="nps", text="text", strata="basket")
        (row,) = answer.table.to_pylist()
        assert (row["answers"], row["people"]) == (known["scored"], known["scored"])
        assert row["score"] == pytest.approx(known["nps"], abs=5e-5)
        half = 1.96 * 100 * (0.6219 + 0.0877 - 0.534161**2) ** 0.5 / known["scored"] ** 0.5
        assert row["score_high"] - row["score_low"] == pytest.approx(2 * half, rel=0.01)
        found = dict(zip(*(answer.extras["distribution"][name] for name in ("score", "answers")), strict=True))
        assert {str(score): many for score, many in found.items() if many} == known["dist"]
        left_out = dict(zip(*(answer.extras["left_out"][name] for name in ("reason", "answers")), strict=True))
        assert left_out == {"superseded": 0, "missing": known["rows"] - known["scored"], "off the scale": 0}
        notices = {each.code: each.text for each in answer.warnings}
        assert set(notices) == {"scale_suspect", "missing_score", "who_writes_differs"}
        assert "342" in notices["missing_score"]
        assert "with a comment score +39.2" in notices["who_writes_differs"]
        with_text, without = answer.extra("with_text").to_pylist()
        assert with_text["score"] == pytest.approx(known["nps_with_verbatim"], abs=5e-5)
        assert without["score"] == pytest.approx(known["nps_without_verbatim"], abs=5e-5)
        assert -23 < with_text["difference_low"] < 39.2162 - 58.9195 < with_text["difference_high"] < -17
        assert answer.people(kind="detractor").num_rows == row["detractors"]
        assert answer.people(score=10, text="without").num_rows > 4_000


def test_a_mobile_operator(tmp_path: Path) -> None:
    known = expected("survey_ecsi_mobi")
    rows = f"SELECT CUSL3 AS nps, CUSA1 AS satisfaction, NULL AS text, NULL AS basket FROM '{DATA}/survey_ecsi_mobi/*'"
    with surveyed(tmp_path, rows.replace("/*'", "/responses.parquet'")) as ws:
        (row,) = ws.ask("scores", answers="answer", score="nps").table.to_pylist()
        assert (row["score"], row["answers"]) == (pytest.approx(known["nps_CUSL3"]), known["n"])
        (row,) = ws.ask("scores", answers="answer", score="satisfaction", scale="1 to 10").table.to_pylist()
        assert row["score"] == pytest.approx(known["mean_CUSA1"])


def test_reviews_of_a_marketplace(tmp_path: Path) -> None:
    known = expected("olist_A")
    with opened(tmp_path, "olist", "olist_A", "America/Sao_Paulo") as ws:
        answer = ws.ask("scores", answers="review", scale="stars", once="none", text="text", breakdown="late")
        everyone, *groups = answer.table.to_pylist()
        assert everyone["score"] == pytest.approx(known["review_mean"], abs=5e-7)
        assert everyone["answers"] == sum(known["review_scores"].values())
        by_group = {row["group"]: row for row in groups}
        assert by_group["true"]["score"] == pytest.approx(known["mean_score_late"], abs=0.02)
        assert by_group["false"]["score"] == pytest.approx(known["mean_score_on_time"], abs=0.02)
        differences = answer.extra("differences").to_pylist()
        assert {row["group"] for row in differences if row["flagged"]} >= {"true", "false"}
