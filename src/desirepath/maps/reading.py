"""How is a map's file read? Strictly, and every error says at which line and column.

maps/repair.yaml, line 9, column 16: there is no key called 'limmit' here. Did you mean 'limit'?
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, get_args

import msgspec
import yaml

from desirepath.errors import MapError
from desirepath.events.strict_yaml import StrictLoader
from desirepath.maps.form import Feedback, MapForm, Rule, Scale, Stage, Step, Thresholds

LARGEST = 256 * 1024
"""Largest file of a map, in bytes."""

Path_ = tuple[str | int, ...]

_PARTS = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`")
_MISSING = re.compile(r"Object missing required field `(.*?)`")
_ENUM = re.compile(r"Invalid enum value '(.*?)'")
_CHOICES: Mapping[str, Sequence[str]] = {"contact": ("human", "self-service"), "scale": get_args(Scale)}
_QUOTED = re.compile(r"`(.*?)`")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "pairs such as `a: b`",
    "null": "nothing",
}
_KINDS: Mapping[str, type[msgspec.Struct]] = {
    "": MapForm,
    "stages": Stage,
    "steps": Step,
    "one_of": Step,
    "any_order": Step,
    "in_order": Step,
    "feedback": Feedback,
    "rules": Rule,
    "thresholds": Thresholds,
}


@dataclass(frozen=True)
class Places:
    """Where in its file every part of a map stands.

    Attributes
    ----------
    looked
        The file, or what stands for it in errors.
    marks
        Line and column, from 1, of values and of keys (a path that ends with `(key)`).
    """

    looked: str
    marks: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)

    def fail(self, message: str, path: Path_ = (), *, nearest: str | None = None, allowed: Any = ()) -> NoReturn:
        """Raise the error that something at a path is wrong."""
        while path and path not in self.marks:
            path = path[:-1]
        mark = self.marks.get(path)
        where = f"{self.looked}, line {mark[0]}, column {mark[1]}" if mark else self.looked
        raise MapError(f"{where}: {message}", nearest=nearest, allowed=allowed)


def read_form(path: Path) -> tuple[MapForm, Places]:
    """Read the file of a map.

    Raises
    ------
    MapError
        If it cannot be read, is not YAML, or says what a map cannot hold.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise MapError(f"The map {path} cannot be read: {problem.strerror or problem}.") from None
    return parse_form(content, looked=str(path))


def parse_form(content: bytes | str, *, looked: str = "the map") -> tuple[MapForm, Places]:
    """Read a map from YAML text; `looked` names where it came from in errors."""
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > LARGEST:
        raise MapError(f"{looked}: a map may have {LARGEST // 1024} KB; this one has {len(raw) // 1024} KB.")
    try:
        loader = StrictLoader(raw.decode("utf-8-sig"))
        node = loader.get_single_node()
        data = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError as problem:
        raise MapError(f"{looked}: a map is written in UTF-8; byte {problem.start} is not.") from None
    except yaml.MarkedYAMLError as problem:
        raise MapError(f"{_marked(looked, problem)} this is not readable YAML: {problem.problem}.") from None
    except yaml.YAMLError as problem:
        raise MapError(f"{looked}: this is not readable YAML: {' '.join(str(problem).split())}.") from None
    except (RecursionError, ValueError) as problem:
        raise MapError(f"{looked}: this YAML cannot be read: {problem}.") from None
    marks: dict[Path_, tuple[int, int]] = {}
    if node is not None:
        _note(node, (), marks)
    places = Places(looked, marks)
    return form_of(data, places), places


def _marked(looked: str, problem: yaml.MarkedYAMLError) -> str:
    mark = problem.problem_mark
    return f"{looked}, line {mark.line + 1}, column {mark.column + 1}:" if mark else f"{looked}:"


def _note(node: yaml.Node, path: Path_, marks: dict[Path_, tuple[int, int]]) -> None:
    marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = (*path, str(key.value))
            _note(value, name, marks)
            marks[(*name, "(key)")] = (key.start_mark.line + 1, key.start_mark.column + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _note(item, (*path, number), marks)


def form_of(data: object, places: Places) -> MapForm:
    """Make the form from plain data.

    Raises
    ------
    MapError
        If the data departs from what a map holds.
    """
    if not isinstance(data, dict):
        places.fail("a map is pairs such as `map: repair`; this is something else.", (), allowed=_keys(()))
    try:
        return msgspec.convert(data, MapForm)
    except msgspec.ValidationError as problem:
        _explain(str(problem), places)


def _explain(text: str, places: Places) -> NoReturn:
    message, _, spot = text.partition(" - at `")
    path: Path_ = tuple(
        name or (int(number) if number.isdigit() else number) for name, number in _PARTS.findall(spot.rstrip("`"))
    )
    allowed = _keys(path)
    if unknown := _UNKNOWN.match(message):
        close = difflib.get_close_matches(unknown[1], allowed, n=1, cutoff=0.6)
        places.fail(
            f"there is no key called {unknown[1]!r} here.",
            (*path, unknown[1], "(key)"),
            nearest=close[0] if close else None,
            allowed=allowed,
        )
    if missing := _MISSING.match(message):
        places.fail(f"the key {missing[1]!r} is needed here.", path, allowed=allowed)
    if (odd := _ENUM.match(message)) and path and path[-1] in _CHOICES:
        choices = _CHOICES[str(path[-1])]
        close = difflib.get_close_matches(odd[1], choices, n=1, cutoff=0.6)
        nearest = close[0] if close else None
        places.fail(f"{path[-1]}: {odd[1]!r} is none of its values.", path, nearest=nearest, allowed=choices)
    if path == ("map",) and "regex" in message:
        said = "a map's name has letters, digits, '-' and '_', 64 at most, and begins with a letter or a digit."
        places.fail(said, path)
    place = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    places.fail(f"{place}{message[:1].lower()}{_QUOTED.sub(_in_words, message[1:])}.", path)


def _in_words(found: re.Match[str]) -> str:
    """A kind of value in words: `str | null` as `text`."""
    kinds = [_WORDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null" or found[1] == "null"]
    return " or ".join(kinds)


def _keys(path: Path_) -> list[str]:
    """The keys that may stand at a path."""
    names = [part for part in path if isinstance(part, str)]
    return list(_KINDS.get(names[-1] if names else "", MapForm).__struct_fields__)


def plain(form: MapForm) -> dict[str, Any]:
    """The form as plain data without what is left out; `form_of` reads it back."""
    found: dict[str, Any] = msgspec.to_builtins(form)
    return found


def as_yaml(data: Any) -> str:
    """Plain data as YAML text that `parse_form` reads back; of a single value, as it stands in a line."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return text if isinstance(data, dict) else text.removesuffix("\n").removesuffix("\n...")
