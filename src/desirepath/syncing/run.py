"""How is an account pulled? Page by page into a folder of its own, then imported, then remembered.

After each page it is written down where to go on, so that a pull that is stopped or fails goes on from there. Only
when everything was imported is the span remembered as done; until then the next pull begins where this one did, and
what is here already is a duplicate.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.connectors.archive import sync as on_disk
from desirepath.connectors.translating import landed
from desirepath.errors import CancelledError, InputError, UnknownNameError, WorkspaceError
from desirepath.importing import ImportResult, import_files
from desirepath.syncing.accounts import BEGINNING, Account, accounts
from desirepath.syncing.pulls import Cursor, Page, Pull, Span, Vendor, file_name
from desirepath.syncing.vendors import VENDORS
from desirepath.syncing.working import Worker, in_a_line

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

FOLDER = "sync"
"""The workspace's folder for what is known of pulls."""

_UNDER_WAY = ("until", "cursors", "sizes", "counts")
"""What a state knows of a pull that is under way."""


@dataclass(frozen=True)
class Synced:
    """What a pull gave.

    Attributes
    ----------
    account
        Its name.
    records
        Records of each stream; of streams that are files, how many files.
    result
        The account of the import; None where there was nothing.
    since, until
        The time it was about.
    """

    account: str
    records: dict[str, int] = field(default_factory=dict)
    result: ImportResult | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "account": self.account,
            "records": self.records,
            "imported": None if self.result is None else self.result.to_dict(),
            "since": None if self.since is None else self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
        }


def known_accounts(workspace: Workspace) -> dict[str, Account]:
    """The accounts of a workspace.

    Raises
    ------
    InputError
        When its settings cannot be read.
    """
    return accounts(workspace.settings.sync, VENDORS, workspace.root)


class State:
    """What is known of one account's pulls: until when, and where a pull under way goes on.

    Parameters
    ----------
    folder
        The account's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self.data: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.data = {}
        except (OSError, ValueError) as problem:
            raise WorkspaceError(
                f"The state of this pull cannot be read: {problem}.", looked=str(self._path)
            ) from problem

    def put(self, data: dict[str, Any]) -> None:
        """Know this from now on."""
        self.data = data
        self.save()

    def save(self) -> None:
        """Write it, at a stroke."""
        draft = self._path.with_suffix(".tmp")
        with draft.open("w", encoding="utf-8") as opened:
            json.dump(self.data, opened, indent=1)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(draft, self._path)


def sync(
    workspace: Workspace,
    name: str,
    *,
    since: str | None = None,
    progress: Progress,
    lock: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Synced:
    """Pull one account and import what came.

    Parameters
    ----------
    workspace
        The workspace.
    name
        The account.
    since
        From this date on, whatever was pulled before.
    progress
        Told how far it is; may raise `CancelledError`, and the next pull goes on from there.
    lock
        Held while the database is used.

    Raises
    ------
    UnknownNameError
        When there is no such account.
    InputError
        When something of it is missing, or the vendor refuses us.
    WorkspaceError
        When the vendor does not answer.
    """
    known = known_accounts(workspace)
    if name not in known:
        raise UnknownNameError.of("account", name, known, looked="[sync] in workspace.toml")
    account, vendor = known[name], VENDORS[known[name].source]
    folder = workspace.root / FOLDER / file_name(name)
    pulls = [pull for pull in vendor.pulls(account) if not account.streams or pull.stream.split()[0] in account.streams]
    if not pulls:
        raise InputError(f"Nothing would be pulled of {name}.", allowed=list(vendor.needs), looked="workspace.toml")
    state = State(folder)
    before = dict(state.data)
    if since is not None:
        state.data = {"from": _seconds(since), "asked": _seconds(since)}
    if "until" not in state.data:
        state.data |= {"until": int(time.time()), "cursors": {}, "sizes": {}, "counts": {}}
        state.save()
    try:
        for pull in pulls:
            _forget_another(pull, state, folder)
        api = vendor.api(account, workspace.root / "temp")
        for number, pull in enumerate(pulls):
            progress(f"pulling {pull.stream}", number, len(pulls))
            _pull(api, account, pull, state, folder, progress)
    except InputError:
        if since is not None and not any(state.data.get("counts", {}).values()):
            state.put(before)  # it was refused as it was asked for; the next one goes on from where we were
        raise
    with lock():
        return _imported(workspace, account, vendor, pulls, state, folder, progress)


def _seconds(text: str) -> int:
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date.", allowed=["2026-01-31"]) from None
    return int((read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp())


def _forget_another(pull: Pull, state: State, folder: Path) -> None:
    """Let go of what is known of a stream, and of what came of it, where something else was asked for."""
    about = state.data.setdefault("about", {})
    if about.get(pull.stream, "") == pull.about:
        return
    for known in ("ends", "cursors", "sizes", "counts"):
        state.data.get(known, {}).pop(pull.stream, None)
    for path in (folder / "landing").glob(f"{file_name(pull.stream)}.*"):
        path.unlink()
    about[pull.stream] = pull.about
    state.save()


def _pull(api: Any, account: Account, pull: Pull, state: State, folder: Path, progress: Progress) -> None:
    """Pull one stream into its landing file, from where it was."""
    data = state.data
    first = "from" not in data
    began = data.get("from", _seconds(account.since or BEGINNING))
    if pull.only_first and not first:
        return
    cursors, sizes = data["cursors"], data["sizes"]
    known = cursors.get(pull.stream, {"cursor": data.get("ends", {}).get(pull.stream, {})})
    if known.get("done"):
        return
    landing = folder / "landing"
    landing.mkdir(exist_ok=True)
    path = landing / f"{file_name(pull.stream)}.jsonl"
    with path.open("ab") as opened:
        opened.truncate(sizes.get(pull.stream, 0))  # what a page wrote whose cursor was not saved
        asked = _seconds(account.since) if first and account.since is not None else data.get("asked")
        span = Span(max(0, began - (0 if first else pull.overlap)), data["until"], first, asked)
        for page in pull.pages(api, known["cursor"], span):
            for record in page.records:
                opened.write(landed(pull.stream.split()[0], record))
            before = data["counts"].get(pull.stream, 0)
            if page.cursor is None:
                progress(f"pulling {pull.stream}", before + page.count, None)
                continue
            _land(page, landing / file_name(pull.stream))
            opened.flush()
            os.fsync(opened.fileno())
            sizes[pull.stream] = opened.tell()
            data["counts"][pull.stream] = before + page.count
            cursors[pull.stream] = {"cursor": page.cursor}
            state.save()
            progress(f"pulling {pull.stream}", data["counts"][pull.stream], None)
    cursors[pull.stream] = {**cursors.get(pull.stream, {"cursor": {}}), "done": True}
    state.save()


def _land(page: Page, stream: Path) -> None:
    """Put the file of a page, if it has one, beside the records of its stream."""
    if page.file is None:
        return
    name, content = page.file
    target = stream.with_name(f"{stream.name}.{name}")
    if isinstance(content, Path):
        os.replace(content, target)
    else:
        target.write_bytes(content)
    on_disk(target)


def _imported(
    workspace: Workspace,
    account: Account,
    vendor: Vendor,
    pulls: list[Pull],
    state: State,
    folder: Path,
    progress: Progress,
) -> Synced:
    landing = folder / "landing"
    files = sorted(path for path in landing.glob("*") if path.stat().st_size) if landing.exists() else []
    result = None
    if files:
        result = import_files(workspace, files, vendor.mapping(account), time_zone=account.time_zone, progress=progress)
    data = state.data
    since = data.get("from", _seconds(account.since or BEGINNING))
    lasting = {pull.stream for pull in pulls if pull.lasting}
    ends = {stream: one["cursor"] for stream, one in data["cursors"].items() if stream in lasting}
    done = Synced(
        account.name,
        dict(data["counts"]),
        result,
        dt.datetime.fromtimestamp(since, dt.UTC),
        dt.datetime.fromtimestamp(data["until"], dt.UTC),
    )
    state.put({"from": data["until"], "ends": ends, "about": data["about"], "last": done.to_dict()})
    shutil.rmtree(landing, ignore_errors=True)
    return done


def forget_pulls(root: Path) -> None:
    """Let go of what pulls of a workspace have landed, and of texts by which they go on, so that nobody stands in them.

    A pull that was under way begins again, and a table whose cursor holds texts is read as a whole once more; what was
    stored of it is a duplicate.
    """
    for folder in sorted(path.parent for path in (root / FOLDER).glob("*/state.json")):
        shutil.rmtree(folder / "landing", ignore_errors=True)
        state = State(folder)
        kept = {name: value for name, value in state.data.items() if name not in _UNDER_WAY}
        if "ends" in kept:
            kept["ends"] = {stream: one for stream, one in kept["ends"].items() if not _tells_a_text(one)}
        if kept != state.data:
            state.put(kept)


def _tells_a_text(cursor: Cursor) -> bool:
    return bool((cursor.get("mark") or {}).get("kind") == "text")


class Schedule(Worker):
    """Pulls the accounts that say `every`, while the server runs.

    Parameters
    ----------
    workspace
        The workspace.
    lock
        Held while the database is used.
    """

    def __init__(self, workspace: Workspace, lock: AbstractContextManager[Any]) -> None:
        super().__init__("sync", patience=30)
        self._workspace, self._lock = workspace, lock
        self._due: dict[str, float] = {}
        self.problems: dict[str, str] = {}
        self.last: dict[str, dict[str, Any]] = {}

    def start(self) -> None:
        """Begin, if there is anything to pull."""
        if self._workspace.settings.sync:
            super().start()

    def step(self) -> float:
        """Pull the accounts whose time has come; a stop falls between two pages."""
        for name, account in known_accounts(self._workspace).items():
            if account.every is not None and time.monotonic() >= self._due.get(name, 0):
                self._one(name)
                self._due[name] = time.monotonic() + account.every
        return 1

    def _one(self, name: str) -> None:
        def tell(*_: Any) -> None:
            if self._stop.is_set():
                raise CancelledError("The server stops.")

        try:
            self.last[name] = sync(self._workspace, name, progress=tell, lock=lambda: self._lock).to_dict()
            self.problems.pop(name, None)
        except Exception as problem:  # noqa: BLE001 (one account's failure is not that of the others)
            self.problems[name] = in_a_line(problem)
