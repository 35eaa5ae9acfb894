"""What does a file of metrics hold? Words for events, metrics, and outcomes with what lies beneath them.

    words:
      signup: account created
    metrics:
      - metric: orders per visitor
        group: revenue
        says: Orders for each person who visited the shop.
        question: measure
        fields: {event: $order, of: shop visit}
        number: {column: events_each}
        denominator: people who visited the shop
        better: higher
        target: 0.3

A metric is a question with its fields filled in, and the place of one number in its answer.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec

from desirepath.errors import MetricError
from desirepath.events.yaml_forms import Kind

Name = Annotated[str, msgspec.Meta(pattern=r"^[\w][\w &+,()/%-]{0,79}$")]

Group = Literal["friction", "engagement", "revenue", "loyalty", "efficiency", "service"]
GROUPS: tuple[str, ...] = get_args(Group)

Form = Literal["share", "time", "money", "number", "points"]
"""How a number is written: a share of something, a length of time, an amount, a plain number, points such as NPS."""


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where in an answer the number stands.

    Parameters
    ----------
    column
        The column; its interval stands in columns of the same name with `_low` and `_high`.
    table
        Another table of the answer; the main one, if left out.
    row
        Which row: values of its columns; needed where there are several.
    pick
        The `first` or the `last` of the rows that fit.
    n, n_row
        The column with how many it rests on, and the row in which that stands, if it is another.
    complement
        Whether 1 less the number is meant, such as what dropped off where the share that went on is told.
    """

    column: str
    table: str | None = None
    row: dict[str, str | int | float | bool] | None = None
    pick: Literal["first", "last"] | None = None
    n: str | None = None
    n_row: dict[str, str | int | float | bool] | None = None
    complement: bool = False


class Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From where on somebody should look: the whole interval lies `below` or `above`."""

    below: float | None = None
    above: float | None = None


class Of(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom it is asked of, beside the period: unit, filter, cohort, use; as `Workspace.ask` takes them."""

    unit: str = "person"
    filter: str | None = None
    cohort: str | None = None
    use: str | None = None


class MetricForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One metric.

    Parameters
    ----------
    metric
        What it is called.
    group
        The outcome that it serves.
    says
        Its definition, in a sentence or two.
    question, fields
        What is asked; texts may hold words: `$order`.
    number
        Where in the answer it stands.
    denominator
        What it is divided by, in words.
    of
        Whom it is asked of.
    form
        How the number is written.
    matures
        When a unit counts, in words: after which time it is decided.
    better
        Whether more of it is better, or less.
    target, alert
        What is aimed at, and from where on somebody should look.
    people
        Who is behind the number: what `answer.people` takes.
    every
        The question's own field for buckets of the calendar, where it has one: over time it is asked once with that,
        and each line of its table is a bucket.
    trap
        How it is often got wrong.
    """

    metric: Name
    group: Group
    says: str
    question: str
    number: Number
    denominator: str
    fields: dict[str, Any] = {}
    of: Of = Of()
    form: Form = "number"
    matures: str | None = None
    better: Literal["higher", "lower"] | None = None
    target: float | None = None
    alert: Alert | None = None
    people: dict[str, Any] | None = None
    every: str | None = None
    trap: str | None = None


class OutcomeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An outcome, and what lies beneath it.

    Parameters
    ----------
    outcome
        What it is called, such as `churn`.
    says
        What it means.
    goal
        The event that it is: an event's name, a filter or a word.
    start
        What the clock starts with.
    within
        The landmark: so long after the start everybody is watched.
    window
        How long after the start the outcome may come.
    metrics
        Names of metrics that lie beneath it.
    maps
        Names of journey maps whose touchpoints are steps towards it.
    hide
        Events that are no behaviours, such as what the company does.
    """

    outcome: Name
    says: str
    goal: str
    start: str | None = None
    within: str = "30 days"
    window: str = "180 days"
    metrics: list[str] = []
    maps: list[str] = []
    hide: list[str] = []


class MetricsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file: words for events, metrics, outcomes; each may be left out."""

    words: dict[str, str | None] = {}
    metrics: list[MetricForm] = []
    outcomes: list[OutcomeForm] = []


METRICS = Kind(
    "file of metrics",
    MetricsFile,
    MetricError,
    parts={
        "metrics": MetricForm,
        "outcomes": OutcomeForm,
        "number": Number,
        "alert": Alert,
        "of": Of,
    },
    choices={
        "group": GROUPS,
        "form": get_args(Form),
        "better": ("higher", "lower"),
        "pick": ("first", "last"),
    },
    named=("metrics", ""),
)
"""The files of metrics."""
