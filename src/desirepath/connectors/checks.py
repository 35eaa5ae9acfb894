"""Do the archived rows bear out the mapping?

The exact checks, made before the archive folder gets its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from desirepath.connectors.columns import Columns
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
) -> None:
    """Check that every column exists, every lookup's key is unique, and every local time has a zone.

    Raises
    ------
    MappingError
        When a column is nowhere, or a lookup's key stands in several of its rows.
    TimeZoneNeededError
        When a time carries no zone and none is declared.
    """
    for table, planned in zip(mapping.tables, tables, strict=True):
        if raws[planned.raw].rows == 0:
            continue
        for name, keys, label in planned.joins:
            _check_unique(con, folder, raws[name], keys, label)
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
