"""Which names does a question ask for that nothing has? What is misspelt would count nobody and say nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from desirepath.answers.answer import Notice
from desirepath.engines.engine import Engine
from desirepath.errors import UnknownNameError
from desirepath.events.where import Where
from desirepath.events.where_fields import EVENT_COLUMNS
from desirepath.events.where_tree import Field
from desirepath.journeys.batch import Code, Match, Number
from desirepath.population import Population
from desirepath.questions.question import Question


def unknown_names(question: Question, populations: Sequence[Population], engine: Engine) -> list[Notice]:
    """One notice per event name, property and type of entity that is asked for and that no event has."""
    return [
        *_events(question, populations, engine),
        *_properties(question, populations, engine),
        *_entities(populations, engine),
    ]


def _notices(kind: str, asked: Iterable[str], known: Collection[str]) -> list[Notice]:
    """One notice per name that is asked for and not known."""
    unknown = [name for name in dict.fromkeys(asked) if name not in known]
    return [Notice("unknown_name", str(UnknownNameError.of(kind, name, known))) for name in unknown]


def _filters(question: Question, populations: Sequence[Population]) -> list[Where]:
    """All filters that are asked with: the question's, the populations', and those of the maps that cut them."""
    reads = list(question.reads().values())
    maps = {one.map.name: one.map for one in populations if one.map is not None}
    if maps:
        from desirepath.maps.instances import map_reads

        reads += [read for asked in maps.values() for read in map_reads(asked).values()]
    wheres = [where for read in reads if isinstance(read, Match) for where in read.filters]
    return wheres + [where for one in populations for where in (one.filter, one.cohort)]


def _events(question: Question, populations: Sequence[Population], engine: Engine) -> list[Notice]:
    """Event names that no event has: a misspelt step would count nobody and say nothing."""
    asked = [text for where in _filters(question, populations) for text in where.texts_of(Field("name"))]
    asked += question.named()
    if not asked:
        return []
    known = {label for label in engine.labels("name") if label is not None}
    return _notices("event", asked, known)


def _entities(populations: Sequence[Population], engine: Engine) -> list[Notice]:
    """Types of entities that no event is about: a misspelt one as the unit would count nobody and say nothing."""
    asked = [one.entity for one in populations if one.entity]
    if not asked:
        return []
    known = {label for label in engine.labels("entity_type") if label is not None}
    return _notices("type of entity", asked, known)


def _properties(question: Question, populations: Sequence[Population], engine: Engine) -> list[Notice]:
    """Properties that no event has: a misspelt one in a filter would hold for nobody and say nothing."""
    wheres = _filters(question, populations)
    named = [field.name for where in wheres for field in where.fields() if field.pointer is None]
    named += [read.field for read in question.reads().values() if isinstance(read, Code | Number)]
    asked = [name for name in dict.fromkeys(named) if name not in EVENT_COLUMNS and "/" not in name]
    if not asked:
        return []
    known = engine.properties(asked)
    return _notices("property", asked, [*known, *EVENT_COLUMNS])
