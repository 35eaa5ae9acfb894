"""Whose is an event on a device that several people share? Of whoever was logged in then.

Between two logins the earlier person has the device until shortly before the later one logs in; before the first login
it belongs to that person for a while back, and to nobody known before that. At a kiosk only the time around a login
counts; the rest is cut into visits of passers-by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.people.policy import Policy

Array = npt.NDArray[Any]

FOREVER = 2**62
NOBODY_KNOWN = -1
"""Stands for whoever used the device before anybody was known."""
PASSER_BY = -2
"""Stands for a visit to a kiosk."""


@dataclass(frozen=True)
class Stretches:
    """Who has a device, and when.

    Attributes
    ----------
    device
        int64[k]: the device, in rising order.
    begin, end
        int64[k]: from when until before when, microseconds; stretches of a device neither overlap nor leave gaps.
    person
        int64[k]: the person, `NOBODY_KNOWN` or `PASSER_BY`.
    """

    device: Array
    begin: Array
    end: Array
    person: Array


def stretches(device: Array, at: Array, person: Array, shared: Array, kiosks: Array, policy: Policy) -> Stretches:
    """Who has each shared device when, by the logins on it.

    Parameters
    ----------
    device, at, person
        int64[logins]: on which device, when (microseconds), and who; in any order.
    shared
        int64[devices]: all shared devices, those without a login too.
    kiosks
        bool[devices]: which of them are kiosks.
    policy
        How far a login reaches.
    """
    never = ~np.isin(shared, device)
    lasting = np.full(int(never.sum()), FOREVER, dtype=np.int64)
    unused = (shared[never], -lasting, lasting, np.where(kiosks[never], PASSER_BY, NOBODY_KNOWN))
    order = np.lexsort((person, at, device))
    device, at, person = device[order], at[order], person[order]
    if not len(device):
        return _merged(*unused)
    kiosk = np.isin(device, shared[kiosks])
    first = np.ones(len(device), dtype=np.bool_)
    first[1:] = device[1:] != device[:-1]
    last = np.roll(first, -1)
    lead = policy.lead_us
    # a person comes shortly before the login, but not while the one before was seen
    comes = at - np.where(first, np.where(kiosk, lead, policy.reach_us), lead)
    comes[1:] = np.where(first[1:], comes[1:], np.maximum(comes[1:], at[:-1] + 1))
    comes = np.minimum(comes, at)
    leaves = np.full(len(at), FOREVER, dtype=np.int64)
    leaves[:-1] = np.where(last[:-1], FOREVER, comes[1:])
    leaves = np.where(kiosk, np.minimum(leaves, at + lead), leaves)
    before = np.where(kiosk, PASSER_BY, NOBODY_KNOWN)
    parts = [(device, comes, leaves, person)]
    parts.append((device[first], np.full(int(first.sum()), -FOREVER), comes[first], before[first]))
    follows = np.where(last, FOREVER, np.roll(comes, -1))
    gap = leaves < follows
    parts.append((device[gap], leaves[gap], follows[gap], before[gap]))
    columns = [np.concatenate([part[k] for part in (*parts, unused)]) for k in range(4)]
    return _merged(*columns)


def _merged(device: Array, begin: Array, end: Array, person: Array) -> Stretches:
    """Order stretches, leave out empty ones, and join neighbours of one person."""
    some = begin < end
    order = np.flatnonzero(some)[np.lexsort((begin[some], device[some]))]
    device, begin, end, person = device[order], begin[order], end[order], person[order]
    new = np.ones(len(device), dtype=np.bool_)
    new[1:] = (device[1:] != device[:-1]) | (person[1:] != person[:-1])
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:] - 1, len(device) - 1) if len(starts) else starts
    return Stretches(device[starts], begin[starts], end[ends], person[starts])


def visits(device: Array, at: Array, policy: Policy) -> tuple[Array, Array]:
    """Cut the events of passers-by into visits: a pause longer than `lead` begins another.

    Parameters
    ----------
    device, at
        int64[events]: on which kiosk and when, in any order.
    policy
        Its `lead` is the pause.

    Returns
    -------
    int64[visits] each: the kiosk, and the moment of the visit's first event; in the order of both.
    """
    order = np.lexsort((at, device))
    device, at = device[order], at[order]
    new = np.ones(len(device), dtype=np.bool_)
    new[1:] = (device[1:] != device[:-1]) | (at[1:] - at[:-1] > policy.lead_us)
    return device[new], at[new]
