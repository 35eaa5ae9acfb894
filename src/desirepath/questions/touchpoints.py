"""What does a question about sequences see of each event? A touchpoint: the event's name, or finer, or nothing.

    only     nothing but these                    hide      all but these
    expand   "search by category" shows `search: books`, `search: toys`; "category" splits all that have one

What is hidden is skipped, and counted, never forgotten. A touchpoint is a small number in each batch: `codes` may
stay the column that lies in the file, and `shown[codes[i]]` says which touchpoint event i is, or -1 if it is hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast, overload

import numpy as np

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read
from desirepath.journeys.kernel import kernel
from desirepath.questions.question import Findings
from desirepath.questions.top_codes import quoted

NAME, SEEN, SPLIT = "touchpoint", "touchpoint seen", "touchpoint split"


@dataclass(frozen=True)
class Touchpoints:
    """What a batch's events are taken for.

    Attributes
    ----------
    codes
        Unsigned int[n]: a code per event.
    shown
        int32[codes]: the touchpoint of each code, numbered from 0; -1 where the event is hidden.
    keys
        int64[touchpoints]: a number per touchpoint that means the same in every batch; for tallies.
    label
        Spells a key out.
    space
        All keys of all batches are below this.
    """

    codes: Array
    shown: Array
    keys: Array
    label: Callable[[int], str]
    space: int

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def labels(self) -> list[str]:
        """The texts of all touchpoints, in the order of their numbers."""
        return [self.label(int(key)) for key in self.keys]

    def of_events(self) -> Array:
        """int32[n]: the touchpoint of every event, -1 where it is hidden."""
        return np.asarray(self.shown[self.codes])

    def countable(self, what: str) -> Touchpoints:
        """All of them, or where they are more than `MOST_COUNTED`, those that occur in the batch.

        Raises
        ------
        InputError
            If more than so many occur, whose `what` can be counted.
        """
        if len(self) <= MOST_COUNTED:
            return self
        used = np.unique(self.of_events())
        used = used[used >= 0]
        refuse_many(len(used), what)
        place = np.full(len(self) + 1, -1, dtype=np.int32)  # what is hidden finds itself at the end
        place[used] = np.arange(len(used))
        return Touchpoints(self.codes, place[self.shown], self.keys[used], self.label, self.space)


class Spelled(Sequence[str]):
    """The texts of touchpoints by key, spelled out when they are asked for; for the labels of findings.

    Attributes
    ----------
    keys
        Those of one batch.
    """

    def __init__(self, seen: Touchpoints) -> None:
        self._label = seen.label
        self._space = seen.space
        self.keys = [int(key) for key in seen.keys]

    def __len__(self) -> int:
        return self._space

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spelled) and len(self) == len(other)

    def __hash__(self) -> int:
        return hash(self._space)

    @overload
    def __getitem__(self, key: int) -> str: ...

    @overload
    def __getitem__(self, key: slice) -> Sequence[str]: ...

    def __getitem__(self, key: int | slice) -> str | Sequence[str]:
        if isinstance(key, slice):
            return [self._label(each) for each in range(*key.indices(self._space))]
        return self._label(key)


MOST_COUNTED = 2_000
"""Among so many touchpoints at most moves are counted, and what comes after each."""


def refuse_many(many: int, what: str) -> None:
    """Refuse more touchpoints than can be counted.

    Raises
    ------
    InputError
        If there are more than `MOST_COUNTED`.
    """
    if many > MOST_COUNTED:
        raise InputError(
            f"{many:,} touchpoints are more than the {MOST_COUNTED:,} whose {what} can be counted; "
            "choose some by `only`, or expand by less."
        )


MOST_CHECKED = 100_000
"""Among so many touchpoints a misspelt one is looked for; where they are told by more, it is nobody's."""


def told_names(texts: Sequence[str]) -> Collection[str]:
    """The touchpoints among which a misspelt one is looked for; none where there are too many."""
    return set(texts) if len(texts) <= MOST_CHECKED else ()


def refuse_misspelt(named: Iterable[str], known: Collection[str], own: Sequence[str] = ()) -> None:
    """Refuse a touchpoint that nobody knows; `own` are further names that are allowed.

    Raises
    ------
    UnknownNameError
        For the first of them; nothing is said where none is known.
    """
    for name in named:
        if known and name not in known and name not in own:
            raise UnknownNameError.of("touchpoint", name, [*sorted(filter(None, known)), *own])


@kernel
def _first_shown(starts: Array, codes: Array, shown: Array, place: Array) -> None:
    """The position of each journey's first event that is not hidden, or -1."""
    for p in range(len(starts) - 1):
        place[p] = -1
        for i in range(starts[p], starts[p + 1]):
            if shown[codes[i]] >= 0:
                place[p] = i
                break


def rows_of(journeys: JourneyBatch, seen: Touchpoints) -> Findings:
    """One row per journey with an event that is shown, for questions that walk over the journeys again.

    Breakdowns take their value at the first event that is shown.
    """
    if (seen.shown >= 0).all():
        found = Findings.of(journeys)
        return Findings(found.journey, {}, found.anchors, {}, journeys)
    place = np.empty(len(journeys), dtype=np.int64)
    _first_shown(journeys.starts, seen.codes, seen.shown, place)
    rows = np.flatnonzero(place >= 0)
    return Findings(rows, {}, {"entry": place[rows]}, {}, journeys)


@dataclass(frozen=True)
class View:
    """Which events are shown, and how finely.

    Parameters
    ----------
    only, hide
        Events' names or filters.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    """

    only: Sequence[str] = ()
    hide: Sequence[str] = ()
    expand: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be read, before anything is asked."""
        _ = self.reads
        if len(self._splits) > MOST_SPLITS:
            raise InputError(f"At most {MOST_SPLITS} properties can make touchpoints finer, not {len(self._splits)}.")

    @cached_property
    def reads(self) -> Mapping[str, Read]:
        """The columns that `see` needs; add them to the question's own."""
        wanted: dict[str, Read] = {NAME: Code("name")}
        if self.only or self.hide:
            filters = [Where.event(text) for text in (*self.only, *self.hide)]
            if len(filters) > MOST_FILTERS:
                raise InputError(f"`only` and `hide` can name {MOST_FILTERS} kinds of events in all.")
            wanted[SEEN] = Match(tuple(filters))
        for k, (_, field) in enumerate(self._splits):
            wanted[f"{SPLIT} {k}"] = Code(field)
        return wanted

    @cached_property
    def _splits(self) -> list[tuple[str | None, str]]:
        """Per item of `expand` the event's name, or None for all, and the property."""
        found: list[tuple[str | None, str]] = []
        for text in self.expand:
            name, by, field = text.rpartition(" by ")
            if not field.strip() or (by and not name.strip()):
                raise InputError(f"{text!r} cannot be read; write 'category' or 'search by category'.")
            found.append((name.strip() if by else None, field.strip()))
        return found

    @property
    def named(self) -> list[str]:
        """Events' names that are asked for beside those in filters."""
        return [name for name, _ in self._splits if name is not None]

    def see(self, journeys: JourneyBatch) -> Touchpoints:
        """Say what each event of a batch is taken for."""
        codes = cast("Array", journeys.columns[NAME])
        names = journeys.labels[NAME]
        seen = cast("Matched | None", journeys.columns.get(SEEN))
        if not self._splits and (seen is None or seen.codes is codes):
            hidden = np.zeros(len(names), dtype=np.bool_) if seen is None else ~self._is_shown(seen.bits)
            return _plain(codes, hidden, names)
        hidden_events = None if seen is None else ~self._is_shown(seen.bits)[seen.codes]
        key = codes.astype(np.int64)
        values = [list(journeys.labels[f"{SPLIT} {k}"]) for k in range(len(self._splits))]
        for k, (name, _) in enumerate(self._splits):
            value = cast("Array", journeys.columns[f"{SPLIT} {k}"]).astype(np.int64)
            if name is not None:
                value = np.where(codes == _place(names, name), value, 0)
            key = key * len(values[k]) + value
        if hidden_events is not None:
            key[hidden_events] = -1
        return _dense(key, names, values)

    def _is_shown(self, bits: Array) -> Array:
        """bool per entry of a `Matched` table."""
        wanted, unwanted = (1 << len(self.only)) - 1, ((1 << len(self.hide)) - 1) << len(self.only)
        fits = (bits & wanted) != 0 if self.only else np.ones(len(bits), dtype=np.bool_)
        return cast("Array", fits & ((bits & unwanted) == 0))


MOST_SPLITS, MOST_FILTERS = 4, 62


def _place(names: Sequence[str | None], name: str) -> int:
    return names.index(name) if name in names else -1


def _plain(codes: Array, hidden: Array, names: Sequence[str | None]) -> Touchpoints:
    shown = np.where(hidden, -1, np.arange(len(names))).astype(np.int32)
    keys = np.arange(len(names), dtype=np.int64)
    return Touchpoints(codes, shown, keys, lambda key: quoted(names[key] or ""), len(names))


def _dense(key: Array, names: Sequence[str | None], values: Sequence[Sequence[str | None]]) -> Touchpoints:
    """Number the combinations that occur."""
    keys, codes = np.unique(key, return_inverse=True)
    shown = np.arange(len(keys), dtype=np.int32)
    if len(keys) and keys[0] == -1:
        keys, shown = keys[1:], shown - 1

    def label(number: int) -> str:
        parts: list[str] = []
        for labels in reversed(values):
            number, place = divmod(number, len(labels))
            if place:
                parts.append(labels[place] or "")
        return quoted(": ".join([names[number] or "", *reversed(parts)]))

    space = len(names) * math.prod(len(labels) for labels in values)
    return Touchpoints(codes.astype(np.int32), shown, keys, label, space)
