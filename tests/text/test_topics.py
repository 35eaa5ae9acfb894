"""A topic is its terms: assignment is a sum anyone can redo, and editing moves nothing that it should not."""

from __future__ import annotations

from collections import Counter
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError, UnknownNameError
from desirepath.text.topic_file import FORMAT, read, understood, write, written
from desirepath.text.topics import About, Topic, Topics

BOOK = Topics(
    (
        Topic("delivery", "late, parcel", {"late": 2.0, "parcel": 1.5, "not arrived": 2.5}, examples=3),
        Topic("price", "expensive", {"expensive": 2.0, "price": 1.0}, examples=2),
        Topic("staff", "friendly staff", {"staff": 2.0, "friendly": 1.0, "late": 0.5}, examples=1),
    ),
    texts=6,
    method="by hand",
)
SAID = st.lists(
    st.sampled_from(["late", "parcel", "not arrived", "expensive", "price", "staff", "friendly", "the", "window", "."]),
    max_size=8,
).map(" ".join)


def test_a_score_is_the_sum_of_weights() -> None:
    assert BOOK.scores("Late, late parcel") == pytest.approx(
        {"delivery": 2.0 * log(3) + 1.5 * log(2), "staff": 0.5 * log(3)}
    )
    assert BOOK.assign(["late parcel"]) == [About("delivery", round((3.5 - 0.5) / 3.5, 4))]


def test_a_text_without_evidence_has_no_topic() -> None:
    # `price` alone, once: log 2, a little less than `least`
    assert BOOK.assign(["the window", "", "price"]) == [About(None, 0.0)] * 3
    assert BOOK.assign(["price price"])[0].topic == "price"


def test_of_two_equal_ones_the_first_id_in_the_alphabet() -> None:
    assert BOOK.assign(["expensive staff"]) == [About("price", 0.0)]


@given(st.lists(SAID, max_size=6), st.lists(SAID, max_size=6))
def test_a_text_is_judged_by_itself(one: list[str], other: list[str]) -> None:
    assert BOOK.assign([*one, *other]) == [*BOOK.assign(one), *BOOK.assign(other)]


@given(st.lists(SAID, max_size=8))
def test_editing_keeps_the_counts(texts: list[str]) -> None:
    before = Counter(about.topic for about in BOOK.assign(texts))
    renamed = BOOK.rename("price", "Too dear").pin("staff").unpin("staff")
    assert renamed.assign(texts) == BOOK.assign(texts)
    merged = BOOK.merge(["delivery", "staff"], "Service")
    after = Counter(about.topic for about in merged.assign(texts))
    assert after[None] == before[None]
    assert after["price"] == before["price"]
    assert after["delivery"] == before["delivery"] + before["staff"]
    assert merged.split("delivery").assign(texts) == Topics((BOOK["delivery"], BOOK["staff"], BOOK["price"])).assign(
        texts
    )


@given(st.lists(SAID, max_size=8))
def test_the_file_decides_as_the_topics_do(texts: list[str]) -> None:
    merged = BOOK.merge(["price", "staff"]).rename("price", 'Geld: né & "co"').pin("delivery")
    again = understood(written(merged))
    assert again == merged
    assert written(again) == written(merged)
    assert again.assign(texts) == merged.assign(texts)


def test_editing_changes_nothing_in_place(tmp_path: Path) -> None:
    text = written(BOOK)
    merged = BOOK.merge(["delivery", "price"])
    assert written(BOOK) == text
    assert [topic.examples for topic in merged.topics] == [5, 1]
    assert merged["price"].id == "delivery"
    assert BOOK.rename("price", "Dear")["price"].named
    assert not BOOK["price"].named
    write(merged, tmp_path / "topics.yaml")
    assert read(tmp_path / "topics.yaml") == merged
    assert list(tmp_path.iterdir()) == [tmp_path / "topics.yaml"]


def test_a_person_may_write_terms_as_they_speak() -> None:
    book = understood(f"format: {FORMAT}\ntopics:\n- id: time\n  terms: {{Time of Delivery: 3, 'The courier': 1}}\n")
    assert book.topics[0].terms == {"time delivery": 3.0, "courier": 1.0}
    assert book.assign(["the time of the delivery"]) == [About(None, 0.0)], "two stop words stand between"
    assert book.assign(["a time of delivery"])[0].topic == "time"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not YAML"),
        ("a: &x [*x]\nformat: 1", "aliases are not allowed"),
        (f"format: {FORMAT}\ntopics: &a []\nnotes: *a", "aliases are not allowed"),
        (f"format: {FORMAT}\ntopics: [{{id: a, pinned: true, pinned: false}}]", "'pinned' stands twice"),
        ("- 1", "must be keys"),
        ("format: other", "format"),
        (f"format: {FORMAT}\ntopics: 3", "must be a list"),
        (f"format: {FORMAT}\ntopic: []", "Did you mean 'topics'"),
        (f"format: {FORMAT}\ntopics: [{{id: 'a b'}}]", "id of topic 1"),
        (f"format: {FORMAT}\ntopics: [{{id: a, pinnd: true}}]", "Did you mean 'pinned'"),
        (f"format: {FORMAT}\ntopics: [{{id: a, pinned: 3}}]", "`pinned` of topic 'a'"),
        (f"format: {FORMAT}\ntopics: [{{id: a, terms: {{the: 1}}}}]", "'the', a term of topic 'a'"),
        (f"format: {FORMAT}\ntopics: [{{id: a, terms: {{late: .nan}}}}]", "weight of 'late'"),
        (f"format: {FORMAT}\ntopics: [{{id: a, terms: {{late: yes}}}}]", "weight of 'late'"),
        (f"format: {FORMAT}\ntopics: [{{id: a}}, {{id: a}}]", "given to two topics"),
        (f"format: {FORMAT}\nleast: x\ntopics: []", "least"),
        (f"format: {FORMAT}\ntopics: [{{id: a, merged: [{{id: b, merged: [{{id: c}}]}}]}}]", "none merged themselves"),
        (f"format: {FORMAT}\ntopics: [!!python/object/apply:os.getcwd []]", "not YAML"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"topics\.yaml") as raised:
        read(path)
    assert said in str(raised.value)


def test_what_cannot_be_edited_is_said() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'price'"):
        BOOK.rename("prize", "x")
    with pytest.raises(InputError, match="needs a name"):
        BOOK.rename("price", " ")
    with pytest.raises(InputError, match="merge the two"):
        BOOK.rename("price", "Friendly staff")
    with pytest.raises(InputError, match="two different"):
        BOOK.merge(["price", "price"])
