"""OpenTelemetry logs: the few messages of protobuf that an export of log records is made of.

Only what `ExportLogsServiceRequest` needs of the wire format (varints, fixed numbers, and bytes with their length) is
read; unknown fields are skipped, as the format asks. The JSON form has the same shape with other names.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DEEPEST, _MOST = 16, 10_000


class DamagedError(ValueError):
    """Bytes that are no message."""


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Each field of a message: its number, and an int, or the bytes of what is longer.

    Raises
    ------
    DamagedError
        When the bytes are no message.
    """
    at, end = 0, len(data)
    value: int | bytes
    while at < end:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 1:
            value, at = data[at : at + 8], at + 8
        elif kind == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        elif kind == 5:
            value, at = data[at : at + 4], at + 4
        else:
            raise DamagedError(f"there is no wire type {kind}")
        if at > end or number == 0:
            raise DamagedError("a field ends after its message")
        yield number, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise DamagedError("a number does not end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _some(listed: Iterable[bytes]) -> Iterator[bytes]:
    """The same, but not without an end: a few bytes each would fill the memory."""
    for place, one in enumerate(listed):
        if place >= _MOST:
            raise DamagedError(f"a list has more than {_MOST:,} members")
        yield one


def _value(data: bytes, depth: int = 0) -> Any:
    """An `AnyValue`."""
    if depth > _DEEPEST:
        raise DamagedError("a value is nested too deeply")
    for number, value in fields(data):
        if number == 1:
            return value.decode("utf-8")
        if number == 2:
            return bool(value)
        if number == 3:
            return value - (1 << 64) if value >> 63 else value
        if number == 4:
            return struct.unpack("<d", value)[0]
        if number == 5:
            return [_value(one, depth + 1) for one in _some(one for place, one in fields(value) if place == 1)]
        if number == 6:
            return _pairs((one for place, one in fields(value) if place == 1), depth + 1)
        if number == 7:
            return value.hex()
    return None


def _pairs(listed: Iterable[bytes], depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in _some(listed):
        told = dict(fields(pair))
        found[told.get(1, b"").decode("utf-8")] = _value(told[2], depth) if 2 in told else None
    return found


def log_records(data: bytes, most: int = 1 << 31) -> list[dict[str, Any]]:
    """The log records of an export: `name`, `time_ns`, `body`, `attributes`, and those of the resource.

    Of more than `most` it reads one more than that.

    Raises
    ------
    DamagedError
        When the bytes are no export of log records.
    """
    found: list[dict[str, Any]] = []
    try:
        for number, resource_logs in fields(data):
            if number != 1:
                continue
            resource: dict[str, Any] = {}
            for place, value in fields(resource_logs):
                if place == 1:
                    resource |= _pairs(one for k, one in fields(value) if k == 1)
            for place, scope_logs in fields(resource_logs):
                if place != 2:
                    continue
                for k, one in fields(scope_logs):
                    if k == 2:
                        found.append(_record(one, resource))
                    if len(found) > most:
                        return found
    except (UnicodeDecodeError, struct.error, AttributeError, TypeError) as problem:
        raise DamagedError(f"this is no export of log records: {problem}") from None
    return found


def _record(data: bytes, resource: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"resource": resource, "attributes": {}}
    pairs: list[bytes] = []
    for number, value in fields(data):
        if number in (1, 11):
            moment = struct.unpack("<Q", value)[0]
            if number == 1 or "time_ns" not in told:
                told["time_ns"] = moment or told.get("time_ns")
        elif number == 5:
            told["body"] = _value(value)
        elif number == 6:
            pairs.append(value)
        elif number == 12:
            told["name"] = value.decode("utf-8")
        elif number in (9, 10):
            told["trace_id" if number == 9 else "span_id"] = value.hex()
    told["attributes"] = _pairs(pairs)
    return told


def log_records_of_json(document: Any) -> list[dict[str, Any]]:
    """The same of the JSON form; what is not as it should be is left out."""
    found: list[dict[str, Any]] = []
    for resource_logs in document.get("resourceLogs") or () if isinstance(document, Mapping) else ():
        resource = _json_pairs((resource_logs.get("resource") or {}).get("attributes"))
        for scope in resource_logs.get("scopeLogs") or ():
            for one in scope.get("logRecords") or ():
                moment = one.get("timeUnixNano") or one.get("observedTimeUnixNano")
                found.append(
                    {
                        "resource": resource,
                        "attributes": _json_pairs(one.get("attributes")),
                        "time_ns": int(moment) if moment else None,
                        "body": _json_value(one.get("body")),
                        "name": one.get("eventName"),
                        "trace_id": one.get("traceId"),
                        "span_id": one.get("spanId"),
                    }
                )
    return found


def _json_pairs(listed: Any) -> dict[str, Any]:
    return {str(one.get("key")): _json_value(one.get("value")) for one in listed or ()}


def _json_value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    for kind, one in value.items():
        if kind == "intValue":
            return int(one)
        if kind == "arrayValue":
            return [_json_value(each) for each in (one or {}).get("values") or ()]
        if kind == "kvlistValue":
            return _json_pairs((one or {}).get("values"))
        return one
    return None
