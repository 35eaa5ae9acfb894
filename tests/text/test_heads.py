"""A head learns where there is something to learn, refuses where there is not, and is kept as plain bytes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from desirepath.errors import InputError
from desirepath.text import embeddings
from desirepath.text.head_file import read, write, written
from desirepath.text.heads import Lesson, learn

GOOD = "great lovely friendly quick helpful perfect wonderful".split()
BAD = "awful rude slow broken late terrible useless".split()
PLAIN = "shop parcel staff order product website garden plant delivery colour size price".split()


def remarks(number: int, seed: int, noise: float = 0.1) -> tuple[list[str], list[float]]:
    draw = random.Random(seed)
    texts, goods = [], []
    for _ in range(number):
        good = draw.random() < 0.6
        words = draw.sample(PLAIN, 3) + draw.sample(GOOD if good != (draw.random() < noise) else BAD, 2)
        draw.shuffle(words)
        texts.append(" ".join(words))
        goods.append(1.0 if good else -1.0)
    return texts, goods


@pytest.fixture(autouse=True)
def words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is installed."""
    monkeypatch.setattr(embeddings, "available", lambda: False)


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    texts, goods = remarks(300, 1)
    return learn(texts, goods, languages=["en"] * 200 + [None] * 100, models=["words"])


def test_it_learns(lesson: Lesson) -> None:
    assert lesson.head is not None
    assert lesson.why == ""
    evidence = lesson.evidence
    assert evidence.n == 300
    assert evidence.languages == {"en": 200, "unknown": 100}
    assert evidence.auc is not None
    assert evidence.auc.low <= evidence.auc.value <= evidence.auc.high
    assert evidence.auc.value > 0.85
    good, bad, unknown, empty = lesson.head.sentiments(["great quick staff", "awful rude staff", "zzz qqq xxy", ""])
    assert -5 <= bad < -1 < 1 < good <= 5
    assert np.isnan([unknown, empty]).all()


def test_it_says_what_such_a_remark_comes_with(lesson: Lesson) -> None:
    """Nine in ten of the remarks with good words have a good score: .8 of 5 on average."""
    assert lesson.head is not None
    texts, goods = remarks(400, 2)
    said = lesson.head.sentiments(texts)
    high = said > 2
    assert high.sum() > 100
    assert np.mean(said[high]) == pytest.approx(5 * np.mean(np.array(goods)[high]), abs=0.8)


def test_the_same_labels_give_the_same_bytes(lesson: Lesson, tmp_path: Path) -> None:
    texts, goods = remarks(300, 1)
    order = list(range(300))
    random.Random(5).shuffle(order)
    languages = ["en"] * 200 + [None] * 100
    again = learn([texts[i] for i in order], [goods[i] for i in order], languages=[languages[i] for i in order])
    assert lesson.head is not None
    assert again.head is not None
    assert written(again.head) == written(lesson.head)
    write(lesson.head, tmp_path / "head.json")
    kept = read(tmp_path / "head.json")
    assert kept == lesson.head
    assert kept.evidence == lesson.evidence
    np.testing.assert_array_equal(kept.sentiments(texts), lesson.head.sentiments(texts))
    assert (tmp_path / "head.json").stat().st_size < 5_000_000


def test_too_few_labels_are_refused() -> None:
    texts, goods = remarks(199, 1)
    assert learn(texts, goods).why == "199 labels are too few; 200 are needed."
    texts, goods = remarks(250, 1)
    refused = learn(texts, [abs(good) for good in goods])
    assert refused.head is None
    assert "0 bad labels" in refused.why
    assert learn(texts, [np.nan] * 250).evidence.n == 0


def test_nothing_is_learned_from_chance() -> None:
    texts, goods = remarks(300, 1)
    random.Random(4).shuffle(goods)
    refused = learn(texts, goods)
    assert refused.head is None
    assert refused.why == "In cross-validation it is not surely better than a constant."


def test_a_better_reader_is_not_replaced() -> None:
    texts, goods = remarks(300, 1)
    better = learn(texts, goods, baseline=goods)
    assert better.head is None
    assert better.evidence.baseline == 1.0
    assert "the reader that answers otherwise" in better.why
    assert better.evidence.model == "words"
    absent = learn(texts, goods, baseline=[np.nan] * 300)
    assert absent.head is not None
    assert absent.evidence.baseline == 0.5


def test_it_is_judged_by_what_is_read_in_the_end() -> None:
    """A head that is worse than the other reader is kept where both together are surely better."""
    texts, goods = remarks(400, 1, noise=0.25)
    draw = np.random.default_rng(3)
    house = np.where(draw.random(400) < 0.85, goods, -np.array(goods)) * 2.0
    alone, both = learn(texts, goods), learn(texts, goods, baseline=house)
    assert alone.evidence.auc is not None
    assert both.evidence.auc is not None
    assert both.evidence.baseline is not None
    assert alone.evidence.auc.value < both.evidence.baseline < both.evidence.auc.value
    assert both.head is not None


def test_the_same_remark_is_never_on_both_sides() -> None:
    """Forty remarks come back many times, each with its own score: known by heart, and foretold by nobody."""
    draw = random.Random(2)
    texts = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=12)) for _ in range(40)]
    goods = [draw.choice([-1.0, 1.0]) for _ in texts]
    refused = learn(texts * 10, goods * 10)
    assert refused.head is None


def test_what_makes_no_sense_is_said(tmp_path: Path, lesson: Lesson) -> None:
    with pytest.raises(InputError, match="as many"):
        learn(["a"], [])
    with pytest.raises(InputError, match="out of range"):
        learn(["a"], [2.0])
    path = tmp_path / "head.json"
    assert lesson.head is not None
    content = json.loads(written(lesson.head))
    broken = [
        b"\xff",
        b"[" * 100_000,
        b"{}",
        json.dumps(content | {"weights": content["weights"][:-1]}).encode(),
        json.dumps(content | {"weights": [True] * len(content["weights"])}).encode(),
        json.dumps(content | {"words": [*content["words"][:-1], content["words"][0]]}).encode(),
        json.dumps(content | {"embeddings": "another model"}).encode(),
        json.dumps(content | {"embeddings": 1}).encode(),
        json.dumps(content | {"evidence": content["evidence"] | {"model": "guessing"}}).encode(),
        json.dumps(content | {"slope": float("nan")}).encode(),
        json.dumps({key: value for key, value in content.items() if key != "evidence"}).encode(),
    ]
    for given in broken:
        path.write_bytes(given)
        with pytest.raises(InputError, match=r"head\.json"):
            read(path)


def test_files_of_before_are_read(tmp_path: Path, lesson: Lesson) -> None:
    assert lesson.head is not None
    content = json.loads(written(lesson.head))
    del content["embeddings"], content["evidence"]["model"], content["evidence"]["tried"]
    path = tmp_path / "head.json"
    path.write_text(json.dumps(content | {"format": "desirepath head 1"}))
    kept = read(path)
    assert kept == lesson.head
    assert kept.model == kept.evidence.model == "words"


def test_models_have_names() -> None:
    with pytest.raises(InputError, match="embeddings"):
        learn([], [], models=["embedings"])
