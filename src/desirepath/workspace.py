"""One open workspace: import files, ask questions, look at people.

    import desirepath
    ws = desirepath.open("acme")
    ws.ask("funnel", steps=["visit", "cart", "order"], window="7 days")

The only room that meets both an engine and a question.
"""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer
from desirepath.asking import Asking, How
from desirepath.engines.duckdb import DuckEngine, quiet
from desirepath.engines.engine import Progress
from desirepath.engines.keeping import Standing
from desirepath.engines.memory import DATABASE
from desirepath.engines.stamp import Stamped, write_stamp
from desirepath.errors import WorkspaceError
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.journeys.columns import Columns, Manifest
from desirepath.population import Breakdown, Population
from desirepath.questions.question import Question
from desirepath.segments import Segments
from desirepath.settings import Settings
from desirepath.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.connectors import Mapping as FileMapping
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who
    from desirepath.importing import ImportResult
    from desirepath.measuring import Measuring


def create(
    path: str | Path,
    *,
    time_zone: str,
    week_start: str = "monday",
    currency: str = "EUR",
    name: str | None = None,
) -> Workspace:
    """Make a new workspace and open it.

    Parameters
    ----------
    path
        The folder; it must not hold anything yet.
    time_zone
        IANA zone of its calendar; there is no default, because a guess would move days.
    week_start, currency, name
        See `Settings`.

    Raises
    ------
    WorkspaceError
        If the folder is not empty.
    """
    root = Path(path)
    settings = Settings(name or root.resolve().name, time_zone, week_start.lower(), currency.upper())
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise WorkspaceError(f"{str(root)!r} already exists and is not empty.", looked=str(root.resolve()))
    for folder in ("maps", "questions", "metrics", "archive"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    settings.write(root)
    workspace = Workspace(root)
    workspace.store()
    return workspace


def open_workspace(path: str | Path) -> Workspace:
    """Open a workspace.

    Raises
    ------
    WorkspaceError
        If there is none at `path`.
    """
    return Workspace(Path(path))


class Workspace:
    """One open workspace; a context manager.

    Parameters
    ----------
    root
        Its folder.
    """

    def __init__(self, root: Path) -> None:
        from desirepath.people.rules import FILE

        self.root = root
        self.settings = Settings.read(root)
        self._store: Store | None = None
        self._stamped = Stamped(root / "columns", root / "journeys.duckdb", root / FILE)
        atexit.register(_close_at_exit, weakref.ref(self))
        self.texts = Texts(root)
        self.columns = Columns(root / "columns")
        self.standing = Standing()
        self.engine = self.make_engine(self.columns, is_current=self._is_current)
        self.asking = Asking(self)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    def store(self) -> Store:
        """The database, opened when first needed."""
        if self._store is None:
            path, archive = self.root / "journeys.duckdb", self.root / "archive"
            if not (path.exists() and path.stat().st_size) and archive.is_dir() and any(archive.iterdir()):
                raise WorkspaceError(
                    "The database is missing, but there are archived imports; `desirepath rebuild` makes it again.",
                    looked=str(path),
                )
            (self.root / "columns").mkdir(exist_ok=True)
            self._store = self.open_store(path)
            try:
                self._store.clear_temp()
                self.resolve("rules changed")
            except BaseException:
                self._store.close()
                self._store = None
                raise
        return self._store

    def open_store(self, path: Path) -> Store:
        """A database of this workspace, with its settings."""
        from desirepath.engines.store import Store

        temp = self.root / "temp"
        temp.mkdir(exist_ok=True)
        given = self.settings
        memory = f"{int(DATABASE * given.memory) // 10**6}MB"  # the rest is for arrays
        return Store(path, temp=temp, memory=memory, threads=given.threads, kinds=given.identity.kinds)

    def make_engine(
        self,
        columns: Columns,
        *,
        is_current: Callable[[Manifest], bool],
        who: Callable[[Store], Who] | None = None,
        version: int | None = None,
    ) -> DuckEngine:
        """An engine over this workspace's events, with its settings."""
        return DuckEngine(
            self.store,
            columns,
            is_current=is_current,
            zone=self.settings.time_zone,
            threads=self.settings.threads,
            who=who,
            version=version,
            passers_by=self.settings.identity.count_passers_by,
            memory=self.settings.memory,
            temp=self.root / "temp",
            readers=self.texts,
            standing=self.standing,
        )

    @cached_property
    def accounts(self) -> DuckEngine:
        """What delivers journeys of organisations; made when they are first asked for."""
        from desirepath.beside import accounts

        return accounts(self, self._is_current)

    def resolve(self, cause: str, *, touched: Sequence[int] | None = None) -> int:
        """Work out again who is who, if the rules changed; return how many identities changed hands.

        Parameters
        ----------
        cause
            What changed, for the history.
        touched
            Codes of the identities that the change names; everything is looked at if left out.
        """
        from desirepath.people.rules import RuleBook, mark
        from desirepath.resolving import known_mark, resolve_store

        store, policy, decided = self.store(), self.settings.identity, RuleBook(self.root).decided()
        if known_mark(store) == mark(policy, decided):
            return 0
        with store.transaction():
            return resolve_store(store, policy, decided, cause=cause, touched=touched, everything=touched is None)

    def close(self) -> None:
        """Write everything out and let go of the files."""
        if self._store is None:
            return
        if not (self.root / "journeys.duckdb").exists():
            self._store.close()
            self._store = None
            return
        data, identity = self._store.versions("data", "identity")
        self._store.close()
        self._store = None
        # remembered so that a later process can trust the segments without opening the database
        write_stamp(self.root / "columns", self.root / "journeys.duckdb", {"data": data, "identity": identity})

    def _is_current(self, manifest: Manifest) -> bool:
        from desirepath.people.rules import RuleBook, mark

        def marked() -> int:
            return mark(self.settings.identity, RuleBook(self.root).decided())

        if self._store is None:
            return self._stamped.holds(manifest, self.settings.identity, marked)
        of = (manifest.data_version, manifest.identity_version)
        return manifest.rules == marked() and of == self._store.versions("data", "identity")

    # ---- asking ---------------------------------------------------------------------------------------------

    def ask(
        self,
        question: Question | str,
        *,
        period: str | Period | None = None,
        filter: str | Where | None = None,  # noqa: A002 - the word that users know
        cohort: str | Where | None = None,
        person: str | None = None,
        unit: str = "person",
        use: str | None = None,
        breakdown: str | Breakdown | None = None,
        at: str = "entry",
        top: int = 10,
        several: bool = False,
        compare: Mapping[str, str] | None = None,
        sample: float = 1.0,
        cutoff: str | None = None,
        as_of: int | None = None,
        changed_since: int | None = None,
        identity_sensitivity: bool = False,
        like: str | None = None,
        over: str | None = None,
        preview: Callable[[Answer], None] | None = None,
        progress: Progress = quiet,
        **fields: Any,
    ) -> Answer:
        """Ask a question.

        Parameters
        ----------
        question
            A question such as `Funnel(...)`, or its name with its fields as further arguments.
        period, filter, cohort, person, unit, use
            Whom and when: `"2026-05"`, `"last 30 days"`; which events count; which people do, by an event that fits or
            a segment's name (`"not …"` for others); one, by an identity such as `"email:ann@x.org"`; `person`,
            `session`, `account`, `entity` or `entity:order`; which of a person's units: `"1"`, `"2.."`.
        breakdown, at, top, several
            Field to split by (`nth`: first use, second use …), where its value is taken, how many groups to show, and
            whether a value may be a list.
        compare, sample, cutoff
            Another `period`, `filter` or `cohort`; share of people to ask, drawn by hash; up to when the data is known.
        as_of, changed_since, identity_sensitivity
            Ask by an earlier version of who is who; show beside the answer what that version, or stricter and looser
            rules, would have made of it (tables `identity_changes` and `identity_sensitivity`).
        like, over
            Count as another product would, such as `mixpanel`; ask of each `day` to `year` of the period by itself.
        preview, progress
            Given an answer from a small sample of people first, where there are many; told how far it is, and may
            stop it by `CancelledError`.

        Raises
        ------
        DesirepathError
            When question or population make no sense.
        """
        split = Breakdown(breakdown, at, top, several) if isinstance(breakdown, str) else breakdown
        whom: dict[str, Any] = {"period": period, "filter": filter, "cohort": cohort, "person": person, "unit": unit}
        whom |= {"use": use, "breakdown": split, "sample": sample, "cutoff": cutoff}
        how = How(compare, as_of, changed_since, identity_sensitivity, preview, like, over)
        return self.asking.ask(question, fields, whom, how, progress)

    def metric(self, name: str, *, progress: Progress = quiet, **whom: Any) -> Answer:
        """One metric: its number, interval and target; see `measuring.Measuring.metric`."""
        return self.metrics.metric(name, progress=progress, **whom)

    def outcome(self, name: str, *, progress: Progress = quiet, **whom: Any) -> Answer:
        """What goes with an outcome such as churn, and what lies beneath it; see `outcomes.ask_outcome`."""
        from desirepath.outcomes import ask_outcome

        return ask_outcome(self, name, progress=progress, **whom)

    @property
    def metrics(self) -> Measuring:
        """The metrics that come with desirepath, and those of the folder `metrics/`."""
        from desirepath.measuring import Measuring

        return Measuring(self)

    def population(self, **whom: Any) -> Population:
        """Whom and when to ask, in the workspace's zone; takes what `ask` takes of them."""
        return self.asking.population(**whom)

    @property
    def segments(self) -> Segments:
        """The saved segments."""
        return Segments(self.root)

    def segment_size(self, name: str, *, progress: Progress = quiet) -> int:
        """How many people are in a segment at present."""
        from desirepath.population import Members
        from desirepath.segments import members

        self.engine.refresh(progress)
        found = members(self, self.engine, Members(name, None), progress=progress).places or {}
        return sum(len(places) for places in found.values())

    # ---- data -----------------------------------------------------------------------------------------------

    def import_files(
        self,
        paths: Sequence[str | Path],
        mapping: FileMapping | str | Path | None = None,
        *,
        time_zone: str | None = None,
        progress: Progress = quiet,
    ) -> ImportResult:
        """Import files; see `importing.import_files`."""
        from desirepath.importing import import_files

        return import_files(self, [Path(path) for path in paths], mapping, time_zone=time_zone, progress=progress)

    def import_sources(
        self,
        paths: Sequence[str | Path],
        source: str | None = None,
        *,
        options: Mapping[str, str] | None = None,
        instance: str | None = None,
        time_zone: str | None = None,
        progress: Progress = quiet,
    ) -> list[ImportResult]:
        """Import files that connectors read, each source by itself; see `importing.import_sources`."""
        from desirepath.importing import import_sources

        found = [Path(path) for path in paths]
        return import_sources(
            self, found, source, options=options, instance=instance, time_zone=time_zone, progress=progress
        )

    def rebuild(self, *, progress: Progress = quiet) -> list[ImportResult]:
        """Make the database again from the archive; see `importing.rebuild`."""
        from desirepath.rebuilding import rebuild

        return rebuild(self, progress=progress)

    def sql(self, query: str) -> pa.Table:
        """Ask the database in SQL; tables `events`, `identities`, `people`, `person_of`, `quarantine`, `batches`.

        The database cannot reach files or addresses. The query must be a single SELECT.
        """
        from desirepath.looking import select

        return select(self.store(), query)

    def events(self, where: str | Where | None = None, *, most: int = 50) -> pa.Table:
        """The latest events that fit a filter."""
        from desirepath.looking import latest_events

        return latest_events(self.store(), Where.of(where), most, self.settings.time_zone, self.engine.derived)

    def timeline(self, person: str, *, most: int = 1000) -> pa.Table:
        """One person's events in order, by person id or by an identity such as `email:a@example.org`."""
        from desirepath.looking import timeline

        return timeline(self.store(), person, most)

    def quarantine(self, *, most: int = 100) -> pa.Table:
        """What could not be imported, with where it stood and why."""
        from desirepath.looking import quarantined

        return quarantined(self.store(), most)


def _close_at_exit(held: weakref.ref[Workspace]) -> None:
    workspace = held()
    if workspace is not None:
        workspace.close()
