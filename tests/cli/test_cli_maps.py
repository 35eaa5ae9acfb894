"""A question about a map takes the map's name as its argument, or by its option."""

from __future__ import annotations

MAP = """\
map: shop
goal: order
gives_up_after: 7 days
stages: [{stage: Shop, steps: [visit, cart, order]}]
"""


def test_a_map_is_named_with_or_without_its_option(cli, acme):
    maps = acme / "maps"
    maps.mkdir(exist_ok=True)
    (maps / "shop.yaml").write_text(MAP)
    plain = cli("ask", "journey-map", "shop", "-w", acme, "--json").json["table"]
    assert plain == cli("ask", "journey-map", "--map", "shop", "-w", acme, "--json").json["table"]
    assert plain["touchpoint"] == ["visit", "cart", "order"]
    twice = cli("ask", "journey-map", "shop", "--map", "shop", "-w", acme)
    assert (twice.code, "named twice" in twice.err) == (2, True)
    missing = cli("ask", "journey-map", "-w", acme)
    assert (missing.code, "--map is needed" in missing.err) == (2, True)
    unknown = cli("ask", "compare", "shpo", "--by", "cart", "-w", acme)
    assert (unknown.code, "Did you mean 'shop'" in unknown.err) == (2, True)
