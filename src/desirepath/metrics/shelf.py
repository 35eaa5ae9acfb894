"""Which metrics are there? Those of the house, and those of a workspace's folder `metrics/`, which go before them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from desirepath.errors import MetricError, UnknownNameError
from desirepath.events.where import Where
from desirepath.events.yaml_forms import Places, yaml_files
from desirepath.metrics.form import METRICS, MetricForm, MetricsFile, OutcomeForm

HOUSE = Path(__file__).parent / "catalog"
FOLDER = "metrics"

ASKED = ("fields", "of", "people", "number", "goal", "start", "hide")
"""Keys of definitions whose texts may hold words."""

ANY = "any"
"""What a word stands for that means whatever event."""

_WORD = re.compile(r"(?<![\w$])\$([a-z][a-z0-9_]*)")
_PARTS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|" + _WORD.pattern)
"""Texts in quotes, in which a `$` is a `$`, and words."""


@dataclass(frozen=True)
class Defined:
    """All that is defined.

    Attributes
    ----------
    words
        What a word stands for: an event's name, a filter or a property; None where a company has to say.
    metrics, outcomes
        By name.
    own
        Names of metrics that the workspace defines itself.
    folder
        Where the workspace's own lie.
    """

    words: Mapping[str, str | None]
    metrics: Mapping[str, MetricForm]
    outcomes: Mapping[str, OutcomeForm]
    own: frozenset[str] = frozenset()
    folder: Path | None = field(default=None, compare=False)

    def metric(self, name: str) -> MetricForm:
        """The metric of that name, however it is typed: `orders per visitor`, `orders-per-visitor`.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        return self.metrics[_named("metric", name, self.metrics, self.folder)]

    def outcome(self, name: str) -> OutcomeForm:
        """The outcome of that name.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        return self.outcomes[_named("outcome", name, self.outcomes, self.folder)]

    def filled(self, value: Any) -> Any:
        """Plain data with its words put in.

        Raises
        ------
        MetricError
            If a word is unknown, or the company has not said what it stands for.

        Notes
        -----
        A field that holds a word for any event alone is left out, which is what questions take for it.
        """
        if isinstance(value, str):
            return self._filled(value)
        if isinstance(value, dict):
            filled = {name: self.filled(part) for name, part in value.items()}
            return {name: part for name, part in filled.items() if part is not None or value[name] is None}
        if not isinstance(value, list):
            return value
        parts = [self.filled(part) for part in value]
        for part, text in zip(parts, value, strict=True):
            if part is None and text is not None:
                raise MetricError(f"{text} stands for {ANY} event here, and what is asked needs a certain one.")
        return parts

    def _filled(self, text: str) -> str | None:
        whole = _WORD.fullmatch(text.strip())
        if whole:
            meaning = self._word(whole[1])
            return None if meaning == ANY else meaning

        def put(found: re.Match[str]) -> str:
            return found[0] if found[1] is None else f"({Where.event(self._word(found[1]))})"

        return _PARTS.sub(put, text)

    def _word(self, name: str) -> str:
        if name not in self.words:
            known = UnknownNameError.of("word", name, self.words)
            raise MetricError(
                f"There is no word ${name}; an event of that name is written name = '${name}'.",
                nearest=known.nearest,
                allowed=known.allowed,
            )
        meaning = self.words[name]
        if meaning is None:
            where = "metrics/words.yaml" if self.folder is None else str(self.folder / "words.yaml")
            raise MetricError(f"Nobody has said what ${name} is here; `words: {{{name}: …}}` in {where} says it.")
        return meaning

    def wanting(self, form: msgspec.Struct) -> list[str]:
        """Words that a definition needs and nobody has said the meaning of."""
        return [name for name in self.used(form) if self.words.get(name, "") is None]

    def used(self, form: msgspec.Struct) -> list[str]:
        """The words of a definition."""
        found: list[str] = []
        plain = msgspec.to_builtins(form)
        _words_in({name: plain[name] for name in ASKED if name in plain}, found)
        return list(dict.fromkeys(found))


def _words_in(value: Any, found: list[str]) -> None:
    if isinstance(value, str):
        found += [each[1] for each in _PARTS.finditer(value) if each[1]]
    elif isinstance(value, dict):
        for part in value.values():
            _words_in(part, found)
    elif isinstance(value, list):
        for part in value:
            _words_in(part, found)


def plain_name(name: str) -> str:
    """A name as it is typed: `trial to paid` as `trial-to-paid`."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def _named(kind: str, name: str, known: Mapping[str, Any], folder: Path | None) -> str:
    if name in known:
        return name
    by_plain = {plain_name(each): each for each in known}
    if plain_name(name) in by_plain:
        return by_plain[plain_name(name)]
    looked = None if folder is None else f"the catalog and {folder}"
    raise UnknownNameError.of(kind, name, known, looked=looked)


@lru_cache(maxsize=1)
def house() -> Defined:
    """The metrics that come with desirepath."""
    words, metrics, outcomes = _together(HOUSE)
    return Defined(words, metrics, outcomes)


def defined(root: Path) -> Defined:
    """What holds in a workspace.

    Raises
    ------
    MetricError
        If a file cannot be read, or two of them define the same.
    """
    folder, common = root / FOLDER, house()
    words, metrics, outcomes = _together(folder)
    return Defined(
        {**common.words, **words},
        {**common.metrics, **metrics},
        {**common.outcomes, **outcomes},
        frozenset(metrics),
        folder,
    )


def written_in(root: Path) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Where a workspace's own definitions stand: of each `metric`, `word` and `outcome` the file, and the line.

    Raises
    ------
    MetricError
        If a file cannot be read.
    """
    found: dict[tuple[str, str], tuple[str, int | None]] = {}
    for path in yaml_files(root / FOLDER).values():
        file, places = METRICS.read(path)
        parts: list[tuple[str, str, tuple[str | int, ...]]] = [
            *(("word", name, ("words", name, "(key)")) for name in file.words),
            *(("metric", form.metric, ("metrics", number)) for number, form in enumerate(file.metrics)),
            *(("outcome", form.outcome, ("outcomes", number)) for number, form in enumerate(file.outcomes)),
        ]
        for kind, name, part in parts:
            mark = places.marks.get(part)
            found[kind, name] = (str(path.relative_to(root)), None if mark is None else mark[0])
    return found


def _together(folder: Path) -> tuple[dict[str, str | None], dict[str, MetricForm], dict[str, OutcomeForm]]:
    words: dict[str, str | None] = {}
    metrics: dict[str, MetricForm] = {}
    outcomes: dict[str, OutcomeForm] = {}
    for path in yaml_files(folder).values():
        file, places = METRICS.read(path)
        _add(file, places, words, metrics, outcomes)
    return words, metrics, outcomes


def _add(
    file: MetricsFile,
    places: Places,
    words: dict[str, str | None],
    metrics: dict[str, MetricForm],
    outcomes: dict[str, OutcomeForm],
) -> None:
    """Put a file's definitions to the others; a name may be defined once."""
    for name, meaning in file.words.items():
        if name in words:
            places.fail(f"the word {name!r} is defined in another file too.", ("words", name))
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            places.fail(f"{name!r} is no word: letters, digits and '_', and a letter first.", ("words", name, "(key)"))
        words[name] = meaning
    for number, form in enumerate(file.metrics):
        if form.metric in metrics:
            places.fail(f"the metric {form.metric!r} is defined twice.", ("metrics", number))
        metrics[form.metric] = form
    for number, one in enumerate(file.outcomes):
        if one.outcome in outcomes:
            places.fail(f"the outcome {one.outcome!r} is defined twice.", ("outcomes", number))
        outcomes[one.outcome] = one
