"""What does `workspace.toml` say? The few choices that every number of a workspace depends on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from desirepath.engines.memory import in_bytes, machine_memory
from desirepath.errors import InputError, UnknownNameError, WorkspaceError
from desirepath.events.moments import WEEKDAYS, zone
from desirepath.events.where import Where
from desirepath.people.policy import Policy

FILE = "workspace.toml"

_TEMPLATE = """\
# A desirepath workspace. Changing time_zone or week_start changes what numbers mean.
name = "{name}"
time_zone = "{time_zone}"      # IANA name; calendar days, weeks and months are cut here
week_start = "{week_start}"
currency = "{currency}"            # of amounts whose file leaves it empty, from the next import on
# memory_limit = "8GB"         # left out: half of this machine's
# threads = 2                  # left out: all cores
# annotations = "name in ('release', 'campaign started')"   # shown beside numbers over time

# [identity]                   # who is one person; see the docs on people
# same_kind = 3                # strong identities of one kind that a person may have
# blocked = ["info@example.org"]
"""


@dataclass(frozen=True)
class Settings:
    """The settings of a workspace.

    Parameters
    ----------
    name
        What it is called.
    time_zone
        IANA zone of its calendar.
    week_start
        First day of the week.
    currency
        ISO 4217 code of amounts whose currency is empty in their file; settled when the file is imported.
    memory_limit
        What questions and imports may hold in memory, such as `"8GB"`; half of the machine's if None.
    threads
        How many threads; all cores if None.
    annotations
        Which events are notes of what happened, such as releases; they are shown beside what is asked over time.
    identity
        The limits by which identities become people: the table `[identity]`, see `people.policy`.
    sync
        The accounts that are pulled from: the tables `[sync.NAME]`, see `syncing.accounts`.
    server
        How the server is reached and who vouches for users: the table `[server]`, see `server.access.configured`.
    """

    name: str
    time_zone: str
    week_start: str = "monday"
    currency: str = "EUR"
    memory_limit: str | None = None
    threads: int | None = None
    annotations: str = "name = 'annotation'"
    identity: Policy = field(default_factory=Policy, repr=False)
    sync: Mapping[str, Any] = field(default_factory=dict, repr=False)
    server: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for item in fields(self):
            if item.name in ("identity", "sync", "server"):
                continue
            value, wanted = getattr(self, item.name), int if item.name == "threads" else str
            optional = item.name in ("threads", "memory_limit")
            if not (value is None and optional) and (not isinstance(value, wanted) or isinstance(value, bool)):
                kind = "a whole number" if wanted is int else "text in quotes"
                raise InputError(f"The setting {item.name} must be {kind}, not {value!r}.")
        if not re.fullmatch(r"[\w][\w .-]{0,99}", self.name):
            raise InputError(f"{self.name!r} cannot name a workspace; letters, digits, spaces, '.', '-' and '_' can.")
        zone(self.time_zone)
        Where.parse(self.annotations)
        if self.week_start not in WEEKDAYS:
            raise UnknownNameError.of("weekday", self.week_start, WEEKDAYS)
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise InputError(f"{self.currency!r} is not a currency code of three capital letters, such as EUR.")
        if self.threads is not None and self.threads < 1:
            raise InputError(f"threads must be 1 or more, not {self.threads!r}.")
        if self.memory_limit is not None and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", self.memory_limit):
            raise InputError(f"{self.memory_limit!r} is not an amount of memory such as '8GB'.")

    @property
    def memory(self) -> int:
        """How many bytes questions and imports may hold."""
        return machine_memory() // 2 if self.memory_limit is None else in_bytes(self.memory_limit)

    def write(self, root: Path) -> None:
        """Write the file of a new workspace."""
        text = _TEMPLATE.format(
            name=self.name, time_zone=self.time_zone, week_start=self.week_start, currency=self.currency
        )
        (root / FILE).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, root: Path) -> Settings:
        """Read a workspace's file.

        Raises
        ------
        WorkspaceError
            If the folder holds no workspace, or its file cannot be read.
        """
        path = root / FILE
        try:
            raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise WorkspaceError(
                f"There is no workspace at {str(root)!r}; `desirepath init {root.name or 'acme'} "
                "--time-zone Europe/Paris` makes one.",
                looked=str(path),
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
            raise WorkspaceError(f"The workspace's settings cannot be read: {problem}.", looked=str(path)) from problem
        known = [item.name for item in fields(cls)]
        for name in raw:
            if name not in known:
                raise UnknownNameError.of("setting", name, known, looked=str(path))
        for name in ("name", "time_zone"):
            if name not in raw:
                raise WorkspaceError(f"The setting {name!r} is missing.", looked=str(path))
        for name in ("sync", "server"):
            if not isinstance(raw.get(name, {}), dict):
                raise WorkspaceError(f"The setting {name} must be a table.", looked=str(path))
        if "identity" in raw:
            raw["identity"] = Policy.read(raw["identity"])
        return cls(**raw)
