"""How is a person erased? Beside everything that is there first, and then at one stroke.

1. look: what there is of the person, in the archive above all (`planning`)
2. prepare: the archive folders without the person, and a database made of them, with the history of who is who
   carried over; whatever goes wrong until here, nothing has changed
3. note in `erasures.jsonl` that it begins
4. put in place: archive folders, rules of hand, database; throw away what is made from them (`placing`)
5. note that it is done

What is stopped after 3 is finished by the next erasure. As the database is made of the archive, the way `rebuild`
makes it, a rebuild gives the same; and no page of the new file ever held the person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from desirepath.connectors.archive import read_manifest
from desirepath.erasing.forgetting import forget_words, words_known
from desirepath.erasing.placing import Prepared, be_alone, clean, go_on, take
from desirepath.erasing.planning import Plan, Wanted, plan_for, wanted_person
from desirepath.errors import CancelledError, InputError, UnknownNameError, WorkspaceError
from desirepath.events.event import KIND_STRENGTHS
from desirepath.people.erasures import Entry, ErasureLog
from desirepath.syncing.run import forget_pulls

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace


@dataclass(frozen=True)
class Erasure:
    """The receipt of an erasure.

    Attributes
    ----------
    numbers
        Its number in `erasures.jsonl`; several where several were done again at once, none where it was only tried.
    at
        When it was decided.
    author, reason
        Who decided, and why.
    counts
        How many `identities`, `events`, `raw_rows` (archived rows), `quarantined` (of these, and of unreadable lines,
        those in quarantine), `redactions` (names in what is others', in `redacted_rows` rows), `rules` of hand, and
        `imports` (archive folders that are written anew). `kept_events` stay: events of a shared device, in a row that
        makes an event of somebody else too, and on which nothing names the person.
    named_in
        Files of your own in the workspace's folder that hold a name; they are left as they are.
    digest
        A keyed hash of the receipt, as `erasures.jsonl` has it; empty where nothing was erased.
    """

    numbers: tuple[int, ...]
    at: str
    author: str
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    named_in: Sequence[str] = ()
    digest: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The receipt as plain data."""
        return {
            "erasures": list(self.numbers),
            "at": self.at,
            "author": self.author,
            "reason": self.reason,
            "counts": dict(self.counts),
            "named_in": list(self.named_in),
            "digest": self.digest,
        }


def erase_person(
    workspace: Workspace,
    who: str,
    *,
    author: str,
    reason: str,
    progress: Progress,
    dry_run: bool = False,
) -> Erasure:
    """Erase one person from the archive, the database and everything made from them; there is no way back.

    Parameters
    ----------
    workspace
        Where from.
    who
        The person's id, or an identity such as `email:ann@example.org`.
    author, reason
        Who decides, and why; both stand in the log, names of the person taken out.
    progress
        Told how far it is, and may stop it by `CancelledError` until it is put in place.
    dry_run
        Only count what there is.

    Raises
    ------
    InputError
        If nobody or more than one person answers to `who`, or author or reason is missing.
    WorkspaceError
        If the workspace is open elsewhere, the archive is damaged, or the disk is full; says whether anything changed.
    CancelledError
        If Ctrl-C came when it was too late; the person is erased then.
    """
    if not author.strip() or not reason.strip():
        raise InputError("An erasure needs an author and a reason: others will ask why.")
    log = ErasureLog(workspace.root)
    finished: list[Entry] = []
    if not dry_run:
        be_alone(workspace)
        _let_nobody_wait(workspace, progress)
        finished = _finish_pending(workspace, log, progress)
    try:
        _, wanted = wanted_person(workspace.store(), who)
    except UnknownNameError:
        for entry in finished:
            if not _hashes_of(log, workspace.store(), who).isdisjoint(entry.identities):
                return _receipt(log, [entry], entry.counts)
        raise
    plan = plan_for(workspace, [wanted], progress)
    said = [plan.mentions.replaced(text.strip())[0] for text in (author, reason)]
    if dry_run:
        return Erasure((), _now().isoformat(), said[0], said[1], plan.counts(), plan.named_in)
    # an import may bear a later moment, where the clock was put back
    moment = max([_now(), *(read_manifest(folder)[0].received_at for folder in plan.surveys)])

    def begun() -> list[Entry]:
        return [log.begin(wanted.names, plan.counts(), at=moment, author=said[0], reason=said[1])]

    entries = _erase(workspace, log, [wanted], plan, begun, progress)
    return _receipt(log, entries, plan.counts(), plan.named_in)


def replay_erasures(workspace: Workspace, *, progress: Progress) -> Erasure | None:
    """Erase again whoever was erased before, such as in a backup that is older than the erasure.

    Only what was received before an erasure is erased again: who came back later stays.

    Parameters
    ----------
    workspace
        The workspace; its `erasures.jsonl` and `erasure.key` tell who.
    progress
        Told how far it is.

    Returns
    -------
    The receipt; None where there was nothing left of anybody.
    """
    log = ErasureLog(workspace.root)
    entries = log.entries()
    if not entries:
        return None
    be_alone(workspace)
    forget_pulls(workspace.root)
    return _again(workspace, log, entries, progress)


def _let_nobody_wait(workspace: Workspace, progress: Progress) -> None:
    """Drain what the collector took and let pulls begin anew, so that nothing of anybody waits where nobody looks."""
    from desirepath.collector.inbox import FILE
    from desirepath.draining import Drain

    forget_pulls(workspace.root)
    if not (workspace.root / FILE).exists():
        return
    drain = Drain(workspace)
    try:
        drain.all(progress)
        drain.scrub()
    finally:
        drain.close()


def _finish_pending(workspace: Workspace, log: ErasureLog, progress: Progress) -> list[Entry]:
    pending = log.pending()
    if pending:
        _again(workspace, log, pending, progress)
    numbers = {entry.number for entry in pending}
    return [entry for entry in log.entries() if entry.number in numbers]


def _again(workspace: Workspace, log: ErasureLog, entries: Sequence[Entry], progress: Progress) -> Erasure | None:
    """Erase what is there of earlier erasures, and note the unfinished ones as done."""
    pending = [entry for entry in entries if entry.done_at is None]
    if pending:
        _take(workspace, [lambda: go_on(workspace.root)])
    found = {entry.number: names for entry in entries if (names := _names_of(workspace.store(), log, entry))}
    concerned = [entry for entry in entries if entry.number in found]
    if not concerned:
        if pending:  # stopped when all was in place
            _take(workspace, [lambda: clean(workspace)])
        for entry in pending:
            log.finish(entry)
        return None
    wanted = [Wanted(found[entry.number], entry.at) for entry in concerned]
    plan = plan_for(workspace, wanted, progress)
    counts = plan.counts()
    if not pending and not any(count for kind, count in counts.items() if kind != "identities"):
        return None  # whoever is found came back later
    every = {entry.number: entry for entry in (*concerned, *pending)}
    _erase(workspace, log, wanted, plan, lambda: list(every.values()), progress)
    return _receipt(log, concerned, counts, plan.named_in)


def _names_of(store: Store, log: ErasureLog, entry: Entry) -> dict[tuple[str, str], str]:
    """The identities of the database that an erasure was about."""
    sought = set(entry.identities)
    found: dict[tuple[str, str], str] = {}
    everybody = store.connection.sql("SELECT kind, value, strength FROM identities WHERE strength <> 'visit'")
    for batch in everybody.to_arrow_reader(100_000):
        rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        hashes = log.hashes((kind, value) for kind, value, _ in rows)
        found |= {(kind, value): strength for kind, value, strength in rows if hashes[kind, value] in sought}
    return found


def _hashes_of(log: ErasureLog, store: Store, who: str) -> set[str]:
    """The hashes of all identities that a text may mean."""
    kind, _, value = who.partition(":")
    kinds = {*KIND_STRENGTHS, *(row[0] for row in store.rows("SELECT DISTINCT kind FROM identities"))}
    return set(log.hashes([(kind, value), *((each, who) for each in kinds)]).values())


def _erase(
    workspace: Workspace,
    log: ErasureLog,
    wanted: Sequence[Wanted],
    plan: Plan,
    begun: Callable[[], list[Entry]],
    progress: Progress,
) -> list[Entry]:
    """Prepare, note that it begins, put in place, note that it is done."""
    prepared = Prepared(workspace)
    prepared.discard()
    entries: list[Entry] = []
    done: list[Entry] = []
    known = words_known(workspace)
    try:
        prepared.fill(wanted, plan, progress)
        pressed = take([lambda: entries.extend(begun())])
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as problem:
        prepared.discard()
        raise WorkspaceError(f"The erasure could not be prepared, and nothing was changed: {problem}.") from problem
    except BaseException:
        prepared.discard()
        raise
    finish = [
        lambda: forget_words(workspace, known),
        lambda: done.extend(log.finish(entry) for entry in entries),
    ]
    pressed |= _take(workspace, [*prepared.steps(), *finish])
    try:
        workspace.engine.refresh(progress)
    except (CancelledError, KeyboardInterrupt):
        pressed = True
    except OSError:
        pass  # the next question sorts into journeys, and says what is wrong
    if pressed:
        numbers = ", ".join(str(entry.number) for entry in entries)
        raise CancelledError(f"Ctrl-C came too late: erasure {numbers} is done, and nothing is left half done.")
    return done


def _take(workspace: Workspace, steps: Sequence[Callable[[], object]]) -> bool:
    try:
        return take(steps)
    except (OSError, duckdb.Error) as problem:
        raise WorkspaceError(
            f"The erasure has begun and could not be finished: {problem}. Run it again; it goes on from there.",
            looked=str(workspace.root),
        ) from problem


def _receipt(
    log: ErasureLog, entries: Sequence[Entry], counts: Mapping[str, int], named_in: Sequence[str] = ()
) -> Erasure:
    first = entries[0]
    return Erasure(
        tuple(entry.number for entry in entries),
        first.at.isoformat(),
        first.author,
        first.reason,
        dict(counts),
        tuple(named_in),
        log.digest(first) if len(entries) == 1 else "",
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
