"""A ranker trained in an instant: forty questions in two voices, for tests that need a real one but not a good one."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.normalise import Normaliser
from knowledge.ranking import Ranker, Sample, train_ranker

QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "faq-27": {
        "hurried": "antragsfrist? | bis wann antrag | antrag jedes jahr neu? | frist antrag kim",
        "mixed": "Bis wann muss der Antrag gestellt werden? | Muss der Antrag jährlich neu gestellt werden? | "
        "Wann endet die Frist für den Antrag? | Reicht ein Antrag für alle Jahre?",
    },
    "foerderhoehe": {
        "hurried": "förderhöhe? | wie viel geld pro stelle | förderung wie hoch | was gibts an geld",
        "mixed": "Wie hoch ist die Förderung? | Wie viel Geld gibt es pro Stelle? | "
        "Welche Beträge werden gefördert? | Wie hoch ist die Pauschale?",
    },
    "faq-33": {
        "hurried": "fallzahl cm? | wie viele fälle | fälle pro stelle | fallzahlen empfehlung",
        "mixed": "Wie viele Fälle betreut ein Case Manager? | Welche Fallzahl wird empfohlen? | "
        "Was zählt als laufender Fall? | Wie viele Fälle sind üblich?",
    },
    "faq-09": {
        "hurried": "zielgruppe? | für wen ist kim | wer ist zielgruppe | an wen richtet sich das",
        "mixed": "An welche Zielgruppe richtet sich KIM? | Für welche Menschen ist KIM da? | "
        "Wer gehört zur Zielgruppe? | An wen richtet sich das Angebot?",
    },
    "out_of_scope": {
        "hurried": "wetter morgen? | rezept für suppe | wer gewinnt heute | witz erzählen",
        "mixed": "Wie wird das Wetter am Wochenende? | Kannst du mir einen Witz erzählen? | "
        "Was kostet ein neues Fahrrad? | Wann fährt der nächste Zug?",
    },
}
SAMPLES = [
    Sample(text, label, voice)
    for label, voices in QUESTIONS.items()
    for voice, texts in voices.items()
    for text in texts.split(" | ")
]
GROUP_OF = {"faq-13": "foerderhoehe", "faq-38": "foerderhoehe"}


def train_tiny_ranker() -> Ranker:
    return train_ranker(SAMPLES, normaliser=Normaliser({"cm": "case management"}), group_of=GROUP_OF)
