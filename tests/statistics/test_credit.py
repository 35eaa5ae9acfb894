"""Credit over tables of paths: published values, what has to hold, and how far intervals reach."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import InputError, UnknownNameError
from desirepath.statistics import credit as credit_module
from desirepath.statistics.coalitions import rate_game, shapley
from desirepath.statistics.credit import RULES, Paths, credit, weights
from desirepath.statistics.credit_spread import Walked, amount, credit_changes, removal_changes, share
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


def coverage(rounds: int, people: int, seed: int) -> dict[str, list[bool]]:
    """How often intervals hold the truth, where people come by chance and each walks a path by chance."""
    rng = np.random.default_rng(seed)
    kinds = ["a", "b", "a>b", "b>a", "c>a>b", "a>c", "a>a>b>c", "c"]
    often = np.array([0.25, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05])
    rate = np.array([0.1, 0.15, 0.25, 0.2, 0.4, 0.3, 0.5, 0.02])
    truth_paths = Paths.of(kinds, people * often * rate, people * often * (1 - rate))
    truth = {rule: credit(truth_paths, rule) for rule in ("first", "linear", "position", "shapley")}
    truth["markov"] = markov(truth_paths).credit
    effects = markov(truth_paths).effects
    hits: dict[str, list[bool]] = {name: [] for name in (*truth, "effect")}
    for _ in range(rounds):
        won, lost = rng.poisson(people * often * rate), rng.poisson(people * often * (1 - rate))
        both = Paths.of([*kinds, *kinds], [*[1.0] * 8, *[0.0] * 8], [*[0.0] * 8, *[1.0] * 8])
        times = np.concatenate([won, lost]).astype(np.float64)
        paths = Paths.of(kinds, won, lost)
        n = int(won.sum())
        for rule, wished in truth.items():
            if rule == "markov":
                found = markov(paths)
                walked = Walked(
                    chain_of(paths, 1), both.part(0, 16) if times.all() else _seen(both, times), _upto(times)
                )
                changes = removal_changes(walked, [1, 2, 3])
                told = times[times > 0]
                moved = credit_changes(found.effects, changes, float(n), both.conversions[times > 0])
                spread = told @ (moved * moved)
                reach = [
                    share(float(e), float(v), n) for e, v in zip(found.effects, told @ (changes * changes), strict=True)
                ]
                hits["effect"] += [e.low <= t <= e.high for e, t in zip(reach, effects, strict=True)]  # type: ignore[operator]
                values = found.credit
            else:
                values = credit(paths, rule)
                handed = weights(both, rule) * np.repeat(both.conversions, np.diff(both.starts))
                spread = np.zeros(3)
                for row in range(16):
                    low, high = both.starts[row], both.starts[row + 1]
                    part = np.bincount(both.touches[low:high], handed[low:high], minlength=3)
                    spread += times[row] * part * part
            for value, variance, wanted in zip(values, spread, wished, strict=True):
                found_one = amount(float(value), float(variance), n, whole=1.0)
                assert found_one.low is not None
                assert found_one.high is not None
                hits[rule].append(found_one.low <= wanted <= found_one.high)
    return hits


def _upto(times: np.ndarray) -> np.ndarray:
    return np.arange(int((times > 0).sum()) + 1)


def _seen(paths: Paths, times: np.ndarray) -> Paths:
    rows = np.flatnonzero(times > 0)
    parts = [paths.part(int(row), int(row) + 1) for row in rows]
    return Paths(
        np.concatenate([each.touches for each in parts]),
        np.concatenate([[0], np.cumsum([len(each.touches) for each in parts])]),
        paths.conversions[rows],
        paths.nulls[rows],
        paths.worth[rows],
        names=paths.names,
    )


def test_intervals_hold_the_truth() -> None:
    for rule, hit in coverage(150, 400, seed=1).items():
        assert 0.91 <= np.mean(hit) <= 0.99, rule


@pytest.mark.slow
@pytest.mark.parametrize("people", [150, 400, 3_000])
def test_intervals_hold_the_truth_as_often_as_they_say(people: int) -> None:
    for rule, hit in coverage(3_000, people, seed=2).items():
        print(people, rule, round(float(np.mean(hit)), 4))
        assert 0.93 <= np.mean(hit) <= 0.97, rule


def test_pairs_of_channels_are_all_tried() -> None:
    """Removing a channel costs nothing where no converting path touches it, and everything where all do."""
    for one, two in combinations("abc", 2):
        found = markov(Paths.of([[one], [two]], [3, 0], [1, 4]))
        assert found.effects == pytest.approx([1, 0])
