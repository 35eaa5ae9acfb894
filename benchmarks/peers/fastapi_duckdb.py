"""A collector as most would write it: FastAPI checks the events, and each request is a transaction of DuckDB.

python benchmarks/peers/fastapi_duckdb.py PORT FILE
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import duckdb
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Message(BaseModel):
    """One event."""

    type: str
    messageId: str
    event: str | None = None
    userId: str | None = None
    anonymousId: str | None = None
    timestamp: str | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Batch(BaseModel):
    """What a client sends."""

    batch: list[Message]
    sentAt: str | None = None


def make(path: str) -> FastAPI:
    """The application over one database file."""
    con, lock, app = duckdb.connect(path), threading.Lock(), FastAPI()
    con.execute("CREATE TABLE events (id VARCHAR, name VARCHAR, person VARCHAR, moment VARCHAR, properties VARCHAR)")

    @app.post("/v1/batch")
    def take(sent: Batch) -> dict[str, bool]:
        rows = [[one.messageId, one.event, one.userId, one.timestamp, str(one.properties)] for one in sent.batch]
        with lock:
            con.execute("BEGIN")
            con.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
            con.execute("COMMIT")
        return {"success": True}

    return app


if __name__ == "__main__":
    uvicorn.run(make(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
