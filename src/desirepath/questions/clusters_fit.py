"""Which kinds of paths are there? Words of one and two steps, fewer dimensions, weighted k-means, and how stable it is.

    model = fit(paths, weights, space)      None where no number of types is stable
    model.types(paths)                      which type each path is

Paths are int16[n, depth] of touchpoints, -1 after the end. Steps are weighed as words in texts are (tf-idf, Spärck
Jones 1972), reduced by a singular value decomposition, and put into types by k-means from k-means++ seeds (Arthur and
Vassilvitskii 2007). The number of types is the least that is stable and after which one more does not better the
silhouette (Rousseeuw 1987), which otherwise goes on to rise until every path is a type. Stable means: refitted to
resampled people, the adjusted Rand index (Hubert and Arabie 1985) is at least 0.7 in the mean. Everything random comes
from one seed, so that the same paths have the same types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.on_threads import on_threads

Array = npt.NDArray[Any]

SEED = 20_260_101
MOST_FITTED, MOST_COMPARED = 6_000, 1_200
MOST_STEPS, MOST_PAIRS, DIMENSIONS = 60, 140, 12
RESAMPLED, STARTS, ROUNDS = 10, 4, 60
STABLE = 0.7
NUMBERS = range(2, 9)
CHUNK = 40_000


@dataclass(frozen=True)
class Words:
    """Which steps and pairs of steps are looked at, and how much each weighs.

    Attributes
    ----------
    steps
        int16[space]: the place of a touchpoint among the words, or -1.
    pairs
        int32[steps * steps]: the place of a pair of steps after those, or -1.
    idf
        float64[words].
    axes
        float64[words, dimensions].
    """

    steps: Array
    pairs: Array
    idf: Array
    axes: Array

    def counts(self, paths: Array) -> Array:
        """float64[n, words]: how often each word stands in each path."""
        singles = int(self.steps.max(initial=-1)) + 1
        found = np.zeros((len(paths), len(self.idf)))
        rows = np.arange(len(paths))
        place = np.where(paths >= 0, self.steps[np.maximum(paths, 0)], -1).astype(np.int64)
        for k in range(paths.shape[1]):
            here = place[:, k]
            known = here >= 0
            np.add.at(found, (rows[known], here[known]), 1)
            if k:
                before = place[:, k - 1]
                both = known & (before >= 0)
                pair = np.full(len(paths), -1, dtype=np.int64)
                pair[both] = self.pairs[before[both] * singles + here[both]]
                both = pair >= 0
                np.add.at(found, (rows[both], singles + pair[both]), 1)
        return found

    def points(self, paths: Array) -> Array:
        """float64[n, dimensions]: where each path lies."""
        weighed = np.log1p(self.counts(paths)) * self.idf
        length = np.linalg.norm(weighed, axis=1, keepdims=True)
        return np.asarray((weighed / np.where(length > 0, length, 1)) @ self.axes)


@dataclass(frozen=True)
class Model:
    """Fitted types.

    Attributes
    ----------
    words
        What is looked at.
    centres
        float64[types, dimensions], the largest type first.
    silhouette, stability
        How far types lie apart (-1 to 1), and the mean adjusted Rand index over resampled people.
    tried
        Per number of types its silhouette and stability.
    """

    words: Words
    centres: Array
    silhouette: float
    stability: float
    tried: Sequence[tuple[int, float, float]]

    def types(self, paths: Array) -> Array:
        """int64[n]: the type of each path."""
        parts = [paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK)]
        found = [_nearest(self.words.points(part), self.centres)[0] for part in parts]
        return np.concatenate([*found, np.zeros(0, dtype=np.int64)])

    def distances(self, paths: Array) -> Array:
        """float64[n]: squared, to the centre of the own type."""
        return _nearest(self.words.points(paths), self.centres)[1]


def sample(weights: Array, keys: Array) -> tuple[Array, Array]:
    """Rows to fit to, and their weights: the most frequent, and of the rest some chosen by their key.

    Parameters
    ----------
    weights
        int64[n]: people by path.
    keys
        int64[n]: what the choice depends on, the same in every run.
    """
    if len(weights) <= MOST_FITTED:
        return np.arange(len(weights)), weights.astype(np.float64)
    order = np.argsort(-weights, kind="stable")
    first, rest = order[: MOST_FITTED // 2], order[MOST_FITTED // 2 :]
    mixed = (keys[rest].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    some = rest[np.argsort(mixed, kind="stable")[: MOST_FITTED - len(first)]]
    given = weights.astype(np.float64)
    scale = given[rest].sum() / given[some].sum()
    return np.concatenate((first, some)), np.concatenate((given[first], given[some] * scale))


def look(paths: Array, weights: Array, space: int) -> Words:
    """Choose and weigh the words."""
    total = weights.sum()
    present = np.zeros(space)
    for touchpoint in range(space) if space <= 4 * MOST_STEPS else np.unique(paths[paths >= 0]).tolist():
        present[touchpoint] = weights[(paths == touchpoint).any(axis=1)].sum()
    kept = [t for t in np.argsort(-present, kind="stable")[:MOST_STEPS].tolist() if present[t] > 0]
    steps = np.full(max(space, 1), -1, dtype=np.int16)
    steps[kept] = np.arange(len(kept))
    place = np.where(paths >= 0, steps[np.maximum(paths, 0)], -1).astype(np.int64)
    pair = np.where((place[:, :-1] >= 0) & (place[:, 1:] >= 0), place[:, :-1] * len(kept) + place[:, 1:], -1)
    by_pair = np.zeros(len(kept) ** 2 + 1)
    for k in range(pair.shape[1]):
        fresh = (pair[:, k] >= 0) & ~(pair[:, :k] == pair[:, k : k + 1]).any(axis=1)
        np.add.at(by_pair, pair[fresh, k], weights[fresh])
    frequent = [p for p in np.argsort(-by_pair[:-1], kind="stable")[:MOST_PAIRS].tolist() if by_pair[p] > 0]
    pairs = np.full(len(kept) ** 2 + 1, -1, dtype=np.int32)
    pairs[frequent] = np.arange(len(frequent))
    df = np.concatenate((present[kept], by_pair[frequent]))
    idf = np.log((1 + total) / (1 + df)) + 1
    words = Words(steps, pairs, idf, np.eye(len(idf)))
    points = words.points(paths)
    values, axes = np.linalg.eigh((points * weights[:, None]).T @ points)
    axes = axes[:, np.argsort(-values, kind="stable")[:DIMENSIONS]]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return Words(steps, pairs, idf, axes * signs)


def fit(paths: Array, weights: Array, space: int, number: int | None = None) -> Model | None:
    """Find the types of paths.

    Parameters
    ----------
    paths, weights
        Distinct paths, and how many people each stands for.
    space
        Touchpoints are below this.
    number
        How many types; the first stable peak of the silhouette, if left out.

    Returns
    -------
    None where there are too few paths, or no number of types is stable.
    """
    numbers = [number] if number else [n for n in NUMBERS if n < len(paths)]
    if not numbers or len(paths) < numbers[0]:
        return None
    words = look(paths, weights, space)
    points = words.points(paths)
    between = Apart.of(points, weights)

    def attempt(n: int) -> tuple[Array, float, float]:
        draw = np.random.default_rng([SEED, n])
        centres = k_means(points, weights, n, draw)
        own, _ = _nearest(points, centres)
        stable = _stability(points, weights, own, n, draw)
        sizes = np.bincount(own, weights=weights, minlength=n)
        return centres[np.argsort(-sizes, kind="stable")], silhouette(between, own), stable

    tried, found = [], {}
    for n, (centres, value, stable) in zip(numbers, on_threads(attempt, numbers), strict=True):
        tried.append((n, value, stable))
        if number or stable >= STABLE:
            found[n] = centres
    if not found:
        return None
    apart = {n: value for n, value, _ in tried}
    peaks = [n for n in found if apart[n] >= apart.get(n + 1, -1.0)]
    best = min(peaks, default=max(found, key=lambda n: apart[n]))
    return Model(words, found[best], apart[best], next(s for n, _, s in tried if n == best), tuple(tried))


def _nearest(points: Array, centres: Array) -> tuple[Array, Array]:
    far = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    own = far.argmin(axis=1)
    return own, np.maximum(far[np.arange(len(points)), own], 0)


def k_means(points: Array, weights: Array, number: int, draw: np.random.Generator) -> Array:
    """float64[number, dimensions]: the best centres of several starts."""
    turned, weighed = np.ascontiguousarray(points.T), points * weights[:, None]
    names = np.arange(number)[:, None]
    best, least = points[:number], np.inf
    for _ in range(STARTS):
        centres = _seeds(turned, weights, number, draw)
        for _round in range(ROUNDS):
            # half the squared distance, less what is the same for all centres
            own = ((centres**2).sum(axis=1)[:, None] / 2 - centres @ turned).argmin(axis=0)
            inside = (own == names).astype(np.float64)
            sizes = inside @ weights
            moved = np.where(sizes[:, None] > 0, inside @ weighed / np.where(sizes > 0, sizes, 1)[:, None], centres)
            if np.allclose(moved, centres, atol=1e-10):
                break
            centres = moved
        cost = float((_nearest(points, centres)[1] * weights).sum())
        if cost < least - 1e-12:
            best, least = centres, cost
    return best


def _seeds(turned: Array, weights: Array, number: int, draw: np.random.Generator) -> Array:
    """float64[number, dimensions]: points, each drawn by how far it is from those before; `turned` has one a column."""
    chosen = [turned[:, _weighted(weights, draw)]]
    nearest = np.full(turned.shape[1], np.inf)
    for _ in range(number - 1):
        nearest = np.minimum(nearest, ((turned - chosen[-1][:, None]) ** 2).sum(axis=0))
        chance = weights * nearest
        chosen.append(turned[:, _weighted(chance if chance.sum() > 0 else weights, draw)])
    return np.array(chosen)


def _weighted(chance: Array, draw: np.random.Generator) -> int:
    upto = np.cumsum(chance)
    return int(min(np.searchsorted(upto, draw.random() * upto[-1], side="right"), len(upto) - 1))


@dataclass(frozen=True)
class Apart:
    """How far some paths lie from each other: the most frequent ones.

    Attributes
    ----------
    some
        int64[n]: which they are.
    weights
        float64[n]: how many people each stands for.
    far
        float64[n, n].
    """

    some: Array
    weights: Array
    far: Array

    @classmethod
    def of(cls, points: Array, weights: Array) -> Apart:
        """Those with the largest weights."""
        some = np.argsort(-weights, kind="stable")[:MOST_COMPARED]
        square = np.zeros((len(some), len(some)))
        for axis in points[some].T:
            square += (axis[:, None] - axis) ** 2
        return cls(some, weights[some], np.sqrt(square))


def silhouette(apart: Apart, own: Array) -> float:
    """How much nearer the own type is than the next one, -1 to 1, in the weighted mean over some paths."""
    weights, far, own = apart.weights, apart.far, own[apart.some]
    number = int(own.max()) + 1
    sizes = np.bincount(own, weights=weights, minlength=number)
    sums = far @ np.where(own[:, None] == np.arange(number), weights[:, None], 0.0)
    rows = np.arange(len(own))
    others = sizes[own] - 1  # somebody is not compared with themselves
    inside = np.where(others > 0, sums[rows, own] / np.where(others > 0, others, 1), 0)
    means = np.where(sizes > 0, sums / np.where(sizes > 0, sizes, 1), np.inf)
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    with np.errstate(invalid="ignore"):
        each = np.where((others > 0) & (widest > 0) & np.isfinite(outside), (outside - inside) / widest, 0)
    return float((each * weights).sum() / weights.sum())


def _stability(points: Array, weights: Array, own: Array, number: int, draw: np.random.Generator) -> float:
    """The mean adjusted Rand index between the types and those that are fitted to resampled people."""
    total = weights.sum()
    people = round(min(total, 100_000.0))
    found = []
    for _ in range(RESAMPLED):
        again = draw.multinomial(people, weights / total).astype(np.float64)
        centres = k_means(points[again > 0], again[again > 0], number, draw) if (again > 0).sum() >= number else points
        found.append(adjusted_rand(own, _nearest(points, centres)[0], weights))
    return float(np.mean(found))


def adjusted_rand(one: Array, other: Array, weights: Array | None = None) -> float:
    """How well two groupings agree: 1 for the same, about 0 for chance (Hubert and Arabie 1985).

    Parameters
    ----------
    one, other
        int[n]: the group of each.
    weights
        float[n]: how many each stands for.
    """
    given = np.ones(len(one)) if weights is None else weights
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), given)
    n = table.sum()

    def pairs(sizes: Array) -> float:
        return float((sizes * (sizes - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected, most = rows * columns / max(n * (n - 1) / 2, 1e-300), (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)
