"""Finds what a reminder is about: the clauses that say it, without what asks for it, dates and small words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from nlu.readers.asking import ASIDES, CASE_WORDS, COMMANDS, FRAMES
from nlu.readers.folding import TAKEN, Folded
from nlu.readers.light_words import (
    AGAIN,
    ARTICLES,
    FILLERS,
    GOVERNING,
    HELPERS,
    INDEFINITE,
    LABELS,
    MODALS,
    OF_ONESELF,
    PREPOSITIONS,
    PRONOUNS,
    REASONS,
    REMINDING,
    SOFT,
    STAYING,
    TELLING,
    TIME_PHRASE,
    listed,
)

CALL = "\x01"
"""Stands where the reminder is asked for."""
BREAK = re.compile(
    r"[,;:!?()\n\"„“]+|\.(?=\s|$)|(?<= )[-–>+#*=/]+(?= )|-?>|"
    r"(?= (?:dass|weil|damit|sondern)\b| (?:soll|muss|will) ich\b)"
)
TOKEN = re.compile(rf"[^\s{TAKEN}{CALL}]+|{TAKEN}+|{CALL}+")
WORD_EDGES = ".'’`-+#*=/<>[]"
LEADING = FILLERS | LABELS | INDEFINITE | PRONOUNS | MODALS | HELPERS
TRAILING = (FILLERS - STAYING) | PRONOUNS | MODALS | ARTICLES | {"haben", "sein", "bin", "werden"}
LAST_PHRASE = re.compile(rf"(?<!\S){TIME_PHRASE.pattern}$")
LED_BY = listed("an ans fuer fuers")
"""Of what leads to what it is about: also before the asking, as in "an die statistik erinnern"."""
ABOUT = listed("wegen wg bzgl zwecks betr fuer")
ASIDE = PRONOUNS | TELLING | {"da"}
NOTICE = "bescheid"
"""Asks where it is asked ("sag mir bescheid"), else it is what it is about ("bescheid da?")."""
BEING = listed("bin ist wird laeuft geht war")
"""Open a clause that only tells what day it is, where another one is to come."""
PARTICLES = listed("ab an aus mit raus")
"""Of a verb, at the end of its clause: "läuft am 30.6. ab"."""
SMALL = LEADING | TRAILING | STAYING | PREPOSITIONS | AGAIN | REASONS | {"dass"}


Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Run:
    """Words between two marks, and their place in the folded text."""

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.places[0][0]

    @property
    def end(self) -> int:
        return self.places[-1][1]

    def part(self, begin: int, stop: int) -> Run:
        return Run(self.words[begin:stop], self.places[begin:stop])


@dataclass(frozen=True)
class Clause:
    """What a clause says, stripped; `called`: it asks for the reminder; `governed`: what it says hangs on that."""

    start: int
    end: int
    words: tuple[str, ...]
    runs: tuple[Run, ...] = ()
    soft: tuple[Run, ...] = ()
    called: bool = False
    governed: bool = False


def read_subject(folded: Folded, taken: Spans, due: Spans, others: Spans) -> str | None:
    """What is left of a message of which all in `taken` is read; `due` says when, `others` are days besides."""
    text = marked(folded, taken)
    found = [clause_of(text, start, end) for start, end in pieces(text)]
    told = chosen(hanging(found), taken, due, others)
    runs = [run for clause in told for run in clause.runs]
    if not runs and not any(clause.called for clause in found):
        runs = [run for clause in found for run in clause.soft]
    if len(runs) == 1 and len(runs[0].words) == 2 and runs[0].words[0] in ABOUT:
        runs = [runs[0].part(1, 2)]
    said = "".join(as_typed(folded, text, runs))
    return said or None


def marked(folded: Folded, taken: Spans) -> str:
    """The folded text with what is taken and what asks marked. Masked names stay: they are what it is about."""
    text = folded._replace(text=folded.text.replace(TAKEN, "x")).without(*taken).text
    text = mark(CASE_WORDS, text.replace(TAKEN, CALL), TAKEN).replace(CALL, TAKEN)
    text = mark(ASIDES, text, TAKEN)
    for words in (COMMANDS, FRAMES):
        for match in words.finditer(text.replace(CALL, TAKEN)):
            end = match.end() - leading_on(text, match)
            text = text[: match.start()] + CALL * (end - match.start()) + text[end:]
    return text


def leading_on(text: str, asking: re.Match[str]) -> int:
    """How many characters of the asking lead on to what it is about: the "an" of "erinner mich an die statistik"."""
    word = asking.group().rsplit(" ", 1)[-1]
    goes_on = re.match(r" [^\W\d]", text[asking.end() :])
    return len(word) if goes_on and (word in GOVERNING or word == "dass") and word != asking.group() else 0


def mark(words: re.Pattern[str], text: str, sign: str) -> str:
    return words.sub(lambda match: sign * len(match.group()), text)


def pieces(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for stop in BREAK.finditer(text):
        yield at, stop.start()
        at = stop.end()
    yield at, len(text)


def clause_of(text: str, start: int, end: int) -> Clause:
    tokens = [token_of(match) for match in TOKEN.finditer(text, start, end)]
    asks = any(word == CALL for word, _ in tokens)
    called = governed = False
    runs: list[Run] = []
    soft: list[Run] = []
    for kind, group in groupby(tokens, key=lambda token: token[0] if token[0] in (TAKEN, CALL) else ""):
        here = list(group)
        if kind:
            called |= kind == CALL
            continue
        whole = Run(tuple(word for word, _ in here), tuple(place for _, place in here))
        last = here[-1] == tokens[-1]
        run, hangs = stripped(whole, called=called, asks=asks and not runs, last=last)
        if any(is_content(word) or (word == NOTICE and not called) for word in run.words):
            governed |= hangs
            runs.append(run)
        elif runs and not called and (run.words or (last and whole.words[0] in PARTICLES)):
            runs.append(run if run.words else whole)
        elif any(word in SOFT for word in run.words):
            soft.append(run)
    said = tuple(word for word, _ in tokens if word not in (TAKEN, CALL))
    return Clause(start, end, said, tuple(runs), tuple(soft), called, governed)


def token_of(match: re.Match[str]) -> tuple[str, tuple[int, int]]:
    """A word, or the mark it stands for."""
    said = match.group()
    word = said[0] if said[0] in (TAKEN, CALL) else said.strip(WORD_EDGES)
    return (CALL if REMINDING.fullmatch(word) else word), match.span()


def is_content(word: str) -> bool:
    return re.search("[a-z]", word) is not None and word not in SMALL and word not in SOFT


def stripped(run: Run, *, called: bool, asks: bool, last: bool) -> tuple[Run, bool]:
    """A run without small words at its edges, and whether it hangs on what asks ("an die statistik")."""
    begin, hangs = beginning(run.words, called=called, asks=asks)
    stop = ending(run.words, begin, last=last)
    alone = stop - begin == 1 and run.words[begin].endswith("en")
    if alone and begin and run.words[begin - 1] in AGAIN:
        begin -= 1
    return run.part(begin, stop), hangs


def beginning(words: Sequence[str], *, called: bool, asks: bool) -> tuple[int, bool]:
    """Where a run begins to say something, and whether it hangs on what asks."""
    begin, hangs = 0, False
    while begin < len(words):
        word, following = words[begin], words[begin + 1 : begin + 2]
        phrase = TIME_PHRASE.match(" ".join(words[begin:]))
        if phrase:
            begin += len(phrase.group().split())
            continue
        governing = word in GOVERNING and (called or (asks and word in LED_BY))
        if governing or word == "dass" or (word in ARTICLES - INDEFINITE and (called or hangs)):
            hangs = hangs or called or governing
        elif called and word in SOFT and following and following[0] in GOVERNING:
            pass  # "halt mir den 3.9. frei für die tagung"
        elif not (not word or word in LEADING or word in AGAIN or word in REASONS):
            break
        begin += 1
    return begin, hangs


def ending(words: Sequence[str], begin: int, *, last: bool) -> int:
    """Where a run stops saying something; a preposition at the end of its clause belongs to a verb."""
    stop = len(words)
    while stop > begin:
        word = words[stop - 1]
        phrase = LAST_PHRASE.search(" ".join(words[begin + 1 : stop]))
        if phrase:
            stop -= len(phrase.group().split())
        elif not word or word in TRAILING or word in AGAIN or (not last and word in PREPOSITIONS | HELPERS):
            stop -= 1
        else:
            break
    return stop


def hanging(found: list[Clause]) -> list[Clause]:
    """A clause with "dass" hangs on the clause before it that asks, or says next to nothing itself."""
    clauses: list[Clause] = []
    for clause in found:
        before = clauses[-1] if clauses else None
        if clause.words[:1] == ("dass",) and before is not None:
            little = sum(len(run.words) for run in before.runs) <= 1
            clause = replace(clause, governed=clause.governed or before.called or little)
        elif any(other.called for other in clauses):
            clause = replace(clause, runs=tuple(without_article(run) for run in clause.runs))
        clauses.append(clause)
    return clauses


def without_article(run: Run) -> Run:
    """ "trag für den 3. ein, die fallbesprechung": a thing by itself, after the asking."""
    return run.part(1, 2) if len(run.words) == 2 and run.words[0] in ARTICLES else run


def chosen(found: list[Clause], taken: Spans, due: Spans, others: Spans) -> list[Clause]:
    """The clauses that say it: what hangs on the asking and what follows; else all but background."""
    telling = [clause for clause in found if clause.runs]
    named = [clause for clause in telling if clause.called or within(clause, taken)]
    telling = [one for one in telling if not opens(one, BEING) or not named or named[-1].start <= one.start]
    governed = [at for at, clause in enumerate(telling) if clause.governed]
    if governed:
        telling = telling[governed[0] :]
    for background in (reason, of_oneself):
        telling = [clause for clause in telling if not background(clause)] or telling
    main = [clause for clause in telling if within(clause, due)]
    if main and not governed:
        telling = [clause for clause in telling if clause in main or not aside(clause, others)]
    return telling


def opens(clause: Clause, words: frozenset[str]) -> bool:
    return clause.words != () and clause.words[0] in words


def reason(clause: Clause) -> bool:
    return opens(clause, REASONS) and not clause.called


def of_oneself(clause: Clause) -> bool:
    """ "ich komm erst am 7. wieder"."""
    return opens(clause, PRONOUNS) and not clause.called and not OF_ONESELF.isdisjoint(clause.words[1:2])


def within(clause: Clause, spans: Spans) -> bool:
    return any(clause.start <= start < clause.end for start, _ in spans)


def aside(clause: Clause, others: Spans) -> bool:
    """What only tells of a client or of another day, where it is said elsewhere what is to be done."""
    return opens(clause, ASIDE) or (within(clause, others) and not TELLING.isdisjoint(clause.words))


def as_typed(folded: Folded, text: str, runs: Sequence[Run]) -> Iterator[str]:
    """The runs as they were typed, with what stands between them where that is only a sign."""
    for at, run in enumerate(runs):
        if at:
            between = text[runs[at - 1].end : run.start]
            gap = folded.as_typed(runs[at - 1].end, run.start)
            yield gap if not re.search(rf"[\w{TAKEN}{CALL}]", between) else " "
        yield folded.as_typed(run.start, run.end).strip(" .'-–+#*=/<>")
