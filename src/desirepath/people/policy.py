"""Which rules decide who is one person? Limits that keep accidents small, and what each kind of identity proves.

Every limit can be set in `workspace.toml`; a changed rule changes who is who from the next look on, for the whole
history, and back again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_args

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.event import Strength
from desirepath.events.moments import duration

POLICY_VERSION = 1
"""Raised whenever the rules themselves change, so that a verdict can say by which it was reached."""


@dataclass(frozen=True)
class Policy:
    """The limits of resolution.

    Parameters
    ----------
    same_kind
        How many strong identities of one kind a person may have, such as customer numbers; 1 is strict. Two that share
        only an address need a device that speaks for them.
    fan_out
        How many identities of one kind an e-mail address or phone number may stand beside before it proves nothing.
    most
        How many strong and semi identities a person may have.
    most_linked
        How many weak identities may be linked into one device.
    shared_by
        How many people a device may be shared by; beyond that it is a kiosk.
    reach
        How long before a login a shared device's events still count for who logged in.
    lead
        How long before a login its person is taken to be there already, and at a kiosk how long after.
    kinds
        What identities of a kind prove, where it is not what we know of that kind.
    blocked
        Values that name nobody, as `value` or `kind:value`, beside the placeholders that mappings leave out anyway.
    count_passers_by
        Whether visits to a kiosk that nobody logged in to count as people.
    """

    same_kind: int = 3
    fan_out: int = 3
    most: int = 50
    most_linked: int = 50
    shared_by: int = 5
    reach: str = "30 days"
    lead: str = "30 minutes"
    kinds: Mapping[str, Strength] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    count_passers_by: bool = False

    def __post_init__(self) -> None:
        """Refuse limits that cannot be."""
        for name in ("same_kind", "fan_out", "most", "most_linked", "shared_by"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InputError(f"The identity setting {name} must be a whole number from 1 on, not {value!r}.")
        for name in ("reach", "lead"):
            duration(getattr(self, name))
        for kind, strength in self.kinds.items():
            if strength not in get_args(Strength):
                raise UnknownNameError.of(f"strength of the identity kind {kind!r}", str(strength), get_args(Strength))
        if not all(isinstance(value, str) for value in self.blocked):
            raise InputError("The identity setting blocked must be a list of texts.")

    @classmethod
    def read(cls, raw: object) -> Policy:
        """Read the `[identity]` table of `workspace.toml`.

        Raises
        ------
        InputError
            For a setting that is unknown or cannot be.
        """
        if not isinstance(raw, dict):
            raise InputError(f"[identity] must be a table of settings, not {raw!r}.")
        known = [item.name for item in fields(cls)]
        given: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in known:
                raise UnknownNameError.of("identity setting", name, known)
            if name == "blocked" and not isinstance(value, list):
                raise InputError(f"The identity setting {name} must be a list of texts, not {value!r}.")
            if name == "kinds" and not isinstance(value, dict):
                raise InputError(f"The identity setting kinds must be a table, not {value!r}.")
            if name in ("reach", "lead") and not isinstance(value, str):
                raise InputError(f"The identity setting {name} is a length of time such as '30 days', not {value!r}.")
            given[name] = tuple(value) if isinstance(value, list) else value
        if not isinstance(given.get("count_passers_by", False), bool):
            raise InputError("The identity setting count_passers_by must be true or false.")
        return cls(**given)

    @property
    def reach_us(self) -> int:
        """`reach` in microseconds."""
        return duration(self.reach).microseconds

    @property
    def lead_us(self) -> int:
        """`lead` in microseconds."""
        return duration(self.lead).microseconds

    def variants(self) -> dict[str, Policy]:
        """Stricter and looser rules, to see how far a number depends on them.

        Stricter: one strong identity of a kind, e-mail addresses and phones of two people prove nothing, devices of
        two people are kiosks. Looser: twice the limits.
        """
        stricter = replace(self, same_kind=1, fan_out=1, shared_by=1)
        looser = replace(
            self,
            same_kind=2 * self.same_kind,
            fan_out=2 * self.fan_out,
            most=2 * self.most,
            shared_by=2 * self.shared_by,
        )
        return {"stricter": stricter, "looser": looser}
