"""What can be learned of a company's own words? Topics of its texts, and how good or bad they sound by its own scores.

    propose_topics(ws, "comment")                                   text/comment.topics.yaml
    learn_sentiment(ws, "comment", score="score", scale="nps")      text/comment.sentiment.json

Nothing is learned unless somebody asks for it, but that topics are proposed the first time they are needed.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from desirepath.engines.readings import distinct_texts
from desirepath.errors import InputError
from desirepath.events.where import Where, compile_sql, compile_value_sql
from desirepath.events.where_fields import EventFields
from desirepath.statistics.scores import PLACES, Rule, rule_of

if TYPE_CHECKING:
    from desirepath.text.heads import Lesson
    from desirepath.text.topics import Topics
    from desirepath.workspace import Workspace


def propose_topics(workspace: Workspace, of: str, k: int | None = None, *, afresh: bool = False) -> tuple[Topics, Path]:
    """Propose topics of all texts of a property, beside those that are there already, and write the codebook.

    Parameters
    ----------
    workspace
        Whose texts.
    of
        The property.
    k
        How many topics, or as many as the texts bear.
    afresh
        Whether to forget the topics that are there.

    Raises
    ------
    InputError
        If no event has such a text, or there are too few of them.
    """
    from desirepath.text.topic_proposal import propose

    texts = distinct_texts(workspace.store(), of)
    if not texts:
        raise InputError(f"No event has a property {of!r} with words.", looked="the properties of all events")
    before = None if afresh else workspace.texts.topics_of(of)
    topics = propose(texts, k, before)
    return topics, workspace.texts.keep_topics(of, topics)


def learn_sentiment(
    workspace: Workspace,
    of: str,
    *,
    score: str,
    scale: str,
    answers: str | None = None,
    models: Collection[str] | None = None,
) -> tuple[Lesson, Path | None]:
    """Learn from texts that came with a score; kept if it is better than what comes with desirepath.

    Parameters
    ----------
    workspace
        Whose texts.
    of, score, scale
        The property with the words, the one with the score, and its scale; see the question `scores`.
    answers
        Which events are answers: a name or a filter; all with both, if left out.
    models
        What may be tried: `words`, `embeddings`; both, if left out.

    Returns
    -------
    tuple
        What was learned and the evidence for it, and where it was written; None where it is no better.

    Raises
    ------
    InputError
        If no event has both words and a score, or there is no such model.
    """
    from desirepath.text.heads import MODELS, learn
    from desirepath.text.language import languages
    from desirepath.text.repair import repaired
    from desirepath.text.sentiment import sentiments

    rule = rule_of(scale)
    texts, given = _scored(workspace, of, score, Where.of(None) if answers is None else Where.event(answers))
    if not texts:
        raise InputError(f"No event has words in {of!r} and a number in {score!r}.", looked="the events that fit")
    places = rule.places(given)
    texts = [repaired(text) for text, place in zip(texts, places, strict=True) if place >= 0]
    known = languages(texts)
    goods = _goods(rule)[places[places >= 0].astype(np.int64)]
    among = MODELS if models is None else models
    lesson = learn(texts, goods, languages=known, baseline=sentiments(texts, known), models=among)
    return lesson, None if lesson.head is None else workspace.texts.keep_head(of, lesson.head)


def _goods(rule: Rule) -> npt.NDArray[np.float64]:
    """float64[11]: how good an answer at each place is, -1 to 1; of an NPS passives are in the middle."""
    values = np.arange(PLACES, dtype=np.float64)
    if rule.kind == "nps":
        return np.where(values <= 6, values / 6 * 0.8 - 1, np.where(values <= 8, 0.0, (values - 5) / 5))
    found = np.clip(2 * (values - rule.low) / (rule.high - rule.low) - 1, -1, 1)
    return np.asarray(-found if rule.good[0] == rule.low else found)


def _scored(workspace: Workspace, of: str, score: str, where: Where) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Texts of events that have a score, and the scores; in the order of the texts."""
    fields, zone = EventFields(derived=workspace.engine.derived), workspace.settings.time_zone
    text, number = (compile_value_sql(*each, zone=zone) for each in ((of, fields, "text"), (score, fields, "number")))
    kept = compile_sql(where, fields, zone=zone)
    found = workspace.store().rows(
        f"""SELECT said, score FROM (SELECT {text.text} AS said, {number.text} AS score FROM events WHERE {kept.text})
        WHERE trim(said) <> '' AND score IS NOT NULL ORDER BY said, score""",
        [*text.parameters, *number.parameters, *kept.parameters],
    )
    return [str(said) for said, _ in found], np.array([float(each) for _, each in found], dtype=np.float64)


__all__ = ["learn_sentiment", "propose_topics"]
