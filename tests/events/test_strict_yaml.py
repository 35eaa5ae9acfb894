"""YAML as JSON writes it: characters in two halves are put together, and half of one is refused."""

from __future__ import annotations

import json

import pytest
import yaml

from desirepath.events.strict_yaml import StrictLoader


def read(text: str) -> object:
    return yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a safe loader


@pytest.mark.parametrize("text", ["\U0001f6d2", "a \U0001f469\u200d\U0001f467 b", "caf\u00e9", "plain", ""])
def test_json_is_read_as_it_was_meant(text: str) -> None:
    assert read(json.dumps({text: [text]})) == {text: [text]}


@pytest.mark.parametrize("text", [r'{a: "\ud83d"}', r'{"\ude00": a}', r'["\ude00\ud83d"]'])
def test_half_a_character_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match=r"half a character \(line 1\)"):
        read(text)
