"""Reads case numbers typed in any way ("kim 1042", "Kim_2026/0042", "Fall 1042") and spots mistyped ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.casework import CaseNumberPattern

SEPARATOR = r"[ \t]{0,2}[-‐‑–—_/.:#]?[ \t]{0,2}"
HYPHENS = frozenset("-‐‑–—_/")
LIKE_DIGITS = str.maketrans("oOiIlLsS", "00111155")
DOUBTFUL_NUMBER = r"(?=[\w/-]*\d)[\doOiIlL]{2,8}(?:[-/_ ][\doOiIlL]{2,6})?"
SHORTEST_WORD = 3
YEAR = re.compile(r"(?:19|20)\d{2}")
CLIENT = re.compile(r"\b(?:klient\w*|kl|kund(?:e|in)|ratsuchende\w*|nr|nummer|mit|bei)\b[.:]? ?$", re.IGNORECASE)
"""What makes even "2026" a case and no year."""
YEAR_BEFORE = re.compile(
    r"\b(?:geb\w*|jahrgang|jg|bj|baujahr|seit|jahr\w*|in|anno|anfang|mitte|ende|bis|ab|nach|vor|sommer|winter|"
    r"frühjahr|herbst|stand|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"jan|feb|mrz|apr|jun|jul|aug|sep|sept|okt|nov|dez)[.:]? ?$|\d\. ?$",
    re.IGNORECASE,
)
YEAR_AFTER = re.compile(r",? ?(?:geb\b|geboren|eingereist|nach deutschland|angekommen)", re.IGNORECASE)
OTHER_BEFORE = re.compile(
    r"(?:§+|€|\b(?:paragra(?:f|ph)\w*|art|artikel|abs|absatz|plz|(?<!geht )(?<!ging )(?<!gehts )(?<!gings )um|"
    r"gegen|ab|seit|jahr\w*|raum|zimmer|"
    r"ca|etwa|rund|knapp|circa|über|ueber|euro|eur|netto|brutto|verdient|summe|betrag|"
    r"(?:\w*schulden|forderung|einkommen|höhe)(?: von| über)?|kostet|unter|durchwahl|"
    r"rufnummer|telefonnummer|handynummer|hausnummer|aktenzeichen|az|pin))[.:]? ?$",
    re.IGNORECASE,
)
OTHER_AFTER = re.compile(
    r" ?(?:€|eur\b|euro|%|prozent|uhr|h\b|std|stunden?|min(?:uten)?|tage|wochen|monate|jahre|km\b|qm\b|m²|netto|brutto|"
    r"kaltmiete|warmmiete|kalt|warm|bgb|sgb|stgb|zpo|aufenthg|stag|asylg|personen|leute|seiten|plätze|fälle)(?!\w)",
    re.IGNORECASE,
)
SUM_BEFORE = re.compile(
    r"\b(?:\w*miete|kaution|gehalt|lohn|rate|rechnung|(?:nach)?zahlung|abschlag)[.:]? ?$", re.IGNORECASE
)
PHONE = re.compile(r"(?<!\w)(?:\+|00|0)\d(?:[ /()-]*\d){6,}")
"""What follows or goes before a number that is a sum, a time, a section of a law or a telephone number."""


class CaseNumber(NamedTuple):
    """A case number, normalised, and where it stands."""

    number: str
    start: int
    end: int


class Doubtful(NamedTuple):
    """What looks like a mistyped case number; `meant` is the number it probably stands for, if one can be told."""

    typed: str
    meant: str | None
    start: int
    end: int


@dataclass(frozen=True)
class CaseNumberReader:
    """Made once from the patterns; safe to share."""

    patterns: Sequence[CaseNumberPattern]
    case_words: Sequence[str]

    def read(self, text: str) -> list[CaseNumber]:
        """All numbers in their order, each as often as it stands there."""
        taken: list[CaseNumber] = []
        for found in (*self._whole(text), *self._after_case_word(text)):
            if not any(found.start < other.end and other.start < found.end for other in taken):
                taken.append(found)
        return sorted(taken, key=lambda found: found.start)

    def read_bare(self, text: str) -> list[CaseNumber]:
        """Numbers without prefix or case word ("mit 1256 telefoniert"), for texts that speak of a case anyhow.

        Years ("seit 1998"), sums, times, sections of a law and telephone numbers are none.
        """
        phones = [match.span() for match in PHONE.finditer(text)]
        found: list[CaseNumber] = []
        for pattern in self.patterns:
            groups = "[-‐‑–—_/]".join(f"({part})" for part in pattern.parts[1:])
            for match in re.finditer(rf"(?<!\w)(?<!\d[.,:/-]){groups}(?!\w)(?![.,:/-]\d)", text):
                before, (start, end) = text[: match.start()], match.span()
                other = is_year(pattern, match) or OTHER_BEFORE.search(before) or OTHER_AFTER.match(text, end)
                taken = any(start < last and first < end for first, last in (*phones, *(f[1:] for f in found)))
                if not other and not taken:
                    found.append(CaseNumber("-".join([pattern.parts[0], *match.groups()]).upper(), start, end))
        plain = [number for number in found if not is_weak(text, number)]
        return sorted(plain or found, key=lambda number: number.start)

    def numbers(self, text: str) -> list[str]:
        """The different numbers in their order."""
        return list(dict.fromkeys(found.number for found in self.read(text)))

    def doubtful(self, text: str) -> list[Doubtful]:
        """What was probably meant to be a number but has not its shape: too few digits, letters for digits, "kmi"."""
        right = self.read(text)
        found: list[Doubtful] = []
        for prefix in dict.fromkeys(pattern.parts[0] for pattern in self.patterns):
            for match in re.finditer(
                rf"(?<!\w)([^\W\d_]{{2,{len(prefix) + 1}}}){SEPARATOR}({DOUBTFUL_NUMBER})(?!\w)", text
            ):
                inside = any(match.start() < other.end and other.start < match.end() for other in right)
                year = any(p.only_hyphenated and re.fullmatch(p.only_hyphenated, match[2]) for p in self.patterns)
                if inside or not near(match[1].upper(), prefix.upper()) or year:
                    continue
                meant = self.numbers(f"{prefix}-{match[2].translate(LIKE_DIGITS)}")
                found.append(Doubtful(match[0], meant[0] if meant else None, match.start(), match.end()))
        return found

    def without(self, text: str, placeholder: str) -> str:
        """The text with every case number replaced."""
        parts, at = [], 0
        for found in self.read(text):
            parts += [text[at : found.start], placeholder]
            at = found.end
        return "".join([*parts, text[at:]])

    def _whole(self, text: str) -> Iterator[CaseNumber]:
        for pattern in self.patterns:
            groups = SEPARATOR.join(f"({part})" for part in pattern.parts)
            for match in re.finditer(rf"(?<![^\W_]){groups}(?![^\W_])(?![-/]\d)", text, re.IGNORECASE):
                bare = not HYPHENS & set(text[match.end(1) : match.start(2)])
                before = text[: match.start()].split()[-1:]
                named = bool(before) and before[0].lower() in self.case_words
                if pattern.only_hyphenated and bare and not named and re.fullmatch(pattern.only_hyphenated, match[2]):
                    continue
                yield CaseNumber("-".join(match.groups()).upper(), match.start(), match.end())

    def _after_case_word(self, text: str) -> Iterator[CaseNumber]:
        words = "|".join(map(re.escape, sorted(self.case_words, key=len, reverse=True)))
        for pattern in self.patterns:
            groups = SEPARATOR.join(f"({part})" for part in pattern.parts[1:])
            number = re.compile(
                rf"(?<!\w)(?:{words})[ \t:]{{0,2}}(?:nr\.?|nummer)?[ \t:]{{0,2}}({groups})(?![\w])(?![.,/-]\d)",
                re.IGNORECASE,
            )
            for match in number.finditer(text):
                yield CaseNumber(
                    "-".join([pattern.parts[0], *match.groups()[1:]]).upper(), match.start(1), match.end(1)
                )


def is_weak(text: str, number: CaseNumber) -> bool:
    """Whether a bare number counts only where there is no other: it may be a year or a sum."""
    return bool(YEAR.fullmatch(text, number.start, number.end) or SUM_BEFORE.search(text[: number.start]))


def is_year(pattern: CaseNumberPattern, match: re.Match[str]) -> bool:
    """Whether a bare number is probably a year; what the pattern takes for one needs a client before it."""
    before, after = match.string[: match.start()], match.end()
    if not YEAR.fullmatch(match[0]) or CLIENT.search(before):
        return False
    doubtful = pattern.only_hyphenated is not None and re.fullmatch(pattern.only_hyphenated, match[0])
    return bool(doubtful or YEAR_BEFORE.search(before) or YEAR_AFTER.match(match.string, after))


def one_slip_apart(word: str, other: str) -> bool:
    """Whether two differ by one slip: two letters swapped, one wrong, missing or too many."""
    if len(word) == len(other):
        different = [i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        if len(different) == 2:
            i, j = different
            return j == i + 1 and word[i] == other[j] and word[j] == other[i]
        return len(different) == 1
    shorter, longer = sorted((word, other), key=len)
    return len(longer) - len(shorter) == 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def near(word: str, prefix: str) -> bool:
    """Whether a word is the prefix, or one slip away from it and no shorter than a slip can be told from a word."""
    return word == prefix or (len(word) >= SHORTEST_WORD and one_slip_apart(word, prefix))
