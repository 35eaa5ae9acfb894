"""`topics propose, list, show, rename, merge, split, pin, unpin` and `text learn, try`: what a company's texts say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.running import Run, command
from desirepath.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from desirepath.text.heads import Lesson
    from desirepath.text.topics import Topics
    from desirepath.workspace import Workspace

Id = Annotated[str, typer.Argument(metavar="TOPIC", help="The id of a topic, as `topics list` shows it.")]
Of = Annotated[str | None, typer.Option("--text", metavar="PROPERTY", help="The property with the words.")]
WORDS = 6
"""So many terms of a topic are listed."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    topics, text = typer.Typer(no_args_is_help=True), typer.Typer(no_args_is_help=True)

    @topics.callback()
    def of_topics() -> None:
        """Topics of texts: proposed from the words, then named, merged and pinned by people; one file a property."""

    @text.callback()
    def of_text() -> None:
        """What texts say: language, sentiment, effort, emotion, what people came for; all found on this machine."""

    app.add_typer(topics, name="topics")
    command(topics, "propose")(propose)
    command(topics, "list")(list_all)
    command(topics, "show")(show)
    command(topics, "rename")(rename)
    command(topics, "merge")(merge)
    command(topics, "split")(split)
    command(topics, "pin")(pin)
    command(topics, "unpin")(unpin)
    app.add_typer(text, name="text")
    command(text, "learn")(learn)
    command(text, "try")(try_out)


def propose(
    run: Run,
    text: Of = None,
    topics: Annotated[
        int | None, typer.Option(metavar="N", help="How many; as many as the words bear, if left out.")
    ] = None,
    afresh: Annotated[bool, typer.Option("--afresh", metavar="", help="Forget the topics that are there.")] = False,
) -> None:
    """Propose topics; those that were named or pinned stay, and new ones are marked."""
    from desirepath.learning import propose_topics

    with run.workspace() as workspace:
        of = text or _only(workspace, "propose")
        found, path = propose_topics(workspace, of, topics, afresh=afresh)
    if run.as_json:
        return run.screen.document({"text": of, "file": str(path), **_plain(found)})
    _table(run, found)
    for note in (found.method, *found.notes):
        run.screen.say(note)
    run.screen.say(f"Written to {path}: edit it there, or by `desirepath topics rename, merge, pin`.")
    return None


def list_all(run: Run, text: Of = None) -> None:
    """List the topics of a property."""
    with run.workspace() as workspace:
        of = text or _only(workspace, "list")
        found = _of(workspace, of)
    if run.as_json:
        return run.screen.document({"text": of, **_plain(found)})
    _table(run, found)
    return None


def show(run: Run, topic: Id, text: Of = None) -> None:
    """Show the terms of a topic, with their weights."""
    with run.workspace() as workspace:
        one = _of(workspace, text or _only(workspace, "show"))[topic]
    if run.as_json:
        return run.screen.document(_topic(one) | {"terms": one.terms})
    run.screen.say(f"{one.name} ({one.id}): {one.examples:,} texts when last proposed", "bold")
    run.screen.table({"term": list(one.terms), "weight": list(one.terms.values())})
    for part in one.merged:
        run.screen.say(f"merged: {part.name} ({part.id})")
    return None


def rename(
    run: Run,
    topic: Id,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    text: Of = None,
) -> None:
    """Give a topic the name that people use."""
    _changed(run, text, lambda topics: topics.rename(topic, name))


def merge(
    run: Run,
    topics: Annotated[list[str], typer.Argument(metavar="TOPIC TOPIC...", help="Ids; the first one stays.")],
    to: Annotated[str | None, typer.Option(metavar="NAME", help="Another name for it.")] = None,
    text: Of = None,
) -> None:
    """Make several topics one."""
    _changed(run, text, lambda known: known.merge(topics, to))


def split(run: Run, topic: Id, text: Of = None) -> None:
    """Part a topic into what was merged into it."""
    _changed(run, text, lambda topics: topics.split(topic))


def pin(run: Run, topic: Id, text: Of = None) -> None:
    """Keep a topic even if nobody talks of it."""
    _changed(run, text, lambda topics: topics.pin(topic))


def unpin(run: Run, topic: Id, text: Of = None) -> None:
    """Let a topic go when nobody talks of it."""
    _changed(run, text, lambda topics: topics.unpin(topic))


def learn(
    run: Run,
    text: Annotated[str, typer.Option("--text", metavar="PROPERTY", help="The property with the words.")],
    score: Annotated[str, typer.Option(metavar="PROPERTY", help="The property with the score.")] = "score",
    scale: Annotated[
        str, typer.Option(metavar="SCALE", help="Its scale: nps, csat5, ces7, stars, '1 to 10' …")
    ] = "nps",
    answers: Annotated[str | None, typer.Option(metavar="EVENT", help="An event's name or a filter.")] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="words or embeddings; the better one, if left out.")
    ] = None,
) -> None:
    """Learn how texts sound from the scores that came with them; kept if better than what comes with desirepath."""
    from desirepath.learning import learn_sentiment

    with run.workspace() as workspace:
        models = None if model is None else [model]
        lesson, path = learn_sentiment(workspace, text, score=score, scale=scale, answers=answers, models=models)
    told = _evidence(lesson)
    if run.as_json:
        return run.screen.document({"text": text, "kept": path is not None, "file": path and str(path), **told})
    shown = {name: value for name, value in told.items() if value is not None}
    run.screen.table({"evidence": list(shown), "": [_in_words(value) for value in shown.values()]})
    if path is None:
        run.screen.say(f"Not kept. {lesson.why}")
    else:
        run.screen.say(f"Written to {path}; `{text}.sentiment` is read with it from now on. Deleting it undoes that.")
    return None


def _evidence(lesson: Lesson) -> dict[str, Any]:
    """What cross-validation says, as plain data."""
    found = lesson.evidence
    return {
        "labels": found.n,
        "good": found.good,
        "bad": found.bad,
        "languages": found.languages,
        "model": found.model or None,
        "tried": found.tried or None,
        "tells good from bad": None if found.auc is None else list(found.auc),
        "what comes with desirepath": found.baseline,
        "better by": None if found.gain is None else list(found.gain),
        "rank correlation with the score": found.correlation,
        "why": lesson.why or None,
    }


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]"
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {f'{many:.3f}' if isinstance(many, float) else f'{many:,}'}" for name, many in value.items()
        )
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def try_out(
    run: Run,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="A text.")],
    text: Annotated[
        str, typer.Option("--text", metavar="PROPERTY", help="Read it as a text of this property.")
    ] = "text",
) -> None:
    """Read a text as the workspace reads it, without keeping it."""
    from desirepath.engines.readings import LANGUAGE, nothing
    from desirepath.text.masking import masked
    from desirepath.texts import OURS

    said = [" ".join(words)]
    with run.workspace() as workspace:
        readers = workspace.texts
        language = list(readers.reader(LANGUAGE, text, list).read(said, [None]))
        names = [name for name in OURS if name != "topic" or readers.topics_of(text) is not None]
        found = {name: readers.reader(name, text, list).read(said, language)[0] for name in names}
    plain = {
        name: None if nothing(value) else value if isinstance(value, str) else round(float(value), 2)
        for name, value in found.items()
    }
    plain["without personal data"] = masked(said[0])
    if run.as_json:
        return run.screen.document(plain)
    run.screen.table(
        {"reading": list(plain), "says": ["" if value is None else str(value) for value in plain.values()]}
    )
    return None


def _only(workspace: Workspace, doing: str) -> str:
    """The property that has topics, if there is one.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    known = workspace.texts.with_topics()
    if len(known) == 1:
        return known[0]
    raise InputError(
        f"Whose topics? Name the property with the words: `desirepath topics {doing} --text comment`.", allowed=known
    )


def _of(workspace: Workspace, of: str) -> Topics:
    found = workspace.texts.topics_of(of)
    if found is None:
        raise UnknownNameError.of(
            "property with topics", of, workspace.texts.with_topics(), looked=str(workspace.texts.folder)
        )
    return found


def _changed(run: Run, text: str | None, change: Callable[[Topics], Topics]) -> None:
    with run.workspace() as workspace:
        of = text or _only(workspace, "list")
        found = change(_of(workspace, of))
        path = workspace.texts.keep_topics(of, found)
    if run.as_json:
        return run.screen.document({"text": of, "file": str(path), **_plain(found)})
    _table(run, found)
    return None


def _table(run: Run, topics: Topics) -> None:
    rows = topics.topics
    columns: dict[str, list[Any]] = {
        "topic": [each.id for each in rows],
        "name": [each.name for each in rows],
        "texts": [each.examples if topics.texts else None for each in rows],  # nobody has counted yet
        "terms": [", ".join(list(each.terms)[:WORDS]) for each in rows],
        "pinned": ["yes" if each.pinned else "" for each in rows],
        "new": ["new" if each.new else "" for each in rows],
        "merged": [", ".join(part.name for part in each.merged) for each in rows],
    }
    always = ("topic", "name", "texts", "terms")
    run.screen.table({name: column for name, column in columns.items() if name in always or any(column)})


def _topic(topic: Any) -> dict[str, Any]:
    return {
        "id": topic.id,
        "name": topic.name,
        "texts": topic.examples,
        "pinned": topic.pinned,
        "new": topic.new,
        "merged": [part.id for part in topic.merged],
    }


def _plain(topics: Topics) -> dict[str, Any]:
    return {
        "topics": [_topic(each) | {"terms": list(each.terms)[:WORDS]} for each in topics.topics],
        "method": topics.method,
        "notes": list(topics.notes),
    }
