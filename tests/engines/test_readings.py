"""What a text says is a field like any other: read once for each text, kept under the reader's version, made again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_workspaces import add, content, made, rows_of

import desirepath
from desirepath import Workspace
from desirepath.engines import readings
from desirepath.engines.readings import Readings
from desirepath.erasing.erase import erase_person
from desirepath.errors import CancelledError
from desirepath.journeys.batch import Code, Match, Number

LINES = """
    ann  survey  2023-05-01T10:00:00Z  said=bad_visit   channel=web
    ann  survey  2023-05-02T10:00:00Z  said=good        channel=web
    bob  survey  2023-05-01T11:00:00Z  said=bad_visit   channel=app
    bob  order   2023-05-03T11:00:00Z
    cat  survey  2023-05-01T12:00:00Z  said=stumm       channel=web
    dan  survey  2023-05-01T13:00:00Z  said=good        channel=app
"""


class Fake:
    """A reader made of a table, that notes what it was given."""

    def __init__(self, kind: str, says: dict[str, Any], version: str, *, needs_language: bool = False) -> None:
        self.kind: Any = kind
        self.says = says
        self.version = version
        self.needs_language = needs_language
        self.read_texts: list[str] = []
        self.told: list[str | None] = []

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Any:
        self.read_texts += texts
        self.told += languages
        nothing = float("nan") if self.kind == "number" else None
        return [self.says.get(text, nothing) for text in texts]


class Shelf:
    """Readers by name; `mark` is their state."""

    def __init__(self, **readers: Fake) -> None:
        self.readers = readers
        self.mark = 0
        self.seen: list[tuple[str, str, list[str]]] = []

    def names(self) -> Collection[str]:
        return self.readers

    def reader(self, name: str, of: str, texts: Callable[[], Sequence[str]]) -> Any:
        self.seen.append((name, of, list(texts())))
        return self.readers[name]

    def state(self) -> object:
        return self.mark


def shelf() -> Shelf:
    return Shelf(
        language=Fake("text", {"bad_visit": "en", "good": "en", "stumm": "de"}, "language:1"),
        mood=Fake("number", {"bad_visit": -3.0, "good": 2.5}, "mood:1", needs_language=True),
        theme=Fake("text", {"bad_visit": "visit"}, "theme:1"),
    )


def with_readers(ws: Workspace, readers: Any) -> Workspace:
    """The same workspace with other readers."""
    ws.texts = readers
    ws.engine = ws.make_engine(ws.columns, is_current=ws._is_current)
    return ws


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, LINES, late=False) as made_one:
        yield with_readers(made_one, shelf())


def kept(ws: Workspace, name: str | None = None) -> list[tuple[Any, ...]]:
    """What is in the table, by reader and what it said."""
    rows = ws.store().rows("SELECT reading, split_part(model, ' @', 1), value, number FROM readings")
    return sorted((row for row in rows if name in (None, row[0])), key=str)


def survey_count(ws: Workspace, text: str, **more: Any) -> int:
    """How many people have a survey that fits."""
    return ws.ask("funnel", steps=[f"name = 'survey' and {text}", "order"], window="1 hour", **more).columns["reached"][
        0
    ]


def read(ws: Workspace, what: Any) -> Any:
    """One column of everybody's events, in the order of people and time."""
    found: dict[str, list[Any]] = {}
    for batch in ws.engine.map({"x": what}, lambda batch: batch):
        column = batch.columns["x"]
        values = column.holds(0).tolist() if isinstance(what, Match) else column.tolist()
        if isinstance(what, Number):
            values = [None if np.isnan(value) else value for value in values]
        if isinstance(what, Code):
            values = [batch.labels["x"][code] for code in values]
        for k, person in enumerate(batch.persons(list(range(len(batch))))):
            found[person.removeprefix("user_id:")] = values[batch.starts[k] : batch.starts[k + 1]]
    return dict(sorted(found.items()))


def test_a_reading_is_a_filter_a_code_and_a_number(ws: Workspace) -> None:
    assert survey_count(ws, "said.mood < 0") == 2
    assert survey_count(ws, "said.mood >= 2.5") == 2
    assert survey_count(ws, "said.mood is missing") == 1
    assert survey_count(ws, "said.theme = 'visit'") == 2
    assert read(ws, Number("said.mood")) == {"ann": [-3.0, 2.5], "bob": [-3.0, None], "cat": [None], "dan": [2.5]}
    assert read(ws, Code("said.theme")) == {
        "ann": ["visit", None],
        "bob": ["visit", None],
        "cat": [None],
        "dan": [None],
    }
    assert read(ws, Code("said.mood"))["ann"] == ["-3", "2.5"], "a number is told as a text where a code is wanted"
    assert read(ws, Number("said.theme")) == {"ann": [None] * 2, "bob": [None] * 2, "cat": [None], "dan": [None]}
    assert read(ws, Match.of("said.mood < 0"))["ann"] == [True, False]


def test_a_breakdown_by_what_is_said(ws: Workspace) -> None:
    table = ws.ask("funnel", steps=["survey", "order"], window="3 days", breakdown="said.language").table.to_pylist()
    assert {row["group"]: row["reached"] for row in table if row["step"] == 1} == {"(everyone)": 4, "de": 1, "en": 3}
    warnings = ws.ask("funnel", steps=["said.mood < 0", "order"], window="3 days").warnings
    assert "unknown_name" not in {each.code for each in warnings}


def test_a_reader_is_told_the_languages(ws: Workspace) -> None:
    survey_count(ws, "said.mood < 0")
    mood, theme = ws.texts.readers["mood"], ws.texts.readers["theme"]
    assert dict(zip(mood.read_texts, mood.told, strict=True)) == {"bad_visit": "en", "good": "en", "stumm": "de"}
    survey_count(ws, "said.theme = 'visit'")
    assert theme.told == [None, None, None]
    assert ("mood", "said", ["bad_visit", "good", "stumm"]) in ws.texts.seen


def test_a_property_of_that_very_name_goes_before(tmp_path: Path) -> None:
    ws = with_readers(made(tmp_path, LINES.replace("channel=web", "said.mood=5"), late=False), shelf())
    assert read(ws, Number("said.mood")) == {"ann": [5.0, 5.0], "bob": [None, None], "cat": [5.0], "dan": [None]}
    assert survey_count(ws, "said.mood > 4") == 2
    assert kept(ws) == []
    ws.close()


def test_only_what_can_be_a_reading_is_one(ws: Workspace) -> None:
    assert read(ws, Code("mood")) == {"ann": [None] * 2, "bob": [None] * 2, "cat": [None], "dan": [None]}
    assert read(ws, Code("said.other"))["ann"] == [None, None]
    assert ws.engine.properties(["said.mood", "said.other", "nothing.mood"]).count("said.mood") == 1
    assert not {"said.other", "nothing.mood"} & set(ws.engine.properties(["said.other", "nothing.mood"]))
    assert kept(ws) == []


def test_every_text_is_read_once(ws: Workspace) -> None:
    for _ in range(2):
        survey_count(ws, "said.mood < 0", period="2023-05-01")
        survey_count(ws, "said.mood < 0")
    mood = ws.texts.readers["mood"]
    assert mood.read_texts == ["bad_visit", "good", "stumm"]
    again = desirepath_opened_again(ws)
    assert survey_count(again, "said.mood < 0") == 2
    assert again.texts.readers["mood"].read_texts == []
    again.close()


def desirepath_opened_again(ws: Workspace) -> Workspace:
    """The workspace as another process finds it."""
    ws.close()
    return with_readers(desirepath.open(ws.root), shelf())


def test_only_new_texts_are_read_after_an_import(ws: Workspace) -> None:
    assert survey_count(ws, "said.mood < 0") == 2
    mood = ws.texts.readers["mood"]
    mood.says["worse"] = -5.0
    more = "eve survey 2023-05-04T10:00:00Z said=worse\n fay survey 2023-05-04T10:00:00Z said=good"
    add(ws, rows_of(more, first=50), name="b")
    assert survey_count(ws, "said.mood < 0") == 3
    assert mood.read_texts == ["bad_visit", "good", "stumm", "worse"]
    assert survey_count(ws, "said.mood > 0") == 3


def test_another_version_reads_anew_and_lets_go_of_what_the_old_one_said(ws: Workspace) -> None:
    assert survey_count(ws, "said.mood < 0") == 2
    survey_count(ws, "said.theme = 'visit'")
    before = kept(ws, "theme")
    ws.texts.readers["mood"] = Fake("number", {"stumm": -1.0}, "mood:2", needs_language=True)
    ws.texts.mark += 1
    assert survey_count(ws, "said.mood < 0") == 1
    assert {row[1] for row in kept(ws, "mood")} == {"mood:2, language:1"}
    assert len(kept(ws, "mood")) == 3
    assert kept(ws, "theme") == before, "other readers keep what they said"


def test_versions_of_two_properties_live_side_by_side(tmp_path: Path) -> None:
    """A reader that learned something of one property is another one than that of a second property."""
    ws = made(tmp_path, LINES.replace("channel=", "note="), late=False)

    class OfEach(Shelf):
        def reader(self, name: str, of: str, texts: Any) -> Any:
            return Fake("text", {text: f"{of} {text}" for text in texts()}, f"theme of {of}:1")

    with_readers(ws, OfEach(theme=Fake("text", {}, "")))
    assert read(ws, Code("said.theme"))["dan"] == ["said good"]
    assert read(ws, Code("note.theme"))["dan"] == ["note app"]
    assert read(ws, Code("said.theme"))["dan"] == ["said good"]
    assert {row[1] for row in kept(ws)} == {"theme of said:1", "theme of note:1"}
    ws.close()


def test_remembered_answers_are_asked_anew_when_the_readers_change(ws: Workspace) -> None:
    first = ws.ask("funnel", steps=["said.mood < 0", "order"], window="1 hour")
    assert content(ws.ask("funnel", steps=["said.mood < 0", "order"], window="1 hour")) == content(first)
    ws.texts.readers["mood"] = Fake("number", {"good": -1.0, "stumm": -1.0}, "mood:2", needs_language=True)
    assert survey_count(ws, "said.mood < 0") == 2, "nobody said that anything changed"
    ws.texts.mark += 1
    assert survey_count(ws, "said.mood < 0") == 3
    assert ws.ask("funnel", steps=["said.mood < 0", "order"], window="1 hour").columns["reached"][0] == 3


def test_who_abstains_says_nothing(tmp_path: Path) -> None:
    """None, NaN and NumPy's NaN are no values; 0 is one."""
    ws = made(tmp_path, LINES, late=False)

    class Array(Fake):
        def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Any:
            return np.array(super().read(texts, languages), dtype=np.float64)

    for number in (Fake("number", {"good": None, "stumm": 0}, "mood:1"), Array("number", {"stumm": 0.0}, "mood:2")):
        with_readers(ws, Shelf(mood=number))
        assert read(ws, Number("said.mood")) == {"ann": [None, None], "bob": [None, None], "cat": [0.0], "dan": [None]}
        assert survey_count(ws, "said.mood is missing") == 3
        assert survey_count(ws, "said.mood = 0") == 1
    ws.close()


def test_two_texts_of_one_hash_cannot_break_it(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is read speaks for both; a filter's subquery finds one row. All texts have one hash here."""
    ws.store().cursor().execute("CREATE MACRO hash(x) AS 7::UBIGINT")
    try:
        for step in (2_000, 1):
            ws.store().cursor().execute("DELETE FROM readings")
            monkeypatch.setattr(readings, "STEP", step)
            with_readers(ws, shelf()).texts.mark = step  # else the answer would be remembered
            assert survey_count(ws, "said.theme = 'visit'") == 4
            assert len(kept(ws, "theme")) == 1
    finally:
        ws.store().cursor().execute("DROP MACRO hash")


def test_reading_can_be_stopped(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read until then is kept; the next question reads the rest."""
    monkeypatch.setattr(readings, "STEP", 1)
    told = []

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == readings.STAGE:
            told.append((done, total))
            if done == 1:
                raise CancelledError("enough")

    with pytest.raises(CancelledError):
        ws.ask("funnel", steps=["said.theme = 'visit'", "order"], window="1 hour", progress=stop)
    theme = ws.texts.readers["theme"]
    assert told[0] == (0, 3)
    first = list(theme.read_texts)
    assert 1 <= len(first) < 3
    assert survey_count(ws, "said.theme = 'visit'") == 2
    assert sorted(theme.read_texts) == ["bad_visit", "good", "stumm"], "each was read once"


def test_what_is_gone_leaves_no_reading(ws: Workspace) -> None:
    """Whoever is erased leaves no row of words that nobody else said, not even a hash; a rebuild neither."""
    survey_count(ws, "said.mood < 0")
    assert len(kept(ws, "mood")) == 3
    receipt = erase_person(ws, "user_id:cat", author="dpo", reason="asked for it", progress=lambda *_: None)
    assert receipt.counts["events"] == 1
    assert kept(ws) == []
    survey_count(ws, "said.mood < 0")
    assert len(kept(ws, "mood")) == len(kept(ws, "language")) == 2


def test_a_rebuild_makes_them_again(ws: Workspace) -> None:
    before = survey_count(ws, "said.mood < 0")
    ws.rebuild()
    with_readers(ws, shelf())
    assert survey_count(ws, "said.mood < 0") == before == 2
    assert len(kept(ws, "mood")) == 3


def test_nobody_reads(tmp_path: Path) -> None:
    """An engine without readers knows such a field as little as any other that nobody has."""
    ws = made(tmp_path, LINES, late=False)
    engine = ws.engine
    engine.__dict__.pop("readings", None)
    engine._readers = None
    assert engine.readings is None
    assert read(ws, Code("said.theme"))["ann"] == [None, None]
    ws.close()


def test_empty_and_odd_texts(tmp_path: Path) -> None:
    """White space is no text to learn from; numbers and lists are read as they are written."""
    rows = [{"id": str(n), "user": f"u{n}", "event": "survey", "at": "2023-05-01T10:00:00Z", "said": said}
            for n, said in enumerate(("", "  ", "7", "[1]", 'a "quoted" \'text\'; --'))]  # fmt: skip
    ws = with_readers(made(tmp_path, rows, late=False), Shelf(long=Fake("number", {}, "long:1")))
    length = ws.texts.readers["long"]
    length.read = lambda texts, _: [float(len(text)) for text in texts]
    found = read(ws, Number("said.long"))
    assert found["u0"] == [None]
    assert [found[f"u{n}"] for n in (2, 3, 4)] == [[1.0], [3.0], [21.0]]
    assert ws.texts.seen == [("long", "said", ["7", "[1]", "a \"quoted\" 'text'; --"])]
    ws.close()


def test_the_protocol_is_what_a_workspace_uses(ws: Workspace) -> None:
    assert isinstance(ws.engine.readings, Readings)
    assert ws.engine.readings.parts("said.mood") == ("said", "mood")
    assert ws.engine.readings.parts("mood") is None
    assert ws.engine.readings.parts("a.said.mood") == ("a.said", "mood")


class Held(Fake):
    """A reader that goes on when it is told to."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Any:
        self.begun.set()
        assert self.go_on.wait(30)
        return super().read(texts, languages)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Workspace, Held]]:
    """A workspace whose reader of moods waits for a word."""
    mood = Held("number", {"bad_visit": -3.0, "good": 2.5}, "mood:1")
    with made(tmp_path, LINES, late=False) as made_one:
        yield with_readers(made_one, Shelf(mood=mood)), mood
    mood.go_on.set()


def test_who_asks_meanwhile_does_not_take_the_place_of_whoever_watches_the_reading(
    held: tuple[Workspace, Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, mood = held
    monkeypatch.setattr(readings, "STEP", 1)
    ws.ask("measure", of="survey")
    with ThreadPoolExecutor(1) as others:
        first = others.submit(survey_count, ws, "said.mood < 0")
        assert mood.begun.wait(30)
        ws.ask("measure", of="survey", filter="said = 'good'")
        mood.go_on.set()
        assert first.result(30) == 2


def test_who_waits_for_the_reading_of_another_can_be_stopped(held: tuple[Workspace, Held]) -> None:
    ws, mood = held
    ws.ask("measure", of="survey")

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == readings.STAGE:
            raise CancelledError("Stopped.")

    with ThreadPoolExecutor(1) as others:
        first = others.submit(survey_count, ws, "said.mood < 0")
        assert mood.begun.wait(30)
        with pytest.raises(CancelledError):
            ws.ask("measure", of="survey", filter="said.mood > 0", progress=stop)
        assert not first.done()
        mood.go_on.set()
        assert first.result(30) == 2


def test_texts_that_come_while_others_are_read_are_read_too(held: tuple[Workspace, Held]) -> None:
    ws, mood = held
    ws.ask("measure", of="survey")
    with ThreadPoolExecutor(1) as others:
        first = others.submit(survey_count, ws, "said.mood < 0")
        assert mood.begun.wait(30)
        rows = ws.store().cursor().execute("SELECT properties FROM events LIMIT 1").fetchall()
        assert rows
        ws.store().cursor().execute(
            """UPDATE events SET properties = '{"said": "bad_visit, twice"}' WHERE name = 'order'"""
        )
        ws.engine.readings.forget()  # as whoever asks of newer data does
        mood.go_on.set()
        assert first.result(30) == 2
    survey_count(ws, "said.mood > 0")
    assert mood.read_texts.count("bad_visit, twice") == 1
