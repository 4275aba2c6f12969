"""Persons' names: what the tagger reads, and beside it what needs no learning.

A name after a title, a name in another script than Latin, an initial before a name, and every further place in the same
text of a name once found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from threading import Lock

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlu.privacy.lexicon import fold, spelled, words_in
from nlu.privacy.scripts import FOREIGN, foreign_names
from nlu.privacy.spans import Span
from nlu.privacy.tagger import NameTagger, Token

TITLES = ["frau", "fr", "herr", "herrn", "hr", "hrn", "familie", "fam", "fräulein", "frl"]
DEGREES = ["dr", "prof", "med", "phil", "jur", "nat", "rer", "dipl", "ing", "mag", "msc", "bsc"]
PARTICLES = [
    "von",
    "van",
    "de",
    "del",
    "la",
    "el",
    "al",
    "ben",
    "bin",
    "ibn",
    "abu",
    "abou",
    "zu",
    "zur",
    "vom",
    "der",
    "den",
    "dos",
    "da",
]
DETERMINERS = words_in(
    "die der eine meine seine ihre deine unsere keine jede diese einer meiner seiner ihrer unserer junge alte ältere "
    "ein mein sein ihr kein dieser den dem einen meinen seinen neue deren dessen beide welche"
)
NOT_NAMES = words_in(
    "und oder mit aus in die der das den dem des ein eine im am an auf bei für von vom zu zum zur ist hat war "
    "wird kann muss soll "
    "doktor kollegin kollege nachbar nachbarin chefin chef case manager managerin doktorin professor professorin "
    "pfarrer minister "
    "landrat landrätin ministerin bürgermeister bürgermeisterin kämmerer kämmerin dezernent dezernentin koordinator "
    "koordinatorin präsident präsidentin direktor direktorin anwalt anwältin richter richterin vorsitzender "
    "vorsitzende "
    "oberbürgermeister oberbürgermeisterin staatssekretär staatssekretärin klient klientin "
    "person phone email address dob iban id_number id number name nachname vorname"
)
ROLE = re.compile(
    r"ra|sb|[^\W\d_]*(?:helfer|anwalt|anwält|notar|richter|lehrer|leiter|leitung|berater|betreuer|bearbeiter|"
    r"bearbeitung|arzt|ärzt|"
    r"vermieter|nachbar|kolleg|chef|trainer|coach|pat|vormund|meister|manager|mittler|dolmetscher|psycholog|therapeut|"
    r"hebamme|erzieher|pfarrer|pastor|klient|mandant|mieter|bewohner|schüler|azubi|praktikant|vertretung|"
    r"gutachter)(?:in|e)?",
    re.IGNORECASE,
)
JOINED = re.compile(r"[ \u00a0\t'’`´-]+|\.[ \u00a0]?")
INITIAL = re.compile(r"(?<![\w.])(?:[^\W\d_]\.[ -]?){1,2}\Z")
TITLED_INITIAL = re.compile(
    r"(?<!\w)(?:frau|fr\.?|herrn?|hrn?\.?|familie|fam\.?)\s([^\W\d_]\.(?:[ -]?[^\W\d_]\.)?)(?!\s?[^\W\d_]\.|\w)",
    re.IGNORECASE,
)
"""Of a name no more than its first letter: "Herr M."."""
INITIAL_BEHIND = re.compile(r"[ ][^\W\d_]\.(?!\w)")
SHORTEST_REPEATED = 3
EVERYDAY = 80
"""A word seen this often is asked for all the evidence behind a title too: "frau will"."""
LENIENCE = 6.0
"""How much less evidence, in log-odds, is asked of a word behind a bare title or a role."""


class PersonFinder:
    """Finds persons. Made once from a tagger."""

    def __init__(self, tagger: NameTagger) -> None:
        self.tagger = tagger
        self.vocab: Vocab = spacy.blank("de").vocab
        self._matcher = Matcher(self.vocab)
        self._one_at_a_time = Lock()
        between = {"TEXT": {"IN": [".", "\n"]}, "OP": "*"}
        self._matcher.add(
            "TITLED",
            [
                [
                    {"LOWER": {"IN": TITLES}},
                    between,
                    {"LOWER": {"IN": DEGREES}, "OP": "*"},
                    between,
                    {"LOWER": {"IN": DEGREES}, "OP": "*"},
                    between,
                    {"LOWER": {"IN": PARTICLES}, "OP": "*"},
                    {"TEXT": {"REGEX": r"^[^\W\d_]"}},
                ],
            ],
            greedy="LONGEST",
        )

    def __call__(self, text: str, found: Sequence[Token]) -> Iterator[Span]:
        """Spans in the text as given; `found` are its tokens."""
        scores = self.tagger.scores([token.text for token in found])
        named = [score > self.tagger.bar for score in scores]
        for i in (
            *self._titled(found, scores),
            *self._in_a_role(found, scores),
            *self._behind_an_initial(found, scores),
        ):
            named[i] = True
        for i, token in enumerate(found):
            lowered = token.text.lower()
            if lowered in NOT_NAMES and lowered not in PARTICLES and i and found[i - 1].text.lower() in TITLES:
                named[i] = False
            if FOREIGN.match(token.text):
                named[i] = False  # left to what reads their letters
            if named[i] and (len(token.text) == 1 or not token.text[0].isalpha() or lowered in DEGREES):
                named[i] = False
        self._repeat(found, named)
        yield from joined(text, [token for token, is_name in zip(found, named, strict=True) if is_name])
        yield from (Span(*match.span(1), "PERSON") for match in TITLED_INITIAL.finditer(text))
        if not text.isascii():
            yield from foreign_names(text, self.tagger.reader.lexicon, TITLES)

    def _titled(self, found: Sequence[Token], scores: Sequence[float]) -> Iterator[int]:
        """Places of names that stand behind a title and cannot be anything else there."""
        lowered = [token.text.lower() for token in found]
        if not any(title in lowered for title in TITLES):
            return
        words = self.tagger.reader.lexicon.words
        with self._one_at_a_time, self.vocab.memory_zone():  # what people typed does not stay in the vocabulary
            doc = Doc(self.vocab, words=[token.text for token in found])
            for _, start, end in self._matcher(doc):
                last = end - 1
                name, title = found[last].text, found[start].text
                if lowered[last] in NOT_NAMES or lowered[last] in DEGREES or lowered[last] in PARTICLES:
                    continue
                shouted = title.isupper() and len(title) > 3
                capital = name[0].isupper() and not (title[0].islower() and name.isupper())
                known = words.get(spelled(name), 0)
                bare = start == 0 or lowered[start - 1] not in DETERMINERS
                lenience = LENIENCE if known < EVERYDAY else 0
                if (capital and not shouted) or not known or (bare and scores[last] > self.tagger.bar - lenience):
                    for i in range(last, start, -1):
                        if found[i].text[0].isalpha() and lowered[i] not in DEGREES:
                            yield i

    def _in_a_role(self, found: Sequence[Token], scores: Sequence[float]) -> Iterator[int]:
        """Places of unknown words behind what a person is to the case: "Notarin Hölscher"."""
        words = self.tagger.reader.lexicon.words
        for i in range(1, len(found)):
            name = found[i].text
            if (
                scores[i] > self.tagger.bar - LENIENCE
                and name[0].isupper()
                and not words.get(spelled(name))
                and ROLE.fullmatch(found[i - 1].text)
            ):
                yield i

    def _behind_an_initial(self, found: Sequence[Token], scores: Sequence[float]) -> Iterator[int]:
        """Places of family names behind one letter and a dot: "m. könig"."""
        lexicon = self.tagger.reader.lexicon
        for i in range(2, len(found)):
            name, dot, letter = found[i].text, found[i - 1].text, found[i - 2].text
            if (
                dot == "."
                and len(letter) == 1
                and letter.isalpha()
                and len(name) >= SHORTEST_REPEATED
                and name[0].isalpha()
                and found[i].start - found[i - 2].end <= 2
                and fold(name) in lexicon.family
                and scores[i] > self.tagger.bar - LENIENCE
            ):
                yield i

    def _repeat(self, found: Sequence[Token], named: list[bool]) -> None:
        """A name found once is one wherever it stands, unless it is a word as well."""
        words = self.tagger.reader.lexicon.words
        names = {bare(token.text) for token, is_name in zip(found, named, strict=True) if is_name}
        names = {name for name in names if len(name) >= SHORTEST_REPEATED and not words.get(spelled(name))}
        names |= {f"{name}s" for name in names}
        for i, token in enumerate(found):
            if not named[i] and bare(token.text) in names:
                named[i] = True


def bare(name: str) -> str:
    """As names are compared: small, without the genitive's ending."""
    name = name.lower().rstrip("'’`´")
    return name.removesuffix("'s").removesuffix("’s")


def joined(text: str, names: Sequence[Token]) -> Iterator[Span]:
    """Neighbouring words as one span, with initials before and behind."""
    start = end = -1
    for name in names:
        if start >= 0 and JOINED.fullmatch(text, end, name.start):
            end = name.end
            continue
        if start >= 0:
            yield with_initials(text, start, end)
        start, end = name.start, name.end
    if start >= 0:
        yield with_initials(text, start, end)


def with_initials(text: str, start: int, end: int) -> Span:
    before = INITIAL.search(text, max(0, start - 8), start)
    behind = INITIAL_BEHIND.match(text, end)
    return Span(before.start() if before else start, behind.end() if behind else end, "PERSON")
