"""What is known of words: given and family names, places, everyday words. Evidence for the tagger, never a verdict."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml
from faker.providers.lorem.de_DE import Provider as GermanWords
from spacy.lang.de.stop_words import STOP_WORDS

from knowledge.load import Knowledge, load_examples

HERE = Path(__file__).parent
NAMES_FILE = HERE / "names.yml"
WORDS_FILE = HERE / "words.yml"
SENTENCES_FILE = HERE / "sentences.yml"

LATIN = (
    "az_AZ de_AT de_CH de_DE en_GB en_IN en_KE en_NG en_PK es_ES fr_FR fr_DZ ha_NG hr_HR hu_HU ig_NG it_IT lt_LT pl_PL "
    "pt_PT ro_RO sk_SK sl_SI sw tr_TR tw_GH uz_UZ vi_VN yo_NG zu_ZA"
)
TOWNS_BY_PREFIX = (
    "49",
    "43",
    "41",
    "90",
    "98",
    "93",
    "964",
    "963",
    "380",
    "355",
    "381",
    "387",
    "389",
    "40",
    "359",
    "48",
    "251",
    "254",
    "20",
    "212",
    "213",
    "216",
    "961",
    "962",
    "237",
    "244",
    "220",
)
"""Calling codes of the countries whose towns come up: Germany, its neighbours, where people come from."""
CYRILLIC = "bg_BG mk_MK ru_RU uk_UA"
OTHER_SCRIPTS = f"{CYRILLIC} ar_AA ar_DZ ar_PS ar_SA fa_IR el_GR hi_IN hy_AM ka_GE ne_NP ta_IN"
"""Locales in which Faker writes names in the letters of their own."""
CYRILLIC_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґѓјљњќџѕ"
GERMAN = (
    "a b w g d e jo sch s i j k l m n o p r s t u f ch z tsch sch schtsch _ y _ e ju ja je i ji g gj j lj nj kj dsch ds"
)
ENGLISH = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya ye i yi g gj j lj nj kj dz dz"
UKRAINIAN = {"и": "y", "г": "h", "й": "i"}

SPECIAL = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "ə": "a", "’": "'", "`": "'", "´": "'"}
)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
ENDINGS = ("en", "er", "es", "em", "e", "n", "s", "t", "st", "te", "ten", "in", "innen")
SHORTEST_PART = 4
THINGS = ("brand", "inst", "school", "story")


class Lexicon(NamedTuple):
    """Folded words. `words` maps an everyday word to how often it was seen.

    `things` are what else has a proper name: firms, institutions, feasts, tales. `foreign` are names in other letters.
    """

    given: frozenset[str]
    family: frozenset[str]
    places: frozenset[str]
    things: frozenset[str]
    foreign: frozenset[str]
    words: Mapping[str, int]


class Pools(NamedTuple):
    """Names as written, by origin, to make sentences from: one list of given and one of family names each."""

    origins: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


def town_names() -> list[str]:
    """From the telephone plan."""
    from phonenumbers.geodata import GEOCODE_DATA  # a hundred megabytes, which only training needs

    return sorted(
        {name for code, area in GEOCODE_DATA.items() if code.startswith(TOWNS_BY_PREFIX) for name in area.values()}
    )


def everyday_words() -> list[str]:
    """The words of `words.yml`."""
    return [
        word
        for words in yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8")).values()
        for word in WORD.findall(words)
    ]


def words_in(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def fold(word: str) -> str:
    """Lower case without accents; ä, ö, ü lose their dots."""
    word = word.lower().translate(SPECIAL)
    if word.isascii():
        return word
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


def spelled(word: str) -> str:
    """Lower case with ae, oe, ue: how everyday words are looked up."""
    return fold(word.lower().translate(UMLAUTS))


def name_pools() -> Pools:
    """From Faker, romanised where it writes Cyrillic, and from `names.yml`."""
    origins = []
    for locale in (*LATIN.split(), *CYRILLIC.split()):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        given, family = (sorted(set(names_of(provider, kind))) for kind in ("first_name", "last_name"))
        if locale in CYRILLIC.split():
            given, family = romanised(given, locale), romanised(family, locale)
        origins.append((clean_names(given), clean_names(family)))
    for origin in yaml.safe_load(NAMES_FILE.read_text(encoding="utf-8")).values():
        given, family = ([name.replace("_", " ") for name in origin[kind].split()] for kind in ("first", "last"))
        origins.append((clean_names(given), clean_names(family)))
    return Pools(tuple(pair for pair in origins if pair[0] and pair[1]))


def foreign_names() -> frozenset[str]:
    """Names in the letters of their own script, small."""
    providers = [importlib.import_module(f"faker.providers.person.{code}").Provider for code in OTHER_SCRIPTS.split()]
    return frozenset(
        fold(part)
        for provider in providers
        for kind in ("first_name", "last_name")
        for name in names_of(provider, kind)
        for part in WORD.findall(name)
        if len(part) > 2
    )


def names_of(provider: type[object], kind: str) -> Iterator[str]:
    for attribute in sorted(dir(provider)):
        value = getattr(provider, attribute)
        if kind in attribute and "romanized" not in attribute and isinstance(value, (tuple, list, dict)):
            yield from (str(name) for name in value)


def romanised(names: Iterable[str], locale: str) -> list[str]:
    """In the German and the English way of writing them."""
    found = []
    for letters in (GERMAN, ENGLISH):
        table = dict(zip(CYRILLIC_LETTERS, letters.replace("_", " ").split(" "), strict=False))
        table |= {"ъ": "", "ь": ""} | (UKRAINIAN if locale == "uk_UA" else {})
        found += ["".join(table.get(char, char) for char in name.lower()).title() for name in names]
    return found


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if len(name) > 1 and re.fullmatch(r"[^\W\d_][\w'’ -]*", name)}))


def build_lexicon(pools: Pools, knowledge: Knowledge, overlay: Path | None = None) -> Lexicon:
    """Everything known; German towns from the telephone plan, everyday words from the knowledge base."""
    given = {key for first, _ in pools.origins for name in first for key in keys(name)}
    family = {key for _, last in pools.origins for name in last for key in keys(name)}
    slots = yaml.safe_load(SENTENCES_FILE.read_text(encoding="utf-8"))
    named = (*town_names(), *(name for slot in ("city", "town", "country") for name in slots[slot].split()))
    places = {key for name in named for key in proper_keys(name, given)}
    things = {key for slot in THINGS for name in slots[slot].split() for key in proper_keys(name, given)}
    words = Counter(spelled(word) for text in written(knowledge, overlay) for word in WORD.findall(text))
    extra = everyday_words()
    listed = (slots[slot] for slot in ("role", "kin", "office", "officef", "topic", "lang", "nat", "natf", "poss"))
    extra += [word for words_of_slot in listed for word in WORD.findall(words_of_slot.replace("_", " "))]
    words.update(spelled(word) for word in (*extra, *STOP_WORDS, *GermanWords.word_list))
    return Lexicon(
        given=frozenset(given),
        family=frozenset(family),
        places=frozenset(places),
        things=frozenset(things),
        foreign=foreign_names(),
        words=dict(sorted(words.items())),
    )


def written(knowledge: Knowledge, overlay: Path | None) -> Iterator[str]:
    yield from (example.text for example in load_examples(overlay))
    for entry in knowledge.entries.values():
        yield " ".join([entry.question, *WORD.findall(entry.model_dump_json())])


def keys(name: str) -> Iterator[str]:
    """The parts of a name as they are looked up: both ways of writing umlauts."""
    for part in re.split(r"[\s/()_-]+", name):
        if len(part) > 1:
            yield fold(part)
            yield spelled(part)


def proper_keys(name: str, given: Collection[str]) -> Iterator[str]:
    """The same of a place or thing; what a longer name borrows from persons says nothing: Addis Abeba, Haus Maria."""
    found = list(keys(name))
    single = not re.search(r"[\s/()_-]", name)
    yield from (key for key in found if single or key not in given)


def in_parts(word: str, words: Mapping[str, int]) -> str:
    """How a word unknown as such is made: "C" of two known ones, "I" inflected from one, "" neither."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            stem = word[: -len(ending)]
            if stem in words or stem + "e" in words or stem + "en" in words:
                return "I"
    for cut in range(SHORTEST_PART - 1, len(word) - SHORTEST_PART + 2):
        head, tail = word[:cut], word[cut:]
        if (tail in words or tail[:-1] in words or (tail.endswith("en") and tail[:-2] in words)) and (
            head in words or head.removesuffix("s") in words or head + "e" in words or head + "en" in words
        ):
            return "C"
    return ""
