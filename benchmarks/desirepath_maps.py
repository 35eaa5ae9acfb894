"""The questions about a journey map in desirepath, through its public interface: open, ask.

Two maps: `journey`, whose instances begin and end as customers' do, for the large log; and `walk`, in which everything
that a person does is one instance and is held against the whole road, as libraries of process mining do it.
"""

from __future__ import annotations

from typing import Any

from contender import Ask, run_as_script
from desirepath_funnel import DesirepathFunnel

MAP, CONFORMANCE, FRICTION, ROUTES, COMPARE, DISCOVER = (
    "journey map",
    "conformance",
    "friction",
    "routes",
    "compare",
    "discover",
)
WALK = "fitness of whole walks"

JOURNEY: dict[str, Any] = {
    "map": "journey",
    "starts": ["t00", "t01", "t02", "t03"],
    "goal": "t19",
    "gives_up_after": "14 days",
    "watch_after": "7 days",
    "value": 50,
    "stages": [
        {
            "stage": "look",
            "steps": [{"one_of": ["t00", "t01", "t02", "t03", "t04", "t05"], "repeats": True}],
            "limit": "3 days",
        },
        {
            "stage": "choose",
            "steps": [
                {"touchpoint": "t07", "repeats": True},
                {"touchpoint": "t08", "contact": "human", "cost": 4, "optional": True},
                {"touchpoint": "t09", "failure": True, "expected": False},
                {"touchpoint": "t10", "expected": False, "cost": 1},
            ],
        },
        {"stage": "buy", "steps": [{"touchpoint": "t11", "limit": "2 days"}, "t19"]},
    ],
    "variants": {"asked": "t08"},
    "rules": [{"after": "t07", "must": "t11", "within": "1 day"}, {"at_most": 3, "of": "t07"}],
}
WALKED = tuple(f"t0{number}" for number in range(8))
WALKING: dict[str, Any] = {
    "map": "walk",
    "starts": "name like 't%'",
    "goal": "no such event",
    "gives_up_after": "3650 days",
    "stages": [
        {
            "stage": "all",
            "steps": [
                {"touchpoint": "t00", "optional": True},
                {"one_of": ["t01", "t02", "t03"], "repeats": True},
                "t04",
                {"any_order": ["t05", "t06"]},
                {"touchpoint": "t07", "optional": True},
            ],
        }
    ],
}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    MAP: ("journey_map", {"map": JOURNEY}),
    CONFORMANCE: ("conformance", {"map": JOURNEY}),
    FRICTION: ("friction", {"map": JOURNEY}),
    ROUTES: ("routes", {"map": JOURNEY}),
    COMPARE: ("compare", {"map": JOURNEY, "by": "asked"}),
    DISCOVER: ("discover", {"unit": "session"}),
    WALK: ("conformance", {"map": WALKING, "whole": True}),
}


def answer_text(question: str, answer: Any) -> str:
    """Return what the race compares: instances, and of whole walks the mean fitness in parts per 10,000."""
    if question != WALK:
        return f"rows,{max(len(column) for column in answer.columns.values())}"
    fitness = answer.extras["fitness"]
    return f"all,{fitness['instances'][-1]},{round(10_000 * fitness['fitness'][-1])}"


class DesirepathMaps(DesirepathFunnel):
    """A desirepath workspace, asked about maps; see `DesirepathFunnel`."""

    def open(self) -> tuple[str, Ask]:
        """Open the workspace; nothing that was asked is remembered."""
        import desirepath

        workspace = desirepath.open(self.store)
        workspace.asking.remembered.limit = 0

        def ask(question: str) -> str:
            name, asked = ASKED[question]
            return answer_text(question, workspace.ask(name, **asked))

        return f"desirepath {desirepath.__version__}", ask


if __name__ == "__main__":
    run_as_script(DesirepathMaps)
