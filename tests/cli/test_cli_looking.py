"""Do people, events and SQL show what is stored, and only that?"""

from __future__ import annotations

import csv
import io

import pytest


def test_a_person_by_id_identity_or_value(cli, acme):
    shown = cli("people", "show", "customer:c00", "-w", acme)
    assert shown.out.splitlines()[0] == "customer:c00"
    assert "customer: c00 (strong)" in shown.out
    assert "2026-03-01 12:00:00  order" in shown.out
    assert cli("people", "show", "c00", "-w", acme).out == shown.out
    document = cli("people", "show", "c00", "-w", acme, "--json").json
    assert [event["name"] for event in document["events"]] == ["visit", "cart", "order", "closing"]
    assert document["events"][0]["occurred_at"] == "2026-03-01T10:00:00+01:00"
    assert document["events"][2]["properties"] == {"plan": "pro"}


def test_a_story_cut_short_says_so(cli, acme):
    document = cli("people", "show", "c00", "-w", acme, "--most", "2", "--json").json
    assert (len(document["events"]), document["more"]) == (2, True)
    assert "there are more" in cli("people", "show", "c00", "-w", acme, "--most", "2").out


def test_nobody_of_that_name(cli, acme):
    ended = cli("people", "show", "customer:c77", "-w", acme)
    assert ended.code == 2
    assert "There is no person called 'customer:c77'. Did you mean" in ended.err


def test_events_with_a_filter(cli, acme):
    found = cli("events", "-w", acme, "--filter", "name = 'order' and value > 5", "--json").json["events"]
    assert sorted(event["value"] for event in found) == [5.5, 6.5, 7.5]
    assert len(cli("events", "-w", acme, "--most", "3", "--json").json["events"]) == 3
    rows = list(
        csv.DictReader(io.StringIO(cli("events", "-w", acme, "--output", "csv", "--filter", "name = 'order'").out))
    )
    assert {row["name"] for row in rows} == {"order"}


def test_sql_shows_rows_in_every_form(cli, acme):
    query = "SELECT name, count(*) AS n FROM events GROUP BY name ORDER BY n DESC"
    assert [line.split() for line in cli("sql", query, "-w", acme).out.splitlines()] == [
        ["name", "n"],
        ["visit", "20"],
        ["cart", "12"],
        ["order", "7"],
        ["closing", "1"],
    ]
    assert (
        cli("sql", query, "-w", acme, "--output", "csv").out
        == "name,n\r\nvisit,20\r\ncart,12\r\norder,7\r\nclosing,1\r\n"
    )
    cut = cli("sql", query, "-w", acme, "--most", "1", "--json").json
    assert cut == {"rows": [{"name": "visit", "n": 20}], "more": True}
    assert len(cli("sql", "SELECT * FROM range(1500)", "-w", acme, "--most", "0", "--json").json["rows"]) == 1500


def test_sql_spells_what_json_cannot(cli, acme):
    query = (
        "SELECT 'infinity'::TIMESTAMPTZ AS a, 1.5::DECIMAL(9, 2) AS b, 'nan'::DOUBLE AS c, '\\x01'::BLOB AS d, "
        "1 AS x, 2 AS x, DATE '0001-01-01' - INTERVAL 9 YEAR AS e"
    )
    row = cli("sql", query, "-w", acme, "--json").json["rows"][0]
    assert (row["b"], row["c"], row["d"], row["x"], row["x_1"]) == (1.5, None, "\x01", 1, 2)
    assert cli("sql", query, "-w", acme).code == 0


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE events",
        "SELECT 1; SELECT 2",
        "SELEC 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY events TO '/tmp/x'",
        "SELECT * FROM nothing",
        "",
    ],
)
def test_sql_refuses_what_is_no_select(cli, acme, query):
    ended = cli("sql", query, "-w", acme)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert cli("sql", "SELECT count(*) AS n FROM events", "-w", acme, "--json").json["rows"] == [{"n": 40}]
