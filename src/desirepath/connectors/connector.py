"""What is a connector? One source: how its files are recognised and read, and what each of their records says.

A connector is one file: a class with a name, the streams that it knows, its options, and two functions. `read` takes
a file apart into records; `translate` is pure and says what one record means. The same `translate` serves a file, an
API pull and a request to the collector. Somebody else's connector is found by the entry point group
`desirepath.connectors`; `desirepath connectors test` checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from desirepath.connectors.rows import Row
from desirepath.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from desirepath.connectors.opened import Opened


class Record(NamedTuple):
    """One record of a source.

    Parameters
    ----------
    stream
        What it is one of, such as `tickets`.
    data
        The record itself.
    text
        The record as it stood, JSON; made of `data` where it is None.
    line
        Its line in the file, from 1, where the file has lines.
    """

    stream: str
    data: dict[str, Any]
    text: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that whoever imports can make.

    Parameters
    ----------
    name, about
        What it is called and what it means.
    default
        Its value where none is given; empty for none.
    choices
        What it may be; anything if empty.
    """

    name: str
    about: str
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What was given with an import.

    Parameters
    ----------
    options
        The value of each of the connector's options.
    time_zone
        IANA zone of times without one.
    received_us
        When the record came to us, microseconds since 1970 UTC.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    received_us: int = 0

    def __getitem__(self, name: str) -> str:
        return self.options.get(name, "")

    def is_on(self, name: str) -> bool:
        """Whether an option is `yes`."""
        return self.options.get(name) == "yes"


class Connector:
    """A source. Made once; holds nothing of what it reads.

    Attributes
    ----------
    name, title
        `zendesk`, `Zendesk`.
    about
        What it reads and where that comes from, for its page of docs.
    streams
        Each stream and what becomes of it.
    pages
        Of JSON files that hold pages: the member that holds the records, and their stream; empty where `stream_of`
        tells each record's.
    options
        What may be chosen.
    kinds
        What identities of a kind prove, for kinds of the connector's own (see `KIND_STRENGTHS`).
    docs
        What else there is to know, in sentences.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    streams: ClassVar[Mapping[str, str]]
    pages: ClassVar[Mapping[str, str]] = {}
    options: ClassVar[tuple[Option, ...]] = ()
    kinds: ClassVar[Mapping[str, str]] = {}
    docs: ClassVar[tuple[str, ...]] = ()

    def recognise(self, opened: Opened) -> bool:
        """Whether a file is surely one of this source; asked of its first rows."""
        raise NotImplementedError

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Take a file apart into records; may call `opened.reject` for what is none."""
        yield from opened.records(self.pages, self.stream_of)

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """The stream that a record belongs to, where the file does not say it."""
        return next(iter(self.streams))

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """Say what a record means. Pure: nothing is read or kept, and the same record always means the same.

        May raise `KeyError`, `TypeError`, `ValueError` or `AttributeError` for a record that is not as it should be;
        it goes to the quarantine.
        """
        raise NotImplementedError

    def settle(self, options: Mapping[str, str]) -> dict[str, str]:
        """Fill in the options that are not given.

        Raises
        ------
        UnknownNameError
            When there is no such option.
        InputError
            When its value is none that it may have.
        """
        known = {option.name: option for option in self.options}
        for name, value in options.items():
            if name not in known:
                raise UnknownNameError.of("option", name, known, looked=f"connector {self.name}")
            if known[name].choices and value not in known[name].choices:
                raise InputError(
                    f"The option {name} cannot be {value!r}.",
                    allowed=known[name].choices,
                    looked=f"connector {self.name}",
                )
        return {name: options.get(name, option.default) for name, option in known.items()}


YES_NO = ("yes", "no")
