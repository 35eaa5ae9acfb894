"""By what name is a person shown? By a handle that says nothing about them, and leads back to them only here.

The handle is a keyed hash of the person's id: stable as long as the person's id is, and without the workspace's secret
nobody can tell whether it is somebody's. Ids themselves are identities, and are not shown.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from desirepath.errors import UnknownNameError, WorkspaceError

if TYPE_CHECKING:
    from desirepath.engines.store import Store

FILE = "handles.key"
LENGTH = 20
"""Hexadecimal digits of a handle: 80 bits."""
LABEL = 6
KNOWN = 200_000
"""So many handles that were given out are known by heart; others are looked for among all people."""

MOST_OF_A_LABEL = 20


class Handles:
    """The handles of one workspace.

    Parameters
    ----------
    root
        The workspace's folder; the secret is made there when the first handle is.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._secret: str | None = None
        self._known: OrderedDict[str, str] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def secret(self) -> str:
        """The workspace's secret."""
        with self._guard:
            if self._secret is None:
                self._secret = self._read() or self._made()
            return self._secret

    def _read(self) -> str | None:
        try:
            return self._path.read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as problem:
            raise WorkspaceError(f"The secret of handles cannot be read: {problem}.", looked=str(self._path)) from None

    def _made(self) -> str:
        made = secrets.token_hex(32)
        draft = self._path.with_suffix(".draft")
        with open(draft, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            out.write(made + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, self._path)
        return made

    def of(self, person: str) -> str:
        """The handle of a person's id."""
        handle = hashlib.sha256((self.secret + person).encode()).hexdigest()[:LENGTH]
        with self._guard:
            self._known[handle] = person
            self._known.move_to_end(handle)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return handle

    def forget(self) -> None:
        """Know none by heart any more, such as when somebody was erased."""
        with self._guard:
            self._known.clear()

    def all_of(self, persons: Iterable[str]) -> list[str]:
        """The handles of several ids, in their order."""
        return [self.of(person) for person in persons]

    def person(self, store: Store, handle: str) -> str:
        """The id of whom a handle stands for.

        Raises
        ------
        UnknownNameError
            If it stands for nobody at present.
        """
        given = handle.strip().lower()
        if is_handle(given):
            known = self._known.get(given)
            if known is not None and store.rows("SELECT 1 FROM people WHERE id = ?", [known]):
                return known
            for person in self._beginning(store, given, 1):
                self.of(person)
                return person
        raise UnknownNameError(f"There is no person called {handle!r}.", looked="the handles of all people")

    def labelled(self, store: Store, label: str) -> list[str]:
        """The ids of everybody with a label such as `P-3F2A9C`; a few at most."""
        given = label.strip().lower().removeprefix("p-")
        if len(given) < LABEL or not all(letter in "0123456789abcdef" for letter in given):
            return []
        return self._beginning(store, given[:LENGTH], MOST_OF_A_LABEL)

    def _beginning(self, store: Store, given: str, most: int) -> list[str]:
        rows = store.rows(
            f"SELECT id FROM people WHERE left(sha256(? || id), {len(given)}) = ? ORDER BY id LIMIT ?",
            [self.secret, given, most],
        )
        return [str(row[0]) for row in rows]


def is_handle(text: str) -> bool:
    """Whether a text could be a handle."""
    return len(text) == LENGTH and all(letter in "0123456789abcdef" for letter in text.lower())


def label_of(handle: str) -> str:
    """What a person is called on the page: `P-3F2A9C`."""
    return f"P-{handle[:LABEL].upper()}"


__all__ = ["Handles", "is_handle", "label_of"]
