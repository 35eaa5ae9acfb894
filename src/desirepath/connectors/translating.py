"""How does a vendor's file become an archived table? Taken apart into records, and each record translated.

Every row of the table stands beside the record it was made from (`raw`, at the first of a record's rows), so that a
better connector can translate the archive again. A record that the connector cannot read goes to the quarantine with
its reason, and so does what is no record at all.
"""

from __future__ import annotations

import gc
import json
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.connector import Connector, Given, Record
from desirepath.connectors.csv_reading import Read
from desirepath.connectors.instants import NEVER
from desirepath.connectors.opened import Opened
from desirepath.connectors.rejects import RejectedLine
from desirepath.connectors.rows import Row, Who
from desirepath.connectors.translated_sql import TRANSLATED
from desirepath.errors import InputError
from desirepath.events.event import strength_of

BATCH = 20_000
"""Rows written at once."""

PACK = 1_000
"""Rows that are turned into columns at once; as Python's objects, more of them would not fit into a cache."""

FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
"""What a connector may raise for a record that is not as it should be."""

_MOMENTS = range(-62_135_596_800_000_000, 253_402_300_800_000_000)
"""Microseconds of the years 1 to 9999."""

_WHO = TRANSLATED.field("identities").type

_ENCODER = msgspec.json.Encoder()


class Translation:
    """Records in, rows of a translated table out; told who was not understood.

    Parameters
    ----------
    connector, given
        The source, and what was chosen.
    never_stops
        Whether a record that needs something that was not given, such as a time zone, is refused too; a stream must not
        stop at it.
    """

    def __init__(
        self,
        connector: Connector,
        given: Given,
        *,
        never_stops: bool = False,
    ) -> None:
        self._faults: tuple[type[Exception], ...] = (Exception,) if never_stops else FAULTS
        self._connector, self._given = connector, given
        self._rows: list[tuple[Any, ...]] = []
        self._packed: list[pa.RecordBatch] = []
        self.lines: list[int] = []
        self.rejected: list[RejectedLine] = []
        self.records = self.size = 0
        self.streams: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, record: Record, *, received_us: int | None = None, public: bool = False) -> None:
        """Translate one record.

        Parameters
        ----------
        record
            The record.
        received_us
            When it came, where that was not with all the others.
        public
            Whether anybody could have sent it: then it may name one known person and no second one.
        """
        if received_us is not None and received_us != self._given.received_us:
            self._given = replace(self._given, received_us=received_us)
        self.records += 1
        self.streams[record.stream] += 1
        try:
            rows = list(self._connector.translate(record.stream, record.data, self._given))
            if public:
                for row in rows:
                    row.who = _one_person(row.who)
            if not rows:
                rows = [Row("none", f"{record.stream}|{self.records}", record.stream, NEVER, [])]
            text = record.text if record.text is not None else _json(record.data)
            made = [self._values(row, record.stream, received_us) for row in rows]
        except self._faults as problem:
            raw = record.text or _json(record.data)
            self.size += len(raw)
            detail = f"{record.stream}: {type(problem).__name__} {problem}"
            line = RejectedLine(
                record.line, "record_unreadable", raw.encode("utf-8", "surrogateescape"), detail[:300], self.records
            )
            self.rejected.append(line)
            return
        self.size += len(text)
        for place, values in enumerate(made):
            self._rows.append((*values, text if place == 0 else None))
            self.lines.append(record.line or 0)
        if len(self._rows) >= PACK:
            self._pack()

    def refuse(self, stream: str, data: Any, reason: str, detail: str) -> None:
        """Set a record aside that may not be translated."""
        self.records += 1
        self.streams[stream] += 1
        raw = _json(data).encode("utf-8", "surrogateescape")
        self.size += len(raw)
        self.rejected.append(RejectedLine(None, reason, raw, detail, self.records))

    def _values(self, row: Row, stream: str, received_us: int | None) -> tuple[Any, ...]:
        """The columns of a row, but for the record itself; what cannot be stored is refused."""
        properties = row.properties or {}
        us, precision, quality, said = row.at
        entity = row.entity or (None, None)
        if row.kind == "snapshot" and us is None:
            us = self._given.received_us
        if us is not None and us not in _MOMENTS:
            raise ValueError(f"the moment {said or us!r} is out of range")
        if row.sequence is not None and (type(row.sequence) is not int or not -(1 << 63) <= row.sequence < 1 << 63):
            raise ValueError(f"the sequence {row.sequence} is out of range")
        value = None if row.value is None else float(row.value)
        if value is not None and not math.isfinite(value):
            raise ValueError(f"the value {row.value!r} is not finite")
        return (
            row.kind,
            _text(row.key),
            _text(row.name),
            us,
            _text(said) or None,
            precision,
            quality,
            row.who,
            _text(row.channel),
            value,
            _text(row.currency),
            _text(entity[0]),
            _text(entity[1]),
            _text(row.session),
            row.sequence,
            _json(properties) if properties else "{}",
            None if row.state is None else _json(row.state),
            received_us,
            stream,
        )

    def take(self) -> pa.RecordBatch:
        """The rows since the last time, in `TRANSLATED`."""
        if self._rows or not self._packed:
            self._pack()
        packed, self._packed = self._packed, []
        return packed[0] if len(packed) == 1 else pa.concat_batches(packed)

    def _pack(self) -> None:
        """Turn rows into columns, while they are still in the processor's cache."""
        columns = list(zip(*self._rows, strict=True)) or [()] * len(TRANSLATED)
        self._rows.clear()
        arrays = [
            _identities(column) if item.type == _WHO else pa.array(column, item.type)
            for column, item in zip(columns, TRANSLATED, strict=True)
        ]
        self._packed.append(pa.RecordBatch.from_arrays(arrays, schema=TRANSLATED))


def _identities(column: Sequence[Who]) -> pa.Array:
    """The identities of each row; made of flat columns, as a dictionary for each would take most of the time."""
    offsets = np.cumsum([0, *map(len, column)], dtype=np.int32)
    kinds, values = ([pair[part] for who in column for pair in who] for part in (0, 1))
    arrays = [pa.array(kinds, pa.string()), pa.array(values, pa.string())]
    pairs = pa.StructArray.from_arrays(arrays, fields=list(_WHO.value_type.fields))
    return pa.ListArray.from_arrays(offsets, pairs, type=_WHO)


def _json(value: Any) -> str:
    """The JSON text of a value; of whole numbers of any length, too."""
    try:
        return _ENCODER.encode(value).decode()
    except OverflowError:
        return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str | None:
    """A text or number as text; whatever else a client may have sent says nothing here."""
    if value is None or type(value) is str:
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _one_person(who: Who) -> Who:
    """Identities of which no second one names a person for sure."""
    firm = [one for one in who if strength_of(one[0], names_person=True) == "strong"]
    return [one for one in who if one not in firm[1:]]


def records_of(connector: Connector, path: Path, given: Given) -> Iterator[tuple[Opened, Iterable[Record]]]:
    """Each file within a file, and its records."""
    for opened in Opened(path).members():
        landed = opened.head.startswith(LANDED)
        yield opened, _landed(opened) if landed else connector.read(opened, given)


LANDED = '{"$stream":'
"""How files begin that a pull has written: each line says its stream and holds the record."""


def landed(stream: str, record: Mapping[str, Any]) -> bytes:
    """A line of such a file."""
    line = json.dumps({"$stream": stream, "record": record}, ensure_ascii=False)
    return line.encode("utf-8", "replace") + b"\n"


def _landed(opened: Opened) -> Iterator[Record]:
    """The records of a file that a pull has written."""
    for number, line in opened.lines():
        data = opened.object_of(line, number)
        if data is not None:
            yield Record(str(data["$stream"]), data["record"], None, number)


_SELDOM = (1_000_000, 50, 100)
_translating: list[tuple[int, int, int]] = []
_lock = threading.Lock()


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Let Python look for cycles of objects less often, as long as anybody translates.

    Translating makes millions of small objects that no cycle holds; looking for cycles would take a fifth of its time.
    """
    with _lock:
        _translating.append(_translating[0] if _translating else gc.get_threshold())
        gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        with _lock:
            before = _translating.pop()
            if not _translating:
                gc.set_threshold(*before)


@rarely_collecting()
def read_records(
    connector: Connector,
    path: Path,
    given: Given,
    part: Path,
    tell: Callable[[int], None] = lambda _: None,
) -> Read:
    """Write the rows of a vendor's file to the Parquet file `part`.

    Parameters
    ----------
    connector, given
        As for `Translation`.
    path
        The file; may be a ZIP of files.
    part
        The Parquet file to write.
    tell
        Told the number of records now and then; may raise `CancelledError`.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    TimeZoneNeededError
        When times carry no zone and none is declared.
    """
    translation = Translation(connector, given)
    lines: list[np.ndarray[Any, Any]] = []
    rejected: list[RejectedLine] = []
    rows = 0
    with pq.ParquetWriter(part, TRANSLATED, compression="zstd") as writer:

        def write() -> None:
            nonlocal rows
            rows += len(translation)
            lines.append(np.array(translation.lines, dtype=np.int64))
            translation.lines.clear()
            writer.write_batch(translation.take())
            tell(translation.records)

        for opened, records in records_of(connector, path, given):
            for record in records:
                translation.add(record)
                if len(translation) >= BATCH:
                    write()
            rejected += opened.rejected
        write()
    rejected += translation.rejected
    if not rows and not rejected and path.stat().st_size == 0:
        return Read(None)
    return Read(rows, lines=np.concatenate(lines), rejected=rejected, records=translation.records)


def unreadable_by(connector: Connector, path: Path) -> InputError:
    """The error for a file that is not of a connector's source."""
    return InputError(
        f"{path.name} is no file of {connector.title} that desirepath knows.",
        allowed=[f"{stream}: {said}" for stream, said in connector.streams.items()],
        looked=str(path),
    )
