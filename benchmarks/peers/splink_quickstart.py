"""What does Splink find by itself, set up as in its quick start?

One ready-made comparison a field, rules to block on the names and on whatever else tells people apart, the share of
matches guessed from records that agree in both names, two rounds of learning. Records are linked among themselves.
"""

from __future__ import annotations

import logging
from typing import Any

import duckdb
import pyarrow as pa

FOUND = tuple[list[str], list[str], list[float]]


def pairs(records: pa.Table, fields: dict[str, Any]) -> FOUND:
    """Return ids and probabilities of the pairs that are more likely one person than not.

    Parameters
    ----------
    records
        Column `id` and the fields.
    fields
        Field to kind, as `desirepath.people.matching.suggest` takes them.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    name = {kind: field for field, kind in fields.items()}
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[_comparison(field, kind) for field, kind in fields.items()],
        blocking_rules_to_generate_predictions=[
            block_on(field) for field, kind in fields.items() if kind not in ("city", "text")
        ],
        retain_matching_columns=False,
    )
    with duckdb.connect() as connection:
        tables = DuckDBAPI(connection)
        linker = Linker(tables.register(_cleaned(records)), settings, log_level=None)
        both = (name["given_name"], name["family_name"])
        linker.training.estimate_probability_two_random_records_match([block_on(*both)], recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (both, (name["birth_date"],)):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        found = linker.inference.predict(threshold_match_probability=0.5).as_pyarrow_table()
    return tuple(found.column(each).to_pylist() for each in ("id_l", "id_r", "match_probability"))  # type: ignore[return-value]


def _cleaned(records: pa.Table) -> pa.Table:
    """Return the records with dates as the comparison of birth dates wants them."""
    connection = duckdb.connect()
    connection.register("records", records)
    dates = {"date_of_birth": "strftime(try_strptime(date_of_birth, '%Y%m%d'), '%Y-%m-%d') AS date_of_birth"}
    replaced = [sql for column, sql in dates.items() if column in records.column_names]
    return connection.sql(
        f"SELECT * {f'REPLACE ({replaced[0]})' if replaced else ''} FROM records"  # noqa: S608 - constants
    ).to_arrow_table()


def _comparison(field: str, kind: str) -> Any:
    import splink.comparison_library as ready

    if kind in ("given_name", "family_name"):
        return ready.NameComparison(field)
    if kind == "birth_date":
        return ready.DateOfBirthComparison(field, input_is_string=True)
    if kind == "email":
        return ready.EmailComparison(field)
    if kind in ("street", "personal_number", "phone"):
        return ready.LevenshteinAtThresholds(field, [1, 2])
    return ready.ExactMatch(field).configure(term_frequency_adjustments=True)
