"""Street addresses: street and number, with postcode and town where they follow directly."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.privacy.lexicon import words_in
from nlu.privacy.spans import Span

WORD = r"[^\W\d_]+(?:['’.-]{1,2}[^\W\d_]+)*"
STREET = (
    r"(?:straße|strasse|strase|straße|str|allee|gasse|chaussee|stiege|steig|promenade|weg|ring|damm|ufer|wall|"
    r"twiete|pfad|gässchen|zeile|kamp|siedlung|platz)"
)
PLACE = (
    r"(?:platz|markt|hof|berg|tor|graben|brücke|park|winkel|grund|feld|busch|heide|kai|höhe|garten|wiese|aue|bogen|"
    r"hang|anger|bruch|esch|horst|hecke|mühle|bach|brink|ecke?|kirche|bahnhof|schloss|turm|wald|see|stein|tal|dorf|"
    r"ziegelei|zeche|halde|born|linden|eichen|kuhle|hagen|loh|venn|bleiche|burg|kanal|hafen|kreuz|stadion|sportplatz)"
)
NUMBER = (
    r"(?:nr\.?\s?)?\d{1,4}(?:\s?[a-z](?![\w.]))?(?:\s?[-–/+]\s?\d{1,4}(?:\s?[a-z](?!\w))?)?(?![\w%€]|[.,:]\d|"
    r"\.\s?(?:\d|jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)|,-|\s?(?:€|euro|%|prozent|uhr|tage|wochen|monat|"
    r"jahr|kinder|personen|stunden|plätze|qm|m²|leute|fälle|termine|teilnehm))"
)
TOWN = (
    r"[^\W\d_][^\W\d_.-]+(?:-[^\W\d_]+)*(?:\s(?:(?:an|am|im|bei|ob|in)\s(?:der\s|dem\s)?)[A-ZÄÖÜ][^\W\d_]+|"
    r"\s\([^)\d]{2,20}\))?"
)
BEHIND = rf"(?:\s?[,;/|–-]?\s{{0,2}}(?:in\s)?(?:D[ -])?\d{{5}}(?!\d)\s+{TOWN})?"
PREPOSITION = (
    r"(?:am|an der|an den|an dem|auf der|auf dem|auf den|im|in der|in den|in dem|zum|zur|unter den|unter der|"
    r"hinter der|hinter dem|vor dem|vor der|bei der|beim|neuen?|alter?|alten|kleine[rn]?|große[rn]?|obere[rn]?|"
    r"untere[rn]?|lange[rn]?)"
)
NOT_STREETS = (
    r"(?:rechts|klage|instanzen|dienst|bildungs|lebens|flucht|werde|hin|heim|schul|arbeits|verwaltungs|beschwerde|"
    r"zahlungs|post|"
    r"ausbildungs|kurs|kita|studien|praktikums|betreuungs|therapie|wohnungs|stell|schlaf|kinder|spiel|pflege|"
    r"bau|meilen|formular|handlungs|themen|aufgaben|arbeitsmarkt|tätigkeits|hinter|vorder|berufs|um|aus|unter|"
    r"mittel|lösungs|sprachkurs|bezirks|pflicht)"
)
NOT_SQUARES = (
    r"(?:kurs|schul|kita|arbeits|ausbildungs|studien|praktikums|betreuungs|therapie|wohn|wohnheim|stell|schlaf|"
    r"spiel|pflege|heim|krippen|kindergarten|hort|sitz|ogs|park|zelt|vhs|unterbringungs|u3|aufnahme)"
)
COMPOUND = (
    rf"(?![^\W\d_]*-?{NOT_SQUARES}-?platz)(?!{NOT_STREETS}(?:wege?s?|platz|feld|grund|markt|ring|steig|stieg|"
    rf"pfad)\b)[^\W\d_]{{2,}}(?:['’.-]{{1,2}}[^\W\d_]+)*?[.-]?{STREET}"
)
FORMS = [
    re.compile(form + BEHIND, re.IGNORECASE)
    for form in (
        rf"(?<![\w-])(?:(?:am|an der|auf der|auf dem|zum|zur|alte|neue|kleine|große|obere|untere|"
        rf"lange)\s)?{COMPOUND}\.?\s?{NUMBER}",
        rf"(?<![\w-]){PREPOSITION}\s(?:(?:alten?|neuen?|kleinen?|großen?|hohen?|langen?|oberen?|unteren?|"
        rf"ehemaligen?|st\.|sankt)\s)?(?!{NOT_STREETS})(?:[^\W\d_]+-)*[^\W\d_]*?{PLACE}(?:straße|weg)?\s{NUMBER}",
        rf"(?<![\w-])[^\W\d_]{{3,}}er\s(?:straße|strasse|str|allee|weg|ring|damm|platz|ufer|wall|gasse|chaussee|"
        rf"kamp|landstr\w*)\.?\s?{NUMBER}",
        rf"(?<![\w-])(?!(?:der|die|das|eine|einer|ihre|seine|neue|alte|gleiche|selbe)\s)[^\W\d_]{{3,}}\s(?:straße|strasse|str)\.?\s?{NUMBER}",
        rf"(?<![\w-])(?:platz|straße|strasse|allee|ring|weg)\s(?:der|des|am|im|an|zum|zur|"
        rf"von)\s(?:\d{{1,2}}\.\s)?{WORD}(?:\s{WORD})?\s{NUMBER}",
    )
]
CAPITALISED = [
    re.compile(form + BEHIND)
    for form in (
        rf"(?<![\w-])(?!(?i:{NOT_STREETS}))[A-ZÄÖÜ][\wäöüß.'’-]+{PLACE}\s{NUMBER}"
        r"(?=\s?[,;/|–-]?\s{0,2}(?:D[ -])?\d{5}\b)",
        rf"(?<![\w-])(?:[A-ZÄÖÜ][^\W\d_.]*\.?[ -]){{1,3}}(?i:straße|strasse|str|allee|weg|ring|damm|platz|ufer|"
        rf"wall|gasse|chaussee|kamp|stieg|steig)\b\.?\s?{NUMBER}",
    )
]
BY_POSTCODE = re.compile(
    rf"(?<![\w-])(?P<address>(?:{WORD}\.?[ ]){{1,2}}?{NUMBER}\s?[,;/|–-]?\s{{0,2}}(?:D[ -])?\d{{5}}(?!\d)\s+{TOWN})",
    re.IGNORECASE,
)
LIVES = re.compile(
    r"(?<!\w)(?:wohn(?:t|haft|en|e|end|ten|te)|adresse|adr|anschrift|gemeldet|untergebracht|wohnort|wohnung|umgezogen|"
    r"unterkunft|postanschrift|meldeadresse|lebt|straße|ummeldung)(?!\w)"
    r"[.:\s,]{0,3}(?:(?:jetzt|nun|aktuell|neu|ist|lautet|derzeit|momentan|bei|noch|in|im|der|den|am|an|nach|auf|"
    r"dem|zur|zum|unter|weiterhin|immer|zurzeit|seit|gestern|heute)[\s:]+){0,5}"
    rf"(?P<address>(?!(?:mit|und|für|von|zu|hat|sie|er|ca|etwa|seit|den|am|bis|ab|jahre?|monate?|wochen?|tage?|"
    rf"zimmer|haus|kinder|raum|etage|stock)\s)(?:[^\W\d_]{{3,}}[ .-]{{1,2}}){{1,3}}?{NUMBER}{BEHIND})",
    re.IGNORECASE,
)
STOPS = words_in(
    "und mit seit für von bis ab um vor nach zimmer raum etage haus kind kinder monat monate monaten woche "
    "wochen jahr jahre jahren tag tage tagen "
    "person personen uhr nummer nr paragraf absatz abs satz baustein modul seite frage faq teil stufe niveau "
    "klasse kim fall ca etwa circa knapp über "
    "unter mindestens maximal höchstens alle nur zu je pro insgesamt januar februar märz april mai juni juli "
    "august september oktober november "
    "dezember montag dienstag mittwoch donnerstag freitag samstag sonntag telefon tel handy azr bg pass sgb geb "
    "geboren"
)


def addresses(text: str) -> Iterator[Span]:
    """Addresses; a street without a number is none."""
    strict = [Span(*found.span(), "ADDRESS") for form in (*FORMS, *CAPITALISED) for found in form.finditer(text)]
    yield from strict
    for found in (*LIVES.finditer(text), *BY_POSTCODE.finditer(text)):
        start, end = found.span("address")
        known = any(span.start < end and start < span.end for span in strict)
        if not known and not STOPS & set(re.findall(r"[^\W\d_]+", found["address"].lower())):
            yield Span(start, end, "ADDRESS")
