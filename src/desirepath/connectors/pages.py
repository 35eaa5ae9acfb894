"""A connector's page of docs, read off the connector."""

from __future__ import annotations

from desirepath.connectors.connector import Connector


def page_of(source: Connector) -> str:
    """The page as Markdown.

    Parameters
    ----------
    source
        The connector.
    """
    lines = [
        f"# {source.title}",
        "",
        source.about,
        "",
        "```bash",
        f"desirepath import --as {source.name} FILES",
        "```",
        "",
    ]
    lines += ["`--as` may be left out where the files are recognised, which most are.", ""]
    lines += ["| What is read | What it becomes |", "|---|---|"]
    lines += [f"| `{name}` | {_capital(text)} |" for name, text in source.streams.items()]
    if source.options:
        lines += ["", "Options, as `--option NAME=VALUE`, or under `options:` in a mapping file:", ""]
        lines += ["| Option | Meaning | If left out |", "|---|---|---|"]
        for option in source.options:
            choices = f" One of {', '.join(f'`{one}`' for one in option.choices if one)}." if option.choices else ""
            default = f"`{option.default}`" if option.default else ""
            lines.append(f"| `{option.name}` | {_capital(option.about)}.{choices} | {default} |")
    if source.docs:
        lines += ["", "Good to know:", ""]
        lines += [f"- {text}" for text in source.docs]
    return "\n".join(lines) + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def index_of(sources: list[Connector]) -> str:
    """The table of all connectors."""
    lines = ["| Source | Reads |", "|---|---|"]
    lines += [
        f"| [{source.title}](sources/{source.name}.md) (`{source.name}`) | {source.about} |" for source in sources
    ]
    return "\n".join(lines) + "\n"
