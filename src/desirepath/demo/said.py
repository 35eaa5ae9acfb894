"""What is said on the hotline, by queue and language: a greeting, a problem, an answer, a farewell."""

from __future__ import annotations

from typing import Any

import numpy as np

from desirepath.demo.clock import Ints
from desirepath.demo.company import QUEUES
from desirepath.demo.identifiers import whole
from desirepath.demo.people import LANGUAGES
from desirepath.demo.text import fragments, joined

OUTAGE = len(QUEUES)
GREETINGS = (
    "Quillwave, good morning, how can I help?",
    "Quillwave, guten Tag, was kann ich tun?",
    "Quillwave, bonjour.",
)
FAREWELLS = ("Thank you, goodbye.", "Danke, auf Wiederhören.", "Merci, au revoir.")

#: by queue (the last is the outage), language, and two of each
PROBLEMS = (
    (
        ("I could not finish my order, what does the delivery cost?", "My card was declined at the checkout."),
        ("Ich konnte die Bestellung nicht abschließen.", "Meine Karte wurde an der Kasse abgelehnt."),
        ("Je n'ai pas pu terminer ma commande.", "Ma carte a été refusée au paiement."),
    ),
    (
        ("My printer is broken, I need a technician.", "When does the technician come?"),
        ("Mein Drucker ist kaputt, ich brauche einen Techniker.", "Wann kommt der Techniker?"),
        ("Mon imprimante est en panne, il me faut un technicien.", "Quand vient le technicien ?"),
    ),
    (
        ("My internet is slow since yesterday.", "The wifi does not reach the kitchen."),
        ("Mein Internet ist seit gestern langsam.", "Das WLAN reicht nicht bis in die Küche."),
        ("Ma connexion est lente depuis hier.", "Le wifi ne va pas jusqu'à la cuisine."),
    ),
    (
        ("The printer says that it is offline.", "It prints empty pages."),
        ("Der Drucker ist angeblich offline.", "Es kommen leere Seiten."),
        ("L'imprimante est hors ligne.", "Elle imprime des pages blanches."),
    ),
    (
        ("I do not understand my bill.", "There is a charge that I did not expect."),
        ("Ich verstehe meine Rechnung nicht.", "Da steht ein Betrag, den ich nicht kenne."),
        ("Je ne comprends pas ma facture.", "Il y a un montant que je n'attendais pas."),
    ),
    (
        ("My line has been down since midnight.", "There is no connection at all."),
        ("Meine Leitung ist seit Mitternacht tot.", "Es gibt gar keine Verbindung."),
        ("Ma ligne est coupée depuis minuit.", "Il n'y a plus aucune connexion."),
    ),
)
ANSWERS = (
    ("Let me look at your basket.", "Ich sehe im Warenkorb nach.", "Je regarde votre panier."),
    ("I will find a date for the visit.", "Ich suche einen Termin.", "Je cherche un rendez-vous."),
    ("I am testing your line.", "Ich messe Ihre Leitung.", "Je teste votre ligne."),
    ("Please switch it off and on again.", "Bitte einmal aus- und einschalten.", "Éteignez puis rallumez."),
    ("I will explain each line.", "Ich erkläre jede Zeile.", "Je vous explique chaque ligne."),
    ("We know of it and work on it.", "Wir wissen davon und arbeiten daran.", "Nous y travaillons."),
)


def turns(queue: Ints, language: Ints, number: Ints, talk: Ints) -> Any:
    """The turns of calls, JSON objects with commas between them; `talk` is the length in seconds."""
    spot = queue * len(LANGUAGES) + language
    problems = [text for by_language in PROBLEMS for pair in by_language for text in pair]
    answers = [text for by_language in ANSWERS for text in by_language]
    return joined(
        fragments(language, [_turn("agent", 0.0, text) for text in GREETINGS]),
        fragments(spot * 2 + number % 2, [_turn("customer", 3.0, text) for text in problems]),
        fragments(spot, [_turn("agent", 5.0, text) for text in answers]),
        '{"speaker":"customer","start_s":',
        whole(np.maximum(talk - 3, 5)),
        ',"end_s":',
        whole(np.maximum(talk, 5)),
        ',"text":"',
        fragments(language, FAREWELLS),
        '"}',
    )


def _turn(speaker: str, start: float, text: str) -> str:
    return f'{{"speaker":"{speaker}","start_s":{start},"text":"{text}"}},'
