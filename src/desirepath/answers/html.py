"""An answer as a piece of HTML for a notebook: the words, the table, the warnings. Everything is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from desirepath.answers.words import shown_columns, with_bounds

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer


def page_part(answer: Answer) -> str:
    """The answer as HTML without scripts."""
    parts = [f"<p><b>{escape(' '.join(answer.words))}</b></p>", _table(answer.columns)]
    parts += [f"<p><small>{escape(item.code)}: {escape(item.text)}</small></p>" for item in answer.warnings]
    return "<div class='desirepath'>" + "".join(parts) + "</div>"


def _table(columns: Any) -> str:
    names = shown_columns(columns)
    if not names:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(with_bounds(columns, name, row))}</td>" for name in names) + "</tr>"
        for row in range(len(columns[names[0]]))
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
