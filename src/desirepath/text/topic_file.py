"""How are topics kept? One YAML file that a person reads and edits: names, pins, merges, terms with their weights.

write(topics, path)      the file; the same topics give the same bytes
read(path)               the topics; what a person wrote is understood or refused by name

topics:
- id: late-parcel
  name: Late parcels             # edit this; `proposed` keeps what was proposed
  pinned: true
  terms: {parcel late: 2.1, courier: 1.8}
  merged: []                     # topics moved below here count as this one
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from desirepath.errors import InputError, UnknownNameError
from desirepath.text.terms import term_of
from desirepath.text.topics import Topic, Topics

FORMAT = "desirepath topics 1"

MOST_BYTES = 5_000_000
MOST_WEIGHT = 100.0

_HEAD = ("format", "method", "texts", "least", "notes", "topics")
_TOPIC = ("id", "name", "proposed", "pinned", "new", "examples", "terms", "merged")
_ID = re.compile(r"[\w-]{1,60}")
_OPENING = """\
# Topics. A text is about the topic whose terms, with their weights, it holds most of. To edit: give a topic another
# `name`; set `pinned: true` to keep it even if nobody talks of it; move a topic below `merged` of another one to count
# them as one; change, add or leave out `terms`. Ids stay what they are.
"""


def written(topics: Topics) -> str:
    """Return the text of the file."""
    import yaml

    head: dict[str, Any] = {
        "format": FORMAT,
        "method": topics.method,
        "texts": topics.texts,
        "least": topics.least,
        "notes": list(topics.notes),
        "topics": [_plain(topic) for topic in topics.topics],
    }
    return _OPENING + yaml.safe_dump(
        head, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110, line_break="\n"
    )


def write(topics: Topics, path: Path) -> None:
    """Write the file; it is whole or not there."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(written(topics), encoding="utf-8")
    beside.replace(path)


def read(path: Path) -> Topics:
    """Return the topics of a file.

    Raises
    ------
    InputError
        If it is not a file of topics, or something in it makes no sense: says of which topic and key.
    """
    if not path.exists():
        raise InputError("There is no such file of topics.", looked=str(path))
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"A file of topics has no more than {MOST_BYTES:,} bytes.", looked=str(path))
    try:
        return understood(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"The file is not UTF-8: {error.reason} at byte {error.start}.", looked=str(path)) from error
    except InputError as error:
        error.looked = error.looked or str(path)
        raise type(error)(error.message, allowed=error.allowed, nearest=error.nearest, looked=error.looked) from error


def understood(text: str) -> Topics:
    """Return the topics that a file's text tells of.

    Raises
    ------
    InputError
        As for `read`.
    """
    import yaml

    from desirepath.events.strict_yaml import StrictLoader

    try:
        found = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"The file is not YAML: {' '.join(str(error).split())}") from error
    head = _mapping(found, "the file", _HEAD)
    if head.get("format") != FORMAT:
        raise InputError(f"The file's format is {head.get('format')!r}.", allowed=[FORMAT])
    listed = head.get("topics")
    if not isinstance(listed, list):
        raise InputError("`topics` must be a list.")
    topics = tuple(_topic(each, f"topic {place}", nested=False) for place, each in enumerate(listed, start=1))
    notes = head.get("notes") or []
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise InputError("`notes` must be a list of sentences.")
    return Topics(
        topics,
        least=_number(head.get("least", 0.7), "least", 0, 1_000),
        texts=int(_number(head.get("texts", 0), "texts", 0, 1e12)),
        method=str(head.get("method") or ""),
        notes=tuple(notes),
    )


def _plain(topic: Topic) -> dict[str, Any]:
    return {
        "id": topic.id,
        "name": topic.name,
        "proposed": topic.proposed,
        "pinned": topic.pinned,
        "new": topic.new,
        "examples": topic.examples,
        "terms": dict(topic.terms),
        "merged": [_plain(each) for each in topic.merged],
    }


def _mapping(found: object, where: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise InputError(f"What stands for {where} must be keys with values.", allowed=known)
    for key in found:
        if key not in known:
            raise UnknownNameError.of(f"key of {where}", str(key), known)
    return found


def _topic(found: object, where: str, *, nested: bool) -> Topic:
    given = _mapping(found, where, _TOPIC)
    name = given.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise InputError(f"The id of {where} is {name!r}.", allowed=["1 to 60 letters, digits and hyphens"])
    where = f"topic {name!r}"
    texts = {key: given.get(key) or "" for key in ("name", "proposed")}
    flags = {key: given.get(key, False) for key in ("pinned", "new")}
    for key, value in texts.items():
        if not isinstance(value, str) or len(value) > 200:
            raise InputError(f"`{key}` of {where} must be a text of at most 200 signs; {value!r} was given.")
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise InputError(f"`{key}` of {where} is {value!r}.", allowed=["true", "false"])
    merged = given.get("merged") or []
    if not isinstance(merged, list) or (nested and merged):
        raise InputError(f"`merged` of {where} must be a list of topics that have none merged themselves.")
    return Topic(
        id=name,
        proposed=texts["proposed"] or name,  # a name that nobody proposed is a person's
        name=" ".join(texts["name"].split()),
        terms=_terms(given.get("terms"), where),
        pinned=flags["pinned"],
        new=flags["new"],
        examples=int(_number(given.get("examples", 0), f"examples of {where}", 0, 1e12)),
        merged=tuple(_topic(each, f"{where}, merged {place}", nested=True) for place, each in enumerate(merged, 1)),
    )


def _terms(found: object, where: str) -> dict[str, float]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InputError(f"`terms` of {where} must be terms with weights, such as `late delivery: 2.0`.")
    terms: dict[str, float] = {}
    for written_as, weight in found.items():
        term = term_of(str(written_as))
        if not term or term.count(" ") > 1:
            raise InputError(
                f"{str(written_as)!r}, a term of {where}, is not one or two words, words such as `the` aside."
            )
        terms[term] = _number(weight, f"the weight of {str(written_as)!r} of {where}", -MOST_WEIGHT, MOST_WEIGHT)
    return terms


def _number(value: object, what: str, least: float, most: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not isfinite(value)
        or not least <= value <= most
    ):
        raise InputError(f"{value!r} cannot be {what}.", allowed=[f"a number from {least:g} to {most:g}"])
    return float(value)


__all__ = ["FORMAT", "read", "understood", "write", "written"]
