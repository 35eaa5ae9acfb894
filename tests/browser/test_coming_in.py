"""Who is let in, and what they see: the one-time link, signing in and out, roles, and a workspace of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from admitted import PASSWORD, user_of
from chromium import DESK, PHONE, Device, Listed, check_accessible, check_fits, context_of, settled, views, watched
from companies import WHO, Company, Tabs, enter, served
from playwright.sync_api import Browser, Page, expect

import desirepath
from desirepath.server.access.book import Book
from desirepath.server.access.users import Users, link_of

VIEWS = [view for view in views(Path(__file__).parents[2]) if view.written]


@pytest.fixture(scope="module")
def empty(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A workspace that was made a moment ago: no events, no maps, and nobody who may log in."""
    root = tmp_path_factory.mktemp("empty") / "new company"
    desirepath.create(root, time_zone="Pacific/Auckland").close()
    with served(root, admin=False) as company:
        yield company


@contextmanager
def stranger(browser: Browser, company: Company, device: Device = DESK, *, expected: str = "") -> Iterator[Page]:
    """A browser that nobody has signed in with."""
    with context_of(browser, device) as context, watched(context, company.home, expected=expected) as page:
        yield page


def test_the_first_comes_by_the_link_and_finds_nothing_yet(browser: Browser, empty: Company) -> None:
    # questions of nothing are refused, and the browser writes down each refusal
    with stranger(browser, empty, expected="status of 422") as page:
        page.goto(f"{empty.home}/journeys/map")
        expect(page.get_by_text("Nobody can sign in yet.")).to_be_visible()
        check_accessible(page)
        book = Book(empty.root)
        link = Users(book).link("test")
        book.close()
        page.goto(f"{empty.home}/setup#token={link}")
        expect(page.get_by_role("heading", name="Welcome to desirepath")).to_be_visible()
        check_accessible(page)
        page.get_by_label("Name").fill(WHO)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_label("Password again").fill("another one")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_have_text("The two passwords differ.")
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page).to_have_url(f"{empty.home}/overview")
        expect(page.get_by_role("button", name=f"Signed in as: {WHO}")).to_be_visible()
        expect(page.get_by_role("heading", name="No events yet").first).to_be_visible()
        expect(page.get_by_text("desirepath import FILES").first).to_be_visible()
        for view in VIEWS:
            page.goto(f"{empty.home}/{view.path}")
            settles_empty(page, view)
        page.goto(f"{empty.home}/setup#token={link}")
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def settles_empty(page: Page, view: Listed) -> None:
    """Nothing is broken: what is missing is said."""
    expect(page.locator("main :is(h1, h2)").first).to_be_visible()
    expect(page.locator(".skel, .wait, [aria-busy=true]")).to_have_count(0)
    assert page.locator(".oops").count() == 0, f"{view.path}: {page.locator('.oops').first.inner_text()}"
    check_fits(page)


def test_a_link_that_does_not_hold(browser: Browser, demo: Company) -> None:
    with stranger(browser, demo, expected="status of 4") as page:
        page.goto(f"{demo.home}/setup#token=made-up")
        page.get_by_label("Name").fill("eve")
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert not page.context.cookies()


@pytest.mark.parametrize("device", [DESK, PHONE], ids=lambda device: device.name)
def test_the_gate(browser: Browser, demo: Company, device: Device) -> None:
    with stranger(browser, demo, device, expected="status of 401") as page:
        page.goto(f"{demo.home}/journeys/map?journey=purchase&channel=app")
        check_accessible(page)
        check_fits(page)
        page.get_by_label("Name").fill(WHO)
        page.get_by_label("Password").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        enter(page)
        settled(page)
        assert page.url.endswith("/journeys/map?journey=purchase&channel=app")
        cookies = page.context.cookies()
        assert cookies
        assert all((cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax") for cookie in cookies)
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name=f"Signed in as: {WHO}").click()
        page.get_by_role("option", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        page.reload()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert page.context.request.get(f"{demo.home}/api/maps").status == 401


def test_a_session_that_has_ended_leads_to_the_gate(browser: Browser, demo: Company) -> None:
    with stranger(browser, demo, expected="status of 401") as page:
        page.goto(f"{demo.home}/data/definitions")
        enter(page)
        settled(page)
        page.context.clear_cookies()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Journeys").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        enter(page)
        settled(page)
        assert "/journeys/map" in page.url


def test_a_viewer_sees_answers_and_no_doors_that_are_shut(browser: Browser, demo: Company) -> None:
    user_of(demo.root, "viewer", "vera")
    with stranger(browser, demo) as page:
        page.goto(f"{demo.home}/data")
        enter(page, "vera")
        settled(page)
        tabs = page.get_by_role("navigation", name="Views")
        expect(tabs.get_by_role("link", name="Health")).to_be_visible()
        for name in ("Access", "Privacy", "Quarantine"):
            expect(tabs.get_by_role("link", name=name)).to_have_count(0)
        page.goto(f"{demo.home}/data/access")
        expect(page.get_by_text("Your role does not let you see this.")).to_be_visible()
        page.goto(f"{demo.home}/journeys/edit?journey=help")
        settled(page)
        expect(page.get_by_label("The map as YAML")).not_to_be_editable()
        for name in ("Save", "Saved"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        page.get_by_role("button", name="Save this question").click()
        expect(page.get_by_text("Your role may read, not save.")).to_be_visible()


def test_another_password(browser: Browser, demo: Company) -> None:
    user_of(demo.root, "viewer", "paul")
    with stranger(browser, demo, expected="status of 4") as page:
        page.goto(f"{demo.home}/data/definitions")
        enter(page, "paul")
        page.get_by_role("button", name="Signed in as: paul").click()
        page.get_by_role("option", name="Change the password").click()
        dialog = page.get_by_role("dialog", name="Change the password")
        check_accessible(page)
        dialog.get_by_label("The password until now").fill("wrong, wrong, wrong")
        dialog.get_by_label("The new one").fill("a newer, longer password")
        dialog.get_by_label("Once more").fill("another, quite long")
        dialog.get_by_role("button", name="Change", exact=True).click()
        expect(dialog.get_by_role("alert")).to_have_text("The two passwords differ.")
        dialog.get_by_label("Once more").fill("a newer, longer password")
        dialog.get_by_role("button", name="Change", exact=True).click()
        expect(dialog.get_by_role("alert")).to_have_text("Name and password do not go together.")
        dialog.get_by_label("The password until now").fill(PASSWORD)
        dialog.get_by_role("button", name="Change", exact=True).click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_role("button", name="Signed in as: paul")).to_be_visible()
        with stranger(browser, demo) as other:
            other.goto(f"{demo.home}/data/definitions")
            enter(other, "paul", "a newer, longer password")


def test_who_is_invited_comes_by_a_link_of_their_own(browser: Browser, demo: Company) -> None:
    book = Book(demo.root)
    link = link_of(Users(book).add("test", "ivy@shop.example", "viewer"), "ivy@shop.example")
    book.close()
    with stranger(browser, demo) as page:
        page.goto(f"{demo.home}/data/definitions")
        enter(page)  # somebody else sits at this machine
        settled(page)
        page.goto(f"{demo.home}{link}")
        page.reload()
        expect(page.get_by_text("This link is for ivy@shop.example, and works once.")).to_be_visible()
        check_accessible(page)
        expect(page.get_by_label("Name")).to_have_value("ivy@shop.example")
        expect(page.get_by_label("Name")).not_to_be_editable()
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("button", name="Signed in as: ivy@shop.example")).to_be_visible()
        expect(page).to_have_url(f"{demo.home}/overview")


def test_why_the_provider_let_nobody_in_is_said(browser: Browser, demo: Company) -> None:
    with stranger(browser, demo) as page:
        page.goto(f"{demo.home}/login#refused=role")
        expect(page.get_by_role("alert")).to_contain_text("gives you no role here")
        enter(page)
        expect(page).to_have_url(f"{demo.home}/overview")


def test_no_tab_of_the_demo_company_is_shut_to_its_admin(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/data") as page:
        settled(page)
        for name in ("Sources", "Access", "Privacy", "Quarantine"):
            expect(page.get_by_role("navigation", name="Views").get_by_role("link", name=name)).to_be_visible()
