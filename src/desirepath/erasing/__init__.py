"""One person, taken out of everything or handed out: the rights of who is measured."""

from __future__ import annotations

from desirepath.erasing.erase import Erasure, erase_person, replay_erasures
from desirepath.erasing.export import export_person

__all__ = ["Erasure", "erase_person", "export_person", "replay_erasures"]
