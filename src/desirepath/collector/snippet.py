"""The script for web pages: page views, clicks and errors, without cookies unless asked for."""

from __future__ import annotations

import re
from importlib.resources import files


def _short(text: str) -> bytes:
    """The script without its indentation."""
    return re.sub(r"\n\s*", "\n", text).strip().encode()


SNIPPET = _short(files("desirepath.collector").joinpath("snippet.js").read_text(encoding="utf-8"))
"""What `/d.js` gives out."""
