"""Make the clickstream that every benchmark reads.

One seed gives one data set, to the byte of every value: 20 M events of 1 M people over 180 days, 40
touchpoints (`t00` … `t39`, the low numbers more popular), 5 channels, microsecond times, journeys with
a heavy tail (median 8 events, 99th percentile about 186, longest about 3,000). Rows stand in order of
arrival, as a log has them, so that no reader gets people already gathered.

    python benchmarks/simulate.py                    # 20 M rows, and the first of them for the import
    python benchmarks/simulate.py --events 200000 --people 10000 --out /tmp/small
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

DATA = Path(__file__).resolve().parent / "data"
TOUCHPOINTS = 40
CHANNELS = ("web", "app", "email", "store", "phone")
CHANNEL_WEIGHTS = (0.45, 0.25, 0.15, 0.10, 0.05)
DAY = 86_400_000_000
PERIOD = 180 * DAY
START = np.datetime64("2025-01-01T00:00:00", "us").astype(np.int64)
# A lognormal with these two has median 8, 99th percentile 186 and mean 20: 1 M people make 20 M events.
MEDIAN_LENGTH = 8.0
SIGMA_LENGTH = 1.353
LONGEST = 3_222
ROW_GROUP = 1_000_000
PARQUET_ROWS, CSV_ROWS = 5_000_000, 3_000_000

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Recipe:
    """What decides the data: change any of these and it is another data set.

    Parameters
    ----------
    events, people : int
        How many rows, and how many people they belong to.
    seed : int
        Seed of the random generator.
    version : int
        Raised when the generator itself changes, so that old files are made again.
    """

    events: int = 20_000_000
    people: int = 1_000_000
    seed: int = 20_251
    version: int = 1


@dataclass(frozen=True)
class Clickstream:
    """Events gathered by person and sorted by time inside each person.

    `starts` has one entry more than there are people; person p owns rows `starts[p]:starts[p + 1]`.
    `time` is in microseconds since 1970 UTC, `touchpoint` and `channel` are codes.
    """

    starts: Ints
    time: Ints
    touchpoint: Codes
    channel: Codes

    @property
    def person(self) -> npt.NDArray[np.int32]:
        """Person number of every row."""
        return np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))


def journey_lengths(recipe: Recipe, rng: np.random.Generator) -> Ints:
    """Draw one length per person; they add up to exactly `recipe.events`."""
    median = MEDIAN_LENGTH * recipe.events / recipe.people / 20
    lengths = np.exp(rng.normal(np.log(median), SIGMA_LENGTH, recipe.people))
    lengths = np.clip(np.rint(lengths), 1, LONGEST).astype(np.int64)
    missing = recipe.events - int(lengths.sum())
    while missing:
        able = np.flatnonzero(lengths < LONGEST) if missing > 0 else np.flatnonzero(lengths > 2)
        chosen = rng.choice(able, min(abs(missing), len(able)), replace=False)
        lengths[chosen] += np.sign(missing)
        missing = recipe.events - int(lengths.sum())
    return lengths


def event_times(starts: Ints, rng: np.random.Generator) -> Ints:
    """Draw times: bursts of seconds and minutes, days between bursts, all inside the 180 days."""
    n = int(starts[-1])
    gaps = rng.exponential(45e6, n)
    pause = rng.random(n, dtype=np.float32) < 0.22
    gaps[pause] = np.exp(rng.normal(np.log(1.2 * DAY), 1.4, int(pause.sum())))
    gaps[starts[:-1]] = 0
    elapsed = np.cumsum(gaps)
    lengths = np.diff(starts)
    elapsed -= np.repeat(elapsed[starts[:-1]], lengths)
    span = elapsed[starts[1:] - 1]
    # A journey longer than the period is squeezed into it; the others begin anywhere they fit.
    squeeze = np.minimum(1.0, 0.999 * PERIOD / np.maximum(span, 1.0))
    begin = rng.random(len(lengths)) * (PERIOD - span * squeeze - 1)
    times: Ints = (START + np.repeat(begin, lengths) + elapsed * np.repeat(squeeze, lengths)).astype(np.int64)
    return times


def event_touchpoints(n: int, rng: np.random.Generator) -> Codes:
    """Draw touchpoints: popularity falls with the number, and one event in five echoes the one before it."""
    weights = 1 / np.arange(5, 5 + TOUCHPOINTS)
    drawn = weighted_codes(weights, n, rng)
    echo = rng.random(n, dtype=np.float32) < 0.2
    echo[0] = False
    return np.where(echo, np.roll(drawn, 1), drawn)


def event_channels(starts: Ints, rng: np.random.Generator) -> Codes:
    """Draw channels: each person has a favourite, used three times in four."""
    n = int(starts[-1])
    weights = np.array(CHANNEL_WEIGHTS)
    favourite = np.repeat(weighted_codes(weights, len(starts) - 1, rng), np.diff(starts))
    return np.where(rng.random(n, dtype=np.float32) < 0.75, favourite, weighted_codes(weights, n, rng))


def weighted_codes(weights: npt.NDArray[np.float64], n: int, rng: np.random.Generator) -> Codes:
    """Draw `n` codes with the given weights, through a table of 65,536 entries (one look-up per draw)."""
    edges = np.rint(np.cumsum(weights / weights.sum()) * 65_536).astype(np.int64)
    table = np.searchsorted(edges, np.arange(65_536), side="right").astype(np.uint8)
    drawn: Codes = table[rng.integers(0, 65_536, n, dtype=np.uint16)]
    return drawn


def clickstream(recipe: Recipe) -> Clickstream:
    """Draw the whole data set, gathered by person."""
    rng = np.random.default_rng(recipe.seed)
    starts = np.concatenate([[0], np.cumsum(journey_lengths(recipe, rng))])
    time_ = event_times(starts, rng)
    return Clickstream(starts, time_, event_touchpoints(len(time_), rng), event_channels(starts, rng))


def user_names(people: int) -> pa.Array:
    """Give every person an id of 16 hexadecimal digits whose order says nothing about the person's number."""
    x = np.arange(1, people + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    text = np.empty((people, 16), dtype=np.uint8)
    for place in range(16):
        text[:, place] = digits[((x >> np.uint64(60 - 4 * place)) & np.uint64(15)).astype(np.intp)]
    offsets = np.arange(0, 16 * people + 1, 16, dtype=np.int32)
    return pa.StringArray.from_buffers(people, pa.py_buffer(offsets), pa.py_buffer(text))


def log_table(stream: Clickstream) -> pa.Table:
    """Turn the stream into rows in order of time: `event_id, user_id, touchpoint, channel, occurred_at`."""
    order = np.argsort(stream.time, kind="stable")
    users = user_names(len(stream.starts) - 1)
    names = pa.array([f"t{code:02d}" for code in range(TOUCHPOINTS)])

    def coded(codes: npt.NDArray[Any], words: pa.Array) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes[order].astype(np.int32)), words)

    moments = pa.array(stream.time[order], pa.timestamp("us", tz="UTC"))
    return pa.table(
        {
            "event_id": pa.array(np.arange(1, len(order) + 1, dtype=np.int64)),
            "user_id": coded(stream.person, users),
            "touchpoint": coded(stream.touchpoint, names),
            "channel": coded(stream.channel, pa.array(CHANNELS)),
            "occurred_at": moments,
        }
    )


def plain_strings(table: pa.Table) -> pa.Table:
    """Return the table with every dictionary column as plain strings, as an exporter would write it."""
    for position, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(position, field.name, pc.cast(table.column(position), pa.string()))
    return table


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write `table` to `path`, one million rows a row group."""
    with pq.ParquetWriter(path, plain_strings(table.slice(0, 0)).schema, compression="zstd") as writer:
        for begin in range(0, table.num_rows, ROW_GROUP):
            writer.write_table(plain_strings(table.slice(begin, ROW_GROUP)))


def write_csv(table: pa.Table, path: Path) -> None:
    """Write `table` to `path` as CSV with ISO times in UTC (`2025-01-01T00:00:00.000000Z`)."""
    with pacsv.CSVWriter(path, plain_strings(table.slice(0, 0)).schema) as writer:
        for begin in range(0, table.num_rows, ROW_GROUP):
            writer.write_table(plain_strings(table.slice(begin, ROW_GROUP)))


def make(out: Path, recipe: Recipe, parquet_rows: int = PARQUET_ROWS, csv_rows: int = CSV_ROWS) -> Path:
    """Write the data set of `recipe` into `out` unless it is there already.

    Returns
    -------
    Path
        `events.parquet`; beside it lie its first rows as `import.parquet` and `import.csv`.
    """
    wanted = {**asdict(recipe), "parquet_rows": parquet_rows, "csv_rows": csv_rows}
    note = out / "recipe.json"
    if note.exists() and json.loads(note.read_text()) == wanted:
        return out / "events.parquet"
    out.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)
    table = log_table(clickstream(recipe))
    write_parquet(table, out / "events.parquet")
    write_parquet(table.slice(0, parquet_rows), out / "import.parquet")
    write_csv(table.slice(0, csv_rows), out / "import.csv")
    # Written last: a run that was cut short leaves no note, and the next one starts again.
    note.write_text(json.dumps(wanted))
    return out / "events.parquet"


def shape(stream: Clickstream) -> dict[str, float]:
    """Describe the journeys' lengths: median, 99th percentile, longest."""
    lengths = np.diff(stream.starts)
    p50, p99 = np.percentile(lengths, [50, 99])
    return {
        "p50": float(p50),
        "p99": float(p99),
        "longest": float(lengths.max()),
        "events": float(lengths.sum()),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Make the benchmarks' clickstream.")
    parser.add_argument("--events", type=int, default=Recipe.events)
    parser.add_argument("--people", type=int, default=Recipe.people)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--shape", action="store_true", help="print the journeys' lengths and write nothing")
    asked = parser.parse_args()
    recipe = Recipe(asked.events, asked.people, asked.seed)
    began = time.perf_counter()
    done = shape(clickstream(recipe)) if asked.shape else make(asked.out, recipe)
    print(done, f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
