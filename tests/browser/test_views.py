"""Each view opens, says what it shows, breaks nothing, is accessible, and fits; on invented data, and on real data.

A view that is new in the page's own list is tried here at once.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chromium import DESK, DEVICES, PHONE, TYPICAL, Listed, check_accessible, check_fits, settled, some, views, wear
from companies import Tabs
from playwright.sync_api import Page, expect
from sparing import case

VIEWS = views(Path(__file__).parents[2])
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.path.replace("/", "-"))


@pytest.fixture(autouse=True)
def written(request: pytest.FixtureRequest) -> None:
    """Leave out what has its place in the list and nothing else yet."""
    view = getattr(request.node, "callspec", None) and request.node.callspec.params.get("view")
    if isinstance(view, Listed) and not view.written:
        pytest.skip(f"{view.file.name} is not written yet")


def test_the_list_is_read() -> None:
    assert len(VIEWS) >= 25
    assert all(view.file.exists() for view in VIEWS)
    assert len({view.path for view in VIEWS}) == len(VIEWS)


@each_view
def test_a_view_of_the_demo_company(demo_tabs: Tabs, view: Listed) -> None:
    with demo_tabs.at(f"/{view.path}") as page:
        settled(page)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator(".rail [aria-current=page]")).to_have_count(1)
        assert page.title().endswith("desirepath")
        tells(page)
        for device in DEVICES:
            wear(page, device)
            settled(page)
            check_fits(page)
            if device in (DESK, PHONE):
                check_accessible(page)
            elif view.path in TYPICAL:
                check_accessible(page, colours=True)


def tells(page: Page) -> None:
    """There is something to read: figures, or a form that asks for what is wanted, and no excuse for having none."""
    said = page.locator("main").inner_text()
    expect(page.locator("main .empty"), said).to_have_count(0)
    assert len(said) > 150, said
    assert re.search(r"\d", said) or page.locator("main :is(form, textarea)").count(), said


@each_view
def test_a_view_of_real_orders(olist_tabs: Tabs, view: Listed) -> None:
    """There is no map, there are no answers of surveys as the demo has them; what cannot be shown is said."""
    with olist_tabs.at(f"/{view.path}") as page:
        settled(page)
        expect(page.locator("h1, main .empty h2").first).to_be_visible()
        assert len(page.locator("main").inner_text()) > 60
        for device in (DESK, PHONE):
            wear(page, device)
            settled(page)
            check_fits(page)
        check_accessible(page)


@pytest.mark.parametrize("view", some(VIEWS))
def test_a_view_of_what_is_hostile(hostile_tabs: Tabs, view: Listed) -> None:
    """Nothing runs, which `watched` sees; nothing is so wide that the page scrolls sideways; no link is a script."""
    with hostile_tabs.at(f"/{view.path}") as page:
        settled(page)
        for device in (DESK, PHONE):
            wear(page, device)
            settled(page)
            check_fits(page)
        assert page.evaluate("document.querySelectorAll('main :is(script, iframe, style, object, embed)').length") == 0
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        assert not [link for link in links if not link.startswith(hostile_tabs.company.home)], links
        assert page.evaluate("document.querySelectorAll('body *').length") < MOST_ELEMENTS


def test_a_map_of_as_many_touchpoints_as_a_map_may_have(hostile_tabs: Tabs) -> None:
    with hostile_tabs.at("/journeys/map?journey=crowd") as page:
        settled(page)
        for device in (DESK, PHONE):
            wear(page, device)
            settled(page)
            check_fits(page)
        wear(page, DESK)
        settled(page)
        expect(page.locator(".flow .node").first).to_be_visible()  # on a phone the map is a list
        folded = page.locator(".flow .node").count()
        assert folded <= 24
        page.locator(".flow .node").first.click()
        settled(page)
        assert page.locator(".flow .node").count() > folded
        check_fits(page)
        assert page.evaluate("document.querySelectorAll('body *').length") < MOST_ELEMENTS


HELD = ("overview", "journeys/map", "journeys/paths", "journeys/funnel", "cohorts", "cohorts/lifecycle", "voice/scores")


@pytest.mark.parametrize("path", [case(path, now=path in ("cohorts", "cohorts/lifecycle")) for path in HELD])
def test_a_channel_is_held_against_another(demo_tabs: Tabs, path: str) -> None:
    with demo_tabs.at(f"/{path}?channel=web") as page:
        settled(page)
        page.get_by_role("button", name="Against: Nothing").click()
        page.get_by_role("option", name="app channel").locator("visible=true").click()
        settled(page)
        assert "against=filter%3Achannel+%3D+%27app%27" in page.url
        expect(page.get_by_role("button", name="Against: app")).to_be_visible()
        tells(page)
        for device in (DESK, PHONE):
            wear(page, device)
            settled(page)
            check_fits(page)
            check_accessible(page)


MOST_ELEMENTS = 12_000
"""Elements of a document that stays quick, however many names there are."""


def test_an_address_that_is_none(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/no/such/<b>page</b>") as page:
        expect(page.get_by_role("heading", name="There is no page no/such/<b>page</b>")).to_be_visible()
        check_accessible(page)
        page.get_by_role("link", name="To the overview").click()
        expect(page).to_have_url(f"{demo_tabs.company.home}/overview")
        settled(page)
