"""Paths equal a program written from their definition, and a funnel with the same start, end and window."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from paths_oracle import Event, around, forward, told
from random_journeys import MINUTE, logs, splits

from desirepath import Funnel
from desirepath.answers.answer import Answer
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.paths import Paths
from desirepath.runner import ask

WINDOWS = {"10 minutes": 10, "30 minutes": 30, "2 hours": 120}
PERIODS = st.sampled_from([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")])
thorough = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def journeys_of(log: list[Happened], fields: dict[str, Any], cutoff: int) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            hidden = fields["hide"] and event.name == "b"
            parts = [event.name, *([event.fields["plan"]] if fields["expand"] and "plan" in event.fields else [])]
            start = fields["start"] is None or event.name == fields["start"]
            end = event.name == fields["end"]
            name = None if hidden else ": ".join(parts)
            found.setdefault(event.person, []).append(Event(event.time, name, start, end))
    return found


@thorough
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=18))
    fields: dict[str, Any] = {
        "start": data.draw(st.sampled_from(["a", "a", None])),
        "end": data.draw(st.sampled_from(["c", "a", None])),
        "window": data.draw(st.sampled_from(list(WINDOWS))),
        "entry": data.draw(st.sampled_from(["any", "first"])),
        "length": data.draw(st.sampled_from([1, 2, 3, 20])),
        "hide": data.draw(st.sampled_from([[], ["b"]])),
        "expand": data.draw(st.sampled_from([[], [], ["plan"]])),
        "collapse": data.draw(st.booleans()),
        "through": data.draw(st.sampled_from([[], [], [], ["a"], ["a", "d"], ["c", "a", "c"], ["nobody's"]])),
        "most": 1_000,
    }
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    period = data.draw(PERIODS)
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(Paths(**fields), Population(period, cutoff=cutoff), engine)
    first = fields["entry"] == "first" or fields["start"] is None or fields["end"] is None
    rules = {"collapse": fields["collapse"], "length": fields["length"]}
    window = WINDOWS[fields["window"]] * MINUTE
    given = {"to_goal": fields["end"] is not None, "from_beginning": fields["start"] is None}
    of: Any = partial(forward, window=window, first=first, cutoff=cutoff, **given, **rules)
    expected: Counter[tuple[str, str]] = Counter()
    closed: dict[str, Counter[str]] = defaultdict(Counter)
    for events in journeys_of(log, fields, cutoff).values():
        found = of(events, period=(period.start, period.end))
        if found is None:
            continue
        path, outcome = found
        if outcome == "converted":
            s, e = path
            between = [event for n, event in enumerate(events) if s <= n < max(e, s + 1)]
            path, _ = told(between, **rules)
        rest = iter(path)
        if not all(name in rest for name in fields["through"]):
            continue
        expected[" > ".join(path) or "(nothing)", outcome] += 1
        early = of(events, period=(period.start, min(period.end, cutoff - window + 1)))
        if early is not None:
            closed[" > ".join(path) or "(nothing)"]["yes" if early[1] == "converted" else "no"] += 1
    got = Counter(
        {
            (row["path"], outcome): row[outcome]
            for row in answer.table.to_pylist()
            for outcome in ("converted", "left", "undecided")
            if row.get(outcome)
        }
    )
    assert got == expected
    if fields["end"] is not None:
        check_rates(answer, closed)
    for row in answer.extra("depths").to_pylist():
        ended = row["ended_converted"] + row["ended_left"] + row["ended_undecided"]
        assert row["everyone"] == row["there"] + ended == sum(expected.values())
    tree = answer.extra("tree").to_pylist()
    beginnings = {
        " > ".join(path.split(" > ")[: n + 1]) for path, _ in expected for n in range(len(path.split(" > ")))
    } - {"(nothing)"}
    assert {row["begins"] for row in tree} == beginnings  # all, as every path is shown
    few = ask(Paths(**{**fields, "most": 1}), Population(period, cutoff=cutoff), engine).extra("tree").to_pylist()
    assert all(row in tree for row in few if row["begins"] != "(other)")  # of all paths, whatever is shown
    for row in tree:
        parts = Counter()
        for (path, _), number in expected.items():
            if path == row["begins"] or path.startswith(row["begins"] + " > "):
                parts["people"] += number
            if path.startswith(row["begins"] + " > "):
                parts["went_on"] += number
        assert row["people"] == parts["people"]
        assert row["went_on"] == parts["went_on"]
        assert [row[end] for end in ("converted", "left", "undecided")] == [
            expected[row["begins"], end] for end in ("converted", "left", "undecided")
        ]
        begun = Counter()
        for (path, outcome), number in expected.items():
            if path.startswith(row["begins"] + " > "):
                begun[outcome] += number
        assert all(row[f"{end}_later"] == begun[end] for end in ("converted", "left", "undecided"))


def check_rates(answer: Answer, closed: Mapping[str, Counter[str]]) -> None:
    """Rates are of those whose window has closed, whatever became of them by then; so are those beside them."""
    whole: Counter[str] = sum(closed.values(), Counter())
    if closed:
        assert f"{whole.total():,} paths whose window has closed" in answer.words[0]
    assert [sum(answer.columns[name]) for name in ("decided", "decided_converted")] == [whole.total(), whole["yes"]]
    for row in [*answer.table.to_pylist(), *answer.extra("tree").to_pylist()]:
        name = row.get("path") or row["begins"]
        begin = f"{name} > " if "begins" in row else "?"
        of = sum((each for path, each in closed.items() if path == name or path.startswith(begin)), Counter())
        assert row["decided"] == of.total()
        assert row["decided_converted"] == of["yes"]
        assert row["of_decided"] == (of["yes"] / of.total() if of.total() else None)


@thorough
@given(data=st.data())
def test_around_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=18))
    fields: dict[str, Any] = {
        "start": data.draw(st.sampled_from(["a", "b"])),
        "end": None,
        "window": data.draw(st.sampled_from(list(WINDOWS))),
        "length": data.draw(st.sampled_from([1, 2, 3, 19])),
        "hide": data.draw(st.sampled_from([[], ["b"]])),
        "expand": data.draw(st.sampled_from([[], [], ["plan"]])),
        "collapse": data.draw(st.booleans()),
    }
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    period = data.draw(PERIODS)
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(Paths(**fields, direction="around", most=1_000), Population(period, cutoff=cutoff), engine)
    expected: Counter[tuple[str, str]] = Counter()
    for events in journeys_of(log, fields, cutoff).values():
        found = around(
            events,
            window=WINDOWS[fields["window"]] * MINUTE,
            collapse=fields["collapse"],
            side=fields["length"],
            period=(period.start, period.end),
            cutoff=cutoff,
        )
        if found is not None:
            expected[" > ".join(found[0]) or "(nothing)", found[1]] += 1
    rows = answer.table.to_pylist()
    got = {(row["path"], outcome): row[outcome] for row in rows for outcome in ("left", "undecided") if row[outcome]}
    assert got == dict(expected)


@thorough
@given(data=st.data())
def test_they_count_whom_a_funnel_counts(data: st.DataObject) -> None:
    log, window, entry = (
        data.draw(logs()),
        data.draw(st.sampled_from(list(WINDOWS))),
        data.draw(st.sampled_from(["any", "first"])),
    )
    start, end = data.draw(st.sampled_from([("a", "b"), ("a", "a"), ("plan = 'x'", "name in ('a', 'b')")]))
    population = Population(
        data.draw(PERIODS),
        unit=data.draw(st.sampled_from(["person", "session"])),
        cutoff=data.draw(st.sampled_from([None, 100 * MINUTE])),
    )
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    paths = ask(Paths(start=start, end=end, window=window, entry=entry, most=1_000), population, engine)
    funnel = ask(Funnel(steps=[start, end], window=window, entry=entry), population, engine)
    one, two = funnel.table.to_pylist()
    sums = {name: sum(paths.columns[name]) for name in ("people", "converted", "left", "undecided")}
    assert sums == {
        "people": one["reached"],
        "converted": two["reached"],
        "left": one["dropped"],
        "undecided": one["undecided"],
    }
    rated = [sum(paths.columns[name]) for name in ("decided_converted", "decided")]
    if population.unit == "person":
        assert rated == [two["mature"], one["mature"]]
    for outcome, which in (("left", "dropped"), ("undecided", "undecided")):
        assert sorted(paths.people(outcome=outcome).column("person").to_pylist()) == sorted(
            funnel.people(step=1, outcome=which).column("person").to_pylist()
        )


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_backward_is_what_came_before_the_first_end(data: st.DataObject) -> None:
    log = data.draw(logs())
    length, collapse = data.draw(st.integers(1, 4)), data.draw(st.booleans())
    window = data.draw(st.sampled_from(list(WINDOWS)))
    question = Paths(end="c", direction="backward", length=length, collapse=collapse, window=window, most=1_000)
    answer = ask(question, Population(Period.everything()), MemoryEngine(log))
    expected: Counter[str] = Counter()
    fields = {"hide": [], "expand": [], "start": None, "end": "c"}
    for events in journeys_of(log, fields, 10**18).values():
        ends = [n for n, event in enumerate(events) if event.end]
        if ends:
            when = events[ends[0]].time
            before = [event for event in events[: ends[0]] if when - event.time <= WINDOWS[window] * MINUTE]
            names, _ = told(before, collapse, 1_000)
            expected[" > ".join(names[-length:]) or "(nothing)"] += 1
    assert dict(zip(answer.columns["path"], answer.columns["people"], strict=True)) == dict(expected)


def test_rare_paths_in_many_blocks_are_not_lost() -> None:
    """A path that is frequent nowhere but everywhere a little is found among the most frequent."""
    log, blocks = [], []
    for block in range(20):
        people = []
        for n in range(30):
            person = f"p{block:02d}-{n:02d}"
            names = ["c", "d"] if n < 2 else ["a", "b"] if n < 4 and block % 2 else ["a", f"x{block}-{n}"]
            log += [Happened(person, k, name, f"{block}-{n}-{k}") for k, name in enumerate(names)]
            people.append(person)
        blocks.append(people)
    answer = ask(Paths(most=2), Population(Period.everything()), MemoryEngine(log, blocks))
    assert answer.columns["path"] == ["c > d", "a > b", "(other)"]
    assert answer.columns["people"] == [40, 20, 540]


def test_ends_of_one_instant_end_a_path_at_the_earliest_that_is_not_its_start() -> None:
    log = [Happened("p", 0, "c", str(number), {}) for number in range(3)]
    for start in (None, "c"):
        for entry in ("any", "first"):
            answer = ask(Paths(start=start, end="c", entry=entry), Population(Period.everything()), MemoryEngine(log))
            assert (answer.columns["path"], answer.columns["converted"]) == (["c"], [1]), (start, entry)
