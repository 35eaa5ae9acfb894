"""What do texts say? `comment.sentiment`, `comment.topic` and the like, worked out once for each distinct text.

A field whose last part is the name of a reader is what that reader makes of the property before it, unless events
have a property of that very name. What was read is kept in the table `readings`, under the reader's version; the text
itself is not: a row is found by a hash of its text. The table can be thrown away at any time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.stopping import TICK
from desirepath.events.where_fields import Source, Sql, pointer_to

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store

Array = npt.NDArray[Any]

STAGE = "reading texts"
STEP = 2_000
"""So many texts are read between two looks at whether to stop."""

LANGUAGE = "language"
"""The reader that goes first; the others are told what it found."""


class Reader(Protocol):
    """Reads texts.

    Attributes
    ----------
    kind
        Whether it says a number or a text.
    version
        What it is, `:`, and something that changes whenever it may say something else of the same text.
    """

    @property
    def kind(self) -> Literal["number", "text"]:
        """See above."""

    @property
    def version(self) -> str:
        """See above."""

    @property
    def needs_language(self) -> bool:
        """Whether it wants to know the language of each text; it is given None for all if not."""

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Sequence[Any] | Array:
        """One value per text; None or NaN where it abstains."""


class Readers(Protocol):
    """Who reads the texts of a workspace."""

    def names(self) -> Collection[str]:
        """The names of all readers."""

    def reader(self, name: str, of: str, texts: Callable[[], Sequence[str]]) -> Reader:
        """The reader of that name for a property; it may look at all distinct texts to learn what there is to say."""

    def state(self) -> object:
        """Changes whenever a reader may say something else."""


class Ready(NamedTuple):
    """A reader that has read all texts of a property, and what its rows are kept under."""

    reader: Reader
    model: str


class Readings:
    """What the texts of one workspace say.

    Parameters
    ----------
    store
        Opens the database.
    readers
        Who reads.
    is_property
        Whether events have a property of a name.
    """

    def __init__(self, store: Callable[[], Store], readers: Readers, is_property: Callable[[str], bool]) -> None:
        self._store = store
        self._readers = readers
        self._is_property = is_property
        self._state: object = None
        self._done: dict[tuple[str, str], Ready] = {}
        self._forgotten = 0
        self._watching = threading.local()

    @property
    def progress(self) -> Progress:
        """Told how far it is; each thread has its own, because each works for another question."""
        found: Progress = getattr(self._watching, "progress", _quiet)
        return found

    @progress.setter
    def progress(self, progress: Progress) -> None:
        """Watch what this thread is going to read."""
        self._watching.progress = progress

    def forget(self) -> None:
        """There may be texts that nobody has read, also for whoever is reading now."""
        self._forgotten += 1
        self._done.clear()

    def parts(self, field: str) -> tuple[str, str] | None:
        """The property and the reader that a field names, or None where it names no reading."""
        of, _, name = field.rpartition(".")
        if not of or name not in self._readers.names() or self._is_property(field):
            return None
        return of, name

    def source(self, field: str, prefix: str = "") -> Source | None:
        """Where a filter finds a reading, or None where the field is none."""
        named = self.parts(field)
        if named is None:
            return None
        (of, name), ready = named, self._ready(*named)
        column = "number" if ready.reader.kind == "number" else "value"
        text = f"hash(json_extract_string({prefix}properties, ?))"
        sql = f"(SELECT r.{column} FROM readings r WHERE r.reading = ? AND r.model = ? AND r.text = {text})"
        return Source(ready.reader.kind, Sql(sql, (name, ready.model, pointer_to(of))))

    def model(self, of: str, name: str) -> str:
        """Which reader in which version says it, once all texts of a property are read."""
        return self._ready(of, name).model

    def values(self, of: str, name: str, labels: Sequence[str | None]) -> Array:
        """What each of the texts of a property says: float64 or objects; NaN or None where nothing is said."""
        with self._alone():  # until the rows are there, nobody lets go of them for a later version
            return self._found(self._ready(of, name), name, labels)

    def _found(self, ready: Ready, name: str, labels: Sequence[str | None]) -> Array:
        (reader, model), cursor = ready, self._store().cursor()
        given = {"place": pa.array(range(len(labels)), pa.int64()), "label": pa.array(list(labels), pa.string())}
        cursor.register("texts", pa.table(given))
        column = "number" if reader.kind == "number" else "value"
        found = cursor.execute(
            f"""SELECT t.place, r.{column} FROM texts t JOIN readings r ON r.text = hash(t.label)
            WHERE r.reading = ? AND r.model = ?""",
            [name, model],
        ).fetchall()
        number = reader.kind == "number"
        values = np.full(len(labels), np.nan) if number else np.full(len(labels), None, dtype=object)
        for place, value in found:
            values[place] = np.nan if value is None and number else value
        return values

    def _ready(self, of: str, name: str) -> Ready:
        """The reader and its model, once it has read all texts of the property."""
        with self._alone():
            state = self._readers.state()
            if state != self._state:
                self._state = state
                self._done.clear()
            known, forgotten = self._done.get((of, name)), self._forgotten
            if known is not None:
                return known
            reader = self._readers.reader(name, of, lambda: distinct_texts(self._store(), of))
            self._state = self._readers.state()  # who looked at all texts may have written down what it learned
            before = self._ready(of, LANGUAGE) if reader.needs_language else None
            ready = Ready(reader, model_of(reader, before.reader if before is not None else None))
            self._read(of, name, ready, None if before is None else before.model)
            if forgotten == self._forgotten:  # else texts may have come that were not there when it began
                self._done[of, name] = ready
            return ready

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One question at a time writes to the table, whichever engine it is asked of; the others can be stopped."""
        lock = self._store().reading
        while not lock.acquire(timeout=TICK):
            self.progress(STAGE, 0, None)
        try:
            yield
        finally:
            lock.release()

    def _read(self, of: str, name: str, ready: Ready, language: str | None) -> None:
        """Read what is not read yet, and let go of what an earlier version of the reader said."""
        cursor, (reader, model) = self._store().cursor(), ready
        cursor.execute(
            "DELETE FROM readings WHERE reading = ? AND model <> ? AND split_part(model, ':', 1) = ?",
            [name, model, reader.version.partition(":")[0]],
        )
        rows = cursor.execute(
            """SELECT t.said, l.value FROM (
                SELECT DISTINCT json_extract_string(properties, ?) AS said FROM events WHERE said IS NOT NULL) t
            LEFT JOIN (SELECT text, value FROM readings WHERE reading = ? AND model = ?) l ON l.text = hash(t.said)
            WHERE hash(t.said) NOT IN (SELECT text FROM readings WHERE reading = ? AND model = ?) ORDER BY t.said""",
            [pointer_to(of), LANGUAGE, language or "", name, model],
        ).fetchall()
        for low in range(0, len(rows), STEP):
            self.progress(STAGE, low, len(rows))
            part = rows[low : low + STEP]
            said = [str(text) for text, _ in part]
            _write(cursor, name, ready, said, reader.read(said, [found for _, found in part]))
        if rows:
            self.progress(STAGE, len(rows), len(rows))


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def nothing(value: object) -> bool:
    """Whether a reader abstained: None, or a number that is none."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def distinct_texts(store: Store, of: str) -> list[str]:
    """All distinct texts of a property, in order."""
    query = "SELECT DISTINCT json_extract_string(properties, ?) AS said FROM events WHERE trim(said) <> ''"
    return sorted(str(row[0]) for row in store.cursor().execute(query, [pointer_to(of)]).fetchall())


def model_of(reader: Reader, language: Reader | None = None) -> str:
    """What the rows of a reader are kept under: its version, that of who told it the language, and of the hashes."""
    told = "" if language is None else f", {language.version}"
    return f"{reader.version}{told} @ DuckDB {duckdb.__version__}"


def _write(
    cursor: duckdb.DuckDBPyConnection, name: str, ready: Ready, texts: Sequence[str], found: Sequence[Any] | Array
) -> None:
    number, model = ready.reader.kind == "number", ready.model
    values = [None if nothing(one) else one for one in found]
    cursor.register(
        "just_read",
        pa.table(
            {
                "text": pa.array(texts, pa.string()),
                "value": pa.array([None] * len(texts) if number else values, pa.string()),
                "number": pa.array(values if number else [None] * len(texts), pa.float64()),
            }
        ),
    )
    # two texts of one hash would make a filter's subquery fail; the first one speaks for both
    cursor.execute(
        """INSERT INTO readings SELECT hash(j.text), ?, ?, any_value(j.value), any_value(j.number) FROM just_read j
        WHERE hash(j.text) NOT IN (SELECT text FROM readings WHERE reading = ? AND model = ?) GROUP BY 1""",
        [name, model, name, model],
    )
    cursor.unregister("just_read")


__all__ = ["LANGUAGE", "Reader", "Readers", "Readings", "distinct_texts"]
