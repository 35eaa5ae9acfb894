"""`people suggest, review, accept, dismiss`: people who may be one, for you to decide."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.running import Output, Run, command
from desirepath.cli.values import of_arrow
from desirepath.errors import InputError

if TYPE_CHECKING:
    from desirepath.suggesting import Searched

Number = Annotated[int, typer.Argument(metavar="N", help="The suggestion's number; see people review.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the rule.")]
Author = Annotated[str | None, typer.Option(help="Who decides; the name you are logged in by if left out.")]


def register(people: typer.Typer) -> None:
    """Add the commands."""
    command(people, "suggest")(suggest)
    command(people, "review")(review)
    command(people, "accept")(accept)
    command(people, "dismiss")(dismiss)


def suggest(
    run: Run,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=FIELD",
            help="What a field of the events holds, such as given_name=first_name; found by name if left out.",
        ),
    ] = None,
    least: Annotated[float, typer.Option(min=0.0, max=1.0, help="The least score of a suggestion.")] = 0.5,
    automatic: Annotated[
        bool, typer.Option("--automatic", metavar="", help="Link at once what is beyond doubt, with a rule for each.")
    ] = False,
) -> None:
    """Search for people who may be one, by names, dates and addresses. Needs the extra 'match'."""
    from desirepath.suggesting import find_suggestions

    fields = None if not field else _fields(field)
    with run.workspace() as workspace, run.progress() as progress:
        found = find_suggestions(workspace, fields, least=least, automatic=automatic, progress=progress)
        if found.linked:
            workspace.engine.refresh(progress)
    _account(run, found)


def _fields(given: list[str]) -> Any:
    """`KIND=FIELD` texts as fields by kind; kinds are checked where they are used."""
    fields: dict[str, list[str]] = {}
    for text in given:
        kind, sign, name = text.partition("=")
        if not sign or not kind.strip() or not name.strip():
            raise InputError(f"{text!r} does not say what a field holds.", nearest="given_name=first_name")
        fields.setdefault(kind.strip(), []).append(name.strip())
    return fields


def _account(run: Run, found: Searched) -> None:
    screen = run.screen
    if screen.as_json:
        return screen.document(found.to_dict())
    screen.say(
        f"{found.records:,} people compared by {len(found.compared)} fields, {found.looked_at:,} pairs looked at."
    )
    for name, kind in found.compared.items():
        screen.say(f"  {name}{'' if name == kind else f' ({kind})'}")
    for name, why in found.left_out.items():
        screen.say(f"  {name} is left out: {why}")
    if found.linked:
        screen.say(f"{found.linked:,} beyond doubt were linked; `desirepath people rules` lists them.")
    screen.say(f"{found.suggestions:,} suggestion{'' if found.suggestions == 1 else 's'} for review.", "bold")
    return screen.hint("desirepath people review shows them; nothing changes until you accept one.")


def review(
    run: Run,
    most: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    output: Output = "text",
) -> None:
    """Suggestions that await a decision, likeliest first, with what speaks for and against in bits."""
    from desirepath.suggesting import review_queue

    with run.workspace() as workspace:
        waiting = review_queue(workspace)
    rows = waiting.slice(0, most).to_pylist()
    screen = run.screen
    if screen.as_json:
        return screen.document({"total": waiting.num_rows, "suggestions": rows})
    if output == "csv":
        return screen.csv(of_arrow(waiting.slice(0, most).drop_columns(["why", "values"])))
    if not rows:
        return screen.say("No suggestion awaits a decision; `desirepath people suggest` searches for some.")
    for row in rows:
        _show(run, row)
    screen.say(f"\n{len(rows):,} of {waiting.num_rows:,}.")
    return screen.hint("desirepath people accept N --reason ..., or dismiss N --reason ...")


def _show(run: Run, row: dict[str, Any]) -> None:
    """One suggestion: who, how likely, the values side by side, and what each comparison said."""
    screen = run.screen
    screen.say(f"{row['number']}. {row['a_kind']}:{row['a_value']} and {row['b_kind']}:{row['b_value']}", "bold")
    screen.say(f"   score {row['score']:.4f}{'' if row['undisputed'] else ', look closely'}")
    said = {reason["field"]: f"{reason['says']} ({reason['weight']:+.1f})" for reason in row["why"]}
    for value in row["values"]:
        if value["a"] is not None or value["b"] is not None:
            words = said.pop(value["field"], "")
            screen.say(f"   {value['field']}: {_side(value['a'])} | {_side(value['b'])}{'   ' if words else ''}{words}")
    for field, words in said.items():
        screen.say(f"   {field}: {words}")


def _side(value: str | None) -> str:
    return "-" if value is None else value


def accept(run: Run, number: Number, reason: Reason, author: Author = None) -> None:
    """Say that the two of a suggestion are one person: a rule that links them."""
    from desirepath.suggesting import accept as decide

    with run.workspace() as workspace, run.progress() as progress:
        rule, changed = decide(workspace, number, author=author or getpass.getuser(), reason=reason)
        workspace.engine.refresh(progress)
        version = workspace.engine.extent().identity_version
    if run.as_json:
        return run.screen.document({"rule": rule, "changed": changed, "identity_version": version})
    return run.screen.say(
        f"Rule {rule}: {changed:,} identit{'y' if changed == 1 else 'ies'} changed hands; who is who is at version "
        f"{version}. `desirepath people undo {rule}` takes it back."
    )


def dismiss(run: Run, number: Number, reason: Reason, author: Author = None) -> None:
    """Say that a suggestion is not to be made again; who is who stays as it is."""
    from desirepath.suggesting import dismiss as decide

    with run.workspace() as workspace:
        rule = decide(workspace, number, author=author or getpass.getuser(), reason=reason)
    if run.as_json:
        return run.screen.document({"rule": rule})
    return run.screen.say(f"Rule {rule}: not to be asked again. `desirepath people undo {rule}` takes it back.")
