"""XES: the event logs of process mining."""

from __future__ import annotations

import xml.sax
import xml.sax.handler
from collections import deque
from collections.abc import Iterator
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option, Record
from desirepath.connectors.instants import iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, event, first_number, number, some, who
from desirepath.errors import InputError

_VALUES = {"string", "date", "int", "float", "boolean", "id"}
_DEEPEST = 64


class Xes(Connector):
    """Traces and their events."""

    name = "xes"
    title = "XES event logs"
    about = "XES 1.0 and 2.0 (IEEE 1849), also gzipped (`.xes.gz`)."
    streams = {"events": "one event each; its trace is the person, or an attribute of it is"}
    options = (
        Option("person", "the attribute of the trace that names the person", "concept:name"),
        Option("kind", "what kind of identity that is", "case_id"),
        Option("lifecycle", "which transitions become events, parted by blanks; all if left out", ""),
    )
    docs = (
        "An event has no id: its trace and its place there tell it apart. Transitions other than `complete` "
        "stand behind "
        "the event's name.",
        "Attributes of the trace become properties of its events, as `case:` and their name.",
    )

    def recognise(self, opened: Opened) -> bool:
        """XML that begins a log."""
        begins = opened.head.lstrip()[:1] == "<" and "<log" in opened.head[:4000]
        return begins and "<object-types" not in opened.head and "<objects" not in opened.head

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Events, each with its trace's attributes."""
        del given
        reader = _Reader()
        parser: Any = xml.sax.make_parser()  # noqa: S317 (`_Reader` refuses documents with entities)
        parser.setContentHandler(reader)
        parser.setFeature(xml.sax.handler.feature_external_ges, False)
        parser.setProperty(xml.sax.handler.property_lexical_handler, reader)
        try:
            for chunk in opened.chunks():
                parser.feed(chunk)
                while reader.found:
                    yield Record("events", reader.found.popleft())
            parser.close()
        except xml.sax.SAXException as problem:
            raise InputError(f"{opened.name} is no readable XES log: {problem}.") from None
        yield from (Record("events", one) for one in reader.found)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event."""
        del stream
        case, told = data["case"], dict(data["event"])
        step = str(told.pop("lifecycle:transition", "complete"))
        if given["lifecycle"] and step.lower() not in given["lifecycle"].lower().split():
            yield Row("none", f"{data['trace']}|{data['place']}", step, iso(None), [])
            return
        name = str(told.pop("concept:name"))
        amount = first_number(told, ("cost:total", "amount", "value"))
        yield event(
            f"{data['trace']}|{data['place']}",
            name if step.lower() == "complete" else f"{name} ({step})",
            iso(told.pop("time:timestamp"), given.time_zone, "time:timestamp"),
            who((given["kind"] or "case_id", case.get(given["person"] or "concept:name"))),
            channel=told.pop("channel", None),
            value=amount,
            currency=code(told.get("cost:currency")),
            sequence=int(data["place"]),
            properties=some({**{f"case:{key}": value for key, value in case.items()}, **told}),
        )


class _Reader(xml.sax.handler.ContentHandler, xml.sax.handler.LexicalHandler):
    """Collects events as they end; nested attributes are left to those above them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: deque[dict[str, Any]] = deque()
        self._case: dict[str, Any] = {}
        self._event: dict[str, Any] | None = None
        self._open: list[str] = []
        self._traces = self._place = 0

    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:
        """Refuse documents that declare entities: a few lines of them unfold to gigabytes."""
        raise xml.sax.SAXException(f"it has a document type ({name}), which XES has not")

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin a trace, an event or a value."""
        name = name.rpartition(":")[2]
        self._open.append(name)
        if len(self._open) > _DEEPEST:
            raise xml.sax.SAXException(f"it is nested deeper than {_DEEPEST} levels")
        if name == "trace":
            self._traces, self._place, self._case = self._traces + 1, 0, {}
        elif name == "event":
            self._event = {}
        elif name in _VALUES and "key" in attrs:
            above = self._open[-2] if len(self._open) > 1 else ""
            value: Any = attrs.get("value")
            if name in ("int", "float"):
                value = number(value)
            elif name == "boolean":
                value = value == "true"
            if above == "event" and self._event is not None:
                self._event[attrs["key"]] = value
            elif above == "trace":
                self._case[attrs["key"]] = value

    def endElement(self, name: str) -> None:
        """End an event."""
        self._open.pop()
        if name.rpartition(":")[2] == "event" and self._event is not None:
            self._place += 1
            trace = self._case.get("concept:name") or f"trace {self._traces}"
            self.found.append({"trace": trace, "place": self._place, "case": dict(self._case), "event": self._event})
            self._event = None
