"""What happens now? The last half hour, and the journeys that are not over, for whoever keeps looking."""

from __future__ import annotations

import datetime as dt

from fastapi import FastAPI
from pydantic import BaseModel, Field

from desirepath.server.living import Journeys, minutes_of
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


class CountShape(BaseModel):
    """Events, and people who did them."""

    events: int
    people: int


class MinuteShape(CountShape):
    """A minute, by its beginning."""

    at: str


class NameShape(CountShape):
    """A name of events."""

    name: str


class OnChannelShape(CountShape):
    """A channel."""

    channel: str


class ThereShape(BaseModel):
    """A stage, and how many journeys are there and not over."""

    stage: str
    now: int


class StuckShape(BaseModel):
    """A touchpoint, and how many journeys wait there."""

    touchpoint: str
    stage: str | None
    waiting: int
    longer_than_usual: int | None = Field(description="Of those; null where too few stays have ended to tell.")
    usual_seconds: float | None = Field(description="Within which three in four go on, of those who do.")


class WayShape(BaseModel):
    """A journey map at present."""

    map: str
    title: str
    stages: list[ThereShape]
    stuck: list[StuckShape]


class LiveShape(BaseModel):
    """The last half hour; the last minute is not over."""

    now: str
    last: str | None = Field(description="When the newest event of all happened.")
    events: int
    people: int
    minutes: list[MinuteShape]
    names: list[NameShape]
    channels: list[OnChannelShape]
    journeys: list[WayShape]


def install(app: FastAPI, state: State) -> None:
    """Add what happens now."""
    journeys = Journeys(state)

    @app.get("/api/live", summary="What happens now", responses=problems(503), **needs("read"))
    def live() -> LiveShape:
        now = dt.datetime.now(dt.UTC)
        with state.reads() as store:
            found = minutes_of(state, store, now)
        return LiveShape.model_validate({"now": now.isoformat(), **found, "journeys": journeys.now()})
