"""What do the libraries for attribution say of a table of paths, and how long does it take them?

    python attribution_peers.py channelattribution paths.csv        or mam

Reads `path, conversions, nulls`, prints seconds and credit by rule as JSON. Each library runs in an environment of its
own: ChannelAttribution is under the GPL, and nothing of either is part of this project.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

REQUIREMENTS = {
    # its import needs matplotlib, which it does not name
    "channelattribution": ("ChannelAttribution==2.2.5", "matplotlib"),
    "mam": ("marketing-attribution-models==2.1.1",),
}


def timed(work: Callable[[], dict[str, float]]) -> dict[str, Any]:
    """Return what a piece of work gives, and its seconds."""
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        credit = work()
    return {"seconds": time.perf_counter() - began, "credit": credit}


def channelattribution(place: str) -> dict[str, dict[str, Any]]:
    """Heuristics, and Markov of first to third order by simulation with a fixed seed."""
    pandas = importlib.import_module("pandas")
    with contextlib.redirect_stdout(io.StringIO()):
        package = importlib.import_module("ChannelAttribution")
    frame = pandas.read_csv(place)

    def heuristics(column: str) -> dict[str, float]:
        found = package.heuristic_models(frame, "path", "conversions", sep=">", flg_pro=False)
        return dict(zip(found["channel_name"], found[column], strict=True))

    def markov(order: int) -> dict[str, float]:
        found = package.markov_model(
            frame, "path", "conversions", var_null="nulls", order=order, seed=1, sep=">", verbose=False, flg_pro=False
        )
        return dict(zip(found["channel_name"], found["total_conversions"], strict=True))

    rules = {"first": "first_touch", "last": "last_touch", "linear": "linear_touch"}
    done = {rule: timed(lambda column=column: heuristics(column)) for rule, column in rules.items()}
    return done | {f"markov {order}": timed(lambda order=order: markov(order)) for order in (1, 2, 3)}


def mam(place: str) -> dict[str, dict[str, Any]]:
    """First, last, linear, by place, and Markov of first order: removal effects and what it makes of them."""
    pandas, package = importlib.import_module("pandas"), importlib.import_module("mam")
    frame = pandas.read_csv(place)
    rows = []
    for path, won, lost in frame.itertuples(index=False):
        rows += [(path, flag, times) for flag, times in ((True, won), (False, lost)) if times]
    table = pandas.DataFrame(rows, columns=["path", "converts", "times"])

    def load() -> Any:
        return package.MAM(
            table,
            format_type="grouped_journey",
            channels_colname="path",
            journey_with_conv_colname="converts",
            occurrences_colname="times",
            path_separator=">",
        )

    def credit(found: Any) -> dict[str, float]:
        frame = found.to_pandas()
        return dict(zip(frame.iloc[:, 0], map(float, frame.iloc[:, 1]), strict=True))

    def effects(found: Any) -> dict[str, float]:
        frame = found.metadata["removal_effect"]
        frame = frame.to_pandas() if hasattr(frame, "to_pandas") else frame
        names = frame.iloc[:, 0] if frame.shape[1] > 1 else frame.index
        return dict(zip(names, map(float, frame.iloc[:, -1]), strict=True))

    runs = {
        "first": "run_first_click",
        "last": "run_last_click",
        "linear": "run_linear",
        "position": "run_position_based",
    }
    done = {rule: timed(lambda run=run: credit(getattr(load(), run)())) for rule, run in runs.items()}
    done["markov 1"] = timed(lambda: credit(load().run_markov(transition_to_same_state=True)))
    done["effects"] = timed(lambda: effects(load().run_markov(transition_to_same_state=True)))
    return done


if __name__ == "__main__":
    print(json.dumps({"channelattribution": channelattribution, "mam": mam}[sys.argv[1]](sys.argv[2])))
