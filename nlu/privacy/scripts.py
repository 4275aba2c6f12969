"""Names in other letters than Latin: in a German text every word in them, in a text of their own what is known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nlu.privacy.lexicon import CYRILLIC, Lexicon, fold, romanised, words_in
from nlu.privacy.spans import Span

FOREIGN_WORD = r"[^\W\d_a-zA-Z\u00aa-\u024f\u1e00-\u1eff\u2100-\u214f\u02b0-\u036f]+"
FOREIGN = re.compile(rf"{FOREIGN_WORD}(?:[ '’-]+{FOREIGN_WORD})*")
"""Words in Arabic, Cyrillic and other letters, with what joins them."""
WORD = re.compile(rf"{FOREIGN_WORD}(?:['’-]{FOREIGN_WORD})*")
LATIN_WORD = re.compile(r"[a-zA-Z\u00c0-\u024f]{2,}")
GAP = re.compile(r"[ :.]{1,3}")
LONGEST_NAME = 3
"""Words that stand beside each other in a German text and are more than this are a sentence."""
BEFORE_NAMES = words_in(
    "пан пана панові пані господин господину госпожа госпоже звати зовут имя фамилия прізвище муж жена сын дочь "
    "чоловік дружина син донька дочка брат сестра врач лікар клієнт клієнтка "
    "السيد السيدة اسمي اسمه اسمها آقای خانم اسمم نامم κύριος κυρία"
)
ARTICLE = "ال"
"""Arabic family names often begin with it."""
SHORTEST_STEM = 4
ENDINGS = ("", "а", "я", "о", "и", "ия", "ія")


def foreign_names(text: str, lexicon: Lexicon, titles: Collection[str]) -> Iterator[Span]:
    """Persons in other letters; `titles` are the German words behind which a name stands."""
    runs = list(FOREIGN.finditer(text))
    if not runs:
        return
    words = list(WORD.finditer(text))
    in_german = len(LATIN_WORD.findall(text)) >= len(words)
    sentences = []
    for run in runs:
        if in_german and sum(run.start() <= word.start() < run.end() for word in words) <= LONGEST_NAME:
            yield Span(*run.span(), "PERSON")
        else:
            sentences.append(run)
    found: list[Span] = []
    for word in words:
        if not any(run.start() <= word.start() < run.end() for run in sentences):
            continue
        name, start, end = word.group(), *word.span()
        goes_on = bool(found) and text[found[-1].end : start] == " "
        if (
            known(name, lexicon)
            or (may_be_name(name) and introduced(text, start, titles))
            or (goes_on and (name[0].isupper() or name.startswith(ARTICLE)))
        ):
            first = found.pop().start if goes_on else start
            found.append(Span(first, end, "PERSON"))
    yield from found


def known(word: str, lexicon: Lexicon) -> bool:
    """Whether it is a name as listed, in one of its cases, or as its Latin letters spell it."""
    key = fold(word)
    if key in lexicon.foreign:
        return True
    if not word[0].isupper():
        return False
    stems = (key[: len(key) - cut] for cut in range(4) if len(key) - cut >= SHORTEST_STEM)
    return any(stem + ending in lexicon.foreign for stem in stems for ending in ENDINGS) or (
        len(key) >= SHORTEST_STEM
        and any(fold(latin) in lexicon.given for code in CYRILLIC.split() for latin in romanised([word], code))
    )


def may_be_name(word: str) -> bool:
    """In a script with capitals, names have them."""
    return word[0].isupper() or word[0].upper() == word[0].lower()


def introduced(text: str, start: int, titles: Collection[str]) -> bool:
    """Whether the word before is a title or says that a name follows."""
    words = re.findall(r"[^\W\d_]+", text[max(0, start - 24) : start])
    return bool(words) and words[-1].lower() in (*BEFORE_NAMES, *titles) and bool(GAP.search(text[start - 1 : start]))
