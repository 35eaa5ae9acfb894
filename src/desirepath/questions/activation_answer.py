"""What do the sums say of activation? Shares of all who started, who stays, and the behaviours that hold on others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from desirepath.answers.answer import Notice
from desirepath.answers.behaviour_charts import behaviours_chart
from desirepath.answers.sequence_charts import time_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.questions.behaviours_table import ASSOCIATED, Sides, threshold_columns, told_as
from desirepath.questions.question import Report
from desirepath.statistics import Proportion, interval_columns
from desirepath.statistics.survival import Curve
from desirepath.statistics.twofold import Twofold

if TYPE_CHECKING:
    from desirepath.questions.activation import Activation, ActivationTally

ACTIVATED = "(activated)"
"""The row of all milestones together."""

SECOND = 1_000_000
POINTS = 120
"""So many points of each curve are told."""

STAYING = Sides("stayed", "left", groups=False)
Table = dict[str, list[Any]]


def activation_report(tally: ActivationTally, asked: Activation) -> Report:
    """Put the sums into tables and words."""
    lives = dict(zip((ACTIVATED, *asked.names), (tally.lives, *tally.each), strict=True))
    curves = {name: each.curve() for name, each in lives.items()}
    shares = [curve.share_by(asked.limit) for curve in curves.values()]
    middles = [curve.quantile(0.5) for curve in curves.values()]
    table: Table = {
        "milestone": list(lives),
        "started": [tally.size] * len(lives),
        "people": [each.count(1) for each in lives.values()],
        **interval_columns("of_started", shares),
        "median_seconds": [None if each is None else each / SECOND for each in middles],
    }
    names = ["activated", "not activated", "undecided"]
    extras: dict[str, Table] = {
        "accounts": {"what": names, "people": tally.outcomes.tolist()},
        "curve": _curve(curves),
    }
    charts = [time_chart()] if extras["curve"]["outcome"] else []
    if tally.candidates is not None and tally.staying is not None:
        extras["staying"] = _staying(tally)
        extras["candidates"] = threshold_columns(tally.candidates, STAYING, asked.choice.share, asked.most)
        if extras["candidates"]["behaviour"]:
            charts.append(behaviours_chart(groups=False, table="candidates"))
    return Report(table, extras, _words(tally, asked, table, extras), _notices(tally, asked, extras), charts)


def _curve(curves: Mapping[str, Curve]) -> Table:
    """Some points of each curve, as steps with a band."""
    found: Table = {"outcome": [], "after_seconds": [], "waiting": []}
    points = []
    for name, curve in curves.items():
        places = np.unique(np.linspace(0, len(curve.times) - 1, min(POINTS, len(curve.times))).astype(np.int64))
        for place in places.tolist():
            found["outcome"].append(name)
            found["after_seconds"].append(int(curve.times[place]) / SECOND)
            found["waiting"].append(int(curve.waiting[place]))
            points.append(curve.share_by(int(curve.times[place])))
    return found | interval_columns("of_started", points)


def _staying(tally: ActivationTally) -> Table:
    """How many of the activated stay, and of the others; of those of whom both is known."""
    rows = [] if tally.staying is None else tally.staying.tolist()
    shares = [Proportion(stayed, stayed + left).estimate() for stayed, left in rows]
    return {
        "what": ["activated", "not activated"],
        "people": [sum(row) for row in rows],
        "stayed": [row[0] for row in rows],
        "left": [row[1] for row in rows],
        **interval_columns("of_people", shares),
    }


def _words(tally: ActivationTally, asked: Activation, table: Table, extras: Mapping[str, Table]) -> list[str]:
    if not tally.size:
        return [f"Nobody began with {asked.start or 'anything'} in this period."]
    what = _needed(asked)
    share = tally.lives.curve().share_by(asked.limit)
    if share.value is None:
        said = [
            f"Nobody was watched for {asked.within}; so far {count(table['people'][0])} of the {count(tally.size)} "
            f"who started reached {what}."
        ]
    else:
        said = [
            f"An estimated {with_interval(share)} of the {count(tally.size)} who started reach {what} within "
            f"{asked.within}."
        ]
    if "staying" in extras and tally.staying is not None:
        said += _who_stays(Twofold(*tally.staying.ravel().tolist()))
        said += _best(extras["candidates"])
    return said


def _needed(asked: Activation) -> str:
    if len(asked.names) == 1:
        return asked.names[0]
    listed = f"{', '.join(asked.names[:-1])} and {asked.names[-1]}"
    if asked.needed == len(asked.names):
        return listed
    return f"{asked.needed} of {listed}"


def _who_stays(table: Twofold) -> list[str]:
    difference = table.difference()
    if difference.value is None:
        return ["Whether the activated stay more often, there is not enough data to say."]
    return [
        f"Of the activated {percent(table.share().value)} stay, of the others {percent(table.share_without().value)}."
    ]


def _best(candidates: Table) -> list[str]:
    """The clearest behaviour of those that are associated."""
    if not candidates["behaviour"]:
        return ["No behaviour has enough people on either side, so that there is not enough data to search."]
    for k, verdict in enumerate(candidates["verdict"]):
        if verdict == ASSOCIATED:
            name = told_as(candidates["behaviour"][k], candidates["times"][k], candidates["days"][k])
            return [
                f"Of those held out, {percent(candidates['of_did'][k])} who did this early stay, against "
                f"{percent(candidates['of_did_not'][k])} of the others: {name}."
            ]
    return ["No early behaviour is surely associated with staying among the people held out."]


def _notices(tally: ActivationTally, asked: Activation, extras: Mapping[str, Table]) -> list[Notice]:
    notices = []
    waiting = int(tally.outcomes[2])
    if waiting:
        text = f"{waiting:,} started too lately to tell; they count up to when they were last seen, and as no outcome."
        notices.append(Notice("undecided", text))
    if tally.lives.approximate:
        text = "Times are rounded, because there were too many to keep each; at most 0.4 % off."
        notices.append(Notice("approximate_times", text))
    if extras.get("candidates", {}).get("behaviour"):
        text = "A behaviour is associated with staying; whether it brings it about only a test can say."
        notices.append(Notice("associated", text))
        text = (
            "The table `candidates` holds thresholds that one half of the people chose, with figures of the other half."
        )
        notices.append(Notice("held_out", text))
    return notices
