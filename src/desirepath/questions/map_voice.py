"""What do comments on a journey map say, and how do people feel who came by each touchpoint? See `voice`.

The remarks are those that belong to an instance of the map; what each hangs on is what the map's feedback says it is
about, or the instance's last touchpoint before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from desirepath.journeys.batch import Array, Code, JourneyBatch, Matched, Number, Read
from desirepath.maps.instances import NOTHING, TOUCHED
from desirepath.maps.journey_map import Heard, JourneyMap
from desirepath.questions.question import Findings
from desirepath.questions.voice import Voice
from desirepath.questions.voice_answer import themes_table
from desirepath.questions.voice_curve import curve_table
from desirepath.questions.voice_tally import VoiceTally
from desirepath.questions.voice_walk import NAMED, Things


class MapVoice(Voice):
    """What is asked of the comments of one kind of feedback, in instances that were cut already."""

    def _touched(self, journeys: JourneyBatch, remark: Array) -> tuple[Array, Things | None]:
        touched = cast("Array", journeys.columns[TOUCHED]).astype(np.int64)
        return np.where((touched == NOTHING) | remark, -1, touched), None


def voices_of(asked: JourneyMap) -> dict[int, MapVoice]:
    """Per kind of feedback that has comments what is asked of them."""
    return {
        number: MapVoice(
            answers="true",
            text=kind.comment,
            score=kind.score,
            scale=kind.scale,
            map=dict(asked.definition),
            within="36500 days",
        )
        for number, kind in enumerate(asked.feedback)
        if kind.comment is not None
    }


def voice_reads(asked: JourneyMap, only: int | None = None) -> dict[str, Read]:
    """The comments of all kinds of feedback or of one, what they say and how they sound."""
    found: dict[str, Read] = {}
    for number, kind in enumerate(asked.feedback):
        if kind.comment is not None and only in (None, number):
            found |= {f"comment {number}": Code(kind.comment), f"score {number}": Number(kind.score)}
            found |= {f"{name} {number}": Code(f"{kind.comment}.{read}") for name, read in _CODES.items()}
            found[f"sentiment {number}"] = Number(kind.sentiment or f"{kind.comment}.sentiment")
            found[f"effort {number}"] = Number(f"{kind.comment}.effort")
    return found


_CODES = {"theme": "topic", "language": "language"}


def heard(voice: MapVoice, number: int, kind: Heard, journeys: JourneyBatch, rows: Array) -> VoiceTally:
    """What was said in some instances; see `remarks_on`."""
    return voice.tally(remarks_on(voice, number, kind.about, journeys, rows))


def remarks_on(voice: MapVoice, number: int, about: int, journeys: JourneyBatch, rows: Array) -> Findings:
    """One row per comment of a kind of feedback, in some instances.

    Parameters
    ----------
    voice, number
        What is asked of the kind of feedback, and which kind it is.
    about
        The touchpoint that it is about, or -1 for the last one before each.
    journeys
        Instances.
    rows
        int[rows]: which of them.
    """
    matched = cast("Matched", journeys.columns["answers"])
    columns: dict[str, Any] = {TOUCHED: journeys.columns[TOUCHED]}
    columns["match"] = Matched(matched.codes, (matched.bits >> number) & 1)
    columns["text"] = journeys.columns[f"comment {number}"]
    labels = {"text": journeys.labels[f"comment {number}"]}
    for name in ("theme", "language", "sentiment", "effort", "score"):
        columns[name] = journeys.columns[f"{name} {number}"]
        if name in _CODES:
            labels[name] = journeys.labels[f"{name} {number}"]
    found: Findings = voice.find(replace(journeys, columns=columns, labels=labels, period=(-(2**62), 2**62)))
    found = found.take(np.isin(found.journey, rows))
    if about < 0:
        return found
    n = len(found)
    fixed = {"place": np.full(n, about), "how": np.full(n, NAMED), "sure": np.ones(n)}
    return replace(found, values={**found.values, **fixed})


def added(one: Mapping[int, VoiceTally], other: Mapping[int, VoiceTally]) -> dict[int, VoiceTally]:
    """What was said in two groups of instances."""
    return {number: tally + other[number] for number, tally in one.items()}


def voice_tables(voices: Mapping[int, VoiceTally], scales: Sequence[str]) -> dict[str, dict[str, list[Any]]]:
    """The emotion curve, and the themes of every touchpoint; what is counted are instances."""
    found: dict[str, dict[str, list[Any]]] = {"feelings": {}, "themes": {}}
    for number, tally in voices.items():
        names = ["all", *(each.name for each in tally.asked.places)]
        tables = {"feelings": curve_table(tally, quotes=True), "themes": themes_table(tally, names)}
        for name, table in tables.items():
            rows = len(table["touchpoint"])
            for column, values in {"scale": [scales[number]] * rows, **table}.items():
                found[name].setdefault(column.replace("people", "instances"), []).extend(values)
    return found


__all__ = ["MapVoice", "added", "heard", "remarks_on", "voice_reads", "voice_tables", "voices_of"]
