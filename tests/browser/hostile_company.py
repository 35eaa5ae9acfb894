"""A company in which nobody means well: names and words of markup, scripts and odd letters, and ten thousand of them.

What a page must never do with them is run them, and what it must always do is stay readable.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import desirepath

MANY, PEOPLE = 10_000, 400
"""Names of touchpoints, and people."""

HEBREW, ARABIC = (
    "\u05db\u05e0\u05d9\u05e1\u05d4 \u05dc\u05d7\u05e0\u05d5\u05ea",
    "\u0645\u0631\u062d\u0628\u0627 100% \u0628\u0643",
)
NASTY = (
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(2)">',
    "\"'><svg onload=alert(3)>",
    "javascript:alert(document.cookie)",
    "</style><style>*{display:none}</style>",
    "{n} ${alert(4)} {{constructor.constructor('alert(5)')()}}",
    f"{HEBREW} <b>3</b>",
    ARABIC,
    "\u202eevil\u202c gnp.exe",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f6d2 \U0001f3f3\ufe0f\u200d\U0001f308",
    "__proto__",
    "constructor",
    "W" * 199,
    "a name that is long although it is made of words, " * 3 + "so it is",
    "Z\u0351\u036b\u0343\u036a\u0302a\u0363\u0365\u0360l\u0350\u0365g\u0321\u0351o\u035c",
    "../../etc/passwd",
    "a|b\\c&d=e#f?g%00",
    "' OR 1=1 --",
)
"""Names of the touchpoints that most people come by."""

CHANNELS = ("<b onclick=alert(6)>web</b>", ARABIC, "javascript:alert(7)", "\U0001f4de", "c" * 120, "toString")

WORDS = (
    "<img src=x onerror=alert(8)> This was awful, I am very angry.",
    '<a href="javascript:alert(9)">Great help</a>, thank you so much!',
    f"{HEBREW} terrible, terrible delivery \u202e again",
    "Wonderful \U0001f600\U0001f600\U0001f600 " + "very " * 60 + "good",
    "<iframe srcdoc='<script>alert(10)</script>'></iframe> slow and broken",
)


def _text(text: str) -> str:
    """A text of YAML, on one line."""
    return json.dumps(text, ensure_ascii=False)


def _named(name: str) -> str:
    """Events of this name, as a filter; many of these names would be read as filters themselves."""
    return _text("name = '" + name.replace("'", "''") + "'")


def _steps(*names: str) -> str:
    return "[" + ", ".join(f"{{touchpoint: {_text(name)}, event: {_named(name)}}}" for name in names) + "]"


MAP = f"""\
map: nasty
title: {_text(NASTY[0] + " " + HEBREW)}
starts: {_named(NASTY[0])}
goal: {_named(NASTY[8])}
gives_up_after: 10 days
stages:
  - stage: {_text(NASTY[1])}
    owner: {_text(NASTY[3])}
    needs: {_text(NASTY[13])}
    steps: {_steps(NASTY[0], NASTY[2], NASTY[3])}
  - stage: {_text(ARABIC)}
    steps: {_steps(NASTY[4], NASTY[6], NASTY[9], NASTY[10], NASTY[11])}
  - stage: {_text(NASTY[12])}
    steps: {_steps(NASTY[12], NASTY[13], NASTY[8])}
feedback:
  - {{event: answer, score: score, scale: nps, about: {_text(NASTY[6])}, comment: comment}}
"""

MOST = 240
"""So many touchpoints a map may have."""


def _crowd() -> dict[str, object]:
    """A map of as many; the longer numbers first, because an event counts as the first touchpoint that it fits."""
    steps = [
        {"touchpoint": f"{NASTY[place % len(NASTY)]} {place}", "event": f"name contains 'touchpoint {place}'"}
        for place in reversed(range(MOST))
    ]
    return {
        "map": "crowd",
        "title": NASTY[7],
        "starts": "name contains 'touchpoint'",
        "goal": "answer",
        "gives_up_after": "90 days",
        "stages": [
            {"stage": f"{place} {NASTY[place // 30]}", "steps": steps[place : place + 30]}
            for place in range(0, MOST, 30)
        ],
    }


MAPPING = """\
source: nasty
identities: {who: who}
channel: "{channel}"
session: visit
value: {column: paid, currency: EUR}
properties: [score, comment, link, {"<b>bold</b>": bold}]
events: [{name: "{name}", at: at}]
"""


def make_hostile(folder: Path) -> Path:
    """Make the company's workspace in a new folder.

    Parameters
    ----------
    folder
        Where; it does not exist yet.
    """
    with desirepath.create(folder, time_zone="Asia/Jerusalem") as workspace:
        log, mapping = folder.parent / "nasty.jsonl", folder.parent / "nasty.yaml"
        log.write_text("".join(json.dumps(row) + "\n" for row in _rows()), encoding="utf-8")
        mapping.write_text(MAPPING, encoding="utf-8")
        account = workspace.import_files([log], mapping)
        assert account.quarantined == 1, account.reasons
        (folder / "maps").mkdir(exist_ok=True)
        (folder / "maps" / "nasty.yaml").write_text(MAP, encoding="utf-8")
        (folder / "maps" / "crowd.yaml").write_text(json.dumps(_crowd()), encoding="utf-8")
    return folder


def _rows() -> Iterator[dict[str, object]]:
    chance = random.Random(5)
    rare = iter(range(MANY - len(NASTY)))
    for person in range(PEOPLE):
        start = 1_772_000_000 + chance.randrange(60 * 86_400)
        who = f"{NASTY[person % 4]}{person}"
        names = [name for name in NASTY if chance.random() < 0.6] or [NASTY[0]]
        names += [f"touchpoint {next(rare, 0)} {chance.choice(NASTY)[:40]}" for _ in range(MANY // PEOPLE)]
        for number, name in enumerate([*names, "answer"]):
            start += chance.randrange(60, 40_000)
            yield {
                "who": who,
                "name": name,
                "at": _moment(start),
                "channel": chance.choice(CHANNELS),
                "visit": f"{who} {number // 5}",
                "paid": round(chance.random() * 90, 2) if number % 9 == 0 else None,
                "score": chance.randrange(11) if name == "answer" else None,
                "comment": chance.choice(WORDS) if name == "answer" else None,
                "link": f"javascript:alert({number})",
                "bold": chance.choice(NASTY),
            }
    yield {"who": NASTY[0], "name": NASTY[1], "at": NASTY[2], "channel": CHANNELS[0]}


def _moment(seconds: int) -> str:
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()
