"""OCEL 2.0: object-centric event logs, as JSON, XML and SQLite."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option, Record
from desirepath.connectors.instants import iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, event, first_number, snapshot, some, who
from desirepath.errors import InputError

_PEOPLE = ("customer", "customers", "client", "person", "user", "patient", "applicant", "citizen", "member")


class Ocel(Connector):
    """Events and the objects that they concern."""

    name = "ocel"
    title = "OCEL 2.0 event logs"
    about = "Object-centric event logs: JSON, XML and SQLite."
    streams = {
        "events": "one event each, of the object that is the person; another object is what it is about",
        "objects": "what objects belong together, and their attributes",
    }
    options = (
        Option("person", "the object type that is the person; `customer` or the like if left out"),
        Option("kind", "what kind of identity its objects are", "user_id"),
        Option("about", "the object type that an event is about; the first other one if left out"),
    )
    docs = (
        "An event that names no person itself belongs to whom its other objects belong (`relationships`), as the "
        "log says it.",
        "What an object's attributes became, and when, is kept as its state.",
    )

    def recognise(self, opened: Opened) -> bool:
        """JSON with object types, XML that begins a log of objects, or SQLite with the tables of OCEL."""
        if opened.head.startswith("SQLite format 3"):
            return True
        if opened.head.lstrip()[:1] == "<":
            return "<object-types" in opened.head or "<objects" in opened.head
        return "objectTypes" in opened.head[:20_000] and "eventTypes" in opened.head

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Events and objects, each with what the log says of its objects."""
        if opened.head.startswith("SQLite format 3"):
            log = _of_sqlite(opened)
        elif opened.head.lstrip()[:1] == "<":
            log = _of_xml(opened)
        else:
            log = next((document for _, document in opened.documents()), {})
        objects = {str(one["id"]): one for one in log.get("objects") or ()}
        chosen = given["person"] or _person_type(objects)
        owners = _owners(objects, chosen)
        for one in objects.values():
            if one.get("type") != chosen:
                yield Record("objects", {**one, "$people": owners.get(str(one["id"]), [])})
        for one in log.get("events") or ():
            named = [(str(link["objectId"]), link.get("qualifier")) for link in one.get("relationships") or ()]
            people = [own for own, _ in named if str(objects.get(own, {}).get("type")) == chosen]
            people = people or list(dict.fromkeys(person for own, _ in named for person in owners.get(own, [])))
            others = [(str(objects.get(own, {}).get("type")), own) for own, _ in named if own not in people]
            about = next((pair for pair in others if pair[0] == given["about"]), None) or next(iter(others), None)
            yield Record("events", {**one, "$people": people, "$about": about, "$objects": others})

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or one object."""
        kind = given["kind"] or "user_id"
        people = who(*((kind, one) for one in data["$people"][:1]))
        if stream == "objects":
            yield from _object(data, people)
            return
        told = {str(one["name"]): one.get("value") for one in data.get("attributes") or ()}
        amount = first_number(told, ("value", "amount", "price", "total"))
        about = data.get("$about")
        yield event(
            data["id"],
            str(data["type"]),
            iso(data["time"], given.time_zone, "time"),
            people,
            value=amount,
            currency=code(told.get("currency")),
            entity=(str(about[0]), str(about[1])) if about else None,
            properties=some({**told, "objects": [f"{kind}:{own}" for kind, own in data.get("$objects") or ()]}),
        )


def _object(data: Mapping[str, Any], people: list[tuple[str, str]]) -> Iterator[Row]:
    """The states of an object, each at its moment."""
    told: dict[str, dict[str, Any]] = {}
    for one in data.get("attributes") or ():
        told.setdefault(str(one.get("time") or ""), {})[str(one["name"])] = one.get("value")
    for moment, values in sorted(told.items()) or [("", {})]:
        yield snapshot(
            f"{data['id']}|object",
            str(data.get("type")),
            iso(moment or None, "UTC"),
            people,
            entity=(str(data.get("type")), str(data["id"])),
            properties=some(values),
        )


def _person_type(objects: Mapping[str, Mapping[str, Any]]) -> str:
    types = sorted({str(one.get("type")) for one in objects.values()})
    found = next((name for wanted in _PEOPLE for name in types if name.lower() == wanted), None)
    if found is None and types:
        raise InputError(
            "No object type of this log is called as a person would be.",
            allowed=[f"--option person={name}" for name in types],
        )
    return found or ""


def _owners(objects: Mapping[str, Mapping[str, Any]], chosen: str) -> dict[str, list[str]]:
    """The people that each object belongs to, directly or by one object between."""
    links: dict[str, list[str]] = {}
    for own, one in objects.items():
        for link in one.get("relationships") or ():
            other = str(link["objectId"])
            links.setdefault(own, []).append(other)
            links.setdefault(other, []).append(own)

    def people_at(own: str) -> list[str]:
        return [other for other in links.get(own, []) if str(objects.get(other, {}).get("type")) == chosen]

    found = {own: people_at(own) for own in objects}
    return {
        own: people or [p for other in links.get(own, []) for p in found.get(other, [])]
        for own, people in found.items()
    }


def _of_xml(opened: Opened) -> dict[str, Any]:
    text = opened.text()
    if "<!DOCTYPE" in text[:10_000] or "<!ENTITY" in text:
        raise InputError(f"{opened.name} has a document type, which OCEL has not.")
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 (documents that declare entities are refused)
    except ET.ParseError as problem:
        raise InputError(f"{opened.name} is no readable XML: {problem}.") from None
    return {
        "objects": [
            {
                "id": one.get("id"),
                "type": one.get("type"),
                "attributes": [
                    {"name": a.get("name"), "time": a.get("time"), "value": a.text}
                    for a in one.iterfind("attributes/attribute")
                ],
                "relationships": _xml_links(one, "objects"),
            }
            for one in root.iterfind("objects/object")
        ],
        "events": [
            {
                "id": one.get("id"),
                "type": one.get("type"),
                "time": one.get("time"),
                "attributes": [{"name": a.get("name"), "value": a.text} for a in one.iterfind("attributes/attribute")],
                "relationships": _xml_links(one, "objects"),
            }
            for one in root.iterfind("events/event")
        ],
    }


def _xml_links(one: ET.Element, place: str) -> list[dict[str, Any]]:
    return [
        {"objectId": link.get("object-id"), "qualifier": link.get("qualifier")}
        for name in ("relationship", "object")
        for link in one.iterfind(f"{place}/{name}")
    ]


def _of_sqlite(opened: Opened) -> dict[str, Any]:
    """A log in SQLite: one table of events and objects, and one for each type with its attributes."""
    try:
        with closing(sqlite3.connect(f"file:{opened.path}?mode=ro&immutable=1", uri=True)) as con:
            con.row_factory = sqlite3.Row
            attributes = {kind: _by_type(con, kind) for kind in ("event", "object")}
            links: dict[str, dict[str, list[dict[str, Any]]]] = {"event_object": {}, "object_object": {}}
            for table, source in (("event_object", "ocel_event_id"), ("object_object", "ocel_source_id")):
                target = "ocel_object_id" if table == "event_object" else "ocel_target_id"
                for row in con.execute(f"SELECT {source}, {target}, ocel_qualifier FROM {table}"):
                    links[table].setdefault(str(row[0]), []).append({"objectId": str(row[1]), "qualifier": row[2]})
            events = []
            for row in con.execute("SELECT ocel_id, ocel_type FROM event"):
                told = attributes["event"].get(str(row[0]), [{}])[0]
                values = [{"name": key, "value": value} for key, value in told.items() if not key.startswith("ocel_")]
                link = links["event_object"].get(str(row[0]), [])
                events.append(
                    {
                        "id": row[0],
                        "type": row[1],
                        "time": told.get("ocel_time"),
                        "attributes": values,
                        "relationships": link,
                    }
                )
            objects = []
            for row in con.execute("SELECT ocel_id, ocel_type FROM object"):
                values = [
                    {"name": key, "value": value, "time": told.get("ocel_time")}
                    for told in attributes["object"].get(str(row[0]), [])
                    for key, value in told.items()
                    if not key.startswith("ocel_") and value is not None
                ]
                link = links["object_object"].get(str(row[0]), [])
                objects.append({"id": row[0], "type": row[1], "attributes": values, "relationships": link})
    except sqlite3.Error as problem:
        raise InputError(f"{opened.path.name} is no OCEL log: {problem}.") from None
    return {"events": events, "objects": objects}


def _by_type(con: sqlite3.Connection, kind: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    names = [row[0] for row in con.execute(f"SELECT ocel_type_map FROM {kind}_map_type")]
    for name in names:
        quoted = str(name).replace('"', '""')
        for row in con.execute(f'SELECT * FROM "{kind}_{quoted}"'):
            found.setdefault(str(row["ocel_id"]), []).append(dict(zip(row.keys(), tuple(row), strict=True)))
    return found
