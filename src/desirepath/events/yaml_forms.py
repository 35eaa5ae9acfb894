"""How is a file of ours read that people write? Strictly, and every error says at which line and column.

maps/repair.yaml, line 9, column 16: there is no key called 'limmit' here. Did you mean 'limit'?

A `Kind` says what such a file holds; journey maps and metrics are kinds.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

import msgspec
import yaml

from desirepath.errors import DesirepathError, InputError
from desirepath.events.strict_yaml import StrictLoader

F = TypeVar("F", bound=msgspec.Struct)

Path_ = tuple[str | int, ...]

_PARTS = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`")
_MISSING = re.compile(r"Object missing required field `(.*?)`")
_ENUM = re.compile(r"Invalid enum value '(.*?)'")
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


@dataclass(frozen=True)
class Places:
    """Where in its file every part stands.

    Attributes
    ----------
    looked
        The file, or what stands for it in errors.
    marks
        Line and column, from 1, of values and of keys (a path that ends with `(key)`).
    error
        What is raised when a part is wrong.
    """

    looked: str
    marks: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)
    error: type[DesirepathError] = InputError

    def fail(self, message: str, path: Path_ = (), *, nearest: str | None = None, allowed: Any = ()) -> NoReturn:
        """Raise the error that something at a path is wrong."""
        while path and path not in self.marks:
            path = path[:-1]
        mark = self.marks.get(path)
        where = f"{self.looked}, line {mark[0]}, column {mark[1]}" if mark else self.looked
        raise self.error(f"{where}: {message}", nearest=nearest, allowed=allowed)


@dataclass(frozen=True)
class Kind(Generic[F]):
    """What a kind of file holds.

    Parameters
    ----------
    noun
        What such a file is called in errors: `map`.
    form
        Its fields.
    error
        What is raised when it is wrong.
    parts
        What may stand below a key, where that is a form of its own.
    choices
        The values that a key may have, where they are listed.
    named
        The key that holds its name, and what a name looks like in words.
    largest
        The largest file, in bytes.
    """

    noun: str
    form: type[F]
    error: type[DesirepathError]
    parts: Mapping[str, type[msgspec.Struct]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: tuple[str, str] = ("", "")
    largest: int = 256 * 1024

    def read(self, path: Path) -> tuple[F, Places]:
        """Read a file.

        Raises
        ------
        DesirepathError
            The kind's own, if the file cannot be read, is not YAML, or says what it cannot hold.
        """
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise self.error(f"The {self.noun} {path} cannot be read: {problem.strerror or problem}.") from None
        return self.parse(content, looked=str(path))

    def parse(self, content: bytes | str, *, looked: str) -> tuple[F, Places]:
        """Read YAML text; `looked` names where it came from in errors."""
        data, places = self.load(content, looked=looked)
        return self.make(data, places), places

    def load(self, content: bytes | str, *, looked: str) -> tuple[object, Places]:
        """YAML text as plain data, and where each part of it stands."""
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        if len(raw) > self.largest:
            size, most = len(raw) // 1024, self.largest // 1024
            raise self.error(f"{looked}: a {self.noun} may have {most} KB; this one has {size} KB.")
        try:
            loader = StrictLoader(raw.decode("utf-8-sig"))
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        except UnicodeDecodeError as problem:
            raise self.error(f"{looked}: a {self.noun} is written in UTF-8; byte {problem.start} is not.") from None
        except yaml.MarkedYAMLError as problem:
            raise self.error(f"{_marked(looked, problem)} this is not readable YAML: {problem.problem}.") from None
        except yaml.YAMLError as problem:
            text = " ".join(str(problem).split())
            raise self.error(f"{looked}: this is not readable YAML: {text}.") from None
        except (RecursionError, ValueError) as problem:
            raise self.error(f"{looked}: this YAML cannot be read: {problem}.") from None
        marks: dict[Path_, tuple[int, int]] = {}
        if node is not None:
            _note(node, (), marks)
        return data, Places(looked, marks, self.error)

    def make(self, data: object, places: Places, at: Path_ = ()) -> F:
        """Make the form from plain data, which stands at a path of its file.

        Raises
        ------
        DesirepathError
            The kind's own, if the data departs from what it holds.
        """
        if not isinstance(data, dict):
            example = f"`{self.named[0]}: …`" if self.named[0] else "`a: b`"
            said = f"a {self.noun} is pairs such as {example}; this is something else."
            places.fail(said, at, allowed=self._keys(()))
        try:
            return msgspec.convert(data, self.form)
        except msgspec.ValidationError as problem:
            self._explain(str(problem), places, at)

    def _explain(self, text: str, places: Places, at: Path_) -> NoReturn:
        message, _, spot = text.partition(" - at `")
        path: Path_ = tuple(
            name or (int(number) if number.isdigit() else number) for name, number in _PARTS.findall(spot.rstrip("`"))
        )
        allowed, whole = self._keys(path), (*at, *path)
        if unknown := _UNKNOWN.match(message):
            said = f"there is no key called {unknown[1]!r} here."
            places.fail(said, (*whole, unknown[1], "(key)"), nearest=_near(unknown[1], allowed), allowed=allowed)
        if missing := _MISSING.match(message):
            places.fail(f"the key {missing[1]!r} is needed here.", whole, allowed=allowed)
        if (odd := _ENUM.match(message)) and path and path[-1] in self.choices:
            choices = self.choices[str(path[-1])]
            said = f"{path[-1]}: {odd[1]!r} is none of its values."
            places.fail(said, whole, nearest=_near(odd[1], choices), allowed=choices)
        if path == (self.named[0],) and "regex" in message:
            places.fail(self.named[1], whole)
        place = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
        places.fail(f"{place}{message[:1].lower()}{_QUOTED.sub(_in_words, message[1:])}.", whole)

    def _keys(self, path: Path_) -> list[str]:
        """The keys that may stand at a path."""
        names = [part for part in path if isinstance(part, str)]
        kind = self.parts.get(names[-1], self.form) if names else self.form
        return list(cast("Any", kind).__struct_fields__)


def _near(given: str, known: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.6)
    return close[0] if close else None


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


def _in_words(found: re.Match[str]) -> str:
    """A kind of value in words: `str | null` as `text`."""
    kinds = [_WORDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null" or found[1] == "null"]
    return " or ".join(kinds)


def yaml_files(folder: Path) -> dict[str, Path]:
    """The YAML files of a folder by their names without the ending; the folder need not exist."""
    if not folder.is_dir():
        return {}
    found = [path for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml") and path.is_file()]
    return dict(sorted({path.stem: path for path in reversed(found)}.items()))


def plain(form: msgspec.Struct) -> dict[str, Any]:
    """A form as plain data without what is left out; `Kind.make` reads it back."""
    found: dict[str, Any] = msgspec.to_builtins(form)
    return found


def as_yaml(data: Any) -> str:
    """Plain data as YAML text that can be read back; of a single value, as it stands in a line."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return text if isinstance(data, dict) else text.removesuffix("\n").removesuffix("\n...")
