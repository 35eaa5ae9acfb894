"""Turn whole columns of numbers into text at memory speed: identifiers, hex, codes, JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.demo.clock import Flags, Ints

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def scatter(codes: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """Mix 64-bit numbers one to one, so that neighbours look unrelated (the splitmix64 finaliser)."""
    mixed = codes.astype(np.int64).view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _strings(matrix: npt.NDArray[np.uint8]) -> Any:
    """Arrow strings of one width from a matrix of bytes."""
    count, width = matrix.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix)))


def hexes(codes: npt.NDArray[Any], prefix: str) -> Any:
    """`prefix` and 16 hexadecimal digits that stand for each number, one to one."""
    mixed = scatter(codes).astype(">u8").view(np.uint8).reshape(len(codes), 8)
    matrix = np.empty((len(codes), len(prefix) + 16), dtype=np.uint8)
    matrix[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    matrix[:, len(prefix) :: 2] = _HEX[mixed >> 4]
    matrix[:, len(prefix) + 1 :: 2] = _HEX[mixed & 15]
    return _strings(matrix)


def numbered(numbers: Ints, prefix: str, width: int = 8) -> Any:
    """`prefix` and the number with leading zeros, e.g. C00001234."""
    matrix = np.empty((len(numbers), len(prefix) + width), dtype=np.uint8)
    matrix[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    left = numbers.astype(np.int64)
    for place in range(len(prefix) + width - 1, len(prefix) - 1, -1):
        left, digit = np.divmod(left, 10)
        matrix[:, place] = digit + 48
    return _strings(matrix)


def named(codes: npt.NDArray[Any], names: Sequence[str]) -> Any:
    """Dictionary-coded text; a code of -1 is null."""
    mask = codes < 0
    index = pa.array(np.where(mask, 0, codes).astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(names), pa.string()))


def plain(codes: npt.NDArray[Any], names: Sequence[str]) -> Any:
    """Text by code; a code of -1 is null."""
    return named(codes, names).cast(pa.string())


def fragments(codes: npt.NDArray[Any], names: Sequence[str], none: str = "") -> Any:
    """Text by code for joining; a code of -1 is `none`."""
    return pa.array([none, *names], pa.string()).take(pa.array(codes.astype(np.int64) + 1))


def hidden(column: Any, keep: Flags) -> Any:
    """Put nulls into the column where `keep` is false."""
    return pc.if_else(pa.array(keep), column, pa.scalar(None, pa.string()))


def joined(*pieces: Any) -> Any:
    """Glue texts and columns of text row by row."""
    wrapped = [pa.scalar(piece) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*wrapped, "")


def moments(at: Ints) -> Any:
    """Whole-second timestamps without a zone; a moment of -1 is null."""
    return pa.array(at // 1_000, pa.timestamp("s"), mask=at == -1)


def raw_bytes(lines: Any) -> memoryview:
    """Give the bytes of a whole column of text, one after the other, without a copy."""
    array = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    return memoryview(array.buffers()[2])[int(offsets[0]) : int(offsets[-1])]


def overwritten(column: Any, where: Flags, codes: Ints, names: Sequence[str]) -> Any:
    """The column's text, with that of a code where a mask says so."""
    if not where.any():
        return column
    index = np.arange(len(column))
    index[where] = len(column) + codes[where]
    return pa.chunked_array([column, pa.array(list(names), pa.string())]).combine_chunks().take(pa.array(index))
