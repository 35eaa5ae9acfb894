"""How would others have resolved the same events? Their documented rules, in our own words; and ours beside them.

Each function takes events in the order in which they arrive and gives a person for each, as it stands once all have
arrived. They are re-implementations from public documentation, not the products themselves, and charitable ones: all
but the first drop the same placeholders as we do, although with some products that is a setting, and those that know
nothing but accounts and devices may look up whose an address, a phone number or a customer number is.

Where a rule says "first", it means first to arrive; that is why some of them depend on the order of arrival.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache

from plain import Name, Seen, people

from desirepath.connectors.placeholders import is_placeholder
from desirepath.people.policy import Policy

Found = list[Hashable | None]
"""A person per event; None where the event names nobody."""

PRIORITY = ("user_id", "customer_id", "email", "phone", "cookie")
"""What a profile is looked up by, the most trusted first."""
LOOK_UP = ("email", "phone", "customer_id", "cookie")
"""By what an event without account finds one, the first that has one."""

DAY = 86_400_000_000


def without_placeholders(events: Sequence[Seen]) -> list[Seen]:
    """Drop identities that name nobody, as imports do; an event may be left with none."""
    return [Seen(event.at, tuple(name for name in event.names if names_somebody(name[1]))) for event in events]


@cache
def names_somebody(value: str) -> bool:
    """Whether a value is not a placeholder."""
    return not is_placeholder(value)


def union_find(events: Sequence[Seen]) -> Found:
    """Whatever is on one event is one person, without any guard."""
    parent: dict[Name, Name] = {}

    def root(name: Name) -> Name:
        while (above := parent.setdefault(name, name)) != name:
            parent[name] = parent[above]
            name = parent[above]
        return name

    for event in events:
        for name in event.names[1:]:
            low, high = sorted((root(event.names[0]), root(name)))
            parent[high] = low
    return [root(event.names[0]) if event.names else None for event in events]


def guarded_union_find(events: Sequence[Seen]) -> Found:
    """The same, but placeholders are nobody."""
    return union_find(without_placeholders(events))


@dataclass
class Profile:
    """What a profile holds, by kind, and into which other it went."""

    held: dict[str, set[Name]] = field(default_factory=dict)
    into: Profile | None = None
    identified: bool = False

    def now(self) -> Profile:
        """The profile that this one has become."""
        found = self
        while found.into is not None:
            found = found.into
        return found


def limits_per_kind(events: Sequence[Seen], one: str = "user_id", others: int = 5) -> Found:
    """Segment-like: profiles that an event names are merged, unless the result held too many values of a kind.

    A profile holds one account and five values of every other kind. An event that would break this loses its least
    trusted identity and is tried again, down to one.
    """
    owner: dict[Name, Profile] = {}
    placed: list[Profile | None] = []
    for event in without_placeholders(events):
        names = sorted(event.names, key=lambda name: PRIORITY.index(name[0]))
        while names:
            profiles = {id(found): found for name in names if name in owner for found in [owner[name].now()]}
            held: dict[str, set[Name]] = {}
            for profile in profiles.values():
                for kind, values in profile.held.items():
                    held.setdefault(kind, set()).update(values)
            for name in names:
                held.setdefault(name[0], set()).add(name)
            if len(names) == 1 or all(len(values) <= (1 if kind == one else others) for kind, values in held.items()):
                break
            names.pop()
        placed.append(None if not names else _merged(list(profiles.values()), held, names, owner))
    return [None if profile is None else id(profile.now()) for profile in placed]


def _merged(
    profiles: list[Profile], held: dict[str, set[Name]], names: list[Name], owner: dict[Name, Profile]
) -> Profile:
    into = profiles[0] if profiles else Profile()
    into.held = held
    for profile in profiles[1:]:
        profile.into = into
    for name in names:
        owner[name] = into
    return into


def first_account_keeps(events: Sequence[Seen]) -> Found:
    """Mixpanel-like: a device belongs, past and future, to the account first seen on it; accounts never merge.

    Addresses, phone numbers and customer numbers are looked up in the same way.
    """
    owner: dict[Name, Name] = {}
    cleaned = without_placeholders(events)
    for event in cleaned:
        account = _of_kind(event, "user_id")
        if account is not None:
            for name in event.names:
                owner.setdefault(name, account)
    return [_whose(event, owner) for event in cleaned]


def merge_unless_identified(events: Sequence[Seen]) -> Found:
    """PostHog-like: what an event names goes to its main person, unless it is of a person with an account already.

    The main person is the account's, else the address's, and so on.
    """
    owner: dict[Name, Profile] = {}
    placed: list[Profile | None] = []
    for event in without_placeholders(events):
        order = ("user_id", *LOOK_UP)
        names = sorted(event.names, key=lambda name: order.index(name[0]))
        main = owner.setdefault(names[0], Profile()).now() if names else None
        for name in names[1:]:
            other = owner.setdefault(name, Profile()).now()
            if main is not None and other is not main and not other.identified:
                other.into = main
        if main is not None and names[0][0] == "user_id":
            main.identified = True
        placed.append(main)
    return [None if profile is None else id(profile.now()) for profile in placed]


def field_with_replay(events: Sequence[Seen], window: int = 7 * DAY) -> Found:
    """Adobe-like: an event without person gets the last person seen on its device, whenever that was.

    Where nobody was seen there before, a replay at the end of every seven days gives it the next person who was seen on
    the device within those days; later ones change nothing. Works in the order of time, whatever the order of arrival.
    """
    cleaned = without_placeholders(events)
    in_time = sorted(range(len(cleaned)), key=lambda place: (cleaned[place].at, cleaned[place].names))
    owner: dict[Name, Name] = {}
    for place in in_time:
        account = _of_kind(cleaned[place], "user_id")
        for name in cleaned[place].names:
            if account is not None and name[0] != "cookie":
                owner.setdefault(name, account)
    seen: dict[Name, tuple[list[int], list[Hashable]]] = {}
    person: Found = [None] * len(cleaned)
    for place in in_time:
        event = cleaned[place]
        firm = Seen(event.at, tuple(name for name in event.names if name[0] != "cookie"))
        person[place] = _whose(firm, owner)
        cookie = _of_kind(event, "cookie")
        if cookie is not None and person[place] is not None:
            times, people = seen.setdefault(cookie, ([], []))
            times.append(event.at)
            people.append(person[place])
    start = cleaned[in_time[0]].at if in_time else 0
    for place, event in enumerate(cleaned):
        cookie = _of_kind(event, "cookie")
        if person[place] is None and cookie is not None:
            times, people = seen.get(cookie, ([], []))
            next_one = bisect_right(times, event.at)
            ends = start + ((event.at - start) // window + 1) * window
            if next_one:
                person[place] = people[next_one - 1]
            else:
                person[place] = people[0] if times and times[0] < ends else cookie
    return person


def _of_kind(event: Seen, kind: str) -> Name | None:
    return next((name for name in event.names if name[0] == kind), None)


def _whose(event: Seen, owner: dict[Name, Name]) -> Hashable | None:
    """The account on the event, else the one that something on it belongs to, else what is looked up first."""
    account = _of_kind(event, "user_id")
    if account is not None or not event.names:
        return account
    names = sorted(event.names, key=lambda name: LOOK_UP.index(name[0]))
    return next((owner[name] for name in names if name in owner), names[0])


def ours(events: Sequence[Seen], policy: Policy | None = None) -> Found:
    """Our own resolution, after placeholders were dropped as every import does; it does not ask for the order."""
    cleaned = without_placeholders(events)
    some = [place for place, event in enumerate(cleaned) if event.names]
    found: Found = [None] * len(cleaned)
    for place, person in zip(some, people([cleaned[place] for place in some], policy).of_event, strict=True):
        found[place] = person
    return found


RULES: dict[str, Callable[[Sequence[Seen]], Found]] = {
    "union-find, no guard": union_find,
    "union-find + blocklist": guarded_union_find,
    "limits per kind (Segment-like)": limits_per_kind,
    "first account keeps (Mixpanel-like)": first_account_keeps,
    "merge unless identified (PostHog-like)": merge_unless_identified,
    "field stitch, 7-day replay (Adobe-like)": field_with_replay,
}
"""What others do, by what the tables call it."""
