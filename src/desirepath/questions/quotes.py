"""What did they say, in their words? Remarks that stand for the others, found by touchpoint, theme, mood and words.

    ws.ask(Quotes(answers="survey", text="comment", words="never came", mood="bad", map="repair"))

    touchpoint   theme         quote                                        times  stands_for  sentiment
    visit        missed visit  Nobody came and nobody called.                  12         140       -3.4

Which remarks are shown follows a rule and nobody's taste; all others are counted, and every quote leads to who said it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np

from desirepath.answers.words import count
from desirepath.errors import InputError
from desirepath.journeys.batch import JourneyBatch
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Report
from desirepath.questions.remarks import Remarks
from desirepath.questions.voice_quotes import chosen
from desirepath.questions.voice_tally import NO_THEME, PARTS, VoiceTally, tally_of

MOST_QUOTES = 200


@question
class Quotes(Remarks):
    """What did they say, in their words?

    Parameters
    ----------
    most
        How many quotes to show.
    words
        Only remarks that hold all of these words or parts of words, in any case.
    mood
        Only remarks that sound so: `bad` (below -0.5), `neutral`, `good` (above 0.5), or `unread`.
    about
        Only remarks about this touchpoint, or `(none)`.
    theme_is
        Only remarks of this theme, or `(no theme)`.
    """

    most: int = 10
    words: str | None = None
    mood: Literal["bad", "neutral", "good", "unread"] | None = None
    about: str | None = None
    theme_is: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        super().__post_init__()
        if not 1 <= self.most <= MOST_QUOTES:
            raise InputError(f"{self.most} quotes cannot be shown.", allowed=[f"1 to {MOST_QUOTES}"])
        if self.words is not None and not self.words.split():
            raise InputError("`words` needs a word.")

    @cached_property
    def _wanted(self) -> dict[str, str]:
        given = {"mood": self.mood, "touchpoint": self.about, "theme": self.theme_is}
        return {name: value for name, value in given.items() if value is not None}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per remark that is looked for."""
        found = super().find(journeys)
        keep = np.ones(len(found), dtype=np.bool_)
        for name, wanted in self._wanted.items():
            if name == "theme" and wanted != NO_THEME and wanted not in found.labels["theme"]:
                keep[:] = False
            else:
                keep &= self.select(found, {name: wanted})
        if self.words is not None:
            parts = [part.casefold() for part in self.words.split()]
            codes, of = np.unique(found.values["text"], return_inverse=True)  # a block has few of all texts
            keep &= np.array([_holds(str(found.labels["text"][code]), parts) for code in codes], dtype=np.bool_)[of]
        return found.take(keep)

    def tally(self, findings: Findings) -> VoiceTally:
        """What was said, and by how many."""
        return tally_of(self, findings)

    def answer(self, tally: VoiceTally) -> Report:
        """The quotes, each with how many remarks it stands for."""
        picked = chosen(tally, 0, None, self.most)
        table: dict[str, list[Any]] = {
            "quote": [text for text, *_ in picked],
            "language": [tally.quoted_in[text] for text, *_ in picked],
            "times": [sums[0] for _, sums, _ in picked],
            "stands_for": [stands_for for *_, stands_for in picked],
            "sentiment": [sums[2] / PARTS / sums[1] if sums[1] else None for _, sums, _ in picked],
        }
        if self.score is not None:
            table["score"] = [sums[4] / sums[3] if sums[3] else None for _, sums, _ in picked]
        people = int(tally.line(0)[0])
        words = [f"{count(tally.size)} remarks of {count(people)} people; {len(picked)} stand for them."]
        return Report(table, {}, words if tally.size else ["Nobody said anything like that in this period."], [], [])


def _holds(text: str, parts: list[str]) -> bool:
    said = text.casefold()
    return all(part in said for part in parts)


__all__ = ["Quotes"]
