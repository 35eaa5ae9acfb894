"""Which options does every question have? Whom and when to ask it of, and what to show of the answer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from desirepath.cli.running import Output


@dataclass(frozen=True)
class Choice:
    """One option; `shape` is what stands for its value in the help."""

    name: str
    shape: str
    text: str
    kind: Any = str
    default: Any = None

    def parameter(self, panel: str) -> inspect.Parameter:
        """The option as a parameter that typer reads."""
        option = typer.Option(metavar=self.shape, help=self.text, rich_help_panel=panel)
        kind = self.kind if self.default is not None else self.kind | None
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=self.default, annotation=Annotated[kind, option]
        )


POPULATION = (
    Choice("period", "TEXT", "When entries count: 2026-05, 2026-05-01..2026-06-01, 'last 30 days'."),
    Choice("filter", "FILTER", "Which events count, such as \"channel = 'web'\"."),
    Choice("cohort", "FILTER", "Which people count: those with an event that fits, or a segment's name."),
    Choice("person", "ID", "One person, by id or an identity such as email:ann@example.org."),
    Choice("unit", "TEXT", "person, session, account, entity, entity:order or journey:MAP.", default="person"),
    Choice("use", "NUMBER", "Which of a person's units count, if they have several: 1, 2.. for all but the first."),
    Choice("breakdown", "FIELD", "Split by channel or any property; by nth: first use, second use …"),
    Choice("at", "TEXT", "Where the breakdown looks: entry, 'step 2', 'first known', 'last known'.", default="entry"),
    Choice("top", "NUMBER", "How many groups to show; the rest is summed up.", int, 10),
    Choice("several", "", "A value may be a list; a unit then counts in each of its groups.", bool, False),
    Choice("over", "BUCKET", "A line for each day, week, month, quarter or year of the period."),
    Choice("compare_period", "TEXT", "Compare with another period,"),
    Choice("compare_filter", "FILTER", "with other events,"),
    Choice("compare_cohort", "FILTER", "or with other people."),
    Choice("sample", "SHARE", "Share of people to ask, drawn by hash.", float, 1.0),
    Choice("cutoff", "MOMENT", "Take the data as known up to then."),
    Choice("as_of", "VERSION", "By an earlier version of who is who; see people versions.", int),
    Choice("changed_since", "VERSION", "Beside what that earlier version would have answered.", int),
    Choice("like", "PRODUCT", "Count as amplitude, mixpanel, posthog or clickhouse would, and say why it differs."),
    Choice("identity_sensitivity", "", "Beside what stricter and looser rules of identity would answer.", bool, False),
)

DISPLAY = (
    Choice("people", "WHICH", "Who is behind a number: step=2,outcome=dropped."),
    Choice("table", "NAME", "Another table of the answer."),
    Choice("chart", "FILE.json", "Write the chart as Vega-Lite JSON.", Path),
    Choice("html", "FILE.html", "Write the answer as a page of its own.", Path),
    Choice("parquet", "FILE.parquet", "Write the table, or the one that --table names, as Parquet.", Path),
    Choice("save_segment", "NAME", "Save the people behind the number as a segment, with --people."),
)


def shared_parameters() -> list[inspect.Parameter]:
    """The options of every question, as typer reads them."""
    whom = [choice.parameter("Whom and when") for choice in POPULATION]
    shown = [choice.parameter("What to show") for choice in DISPLAY]
    output = inspect.Parameter("output", inspect.Parameter.KEYWORD_ONLY, default="text", annotation=Output)
    return [*whom, *shown, output]


OF_METRICS = ("period", "filter", "cohort", "at", "top", "several", "over", "sample", "cutoff")
"""What a metric leaves open of whom and when."""


def metric_parameters() -> list[inspect.Parameter]:
    """The options of every metric: how it is split, and what a metric leaves open."""
    by = Choice("by", "FIELD", "Split by channel or any property.").parameter("Whom and when")
    whom = [choice.parameter("Whom and when") for choice in POPULATION if choice.name in OF_METRICS]
    others = [choice.parameter("Whom and when") for choice in POPULATION if choice.name.startswith("compare_")]
    shown = [choice.parameter("What to show") for choice in DISPLAY]
    output = inspect.Parameter("output", inspect.Parameter.KEYWORD_ONLY, default="text", annotation=Output)
    return [by, *whom, *others, *shown, output]


def metric_whom(typed: Mapping[str, Any]) -> dict[str, Any]:
    """A metric's options as the workspace takes them."""
    asked = {name: typed[name] for name in OF_METRICS}
    return {**asked, "breakdown": typed["by"], "compare": _compared(typed)}


def _compared(typed: Mapping[str, Any]) -> dict[str, Any] | None:
    others = {name: typed[f"compare_{name}"] for name in ("period", "filter", "cohort")}
    return {name: value for name, value in others.items() if value is not None} or None


def population(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The population's options as the workspace takes them."""
    asked = {choice.name: typed[choice.name] for choice in POPULATION if not choice.name.startswith("compare_")}
    return {**asked, "compare": _compared(typed)}
