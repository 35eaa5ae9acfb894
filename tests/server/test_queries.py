"""Questions that take long: begun, told of on a stream, stopped; and news of data to everybody who listens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from admitted import token_of
from made_workspaces import add, made, rows_of
from running import Running, running

from desirepath.questions.funnel import Funnel
from desirepath.server import queries, streaming

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web
    ann  B  2023-05-01T10:30:00Z  channel=web
    bea  A  2023-05-01T10:00:00Z  channel=app
"""
FUNNEL = {"question": "funnel", "fields": {"steps": ["A", "B"], "window": "1 hour"}}
METRIC = """
metrics:
  - {metric: views each, group: engagement, says: Views., question: measure, fields: {event: A},
     number: {column: events_each, n: people}, denominator: people}
"""
ME = "a-browser-of-mine"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("queries"), STORY) as workspace, running(workspace) as found:
        (workspace.root / "metrics" / "own.yaml").write_text(METRIC)
        yield found


class Slow:
    """An answer that takes until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.go = threading.Event(), threading.Event()
        plain = Funnel.answer

        def answer(question: Funnel, *given: Any) -> Any:
            self.began.set()
            while not self.go.is_set():
                time.sleep(0.01)
            return plain(question, *given)

        monkeypatch.setattr(Funnel, "answer", answer)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow(monkeypatch)
    yield found
    found.go.set()


def asked(window: str, **more: Any) -> dict[str, Any]:
    """A question that nobody asked yet."""
    return {"client": ME, **FUNNEL, "fields": {"steps": ["A", "B"], "window": window}, **more}


def until(true: Any) -> None:
    end = time.monotonic() + 15
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_comes_at_once_needs_no_stream(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SOON", 30.0)
    for _ in range(2):  # the second is kept already
        found = server.ask("POST", "/api/queries", asked("1 hour"))
        assert found.status == 200
        assert found.data["answer"]["table"]["reached"] == [2, 1]
        plain = server.ask("POST", "/api/ask/funnel", {"fields": FUNNEL["fields"]})
        assert (found.data["answer"], found.data["etag"]) == (plain.data, plain.headers["etag"])
    metric = server.ask("POST", "/api/queries", {"client": ME, "metric": "views-each"})
    assert metric.data["answer"] == server.ask("POST", "/api/metrics/views-each", {}).data


def test_what_takes_long_is_told_on_the_stream(server: Running, slow: Slow) -> None:
    stream = server.listen(ME)
    found = server.ask("POST", "/api/queries", asked("2 hours"))
    assert found.status == 202
    name = found.data["id"]
    progress = stream.wait("progress", name)
    assert set(progress.data) == {"id", "stage", "done", "total"}
    slow.go.set()
    result = stream.wait("result", name)
    assert result.data["answer"]["table"]["reached"] == [2, 1]
    again = server.ask("POST", "/api/queries", asked("2 hours"))
    assert again.status == 200
    assert again.data["etag"] == result.data["etag"]
    assert server.ask("DELETE", f"/api/queries/{name}").status == 204  # it is over; nothing happens
    stream.close()


def test_a_stream_that_broke_goes_on_where_it_was(server: Running, slow: Slow) -> None:
    first = server.listen("a-second-browser")
    name = server.ask("POST", "/api/queries", asked("3 hours", client="a-second-browser")).data["id"]
    heard = first.wait("progress", name)
    first.close()
    slow.go.set()
    until(lambda: not server.ask("DELETE", f"/api/queries/{name}").content)
    second = server.listen("a-second-browser", after=heard.number)
    assert second.wait("result", name).number > heard.number
    third = server.listen("a-second-browser", after=heard.number)
    assert third.wait("result", name).data == second.wait("result", name).data
    second.close()
    third.close()


def test_a_question_is_stopped_within_a_second(server: Running, slow: Slow) -> None:
    stream = server.listen(ME)
    name = server.ask("POST", "/api/queries", asked("4 hours")).data["id"]
    assert slow.began.wait(10)
    began = time.monotonic()
    assert server.ask("DELETE", f"/api/queries/{name}").status == 204
    told = stream.wait("error", name)
    assert time.monotonic() - began < 1.5
    assert told.data["problem"]["error"] == "CancelledError"
    slow.go.set()
    assert server.ask("POST", "/api/ask/funnel", {"fields": FUNNEL["fields"]}).status == 200  # the turn is free
    stream.close()


def test_a_question_that_waits_for_its_turn_is_stopped_too(server: Running) -> None:
    stream = server.listen(ME)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with server.state.turns:
            held.set()
            done.wait(30)

    threading.Thread(target=hold).start()
    assert held.wait(5)
    name = server.ask("POST", "/api/queries", asked("5 hours")).data["id"]
    until(lambda: any(one.data.get("stage") == "waiting" for one in stream.told if one.data.get("id") == name))
    assert server.ask("DELETE", f"/api/queries/{name}").status == 204
    assert stream.wait("error", name).data["problem"]["error"] == "CancelledError"
    done.set()
    stream.close()


def test_whoever_stops_listening_has_given_up(server: Running, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "PATIENCE", 0.5)
    stream = server.listen("a-third-browser")
    name = server.ask("POST", "/api/queries", asked("6 hours", client="a-third-browser")).data["id"]
    assert slow.began.wait(10)
    time.sleep(2)  # it is listened to
    stream.close()
    again = server.listen("somebody-else")
    time.sleep(3.5)
    late = server.listen("a-third-browser")
    assert late.wait("error", name).data["problem"]["error"] == "CancelledError"
    again.close()
    late.close()


def test_nobody_stops_or_hears_anothers_question(server: Running, slow: Slow) -> None:
    other = token_of(server.state.workspace.root, "read")
    mine, theirs = server.listen(ME), server.listen(ME, token=other)
    name = server.ask("POST", "/api/queries", asked("7 hours")).data["id"]
    refused = server.ask("DELETE", f"/api/queries/{name}", token=other)
    assert refused.status == 404
    slow.go.set()
    mine.wait("result", name)
    assert [one for one in theirs.told if one.event != "data"] == []
    mine.close()
    theirs.close()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"client": ME}, 422, "either a question or a metric"),
        ({"client": ME, "question": "funnel", "metric": "x"}, 422, "either a question or a metric"),
        ({"client": ME, "question": "funel"}, 404, "funel"),
        ({"client": ME, "question": "funnel", "fields": {"stpes": []}}, 404, "stpes"),
        ({"client": ME, "metric": "no such"}, 404, "no such"),
        ({"client": "short", **FUNNEL}, 422, "pattern"),
        ({"client": ME, **FUNNEL, "filter": "channel ="}, 422, ""),
        ({"client": ME, **FUNNEL, "person": "0" * 20}, 404, "no person"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(
    server: Running, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any], status: int, says: str
) -> None:
    monkeypatch.setattr(queries, "SOON", 30.0)
    found = server.ask("POST", "/api/queries", body)
    assert found.status == status, found.content
    assert says in found.data["message"]


def test_a_defect_of_ours_says_no_more_than_that(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("inner secrets")

    monkeypatch.setattr(queries, "SOON", 30.0)
    monkeypatch.setattr(Funnel, "answer", broken)
    found = server.ask("POST", "/api/queries", asked("8 hours"))
    assert found.status == 500
    assert b"secrets" not in found.content


def test_two_browsers_hear_of_new_data(server: Running) -> None:
    streams = [server.listen("browser-one"), server.listen("browser-two")]
    before = server.state.versions()["data"]
    time.sleep(2.5)
    with server.state.turns:
        add(server.state.workspace, rows_of("cid  A  2023-05-02T10:00:00Z", first=50), name="more")
    for stream in streams:
        told = stream.wait("data")
        assert told.data["version"] > before
        stream.close()


def test_answers_that_were_sent_are_forgotten(server: Running, slow: Slow) -> None:
    me = "a-forgetful-browser"
    stream = server.listen(me)
    name = server.ask("POST", "/api/queries", asked("9 hours", client=me)).data["id"]
    slow.go.set()
    stream.wait("result", name)
    stream.close()
    server.state.forget()
    time.sleep(2.5)
    again = server.listen(me, after=0)
    time.sleep(1)
    assert not any(one.event == "result" for one in again.told)
    again.close()
    found = server.ask("POST", "/api/ask/funnel", {"fields": {"steps": ["A", "B"], "window": "9 hours"}})
    assert found.status == 200


def test_an_unknown_stream_is_refused(server: Running) -> None:
    assert server.ask("GET", "/api/stream").status == 422
    assert server.ask("GET", "/api/stream?client=a%20b").status == 422


def test_of_many_browsers_of_one_caller_those_longest_away_are_forgotten() -> None:
    gave_up: list[streaming.Key] = []

    async def versions() -> dict[str, int]:
        return {}

    async def meet() -> None:
        streams = streaming.Streams(gave_up.append, versions, lambda: True)
        streams.meet(("bea", "browser"))
        for number in range(streaming.MOST_AWAY + 2):
            streams.meet(("ann", f"browser {number}"))

    asyncio.run(meet())
    assert gave_up == [("ann", "browser 0"), ("ann", "browser 1")]
