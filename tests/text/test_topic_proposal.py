"""Topics are found where they were planted, in any order, and stay what they are when more texts come."""

from __future__ import annotations

import random

import numpy as np
import pytest

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.text.topic_file import written
from desirepath.text.topic_fit import counted, lifts
from desirepath.text.topic_proposal import propose

PLANTED = {
    "delivery": "parcel courier late delivery arrived tracking doorstep shipping driver package".split(),
    "billing": "invoice charged refund payment credit amount twice billing card statement".split(),
    "login": "password login account locked reset email verification code website error".split(),
}
NEW = "garden plants roses soil watering shovel seeds pots flowers trees".split()


def said_of(topic: list[str], number: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.sample(topic, 5)) for _ in range(number)]


TEXTS = [text for seed, topic in enumerate(PLANTED.values()) for text in said_of(topic, 60, seed)]


def sides(texts: list[str]) -> list[str]:
    return [next(name for name, words in PLANTED.items() if text.split()[0] in words) for text in texts]


def test_what_was_planted_is_found() -> None:
    topics = propose(TEXTS, 3)
    pairs = set(zip(sides(TEXTS), (about.topic for about in topics.assign(TEXTS)), strict=True))
    assert len(pairs) == 3
    assert sorted(topic.examples for topic in topics.topics) == [60, 60, 60]
    assert all(topic.new and not topic.named for topic in topics.topics)
    for topic in topics.topics:
        assert 2 <= len(topic.name.replace(",", "").split()) <= 4


def test_the_number_is_chosen() -> None:
    topics = propose(TEXTS)
    assert 3 <= len(topics.topics) <= 5
    assert "one standard error" in topics.method


def test_order_and_repetition_change_nothing() -> None:
    texts = [*TEXTS, *TEXTS[:50]]
    random.Random(3).shuffle(texts)
    assert written(propose(texts, 3)) == written(propose(TEXTS, 3))


def test_what_is_known_stays_and_what_is_new_is_told() -> None:
    before = propose(TEXTS, 3)
    named = before.rename(before.topics[0].id, "Ours").pin(before.topics[1].id)
    after = propose([*TEXTS, *said_of(NEW, 60, 9)], before=named)
    assert [topic.id for topic in after.topics[:3]] == [topic.id for topic in named.topics]
    assert [topic.terms for topic in after.topics[:3]] == [topic.terms for topic in named.topics]
    assert after.topics[0].name == "Ours"
    (new,) = [topic for topic in after.topics if topic.new]
    assert new.examples == 60
    assert set(new.name.replace(",", "").split()) <= set(NEW)


def test_more_of_the_same_is_nothing_new() -> None:
    before = propose(TEXTS, 3)
    after = propose(
        [text for seed, topic in enumerate(PLANTED.values()) for text in said_of(topic, 60, 50 + seed)], before=before
    )
    assert [topic.id for topic in after.topics] == [topic.id for topic in before.topics]
    assert not any(topic.new for topic in after.topics)


def test_what_nobody_talks_of_goes_unless_it_is_pinned() -> None:
    before = propose(TEXTS, 3)
    about = {name: before.assign(said_of(words, 1, 7))[0].topic for name, words in PLANTED.items()}
    texts = said_of(PLANTED["billing"], 60, 0)
    alone = propose(texts, before=before.pin(str(about["delivery"])))
    assert {topic.id for topic in alone.topics} == {about["billing"], about["delivery"]}
    assert len(alone.notes) == 2
    assert any("dropped" in note for note in alone.notes)
    assert any("stays" in note for note in alone.notes)
    assert alone[str(about["delivery"])].examples == 0


def test_too_little_is_said() -> None:
    with pytest.raises(NotEnoughDataError, match="5 distinct texts"):
        propose([*TEXTS[:5], *TEXTS[:5], "one", ""])
    before = propose(TEXTS, 3)
    assert "too few for new topics" in propose(TEXTS[:5], before=before).notes[0]
    with pytest.raises(InputError, match="1 topics"):
        propose(TEXTS, 1)
    with pytest.raises(InputError, match="fewer than the 3"):
        propose(TEXTS, 2, before)


def test_personal_data_never_becomes_a_term() -> None:
    texts = [f"{text} anna.schmidt@web.example, Mr Brown" for text in TEXTS]
    said = {word for topic in propose(texts, 3).topics for term in topic.terms for word in term.split()}
    assert not said & {"anna", "schmidt", "web", "example", "brown"}


def test_lifts_are_logs_of_shares() -> None:
    from collections import Counter

    table = counted([Counter(a=1), Counter(a=1), Counter(b=1), Counter(b=1)])
    assert table.terms == ["a", "b"]
    lift, says = lifts(table.counts, np.array([0, 0, 1, 1]), 2)
    # half of the prior, one pseudo-count of log 2 and .5 each, moves the share of 1 towards one half
    share = (2 * np.log(2) + 0.5) / (2 * np.log(2) + 1)
    assert lift[0, 0] == pytest.approx(np.log(share / 0.5))
    assert lift[0, 1] < 0 < lift[1, 1]
    assert says[0, 0] == pytest.approx(2 * np.log(2) * lift[0, 0])
