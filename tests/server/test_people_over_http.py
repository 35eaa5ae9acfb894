"""People over HTTP: as many as the number says, by handle alone; what one of them did; who they are, with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from admitted import token_of
from made_workspaces import made
from running import Running, running

import desirepath
from desirepath.errors import InputError
from desirepath.server.asked import Wanted
from desirepath.server.sorting import Sort, ordered

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web  who=ann
    ann  A  2023-05-01T10:05:00Z  channel=web
    ann  A  2023-05-01T10:06:00Z  channel=web
    ann  order  2023-05-01T10:10:00Z  channel=web  amount=30  product=ink  deal=O00000012345
    ann  said  2023-05-02T09:00:00Z  channel=mail  score=2  text=Terrible!(mail:x@web.de)
    ann  A  2023-05-04T10:00:00Z  channel=app  session=s1
    ann  A  2023-05-04T18:00:00Z  channel=app  session=s1
    bea  A  2023-05-01T10:00:00Z  channel=app
    bea  B  2023-05-01T10:20:00Z  channel=app
    cid  A  2023-05-01T10:00:00Z  channel=web
"""
NAMES = ("ann", "bea", "cid", "dan")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("people"), STORY, late=False) as workspace, running(workspace) as found:
        yield found


def labelled(server: Running, name: str) -> dict[str, Any]:
    """The person of a name, as the list has them."""
    (found,) = server.get("/api/people", q=f"user_id:{name}")["people"]
    return dict(found)


def named(content: Any) -> list[str]:
    """The identities that something tells."""
    text = json.dumps(content)
    return [name for name in NAMES if f'"{name}"' in text or f":{name}" in text]


def behind(server: Running, **body: Any) -> Any:
    found = server.ask("POST", "/api/people/behind", body)
    assert found.status == 200, found.content
    assert named(found.data) == []
    return found.data


def test_as_many_people_come_back_as_the_number_says(server: Running) -> None:
    asked = {"question": "funnel", "fields": {"steps": ["A", "B"], "window": "1 day"}}
    table = server.ask("POST", "/api/ask/funnel", {"fields": asked["fields"]}).data["table"]
    assert behind(server, **asked, which={"step": 1})["total"] == table["reached"][0] == 3
    found = behind(server, **asked, which={"step": 2, "outcome": "reached"})
    assert found["total"] == table["reached"][1] == 1
    (unit,) = found["units"]
    assert unit["label"] == f"P-{unit['handle'][:6].upper()}"
    assert unit["handle"] == labelled(server, "bea")["handle"]
    assert unit["entered_at"] == "2023-05-01T10:00:00+00:00"


def test_what_was_found_before_a_change_is_not_kept(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from desirepath.server import behind as finding

    state, tags = server.state, iter(["before", "somebody was erased meanwhile"])
    kept: list[str] = []
    monkeypatch.setattr(state.replies, "put", lambda key, _: kept.append(key))
    monkeypatch.setattr(finding, "etag_of", lambda *_: next(tags))
    found = finding.units(state, Wanted("question", "measure", {"event": "A"}), {"did": "yes"})
    assert found.num_rows == 3
    assert kept == []


def test_pages_of_them_are_all_of_them(server: Running) -> None:
    asked = {"question": "measure", "fields": {"event": "A"}, "which": {"did": "yes"}}
    pages = [behind(server, **asked, most=1, offset=place)["units"] for place in range(4)]
    assert [len(page) for page in pages] == [1, 1, 1, 0]
    assert len({page[0]["handle"] for page in pages[:3]}) == 3


def test_the_whole_list_is_sorted_and_what_is_missing_is_last(server: Running) -> None:
    asked = {"question": "measure", "fields": {"event": "A"}, "which": {"did": "yes"}}
    plain = behind(server, **asked)["units"]
    for sort, wanted in (("events", [1, 1, 5]), ("-events", [5, 1, 1]), ("", [one["events"] for one in plain])):
        pages = [behind(server, **asked, sort=sort, most=1, offset=place)["units"][0] for place in range(3)]
        assert [page["events"] for page in pages] == wanted
    labels = [one["label"] for one in behind(server, **asked, sort="label")["units"]]
    assert labels == sorted(labels)
    assert behind(server, **asked, most=1)["sums"]["events"] == 7
    assert server.ask("POST", "/api/people/behind", {**asked, "sort": "-evens"}).status == 404


def test_behind_a_metric_and_a_comparison(server: Running) -> None:
    (server.state.workspace.root / "metrics" / "own.yaml").write_text(
        "metrics:\n"
        "  - {metric: a each, group: engagement, says: As., question: measure, fields: {event: A},\n"
        "     number: {column: events_each, n: people}, denominator: people}\n"
    )
    assert behind(server, metric="a-each")["total"] == 3
    asked = {"question": "measure", "fields": {"event": "A"}, "compare": {"filter": "channel = 'web'"}}
    assert behind(server, **asked, which={"did": "yes", "group": "other"})["total"] == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"question": "measure", "metric": "a-each"}, 422),
        ({"question": "measur"}, 404),
        ({"question": "measure", "fields": {"event": "A"}, "which": {"dids": "yes"}}, 404),
        ({"question": "measure", "fields": {"event": "A"}, "which": {"did": "perhaps"}}, 404),
        ({"question": "measure", "fields": {"event": "A"}, "which": {"self": 1}}, 404),
        ({"question": "measure", "fields": {"event": "A"}, "which": {"group": ["a"]}}, 422),
        ({"question": "funnel", "fields": {"steps": ["A", "B"], "window": "1 day"}, "which": {"but": 1}}, 404),
        ({"question": "steps", "which": {"step": {}}}, 422),
        ({"question": "measure", "fields": {"event": "A"}, "most": 0}, 422),
        ({"question": "measure", "fields": {"event": "A"}, "offset": -1}, 422),
        ({"metric": "a-each", "unit": "session"}, 422),
    ],
)
def test_what_selects_nobody_is_refused(server: Running, body: dict[str, Any], status: int) -> None:
    assert server.ask("POST", "/api/people/behind", body).status == status


def test_who_was_here_last(server: Running) -> None:
    found = server.get("/api/people")
    assert (found["total"], found["found"]) == (3, "recent")
    assert [one["last"] for one in found["people"]] == sorted((one["last"] for one in found["people"]), reverse=True)
    assert found["people"][0] == labelled(server, "ann")
    assert named(found) == []
    assert server.get("/api/people", most=1, offset=2)["people"] == found["people"][2:]
    assert server.get("/api/people", offset=9)["people"] == []


@pytest.mark.parametrize("kind", ["plain", "dictionary"])
def test_what_is_missing_is_last_either_way(kind: str) -> None:
    values = pa.chunked_array([["b", None, "a"], ["b", None]])
    found = pa.table({"place": list(range(5))})
    for sort, wanted in (("x", [2, 0, 3, 1, 4]), ("-x", [0, 3, 2, 1, 4])):
        by = Sort.of(sort)
        assert by is not None
        given = values.dictionary_encode() if kind == "dictionary" else values
        assert ordered(found, given, by)["place"].to_pylist() == wanted
    with pytest.raises(InputError, match="has no order"):
        ordered(found, pa.chunked_array([[[1]] * 5]), Sort("x", down=False))


def test_everybody_is_sorted_by_what_the_list_has(server: Running) -> None:
    everybody = server.get("/api/people")["people"]
    for name in ("label", "last", "since", "events", "value"):
        known = sorted(one[name] for one in everybody if one[name] is not None)
        for sort, wanted in ((name, known), (f"-{name}", known[::-1])):
            pages = [server.get("/api/people", sort=sort, most=1, offset=place)["people"][0] for place in range(3)]
            assert [page[name] for page in pages] == [*wanted, *[None] * (3 - len(wanted))]
    assert server.get("/api/people", q="ann", sort="-events")["people"] == [labelled(server, "ann")]
    assert server.ask("GET", "/api/people?sort=visits").status == 404


def test_a_number_that_looks_like_a_label_is_an_identity(tmp_path: Path) -> None:
    story = "P-1001  A  2023-05-01T10:00:00Z  channel=web"
    with made(tmp_path, story, late=False) as workspace, running(workspace) as found:
        told = found.get("/api/people", q="P-1001")
        assert (told["found"], told["total"]) == ("identity", 1)
        assert found.get("/api/people", q=told["people"][0]["label"]) == {**told, "found": "label"}


def test_a_person_is_found_by_an_identity_in_full_or_a_label(server: Running) -> None:
    ann = labelled(server, "ann")
    for text in ("ann", ann["label"], ann["label"].lower(), ann["handle"]):
        assert server.get("/api/people", q=text)["people"] == [ann]
    for text in ("an", "annn", "P-12", "P-ZZZZZZ", "%", "user_id:", "x" * 400):
        found = server.ask("GET", f"/api/people?q={text.replace('%', '%25')}")
        assert found.data["people"] == []
        assert named(found.data) == []


def test_one_person(server: Running) -> None:
    handle = labelled(server, "ann")["handle"]
    found = server.get(f"/api/people/{handle}")
    assert named(found) == []
    assert (found["since"], found["last"]) == ("2023-05-01T10:00:00+00:00", "2023-05-04T18:00:00+00:00")
    assert (found["events"], found["value"], found["currency"]) == (7, 30.0, "EUR")
    visits = server.ask("POST", "/api/ask/timeline", {"person": handle, "fields": {"most": 100}}).data["table"]["visit"]
    assert found["sessions"] == max(visits) == 3
    assert found["channels"] == [
        {"channel": "web", "events": 4},
        {"channel": "app", "events": 2},
        {"channel": "mail", "events": 1},
    ]
    assert found["why"] == [{"kind": "user_id", "strength": "strong", "n": 1}]
    assert (found["segments"], found["conflicts"]) == ([], 0)
    (mood,) = found["mood"]
    assert found["said"] == 1
    assert mood["at"] == "2023-05-02T09:00:00+00:00"
    assert mood["value"] < 0


def test_what_one_person_did(server: Running) -> None:
    handle = labelled(server, "ann")["handle"]
    found = server.get(f"/api/people/{handle}/timeline")
    assert named(found) == []
    told = [(row["name"], row["session"], row["repeat"]) for row in found["rows"]]
    assert told == [("A", 3, 2), ("said", 2, 1), ("order", 1, 1), ("A", 1, 3)]
    said, order = found["rows"][1:3]
    assert (said["score"], said["channel"], said["quote"]) == (2.0, "mail", "Terrible!(mail:[email])")
    assert (order["value"], order["currency"], order["detail"]) == (30.0, "EUR", "product: ink")
    assert found["before"] is None


def test_a_story_is_told_from_its_beginning_or_from_a_moment_on(server: Running) -> None:
    path = f"/api/people/{labelled(server, 'ann')['handle']}/timeline"
    found = server.get(path, order="oldest")
    assert [(row["name"], row["repeat"]) for row in found["rows"]] == [("A", 3), ("order", 1), ("said", 1), ("A", 2)]
    assert (found["before"], found["after"]) == (None, None)
    seen, after = 0, None
    for _ in range(10):
        page = server.get(path, order="oldest", most=2, **({"after": after} if after else {}))
        seen += sum(row["repeat"] for row in page["rows"])
        after = page["after"]
        if after is None:
            break
    assert seen == 7
    at = "2023-05-02T09:00:00+00:00".replace("+", "%2B")
    onward = server.ask("GET", f"{path}?order=oldest&after={at}").data["rows"]
    before = server.ask("GET", f"{path}?before={at}").data["rows"]
    assert [row["name"] for row in (*before[::-1], *onward)] == ["A", "order", "said", "A"]
    assert onward[0]["name"] == "said"
    assert server.ask("GET", f"{path}?order=oldest&before={at}").status == 422
    assert server.ask("GET", f"{path}?after={at}").status == 422


def test_what_an_amount_is_stands_beside_it(tmp_path: Path) -> None:
    story = """
        ann  visit  2023-05-01T10:00:00Z  channel=web  amount=3
        ann  call   2023-05-01T10:05:00Z  channel=web  amount=4.5
        ann  order  2023-05-01T10:10:00Z  channel=web  amount=30
        ann  order  2023-05-02T10:10:00Z  channel=web  amount=-30
    """
    with made(tmp_path, story, late=False) as workspace, running(workspace) as found:
        (workspace.root / "maps" / "buy.yaml").write_text(
            "map: buy\ngoal: order\ngives_up_after: 1 day\nstages:\n"
            "  - {stage: all, steps: [visit, {touchpoint: call, cost: value}, {touchpoint: order, revenue: value}]}\n"
        )
        rows = found.get(f"/api/people/{labelled(found, 'ann')['handle']}/timeline")["rows"]
        told = [(row["name"], row["value"], row["amount"]) for row in rows]
        assert told == [
            ("order", -30.0, "revenue"),
            ("order", 30.0, "revenue"),
            ("call", 4.5, "cost"),
            ("visit", 3.0, None),
        ]


def test_pages_of_a_story_meet_without_a_gap(server: Running) -> None:
    handle = labelled(server, "ann")["handle"]
    seen, before = 0, None
    for _ in range(10):
        page = server.get(f"/api/people/{handle}/timeline", most=2, **({"before": before} if before else {}))
        seen += sum(row["repeat"] for row in page["rows"])
        before = page["before"]
        if before is None:
            break
    assert seen == 7
    older = server.get(f"/api/people/{handle}/timeline", before="2023-05-02T09:00:00Z")
    assert [row["name"] for row in older["rows"]] == ["order", "A"]
    web = server.get(f"/api/people/{handle}/timeline", channel="mail")
    assert [row["name"] for row in web["rows"]] == ["said"]
    assert server.get(f"/api/people/{handle}/timeline", channel="fax") == {
        "rows": [],
        "before": None,
        "after": None,
    }
    assert server.ask("GET", f"/api/people/{handle}/timeline?before=x~y").status == 422
    assert server.ask("GET", f"/api/people/{handle}/timeline?before=soon").status == 422


def test_who_somebody_is_needs_a_reason_that_is_kept(server: Running) -> None:
    handle = labelled(server, "ann")["handle"]
    assert server.ask("POST", f"/api/people/{handle}/reveal", {}).status == 422
    assert server.ask("POST", f"/api/people/{handle}/reveal", {"reason": "  "}).status == 422
    found = server.ask("POST", f"/api/people/{handle}/reveal", {"reason": "asked for a refund"})
    assert found.data == {"identities": [{"kind": "user_id", "value": "ann", "strength": "strong"}]}
    entries = server.get("/api/audit")["entries"]
    last = max(entries, key=lambda one: one["number"])
    assert (last["action"], last["about"], last["details"]) == ("reveal", handle, {"reason": "asked for a refund"})
    assert any(one["action"] == "search" and one["about"] == handle for one in entries)
    assert named(entries) == []


@pytest.mark.parametrize("path", ["", "/timeline", "/reveal"])
@pytest.mark.parametrize("handle", ["0" * 20, "nobody", "user_id:ann", "ann"])
def test_nobody_of_that_handle(server: Running, path: str, handle: str) -> None:
    body = {"reason": "why not"} if path == "/reveal" else None
    found = server.ask("POST" if body else "GET", f"/api/people/{handle}{path}", body)
    assert found.status == 404
    assert "bea" not in json.dumps(found.data)


def test_no_question_tells_who_somebody_is(server: Running) -> None:
    handle = labelled(server, "ann")["handle"]
    for text in (handle, "ann", "user_id:ann"):
        found = server.get("/api/ask/timeline", person=text)
        assert found["asked_of"]["person"] == handle
        assert len(found["table"]["event"]) == 7
    unknown = server.ask("GET", "/api/ask/timeline?person=anna")
    assert unknown.status == 404
    assert named(unknown.data) == []


def test_who_may_only_read_sees_no_single_person(server: Running) -> None:
    viewer = token_of(server.state.workspace.root, "read")
    handle = labelled(server, "ann")["handle"]
    for path in ("/api/people", f"/api/people/{handle}", f"/api/ask/timeline?person={handle}"):
        assert server.ask("GET", path, token=viewer).status == 403
    body = {"question": "measure", "fields": {"event": "A"}}
    assert server.ask("POST", "/api/people/behind", body, token=viewer).status == 403


def test_a_workspace_without_people(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "empty", time_zone="UTC") as workspace, running(workspace) as server:
        assert server.get("/api/people")["people"] == []
        assert server.get("/api/people", q="ann")["people"] == []
        assert server.ask("GET", f"/api/people/{'0' * 20}").status == 404
        found = server.ask("POST", "/api/people/behind", {"question": "measure", "fields": {"event": "A"}})
        assert found.status == 422
