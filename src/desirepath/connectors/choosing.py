"""Which connector reads which file? The one that is named, or the one that recognises it.

Nothing is guessed silently: what none or several recognise is an error where the file was named, and told as left out
where it only lay in a folder that was.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from desirepath.connectors.connector import Given
from desirepath.connectors.files import every_file, expand
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import read_mapping
from desirepath.connectors.plan import with_zone
from desirepath.connectors.registry import connector, connector_names, recognised
from desirepath.connectors.translated_sql import TABLE
from desirepath.connectors.translating import Translation, records_of
from desirepath.errors import InputError


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files of one source.

    Parameters
    ----------
    mapping
        Their connector and its options.
    files
        The files.
    left_out
        Files of the folder that no connector recognises; told once, with the first source.
    """

    mapping: Mapping
    files: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()


MAPPINGS = "mappings"
"""The folder of a workspace in which mapping files lie that hold for whatever comes through their connector."""


def words_in(root: Path) -> tuple[Mapping, ...]:
    """What a workspace says of connectors: the mapping files of its folder `mappings` that name one.

    Raises
    ------
    MappingError
        When a file is not a mapping.
    UnknownNameError
        When there is no such connector.
    InputError
        When two files speak of one connector and instance.
    """
    found: dict[tuple[str, str], Path] = {}
    words = []
    for path in sorted((root / MAPPINGS).glob("*.y*ml")):
        mapping = read_mapping(path)
        if mapping.connector is None:
            continue  # of files and tables, which are imported with the mapping that is named
        connector(mapping.connector)
        source = mapping.connector, mapping.instance
        if source in found:
            raise InputError(
                f"Two files speak of {source[0]}, instance {source[1]}: {found[source].name} and {path.name}.",
                allowed=["one file for each connector and instance"],
                looked=str(path.parent),
            )
        found[source] = path
        words.append(mapping)
    return tuple(words)


def mapping_for(
    name: str,
    *,
    options: Pairs[str, str] | None = None,
    instance: str | None = None,
    words: Sequence[Mapping] = (),
) -> Mapping:
    """The mapping of a connector.

    Parameters
    ----------
    name
        The connector.
    options
        What was chosen of its options; goes before what the words say.
    instance
        Which installation of the source; `main` if left out.
    words
        What the workspace says of connectors (see `words_in`). Those of the same instance are taken, and those of
        `main` where there are none.

    Raises
    ------
    UnknownNameError
        When there is no such connector, or no such option.
    InputError
        When an option cannot have its value.
    """
    known, place = connector(name), instance or "main"
    of_it = {one.instance: one for one in words if one.connector == name}
    said = of_it.get(place) or of_it.get("main") or Mapping(name, (TABLE,), connector=name)
    chosen = known.settle({**said.options, **(options or {})})
    return replace(said, instance=place, options=chosen, kinds={**known.kinds, **said.kinds})


def choose(
    paths: Sequence[Path],
    name: str | None = None,
    *,
    options: Pairs[str, str] | None = None,
    instance: str | None = None,
    words: Sequence[Mapping] = (),
) -> list[Chosen]:
    """Sort files by the connector that reads them.

    Parameters
    ----------
    paths
        Files, folders and globs.
    name
        The connector of all of them; each file's own is found out if left out.
    options, instance, words
        As for `mapping_for`.

    Raises
    ------
    InputError
        When a file that was named is of no source, or of several; when options are given for several sources.
    """
    given = expand([Path(path) for path in paths])
    files = every_file(given)
    if name is not None:
        return [Chosen(mapping_for(name, options=options, instance=instance, words=words), tuple(files))]
    found, unknown = _sorted(files, given)
    if not found:
        raise InputError(
            f"No file in {', '.join(map(str, given))} is of a source that desirepath recognises.",
            allowed=["--mapping FILE.yaml", "--guess", *(f"--as {one}" for one in connector_names())],
        )
    if options and len(found) > 1:
        raise InputError(
            f"Options belong to one source, and these files are of {', '.join(sorted(found))}.",
            allowed=["--as NAME with the files of that source"],
        )
    return [
        Chosen(
            mapping_for(one, options=options, instance=instance, words=words),
            tuple(found[one]),
            () if place else tuple(unknown),
        )
        for place, one in enumerate(sorted(found))
    ]


def try_first(chosen: Sequence[Chosen], time_zone: str | None = None, records: int = 200) -> None:
    """Translate the first records of every file, so that what cannot be imported is told before anything is.

    Raises
    ------
    InputError
        When a file cannot be read.
    TimeZoneNeededError
        When its times carry no zone and none is declared.
    """
    for one in chosen:
        mapping = with_zone(one.mapping, time_zone)
        source = connector(str(mapping.connector))
        translation = Translation(source, Given(mapping.options, mapping.time_zone))
        for path in one.files:
            for _, found in records_of(source, path, Given(mapping.options, mapping.time_zone)):
                for record in islice(found, records):
                    translation.add(record)


def _sorted(files: Sequence[Path], given: Sequence[Path]) -> tuple[dict[str, list[Path]], list[Path]]:
    """The files of each connector, and those of folders that none recognises."""
    found: dict[str, list[Path]] = {}
    unknown: list[Path] = []
    for path in files:
        names = recognised(path)
        if len(names) == 1:
            found.setdefault(names[0], []).append(path)
        elif names:
            raise InputError(
                f"{path} may be of several sources; say which.",
                allowed=[f"--as {one}" for one in names],
                looked=str(path),
            )
        elif path in given:
            raise InputError(
                f"{path.name} is of no source that desirepath recognises.",
                allowed=[
                    "--mapping FILE.yaml, which says what the columns mean",
                    "--guess to have a mapping proposed",
                    *(f"--as {one}" for one in connector_names()),
                ],
                looked=str(path),
            )
        else:
            unknown.append(path)
    return found, unknown
