"""`desirepath ask QUESTION`: one command per question of the catalog, made from its fields."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from desirepath.cli.answering import export, show_answer, show_people
from desirepath.cli.fields import FieldForm, asked_fields, forms
from desirepath.cli.running import Run, command, single_command
from desirepath.cli.whom import population, shared_parameters
from desirepath.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer
    from desirepath.workspace import Workspace


OUTCOME = "outcome"
"""No question of the catalog: it starts from an outcome that a company defines."""


class AskGroup(TyperGroup):
    """Its commands are the catalog's questions and the metrics, looked up when one is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all questions, as they are typed."""
        from desirepath.questions.catalog import catalog

        del ctx
        return sorted([*map(typed_name, catalog()), OUTCOME])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of one question, metric or outcome."""
        from desirepath.questions.catalog import catalog, is_question

        name = cmd_name.replace("-", "_")
        if is_question(name):
            return _command(name)
        from desirepath.cli.measuring import metric_command, metrics_at, outcome_command, typed_metric

        if name == OUTCOME:
            return outcome_command()
        given = ctx.obj if isinstance(ctx.obj, Run) else Run()
        metrics, typed = metrics_at(given.chosen, self._args), typed_metric(cmd_name)
        if typed in metrics:
            return metric_command(typed, metrics[typed])
        if ctx.resilient_parsing:
            return None
        known = [*map(typed_name, catalog()), OUTCOME, *metrics]
        looked = "the catalogs (`desirepath questions`, `desirepath metrics list`)"
        raise UnknownNameError.of("question", cmd_name, known, looked=looked)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Remember what follows: the workspace that is named there may define metrics of its own."""
        self._args = args
        return super().resolve_command(ctx, args)

    _args: Sequence[str] = ()


def typed_name(name: str) -> str:
    """`time_to_convert` as it is typed: `time-to-convert`."""
    return name.replace("_", "-")


def _command(name: str) -> Any:
    from desirepath.questions.catalog import kind_of, schema

    known = forms(schema(name))
    shared = shared_parameters()

    def ask(run: Run, **typed: Any) -> None:
        _ask(run, name, known, typed)

    ask.__doc__ = (inspect.getdoc(kind_of(name)) or "").split("\n\n", maxsplit=1)[0]
    own = [form.parameter() for form in known]
    if any(form.name == "map" for form in known):
        own.append(_named_map())
    return single_command(typed_name(name), ask, [*own, *shared])


def _named_map() -> inspect.Parameter:
    """The name of a map without its option: `desirepath ask journey-map repair`."""
    argument = typer.Argument(metavar="[MAP]", help="The name of a map; the same as --map.", show_default=False)
    return inspect.Parameter(
        "named_map", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, argument]
    )


def _with_map(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, with the map that was named without its option."""
    named = typed.get("named_map")
    if named is None:
        return dict(typed)
    if typed["map"] is not None:
        raise InputError(f"The map is named twice, {named!r} and --map {typed['map']!r}.")
    return {**typed, "map": named}


def _ask(run: Run, name: str, known: list[FieldForm], typed: Mapping[str, Any]) -> None:
    from desirepath.questions.catalog import build

    typed = _with_map(typed)
    fields, asked = asked_fields(known, typed), population(typed)
    shown = Shown.of(typed)
    question = build(name, fields)
    with run.workspace() as workspace:
        refuse_empty(workspace)
        with run.progress() as progress:
            answer = workspace.ask(question, progress=progress, **asked)
        present(run, workspace, answer, shown)


@dataclass(frozen=True)
class Shown:
    """What to show of an answer, and what to write; checked before anything is asked."""

    which: Sequence[Mapping[str, Any]] | None
    table: str | None
    output: str
    chart: Path | None
    html: Path | None
    parquet: Path | None
    segment: str | None

    @classmethod
    def of(cls, typed: Mapping[str, Any]) -> Shown:
        """Read the options.

        Raises
        ------
        InputError
            If they do not go together.
        """
        chart, segment = typed["chart"], typed["save_segment"]
        if chart is not None and chart.suffix.lower() != ".json":
            raise InputError(
                f"A chart is written as Vega-Lite JSON; {chart.name!r} is another kind of file.",
                allowed=["FILE.json"],
            )
        which = None if typed["people"] is None else selections(typed["people"])
        if segment is not None and which is None:
            raise InputError("--save-segment saves the people behind a number; say which with --people.")
        return cls(which, typed["table"], typed["output"], chart, typed["html"], typed["parquet"], segment)


def present(run: Run, workspace: Workspace, answer: Answer, shown: Shown) -> None:
    """Print an answer, or who is behind it; write what was asked for."""
    if shown.html is not None:
        shown.html.write_text(answer.to_html(), encoding="utf-8")
        run.screen.hint(f"Page written to {shown.html}.")
    if shown.parquet is not None:
        import pyarrow.parquet as pq

        pq.write_table(answer.table if shown.table is None else answer.extra(shown.table), shown.parquet)  # noqa: S610
        run.screen.hint(f"Table written to {shown.parquet}.")
    zone = workspace.settings.time_zone
    if shown.which is not None:
        which, people = chosen(answer, shown.which)
        if shown.segment is not None:
            answer.save(shown.segment, **which)
            run.screen.hint(f"Saved as the segment {shown.segment!r}; use it as --cohort {shown.segment!r}.")
        show_people(run, answer, which, people, shown.output, zone)
    else:
        show_answer(run, answer, shown.table, shown.output, zone)
    if shown.chart is not None:
        export(run, answer, shown.chart)


def refuse_empty(workspace: Workspace) -> None:
    """Refuse to ask where nothing was imported."""
    from desirepath.errors import NotEnoughDataError

    if workspace.engine.extent().events == 0:
        raise NotEnoughDataError(
            "This workspace holds no events yet; `desirepath import FILES --guess` is the way in.",
            looked=str(workspace.root),
        )


def selections(text: str) -> list[dict[str, Any]]:
    """`step=2,outcome=dropped`, or a JSON object, as what an answer's people are chosen by.

    Digits are a number or a text, such as a year or an event that is called so: every way to read them, numbers first.
    """
    if text.lstrip().startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except json.JSONDecodeError as problem:
            raise InputError(
                f"--people {text!r} cannot be read as JSON: {problem.msg} at character {problem.pos + 1}."
            ) from problem
        return [found]
    told: dict[str, str] = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        if not sign or not name.strip():
            raise InputError(
                f"--people {text!r} cannot be read; it is written like step=2,outcome=dropped, "
                'or as JSON where a value has a comma: {"path": "a, b"}.',
                nearest=None,
            )
        told[name.strip()] = value.strip()
    ways = product(
        *([int(value), value] if value.isdecimal() and len(value) < _LONG else [value] for value in told.values())
    )
    return [dict(zip(told, way, strict=True)) for way in islice(ways, _MOST_WAYS)]


_MOST_WAYS, _LONG = 32, 19


def chosen(answer: Answer, ways: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Any]:
    """The first way to read a selection that the answer knows, and whom it chooses; else the first way's error."""
    problems = []
    for which in ways:
        try:
            return which, answer.people(**which)
        except InputError as problem:
            problems.append(problem)
    raise problems[0]


def register(app: typer.Typer) -> None:
    """Add `ask` and `questions`."""
    group = typer.Typer(cls=AskGroup, no_args_is_help=True)

    @group.callback()
    def ask() -> None:
        """Ask a question: desirepath ask funnel --step visit --step order --window '7 days'."""

    app.add_typer(group, name="ask")
    command(app, "questions")(questions)


def questions(
    run: Run,
    question: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="Which one to explain.")] = None,
) -> None:
    """List the questions, or explain one with all its fields."""
    from desirepath.questions.catalog import catalog, schema

    known = catalog()
    if question is None:
        lines = {typed_name(name): _first_line(kind.__doc__ or "") for name, kind in known.items()}
        if run.as_json:
            return run.screen.document([{"question": name, "asks": text} for name, text in lines.items()])
        run.screen.table({"question": list(lines), "asks": list(lines.values())})
        return run.screen.say("\n`desirepath questions NAME` explains one; `desirepath ask NAME` asks it.")
    name = question.replace("-", "_")
    if name not in known:
        raise UnknownNameError.of("question", question, map(typed_name, known), looked="the catalog")
    if run.as_json:
        return run.screen.document(schema(name))
    return _explain(run, name, _first_line(known[name].__doc__ or ""), schema(name))


def _explain(run: Run, name: str, text: str, described: Mapping[str, Any]) -> None:
    screen = run.screen
    screen.say(f"{typed_name(name)}: {text}", "bold")
    for form in forms(described):
        default = "needed" if form.required else "left out" if form.default is None else f"default {form.default}"
        again = "; may be repeated" if form.is_list else ""
        screen.say(
            f"\n{', '.join(form.options)}  {form.shape}  ({default}{again})",
            "bold",
        )
        screen.prose(form.text, indent="    ")
    for part, fields in described.get("$defs", {}).items():
        names = ", ".join(
            f"{one}{'' if one in fields.get('required', ()) else '?'}" for one in fields.get("properties", {})
        )
        screen.prose(
            f"{part}, as JSON: {{{names}}}. {_first_line(str(fields.get('description', '')))}",
            indent="",
        )
    screen.say(f"\nWhom and when to ask it of: `desirepath ask {typed_name(name)} --help`.")


def _first_line(text: str) -> str:
    return inspect.cleandoc(text).split("\n", maxsplit=1)[0]


__all__ = ["AskGroup", "Shown", "present", "questions", "register", "selections", "typed_name"]
