"""Which few texts stand for all of them? Quotes by a rule that anyone can check, so that none is picked to please.

    representatives(texts, most=5)       [Standing(12, 31), Standing(4, 17), ...]: position, and for how many others

The rule. Two texts are as alike as the cosine of their TF-IDF terms. A text stands for another if they are alike by a
tenth and more. Quotes are chosen one by one: each time the text that adds most, which is the sum over all texts of how
much nearer it is to them than the quotes chosen before; a text of 4 to 40 words counts in full, a shorter or longer one
less. So the first quote is the most typical one, the next ones speak for those that it does not speak for, and no two
say the same: what has been said adds nothing. With `sides`, each side has its share of the quotes, by how many texts it
has, and at least one where there is room. Of two texts that add as much, the shorter one is told, then the first.

Source: the greedy rule for facility location, G. Nemhauser, L. Wolsey and M. Fisher, Mathematical Programming 14
(1978), which comes within 1 - 1/e of the best choice; shares by the largest remainder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.text.masking import masked
from desirepath.text.terms import terms

Floats = npt.NDArray[np.float64]

NEAR = 0.1
"""A text stands for others that are alike to it by so much."""

TWIN = 0.5
"""Two texts that are alike by so much are not both quoted."""

SHORT, LONG = 4, 40
"""Words of a quote that is read well."""

COMPARED = 3_000
"""Of more distinct texts every n-th one is a candidate; all are spoken for."""


class Standing(NamedTuple):
    """A text that stands for others.

    Attributes
    ----------
    place
        Its position among the texts.
    others
        How many other texts it stands for, more than any other of the chosen does; repeated texts count each time, and
        each as often as its weight.
    """

    place: int
    others: int


def representatives(
    texts: Sequence[str],
    most: int = 5,
    weights: Sequence[float] | None = None,
    sides: Sequence[Hashable] | None = None,
    times: Sequence[int] | None = None,
) -> list[Standing]:
    """Choose texts that stand for the others.

    Parameters
    ----------
    texts
        As people wrote them; what is personal in them is masked before they are compared, not in what is returned.
    most
        So many at most.
    weights
        How many people each text speaks for; one each, if not given.
    sides
        The side, score or group of each text.
    times
        How often each was said, for `Standing.others`; as often as its weight, if not given.

    Returns
    -------
    Positions in the order in which they were chosen, side by side. Fewer than `most` where the others say the same.

    Raises
    ------
    InputError
        If there are not as many weights or sides as texts, or a weight is negative or not finite.
    """
    weight = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=np.float64)
    said_so = weight if times is None else np.asarray(times, dtype=np.float64)
    if len(weight) != len(texts) or (sides is not None and len(sides) != len(texts)):
        raise InputError(f"{len(texts)} texts need as many weights and sides.")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise InputError("A weight is negative or not a number.", allowed=["0 or more"])
    if most < 0:
        raise InputError(f"{most} texts cannot be chosen.", allowed=["0 or more"])
    groups: dict[Hashable, list[int]] = {}
    for place, text in enumerate(texts):
        if text.strip():  # a side of nothing but blanks must not take a place from those that say something
            groups.setdefault(None if sides is None else sides[place], []).append(place)
    shares = _shares([float(weight[places].sum()) for places in groups.values()], most)
    found: list[Standing] = []
    for places, share in zip(groups.values(), shares, strict=True):
        said = [texts[place] for place in places]
        found.extend(
            Standing(places[one], others) for one, others in _chosen(said, weight[places], said_so[places], share)
        )
    return found


def _shares(sizes: Sequence[float], most: int) -> list[int]:
    """Divide `most` by size: one for each that has any while there is room, the rest by the largest remainder."""
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    given = [0] * len(sizes)
    for i in [i for i in order if sizes[i] > 0][:most]:
        given[i] = 1
    left, total = most - sum(given), sum(sizes)
    if left <= 0 or total <= 0:
        return given
    exact = [max(most * size / total - had, 0.0) for size, had in zip(sizes, given, strict=True)]
    scale = left / sum(exact) if sum(exact) > 0 else 0.0
    exact = [each * scale for each in exact]
    whole = [int(each) for each in exact]
    rest = sorted(range(len(sizes)), key=lambda i: (whole[i] - exact[i], -sizes[i], i))
    for i in rest[: left - sum(whole)]:
        whole[i] += 1
    return [had + more for had, more in zip(given, whole, strict=True)]


def _chosen(texts: Sequence[str], weight: Floats, times: Floats, most: int) -> list[tuple[int, int]]:
    """Choose texts of one side: positions, and for how many others each stands."""
    first: dict[str, int] = {}
    of = [first.setdefault(" ".join(masked(text).split()), len(first)) for text in texts]
    distinct = list(first)
    if not distinct or most == 0:
        return []
    spoken = np.bincount(of, weights=weight, minlength=len(distinct))
    often = np.bincount(of, weights=times, minlength=len(distinct))
    rows = _rows(distinct)
    length = np.array([len(text.split()) for text in distinct])
    readable = np.minimum(1.0, np.minimum(length / SHORT, np.sqrt(LONG / np.maximum(length, 1))))
    step = -(-len(distinct) // COMPARED)
    candidates = [one for one in range(0, len(distinct), step) if distinct[one] and spoken[one] > 0]
    if not candidates:
        return []
    alike = np.minimum((rows @ rows[candidates].T).toarray(), 1.0)
    alike[candidates, np.arange(len(candidates))] = 1.0
    alike[alike < NEAR] = 0.0
    nearest = np.zeros(len(distinct))
    order = sorted(range(len(candidates)), key=lambda c: (length[candidates[c]], candidates[c]))
    open_, chosen = np.array(order), list[int]()
    while len(chosen) < most and len(open_):
        gain = spoken @ np.maximum(alike[:, open_] - nearest[:, None], 0) * readable[[candidates[c] for c in open_]]
        best = int(open_[int(np.argmax(np.round(gain, 9)))])
        chosen.append(best)
        nearest = np.maximum(nearest, alike[:, best])
        open_ = open_[alike[[candidates[c] for c in open_], best] < TWIN]
    mine = alike[:, chosen].argmax(axis=1)
    mine[alike[:, chosen].max(axis=1) <= 0] = -1
    place = {text: position for position, text in reversed(list(enumerate(of)))}
    return [
        (place[candidates[c]], max(round(float(often[mine == row].sum())) - 1, 0)) for row, c in enumerate(chosen)
    ]  # a text stands for itself first


def _rows(texts: Sequence[str]) -> Any:
    """Sparse float64[texts, terms]: TF-IDF of length one; zero for a text without terms."""
    from scipy.sparse import csr_matrix

    bags = [Counter(terms(text)) for text in texts]
    seen: Counter[str] = Counter()
    for bag in bags:
        seen.update(dict.fromkeys(bag, 1))
    column = {term: place for place, term in enumerate(sorted(seen))}
    data, columns, starts = list[float](), list[int](), [0]
    for bag in bags:
        row = [(1 + math.log(many)) * (1 + math.log(len(texts) / seen[term])) for term, many in bag.items()]
        norm = math.sqrt(sum(value * value for value in row)) if row else 1.0
        data.extend(value / norm for value in row)
        columns.extend(column[term] for term in bag)
        starts.append(len(columns))
    return csr_matrix((data, columns, starts), shape=(len(texts), max(len(column), 1)))


__all__ = ["Standing", "representatives"]
