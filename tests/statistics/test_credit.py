"""Credit over tables of paths: published values, what has to hold, and how far intervals reach."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import InputError, UnknownNameError
from desirepath.questions.attribution_sample import Sample
from desirepath.statistics import credit as credit_module
from desirepath.statistics.coalitions import rate_game, shapley
from desirepath.statistics.credit import RULES, Paths, credit, weights
from desirepath.statistics.credit_spread import Walked, amount, by_ratio, credit_changes, removal_changes, share
from desirepath.statistics.removal import chain_of, markov, removal

SUMMING = [rule for rule in RULES if rule != "participation"]

PUBLISHED = {
    # the chain of three channels with one conversion in three, published 2016
    "three channels": (
        (["C1>C2>C3", "C1", "C2>C3"], [1, 0, 0], [0, 1, 1]),
        (1 / 3, [0.5, 1, 1], [0.2, 0.4, 0.4]),
    ),
    # a worked example of two channels, published 2019
    "two channels": (
        (["G", "M", "G>M", "G"], [2, 1, 1, 0], [0, 0, 0, 1]),
        (0.8, [0.75, 0.5], [2.4, 1.6]),
    ),
    # the example of the pychattr package, whose simulation says 1.991106 and 1.008894
    "repeats": (
        (["A>B>A>B>B>A", "A>B>B>A>A", "A>A"], [1, 1, 1], [0, 0, 0]),
        (1.0, [1, 0.5], [2, 1]),
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_chains(name: str) -> None:
    given_paths, (chance, effects, credited) = PUBLISHED[name]
    found = markov(Paths.of(*given_paths))
    assert found.chance == pytest.approx(chance, abs=1e-14)
    assert found.effects == pytest.approx(effects, abs=1e-14)
    assert found.credit == pytest.approx(credited, abs=1e-13)


def test_without_paths_to_nothing_effects_are_the_share_of_paths() -> None:
    """Which is why they have to be there: every path converts, and the first channel of all looks best."""
    paths = (["a > b", "a"], [2, 6])
    assert markov(Paths.of(*paths)).effects == pytest.approx([1.0, 0.25])
    assert markov(Paths.of(*paths)).chance == 1
    told = markov(Paths.of(["a > b", "a", "b"], [2, 6, 0], [0, 92, 0]))
    assert told.chance == pytest.approx(0.08)
    assert told.effects == pytest.approx([1.0, 0.25])
    assert markov(Paths.of(["a > b", "a", "b"], [2, 6, 0], [0, 0, 50])).effects[0] < 1


@st.composite
def tables(draw: st.DrawFn) -> Paths:
    """A few paths of a few channels."""
    rows = draw(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), min_size=1, max_size=8))
    counts = st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows))
    won, lost = draw(counts), draw(counts)
    worth = [float(w * draw(st.integers(1, 50))) for w in won]
    found = Paths.of(rows, won, lost, worth)
    ages = np.array(draw(st.lists(st.integers(0, 2000), min_size=len(found.touches), max_size=len(found.touches))))
    leads = np.array([draw(st.integers(-1, len(row) - 1)) for row in rows])
    direct = draw(st.lists(st.integers(0, 3), max_size=2))
    return Paths(
        found.touches, found.starts, found.conversions, found.nulls, found.worth, ages / 7, leads, direct, found.names
    )


@settings(max_examples=300, deadline=None)
@given(paths=tables(), rule=st.sampled_from(SUMMING), custom=st.sampled_from([[1, 1, 1], [0, 2, 0], [3, 0, 1]]))
def test_every_rule_hands_out_each_conversion_whole(paths: Paths, rule: str, custom: list[float]) -> None:
    handed = weights(paths, rule, custom=custom)
    assert np.add.reduceat(handed, paths.starts[:-1]) == pytest.approx(np.ones(len(paths)))
    assert (handed >= 0).all()
    assert credit(paths, rule, custom=custom).sum() == pytest.approx(paths.conversions.sum())
    assert credit(paths, rule, by="worth", custom=custom).sum() == pytest.approx(paths.worth.sum())
    assert (credit(paths, "participation") >= credit(paths, "linear") - 1e-12).all()


@settings(max_examples=200, deadline=None)
@given(paths=tables(), order=st.integers(1, 4))
def test_what_holds_of_chains(paths: Paths, order: int) -> None:
    found = markov(paths, order)
    total = paths.conversions.sum() + paths.nulls.sum()
    rate = paths.conversions.sum() / total if total else 0
    assert found.chance == pytest.approx(rate, abs=1e-12), "the chance to convert is the observed one"
    assert found.credit.sum() == pytest.approx(paths.conversions.sum() if rate else 0)
    assert found.worth.sum() == pytest.approx(paths.worth.sum() if rate else 0)
    assert (found.effects >= -1e-12).all()
    assert (found.effects <= 1 + 1e-12).all()


@settings(max_examples=100, deadline=None)
@given(paths=tables())
def test_repeats_in_a_row_do_not_change_a_chain_of_first_order(paths: Paths) -> None:
    names = paths.names
    rows = [[names[c] for c in paths.touches[a:b]] for a, b in zip(paths.starts[:-1], paths.starts[1:], strict=True)]
    short = [[name for k, name in enumerate(row) if k == 0 or row[k - 1] != name] for row in rows]
    collapsed = markov(Paths.of(short, paths.conversions, paths.nulls))
    assert collapsed.effects == pytest.approx(markov(paths).effects, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(paths=tables())
def test_long_memory_tends_to_the_share_of_paths_that_touch(paths: Paths) -> None:
    won = paths.conversions.sum()
    if won:
        assert markov(paths, 6).effects == pytest.approx(credit(paths, "participation") / won, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(paths=tables())
def test_shapley_is_that_of_its_game(paths: Paths) -> None:
    """The closed form against all orders of arrival, in the game of paths that touch no other channel."""
    channels = paths.channels
    sets = [set(paths.touches[a:b].tolist()) for a, b in zip(paths.starts[:-1], paths.starts[1:], strict=True)]
    game = [
        sum(won for own, won in zip(sets, paths.conversions, strict=True) if all(place >> c & 1 for c in own))
        for place in range(1 << channels)
    ]
    assert shapley(game) == pytest.approx(credit(paths, "shapley"))


def test_shapley_of_the_glove_game() -> None:
    """Two left gloves and a right one: 1/6, 1/6, 2/3 (a textbook example)."""
    worth = [float((place & 3 > 0) and place >> 2) for place in range(8)]
    assert shapley(worth) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    with pytest.raises(InputError, match="value for each"):
        shapley([0, 1, 2])


def test_credit_by_rates_sums_and_may_be_below_zero() -> None:
    """b goes with lower rates; it is told so, and not cut off at zero."""
    game = rate_game(np.array([1, 2, 3]), np.array([500.0, 0, 300]), np.array([500.0, 3000, 1700]))
    assert game is not None
    assert game.credit.sum() == pytest.approx(800)
    assert game.credit[1] < 0 < game.credit[0]
    for place, (won, lost) in enumerate([(1, 0), (0, 1)]):
        more = rate_game(
            np.array([1, 2, 3]), np.array([500.0, 0, 300 + 1e-4 * won]), np.array([500.0, 3000, 1700 + 1e-4 * lost])
        )
        assert more is not None
        assert (more.credit - game.credit) / 1e-4 == pytest.approx(
            (game.won, game.lost)[place][:, 3], rel=1e-3, abs=1e-4
        )
    assert rate_game(1 << np.arange(17), np.ones(17), np.ones(17)) is None


@settings(max_examples=40, deadline=None)
@given(paths=tables(), order=st.integers(1, 3))
def test_what_one_more_journey_changes_is_what_it_changes(paths: Paths, order: int) -> None:
    """The derivative against adding a ten-thousandth of a journey."""
    rows = np.repeat(np.arange(len(paths)), 2)
    pieces = [paths.part(row, row + 1) for row in range(len(paths))]
    alone = [(piece, converts) for piece in pieces for converts in (1.0, 0.0)]
    chain, channels = chain_of(paths, order), list(range(1, paths.channels + 1))
    plain = removal(chain, channels)
    if not plain.whole or not (paths.conversions.all() and paths.nulls.all()):
        return
    kept = Paths(
        np.concatenate([piece.touches for piece, _ in alone]),
        np.concatenate([[0], np.cumsum([len(piece.touches) for piece, _ in alone])]),
        np.array([converts for _, converts in alone]),
        np.array([1 - converts for _, converts in alone]),
        np.zeros(len(alone)),
        names=paths.names,
    )
    walked = Walked(chain, kept, np.arange(len(kept) + 1))
    changes = removal_changes(walked, channels)
    total = float(paths.conversions.sum())
    moved = credit_changes(plain.effects, changes, total, kept.conversions)
    for place, row in enumerate(rows):
        little = 1e-5
        won, lost = paths.conversions.copy(), paths.nulls.copy()
        (won if kept.conversions[place] else lost)[row] += little
        more = markov(Paths(paths.touches, paths.starts, won, lost, paths.worth, names=paths.names), order)
        assert (more.effects - plain.effects) / little == pytest.approx(changes[place], abs=1e-3)
        assert (more.credit - plain.shared(total)) / little == pytest.approx(moved[place], abs=2e-3)


def test_tables_in_pieces_and_in_sorted_sums_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    rows = [rng.choice(list("abcde"), rng.integers(1, 7)).tolist() for _ in range(300)]
    paths = Paths.of(rows, rng.integers(0, 5, 300), rng.integers(0, 5, 300))
    whole = [credit(paths, rule) for rule in ("linear", "shapley", "last_other")], markov(paths, 2).credit
    monkeypatch.setattr(credit_module, "MANY", 10)
    monkeypatch.setattr("desirepath.statistics.removal.DENSE_GRAMS", 0)
    again = [credit(paths, rule) for rule in ("linear", "shapley", "last_other")], markov(paths, 2).credit
    assert np.array(again[0]) == pytest.approx(np.array(whole[0]))
    assert again[1] == pytest.approx(whole[1])


def test_intervals_of_amounts_and_shares() -> None:
    """As many equal parts as have that variance: a count has the interval of Jeffreys for a count."""
    found = amount(10, 10, 10)
    assert (found.low, found.high) == (pytest.approx(5.141, abs=1e-3), pytest.approx(17.739, abs=1e-3))
    assert amount(5, 2.5, 10).low == pytest.approx(found.low / 2)
    assert (amount(0, 0, 5).low, amount(0, 0, 5).high) == (None, None)
    assert amount(0, 0, 5, whole=1).low == 0
    assert amount(-5, 25, 5).low == pytest.approx(-5 - 9.8, abs=0.01)
    assert share(0.5, 0.25 / 40, 40).low == pytest.approx(0.3520, abs=1e-4)
    assert share(1, 0, 10).high == 1
    assert share(0.3, 0.1, 0).value is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Paths.of(["a", ""], [1]), "one number"),
        (lambda: Paths.of([[]], [1]), "at least one"),
        (lambda: Paths.of(["a"], [-1]), "0 or more"),
        (lambda: credit(Paths.of(["a"], [1]), "decay"), "age"),
        (lambda: credit(Paths.of(["a"], [1]), "w"), "lead"),
        (lambda: credit(Paths.of(["a"], [1]), "custom"), "weights"),
        (lambda: credit(Paths.of(["a"], [1]), "lst"), "last"),
        (lambda: credit(Paths.of(["a"], [1]), "last", by="money"), "money"),
        (lambda: markov(Paths.of(["a"], [1]), 0), "at least one"),
    ],
)
def test_mistakes_are_named(call: Any, says: str) -> None:
    with pytest.raises((InputError, UnknownNameError), match=says):
        call()


def test_nobody() -> None:
    nobody = Paths.of([], [])
    assert [len(credit(nobody, rule)) for rule in ("linear", "shapley", "first")] == [0, 0, 0]
    assert markov(nobody).chance == 0


KINDS = ("a", "b", "a>b", "b>a", "c>a>b", "a>c", "a>a>b>c", "c")
OFTEN = np.array([0.25, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05])
RATE = np.array([0.1, 0.15, 0.25, 0.2, 0.4, 0.3, 0.5, 0.02])
SIMULATED = [rule for rule in RULES if rule != "custom"]


def told(paths: Paths) -> Paths:
    """With what all rules need: touches two thirds of a half-life apart, a lead by the second, and `b` passed by."""
    lengths = np.diff(paths.starts)
    ages = (np.repeat(paths.starts[1:], lengths) - np.arange(len(paths.touches))) * 2 / 3
    return replace(paths, ages=ages, leads=np.where(lengths > 1, 1, -1), direct=(1,))


def each(paths: Paths, rule: str, won: np.ndarray) -> np.ndarray:
    """float[paths, channels]: what each path brings each channel."""
    rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
    handed = weights(paths, rule) * np.repeat(won, np.diff(paths.starts))
    found = np.bincount(rows * paths.channels + paths.touches, handed, len(paths) * paths.channels)
    return found.reshape(len(paths), paths.channels)


def holds(value: float, variance: float, wanted: float, whole: float | None = None) -> bool:
    """Whether an interval holds the truth."""
    found = amount(value, variance, 1, whole=whole)
    return found.low is not None and found.high is not None and found.low <= wanted <= found.high


def coverage(rounds: int, people: int, seed: int) -> dict[str, list[bool]]:
    """How often intervals hold the truth, where people come by chance and each walks a path by chance."""
    rng = np.random.default_rng(seed)
    truth_paths = told(Paths.of(KINDS, people * OFTEN * RATE, people * OFTEN * (1 - RATE)))
    truth = {rule: credit(truth_paths, rule) for rule in SIMULATED}
    chains = {f"markov {order}": (order, markov(truth_paths, order)) for order in (1, 2)}
    both = told(Paths.of([*KINDS, *KINDS], [*[1.0] * 8, *[0.0] * 8], [*[0.0] * 8, *[1.0] * 8]))
    squares = {rule: each(both, rule, both.conversions) ** 2 for rule in SIMULATED}
    hits: dict[str, list[bool]] = {name: [] for name in (*truth, *chains, "effect 1", "effect 2")}
    for _ in range(rounds):
        won, lost = rng.poisson(people * OFTEN * RATE), rng.poisson(people * OFTEN * (1 - RATE))
        times = np.concatenate([won, lost]).astype(np.float64)
        paths, n = told(Paths.of(KINDS, won, lost)), int(won.sum())
        for rule, wished in truth.items():
            results = zip(credit(paths, rule), times @ squares[rule], wished, strict=True)
            hits[rule] += [holds(value, variance, wanted, 1.0) for value, variance, wanted in results]
        seen, often = _seen(both, times), times[times > 0]
        for name, (order, true) in chains.items():
            found = markov(paths, order)
            changes = removal_changes(Walked(chain_of(paths, order), seen, np.arange(len(seen) + 1)), [1, 2, 3])
            moved = credit_changes(found.effects, changes, float(n), seen.conversions)
            results = zip(found.credit, often @ (moved * moved), true.credit, strict=True)
            hits[name] += [holds(value, variance, wanted, 1.0) for value, variance, wanted in results]
            for effect, variance, wanted in zip(found.effects, often @ (changes * changes), true.effects, strict=True):
                reach = share(float(effect), float(variance), n)
                assert reach.low is not None
                assert reach.high is not None
                hits[f"effect {order}"].append(reach.low <= wanted <= reach.high)
    return hits


def _seen(paths: Paths, times: np.ndarray) -> Paths:
    parts = [paths.part(int(row), int(row) + 1) for row in np.flatnonzero(times > 0)]
    return Paths(
        np.concatenate([part.touches for part in parts]),
        np.concatenate([[0], np.cumsum([len(part.touches) for part in parts])]),
        paths.conversions[times > 0],
        paths.nulls[times > 0],
        paths.worth[times > 0],
        names=paths.names,
    )


def money_coverage(rounds: int, people: int, spread: float, seed: int) -> dict[str, list[bool]]:
    """The same for money, where the logarithm of an order's worth is normal; by removal with 128 people a channel."""
    rng = np.random.default_rng(seed)
    mean = np.exp(spread * spread / 2)
    true = told(Paths.of(KINDS, people * OFTEN * RATE, people * OFTEN * (1 - RATE), people * OFTEN * RATE * mean))
    truth = {rule: credit(true, rule, by="worth") for rule in SIMULATED}
    kinds, wished = Paths.of(KINDS, np.ones(8)), markov(true).worth
    hits: dict[str, list[bool]] = {name: [] for name in (*truth, "markov 1")}
    for _ in range(rounds):
        kind = np.sort(rng.choice(8, rng.poisson(people), p=OFTEN))
        many, won = len(kind), (rng.random(len(kind)) < RATE[kind]).astype(np.float64)
        worth = np.round(won * rng.lognormal(0, spread, many), 6)
        rows = [kinds.touches[kinds.starts[k] : kinds.starts[k + 1]] for k in kind]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        paths = told(Paths(np.concatenate(rows), starts, won, 1 - won, worth, names=kinds.names))
        for rule, wanted in truth.items():
            gains = each(paths, rule, worth)
            results = zip(gains.sum(axis=0), (gains * gains).sum(axis=0), wanted, strict=True)
            hits[rule] += [holds(*result) for result in results]
        kept = _kept(paths, rng)
        table, stands = kept.table(3, 1, []), kept.stands_for()
        found, chain = markov(paths), chain_of(paths, 1)
        changes = removal_changes(Walked(chain, table, np.arange(len(kept) + 1)), [1, 2, 3], by_worth=True)
        moved = credit_changes(found.worth_effects, changes, float(worth.sum()), table.worth)
        sampled = stands @ each(table, "linear", table.worth) ** 2
        squares = by_ratio(
            stands @ (moved * moved), sampled, np.asarray((each(paths, "linear", worth) ** 2).sum(axis=0))
        )
        hits["markov 1"] += [holds(*result) for result in zip(found.worth, squares, wished, strict=True)]
    return hits


def _kept(paths: Paths, rng: np.random.Generator) -> Sample:
    """What attribution keeps of people who have one path each."""
    many = len(paths)
    marks = rng.choice(1 << 31, many, replace=False)
    order = np.argsort(marks)
    one, numbers = np.ones(many, dtype=np.int64), np.arange(many + 1)
    worth, none = np.round(paths.worth * 1e6).astype(np.int64), np.zeros(len(paths.touches), dtype=np.int64)
    whole = Sample(
        marks << 31,
        one,
        numbers,
        paths.starts,
        paths.touches + 1,
        none,
        paths.conversions.astype(np.int64),
        worth,
        -one,
    )
    return whole._take(order, one).lowest()


def test_intervals_hold_the_truth() -> None:
    for rule, hit in coverage(150, 400, seed=1).items():
        assert 0.91 <= np.mean(hit) <= 0.99, rule
    for rule, hit in money_coverage(60, 1_000, 1.0, seed=1).items():
        assert 0.82 <= np.mean(hit) <= 0.99, rule


@pytest.mark.slow
@pytest.mark.parametrize("people", [150, 400, 3_000])
def test_intervals_hold_the_truth_as_often_as_they_say(people: int) -> None:
    for rule, hit in coverage(3_000, people, seed=2).items():
        print(people, rule, round(float(np.mean(hit)), 4))
        assert 0.93 <= np.mean(hit) <= 0.97, rule


@pytest.mark.slow
@pytest.mark.parametrize(("people", "spread", "least"), [(400, 1.0, 0.86), (3_000, 1.0, 0.89), (3_000, 1.5, 0.86)])
def test_intervals_of_money_hold_the_truth_nearly_as_often(people: int, spread: float, least: float) -> None:
    for rule, hit in money_coverage(1_000, people, spread, seed=2).items():
        print(people, spread, rule, round(float(np.mean(hit)), 4))
        assert least <= np.mean(hit) <= 0.97, rule


def test_pairs_of_channels_are_all_tried() -> None:
    """Removing a channel costs nothing where no converting path touches it, and everything where all do."""
    for one, two in combinations("abc", 2):
        found = markov(Paths.of([[one], [two]], [3, 0], [1, 4]))
        assert found.effects == pytest.approx([1, 0])
