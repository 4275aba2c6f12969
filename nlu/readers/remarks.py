"""What is left of a message as free text once its slots are read: next steps, note, gap."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nlu.readers.clauses import Clause
from nlu.readers.folding import TAKEN, Folded

PURE_FOLLOW_UP = re.compile(
    r"^(?:wv|wiedervorl\w*+|wvl|folgetermin|folgegespraech|folgekontakt|naechste[rsn]? (?:termin|"
    r"gespraech|kontakt|beratung|telefonat|treffen|mal)|neuer termin|"
    r"follow[- ]?up|erinner\w*+|termin|vereinbart|ausgemacht|gemacht|am|um|auf|fuer|mit ihr|mit ihm|"
    r"kl|bitte|mich|ist|steht|und|wir|sehen uns|wieder|\d{1,2}(?:[:.]\d\d)? ?(?:uhr|h)\b|\d{1,2}:\d\d|[ :.-])*+$"
)
FILLER = re.compile(
    r"\b(?:kurzberatung\w*|kb|kurzb\.?|beratung\w*|beratungsgespraech\w*|gespraech\w*|fall|klient\w*|"
    r"kl|kundin|kunde|mit|und|u|zu|zum|zur|am|im|um|wegen|thema|themen|hatte|habe|hab|war|ich|er|sie|"
    r"es|ein|eine|der|die|das|den|dem|ca|etwa|knapp|circa|rund|uhr|per|via|dauer|minuten|lang|heute|"
    r"bitte|eintragen|eingetragen|neu|neue|neues|neuer|erfassen|dokumentieren|doku|loggen|notieren|"
    r"log|hallo|hi|moin|"
    r"guten|tag|morgen|gesprochen|telefoniert|beraten|gefuehrt|gehabt|von|bis|fuer|an|bei|in|ging|"
    r"datum|kanal|nr|nummer|fallnummer|auch|noch|sowie|hat|ist|dann|gerade|eben|kurz|kurze|kurzes|"
    r"kurzer|kontakt|nur|als|verweisberatung|grad|the|schnell|mal|gab|gabs|frage|fragen|folgende|ihn|ihm|ihr|"
    r"erfolgt|wurde|worden)\b"
)


@dataclass(frozen=True)
class Remarks:
    """What is left of one message. `rest` is the message without what went into slots.

    `slots` are the places of topics, case and duration, `follow` the clause that says when to follow up.
    """

    folded: Folded
    rest: Folded
    parts: list[Clause]
    follow: Clause | None
    slots: list[tuple[int, int]]

    def next_steps(self) -> str | None:
        return self._typed(part for part in self.parts if part.kind == "next" and self._says_more(part))

    def note(self) -> str | None:
        return self._typed(
            part
            for part in self.parts
            if (part.kind in ("note", "done") and self._left(part))
            or (part.kind == "talk" and not self._has(part, self.slots) and len(self._left(part)) > 1)
        )

    def gap(self) -> str | None:
        return self._typed(part for part in self.parts if part.kind == "gap")

    def _says_more(self, part: Clause) -> bool:
        """A clause that only says when to follow up is no step."""
        left = self.rest.text[part.start : part.end].replace(TAKEN, " ").strip()
        return bool(re.search("[a-z]", left)) and not (part == self.follow and PURE_FOLLOW_UP.match(left))

    def _left(self, part: Clause) -> list[str]:
        left = self.rest.text[part.start : part.end].replace(TAKEN, " ")
        return re.findall(r"[a-z]{2,}", FILLER.sub(" ", left))

    def _has(self, part: Clause, spans: list[tuple[int, int]]) -> bool:
        return any(part.start <= start < part.end for start, _ in spans)

    def _typed(self, parts: Iterable[Clause]) -> str | None:
        texts = [without_edges(self.folded.as_typed(part.start, part.end)) for part in parts]
        return ", ".join(text for text in texts if text) or None


def without_edges(text: str) -> str:
    """Without what separates clauses; the dot of "20.4." stays."""
    stripped = text.strip(" .,:;-–\n")
    return stripped + "." * bool(re.search(r"\d\.\d{1,2}$", stripped) and stripped + "." in text)
