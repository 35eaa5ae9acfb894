"""How soon does the page show something over 20 M events, and how soon does it follow the pointer and the chips?

    python benchmarks/run_page.py                                        # writes into RESULTS.md
    python benchmarks/run_page.py --events 200000 --data /tmp/small --dry    # whether it works

Each view is opened as by a link, in Debian's Chromium, from `desirepath serve`: once when nobody has asked yet, then
warm. A moment counts when the browser has the frame, from the beginning of the load, or from the click. The targets are
a first picture of every page within 1 s, warm; the next paint within 50 ms of the pointer; and a chip's change within
1 s, or a bar that tells how far it is.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import desirepath_maps
import results
import simulate
from run_journeys import OURS, entrant

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "tests" / room) for room in ("browser", "server", "faults")]

from chromium import launch, settled, views  # noqa: E402
from companies import Tabs, served  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

FIRST, HOVER, CHANGE = 1.0, 0.050, 1.0
"""Seconds that are asked for."""
WARM = 3
HOVERED = {
    "journeys/map": ".flow .node",
    "journeys/paths": "main [role=treeitem]",
    "journeys/funnel": "main svg .fstep",
}
"""What the pointer goes over."""
CHANGED = ("overview", "journeys/map", "journeys/paths", "journeys/funnel", "cohorts", "value")
"""Views at which chips are changed."""
CHIPS = ("channel=web", "channel=app", "filter=name+%21%3D+%27t05%27", "dates=2025-03", "dates=last+30+days")


@dataclass
class Seen:
    """Seconds of one view.

    Attributes
    ----------
    first
        Of the first picture when nobody had asked yet.
    drawn, done
        Warm: of the first picture, and until everything was there.
    """

    first: float = 0.0
    drawn: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)


@dataclass
class Change:
    """Seconds after the chips of a view have changed.

    Attributes
    ----------
    told, early
        Until a bar tells how far it is, and until an answer from a sample, or the answer itself, is drawn.
    main, done
        Until the view's first picture is of what is asked now, and until everything is.
    """

    view: str
    told: list[float] = field(default_factory=list)
    early: list[float] = field(default_factory=list)
    main: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)


def seen(page: Page) -> dict[str, float]:
    """When things were there, in seconds; of the first picture, else of the whole."""
    settled(page)
    page.wait_for_timeout(300)
    found = page.evaluate("window.seenOfPage")
    return {name: value / 1000 for name, value in found.items() if value is not None}


def opened(tabs: Tabs, path: str) -> dict[str, float]:
    """Open a view."""
    with tabs.at(f"/{path}") as page:
        return seen(page)


def look_at(tabs: Tabs, paths: Sequence[str]) -> dict[str, Seen]:
    """Open all views: first when nothing was asked, then warm."""
    found = {path: Seen() for path in paths}
    for path in paths:
        there = opened(tabs, path)
        found[path].first = there.get("drawn", there["done"])
    for _ in range(WARM):
        for path in paths:
            there = opened(tabs, path)
            found[path].drawn.append(there.get("drawn", there["done"]))
            found[path].done.append(there["done"])
    return found


def hovers(tabs: Tabs) -> dict[str, list[float]]:
    """Go over a picture, forth and back; seconds until the next paint."""
    found = {}
    for path, parts in HOVERED.items():
        with tabs.at(f"/{path}") as page:
            settled(page)
            boxes = [box for box in (part.bounding_box() for part in page.locator(parts).all()[:30]) if box]
            if not boxes:
                sys.exit(f"nothing to go over at {path}: {parts}")
            page.evaluate("window.paintsAfter.length = 0")
            for box in (*boxes, *reversed(boxes), *boxes):
                page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
                page.wait_for_timeout(60)
            found[path] = [value / 1000 for value in page.evaluate("window.paintsAfter")]
    return found


def changes(tabs: Tabs) -> Iterator[Change]:
    """Change chips by the address, as Back and Forward do: the page stays, its question is another."""
    for path in CHANGED:
        found = Change(path)
        with tabs.at(f"/{path}") as page:
            settled(page)
            for chip in CHIPS:
                page.evaluate(
                    """(query) => {
                      history.pushState(null, '', `${location.pathname}?${query}`);
                      document.body.click();
                      dispatchEvent(new PopStateEvent('popstate'));
                    }""",
                    chip,
                )
                there = seen(page)
                done = there["done"]
                main = min(there.get("main", done), done)
                found.done.append(done)
                found.main.append(main)
                found.told.append(min(there.get("told", main), main))
                found.early.append(min(there.get("preview", main), main))
        yield found


def text(recipe: simulate.Recipe, looked: dict[str, Seen], over: dict[str, list[float]], chips: list[Change]) -> str:
    """Write the section."""
    first = {path: statistics.median(each.drawn) for path, each in looked.items()}
    missed = [f"{path} {results.seconds(value)} s" for path, value in first.items() if value > FIRST]
    missed += [f"hovering over {path}" for path, each in over.items() if statistics.median(each) > HOVER]
    missed += [
        f"the picture after a chip at {each.view} {results.seconds(statistics.median(each.main))} s"
        for each in chips
        if statistics.median(each.main) > CHANGE
    ]
    missed += [
        f"bar or preview after a chip at {each.view}"
        for each in chips
        if max(each.told) > CHANGE or statistics.median(each.early) > CHANGE
    ]
    rows = [
        [path, results.seconds(first[path]), results.seconds(statistics.median(each.done)), results.seconds(each.first)]
        for path, each in looked.items()
    ]
    hovering = [
        [
            path,
            f"{1000 * statistics.median(each):.0f}",
            f"{1000 * sorted(each)[int(0.95 * len(each))]:.0f}",
            f"{len(each)}",
        ]
        for path, each in over.items()
    ]
    changing = [
        [
            each.view,
            results.seconds(max(each.told)),
            *(
                results.seconds(f(some))
                for some in (each.early, each.main, each.done)
                for f in (statistics.median, max)
            ),
        ]
        for each in chips
    ]
    return "\n\n".join(
        [
            "## The page",
            f"{recipe.events:,} events of {recipe.people:,} people (simulate.py, seed {recipe.seed}), a map of 12 "
            f"touchpoints; server and Chromium on the same machine. {results.machine()}. {results.today()}. "
            f"Load {results.load():.1f}.",
            "**Missed:** "
            + ("; ".join(missed) if missed else "nothing")
            + f". Asked: a first picture within {FIRST:g} s, "
            f"warm; the next paint within {1000 * HOVER:.0f} ms; after a chip, the picture within "
            f"{CHANGE:g} s, and until then a bar and an answer from a sample within as much.",
            f"Seconds from the beginning of the load; medians of {WARM}. Whole: all that is on the page. Asked first: "
            "the first picture when nobody had asked any of it.",
            results.table(["view", "first picture, warm", "whole, warm", "asked first"], rows),
            "Milliseconds from the pointer's move to the next paint.",
            results.table(["over", "median", "95 of 100", "moves"], hovering),
            f"Seconds after a change of chips ({len(CHIPS)}: channel, filter, dates), none asked before.",
            "A bar comes first, then an answer from a sample of 2 % of people, then the view's first picture, then "
            "what stands beside it; medians, and the slowest.",
            results.table(["view", "a bar", "early", "slowest", "picture", "slowest", "whole", "slowest"], changing),
        ]
    )


def workspace(data: Path, recipe: simulate.Recipe, place: Path) -> Path:
    """A copy of the workspace of the log, with a journey map in it."""
    ours = entrant(data, OURS, sys.executable, desirepath_maps, "ws", "ws")
    ours.prepare(simulate.make(data, recipe))
    root = Path(shutil.copytree(data / "ws", place / "ws"))
    (root / "maps").mkdir(exist_ok=True)
    (root / "maps" / "journey.yaml").write_text(json.dumps(desirepath_maps.JOURNEY), encoding="utf-8")
    return root


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure the page.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--events", type=int, default=simulate.Recipe().events)
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    recipe = simulate.Recipe(asked.events, asked.events // 20)
    paths = [view.path for view in views(HERE.parent) if view.written]
    asked.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.data) as place:
        root = workspace(asked.data, recipe, Path(place))
        with served(root) as found, sync_playwright() as playwright:
            tabs = Tabs(launch(playwright), found)
            tabs.context.add_init_script(path=HERE / "watching_pages.js")
            said = text(recipe, look_at(tabs, paths), hovers(tabs), list(changes(tabs)))
            tabs.close()
    if asked.dry:
        print(said)
    else:
        results.write_section("page", said)


if __name__ == "__main__":
    main()
