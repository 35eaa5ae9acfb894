"""A workspace asks about its maps: what is misspelt is said, and what nobody has decided is not a rate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import desirepath
from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.workspace import Workspace

ROWS = """\
person,at,event,score
ann,2026-05-04 10:00,report,
ann,2026-05-04 12:00,call,
ann,2026-05-06 12:00,repaired,
ann,2026-05-07 12:00,answered,9
bob,2026-05-04 11:00,report,
"""
MAPPING = """\
source: care
time_zone: Europe/Paris
identities: {customer: person}
properties: [score]
events: [{name: "{event}", at: at}]
"""
MAP = """\
map: repair
goal: repaired
gives_up_after: 30 days
watch_after: 7 days
stages: [{stage: A, steps: [report, {touchpoint: call, contact: human, cost: 8}, repaired]}]
feedback: [{event: answered, score: score, about: repaired}]
"""


def unknown(answer: Answer) -> list[str]:
    """What the answer says of names that nothing has."""
    return [warning.text for warning in answer.warnings if warning.code == "unknown_name"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "care.csv").write_text(ROWS)
    (tmp_path / "care.yaml").write_text(MAPPING)
    with desirepath.create(tmp_path / "w", time_zone="Europe/Paris") as made:
        made.import_files([tmp_path / "care.csv"], tmp_path / "care.yaml")
        (made.root / "maps" / "repair.yaml").write_text(MAP)
        yield made


def test_what_a_map_misspells_is_said(workspace: Workspace) -> None:
    assert not unknown(workspace.ask("journey_map", map="repair"))
    (workspace.root / "maps" / "repair.yaml").write_text(MAP.replace("repaired", "repaird"))
    for answer in (workspace.ask("journey_map", map="repair"), workspace.ask("steps", unit="journey:repair")):
        (said,) = unknown(answer)
        assert "'repaird'" in said
        assert "'repaired'" in said


def test_an_answer_after_the_end_belongs_to_its_instance(workspace: Workspace) -> None:
    table = workspace.ask("journey_map", map="repair").table.to_pylist()
    assert [(row["touchpoint"], row["score"], row["answers"]) for row in table] == [
        ("report", 100.0, 1),
        ("call", 100.0, 1),
        ("repaired", 100.0, 1),
    ]


def test_people_of_a_comparison_show_what_they_cost(workspace: Workspace) -> None:
    (ann,) = workspace.ask("compare", map="repair", by="call").people(way="with").to_pylist()
    assert (ann["person"], ann["contacts"], ann["cost"], ann["score"]) == ("customer:ann", 1, 8.0, "9")
    (bob,) = workspace.ask("compare", map="repair", by="call").people(way="without").to_pylist()
    assert (bob["person"], bob["cost"], bob["score"]) == ("customer:bob", 0, None)


def test_what_is_not_decided_is_no_rate(workspace: Workspace) -> None:
    answer = workspace.ask("journey_map", map="repair", cohort="name = 'report'", filter="name = 'report'")
    assert "the time of none of them is over yet" in answer.words[0]
    assert "Nobody" in workspace.ask("journey_map", map="repair", period="2031").words[0]


def test_a_map_that_is_not_there_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'repair'"):
        workspace.ask("journey_map", map="repar")
    with pytest.raises(UnknownNameError, match="no journey map called 'nope'"):
        workspace.ask("steps", unit="journey:nope")
    (workspace.root / "maps" / "other.yaml").write_text(MAP.replace("map: repair", "map: other"))
    with pytest.raises(InputError, match="is asked of its instances"):
        workspace.ask("journey_map", map="repair", unit="journey:other")
