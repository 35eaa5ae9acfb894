"""Topics, phrases, quotes, repair and the head on real texts: floors that the methods have to keep."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import numpy as np
from real_data import DATA, needs_data

from desirepath.text.head_file import written as head_written
from desirepath.text.heads import learn
from desirepath.text.masking import masked
from desirepath.text.phrases import keyphrases
from desirepath.text.repair import repaired
from desirepath.text.representatives import representatives
from desirepath.text.topic_file import understood, written
from desirepath.text.topic_proposal import propose
from desirepath.text.topics import Topics

pytestmark = needs_data


def rows(query: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(query.replace("@", f"{DATA}/")).fetchall()


@cache
def complaints() -> tuple[list[str], list[str]]:
    """The distinct narratives of the complaints, with their products."""
    found = rows(
        "SELECT consumer_complaint_narrative, min(product) FROM '@cfpb_complaints/complaints.parquet' "
        "WHERE consumer_complaint_narrative IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return [row[0] for row in found], [row[1] for row in found]


@cache
def topics() -> Topics:
    texts, products = complaints()
    return propose(texts, len(set(products)))


def about(topics: Topics, texts: Sequence[str]) -> list[str]:
    return [str(each.topic) for each in topics.assign(texts)]


def agreement(one: Sequence[str], other: Sequence[str]) -> float:
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(one, other))


def purity(labels: Sequence[str], groups: Sequence[str]) -> float:
    most = Counter[str]()
    for (group, _), many in Counter(zip(groups, labels, strict=True)).items():
        most[group] = max(most[group], many)
    return most.total() / len(labels)


def test_topics_of_complaints_follow_their_products() -> None:
    texts, products = complaints()
    groups = about(topics(), texts)
    # TF-IDF and k-means from scikit-learn as they come: .13 and .54; without English stop words .19 and .60
    assert agreement(products, groups) > 0.30
    assert purity(products, groups) > 0.66
    assert groups.count("None") < 0.02 * len(texts)


def test_topics_do_not_depend_on_the_order_of_texts() -> None:
    texts, products = complaints()
    order = np.random.default_rng(7).permutation(len(texts))
    assert written(propose([texts[i] for i in order], len(set(products)))) == written(topics())
    assert about(understood(written(topics())), texts) == about(topics(), texts)


def test_topics_stay_when_texts_come() -> None:
    texts, _ = complaints()
    order = np.random.default_rng(0).permutation(len(texts))[: int(0.8 * len(texts))]
    part = [texts[i] for i in order]
    before = propose(part)
    after = propose(texts, before=before)
    assert agreement(about(before, part), about(after, part)) > 0.9


def test_a_product_that_was_not_there_is_told_as_new() -> None:
    texts, products = complaints()
    before = propose([text for text, product in zip(texts, products, strict=True) if product != "Mortgage"])
    after = propose(texts, before=before)
    new = [topic for topic in after.topics if topic.new]
    assert new
    assert "mortgage" in new[0].name
    theirs = [product for product, topic in zip(products, about(after, texts), strict=True) if topic == new[0].id]
    assert theirs.count("Mortgage") > 0.75 * len(theirs)


def test_what_the_regulator_blacked_out_is_no_term() -> None:
    said = {word for topic in topics().topics for term in topic.terms for word in term.split()}
    assert not any(re.fullmatch("x+", word) for word in said)
    texts, _ = complaints()
    assert sum(masked(text).count("XXXX") for text in texts) > 0.97 * sum(text.count("XXXX") for text in texts)


def test_phrases_of_a_product_name_it() -> None:
    texts, products = complaints()
    groups: dict[str, list[str]] = {}
    for text, product in zip(texts, products, strict=True):
        groups.setdefault(product, []).append(text)
    found = {name: [phrase.text for phrase in phrases] for name, phrases in keyphrases(groups, 5).items()}
    assert found["Mortgage"][0] == "mortgage"
    assert found["Student loan"][0] == "student"
    assert found["Debt collection"][0] == "debt"


def gardens() -> tuple[list[str], list[float]]:
    found = rows(
        "SELECT explication, nps FROM '@nps_jardinerie/responses.parquet' "
        "WHERE explication IS NOT NULL AND nps IS NOT NULL ORDER BY id, nps, explication"
    )
    return [row[0] for row in found], [row[1] for row in found]


def test_mixed_encodings_are_put_right() -> None:
    texts, _ = gardens()
    wrong = re.compile(r"[\x80-\x9f]")
    found = [repaired(text) for text in texts]
    assert sum(wrong.search(text) is not None for text in texts) > 1_400
    assert not any(wrong.search(text) for text in found)
    words = Counter(word for text in found for word in re.findall(r"\w+", text))
    assert words["légumes"] > 37
    assert all(one == other for one, other in zip(texts, found, strict=True) if not wrong.search(one))


def test_quotes_of_a_side_speak_of_its_matters() -> None:
    texts, scores = gardens()
    low = [repaired(text) for text, score in zip(texts, scores, strict=True) if score <= 6]
    found = representatives(low, 4)
    assert len(found) == 4
    assert any("prix" in low[one.place] for one in found)
    assert sum(one.others for one in found) > 0.25 * len(low)


def test_a_head_learns_from_reviews() -> None:
    found = rows(
        "SELECT review_comment_message, review_score FROM '@olist_A/order_reviews.parquet' "
        "WHERE review_comment_message IS NOT NULL ORDER BY review_id, order_id"
    )
    lesson = learn([row[0] for row in found], [1.0 if row[1] >= 4 else -1.0 for row in found])
    assert lesson.head is not None
    assert lesson.evidence.auc is not None
    assert lesson.evidence.auc.value > 0.92
    assert len(head_written(lesson.head)) < 5_000_000
    bad, good = lesson.head.sentiments(["Péssimo, não recebi o produto", "Ótimo produto, chegou antes do prazo"])
    assert bad < -3 < 3 < good


def test_a_head_learns_from_a_french_survey() -> None:
    texts, scores = gardens()
    goods = [1.0 if score >= 9 else -1.0 if score <= 6 else 0.0 for score in scores]
    lesson = learn([repaired(text) for text in texts], goods)
    assert lesson.head is not None
    assert lesson.evidence.auc is not None
    assert lesson.evidence.auc.value > 0.77
