"""What can be asked over HTTP? A question's fields, and whom and when to ask, as a body or as an address has them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class AskedOf(BaseModel):
    """Whom and when to ask of, as `Workspace.ask` takes it."""

    model_config = ConfigDict(extra="forbid")

    period: str | None = None
    filter: str | None = None
    cohort: str | None = None
    breakdown: str | None = None
    at: str = "entry"
    top: int = 10
    several: bool = False
    over: str | None = None
    compare: dict[str, str] | None = None
    sample: float = 1.0
    cutoff: str | None = None


class Asked(AskedOf):
    """A question's fields, and whom and when to ask it of."""

    fields: dict[str, Any] = Field(default_factory=dict, description="The question's own fields.")
    person: str | None = None
    unit: str = "person"
    use: str | None = None


__all__ = ["Asked", "AskedOf"]
