"""What all tests share: an odd time zone of the host, ears for Ctrl-C, and patience for a busy machine."""

from __future__ import annotations

import os
import signal
import time

from hypothesis import settings

# No answer may depend on the zone of the computer: here it is one that nobody has in mind.
os.environ["TZ"] = "Pacific/Chatham"
time.tzset()

# What a shell starts in the background ignores Ctrl-C; tests of what it stops would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where a change is judged, the same examples are tried each time; elsewhere new ones are looked for.
settings.register_profile("desirepath", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("desirepath")
