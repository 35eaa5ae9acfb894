"""How far does a number depend on who is taken for one person? The same question, asked of other verdicts.

Of an earlier version of who is who, or of what stricter and looser rules would say; the answers stand side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer, Notice
from desirepath.answers.words import cell
from desirepath.engines.accounts import Accounts
from desirepath.engines.duckdb import DuckEngine
from desirepath.engines.verdicts import Verdicts, Who
from desirepath.errors import InputError
from desirepath.journeys.columns import Columns, Manifest
from desirepath.people.rules import RuleBook
from desirepath.resolving import variant

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

Ask = Callable[[DuckEngine], Answer]

NOW = "now"


def ask_beside(
    workspace: Workspace, ask: Ask, as_of: int | None, changed_since: int | None, *, sensitivity: bool
) -> Answer:
    """Ask by an earlier version, or show beside the answer what others would have made of it.

    Parameters
    ----------
    workspace
        Whose people.
    ask
        Asks the question of an engine's journeys.
    as_of, changed_since
        Versions of who is who: to ask by, and to hold the answer against.
    sensitivity
        Whether to hold it against stricter and looser rules.
    """
    answer = ask(workspace.engine if as_of is None else earlier(workspace, as_of))
    if changed_since is not None:
        answer = with_changes(workspace, answer, changed_since, ask)
    return with_sensitivity(workspace, answer, ask) if sensitivity else answer


def earlier(workspace: Workspace, version: int) -> DuckEngine:
    """An engine that delivers journeys by an earlier version of who is who, and all events of today.

    Raises
    ------
    InputError
        If there is no such version.
    """
    known = [row[0] for row in workspace.store().rows("SELECT version FROM identity_versions ORDER BY version")]
    if version not in known:
        raise InputError(f"There is no version {version} of who is who.", allowed=known)
    if version == known[-1]:
        return workspace.engine
    into = Who(f"scratch.person_of_{version}", f"scratch.stretches_{version}")

    def who(store: Store) -> Who:
        Verdicts(store).as_of(version, into)
        return into

    return _engine(workspace, f"version-{version}", who, version)


def under(workspace: Workspace, name: str) -> DuckEngine:
    """An engine that delivers journeys as `stricter` or `looser` rules would make them."""
    policy = workspace.settings.identity.variants()[name]
    into = Who(f"scratch.person_of_{name}", f"scratch.stretches_{name}")

    def who(store: Store) -> Who:
        variant(store, policy, RuleBook(workspace.root).decided(), into)
        return into

    return _engine(workspace, name, who, None)


def _engine(workspace: Workspace, label: str, who: Callable[[Store], Who], version: int | None) -> DuckEngine:
    def is_current(manifest: Any) -> bool:
        present = workspace.engine.refresh()
        return (manifest.data_version, manifest.identity_version, manifest.rules) == (
            present.data_version,
            version or present.identity_version,
            present.rules,
        )

    columns = Columns(workspace.columns.root / "variants" / label)
    return workspace.make_engine(columns, is_current=is_current, who=who, version=version)


def accounts(workspace: Workspace, is_current: Callable[[Manifest], bool]) -> DuckEngine:
    """An engine that delivers journeys of organisations."""
    columns = Columns(workspace.columns.root / "accounts")
    return workspace.make_engine(columns, is_current=is_current, who=lambda _: Accounts())


def ask_accounts(
    workspace: Workspace, ask: Ask, as_of: int | None, changed_since: int | None, *, sensitivity: bool
) -> Answer:
    """Ask of organisations, and say how many events are nobody's or do not say whose they are."""
    if as_of is not None or changed_since is not None or sensitivity:
        raise InputError("Accounts are asked by the present version of who is who alone.")
    answer = ask(workspace.accounts)
    extent = workspace.accounts.extent()
    several = Accounts().in_several(workspace.store())
    text = (
        f"{extent.events - extent.unattributed:,} of {extent.events:,} events belong to one of {extent.people:,} "
        "accounts, the others to none. "
    )
    if several:
        text += (
            f"{several:,} of them were done by members of several accounts at a time and do not say for which; they "
            "are taken for the one whose membership began last."
        )
    else:
        text += "All say for which account they were done, or by somebody who was in one alone."
    return replace(answer, warnings=(*answer.warnings, Notice("accounts", text)))


def with_sensitivity(workspace: Workspace, answer: Answer, ask: Ask) -> Answer:
    """Add what stricter and looser rules of identity would have answered: table and notice `identity_sensitivity`."""
    others = {name: ask(under(workspace, name)) for name in workspace.settings.identity.variants()}
    table = side_by_side(answer, others)
    notice = Notice("identity_sensitivity", _moved(table, "under {} rules of identity", "identity_sensitivity"))
    return _with(answer, notice, table)


def with_changes(workspace: Workspace, answer: Answer, since: int, ask: Ask) -> Answer:
    """Add what the question would have been answered by an earlier version: table and notice `identity_changes`."""
    name = f"version {since}"
    table = side_by_side(answer, {name: ask(earlier(workspace, since))})
    notice = Notice("identity_changes", _moved(table, "by {} of who is who", "identity_changes"))
    return _with(answer, notice, table)


def side_by_side(answer: Answer, others: Mapping[str, Answer]) -> dict[str, list[Any]]:
    """The numbers of several answers to one question: a row per row of the table and measure.

    Parameters
    ----------
    answer
        The one that the others are held against; its column is called `now`.
    others
        The others by name.
    """
    columns = answer.columns
    keys = [
        name
        for name, values in columns.items()
        if any(isinstance(value, str) for value in values) and all(isinstance(value, str | None) for value in values)
    ]
    measures = [name for name in columns if name not in keys and not name.endswith(("_low", "_high"))]
    rows = {name: _by_key(each.columns, keys) for name, each in {NOW: answer, **others}.items()}
    table: dict[str, list[Any]] = {name: [] for name in (*keys, "measure", NOW, *others)}
    for key in dict.fromkeys(key for each in rows.values() for key in each):
        for measure in measures:
            for name, part in zip(keys, key, strict=False):
                table[name].append(part)
            table["measure"].append(measure)
            for name, each in rows.items():
                table[name].append(each.get(key, {}).get(measure))
    return table


def _by_key(columns: Mapping[str, list[Any]], keys: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their texts, and by how manieth of the same texts they are: groups may come in another order."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    seen = Counter[tuple[Any, ...]]()
    for row in range(len(next(iter(columns.values()), []))):
        texts = tuple(columns[name][row] for name in keys)
        found[*texts, seen[texts]] = {name: values[row] for name, values in columns.items()}
        seen[texts] += 1
    return found


def _with(answer: Answer, notice: Notice, table: dict[str, list[Any]]) -> Answer:
    return replace(answer, extras={**answer.extras, notice.code: table}, warnings=(*answer.warnings, notice))


def _moved(table: Mapping[str, list[Any]], under_what: str, code: str) -> str:
    """How far the number moves that matters most: the last share that moves, or else the last number."""
    names = list(table)
    others = names[names.index(NOW) + 1 :]
    every = range(len(table[NOW]))
    moves = [row for row in every if any(table[name][row] != table[NOW][row] for name in others)]
    if not moves:
        return f"No number would be another {' or '.join(under_what.format(name) for name in others)}."
    row = ([row for row in moves if table["measure"][row].startswith("of_")] or moves)[-1]
    measure = table["measure"][row]
    where = " ".join(str(table[name][row]) for name in names[: names.index("measure")])
    shown = {name: cell(measure, table[name][row]) or "not told" for name in (NOW, *others)}
    parts = [f"{shown[name]} {under_what.format(name)}" for name in others]
    return f"{where} {measure.replace('_', ' ')}: {shown[NOW]}, {', '.join(parts)}. See --table {code}.".strip()
