"""Every number that counts people opens them, and they are as many as it says; from there a story of one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chromium import PHONE, SLOW, Listed, check_accessible, check_fits, settled, some, views, wear
from companies import Tabs
from playwright.sync_api import Locator, Page, expect

VIEWS = [view for view in views(Path(__file__).parents[2]) if view.written]


def told(number: Locator) -> int:
    """What a number says, whole, as it is read aloud."""
    found = re.match(r"\D*?([\d,]+)", number.get_attribute("aria-label") or "")
    assert found, number.get_attribute("aria-label")
    return int(found[1].replace(",", ""))


def check_number(page: Page, number: Locator) -> None:
    """A number opens a list that is as long as it says."""
    many = told(number)
    name = number.get_attribute("aria-label")
    number.click()
    people = page.get_by_role("dialog")
    expect(people.locator(".say, .oops, .empty").first).to_be_visible(timeout=SLOW)
    assert people.locator(".oops, .empty").count() == 0, f"{name}: {people.inner_text()}"
    said = people.locator(".say b").first.inner_text()
    assert int(said.replace(",", "")) == many, f"{name}: {said}"
    expect(people.locator("tbody tr")).to_have_count(min(many, 50))
    page.keyboard.press("Escape")
    expect(people).to_have_count(0)


@pytest.mark.parametrize("view", some(VIEWS))
def test_numbers_open_as_many(demo_tabs: Tabs, view: Listed) -> None:
    with demo_tabs.at(f"/{view.path}") as page:
        settled(page)
        numbers = page.locator("main").get_by_role("button", name=re.compile(r"^[\d,]+: .*Show the people$"))
        many = numbers.count()
        for place in sorted({0, many // 3, 2 * many // 3, many - 1} if many else ()):
            check_number(page, numbers.nth(place))


def test_somebody_is_shown_by_a_label_until_a_reason_is_given(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/people") as page:
        settled(page)
        page.locator("main a[href*='/people/']").first.click()
        expect(page).to_have_url(re.compile(r"/people/[0-9a-f]+"))
        settled(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^P-[0-9A-F]{6}$"))
        said = page.locator("main").inner_text()
        assert "@" not in said
        check_accessible(page)
        page.get_by_role("button", name="Show identity").click()
        dialog = page.get_by_role("dialog")
        check_accessible(page)
        dialog.get_by_role("textbox").fill("they asked what is known of them")
        dialog.get_by_role("button", name=re.compile("Show")).click()
        expect(page.locator(".idents li").first).to_be_visible()
        page.keyboard.press("Escape")
        audit = demo_tabs.company.get("/api/audit").decode()
        assert "they asked what is known of them" in audit
        wear(page, PHONE)
        settled(page)
        check_fits(page)
