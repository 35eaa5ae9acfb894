"""What do we hold about one person? Everything, as one document, for who asks what is known about them.

It holds what an erasure would erase, so that the two cannot differ. Where others stand in it too, it says so; whoever
hands it out looks through those places first.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.connectors.archived_rows import archived_rows, unreadable_lines
from desirepath.engines.dossier import ANOTHER, known_of
from desirepath.engines.duckdb import quiet
from desirepath.erasing.planning import Plan, Wanted, plan_for, wanted_person
from desirepath.looking import find_person
from desirepath.people.rules import Rule, RuleBook

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace


def export_person(
    workspace: Workspace, who: str, to: Path | None = None, *, progress: Progress = quiet
) -> dict[str, Any]:
    """Collect everything that is known about a person.

    Parameters
    ----------
    workspace
        Where from.
    who
        The person's id, or an identity such as `email:ann@example.org`.
    to
        A JSON file to write; an existing one is replaced.
    progress
        Told how far it is.

    Returns
    -------
    `person`; `identities` with when they were seen; `evidence`, the links by which they became one person;
    `former_people`, whom they were taken for at earlier versions; `rules` of hand; `accounts` and `shared_devices`
    with when; `events` in order, with all properties; `rows`, the archived rows as they were imported;
    `unreadable_lines`; `named_in_rows_of_others`, where else a name of theirs stands; `named_in_files`.

    Raises
    ------
    InputError
        If nobody or more than one person answers to `who`.
    WorkspaceError
        If the archive is damaged.
    """
    store = workspace.store()
    person, name = find_person(store, who)
    _, wanted = wanted_person(store, who)
    plan = plan_for(workspace, [wanted], progress)
    document: dict[str, Any] = {
        "person": name,
        "exported_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "workspace": workspace.settings.name,
        **known_of(store, person),
        "rules": [_rule(rule, wanted) for rule in RuleBook(workspace.root).rules() if _names(rule, wanted)],
        **_of_archive(plan, workspace.root / "temp"),
        "named_in_files": list(plan.named_in),
    }
    plain: dict[str, Any] = json.loads(json.dumps(document, default=_plain, ensure_ascii=False))
    if to is not None:
        draft = to.with_name(to.name + ".draft")
        with open(draft, "w", encoding="utf-8", opener=for_owner) as out:
            json.dump(plain, out, indent=1, ensure_ascii=False)
            out.write("\n")
        os.replace(draft, to)
    return plain


def for_owner(path: str, flags: int) -> int:
    """Open a file that nobody but its owner may read."""
    return os.open(path, flags, 0o600)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _names(rule: Rule, wanted: Wanted) -> bool:
    return rule.a in wanted.names or rule.b in wanted.names


def _rule(rule: Rule, wanted: Wanted) -> dict[str, Any]:
    """The rule, with identities of others not spelled out."""
    said = rule.to_dict()
    for end, name in (("a", rule.a), ("b", rule.b)):
        if name is not None and name not in wanted.names:
            said[end] = [name[0], ANOTHER]
    return said


def _of_archive(plan: Plan, temp: Path) -> dict[str, Any]:
    rows, lines, named = [], [], []
    for folder, found in plan.surveys.items():
        batch = int(folder.name)
        rows += [{"import": batch, **row} for row in archived_rows(folder, found.rows, temp=temp)]
        lines += [{"import": batch, **line} for line in unreadable_lines(folder, found.rejected)]
        named += [
            {
                "import": batch,
                "table": table,
                "record": record,
                "columns": sorted(cells),
                "times": sum(hits for _, hits, _ in cells.values()),
            }
            for table, edits in found.edits.items()
            for record, cells in sorted(edits.items())
        ]
    return {"rows": rows, "unreadable_lines": lines, "named_in_rows_of_others": named}
