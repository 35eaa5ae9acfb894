"""As what is an answer sent? JSON with everything, or one of its tables as CSV, Parquet or an Arrow stream.

The `Accept` header chooses, or `format` in the address where a link cannot set a header.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Literal

from starlette.responses import Response

from desirepath.answers.answer import Answer
from desirepath.answers.cells import as_json, csv_lines
from desirepath.errors import InputError

Format = Literal["json", "csv", "parquet", "arrow"]

TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


class UnacceptableError(InputError):
    """The client takes nothing that an answer can be sent as."""

    code = "unacceptable"


def chosen(accept: str | None, named: Format | None = None) -> Format:
    """The format that a client likes best.

    Parameters
    ----------
    accept
        Its `Accept` header.
    named
        What the address says; it goes first.

    Raises
    ------
    UnacceptableError
        If the header allows none.
    """
    if named is not None:
        return named
    if not accept:
        return "json"
    liked = sorted(_ranges(accept), key=lambda one: -one[1])
    for wanted, quality in liked:
        if quality <= 0:
            continue
        for name, kind in TYPES.items():
            group = kind.split("/")[0]
            if wanted in (kind, f"{group}/*", "*/*") and not _refused(kind, liked):
                return name
    raise UnacceptableError(f"An answer cannot be sent as {accept!r}.", allowed=TYPES.values(), looked="Accept")


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        kind, *settings = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for setting in settings:
            name, _, value = setting.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        found.append((kind, quality))
    return found


def _refused(kind: str, liked: list[tuple[str, float]]) -> bool:
    return any(wanted == kind and quality <= 0 for wanted, quality in liked)


def encoded(answer: Answer, form: Format, table: str | None = None) -> bytes:
    """An answer, or one of its tables, as bytes.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if table is not None and table not in answer.extras:
        raise InputError(f"The answer has no table {table!r}.", allowed=answer.extras, looked="table")
    columns = answer.columns if table is None else answer.extras[table]
    if form == "json":
        return as_bytes(answer.to_dict() if table is None else {"table": columns})
    if form == "csv":
        return "".join(csv_lines(columns)).encode()
    return _in_arrow(columns, form, {"question": answer.question, "asked_of": answer.asked_of})


def as_bytes(data: Any) -> bytes:
    """Plain data as JSON; numbers that are none are null."""
    return json.dumps(as_json(data), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def _in_arrow(columns: Mapping[str, list[Any]], form: Format, about: Mapping[str, Any]) -> bytes:
    import pyarrow as pa

    made = pa.table({name: _array(values) for name, values in columns.items()})
    made = made.replace_schema_metadata({"desirepath": as_bytes(about)})
    out = io.BytesIO()
    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(made, out, compression="zstd")
    else:
        with pa.ipc.new_stream(out, made.schema) as writer:
            writer.write_table(made)
    return out.getvalue()


def _array(values: list[Any]) -> Any:
    """A column; as text where its cells are of several kinds."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(
            [None if one is None else one if isinstance(one, str) else json.dumps(as_json(one)) for one in values]
        )


def sent(body: bytes, form: Format, name: str, etag: str | None = None) -> Response:
    """The answer's bytes as a response; a table is a file to be kept.

    Parameters
    ----------
    body
        What is sent.
    form
        As what.
    name
        What a file would be called, without its ending.
    etag
        By which the client can ask whether it is still so.
    """
    headers = {"Vary": "Accept", "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if etag is not None:
        headers["ETag"] = etag
    if form != "json":
        plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in name)
        headers["Content-Disposition"] = f'attachment; filename="{plain}.{form}"'
    kind = TYPES[form] + ("; charset=utf-8; header=present" if form == "csv" else "")
    return Response(body, headers=headers, media_type=kind)


def unchanged(etag: str) -> Response:
    """What the client has is still so."""
    return Response(status_code=304, headers={"ETag": etag, "Vary": "Accept", "Cache-Control": "private, no-cache"})


__all__ = ["TYPES", "Format", "UnacceptableError", "as_bytes", "chosen", "encoded", "sent", "unchanged"]
