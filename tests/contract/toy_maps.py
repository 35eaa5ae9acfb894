"""Small maps over the events of the random logs."""

from __future__ import annotations

from typing import Any

TOY: dict[str, Any] = {
    "map": "toy",
    "goal": "c",
    "gives_up": "d",
    "gives_up_after": "1 hour",
    "watch_after": "30 minutes",
    "stages": [
        {
            "stage": "first",
            "steps": [{"touchpoint": "a", "contact": "self-service", "cost": 1.5}],
            "limit": "20 minutes",
        },
        {"stage": "second", "steps": [{"touchpoint": "b", "contact": "human", "limit": "10 minutes"}, "c"]},
    ],
    "variants": {"web": "channel = 'web'", "twice": "a -> a"},
    "rules": [
        {"after": "a", "must": "b", "within": "20 minutes"},
        {"at_most": 1, "of": "a"},
        {"after": "b", "never": "a"},
    ],
}

BLOCKS: dict[str, Any] = {
    "map": "blocks",
    "goal": ["c", "d"],
    "gives_up_after": "2 hours",
    "starts": "name in ('a', 'b')",
    "stages": [
        {"stage": "any", "steps": [{"any_order": ["a", {"touchpoint": "b", "channel": "web"}], "optional": True}]},
        {"stage": "end", "steps": [{"one_of": [{"touchpoint": "c", "repeats": True}, "d"]}]},
    ],
}

KEYED: dict[str, Any] = {
    "map": "keyed",
    "goal": "c",
    "gives_up_after": "90 minutes",
    "watch_after": "20 minutes",
    "entity": ["x", "y"],
    "stages": [{"stage": "all", "steps": ["a", {"touchpoint": "b", "optional": True, "repeats": True}, "c"]}],
}

RUBBING: dict[str, Any] = {
    "map": "rubbing",
    "goal": "d",
    "gives_up_after": "2 hours",
    "watch_after": "20 minutes",
    "value": 10,
    "stages": [
        {
            "stage": "try",
            "owner": "web",
            "steps": [{"touchpoint": "a", "contact": "self-service"}],
            "limit": "30 minutes",
        },
        {
            "stage": "ask",
            "steps": [
                {"touchpoint": "b", "contact": "human", "cost": 3, "optional": True},
                {"touchpoint": "c", "expected": False},
                {"touchpoint": "d", "limit": "15 minutes"},
            ],
        },
    ],
}

FELT: dict[str, Any] = {
    **TOY,
    "map": "felt",
    "feedback": [
        {"event": "name in ('a', 'd')", "score": "stars", "scale": "stars", "comment": "said", "sentiment": "mood"},
        {"event": "b", "score": "stars", "scale": "stars", "comment": "said", "about": "b"},
    ],
}
