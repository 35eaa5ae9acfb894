"""Time, in one place: durations, zones, instants, periods and calendar buckets.

Instants are int microseconds since 1970-01-01 UTC everywhere. Windows are elapsed time (`Duration`); days,
weeks and longer buckets follow the local calendar of an explicit zone (`buckets`). The zone of the computer
is never read.
"""

from __future__ import annotations

from desirepath.events.buckets import UNITS, WEEKDAYS, bucket_label, bucket_starts, buckets
from desirepath.events.durations import Duration, duration
from desirepath.events.periods import Period
from desirepath.events.zones import EARLIEST, LATEST, instant, local_to_utc_sql, moment, span, zone

__all__ = [
    "EARLIEST",
    "LATEST",
    "UNITS",
    "WEEKDAYS",
    "Duration",
    "Period",
    "bucket_label",
    "bucket_starts",
    "buckets",
    "duration",
    "instant",
    "local_to_utc_sql",
    "moment",
    "span",
    "zone",
]
