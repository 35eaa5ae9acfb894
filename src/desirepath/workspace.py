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
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer
from desirepath.engines.duckdb import DuckEngine, quiet
from desirepath.engines.engine import Progress
from desirepath.engines.memory import DATABASE
from desirepath.engines.stamp import is_stamped, write_stamp
from desirepath.errors import InputError, WorkspaceError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.journeys.columns import Columns, Manifest
from desirepath.population import Breakdown, Population
from desirepath.questions.question import Question
from desirepath.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.connectors import Mapping as FileMapping
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who
    from desirepath.importing import ImportResult

PREVIEW = 0.02
"""Which share of people a preview asks."""


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
    for folder in ("maps", "questions", "archive"):
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
        self.root = root
        self.settings = Settings.read(root)
        self._store: Store | None = None
        atexit.register(_close_at_exit, weakref.ref(self))
        self.columns = Columns(root / "columns")
        self.engine = self.make_engine(self.columns, is_current=self._is_current)

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
        state = {"data": self._store.version("data"), "identity": self._store.version("identity")}
        self._store.close()
        self._store = None
        # remembered so that a later process can trust the segments without opening the database
        write_stamp(self.root / "columns", self.root / "journeys.duckdb", state)

    def _is_current(self, manifest: Manifest) -> bool:
        from desirepath.people.rules import RuleBook, mark

        if manifest.rules != mark(self.settings.identity, RuleBook(self.root).decided()):
            return False
        if self._store is not None:
            versions = (self._store.version("data"), self._store.version("identity"))
            return (manifest.data_version, manifest.identity_version) == versions
        return is_stamped(self.root / "columns", self.root / "journeys.duckdb", manifest)

    # ---- asking ---------------------------------------------------------------------------------------------

    def ask(
        self,
        question: Question | str,
        *,
        period: str | Period | None = None,
        filter: str | Where | None = None,  # noqa: A002 - the word that users know
        cohort: str | Where | None = None,
        unit: str = "person",
        breakdown: str | Breakdown | None = None,
        at: str = "entry",
        top: int = 10,
        compare: Mapping[str, str] | None = None,
        sample: float = 1.0,
        cutoff: str | None = None,
        as_of: int | None = None,
        changed_since: int | None = None,
        identity_sensitivity: bool = False,
        progress: Progress = quiet,
        preview: Callable[[Answer], None] | None = None,
        **fields: Any,
    ) -> Answer:
        """Ask a question.

        Parameters
        ----------
        question
            A question such as `Funnel(...)`, or its name with its fields as further arguments.
        period, filter, cohort, unit
            Whom and when: `"2026-05"`, `"2026-05-01..2026-06-01"` or `"last 30 days"`; which events count; which
            people do, by at least one event that fits; `person`, `session` or `account`.
        breakdown, at, top
            Field to split by, where its value is taken, and how many groups to show.
        compare
            Another population: `period`, `filter` or `cohort` that differ from this one's.
        sample, cutoff
            Share of people to ask, drawn by hash; the moment up to which the data is known.
        as_of, changed_since, identity_sensitivity
            Ask by an earlier version of who is who; show beside the answer what that version, or stricter and looser
            rules, would have made of it (tables `identity_changes` and `identity_sensitivity`).
        progress, preview
            Told how far it is, and may stop it by `CancelledError`; given a first answer of one in fifty people.

        Raises
        ------
        DesirepathError
            When question or population make no sense.
        """
        asked = _question(question, fields)
        split = Breakdown(breakdown, at, top) if isinstance(breakdown, str) else breakdown
        self.engine.refresh(progress)
        population = self.population(period, filter, cohort, unit, split, sample, cutoff)
        against = None if compare is None else population.compared(compare, self._period)
        ask = partial(self._asked, asked, population, against, progress, preview)
        if unit != "account" and as_of is None and changed_since is None and not identity_sensitivity:
            return ask(self.engine)
        from desirepath.beside import ask_accounts, ask_beside

        beside = ask_accounts if unit == "account" else ask_beside
        return beside(self, ask, as_of, changed_since, sensitivity=identity_sensitivity)

    def _asked(
        self,
        question: Question,
        population: Population,
        against: Population | None,
        progress: Progress,
        preview: Callable[[Answer], None] | None,
        engine: DuckEngine,
    ) -> Answer:
        from desirepath import runner

        engine.refresh(progress)
        if preview is not None:
            few = replace(population, sample=population.sample * PREVIEW)
            preview(runner.ask(question, few, engine, progress=progress))
        return runner.ask(question, population, engine, against=against, progress=progress)

    def population(
        self,
        period: str | Period | None = None,
        filter: str | Where | None = None,  # noqa: A002
        cohort: str | Where | None = None,
        unit: str = "person",
        breakdown: Breakdown | None = None,
        sample: float = 1.0,
        cutoff: str | None = None,
    ) -> Population:
        """Whom and when to ask, in the workspace's zone."""
        from desirepath.events.moments import instant

        return Population(
            period=self._period(period),
            filter=Where.of(filter),
            cohort=Where.of(cohort),
            unit=unit,
            breakdown=breakdown,
            sample=sample,
            cutoff=None if cutoff is None else instant(cutoff, self.settings.time_zone),
            calendar=Calendar(self.settings.time_zone, self.settings.week_start),
            extra={"time_zone": self.settings.time_zone, "workspace": self.settings.name},
        )

    def _period(self, period: str | Period | None) -> Period:
        zone = self.settings.time_zone
        if period is None:
            return Period.everything(zone)
        if isinstance(period, Period):
            return period
        return Period.parse(period, zone, now=self.engine.extent().last, week_start=self.settings.week_start)

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

    def rebuild(self, *, progress: Progress = quiet) -> list[ImportResult]:
        """Make the database again from the archive; see `importing.rebuild`."""
        from desirepath.importing import rebuild

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

        return latest_events(self.store(), Where.of(where), most, self.settings.time_zone)

    def timeline(self, person: str, *, most: int = 1000) -> pa.Table:
        """One person's events in order, by person id or by an identity such as `email:a@example.org`."""
        from desirepath.looking import timeline

        return timeline(self.store(), person, most)

    def quarantine(self, *, most: int = 100) -> pa.Table:
        """What could not be imported, with where it stood and why."""
        from desirepath.looking import quarantined

        return quarantined(self.store(), most)


def _question(question: Question | str, fields: Mapping[str, Any]) -> Question:
    from desirepath.questions.catalog import build

    if isinstance(question, str):
        return build(question, fields)
    if fields:
        raise InputError(f"{', '.join(fields)}: the question's fields are already given.")
    return question


def _close_at_exit(held: weakref.ref[Workspace]) -> None:
    workspace = held()
    if workspace is not None:
        workspace.close()
