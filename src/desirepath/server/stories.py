"""What did one person do and say? Their events in either order, what was said and how it sounds; nobody is named.

What is a comment and what a score is told by the maps' feedback and by the words of the metrics; else the properties
`comment`, `text` and `score` are looked at, which connectors give. Texts are shown masked, and things by a short mark.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from desirepath.errors import DesirepathError, InputError
from desirepath.events.moments import instant
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import EventFields
from desirepath.server.persons import ORDER, Owned, Person, amounts, owned, visit_numbers
from desirepath.text.masking import masked

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.server.state import State

COMMENTS = ("comment", "text")
SCALES = {"nps_answer": "nps", "csat_answer": "csat5", "ces_answer": "ces7"}
"""The words of the metrics that stand for answers, and the scales of these."""

Order = Literal["newest", "oldest"]
"""What comes first."""

MOST_DETAILS, MOST_LETTERS = 4, 80
_NOTHING = re.compile(r"(?:\W*\[\w+\]\W*)+")
"""A text of which masking left nothing."""
MOST_MOODS = 200
MOST_SAID = 2_000
"""Characters of a text that are shown."""


@dataclass(frozen=True)
class Asked:
    """Answers that say how it was: which events, and their properties."""

    where: Where
    score: str | None
    scale: str | None
    comment: str | None


def asked_of(state: State) -> list[Asked]:
    """What the workspace knows of answers."""
    found: list[Asked] = []
    shelf = state.workspace.asking.maps
    for path in shelf.files().values():
        try:
            found += [Asked(one.where, one.score, one.scale, one.comment) for one in shelf.read(path).feedback]
        except DesirepathError:  # the list of maps says what is wrong with it
            continue
    try:
        words = state.workspace.metrics.defined().words
        found += [
            Asked(Where.event(said), words.get("score"), scale, None)
            for word, scale in SCALES.items()
            if (said := words.get(word))
        ]
    except DesirepathError:  # and the list of metrics
        pass
    return found


@dataclass(frozen=True)
class Story:
    """All events of a person in their order: place in the database, moment, visit and channel."""

    person: Person
    seq: np.ndarray[Any, Any]
    time: np.ndarray[Any, Any]
    visit: np.ndarray[Any, Any]
    channel: Sequence[str | None]


def story(store: Store, person: Person, theirs: Owned | None = None) -> Story:
    """The events of a person; a visit is numbered in the order of the first events."""
    theirs = theirs or owned(store, [person])
    table = store.arrow(
        f"""SELECT e.seq, epoch_us(e.occurred_at) AS time, e.channel, CASE WHEN e.session IS NULL THEN 0
            ELSE dense_rank() OVER (ORDER BY e.session NULLS FIRST) END AS given
        FROM {theirs.sql} JOIN events e ON e.seq = o.seq ORDER BY {ORDER}""",
        theirs.parameters,
    )
    time = table["time"].to_numpy()
    number = visit_numbers(np.zeros(len(time), dtype=np.int64), time, table["given"].to_numpy())
    names, first, place = np.unique(number, return_index=True, return_inverse=True)
    order = np.empty(len(names), dtype=np.int64)
    inside = np.flatnonzero(names != 0)
    order[names == 0] = 0
    order[inside[np.argsort(first[inside])]] = np.arange(1, len(inside) + 1)
    return Story(person, table["seq"].to_numpy(), time, order[place], table["channel"].to_pylist())


def page(
    state: State, store: Store, person: Person, *, order: Order, beyond: str | None, most: int, channel: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Some events, repeats folded; and from where the next page goes on.

    Parameters
    ----------
    state, store, person
        Whose events.
    order
        Newest first or oldest first.
    beyond
        What the page before gave; or a moment: what came before it, newest first, or from it on, oldest first.
    most
        How many events.
    channel
        Only those of one channel.
    """
    all_of = story(store, person)
    places = _beyond(all_of, beyond, state.workspace.settings.time_zone, order)
    if channel is not None:
        places = np.array([k for k in places if all_of.channel[k] == channel], dtype=np.int64)
    chosen = places[-most:][::-1] if order == "newest" else places[:most]
    rows = list(_rows(state, store, all_of, chosen))
    _read_moods(state, rows)
    after = f"{all_of.time[chosen[-1]]}~{all_of.seq[chosen[-1]]}" if len(places) > len(chosen) else None
    return list(_folded(rows)), after


def moods(state: State, store: Store, all_of: Story) -> tuple[list[dict[str, Any]], int]:
    """How what they said last sounds, oldest first; -5 (bad) to +5 (good). And how often they said something at all."""
    newest_first = np.arange(len(all_of.seq))[::-1]
    said = [row for row in _rows(state, store, all_of, newest_first) if row["quote"] or row["score"] is not None]
    rows = [row for row in said if row["quote"]][:MOST_MOODS]
    _read_moods(state, rows)
    found = [{"at": row["at"], "value": row["sentiment"]} for row in rows[::-1] if row["sentiment"] is not None]
    return found, len(said)


def _beyond(all_of: Story, beyond: str | None, zone: str, order: Order) -> np.ndarray[Any, Any]:
    """The places of the events beyond where a page ended, in the order of time."""
    places = np.arange(len(all_of.seq))
    if beyond is None:
        return places
    time, _, seq = beyond.partition("~")
    if seq.isdecimal() and time.lstrip("-").isdecimal():
        here = np.flatnonzero(all_of.seq == int(seq[:18]))
        place = int(here[0]) if len(here) else int(np.searchsorted(all_of.time, int(time[:18])))
        return places[:place] if order == "newest" else places[place + len(here) :]
    if seq:
        raise InputError(f"{beyond!r} is not from where a page goes on.", looked="before, after")
    place = int(np.searchsorted(all_of.time, instant(beyond, zone)))
    return places[:place] if order == "newest" else places[place:]


def _rows(state: State, store: Store, all_of: Story, chosen: np.ndarray[Any, Any]) -> Iterator[dict[str, Any]]:
    """What is told of events, in the order of their places."""
    known = state.once("answers", lambda: asked_of(state))
    fields, zone = EventFields(table="e"), state.workspace.settings.time_zone
    tests = [compile_sql(one.where, fields, zone=zone) for one in known]
    fits = ", ".join(f"coalesce({one.text}, false)" for one in tests) or "false"
    revenue, cost = amounts(state, "revenue"), amounts(state, "cost")
    table = store.rows(
        f"""SELECT e.seq, e.occurred_at, e.name, e.channel, e.source, e.value, e.currency, e.entity_type, e.entity_id,
            CAST(e.properties AS VARCHAR), [{fits}], {revenue.text}, {cost.text}
        FROM events e WHERE e.seq IN (SELECT unnest(?::BIGINT[]))""",
        [*(value for one in (*tests, revenue, cost) for value in one.parameters), all_of.seq[chosen].tolist()],
    )
    of = {int(row[0]): row[1:] for row in table}
    named = _identities(store, all_of.person)
    for place in chosen.tolist():
        at, name, channel, source, value, currency, kind, thing, text, fitting, earns, costs = of[
            int(all_of.seq[place])
        ]
        properties = json.loads(text)
        ask = next((one for one, is_it in zip(known, fitting, strict=False) if is_it), None)
        properties = {key: value for key, value in properties.items() if str(value).casefold() not in named}
        quote_of, quote = _said(properties, ask)
        score = _number(properties.get((ask.score if ask else None) or "score"))
        used = {quote_of, (ask.score if ask else None) or "score", "scale", "turns"}
        yield {
            "at": at.isoformat(),
            "session": int(all_of.visit[place]) or None,
            "name": name,
            "channel": channel,
            "source": source,
            "value": None if score is not None and value == score else value,
            "currency": currency,
            "amount": None if earns == costs else "revenue" if earns else "cost",
            "entity": _thing(state, kind, thing),
            "detail": _detail(properties, used),
            "quote": quote,
            "quote_of": quote_of,
            "sentiment": None,
            "score": score,
            "scale": ask.scale if ask is not None and score is not None else None,
            "repeat": 1,
        }


def _identities(store: Store, person: Person) -> set[str]:
    """The values that name the person, in small letters."""
    rows = store.rows(
        "SELECT i.value FROM identities i JOIN person_of o ON o.identity = i.code WHERE o.person = ?", [person.code]
    )
    return {str(row[0]).casefold() for row in rows}


def _said(properties: dict[str, Any], ask: Asked | None) -> tuple[str | None, str | None]:
    names = [ask.comment] if ask is not None and ask.comment else COMMENTS
    for name in names:
        text = properties.get(name)
        if isinstance(text, str) and text.strip():
            return name, masked(text.strip())[:MOST_SAID]
    return None, None


def _number(value: Any) -> float | None:
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return found if found is not None and np.isfinite(found) else None


def _thing(state: State, kind: str | None, thing: str | None) -> str | None:
    """What it was about: its kind, and a mark by which the same thing is known again."""
    if kind is None or thing is None:
        return kind
    return f"{kind} {hashlib.sha256(f'{state.handles.secret}{kind}:{thing}'.encode()).hexdigest()[:4].upper()}"


def _detail(properties: dict[str, Any], used: set[str | None]) -> str | None:
    """A few properties in a line; numbers and names of people in them are masked."""
    parts = []
    for name, value in properties.items():
        if name in used or name in COMMENTS or name.startswith("$") or isinstance(value, dict | list) or value is None:
            continue
        said = str(value).strip()
        shown = masked(said)
        if said and len(said) <= MOST_LETTERS and not _NOTHING.fullmatch(shown):
            parts.append(f"{name}: {shown}")
    return " · ".join(parts[:MOST_DETAILS]) or None


def _read_moods(state: State, rows: Sequence[dict[str, Any]]) -> None:
    """Read how what was said sounds, by who reads the texts of the workspace."""
    texts = state.workspace.texts
    for name in dict.fromkeys(row["quote_of"] for row in rows if row["quote"]):
        mine = [row for row in rows if row["quote_of"] == name and row["quote"]]
        said = [str(row["quote"]) for row in mine]
        told: Callable[[], list[str]] = partial(list, said)
        languages = list(texts.reader("language", name, told).read(said, [None] * len(said)))
        read = texts.reader("sentiment", name, told).read(said, languages)
        for row, value in zip(mine, read, strict=True):
            row["sentiment"] = _number(None if value is None else float(value))


def _folded(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same thing again and again in a visit is one row; the first of them, with how often."""
    last: dict[str, Any] | None = None
    plain = ("quote", "score", "value", "entity")
    for row in rows:
        same = last is not None and all(last[key] == row[key] for key in ("name", "channel", "session", "source"))
        if same and last is not None and all(one[key] is None for key in plain for one in (last, row)):
            last["repeat"] += 1
            continue
        if last is not None:
            yield last
        last = dict(row)
        last.pop("quote_of")
    if last is not None:
        yield last


__all__ = ["asked_of", "moods", "page", "story"]
