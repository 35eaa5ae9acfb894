"""Three people in a dozen systems, a shared device among them: the same people in any order of import."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from plain import Name, Seen
from sparing import sparing
from stored import Stored

ADA = "user_id=u_ada"
DEVICE = "device_id=d-ada"

# what each system says on one record: when, whose it is in truth, and the identifiers on it
RECORDS = f"""
03-02 09:00 ada  client_id=1111.2222
03-02 09:05 ada  {ADA} client_id=1111.2222
03-02 09:06 ada  {ADA} anonymous_id=ph-anon email=ada@example.org
03-02 10:00 ada  {DEVICE}
03-02 10:01 ada  {ADA} {DEVICE}
03-02 10:02 ada  {ADA} {DEVICE}
03-03 11:00 ada  {ADA} client_id=1111.2222
03-03 11:01 ada  customer_id=cus_ada email=ada@example.org
03-03 11:03 ada  customer_id=cus_ada
03-05 09:00 ada  contact_id=501 email=ADA@example.org phone=+49_170_55500001
03-08 09:00 ada  contact_id=501
03-10 01:05 ada  email=ada@example.org
03-11 09:00 ada  phone=+4917055500001
03-11 12:00 ada  email=Ada@Example.org
03-02 11:00 ben  {DEVICE.replace("d-ada", "amp-ben")}
03-02 11:01 ben  user_id=u_ben {DEVICE.replace("d-ada", "amp-ben")}
03-03 09:00 ben  user_id=u_ben
03-06 09:00 ben  requester_id=9002 email=ben@example.org
03-06 09:01 ben  requester_id=9002 user_id=u_ben email=ben@example.org phone=+49_170_555_00002
03-08 09:00 ben  requester_id=9002
03-09 08:01 ben  email=BEN@example.org x_id=x-ben
03-09 09:00 ben  phone=+4917055500002
03-09 10:00 ben  phone=0049_170_55500002
03-03 09:00 cleo email=CLEO@example.net
03-03 09:10 cleo user_id=u_cleo anonymous_id=seg-anon
03-03 09:11 cleo user_id=u_cleo anonymous_id=seg-anon email=cleo@example.net
03-04 09:00 cleo user_id=u_cleo {DEVICE}
03-04 09:01 cleo contact_id=003000000000003AAA email=cleo@example.net
03-04 09:02 cleo customer_id=cus_cleo email=cleo@example.net
03-04 09:03 cleo {DEVICE}
03-15 09:00 cleo contact_id=003000000000003AAA
"""

EXPECTED: dict[str, set[Name]] = {
    "ada": {
        ("user_id", "u_ada"),
        ("client_id", "1111.2222"),
        ("anonymous_id", "ph-anon"),
        ("email", "ada@example.org"),
        ("customer_id", "cus_ada"),
        ("contact_id", "501"),
        ("phone", "+4917055500001"),
    },
    "ben": {
        ("user_id", "u_ben"),
        ("device_id", "amp-ben"),
        ("requester_id", "9002"),
        ("email", "ben@example.org"),
        ("phone", "+4917055500002"),
        ("x_id", "x-ben"),
    },
    "cleo": {
        ("user_id", "u_cleo"),
        ("anonymous_id", "seg-anon"),
        ("email", "cleo@example.net"),
        ("contact_id", "003000000000003AAA"),
        ("customer_id", "cus_cleo"),
    },
}


def read() -> tuple[list[Seen], list[str]]:
    events, truth = [], []
    for line in RECORDS.strip().splitlines():
        day, clock, who, *names = line.split()
        at = dt.datetime.fromisoformat(f"2026-{day}T{clock}:00+00:00")
        pairs = [name.partition("=") for name in names]
        found = tuple((kind, value.replace("_", " ") if kind == "phone" else value) for kind, _, value in pairs)
        events.append(Seen(int(at.timestamp()) * 1_000_000, found))
        truth.append(who)
    return events, truth


@pytest.mark.parametrize("seed", sparing(range(50), 2))
def test_three_people_in_any_order(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    events, truth = read()
    numbered = rng.sample(list(enumerate(events)), len(events))
    cuts = sorted(rng.sample(range(1, len(events)), 2))
    stored = Stored(tmp_path)
    for part in (numbered[: cuts[0]], numbered[cuts[0] : cuts[1]], numbered[cuts[1] :]):
        stored.add(part)
    people = {"ada": "contact_id:501", "ben": "requester_id:9002", "cleo": "contact_id:003000000000003AAA"}
    assert stored.groups() == {frozenset(names) for names in EXPECTED.values()}
    assert stored.whose() == {f"e{k}": people[who] for k, who in enumerate(truth)}
    stored.close()
