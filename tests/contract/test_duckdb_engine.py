"""The embedded engine says what the engine of a few lines says, however the data came and however many threads work."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from examples import EXAMPLES, Example
from made_workspaces import add, content, made, microseconds
from memory_engine import Happened, MemoryEngine
from random_journeys import SAID_FIELDS, large_log
from sparing import case

import desirepath
from desirepath import Workspace
from desirepath.engines.duckdb import DuckEngine
from desirepath.events.moments import Period, bucket_label
from desirepath.events.where import Where
from desirepath.journeys.batch import Code, Match, Number
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

LOG = large_log(5, people=120, events=2_500)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.label)
POPULATIONS: dict[str, dict[str, Any]] = {
    "everybody": {},
    "period": {"period": "2023-11-15"},
    "filter": {"filter": "channel = 'web' or channel is missing"},
    "filter on a property": {"filter": "plan != 'x'"},
    "cohort": {"cohort": "plan = 'z' and name = 'd'"},
    "session": {"unit": "session"},
    "cutoff": {"cutoff": "2023-11-15 12:00"},
    "by channel": {"breakdown": "channel"},
    "by property": {"breakdown": "plan", "at": "last known", "top": 2},
    "by name": {"breakdown": "name", "at": "step 2"},
}
# given session ids make the id the key; breakdown values beside it are tested by hand-made stories
KEYS = ("channel", "plan", "session", *SAID_FIELDS)


def instant(time: int) -> str:
    seconds, rest = divmod(time, 1_000_000)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.{rest:06d}Z"


def rows(log: Sequence[Happened]) -> list[dict[str, str]]:
    return [
        {
            "id": event.id,
            "user": event.person,
            "event": event.name,
            "at": instant(event.time),
            **{key: event.fields.get(key, "") for key in KEYS},
        }
        for event in log
    ]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with made(tmp_path_factory.mktemp("engine"), rows(LOG), late=False) as ws:
        yield ws


def in_order_of_ids(ws: Workspace, log: Sequence[Happened]) -> list[Happened]:
    """The log with the ids that the store gave, so that ties are in one order in both engines."""
    found = {row["record"]: row["id"] for row in ws.sql("SELECT record, id::VARCHAR AS id FROM events").to_pylist()}
    assert len(found) == len(log)
    first = min(found)
    return [
        Happened("user_id:" + event.person, event.time, event.name, found[n + first], event.fields)
        for n, event in enumerate(log)
    ]


@pytest.fixture(scope="module")
def memory(workspace: Workspace) -> MemoryEngine:
    log = in_order_of_ids(workspace, LOG)
    everyone = sorted({event.person for event in log})
    random.Random(1).shuffle(everyone)
    return MemoryEngine(log, [everyone[k::5] for k in range(5)])


def every_other() -> list[Any]:
    """Each question with every other population at each change, all pairs by `make soak`."""
    return [
        case(example, asked_of, now=(n + k) % 2 == 0, label=f"{name}-{example.label}")
        for n, example in enumerate(EXAMPLES)
        for k, (name, asked_of) in enumerate(POPULATIONS.items())
    ]


@pytest.mark.parametrize(("example", "asked_of"), every_other())
def test_both_engines_say_the_same(
    workspace: Workspace, memory: MemoryEngine, example: Example, asked_of: dict[str, Any]
) -> None:
    if str(asked_of.get("at")).startswith("step") and example.name != "funnel":
        pytest.skip("only a funnel has steps to take a value at")
    found = workspace.ask(example.build(), **asked_of)
    # what a workspace adds, such as what defines a cohort, is part of the question
    fields = dict(found.question)
    question = build(fields.pop("name"), fields)
    options = dict(asked_of)
    split = options.pop("breakdown", None)
    at, top = options.pop("at", "entry"), options.pop("top", 10)
    population = workspace.population(breakdown=Breakdown(split, at, top) if split else None, **options)
    expected = ask(question, population, memory)
    assert content(found) == content(expected)
    counted = sum(number for row in found.table.to_pylist() for _, number in example.counts(row))
    # a change needs two days that are over or in the period
    too_short = example.name == "what_changed" and {"period", "cutoff"} & options.keys()
    assert counted > 5 or too_short or (example.label, options.get("filter")) == ("funnel property", "plan != 'x'")
    for group in dict.fromkeys(found.columns.get("group", [None])):
        which = {} if group is None else {"group": group}
        assert people(found, **which) == people(expected, **which)


def people(answer: desirepath.Answer, **which: Any) -> list[tuple[Any, ...]]:
    """Who they are and what they did, in one order."""
    return sorted(tuple(str(value) for value in row.values()) for row in answer.people(**which).to_pylist())


@each_example
def test_threads_do_not_matter(workspace: Workspace, example: Example) -> None:
    answers = []
    for threads in (1, 2, 7):
        engine = DuckEngine(workspace.store, workspace.columns, is_current=lambda _: True, zone="UTC", threads=threads)
        answers.append(
            content(ask(example.build(), Population(Period.everything(), breakdown=Breakdown("plan")), engine))
        )
    assert answers[0] == answers[1] == answers[2]


def test_threads_of_the_settings_do_not_matter(tmp_path: Path) -> None:
    ws = made(tmp_path, rows(LOG[:400]), late=False)
    answers = []
    for threads in (1, 2):
        ws.close()
        settings = tmp_path / "ws" / "workspace.toml"
        settings.write_text(
            settings.read_text() + ("" if "\nthreads" in settings.read_text() else f"threads = {threads}\n")
        )
        ws = desirepath.open(tmp_path / "ws")
        ws.columns.drop()
        answers.append(content(ws.ask("funnel", steps=["a", "b", "c"], window="2 hours", breakdown="plan")))
        settings.write_text(settings.read_text().replace(f"threads = {threads}\n", ""))
    assert answers[0] == answers[1]


def test_an_event_imported_again_changes_nothing(tmp_path: Path) -> None:
    ws = made(tmp_path, rows(LOG[:300]), late=False)
    before = [content(ws.ask(example.build())) for example in EXAMPLES]
    result = add(ws, rows(LOG[100:200]), name="again")
    assert (result.read, result.stored, result.duplicate) == (100, 0, 100)
    assert [content(ws.ask(example.build())) for example in EXAMPLES] == before


def test_sample_is_the_same_at_every_call_and_nested(workspace: Workspace) -> None:
    seen = []
    for share in (0.1, 0.3, 0.6, 1.0):
        one, two = (
            set(workspace.ask("funnel", steps=["a", "b"], sample=share).people().column("person").to_pylist())
            for _ in range(2)
        )
        assert one == two
        seen.append(one)
    assert all(small < large for small, large in pairwise(seen)), [len(people) for people in seen]
    again = workspace.ask("funnel", steps=["d", "c"], entry="each", sample=0.3)
    assert set(again.people().column("person").to_pylist()) <= {
        row["person"] for row in workspace.ask("funnel", steps=["d", "c"], entry="each").people().to_pylist()
    }
    in_both = set(again.people().column("person").to_pylist()) - seen[1]
    assert in_both.isdisjoint(seen[3]), "another question draws the same people"


def test_sample_does_not_move_when_others_arrive(tmp_path: Path) -> None:
    ws = made(tmp_path, rows(LOG[:600]), late=False)
    before = set(ws.ask("funnel", steps=["a", "b"], sample=0.5).people().column("person").to_pylist())
    newcomers = [
        {"id": f"n{n}", "user": f"newcomer {n}", "event": "a", "at": "2023-11-15T00:00:00Z"} for n in range(40)
    ]
    add(ws, newcomers, name="newcomers")
    after = set(ws.ask("funnel", steps=["a", "b"], sample=0.5).people().column("person").to_pylist())
    assert {person for person in after if "newcomer" not in person} == before
    assert 0 < len(after - before) < 40


def test_engine_delivers_whole_journeys_in_total_order(workspace: Workspace, memory: MemoryEngine) -> None:
    reads = {
        "match": Match((Where.parse("plan = 'x'"), Where.parse("name = 'a'"))),
        "name": Code("name"),
        "plan": Code("plan"),
        "value": Number("value"),
    }

    def journeys(engine: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def work(batch: Any) -> Any:
            return batch

        for batch in engine.map(reads, work):
            names = batch.persons(list(range(len(batch))))
            for n, person in enumerate(names):
                low, high = batch.starts[n], batch.starts[n + 1]
                assert person not in found, "a journey is cut in two"
                found[person] = (
                    batch.time[low:high].tolist(),
                    [batch.labels["name"][code] for code in batch.columns["name"][low:high]],
                    [batch.labels["plan"][code] for code in batch.columns["plan"][low:high]],
                    batch.columns["match"].holds(0)[low:high].tolist(),
                    batch.columns["match"].holds(1)[low:high].tolist(),
                )
                assert bool((batch.columns["value"][low:high] != batch.columns["value"][low:high]).all())
        return found

    found = journeys(workspace.engine)
    assert found == journeys(memory)
    assert sum(len(journey[0]) for journey in found.values()) == len(LOG)
    extent = workspace.engine.extent()
    assert (extent.events, extent.people, extent.first, extent.last) == (
        len(LOG),
        len(found),
        min(event.time for event in LOG),
        max(event.time for event in LOG),
    )


def test_a_period_takes_its_days_from_the_zone(workspace: Workspace) -> None:
    found = workspace.ask("funnel", steps=["a", "b"], period="2023-11-15")
    entered = [microseconds(row["entered_at"]) for row in found.people().to_pylist()]
    assert {bucket_label(moment, "UTC", "day") for moment in entered} == {"2023-11-15"}


@pytest.mark.parametrize("blocks", [1, 8])
def test_a_long_journey_through_a_workspace(tmp_path: Path, blocks: int) -> None:
    many = 20_000
    log = [
        {
            "id": str(n),
            "user": f"u{n % blocks}",
            "event": "abc"[n % 3],
            "at": instant(1_700_000_000_000_000 + n * 1_000_000),
        }
        for n in range(many)
    ]
    ws = made(tmp_path, log, late=False)
    found = ws.ask("funnel", steps=["a", "b", "c"], window="1 hour", entry="each")
    assert found.columns["reached"][0] > many / 4 / blocks
    assert ws.engine.extent().events == many
