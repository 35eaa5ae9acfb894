"""An answer as HTML: a piece for a notebook, and a page of its own. Everything is escaped, and nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from desirepath.answers.words import shown_columns, with_bounds

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer

MOST_ROWS = 500
"""A page shows so many rows of a table; the file with all of them is JSON or CSV."""

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2a37;max-width:68rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.25rem .7rem;border-bottom:1px solid #d8dee6;text-align:left}th{font-weight:600}
td.number{text-align:right}.notice{color:#4b5a6b}details{margin-top:1rem}pre{white-space:pre-wrap}svg{max-width:100%}
"""


def page_part(answer: Answer) -> str:
    """The answer as a piece of HTML without scripts: words, picture, table, notices."""
    parts = [f"<p><b>{escape(' '.join(answer.words))}</b></p>", picture(answer), _table(answer.columns)]
    parts += [f"<p><small>{escape(item.code)}: {escape(item.text)}</small></p>" for item in answer.warnings]
    return "<div class='desirepath'>" + "".join(parts) + "</div>"


def page(answer: Answer, title: str | None = None) -> str:
    """The answer as a whole page: what was asked and of whom, words, pictures, all tables, notices."""
    heading = escape(title or str(answer.question.get("name", "answer")).replace("_", " "))
    parts = [f"<h1>{heading}</h1>", f"<p><b>{escape(' '.join(answer.words))}</b></p>"]
    parts += [picture(answer, place) for place in range(len(answer.charts))]
    parts.append(_table(answer.columns))
    parts += [f"<p class='notice'>Note ({escape(item.code)}): {escape(item.text)}</p>" for item in answer.warnings]
    for name, extra in answer.extras.items():
        if any(extra.values()):
            parts.append(f"<details><summary>{escape(name.replace('_', ' '))}</summary>{_table(extra)}</details>")
    asked = json.dumps({"question": answer.question, "asked_of": answer.asked_of}, indent=2, ensure_ascii=False)
    parts.append(f"<details><summary>what was asked</summary><pre>{escape(asked)}</pre></details>")
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">'
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def picture(answer: Answer, place: int = 0) -> str:
    """A chart as SVG; empty where there is none, or what draws it (`desirepath[notebook]`) is not installed."""
    if place >= len(answer.charts):
        return ""
    try:
        import vl_convert
    except ImportError:
        return ""
    # no address is allowed: a chart's rows are in it, and names of events may be anything
    return str(vl_convert.vegalite_to_svg(dict(answer.charts[place]), allowed_base_urls=[]))


def _table(columns: Mapping[str, list[Any]]) -> str:
    names = shown_columns(columns)
    if not names:
        return ""
    rows = len(columns[names[0]])
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(_cell(columns, name, row) for name in names) + "</tr>" for row in range(min(rows, MOST_ROWS))
    )
    more = f"<p class='notice'>The first {MOST_ROWS:,} of {rows:,} rows.</p>" if rows > MOST_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(columns: Mapping[str, list[Any]], name: str, row: int) -> str:
    kind = " class='number'" if isinstance(columns[name][row], int | float) else ""
    return f"<td{kind}>{escape(with_bounds(columns, name, row))}</td>"
