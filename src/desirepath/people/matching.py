"""Which records may be one person, though no identifier says so? Suggestions with a score and reasons.

    suggest(records, {"first": "given_name", "last": "family_name", "dob": "birth_date", "zip": "postcode"})

Records are rows of a CRM, tickets or orders. Names, dates and addresses are compared in degrees of likeness, what each
degree is worth is learnt from the records themselves (`match_model`), and every pair that is more likely one person
than not comes with what each field said. A suggestion is a question for a person to answer, not an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.people import match_fields, match_keys
from desirepath.people.match_fields import Comparison, FieldKind
from desirepath.people.match_model import FEWEST_TRAINING_PAIRS, Model, require_splink

Array = npt.NDArray[Any]

FEWEST_RECORDS = 50
FEWEST_KNOWN = 10
"""A field that fewer records have is left out."""
FLOOR = 0.5
MISTAKES = 0.25
"""Pairs of whom what is personal speaks against are believed where mistakes explain at least so many of them; among
people who live together they explain one in a hundred."""


@dataclass(frozen=True)
class Suggested:
    """What was found.

    Attributes
    ----------
    pairs
        Columns `a` and `b` (ids, a < b, each pair once), `score` (probability that they are one person), `undisputed`
        (something personal is the same, and nothing personal is in doubt), and `why`: for each field that both have,
        what was found in words and how much it weighs in bits, against where negative. Likeliest first, then by id.
    records
        How many records were compared.
    looked_at
        How many pairs of them.
    compared
        The fields that were used.
    left_out
        The fields that were not, and why.
    """

    pairs: pa.Table
    records: int
    looked_at: int
    compared: tuple[str, ...]
    left_out: Mapping[str, str]


def suggest(
    records: pa.Table,
    fields: Mapping[str, FieldKind],
    *,
    floor: float = FLOOR,
    threads: int | None = None,
    memory: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Suggested:
    """Find records that may be of one person; the order of rows and fields changes nothing.

    Parameters
    ----------
    records
        One row a record: `id` (unique), and any columns.
    fields
        Which columns to compare, and what they are; all are read as text.
    floor
        The least score of a suggestion.
    threads, memory
        How many threads and how much memory (such as `"4GB"`) may be used; nothing is written to disk.
    tell
        Told what is being done.

    Raises
    ------
    InputError
        When Splink is not installed, a field is unknown, ids repeat, or the floor is no probability.
    NotEnoughDataError
        For fewer than 50 records, or fewer than two fields that say anything.
    """
    require_splink()
    match_fields.check(fields, records.column_names)
    if not 0.0 <= floor <= 1.0:
        raise InputError(f"The least score is a probability from 0 to 1, not {floor!r}.")
    if records.num_rows < FEWEST_RECORDS:
        raise NotEnoughDataError(
            f"There are {records.num_rows} records; from fewer than {FEWEST_RECORDS} nothing can be learnt about which "
            "likenesses are chance."
        )
    with _database(threads, memory) as connection:
        tell("cleaning")
        columns, left_out = _clean(connection, records, fields)
        comparisons = match_fields.comparisons(columns)
        if len(comparisons) < 2:
            said = "".join(f" {name}: {why}." for name, why in left_out.items())
            raise NotEnoughDataError(f"At least two fields must say something to tell people apart.{said}")
        for statement in match_keys.pairs_sql(columns, records.num_rows):
            connection.execute(statement).fetchall()
        looked_at = int(_one(connection, "SELECT count(*) FROM pairs"))
        found, score = Model(connection, comparisons, records.num_rows).scored(_rules(connection, columns), tell)
        pairs = _pairs(connection, comparisons, found, score, floor)
    compared = tuple(name for name in fields if name not in left_out)
    return Suggested(pairs, records.num_rows, looked_at, compared, left_out)


def _database(threads: int | None, memory: str | None) -> duckdb.DuckDBPyConnection:
    """A database in memory that reaches no file and no address."""
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "allow_community_extensions": "false",
        "temp_directory": "",
    }
    if threads:
        config["threads"] = str(threads)
    if memory:
        config["memory_limit"] = memory
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false").fetchall()  # it writes to stdout
    return connection


def _clean(
    connection: duckdb.DuckDBPyConnection, records: pa.Table, fields: Mapping[str, FieldKind]
) -> tuple[dict[str, str], dict[str, str]]:
    """Make the table `records`, numbered in the order of ids.

    Returns
    -------
    Cleaned columns to the names of their fields, and fields that say nothing to why.
    """
    connection.register("raw_records", records)
    if int(_one(connection, "SELECT count(*) - count(DISTINCT id) FROM raw_records")):
        raise InputError("Every record needs an id of its own; some repeat or are missing.", looked="column id")
    born = [name for name, kind in fields.items() if kind == "birth_date"]
    month_first = bool(born) and bool(
        _one(connection, f"SELECT {match_fields.month_first_sql(born[0])} FROM raw_records")
    )
    made = match_fields.cleaned(dict(sorted(fields.items())), month_first=month_first)
    select = "".join(f", {sql} AS {column}" for column, (_, sql) in made.items())
    connection.execute(
        f"""CREATE TABLE cleaned AS SELECT row_number() OVER (ORDER BY id) - 1 AS unique_id, id{select}
        FROM raw_records ORDER BY id"""
    ).fetchall()
    connection.unregister("raw_records")
    columns, left_out = {}, {}
    for column, (name, _) in made.items():
        known = int(_one(connection, f"SELECT count({column}) FROM cleaned"))
        if known < FEWEST_KNOWN:
            left_out[name] = f"only {known:,} of {records.num_rows:,} records have one that can be read"
        elif int(_one(connection, f"SELECT count(DISTINCT {column}) FROM cleaned")) < 2:
            left_out[name] = "it is the same everywhere"
        else:
            columns[column] = name
    more = [f"{sql} AS {column}" for column, sql in match_fields.derived(list(columns)).items()]
    select = ", ".join(["unique_id", "id", *columns, *more])
    connection.execute(f"CREATE TABLE records AS SELECT {select} FROM cleaned ORDER BY unique_id").fetchall()
    return columns, {name: why for name, why in left_out.items() if name not in columns.values()}


def _rules(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Sets of columns that enough pairs agree in; every column is free in one of them, if possible."""
    chosen: list[tuple[str, ...]] = []
    used: set[str] = set()
    for rule in match_keys.training_rules(columns):
        if used & set(rule):
            continue
        known = " AND ".join(f"{column} IS NOT NULL" for column in rule)
        pairs = _one(
            connection,
            "SELECT coalesce(sum(many * (many - 1) // 2), 0) FROM "
            f"(SELECT count(*) AS many FROM records WHERE {known} GROUP BY {', '.join(rule)})",
        )
        if int(pairs) >= FEWEST_TRAINING_PAIRS:
            chosen.append(rule)
            used |= set(rule)
    return chosen


def _pairs(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    found: pa.Table,
    score: Array,
    floor: float,
) -> pa.Table:
    """The suggestions with ids and reasons, apart from people of one household."""
    numbers = range(len(comparisons))
    degree = _columns(found, [f"gamma_c{k}" for k in numbers]).astype(np.int64)
    bits = _columns(found, [f"mw_c{k}" for k in numbers]) + _columns(found, [f"mw_tf_adj_c{k}" for k in numbers])
    personal = np.array([each.personal for each in comparisons])
    best = np.array([len(each.levels) - 1 for each in comparisons])
    known = (degree >= 0) & personal
    doubtful = known & (degree <= best - [each.firm for each in comparisons])
    same = known & (degree == best)
    likely = score >= floor
    kept = np.flatnonzero(likely & ~_households(bits[:, personal], known[:, personal], likely))
    ids = connection.sql("SELECT id FROM records ORDER BY unique_id").to_arrow_table().column("id")
    table = pa.table(
        {
            "a": ids.take(found.column("unique_id_l").take(kept)),
            "b": ids.take(found.column("unique_id_r").take(kept)),
            "score": np.round(score[kept], 6),
            "undisputed": (same.any(axis=1) & ~doubtful.any(axis=1))[kept],
            "why": _reasons(comparisons, best - degree[kept], bits[kept]),
        }
    )
    return table.sort_by([("score", "descending"), ("a", "ascending"), ("b", "ascending")])


def _households(bits: Array, known: Array, likely: Array) -> Array:
    """bool[pairs]: pairs of which what is personal speaks against, if there are more of these than mistakes explain.

    Name, address and phone agree between people who live together as they do between two records of one person, and
    what tells the two apart is how often what is personal speaks against: of records of one person as often as all of
    it is wrong by mistake. Where mistakes explain a quarter of such pairs, hardly anybody lives together.

    Parameters
    ----------
    bits, known
        float64[pairs, personal] and bool: what each personal comparison weighs, and whether there is something to
        compare.
    likely
        bool[pairs]: pairs that would be suggested.
    """
    against = known.any(axis=1) & (bits.sum(axis=1) <= 0)
    agreeing = likely & known.any(axis=1) & ~against
    several = known & (agreeing & (known.sum(axis=1) > 1))[:, None]
    wrong = (several & (bits <= 0)).sum(axis=0) / np.maximum(several.sum(axis=0), 1)
    all_wrong = np.where(known[agreeing], np.minimum(wrong, 0.5), 1.0).prod(axis=1)
    by_mistake = float((all_wrong / (1 - all_wrong)).sum())
    crowd: Array = against & (by_mistake < MISTAKES * int((against & likely).sum()))
    return crowd


def _reasons(comparisons: Sequence[Comparison], level: Array, bits: Array) -> pa.Array:
    """A list for each pair: field, words and weight of everything that could be compared."""
    levels = [len(each.levels) for each in comparisons]
    known = level < np.array(levels)  # what is missing comes after `different`
    words = pa.array([step.says for each in comparisons for step in each.levels])
    names = pa.array([each.name for each in comparisons])
    first = np.concatenate([[0], np.cumsum(levels)[:-1]])
    which = np.broadcast_to(np.arange(len(comparisons)), level.shape)[known]
    reasons = pa.StructArray.from_arrays(
        [names.take(which), words.take((level + first)[known]), pa.array(np.round(bits[known], 2))],
        ["field", "says", "weight"],
    )
    offsets = np.concatenate([[0], np.cumsum(known.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, reasons)


def _columns(found: pa.Table, names: Sequence[str]) -> Array:
    """float64[pairs, names]; a column that is not there is zero."""
    nothing = np.zeros(found.num_rows)
    known = set(found.column_names)
    return np.stack([found.column(name).to_numpy() if name in known else nothing for name in names], axis=1)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return connection.execute(sql).fetchall()[0][0]
