"""Which questions are there, and what does each accept?

`@question` on a class in this room is all it takes: from its fields, types and docstring come the JSON form,
the command line's options, the form in the page and the reference page. Nothing else lists the questions.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, dataclass_transform, get_args, get_origin, get_type_hints

from desirepath.errors import InputError, UnknownNameError
from desirepath.questions.question import Question

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Q = TypeVar("Q", bound=Question)

_questions: dict[str, type[Any]] = {}
_found = False


@dataclass_transform(frozen_default=True)
def question(kind: type[Q]) -> type[Q]:
    """Make a class a frozen dataclass, and put it into the catalog under its name in snake case.

    Raises
    ------
    InputError
        If it has no docstring.
    """
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    if not kind.__doc__:
        raise InputError(f"The question {name!r} has no docstring, so nobody could look it up.")
    made = dataclasses.dataclass(frozen=True)(kind)
    made.name = name
    _questions[name] = made
    return made


def catalog() -> Mapping[str, type[Any]]:
    """Every question by name: those of this room and those of installed plugins."""
    global _found  # noqa: PLW0603 - the search happens once a process
    if not _found:
        _found = True
        import pkgutil

        package = importlib.import_module("desirepath.questions")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"desirepath.questions.{module.name}")

        for point in _plugins():
            point.load()
    return dict(sorted(_questions.items()))


def _plugins() -> Sequence[EntryPoint]:
    """Where other packages bring questions."""
    from importlib.metadata import entry_points

    return tuple(entry_points(group="desirepath.questions"))


def _has_module(name: str) -> bool:
    """Whether this room has a module of that name."""
    from importlib.util import find_spec

    return name.isidentifier() and find_spec(f"desirepath.questions.{name}") is not None


def build(name: str, fields: Mapping[str, Any]) -> Question:
    """Make a question from its JSON form.

    Raises
    ------
    UnknownNameError
        If there is no such question, or it has no such field.
    InputError
        If a field's value is not of its type.
    """
    import msgspec

    kind = kind_of(name)
    allowed = [item.name for item in dataclasses.fields(kind)]
    for given in fields:
        if given not in allowed:
            raise UnknownNameError.of(f"field of {name}", given, allowed)
    try:
        return cast("Question", msgspec.convert(dict(fields), kind))
    except msgspec.ValidationError as problem:
        for given, allowed in _words_of(kind):
            if isinstance(fields.get(given), str) and fields[given] not in allowed:
                raise UnknownNameError.of(f"choice for {given!r} in {name}", str(fields[given]), allowed) from problem
        raise InputError(f"The question {name!r} cannot be read: {problem}.") from problem


def _words_of(kind: type[Any]) -> list[tuple[str, list[str]]]:
    """The fields of a question that take one of a few words, and the words."""
    hints = get_type_hints(kind)
    return [
        (item.name, [str(word) for word in get_args(hints[item.name])])
        for item in dataclasses.fields(kind)
        if get_origin(hints[item.name]) is Literal
    ]


def is_question(name: str) -> bool:
    """Whether there is a question of that name; nothing is imported where nothing can bear it."""
    if name not in _questions and not _has_module(name) and not _plugins():
        return False
    try:
        kind_of(name)
    except UnknownNameError:
        return False
    return True


def kind_of(name: str) -> type[Any]:
    """The question of that name; its own module is tried before all are searched, which takes longer.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    if name not in _questions and _has_module(name):
        importlib.import_module(f"desirepath.questions.{name}")
    known = _questions if name in _questions else catalog()
    if name not in known:
        raise UnknownNameError.of("question", name, known)
    return known[name]


def describe(asked: Question) -> dict[str, Any]:
    """The JSON form of a question, all defaults spelled out; `build` reads it back."""
    fields = dataclasses.asdict(cast("Any", asked))
    return {"name": asked.name, **{name: _json_form(value) for name, value in fields.items()}}


def _json_form(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_json_form(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _json_form(item) for key, item in value.items()}
    import msgspec

    return msgspec.to_builtins(value)


def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a question's fields, each with its description from the docstring."""
    import msgspec

    kind = kind_of(name)
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    own = definitions.pop(reference["$ref"].rsplit("/", 1)[1])
    for field, text in field_texts(kind).items():
        if field in own["properties"]:
            own["properties"][field]["description"] = text
    return {**own, "description": inspect.getdoc(kind), "$defs": definitions}


def field_texts(kind: type[Any]) -> dict[str, str]:
    """What the `Parameters` section of a docstring says about each field, and those of what it is derived from."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        found |= _section(inspect.cleandoc(each.__dict__.get("__doc__") or ""))
    return found


def _section(text: str) -> dict[str, str]:
    _, _, section = text.partition("Parameters\n----------\n")
    section = re.split(r"\n\n?[A-Z][a-z]+\n-{3,}\n", section)[0]
    found: dict[str, str] = {}
    for name, body in re.findall(r"^(\w[\w, ]*)\n((?:    .*\n?|\n)+)", section, flags=re.M):
        for one in name.split(", "):
            found[one] = " ".join(body.split())
    return found
