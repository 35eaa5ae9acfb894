"""Do the answers find again what was planted? Each first question of the demo, held against its figures.

A figure counts as found when the answer's interval holds the planted value, or when the answer equals what
the dice really gave: one in twenty honest intervals misses, and some seeds draw such a one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from desirepath.cli.running import Run
from desirepath.cli.screen import Screen

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer
    from desirepath.demo import Check
    from desirepath.workspace import Workspace

PEOPLE, SEED = 20_000, 7
"""The company whose dice were tuned: with it every figure has to be found."""

EVERYONE, MISSING = "(everyone)", "(missing)"


@dataclass(frozen=True)
class Held:
    """One figure of an answer beside what was planted.

    Attributes
    ----------
    check
        The answer, its interval, the planted value and what the dice gave.
    tuned
        Whether the dice were chosen so that every honest interval holds what was planted.
    """

    check: Check
    tuned: bool

    @property
    def name(self) -> str:
        """The figure's name in `truth.json`."""
        return self.check.name

    @property
    def is_count(self) -> bool:
        """Whether it counts people, instead of giving their share."""
        return ".all." in self.name

    def shown(self, value: float) -> str:
        """A value of this figure as people write it."""
        return f"{value:,.0f}" if self.is_count else f"{100 * value:.1f} %"

    @property
    def answer(self) -> str:
        """What the question answered, with its interval."""
        check = self.check
        return self.shown(check.estimate) + (
            "" if self.is_count else f" [{100 * check.low:.1f}, {100 * check.high:.1f}]"
        )

    @property
    def found(self) -> bool:
        """Whether the answer agrees with the planted value, or with what the dice gave."""
        return bool(self.check.recovered or (self.check.exact and not self.tuned))


@dataclass(frozen=True)
class Asked:
    """One question of the demo and what came of it."""

    question: Mapping[str, Any]
    words: tuple[str, ...]
    checks: tuple[Held, ...]
    skipped: str | None = None

    @property
    def missed(self) -> list[Held]:
        """Figures that should have been found and were not."""
        return [one for one in self.checks if not one.found]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        figures = [{**asdict(one.check), "found": one.found} for one in self.checks]
        return {
            "question": dict(self.question),
            "words": list(self.words),
            "figures": figures,
            "skipped": self.skipped,
        }


def ask_all(run: Run, workspace: Workspace, truth: Mapping[str, Any]) -> list[Asked]:
    """Ask what the truth says is worth asking, and print each answer as it comes."""
    found = []
    for number, question in enumerate(truth["ask"], start=1):
        one = _ask(run, workspace, truth, question)
        if one.skipped is None:
            _show(run.screen, number, one)
        found.append(one)
    for reason in dict.fromkeys(one.skipped for one in found if one.skipped is not None):
        run.screen.say(f"\nNot asked: {reason}.", "dim")
    return found


def _ask(run: Run, workspace: Workspace, truth: Mapping[str, Any], question: Mapping[str, Any]) -> Asked:
    from desirepath.questions.catalog import catalog

    if question["question"] != "funnel" or "funnel" not in catalog():
        return Asked(
            question,
            (),
            (),
            f"the demo cannot hold the question {question['question']!r} against its figures yet",
        )
    whom = {name: question[name] for name in ("unit", "filter", "breakdown") if question.get(name) is not None}
    fields = {name: question[name] for name in ("steps", "window", "order", "entry") if question.get(name) is not None}
    with run.progress("Asking") as progress:
        answer = workspace.ask("funnel", progress=progress, **whom, **fields)
    return Asked(question, tuple(answer.words), tuple(_held(truth, question, answer)))


def _held(truth: Mapping[str, Any], question: Mapping[str, Any], answer: Answer) -> Iterator[Held]:
    """Every figure that the truth knows: people at a step, and their share of those who entered."""
    from desirepath.demo import Check, check

    columns = answer.columns
    tuned = (truth["people"], truth["seed"]) == (PEOPLE, SEED)
    groups = columns.get("group", [None] * len(columns["step"]))
    for row, (group, name) in enumerate(zip(groups, columns["name"], strict=True)):
        if group == EVERYONE:  # the same question without a breakdown is asked too
            continue
        place = "" if group is None else f"[{'(none)' if group == MISSING else group}]"
        counted = _named(truth["counts"], _stems(question, in_counts=True), name, place)
        if counted is not None:
            there, reached = truth["counts"][counted], columns["reached"][row]
            yield Held(
                Check(counted, None, there, reached, reached, reached, reached == there, reached == there),
                tuned,
            )
        figure = _named(truth["figures"], _stems(question, in_counts=False), name, place)
        if figure is not None and columns["of_entered"][row] is not None:
            low, high = columns["of_entered_low"][row], columns["of_entered_high"][row]
            yield Held(check(truth, figure, columns["of_entered"][row], low, high), tuned)


def _stems(question: Mapping[str, Any], *, in_counts: bool) -> list[str]:
    """Names of figures as the truth announces them, such as `purchase.<step>.of_entered`."""
    texts = str(question["figures"]).split(", ")
    wanted = [text for text in texts if text.endswith("(in counts)") == in_counts and not text.startswith("[")]
    return [text.removesuffix("(in counts)").split("[")[0].strip() for text in wanted]


def _named(known: Mapping[str, Any], stems: list[str], step: str, place: str) -> str | None:
    """The figure that a line of the answer is about: `purchase.order.of_entered[web]`."""
    for stem in stems:
        name = stem.replace("<step>", step) + place
        about_step = "<step>" in stem or f".{step}." in stem or f".{step} of " in stem
        if about_step and name in known:
            return name
    return None


def _show(screen: Screen, number: int, one: Asked) -> None:
    from desirepath.answers.words import percent
    from desirepath.cli.demonstrating import described

    screen.say(f"\n{number}. {one.question['question']}: {described(one.question)}", "bold")
    if one.question.get("breakdown") is None:
        screen.prose(" ".join(one.words), indent="   ")
    shown = _worth_showing(one)
    screen.table(
        {
            "figure": [held.name for held in shown],
            "answer": [held.answer for held in shown],
            "planted": ["" if held.check.planted is None else percent(held.check.planted) for held in shown],
            "came out": [held.shown(held.check.realised) for held in shown],
            "recovered": [_verdict(held) for held in shown],
        },
        indent="   ",
    )
    if len(shown) < len(one.checks):
        rest = [held for held in one.checks if held not in shown]
        good = sum(held.found for held in rest)
        screen.say(f"   Of the steps before, {good} of {len(rest)} figures are recovered too (--json lists them).")


def _worth_showing(one: Asked) -> list[Held]:
    """With a breakdown the last step of each group, and whatever was missed."""
    if one.question.get("breakdown") is None:
        return sorted(one.checks, key=lambda held: held.is_count)
    last = f".{one.question['steps'][-1]}."
    return [held for held in one.checks if last in held.name or not held.found]


def _verdict(held: Held) -> str:
    check = held.check
    if check.recovered:
        return "yes"
    return "no, by the dice; exact" if check.exact else "NO"
