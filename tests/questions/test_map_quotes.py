"""Which comments stand for the others."""

from __future__ import annotations

from typing import Any

from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.questions.quotes import quotes, side_of
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


def test_sentiment_where_there_is_some() -> None:
    moods: list[Any] = [0.5, -0.25, 0.75, None, 7]
    log = [
        Happened(f"p{number}", place * 1_000_000, name, f"p{number}{name}", {"mood": mood} if mood is not None else {})
        for number, mood in enumerate(moods)
        for place, name in enumerate("abs")
    ]
    feedback = [{"event": "s", "score": "score", "about": "b", "sentiment": "mood"}]
    question = build("journey_map", {"map": {**MAP, "feedback": feedback}})
    told = [
        ask(question, Population(Period.everything()), MemoryEngine(log, blocks)).extras["scores"]
        for blocks in (None, [["p0", "p3"], ["p1", "p2", "p4"]])
    ]
    assert told[0] == told[1]
    assert told[0]["answers_with_sentiment"] == [0, 3]
    assert told[0]["sentiment"] == [None, 1 / 3]
