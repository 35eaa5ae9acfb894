"""What of two records can be compared, and which degrees of likeness count? Fields, cleaned, and levels in words.

A field's kind says how it is cleaned and compared. What is not independent is compared as one: street, postcode and
city are one address, and what stands before the @ counts for itself only where it is not the person's name. A level
is a condition on two records with the words that a reviewer reads, and a guess of how often two records of one person
show it, which the data soon outweighs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from desirepath.errors import InputError, UnknownNameError

FieldKind = Literal[
    "given_name",
    "family_name",
    "full_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "postcode",
    "city",
    "personal_number",
    "text",
]

KINDS: tuple[FieldKind, ...] = get_args(FieldKind)
"""What a field can be. `personal_number` is typed in and belongs to one person (insurance, licence, member);
`text` is anything else that agrees or does not."""

REPEATABLE = ("personal_number", "text")
"""Kinds of which several fields may be given."""

LONGEST = 100
"""So many characters of a value are compared: to compare letters takes time that grows with the square of them."""

_TITLES = "mr|mrs|ms|miss|dr|prof|sir|herr|frau|hr|fr|mme|mlle|monsieur|madame|signor|signora|sr|sra"
_NOTHING = "'', 'null', 'none', 'nan', 'na', 'n a', 'unknown', 'unbekannt', 'test', 'x', 'xx', 'xxx'"


@dataclass(frozen=True)
class Level:
    """One degree of likeness.

    Attributes
    ----------
    says
        The words for it.
    sql
        The condition on the columns of two records, `…_l` and `…_r`; levels are tried in order.
    among_matches
        A guess of how often two records of one person show it, before data is seen.
    common
        The column whose frequent values count for less, if any.
    """

    says: str
    sql: str
    among_matches: float
    common: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What is compared as one.

    Attributes
    ----------
    name
        For reviewers: the field's name, or `address`.
    columns
        The cleaned columns that it looks at.
    missing
        The condition under which nothing can be said.
    levels
        From alike to `different`, which is last and has no condition.
    personal
        Whether it tells apart people of one household.
    firm
        How many of the first levels leave little doubt.
    """

    name: str
    columns: tuple[str, ...]
    missing: str
    levels: tuple[Level, ...]
    personal: bool = False
    firm: int = 1

    @property
    def starts_equal(self) -> bool:
        """Whether the first level is that one column is equal, which can be counted in all pairs."""
        column = self.columns[0]
        return self.levels[0].sql == f"{column}_l = {column}_r"

    @property
    def rarely_shared(self) -> bool:
        """Whether hardly two people share a value: only values that many records have count for less."""
        return self.starts_equal and self.columns[0].startswith(("born", "email", "phone", "personal_number"))


def check(fields: Mapping[str, FieldKind], columns: Sequence[str]) -> None:
    """Refuse fields that are not there or contradict each other.

    Raises
    ------
    InputError
        For an unknown kind or column, or two fields of one kind.
    """
    taken: dict[str, str] = {}
    for name, kind in fields.items():
        if kind not in KINDS:
            raise UnknownNameError.of("kind of field", str(kind), KINDS)
        if name not in columns or name == "id":
            raise UnknownNameError.of("column", name, [column for column in columns if column != "id"])
        if kind in taken and kind not in REPEATABLE:
            raise InputError(f"{taken[kind]!r} and {name!r} are both given as {kind}; only one can be.")
        taken[kind] = name
    if "full_name" in taken and {"given_name", "family_name"} & taken.keys():
        raise InputError("A full name is taken apart into given and family name; give either it or them.")


def cleaned(fields: Mapping[str, FieldKind], *, month_first: bool = False) -> dict[str, tuple[str, str]]:
    """Which cleaned columns are made of the fields.

    Parameters
    ----------
    fields
        Field to kind.
    month_first
        Whether 3/4/1990 is in March; see `month_first_sql`.

    Returns
    -------
    Column name to (field, SQL over the columns of the records); the columns of the first step, in order.
    """
    made: dict[str, tuple[str, str]] = {}
    for name, kind in fields.items():
        raw = f"left(trim(CAST({_quoted(name)} AS VARCHAR)), {LONGEST})"
        if kind == "full_name":
            turned = f"regexp_replace({raw}, '^([^,]+),(.*)$', '\\2 \\1')"
            words = f"regexp_replace({_words(turned)}, '^(({_TITLES}) )+', '')"
            made["given"] = (name, f"CASE WHEN contains({words}, ' ') THEN regexp_extract({words}, '^[^ ]+') END")
            made["family"] = (name, f"regexp_extract({words}, '[^ ]+$')")
        elif kind == "birth_date":
            made["born"] = (name, _date(raw, month_first))
        elif kind == "email":
            made["email"] = (name, f"regexp_replace(lower(CASE WHEN {_known(raw)} THEN {raw} END), '\\+[^@]*@', '@')")
        elif kind == "phone":
            digits = f"regexp_replace({raw}, '[^0-9]', '', 'g')"
            made["phone"] = (name, f"CASE WHEN length({digits}) >= 6 THEN right({digits}, 9) END")
        elif kind in ("postcode", *REPEATABLE):
            number = sum(column.startswith(f"{kind}_") for column in made)
            column = kind if kind == "postcode" else f"{kind}_{number}"
            made[column] = (name, f"replace({_words(raw)}, ' ', '')")
        else:
            made[kind.removesuffix("_name")] = (name, _words(raw))
    return made


def derived(columns: Sequence[str]) -> dict[str, str]:
    """Columns that are made of cleaned ones: column name to SQL."""
    made: dict[str, str] = {}
    if "born" in columns:
        made["born_day"] = "date_diff('day', DATE '1900-01-01', try_strptime(born, '%Y%m%d')::DATE)"
    if "email" in columns:
        mailbox = "regexp_replace(split_part(email, '@', 1), '[^0-9a-z]', '', 'g')"
        named = [
            f"coalesce(contains({mailbox}, replace({column}, ' ', '')), false)"
            for column in ("given", "family")
            if column in columns
        ]
        apart = " AND ".join([f"length({mailbox}) >= 4", *(f"NOT {part}" for part in named)])
        made["mail_digits"] = "regexp_replace(email, '[^0-9]', '', 'g')"
        made["mailbox"] = f"CASE WHEN {apart} THEN {mailbox} END"
    return made


def comparisons(columns: Mapping[str, str]) -> list[Comparison]:
    """What to compare, by the cleaned columns that are there.

    Parameters
    ----------
    columns
        Cleaned column to the name of its field.
    """
    made = [_one(column, name, columns) for column, name in columns.items() if column not in _PLACES]
    address = [column for column in _PLACES if column in columns]
    return [*made, _address(address, columns)] if address else made


_PLACES = ("street", "postcode", "city")


def _one(column: str, name: str, columns: Mapping[str, str]) -> Comparison:
    kind = column.rstrip("_0123456789")
    missing = f"{column}_l IS NULL OR {column}_r IS NULL"
    same = Level("the same", f"{column}_l = {column}_r", 0.7, column)
    if kind in ("given", "family"):
        label = {"given": "given name", "family": "family name"}[kind]
        return _name(column, label if columns.get("given") == columns.get("family") else name, missing, columns)
    if kind == "born":
        levels = (same, *_dates(), _different(0.1))
        return Comparison(name, ("born", "born_day"), missing, levels, personal=True, firm=2)
    if kind == "email":
        # digits tell people of one name apart
        typo = Level("all but two letters the same", f"{_edits(column, 2)} AND mail_digits_l = mail_digits_r", 0.1)
        mailbox = Level("the same before the @", "mailbox_l = mailbox_r", 0.05)
        return Comparison(name, ("email", "mailbox", "mail_digits"), missing, (same, typo, mailbox, _different(0.15)))
    typo = Level(f"all but one {'digit' if kind == 'phone' else 'character'} the same", _edits(column, 1), 0.1)
    personal = kind == "personal_number"
    return Comparison(name, (column,), missing, (same, typo, _different(0.2)), personal=personal, firm=2)


def _name(column: str, name: str, missing: str, columns: Mapping[str, str]) -> Comparison:
    levels = [
        Level("the same", f"{column}_l = {column}_r", 0.7, column),
        Level("almost the same", _alike(column, 0.92), 0.13),
        Level(
            "alike, or one the beginning of the other",
            f"{_alike(column, 0.8)} OR starts_with({column}_l, {column}_r) OR starts_with({column}_r, {column}_l)",
            0.05,
        ),
        _different(0.1),
    ]
    seen: tuple[str, ...] = (column,)
    if {"given", "family"} <= columns.keys():
        seen = ("given", "family")
        if column == "given":
            levels.insert(1, Level("given and family name stand in each other's place", _SWAPPED, 0.02))
        else:  # what the given name has said is not said twice
            missing = f"{missing} OR (family_l <> family_r AND given_l <> given_r AND {_SWAPPED})"
    return Comparison(name, seen, missing, tuple(levels), personal=column == "given", firm=len(levels) - 2)


def _dates() -> tuple[Level, ...]:
    halves = [("1, 4", "1, 4"), ("5, 2", "7, 2"), ("7, 2", "5, 2")]
    turned = " AND ".join(f"substr(born_l, {left}) = substr(born_r, {right})" for left, right in halves)
    parts = [f"substr(born_l, {part}) = substr(born_r, {part})" for part in ("1, 4", "5, 2", "7, 2")]
    two = " OR ".join(
        f"({one} AND {other})" for one, other in ((parts[0], parts[1]), (parts[0], parts[2]), (parts[1], parts[2]))
    )
    return (
        Level("one digit differs, or day and month are swapped", f"{_edits('born', 1)} OR ({turned})", 0.1),
        Level("two of day, month and year are the same", two, 0.02),
        Level("within a year", "abs(born_day_l - born_day_r) <= 366", 0.02),
    )


def _address(columns: Sequence[str], names: Mapping[str, str]) -> Comparison:
    missing = " AND ".join(f"({column}_l IS NULL OR {column}_r IS NULL)" for column in columns)
    same = {column: f"{column}_l = {column}_r" for column in columns}
    agree = {
        "street": f"({_alike('street', 0.92)} OR {_edits('street', 2)})",
        "postcode": f"({same.get('postcode')} OR {_edits('postcode', 1)})",
        "city": f"{_alike('city', 0.9)}",
    }
    levels: list[Level] = []
    for some, guess in ((_PLACES, 0.5), (_PLACES[:2], 0.1), (_PLACES[::2], 0.1), (_PLACES[1:], 0.05)):
        if set(some) <= set(columns):
            says = ", ".join(some[:-1]) + f" and {some[-1]} agree"
            levels.append(Level(says, " AND ".join(agree[column] for column in some), guess))
    for column, guess in (("street", 0.03), ("postcode", 0.03), ("city", 0.03)):
        if column in columns:
            levels.append(Level(f"the same {column}", same[column], guess, column))
            levels.append(Level(f"almost the same {column}", agree[column], guess / 2))
    name = names[columns[0]] if len(columns) == 1 else "address"
    return Comparison(name, tuple(columns), missing, (*levels, _different(0.1)))


def _different(among_matches: float) -> Level:
    return Level("different", "ELSE", among_matches)


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _edits(column: str, most: int) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {most}"


_SWAPPED = "(jaro_winkler_similarity(given_l, family_r) >= 0.92 AND jaro_winkler_similarity(family_l, given_r) >= 0.92)"


def _words(sql: str) -> str:
    """Lower case, without accents; anything but letters and digits becomes one space."""
    plain = f"trim(regexp_replace(lower(strip_accents({sql})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"
    return f"CASE WHEN {plain} NOT IN ({_NOTHING}) THEN {plain} END"


def _known(sql: str) -> str:
    return f"lower({sql}) NOT IN ({_NOTHING})"


def month_first_sql(name: str) -> str:
    """SQL that says whether a column's dates with slashes have the month first: some second part is beyond 12."""
    raw = f"trim(CAST({_quoted(name)} AS VARCHAR))"
    part = [f"TRY_CAST(regexp_extract({raw}, '{_SLASHED}', {group}) AS INTEGER)" for group in (1, 2)]
    return f"coalesce(max({part[1]}) > 12 AND max({part[0]}) <= 12, false)"


_SLASHED = "^([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})$"
_DATES = (
    ("^([0-9]{4})[-/. ]?([0-9]{1,2})[-/. ]?([0-9]{1,2})([T ].*)?$", (1, 2, 3)),
    ("^([0-9]{1,2})[.] ?([0-9]{1,2})[.] ?([0-9]{4})$", (3, 2, 1)),
)
"""How dates are written, and where year, month and day stand in them."""


def _date(sql: str, month_first: bool) -> str:
    """Eight digits, year first, also of a day that no calendar has: a typing error still is most of a date."""
    cases = []
    for form, groups in (*_DATES, (_SLASHED, (3, 1, 2) if month_first else (3, 2, 1))):
        parts = [
            f"lpad(regexp_extract({sql}, '{form}', {group}), {width}, '0')"
            for group, width in zip(groups, (4, 2, 2), strict=True)
        ]
        cases.append(f"WHEN regexp_matches({sql}, '{form}') THEN {' || '.join(parts)}")
    return f"CASE {' '.join(cases)} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
