"""Which words does the workspace still know of somebody who was erased? Terms of topics and of what was learned.

A word that only the erased wrote is taken out of `text/*.topics.yaml` and `text/*.sentiment.json`; words that others
wrote too, and words that a person put there and nobody ever wrote, stay.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from desirepath.engines.readings import distinct_texts
from desirepath.texts import Texts

if TYPE_CHECKING:
    from desirepath.text.heads import Head
    from desirepath.text.topics import Topic
    from desirepath.workspace import Workspace

_WORD = re.compile(r"[^\W\d_]+")
LEAST_PIECE = 3
"""Shorter pieces of words name nobody."""


def words_known(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Per property of which something is kept, the words of all its texts."""
    return {of: _words(workspace, of) for of in Texts(workspace.root).kept()}


def forget_words(workspace: Workspace, before: dict[str, frozenset[str]]) -> list[str]:
    """Take out the words that were there before and are no more; return the names of the files that changed."""
    changed, texts = [], Texts(workspace.root)
    for of, words in before.items():
        left = _words(workspace, of)
        gone = words - left
        topics = texts.topics_of(of)
        if gone and topics is not None:
            kept = tuple(_without(topic, gone) for topic in topics.topics)
            kept = tuple(topic for topic in kept if topic.terms or topic.pinned or topic.merged)
            if kept != topics.topics:
                changed.append(texts.keep_topics(of, replace(topics, topics=kept)).name)
        head = texts.head_of(of)
        if gone and head is not None:
            less = _unlearned(head, gone, " ".join(sorted(left)))
            if less is not None:
                changed.append(texts.keep_head(of, less).name)
    return changed


def _words(workspace: Workspace, of: str) -> frozenset[str]:
    return frozenset(word for text in distinct_texts(workspace.store(), of) for word in _WORD.findall(text.casefold()))


def _without(topic: Topic, gone: frozenset[str]) -> Topic:
    """The topic without terms that hold such a word, also in the name that was made of them."""
    terms = {term: weight for term, weight in topic.terms.items() if gone.isdisjoint(term.split())}
    merged = tuple(_without(part, gone) for part in topic.merged)
    merged = tuple(part for part in merged if part.terms)
    if not gone & set(_WORD.findall(f"{topic.proposed} {topic.id}".casefold())):
        return replace(topic, terms=terms, merged=merged)
    called = ", ".join(list(terms)[:3]) or "erased"
    name = topic.name if topic.name != topic.proposed else called
    number = re.sub(r"\W+", "-", called).strip("-")[:60] or "erased"
    return replace(topic, id=number, terms=terms, merged=merged, proposed=called, name=name)


def _unlearned(head: Head, gone: frozenset[str], left: str) -> Head | None:
    """What was learned without features that only such words have; None where it has none of them."""
    spoken = " ".join(sorted(gone))
    words = [gone.isdisjoint(_WORD.findall(word.casefold())) for word in head.words]
    pieces = []
    for piece in head.pieces:
        core = piece.strip().casefold()
        pieces.append(len(core) < LEAST_PIECE or core not in spoken or core in left)
    if all(words) and all(pieces):
        return None
    stays = [*words, *pieces]
    return replace(
        head,
        words=tuple(word for word, stay in zip(head.words, words, strict=True) if stay),
        pieces=tuple(piece for piece, stay in zip(head.pieces, pieces, strict=True) if stay),
        frequencies=head.frequencies
        if len(head.frequencies) != len(stays)
        else tuple(one for one, stay in zip(head.frequencies, stays, strict=True) if stay),
        weights=head.weights
        if len(head.weights) != len(stays)  # of meanings, which are of no single word
        else tuple(one for one, stay in zip(head.weights, stays, strict=True) if stay),
    )


__all__ = ["forget_words", "words_known"]
