"""Which files belong to which table, and what is each of them? Found by name, then by their first bytes.

`orders*.csv` in a mapping is looked for below the folders, and among the files, that were given; a folder in
the pattern means all data files in it. Names can mislead, so compression and Parquet are told by their magic
bytes.
"""

from __future__ import annotations

import difflib
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast, get_args

import pyarrow as pa

from desirepath.errors import InputError, MappingError

Kind = Literal["csv", "json", "parquet", "records"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_KIND_OF_ENDING: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSION = {".gz": "gzip", ".zst": "zstd"}
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to be read: where it is, what is written in it, and how it is packed."""

    path: Path
    kind: Kind
    compression: str | None

    @property
    def size(self) -> int:
        """Its size in bytes, as it lies there."""
        return self.path.stat().st_size


def source_file(path: Path) -> SourceFile:
    """Tell what a file is.

    Raises
    ------
    InputError
        When it cannot be read or is of no kind that we read.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(4)
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror or problem}.") from None
    if head.startswith(_PARQUET):
        return SourceFile(path, "parquet", None)
    compression = "gzip" if head.startswith(_GZIP) else "zstd" if head.startswith(_ZSTD) else None
    kind = _KIND_OF_ENDING.get(_bare(path.name)[1])
    if kind is None:
        raise InputError(
            f"{path.name} has no ending that says what it is.",
            allowed=[*_KIND_OF_ENDING, "each also with .gz or .zst"],
        )
    if kind == "parquet":
        raise InputError(
            f"{path} is called a Parquet file, but does not begin as one{' (it is empty)' if not head else ''}."
        )
    return SourceFile(path, kind, compression)


def is_data_file(path: Path) -> bool:
    """Tell by its name whether a file is one that we read."""
    return path.is_file() and not path.name.startswith((".", "_")) and _bare(path.name)[1] in _KIND_OF_ENDING


def resolve(pattern: str, given: Sequence[Path]) -> list[Path]:
    """Return the files that a mapping's pattern means, in order of their names.

    Parameters
    ----------
    pattern
        A name, a glob, or a folder, relative to the folders given; for files given, it is compared with their
        names.
    given
        Existing files and folders.

    Raises
    ------
    MappingError
        When nothing matches, or the pattern leads out of the folders given.
    """
    pure = PurePosixPath(pattern)
    if pure.is_absolute() or ".." in pure.parts:
        raise MappingError(f"{pattern!r} leads out of the folder given; a mapping names files below it.")
    found: set[Path] = set()
    for place in given:
        if place.is_dir():
            found |= _below(place, pattern)
        elif fnmatchcase(place.name, pure.name) or fnmatchcase(
            str(PurePosixPath(*place.parts[-len(pure.parts) :])), pattern
        ):
            found.add(place)
    if not found:
        names = sorted({name for place in given for name in _names(place)})
        close = difflib.get_close_matches(pattern, names, n=1, cutoff=0.6)
        raise MappingError(
            f"No file matches {pattern!r}.",
            allowed=names,
            nearest=close[0] if close else None,
            looked=", ".join(str(place) for place in given),
        )
    return sorted(found)


def data_files(given: Sequence[Path]) -> list[Path]:
    """Return the files given, and the data files directly in the folders given.

    Raises
    ------
    InputError
        When something given does not exist, or there is no data file in a folder.
    """
    found: list[Path] = []
    for place in given:
        if place.is_dir():
            inside = sorted(path for path in place.iterdir() if is_data_file(path))
            if not inside:
                raise InputError(f"There is no data file in the folder {place}.", allowed=list(_KIND_OF_ENDING))
            found += inside
        elif place.exists():
            found.append(place)
        else:
            raise InputError(f"{place} does not exist.", looked=str(place.parent))
    return found


def every_file(given: Sequence[Path]) -> list[Path]:
    """Return the files given, and all files below the folders given, but for hidden ones and mappings (YAML).

    Raises
    ------
    InputError
        When there is none.
    """
    found = [
        path
        for place in given
        for path in (sorted(place.rglob("*")) if place.is_dir() else [place])
        if path.is_file() and (path == place or not _is_ours(path, place))
    ]
    if not found:
        raise InputError(f"There is no file in {', '.join(map(str, given))}.")
    return list(dict.fromkeys(found))


def _is_ours(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return hidden or path.suffix in (".yaml", ".yml")


def expand(given: Sequence[Path]) -> list[Path]:
    """Return existing paths, with globs such as `logs/*.csv` unfolded for shells that do not.

    Raises
    ------
    InputError
        When something given does not exist or a glob matches nothing.
    """
    found: list[Path] = []
    for place in given:
        if place.exists():
            found.append(place)
        elif any(sign in place.name for sign in "*?["):
            matched = sorted(path for path in place.parent.glob(place.name) if path.is_dir() or is_data_file(path))
            if not matched:
                raise InputError(f"No file matches {place}.", looked=str(place.parent))
            found += matched
        else:
            raise InputError(f"{place} does not exist.", looked=str(place.parent))
    if not found:
        raise InputError("No files were given.")
    return found


def table_name(path: str) -> str:
    """Return a plain name for a table, made from a file name or pattern: `orders*.csv` → `orders`."""
    stem = _bare(PurePosixPath(path).name)[0]
    name = re.sub(r"[^0-9A-Za-z_]+", "_", stem).strip("_").lower()
    return name[:60] or "table"


def chunks(source: SourceFile, size: int = 8 << 20) -> Iterator[bytes]:
    """Yield a file's unpacked bytes in chunks of about `size`.

    Raises
    ------
    InputError
        When it cannot be opened, or its packed bytes are damaged or end too early.
    """
    try:
        opened = _open(source)
    except OSError as problem:
        raise InputError(f"{source.path} cannot be read: {problem.strerror or problem}.") from None
    with opened:
        while True:
            try:
                chunk = opened.read(size)
            except (EOFError, OSError, zlib.error) as problem:
                raise InputError(f"{source.path} cannot be read to its end, it is damaged: {problem}.") from None
            if not chunk:
                return
            yield chunk


def _open(source: SourceFile) -> IO[bytes]:
    if source.compression == "gzip":
        return cast(IO[bytes], gzip.open(source.path, "rb"))
    if source.compression == "zstd":
        return cast(IO[bytes], pa.input_stream(str(source.path), compression="zstd"))
    return source.path.open("rb")


def _bare(name: str) -> tuple[str, str]:
    lower = name.lower()
    for ending in _COMPRESSION:
        if lower.endswith(ending):
            lower = lower.removesuffix(ending)
            break
    pure = PurePosixPath(lower)
    return pure.stem, pure.suffix


def _below(folder: Path, pattern: str) -> set[Path]:
    target = folder / pattern
    if target.is_dir():
        return {path for path in target.rglob("*") if is_data_file(path)}
    # Every name is compared as it stands first: a file may be called `a[1].csv`.
    if target.is_file():
        return {target}
    return {path for path in folder.glob(pattern) if path.is_file()}


def _names(place: Path) -> list[str]:
    if not place.is_dir():
        return [place.name]
    return [str(path.relative_to(place)) for path in sorted(place.rglob("*"))[:1000] if path.is_file()]
