"""desirepath: customer journey analytics on your own machine.

>>> import desirepath
>>> ws = desirepath.open("acme")
>>> ws.ask("funnel", steps=["visit", "cart", "order"], window="7 days")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer
    from desirepath.errors import DesirepathError
    from desirepath.questions.funnel import Exclusion, Funnel, Step
    from desirepath.workspace import Workspace, create
    from desirepath.workspace import open_workspace as open  # noqa: A004 - read as desirepath.open

__version__ = "0.1.0"

_WHERE = {
    "Answer": "answers.answer",
    "DesirepathError": "errors",
    "Exclusion": "questions.funnel",
    "Funnel": "questions.funnel",
    "Step": "questions.funnel",
    "Workspace": "workspace",
    "create": "workspace",
    "open": "workspace",
}

__all__ = [
    "Answer",
    "DesirepathError",
    "Exclusion",
    "Funnel",
    "Step",
    "Workspace",
    "__version__",
    "create",
    "open",
]


def __getattr__(name: str) -> Any:
    # imported when first used: the command line must start fast, and a question needs numba
    if name not in _WHERE:
        raise AttributeError(f"module 'desirepath' has no attribute {name!r}")
    module = import_module(f"desirepath.{_WHERE[name]}")
    return getattr(module, "open_workspace" if name == "open" else name)
