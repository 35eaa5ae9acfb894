"""What a source calls an answer is held against its score; the score counts, and the disagreement is told."""

from __future__ import annotations

import random
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

NAMES = {"Promoter": 2, "promoters": 2, "Passive": 1, "DETRACTOR": 0, "detractor ": 0, "other": -1, None: -1}


def asked(log: list[Happened], **fields: Any) -> Any:
    question = build("scores", {"answers": "survey", "once": "none", "label": "group", **fields})
    return ask(question, Population(Period.everything()), MemoryEngine(log))


@pytest.mark.parametrize("seed", range(60))
def test_labels_and_scores(seed: int) -> None:
    rng = random.Random(seed)
    log, agree, differ = [], 0, []
    for number in range(rng.randrange(1, 30)):
        name, score = rng.choice(list(NAMES)), rng.choice([*map(str, range(11)), "11", ""])
        who = f"p{number}"
        fields = {"score": score} | ({"group": name} if name is not None else {})
        log.append(Happened(who, number, "survey", who, fields))
        if score in ("", "11") or NAMES[name] < 0:
            continue
        own = 2 if int(score) >= 9 else 0 if int(score) <= 6 else 1
        agree += own == NAMES[name]
        differ += [who] if own != NAMES[name] else []
    answer = asked(log)
    assert sorted(answer.people(label="differs").column("person").to_pylist()) == sorted(differ)
    assert answer.people(label="agrees").num_rows == agree
    told = [item.text for item in answer.warnings if item.code == "label_differs"]
    assert len(told) == (1 if differ else 0)
    if differ:
        assert told[0].startswith(f"{len(differ)} of {agree + len(differ)} ")


def test_stars_are_good_or_bad() -> None:
    log = [
        Happened("a", 0, "survey", "1", {"score": "5", "group": "Negative"}),
        Happened("b", 1, "survey", "2", {"score": "1", "group": "bad"}),
        Happened("c", 2, "survey", "3", {"score": "4", "group": "neutral"}),
    ]
    answer = asked(log, scale="stars")
    assert answer.people(label="differs").column("person").to_pylist() == ["a"]
    assert answer.people(label="agrees").column("person").to_pylist() == ["b"]


def test_a_label_needs_a_name() -> None:
    with pytest.raises(InputError, match="label"):
        build("scores", {"answers": "survey", "label": " "})
