"""What does DuckDB say about every event? Filters and properties that the journey segments cannot tell.

Values come in the order of the events table, one per row, and are kept as long as the data stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.errors import FilterError
from desirepath.events.where import Where, compile_sql, compile_value_sql
from desirepath.events.where_fields import EventFields, Sql, combine

if TYPE_CHECKING:
    from desirepath.engines.keeping import Kept
    from desirepath.engines.readings import Readings
    from desirepath.engines.store import Store

Array = npt.NDArray[Any]

BATCH, STEP = 500_000, 4_000_000


class Values:
    """Evaluates filters and properties for one state of the data.

    Parameters
    ----------
    store
        Opens the database when it is called.
    zone
        The workspace's zone, for dates in filters.
    rows
        One more than the highest place in the events table.
    kept
        Where arrays over the whole events table are kept, by expression.
    readings
        What texts say, if anybody reads them.
    """

    def __init__(
        self, store: Callable[[], Store], zone: str, rows: int, kept: Kept, readings: Readings | None = None
    ) -> None:
        self._store = store
        self._readings = readings
        self._fields = EventFields(derived=readings.source if readings is not None else None)
        self._zone = zone
        self._rows = rows
        self._kept = kept

    def holds(self, where: Where, rows: Sequence[Sequence[str | None]], names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """bool per row: whether the filter holds for these values of the named fields."""
        sql = compile_sql(where, EventFields(), zone=self._zone)
        columns = list(zip(*rows, strict=True))
        table = pa.table({name: pa.array(list(each), pa.string()) for name, each in zip(names, columns, strict=True)})
        connection = self._store().cursor()
        connection.register("combinations", table)
        query = combine("SELECT coalesce(({where}), false) FROM combinations", where=sql)
        with understood():
            found = connection.execute(query.text, list(query.parameters)).fetchnumpy()
        return np.asarray(next(iter(found.values())), dtype=np.bool_)

    def bits(self, filters: Sequence[Where]) -> tuple[Array, Array]:
        """A code per event, and int64 per code: bit k says whether filter k holds."""
        compiled = [compile_sql(where, self._fields, zone=self._zone) for where in filters]
        if len(filters) > 16:
            return self._many_bits(compiled)
        kind = np.dtype(np.uint8 if len(filters) <= 8 else np.uint16)
        return self._whole_table(_mask(compiled), kind, 0), np.arange(2 ** (8 * kind.itemsize), dtype=np.int64)

    def _many_bits(self, compiled: Sequence[Sql]) -> tuple[Array, Array]:
        """The same for more filters than a small number has bits: 16 at a time, combinations numbered as they come."""
        parts = [compiled[k : k + 16] for k in range(0, len(compiled), 16)]
        arrays = [self._whole_table(_mask(part), np.dtype(np.uint16), 0) for part in parts]
        codes, seen = self._kept.room(self._rows, np.uint32), np.zeros(0, dtype=np.int64)
        for low in range(0, self._rows, STEP):
            whole = np.zeros(min(STEP, self._rows - low), dtype=np.int64)
            for k, array in enumerate(arrays):
                whole |= array[low : low + STEP].astype(np.int64) << (16 * k)
            every, place = np.unique(whole, return_inverse=True)
            seen = np.concatenate((seen, np.setdiff1d(every, seen)))
            by_value = np.argsort(seen)
            codes[low : low + STEP] = by_value[np.searchsorted(seen, every, sorter=by_value)][place]
        return codes, seen

    def numbers(self, field: str) -> Array:
        """float64 per event, NaN where the property is missing or not a number."""
        named = self._readings.parts(field) if self._readings is not None else None
        if named is not None:
            return self._said(*named)
        sql = compile_value_sql(field, self._fields, "number", zone=self._zone)
        return self._whole_table(combine("({x})::DOUBLE", x=sql), np.dtype(np.float64), float("nan"))

    def codes(self, field: str) -> tuple[Array, Sequence[str | None]]:
        """int32 per event, and the text of each code; code 0 is the missing value."""
        named = self._readings.parts(field) if self._readings is not None else None
        if named is not None:
            return self._said_codes(*named)
        sql = compile_value_sql(field, self._fields, "text", zone=self._zone)
        query = combine("SELECT DISTINCT {x} AS label FROM events ORDER BY 1 NULLS FIRST", x=sql)

        def ask() -> Array:
            rows = self._store().cursor().execute(query.text, list(query.parameters)).fetchall()
            return np.array([None, *(row[0] for row in rows if row[0] is not None)], dtype=object)

        labels: list[str | None] = self._kept.get(f"labels {query.text} {query.parameters!r}", ask).tolist()
        if len(labels) == 1:
            return np.zeros(self._rows, dtype=np.int32), labels  # nothing is written to it, so that it takes no memory
        return self._label_codes(sql, labels), labels

    def _said(self, of: str, name: str) -> Array:
        """float64 per event: what its text says, where that is a number."""
        assert self._readings is not None  # noqa: S101 - the caller looked

        def make() -> Array:
            assert self._readings is not None  # noqa: S101 - the caller looked
            codes, labels = self.codes(of)
            found = self._readings.values(of, name, labels)
            return self._spread(found if found.dtype.kind == "f" else _as_numbers(found), codes)

        return self._kept.get(f"said {of} {name} {self._readings.model(of, name)}", make)

    def _said_codes(self, of: str, name: str) -> tuple[Array, Sequence[str | None]]:
        """int32 per event, and the text of each code: what its text says."""
        assert self._readings is not None  # noqa: S101 - the caller looked
        codes, labels = self.codes(of)
        from desirepath.engines.readings import nothing

        found = self._readings.values(of, name, labels).tolist()
        said = [None if nothing(one) else one if isinstance(one, str) else f"{one:g}" for one in found]
        texts: list[str | None] = [None, *sorted({one for one in said if one is not None}, key=str.encode)]
        place = {text: code for code, text in enumerate(texts)}
        table = np.array([place[one] for one in said], dtype=np.int32)

        def make() -> Array:
            return self._spread(table, codes)

        return self._kept.get(f"said codes {of} {name} {self._readings.model(of, name)}", make), texts

    def _spread(self, table: Array, codes: Array) -> Array:
        """What the code of each event stands for; some at a time, as looking up takes eight bytes an event besides."""
        out = self._kept.room(len(codes), table.dtype)
        for low in range(0, len(codes), STEP):
            np.take(table, codes[low : low + STEP], out=out[low : low + STEP])
        return out

    def _label_codes(self, sql: Sql, labels: Sequence[str | None]) -> Array:
        cursor = self._store().cursor()
        given = {"label": pa.array(labels[1:], pa.string()), "code": pa.array(range(1, len(labels)), pa.int32())}
        cursor.register("labels", pa.table(given))
        query = combine(
            "SELECT e.seq, l.code FROM (SELECT seq, {x} AS label FROM events) e JOIN labels l ON l.label = e.label",
            x=sql,
        )
        return self._filled(cursor, query, np.dtype(np.int32), 0)

    def _whole_table(self, sql: Sql, dtype: np.dtype[Any], missing: float) -> Array:
        """One value per row of the events table, by `seq`."""
        query = combine("SELECT seq, {x} FROM events", x=sql)
        return self._filled(self._store().cursor(), query, dtype, missing)

    def _filled(self, cursor: duckdb.DuckDBPyConnection, query: Sql, dtype: np.dtype[Any], missing: float) -> Array:
        """The second column of a query's result by the first, kept under the query's text."""

        def make() -> Array:
            out = self._kept.room(self._rows, dtype)
            if missing:
                out[:] = missing
            with understood():
                for batch in cursor.sql(query.text, params=list(query.parameters)).to_arrow_reader(BATCH):
                    values = batch.column(1)
                    if values.null_count:
                        values = values.fill_null(missing)
                    out[batch.column(0).to_numpy()] = values.to_numpy(zero_copy_only=False)
            return out

        return self._kept.get(f"{dtype} {query.text} {query.parameters!r}", make)


def _as_numbers(texts: Array) -> Array:
    """float64: texts that are numbers, NaN for the others."""
    found = np.full(len(texts), np.nan)
    for place, text in enumerate(texts):
        try:
            found[place] = float(text)
        except (TypeError, ValueError):
            continue
    return found


def _mask(compiled: Sequence[Sql]) -> Sql:
    """A number whose bit k says whether filter k holds."""
    parts = [combine(f"(coalesce(({{x}}), false)::BIGINT << {k})", x=sql) for k, sql in enumerate(compiled)]
    return Sql(" | ".join(part.text for part in parts), tuple(p for part in parts for p in part.parameters))


@contextmanager
def understood() -> Iterator[None]:
    """Turn DuckDB's refusal of a filter, such as one of a bad pattern, into an error that names the cause.

    Raises
    ------
    FilterError
        With DuckDB's words.
    """
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as problem:
        raise FilterError(f"The filter cannot be evaluated: {str(problem).splitlines()[0]}") from problem
