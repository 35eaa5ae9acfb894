"""Can data harm who looks at it? Escape sequences, markup, formulas, and readers that go away."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys

import pytest

from desirepath.answers.cells import csv_cell
from desirepath.cli.safety import visible, visible_json

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]bold[/red]\u202eevil\x9b31m\r\tend"
COMMANDS = {
    "events": ["events"],
    "ask": ["ask", "funnel", "--step", HOSTILE, "--step", "name = '=1+1'"],
    "instead": ["ask", "funnel", "--step", HOSTILE, "--step", "none", "--table", "instead"],
    "breakdown": ["ask", "funnel", "--step", HOSTILE, "--step", "name = '=1+1'", "--breakdown", "note"],
    "behind": ["ask", "funnel", "--step", HOSTILE, "--step", "name = '=1+1'", "--people", "step=1"],
    "person": ["people", "show", f"=1+1{HOSTILE}0"],
    "quarantine": ["quarantine"],
    "sql": ["sql", 'SELECT name AS "=\x1b[1mname", properties FROM events'],
    "mistake": ["people", "show", HOSTILE + "x"],
    "usage": ["events", "--" + HOSTILE],
}


def drawn(args: list[str]) -> bytes:
    """What a terminal receives."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COLUMNS": "100",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "desirepath.cli", *args]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        received = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            received += part
        running.wait(timeout=120)
    os.close(ours)
    return received


@pytest.mark.parametrize("name", COMMANDS)
def test_piped_output_has_no_controls(cli, hostile, name):
    ended = cli(*COMMANDS[name], "-w", hostile)
    for text in (ended.out, ended.err):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    if name not in ("breakdown", "usage"):
        assert "\\x1b" in ended.out + ended.err


@pytest.mark.parametrize("name", ["events", "ask", "person", "quarantine"])
def test_a_terminal_gets_no_sequence_from_data(hostile, name):
    received = drawn([*COMMANDS[name], "-w", str(hostile), "-q"]).decode()
    assert "[red]bold[/red]"[:9] in received.replace("\r\n", ""), "markup is shown as it stands"
    rest = re.sub("\x1b\\[[0-9;]*m", "", received)  # styles, which are our own
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", rest)
    assert "\x1b[31m" not in received, "[red] was obeyed"


@pytest.mark.parametrize("name", ["events", "ask", "person", "sql"])
def test_json_reads_back_and_holds_no_controls(cli, hostile, name):
    ended = cli(*COMMANDS[name], "-w", hostile, "--json")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ended.out)
    assert HOSTILE in json.dumps(ended.json, ensure_ascii=False) or HOSTILE in _texts(ended.json)


def _texts(data: object) -> list[str]:
    if isinstance(data, dict):
        return [text for key, value in data.items() for text in [key, *_texts(value)]]
    if isinstance(data, list):
        return [text for value in data for text in _texts(value)]
    return [data] if isinstance(data, str) else []


def test_csv_runs_no_formula(cli, hostile):
    for name in ("events", "person", "sql", "behind"):
        out = cli(*COMMANDS[name], "-w", hostile, "--output", "csv").out
        for row in csv.reader(io.StringIO(out, newline="")):
            assert not [
                cell
                for cell in row
                if cell[:1] in set("=+@\t\r\n\0") or (cell.startswith("-") and not re.fullmatch(r"-[\d.e-]+", cell))
            ]
    rows = list(csv.DictReader(io.StringIO(cli("events", "-w", hostile, "--output", "csv").out, newline="")))
    assert {"'=1+1", "'+1", "'-1", "'@a", 'plain, "quoted"'} <= {row["name"] for row in rows}


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0", "\uff1d"])
def test_text_cells_are_defused_and_numbers_are_not(first):
    cell = csv_cell(f"{first}1", is_text=True)
    assert cell.strip('"').startswith("'" + first)
    assert csv_cell("-1", is_text=False) == "-1"


def test_visible_keeps_what_is_harmless():
    assert visible("déjà vu 日本 👩\u200d💻") == "déjà vu 日本 👩\u200d💻"
    assert visible("a\nb") == "a\\nb"
    assert visible("a\nb\x1b", lines=True) == "a\nb\\x1b"
    assert json.loads(visible_json(json.dumps("\x9b\u202e\x7f\ud800", ensure_ascii=False))) == "\x9b\u202e\x7f\ud800"


def test_a_reader_that_goes_away_is_no_error(start, acme):
    running = start("sql", "SELECT repeat('x', 1000) AS x FROM range(20000)", "--most", "0", "-w", acme)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(timeout=60) == 141


def test_output_that_is_piped_is_plain(process, acme):
    ended = process("ask", "funnel", "--step", "visit", "--step", "order", "-w", acme)
    assert "\x1b" not in ended.out
    assert "─" not in ended.out
    assert ended.err == "", "no progress where nobody watches"
