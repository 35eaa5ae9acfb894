"""How does a workspace learn who is who? Evidence out of the store, through the rules, and the verdict back.

Only what new events or new rules can have changed is looked at again; the result is the same as looking at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.evidence import Evidence, Facts
from desirepath.engines.verdicts import NOBODY, Verdicts, Who
from desirepath.people import resolve as pure
from desirepath.people.policy import Policy
from desirepath.people.resolve import CUT, KIOSK, OWN, REASONS, SHARED, WEAK, Verdict, components
from desirepath.people.rules import mark
from desirepath.people.sharing import NOBODY_KNOWN, PASSER_BY, Stretches, stretches, visits

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.people.rules import Decided

Array = npt.NDArray[Any]

MOST_TOUCHED = 0.5
"""When more than this share of all identities must be looked at, all are."""


@dataclass(frozen=True)
class Judged:
    """A verdict in the store's numbers: tables `groups`, `shared` and `refused` as `Verdicts.keep` takes them."""

    groups: pa.Table
    shared: pa.Table
    refused: pa.Table


def resolve_store(
    store: Store,
    policy: Policy,
    decided: Decided,
    *,
    cause: str,
    touched: Sequence[int] | None = None,
    everything: bool = False,
) -> int:
    """Work out who is who, if there is anything new to know; call inside a transaction.

    Parameters
    ----------
    store
        The database; its table `touched` says what new events concern.
    policy, decided
        The limits, and the rules of hand.
    cause
        What made us look again, for the history.
    touched
        Codes of identities that changed rules name, where nothing else changed.
    everything
        Look at all identities again, because limits or rules changed.

    Returns
    -------
    How many identities changed hands.
    """
    evidence = Evidence(store)
    store.run("CREATE TEMP TABLE IF NOT EXISTS touched (code BIGINT)")
    for code in touched or ():
        store.run("INSERT INTO touched VALUES (?)", [code])
    everything = everything or (touched is None and mark(policy, decided) != known_mark(store))
    _prepare(evidence, policy, decided)
    if everything or int(store.one("SELECT count(*) FROM blocked")[0]):
        evidence.rename()
    reach(evidence, everything=everything)
    changed = Verdicts(store).keep(*_tables(judge(evidence, policy)), cause)
    store.run("DELETE FROM versions WHERE name = 'rules'")
    store.run("INSERT INTO versions VALUES ('rules', ?)", [mark(policy, decided)])
    store.run("DROP TABLE touched")
    return changed


def reach(evidence: Evidence, *, everything: bool) -> None:
    """Decide which identities are looked at: all that links connect, however far, with what was touched.

    Through devices too: who else used a device decides whose it is, and whether two accounts of one address are one.
    """
    if not everything:
        identities, a, b = evidence.links()
        group = components(identities, a, b)
        concerned = np.zeros(identities, dtype=np.bool_)
        concerned[group[evidence.touched()]] = True
        reached = np.flatnonzero(concerned[group])
        everything = len(reached) > MOST_TOUCHED * identities
    if everything:
        evidence.everything()
    else:
        evidence.reach(reached)


def variant(store: Store, policy: Policy, decided: Decided, into: Who) -> None:
    """Work out who would be who under another policy, into tables of its own."""
    evidence = Evidence(store)
    _prepare(evidence, policy, decided)
    evidence.everything()
    judged = judge(evidence, policy)
    Verdicts(store).put(judged.groups, judged.shared, into)


def _prepare(evidence: Evidence, policy: Policy, decided: Decided) -> None:
    blocked = {value.strip().lower() for value in policy.blocked}
    blocked |= {":".join(name).strip().lower() for name in decided.blocked}
    kinds = {kind.lower(): str(strength) for kind, strength in policy.kinds.items()}
    evidence.add_rules(decided.links, decided.cuts, blocked, kinds)


def _tables(judged: Judged) -> tuple[pa.Table, pa.Table, pa.Table]:
    return judged.groups, judged.shared, judged.refused


def known_mark(store: Store) -> int | None:
    """The rules by which the present verdict was reached."""
    rows = store.rows("SELECT version FROM versions WHERE name = 'rules'")
    return int(rows[0][0]) if rows else None


def judge(evidence: Evidence, policy: Policy) -> Judged:
    """The verdict on the identities in `reached`."""
    facts = evidence.facts()
    known = pure.Evidence(
        facts.strength, facts.kind, facts.blocked, facts.a, facts.b, facts.first, facts.pinned, facts.cuts
    )
    verdict = pure.resolve(known, policy)
    person = np.where(verdict.state == OWN, facts.code[verdict.leader], NOBODY) if len(facts.code) else facts.code
    refused = np.flatnonzero(verdict.reason)
    reasons = pa.array(REASONS).take(pa.array(verdict.reason[refused]))
    return Judged(
        pa.table({"identity": facts.code, "person": person}),
        _shared(evidence, facts, verdict, policy),
        pa.table({"a": facts.code[facts.a[refused]], "b": facts.code[facts.b[refused]], "reason": reasons}),
    )


def _shared(evidence: Evidence, facts: Facts, verdict: Verdict, policy: Policy) -> pa.Table:
    """Who had each shared device when."""
    members = np.flatnonzero((verdict.state == SHARED) | (verdict.state == KIOSK))
    nothing = np.zeros(0, dtype=np.int64)
    if not len(members):
        return pa.table({"identity": nothing, "begin_us": nothing, "end_us": nothing, "person": nothing})
    device = verdict.leader[members]
    seen = evidence.logins(facts.code[members], device)
    order = np.argsort(facts.code)
    who = order[np.searchsorted(facts.code, seen["identity"], sorter=order)]
    told = (verdict.state[who] == OWN) & ~_kept_off(facts, verdict, seen["device"], verdict.leader[who])
    at, on, person = seen["at"][told], seen["device"][told], verdict.leader[who][told]
    every = np.unique(device)
    had = stretches(on, at, person, every, verdict.state[every] == KIOSK, policy)
    whose = np.where(had.person >= 0, facts.code[np.maximum(had.person, 0)], NOBODY)
    whose = np.where(had.person == NOBODY_KNOWN, facts.code[had.device], whose)
    had = Stretches(had.device, had.begin, had.end, np.where(had.person == PASSER_BY, PASSER_BY, whose))
    had = _with_visits(evidence, facts, verdict, had, policy)
    return _for_each_part(facts.code[members], device, had)


def _kept_off(facts: Facts, verdict: Verdict, device: Array, person: Array) -> Array:
    """bool per login: whether a rule of hand keeps that person off that device."""
    cut = np.flatnonzero((verdict.reason == CUT) & (facts.strength[facts.b] == WEAK))
    many = len(facts.code)
    forbidden = verdict.leader[facts.b[cut]] * many + verdict.leader[facts.a[cut]]
    return np.isin(device * many + person, forbidden)


def _with_visits(evidence: Evidence, facts: Facts, verdict: Verdict, had: Stretches, policy: Policy) -> Stretches:
    """Split the passers-by's time at kiosks into visits."""
    loose = np.flatnonzero(had.person == PASSER_BY)
    if not len(loose):
        return had
    kiosks = np.flatnonzero(verdict.state == KIOSK)
    seen = evidence.sightings(facts.code[kiosks], verdict.leader[kiosks])
    order = np.lexsort((seen["at"], seen["device"]))
    device, at = seen["device"][order], seen["at"][order]
    stretch = _stretch_of(had, device, at)
    passing = had.person[stretch] == PASSER_BY
    place, begun = visits(stretch[passing], at[passing], policy)
    names = [
        f"{name}@{_iso(moment)}"
        for name, moment in zip(evidence.spelled(facts.code[had.device[place]]), begun.tolist(), strict=True)
    ]
    codes = evidence.visits(names)
    first = np.ones(len(place), dtype=np.bool_)
    first[1:] = place[1:] != place[:-1]
    begin = np.where(first, had.begin[place], begun)
    end = had.end[place]
    end[:-1] = np.where(first[1:], end[:-1], begin[1:])
    rest = np.setdiff1d(np.arange(len(had.device)), place)  # nobody passed by in the others
    parts = [
        (
            had.device[rest],
            had.begin[rest],
            had.end[rest],
            np.where(had.person[rest] == PASSER_BY, -1, had.person[rest]),
        ),
        (had.device[place], begin, end, codes),
    ]
    joined = [np.concatenate([part[k] for part in parts]) for k in range(4)]
    return Stretches(*joined)


def _stretch_of(had: Stretches, device: Array, at: Array) -> Array:
    """The stretch that each sighting falls into; both are in the order of device and moment."""
    keys = np.rec.fromarrays([had.device, had.begin])
    return np.searchsorted(keys, np.rec.fromarrays([device, at]), side="right") - 1


def _for_each_part(codes: Array, device: Array, had: Stretches) -> pa.Table:
    """A row for each identity of a device and each of the device's stretches."""
    by_device = pa.table({"device": had.device, "begin_us": had.begin, "end_us": had.end, "person": had.person})
    joined = pa.table({"identity": codes, "device": device}).join(by_device, "device", join_type="inner")
    return joined.select(["identity", "begin_us", "end_us", "person"])


def _iso(moment: int) -> str:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=moment)).isoformat() + "Z"
