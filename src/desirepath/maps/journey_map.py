"""What is a journey map, once its file is read? Stages and touchpoints as filters, and the road through them.

    JourneyMap.of({"map": "shop", "goal": "order", "gives_up_after": "7 days", "stages": [...]})

The definition is plain data that holds all of it, so that an answer can repeat it and a question be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from desirepath.errors import DesirepathError, MapError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.events.yaml_forms import Path_, Places, plain
from desirepath.maps.form import MapForm, Rule, Stage, Step
from desirepath.maps.reading import MAP
from desirepath.maps.road import MOST_TOGETHER, Block, Road, road_of

T = TypeVar("T")

FOREVER = 2**62
MOST_TOUCHPOINTS = 240
_KINDS = ("one_of", "any_order", "in_order")

Amount = float | Literal["value"] | None


@dataclass(frozen=True)
class Touchpoint:
    """A touchpoint of a map; see `form.Step` for its parts. `limit` is in microseconds, 0 for none."""

    name: str
    stage: int
    where: Where
    contact: str | None = None
    failure: bool = False
    milestone: bool = False
    expected: bool = True
    limit: int = 0
    cost: Amount = None
    revenue: Amount = None
    needs: str | None = None
    expects: str | None = None


@dataclass(frozen=True)
class MapStage:
    """A stage of a map; `touchpoints` are numbers, `limit` is in microseconds, 0 for none."""

    name: str
    touchpoints: tuple[int, ...]
    owner: str | None = None
    limit: int = 0
    needs: str | None = None
    expects: str | None = None
    map: str | None = None


@dataclass(frozen=True)
class Heard:
    """Answers that say how it was; `about` is a touchpoint, -1 for the last one before; others are properties."""

    where: Where
    score: str
    scale: str
    about: int
    comment: str | None = None
    sentiment: str | None = None


@dataclass(frozen=True)
class Law:
    """What must, or must not, happen.

    `kind` is `must`, `never` or `at_most`; `first` and `second` are the events of `after` and of what follows, of
    which `at_most` has one.
    """

    name: str
    kind: str
    first: Where
    second: Where | None = None
    within: int = FOREVER
    most: int = 0


@dataclass(frozen=True, eq=False)
class JourneyMap:
    """A journey map.

    Attributes
    ----------
    name, definition
        Its name; all of it as plain data.
    touchpoints, stages
        In the order of the file.
    starts, goal, gives_up
        The events that begin an instance and end it.
    patience, watch
        After how long somebody dropped, and how long after the end an instance is watched; microseconds.
    entities
        Kinds of entities that keep concurrent instances apart.
    road
        What is expected.
    """

    name: str
    definition: Mapping[str, Any]
    touchpoints: tuple[Touchpoint, ...]
    stages: tuple[MapStage, ...]
    starts: Where
    goal: Where
    gives_up: Where
    patience: int
    watch: int
    entities: tuple[str, ...]
    road: Road
    feedback: tuple[Heard, ...]
    rules: tuple[Law, ...]
    variants: Mapping[str, Where | str]
    value: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JourneyMap) and self.definition == other.definition

    def __hash__(self) -> int:
        return hash(repr(self.definition))

    @property
    def title(self) -> str:
        """What it is about."""
        return str(self.definition.get("title") or self.name)

    def wheres(self) -> list[Where]:
        """The filters of all events that it speaks of: touchpoints, start, goal, end, answers and rules."""
        rules = [where for rule in self.rules for where in (rule.first, rule.second) if where is not None]
        ends = [self.starts, self.goal, self.gives_up]
        return [*(one.where for one in self.touchpoints), *ends, *(one.where for one in self.feedback), *rules]

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> JourneyMap:
        """The map that plain data defines.

        Raises
        ------
        MapError
            If it does not make sense.
        """
        places = Places(f"the map {definition.get('map')!r}", error=MapError)
        return made_of(MAP.make(dict(definition), places), places)


def made_of(form: MapForm, places: Places) -> JourneyMap:
    """Make the map of a form whose sub-journeys are put in.

    Raises
    ------
    MapError
        With line and column, if a filter or a length cannot be read, or names do not fit together.
    """
    return _Maker(form, places).made()


class _Maker:
    """Makes a map of its form, and remembers where it is in the file."""

    def __init__(self, form: MapForm, places: Places) -> None:
        self.form, self.places = form, places
        self.touchpoints: list[Touchpoint] = []
        self.numbers: dict[str, int] = {}

    def made(self) -> JourneyMap:
        form = self.form
        blocks: list[Block] = []
        made = [self._stage(stage, number, blocks) for number, stage in enumerate(form.stages)]
        names = [stage.name for stage in made]
        for number, name in enumerate(names):
            if name in names[:number]:
                self.places.fail(f"two stages are called {name!r}.", ("stages", number, "stage"))
        if not blocks:
            self.places.fail("a map needs at least one touchpoint that is expected.", ("stages",))
        road = self._try(lambda: road_of(blocks), ("stages",))
        first = [self.touchpoints[touchpoint].where for touchpoint in _begins(road)]
        return JourneyMap(
            form.map,
            plain(form),
            tuple(self.touchpoints),
            tuple(made),
            Where.any_of(first) if form.starts is None else self._events(form.starts, ("starts",)),
            self._events(form.goal, ("goal",)),
            Where.any_of([]) if form.gives_up is None else self._events(form.gives_up, ("gives_up",)),
            self._length(form.gives_up_after, ("gives_up_after",)),
            self._length(form.watch_after, ("watch_after",)),
            (form.entity,) if isinstance(form.entity, str) else tuple(form.entity or ()),
            road,
            tuple(self._heard(number) for number in range(len(form.feedback))),
            tuple(self._law(rule, ("rules", number)) for number, rule in enumerate(form.rules)),
            {name: self._variant(name) for name in form.variants},
            form.value,
            {} if form.thresholds is None else _given(form.thresholds),
        )

    def _try(self, make: Callable[[], T], path: Path_) -> T:
        """What is made, or the error that says where it is wrong."""
        try:
            return make()
        except DesirepathError as problem:
            self.places.fail(
                f"{problem.message[:1].lower()}{problem.message[1:]}",
                path,
                nearest=problem.nearest,
                allowed=problem.allowed,
            )

    def _length(self, text: str | None, path: Path_) -> int:
        return 0 if text is None else self._try(lambda: duration(text).microseconds, path)

    def _events(self, texts: str | Sequence[str], path: Path_) -> Where:
        """Touchpoints of the map by name, events by name, or filters."""
        found = []
        for number, text in enumerate([texts] if isinstance(texts, str) else texts):
            if text in self.numbers:
                found.append(self.touchpoints[self.numbers[text]].where)
            else:
                spot = path if isinstance(texts, str) else (*path, number)
                found.append(self._try(lambda text=text: Where.event(text), spot))  # type: ignore[misc]
        if not found:
            self.places.fail("at least one event is needed here.", path)
        return Where.any_of(found)

    def _stage(self, stage: Stage, number: int, blocks: list[Block]) -> MapStage:
        path: Path_ = ("stages", number)
        if stage.steps is None:
            self.places.fail("a stage needs steps, or a map that it is.", path, allowed=["steps", "map"])
        before = len(self.touchpoints)
        for place, step in enumerate(stage.steps):
            block = self._block(step, number, (*path, "steps", place))
            if block is not None:
                blocks.append(block)
        mine = tuple(range(before, len(self.touchpoints)))
        limit = self._length(stage.limit, (*path, "limit"))
        return MapStage(stage.stage, mine, stage.owner, limit, stage.needs, stage.expects, stage.map)

    def _block(self, step: str | Step, stage: int, path: Path_) -> Block | None:
        """The block of a step; None where it is not part of the road."""
        if isinstance(step, str):
            step = Step(touchpoint=step)
        given = [name for name in ("touchpoint", *_KINDS) if getattr(step, name) is not None]
        if len(given) != 1:
            said = f"these are {len(given)}" if given else "there is none"
            self.places.fail(f"a step is exactly one of touchpoint, one_of, any_order and in_order; {said}.", path)
        if given == ["touchpoint"]:
            number = self._touchpoint(step, stage, path)
            block = Block("touchpoint", number, (), step.optional, step.repeats)
            return block if self.touchpoints[number].expected else None
        for name in ("event", "channel", "contact", "failure", "milestone", "limit", "cost", "revenue"):
            if getattr(step, name):
                self.places.fail(f"{name!r} belongs to a touchpoint, not to a block.", (*path, name, "(key)"))
        parts = [self._block(part, stage, (*path, given[0], n)) for n, part in enumerate(getattr(step, given[0]))]
        kept = tuple(part for part in parts if part is not None)
        if given == ["any_order"] and len(kept) > MOST_TOGETHER:
            self.places.fail(f"at most {MOST_TOGETHER} parts can come in any order.", (*path, given[0]))
        return Block(given[0], -1, kept, step.optional, step.repeats) if kept else None

    def _touchpoint(self, step: Step, stage: int, path: Path_) -> int:
        name = str(step.touchpoint)
        if name in self.numbers:  # the road may come by again
            if _given(step).keys() - {"touchpoint", "optional", "repeats"}:
                self.places.fail(f"{name!r} is described above; here it can only be named again.", path)
            return self.numbers[name]
        if len(self.numbers) == MOST_TOUCHPOINTS:
            self.places.fail(f"a map has at most {MOST_TOUCHPOINTS} touchpoints.", path)
        where = self._events(step.event or name, (*path, "event" if step.event else "touchpoint"))
        if step.channel is not None:
            from desirepath.events.where_tree import Compare, Field, Text

            where = where & Where(Compare(Field("channel"), "=", Text(step.channel)))
        self.numbers[name] = len(self.touchpoints)
        self.touchpoints.append(
            Touchpoint(
                name,
                stage,
                where,
                step.contact,
                step.failure,
                step.milestone,
                step.expected,
                self._length(step.limit, (*path, "limit")),
                step.cost,
                step.revenue,
                step.needs,
                step.expects,
            )
        )
        return self.numbers[name]

    def _heard(self, number: int) -> Heard:
        form, path = self.form.feedback[number], ("feedback", number)
        about = -1
        if form.about is not None:
            if form.about not in self.numbers:
                self.places.fail(
                    f"there is no touchpoint called {form.about!r}.", (*path, "about"), allowed=list(self.numbers)
                )
            about = self.numbers[form.about]
        if form.sentiment is not None and form.comment is None:
            self.places.fail("a sentiment is that of a comment; which property holds it?", path, allowed=["comment"])
        return Heard(
            self._events(form.event, (*path, "event")), form.score, form.scale, about, form.comment, form.sentiment
        )

    def _law(self, rule: Rule, path: Path_) -> Law:
        given = _given(rule).keys() - {"name"}
        for kind, needed in (
            ("must", {"after", "must"}),
            ("never", {"after", "never"}),
            ("at_most", {"at_most", "of"}),
        ):
            if needed <= given <= needed | ({"within"} if kind != "at_most" else set()):
                break
        else:
            self.places.fail(
                "a rule is one of three kinds.", path, allowed=["after, must", "after, never", "at_most, of"]
            )
        if kind == "at_most":
            first = self._events(rule.of or "", (*path, "of"))
            return Law(rule.name or f"at most {rule.at_most} {_said(rule.of)}", kind, first, most=rule.at_most or 0)
        second = rule.must if kind == "must" else rule.never
        within = self._length(rule.within, (*path, "within")) or FOREVER
        verb = "must be followed by" if kind == "must" else "must not be followed by"
        name = (
            rule.name or f"{_said(rule.after)} {verb} {_said(second)}{f' within {rule.within}' if rule.within else ''}"
        )
        ends = (self._events(rule.after or "", (*path, "after")), self._events(second or "", (*path, kind)))
        return Law(name, kind, *ends, within)

    def _variant(self, name: str) -> Where | str:
        text = self.form.variants[name]
        if isinstance(text, str) and text not in self.numbers and "->" in text:
            from desirepath.events.pattern import Pattern

            self._try(lambda: Pattern.parse(text), ("variants", name))
            return text
        return self._events(text, ("variants", name))


def _begins(road: Road) -> list[int]:
    """The touchpoints that the road may begin with."""
    return sorted(set(road.touchpoints[road.sources == 0].tolist()))


def _given(form: Any) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(form)
    return {name: value for name, value in found.items() if value is not None}


def _said(events: str | Sequence[str] | None) -> str:
    return events if isinstance(events, str) else " or ".join(events or ())
