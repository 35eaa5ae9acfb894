"""How does a condition in a mapping become SQL? Through the filter language, with its values as literals."""

from __future__ import annotations

import re

from desirepath.connectors.columns import Columns
from desirepath.connectors.scratch import literal
from desirepath.errors import DesirepathError, MappingError
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import Sql

_PLACE = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\?""")


def condition_sql(text: str, columns: Columns, place: str | None) -> str:
    """Compile a filter over the columns of a file.

    Raises
    ------
    MappingError
        When it cannot be read, or names a column that is not there.
    """
    try:
        return inlined(compile_sql(Where.parse(text), columns, zone=place or "UTC"))
    except DesirepathError as problem:
        raise MappingError(f"The condition {text!r} cannot be used. {problem}") from None


def inlined(sql: Sql) -> str:
    """Return SQL with its values written into it as literals."""
    values = iter(sql.parameters)

    def write(found: re.Match[str]) -> str:
        if found[0] != "?":
            return found[0]
        value = next(values)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return f"CAST('{value!r}' AS DOUBLE)" if isinstance(value, float) else str(value)
        return literal(value)

    return _PLACE.sub(write, sql.text)
