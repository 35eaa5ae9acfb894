"""How does what was prepared take the place of what was there? Beside it until all is ready, then step by step.

Each step may be taken again, so that a stop in the middle is no harm: what is put in place stays, and the rest is done
by the next erasure, from what still stands ready. The old database goes last, because it alone knows whom it is about.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from desirepath.connectors.archive import MANIFEST, MAPPING, read_manifest, sha256, sync
from desirepath.connectors.erasure import commit, stage, sweep
from desirepath.engines.carrying import carry_history
from desirepath.erasing.planning import Plan, Wanted
from desirepath.errors import WorkspaceError
from desirepath.importing import batch_folders, store_batch
from desirepath.people.rules import FILE as RULES
from desirepath.people.rules import RuleBook
from desirepath.rebuilding import remove_database
from desirepath.resolving import resolve_store

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

STAGING, BASIS = "erasing.tmp", "basis.json"
DATABASE, DRAFT = "journeys.duckdb", "journeys.rebuilding.duckdb"
CAUSE = "erasure"
"""What the history of who is who says of the version that an erasure makes."""


@dataclass
class Prepared:
    """A workspace without some people, ready beside it.

    Parameters
    ----------
    workspace
        The workspace.
    staged
        The folder that is to take the place of each archive folder that changes.
    emptied
        Archive folders of which nothing is left that an import would keep.
    """

    workspace: Workspace
    staged: dict[Path, Path] = field(default_factory=dict)
    emptied: list[Path] = field(default_factory=list)

    @property
    def _root(self) -> Path:
        return self.workspace.root

    @property
    def _folder(self) -> Path:
        return self._root / "archive" / STAGING

    def discard(self) -> None:
        """Remove what was prepared."""
        shutil.rmtree(self._folder, ignore_errors=True)
        remove_database(self._root / DRAFT)

    def fill(self, wanted: Sequence[Wanted], plan: Plan, progress: Progress) -> None:
        """Write everything that changes; what is there is not touched."""
        self._folder.mkdir(parents=True)
        changed = [folder for folder, found in plan.surveys.items() if found]
        for number, folder in enumerate(changed):
            progress("writing the archive", number, len(changed))
            self.staged[folder] = self._folder / folder.name
            stage(folder, plan.surveys[folder], plan.mentions, self.staged[folder], temp=self._root / "temp")
        if plan.rules is not None:
            (self._folder / RULES).write_text(plan.rules, encoding="utf-8")
            sync(self._folder / RULES)
        (self._folder / BASIS).write_text(json.dumps(_basis(self._root)), encoding="utf-8")
        for path in (self._folder / BASIS, self._folder, self._folder.parent):
            sync(path)
        store = self.workspace.open_store(self._root / DRAFT)
        try:
            self._make_database(store, plan, progress)
            _check(store, wanted, batch_folders(self._root))
            store.run("CHECKPOINT")
        finally:
            store.close()
        sync(self._root / DRAFT)

    def _make_database(self, store: Store, plan: Plan, progress: Progress) -> None:
        """Make the database of the archive as it will be, with the history of who is who as it was."""
        for folder in batch_folders(self._root):
            with store.transaction():
                source = self.staged.get(folder, folder)
                result = store_batch(store, source, int(folder.name), self._root / "temp", progress)
            if result.batch is None:
                self.emptied.append(folder)
        rules = RuleBook(self._folder if plan.rules is not None else self._root).decided()
        with store.transaction():
            carry_history(self.workspace.store(), store, plan.codes, lambda text: plan.mentions.replaced(text)[0])
            store.bump("data")
            before = store.version("identity")
            if not resolve_store(store, self.workspace.settings.identity, rules, cause=CAUSE, everything=True):
                store.run("INSERT INTO identity_versions VALUES (?, now(), ?, 0)", [before + 1, CAUSE])
                store.bump("identity")

    def steps(self) -> list[Callable[[], object]]:
        """What puts it in place, in this order; each may be taken again."""
        return [
            partial(_put_rules, self._root),
            *(partial(commit, staged, folder) for folder, staged in self.staged.items()),
            *(partial(_drop, folder) for folder in self.emptied),
            self._put_database,
            partial(clean, self.workspace),
        ]

    def _put_database(self) -> None:
        self.workspace.close()
        self.workspace.engine.forget()
        if (self._root / DRAFT).exists():
            forget_what_was_made(self.workspace)
            # what the log of the old file holds belongs to no other file
            (self._root / f"{DATABASE}.wal").unlink(missing_ok=True)
            os.replace(self._root / DRAFT, self._root / DATABASE)
            sync(self._root)


def _put_rules(root: Path) -> None:
    ready = root / "archive" / STAGING / RULES
    if ready.exists():
        os.replace(ready, root / RULES)
        sync(root)


def go_on(root: Path) -> None:
    """Put in place what still stands ready from an erasure that was stopped, where nothing changed since.

    A database that was made again in between may no longer know whom it was about, and only what stands ready does.
    """
    staging = root / "archive" / STAGING
    try:
        basis = json.loads((staging / BASIS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # it was never whole, or is gone: everything is looked for again
    now = _basis(root)
    if basis.get(RULES) == now.get(RULES):
        _put_rules(root)
    for staged in sorted(path for path in staging.iterdir() if path.is_dir()):
        if basis.get(staged.name) == now.get(staged.name) and (staged / MANIFEST).exists():
            commit(staged, root / "archive" / staged.name)


def _basis(root: Path) -> dict[str, str]:
    """By which one can tell that rules of hand and archive folders are as they were."""
    found = {RULES: sha256(root / RULES)} if (root / RULES).exists() else {}
    for folder in batch_folders(root):
        found[folder.name] = sha256(folder / MANIFEST) + sha256(folder / MAPPING)
    return found


def take(steps: Sequence[Callable[[], object]]) -> bool:
    """Take all steps, through Ctrl-C too; return whether it was pressed."""
    pressed = False
    for step in steps:
        done = False
        while not done:
            try:
                step()
                done = True
            except KeyboardInterrupt:
                pressed = True
    return pressed


def _check(store: Store, wanted: Sequence[Wanted], folders: Sequence[Path]) -> None:
    """Refuse to go on when the new database still knows an identity that nothing later brought back."""
    latest = max((read_manifest(folder)[0].received_at for folder in folders), default=None)
    names = [name for one in wanted if one.until is None or latest is None or latest <= one.until for name in one.own]
    columns = {key: pa.array([name[k] for name in names], pa.string()) for k, key in enumerate(("kind", "value"))}
    store.connection.register("gone", pa.table(columns))
    left = store.one("SELECT count(*) FROM identities i SEMI JOIN gone g ON g.kind = i.kind AND g.value = i.value")[0]
    store.connection.unregister("gone")
    if left:
        raise WorkspaceError(f"{left:,} identities would be left, which is a defect of desirepath. Nothing was erased.")


def _drop(folder: Path) -> None:
    away = folder.with_name(folder.name + ".tmp")
    if folder.exists():
        os.replace(folder, away)
    shutil.rmtree(away, ignore_errors=True)


def clean(workspace: Workspace) -> None:
    """Remove what was cut short, now or earlier, and what is made from the rest."""
    workspace.store()  # held, so that nobody's import is taken for one that was cut short
    for folder in batch_folders(workspace.root):
        sweep(folder)
    for path in (workspace.root / "archive").glob("*.tmp"):
        shutil.rmtree(path)
    remove_database(workspace.root / DRAFT)
    forget_what_was_made(workspace)


def forget_what_was_made(workspace: Workspace) -> None:
    """Throw away journeys, suggestions and spilled data; they are made again when they are next needed."""
    root = workspace.root
    for folder in (root / "columns", root / "temp"):
        for path in list(folder.iterdir()) if folder.exists() else ():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in root.glob("suggestions.*"):
        path.unlink()


def be_alone(workspace: Workspace) -> None:
    """Make sure that nobody else has the database open, another part of this program included.

    Raises
    ------
    WorkspaceError
        If somebody has.
    """
    workspace.close()
    path = workspace.root / DATABASE
    if path.exists():
        try:
            # a setting of its own: DuckDB refuses it beside any other connection of this process
            duckdb.connect(str(path), config={"threads": "1", "default_order": "desc"}).close()
        except duckdb.ConnectionException as problem:
            raise WorkspaceError(
                "This program has the workspace open twice, and what is erased would come back from there. "
                "Close the other one first.",
                looked=str(path),
            ) from problem
        except duckdb.Error:
            pass  # the store says what is wrong
    workspace.store()
