"""What does the database know about one person? Identities and why they are theirs, accounts, devices, events."""

from __future__ import annotations

import json
from typing import Any

from desirepath.engines.store import Store

ANOTHER = "(of another person)"
"""Stands for the value of an identity that belongs to somebody else."""

_ORDER = "e.occurred_at, e.sequence NULLS LAST, e.id"
_MINE = "SELECT identity AS code FROM person_of WHERE person = $person"


def known_of(store: Store, person: int) -> dict[str, Any]:
    """Everything about a person, as plain data.

    Identities of other people are not spelled out: only that there was one, and of which kind.
    """
    return {
        "identities": _rows(store, _IDENTITIES, person),
        "evidence": _rows(store, _EVIDENCE, person),
        "former_people": _rows(store, _FORMER, person),
        "accounts": _rows(store, _ACCOUNTS, person),
        "shared_devices": _rows(store, _DEVICES, person),
        "events": [{**event, "properties": json.loads(event["properties"])} for event in _rows(store, _EVENTS, person)],
    }


def _rows(store: Store, query: str, person: int) -> list[dict[str, Any]]:
    return list(store.arrow(query.replace("$person", str(int(person)))).to_pylist())


_SEEN = """SELECT x.kind, x.value, min(occurred_at) AS first_at, max(occurred_at) AS last_at, count(*) AS events FROM (
        SELECT e.occurred_at, unnest(e.identities) AS x FROM events e
        JOIN person_of_event o ON o.seq = e.seq WHERE o.person = $person)
    GROUP BY ALL"""

_IDENTITIES = f"""SELECT i.kind, i.value, i.strength, s.first_at, s.last_at, coalesce(s.events, 0) AS events
    FROM identities i LEFT JOIN ({_SEEN}) s ON s.kind = i.kind AND s.value = i.value
    WHERE i.code IN ({_MINE}) ORDER BY i.strength, i.kind, i.value"""

_ACCOUNTS = f"""SELECT i.kind, i.value, s.first_at, s.last_at, s.events
    FROM identities i JOIN ({_SEEN}) s ON s.kind = i.kind AND s.value = i.value
    WHERE i.strength = 'apart' ORDER BY i.kind, i.value"""

_SPELLED = f"""SELECT i.code, i.kind || ':' || CASE WHEN i.code IN ({_MINE}) OR i.strength = 'apart' OR o.person = -1
        THEN i.value ELSE '{ANOTHER}' END AS name
    FROM identities i LEFT JOIN person_of o ON o.identity = i.code"""

_EVIDENCE = f"""WITH spelled AS ({_SPELLED})
    SELECT x.name AS a, y.name AS b, l.rule, l.source, min(l.first_at) AS first_at, max(l.last_at) AS last_at,
        sum(l.times)::BIGINT AS times, any_value(r.reason) AS refused
    FROM identity_links l JOIN spelled x ON x.code = l.a JOIN spelled y ON y.code = l.b
    LEFT JOIN refused_links r ON (r.a = l.a AND r.b = l.b) OR (r.a = l.b AND r.b = l.a)
    WHERE l.a IN ({_MINE}) OR l.b IN ({_MINE})
    GROUP BY x.name, y.name, l.rule, l.source ORDER BY first_at, a, b"""

_FORMER = f"""WITH spelled AS ({_SPELLED})
    SELECT i.name AS identity, p.name AS person, f.since AS from_version, f.until AS until_version
    FROM former_person_of f JOIN spelled i ON i.code = f.identity LEFT JOIN spelled p ON p.code = f.person
    WHERE f.identity IN ({_MINE}) ORDER BY f.until, identity"""

_DEVICES = """SELECT i.kind, i.value, CASE WHEN s.begin_us > -62135596800000000 THEN make_timestamptz(s.begin_us) END
        AS begin_at, CASE WHEN s.end_us < 253402300800000000 THEN make_timestamptz(s.end_us) END AS end_at
    FROM stretches s JOIN identities i ON i.code = s.identity
    WHERE s.person = $person ORDER BY i.kind, i.value, s.begin_us"""

_EVENTS = f"""SELECT e.occurred_at, e.name, e.channel, e.source, e.instance, e.value, e.currency, e.entity_type,
        e.entity_id, e.session, e.identities, CAST(e.properties AS VARCHAR) AS properties, e.precision, e.quality,
        e.sequence, e.received_at, e.batch AS import, e.raw_table AS "table", e.record, CAST(e.id AS VARCHAR) AS id
    FROM events e JOIN person_of_event o ON o.seq = e.seq WHERE o.person = $person ORDER BY {_ORDER}"""
