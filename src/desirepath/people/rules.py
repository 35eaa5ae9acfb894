"""What did people decide by hand about who is who? A file of rules that only grows, with author and reason.

One JSON object a line in `identity_rules.jsonl` of the workspace. A rule is never changed or removed; `undo` takes one
back. Together with the archive this file is all that who is who depends on, so it belongs into backups and into git.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from desirepath.errors import InputError, WorkspaceError
from desirepath.people.policy import POLICY_VERSION, Policy

FILE = "identity_rules.jsonl"

Action = Literal["link", "cut", "block", "undo", "dismiss"]

Name = tuple[str, str]
"""An identity: kind and value."""


@dataclass(frozen=True)
class Rule:
    """One decision.

    Attributes
    ----------
    number
        Its place in the file, from 1.
    action
        `link` and `cut` say that two identities are, or are not, of one person; `block` that a value names nobody;
        `dismiss` that a suggestion is not to be made again; `undo` takes a rule back.
    a, b
        The identities; `b` only for link, cut and dismiss.
    undone
        The number of the rule that `undo` takes back.
    author, reason, at
        Who decided, why, and when (ISO 8601).
    """

    number: int
    action: Action
    a: Name | None
    b: Name | None
    undone: int | None
    author: str
    reason: str
    at: str

    def to_dict(self) -> dict[str, Any]:
        """The rule as plain data."""
        return {
            "rule": self.number,
            "action": self.action,
            "a": None if self.a is None else list(self.a),
            "b": None if self.b is None else list(self.b),
            "undone": self.undone,
            "author": self.author,
            "reason": self.reason,
            "at": self.at,
        }


@dataclass(frozen=True)
class Decided:
    """What all rules together say: the last word on each pair and value counts."""

    links: frozenset[tuple[Name, Name]]
    cuts: frozenset[tuple[Name, Name]]
    blocked: frozenset[Name]
    dismissed: frozenset[tuple[Name, Name]]


class RuleBook:
    """The rules of one workspace.

    Parameters
    ----------
    root
        The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def rules(self) -> list[Rule]:
        """All rules, oldest first.

        Raises
        ------
        WorkspaceError
            If a line cannot be read.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as problem:
            raise WorkspaceError(f"The identity rules cannot be read: {problem}.", looked=str(self.path)) from problem
        return [self._read(number, line) for number, line in enumerate(lines, start=1)]

    def _read(self, number: int, line: str) -> Rule:
        try:
            raw = json.loads(line)
            if raw["rule"] != number or raw["action"] not in get_args(Action):
                raise ValueError(f"it is not rule {number}, or its action is unknown")
            a, b = (None if raw[key] is None else (str(raw[key][0]), str(raw[key][1])) for key in ("a", "b"))
            return Rule(number, raw["action"], a, b, raw["undone"], raw["author"], raw["reason"], raw["at"])
        except (ValueError, KeyError, TypeError, IndexError) as problem:
            raise WorkspaceError(
                f"Line {number} of the identity rules cannot be read: {problem}.", looked=str(self.path)
            ) from problem

    def add(
        self,
        action: Action,
        a: Name | None = None,
        b: Name | None = None,
        *,
        undone: int | None = None,
        author: str,
        reason: str,
    ) -> Rule:
        """Append a rule; it is on disk when this returns.

        Raises
        ------
        InputError
            If the rule says nothing, lacks a reason, or takes back what is not there.
        """
        rules = self.rules()
        if not reason.strip() or not author.strip():
            raise InputError("A rule needs an author and a reason: others will ask why.")
        if action == "undo":
            standing = [rule.number for rule in self.standing(rules)]
            if undone not in standing:
                raise InputError(f"There is no standing rule {undone} to take back.", allowed=standing)
        elif a is None or (action != "block" and (b is None or a == b)):
            raise InputError(f"A rule to {action} needs {'one identity' if action == 'block' else 'two identities'}.")
        rule = Rule(len(rules) + 1, action, a, b, undone, author.strip(), reason.strip(), _now())
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(rule.to_dict(), ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
        return rule

    def standing(self, rules: Sequence[Rule] | None = None) -> list[Rule]:
        """The rules that were not taken back. To take back an `undo` brings its rule back."""
        known = self.rules() if rules is None else rules
        gone: set[int] = set()
        for rule in reversed(known):
            if rule.action == "undo" and rule.number not in gone and rule.undone is not None:
                gone.add(rule.undone)
        return [rule for rule in known if rule.number not in gone]

    def decided(self) -> Decided:
        """What the rules say together."""
        pairs: dict[tuple[Name, Name], str] = {}
        blocked: set[Name] = set()
        dismissed: set[tuple[Name, Name]] = set()
        for rule in self.standing():
            if rule.a is not None and rule.b is not None:
                pair = (rule.a, rule.b) if rule.a < rule.b else (rule.b, rule.a)
                if rule.action == "dismiss":
                    dismissed.add(pair)
                else:
                    pairs[pair] = rule.action
            elif rule.action == "block" and rule.a is not None:
                blocked.add(rule.a)
        links = frozenset(pair for pair, action in pairs.items() if action == "link")
        cuts = frozenset(pair for pair, action in pairs.items() if action == "cut")
        return Decided(links, cuts, frozenset(blocked), frozenset(dismissed))


def mark(policy: Policy, decided: Decided) -> int:
    """A number that changes with the limits and the rules of hand."""
    rules = [sorted(part) for part in (decided.links, decided.cuts, decided.blocked)]
    return zlib.crc32(repr((POLICY_VERSION, policy, rules)).encode())


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
