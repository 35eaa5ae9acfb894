"""How did a conversation go? Read from its turns: how the customer sounds at first and at last, silence, transfers.

[{"speaker": "customer", "start_s": 3.0, "end_s": 8.0, "text": "I waited all day!"}, {"speaker": "agent", ...}, ...]

    sentiment_start, sentiment_end   the customer's first and last words, -5 to +5; the agent's are never counted
    silence                          share of the time in which nobody speaks, 0 to 1
    talk                             share of the words that are the customer's, 0 to 1
    transfers                        how often somebody else took over: other agents, or an agent who says so
    resolution                       `resolved` or `unresolved`, if the last words tell

What is no list of turns, and whatever the turns do not tell, is NaN or None.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

VERSION = "turns 2"

FEW = 2
"""So many turns of the customer are its first words, and its last; fewer where these would be the same."""

LONGEST = 1e9
"""No moment of a conversation is further from its begin, in seconds."""

_HANDED_ON = re.compile(
    r"\b(transfer(?:ring)? you|put(?:ting)? you through|connect(?:ing)? you (?:to|with)|hand(?:ing)? you over|"
    r"verbinde sie|stelle sie durch|leite sie weiter|vous transf[eè]re|vous passe|vous mets en relation)\b",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(that (?:fixed|solved|did) it|(?:it|that) works? (?:now|again)|working (?:now|again)|problem (?:is )?solved|"
    r"sorted|all set|that(?:'s| is) (?:all|everything)|solved|funktioniert (?:jetzt|wieder)|ist gel[oö]st|"
    r"[cç]a (?:re)?marche|c'est r[eé]solu)\b",
    re.IGNORECASE,
)
_UNSOLVED = re.compile(
    r"\b(still (?:not|does ?n[o']t|broken|down|waiting|the same|isn't)|not (?:solved|fixed|resolved|working)|"
    r"(?:does|did) ?n[o']t (?:work|help)|call (?:back|again)|cancel|complain|funktioniert (?:immer noch )?nicht|"
    r"immer noch|ne (?:marche|fonctionne) (?:toujours )?pas|toujours pas)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"(?:\b(?:not|never|still|nicht|kein|pas|no longer)|n't)\W+(?:\w+\W+)?$", re.IGNORECASE)
"""What stands before a good sign that is none."""

_COURTESY = re.compile(
    r"\b(?:thank you|thanks)(?: (?:very|so) much| a lot)?\b|\b(?:good ?bye|bye|hello|hi"
    r"|good (?:morning|afternoon|evening)|have a (?:nice|good|great) (?:day|evening|weekend|one)"
    r"|you are welcome|you're welcome)\b",
    re.IGNORECASE,
)
"""What is said at the start and the end of every conversation, however it went."""


@dataclass(frozen=True)
class Turn:
    """What one of them said; `starts` and `ends` in seconds, NaN where that is not known."""

    speaker: str
    customer: bool
    text: str
    starts: float
    ends: float


def turns_of(text: str) -> list[Turn]:
    """The turns in a property's text, in their order; none where it is no list of turns."""
    if not text.lstrip().startswith("["):
        return []
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):  # also a number with more digits than are read
        return []
    found = []
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("text"), str):
            speaker = str(one.get("speaker") or "")
            customer = speaker.casefold() in ("customer", "client", "caller", "user", "visitor")
            found.append(Turn(speaker, customer, one["text"], _seconds(one, "start_s"), _seconds(one, "end_s")))
    return found


def reading(name: str, texts: Sequence[str]) -> npt.NDArray[np.float64] | list[str | None]:
    """What one reader says of each text.

    Parameters
    ----------
    name
        See the head of this file.
    texts
        Turns as JSON.
    """
    said = [turns_of(text) for text in texts]
    if name == "sentiment_start":
        return _sentiments([_words(turns, first=True) for turns in said])
    if name == "sentiment_end":
        return _sentiments([_words(turns, first=False) for turns in said])
    if name == "resolution":
        return [_resolution(turns) for turns in said]
    of = {"silence": _silence, "talk": _talk, "transfers": _transfers}[name]
    return np.array([of(turns) for turns in said], dtype=np.float64)


def _seconds(one: dict[str, Any], name: str) -> float:
    value = one.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return math.nan
    return float(value) if abs(value) <= LONGEST else math.nan


def _words(turns: Sequence[Turn], *, first: bool) -> str:
    """The customer's first or last words; a single turn is its first, and nothing is its last."""
    mine = [_COURTESY.sub("", turn.text) for turn in turns if turn.customer and turn.text.strip()]
    many = min(FEW, max(len(mine) // 2, 1))
    if first:
        return " ".join(mine[:many])
    return " ".join(mine[-many:]) if len(mine) > 1 else ""


def _sentiments(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    from desirepath.text.language import languages
    from desirepath.text.sentiment import sentiments

    return sentiments(texts, languages(texts))


def _silence(turns: Sequence[Turn]) -> float:
    spans = sorted((turn.starts, turn.ends) for turn in turns if turn.ends >= turn.starts >= 0)
    if len(spans) < 2 or len(spans) < len(turns):
        return math.nan
    begin, until, spoken = spans[0][0], spans[0][0], 0.0
    for starts, ends in spans:
        spoken += max(ends - max(starts, until), 0.0)
        until = max(until, ends)
    return 1.0 - spoken / (until - begin) if until > begin else math.nan


def _talk(turns: Sequence[Turn]) -> float:
    words = [(turn.customer, len(turn.text.split())) for turn in turns]
    whole = sum(n for _, n in words)
    return sum(n for mine, n in words if mine) / whole if whole else math.nan


def _transfers(turns: Sequence[Turn]) -> float:
    if not turns:
        return math.nan
    agents = {turn.speaker for turn in turns if not turn.customer and turn.speaker}
    said = sum(bool(_HANDED_ON.search(turn.text)) for turn in turns if not turn.customer)
    return float(max(len(agents) - 1, said))


def _resolution(turns: Sequence[Turn]) -> str | None:
    """The later of the two signs in the customer's last words counts; a good one that is denied is a bad one."""
    last = " ".join([turn.text for turn in turns if turn.customer][-FEW:])
    good = bad = -1
    for found in _SOLVED.finditer(last):
        if _DENIED.search(last[: found.start()]):
            bad = max(bad, found.end())
        else:
            good = max(good, found.end())
    bad = max([bad, *(found.end() for found in _UNSOLVED.finditer(last))])
    if good == bad == -1:
        return None
    return "resolved" if good > bad else "unresolved"
