"""From sums to what departs from a map: by size, beside the instances that conform, with variants and fitness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from desirepath.answers.answer import Notice
from desirepath.answers.map_charts import departures_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.maps.departures import DEPARTURES, WHOLE
from desirepath.maps.instances import OUTCOMES
from desirepath.maps.journey_map import JourneyMap
from desirepath.maps.obeying import VERDICTS
from desirepath.questions.conformance_sums import ConformanceTally, mark_text
from desirepath.questions.conformance_walk import CONFORMING, FIRST, OTHERS
from desirepath.questions.instance_facts import Group, concerns, too_young
from desirepath.questions.question import Report
from desirepath.statistics import Estimate, Proportion, interval_columns, newcombe
from desirepath.statistics.scores import FEW

MEASURES = ("contacts", "cost", "revenue")


class DeparturePlace(NamedTuple):
    """A kind of departure at a touchpoint, stage or rule; `number` is its group less the first."""

    kind: str
    at: str
    stage: str | None
    number: int


def departure_places(asked: JourneyMap) -> list[DeparturePlace]:
    """All departures that a map can have, in the order of their groups."""
    k, found = len(asked.touchpoints), []
    stages = [stage.name for stage in asked.stages]
    for kind, name in enumerate(DEPARTURES):
        for t, each in enumerate(asked.touchpoints):
            said = name if each.expected else "detour"
            found.append(DeparturePlace(said, each.name, stages[each.stage], kind * k + t))
    slow = len(DEPARTURES) * k
    for t, each in enumerate(asked.touchpoints):
        found.append(DeparturePlace("too slow", each.name, stages[each.stage], slow + t))
    for s, stage in enumerate(stages):
        found.append(DeparturePlace("stage too slow", stage, stage, slow + k + s))
    for r, law in enumerate(asked.rules):
        found.append(DeparturePlace("rule broken", law.name, None, slow + k + len(stages) + r))
    return found


def conformance_report(tally: ConformanceTally) -> Report:
    """Put the sums into words and tables."""
    table = _departures(tally)
    extras = {"fitness": _fitness(tally), "variants": _variants(tally), "off_map": _off_map(tally)}
    if tally.asked.rules:
        extras["rules"] = _rules(tally)
    charts = [departures_chart()] if table["kind"] else []
    return Report(table, extras, _words(tally, table), _notices(tally), charts)


def _departures(tally: ConformanceTally) -> dict[str, list[Any]]:
    """One row per departure that somebody made, the most frequent first."""
    asked, conforming = tally.asked, tally.groups[CONFORMING]
    sizes = tally.groups.outcomes.sum(axis=1)[FIRST:]
    known = [each for each in departure_places(asked) if sizes[each.number]]
    known.sort(key=lambda each: (-int(sizes[each.number]), each.number))
    groups = [tally.groups[FIRST + each.number] for each in known]
    table: dict[str, list[Any]] = {
        "kind": [each.kind for each in known],
        "at": [each.at for each in known],
        "stage": [each.stage for each in known],
        "instances": [len(each) for each in groups],
        **interval_columns("of_instances", [Proportion(len(each), tally.size).estimate() for each in groups]),
        "converted": [int(each.outcomes[0]) for each in groups],
        "dropped": [int(each.outcomes[1]) for each in groups],
        "in_progress": [int(each.outcomes[2]) for each in groups],
        "decided": [each.conversion.n for each in groups],
        **interval_columns("of_decided_converting", [each.conversion.estimate() for each in groups]),
        **interval_columns("conversion_difference", [each.change(conforming, "conversion") for each in groups]),
    }
    if asked.feedback:
        scale = asked.feedback[0].scale
        table |= interval_columns("score", [each.score_of_all(scale) for each in groups])
        table |= interval_columns("score_difference", [each.change(conforming, "score", scale) for each in groups])
    for measure in MEASURES:
        if concerns(asked, measure):
            table |= interval_columns(f"{measure}_difference", [each.change(conforming, measure) for each in groups])
    return table


def _fitness(tally: ConformanceTally) -> dict[str, list[Any]]:
    sums = tally.fitness.sums
    rows: list[int | None] = [*range(3), None]
    whole = [sums.sum(axis=0) if row is None else sums[row] for row in rows]
    none = Proportion(0, 0).estimate()
    return {
        "outcome": ["all" if row is None else OUTCOMES[row] for row in rows],
        "instances": [int(each[0]) for each in whole],
        "conforming": [int(each[1]) for each in whole],
        "decided": [int(each[5]) for each in whole],
        "decided_conforming": [int(each[6]) for each in whole],
        **interval_columns("of_conforming", [Proportion(int(each[6]), int(each[5])).estimate() for each in whole]),
        **interval_columns("fitness", [tally.fitness.mean(row) for row in rows]),
        "late": [int(each[4]) for each in whole],
        "decided_late": [int(each[7]) for each in whole],
        **interval_columns("of_late", [Proportion(int(each[7]), int(each[5])).estimate() for each in whole]),
        **interval_columns("of_decided_converting", [*[none] * 3, tally.conversion.estimate()]),
    }


def _variants(tally: ConformanceTally) -> dict[str, list[Any]]:
    """The most frequent variants, and the rest in one row."""
    names, sums = [each.name for each in tally.asked.touchpoints], tally.variants
    ranked = sums.ranked()
    shown, rest = ranked[: tally.most], ranked[tally.most :]
    traces = [sums.trace(place) for place in shown]
    worst = [
        len(trace) + (tally.asked.road.shortest if sums.variants.kind[place] == WHOLE else 0)
        for place, trace in zip(shown, traces, strict=True)
    ]
    outcomes = [sums.outcomes[place] for place in shown]
    table: dict[str, list[Any]] = {
        "variant": [mark_text(int(sums.variants.mark[place])) for place in shown],
        "route": [" -> ".join(names[each] for each in trace) for trace in traces],
        "departures": [int(sums.cost[place]) for place in shown],
        "fitness": [1 - int(sums.cost[place]) / max(most, 1) for place, most in zip(shown, worst, strict=True)],
        "conforming": [int(sums.conforming[place]) for place in shown],
    }
    if rest:
        outcomes.append(sums.outcomes[rest].sum(axis=0))
        table["variant"].append(None)
        table["route"].append(f"({count(len(rest))} other variants)")
        table["departures"].append(None)
        table["fitness"].append(None)
        table["conforming"].append(int(sums.conforming[rest].sum()))
    table["instances"] = [int(each.sum()) for each in outcomes]
    table["of_instances"] = [int(each.sum()) / tally.size for each in outcomes]
    for place, name in enumerate(("converted", "dropped", "in_progress")):
        table[name] = [int(each[place]) for each in outcomes]
    return table


def _off_map(tally: ConformanceTally) -> dict[str, list[Any]]:
    """What no touchpoint matches, by how many instances have it."""
    whole = tally.conversion
    counted = [(tally.names[code], each[0], each[1:4], each[4:]) for code, each in tally.off.items()]
    counted.sort(key=lambda each: (-sum(each[2]), -each[1], each[0]))
    shown, rest = counted[: tally.most], counted[tally.most :]
    changes = []
    for *_, (converted, over) in shown:
        changes.append(newcombe(converted, over, whole.x - converted, whole.n - over))
    shares = [Proportion(sum(outcomes), tally.size).estimate() for _, _, outcomes, _ in shown]
    blank = [Estimate(None, None, None, 0, 0.95, "")] * bool(rest)
    return {
        "event": [name for name, *_ in shown] + [f"({count(len(rest))} other names)"] * bool(rest),
        "events": [events for _, events, *_ in shown] + [sum(each[1] for each in rest)] * bool(rest),
        "instances": [sum(outcomes) for _, _, outcomes, _ in shown] + [None] * bool(rest),
        **interval_columns("of_instances", shares + blank),
        **interval_columns("conversion_difference", changes + blank),
    }


def _rules(tally: ConformanceTally) -> dict[str, list[Any]]:
    decided = tally.rules[:, :2].sum(axis=1)
    return {
        "rule": [each.name for each in tally.asked.rules],
        **{verdict.replace(" ", "_"): tally.rules[:, place].tolist() for place, verdict in enumerate(VERDICTS)},
        **interval_columns(
            "of_decided_broken",
            [Proportion(int(row[1]), int(n)).estimate() for row, n in zip(tally.rules, decided, strict=True)],
        ),
    }


VERBS = {
    "skipped": "skip {}",
    "reordered": "come by {} in another order",
    "repeated": "repeat {}",
    "extra": "come by {} where the map does not expect it",
    "detour": "go by {}, a known detour",
    "too slow": "are too slow to {}",
    "stage too slow": "stay too long in {}",
    "rule broken": 'break the rule "{}"',
}


def _words(tally: ConformanceTally, table: Mapping[str, list[Any]]) -> list[str]:
    title = tally.asked.title
    if not tally.size:
        return [f"Nobody began {title!r} in this period."]
    fitness, conforming = tally.fitness.mean(), tally.conforming
    lead = f"{count(tally.size)} instances of {title!r}"
    if conforming.n:
        share = with_interval(conforming.estimate())
        lead += f"; {share} of the {count(conforming.n)} whose time is over conform to the map"
    said = [f"{lead}; mean fitness {fitness.value:.3f}, over {count(len(tally.variants.ranked()))} variants."]
    if table["kind"]:
        parts = [
            f"{VERBS[table['kind'][row]].format(table['at'][row])} {percent(table['of_instances'][row])}"
            for row in range(min(3, len(table["kind"])))
        ]
        said.append(f"Most frequent departures: {'; '.join(parts)} of instances.")
    harm = _worst(table)
    if harm is not None:
        lost = abs(table["conversion_difference"][harm])
        they = VERBS[table["kind"][harm]].format(table["at"][harm])
        said.append(
            f"Of those whose time is over, who {they} reach the goal less often than those who conform, by "
            f"{100 * lost:.1f} points (associated, which need not mean caused)."
        )
    return said


def _worst(table: Mapping[str, list[Any]]) -> int | None:
    """The departure that is beside the most lost conversions, of those that can be told from chance."""
    lost = {
        row: table["instances"][row] * change
        for row, (change, high) in enumerate(
            zip(table["conversion_difference"], table["conversion_difference_high"], strict=True)
        )
        if high is not None and high < 0
    }
    return min(lost, key=lambda row: lost[row]) if lost else None


def _notices(tally: ConformanceTally) -> list[Notice]:
    notices = []
    notices += too_young(tally.groups.outcomes[:FIRST].sum(axis=0), tally.conversion.n)
    conforming: Group = tally.groups[CONFORMING]
    if tally.size and conforming.conversion.n < FEW:
        text = f"Only {conforming.conversion.n} that conform are over; what is held against them says little."
        notices.append(Notice("few_conforming", text))
    if tally.untold:
        text = f"{tally.untold:,} instances are too long to tell where they depart; their fitness is exact."
        notices.append(Notice("untold", text))
    if tally.size and len(tally.groups[OTHERS]):
        text = "Who departs was not assigned at random; what differs may have other reasons."
        notices.append(Notice("associated", text))
    return notices
