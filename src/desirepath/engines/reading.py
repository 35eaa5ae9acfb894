"""How does a column that was asked for get its values? From the journey segments where they can tell, else by SQL.

A filter that only looks at name, channel and source is a table lookup: it is asked once per distinct value, never per
event. Any other is evaluated by DuckDB over the events table, in the table's order, and fetched by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.events.where import Where, always
from desirepath.events.where_tree import Compare, OneOf, Text
from desirepath.journeys.batch import Code, Column, Match, Matched, Number, Read, Reads
from desirepath.journeys.columns import CODED, Block, Manifest, code_type

if TYPE_CHECKING:
    from desirepath.engines.keeping import Kept
    from desirepath.engines.readings import Readings
    from desirepath.engines.store import Store
    from desirepath.engines.values import Values

Array = npt.NDArray[Any]

Loader = Callable[[Block], Column]
"""Gives a column for one segment."""

MOST_COMBINATIONS = 65_536


@dataclass(frozen=True)
class Prepared:
    """A column ready to be read segment by segment, and the texts of its codes if it has any."""

    load: Loader
    labels: Sequence[str | None] | None = None


class Reader:
    """Prepares columns for one state of the data.

    Parameters
    ----------
    manifest
        The segments.
    store
        Opens the database when it is called; most questions never need it.
    zone
        The workspace's zone, for dates in filters.
    kept
        Where arrays over the whole events table are kept, by expression.
    readings
        What texts say, if anybody reads them.
    """

    def __init__(
        self,
        manifest: Manifest,
        store: Callable[[], Store],
        zone: str,
        kept: Kept,
        readings: Callable[[], Readings | None] = lambda: None,
    ) -> None:
        self._readings = readings
        self._manifest = manifest
        self._store = store
        self._zone = zone
        self._kept = kept

    @cached_property
    def _values(self) -> Values:
        from desirepath.engines.values import Values  # most questions need neither the database nor its modules

        return Values(self._store, self._zone, self._manifest.rows, self._kept, self._readings())

    def prepare(self, read: Read) -> Prepared:
        """Make a column ready."""
        if isinstance(read, Match):
            return Prepared(self._match(read.filters))
        if isinstance(read, Code):
            if read.field in CODED:
                return self._by_name(read.field)
            return self._codes(read.field)
        if isinstance(read, Number):
            return Prepared(self._number(read))
        raise NotImplementedError(f"{read} is worked out from other columns, before an engine is asked")

    def tells(self, reads: Reads) -> bool:
        """Whether the segments alone tell these columns, without a look into the database."""
        return all(map(self._is_at_hand, reads.values()))

    def _is_at_hand(self, read: Read) -> bool:
        if not isinstance(read, Match):
            return read.field in CODED if isinstance(read, Code) else read == Number("value")
        return self._coded(read.filters) is not None and all(
            where == always or _plain_texts(where) is not None for where in read.filters
        )

    def _coded(self, filters: Sequence[Where]) -> list[str] | None:
        """The coded columns by whose values filters can be decided; None where they look at anything else."""
        fields = {str(field) for where in filters for field in where.fields()}
        coded = [name for name in CODED if name in fields]
        sizes = [len(self._manifest.codes[name]) for name in coded]
        few = int(np.prod(sizes, dtype=np.int64)) <= MOST_COMBINATIONS
        return coded if fields <= set(CODED) and few else None

    def _by_name(self, field: str) -> Prepared:
        """Codes in the order of their texts, so that an answer does not depend on the order of imports."""
        labels = self._manifest.codes[field]
        wanted = sorted_labels(labels)
        if wanted == list(labels):
            return Prepared(lambda segment: segment.array(field), labels)
        places = {label: code for code, label in enumerate(wanted)}
        table = np.array([places[label] for label in labels], dtype=code_type(len(labels)))

        def load(segment: Block) -> Column:
            codes = table[segment.array(field)]
            codes.flags.writeable = False
            return codes

        return Prepared(load, wanted)

    def _match(self, filters: Sequence[Where]) -> Loader:
        coded = self._coded(filters)
        if coded is not None:
            return self._by_lookup(filters, coded or ["name"])
        return self._by_rows(filters)

    def _by_lookup(self, filters: Sequence[Where], coded: Sequence[str]) -> Loader:
        sizes = [len(self._manifest.codes[name]) for name in coded]
        bits = np.zeros(int(np.prod(sizes)), dtype=np.int64)
        for k, where in enumerate(filters):
            bits |= self._holds(where, coded, sizes).astype(np.int64) << k
        if len(coded) == 1:
            return lambda segment: Matched(segment.array(coded[0]), bits)

        def load(segment: Block) -> Column:
            code = segment.array(coded[0]).astype(np.uint16)
            for name, size in zip(coded[1:], sizes[1:], strict=True):
                code = code * np.uint16(size) + segment.array(name)
            return Matched(code, bits)

        return load

    def _holds(self, where: Where, coded: Sequence[str], sizes: Sequence[int]) -> npt.NDArray[np.bool_]:
        """bool per combination of codes."""
        shape = tuple(sizes)
        labels = [self._manifest.codes[name] for name in coded]
        plain = _plain_texts(where)
        if where == always:
            return np.ones(shape, dtype=np.bool_).ravel()
        if plain is not None:
            axis = coded.index(plain[0])
            along = np.array([label in plain[1] for label in labels[axis]], dtype=np.bool_)
            view = along.reshape([-1 if i == axis else 1 for i in range(len(shape))])
            return np.broadcast_to(view, shape).ravel()
        return self._values.holds(where, list(product(*labels)), coded)

    def _by_rows(self, filters: Sequence[Where]) -> Loader:
        codes, bits = self._values.bits(filters)
        return lambda segment: Matched(codes[segment.array("row")], bits)

    def _codes(self, field: str) -> Prepared:
        values, labels = self._values.codes(field)
        if len(labels) == 1:
            return Prepared(lambda segment: np.zeros(segment.events, dtype=np.int32), labels)
        return Prepared(lambda segment: values[segment.array("row")], labels)

    def _number(self, read: Number) -> Loader:
        if read.field == "value":
            return lambda segment: segment.array("value") if segment.has("value") else np.full(segment.events, np.nan)
        values = self._values.numbers(read.field)
        return lambda segment: values[segment.array("row")]


def sorted_labels(labels: Sequence[str | None]) -> list[str | None]:
    """The missing value, then the texts in the order in which the database sorts them."""
    return [None, *sorted((label for label in labels if label is not None), key=lambda text: text.encode())]


def _plain_texts(where: Where) -> tuple[str, frozenset[str]] | None:
    """Field and texts of `field = 'text'` and `field in ('text', …)`, which need no database to decide."""
    root = where.root
    if isinstance(root, Compare) and root.operator == "=" and isinstance(root.other, Text):
        return str(root.field), frozenset([root.other.value])
    if isinstance(root, OneOf):
        texts = [value.value for value in root.values if isinstance(value, Text)]
        if len(texts) == len(root.values):
            return str(root.field), frozenset(texts)
    return None


def read_columns(prepared: Mapping[str, Prepared], segment: Block) -> dict[str, Column]:
    """All columns of a question for one segment."""
    return {name: column.load(segment) for name, column in prepared.items()}


class First:
    """The first people of a block: as people lie in the order of their hash, a sample is read without the others.

    Parameters
    ----------
    block
        The block.
    people
        How many of them.
    """

    def __init__(self, block: Block, people: int) -> None:
        self._block = block
        self.people = people
        self.starts = block.starts[: people + 1]
        self.events = int(self.starts[-1])
        self.hash = block.hash[:people]
        self.has, self.ids = block.has, block.ids

    @classmethod
    def of(cls, block: Block, sample: float) -> First:
        """A sample of the people, drawn by hash: the same at every call, and a smaller one is part of a larger."""
        below = np.uint64(min(int(sample * 2**64), 2**64 - 1))
        return cls(block, int(np.searchsorted(block.hash, below)))

    def array(self, name: str) -> Array:
        """One array of the events."""
        return self._block.array(name)[: self.events]
