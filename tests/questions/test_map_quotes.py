"""Which comments stand for the others."""

from __future__ import annotations

from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.errors import MapError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.questions.map_quotes import quotes, side_of
from desirepath.runner import ask

MAP: dict[str, Any] = {
    "map": "care",
    "goal": "b",
    "gives_up_after": "1 hour",
    "watch_after": "1 hour",
    "stages": [{"stage": "all", "steps": ["a", "b"]}],
    "feedback": [{"event": "s", "score": "score", "scale": "nps", "about": "b", "comment": "said"}],
}


def asked(comments: list[tuple[int, str]], blocks: int = 1) -> Answer:
    log = []
    for number, (score, text) in enumerate(comments):
        fields: dict[str, Any] = {"score": score, "said": text} if text else {"score": score}
        for place, name in enumerate("abs"):
            person = f"p{number:02}"
            log.append(Happened(person, place * 1_000_000, name, f"{person}{name}", fields if name == "s" else {}))
    people = sorted({event.person for event in log})
    engine = MemoryEngine(log, [people[k::blocks] for k in range(blocks)])
    return ask(build("journey_map", {"map": MAP}), Population(Period.everything()), engine)


def test_a_quote_uses_the_words_of_others() -> None:
    comments = [
        (2, "the technician came twice and nobody was told"),
        (3, "technician came twice, nobody told me"),
        (1, "bad weather on mars today"),
        (10, "quick and friendly technician"),
        (9, "friendly, quick"),
        (8, "neither here nor there"),
        (0, ""),
    ]
    told = asked(comments).extras["quotes"]
    rows = list(zip(told["side"], told["score"], told["quote"], strict=True))
    assert rows[0] == ("high", 10, "quick and friendly technician")
    assert rows[2][:2] in {("low", 2), ("low", 3)}
    assert "technician came twice" in rows[2][2]
    assert "neither here nor there" not in told["quote"]
    assert set(told["touchpoint"]) == {"b"}
    assert asked(comments, blocks=3).extras["quotes"] == told


def test_nobody_says_anything() -> None:
    assert asked([(9, "")]).extras["quotes"]["quote"] == []
    assert quotes({}, {}, [], [])["quote"] == []


def test_what_is_high_and_low() -> None:
    assert [side_of("nps", score) for score in (0, 6, 7, 9, 10)] == ["low", "low", None, "high", "high"]
    assert [side_of("csat5", score) for score in (1, 3, 4)] == ["low", "low", "high"]
    assert [side_of("stars", score) for score in (2, 3, 4)] == ["low", None, "high"]


def moody(moods: list[Any], blocks: Any = None, **feedback: Any) -> Answer:
    """Everybody came by both touchpoints and wrote a comment, some with a mood."""
    log = []
    for number, mood in enumerate(moods):
        given = {"score": "7", "said": "so so", **({} if mood is None else {"mood": mood})}
        for place, name in enumerate("abs"):
            person = f"p{number}"
            log.append(Happened(person, place * 1_000_000, name, person + name, given if name == "s" else {}))
    kind = {"event": "s", "score": "score", "about": "b", "comment": "said", **feedback}
    question = build("journey_map", {"map": {**MAP, "feedback": [kind]}})
    return ask(question, Population(Period.everything()), MemoryEngine(log, blocks))


def test_sentiment_where_there_is_some() -> None:
    """Of five comments three have a sentiment from -5 to 5; everybody came by both touchpoints."""
    moods: list[Any] = [2.5, -1.25, 3.75, None, 7]
    answer = moody(moods, sentiment="mood")
    assert moody(moods, [["p0", "p3"], ["p1", "p2", "p4"]], sentiment="mood").extras == answer.extras
    felt = answer.extras["feelings"]
    assert (felt["instances"], felt["instances_with_sentiment"]) == ([5, 5], [3, 3])
    assert felt["sentiment"] == [5 / 3, 5 / 3] == answer.columns["sentiment"]
    assert felt["sentiment_of_others"] == felt["feeling"] == [None, None]
    assert answer.columns["instances_with_sentiment"] == [3, 3]
    assert "sentiment" not in answer.extras["scores"]


def test_sentiment_is_of_a_comment() -> None:
    with pytest.raises(MapError, match="comment"):
        moody([1], sentiment="mood", comment=None)


def test_themes_hang_on_what_the_feedback_is_about() -> None:
    themes = moody([1, 2], sentiment="mood").extras["themes"]
    lines = zip(themes["touchpoint"], themes["theme"], themes["instances"], themes["quote"], strict=True)
    assert list(lines) == [("all", "(no theme)", 2, "so so"), ("b", "(no theme)", 2, "so so")]


def test_without_comments_there_is_nothing_to_tell() -> None:
    answer = moody([1], comment=None)
    assert not {"feelings", "themes", "quotes"} & set(answer.extras)
    assert "sentiment" not in answer.columns
