"""The decision every question ends in: one answer, a choice, or an honest "dazu weiß ich nichts"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.bausteine import Bausteine, read_bausteine
from knowledge.load import Knowledge
from knowledge.ranking import NOT_A_QUESTION, Candidate, Ranking

ANSWER_FROM = 0.75
"""Confidence from which an answer is given at once; measured on voices not trained on (`make bench-nlu`)."""
CHOICES_FROM = 0.55
"""Confidence from which choices are offered; below it nothing is claimed."""
ALONE = 0.9
"""Share of a family's score from which one Baustein is clearly meant though none was read."""
CLOSE = 0.8
"""Share of the best entry's score from which another one on the same section of the law is shown with it."""
LEAST_CHOICES = 2
MOST_CHOICES = 4
WORTH_OFFERING = 0.08
"""Share of the best group's score that a group needs to be offered beside it."""

SECTION = re.compile(r"\b(\d{2,3}) ?([a-z])\b")
"""How a section of the law is named: "25b", "§ 25 b"."""

Status = Literal["answer", "choices", "no_answer"]


@dataclass(frozen=True)
class Scored:
    """An entry with the score of the ranking behind it."""

    id: str
    score: float


@dataclass(frozen=True)
class Decision:
    """What is shown. For `no_answer`, `entries` lie nearest; `elsewhere`: only another Baustein has a rule."""

    status: Status
    entries: tuple[Scored, ...]
    elsewhere: bool = False


@dataclass(frozen=True)
class Group:
    """A family, a section of the law, or an entry of its own, and the labels under it."""

    id: str
    score: float
    labels: tuple[Candidate, ...]


def decide(
    question: str, ranking: Ranking, knowledge: Knowledge, today: date, *, answer_from: float = ANSWER_FROM
) -> Decision:
    """Decide on one question; `today` (a day in Germany) rules out entries that are not valid.

    Where a section named by its number ruled out the best group, the confidence was not meant for what is left:
    then nothing is answered at once.
    """
    normalised = knowledge.normaliser(question)
    groups = group(ranking, knowledge)
    sections = named_sections(normalised, knowledge)
    ranked_first = groups[0].labels[0] if groups else None
    if sections:
        groups = only_sections(groups, sections, knowledge)
    if not groups:
        return Decision("no_answer", ())
    bausteine = read_bausteine(normalised, knowledge.vocabulary.bausteine)
    best = shown(groups[0], bausteine, knowledge, today)
    if ranking.confidence < CHOICES_FROM:
        return Decision("no_answer", nearest(groups, knowledge, today))
    if not best:
        elsewhere = bool(shown(groups[0], Bausteine(), knowledge, today))
        return Decision("no_answer", nearest(groups, knowledge, today), elsewhere=elsewhere)
    if ranking.confidence >= answer_from and groups[0].labels[0] == ranked_first:
        return Decision("answer", tuple(best))
    offered = offer(groups, bausteine, knowledge, today)
    if len(offered) < LEAST_CHOICES:
        return Decision("no_answer", nearest(groups, knowledge, today))
    return Decision("choices", tuple(offered))


def group(ranking: Ranking, knowledge: Knowledge) -> list[Group]:
    """Candidates that have entries, by group, best first."""
    members: dict[str, list[Candidate]] = {}
    for candidate in ranking.candidates:
        if candidate.label not in NOT_A_QUESTION and knowledge.entries_for(candidate.label):
            members.setdefault(knowledge.group_of.get(candidate.label, candidate.label), []).append(candidate)
    groups = [Group(name, sum(c.score for c in listed), tuple(listed)) for name, listed in members.items()]
    return sorted(groups, key=lambda found: -found.score)


def named_sections(normalised: str, knowledge: Knowledge) -> frozenset[str]:
    """Sections of the law named by their number, as far as there are entries about them."""
    named = {number + letter for number, letter in SECTION.findall(normalised)}
    return frozenset(named & {section for entry in knowledge.raw_entries for section in sections_of(entry, knowledge)})


def sections_of(label: str, knowledge: Knowledge) -> frozenset[str]:
    """The sections a law entry is about: its source's, and those its id names."""
    entry = knowledge.raw_entries.get(label)
    if entry is None or entry.source.section is None:
        return frozenset()
    return frozenset({entry.source.section, *(part for part in label.split("-") if SECTION.fullmatch(part))})


def only_sections(groups: Sequence[Group], sections: frozenset[str], knowledge: Knowledge) -> list[Group]:
    """Law entries about none of the sections named are ruled out.

    If that takes away the best group, its confidence must not pass to anything but an entry on a named section.
    """
    kept: list[Group] = []
    for found in groups:
        about = [sections_of(c.label, knowledge) for c in found.labels]
        labels = tuple(c for c, own in zip(found.labels, about, strict=True) if not own or own & sections)
        if labels:
            kept.append(Group(found.id, sum(c.score for c in labels), labels))
    on_section = [found for found in kept if sections_of(found.labels[0].label, knowledge)]
    unchanged = bool(kept) and kept[0].labels[0] == groups[0].labels[0]
    return sorted(kept if unchanged else on_section, key=lambda found: -found.score)


def shown(found: Group, bausteine: Bausteine, knowledge: Knowledge, today: date) -> list[Scored]:
    """The entries of a group that answer: of a section the best (two if they are close); of a family those meant."""
    family = knowledge.families.get(found.id)
    if family is None:
        close = [knowledge.entries[c.label] for c in found.labels[:2] if c.score >= CLOSE * found.labels[0].score]
        if not (close[0].valid_on(today) and fits(close[0].bausteine, bausteine, siblings=False)):
            return []
        return [Scored(entry.id, round(found.score, 4)) for entry in close if entry.valid_on(today)]
    entries = [knowledge.entries[entry] for entry in family.entries]
    fitting = [e.id for e in entries if e.valid_on(today) and fits(e.bausteine, bausteine, siblings=True)]
    if len(fitting) > 1:
        alone = [c.label for c in found.labels if c.label in fitting and c.score >= ALONE * found.score]
        fitting = alone or fitting
    return [Scored(entry, round(found.score, 4)) for entry in fitting]


def fits(held: Sequence[int], bausteine: Bausteine, *, siblings: bool) -> bool:
    """Whether an entry that holds for these Bausteine may answer.

    Between siblings, what is implied picks; alone, an entry is ruled out only by a Baustein named by its number, or
    where only posts of Baustein 1 or 2 are spoken of and the entry holds for Baustein 3 alone.
    """
    if not held:
        return True
    if siblings:
        return not bausteine.meant or bool(bausteine.meant & set(held))
    if bausteine.named:
        return bool(bausteine.named & set(held))
    return not (list(held) == [3] and bausteine.implied and 3 not in bausteine.implied)


def offer(groups: Sequence[Group], bausteine: Bausteine, knowledge: Knowledge, today: date) -> list[Scored]:
    """At most four entries of the groups that come into question."""
    worth = [g for i, g in enumerate(groups) if i < LEAST_CHOICES or g.score >= WORTH_OFFERING * groups[0].score]
    per_group = [shown(found, bausteine, knowledge, today) for found in worth[:MOST_CHOICES]]
    return [scored for entries in per_group for scored in entries][:MOST_CHOICES]


def nearest(groups: Sequence[Group], knowledge: Knowledge, today: date) -> tuple[Scored, ...]:
    """The nearest topics of a question without an answer, whatever their Baustein."""
    anywhere = [scored for found in groups[:3] for scored in shown(found, Bausteine(), knowledge, today)]
    return tuple(anywhere[:3])
