"""Did the demo's people come out right? Identifiers that were put together, beside the people who were simulated.

Counted over pairs of identifiers that one simulated person alone has, and that occur in the imported data. Precision:
of the pairs put together, how many are of one person. Recall: of the pairs of one person, how many were put together;
it cannot reach 100 %, because some cookies never log in and nothing in the data tells whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desirepath.workspace import Workspace


@dataclass(frozen=True)
class Recognition:
    """How well identifiers became people.

    Attributes
    ----------
    identifiers, people
        How many identifiers were judged, and of how many simulated people they are.
    together, right
        Pairs of identifiers that were put together, and how many of them rightly.
    possible
        Pairs of one simulated person.
    mixed
        The most simulated people in one found person.
    """

    identifiers: int
    people: int
    together: int
    right: int
    possible: int
    mixed: int

    @property
    def precision(self) -> float | None:
        """The share of the pairs put together that are of one person."""
        return self.right / self.together if self.together else None

    @property
    def recall(self) -> float | None:
        """The share of the pairs of one person that were put together."""
        return self.right / self.possible if self.possible else None

    def to_dict(self) -> dict[str, float | int | None]:
        """The same as plain data."""
        return {
            "identifiers": self.identifiers,
            "people": self.people,
            "pairs_together": self.together,
            "pairs_right": self.right,
            "pairs_possible": self.possible,
            "precision": self.precision,
            "recall": self.recall,
            "most_mixed": self.mixed,
        }

    def words(self) -> str:
        """The same in two sentences."""
        from desirepath.answers.words import percent, with_interval
        from desirepath.statistics import wilson

        return (
            f"Who is who: of {self.together:,} pairs of identifiers put together, "
            f"{with_interval(wilson(self.right, self.together))} are of one person (precision). Of "
            f"{self.possible:,} pairs that are of one person, {percent(self.recall)} were put together (recall); "
            f"no found person mixes more than {self.mixed:,} simulated one{'s' if self.mixed > 1 else ''}."
        )


def recognise(workspace: Workspace, truth: Path) -> Recognition:
    """Hold who is who against `truth-identities.parquet`: `kind`, `value` and `person` of every identifier."""
    import pyarrow.parquet as pq

    store = workspace.store()
    store.connection.register("truth", pq.read_table(truth))
    try:
        row = store.one(
            """WITH own AS (
                SELECT kind, value, min(person) AS human FROM truth GROUP BY kind, value
                HAVING count(DISTINCT person) = 1 AND min(person) >= 0),
            judged AS (
                SELECT o.human, CASE WHEN p.person >= 0 THEN p.person ELSE -2 - i.code END AS found
                FROM own o JOIN identities i ON lower(i.value) = lower(o.value)
                    AND i.kind = o.kind
                JOIN person_of p ON p.identity = i.code),
            cells AS (SELECT human, found, count(*) AS n FROM judged GROUP BY ALL)
            SELECT (SELECT count(*) FROM judged), (SELECT count(DISTINCT human) FROM judged),
                (SELECT coalesce(sum(n * (n - 1) // 2), 0)
                    FROM (SELECT found, sum(n)::BIGINT AS n FROM cells GROUP BY found)),
                (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM cells),
                (SELECT coalesce(sum(n * (n - 1) // 2), 0)
                    FROM (SELECT human, sum(n)::BIGINT AS n FROM cells GROUP BY human)),
                (SELECT coalesce(max(humans), 0) FROM (SELECT count(*) AS humans FROM cells GROUP BY found))"""
        )
    finally:
        store.connection.unregister("truth")
    return Recognition(*map(int, row))
