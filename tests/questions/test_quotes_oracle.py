"""Remarks that are looked for are those of a program written from the definition, and every quote leads to them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine
from remark_logs import FIELDS, MAP, PLACES, WITHIN, Remark, populations, random_log, remarks_of

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask
from desirepath.text.masking import masked

LOOKED_FOR = (None, "so", "NOBODY", "kind qui", "came  nobody", "refund")


def asked_at_random(rng: random.Random) -> dict[str, Any]:
    """A question with any options."""
    fields: dict[str, Any] = {**FIELDS, "within": rng.choice(list(WITHIN)), "most": rng.choice([1, 2, 50])}
    fields |= rng.choice([{}, {"touchpoints": PLACES}, {"map": MAP}])
    fields |= {"score": "score", "scale": rng.choice(["nps", "stars"])} if rng.random() < 0.7 else {}
    some = {"words": rng.choice(LOOKED_FOR), "mood": rng.choice([None, None, "bad", "neutral", "good", "unread"])}
    some["theme_is"] = rng.choice([None, None, "late", "(no theme)", "never told"])
    if "map" in fields or "touchpoints" in fields:
        some["about"] = rng.choice([None, None, "visit", "(none)"])
    return fields | {name: value for name, value in some.items() if value is not None}


def fits(remark: Remark, fields: dict[str, Any]) -> bool:
    """Whether a remark is looked for."""
    said = remark.event.fields["said"].casefold()
    mood = remark.mood
    sounds = "unread" if mood is None else "bad" if mood < -0.5 else "good" if mood > 0.5 else "neutral"
    return (
        all(part.casefold() in said for part in (fields.get("words") or "").split())
        and fields.get("mood") in (None, sounds)
        and fields.get("theme_is") in (None, remark.theme)
        and fields.get("about") in (None, remark.place or "(none)")
    )


@pytest.mark.parametrize("seed", range(600))
def test_they_are_the_remarks_that_are_looked_for(seed: int) -> None:
    rng = random.Random(seed)
    log, fields = random_log(rng), asked_at_random(rng)
    period, cutoff, blocks = populations(rng, log)
    answer = ask(build("quotes", fields), Population(period, cutoff=cutoff), MemoryEngine(log, blocks))
    remarks = [each for each in remarks_of(log, fields, period, cutoff) if fits(each, fields)]
    drilled = answer.people().to_pylist()
    assert Counter((row["person"], row["place"], row["text"]) for row in drilled) == Counter(
        (each.person, each.place, each.event.fields["said"]) for each in remarks
    )
    rows = answer.table.to_pylist()
    by_text: dict[str, list[Remark]] = defaultdict(list)
    for each in remarks:
        by_text[each.text].append(each)
    assert len(rows) <= min(fields["most"], len(by_text))
    assert bool(rows) == bool(remarks)
    assert len({row["quote"] for row in rows}) == len(rows)
    assert sum(row["stands_for"] for row in rows) <= len(remarks)
    for row in rows:
        mine = by_text[row["quote"]]
        assert row["language"] in {each.event.fields.get("said.language") for each in mine}
        moods = [each.mood for each in mine if each.mood is not None]
        scores = [each.score for each in mine if each.score is not None]
        assert 0 < row["times"] == len(mine) <= row["stands_for"]
        assert row["sentiment"] == (pytest.approx(sum(moods) / len(moods), abs=1e-3) if moods else None)
        assert row.get("score") == (pytest.approx(sum(scores) / len(scores)) if scores and "score" in fields else None)
        people = answer.people(quote=row["quote"]).column("person").to_pylist()
        assert Counter(people) == Counter(each.person for each in mine)


def test_alike_but_for_personal_data_is_one_quote() -> None:
    """Whoever is masked alike is quoted together, and the quote leads to both; a literal placeholder reads so too."""
    texts = ["call me at 030 1234567", "call me at  030 7654321", "call me at [phone]", "call me later"]
    assert masked(texts[0]) == texts[2], "the room of texts writes phone numbers so"
    log = [Happened(f"p{n}", n, "survey", str(n), {"said": text}) for n, text in enumerate(texts)]
    answer = ask(build("quotes", FIELDS), Population(Period.everything()), MemoryEngine(log))
    times = dict(zip(answer.columns["quote"], answer.columns["times"], strict=True))
    assert times["call me at [phone]"] == 3
    assert answer.people(quote="call me at [phone]").column("person").to_pylist() == ["p0", "p1", "p2"]
    assert not any(character.isdigit() for quote in times for character in quote)


def test_broken_bytes_are_quoted_as_they_were_meant() -> None:
    log = [
        Happened(f"p{n}", n, "survey", str(n), {"said": text}) for n, text in enumerate(("Nice cafÃ©!", "Nice café!"))
    ]
    answer = ask(build("quotes", FIELDS), Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["quote"] == ["Nice café!"]
    assert answer.people(quote="Nice café!").num_rows == answer.columns["times"][0] == 2


def test_mistakes_are_named() -> None:
    for fields in ({"most": 0}, {"most": 201}, {"words": " "}):
        with pytest.raises(InputError):
            build("quotes", {**FIELDS, **fields})
    log = [Happened("p", 0, "survey", "0", {"said": "so"})]
    for fields in ({"about": "visit"}, {"mood": "angry"}):
        with pytest.raises(InputError):
            ask(build("quotes", {**FIELDS, **fields}), Population(Period.everything()), MemoryEngine(log))
    answer = ask(build("quotes", FIELDS), Population(Period.everything()), MemoryEngine(log))
    assert answer.people(quote="so so").num_rows == 0
    with pytest.raises(UnknownNameError):
        answer.people(words="so")
