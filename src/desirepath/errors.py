"""What went wrong, what was allowed, the nearest match, and where we looked.

Every error that desirepath raises on purpose is a `DesirepathError`. The command line and the HTTP server
print its text and nothing else; a traceback therefore always means a defect of ours.
"""

from __future__ import annotations

from collections.abc import Iterable


class DesirepathError(Exception):
    """Root of all errors that desirepath raises on purpose.

    Parameters
    ----------
    message
        What was wrong, in one sentence.
    allowed
        What would have been accepted, if it can be listed.
    nearest
        The allowed value most like the one given, if there is one.
    looked
        Where we looked: a file, a table, a field.
    """

    code = "error"
    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        allowed: Iterable[object] = (),
        nearest: str | None = None,
        looked: str | None = None,
    ) -> None:
        self.message = message
        self.allowed = [str(item) for item in allowed]
        self.nearest = nearest
        self.looked = looked
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.message]
        if self.nearest is not None:
            parts.append(f"Did you mean {self.nearest!r}?")
        if self.allowed:
            parts.append("Allowed: " + _shortened(self.allowed) + ".")
        if self.looked is not None:
            parts.append(f"Looked in {self.looked}.")
        return " ".join(parts)


class InputError(DesirepathError):
    """A value that was given cannot be used as it stands."""

    code = "input"
    exit_code = 2


class UnknownNameError(InputError):
    """A name that nothing known answers to."""

    code = "unknown_name"

    @classmethod
    def of(cls, kind: str, given: str, known: Iterable[str], *, looked: str | None = None) -> UnknownNameError:
        """Build the error for `given`, naming the known value most like it."""
        names = sorted(set(known))
        import difflib  # slow to load, and most runs make no mistake

        folded = {name.casefold(): name for name in reversed(names)}  # ORDERS is near to orders
        close = difflib.get_close_matches(given, names, n=1, cutoff=0.6) or [
            folded[name] for name in difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
        ]
        return cls(
            f"There is no {kind} called {given!r}.",
            allowed=names,
            nearest=close[0] if close else None,
            looked=looked,
        )


class FilterError(InputError):
    """A filter expression that cannot be read or does not make sense; says at which character."""

    code = "filter"


class MomentError(InputError):
    """A duration, instant or time zone that cannot be understood."""

    code = "moment"


class MappingError(InputError):
    """A mapping file that cannot be applied to its files."""

    code = "mapping"


class MapError(InputError):
    """A journey map that cannot be read or does not make sense; says at which line and column."""

    code = "map"


class MetricError(InputError):
    """A file of metrics that cannot be read or does not make sense; says at which line and column."""

    code = "metric"


class TimeZoneNeededError(MappingError):
    """Timestamps carry no zone and none was declared; guessing one would move every event."""

    code = "time_zone_needed"


class WorkspaceError(DesirepathError):
    """The workspace cannot be opened, created or written."""

    code = "workspace"
    exit_code = 3


class WorkspaceInUseError(WorkspaceError):
    """Another process has the workspace open."""


class NotEnoughDataError(DesirepathError):
    """The question is fine, but the data is too small to answer it."""

    code = "not_enough_data"
    exit_code = 4


class CancelledError(DesirepathError):
    """The user stopped a long operation; what was committed before stays, nothing else does."""

    code = "cancelled"
    exit_code = 130


def _shortened(items: list[str], most: int = 12) -> str:
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown}, … ({len(items) - most} more)"
