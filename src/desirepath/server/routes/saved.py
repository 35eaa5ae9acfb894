"""Which questions are worth asking again? A name for an address of the page; they are files in `questions`."""

from __future__ import annotations

import threading
from pathlib import Path as File
from typing import Annotated

import yaml
from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desirepath.errors import DesirepathError, InputError, UnknownNameError
from desirepath.events.strict_yaml import StrictLoader
from desirepath.events.yaml_forms import as_yaml, yaml_files
from desirepath.server.problems import problems
from desirepath.server.scopes import caller_of, needs
from desirepath.server.state import State

FOLDER = "questions"
LARGEST = 64 * 1024
MOST = 1_000

PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
Name = Annotated[str, Path(description="The file's name, without its ending.", pattern=PATTERN)]
ADDRESS = r"^/([^/\\\x00-\x20][^\\\x00-\x20]*)?$"
"""A place of this page, and of no other."""


class Saved(BaseModel):
    """What is saved: the address has whom, when and which view; the numbers are those of the day."""

    model_config = ConfigDict(extra="ignore")

    title: str = Field(min_length=1, max_length=200, pattern=r"\S")
    address: str = Field(max_length=8_000, pattern=ADDRESS)
    question: str | None = Field(None, max_length=100, description="Which question it is, for whoever reads the file.")
    owner: str | None = Field(None, max_length=200, description="Whose it is; whoever saves it, if left out.")


class SavedShape(Saved):
    """A saved question."""

    name: str


def install(app: FastAPI, state: State) -> None:
    """Add the saved questions."""
    writing = threading.Lock()

    @app.get("/api/saved", summary="The saved questions, by title", responses=problems(503), **needs("read"))
    def saved() -> list[SavedShape]:
        folder = state.workspace.root / FOLDER
        found = [one for name, path in yaml_files(folder).items() if (one := _read(name, path)) is not None]
        return sorted(found, key=lambda one: (one.title.casefold(), one.name))

    @app.put("/api/saved/{name}", summary="Save a question", responses=problems(422, 503), **needs("analyst"))
    def save(request: Request, name: Name, given: Saved) -> SavedShape:
        kept = given.model_copy(update={"owner": given.owner or caller_of(request).name or None})
        folder = state.workspace.root / FOLDER
        with writing:
            _write(folder, name, kept)
        state.audit(request, "question saved", name)
        return SavedShape(name=name, **kept.model_dump())

    @app.delete(
        "/api/saved/{name}", summary="Forget a question", status_code=204, responses=problems(404, 422, 503),
        **needs("analyst"),
    )  # fmt: skip
    def forget(request: Request, name: Name) -> None:
        files = yaml_files(state.workspace.root / FOLDER)
        if name not in files:
            raise UnknownNameError.of("saved question", name, files, looked=FOLDER)
        files[name].unlink(missing_ok=True)
        state.audit(request, "question deleted", name)


def _read(name: str, path: File) -> SavedShape | None:
    """A saved question; None where the file is something else, which people may keep there too."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)  # noqa: S506 - a safe loader
        return SavedShape.model_validate({**raw, "name": name}) if isinstance(raw, dict) else None
    except (OSError, ValueError, ValidationError, yaml.YAMLError, DesirepathError, RecursionError):
        return None


def _write(folder: File, name: str, kept: Saved) -> None:
    files = yaml_files(folder)
    if name not in files and len(files) >= MOST:
        raise InputError(f"{MOST:,} questions are saved already; delete some first.", looked=FOLDER)
    path = files.get(name, folder / f"{name}.yaml")
    draft = path.with_suffix(".draft")
    try:
        folder.mkdir(exist_ok=True)
        draft.write_text(as_yaml(kept.model_dump(exclude_none=True)), encoding="utf-8")
        draft.replace(path)
    except OSError as problem:
        raise InputError(f"It cannot be saved: {problem.strerror or problem}.", looked=str(path)) from None
    except UnicodeEncodeError:
        raise InputError("The title holds half a character.", looked="title") from None
