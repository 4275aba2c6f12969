"""Reads a whole counselling from one message: everything it says, and nothing it does not."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from knowledge.needs import Channel, Needs
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.channel import ChannelReader
from nlu.readers.clauses import Clause, clauses
from nlu.readers.dates import NEAR, find_due, find_past_day
from nlu.readers.days import find_days
from nlu.readers.duration import find_minutes
from nlu.readers.folding import TAKEN, Folded, fold
from nlu.readers.needs import NeedsReader, topics
from nlu.readers.referral import ReferralReader
from nlu.readers.remarks import FILLER, Remarks
from nlu.readers.results import Ambiguous, Day, Due, Impossible, InFuture, InPast, local
from nlu.readers.spelling import Speller
from nlu.readers.vocabulary import RIGHT_WORDS, TIME_WORDS

FOLLOW_UP = re.compile(
    r"\b(?:wv|wiedervorl\w*|wvl|ft|fu|wiedersehen|wiederkomm\w*|naechste[rn]? (?:besuch|hausbesuch|sprechstunde)|"
    r"der naechste|weiter geht'?s|geht'?s weiter|(?:schauen|machen|gucken|treffen|sehen|sprechen|hoeren) wir|"
    r"(?:treffen|sprechen|hoeren|telefonieren) uns|wir (?:treffen|telefonieren|sprechen)|"
    r"termin (?:mit|bei) (?:uns|mir)|dass wir uns|zusammensetzen|bin da|bin \w* ?wieder|"
    r"komm(?:t|en) (?:am|in|dann|naechste)\b|"
    r"haben (?:was |uns )?(?:ausgemacht|verabredet)|folgetermin|folgegespraech|folgeberatung|folgekontakt|"
    r"naechste[rsn]? (?:termin|gespraech|kontakt|beratung|telefonat|treffen|mal)|"
    r"neuer termin|rueckruf|nachfassen|nachhaken|follow[- ]?up|melde mich|meld mich|meldet sich|"
    r"ruf\w* (?:\w+ ){0,2}?(?:an|zurueck)|zurueckrufen|erinner\w*|kontrolle|"
    r"nochmal|noch mal|erneut|wieder|weiter am|weiter geht|kommt (?:wieder|nochmal)|sehen uns)\b"
)
OWN_TERMIN = re.compile(r"\b(?:neuer )?termin\b(?! (?:bei|beim|mit|im|in der|in die|zur|zum|fuer|vhs|jobcenter|abh)\b)")
ELSEWHERE = re.compile(r"\b(?:(?:bei|im)\b(?! (?:uns|mir|denen|ihr|ihm|ihnen|buero)\b)|beim\b|zur\b|zum\b)")
FAMILY = re.compile(
    r"(?:(?<=der )|(?<=die )|(?<=mit )|(?<=bei )|(?<=von )|(?<=fuer )|^)(?:familie|fam\.?|frau|fr\.|herrn?|hr\.?) $"
)
ARRANGED = re.compile(r"\b(?:termin\w*|vereinbart|ausgemacht|gebucht|verabredet|wv|wiedervorlage)\b")
"""What an appointment is for is no need of its own."""
CAME = re.compile(
    rf"(?:^|[,;.:{TAKEN}]) ?(?:(?:heute?|eben|kurz|gerade|grad|mal|und \w+|mit \w+) )*(?:da|hier)"
    rf"(?= ?[,;.:(]| ?$| ?{TAKEN}| wegen| wg| gewesen)|"
    rf"\bwar(?:en)?\b[^,;.:]{{1,40}} (?:da|hier)(?= ?[,;.:({TAKEN}]| ?$| wegen| wg)|"
    rf"\bkam(?:en)?\b[^,;.:]{{1,50}} (?:vorbei|rein)\b"
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
        words = [*channels.terms.single_words(), *topic_reader.terms.single_words()]
        return cls(cases, channels, topic_reader, ReferralReader.of(needs), Speller([*TIME_WORDS, *words], RIGHT_WORDS))

    def read(self, text: str, now: datetime) -> ConsultationSlots:
        """Everything the message says; `now` is when it was sent."""
        folded = fold(text, self.mend)
        numbers = self.cases.read(folded.typed) or self.cases.read_bare(folded.typed)
        case_spans = [with_family(folded, *as_folded(folded, found.start, found.end)) for found in numbers]
        folded = folded.without(*case_spans)
        minutes = next(iter(find_minutes(folded.text)), None)
        minute_span = [(minutes.start, minutes.end)] if minutes else []
        anchors = [*case_spans[:1], *minute_span]
        dates = [(d.start, d.end) for d in find_days(folded.text, local(now).date(), ahead=True)]
        parts = clauses(folded.without(*dates, *minute_span).text, anchors)
        different = tuple(dict.fromkeys(number.number for number in numbers))
        follow_up = find_follow_up(folded, parts, anchors, self.referrals, now)
        referred = self.referrals.find(folded.text)
        rest = folded.without(*minute_span, *((found.start, found.end) for found in referred))
        day, day_span = find_day(self.channels, rest, parts, anchors, now)
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


class FollowUp(NamedTuple):
    """When the person is seen again, in which clause that was said, and where."""

    due: Due | Impossible | InPast | Ambiguous | None = None
    clause: Clause | None = None
    spans: tuple[tuple[int, int], ...] = ()


class FoundTopics(NamedTuple):
    """The topics in their order, and where they were said."""

    titles: list[str]
    places: list[tuple[int, int]]


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
    for part in parts:
        said = folded.text[part.start : part.end]
        marker = FOLLOW_UP.search(said)
        if marker is None and not ELSEWHERE.search(said) and not referrals.terms.find(said):
            marker = OWN_TERMIN.search(said)
        if part.kind not in ("next", "talk", "done", "note") or marker is None:
            continue
        begin = part.start + marker.start()
        found = find_due(folded.part(begin, part.end), now)
        if found is None and not any(part.start <= start < part.end for start, _ in anchors):
            begin = part.start
            found = find_due(folded.part(begin, part.end), now)
        if found and (part.kind == "next" or not isinstance(found.due, InPast)):
            return FollowUp(found.due, part, tuple((start + begin, end + begin) for start, end in found.spans))
    return FollowUp()


def find_day(
    channels: ChannelReader, rest: Folded, parts: list[Clause], anchors: list[tuple[int, int]], now: datetime
) -> tuple[Day | Impossible | InFuture | Ambiguous | None, list[tuple[int, int]]]:
    """The day of the talk: beside the case number or the duration, first, or alone; else "heute", "gestern"."""
    talk = [part for part in parts if part.kind in ("talk", "topics", "done")]
    near = [part for part in talk if part is parts[0] or any(part.start <= start < part.end for start, _ in anchors)]
    alone = [part for part in talk if part not in near and says_only_when(channels, rest, part, now)]
    for where in (near, alone):
        found = find_past_day(only(rest, where), now)
        if found:
            return found.day, [(found.start, found.end)]
    found = find_past_day(only(rest, talk), now)
    if found and NEAR.search(rest.text[found.start : found.end]) and isinstance(found.day, Day):
        return found.day, [(found.start, found.end)]
    return None, []


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
    came: Channel | None = "persoenlich" if CAME.search(talk.text) else None
    return channels.first(talk.text) or came or channels.first(done.text)


def find_topics(needs: NeedsReader, rest: Folded, parts: list[Clause]) -> FoundTopics:
    """From the clauses about the talk; from what was done only if they name none. Needs come before what follows."""
    talk: list[Clause] = []
    named = after = False
    for part in parts:
        if part.kind == "topics" or (part.kind == "talk" and not after):
            talk.append(part)
            named = named or bool(needs.precise(rest.text[part.start : part.end]))
        after = after or (named and part.kind in ("next", "done"))
    done = [part for part in parts if part.kind == "done"]
    coming = [part for part in parts if part.kind == "next" and not ARRANGED.search(rest.text[part.start : part.end])]
    searches = ((needs.precise, talk), (needs.precise, done), (needs.precise, coming), (needs.offices.find, talk))
    for find, where in searches:
        found = find(only(rest, where).text)
        if found:
            return FoundTopics(topics(found), [(term.start, term.end) for term in found])
    return FoundTopics([], [])
