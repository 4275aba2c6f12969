"""Makes the sentences the name tagger learns from: names of many origins in casework sentences, and clean ones.

Deterministic: one seed, the same files, the same sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

import yaml

from nlu.privacy.lexicon import LATIN, SENTENCES_FILE, Pools, everyday_words, town_names
from nlu.privacy.tagger import BLANK

SLOT = re.compile(r"\{(\w+)\}")
TITLES = [*["Frau", "Herr"] * 4, "Herrn", "Fam.", "Familie", "Hr.", "Fr.", "Hr", "Fr", "Herr Dr.", "Frau Dr.", "Dr."]
PARTICLES = ["al-", "Al-", "el", "El", "Al", "von", "van", "Ben", "Abu", "Ibn", "bin"]
ARTICLES = ["der", "die", "dem", "den", "meine", "meiner", "unser", "die neue"]
ANY_NOUN = 0.4
ANY_TOWN = 0.4
GERMAN_POOL = LATIN.split().index("de_DE")
NAME_OPEN, NAME_CLOSE = "\ue000", "\ue001"
"""Private-use signs around a name while a sentence is put together."""
CASE_NUMBER = re.compile(r"\b(?:kim|fall)[ -]\d{3,4}\b", re.IGNORECASE)
"""The guard blanks them out before it looks for names."""
NOUN = re.compile(r"(?<=[a-zäöüß,] )[A-ZÄÖÜ][a-zäöüß]{3,}")
PERSON_PHRASES = re.compile(
    r"\b(?:(?:der|die|dem|den|ein|eine|einen|einem|einer|mein|meine|meinen|meinem|meiner|unser|unsere|unserer)\s)"
    r"(?:neue[nr]?\s|junge[nr]?\s)?(?:klient(?:in|en)?|kollegin|kolleg(?:e|en)|mandant(?:in|en)?|chefin|chef|mutter|vater|"
    r"sohn|tochter|frau|mann|nachbarin|teamleitung|leitung|case managerin|case manager|sachbearbeiterin|sachbearbeiter|"
    r"person|familie|jemand|jugendliche[rn]?|dezernentin|dezernent|bekannte|freundin|mitarbeiterin|mitarbeiter)\b",
    re.IGNORECASE,
)


class Sentence(NamedTuple):
    """A text and where its names stand."""

    text: str
    names: tuple[tuple[int, int], ...]


class Writer:
    """Fills templates by chance from a seed."""

    def __init__(self, pools: Pools, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - training data, not secrets
        self.pools = pools
        data = yaml.safe_load(SENTENCES_FILE.read_text(encoding="utf-8"))
        self.lists: dict[str, list[str]] = {
            key: [word.replace("_", " ") for word in value.split()]
            for key, value in data.items()
            if isinstance(value, str)
        }
        self.towns = [*town_names(), *self.lists["town"] * 6]
        self.words = everyday_words()
        self.templates: dict[str, list[str]] = {key: value for key, value in data.items() if isinstance(value, list)}
        self.slots: dict[str, Callable[[], str]] = {
            "f": lambda: self.name(self.given()),
            "l": lambda: self.name(self.family()),
            "full": self.full,
            "initial": lambda: self.name(f"{self.given()[0]}. {self.family()}"),
            "cut": lambda: self.name(f"{self.given()} {self.family()[0]}."),
            "law": self.law,
            "street": self.street,
            "named": self.named_house,
            "lastfirst": lambda: f"{self.name(self.family())}, {self.name(self.given())}",
            "t": self.titled,
            "n": self.mention,
            "g": self.genitive,
            "w": self.word_name,
            "fams": lambda: self.name(self.family() + "s"),
            "artrole": lambda: f"{self.random.choice(ARTICLES)} {self.pick('role')}",
            "other": lambda: self.fill(self.random.choice(self.templates["others"])),
            "num": lambda: str(self.random.randint(100, 4999)),
            "num2": lambda: str(self.random.randint(1, 12)),
            "age": lambda: str(self.random.randint(1, 79)),
            "year": lambda: str(self.random.randint(2012, 2026)),
            "letter": lambda: self.random.choice("abcdeiknsyz"),
            "time": self.time,
            "date": self.date,
            "phone": self.phone,
        }

    def pick(self, key: str) -> str:
        if key == "topic" and self.random.random() < ANY_NOUN:
            return self.noun()
        if key == "city" and self.random.random() < ANY_TOWN:
            return self.random.choice(self.towns)
        return self.random.choice(self.lists[key])

    def noun(self) -> str:
        """Any everyday word, or a new compound of two."""
        word: str = self.random.choice(self.words)
        if self.random.random() < 0.4:
            word += self.random.choice(["", "s"]) + self.random.choice(self.words)
        return word.capitalize() if self.random.random() < 0.7 else word

    def given(self) -> str:
        pool = self.random.choice(self.pools.origins)[0]
        name = self.spoilt(self.random.choice(pool))
        return f"{name}-{self.random.choice(pool)}" if self.random.random() < 0.04 else name

    def family(self) -> str:
        name = self.spoilt(self.random.choice(self.random.choice(self.pools.origins)[1]))
        chance = self.random.random()
        if chance < 0.06:
            return f"{name}-{self.random.choice(self.random.choice(self.pools.origins)[1])}"
        if chance < 0.1:
            particle = self.random.choice(PARTICLES)
            return f"{particle}{'' if particle.endswith('-') else ' '}{name}"
        return name

    def spoilt(self, name: str) -> str:
        """Now and then mistyped or without its accents: people write names as they hear them."""
        chance = self.random.random()
        if chance < 0.1 and len(name) > 4:
            at = self.random.randrange(1, len(name) - 1)
            how = self.random.randrange(4)
            if how == 0:
                return name[:at] + name[at + 1 :]
            if how == 1:
                return name[:at] + name[at] + name[at:]
            if how == 2:
                return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            return name[:at] + self.random.choice("aeiouhnrsy") + name[at + 1 :]
        if chance < 0.2:
            return name.translate(str.maketrans("äöüßışçğčćžšđéèáíóúăâîțşłńąęż", "aousiscgcczsdeeaiouaaitslnaez"))
        return name

    def name(self, text: str) -> str:
        return f"{NAME_OPEN}{text}{NAME_CLOSE}"

    def full(self) -> str:
        origin = self.random.choice(self.pools.origins)
        given, family = self.spoilt(self.random.choice(origin[0])), self.spoilt(self.random.choice(origin[1]))
        if self.random.random() < 0.2:
            given += " " + self.random.choice(origin[0])
        return self.name(f"{given} {family}")

    def titled(self) -> str:
        title = self.random.choice(TITLES)
        chance = self.random.random()
        if chance < 0.12:
            return f"{title} {self.full()}"
        if chance < 0.25:
            return f"{title} {self.name(self.pick('wordnames'))}"
        return f"{title} {self.name(self.family() if chance < 0.88 else self.given())}"

    def mention(self) -> str:
        usual = [self.titled, self.titled, self.full, self.slots["f"], self.slots["f"], self.slots["l"]] * 4
        return self.random.choice([*usual, *[self.slots["initial"], self.slots["cut"], self.word_name] * 2])()

    def word_name(self) -> str:
        """A name that is a word as well, without any title."""
        word = self.pick("wordnames")
        return self.name(self.random.choice([word, f"{word} {self.family()}", f"{self.given()} {word}"]))

    def street(self) -> str:
        """A street, often named after somebody; without a number it is no address."""
        name = self.random.choice(
            [self.german(1), f"{self.german(0)}-{self.german(1)}-", self.german(1) + "er ", self.pick("topic")]
        )
        ending = self.random.choice(
            ["straße", "str.", "weg", "platz", "allee", "ring", "Straße", "-Platz", "park", "viertel", "siedlung"]
        )
        return f"{name}{ending}".replace("--", "-")

    def named_house(self) -> str:
        """A school, hospital, foundation that bears a person's name."""
        kind = self.random.choice(
            [
                "Schule",
                "Gesamtschule",
                "Haus",
                "Stiftung",
                "Gymnasium",
                "Grundschule",
                "Heim",
                "Zentrum",
                "Berufskolleg",
                "Institut",
                "Saal",
            ]
        )
        return self.random.choice(
            [
                f"{self.german(0)}-{self.german(1)}-{kind}",
                f"St. {self.german(0)}",
                f"Kita {self.german(0)}",
                f"St.-{self.german(0)}-{kind}",
                f"{self.german(1)}-{kind}",
                f"Kita St. {self.german(0)}",
                f"Pfarrheim St. {self.german(0)}",
                f"{kind} {self.pick('city')}",
                f"{kind} {self.german(1)}er {self.random.choice(['Straße', 'Weg', 'Platz'])}",
            ]
        )

    def law(self) -> str:
        """The short name of some law."""
        parts = self.random.choices(self.lists["lawparts"], k=self.random.randint(1, 3))
        return "".join(parts) + self.random.choice(["G", "VO", "V", "GB", "RL", "O", "-E"])

    def german(self, kind: int) -> str:
        return self.random.choice(self.pools.origins[GERMAN_POOL][kind])

    def genitive(self) -> str:
        name = self.given() if self.random.random() < 0.6 else self.family()
        ending = (
            self.random.choice(["'", "’", "'s"]) if name[-1] in "szxß" else self.random.choice(["s", "s", "s", "'s"])
        )
        title = self.random.choice(["", "", "Frau ", "Herrn "])
        return title + self.name(name + ending)

    def phone(self) -> str:
        area, separator = (
            self.random.choice(["151", "176", "157", "201", "2541"]),
            self.random.choice([" ", "/", "-", ""]),
        )
        return f"0{area}{separator}{self.random.randint(1000000, 99999999)}"

    def time(self) -> str:
        hour, minute = self.random.randint(7, 18), self.random.choice([0, 15, 30, 45])
        return self.random.choice(
            [f"{hour}:{minute:02}", f"{hour} Uhr", f"{hour}.{minute:02}", f"{hour}:{minute:02} Uhr"]
        )

    def date(self) -> str:
        day, month, year = self.random.randint(1, 28), self.random.randint(1, 12), self.random.randint(2024, 2027)
        return self.random.choice(
            [
                f"{day:02}.{month:02}.{year}",
                f"{day}.{month}.",
                f"{day}.{month}.{year % 100}",
                f"{day}. {self.pick('month')}",
            ]
        )

    def fill(self, template: str) -> str:
        return SLOT.sub(lambda slot: self.slots[slot[1]]() if slot[1] in self.slots else self.pick(slot[1]), template)

    def combined(self) -> str:
        """An opener, somebody, what they do, a tail; somebody is a person or anything else."""
        who = self.random.choice(self.templates["persons" if self.random.random() < 0.6 else "others"])
        parts = [self.random.choice(self.templates["openers"]), who, self.random.choice(self.templates["doings"])]
        if self.random.random() < 0.15:
            parts = [parts[0], "hat" if self.random.random() < 0.5 else "ist", who, self.pick("topic"), "bekommen"]
        text = " ".join(part for part in parts if part) + self.random.choice(self.templates["tails"])
        if self.random.random() < 0.2:
            text += self.random.choice([" ", ". ", ", ", "\n", " und ", " - "]) + self.random.choice(
                self.templates["free"]
            )
        return self.fill(text)

    def sentences(self, count: int, clean: Sequence[str]) -> Iterator[Sentence]:
        """`count` sentences with and without names; `clean` ones are also used with a name put in."""
        for _ in range(count):
            chance = self.random.random()
            if chance < 0.40:
                marked = self.combined()
            elif chance < 0.70:
                marked = self.fill(self.random.choice(self.templates["free"]))
                if self.random.random() < 0.35:
                    marked += self.random.choice([", ", ". ", " ", "\n", " / "]) + self.fill(
                        self.random.choice(self.templates["free" if self.random.random() < 0.6 else "clean"])
                    )
            elif chance < 0.84:
                marked = self.fill(self.random.choice(self.templates["clean"]))
            elif chance < 0.96:
                marked = self.inserted(self.random.choice(clean))
            else:
                marked = NOUN.sub(
                    lambda noun: self.noun() if self.random.random() < 0.4 else noun[0], self.random.choice(clean)
                )
            yield finished(self.styled(marked))

    def inserted(self, text: str) -> str:
        """A clean sentence in which somebody gets a name."""
        found = PERSON_PHRASES.search(text)
        if found:
            how = self.random.random()
            name = self.mention()
            if how < 0.5:
                return text[: found.start()] + name + text[found.end() :]
            if "\ue000" in name and " " not in name.split(NAME_OPEN)[0]:
                return text[: found.end()] + " " + name + text[found.end() :]
            return text[: found.start()] + name + text[found.end() :]
        if self.random.random() < 0.5:
            return (
                self.random.choice(["{t}: ", "{f}, ", "Frage von {n}: ", "{n} fragt: ", "Für {n}: ", "hallo {f}, "])
                .replace("{t}", self.titled())
                .replace("{f}", self.slots["f"]())
                .replace("{n}", self.mention())
                + text
            )
        return text

    def styled(self, text: str) -> str:
        """As people type: small letters, capitals, no punctuation, spelled umlauts."""
        chance = self.random.random()
        if chance < 0.4:
            text = text.lower()
        elif chance < 0.46:
            text = text.upper()
        elif chance < 0.5:
            text = text[:1].upper() + text[1:]
        if self.random.random() < 0.15:
            text = re.sub(r"[,.!?](?=\s|$)", "", text)
        if self.random.random() < 0.1:
            text = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
        return CASE_NUMBER.sub(lambda number: BLANK * len(number.group()), text)


def finished(marked: str) -> Sentence:
    """The plain text and the places of its names."""
    names, parts, at, start = [], [], 0, 0
    for piece in re.split(f"([{NAME_OPEN}{NAME_CLOSE}])", marked):
        if piece == NAME_OPEN:
            start = at
        elif piece == NAME_CLOSE:
            names.append((start, at))
        else:
            parts.append(piece)
            at += len(piece)
    return Sentence("".join(parts), tuple(names))
