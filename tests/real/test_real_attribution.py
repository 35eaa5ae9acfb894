"""Credit over 88,387 real paths, as events in a workspace, equals the known figures of every rule that has any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from real_data import DATA, expected, needs_data

import desirepath
from desirepath.statistics.coalitions import shapley, within
from desirepath.statistics.credit import Paths, credit
from desirepath.statistics.removal import chain_of, markov

pytestmark = needs_data

MAPPING = {
    "source": "paths",
    "tables": [
        {
            "files": "*.parquet",
            "key": ["id"],
            "identities": {"user_id": "person"},
            "channel": {"column": "channel"},
            "value": {"column": "worth", "currency": "EUR"},
            "events": [{"name": "{event}", "at": "at"}],
        }
    ],
}


def as_events(path: Path) -> None:
    """Write every path, once a journey, a touch a minute; a conversion is one more event."""
    rows = pq.read_table(DATA / "channelattribution_paths" / "paths.parquet").to_pylist()
    people, names, channels, minutes, worth = [], [], [], [], []
    person = 0
    for row in rows:
        touches = row["path"].split(" > ")
        for converted, times in ((True, int(row["total_conversions"])), (False, int(row["total_null"]))):
            for _ in range(times):
                steps = [*touches, None] if converted else touches
                people += [f"p{person}"] * len(steps)
                names += ["touch"] * len(touches) + ["conversion"] * converted
                channels += steps
                minutes += range(len(steps))
                each = row["total_conversion_value"] / times
                worth += [None] * len(touches) + [round(each, 6)] * converted
                person += 1
    people.append("late")
    names.append("far away")
    channels.append(None)
    minutes.append(100 * 24 * 60)
    worth.append(None)
    moments = np.array(minutes, dtype=np.int64) * 60_000_000 + 1_700_000_000_000_000
    table = {"id": np.arange(len(people)), "person": people, "event": names, "channel": channels, "worth": worth}
    pq.write_table(pa.table({**table, "at": pa.array(moments, pa.timestamp("us", tz="UTC"))}), path)


def test_every_rule_gives_the_known_credit(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    as_events(files / "paths.parquet")
    (files / "paths.yaml").write_text(json.dumps(MAPPING))
    with desirepath.create(tmp_path / "ws", time_zone="UTC") as ws:
        ws.import_files([files / "paths.parquet"], files / "paths.yaml")
        found = ws.ask("attribution", goal="conversion", touches="touch", apart="1 second", value="value")
        again = ws.ask("attribution", goal="conversion", touches="touch", apart="1 second", order=3)
    known = expected("channelattribution_paths")
    rows = {row["channel"]: row for row in found.table.to_pylist()}
    for rule in ("first", "last", "linear"):
        assert {name: row[rule] for name, row in rows.items()} == pytest.approx(known[rule], abs=5e-4)
        assert sum(row[rule] for row in rows.values()) == pytest.approx(known["conversions"], abs=1e-4)
    markov = {name: row["markov"] for name, row in rows.items()}
    assert markov == pytest.approx(known["markov1_exact_conversions"], abs=5e-3)
    effects = known["markov1_removal_effects"]
    assert {name: rows[name]["removal_effect"] for name in effects} == pytest.approx(effects, abs=5e-5)
    accounts = dict(zip(found.extras["accounts"]["what"], found.extras["accounts"]["paths"], strict=True))
    assert accounts["credited conversions"] == known["conversions"]
    assert accounts["paths to nothing"] == known["nulls"]
    share = found.extras["accounts"]["of_closed_paths"][0]
    assert share == pytest.approx(0.22384513559686)
    third = {row["channel"]: row["removal_effect"] for row in again.table.to_pylist()}
    assert {name: third[name] for name in MORE[3]["removal_effect"]} == pytest.approx(
        MORE[3]["removal_effect"], abs=2e-6
    )
    table = path_table()
    for rule, (column, by) in {
        "position": ("position", "conversions"),
        "shapley": ("shapley", "conversions"),
        "linear": ("linear_value", "worth"),
        "last": ("last_value", "worth"),
    }.items():
        wanted = dict(zip(table.names, credit(table, rule, by=by), strict=True))
        assert {name: row[column] for name, row in rows.items()} == pytest.approx(wanted, abs=0.02)
    assert sum(row["markov_value"] for row in rows.values()) == pytest.approx(known["value"], abs=0.02)
    onward = {row["channel"]: row for row in found.extra("chain").to_pylist()}
    assert onward["alpha"]["of_touches_converting"] == pytest.approx(0.2218, abs=5e-5)
    assert onward["alpha"]["further_touches"] == pytest.approx(3.22, abs=5e-3)


MORE: dict[int, dict[str, dict[str, float]]] = {
    1: {
        "removal_effect": {"alpha": 0.558399, "iota": 0.405835, "eta": 0.349026, "beta": 0.264039, "theta": 0.20601},
        "conversions": {"alpha": 5344.947682, "iota": 3884.614702, "eta": 3340.847402, "beta": 2527.352167},
        "value": {"alpha": 18799.170626, "iota": 14978.437288, "eta": 12991.736667, "mi": 5.444509},
    },
    2: {
        "removal_effect": {"alpha": 0.547803, "iota": 0.371594, "eta": 0.330767, "beta": 0.23791, "theta": 0.185526},
        "conversions": {"alpha": 5617.453854, "iota": 3810.511044, "eta": 3391.858163, "beta": 2439.648976},
        "value": {"alpha": 19194.515704, "iota": 14851.058994, "eta": 13007.576455, "mi": 6.191593},
    },
    3: {
        "removal_effect": {"alpha": 0.54642, "iota": 0.360379, "eta": 0.322834, "beta": 0.228673, "theta": 0.175845},
        "conversions": {"alpha": 5748.09865, "iota": 3791.029167, "eta": 3396.070645, "beta": 2405.53404},
        "value": {"alpha": 19409.809824, "iota": 14833.743301, "eta": 12982.208639, "mi": 6.262322},
    },
}
"""Of another implementation; order 1 equals marketing-attribution-models, all orders ChannelAttribution within the
error of its simulation."""

PLACED = {"alpha": 7444.823759, "iota": 3944.948166, "eta": 3618.796149, "zeta": 88.622864, "mi": 2.057143}
"""40, 20 and 40 %, equal to marketing-attribution-models."""


def path_table() -> Paths:
    """The paths as a table."""
    rows = pq.read_table(DATA / "channelattribution_paths" / "paths.parquet").to_pydict()
    return Paths.of(rows["path"], rows["total_conversions"], rows["total_null"], rows["total_conversion_value"])


def test_the_table_of_paths_gives_the_known_credit() -> None:
    paths, known = path_table(), expected("channelattribution_paths")
    for rule in ("first", "last", "linear"):
        assert dict(zip(paths.names, credit(paths, rule), strict=True)) == pytest.approx(known[rule], abs=5e-4)
    placed = dict(zip(paths.names, credit(paths, "position"), strict=True))
    assert {name: placed[name] for name in PLACED} == pytest.approx(PLACED, abs=1e-6)


@pytest.mark.parametrize("order", MORE)
def test_chains_of_each_order_give_the_known_credit(order: int) -> None:
    paths = path_table()
    found = markov(paths, order)
    assert found.chance == pytest.approx(0.22384513559686, abs=1e-13), "the empirical rate, whatever the order"
    assert found.credit.sum() == pytest.approx(19785)
    assert found.worth.sum() == pytest.approx(74802.9716)
    for name, values in (("removal_effect", found.effects), ("conversions", found.credit), ("value", found.worth)):
        got = dict(zip(paths.names, values, strict=True))
        assert {channel: got[channel] for channel in MORE[order][name]} == pytest.approx(MORE[order][name], abs=1e-6)


def test_longer_memory_tends_to_the_share_of_converting_paths() -> None:
    paths = path_table()
    place = list(paths.names).index("alpha")
    part = credit(paths, "participation")[place] / paths.conversions.sum()
    assert part == pytest.approx(0.54263, abs=5e-6)
    effects = [markov(paths, order).effects[place] for order in (1, 2, 3, 4)]
    assert effects == sorted(effects, reverse=True)
    assert effects[-1] - part < 0.004


def test_shapley_equals_the_sum_over_all_sets() -> None:
    """Of twelve channels: 4,096 sets."""
    paths = path_table()
    game = np.zeros(1 << paths.channels)
    bits = np.left_shift(1, paths.touches.astype(np.int64))
    np.add.at(game, np.bitwise_or.reduceat(bits, paths.starts[:-1]), paths.conversions)
    by_sets, closed = shapley(within(game, paths.channels)), credit(paths, "shapley")
    assert closed == pytest.approx(by_sets, abs=1e-9)
    got = dict(zip(paths.names, closed, strict=True))
    assert (got["alpha"], got["zeta"]) == (pytest.approx(7627.944, abs=5e-4), pytest.approx(199.992, abs=5e-4))


def test_what_follows_a_touch_hardly_depends_on_its_channel() -> None:
    paths = path_table()
    chain = chain_of(paths, 1)
    every = np.ones((len(chain.states), 1), dtype=np.bool_)
    chance = dict(zip(paths.names, chain.solve(chain.ending(), every)[1:, 0], strict=True))
    known = {"alpha": 0.2218, "beta": 0.2249, "eta": 0.2257, "iota": 0.2229, "epsilon": 0.2301, "mi": 0.2374}
    assert {name: chance[name] for name in known} == pytest.approx(known, abs=5e-5)
    on = chain.target >= 0
    going = np.bincount(chain.source[on], chain.counts[on], minlength=len(chain.states)) / chain.left
    further = dict(zip(paths.names, chain.solve(going, every)[1:, 0], strict=True))
    assert (further["alpha"], further["eta"]) == (pytest.approx(3.22, abs=5e-3), pytest.approx(2.36, abs=5e-3))
