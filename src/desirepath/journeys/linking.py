"""How does kept machine code get into memory? Laid out and relocated here where it is simple, by LLVM elsewhere.

A kernel allocates nothing and calls nothing but itself, so its object file on 64-bit x86 holds code, constants,
absolute addresses between the two, and at most a few functions of the C library. Putting that in place takes a
fraction of a millisecond; loading LLVM to do it takes longer than many a question. Anything else (another processor,
another format, a relocation that is not an absolute address) goes to LLVM.

Source: System V ABI, AMD64 supplement (relocation types), and the ELF-64 object file format.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
import sys
from functools import cache
from typing import Any

_CONTENT, _SYMBOLS, _RELOCATIONS = 1, 2, 4
_WRITABLE, _ALLOCATED = 1, 2
_UNDEFINED = 0
_ABSOLUTE_64 = 1
_X86_64 = 62
_ALIGNMENT = 64
_READ_AND_RUN = 1 | 4


class Unlinkable(Exception):
    """An object file holds something that only LLVM can place."""


_kept: list[Any] = []
"""Kept for good: the code lives in their memory."""


def link(code: bytes, symbol: str) -> int:
    """Put object code into memory; return the address of its function."""
    try:
        return _place(code, symbol)
    except Unlinkable:
        return _link_with_llvm(code, symbol)


def _place(code: bytes, symbol: str) -> int:
    if sys.platform != "linux" or code[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", code, 18)[0] != _X86_64:
        raise Unlinkable
    sections = _sections(code)
    starts, size = _layout(sections)
    # private, anonymous, and never writable again once it can run
    memory = mmap.mmap(-1, max(size, 1), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for index, start in starts.items():
        _, _, _, _, offset, length, *_ = sections[index]
        memory[start : start + length] = code[offset : offset + length]
    addresses, names = _addresses(code, sections, starts, base)
    for _, kind, _, _, offset, length, _, target, _, _ in sections:
        if kind == _RELOCATIONS and target in starts:
            for place, info, addend in struct.iter_unpack("<QQq", code[offset : offset + length]):
                if info & 0xFFFFFFFF != _ABSOLUTE_64 or not addresses[info >> 32]:
                    raise Unlinkable
                struct.pack_into("<Q", memory, starts[target] + place, (addresses[info >> 32] + addend) & (2**64 - 1))
    if symbol not in names or _libc().mprotect(ctypes.c_void_p(base), ctypes.c_size_t(size), _READ_AND_RUN):
        raise Unlinkable
    _kept.append(memory)
    return addresses[names[symbol]]


def _sections(code: bytes) -> list[tuple[int, ...]]:
    """The section table: name, type, flags, address, offset, size, link, info, alignment, entry size."""
    table = struct.unpack_from("<Q", code, 40)[0]
    each, number = struct.unpack_from("<HH", code, 58)
    return [struct.unpack_from("<IIQQQQIIQQ", code, table + each * index) for index in range(number)]


def _layout(sections: list[tuple[int, ...]]) -> tuple[dict[int, int], int]:
    """Where each section that is needed in memory starts, and how much memory they need."""
    starts: dict[int, int] = {}
    size = 0
    for index, (_, kind, flags, _, _, length, _, _, alignment, _) in enumerate(sections):
        if flags & _ALLOCATED and flags & _WRITABLE:
            raise Unlinkable
        if flags & _ALLOCATED and kind == _CONTENT:  # not the tables of exceptions: a kernel has none
            if alignment > mmap.PAGESIZE:
                raise Unlinkable
            step = max(alignment, _ALIGNMENT)
            starts[index] = -(-size // step) * step
            size = starts[index] + length
    return starts, size


def _addresses(
    code: bytes, sections: list[tuple[int, ...]], starts: dict[int, int], base: int
) -> tuple[list[int], dict[str, int]]:
    """The address of every symbol, and which symbol has which name."""
    addresses: list[int] = []
    names: dict[str, int] = {}
    for _, kind, _, _, offset, length, strings, *_ in sections:
        if kind != _SYMBOLS:
            continue
        text = sections[strings][4]
        for at, _, _, section, value, _ in struct.iter_unpack("<IBBHQQ", code[offset : offset + length]):
            name = code[text + at : code.index(b"\0", text + at)].decode()
            if section in starts:
                names[name] = len(addresses)
                addresses.append(base + starts[section] + value)
            elif section == _UNDEFINED and name:
                addresses.append(_outside(name))
            else:  # the null symbol, file names, symbols of sections that stay on disk
                addresses.append(0)
    return addresses, names


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _outside(name: str) -> int:
    """The address of a function of the C library."""
    try:
        return ctypes.cast(getattr(_libc(), name), ctypes.c_void_p).value or 0
    except AttributeError:
        raise Unlinkable from None


def _link_with_llvm(code: bytes, symbol: str) -> int:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    # an engine each: a shared one would make pages writable, and so not executable, that other threads are running
    machine = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    _kept.append(engine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return int(engine.get_function_address(symbol))
