"""Workspaces of a few people, and the command line run in this process or in one of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import desirepath
from desirepath.cli import app

SOURCE = Path(desirepath.__file__).parent.parent

MAPPING = """\
source: shop
time_zone: Europe/Paris
identities: {customer: customer}
channel: {column: channel}
value: {column: amount, currency: EUR}
events:
- {name: "{what}", at: at}
"""


def shop_log() -> str:
    """Twenty people visit, twelve fill a cart, seven order; two rows cannot be read; one closes the window."""
    lines = ["customer,what,at,channel,amount,plan"]
    for person in range(20):
        channel = "web" if person % 2 else "app"
        lines.append(f"c{person:02d},visit,2026-03-01 10:{person:02d}:00,{channel},,free")
        if person < 12:
            lines.append(f"c{person:02d},cart,2026-03-01 11:{person:02d}:00,{channel},,free")
        if person < 7:
            lines.append(f"c{person:02d},order,2026-03-01 12:{person:02d}:00,{channel},{person + 1}.5,pro")
    lines += [
        "null,visit,2026-03-01 13:00:00,web,,",
        "c01,visit,soon,web,,",
        "c00,closing,2026-06-01 00:00:00,web,,",
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Call = Callable[..., Ended]


@pytest.fixture
def cli() -> Call:
    """Run a command in this process."""

    def call(*args: object, **environment: str) -> Ended:
        result = CliRunner().invoke(app, [str(arg) for arg in args], env={"DESIREPATH_WORKSPACE": None, **environment})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout_bytes.decode(), result.stderr)

    return call


def environment() -> dict[str, str]:
    """The environment of a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "DESIREPATH_WORKSPACE"}
    return {**kept, "PYTHONPATH": str(SOURCE), "COLUMNS": "100"}


@pytest.fixture
def process() -> Call:
    """Run a command in a process of its own."""

    def call(*args: object, cwd: Path | None = None) -> Ended:
        command = [sys.executable, "-m", "desirepath", *map(str, args)]
        done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, timeout=300, check=False)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command and leave it running."""

    def call(*args: object, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "desirepath.cli", *map(str, args)]
        return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    return call


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace `acme`, its log and its mapping; never changed by a test."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "shop.csv").write_text(shop_log(), encoding="utf-8")
    (folder / "shop.yaml").write_text(MAPPING, encoding="utf-8")
    with desirepath.create(folder / "acme", time_zone="Europe/Paris") as workspace:
        workspace.import_files([folder / "shop.csv"], folder / "shop.yaml")
    return folder


@pytest.fixture
def acme(made: Path) -> Path:
    """The workspace, to be read only."""
    return made / "acme"


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "own"))


HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]bold[/red]\u202eevil\x9b31m\r\tend"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose names, ids and properties try to obey nobody."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = []
    for person, formula in enumerate(("=1+1", "+1", "-1", "@a", 'plain, "quoted"', "[link=http://e.example]x[/link]")):
        for name, minute in ((HOSTILE, 0), (formula, 1)):
            row = {
                "who": f"{formula}{HOSTILE}{person}",
                "name": name,
                "at": f"2026-03-01T10:0{minute}:00Z",
                "note": HOSTILE,
            }
            lines.append(json.dumps(row))
    lines.append(json.dumps({"who": HOSTILE, "name": "late", "at": HOSTILE, "note": None}))
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping = "source: log\nidentities: {who: who}\nproperties: [note]\nevents: [{name: '{name}', at: at}]\n"
    (folder / "log.yaml").write_text(mapping, encoding="utf-8")
    with desirepath.create(folder / "ws", time_zone="UTC") as workspace:
        workspace.import_files([folder / "log.jsonl"], folder / "log.yaml")
    return folder / "ws"
