"""The funnel of the race in desirepath, through its public interface: import, open, ask.

What is timed is `ws.ask(...)` as a user calls it: besides people per step it works out intervals, times
between steps, first touches and open windows, which no other contender is asked for. Only the look at what
people did instead is left out, because nobody else looks.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from contender import BY_CHANNEL, EVERYBODY, FUNNEL, STEPS, WINDOW, Ask, run_as_script

WORKSPACE = "ws"
TOTAL = "(everyone)"
MAPPING = """\
source: clicks
time_zone: UTC
person: user_id
tables:
  - files: "{files}"
    key: [event_id]
    identities: {{user_id: user_id}}
    channel: {{column: channel}}
    properties: []
    events:
      - {{name: "{{touchpoint}}", at: occurred_at}}
"""


def write_mapping(path: Path, files: str) -> Path:
    """Write the mapping of the simulated log, for files whose names match `files`; return `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MAPPING.format(files=files))
    return path


def import_log(store: Path, log: Path, mapping: Path) -> Any:
    """Make a workspace in `store` and import the log into it; return the import's result."""
    import desirepath

    if store.exists():
        if not (store / "workspace.toml").exists():
            raise FileExistsError(f"{store} is no workspace; it is left as it is.")
        shutil.rmtree(store)
    store.parent.mkdir(parents=True, exist_ok=True)
    with desirepath.create(store, time_zone="UTC") as workspace:
        return workspace.import_files([log], mapping)


def options(question: str) -> dict[str, Any]:
    """Return what `ask` is told besides the funnel."""
    return {FUNNEL: {}, BY_CHANNEL: {"breakdown": "channel", "at": "first known"}}[question]


def answer_text(answer: Any) -> str:
    """Return the answer's people per step in the text form of contender.py."""
    columns = answer.columns
    groups = columns.get("group", [EVERYBODY] * len(columns["reached"]))
    rows = zip(groups, columns["reached"], strict=True)
    return ";".join(f"{group},{reached}" for group, reached in rows if group != TOTAL)


def cold_program(store: Path, layout: str, question: str) -> str:
    """Return a Python program that prints the answer."""
    return (
        "import desirepath\n"
        f"ws = desirepath.open({str(store)!r})\n"
        f"asked = desirepath.Funnel(steps={list(STEPS)!r}, window={WINDOW!r}, instead_top=0)\n"
        f"answer = ws.ask(asked, **{options(question)!r})\n"
        "reached = answer.columns['reached']\n"
        f"groups = answer.columns.get('group', [{EVERYBODY!r}] * len(reached))\n"
        f"rows = [f'{{g}},{{n}}' for g, n in zip(groups, reached) if g != {TOTAL!r}]\n"
        "print(';'.join(rows), flush=True)\n"
    )


class DesirepathFunnel:
    """A desirepath workspace.

    Parameters
    ----------
    store : Path
        Directory of the workspace.
    layout : str
        Not used: there is one.
    """

    def __init__(self, store: Path, layout: str = WORKSPACE) -> None:
        self.store = store

    def prepare(self, events: Path) -> None:
        """Import the log."""
        mapping = write_mapping(events.with_suffix(".mapping.yaml"), events.name)
        import_log(self.store, events, mapping)

    def open(self) -> tuple[str, Ask]:
        """Open the workspace."""
        import desirepath

        workspace = desirepath.open(self.store)
        workspace.asking.remembered.limit = 0  # every asking reads the journeys again
        asked = desirepath.Funnel(steps=list(STEPS), window=WINDOW, instead_top=0)

        def ask(question: str) -> str:
            return answer_text(workspace.ask(asked, **options(question)))

        return f"desirepath {desirepath.__version__}", ask


if __name__ == "__main__":
    run_as_script(DesirepathFunnel)
