"""Segments on disk are what was written, for us and for any other reader of Arrow files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from desirepath.errors import WorkspaceError
from desirepath.journeys.columns import Columns, Manifest, Segment, code_type, write_segment

PEOPLE = ["user_id:ann", "🦆", "x" * 300]


def written(
    folder: Path, *, people: list[str], starts: list[int], value: bool = True
) -> tuple[Segment, dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    size = starts[-1]
    events = {
        "time": np.sort(rng.integers(-(10**15), 10**15, size)),
        "name": rng.integers(0, 200, size).astype(np.uint8),
        "channel": rng.integers(0, 2000, size).astype(np.uint16),
        "source": rng.integers(0, 3, size).astype(np.uint8),
        "value": rng.random(size),
        "row": rng.permutation(size).astype(np.uint32),
    }
    if not value:
        del events["value"]
    hashes = rng.integers(0, 2**64, len(people), dtype=np.uint64)
    info = write_segment(folder / "one.arrow", pa.array(people, pa.string()), hashes, np.array(starts), events)
    assert (info.file, info.people, info.events) == ("one.arrow", len(people), size)
    return Segment(folder, info), {**events, "hash": hashes}


@pytest.mark.parametrize("starts", [[0, 2, 2, 9], [0, 0, 0, 0], [0, 1, 2, 3], [0, 5000, 5000, 70_000]])
def test_what_was_written_is_read(tmp_path: Path, starts: list[int]) -> None:
    segment, events = written(tmp_path, people=PEOPLE, starts=starts)
    assert segment.starts.tolist() == starts
    for name, values in events.items():
        assert segment.array(name).dtype == values.dtype
        assert np.array_equal(segment.array(name), values)
    assert segment.ids(np.array([2, 0, 1])).to_pylist() == [PEOPLE[2], PEOPLE[0], PEOPLE[1]]


def test_any_arrow_reader_can_open_it(tmp_path: Path) -> None:
    _, events = written(tmp_path, people=PEOPLE, starts=[0, 2, 2, 9])
    table = pa.ipc.open_file(tmp_path / "one.arrow").read_all()
    rows = table.to_pylist()
    assert [row["person"] for row in rows] == PEOPLE
    assert [len(row["events"]) for row in rows] == [2, 0, 7]
    assert [event["time"] for row in rows for event in row["events"]] == events["time"].tolist()


def test_a_column_without_a_value_is_left_out(tmp_path: Path) -> None:
    segment, _ = written(tmp_path, people=PEOPLE, starts=[0, 1, 2, 3], value=False)
    assert not segment.has("value")
    assert segment.has("row")


@pytest.mark.parametrize(("prices", "width"), [(3, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 8), (200_000, 8)])
def test_values_that_repeat_take_a_byte_or_two_each(tmp_path: Path, prices: int, width: int) -> None:
    size, rng = 400_000, np.random.default_rng(3)
    values = np.concatenate((np.arange(prices) / 8 - 2, rng.integers(0, prices, size - prices) / 8 - 2))
    values[rng.random(size) < 0.3] = np.nan
    values[:prices] = np.arange(prices) / 8 - 2
    values[-1] = np.nan
    events = {"time": np.arange(size), "value": values, "row": np.arange(size, dtype=np.uint32)}
    info = write_segment(tmp_path / "one.arrow", pa.array(["a"]), np.zeros(1, np.uint64), np.array([0, size]), events)
    segment = Segment(tmp_path, info)
    found = segment.array("value")
    assert found.dtype == np.float64 and not found.flags.writeable
    assert np.array_equal(found, values, equal_nan=True)
    assert np.array_equal(segment.array("time"), events["time"])
    assert info.size - 12 * size == pytest.approx(width * size + (8 * prices if width < 8 else 0), abs=4096)
    assert np.dtype(info.buffers["value"].dtype).itemsize == width
    told = pa.ipc.open_file(tmp_path / "one.arrow").read_all()["events"].combine_chunks().values.field("value")
    assert np.array_equal(told.to_numpy(zero_copy_only=False), values, equal_nan=True)


def test_a_segment_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    segment, _ = written(tmp_path, people=PEOPLE, starts=[0, 1, 2, 3])
    (tmp_path / "one.arrow").unlink()
    with pytest.raises(WorkspaceError, match="segment"):
        segment.array("time")


@pytest.mark.parametrize(
    ("labels", "kind"), [(1, np.uint8), (256, np.uint8), (257, np.uint16), (65_536, np.uint16), (65_537, np.uint32)]
)
def test_codes_take_the_smallest_type_that_holds_them(labels: int, kind: type) -> None:
    assert code_type(labels) is kind
    assert np.iinfo(kind).max >= labels - 1


def test_a_manifest_comes_back_and_the_old_set_goes(tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    assert columns.manifest() is None
    for number in (1, 2):
        folder = columns.begin(f"{number}-1")
        segment, _ = written(folder, people=PEOPLE, starts=[0, 2, 2, 9])
        codes = {"name": [None, "a'\n"], "channel": [None], "source": [None, "s"]}
        manifest = Manifest(number, 1, 9, 3, 9, -5, 7, codes, (segment.info,), folder.name)
        columns.publish(manifest)
        assert columns.manifest() == manifest
        assert [found.starts.tolist() for found in columns.blocks(manifest)] == [[0, 2, 2, 9]]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["2-1"]
    columns.drop()
    assert columns.manifest() is None
    assert list(tmp_path.iterdir()) == []
