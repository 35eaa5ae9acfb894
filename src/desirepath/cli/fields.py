r"""How do a question's fields become options, and what was typed become values? Read off its JSON Schema.

A text field takes what is typed. A list takes its option several times. Anything with parts takes JSON:
`--step '{"where": "name = 'cart'", "optional": true}'`; a whole list may be one JSON list.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from desirepath.errors import InputError, UnknownNameError

_KINDS = ("string", "integer", "number", "boolean", "null")


@dataclass(frozen=True)
class FieldForm:
    """One field as the command line takes it.

    Attributes
    ----------
    name
        The field's name; its parameter is called the same.
    kinds
        JSON types that a value may have.
    choices
        The values allowed, if they are few and listed.
    options
        How it is given, the proper name first.
    """

    name: str
    kinds: frozenset[str]
    choices: tuple[str, ...]
    options: tuple[str, ...]
    required: bool
    default: Any
    text: str

    @property
    def is_list(self) -> bool:
        """Whether the option may be repeated."""
        return "array" in self.kinds

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return "boolean" in self.kinds and "string" not in self.kinds

    @property
    def is_text(self) -> bool:
        """Whether what is typed stands for itself."""
        return not self.kinds or "string" in self.kinds

    @property
    def shape(self) -> str:
        """What to type."""
        if self.choices:
            return "|".join(self.choices)
        if self.is_text:
            return "TEXT or JSON" if self.kinds & {"object"} else "TEXT"
        return "NUMBER" if self.kinds & {"integer", "number"} else "JSON"

    def parameter(self) -> inspect.Parameter:
        """The field as a parameter that typer reads."""
        from rich.markup import escape

        kind: Any = list[str] if self.is_list else bool if self.is_switch else str
        words = escape(self.text)
        if self.required:
            words += " Needed."
        elif self.default is not None:
            words += escape(f" Default: {self.default if isinstance(self.default, str) else json.dumps(self.default)}.")
        declared = tuple(f"{one}/--no-{one[2:]}" for one in self.options) if self.is_switch else self.options
        option = typer.Option(
            *declared,
            help=words,
            metavar=None if self.is_switch else self.shape,
            autocompletion=(lambda: list(self.choices)) if self.choices else None,
            show_default=False,
            rich_help_panel="The question",
        )
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
        )

    def value(self, typed: Any) -> Any:
        """What was typed, as data.

        Raises
        ------
        InputError
            If it is neither JSON nor what the field takes.
        """
        if self.is_switch:
            return typed
        if self.is_list:
            found = [self._one(text) for text in typed]
            return found[0] if len(found) == 1 and isinstance(found[0], list) else found
        return self._one(typed)

    def _one(self, text: str) -> Any:
        if self.choices and text not in self.choices:
            raise UnknownNameError.of(f"choice for {self.options[0]}", text, self.choices)
        complex_kinds = self.kinds & {"object", "array"}
        if self.is_text and not (complex_kinds and text.lstrip()[:1] in ("{", "[")):
            return text
        try:
            return json.loads(text)
        except json.JSONDecodeError as problem:
            if not complex_kinds:
                raise InputError(f"{self.options[0]} takes a number, not {text!r}.") from problem
            hint = '; a name that begins so is written {"where": "…"}' if self.is_text else ""
            raise InputError(
                f"{self.options[0]} {text!r} cannot be read as JSON: {problem.msg} at character "
                f"{problem.pos + 1}{hint}."
            ) from problem


def forms(schema: Mapping[str, Any]) -> list[FieldForm]:
    """The fields of a question, in their order."""
    required = schema.get("required", [])
    return [_form(name, field, schema, name in required) for name, field in schema["properties"].items()]


def _form(name: str, field: Mapping[str, Any], schema: Mapping[str, Any], required: bool) -> FieldForm:
    kinds, choices = _kinds(field, schema, set())
    long = "--" + name.replace("_", "-")
    options = (long, long[:-1]) if "array" in kinds and name.endswith("s") and not name.endswith("ss") else (long,)
    return FieldForm(
        name,
        frozenset(kinds),
        tuple(choices),
        options,
        required,
        field.get("default"),
        str(field.get("description", "")),
    )


def _kinds(field: Mapping[str, Any], schema: Mapping[str, Any], seen: set[str]) -> tuple[set[str], list[str]]:
    """JSON types that a value, or an item of a list, may have."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return ({"object"}, []) if name in seen else _kinds(schema["$defs"][name], schema, seen | {name})
    if "enum" in field:
        return {"string"}, [str(item) for item in field["enum"]]
    kinds: set[str] = set()
    choices: list[str] = []
    for part in field.get("anyOf", ()):
        more, chosen = _kinds(part, schema, seen)
        kinds |= more
        choices += chosen
    given = field.get("type", ())
    kinds |= {given} if isinstance(given, str) else set(given)
    if "items" in field:
        more, choices = _kinds(field["items"], schema, seen)
        kinds |= more
    return kinds, choices if kinds - {"null", "array"} <= {"string"} else []


def asked_fields(known: list[FieldForm], typed: Mapping[str, Any]) -> dict[str, Any]:
    """The question's JSON form from what was typed.

    Raises
    ------
    InputError
        If a needed field is missing or a value cannot be read.
    """
    given = {form.name: form.value(typed[form.name]) for form in known if typed.get(form.name) not in (None, [], ())}
    for form in known:
        if form.required and form.name not in given:
            raise InputError(f"The option {form.options[-1]} is needed. {form.text}")
    return given


__all__ = ["FieldForm", "asked_fields", "forms"]
