"""`people why, conflicts, versions, rules, link, cut, block, undo`: checking and correcting who is one person."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.looking import records
from desirepath.cli.running import Output, Run, command
from desirepath.cli.values import moment_text, of_arrow
from desirepath.recognising import MEANING

if TYPE_CHECKING:
    import datetime as dt

    from desirepath.cli.screen import Screen

One = Annotated[str, typer.Argument(metavar="A", help="An identity, such as email:ann@example.org.")]
Two = Annotated[str, typer.Argument(metavar="B", help="Another identity.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the rule.")]
Author = Annotated[str | None, typer.Option(help="Who decides; the name you are logged in by if left out.")]


def register(people: typer.Typer) -> None:
    """Add the commands."""
    command(people, "why")(why)
    command(people, "conflicts")(conflicts)
    command(people, "versions")(versions)
    command(people, "rules")(rules)
    command(people, "link")(link)
    command(people, "cut")(cut)
    command(people, "block")(block)
    command(people, "undo")(undo)


def why(run: Run, a: One, b: Two) -> None:
    """Why two identities are, or are not, of one person: the path of evidence."""
    from desirepath.knowing import why as explain

    with run.workspace() as workspace:
        found = explain(workspace.store(), a, b)
        zone = workspace.settings.time_zone
    screen = run.screen
    if screen.as_json:
        return screen.document(found)
    if found["same"]:
        screen.say(f"{found['a']} and {found['b']} are one person: {found['people'][0]}.", "bold")
        for step in found["path"]:
            screen.say(f"  {_link(step, zone)}")
        return None
    screen.say(f"{found['a']} and {found['b']} are not known to be one person.", "bold")
    for person, name in zip(found["people"], (found["a"], found["b"]), strict=True):
        screen.say(f"  {name} belongs to {person or 'nobody alone'}")
    for refused in found["refused"]:
        screen.say(f"  {refused['a']} with {refused['b']} joined nobody: {MEANING[refused['reason']]}")
    if not found["refused"]:
        screen.say("  nothing that was seen connects them")
    return None


def _link(step: dict[str, Any], zone: str) -> str:
    if step["rule"] == "by hand":
        return f"{step['a']} with {step['b']}: a rule of hand"
    times = "once" if step["times"] == 1 else f"{step['times']:,} times"
    return (
        f"{step['a']} with {step['b']}: on the {step['rule']} of {step['source']}, {times}, "
        f"first {_moment(step['first_at'], zone)} (event {step['first_event']})"
    )


def _moment(at: dt.datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return moment_text(at.astimezone(ZoneInfo(zone)), "second")


def conflicts(
    run: Run,
    most: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    reasons: Annotated[bool, typer.Option("--reasons", help="Only how many there are by reason.")] = False,
    output: Output = "text",
) -> None:
    """Links that joined nobody, and why: the places worth checking."""
    from desirepath.knowing import conflict_reasons
    from desirepath.knowing import conflicts as refused

    with run.workspace() as workspace:
        store = workspace.store()
        found = of_arrow(conflict_reasons(store) if reasons else refused(store, most), workspace.settings.time_zone)
    screen = run.screen
    if screen.as_json:
        return screen.document({"conflicts": records(found)})
    if output == "csv":
        return screen.csv(found)
    if not found["reason"]:
        return screen.say("No link was refused.")
    if not reasons:
        found = {name: found[name] for name in ("reason", "a", "b", "source", "times")}
    screen.table(found)
    for reason in dict.fromkeys(found["reason"]):
        screen.hint(f"{reason}: {MEANING[reason]}")
    return None


def versions(run: Run, output: Output = "text") -> None:
    """The versions of who is who: when each was made, why, and how many identities changed hands."""
    from desirepath.knowing import versions as known

    with run.workspace() as workspace:
        found = of_arrow(known(workspace.store()), workspace.settings.time_zone)
    if run.as_json:
        return run.screen.document({"versions": records(found)})
    if output == "csv":
        return run.screen.csv(found)
    run.screen.table(found)
    return run.screen.hint("desirepath ask ... --as-of VERSION asks by an earlier one.")


def rules(run: Run, output: Output = "text") -> None:
    """The rules of hand, with author and reason; those that were taken back are marked."""
    from desirepath.people.rules import RuleBook

    with run.workspace() as workspace:
        book = RuleBook(workspace.root)
        known = book.rules()
        standing = {rule.number for rule in book.standing(known)}
    rows = [{**rule.to_dict(), "standing": rule.number in standing} for rule in known]
    if run.as_json:
        return run.screen.document({"rules": rows})
    if not rows:
        return run.screen.say("There are no rules of hand.")
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("a", "b"):
        columns[name] = ["" if pair is None else ":".join(pair) for pair in columns[name]]
    columns["undone"] = ["" if number is None else number for number in columns["undone"]]
    return run.screen.csv(columns) if output == "csv" else _rules_table(run.screen, columns)


def _rules_table(screen: Screen, columns: dict[str, list[Any]]) -> None:
    screen.table({name: values for name, values in columns.items() if any(value not in ("", None) for value in values)})


def link(run: Run, a: One, b: Two, reason: Reason, author: Author = None) -> None:
    """Say that two identities are of one person, whatever the limits say."""
    _decide(run, "link", a, b, reason, author)


def cut(run: Run, a: One, b: Two, reason: Reason, author: Author = None) -> None:
    """Say that two identities are not of one person, whatever connects them."""
    _decide(run, "cut", a, b, reason, author)


def block(run: Run, a: One, reason: Reason, author: Author = None) -> None:
    """Say that an identity names nobody: a test account, a shop's own address."""
    _decide(run, "block", a, None, reason, author)


def undo(
    run: Run,
    rule: Annotated[int, typer.Argument(metavar="RULE", help="The rule's number; see people rules.")],
    reason: Reason,
    author: Author = None,
) -> None:
    """Take a rule back; who is who is exactly as if it had never been."""
    from desirepath.knowing import undo as take_back

    with run.workspace() as workspace, run.progress() as progress:
        number, changed = take_back(workspace, rule, author=author or getpass.getuser(), reason=reason)
        workspace.engine.refresh(progress)
        version = workspace.engine.extent().identity_version
    _say(run, number, changed, version)


def _decide(run: Run, action: str, a: str, b: str | None, reason: str, author: str | None) -> None:
    from desirepath.knowing import decide

    with run.workspace() as workspace, run.progress() as progress:
        number, changed = decide(workspace, action, a, b, author=author or getpass.getuser(), reason=reason)
        workspace.engine.refresh(progress)
        version = workspace.engine.extent().identity_version
    _say(run, number, changed, version)


def _say(run: Run, number: int, changed: int, version: int) -> None:
    if run.as_json:
        return run.screen.document({"rule": number, "changed": changed, "identity_version": version})
    return run.screen.say(
        f"Rule {number}: {changed:,} identit{'y' if changed == 1 else 'ies'} changed hands; who is who is at version "
        f"{version}. "
        f"`desirepath people undo {number}` takes it back."
    )
