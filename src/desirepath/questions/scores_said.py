"""What does a survey's score say in words, and what has to be known before it is believed?

Sentences for the head of the answer, and notices: answers left out, another scale than the one that was named, few
answers, comments of people who are more or less content than those who write nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desirepath.answers.answer import Notice
from desirepath.answers.words import count, percent, with_interval
from desirepath.questions.scores_walk import MISSING, OFF, OPEN, SUPERSEDED
from desirepath.statistics import Estimate
from desirepath.statistics.scores import FEW

if TYPE_CHECKING:
    from desirepath.questions.scores_answer import ScoresTally

MOST_STRATA = 100
"""With more kinds of people than so many, the smallest are weighted together."""


def _said(tally: ScoresTally, found: Estimate) -> str:
    """A score in words."""
    if tally.asked.rule.kind == "share":
        return with_interval(found)
    if found.value is None:
        return "not enough data"
    digits, sign = (1, "+") if tally.asked.rule.kind == "nps" else (2, "")
    told = f"{found.value:{sign}.{digits}f}"
    if found.low is None or found.high is None:
        return told
    return f"{told} (95 % interval {found.low:{sign}.{digits}f} to {found.high:{sign}.{digits}f})"


def said_of(tally: ScoresTally) -> list[str]:
    """The sentences at the head of the answer."""
    counts, n = tally.counts[0], int(tally.counts[0].sum())
    rule = tally.asked.rule
    if not n:
        what = "gave an answer" if not tally.states[0, : OFF + 1].sum() else "gave an answer with a score on the scale"
        return [f"Nobody {what} ({tally.asked.answers}) in this period."]
    name = {"nps": "The NPS", "share": "The share of satisfied answers", "mean": "The mean"}[rule.kind]
    given = f"{count(n)} {'answer' if n == 1 else 'answers'} of {count(tally.people(0))} people"
    said = [f"{name} is {_said(tally, tally.score())}, of {given}."]
    if rule.kind == "nps":
        up, down = int(counts[9:].sum()), int(counts[:7].sum())
        said.append(f"{percent(up / n)} are promoters, {percent(down / n)} detractors.")
    if tally.asked.invited is not None and tally.response(0).n:
        response = tally.response(0)
        said.append(
            f"{with_interval(tally.response_rate(0))} of {count(response.n)} invitations were answered within "
            f"{tally.asked.respond_within}."
        )
    return said


def _suspicious(tally: ScoresTally) -> str | None:
    """Why the answers may be on another scale."""
    counts, n = tally.counts[0], int(tally.counts[0].sum())
    if tally.asked.rule.kind != "nps" or n < FEW:
        return None
    if not counts[6:].sum():
        return f"No answer of {count(n)} is above 5; is the scale 1 to 5?"
    if counts[0] == 0 and counts[1] >= 5:
        return (
            f"No answer of {count(n)} is 0, while {count(int(counts[1]))} are 1: a scale of 1 to 10 seems to be in "
            "use. Its score is not quite comparable with one of 0 to 10."
        )
    return None


def _writers(tally: ScoresTally) -> str | None:
    """How those who write a comment differ from those who do not, where chance does not account for it."""
    if tally.asked.text is None:
        return None
    one, two, change = tally.by_text()
    if change.value is None or change.low is None or change.high is None or change.low <= 0 <= change.high:
        return None
    times, sign, digits, unit = {"nps": (1, "+", 1, ""), "share": (100, "", 1, " %"), "mean": (1, "", 2, "")}[
        tally.asked.rule.kind
    ]
    written, unwritten = (f"{times * (each.value or 0.0):{sign}.{digits}f}{unit}" for each in (one, two))
    by, low, high = (f"{times * each:+.{digits}f}" for each in (change.value, change.low, change.high))
    return (
        f"The {count(int(tally.texts[0].sum()))} answers with a comment score {written}, the "
        f"{count(int(tally.texts[1].sum()))} without {unwritten}: {by} points (95 % interval {low} to {high}). "
        "What is written does not speak for those who write nothing."
    )


_TOLD = {
    2: ("promoter", "good", "satisfied", "positive", "happy", "fördernd", "promoteur", "promotor"),
    1: ("passive", "neutral", "passiv", "passif", "passivo", "neutro"),
    0: ("detractor", "bad", "unsatisfied", "dissatisfied", "negative", "unhappy", "kritiker", "détracteur", "detrator"),
}


def kind_told(label: str | None) -> int:
    """What a source's label calls an answer: 2 the best kind, 1 the middle, 0 the worst, -1 for anything else."""
    said = (label or "").strip().casefold()
    return next((kind for kind, names in _TOLD.items() if said.rstrip("s") in names or said in names), -1)


def notices_of(tally: ScoresTally) -> list[Notice]:
    """What was left out, and what is doubtful."""
    found, states, n = [], tally.states[0], int(tally.counts[0].sum())
    suspect = _suspicious(tally)
    if suspect:
        found.append(Notice("scale_suspect", suspect))
    if 0 < n < FEW:
        found.append(Notice("few_answers", f"The score rests on {n} answers; below {FEW} they say little."))
    if states[MISSING]:
        found.append(Notice("missing_score", f"Answers without a score are left out: {states[MISSING]:,}."))
    if states[OFF]:
        text = f"Answers whose score is not on the scale ({tally.asked.scale}) are left out: {states[OFF]:,}."
        found.append(Notice("off_scale", text))
    if states[SUPERSEDED]:
        text = (
            f"Of several answers of a person within {tally.asked.once} the last counts: {states[SUPERSEDED]:,} do not."
        )
        found.append(Notice("superseded", text))
    agrees, differs = tally.labelled
    if differs:
        share = percent(differs / (agrees + differs))
        text = (
            f"{count(differs)} of {count(agrees + differs)} answers with a label are called otherwise than their score"
        )
        found.append(Notice("label_differs", f"{text} says ({share}); the score counts."))
    writers = _writers(tally)
    if writers:
        found.append(Notice("who_writes_differs", writers))
    people = tally.people(0)
    if people < n:
        text = f"{n - people:,} answers are of people who have another; the intervals are over people."
        found.append(Notice("repeated_people", text))
    if states[OPEN]:
        text = f"{states[OPEN]:,} invitations can still be answered; the response rate leaves them out."
        found.append(Notice("undecided", text))
    if "open" in tally.told and tally.size:
        found.append(Notice("unfinished_bucket", f"The last {tally.asked.every} is not over."))
    silent = [name for name, each in tally.kinds(MOST_STRATA) if each[0] and not each[1:].sum()]
    if silent and n:
        text = f"Kinds of people of whom nobody answered are left out of the weighted score: {len(silent)}."
        found.append(Notice("silent_strata", text))
    return found


__all__ = ["MOST_STRATA", "notices_of", "said_of"]
