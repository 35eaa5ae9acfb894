"""Which words are in a text? Texts are cut once, and every reader of English reads the same words.

    words_of("It's NOT working!! Didn't arrive :(")
        words: it is not working !! did not arrive :(     loud: {not}

    cut = Cut(texts)                        # a sequence of the same texts that remembers what was cut
    sentiments(cut, codes), efforts(cut, codes)

Words are in lower case. Contractions are taken apart, so that `isn't`, `isnt` and `is not` are read alike; hyphens part
words. Addresses of web pages and names after an @ are left out; a # is dropped and its word kept. Marks, emoticons and
emoji are words of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple, overload

LONGEST = 20_000
"""Of a longer text so many characters at its beginning are read: no remark is longer, and a pasted file may be."""

_SHORT = {
    "ain": "is", "aren": "are", "ca": "can", "can": "can", "couldn": "could", "didn": "did", "doesn": "does",
    "don": "do", "hadn": "had", "hasn": "has", "haven": "have", "isn": "is", "mustn": "must", "needn": "need",
    "shan": "shall", "shouldn": "should", "wasn": "was", "weren": "were", "won": "will", "wo": "will",
    "wouldn": "would", "mightn": "might",
}  # fmt: skip
"""What stands before n't, and the verb that it is short for."""

_ENDINGS = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_IS = {"it", "that", "what", "here", "there", "he", "she", "who", "where", "how", "everything", "nothing", "let"}
"""After these 's is a verb; after other words it is left out."""

_WHOLE = {
    "cannot": ("can", "not"), "im": ("i", "am"), "ive": ("i", "have"), "dunno": ("do", "not", "know"),
    "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("have", "to"), "u": ("you",), "ur": ("your",),
    "thx": ("thanks",), "thnx": ("thanks",), "tnx": ("thanks",), "thks": ("thanks",), "thankyou": ("thank", "you"),
    "ty": ("thanks",), "pls": ("please",), "plz": ("please",), "gr8": ("great",), "luv": ("love",), "w": ("with",),
    "n't": ("not",), "alot": ("a", "lot"), "noone": ("nobody",), "hrs": ("hours",), "hr": ("hour",),
    "min": ("minutes",), "mins": ("minutes",), "b4": ("before",), "dnt": ("do", "not"), "wouldve": ("would", "have"),
    "shouldve": ("should", "have"), "couldve": ("could", "have"), "tho": ("though",), "rly": ("really",),
    "realy": ("really",), "definately": ("definitely",), "recieved": ("received",), "recieve": ("receive",),
    "cuz": ("because",), "bc": ("because",), "ya": ("you",), "em": ("them",), "thats": ("that", "is"),
    "whats": ("what", "is"), "theres": ("there", "is"), "canceled": ("cancelled",), "canceling": ("cancelling",),
}  # fmt: skip

_SPLIT: dict[str, tuple[str, ...]] = {
    **{f"{start}t": (verb, "not") for start, verb in _SHORT.items() if start not in {"ca", "wo"}},
    **_WHOLE,
}

REACH = 3
_DENIALS = frozenset("not never no nothing without hardly neither nor nobody less".split())

MARKS = frozenset(".,;:!?()")
"""Words that begin with one of these part clauses, unless they are faces."""

_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]{1,63}\.(?:com|net|org|ly|co|io|gov|edu|example)\b\S*|@\w+|&\w{2,6};"
    r"|[^\W\d_]+(?:'[^\W\d_]+)*(?:\d+\w*)?"  # words, with what follows an apostrophe
    r"|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|am|pm|fa|x|k|m|h|hrs?|mins?|%)?"
    r"|n't\b|'s\b|</?3|[:;=]'?[-o*^]?[)\](\[dpsc/\\|}{@*3]+(?!\w)|\([-^]?[:;=](?!\w)|[-^]_+[-^]"
    r"|[\u2600-\u27bf\U0001f000-\U0001faff]|[!?.]+|[,;:()]"
)
_LOUD = re.compile(r"(?<![\w@])[A-Z]{2,}(?!\w)")
_DRAWN = re.compile(r"(\w)\1{2,}")
_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc\u00b4`\u2013\u2014", "'''''--")


class Words(NamedTuple):
    """One text, cut.

    Attributes
    ----------
    words
        In lower case and in order, with marks.
    loud
        Those written in capitals, where not everything is.
    calls
        How many exclamation marks there are.
    doubts
        How many question marks.
    """

    words: list[str]
    loud: frozenset[str]
    calls: int
    doubts: int


NONE = Words([], frozenset(), 0, 0)


def words_of(text: str) -> Words:
    """Cut a text into words; the first `LONGEST` characters of it."""
    if not isinstance(text, str) or not text:
        return NONE
    text = text[:LONGEST].translate(_APOSTROPHES)
    if "&" in text:
        text = unescape(text)
    lower = text.lower()
    if _DRAWN.search(lower):
        lower = _DRAWN.sub(r"\1\1", lower)
    words: list[str] = []
    for each in _TOKEN.findall(lower):
        split = _SPLIT.get(each)
        if split is not None:
            words.extend(split)
        elif "'" in each:
            words.extend(_apart(each))
        elif each[0] in "@&" or ("." in each[1:-2] and each[0].isalpha()):
            continue  # an address or a name
        else:
            words.append(each)
    loud: frozenset[str] = frozenset()
    if not text.isupper():
        loud = frozenset(word.lower() for word in _LOUD.findall(text))
    return Words(words, loud, text.count("!"), text.count("?"))


def _apart(word: str) -> tuple[str, ...]:
    """Take a word with an apostrophe apart: wasn't, it's, we've, the driver's."""
    start, _, end = word.rpartition("'")
    if not start:
        return () if end == "s" or not end else (word,) if not end[0].isalpha() else (end,)
    if end == "t" and start.endswith("n"):
        return _SHORT.get(start, start.removesuffix("n")), "not"
    if end in _ENDINGS:
        return start, _ENDINGS[end]
    if end == "s":
        return (start, "is") if start in _IS else (start,)
    return (word,) if not start[0].isalpha() else (start, end)


def denied(words: Sequence[str], place: int) -> bool:
    """Whether what stands at `place` is denied by one of the three words before it, in the same clause."""
    for before in range(place - 1, max(place - REACH, 0) - 1, -1):
        word = words[before]
        if word[0] in MARKS or word == "but":
            return False
        if word in _DENIALS:
            return words[before + 1] not in {"only", "doubt"}
    return False


class Cut(Sequence[str]):
    """Texts that are cut when they are first read, and no second time.

    Parameters
    ----------
    texts
        What is no text counts as an empty one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text if isinstance(text, str) else "" for text in texts]
        self._words: list[Words | None] = [None] * len(self._texts)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Cut:
        """Return texts ready to be cut; the same ones if they are already."""
        return texts if isinstance(texts, Cut) else cls(texts)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self._texts[place]

    def words(self, place: int) -> Words:
        """Return the words of one text."""
        found = self._words[place]
        if found is None:
            found = self._words[place] = words_of(self._texts[place])
        return found


__all__ = ["LONGEST", "MARKS", "NONE", "Cut", "Words", "denied", "words_of"]
