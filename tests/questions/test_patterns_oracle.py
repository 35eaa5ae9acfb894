"""Patterns equal Python's regular expressions over letters, for random patterns and logs."""

from __future__ import annotations

import random
import re

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.events.pattern import Pattern
from desirepath.population import Population
from desirepath.questions.patterns import Patterns
from desirepath.runner import ask

SECOND = 1_000_000


def written(draw: random.Random, depth: int = 0) -> tuple[str, str]:
    """A random pattern, in our language and as a regular expression over letters."""
    kind = draw.choice(
        ["name", "class", "not", "any", "gap"] if depth > 2 else ["name", "class", "then", "or", "times"]
    )
    if kind == "name":
        letter = draw.choice("abc")
        return letter, letter
    if kind == "class":
        letters = draw.sample("abc", 2)
        return "{" + " or ".join(letters) + "}", "[" + "".join(letters) + "]"
    if kind == "not":
        letter = draw.choice("abc")
        return "{not " + letter + "}", f"[^{letter}]"
    if kind == "any":
        return ".", "."
    if kind == "gap":
        return "...", ".*"
    if kind == "or":
        parts = [written(draw, depth + 1) for _ in range(2)]
        return "(" + " | ".join(ours for ours, _ in parts) + ")", "(?:" + "|".join(theirs for _, theirs in parts) + ")"
    if kind == "then":
        parts = [written(draw, depth + 1) for _ in range(draw.randint(2, 3))]
        return "(" + " -> ".join(ours for ours, _ in parts) + ")", "(?:" + "".join(theirs for _, theirs in parts) + ")"
    ours, theirs = written(draw, depth + 1)
    if ours == "...":
        return ours, theirs
    times = draw.choice(["*", "+", "?", "{2}", "{1,2}", "{2,}"])
    return f"({ours}){times}", f"(?:{theirs}){times}"


def expected(
    letters: str, times: list[int], regex: str, within: int, *, at_start: bool, at_end: bool
) -> list[tuple[int, int]]:
    """Matches by trying every slice: the earliest end, then the latest start, then on from there."""
    found: list[tuple[int, int]] = []
    low = 0
    for end in range(len(letters)):
        if at_end and end != len(letters) - 1:
            continue
        for start in range(end, low - 1, -1):
            if at_start and start:
                continue
            if times[end] - times[start] <= within and re.fullmatch(regex, letters[start : end + 1]):
                found.append((start, end))
                low = end + 1
                break
    return found


def test_it_equals_regular_expressions() -> None:
    draw = random.Random(8)
    tried = fitted = 0
    while tried < 1500:
        ours, theirs = written(draw)
        at_start, at_end = draw.random() < 0.15, draw.random() < 0.15
        if re.fullmatch(theirs, ""):
            with pytest.raises(InputError, match="no event at all"):
                Pattern.parse(ours)
            continue
        tried += 1
        letters = "".join(draw.choice("abcd") for _ in range(draw.randint(1, 9)))
        moments = sorted(draw.randint(0, 12) for _ in letters)
        within = draw.choice([2, 5, 100])
        log = [
            Happened("ann", 10**15 + moment * SECOND, letter, f"{n:03d}")
            for n, (moment, letter) in enumerate(zip(moments, letters, strict=True))
        ]
        text = ("^" if at_start else "") + ours + ("$" if at_end else "")
        found = ask(Patterns([text], f"{within} seconds"), Population(Period.everything()), MemoryEngine(log))
        want = expected(letters, moments, theirs, within, at_start=at_start, at_end=at_end)
        (row,) = found.table.to_pylist()
        assert (row["people"], row["fits"], row["matches"]) == (1, int(bool(want)), len(want)), (text, letters, moments)
        if want:
            start, end = want[0]
            assert row["median_seconds"] == moments[end] - moments[start], (text, letters, moments)
            assert row["median_events"] == end - start + 1
            fitted += 1
    assert 300 < fitted < 1200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "stands where an event should"),
        ("a ->", "the end"),
        ("-> a", "stands where an event should"),
        ("c d -> e", None),
        ("a -> (b", r"closing '\)'"),
        ("a)", "does not belong here"),
        ("{}", "empty class"),
        ("{a or }", "lacks a name|empty"),
        ("a{3,2}", "less than nothing"),
        ("a{0}", "less than nothing"),
        ("a{99}", "more than 20 times"),
        ("a*", "fits no event at all"),
        ("a?^b", "does not belong here"),
        ('a -> "b"', "is not understood"),
        ("{value >}", "value"),
        ("(((a{20}){20}){20})", "states"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, says: str | None) -> None:
    if says is None:
        Pattern.parse(text)
        return
    with pytest.raises(InputError, match=says):
        Pattern.parse(text)


def test_names_as_people_write_them() -> None:
    log = [
        Happened("ann", 10**15 + n * SECOND, name, f"{n}")
        for n, name in enumerate(["sign-up", "add to cart", "it's. ok?"])
    ]

    def fits(text: str) -> int:
        return int(ask(Patterns([text]), Population(Period.everything()), MemoryEngine(log)).columns["fits"][0])

    assert fits("sign-up -> add to cart") == 1
    assert fits("sign-up->'it''s. ok?'") == 0
    assert fits("sign-up -> {not call me, 'x or y'} -> 'it''s. ok?'") == 1
    assert fits("{add to cart or sign-up}{2}") == 1
    assert fits("{name != 'sign-up'}+ -> sign-up") == 0


def test_who_may_still_fit_is_undecided() -> None:
    log = [
        Happened("ann", 10**15, "a", "1"),
        Happened("ben", 10**15, "b", "2"),
        Happened("cat", 10**15 + 5 * SECOND, "c", "3"),
    ]
    for within, undecided in (("1 minute", 1), ("5 seconds", 0), ("6 seconds", 1)):
        found = ask(Patterns(["a -> ... -> z"], within), Population(Period.everything()), MemoryEngine(log))
        assert (found.columns["undecided"], found.columns["fits_not"]) == ([undecided], [3 - undecided])
