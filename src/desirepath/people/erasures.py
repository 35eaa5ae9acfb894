"""Who was erased? A log that only grows, and that names nobody.

One JSON object a line in `erasures.jsonl` of the workspace: when an erasure was decided, by whom and why, and later
that it is done. The identities stand there as keyed hashes (HMAC-SHA256 under the random key in `erasure.key`): with
both files an old backup can be searched for who was erased since, and without the key nothing can be told from them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desirepath.errors import WorkspaceError

FILE, KEY = "erasures.jsonl", "erasure.key"

Name = tuple[str, str]
"""An identity: kind and value."""


@dataclass(frozen=True)
class Entry:
    """One erasure.

    Attributes
    ----------
    number
        From 1.
    at
        When it was decided; it concerns what was received until then.
    author, reason
        Who decided, and why.
    identities
        Hashes of the identities, sorted.
    counts
        What there was to erase.
    done_at
        When it was finished; None while it is not.
    """

    number: int
    at: dt.datetime
    author: str
    reason: str
    identities: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    done_at: dt.datetime | None = None

    def receipt(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "erasure": self.number,
            "at": self.at.isoformat(),
            "author": self.author,
            "reason": self.reason,
            "identities": list(self.identities),
            "counts": dict(self.counts),
            "done_at": None if self.done_at is None else self.done_at.isoformat(),
        }


class ErasureLog:
    """The erasures of one workspace.

    Parameters
    ----------
    root
        The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path, self.key_path = root / FILE, root / KEY

    def entries(self) -> list[Entry]:
        """All erasures, oldest first.

        Raises
        ------
        WorkspaceError
            If a line cannot be read.
        """
        found: dict[int, Entry] = {}
        for place, line in enumerate(self._lines(), start=1):
            try:
                raw = json.loads(line)
                if raw["state"] == "begun":
                    found[raw["erasure"]] = Entry(
                        raw["erasure"],
                        dt.datetime.fromisoformat(raw["at"]),
                        raw["author"],
                        raw["reason"],
                        tuple(raw["identities"]),
                        raw["counts"],
                    )
                elif raw["state"] == "done":
                    begun = found[raw["erasure"]]
                    done_at = dt.datetime.fromisoformat(raw["at"])
                    found[raw["erasure"]] = Entry(**{**vars(begun), "done_at": begun.done_at or done_at})
            except (ValueError, KeyError, TypeError) as problem:
                raise WorkspaceError(
                    f"Line {place} of the log of erasures cannot be read: {problem}.", looked=str(self.path)
                ) from problem
        return list(found.values())

    def _lines(self) -> list[str]:
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as problem:
            raise WorkspaceError(f"The log of erasures cannot be read: {problem}.", looked=str(self.path)) from problem
        # a last line without its end was cut short when it was written, and what it says has not happened
        return lines[:-1]

    def pending(self) -> list[Entry]:
        """Erasures that were begun and not finished."""
        return [entry for entry in self.entries() if entry.done_at is None]

    def begin(
        self, names: Iterable[Name], counts: Mapping[str, int], *, at: dt.datetime, author: str, reason: str
    ) -> Entry:
        """Note that identities are going to be erased; it is on disk when this returns."""
        hashes = tuple(sorted(self.hashes(names).values()))
        for entry in self.pending():
            if entry.identities == hashes:  # begun already, and stopped before anybody was told
                return entry
        number = max((entry.number for entry in self.entries()), default=0) + 1
        entry = Entry(number, at, author, reason, hashes, dict(counts))
        said = {**entry.receipt(), "state": "begun"}
        del said["done_at"]
        self._append(said)
        return entry

    def finish(self, entry: Entry) -> Entry:
        """Note that an erasure is done; once more if it was done again."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        done = Entry(**{**vars(entry), "done_at": entry.done_at or now})
        self._append({"erasure": entry.number, "state": "done", "at": now.isoformat(), "digest": self.digest(done)})
        return done

    def digest(self, entry: Entry) -> str:
        """The receipt's keyed hash: who has the key can tell that it was not changed."""
        text = json.dumps(entry.receipt(), sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key(), text.encode(), hashlib.sha256).hexdigest()

    def hashes(self, names: Iterable[Name]) -> dict[Name, str]:
        """The keyed hash of each identity."""
        key = self._key()
        return {
            (kind, value): hmac.new(key, f"{kind}\x1f{value}".encode(), hashlib.sha256).hexdigest()
            for kind, value in names
        }

    def _append(self, said: Mapping[str, Any]) -> None:
        whole = "".join(line + "\n" for line in self._lines())
        broken = self.path.exists() and self.path.read_text(encoding="utf-8") != whole
        if broken:
            self.path.write_text(whole, encoding="utf-8")
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(said, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
        self._sync_folder()

    def _sync_folder(self) -> None:
        """Make sure that a new file is found again after a power cut."""
        handle = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _key(self) -> bytes:
        try:
            return bytes.fromhex(self.key_path.read_text(encoding="ascii"))
        except FileNotFoundError:
            if self.path.exists():
                raise WorkspaceError(
                    "The key of the log of erasures is missing, so that nobody can tell who was erased. Copy it from "
                    "where the log came from.",
                    looked=str(self.key_path),
                ) from None
        except (OSError, ValueError) as problem:
            raise WorkspaceError(f"The key of erasures cannot be read: {problem}.", looked=str(self.key_path)) from None
        key = secrets.token_bytes(32)
        draft = self.key_path.with_suffix(".draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(key.hex() + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, self.key_path)
        self._sync_folder()
        return key
