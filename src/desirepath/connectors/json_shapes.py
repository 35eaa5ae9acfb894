"""Which keys do the objects of a file have, and which texts name one of them twice?

The texts of a file have few shapes: the same keys in the same order, and the same objects inside. Each shape is
judged once, in SQL, instead of each text. Objects in objects are found by their keys, level by level; what is
not found that way (objects in lists, empty objects, braces in texts, odd or too many keys) is left to a search of the
text itself, which is slower and sees all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from desirepath.connectors.json_check import opened_sql
from desirepath.connectors.scratch import literal, number_of

_MOST_POINTERS = 300
_LEVELS = 5
# A key that begins so cannot be taken for a place in a list, and needs no escape in a pointer.
_ORDINARY = re.compile(r"[A-Za-z_$][^/~\x00]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shapes:
    """What the shapes of a file's texts tell.

    Parameters
    ----------
    keys
        All names at the top level, sorted.
    twice
        SQL condition under which a text names a key twice at its top level.
    unknown
        SQL condition under which objects inside a text still have to be searched.
    """

    keys: tuple[str, ...]
    twice: str
    unknown: str


def find_shapes(con: duckdb.DuckDBPyConnection, scan: str, line: str) -> Shapes:
    """Judge the shapes of the texts in the column `line` of `scan`; the conditions hold for this connection."""
    objects = f"{line} IS NOT NULL AND starts_with(ltrim({line}), '{{') AND json_valid({line})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE shapes AS SELECT DISTINCT json_keys({line}) AS keys FROM {scan} WHERE {objects}"
    )
    keys = tuple(
        name for (name,) in con.execute("SELECT DISTINCT unnest(keys) AS name FROM shapes ORDER BY name").fetchall()
    )
    con.execute("DELETE FROM shapes WHERE len(keys) = len(list_distinct(keys))")
    several = number_of(con, "SELECT count(*) FROM shapes")
    twice = f"json_keys({line}) IN (SELECT keys FROM shapes)" if several else "false"
    return Shapes(keys, twice, _unknown(con, f"{scan} WHERE {objects} AND {opened_sql(line)} > 1", line, keys))


def _unknown(con: duckdb.DuckDBPyConnection, nested: str, line: str, keys: tuple[str, ...]) -> str:
    """Return the condition under which a text is not known to name no key twice in its objects' objects."""
    leading = _inside(con, nested, line, _pointers("", keys))
    if not leading:
        return "true"
    inner = f"json_keys({line}, [{', '.join(map(literal, leading))}])"
    shape = f"hash({inner}, {opened_sql(line)})"
    # Known: every brace but the first opens an object that was looked into, and none names a key twice.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE inner_shapes AS SELECT DISTINCT {inner} AS keys, {opened_sql(line)} AS opened "
        f"FROM {nested}"
    )
    con.execute(
        "DELETE FROM inner_shapes WHERE opened = 1 + len(list_filter(keys, lambda one: len(one) > 0)) "
        "AND len(list_filter(keys, lambda one: len(one) <> len(list_distinct(one)))) = 0"
    )
    if number_of(con, "SELECT count(*) FROM inner_shapes") == 0:
        return "false"
    return f"{shape} IN (SELECT hash(keys, opened) FROM inner_shapes)"


def _inside(con: duckdb.DuckDBPyConnection, nested: str, line: str, pointers: list[str]) -> list[str]:
    """Return the pointers that lead to objects, on all levels below `pointers`."""
    leading: list[str] = []
    for _ in range(_LEVELS):
        if not pointers or len(leading) + len(pointers) > _MOST_POINTERS:
            break
        found = con.execute(
            "SELECT place, list_sort(list_distinct(flatten(list(keys)))) FROM ("
            f"SELECT DISTINCT unnest(range({len(pointers)})) AS place, unnest(inner_keys) AS keys FROM ("
            f"SELECT DISTINCT json_keys({line}, [{', '.join(map(literal, pointers))}]) AS inner_keys FROM {nested}"
            ")) WHERE len(keys) > 0 GROUP BY place ORDER BY place"
        ).fetchall()
        leading += [pointers[place] for place, _ in found]
        pointers = [pointer for place, keys in found for pointer in _pointers(pointers[place], keys)]
    return leading


def _pointers(above: str, keys: Sequence[str]) -> list[str]:
    return [f"{above}/{name}" for name in keys if _ORDINARY.fullmatch(name)]
