"""Sessions cut by time alone are the same whether events are moved or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desirepath.journeys.batch import JourneyBatch
from desirepath.journeys.sessions import SessionRule, cut_sessions, session_numbers, split_sessions

JOURNEYS = st.lists(st.lists(st.integers(0, 60), max_size=12).map(sorted), max_size=6)


@given(journeys=JOURNEYS, gap=st.integers(0, 12), longest=st.integers(1, 40))
def test_split_is_cut(journeys: list[list[int]], gap: int, longest: int) -> None:
    starts = np.concatenate(([0], np.cumsum([len(each) for each in journeys]))).astype(np.int64)
    time = np.array([moment for each in journeys for moment in each], dtype=np.int64)
    batch = JourneyBatch(np.arange(len(journeys)) * 3, starts, time, {"n": np.arange(len(time))})
    rule = SessionRule(gap=gap, longest=longest)
    number, ends = session_numbers(batch, rule)
    cut, _ = cut_sessions(batch, number, ends, rule)
    found = split_sessions(batch, rule)
    assert found.starts.tolist() == cut.starts.tolist()
    assert found.owner.tolist() == cut.owner.tolist()
    assert found.open_until.tolist() == cut.open_until.tolist()
    assert found.time.tolist() == cut.time.tolist()
    assert found.columns["n"].tolist() == cut.columns["n"].tolist()  # type: ignore[union-attr]
