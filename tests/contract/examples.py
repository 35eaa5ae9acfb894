"""Questions to hold every contract against; a question of the catalog without an example fails a test.

The examples of a question stand in a file of their own, `examples_<question>.py`, as `EXAMPLES`.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from example import Example

EXAMPLES: list[Example] = [
    example
    for path in sorted(Path(__file__).parent.glob("examples_*.py"))
    for example in importlib.import_module(path.stem).EXAMPLES
]

__all__ = ["EXAMPLES", "Example"]
