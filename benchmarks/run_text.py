"""How well is the sentiment of real remarks read, and how fast are remarks read altogether?

    python benchmarks/run_text.py            # into RESULTS.md
    python benchmarks/run_text.py --dry

Public texts that people have rated (the folder is named by DESIREPATH_DATA), beside VADER alone and the answer that is
the most frequent. The lists and rules of sentiment were made with one random half of the texts in view; the other half
is told as well.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
import numpy.typing as npt
import results

from desirepath.text import embeddings
from desirepath.text.effort import efforts
from desirepath.text.emotions import emotions
from desirepath.text.head_features import PENALTY, PENALTY_OF_MEANING, chosen, cleaned, fitted
from desirepath.text.heads import learn, together
from desirepath.text.intents import intents
from desirepath.text.language import languages
from desirepath.text.sentiment import sentiments
from desirepath.text.words import Cut

DATA = Path(os.environ.get("DESIREPATH_DATA", Path(__file__).parents[2] / "shared" / "data")).resolve()
SOURCES = {
    "tweets": "tweets",
    "amazon": "Amazon reviews, sentences",
    "movie": "film reviews, sentences",
    "nyt": "newspaper opinion, sentences",
    "reviews": "product reviews, sentences with labels",
}
WORDS, MANY, RUNS, TARGET = 15, 20_000, 3, 5_000
SEED = 7
FEW = "### Learning from few labels"
LEARNED_OF, LABELS, SEEDS, MOST = ("amazon", "movie"), (60, 200, 600), 5, 3_708
EMBEDDED = 1_000
"""So many texts are read to tell how fast."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """Texts of one source, what people thought of them, our readings and VADER's."""

    texts: Sequence[str]
    rated: Floats
    ours: Floats
    vader: Floats

    def part(self, chosen: npt.NDArray[np.bool_]) -> Source:
        """Return some of the texts."""
        texts = [text for text, taken in zip(self.texts, chosen, strict=True) if taken]
        return Source(texts, self.rated[chosen], self.ours[chosen], self.vader[chosen])


def truth(name: str) -> tuple[list[str], list[float]]:
    """Return the texts of a source and their ratings; sentences without a label are left out."""
    if name == "reviews":
        file = DATA / "product_reviews_aspects" / "lines.parquet"
        lines = duckdb.read_parquet(str(file)).filter("kind = 'sentence'").project("text, labels").fetchall()
        summed = [(text, sum(map(int, re.findall(r"\[([+-]\d)\]", labels or "")))) for text, labels in lines]
        found = [(text, float(total)) for text, total in summed if total]
    else:
        file = DATA / "vader_ground_truth" / "snippets.parquet"
        rated = duckdb.read_parquet(str(file)).project("source, text, mean_rating").fetchall()
        found = [(text, rating) for source, text, rating in rated if source.startswith(name)]
    return [text for text, _ in found], [rating for _, rating in found]


def read(name: str) -> Source:
    """Read a source with both."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    theirs = SentimentIntensityAnalyzer()
    texts, rated = truth(name)
    compound = [theirs.polarity_scores(text)["compound"] for text in texts]
    return Source(texts, np.array(rated), sentiments(texts, languages(texts)), np.array(compound))


def quality(readings: Floats, rated: Floats) -> list[str]:
    """Return Pearson's correlation and the share of right signs, as cells."""
    right = (np.sign(readings) == np.sign(rated)).mean()
    return [f"{np.corrcoef(readings, rated)[0, 1]:.3f}", f"{100 * right:.1f} %"]


def row(name: str, source: Source) -> list[str]:
    """Return the cells of one source."""
    answered = ~np.isnan(source.ours)
    signs = np.sign(source.rated)
    most = max((signs == sign).mean() for sign in (-1, 0, 1))
    return [
        SOURCES[name],
        f"{len(source.texts):,}",
        *quality(np.nan_to_num(source.ours), source.rated),
        *quality(source.vader, source.rated),
        f"{100 * most:.1f} %",
        f"{100 * (1 - answered.mean()):.1f} %",
        *quality(source.ours[answered], source.rated[answered]),
        *quality(source.vader[answered], source.rated[answered]),
    ]


def missed(sources: dict[str, Source]) -> list[str]:
    """Return where VADER alone does better over all texts."""
    found = []
    for name, source in sources.items():
        ours, vader = quality(np.nan_to_num(source.ours), source.rated), quality(source.vader, source.rated)
        for what, one, other in zip(("r", "signs"), ours, vader, strict=True):
            if float(one.removesuffix(" %")) < float(other.removesuffix(" %")):
                found.append(f"{what} of {SOURCES[name]} over all texts ({one} against {other})")
    return found


HEAD = [
    "", "n", "desirepath r", "signs", "VADER r", "signs", "most frequent", "abstained", "answered: desirepath r",
    "signs", "VADER r", "signs",
]  # fmt: skip


def short_texts(sources: Sequence[Source]) -> list[str]:
    """Return texts of about fifteen words, drawn from all sources."""
    known = [text for source in sources for text in source.texts if WORDS - 5 <= len(text.split()) <= WORDS + 5]
    rng = np.random.default_rng(SEED)
    return [known[place] for place in rng.integers(0, len(known), MANY)]


def speed(texts: Sequence[str]) -> list[list[str]]:
    """Return a row for each reader: texts a second on one core, the median of three."""
    readers: dict[str, Callable[[Cut, list[str | None]], Any]] = {
        "sentiment, with cutting into words": sentiments,
        "effort": efforts,
        "emotion": emotions,
        "contact reason": intents,
    }
    codes = languages(texts)
    taken: dict[str, list[float]] = {name: [] for name in ("language", *readers, "all five")}
    for _ in range(RUNS):
        cut = Cut(texts)
        begun = time.process_time()
        codes = languages(cut)
        taken["language"].append(time.process_time() - begun)
        for name, reader in readers.items():
            begun = time.process_time()
            reader(cut, codes)
            taken[name].append(time.process_time() - begun)
        taken["all five"].append(sum(times[-1] for name, times in taken.items() if name != "all five"))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return [[name, f"{len(texts) / seconds:,.0f}"] for name, seconds in medians.items()]


def told(readings: Floats, rated: Floats) -> Floats:
    """Return AUC and macro-F1 of the signs."""
    from sklearn.metrics import f1_score, roc_auc_score

    signs = np.where(readings > 0, 1, -1)
    return np.array([roc_auc_score(rated > 0, readings), f1_score(np.sign(rated), signs, average="macro")])


def few_of(
    many: int, texts: Sequence[str], codes: Sequence[str | None], signs: Floats, house: Floats, meant: Any
) -> list[str]:
    """Return the cells of so many labels."""
    clean = [cleaned(text) for text in texts]
    figures: dict[str, list[Floats]] = {}
    kept: list[str] = []
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(texts))
        few, rest = order[:many], order[many:]
        rows = chosen([clean[place] for place in few]).rows(clean)
        heads = {"words": (rows, PENALTY), "embeddings": (meant, PENALTY_OF_MEANING)}
        for model, (given, penalty) in heads.items():
            weights, intercept = fitted(given[few], signs[few], penalty)
            figures.setdefault(model, []).append(told(given[rest] @ weights + intercept, signs[rest]))
        lesson = learn(
            [texts[place] for place in few],
            signs[few],
            languages=[codes[place] for place in few],
            baseline=house[few],
        )
        said = house[rest]
        if lesson.head is not None:
            said = together(
                said, lesson.head.sentiments([texts[place] for place in rest], [codes[place] for place in rest])
            )
        kept.append("none" if lesson.head is None else lesson.head.model)
        figures.setdefault("house", []).append(told(np.nan_to_num(house[rest]), signs[rest]))
        figures.setdefault("read", []).append(told(np.nan_to_num(said), signs[rest]))
    means = {model: np.mean(each, axis=0) for model, each in figures.items()}
    cells = [f"{auc:.3f} / {f1:.3f}" for auc, f1 in (means[each] for each in ("house", "words", "embeddings"))]
    counts = ", ".join(f"{each} {kept.count(each)}" for each in ("words", "embeddings", "none") if each in kept)
    read_in_the_end = "{:.3f} / {:.3f}".format(*means["read"])
    return [f"{many}", *cells, counts, read_in_the_end]


def learned(name: str) -> list[list[str]]:
    """Return a row for each number of labels of a source.

    A label is the sign of the rating. Heads are learned from some texts, drawn at random, and tried on all others.
    """
    texts, rated = truth(name)
    taken = np.random.default_rng(SEED).permutation([place for place, rating in enumerate(rated) if rating])[:MOST]
    texts, signs = [texts[place] for place in taken], np.sign(np.array(rated)[taken])
    codes = languages(texts)
    house = sentiments(texts, codes)
    clean = [cleaned(text) for text in texts]
    meant = embeddings.embed(clean)
    known = dict(zip(clean, meant, strict=True))

    def remembered(asked: Sequence[str]) -> Floats:
        """Each text is read once in all."""
        return np.array([known[text] for text in asked])

    with patch.object(embeddings, "embed", remembered):
        found = [few_of(many, texts, codes, signs, house, meant) for many in LABELS]
    return [[SOURCES[name], *cells] for cells in found]


def speed_of_embeddings(texts: Sequence[str]) -> float:
    """Return texts a second on one core; processor time."""
    from threadpoolctl import threadpool_limits

    embeddings.embed(texts[:1])
    with threadpool_limits(1):
        begun = time.process_time()
        embeddings.embed(texts)
        return len(texts) / (time.process_time() - begun)


def few_labels(texts: Sequence[str]) -> str:
    """Return the part on learning from few labels; where embeddings are not installed, the one that is there."""
    if not embeddings.available():
        known = results.RESULTS.read_text() if results.RESULTS.exists() else ""
        before = re.search(rf"{FEW}\n.*?(?=\n\n\*\*Missed|\n\n### |\n<!-- )", known, flags=re.DOTALL)
        return before[0] if before else ""
    found = [line for name in LEARNED_OF for line in learned(name)]
    head = ["", "labels", "words of the house", "head of words", "head of embeddings", "kept", "read in the end"]
    return "\n\n".join(
        [
            FEW,
            f"{results.today()}. Sentences whose rating is not 0; good or bad is the label. Learned from some of at "
            f"most {MOST:,}, tried on all others; means of {SEEDS} draws; AUC / macro-F1. The heads alone, whether "
            "they would be kept or not; then which one was kept, of five, and what is read in the end: the mean of "
            f"the words of the house and the head, if one is kept. Of texts of about {WORDS} words, embeddings read "
            f"{speed_of_embeddings(texts):,.0f} a second on one core.",
            results.table(head, found),
        ]
    )


def section(sources: dict[str, Source]) -> str:
    """Return the text of the section in RESULTS.md."""
    rng = np.random.default_rng(SEED)
    halves = {name: source.part(rng.random(len(source.texts)) >= 0.5) for name, source in sources.items()}
    short = short_texts(list(sources.values()))
    rates = speed(short)
    few = few_labels(short[:EMBEDDED])
    slow = [] if float(rates[-1][1].replace(",", "")) >= TARGET else [f"{rates[-1][1]} texts a second"]
    return "\n\n".join(
        [
            "## Sentiment of English remarks",
            f"{results.machine()}. {results.today()}, load {results.load():.1f}. vaderSentiment 3.3.2. r is Pearson's "
            "correlation with what people thought (the mean of twenty ratings from -4 to 4; for the product reviews "
            "the sum of the labels of a sentence); signs is how often good and bad are told rightly, 0 being wrong "
            "where people did not say 0. A text whose language is not surely English is abstained on: over all it "
            "counts as 0, and the last columns leave it out for both. Most frequent is the share of the sign that is "
            "most frequent.",
            results.table(HEAD, [row(name, source) for name, source in sources.items()]),
            "The half whose texts were not looked at while the lists and rules of sentiment were made (for "
            "telling languages, some of both were):",
            results.table(HEAD, [row(name, source) for name, source in halves.items()]),
            f"### Speed, texts of about {WORDS} words a second on one core",
            f"{MANY:,} texts, drawn from all sources; processor time, median of {RUNS}. Asked: {TARGET:,} for all.",
            results.table(["", "texts a second"], rates),
            *([few] if few else []),
            f"**Missed:** {'; '.join([*missed(sources), *slow]) or 'nothing'}.",
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Hold the reading of sentiment against what people thought.")
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    text = section({name: read(name) for name in SOURCES})
    if asked.dry:
        print(text)
    else:
        results.write_section("sentiment", text)


if __name__ == "__main__":
    main()
