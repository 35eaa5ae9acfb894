"""The page's files: what each address gives, how long it is kept, in which form, and what is no file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from desirepath.server.page_files import serve_page

INDEX, SCRIPT = "<!doctype html><title>desirepath</title>", "console.log(1);" * 50
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def client_of(folder: Path) -> TestClient:
    """A client of an app that serves a folder; its one route is added after the page."""
    app = FastAPI()
    serve_page(app, folder)

    @app.get("/api/here")
    def here() -> str:
        return "an answer"

    return TestClient(app)


@pytest.fixture
def built(tmp_path: Path) -> TestClient:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / ".stamp").write_text("0")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "main-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets" / "inter-9f.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.txt").write_text("no")
    return client_of(folder)


@pytest.mark.parametrize("address", ["/", "/journeys/map", "/people/P-3F2A9C", "/segments/v1.2?d=2025-01"])
def test_an_address_of_the_page_is_its_first_document(built: TestClient, address: str) -> None:
    answer = built.get(address, headers=BROWSER)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = built.get(address, headers={**BROWSER, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_bears_its_checksum_is_kept(built: TestClient) -> None:
    kept = {path: built.get(path).headers["cache-control"] for path in ("/assets/main-1a2b.js", "/icon.svg")}
    assert kept == {"/assets/main-1a2b.js": "public, max-age=31536000, immutable", "/icon.svg": "no-cache"}
    assert built.get("/assets/inter-9f.woff2").headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("asked", "given"),
    [("gzip, deflate, br", "gzip"), ("br", None), ("gzip;q=0", None), ("identity", None), ("GZIP ; q=0.5", "gzip")],
)
def test_a_smaller_form_is_given_to_who_takes_it(built: TestClient, asked: str, given: str | None) -> None:
    answer = built.get("/assets/main-1a2b.js", headers={"accept-encoding": asked})
    assert (answer.headers.get("content-encoding"), answer.text) == (given, SCRIPT)
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_forms_have_tags_of_their_own(built: TestClient) -> None:
    tags = {
        built.get("/assets/main-1a2b.js", headers={"accept-encoding": one}).headers["etag"] for one in ("gzip", "br")
    }
    assert len(tags) == 2


@pytest.mark.parametrize(
    "address",
    ["/assets/gone-00.js", "/.stamp", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"],
)
def test_what_is_no_file_is_not_found(built: TestClient, address: str) -> None:
    assert built.get(address).status_code == 404


def test_an_unknown_address_of_the_api_is_no_page(built: TestClient) -> None:
    assert [built.get(one, headers=BROWSER).status_code for one in ("/api", "/api/", "/api/gone")] == [404] * 3
    assert built.post("/journeys/map", headers=BROWSER).status_code == 404
    assert built.get("/api/here", headers=BROWSER).json() == "an answer"


def test_every_file_is_under_the_policy(built: TestClient) -> None:
    for address in ("/", "/assets/main-1a2b.js", "/icon.svg"):
        headers = built.get(address).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
        assert policy["require-trusted-types-for"] == "'script'"
        assert headers["x-content-type-options"] == "nosniff"


def test_only_the_head(built: TestClient) -> None:
    answer = built.head("/assets/main-1a2b.js", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(SCRIPT)))


def test_without_a_build_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    answer = client.get("/overview", headers=BROWSER)
    assert answer.status_code == 503
    assert "make page" in answer.text
    assert client.get("/api/here").status_code == 200
