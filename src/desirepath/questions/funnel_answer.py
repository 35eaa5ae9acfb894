"""From rows to counts, and from counts to a table, charts and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.charts import funnel_chart
from desirepath.answers.words import count, span, with_interval
from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array
from desirepath.journeys.scratch import scratch
from desirepath.questions.funnel_find import Plan
from desirepath.questions.funnel_rows import ANY, DROPPED, EACH, MATURE, SHUT_OUT, STATUS, UNDECIDED, Sums, sum_up
from desirepath.questions.question import Findings, Report, several
from desirepath.questions.top_codes import NOTHING, OTHER, quoted, unquoted
from desirepath.statistics import Counts, Durations, Proportion

OUTCOMES = ("reached", "mature", "dropped", "undecided", "converted", "excluded")


SECOND = 1_000_000


@dataclass(frozen=True, eq=False)
class FunnelTally:
    """Sums over passages; every field adds up.

    Attributes
    ----------
    outcome
        int64[4, goal + 1]: rows by what became of them and by required steps reached.
    optional
        int64[steps]: rows that did each optional step.
    mature, touch
        int64[goal + 1]: rows by reach, of chains whose window had closed, and of first touches alone.
    mature_optional
        int64[steps]: rows with a closed window that did each optional step.
    flags
        int64[3]: conversions that used one instant twice; rows in which an excluded event ended a chain; rows
        whose held value is missing.
    gaps
        Per required step but the first, time from the required step before.
    whole, since_entry
        Time from start, and from first entry, to the last step.
    instead
        Per required step reached, what came next for those who stopped there; None where nothing did.
    """

    outcome: Array
    optional: Array
    mature: Array
    mature_optional: Array
    touch: Array
    flags: Array
    gaps: tuple[Durations, ...]
    whole: Durations
    since_entry: Durations
    instead: tuple[Counts[str | None], ...] = field(default_factory=tuple)

    def __add__(self, other: FunnelTally) -> FunnelTally:
        """Join two groups of passages."""
        return FunnelTally(
            self.outcome + other.outcome,
            self.optional + other.optional,
            self.mature + other.mature,
            self.mature_optional + other.mature_optional,
            self.touch + other.touch,
            self.flags + other.flags,
            tuple(one + two for one, two in zip(self.gaps, other.gaps, strict=True)),
            self.whole + other.whole,
            self.since_entry + other.since_entry,
            tuple(one + two for one, two in zip(self.instead, other.instead, strict=True)),
        )

    @property
    def size(self) -> int:
        """How many passages there are, those taken out by an excluded event left aside."""
        return int(self.outcome[:SHUT_OUT].sum())

    def reached(self, depth: int) -> int:
        """Passages that did at least this many required steps."""
        return int(self.outcome[:SHUT_OUT, depth:].sum())

    def mature_reached(self, depth: int) -> int:
        """Of the passages whose window had closed, those that did at least this many required steps."""
        return int(self.mature[depth:].sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Share of those who entered that reached each further required step."""
        entered = self.mature_reached(1)
        return {
            f"reached step {depth}": Proportion(self.mature_reached(depth), entered)
            for depth in range(2, len(self.mature))
        }


def funnel_tally(plan: Plan, found: Findings) -> FunnelTally:
    """Add the rows up."""
    values, marks = found.values, found.values["marks"]
    goal, required = plan.goal, np.array(plan.required, dtype=np.int64)
    outcome, mature, touch, many = (np.zeros(shape, np.int64) for shape in ((4, goal + 1), *[goal + 1] * 3))
    spans = scratch("spans", (goal + 1) * len(marks), np.int64).reshape(goal + 1, len(marks))
    sums = Sums(outcome, mature, touch, np.zeros(3, np.int64), spans, many)
    free, order = any(len(block) > 1 for block in plan.blocks), np.zeros(goal, dtype=np.int64)
    given = (marks, values["missing_hold"], values["times"], values["entered_at"])
    sum_up(*given, required, free, plan.grace > 0, order, sums)
    optional = np.zeros(plan.steps, dtype=np.int64)
    mature_optional = np.zeros(plan.steps, dtype=np.int64)
    if plan.optional:
        kept = marks[:, STATUS] != SHUT_OUT
        for step in plan.optional:
            did = ((values["optional"] >> step) & 1).astype(np.bool_) & kept
            optional[step] = int(did.sum())
            in_time = ((values["mature_optional"] >> step) & 1).astype(np.bool_) & kept
            mature_optional[step] = int(in_time.sum())
    whole, since_entry, *gaps = (Durations(span[:n]) for span, n in zip(spans, many.tolist(), strict=True))
    instead = _instead(plan, found) if plan.instead_top else ()
    counts = (outcome, optional, mature, mature_optional, touch, sums.flags)
    return FunnelTally(*counts, tuple(gaps), whole, since_entry, instead)


def _instead(plan: Plan, found: Findings) -> tuple[Counts[str | None], ...]:
    labels = found.labels["next"]
    reach, status, following = found.values["reach"], found.values["status"], found.values["next"]
    counted = []
    for depth in range(1, plan.goal):
        stopped = following[(reach == depth) & (status == DROPPED)] + 1
        counted.append(came_next(np.bincount(stopped, minlength=1), labels))
    return tuple(counted)


def came_next(per_code: Array, labels: Sequence[str | None]) -> Counts[str | None]:
    """How often each touchpoint came, given int64[codes + 1] that begins with how often nothing did."""
    codes = np.flatnonzero(per_code).tolist()
    return Counts[str | None]({quoted(labels[k - 1] or "") if k else None: int(per_code[k]) for k in codes})


def select_rows(plan: Plan, found: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Which rows a drill-down means."""
    allowed = ("step", "outcome", "instead", "but")
    for key in which:
        if key not in allowed:
            raise InputError(f"The people of a funnel cannot be chosen by {key!r}.", allowed=allowed)
    outcome = which.get("outcome", "dropped" if "instead" in which or "but" in which else "reached")
    if outcome not in OUTCOMES:
        raise InputError(f"There is no outcome {outcome!r}.", allowed=OUTCOMES)
    step = which.get("step", plan.steps if outcome == "converted" else 1)
    if not isinstance(step, int) or not 1 <= step <= plan.steps:
        raise InputError(f"There is no step {step!r}.", allowed=range(1, plan.steps + 1))
    reach, status = found.values["reach"], found.values["status"]
    if outcome == "excluded":
        return np.asarray(status == SHUT_OUT)
    kept = status != SHUT_OUT
    if step - 1 in plan.optional:
        names = {"reached": "optional", "mature": "mature_optional"}
        if outcome not in names:
            raise InputError(f"Step {step} is optional; nobody can drop at it.", allowed=names)
        return np.asarray(((found.values[names[outcome]] >> (step - 1)) & 1).astype(np.bool_) & kept)
    depth = _depth_of(plan, step)
    if outcome in ("reached", "converted"):
        return np.asarray((reach >= (plan.goal if outcome == "converted" else depth)) & kept)
    if outcome == "mature":
        return np.asarray((found.values["marks"][:, MATURE] >= depth) & kept)
    chosen = (reach == depth) & (status == (DROPPED if outcome == "dropped" else UNDECIDED))
    if "instead" in which:
        chosen &= _did_instead(found, which["instead"])
    for name in several(which.get("but", [])):
        chosen &= ~_did_instead(found, name)
    return np.asarray(chosen)


def _did_instead(found: Findings, name: Any) -> npt.NDArray[np.bool_]:
    """Which rows went on to a touchpoint of this name, or to nothing."""
    labels = found.labels["next"]
    if name == NOTHING:
        return np.asarray(found.values["next"] < 0)
    wanted = unquoted(str(name))
    if wanted not in labels:
        raise UnknownNameError.of("event", str(name), [quoted(label) for label in labels if label] + [NOTHING])
    return np.asarray(found.values["next"] == labels.index(wanted))


def _depth_of(plan: Plan, step: int) -> int:
    return plan.required.index(step - 1) + 1


def funnel_report(plan: Plan, tally: FunnelTally, *, top: int) -> Report:
    """The table by step, what came instead, and the finding in words."""
    table = _table(plan, tally)
    extras = {
        "instead": _instead_table(plan, tally, top),
        "durations": _durations_table(plan, tally),
        "times": _times_table(plan, tally),
    }
    return Report(table, extras, _words(plan, tally), _notices(plan, tally), [funnel_chart()])


def _table(plan: Plan, tally: FunnelTally) -> dict[str, list[Any]]:
    rows: list[dict[str, Any]] = []
    mature_entered = tally.mature_reached(1)
    free = any(len(block) > 1 for block in plan.blocks)
    for step in range(plan.steps):
        if step in plan.optional:
            before = sum(1 for other in plan.required if other < step)
            people, mature = int(tally.optional[step]), int(tally.mature_optional[step])
            stopped: tuple[int | None, int | None] = (None, None)
            gap = None
        else:
            depth = _depth_of(plan, step + 1)
            before = depth - 1
            people, mature = tally.reached(depth), tally.mature_reached(depth)
            stopped = (int(tally.outcome[DROPPED, depth]), int(tally.outcome[UNDECIDED, depth]))
            stopped = (0, 0) if depth == plan.goal else stopped
            gap = tally.gaps[depth - 2] if depth > 1 else None
        of_entered = Proportion(mature, mature_entered).estimate()
        of_previous = Proportion(mature, tally.mature_reached(max(before, 1))).estimate()
        name = f"{depth} of {plan.goal} steps" if free and len(plan.blocks) == 1 else plan.names[step]
        rows.append(
            {
                "step": step + 1,
                "name": name,
                "reached": people,
                "dropped": stopped[0],
                "undecided": stopped[1],
                "mature": mature,
                "of_entered": of_entered.value,
                "of_entered_low": of_entered.low if step else None,  # all who entered did enter
                "of_entered_high": of_entered.high if step else None,
                "of_previous": of_previous.value if step else None,
                "of_previous_low": of_previous.low if step else None,
                "of_previous_high": of_previous.high if step else None,
                "median_seconds": _seconds(gap, 0.5),
                "quarter_seconds": _seconds(gap, 0.25),
                "three_quarters_seconds": _seconds(gap, 0.75),
            }
        )
    return {name: [row[name] for row in rows] for name in rows[0]}


def _seconds(times: Durations | None, quantile: float) -> float | None:
    value = None if times is None else times.quantile(quantile)
    return None if value is None else value / SECOND


def _stretches(plan: Plan, tally: FunnelTally) -> list[tuple[str, Durations]]:
    names = [plan.names[step] for step in plan.required]
    stretches = [("whole", tally.whole), ("since first entry", tally.since_entry)]
    return stretches + [(f"{names[i]} → {names[i + 1]}", gap) for i, gap in enumerate(tally.gaps)]


def _durations_table(plan: Plan, tally: FunnelTally) -> dict[str, list[Any]]:
    """How long each stretch took those who made it: median with its interval, and quartiles."""
    table: dict[str, list[Any]] = {"stretch": [], "passages": []}
    for label, times in _stretches(plan, tally):
        median = times.estimate(0.5)
        found = {
            "quarter_seconds": _seconds(times, 0.25),
            "median_seconds": _seconds(times, 0.5),
            "median_low_seconds": None if median.low is None else median.low / SECOND,
            "median_high_seconds": None if median.high is None else median.high / SECOND,
            "three_quarters_seconds": _seconds(times, 0.75),
        }
        table["stretch"].append(label)
        table["passages"].append(times.n)
        for name, value in found.items():
            table.setdefault(name, []).append(value)
    return table


def _times_table(plan: Plan, tally: FunnelTally) -> dict[str, list[Any]]:
    """How long each stretch took those who made it, as a histogram."""
    table: dict[str, list[Any]] = {"stretch": [], "from_seconds": [], "to_seconds": [], "passages": []}
    for label, times in _stretches(plan, tally):
        if not times.n:
            continue
        histogram = times.histogram(20)
        for low, high, passages in zip(histogram.edges[:-1], histogram.edges[1:], histogram.counts, strict=True):
            table["stretch"].append(label)
            table["from_seconds"].append(float(low) / SECOND)
            table["to_seconds"].append(float(high) / SECOND)
            table["passages"].append(int(passages))
    return table


def instead_at(plan: Plan, tally: FunnelTally, step: int, top: int) -> list[str]:
    """What has a line of its own among what was done instead at a step."""
    table = _instead_table(plan, tally, top)
    return [name for at, name in zip(table["step"], table["instead"], strict=True) if at == step and name != OTHER]


def _instead_table(plan: Plan, tally: FunnelTally, top: int) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {"step": [], "name": [], "instead": [], "passages": [], "of_dropped": []}
    for depth, counts in enumerate(tally.instead, start=1):
        total = counts.total
        nothing = counts[None]
        named = Counts({name: counts[name] for name, _ in counts.top(len(counts)).rows if name is not None}).top(top)
        rows: list[tuple[str, int]] = [(str(name), number) for name, number in named.rows]
        rows += [(OTHER, named.other)] if named.other else []
        rows += [(NOTHING, nothing)] if nothing else []
        step = plan.required[depth - 1]
        for name, number in rows:
            table["step"].append(step + 1)
            table["name"].append(plan.names[step])
            table["instead"].append(name)
            table["passages"].append(number)
            table["of_dropped"].append(number / total)
    return table


def _words(plan: Plan, tally: FunnelTally) -> list[str]:
    noun = "attempts" if plan.entry == EACH else "who entered"
    if tally.size == 0:
        return [f"Nobody did the first step, {plan.names[0]}, in this period."]
    share = Proportion(tally.mature_reached(plan.goal), tally.mature_reached(1)).estimate()
    within = "within one session" if plan.by_session else f"within {plan.window_text}"
    closed = "" if plan.all_closed else f"{' and' if plan.entry != EACH else ''} whose window has closed"
    words = []
    if share.value is None:
        words.append(f"No window had closed yet for the {count(tally.size)} {noun}, so there is no rate.")
    else:
        words.append(
            f"{with_interval(share)} of the {count(share.n)} {noun}{closed} reached "
            f"{plan.names[plan.required[-1]]} {within}."
        )
    losses = [(int(tally.outcome[DROPPED, depth]), depth) for depth in range(1, plan.goal)]
    lost, depth = max(losses, key=lambda item: (item[0], -item[1]))
    if lost:
        all_lost = sum(number for number, _ in losses)
        instead = [
            (table_name, passages)
            for table_name, passages in (tally.instead[depth - 1].top(3).rows if tally.instead else ())
            if table_name is not None
        ]
        then = f"; most often they went on to {instead[0][0]} ({count(instead[0][1])})" if instead else ""
        words.append(
            f"Most stop after {plan.names[plan.required[depth - 1]]}: {count(lost)} of the {count(all_lost)} "
            f"who dropped{then}."
        )
    median = tally.whole.quantile(0.5)
    if median is not None:
        words.append(f"Half of those who finished took {span(median)} or less (n = {count(tally.whole.n)}).")
    return words


def _tied(plan: Plan) -> str:
    if plan.grace:
        return "events that lie within the grace before the step before them"
    return "two events of one instant" if plan.distinct else "one event for several steps, or several of one instant"


def _notices(plan: Plan, tally: FunnelTally) -> list[Notice]:
    notices = []
    if plan.all_closed and tally.size:
        text = "Rates are of everybody who entered: who could still go on when the data ends is taken for dropped."
        notices.append(Notice("all_closed", text))
    undecided = int(tally.outcome[UNDECIDED].sum())
    late = tally.reached(1) - tally.mature_reached(1)
    if undecided or late:
        some = f"{count(undecided)} could still go on when the data ends and are not counted as dropped"
        left_out = f"rates leave out {count(late)} whose every window was still open then"
        notices.append(Notice("undecided", "; ".join([some, left_out] if undecided else [left_out]).capitalize() + "."))
    first, all_touches = int(tally.touch[plan.goal :].sum()), tally.reached(plan.goal)
    if plan.entry == ANY and first != all_touches:
        notices.append(
            Notice(
                "first_touch",
                f"From the first touch alone {count(first)} would have finished, instead of {count(all_touches)}.",
            )
        )
    texts = (
        ("tie_resolved", "{n} conversions use {tied}, taken in the order that fits."),
        ("excluded", "In {n} an excluded event ended a passage."),
        ("missing_hold", "{n} are counted under a missing value of a property that must stay the same."),
    )
    for (code, text), number in zip(texts, tally.flags, strict=True):
        if number:
            notices.append(Notice(code, text.format(n=count(int(number)), tied=_tied(plan))))
    taken_out = int(tally.outcome[SHUT_OUT].sum())
    if taken_out:
        notices.append(Notice("taken_out", f"{count(taken_out)} were taken out by an excluded event."))
    if tally.whole.approximate:
        notices.append(Notice("approximate_times", "Times are binned and may be 0.2 % off."))
    return notices


__all__ = ["FunnelTally", "funnel_report", "funnel_tally", "select_rows"]
