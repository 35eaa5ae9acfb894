"""Which pairs of records are worth a look? Those that share a key that few share, up to a budget.

A key is a value, or two halves of values, that records of one person are likely to have in common in spite of a
typing error elsewhere. Groups of records with one key are taken from the smallest on, until the budget of pairs is
spent, so that a value which everybody has costs nothing. Small sets are compared in whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

WHOLE = 400
"""Up to this many records, every pair is looked at."""

PAIRS_PER_RECORD = 60
MOST_PAIRS = 20_000_000
"""The budget of pairs, and where it stops growing with the records."""


def keys(columns: Collection[str]) -> list[str]:
    """SQL of the keys, over the cleaned columns that are there."""
    parts: list[tuple[str, str]] = []
    whole: list[str] = []
    for column in columns:
        kind = column.rstrip("_0123456789")
        if kind == "born":
            parts += [
                (column, "born"),
                (column, "left(born, 6)"),
                (column, "right(born, 4)"),
                (column, "left(born, 4)"),
            ]
        elif kind == "email":
            parts += [(column, "email"), (column, "split_part(email, '@', 1)"), (column, "left(email, 4)")]
        elif kind in ("given", "family"):
            parts += [(column, column), (column, f"left({column}, 3)")]
        elif kind == "phone":
            parts += [(column, column), (column, "right(phone, 6)")]
        else:
            parts.append((column, column))
    if {"given", "family"} <= set(columns):
        whole.append("least(given, family) || '|' || greatest(given, family)")
    whole += [sql for _, sql in parts]
    both = [f"{one[1]} || '|' || {two[1]}" for one, two in combinations(parts, 2) if one[0] != two[0]]
    return whole + both


def budget(records: int) -> int:
    """How many pairs may be looked at, keys that coincide counted twice."""
    return min(PAIRS_PER_RECORD * records, MOST_PAIRS)


def pairs_sql(columns: Collection[str], records: int) -> list[str]:
    """Statements that make the table `pairs` of table `records`, the way Splink takes blocked pairs.

    Parameters
    ----------
    columns
        The cleaned columns of `records`.
    records
        How many rows it has.
    """
    shape = "l.unique_id AS join_key_l, r.unique_id AS join_key_r, '0' AS match_key"
    if records <= WHOLE:
        return [f"CREATE TABLE pairs AS SELECT {shape} FROM records l JOIN records r ON l.unique_id < r.unique_id"]
    each = [
        f"SELECT unique_id, hash({number}, {sql}) AS key FROM records WHERE {sql} IS NOT NULL"
        for number, sql in enumerate(keys(columns))
    ]
    return [
        f"CREATE TABLE keys AS {' UNION ALL '.join(each)}",
        f"""CREATE TABLE blocks AS SELECT key FROM (
            SELECT key, sum(many * (many - 1) // 2) OVER (ORDER BY many, key ROWS UNBOUNDED PRECEDING) AS spent
            FROM (SELECT key, count(*) AS many FROM keys GROUP BY key) WHERE many > 1)
        WHERE spent <= {budget(records)}""",
        f"""CREATE TABLE pairs AS SELECT DISTINCT {shape} FROM (SELECT * FROM keys SEMI JOIN blocks USING (key)) l
        JOIN keys r ON r.key = l.key AND l.unique_id < r.unique_id""",
        "DROP TABLE keys",
        "DROP TABLE blocks",
    ]


def training_rules(columns: Collection[str]) -> Sequence[tuple[str, ...]]:
    """Sets of columns to learn from pairs that agree in them, most telling first.

    What is compared in the columns themselves cannot be learnt from such pairs, so that several sets are used.
    """
    wanted = (
        ("email",),
        ("phone",),
        ("given", "family"),
        ("born",),
        *((column,) for column in sorted(columns) if column.startswith("personal_number_")),
        ("street", "family"),
        ("street",),
        ("family", "city"),
        ("family",),
        *((column,) for column in sorted(columns) if column.startswith("text_")),
    )
    return [rule for rule in wanted if set(rule) <= set(columns)]
