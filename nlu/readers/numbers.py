"""Numbers as words and figures: "drei", "anderthalb", "1,5", "dritten". For folded text."""

from __future__ import annotations

from collections.abc import Iterable

ONES = ["null", "ein", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht", "neun"]
TEENS = ["zehn", "elf", "zwoelf", "dreizehn", "vierzehn", "fuenfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
TENS = ["zwanzig", "dreissig", "vierzig", "fuenfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
IRREGULAR_ORDINALS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


def number_words() -> dict[str, int]:
    words = {word: value for value, word in enumerate([*ONES, *TEENS])}
    for ten, word in enumerate(TENS, 2):
        words[word] = ten * 10
        words |= {f"{one}und{word}": ten * 10 + value for value, one in enumerate(ONES) if value}
    words |= dict.fromkeys(["eine", "einen", "einem", "einer", "eines", "eins", "ne", "ner", "nen", "nem"], 1)
    return words | {
        "zwo": 2,
        "funf": 5,
        "fuffzehn": 15,
        "fuffzig": 50,
        "fuffzich": 50,
        "dreissich": 30,
        "zwanzich": 20,
        "zwolf": 12,
        "dreisig": 30,
        "hundert": 100,
    }


def ordinal_words() -> dict[str, int]:
    cardinals = [*ONES, *TEENS, *TENS[:1], *(f"{one}undzwanzig" for one in ONES[1:]), TENS[1], f"einund{TENS[1]}"]
    stems = {}
    for value, word in enumerate(cardinals):
        if value:
            stems[IRREGULAR_ORDINALS.get(value, word + ("t" if value < 20 else "st"))] = value
    return {stem + ending: value for stem, value in stems.items() for ending in ("e", "en", "er", "em", "es")}


NUMBERS = number_words()
ORDINALS = ordinal_words()
HALVES = {
    "anderthalb": 1.5,
    "eineinhalb": 1.5,
    "eindreiviertel": 1.75,
    "eineinviertel": 1.25,
    "zweieinhalb": 2.5,
    "dreieinhalb": 3.5,
}


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


NUMBER = rf"(?:\d+(?:[.,]\d+)?|\b(?:{any_of(NUMBERS | HALVES)})\b)"
"""Pattern of a number that may have a fraction."""
WHOLE = rf"(?:\d+|\b(?:{any_of(NUMBERS)})\b)"
"""Pattern of a whole number."""
ORDINAL = rf"(?:{any_of(ORDINALS)})\b"


def number(said: str) -> float:
    """The value of what `NUMBER` matched."""
    if said in HALVES:
        return HALVES[said]
    return NUMBERS[said] if said in NUMBERS else float(said.replace(",", "."))


def whole(said: str) -> int:
    """The value of what `WHOLE` or `ORDINAL` matched."""
    return NUMBERS.get(said) or ORDINALS.get(said) or (int(said) if said.isdigit() else 0)
