"""Which journey maps are there, what do they say, and can they be written? They are the files of the folder `maps`.

A map that makes no sense is told with what is wrong in it, so that it can be mended here.
"""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from desirepath.errors import DesirepathError, InputError, MapError, UnknownNameError
from desirepath.maps.journey_map import JourneyMap
from desirepath.maps.shelf import Shelf
from desirepath.server.problems import ConflictError, problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

Name = Annotated[str, Path(description="The map's name, such as `repair`.", max_length=64)]

LOOKED = "the map"
"""What stands for the text in errors."""

_PLACE = re.compile(rf"{LOOKED}(?:, line (\d+), column (\d+))?: (.*)", re.S)
_LINE = re.compile(r"\(line (\d+)\)")
_BLOCKS = ("one_of", "any_order", "in_order")


class MapShape(BaseModel):
    """One map of the list."""

    name: str
    title: str
    stages: int
    steps: int = Field(description="Touchpoints.")
    file: str
    problem: str | None = Field(description="What is wrong in it, if anything is.")


class FaultShape(BaseModel):
    """What is wrong in a map, and where."""

    line: int | None
    column: int | None
    message: str
    allowed: list[str]
    nearest: str | None


class StageOutline(BaseModel):
    """A stage and its steps: touchpoints, or blocks of them."""

    name: str
    map: str | None
    owner: str | None
    limit: str | None
    needs: str | None
    expects: str | None
    steps: list[dict[str, Any]]


class MapOutline(BaseModel):
    """What a map says, part by part; events as the file has them."""

    title: str
    goal: str | list[str]
    gives_up_after: str
    starts: str | list[str] | None
    gives_up: str | list[str] | None
    value: float | None
    needs: str | None
    expects: str | None
    personas: list[str]
    stages: list[StageOutline]
    feedback: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    variants: dict[str, str | list[str]]
    thresholds: dict[str, float]


class MapFile(BaseModel):
    """A map and its file."""

    name: str
    title: str
    text: str
    etag: str = Field(description="Given back when it is written, so that nobody overwrites what they did not see.")
    file: str
    problems: list[FaultShape]
    outline: MapOutline | None


class MapText(BaseModel):
    """The text of a map."""

    model_config = ConfigDict(extra="forbid")

    text: str


class MapChecked(BaseModel):
    """What is wrong in a text, or what it says."""

    problems: list[FaultShape]
    outline: MapOutline | None
    form: dict[str, Any] | None = Field(description="The whole map, as questions about maps take it.")


class MapWritten(MapText):
    """A map to write."""

    etag: str | None = Field(None, description="Of what was read; none for a map that is new.")


class MapSaved(BaseModel):
    """What was written."""

    name: str
    file: str
    etag: str
    outline: MapOutline


def install(app: FastAPI, state: State) -> None:
    """Add the maps."""
    writing = threading.Lock()

    def shelf() -> Shelf:
        return state.workspace.asking.maps

    @app.get("/api/maps", summary="The journey maps", responses=problems(503), **needs("read"))
    def maps() -> list[MapShape]:
        return [_listed(state, name, path) for name, path in shelf().files().items()]

    @app.post("/api/maps/check", summary="What a text says as a map", responses=problems(422, 503), **needs("read"))
    def check(given: MapText) -> MapChecked:
        try:
            found = shelf().parse(given.text, looked=LOOKED)
        except DesirepathError as problem:
            return MapChecked(problems=[_fault(problem)], outline=None, form=None)
        return MapChecked(problems=[], outline=_outline(found), form=dict(found.definition))

    @app.get("/api/maps/{name}", summary="A map and its text", responses=problems(404, 422, 503), **needs("read"))
    def one(name: Name) -> MapFile:
        path = shelf().path(name)
        content = _content(path)
        found, faults = None, []
        try:
            found = shelf().read(path)
        except DesirepathError as problem:
            faults.append(_fault(problem, looked=str(path)))
        return MapFile(
            name=name,
            title=name if found is None else found.title,
            text=content.decode("utf-8", "replace"),
            etag=_etag(content),
            file=_file(state, path),
            problems=faults,
            outline=None if found is None else _outline(found),
        )

    @app.put("/api/maps/{name}", summary="Write a map", responses=problems(404, 409, 422, 503), **needs("analyst"))
    def write(request: Request, name: Name, given: MapWritten) -> MapSaved:
        found = shelf().parse(given.text, looked=LOOKED)
        if found.name != name:
            raise MapError(f"The text is of a map called {found.name!r}, not {name!r}.", allowed=[name])
        with writing:
            path = _write(shelf(), name, given)
        state.audit(request, "map written", name)
        return MapSaved(name=name, file=_file(state, path), etag=_etag(given.text.encode()), outline=_outline(found))


def _listed(state: State, name: str, path: File) -> MapShape:
    shape = MapShape(name=name, title=name, stages=0, steps=0, file=_file(state, path), problem=None)
    try:
        found = state.workspace.asking.maps.read(path)
    except DesirepathError as problem:
        return shape.model_copy(update={"problem": problem.message})
    told = {"title": found.title, "stages": len(found.stages), "steps": len(found.touchpoints)}
    return shape.model_copy(update=told)


def _write(shelf: Shelf, name: str, given: MapWritten) -> File:
    """Put a text in the place of what was read."""
    path = shelf.files().get(name)
    if path is None and given.etag is not None:
        raise UnknownNameError.of("journey map", name, shelf.files(), looked=str(shelf.folder))
    if path is not None and _etag(_content(path)) != given.etag:
        raise ConflictError(f"{path.name} has changed since it was read.", looked=path.name)
    path = path or shelf.folder / f"{name}.yaml"
    draft = path.with_suffix(".draft")
    try:
        shelf.folder.mkdir(exist_ok=True)
        draft.write_bytes(given.text.encode())
        draft.replace(path)
    except OSError as problem:
        raise InputError(f"The map cannot be written: {problem.strerror or problem}.", looked=str(path)) from None
    return path


def _content(path: File) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise MapError(f"The map cannot be read: {problem.strerror or problem}.", looked=str(path)) from None


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _file(state: State, path: File) -> str:
    return path.relative_to(state.workspace.root).as_posix()


def _fault(problem: DesirepathError, looked: str = LOOKED) -> FaultShape:
    """An error, taken apart into its place and what it says."""
    message = problem.message.replace(looked, LOOKED, 1)
    found = _PLACE.fullmatch(message)
    line, column, said = found.groups() if found else (None, None, problem.message)
    if line is None and (named := _LINE.search(said)):
        line = named[1]
    return FaultShape(
        line=None if line is None else int(line),
        column=None if column is None else int(column),
        message=f"{said[:1].upper()}{said[1:]}",
        allowed=[str(one) for one in problem.allowed],
        nearest=problem.nearest,
    )


def _outline(found: JourneyMap) -> MapOutline:
    form = found.definition
    stages = [
        StageOutline(
            name=stage["stage"],
            **{key: stage.get(key) for key in ("map", "owner", "limit", "needs", "expects")},
            steps=[_step(step) for step in stage.get("steps", ())],
        )
        for stage in form["stages"]
    ]
    return MapOutline(
        title=found.title,
        goal=form["goal"],
        gives_up_after=form["gives_up_after"],
        **{key: form.get(key) for key in ("starts", "gives_up", "value", "needs", "expects")},
        personas=form.get("personas", []),
        stages=stages,
        feedback=form.get("feedback", []),
        rules=form.get("rules", []),
        variants=form.get("variants", {}),
        thresholds=form.get("thresholds") or {},
    )


def _step(step: Any) -> dict[str, Any]:
    """A step as pairs, also one that is a name alone."""
    if isinstance(step, str):
        return {"touchpoint": step}
    return {key: [_step(part) for part in value] if key in _BLOCKS else value for key, value in step.items()}
