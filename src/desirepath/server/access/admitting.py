"""Who lets others in? The routes for users, tokens and the audit log, for admins alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response

from desirepath.server.access import audit, forms
from desirepath.server.access.porter import Porter
from desirepath.server.access.tokens import holding
from desirepath.server.access.users import link_of
from desirepath.server.problems import problems
from desirepath.server.scopes import caller_of, needs

Named = Annotated[str, Path(description="Its name.", max_length=200)]


def install(app: FastAPI, porter: Porter) -> None:
    """Add the routes."""
    _everybody(app, porter)
    _programs(app, porter)
    _log(app, porter)


def _everybody(app: FastAPI, porter: Porter) -> None:
    @app.get("/api/users", summary="Who may log in", responses=problems(503), **needs("admin"))
    def everybody() -> list[forms.Listed]:
        return [forms.Listed(**one.to_dict()) for one in porter.users.all()]

    @app.post(
        "/api/users",
        summary="Invite somebody; the answer holds their one-time link",
        status_code=201,
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def invite(request: Request, given: forms.NewName) -> forms.Invited:
        caller = caller_of(request)
        secret = porter.users.add(caller.name, given.name, given.role, granting=caller.scopes)
        return forms.Invited(name=given.name, role=given.role, link=link_of(secret, given.name))

    @app.put(
        "/api/users/{name}",
        summary="Let a user do more or less",
        status_code=204,
        response_class=Response,
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def give(request: Request, name: Named, given: forms.NewRole) -> None:
        caller = caller_of(request)
        porter.users.change_role(caller.name, name, given.role, granting=caller.scopes)

    @app.post(
        "/api/users/{name}/link",
        summary="A new one-time link, such as for who forgot their password; links before it hold no longer",
        status_code=201,
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def link(request: Request, name: Named) -> forms.Link:
        return forms.Link(link=link_of(porter.users.link(caller_of(request).name, name), name))

    @app.delete(
        "/api/users/{name}",
        summary="Take a user away, with their sessions and the tokens that they made",
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def dismiss(request: Request, name: Named) -> forms.Gone:
        return forms.Gone(**porter.users.remove(caller_of(request).name, name))


def _programs(app: FastAPI, porter: Porter) -> None:
    @app.get("/api/tokens", summary="Which tokens there are", responses=problems(503), **needs("admin"))
    def tokens() -> list[forms.ListedToken]:
        return [forms.ListedToken(**one.to_dict()) for one in porter.tokens.all()]

    @app.post(
        "/api/tokens",
        summary="Make a token; the answer holds it, this once",
        status_code=201,
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def make(request: Request, given: forms.NewToken) -> forms.MadeToken:
        caller = caller_of(request)
        seconds = None if given.expires is None else holding(given.expires)
        token = porter.tokens.add(caller.name, given.name, given.scopes, seconds=seconds, granting=caller.scopes)
        return forms.MadeToken(name=given.name, token=token)

    @app.delete(
        "/api/tokens/{name}",
        summary="Take a token away",
        status_code=204,
        responses=problems(404, 422, 503),
        **needs("admin"),
    )
    def revoke(request: Request, name: Named) -> None:
        porter.tokens.remove(caller_of(request).name, name)


def _log(app: FastAPI, porter: Porter) -> None:
    @app.get("/api/audit", summary="Who did what", responses=problems(422, 503), **needs("admin"))
    def log(
        before: Annotated[int | None, Query(ge=0, le=2**62, description="Entries with a lower number.")] = None,
        most: Annotated[int, Query(ge=1, le=1000, description="How many.")] = 100,
        action: Annotated[str | None, Query(max_length=100)] = None,
        who: Annotated[str | None, Query(max_length=200)] = None,
        verify: Annotated[bool, Query(description="Go along the whole chain.")] = False,
    ) -> forms.AuditLog:
        found = audit.entries(porter.book, before=before, most=most, action=action, who=who)
        listed = [forms.ListedEntry(**one.to_dict()) for one in found]
        if not verify:
            return forms.AuditLog(entries=listed)
        chain = audit.verify(porter.book)
        said = forms.Chain(entries=chain.entries, head=chain.head, holds=chain.holds, broken_at=chain.broken_at)
        return forms.AuditLog(entries=listed, chain=said)


__all__ = ["install"]
