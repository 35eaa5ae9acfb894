"""Where and as whom is pulled? The tables `[sync.NAME]` of `workspace.toml`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.durations import duration

BEGINNING = "2020-01-01"
"""From when on is pulled where nothing is said."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_OWN = ("source", "every", "since", "instance", "base_url", "options", "streams", "time_zone")


@dataclass(frozen=True)
class Account:
    """One account of a vendor.

    Attributes
    ----------
    name
        What it is called here; the vendor's name where there is one account.
    source
        The connector that reads what comes.
    given
        What the vendor needs to know: subdomain, token, …; `${VARIABLE}` is looked up in the environment.
    every
        Seconds between pulls while the server runs; None where it pulls only when asked.
    since
        From when on, at the first pull: a date such as `2026-01-01`; None where nothing is said.
    instance
        Which installation its events are of.
    base_url
        Another address than the vendor's own.
    options, time_zone
        For the connector.
    streams
        Which streams; all if empty.
    folder
        The workspace's, to which paths are relative.
    """

    name: str
    source: str
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    every: float | None = None
    since: str | None = None
    instance: str = "main"
    base_url: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    time_zone: str | None = None
    folder: Path = Path()

    def need(self, *names: str) -> list[str]:
        """Values that the vendor needs, with variables filled in.

        Raises
        ------
        InputError
            When one is missing, or its variable is not set.
        """
        missing = [name for name in names if not self.given.get(name)]
        if missing:
            raise InputError(
                f"To pull from {self.name}, {', '.join(missing)} must be known.",
                allowed=[f"{name} = … under [sync.{self.name}]" for name in missing],
                looked="workspace.toml",
            )
        return [_filled(str(self.given[name]), self.name, name) for name in names]


def _filled(text: str, account: str, name: str) -> str:
    return _VARIABLE.sub(lambda found: variable(found[1], f"{name} of [sync.{account}]"), text)


def variable(name: str, named_by: str) -> str:
    """The value of a variable of the environment.

    Raises
    ------
    InputError
        When it is not set.
    """
    said = os.environ.get(name)
    if said is None:
        raise InputError(f"The variable {name} is not set, which {named_by} names.", looked="the environment")
    return said


def accounts(tables: Mapping[str, Any], vendors: Mapping[str, Any], folder: Path) -> dict[str, Account]:
    """The accounts that the settings name.

    Parameters
    ----------
    tables
        The table `[sync]`.
    vendors
        The vendors that can be pulled from.
    folder
        The workspace's.

    Raises
    ------
    InputError
        When a table cannot be read.
    UnknownNameError
        When there is no such vendor.
    """
    found: dict[str, Account] = {}
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise InputError(f"[sync.{name}] must be a table.", looked="workspace.toml")
        source = str(table.get("source", name))
        if source not in vendors:
            raise UnknownNameError.of("vendor to pull from", source, vendors, looked="workspace.toml")
        every = table.get("every")
        found[name] = Account(
            name,
            source,
            {key: value for key, value in table.items() if key not in _OWN},
            None if every is None else duration(str(every)).microseconds / 1e6,
            None if table.get("since") is None else str(table["since"]),
            str(table.get("instance", "main")),
            table.get("base_url"),
            {key: str(value) for key, value in (table.get("options") or {}).items()},
            tuple(table.get("streams") or ()),
            table.get("time_zone"),
            folder,
        )
    return found
