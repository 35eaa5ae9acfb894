"""How well are records of one person found that share no identifier, and how long does it take?

    python benchmarks/run_matching.py            # into RESULTS.md
    python benchmarks/run_matching.py --dry

Public data with known truth (the folder is named by DESIREPATH_DATA): FEBRL dataset 4, whose two files are put into one
and searched as a whole, and dataset 3, both once with and once without the insurance number; Splink's fake_1000. And
invented people (tests/people/made_records.py), of whom every third lives with somebody, because in none of the others
do people share a household. Beside it Splink set up as in its quick start, on the same records. A pair counts when its
score reaches the threshold; clusters are what such pairs connect, and are counted by the pairs inside.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import results
from peers import splink_quickstart
from race import Yardstick

from desirepath.people.matching import suggest
from desirepath.people.resolve import components

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "people"))

from made_records import FIELDS as MADE_FIELDS
from made_records import records as made_records

DATA = Path(os.environ.get("DESIREPATH_DATA", Path(__file__).parents[2] / "shared" / "data")).resolve()
THRESHOLDS = (0.5, 0.95, 0.99)
PEOPLE, DOUBLES, TOGETHER = 20_000, 2_000, 0.33

FEBRL: dict[str, Any] = {
    "given_name": "given_name",
    "surname": "family_name",
    "date_of_birth": "birth_date",
    "address_1": "street",
    "postcode": "postcode",
    "suburb": "city",
}
FAKE: dict[str, Any] = {
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "birth_date",
    "city": "city",
    "email": "email",
}
NUMBER = {"soc_sec_id": "personal_number"}

Found = tuple[Sequence[str], Sequence[str], Sequence[float]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """Records with known truth: what they are called, the records, the person of each id, the fields to compare."""

    name: str
    records: pa.Table
    person: Mapping[str, Any]
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Quality:
    """Precision, recall and F1 of pairs, and the largest group."""

    precision: float
    recall: float
    f1: float
    largest: int = 0


def cases() -> list[Case]:
    """Return the data, where it is there."""
    found = []
    febrl4 = _read("er_febrl/febrl_dataset4[ab].parquet", "rec_id", "entity")
    febrl3 = _read("er_febrl/febrl_dataset3.parquet", "rec_id", "entity")
    fake = _read("er_splink_fake1000/people.parquet", "unique_id", "cluster")
    for name, (records, person), fields in (
        ("FEBRL 4a and 4b", febrl4, {**FEBRL, **NUMBER}),
        ("FEBRL 4a and 4b, without number", febrl4, FEBRL),
        ("FEBRL 3", febrl3, {**FEBRL, **NUMBER}),
        ("FEBRL 3, without number", febrl3, FEBRL),
        ("fake_1000", fake, FAKE),
    ):
        found.append(Case(name, records, person, fields))
    made = made_records(PEOPLE, doubles=DOUBLES, together=TOGETHER, seed=20251)
    first = {double: row for row, double in made.pairs}
    person = {str(row): first.get(str(row), str(row)) for row in made.table.column("id").to_pylist()}
    return [*found, Case("invented people in households", made.table, person, MADE_FIELDS)]


def _read(pattern: str, key: str, truth: str) -> tuple[pa.Table, dict[str, Any]]:
    if not list(DATA.glob(pattern)):
        raise SystemExit(f"There is no {pattern} in {DATA}; DESIREPATH_DATA names the folder of public data.")
    table = duckdb.sql(
        f"SELECT {key} AS id, * EXCLUDE ({key}) FROM '{DATA / pattern}' ORDER BY id"  # noqa: S608 - constants
    ).to_arrow_table()
    return table, dict(zip(table.column("id").to_pylist(), table.column(truth).to_pylist(), strict=True))


def ours(case: Case) -> Found:
    """Return our suggestions."""
    found = suggest(case.records, case.fields, threads=2).pairs
    return tuple(found.column(name).to_pylist() for name in ("a", "b", "score"))  # type: ignore[return-value]


def quickstart(case: Case) -> Found:
    """Return what Splink finds by itself."""
    return splink_quickstart.pairs(case.records, dict(case.fields))


def inside(groups: Ints) -> int:
    """Return how many pairs are inside groups."""
    return sum(many * (many - 1) // 2 for many in Counter(groups.tolist()).values())


def judged(case: Case, found: Found, threshold: float) -> tuple[Quality, Quality]:
    """Return how good the pairs are, and the clusters that they make."""
    place = {id_: number for number, id_ in enumerate(case.person)}
    truth = np.unique([str(person) for person in case.person.values()], return_inverse=True)[1].astype(np.int64)
    kept = [number for number, score in enumerate(found[2]) if score >= threshold]
    a, b = (np.array([place[found[side][number]] for number in kept], dtype=np.int64) for side in (0, 1))
    possible = inside(truth)
    groups = components(len(truth), a, b)
    together = np.unique(np.stack([groups, truth]), axis=1, return_inverse=True)[1].ravel()
    of_pairs = _quality(int((truth[a] == truth[b]).sum()), len(kept), possible)
    largest = max(Counter(groups.tolist()).values())
    return of_pairs, _quality(inside(together), inside(groups), possible, largest)


def _quality(right: int, said: int, possible: int, largest: int = 0) -> Quality:
    precision, recall = (right / said if said else 1.0), right / possible
    return Quality(precision, recall, 2 * precision * recall / max(precision + recall, 1e-12), largest)


def rows_of(case: Case, who: str, finder: Callable[[Case], Found]) -> list[list[str]]:
    """Return the rows of one case."""
    began = time.perf_counter()
    found = finder(case)
    took = time.perf_counter() - began
    rows = []
    for threshold in THRESHOLDS:
        pairs, clusters = judged(case, found, threshold)
        cells = [f"{value:.4f}" for each in (pairs, clusters) for value in (each.precision, each.recall, each.f1)]
        first = threshold == THRESHOLDS[0]
        label = f"{case.name}: {who}" if first else ""
        rows.append([label, f"{threshold}", *cells, f"{clusters.largest}", results.seconds(took) if first else ""])
    return rows


def section(found: Sequence[Case], rows: Sequence[Sequence[str]], yardstick: Yardstick) -> str:
    """Return the text of the section in RESULTS.md."""
    head = ["data: who", "score from", *("P", "R", "F1") * 2, "largest", "s"]
    sizes = "; ".join(
        f"{case.name}: {len(case.person):,} records, "
        f"{inside(np.unique([str(p) for p in case.person.values()], return_inverse=True)[1].astype(np.int64)):,} "
        f"true pairs, largest group {max(Counter(case.person.values()).values())}"
        for case in found
        if "without" not in case.name
    )
    return "\n\n".join(
        [
            "## Matching records without a shared identifier",
            f"{sizes}. Precision, recall and F1 of pairs, then of the pairs inside the clusters that they make. "
            "Splink's quick start: Splink 5.0.0 with ready-made comparisons, everything else by its defaults. "
            f"Seconds are of one run on two threads. {results.machine()}. {results.today()}. Noise: "
            f"{yardstick.spread():.2f} (median over best of a fixed piece of work; above 1.1 others were at work), "
            f"load {results.load():.1f} at the end.",
            results.table(head, rows),
            REMARKS,
        ]
    )


REMARKS = """\
Pairs of which what is personal speaks against (given name, birth date, personal number), however well name, address and
phone agree, are left out where there are more of them than mistakes explain: among the invented people, of whom every
third lives with somebody. Without that, a third of the suggestions there were wrong. In FEBRL nobody lives together.

An address counts once, and not street, postcode and city each for itself, as they were drawn in FEBRL: in earnest they
are not independent. Both files of FEBRL 4 are searched together, also within each, which is harder than to link one
with the other."""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure suggestions of links.")
    parser.add_argument("--dry", action="store_true", help="print instead of writing into RESULTS.md")
    parser.add_argument("--only", help="cases whose name holds this")
    asked = parser.parse_args()
    yardstick = Yardstick()
    found = [case for case in cases() if asked.only is None or asked.only in case.name]
    rows: list[list[str]] = []
    for case in found:
        for who, finder in (("desirepath", ours), ("Splink's quick start", quickstart)):
            yardstick.lay()
            rows += rows_of(case, who, finder)
            print(*rows[-3:], sep="\n", flush=True)
    text = section(found, rows, yardstick)
    print(text)
    if not asked.dry:
        results.write_section("matching", text)


if __name__ == "__main__":
    main()
