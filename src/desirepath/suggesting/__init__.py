"""People who may be one, though nothing that was seen together says so: searched for, and decided by people."""

from __future__ import annotations

from desirepath.suggesting.queue import accept, dismiss, review_queue
from desirepath.suggesting.search import Searched, find_suggestions

__all__ = ["Searched", "accept", "dismiss", "find_suggestions", "review_queue"]
