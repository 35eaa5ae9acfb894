"""Where do the figures go? Each benchmark owns one section of RESULTS.md and replaces only that.

<!-- funnel:begin -->  …  <!-- funnel:end -->
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
OPENING = "# Benchmarks\n\nEvery section is written by its script in this directory; `make bench` runs them all.\n"


def write_section(name: str, body: str, path: Path = RESULTS) -> None:
    """Put `body` into the section called `name`, at the end of the file when the section is new.

    Raises
    ------
    ValueError
        When the file has the section's beginning without its end, or more than one of it.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = path.read_text() if path.exists() else OPENING
    section = f"{begin}\n{body.strip()}\n{end}"
    if begin not in text and end not in text:
        path.write_text(f"{text.rstrip()}\n\n{section}\n")
        return
    parts = re.split(f"({re.escape(begin)}|{re.escape(end)})", text)
    if parts[1::2] != [begin, end]:
        raise ValueError(f"{path} needs exactly one {begin} and then one {end}; found {parts[1::2]}.")
    path.write_text(parts[0] + section + parts[4])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column to the left, the others to the right."""
    ruler = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ruler, *rows))


def seconds(value: float) -> str:
    """Return seconds with three significant digits."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def megabytes(value: int) -> str:
    """Return bytes as whole megabytes (10^6)."""
    return f"{value / 1e6:,.0f}"


def machine() -> str:
    """Describe processor, cores, memory and interpreter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    name = model.group(1).strip() if model else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def today() -> str:
    """Return the date in UTC."""
    return datetime.now(UTC).date().isoformat()


def load() -> float:
    """Return how many processes wanted to run during the last minute, on average."""
    return os.getloadavg()[0]
