"""What the company calls the topics of its comments: proposed in three languages, merged and named by people."""

from __future__ import annotations

from pathlib import Path

from desirepath.demo.writing import put_texts

FILES = {
    "comment.topics": """\
# Topics of the comments. A text is about the topic whose terms, with their weights, it holds most of; three languages
# speak of the same things, so their words stand together. `desirepath topics list` shows them.
format: desirepath topics 1
method: Named by the company.
topics:
- {id: missed-visit, name: missed visit, pinned: true,
   terms: {nobody called: 3, visit: 2, waited: 2, rescheduled: 3, morning: 2, agreed: 2, termin: 3,
           verschoben: 3, vormittag: 2, rendez: 3, reporté: 3, personne: 2, attendu: 3, matinée: 2}}
- {id: good-repair, name: good repair,
   terms: {technician: 4, techniker: 3, technicien: 3, fixed: 3, repariert: 2, remarche: 3,
           friendly technician: 1}}
- {id: poor-repair, name: repair too expensive or no help,
   terms: {repair: 2, expensive: 3, noise: 3, reparatur: 3, teuer: 3, geräusche: 3, réparation: 2,
           chère: 3, bruit: 3}}
- {id: quick-delivery, name: quick delivery,
   terms: {delivered quickly: 3, packed: 3, easy: 2, arrived: 2, quick delivery: 3, delivered: 2,
           schnell: 2, schnelle: 3, verpackt: 3, bestellen: 2, bestellt: 2, livraison rapide: 3,
           emballé: 3, commande: 3, facile: 2}}
- {id: late-delivery, name: late delivery, pinned: true,
   terms: {promised: 3, late: 3, tracking: 3, parcel: 1, spät: 3, sendungsverfolgung: 3, zugesagt: 3,
           zugesagten: 3, retard: 3, suivi: 3, promise: 3, promis: 3, colis: 1}}
- {id: price-and-payment, name: price and payment,
   terms: {price: 3, delivery price: 2, card: 3, attempts: 3, checkout: 2, versandkosten: 3, zahlung: 3,
           karte: 3, kasse: 2, preis: 3, frais: 3, paiement: 3, carte: 3, prix: 3, caisse: 2}}
- {id: quick-answer, name: solved on the first call,
   terms: {first call: 3, answer clear: 3, clear: 2, solved: 3, anruf gelöst: 3, gelöst: 3,
           klare antwort: 3, klare: 2, appel: 3, résolu: 3, réponse claire: 3, claire: 2, immédiate: 3}}
- {id: on-hold, name: on hold,
   terms: {hold: 4, queue: 4, minutes: 2, warteschleife: 4, attente: 4, interminable: 2}}
- {id: explain-again, name: explain it again,
   terms: {explain: 3, bill: 3, transferred: 3, erklären: 3, rechnung: 3, weitergeleitet: 3, expliquer: 3,
           facture: 3, transféré: 3}}
""",
}


def write_codebook(folder: Path) -> None:
    """Put the topics into a workspace's folder of texts; what is there already stays as it is."""
    put_texts(folder, FILES)


__all__ = ["write_codebook"]
