"""What is known of each person that could be compared? One record a person, of the properties of their events.

Of each field the latest value counts. Addresses and phone numbers are identities too, and taken from there where no
property was named for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import compile_value_sql
from desirepath.events.where_fields import EventFields, identifier, pointer_to
from desirepath.events.where_text import read_field
from desirepath.events.where_tree import Field
from desirepath.people.match_fields import KINDS, REPEATABLE, FieldKind

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.engines.store import Store

SEPARATOR = "\x1f"
"""Stands between kind and value of the identity that a person is called by."""

WELL_KNOWN: Mapping[FieldKind, tuple[str, ...]] = {
    "given_name": ("given_name", "first_name", "forename", "firstname", "fname", "vorname", "prenom"),
    "family_name": ("family_name", "last_name", "surname", "lastname", "lname", "nachname", "nom"),
    "full_name": ("full_name", "fullname", "customer_name", "contact_name", "person_name"),
    "birth_date": ("birth_date", "date_of_birth", "dob", "birthday", "birthdate", "geburtsdatum"),
    "email": ("email", "e_mail", "email_address", "mail"),
    "phone": ("phone", "phone_number", "mobile", "mobile_phone", "telephone", "tel", "telefon"),
    "street": ("street", "street_address", "address_1", "address1", "address_line_1", "address", "strasse"),
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "zipcode", "plz"),
    "city": ("city", "town", "suburb", "ort", "ville"),
}
"""Names of properties that say what they hold, likeliest first."""

OWN: tuple[FieldKind, ...] = ("email", "phone")
"""Kinds of fields that are kinds of identities too."""

Fields = Mapping[FieldKind, str | Sequence[str]]


@dataclass(frozen=True)
class Wanted:
    """One field of events: what it holds, what reviewers see it called, and where it is."""

    kind: FieldKind
    label: str
    field: Field


def wanted_fields(store: Store, fields: Fields | None) -> list[Wanted]:
    """The fields as named, or those whose names say what they hold.

    Raises
    ------
    InputError
        When a kind is unknown or named twice, or no field is named and none found.
    """
    if fields is None:
        return _well_known(store)
    given: list[Wanted] = []
    for kind, value in fields.items():
        if kind not in KINDS:
            raise UnknownNameError.of("kind of field", kind, KINDS)
        several = [value] if isinstance(value, str) else list(value)
        if len(several) != 1 and kind not in REPEATABLE:
            raise InputError(f"One field can be the {kind}, not {len(several)}.")
        given += [Wanted(kind, "property id" if name == "id" else name, read_field(name)) for name in several]
    if not given:
        raise InputError("No field was named.", allowed=KINDS)
    return given


def _well_known(store: Store) -> list[Wanted]:
    known: dict[str, str] = {}
    for key in _properties(store):
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
        known.setdefault(re.sub(r"[^a-z0-9]+", "_", parted).strip("_"), key)
    found = {kind: next((known[name] for name in names if name in known), None) for kind, names in WELL_KNOWN.items()}
    if found["given_name"] or found["family_name"]:
        found["full_name"] = None
    wanted = [Wanted(kind, key, Field("properties", pointer_to(key))) for kind, key in found.items() if key]
    if all(each.kind in OWN for each in wanted):
        raise InputError(
            "No property of the events has a name that says it holds a person's name, birth date or address; "
            "name the fields, such as given_name=first_name.",
            allowed=sorted(known.values()),
            looked="the properties of events",
        )
    return wanted


def _properties(store: Store) -> list[str]:
    """The properties of events; the first, the last and the longest event of a sort stand for all of it."""
    rows = store.rows(
        """SELECT DISTINCT unnest(json_keys(properties)) AS key FROM (
            SELECT unnest([arg_min(properties, seq), arg_max(properties, seq),
                arg_max(properties, (length(CAST(properties AS VARCHAR)), seq))]) AS properties
            FROM events GROUP BY source, name) ORDER BY key"""
    )
    return [str(row[0]) for row in rows]


def person_records(store: Store, wanted: Sequence[Wanted], zone: str) -> tuple[pa.Table, dict[str, FieldKind]]:
    """One row for each person of whom some field is known.

    Parameters
    ----------
    store
        The workspace's database.
    wanted
        The fields.
    zone
        The workspace's time zone.

    Returns
    -------
    A table with `id`, which is kind and value of the identity that the person is called by, and a text column for each
    field; and what each field is.
    """
    sources = [compile_value_sql(each.field, EventFields(table="e"), zone=zone) for each in wanted]
    texts = ", ".join(f"nullif(trim({source.text}), '') AS v{n}" for n, source in enumerate(sources))
    latest = ", ".join(
        f"arg_max(v{n}, (occurred_at, id)) FILTER (v{n} IS NOT NULL) AS {identifier(each.label)}"
        for n, each in enumerate(wanted)
    )
    taken = {each.kind for each in wanted} | {each.label for each in wanted}
    seen = {row[0] for row in store.rows("SELECT DISTINCT kind FROM identities WHERE kind IN ('email', 'phone')")}
    own = [kind for kind in OWN if kind not in taken and kind in seen]
    table = store.arrow(
        f"""SELECT i.kind || ? || i.value AS id, {latest}{"".join(f", any_value(o.{kind}) AS {kind}" for kind in own)}
        FROM (SELECT * FROM (SELECT e.seq, e.occurred_at, e.id, {texts} FROM events e)
            WHERE {" OR ".join(f"v{n} IS NOT NULL" for n in range(len(wanted)))}) e
        JOIN person_of_event p ON p.seq = e.seq
        JOIN identities i ON i.code = p.person AND i.strength <> 'visit'
        LEFT JOIN (SELECT m.person, min(x.value) FILTER (x.kind = 'email') AS email,
                min(x.value) FILTER (x.kind = 'phone') AS phone
            FROM person_of m JOIN identities x ON x.code = m.identity WHERE m.person >= 0 GROUP BY m.person) o
            ON o.person = p.person
        GROUP BY i.kind, i.value ORDER BY i.kind, i.value""",
        [SEPARATOR, *(parameter for source in sources for parameter in source.parameters)],
    )
    return table, {**{each.label: each.kind for each in wanted}, **{str(kind): kind for kind in own}}
