"""Can the page speak another language, and be printed? Each sentence can be exchanged and grow; a map is one sheet."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chromium import DESK, PHONE, Listed, check_fits, settled, some, views, wear
from companies import Company, Tabs
from playwright.sync_api import Page, Response

VIEWS = [view for view in views(Path(__file__).parents[2]) if view.written]

SAID = """() => {
  // texts outside of what is marked as translated, and names that are read aloud or shown on hovering
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let at = walk.nextNode(); at; at = walk.nextNode())
    if (!at.parentElement.closest('script, noscript, style, code, pre, textarea, bdi, datalist, option, kbd'))
      found.push(at.data);
  for (const name of ['aria-label', 'title', 'placeholder'])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!element.closest('bdi')) found.push(element.getAttribute(name));
  return found;
}"""

CUT = """() => [...document.querySelectorAll('button, a, h1, h2, h3, th, label, legend, .lab, .say')]
  .filter((e) => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1
    && e.clientWidth > 1 && e.textContent.includes('\u27e6') && !e.title)
  .map((e) => e.textContent.slice(0, 80))"""
"""Sentences of the page, not names of the data, of which a part cannot be seen."""

FORMATTED = """Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec January February March April June July August
September October November December Mon Tue Wed Thu Fri Sat Sun EUR BRL AM PM GMT UTC desirepath ingest""".split()
"""Words that `Intl` writes, and names that are the same in every language."""


@pytest.mark.parametrize("view", some(VIEWS))
def test_every_sentence_can_be_said_otherwise(demo_tabs: Tabs, view: Listed) -> None:
    answers: list[str] = []
    with demo_tabs.at("/data/definitions") as page:
        page.on("response", lambda response: keep(response, answers, demo_tabs.company))
        page.goto(f"{demo_tabs.company.home}/{view.path}")
        settled(page)  # what is known now comes at once the next time, so that it can be read below
        page.goto(f"{demo_tabs.company.home}/{view.path}?lang=pseudo")
        settled(page)
        wear(page, DESK)
        plain = untranslated(page.evaluate(SAID), "\n".join(answers))
        assert not plain, f"not in the reader's language: {plain[:20]}"
        cut = page.evaluate(CUT)
        assert not cut, f"cut off when it is longer: {cut[:10]}"
        check_fits(page)
        wear(page, PHONE)
        settled(page)
        check_fits(page)


def keep(response: Response, answers: list[str], company: Company) -> None:
    """Keep what the server says; what it says on the stream, which never ends, is asked again."""
    path = urlsplit(response.url).path
    if path == "/api/queries" and response.status == 202:
        answers.append(json.dumps(company.ask(response.request.post_data_json), ensure_ascii=False))
    elif path.startswith("/api/") and path != "/api/stream" and response.status == 200:
        answers.append(json.dumps(response.json(), ensure_ascii=False))


def untranslated(said: list[str], answers: str) -> list[str]:
    """The texts of which a part neither passed through the page's own messages nor came from the server.

    What passed through has odd letters; in its slots stands what the server said, or numbers.
    """
    known = f"{answers} {answers.replace('_', ' ')}"
    found = []
    for text in said:
        if re.search(r"[=<>] ", text):
            continue  # a filter, as an example
        # names of files and columns, and what `Intl` writes
        plain = re.sub(rf"\S+[_.]\w+|\d+ \w+ ago|\b({'|'.join(FORMATTED)})\b", "|", text)
        parts = re.findall(r"(?<!\w)[A-Za-z]+(?:[ '\u2019-][A-Za-z]+)*(?!\w)", plain)
        if any(re.search("[a-z]{3}", part) and part not in known for part in parts):
            found.append(" ".join(text.split())[:80])
    return found


def test_the_search_for_sentences_finds_what_it_is_for() -> None:
    answers = '{"name": "call about order", "of_entered": 1}'
    for right in (
        "call about order",
        "\u0175\u00e5\u00fd\u0161 \u00f6\u0192 order\u00b7\u00b7\u27e7 12 Mar",
        "of entered",
        "4 h",
    ):
        assert untranslated([right], answers) == []
    for wrong in ("Ways of people", "\u0175\u00e5\u00fd\u27e7 of all", "12 days", "about the call"):
        assert untranslated([wrong], answers) == [wrong]


def sheets(page: Page) -> int:
    """How many sheets the page is on paper."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert re.search(rb"/MediaBox\s*\[0 0 84[12][.\d]* 59[456]", printed), "not A4, lying"
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


@pytest.mark.parametrize("journey", ["repair", "purchase", "help"])
def test_a_map_is_printed_on_one_sheet(demo_tabs: Tabs, journey: str) -> None:
    with demo_tabs.at(f"/journeys/map?journey={journey}") as page:
        settled(page)
        assert sheets(page) == 1


def test_on_paper_there_are_no_tools_and_nothing_is_cut(demo_tabs: Tabs) -> None:
    with demo_tabs.at("/journeys/map?journey=purchase") as page:
        settled(page)
        page.emulate_media(media="print", color_scheme="dark")
        for part in (".rail", ".bar", ".tabs", ".tools", ".chip"):
            assert page.locator(f"{part} >> visible=true").count() == 0, part
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(
            "[...document.querySelectorAll('.wide')].every(e => getComputedStyle(e).overflowX !== 'auto')"
        )
