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

#: by subject, language; so many details each. Subjects: see SUBJECTS
EACH = 4
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
            "The technician explained everything and the printer works like new.",
            "One visit and the printer was fixed, what a friendly technician.",
        ),
        (
            "Der Techniker war pünktlich und der Drucker läuft wieder.",
            "Drucker repariert, freundlicher Techniker.",
            "Der Techniker hat alles erklärt, der Drucker läuft wie neu.",
            "Ein Besuch, und der Drucker war repariert. Sehr freundlicher Techniker.",
        ),
        (
            "Le technicien était à l'heure, l'imprimante remarche.",
            "Réparation rapide et technicien aimable.",
            "Le technicien a tout expliqué, l'imprimante marche comme neuve.",
            "Une seule visite et l'imprimante remarche, technicien aimable.",
        ),
    ),
    (
        (
            "The visit had to be rescheduled and nobody told me.",
            "I waited all morning for the visit and nobody came.",
            "Nobody came to the visit that was agreed, and I had to take another day off.",
            "I waited at home, the visit was rescheduled twice and nobody called.",
        ),
        (
            "Der Termin wurde verschoben und niemand hat Bescheid gesagt.",
            "Den ganzen Vormittag auf den Termin gewartet, und niemand kam.",
            "Zum vereinbarten Termin kam niemand, ich musste noch einen Tag frei nehmen.",
            "Zu Hause gewartet, der Termin wurde zweimal verschoben, niemand rief an.",
        ),
        (
            "Le rendez-vous a été reporté sans me prévenir, personne n'est venu.",
            "J'ai attendu toute la matinée le rendez-vous et personne n'est venu.",
            "Personne n'est venu au rendez-vous prévu, j'ai dû reprendre un jour de congé.",
            "J'ai attendu chez moi, le rendez-vous a été reporté deux fois.",
        ),
    ),
    (
        (
            "The repair was too expensive.",
            "The printer still makes a noise after the repair.",
            "The repair cost more than a new printer.",
            "The printer still makes the same noise, and the repair was expensive.",
        ),
        (
            "Die Reparatur war zu teuer.",
            "Der Drucker macht nach der Reparatur immer noch Geräusche.",
            "Die Reparatur kostet mehr als ein neuer Drucker.",
            "Der Drucker macht dieselben Geräusche, und die Reparatur war teuer.",
        ),
        (
            "La réparation est trop chère.",
            "L'imprimante fait encore du bruit après la réparation.",
            "La réparation coûte plus qu'une imprimante neuve.",
            "L'imprimante fait toujours le même bruit, et la réparation était chère.",
        ),
    ),
    (
        (
            "Delivered quickly, well packed.",
            "Easy to order, arrived in two days.",
            "Quick delivery, the parcel was well packed.",
            "Ordered on Monday, delivered on Wednesday, easy.",
        ),
        (
            "Schnell geliefert, gut verpackt.",
            "Einfach zu bestellen, in zwei Tagen geliefert.",
            "Schnelle Lieferung, das Paket war gut verpackt.",
            "Am Montag bestellt, am Mittwoch geliefert, ganz einfach.",
        ),
        (
            "Livraison rapide, bien emballé.",
            "Commande facile, livraison en deux jours.",
            "Livraison rapide, le colis était bien emballé.",
            "Commande lundi, livraison mercredi, facile.",
        ),
    ),
    (
        (
            "The parcel came days after the promised date.",
            "Late delivery, and the tracking did not move.",
            "The parcel was late and the tracking showed nothing.",
            "Promised for Friday, the parcel came a week late.",
        ),
        (
            "Das Paket kam Tage nach dem zugesagten Datum.",
            "Zu spät geliefert, Sendungsverfolgung ohne Auskunft.",
            "Das Paket kam zu spät, die Sendungsverfolgung zeigte nichts.",
            "Für Freitag zugesagt, das Paket kam eine Woche zu spät.",
        ),
        (
            "Le colis est arrivé des jours après la date promise.",
            "Livraison en retard, suivi sans information.",
            "Le colis est arrivé en retard et le suivi ne disait rien.",
            "Promis pour vendredi, le colis avait une semaine de retard.",
        ),
    ),
    (
        (
            "The delivery price only shows at the end.",
            "Paying by card took three attempts.",
            "The price at the checkout was higher than in the shop.",
            "The card was declined at the checkout, then it was charged twice.",
        ),
        (
            "Die Versandkosten sieht man erst am Ende.",
            "Die Zahlung mit Karte ging erst beim dritten Versuch.",
            "Der Preis an der Kasse war höher als im Shop.",
            "Die Karte wurde an der Kasse abgelehnt und dann zweimal belastet.",
        ),
        (
            "Les frais de livraison n'apparaissent qu'à la fin.",
            "Le paiement par carte n'est passé qu'au troisième essai.",
            "Le prix à la caisse était plus élevé que dans la boutique.",
            "La carte a été refusée au paiement, puis débitée deux fois.",
        ),
    ),
    (
        (
            "Got through at once and the answer was clear.",
            "The agent solved it on the first call.",
            "The agent was patient and the answer was clear.",
            "Solved on the first call, friendly agent.",
        ),
        (
            "Sofort durchgekommen, klare Antwort.",
            "Beim ersten Anruf gelöst.",
            "Geduldige Beratung, klare Antwort.",
            "Beim ersten Anruf gelöst, freundliche Beratung.",
        ),
        (
            "Réponse immédiate et claire.",
            "Résolu au premier appel.",
            "Conseil patient, réponse claire.",
            "Résolu au premier appel, conseil aimable.",
        ),
    ),
    (
        (
            "Twenty minutes on hold.",
            "The queue music is all I remember.",
            "On hold for half an hour, then the line dropped.",
            "Twenty minutes in the queue before anybody answered.",
        ),
        (
            "Zwanzig Minuten Warteschleife.",
            "Ewig in der Warteschleife.",
            "Eine halbe Stunde Warteschleife, dann war die Leitung weg.",
            "Zwanzig Minuten Warteschleife, bis jemand abnahm.",
        ),
        (
            "Vingt minutes d'attente.",
            "Une attente interminable.",
            "Une demi-heure d'attente, puis la ligne a coupé.",
            "Vingt minutes d'attente avant une réponse au téléphone.",
        ),
    ),
    (
        (
            "I had to explain the same thing twice.",
            "The bill is still wrong.",
            "I had to explain it to three agents and the bill is still wrong.",
            "They transferred me and I had to explain everything again.",
        ),
        (
            "Ich musste alles zweimal erklären.",
            "Die Rechnung stimmt immer noch nicht.",
            "Ich musste es drei Leuten erklären, und die Rechnung stimmt immer noch nicht.",
            "Man hat mich weitergeleitet, und ich musste alles noch einmal erklären.",
        ),
        (
            "J'ai dû tout expliquer deux fois.",
            "La facture est toujours fausse.",
            "J'ai dû expliquer à trois personnes, et la facture est toujours fausse.",
            "On m'a transféré et j'ai dû tout expliquer encore une fois.",
        ),
    ),
)

#: every remark; code = ((subject * 3 + language) * 3 + class) * 3 * EACH + opening * EACH + detail
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
    code = ((subject * 3 + language) * 3 + kind) * 3 * EACH + rng.integers(0, 3 * EACH, count)
    return np.where(rng.random(count) < share, code, -1)
