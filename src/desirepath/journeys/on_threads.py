"""What is left to think over once blocks are counted, on two threads: kernels and NumPy let go of the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = 2


def on_threads(work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """The results of `work` on every part, in the order of the parts."""
    parts = list(parts)
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, parts))


def hands(parts: Sequence[T]) -> list[Sequence[T]]:
    """The parts dealt out, one hand to a thread; none of the hands is empty, unless all would be."""
    return [parts[k::THREADS] for k in range(THREADS) if k < len(parts)] or [parts]
