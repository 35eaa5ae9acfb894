"""What might these files mean?

A first mapping, proposed from names, types and content, with the reasons for each choice. The proposal is a
draft for a person to correct. It never invents a time zone: where times carry none, `time_zone:` is left out
and the notes say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desirepath.connectors.files import data_files, expand, source_file, table_name
from desirepath.connectors.mapping import (
    At,
    EventRule,
    Fields,
    Mapping,
    TableMapping,
    Template,
    TextFormat,
    Value,
)
from desirepath.connectors.peek import Peek, peek
from desirepath.connectors.placeholders import is_placeholder
from desirepath.connectors.times import ABSOLUTE, LOCAL, LOCAL_TYPES
from desirepath.errors import MappingError
from desirepath.events.event import strength_of

_TIME_NAMES = (
    ("occurred_at", "event_time", "event_timestamp", "timestamp", "time", "datetime", "ts", "date"),
    ("time", "timestamp", "date", "_at", "when", "created", "received", "start"),
)
_EVENT_NAMES = (
    ("event", "event_name", "activity", "action", "event_type", "concept_name", "name", "type"),
    ("event", "activity", "action"),
)
_PERSON_NAMES = (
    (
        "user_id",
        "customer_unique_id",
        "customer_id",
        "person_id",
        "client_id",
        "member_id",
        "contact_id",
        "household_id",
        "account_id",
        "case_id",
        "userid",
        "distinct_id",
    ),
    (
        "user",
        "customer",
        "person",
        "household",
        "member",
        "client",
        "contact",
        "account",
        "case",
        "visitor",
        "mql",
    ),
)
_MAIL_NAMES = (("email", "e_mail", "mail", "email_address"), ("email",))
_DEVICE_NAMES = (
    ("anonymous_id", "device_id", "visitor_id", "cookie_id", "cookie"),
    ("anonymous", "device", "cookie"),
)
_SESSION_NAMES = (("session_id", "session", "sessionid", "visit_id", "basket_id"), ("session",))
_CHANNEL_NAMES = (("channel", "source_channel", "acquisition_channel", "origin", "medium"), ("channel",))
_VALUE_NAMES = (
    ("value", "amount", "revenue", "total", "price", "payment_value", "sales_value"),
    ("amount", "revenue", "total", "value"),
)
_EPOCHS = (
    ("s", 631_152_000, 4_102_444_800),
    ("ms", 631_152_000_000, 4_102_444_800_000),
    ("us", 631_152_000_000_000, 4_102_444_800_000_000),
)
_NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FORMATS = (
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}", "%d/%m/%Y %H:%M"),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}", "%d.%m.%Y %H:%M"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}", "%d/%m/%Y %H:%M:%S"),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}:\d{2}", "%d.%m.%Y %H:%M:%S"),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed mapping, why each choice was made, and whether a time zone must still be declared."""

    mapping: Mapping
    notes: tuple[str, ...]
    needs_time_zone: bool


def guess(paths: Sequence[Path], *, text: TextFormat | None = None) -> Guess:
    """Propose a mapping for files of one shape.

    Parameters
    ----------
    paths
        Files, folders or globs; all of them are one table.
    text
        How the files are written, where that cannot be found out.

    Raises
    ------
    MappingError
        When no column tells a time, or none names a person; says what was looked at.
    """
    files = data_files(expand([Path(path) for path in paths]))
    given = text or TextFormat()
    seen = peek(source_file(files[0]), given)
    notes: list[str] = []
    at, local = _time(seen, notes)
    kind, person = _person(seen, at.column, notes)
    identities = [(kind, person)]
    for names, label in ((_MAIL_NAMES, "email"), (_DEVICE_NAMES, "anonymous_id")):
        column = _pick(seen, names, {person, at.column}, _looks_like_mail if label == "email" else _any)
        if column is not None:
            identities.append((label, column))
            notes.append(f"{column} is read as another identity of the person ({label}, {strength_of(label)}).")
    taken = {at.column, *(column for _, column in identities)}
    session = _note(_pick(seen, _SESSION_NAMES, taken, _any), "the source's session id", notes)
    name = _event_name(seen, taken | {session or ""}, files[0], notes)
    taken |= {*name.columns(), session or ""}
    channel = _note(_pick(seen, _CHANNEL_NAMES, taken, _few_values), "the channel", notes)
    value = _note(_pick(seen, _VALUE_NAMES, taken, _numbers), "the value; say its currency if it is money", notes)
    fields = Fields(
        identities=tuple(identities),
        session=session,
        channel=Template("{" + channel + "}", whole=channel) if channel else None,
        value=Value(value) if value else None,
    )
    table = TableMapping((EventRule(name, at),), (), (), None, fields, given)
    if local:
        notes.append(
            f"The times in {at.column} carry no zone. Declare `time_zone:` (an IANA name such as Europe/Paris, or UTC)."
        )
    return Guess(Mapping(table_name(files[0].name), (table,)), tuple(notes), local)


def _time(seen: Peek, notes: list[str]) -> tuple[At, bool]:
    ranked: list[tuple[float, At, bool]] = []
    for place, (column, kind) in enumerate(seen.columns.items()):
        read = _as_time(column, kind, _values(seen, column))
        if read is not None:
            at, local, sure = read
            ranked.append((_name_score(column, _TIME_NAMES) + sure - place / 1000, at, local))
    if not ranked:
        raise MappingError("No column tells a time.", allowed=list(seen.columns))
    _, at, local = max(ranked, key=lambda item: item[0])
    if at.format is not None and _is_open(at.format, [str(value) for value in _values(seen, at.column)]):
        notes.append(
            f"Whether day or month comes first in {at.column} cannot be told from its values; {at.format} is a guess."
        )
    others = [other.column for _, other, _ in ranked if other.column != at.column]
    notes.append(
        f"{at.column} is read as the time of the event"
        + (f" ({at.format or at.unit})." if at.format or at.unit else ".")
    )
    if others:
        notes.append(f"Other columns that tell a time: {', '.join(others)}. Each could be an event of its own.")
    return at, local


def _as_time(column: str, kind: str, values: list[object]) -> tuple[At, bool, float] | None:
    """Return how a column is read as a time, whether it needs a zone, and how sure that is."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return At(column), False, 2.0
    if kind in LOCAL_TYPES:
        return At(column), True, 1.5 if kind == "DATE" else 2.0
    texts = [str(value) for value in values if str(value).strip()]
    if not texts:
        return None
    if _share(texts, lambda text: re.match(ABSOLUTE, text) is not None) > 0.9:
        return At(column), False, 2.0
    if _share(texts, lambda text: re.match(LOCAL, text) is not None or re.match(ABSOLUTE, text) is not None) > 0.9:
        return At(column), True, 1.5
    for pattern, form in _FORMATS:
        if _share(texts, lambda text, p=pattern: re.fullmatch(p, text.strip()) is not None) > 0.9:  # type: ignore[misc]
            return At(column, format=_day_or_month(form, texts)), True, 1.0
    if _name_score(column, _TIME_NAMES) > 0 and _share(texts, lambda text: _NUMBER.fullmatch(text) is not None) > 0.9:
        for unit, low, high in _EPOCHS:
            if _share(texts, lambda text, a=low, b=high: a <= float(text) <= b) > 0.9:  # type: ignore[misc]
                return At(column, unit=unit), False, 1.0
    return None


def _first_numbers(texts: list[str]) -> list[tuple[int, int]]:
    """The first two numbers of every text that has two; a text that is no date tells nothing of the order."""
    found = [re.findall(r"\d+", text)[:2] for text in texts]
    return [(int(pair[0]), int(pair[1])) for pair in found if len(pair) == 2]


def _is_open(form: str, texts: list[str]) -> bool:
    numbers = _first_numbers(texts)
    return "/" in form and all(first <= 12 and second <= 12 for first, second in numbers)


def _day_or_month(form: str, texts: list[str]) -> str:
    """Return the format with the month first where the numbers say so."""
    numbers = _first_numbers(texts)
    month_first = "/" in form and any(second > 12 for _, second in numbers) and all(first <= 12 for first, _ in numbers)
    return form.replace("%d/%m", "%m/%d") if month_first else form


def _person(seen: Peek, time: str, notes: list[str]) -> tuple[str, str]:
    column = _pick(seen, _PERSON_NAMES, {time}, _any) or _pick(seen, _DEVICE_NAMES, {time}, _any)
    column = column or _pick(seen, _MAIL_NAMES, {time}, _looks_like_mail)
    if column is None:
        ids = [name for name in seen.columns if re.search(r"(^|_)id$", name.casefold()) and name != time]
        column = ids[0] if ids else None
    if column is None:
        raise MappingError("No column seems to name a person.", allowed=list(seen.columns), looked="identities")
    kind = "email" if _share_of(seen, column, _looks_like_mail) > 0.9 else column
    notes.append(f"{column} names the person ({kind}, {strength_of(kind, names_person=True)}).")
    return kind, column


def _event_name(seen: Peek, taken: set[str], file: Path, notes: list[str]) -> Template:
    column = _pick(seen, _EVENT_NAMES, taken, _few_values)
    if column is not None:
        notes.append(f"{column} is read as the name of the event.")
        return Template("{" + column + "}", whole=column)
    name = table_name(file.name).replace("_", " ")
    notes.append(f"No column names what happened; every row is an event called {name!r}.")
    return Template(name)


def _pick(
    seen: Peek,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    taken: set[str],
    fits: Callable[[list[object]], bool],
) -> str | None:
    scored = [
        (_name_score(column, names), -place, column)
        for place, column in enumerate(seen.columns)
        if column not in taken and _name_score(column, names) > 0 and fits(_values(seen, column))
    ]
    return max(scored)[2] if scored else None


def _name_score(column: str, names: tuple[tuple[str, ...], tuple[str, ...]]) -> float:
    plain = re.sub(r"[^0-9a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).casefold()).strip("_")
    exact, parts = names
    if plain in exact:
        return 3 - exact.index(plain) / 100
    words = plain.split("_")
    return (
        1.0
        if any(
            plain.endswith(part) if part.startswith("_") else any(word.startswith(part) for word in words)
            for part in parts
        )
        else 0.0
    )


def _values(seen: Peek, column: str) -> list[object]:
    return [value for row in seen.rows if (value := row.get(column)) is not None]


def _share(texts: list[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, texts)) / len(texts)


def _share_of(seen: Peek, column: str, test: Callable[[list[object]], bool]) -> float:
    return 1.0 if test(_values(seen, column)) else 0.0


def _any(values: list[object]) -> bool:
    return any(not is_placeholder(str(value)) for value in values)


def _looks_like_mail(values: list[object]) -> bool:
    texts = [str(value) for value in values if str(value).strip()]
    return bool(texts) and _share(texts, lambda text: _MAIL.fullmatch(text.strip()) is not None) > 0.9


def _few_values(values: list[object]) -> bool:
    return 0 < len({str(value) for value in values}) <= max(20, len(values) // 2)


def _numbers(values: list[object]) -> bool:
    texts = [str(value) for value in values if str(value).strip()]
    return bool(texts) and _share(texts, lambda text: _NUMBER.fullmatch(text) is not None) > 0.9


def _note(column: str | None, meaning: str, notes: list[str]) -> str | None:
    if column is not None:
        notes.append(f"{column} is read as {meaning}.")
    return column
