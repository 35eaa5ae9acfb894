"""What do those speak of who met with friction? Themes that they tell more often than others on the same map."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from desirepath.journeys.batch import Array, JourneyBatch
from desirepath.maps.instances import DROPPED
from desirepath.questions.friction_sums import DROP_OFF, FrictionPlace
from desirepath.questions.friction_walk import Signals
from desirepath.questions.journey_map_walk import Instances
from desirepath.questions.map_voice import MapVoice, remarks_on
from desirepath.questions.voice_curve import told_more
from desirepath.questions.voice_quotes import first_quotes
from desirepath.questions.voice_tally import PEOPLE, VoiceTally, tally_of
from desirepath.statistics import Estimate, Proportion, interval_columns


def heard_by_signal(
    voice: MapVoice, number: int, journeys: JourneyBatch, rows: Array, found: Instances, signals: Signals, many: int
) -> VoiceTally:
    """What was said, by signal (line `signal + 1`) and by where instances dropped off (line `many + touchpoint + 1`).

    Parameters
    ----------
    voice, number
        What is asked of the comments of a kind of feedback, and which kind it is.
    journeys, rows
        Instances, and which of them.
    found, signals
        The walk of all instances.
    many
        How many signals there are beside the stays.
    """
    said = remarks_on(voice, number, -1, journeys, rows)
    instance = said.journey
    counts = signals.starts[instance + 1] - signals.starts[instance]
    entry = np.repeat(np.arange(len(said)), counts)
    first = np.cumsum(counts) - counts
    place = signals.starts[instance][entry] + np.arange(int(counts.sum())) - first[entry]
    signal = signals.signal[place].astype(np.int64)
    known = signal < many
    pairs = np.unique(np.stack((entry[known], signal[known])), axis=1)
    dropped = np.flatnonzero((found.outcome[instance] == DROPPED) & (signals.end[instance] >= 0))
    families = [
        (np.arange(len(said)), np.zeros(len(said), dtype=np.int64)),
        (pairs[0], pairs[1] + 1),
        (dropped, many + 1 + signals.end[instance[dropped]].astype(np.int64)),
    ]
    return tally_of(voice, said, families)


def spoken_of(voice: VoiceTally, places: list[FrictionPlace], many: int) -> dict[str, list[Any]]:
    """Columns for lines of friction: how those feel, the theme that they tell more often than others, and a quote."""
    lines: list[int | None] = [
        None if each.kind == "stall" else 1 + each.number + (many if each.kind == DROP_OFF else 0) for each in places
    ]
    moods: list[Estimate] = [
        voice.mood(voice.line(line)) if line is not None else Estimate(None, None, None, 0, 0.95, "mean")
        for line in lines
    ]
    found = iter(told_more(voice, [(line, _others(voice, line)) for line in lines if line is not None]))
    themes = [None if line is None else next(found) for line in lines]
    asked = [(cast("int", line), each[0]) for line, each in zip(lines, themes, strict=True) if each is not None]
    quoted = dict(zip(asked, first_quotes(voice, [(0, theme) for _, theme in asked]), strict=True))
    return {
        **interval_columns("sentiment", moods),
        "theme": [None if each is None else voice.theme_name(each[0]) for each in themes],
        "of_instances_with_theme": [None if each is None else each[1] for each in themes],
        "of_others_with_theme": [None if each is None else each[2] for each in themes],
        "quote": [
            None if each is None else quoted[cast("int", line), each[0]]
            for line, each in zip(lines, themes, strict=True)
        ],
    }


def _others(voice: VoiceTally, line: int) -> Any:
    """The share of a theme among those who commented and are not on a line."""

    def share(theme: int) -> Proportion:
        told = int(voice.line(0, theme)[PEOPLE]) - int(voice.line(line, theme)[PEOPLE])
        people = int(voice.line(0)[PEOPLE]) - int(voice.line(line)[PEOPLE])
        return Proportion(min(told, people), people)  # who is on both sides is taken for one who is not

    return share


__all__ = ["heard_by_signal", "spoken_of"]
