"""How does a column that was asked for get its values? From the journey segments where they can tell, else by SQL.

A filter that only looks at name, channel and source is a table lookup: it is asked once per distinct value, never per
event. Any other is evaluated by DuckDB over the events table, in the table's order, and fetched by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import FilterError
from desirepath.events.where import EventFields, Sql, Where, always, combine, compile_sql, compile_value_sql
from desirepath.events.where_tree import Compare, OneOf, Text
from desirepath.journeys.batch import Code, Column, Match, Matched, Number, Read
from desirepath.journeys.columns import CODED, Manifest, Segment

if TYPE_CHECKING:
    from desirepath.engines.store import Store

Array = npt.NDArray[Any]

Loader = Callable[[Segment], Column]
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
    cache
        Where arrays over the whole events table are kept, by expression and data version.
    """

    def __init__(self, manifest: Manifest, store: Callable[[], Store], zone: str, cache: dict[str, Array]) -> None:
        self._manifest = manifest
        self._store = store
        self._zone = zone
        self._cache = cache

    def prepare(self, read: Read) -> Prepared:
        """Make a column ready."""
        if isinstance(read, Match):
            return Prepared(self._match(read.filters))
        if isinstance(read, Code):
            if read.field in CODED:
                labels = self._manifest.codes[read.field]
                return Prepared(lambda segment: segment.array(read.field), labels)
            return self._codes(read.field)
        if isinstance(read, Number):
            return Prepared(self._number(read))
        raise NotImplementedError(f"{read} is worked out from other columns, before an engine is asked")

    def _match(self, filters: Sequence[Where]) -> Loader:
        fields = {str(field) for where in filters for field in where.fields()}
        coded = [name for name in CODED if name in fields]
        sizes = [len(self._manifest.codes[name]) for name in coded]
        if fields <= set(CODED) and int(np.prod(sizes, dtype=np.int64)) <= MOST_COMBINATIONS:
            return self._by_lookup(filters, coded or ["name"])
        return self._by_rows(filters)

    def _by_lookup(self, filters: Sequence[Where], coded: Sequence[str]) -> Loader:
        sizes = [len(self._manifest.codes[name]) for name in coded]
        bits = np.zeros(int(np.prod(sizes)), dtype=np.int64)
        for k, where in enumerate(filters):
            bits |= self._holds(where, coded, sizes).astype(np.int64) << k
        if len(coded) == 1:
            return lambda segment: Matched(segment.array(coded[0]), bits)

        def load(segment: Segment) -> Column:
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
        import pyarrow as pa

        sql = compile_sql(where, EventFields(), zone=self._zone)
        connection = self._store().connection.cursor()
        rows = list(zip(*product(*labels), strict=True))
        table = pa.table({name: pa.array(list(values), pa.string()) for name, values in zip(coded, rows, strict=True)})
        connection.register("combinations", table)
        query = combine("SELECT coalesce(({where}), false) FROM combinations", where=sql)
        with understood():
            found = connection.execute(query.text, list(query.parameters)).fetchnumpy()
        return np.asarray(next(iter(found.values())), dtype=np.bool_)

    def _by_rows(self, filters: Sequence[Where]) -> Loader:
        compiled = [compile_sql(where, EventFields(), zone=self._zone) for where in filters]
        parts = [combine(f"(coalesce(({{x}}), false)::BIGINT << {k})", x=sql) for k, sql in enumerate(compiled)]
        mask = Sql(" | ".join(part.text for part in parts), tuple(p for part in parts for p in part.parameters))
        values = self._whole_table(mask, np.dtype(np.int64), 0)
        bits, codes = np.unique(values, return_inverse=True)
        if len(bits) > 65_536:
            narrow = codes.astype(np.uint32)
        else:
            narrow = codes.astype(np.uint8 if len(bits) <= 256 else np.uint16)
        return lambda segment: Matched(narrow[segment.array("row")], bits)

    def _codes(self, field: str) -> Prepared:
        sql = compile_value_sql(field, EventFields(), "text", zone=self._zone)
        connection = self._store().connection.cursor()
        query = combine("SELECT DISTINCT {x} AS label FROM events ORDER BY 1 NULLS FIRST", x=sql)
        found = [row[0] for row in connection.execute(query.text, list(query.parameters)).fetchall()]
        labels: list[str | None] = [None, *(label for label in found if label is not None)]
        values = self._label_codes(sql, labels)
        return Prepared(lambda segment: values[segment.array("row")], labels)

    def _label_codes(self, sql: Sql, labels: Sequence[str | None]) -> Array:
        key = f"codes {sql.text} {sql.parameters!r}"
        if key in self._cache:
            return self._cache[key]
        query = combine(
            "SELECT seq, dense_rank() OVER (ORDER BY label) AS code FROM (SELECT seq, {x} AS label FROM events) "
            "WHERE label IS NOT NULL",
            x=sql,
        )
        out = np.zeros(self._manifest.rows, dtype=np.int32)
        cursor = self._store().connection.cursor()
        for batch in cursor.sql(query.text, params=list(query.parameters)).to_arrow_reader(500_000):
            out[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
        assert int(out.max(initial=0)) < len(labels)  # noqa: S101 - both come from one state of the data
        self._cache[key] = out
        return out

    def _number(self, read: Number) -> Loader:
        if read.field == "value":
            return lambda segment: (
                segment.array("value") if segment.has("value") else np.full(segment.info.events, np.nan)
            )
        sql = compile_value_sql(read.field, EventFields(), "number", zone=self._zone)
        values = self._whole_table(combine("({x})::DOUBLE", x=sql), np.dtype(np.float64), float("nan"))
        return lambda segment: values[segment.array("row")]

    def _whole_table(self, sql: Sql, dtype: np.dtype[Any], missing: float) -> Array:
        """One value per row of the events table, by `seq`."""
        key = f"{dtype} {sql.text} {sql.parameters!r}"
        if key in self._cache:
            return self._cache[key]
        out = np.full(self._manifest.rows, missing, dtype=dtype)
        cursor = self._store().connection.cursor()
        query = f"SELECT seq, {sql.text} FROM events"
        with understood():
            for batch in cursor.sql(query, params=list(sql.parameters)).to_arrow_reader(500_000):
                values = batch.column(1)
                if values.null_count:
                    values = values.fill_null(missing)
                out[batch.column(0).to_numpy()] = values.to_numpy(zero_copy_only=False)
        self._cache[key] = out
        return out


@contextmanager
def understood() -> Iterator[None]:
    """Turn DuckDB's refusal of a filter, such as one of a bad pattern, into an error that names the cause.

    Raises
    ------
    FilterError
        With DuckDB's words.
    """
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as problem:
        raise FilterError(f"The filter cannot be evaluated: {str(problem).splitlines()[0]}") from problem


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


def read_columns(prepared: Mapping[str, Prepared], segment: Segment) -> dict[str, Column]:
    """All columns of a question for one segment."""
    return {name: column.load(segment) for name, column in prepared.items()}
