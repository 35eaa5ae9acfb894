"""Questions that take long are told of and stopped; new data is told to every tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import user_of
from chromium import DESK, context_of, settled, watched
from companies import WHO, Company, Tabs, enter, until
from demo_shared import demo_company
from playwright.sync_api import Browser, Page, Request, expect
from running import Running, running

import desirepath
from desirepath import asking
from desirepath.questions.catalog import catalog


@pytest.fixture(scope="module")
def here(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo company, served by this very process, so that a question can be slow."""
    root = demo_company(tmp_path_factory)[0]
    user_of(root, "admin", WHO)
    with desirepath.open(root) as workspace, running(workspace) as server:
        yield server


class Slow:
    """Journey maps that take until they are let go, but for some that come first; all look whether they are wanted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.first = 0
        kind: Any = catalog()["journey_map"]
        plain = kind.answer

        def answer(question: Any, *given: Any) -> Any:
            self.first -= 1
            self.began.set()
            try:
                while self.first < 0 and not self.go.is_set():
                    time.sleep(0.01)
            finally:
                self.ended.set()
            return plain(question, *given)

        monkeypatch.setattr(kind, "answer", answer)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow(monkeypatch)
    yield found
    found.go.set()


@pytest.fixture
def page(browser: Browser, here: Running) -> Iterator[Page]:
    """A tab in which the admin has signed in."""
    home = f"http://127.0.0.1:{here.port}"
    with context_of(browser, DESK) as context, watched(context, home) as opened:
        opened.goto(f"{home}/data/definitions")
        enter(opened)
        settled(opened)
        yield opened


def test_a_question_that_takes_long_is_stopped(page: Page, here: Running, slow: Slow) -> None:
    page.goto(f"http://127.0.0.1:{here.port}/journeys/map?journey=help&channel=web")
    stop = page.get_by_role("button", name="Stop here")
    expect(stop).to_be_visible()
    assert slow.began.wait(10)
    began = time.monotonic()
    stop.click()
    expect(page.get_by_text("Stopped before there was an answer.")).to_be_visible()
    assert slow.ended.wait(10)
    answer = here.ask("POST", "/api/ask/funnel", {"fields": {"steps": ["shop visit", "order"], "window": "1 day"}})
    assert answer.status == 200
    assert time.monotonic() - began < 5
    slow.go.set()
    page.get_by_role("button", name="Try again").click()
    settled(page)
    expect(page.locator("main svg[role]").first).to_be_visible()


def ask_more(page: Page, here: Running, slow: Slow, query: str, channel: str) -> None:
    """Look at a map, then choose a channel, whose answer is on its way until it is let go."""
    slow.go.set()
    page.goto(f"http://127.0.0.1:{here.port}/journeys/map?{query}")
    settled(page)
    slow.go.clear()
    slow.began.clear()
    page.get_by_role("button", name="Channel: All").click()
    page.get_by_role("option", name=channel, exact=True).locator("visible=true").click()
    assert slow.began.wait(10)
    expect(page.locator(".wait progress")).to_be_visible()


def test_the_picture_before_stays_until_the_next_is_there(page: Page, here: Running, slow: Slow) -> None:
    ask_more(page, here, slow, "journey=help", "app")
    expect(page.locator(".dimmed .answer svg[role]").first).to_be_visible()
    slow.go.set()
    settled(page)
    expect(page.locator(".dimmed")).to_have_count(0)


def test_numbers_of_before_lead_nowhere(page: Page, here: Running, slow: Slow) -> None:
    """Their people would be those of what is asked now."""
    ask_more(page, here, slow, "journey=help&dates=2026-05", "phone")
    page.locator("main button.num").first.click()
    expect(page.get_by_text("These numbers are of what was asked before")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    slow.go.set()
    settled(page)


def test_a_sample_is_shown_first(page: Page, here: Running, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PREVIEW_FROM", 1)
    monkeypatch.setattr(asking, "PREVIEW_SHARE", 0.5)
    slow.first = 1
    page.goto(f"http://127.0.0.1:{here.port}/journeys/map?journey=help&dates=2026-06")
    expect(page.get_by_text("Preview from a sample of people")).to_be_visible()
    expect(page.locator("main svg[role]").first).to_be_visible()
    of_some = page.locator("main .say").first.inner_text()
    slow.go.set()
    settled(page)
    expect(page.get_by_text("Preview from a sample of people")).to_have_count(0)
    assert page.locator("main .say").first.inner_text() != of_some


def test_who_goes_away_is_not_worked_for(page: Page, here: Running, slow: Slow) -> None:
    page.goto(f"http://127.0.0.1:{here.port}/journeys/map?journey=help&channel=phone")
    assert slow.began.wait(10)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Data").click()
    assert slow.ended.wait(10)
    settled(page)


def names(request: Request, question: str) -> bool:
    """Whether a request asks this question."""
    return f'"{question}"' in (request.post_data or "")


def test_who_closes_the_tab_is_not_worked_for_though_another_is_open(page: Page, here: Running, slow: Slow) -> None:
    other = page.context.new_page()
    with other.expect_response(lambda got: got.url.endswith("/api/queries") and names(got.request, "journey_map")):
        other.goto(f"http://127.0.0.1:{here.port}/journeys/map?journey=help&channel=email")
    assert slow.began.wait(10)
    other.wait_for_timeout(200)  # until the tab has read by which name to stop it
    other.close()
    assert slow.ended.wait(5)
    settled(page)


def test_two_tabs_are_told_of_new_data(demo_tabs: Tabs, demo: Company) -> None:
    before = demo.data("/api/extent")["events"]
    with demo_tabs.at("/live") as one, demo_tabs.at("/live") as other:
        settled(one)
        settled(other)
        expect(one.get_by_text("the lamp was lit")).to_have_count(0)
        demo.sends("the lamp was lit", "the lamp was lit")
        until(lambda: demo.data("/api/extent")["events"] >= before + 2)
        for tab in (one, other):
            expect(tab.locator("main").get_by_text("the lamp was lit").first).to_be_visible(timeout=15_000)


def test_one_browser_has_one_stream(demo_tabs: Tabs) -> None:
    """More would use up the six connections that a browser has to one host."""
    streams: list[str] = []
    demo_tabs.context.on("request", lambda asked: streams.append(asked.url) if "/api/stream" in asked.url else None)
    with demo_tabs.at("/journeys/map") as one, demo_tabs.at("/journeys/map?channel=app") as other:
        for tab in (one, other):
            settled(tab)
        assert len(streams) == 1, streams
        with demo_tabs.at("/journeys/map?channel=web") as third:
            one.close()
            settled(third)
            other.bring_to_front()
            other.get_by_role("button", name="Channel: app").click()
            other.get_by_role("option", name="All", exact=True).locator("visible=true").click()
            settled(other)
