"""What is known about who is who? Identities, links, logins and rules of hand, as arrays for the people's room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.store import Store
from desirepath.events.event import VENDOR_KINDS

Array = npt.NDArray[Any]

CLASS_SQL = "CASE strength WHEN 'strong' THEN 0 WHEN 'semi' THEN 1 WHEN 'weak' THEN 2 ELSE 3 END"

_VENDORS = "(" + ", ".join(f"'{kind}'" for kind in sorted(VENDOR_KINDS)) + ")"

Pair = tuple[tuple[str, str], tuple[str, str]]
"""Two identities, each as kind and value."""


@dataclass(frozen=True)
class Facts:
    """Identities in the order of class, kind and value, and the links between them, as arrays.

    Of one class, your own kinds come before those of vendors.

    Attributes
    ----------
    code
        int64[n]: the store's number of each identity.
    strength, kind, blocked
        int8[n], int64[n], bool[n].
    a, b, first, pinned
        int64[m], int64[m], int64[m], bool[m]: links by place in the order, a < b.
    cuts
        int64[c, 2]: places.
    """

    code: Array
    strength: Array
    kind: Array
    blocked: Array
    a: Array
    b: Array
    first: Array
    pinned: Array
    cuts: Array


class Evidence:
    """Who was seen with whom.

    Parameters
    ----------
    store
        The workspace's database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def links(self) -> tuple[int, Array, Array]:
        """One more than the highest code, and the two ends of everything that was linked, by code."""
        found = columns_of(self._store.arrow("SELECT a, b FROM identity_links UNION ALL SELECT a, b FROM by_hand"))
        return int(self._store.one("SELECT coalesce(max(code), -1) + 1 FROM identities")[0]), found["a"], found["b"]

    def touched(self) -> Array:
        """Codes of the identities that new events or rules concern."""
        return columns_of(self._store.arrow("SELECT DISTINCT code FROM touched"))["code"]

    def reach(self, codes: Array) -> None:
        """Look at these identities alone."""
        self._store.connection.register("given", pa.table({"code": codes}))
        self._store.run(
            """CREATE OR REPLACE TEMP TABLE reached AS SELECT g.code FROM given g
            JOIN identities i ON i.code = g.code WHERE i.strength <> 'visit'"""
        )
        self._store.connection.unregister("given")

    def everything(self) -> None:
        """Reach all identities."""
        self._store.run("CREATE OR REPLACE TEMP TABLE reached AS SELECT code FROM identities WHERE strength <> 'visit'")

    def add_rules(
        self, links: Iterable[Pair], cuts: Iterable[Pair], blocked: Iterable[str], kinds: dict[str, str]
    ) -> None:
        """Note what rules of hand say: temporary tables `by_hand` (a, b, cut) and `blocked` (code).

        Parameters
        ----------
        links, cuts
            Pairs of identities; those that no event has are noted too, so that a rule may come before its data.
        blocked
            `value` or `kind:value`, in lower case.
        kinds
            Strengths of kinds, where they are not as they were when the identities came.
        """
        run = self._store.run
        given = [(*one, *two, cut) for pairs, cut in ((links, False), (cuts, True)) for one, two in pairs]
        columns: list[Sequence[Any]] = list(zip(*given, strict=True)) if given else [()] * 5
        types = [pa.string()] * 4 + [pa.bool_()]
        names = ["kind_a", "value_a", "kind_b", "value_b", "cut"]
        table = {name: pa.array(list(column), kind) for name, column, kind in zip(names, columns, types, strict=True)}
        self._store.connection.register("given", pa.table(table))
        run(
            """CREATE OR REPLACE TEMP TABLE by_hand AS
            SELECT DISTINCT least(x.code, y.code) AS a, greatest(x.code, y.code) AS b, g.cut FROM given g
            JOIN identities x ON x.kind = g.kind_a AND x.value = g.value_a
            JOIN identities y ON y.kind = g.kind_b AND y.value = g.value_b"""
        )
        self._store.connection.unregister("given")
        self._store.connection.register("values_given", pa.table({"value": pa.array(sorted(blocked), pa.string())}))
        run(
            """CREATE OR REPLACE TEMP TABLE blocked AS SELECT i.code FROM identities i
            WHERE lower(trim(i.value)) IN (SELECT value FROM values_given)
                OR lower(i.kind || ':' || trim(i.value)) IN (SELECT value FROM values_given)"""
        )
        self._store.connection.unregister("values_given")
        for kind, strength in kinds.items():
            run("UPDATE identities SET strength = ? WHERE lower(kind) = ?", [strength, kind])

    def facts(self) -> Facts:
        """What is known about the identities in `reached`."""
        store = self._store
        store.run(
            f"""CREATE OR REPLACE TEMP TABLE numbered AS
            SELECT row_number() OVER (ORDER BY {CLASS_SQL}, i.kind IN {_VENDORS}, i.kind, i.value) - 1 AS n, i.code,
                ({CLASS_SQL})::TINYINT AS class, dense_rank() OVER (ORDER BY i.kind) AS kind,
                i.code IN (SELECT code FROM blocked) AS blocked
            FROM identities i SEMI JOIN reached r ON r.code = i.code WHERE i.strength <> 'visit'"""
        )
        nodes = store.arrow("SELECT code, class, kind, blocked FROM numbered ORDER BY n")
        links = store.arrow(
            """SELECT least(x.n, y.n) AS a, greatest(x.n, y.n) AS b, min(epoch_us(l.first_at)) AS first,
                bool_or(l.pinned) AS pinned
            FROM (SELECT a, b, first_at, false AS pinned FROM identity_links
                UNION ALL SELECT a, b, TIMESTAMPTZ '9999-01-01 00:00:00+00', true FROM by_hand WHERE NOT cut) l
            JOIN numbered x ON x.code = l.a JOIN numbered y ON y.code = l.b
            GROUP BY 1, 2 ORDER BY 1, 2"""
        )
        cuts = store.arrow(
            """SELECT x.n AS a, y.n AS b FROM by_hand h JOIN numbered x ON x.code = h.a
            JOIN numbered y ON y.code = h.b WHERE h.cut ORDER BY 1, 2"""
        )
        node, link = columns_of(nodes), columns_of(links)
        return Facts(
            node["code"],
            node["class"],
            node["kind"],
            node["blocked"],
            link["a"],
            link["b"],
            link["first"],
            link["pinned"],
            np.stack(list(columns_of(cuts).values()), axis=1),
        )

    def logins(self, devices: Array, of_device: Array) -> dict[str, Array]:
        """When firm identities were seen on shared devices: columns `device`, `at` and `identity`.

        Parameters
        ----------
        devices
            int64[k]: codes of weak identities.
        of_device
            int64[k]: the device that each is part of.
        """
        self._devices(devices, of_device)
        return columns_of(
            self._store.arrow(
                f"""SELECT d.device, epoch_us(e.occurred_at) AS at, e.identity FROM (
                    SELECT occurred_at, identity, unnest(identities) AS x
                    FROM (SELECT occurred_at, identity, identities FROM events
                        UNION ALL SELECT occurred_at, identity, identities FROM snapshots)
                    WHERE len(identities) > 1 AND identity IN (
                        SELECT a FROM identity_links WHERE b IN (SELECT code FROM devices)
                        UNION SELECT b FROM identity_links WHERE a IN (SELECT code FROM devices))) e
                JOIN identities w ON w.kind = e.x.kind AND w.value = e.x.value
                JOIN devices d ON d.code = w.code
                JOIN identities f ON f.code = e.identity WHERE {CLASS_SQL.replace("strength", "f.strength")} < 2"""
            )
        )

    def sightings(self, devices: Array, of_device: Array) -> dict[str, Array]:
        """When devices were seen with nobody logged in: columns `device` and `at`."""
        self._devices(devices, of_device)
        return columns_of(
            self._store.arrow(
                """SELECT d.device, epoch_us(e.occurred_at) AS at FROM events e JOIN devices d ON d.code = e.identity
                UNION ALL SELECT d.device, epoch_us(e.occurred_at) FROM renamed r JOIN devices d ON d.code = r.identity
                JOIN events e ON e.seq = r.seq"""
            )
        )

    def _devices(self, devices: Array, of_device: Array) -> None:
        self._store.connection.register("given", pa.table({"code": devices, "device": of_device}))
        self._store.run("CREATE OR REPLACE TEMP TABLE devices AS SELECT * FROM given")
        self._store.connection.unregister("given")

    def rename(self) -> None:
        """Find the next identity of events that a blocked one names: all of them, in the order of the event."""
        self._store.run("DELETE FROM renamed")
        self._store.run(
            f"""INSERT INTO renamed
            SELECT seq, arg_min(code, (class, place)) FROM (
                SELECT e.seq, i.code, {CLASS_SQL.replace("strength", "i.strength")} AS class, e.place
                FROM (SELECT seq, unnest(identities) AS x, generate_subscripts(identities, 1) AS place FROM events
                      WHERE identity IN (SELECT code FROM blocked) AND len(identities) > 1) e
                JOIN identities i ON i.kind = e.x.kind AND i.value = e.x.value
                WHERE i.code NOT IN (SELECT code FROM blocked))
            GROUP BY seq ORDER BY seq"""
        )

    def visits(self, names: Sequence[str]) -> Array:
        """Codes of visits by name, made where there are none yet."""
        self._store.connection.register("given", pa.table({"value": pa.array(list(names), pa.string())}))
        self._store.run(
            """INSERT INTO identities
            SELECT (SELECT coalesce(max(code), -1) FROM identities) + row_number() OVER (ORDER BY g.value), 'visit',
                g.value, 'visit'
            FROM given g ANTI JOIN identities i ON i.kind = 'visit' AND i.value = g.value"""
        )
        found = self._store.arrow(
            """SELECT i.code FROM (SELECT value, row_number() OVER () AS place FROM given) g
            JOIN identities i ON i.kind = 'visit' AND i.value = g.value ORDER BY g.place"""
        )
        self._store.connection.unregister("given")
        return columns_of(found)["code"]

    def spelled(self, codes: Array) -> list[str]:
        """`kind:value` of identities by code."""
        self._store.connection.register("given", pa.table({"code": codes, "place": np.arange(len(codes))}))
        found = self._store.arrow(
            """SELECT i.kind || ':' || i.value AS name FROM given g JOIN identities i ON i.code = g.code
            ORDER BY g.place"""
        )
        self._store.connection.unregister("given")
        return [str(name) for name in found.column("name").to_pylist()]


def columns_of(table: pa.Table) -> dict[str, Array]:
    """The columns of a table as arrays by name."""
    return {name: column.to_numpy() for name, column in zip(table.column_names, table.columns, strict=True)}
