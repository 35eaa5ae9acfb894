"""A sentence says no more than the table beside it: what differs from whom, what money is made of, who was asked."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from chromium import DESK, DEVICES, PHONE, check_accessible, check_fits, settled, wear
from companies import Company, Tabs
from playwright.sync_api import Page, expect

APP = "channel = 'app'"
NOBODY_PAYS = "name != 'checkout' and name != 'order'"


def flagged(page: Page) -> list[str]:
    """The touchpoints of the table that stand out from chance, the largest difference first."""
    rows = page.locator("section[aria-labelledby=beside] tbody tr").all()
    told = [(row.locator("th").inner_text(), row.locator("td").all_inner_texts()) for row in rows]
    sizes = [abs(float(cells[2].split(" pts")[0].replace("\N{MINUS SIGN}", "-"))) for _, cells in told]
    assert sizes == sorted(sizes, reverse=True)
    return [name for name, cells in told if cells[3] == "yes"]


@pytest.mark.parametrize(
    ("against", "called"),
    [(f"filter:{APP}", "app"), (f"filter:{NOBODY_PAYS}", NOBODY_PAYS), ("2026-04", "April 2026")],
    ids=["a channel", "a filter", "other dates"],
)
def test_a_map_is_held_against_others_by_one_name(demo_tabs: Tabs, against: str, called: str) -> None:
    dates = "&dates=2026-05" if ":" not in against else "&channel=web"
    with demo_tabs.at(f"/journeys/map?journey=purchase{dates}&against={quote(against)}") as page:
        settled(page)
        said, most = page.locator("header .say").inner_text(), flagged(page)
        assert f"Against {called}: " in said
        if most and ":" in against:
            assert re.search(rf"What differs most from {re.escape(called)}: \w+ go on from “{most[0]}”", said), said
        elif most:
            assert f"What changed most since {called}: " in said
        else:
            assert f"At no touchpoint does the share that goes on stand out from {called}." in said
        assert bool(most) or against != f"filter:{NOBODY_PAYS}"
        assert ("changed" in said) == (bool(most) and ":" not in against)
        if ":" not in against:  # answers came on no channel of the shop
            expect(page.locator("small.lg")).to_contain_text(called)
        expect(page.locator("#beside")).to_contain_text(f"against {called}")
        assert "beside it" not in page.locator("main").inner_text()
        page.get_by_role("button", name="Take away").first.click()
        page.get_by_role("option", name="Show as a table").locator("visible=true").click()
        groups = set(page.get_by_role("dialog").locator("tbody td:first-child").all_inner_texts())
        assert called in groups
        assert not groups & {"this", "other"}
        page.keyboard.press("Escape")
        for device in DEVICES:
            wear(page, device)
            settled(page)
            check_fits(page)
            check_accessible(page, colours=device not in (DESK, PHONE))


def parts(told: str) -> dict[str, float]:
    """The numbers of how money is put together."""
    found = re.search(
        r"€(?P<year>[\d,.]+k?) a year = (?P<n>[\d,]+) .*? . €(?P<each>[\d,.]+) each .*?, . (?P<times>[\d.]+)", told
    )
    assert found, told
    return {name: float(value.replace(",", "")) for name, value in found.groupdict().items()}


def test_money_a_year_is_told_with_its_terms(demo_tabs: Tabs, demo: Company) -> None:
    answer = demo.ask({"question": "friction", "fields": {"map": "repair"}})
    row: dict[str, Any] = {name: values[0] for name, values in answer["table"].items()}
    with demo_tabs.at("/journeys/friction?journey=repair") as page:
        settled(page)
        first = page.locator(".spot").first
        told = parts(first.locator(".made").inner_text())
        assert told["n"] == row["decided"]
        assert told["times"] == pytest.approx(answer["extras"]["year"]["times_a_year"][0], abs=0.01)
        assert told["n"] * told["each"] * told["times"] == pytest.approx(row["money_a_year"], rel=0.02)
        for device in DEVICES:
            wear(page, device)
            settled(page)
            check_fits(page)
            check_accessible(page, colours=device not in (DESK, PHONE))
        wear(page, DESK)
        first.locator(".num").first.click()
        people = page.get_by_role("dialog")
        expect(people.locator("tbody tr").first).to_be_visible()
        assert parts(people.inner_text()) == told
        expect(people.locator("tfoot")).to_contain_text(f"all {row['instances']:,} together")
        expect(people.locator("tfoot")).to_contain_text("€")
        check_accessible(page)


def test_a_map_that_asks_nobody_does_not_say_that_nobody_answered(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=help") as page:
        settled(page)
        expect(page.get_by_text("This map does not say which answers count: add `feedback` to it")).to_be_visible()
        check_accessible(page)
        page.goto(page.url.replace("journey=help", "journey=purchase"))
        settled(page)
        expect(page.locator("svg.emo")).to_be_visible()
        page.goto(f"{page.url}&filter=name+%21%3D+%27survey+answered%27")
        settled(page)
        expect(page.get_by_text("Nobody who is counted here has said how it feels.")).to_be_visible()
