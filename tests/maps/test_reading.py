"""A map's file is read strictly, and what is wrong is said with line and column."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from desirepath.errors import MapError
from desirepath.maps.form import schema
from desirepath.maps.journey_map import JourneyMap
from desirepath.maps.shelf import Shelf

REPAIR = """\
map: repair
goal: repaired
gives_up: repair given up
gives_up_after: 30 days
entity: [case]
stages:
  - stage: Report
    owner: Care desk
    steps:
      - fault reported
      - {touchpoint: call, contact: human, cost: value, limit: 1 day}
  - stage: Visit
    steps:
      - {touchpoint: customer absent, expected: false}
      - repaired
feedback:
  - {event: survey answered, score: score, about: repaired}
rules:
  - {after: customer absent, must: call, within: 3 days}
"""


def test_a_map_is_read_and_written_out(tmp_path: Path) -> None:
    made = Shelf(tmp_path).parse(REPAIR)
    assert [each.name for each in made.touchpoints] == ["fault reported", "call", "customer absent", "repaired"]
    assert made.road.shortest == 3
    assert str(made.starts) == "name = 'fault reported'"
    assert JourneyMap.of(made.definition) == made
    jsonschema.validate(yaml.safe_load(REPAIR), schema())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "limit: 1 day",
            "limmit: 1 day",
            "line 11, column 57: there is no key called 'limmit' here. Did you mean 'limit'?",
        ),
        ("gives_up_after: 30 days", "gives_up_after: 30", "line 4"),
        ("gives_up_after: 30 days", "gives_up_after: 30 moons", "line 4, column 17"),
        ("goal: repaired", "goal: name =", "line 2, column 7: the filter cannot be read"),
        ("map: repair\n", "", "the key 'map' is needed here"),
        ("[case]", "[case", "this is not readable YAML"),
        ("about: repaired", "about: repaid", ": there is no touchpoint called 'repaid'"),
        ("must: call", "never: call, must: call", "a rule is one of three kinds"),
        ("owner: Care desk", "map: visits", "steps of its own or is another map"),
        ("stage: Visit", "stage: Report", "two stages are called 'Report'"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(MapError) as caught:
        Shelf(tmp_path).parse(REPAIR.replace(old, new), looked="maps/repair.yaml")
    assert said in str(caught.value)
    assert "maps/repair.yaml" in str(caught.value)


def test_a_stage_can_be_a_map(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(REPAIR.replace("map: repair\n", "map: inner\n"))
    stages = "[{stage: Fix, map: inner}, {stage: End, steps: [done]}]"
    outer = f"map: outer\ngoal: done\ngives_up_after: 60 days\nstages: {stages}"
    (tmp_path / "outer.yaml").write_text(outer)
    made = Shelf(tmp_path).get("outer")
    assert [len(stage.touchpoints) for stage in made.stages] == [4, 1]
    (tmp_path / "inner.yaml").write_text(outer.replace("map: outer", "map: inner"))
    with pytest.raises(MapError, match="goes in a circle"):
        Shelf(tmp_path).get("outer")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("3 days", "30"), "line 3, column 17: gives_up_after: expected text, got a whole number."),
        (("goal: x", "goal: 3"), "line 2, column 7: goal: expected text or a list, got a whole number."),
        (("[a]", "[{touchpoint: a, contact: humn}]"), "'humn' is none of its values. Did you mean 'human'?"),
        (("map: a", "map: a b"), "a map's name has letters, digits"),
        (("[a]", "[]"), "steps: expected a list of length >= 1."),
    ],
)
def test_a_wrong_value_is_said_in_words(change: tuple[str, str], said: str) -> None:
    text = "map: a\ngoal: x\ngives_up_after: 3 days\nstages: [{stage: s, steps: [a]}]\n".replace(*change)
    with pytest.raises(MapError) as problem:
        Shelf(Path("nowhere")).parse(text)
    assert said in str(problem.value)
