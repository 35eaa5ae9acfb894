"""How fast is Polars at the funnel and the questions about sequences, in the best expressions we could find?

A frame in memory, ordered by person and time, as plain numbers. Shifts and running sums go over the whole frame, since
`over("person")` takes several times as long.
"""

# ruff: noqa: SIM300 - the number of threads must be said before Polars is loaded; Yoda is a column
from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from contender import CHANNELS, STEP_CODES, THREADS, WINDOW_MICROSECONDS, Ask, run_as_script

os.environ["POLARS_MAX_THREADS"] = str(THREADS)

import polars as pl
from contender import BY_CHANNEL, EVERYBODY, FUNNEL
from journey_questions import (
    ATTRIBUTION,
    FIRST_MONDAY,
    GOAL,
    HALF_LIFE,
    LONGEST,
    LOOKBACK,
    PATHS,
    PAUSE,
    RETENTION,
    TOP,
    TRANSITIONS,
    WEEK,
    WEEKS,
    text,
    triangle,
)
from peers.duckdb_journeys import BASE, unpacked

LAYOUT = "memory"
INT = pl.Int64
NAME, TIME, PERSON = pl.col("name"), pl.col("time"), pl.col("person")


def transitions(log: pl.LazyFrame) -> str:
    """Count pairs of neighbours, and take the median of their gaps."""
    pairs = log.select(f=NAME.shift(1), t=NAME, gap=TIME - TIME.shift(1), same=PERSON.shift(1) == PERSON).filter("same")
    found = pairs.group_by("f", "t").agg(n=pl.len(), gap=pl.col("gap").median().floor().cast(INT)).collect()
    return text((f"{f}-{t}", n, gap) for f, t, n, gap in found.iter_rows())


def paths(log: pl.LazyFrame) -> str:
    """Pack the first touchpoints of each session into one number, and count those."""
    new = ((PERSON != PERSON.shift(1)) | (TIME - TIME.shift(1) > PAUSE)).fill_null(value=True)
    place = pl.col("k") - pl.when("new").then("k").forward_fill()
    over = pl.col("goals") > pl.when("new").then("goals").forward_fill()
    packed = (NAME.cast(INT) + 1) * pl.lit(BASE, INT).pow(LONGEST - 1 - pl.col("place"))
    found = (
        log.select("name", new=new)
        .with_columns(kept=pl.col("new") | (NAME != NAME.shift(1)), goal=~pl.col("new") & (NAME == GOAL))
        .with_columns(
            session=pl.col("new").cum_sum(), k=pl.col("kept").cum_sum().cast(INT), goals=pl.col("goal").cum_sum()
        )
        .with_columns(place=place, over=over)
        .group_by("session")
        .agg(
            path=pl.when(pl.col("kept") & ~pl.col("over") & (pl.col("place") < LONGEST))
            .then(packed)
            .otherwise(0)
            .sum(),
            done=pl.col("goal").any(),
        )
        .group_by("path")
        .agg(n=pl.len(), done=pl.col("done").sum())
        .sort(["n", "path"], descending=[True, False])
        .head(TOP)
        .collect()
    )
    return text((unpacked(path), n, done) for path, n, done in found.iter_rows())


def retention(log: pl.LazyFrame) -> str:
    """Gather everybody's weeks as the bits of a number, and spread out the few thousand different numbers."""
    week = (TIME - FIRST_MONDAY) // WEEK
    bits = (
        log.select("person", bit=pl.lit(2, INT).pow(week))
        .group_by("person")
        .agg(weeks=pl.col("bit").bitwise_or())
        .group_by("weeks")
        .agg(n=pl.len())
        .with_columns(cohort=pl.col("weeks").bitwise_trailing_zeros().cast(INT))
    )
    cells = [
        bits.filter((pl.col("weeks") // pl.lit(2, INT).pow(pl.col("cohort") + k)) % 2 == 1)
        .group_by("cohort")
        .agg(k=pl.lit(k), n=pl.col("n").sum())
        for k in range(WEEKS)
    ]
    return triangle(row for part in pl.collect_all(cells) for row in part.iter_rows())


def attribution(log: pl.LazyFrame) -> str:
    """Number the paths by a running sum of the goals; share credit out by path and channel."""
    goal = NAME == GOAL
    rows = log.select("person", "time", "channel", goal=goal, path=goal.cum_sum() - goal.cast(pl.UInt32))
    goals = rows.filter("goal").select("person", "path", w="time")
    by_channel = (
        rows.filter(~pl.col("goal"))
        .join(goals, on=["person", "path"])
        .filter(TIME >= pl.col("w") - LOOKBACK)
        .with_columns(weight=pl.lit(2.0).pow((TIME - pl.col("w")) / HALF_LIFE))
        .group_by("path", "channel")
        .agg(n=pl.len(), weight=pl.col("weight").sum(), first=TIME.min(), last=TIME.max())
    )
    channel = pl.col("channel")
    whole = by_channel.group_by("path").agg(
        all=pl.col("n").sum(),
        total=pl.col("weight").sum(),
        opened=channel.get(pl.col("first").arg_min()),
        closed=channel.get(pl.col("last").arg_max()),
    )
    found = (
        by_channel.join(whole, on="path")
        .group_by("channel")
        .agg(
            first=(pl.col("opened") == channel).sum(),
            last=(pl.col("closed") == channel).sum(),
            linear=(pl.col("n") / pl.col("all")).sum().round().cast(INT),
            decay=(pl.col("weight") / pl.col("total")).sum().round().cast(INT),
        )
    )
    return text(found.collect().iter_rows())


def _reached(log: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Rows that reach each step, with the latest first step that led there."""
    steps = [log.filter(NAME == STEP_CODES[0]).select("person", "time", first="time")]
    for code in STEP_CODES[1:]:
        later = log.filter(NAME == code).select("person", "time")
        joined = later.join_asof(steps[-1], on="time", by="person", strategy="backward", check_sortedness=False)
        steps.append(joined.filter(TIME - pl.col("first") <= WINDOW_MICROSECONDS))
    return steps


def funnel(log: pl.LazyFrame) -> str:
    """Join each step to the latest one before it, as in duckdb_funnel.py."""
    counts = pl.collect_all([step.select(PERSON.n_unique()) for step in _reached(log)])
    return text([[EVERYBODY, *(frame.item() for frame in counts)]])


def funnel_by_channel(log: pl.LazyFrame, first: pl.LazyFrame) -> str:
    """Join the channel of the first event to the people of each step."""
    parts = [
        step.select("person").unique().join(first, on="person").group_by("channel").agg(n=pl.len())
        for step in _reached(log)
    ]
    counts: dict[str, list[int]] = {name: [0] * len(parts) for name in CHANNELS}
    for step, part in enumerate(pl.collect_all(parts)):
        for channel, n in part.iter_rows():
            counts[CHANNELS[channel]][step] = n
    return text([name, *each] for name, each in counts.items())


WAYS: dict[str, Callable[[pl.LazyFrame], str]] = {
    FUNNEL: funnel,
    TRANSITIONS: transitions,
    PATHS: paths,
    RETENTION: retention,
    ATTRIBUTION: attribution,
}


class PolarsJourneys:
    """Polars on a frame in memory.

    Parameters
    ----------
    store : Path
        Directory of the file that the frame is read from.
    layout : str
        `memory`; there is no other.
    """

    def __init__(self, store: Path, layout: str = LAYOUT) -> None:
        self.store = store

    def prepare(self, events: Path) -> None:
        """Order the log by person and time, as plain numbers."""
        self.store.mkdir(parents=True, exist_ok=True)
        codes: Iterable[tuple[str, int]] = ((name, code) for code, name in enumerate(CHANNELS))
        frame = pl.read_parquet(events).select(
            person=pl.col("user_id").rank("dense").cast(pl.UInt32) - 1,
            time=pl.col("occurred_at").dt.epoch("us"),
            name=pl.col("touchpoint").str.slice(1).cast(pl.UInt8),
            channel=pl.col("channel").replace_strict(dict(codes), return_dtype=pl.UInt8),
        )
        frame.sort("person", "time").write_ipc(self.store / "log.arrow")

    def open(self) -> tuple[str, Ask]:
        """Read the frame into memory."""
        frame = pl.read_ipc(self.store / "log.arrow").rechunk()
        log = frame.lazy()
        first = frame.group_by("person", maintain_order=True).agg(pl.col("channel").first()).lazy()

        def ask(question: str) -> str:
            return funnel_by_channel(log, first) if question == BY_CHANNEL else WAYS[question](log)

        return f"Polars {pl.__version__}", ask


if __name__ == "__main__":
    run_as_script(PolarsJourneys)
