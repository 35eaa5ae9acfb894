"""Who reads the texts of a workspace? What comes with desirepath, what the workspace learned, what packages bring.

    comment.language     ISO 639-1 code                 comment.emotion   anger, frustration, joy ...
    comment.sentiment    -5 (bad) to +5 (good)          comment.intent    what they came for: refund, delivery ...
    comment.effort       -5 (hard) to +5 (easy)         comment.topic     a topic of the codebook of `comment`

Everything is worked out on this machine. What is learned lies in the workspace's folder `text/`, as files that can be
read, edited and kept in git.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote, unquote

from desirepath.errors import InputError, NotEnoughDataError, WorkspaceError

if TYPE_CHECKING:
    from desirepath.engines.readings import Reader
    from desirepath.text.heads import Head
    from desirepath.text.topics import Topics

GROUP = "desirepath.text"
"""The entry point group of other readers: each leads to an object with `kind`, `version` and `read`."""

FOLDER = "text"
TOPICS, SENTIMENT = ".topics.yaml", ".sentiment.json"
REASONS = "reasons.yaml"

CONVERSATION: Mapping[str, Literal["number", "text"]] = {
    "sentiment_start": "number",
    "sentiment_end": "number",
    "silence": "number",
    "transfers": "number",
    "talk": "number",
    "resolution": "text",
}
"""What is read of a property that holds the turns of a conversation."""

ASSIGNING = "1"
"""Changes when a codebook may give the same text another topic."""

REPAIRING = "1"
"""Changes when another text may be read, because broken letters are put right in another way."""

OURS = ("language", "sentiment", "effort", "emotion", "intent", "topic")


@dataclass(frozen=True)
class Plain:
    """A reader made of a function."""

    kind: Literal["number", "text"]
    version: str
    reads: Callable[[Sequence[str], Sequence[str | None]], Any]
    needs_language: bool = True

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> Any:
        """One value per text, of the text with its encoding put right."""
        from desirepath.text.repair import repaired

        return self.reads([repaired(text) for text in texts], languages)


class Texts:
    """The readers of one workspace.

    Parameters
    ----------
    root
        The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER

    def names(self) -> Collection[str]:
        """The names of all readers."""
        return {*OURS, *CONVERSATION, *_brought()}

    def state(self) -> object:
        """Changes whenever a file of the folder does."""
        if not self.folder.is_dir():
            return ()
        found = [(path.name, path.stat()) for path in sorted(self.folder.iterdir()) if path.is_file()]
        return tuple((name, told.st_mtime_ns, told.st_size) for name, told in found)

    def reader(self, name: str, of: str, texts: Callable[[], Sequence[str]]) -> Reader:
        """The reader of that name for a property; topics are proposed where there are none yet."""
        if name in _brought():
            return _loaded(name)
        if name == "topic":
            return self._topic_reader(of, texts)
        if name == "sentiment":
            return self._sentiment_reader(of)
        if name == "intent":
            return self._intent_reader()
        if name in CONVERSATION:
            from desirepath.text.conversations import VERSION, reading

            told = CONVERSATION[name]
            return Plain(told, f"{name}:{VERSION}", lambda said, _: reading(name, said), needs_language=False)
        module, function, kind = {
            "language": ("language", "languages", "text"),
            "effort": ("effort", "efforts", "number"),
            "emotion": ("emotions", "emotions", "text"),
        }[name]
        room = import_module(f"desirepath.text.{module}")
        made = getattr(room, function)
        if name == "language":
            return Plain("text", f"{name}:{room.VERSION}", lambda said, _: made(said), needs_language=False)
        return Plain("number" if kind == "number" else "text", f"{name}:{room.VERSION}", made)

    # ---- topics ---------------------------------------------------------------------------------------------

    def topics_of(self, of: str) -> Topics | None:
        """The codebook of a property, or None where there is none."""
        path = self.path(of, TOPICS)
        if not path.exists():
            return None
        from desirepath.text.topic_file import read

        return read(path)

    def keep_topics(self, of: str, topics: Topics) -> Path:
        """Write the codebook of a property."""
        from desirepath.text.topic_file import write

        path = self.path(of, TOPICS)
        self.folder.mkdir(exist_ok=True)
        write(topics, path)
        return path

    def with_topics(self) -> list[str]:
        """The properties that have a codebook."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if path.name.endswith(TOPICS))
        return [unquote(name.removesuffix(TOPICS)) for name in names]

    def kept(self) -> list[str]:
        """The properties of which topics, or what was learned, are kept."""
        if not self.folder.is_dir():
            return []
        names = {path.name for path in self.folder.iterdir()}
        ends = (TOPICS, SENTIMENT)
        return sorted({unquote(name.removesuffix(end)) for name in names for end in ends if name.endswith(end)})

    def _topic_reader(self, of: str, texts: Callable[[], Sequence[str]]) -> Reader:
        topics = self.topics_of(of)
        if topics is None:
            from desirepath.text.topic_proposal import propose

            try:
                topics = propose(texts())
            except NotEnoughDataError:
                return Plain("text", f"topic of {of}:too few texts", lambda said, _: [None] * len(said), False)
            with suppress(OSError):  # what cannot be written down is proposed again by the next process, and the same
                self.keep_topics(of, topics)
        known = topics

        def read(said: Sequence[str], _: Sequence[str | None]) -> list[str | None]:
            return [None if each.topic is None else known[each.topic].name for each in known.assign(said)]

        from desirepath.text.topic_file import written

        mark = hashlib.sha256(written(known).encode()).hexdigest()[:16]
        return Plain("text", f"topic of {of}:{mark} {ASSIGNING}.{REPAIRING}", read, needs_language=False)

    # ---- sentiment ------------------------------------------------------------------------------------------

    def head_of(self, of: str) -> Head | None:
        """What was learned of the scores that came with a property, or None."""
        path = self.path(of, SENTIMENT)
        if not path.exists():
            return None
        from desirepath.text.head_file import read

        return read(path)

    def keep_head(self, of: str, head: Head) -> Path:
        """Write down what was learned."""
        from desirepath.text.head_file import write

        path = self.path(of, SENTIMENT)
        self.folder.mkdir(exist_ok=True)
        write(head, path)
        return path

    def lacking(self) -> list[str]:
        """The properties whose texts are read by the words of the house alone, as their head cannot be used here.

        Raises
        ------
        InputError
            If a file is not a head's.
        """
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if path.name.endswith(SENTIMENT))
        heads = {of: self.head_of(of) for of in (unquote(name.removesuffix(SENTIMENT)) for name in names)}
        return [of for of, head in heads.items() if head is not None and not head.ready]

    def _sentiment_reader(self, of: str) -> Reader:
        from desirepath.text.sentiment import VERSION, sentiments

        head = self.head_of(of)
        if head is None or not head.ready:  # what it takes is not installed here
            return Plain("number", f"sentiment:{VERSION}", sentiments)

        def read(said: Sequence[str], languages: Sequence[str | None]) -> Any:
            from desirepath.text.heads import together

            return together(sentiments(said, languages), head.sentiments(said, languages))

        mark = hashlib.sha256(self.path(of, SENTIMENT).read_bytes()).hexdigest()[:16]
        return Plain("number", f"sentiment of {of}:{VERSION} {mark}", read)

    # ---- what they came for ---------------------------------------------------------------------------------

    def _intent_reader(self) -> Reader:
        from desirepath.text.intents import VERSION, house_intents

        more = self.reasons()
        intents = house_intents().with_more(more)
        mark = f" {hashlib.sha256(repr(sorted(more.items())).encode()).hexdigest()[:12]}" if more else ""
        return Plain("text", f"intent:{VERSION}{mark}", intents.read)

    def reasons(self) -> Mapping[str, Sequence[str]]:
        """Reasons of the company's own, with the phrases that tell them, from `text/reasons.yaml`.

        Raises
        ------
        WorkspaceError
            If the file cannot be read.
        """
        import yaml

        from desirepath.events.strict_yaml import StrictLoader

        path = self.folder / REASONS
        if not path.exists():
            return {}
        try:
            found = yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)  # noqa: S506 - a safe loader
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            raise WorkspaceError(f"The reasons cannot be read: {problem}.", looked=str(path)) from problem
        fits = isinstance(found, dict) and all(
            isinstance(name, str) and isinstance(phrases, list) and all(isinstance(each, str) for each in phrases)
            for name, phrases in found.items()
        )
        if not fits:
            raise WorkspaceError("Reasons are names, each with a list of phrases.", looked=str(path))
        return cast("Mapping[str, Sequence[str]]", found)

    def path(self, of: str, kind: str) -> Path:
        """Where what is known of a property lies."""
        return self.folder / f"{quote(of, safe=' ')}{kind}"


@lru_cache(maxsize=1)
def _brought() -> dict[str, Any]:
    return {one.name: one for one in entry_points(group=GROUP)}


@lru_cache(maxsize=16)
def _loaded(name: str) -> Reader:
    """A reader of another package.

    Raises
    ------
    InputError
        When it cannot be loaded, or is no reader.
    """
    try:
        found = _brought()[name].load()
    except Exception as problem:
        raise InputError(f"The reader {name!r} cannot be loaded: {problem}.") from problem
    made = found() if isinstance(found, type) else found
    if getattr(made, "kind", None) not in ("number", "text") or not isinstance(getattr(made, "version", None), str):
        raise InputError(f"The reader {name!r} needs `kind`, number or text, and a `version`.")
    if not callable(getattr(made, "read", None)):
        raise InputError(f"The reader {name!r} needs `read(texts, languages)`.")
    return Plain(made.kind, f"{name}:{made.version}", _careful(name, made))


def _careful(name: str, made: Any) -> Callable[[Sequence[str], Sequence[str | None]], Any]:
    """What a reader of another package says; whatever it does wrong is told by its name."""

    def read(said: Sequence[str], languages: Sequence[str | None]) -> list[Any]:
        try:
            found = list(made.read(said, languages))
        except Exception as problem:  # whatever the other package does wrong is told
            raise InputError(f"The reader {name!r} failed: {type(problem).__name__}: {problem}.") from problem
        if len(found) != len(said):
            raise InputError(f"The reader {name!r} said {len(found)} things of {len(said)} texts.")
        wanted = str if made.kind == "text" else Real
        for one in found:
            if one is not None and not isinstance(one, wanted):
                raise InputError(
                    f"The reader {name!r} says a {made.kind}, but said {one!r}.", allowed=[made.kind, "None"]
                )
        return found if made.kind == "text" else [None if one is None else float(one) for one in found]

    return read


__all__ = ["OURS", "Texts"]
