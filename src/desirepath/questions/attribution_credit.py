"""How much credit does each channel get by each rule, and how sure is that?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from desirepath.questions.attribution_tally import Array, AttributionTally
from desirepath.questions.attribution_walk import HALF, MICRO, MODELS, NULLS, UNIT
from desirepath.statistics.chain_orders import best_order, bits_per_move, lower
from desirepath.statistics.chains import Chain, Floats, summed
from desirepath.statistics.coalitions import MOST_PLAYERS, RateGame, rate_game
from desirepath.statistics.credit import Paths, weights
from desirepath.statistics.credit_spread import (
    Walked,
    amount,
    by_ratio,
    credit_changes,
    positive,
    removal_changes,
    share,
)
from desirepath.statistics.intervals import Estimate
from desirepath.statistics.removal import Removal, removal

if TYPE_CHECKING:
    from desirepath.questions.attribution import Attribution

MOST_CHANNELS = 250
"""Removal effects are worked out for so many channels at most, those with the most credit."""

MOST_CELLS = 40_000_000
"""Where journeys times channels are more, the chain has no intervals."""


@dataclass
class Credits:
    """Estimates by rule for the channels that are shown, in their order; worked out when asked for.

    Attributes
    ----------
    asked, tally
        The question and the sums.
    shown
        Codes of the channels, those with the most credit by equal shares first.
    """

    asked: Attribution
    tally: AttributionTally
    shown: list[int]
    bits: list[float | None] = field(default_factory=list)

    @property
    def channels(self) -> int:
        """How many channels there are, touched or not."""
        return len(self.tally.labels) - 1

    @property
    def ranked(self) -> list[int]:
        """The channels for which removal effects are worked out."""
        return self.shown[:MOST_CHANNELS]

    @cached_property
    def order(self) -> int:
        """How many touches the chain remembers."""
        if self.asked.order:
            return self.asked.order
        halves = self.tally.grams.sums[:, :2].astype(np.float64)
        highest = self.asked.chain_order(self.channels)
        self.bits = bits_per_move(self.tally.grams.keys, halves, self.channels, highest)
        return best_order(self.bits)

    def chain(self, order: int) -> Chain:
        """The chain of some order, of all closed paths."""
        if order == 1:
            moves = self.tally.moves
            source, target = np.nonzero(moves)
            base = len(self.tally.labels) + 2
            won = target == len(self.tally.labels)
            worth = np.where(won, self.tally.worth[source], 0.0)
            return Chain(self.channels, 1, source * base + target, moves[source, target].astype(np.float64), worth)
        grams, sums = lower(self.tally.grams.keys, self.tally.grams.sums, self.channels, order)
        counts = (sums[:, 0] + sums[:, 1]).astype(np.float64)
        worth = sums[:, 2].astype(np.float64) * ((1 << HALF) / MICRO) + sums[:, 3] / MICRO
        return Chain(self.channels, order, grams, counts, worth)

    @cached_property
    def _chains(self) -> dict[int, Chain]:
        return {order: self.chain(order) for order in {1, self.order}}

    @cached_property
    def sample(self) -> tuple[Paths, Array, Array, Floats] | None:
        """Paths kept, where those of each journey begin, the journey of each, and how many it stands for."""
        kept = self.tally.sample
        if kept is None or not len(kept):
            return None
        direct = [c for c, label in enumerate(self.tally.labels) if label in self.asked.direct]
        table = kept.table(self.channels, self.asked.half_life_length, direct)
        return table, kept.paths, kept.journey_of_path(), kept.stands_for()

    def _squares(self, changes: Floats) -> Floats:
        """The variance of each column, from what one more of each journey kept would change."""
        assert self.sample is not None  # noqa: S101 - asked for where there is one
        found: Floats = self.sample[3] @ (changes * changes)
        return found

    @cached_property
    def _pairs(self) -> tuple[Array, Array]:
        assert self.sample is not None  # noqa: S101 - asked for where there is one
        table, _, journey, _ = self.sample
        pairs = np.repeat(journey, np.diff(table.starts)) * self.channels + table.touches
        found, place = np.unique(pairs, return_inverse=True)
        return found, place

    def by_rule(self, rule: str, *, in_money: bool = False) -> list[Estimate]:
        """Credit by a rule, in conversions or in money."""
        if rule == "markov":
            return self.by_removal(in_money=in_money)
        if rule == "shapley_rates":
            return self.by_rates()
        table, unit = (self.tally.money, MICRO) if in_money else (self.tally.credit, UNIT)
        model = MODELS.index(rule)
        values = (table[self.shown, model] / unit).astype(np.float64)
        if in_money:
            return self._estimates(values, self._earned_squares(rule, self.shown), in_money=True)
        squares = None if self.sample is None else self._sampled_squares(rule, self.shown)
        return self._estimates(values, squares, in_money=False)

    def _earned_squares(self, rule: str, codes: Sequence[int]) -> Floats:
        """Of everybody, as few orders can be worth most, and be missed by a sample."""
        found: Floats = (self.tally.squares[codes, MODELS.index(rule)] / MICRO**2).astype(np.float64)
        return found

    def _sampled_squares(self, rule: str, codes: Sequence[int], *, in_money: bool = False) -> Floats:
        """Of those who were kept, weighted up."""
        assert self.sample is not None  # noqa: S101 - asked for where there is one
        paths, _, _, stands = self.sample
        pairs, place = self._pairs
        won = paths.worth if in_money else paths.conversions
        part = np.bincount(
            place, weights(paths, rule, custom=self.asked.custom) * np.repeat(won, np.diff(paths.starts))
        )
        squares = summed(pairs % self.channels, stands[pairs // self.channels] * part * part, self.channels)
        return squares[np.array(codes, dtype=np.int64) - 1]

    def _estimates(self, values: Floats, squares: Floats | None, *, in_money: bool) -> list[Estimate]:
        found = []
        for place, (c, value) in enumerate(zip(self.shown, values.tolist(), strict=True)):
            n = int(self.tally.people[c])
            if squares is None:
                found.append(Estimate(value, None, None, n, 0.95, "none"))
            else:
                whole = None if in_money else 1.0
                found.append(amount(value, float(squares[place]), n, whole=whole))
        return found

    def removal(self, *, in_money: bool = False) -> Removal:
        """What the removal of each ranked channel takes away."""
        return self._money_removal if in_money else self._plain_removal

    @cached_property
    def _plain_removal(self) -> Removal:
        return removal(self._chains[self.order], self.ranked)

    @cached_property
    def _money_removal(self) -> Removal:
        return removal(self._chains[self.order], self.ranked, by_worth=True)

    def _changes(self, *, in_money: bool) -> Floats | None:
        """What one more of each journey kept would change of the removal effects."""
        if self.sample is None or len(self.sample[1]) * len(self.ranked) > MOST_CELLS:
            return None
        table, journeys, _, _ = self.sample
        walked = Walked(self._chains[self.order], table, journeys)
        return removal_changes(walked, self.ranked, by_worth=in_money)

    @cached_property
    def _plain_changes(self) -> Floats | None:
        return self._changes(in_money=False)

    @property
    def _nothing(self) -> list[Estimate]:
        return [Estimate(None, None, None, 0, 0.95, "none")]

    def by_removal(self, *, in_money: bool = False) -> list[Estimate]:
        """Credit in proportion to removal effects."""
        lost = self.removal(in_money=in_money)
        total = self.tally.earned if in_money else float(self.tally.credited)
        if not lost.effects.sum():
            return self._nothing * len(self.shown)
        values = lost.shared(total)
        changes = self._changes(in_money=True) if in_money else self._plain_changes
        squares = None
        if changes is not None and self.sample is not None:
            table, journeys, _, _ = self.sample
            added = np.add.reduceat(table.worth if in_money else table.conversions, journeys[:-1])
            squares = self._squares(credit_changes(lost.effects, changes, total, added))
            if in_money:
                sampled = self._sampled_squares("linear", self.ranked, in_money=True)
                squares = by_ratio(squares, sampled, self._earned_squares("linear", self.ranked))
        found = self._estimates_of(self.ranked, values, squares, in_money=in_money)
        return found + self._nothing * (len(self.shown) - len(found))

    def _estimates_of(
        self, codes: Sequence[int], values: Floats, squares: Floats | None, *, in_money: bool
    ) -> list[Estimate]:
        some = Credits(self.asked, self.tally, list(codes))
        return some._estimates(values, squares, in_money=in_money)

    def effects(self) -> list[Estimate]:
        """The share of the chance to convert that each channel's removal takes away."""
        lost = self.removal()
        if not lost.whole:
            return self._nothing * len(self.shown)
        changes = self._plain_changes
        found = []
        squares = None if changes is None else self._squares(changes)
        for place, value in enumerate(lost.effects.tolist()):
            plain = Estimate(value, None, None, self.tally.credited, 0.95, "none")
            found.append(plain if squares is None else share(value, float(squares[place]), self.tally.credited))
        return found + self._nothing * (len(self.shown) - len(found))

    @cached_property
    def rates(self) -> RateGame | None:
        """The game for the rate of conversion; None where it is not asked for, or too many channels play."""
        sets = self.tally.sets
        if not self.asked.rates or len(sets.players) > MOST_PLAYERS:
            return None
        keys, sums = sets.paths.keys, sets.paths.sums[:, 0].astype(np.float64)
        won = (keys & 1).astype(np.bool_)
        return rate_game(keys >> 1, np.where(won, sums, 0.0), np.where(won, 0.0, sums))

    def by_rates(self) -> list[Estimate]:
        """Credit by the Shapley value of the game for the rate of conversion."""
        game = self.rates
        if game is None or not len(game.players):
            return self._nothing * len(self.shown)
        together = self.tally.sets
        places = np.searchsorted(together.players, np.array(self.shown) - 1)
        values, squares = game.credit[places], None
        if self.sample is not None:
            table, journeys, _, _ = self.sample
            bits = together.bits(self.channels)[table.touches]
            sets = game.place_of(np.bitwise_or.reduceat(bits, table.starts[:-1]))
            changes = np.where(table.conversions > 0, game.won[:, sets], game.lost[:, sets]).T
            squares = self._squares(np.add.reduceat(changes, journeys[:-1], axis=0))[places]
        return self._estimates(values, squares, in_money=False)

    def onward(self) -> tuple[list[Estimate], list[Estimate], list[int]]:
        """From a touch of each ranked channel: the chance to convert, further touches, and how many such touches."""
        chain, ranked = self._chains[1], self.ranked
        places = np.searchsorted(chain.states, ranked)
        every = np.ones((len(chain.states), 1), dtype=np.bool_)
        chances = chain.solve(chain.ending(), every)
        inner = chain.target >= 0
        on = np.bincount(chain.source[inner], chain.counts[inner], minlength=len(chain.states)) / chain.left
        further = chain.solve(on, every)[:, 0]
        squares: tuple[Floats, Floats] | None = None
        if self.sample is not None and len(self.sample[1]) * len(ranked) <= MOST_CELLS:
            table, journeys, _, _ = self.sample
            kept = np.ones((len(chain.states), len(ranked)), dtype=np.bool_)
            visits, walked = chain.visits(kept, places), Walked(chain, table, journeys)
            spread = np.repeat(chances, len(ranked), axis=1)
            squares = (
                self._squares(walked.chances(kept, spread, visits)),
                self._squares(walked.further(further, visits)),
            )
        converting, more, touches = [], [], []
        for k, place in enumerate(places.tolist()):
            n = int(chain.left[place])
            chance, rest = float(chances[place, 0]), float(further[place])
            one, two = (0.0, 0.0) if squares is None else (float(squares[0][k]), float(squares[1][k]))
            plain = [Estimate(each, None, None, n, 0.95, "none") for each in (chance, rest)]
            converting.append(share(chance, one, n) if squares is not None else plain[0])
            more.append(positive(rest, two, n) if squares is not None else plain[1])
            touches.append(n)
        return converting, more, touches

    @property
    def overall(self) -> float | None:
        """Of closed paths the share that converts."""
        closed = self.tally.credited + int(self.tally.counts[NULLS])
        return self.tally.credited / closed if closed else None
