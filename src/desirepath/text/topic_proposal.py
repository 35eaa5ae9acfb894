"""Which topics do these texts have? Proposed from the texts alone, or beside the topics that are known already.

    propose(texts)                        topics with names made of their terms, all flagged new
    propose(texts, before=topics)         the same topics, and what fits none of them as new ones

The same texts give the same topics, in whatever order and however often each occurs: texts are made distinct and put
into an order of their own first. What is known stays as it is written, so that a text's topic changes only where a new
one claims it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.text.masking import masked
from desirepath.text.terms import terms, wordings
from desirepath.text.topic_fit import FEW as CHOSEN_ON
from desirepath.text.topic_fit import (
    STARTS,
    Choice,
    Counted,
    Floats,
    Ints,
    beginning,
    counted,
    lifts,
    number_of_topics,
    overall,
    settled,
    shares_of,
)
from desirepath.text.topics import Topic, Topics

MOST_TEXTS = 6_000
"""Topics are fitted to so many texts, drawn by a checksum; all are counted afterwards."""

LEAST_TEXTS = 40
"""Fewer distinct texts of two terms and more say too little."""

EACH = 150
"""A topic has at most so many terms."""

WEAK = 0.1
"""A term that weighs less says nothing for a topic."""

POOR = 0.3
"""New topics are looked for among the worst fitting texts, this share of all."""

NEW_TRIED = (5, 3, 1)
"""So many groups are looked for among what fits poorly; those that are new topics are kept."""

LEAST_NEW, TINY = 40, 0.005
"""A new topic needs so many texts, and this share of all."""

LEADING = 30
UNKNOWN, SURPLUS = 0.2, 0.28
"""A group is a new topic if this share of what its leading terms say is said by terms that no topic has; and this one,
if terms that some topic has count for as much as they say more here. Among texts like those before, groups of 40 texts
and more stayed below it, on five real sets of texts; with one kind of product left out before, its texts were above."""

MOST_WORDS = 4
"""A proposed name has no more words."""


def propose(texts: Sequence[str], k: int | None = None, before: Topics | None = None) -> Topics:
    """Find topics in texts.

    Parameters
    ----------
    texts
        In any order; repeated ones count once, and those of fewer than two terms not at all.
    k
        How many topics: with `before`, all together. Chosen by how well held-out terms are foretold, if not given.
    before
        Topics that are known. Those that are pinned or that a person named stay; others go if no text is about them.

    Returns
    -------
    Topics whose `notes` say what went and what is kept without a text.

    Raises
    ------
    InputError
        If `k` is smaller than two or than what is known.
    NotEnoughDataError
        If there are too few texts and no topics before.
    """
    if k is not None and not 2 <= k <= 200:
        raise InputError(f"{k} topics cannot be looked for.", allowed=["2 to 200"])
    distinct = sorted(set(texts), key=lambda text: (crc32(text.encode("utf-8", "surrogatepass")), text))
    drawn = _cleaned(distinct[:MOST_TEXTS])
    bags = [Counter(terms(text)) for text in drawn]
    usable = [place for place, bag in enumerate(bags) if len(bag) >= 2]
    if len(usable) < LEAST_TEXTS:
        if before is None:
            raise NotEnoughDataError(
                f"{len(usable)} distinct texts of two terms and more say too little; {LEAST_TEXTS} are needed."
            )
        return _counted_again(before, distinct, [f"{len(usable)} texts are too few for new topics."])
    drawn, bags = [drawn[place] for place in usable], [bags[place] for place in usable]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it comes with scikit-learn

    table = counted(bags)
    with threadpool_limits(limits=1):  # sums in one order, whatever the machine
        if before is not None and before.topics:
            return _beside(before, table, drawn, distinct, k)
        choice = Choice(k, [], [], []) if k else number_of_topics(table.counts[:CHOSEN_ON])
        start = beginning(table.counts, choice.k, None, None, STARTS)
        group, _ = settled(table.counts, start, choice.k)
    found = _topics_of(table, group, range(choice.k), drawn, ())
    return _counted_again(Topics(found, texts=len(distinct), method=_method(choice, len(drawn))), distinct, [])


def _cleaned(texts: Sequence[str]) -> list[str]:
    """The texts without personal data, so that none becomes a term; each once."""
    return list(dict.fromkeys(masked(text) for text in texts))


def _beside(
    before: Topics,
    table: Counted,
    drawn: Sequence[str],
    distinct: Sequence[str],
    k: int | None,
) -> Topics:
    """Keep what is known and find what fits none of it."""
    if k is not None and k < len(before.topics):
        raise InputError(f"{k} topics are fewer than the {len(before.topics)} that are known; merge some first.")
    lists = [weighted for topic in before.topics for weighted in topic.lists]
    fixed = shares_of(lists, table.terms, overall(table.counts))
    poor = _poor(lists, table)
    found: tuple[Topic, ...] = ()
    for more in NEW_TRIED if k is None else [k - len(before.topics)] if k > len(before.topics) else []:
        start = beginning(table.counts, more, fixed, poor, STARTS)
        group, _ = settled(table.counts, start, more, fixed)
        rows = list(range(len(fixed), len(fixed) + more))
        if k is None:
            rows = _unheard(lists, table, group, rows)
        if len(rows) > len(found):
            found = _topics_of(table, group, rows, drawn, before.topics)
    known = tuple(replace(topic, new=False) for topic in before.topics)
    topics = replace(before, topics=(*known, *found), texts=len(distinct), notes=())
    return _counted_again(topics, distinct, [])


def _poor(lists: Sequence[dict[str, float]], table: Counted) -> npt.NDArray[np.bool_]:
    """bool[texts]: those that fit worst, by their best score for each bit that they say."""
    place = {term: column for column, term in enumerate(table.terms)}
    weight = np.zeros((len(lists), len(table.terms)))
    for row, weighted in enumerate(lists):
        for term, value in weighted.items():
            if term in place:
                weight[row, place[term]] = value
    score = np.asarray((table.counts @ weight.T).max(axis=1)).ravel()
    fit = score / np.maximum(np.asarray(table.counts.sum(axis=1)).ravel(), 1e-9)
    return np.asarray(fit <= np.quantile(fit, POOR), dtype=np.bool_)


def _unheard(lists: Sequence[dict[str, float]], table: Counted, group: Ints, rows: Sequence[int]) -> list[int]:
    """The groups, among `rows`, whose leading terms no known topic has, or has with much less weight."""
    known: dict[str, float] = {}
    for weighted in lists:
        for term, weight in weighted.items():
            known[term] = max(weight, known.get(term, weight))
    number = max(rows) + 1
    lift, says = lifts(table.counts, group, number)
    sizes = np.bincount(group, minlength=number)
    had = np.array([known.get(term, 0.0) for term in table.terms])
    absent = np.array([term not in known for term in table.terms])
    found = []
    for row in rows:
        leading = _leading(says[row], lift[row])[:LEADING]
        total = says[row, leading].sum()
        if not leading or sizes[row] < max(LEAST_NEW, TINY * len(group)):
            continue
        unknown = says[row, leading][absent[leading]].sum() / total
        more = np.maximum(1 - had[leading] / lift[row, leading], 0)
        if unknown >= UNKNOWN and (says[row, leading] * more).sum() / total >= SURPLUS:
            found.append(row)
    return found


def _topics_of(
    table: Counted, group: Ints, rows: Sequence[int], drawn: Sequence[str], known: Sequence[Topic]
) -> tuple[Topic, ...]:
    """Make topics of groups, the largest first."""
    number = max(rows) + 1
    lift, says = lifts(table.counts, group, number)
    sizes = np.bincount(group, minlength=number)
    rows = [row for row in sorted(rows, key=lambda row: (-sizes[row], row)) if sizes[row] >= 2]
    leading = {row: _leading(says[row], lift[row]) for row in rows}
    written = wordings(
        drawn[:CHOSEN_ON], [table.terms[column] for columns in leading.values() for column in columns[:30]]
    )
    ids = {name for topic in known for name in topic.ids}
    names = {topic.name.casefold() for topic in known}
    topics = []
    for row in rows:
        columns = leading[row]
        name = _name([table.terms[column] for column in columns[:30]], written, names)
        names.add(name.casefold())
        identity = _id(name, ids)
        ids.add(identity)
        weights = {table.terms[column]: round(float(lift[row, column]), 2) for column in columns}
        topics.append(Topic(identity, name, weights, new=True))
    return tuple(topics)


def _leading(says: Floats, lift: Floats) -> list[int]:
    """The columns of the terms that say most for a topic."""
    order = np.lexsort((np.arange(len(says)), -np.round(says, 9)))[:EACH]
    return [int(column) for column in order if lift[column] > WEAK]


def _name(ranked: Sequence[str], written: dict[str, str], taken: set[str]) -> str:
    """A name of two to four words: the leading terms that share no word, enough to be unlike others."""
    chosen: list[str] = []
    for term in ranked:
        # a pair says its words too: it takes the place of a word that led it
        inside = [one for one in chosen if one in term.split()]
        if inside and len(inside) == len(chosen) and " " in term and len(chosen) == 1:
            chosen = [term]
        elif not any(_alike(one, other) for had in chosen for one in had.split() for other in term.split()):
            chosen.append(term)
        words = sum(len(written.get(one, one).split()) for one in chosen)
        if words > MOST_WORDS and len(chosen) > 1:
            chosen.pop()
            continue
        name = ", ".join(written.get(one, one) for one in chosen)
        if words >= 3 and name.casefold() not in taken:
            return name
    name = ", ".join(written.get(one, one) for one in chosen) or "unnamed"
    more = 2
    while name.casefold() in taken:
        name, more = f"{name.rsplit(' (', 1)[0]} ({more})", more + 1
    return name


def _alike(one: str, other: str) -> bool:
    """Whether two words are one in another form: the first five letters, or all of the shorter one, are the same."""
    least = min(len(one), len(other), 5)
    return one[:least] == other[:least]


def _id(name: str, taken: set[str]) -> str:
    """A short id of a name's first words, in plain letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z]+", plain) or ["topic"]
    short = str(words[0])
    for one, other in pairwise(words[:3]):
        short = f"{short}-{other}" if len(short) + len(other) < 24 and one != other else short
    number, found = 2, str(short)
    while found in taken:
        found, number = f"{short}-{number}", number + 1
    return found


def _counted_again(topics: Topics, distinct: Sequence[str], notes: Sequence[str]) -> Topics:
    """Count the texts of every topic, and let those go that nobody talks of."""
    many = Counter(about.topic for about in topics.assign(distinct))
    besides = any(not topic.new for topic in topics.topics)  # new ones come beside others, and need enough texts
    kept, said = [], list(notes)
    for topic in topics.topics:
        count = many[topic.id]
        if topic.new and besides and count < LEAST_NEW:
            continue
        if count or topic.pinned or topic.named:
            kept.append(replace(topic, examples=count))
            if not count:
                why = "pinned" if topic.pinned else "named by a person"
                said.append(f"No text is about {topic.name!r} ({topic.id}); it stays because it is {why}.")
        else:
            said.append(f"No text is about {topic.name!r} ({topic.id}); it was dropped.")
    return replace(topics, topics=tuple(kept), texts=len(distinct), notes=tuple(said))


def _method(choice: Choice, number: int) -> str:
    how = (
        f"chosen among {', '.join(map(str, choice.tried))} by how well held-out terms are foretold, within one "
        f"standard error of the best"
        if choice.tried
        else "as asked"
    )
    return f"Consensus k-means and a mixture of multinomials over {number} texts; number of topics: {how}."


__all__ = ["LEAST_TEXTS", "propose"]
