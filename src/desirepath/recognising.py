"""How did identities become people? How many of each kind, what joined them, which devices are shared, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desirepath.engines.store import Store

OPEN = """FROM refused_links r
    JOIN person_of o ON o.identity = r.a AND o.person >= 0
    JOIN person_of u ON u.identity = r.b AND u.person >= 0 AND u.person <> o.person
    WHERE r.reason IN ('same_kind', 'size', 'fan_out')"""
"""Refused links between two people, for somebody to decide; the others follow from what was seen, or are decided."""

MEANING = {
    "fan_out": "an address or phone beside too many identities of one kind",
    "same_kind": "too many strong identities of one kind, or no device speaks for two of them",
    "size": "the person would have too many identities",
    "cut": "a rule of hand",
    "shared": "the device is shared; its events go by who was logged in",
    "kiosk": "the device is a kiosk",
    "linked": "a device of too many parts",
}
"""What the reasons of refused links mean, in words."""

LARGE = 20
"""Persons of more identities than this are counted together."""


@dataclass(frozen=True)
class Kind:
    """Identities of one kind.

    Attributes
    ----------
    kind, strength
        What it is called, and what it proves.
    identities
        How many there are.
    people
        How many people have one.
    """

    kind: str
    strength: str
    identities: int
    people: int


@dataclass(frozen=True)
class Recognised:
    """Who is who, in numbers.

    Attributes
    ----------
    people
        How many people there are, passers-by left out.
    named
        Of these, who has an identity that names them: a strong or a semi one.
    merged
        Of these, who was put together from more than one identity.
    passers_by
        Visits to kiosks that nobody logged in to.
    identities
        How many identities belong to people.
    kinds
        By kind, the firmest first.
    sizes
        How many people have so many identities; the last holds more than twenty.
    shared, kiosks
        Devices of several people, and of very many.
    links
        What was seen together: how (`rule`), by which source, how many pairs, how often.
    refused
        Links that joined nobody: reason, how many, what it means, and how many of them wait for somebody to decide.
    """

    people: int
    named: int
    merged: int
    passers_by: int
    identities: int
    kinds: tuple[Kind, ...]
    sizes: tuple[tuple[int, int], ...]
    shared: int
    kiosks: int
    links: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, Any], ...]


_KINDS = """SELECT i.kind, i.strength, count(*), count(DISTINCT o.person) FILTER (o.person >= 0)
    FROM identities i LEFT JOIN person_of o ON o.identity = i.code WHERE i.strength <> 'visit'
    GROUP BY i.kind, i.strength
    ORDER BY array_position(['strong', 'semi', 'weak', 'apart'], i.strength), 3 DESC, 1"""

_PEOPLE = """SELECT count(*), count(*) FILTER (firm > 0), count(*) FILTER (n > 1), coalesce(sum(n), 0)::BIGINT FROM (
    SELECT o.person, count(*) AS n, count(*) FILTER (i.strength IN ('strong', 'semi')) AS firm
    FROM person_of o JOIN identities i ON i.code = o.identity
    WHERE o.person >= 0 AND i.strength <> 'visit' GROUP BY o.person)"""

_SIZES = f"""SELECT least(n, {LARGE + 1}) AS size, count(*) FROM (
    SELECT count(*) AS n FROM person_of o JOIN identities i ON i.code = o.identity
    WHERE o.person >= 0 AND i.strength <> 'visit' GROUP BY o.person) GROUP BY size ORDER BY size"""

_DEVICES = """SELECT count(DISTINCT identity) FILTER (identity NOT IN (FROM kiosk)), count(DISTINCT identity) FILTER (
    identity IN (FROM kiosk)) FROM stretches"""
_KIOSKS = "WITH kiosk AS (SELECT a FROM refused_links WHERE reason = 'kiosk' UNION SELECT b FROM refused_links"
_KIOSKS += " WHERE reason = 'kiosk') "

_LINKS = """SELECT rule, source, count(*) AS links, sum(times)::BIGINT AS times FROM identity_links
    GROUP BY ALL ORDER BY links DESC, rule, source"""


def recognised(store: Store) -> Recognised:
    """Who is who, in numbers."""
    people, named, merged, identities = store.one(_PEOPLE)
    shared, kiosks = store.one(_KIOSKS + _DEVICES)
    refused = store.rows("SELECT reason, count(*) FROM refused_links GROUP BY reason ORDER BY 2 DESC, 1")
    open_ones = dict(store.rows(f"SELECT r.reason, count(*) {OPEN} GROUP BY r.reason"))
    return Recognised(
        people,
        named,
        merged,
        int(store.one("SELECT count(*) FROM people WHERE passer_by")[0]),
        identities,
        tuple(Kind(*row) for row in store.rows(_KINDS)),
        tuple((int(size), int(count)) for size, count in store.rows(_SIZES)),
        shared,
        kiosks,
        tuple(
            {"rule": rule, "source": source, "links": links, "times": times}
            for rule, source, links, times in store.rows(_LINKS)
        ),
        tuple(
            {"reason": reason, "links": links, "says": MEANING[reason], "waits": open_ones.get(reason, 0)}
            for reason, links in refused
        ),
    )


def waiting_conflicts(store: Store) -> int:
    """How many links joined nobody and wait for somebody to decide."""
    return int(store.one(f"SELECT count(*) {OPEN}")[0])


__all__ = ["MEANING", "OPEN", "Kind", "Recognised", "recognised", "waiting_conflicts"]
