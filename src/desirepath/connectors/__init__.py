"""One file per source: records in, events out. Files are read here; the workspace stores what they yield.

`plan_import` checks, `archive_raw` keeps the raw rows, `map_events` makes events of them; `guess` proposes a
mapping and `preview` shows what it would give. Loading this room loads DuckDB: import it where it is used.
"""

from __future__ import annotations

from desirepath.connectors.archive import ArchiveManifest, Progress, archive_raw, read_manifest
from desirepath.connectors.guess import Guess, guess
from desirepath.connectors.mapped import Counts, MappedEvents, map_events
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import mapping_of, parse_mapping, read_mapping
from desirepath.connectors.placeholders import PLACEHOLDERS, PLACEHOLDERS_VERSION, is_placeholder
from desirepath.connectors.plan import ImportPlan, plan_import
from desirepath.connectors.preview import Preview, preview
from desirepath.connectors.quarantine import raw_row
from desirepath.connectors.rejects import REASONS

__all__ = [
    "PLACEHOLDERS",
    "PLACEHOLDERS_VERSION",
    "REASONS",
    "ArchiveManifest",
    "Counts",
    "Guess",
    "ImportPlan",
    "MappedEvents",
    "Mapping",
    "Preview",
    "Progress",
    "archive_raw",
    "guess",
    "is_placeholder",
    "map_events",
    "mapping_of",
    "parse_mapping",
    "plan_import",
    "preview",
    "raw_row",
    "read_manifest",
    "read_mapping",
]
