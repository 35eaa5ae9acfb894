"""Attribution on streams that can be worked out by hand, and against published chains."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made_workspaces import codes, made

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.questions.attribution import Attribution
from desirepath.questions.attribution_answer import removal_effects


def credit(answer: Answer, rule: str) -> dict[str, float]:
    return {row["channel"]: round(row[rule], 6) for row in answer.table.to_pylist() if row[rule]}


def test_three_touches_by_every_rule(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        """
        u  visit  2023-05-01T10:00:00Z  channel=search
        u  visit  2023-05-08T10:00:00Z  channel=mail
        u  visit  2023-05-15T10:00:00Z  channel=direct
        u  order  2023-05-15T10:00:00Z
        """,
    )
    found = ws.ask("attribution", goal="order", direct=["direct"])
    assert credit(found, "first") == {"search": 1}
    assert credit(found, "last") == {"direct": 1}
    assert credit(found, "last_other") == {"mail": 1}
    assert credit(found, "linear") == {"search": 0.333333, "mail": 0.333333, "direct": 0.333333}
    assert credit(found, "position") == {"search": 0.4, "mail": 0.2, "direct": 0.4}
    assert credit(found, "decay") == {"search": 0.142857, "mail": 0.285714, "direct": 0.571429}
    assert {"credit"} <= codes(found)
    assert found.people(channel="mail").num_rows == 1


def test_a_touch_counts_once_until_a_pause_and_for_one_conversion_alone(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        """
        u  visit  2023-05-01T10:00:00Z  channel=mail
        u  visit  2023-05-01T10:20:00Z  channel=mail
        u  visit  2023-05-01T10:45:00Z  channel=mail
        u  visit  2023-05-01T10:46:00Z  channel=web
        u  order  2023-05-01T10:50:00Z
        u  order  2023-05-01T11:00:00Z
        """,
    )
    found = ws.ask("attribution", goal="order")
    assert credit(found, "linear") == {"mail": 0.5, "web": 0.5}
    accounts = dict(zip(found.extras["accounts"]["what"], found.extras["accounts"]["paths"], strict=True))
    assert accounts == {
        "credited conversions": 1,
        "conversions without a touch": 1,
        "paths to nothing": 0,
        "undecided paths": 0,
    }


def test_touches_before_the_period_count_for_conversions_in_it(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        "u visit 2023-04-30T10:00:00Z channel=mail\nu order 2023-05-01T10:00:00Z\nv order 2023-04-02T10:00:00Z",
    )
    assert credit(ws.ask("attribution", goal="order", period="2023-05"), "last") == {"mail": 1}


def moves(paths: list[tuple[str, bool, int]]) -> tuple[np.ndarray, list[str]]:
    """Moves of paths such as `("C1>C2", converted, how often)`."""
    names = sorted({name for path, _, _ in paths for name in path.split(">")})
    found = np.zeros((len(names) + 1, len(names) + 3), np.int64)
    for path, converted, times in paths:
        here = [0, *(names.index(name) + 1 for name in path.split(">")), len(names) + (1 if converted else 2)]
        for one, two in pairwise(here):
            found[one, two] += times
    return found, names


@pytest.mark.parametrize(
    ("paths", "effects"),
    [
        # the chain of three channels with one conversion in three, published 2016
        ([("C1>C2>C3", True, 1), ("C1", False, 1), ("C2>C3", False, 1)], {"C1": 0.5, "C2": 1.0, "C3": 1.0}),
        # a published two-channel example: P = .8
        ([("G", True, 2), ("M", True, 1), ("G>M", True, 1), ("G", False, 1)], {"G": 0.75, "M": 0.5}),
    ],
)
def test_removal_effects_of_published_chains(paths: list[tuple[str, bool, int]], effects: dict[str, float]) -> None:
    found, names = moves(paths)
    got = removal_effects(found, range(1, len(names) + 1))
    assert dict(zip(names, got, strict=True)) == pytest.approx(effects)


def test_mistakes_are_named(tmp_path: Path) -> None:
    for fields in ({"half_life": "0 days"}, {"by": " "}, {"lookback": "7"}, {"goal": ""}):
        with pytest.raises(InputError):
            Attribution(**{"goal": "order", **fields})
    ws = made(tmp_path, "u visit 2023-04-30T10:00:00Z channel=mail\nu order 2023-05-01T10:00:00Z")
    answer = ws.ask("attribution", goal="order")
    with pytest.raises(UnknownNameError, match="mail"):
        answer.people(channel="male")
    with pytest.raises(UnknownNameError, match="channel"):
        answer.people(step=1)
