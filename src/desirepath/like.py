"""How would another product have counted this, and why does it come to another number?

The rules that a product documents are laid over the question one after another, and the question is asked again after
each: so every number comes apart into what it is here and what each rule does to it. The rules, with what each product
calls them, are written out in docs/like.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from desirepath.answers.answer import Answer, Notice
from desirepath.answers.words import cell
from desirepath.beside import NOW, side_by_side
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.journeys.batch import Session
from desirepath.journeys.sessions import SessionRule
from desirepath.population import Clock, Population
from desirepath.questions.like import PRODUCTS, Rule
from desirepath.questions.question import Question

YEARS = 10 * 366 * 24 * 3_600_000_000
"""No visit is as long, in microseconds."""

SESSIONS = {
    "amplitude": (
        Rule(
            "length of a session",
            "a session lasts 24 hours at most",
            "a session lasts as long as its id, or no pause of 30 minutes, ends it",
        ),
        SessionRule(longest=YEARS),
    ),
    "mixpanel": (
        Rule(
            "midnight",
            "ids of the source are sessions; midnight ends none",
            "a pause of 30 minutes ends a session, and so does midnight",
        ),
        SessionRule(given=False, midnight=True),
    ),
}
"""Per product that cuts sessions in another way: what it does, and the rule."""


def _laid_over(rule: Rule, question: Question, population: Population) -> tuple[Question, Population]:
    """Question and population that follow a rule."""
    asked = replace(question, **rule.fields) if rule.fields else question  # type: ignore[type-var]
    if rule.clock is not None:
        population = replace(population, clock=Clock(rule.clock, once=rule.once))
    if rule.inside_period and population.period.end < Period.everything().end:
        population = replace(population, ends=population.period.end - 1)
    return asked, population


def _rules(
    product: str, question: Question, population: Population
) -> tuple[list[tuple[Question, Population]], list[Rule]]:
    """What is asked by no rule, by the first, by the first two, and so on; and the rules that make a change."""
    asked: list[tuple[Question, Population]] = [(question, population)]
    applied: list[Rule] = []
    by_visit = population.unit == "session" or any(isinstance(read, Session) for read in question.reads().values())
    if by_visit and product in SESSIONS:
        rule, sessions = SESSIONS[product]
        asked.append((question, replace(population, sessions=sessions)))
        applied.append(rule)
    for rule in question.like(product):
        changed = _laid_over(rule, *asked[-1])
        if changed != asked[-1]:
            asked.append(changed)
            applied.append(rule)
    return asked, applied


def ask_like(
    product: str, question: Question, population: Population, ask: Callable[[Question, Population], Answer]
) -> Answer:
    """Ask as a product would, and show what each of its rules does to each number.

    Parameters
    ----------
    product
        One of `PRODUCTS`.
    question, population
        As they are asked here.
    ask
        Asks a question of a population.

    Returns
    -------
    The product's answer, with its own people behind its numbers. Table `like` holds every number of both, the
    difference, and which rules make it; table `like_rules` the rules, and what each does to the last share.

    Raises
    ------
    UnknownNameError
        If the product is not known.
    InputError
        If none of its rules touches the question.
    """
    if product not in PRODUCTS:
        raise UnknownNameError.of("product", product, PRODUCTS)
    name = PRODUCTS[product]
    asked, applied = _rules(product, question, population)
    if not applied:
        raise InputError(
            f"{name} would count this as it is counted here: none of its rules changes the question as it is asked. "
            "They are about funnels, retention and sessions.",
            allowed=["funnel", "retention", "unit='session'"],
        )
    answers = [ask(*each) for each in asked]
    steps = side_by_side(answers[0], {str(n): each for n, each in enumerate(answers[1:], start=1)})
    table, effects = _differences(steps, applied)
    rules = {
        "rule": [rule.name for rule in applied],
        "here": [rule.here for rule in applied],
        "there": [rule.there for rule in applied],
        "effect": effects,
    }
    return replace(
        answers[-1],
        extras={**answers[-1].extras, "like": table, "like_rules": rules},
        words=[_sentence(table, name), *answers[-1].words],
        warnings=(Notice("like", f"Counted as {name} counts: {_listed(applied)}."), *answers[-1].warnings),
        keeper=_refuse,
    )


def _refuse(name: str, answer: Answer, which: Mapping[str, Any]) -> None:
    raise InputError("A segment is saved from an answer counted by the rules here; ask again without `like`.")


def _listed(applied: Sequence[Rule]) -> str:
    return "; ".join(f"{rule.name} ({rule.there})" for rule in applied)


def _differences(steps: Mapping[str, list[Any]], applied: Sequence[Rule]) -> tuple[dict[str, list[Any]], list[str]]:
    """Every number here and there with the rules that move it; and what each rule does to the headline."""
    keys = list(steps)[: list(steps).index("measure")]
    rows = [
        row
        for row, (measure, value) in enumerate(zip(steps["measure"], steps[NOW], strict=True))
        if measure != "step" and not isinstance(value, bool)  # which step it is, and whether it is over, is no number
    ]
    steps = {column: [values[row] for row in rows] for column, values in steps.items()}
    columns = [steps[NOW], *(steps[str(n)] for n in range(1, len(applied) + 1))]
    table: dict[str, list[Any]] = {key: steps[key] for key in (*keys, "measure")}
    table |= {"here": list(columns[0]), "there": list(columns[-1]), "difference": [], "because": []}
    for row, measure in enumerate(steps["measure"]):
        values = [column[row] for column in columns]
        table["difference"].append(_minus(values[-1], values[0]))
        table["because"].append(
            "; ".join(
                f"{rule.name}: {_moved(measure, before, after)}"
                for rule, before, after in ((rule, *step) for rule, step in zip(applied, pairwise(values), strict=True))
                if before != after
            )
        )
    headline = _headline(table)
    effects = []
    for before, after in pairwise(columns):
        effects.append(
            "" if headline is None else _moved(table["measure"][headline], before[headline], after[headline])
        )
    return table, effects


def _headline(table: Mapping[str, list[Any]]) -> int | None:
    """The last share among the numbers."""
    shares = [row for row, measure in enumerate(table["measure"]) if measure in ("of_entered", "of_observable")]
    return shares[-1] if shares else None


def _minus(there: Any, here: Any) -> float | None:
    numbers = isinstance(there, int | float) and isinstance(here, int | float)
    return there - here if numbers and not isinstance(here, bool) else None


def _moved(measure: str, before: Any, after: Any) -> str:
    """What a rule does to a number: the step it makes, or both where there is no step to tell."""
    if before == after:
        return "none"
    step = _minus(after, before)
    if step is None:
        return f"{_told(measure, before)} to {_told(measure, after)}"
    if measure.startswith("of_"):
        return f"{100 * step:+.2f} points"
    if measure.endswith("_seconds"):
        return f"{step:+,.0f} s"
    return f"{step:+,}"


def _told(measure: str, value: Any) -> str:
    return "not told" if value is None else str(cell(measure, value))


def _sentence(table: Mapping[str, list[Any]], name: str) -> str:
    row = _headline(table)
    moved = sum(here != there for here, there in zip(table["here"], table["there"], strict=True))
    many = f"{moved} of {len(table['here'])} numbers differ, see the table like"
    if row is None:
        return f"As {name} counts: {many}."
    there, here = (_told(table["measure"][row], table[side][row]) for side in ("there", "here"))
    return f"As {name} counts, the last share is {there}; by the rules here it is {here}. {many.capitalize()}."


__all__ = ["ask_like"]
