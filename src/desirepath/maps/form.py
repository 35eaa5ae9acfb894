"""What may stand in a map's file? The form of every part, from which its JSON Schema is made.

map: repair
gives_up_after: 30 days
goal: repaired
stages:
  - stage: Report
    steps: [fault reported, {touchpoint: call about repair, contact: human}]
  - stage: Visit
    steps: [visit scheduled, repaired]
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Text = Annotated[str, Meta(min_length=1)]
Money = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Events = Annotated[
    str | list[str],
    Meta(description="An event's name or a filter, or a list of which any will do; a touchpoint of the map by name."),
]
Length = Annotated[str, Meta(min_length=1, description='A duration with its unit, such as "3 days".')]
Steps = Annotated[list["str | Step"], Meta(min_length=1)]
Several = Annotated[list["str | Step"], Meta(min_length=2)]
Scale = Literal["nps", "csat5", "csat7", "ces7", "stars"]


class Step(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A touchpoint, or a block of several: exactly one of `touchpoint`, `one_of`, `any_order` and `in_order`."""

    touchpoint: Annotated[
        Text | None, Meta(description="What it is called; an event's name, unless `event` is given.")
    ] = None
    event: Annotated[Events | None, Meta(description="Which events it is made of.")] = None
    channel: Annotated[str | None, Meta(description="The channel it is expected in; others do not count as it.")] = None
    contact: Annotated[
        Literal["human", "self-service"] | None, Meta(description="Whether people are served, or serve themselves.")
    ] = None
    failure: Annotated[bool, Meta(description="Whether it is an error or another mishap.")] = False
    milestone: Annotated[bool, Meta(description="Whether it is a step that matters.")] = False
    expected: Annotated[
        bool, Meta(description="Whether it is part of the road; if not, it is known, and a departure from it.")
    ] = True
    limit: Annotated[Length | None, Meta(description="Longest time since the touchpoint before it.")] = None
    cost: Annotated[
        Money | Literal["value"] | None, Meta(description="What one costs, or `value`: what its event says.")
    ] = None
    revenue: Annotated[
        Money | Literal["value"] | None, Meta(description="What one earns, or `value`: what its event says.")
    ] = None
    needs: Annotated[str | None, Meta(description="What people need there.")] = None
    expects: Annotated[str | None, Meta(description="What people expect there.")] = None
    one_of: Annotated[Several | None, Meta(description="Alternatives.")] = None
    any_order: Annotated[Several | None, Meta(description="All of these, in any order.")] = None
    in_order: Annotated[Steps | None, Meta(description="These, one after another.")] = None
    optional: Annotated[bool, Meta(description="Whether it may be left out.")] = False
    repeats: Annotated[bool, Meta(description="Whether it may come several times in a row.")] = False


class Stage(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A named part of the journey."""

    stage: Annotated[Text, Meta(description="What it is called.")]
    steps: Annotated[Steps | None, Meta(description="Its touchpoints, in order.")] = None
    map: Annotated[Text | None, Meta(description="Another map that the stage is, instead of steps.")] = None
    owner: Annotated[str | None, Meta(description="Who answers for it.")] = None
    limit: Annotated[Length | None, Meta(description="Longest time from its first touchpoint to the next stage.")] = (
        None
    )
    needs: Annotated[str | None, Meta(description="What people need there.")] = None
    expects: Annotated[str | None, Meta(description="What people expect there.")] = None


class Feedback(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Answers that say how the journey was."""

    event: Annotated[Events, Meta(description="The events that are answers.")]
    score: Annotated[Text, Meta(description="The property that holds the score.")]
    scale: Annotated[Scale, Meta(description="nps: 0 to 10; csat5, csat7, ces7, stars: 1 to 5 or 7.")] = "nps"
    about: Annotated[
        str | None, Meta(description="The touchpoint it is about; the last one before it, if left out.")
    ] = None
    comment: Annotated[Text | None, Meta(description="The property that holds what they said.")] = None
    sentiment: Annotated[
        Text | None, Meta(description="The field with its sentiment, -5 (bad) to 5 (good); read of it, if left out.")
    ] = None


class Rule(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What must, or must not, happen: `after` with `must` or `never`, or `at_most` of `of`."""

    after: Annotated[Events | None, Meta(description="When this has happened …")] = None
    must: Annotated[Events | None, Meta(description="… this has to follow.")] = None
    within: Annotated[Length | None, Meta(description="How soon it has to follow.")] = None
    never: Annotated[Events | None, Meta(description="… this must not follow.")] = None
    at_most: Annotated[Count | None, Meta(description="How often `of` may happen.")] = None
    of: Annotated[Events | None, Meta(description="What may happen `at_most` so often.")] = None
    name: Annotated[str | None, Meta(description="What the rule is called.")] = None


class Thresholds(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What `desirepath map check --data` holds the data against."""

    fitness: Annotated[Share | None, Meta(description="Mean fitness, at least.")] = None
    conforming: Annotated[Share | None, Meta(description="Share of instances without a departure, at least.")] = None
    late: Annotated[Share | None, Meta(description="Share of instances beyond a time limit, at most.")] = None
    conversion: Annotated[
        Share | None, Meta(description="Share that reaches the goal, of instances whose time was over, at least.")
    ] = None


class MapForm(Struct, forbid_unknown_fields=True, omit_defaults=True, rename=None):
    """A journey map."""

    map: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", description="Its name, as its file's.")]
    goal: Annotated[Events, Meta(description="What means success.")]
    gives_up_after: Annotated[Length, Meta(description="Who has not reached the goal so long after the start dropped.")]
    stages: Annotated[list[Stage], Meta(min_length=1, description="Its stages, in order.")]
    title: Annotated[str | None, Meta(description="What it is about, in words.")] = None
    starts: Annotated[
        Events | None, Meta(description="What begins an instance; the first touchpoint, if left out.")
    ] = None
    gives_up: Annotated[Events | None, Meta(description="What ends an instance without success.")] = None
    watch_after: Annotated[
        Length | None, Meta(description="How long after its end feedback and contacts still belong to an instance.")
    ] = None
    entity: Annotated[
        str | list[str] | None,
        Meta(description="The kinds of entities, such as a ticket, that keep concurrent instances apart."),
    ] = None
    value: Annotated[Money | None, Meta(description="What reaching the goal is worth.")] = None
    needs: Annotated[str | None, Meta(description="What people need.")] = None
    expects: Annotated[str | None, Meta(description="What people expect.")] = None
    personas: Annotated[list[str], Meta(description="Who walks it.")] = field(default_factory=list)
    variants: Annotated[
        dict[str, Events], Meta(description="Named ways through it: events, filters or patterns such as `a -> b`.")
    ] = field(default_factory=dict)
    feedback: Annotated[list[Feedback], Meta(description="Answers that say how it was.")] = field(default_factory=list)
    rules: Annotated[list[Rule], Meta(description="What must, or must not, happen.")] = field(default_factory=list)
    thresholds: Thresholds | None = None


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a map's file, for editors."""
    import msgspec

    made = msgspec.json.schema(MapForm)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "desirepath journey map", **made}
