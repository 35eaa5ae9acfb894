"""A browser, the page as it was built, and the companies that it shows, each served for itself."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import launch, program
from companies import Company, Tabs, served
from demo_shared import alone, demo_company, run_folder
from hostile_company import make_hostile
from playwright.sync_api import Browser, sync_playwright
from real_data import needs_data, opened

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


# A browser ends with its file: while one is driven from a thread, nothing else may run an event loop in it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if program() is None:
        pytest.skip("Debian's chromium is needed for tests in a browser")
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Workspaces that are made once a run, however many workers there are; each gets a copy of its own."""

    def call(name: str, make: Callable[[Path], object]) -> Path:
        base = run_folder(tmp_path_factory)
        master = base / f"{name}-master" / name
        with alone(base, name):
            if not master.exists():
                master.parent.mkdir()
                make(master)
        return Path(shutil.copytree(master, tmp_path_factory.mktemp(name) / name))

    return call


@pytest.fixture(scope="session")
def demo(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The simulated company."""
    with served(demo_company(tmp_path_factory)[0]) as company:
        yield company


@pytest.fixture(scope="session")
def olist(built: Path, once: Callable[[str, Callable[[Path], object]], Path]) -> Iterator[Company]:
    """Real orders of a marketplace: no journey map, hardly a channel, nobody who answers twice."""
    if needs_data.args[0]:
        pytest.skip(needs_data.kwargs["reason"])
    with served(
        once("olist", lambda place: opened(place.parent, "olist", "olist_A", "America/Sao_Paulo").close())
    ) as it:
        yield it


@pytest.fixture(scope="session")
def hostile(built: Path, once: Callable[[str, Callable[[Path], object]], Path]) -> Iterator[Company]:
    """A company whose names and words are markup, scripts and odd letters, and ten thousand of them."""
    with served(once("hostile", make_hostile)) as company:
        yield company


def _tabs(browser: Browser, company: Company) -> Iterator[Tabs]:
    tabs = Tabs(browser, company)
    yield tabs
    tabs.close()


@pytest.fixture(scope="module")
def demo_tabs(browser: Browser, demo: Company) -> Iterator[Tabs]:
    """A browser in which the admin of the simulated company has signed in."""
    yield from _tabs(browser, demo)


@pytest.fixture(scope="module")
def olist_tabs(browser: Browser, olist: Company) -> Iterator[Tabs]:
    """The same at the marketplace."""
    yield from _tabs(browser, olist)


@pytest.fixture(scope="module")
def hostile_tabs(browser: Browser, hostile: Company) -> Iterator[Tabs]:
    """The same where nobody means well."""
    yield from _tabs(browser, hostile)
