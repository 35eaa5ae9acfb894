"""How does a loop over journeys run at the speed of memory?

A kernel is an ordinary function on NumPy arrays. `@kernel` compiles it with numba at its first call and keeps
the machine code on disk; where numba is absent, or `DESIREPATH_PLAIN=1` is set, the very same function runs
uncompiled. There is never a second definition of what a kernel means, so tests compare the two.

Rules for a kernel: arguments are arrays, numbers, or named tuples of them; it allocates little and never
touches Python objects; it releases the interpreter lock, so that threads may each take a block of people.
A kernel may call other kernels of the same file.
"""

from __future__ import annotations

import functools
import os
import threading
import types
import zlib
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

_lock = threading.RLock()


class Kernel(Generic[P, R]):
    """A function on arrays that is compiled when it is first called.

    Attributes
    ----------
    plain
        The uncompiled function: the specification.
    """

    def __init__(self, function: Callable[P, R], *, inline: bool = False) -> None:
        self.plain = function
        self.inline = inline
        self._compiled: Callable[P, R] | None = None
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the compiled function, or the plain one where nothing can compile it."""
        return self.compiled(*args, **kwargs)

    @property
    def compiled(self) -> Callable[P, R]:
        """The function to call: compiled if numba is there, else plain."""
        if self._compiled is None:
            with _lock:
                if self._compiled is None:
                    self._compiled = self._compile()
        return self._compiled

    def _compile(self) -> Callable[P, R]:
        numba = _numba()
        if numba is None:
            return self.plain
        function = _with_compiled_callees(self.plain)
        # without numba's reference counting: a kernel allocates nothing, and the counting costs more than the loop
        options = {"nogil": True, "error_model": "numpy", "_nrt": False, "cache": not self.inline}
        compiled: Callable[P, R] = numba.njit(function, forceinline=self.inline, **options)
        return compiled


def kernel(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a function on arrays as a kernel; see the module's text for the rules."""
    return Kernel(function)


def inlined(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a small kernel that others call for every event, where a call would cost more than its work."""
    return Kernel(function, inline=True)


def compiles() -> bool:
    """Whether kernels are compiled here, or run as plain Python (same answers, far slower)."""
    return _numba() is not None


@functools.cache
def _numba() -> Any:
    if os.environ.get("DESIREPATH_PLAIN"):
        return None
    try:
        import numba
    except ImportError:
        return None
    return numba


def _with_compiled_callees(function: Callable[..., Any]) -> Callable[..., Any]:
    # numba resolves names through the function's globals, where it must find its own dispatchers
    plain: Any = function
    callees = {
        name: value.compiled
        for name in plain.__code__.co_names
        if isinstance(value := plain.__globals__.get(name), Kernel)
    }
    if not callees:
        return function
    linked = types.FunctionType(
        plain.__code__, {**plain.__globals__, **callees}, plain.__name__, plain.__defaults__, plain.__closure__
    )
    # numba's cache on disk knows this file's age alone; the name makes a changed callee in another file count too
    linked.__qualname__ = f"{plain.__qualname__}_{_fingerprint(plain):08x}"
    linked.__module__ = plain.__module__
    return linked


def _fingerprint(function: Any, seen: frozenset[str] = frozenset()) -> int:
    code = function.__code__
    mark = zlib.crc32(code.co_code + repr((code.co_names, _plain_constants(code))).encode())
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Kernel) and name not in seen:
            mark = zlib.crc32(_fingerprint(value.plain, seen | {name}).to_bytes(4, "big"), mark)
        elif isinstance(value, int | float | np.integer):
            mark = zlib.crc32(repr(value).encode(), mark)
    return mark


def _plain_constants(code: types.CodeType) -> list[object]:
    return [item for item in code.co_consts if not isinstance(item, types.CodeType)]
