"""Where are a workspace's maps? In its folder `maps/`, one YAML file each, named as the map.

A stage that is a map of its own gets that map's steps when it is read.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from desirepath.errors import UnknownNameError
from desirepath.events.yaml_forms import Places, yaml_files
from desirepath.maps.form import MapForm, Step
from desirepath.maps.journey_map import JourneyMap, made_of
from desirepath.maps.reading import MAP

DEEPEST = 8
"""So deep may maps lie in each other."""


class Shelf:
    """The maps of a folder.

    Parameters
    ----------
    folder
        Where the files are; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> dict[str, Path]:
        """The files by the names of their maps."""
        return yaml_files(self.folder)

    def path(self, name: str) -> Path:
        """The file of a map.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        files = self.files()
        if name not in files:
            raise UnknownNameError.of("journey map", name, files, looked=str(self.folder))
        return files[name]

    def get(self, name: str) -> JourneyMap:
        """The map of that name.

        Raises
        ------
        UnknownNameError
            If there is none.
        MapError
            If it does not make sense.
        """
        return self.read(self.path(name))

    def read(self, path: Path) -> JourneyMap:
        """The map of a file, wherever it lies; its sub-journeys are looked for here."""
        form, places = MAP.read(path)
        if path.parent == self.folder and form.map != path.stem:
            places.fail(f"the map is called {form.map!r}, and its file {path.name!r}.", ("map",), allowed=[path.stem])
        return made_of(self._whole(form, places, (form.map,)), places)

    def parse(self, text: str, *, looked: str = "the map") -> JourneyMap:
        """The map of a text."""
        form, places = MAP.parse(text, looked=looked)
        return made_of(self._whole(form, places, (form.map,)), places)

    def _whole(self, form: MapForm, places: Places, above: tuple[str, ...]) -> MapForm:
        """The form with the steps of its sub-journeys put in."""
        stages = []
        for number, stage in enumerate(form.stages):
            path = ("stages", number)
            if stage.map is None:
                stages.append(stage)
                continue
            if stage.steps is not None:
                places.fail("a stage has steps of its own or is another map, not both.", path, allowed=["steps", "map"])
            if stage.map in above or len(above) >= DEEPEST:
                places.fail(f"the map {' > '.join([*above, stage.map])} goes in a circle.", (*path, "map"))
            files = self.files()
            if stage.map not in files:
                error = UnknownNameError.of("journey map", stage.map, files)
                places.fail(error.message, (*path, "map"), nearest=error.nearest, allowed=list(files))
            inner, at = MAP.read(files[stage.map])
            inner = self._whole(inner, at, (*above, stage.map))
            made_of(inner, at)  # what is wrong there is said with its place there
            steps: list[str | Step] = [step for one in inner.stages for step in one.steps or ()]
            stages.append(msgspec.structs.replace(stage, steps=steps))
        return msgspec.structs.replace(form, stages=stages)
