"""What does a metric say? Its question is asked, its number read, and held against target and threshold.

    ws.metric("activation rate", over="week", breakdown="channel")

The number leads to its people, as in any answer, and the question's own table stands beside it as `behind`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from desirepath.answers.answer import Answer, Notice, Table
from desirepath.answers.metric_charts import trend_chart
from desirepath.answers.words import cell, count
from desirepath.engines.duckdb import quiet
from desirepath.errors import CancelledError, DesirepathError, InputError, NotEnoughDataError, UnknownNameError
from desirepath.events.calendar import Calendar
from desirepath.events.where import Where
from desirepath.events.where_tree import Field
from desirepath.grouping import EVERYONE
from desirepath.metrics.form import GROUPS, MetricForm
from desirepath.metrics.reading import WHOLE, Reading, alarms, readings, standing
from desirepath.metrics.shelf import ANY, Defined, defined
from desirepath.over_time import OVER, buckets_of
from desirepath.questions.catalog import build, schema

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

MOST_NOTES = 1_000
UNKNOWN = "unknown_name"

OWN_WHOM = ("period", "breakdown", "at", "top", "several", "compare", "sample", "cutoff", "over", "filter", "cohort")
"""What a metric may be asked with, beside what it fixes itself."""


@dataclass(frozen=True)
class _Behind:
    """Leads from a metric's number to the people behind it."""

    answer: Answer
    people: Mapping[str, Any]

    def __call__(self, which: Mapping[str, Any]) -> Table:
        if self.answer.drill is None:
            raise InputError("This answer leads to no people.")
        return self.answer.drill({**self.people, **which})

    def compare(self, other: object, names: tuple[str, str]) -> Answer:
        """The question behind, of two populations."""
        if not isinstance(other, _Behind):
            raise InputError("A metric is compared with a metric.")
        return self.answer.compare(other.answer, names)

    def keep(self, name: str, _: Answer, which: Mapping[str, Any]) -> None:
        """Save the people behind the number as a segment."""
        self.answer.save(name, **{**self.people, **which})


class Measuring:
    """The metrics of one workspace.

    Parameters
    ----------
    workspace
        The workspace; its folder `metrics/` is read anew each time.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def defined(self) -> Defined:
        """All metrics, words and outcomes that hold here."""
        return defined(self._workspace.root)

    def metric(self, name: str, *, progress: Progress = quiet, **whom: Any) -> Answer:
        """Ask a metric.

        Parameters
        ----------
        name
            Its name.
        progress
            Told how far it is; may raise `CancelledError`.
        whom
            Period, breakdown, `over`, comparison, filter, cohort, as `Workspace.ask` takes them.

        Raises
        ------
        UnknownNameError
            If there is no such metric.
        MetricError
            If a word is missing, or its definition does not fit the answer.
        """
        known = self.defined()
        form = known.metric(name)
        behind = self._ask(known, form, whom, progress)
        over = whom.get("over")
        notes = None if over is None else self._notes(behind, str(over))
        return measured(form, behind, known, notes, states=self._states(known, form, whom))

    def _states(self, known: Defined, form: MetricForm, whom: Mapping[str, Any]) -> dict[str, str] | None:
        """Which buckets are whole, where the metric's question is asked for buckets itself."""
        over = whom.get("over")
        if over is None or not _own_buckets(form, str(over)):
            return None
        question = build(form.question, known.filled(form.fields))
        population = self._workspace.population(period=whom.get("period"), cutoff=whom.get("cutoff"))
        found = buckets_of(question, population, self._workspace.engine.extent(), str(over))
        return {bucket.label: bucket.state for bucket in found}

    def rows(self, known: Defined, form: MetricForm, **whom: Any) -> list[dict[str, Any]]:
        """A metric's numbers as plain rows: bucket, state, value, low, high, n, stands."""
        behind = self._ask(known, form, whom, quiet)
        found = readings(behind, form.number, states=self._states(known, form, whom))
        return [{**one.keys, **_numbers(one, form)} for one in found]

    def _notes(self, behind: Answer, over: str) -> dict[str, list[Any]]:
        """What happened in the buckets that were asked: releases, campaigns, whatever counts as a note."""
        settings = self._workspace.settings
        calendar = Calendar(settings.time_zone, settings.week_start)
        asked = set(behind.columns["bucket"])
        found: dict[str, list[Any]] = {"bucket": [], "at": [], "note": []}
        for row in self._workspace.events(settings.annotations, most=MOST_NOTES).to_pylist():
            moment = row["occurred_at"]
            micros = int(moment.timestamp()) * 1_000_000 + moment.microsecond
            bucket = calendar.label(int(calendar.edges(over, micros, micros)[0]), over)
            if bucket in asked:
                properties = json.loads(row["properties"] or "{}")
                note = properties.get("note") or properties.get("text") or row["name"]
                for name, value in (("bucket", bucket), ("at", moment), ("note", str(note))):
                    found[name].append(value)
        return found

    def _ask(self, known: Defined, form: MetricForm, whom: Mapping[str, Any], progress: Progress) -> Answer:
        for key in whom:
            if key not in OWN_WHOM:
                raise InputError(f"A metric cannot be asked with {key!r}.", allowed=OWN_WHOM)
        fixed: dict[str, Any] = {
            key: value for key, value in msgspec.structs.asdict(form.of).items() if value is not None
        }
        given: dict[str, Any] = {key: value for key, value in whom.items() if value is not None}
        asked: dict[str, Any] = {**known.filled(fixed), **given}
        if "filter" in fixed and "filter" in given:
            asked["filter"] = f"({known.filled(fixed['filter'])}) and ({given['filter']})"
        if "cohort" in fixed and "cohort" in given:
            raise InputError(f"The metric {form.metric!r} is of a cohort already: {fixed['cohort']}.")
        fields = known.filled(form.fields)
        if "over" in asked and asked["over"] not in OVER:
            raise UnknownNameError.of("bucket of the calendar", str(asked["over"]), OVER)
        if form.every is not None and "over" in asked and _own_buckets(form, asked["over"]):
            fields[form.every] = asked.pop("over")
        return self._workspace.ask(form.question, progress=progress, **asked, **fields)

    def everything(self, *, group: str | None = None, period: str | None = None, progress: Progress = quiet) -> Answer:
        """Every metric with its number, or what it lacks; by group.

        Parameters
        ----------
        group
            One group of metrics alone.
        period
            As `Workspace.ask` takes it.
        progress
            Told how many are done; may raise `CancelledError`.

        Raises
        ------
        InputError
            If there is no such group.
        """
        if group is not None and group not in GROUPS:
            raise InputError(f"There is no group of metrics called {group!r}.", allowed=GROUPS)
        self._workspace.population(period=period)
        known = self.defined()
        forms = [form for form in known.metrics.values() if group in (None, form.group)]
        forms.sort(key=lambda form: GROUPS.index(form.group))
        names = ("group", "metric", "value", "n", "target", "stands", "of", "lacks")
        table: dict[str, list[Any]] = {name: [] for name in (*names, "number", "low", "high")}
        for done, form in enumerate(forms):
            progress("metrics", done, len(forms))
            line = self.line(known, form, period)
            for name, values in table.items():
                values.append(line.get(name))
        words = _told(table)
        return Answer({"name": "metrics", "group": group}, {"period": period or "everything"}, table, words=words)

    def line(self, known: Defined, form: MetricForm, period: str | None) -> dict[str, Any]:
        """One metric as a line of a table: its number, target, how it stands, or what it lacks."""
        line: dict[str, Any] = {"group": form.group, "metric": form.metric, "of": form.denominator}
        wanting = known.wanting(form)
        if wanting:
            return {**line, "lacks": f"words: {', '.join(wanting)}"}
        try:
            found = readings(self._ask(known, form, {"period": period}, quiet), form.number)
        except NotEnoughDataError as problem:
            return {**line, "lacks": problem.message}
        except CancelledError:
            raise
        except DesirepathError as problem:
            return {**line, "lacks": f"{problem.code}: {problem.message}"}
        reading = found[0] if found else Reading({}, None)
        numbers = _numbers(reading, form)
        line |= {**numbers, "number": numbers["value"], "value": written(reading, form) or None}
        line["target"] = None if form.target is None else _cell(form, form.target)
        if reading.value is None:
            line["lacks"] = self._lacks(known, form)
        return line

    def _lacks(self, known: Defined, form: MetricForm) -> str:
        """Why there is no number: words for which there is no event at all, or too little data."""
        labels = {label for label in self._workspace.engine.labels("name") if label is not None}
        without = []
        for word in known.used(form):
            meaning = known.words.get(word)
            names = set() if meaning in (None, ANY) else set(Where.event(str(meaning)).texts_of(Field("name")))
            if names and not names & labels and " " in str(meaning):
                without.append(f"${word}")
        return f"no event fits {', '.join(without)}" if without else "not enough data"


def _numbers(reading: Reading, form: MetricForm) -> dict[str, Any]:
    """A reading as plain data, with how it stands to target and threshold."""
    stands = "alert" if alarms(reading, form.alert) else _stands(reading, form)
    return {"value": reading.value, "low": reading.low, "high": reading.high, "n": reading.n, "stands": stands}


def _told(table: Mapping[str, list[Any]]) -> list[str]:
    told = sum(value is not None for value in table["number"])
    words = [f"{told} of {len(table['number'])} metrics have a number here."]
    missed = [name for name, how in zip(table["metric"], table["stands"], strict=True) if how in ("missed", "alert")]
    return [*words, f"Short of their targets, or beyond a threshold: {', '.join(missed)}."] if missed else words


def _own_buckets(form: MetricForm, over: str) -> bool:
    """Whether the metric's question has buckets of that kind itself."""
    if form.every is None:
        return False
    return over in schema(form.question)["properties"].get(form.every, {}).get("enum", ())


def _stands(reading: Reading, form: MetricForm) -> str | None:
    return standing(reading, form.target, form.better)


def measured(
    form: MetricForm,
    behind: Answer,
    known: Defined,
    notes: Table | None = None,
    *,
    states: Mapping[str, str] | None = None,
) -> Answer:
    """The metric's own answer, made of the answer to its question.

    Parameters
    ----------
    form, behind
        The metric, and what its question was answered.
    known
        What its words stand for.
    notes
        What happened when.
    states
        Which buckets are whole, where the question was asked for buckets itself.
    """
    found = readings(behind, form.number, states=states)
    told = any(one.value is not None for one in found)
    keys = list(found[0].keys) if found else []
    column = form.number.column
    table: dict[str, list[Any]] = {key: [one.keys[key] for one in found] for key in keys}
    table[column] = [one.value for one in found]
    if any(not one.plain for one in found):
        table |= {f"{column}_low": [one.low for one in found], f"{column}_high": [one.high for one in found]}
    if form.number.n is not None:
        table["n"] = [one.n for one in found]
    if form.target is not None:
        table["stands"] = [_stands(one, form) for one in found]
    leads = _Behind(behind, known.filled(form.people or {}))
    return replace(
        behind,
        question={"name": "metric", **msgspec.to_builtins(form), "asked": dict(behind.question)},
        columns=table,
        extras={"behind": behind.columns, **({"annotations": notes} if notes else {}), **behind.extras},
        words=_words(form, found),
        # a word names what well-known products call it; which of the names are missing here is no news
        warnings=[*_notices(form, found), *(each for each in behind.warnings if not (told and each.code == UNKNOWN))],
        charts=_charts(form, table, behind, notes),
        drill=None if behind.drill is None else leads,
        keeper=None if behind.keeper is None else leads.keep,
    )


def written(reading: Reading, form: MetricForm) -> str:
    """The number with its interval as people write it; empty without a number."""
    if reading.value is None:
        return ""
    text = _cell(form, reading.value)
    if reading.low is None or reading.high is None:
        return text
    return f"{text} [{_cell(form, reading.low)} to {_cell(form, reading.high)}]"


def _cell(form: MetricForm, value: float) -> str:
    if form.form == "share":
        return cell("of_", float(value))
    if form.form == "time":
        return cell("_seconds", max(float(value), 0.0))
    if form.form == "points":
        return f"{value:+.1f}"
    return f"{value:,.2f}" if form.form == "money" else cell("", float(value))


def _words(form: MetricForm, found: Sequence[Reading]) -> list[str]:
    told = [one for one in found if one.value is not None]
    if not told:
        return [f"{form.metric}: not enough data. {form.says}"]
    first_group = [one for one in told if one.keys.get("group") == told[0].keys.get("group")]
    whole = [one for one in first_group if one.keys.get("state") == WHOLE] or first_group
    lead = whole[-1] if "bucket" in told[0].keys else told[0]
    named = [lead.keys[key] for key in ("bucket", "group") if key in lead.keys]
    where = " ".join(name for name in named if name != EVERYONE)
    resting = "" if lead.n is None else f", of {count(lead.n)} {form.denominator}"
    text = f"{form.metric}{f' ({where})' if where else ''}: {written(lead, form)}{resting}."
    stands = _stands(lead, form)
    if stands is None or form.target is None:
        return [text]
    held = {"met": "is met", "missed": "is missed", "undecided": "lies within the interval, so it is undecided"}
    return [text, f"The target of {_cell(form, form.target)} {held[stands]}."]


def _notices(form: MetricForm, found: Sequence[Reading]) -> list[Notice]:
    notices = []
    beyond = [one for one in found if alarms(one, form.alert)]
    if beyond:
        where = ", ".join(" ".join(one.keys[key] for key in one.keys if key != "state") or "all" for one in beyond[-5:])
        more = f", and {len(beyond) - 5} before" if len(beyond) > 5 else ""
        notices.append(Notice("alert", f"Beyond the threshold with its whole interval: {where}{more}."))
    if form.matures is not None:
        notices.append(Notice("matures", f"Counted: {form.matures}."))
    if form.trap is not None:
        notices.append(Notice("trap", form.trap))
    return notices


def _charts(form: MetricForm, table: Table, behind: Answer, notes: Table | None) -> Sequence[Mapping[str, Any]]:
    if "bucket" not in table or not any(value is not None for value in table[form.number.column]):
        return behind.charts
    share, column = form.form == "share", form.number.column
    shown = None if notes is None else {name: notes[name] for name in ("bucket", "note")}
    return [trend_chart(form.metric, column, table, share=share, target=form.target, notes=shown)]
