"""What do people say at each step of their journey, how do they feel there, and what has changed?

    ws.ask(Voice(answers="survey", text="comment", score="score", map="repair"))

    touchpoint       theme           people  of_people_there   sentiment          score    change
    visit            missed visit       312  31.4 % [28, 34]  -2.9 [-3.1, -2.7]   -61      +6.1 points
    visit            friendly engineer  204  20.5 % [18, 23]  +3.4 [+3.2, +3.6]   +72

A remark hangs on the touchpoint that it names (the same order or ticket), else on the last one before it, with how
sure that is. People are the unit of every share and interval.
"""

from __future__ import annotations

from typing import Literal

from desirepath.errors import InputError
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Report
from desirepath.questions.remarks import Remarks
from desirepath.questions.voice_answer import voice_report
from desirepath.questions.voice_tally import VoiceTally, tally_of

MOST_THEMES, MOST_QUOTES = 100, 20


@question
class Voice(Remarks):
    """What do people say at each step of their journey, how do they feel there, and what has changed?

    Parameters
    ----------
    every
        Buckets of the workspace's calendar, to tell what has changed: the last that is over against those before it.
    most, quotes
        How many themes a touchpoint has, and how many quotes a theme.
    """

    every: Literal["day", "week", "month", "quarter"] | None = None
    most: int = 10
    quotes: int = 3

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.most <= MOST_THEMES:
            raise InputError(f"{self.most} themes cannot be told apart.", allowed=[f"1 to {MOST_THEMES}"])
        if not 0 <= self.quotes <= MOST_QUOTES:
            raise InputError(f"{self.quotes} quotes are not shown.", allowed=[f"0 to {MOST_QUOTES}"])
        super().__post_init__()

    @property
    def unit(self) -> str | None:
        """The unit of the buckets."""
        return self.every

    def tally(self, findings: Findings) -> VoiceTally:
        """People, scores and moods by touchpoint, stage and theme; and what was said."""
        return tally_of(self, findings)

    def answer(self, tally: VoiceTally) -> Report:
        """Themes by touchpoint, with quotes; how people feel along the journey; what has changed."""
        return voice_report(tally)


__all__ = ["Voice"]
