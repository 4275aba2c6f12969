"""Reads what is to be done about a case, a consent or an absence: "fall kim-1042 schließen", "bin im urlaub bis …"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.casework import Casework, CounsellingForm, Verb
from nlu.readers.folding import fold

GAP = "…"


class CaseCommand(NamedTuple):
    """What is to be done, the form of counselling if one was named, and the colleagues named by their alias."""

    verb: Verb
    form: str | None
    aliases: tuple[str, ...]


class CaseCommandReader:
    """Made once from the phrases; safe to share."""

    def __init__(self, casework: Casework) -> None:
        self.forms = casework.counselling_forms
        self.commands = [
            (command.verb, command.needs, re.compile("|".join(map(phrase_pattern, command.phrases))))
            for command in casework.commands
        ]

    def read(self, text: str, *, case_named: bool, aliases: Sequence[str]) -> CaseCommand | None:
        """What a message about cases asks for; `aliases` are the colleagues'. A case number alone asks to see it.

        None where nothing is recognised and no case is named.
        """
        folded = " ".join(fold(text).text.split())
        form = read_form(folded, self.forms)
        met = {None, "case" if case_named else "no_case", "form" if form else None}
        for verb, needs, pattern in self.commands:
            if needs in met and pattern.search(folded):
                return CaseCommand(verb, form, read_aliases(folded, aliases))
        return CaseCommand("show", form, read_aliases(folded, aliases)) if case_named else None


def phrase_pattern(phrase: str) -> str:
    """The regular expression of a phrase of `commands.yml`, for folded text."""
    pieces = [" ".join(map(word_pattern, fold(piece).text.split())) for piece in phrase.split(GAP)]
    end = r"\s*\?" if phrase.endswith("?") else r"(?!\w)"
    return r"(?<!\w)" + r"(?!\w).*?(?<!\w)".join(pieces) + end


def word_pattern(word: str) -> str:
    return re.escape(word.rstrip("?")).replace(r"\*", r"\w*")


def read_aliases(folded: str, aliases: Sequence[str]) -> tuple[str, ...]:
    return tuple(a for a in aliases if re.search(rf"(?<![\w-]){re.escape(fold(a).text)}(?![\w-])", folded))


def read_form(folded: str, forms: Sequence[CounsellingForm]) -> str | None:
    """The last form of counselling named ("von Kurzberatung zu Case Management")."""
    named = [
        (found.start(), form.id)
        for form in forms
        for word in form.words
        for found in re.finditer(rf"(?<!\w){re.escape(fold(word).text)}(?!\w)", folded)
    ]
    return max(named)[1] if named else None
