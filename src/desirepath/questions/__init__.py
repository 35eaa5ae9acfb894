"""One file per question; `catalog` finds every one that stands in this room, so nothing is listed here."""
