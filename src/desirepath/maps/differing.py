"""What is different between two versions of a map? Part by part, in words.

>>> [one.words for one in differences({"map": "a", "goal": "x"}, {"map": "a", "goal": "y"})]
['goal: x becomes y']
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

NAMED = ("touchpoint", "stage", "name", "event", "map")
"""What the items of a list are recognised by, so that a moved one is not a different one."""


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes
    ----------
    where
        The names of the parts that it is in.
    kind
        What became of it.
    one, two
        What it was, and what it is; None where it is not.
    """

    where: tuple[str, ...]
    kind: Literal["added", "removed", "changed", "moved"]
    one: Any = None
    two: Any = None

    @property
    def words(self) -> str:
        """The difference as a line."""
        where = " > ".join(self.where)
        if self.kind == "changed":
            return f"{where}: {_said(self.one)} becomes {_said(self.two)}"
        if self.kind == "moved":
            return f"{where}: place {self.one} becomes place {self.two}"
        return f"{where}: {self.kind}" + ("" if isinstance(self._given, Mapping) else f" {_said(self._given)}")

    @property
    def _given(self) -> Any:
        return self.two if self.kind == "added" else self.one


def differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[Difference]:
    """The differences between two definitions, in the order of the first, then what only the second has."""
    return list(_between(_plain(one), _plain(two), ()))


def _plain(part: Any) -> Any:
    """The part with steps that are only names written out, so that a note added to one is a change of it."""
    if isinstance(part, Mapping):
        return {name: _steps(value) if name in _LISTS else _plain(value) for name, value in part.items()}
    return [_plain(each) for each in part] if isinstance(part, list | tuple) else part


_LISTS = ("steps", "one_of", "any_order", "in_order")


def _steps(steps: Any) -> Any:
    if not isinstance(steps, list | tuple):
        return steps
    return [{"touchpoint": each} if isinstance(each, str) else _plain(each) for each in steps]


def _between(one: Any, two: Any, where: tuple[str, ...]) -> Iterator[Difference]:
    if one == two:
        return
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for name in dict.fromkeys([*one, *two]):
            yield from _either(one, two, name, (*where, str(name)))
    elif isinstance(one, list) and isinstance(two, list) and any(isinstance(each, Mapping) for each in (*one, *two)):
        yield from _lists(one, two, where)
    else:
        yield Difference(where, "changed", one, two)


def _either(one: Mapping[Any, Any], two: Mapping[Any, Any], name: Any, where: tuple[str, ...]) -> Iterator[Difference]:
    if name not in two:
        yield Difference(where, "removed", one[name])
    elif name not in one:
        yield Difference(where, "added", None, two[name])
    else:
        yield from _between(one[name], two[name], where)


def _lists(one: Sequence[Any], two: Sequence[Any], where: tuple[str, ...]) -> Iterator[Difference]:
    before, after = _by_name(one), _by_name(two)
    place = {name: number for number, name in enumerate((each for each in after if each in before), start=1)}
    for number, name in enumerate((each for each in before if each in after), start=1):
        if place[name] != number:
            yield Difference((*where, name), "moved", number, place[name])
    for name in dict.fromkeys([*before, *after]):
        yield from _either(before, after, name, (*where, name))


def _by_name(items: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        name = _name(item)
        again = sum(each == name or each.startswith(f"{name} #") for each in found)
        found[f"{name} #{again + 1}" if again else name] = item
    return found


def _name(item: Any) -> str:
    if isinstance(item, Mapping):
        for key in NAMED:
            if isinstance(item.get(key), str):
                return str(item[key])
        kind = next((each for each in _LISTS if each in item), None)
        if kind is not None:
            return f"{kind} of {', '.join(_name(each) for each in item[kind])}"
    return _said(item)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
