"""Take the pictures of the page that the README and the docs show, from the page itself, on the demo company.

    make pictures
    python docs/pictures/take.py --workspace demo-company     # of a workspace that is there already; it is copied

A browser draws them, and writes them as WebP: a quarter of the bytes of PNG.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(ROOT / "tests" / room) for room in ("browser", "server", "faults")]

from chromium import DESK, Device, launch, settled  # noqa: E402
from companies import Tabs, served  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

DARK, PHONE = Device("dark", 1440, 900, "dark"), Device("phone", 390, 844, "light")
QUALITY, MOST_BYTES = 0.86, 260_000
"""Of WebP; and what no picture may exceed."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name, address
        What its file is called, and what it is of.
    device
        Size and theme.
    first
        What is done before it is taken.
    most
        How many pixels high it may be where the page is longer than the window.
    """

    name: str
    address: str
    device: Device = DESK
    first: Callable[[Page], None] = lambda page: None
    most: int = 1000


def hovered(page: Page) -> None:
    """Rest upon the touchpoint that hurts."""
    page.locator(".flow .node", has_text="rescheduled").first.hover()
    page.locator(".tip").wait_for()


TELLING = """async (paths) => {
  const told = await Promise.all(paths.map(async (path) => {
    const known = await (await fetch(`/api${path}`)).json();
    return [10 * known.channels.length + 5 * known.mood.length - Math.abs(known.events - 40) / 4, path];
  }));
  return told.sort((one, other) => other[0] - one[0])[0][1];
}"""
"""Of people, the one who came by many channels and said much, but did not do so much that it becomes small."""


def somebody(page: Page) -> None:
    """Follow the number of a touchpoint to one of its people who has a story."""
    if "/people/" not in page.url:
        page.get_by_role("button", name="See all").click()
        links = page.locator("dialog tbody a")
        links.first.wait_for()
        path = page.evaluate(TELLING, links.evaluate_all("links => links.map((link) => link.getAttribute('href'))"))
        page.locator(f"dialog tbody a[href='{path}']").first.click()
        page.wait_for_url("**/people/**")
        settled(page)


README = (
    Picture("page-overview", "/overview", most=1130),
    Picture("page-map", "/journeys/map?journey=repair&feeling=nps", first=hovered, most=1060),
    Picture("page-map-dark", "/journeys/map?journey=purchase", DARK),
    Picture("page-paths", "/journeys/paths"),
    Picture("page-phone", "/journeys/map?journey=repair", PHONE, most=1500),
)
"""What the README shows."""

DOCS = (
    Picture("page-funnel", "/journeys/funnel"),
    Picture("page-friction", "/journeys/friction?journey=repair"),
    Picture("page-cohorts", "/cohorts"),
    Picture("page-person", "/journeys/map?journey=repair&touchpoint=rescheduled+visit", first=somebody),
    Picture("page-voice", "/voice?journey=repair"),
    Picture("page-value", "/value"),
    Picture("page-overview-phone", "/overview", PHONE, most=1500),
)
"""What the docs show besides."""


def take(tabs: Tabs, picture: Picture) -> Path:
    """Take one picture, and say how large it has become."""
    with tabs.at(picture.address, picture.device) as page:
        settled(page)
        picture.first(page)
        page.wait_for_timeout(400)
        high = page.evaluate("document.documentElement.scrollHeight")
        if high > picture.device.height:
            page.set_viewport_size({"width": picture.device.width, "height": min(high, picture.most)})
            page.wait_for_timeout(400)
            picture.first(page)
        drawn = page.screenshot(animations="disabled", caret="hide", scale="css")
    path = HERE / f"{picture.name}.webp"
    path.write_bytes(smaller(tabs, drawn))
    size = path.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{path.name} has {size:,} bytes, more than {MOST_BYTES:,}")
    print(f"{path.relative_to(ROOT)}  {size:,} bytes")
    return path


def smaller(tabs: Tabs, drawn: bytes) -> bytes:
    """The same picture as WebP."""
    page = tabs.context.new_page()
    text = page.evaluate(
        """async ([drawn, quality]) => {
          const bytes = Uint8Array.from(atob(drawn), (c) => c.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const canvas = new OffscreenCanvas(image.width, image.height);
          canvas.getContext('2d').drawImage(image, 0, 0);
          const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
          const made = new Uint8Array(await blob.arrayBuffer());
          let text = '';
          for (const byte of made) text += String.fromCharCode(byte);
          return btoa(text);
        }""",
        [base64.b64encode(drawn).decode(), QUALITY],
    )
    page.close()
    return base64.b64decode(text)


def company(place: Path, given: Path | None) -> Path:
    """The demo company's workspace: a copy of one that is there, or one made anew."""
    root = place / "demo-company"
    if given is not None:
        shutil.copytree(given, root)
    else:
        call("-m", "desirepath", "demo", str(root))
    return root


def call(*words: str) -> None:
    """Run a program of this installation."""
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def take_all(browser: Browser, root: Path, only: str) -> None:
    """Take those whose names hold a text."""
    with served(root) as found:
        tabs = Tabs(browser, found)
        for picture in (*README, *DOCS):
            if only in picture.name:
                take(tabs, picture)
        tabs.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Take the pictures of the page.")
    parser.add_argument("--workspace", type=Path, help="a demo company that is there already")
    parser.add_argument("--only", default="", help="those whose names hold this")
    given = parser.parse_args()
    call(str(ROOT / "hatch_build.py"))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = launch(playwright)
        take_all(browser, company(Path(place), given.workspace), given.only)
        browser.close()


if __name__ == "__main__":
    main()
