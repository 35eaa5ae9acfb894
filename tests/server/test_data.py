"""The routes on data: sources, health, quarantine, who is who, definitions; what they tell is what the tables hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import Browser, client_of, logged_in, token_of, user_of
from fastapi import FastAPI

import desirepath
from desirepath.server.app import make_app
from desirepath.server.masking import identity, shape, shown

MAPPING = """source: shop
time_zone: UTC
identities: {customer_id: customer, email: mail, cookie: cookie}
events: [{name: "{event}", at: at}]
"""
ROWS = """customer,mail,cookie,event,at
c-100001,ann@example.org,k1,visit,2026-03-01 10:00
c-100001,ann@example.org,,order,2026-03-01 11:00
c-100002,bob@example.org,k2,visit,2026-03-02 10:00
c-100002,bob@example.org,k2,visit,2026-03-02 10:00
c-100003,shared@example.org,k3,visit,2026-03-02 12:00
c-100004,shared@example.org,k4,visit,2026-03-03 12:00
c-100005,eve@example.org,k5,visit,sometime
,,,visit,2026-03-03 13:00
"""
METRICS = """words: {signup: account made}
metrics:
  - {metric: visits each, group: engagement, says: Visits of a person., question: measure, fields: {event: visit},
     number: {column: events_each, n: people}, denominator: people}
"""
MAP = """map: buy
title: Buying
goal: order
gives_up_after: 7 days
stages:
  - {stage: Look, steps: [visit]}
  - {stage: Buy, steps: [order]}
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    (tmp_path / "shop.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(MAPPING, encoding="utf-8")
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        workspace.import_files([tmp_path / "shop.csv"], tmp_path / "shop.yaml")
        (workspace.root / "metrics" / "own.yaml").write_text(METRICS)
        (workspace.root / "maps" / "buy.yaml").write_text(MAP)
        made = make_app(workspace)
        yield made
        made.state.server.reads.close()


@pytest.fixture
def admin(app: FastAPI) -> Browser:
    return logged_in(app, user_of(app.state.server.workspace.root, "admin", "ada"))


def audit_of(admin: Browser) -> list[dict[str, Any]]:
    return list(admin.get("/api/audit").json()["entries"])


def test_sources_add_up_and_say_how_they_are_read(admin: Browser) -> None:
    (shop,) = admin.get("/api/sources").json()["sources"]
    assert shop["received"] == shop["stored"] + shop["duplicate"] + shop["quarantined"] == 8
    assert (shop["stored"], shop["duplicate"], shop["quarantined"]) == (6, 0, 2)
    assert (shop["first_day"], shop["days"]) == ("2026-03-01", [2, 3, 1])
    assert sum(shop["days"]) == shop["events"]
    assert shop["adds_up"]
    assert (shop["comes"], shop["problem"], shop["lateness"]) == ("files", None, None)
    assert shop["kinds"] == ["customer_id", "email", "cookie"]
    assert shop["mapping"]["events"] == ["{event}"]
    assert "2026" not in shop["mapping"]["text"]
    assert shop["unmapped_names"] == []


def test_health_counts_its_looks(admin: Browser) -> None:
    told = admin.get("/api/health").json()
    for one in told["looks"]:
        assert one["found"] == sum(each["look"] == one["look"] for each in told["findings"])
    assert {"quarantine", "silent", "conflicts"} <= {one["look"] for one in told["findings"]}
    order = [one["severity"] for one in told["findings"]]
    assert order == sorted(order, key=["problem", "warning", "note"].index)


def test_quarantine_hides_values_and_reveals_one_with_an_entry_in_the_log(admin: Browser) -> None:
    told = admin.get("/api/quarantine").json()
    assert told["total"] == 2
    assert {one["reason"]: one["entries"] for one in told["reasons"]} == {"time_unreadable": 1, "identity_missing": 1}
    (entry,) = (one for one in told["entries"] if one["reason"] == "time_unreadable")
    assert "eve@" not in str(told)
    which = {name: entry[name] for name in ("number", "table", "file", "line", "record", "reason")}
    plain = admin.post("/api/quarantine/reveal", json=which)
    assert "eve@example.org" in plain.json()["raw"]
    seen = audit_of(admin)[0]
    assert (seen["who"], seen["action"]) == ("ada", "quarantine row shown")
    assert "eve@" not in str(seen)
    assert admin.post("/api/quarantine/reveal", json={**which, "line": 99, "record": 99}).status_code == 404
    assert admin.get("/api/quarantine?reason=time_unreadible").json()["nearest"] == "time_unreadable"
    one = admin.get("/api/quarantine?reason=identity_missing&most=0").json()
    assert (one["entries"], one["more"]) == ([], 1)


def test_who_is_who_and_a_decision_that_is_taken_back(admin: Browser) -> None:
    told = admin.get("/api/identity").json()
    assert told["people"] == 4
    assert sum(count for _, count in told["sizes"]) == told["people"]
    assert sum(size * count for size, count in told["sizes"]) == told["identities"]
    (waits,) = told["open"]
    assert "shared@example.org" not in str(told)
    assert waits["reason"] == "same_kind"
    assert told["open_total"] == sum(one["waits"] for one in told["refused"])
    made = admin.post("/api/identity/decisions", json={"action": "link", "key": waits["key"], "reason": "one family"})
    assert made.json()["changed"] > 0
    after = admin.get("/api/identity").json()
    assert (after["people"], after["open"]) == (3, [])
    assert [(one["author"], one["standing"]) for one in after["rules"]] == [("ada", True)]
    assert admin.post("/api/identity/rules/1/undo", json={"reason": "a mistake"}).status_code == 200
    again = admin.get("/api/identity").json()
    assert (again["people"], len(again["open"])) == (4, 1)
    assert [one["action"] for one in audit_of(admin)[:2]] == ["identity decision taken back", "identity decided"]
    wrong = admin.post("/api/identity/decisions", json={"action": "link", "key": "no", "reason": "x"})
    assert wrong.status_code == 404


def test_who_may_only_read_decides_nothing(app: FastAPI) -> None:
    reader = client_of(app, token_of(app.state.server.workspace.root, "read"))
    assert reader.get("/api/identity").status_code == 200
    assert reader.get("/api/quarantine").status_code == 403
    assert reader.get("/api/privacy").status_code == 403
    assert reader.post("/api/identity/decisions", json={"action": "cut", "key": "k", "reason": "x"}).status_code == 403


def test_definitions_say_where_they_stand(admin: Browser) -> None:
    told = admin.get("/api/definitions").json()
    metrics = {one["name"]: one for one in told["metrics"]}
    own = metrics["visits each"]
    assert (own["own"], own["file"], own["line"], own["asked"]) == (True, "metrics/own.yaml", 3, {"event": "visit"})
    assert metrics["activation rate"]["file"] is None
    words = {one["word"]: one for one in told["words"]}
    assert (words["signup"]["means"], words["signup"]["own"]) == ("account made", True)
    assert "activation rate" in words["signup"]["used_by"]
    (buying,) = told["maps"]
    assert buying["stages"] == ["Look", "Buy"]
    assert "order" in buying["outcomes"]["converted"]
    assert "7 days" in buying["outcomes"]["dropped"]
    listed = {one["metric"] for one in admin.get("/api/metrics").json()["metrics"]}
    assert set(metrics) == listed


def test_definitions_that_cannot_be_read_are_told(app: FastAPI, admin: Browser) -> None:
    root = app.state.server.workspace.root
    (root / "metrics" / "broken.yaml").write_text("metrics: [{metric: 3}]\n")
    (root / "maps" / "bad.yaml").write_text("map: bad\n")
    told = admin.get("/api/definitions").json()
    assert told["wrong"]
    assert [one["name"] for one in told["maps"] if one["wrong"]] == ["bad"]


def done(admin: Browser, job: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + 60
    while job["standing"] == "running" and time.monotonic() < until:
        time.sleep(0.05)
        job = admin.get(f"/api/privacy/jobs/{job['id']}").json()
    return job


def test_a_person_is_handed_out_and_erased(app: FastAPI, admin: Browser) -> None:
    looked = done(admin, admin.post("/api/privacy/look", json={"identity": "ann@example.org"}).json())
    assert looked["standing"] == "done"
    assert looked["counts"]["events"] == 2
    export = done(admin, admin.post("/api/privacy/export", json={"identity": looked["handle"]}).json())
    sent = admin.get(f"/api/privacy/jobs/{export['id']}/document")
    assert len(sent.json()["events"]) == 2
    assert looked["label"] in sent.headers["content-disposition"]
    asked = {"identity": "ann@example.org", "confirm": "P-000000", "reason": "asked for it"}
    refused = admin.post("/api/privacy/erase", json=asked)
    assert (refused.status_code, refused.json()["allowed"]) == (422, [looked["label"]])
    assert admin.get("/api/privacy").json()["erasures"] == []
    began = admin.post("/api/privacy/erase", json={**asked, "confirm": looked["label"].lower()})
    erased = done(admin, began.json())
    assert (erased["standing"], erased["erasures"]) == ("done", [1])
    told = admin.get("/api/privacy").json()
    assert [(one["author"], one["reason"]) for one in told["erasures"]] == [("ada", "asked for it")]
    assert told["erasures"][0]["digest"] == erased["digest"]
    assert admin.post("/api/privacy/look", json={"identity": "ann@example.org"}).status_code == 404
    assert admin.get(f"/api/privacy/jobs/{export['id']}/document").status_code == 404
    assert admin.get("/api/identity").json()["people"] == 3
    said = [one["action"] for one in audit_of(admin)]
    assert said[:3] == ["person erased", "person exported", "person counted"]
    assert "ann@" not in str(audit_of(admin))


def test_a_request_is_its_authors_own(app: FastAPI, admin: Browser) -> None:
    job = done(admin, admin.post("/api/privacy/export", json={"identity": "bob@example.org"}).json())
    other = client_of(app, token_of(app.state.server.workspace.root, "erase"))
    assert other.get(f"/api/privacy/jobs/{job['id']}").status_code == 404
    assert other.get(f"/api/privacy/jobs/{job['id']}/document").status_code == 404
    assert other.get("/api/privacy").json()["job"] is None
    assert admin.delete(f"/api/privacy/jobs/{job['id']}").status_code == 204
    assert admin.get(f"/api/privacy/jobs/{job['id']}").status_code == 404
    nobody = admin.post("/api/privacy/look", json={"identity": "nobody@example.org"})
    assert nobody.status_code == 404
    assert "example.org" not in str(nobody.json()["allowed"])


def test_a_role_is_changed_and_a_link_made_again(app: FastAPI, admin: Browser) -> None:
    assert admin.post("/api/users", json={"name": "bob", "role": "viewer"}).status_code == 201
    assert admin.put("/api/users/bob", json={"role": "analyst"}).status_code == 204
    assert {one["name"]: one["role"] for one in admin.get("/api/users").json()} == {"ada": "admin", "bob": "analyst"}
    link = admin.post("/api/users/bob/link").json()["link"]
    assert link.startswith("/setup#token=")
    assert admin.put("/api/users/ada", json={"role": "viewer"}).status_code == 422
    assert admin.put("/api/users/eve", json={"role": "viewer"}).status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ann@example.org", "xxx@xxxxxxx.xxx"),
        ("null,,2026-03-01", "null,,9999-99-99"),
        ("Größe 12,5", "xxxxx 99,9"),
        ("", ""),
    ],
)
def test_a_shape_tells_the_format_and_not_the_value(text: str, said: str) -> None:
    assert shape(text) == said


def test_rows_of_json_keep_their_keys() -> None:
    assert shown(b'{"mail": "ann@x.org", "n": 12, "in": {"a": [true, null, "Ann"]}}') == (
        '{"mail": "xxx@x.xxx", "n": "99", "in": {"a": [true, null, "xxx"]}}',
        False,
    )
    assert shown(b"[" * 100_000)[1]
    assert "Ann" not in shown(b"\xff Ann")[0]
    assert identity("email", "ann@example.org") == "email:a…@e…"
    assert identity("customer_id", "c-100001") == "customer_id:c…1"
