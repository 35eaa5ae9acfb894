"""Do the definitions of metrics make sense? What would never be asked, judged or found is said before anybody waits."""

from __future__ import annotations

import math
from collections.abc import Iterator

from desirepath.errors import DesirepathError, InputError, UnknownNameError
from desirepath.metrics.form import MetricForm
from desirepath.metrics.shelf import Defined, house, plain_name
from desirepath.population import UNITS

OUTCOME = "outcome"


def check(known: Defined) -> list[tuple[str, str]]:
    """What is wrong with definitions, beside words that are missing: metric, outcome or word, and what it is."""
    found = list(_names(known))
    for name, form in known.metrics.items():
        found += [(name, text) for text in _metric(known, form)]
    for name, outcome in known.outcomes.items():
        unknown = [metric for metric in outcome.metrics if metric not in known.metrics]
        found += [(name, str(UnknownNameError.of("metric", metric, known.metrics))) for metric in unknown]
    return found


def _names(known: Defined) -> Iterator[tuple[str, str]]:
    """Names that lead nowhere, or to something else."""
    from desirepath.questions.catalog import is_question

    typed: dict[str, str] = {}
    used = {word for form in (*known.metrics.values(), *known.outcomes.values()) for word in known.used(form)}
    for name in known.metrics:
        plain = plain_name(name)
        if is_question(plain.replace("-", "_")) or plain == OUTCOME:
            yield name, f"{name!r} is the name of a question; call the metric otherwise."
        if plain in typed:
            yield name, f"{name!r} is typed like {typed[plain]!r}; call one of them otherwise."
        typed[plain] = name
    for word in known.words:
        if word not in used and word not in house().words:
            yield word, str(UnknownNameError.of("word that any metric uses", word, used))


def _metric(known: Defined, form: MetricForm) -> Iterator[str]:
    """What is wrong with one metric."""
    from desirepath.questions.catalog import build, schema

    if not known.wanting(form):
        try:
            build(form.question, known.filled(form.fields))
        except DesirepathError as problem:
            yield str(problem)
            return
        fields = schema(form.question)["properties"]
        if form.every is not None and form.every not in fields:
            yield str(UnknownNameError.of(f"field of {form.question}", form.every, fields))
    kind = form.of.unit.partition(":")[0]
    if kind not in {unit.partition(":")[0] for unit in UNITS}:
        yield str(UnknownNameError.of("unit", form.of.unit, UNITS))
    yield from _judged(form)


def _judged(form: MetricForm) -> Iterator[str]:
    """What is wrong with target and alert."""
    limits = {"target": form.target}
    if form.alert is not None:
        limits |= {"alert: below": form.alert.below, "alert: above": form.alert.above}
        if form.alert.below is None and form.alert.above is None:
            yield str(InputError("An alert needs a threshold.", allowed=["below", "above"]))
    if form.target is not None and form.better is None:
        yield str(InputError("A target needs to be told which way is better.", allowed=["higher", "lower"]))
    for name, limit in limits.items():
        if limit is None:
            continue
        if not math.isfinite(limit):
            yield str(InputError(f"{name} is no number."))
        elif form.form == "share" and not 0 <= limit <= 1:
            yield str(InputError(f"{name}: {limit:g} is no share; 40 % is written 0.4.", allowed=["0 to 1"]))
