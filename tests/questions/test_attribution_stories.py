"""Attribution on streams that can be worked out by hand, and against published chains."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_workspaces import codes, made

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.questions.attribution import Attribution


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


LEADS = """
    u  visit   2023-05-01T10:00:00Z  channel=search
    u  visit   2023-05-02T10:00:00Z  channel=mail
    u  signup  2023-05-02T11:00:00Z
    u  visit   2023-05-03T10:00:00Z  channel=web
    u  visit   2023-05-04T10:00:00Z  channel=search
    u  order   2023-05-04T10:30:00Z  amount=80
    v  visit   2023-05-01T10:00:00Z  channel=mail
    v  visit   2023-05-02T10:00:00Z  channel=web
    v  order   2023-05-02T10:30:00Z  amount=20
    w  visit   2023-05-01T10:00:00Z  channel=web
    x  visit   2023-07-01T10:00:00Z
"""


def test_rules_by_place_with_a_lead(tmp_path: Path) -> None:
    """u: 30 to the first search, 30 to mail that brought the lead, 30 and 10 to the rest; v has no lead: half, half."""
    ws = made(tmp_path, LEADS)
    found = ws.ask("attribution", goal="order", lead="signup", custom=[3, 0, 1], half_life="1 day")
    assert credit(found, "w") == {"search": 0.6, "mail": 0.8, "web": 0.6}
    assert credit(found, "position") == {"search": 0.8, "mail": 0.6, "web": 0.6}
    assert credit(found, "j") == {"search": 0.8, "mail": 0.35, "web": 0.85}
    assert credit(found, "inverse_j") == {"search": 0.8, "mail": 0.85, "web": 0.35}
    assert credit(found, "custom") == {"search": 1.0, "mail": 0.75, "web": 0.25}
    assert credit(found, "participation") == {"search": 1, "mail": 2, "web": 2}
    assert credit(found, "shapley") == {"search": 0.333333, "mail": 0.833333, "web": 0.833333}
    assert credit(found, "linear") == {"search": 0.5, "mail": 0.75, "web": 0.75}
    for rule in ("first", "last", "w", "custom", "markov", "shapley"):
        assert sum(found.columns[rule]) == pytest.approx(2)


def test_money_beside_conversions_and_what_was_spent(tmp_path: Path) -> None:
    ws = made(tmp_path, LEADS)
    found = ws.ask(
        "attribution",
        goal="order",
        value="value",
        costs={"web": 10, "mail": 5, "tv": 7},
        cost_rule="shapley",
    )
    assert credit(found, "last_value") == {"search": 80, "web": 20}
    assert credit(found, "linear_value") == {"search": 40, "mail": 30, "web": 30}
    parts = credit(found, "shapley_value")
    assert parts == pytest.approx({"search": 26.666667, "mail": 36.666667, "web": 36.666667}, abs=2e-6)
    assert round(sum(parts.values()) * 1_000_000) == 100_000_000, "to the millionth"
    assert sum(found.columns["markov_value"]) == pytest.approx(100)
    costs = {row["channel"]: row for row in found.extra("costs").to_pylist()}
    assert costs["web"]["cost_per_conversion"] == pytest.approx(12)
    assert costs["web"]["return_on_spend"] == pytest.approx(3.6666667, abs=1e-6)
    assert costs["mail"]["cost_per_conversion"] == pytest.approx(6)
    assert costs["search"]["cost"] is None
    assert costs["search"]["cost_per_conversion"] is None
    assert costs["tv"] == {**costs["tv"], "cost": 7, "conversions": 0, "cost_per_conversion": None}
    assert "unknown_costs" in codes(found)
    with pytest.raises(UnknownNameError, match="mail"):
        ws.ask("attribution", goal="order", costs={"mial": 5})


def test_a_conversion_without_a_number_is_worth_nothing(tmp_path: Path) -> None:
    log = "u visit 2023-05-01T10:00:00Z channel=mail\nu order 2023-05-01T11:00:00Z"
    found = made(tmp_path, log).ask("attribution", goal="order", value="value")
    assert "unvalued" in codes(found)
    assert found.columns["first_value"] == [0]
    assert found.columns["first"] == [1]


@pytest.mark.parametrize("order", [1, 2])
def test_dong_and_rial_are_summed_to_the_last(tmp_path: Path, order: int) -> None:
    """40 orders of 500,000 million each: in all more millionths than 63 bits hold."""
    rows = []
    for person in range(40):
        rows += [
            f"p{person} visit 2023-05-01T10:{person:02d}:00Z channel=mail",
            f"p{person} visit 2023-05-02T10:{person:02d}:00Z channel=web",
            f"p{person} order 2023-05-03T10:{person:02d}:00Z amount={499_999_999_999 + person % 3}",
        ]
    found = made(tmp_path, "\n".join(rows)).ask("attribution", goal="order", value="value", order=order, lead="visit")
    whole = 40 * 499_999_999_999 + sum(person % 3 for person in range(40))
    assert credit(found, "first_value") == {"mail": whole}
    assert credit(found, "last_value") == {"web": whole}
    assert credit(found, "participation_value") == {"mail": whole, "web": whole}
    for rule in ("linear", "position", "shapley"):
        assert credit(found, f"{rule}_value") == {"mail": whole / 2, "web": whole / 2}, rule
    assert credit(found, "w_value") == pytest.approx({"mail": whole * 2 / 3, "web": whole / 3}, rel=1e-12)
    assert found.columns["markov_value"] == pytest.approx([whole / 2] * 2, rel=1e-12)
    assert found.extras["accounts"]["value"] == [whole, None, None, None]
    mail = found.table.to_pylist()[found.columns["channel"].index("mail")]
    assert 0.6 * whole < mail["first_value_low"] < whole < mail["first_value_high"] < 1.5 * whole
    assert "unvalued" not in codes(found)
    assert any("Intervals of money" in notice.text for notice in found.warnings)


def test_an_amount_beyond_any_sense_is_told_and_counts_as_none(tmp_path: Path) -> None:
    log = """
        u  visit  2023-05-01T10:00:00Z  channel=mail
        u  order  2023-05-01T11:00:00Z  amount=1e300
        v  visit  2023-05-01T10:00:00Z  channel=mail
        v  order  2023-05-01T11:00:00Z  amount=-1000000000000
        w  visit  2023-05-01T10:00:00Z  channel=mail
        w  order  2023-05-01T11:00:00Z  amount=30
    """
    found = made(tmp_path, log).ask("attribution", goal="order", value="value")
    assert found.columns["first_value"] == [30]
    assert found.columns["markov_value"] == [30]
    assert found.columns["first"] == [3]
    said = next(notice.text for notice in found.warnings if notice.code == "unvalued")
    assert said.startswith("2 credited conversions have no number in 'value', or one that is 1,000,000,000,000 or more")


def test_by_touchpoint(tmp_path: Path) -> None:
    found = made(tmp_path, LEADS).ask("attribution", goal="order", by="name")
    assert credit(found, "first") == {"visit": 2}
    assert credit(found, "participation") == {"visit": 2, "signup": 1}


def test_the_order_is_chosen_by_what_predicts_other_people(tmp_path: Path) -> None:
    """Four of five who come by a, b, c order; by b, a, c one of five: only two touches back tell them apart."""
    rows = []
    for person in range(600):
        path = "abc" if person % 2 else "bac"
        rows += [
            f"p{person} visit 2023-05-0{day + 1}T10:{person % 60:02d}:{person // 60:02d}Z  channel={channel}"
            for day, channel in enumerate(path)
        ]
        rows += [f"p{person} order 2023-05-03T12:00:00Z"] if person % 10 in (1, 3, 5, 7, 8) else []
    rows.append("late visit 2023-09-01T10:00:00Z")
    found = made(tmp_path, "\n".join(rows)).ask("attribution", goal="order", order=0)
    orders = found.extra("orders").to_pylist()
    assert [row["order"] for row in orders if row["used"]] == [2]
    assert orders[1]["bits_per_move"] < orders[0]["bits_per_move"] - 0.1
    assert any("remembers 2 touches" in text for text in found.words)


def test_mistakes_are_named(tmp_path: Path) -> None:
    for fields in ({"half_life": "0 days"}, {"by": " "}, {"lookback": "7"}, {"goal": ""}, {"order": 5}, {"value": " "}):
        with pytest.raises(InputError):
            Attribution(**{"goal": "order", **fields})
    for fields in ({"custom": [1, 2]}, {"custom": [0, 0, 0]}, {"cost_rule": "w"}, {"costs": {"mail": -1.0}}):
        with pytest.raises(InputError):
            Attribution(**{"goal": "order", **fields})
    ws = made(tmp_path, "u visit 2023-04-30T10:00:00Z channel=mail\nu order 2023-05-01T10:00:00Z")
    answer = ws.ask("attribution", goal="order")
    with pytest.raises(UnknownNameError, match="mail"):
        answer.people(channel="male")
    with pytest.raises(UnknownNameError, match="channel"):
        answer.people(step=1)


def test_channels_that_nothing_is_credited_to_do_not_stand_in_the_way_of_rates(tmp_path: Path) -> None:
    """There may be any number of channels; the game is of those that are touched."""
    rows = [f"p{i} mailing 2023-05-01T10:00:00Z channel=c{i:02}" for i in range(70)]
    rows += [
        "ann visit 2023-05-01T10:00:00Z channel=search",
        "ann order 2023-05-01T11:00:00Z",
        "bob visit 2023-05-01T10:00:00Z channel=mail",
        "z visit 2023-08-01T10:00:00Z channel=mail",
    ]
    ws = made(tmp_path, "\n".join(rows), late=False)
    few = ws.ask("attribution", goal="order", rates=True, touches="visit")
    chosen = ws.ask("attribution", goal="order", rates=True, filter="name != 'mailing'")
    expected = {"search": 0.547619, "mail": 0.452381}
    assert credit(few, "shapley_rates") == credit(chosen, "shapley_rates") == pytest.approx(expected, abs=0.01)
    assert "no_rates" not in codes(few)
    assert sum(credit(few, "shapley_rates").values()) == pytest.approx(1)
    many = ws.ask("attribution", goal="order", rates=True)
    assert "no_rates" in codes(many)
    split = ws.ask("attribution", goal="order", rates=True, touches="visit", breakdown="amount", value="value")
    assert credit(split, "shapley_rates") == credit(few, "shapley_rates")
