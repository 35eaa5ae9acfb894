"""What does the page of definitions say? Every metric of the house, and what its words stand for, as Markdown."""

from __future__ import annotations

import msgspec

from desirepath.events.yaml_forms import as_yaml
from desirepath.metrics.form import GROUPS, MetricForm
from desirepath.metrics.shelf import Defined

_HEAD = """\
# The metrics of the house

Made by `desirepath metrics page`. Each with its definition, what it is divided by, when somebody counts, how it is
often got wrong, and how it is asked; names with a `$` are [words](../metrics.md#words). A file in the folder
`metrics/` that defines a metric of the same name goes before it.
"""


def page_of(known: Defined) -> str:
    """The page of a catalog."""
    parts = [_HEAD]
    for group in GROUPS:
        parts.append(f"## {group.capitalize()}\n")
        parts += [_told(form) for form in known.metrics.values() if form.group == group]
    parts.append("## Words\n\n| Word | Stands for |\n|---|---|")
    lines = [f"| `${name}` | {_meaning(meaning)} |" for name, meaning in sorted(known.words.items())]
    return "\n".join([*parts, *lines]) + "\n"


def _meaning(meaning: str | None) -> str:
    if meaning is None:
        return "what a company has to say"
    return f"`{' '.join(meaning.split())}`"


def _told(form: MetricForm) -> str:
    plain = msgspec.to_builtins(form)
    lines = [f"### {form.metric}\n", f"{form.says}\n", f"- Of: {form.denominator}."]
    for name, text in (("Counted", form.matures), ("Better", form.better), ("Beware", form.trap)):
        if text:
            lines.append(f"- {name}: {text.rstrip('.')}.")
    asked = as_yaml({name: plain[name] for name in ("question", "fields", "of", "number") if name in plain})
    return "\n".join([*lines, "", "```yaml", asked.rstrip("\n"), "```", ""])
