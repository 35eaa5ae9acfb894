"""Damaged CSV files: no line is lost, none takes others with it, each rejected one says why and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import SIMPLE, csv_of, import_files

GOOD = b"ann,2024-01-01 10:00:00,visit,a\n"
HEADER = b"user,at,what,note\n"

CASES: dict[str, tuple[bytes, int, list[tuple[int | None, str, bytes]]]] = {
    "sound": (HEADER + GOOD * 2, 2, []),
    "no last line end": (HEADER + GOOD * 2 + GOOD.strip(), 3, []),
    "header only": (HEADER, 0, []),
    "header without line end": (HEADER.strip(), 0, []),
    "blank lines": (HEADER + b"\n" + GOOD + b"\n\n" + GOOD + b"\n", 2, []),
    "byte order mark": (b"\xef\xbb\xbf" + HEADER + GOOD, 1, []),
    "carriage return and line feed": ((HEADER + GOOD * 2).replace(b"\n", b"\r\n"), 2, []),
    "carriage returns alone": ((HEADER + GOOD * 2).replace(b"\n", b"\r"), 2, []),
    "mixed line ends": (
        HEADER + GOOD.replace(b"\n", b"\r\n") + GOOD + GOOD.replace(b"\n", b"\r") + GOOD,
        4,
        [],
    ),
    "too few columns": (
        HEADER + GOOD + b"bob,2024-01-01\n" + GOOD,
        2,
        [(3, "columns_missing", b"bob,2024-01-01")],
    ),
    "too many columns": (
        HEADER + b"bob,2024-01-01,x,y,z\n" + GOOD,
        1,
        [(2, "columns_extra", b"bob,2024-01-01,x,y,z")],
    ),
    "broken UTF-8": (
        HEADER + GOOD + b"b\xffb,2024-01-01,x,y\n" + GOOD,
        2,
        [(3, "encoding", b"b\xffb,2024-01-01,x,y")],
    ),
    "overlong UTF-8": (
        HEADER + b"b\xc0\xafb,2024-01-01,x,y\n" + GOOD,
        1,
        [(2, "encoding", b"b\xc0\xafb,2024-01-01,x,y")],
    ),
    "NUL": (HEADER + GOOD + b"b\0b,2024-01-01,x,y\n", 1, [(3, "nul_character", b"b\0b,2024-01-01,x,y")]),
    "quote never closed": (
        HEADER + b'bob,2024-01-01,x,"y\n' + GOOD * 3,
        3,
        [(2, "quote_unbalanced", b'bob,2024-01-01,x,"y')],
    ),
    "quote closed lines later": (
        HEADER + b'bob,2024-01-01,x,"y\n' + GOOD * 2 + b'cyd,2024-01-01,x,"z"\n' + GOOD,
        4,
        [(2, "quote_unbalanced", b'bob,2024-01-01,x,"y')],
    ),
    "text behind a closing quote": (
        HEADER + b'"b"ob,2024-01-01,x,y\n' + GOOD,
        1,
        [(2, "quote_unbalanced", b'"b"ob,2024-01-01,x,y')],
    ),
    "quote inside a field": (HEADER + b'bob,2024-01-01,5" pipe,y\n' + GOOD, 2, []),
    "doubled quotes": (HEADER + b'bob,2024-01-01,"say ""hi""",y\n' + GOOD, 2, []),
    "line break in quotes": (HEADER + b'bob,2024-01-01,x,"two\nlines"\n' + GOOD, 2, []),
    "line break in quotes beside damage": (
        HEADER + b'bob,2024-01-01,x,"two\nlines"\n' + b"short\n" + GOOD,
        2,
        [(4, "columns_missing", b"short")],
    ),
    "broken UTF-8 inside quotes over lines": (
        HEADER + b'bob,2024-01-01,x,"two\n\xff\nlines"\n' + GOOD,
        1,
        [(2, "encoding", b'bob,2024-01-01,x,"two\n\xff\nlines"')],
    ),
    "delimiters in quotes": (HEADER + b'bob,2024-01-01,x,"a,b,c"\n' + GOOD, 2, []),
    "everything at once": (
        HEADER + GOOD + b"s\n" + b"\xff,2024-01-01,x,y\n" + b"a,b,c,d,e\n" + b'q,2024-01-01,x,"\n' + GOOD,
        2,
        [
            (3, "columns_missing", b"s"),
            (4, "encoding", b"\xff,2024-01-01,x,y"),
            (5, "columns_extra", b"a,b,c,d,e"),
            (6, "quote_unbalanced", b'q,2024-01-01,x,"'),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_line_is_read_or_set_aside_with_its_place(tmp_path: Path, case: str) -> None:
    content, events, rejected = CASES[case]
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert len(result.events) == events
    assert result.reasons() == rejected
    assert result.counts.rows == events + len(rejected)


def test_content_survives_careful_reading(tmp_path: Path) -> None:
    content = HEADER + b'bob,2024-01-01,x,"two\nlines"\n' + b"short\n" + b'c"yd,2024-01-01,"say ""hi""",\xc3\xa9\n'
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert [event["name"] for event in result.in_order()] == ["x", 'say "hi"']
    assert result.properties() == [{"note": "two\nlines"}, {"note": "é"}]


def test_a_row_rejected_by_the_mapping_names_its_physical_line(tmp_path: Path) -> None:
    content = HEADER + b'bob,2024-01-01,x,"two\nlines"\n\n' + b"cyd,never,x,y\n" + GOOD
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    (row,) = result.quarantine
    assert (row["line"], row["record"], row["reason_code"]) == (5, 2, "time_unreadable")
    assert "never" in row["reason"]
    assert b'"user":"cyd"' in row["raw"]


def test_lines_are_right_when_records_span_chunks(tmp_path: Path) -> None:
    rows = [b"u%d,2024-01-01,x,%s\n" % (n, b'"a\nb"' if n % 3 == 0 else b"c" * 40) for n in range(400_000)]
    rows[399_998] = b"u,never,x,y\n"
    content = HEADER + b"".join(rows)
    line = 1 + content[: content.index(b"u,never")].count(b"\n")
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert result.table.num_rows == 399_999
    assert result.reasons()[0][:2] == (line, "time_unreadable")


def test_damage_is_found_in_every_chunk(tmp_path: Path) -> None:
    rows = [b"u%d,2024-01-01,x,%s\n" % (n, b'"q,q"' if n % 7 == 0 else b"c" * 60) for n in range(300_000)]
    for place in (0, 99_999, 150_000, 299_999):
        rows[place] = b"u,\xff,x,y\n"
    rows[200_000] = b'u,2024-01-01,x,"open\n'
    content = HEADER + b"".join(rows)
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert result.table.num_rows == 299_995
    assert [line for line, *_ in result.reasons()] == [2, 100_001, 150_002, 200_002, 300_001]


def test_a_cell_of_ten_megabytes_is_kept(tmp_path: Path) -> None:
    content = HEADER + b"bob,2024-01-01,x," + b"y" * 10_000_000 + b"\n" + GOOD
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert len(result.events) == 2
    assert len(result.properties()[0]["note"]) == 10_000_000


@pytest.mark.parametrize("ends", [True, False])
def test_a_line_of_twenty_megabytes_is_set_aside(tmp_path: Path, ends: bool) -> None:
    content = HEADER + GOOD + b"bob,2024-01-01,x," + b"y" * 20_000_000 + (b"\n" + GOOD if ends else b"")
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert len(result.events) == (2 if ends else 1)
    assert [entry[:2] for entry in result.reasons()] == [(3, "line_too_long")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \n"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE)
    assert (result.events, result.quarantine, result.counts.rows) == ([], [], 0)
    assert any("log.csv" in text and "empty" in text for text in result.counts.warnings)


def test_an_empty_file_among_others_stops_nothing(tmp_path: Path) -> None:
    result = import_files(
        tmp_path,
        {"a.csv": HEADER + GOOD, "b.csv": b"", "c.csv": HEADER + GOOD.replace(b"ann", b"bob")},
        SIMPLE,
    )
    assert [event["record"] for event in result.in_order()] == [1, 2]
    assert any("b.csv" in text for text in result.counts.warnings)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
        ("utf-16", "utf-16"),
        ("utf-16", None),
        ("utf-16-le", "utf-16-le"),
        ("cp850", "cp850"),
    ],
)
def test_other_encodings(tmp_path: Path, encoding: str, declared: str | None) -> None:
    content = (HEADER + "Zoë,2024-01-01,visite,déjà\n".encode() + GOOD).decode().encode(encoding)
    mapping = SIMPLE if declared is None else SIMPLE.replace("source: shop", f"source: shop\nencoding: {declared}")
    result = import_files(tmp_path, {"log.csv": content}, mapping)
    assert result.in_order()[0]["identities"] == [{"kind": "user_id", "value": "Zoë"}]
    assert result.properties()[0] == {"note": "déjà"}


def test_a_byte_that_the_declared_encoding_lacks_costs_its_line(tmp_path: Path) -> None:
    content = HEADER + b"a\x81b,2024-01-01,x,y\n" + "Zoë,2024-01-01,x,y\n".encode("cp1252")
    result = import_files(
        tmp_path, {"log.csv": content}, SIMPLE.replace("source: shop", "source: shop\nencoding: cp1252")
    )
    assert result.reasons() == [(2, "encoding", b"a\x81b,2024-01-01,x,y")]
    assert result.in_order()[0]["identities"][0]["value"] == "Zoë"


def test_a_gzip_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    import gzip

    from desirepath.errors import InputError

    packed = gzip.compress(HEADER + GOOD * 10_000)
    with pytest.raises(InputError, match="damaged"):
        import_files(tmp_path, {"log.csv.gz": packed[: len(packed) // 2]}, SIMPLE)
    assert not list(tmp_path.glob("archive*"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    content = (HEADER + b"ann,2024-01-01 10:00:00,visit,a b\n" * 3).replace(b",", delimiter.encode())
    assert len(import_files(tmp_path, {"log.csv": content}, SIMPLE).events) == 3


def test_lines_before_the_header_are_skipped(tmp_path: Path) -> None:
    content = b"Report of today\n;;;\n" + HEADER + GOOD + b"bob,never,x,y\n"
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE.replace("source: shop", "source: shop\nskip: 2"))
    assert len(result.events) == 1
    assert result.reasons()[0][:2] == (5, "time_unreadable")


def test_without_quotes_a_quote_is_a_character(tmp_path: Path) -> None:
    content = HEADER + b'"bob,2024-01-01,x,y"\n' + b'c,2024-01-01,x,"\n'
    result = import_files(tmp_path, {"log.csv": content}, SIMPLE.replace("source: shop", 'source: shop\nquote: ""'))
    assert [event["identities"][0]["value"] for event in result.in_order()] == ['"bob', "c"]


def test_equal_lines_all_stay(tmp_path: Path) -> None:
    result = import_files(tmp_path, {"log.csv": csv_of(*["ann,2024-01-01,x,y"] * 3)}, SIMPLE)
    assert len(result.ids()) == 3
