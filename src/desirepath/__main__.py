"""`python -m desirepath`, for where the `desirepath` command is not on the path."""

from __future__ import annotations

from desirepath.cli.app import main

main()
