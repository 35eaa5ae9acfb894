"""`users`, `tokens`, `audit`: who may log in to the server, which programs may ask it, and what they did.

They work beside a server that runs: what they change holds from the next request on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desirepath.cli.running import Run, command, find_workspace
from desirepath.cli.serving import HOST, PORT

if TYPE_CHECKING:
    from desirepath.server.access.book import Book
    from desirepath.settings import Settings

Name = Annotated[str, typer.Argument(help="The name, such as ann or ann@example.org.")]
Role = Annotated[str, typer.Option(help="What they may do: viewer, analyst or admin.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    users = typer.Typer(no_args_is_help=True, help="Who may log in to the server.")
    command(users, "add")(add)
    command(users, "list")(show)
    command(users, "link")(link)
    command(users, "password")(password)
    command(users, "role")(change_role)
    command(users, "remove")(remove)
    app.add_typer(users, name="users")
    tokens = typer.Typer(no_args_is_help=True, help="Which programs may ask the server, and what.")
    command(tokens, "add")(add_token)
    command(tokens, "list")(show_tokens)
    command(tokens, "remove")(remove_token)
    app.add_typer(tokens, name="tokens")
    command(app, "audit")(log)


def add(run: Run, name: Name, role: Role = "viewer") -> None:
    """Invite somebody. The one-time link by which they choose a password is shown once, and holds for a week."""
    from desirepath.server.access.users import Users

    secret = Users(_book(run)).add(_who(), name, role)
    _say_link(run, secret, name)


def show(run: Run) -> None:
    """List who may log in."""
    from desirepath.server.access.users import Users

    found = [one.to_dict() for one in Users(_book(run)).all()]
    if run.as_json:
        return run.screen.document(found)
    if not found:
        return run.screen.say("Nobody may log in yet; `desirepath users link` prints the first admin's one-time link.")
    run.screen.table({name: [_cell(row[name]) for row in found] for name in found[0]}, spare=["made_at", "made_by"])
    return None


def link(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="For whom; the first admin if left out.")] = None,
) -> None:
    """Make a new one-time link: for the first admin, or for somebody who forgot their password. Older ones end."""
    from desirepath.server.access.users import Users

    _say_link(run, Users(_book(run)).link(_who(), name), name)


def password(run: Run, name: Name) -> None:
    """Give somebody a password: asked for on a terminal, else the first line of the input. Their sessions end."""
    from desirepath.server.access.users import Users

    text = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    Users(_book(run)).change_password(_who(), name, text)
    if run.as_json:
        return run.screen.document({"name": name})
    return run.screen.say(f"{name} has another password now, and is logged in nowhere.")


def change_role(run: Run, name: Name, role: Annotated[str, typer.Argument(help="viewer, analyst or admin.")]) -> None:
    """Let somebody do more or less."""
    from desirepath.server.access.users import Users

    Users(_book(run)).change_role(_who(), name, role)
    if run.as_json:
        return run.screen.document({"name": name, "role": role})
    return run.screen.say(f"{name} is {role} now.")


def remove(run: Run, name: Name) -> None:
    """Take somebody away, with their sessions and the tokens that they made."""
    from desirepath.server.access.users import Users

    gone = Users(_book(run)).remove(_who(), name)
    if run.as_json:
        return run.screen.document({"name": name, **gone})
    return run.screen.say(f"{name} is no more, with {gone['sessions']:,} sessions and {gone['tokens']:,} tokens.")


def add_token(
    run: Run,
    name: Annotated[str, typer.Argument(help="What to call it, such as grafana.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do: read, analyst, admin, erase or ingest; repeatable. read if left out."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long it holds, such as '90 days'; for ever if left out.")
    ] = None,
) -> None:
    """Make a token. It is shown once; only its hash is kept."""
    from desirepath.server.access.tokens import Tokens, holding

    seconds = None if expires is None else holding(expires)
    scopes = scope or ["read"]
    made = Tokens(_book(run)).add(_who(), name, scopes, seconds=seconds)
    if run.as_json:
        return run.screen.document({"name": name, "token": made, "scopes": scopes})
    run.screen.say(made)
    what = "`Authorization: Bearer …`" if scopes != ["ingest"] else "the collector, as a secret write key"
    return run.screen.hint(f"The token {name!r}, for {what}. Keep it: it is shown this once.")


def show_tokens(run: Run) -> None:
    """List the tokens."""
    from desirepath.server.access.tokens import Tokens

    found = [one.to_dict() for one in Tokens(_book(run)).all()]
    if run.as_json:
        return run.screen.document(found)
    if not found:
        return run.screen.say("There is no token; `desirepath tokens add grafana` makes one.")
    run.screen.table({name: [_cell(row[name]) for row in found] for name in found[0]}, spare=["made_at", "made_by"])
    return None


def remove_token(run: Run, name: Annotated[str, typer.Argument(help="The token's name.")]) -> None:
    """Take a token away; it holds no longer."""
    from desirepath.server.access.tokens import Tokens

    Tokens(_book(run)).remove(_who(), name)
    if run.as_json:
        return run.screen.document({"name": name})
    return run.screen.say(f"The token {name!r} holds no longer.")


def log(
    run: Run,
    most: Annotated[int, typer.Option(min=1, help="How many entries, the latest first.")] = 20,
    action: Annotated[str | None, typer.Option(help="Only these, such as login, export or reveal.")] = None,
    who: Annotated[str | None, typer.Option(help="Only what they did.")] = None,
) -> None:
    """Show who did what on the server, and check that no entry was changed or taken out."""
    from desirepath.server.access import audit

    book = _book(run)
    found = [one.to_dict() for one in audit.entries(book, most=most, action=action, who=who)]
    chain = audit.verify(book)
    if run.as_json:
        said = {"entries": chain.entries, "head": chain.head, "holds": chain.holds, "broken_at": chain.broken_at}
        run.screen.document({"entries": found, "chain": said})
    else:
        if found:
            columns = ("number", "at", "who", "action", "about")
            run.screen.table({name: [_cell(row[name]) for row in found] for name in columns}, spare=["at"])
        holds = f"All {chain.entries:,} entries are as they were written. The hash of the last is {chain.head}."
        run.screen.say(holds if chain.holds else f"Entry {chain.broken_at:,} was changed, or one before it taken out.")
    if not chain.holds:
        raise typer.Exit(1)


def say_where(run: Run, settings: Settings, host: str, port: int) -> None:
    """Say where the page is, and while nobody may log in, how the first admin does."""
    from desirepath.server.access.hosts import LOOPBACK
    from desirepath.server.access.users import Users, link_of

    address = _address(settings, host, port)
    run.screen.hint(f"The page is on {address}.")
    if host not in LOOPBACK:
        run.screen.hint(
            f"It listens on {host}: whoever reaches this machine reaches the server and the collector, without TLS."
        )
        if not address.startswith("https:"):
            run.screen.hint(
                "From other machines tokens work, but nobody can log in: passwords need TLS. Put a proxy with TLS in "
                "front, and its address as `url` into [server] of workspace.toml."
            )
    users = Users(_book(run))
    if users.wanting():
        link = address + link_of(users.link(_who()))
        run.screen.hint(f"Nobody may log in yet. This link makes you the admin, once: {link}")


def _say_link(run: Run, secret: str, name: str | None) -> None:
    from desirepath.server.access.users import link_of
    from desirepath.settings import Settings

    address = _address(Settings.read(find_workspace(run.chosen))) + link_of(secret, name)
    if run.as_json:
        return run.screen.document({"name": name, "link": address})
    run.screen.say(address)
    holds = "for a week" if name else "until it is used"
    return run.screen.hint(f"Open it to choose a password. It works once, and {holds}; it is shown this once.")


def _address(settings: Settings, host: str = HOST, port: int = PORT) -> str:
    """Where people find the server."""
    from desirepath.server.access.hosts import EVERYWHERE

    near = HOST if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return str(settings.server.get("url") or f"http://{near}:{port}").rstrip("/")


def _book(run: Run) -> Book:
    from desirepath.server.access.book import Book

    return Book(find_workspace(run.chosen))


def _who() -> str:
    from desirepath.server.access.users import COMMAND_LINE

    return COMMAND_LINE


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else value


__all__ = ["register", "say_where"]
