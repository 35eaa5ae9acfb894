"""Credit over 88,387 real paths, as events in a workspace, equals the known figures of every rule that has any."""

from __future__ import annotations

import json
from dataclasses import replace
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
        asked = {"goal": "conversion", "touches": "touch", "apart": "1 second", "half_life": "1 minute"}
        found = ws.ask("attribution", **asked, value="value")
        again = ws.ask("attribution", **asked, order=3)
    known = expected("channelattribution_paths")
    rows = {row["channel"]: row for row in found.table.to_pylist()}
    for rule in ("first", "last", "linear"):
        assert {name: row[rule] for name, row in rows.items()} == pytest.approx(known[rule], abs=5e-4)
        assert sum(row[rule] for row in rows.values()) == pytest.approx(known["conversions"], abs=1e-4)
    for rule, wanted in (("position", PLACED), ("shapley", SHAPLEY), ("decay", AGED)):
        assert {name: row[rule] for name, row in rows.items()} == pytest.approx(wanted, abs=2e-5), rule
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
        "removal_effect": {
            "eta": 0.349026, "iota": 0.405835, "alpha": 0.558399, "beta": 0.264039, "theta": 0.20601,
            "lambda": 0.134022, "kappa": 0.028663, "zeta": 0.039811, "epsilon": 0.062639, "gamma": 0.01788,
            "delta": 0.000482, "mi": 0.00018,
        },
        "conversions": {
            "eta": 3340.847402, "iota": 3884.614702, "alpha": 5344.947682, "beta": 2527.352167,
            "theta": 1971.91288, "lambda": 1282.847223, "kappa": 274.363256, "zeta": 381.062553,
            "epsilon": 599.57065, "gamma": 171.145443, "delta": 4.613618, "mi": 1.722425,
        },
        "value": {
            "eta": 12991.736667, "iota": 14978.437288, "alpha": 18799.170626, "beta": 9687.809216,
            "theta": 7511.048475, "lambda": 5142.720297, "kappa": 1136.092538, "zeta": 1468.703015,
            "epsilon": 2348.653825, "gamma": 719.236746, "delta": 13.918384, "mi": 5.444509,
        },
    },
    2: {
        "removal_effect": {
            "eta": 0.330767, "iota": 0.371594, "alpha": 0.547803, "beta": 0.23791, "theta": 0.185526,
            "lambda": 0.115995, "kappa": 0.025942, "zeta": 0.036475, "epsilon": 0.059913, "gamma": 0.016765,
            "delta": 0.000503, "mi": 0.000202,
        },
        "conversions": {
            "eta": 3391.858163, "iota": 3810.511044, "alpha": 5617.453854, "beta": 2439.648976,
            "theta": 1902.47361, "lambda": 1189.472022, "kappa": 266.027054, "zeta": 374.031325,
            "epsilon": 614.373523, "gamma": 171.918183, "delta": 5.159056, "mi": 2.073189,
        },
        "value": {
            "eta": 13007.576455, "iota": 14851.058994, "alpha": 19194.515704, "beta": 9759.590909,
            "theta": 7392.077194, "lambda": 4861.827308, "kappa": 1132.757839, "zeta": 1440.235707,
            "epsilon": 2395.633926, "gamma": 747.036066, "delta": 14.469892, "mi": 6.191593,
        },
    },
    3: {
        "removal_effect": {
            "eta": 0.322834, "iota": 0.360379, "alpha": 0.54642, "beta": 0.228673, "theta": 0.175845,
            "lambda": 0.109391, "kappa": 0.025119, "zeta": 0.035207, "epsilon": 0.059264, "gamma": 0.016967,
            "delta": 0.000482, "mi": 0.000202,
        },
        "conversions": {
            "eta": 3396.070645, "iota": 3791.029167, "alpha": 5748.09865, "beta": 2405.53404,
            "theta": 1849.812647, "lambda": 1150.74002, "kappa": 264.239346, "zeta": 370.362997,
            "epsilon": 623.432061, "gamma": 178.482808, "delta": 5.070844, "mi": 2.126775,
        },
        "value": {
            "eta": 12982.208639, "iota": 14833.743301, "alpha": 19409.809824, "beta": 9749.211539,
            "theta": 7275.253092, "lambda": 4756.692687, "kappa": 1135.045029, "zeta": 1421.574882,
            "epsilon": 2431.868863, "gamma": 787.060922, "delta": 14.240488, "mi": 6.262322,
        },
    },
}  # fmt: skip
"""Of another implementation; order 1 equals marketing-attribution-models, all orders ChannelAttribution within the
error of its simulation."""

PLACED = {
    "eta": 3618.796149, "iota": 3944.948166, "alpha": 7444.823759, "beta": 1969.766179, "theta": 1092.744472,
    "lambda": 1046.903901, "gamma": 125.240911, "epsilon": 301.050233, "kappa": 147.459557, "zeta": 88.622864,
    "mi": 2.057143, "delta": 2.586667,
}  # fmt: skip
"""40, 20 and 40 %, equal to marketing-attribution-models."""

SHAPLEY = {
    "alpha": 7627.944048, "beta": 1982.739286, "delta": 2.292857, "epsilon": 374.677381, "eta": 3613.655952,
    "gamma": 138.185714, "iota": 3505.044048, "kappa": 159.057143, "lambda": 987.782143, "mi": 2.666667,
    "theta": 1190.963095, "zeta": 199.991667,
}  # fmt: skip
"""Of the game in which a set of channels is worth the conversions of paths that touch no other."""

AGED = {
    "eta": 3796.251946, "iota": 3522.45078, "alpha": 8046.628115, "beta": 1599.388346, "theta": 864.872374,
    "lambda": 1126.505321, "gamma": 105.885513, "epsilon": 402.682628, "kappa": 186.427757, "zeta": 128.450485,
    "mi": 2.500978, "delta": 2.955756,
}  # fmt: skip
"""Half the weight a touch back, where a touch is one half-life older than the next."""


def path_table() -> Paths:
    """The paths as a table."""
    rows = pq.read_table(DATA / "channelattribution_paths" / "paths.parquet").to_pydict()
    return Paths.of(rows["path"], rows["total_conversions"], rows["total_null"], rows["total_conversion_value"])


def test_the_table_of_paths_gives_the_known_credit() -> None:
    paths, known = path_table(), expected("channelattribution_paths")
    for rule in ("first", "last", "linear"):
        assert dict(zip(paths.names, credit(paths, rule), strict=True)) == pytest.approx(known[rule], abs=5e-4)
    placed = dict(zip(paths.names, credit(paths, "position"), strict=True))
    assert placed == pytest.approx(PLACED, abs=1e-6)
    assert dict(zip(paths.names, credit(paths, "shapley"), strict=True)) == pytest.approx(SHAPLEY, abs=1e-6)
    lengths = np.diff(paths.starts)
    aged = replace(paths, ages=np.repeat(paths.starts[1:], lengths) - 1.0 - np.arange(len(paths.touches)))
    assert dict(zip(paths.names, credit(aged, "decay"), strict=True)) == pytest.approx(AGED, abs=1e-6)


@pytest.mark.parametrize("order", MORE)
def test_chains_of_each_order_give_the_known_credit(order: int) -> None:
    paths = path_table()
    found = markov(paths, order)
    assert found.chance == pytest.approx(0.22384513559686, abs=1e-13), "the empirical rate, whatever the order"
    assert found.credit.sum() == pytest.approx(19785)
    assert found.worth.sum() == pytest.approx(74802.9716)
    for name, values in (("removal_effect", found.effects), ("conversions", found.credit), ("value", found.worth)):
        got = dict(zip(paths.names, values, strict=True))
        assert got == pytest.approx(MORE[order][name], abs=1e-6)


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
