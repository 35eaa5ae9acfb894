"""What all tests share: an odd time zone of the host, and patience for a busy machine."""

from __future__ import annotations

import os
import time

from hypothesis import settings

# No answer may depend on the zone of the computer: here it is one that nobody has in mind.
os.environ["TZ"] = "Pacific/Chatham"
time.tzset()

# Where a change is judged, the same examples are tried each time; elsewhere new ones are looked for.
settings.register_profile("desirepath", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("desirepath")
