"""Object code is put in place alike by us and by LLVM, and what is not simple is left to LLVM."""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

import pytest

from desirepath.journeys import linking
from desirepath.journeys.kernel import compiles
from desirepath.journeys.linking import Unlinkable, link

pytestmark = pytest.mark.skipif(
    not compiles() or sys.platform != "linux" or platform.machine() != "x86_64", reason="objects here are LLVM's alone"
)

SOURCE = """
target triple = "{triple}"
@table = private constant [4 x i64] [i64 3, i64 5, i64 7, i64 11]
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
{declared}

define i64 @pick(i64 %at) {{
  %place = getelementptr [4 x i64], ptr @table, i64 0, i64 %at
  %value = load i64, ptr %place
  ret i64 %value
}}

define i64 @start(ptr %out, i64 %bytes, i64 %at) {{
  call void @llvm.memset.p0.i64(ptr %out, i8 7, i64 %bytes, i1 false)
  %value = call i64 @pick(i64 %at)
  {body}
  ret i64 %value
}}
"""


def compiled(*, model: str = "large", declared: str = "", body: str = "") -> bytes:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    text = SOURCE.format(triple=binding.get_process_triple(), declared=declared, body=body)
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(codemodel=model, reloc="static", jit=True)
    return bytes(machine.emit_object(binding.parse_assembly(text)))


def call(address: int, at: int) -> tuple[int, bytes]:
    out = ctypes.create_string_buffer(300)
    function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(address)
    return function(ctypes.addressof(out), 299, at), out.raw


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_constants_calls_and_the_c_library_are_found(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_llvm(code: bytes, symbol: str) -> int:
        raise AssertionError("LLVM was asked")

    code = compiled()
    by_llvm = linking._link_with_llvm(code, "start")
    monkeypatch.setattr(linking, "_link_with_llvm", no_llvm)
    expected = ([3, 5, 7, 11][at], b"\7" * 299 + b"\0")
    assert call(link(code, "start"), at) == call(by_llvm, at) == expected


@pytest.mark.parametrize(
    "code",
    [
        pytest.param({"model": "small"}, id="relative addresses"),
        pytest.param({"declared": "@n = global i64 41", "body": "store i64 %value, ptr @n"}, id="variables"),
    ],
)
def test_what_is_not_simple_is_left_to_llvm(code: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "_link_with_llvm", lambda code, symbol: (len(code), symbol))
    made = compiled(**code)
    assert link(made, "start") == (len(made), "start")


def test_unknown_functions_symbols_and_files_are_refused() -> None:
    unknown = compiled(declared="declare void @nobody_has_this()", body="call void @nobody_has_this()")
    for code, symbol in ((unknown, "start"), (compiled(), "end"), (b"not an object", "start"), (b"", "start")):
        with pytest.raises(Unlinkable):
            linking._place(code, symbol)
    other = bytearray(compiled())
    struct.pack_into("<H", other, 18, 183)  # AArch64
    with pytest.raises(Unlinkable):
        linking._place(bytes(other), "start")
