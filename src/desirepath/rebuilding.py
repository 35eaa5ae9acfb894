"""How is the database made again? From the archive, whole beside the old one, which stays until then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from desirepath.collector.inbox import FILE, Outbox
from desirepath.connectors import growing
from desirepath.connectors.archive import MAPPING, read_manifest, sha256, write_mapping
from desirepath.connectors.growing import requests_of
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import read_mapping
from desirepath.errors import DesirepathError, InputError, WorkspaceError, WorkspaceInUseError
from desirepath.importing import ImportResult, batch_folders, folder_of, resolve_anew, store_batch

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace


def rebuild(workspace: Workspace, *, progress: Progress) -> list[ImportResult]:
    """Make the database again from the archive; the old one stays until the new one is whole.

    Raises
    ------
    WorkspaceError
        If an archived import cannot be read, or another process has the workspace open.
    """
    root = workspace.root
    for folder in batch_folders(root):
        check_archive(folder)
    known = workspace.columns.manifest()
    before = (known.data_version, known.identity_version) if known else (0, 0)
    _take_back(workspace)
    workspace.close()
    draft = root / "journeys.rebuilding.duckdb"
    remove_database(draft)
    (root / "temp").mkdir(exist_ok=True)
    store = workspace.open_store(draft)
    results = []
    try:
        for folder in batch_folders(root):
            with store.transaction():
                results.append(store_batch(store, folder, int(folder.name), root / "temp", progress))
                store.bump("data")
        with store.transaction():
            # what the collector's inbox holds beyond the archive is drained as before
            store.run("UPDATE versions SET version = ? WHERE name = 'inbox'", [_drained_upto(root)])
            # a version never stands for two states of the data
            store.bump("data", above=before[0])
            store.run("UPDATE versions SET version = ? WHERE name = 'identity'", [before[1]])
            resolve_anew(workspace, store, "rebuild")
            if store.version("identity") == before[1]:
                store.bump("identity")
        store.close()
    except BaseException:
        store.close()
        remove_database(draft)
        raise
    workspace.columns.drop()
    workspace.engine.forget()
    remove_database(root / "journeys.duckdb")
    draft.rename(root / "journeys.duckdb")
    workspace.engine.refresh(progress)
    return results


def _take_back(workspace: Workspace) -> None:
    """Take away what a step of the drain archived and did not come to the end of; the inbox has it still.

    Were it kept, its last request would count as drained, and what else that step had to archive would be lost.
    """
    try:
        cursor = workspace.store().version("inbox")
    except WorkspaceInUseError:
        raise  # whoever has it would go on writing to a database that is no longer there
    except (DesirepathError, duckdb.Error):
        return  # nothing tells then how far the drain had come
    if not (workspace.root / FILE).exists():
        return
    outbox = Outbox(workspace.root / FILE)
    try:
        surely = outbox.archived_upto(cursor)
    finally:
        outbox.close()
    for folder in growing.growing_of(batch_folders(workspace.root)):
        growing.take_back(folder, surely)


def _drained_upto(root: Path) -> int:
    """The last request of the inbox that the archive has."""
    parts = (
        part for folder in batch_folders(root) for raw in read_manifest(folder)[0].raws.values() for part in raw.parts
    )
    return max((requests_of(part)[1] for part in parts), default=0)


def check_archive(folder: Path) -> None:
    """Refuse an archive whose files are not as they were written."""
    manifest, _ = read_manifest(folder)
    for raw in manifest.raws.values():
        for part in raw.parts:
            if part.file is None:
                continue
            path = folder / part.file
            if not path.exists() or sha256(path) != part.sha256:
                raise WorkspaceError(
                    f"The archived import {int(folder.name)} is damaged: {part.file} is not as it was written. "
                    "Restore it from a backup, or import its files again.",
                    looked=str(folder),
                )


def remove_database(path: Path) -> None:
    """Remove a database and its log."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def replay(workspace: Workspace, batch: int, mapping: Mapping | Path, *, progress: Progress) -> list[ImportResult]:
    """Give an archived import another mapping, and make the database again.

    Raises
    ------
    InputError
        If there is no such import, or the mapping reads other tables than the archived ones.
    """
    folder = folder_of(workspace.root, batch)
    if not folder.exists():
        raise InputError(
            f"There is no archived import {batch}.",
            allowed=[int(path.name) for path in batch_folders(workspace.root)],
        )
    known = (mapping if isinstance(mapping, Mapping) else read_mapping(mapping)).in_currency(
        workspace.settings.currency
    )
    manifest, before = read_manifest(folder)
    if len(known.tables) != len(manifest.tables):
        raise InputError(
            f"The mapping has {len(known.tables)} tables, the archived import {len(manifest.tables)}; "
            "they must be the same."
        )
    if (known.source, known.instance) != (before.source, before.instance):
        raise InputError(
            f"The import came from {before.source}/{before.instance}; the mapping says {known.source}/{known.instance}."
        )
    file = folder / MAPPING
    old = file.read_text(encoding="utf-8")
    write_mapping(folder, known)
    try:
        return rebuild(workspace, progress=progress)
    except BaseException:
        file.write_text(old, encoding="utf-8")
        raise
