"""Kernels start from object files, and are what their plain functions say."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from desirepath.journeys.kernel import compiles, inlined, kernel
from desirepath.journeys.machine_code import kind_of

pytestmark = pytest.mark.skipif(not compiles(), reason="nothing to compile with is installed")


class Pair(NamedTuple):
    """Two arrays and a number, as kernels take them."""

    left: np.ndarray
    right: np.ndarray
    factor: int


@inlined
def _bigger(x: int, y: int) -> int:
    return x if x > y else y


@kernel
def _fold(pair: Pair, table: np.ndarray, flip: bool, out: np.ndarray) -> int:
    total = 0
    for i in range(len(pair.left)):
        value = _bigger(pair.left[i] * pair.factor, pair.right[i])
        out[i] = -value if flip else value
        total += out[i] + table[i % table.shape[0], table.shape[1] - 1]
    return total


@kernel
def _any_negative(values: np.ndarray) -> bool:
    for value in values:
        if value < 0:
            return True
    return False


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint16, np.int32, np.int64])
@pytest.mark.parametrize("readonly", [False, True])
def test_compiled_is_plain(dtype: type, readonly: bool) -> None:
    rng = np.random.default_rng(5)
    for size in (0, 1, 7, 1000):
        left = rng.integers(0, 100, size).astype(dtype)
        left.flags.writeable = not readonly
        right, table = rng.integers(-50, 200, size), rng.integers(0, 9, (3, 4))
        for flip in (False, True):
            one, two = np.zeros(size, np.int64), np.zeros(size, np.int64)
            got = _fold(Pair(left, right, 3), table, flip, one)
            assert got == _fold.plain(Pair(left.astype(np.int64), right, 3), table, flip, two)
            assert np.array_equal(one, two)
    assert _any_negative(np.array([1, -1])) is True
    assert _any_negative(np.array([1, 1])) is False


def test_a_slice_and_a_column_are_read_where_they_lie() -> None:
    grid = np.arange(40, dtype=np.int64).reshape(10, 4)
    out = np.zeros(5, np.int64)
    got = _fold(Pair(grid[::2, 1], grid[5:, 2], 1), grid[:, :2], False, out)
    assert out.tolist() == [max(a, b) for a, b in zip(grid[::2, 1].tolist(), grid[5:, 2].tolist(), strict=True)]
    assert got == int(out.sum()) + int(grid[:5, 1].sum())


def test_other_kinds_are_other_code() -> None:
    kinds = [
        np.zeros(3),
        np.zeros(3, np.int8),
        np.zeros((3, 2)),
        np.zeros((6, 2))[::2],
        1,
        True,
        Pair(np.zeros(1), np.zeros(1), 2),
    ]
    assert len({kind_of(value) for value in kinds}) == len(kinds)
    with pytest.raises(TypeError, match="str"):
        kind_of("text")


PROGRAM = """
import sys
import numpy as np
from desirepath.people.resolve import components
print(components(5, np.array([0, 3]), np.array([1, 4])).tolist(), "numba" in sys.modules, "llvmlite" in sys.modules)
"""


def run(cache: Path) -> str:
    env = {**os.environ, "DESIREPATH_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("DESIREPATH_PLAIN", None)
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_second_process_needs_no_compiler(tmp_path: Path) -> None:
    assert run(tmp_path) == "[0, 0, 2, 3, 3] True True"
    simple = sys.platform == "linux" and platform.machine() == "x86_64"
    assert run(tmp_path) == f"[0, 0, 2, 3, 3] False {not simple}"


def test_a_damaged_object_file_is_made_again(tmp_path: Path) -> None:
    run(tmp_path)
    (kept,) = (tmp_path / "kernels").glob("*.o")
    raw = bytearray(kept.read_bytes())
    for place in range(200, len(raw), 7):
        raw[place] ^= 0xFF
    for damaged in (bytes(raw), b"", b"garbage", bytes(raw[:150])):
        kept.write_bytes(damaged)
        assert run(tmp_path) == "[0, 0, 2, 3, 3] True True"


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert run(blocked) == "[0, 0, 2, 3, 3] True True"


OUTSIDE = """
import numba, numpy as np
from desirepath.journeys.kernel import kernel

@kernel
def at(values: np.ndarray, place: int) -> int:
    return values[place]

found = [at(np.arange(5), 3)]
for place in (-1, 5):
    try:
        found.append(at(np.arange(5), place))
    except RuntimeError:
        found.append("refused")
theirs = numba.njit(lambda values, place: values[place])
print(found, theirs(np.arange(5), -1))
"""


def test_checked_kernels_refuse_places_outside_of_an_array(tmp_path: Path) -> None:
    program = tmp_path / "outside.py"
    program.write_text(OUTSIDE)
    env = {**os.environ, "DESIREPATH_CACHE": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("DESIREPATH_PLAIN", None)
    env["DESIREPATH_CHECKED"] = "1"
    done = subprocess.run([sys.executable, str(program)], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[3, 'refused', 'refused'] 4", "others' code counts from the end as ever"


def test_nobody_looks_whether_a_place_counts_from_the_end() -> None:
    """Else loops are a quarter slower: numba may have moved what is replaced while a kernel is compiled."""
    from numba.np import arrayobj

    theirs = arrayobj.fix_integer_index
    total, given = kernel(_sum_of_some), (np.array([1, 2, 4]), np.array([0, 2]))
    assert total(*given) == 5
    total._compile(given)  # what is run may have been compiled before
    assert arrayobj.fix_integer_index is theirs
    (signature,) = total.dispatcher.signatures
    assert "select" not in total.dispatcher.inspect_llvm(signature)


def _sum_of_some(values: np.ndarray, places: np.ndarray) -> int:
    total = 0
    for k in range(len(places)):
        total += values[places[k]]
    return total


def test_threads_may_meet_a_kernel_for_the_first_time_together() -> None:
    @kernel
    def total(values: np.ndarray, times: int) -> int:
        found = 0
        for _ in range(times):
            for value in values:
                found += value
        return found

    kinds = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16]
    results: list[int] = []

    def work(kind: type) -> None:
        results.extend([total(np.ones(1000, kind), 50) for _ in range(20)])

    threads = [threading.Thread(target=work, args=(kind,)) for kind in kinds * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [50_000] * (len(threads) * 20)
