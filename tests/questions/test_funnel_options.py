"""Every option of a funnel and of whom it is asked, with numbers that can be counted by hand."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import codes, groups, made, rows_of, steps

from desirepath import Answer, Exclusion, Step, Workspace
from desirepath.errors import DesirepathError, InputError
from desirepath.statistics import benjamini_hochberg, compare_proportions, newcombe, wilson


def ask(ws: Workspace, *names: Any, window: str = "1 hour", **options: Any) -> Answer:
    return ws.ask("funnel", steps=list(names) or ["A", "B"], window=window, **options)


def minute(user: str, *events: str) -> str:
    """Make lines from words like `A@0` or `B@20,plan=pro`, in minutes after midnight."""
    lines = []
    for word in events:
        name, _, rest = word.partition("@")
        at, *pairs = rest.split(",")
        lines.append(f"{user} {name} 2023-05-01T{int(at) // 60:02d}:{int(at) % 60:02d}:00Z {' '.join(pairs)}")
    return "\n".join(lines)


def log(*people: str) -> str:
    return "\n".join(people)


# ---- breakdown --------------------------------------------------------------------------------------------

TRAVELLERS = log(
    minute("ann", "Z@0,channel=mail", "A@10,channel=web", "B@20,channel=app", "Z@30,channel=shop"),
    minute("bob", "A@10,channel=app", "B@20"),
    minute("cid", "A@10", "Z@20,channel=web"),
    minute("dan", "A@10,channel=web", "A@90,channel=app", "B@95,channel=web"),
)


def test_breakdown_at_entry(tmp_path: Path) -> None:
    found = ask(made(tmp_path, TRAVELLERS), breakdown="channel")
    assert groups(found) == {"(everyone)": [4, 3], "web": [2, 2], "(missing)": [1, 0], "app": [1, 1]}
    assert sorted(found.people(group="web").column("person").to_pylist()) == ["user_id:ann", "user_id:dan"]


def test_breakdown_at_a_step_is_of_the_reported_chain(tmp_path: Path) -> None:
    ws = made(tmp_path, TRAVELLERS)
    assert groups(ask(ws, breakdown="channel", at="step 1")) == {
        "(everyone)": [4, 3],
        "app": [2, 2],
        "(missing)": [1, 0],
        "web": [1, 1],
    }
    found = ask(ws, breakdown="channel", at="step 2")
    assert groups(found) == {
        "(everyone)": [4, 3],
        "(missing)": [1, 1],
        "app": [1, 1],
        "web": [1, 1],
        "(not reached)": [1, 0],
    }
    assert list(groups(found))[-1] == "(not reached)"
    assert found.people(group="(not reached)").column("person").to_pylist() == ["user_id:cid"]
    assert found.people(group="(missing)").num_rows == 1
    # where somebody never was, nothing can be compared
    assert set(found.extras["differences"]["group"]) == {"(missing)", "app", "web"}
    assert any(notice.code == "not_reached" for notice in found.warnings)


def test_a_value_that_reads_like_not_reached_is_told_apart(tmp_path: Path) -> None:
    people = (("ann", "A@10", "B@20,channel=x"), ("bob", "A@10"), ("cid", "A@9", "B@10"))
    rows = rows_of(log(*(minute(*person) for person in people)))
    ws = made(tmp_path, [{**row, **({"channel": "(not reached)"} if "channel" in row else {})} for row in rows])
    assert groups(ask(ws, breakdown="channel", at="step 2")) == {
        "(everyone)": [3, 2],
        '"(not reached)"': [1, 1],
        "(missing)": [1, 1],
        "(not reached)": [1, 0],
    }
    assert "(not reached)" not in groups(ask(ws, breakdown="channel"))
    shown = ask(ws, breakdown="channel", at="step 2", top=1)
    assert {name: counts[0] for name, counts in groups(shown).items()} in (
        {"(everyone)": 3, '"(not reached)"': 1, "(other)": 1, "(not reached)": 1},
        {"(everyone)": 3, "(missing)": 1, "(other)": 1, "(not reached)": 1},
    )
    several = ask(ws, breakdown="channel", at="step 2", several=True)
    assert {name: counts[0] for name, counts in groups(several).items()} == {
        "(everyone)": 3, '"(not reached)"': 1, "(missing)": 1, "(not reached)": 1,
    }  # fmt: skip


def test_breakdown_at_the_first_and_the_last_known_value(tmp_path: Path) -> None:
    ws = made(tmp_path, TRAVELLERS)
    assert groups(ask(ws, breakdown="channel", at="first known")) == {
        "(everyone)": [4, 3],
        "web": [2, 1],
        "app": [1, 1],
        "mail": [1, 1],
    }
    assert groups(ask(ws, breakdown="channel", at="last known")) == {
        "(everyone)": [4, 3],
        "web": [2, 1],
        "app": [1, 1],
        "shop": [1, 1],
    }


def test_breakdown_by_a_property_with_missing_values(tmp_path: Path) -> None:
    people = [
        minute(f"u{n}", f"A@{n}" + (f",plan={plan}" if plan else ""), *(["B@50"] if n % 2 else []))
        for n, plan in enumerate(["pro", "pro", "pro", "free", "free", "", "", "", "", "team"])
    ]
    ws = made(tmp_path, log(*people))
    found = ask(ws, breakdown="plan")
    assert groups(found) == {"(everyone)": [10, 5], "(missing)": [4, 2], "pro": [3, 1], "free": [2, 1], "team": [1, 1]}
    shown = ask(ws, breakdown="plan", top=2)
    assert groups(shown) == {"(everyone)": [10, 5], "(missing)": [4, 2], "pro": [3, 1], "(other)": [3, 2]}
    assert shown.people(group="(other)", step=2).num_rows == 2
    assert groups(ask(ws, breakdown="no such property")) == {"(everyone)": [10, 5], "(missing)": [10, 5]}


def test_breakdown_under_hold_takes_the_value_at_the_entry(tmp_path: Path) -> None:
    ws = made(tmp_path, minute("u", "A@0,channel=web,plan=x", "A@10,channel=app,plan=y", "B@20,channel=tv,plan=x"))
    assert groups(ask(ws, hold=["plan"], breakdown="channel")) == {"(everyone)": [1, 1], "web": [1, 1]}
    assert groups(ask(ws, hold=["plan"], breakdown="channel", at="step 2")) == {"(everyone)": [1, 1], "tv": [1, 1]}


def test_breakdown_in_sessions_of_the_source_takes_the_value_at_the_entry(tmp_path: Path) -> None:
    ws = made(
        tmp_path, minute("u", "A@0,channel=web,session=s2", "Z@5,channel=app,session=s1", "B@20,channel=tv,session=s2")
    )
    found = ask(ws, window="session", breakdown="channel")
    assert groups(found) == {"(everyone)": [1, 1], "web": [1, 1]}
    assert groups(ask(ws, window="session", breakdown="channel", at="step 2")) == {"(everyone)": [1, 1], "tv": [1, 1]}
    assert groups(ask(ws, unit="session", breakdown="channel")) == {"(everyone)": [1, 1], "web": [1, 1]}


def test_breakdown_compares_each_group_with_all_others(tmp_path: Path) -> None:
    people = [minute(f"w{n}", "A@0,channel=web", *(["B@9"] if n < 20 else [])) for n in range(25)]
    people += [minute(f"a{n}", "A@0,channel=app", *(["B@9"] if n < 4 else [])) for n in range(20)]
    people += [minute(f"t{n}", "A@0,channel=tv", *(["B@9"] if n < 7 else [])) for n in range(10)]
    found = ask(made(tmp_path, log(*people)), breakdown="channel")
    counts = {"web": (20, 25), "app": (4, 20), "tv": (7, 10)}
    rows = found.extra("differences").to_pylist()
    assert [row["group"] for row in rows] == ["web", "app", "tv"]
    p_values = []
    for row in rows:
        x, n = counts[row["group"]]
        rest = (31 - x, 55 - n)
        expected = newcombe(x, n, *rest)
        assert (row["difference"], row["low"], row["high"]) == (expected.value, expected.low, expected.high)
        p_values.append(compare_proportions(x, n, *rest).p_value)
        assert row["against"] == "all others"
    assert [row["p_value"] for row in rows] == p_values
    assert [row["q_value"] for row in rows] == list(benjamini_hochberg(p_values))
    assert [row["flagged"] for row in rows] == [True, True, False]
    for row in found.table.to_pylist():
        if row["step"] == 2 and row["group"] in counts:
            interval = wilson(*counts[row["group"]])
            assert (row["of_entered"], row["of_entered_low"], row["of_entered_high"]) == (
                interval.value,
                interval.low,
                interval.high,
            )


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    ws = made(tmp_path, TRAVELLERS)
    for at in ("step 3", "exit", "step 0", ""):
        with pytest.raises(InputError, match="value at"):
            ask(ws, breakdown="channel", at=at)


# ---- comparison -------------------------------------------------------------------------------------------


def test_two_periods_with_newcombes_interval(tmp_path: Path) -> None:
    lines = []
    for month, entered, converted in (("05", 30, 21), ("06", 40, 12)):
        for n in range(entered):
            lines.append(f"{month}u{n} A 2023-{month}-10T00:00:00Z")
            if n < converted:
                lines.append(f"{month}u{n} B 2023-{month}-10T00:30:00Z")
    ws = made(tmp_path, log(*lines))
    found = ask(ws, period="2023-06", compare={"period": "2023-05"})
    assert groups(found) == {"this": [40, 12], "other": [30, 21]}
    (row,) = found.extra("differences").to_pylist()
    expected = newcombe(12, 40, 21, 30)
    assert (row["difference"], row["low"], row["high"]) == (expected.value, expected.low, expected.high)
    assert row["p_value"] == compare_proportions(12, 40, 21, 30).p_value == row["q_value"]
    assert row["flagged"]
    assert "this reached step 2 40.0 points less often than other" in " ".join(found.words)
    assert found.people(group="this", step=2).num_rows == 12
    assert found.people(group="other", step=1).num_rows == 30
    assert found.asked_of["against"]["period"].startswith("2023-05")


def test_comparison_with_another_filter_or_cohort(tmp_path: Path) -> None:
    ws = made(tmp_path, TRAVELLERS)
    assert groups(ask(ws, compare={"cohort": "channel = 'mail'"})) == {"this": [4, 3], "other": [1, 1]}
    assert groups(ask(ws, compare={"filter": "channel = 'web'"})) == {"this": [4, 3], "other": [2, 0]}
    for wrong in ({"unit": "session"}, {}):
        with pytest.raises(InputError):
            ask(ws, compare=wrong)
    with pytest.raises(InputError, match="not for both"):
        ask(ws, compare={"period": "2023-05"}, breakdown="channel")


# ---- whom and when ----------------------------------------------------------------------------------------


def test_period_holds_its_start_and_not_its_end(tmp_path: Path) -> None:
    lines = [
        f"{user} A {at}"
        for user, at in (
            ("before", "2023-04-30T21:59:59.999999Z"),
            ("first", "2023-04-30T22:00:00Z"),
            ("last", "2023-05-31T21:59:59.999999Z"),
            ("after", "2023-05-31T22:00:00Z"),
        )
    ]
    ws = made(tmp_path, log(*lines, "last B 2023-05-31T22:30:00Z"), time_zone="Europe/Paris")
    for period in ("2023-05", "2023-05-01..2023-06-01", "2023-05..2023-06"):
        found = ask(ws, period=period)
        assert sorted(found.people().column("person").to_pylist()) == ["user_id:first", "user_id:last"]
        assert steps(found) == [2, 1], "a conversion may fall after the period"
    assert steps(ask(ws, period="2023-05-31..")) == [2, 1]
    assert steps(ask(ws, period="..2023-05-01")) == [1, 0]


def test_an_entry_before_the_period_does_not_help(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-04-30T23:50:00Z\nu B 2023-05-01T00:10:00Z")
    assert steps(ask(ws, period="2023-05")) == [0, 0]
    assert steps(ask(ws, period="2023-04")) == [1, 1]


def test_session_that_began_before_the_period_is_cut_where_it_always_is(tmp_path: Path) -> None:
    """No session is longer than 24 hours, counted from its own beginning and not from that of the period."""
    lines = []
    began = 60  # minutes after midnight of 30 April
    for k in range(80):
        at = began + 20 * k
        name = {69: "A", 74: "B"}.get(k, "Z")  # 00:00 and 01:40 on 1 May, with the 24 hours over at 01:00
        day, rest = divmod(at, 1440)
        lines.append(f"u {name} 2023-{'04-30' if day == 0 else '05-01'}T{rest // 60:02d}:{rest % 60:02d}:00Z")
    ws = made(tmp_path, log(*lines))
    assert steps(ask(ws, window="session")) == [1, 0]
    assert steps(ask(ws, unit="session", period="2023-05", window="3 hours")) == [1, 0]
    assert steps(ask(ws, window="session", period="2023-05")) == [1, 0]


def test_cutoff_hides_what_came_later_and_leaves_open_what_could_go_on(tmp_path: Path) -> None:
    ws = made(tmp_path, log(minute("u", "A@0", "B@30"), minute("v", "A@0"), minute("w", "A@45", "B@50")))
    assert (steps(ask(ws)), steps(ask(ws), column="dropped")) == ([3, 2], [1, 0])
    early = ask(ws, cutoff="2023-05-01 00:20")
    assert [early.columns[name][0] for name in ("reached", "dropped", "undecided", "mature")] == [2, 0, 2, 0]
    assert early.columns["of_entered"] == [None, None]
    assert "undecided" in codes(early)
    assert steps(ask(ws, cutoff="2023-05-01 00:30")) == [2, 1], "the cut-off itself is known"
    last = ask(ws, cutoff="2023-05-01 01:00")
    assert [last.columns[name][0] for name in ("reached", "dropped", "undecided", "mature")] == [3, 1, 0, 2]
    assert last.columns["of_entered"] == [1.0, 0.5], "w's window is open, so its conversion is in no rate"
    just = ask(ws, cutoff="2023-05-01 00:59:59.999999")
    assert [just.columns[name][0] for name in ("reached", "dropped", "undecided", "mature")] == [3, 0, 1, 0]


def test_an_optional_step_of_a_young_passage_does_not_stand_against_older_ones(tmp_path: Path) -> None:
    lines = "u A 2023-01-01T00:00:00Z\nu A 2023-01-10T00:00:00Z\nu B 2023-01-10T01:00:00Z\nu C 2023-01-10T02:00:00Z"
    found = ask(made(tmp_path, lines, late=False), "A", "B", Step("C", optional=True), "D", window="1 day")
    assert steps(found) == [1, 1, 1, 0]
    assert found.columns["mature"][:2] == [1, 0]


COLUMNS = ("name", "channel", "source")


def duplicated(seed: int) -> str:
    """A log whose properties `p_name` and `p_channel` repeat the columns."""
    rng = random.Random(seed)
    lines = []
    for _ in range(400):
        name, channel = rng.choice("ABCD"), rng.choice(["", "web", "app", "tv"])
        pairs = f"p_name={name}" + (f" channel={channel} p_channel={channel}" if channel else "")
        lines.append(
            f"u{rng.randrange(40)} {name} "
            f"2023-05-{rng.randrange(1, 4):02d}T{rng.randrange(24):02d}:{rng.randrange(0, 60, 10):02d}:00Z "
            f"{pairs}"
        )
    return "\n".join(lines)


FILTERS = [
    "name = 'A'",
    "name != 'A'",
    "channel = 'web'",
    "not channel = 'web'",
    "channel != 'web'",
    "channel is missing",
    "channel is not missing",
    "channel in ('web', 'tv')",
    "not channel in ('web', 'tv')",
    "name in ('A', 'B') and channel = 'app'",
    "name = 'B' or channel is missing",
    "not (name = 'B' or channel = 'web')",
    "name < 'C'",
    "channel >= 'tv'",
    "name between 'B' and 'C'",
    "channel like 'w%'",
    "channel contains 'p'",
    "channel matches '^(a|t)'",
    "channel starts with 't' or name ends with 'D'",
    "name = channel",
    "channel = 'nowhere'",
    "true",
    "false",
]


def test_a_hot_column_and_a_property_that_repeats_it_give_the_same(tmp_path: Path) -> None:
    ws = made(tmp_path, duplicated(3), late=False)
    told = set()
    for text in FILTERS:
        other = text.replace("channel", "p_channel").replace("name", "p_name")
        hot, slow = ask(ws, filter=text), ask(ws, filter=other)
        assert hot.to_dict()["table"] == slow.to_dict()["table"], text
        assert ask(ws, cohort=text).columns == ask(ws, cohort=other).columns, text
        first, second = Step(text, "one"), Step(other, "one")
        one, two = (ask(ws, step, "C", entry="each", window="2 hours") for step in (first, second))
        assert one.columns == two.columns, text
        assert one.extras == two.extras, text
        counted = ws.sql("SELECT count(*) AS n FROM events").to_pylist()[0]["n"]
        assert ws.events(text, most=10_000).num_rows == ws.events(other, most=10_000).num_rows <= counted
        told.add(tuple(one.columns["reached"]))
    assert len(told) > 10
    for one_field, other_field in (("channel", "p_channel"), ("name", "p_name")):
        for at in ("entry", "step 2", "first known", "last known"):
            assert groups(ask(ws, breakdown=one_field, at=at)) == groups(ask(ws, breakdown=other_field, at=at))
        assert steps(ask(ws, hold=[one_field])) == steps(ask(ws, hold=[other_field]))


# ---- options of the funnel --------------------------------------------------------------------------------


def test_hold_keeps_a_property_the_same(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        log(
            minute("same", "A@0,order=1", "A@1,order=2", "B@2,order=1"),
            minute("other", "A@0,order=1", "B@2,order=2"),
            minute("bare", "A@0", "B@2"),
            minute("half", "A@0", "B@2,order=1"),
            minute("two", "A@0,order=1,shop=x", "B@2,order=1,shop=y"),
        ),
    )
    assert steps(ask(ws)) == [5, 5]
    found = ask(ws, hold=["order"])
    assert steps(found) == [5, 3]
    assert sorted(found.people(step=2).column("person").to_pylist()) == ["user_id:bare", "user_id:same", "user_id:two"]
    assert "missing_hold" in codes(found)
    assert steps(ask(ws, hold=["order", "shop"])) == [5, 2]
    assert steps(ask(ws, hold=["order"], entry="each")) == [6, 3], "each order is an attempt of its own"


def test_optional_steps(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        log(
            minute("u", "A@0", "O@5", "B@10"),
            minute("v", "A@0", "B@10"),
            minute("w", "A@0", "O@5"),
            minute("x", "A@0", "B@1", "O@2"),
        ),
    )
    found = ask(ws, "A", Step("O", name="look", optional=True), "B")
    assert found.columns["name"] == ["A", "look", "B"]
    assert steps(found) == [4, 2, 3]
    assert found.columns["dropped"] == [1, None, 0]
    assert found.people(step=2).num_rows == 2
    assert found.columns["of_previous"] == [None, 0.5, 0.75]


def test_exclusion_between_two_steps_only(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        log(
            minute("u", "A@0", "X@1", "B@2", "C@3"),
            minute("v", "A@0", "B@2", "X@3", "C@4"),
            minute("w", "A@0", "B@1", "C@2", "X@3"),
        ),
    )
    assert steps(ask(ws, "A", "B", "C", exclude=["X"])) == [3, 2, 1]
    assert steps(ask(ws, "A", "B", "C", exclude=[Exclusion("X", 1, 2)])) == [3, 2, 2]
    assert steps(ask(ws, "A", "B", "C", exclude=[Exclusion("X", 2, 3)])) == [3, 3, 2]
    assert steps(ask(ws, "A", "B", "C", exclude=[Exclusion("name = 'X' and plan = 'pro'")])) == [3, 3, 3]
    dropped = ask(ws, "A", "B", "C", exclude=[Exclusion("X", 1, 2)], excluded="drop_unit")
    assert (steps(dropped), dropped.people(outcome="excluded").num_rows) == ([2, 2, 2], 1)


def test_a_unit_with_an_exclusion_that_converts_anyway_stays(tmp_path: Path) -> None:
    ws = made(tmp_path, log(minute("u", "A@0", "X@1", "A@2", "B@3"), minute("v", "A@0", "X@1")))
    assert steps(ask(ws, exclude=["X"], excluded="drop_unit")) == [1, 1]


def test_per_step_window(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        log(
            minute("u", "A@0", "B@5", "C@20"),
            minute("v", "A@0", "B@5", "C@21"),
            minute("w", "A@0", "B@5", "B@9", "C@21"),
        ),
    )
    assert steps(ask(ws, "A", "B", Step("C", within="15 minutes"))) == [3, 3, 2]
    assert steps(ask(ws, "A", Step("B", within="4 minutes"), "C")) == [3, 0, 0]


def test_partial_order(tmp_path: Path) -> None:
    orders = list(itertools.permutations("BCD"))
    people = [
        minute(f"u{n}", "A@0", *(f"{name}@{k + 1}" for k, name in enumerate(order))) for n, order in enumerate(orders)
    ]
    ws = made(tmp_path, log(*people))
    found = ask(ws, "A", ["B", "C"], "D", order="partial")
    assert steps(found) == [6, 6, 6, 2], "D must come last"
    assert steps(ask(ws, "B", "C", "D", order="any")) == [6, 6, 6]
    assert ask(ws, "B", "C", "D", order="any").columns["name"] == ["1 of 3 steps", "2 of 3 steps", "3 of 3 steps"]
    assert steps(ask(ws, "B", "C", "D")) == [6, 3, 1]


def test_strict_order_and_its_scope(tmp_path: Path) -> None:
    ws = made(
        tmp_path, log(minute("u", "A@0", "B@1"), minute("v", "A@0", "Z@1", "B@2"), minute("w", "A@0", "A@1", "B@2"))
    )
    assert steps(ask(ws, order="strict")) == [3, 2]
    assert steps(ask(ws, order="strict", strict_scope="name != 'Z'")) == [3, 3]
    assert steps(ask(ws, order="strict", entry="first")) == [3, 1]
    assert steps(ask(ws, order="strict", strict_scope="name = 'nothing'", entry="first")) == [3, 2], (
        "what does a step is always minded"
    )


def test_window_by_the_session(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        log(
            minute("u", "A@0", "Z@25", "B@50"),
            minute("v", "A@0", "B@31"),
            minute("w", "A@0,session=s1", "B@31,session=s1", "B@32,session=s2"),
        ),
    )
    found = ask(ws, window="session")
    assert sorted(found.people(step=2).column("person").to_pylist()) == ["user_id:u", "user_id:w"]
    assert steps(found) == [3, 2]


def test_entry_each_counts_attempts(tmp_path: Path) -> None:
    ws = made(tmp_path, minute("u", "A@0", "B@1", "A@2", "A@100", "B@101"))
    found = ask(ws, entry="each")
    assert (steps(found), steps(found, column="dropped")) == ([3, 2], [1, 0])
    assert found.people().num_rows == 3
    assert steps(ask(ws)) == [1, 1]


# ---- what they did instead --------------------------------------------------------------------------------


def test_what_people_did_instead(tmp_path: Path) -> None:
    others = ["help"] * 4 + ["search"] * 3 + ["chat"] * 2 + ["mail", "blog"]
    people = [minute(f"u{n}", "A@0", f"{name}@30") for n, name in enumerate(others)]
    people += [minute(f"again{n}", "A@0", "A@20", "help@40") for n in range(2)]
    people += [
        minute("nothing", "A@0"),
        "late A 2023-05-01T00:00:00Z\nlate help 2023-05-02T00:00:00.000001Z",
        "edge A 2023-05-01T00:00:00Z\nedge help 2023-05-02T00:00:00Z",
    ]
    people += [minute("done", "A@0", "B@1", "help@2"), minute("further", "A@0", "B@1", "C@2")]
    ws = made(tmp_path, log(*people))
    rows = ask(ws, instead_top=2).extra("instead").to_pylist()
    assert [(row["instead"], row["passages"]) for row in rows] == [
        ("help", 7),
        ("search", 3),
        ("(other)", 4),
        ("(nothing)", 2),
    ]
    assert sum(row["passages"] for row in rows) == steps(ask(ws), column="dropped")[0] == 16
    assert [row["of_dropped"] for row in rows] == [number / 16 for number in (7, 3, 4, 2)]
    assert {row["step"] for row in rows} == {1}
    # the reported passage is the one that arrived first, so those who came again are judged from their first touch
    for within, nothing in (("35 minutes", 5), ("40 minutes", 3), ("29 minutes", 16)):
        short = ask(ws, instead_within=within).extra("instead").to_pylist()
        assert sum(row["passages"] for row in short) == 16
        assert sum(row["passages"] for row in short if row["instead"] == "(nothing)") == nothing
    assert ask(ws, instead_top=0).extra("instead").num_rows == 0
    assert ask(ws, instead_top=0).columns == ask(ws).columns
    deeper = ask(ws, "A", "B", "D").extra("instead").to_pylist()
    assert {(row["instead"], row["passages"]) for row in deeper if row["step"] == 2} == {("help", 1), ("C", 1)}


def test_undecided_people_did_nothing_instead_yet(tmp_path: Path) -> None:
    ws = made(tmp_path, minute("u", "A@0", "help@10"), late=False)
    assert ask(ws).extra("instead").num_rows == 0


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"steps": ["A"]}, "two steps"),
        ({"steps": []}, "two steps"),
        ({"steps": ["A", ""]}, "empty"),
        ({"steps": ["A", {"where": "B", "optional": True}]}, "last step"),
        ({"steps": [{"where": "A", "within": "1 hour"}, "B"]}, "first step"),
        ({"steps": ["A", "B"], "window": "10"}, "10"),
        ({"steps": ["A", "B"], "window": "-1 day"}, "-1"),
        ({"steps": ["A", "B"], "window": "fortnight"}, "fortnight"),
        ({"steps": ["A", "B"], "order": "backwards"}, "backwards"),
        ({"steps": ["A", "B"], "entry": "last"}, "last"),
        ({"steps": ["A", "B"], "exclude": [{"where": "X", "after": 2, "before": 2}]}, "exclusion"),
        ({"steps": ["A", "B"], "exclude": [{"where": "X", "after": 1, "before": 3}]}, "exclusion"),
        ({"steps": ["A", ["B", "C"]]}, "partial"),
        ({"steps": ["A", "B"], "order": "partial"}, "partial"),
        ({"steps": ["A", "B"], "strict_scope": "name = 'A'"}, "strict"),
        ({"steps": ["A", "B"], "instead_top": -1}, "instead_top"),
        ({"steps": ["A"] * 33}, "32"),
        ({"steps": ["A", "name =="]}, "character"),
        ({"steps": ["A", "B"], "speed": 3}, "speed"),
        ({"steps": "A, B"}, "steps"),
        ({"steps": ["A", "B"], "windwo": "1 hour"}, "window"),
    ],
)
def test_a_funnel_that_makes_no_sense_is_refused_in_words(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    import desirepath

    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    with pytest.raises(DesirepathError, match=says):
        ws.ask("funnel", **fields)
