"""Memory that is used again: what outlives a block stays as it was written."""

from __future__ import annotations

import threading

import numpy as np

from desirepath.journeys.scratch import _Piece, kept, let_go, scratch, shared, spare


def test_what_is_kept_stays_whatever_comes_later() -> None:
    rng = np.random.default_rng(4)
    held = []
    for block in range(200):
        room = spare(0, (40_000, 3), np.int64)
        many = int(rng.integers(0, 40_000))
        room[:] = -1
        room[:many] = block
        held.append((block, many, kept(0, room, many)))
    for block, many, rows in held:
        assert rows.shape == (many, 3)
        assert (rows == block).all()


def test_nothing_and_more_than_a_piece_find_room() -> None:
    assert kept(0, spare(0, (0, 4), np.int32), 0).shape == (0, 4)
    large = spare(0, (3_000_000,), np.int64)
    large[:] = 7
    whole = kept(0, large, len(large))
    spare(0, (3_000_000,), np.int64)[:] = 8
    assert (whole == 7).all()


def test_numbers_and_threads_have_memory_of_their_own() -> None:
    room = spare(0, (10,), np.int64)
    room[:] = 1
    spare(1, (10,), np.int64)[:] = 2
    other = threading.Thread(target=lambda: spare(0, (10,), np.int64).fill(3))
    other.start()
    other.join()
    assert (kept(0, room, 10) == 1).all()
    assert scratch("a", 5, np.int64).ctypes.data == scratch("a", 5, np.int64).ctypes.data


def test_memory_that_nobody_reads_is_used_again() -> None:
    let_go(beyond=1 << 30)
    held = [kept(7, spare(7, (100_000,), np.int64), 100_000) for _ in range(12)]
    places = {each.ctypes.data for each in held}
    held.clear()
    again = [kept(7, spare(7, (100_000,), np.int64), 100_000) for _ in range(12)]
    assert len({each.ctypes.data for each in again} & places) >= 8
    assert len({each.ctypes.data for each in again}) == 12
    let_go(beyond=0)
    again.clear()
    held.clear()
    assert not _Piece.idle
    let_go(beyond=1 << 30)


def test_few_rows_hold_no_room_for_many() -> None:
    room = spare(9, (100_000,), np.int64)
    room[:10] = 5
    few = kept(9, room, 10)
    assert few.base is None
    spare(9, (100_000,), np.int64)[:] = 6
    assert (few == 5).all()


def test_what_is_shared_is_as_long_as_asked_for_whoever_makes_it_anew() -> None:
    def slowly(many: int) -> np.ndarray:
        shared("numbers", 3, np.arange)  # as another thread would meanwhile
        return np.arange(many)

    assert shared("numbers", 1_000, slowly).tolist() == list(range(1_000))
    assert shared("numbers", 500, np.arange).tolist() == list(range(500))
