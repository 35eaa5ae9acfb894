"""The journey map without a mouse, from the first key to the people behind a touchpoint; and how its file is edited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import PHONE, check_accessible, press, reach, settled
from companies import Company, Tabs, until
from playwright.sync_api import Page, expect


def number(text: str) -> int:
    """The first number of a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def focused(page: Page) -> str:
    """What has the focus is called."""
    return str(
        page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent")
    )


def test_from_the_keyboard_to_the_people_of_a_touchpoint(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/overview") as page:
        settled(page)
        press(page, "g m")
        settled(page)
        assert "/journeys/map" in page.url
        reach(page, page.locator(".flow .node[tabindex='0']"))
        first = focused(page)
        press(page, "ArrowRight")
        second = focused(page)
        assert second != first
        assert re.match(r".+\. [\d,]+ instances\. ", second), second
        expect(page.locator(".tip")).to_be_visible()
        assert page.locator(".flow .node.off").count() < page.locator(".flow .node").count()
        press(page, "ArrowLeft")
        assert focused(page) == first
        press(page, "ArrowRight Enter")
        name = second.split(". ")[0]
        inspector = page.get_by_role("complementary", name=name)
        expect(inspector).to_be_visible()
        press(page, "Escape")
        expect(inspector).to_have_count(0)
        assert focused(page) == second
        press(page, "Enter")
        expect(inspector).to_be_visible()
        assert "touchpoint=" in page.url
        reach(page, inspector.get_by_role("button", name="See all"), most=3)
        told = number(focused(page))
        assert told == number(second.split(". ")[1])
        press(page, "Enter")
        people = page.get_by_role("dialog", name=name)
        expect(people.locator("tbody tr").first).to_be_visible()
        assert number(people.locator(".say").inner_text()) == told
        assert people.locator("tbody tr").count() == min(told, 50)
        check_accessible(page)
        reach(page, people.locator("tbody a").first, most=12)
        press(page, "Enter")
        expect(page).to_have_url(re.compile(r"/people/[\w-]+"))
        settled(page)
        page.go_back()  # to the list, above what was open
        expect(people.locator("tbody tr").first).to_be_visible()
        press(page, "Escape")
        expect(people).to_have_count(0)
        expect(inspector).to_be_visible()
        press(page, "Escape")
        expect(inspector).to_have_count(0)
        assert "touchpoint=" not in page.url


def test_every_number_of_the_map_leads_to_as_many(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase") as page:
        settled(page)
        shown = page.locator("main button.num")
        assert shown.count() >= 3
        for place in range(min(shown.count(), 6)):
            told = number(shown.nth(place).inner_text())
            shown.nth(place).click()
            dialog = page.get_by_role("dialog")
            expect(dialog.locator(".say")).to_be_visible()
            assert number(dialog.locator(".say").inner_text()) == told
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)


def test_help_of_the_keyboard(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/data/definitions") as page:
        settled(page)
        page.keyboard.press("?")
        keyboard = page.get_by_role("dialog", name="Keyboard")
        expect(keyboard).to_be_visible()
        check_accessible(page)
        press(page, "Escape")
        expect(keyboard).to_be_hidden()
        press(page, ".")
        expect(page.get_by_text("The address is copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        reach(page, page.get_by_role("link", name="Skip to content"))
        press(page, "Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_a_key_right_after_a_dialog_is_heard(demo_tabs: Tabs) -> None:
    """Until the next frame the focus is still in the dialog that has just closed."""
    with demo_tabs.at("/data/definitions") as page:
        settled(page)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        page.evaluate("""() => {
          document.querySelector("dialog").close();
          document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: ".", bubbles: true }));
        }""")
        expect(page.get_by_text("The address is copied.")).to_be_visible()


def test_the_map_of_a_phone(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase", PHONE) as page:
        settled(page)
        for name in ("shop visit", "add to cart", "order"):
            expect(page.locator("main").get_by_text(name, exact=True).first).to_be_visible()
        page.get_by_role("button", name="Pages").click()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Data").click()
        settled(page)
        assert "/data" in page.url


@pytest.fixture
def map_file(demo: Company) -> Iterator[Path]:
    """A map's file, which is afterwards what it was."""
    path = demo.root / "maps" / "help.yaml"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def test_a_map_is_edited_and_saved_to_its_file(demo_tabs: Tabs, map_file: Path) -> None:
    before = map_file.read_text(encoding="utf-8")
    with demo_tabs.at("/journeys/edit?journey=help") as page:
        settled(page)
        text = page.get_by_label("The map as YAML")
        expect(text).to_have_value(before)
        expect(page.get_by_text("The map is right.")).to_be_visible()
        text.fill(before.replace("goal: help solved", "gaol: help solved"))
        fault = page.locator(".problems li").first
        expect(fault).to_contain_text("gaol")
        expect(fault).to_contain_text("goal")
        line = before.splitlines().index("goal: help solved") + 1
        expect(page.locator("#map-faults")).to_contain_text(f"Line {line}")
        expect(text).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
        check_accessible(page)
        page.get_by_role("button", name=f"Line {line}").click()
        marked = text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
        assert marked == "gaol: help solved"
        assert map_file.read_text(encoding="utf-8") == before
        wanted = before.replace("title: A question is answered", "title: Somebody is helped")
        text.fill(wanted)
        expect(page.get_by_text("The map is right.")).to_be_visible()
        expect(page.get_by_role("region", name="Preview").locator(".node").first).to_be_visible()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved to maps/help.yaml.")).to_be_visible()
        until(lambda: map_file.read_text(encoding="utf-8") == wanted)
    with demo_tabs.at("/journeys/map?journey=help") as page:
        settled(page)
        expect(page.get_by_role("heading", name="Somebody is helped")).to_be_visible()


def test_a_map_that_somebody_else_has_changed_is_not_overwritten(demo_tabs: Tabs, map_file: Path) -> None:
    before = map_file.read_text(encoding="utf-8")
    theirs = before.replace("title: A question is answered", "title: Theirs")
    with demo_tabs.at("/journeys/edit?journey=help", expected="409") as page:
        settled(page)
        text = page.get_by_label("The map as YAML")
        text.fill(before.replace("title: A question is answered", "title: Mine"))
        expect(page.get_by_text("The map is right.")).to_be_visible()
        map_file.write_text(theirs, encoding="utf-8")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("The file has changed since you opened it.")
        assert map_file.read_text(encoding="utf-8") == theirs
        page.get_by_role("button", name="Take theirs").click()
        expect(text).to_have_value(theirs)
