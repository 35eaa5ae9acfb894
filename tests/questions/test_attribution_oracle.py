"""Attribution equals a program written from its definition, for random logs and all options mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attribution_oracle import (
    CONVERSION,
    NOTHING,
    START,
    Asked,
    Seen,
    Shared,
    credit,
    removal_effects,
    shapley_rates,
    shared_out,
    squares,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.attribution import Attribution
from desirepath.questions.attribution_credit import Credits
from desirepath.questions.attribution_walk import MICRO, MODELS, PARTICIPATION, UNIT
from desirepath.runner import ask, run
from desirepath.statistics.coalitions import SHRINK

LOOKBACKS = {"10 minutes": 10, "1 hour": 60, "2 days": 2880}
APART = {"10 minutes": 10, "30 minutes": 30, "1 hour": 60, "none": -1}
WORTH = (None, 0, 1, 2.5, 19.99, -3)
CUSTOM = ([], [1, 2, 3], [0, 1, 0], [5, 0, 1])


def asked_fields(draw: st.DrawFn) -> dict[str, Any]:
    """Any fields."""
    return {
        "goal": "d",
        "by": draw(st.sampled_from(["channel", "plan", "name"])),
        "touches": draw(st.sampled_from([None, "name in ('a', 'b')"])),
        "lookback": draw(st.sampled_from(list(LOOKBACKS))),
        "apart": draw(st.sampled_from(list(APART))),
        "half_life": "1 hour",
        "direct": draw(st.sampled_from([[], ["web"], ["x", "app"]])),
        "lead": draw(st.sampled_from([None, "c", "name in ('a', 'c')"])),
        "custom": draw(st.sampled_from(CUSTOM)),
        "value": draw(st.sampled_from([None, "amount"])),
        "order": draw(st.sampled_from([1, 1, 2, 3, 4])),
        "rates": draw(st.booleans()),
    }


def expected(log: list[Happened], fields: dict[str, Any], period: Period, cutoff: int) -> tuple[Shared, Asked]:
    journeys: dict[str, list[Seen]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time > cutoff:
            continue
        goal = event.name == "d"
        fits = not goal and (fields["touches"] is None or event.name in ("a", "b"))
        led = {None: (), "c": ("c",)}.get(fields["lead"], ("a", "c"))
        amount = event.fields.get("amount")
        journeys.setdefault(event.person, []).append(
            Seen(
                event.time,
                goal,
                event.value(fields["by"]) if fits else None,
                event.name in led,
                None if amount is None or fields["value"] is None else float(amount),
            )
        )
    asked = Asked(
        LOOKBACKS[fields["lookback"]] * MINUTE,
        APART[fields["apart"]] * MINUTE,
        60 * MINUTE,
        fields["direct"],
        (period.start, period.end),
        cutoff,
        fields["custom"] or (1, 1, 1),
    )
    return shared_out(journeys, asked), asked


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(data=st.data())
def test_it_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=20))
    worth = data.draw(st.lists(st.sampled_from(WORTH), min_size=len(log), max_size=len(log)))
    log = [
        event
        if amount is None
        else Happened(event.person, event.time, event.name, event.id, {**event.fields, "amount": str(amount)})
        for event, amount in zip(log, worth, strict=True)
    ]
    fields = asked_fields(data.draw)
    period = data.draw(st.sampled_from([Period.everything(), Period(60 * MINUTE, 150 * MINUTE, "UTC")]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(120 * MINUTE, last)]))
    population, question = Population(period, cutoff=cutoff), Attribution(**fields)
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    tally: Any = run(question, population, engine, None).tally()
    wanted, asked = expected(log, fields, period, cutoff)
    _same_counts(tally, wanted)
    _same_credit(tally, wanted, asked, question)
    _same_spread(tally, wanted, asked, question)
    answer = ask(question, population, engine)
    _same_chain(answer, wanted, question)
    assert answer.people().num_rows == len(
        {event.person for event in log if event.name == "d" and event.time <= cutoff and period.holds(event.time)}
    )


def _same_counts(tally: Any, wanted: Shared) -> None:
    won = len(wanted.won)
    nulls = len(wanted.paths) - won
    assert tally.counts[:4].tolist() == [won + wanted.untouched, wanted.untouched, nulls, wanted.undecided]
    names = [label or START for label in tally.labels]
    got = {
        (names[a], [*names, CONVERSION, NOTHING][b]): int(tally.moves[a, b])
        for a in range(len(names))
        for b in range(len(names) + 2)
        if tally.moves[a, b]
    }
    assert got == dict(wanted.moves())
    for c, name in enumerate(names[1:], start=1):
        assert (int(tally.paths[c]), int(tally.people[c])) == wanted.touching(name)


def _same_credit(tally: Any, wanted: Shared, asked: Asked, question: Attribution) -> None:
    for model, rule in enumerate(MODELS):
        if rule not in question.rules():
            assert not tally.credit[:, model].any()
            continue
        given_out = credit(wanted, rule, asked)
        for c, name in enumerate(tally.labels[1:], start=1):
            assert tally.credit[c, model] / UNIT == pytest.approx(given_out.get(name, 0), abs=1e-6)
        if rule != "participation":
            assert int(tally.credit[:, model].sum()) == len(wanted.won) * UNIT, "sums exactly to conversions"
        if question.value is None:
            continue
        money = credit(wanted, rule, asked, in_money=True)
        earned = sum(round(path.worth * MICRO) for path in wanted.won)
        for c, name in enumerate(tally.labels[1:], start=1):
            assert tally.money[c, model] / MICRO == pytest.approx(money.get(name, 0), abs=1e-4)
        if model != PARTICIPATION:
            assert int(tally.money[:, model].sum()) == earned, "sums exactly to what was earned"


def _same_spread(tally: Any, wanted: Shared, asked: Asked, question: Attribution) -> None:
    """The variance behind the intervals is the sum over people of their squares."""
    shown = [c for c in range(1, len(tally.labels)) if tally.moves[:, c].any()]
    found = Credits(question, tally, shown)
    if found.sample is None:
        assert not wanted.paths
        return
    got: dict[str, list[float]] = {}
    found._estimates = lambda values, spread, *, in_money: got.update(x=spread.tolist()) or []  # type: ignore[method-assign, assignment, union-attr, func-returns-value]
    for rule in question.rules():
        if rule in MODELS:
            found.by_rule(rule)
            by_name = squares(wanted, rule, asked)
            assert got["x"] == pytest.approx([by_name.get(str(tally.labels[c]), 0.0) for c in shown], abs=1e-9), rule
        if rule in MODELS and question.value is not None:
            found.by_rule(rule, in_money=True)
            by_name = squares(wanted, rule, asked, in_money=True)
            assert got["x"] == pytest.approx([by_name.get(str(tally.labels[c]), 0.0) for c in shown], abs=1e-3), rule


def _same_chain(answer: Answer, wanted: Shared, question: Attribution) -> None:
    table = answer.columns
    effects = removal_effects(wanted, question.order)
    total = sum(effects.values())
    for place, name in enumerate(table["channel"]):
        if not total:
            assert table["markov"][place] is None
            continue
        assert table["removal_effect"][place] == pytest.approx(effects[name], abs=1e-9)
        assert table["markov"][place] == pytest.approx(len(wanted.won) * effects[name] / total, abs=1e-8)
    if question.rates and wanted.paths:
        rates = shapley_rates(wanted, int(SHRINK))
        assert dict(zip(table["channel"], table["shapley_rates"], strict=True)) == pytest.approx(rates, abs=1e-8)
    if question.value is not None and total:
        earned = sum(path.worth for path in wanted.won)
        by_worth = removal_effects(wanted, question.order, in_money=True)
        whole = sum(by_worth.values())
        if abs(whole) > 1e-6:
            for place, name in enumerate(table["channel"]):
                wish = earned * by_worth[name] / whole
                assert table["markov_value"][place] == pytest.approx(wish, rel=1e-6, abs=1e-6)
    for name, low in table.items():
        if name.endswith("_low"):
            highs, values = table[name[:-4] + "_high"], table[name[:-4]]
            for one, value, two in zip(low, values, highs, strict=True):
                assert one is None or one <= value
                assert two is None or value <= two
                assert all(each is None or np.isfinite(each) for each in (one, value, two))


def _many_people() -> list[Happened]:
    """Two thousand people with one to four touches; `rare` is touched by few."""
    rng, money = np.random.default_rng(3), np.random.default_rng(5)
    log: list[Happened] = []
    for person in range(2_000):
        moment = int(rng.integers(0, 10**9))
        for _ in range(rng.integers(1, 5)):
            channel = "rare" if rng.random() < 0.01 else str(rng.choice(["x", "y", "z"], p=[0.6, 0.3, 0.1]))
            log.append(Happened(f"p{person}", moment, "a", f"{len(log):06d}", {"channel": channel}))
            moment += int(rng.integers(1, 60)) * MINUTE
        if rng.random() < 0.4:
            worth = {"amount": f"{money.lognormal(3, 1.5):.2f}"}
            log.append(Happened(f"p{person}", moment, "d", f"{len(log):06d}", worth))
    return [*log, Happened("late", 10**13, "a", "zzz")]


def test_some_of_many_people_say_how_sure_all_are() -> None:
    """Of each channel the paths of 128 are looked at: the same ones for every split, and as good as all."""
    log, population = _many_people(), Population(Period.everything())
    question = Attribution(goal="d", lookback="2 days", apart="none", order=2, half_life="1 hour", value="amount")
    everyone = sorted({event.person for event in log})
    whole: Any = run(question, population, MemoryEngine(log), None).tally()
    assert 128 < len(whole.sample) < 800
    blocks = [everyone[k::7] for k in range(7)]
    assert ask(question, population, MemoryEngine(log, blocks)) == ask(question, population, MemoryEngine(log))
    renamed = [Happened(f"q{event.person[::-1]}", event.time, event.name, event.id, event.fields) for event in log]
    answer = ask(question, population, MemoryEngine(renamed))
    assert answer == ask(question, population, MemoryEngine(log))
    fields = {"by": "channel", "touches": None, "lookback": "2 days", "apart": "none", "direct": [], "lead": None}
    wanted, asked = expected(log, {**fields, "value": "amount", "custom": []}, Period.everything(), 10**13)
    shown = [c for c in range(1, len(whole.labels)) if whole.moves[:, c].any()]
    found = Credits(question, whole, shown)
    got: dict[str, list[float]] = {}
    found._estimates = lambda values, spread, *, in_money: got.update(x=spread.tolist()) or []  # type: ignore[method-assign, assignment, union-attr, func-returns-value]
    for rule in ("first", "linear", "shapley", "decay"):
        found.by_rule(rule)
        spread = dict(zip([whole.labels[c] for c in shown], got["x"], strict=True))
        exact = squares(wanted, rule, asked)
        assert spread["rare"] == pytest.approx(exact["rare"], rel=1e-6), "everybody of a rare channel is looked at"
        assert spread == pytest.approx(exact, rel=0.35), rule
        found.by_rule(rule, in_money=True)
        spread = dict(zip([whole.labels[c] for c in shown], got["x"], strict=True))
        assert spread == pytest.approx(squares(wanted, rule, asked, in_money=True), rel=1e-6), "of everybody, in money"
    lines = {row["channel"]: row for row in answer.table.to_pylist()}
    assert all(row["markov_low"] < row["markov"] < row["markov_high"] for row in lines.values())


def test_more_channels_than_bits() -> None:
    """With fewer people of each channel than are kept, variances are exact; and the same for every split."""
    rng = np.random.default_rng(4)
    log = [
        Happened(f"p{rng.integers(0, 400)}", int(rng.integers(0, 10**11)), "ad"[int(rng.random() < 0.2)], f"{n:06d}")
        for n in range(2_500)
    ]
    log = [
        Happened(event.person, event.time, event.name, event.id, {"channel": f"c{rng.integers(0, 45):02d}"})
        for event in log
    ]
    population, question = Population(Period.everything()), Attribution(goal="d", lookback="1 hour", half_life="1 hour")
    everyone = sorted({event.person for event in log})
    blocks = [everyone[k::5] for k in range(5)]
    assert ask(question, population, MemoryEngine(log, blocks)) == ask(question, population, MemoryEngine(log))
    whole: Any = run(question, population, MemoryEngine(log, blocks), None).tally()
    assert len(whole.labels) == 46
    fields = {"by": "channel", "touches": None, "lookback": "1 hour", "direct": [], "lead": None, "value": None}
    last = max(event.time for event in log)
    wanted, asked = expected(log, {**fields, "apart": "30 minutes", "custom": []}, Period.everything(), last)
    _same_counts(whole, wanted)
    _same_spread(whole, wanted, asked, question)
