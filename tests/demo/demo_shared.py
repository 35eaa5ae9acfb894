"""One small demo company for all tests of a run, however many workers there are; each gets a copy of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from desirepath.cli import app

PEOPLE, SEED = 2_000, 3


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this run, the same for all its workers."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """One worker at a time."""
    with (folder / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def demo_company(factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the company's workspace, and what `desirepath demo` said when it made it."""
    base = run_folder(factory)
    master, said = base / "demo-company", base / "demo-company.txt"
    with alone(base, "demo-company"):
        if not said.exists():
            result = CliRunner().invoke(app, ["demo", str(master), "--people", str(PEOPLE), "--seed", str(SEED)])
            assert result.exit_code == 0, result.output
            said.write_text(result.stdout, encoding="utf-8")
    copy = factory.mktemp("demo") / "company"
    shutil.copytree(master, copy)
    return copy, said.read_text(encoding="utf-8").replace(str(master), str(copy))
