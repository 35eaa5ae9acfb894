"""What is asked stands in the address: Back works, a link shows the same, and a saved question is a name for it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from chromium import BUSY, SLOW, check_accessible, settled
from companies import Company, Tabs
from playwright.sync_api import Page, expect


def asked(page: Page) -> dict[str, list[str]]:
    """The query of the address."""
    return parse_qs(urlsplit(page.url).query)


def pick(page: Page, chip: str, option: str) -> None:
    """Choose from a chip's menu."""
    page.get_by_role("region", name="What is shown").get_by_role("button", name=f"{chip}: ").click()
    page.get_by_role("option", name=option, exact=True).locator("visible=true").click()


def reads(page: Page) -> str:
    """What the view says."""
    settled(page)
    return page.locator("main").inner_text()


def test_a_chip_changes_the_answer_and_back_brings_it_back(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase") as page:
        everything = reads(page)
        pick(page, "Channel", "app")
        assert asked(page)["channel"] == ["app"]
        by_app = reads(page)
        assert by_app != everything
        pick(page, "Dates", "Last 90 days")
        assert asked(page) == {"journey": ["purchase"], "channel": ["app"], "dates": ["last 90 days"]}
        expect(page.get_by_role("button", name="Dates: Last 90 days")).to_be_visible()
        assert reads(page) not in {everything, by_app}
        page.go_back()
        assert reads(page) == by_app
        page.go_back()
        assert reads(page) == everything
        page.go_forward()
        expect(page.get_by_role("button", name="Channel: app")).to_be_visible()
        assert reads(page) == by_app


def test_a_link_shows_the_same(demo_tabs: Tabs) -> None:
    address = (
        "/journeys/map?journey=purchase&dates=2026-05&against=2026-04&filter=channel+%21%3D+%27phone%27&routes=all"
    )
    with demo_tabs.at(address) as page:
        first = reads(page)
        expect(page.get_by_role("button", name="Dates: May 2026")).to_be_visible()
        expect(page.get_by_role("button", name="Against: April 2026")).to_be_visible()
        with demo_tabs.at(page.url.removeprefix(demo_tabs.company.home)) as other:
            assert reads(other) == first
            other.reload()
            assert reads(other) == first


def test_chips_go_along_and_what_belongs_to_a_view_stays(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase&channel=app&routes=all") as page:
        settled(page)
        page.get_by_role("navigation", name="Views").get_by_role("link", name="Funnel").click()
        expect(page).to_have_url(re.compile(r"/journeys/funnel\?"))
        assert asked(page) == {"journey": ["purchase"], "channel": ["app"]}


def test_a_filter_is_checked_before_it_is_a_chip(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase") as page:
        before = reads(page)
        page.get_by_role("button", name="Filter", exact=True).click()
        dialog = page.get_by_role("dialog", name="Add a filter")
        check_accessible(page)
        dialog.get_by_role("button", name="Write it yourself").click()
        dialog.get_by_label("In the filter language").fill("chanel = 'app' andd")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text("cannot be read")
        assert "filter" not in asked(page)
        dialog.get_by_role("button", name="Choose from lists").click()
        dialog.get_by_label("Field").fill("channel")
        dialog.get_by_label("Value").fill("app")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog).to_have_count(0)
        assert asked(page)["filter"] == ["channel = 'app'"]
        assert reads(page) != before
        page.get_by_role("button", name="Take away the filter").click()
        expect(page.locator(BUSY)).to_have_count(0, timeout=SLOW)
        assert reads(page) == before


def test_a_question_is_saved_found_and_deleted(demo_tabs: Tabs, demo: Company) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase&channel=app") as page:
        before = reads(page)
        address = page.url
        page.get_by_role("button", name="Save this question").click()
        page.get_by_label("Its name").fill("The app's orders <b>")
        page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        (file,) = (demo.root / "questions").glob("*the-app-s-orders*.yaml")
        assert "channel=app" in file.read_text(encoding="utf-8")
        page.goto(f"{demo.home}/data/definitions")
        settled(page)
        page.get_by_role("button", name="Saved questions").click()
        page.get_by_role("link", name="The app's orders <b>").click()
        expect(page).to_have_url(address)
        assert reads(page) == before
        page.get_by_role("button", name="Saved questions").click()
        row = page.get_by_role("listitem").filter(has_text="The app's orders <b>")
        row.get_by_role("button", name="Delete").click()
        expect(row).to_have_count(0)
        assert not file.exists()


def test_dates_are_chosen(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase") as page:
        everything = reads(page)
        pick(page, "Dates", "Choose dates…")
        dialog = page.get_by_role("dialog")
        check_accessible(page)
        dialog.get_by_label("First day").fill("2026-03-14")
        dialog.get_by_label("Last day").fill("2026-03-01")
        dialog.get_by_role("button", name="Use these dates").click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        dialog.get_by_label("First day").fill("2026-03-01")
        dialog.get_by_label("Last day").fill("2026-03-14")
        dialog.get_by_role("button", name="Use these dates").click()
        assert asked(page)["dates"] == ["2026-03-01..2026-03-15"]
        expect(page.get_by_role("button", name="Dates: Mar 1, 2026 \N{EN DASH} Mar 14, 2026")).to_be_visible()
        assert reads(page) != everything


def test_light_and_dark_are_kept(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/data/definitions") as page:
        settled(page)
        page.get_by_role("button", name="Switch light and dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.evaluate("localStorage.removeItem('theme')")
