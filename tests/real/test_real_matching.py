"""Public records with known truth: as many of one person are found as were found when this was measured."""

from __future__ import annotations

from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from real_data import DATA, needs_data

from desirepath.people.resolve import components

pytest.importorskip("splink", reason="suggestions need the extra 'match'")

from desirepath.people.matching import Suggested, suggest

pytestmark = needs_data
FEBRL: dict[str, Any] = {
    "given_name": "given_name",
    "surname": "family_name",
    "date_of_birth": "birth_date",
    "address_1": "street",
    "postcode": "postcode",
    "suburb": "city",
    "soc_sec_id": "personal_number",
}
FAKE: dict[str, Any] = {
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "birth_date",
    "city": "city",
    "email": "email",
}


def read(pattern: str, key: str, truth: str) -> tuple[pa.Table, list[Any]]:
    table = duckdb.sql(f"SELECT {key} AS id, * EXCLUDE ({key}) FROM '{DATA / pattern}' ORDER BY id").to_arrow_table()
    return table, table.column(truth).to_pylist()


def inside(groups: list[Any]) -> int:
    return sum(many * (many - 1) // 2 for many in Counter(groups).values())


def f1(table: pa.Table, truth: list[Any], found: Suggested, least: float) -> tuple[float, float]:
    """F1 of the pairs, and of the pairs inside the groups that they make."""
    place = {id_: number for number, id_ in enumerate(table.column("id").to_pylist())}
    kept = [row for row in found.pairs.to_pylist() if row["score"] >= least]
    a, b = (np.array([place[row[side]] for row in kept], dtype=np.int64) for side in ("a", "b"))
    groups = components(len(truth), a, b).tolist()
    right = sum(truth[x] == truth[y] for x, y in zip(a, b, strict=True))
    right_inside = inside(list(zip(groups, truth, strict=True)))
    possible = inside(truth)
    return 2 * right / (len(kept) + possible), 2 * right_inside / (inside(groups) + possible)


def test_febrl_4() -> None:
    table, truth = read("er_febrl/febrl_dataset4[ab].parquet", "rec_id", "entity")
    assert inside(truth) == 5000
    found = suggest(table, FEBRL)
    for least in (0.5, 0.95, 0.99):
        pairs, groups = f1(table, truth, found, least)
        assert pairs >= 0.999
        assert groups >= 0.999


def test_fake_1000() -> None:
    table, truth = read("er_splink_fake1000/people.parquet", "unique_id", "cluster")
    assert inside(truth) == 2031
    found = suggest(table, FAKE)
    assert f1(table, truth, found, 0.5)[0] >= 0.90
    assert f1(table, truth, found, 0.95)[1] >= 0.93
