"""Are a question's fields its options, and do all ways of showing agree on the numbers?"""

from __future__ import annotations

import csv
import io
import json

import pytest

from desirepath.cli.fields import forms
from desirepath.cli.whom import shared_parameters
from desirepath.questions.catalog import catalog, schema

STEPS = ("--step", "visit", "--step", "cart", "--step", "order")


@pytest.mark.parametrize("name", list(catalog()))
def test_every_field_of_every_question_is_an_option(cli, name):
    shown = cli("ask", name.replace("_", "-"), "--help", COLUMNS="200").out
    known = forms(schema(name))
    for form in known:
        assert all(option in shown for option in form.options)
        assert form.text[:20] in shown
    taken = {*(parameter.name for parameter in shared_parameters()), "workspace", "json", "quiet"}
    assert not taken & {form.name for form in known}, "a field hides an option that every question has"


def test_the_answer_in_words_table_and_notes(cli, acme):
    ended = cli("ask", "funnel", *STEPS, "-w", acme)
    assert ended.code == 0
    assert "of the 20 who entered" in ended.out
    rows = [line.split()[:4] for line in ended.out.splitlines() if line.lstrip()[:1].isdigit() and "who" not in line]
    assert rows == [["1", "visit", "20", "8"], ["2", "cart", "12", "5"], ["3", "order", "7", "0"]]
    assert "Asked of people; all time" in ended.out


@pytest.mark.parametrize(
    "steps",
    [
        ["--steps", "visit", "--steps", "cart", "--steps", "order"],
        ["--steps", '["visit", "cart", "order"]'],
        [
            "--step",
            '{"where": "name = \'visit\'", "name": "visit"}',
            "--step",
            "cart",
            "--step",
            '{"where": "order"}',
        ],
    ],
)
def test_steps_may_be_repeated_or_json(cli, acme, steps):
    plain = cli("ask", "funnel", *STEPS, "-w", acme, "--json").json
    assert cli("ask", "funnel", *steps, "-w", acme, "--json").json["table"] == plain["table"]


def test_a_list_among_several_steps_is_a_block(cli, acme):
    ended = cli(
        "ask",
        "funnel",
        "--step",
        "visit",
        "--step",
        '["order", "cart"]',
        "--order",
        "partial",
        "-w",
        acme,
        "--json",
    )
    assert ended.json["question"]["steps"] == ["visit", ["order", "cart"]]


def test_json_is_one_document_and_nothing_else(cli, acme):
    ended = cli("ask", "funnel", *STEPS, "-w", acme, "--json")
    assert ended.json["table"]["reached"] == [20, 12, 7]
    assert cli("--json", "ask", "funnel", *STEPS, "-w", acme).out == ended.out
    assert cli("ask", "funnel", *STEPS, "-w", acme, "--output", "json").out == ended.out


def test_csv_has_every_column_and_the_same_numbers(cli, acme):
    ended = cli("ask", "funnel", *STEPS, "-w", acme, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out, newline="")))
    document = cli("ask", "funnel", *STEPS, "-w", acme, "--json").json
    assert set(rows[0]) == set(document["table"])
    assert [int(row["reached"]) for row in rows] == document["table"]["reached"]
    assert cli("ask", "funnel", *STEPS, "-w", acme, "--output", "csv", "--json").code == 2


def test_every_number_leads_to_exactly_that_many_people(cli, acme):
    table = cli("ask", "funnel", *STEPS, "-w", acme, "--json").json["table"]
    for place, step in enumerate(table["step"]):
        for outcome in ("reached", "dropped"):
            shown = cli(
                "ask", "funnel", *STEPS, "-w", acme, "--json", "--people", f"step={step},outcome={outcome}"
            ).json
            assert shown["count"] == len(shown["columns"]["person"]) == table[outcome][place]
    dropped = cli("ask", "funnel", *STEPS, "-w", acme, "--people", "step=2,outcome=dropped", "--output", "csv").out
    people = {row["person"] for row in csv.DictReader(io.StringIO(dropped))}
    assert people == {f"customer:c{number:02d}" for number in range(7, 12)}


def test_digits_may_be_a_text(cli, acme):
    visits = ("ask", "funnel", *STEPS, "-w", acme, "--unit", "session", "--breakdown", "nth", "--json")
    table = cli(*visits).json["table"]
    first = [row for row in zip(table["group"], table["step"], table["reached"], strict=True) if row[:2] == ("1", 1)]
    assert cli(*visits, "--people", "group=1,step=1").json["count"] == first[0][2] > 0
    cohorts = ("ask", "retention", "--every", "year", "--periods", "1", "-w", acme, "--json")
    cohort = next(iter(cli(*cohorts).json["extras"]["cohorts"]["cohort"]))
    assert cohort.isdecimal()
    assert cli(*cohorts, "--people", f"cohort={cohort}").json["count"] > 0
    refused = cli(*cohorts, "--people", "cohort=1999")
    assert (refused.code, "There is no cohort called '1999'" in refused.err) == (2, True)
    assert cli(*cohorts, "--people", "cohort=" + "9" * 5_000).code == 2
    assert 'as JSON where a value has a comma: {"path"' in cli(*cohorts, "--people", "a, b").err


def test_people_of_a_group_by_json(cli, acme):
    which = json.dumps({"step": 1, "outcome": "reached", "group": "web"})
    assert (
        cli("ask", "funnel", *STEPS, "-w", acme, "--breakdown", "channel", "--people", which, "--json").json["count"]
        == 10
    )


def test_the_population_reaches_the_question(cli, acme):
    where = ["--period", "2026-03", "--filter", "channel = 'web'", "--cohort", "name = 'order'", "--unit", "session"]
    more = ["--sample", "0.5", "--cutoff", "2026-04-01", "--breakdown", "plan", "--at", "first known", "--top", "1"]
    asked = cli("ask", "funnel", *STEPS, "-w", acme, "--json", *where, *more).json["asked_of"]
    assert asked["period"].startswith("2026-03-01")
    assert (asked["filter"], asked["cohort"], asked["unit"], asked["sample"]) == (
        "channel = 'web'",
        "name = 'order'",
        "session",
        0.5,
    )
    assert asked["breakdown"] == {"field": "plan", "at": "first known", "top": 1, "several": False}


def test_comparison_and_breakdown_have_a_block_each(cli, acme):
    compared = cli(
        "ask",
        "funnel",
        *STEPS,
        "-w",
        acme,
        "--filter",
        "channel = 'web'",
        "--compare-filter",
        "channel = 'app'",
    )
    assert "\nthis\n" in compared.out
    assert "against filter channel = 'app'" in compared.out
    split = cli("ask", "funnel", *STEPS, "-w", acme, "--breakdown", "channel")
    assert "\nweb\n" in split.out
    assert "\napp\n" in split.out


def test_tables_and_chart(cli, acme, tmp_path):
    instead = cli("ask", "funnel", *STEPS, "-w", acme, "--table", "instead", "--output", "csv").out
    assert instead.splitlines()[0] == "step,name,instead,passages,of_dropped"
    unknown = cli("ask", "funnel", *STEPS, "-w", acme, "--table", "insted")
    assert (unknown.code, "Allowed: instead" in unknown.err) == (2, True)
    place = tmp_path / "out.json"
    assert cli("ask", "funnel", *STEPS, "-w", acme, "--chart", place, "--json").json["table"]["step"] == [
        1,
        2,
        3,
    ]
    assert json.loads(place.read_text())["$schema"].endswith(".json")
    assert cli("ask", "funnel", *STEPS, "-w", acme, "--chart", tmp_path / "out.html").code == 2
    lost = cli("ask", "funnel", *STEPS, "-w", acme, "--chart", tmp_path / "none" / "out.json")
    assert (lost.code, "No such file or directory" in lost.err) == (3, True)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["funel"], "Did you mean 'funnel'?"),
        (["funnel", "--stpe", "a"], "--step"),
        (["funnel", *STEPS, "--order", "strickt"], "Did you mean 'strict'?"),
        (["funnel"], "The option --step is needed."),
        (["funnel", "--step", "visit"], "at least two steps"),
        (["funnel", *STEPS, "--window", "7"], "A duration needs its unit"),
        (["funnel", *STEPS, "--instead-top", "x"], "--instead-top takes a number"),
        (["funnel", *STEPS, "--step", "{where: a}"], "cannot be read as JSON"),
        (["funnel", *STEPS, "--step", '{"were": "a"}'], "where"),
        (["funnel", *STEPS, "--people", "step2"], "step=2,outcome=dropped"),
        (["funnel", *STEPS, "--people", "stp=2"], "Allowed: step, outcome"),
        (["funnel", *STEPS, "--people", "{1}"], "cannot be read as JSON"),
        (["funnel", *STEPS, "--unit", "persn"], "Allowed: person, session"),
        (["funnel", *STEPS, "--filter", "plan == 1"], "at character"),
        (["funnel", *STEPS, "--top", "many"], "--top"),
        (["funnel", *STEPS, "--sample", "2"], "A sample is a share"),
    ],
)
def test_mistakes_end_with_one_sentence_and_exit_code_2(cli, acme, args, text):
    ended = cli("ask", *args, "-w", acme)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: ")
    assert text in ended.err
    assert "Traceback" not in ended.err
    document = cli("ask", *args, "-w", acme, "--json").json
    assert set(document["error"]) == {"code", "message", "allowed", "nearest", "looked"}


def test_a_misspelt_event_is_pointed_out(cli, acme):
    misspelt = ["ask", "funnel", "--step", "vist", "--step", "order", "-w", acme]
    said = "There is no event called 'vist'. Did you mean 'visit'?"
    assert said in cli(*misspelt).out
    assert said in cli(*misspelt, "--people", "step=1").err
    assert said in cli(*misspelt, "--json").json["warnings"][-1]["text"]
    assert "no event called" not in cli("ask", "funnel", *STEPS, "-w", acme).out


def test_an_empty_workspace_says_so(cli, tmp_path):
    cli("init", tmp_path / "empty", "--time-zone", "UTC")
    ended = cli("ask", "funnel", *STEPS, "-w", tmp_path / "empty")
    assert ended.code == 4
    assert "no events yet" in ended.err


def test_questions_are_listed_and_explained(cli):
    assert {row["question"] for row in cli("questions", "--json").json} == {
        name.replace("_", "-") for name in catalog()
    }
    explained = cli("questions", "funnel").out
    for form in forms(schema("funnel")):
        assert ", ".join(form.options) in explained
    assert "Step, as JSON: {where, name?, optional?, within?}" in explained
    assert cli("questions", "funnel", "--json").json["required"] == ["steps"]
    assert cli("questions", "funel").code == 2
