"""A browser at the page of a small demo company."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from demo_shared import alone, run_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's build, made anew where its sources have changed since."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    with alone(run_folder(tmp_path_factory), "page"):
        if hook.wanted():
            hook.build()
    if not (hook.PAGE / "index.html").exists():
        pytest.skip("the page was not built: DESIREPATH_NO_WEB is set")
    return Path(hook.PAGE)
