"""What people say along their journey, in stories that can be checked by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import made, steps
from memory_engine import Happened, MemoryEngine

from desirepath import Answer, Workspace
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

HOUR = 3_600_000_000
DAY = 24 * HOUR
MONTH = 30 * DAY
FIELDS = {"answers": "survey", "text": "said", "theme": "topic", "sentiment": "mood", "effort": "ease"}
REPAIR: dict[str, Any] = {
    "map": "repair",
    "goal": "repaired",
    "gives_up_after": "30 days",
    "watch_after": "30 days",
    "stages": [
        {"stage": "Report", "steps": ["fault reported"]},
        {"stage": "Visit", "steps": ["visit", {"touchpoint": "rescheduled visit", "optional": True}]},
        {"stage": "Done", "steps": ["repaired"]},
    ],
    "feedback": [{"event": "survey", "score": "score", "comment": "said", "sentiment": "mood"}],
}


def asked(log: list[Happened], question: str = "voice", **fields: Any) -> Answer:
    return ask(build(question, {**FIELDS, **fields}), Population(Period.everything()), MemoryEngine(log))


def line(answer: Answer, table: str | None = None, **where: Any) -> dict[str, Any]:
    """The one line of a table with these values."""
    rows = (answer.table if table is None else answer.extra(table)).to_pylist()
    (found,) = [row for row in rows if all(row[name] == value for name, value in where.items())]
    return found


def sore() -> list[Happened]:
    """Sixty repairs. Of 20 whose visit was put off 16 speak of a missed visit; of the 40 others 2 do, 38 are pleased.

    Everybody is asked an hour after the repair, so that each remark hangs on the repair.
    """
    log = []
    for n in range(60):
        who, put_off = f"c{n:02d}", n < 20
        happened = ["fault reported", "visit", *(["rescheduled visit"] if put_off else []), "repaired"]
        times = [0, DAY, *([3 * DAY] if put_off else []), 5 * DAY]
        log += [Happened(who, at, name, f"{who}{k}") for k, (at, name) in enumerate(zip(times, happened, strict=True))]
        said = ("I took the day off and nobody came", "missed visit", -3 - n % 2, n % 4)
        if put_off and n >= 16:
            said = ("It could have been cheaper", "price", 0, 8)
        if not put_off and n < 58:
            said = ("The engineer was quick and friendly", "friendly engineer", 3 + n % 2, 9 + n % 2)
        if not put_off and n >= 58:
            said = ("The first visit did not take place", "missed visit", -2, 5)
        text, topic, mood, score = said
        fields = {"said": text, "topic": topic, "mood": str(mood), "score": str(score)}
        log.append(Happened(who, 5 * DAY + HOUR, "survey", f"{who}9", fields))
    return log


def test_the_curve_dips_where_it_hurts() -> None:
    answer = asked(sore(), map=REPAIR, score="score")
    here = line(answer, "curve", touchpoint="rescheduled visit")
    assert (here["stage"], here["people"], here["feeling"]) == ("Visit", 20, "low")
    # 8 each at -3 and -4, 4 at 0; of the others 19 each at 3 and 4, 2 at -2
    assert here["sentiment"] == pytest.approx(-56 / 20)
    assert here["sentiment_of_others"] == pytest.approx(129 / 40)
    assert here["difference_high"] < -5
    assert (here["theme"], here["of_people_with_theme"], here["of_others_with_theme"]) == ("missed visit", 0.8, 0.05)
    assert here["quote"] == "I took the day off and nobody came", "theirs, not that of others with the same theme"
    # 16 detractors, 4 passives; of the others 38 promoters, 2 detractors
    assert (here["score"], here["score_of_others"]) == (-80, 90)
    for name in ("fault reported", "visit", "repaired"):
        everybody = line(answer, "curve", touchpoint=name)
        assert (everybody["people"], everybody["sentiment_of_others"], everybody["feeling"]) == (60, None, None)
    assert answer.people(passed="rescheduled visit", theme="missed visit").num_rows == 16
    assert any("Feelings dip at rescheduled visit" in words and "missed visit" in words for words in answer.words)


def test_every_remark_hangs_on_the_repair() -> None:
    """The main table is about what remarks hang on; the sore shows there as a theme of the repair."""
    answer = asked(sore(), map=REPAIR, score="score")
    assert set(answer.columns["touchpoint"]) == {"all", "repaired"}
    missed = line(answer, touchpoint="repaired", theme="missed visit")
    assert (missed["people"], missed["of_people_there"], missed["stage"]) == (18, 0.3, "Done")
    assert missed["sentiment"] == pytest.approx(-60 / 18)
    assert missed["score"] == -100
    place = line(answer, "places", touchpoint="repaired")
    assert (place["last_before"], place["named"]) == (60, 0)
    # an hour ago; the visit or the second visit at least two days ago, the horizon is 30 days
    assert place["mean_confidence"] == pytest.approx((20 * 49 / 50 + 40 * 97 / 98) / 60, abs=1e-4)
    assert "What hurts most: missed visit, told by 18 of 60 people" in " ".join(answer.words)


def test_the_map_tells_the_same() -> None:
    """A journey map whose feedback has comments carries the curve; there is one instance a customer."""
    log = [
        Happened(e.person, e.time, e.name, e.id, {**e.fields, "said.topic": e.fields.get("topic", "")}) for e in sore()
    ]
    log = [e if e.name == "survey" else Happened(e.person, e.time, e.name, e.id) for e in log]
    question = build("journey_map", {"map": REPAIR})
    answer = ask(question, Population(Period.everything()), MemoryEngine(log))
    voice = asked(sore(), map=REPAIR, score="score")
    felt, curve = (line(each, name, touchpoint="rescheduled visit") for each, name in
                   ((answer, "feelings"), (voice, "curve")))  # fmt: skip
    assert felt["instances"] == curve["people"] == 20
    for name in ("sentiment", "sentiment_of_others", "difference_low", "feeling", "theme", "quote", "score"):
        assert felt[name] == curve[name], name
    assert line(answer, touchpoint="rescheduled visit")["theme"] == "missed visit"


def test_who_names_an_order_speaks_of_that_order() -> None:
    """Ann has order 1 delivered in May and order 2 in June; her remark in July names order 1."""

    def about(order: str) -> dict[str, str]:
        return {"entity_type": "order", "entity_id": order}

    log = [
        Happened("ann", 0, "delivered", "1", about("1")),
        Happened("ann", MONTH, "delivered", "2", about("2")),
        Happened("ann", MONTH + DAY, "called", "3"),
        Happened("ann", 2 * MONTH, "survey", "4", {"said": "it broke", "topic": "broken", **about("1")}),
        Happened("ann", 2 * MONTH + 2 * DAY, "survey", "5", {"said": "it broke again", "topic": "broken"}),
        Happened("bob", 0, "delivered", "6", about("1")),
        Happened("bob", DAY, "called", "7"),
        Happened("bob", 3 * DAY, "survey", "8", {"said": "who knows", **about("3")}),
    ]  # fmt: skip
    answer = asked(log, touchpoints=["delivered", "called"], within="30 days")
    told = {row["text"]: row for row in answer.people().to_pylist()}
    assert (told["it broke"]["place"], told["it broke"]["how"], told["it broke"]["sure"]) == ("delivered", "named", 1)
    # it names none, and the call was 31 days before
    assert (told["it broke again"]["place"], told["it broke again"]["how"]) == (None, "none")
    # nothing else is about bob's order 3, and the delivery was of another order: two days after the call, of 30
    assert (told["who knows"]["place"], told["who knows"]["how"]) == ("called", "last before")
    assert told["who knows"]["sure"] == pytest.approx(30 / 32)
    assert "unlinked" in {each.code for each in answer.warnings}
    assert line(answer, touchpoint="(none)")["remarks"] == 1
    assert answer.people(passed="called").column("text").to_pylist() == ["who knows"], "order 1 was never called about"


def test_what_is_new_this_month() -> None:
    """Ten people speak in each of three months; in the third eight speak of the app, which nobody did before."""
    log = [Happened("x", 91 * DAY, "tick", "x")]  # 1 April: March is over
    for month, start in enumerate((0, 31, 59)):
        for n in range(10):
            topic = "app" if month == 2 and n < 8 else "price"
            who = f"m{month}{n}"
            log.append(Happened(who, (start + 5) * DAY, "survey", who, {"said": "so", "topic": topic}))
    answer = asked(log, every="month")
    app, price = (line(answer, touchpoint="all", theme=name) for name in ("app", "price"))
    assert (app["change"], app["new"]) == (pytest.approx(0.8), True)
    assert (price["change"], price["new"]) == (pytest.approx(-0.8), False)
    assert app["q_value"] < 0.01
    assert answer.people(theme="app", bucket="1970-03").num_rows == 8


def test_chance_leaves_no_theme_behind() -> None:
    """People come by eight places and speak of ten themes, both by lot: of 40 such answers few tell a theme."""
    rng, told = random.Random(8), 0
    places = [f"place {k}" for k in range(8)]
    for _ in range(40):
        log = []
        for n in range(150):
            who = f"p{n:03d}"
            log += [Happened(who, 1, name, f"{who}{name}") for name in places if rng.random() < 0.4]
            log.append(Happened(who, 2, "survey", f"{who}z", {"said": "so", "topic": f"theme {rng.randrange(10)}"}))
        curve = asked(log, touchpoints=places).extra("curve").to_pylist()
        told += any(row["theme"] is not None for row in curve)
    assert told <= 6


def test_people_are_the_unit() -> None:
    """One who writes nine angry lines is one of two people, and as angry as the mean of the nine."""
    log = [
        Happened("loud", n, "survey", f"a{n}", {"said": f"bad {n}", "topic": "price", "mood": str(-5 + n % 3)})
        for n in range(9)
    ]
    log.append(Happened("calm", 0, "survey", "b", {"said": "well", "topic": "price", "mood": "4"}))
    found = line(asked(log), theme="price")
    assert (found["people"], found["remarks"], found["people_with_sentiment"]) == (2, 10, 2)
    assert found["sentiment"] == pytest.approx((-4 + 4) / 2)


# ---- with what else a workspace can do --------------------------------------------------------------------


SHOP = """
    ann  order   2026-05-01T10:00:00Z
    ann  survey  2026-05-02T10:00:00Z  score=10  said=quick  topic=speed   mood=4
    bob  order   2026-05-01T10:00:00Z
    bob  survey  2026-05-02T10:00:00Z  score=9   said=kind   topic=people  mood=3
    cat  order   2026-05-01T10:00:00Z
    cat  survey  2026-05-02T10:00:00Z  score=2   said=late   topic=speed   mood=-4
    dan  order   2026-05-01T10:00:00Z
    dan  survey  2026-05-02T10:00:00Z  score=1   said=later  topic=speed   mood=-3
    dan  refund  2026-05-05T10:00:00Z
    eve  refund  2026-05-05T10:00:00Z
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, SHOP, late=False) as found:
        yield found


def test_what_promoters_speak_of(ws: Workspace) -> None:
    """The people behind a number of one question are a cohort of another."""
    ws.ask("scores", answers="survey", score="score").save("promoters", kind="promoter")
    promoters = ws.ask("voice", **FIELDS, quotes=0, touchpoints=["order"], cohort="promoters")
    assert [line(promoters, touchpoint="all", theme=name)["people"] for name in ("people", "speed")] == [1, 1]
    assert line(promoters, touchpoint="order", theme="speed")["sentiment"] == 4
    others = ws.ask("voice", **FIELDS, quotes=0, touchpoints=["order"], cohort="not promoters")
    assert line(others, touchpoint="all", theme="speed")["sentiment"] == -3.5


def test_who_said_it_can_be_asked_anything(ws: Workspace) -> None:
    """Of the three who speak of speed two feel bad, and one of these asks for the money back."""
    answer = ws.ask("voice", **FIELDS, quotes=0, touchpoints=["order"])
    answer.save("too slow", touchpoint="order", theme="speed", mood="bad")
    assert steps(ws.ask("funnel", steps=["order", "refund"], window="9 days", cohort="too slow")) == [2, 1]


def test_themes_of_two_groups(ws: Workspace) -> None:
    """Two of two who are unhappy speak of speed, and one of two who are happy."""
    asked_of = {"filter": "score <= 6 or score is missing", "compare": {"filter": "score > 6 or score is missing"}}
    answer = ws.ask("voice", **FIELDS, quotes=0, **asked_of)
    found = {row["measure"]: row["difference"] for row in answer.extra("differences").to_pylist()}
    assert found["speak of speed"] == pytest.approx(0.5)
    assert found["speak of people"] == pytest.approx(-0.5)


def test_a_quote_leads_to_who_said_it(ws: Workspace) -> None:
    answer = ws.ask("quotes", **FIELDS, words="late", touchpoints=["order"], about="order")
    assert set(answer.columns["quote"]) <= {"late", "later"}
    for quote, who in (("late", "cat"), ("later", "dan")):
        assert answer.people(quote=quote).column("person").to_pylist() == [f"user_id:{who}"]
    assert answer.words[0].startswith("2 remarks of 2 people")


def test_why_they_call_and_what_it_costs() -> None:
    """Three call about the bill, one of them twice; one looked at help first. A call costs 6 by the map."""
    care = {
        "map": "care",
        "goal": "paid",
        "gives_up_after": "9 days",
        "stages": [
            {
                "stage": "all",
                "steps": [
                    {"touchpoint": "help", "contact": "self-service", "optional": True},
                    {"touchpoint": "call", "contact": "human", "cost": 6, "optional": True},
                    "paid",
                ],
            }
        ],
    }

    def call(who: str, at: int, mood: str, text: str = "my bill is wrong") -> Happened:
        fields = {"text": text, "text.intent": "billing", "text.sentiment": mood, "channel": "phone"}
        return Happened(who, at, "call", f"{who}{at}", fields)

    help_page = Happened("ann", 0, "help", "h", {"text.intent": "billing"})
    log = [help_page, call("ann", HOUR, "-2"), call("bob", 0, "-4"), call("bob", DAY, "-3"), call("cat", 0, "0")]
    log.append(Happened("dan", 20 * DAY, "visit", "z"))
    question = build("contact_reasons", {"map": care, "quotes": 1})
    answer = ask(question, Population(Period.everything()), MemoryEngine(log))
    found = line(answer, topic="billing")
    assert (found["contacts"], found["with_contacts"], found["repeat_contacts"], found["cost"]) == (4, 3, 1, 24)
    assert (found["issues"], found["self_service"], found["leaked"]) == (3, 1, 1)
    assert found["sentiment"] == pytest.approx((-2 - 3.5 + 0) / 3)
    assert found["people_with_sentiment"] == answer.people(topic="billing", has="sentiment").num_rows == 3
    assert found["quote"] == "my bill is wrong"
    quoted = line(answer, "quotes", topic="billing")
    assert (quoted["times"], quoted["stands_for"]) == (4, 4)


def test_calls_that_turn_out_well() -> None:
    """Ann's two calls go up by 2 and by 4, bob's goes down by 1: on average over people by (3 - 1) / 2."""

    def call(who: str, at: int, start: str, end: str, **more: str) -> Happened:
        read = {"turns.sentiment_start": start, "turns.sentiment_end": end}
        read |= {f"turns.{name}": value for name, value in more.items()}
        return Happened(who, at, "call", f"{who}{at}", {"turns": "[]", **read})

    log = [
        call("ann", 0, "-2", "0", transfers="0", resolution="resolved"),
        call("ann", 1, "-1", "3", transfers="2", resolution="unresolved"),
        call("bob", 2, "1", "0", transfers="0"),
        Happened("cat", 3, "call", "c", {"turns": "[]"}),
        Happened("dan", 4, "call", "d"),
    ]  # fmt: skip
    question = build("conversations", {"conversations": "call"})
    answer = ask(question, Population(Period.everything()), MemoryEngine(log))
    found = line(answer, bucket="all")
    assert (found["conversations"], found["people"], found["people_with_change"]) == (4, 3, 2)
    assert (found["sentiment_start"], found["sentiment_end"], found["change"]) == (-0.25, 0.75, 1)
    assert (found["handed_on"], found["resolved"], found["known"]) == (1, 1, 2)
    assert answer.people(mood="worse").column("person").to_pylist() == ["bob"]
    assert answer.people(mood="unread").column("person").to_pylist() == ["cat"]
