"""Which connectors are there? Ours by name, and those that other packages bring by an entry point.

A module is loaded when its connector is asked for, so that the command line starts as fast with forty as with one.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from desirepath.connectors.connector import Connector
from desirepath.connectors.opened import Opened
from desirepath.errors import InputError, UnknownNameError

GROUP = "desirepath.connectors"
"""The entry point group; each entry point leads to a subclass of `Connector`."""

OURS: dict[str, str] = {
    "amplitude": "amplitude:Amplitude",
    "app_store": "reviews:AppStore",
    "nice": "nice:Nice",
    "cloudevents": "cloudevents:CloudEvents",
    "delighted": "surveys:Delighted",
    "ga4": "ga4:GA4",
    "genesys": "genesys:Genesys",
    "google_play": "reviews:GooglePlay",
    "hubspot": "hubspot:HubSpot",
    "intercom": "intercom:Intercom",
    "mentions": "mentions:Mentions",
    "mixpanel": "mixpanel:Mixpanel",
    "ocel": "ocel:Ocel",
    "opentelemetry": "opentelemetry:OpenTelemetry",
    "posthog": "posthog:PostHog",
    "qualtrics": "qualtrics:Qualtrics",
    "reviews": "reviews:Reviews",
    "rudderstack": "segment:RudderStack",
    "salesforce": "salesforce:Salesforce",
    "scores": "surveys:Scores",
    "segment": "segment:Segment",
    "snowplow": "snowplow:Snowplow",
    "stripe": "stripe:Stripe",
    "surveymonkey": "surveys:SurveyMonkey",
    "transcripts": "transcripts:Transcripts",
    "twilio": "twilio:Twilio",
    "typeform": "typeform:Typeform",
    "xes": "xes:Xes",
    "zendesk": "zendesk:Zendesk",
}
"""Our own connectors: name, and where below `desirepath.connectors.sources` they are."""


@lru_cache(maxsize=1)
def _brought() -> dict[str, object]:
    return {one.name: one for one in entry_points(group=GROUP)}


def connector_names() -> list[str]:
    """The names of all connectors there are."""
    return sorted({*OURS, *_brought()})


@lru_cache(maxsize=256)
def connector(name: str) -> Connector:
    """The connector of a name.

    Raises
    ------
    UnknownNameError
        When there is none.
    InputError
        When another package brings it and it cannot be loaded.
    """
    if name in OURS:
        module, _, kind = OURS[name].partition(":")
        found = getattr(import_module(f"desirepath.connectors.sources.{module}"), kind)
    elif name in _brought():
        try:
            found = _brought()[name].load()  # type: ignore[attr-defined]
        except Exception as problem:
            raise InputError(
                f"The connector {name} cannot be loaded: {problem!r}.", looked=f"entry point {GROUP}"
            ) from problem
        if not (isinstance(found, type) and issubclass(found, Connector)):
            raise InputError(f"The entry point {name} leads to {found!r}, which is no Connector.", looked=GROUP)
    else:
        raise UnknownNameError.of("connector", name, connector_names(), looked=f"desirepath and entry points {GROUP}")
    return found()  # type: ignore[no-any-return]


def connectors() -> list[Connector]:
    """All connectors, by name."""
    return [connector(name) for name in connector_names()]


def recognised(path: Path) -> list[str]:
    """The names of the connectors that say a file is theirs.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    members = [one for one in Opened(path).members() if not one.name.startswith(".")]
    if not members:
        return []
    return [one.name for one in connectors() if one.recognise(members[0])]
