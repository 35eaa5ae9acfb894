"""What tests in a browser share: how it is started, what must never happen in it, and what a page must always be.

A page may write no error and no warning to its console, report nothing to the content security policy, and ask no other
host for anything. `Page.wait_for_function` is `eval`, which the policy refuses: wait with `expect(locator)`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Playwright, expect
from sparing import case

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""What axe looks for: WCAG 2.2, level AA."""

SLOW = 120_000
"""Milliseconds that a picture may take here; the machine is shared, and its budget is measured elsewhere."""

expect.set_options(timeout=20_000)

_FAINT = Path(__file__).with_name("faint_text.js")
"""Finds text in pictures that hardly stands out; axe leaves it undecided, for shapes are no background to it."""


@dataclass(frozen=True)
class Device:
    """A size and a theme."""

    name: str
    width: int
    height: int
    scheme: str


DESK, PHONE = Device("desk-light", 1440, 900, "light"), Device("phone-dark", 390, 844, "dark")
DEVICES = (DESK, Device("desk-dark", 1440, 900, "dark"), PHONE, Device("phone-light", 390, 844, "light"))
"""Both sizes in both themes, in the order in which a page changes least from one to the next."""

BUSY = ".skel, .wait, [aria-busy=true]"
"""What stands there while an answer is on its way."""

REPORTED = """addEventListener('securitypolicyviolation', (report) =>
  console.error(`against the policy: ${report.violatedDirective} ${report.blockedURI} ${report.sample}`))"""
"""What the policy refuses is written to the console, whatever it was."""


def program() -> str | None:
    """Debian's Chromium, if it is here."""
    return shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    return playwright.chromium.launch(executable_path=program(), args=FLAGS)


@contextmanager
def context_of(browser: Browser, device: Device, **more: Any) -> Iterator[BrowserContext]:
    """A browser window of a device, with nothing remembered unless it is given."""
    opened = browser.new_context(
        viewport={"width": device.width, "height": device.height},
        color_scheme=device.scheme,
        reduced_motion="reduce",
        **more,
    )
    opened.set_default_timeout(SLOW)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def watched(context: BrowserContext, home: str, *, expected: str = "") -> Iterator[Page]:
    """A page at which nothing may go wrong until the block ends.

    Parameters
    ----------
    context
        Where it is opened.
    home
        The only place that it may ask.
    expected
        A pattern of what its console may say, where a test makes something fail.
    """
    page, wrong = context.new_page(), list[str]()

    def hear(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"} and not (expected and re.search(expected, said.text)):
            wrong.append(f"{said.text} {said.location.get('url', '')}")

    def refuse(asked: Dialog) -> None:
        wrong.append(f"a script opened a dialog: {asked.message}")
        asked.dismiss()

    page.add_init_script(REPORTED)
    page.on("console", hear)
    page.on("dialog", refuse)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("crash", lambda _: wrong.append("the page crashed"))
    page.on("request", lambda asked: None if _own(asked.url, home) else wrong.append(f"asked elsewhere: {asked.url}"))
    try:
        yield page
    except Exception as problem:
        problem.add_note(
            "\n".join(["Told by the browser:", *wrong]) if wrong else "The browser had nothing to complain of."
        )
        raise
    finally:
        page.close()
    assert not wrong, "\n".join(wrong)


def wear(page: Page, device: Device) -> None:
    """Let an open page have another size and theme; nothing is loaded anew."""
    page.emulate_media(color_scheme=device.scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": device.width, "height": device.height})


def _own(url: str, home: str) -> bool:
    return url.startswith((f"{home}/", f"blob:{home}/", "blob:null", "data:"))


def settled(page: Page) -> None:
    """Wait until what the page asked for is shown, and nothing on it is broken."""
    expect(page.locator("main :is(h1, h2), .oops").first).to_be_visible(timeout=SLOW)
    expect(page.locator(BUSY)).to_have_count(0, timeout=SLOW)
    broken = page.locator(".oops")
    assert broken.count() == 0, broken.first.inner_text()


def check_accessible(page: Page, *, colours: bool = False) -> None:
    """Axe finds nothing against WCAG 2.2 AA, and text in pictures stands out from what lies under it.

    `colours` looks at those alone, where nothing but the theme is another since all was looked at.
    """
    page.evaluate(_axe() + ";0")
    rules: object = {"type": "rule", "values": ["color-contrast"]} if colours else RULES
    asked = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("asked => axe.run(document, asked)", asked)
    told = [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
    assert not told, "\n".join(told)
    faint = page.evaluate(_FAINT.read_text(encoding="utf-8"))
    assert not faint, "\n".join(faint)


def check_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways, once pictures have taken their width."""
    wide: list[str] = []
    for pause in (0, 200, 400, 800, 1600):
        page.wait_for_timeout(pause)
        wide = page.evaluate(_TOO_WIDE)
        if not wide:
            return
    raise AssertionError(f"wider than the window of {page.viewport_size}: {wide}")


_TOO_WIDE = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const scrolls = (e) => e && e !== document.body
    && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map((e) => e.outerHTML.slice(0, 150)).slice(0, 6).concat('something');
}"""


def reach(page: Page, wanted: Locator, *, most: int = 80) -> None:
    """Press Tab until something has the focus, as who has no mouse must."""
    for _ in range(most):
        if wanted.count() and wanted.first.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    here = page.evaluate("document.activeElement?.outerHTML.slice(0, 120)")
    raise AssertionError(f"{most} times Tab did not lead to {wanted}; the focus is on {here}")


def press(page: Page, keys: str) -> None:
    """Press keys one after another: `press(page, "g m Enter")`."""
    for key in keys.split():
        page.keyboard.press(key)


@dataclass(frozen=True)
class Listed:
    """A view of the page's own list: its address, its file, and whether it is written."""

    path: str
    file: Path

    @property
    def written(self) -> bool:
        """Whether there is more than a place for it."""
        return "return null;" not in self.file.read_text(encoding="utf-8")[:200]


def views(root: Path) -> list[Listed]:
    """All views, as the page's own list has them."""
    folder = root / "web" / "src" / "views"
    found = re.findall(r"\bone\(\s*'([^']+)'.*?import\('\./(\w+)'\)", (folder / "index.ts").read_text(), re.S)
    return [Listed(path, folder / f"{name}.tsx") for path, name in found]


TYPICAL = frozenset(
    {"overview", "journeys/map", "journeys/paths", "journeys/funnel", "voice", "voice/scores", "cohorts", "value"}
    | {"people", "data/quarantine"}
)
"""Views that hold whatever others hold: what is tried at each change where all would take too long."""


def some(found: list[Listed]) -> list[Any]:
    """Views as parameters of a test: the typical ones at each change, all of them by `make soak`."""
    return [case(view, now=view.path in TYPICAL, label=view.path.replace("/", "-")) for view in found]


@cache
def _axe() -> str:
    place = find_spec("axe_playwright_python")
    assert place is not None
    assert place.origin is not None
    return Path(place.origin).with_name("axe.min.js").read_text(encoding="utf-8")
