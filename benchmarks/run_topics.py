"""Do topics follow what texts are known to be about, do they stay, and how fast are they found?

python benchmarks/run_topics.py            # writes into RESULTS.md; the folder of data is named by DESIREPATH_DATA
python benchmarks/run_topics.py --dry      # prints instead
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import results
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from desirepath.text.heads import learn
from desirepath.text.masking import masked
from desirepath.text.phrases import keyphrases
from desirepath.text.repair import repaired
from desirepath.text.representatives import representatives
from desirepath.text.topic_file import written
from desirepath.text.topic_proposal import propose
from desirepath.text.topics import Topics

DATA = Path(os.environ.get("DESIREPATH_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()
SEEDS = 10
MANY = 50_000


class Labelled(NamedTuple):
    """Texts with a label each."""

    name: str
    texts: list[str]
    labels: list[str]
    k: int


def rows(query: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(query.replace("@", f"{DATA}/")).fetchall()


def sets() -> list[Labelled]:
    """Return four sets of labelled texts."""
    found = rows(
        "SELECT consumer_complaint_narrative, min(product) FROM '@cfpb_complaints/complaints.parquet' "
        "WHERE consumer_complaint_narrative IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    texts, products = [row[0] for row in found], [row[1] for row in found]
    lines = rows(
        "SELECT text, min(product) FROM '@product_reviews_aspects/lines.parquet' "
        "WHERE length(text) > 30 GROUP BY 1 ORDER BY 1"
    )
    reviews = rows(
        "SELECT review_comment_message, min(CASE WHEN coalesce(CAST(order_delivered_customer_date AS VARCHAR), '9') > "
        "CAST(order_estimated_delivery_date AS VARCHAR) THEN 'late' ELSE 'on time' END || (review_score >= 4)) "
        "FROM '@olist_A/order_reviews.parquet' JOIN '@olist_A/orders.parquet' USING (order_id) "
        "WHERE length(review_comment_message) > 3 GROUP BY 1 ORDER BY 1"
    )
    kinds = len(set(products))
    return [
        Labelled("complaints, product", texts, products, kinds),
        Labelled("their first 160 signs", [text[:160] for text in texts], products, kinds),
        Labelled("lines of reviews, product", [r[0] for r in lines], [r[1] for r in lines], 5),
        Labelled("Portuguese reviews, late and score", [r[0] for r in reviews], [r[1] for r in reviews], 8),
    ]


def about(topics: Topics, texts: Sequence[str]) -> list[str]:
    return [str(each.topic) for each in topics.assign(texts)]


def purity(labels: Sequence[Any], groups: Sequence[Any]) -> float:
    most = Counter[Any]()
    for (group, _), many in Counter(zip(groups, labels, strict=True)).items():
        most[group] = max(most[group], many)
    return most.total() / len(labels)


def scores(labels: Sequence[str], groups: Sequence[Any]) -> tuple[float, float, float]:
    return (
        float(adjusted_mutual_info_score(labels, groups)),
        float(normalized_mutual_info_score(labels, groups)),
        purity(labels, groups),
    )


def plain(given: Labelled, stop_words: str | None) -> tuple[float, float, float]:
    """Return the median of ten seeds of k-means on TF-IDF, both from scikit-learn as they come."""
    table = TfidfVectorizer(stop_words=stop_words).fit_transform(given.texts)
    found = [
        scores(given.labels, KMeans(given.k, n_init=1, random_state=seed).fit_predict(table).tolist())
        for seed in range(SEEDS)
    ]
    return tuple(float(np.median(column)) for column in zip(*found, strict=True))  # type: ignore[return-value]


def labelled(given: Labelled) -> list[str]:
    """Return a row: agreement with the labels, ours and the others'."""
    groups = about(propose(given.texts, given.k), given.texts)
    stop = plain(given, "english")
    return [
        f"{given.name} (n {len(given.texts):,}, k {given.k})",
        *(f"{each:.3f}" for each in scores(given.labels, groups)),
        *(f"{each:.3f}" for each in plain(given, None)),
        *(f"{each:.3f}" for each in stop),
        f"{100 * groups.count('None') / len(groups):.1f} %",
    ]


def stable(given: Labelled) -> list[str]:
    """Return a row: what stays when texts are shuffled, when a fifth more comes, and when a half is exchanged."""
    order = np.random.default_rng(0).permutation(len(given.texts))
    whole, shuffled = propose(given.texts), propose([given.texts[i] for i in order])
    cells = [adjusted_mutual_info_score(about(whole, given.texts), about(shuffled, given.texts))]
    apart, beside = [], []
    for seed in range(3):
        draw = np.random.default_rng(seed).permutation(len(given.texts))[: int(0.8 * len(given.texts))]
        part = [given.texts[i] for i in draw]
        mine = propose(part, given.k)
        apart.append(adjusted_mutual_info_score(about(mine, part), about(propose(given.texts, given.k), part)))
        before = propose(part)
        beside.append(adjusted_mutual_info_score(about(before, part), about(propose(given.texts, before=before), part)))
    same = "yes" if written(whole) == written(shuffled) else "no"
    return [
        given.name,
        str(len(whole.topics)),
        same,
        *(f"{float(each):.2f}" for each in (*cells, np.median(apart), np.median(beside))),
    ]


def heard(given: Labelled) -> list[list[str]]:
    """Return rows: a label left out, then all texts beside what was known: the topics that are flagged new."""
    found = []
    for label, many in sorted(Counter(given.labels).items(), key=lambda item: -item[1]):
        if not 80 <= many <= 800:
            continue
        before = propose([text for text, one in zip(given.texts, given.labels, strict=True) if one != label])
        after = propose(given.texts, before=before)
        groups = about(after, given.texts)
        new = [topic for topic in after.topics if topic.new]
        told = []
        for topic in new:
            inside = [one for one, group in zip(given.labels, groups, strict=True) if group == topic.id]
            told.append(f"{topic.name} ({len(inside)} texts, {100 * inside.count(label) / len(inside):.0f} % of it)")
        found.append([f"{given.name}: {label}", str(many), "; ".join(told) or "none"])
    return found


def quick(texts: Sequence[str]) -> list[list[str]]:
    """Return rows: seconds for 50 and for 50,000 texts."""
    draw = np.random.default_rng(0)
    pieces = [text.split() for text in texts]
    many = []
    for _ in range(MANY):
        one, other = (pieces[i] for i in draw.integers(0, len(pieces), 2))
        many.append(" ".join(one[: len(one) // 2] + other[len(other) // 2 :]))
    found = []
    for name, given in (("50 complaints", list(texts[:50])), (f"{MANY:,} complaints, halves put together", many)):
        begin = time.perf_counter()
        topics = propose(given)
        took = time.perf_counter() - begin
        begin = time.perf_counter()
        topics.assign(given)
        words = sum(len(text.split()) for text in given)
        found.append(
            [
                name,
                f"{words:,}",
                str(len(topics.topics)),
                results.seconds(took),
                results.seconds(time.perf_counter() - begin),
            ]
        )
    return found


def heads() -> list[list[str]]:
    """Return rows: the head, cross-validated."""
    reviews = rows(
        "SELECT review_comment_message, review_score FROM '@olist_A/order_reviews.parquet' "
        "WHERE review_comment_message IS NOT NULL ORDER BY review_id, order_id"
    )
    garden = rows(
        "SELECT explication, nps FROM '@nps_jardinerie/responses.parquet' WHERE explication IS NOT NULL AND nps IS NOT "
        "NULL ORDER BY id, nps, explication"
    )
    asked = [
        ("Portuguese reviews, 4 and 5 against 1 to 3", reviews, {4: 1.0, 5: 1.0}, -1.0),
        ("French survey, promoters against detractors", garden, {7: 0.0, 8: 0.0, 9: 1.0, 10: 1.0}, -1.0),
    ]
    found = []
    for name, said, good, other in asked:
        lesson = learn([repaired(row[0]) for row in said], [good.get(row[1], other) for row in said])
        auc = lesson.evidence.auc
        if auc is None:
            continue
        found.append(
            [name, f"{lesson.evidence.n:,}", f"{auc.value:.3f}", f"{auc.low:.3f} to {auc.high:.3f}",
             f"{lesson.evidence.correlation or 0:.2f}"]
        )  # fmt: skip
    return found


def rates(texts: Sequence[str]) -> str:
    """Return a sentence: megabytes a second of what reads text by text."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    told = []
    for name, work in (
        ("masking", lambda: [masked(text) for text in texts]),
        ("key phrases", lambda: keyphrases({"a": texts[::2], "b": texts[1::2]})),
        ("quotes", lambda: representatives(texts, 5)),
    ):
        begin = time.perf_counter()
        work()
        told.append(f"{name} {size / (time.perf_counter() - begin):.1f}")
    return f"MB a second, one process, {size:.1f} MB of complaints: {', '.join(told)}."


def section() -> str:
    """Return the text of the section in RESULTS.md."""
    given = sets()
    names = [topic.name for topic in propose(given[0].texts, given[0].k).topics]
    head = [
        "",
        "AMI",
        "NMI",
        "purity",
        "plain: AMI",
        "NMI",
        "purity",
        "with stop words: AMI",
        "NMI",
        "purity",
        "no topic",
    ]
    return "\n\n".join(
        [
            "## Topics, phrases, quotes and the head",
            f"{results.machine()}. {results.today()}, load {results.load():.1f}. Real texts; labels are never shown to "
            "what finds topics. Plain is TfidfVectorizer and KMeans from scikit-learn as they come, the median of ten "
            "seeds; with stop words, its English ones. Texts without a topic count as a group of their own.",
            results.table(head, [labelled(each) for each in given]),
            f"Names proposed for the complaints: {'; '.join(names)}.",
            "### What stays",
            "Shuffled: whether the file is the same, and the agreement (AMI). From scratch: fitted to 80 % and "
            "to all, agreement on the common texts, median of three draws. Beside: the same, the second fit beside "
            "the topics of the first.",
            results.table(
                ["", "k chosen", "same file", "shuffled", "from scratch", "beside"], [stable(each) for each in given]
            ),
            "### What is new",
            "One label is left out at first; then all texts are given beside the topics that were found without it.",
            results.table(["left out", "texts", "flagged new"], heard(given[0]) + heard(given[2])),
            "### Seconds",
            results.table(["", "words", "k chosen", "propose", "assign"], quick(given[0].texts)),
            rates(given[0].texts),
            "### The head, in five-fold cross-validation",
            results.table(["", "labels", "AUC", "95 %", "correlation with the score"], heads()),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure topics, phrases, quotes and the head.")
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    text = section()
    if asked.dry:
        print(text)
    else:
        results.write_section("topics", text)


if __name__ == "__main__":
    main()
