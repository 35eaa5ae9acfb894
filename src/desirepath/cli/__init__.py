"""The command line, `desirepath`: one file per group of commands; heavy things are imported when needed."""

from __future__ import annotations

from desirepath.cli.app import app, main

__all__ = ["app", "main"]
