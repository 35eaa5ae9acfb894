"""Types of journeys: planted ones are found, noise has none, and the measures equal their definitions."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.clusters import Clusters
from desirepath.questions.clusters_fit import Apart, adjusted_rand, fit, k_means, sample, silhouette
from desirepath.runner import ask

MINUTE = 60_000_000
KINDS = {
    "shopping": ["visit", "search", "product", "cart", "order"],
    "trouble": ["login", "account", "help", "ticket", "help"],
    "reading": ["visit", "blog", "blog post", "newsletter"],
}


def planted(people: int = 600, blocks: int = 3) -> tuple[Answer, dict[str, str]]:
    """Three kinds of journeys, each with steps left out, doubled and mixed in by chance."""
    draw = random.Random(5)
    log, kind_of = [], {}
    for n in range(people):
        person = f"p{n:04d}"
        kind = draw.choices(list(KINDS), [5, 3, 2])[0]
        kind_of[person] = kind
        steps = [step for step in KINDS[kind] if draw.random() < 0.9] or KINDS[kind][:1]
        if draw.random() < 0.2:
            steps.insert(draw.randrange(len(steps) + 1), draw.choice(["visit", "search", "help"]))
        log += [Happened(person, (n + k) * MINUTE, step, f"{n}-{k}") for k, step in enumerate(steps)]
    everyone = sorted(kind_of)
    engine = MemoryEngine(log, [everyone[k::blocks] for k in range(blocks)])
    return ask(Clusters(window="1 day"), Population(Period.everything()), engine), kind_of


def test_planted_kinds_are_found() -> None:
    answer, kind_of = planted()
    assert answer.columns["type"] == ["type 1", "type 2", "type 3"]
    found = {person: t for t in answer.columns["type"] for person in answer.people(type=t).column("person").to_pylist()}
    assert len(found) == len(kind_of) == sum(answer.columns["people"])
    people = sorted(kind_of)
    one, two = ([sorted(set(d.values())).index(d[p]) for p in people] for d in (found, kind_of))
    assert adjusted_rand(np.array(one), np.array(two)) > 0.9
    assert answer.columns["typical"][0].startswith("visit > search > product")
    assert "help" in answer.columns["marks"][1]
    for row in answer.table.to_pylist():
        assert answer.people(path=row["typical"]).num_rows == row["with_typical"] > 0
    numbers = answer.extra("numbers").to_pylist()
    assert next(row for row in numbers if row["types"] == 3)["stability"] > 0.9


def test_blocks_change_nothing() -> None:
    one, other = planted(200, 1)[0], planted(200, 7)[0]
    assert (one.columns, one.extras) == (other.columns, other.extras)


def test_noise_has_no_types() -> None:
    draw = random.Random(1)
    log = [
        Happened(f"p{n:03d}", k * MINUTE, draw.choice("abcdefghij"), f"{n}-{k}") for n in range(300) for k in range(8)
    ]
    answer = ask(Clusters(window="1 day"), Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["type"] == ["everybody"]
    assert "No stable types" in answer.words[0]
    forced = ask(Clusters(window="1 day", types=4), Population(Period.everything()), MemoryEngine(log))
    assert len(forced.columns["type"]) == 4
    assert "unstable_types" in {item.code for item in forced.warnings}


def test_too_few_are_said_to_be() -> None:
    log = [Happened(f"p{n}", n, "ab"[n % 2], str(n)) for n in range(10)]
    answer = ask(Clusters(), Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["people"] == [10]
    assert "not enough data" in answer.words[0]


def test_adjusted_rand_of_the_literature() -> None:
    """The example of scikit-learn's manual (0.24), of Hubert and Arabie's definition by pairs, and the ends."""
    one, other = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(one, other) == pytest.approx(0.242424, abs=1e-6)
    assert adjusted_rand(one, one[::-1]) == 1.0
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(-0.5)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 3)), min_size=2, max_size=12))
def test_adjusted_rand_equals_the_count_of_pairs(rows: list[tuple[int, int, int]]) -> None:
    each = [(a, b) for a, b, many in rows for _ in range(many)]
    pairs = [(x, y) for k, x in enumerate(each) for y in each[k + 1 :]]
    both = sum(x[0] == y[0] and x[1] == y[1] for x, y in pairs)
    one, two = sum(x[0] == y[0] for x, y in pairs), sum(x[1] == y[1] for x, y in pairs)
    expected, most = one * two / len(pairs), (one + two) / 2
    wanted = 1.0 if most == expected else (both - expected) / (most - expected)
    a, b, many = (np.array(column) for column in zip(*rows, strict=True))
    assert adjusted_rand(a, b, many.astype(float)) == pytest.approx(wanted)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_silhouette_equals_its_definition(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 8))
    points = np.array(
        data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=n, max_size=n)), float
    )
    own = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    total = 0.0
    for i in range(n):
        far = np.sqrt(((points - points[i]) ** 2).sum(axis=1))
        mates, others = (own == own[i]) & (np.arange(n) != i), own != own[i]
        if mates.any() and others.any():
            a, b = far[mates].mean(), far[others].mean()
            total += (b - a) / max(a, b) if max(a, b) > 0 else 0
    assert silhouette(Apart.of(points, np.ones(n)), own) == pytest.approx(total / n, abs=1e-6)


def test_k_means_finds_what_is_plain_and_weighs() -> None:
    points = np.array([[0.0, 0], [0, 1], [10, 0], [10, 1]])
    centres = k_means(points, np.array([1.0, 3, 1, 1]), 2, np.random.default_rng(1))
    assert sorted(map(tuple, centres.tolist())) == [(0.0, 0.75), (10.0, 0.5)]


def test_many_paths_are_sampled_the_same_way_each_time() -> None:
    weights, keys = np.arange(20_000)[::-1] % 50 + 1, np.arange(20_000)
    rows, given = sample(weights, keys)
    again, _ = sample(weights, keys)
    assert (rows == again).all()
    assert len(rows) == len(set(rows.tolist())) == 6_000
    assert given.sum() == pytest.approx(weights.sum())
    assert fit(np.zeros((1, 3), np.int16), np.ones(1), 1) is None


def test_mistakes_are_named() -> None:
    for fields in ({"types": 1}, {"types": 13}, {"depth": 1}, {"depth": 41}):
        with pytest.raises(InputError):
            Clusters(**fields)
    answer: Any = planted(60)[0]
    with pytest.raises(UnknownNameError, match="type"):
        answer.people(type="type 99")
    with pytest.raises(UnknownNameError, match="kind"):
        answer.people(kind=1)
