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
    from desirepath.engines.store import Store

Array = npt.NDArray[Any]


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
    cache
        Where arrays over the whole events table are kept, by expression.
    """

    def __init__(self, store: Callable[[], Store], zone: str, rows: int, cache: dict[str, Array]) -> None:
        self._store = store
        self._zone = zone
        self._rows = rows
        self._cache = cache

    def holds(self, where: Where, rows: Sequence[Sequence[str | None]], names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """bool per row: whether the filter holds for these values of the named fields."""
        sql = compile_sql(where, EventFields(), zone=self._zone)
        columns = list(zip(*rows, strict=True))
        table = pa.table({name: pa.array(list(each), pa.string()) for name, each in zip(names, columns, strict=True)})
        connection = self._store().connection.cursor()
        connection.register("combinations", table)
        query = combine("SELECT coalesce(({where}), false) FROM combinations", where=sql)
        with understood():
            found = connection.execute(query.text, list(query.parameters)).fetchnumpy()
        return np.asarray(next(iter(found.values())), dtype=np.bool_)

    def bits(self, filters: Sequence[Where]) -> Array:
        """int64 per event: bit k says whether filter k holds."""
        compiled = [compile_sql(where, EventFields(), zone=self._zone) for where in filters]
        parts = [combine(f"(coalesce(({{x}}), false)::BIGINT << {k})", x=sql) for k, sql in enumerate(compiled)]
        mask = Sql(" | ".join(part.text for part in parts), tuple(p for part in parts for p in part.parameters))
        return self._whole_table(mask, np.dtype(np.int64), 0)

    def numbers(self, field: str) -> Array:
        """float64 per event, NaN where the property is missing or not a number."""
        sql = compile_value_sql(field, EventFields(), "number", zone=self._zone)
        return self._whole_table(combine("({x})::DOUBLE", x=sql), np.dtype(np.float64), float("nan"))

    def codes(self, field: str) -> tuple[Array, Sequence[str | None]]:
        """int32 per event, and the text of each code; code 0 is the missing value."""
        sql = compile_value_sql(field, EventFields(), "text", zone=self._zone)
        connection = self._store().connection.cursor()
        query = combine("SELECT DISTINCT {x} AS label FROM events ORDER BY 1 NULLS FIRST", x=sql)
        found = [row[0] for row in connection.execute(query.text, list(query.parameters)).fetchall()]
        labels: list[str | None] = [None, *(label for label in found if label is not None)]
        return self._label_codes(sql, labels), labels

    def _label_codes(self, sql: Sql, labels: Sequence[str | None]) -> Array:
        key = f"codes {sql.text} {sql.parameters!r}"
        if key in self._cache:
            return self._cache[key]
        query = combine(
            "SELECT seq, dense_rank() OVER (ORDER BY label) AS code FROM (SELECT seq, {x} AS label FROM events) "
            "WHERE label IS NOT NULL",
            x=sql,
        )
        out = np.zeros(self._rows, dtype=np.int32)
        cursor = self._store().connection.cursor()
        for batch in cursor.sql(query.text, params=list(query.parameters)).to_arrow_reader(500_000):
            out[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
        assert int(out.max(initial=0)) < len(labels)  # noqa: S101 - both come from one state of the data
        self._cache[key] = out
        return out

    def _whole_table(self, sql: Sql, dtype: np.dtype[Any], missing: float) -> Array:
        """One value per row of the events table, by `seq`."""
        key = f"{dtype} {sql.text} {sql.parameters!r}"
        if key in self._cache:
            return self._cache[key]
        out = np.full(self._rows, missing, dtype=dtype)
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
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as problem:
        raise FilterError(f"The filter cannot be evaluated: {str(problem).splitlines()[0]}") from problem
