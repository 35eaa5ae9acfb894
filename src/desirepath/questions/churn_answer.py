"""How is churn told, with what came before? Tables of who left and why, beside those who stayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from desirepath.answers.answer import Notice
from desirepath.answers.churn_charts import share_chart, staying_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.questions.churn_beside import Beside, friction_beside, scores_beside, themes_beside
from desirepath.questions.churn_sums import AGES, BAND_NAMES, BANDS, CHURNED, DAY, STAYED, ChurnTally
from desirepath.questions.question import Report
from desirepath.statistics import Counts, Estimate, Proportion, interval_columns

if TYPE_CHECKING:
    from desirepath.questions.churn import Churn

SECOND = 1_000_000
POINTS = 120
OTHER = "(other)"
_NONE = Estimate(None, None, None, 0, 0.95, "wilson")
_COUNTS = {
    "at_risk": "at risk",
    "churned": "churned",
    "stayed": "stayed",
    "undecided": "undecided",
    "came_back": "came back",
    "began": "began",
    "began_and_ended": "began and ended",
}


def report(asked: Churn, tally: ChurnTally) -> Report:
    """The whole answer."""
    lines = [k for k, how in enumerate(tally.told) if how] if tally.size else []
    over = [tally.told[k] == "over" for k in lines]
    table: dict[str, list[Any]] = {"bucket": [tally.labels[k] for k in lines], "over": over}
    table |= {column: [tally.number(choice, k) for k in lines] for column, choice in _COUNTS.items()}
    shares = [_share(tally.number("churned", k), tally.number("at risk", k)) for k in lines]
    back = [_share(tally.number("came back", k), tally.number("churned", k)) for k in lines]
    table |= interval_columns("of_at_risk_churned", [a if b else _NONE for a, b in zip(shares, over, strict=True)])
    table |= interval_columns("of_churned_came_back", back)
    friction, themes = friction_beside(asked.friction, tally), themes_beside(tally, asked.most)
    extras = {
        "period": _period(tally),
        "reasons": _most(tally.reasons, asked.most, "reason", stated=asked.reason is not None),
        "last_touchpoint": _most(tally.touches, asked.most, "touchpoint"),
        "last_friction": friction.table("friction"),
        "last_feedback": scores_beside(tally),
        "themes": themes.table("theme"),
        "survival": _survival(tally),
        "by_age": _by_age(tally),
        "coming_back": _coming_back(tally),
        "by_tenure": _by_tenure(tally),
        "silence": _silence(asked, tally),
    }
    return Report(
        table,
        extras,
        words=_words(asked, tally, lines, friction),
        notices=_notices(asked, tally, lines),
        charts=[share_chart(), staying_chart()] if lines else [],
    )


def _share(x: int, n: int) -> Estimate:
    return Proportion(x, n).estimate()


def _period(tally: ChurnTally) -> dict[str, list[Any]]:
    """How many different customers the period has, and how many of them end in it, however long each was watched."""
    customers, ended = tally.units.tolist()
    return {
        "customers": [customers],
        "ended": [ended],
        "not_ended": [customers - ended],
        **interval_columns("of_customers_ended", [_share(ended, customers)]),
    }


def _most(counts: Counts[str], most: int, column: str, *, stated: bool = True) -> dict[str, list[Any]]:
    """The most frequent of all who ended, and the rest together."""
    top = counts.top(most)
    rows = [*top.rows, *([(OTHER, top.other)] if top.other else [])] if stated else []
    return {
        column: [name for name, _ in rows],
        "people": [number for _, number in rows],
        **interval_columns("of_ended", [_share(number, counts.total) for _, number in rows]),
    }


def _survival(tally: ChurnTally) -> dict[str, list[Any]]:
    """Some points of the curve of who is still a customer."""
    curve = tally.lives.curve()
    step = max(-(-len(curve.times) // POINTS), 1)
    places = sorted({*range(0, len(curve.times), step), *([len(curve.times) - 1] if len(curve.times) else [])})
    gone = [curve.share_by(int(curve.times[place])) for place in places]
    still = [_still(each) for each in gone]
    return {
        "after_seconds": [int(curve.times[place]) / SECOND for place in places],
        "watched": [int(curve.waiting[place]) for place in places],
        "ended": [int(curve.happened[place, 0]) for place in places],
        **interval_columns("of_begun_still", still),
    }


def _by_age(tally: ChurnTally) -> dict[str, list[Any]]:
    """Of those who first began in the period and could be followed for so long, who had ended by then."""
    gone, mature = tally.gone.tolist(), tally.mature.tolist()
    return {
        "within": [f"{age // DAY} days" for age in AGES],
        "followed": mature,
        "ended": gone,
        **interval_columns("of_followed_ended", [_share(x, n) for x, n in zip(gone, mature, strict=True)]),
    }


def _coming_back(tally: ChurnTally) -> dict[str, list[Any]]:
    """Which share of those who ended is a customer again within some times, those who ended lately watched so far."""
    curve, days = tally.away.curve(), [length // DAY for length in BANDS]
    upto = [int(np.searchsorted(curve.times, length, side="right")) for length in BANDS]
    return {
        "within": [f"{each} days" for each in days],
        "people": [int(curve.happened[:place, 0].sum()) for place in upto],
        **interval_columns("of_ended_came_back", [curve.share_by(length) for length in BANDS]),
    }


def _still(gone: Estimate) -> Estimate:
    """One less the share that is gone."""
    value, low, high = (None if part is None else 1 - part for part in (gone.value, gone.high, gone.low))
    return Estimate(value, low, high, gone.n, gone.level, gone.method)


def _by_tenure(tally: ChurnTally) -> dict[str, list[Any]]:
    """Churn by how long somebody had been a customer when the bucket began."""
    churned, stayed = tally.bands[:, CHURNED].tolist(), tally.bands[:, STAYED].tolist()
    whole = [a + b for a, b in zip(churned, stayed, strict=True)]
    shares = [_share(a, n) for a, n in zip(churned, whole, strict=True)]
    return {
        "tenure": list(BAND_NAMES),
        "at_risk": whole,
        "churned": churned,
        **interval_columns("of_at_risk_churned", shares),
    }


def _silence(asked: Churn, tally: ChurnTally) -> dict[str, list[Any]]:
    """By whose gaps customers are judged, and after how long a silence; empty where events or one gap decide."""
    if asked.ends is not None or asked.gap != "auto":
        return {"judged_by": [], "people": [], "median_seconds": [], "longest_seconds": [], "of_customers": []}
    customers, own = int(tally.units[0]), tally.own.n
    fallback = asked._rule(0).otherwise / SECOND
    middle, long = (tally.own.quantile(share) for share in (0.5, asked.quantile))
    return {
        "judged_by": ["own gaps", "otherwise"],
        "people": [own, customers - own],
        "median_seconds": [None if middle is None else middle / SECOND, fallback],
        "longest_seconds": [None if long is None else long / SECOND, fallback],
        "of_customers": [Proportion(each, customers).rate for each in (own, customers - own)],
    }


def _words(asked: Churn, tally: ChurnTally, lines: Sequence[int], friction: Beside) -> list[str]:
    customers, ended = tally.units.tolist()
    if not customers:
        return ["Nobody is a customer in this period."]
    over = [k for k in lines if tally.told[k] == "over" and tally.number("at risk", k)]
    whole = with_interval(_share(ended, customers))
    said = [f"Of {count(customers)} customers in this period {count(ended)} ended in it: {whole}."]
    if over:
        k = over[-1]
        share = _share(tally.number("churned", k), tally.number("at risk", k))
        at_risk = count(tally.number("at risk", k))
        said.append(f"Of the {at_risk} at the start of {tally.labels[k]}, {with_interval(share)} churned in it.")
    why = []
    if asked.reason is not None and ended:
        (name, number), *_ = tally.reasons.top(1).rows
        why.append(f"Most often stated: {name} ({count(number)} of {count(tally.reasons.total)} ends).")
    strongest = friction.strongest()
    if strongest is not None:
        what, one, other = strongest
        why.append(
            f"Associated with it: {percent(one)} of those who churned had {what} in the {asked.lookback} before, "
            f"and {percent(other)} of those who stayed."
        )
    return [*said, " ".join(why)] if why else said


def _notices(asked: Churn, tally: ChurnTally, lines: Sequence[int]) -> list[Notice]:
    found = []
    if tally.stray:
        text = f"{tally.stray:,} ends of what had not begun, or had ended, are left out."
        found.append(Notice("before_start", text))
    if lines and tally.told[lines[-1]] == "open":
        text = f"The last {asked.every} is not over: who has not ended in it is undecided, and it has no share."
        found.append(Notice("undecided", text))
    if lines and lines[0] == 0:
        text = "The data begins in the first bucket: whoever was a customer before that begins with their first event."
        found.append(Notice("left_censored", text))
    if asked.ends is None:
        back, gone = (sum(tally.number(name, k) for k in lines) for name in ("came back", "churned"))
        if gone:
            text = f"Silence is taken for the end: {back:,} of {gone:,} who were taken for gone came back so far."
            found.append(Notice("by_silence", text))
    if asked.friction or asked.tickets or asked.feedback:
        text = "What differs between who churned and who stayed is associated with churn; it need not cause it."
        found.append(Notice("associated", text))
    if tally.lives.approximate:
        text = "Times are rounded, because there were too many to keep each; at most 0.4 % off."
        found.append(Notice("approximate_times", text))
    return found


__all__ = ["report"]
