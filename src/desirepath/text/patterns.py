"""Which known phrases does a text hold? Lists of words and phrases with a value, searched word by word.

    # text/lexicons/sentiment_service.txt
    -2.5: not|never arrive+, no one|body showed up, still waiting
    +2.0: on time, work+ as expected

    book = Book(); book.add("still waiting", -2.5)
    book.longest(["i", "am", "still", "waiting"], 2)      (4, -2.5): it ends before the fourth word

A line of a list is a value, a colon and phrases parted by commas. In a phrase `a|b` is either, `a?` may be missing, `*`
is up to three words of one clause, `#` a number, `no_one` two words that are one choice, `arrive+` a verb in all its
regular forms (or a noun and its plural), and `slow^` an adjective with its degrees and its adverb.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Generic, TypeVar

from desirepath.errors import InputError
from desirepath.text.words import MARKS

GAP = 3
"""A star stands for at most so many words."""

NUMBERS = {
    "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0,
    "ten": 10.0, "dozen": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0,
    "hundred": 100.0, "several": 4.0, "multiple": 4.0, "many": 5.0, "countless": 10.0, "numerous": 6.0,
    "umpteen": 10.0, "once": 1.0, "twice": 2.0, "thrice": 3.0, "one": 1.0, "few": 3.0, "couple": 2.0,
}  # fmt: skip
"""Numbers that people write in words, and about how many vague ones are."""

Value = TypeVar("Value")
_Node = dict[str, Any]
_END = ""


def number(word: str) -> float | None:
    """Read a number written in digits or as a word: 3, 3rd, 1,200, two; None if it is none."""
    known = NUMBERS.get(word)
    if known is not None or not word[0].isdigit():
        return known
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyz%").replace(",", "")
    try:
        return float(digits)
    except ValueError:
        return None


class Book(Generic[Value]):
    """Phrases by their words, as a tree, so that a search costs what a text is long."""

    def __init__(self) -> None:
        self._root: _Node = {}

    def add(self, pattern: str, value: Value) -> None:
        """Take a phrase in; a later one of the same words wins.

        Raises
        ------
        InputError
            If there is no word in it, or it begins with what may be anything.
        """
        for words in spelled(pattern):
            if not words or words[0] == "*":
                raise InputError(f"{pattern!r} is no phrase.", allowed=["words, the first of which is no *"])
            node = self._root
            for word in words:
                node = node.setdefault(word, {})
            node[_END] = value

    def starts(self) -> Iterable[str]:
        """Return the first words of all phrases."""
        return self._root.keys()

    def longest(self, words: Sequence[str], place: int) -> tuple[int, Value] | None:
        """Return where the longest phrase that begins at `place` ends, and its value."""
        node = self._root.get(words[place])
        if node is None:
            if "#" not in self._root or number(words[place]) is None:
                return None
            node = self._root["#"]
        return _longest(node, words, place + 1)


def _longest(node: _Node, words: Sequence[str], place: int) -> tuple[int, Any] | None:
    best: tuple[int, Any] | None = (place, node[_END]) if _END in node else None
    if place < len(words):
        word = words[place]
        branches = [(node[word], place + 1)] if word in node else []
        if "#" in node and number(word) is not None:
            branches.append((node["#"], place + 1))
        if "*" in node:
            branches += [(node["*"], after) for after in _reach(words, place)]
        for branch, after in branches:
            found = _longest(branch, words, after)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
    return best


def _reach(words: Sequence[str], place: int) -> Iterator[int]:
    """Give the places that a star may lead to."""
    yield place
    for after in range(place + 1, min(place + GAP, len(words)) + 1):
        if words[after - 1][0] in MARKS:
            return
        yield after


def spelled(pattern: str) -> list[tuple[str, ...]]:
    """Return every way to write a phrase: alternatives, what may be missing, forms of words."""
    choices: list[list[tuple[str, ...]]] = []
    for part in pattern.lower().replace("-", " ").split():
        given = part.split("|") if part != "?" else [part]
        optional = any(word.endswith("?") and len(word) > 1 for word in given)
        forms = [form for word in given for form in forms_of(word.removesuffix("?") or word)]
        choices.append(
            [*(tuple(form.split("_")) for form in dict.fromkeys(forms) if form), *([()] if optional else [])]
        )
    return [tuple(word for part in way for word in part) for way in product(*choices)]


def forms_of(word: str) -> list[str]:
    """Return the regular forms of `verb+` or `adjective^`, else the word."""
    if len(word) > 2 and word.endswith("+"):
        return _verb(word[:-1])
    if len(word) > 2 and word.endswith("^"):
        return _adjective(word[:-1])
    return [word]


def _doubles(stem: str) -> bool:
    """Whether the last letter is doubled: stop, stopped."""
    vowels = "aeiou"
    return (
        len(stem) > 2
        and len(stem) < 5
        and stem[-1] not in vowels + "wxyh"
        and stem[-2] in vowels
        and stem[-3] not in vowels
    ) or stem in {"cancel", "travel", "refer", "admit", "regret", "control", "prefer", "label", "commit"}


def _verb(stem: str) -> list[str]:
    if stem.endswith("e"):
        return [stem, stem + "s", stem + "d", stem[:-1] + "ing"]
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return [stem, stem[:-1] + "ies", stem[:-1] + "ied", stem + "ing"]
    plural = stem + ("es" if stem.endswith(("s", "x", "ch", "sh", "z")) else "s")
    last = stem + stem[-1] if _doubles(stem) else stem
    return [stem, plural, last + "ed", last + "ing"]


def _adjective(stem: str) -> list[str]:
    if stem.endswith("le") and stem[-3] not in "aeiou":
        return [stem, stem + "r", stem + "st", stem[:-1] + "y"]
    if stem.endswith("e"):
        return [stem, stem + "r", stem + "st", stem + "ly"]
    if stem.endswith("y"):
        return [stem, *(stem[:-1] + end for end in ("ier", "iest", "ily", "iness"))]
    if stem.endswith("ic"):
        return [stem, stem + "ally"]
    last = stem + stem[-1] if _doubles(stem) else stem
    return [stem, last + "er", last + "est", stem + "ly", stem + "ness"]


@cache
def listed(name: str) -> tuple[tuple[str, str], ...]:
    """Return the lines of a list of this package: what stands before the colon, and one phrase.

    Raises
    ------
    InputError
        If a line has no colon.
    """
    text = files("desirepath.text").joinpath("lexicons", name).read_text(encoding="utf-8")
    found = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        head, colon, phrases = line.partition(":")
        if not colon:
            raise InputError(f"{name}:{line_number} has no colon.", looked=name)
        found += [(head.strip(), phrase.strip()) for phrase in phrases.split(",") if phrase.strip()]
    return tuple(found)


__all__ = ["GAP", "NUMBERS", "Book", "forms_of", "listed", "number", "spelled"]
