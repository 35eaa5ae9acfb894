"""The oracle itself, on streams worked by hand and on the definition it must not drift from."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections import Counter
from typing import Any

import pytest
from funnel_chains import Taken, chains, entries, in_block_order, is_chain, is_open
from funnel_oracle import (
    Attempt,
    Event,
    OracleLog,
    OracleOptions,
    number_sessions,
    only,
    oracle,
    random_log,
    random_options,
    units,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
AB = OracleOptions(blocks=[[1], [2]], window=HOUR, cutoff=10 * DAY)
ABC = dataclasses.replace(AB, blocks=[[1], [2], [3]])


def stream(text: str, steps: dict[str, set[int]], unit: int = SECOND) -> OracleLog:
    """Make events from words like `A@3`; `!X` matches exclusion 0, `~A` is out of scope."""
    events = []
    for number, word in enumerate(text.split()):
        name, time = word.split("@")
        plain = name.lstrip("!~")
        excluded = frozenset({0}) if "!" in name else frozenset[int]()
        matched = frozenset(steps.get(plain, set()))
        events.append(Event(int(time) * unit, None, number, matched, excluded, "~" not in name))
    return OracleLog(events)


LETTERS = {"A": {1}, "B": {2}, "C": {3}, "D": {4}}


def ask(text: str, options: OracleOptions, steps: dict[str, set[int]] | None = None, unit: int = SECOND) -> Attempt:
    attempt = only(stream(text, LETTERS if steps is None else steps, unit), options)
    assert attempt is not None
    return attempt


def tries(text: str, options: OracleOptions, steps: dict[str, set[int]] | None = None) -> list[tuple[int, int, str]]:
    """Start in seconds, reach and status of every attempt."""
    (unit,) = oracle(stream(text, LETTERS if steps is None else steps), options)
    return [(attempt.start // SECOND, attempt.reach, attempt.status) for attempt in unit.attempts]


def test_f1_one_instant_counts_in_any_order_and_says_so() -> None:
    attempt = ask("B@5 A@5", AB)
    assert (attempt.reach, attempt.status, attempt.tie_resolved) == (2, "converted", True)
    assert attempt.arrivals == {1: 5 * SECOND, 2: 5 * SECOND}


def test_f2_any_entry_converts_and_the_first_touch_is_told_beside_it() -> None:
    attempt = ask("A@0 A@300 B@301", AB, unit=MINUTE)
    assert (attempt.reach, attempt.status, attempt.first_touch_reach) == (2, "converted", 1)
    assert (attempt.first_entry, attempt.start) == (0, 300 * MINUTE)
    assert ask("A@0 A@300 B@301", dataclasses.replace(AB, entry="first"), unit=MINUTE).status == "dropped"


def test_f3_a_window_that_has_long_passed_does_not_convert() -> None:
    attempt = ask("A@0 B@400", dataclasses.replace(AB, window=30 * DAY, cutoff=500 * DAY), unit=DAY)
    assert (attempt.reach, attempt.status) == (1, "dropped")


def test_f4_time_from_a_to_b_is_never_negative() -> None:
    attempt = ask("B@0 A@10 B@20", AB)
    assert attempt.arrivals == {1: 10 * SECOND, 2: 20 * SECOND}
    assert attempt.status == "converted"


def test_f5_an_excluded_event_between_keeps_the_entry_and_ends_the_chain() -> None:
    options = dataclasses.replace(AB, exclusions=[(1, 2)])
    attempt = ask("A@0 !X@1 B@2", options)
    assert (attempt.reach, attempt.status) == (1, "dropped")
    assert ask("A@0 !X@0 B@2", options).status == "converted", "at the same instant it may stand outside"
    assert ask("A@0 !X@2 B@2", options).status == "converted"
    assert ask("A@0 !X@1 A@1 B@2", options).start == SECOND, "a later entry is untouched"


def test_f6_repeated_steps_need_two_events() -> None:
    steps = {"A": {1, 2}, "B": {3}}
    assert ask("A@0 A@1 B@2", ABC, steps).status == "converted"
    assert ask("A@0 B@2", ABC, steps).reach == 1
    assert ask("A@1 A@1 B@2", ABC, steps).status == "converted"


def test_f9_a_session_is_not_cut_at_midnight() -> None:
    times = [23 * HOUR + 50 * MINUTE, DAY + 10 * MINUTE, DAY + 40 * MINUTE + 1]
    assert number_sessions(times, 30 * MINUTE) == [0, 0, 1]
    assert number_sessions([0, 30 * MINUTE], 30 * MINUTE) == [0, 0]
    options = dataclasses.replace(AB, window="session")
    one, two = number_sessions(times[:2], 30 * MINUTE)
    log = OracleLog(
        [
            Event(times[0], None, 0, frozenset({1}), session_no=one),
            Event(times[1], None, 1, frozenset({2}), session_no=two),
        ]
    )
    (unit,) = oracle(log, options)
    assert [attempt.status for attempt in unit.attempts] == ["converted"]


def test_session_window_needs_one_session_and_is_open_until_the_gap_has_passed() -> None:
    options = dataclasses.replace(AB, window="session", session_gap=10, cutoff=30)
    log = OracleLog([Event(0, None, 0, frozenset({1})), Event(21, None, 1, frozenset({2}), session_no=1)])
    assert [len(unit.attempts) for unit in oracle(log, options)] == [1, 0]
    lone = OracleLog([Event(20, None, 0, frozenset({1}))])
    assert [(a.status, a.mature) for u in oracle(lone, options) for a in u.attempts] == [("dropped", True)]
    later = dataclasses.replace(options, cutoff=29)
    assert [(a.status, a.mature) for u in oracle(lone, later) for a in u.attempts] == [("undecided", False)]


def test_w1_repeated_subchains_with_equal_times() -> None:
    four = dataclasses.replace(AB, blocks=[[1], [2], [3], [4]])
    attempt = ask("A@1 B@2 C@2 D@2 B@3 C@3 D@3 B@4 C@4 D@4", four)
    assert (attempt.reach, attempt.status, attempt.tie_resolved) == (4, "converted", True)
    assert attempt.arrivals[4] == 2 * SECOND, "one instant may hold several steps"


def test_w1_one_event_is_not_used_twice() -> None:
    assert ask("A@100", AB, {"A": {1, 2}}).reach == 1
    assert ask("A@0 A@7200", AB, {"A": {1, 2}}).reach == 1, "two events, but further apart than the window"
    thrice = {"A": {1, 2, 3}}
    assert ask("A@100 A@100 A@300", ABC, thrice).reach == 3


def test_w2_whole_second_times_convert() -> None:
    attempt = ask("B@7 A@7 C@7", ABC)
    assert (attempt.reach, attempt.status, attempt.tie_resolved) == (3, "converted", True)


def test_w3_the_third_of_three_steps_is_reached() -> None:
    attempt = ask("A@1 B@2 C@3", ABC)
    assert attempt.arrivals == {1: SECOND, 2: 2 * SECOND, 3: 3 * SECOND}
    assert not attempt.tie_resolved


def test_w4_a_duplicate_of_a_repeated_step_hides_nothing() -> None:
    attempt = ask("A@60 P@600 P@600 P@660", ABC, {"A": {1}, "P": {2, 3}})
    assert (attempt.reach, attempt.arrivals[3]) == (3, 600 * SECOND)
    assert ask("A@60 P@600 P@660", ABC, {"A": {1}, "P": {2, 3}}).arrivals[3] == 660 * SECOND


def test_w5_order_is_by_time_alone_and_a_moved_clock_changes_it() -> None:
    assert ask("B@2 A@1", AB).status == "converted"
    assert ask("B@1 A@2", AB).reach == 1, "a correction that swaps the two loses the conversion"


def test_windows_are_closed() -> None:
    assert ask("A@0 B@3600", AB).status == "converted"
    assert ask("A@0 B@3601", AB).reach == 1
    within = dataclasses.replace(ABC, within={3: 10 * SECOND})
    assert ask("A@0 B@5 C@15", within).reach == 3
    assert ask("A@0 B@5 C@16", within).reach == 2
    assert ask("A@0 B@5 C@16 B@6", within).reach == 3, "a later B is nearer to C"


def test_per_step_window_runs_from_the_previous_element_even_an_optional_one() -> None:
    options = dataclasses.replace(ABC, optional=frozenset({2}), within={3: 10 * SECOND})
    assert ask("A@0 C@11", options).reach == 1
    attempt = ask("A@0 B@9 C@19", options)
    assert (attempt.reach, attempt.status, attempt.optional_reached) == (2, "converted", frozenset({2}))
    assert ask("A@0 C@10", options).arrivals == {1: 0, 3: 10 * SECOND}


def test_any_order_blocks() -> None:
    partial = dataclasses.replace(AB, blocks=[[1], [2, 3], [4]])
    assert ask("A@0 C@1 B@2 D@3", partial).reach == 4
    assert ask("A@0 C@1 D@2 B@3", partial).reach == 3
    anything = dataclasses.replace(AB, blocks=[[1, 2, 3]])
    assert ask("C@0 A@1 B@2", anything).status == "converted"
    assert ask("C@0", anything).arrivals == {3: 0}


def test_strict_allows_nothing_in_scope_in_between() -> None:
    options = dataclasses.replace(ABC, strict=True)
    assert ask("A@0 B@1 C@2", options).status == "converted"
    assert ask("A@0 Y@1 B@2", options).reach == 1
    assert ask("A@0 ~Y@1 B@2 C@3", options).status == "converted"
    assert ask("A@0 Y@0 B@1 C@2 Y@2", options).status == "converted", "shared with the first and last instant"
    assert ask("A@0 B@1 Y@1 C@2", options).reach == 2, "shared with an instant in the middle"
    assert ask("A@0 A@1 B@2 C@3", options).start == SECOND


def test_exclusion_range_counts_required_steps() -> None:
    options = dataclasses.replace(ABC, exclusions=[(2, 3)])
    assert ask("A@0 !X@1 B@2 C@3", options).reach == 3
    assert ask("A@0 B@1 !X@2 C@3", options).reach == 2
    early = dataclasses.replace(ABC, exclusions=[(1, 2)])
    assert ask("A@0 B@1 !X@2 C@3", early).reach == 3
    through = dataclasses.replace(ABC, optional=frozenset({2}), exclusions=[(1, 2)])
    assert ask("A@0 !X@1 B@2", through).optional_reached == frozenset()


def test_period_selects_entries_from_inclusive_to_exclusive() -> None:
    options = dataclasses.replace(AB, period=(10 * SECOND, 20 * SECOND))
    assert ask("A@10 B@30", options).status == "converted"
    assert only(stream("A@9 B@15", LETTERS), options) is None
    assert only(stream("A@20 B@21", LETTERS), options) is None


def test_reported_chain_ends_earliest_then_starts_latest_then_steps_earliest() -> None:
    attempt = ask("A@0 A@1 B@2 B@3 C@4 C@5", ABC)
    assert attempt.arrivals == {1: SECOND, 2: 2 * SECOND, 3: 4 * SECOND}
    assert attempt.first_entry == 0


def test_hold_cuts_units_and_missing_is_a_value() -> None:
    options = dataclasses.replace(AB, hold=True)
    values: list[Any] = ["red", "blue", None, None]
    steps = [1, 2, 1, 2]
    log = OracleLog([(n, None, n, frozenset({steps[n]}), frozenset(), True, values[n], 0) for n in range(4)])
    result = {unit.key[0]: [attempt.reach for attempt in unit.attempts] for unit in oracle(log, options)}
    assert result == {"red": [1], "blue": [], None: [2]}


def test_open_until_the_last_possible_microsecond() -> None:
    for late, status in ((0, "dropped"), (-1, "undecided")):
        assert ask("A@0", dataclasses.replace(AB, cutoff=HOUR + late)).status == status
        within = dataclasses.replace(AB, window=None, within={2: MINUTE}, cutoff=MINUTE + late)
        assert ask("A@0", within).status == status
    fresh = dataclasses.replace(AB, cutoff=10 * SECOND, exclusions=[(1, 2)])
    assert ask("A@0 !X@5", fresh).status == "dropped", "an exclusion already seen closes the chain"
    assert ask("A@0 !X@0", fresh).status == "undecided"
    past = dataclasses.replace(ABC, cutoff=10 * SECOND, exclusions=[(1, 2)])
    assert ask("A@0 B@1 !X@2", past).status == "undecided", "the exclusion's range is over"


def test_mature_counts_only_entries_whose_window_has_passed() -> None:
    options = dataclasses.replace(AB, cutoff=HOUR + 10 * SECOND)
    old = ask("A@5 A@11 B@3608", options)
    assert (old.reach, old.mature, old.mature_reach) == (2, True, 1), "the entry that converts is too fresh"
    assert ask("A@10 A@11", options).mature, "its window ends at the cut-off"
    young = ask("A@11", options)
    assert (young.mature, young.mature_reach, young.status) == (False, None, "undecided")


def test_each_restarts_after_conversion_expiry_and_break() -> None:
    each = dataclasses.replace(AB, entry="each", window=10 * SECOND)
    assert tries("A@0 B@1 B@2 A@3 B@4", each) == [(0, 2, "converted"), (3, 2, "converted")]
    assert tries("A@0 A@1 B@1 A@1 B@2", each) == [(0, 2, "converted")], "an entry at the conversion is spent"
    assert tries("A@0 A@10 A@11 B@12", each) == [(0, 1, "dropped"), (11, 2, "converted")]
    excluding = dataclasses.replace(each, exclusions=[(1, 2)])
    assert tries("A@0 !X@3 A@3 B@4", excluding) == [(0, 1, "dropped"), (3, 2, "converted")]
    assert tries("A@0 A@2 !X@3 B@4 A@5", excluding) == [(0, 1, "dropped"), (5, 1, "dropped")]
    strict = dataclasses.replace(each, strict=True)
    assert tries("A@0 A@1 B@2", strict) == [(0, 1, "dropped"), (1, 2, "converted")]


def test_each_starts_anew_at_the_instant_that_ended_the_attempt() -> None:
    each = dataclasses.replace(ABC, entry="each", exclusions=[(1, 3)])
    assert tries("A@0 B@5 A@5 !X@5 C@6", each) == [(0, 2, "dropped"), (5, 3, "converted")]
    assert tries("A@0 B@5 !X@5 A@6 C@7", each) == [(0, 2, "dropped"), (6, 1, "dropped")]


def test_no_entry_no_answer() -> None:
    assert oracle(OracleLog([]), AB) == []
    assert only(stream("B@1", LETTERS), AB) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": [[1], [3]]},
        {"optional": frozenset({2})},
        {"blocks": [[1, 2]], "within": {2: 5}},
        {"blocks": [[1, 2]], "strict": True},
        {"exclusions": [(2, 2)]},
        {"exclusions": [(1, 3)]},
        {"entry": "last"},
    ],
)
def test_options_that_contradict_the_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        OracleOptions(**{"blocks": [[1], [2]], **wrong})


def test_growing_chains_finds_exactly_what_the_definition_allows() -> None:
    found = 0
    for seed in range(250):
        rng = random.Random(seed)
        options = random_options(rng)
        for unit in units(random_log(rng, options, most=5), options):
            pairs = [Taken(event, step) for event in unit.events for step in sorted(event.steps)]
            first = {event.id for event in entries(unit)}
            literal = {
                chain
                for length in range(1, min(len(options.steps), len(pairs)) + 1)
                for chain in itertools.permutations(pairs, length)
                if chain[0].event.id in first and is_chain(chain, unit)
            }
            assert set(chains(unit)) == literal, seed
            found += len(literal)
    assert found > 1000


def test_open_means_that_one_more_event_after_the_cutoff_would_count() -> None:
    seen: Counter[bool] = Counter()
    for seed in range(400):
        rng = random.Random(seed)
        options = dataclasses.replace(random_options(rng), hold=False)
        log = random_log(rng, options, most=6)
        for unit in units(log, options):
            end = max(event.session_no for event in log.ordered())
            if unit.session_end is not None and unit.key[1] != end:
                assert not any(is_open(chain, unit) for chain in chains(unit)), "an earlier session is closed"
                continue
            for chain in chains(unit):
                taken = [element.step for element in chain]
                following = [step for step in options.steps if in_block_order([*taken, step], options)]
                after = Event(unit.cutoff + 1, None, "new", frozenset(options.steps))
                longer = dataclasses.replace(unit, events=[*unit.events, after])
                in_session = unit.session_end is None or after.time - unit.session_end <= options.session_gap
                grown = [(*chain, Taken(after, step)) for step in following]
                could = in_session and any(is_chain(candidate, longer) for candidate in grown)
                assert is_open(chain, unit) == could, seed
                seen[could] += 1
    assert min(seen[True], seen[False]) > 200


def test_random_logs_reach_every_corner() -> None:
    seen: Counter[str] = Counter()
    for seed in range(1500):
        rng = random.Random(seed)
        options = random_options(rng)
        log = random_log(rng, options)
        assert all(event.time <= (options.cutoff or 0) for event in log.ordered())
        for unit in oracle(log, options):
            seen["several attempts"] += len(unit.attempts) > 1
            for attempt in unit.attempts:
                seen[attempt.status] += 1
                seen["tie"] += attempt.tie_resolved
                seen["optional"] += bool(attempt.optional_reached)
                seen["mature falls short"] += attempt.mature and attempt.mature_reach != attempt.reach
                touched = attempt.first_touch_reach
                seen["first touch falls short"] += touched is not None and touched < attempt.reach
                length = max(attempt.arrivals.values()) - attempt.start
                seen["exactly the window"] += length == options.window != 0
    rare = {name: count for name, count in seen.items() if count < 5}
    assert not rare, rare
    assert len(seen) == 9, seen
