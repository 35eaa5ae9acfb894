"""`metrics`: what is measured regularly, what each number means, and where it stands; `ask METRIC` asks one."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from desirepath.cli.running import SETTINGS, VARIABLE, Output, Run, command, single_command
from desirepath.cli.whom import metric_parameters, metric_whom
from desirepath.errors import InputError

if TYPE_CHECKING:
    from desirepath.metrics.form import MetricForm

Name = Annotated[str, typer.Argument(metavar="METRIC", help="Its name.")]


class MetricsGroup(TyperGroup):
    """Lists the metrics with their numbers where no command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Put in `list` where only options stand."""
        named = bool(args) and (args[0] in self.commands or args[0] in ("--help", "-h"))
        return super().parse_args(ctx, args if named else ["list", *args])


def register(app: typer.Typer) -> None:
    """Add `metrics`."""
    group = typer.Typer(cls=MetricsGroup)

    @group.callback()
    def metrics() -> None:
        """Metrics: their numbers, definitions, targets; `desirepath ask METRIC` asks one of them."""

    app.add_typer(group, name="metrics")
    command(group, "list")(list_all)
    command(group, "show")(show)
    command(group, "check")(check)
    command(group, "page")(page)
    command(app, "publish")(publish)


def typed_metric(name: str) -> str:
    """`trial to paid` as it is typed: `trial-to-paid`."""
    from desirepath.metrics.shelf import plain_name

    return plain_name(name)


def metrics_at(chosen: Path | None, args: Sequence[str]) -> dict[str, MetricForm]:
    """The metrics by the names under which they can be typed, those of the workspace that the arguments name too."""
    from desirepath.metrics.shelf import defined, house

    given = chosen
    for place, word in enumerate(args):
        name, sign, value = word.partition("=")
        if name in ("-w", "--workspace"):
            given = Path(value) if sign else Path(args[place + 1]) if place + 1 < len(args) else given
    root = given or Path(os.environ.get(VARIABLE) or ".")
    known = defined(root) if (root / SETTINGS).is_file() else house()
    return {typed_metric(name): form for name, form in known.metrics.items()}


def metric_command(typed: str, form: MetricForm) -> Any:
    """The command that asks a metric."""

    def ask(run: Run, **given: Any) -> None:
        from desirepath.cli.asking import Shown, present, refuse_empty

        shown, whom = Shown.of(given), metric_whom(given)
        with run.workspace() as workspace:
            refuse_empty(workspace)
            with run.progress() as progress:
                answer = workspace.metric(form.metric, progress=progress, **whom)
            present(run, workspace, answer, shown)

    ask.__doc__ = f"{form.says}\n\nOf {form.denominator}."
    return single_command(typed, ask, metric_parameters())


def outcome_command() -> Any:
    """The command that asks what goes with an outcome."""

    def outcome(run: Run, **given: Any) -> None:
        """Start from an outcome such as churn, and work back: what goes with it, and what lies beneath it."""
        from desirepath.cli.asking import Shown, present, refuse_empty

        shown, whom = Shown.of(given), metric_whom(given)
        if whom.pop("over") is not None:
            raise InputError("An outcome is not asked over time; ask of another --period.")
        with run.workspace() as workspace:
            refuse_empty(workspace)
            with run.progress() as progress:
                answer = workspace.outcome(given["named"], progress=progress, **whom)
            present(run, workspace, answer, shown)

    argument = typer.Argument(metavar="OUTCOME", help="Its name, such as churn.", show_default=False)
    named = inspect.Parameter("named", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[str, argument])
    return single_command("outcome", outcome, [named, *metric_parameters()])


def list_all(
    run: Run,
    group: Annotated[
        str | None, typer.Option(metavar="GROUP", help="friction, engagement, revenue, loyalty, efficiency, service.")
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="TEXT", help="When entries count, such as 2026-05.")] = None,
    output: Output = "text",
) -> None:
    """Every metric with its number, interval and target, or what it lacks."""
    from desirepath.cli.asking import refuse_empty

    with run.workspace() as workspace:
        refuse_empty(workspace)
        with run.progress() as progress:
            answer = workspace.metrics.everything(group=group, period=period, progress=progress)
    if run.as_json:
        return run.screen.document(answer.to_dict())
    if output == "csv":
        return run.screen.csv(answer.columns)
    run.screen.prose(" ".join(answer.words), style="bold")
    for one in dict.fromkeys(answer.columns["group"]):
        run.screen.say(f"\n{one}", "bold")
        places = [place for place, other in enumerate(answer.columns["group"]) if other == one]
        shown = {name: [answer.columns[name][place] for place in places] for name in ("metric", "value", "target")}
        stands = [answer.columns["stands"][place] or answer.columns["lacks"][place] for place in places]
        run.screen.table({**shown, "stands": stands}, indent="  ")
    run.screen.hint("`desirepath metrics show METRIC` explains one; `desirepath ask METRIC --over week` asks it.")
    return None


def show(run: Run, metric: Name) -> None:
    """What a metric means, and how it is asked."""
    import msgspec

    from desirepath.events.yaml_forms import as_yaml

    with run.workspace() as workspace:
        known = workspace.metrics.defined()
        form = known.metric(metric)
    plain = msgspec.to_builtins(form)
    if run.as_json:
        return run.screen.document({**plain, "own": form.metric in known.own, "wanting": known.wanting(form)})
    screen = run.screen
    screen.say(f"{form.metric} ({form.group}{', your own' if form.metric in known.own else ''})", "bold")
    screen.prose(form.says)
    lines: Mapping[str, str | None] = {
        "Of": form.denominator,
        "Counted": form.matures,
        "Better": form.better,
        "Beware": form.trap,
        "Lacks": ", ".join(f"${word}" for word in known.wanting(form)) or None,
    }
    for name, text in lines.items():
        if text:
            screen.prose(f"{name}: {text.rstrip('.')}.", indent="  ")
    screen.say("\n" + as_yaml({name: plain[name] for name in plain if name not in ("says", "denominator", "trap")}))
    return screen.say(f"`desirepath ask {typed_metric(form.metric)}` asks it; --over week, --by channel.")


def check(run: Run) -> None:
    """Whether the definitions in the folder metrics/ make sense; fails where one does not."""
    from desirepath.metric_checks import check as wrong_ones

    with run.workspace() as workspace:
        known = workspace.metrics.defined()
    wrong = wrong_ones(known)
    lacking = {name: known.wanting(form) for name, form in known.metrics.items() if known.wanting(form)}
    if run.as_json:
        run.screen.document({"wrong": [{"metric": a, "problem": b} for a, b in wrong], "lacking": lacking})
    else:
        run.screen.say(f"{len(known.metrics)} metrics, {len(known.own)} of them your own.")
        for name, words in lacking.items():
            run.screen.say(f"{name} lacks {', '.join(f'${word}' for word in words)}.")
    if wrong:
        raise InputError(" ".join(f"{name}: {text}" for name, text in wrong))


def page(run: Run) -> None:
    """Print the page of docs on the metrics of the house, as Markdown."""
    from desirepath.metrics.pages import page_of
    from desirepath.metrics.shelf import house

    run.screen.say(page_of(house()).rstrip("\n"))


def publish(
    run: Run,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; an earlier copy is replaced.")],
    over: Annotated[
        str | None, typer.Option(metavar="BUCKET", help="Metrics for each day, week, month, quarter or year.")
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="TEXT", help="When entries count, for metrics.")] = None,
) -> None:
    """Write a copy of events, people and metrics for other tools: Parquet files and a DuckDB database."""
    from desirepath.publishing import DATABASE
    from desirepath.publishing import publish as write

    with run.workspace() as workspace, run.progress() as progress:
        done = write(workspace, folder, over=over, period=period, progress=progress)
    if run.as_json:
        return run.screen.document({"folder": str(folder), "rows": done.rows, "left_out": done.left_out})
    run.screen.table({"table": list(done.rows), "rows": list(done.rows.values())})
    for name, why in done.left_out.items():
        run.screen.say(f"{name} is left out: {why}")
    return run.screen.say(f"\nWritten to {folder}: a Parquet file each, and {DATABASE} with all of them.")


__all__ = ["MetricsGroup", "metric_command", "metrics_at", "register", "typed_metric"]
