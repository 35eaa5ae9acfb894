"""Languages of short remarks: known, or honestly not sure; never English of what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.language import languages

REMARKS = {
    "de": (
        "Sehr gut|Alles super|Lieferung kam zu spät|Paket kaputt|Top Service|Gerne wieder|Service war ok|Fast fertig"
        "|Der Fahrer war unfreundlich und hat das Paket einfach vor die Tür gestellt|App crash bei Start|Bad war sauber"
        "|Ich warte seit drei Wochen auf mein Geld|Ware defekt, Support antwortet nicht|Super Support, best Team|nice"
        "|Handy kaputt|Hotline nie erreichbar|Prompt und robust|Man findet alles|Website down seit gestern"
        "|Hell und warm"
    ),
    "fr": (
        "Très bien|Service client nul|Jamais reçu ma commande|Livraison rapide|Parfait|Excellent service|Super produit"
        "|Le vendeur était très aimable|trop cher|Je suis déçue par la qualité"
        "|Attente trop longue aux caisses|Excellent"
        "|Impossible de joindre le support|simple et efficace|site web trop lent|Terrible attente|Rude journée|pas mal"
        "|Nickel|Sale hotel|pain excellent|Important choix|On me dit rien"
    ),
    "pt": (
        "Muito bom|Produto chegou antes do prazo|Não recebi o produto|Péssimo atendimento|Ótimo|Recomendo"
        "|Entrega rápida"
        "|Gostei muito|Veio errado|tudo certo|Ainda não chegou|nota 10|A loja não responde|Legal|produto de qualidade"
        "|Falta entregar 1 item|Excelente"
    ),
    "es": (
        "Muy bueno|El producto llegó roto|No funciona|Excelente servicio|Pésima atención al cliente|Todo perfecto|fatal"
        "|Llevo tres semanas esperando|Recomendable 100%|No me gusta|Nadie contesta el teléfono|error total"
        "|La app no abre"
    ),
    "it": (
        "Ottimo prodotto|Spedizione veloce|Non funziona|Servizio clienti pessimo|Tutto ok|Mai arrivato"
        "|Staff gentile|male"
        "|Personale gentile e disponibile|Prezzo troppo alto|Aspetto da tre settimane il rimborso|Fine della storia"
    ),
    "nl": (
        "Heel goed|Slechte service|Pakket niet ontvangen|Snelle levering|Prima|Ik wacht al drie weken op mijn geld|Top"
        "|De bezorger was onvriendelijk|Product was kapot|best goed|De app crasht steeds|Was perfect|help dan"
        "|Over het water|water was warm"
    ),
    "sv": "Mycket bra|Jag har inte fått min beställning|Snabb leverans|Dålig service|Allt fungerade bra",
    "da": "Meget god service|Jeg har ikke fået min ordre|Hurtig levering|Det virker ikke",
    "pl": "Bardzo dobra obsługa|Paczka nie dotarła|Szybka dostawa, wszystko super",
    "tr": "Kargo çok geç geldi|Çok iyi|Ürün bozuk ç\u0131kt\u0131",
    "fi": "Erittäin hyvä palvelu|Tuote ei toimi|Nopea toimitus",
    "ru": "Очень хорошо, всем советую этот магазин|Доставка опоздала на три недели",
    "ja": "とても良い|商品が届きません",
    "zh": "很好|客服态度很差",
    "ko": "아주 좋아요|배송이 늦었어요",
    "el": "Πολύ καλή εξυπηρέτηση|Δεν ήρθε ποτέ",
    "he": "שירות מעולה|המשלוח לא הגיע",
    "ar": "خدمة ممتازة جدا وسريعة|لم يصل الطلب حتى الآن",
}
FOREIGN = [(code, remark) for code, remarks in REMARKS.items() for remark in remarks.split("|")]

ENGLISH = (
    "great service|too slow|never arrived|Love it|Not good|Still waiting|works fine|my parcel is late|good|thank you"
    "|cancel my order|app crashes|refund please|awesome!!|slow delivery|No response|Easy to use|useless app|Best ever"
    "|very happy|so annoyed|waste of money|not bad|on hold 40 minutes|login broken|where is my order|disappointed"
    "|Great product, fast shipping|gr8 service tnx|@shop I'm sorry but no|I love lightnings|ugh, worst day|lol so cute"
    "|The engineer came on time and was very polite|Why is my bill so high this month?|DON'T CARE|yayyyyyy congrats"
).split("|")

UNSURE = [
    "",
    " ",
    "ok",
    "10/10",
    "OK!",
    "5",
    "😀😀",
    "👍",
    ":-)",
    "http://a.example/great/service",
    "@great #service",
    "...",
    "a",
]


@pytest.mark.parametrize(("code", "remark"), FOREIGN, ids=[remark for _, remark in FOREIGN])
def test_another_language_is_known_or_not_sure(code: str, remark: str) -> None:
    assert languages([remark])[0] in {code, None}


@pytest.mark.parametrize("code", ["de", "fr", "pt", "es", "it", "nl"])
def test_most_remarks_of_our_neighbours_are_known(code: str) -> None:
    remarks = REMARKS[code].split("|")
    assert languages(remarks).count(code) >= 0.6 * len(remarks)


@pytest.mark.parametrize("code", ["ja", "zh", "ko", "el", "he"])
def test_scripts_of_one_language_tell_it(code: str) -> None:
    assert set(languages(REMARKS[code].split("|"))) == {code}


@pytest.mark.parametrize("remark", ENGLISH)
def test_short_english(remark: str) -> None:
    assert languages([remark]) == ["en"]


@pytest.mark.parametrize("remark", UNSURE)
def test_too_short_to_tell(remark: str) -> None:
    assert languages([remark]) == [None]


def test_what_is_no_text_has_no_language() -> None:
    assert languages([None, float("nan"), 3]) == [None, None, None]  # type: ignore[list-item]


def test_hostile_texts() -> None:
    found = languages(
        ["\x00great service\x00", "word " * 20_000, "x" * 100_000, "\ud800 \u202e\u200b", "@" * 50_000, "a.a@" * 25_000]
    )
    assert found[:3] == ["en", found[1], None]
    assert found[3:] == [None, None, None]


def test_both_halves_of_a_mixed_text_leave_it_unsure() -> None:
    assert languages(["Das Paket ist nicht da, where is it, wir warten and nobody is here"])[0] != "fr"
    assert languages(["很好很好 great"])[0] in {"zh", None}


@given(st.lists(st.text(max_size=80), max_size=5))
def test_one_by_one_is_as_together(texts: list[str]) -> None:
    together = languages(texts)
    assert together == [languages([text])[0] for text in texts] == languages(texts)
    assert all(code is None or (len(code) == 2 and code.isalpha()) for code in together)
