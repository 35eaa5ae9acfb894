"""What is wrong with the data now? Every look at it, what each found, how bad that is, and what to do.

Nothing is repaired here. `desirepath doctor` looks at the files themselves; this looks at what came in, and when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from desirepath.arrivals import gaps, last_week, longest_silence, strays
from desirepath.errors import DesirepathError
from desirepath.events.zones import zone
from desirepath.sources import NEW, SourceHealth, Waiting, waiting
from desirepath.surveying import Facts

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

Severity = Literal["problem", "warning", "note"]

LOOKS: Mapping[str, str] = {
    "account": "Whether received = stored + duplicate + quarantined, for each source",
    "waiting": "Whether what was collected is stored within minutes",
    "silent": "Whether a source has been silent for longer than it ever was",
    "behind": "Whether a source ends before the others do",
    "gap": "Days without events where many are usual",
    "volume": "The last whole week against the six before",
    "late": "How long events are on their way",
    "clock": "Events of wrong clocks, and events long before the rest",
    "quarantine": "Rows that could not become events",
    "duplicate": "Rows that came more than once",
    "unnamed": "Events that name nobody who is known",
    "new": "Names and properties that came up lately",
    "gone": "Names of events that have stopped",
    "unmapped": "Names of events of which no journey map speaks",
    "conflicts": "Links between identities that wait for a decision",
    "definitions": "Whether maps and metrics make sense",
    "erasure": "Whether every erasure was finished",
}
"""What is looked at."""

PATIENCE = dt.timedelta(minutes=5)
"""Longer than this nothing should wait in the inbox."""

LATE = 86_400.0
"""Seconds on their way, from which on events are called late."""

SILENT_DAYS = 2
"""A silence shorter than this is none."""

MUCH, SOME = 0.1, 0.01
"""Shares of what was received, from which on quarantine is a problem, or worth a warning."""

REPEATED = 0.2
"""Share of duplicates from which on somebody should know."""

LOOSE = 0.5
"""Share of events that name nobody known, from which on somebody should know."""

SHOWN = 8
"""So many names are spelled out in a sentence."""

_ORDER = ("problem", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """What one look found.

    Attributes
    ----------
    look
        Which look, one of `LOOKS`.
    severity
        `problem`: numbers are wrong or will be; `warning`: they may mislead; `note`: good to know.
    says, do
        What is so, and what to do about it.
    source, instance
        Whose; None where it is of no source.
    names
        Names of events, properties, metrics or files that it is about.
    details
        The numbers behind the sentence.
    """

    look: str
    severity: Severity
    says: str
    do: str
    source: str | None = None
    instance: str | None = None
    names: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What the looks look at.

    Attributes
    ----------
    workspace
        The workspace.
    now
        The moment.
    facts
        What the events say.
    waits
        What waits in the inbox.
    """

    workspace: Workspace
    now: dt.datetime
    facts: Facts
    waits: Waiting

    @property
    def sources(self) -> Sequence[SourceHealth]:
        """How the sources are."""
        return self.facts.sources


def look(workspace: Workspace, *, now: dt.datetime | None = None, facts: Facts | None = None) -> list[Finding]:
    """Look at everything; what is worst comes first.

    Parameters
    ----------
    workspace
        The workspace.
    now
        The moment; the clock's if left out.
    facts
        What the events say, where it is known already.
    """
    moment = dt.datetime.now(dt.UTC) if now is None else now
    seen = Seen(workspace, moment, facts or Facts.of(workspace), waiting(workspace))
    found = [finding for one in _LOOKS for finding in one(seen)]
    return sorted(found, key=lambda one: (_ORDER.index(one.severity), list(LOOKS).index(one.look)))


def _called(one: SourceHealth) -> str:
    return one.source if one.instance == "main" else f"{one.source} ({one.instance})"


def _count(number: int, one: str, other: str | None = None) -> str:
    """`1 day`, `2 days`."""
    return f"{number:,} {one if number == 1 else other or one + 's'}"


def _of(one: SourceHealth, look: str, severity: Severity, says: str, do: str, **more: Any) -> Finding:
    return Finding(look, severity, f"{_called(one)}: {says}", do, one.source, one.instance, **more)


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _account(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        if not one.adds_up:
            told = f"{one.received:,} received, {one.stored:,} stored, {one.duplicate:,} duplicate, "
            says = f"the account does not add up ({told}{one.quarantined:,} in quarantine)"
            do = "`desirepath doctor` says in which import; `desirepath rebuild` makes the database again."
            yield _of(one, "account", "problem", says, do)


def _waiting(seen: Seen) -> Iterator[Finding]:
    since = seen.waits.since
    if since is not None and seen.now - since > PATIENCE:
        minutes = int((seen.now - since).total_seconds() // 60)
        says = f"{seen.waits.events:,} events have waited in the inbox for up to {minutes:,} minutes"
        do = (
            "Nothing is lost. `desirepath drain` stores them where no server does; the server's log says what stops it."
        )
        yield Finding("waiting", "problem", says, do, details={"events": seen.waits.events, "minutes": minutes})


def _silent(seen: Seen) -> Iterator[Finding]:
    """Who is silent for longer than ever; where that is everybody, it is said once."""
    known = [
        (one, one.last_event, max(longest_silence(days) + 1, SILENT_DAYS))
        for one in seen.sources
        if one.last_event is not None and (days := seen.facts.days.get((one.source, one.instance))) is not None
    ]
    if not known:
        return
    newest = max(last for _, last, _ in known)
    for one, last, usual in known:
        behind = (newest - last).days
        if behind > usual:
            says = f"ends {_count(behind, 'day')} before the newest source; it never was silent for over {usual - 1:,}"
            do = "Numbers of the last days lack it. Import what is newer, or end the period where it ends."
            yield _of(one, "behind", "warning", says, do, details={"days": behind, "usual": usual - 1})
    quiet = (seen.now - newest).days
    if quiet > min(usual for _, last, usual in known if last == newest):
        where = seen.workspace.settings.time_zone
        there = f"{newest.astimezone(zone(where)):%Y-%m-%d %H:%M} in {where}"
        says = f"No source has brought anything for {quiet:,} days; the newest event is of {there}"
        do = "Import newer files, or see whether accounts and keys still work."
        yield Finding("silent", "warning", says, do, details={"days": quiet})


def _gap(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        days = seen.facts.days.get((one.source, one.instance))
        for gap in () if days is None else gaps(days):
            when = str(gap.since) if gap.since == gap.until else f"{gap.since} to {gap.until}"
            says = f"no event on {when}, where about {gap.usual:,} are usual"
            do = "Import these days again: what is here already is a duplicate and changes nothing."
            about = {"since": str(gap.since), "until": str(gap.until), "usual": gap.usual}
            yield _of(one, "gap", "problem", says, do, details=about)


def _volume(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        days = seen.facts.days.get((one.source, one.instance))
        week = None if days is None else last_week(days)
        if week is not None:
            way = "fewer" if week.z < 0 else "more"
            says = f"far {way} events than usual in the week from {week.since}: {week.events:,}, "
            says += f"where the six before let expect {week.expected:,.0f}"
            do = "A release, a tag or a mapping may have changed; see which names have stopped or come up."
            about = {"events": week.events, "expected": week.expected, "z": week.z, "since": str(week.since)}
            yield _of(one, "volume", "warning", says, do, details=about)


def _late(seen: Seen) -> Iterator[Finding]:
    known = {(one.source, one.instance): one for one in seen.sources}
    for which, found in seen.facts.late.items():
        if which in known and found.most > LATE:
            says = f"5 of 100 events are on their way for more than {found.most / 86_400:,.1f} days"
            do = "The last days are not complete yet. Pull more often, or leave the last days out."
            about = {"events": found.events, "median": found.median, "most": found.most}
            yield _of(known[which], "late", "note", says, do, details=about)


def _clock(seen: Seen) -> Iterator[Finding]:
    known = {(one.source, one.instance): one for one in seen.sources}
    for which, (ahead, corrected) in seen.facts.clocks.items():
        if which not in known:
            continue
        if ahead:
            says = f"{_count(ahead, 'event')} dated in the future, which count as having happened when they came"
            do = "A clock is wrong, or the mapping names the wrong time zone; see `time_zone` in the mapping."
            yield _of(known[which], "clock", "warning", says, do, details={"events": ahead})
        if corrected:
            says = f"{_count(corrected, 'event')} of devices whose clocks were wrong, put right by when they were sent"
            yield _of(
                known[which], "clock", "note", says, "Nothing; this is as it should be.", details={"events": corrected}
            )
    for which, days in seen.facts.days.items():
        found = strays(days)
        if found is not None and which in known:
            says = f"{_count(found[0], 'event')} from {found[1]} on, long before the rest, which begins on {found[2]}"
            do = "A date is wrong, or a record is far older than the others. Begin periods where the rest begins."
            yield _of(known[which], "clock", "note", says, do, details={"events": found[0]})


def _quarantine(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        if not one.quarantined:
            continue
        share = one.quarantined / max(one.received, 1)
        severity: Severity = "problem" if share > MUCH else "warning" if share > SOME else "note"
        says = f"{one.quarantined:,} of {one.received:,} rows could not become events ({share:.2%})"
        do = "See Quarantine for the reasons; with a better mapping they are read again."
        yield _of(one, "quarantine", severity, says, do, details={"rows": one.quarantined, "of": one.received})


def _duplicate(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        if one.received and one.duplicate / one.received > REPEATED:
            says = f"{one.duplicate:,} of {one.received:,} rows had come before ({one.duplicate / one.received:.0%})"
            do = "They count once, so no number is wrong; pulls that overlap, or files that were sent twice, cost time."
            yield _of(one, "duplicate", "note", says, do, details={"rows": one.duplicate, "of": one.received})


def _unnamed(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        if one.unnamed is not None and one.unnamed > LOOSE:
            severity: Severity = "note" if one.unnamed == 1 else "warning"
            says = f"{one.unnamed:.0%} of {one.events:,} events name nobody who is known elsewhere"
            do = "Such people count by device or record. Send a customer number or address wherever somebody signs in."
            yield _of(one, "unnamed", severity, says, do, details={"share": one.unnamed, "of": one.events})


def _names(seen: Seen) -> Iterator[Finding]:
    for one in seen.sources:
        lists = (
            ("new", one.new_names, f"of events that came up in its last {NEW} days", "See whether maps need them."),
            (
                "gone",
                one.gone_names,
                f"of events not seen in its last {NEW} days",
                "See whether a tag was lost or renamed.",
            ),
        )
        for kind, names, what, do in lists:
            if names:
                yield _of(one, kind, "note", f"{_count(len(names), 'name')} {what}: {_listed(names)}", do, names=names)
        if one.new_properties:
            says = f"{_count(len(one.new_properties), 'new property', 'new properties')} in its last {NEW} days: "
            do = "Nothing, if it was meant; a renamed property counts as another."
            yield _of(one, "new", "note", says + _listed(one.new_properties), do, names=one.new_properties)


def _unmapped(seen: Seen) -> Iterator[Finding]:
    """Said once for all sources: most events of most companies are in no map, and need not be."""
    names = [(name, one) for one in seen.sources for name in one.unmapped_names or ()]
    if names:
        says = f"{_count(len(names), 'name')} of events in no journey map: {_listed(name for name, _ in names)}"
        do = "Nothing is wrong with that. Add to a map what matters on the way to its goal."
        by: dict[str, list[str]] = {}
        for name, one in names:
            by.setdefault(_called(one), []).append(name)
        yield Finding("unmapped", "note", says, do, names=tuple(name for name, _ in names), details={"by_source": by})


def _conflicts(seen: Seen) -> Iterator[Finding]:
    from desirepath.recognising import waiting_conflicts

    count = waiting_conflicts(seen.workspace.store())
    if count:
        says = f"{_count(count, 'link')} between identities joined nobody, because a limit forbade it"
        do = "See Identity: say of each whether it is one person."
        yield Finding("conflicts", "note", says, do, details={"links": count})


def _definitions(seen: Seen) -> Iterator[Finding]:
    from desirepath.maps.shelf import Shelf
    from desirepath.metric_checks import check

    shelf = Shelf(seen.workspace.root / "maps")
    for name in shelf.files():
        try:
            shelf.get(name)
        except DesirepathError as problem:
            says = f"The journey map {name} cannot be read: {problem.message}"
            yield Finding("definitions", "problem", says, "Mend it in the editor of maps.", names=(name,))
    try:
        known = seen.workspace.metrics.defined()
    except DesirepathError as problem:
        says = f"The metrics of this workspace cannot be read: {problem.message}"
        yield Finding("definitions", "problem", says, "Mend the file in the folder metrics/.")
        return
    for name, text in check(known):
        yield Finding("definitions", "problem", f"{name}: {text}", "Mend it in the folder metrics/.", names=(name,))
    lacking = sorted({word for form in known.metrics.values() for word in known.wanting(form)})
    if lacking:
        used = sum(bool(known.wanting(form)) for form in known.metrics.values())
        says = f"Nobody has said what these words mean here, so {_count(used, 'metric')} cannot be asked: "
        do = "Say it in metrics/words.yaml, such as `words: {trial: trial started}`."
        yield Finding("definitions", "note", says + _listed(f"${word}" for word in lacking), do, names=tuple(lacking))


def _erasure(seen: Seen) -> Iterator[Finding]:
    from desirepath.people.erasures import ErasureLog

    pending = ErasureLog(seen.workspace.root).pending()
    if pending:
        numbers = ", ".join(str(entry.number) for entry in pending)
        says = f"Erasure {numbers} was begun and is not finished"
        do = "`desirepath people replay-erasures` finishes it; the next erasure does too."
        yield Finding("erasure", "problem", says, do, details={"erasures": [entry.number for entry in pending]})


_LOOKS: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
    _account,
    _waiting,
    _silent,
    _gap,
    _volume,
    _late,
    _clock,
    _quarantine,
    _duplicate,
    _unnamed,
    _names,
    _unmapped,
    _conflicts,
    _definitions,
    _erasure,
)

__all__ = ["LOOKS", "Finding", "Severity", "look"]
