"""How is credit for conversions shared out over the touches of a path? Every rule, for a table of paths.

    paths = Paths.of(["search > mail", "mail"], conversions=[3, 1], nulls=[5, 2])
    credit(paths, "linear")                 search 1.5, mail 2.5
    markov(paths, order=2).credit           by removal effects in a chain that remembers two touches

A row is a path with how often it led to a conversion and how often to nothing. Each rule hands out every conversion
whole, but `participation`, which gives one to each channel of the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError, UnknownNameError

Array = NDArray[Any]
Floats = NDArray[np.float64]

ENDS: Mapping[str, tuple[float, float, float]] = {
    "position": (0.4, 0.2, 0.4),
    "j": (0.2, 0.2, 0.6),
    "inverse_j": (0.6, 0.2, 0.2),
}
"""Rules that know only the first touch, the last, and those between: their shares, in the order of the path."""

LEAD = (0.3, 0.3, 0.3, 0.1)
"""The rule `w`: the first touch, the one that brought the lead, the last, and all others together."""

RULES = ("first", "last", "last_other", "linear", *ENDS, "w", "decay", "participation", "shapley", "custom")

MANY = 300_000
"""About so many touches are worked on at once."""


@dataclass(frozen=True, eq=False)
class Paths:
    """A table of paths.

    Attributes
    ----------
    touches
        int[touches]: the channel of each touch, numbered from 0, path by path.
    starts
        int[paths + 1]: where each path begins; none is empty.
    conversions, nulls
        float[paths]: how often it led to a conversion, and to nothing.
    worth
        float[paths]: what its conversions were worth together.
    ages
        float[touches]: how old each touch is, in half-lives; None where that is not known.
    leads
        int[paths]: which of its touches brought the lead, counted from 0; -1 none.
    direct
        Channels that the rule `last_other` passes by.
    names
        What the channels are called.
    """

    touches: Array
    starts: Array
    conversions: Floats
    nulls: Floats
    worth: Floats
    ages: Floats | None = None
    leads: Array | None = None
    direct: Sequence[int] = ()
    names: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of(
        cls,
        paths: Sequence[str] | Sequence[Sequence[str]],
        conversions: ArrayLike,
        nulls: ArrayLike | None = None,
        worth: ArrayLike | None = None,
        *,
        between: str = ">",
    ) -> Paths:
        """Read paths that are written down.

        Parameters
        ----------
        paths
            Each a list of channels, or one text such as `"search > mail"`.
        conversions, nulls
            How often each led to a conversion, and to nothing.
        worth
            What its conversions were worth together.
        between
            What stands between two channels in a text.

        Raises
        ------
        InputError
            If a path is empty, the lists differ in length, or a count is negative.
        """
        split = [[part.strip() for part in path.split(between)] if isinstance(path, str) else path for path in paths]
        names = sorted({name for path in split for name in path})
        place = {name: k for k, name in enumerate(names)}
        touches = np.array([place[name] for path in split for name in path], dtype=np.int32)
        starts = np.cumsum([0, *map(len, split)], dtype=np.int64)
        won, lost, earned = (
            np.zeros(len(split)) if given is None else np.asarray(given, dtype=np.float64)
            for given in (conversions, nulls, worth)
        )
        if any(each.shape != (len(split),) for each in (won, lost, earned)):
            raise InputError("Each path needs one number of conversions, of paths to nothing, and one worth.")
        if (np.diff(starts) == 0).any() or (won < 0).any() or (lost < 0).any():
            raise InputError("A path has at least one touch, and counts are 0 or more.")
        return cls(touches, starts, won, lost, earned, names=names)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return max(len(self.names), int(self.touches.max(initial=-1)) + 1)

    def pieces(self) -> Iterator[Paths]:
        """The same paths, some at a time."""
        begin = 0
        while begin < len(self):
            end = int(np.searchsorted(self.starts, self.starts[begin] + MANY, side="right")) - 1
            end = min(max(end, begin + 1), len(self))
            yield self.part(begin, end)
            begin = end

    def part(self, begin: int, end: int) -> Paths:
        """The paths from `begin` up to `end`."""
        low, high = int(self.starts[begin]), int(self.starts[end])
        return replace(
            self,
            touches=self.touches[low:high],
            starts=self.starts[begin : end + 1] - low,
            conversions=self.conversions[begin:end],
            nulls=self.nulls[begin:end],
            worth=self.worth[begin:end],
            ages=None if self.ages is None else self.ages[low:high],
            leads=None if self.leads is None else self.leads[begin:end],
            names=self.names or tuple(map(str, range(self.channels))),
        )


def credit(paths: Paths, rule: str, *, by: str = "conversions", custom: Sequence[float] | None = None) -> Floats:
    """Share the conversions of paths out, or what they are worth.

    Parameters
    ----------
    paths
        The table of paths.
    rule
        One of `RULES`.
    by
        `conversions`, or `worth`.
    custom
        For the rule `custom`: the weights of the first touch, of those between together, and of the last.

    Returns
    -------
    float[channels]
        Sums to the conversions, or to their worth; `participation` to more.

    Raises
    ------
    InputError
        If the paths lack what the rule needs.
    UnknownNameError
        If there is no such rule.
    """
    total = np.zeros(paths.channels)
    for some in paths.pieces():
        amounts = {"conversions": some.conversions, "worth": some.worth}
        if by not in amounts:
            raise UnknownNameError.of("measure", by, amounts)
        handed = weights(some, rule, custom=custom) * np.repeat(amounts[by], np.diff(some.starts))
        total += np.bincount(some.touches, handed, minlength=len(total))
    return total


def weights(paths: Paths, rule: str, *, custom: Sequence[float] | None = None) -> Floats:
    """Which part of its path's conversion each touch gets; float[touches], summing to one by path.

    `participation` alone gives a whole one to the first touch of each channel in the path.

    Raises
    ------
    InputError
        If the paths lack what the rule needs.
    UnknownNameError
        If there is no such rule.

    Notes
    -----
    `shapley` is the Shapley value of the game in which a set of channels is worth the conversions of paths that touch
    no other (Zhao, Mahboobi and Bagheri 2018): equal parts to the distinct channels of each path.
    """
    lengths = np.diff(paths.starts)
    first, last = paths.starts[:-1], paths.starts[1:] - 1
    if rule in ENDS or rule == "custom":
        return _by_place(paths.starts, ENDS[rule] if rule in ENDS else shares_of(custom))
    found = np.zeros(len(paths.touches))
    if rule == "linear":
        found[:] = np.repeat(1 / lengths, lengths)
    elif rule in ("first", "last"):
        found[first if rule == "first" else last] = 1.0
    elif rule == "last_other":
        known = ~np.isin(paths.touches, np.asarray(paths.direct, dtype=np.int64))
        place = np.where(known, np.arange(len(found)), -1)
        latest = np.maximum.reduceat(place, first) if len(paths) else first
        found[np.where(latest >= 0, latest, last)] = 1.0
    elif rule == "decay":
        if paths.ages is None:
            raise InputError("The rule by age needs the age of each touch.")
        # measured from the youngest, so that a path of old touches alone has weights too
        young = np.repeat(np.minimum.reduceat(paths.ages, first), lengths) if len(paths) else found
        aged = np.exp2(young - paths.ages)
        found[:] = aged / np.repeat(np.add.reduceat(aged, first), lengths) if len(paths) else aged
    elif rule in ("participation", "shapley"):
        fresh = first_of_its_channel(paths)
        found[fresh] = 1.0
        if rule == "shapley" and len(paths):
            found /= np.repeat(np.add.reduceat(found, first), lengths)
    elif rule == "w":
        found[:] = _by_lead(paths)
    else:
        raise UnknownNameError.of("rule", rule, RULES)
    return found


def shares_of(custom: Sequence[float] | None) -> tuple[float, float, float]:
    """Weights that somebody gives for the first touch, those between, and the last, as shares.

    Raises
    ------
    InputError
        If they are not three numbers of which none is negative and not all are zero.
    """
    given = [] if custom is None else [float(weight) for weight in custom]
    if len(given) != 3 or not np.isfinite(given).all() or min(given) < 0 or not sum(given) > 0:
        raise InputError(
            f"{custom!r} are no weights for the first touch, those between together, and the last.",
            allowed=["three numbers of 0 or more, such as [40, 20, 40]"],
        )
    whole = sum(given)
    return given[0] / whole, given[1] / whole, given[2] / whole


def two_touches(shares: tuple[float, float, float]) -> float:
    """The first one's part of a path of two touches: what is between is left out; half and half if nothing is left."""
    first, _, last = shares
    return first / (first + last) if first + last else 0.5


def _by_place(starts: Array, shares: tuple[float, float, float]) -> Floats:
    lengths = np.diff(starts)
    found = np.repeat(shares[1] / np.maximum(lengths - 2, 1), lengths)
    first, last = starts[:-1], starts[1:] - 1
    found[first], found[last] = shares[0], shares[2]
    two = lengths == 2
    found[first[two]] = two_touches(shares)
    found[last[two]] = 1 - two_touches(shares)
    found[first[lengths == 1]] = 1.0
    return found


def _by_lead(paths: Paths) -> Floats:
    """30 to the first touch, the one that brought the lead, and the last; 10 to the others; by place without a lead."""
    if paths.leads is None:
        raise InputError("The rule w needs to know which touch brought the lead.")
    found = _by_place(paths.starts, ENDS["position"])
    led, lengths = paths.leads >= 0, np.diff(paths.starts)
    if not led.any():
        return found
    marked = np.zeros(len(found))
    first, last = paths.starts[:-1][led], paths.starts[1:][led] - 1
    for share, place in zip(LEAD, (first, first + paths.leads[led], last), strict=False):
        np.add.at(marked, place, share)
    begins = paths.starts[:-1]
    other = (marked == 0).astype(np.float64)
    others = np.add.reduceat(other, begins)
    spread = np.repeat(np.where(others > 0, LEAD[3] / np.maximum(others, 1), 0.0), lengths)
    whole = np.repeat(np.where(others > 0, 1.0, sum(LEAD[:3])), lengths)
    return np.where(np.repeat(led, lengths), np.where(marked > 0, marked, spread) / whole, found)


def first_of_its_channel(paths: Paths) -> NDArray[np.bool_]:
    """bool[touches]: whether it is the first touch of its channel in its path."""
    if not len(paths.touches):
        return np.zeros(0, dtype=np.bool_)
    keys = np.repeat(np.arange(len(paths), dtype=np.int64), np.diff(paths.starts)) * paths.channels + paths.touches
    if len(paths) * paths.channels <= 40 * MANY:
        seen = np.empty(len(paths) * paths.channels, dtype=np.int64)
        places = np.arange(len(keys))
        seen[keys[::-1]] = places[::-1]  # of several the one that is written last stays
        return np.asarray(seen[keys] == places)
    order = np.argsort(keys, kind="stable")
    fresh = np.ones(len(keys), dtype=np.bool_)
    fresh[order[1:]] = np.diff(keys[order]) != 0
    return fresh
