"""From sums to one ranked list of what rubs: people, effects, contacts, money a year, and how good the evidence is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.map_charts import friction_chart
from desirepath.answers.words import count, percent, span
from desirepath.questions.friction_effects import (
    NOTHING,
    DropOff,
    Effect,
    drop_off,
    signal_effect,
    stall_bins,
    stall_effect,
    stall_seconds,
    switch_effect,
)
from desirepath.questions.friction_people import DAY, HORIZONS
from desirepath.questions.friction_sums import DROP_OFF, FrictionPlace, FrictionTally, friction_places
from desirepath.questions.friction_voice import spoken_of
from desirepath.questions.instance_facts import concerns, too_young
from desirepath.questions.question import Report
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.adjusted import p_value, scaled

Array = npt.NDArray[Any]

SHORT = 28 * DAY


@dataclass(frozen=True)
class Rub:
    """One line of the list; estimates of the period, money of a year, and `each` of one instance in money."""

    place: FrictionPlace
    instances: int
    people: int
    evidence: str
    matched: int
    decided: int
    conversion: Estimate = NOTHING
    lost: Estimate = NOTHING
    score: Estimate = NOTHING
    contacts: Estimate = NOTHING
    money: Estimate = NOTHING
    each: Estimate = NOTHING
    longer_than: float | None = None
    going_on: Estimate = NOTHING
    otherwise: Estimate = NOTHING


def _rubs(tally: FrictionTally) -> list[Rub]:
    found = []
    makers: Mapping[str, Callable[[FrictionTally, FrictionPlace], Rub | None]] = {
        "stall": _stall,
        DROP_OFF: _dropping,
        "channel switch": _switch,
    }
    for place in friction_places(tally.asked):
        made = makers.get(place.kind, _signal)(tally, place)
        if made is not None:
            found.append(made)
    return found


def _signal(tally: FrictionTally, place: FrictionPlace) -> Rub | None:
    instances = int(tally.behind.instances[place.number])
    if not instances:
        return None
    effect = signal_effect(tally.plan, tally.groups, place.number, tally.scale)
    return _of_effect(tally, place, instances, int(tally.behind.people[place.number]), effect)


def _switch(tally: FrictionTally, place: FrictionPlace) -> Rub | None:
    instances, at = int(tally.behind.instances[place.number]), place.number % len(tally.asked.touchpoints)
    effect = switch_effect(tally.plan, tally.groups, at, tally.scale)
    if not instances or effect is None:
        return None
    return _of_effect(tally, place, instances, int(tally.behind.people[place.number]), effect)


def _stall(tally: FrictionTally, place: FrictionPlace) -> Rub | None:
    stays = tally.behind.stays[place.number]
    first = stall_bins(stays, tally.slow)
    instances = int(stays[first:].sum())
    if not instances:
        return None
    people = int(tally.behind.longest[place.number][first:].sum())
    effect = stall_effect(tally.plan, tally.groups, place.number, first, tally.scale)
    return _of_effect(tally, place, instances, people, effect, stall_seconds(first))


def _of_effect(
    tally: FrictionTally, place: FrictionPlace, instances: int, people: int, effect: Effect, longer: float | None = None
) -> Rub:
    return Rub(
        place,
        instances,
        people,
        effect.grade,
        effect.matched,
        effect.decided,
        effect.conversion,
        scaled(effect.conversion, -effect.decided),
        effect.score,
        scaled(effect.contacts, effect.decided),
        _a_year(tally, effect.burden, effect.decided) if tally.has_money else NOTHING,
        effect.burden if tally.has_money else NOTHING,
        longer,
    )


def _a_year(tally: FrictionTally, each: Estimate, instances: int) -> Estimate:
    """What so many of the period cost in a year."""
    return NOTHING if tally.per_year is None else scaled(each, instances * tally.per_year)


def _dropping(tally: FrictionTally, place: FrictionPlace) -> Rub | None:
    found: DropOff = drop_off(tally.plan, tally.groups, place.number)
    if not tally.behind.left[place.number]:
        return None
    known = found.lost.value is not None
    return Rub(
        place,
        int(tally.behind.left[place.number]),
        int(tally.behind.leavers[place.number]),
        "other times" if known else "none",
        found.came if known else 0,
        found.came,
        lost=scaled(found.lost, found.came),
        money=_a_year(tally, found.burden, found.came) if tally.is_valued else NOTHING,
        each=found.burden if tally.is_valued else NOTHING,
        going_on=Proportion(found.came - found.left, found.came).estimate(),
        otherwise=Proportion(found.other_came - found.other_left, found.other_came).estimate(),
    )


def _ranked(tally: FrictionTally) -> list[tuple[Rub, bool]]:
    """Clear ones first, by money or, without it, by lost conversions; then those clear by conversions alone."""
    rubs = _rubs(tally)
    leads = [each.money if tally.has_money else each.lost for each in rubs]
    tests = [
        benjamini_hochberg([p_value(each) for each in estimates]) for estimates in (leads, [each.lost for each in rubs])
    ]
    keyed = []
    for number, (rub, lead) in enumerate(zip(rubs, leads, strict=True)):
        harms = [
            p[number] is not None and cast("float", p[number]) <= FLAG and cast("float", each.value) > 0
            for p, each in zip(tests, (lead, rub.lost), strict=True)
        ]
        tier = 0 if harms[0] else 1 if harms[1] else 2
        by = rub.lost if tier == 1 else lead
        keyed.append(((tier, by.value is None, -(by.value or 0.0), -rub.instances, number), rub, tier < 2))
    keyed.sort(key=lambda each: each[0])
    return [(rub, clear) for _, rub, clear in keyed]


def friction_report(tally: FrictionTally) -> Report:
    """Put the sums into words and tables."""
    ranked = _ranked(tally)
    extras = {"drop_off": _drop_offs(tally)}
    if tally.has_money:
        extras["year"] = {"days": [tally.began.span / DAY], "times_a_year": [tally.per_year]}
    if any(each.contact == "self-service" for each in tally.asked.touchpoints):
        extras["self_service"] = _self_service(tally)
    charts = [friction_chart("money_a_year" if tally.has_money else "conversions_lost")] if ranked else []
    return Report(_table(tally, ranked), extras, _words(tally, ranked), _notices(tally, ranked), charts)


def _table(tally: FrictionTally, ranked: list[tuple[Rub, bool]]) -> dict[str, list[Any]]:
    rubs, stages = [each for each, _ in ranked], tally.asked.stages
    table: dict[str, list[Any]] = {
        "rank": list(range(1, len(rubs) + 1)),
        "kind": [each.place.kind for each in rubs],
        "at": [each.place.at for each in rubs],
        "stage": [stages[each.place.stage].name for each in rubs],
        "owner": [stages[each.place.stage].owner for each in rubs],
        "instances": [each.instances for each in rubs],
        "people": [each.people for each in rubs],
        "clear": [clear for _, clear in ranked],
        "evidence": [each.evidence for each in rubs],
        "decided": [each.decided for each in rubs],
        "of_matched": [each.matched / each.decided if each.decided else None for each in rubs],
        **interval_columns("conversion_difference", [each.conversion for each in rubs]),
        **interval_columns("conversions_lost", [each.lost for each in rubs]),
    }
    if tally.scale is not None:
        table |= interval_columns("score_difference", [each.score for each in rubs])
    if concerns(tally.asked, "contacts"):
        table |= interval_columns("contacts_caused", [each.contacts for each in rubs])
    if tally.has_money:
        table |= interval_columns("money_a_year", [each.money for each in rubs])
        table |= interval_columns("money_each", [each.each for each in rubs])
    table["longer_than_seconds"] = [each.longer_than for each in rubs]
    table |= interval_columns("of_going_on", [each.going_on for each in rubs])
    table |= interval_columns("of_going_on_otherwise", [each.otherwise for each in rubs])
    if tally.voice is not None:
        table |= spoken_of(tally.voice, [each.place for each in rubs], tally.plan.signals)
    return table


def _drop_offs(tally: FrictionTally) -> dict[str, list[Any]]:
    """Per touchpoint how many whose time was over came so far and dropped off there, in the period and otherwise."""
    points = tally.asked.touchpoints
    found = [drop_off(tally.plan, tally.groups, t) for t in range(len(points))]
    return {
        "touchpoint": [each.name for each in points],
        "came": [each.came for each in found],
        "dropped": [each.left for each in found],
        **interval_columns("of_dropping", [Proportion(each.left, each.came).estimate() for each in found]),
        "came_otherwise": [each.other_came for each in found],
        "dropped_otherwise": [each.other_left for each in found],
        **interval_columns(
            "of_dropping_otherwise", [Proportion(each.other_left, each.other_came).estimate() for each in found]
        ),
        **interval_columns("difference", [each.more for each in found]),
    }


def _self_service(tally: FrictionTally) -> dict[str, list[Any]]:
    """Per self-service touchpoint and horizon: resolved, contained, leaked, undecided; and where it leaks to."""
    points = tally.asked.touchpoints
    rows = [
        (place, days, t)
        for t, each in enumerate(points)
        if each.contact == "self-service"
        for place, days in enumerate(HORIZONS)
    ]
    counted = [tally.contained[place, t] for place, _, t in rows]
    decided = [int(each[:3].sum()) for each in counted]
    return {
        "touchpoint": [points[t].name for _, _, t in rows],
        "days": [days for _, days, _ in rows],
        "instances": [int(each.sum()) for each in counted],
        "resolved": [int(each[0]) for each in counted],
        "contained_only": [int(each[1]) for each in counted],
        "leaked": [int(each[2]) for each in counted],
        "undecided": [int(each[3]) for each in counted],
        **interval_columns(
            "of_contained",
            [Proportion(int(each[:2].sum()), n).estimate() for each, n in zip(counted, decided, strict=True)],
        ),
        **interval_columns(
            "of_resolved", [Proportion(int(each[0]), n).estimate() for each, n in zip(counted, decided, strict=True)]
        ),
        "leaks_to": [_most(points, tally.leaks[place, t]) for place, _, t in rows],
    }


def _most(points: Any, leaks: Array) -> str | None:
    return str(points[int(np.argmax(leaks))].name) if leaks.any() else None


def _words(tally: FrictionTally, ranked: list[tuple[Rub, bool]]) -> list[str]:
    title = tally.asked.title
    if not tally.size:
        return [f"Nobody began {title!r} in this period."]
    clear = [rub for rub, is_clear in ranked if is_clear]
    if not clear:
        return [
            f"{count(tally.size)} instances of {title!r}; nothing that rubs can be told from chance "
            f"({count(len(ranked))} places looked at)."
        ]
    first = clear[0]
    said = [
        f"{count(tally.size)} instances of {title!r}. What rubs most: {first.place.kind} at {first.place.at}, "
        f"{count(first.instances)} instances of {count(first.people)} people; {_harm(tally, first)}."
    ]
    others = [f"{each.place.kind} at {each.place.at}" for each in clear[1:4]]
    if others:
        said.append(f"Then {', '.join(others)}.")
    said.append("Held against others who had come as far: associated, which need not mean caused.")
    return said


def _harm(tally: FrictionTally, rub: Rub) -> str:
    parts = []
    if rub.money.value is not None and rub.money.low is not None and rub.money.high is not None:
        parts.append(f"{rub.money.value:,.0f} a year (95 % interval {rub.money.low:,.0f} to {rub.money.high:,.0f})")
    if rub.place.kind == DROP_OFF and rub.otherwise.value is not None:
        parts.append(f"{percent(rub.going_on.value)} go on, {percent(rub.otherwise.value)} at other times")
    for estimate, name in ((rub.lost, "conversions lost"), (rub.contacts, "contacts caused")):
        if estimate.value is not None and estimate.low is not None and estimate.low > 0:
            parts.append(f"{estimate.value:,.0f} {name} (95 % interval {estimate.low:,.0f} to {estimate.high:,.0f})")
    score = rub.score
    if score.value is not None and score.high is not None and score.high < 0:
        parts.append(f"{tally.scale} {score.value:+.3g} (95 % interval {score.low:+.3g} to {score.high:+.3g})")
    return "; ".join(parts)


def _short(tally: FrictionTally) -> str:
    if tally.per_year is None:
        return "Money a year is not told: what began and is over began within less than a day."
    return f"A year is reckoned from {span(tally.began.span)} of data."


def _notices(tally: FrictionTally, ranked: list[tuple[Rub, bool]]) -> list[Notice]:
    notices = too_young(tally.outcomes, int(tally.closed.sum()))
    if not ranked:
        return notices
    notices.append(Notice("overlap", "One instance may be in several lines; their numbers are not to be added."))
    if not any(rub.otherwise.value is not None for rub, _ in ranked):
        text = (
            "Dropping off has nothing to be held against: no instance began outside the period. Name a shorter period."
        )
        notices.append(Notice("no_other_times", text))
    if not tally.is_valued:
        text = "Lost conversions are not valued in money; give the map a `value`, or its touchpoints a `revenue`."
        notices.append(Notice("unvalued", text))
    if tally.has_money and tally.began.span < SHORT:
        notices.append(Notice("short_span", _short(tally)))
    notices.append(Notice("associated", "Signals were not assigned at random; what differs may have other reasons."))
    return notices
