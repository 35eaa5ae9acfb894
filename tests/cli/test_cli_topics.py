"""Topics and learning on the command line: proposed, named, merged, pinned; and a text tried out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desirepath.demo.comments import DETAILS, OPENINGS, SUBJECTS

KINDS = {"late": "order late", "hold": "call wait", "repair": "repair good"}
GOOD = {"late": 2, "hold": 4, "repair": 10}


def remarks(kind: str) -> list[str]:
    """What the demo's customers write about one thing, in English."""
    details = DETAILS[SUBJECTS.index(KINDS[kind])][0]
    openings = [opening for by_class in OPENINGS[0] for opening in by_class]
    return [f"{opening} {detail}" for opening in openings for detail in details]


@pytest.fixture
def told(tmp_path: Path, cli: Callable[..., Any]) -> Path:
    """A workspace with answers about three things."""
    with (tmp_path / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["person", "at", "event", "score", "comment"])
        number = 0
        for kind in KINDS:
            for words in [*remarks(kind), *remarks(kind)]:
                number += 1
                at = f"2026-05-{1 + number % 28:02d} {number % 24:02d}:00"
                rows.writerow([f"p{number}", at, "survey", GOOD[kind], words])
    (tmp_path / "answers.yaml").write_text(
        "source: survey\ntime_zone: UTC\nidentities: {customer_id: person}\n"
        'events:\n  - {name: "{event}", at: at, properties: [score, comment]}\n'
    )
    assert cli("init", tmp_path / "ws", "--time-zone", "UTC").code == 0
    done = cli("import", tmp_path / "answers.csv", "--mapping", tmp_path / "answers.yaml", "-w", tmp_path / "ws")
    assert done.code == 0, done.err
    return tmp_path / "ws"


def test_topics_are_proposed_named_merged_and_stay(told: Path, cli: Callable[..., Any]) -> None:
    here = ("-w", told)
    nothing = cli("topics", "list", *here)
    assert nothing.code == 2
    assert "--text" in nothing.err
    found = cli("topics", "propose", "--text", "comment", "--topics", "3", *here, "--json")
    assert found.code == 0, found.err
    topics = found.json["topics"]
    assert len(topics) == 3
    assert (told / "text" / "comment.topics.yaml").is_file()
    late = next(each for each in topics if {"parcel", "tracking", "late"} & set(" ".join(each["terms"]).split()))
    assert cli("topics", "rename", late["id"], "late parcel", *here).code == 0
    assert cli("topics", "pin", late["id"], *here).code == 0
    voice = cli("ask", "voice", "--answers", "survey", "--text", "comment", "--score", "score", *here, "--json").json
    lines = dict(zip(voice["table"]["theme"], voice["table"]["people"], strict=True))
    assert 72 <= lines["late parcel"] <= 90  # of 72, and perhaps one sentence more
    score = voice["table"]["score"][voice["table"]["theme"].index("late parcel")]
    assert score < -60
    others = [each["id"] for each in topics if each["id"] != late["id"]]
    merged = cli("topics", "merge", *others, "--to", "all else", *here, "--json").json["topics"]
    assert {each["name"] for each in merged} == {"late parcel", "all else"}
    counted = cli("ask", "measure", "--event", "survey", "--filter", "comment.topic = 'all else'", *here, "--json")
    assert counted.code == 0, counted.err
    rest = [value for column in counted.json["table"].values() for value in column]
    assert 216 - lines["late parcel"] in rest
    again = cli("topics", "propose", *here, "--json").json["topics"]
    assert "late parcel" in {each["name"] for each in again}
    parted = cli("topics", "split", others[0], *here)
    assert parted.code == 0, parted.err


def test_scores_teach_how_words_sound(told: Path, cli: Callable[..., Any]) -> None:
    here = ("-w", told)
    done = cli("text", "learn", "--text", "comment", "--score", "score", *here, "--json")
    assert done.code == 0, done.err
    assert done.json["kept"] is (told / "text" / "comment.sentiment.json").exists()
    tried = cli(
        "text", "try", "The parcel came late, call me on +49 151 23456789", "--text", "comment", *here, "--json"
    )
    assert tried.code == 0, tried.err
    assert tried.json["language"] == "en"
    assert tried.json["sentiment"] < 0
    assert "151" not in tried.json["without personal data"]


def test_mistakes_are_answered(told: Path, cli: Callable[..., Any]) -> None:
    here = ("-w", told)
    for arguments, says in (
        (("topics", "propose", "--text", "coment"), "coment"),
        (("topics", "show", "nothing", "--text", "comment"), "comment"),
        (("topics", "list", "--text", "other"), "other"),
        (("text", "learn", "--text", "comment", "--scale", "stairs"), "stairs"),
        (("text", "learn", "--text", "nothing"), "nothing"),
        (("ask", "voice", "--answers", "survey", "--text", "comment", "--most", "0"), "0 themes"),
        (("ask", "voice", "--answers", "survey", "--map", "nowhere"), "nowhere"),
    ):
        done = cli(*arguments, *here)
        assert done.code == 2, (arguments, done.out, done.err)
        assert says in done.err, (arguments, done.err)
