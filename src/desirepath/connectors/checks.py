"""Do the archived rows bear out the mapping?

The exact checks, made before the archive folder gets its name.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from desirepath.connectors.columns import Columns, Join
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.plan import PlannedTable, columns_of, zone_needed
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.rule_sql import compile_rule
from desirepath.errors import MappingError


def check_archive(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    mapping: Mapping,
    tables: Sequence[PlannedTable],
    raws: dict[str, RawTable],
) -> list[str]:
    """Check that every column exists, every lookup's key is unique, and every local time has a zone.

    Returns
    -------
    What is odd, but does not stand in the way: rows whose key no lookup has.

    Raises
    ------
    MappingError
        When a column is nowhere, or a lookup's key stands in several of its rows.
    TimeZoneNeededError
        When a time carries no zone and none is declared.
    """
    odd = []
    for table, planned in zip(mapping.tables, tables, strict=True):
        if raws[planned.raw].rows == 0:
            continue
        joins: list[Join] = []  # a key may come from a lookup before
        for name, keys, label in planned.joins:
            _check_unique(con, folder, raws[name], keys, label)
            odd += _alone(con, folder, (Columns(raws[planned.raw], joins), Columns(raws[name])), keys, label)
            joins.append(Join(raws[name], keys, label))
        for rule in table.events:
            compiled = compile_rule(mapping, table, rule, columns_of(planned, raws))
            fields = rule.fields.over(table.fields)
            if (fields.time_zone or mapping.time_zone) is None:
                relation = compiled.columns.relation(folder)
                found = con.execute(
                    f"SELECT {compiled.parts['at_text']} FROM ({relation}) WHERE {compiled.applies} "
                    f"AND ({compiled.parts['local']}) IS NOT NULL LIMIT 3"
                ).fetchall()
                if found:
                    raise zone_needed(rule.at, [text for (text,) in found])
    return odd


def _check_unique(
    con: duckdb.DuckDBPyConnection, folder: Path, raw: RawTable, keys: tuple[str, ...], label: str
) -> None:
    if raw.rows == 0:
        raise MappingError(f"The lookup {label} is empty.")
    columns = Columns(raw)
    texts = [columns.use(key) for key in keys]
    group = ", ".join(texts)
    relation = columns.relation(folder)
    found = con.execute(
        f"SELECT count(*), any_value(one) FROM (SELECT concat_ws(', ', {group}) AS one FROM ({relation}) "
        f"WHERE {' AND '.join(f'{text} IS NOT NULL' for text in texts)} GROUP BY {group} HAVING count(*) > 1)"
    ).fetchall()[0]
    if found[0]:
        raise MappingError(
            f"The lookup {label} has {found[0]} values of {', '.join(keys)} that stand in "
            f"several rows (such as {found[1]!r}), "
            "so that a row would be joined to more than one. Nothing was imported.",
        )


def _alone(
    con: duckdb.DuckDBPyConnection, folder: Path, both: tuple[Columns, Columns], keys: tuple[str, ...], label: str
) -> list[str]:
    """A warning where rows have a key that the lookup has not, with the most frequent ones and what is near them."""
    sides = []
    for columns in both:
        texts = [columns.use(key) for key in keys]
        known = " AND ".join(f"{text} IS NOT NULL" for text in texts)
        chosen = ", ".join(f"CAST({text} AS VARCHAR) AS k{place}" for place, text in enumerate(texts))
        sides.append(f"SELECT {chosen} FROM ({columns.relation(folder)}) WHERE {known}")
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    found = con.execute(
        f"""WITH alone AS (SELECT {names}, count(*) AS n FROM ({sides[0]}) ANTI JOIN ({sides[1]}) USING ({names})
            GROUP BY ALL)
        SELECT (SELECT sum(n) FROM alone), (SELECT count(*) FROM alone), concat_ws(', ', {names}), n
        FROM alone ORDER BY n DESC, {names} LIMIT 3"""
    ).fetchall()
    if not found:
        return []
    rows_there = con.execute(f"SELECT concat_ws(', ', {names}) FROM ({sides[1]}) LIMIT 10000").fetchall()
    there = [text for (text,) in rows_there]
    shown = []
    for _, _, text, number in found:
        near = difflib.get_close_matches(text, there, n=1, cutoff=0.6)
        shown.append(f"{text!r} ({number:,}{f', nearest {near[0]!r}' if near else ''})")
    rows, values = found[0][:2]
    more = f" and {values - len(shown):,} more" if values > len(shown) else ""
    return [
        f"{rows:,} rows have a {', '.join(keys)} that the lookup {label} has not, and get nothing from it: "
        f"{', '.join(shown)}{more}."
    ]
