"""What do the sums say of behaviours? The table, the thresholds that hold on other people, and the finding in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Notice
from desirepath.answers.behaviour_charts import behaviours_chart
from desirepath.answers.words import count, percent, with_interval
from desirepath.errors import InputError
from desirepath.questions.behaviours_sums import BehaviourTally
from desirepath.questions.behaviours_table import (
    ASSOCIATED,
    LEAST,
    TOO_FEW,
    Judged,
    Line,
    judge,
    line_columns,
    lines_of,
    standardised_columns,
    threshold_columns,
    told_as,
)
from desirepath.questions.behaviours_walk import UNDECIDED
from desirepath.questions.question import Report
from desirepath.statistics import Proportion

if TYPE_CHECKING:
    from desirepath.questions.behaviours import Behaviours

Table = Mapping[str, list[Any]]


def behaviours_report(tally: BehaviourTally, asked: Behaviours) -> Report:
    """Put the sums into tables and words.

    Raises
    ------
    InputError
        If `only` asks for a behaviour that is one of the groups under another name.
    """
    found, many = lines_of(tally, asked.choice.share, asked.most)
    lines, same = _apart(found, asked)
    judged = judge(lines, asked.sides, asked.choice.share)
    shown = judged.first(asked.most)
    table = line_columns(shown, asked.sides)
    if asked.strata is not None:
        table |= standardised_columns(tally, shown, asked.sides)
    extras: dict[str, Table] = {
        "accounts": {"what": list(asked.outcomes), "people": tally.outcomes.tolist()},
        "thresholds": threshold_columns(tally, asked.sides, asked.choice.share, asked.most, same),
    }
    if asked.sides.groups:
        why = "nearly everybody of one group did it and nearly nobody of the other"
        extras["left_out"] = {"behaviour": list(same), "why": [why] * len(same)}
    return Report(
        table,
        extras,
        words=_words(tally, asked, judged),
        notices=_notices(tally, asked, judged, same, many - (len(found) - len(lines)) - len(shown.lines)),
        charts=[behaviours_chart(groups=asked.sides.groups)] if shown.lines else [],
    )


def _apart(lines: Sequence[Line], asked: Behaviours) -> tuple[list[Line], list[str]]:
    """The lines without those of behaviours that are one of the groups under another name, and these."""
    if not asked.sides.groups:
        return list(lines), []
    same = list(dict.fromkeys(line.name for line in lines if line.defines))
    for name in same:
        if name in (text.strip() for text in asked.only):
            raise InputError(
                f"{name!r} cannot be compared: nearly everybody of one group did it and nearly nobody of the other, "
                "so it says again who belongs to which. Take it out of `only`."
            )
    return [line for line in lines if line.name not in same], same


def _words(tally: BehaviourTally, asked: Behaviours, judged: Judged) -> list[str]:
    if not tally.size:
        return [f"Nobody began with {asked.start or 'anything'} in this period."]
    one, other = tally.sides
    if asked.sides.groups:
        said = [f"{count(one)} belong to the first group and {count(other)} to the other."]
    else:
        share = with_interval(Proportion(one, one + other).estimate())
        said = [
            f"Of {count(one + other)} who had not reached {asked.goal} within {asked.within}, and were followed for "
            f"{asked.window}, {share} reached it."
        ]
    tested = [verdict for verdict in judged.verdicts if verdict != TOO_FEW]
    if not tested:
        return [*said, f"No behaviour has {LEAST} people of every kind, so that there is not enough data to compare."]
    found = sum(verdict == ASSOCIATED for verdict in tested)
    said.append(f"Of {count(len(tested))} that were compared, {count(found)} are associated with it.")
    return [*said, *_clearest(judged, asked)]


def _clearest(judged: Judged, asked: Behaviours) -> list[str]:
    """The clearest line that is no step that everybody has to take."""
    for line, verdict in zip(judged.lines, judged.verdicts, strict=True):
        if verdict != ASSOCIATED or line.structural:
            continue
        effect = line.effect(asked.sides)
        did, rest = percent(effect.share().value), percent(effect.share_without().value)
        what = told_as(line.name, line.times, line.days)
        if asked.sides.groups:
            return [f"Furthest apart: {what}: {did} of the first group, against {rest} of the other."]
        return [f"Most clearly: {what}: {did} of those who did reached it, against {rest} of the others."]
    return []


def _notices(tally: BehaviourTally, asked: Behaviours, judged: Judged, same: Sequence[str], more: int) -> list[Notice]:
    notices = []
    outcomes = dict(zip(asked.outcomes, tally.outcomes.tolist(), strict=True))
    if tally.outcomes[UNDECIDED]:
        text = f"{outcomes['undecided']:,} were not followed for so long before the data ends; they are in no rate."
        notices.append(Notice("undecided", text))
    if outcomes.get("early") and asked.sides.groups:
        text = (
            f"Of {outcomes['early']:,} it was known by the landmark where they belong; they are left out, "
            "because what they did since then may follow from it. A shorter `within` leaves out fewer."
        )
        notices.append(Notice("told_by_landmark", text))
    elif outcomes.get("early"):
        text = f"{outcomes['early']:,} reached {asked.goal} by the landmark; they had less time, and are left out."
        notices.append(Notice("before_landmark", text))
    if outcomes.get("both"):
        notices.append(Notice("both_groups", f"{outcomes['both']:,} fit both groups, and are left out."))
    if same:
        text = f"Left out, because they say again who belongs to which group: {', '.join(same)}."
        notices.append(Notice("same_as_group", text))
    if any(line.structural for line in judged.lines):
        text = "Nearly everybody of a side does what is marked as structural; it is no choice of theirs."
        notices.append(Notice("structural", text))
    if judged.lines:
        text = "A behaviour is associated with the outcome; whether it brings it about only a test can say."
        notices.append(Notice("associated", text))
        text = (
            "The table `thresholds` holds thresholds that one half of the people chose, with figures of the other half."
        )
        notices.append(Notice("held_out", text))
    if more > 0:
        text = f"{more:,} more lines are not shown; `most` shows more."
        notices.append(Notice("other", text))
    return notices
