"""One small company, written once for all tests of this folder: four chunks, so it has chunk edges."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from demo_readback import Readback

from desirepath.demo import DemoReport, simulate


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    return simulate(tmp_path_factory.mktemp("demo") / "small", people=3_200, seed=3, chunk=1_000)


@pytest.fixture(scope="session")
def files(small: DemoReport) -> Readback:
    return Readback(small.folder)


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    return simulate(tmp_path_factory.mktemp("demo") / "default")
