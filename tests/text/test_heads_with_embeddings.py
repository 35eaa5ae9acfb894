"""Two models are tried and the better one is kept; what was learned with embeddings is never read without them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pytest

from desirepath.errors import InputError
from desirepath.text import embeddings
from desirepath.text.head_file import read, write, written
from desirepath.text.heads import Lesson, learn
from desirepath.text.sentiment import VERSION
from desirepath.texts import Texts

PLAIN = "shop parcel staff order product website garden plant delivery colour size price".split()


def word(draw: random.Random, good: bool) -> str:
    """A word that nobody has heard before, of which the embeddings alone know whether it is good."""
    while True:
        found = "".join(draw.choices("bdfgklmnprstvwz", k=10))
        if is_good(found) is good:
            return found


def is_good(made_up: str) -> bool:
    return bool(crc32(made_up.encode()) % 2)


def remarks(number: int, seed: int, noise: float = 0.1) -> tuple[list[str], list[float]]:
    draw = random.Random(seed)
    texts, goods = [], []
    for place in range(number):
        good = place % 2 == 0
        told = good != (draw.random() < noise)
        texts.append(" ".join([*draw.sample(PLAIN, 3), word(draw, told), word(draw, told)]))
        goods.append(1.0 if good else -1.0)
    return texts, goods


def meaning(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Stands in for the model: one number knows good words, one bad ones, the others tell texts apart."""
    found = np.zeros((len(texts), embeddings.WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        said = [each for each in text.split() if each not in PLAIN]
        found[row] = 0.02 * np.random.default_rng(crc32(text.encode())).normal(size=embeddings.WIDTH)
        found[row, 0] = 0.3 * sum(is_good(each) for each in said)
        found[row, 1] = 0.3 * sum(not is_good(each) for each in said)
    return found


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "available", lambda: True)
    monkeypatch.setattr(embeddings, "require", lambda: None)
    monkeypatch.setattr(embeddings, "embed", meaning)


@pytest.fixture
def lesson() -> Lesson:
    texts, goods = remarks(80, 1)
    return learn(texts, goods, languages=["en"] * 80)


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nothing of it were installed."""
    monkeypatch.undo()
    monkeypatch.setattr(embeddings, "PACKAGE", "no-such-package-of-weights")


def test_sixty_labels_are_enough(lesson: Lesson) -> None:
    assert lesson.head is not None
    assert lesson.head.model == lesson.evidence.model == "embeddings"
    assert set(lesson.evidence.tried) == {"embeddings"}
    new = random.Random(9)
    said = lesson.head.sentiments([f"shop {word(new, True)}", f"shop {word(new, False)}"], ["en", "en"])
    assert said[0] > 1
    assert said[1] < -1
    texts, goods = remarks(59, 1)
    assert learn(texts, goods, languages=["en"] * 59).why == "59 labels are too few; 60 are needed."


@pytest.mark.parametrize("languages", [None, ["de"] * 80, ["en"] * 60 + ["de"] * 20, [None] * 60 + ["fr"] * 20])
def test_only_of_english(languages: list[str | None] | None) -> None:
    texts, goods = remarks(80, 1)
    assert learn(texts, goods, languages=languages).why == "80 labels are too few; 200 are needed."


def test_what_is_not_english_is_not_read(lesson: Lesson) -> None:
    assert lesson.head is not None
    texts = ["shop gkkmmpp", "shop gkkmmpp", "nicht gkkmmpp", "42 :)", "größe gkkmmpp", "shop " * 50]
    said = lesson.head.sentiments(texts, ["en", "de", None, "en", None, None])
    assert np.isnan(said).tolist() == [False, True, True, True, True, True]
    assert np.isfinite(lesson.head.sentiments(["shop gkkmmpp"])).all()


def test_both_are_tried() -> None:
    texts, goods = remarks(240, 1)
    found = learn(texts, goods, languages=["en"] * 240)
    assert found.evidence.model == "embeddings"
    assert found.evidence.tried["embeddings"] > found.evidence.tried["words"] + 0.01
    words = learn(texts, goods, languages=["en"] * 240, models=["words"])
    assert set(words.evidence.tried) == {"words"}


def test_words_stay_where_embeddings_are_hardly_better() -> None:
    draw = random.Random(4)
    texts = [" ".join([*draw.sample(PLAIN, 3), "fine" if i % 2 else "awful"]) for i in range(240)]
    found = learn(texts, [1.0 if i % 2 else -1.0 for i in range(240)], languages=["en"] * 240)
    assert found.evidence.tried == {"words": 1.0, "embeddings": 1.0}
    assert found.evidence.model == "words"
    assert found.head is not None
    assert found.head.words


def test_the_better_reader_stays() -> None:
    texts, goods = remarks(240, 1)
    refused = learn(texts, goods, languages=["en"] * 240, baseline=5 * np.array(goods))
    assert refused.head is None
    assert "the reader that answers otherwise" in refused.why


def test_it_is_kept(lesson: Lesson, tmp_path: Path) -> None:
    texts, goods = remarks(80, 1)
    order = list(range(80))
    random.Random(5).shuffle(order)
    again = learn([texts[i] for i in order], [goods[i] for i in order], languages=["en"] * 80)
    assert lesson.head is not None
    assert again.head is not None
    assert written(again.head) == written(lesson.head)
    path = tmp_path / "head.json"
    write(lesson.head, path)
    kept = read(path)
    assert kept == lesson.head
    assert kept.evidence == lesson.evidence
    np.testing.assert_array_equal(kept.sentiments(texts), lesson.head.sentiments(texts))
    content = json.loads(path.read_bytes())
    for broken in ({"weights": content["weights"][1:]}, {"embeddings": ""}, {"words": ["a"], "frequencies": [1.0]}):
        path.write_text(json.dumps(content | broken))
        with pytest.raises(InputError, match=r"head\.json"):
            read(path)


def test_it_is_never_read_without(lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(tmp_path)
    assert lesson.head is not None
    texts.keep_head("comment", lesson.head)
    beside = texts.reader("sentiment", "comment", list)
    assert texts.lacking() == []
    assert np.isfinite(beside.read(["shop gkkmmpp"], ["en"])).all()
    without(monkeypatch)
    alone = texts.reader("sentiment", "comment", list)
    assert texts.lacking() == ["comment"]
    assert alone.version == f"sentiment:{VERSION}" == texts.reader("sentiment", "other", list).version
    assert alone.version != beside.version
    assert alone.read(["great shop"], ["en"])[0] > 0
    with pytest.raises(InputError, match=r"desirepath\[embeddings\]"):
        lesson.head.sentiments(["shop gkkmmpp"], ["en"])


def test_other_embeddings_are_not_taken_for_those(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lesson.head is not None
    monkeypatch.setattr(embeddings, "VERSION", "all-MiniLM-L6-v2 2")
    assert not lesson.head.ready
    with pytest.raises(InputError, match="learn it again"):
        lesson.head.sentiments(["shop"], ["en"])


def test_who_has_few_labels_is_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, goods = remarks(80, 1)
    without(monkeypatch)
    assert "With embeddings 60 are: pip install" in learn(texts, goods, languages=["en"] * 80).why
