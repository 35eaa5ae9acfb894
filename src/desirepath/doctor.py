"""Is the workspace well? Every promise that can be checked from outside, from the archive to the journeys.

Nothing is repaired here: `desirepath rebuild` makes the database and the journeys again from the archive.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from desirepath.connectors.archive import read_manifest, sha256
from desirepath.engines.schema import LATEST
from desirepath.errors import DesirepathError, InputError, WorkspaceError
from desirepath.journeys.kernel import compiles
from desirepath.journeys.machine_code import cache_folder
from desirepath.workspace import Workspace, create, open_workspace

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store

LEAST_FREE = 500 * 1024 * 1024
"""Bytes on disk below which an import is likely to fail."""

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """What one look found; `details` holds the numbers behind the sentence."""

    name: str
    status: Status
    text: str
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The check as plain data."""
        return {"name": self.name, "status": self.status, "text": self.text, "details": self.details}


def examine(root: Path, progress: Progress) -> list[Check]:
    """Look at everything.

    Parameters
    ----------
    root
        The workspace's folder.
    progress
        Told how many archived files are read.

    Returns
    -------
    The checks in order; those that need the database are left out where it cannot be opened.
    """
    checks = [_versions(), _kernels(), _disk(root)]
    try:
        workspace = open_workspace(root)
        with workspace:
            store = workspace.store()
            checks.append(
                Check(
                    "database",
                    "ok",
                    f"opens; nobody else holds it; schema version {LATEST}",
                    {"schema": LATEST},
                )
            )
            checks += [look(store) for look in _LOOKS]
            checks.append(_journeys(workspace, store))
            checks += _archive(root, store, progress)
            checks += _heads(workspace)
    except WorkspaceError as problem:
        checks.append(Check("database", "problem", str(problem)))
    return checks


def _versions() -> Check:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in ("desirepath", "duckdb", "pyarrow", "numpy", "numba"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return Check(
        "versions",
        "ok",
        ", ".join(f"{name} {number}" for name, number in found.items() if number),
        dict(found),
    )


def _kernels() -> Check:
    if not compiles():
        return Check("kernels", "warning", "numba is absent or switched off: same answers, far slower", {"compiled": 0})
    folder = cache_folder()
    kept = len(list(folder.glob("*.o")))
    text = (
        f"numba compiles; machine code of {kept} is kept in {folder}"
        if kept
        else "numba compiles; nothing is kept yet, so the first question is slow (`desirepath doctor --warm`)"
    )
    return Check("kernels", "ok", text, {"compiled": kept, "folder": str(folder)})


def _disk(root: Path) -> Check:
    free = shutil.disk_usage(root).free
    size = sum(path.stat().st_size for path in root.glob("journeys.duckdb*"))
    details = {"free": free, "database": size}
    text = f"{_bytes(free)} free; the database takes {_bytes(size)}"
    if free < LEAST_FREE:
        return Check("disk", "problem", f"{text}: too little to import", details)
    if free < 2 * size:
        return Check("disk", "warning", f"{text}: too little to rebuild beside it", details)
    return Check("disk", "ok", text, details)


def _bytes(number: int) -> str:
    size = float(number)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def _heads(workspace: Workspace) -> list[Check]:
    """Whether what was learned of texts can be used here; silent where it can."""
    try:
        lacking = workspace.texts.lacking()
    except InputError as problem:
        return [Check("sentiment", "problem", str(problem))]
    if not lacking:
        return []
    from desirepath.text.embeddings import INSTALL

    text = f"what was learned of {', '.join(lacking)} needs embeddings that are not here, so that words alone read it"
    text += f": {'; '.join(INSTALL)}"
    return [Check("sentiment", "warning", text, {"lacking": lacking})]


def _verdict(name: str, wrong: int, good: str, bad: str, **details: Any) -> Check:
    """`bad` has a place for the number of what is wrong."""
    if wrong:
        return Check(name, "problem", bad.format(f"{wrong:,}"), {"wrong": wrong, **details})
    return Check(name, "ok", good, {"wrong": 0, **details})


def _account(store: Store) -> Check:
    """The law of conservation, by import and against the tables."""
    rows = store.rows(
        """SELECT b.batch, b.read, b.stored + b.duplicate + b.quarantined, b.stored,
            coalesce(e.events, 0) + coalesce(s.snapshots, 0),
            b.quarantined, coalesce(q.entries, 0)
        FROM batches b
        LEFT JOIN (SELECT batch, count(*) AS events FROM events WHERE id NOT IN (SELECT id FROM inferred)
            GROUP BY batch) e ON e.batch = b.batch
        LEFT JOIN (SELECT batch, count(*) AS snapshots FROM snapshots GROUP BY batch) s ON s.batch = b.batch
        LEFT JOIN (SELECT batch, count(*) AS entries FROM quarantine GROUP BY batch) q ON q.batch = b.batch
        ORDER BY b.batch"""
    )
    wrong = [row[0] for row in rows if row[1] != row[2] or row[3] != row[4] or row[6] > row[5]]
    strays = int(store.one("SELECT count(*) FROM events ANTI JOIN batches USING (batch)")[0])
    read = sum(row[1] for row in rows)
    good = f"{len(rows):,} imports; {read:,} events read = stored + duplicate + quarantined, as the tables count"
    bad = (
        f"{{}} imports do not add up or hold other events than they say: {wrong[:10]}; "
        f"{strays:,} events belong to no import"
    )
    return _verdict("account", len(wrong) + (strays > 0), good, bad, imports=len(rows), read=read, strays=strays)


def _duplicates(store: Store) -> Check:
    events, again, rows, numbers = store.one(
        "SELECT count(*), count(*) - count(DISTINCT id), coalesce(max(seq), -1) + 1, count(DISTINCT seq) FROM events"
    )
    # where an inferred event was taken away again, its number stays free
    if numbers != events or (rows != events and store.version("rows") == 0):
        return Check(
            "duplicates",
            "problem",
            f"{events:,} events are numbered up to {rows:,}; the numbers must be without a gap",
            {"events": events, "rows": rows},
        )
    return _verdict(
        "duplicates",
        again,
        f"none among {events:,} events",
        "{} events have the id of another",
        events=events,
    )


def _orphans(store: Store) -> Check:
    wrong = store.one(
        """SELECT (SELECT count(*) FROM events e ANTI JOIN identities i ON i.code = e.identity)
        + (SELECT count(*) FROM identities i ANTI JOIN person_of o ON o.identity = i.code WHERE i.strength <> 'visit')
        + (SELECT count(*) FROM (SELECT person FROM person_of UNION ALL SELECT person FROM stretches) o
            WHERE o.person <> -1 AND o.person NOT IN (SELECT code FROM identities))
        + (SELECT count(*) - count(DISTINCT identity) FROM person_of)"""
    )[0]
    known, people = store.one("SELECT (SELECT count(*) FROM person_of), (SELECT count(*) FROM people)")
    good = f"{known:,} identities belong to {people:,} people; none leads nowhere"
    return _verdict(
        "identities",
        wrong,
        good,
        "{} events, identities or people lead nowhere",
        identities=known,
        people=people,
    )


def _quarantine(store: Store) -> Check:
    rows = store.rows("SELECT reason_code, count(*) FROM quarantine GROUP BY reason_code ORDER BY 2 DESC, 1")
    total = sum(count for _, count in rows)
    if not total:
        return Check("quarantine", "ok", "empty", {"entries": 0})
    named = ", ".join(f"{count:,} {reason}" for reason, count in rows[:3])
    return Check(
        "quarantine",
        "warning",
        f"{total:,} entries ({named}); `desirepath quarantine` shows them",
        {"entries": total, "reasons": dict(rows)},
    )


_LOOKS: tuple[Callable[[Store], Check], ...] = (_account, _duplicates, _orphans, _quarantine)


_MADE_AGAIN = "they are made again when the folder {} is deleted"


def _journeys(workspace: Workspace, store: Store) -> Check:
    """Do the segments hold what the table holds, name by name?"""
    manifest = workspace.columns.manifest()
    state = store.versions("data", "identity")
    if manifest is None or (manifest.data_version, manifest.identity_version) != state:
        return Check(
            "journeys",
            "ok",
            "not made for the present data yet; the next question makes them",
            {"current": False},
        )
    counts = np.zeros(len(manifest.codes["name"]), dtype=np.int64)
    people = 0
    try:
        for block in workspace.columns.blocks(manifest):
            counts += np.bincount(block.array("name"), minlength=len(counts))
            people += block.people
    except (DesirepathError, ValueError) as problem:
        return Check(
            "journeys",
            "problem",
            f"{problem} {_MADE_AGAIN.format(workspace.columns.root)}",
            {"current": True},
        )
    kept = {
        label: int(count)
        for label, count in zip(manifest.codes["name"], counts, strict=True)
        if label is not None or count
    }
    again = _MADE_AGAIN.format(workspace.columns.root)
    passers_by = workspace.settings.identity.count_passers_by
    stored = dict(
        store.rows(
            f"""SELECT e.name, count(*) FROM events e JOIN person_of_event o ON o.seq = e.seq
            JOIN people p ON p.person = o.person WHERE NOT p.passer_by OR {passers_by} GROUP BY e.name"""
        )
    )
    wrong = sum(kept.get(name, 0) != stored.get(name, 0) for name in {*kept, *stored})
    files = sum(bool(segment.file) for segment in manifest.segments)
    good = (
        f"{files} segments hold {sum(stored.values()):,} of the table's {manifest.events:,} events "
        f"({people:,} people); the others belong to nobody"
    )
    bad = f"{{}} names of events are counted otherwise than in the table; {again}"
    return _verdict(
        "journeys",
        wrong + (people != manifest.people),
        good,
        bad,
        current=True,
        events=manifest.events,
        people=people,
    )


def _archive(root: Path, store: Store, progress: Progress) -> list[Check]:
    """Is every import archived, unchanged since, and nothing left half done?"""
    known = {int(row[0]) for row in store.rows("SELECT batch FROM batches")}
    folder = root / "archive"
    present = {int(path.name) for path in folder.glob("*") if path.is_dir() and path.name.isdigit()}
    wrong = [f"import {batch} has no archive" for batch in sorted(known - present)]
    wrong += [f"archive {batch:06d} is in no database" for batch in sorted(present - known)]
    checked = 0
    for number, batch in enumerate(sorted(present), start=1):
        found, problems = _sums(folder / f"{batch:06d}")
        checked += found
        wrong += problems
        progress("checking the archive", number, len(present))
    good = f"{len(present):,} imports, {checked:,} files unchanged"
    checks = [_verdict("archive", len(wrong), good, f"{{}} things: {'; '.join(wrong[:5])}", files=checked, found=wrong)]
    left = sorted(str(path.relative_to(root)) for path in [*folder.glob("*.tmp"), *root.glob("journeys.rebuilding.*")])
    if left:
        checks.append(
            Check(
                "leftovers",
                "warning",
                f"something was cut short; these may be deleted: {', '.join(left)}",
                {"found": left},
            )
        )
    return checks


def _sums(folder: Path) -> tuple[int, list[str]]:
    try:
        manifest, _ = read_manifest(folder)
    except (InputError, json.JSONDecodeError) as problem:
        return 0, [str(problem)]
    wrong = []
    parts = [part for raw in manifest.raws.values() for part in raw.stored()]
    for part in parts:
        path = folder / str(part.file)
        if not path.is_file():
            wrong.append(f"{path.name} of import {folder.name} is missing")
        elif sha256(path) != part.sha256:
            wrong.append(f"{path.name} of import {folder.name} has changed")
    return len(parts), wrong


def warm_kernels(progress: Progress) -> None:
    """Compile what questions need, by asking some of three rows in a workspace that is thrown away."""
    rows = "person,name,at\n" + "".join(f"p,{name},2026-01-0{day}\n" for day, name in enumerate("abc", start=1))
    mapping = "source: warm\nidentities: {person: person}\nevents: [{name: '{name}', at: at}]\n"
    asked: tuple[dict[str, Any], ...] = (
        {},
        {"order": "strict"},
        {"order": "any"},
        {"entry": "each"},
        {"window": "session"},
        {"exclude": ["c"]},
    )
    with tempfile.TemporaryDirectory(prefix="desirepath-") as name:
        folder = Path(name)
        (folder / "warm.csv").write_text(rows, encoding="utf-8")
        (folder / "warm.yaml").write_text(mapping, encoding="utf-8")
        with create(folder / "warm", time_zone="UTC") as workspace:
            workspace.import_files([folder / "warm.csv"], folder / "warm.yaml", time_zone="UTC")
            for number, fields in enumerate(asked, start=1):
                workspace.ask("funnel", steps=["a", "b"], **fields)
                progress("compiling", number, len(asked))


__all__ = ["Check", "examine", "warm_kernels"]
