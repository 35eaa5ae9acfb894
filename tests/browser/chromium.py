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
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""What axe looks for: WCAG 2.2, level AA."""

SLOW = 20_000
"""Milliseconds that a picture may take here; the machine is shared, and its budget is measured elsewhere."""

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
def watched(context: BrowserContext, home: str) -> Iterator[Page]:
    """A page at which nothing may go wrong until the block ends."""
    page, wrong = context.new_page(), list[str]()
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if _own(asked.url, home) else wrong.append(f"asked elsewhere: {asked.url}"))
    yield page
    assert not wrong, wrong


def _own(url: str, home: str) -> bool:
    return url.startswith((f"{home}/", "blob:", "data:"))


def settled(page: Page) -> None:
    """Wait until what the page asked for is shown, and nothing on it is broken."""
    expect(page.locator("main h1").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".skel, .wait, [aria-busy=true]")).to_have_count(0, timeout=SLOW)
    expect(page.locator(".oops")).to_have_count(0)


def check_accessible(page: Page) -> None:
    """Axe finds nothing against WCAG 2.2 AA, and text in pictures stands out from what lies under it."""
    page.evaluate(_axe() + ";0")
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    told = [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
    assert not told, "\n".join(told)
    faint = page.evaluate(_FAINT.read_text(encoding="utf-8"))
    assert not faint, "\n".join(faint)


def check_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    wide = page.evaluate("""() => document.documentElement.scrollWidth <= innerWidth ? [] :
      [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
        && !e.closest('[data-scrolls], .tablewrap, .scroll, svg *')).slice(0, 5).map(e => e.outerHTML.slice(0, 120))""")
    assert not wide, f"wider than the window: {wide}"


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


def addresses(root: Path) -> list[str]:
    """The addresses of all views, as the page's own list has them."""
    listed = (root / "web" / "src" / "views" / "index.ts").read_text(encoding="utf-8")
    return re.findall(r"\bone\(\s*'([^']+)'", listed)


def _axe() -> str:
    place = find_spec("axe_playwright_python")
    assert place is not None
    assert place.origin is not None
    return Path(place.origin).with_name("axe.min.js").read_text(encoding="utf-8")
