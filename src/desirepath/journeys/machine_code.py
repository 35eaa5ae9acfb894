"""How does a compiled kernel start without its compiler? From an object file that it left behind.

numba compiles a kernel once per machine and kind of arguments. What it made is kept as an object file, put into memory
by `linking` in every later process and called through ctypes, which lets go of the interpreter lock. So a question in
a new process pays neither for importing the compiler nor for compiling.

The layout of arguments is numba's own (`numba.core.datamodel`): an array is its owner and parent (both unused here),
number of items, item size, data, shape and strides; a named tuple is its members one after the other.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from desirepath.journeys.linking import link

Call = Callable[[Sequence[Any]], Any]

FORMAT = 4
"""Counts up when object files are made or called in another way, so that older ones are left alone."""

_RESULTS: dict[str, type[Any] | None] = {"int64": ctypes.c_int64, "bool": ctypes.c_bool, "none": None}


def kind_of(value: Any) -> str:
    """What kind of argument a value is: kinds decide which machine code fits it."""
    if isinstance(value, np.ndarray):
        order = "C" if value.flags.c_contiguous else "A"
        return f"{value.dtype.str}{value.ndim}{order}{'' if value.flags.writeable else 'r'}"
    if isinstance(value, bool | np.bool_):
        return "b"
    if isinstance(value, int | np.integer):
        return "i"
    if isinstance(value, tuple):
        return f"{type(value).__name__}({','.join(map(kind_of, value))})"
    raise TypeError(f"a kernel cannot take a {type(value).__name__}")


def _types(value: Any, found: list[Any]) -> None:
    if isinstance(value, np.ndarray):
        found += [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_void_p]
        found += [ctypes.c_ssize_t] * (2 * value.ndim)
    elif isinstance(value, bool | np.bool_):
        found.append(ctypes.c_bool)
    elif isinstance(value, tuple):
        for member in value:
            _types(member, found)
    else:
        found.append(ctypes.c_int64)


_MATTERS = 0x0001 | 0x0400
"""Of an array's flags: whether it lies in one piece in the order of C, and whether it can be written to."""

_HEADER = object.__basicsize__
_word_at = ctypes.c_size_t.from_address


def _pointer(array: Any) -> int:
    """Where an array's data begin: the first member of NumPy's `PyArrayObject`, ten times as fast as asking for it."""
    return _word_at(id(array) + _HEADER).value


def _told_address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def _is_laid_out_as_known() -> bool:
    arrays = (np.arange(6), np.arange(6)[2:], np.zeros((3, 4), np.int8)[1:, ::2])
    return sys.implementation.name == "cpython" and all(_pointer(each) == _told_address(each) for each in arrays)


_address = _pointer if _is_laid_out_as_known() else _told_address


def lay_out(values: Sequence[Any], kinds: list[Any], words: list[Any]) -> None:
    """Append to `words` what machine code is called with, and to `kinds` what tells the kinds of the values apart."""
    for value in values:
        if isinstance(value, np.ndarray):
            kinds += (value.dtype, value.ndim, value.flags.num & _MATTERS)
            words += (None, None, value.size, value.itemsize, _address(value), *value.shape, *value.strides)
        elif isinstance(value, bool | np.bool_):
            kinds.append(bool)
            words.append(bool(value))
        elif isinstance(value, tuple):
            kinds += (type(value), len(value))
            lay_out(value, kinds, words)
        elif isinstance(value, int | np.integer):
            kinds.append(int)
            words.append(int(value))
        else:
            kind_of(value)  # which says why not


def cache_folder() -> Path:
    """Where compiled kernels are kept: `DESIREPATH_CACHE`, else the user's cache folder, else a temporary one."""
    given = os.environ.get("DESIREPATH_CACHE")
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desirepath"
    folder = base / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    import tempfile

    return Path(tempfile.mkdtemp(prefix="desirepath-kernels-"))


@cache
def _folder() -> Path:
    return cache_folder()


@cache
def _machine() -> str:
    """A name for this machine's processor and what makes code for it."""
    return f"{_compiler()} {_processor()}"


def _compiler() -> str:
    """Which numba there is, without importing it: its version file changes with every release."""
    found = importlib.util.find_spec("numba")
    if found is None or found.origin is None:
        return ""
    about = Path(found.origin).with_name("_version.py").stat()
    return f"{about.st_size} {about.st_mtime_ns}"


_TRAITS = (
    "vendor_id",
    "cpu family",
    "model",
    "model name",
    "stepping",
    "flags",
    "CPU implementer",
    "CPU part",
    "Features",
)


def _processor() -> str:
    """What decides which machine code fits: from the system where it says so, else from LLVM, which is slow to load."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            first = list(takewhile(str.strip, lines))
    except OSError:
        first = []
    traits = [line.strip() for line in first if line.partition(":")[0].strip() in _TRAITS]
    if traits:
        return "; ".join(traits)
    from llvmlite import binding

    return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"


def load(name: str, fingerprint: int, args: Sequence[Any], compile_: Callable[[], tuple[bytes, str, str]]) -> Call:
    """Give the function that runs a kernel for arguments of these kinds.

    Parameters
    ----------
    name, fingerprint
        The kernel, and a number that changes with its code.
    args
        Arguments of the kinds that are wanted.
    compile_
        Makes object code, its symbol and the kind of result, where no fitting object file is kept.
    """
    kinds = ",".join(map(kind_of, args))
    purpose = f"{FORMAT} {name} {fingerprint} {kinds} {_machine()}".encode()
    path = _folder() / f"{name}-{zlib.crc32(purpose):08x}.o"
    kept = _read(path, purpose)
    if kept is None:
        kept = compile_()
        if b"numba_" in kept[0]:
            raise RuntimeError(f"the kernel {name} needs numba's own runtime; see the rules for kernels")
        _write(path, purpose, kept)
    code, symbol, result = kept
    return _caller(link(code, symbol), args, result)


def _caller(address: int, args: Sequence[Any], result: str) -> Call:
    kinds: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
    for value in args:
        _types(value, kinds)
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(address)
    returned = _RESULTS[result]

    def call(words: Sequence[Any]) -> Any:
        answer = (returned or ctypes.c_int64)()
        problem = ctypes.c_void_p()
        if function(ctypes.addressof(answer), ctypes.addressof(problem), *words) not in (0, -2):
            raise RuntimeError("a compiled kernel failed; DESIREPATH_PLAIN=1 runs it uncompiled")
        return None if returned is None else answer.value

    return call


def _read(path: Path, purpose: bytes) -> tuple[bytes, str, str] | None:
    """What is kept for this very purpose, unless it is damaged. Sums, not digests: the folder is the user's own."""
    try:
        meant, _, rest = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    head, _, code = rest.partition(b"\n")
    check, symbol, result = [*head.decode("ascii", "replace").split(" "), "", ""][:3]
    if meant != purpose or f"{zlib.crc32(code):08x}" != check or result not in _RESULTS:
        return None
    return code, symbol, result


def _write(path: Path, purpose: bytes, kept: tuple[bytes, str, str]) -> None:
    code, symbol, result = kept
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        draft.write_bytes(purpose + f"\n{zlib.crc32(code):08x} {symbol} {result}\n".encode() + code)
        draft.replace(path)
    except OSError:  # a full or read-only disk costs time at the next start, nothing else
        draft.unlink(missing_ok=True)
