"""What somebody may ask of who measures them, done beside the requests: looked at, handed out, erased.

Each takes from seconds to minutes, so whoever asked looks how far it is. One is done at a time; what it found is kept
for an hour, for who asked alone.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from desirepath.erasing import erase_person, export_person
from desirepath.errors import CancelledError, DesirepathError, UnknownNameError
from desirepath.server.problems import ConflictError, problem_of
from desirepath.server.state import State

Kind = Literal["look", "export", "erase"]
Standing = Literal["running", "done", "failed", "stopped"]

KEPT = 3600.0
"""Seconds for which the outcome is kept."""

UNTIL = "sorting into journeys"
"""The stage of an erasure from which on it is done, and cannot be stopped."""


@dataclass
class Job:
    """One request.

    Attributes
    ----------
    id, kind, author
        Its name, what is done, and for whom.
    handle
        Whom it is about.
    began
        When, in seconds since 1970.
    standing
        How it stands.
    stage, done, total
        How far it is.
    outcome
        What came of it: the receipt of an erasure or of a look, or the document.
    problem
        What went wrong, as it is told.
    """

    id: str
    kind: Kind
    author: str
    handle: str
    began: float
    standing: Standing = "running"
    stage: str = "waiting"
    done: int = 0
    total: int | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    problem: dict[str, Any] | None = None
    stopping: threading.Event = field(default_factory=threading.Event, repr=False)

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Note how far it is; give up where somebody wants that."""
        self.stage, self.done, self.total = stage, done, total
        if self.stopping.is_set() and stage != UNTIL:
            raise CancelledError("It was stopped; nothing has changed.")


class Requests:
    """The requests of one server.

    Parameters
    ----------
    state
        The server's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()

    def begin(self, kind: Kind, person: str, handle: str, author: str, reason: str = "") -> Job:
        """Begin a request.

        Parameters
        ----------
        kind, person, handle
            What is done, and about whom: id and handle.
        author, reason
            Who asks, and why; both stand in the log of erasures.

        Raises
        ------
        ConflictError
            If another is under way.
        """
        job = Job(secrets.token_hex(8), kind, author, handle, time.time())
        with self._guard:
            self._forget_old()
            if any(one.standing == "running" for one in self._jobs.values()):
                raise ConflictError("Another request about a person is under way; wait until it is done.")
            self._jobs[job.id] = job
        work = {"look": self._look, "export": self._export, "erase": self._erase}[kind]
        threading.Thread(
            target=self._run, args=(job, work, person, reason), name=f"privacy {kind}", daemon=True
        ).start()
        return job

    def get(self, author: str, name: str) -> Job:
        """A request of one's own.

        Raises
        ------
        UnknownNameError
            If there is none of that name, or it is another's.
        """
        found = self._jobs.get(name)
        if found is None or found.author != author:
            raise UnknownNameError("There is no such request, or it is over for more than an hour.")
        return found

    def of(self, author: str) -> Job | None:
        """The latest request of one's own."""
        own = [one for one in self._jobs.values() if one.author == author]
        return max(own, key=lambda one: one.began, default=None)

    @property
    def erasing(self) -> bool:
        """Whether somebody is being erased now: whoever reads the database waits until it is done."""
        return any(one.kind == "erase" and one.standing == "running" for one in list(self._jobs.values()))

    def forget(self, job: Job) -> None:
        """Let go of a request and of what it found; one that runs is stopped where that is possible."""
        job.stopping.set()
        if job.standing != "running":
            with self._guard:
                self._jobs.pop(job.id, None)

    def _forget_old(self) -> None:
        for name, one in list(self._jobs.items()):
            if one.standing != "running" and time.time() - one.began > KEPT:
                del self._jobs[name]

    def _run(self, job: Job, work: Callable[[Job, str, str], dict[str, Any]], person: str, reason: str) -> None:
        try:
            job.outcome, job.standing = work(job, person, reason), "done"
        except CancelledError:
            job.standing = "stopped"
        except DesirepathError as problem:
            job.problem, job.standing = problem_of(problem), "failed"
        except BaseException as problem:
            told = f"It went wrong in a way that nobody expected ({type(problem).__name__}); see the server's log."
            job.problem, job.standing = {"error": "Unexpected", "message": told}, "failed"
            raise

    def _look(self, job: Job, person: str, _: str) -> dict[str, Any]:
        with self._state.turns:
            receipt = erase_person(
                self._state.workspace, person, author="-", reason="-", progress=job.progress, dry_run=True
            )
        return {"counts": dict(receipt.counts), "named_in": list(receipt.named_in)}

    def _export(self, job: Job, person: str, _: str) -> dict[str, Any]:
        with self._state.turns:
            return export_person(self._state.workspace, person, progress=job.progress)

    def _erase(self, job: Job, person: str, reason: str) -> dict[str, Any]:
        state = self._state
        with state.reads.shut():
            if state.drainer is not None:
                state.drainer.ended()  # it begins anew with the database that is made
            receipt = erase_person(state.workspace, person, author=job.author, reason=reason, progress=job.progress)
            state.forget()
        with self._guard:
            for one in list(self._jobs.values()):
                if one.handle == job.handle and one is not job:
                    del self._jobs[one.id]
        return receipt.to_dict()


__all__ = ["Job", "Requests"]
