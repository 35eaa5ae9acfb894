"""Who is behind a number? The units that it counts, by handle, as many as the number says.

The list is kept as it was found, so that the next page of it costs nothing; segments, and who is in them, likewise.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from desirepath.answers.cells import as_json
from desirepath.engines.duckdb import quiet
from desirepath.server.answering import ask, etag_of
from desirepath.server.handles import label_of
from desirepath.server.sorting import Sort, ordered
from desirepath.server.state import State

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.engines.engine import Progress
    from desirepath.server.asked import Wanted

Places = Mapping[int, np.ndarray[Any, Any]]
"""Who belongs to a segment: per block of the engine the places of its people."""

MOST_PLACES = 64 << 20
"""Bytes of places that are kept."""

SHOWN_AS = {"handle": "handle_", "label": "label_"}
"""What columns of a question are called whose names are taken."""


def units(state: State, wanted: Wanted, which: Mapping[str, Any], progress: Progress = quiet) -> pa.Table:
    """The units behind a number: the first column is whose they are.

    Parameters
    ----------
    state
        The server's.
    wanted
        What was asked.
    which
        What selects them, as `Answer.people` takes it.
    progress
        Told how far it is; may raise `CancelledError`.
    """
    import pyarrow as pa

    chosen = json.dumps(which, sort_keys=True, default=str)
    before = etag_of(state, wanted)
    key = hashlib.sha256(f"behind {before} {chosen}".encode()).hexdigest()
    kept = state.replies.get(key)
    if kept is not None:
        return pa.ipc.open_stream(kept).read_all()
    with state.turns.after(lambda before: progress("waiting", 0, before)):
        found = ask(state, wanted, progress).people(**which)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, found.schema) as writer:
        writer.write_table(found)
    if etag_of(state, wanted) == before:  # else data came, or somebody was erased meanwhile
        state.replies.put(key, out.getvalue())
    return found


def sorted_units(state: State, found: pa.Table, sort: str) -> pa.Table:
    """All units by a column, as it is shown; in the answer's order where none is named.

    Raises
    ------
    UnknownNameError
        If there is no such column.
    InputError
        If what stands in it has no order.
    """
    import pyarrow as pa

    by = Sort.of(sort)
    if by is None:
        return found
    whose, *columns = found.schema.names
    known = {SHOWN_AS.get(name, name): name for name in columns}
    by.among(["label", *known])
    if by.column != "label":
        return ordered(found, found[known[by.column]], by)
    handles = state.handles.all_of(str(one) for one in found[whose].to_pylist())
    return ordered(found, pa.chunked_array([pa.array(handles, pa.string())]), by)


def sums(found: pa.Table) -> dict[str, float]:
    """The sums of the columns of numbers, over all units."""
    import pyarrow as pa
    import pyarrow.compute as pc

    _, *columns = found.schema.names
    kinds = {name: found.schema.field(name).type for name in columns}
    added = {
        SHOWN_AS.get(name, name): pc.sum(found[name], skip_nulls=True).as_py()
        for name, kind in kinds.items()
        if pa.types.is_integer(kind) or pa.types.is_floating(kind)
    }
    return {name: float(total) for name, total in added.items() if total is not None and np.isfinite(total)}


def shown(state: State, found: pa.Table, most: int, offset: int) -> list[dict[str, Any]]:
    """Some of the units, by handle and label, with what the question says of each."""
    whose, *columns = found.schema.names
    rows = found.slice(offset, most).to_pylist()
    handles = state.handles.all_of(str(row[whose]) for row in rows)
    return [
        {
            "handle": handle,
            "label": label_of(handle) if whose == "person" else f"A{label_of(handle)[1:]}",
            **{SHOWN_AS.get(name, name): as_json(row[name]) for name in columns},
        }
        for handle, row in zip(handles, rows, strict=True)
    ]


class Belonging:
    """Who belongs to which segment at present; used in turn.

    Parameters
    ----------
    state
        The server's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._kept: OrderedDict[str, Places] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._stamp = ""
        self._guard = threading.Lock()

    def size(self, name: str) -> int | None:
        """How many are in a segment, where that is known already; no turn is needed."""
        with self._guard:
            self._renew()
            return self._sizes.get(name)

    def places(self, name: str, progress: Progress = quiet) -> Places:
        """Who is in a segment; call in turn.

        Raises
        ------
        DesirepathError
            If its people cannot be found.
        """
        with self._guard:
            self._renew()
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        found = self._found(name, progress)
        with self._guard:
            self._kept[name] = found
            self._sizes[name] = sum(len(one) for one in found.values())
            while sum(one.nbytes for places in self._kept.values() for one in places.values()) > MOST_PLACES:
                self._kept.popitem(last=False)
        return found

    def _renew(self) -> None:
        now = self._state.stamp()
        if now != self._stamp:
            self._kept.clear()
            self._sizes.clear()
            self._stamp = now

    def _found(self, name: str, progress: Progress) -> Places:
        from desirepath.population import Members
        from desirepath.segments import members

        workspace = self._state.workspace
        of_accounts = workspace.segments.get(name).asked_of.get("unit") == "account"
        engine = workspace.accounts if of_accounts else workspace.engine
        engine.refresh(progress)
        return members(workspace, engine, Members(name, None), progress=progress).places or {}

    def of(self, person: str, progress: Progress = quiet) -> list[str]:
        """The segments that a person is in; call in turn."""
        from desirepath.errors import CancelledError, DesirepathError

        workspace = self._state.workspace
        workspace.engine.refresh(progress)
        here = workspace.engine.places_of(person)
        found = []
        for name, segment in workspace.segments.all().items():
            if segment.asked_of.get("unit") == "account":
                continue
            try:
                places = self.places(name, progress)
            except CancelledError:
                raise
            except DesirepathError:  # the list of segments says why
                continue
            if any(np.isin(mine, places.get(block, ())).any() for block, mine in here.items()):
                found.append(name)
        return found


__all__ = ["Belonging", "shown", "sorted_units", "sums", "units"]
