"""What can be asked over HTTP? A question's fields, and whom and when to ask, as a body or as an address has them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from desirepath.errors import InputError
from desirepath.server.formats import Format

Against = Annotated[
    str | None,
    Field(description="Beside what: another period, `cohort:NAME` or `filter:EXPRESSION`; the same as `compare`."),
]


class Whom(BaseModel):
    """Whom and when to ask of, as the address of a request has it."""

    model_config = ConfigDict(extra="forbid")

    period: str | None = Field(None, description="`2026-05`, `last 30 days`, `2026-05-01..2026-05-14`; all if none.")
    filter: str | None = Field(None, description="Which events count, such as `channel = 'web'`.")
    cohort: str | None = Field(None, description="Which people count: by an event that fits, or a segment's name.")
    breakdown: str | None = Field(None, description="A field to split by.")
    at: str = Field("entry", description="Where the value of the breakdown is taken.")
    top: int = Field(10, ge=1, le=1000, description="How many groups to show.")
    several: bool = Field(False, description="Whether a value of the breakdown may be a list.")
    over: str | None = Field(None, description="Ask of each `day`, `week`, `month`, `quarter` or `year` by itself.")
    against: Against = None
    sample: float = Field(1.0, gt=0, le=1, description="Share of people to ask.")
    cutoff: str | None = Field(None, description="Up to when the data is known.")


class Wider(BaseModel):
    """What questions can be asked with, and metrics cannot."""

    person: str | None = Field(None, description="One person: a handle, or an identity such as `email:ann@x.org`.")
    unit: str = Field("person", description="`person`, `session`, `account`, `entity`, `entity:TYPE` or `journey:MAP`.")
    use: str | None = Field(None, description="Which of a person's units count: `1`, `2..`.")
    like: str | None = Field(None, description="Count as another product would, such as `mixpanel`.")
    as_of: int | None = Field(None, description="By an earlier version of who is who.")
    changed_since: int | None = Field(None, description="Beside it what that version of who is who would have said.")
    identity_sensitivity: bool = Field(False, description="Beside it what stricter and looser rules would say.")


class Sending(BaseModel):
    """As what the answer is sent."""

    table: str | None = Field(None, description="A further table of the answer instead of the main one.")
    format: Format | None = Field(None, description="Instead of the `Accept` header.")


class AskedOf(Whom):
    """Whom and when to ask of, as the body of a request has it."""

    compare: dict[Literal["period", "filter", "cohort"], str] | None = Field(
        None, description="Beside another period, filter or cohort."
    )


class Asked(Wider, AskedOf):
    """A question's fields, and whom and when to ask it of."""

    fields: dict[str, Any] = Field(default_factory=dict, description="The question's own fields.")


class QuestionAddress(Sending, Wider, Whom):
    """A question's fields, and whom and when to ask it of, as an address has them."""

    fields: str = Field("{}", description="The question's own fields, as a JSON object.")


class MetricAddress(Sending, Whom):
    """Whom and when to ask a metric of, as an address has it."""


@dataclass(frozen=True)
class Wanted:
    """What is asked, of whom.

    Attributes
    ----------
    kind, name
        A question or a metric, and which.
    fields
        The question's own fields.
    whom
        What `Workspace.ask` takes of whom and when; nothing that is left out.
    """

    kind: Literal["question", "metric"]
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    whom: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same text for the same question of the same people."""
        return json.dumps([self.kind, self.name, self.fields, self.whom], sort_keys=True, default=str)


def wanted(kind: Literal["question", "metric"], name: str, asked: Whom) -> Wanted:
    """What a body or an address asks.

    Raises
    ------
    InputError
        If the fields in an address are no JSON object, or the comparison is given twice.
    """
    given = asked.model_dump(exclude_defaults=True, exclude={"fields", "table", "format", "against", "compare"})
    given = {key: value for key, value in given.items() if key in _WHOM and value is not None}
    compare: dict[str, str] | None = None
    if isinstance(asked, AskedOf) and asked.compare is not None:
        compare = {str(name): value for name, value in asked.compare.items()}
    if asked.against:
        if compare is not None:
            raise InputError("Say what it is compared with by `against` or by `compare`, not by both.")
        compare = _against(asked.against)
    if compare is not None:
        given["compare"] = compare
    fields = getattr(asked, "fields", {})
    if kind == "metric" and (
        odd := [name for name in ("fields", *Wider.model_fields) if name in asked.model_fields_set]
    ):
        _refuse_for_metric(asked, odd)
    return Wanted(kind, name.replace("_", "-") if kind == "metric" else name.replace("-", "_"), _fields(fields), given)


def refuse_halves(given: BaseModel) -> None:
    """Refuse text that holds half a character: it could be neither sent back nor written down.

    Raises
    ------
    InputError
        If there is any.
    """
    try:
        given.model_dump_json()
    except ValueError as problem:  # which pydantic's error is
        raise InputError("The text holds half a character: a surrogate without its other half.") from problem


def _refuse_for_metric(asked: Whom, given: list[str]) -> None:
    """Refuse what only questions can be asked with, where it says anything."""
    usual = {name: field.get_default(call_default_factory=True) for name, field in type(asked).model_fields.items()}
    odd = [name for name in given if getattr(asked, name) != usual[name]]
    if odd:
        raise InputError(
            f"A metric says by itself what it asks; {odd[0]!r} is for questions.", allowed=Whom.model_fields
        )


_WHOM = {*Whom.model_fields, *Wider.model_fields} - {"against"}


def _fields(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    try:
        found = json.loads(given)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"The fields are no JSON: {problem}.", looked="fields") from None
    if not isinstance(found, dict):
        raise InputError("The fields must be a JSON object.", allowed=['{"window": "7 days"}'], looked="fields")
    return found


def _against(text: str) -> dict[str, str]:
    for name in ("cohort", "filter", "period"):
        if text.startswith(f"{name}:"):
            return {name: text[len(name) + 1 :].strip()}
    return {"period": text}


__all__ = [
    "Asked",
    "AskedOf",
    "MetricAddress",
    "QuestionAddress",
    "Sending",
    "Wanted",
    "Whom",
    "refuse_halves",
    "wanted",
]
