"""The command line, `desirepath`: one file per group of commands, and nothing heavy imported before it is needed."""

from desirepath.cli.app import app, main

__all__ = ["app", "main"]
