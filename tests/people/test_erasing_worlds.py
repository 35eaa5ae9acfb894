"""Somebody is erased from small worlds made by dice: shared devices, kiosks, overlaps, rules, two events a row."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from erased_company import places_of, tables, write
from sparing import sparing

import desirepath
from desirepath import Workspace
from desirepath.engines.duckdb import quiet
from desirepath.erasing import erase_person, export_person
from desirepath.people.rules import RuleBook

PEOPLE = [f"person{k:03d}" for k in range(6)]
MAILS = {person: f"{person}@mail.example" for person in PEOPLE}
DEVICES = [f"dev-{k:04d}" for k in range(4)]
COLUMNS = ("id", "user", "mail", "dev", "acc", "what", "at", "at2", "note")


def row(rng: random.Random, number: int) -> dict[str, str]:
    who, other = rng.choice(PEOPLE), rng.choice(PEOPLE)
    day = f"2026-05-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:00:00Z"
    return {
        "id": str(number),
        "user": rng.choice([who, who, ""]),
        "mail": rng.choice([MAILS[who], "", MAILS[who].upper(), MAILS[other] if rng.random() < 0.1 else ""]),
        "dev": rng.choice([*DEVICES, "", ""]),
        "acc": rng.choice(["acme", "", ""]),
        "what": rng.choice("ABC"),
        "at": day if rng.random() < 0.9 else "bad",
        "at2": rng.choice(["", "2026-06-01T00:00:00Z"]),
        "note": rng.choice(["", "", f"about {other}", f"<{MAILS[other]}>", "x"]),
    }


def world(rng: random.Random, folder: Path) -> Workspace:
    ws = desirepath.create(folder / "ws", time_zone="UTC")
    settings = ws.root / "workspace.toml"
    settings.write_text(settings.read_text() + f"\n[identity]\nshared_by = {rng.choice([1, 2, 5])}\n")
    ws.close()
    ws = desirepath.open(ws.root)
    key = "key: [id]\n" if rng.random() < 0.6 else ""
    second = "- {name: second, at: at2}\n" if rng.random() < 0.4 else ""
    identities = "identities: {user_id: user, email: mail, device_id: dev, account_id: acc}\nproperties: [note, id]\n"
    mapping = f"source: s\ntime_zone: UTC\n{key}{identities}events:\n- {{name: '{{what}}', at: at}}\n{second}"
    every: list[dict[str, str]] = []
    for batch in range(rng.randint(1, 4)):
        rows = [row(rng, len(every) + k) for k in range(rng.randint(3, 25))]
        rows += rng.sample(every, min(len(every), rng.randint(0, 8))) + rng.sample(rows, rng.choice([0, 0, 3]))
        every += rows
        for number, part in enumerate([rows[::2], rows[1::2]] if rng.random() < 0.3 else [rows]):
            broken = rng.choice(["", rng.choice(PEOPLE)])
            if batch % 2:
                lines = [json.dumps(one, ensure_ascii=rng.random() < 0.5) for one in part]
                lines += [f'{{"user": "{broken}", oops'] if broken else []
            else:
                lines = [",".join(COLUMNS), *(",".join(one[name] for name in COLUMNS) for one in part)]
                lines += [f"{broken},broken"] if broken else []
            write(folder / f"in{batch}", f"f{number}.{'jsonl' if batch % 2 else 'csv'}", "\n".join(lines) + "\n")
        ws.import_files([folder / f"in{batch}"], write(folder, "m.yaml", mapping))
    for _ in range(rng.choice([0, 3])):
        a, b = rng.sample(PEOPLE, 2)
        other = rng.choice([("user_id", b), ("email", MAILS[b]), ("device_id", rng.choice(DEVICES))])
        action: Any = rng.choice(["link", "cut"])
        RuleBook(ws.root).add(action, ("user_id", a), other, author="Ada", reason=f"{a} said so")
    ws.resolve("rules changed")
    return ws


def events(ws: Workspace) -> dict[str, tuple[str, Any, str | None]]:
    rows = ws.sql(
        "SELECT CAST(e.id AS VARCHAR) AS id, e.name, e.occurred_at, p.id AS person FROM events e "
        "LEFT JOIN person_of_event o ON o.seq = e.seq LEFT JOIN people p ON p.person = o.person"
    ).to_pylist()
    return {one["id"]: (one["name"], one["occurred_at"], one["person"]) for one in rows}


@pytest.mark.parametrize("seed", sparing([12, 50, 99, 106, 1111, *range(2000, 2005)], 3))
def test_any_person_of_any_world(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    ws = world(rng, tmp_path)
    known = ws.sql(
        """SELECT p.id, list(i.kind || i.value) AS names,
            list(i.value) FILTER (i.strength IN ('strong', 'semi')) AS texts
        FROM people p JOIN person_of o ON o.person = p.person JOIN identities i ON i.code = o.identity
        WHERE i.strength <> 'apart' GROUP BY p.id ORDER BY p.id"""
    ).to_pylist()
    who = rng.choice(known)
    before = events(ws)
    hers = {event for event, (_, _, person) in before.items() if person == who["id"]}
    assert len(export_person(ws, who["id"])["events"]) == len(hers)
    receipt = erase_person(ws, who["id"], author="Ada", reason="asked", progress=quiet)
    after = events(ws)
    assert len(hers & after.keys()) == receipt.counts["kept_events"]
    assert len(hers - after.keys()) == receipt.counts["events"]
    # of the others nothing is lost; without a declared key a changed text has another id
    lost = Counter(before[event][:2] for event in before.keys() - after.keys() - hers)
    new = Counter(after[event][:2] for event in after.keys() - before.keys())
    assert lost == new
    left = "SELECT count(*) AS n FROM identities WHERE kind || value IN (SELECT unnest(string_split(?, ' ')))"
    assert ws.sql(left.replace("?", f"'{' '.join(who['names'])}'")).to_pylist() == [{"n": 0}]
    found = tables(ws, without=("since", "seq", "code", "identity", "person"))
    ws.rebuild()
    again = tables(ws, without=("since", "seq", "code", "identity", "person"))
    for table in found:
        if table != "identities":  # former visits to kiosks are history, which a rebuild does not make
            assert again[table] == found[table], table
    ws.close()
    assert places_of(ws.root, *(who["texts"] or ())) == []
