"""Does the demo find what was planted, notice when it does not, and go on where it was stopped?"""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

import pyarrow.parquet as pq
import pytest
from demo_shared import demo_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small demo and what its first run said."""
    return demo_company(tmp_path_factory)


@pytest.fixture
def copy(company: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(company[0], tmp_path / "company"))


def test_the_first_run_imports_asks_and_compares(company):
    folder, said = company
    assert (folder / "workspace.toml").is_file()
    assert (folder / "sources" / "truth.json").is_file()
    assert "in every line, read = stored + duplicate + quarantined" in said
    assert "purchase.order.of_entered[web]" in said
    assert "planted figures were found again." in said
    assert f"desirepath ask funnel -w {folder}" in said


def test_the_account_covers_every_event_of_the_files(cli, company):
    document = cli("demo", company[0], "--json").json
    truth = json.loads((company[0] / "sources" / "truth.json").read_text())
    events = {row["source"]: row["events"] + row["duplicate"] + row["quarantined"] for row in document["imports"]}
    assert events == {name: source["events"] for name, source in truth["events"].items()}
    assert {row["source"]: row["rows"] for row in document["imports"]} == {
        name: source["rows"] for name, source in truth["events"].items()
    }
    assert all(row["read"] == row["stored"] + row["duplicate"] + row["quarantined"] for row in document["imports"])


def test_the_second_run_only_asks(cli, copy):
    ended = cli("demo", copy)
    assert ended.code == 0
    assert "exists (2,000 people, seed 3)" in ended.out
    assert "Imported" not in ended.out
    refused = cli("demo", copy, "--people", "700")
    assert (refused.code, "--people 700 needs another folder" in refused.err) == (2, True)


def test_every_answer_is_exact(cli, company):
    figures = [figure for one in cli("demo", company[0], "--json").json["asked"] for figure in one["figures"]]
    assert len(figures) > 40
    assert all(figure["exact"] for figure in figures)


def test_the_demos_people_are_recognised(cli, company):
    known = cli("demo", company[0], "--json").json["who_is_who"]
    assert known["precision"] > 0.99
    assert known["recall"] > 0.9
    assert known["most_mixed"] <= 2
    assert known["pairs_right"] <= min(known["pairs_together"], known["pairs_possible"])
    assert "(precision)" in cli("demo", company[0]).out


@pytest.mark.parametrize("wrong", ["figures", "counts"])
def test_a_figure_that_is_not_found_again_fails(cli, copy, wrong):
    place = copy / "sources" / "truth.json"
    truth = json.loads(place.read_text())
    if wrong == "figures":
        truth["figures"]["purchase.order.of_entered"] |= {"planted": 0.9, "realised": 0.9}
    else:
        truth["counts"]["purchase.all.order"] += 1
    place.write_text(json.dumps(truth))
    ended = cli("demo", copy)
    assert ended.code == 1
    assert "1 of" in ended.out
    assert cli("demo", copy, "--json").json["missed"] == [
        "purchase.order.of_entered" if wrong == "figures" else "purchase.all.order"
    ]


def test_a_run_that_was_stopped_goes_on(cli, copy):
    shutil.rmtree(copy / "archive" / "000003")
    assert cli("rebuild", "-w", copy).code == 0
    ended = cli("demo", copy)
    assert ended.code == 0
    assert "Imported" in ended.out
    shutil.rmtree(copy / "sources")
    (copy / "sources.draft").mkdir()
    assert cli("demo", copy, "--people", "2000", "--seed", "3").code == 0


def test_somebody_elses_folder_is_left_alone(cli, own):
    assert cli("demo", own).code == 3
    ended = cli("demo", own / "acme")
    assert (ended.code, "not one that the demo made" in ended.err) == (2, True)


def test_the_planted_sore_is_the_top_friction(cli, company):
    """A missed visit costs a trip and a call; the truth is what the dice gave for cases that were repaired."""
    truth = json.loads((company[0] / "sources" / "truth.json").read_text())["figures"]
    rows = cli("ask", "friction", "repair", "-w", company[0], "--json").json["table"]
    assert (rows["kind"][0], rows["at"][0], rows["owner"][0]) == ("detour", "rescheduled visit", "Field service")
    assert rows["clear"][0]
    table = cli("ask", "compare", "repair", "--by", "rescheduled", "--among", "repaired", "-w", company[0], "--json")
    found = {row: place for place, row in enumerate(table.json["table"]["measure"])}
    for measure, figure, points in (
        ("contacts", "repair.calls per case", 1),
        ("cost", "repair.cost EUR per case", 1),
        ("nps", "nps.repair", 100),
    ):
        values = {name: truth[f"{figure}[rescheduled {name}]"] for name in ("0", "1", "2+")}
        some = [values["1"], values["2+"]]
        planted = sum(each["planted"] * each["of"] for each in some) / sum(each["of"] for each in some)
        low, high = (table.json["table"][f"difference_{end}"][found[measure]] for end in ("low", "high"))
        assert low < points * (planted - values["0"]["planted"]) < high


def test_the_planted_complaint_is_what_people_speak_of(cli, company):
    """One call: where feelings dip, what those who came by speak of, in their words."""
    asked = ("ask", "voice", "repair", "--answers", "survey answered", "--text", "comment", "--score", "score")
    answer = cli(*asked, "-w", company[0], "--json").json
    curve = answer["extras"]["curve"]
    place = curve["touchpoint"].index("rescheduled visit")
    # too few people for chance to be left out here; the whole demo in the README says that feelings dip
    assert curve["difference"][place] < -0.5
    assert curve["theme"][place] == "missed visit"
    assert curve["of_people_with_theme"][place] > curve["of_others_with_theme"][place] + 0.2
    assert curve["quote"][place]
    quotes = answer["extras"]["quotes"]
    assert "missed visit" in quotes["theme"]
    rows = cli("ask", "friction", "repair", "-w", company[0], "--json").json["table"]
    assert rows["theme"][rows["kind"].index("detour")] == "missed visit"
    shown = cli("ask", "journey-map", "repair", "-w", company[0], "--json").json["table"]
    assert shown["theme"][shown["touchpoint"].index("rescheduled visit")] == "missed visit"
    said = ("ask", "quotes", "repair", *asked[3:], "--words", "nobody came")
    found = cli(*said, "-w", company[0], "--json").json["table"]
    assert all("nobody came" in text.casefold() for text in found["quote"])
    assert found["quote"]


def test_late_orders_are_found_again(company):
    """Across systems: HubSpot says when an order came and was promised, Qualtrics what people said of it."""
    import desirepath

    truth = json.loads((company[0] / "sources" / "truth.json").read_text())["figures"]
    with desirepath.open(company[0]) as workspace:
        rows = workspace.sql(
            """SELECT d.occurred_at > CAST(d.properties ->> 'promised_by' AS TIMESTAMPTZ) AS late, count(*) AS n,
                avg(CASE WHEN s.value >= 9 THEN 1.0 WHEN s.value >= 7 THEN 0.0 ELSE -1.0 END) AS nps
            FROM events s JOIN events d ON d.name = 'order delivered' AND d.entity_type = 'order'
                AND d.entity_id = s.entity_id
            WHERE s.name = 'survey answered' AND s.entity_type = 'touchpoint' GROUP BY 1"""
        ).to_pylist()
    for row in rows:
        figure = truth[f"nps.order[{'late' if row['late'] else 'on time'}]"]
        assert (row["n"], round(float(row["nps"]), 6)) == (figure["of"], figure["realised"])
    assert len(rows) == 2


def test_the_smallest_company(cli, tmp_path):
    """Too small for anybody to review the app, or to find every figure; all is imported."""
    ended = cli("demo", tmp_path / "tiny", "--people", "50", "--json")
    assert ended.code in (0, 1)
    sources = {row["source"] for row in ended.json["imports"]}
    assert sources | {"google_play"} == {
        "calls", "ga4", "google_play", "hubspot", "qualtrics", "salesforce", "stripe", "zendesk",
    }  # fmt: skip


def test_what_comes_later_is_told_in_the_same_words(cli, copy, tmp_path):
    from datetime import UTC, datetime

    row = {"event_name": "view_item", "user_id": "C00000001", "platform": "WEB", "event_params": []}
    at = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1e6)
    later = tmp_path / "events_20260601.jsonl"
    later.write_text(json.dumps({**row, "event_timestamp": at}) + "\n")
    assert cli("import", later, "-w", copy).code == 0
    found = cli("people", "show", "-w", copy, "user_id:C00000001", "--json").json["events"]
    assert "product view" in {one["name"] for one in found if one["occurred_at"].startswith("2026-06-01T02:00:00")}


@pytest.mark.parametrize(
    ("metric", "figures", "points"),
    [
        ("repair success", ["repair.repaired.of_entered"], 1),
        ("shop conversion", ["purchase.order.of_entered"], 1),
        ("guests who open an account", ["guest.account created of guest checkout (resolved people)"], 1),
        ("churn rate", ["churn.cancelled of due"], 1),
        ("nps after an order", ["nps.order[on time]", "nps.order[late]"], 100),
        ("nps after a repair", [f"nps.repair[rescheduled {n}]" for n in ("0", "1", "2+")], 100),
        ("nps after a call", [f"nps.call[wait {n} 5 minutes]" for n in ("up to", "over")], 100),
    ],
)
def test_a_metric_finds_what_was_planted(cli, company, metric, figures, points):
    """The number is the realised one, and its interval holds what the dice were loaded with.

    The interval is that of 99.9 %: of seven at 95 %, one in three companies would miss one by chance.
    """
    truth = json.loads((company[0] / "sources" / "truth.json").read_text())["figures"]
    found = [truth[name] for name in figures if name in truth]
    of = sum(each["of"] for each in found)
    realised = points * sum(each["count"] for each in found) / of
    planted = points * sum(each["planted"] * each["of"] for each in found) / of
    document = cli("ask", metric.replace(" ", "-"), "-w", company[0], "--json").json
    column = document["question"]["number"]["column"]
    value, low, high = (document["table"][f"{column}{end}"][0] for end in ("", "_low", "_high"))
    assert value == pytest.approx(realised, rel=1e-4)
    wider = 3.29 / 1.96
    assert value - wider * (value - low) <= planted <= value + wider * (high - value)


def test_reasons_of_churn_are_the_planted_ones(cli, company):
    truth = json.loads((company[0] / "sources" / "truth.json").read_text())["figures"]
    planted = {
        name.removeprefix("churn.reason ").partition(" of cancelled")[0]: 0
        for name in truth
        if name.startswith("churn.reason ")
    }
    for name, figure in truth.items():
        if name.startswith("churn.reason "):
            planted[name.removeprefix("churn.reason ").partition(" of cancelled")[0]] += figure["count"]
    document = cli("ask", "churn-rate", "-w", company[0], "--json").json
    reasons = document["extras"]["reasons"]
    found = dict(zip(reasons["reason"], reasons["people"], strict=True))
    assert sum(found.values()) == sum(planted.values())
    assert sorted(found.values()) == sorted(number for number in planted.values() if number)


def test_the_company_measures_itself(cli, company):
    rows = cli("metrics", "-w", company[0], "--json").json["table"]
    lines = dict(zip(rows["metric"], zip(rows["stands"], rows["lacks"], strict=True), strict=True))
    assert lines["repair success"][0] in ("missed", "undecided", "met")
    assert lines["csat"][1] == "words: csat_answer"
    assert sum(value is not None for value in rows["number"]) >= 25
    assert cli("metrics", "check", "-w", company[0]).code == 0
    outcome = cli("ask", "outcome", "churn", "-w", company[0], "--json").json
    assert "associated" in [warning["code"] for warning in outcome["warnings"]]
    assert outcome["extras"]["metrics"]["metric"][0] == "churn rate"
    assert "contract cancelled" not in outcome["table"]["behaviour"]


def test_metrics_are_explained_asked_over_time_and_published(cli, company, tmp_path):
    where = ["-w", company[0]]
    shown = cli("metrics", "show", "repair success", *where)
    assert "The share of reported faults" in shown.out
    assert "Of: people who reported a fault" in shown.out
    assert cli("metrics", "show", "checkout-drop-off", *where, "--json").json["own"] is False
    monthly = cli("ask", "repair-success", *where, "--over", "month", "--by", "channel", "--json").json["table"]
    assert set(monthly["state"]) <= {"whole", "part", "open"}
    assert len(monthly["bucket"]) == len(monthly["of_entered"])
    cli("ask", "repair-success", *where, "--over", "month", "--parquet", tmp_path / "monthly.parquet")
    assert pq.read_table(tmp_path / "monthly.parquet").column("bucket").to_pylist()[0] == "2025-10"
    lost = cli("ask", "repair-sucess", *where)
    assert (lost.code, "Did you mean 'repair-success'" in lost.err) == (2, True)
    assert "There is no outcome called 'churm'. Did you mean 'churn'" in cli("ask", "outcome", "churm", *where).err
    assert "not asked over time" in cli("ask", "outcome", "churn", *where, "--over", "week").err
    assert cli("metrics", "list", *where, "--group", "fun").code == 2
    assert cli("metrics", *where, "--group", "loyalty", "--output", "csv").out.startswith("group,metric,")
    rows = cli("publish", tmp_path / "bi", *where, "--over", "month", "--json").json["rows"]
    assert rows["metrics"] > 50
    assert (tmp_path / "bi" / "desirepath.duckdb").is_file()


def test_a_metric_named_like_a_question_is_refused(cli, copy):
    """The question would be asked in its place."""
    (copy / "metrics" / "odd.yaml").write_text(
        "metrics:\n  - {metric: churn, group: loyalty, says: x, question: measure, number: {column: did},"
        " denominator: people}\n"
    )
    ended = cli("metrics", "check", "-w", copy)
    assert (ended.code, "'churn' is the name of a question" in ended.err) == (2, True)
    assert "ends" in cli("ask", "churn", "-w", copy, "--help").out


def test_it_ends_with_the_page_on_the_company(copy):
    command = [sys.executable, "-m", "desirepath", "demo", str(copy), "--page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            link = next(found[0] for line in process.stdout if (found := re.findall(r"http://\S+setup\S+", line)))
            session = _answered(urljoin(link, "/api/session"))
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert (session["setup"], session["user"]) == (True, None), rest
    said = f"Stopped; all is kept. `desirepath serve -w {copy}` goes on."
    assert rest.strip().splitlines()[-1] == said, "the last word, and nothing after it that says otherwise"
    assert rest.count("Stopped") == 1


def _answered(address: str) -> dict[str, object]:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 (our own address)
                return dict(json.load(answer))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_a_page_is_not_a_document(cli, copy):
    refused = cli("demo", copy, "--page", "--json")
    assert (refused.code, "--json" in refused.err) == (2, True)


def test_a_server_says_that_its_port_is_taken(cli, copy):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = cli("serve", "-w", copy, "--port", str(port))
    assert (refused.code, f"port {port} of 127.0.0.1" in refused.err) == (2, True)
