"""Segments on the command line: saved from an answer, defined by a filter, used, shown, removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FUNNEL = ("ask", "funnel", "--step", "visit", "--step", "cart", "--step", "order", "--window", "1 day")


def test_a_segment_is_saved_used_and_removed(cli: Callable[..., Any], own: Path) -> None:
    acme = ("-w", own / "acme")
    assert cli("segments", "list", *acme).out.startswith("No segment is saved here")
    saved = cli(*FUNNEL, *acme, "--people", "step=2,outcome=dropped", "--save-segment", "gave up")
    assert saved.code == 0
    assert "5 in all" in saved.out
    assert cli(*FUNNEL, *acme, "--cohort", "gave up", "--json").json["table"]["reached"] == [5, 5, 0]
    assert cli(*FUNNEL, *acme, "--cohort", "not gave up", "--json").json["table"]["reached"] == [15, 7, 7]
    assert cli("segments", "define", "paid", "--where", "value > 0", *acme).code == 0
    assert cli("segments", "show", "paid", *acme, "--json").json == {"name": "paid", "where": "value > 0", "people": 7}
    shown = cli("segments", "show", "gave up", *acme)
    assert shown.out.startswith("gave up: 5 people")
    assert '"outcome": "dropped"' in shown.out
    listed = cli("segments", "list", *acme).out
    assert "of a funnel: step 2, outcome dropped" in listed
    assert "with an event where value > 0" in listed
    assert cli("segments", "remove", "paid", *acme).code == 0
    assert [each["name"] for each in cli("segments", "list", *acme, "--json").json] == ["gave up"]


def test_mistakes_are_answered(cli: Callable[..., Any], own: Path) -> None:
    acme = ("-w", own / "acme")
    for arguments, says in (
        ((*FUNNEL, "--save-segment", "x"), "--people"),
        ((*FUNNEL, "--cohort", "nobody knows"), "no segment"),
        (("segments", "show", "x"), "no segment"),
        (("segments", "remove", "x"), "no segment"),
        (("segments", "define", "not x", "--where", "true"), "cannot name a segment"),
        (("segments", "define", "x", "--where", "value =="), "cannot be read"),
        ((*FUNNEL, "--use", "2"), "first or second use"),
    ):
        done = cli(*arguments, *acme)
        assert done.code == 2, arguments
        assert says in " ".join(done.err.split()), done.err


def test_a_page_is_written(cli: Callable[..., Any], own: Path) -> None:
    done = cli(*FUNNEL, "-w", own / "acme", "--html", own / "answer.html")
    assert done.code == 0
    assert "<table>" in (own / "answer.html").read_text(encoding="utf-8")
