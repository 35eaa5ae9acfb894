"""Texts that were read in the wrong encoding are put right; those that were not stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.repair import repaired


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trÃ¨s bon cafÃ©", "très bon café"),
        ("ÃƒÂ©tÃƒÂ©", "été"),
        ("NÃ£o gostei, Ã s vezes", "Não gostei, às vezes"),
        ("itâ€™s", "it\u2019s"),
        ("ð\u0178\u02dc\u20ac ok", "😀 ok"),
        ("appr\x82ci\x82e", "appréciée"),
        ("pour \x82change, d\x82j\x85 vu, gr\x83ce", "pour échange, déjà vu, grâce"),
        ("15\x80 de remise", "15€ de remise"),
        ("une coïncidence\x85", "une coïncidence\u2026"),
        ("j\x92ai", "j\u2019ai"),
        ("appr\u201aci\u201ae tr\u0160s bien", "appréciée très bien"),
    ],
)
def test_misread_texts_are_put_right(text: str, expected: str) -> None:
    assert repaired(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "Škoda \u2026 said \u201ano\u2018",
        "bon\u2026mais \u2013 cher",
        "MAÇÃ \u201cboa\u201d",
        "très bon café, naïve Größe, l\u2019été, 15 €",
        "10\u201315 Tage, \u201eja\u201c",
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert repaired(text) == text


WORDS = st.sampled_from("très café été déjà là garçon fête où naïve Größe über não ações coração € l\u2019eau".split())


@given(st.lists(WORDS, min_size=1, max_size=8).map(" ".join))
def test_the_mistake_is_undone(text: str) -> None:
    """UTF-8 read byte by byte, as every byte is defined in Latin-1, gives the text back."""
    assert repaired(text.encode("utf-8").decode("latin-1")) == text


@given(
    st.text(alphabet="aé\x80\x82\x85\x8a\x93\x97ÃÂâ€™\u201a\u2026Š\u02c6 .s\u201c9©¨ð\u0178\u02dc", max_size=12)
    | st.text(max_size=40)
)
def test_repairing_twice_is_repairing_once(text: str) -> None:
    once = repaired(text)
    assert repaired(once) == once
