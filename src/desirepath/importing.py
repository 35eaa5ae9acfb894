"""How do files become events? Archive first, then map, then store, all or nothing.

The archive is the truth: what is stored is what mapping the archived rows gives, at import and at every rebuild.
Each run ends with an account that must add up: read = stored + duplicate + quarantined.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from desirepath.connectors.archive import archive_raw, read_manifest
from desirepath.connectors.choosing import choose, try_first, words_in
from desirepath.connectors.mapped import map_events
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import read_mapping
from desirepath.connectors.plan import plan_import
from desirepath.engines.inferring import infer
from desirepath.errors import CancelledError, InputError, WorkspaceError
from desirepath.people.rules import RuleBook
from desirepath.resolving import resolve_store

if TYPE_CHECKING:
    from desirepath.connectors.mapped import Counts
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Appended, Store
    from desirepath.workspace import Workspace


@dataclass(frozen=True)
class ImportResult:
    """The account of one import.

    Attributes
    ----------
    batch
        Its number; None when nothing of it was new, so that nothing was kept.
    rows, left_out
        Rows in the files, and those that the mapping's own conditions leave out.
    read, stored, duplicate, quarantined
        Events: `read = stored + duplicate + quarantined`.
    reasons
        Quarantined events by reason.
    warnings
        What is odd, in words.
    snapshots
        How many of those stored are no events, but what a system knew about somebody or something at a moment.
    inferred
        How many events there are more because snapshots tell changes that no system told; less than none where what
        came now shows that a change was inferred wrongly.
    """

    batch: int | None
    source: str
    rows: int
    left_out: int
    read: int
    stored: int
    duplicate: int
    quarantined: int
    reasons: Dictionary[str, int] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    snapshots: int = 0
    inferred: int = 0

    def __post_init__(self) -> None:
        """Refuse an account that does not add up; nothing may be lost silently."""
        if self.read != self.stored + self.duplicate + self.quarantined:
            raise WorkspaceError(f"The account does not add up, which is a defect of desirepath: {self.line}.")

    @property
    def line(self) -> str:
        """The account in one line."""
        return (
            f"{self.rows:,} rows; {self.read:,} events read = {self.stored:,} stored + {self.duplicate:,} duplicate "
            f"+ {self.quarantined:,} quarantined"
            + (f"; {self.snapshots:,} of those stored are snapshots" if self.snapshots else "")
            + (f"; {self.inferred:+,} events inferred" if self.inferred else "")
        )

    def to_dict(self) -> dict[str, Any]:
        """The account as plain data."""
        return {
            "batch": self.batch,
            "source": self.source,
            "rows": self.rows,
            "left_out": self.left_out,
            "read": self.read,
            "stored": self.stored,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "reasons": dict(self.reasons),
            "warnings": list(self.warnings),
            "snapshots": self.snapshots,
            "inferred": self.inferred,
        }


def import_files(
    workspace: Workspace,
    paths: Sequence[Path],
    mapping: Mapping | str | Path | None,
    *,
    time_zone: str | None,
    progress: Progress,
) -> ImportResult:
    """Import files into a workspace.

    Parameters
    ----------
    workspace
        Where to.
    paths
        Files, folders or globs.
    mapping
        What the files mean: a mapping, or the path of its file.
    time_zone
        IANA zone of times without one, where the mapping declares none.
    progress
        Told how far it is; may raise `CancelledError`. What stops the import before everything is stored leaves the
        workspace as it was; after that the import stands.

    Raises
    ------
    MappingError
        When the mapping does not fit the files; nothing is written then.
    """
    if mapping is None:
        raise InputError(
            "An import needs a mapping; `desirepath import --guess FILES` proposes one, and `import_sources` reads "
            "files of sources that desirepath knows."
        )
    known = mapping if isinstance(mapping, Mapping) else read_mapping(Path(mapping))
    plan = plan_import(paths, known.in_currency(workspace.settings.currency), time_zone=time_zone)
    store, batch = workspace.store(), next_batch(workspace.root)
    folder = folder_of(workspace.root, batch)
    temp = workspace.root / "temp"
    kept = False
    try:
        archive_raw(
            plan,
            folder,
            received_at=dt.datetime.now(dt.UTC),
            temp=temp,
            progress=progress,
            threads=workspace.settings.threads,
        )
        with store.transaction():
            result = store_batch(store, folder, batch, temp, progress)
            if result.stored:
                store.bump("data")
            resolve_anew(workspace, store, f"import {batch}")
        kept = result.batch is not None
    finally:
        # asked of the database, because Ctrl-C may fall between the commit and the line after it
        if not kept and not store.rows("SELECT 1 FROM batches WHERE batch = ?", [batch]):
            shutil.rmtree(folder, ignore_errors=True)
    return _sorted_in(workspace, result, progress)


def import_sources(
    workspace: Workspace,
    paths: Sequence[Path],
    source: str | None = None,
    *,
    options: Dictionary[str, str] | None = None,
    instance: str | None = None,
    time_zone: str | None = None,
    progress: Progress,
) -> list[ImportResult]:
    """Import files that connectors read: one import for each source.

    Parameters
    ----------
    workspace, paths, time_zone, progress
        As for `import_files`.
    source
        The connector of all the files; each file's own is found out if left out.
    options
        What to choose of the connector's options.
    instance
        Which installation of the source, where there are several.

    Raises
    ------
    InputError
        When a file is of no source, or of several; nothing is written then.
    UnknownNameError
        When there is no such connector or option.
    """
    chosen = choose(paths, source, options=options, instance=instance, words=words_in(workspace.root))
    try_first(chosen, time_zone)
    results = []
    for one in chosen:
        result = import_files(workspace, one.files, one.mapping, time_zone=time_zone, progress=progress)
        said = [f"{path.name} is of no source that desirepath recognises, and was left out." for path in one.left_out]
        results.append(replace(result, warnings=(*said, *result.warnings)))
    return results


def _sorted_in(workspace: Workspace, result: ImportResult, progress: Progress) -> ImportResult:
    """Sort what is stored into journeys. A stop leaves that to the next question."""
    try:
        workspace.engine.refresh(progress)
    except (CancelledError, KeyboardInterrupt):
        text = "Stopped after everything was stored; the next question sorts it into journeys."
        return replace(result, warnings=(*result.warnings, text))
    return result


def folder_of(root: Path, batch: int) -> Path:
    """The archive folder of an import."""
    return root / "archive" / f"{batch:06d}"


def next_batch(root: Path) -> int:
    """The number of the next import."""
    return max((int(path.name) for path in batch_folders(root)), default=0) + 1


def batch_folders(root: Path) -> list[Path]:
    """The archive folders of all imports, in their order."""
    archive = root / "archive"
    return (
        sorted(path for path in archive.iterdir() if path.is_dir() and path.name.isdigit()) if archive.exists() else []
    )


def store_batch(store: Store, folder: Path, batch: int, temp: Path, progress: Progress) -> ImportResult:
    """Store what an archive folder holds; call inside a transaction."""
    manifest, mapping = read_manifest(folder)
    for kind, strength in mapping.kinds.items():
        store.kinds.setdefault(kind.lower(), strength)
    mapped = map_events(folder, temp=temp)
    appended = store.append(mapped.batches, batch, progress)
    inferred = infer(store, batch)
    counts = mapped.counts
    fresh = set_aside(store, mapped.quarantine, batch)
    anything = appended.stored > 0 or fresh > 0
    result = result_of(batch if anything else None, mapping.source, counts, appended, inferred)
    if anything:
        note_batch(store, result, folder, manifest.received_at, mapping.instance)
    return result


def result_of(batch: int | None, source: str, counts: Counts, appended: Appended, inferred: int) -> ImportResult:
    """The account of an import, out of what mapping and storing it counted."""
    return ImportResult(
        batch=batch,
        source=source,
        rows=counts.rows,
        left_out=counts.left_out,
        read=counts.read,
        stored=appended.stored,
        duplicate=appended.duplicate + counts.duplicates,
        quarantined=sum(counts.quarantined.values()),
        reasons=dict(counts.quarantined),
        warnings=tuple(counts.warnings),
        snapshots=appended.snapshots,
        inferred=inferred,
    )


COUNTED = ("rows", "left_out", "read", "stored", "duplicate", "quarantined", "snapshots")
"""What the account of an import counts; columns of `batches`, in their order."""


def note_batch(store: Store, result: ImportResult, folder: Path, received_at: dt.datetime, instance: str) -> None:
    """Write down the account of an import; of one that grows, add to it."""
    counts = [getattr(result, name) for name in COUNTED]
    if store.rows("SELECT 1 FROM batches WHERE batch = ?", [result.batch]):
        more = ", ".join(f"{name} = {name} + ?" for name in COUNTED)
        store.run(f"UPDATE batches SET {more} WHERE batch = ?", [*counts, result.batch])
        return
    head = [result.batch, result.source, instance, folder.name, received_at.isoformat()]
    marks = ", ?" * len(counts)
    store.run(f"INSERT INTO batches VALUES (?, ?, ?, ?, CAST(? AS TIMESTAMPTZ){marks})", [*head, *counts])


def set_aside(store: Store, entries: pa.Table, batch: int) -> int:
    """Keep entries that are not kept yet; return how many those are."""
    before = store.one("SELECT count(*) FROM quarantine")[0]
    store.connection.register("set_aside", entries)
    store.run(
        """INSERT INTO quarantine SELECT ?, s.* FROM set_aside s
        WHERE NOT EXISTS (SELECT 1 FROM quarantine q WHERE q."table" = s."table" AND q.file = s.file
            AND q.line IS NOT DISTINCT FROM s.line AND q.record IS NOT DISTINCT FROM s.record
            AND q.reason_code = s.reason_code AND q.raw = s.raw)""",
        [batch],
    )
    store.connection.unregister("set_aside")
    return int(store.one("SELECT count(*) FROM quarantine")[0] - before)


def resolve_anew(workspace: Workspace, store: Store, cause: str) -> None:
    """Work out who is who, if there is anything new to know."""
    resolve_store(store, workspace.settings.identity, RuleBook(workspace.root).decided(), cause=cause)
