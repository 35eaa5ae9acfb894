"""What a workspace reads in its texts: where the fields work, what the company adds, and what stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import desirepath
from desirepath import Workspace, texts
from desirepath.errors import DesirepathError, InputError, WorkspaceError
from desirepath.learning import propose_topics

LOG = """\
person,at,event,comment,score,device.language
ann,2026-05-01 09:00,survey,This is wonderful and I love it,10,fr
bob,2026-05-02 09:00,survey,"Terrible, it is broken and useless",1,fr
cat,2026-05-03 09:00,survey,"Das ist eine Katastrophe, ich bin sehr enttäuscht",2,de
dan,2026-05-04 09:00,survey,Where is my parcel? It was never delivered,3,fr
eve,2026-05-05 09:00,survey,The cafÃ© in the shop is great and I love it,9,fr
fay,2026-05-06 09:00,survey,,7,fr
ann,2026-05-07 09:00,order,,,
bob,2026-05-07 10:00,order,,,
"""

MAPPING = """\
source: survey
time_zone: UTC
identities: {customer_id: person}
events:
  - {name: "{event}", at: at, properties: [comment, score, device.language]}
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "log.yaml").write_text(MAPPING, encoding="utf-8")
    with desirepath.create(tmp_path / "ws", time_zone="UTC") as made:
        made.import_files([tmp_path / "log.csv"], tmp_path / "log.yaml")
        yield made


def people(ws: Workspace, where: str) -> list[str]:
    """Who has a survey that fits."""
    answer = ws.ask("funnel", steps=[f"name = 'survey' and ({where})", "order"], window="30 days")
    return sorted(one.removeprefix("customer_id:") for one in answer.people(step=1).column("person").to_pylist())


def test_a_reading_is_a_field_wherever_a_field_is(ws: Workspace) -> None:
    assert people(ws, "comment.sentiment < -1") == ["bob", "dan"]
    assert people(ws, "comment.sentiment > 1 and comment.language = 'en'") == ["ann", "eve"]
    assert people(ws, "comment.sentiment is missing") == ["cat", "fay"]
    assert people(ws, "comment.intent = 'delivery'") == ["dan"]
    shown = ws.events("comment.sentiment < -1")
    assert shown.num_rows == 2
    split = ws.ask("measure", event="survey", breakdown="comment.language").table.to_pylist()
    assert {row["group"]: row["events"] for row in split if row["group"] in ("en", "de")} == {"en": 4, "de": 1}
    funnel = ws.ask("funnel", steps=["name = 'survey' and comment.sentiment < -1", "order"], window="30 days")
    assert funnel.columns["reached"] == [2, 1]
    cohort = ws.ask("measure", event="order", cohort="comment.sentiment > 1")
    assert cohort.people().num_rows == 2
    assert not [item for item in cohort.warnings if item.code == "unknown_name"]


def test_a_property_of_that_name_goes_before(ws: Workspace) -> None:
    assert people(ws, "device.language = 'de'") == ["cat"]
    missing = ws.ask("measure", event="survey", filter="coment.sentiment < 0")
    assert [item.code for item in missing.warnings if "coment" in item.text] == ["unknown_name"]


def test_reasons_of_the_company(ws: Workspace) -> None:
    ws.texts.folder.mkdir(exist_ok=True)
    assert people(ws, "comment.intent = 'coffee'") == []
    (ws.texts.folder / "reasons.yaml").write_text("coffee: [the café, café in]\n", encoding="utf-8")
    assert people(ws, "comment.intent = 'coffee'") == ["eve"]  # the broken letters are put right first
    for text, says in (
        ("coffee: café\n", "list of phrases"),
        ("- coffee\n", "list of phrases"),
        ("a: &x [b]\nc: *x\n", "aliases"),
        ("coffee: [", "cannot be read"),
    ):
        (ws.texts.folder / "reasons.yaml").write_text(text, encoding="utf-8")
        with pytest.raises((WorkspaceError, InputError), match=says):
            people(ws, "comment.intent = 'coffee'")


class Shouting:
    """A reader of another package."""

    kind = "number"
    version = "1"

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[float | None]:
        """How loud each is; nothing is said of what is not English."""
        return [
            float(sum(map(str.isupper, text))) if language == "en" else None
            for text, language in zip(texts, languages, strict=True)
        ]


class Wrong:
    """A reader that does not keep its word."""

    kind = "number"
    version = "1"

    def __init__(self, says: Any) -> None:
        self.says = says

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Any:
        """What it was told to say."""
        del languages
        return self.says(texts)


def boom(texts: Sequence[str]) -> Any:
    """Fail."""
    raise RuntimeError(f"boom at {len(texts)}")


class Point:
    """An entry point."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def load(self) -> Any:
        """What it leads to."""
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def test_another_package_brings_a_reader(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_brought", lambda: {"shouting": Point(Shouting)})
    texts._loaded.cache_clear()
    assert people(ws, "comment.shouting >= 2") == ["ann", "dan", "eve"]
    assert people(ws, "comment.shouting is missing") == ["cat", "fay"]
    for wrong, says in (
        (ImportError("no such thing"), "no such thing"),
        (object(), "`kind`"),
        (Wrong(boom), "boom at"),
        (Wrong(lambda said: [1.0] * (len(said) + 1)), "things of"),
        (Wrong(lambda said: ["x"] * len(said)), "says a number"),
    ):
        monkeypatch.setattr(texts, "_brought", lambda found=wrong: {"wrong": Point(found)})
        texts._loaded.cache_clear()
        with pytest.raises(InputError, match=says):
            people(ws, "comment.wrong > 0")
    texts._loaded.cache_clear()


def test_too_few_texts_have_no_topics_and_more_have(ws: Workspace) -> None:
    assert people(ws, "comment.topic is not missing") == []
    assert not (ws.texts.folder / "comment.topics.yaml").exists()
    with pytest.raises(DesirepathError, match="too little"):
        propose_topics(ws, "comment")
    with pytest.raises(InputError, match="coment"):
        propose_topics(ws, "coment")


def test_a_broken_file_of_topics_is_told(ws: Workspace) -> None:
    ws.texts.folder.mkdir(exist_ok=True)
    for text in (
        "nonsense",
        "format: other\ntopics: []\n",
        "format: desirepath topics 1\ntopics: [{id: a, terms: {x: y}}]\n",
    ):
        (ws.texts.folder / "comment.topics.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as problem:
            ws.ask("voice", answers="survey", text="comment")
        assert "comment.topics.yaml" in str(problem.value.looked)


def test_an_answer_is_asked_anew_when_topics_change(ws: Workspace) -> None:
    ws.texts.folder.mkdir(exist_ok=True)
    path = ws.texts.folder / "comment.topics.yaml"
    head = "format: desirepath topics 1\ntopics:\n"
    path.write_text(head + "- {id: love, name: love, terms: {love: 2}}\n", encoding="utf-8")
    first = ws.ask("voice", answers="survey", text="comment")
    assert "love" in first.columns["theme"]
    path.write_text(head + "- {id: love, name: affection, terms: {love: 2}}\n", encoding="utf-8")
    again = ws.ask("voice", answers="survey", text="comment")
    assert "affection" in again.columns["theme"]
    assert "love" not in again.columns["theme"]
