"""Typing errors: one letter too many, missing, wrong or swapped in a long word that is known."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 6
"""Letters a word needs to be put right: shorter ones lie too near to other German words."""
SWAPPED = 1
"""All that is put right in a word one letter shorter: "vdieo"."""
NO_SLIP = 4
MISTAKEN = 3
LONG = 8
"""Letters a word needs to be put right where one letter stands for another: "gedicht" is no slip of "gericht"."""


class Speller:
    """Puts words right that lie one slip away from exactly one known word. Made once; safe to share."""

    def __init__(self, known: Iterable[str], right: Iterable[str] = ()) -> None:
        """`known` are folded words that may be meant; `right` ones only must not be changed into them."""
        self._known = frozenset(known)
        self._right = self._known | frozenset(right)
        self._near: dict[str, set[str]] = {}
        for word in sorted(self._known):
            if len(word) >= SHORTEST - 1:
                for part in shortened(word):
                    self._near.setdefault(part, set()).add(word)

    def __call__(self, word: str) -> str:
        """The word itself, or the known word that was meant."""
        if word in self._right or len(word) < SHORTEST - 1:
            return word
        near: dict[int, set[str]] = {}
        for known in {known for part in shortened(word) for known in self._near.get(part, ())}:
            how = slip(word, known)
            if len(known) >= SHORTEST or (how == SWAPPED and len(known) == len(word)):
                near.setdefault(how, set()).add(known)
        likeliest = near[min(near)] if near else set()
        worst = NO_SLIP if len(word) >= LONG else MISTAKEN
        return next(iter(likeliest)) if len(likeliest) == 1 and min(near) < worst else word


def shortened(word: str) -> set[str]:
    """The word, and the word with any one letter left out but the first: people get the first letter right."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(1, len(word)))}


def slip(typed: str, known: str) -> int:
    """What happened between two words, the likelier the lower: left out 0, swapped 1, added 2, mistaken 3.

    Another ending is no slip.
    """
    same = next((i for i, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), min(len(typed), len(known)))
    rest, right = typed[same:], known[same:]
    if not rest or not right:
        return NO_SLIP
    if rest == right[1:]:
        return 0
    if rest[2:] == right[2:] and rest[:2] == right[1::-1]:
        return 1
    if rest[1:] == right:
        return 2
    return 3 if rest[1:] == right[1:] else NO_SLIP
