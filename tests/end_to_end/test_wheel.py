"""The wheel, installed elsewhere: import a file, ask by library and by command line, and get the same answer."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = Path(pytest.__file__).parent.parent

pytestmark = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").exists(), reason="there is no pyproject.toml to build from"
)

LOG = """id,user,event,at,channel
1,ann,visit,2023-05-01T10:00:00Z,web
2,ann,order,2023-05-01T10:30:00Z,web
3,bob,visit,2023-05-01T10:00:00Z,app
4,cid,visit,2023-05-01T10:00:00Z,
5,cid,order,2023-05-01T12:00:00Z,
6,zed,far,2023-12-01T00:00:00Z,
"""
MAPPING = (
    "source: shop\nfiles: log.csv\nkey: [id]\nidentities: {user_id: user}\n"
    "channel: '{channel}'\nevents: [{name: '{event}', at: at}]\n"
)

ASK = """
import json, sys
from pathlib import Path
import desirepath
assert Path(desirepath.__file__).is_relative_to(sys.prefix), desirepath.__file__
ws = desirepath.create("acme", time_zone="Europe/Paris")
print(json.dumps(ws.import_files(["log.csv"], "mapping.yaml").to_dict()))
print(ws.ask("funnel", steps=["visit", "order"], window="1 hour").to_json())
print(ws.ask("funnel", steps=["visit", "order"], window="1 hour", breakdown="channel").to_json())
ws.close()
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a program without the environment of this one; return what it printed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "DESIREPATH", "COV"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the tools of this environment where they are, else with fetched ones."""
    folder = tmp_path_factory.mktemp("wheel")
    built = False
    for extra in (["--no-build-isolation"], []):
        done = subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *extra, "--wheel-dir", folder, ROOT],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        built = done.returncode == 0
        if built:
            break
    if not built and (
        "No matching distribution" in done.stderr or "Connection" in done.stderr or "resolution" in done.stderr
    ):
        pytest.skip("the build tools are neither here nor can they be fetched")
    assert built, done.stderr[-2000:]
    (found,) = folder.glob("desirepath-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a fresh environment that has the wheel, and borrows everything else from this one."""
    place = tmp_path_factory.mktemp("venv") / "v"
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place.parent)
    (packages,) = place.glob("lib/python*/site-packages")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        place / "bin" / "python",
        "--quiet",
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=place.parent,
    )
    (packages / "borrowed.pth").write_text(f"{SITE}\n")
    return place / "bin"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the installed package keeps compiled kernels: empty at first, so that it has to compile them."""
    return str(tmp_path_factory.mktemp("cache"))


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"desirepath"}
    assert "desirepath/py.typed" in names
    assert "desirepath/questions/funnel.py" in names
    assert not [
        name for name in names if "__pycache__" in name or name.endswith((".pyc", ".nbi", ".nbc", ".duckdb", ".o"))
    ]
    in_tree = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "desirepath").rglob("*.py")}
    assert in_tree <= set(names)


PAGE = "desirepath/server/page/"


def page_of(wheel: Path) -> dict[str, bytes]:
    """The files of the page in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(PAGE): archive.read(name) for name in archive.namelist() if name.startswith(PAGE)}


def test_wheel_holds_the_page(wheel: Path) -> None:
    page = page_of(wheel)
    named = re.findall(r'(?:src|href)="/([^"]+)"', page["index.html"].decode())
    assert any(name.startswith("assets/") and name.endswith(".js") for name in named)
    assert set(named) <= set(page), sorted(set(named) - set(page))


@pytest.fixture(scope="module")
def sdist(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution; `wheel` comes first, because it builds the page if that is not there."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT, PATH=NO_NODE)
    (found,) = folder.glob("desirepath-*.tar.gz")
    return found


NO_NODE = str(ROOT / "no-programs-here")
"""A search path on which no Node is found."""


def test_a_source_distribution_needs_no_node(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "web/package-lock.json", "web/src/main.tsx", f"src/{PAGE}index.html"} <= names
    assert not [name for name in names if "node_modules" in name]
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    run(*build, "--wheel-dir", tmp_path, sdist, cwd=tmp_path, PATH=NO_NODE)
    (again,) = tmp_path.glob("desirepath-*.whl")
    assert page_of(again) == page_of(wheel)


def test_library_and_command_line_say_the_same(installed: Path, cache: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    account, plain, split = map(
        json.loads, run(installed / "python", "-c", ASK, cwd=tmp_path, DESIREPATH_CACHE=cache).splitlines()
    )
    assert (account["read"], account["stored"]) == (6, 6)
    assert plain["table"]["reached"] == [3, 1]
    command = [
        installed / "desirepath",
        "--json",
        "--workspace",
        "acme",
        "ask",
        "funnel",
        "--step",
        "visit",
        "--step",
        "order",
        "--window",
        "1 hour",
    ]
    assert json.loads(run(*command, cwd=tmp_path, DESIREPATH_CACHE=cache)) == plain
    assert json.loads(run(*command, "--breakdown", "channel", cwd=tmp_path, DESIREPATH_CACHE=cache)) == split
    assert split["table"]["group"] == ["(everyone)"] * 2 + ["(missing)"] * 2 + ["app"] * 2 + ["web"] * 2


def test_command_line_alone(installed: Path, cache: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    program = installed / "desirepath"
    run(program, "init", "acme", "--time-zone", "UTC", cwd=tmp_path)
    first = run(
        program, "--json", "--workspace", "acme", "import", "log.csv", "--mapping", "mapping.yaml", cwd=tmp_path
    )
    again = run(
        program, "--json", "--workspace", "acme", "import", "log.csv", "--mapping", "mapping.yaml", cwd=tmp_path
    )
    assert (json.loads(first)["stored"], json.loads(again)["stored"]) == (6, 0)
    found = json.loads(
        run(
            program,
            "--json",
            "-w",
            "acme",
            "ask",
            "funnel",
            "--step",
            "visit",
            "--step",
            "order",
            "--window",
            "1 hour",
            cwd=tmp_path,
            DESIREPATH_CACHE=cache,
        )
    )
    assert found["table"]["reached"] == [3, 1]
    assert "visit" in run(
        program,
        "-w",
        "acme",
        "ask",
        "funnel",
        "--step",
        "visit",
        "--step",
        "order",
        cwd=tmp_path,
        DESIREPATH_CACHE=cache,
    )
