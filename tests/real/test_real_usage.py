"""Bounces, exits and the use of features in a real shop's clicks, against plain SQL over the file."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from real_data import DATA, expected, needs_data, opened

from desirepath import Workspace

pytestmark = needs_data

FILE = f"'{DATA}/clicks_ecom_planted/events.parquet'"
HAPPENED = """happened AS (SELECT o.person, e.session, e.name, e.occurred_at AS moment,
    row_number() OVER (PARTITION BY o.person, e.session ORDER BY e.occurred_at, e.sequence, e.id) AS place,
    count(*) OVER (PARTITION BY o.person, e.session) AS n,
    max(e.occurred_at) OVER (PARTITION BY o.person, e.session) + INTERVAL 30 MINUTE
        <= (SELECT max(occurred_at) FROM events) AS is_over
    FROM events e JOIN person_of o ON o.identity = e.identity)"""
"""Events in the order of journeys: two of one instant stand by their ids, which the file alone does not tell."""


@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with opened(tmp_path_factory.mktemp("real"), "clicks_ecom_planted", "clicks_ecom_planted/events.parquet") as ws:
        yield ws


def test_bounces_equal_sql(clicks: Workspace) -> None:
    answer = clicks.ask("bounce", unit="session", key="purchase", most=100)
    rows = clicks.sql(
        f"""WITH {HAPPENED}, visit AS (SELECT max(name) FILTER (place = 1) AS entry, any_value(n) AS n,
            any_value(is_over) AS is_over, bool_or(name = 'purchase') AS bought,
            epoch(max(moment) - min(moment)) AS took
            FROM happened GROUP BY person, session)
        SELECT coalesce(entry, '(all)') AS entry, count(*) AS visits, count(*) FILTER (is_over) AS decided,
            count(*) FILTER (is_over AND n = 1) AS classic,
            count(*) FILTER (is_over AND n < 2 AND took < 10 AND NOT bought) AS not_engaged,
            median(took) FILTER (is_over) AS median_seconds
        FROM visit GROUP BY GROUPING SETS ((), (entry))"""
    ).to_pylist()
    names = ("visits", "decided", "classic", "not_engaged", "median_seconds")
    by_sql = {row["entry"]: tuple(row[name] for name in names) for row in rows}
    assert {row["entry"]: tuple(row[name] for name in names) for row in answer.table.to_pylist()} == by_sql
    assert by_sql["(all)"][0] == expected("clicks_ecom_planted")["sessions"]
    assert answer.people(entry="home", kind="classic").num_rows == by_sql["home"][2]


def test_exits_equal_sql_and_transitions(clicks: Workspace) -> None:
    known = expected("clicks_ecom_planted")
    answer = clicks.ask("exits", unit="session", most=100, ramps=100)
    moves = clicks.ask("transitions", unit="session", most=10_000)
    left = {row["touchpoint"]: row["left"] for row in moves.extra("touchpoints").to_pylist()}
    assert {row["touchpoint"]: row["exits"] for row in answer.table.to_pylist()} == left
    times = {(row["from"], row["to"]): row["times"] for row in moves.table.to_pylist() if row["from"] != "(start)"}
    assert {(row["from"], row["to"]): row["times"] for row in answer.extra("ramps").to_pylist()} == times
    rows = clicks.sql(
        f"""WITH {HAPPENED} SELECT name, count(*) FILTER (is_over AND place = n) AS exits,
            count(DISTINCT (person, session)) AS met, count(*) AS visits FROM happened GROUP BY name"""
    ).to_pylist()
    by_sql = {row["name"]: (row["exits"], row["met"], row["visits"]) for row in rows}
    found = {row["touchpoint"]: (row["exits"], row["met"], row["visits"]) for row in answer.table.to_pylist()}
    assert found == by_sql
    assert sum(answer.extras["ends"]["people"]) == known["sessions"]


def test_whoever_buys_is_no_exit(clicks: Workspace) -> None:
    known = expected("clicks_ecom_planted")
    answer = clicks.ask("exits", unit="session", goal="purchase", most=100)
    ends = dict(zip(answer.extras["ends"]["end"], answer.extras["ends"]["people"], strict=True))
    assert ends["converted"] == known["sessions_with_purchase"]
    assert sum(ends.values()) == known["sessions"]
    rows = {row["touchpoint"]: row for row in answer.table.to_pylist()}
    assert (rows["purchase"]["exits"], rows["purchase"]["converted"]) == (0, known["sessions_with_purchase"])
    error = rows["payment_error"]
    assert error["of_met_low"] > rows["cart"]["of_met_high"], "more of those who meet an error leave from it"


def test_use_of_features_equals_sql(clicks: Workspace) -> None:
    answer = clicks.ask("usage", most=100)
    (row,) = answer.table.to_pylist()
    bounds = duckdb.sql(f"SELECT max(timestamp)::DATE - 28, max(timestamp)::DATE - 1 FROM {FILE}").fetchall()[0]
    assert row["bucket"] == f"28 days to {bounds[1]:%Y-%m-%d}"
    inside = f"{FILE} WHERE timestamp::DATE BETWEEN '{bounds[0]}' AND '{bounds[1]}'"
    people = duckdb.sql(
        f"""SELECT user_id, count(DISTINCT event), count(*), count(DISTINCT timestamp::DATE) FROM {inside} GROUP BY 1"""
    ).fetchall()
    assert row["active"] == len(people)
    assert row["breadth"] == pytest.approx(sum(n for _, n, _, _ in people) / len(people))
    assert row["depth"] == pytest.approx(sum(uses / days for _, _, uses, days in people) / len(people))
    assert row["active_days"] == sum(days for _, _, _, days in people)
    features = duckdb.sql(
        f"""SELECT event, count(DISTINCT user_id), count(*), count(DISTINCT (user_id, timestamp::DATE))
        FROM {inside} GROUP BY 1"""
    ).fetchall()
    found = answer.extra("features").to_pylist()
    assert sorted((r["feature"], r["people"], r["uses"], r["active_days"]) for r in found) == sorted(features)
    assert row["catalogue"] == len(features)
    broad = {who for who, n, _, _ in people if n >= 10}
    told = answer.people(at_least=10).column("person").to_pylist()
    assert {person.partition(":")[2] for person in told} == broad
