"""The name tagger: a linear model that reads each word's letters and neighbours and says which words name a person.

Features are hashed; the weights are one array. Names it has never seen are found by their letters and their place in
the sentence, names that are words ("Sommer") by their place alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import numpy.typing as npt

from knowledge.errors import ModelError
from nlu.privacy.lexicon import Lexicon, fold, in_parts, spelled

Floats = npt.NDArray[np.float32]
BUCKETS = 1 << 19
BLANK = "¤"
"""Stands for each character of what is not to be read: case numbers and what is masked already."""
FREQUENT = 4
"""An everyday word seen this often speaks for itself; a rarer one only by its letters."""
LISTED = 2.0
"""Added to the log-odds of a word that is known as a name and as nothing else: in real texts hardly one is no name."""
TOKEN = re.compile(r"[^\W\d_]+(?:['’`´-][^\W\d_]+)*|\d+|¤+|[^\w\s]|_|\n")
"""Words with inner hyphens and apostrophes, runs of digits, blanks, single signs, line breaks."""
EDGES = ("<s>", "</s>")


class Token(NamedTuple):
    """A word or sign and where it stands."""

    text: str
    start: int
    end: int


class Reading(NamedTuple):
    """What is known of one word apart from its neighbours. `name` is what it is called where it is a neighbour."""

    known: str
    shape: str
    name: str
    own: tuple[str, ...]


def tokens(text: str) -> list[Token]:
    return [Token(found.group(), *found.span()) for found in TOKEN.finditer(text)]


class Reader:
    """Turns words into features by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def read(self, word: str, *, as_name: bool = True, as_word: bool = True) -> Reading:
        """`as_name` and `as_word` switch off what the lexicon knows, so that training does not lean on it."""
        if not word[0].isalpha():
            name = "0" * min(len(word), 5) if word.isdigit() else word[0]
            return Reading("-", "-", name, (f"sign={name}",))
        lexicon = self.lexicon
        key, plain = spelled(word), fold(word)
        bare = plain.removesuffix("'").removesuffix("'s")
        parts = bare.split("-") if "-" in bare else [bare]
        bases = [*parts, *(part[:-1] for part in parts if part.endswith("s") and len(part) > 3)] if as_name else []
        seen = lexicon.words.get(key, 0) if as_word else 0
        known = "".join(
            mark
            for mark, holds in (
                ("F", any(part in lexicon.given for part in bases)),
                ("L", any(part in lexicon.family for part in bases)),
                ("P", as_name and (plain in lexicon.places or bare in lexicon.places)),
                ("T", as_word and (plain in lexicon.things or bare in lexicon.things)),
                ("W", seen > 0),
                ("w", 0 < seen < FREQUENT),
            )
            if holds
        )
        if not seen and len(key) > 3:
            known += in_parts(key, lexicon.words)
        shape = (
            "xX"[word[0].isupper()] + ("X" if word.isupper() and len(word) > 1 else "") + ("-" if "-" in word else "")
        )
        shape += "'" if "'" in plain else ""
        shape += str(min(len(word), 4))
        padded = f"<{plain[:24]}>"
        grams = {padded[i : i + n] for n in (2, 3, 4, 5) for i in range(len(padded) - n + 1)}
        own = [f"g={gram}" for gram in sorted(grams)]
        if len(parts) > 1:
            last = parts[-1]
            kinds = [("W", last in lexicon.words)]
            kinds += [("L", as_name and last in lexicon.family), ("F", as_name and last in lexicon.given)]
            own.append("h=" + "".join(kind for kind, holds in kinds if holds))
        own += [f"k={known}", f"s={shape}", f"ks={known}{shape}"]
        frequent = seen >= FREQUENT
        if frequent:
            own += [f"w={key}", f"w={key}|{shape}"]
        return Reading(known, shape, key if frequent else f"{known}{shape[:2]}", tuple(own))


def contexts(readings: Sequence[Reading], mixed: str) -> list[list[str]]:
    """All features of each word but the one of its left neighbour's tag; `mixed` tells how the text uses capitals."""
    names = [EDGES[0]] * 3 + [reading.name for reading in readings] + [EDGES[1]] * 3
    shapes = ["-"] * 3 + [f"{reading.known}{reading.shape[:2]}" for reading in readings] + ["-"] * 3
    found = []
    for i, reading in enumerate(readings, start=3):
        known = reading.known
        own = f"{known}{reading.shape[0]}"
        before, after = names[i - 1], names[i + 1]
        found.append(
            [
                "bias",
                *reading.own,
                f"m={mixed}{reading.shape}",
                f"mk={mixed}{reading.shape}{known}",
                f"-1={before}",
                f"+1={after}",
                f"-2={names[i - 2]}",
                f"+2={names[i + 2]}",
                f"-3={names[i - 3]}",
                f"-1={before}|{own}",
                f"+1={after}|{own}",
                f"-2={names[i - 2]}|{own}",
                f"-1+1={before}|{after}",
                f"-1+1={before}|{after}|{own}",
                f"-2-1={names[i - 2]}|{before}",
                f"-2-1={names[i - 2]}|{before}|{own}",
                f"+1+2={after}|{names[i + 2]}",
                f"+1+2={after}|{names[i + 2]}|{own}",
                f"s-1={shapes[i - 1]}|{own}",
                f"s+1={shapes[i + 1]}|{own}",
                f"s-2={shapes[i - 2]}|{shapes[i - 1]}|{own}",
                f"s+2={shapes[i + 1]}|{shapes[i + 2]}|{own}",
                f"s-1+1={shapes[i - 1]}|{shapes[i + 1]}|{own}",
            ]
        )
    return found


def by_neighbour(reading: Reading, mixed: str) -> list[str]:
    """Features that count only if the word before is part of a name."""
    return ["p", f"p{reading.known}", f"p{mixed}{reading.shape}", f"p{reading.name}"]


def capitals(words: Sequence[str]) -> str:
    """How a text uses capitals: none, all, or as German does."""
    letters = [word for word in words if word[0].isalpha()]
    if all(word.islower() for word in letters[1:]):
        return "l"
    return "u" if sum(word.isupper() for word in letters) * 2 > len(letters) else "m"


def listed(known: str) -> bool:
    """Whether a word is in the lists of names, and neither an everyday word nor a place nor a thing."""
    return ("F" in known or "L" in known) and not any(mark in known for mark in "WPT")


def bucket(feature: str) -> int:
    return crc32(feature.encode()) % BUCKETS


class NameTagger:
    """Immutable and safe to share. Made by training or `load_tagger`."""

    def __init__(self, lexicon: Lexicon, weights: Floats, threshold: float) -> None:
        self.reader = Reader(lexicon)
        self.weights = weights
        self.threshold = threshold
        self._weights: list[float] = weights.tolist()
        self.bar = math.log(threshold / (1 - threshold))

    def names(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it is part of a person's name."""
        return [score > self.bar for score in self.scores(words)]

    def scores(self, words: Sequence[str]) -> list[float]:
        """Log-odds, from left to right."""
        if not words:
            return []
        mixed = capitals(words)
        readings = [self.reader.read(word) for word in words]
        weights, scores, before = self._weights, [], False
        for reading, features in zip(readings, contexts(readings, mixed), strict=True):
            score = sum([weights[crc32(feature.encode()) % BUCKETS] for feature in features])
            if before:
                score += sum([weights[bucket(feature)] for feature in by_neighbour(reading, mixed)])
            if listed(reading.known):
                score += LISTED
            before = score > self.bar
            scores.append(score)
        return scores

    def save(self, file: Path) -> None:
        """One compressed numpy archive without pickles."""
        lexicon = self.reader.lexicon
        meta = {
            "given": sorted(lexicon.given),
            "family": sorted(lexicon.family),
            "places": sorted(lexicon.places),
            "things": sorted(lexicon.things),
            "foreign": sorted(lexicon.foreign),
            "words": dict(lexicon.words),
            "threshold": self.threshold,
        }
        used = np.flatnonzero(self.weights)
        with file.open("wb") as out:
            np.savez_compressed(
                out,
                meta=np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), dtype=np.uint8),
                buckets=used.astype(np.int32),
                weights=self.weights[used].astype(np.float32),
            )


def load_tagger(file: Path) -> NameTagger:
    """A saved tagger; raises `ModelError` if the file is missing or broken."""
    try:
        with np.load(file, allow_pickle=False) as data:
            meta = json.loads(bytes(data["meta"]).decode())
            weights = np.zeros(BUCKETS, dtype=np.float32)
            weights[data["buckets"]] = data["weights"]
            lexicon = Lexicon(
                given=frozenset(meta["given"]),
                family=frozenset(meta["family"]),
                places=frozenset(meta["places"]),
                things=frozenset(meta["things"]),
                foreign=frozenset(meta["foreign"]),
                words=meta["words"],
            )
            return NameTagger(lexicon, weights, float(meta["threshold"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, BadZipFile) as error:
        raise ModelError(
            "Das Namensmodell des Datenschutzfilters fehlt oder ist beschädigt – bitte „lotse setup“ ausführen."
        ) from error
