"""Real data through a whole workspace: answers equal to plain SQL over the files, and to known figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from made_workspaces import groups, steps
from real_data import DATA, MAPPINGS, expected, needs_data, opened

from desirepath import Workspace
from desirepath.statistics import newcombe

ZONE = "America/Sao_Paulo"

pytestmark = needs_data


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with opened(tmp_path_factory.mktemp("real"), "olist", "olist_A", ZONE) as ws:
        yield ws


@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with opened(tmp_path_factory.mktemp("real"), "clicks_ecom_planted", "clicks_ecom_planted/events.parquet") as ws:
        yield ws


@pytest.fixture(scope="module")
def files() -> duckdb.DuckDBPyConnection:
    """Each event of the orders in SQL, straight from the files: person, name, moment, whether it was late."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'").fetchall()
    folder = DATA / "olist_A"

    def happened(name: str, column: str, table: str = "o") -> str:
        return f"""SELECT c.customer_unique_id AS person, '{name}' AS name,
            epoch_us(timezone('{ZONE}', {table}.{column})) AS t,
            o.order_delivered_customer_date > o.order_estimated_delivery_date AS late
            FROM '{folder}/orders.parquet' o JOIN '{folder}/customers.parquet' c USING (customer_id)
            {"" if table == "o" else f"JOIN '{folder}/order_reviews.parquet' r USING (order_id)"}
            WHERE {table}.{column} IS NOT NULL"""

    columns = {
        "purchase": "order_purchase_timestamp",
        "order approved": "order_approved_at",
        "handed to carrier": "order_delivered_carrier_date",
        "delivered": "order_delivered_customer_date",
    }
    parts = [happened(name, column) for name, column in columns.items()] + [
        happened("review", "review_answer_timestamp", "r")
    ]
    con.execute(f"CREATE TABLE happened AS {' UNION ALL '.join(parts)}").fetchall()
    return con


WAY = ["purchase", "order approved", "handed to carrier", "delivered", "review"]
DAY = 86_400_000_000


def people_by_sql(con: duckdb.DuckDBPyConnection, depth: int, days: int) -> list[str]:
    """Who did the first steps in order within a window that begins at the first."""
    joins = " ".join(
        (
            f"JOIN happened h{k} ON h{k}.person = h0.person AND h{k}.name = '{WAY[k]}' AND h{k}.t "
            f">= h{k - 1}.t AND h{k}.t - h0.t <= {days * DAY}"
        )
        for k in range(1, depth)
    )
    rows = con.execute(f"SELECT DISTINCT h0.person FROM happened h0 {joins} WHERE h0.name = 'purchase'").fetchall()
    return sorted(row[0] for row in rows)


@pytest.mark.parametrize("days", [3, 15, 400])
def test_olist_way_of_an_order_equals_sql(olist: Workspace, files: duckdb.DuckDBPyConnection, days: int) -> None:
    found = olist.ask("funnel", steps=WAY, window=f"{days} days")
    for step in range(1, len(WAY) + 1):
        who = people_by_sql(files, step, days)
        assert found.columns["reached"][step - 1] == len(who)
        told = found.people(step=step).column("person").to_pylist()
        assert sorted(person.partition(":")[2] for person in told) == who
    assert found.columns["reached"][0] == expected("olist_A")["persons"]
    assert found.columns["reached"] == sorted(found.columns["reached"], reverse=True)


def test_olist_late_against_on_time_equals_sql(olist: Workspace, files: duckdb.DuckDBPyConnection) -> None:
    found = olist.ask(
        "funnel", steps=["purchase", "delivered", "review"], window="400 days", breakdown="late", at="step 2"
    )
    rows = files.execute(
        f"""WITH pairs AS (SELECT p.person, p.t AS start, d.t AS arrived, d.late FROM happened p JOIN happened d
                ON d.person = p.person AND d.name = 'delivered' AND d.t >= p.t AND d.t - p.t <= {400 * DAY}
                WHERE p.name = 'purchase'),
            whole AS (SELECT q.*, r.t AS done FROM pairs q LEFT JOIN happened r
                ON r.person = q.person AND r.name = 'review' AND r.t >= q.arrived AND r.t - q.start <= {400 * DAY}),
            told AS (SELECT * FROM whole QUALIFY row_number() OVER (
                PARTITION BY person ORDER BY done IS NULL, coalesce(done, arrived), start DESC, arrived) = 1)
        SELECT late, count(*), count(done) FROM told GROUP BY late"""
    ).fetchall()
    by_sql = {str(late).lower(): [delivered, reviewed] for late, delivered, reviewed in rows}
    told = groups(found)
    assert {late: told[late][1:] for late in by_sql} == by_sql
    assert min(by_sql["true"]) > 100, "many review before it arrives, so fewer than all late orders"
    never = told["(not reached)"]
    assert never[1:] == [0, 0]
    assert told["(everyone)"][0] == never[0] + sum(told[late][0] for late in by_sql) == expected("olist_A")["persons"]
    for late, count in by_sql.items():
        assert found.people(group=late, step=3).num_rows == count[1]


def test_olist_figures(olist: Workspace) -> None:
    known = expected("olist_A")
    (row,) = olist.sql(
        """SELECT (SELECT count(*) FROM people) AS people, count(*) FILTER (name = 'purchase') AS orders,
        sum(value) FILTER (name LIKE 'payment %') AS paid,
        avg((properties ->> '$.score')::INT) FILTER (name = 'review') AS mean,
        count(*) FILTER (name = 'review' AND properties ->> '$.text' IS NOT NULL) AS texts FROM events"""
    ).to_pylist()
    assert (row["people"], row["orders"], row["texts"]) == (
        known["persons"],
        known["orders"],
        known["reviews_with_text"],
    )
    assert row["paid"] == pytest.approx(known["payment_value"], abs=0.01)
    assert row["mean"] == pytest.approx(known["review_mean"], abs=1e-6)
    scores = olist.ask("funnel", steps=["purchase", "review"], window="400 days", breakdown="score", at="step 2")
    told = {score: counts[1] for score, counts in groups(scores).items() if score in known["review_scores"]}
    assert sum(told.values()) == groups(scores)["(everyone)"][1]
    assert all(told[score] <= known["review_scores"][score] for score in told)
    assert olist.engine.extent().people == known["persons"]


def test_clicks_figures(clicks: Workspace) -> None:
    known = expected("clicks_ecom_planted")
    extent = clicks.engine.extent()
    assert (extent.events, extent.people) == (known["events"], known["users"])
    sessions = clicks.ask(
        "funnel", steps=["name is not missing", "name = 'purchase'"], unit="session", entry="first", window="30 days"
    )
    assert sessions.columns["reached"] == [known["sessions"], known["sessions_with_purchase"]]
    assert sessions.people().num_rows == known["sessions"]
    counted = {
        row["name"]: row["n"] for row in clicks.sql("SELECT name, count(*) AS n FROM events GROUP BY name").to_pylist()
    }
    assert counted == known["event_counts"]


def test_clicks_people_who_reach_each_page(clicks: Workspace) -> None:
    for name, people in expected("clicks_ecom_planted")["users_reaching"].items():
        found = clicks.ask("funnel", steps=[f"name = '{name}'", "name = 'nothing'"])
        assert (steps(found)[0], found.people().num_rows) == (people, people)


def test_clicks_by_channel_of_acquisition(clicks: Workspace) -> None:
    known = expected("clicks_ecom_planted")["users_by_channel"]
    for field in ("channel", "acquisition_channel"):
        found = groups(clicks.ask("funnel", steps=["name is not missing", "name = 'purchase'"], breakdown=field))
        assert {name: counts[0] for name, counts in found.items() if name != "(everyone)"} == known


def test_clicks_incident_in_payment(clicks: Workspace) -> None:
    """The known figures ask for both pages in one session, whichever came first; in many the purchase does."""
    known = expected("clicks_ecom_planted")["payment_to_purchase_session_cr"]
    periods = {
        "before_2024_05_19": "..2024-05-19",
        "incident_05_19_to_06_08": "2024-05-19..2024-06-08",
        "after": "2024-06-08..",
    }
    pages = ["payment_details", "purchase"]
    asked = {"unit": "session", "window": "1 day"}
    counted: dict[str, list[int]] = {}
    for name, period in periods.items():
        entered = steps(clicks.ask("funnel", steps=pages, period=period, **asked))[0]
        both = clicks.ask("funnel", steps=pages, order="any", period=period, **asked)
        bought = steps(both)[1]
        assert both.people(step=2).num_rows == bought
        counted[name] = [entered, bought]
        assert entered == known[name][0]
        assert bought / entered == pytest.approx(known[name][1], abs=5e-5)
    compared = clicks.ask(
        "funnel",
        steps=pages,
        period=periods["incident_05_19_to_06_08"],
        compare={"period": periods["before_2024_05_19"]},
        **asked,
    )
    told = groups(compared)
    assert [told["this"][0], told["other"][0]] == [130, 337]
    (row,) = compared.extra("differences").to_pylist()
    interval = newcombe(told["this"][1], 130, told["other"][1], 337)
    assert (row["difference"], row["low"], row["high"]) == (interval.value, interval.low, interval.high)
    assert row["flagged"]
    assert row["high"] < 0, "in order too, fewer buy during the incident"


@pytest.mark.parametrize("name", ["receipt_log", "helpdesk_log"])
def test_process_logs(tmp_path: Path, name: str) -> None:
    known = expected(name)
    with opened(tmp_path, name, f"{name}/events.parquet") as ws:
        extent = ws.engine.extent()
        assert (extent.events, extent.people) == (known["events"], known["cases"])
        activities = ws.sql("SELECT name, count(*) AS n FROM events GROUP BY name").to_pylist()
        assert len(activities) == known["activities"]
        counted = {row["name"]: row["n"] for row in activities}
        assert {activity: counted[activity] for activity in known["top_activities"]} == known["top_activities"]
        for pair, number in known["top_dfg"].items():
            first, _, second = pair.partition(" -> ")
            found = ws.ask(
                "funnel",
                steps=[f"name = '{first}'", f"name = '{second}'"],
                order="strict",
                window="4000 days",
                entry="each",
            )
            cases = ws.sql(
                f"""SELECT count(DISTINCT person) AS n FROM (SELECT o.person, e.name, lead(e.name) OVER (
                    PARTITION BY o.person ORDER BY e.occurred_at, e.sequence, e.id) AS following
                    FROM events e JOIN person_of o ON o.identity = e.identity)
                WHERE name = '{first}' AND following = '{second}'"""
            ).to_pylist()[0]["n"]
            reached = len(set(found.people(step=2).column("person").to_pylist()))
            assert reached >= cases, "events of one instant may stand in any order, so never fewer"
            assert reached <= number


@pytest.mark.parametrize("mapping", sorted(MAPPINGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_mappings_are_short(mapping: Path) -> None:
    lines = [line for line in mapping.read_text().splitlines() if line.strip()]
    most = 25 if mapping.stem != "olist" else 40  # three tables
    assert len(lines) < most
