"""Reads a whole counselling from one message: everything it says, and nothing it does not."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from knowledge.needs import Channel, Needs
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.channel import ChannelReader
from nlu.readers.clauses import Clause, clauses
from nlu.readers.dates import NEAR, FoundPastDay, find_due, find_past_day
from nlu.readers.days import find_days
from nlu.readers.duration import FoundMinutes, find_minutes
from nlu.readers.folding import TAKEN, Folded, fold
from nlu.readers.needs import NeedsReader, topics
from nlu.readers.referral import FoundReferral, ReferralReader
from nlu.readers.remarks import FILLER, Remarks
from nlu.readers.results import Ambiguous, Day, Due, Impossible, InFuture, InPast, local
from nlu.readers.spelling import Speller
from nlu.readers.vocabulary import RIGHT_WORDS, TALK_WORDS, TIME_WORDS

SEEN_AGAIN = re.compile(
    r"\b(?:wv|wiedervorl\w*|wvl|ft|fu|wiedersehen|wiederkomm\w*|folgetermin|folgegespraech|folgeberatung|folgekontakt|"
    r"folgetreffen|folgetelefonat|follow[- ]?up|(?:treffen|sehen|sprechen|hoeren|telefonieren|lesen) (?:wir )?uns|"
    r"wir uns|(?:wieder|nochmal|noch mal|erneut|termin|dann) (?:zu|bei|mit) (?:mir|uns)|komm(?:t|en|e) (?:\w+ ){0,4}?"
    r"(?:wieder|nochmal|noch mal)|wieder einbestellt|n\. ?t\.|zweittermin|zweitgespraech|kontrolltermin|"
    r"re-?ass\w*)(?!\w)"
)
"""Said of nobody but the person and oneself."""
FOLLOW_UP = re.compile(
    r"\b(?:naechste[rsn]? (?:besuch|hausbesuch|sprechstunde|anruf|video\w*|zoom\w*|call|mail|online\w*)|der naechste|"
    r"folge(?:besuch|anruf|call|video\w*|mail|hausbesuch|sitzung|kontakt)|setzen wir|fortsetzen|fortgesetzt|"
    r"(?:termin|treffen|gespraech) (?:auf|verlegt|verschoben)|gespraechstermin|beratungstermin|"
    r"verschieb\w* (?:\w+ )?auf|verschoben auf|verlegt auf|naechste[rs](?= ?[:(\d]| (?:am|in|um|"
    r"mo|di|mi|do|fr)\b)|"
    r"weiter geht'?s|geht'?s weiter|(?:schauen|machen|gucken|treffen|sehen|sprechen|hoeren|reden|telefonieren|"
    r"zoomen) wir|"
    r"wir (?:treffen|telefonieren|sprechen|reden|zoomen)|(?:reden|sprechen|machen|telefonieren|zoomen) (?:\w+ "
    r"){1,4}weiter|"
    r"zusammensetzen|bin da|bin \w* ?wieder|komm(?:t|en) (?:am|in|dann|naechste)\b|fortsetzung|folge(?= ?:)|"
    r"haben (?:was |uns )?(?:ausgemacht|verabredet)|verabredet|einbestellt|bestellt (?=fuer|auf|zum)|"
    r"naechste[rsn]? (?:termin|gespraech|kontakt|beratung|telefonat|treffen|mal)|nae?c?h?s?t?\.? termin|"
    r"(?:weiteres?|zweites?|neues?) (?:gespraech|treffen|beratung|telefonat)|neuer termin|rueckruf|nachfassen|"
    r"nachhaken|"
    r"melde mich|meld mich|meldet sich(?! arbeits)|ruf\w* (?!da\b|dort\b)(?:\w+ ){0,2}?(?:an|zurueck)|"
    r"zurueckrufen|erinner\w*|kontrolle|"
    r"ruf\w* ich (?:sie|ihn|die familie|klient\w*)|ich ruf\w* (?:sie|ihn|die familie|klient\w*)|"
    r"nochmal|noch mal|erneut|wieder|weiter am|bis dann|wiederholt|(?:hab|habe) (?:ihr|ihm|ihnen) den)\b"
)
COMING = re.compile(
    r"\b(?:telefonat|telefonieren|videocall|zoom\w*|call|gespraech|beratung|hausbesuch|besuch|treffen|komm(?:t|"
    r"en|e)\b(?! (?:im|aus)\b)(?!.*\b(?:an|raus|aus|zurueck|rein)\b)|"
    r"bei mir|bei uns|zu mir|zu uns|zusammen|gemeinsam|sprechen|reden)\b"
)
"""After the talk they speak of the next one: "telefonat in 14 tagen"."""
AGAIN = re.compile(r"\b(?:nochmal|noch mal|wieder|nachher|spaeter|ruf\w*|rueckruf|wv|erneut|abend|nachmittag)\b")
PAST = re.compile(
    r"\b(?:war|waren|hatte|hatten|gehabt|kam|gesprochen|gewesen|verpasst|"
    r"(?:telefonat|gespraech|beratung|besuch|kontakt|termin) vom|hat (?!\w* ?(?:termin|zeit))\w+)\b"
)
ONLY_WHEN = re.compile(r"\b(?:am|um|uhr|dann|im|in|der|den|so|gegen|ca)\b|[^a-z]")
OWN_TERMIN = re.compile(
    r"\btermin\b(?=[ :=-]*(?:ist |steht |dann |wieder |vereinbart |ausgemacht |gemacht |gebucht |fuer |auf |am |"
    r"um |zum |verschoben |verlegt )*(?:\d|"
    r"in (?:\d|ein|zwei|drei|vier|sechs)|(?:ueber)?(?:naechst|kommend|morgen)|(?:mo|di|mi|do|fr|anfang|mitte|"
    r"ende|kw)\b|\w+tag\b|\w+woch\b|"
    r"ersten|zehnten|$))|\btermin (?:mit|bei) (?:uns|mir)\b|\b(?:am|um|uhr|\d\.|tag|woche) (?:neuer )?termin$"
)
ELSEWHERE = re.compile(
    r"(?:(?:bei|im)\b(?! (?:uns|mir|denen|ihr|ihm|ihnen|buero|april|mai|juni|juli|august|\w+ber|januar|februar|"
    r"maerz)\b)|beim\b|zur\b"
    r"(?! (?:beratung|sprechstunde|pruefung|anmeldung))|\b(?:arzt\w*|gericht|schule|kita|vhs|botschaft|konsulat|"
    r"anwalt|anwaeltin|"
    r"vermieter\w*|amtsgericht|standesamt|klinik|krankenhaus|op|besichtigung|da an|dort an|aok)\b)"
)
FAMILY = re.compile(
    r"(?:(?<=der )|(?<=die )|(?<=mit )|(?<=bei )|(?<=von )|(?<=fuer )|^)(?:familie|fam\.?|frau|fr\.|herrn?|hr\.?) $"
)
ARRANGED = re.compile(r"\b(?:termin\w*|vereinbart|ausgemacht|gebucht|verabredet|wv|wiedervorlage)\b")
"""What an appointment is for is no need of its own."""
CALLED = re.compile(r"\b(?:rief|ruft)\b[^,;.:]{1,90} an(?= ?[,;.:\x00]| ?$| und\b)")
NO_CHANNEL = re.compile(
    r"\b(?:beim? |mit (?:de[mr] )?)?\w*(?:amt|amts|behoerde|stelle|ambulanz|frauenhaus|frauenberatung|"
    r"krisendienst|dienst|kasse|abh|jobcenter|jc|"
    r"betrieb|kammer|botschaft|psz|stadtwerken?|zentrum|beratungsstelle)(?: \w+)? (?:angerufen|antelefoniert|"
    r"angemailt|angefragt)\b|"
    r"\btelefoniert mit (?:dem |der )?\w*(?:amt|behoerde|jobcenter|jc|abh|kasse|stadtwerken?|schule)\b|"
    r"\bonline[- ]?(?:konto|zugang|antrag|banking|formular|portal|eingerichtet|gebucht|bestellt|beantragt|"
    r"gestellt|ausgefuellt|termin gebucht)\b|"
    r"\b(?:jobcenter|termin) online\b|\btel\w*\.?[- ]?dolm\w*|\bdolmetscher\w* (?:am|per|ueber) tel\w*|"
    r"\bhandy[- ]?(?:uebersetzer|vertrag|app)\w*|"
    r"\bgeschrieben auf (?:dem )?handy\b|"
    r"\bnicht (?:zum|zur|ins|in die|in den|per|ueber) \w+|"
    r"\b(?:video|zoom|telefon|online)\w*(?: ?[\w\x00]+){0,2} (?:ausgefallen|geplatzt|abgesagt|verschoben|"
    r"ging nicht|klappte nicht|hat nicht geklappt)\b"
)
"""Calls to others, and words that only sound like a way of talking."""
LOGGING = re.compile(
    r"(?:(?:\b(?:ich )?(?:muss|moechte|will|wollte|wollt|sollte|soll|wuerde gern|wuerd gern|darf|koenntest du|"
    r"koennten sie|kannst du|"
    r"kannste|wuerden sie)(?= [^.;!?\n]*\b(?:eintragen|nachtragen|dokumentieren|aufschreiben|festhalten|"
    r"notieren|erfassen|loswerden)\b)"
    r"(?: (?:ich|noch|mal|bitte|mir|fuer mich|schnell|kurz)\b)*)|"
    r"\b(?:bitte )?(?:zu )?(?:eintragen|einzutragen|nachtragen|nachzutragen|dokumentieren|aufschreiben|"
    r"festhalten|festzuhalten|"
    r"protokollieren|loswerden|reinnehmen|durchgeben|abspeichern|speichern)\b(?: bitte)?|"
    r"^ ?(?:kurze[rs]? )?(?:\w*notiz|vermerk|\w*protokoll|info|hinweis|nachtrag)(?: von unterwegs)? ?[:,-]+(?= )|"
    r"\b(?:bitte|muss noch|muss|soll noch|kommt noch|noch) rein(?= ?[:,]| ?$)|"
    r"\bmelden(?= ?:)|\bmuss (?:ich )?(?:schreiben|eintragen)\b|\b(?:mach\w*|trag\w*) (?:mir )?(?:mal "
    r")?(?:bitte )?(?:nen |"
    r"einen |ein )?(?:eintrag|ein)\b)"
)
"""What asks for the entry is no part of it."""
TAKING_OVER = (
    "JMD",
    "MBE",
    "Schuldnerberatung",
    "Mieterverein",
    "Suchtberatung",
    "Verbraucherzentrale",
    "Wohlfahrtsverband",
    "Frauenberatung",
    "Erziehungsberatung",
    "Schwangerschaftsberatung",
    "Psychosoziales Zentrum",
    "Flüchtlingsberatung",
)
"""Offices that a hurried message names alone only to say who takes over."""
CORRECTION = re.compile(r"\b(?:quatsch|falsch|korrektur|korrigiere|vielmehr|nein|nee|stimmt nicht|sorry)\b")
TAKEN_BACK = re.compile(r"[^.;\n]{0,25}?\b(?:quatsch|falsch|korrektur|korrigiere|vielmehr|nein|nee|ne|ach)\b")
TALKED = re.compile(
    r"\b(?:besprochen|gesprochen|beraten|beantwortet|geantwortet|telefoniert|gemailt|getroffen|geredet)\b"
)
PastDay = Day | Impossible | InFuture | Ambiguous
LONGEST_TALK = 8 * 60
"""Minutes."""
OCLOCK = re.compile(r"\d ?h\b|\d{3,} ?st")
AUTHORITIES = ("Jobcenter", "Agentur für Arbeit", "Jugendamt", "Sozialamt", "Ausländerbehörde", "Einbürgerungsbehörde")
"""Those of which the same holds only at the end, after a need."""
CAME = re.compile(
    rf"(?:^|[,;.:{TAKEN}]) ?(?:(?:heute?|eben|kurz|gerade|grad|mal|und \w+|mit \w+) )*(?:da|hier)"
    rf"(?= ?[,;.:(]| ?$| ?{TAKEN}| wegen| wg| gewesen)|"
    rf"\bwar(?:en)?\b[^,;.:]{{1,40}} (?:da|hier)(?= ?[,;.:({TAKEN}]| ?$| wegen| wg| zum? | ohne | mit | fuer | eine? )|"
    rf"(?:^|[,;{TAKEN}] ?)(?:klient\w*|kundin|kunde|er|sie|familie) (?:da|hier)(?= ?[,;.:({TAKEN}]| ?$)|"
    rf"\bwar(?:en)?\b[^,;.:]{{1,40}} (?:da|hier) (?:und|er|sie|wir|hat|der|die|es|mit)\b|"
    rf"\bkam(?:en)?\b[^,;.:]{{1,50}} (?:vorbei|rein|ins buero|zu mir|zu uns|in die (?:sprechstunde|beratung)|"
    rf"ohne termin)\b|"
    rf"\bwar(?:en)?\b[^,;.:]{{1,50}} bei (?:mir|uns)\b|\bwar(?: ich)?[ {TAKEN}]+bei (?:der familie )?(?:kim )?{TAKEN}"
)
"""Someone was there: "1055 kurz da, 15 min"."""


@dataclass(frozen=True)
class ConsultationSlots:
    """What a message says; None for what it does not.

    Dates are ISO days. `cases` holds every case number, `case` the only one; `date_problem` and `follow_up_problem` say
    why a date that was said is no slot.
    """

    case: str | None = None
    date: str | None = None
    duration_min: int | None = None
    channel: Channel | None = None
    topics: tuple[str, ...] | None = None
    referral: str | None = None
    follow_up: str | None = None
    next_steps: str | None = None
    note: str | None = None
    gap: str | None = None
    cases: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    date_problem: Impossible | InFuture | Ambiguous | None = None
    follow_up_problem: Impossible | InPast | Ambiguous | None = None


@dataclass(frozen=True)
class ConsultationReader:
    """Made once from the curated words and the case number patterns; safe to share."""

    cases: CaseNumberReader
    channels: ChannelReader
    needs: NeedsReader
    referrals: ReferralReader
    mend: Speller

    @classmethod
    def of(cls, *, cases: CaseNumberReader, needs: Needs) -> ConsultationReader:
        channels, topic_reader = ChannelReader.of(needs), NeedsReader.of(needs)
        referrals = ReferralReader.of(needs)
        terms = (channels.terms, topic_reader.terms, topic_reader.offices, referrals.terms)
        words = [*TIME_WORDS, *TALK_WORDS, *(word for listed in terms for word in listed.single_words())]
        return cls(cases, channels, topic_reader, referrals, Speller(words, RIGHT_WORDS))

    def read(self, text: str, now: datetime) -> ConsultationSlots:
        """Everything the message says; `now` is when it was sent."""
        folded = fold(text, self.mend)
        numbers = self.cases.read(folded.typed) or self.cases.read_bare(folded.typed)
        case_spans = [with_family(folded, *as_folded(folded, found.start, found.end)) for found in numbers]
        folded = folded.without(*case_spans)
        folded = folded.without(*(match.span() for match in LOGGING.finditer(folded.text)))
        minutes = as_corrected(find_minutes(folded.text), folded.text)
        minute_span = [(minutes.start, minutes.end)] if minutes else []
        anchors = [*case_spans[:1], *minute_span]
        dates = [(d.start, d.end) for d in find_days(folded.text, local(now).date(), ahead=True)]
        parts = clauses(folded.without(*dates, *minute_span).text, anchors)
        different = tuple(dict.fromkeys(number.number for number in numbers))
        follow_up = find_follow_up(folded, parts, anchors, self.referrals, now)
        referred = self.referrals.find(folded.text) or find_alone(self, folded, parts)
        rest = folded.without(*minute_span, *((found.start, found.end) for found in referred))
        day, day_span = find_day(self.channels, rest.without(*follow_up.spans), parts, anchors, now)
        rest = rest.without(*dates, *day_span, *follow_up.spans)
        channel = find_channel(self.channels, rest, parts)
        named = self.channels.find(only(rest, (part for part in parts if part.kind != "next")).text)
        rest = rest.without(*((term.start, term.end) for term in named))
        needs = find_topics(self.needs, rest, parts)
        remarks = Remarks(folded, rest, parts, follow_up.clause, [*needs.places, *anchors])
        targets = tuple(dict.fromkeys(found.target for found in referred))
        return ConsultationSlots(
            case=different[0] if len(different) == 1 else None,
            date=day.day.isoformat() if isinstance(day, Day) else None,
            duration_min=minutes.minutes if minutes else None,
            channel=channel,
            topics=tuple(needs.titles) or None,
            referral=targets[0] if targets else None,
            follow_up=follow_up.due.day.isoformat() if isinstance(follow_up.due, Due) else None,
            next_steps=remarks.next_steps(),
            note=remarks.note(),
            gap=remarks.gap(),
            cases=different,
            referrals=targets,
            date_problem=None if isinstance(day, Day) else day,
            follow_up_problem=None if isinstance(follow_up.due, Due) else follow_up.due,
        )


def find_alone(reader: ConsultationReader, folded: Folded, parts: list[Clause]) -> list[FoundReferral]:
    """An office as a clause of its own after what was talked about: "Insolvenz, Schuldnerberatung"."""
    talked = False
    for place, part in enumerate(parts):
        piece = folded.text[part.start : part.end]
        terms = reader.referrals.alone(piece) if part.kind in ("talk", "next", "done") else []
        last = all(later.kind in ("next", "gap", "note") for later in parts[place + 1 :])
        allowed = (*TAKING_OVER, *AUTHORITIES) if last else TAKING_OVER
        if terms and talked and part.kind != "topics" and all(term.label in allowed for term in terms):
            return [FoundReferral(part.start + term.start, part.start + term.end, term.label) for term in terms]
        talked = talked or (part.kind == "talk" and bool(reader.needs.precise(piece)))
    return []


class FollowUp(NamedTuple):
    """When the person is seen again, in which clause that was said, and where."""

    due: Due | Impossible | InPast | Ambiguous | None = None
    clause: Clause | None = None
    spans: tuple[tuple[int, int], ...] = ()


class FoundTopics(NamedTuple):
    """The topics in their order, and where they were said."""

    titles: list[str]
    places: list[tuple[int, int]]


def as_corrected(found: list[FoundMinutes], text: str) -> FoundMinutes | None:
    """The first duration, unless it was taken back: "75 minuten, quatsch, 15"; "do 14 h" is a time of day."""
    found = [one for one in found if one.minutes <= LONGEST_TALK or not OCLOCK.search(text[one.start : one.end])]
    for earlier, later in pairwise(found):
        if CORRECTION.search(text, earlier.end, later.start):
            return later
    return found[0] if found else None


def as_folded(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """A span of the typed text in the folded one."""
    return bisect_left(folded.offsets, start), bisect_left(folded.offsets, end)


def with_family(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """ "mit der familie 1543": the family is the case, not the need; "Fr. 1344" is no Friday."""
    led = FAMILY.search(folded.text[:start])
    return (led.start() if led else start), end


def only(folded: Folded, parts: Iterable[Clause]) -> Folded:
    """Everything but these clauses taken away."""
    text = list(TAKEN * len(folded.text))
    for part in parts:
        text[part.start : part.end] = folded.text[part.start : part.end]
    return folded._replace(text="".join(text))


def find_follow_up(
    folded: Folded, parts: list[Clause], anchors: list[tuple[int, int]], referrals: ReferralReader, now: datetime
) -> FollowUp:
    """The first coming day said where a clause speaks of seeing the person again."""
    announced: Clause | None = None
    for place, part in enumerate(parts):
        if part.kind not in ("next", "talk", "done", "note"):
            continue
        said = folded.text[part.start : part.end]
        own = any(part.start <= start < part.end for start, _ in anchors)
        marker = follow_up_marker(said, referrals, later=place > 0 and not own)
        if marker is None and announced is None:
            continue
        begin = part.start + (marker.start() if marker else 0)
        found = find_due(folded.part(begin, part.end), now)
        if found is None and not own:
            begin = part.start
            found = find_due(folded.part(begin, part.end), now)
        if found and marker is None and ONLY_WHEN.sub("", taken_out(folded.part(begin, part.end), found.spans)):
            found = None
        if found and isinstance(found.due, Due) and found.due.day == local(now).date() and not later_today(said):
            found = None
        if found and (part.kind == "next" or not isinstance(found.due, InPast)):
            spans = tuple((start + begin, end + begin) for start, end in found.spans)
            return FollowUp(found.due, part if marker else announced, spans)
        announced = part if marker and found is None else None
    return FollowUp()


def later_today(said: str) -> bool:
    """Whoever is seen again on the same day is said to be; "heute war wieder viel los" says nothing of it."""
    return AGAIN.search(said) is not None and not PAST.search(said)


def taken_out(folded: Folded, spans: tuple[tuple[int, int], ...]) -> str:
    return folded.without(*spans).text.replace(TAKEN, "")


def follow_up_marker(said: str, referrals: ReferralReader, *, later: bool) -> re.Match[str] | None:
    """The words that speak of seeing the person again; appointments and calls elsewhere do not.

    `later`: the clause comes after what was said about the talk, so that plainer words will do.
    """
    certain = SEEN_AGAIN.search(said)
    if certain and not (certain.group().startswith("termin") and PAST.search(said)):
        return certain
    if ELSEWHERE.search(said) or referrals.terms.find(said):
        return None
    plain = COMING.search(said) if later and not PAST.search(said) else None
    own = None if PAST.search(said) else OWN_TERMIN.search(said)
    return FOLLOW_UP.search(said) or own or plain


def find_day(
    channels: ChannelReader, rest: Folded, parts: list[Clause], anchors: list[tuple[int, int]], now: datetime
) -> tuple[PastDay | None, list[tuple[int, int]]]:
    """The day of the talk: beside the case number or the duration, first, or alone; else "heute", "gestern"."""
    talk = [part for part in parts if part.kind in ("talk", "topics", "done")]
    own = [part for part in talk if any(part.start <= start < part.end for start, _ in anchors)]
    near = [part for part in talk if part is parts[0] or part in own]
    alone = [part for part in talk if part not in near and says_only_when(channels, rest, part, now)]
    told = [part for part in talk if TALKED.search(rest.text[part.start : part.end])]
    for where in (own, near, alone, told):
        found = find_past_day(only(rest, where), now)
        if found:
            return as_meant(only(rest, talk), found, now)
    found = find_past_day(only(rest, talk), now)
    if found and NEAR.search(rest.text[found.start : found.end]) and isinstance(found.day, Day):
        return found.day, [(found.start, found.end)]
    return None, []


def as_meant(said: Folded, found: FoundPastDay, now: datetime) -> tuple[PastDay, list[tuple[int, int]]]:
    """The day, or the one it was put right to: "gestern, nee vorgestern"."""
    spans = [(found.start, found.end)]
    while wrong := TAKEN_BACK.match(said.text, found.end):
        later = find_past_day(said.without((0, wrong.end())), now)
        if later is None or not isinstance(later.day, Day):
            break
        found = later
        spans.append((later.start, later.end))
    return found.day, spans


def says_only_when(channels: ChannelReader, rest: Folded, part: Clause, now: datetime) -> bool:
    """Whether a clause holds a day and nothing but words around it."""
    piece = rest.part(part.start, part.end)
    days = find_days(piece.text, local(now).date(), ahead=False)
    piece = piece.without(*((day.start, day.end) for day in days))
    piece = piece.without(*((term.start, term.end) for term in channels.find(piece.text)))
    return bool(days) and not re.search(r"[a-z]{2}", FILLER.sub(" ", piece.text))


def find_channel(channels: ChannelReader, rest: Folded, parts: list[Clause]) -> Channel | None:
    """From the clauses about the talk, else from what was done in it."""
    talk = only(rest, (part for part in parts if part.kind in ("talk", "topics")))
    done = only(rest, (part for part in parts if part.kind == "done"))
    return first_said(channels, talk.text) or first_said(channels, done.text)


def first_said(channels: ChannelReader, text: str) -> Channel | None:
    """Without calls to others and what only sounds like a channel; who came or called counts where it was said."""
    text = NO_CHANNEL.sub(lambda match: TAKEN * len(match.group()), text)
    plain = channels.terms.find(text)
    came = CAME.search(text)
    if came and (not plain or came.start() < plain[0].start):
        return "persoenlich"
    called = CALLED.search(text)
    if called and (not plain or called.start() < plain[0].start):
        return "telefon"
    return channels.first(text)


def find_topics(needs: NeedsReader, rest: Folded, parts: list[Clause]) -> FoundTopics:
    """From the clauses about the talk; from what was done only if they name none. Needs come before what follows."""
    talk: list[Clause] = []
    named = after = False
    for part in parts:
        if part.kind == "topics" or (part.kind == "talk" and not after):
            talk.append(part)
            named = named or bool(needs.precise(rest.text[part.start : part.end]))
        after = after or (named and part.kind == "next")
    done = [part for part in parts if part.kind == "done"]
    coming = [part for part in parts if part.kind == "next" and not ARRANGED.search(rest.text[part.start : part.end])]
    kinds = {kind: [part for part in parts if part.kind == kind] for kind in ("note", "gap")}
    searches = (
        (needs.precise, [*talk, *(part for part in parts if part.kind == "done")]),
        (needs.precise, done),
        (needs.precise, coming),
        (needs.precise, kinds["note"]),
        (needs.precise, kinds["gap"]),
        (needs.weak, talk),
    )
    for find, where in searches:
        found = find(only(rest, where).text)
        if found:
            return FoundTopics(topics(found), [(term.start, term.end) for term in found])
    return FoundTopics([], [])
