"""What is a text about? Topics that people can name, merge and pin, and that stay what they are.

    topics.assign(["Where is my parcel?", "ok"])      [About("delivery", .8), About(None, 0.0)]
    topics.rename("delivery", "Late parcels")         another `Topics`; nothing is changed in place
    topics.merge(["delivery", "courier"])             one topic; every text of either is one of it

A topic is a list of weighted terms. A text's score for it is the sum of the weights of its terms, each times log(1 +
how often it occurs); the text is about the topic with the highest score. That is all there is: what is written in the
file, and the text, decide alone, so that a count can be done again years later. A text whose best score stays below
`least` has no topic; none is forced on it. Merged topics keep their terms apart and score as the better of them, so
that merging moves no other text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import log1p
from typing import NamedTuple

from desirepath.errors import InputError, UnknownNameError
from desirepath.text.terms import terms

LEAST = 0.7
"""The least evidence: one word, once, that the topic says more than e times as often as all texts do."""


class About(NamedTuple):
    """What one text is about.

    Attributes
    ----------
    topic
        The topic's id; None where nothing speaks for one.
    strength
        How far it leads: 1 where nothing speaks for another topic, 0 where another has as much; 0 without a topic.
    """

    topic: str | None
    strength: float


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes
    ----------
    id
        Short, and the same for good.
    proposed
        The name that was made of its terms.
    terms
        Terms as `terms` writes them, with their weights, the most telling first.
    name
        What it is called: the proposed name, or what a person called it.
    pinned
        Stays even if nobody talks of it.
    new
        Was not among the topics before.
    examples
        How many texts were about it when the topics were last proposed.
    merged
        Topics that were merged into this one.
    """

    id: str
    proposed: str
    terms: dict[str, float]
    name: str = ""
    pinned: bool = False
    new: bool = False
    examples: int = 0
    merged: tuple[Topic, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.proposed)

    @property
    def named(self) -> bool:
        """Whether a person gave the name."""
        return self.name != self.proposed

    @property
    def kept(self) -> bool:
        """Whether a person named or pinned it, and so looked at it."""
        return not self.new and (self.named or self.pinned)

    @property
    def lists(self) -> tuple[dict[str, float], ...]:
        """The lists of weighted terms: its own and those of what was merged into it."""
        return (self.terms, *(each.terms for each in self.merged))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that those lists came with."""
        return (self.id, *(each.id for each in self.merged))


def _first(found: tuple[float, str]) -> tuple[float, str]:
    """Order by score; of two that have as much, the first id in the alphabet, which merging does not change."""
    return -found[0], found[1]


@dataclass(frozen=True)
class Topics:
    """A codebook: topics, and what decides between them.

    Attributes
    ----------
    topics
        In the order of the file.
    least
        The score that a text needs to have a topic at all.
    texts
        How many distinct texts the topics were proposed from.
    method
        How they were, in one sentence.
    notes
        What happened to topics that were there before.
    """

    topics: tuple[Topic, ...]
    least: float = LEAST
    texts: int = 0
    method: str = ""
    notes: tuple[str, ...] = ()
    _places: dict[str, list[tuple[int, int, float]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        seen = Counter(name for topic in self.topics for name in topic.ids)
        twice = sorted(name for name, many in seen.items() if many > 1)
        if twice:
            raise InputError(f"The id {twice[0]!r} is given to two topics.")
        for place, topic in enumerate(self.topics):
            for part, weighted in enumerate(topic.lists):
                for term, weight in weighted.items():
                    self._places.setdefault(term, []).append((place, part, weight))

    def __getitem__(self, name: str) -> Topic:
        """Return the topic of an id, also of one that was merged into it.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        for topic in self.topics:
            if name in topic.ids:
                return topic
        raise UnknownNameError.of("topic", name, (topic.id for topic in self.topics))

    def scores(self, text: str) -> dict[str, float]:
        """Return the score of every topic for which something in the text speaks, by id."""
        return {self.topics[place].id: score for place, (score, _) in self._scores(text).items()}

    def assign(self, texts: Iterable[str]) -> list[About]:
        """Return what each text is about.

        Parameters
        ----------
        texts
            In any language that the terms are of.
        """
        return [self._about(text) for text in texts]

    def _scores(self, text: str) -> dict[int, tuple[float, str]]:
        """Return, by topic, the score of its best list of terms and the id that the list came with."""
        parts: dict[tuple[int, int], float] = {}
        for term, many in Counter(terms(text)).items():
            for place, part, weight in self._places.get(term, ()):
                parts[place, part] = parts.get((place, part), 0.0) + weight * log1p(many)
        best: dict[int, tuple[float, str]] = {}
        for (place, part), score in parts.items():
            found = (score, self.topics[place].ids[part])
            best[place] = min(found, best.get(place, found), key=_first)
        return best

    def _about(self, text: str) -> About:
        scores = self._scores(text)
        if not scores:
            return About(None, 0.0)
        ranked = sorted(scores.items(), key=lambda item: _first(item[1]))
        place, (best, _) = ranked[0]
        if best < self.least or best <= 0:
            return About(None, 0.0)
        second = max(ranked[1][1][0], 0.0) if len(ranked) > 1 else 0.0
        if self.topics[place].new:  # what a person looked at is not robbed by what was found since
            for other, (score, _) in ranked[1:]:
                if self.topics[other].kept and score >= self.least:
                    return About(self.topics[other].id, 0.0)
        return About(self.topics[place].id, round((best - second) / best, 4))

    def rename(self, name: str, to: str) -> Topics:
        """Give a topic the name that people use.

        Raises
        ------
        UnknownNameError
            If there is no such topic.
        InputError
            If the name is empty or another topic's.
        """
        called = " ".join(to.split())
        if not called:
            raise InputError(f"The topic {name!r} needs a name.")
        topic = self[name]
        if any(each.name.casefold() == called.casefold() for each in self.topics if each.id != topic.id):
            raise InputError(f"Another topic is called {called!r} already; merge the two if they are one.")
        return self._with(replace(topic, name=called, new=False))

    def pin(self, name: str) -> Topics:
        """Keep a topic even if nobody talks of it."""
        return self._with(replace(self[name], pinned=True, new=False))

    def unpin(self, name: str) -> Topics:
        """Let a topic go when nobody talks of it."""
        return self._with(replace(self[name], pinned=False))

    def merge(self, names: Sequence[str], to: str | None = None) -> Topics:
        """Make several topics one.

        Parameters
        ----------
        names
            Their ids; the first one's id, place and name stay.
        to
            Another name for it.

        Raises
        ------
        UnknownNameError
            If there is no such topic.
        InputError
            If fewer than two different topics are named.
        """
        found = list(dict.fromkeys(self[name].id for name in names))
        if len(found) < 2:
            raise InputError("Merging needs two different topics.", allowed=[topic.id for topic in self.topics])
        first, *others = (self[name] for name in found)
        parts = [part for other in others for part in (replace(other, merged=()), *other.merged)]
        one = replace(
            first,
            merged=(*first.merged, *parts),
            pinned=any(self[name].pinned for name in found),
            examples=sum(self[name].examples for name in found),
        )
        gone = {other.id for other in others}
        kept = tuple(one if topic.id == first.id else topic for topic in self.topics if topic.id not in gone)
        merged = replace(self, topics=kept)
        return merged.rename(first.id, to) if to else merged

    def split(self, name: str) -> Topics:
        """Make topics of what was merged into one; their counts are known again when topics are next proposed."""
        topic = self[name]
        parts = [
            replace(
                topic,
                merged=(),
                name=topic.proposed if topic.merged else topic.name,  # the name was that of all together
                examples=topic.examples - sum(e.examples for e in topic.merged),
            ),
            *topic.merged,
        ]
        place = self.topics.index(topic)
        return replace(self, topics=(*self.topics[:place], *parts, *self.topics[place + 1 :]))

    def _with(self, topic: Topic) -> Topics:
        return replace(self, topics=tuple(topic if each.id == topic.id else each for each in self.topics))


__all__ = ["LEAST", "About", "Topic", "Topics"]
