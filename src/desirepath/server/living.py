"""What happens now? The last half hour by minute, what is done on which channel, who is on a journey and who is stuck.

People are counted as questions count them, so that a number leads to as many.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from desirepath.errors import CancelledError, DesirepathError
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer, Table
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store

_log = logging.getLogger("desirepath.server")

MINUTES = 30
MOST = 12
PATIENCE = 2.0
"""Seconds that whoever asks waits for journeys, before they are told as they were found last."""
RESTS = 10
"""After journeys were looked at they are left alone so many times as long as that took, whatever comes meanwhile."""


def minutes_of(state: State, store: Store, now: dt.datetime) -> dict[str, Any]:
    """The events and people of each of the last minutes, the one of now among them, and what they did where."""
    last = now.replace(second=0, microsecond=0)
    first = last - dt.timedelta(minutes=MINUTES - 1)
    kept = "" if state.workspace.settings.identity.count_passers_by else "AND NOT p.passer_by"
    whose = f"""(SELECT e.seq, e.occurred_at, e.name, e.channel, w.person FROM events e LEFT JOIN (
            SELECT o.seq, o.person FROM person_of_event o JOIN people p ON p.person = o.person {kept}
            WHERE o.seq IN (SELECT seq FROM events WHERE occurred_at >= $1 AND occurred_at < $2)
        ) w ON w.seq = e.seq WHERE e.occurred_at >= $1 AND e.occurred_at < $2)"""
    span = [first, last + dt.timedelta(minutes=1)]
    counted = "count(*), count(DISTINCT person)"
    by_minute = {
        moment.astimezone(dt.UTC): (int(events), int(people))
        for moment, events, people in store.rows(
            f"SELECT date_trunc('minute', occurred_at), {counted} FROM {whose} GROUP BY 1", span
        )
    }
    every = [first + dt.timedelta(minutes=k) for k in range(MINUTES)]
    (events, people) = store.one(f"SELECT {counted} FROM {whose}", span)
    (newest,) = store.one("SELECT max(occurred_at) FROM events")
    return {
        "last": None if newest is None else newest.astimezone(dt.UTC).isoformat(),
        "events": int(events),
        "people": int(people),
        "minutes": [
            {"at": at.isoformat(), **dict(zip(("events", "people"), by_minute.get(at, (0, 0)), strict=True))}
            for at in every
        ],
        **{
            f"{column}s": [
                {column: str(value), "events": int(n), "people": int(some)}
                for value, n, some in store.rows(
                    f"""SELECT {column}, {counted} FROM {whose} WHERE {column} IS NOT NULL GROUP BY 1
                    ORDER BY 2 DESC, 1 LIMIT {MOST}""",
                    span,
                )
            ]
            for column in ("name", "channel")
        },
    }


@dataclass
class Journeys:
    """Who is where on the maps; kept, because to find it takes a while and it is asked for every few seconds."""

    state: State
    found: list[dict[str, Any]] = field(default_factory=list)
    stamp: str = ""
    until: float = 0.0
    looking: threading.Thread | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> list[dict[str, Any]]:
        """Per map the stages and how many are there, and the touchpoints where they wait; perhaps as last found.

        Whoever asks waits for it a little; it goes on by itself, and who asks next gets it.
        """
        stamp = self.state.stamp()
        with self.guard:
            busy = self.looking is not None and self.looking.is_alive()
            if not busy and stamp != self.stamp and time.monotonic() >= self.until:
                self.looking = threading.Thread(target=self._look, args=(stamp,), name="desirepath-live", daemon=True)
                self.looking.start()
            looking = self.looking
        if looking is not None:
            looking.join(PATIENCE)
        return self.found

    def _look(self, stamp: str) -> None:
        def wanted(*_: Any) -> None:
            if self.state.closing.is_set():
                raise CancelledError("The server ends.")

        try:
            with self.state.turns.after(wanted):
                began = time.monotonic()
                self.found = self._all(wanted)
                self.stamp, self.until = stamp, time.monotonic() + RESTS * (time.monotonic() - began)
        except CancelledError:
            return
        except Exception:  # noqa: BLE001 - the next look may succeed; what is wrong with the data is told by questions
            _log.exception("It could not be found who is on a journey")
            self.until = time.monotonic() + PATIENCE

    def _all(self, progress: Progress) -> list[dict[str, Any]]:
        workspace, found = self.state.workspace, []
        if workspace.engine.extent().events == 0:
            return []
        for name in workspace.asking.maps.files():
            try:
                found.append(self._one(name, workspace.ask("journey_map", map=name, progress=progress)))
            except CancelledError:
                raise
            except DesirepathError:  # the list of maps says what is wrong with it
                continue
        return found

    def _one(self, name: str, answer: Answer) -> dict[str, Any]:
        stages, table = answer.extras["stages"], answer.columns
        stuck = [
            _waiting(table, place)
            for place, waiting in enumerate(table["waiting"])
            if waiting and table["touchpoint"][place] is not None
        ]
        return {
            "map": name,
            "title": self.state.workspace.asking.maps.get(name).title,
            "stages": [
                {"stage": stage, "now": int(waiting)}
                for stage, waiting in zip(stages["stage"], stages["waiting"], strict=True)
            ],
            "stuck": stuck,
        }


def _waiting(table: Table, place: int) -> dict[str, Any]:
    """Those who wait at a touchpoint, and how many of them longer than three in four who went on."""
    longer = table["waiting_longer"][place]
    return {
        "touchpoint": table["touchpoint"][place],
        "stage": table["stage"][place],
        "waiting": int(table["waiting"][place]),
        "longer_than_usual": longer,
        "usual_seconds": None if longer is None else table["three_quarters_seconds"][place],
    }


__all__ = ["Journeys", "minutes_of"]
