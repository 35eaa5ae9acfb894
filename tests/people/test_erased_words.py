"""Who is erased leaves no word of their own in topics or in what was learned."""

from __future__ import annotations

import csv
from pathlib import Path

import desirepath
from desirepath.demo.comments import DETAILS, OPENINGS, SUBJECTS
from desirepath.engines.duckdb import quiet
from desirepath.erasing.erase import erase_person
from desirepath.learning import learn_sentiment, propose_topics

OWN = ("zorbulator", "quibblefrax", "wolkenbruch")


def test_words_of_one_person_are_forgotten(tmp_path: Path) -> None:
    with (tmp_path / "log.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["person", "at", "event", "score", "comment"])
        number = 0
        for kind, score in (("order late", 1), ("repair good", 10), ("call wait", 2)):
            for by_class in OPENINGS[0]:
                for opening in by_class:
                    for detail in DETAILS[SUBJECTS.index(kind)][0]:
                        for ending in ("", " indeed", " today"):
                            number += 1
                            rows.writerow(
                                [
                                    f"p{number}",
                                    f"2026-05-{1 + number % 28:02d} 10:00",
                                    "survey",
                                    score,
                                    f"{opening} {detail}{ending}",
                                ]
                            )
        for turn in range(25):
            said = f"My {OWN[0]} {OWN[1]} exploded, {OWN[2]} is furious, number {turn} of the parcel"
            rows.writerow(["victim", f"2026-05-{1 + turn:02d} 12:00", "survey", 0, said])
    (tmp_path / "log.yaml").write_text(
        "source: survey\ntime_zone: UTC\nidentities: {customer_id: person}\n"
        'events:\n  - {name: "{event}", at: at, properties: [score, comment]}\n'
    )
    with desirepath.create(tmp_path / "ws", time_zone="UTC") as ws:
        ws.import_files([tmp_path / "log.csv"], tmp_path / "log.yaml")
        propose_topics(ws, "comment", 4)
        learn_sentiment(ws, "comment", score="score", scale="nps")
        files = {path.name: path.read_text(encoding="utf-8") for path in ws.texts.folder.iterdir()}
        assert any(word in text for text in files.values() for word in OWN), "nothing to forget"
        erase_person(ws, "customer_id:victim", author="test", reason="asked", progress=quiet)
        after = {path.name: path.read_text(encoding="utf-8") for path in ws.texts.folder.iterdir()}
        assert after.keys() == files.keys()
        assert not [word for text in after.values() for word in OWN if word in text.casefold()]
        assert "parcel" in after["comment.topics.yaml"]
        answer = ws.ask("voice", answers="survey", text="comment", score="score")
        assert len(answer.columns["theme"]) >= 3
