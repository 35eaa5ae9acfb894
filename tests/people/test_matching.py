"""Records of one person without a shared identifier are found, whatever the order, and nothing is made up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_records import FIELDS, Records, records

from desirepath.errors import InputError, NotEnoughDataError, UnknownNameError
from desirepath.people import match_fields, match_keys

pytest.importorskip("splink", reason="suggestions need the extra 'match'")

from desirepath.people.matching import Suggested, suggest


def pairs(found: Suggested, least: float = 0.5) -> set[tuple[str, str]]:
    return {(row["a"], row["b"]) for row in found.pairs.to_pylist() if row["score"] >= least}


def reasons(found: Suggested, a: str, b: str) -> dict[str, str]:
    [row] = [row for row in found.pairs.to_pylist() if (row["a"], row["b"]) == (a, b)]
    return {reason["field"]: reason["says"] for reason in row["why"]}


@pytest.fixture(scope="module")
def made() -> Records:
    return records(300, doubles=30, seed=3)


@pytest.fixture(scope="module")
def found(made: Records) -> Suggested:
    return suggest(made.table, FIELDS)


# ---- what is found ------------------------------------------------------------------------------------------


def test_planted_doubles_are_found_and_nobody_else(made: Records, found: Suggested) -> None:
    assert len(pairs(found) & made.pairs) >= 29
    assert len(pairs(found, 0.95) - made.pairs) <= 1
    assert pairs(found, 0.99) <= made.pairs
    assert found.records == 330
    assert found.compared == tuple(FIELDS)
    assert found.left_out == {}


def test_each_pair_comes_once_in_order_with_reasons(found: Suggested) -> None:
    rows = found.pairs.to_pylist()
    assert all(row["a"] < row["b"] for row in rows)
    assert len({(row["a"], row["b"]) for row in rows}) == len(rows)
    assert all(0.5 <= row["score"] <= 1 for row in rows)
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    names = {*FIELDS, "address"} - {"street", "zip", "city"}
    for row in rows:
        assert {reason["field"] for reason in row["why"]} <= names
        for reason in row["why"]:
            assert not reason["says"].startswith("the same") or reason["weight"] >= 0
            assert reason["says"] != "different" or reason["weight"] <= 0


def test_what_is_missing_is_no_reason(made: Records, found: Suggested) -> None:
    known = {row["id"]: row for row in made.table.to_pylist()}
    for row in found.pairs.to_pylist():
        both = [name for name in FIELDS if known[row["a"]][name] and known[row["b"]][name]]
        said = {reason["field"] for reason in row["why"]}
        assert {"born", "phone", "mail"} & said == {"born", "phone", "mail"} & set(both)


def test_order_of_rows_and_fields_means_nothing(made: Records, found: Suggested) -> None:
    turned = made.table.take(list(range(made.table.num_rows - 1, -1, -1)))
    again = suggest(turned, dict(reversed(FIELDS.items())), threads=1)
    assert again.pairs.equals(found.pairs)
    assert again.looked_at == found.looked_at


def test_where_nobody_is_double_nothing_is_suggested() -> None:
    assert pairs(suggest(records(250, seed=8).table, FIELDS), 0.9) == set()


def test_a_household_is_not_one_person() -> None:
    made = records(300, doubles=20, together=0.5, seed=5)
    found = suggest(made.table, FIELDS)
    assert len(pairs(found) & made.pairs) >= 19
    assert len(pairs(found) - made.pairs) <= 2
    sure = {(row["a"], row["b"]) for row in found.pairs.to_pylist() if row["undisputed"] and row["score"] >= 0.99}
    assert sure <= made.pairs
    assert len(sure) >= 12


# ---- what is refused or left out ------------------------------------------------------------------------------


def test_too_few_records_are_refused(made: Records) -> None:
    with pytest.raises(NotEnoughDataError, match="49 records"):
        suggest(made.table.slice(0, 49), FIELDS)


def test_fields_that_say_nothing_are_left_out_and_named(made: Records) -> None:
    rows = made.table.num_rows
    table = made.table.append_column("land", [["DE"] * rows]).append_column("fax", [[None] * (rows - 3) + ["1"] * 3])
    found = suggest(table, {**FIELDS, "land": "text", "fax": "text"})
    assert found.left_out == {
        "land": "it is the same everywhere",
        "fax": "only 3 of 330 records have one that can be read",
    }
    assert found.compared == tuple(FIELDS)
    with pytest.raises(NotEnoughDataError, match="land: it is the same everywhere"):
        suggest(table, {"born": "birth_date", "land": "text"})


def test_wrong_questions_are_refused(made: Records) -> None:
    with pytest.raises(UnknownNameError, match="frist"):
        suggest(made.table, {"frist": "given_name"})
    with pytest.raises(UnknownNameError, match="surname"):
        suggest(made.table, {"last": "surname"})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="only one can be"):
        suggest(made.table, {"first": "given_name", "last": "given_name"})
    with pytest.raises(InputError, match="either it or them"):
        suggest(made.table, {"first": "full_name", "last": "family_name"})
    with pytest.raises(InputError, match="probability"):
        suggest(made.table, FIELDS, floor=1.5)
    with pytest.raises(InputError, match="id of its own"):
        suggest(pa.concat_tables([made.table, made.table]), FIELDS)


def test_without_splink_it_says_what_to_install(made: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    from desirepath.people import match_model

    monkeypatch.setattr(match_model.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'desirepath\[match\]'"):
        suggest(made.table, FIELDS)


def test_nothing_is_printed_and_no_file_is_made(
    made: Records, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    suggest(made.table.slice(0, 60), FIELDS)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


ALONE = """
import socket, sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("pandas", "altair", "requests"):
            raise ImportError(name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, sys.argv[1])
import splink
socket.socket = None
from made_records import FIELDS, records
from desirepath.people.matching import suggest
print(suggest(records(60).table, FIELDS).records)
"""


def test_it_needs_no_network_and_no_frame_library() -> None:
    folder = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", ALONE, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "60"


# ---- how values are read --------------------------------------------------------------------------------------


def read(kind: match_fields.FieldKind, values: list[str | None], **more: bool) -> dict[str, list[str | None]]:
    """The cleaned columns of one field."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("given", pa.table({"x": pa.array(values, pa.string())}))
        made = match_fields.cleaned({"x": kind}, **more)
        select = ", ".join(f"{sql} AS {column}" for column, (_, sql) in made.items())
        table = connection.sql(f"SELECT {select} FROM given").to_arrow_table()
    return {name: table.column(name).to_pylist() for name in made}


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("given_name", " Zoë-Marie ", "zoe marie"),
        ("given_name", "N/A", None),
        ("city", "Frankfurt/Main", "frankfurt main"),
        ("email", " Ann.Lee+shop@Example.org", "ann.lee@example.org"),
        ("email", "unknown", None),
        ("phone", "+49 (0)151-234 567 8", "512345678"),
        ("phone", "0049151 2345678", "512345678"),
        ("phone", "110", None),
        ("postcode", "SW1A 1AA", "sw1a1aa"),
        ("birth_date", "1990-4-3", "19900403"),
        ("birth_date", "19900403", "19900403"),
        ("birth_date", "3.4.1990", "19900403"),
        ("birth_date", "03/04/1990", "19900403"),
        ("birth_date", "1990-04-03T00:00:00Z", "19900403"),
        ("birth_date", "19901345", "19901345"),
        ("birth_date", "in spring", None),
    ],
)
def test_values_are_brought_into_one_form(kind: Any, given: str, wanted: str | None) -> None:
    [values] = read(kind, [given]).values()
    assert values == [wanted]


def test_a_full_name_is_taken_apart() -> None:
    made = read("full_name", ["Dr. Ann Marie Lee", "Lee, Ann", "Prince", None])
    assert made == {"given": ["ann", "ann", None, None], "family": ["lee", "lee", "prince", None]}


def test_month_first_is_seen_by_a_day_beyond_twelve() -> None:
    import duckdb

    sql = match_fields.month_first_sql("x")
    for values, wanted in (
        (["3/4/1990", "3/14/1990"], True),
        (["3/4/1990", "14/3/1990"], False),
        (["3/4/1990"], False),
    ):
        assert duckdb.sql(f"SELECT {sql} FROM (SELECT unnest({values}) AS x)").fetchall() == [(wanted,)]
    assert read("birth_date", ["3/4/1990"], month_first=True) == {"born": ["19900304"]}


@pytest.mark.slow
def test_full_names_do_as_well_as_their_parts() -> None:
    made = records(300, doubles=30, seed=3)
    names = [f"{row['last']}, {row['first']}" for row in made.table.to_pylist()]
    table = made.table.append_column("name", [names])
    fields = {name: kind for name, kind in FIELDS.items() if name not in ("first", "last")}
    found = suggest(table, {"name": "full_name", **fields})
    assert len(pairs(found) & made.pairs) >= 29
    row = found.pairs.to_pylist()[0]
    assert {"given name", "family name"} <= {reason["field"] for reason in row["why"]}


def test_swapped_names_are_seen_and_said() -> None:
    made = records(120, seed=2)
    rows = made.table.to_pylist()
    rows.append(
        {**rows[0], "id": "zz", "first": rows[0]["last"], "last": rows[0]["first"], "mail": None, "phone": None}
    )
    said = reasons(suggest(pa.Table.from_pylist(rows), FIELDS), rows[0]["id"], "zz")
    assert said["first"] == "given and family name stand in each other's place"
    assert said["born"] == "the same"
    assert "last" not in said  # the given name has said it


# ---- which pairs are looked at -----------------------------------------------------------------------------


def test_the_budget_of_pairs_holds() -> None:
    made = records(2000, seed=4)
    crowd = made.table.set_column(made.table.column_names.index("city"), "city", [["Berlin"] * 1999 + ["Bonn"]])
    found = suggest(crowd, {"first": "given_name", "last": "family_name", "city": "city"})
    assert 0 < found.looked_at <= match_keys.budget(2000)


def test_keys_are_of_two_fields_or_of_one() -> None:
    made = match_keys.keys(["given", "family", "postcode"])
    assert "given" in made
    assert "family || '|' || postcode" in made
    assert "given || '|' || left(given, 3)" not in made


# ---- what the scores are made of ---------------------------------------------------------------------------


def test_the_share_of_matches_is_what_the_scores_add_up_to() -> None:
    from desirepath.people.match_model import share_of_matches

    sure, doubtful, none = np.full(1000, 40.0), np.full(1000, np.log2(1 / 0.002)), np.full(5000, 2.0)
    share = share_of_matches(np.concatenate([sure, doubtful, none]), 1e6)
    weights = np.concatenate([sure, doubtful, none])
    odds = share / (1 - share) * np.exp2(weights)
    assert share == pytest.approx((odds / (1 + odds)).sum() / 1e6, rel=1e-6)
    assert 0.001 < share < 0.003
    assert share_of_matches(np.zeros(0), 1e6) == 0.5 / 1e6


def test_mistakes_are_believed_where_nobody_lives_together() -> None:
    """Two personal fields, each wrong in a tenth of 1,000 pairs: both are wrong in about ten by mistake."""
    from desirepath.people.matching import _households

    bits = np.full((1000, 2), 8.0)
    bits[:100, 0] = -3.0
    bits[90:190, 1] = -3.0
    known, likely = np.ones_like(bits, dtype=bool), np.ones(1000, dtype=bool)
    assert _households(bits, known, likely).sum() == 0
    crowded = np.concatenate([bits, np.full((200, 2), -3.0)])
    known, likely = np.ones_like(crowded, dtype=bool), np.ones(1200, dtype=bool)
    assert _households(crowded, known, likely).sum() == 210
    assert _households(np.zeros((0, 2)), np.zeros((0, 2), dtype=bool), np.zeros(0, dtype=bool)).sum() == 0


# ---- hostile input -------------------------------------------------------------------------------------------

HOSTILE = ("'; DROP TABLE records; --", '"', "\\", "\x00", "\N{GRINNING FACE}", "a" * 5000, "%s", "{x}")


def test_hostile_values_and_names_of_columns_do_no_harm() -> None:
    names = [HOSTILE[n % 8] + str(n // 2) for n in range(450)]
    dates = [("1.1.1990", "31/12/1980", "0000-00-00", "99999999", None)[n % 5] for n in range(450)]
    table = pa.table({"id": range(450), 'od"d; col': names, "b": names[::-1], "born": dates})
    fields: dict[str, Any] = {'od"d; col': "street", "b": "full_name", "born": "birth_date"}
    assert suggest(table, fields).records == 450


def test_what_no_two_records_share_gives_nothing() -> None:
    values = [[f"{n * step % 99991:06d}" for n in range(450)] for step in (7919, 104729)]
    found = suggest(pa.table({"id": range(450), "a": values[0], "b": values[1]}), {"a": "text", "b": "personal_number"})
    assert (found.looked_at, found.pairs.num_rows) == (0, 0)


def test_short_memory_is_told_as_the_database_tells_it(made: Records) -> None:
    import duckdb

    with pytest.raises(duckdb.OutOfMemoryException):
        suggest(records(3000, seed=1).table, FIELDS, memory="20MB")
