"""Takes a hurried message apart: what was talked about, what happens next, and what is labelled as something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["talk", "next", "done", "note", "gap", "topics"]

SHORT = (
    "tel telef ca std min mins kl z.b ggf evtl bzgl u usw nr dt pers inkl max bes vllt bzw str st fr hr dr abs sog etc "
    "tlw d.h wg betr uhr mo di mi do sa so monatl f v m n k t n.t abd nachm vorm gespr erstgespr ausb besch "
    "nae zus beantw wo nachr"
)
"""Words whose dot ends no sentence."""
NOT_AFTER_SHORT = "".join(rf"(?<!\b{re.escape(short)})" for short in SHORT.split())
LABELS: dict[Kind, str] = {
    "gap": (
        r"(?:angebots|versorgungs|bedarfs)?luecken?(?: im angebot| in der versorgung)?(?: ist)?|es fehlt(?: an)?|fehlt|"
        r"(?:fehlendes )?angebot(?: fehlt)?"
    ),
    "next": (
        r"(?:als )?(?:naechste[rs]?|weitere[rs]?) schritte?|next(?: steps?)?|to ?-?do'?s?|als naechstes|"
        r"weiteres vorgehen|wie weiter|weiter|vereinbart|vereinbarung|absprache|ns|plan|dann"
    ),
    "note": r"notizen?|notiz|anm(?:erkung)?\.?|info|hinweis|bemerkung|kommentar|vermerk|ps|nb",
    "topics": (
        r"themen?|anliegen|bedarfe?|inhalte?|es ging um|ging um|gings um|ging es um|wegen|betreff|betr\.?|bzgl\.?|"
        r"thematik|fragen? zu[rm]?|beratung zu[rm]?|gespraech ueber"
    ),
}
BREAK = re.compile(
    rf"[,;\n!?|()]|{NOT_AFTER_SHORT}\.(?= |$)| - | / | \+ | ?-> ?| (?=(?:{'|'.join(LABELS.values())}) ?:)|"
    r" (?=(?:angebots|versorgungs)?luecke\b(?! im (?:lebenslauf|cv)))"
)
LABEL = re.compile("|".join(rf"^ ?(?P<{kind}>(?:{words}))(?: ?[:=–-]+ ?| ?$)" for kind, words in LABELS.items()))
SPOKEN_LABEL = re.compile(
    rf"^ ?(?:(?P<gap>luecke|es fehlt\b(?: an)?|fehlt\b|angebotsluecke|versorgungsluecke)|"
    rf"(?P<next>(?:als )?naechste[rs]? schritte?(?: ist)?|als naechstes|todo)|"
    rf"(?P<topics>{LABELS['topics']}))\b ?"
)
GAP_GOES_ON = re.compile(r" ?(?:und|oder|auch|nur|kein\w*|erst|warte\w*|weder|noch|alle|nichts|niemand)\b")
STARTS_NEXT = re.compile(
    r"\b(?:(?:und )?(?:sie|er|ich|wir|kl|klient\w*|kundin|kunde|mutter|vater|"
    r"familie) )?(?:(?:neuer? |folge)?(?<!ohne )termin\w* (?:bei|beim|mit|am|im|in|fuer|zur|zum|ausgemacht|"
    r"vereinbart|gemacht|gebucht|steht)\b|"
    r"folgetermin|(?<!fuer )naechste[rs]? (?:schritte?|termin|kontakt|gespraech|mal)|als naechstes|"
    r"sehen uns|meldet sich|"
    r"melde mich|bringt|schickt|"
    r"ruf[te]? |reicht |soll(?:en|te)?\b|muss(?:en)?\b|muessen\b|wird\b|besorgt|kuemmert|kuemmere|"
    r"ich (?:schick|ruf|kuemmer|frag|klaer|mach|such|schreib|meld|bereit)\w*|"
    r"(?:und )?(?:dann )?(?:wir haben|haben wir|hab\w*) (?:was |noch |dann )?(?:ausgemacht|vereinbart|verabredet)|"
    r"(?:wir )?(?:sehen|treffen|sprechen|hoeren) uns|wiedersehen|"
    r"wv\b|wiedervorlage|follow[- ]?up|rueckruf|unterlagen (?:\w+ )?(?:nachreichen|mitbringen|"
    r"besorgen|sammeln|einreichen|anfordern|schicken)|"
    r"komm(?:t|en|e) (?:er |sie |die |der )?\x00|\x00 (?:kommt|kommen|komme|telefonieren|treffen|sehen|sprechen) |"
    r"(?:kommt|kommen) (?:wieder|nochmal|noch mal|mit|zum|zur|naechste|am|in)\b|to ?do\b|bitte )"
)
MEANS_NEXT = re.compile(
    r"\b(?:ausgemacht|vereinbart|verabredet|abgesprochen|gebucht|naechste[rs]? schritte?|"
    r"als naechstes|folgetermin|nachfassen|nachhaken|nachfragen|"
    r"nachreichen|einreichen|mitbringen|besorgen|sammeln|anfordern|abklaeren|klaeren|abwarten|warten|"
    r"anmelden|beantragen|ausfuellen|vorbereiten|"
    r"rueckruf|rueckmeldung|zurueckrufen|anrufen|schreiben|abgeben|stellen|pruefen|recherchieren|"
    r"organisieren|kontaktieren|checken|holen|bringen|machen|drucken|kopieren|mailen|uebersetzen|informieren|"
    r"besprechen|melden|vereinbaren|ausmachen|buchen|weitermachen|begleiten|"
    r"schicken|zuschicken|vorbeikommen|vorbeibringen|bringt|schickt|meldet|melde|reicht|kommt wieder|"
    r"soll|sollte|muss|muessen|wird|kuemmert|kuemmere|(?<!ohne )termin|geht (?:zu|am|zum|zur)|nochmal|noch mal|"
    r"erneut)\b|\bwieder(?= ?(?:\x00|am\b|in\b|im\b|ab\b|naechst|zu mir|zu uns|bei uns|hier))|"
    r"\x00 ?wieder\b"
)
INFINITIVE_AT_END = re.compile(
    r"\b(?!umzieh|auszieh|einzieh|anerkenn|einkommen|auskommen|ankommen|unterlagen|anlagen|angaben|auslagen|vorlagen)"
    r"(?:ab|an|auf|aus|ein|hin|mit|nach|vor|zu|zurueck|weiter)(?!ge)[a-z]{3,}en ?$"
)
"""What is still to be done is said so: "anwalt einschalten"."""
MEANS_DONE = re.compile(
    r"\b(?:ausgefuellt|gestellt|erklaert|besprochen|geklaert|mitgegeben|ausgehaendigt|informiert|"
    r"geholfen|uebersetzt|geschrieben|verschickt|abgeschickt|gesendet|"
    r"geschickt|weitergeleitet|eingereicht|angemeldet|beantragt|telefoniert mit|(?:bei|beim|"
    r"mit) .*angerufen|kontaktiert|unterstuetzt|gegeben|gemacht|erledigt|abgegeben|hochgeladen|"
    r"kopiert|durchgegangen|formuliert|gefunden|rausgesucht|herausgesucht|empfohlen|hingewiesen|"
    r"genannt|mitgeteilt|angeboten|vorgeschlagen|"
    r"verwiesen|gezeigt|vorbereitet|geprueft)\b"
)
SAYS_NEED = re.compile(
    r"\b(?:sucht|suchen|braucht|benoetigt|moechte|will|wuenscht|fragt nach|fragen? (?:zu|zum|zur|nach|wegen|bzgl)|"
    r"wollen|moechten|wuenschen|probleme?|hilfe|geht um|ging um|"
    r"thema|themen|anliegen|unterstuetzung|streit|stress|bedarf)\b"
)


class Clause(NamedTuple):
    """A piece of the folded text. `talk` is the talk itself; `topics` is talk, introduced as its subject."""

    start: int
    end: int
    kind: Kind


def clauses(text: str, anchors: list[tuple[int, int]]) -> list[Clause]:
    """The message in pieces; what stands around `anchors` (case number, duration) belongs to the talk."""
    found: list[Clause] = []
    for start, end in pieces(text):
        here = list(classified(text, start, end, anchors, found[-1].kind if found else None))
        empty = [part.kind for part in here] == ["gap"] and not text[here[0].start : end].strip()
        if found and empty and any(found[-1].start <= place < found[-1].end for place, _ in anchors):
            continue  # "20 min tel, Lücke": what is missing is not said
        if found and empty:
            found[-1] = found[-1]._replace(kind="gap")  # "kein Kurs am Abend (Lücke)"
        else:
            found += here
    return found


def pieces(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for stop in BREAK.finditer(text):
        if text[at : stop.start()].strip():
            yield at, stop.start()
        at = stop.end()
    if text[at:].strip():
        yield at, len(text)


def classified(
    text: str, start: int, end: int, anchors: list[tuple[int, int]], before: Kind | None
) -> Iterator[Clause]:
    piece = text[start:end]
    label = LABEL.search(piece) or SPOKEN_LABEL.search(piece)
    if label:
        kind: Kind = next(kind for kind in LABELS if label.groupdict().get(kind))
        rest = start + label.end()
        if kind == "topics":
            yield from split_off_next(text, rest, end, anchors, "topics")
        else:
            yield Clause(rest, end, kind)
        return
    own = any(start <= place < end for place, _ in anchors)
    if before is not None and not own and goes_on(text, start, end, before):
        yield Clause(start, end, before)
        return
    yield from split_off_next(text, start, end, anchors, "talk")


def goes_on(text: str, start: int, end: int, before: Kind) -> bool:
    """After "notiz:" or "nächste schritte:" the sentence belongs to it; after "lücke:" what plainly continues it."""
    if before == "gap":
        return text[start - 1 : start] == "," and bool(GAP_GOES_ON.match(text, start, end))
    if before not in ("note", "next") or STARTS_NEXT.search(text, start, end):
        return False
    since = max(text.rfind(stop, 0, start + 1) for stop in (". ", "\n", ";", "!"))
    return re.search(r"[a-z] ?:", text[since + 1 : start]) is not None


def split_off_next(text: str, start: int, end: int, anchors: list[tuple[int, int]], kind: Kind) -> Iterator[Clause]:
    own = [place for _, place in anchors if start <= place <= end]
    begins = max([start, *own])
    following = STARTS_NEXT.search(text, begins, end)
    cut = following.start() if following else end
    called = following is not None and following.group().startswith("ruf") and " " not in text[start:cut].strip()
    if (not own and called) or (not own and following and not re.search(r"[a-z0-9]", text[start:cut])):
        cut = start
    if text[start:cut].strip():
        yield Clause(
            start, cut, what(text[start:cut], has_anchor=bool(own), asked=text[cut : cut + 1] == "?", kind=kind)
        )
    if following:
        yield Clause(cut, end, "next")


def what(piece: str, *, has_anchor: bool, asked: bool, kind: Kind) -> Kind:
    if kind == "topics" or asked or has_anchor or SAYS_NEED.search(piece):
        return kind
    if MEANS_NEXT.search(piece) or INFINITIVE_AT_END.search(piece):
        return "next"
    return "done" if MEANS_DONE.search(piece) else kind
