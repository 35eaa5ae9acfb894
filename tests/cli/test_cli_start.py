"""Does it start fast, find its workspace, and complete what is typed?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import desirepath

HEAVY = ("duckdb", "pyarrow", "numba", "numpy", "yaml")


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["--version"],
        ["import", "--help"],
        ["demo", "-h"],
        ["doctor", "--help"],
        ["sql", "--help"],
    ],
)
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    program = (
        "import sys\nfrom desirepath.cli import app\n"
        f"try: app({args!r})\nexcept SystemExit as end: assert not end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    source = str(Path(desirepath.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_version(cli):
    assert cli("--version").out == f"desirepath {desirepath.__version__}\n"


def test_nothing_asked_shows_the_help(cli):
    assert "Begin with desirepath demo" in cli().out


def test_help_lists_every_command_in_the_order_of_need(cli):
    out = cli("--help").out
    places = [
        out.index(f"│ {name} ")
        for name in (
            "demo",
            "init",
            "import",
            "ask",
            "questions",
            "people",
            "events",
            "quarantine",
            "sql",
            "rebuild",
            "doctor",
        )
    ]
    assert places == sorted(places)


def test_completion_knows_commands_questions_and_choices() -> None:
    source = str(Path(desirepath.__file__).parent.parent)

    def completed(words: str, place: int) -> list[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": source,
            "_DESIREPATH_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(place),
        }
        program = "from desirepath.cli import main; import sys; sys.argv = ['desirepath']; main()"
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
        ).stdout.split()

    assert completed("desirepath im", 1) == ["import"]
    assert completed("desirepath ask fun", 2) == ["funnel"]
    assert completed("desirepath ask funnel --ste", 3) == ["--steps", "--step"]


def test_workspace_by_option_wins_over_environment(cli, acme, tmp_path):
    ended = cli("events", "-w", acme, DESIREPATH_WORKSPACE=str(tmp_path))
    assert ended.code == 0
    assert cli("-w", acme, "events", DESIREPATH_WORKSPACE=str(tmp_path)).out == ended.out


def test_workspace_by_environment(cli, acme):
    assert cli("events", DESIREPATH_WORKSPACE=str(acme)).code == 0


def test_workspace_is_the_current_folder(process, acme):
    assert process("events", cwd=acme).code == 0


def test_no_workspace_says_where_it_looked(process, own):
    ended = process("events", cwd=own)
    assert (ended.code, ended.out) == (3, "")
    for part in (
        "--workspace (not given)",
        "DESIREPATH_WORKSPACE (not set)",
        str(own),
        "Did you mean '--workspace acme'?",
    ):
        assert part in ended.err


def test_a_named_folder_that_is_none(cli, tmp_path):
    ended = cli("events", "-w", tmp_path / "nowhere")
    assert ended.code == 3
    assert "nowhere/workspace.toml (--workspace)" in ended.err
    assert "(DESIREPATH_WORKSPACE)" in cli("events", DESIREPATH_WORKSPACE=str(tmp_path)).err


def test_init_makes_a_workspace_once(cli, tmp_path):
    place = tmp_path / "new"
    refused = cli("init", place)
    assert (refused.code, place.exists()) == (2, False)
    assert "--time-zone Europe/Paris" in refused.err
    assert "Did you mean 'Europe/Paris'?" in cli("init", place, "--time-zone", "Europe/Pari").err
    made = cli("init", place, "--time-zone", "Europe/Paris", "--week-start", "sunday", "--currency", "usd", "--json")
    assert made.json == {
        "workspace": str(place),
        "name": "new",
        "time_zone": "Europe/Paris",
        "week_start": "sunday",
        "currency": "USD",
    }
    again = cli("init", place, "--time-zone", "UTC")
    assert again.code == 3
    assert "not empty" in again.err
