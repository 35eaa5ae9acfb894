"""What is there of one person? Looked up everywhere, and nothing written.

A person is a set of identities. Theirs are the events that the present verdict gives them, the archived rows that
these were made from, what could not become an event and names them, and their names in rows of others, in rules of
hand and in names of files.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from desirepath.connectors.archive import read_manifest
from desirepath.connectors.erasure import Survey, survey
from desirepath.connectors.ownership import Claim, Name, Sought, Whose
from desirepath.connectors.redaction import MARK, Mentions, mentions_of
from desirepath.engines.store import NORMALISED
from desirepath.engines.verdicts import NOBODY
from desirepath.errors import InputError, WorkspaceError
from desirepath.events.event import KIND_STRENGTHS
from desirepath.importing import batch_folders
from desirepath.looking import find_person
from desirepath.people.erasures import FILE as LOG
from desirepath.people.erasures import KEY
from desirepath.people.rules import FILE as RULES
from desirepath.people.rules import RuleBook
from desirepath.rebuilding import check_archive

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

CLASSES = {"strong": 0, "semi": 1, "weak": 2, "apart": 3}

LONGEST_FILE = 64 << 20
"""Files of the workspace's owner that are larger are not searched for names."""


@dataclass(frozen=True)
class Wanted:
    """Identities of one person.

    Attributes
    ----------
    names
        Kind and value, and how much each proves.
    until
        Only what was received until then concerns us; everything if left out.
    """

    names: Mapping[Name, str]
    until: dt.datetime | None = None

    @property
    def looked_for(self) -> list[Name]:
        """Names that are looked for in texts; a cookie or a device is not."""
        return [name for name, strength in self.names.items() if strength in ("strong", "semi")]

    @property
    def own(self) -> frozenset[Name]:
        """Names that are nobody else's; an account or a network address is others' too."""
        return frozenset(name for name, strength in self.names.items() if strength != "apart")


@dataclass
class Plan:
    """What there is of the wanted people.

    Attributes
    ----------
    codes
        The database's numbers of their identities.
    mentions
        Their names as patterns.
    events
        How many events are theirs.
    surveys
        What each archive folder holds of them.
    rules
        The rules of hand without their names; None where no rule names them.
    changed_rules
        How many rules name them.
    named_in
        Files of the workspace's owner that hold a name of theirs, and that are left as they are.
    """

    codes: list[int]
    mentions: Mentions
    events: int = 0
    surveys: dict[Path, Survey] = field(default_factory=dict)
    rules: str | None = None
    changed_rules: int = 0
    named_in: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How much there is of each."""
        found = sum((each.counts() for each in self.surveys.values()), Counter[str]())
        kinds = ("raw_rows", "quarantined", "redactions", "redacted_rows", "imports")
        kept = len({event for each in self.surveys.values() for event in each.kept})
        return {
            "identities": len(self.codes),
            "events": self.events - kept,
            "kept_events": kept,
            **{kind: found[kind] for kind in kinds},
            "rules": self.changed_rules,
        }


def wanted_person(store: Store, who: str) -> tuple[str, Wanted]:
    """The person that an id or an identity belongs to: id, and all identities.

    Raises
    ------
    InputError
        If nobody or more than one person answers to it, or if it is whoever was at a shared device, of whom nothing is
        known.
    """
    person, name = find_person(store, who)
    rows = store.rows(
        "SELECT i.kind, i.value, i.strength FROM identities i JOIN person_of o ON o.identity = i.code "
        "WHERE o.person = ? ORDER BY i.code",
        [person],
    )
    if not rows:
        raise InputError(f"{name} stands for somebody unknown at a shared device; there is nobody to look for.")
    return name, Wanted({(kind, value): strength for kind, value, strength in rows})


def plan_for(workspace: Workspace, wanted: Sequence[Wanted], progress: Progress) -> Plan:
    """Look for people everywhere.

    Raises
    ------
    WorkspaceError
        If an archived import is missing or damaged.
    """
    store, root = workspace.store(), workspace.root
    folders = batch_folders(root)
    present = {int(folder.name) for folder in folders}
    missing = [row[0] for row in store.rows("SELECT batch FROM batches ORDER BY batch") if row[0] not in present]
    if missing:
        raise WorkspaceError(
            f"The archive of import {missing[0]} is missing, so that nobody can tell what it holds of whom. "
            "Restore it from a backup.",
            looked=str(root / "archive"),
        )
    for number, folder in enumerate(folders):
        progress("checking the archive", number, len(folders))
        check_archive(folder)
    names = {name: strength for one in wanted for name, strength in one.names.items()}
    plan = Plan(_codes(store, names), mentions_of(name for one in wanted for name in one.looked_for))
    events = {id(one): _events(store, one) for one in wanted}
    plan.events = len({event for found in events.values() for event in found})
    (root / "temp").mkdir(exist_ok=True)
    for number, folder in enumerate(folders):
        progress("searching the archive", number, len(folders))
        received = read_manifest(folder)[0].received_at
        active = [one for one in wanted if one.until is None or received <= one.until]
        if active:
            loose = {event for one in active for event, named in events[id(one)].items() if not named}
            plan.surveys[folder] = survey(folder, _sought(store, active, loose), temp=root / "temp")
    plan.rules, plan.changed_rules = cleaned_rules(root, wanted)
    plan.named_in = _named_in(root, plan.mentions)
    return plan


def _codes(store: Store, names: Collection[Name]) -> list[int]:
    with_code = _known(store, names)
    return sorted(code for code, _, _ in with_code.values() if code is not None)


def _known(store: Store, names: Collection[Name]) -> dict[Name, tuple[int | None, str, int | None]]:
    """What the database knows of identities: code, strength and person of each."""
    columns = {key: pa.array([name[k] for name in names], pa.string()) for k, key in enumerate(("kind", "value"))}
    store.connection.register("asked", pa.table(columns))
    rows = store.rows(
        """SELECT a.kind, a.value, i.code, i.strength, o.person FROM asked a
        LEFT JOIN identities i ON i.kind = a.kind AND i.value = a.value
        LEFT JOIN person_of o ON o.identity = i.code"""
    )
    store.connection.unregister("asked")
    every = KIND_STRENGTHS | store.kinds
    return {
        (kind, value): (code, strength or every.get(kind.lower(), "strong"), person)
        for kind, value, code, strength, person in rows
    }


def _events(store: Store, wanted: Wanted) -> dict[str, bool]:
    """The ids of a person's events, and whether an identity of their own names each."""
    own = _codes(store, wanted.own)
    store.connection.register("own", pa.table({"code": pa.array(own, pa.int64())}))
    store.connection.register("theirs", pa.table({"code": pa.array(_codes(store, wanted.names), pa.int64())}))
    rows = store.rows(
        """SELECT CAST(e.id AS VARCHAR), e.identity IN (SELECT code FROM own)
        FROM events e LEFT JOIN person_of_event o ON o.seq = e.seq
        WHERE (e.identity IN (SELECT code FROM own) OR o.person IN (
            SELECT person FROM person_of WHERE person >= 0 GROUP BY person
            HAVING bool_and(identity IN (SELECT code FROM theirs))))
        AND (? IS NULL OR e.received_at <= CAST(? AS TIMESTAMPTZ))""",
        [None if wanted.until is None else wanted.until.isoformat()] * 2,
    )
    for name in ("own", "theirs"):
        store.connection.unregister(name)
    return dict(rows)


def _somebodys(store: Store, ids: Collection[str]) -> set[str]:
    """Those of some events that belong to anybody."""
    store.connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
    rows = store.rows(
        "SELECT CAST(e.id AS VARCHAR) FROM events e JOIN person_of_event o ON o.seq = e.seq "
        "WHERE e.id IN (SELECT CAST(id AS UUID) FROM asked)"
    )
    store.connection.unregister("asked")
    return {event for (event,) in rows}


def _sought(store: Store, active: Sequence[Wanted], loose: set[str]) -> Sought:
    own = frozenset(name for one in active for name in one.own)
    mentions = mentions_of(name for one in active for name in one.looked_for)
    return Sought(own, mentions, frozenset(loose), NORMALISED, _judge(store, own, loose))


def _judge(store: Store, own: frozenset[Name], loose: set[str]) -> Callable[[Sequence[Claim]], list[Whose]]:
    """Whose an event is, by the rules that the store names events by."""

    def whose(claims: Sequence[Claim]) -> list[Whose]:
        known = _known(store, {name for claim in claims for name in claim.names})
        somebodys = _somebodys(store, {claim.id for claim in claims if claim.id is not None})

        def of(claim: Claim) -> Whose:
            for name in sorted(claim.names, key=lambda name: CLASSES[known[name][1]]):
                _, strength, person = known[name]
                firm = strength in ("strong", "semi")
                if name in own:
                    return "theirs"
                if firm and person == NOBODY:
                    continue  # a value that is blocked names nobody
                if firm or (person != NOBODY and claim.id not in loose):
                    return "others"
                break
            # a shared device: whose it is depends on the moment, and was decided when it was stored
            return "theirs" if claim.id in loose else "others" if claim.id in somebodys else "unattributed"

        return [of(claim) for claim in claims]

    return whose


def cleaned_rules(root: Path, wanted: Iterable[Wanted]) -> tuple[str | None, int]:
    """The rules of hand without the names of people: the file's new text, None where it stays, and how many changed.

    Rules keep their numbers, so that what takes one back still does.
    """
    RuleBook(root).rules()  # says which line cannot be read
    try:
        lines = (root / RULES).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None, 0
    changed: set[int] = set()
    for one in wanted:
        mentions = mentions_of(one.looked_for)
        for place, line in enumerate(lines):
            raw = json.loads(line)
            if one.until is not None and dt.datetime.fromisoformat(raw["at"]) > one.until:
                continue
            new = {key: _cleaned(value, one.names, mentions) for key, value in raw.items()}
            if new != raw:
                changed.add(place)
                lines[place] = json.dumps(new, ensure_ascii=False)
    return "".join(line + "\n" for line in lines) if changed else None, len(changed)


def _cleaned(value: Any, names: Collection[Name], mentions: Mentions) -> Any:
    if isinstance(value, list) and len(value) == 2 and tuple(value) in names:
        return [value[0], MARK]
    if isinstance(value, list):
        return [_cleaned(each, names, mentions) for each in value]
    return mentions.replaced(value)[0] if isinstance(value, str) else value


OURS = {LOG, KEY, RULES, "archive", "columns", "temp"}


def _named_in(root: Path, mentions: Mentions) -> list[str]:
    """Files of the workspace's owner, such as saved questions, that hold one of the names."""
    found = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        ours = inside.parts[0] in OURS or inside.name.startswith(("journeys.", "suggestions."))
        if ours or not path.is_file() or path.stat().st_size > LONGEST_FILE:
            continue
        if mentions.replaced(path.read_bytes().decode("utf-8", "surrogateescape"))[1]:
            found.append(str(inside))
    return found
