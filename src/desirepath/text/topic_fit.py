"""How are topics found in texts? The mathematics: terms counted, texts grouped, groups settled, their number chosen.

Texts become rows of term counts. A first grouping comes from k-means in the first 50 singular directions of the TF-IDF
matrix, from many starts that are brought to a consensus: texts that are together in most of them end up together. It is
then settled by expectation-maximisation of a mixture of multinomials over the counts themselves, each text weighing its
evidence by a root of its length, because the words of one text are not as many independent witnesses. A topic's terms
are those that say most for it: log(share in the topic / share overall), shrunk where they are rare.

How many topics: of a fifth of the texts, held out, half of the terms are shown and the others foretold by the topics;
the number that foretells best wins, or the smallest one that is within one standard error of it.

Sources: S. Deerwester et al., Indexing by latent semantic analysis, JASIS 41 (1990); A. Strehl and J. Ghosh, Cluster
ensembles, JMLR 3 (2002); K. Nigam et al., Text classification from labeled and unlabeled documents using EM, Machine
Learning 39 (2000); held-out halves: H. Wallach et al., Evaluation methods for topic models, ICML (2009); one standard
error: L. Breiman et al., Classification and Regression Trees (1984).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_TERMS = 20_000
"""So many terms are looked at, the most frequent ones."""

DIRECTIONS = 50
STARTS = 20
"""Starts of k-means that are brought to a consensus."""

TURNS = 20
"""Turns of expectation-maximisation; it has settled well before."""

SMOOTH = 0.1
TEMPER = 0.4
"""A text's evidence is divided by its length to this power; 1 would trust the mean of its words, 0 every word."""

SHRINK = 0.5
"""So many times the overall shares are added to a topic's counts before its terms are weighed."""

CANDIDATES = (2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 25, 30)
FEW = 2_000
"""The number of topics is chosen on so many texts."""

OVERALL = 0.3
"""When terms are foretold, this share comes from what is usual overall, as topics never say all of a text."""


class Counted(NamedTuple):
    """Texts as rows of counts.

    Attributes
    ----------
    terms
        The terms, in the order of the alphabet.
    counts
        Sparse float64[texts, terms]: log(1 + how often).
    """

    terms: list[str]
    counts: Any


def counted(texts: Sequence[Counter[str]]) -> Counted:
    """Count the terms that are neither rare nor everywhere.

    Returns
    -------
    Terms of at least two texts (three from 200 texts on, and one in 2,000), and of no more than 30 % of them (50 % of
    fewer than 200).
    """
    from scipy.sparse import csr_matrix

    number = len(texts)
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(dict.fromkeys(text, 1))
    least, most = (2, 0.5 * number) if number < 200 else (max(3, number // 2_000), 0.3 * number)
    kept = sorted((-many, term) for term, many in seen.items() if least <= many <= most)[:MOST_TERMS]
    terms = sorted(term for _, term in kept)
    place = {term: column for column, term in enumerate(terms)}
    starts, columns, values = [0], list[int](), list[int]()
    for text in texts:
        known = sorted((place[term], many) for term, many in text.items() if term in place)
        columns.extend(column for column, _ in known)
        values.extend(many for _, many in known)
        starts.append(len(columns))
    return Counted(
        terms,
        csr_matrix(
            (np.log1p(np.array(values, dtype=np.float64)), np.array(columns, dtype=np.int64), np.array(starts)),
            shape=(number, len(terms)),
        ),
    )


def grouped(near: Floats, k: int, starts: int = STARTS) -> Ints:
    """Group texts into k by the consensus of many starts of k-means.

    Parameters
    ----------
    near
        float64[texts, directions]: what `directions` gives.

    Returns
    -------
    int64[texts]: 0 ... k - 1.
    """
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import normalize

    k = min(k, len(near))
    together: list[Floats] = []
    for seed in range(starts):
        found = KMeans(k, n_init=1, random_state=seed).fit_predict(near)
        member = np.zeros((len(near), k))
        member[np.arange(len(near)), found] = 1
        together.append(member / np.sqrt(np.maximum(member.sum(axis=0), 1)))
    members = np.hstack(together)
    values, vectors = np.linalg.eigh(members.T @ members)
    leading = members @ vectors[:, ::-1][:, :k] / np.sqrt(np.maximum(values[::-1][:k], 1e-12))
    return np.asarray(KMeans(k, n_init=10, random_state=0).fit_predict(normalize(leading)), dtype=np.int64)


def directions(counts: Any) -> Floats:
    """float64[texts, up to 50]: where each text lies among the singular directions of the TF-IDF matrix, length one."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    number, width = counts.shape
    frequent = np.bincount(counts.indices, minlength=width)
    weighted = counts.copy()
    weighted.data = (1 + np.log(np.expm1(weighted.data))) * (np.log(number / np.maximum(frequent, 1)) + 1)[
        weighted.indices
    ]
    weighted = normalize(weighted)
    size = min(DIRECTIONS, number - 1, width - 1)
    if size < 1:
        return np.asarray(weighted.todense(), dtype=np.float64)
    found = TruncatedSVD(size, algorithm="arpack", random_state=0).fit_transform(weighted)
    return np.asarray(normalize(found), dtype=np.float64)


def overall(counts: Any) -> Floats:
    """float64[terms]: each term's share of all that is said."""
    total = np.asarray(counts.sum(axis=0)).ravel() + SMOOTH
    return np.asarray(total / total.sum(), dtype=np.float64)


def settled(counts: Any, start: Ints, k: int, fixed: Floats | None = None, turns: int = TURNS) -> tuple[Ints, Floats]:
    """Settle a grouping by expectation-maximisation.

    Parameters
    ----------
    start
        int64[texts]: the topic of each text at the start; the fixed ones come first, then k free ones.
    fixed
        float64[topics, terms]: shares of terms that stay as they are.

    Returns
    -------
    int64[texts] and float64[topics, terms]: the topic of each text, and each topic's shares of terms.
    """
    before = 0 if fixed is None else len(fixed)
    part = np.zeros((counts.shape[0], before + k))
    part[np.arange(len(part)), start] = 1
    shares = np.zeros((before + k, counts.shape[1]))
    for _ in range(turns):
        free = part[:, before:].T @ counts + SMOOTH
        shares[before:] = free / free.sum(axis=1, keepdims=True)
        if fixed is not None:
            shares[:before] = fixed
        part = _parts(counts, shares)
    return np.asarray(part.argmax(axis=1), dtype=np.int64), shares


def _parts(counts: Any, shares: Floats) -> Floats:
    """float64[texts, topics]: how far each text belongs to each topic; every row adds up to one."""
    length = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    score = (counts @ np.log(shares).T) / (length**TEMPER)[:, None]
    part = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(part / part.sum(axis=1, keepdims=True), dtype=np.float64)


def lifts(counts: Any, group: Ints, k: int) -> tuple[Floats, Floats]:
    """Weigh every term of every topic.

    Returns
    -------
    float64[k, terms] twice: the log of the share in the topic over the share overall, and that times how often it is
    said there, which is what the term contributes.
    """
    usual = overall(counts)
    said = np.vstack([np.asarray(counts[group == topic].sum(axis=0)).ravel() for topic in range(k)])
    width = counts.shape[1]
    shares = (said + SHRINK * width * usual) / (said.sum(axis=1, keepdims=True) + SHRINK * width)
    lift = np.log(shares / usual)
    return lift, said * lift


def shares_of(topics: Sequence[Mapping[str, float]], terms: Sequence[str], usual: Floats) -> Floats:
    """float64[topics, terms]: the shares of terms that written weights stand for; the reverse of `lifts`."""
    place = {term: column for column, term in enumerate(terms)}
    weight = np.zeros((len(topics), len(terms)))
    for row, each in enumerate(topics):
        for term, value in each.items():
            if term in place:
                weight[row, place[term]] = min(value, 20.0)
    shares = usual * np.exp(weight)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


class Choice(NamedTuple):
    """How a number of topics was chosen.

    Attributes
    ----------
    k
        The number.
    tried, gains, errors
        The numbers tried; how much better than the overall shares each foretells a held-out term, in nats; and the
        standard errors.
    """

    k: int
    tried: list[int]
    gains: list[float]
    errors: list[float]


def number_of_topics(counts: Any) -> Choice:
    """Choose how many topics there are.

    Parameters
    ----------
    counts
        Sparse float64[texts, terms], the texts in an order that means nothing: every fifth one is held out.
    """
    halves = _halved(counts)
    usual = overall(halves.learn)
    tried = [k for k in CANDIDATES if k <= halves.learn.shape[0] // 8] or [2]
    if halves.given.shape[0] < 5:
        return Choice(tried[0], tried[:1], [0.0], [0.0])
    near = directions(halves.learn)
    gains, errors = [], []
    for k in tried:
        shares = settled(halves.learn, grouped(near, k, 4), k, None, 10)[1]
        each = _foretold(halves, shares, usual)
        gains.append(float(each.mean()))
        errors.append(float(each.std() / np.sqrt(len(each))))
    best = int(np.argmax(gains))
    chosen = next(k for k, gain in zip(tried, gains, strict=True) if gain >= gains[best] - errors[best])
    return Choice(chosen, tried, gains, errors)


class Halves(NamedTuple):
    """Texts to learn from, and held-out ones of which half of the terms are shown.

    Attributes
    ----------
    held, shown
        bool[texts], bool[terms]: what is held out, and which terms are shown.
    learn, given, asked
        Sparse float64: the texts to learn from; of the others, the terms that are shown, and those to be foretold.
    """

    held: npt.NDArray[np.bool_]
    shown: npt.NDArray[np.bool_]
    learn: Any
    given: Any
    asked: Any


def _halved(counts: Any) -> Halves:
    held = np.arange(counts.shape[0]) % 5 == 4
    shown = np.random.default_rng(0).random(counts.shape[1]) < 0.5
    given, asked = counts[held][:, shown], counts[held][:, ~shown]
    usable = (given.getnnz(axis=1) > 0) & (asked.getnnz(axis=1) > 0)
    return Halves(held, shown, counts[~held], given[usable], asked[usable])


def beginning(counts: Any, k: int, fixed: Floats | None, poor: npt.NDArray[np.bool_] | None, starts: int) -> Ints:
    """Return a first grouping: all texts into k; or those that fit poorly into k beside the fixed topics."""
    if fixed is None or poor is None:
        return grouped(directions(counts), k, starts)
    start = np.asarray(_parts(counts, fixed).argmax(axis=1), dtype=np.int64)
    if k:
        start[poor] = len(fixed) + grouped(directions(counts[poor]), k, starts)
    return start


def _foretold(halves: Halves, shares: Floats, usual: Floats) -> Floats:
    """float64[texts]: how much better than `usual` the terms that were not shown are foretold, in nats a term."""
    mixed = (1 - OVERALL) * shares + OVERALL * usual
    shown = halves.shown
    part = _parts(halves.given, mixed[:, shown])
    hidden = mixed[:, ~shown] / mixed[:, ~shown].sum(axis=1, keepdims=True)
    plain = usual[~shown] / usual[~shown].sum()
    cells = halves.asked.tocoo()
    better = np.log(np.einsum("ij,ij->i", part[cells.row], hidden[:, cells.col].T) / plain[cells.col]) * cells.data
    total = np.bincount(cells.row, better, minlength=halves.asked.shape[0])
    return np.asarray(total / np.asarray(halves.asked.sum(axis=1)).ravel(), dtype=np.float64)


__all__ = [
    "CANDIDATES",
    "Choice",
    "Counted",
    "beginning",
    "counted",
    "directions",
    "grouped",
    "lifts",
    "number_of_topics",
    "overall",
    "settled",
    "shares_of",
]
