"""How is the server? For whoever watches over it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from desirepath.draining import Drained
from desirepath.server.draining import Drainer
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


def install(app: FastAPI, state: State) -> None:
    """Add `/healthz` and `/metrics`."""

    @app.get("/healthz", summary="How the server is", responses=problems(503), **needs("public"))
    def healthz() -> dict[str, Any]:
        from desirepath.sources import waiting

        drainer = state.drainer
        total = Drained() if drainer is None else drainer.total
        problem = None if drainer is None else drainer.problem
        return {
            "status": "ok" if problem is None else "problem",
            "problem": problem,
            "drained": {
                "requests": 0 if total is None else total.requests,
                "events": 0 if total is None else total.read,
            },
            "waiting": waiting(state.workspace).to_dict(),
        }

    @app.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse, **needs("read"))
    def metrics() -> str:
        return "" if state.drainer is None else metrics_text(state.drainer)


def metrics_text(drainer: Drainer) -> str:
    """Counters as Prometheus reads them."""
    total = drainer.total
    lines = ["# TYPE desirepath_drain_events_total counter"]
    for name, value in (("stored", total.stored), ("duplicate", total.duplicate), ("quarantined", total.quarantined)):
        lines.append(f'desirepath_drain_events_total{{became="{name}"}} {value}')
    lines += ["# TYPE desirepath_drain_requests_total counter", f"desirepath_drain_requests_total {total.requests}"]
    lines += ["# TYPE desirepath_drain_failing gauge", f"desirepath_drain_failing {int(drainer.problem is not None)}"]
    return "\n".join(lines) + "\n"
