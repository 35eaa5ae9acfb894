"""The commands about maps: new, discover, list, show, check, diff, schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

MAP = """\
map: shop
title: A visit to the shop
goal: order
gives_up_after: 1 hour
stages: [{stage: Shop, owner: Web, steps: [visit, {touchpoint: order, limit: 2 hours}]}]
rules: [{at_most: 1, of: visit, name: one visit}]
thresholds: {fitness: 0.5}
"""


@pytest.fixture
def shop(acme) -> Path:
    path = Path(acme) / "maps" / "shop.yaml"
    path.parent.mkdir(exist_ok=True)
    for other in path.parent.glob("*"):
        other.unlink()
    path.write_text(MAP)
    return path


def test_a_new_map_reads_well_and_is_not_written_over(cli, acme, shop):
    made = cli("map", "new", "care", "--step", "visit", "--step", "it's: odd", "-w", acme)
    assert (made.code, "care.yaml" in made.out) == (0, True)
    assert cli("map", "show", "care", "-w", acme, "--json").json["goal"] == "it's: odd"
    assert (shop.parent / "journey-map.schema.json").exists()
    again = cli("map", "new", "care", "-w", acme)
    assert (again.code, "--force writes over it" in again.err) == (2, True)
    assert cli("map", "new", "care", "--force", "-w", acme).code == 0
    assert cli("map", "show", "care", "-w", acme, "--json").json["goal"] == "last event"
    refused = cli("map", "new", "no spaces", "-w", acme)
    assert refused.code == 2
    assert [row["map"] for row in cli("map", "list", "-w", acme, "--json").json] == ["care", "shop"]


def test_maps_are_shown_and_checked(cli, acme, shop):
    shown = cli("map", "show", "shop", "-w", acme).out
    assert "Shop, Web" in shown
    assert "order (limit 2 hours)" in shown
    assert "Rules: one visit" in shown
    assert "shop: reads well" in cli("map", "check", "-w", acme).out
    shop.write_text(MAP.replace("goal", "gaol"))
    wrong = cli("map", "check", "-w", acme)
    assert (wrong.code, "line 3, column 1" in wrong.err, "Did you mean 'goal'" in wrong.err) == (2, True, True)
    assert "Did you mean 'goal'" in cli("map", "list", "-w", acme, "--json").json[0]["problem"]
    assert "Did you mean 'shop'" in cli("map", "check", "shpo", "-w", acme).err


def test_data_is_held_against_thresholds(cli, acme, shop):
    kept = cli("map", "check", "shop", "--data", "-w", acme, "--json")
    measures = {row["measure"]: row for row in kept.json[0]["measures"]}
    assert (kept.code, measures["fitness"]["verdict"], measures["late"]["verdict"]) == (0, "kept", "no threshold")
    asked = cli("ask", "conformance", "shop", "-w", acme, "--json").json["extras"]["fitness"]
    assert measures["fitness"]["value"] == asked["fitness"][-1]
    assert measures["conversion"]["n"] == sum(asked["instances"][:2])
    shop.write_text(MAP.replace("fitness: 0.5", "conversion: 1, late: 0"))
    missed = cli("map", "check", "shop", "--data", "-w", acme)
    assert (missed.code, "Thresholds are missed: shop" in missed.err) == (1, True)
    nobody = cli("map", "check", "shop", "--data", "--period", "2001", "-w", acme, "--json")
    assert (nobody.code, {row["verdict"] for row in nobody.json[0]["measures"]}) == (0, {"no data", "no threshold"})
    alone = cli("map", "check", "shop", "--period", "2001", "-w", acme)
    assert (alone.code, "goes with --data" in alone.err) == (2, True)


def test_differences_are_said_in_words(cli, acme, shop, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(MAP.replace("1 hour", "2 days").replace("[visit,", "[visit, cart,").replace("owner: Web, ", ""))
    said = cli("map", "diff", "shop", other, "-w", acme).out.splitlines()
    assert said == [
        "gives_up_after: 1 hour becomes 2 days",
        "stages > Shop > steps > cart: added",
        "stages > Shop > owner: removed Web",
    ]
    assert "say the same" in cli("map", "diff", "shop", shop, "-w", acme).out
    document = cli("map", "diff", other, "shop", "-w", acme, "--json").json
    assert [row["kind"] for row in document] == ["changed", "removed", "added"]


def test_the_schema_is_json(cli):
    made = json.loads(cli("map", "schema").out)
    assert made["$defs"]["MapForm"]["required"] == ["map", "goal", "gives_up_after", "stages"]


def test_a_map_is_drawn_of_what_people_do(cli, acme, shop):
    drawn = cli("map", "discover", "drawn", "--goal", "order", "--least", "0", "-w", acme)
    assert (drawn.code, "drawn.yaml" in drawn.out) == (0, True)
    assert cli("map", "check", "drawn", "-w", acme).code == 0
    asked = cli("ask", "conformance", "drawn", "-w", acme, "--json").json["extras"]["fitness"]
    assert asked["instances"][-1] > 0
    again = cli("map", "discover", "drawn", "-w", acme)
    assert (again.code, "--force" in again.err) == (2, True)
    nobody = cli("map", "discover", "other", "--goal", "nothing like it", "-w", acme)
    assert (nobody.code, (shop.parent / "other.yaml").exists()) == (2, False)
    odd = cli("map", "discover", "other", "--group", "pages", "-w", acme)
    assert (odd.code, "browse=home,catalog" in odd.err) == (2, True)
