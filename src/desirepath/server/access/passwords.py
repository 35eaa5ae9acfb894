"""Is it the right password? Kept as argon2id, and as slow to refuse for a name that nobody has.

The costs are argon2-cffi's own (RFC 9106, low memory: 64 MB, three passes). When they change, a password is hashed
again the next time that it is told.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from desirepath.errors import InputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 1024
"""Characters at least; bytes at most."""

_TURN = threading.BoundedSemaphore(2)
"""Each look takes 64 MB and a core for a moment: a flood of guesses must not take all."""


def hashed(password: str, *, name: str = "") -> str:
    """What is kept of a password.

    Parameters
    ----------
    password
        The password.
    name
        Whose it is; it must not be the password.

    Raises
    ------
    InputError
        If it is too short, too long or too plain.
    """
    text = _plain(password)
    if len(text) < SHORTEST:
        raise InputError(f"A password needs {SHORTEST} characters or more.")
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise InputError(f"A password takes {LONGEST} bytes at most.")
    if len(set(text)) < 4 or (name and text.casefold() == name.casefold()):
        raise InputError("This password is too easy to guess: it is one's own name, or few characters over and over.")
    with _TURN:
        return _hasher().hash(text.encode("utf-8", "surrogatepass"))


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one of which `kept` was kept; takes as long where there is none."""
    from argon2.exceptions import InvalidHashError, VerificationError

    text = _plain(password).encode("utf-8", "surrogatepass")
    text = text if len(text) <= LONGEST else b""
    with _TURN:
        try:
            return _hasher().verify(kept or _nobodys(), text) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether a password was kept at other costs than those of today."""
    return _hasher().check_needs_rehash(kept)


def _plain(password: str) -> str:
    """One way of writing what looks the same: keyboards differ in how they put accents on letters."""
    return unicodedata.normalize("NFKC", password[: LONGEST * 2])


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """The hash that is looked at where a name has none; nothing that can be typed fits it."""
    import secrets

    return _hasher().hash(secrets.token_bytes(32))


def ready() -> None:
    """Make what the first look would have to make, so that it takes no longer than the second."""
    _nobodys()


__all__ = ["LONGEST", "SHORTEST", "hashed", "matches", "outdated", "ready"]
