"""Who may send events? Write keys, which can do nothing else.

A key is known by its SHA-256 alone. A public key stands in web pages for everybody to see: it may be bound to origins,
and what it sends may say that a device is somebody's, and never that two known people are one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from desirepath.errors import InputError, UnknownNameError, WorkspaceError

FILE = "keys.json"
PREFIX = "dpw_"
"""What our own keys begin with."""


@dataclass(frozen=True, slots=True)
class Key:
    """One write key.

    Parameters
    ----------
    name
        What it is called.
    sha256
        Of the key itself, hexadecimal.
    public
        Whether it stands where everybody can read it.
    origins
        Web origins that may use it, such as `https://shop.example`; any if empty.
    instance
        Which installation of a source its events are of.
    made_at
        When it was made.
    signed
        The secret with which a vendor signs its webhooks; what is not signed with it is refused.
    until
        Until when it holds, in seconds since 1970; for ever if None.
    """

    name: str
    sha256: str
    public: bool = True
    origins: tuple[str, ...] = ()
    instance: str = "main"
    made_at: str = ""
    signed: str = field(default="", repr=False)
    until: int | None = None

    def admits(self, origin: str | None) -> bool:
        """Whether a page of this origin may use the key."""
        return not self.origins or (origin or "").rstrip("/").lower() in self.origins


@dataclass(slots=True)
class KeyBook:
    """The keys of a workspace, read again when their file changes.

    Parameters
    ----------
    root
        The workspace's folder.
    """

    root: Path
    _seen: tuple[int, int] | None = None
    _keys: dict[str, Key] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where they are kept."""
        return self.root / FILE

    def keys(self) -> list[Key]:
        """All keys, by name.

        Raises
        ------
        WorkspaceError
            When their file cannot be read.
        """
        self.refresh()
        return sorted(self._keys.values(), key=lambda key: key.name)

    def refresh(self) -> None:
        """Read the file again if it changed."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, {}
            return
        state = (found.st_mtime_ns, found.st_size)
        if state == self._seen:
            return
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            keys = [Key(**{**one, "origins": tuple(one.get("origins", ()))}) for one in raw["keys"]]
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise WorkspaceError(f"The write keys cannot be read: {problem}.", looked=str(self.path)) from problem
        self._keys = {key.sha256: key for key in keys}
        self._seen = state

    def find(self, text: str) -> Key | None:
        """The key that a client showed; None if there is none such, or it holds no longer."""
        found = self._keys.get(_hash(text))
        return None if found is None or (found.until is not None and found.until <= time.time()) else found

    def add(
        self,
        name: str,
        *,
        text: str | None = None,
        public: bool = True,
        origins: tuple[str, ...] = (),
        instance: str = "main",
        signed: str = "",
        until: int | None = None,
    ) -> str:
        """Make a key, and return it: it is shown once and kept nowhere.

        Parameters
        ----------
        name
            What to call it.
        text
            A key that clients use already; a new one is made if left out.
        public, origins, instance, signed, until
            As `Key` has them.

        Raises
        ------
        InputError
            When the name or the key is taken, or an origin is none.
        """
        self.refresh()
        if not name.strip() or any(key.name == name for key in self._keys.values()):
            raise InputError(f"A key needs a name of its own, and {name!r} is none.", allowed=["a new name"])
        for origin in origins:
            if not origin.startswith(("http://", "https://")) or origin.count("/") > 2:
                raise InputError(f"{origin!r} is no origin.", allowed=["https://shop.example", "http://localhost:3000"])
        made = text or PREFIX + secrets.token_urlsafe(24)
        if _hash(made) in self._keys:
            raise InputError("This key is there already.")
        known = tuple(origin.rstrip("/").lower() for origin in origins)
        now = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
        self._write([*self._keys.values(), Key(name, _hash(made), public, known, instance, now, signed, until)])
        return made

    def remove(self, name: str) -> None:
        """Take a key away; what it sends from now on is refused.

        Raises
        ------
        UnknownNameError
            When there is none of this name.
        """
        names = [key.name for key in self.keys()]
        if name not in names:
            raise UnknownNameError.of("write key", name, names, looked=str(self.path))
        self._write([key for key in self._keys.values() if key.name != name])

    def _write(self, keys: list[Key]) -> None:
        text = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1)
        draft = self.path.with_suffix(".tmp")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(draft, self.path)
        self._seen = None
        self.refresh()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
