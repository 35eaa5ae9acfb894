"""Can the bytes of a text file be read as they stand?

One pass that looks, and a second that rewrites if need be. UTF-8 files are checked and left alone. A packed
file, or one in another encoding, is written out as UTF-8 beside; a byte that its encoding does not know stays
as it is, so that it is invalid there too and its line is found later.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desirepath.connectors.files import SourceFile, chunks

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UTF8_NAMES = {"utf-8", "utf8", "ascii", "us-ascii", "utf-8-sig"}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file ready to be read as UTF-8, and what was seen in it.

    Parameters
    ----------
    path
        Where the UTF-8 text lies: the file itself, or a copy.
    bom
        Number of bytes of a byte order mark at its start.
    lines
        Number of its physical lines; a last line without line end counts.
    clean
        Whether it is valid UTF-8 without NUL characters and without lone carriage returns.
    quotes
        Whether there is any double quote in it.
    size
        Its size in bytes, as text.
    """

    path: Path
    bom: int
    lines: int
    clean: bool
    quotes: bool
    size: int


def text_file(source: SourceFile, encoding: str | None, copy_to: Path) -> TextFile:
    """Make sure that a file can be read as UTF-8 text, and look it through.

    Parameters
    ----------
    source
        A CSV or JSON file.
    encoding
        Declared encoding; None means UTF-8, or UTF-16 where the file starts with its byte order mark.
    copy_to
        Where the copy goes if one is needed.
    """
    head = next(chunks(source, 4), b"")
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    encoding = marked if encoding is None or marked == "utf-16" else encoding
    foreign = encoding is not None and codecs.lookup(encoding).name not in {codecs.lookup(n).name for n in _UTF8_NAMES}
    if source.compression is None and not foreign:
        return _looked_through(chunks(source), source.path)
    text = _transcoded(chunks(source), encoding) if foreign and encoding is not None else chunks(source)
    with copy_to.open("wb") as copy:
        return _looked_through(_written(text, copy.write), copy_to)


def _written(text: Iterator[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in text:
        write(chunk)
        yield chunk


def _keep_byte(problem: UnicodeError) -> tuple[str, int]:
    # U+DC80..U+DCFF are written back as single bytes, which no UTF-8 text holds alone.
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    return "".join(chr(0xDC00 + byte) if byte >= 0x80 else "\udcff" for byte in bad), problem.end


codecs.register_error("desirepath.keep", _keep_byte)


def _transcoded(text: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("desirepath.keep")
    for chunk in text:
        yield decoder.decode(chunk).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _looked_through(text: Iterator[bytes], path: Path) -> TextFile:
    decoder = codecs.getincrementaldecoder("utf-8")()
    clean, quotes, last, head = True, False, b"", b""
    feeds = returns = pairs = size = 0
    for chunk in text:
        if not chunk:
            continue
        head = head or chunk[:3]
        if clean:
            clean = _is_utf8(decoder, chunk) and b"\0" not in chunk
        quotes = quotes or b'"' in chunk
        feeds += chunk.count(b"\n")
        if b"\r" in chunk or last == b"\r":
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
        last, size = chunk[-1:], size + len(chunk)
    clean = clean and _is_utf8(decoder, b"", final=True) and returns == pairs
    ends = feeds + returns - pairs
    lines = ends + (size > 0 and last not in {b"\n", b"\r"})
    return TextFile(path, 3 if head == codecs.BOM_UTF8 else 0, lines, clean, quotes, size)


def _is_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
