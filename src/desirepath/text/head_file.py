"""How is a head kept? One JSON file without code in it: features, weights, and the evidence.

write(head, path)      the same head gives the same bytes, below 5 MB
read(path)             the head; anything else is refused by name
"""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

from desirepath.errors import InputError
from desirepath.text.embeddings import WIDTH
from desirepath.text.head_features import MOST_PIECES, MOST_WORDS
from desirepath.text.heads import MODELS, Evidence, Head, Interval

FORMAT, BEFORE = "desirepath head 2", "desirepath head 1"
"""What is written, and what is read too: heads of words, of which nothing says that they are."""

MOST_BYTES = 5_000_000
"""Files of heads are smaller: 20,000 words and pairs and 30,000 pieces, with two numbers each."""


def written(head: Head) -> bytes:
    """Return the bytes of the file."""
    evidence = head.evidence
    content = {
        "format": FORMAT,
        "evidence": {
            "n": evidence.n,
            "good": evidence.good,
            "bad": evidence.bad,
            "languages": evidence.languages,
            "auc": evidence.auc,
            "correlation": evidence.correlation,
            "baseline": evidence.baseline,
            "gain": evidence.gain,
            "model": evidence.model,
            "tried": evidence.tried,
        },
        "embeddings": head.embeddings,
        "intercept": head.intercept,
        "offset": head.offset,
        "slope": head.slope,
        "words": head.words,
        "pieces": head.pieces,
        "frequencies": head.frequencies,
        "weights": head.weights,
    }
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n").encode(
        "utf-8", "surrogatepass"
    )


def write(head: Head, path: Path) -> None:
    """Write the file; it is whole or not there."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(written(head))
    beside.replace(path)


def read(path: Path) -> Head:
    """Return the head of a file.

    Raises
    ------
    InputError
        If it is not a head's file.
    """
    if not path.exists():
        raise InputError("There is no such file of a head.", looked=str(path))
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"A head's file has no more than {MOST_BYTES:,} bytes.", looked=str(path))
    try:
        content = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"The file is not JSON: {error}.", looked=str(path)) from error
    if not isinstance(content, dict) or content.get("format") not in (FORMAT, BEFORE):
        raise InputError(
            "The file is not a head's.", allowed=[f"format {each!r}" for each in (FORMAT, BEFORE)], looked=str(path)
        )
    if content["format"] == BEFORE:
        content["embeddings"] = ""
    try:
        return _head(content)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"The head does not make sense: {error}.", looked=str(path)) from error


def _head(content: dict[str, Any]) -> Head:
    words, pieces = (_texts(content[key], key) for key in ("words", "pieces"))
    if len(words) > MOST_WORDS or len(pieces) > MOST_PIECES:
        raise ValueError("there are too many features")
    frequencies, weights = (_numbers(content[key], key) for key in ("frequencies", "weights"))
    version = _text(content["embeddings"], "embeddings")
    if len(words) + len(pieces) != len(frequencies) or len(weights) != (WIDTH if version else len(frequencies)):
        raise ValueError("features, frequencies and weights are not equally many")
    if version and frequencies:
        raise ValueError("it weighs both words and embeddings")
    intercept, offset, slope = _numbers([content[key] for key in ("intercept", "offset", "slope")], "numbers")
    return Head(words, pieces, frequencies, weights, intercept, offset, slope, _evidence(content["evidence"]), version)


def _evidence(told: dict[str, Any]) -> Evidence:
    auc, gain = (None if told[key] is None else Interval(*_numbers(told[key], key)) for key in ("auc", "gain"))
    model = told.get("model", "words")
    if model not in MODELS:
        raise ValueError(f"there is no model {model!r}")
    return Evidence(
        int(told["n"]),
        int(told["good"]),
        int(told["bad"]),
        {str(key): int(many) for key, many in told["languages"].items()},
        auc,
        told["correlation"],
        told["baseline"],
        gain,
        model,
        {str(name): float(value) for name, value in told.get("tried", {}).items()},
    )


def _text(found: object, key: str) -> str:
    if not isinstance(found, str):
        raise TypeError(f"`{key}` is not a text")
    return found


def _texts(found: object, key: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError(f"`{key}` is not a list of texts")
    if len(set(found)) < len(found):
        raise ValueError(f"`{key}` has one text twice")
    return tuple(found)


def _numbers(found: object, key: str) -> tuple[float, ...]:
    if not isinstance(found, list) or not all(
        isinstance(each, int | float) and not isinstance(each, bool) and isfinite(each) for each in found
    ):
        raise TypeError(f"`{key}` is not a list of numbers")
    return tuple(float(each) for each in found)


__all__ = ["FORMAT", "read", "write", "written"]
