"""How are the values of a property listed? The most frequent by name, and all others in one line that adds up.

told_apart(labels, ("all",))           names in which no value reads like a line of ours
top_codes(many, names, most=10)        [("billing", [3]), ("login", [1]), ("(other)", [2, 5, 7])]
codes_named("login", "topic", shown)   [1]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desirepath.errors import UnknownNameError

OTHER, MISSING, NOTHING = "(other)", "(missing)", "(nothing)"

OURS = frozenset(
    (OTHER, MISSING, NOTHING, "(start)", "(left)", "(undecided)", "(converted)", "(began later)", "(everyone)")
)
"""Names of lines and of ends that stand among touchpoints."""


def quoted(name: str) -> str:
    """The name of a touchpoint; in quotes where it reads like one of `OURS`."""
    return f'"{name}"' if name.strip('"') in OURS else name


def unquoted(name: str) -> str:
    """The name that `quoted` was given."""
    return name[1:-1] if name.startswith('"') and name.strip('"') in OURS else name


def told_apart(labels: Sequence[str | None], taken: Sequence[str] = ()) -> list[str | None]:
    """Names by code, of which 0 has none; in quotes where one reads like `(other)`, `(missing)` or what is taken."""
    return [MISSING, *(f'"{each}"' if each in (OTHER, MISSING, *taken) else each for each in labels[1:])]


def top_codes(many: Mapping[int, int], names: Sequence[str | None], most: int) -> list[tuple[str, list[int]]]:
    """The codes that occur most, equal ones by name, and all others together, where there are others."""
    ranked = sorted(many, key=lambda code: (-many[code], str(names[code])))
    top, rest = ranked[:most], ranked[most:]
    found = [(str(names[code]), [code]) for code in top]
    return [*found, (OTHER, rest)] if rest else found


def codes_named(name: str, what: str, shown: Sequence[tuple[str, list[int]]], also: Sequence[str] = ()) -> list[int]:
    """The codes that the name of a line stands for.

    Parameters
    ----------
    name, what
        The name; what it is a name of.
    shown
        See `top_codes`.
    also
        Names that are allowed beside these, for the message.

    Raises
    ------
    UnknownNameError
        If there is no such line.
    """
    for known, codes in shown:
        if known == name:
            return codes
    raise UnknownNameError.of(what, name, [*also, *(known for known, _ in shown)])


__all__ = ["MISSING", "NOTHING", "OTHER", "codes_named", "quoted", "told_apart", "top_codes", "unquoted"]
