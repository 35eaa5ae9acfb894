"""Real client libraries, unmodified, send to a running collector, and what they send arrives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from killing import KEY, collecting, free_port, workspace_with_key

import desirepath
from desirepath.draining import Drain


@dataclass(frozen=True)
class Library:
    """A client library: what it is called, its module, and a program that uses it as its docs say."""

    source: str
    module: str
    program: str


LIBRARIES = (
    Library(
        "segment",
        "segment.analytics",
        """
import segment.analytics as analytics
analytics.write_key, analytics.host = KEY, HOST
analytics.identify("ann", {"email": "ann@example.org"})
analytics.track("ann", "Order Completed", {"revenue": 14.99, "currency": "EUR"})
analytics.shutdown()
""",
    ),
    Library(
        "rudderstack",
        "rudderstack.analytics",
        """
import rudderstack.analytics as analytics
analytics.write_key, analytics.dataPlaneUrl = KEY, HOST
analytics.identify("ann", {"email": "ann@example.org"})
analytics.track("ann", "Order Completed", {"revenue": 14.99})
analytics.shutdown()
""",
    ),
    Library(
        "posthog",
        "posthog",
        """
from posthog import Posthog
client = Posthog(KEY, host=HOST)
client.set(distinct_id="ann", properties={"email": "ann@example.org"})
client.capture("Order Completed", distinct_id="ann", properties={"revenue": 14.99})
client.shutdown()
""",
    ),
    Library(
        "mixpanel",
        "mixpanel",
        """
from mixpanel import Consumer, Mixpanel
client = Mixpanel(KEY, consumer=Consumer(
    events_url=HOST + "/track", people_url=HOST + "/engage", groups_url=HOST + "/groups", import_url=HOST + "/import"))
client.people_set("ann", {"$email": "ann@example.org"})
client.track("ann", "Order Completed", {"revenue": 14.99})
""",
    ),
    Library(
        "amplitude",
        "amplitude",
        """
from amplitude import Amplitude, BaseEvent, EventOptions, Identify
client = Amplitude(KEY)
client.configuration.server_url = HOST + "/2/httpapi"
who = Identify()
who.set("email", "ann@example.org")
client.identify(who, EventOptions(user_id="ann"))
client.track(BaseEvent("Order Completed", user_id="ann", event_properties={"revenue": 14.99}))
client.shutdown()
""",
    ),
    Library(
        "snowplow",
        "snowplow_tracker",
        """
from snowplow_tracker import Emitter, SelfDescribing, SelfDescribingJson, Subject, Tracker
who = Subject()
who.set_user_id("ann")
tracker = Tracker("t", Emitter(HOST, method="post", batch_size=1), subject=who, app_id=KEY)
order = SelfDescribingJson("iglu:org.example/Order Completed/jsonschema/1-0-0", {"revenue": 14.99})
tracker.track(SelfDescribing(order))
tracker.flush()
""",
    ),
)


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """What arrived of each library; all send to one collector."""
    root, port = workspace_with_key(tmp_path_factory.mktemp("clients") / "acme"), free_port()
    with collecting(root, port):
        for library in LIBRARIES:
            head = f"KEY, HOST = {KEY!r}, 'http://127.0.0.1:{port}'\n"
            done = subprocess.run(
                [sys.executable, "-c", head + library.program], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, f"{library.source}: {done.stderr}"
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        query = """SELECT e.source, e.name, e.value, p.id AS person
            FROM events e JOIN person_of_event o USING (seq) JOIN people p USING (person)"""
        rows = workspace.sql(query).to_pylist()
        assert workspace.quarantine().num_rows == 0
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["source"], []).append(row)
    yield found


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.source)
def test_what_a_library_sends_arrives(library: Library, arrived: dict[str, list[dict[str, Any]]]) -> None:
    pytest.importorskip(library.module)
    rows = arrived[library.source]
    orders = [row for row in rows if row["name"] == "Order Completed"]
    assert [(row["value"], row["person"]) for row in orders] == [(14.99, "user_id:ann")]


def test_all_is_one_person(arrived: dict[str, list[dict[str, Any]]]) -> None:
    assert {row["person"] for rows in arrived.values() for row in rows} == {"user_id:ann"}
