"""What could not become a row?

Lines set aside while a file is read, with the reason and the bytes as they stood.
"""

from __future__ import annotations

from dataclasses import dataclass

REASONS = {
    "encoding": "the line is not written in the file's encoding",
    "nul_character": "the line holds the NUL character",
    "columns_missing": "the line has fewer columns than the header",
    "columns_extra": "the line has more columns than the header",
    "quote_unbalanced": "a quote is opened and not closed where a field ends",
    "line_too_long": "the line is longer than 16 MB",
    "row_unreadable": "the line cannot be read as a row",
    "json_invalid": "the text is not JSON",
    "json_not_object": "the text is JSON, but not an object",
    "json_too_deep": "the object is nested deeper than 32 levels",
    "json_duplicate_key": "an object names the same key twice",
    "json_number": "a number is not finite, or beyond what a double holds",
    "json_surrogate": "a text holds half of a surrogate pair",
    "record_unreadable": "the record is not as the source's connector knows it",
    "event_refused": "the event is larger, deeper or other than a client may send",
    "request_unreadable": "the request cannot be read any more",
    "time_missing": "the time is empty",
    "time_unreadable": "the time cannot be read",
    "time_out_of_range": "the time lies before 1990",
    "identity_missing": "no identity is given, or only placeholders such as 'null' or 'anonymous'",
    "name_missing": "the name of the event is empty",
    "name_too_long": "the name of the event is longer than 256 bytes",
    "key_missing": "every column of the key is empty",
    "value_unreadable": "the value is not a finite number",
    "sequence_unreadable": "the sequence is not a whole number",
    "no_event": "none of the times that could make an event is given",
    "conflict": "an earlier row of this import has the same key and says something else; the first stays",
}
"""Every reason for which a row or an event is set aside, and what it says to a person."""

_TEXT = "Export the file again as UTF-8, or name its `encoding` in the mapping."
_LINES = "Export the file again with every field in quotes, or as JSON lines; `delimiter` and `quote` can be named."
_JSON = "The sender writes what is no JSON; have it use a library for JSON, and send these records again."

REMEDIES = {
    "encoding": _TEXT,
    "nul_character": _TEXT,
    "columns_missing": _LINES,
    "columns_extra": _LINES,
    "quote_unbalanced": _LINES,
    "line_too_long": "A quote is probably open; see the lines before. Such long texts belong into files of their own.",
    "row_unreadable": _LINES,
    "json_invalid": _JSON,
    "json_not_object": _JSON,
    "json_too_deep": "Send what is nested as properties of the event, or leave it out.",
    "json_duplicate_key": _JSON,
    "json_number": _JSON,
    "json_surrogate": _JSON,
    "record_unreadable": "Export it as the page of docs on this source says; a newer version of its export may differ.",
    "event_refused": "Send fewer or smaller properties; the limits stand in the docs on the collector.",
    "request_unreadable": "It was damaged on disk. Send it again.",
    "time_missing": "Name another column as `at` in the mapping, or leave such rows out with `where`.",
    "time_unreadable": "Say how times are written: `at: {column, format}` in the mapping, or `unit` for numbers.",
    "time_out_of_range": "Look at the unit: seconds read as milliseconds lie near 1970. `unit` in the mapping says it.",
    "identity_missing": "Nobody did it, so it is in no journey. Where it was somebody, send a device's id too, or name "
    "another column under `identities`; a real name that reads like a placeholder goes under `somebody`.",
    "name_missing": "Give the event a fixed name in the mapping, or name another column.",
    "name_too_long": "A name stands for many events; put what differs into a property.",
    "key_missing": "Name columns under `key` that are never all empty.",
    "value_unreadable": "Say in the mapping which column holds the value, and how numbers are written there.",
    "sequence_unreadable": "Name a column of whole numbers as `sequence`, or leave it out.",
    "no_event": "Such rows say nothing yet. Leave them out with `where`, or name another time.",
    "conflict": "The key names two things. Add columns to `key`, or see which of the two the source means.",
}
"""What to do about each reason."""

LONGEST_LINE = 16 << 20
"""Longest record of a text file that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A record that did not become a row.

    Parameters
    ----------
    line
        Its physical line in the file, from 1, or None where a file has no lines.
    record
        Its number among the records of the file, from 1, where that is known.
    reason
        A key of `REASONS`.
    raw
        Its bytes as they stood.
    detail
        What else there is to say.
    """

    line: int | None
    reason: str
    raw: bytes
    detail: str | None = None
    record: int | None = None
