"""A list is sorted as a whole, and leads to a story where it matters; what is told there agrees with what is drawn."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from chromium import DEVICES, PHONE, Device, check_accessible, check_fits, settled, wear
from companies import Company, Tabs
from playwright.sync_api import Locator, Page, expect

MISSING = "\N{EN DASH}"
TOLD = {"kind": "detour", "at": "rescheduled visit"}


def opened(page: Page) -> Locator:
    """The list behind the first number of what rubs."""
    settled(page)
    page.locator(".spot .num").first.click()
    people = page.get_by_role("dialog")
    expect(people.locator("tbody tr").first).to_be_visible()
    return people


def sort_by(page: Page, people: Locator, name: str) -> None:
    """Click a column's head, and wait for the list."""
    people.get_by_role("button", name=name, exact=True).click()
    settled(page)


def column(people: Locator, name: str) -> list[str]:
    """What stands in a column of the page of the list that is shown."""
    heads = [re.sub(r"[\s↕▲▼]+$", "", head) for head in people.locator("thead th").all_inner_texts()]
    return people.locator(f"tbody td:nth-child({1 + heads.index(name)})").all_inner_texts()


def as_asked(company: Company, sort: str) -> list[str]:
    """The labels of the first page, as the server has them over the whole list."""
    asked = {"question": "friction", "fields": {"map": "repair"}, "which": TOLD, "sort": sort, "most": 50}
    found = json.loads(company.post("/api/people/behind", asked))
    return [unit["label"].replace("-", "\N{NON-BREAKING HYPHEN}") for unit in found["units"]]


def test_a_list_is_sorted_by_its_heads(demo_tabs: Tabs, demo: Company) -> None:
    with demo_tabs.at("/journeys/friction?journey=repair") as page:
        people = opened(page)
        head = people.locator("th", has_text="cost").first
        for sort, stands in (("-cost", "descending"), ("cost", "ascending"), ("", None)):
            sort_by(page, people, "cost")
            expect(people.locator("tbody a").first).to_have_text(as_asked(demo, sort)[0])
            assert people.locator("tbody a").all_inner_texts() == as_asked(demo, sort)
            assert head.get_attribute("aria-sort") == stands
        button = people.get_by_role("button", name="outcome", exact=True)
        button.focus()
        page.keyboard.press("Enter")
        settled(page)
        assert column(people, "outcome")[0] == "converted"
        expect(people.get_by_text("sorted by “outcome”, ascending")).to_be_visible()
        for device in DEVICES:
            wear(page, device)
            check_accessible(page)


def test_what_is_missing_is_last_and_back_brings_the_order_back(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/friction?journey=repair") as page:
        people = opened(page)
        for down in (True, False):
            sort_by(page, people, "score")
            scores = [int(one) for one in column(people, "score") if one != MISSING]
            assert scores == sorted(scores, reverse=down)
            assert column(people, "score")[: len(scores)] == [str(one) for one in scores]
        first = people.locator("tbody a").first.inner_text()
        people.locator("tbody a").first.click()
        settled(page)
        page.go_back()
        expect(people.locator("tbody a").first).to_have_text(first)
        assert people.locator("[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_everybody_is_sorted_and_the_address_has_it(demo_tabs: Tabs, demo: Company) -> None:
    with demo_tabs.at("/people") as page:
        settled(page)
        rows = page.get_by_role("region", name="People")
        sort_by(page, rows, "Events")
        assert parse_qs(urlsplit(page.url).query)["sort"] == ["-events"]
        found = [one["label"] for one in demo.data("/api/people?sort=-events")["people"]]
        assert rows.locator("tbody a").all_inner_texts() == found
        page.reload()
        settled(page)
        assert rows.locator("tbody a").all_inner_texts() == found
        expect(rows.locator("[aria-sort=descending]")).to_contain_text("Events")
        for device in DEVICES:
            wear(page, device)
            settled(page)
            check_fits(page)
            check_accessible(page)
        for _ in range(2):
            sort_by(page, rows, "Events")
        assert "sort" not in parse_qs(urlsplit(page.url).query)
        expect(page.get_by_role("heading", name="Who was here last")).to_be_visible()


def moments(page: Page) -> list[str]:
    """When each line of a story happened, from above."""
    return [str(one.get_attribute("datetime")) for one in page.locator(".evs time").all()]


def test_a_story_opens_where_its_journey_began(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/friction?journey=repair") as page:
        people = opened(page)
        sort_by(page, people, "started at")
        people.locator("tbody a").first.click()
        settled(page)
        query = parse_qs(urlsplit(page.url).query)
        assert query["order"] == ["oldest"]
        told = moments(page)
        assert told == sorted(told)
        expect(page.locator(".evs [aria-current]")).to_contain_text("fault reported")
        assert told[0][:19] == query["at"][0][:19]
        check_accessible(page)
        page.get_by_role("button", name="Load what was before").click()
        expect(page.locator(".evs time").first).not_to_have_attribute("datetime", told[0])
        longer = moments(page)
        assert longer == sorted(longer)
        assert longer[-len(told) :] == told
        expect(page.locator(".evs [aria-current]")).to_contain_text("fault reported")
        page.get_by_role("link", name="From the beginning").click()
        settled(page)
        assert moments(page) == longer
        page.get_by_text("Newest first", exact=True).click()
        settled(page)
        assert moments(page) == longer[::-1]
        assert "order" not in parse_qs(urlsplit(page.url).query)
        page.get_by_text("Oldest first", exact=True).click()
        page.reload()
        settled(page)
        assert moments(page) == longer
        wear(page, PHONE)
        settled(page)
        check_fits(page)
        check_accessible(page)


@pytest.mark.parametrize("device", [DEVICES[0], DEVICES[1]], ids=lambda device: device.name)
def test_costs_are_no_income_and_marks_are_as_many_as_is_said(demo_tabs: Tabs, demo: Company, device: Device) -> None:
    asked = {"question": "friction", "fields": {"map": "repair"}, "which": TOLD, "sort": "-score", "most": 1}
    (somebody,) = json.loads(demo.post("/api/people/behind", asked))["units"]
    known = demo.data(f"/api/people/{somebody['handle']}")
    assert known["said"] > 0
    with demo_tabs.at(f"/people/{somebody['handle']}") as page:
        wear(page, device)
        settled(page)
        absent = page.locator(".evs li", has_text="customer absent").last
        expect(absent).to_contain_text(re.compile(r"costs us €\d+"))
        expect(page.locator(".legend")).to_contain_text("costs us money")
        times = "time" if known["said"] == 1 else "times"
        expect(page.locator("header .say")).to_contain_text(f"Said something {known['said']} {times}")
        expect(page.locator(".tl .ev.voice, .tl .ev.friction")).to_have_count(known["said"])
        check_accessible(page)
