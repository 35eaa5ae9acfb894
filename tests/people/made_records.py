"""Make records of invented people: some live together, some are in the records twice with mistakes.

made = records(400, doubles=40, seed=1)
made.table    id, first, last, born, mail, phone, street, zip, city
made.pairs    the ids that are one person, each pair in order
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

GIVEN = (
    *("anna", "bert", "carla", "dieter", "elena", "frank", "greta", "hans", "ida", "jonas", "karin", "leo", "maria"),
    *("nils", "olga", "paul", "rosa", "stefan", "tanja", "uwe", "vera", "willi", "yara", "zoe", "amelie", "boris"),
    *("david", "emma", "felix", "gabriele", "henry", "irina", "jakob", "katja", "lukas", "mira", "noah", "otto"),
    *("petra", "quentin", "rita", "simon", "theo", "ulla", "viktor", "wanda", "xaver", "yusuf", "zara", "sibylle"),
)
FAMILY_STARTS = (
    *("bach", "berg", "blum", "brand", "eich", "feld", "frei", "gold", "gross", "hart"),
    *("hoch", "holz", "kalt", "klein", "korn", "land", "lang", "licht", "lind"),
)
FAMILY_ENDS = (
    *("auer", "bauer", "baum", "dorf", "er", "haus", "heim", "hof", "huber", "inger"),
    *("ke", "ler", "mann", "meier", "ner", "stein", "strom", "vogel", "wald", "weber"),
)
STREETS = (
    *("ahorn", "birken", "brunnen", "dorf", "eichen", "feld", "garten", "haupt", "kirch"),
    *("linden", "markt", "mühl", "park", "post", "schul", "ufer", "wald", "wiesen"),
)
CITIES = {"10115": "Berlin", "20095": "Hamburg", "50667": "Köln", "80331": "München", "60311": "Frankfurt am Main"} | {
    f"{37000 + 7 * n}": f"{name}{end}"
    for n, (name, end) in enumerate((a, b) for a in ("Neu", "Alt", "Ober", "Unter") for b in ("stadt", "dorf", "bach"))
}

FIELDS: dict[str, Any] = {
    "first": "given_name",
    "last": "family_name",
    "born": "birth_date",
    "mail": "email",
    "phone": "phone",
    "street": "street",
    "zip": "postcode",
    "city": "city",
}

Row = dict[str, str | None]


@dataclass(frozen=True)
class Records:
    """Records, and which are one person."""

    table: pa.Table
    pairs: frozenset[tuple[str, str]]


def records(people: int, *, doubles: int = 0, together: float = 0.0, seed: int = 0) -> Records:
    """Make records.

    Parameters
    ----------
    people, doubles
        How many people, and how many of them are in the records a second time.
    together
        Share of people who live with the one before them: one family name, address and phone, and another given name.
    seed
        Another seed, other people.
    """
    rng = random.Random(seed)
    rows: list[Row] = []
    home: set[str] = set()
    for number in range(people):
        row = _somebody(rng, number)
        if rows and rng.random() < together:
            row |= {name: rows[-1][name] for name in ("last", "phone", "street", "zip", "city")}
            row["first"] = rng.choice([name for name in GIVEN if name.title() not in home]).title()
        else:
            home = set()
        home.add(str(row["first"]))
        rows.append(row)
    pairs = set()
    for number, row in enumerate(rng.sample(rows, doubles)):
        rows.append({**_worn(row, rng), "id": f"x{number:05d}"})
        pairs.add((str(row["id"]), f"x{number:05d}"))
    rng.shuffle(rows)
    return Records(pa.Table.from_pylist(rows), frozenset(pairs))


def _somebody(rng: random.Random, number: int) -> Row:
    first, last = rng.choice(GIVEN).title(), (rng.choice(FAMILY_STARTS) + rng.choice(FAMILY_ENDS)).title()
    code = rng.choice(sorted(CITIES))
    born = f"{rng.randint(1940, 2005)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    return {
        "id": f"p{number:05d}",
        "first": first,
        "last": last,
        "born": born,
        "mail": f"{first}.{last}{rng.randint(1, 99)}@{rng.choice(('post', 'mail', 'box'))}.example".lower(),
        "phone": f"+49 {rng.randint(150, 179)} {rng.randint(1000000, 9999999)}",
        "street": f"{rng.choice(STREETS).title()}straße {rng.randint(1, 99)}",
        "zip": code,
        "city": CITIES[code],
    }


def _worn(row: Row, rng: random.Random) -> Row:
    """The same person, written down by somebody else."""
    made = dict(row)
    for name in ("first", "last", "street", "city", "mail"):
        if rng.random() < 0.25:
            made[name] = _mistyped(str(made[name]), rng)
    made["mail"] = None if rng.random() < 0.5 else made["mail"]
    made["phone"] = None if rng.random() < 0.4 else str(made["phone"]).replace("+49 ", "0")
    if rng.random() < 0.15:
        made["born"] = None
    if rng.random() < 0.1:
        made["first"], made["last"] = made["last"], made["first"]
    if rng.random() < 0.2:
        made |= {"street": f"{rng.choice(STREETS).title()}weg {rng.randint(1, 99)}", "zip": None, "city": None}
    return made


def _mistyped(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + rng.choice("aeinrst") + text[place:]
