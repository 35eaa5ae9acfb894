"""How does a loop over journeys run at the speed of memory?

A kernel is an ordinary function on NumPy arrays. `@kernel` compiles it with numba for the kinds of arguments that it
is first called with, and keeps the machine code on disk; where numba is absent, or `DESIREPATH_PLAIN=1` is set, the
very same function runs uncompiled. There is never a second definition of what a kernel means, so tests compare the two.

Rules for a kernel: arguments are arrays, numbers, or named tuples of them; it returns a number, a truth value or
nothing; it allocates nothing and never touches Python objects; it releases the interpreter lock, so that threads may
each take a block of people. A kernel may call other kernels, which may also return tuples. Places in arrays are counted
from the beginning alone: compiled, -1 is not the last one. With `DESIREPATH_CHECKED=1` every place is looked at, and
one outside of its array is an error.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import threading
import types
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np

from desirepath.journeys.machine_code import Call, lay_out, load

P = ParamSpec("P")
R = TypeVar("R")

_lock = threading.RLock()

_OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
"""Without numba's reference counting: a kernel allocates nothing, and the counting costs more than the loop.
Without wrappers for Python: they would tie the object file to numba itself."""


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
        self._calls: dict[tuple[Any, ...], Call] = {}
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the compiled function, or the plain one where nothing can compile it."""
        if kwargs or not compiles():
            return self.plain(*args, **kwargs)
        told: list[Any] = []
        words: list[Any] = []
        lay_out(args, told, words)
        kinds = tuple(told)
        call = self._calls.get(kinds)
        if call is None:
            with _lock:
                call = self._calls.get(kinds)
                if call is None:
                    call = self._calls[kinds] = self._load(args)
        return cast("R", call(words))

    def _load(self, args: tuple[Any, ...]) -> Call:
        plain: Any = self.plain
        name, checked = f"{plain.__module__}.{plain.__name__}", "_checked" if is_checked() else ""
        return load(name + checked, _fingerprint(plain), args, lambda: self._compile(args))

    def _compile(self, args: tuple[Any, ...]) -> tuple[bytes, str, str]:
        """Object code for arguments of these kinds, its symbol, and the kind of its result."""
        import numba

        dispatcher = self.dispatcher
        typeof: Callable[[Any], Any] = numba.typeof
        signature = tuple(map(typeof, args))
        with _counted_from_the_beginning():
            dispatcher.compile(signature)
        made = dispatcher.overloads[signature]
        return (
            made.library._get_compiled_object(),
            made.fndesc.llvm_func_name,
            str(made.signature.return_type),
        )

    @functools.cached_property
    def dispatcher(self) -> Any:
        """numba's compiler of this function, and of the kernels that it calls."""
        import numba

        njit: Callable[..., Any] = numba.njit
        plain = _with_compiled_callees(self.plain)
        return njit(plain, forceinline=self.inline, boundscheck=is_checked(), **_OPTIONS)


def kernel(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a function on arrays as a kernel; see the module's text for the rules."""
    return Kernel(function)


def inlined(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a small kernel that others call for every event, where a call would cost more than its work."""
    return Kernel(function, inline=True)


@functools.cache
def compiles() -> bool:
    """Whether kernels are compiled here, or run as plain Python (same answers, far slower)."""
    if _is_set("DESIREPATH_PLAIN"):
        return False
    return importlib.util.find_spec("numba") is not None and importlib.util.find_spec("llvmlite") is not None


@functools.cache
def is_checked() -> bool:
    """Whether compiled kernels look whether each place is inside of its array, which tests do now and then."""
    return _is_set("DESIREPATH_CHECKED")


def _is_set(name: str) -> bool:
    return os.environ.get(name, "0") not in ("", "0")


_LOOK = "fix_integer_index"
"""What looks whether a place counts from the end, among numba's functions for arrays."""


@contextmanager
def _counted_from_the_beginning() -> Iterator[None]:
    """Compile without a look at each place whether it counts from the end: loops over arrays are a quarter quicker."""
    from numba.core import types as numba_types
    from numba.core.compiler_lock import global_compiler_lock
    from numba.np import arrayobj

    inner: Any = arrayobj
    theirs = getattr(inner, _LOOK, None)

    def cast_alone(context: Any, builder: Any, kind: Any, place: Any, _: Any) -> Any:
        return context.cast(builder, place, kind, numba_types.intp if kind.signed else numba_types.uintp)

    with global_compiler_lock:  # nobody else's code may be compiled like this
        if theirs is not None:  # a numba without it compiles the same, only slower code
            setattr(inner, _LOOK, cast_alone)
        try:
            yield
        finally:
            if theirs is not None:
                setattr(inner, _LOOK, theirs)


def _callees(function: Any) -> dict[str, Kernel[Any, Any]]:
    found = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    return {name: value for name, value in found.items() if isinstance(value, Kernel)}


def _with_compiled_callees(function: Callable[..., Any]) -> Callable[..., Any]:
    # numba resolves names through the function's globals, where it must find its own dispatchers
    plain: Any = function
    callees = {name: value.dispatcher for name, value in _callees(plain).items()}
    if not callees:
        return function
    linked = types.FunctionType(
        plain.__code__,
        {**plain.__globals__, **callees},
        plain.__name__,
        plain.__defaults__,
        plain.__closure__,
    )
    linked.__qualname__ = plain.__qualname__
    linked.__module__ = plain.__module__
    return linked


def _fingerprint(function: Any, seen: frozenset[str] = frozenset()) -> int:
    """A number that changes with the code of a kernel, of those it calls, and of the constants they use."""
    code = function.__code__
    constants = [item for item in code.co_consts if not isinstance(item, types.CodeType)]
    mark = zlib.crc32(code.co_code + repr((code.co_names, constants)).encode())
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Kernel) and name not in seen:
            mark = zlib.crc32(_fingerprint(value.plain, seen | {name}).to_bytes(4, "big"), mark)
        elif isinstance(value, int | float | np.integer):
            mark = zlib.crc32(repr(value).encode(), mark)
    return mark
