"""What do the routes of access take and tell? The forms of their bodies, for the OpenAPI document and the checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from desirepath.server.scopes import Role, Scope

Name = Annotated[str, Field(max_length=200)]
Secret = Annotated[str, Field(max_length=2000)]
GivenScope = Literal["ingest", "read", "analyst", "admin", "erase"]


class Body(BaseModel):
    """A body in which nothing stands that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class SetUp(Body):
    """A one-time link is used."""

    token: Secret = Field(description="What stands behind `#token=` in the link.")
    name: Name = Field(default="", description="What the first admin wants to be called; others have their name.")
    password: Secret = Field(description="10 characters or more.")


class Login(Body):
    """Somebody tells who they are."""

    name: Name
    password: Secret


class NewPassword(Body):
    """A password for another."""

    old: Secret
    new: Secret


class NewName(Body):
    """Somebody is invited."""

    name: Name
    role: Role = "viewer"


class NewRole(Body):
    """What a user may do from now on."""

    role: Role


class NewToken(Body):
    """A program gets a token."""

    name: Name
    scopes: list[GivenScope] = Field(min_length=1, max_length=5)
    expires: str | None = Field(default=None, max_length=100, description="How long it holds, such as `90 days`.")


class WhoIsIt(BaseModel):
    """Who has logged in."""

    name: str
    role: Role | None = Field(default=None, description="None for a token.")
    scopes: list[Scope]


class Button(BaseModel):
    """Login by a provider."""

    name: str
    url: str


class About(BaseModel):
    """What the page must know of the workspace."""

    name: str
    time_zone: str
    currency: str
    week_start: str


class Standing(BaseModel):
    """How things stand: is there an admin, who has logged in, and what their unsafe requests must carry."""

    setup: bool = Field(description="Whether there is no admin yet; the one-time link of `desirepath serve` makes one.")
    user: WhoIsIt | None = None
    csrf: str | None = Field(default=None, description="For the header X-CSRF-Token.")
    oidc: Button | None = None
    workspace: About | None = None


class Listed(BaseModel):
    """A user."""

    name: str
    role: Role
    by: Literal["password", "provider", "link"]
    made_at: str | None
    made_by: str
    entered_at: str | None
    sessions: int


class Invited(BaseModel):
    """A user who has not chosen a password yet, with the address at which they do."""

    name: str
    role: Role
    link: str = Field(description="Relative to the server's address; it holds for a week, and is shown this once.")


class Link(BaseModel):
    """A one-time link."""

    link: str = Field(description="Relative to the server's address; it holds for a week, and is shown this once.")


class Gone(BaseModel):
    """What went with a user."""

    sessions: int
    tokens: int


class ListedToken(BaseModel):
    """A token, without its secret."""

    name: str
    scopes: list[Scope]
    made_at: str | None
    made_by: str
    until: str | None
    used_at: str | None


class MadeToken(BaseModel):
    """A new token."""

    name: str
    token: str = Field(description="It is shown this once.")


class ListedSession(BaseModel):
    """A login."""

    id: str
    agent: str
    made_at: str | None
    seen_at: str | None
    here: bool = Field(description="Whether it is the one that asks.")


class ListedEntry(BaseModel):
    """An entry of the audit log."""

    number: int
    at: str
    who: str
    action: str
    about: str | None
    details: dict[str, Any]
    hash: str


class Chain(BaseModel):
    """Whether no entry was changed or taken out."""

    entries: int
    head: str
    holds: bool
    broken_at: int | None


class AuditLog(BaseModel):
    """Entries, newest first."""

    entries: list[ListedEntry]
    chain: Chain | None = Field(default=None, description="With `verify=true`.")


__all__ = [
    "About",
    "AuditLog",
    "Button",
    "Chain",
    "Gone",
    "Invited",
    "Link",
    "Listed",
    "ListedEntry",
    "ListedSession",
    "ListedToken",
    "Login",
    "MadeToken",
    "NewName",
    "NewPassword",
    "NewRole",
    "NewToken",
    "SetUp",
    "Standing",
    "WhoIsIt",
]
