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
