"""What customers write beside their score: short remarks in English, German and French, from templates."""

from __future__ import annotations

import numpy as np

from desirepath.demo.clock import Ints, Rng

#: by language (en, de, fr) and class (promoter, passive, detractor)
OPENINGS = (
    (
        ("Great service.", "Very happy.", "Would recommend."),
        ("It was fine.", "OK overall.", "Average."),
        ("Very disappointed.", "Not acceptable.", "Never again."),
    ),
    (
        ("Toller Service.", "Sehr zufrieden.", "Gerne wieder."),
        ("Ganz in Ordnung.", "Geht so.", "Durchschnitt."),
        ("Sehr enttäuscht.", "Das geht so nicht.", "Nie wieder."),
    ),
    (
        ("Super service.", "Très contente.", "Je recommande."),
        ("Correct.", "Moyen.", "Rien de spécial."),
        ("Très déçu.", "Inadmissible.", "Plus jamais."),
    ),
)

#: by subject, language; two details each. Subjects: see SUBJECTS
SUBJECTS = (
    "repair good",
    "repair missed",
    "repair other",
    "order good",
    "order late",
    "order other",
    "call good",
    "call wait",
    "call other",
)
DETAILS = (
    (
        (
            "The technician was on time and fixed the printer in an hour.",
            "Printer works again, friendly technician.",
        ),
        (
            "Der Techniker war pünktlich und der Drucker läuft wieder.",
            "Drucker repariert, freundlicher Techniker.",
        ),
        ("Le technicien était à l'heure, l'imprimante remarche.", "Réparation rapide et technicien aimable."),
    ),
    (
        (
            "The visit had to be rescheduled and nobody told me.",
            "I waited all morning, then a new appointment, then another call.",
        ),
        (
            "Der Termin wurde verschoben und niemand hat Bescheid gesagt.",
            "Den ganzen Vormittag gewartet, dann ein neuer Termin.",
        ),
        (
            "Le rendez-vous a été reporté sans me prévenir.",
            "J'ai attendu toute la matinée, puis un nouveau rendez-vous.",
        ),
    ),
    (
        ("The repair was too expensive.", "The printer still makes a noise."),
        ("Die Reparatur war zu teuer.", "Der Drucker macht immer noch Geräusche."),
        ("La réparation est trop chère.", "L'imprimante fait encore du bruit."),
    ),
    (
        ("Delivered quickly, well packed.", "Easy to order, arrived in two days."),
        ("Schnell geliefert, gut verpackt.", "Einfach zu bestellen, in zwei Tagen da."),
        ("Livraison rapide, bien emballé.", "Commande facile, reçue en deux jours."),
    ),
    (
        ("The parcel came days after the promised date.", "Late delivery, and the tracking did not move."),
        (
            "Das Paket kam Tage nach dem zugesagten Termin.",
            "Zu spät geliefert, Sendungsverfolgung ohne Auskunft.",
        ),
        (
            "Le colis est arrivé des jours après la date promise.",
            "Livraison en retard, suivi sans information.",
        ),
    ),
    (
        ("The delivery price only shows at the end.", "Paying by card took three attempts."),
        ("Die Versandkosten sieht man erst am Ende.", "Die Zahlung ging erst beim dritten Versuch."),
        (
            "Les frais de livraison n'apparaissent qu'à la fin.",
            "Le paiement n'est passé qu'au troisième essai.",
        ),
    ),
    (
        ("Got through at once and the answer was clear.", "The agent solved it on the first call."),
        ("Sofort durchgekommen, klare Antwort.", "Beim ersten Anruf gelöst."),
        ("Réponse immédiate et claire.", "Résolu au premier appel."),
    ),
    (
        ("Twenty minutes on hold.", "The queue music is all I remember."),
        ("Zwanzig Minuten Warteschleife.", "Ewig in der Warteschleife."),
        ("Vingt minutes d'attente.", "Une attente interminable."),
    ),
    (
        ("I had to explain the same thing twice.", "The bill is still wrong."),
        ("Ich musste alles zweimal erklären.", "Die Rechnung stimmt immer noch nicht."),
        ("J'ai dû tout expliquer deux fois.", "La facture est toujours fausse."),
    ),
)

#: every remark; code = ((subject * 3 + language) * 3 + class) * 6 + opening * 2 + detail
REMARKS = tuple(
    f"{opening} {detail}"
    for by_language in DETAILS
    for language, details in enumerate(by_language)
    for openings in OPENINGS[language]
    for opening in openings
    for detail in details
)


def remark_codes(rng: Rng, subject: Ints, language: Ints, kind: Ints, share: float) -> Ints:
    """Pick a remark for each answer, or -1 for no comment.

    `subject` is the place of the touchpoint's praise in SUBJECTS plus 0 (praise), 1 (the planted sore) or
    2 (another complaint).
    """
    count = len(subject)
    code = ((subject * 3 + language) * 3 + kind) * 6 + rng.integers(0, 6, count)
    return np.where(rng.random(count) < share, code, -1)
