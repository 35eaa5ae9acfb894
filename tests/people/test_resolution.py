"""Who is one person: a pure function of evidence, the same in every order, and weak identities join nobody."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import desirepath
from desirepath import Workspace
from desirepath.errors import InputError, UnknownNameError
from desirepath.people.resolve import components

LINKS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14)
quick = settings(max_examples=300, deadline=None)


def grouped(links: list[tuple[int, int]], many: int = 12) -> list[int]:
    a, b = (np.array([link[k] for link in links], dtype=np.int64) for k in range(2))
    return components(many, a, b).tolist()


def searched(links: list[tuple[int, int]], many: int = 12) -> list[int]:
    """The smallest number that can be reached from each, by walking about."""
    near = {n: {n} for n in range(many)}
    for one, two in links:
        near[one].add(two)
        near[two].add(one)
    found = []
    for n in range(many):
        seen, todo = {n}, [n]
        while todo:
            more = near[todo.pop()] - seen
            seen |= more
            todo += more
        found.append(min(seen))
    return found


@quick
@given(links=LINKS)
def test_groups_are_what_walking_about_finds(links: list[tuple[int, int]]) -> None:
    assert grouped(links) == searched(links)


@quick
@given(links=LINKS, seed=st.integers(0, 99))
def test_order_and_direction_of_links_mean_nothing(links: list[tuple[int, int]], seed: int) -> None:
    rng = random.Random(seed)
    turned = [link if rng.random() < 0.5 else link[::-1] for link in rng.sample(links, len(links))]
    assert grouped([*turned, *turned]) == grouped(links)


@quick
@given(links=LINKS)
def test_groups_are_their_own_groups(links: list[tuple[int, int]]) -> None:
    found = grouped(links)
    assert grouped([*links, *enumerate(found)]) == found
    assert grouped([]) == list(range(12))


def test_a_chain_of_200_000() -> None:
    many = 200_000
    a = np.arange(many - 1)[::-1].copy()
    assert (components(many, a, a + 1) == 0).all()


# ---- in a workspace ---------------------------------------------------------------------------------------


def imported(folder: Path, name: str, files: list[list[tuple[str, str, str, str]]]) -> Workspace:
    """Each file holds rows of user, mail, cookie, event."""
    ws = desirepath.create(folder / name, time_zone="UTC")
    mapping = folder / f"{name}.yaml"
    mapping.write_text(
        "source: web\nfiles: '*.csv'\nkey: [id]\nperson: user_id\n"
        "identities: {user_id: user, email: mail, cookie: cookie}\n"
        "events: [{name: '{event}', at: at}]\n"
    )
    for number, rows in enumerate(files):
        place = folder / f"{name}-{number}"
        place.mkdir()
        lines = [
            f"{event},{user},{mail},{cookie},{event},2023-05-01T10:{int(event[1:]):02d}:00Z"
            for user, mail, cookie, event in rows
        ]
        (place / "log.csv").write_text("id,user,mail,cookie,event,at\n" + "\n".join(lines) + "\n")
        ws.import_files([place], mapping)
    return ws


def partition(ws: Workspace) -> set[frozenset[str]]:
    """Groups of identities."""
    rows = ws.sql(
        "SELECT o.person, i.kind || ':' || i.value AS identity FROM person_of o JOIN "
        "identities i ON i.code = o.identity"
    ).to_pylist()
    return {
        frozenset(row["identity"] for row in each)
        for _, each in itertools.groupby(sorted(rows, key=lambda row: row["person"]), key=lambda row: row["person"])
    }


def who_did(ws: Workspace) -> dict[str, str]:
    rows = ws.sql(
        "SELECT e.name, p.id FROM events e JOIN person_of_event o ON o.seq = e.seq JOIN people p ON p.person = o.person"
    ).to_pylist()
    return {row["name"]: row["id"] for row in rows}


ROWS = [
    ("", "", "c1", "e1"),
    ("ann", "", "c1", "e2"),
    ("", "ann@x.org", "c2", "e3"),
    ("ann", "ann@x.org", "", "e4"),
    ("bob", "", "c1", "e5"),
    ("", "bob@x.org", "", "e6"),
    ("", "", "c9", "e7"),
    ("bob", "", "c9", "e8"),
]


def test_a_shared_cookie_joins_nobody(tmp_path: Path) -> None:
    ws = imported(tmp_path, "ws", [ROWS])
    assert partition(ws) == {
        frozenset({"user_id:ann", "email:ann@x.org", "cookie:c2"}),
        frozenset({"user_id:bob", "cookie:c9"}),
        frozenset({"email:bob@x.org"}),
        frozenset({"cookie:c1"}),
    }
    assert who_did(ws) == {
        "e1": "user_id:ann",
        "e2": "user_id:ann",
        "e3": "user_id:ann",
        "e4": "user_id:ann",
        "e5": "user_id:bob",
        "e6": "email:bob@x.org",
        "e7": "user_id:bob",
        "e8": "user_id:bob",
    }


@pytest.mark.parametrize("seed", range(4))
def test_order_of_arrival_means_nothing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    rows = rng.sample(ROWS, len(ROWS))
    cut = rng.randint(1, len(rows) - 1)
    ws = imported(tmp_path, "ws", [rows[:cut], rows[cut:]])
    whole = imported(tmp_path, "whole", [ROWS])
    assert partition(ws) == partition(whole)
    assert who_did(ws) == who_did(whole)
    ws.rebuild()
    assert (partition(ws), who_did(ws)) == (partition(whole), who_did(whole))


def test_a_later_link_joins_what_was_apart(tmp_path: Path) -> None:
    ws = imported(tmp_path, "ws", [ROWS])
    before = ws.ask("funnel", steps=["e5", "e6"], window="1 day").columns["reached"]
    version = ws.engine.extent().identity_version
    place = tmp_path / "more"
    place.mkdir()
    (place / "log.csv").write_text("id,user,mail,cookie,event,at\nx,bob,bob@x.org,,e9,2023-05-01T11:00:00Z\n")
    ws.import_files([place], tmp_path / "ws.yaml")
    assert (before, ws.ask("funnel", steps=["e5", "e6"], window="1 day").columns["reached"]) == ([1, 0], [1, 1])
    assert ws.engine.extent().identity_version == version + 1
    assert who_did(ws)["e6"] == "user_id:bob"


def test_placeholders_are_nobody(tmp_path: Path) -> None:
    rows = [("null", "a@x.org", "", "e1"), ("null", "b@x.org", "", "e2"), ("NULL ", "", "c1", "e3")]
    ws = imported(tmp_path, "ws", [rows])
    assert who_did(ws) == {"e1": "email:a@x.org", "e2": "email:b@x.org", "e3": "cookie:c1"}


def test_a_person_is_found_by_any_identity(tmp_path: Path) -> None:
    ws = imported(tmp_path, "ws", [ROWS])
    for who in ("user_id:ann", "email:ann@x.org", "ann", "ann@x.org"):
        assert ws.timeline(who).column("name").to_pylist() == ["e1", "e2", "e3", "e4"]
    with pytest.raises(UnknownNameError, match="ann"):
        ws.timeline("user_id:an")


def test_an_identity_of_several_people_is_not_guessed(tmp_path: Path) -> None:
    ws = imported(tmp_path, "ws", [[("same", "", "", "e1"), ("", "", "same", "e2")]])
    with pytest.raises(InputError, match="several"):
        ws.timeline("same")
    assert ws.timeline("cookie:same").column("name").to_pylist() == ["e2"]
