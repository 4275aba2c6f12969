"""Turns what was decided into German messages with buttons; knows no channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.access import PERMISSIONS, Permission
from actions.operations import ListCases, Said, ShowDeadline, ShowMyData
from actions.store.models import Person
from bot.messages import (
    Browse,
    Button,
    Details,
    Do,
    File,
    Message,
    Original,
    Outcome,
    Paragraph,
    PassOn,
    Reason,
    Show,
    Style,
    Turn,
    Verdict,
)
from knowledge.deadlines import DeadlineDay
from knowledge.load import Knowledge
from knowledge.models import Entry

INLINE_DETAILS = 500
"""Characters of details that are shown at once; longer ones wait behind a button."""
MOST_RELATED = 3
SHELVES = {
    "b0": "Allgemeines",
    "b1": "Baustein 1: Koordination",
    "b2": "Baustein 2: Case Management",
    "b3": "Baustein 3: ABH und EBH",
    "law": "Aufenthaltsrecht",
}
REASONS = ("Stimmt nicht", "Beantwortet meine Frage nicht", "Unverständlich", "Veraltet")
DEGRADED = "Das Sprachverständnis (Rasa) antwortet gerade nicht; ich suche direkt in der Wissensbasis."


def answered(
    entries: Sequence[Entry], knowledge: Knowledge, today: date, question: str, deadlines: Sequence[DeadlineDay]
) -> Message:
    """The answer: one entry, or one for each Baustein where none was named; its `deadlines` behind buttons."""
    paragraphs: list[Paragraph] = []
    for entry in entries:
        named = len(entries) > 1 and entry.bausteine
        heading = f"{bausteine_of(entry)}: {entry.question}" if named else entry.question
        paragraphs += entry_paragraphs(entry, heading, knowledge, today, with_details=len(entries) == 1)
    rows = tuple((deadline_button(one),) for one in deadlines)
    return Message(tuple(paragraphs), (*rows, *answer_buttons(entries, knowledge, today, question)))


def deadline_button(one: DeadlineDay) -> Button:
    return Button(f"🔔 Frist {one.day:%d.%m.%Y}", Do(operation=ShowDeadline(key=one.key)))


def entry_paragraphs(
    entry: Entry, heading: str, knowledge: Knowledge, today: date, *, with_details: bool
) -> list[Paragraph]:
    """The entry under the question it answers, so that nobody reads it as the answer to another one."""
    paragraphs = [Paragraph(heading, Style.TITLE), Paragraph(entry.answer)]
    if with_details and entry.details and len(entry.details) <= INLINE_DETAILS:
        paragraphs.append(Paragraph(entry.details))
    if entry.note:
        paragraphs.append(Paragraph(f"Hinweis: {entry.note}", Style.NOTE))
    for local in knowledge.local_dates:
        if entry.id in local.entries:
            paragraphs.append(Paragraph(f"Bei Ihnen: {local.text}, {local.date:%d.%m.%Y}", Style.NOTE))
    if entry.review_by < today:
        paragraphs.append(
            Paragraph(
                f"Achtung: Dieser Eintrag hätte bis {entry.review_by:%d.%m.%Y} geprüft werden sollen.", Style.NOTE
            )
        )
    paragraphs.append(Paragraph(knowledge.citation(entry), Style.SOURCE))
    return paragraphs


def answer_buttons(
    entries: Sequence[Entry], knowledge: Knowledge, today: date, question: str
) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    for entry in entries:
        name = f" ({bausteine_of(entry) if entry.bausteine else entry.title})" if len(entries) > 1 else ""
        row: list[Button] = []
        if entry.details and (len(entries) > 1 or len(entry.details) > INLINE_DETAILS):
            row.append(Button(f"Mehr dazu{name}", Details(entry=entry.id)))
        if knowledge.original_text(entry):
            row.append(Button(f"Originaltext{name}", Original(entry=entry.id)))
        if row:
            rows.append(tuple(row))
    shown = {entry.id for entry in entries}
    others = [other for entry in entries for other in entry.related if other not in shown]
    related = [knowledge.entries[other] for other in dict.fromkeys(others) if other in knowledge.entries]
    rows += [(entry_button(other),) for other in [one for one in related if one.valid_on(today)][:MOST_RELATED]]
    ids = [entry.id for entry in entries]
    rows.append(
        (
            Button("👍", Verdict(helpful=True, question=question, entries=ids)),
            Button("👎", Verdict(helpful=False, question=question, entries=ids)),
        )
    )
    return tuple(rows)


def entry_button(entry: Entry) -> Button:
    return Button(entry.title, Show(entry=entry.id))


def bausteine_of(entry: Entry) -> str:
    return "Baustein " + "/".join(str(number) for number in entry.bausteine) if entry.bausteine else "allgemein"


def choices(entries: Sequence[Entry], question: str) -> Message:
    rows = [(entry_button(entry),) for entry in entries]
    ids = [entry.id for entry in entries]
    rows.append((Button("Nichts davon: an die Koordination geben", PassOn(question=question, entries=ids)),))
    return Message((Paragraph("Meinten Sie …"),), tuple(rows))


def not_known(nearest: Sequence[Entry], question: str, *, elsewhere: bool) -> Message:
    """The honest refusal, with what lies near; `elsewhere`: only another Baustein has a rule."""
    if elsewhere and nearest and nearest[0].bausteine:
        text = (
            f"Dazu gibt es in meiner Wissensbasis nur eine Regel für {bausteine_of(nearest[0])}, nicht für Ihre Frage."
        )
    else:
        text = "Dazu weiß ich nichts Verlässliches."
    if nearest:
        text += " Am nächsten liegen diese Themen:"
    rows = [(entry_button(entry),) for entry in nearest]
    rows.append((Button("Alle Themen", Browse()),))
    ids = [entry.id for entry in nearest]
    rows.append((Button("An die Koordination geben", PassOn(question=question, entries=ids)),))
    return Message((Paragraph(text),), tuple(rows))


def details(entry: Entry, knowledge: Knowledge) -> Message:
    text = entry.details or entry.answer
    return Message(
        (Paragraph(entry.title, Style.TITLE), Paragraph(text), Paragraph(knowledge.citation(entry), Style.SOURCE))
    )


def original(entry: Entry, knowledge: Knowledge) -> Message:
    text = knowledge.original_text(entry) or "Der Originaltext liegt hier nicht vor."
    title = f"Originaltext: {entry.title}"
    return Message((Paragraph(title, Style.TITLE), Paragraph(text), Paragraph(knowledge.citation(entry), Style.SOURCE)))


def shelf(entry: Entry) -> set[str]:
    """On which shelves of the browse menu an entry stands."""
    if entry.source.document == "aufenthg":
        return {"law"}
    return {f"b{number}" for number in entry.bausteine} or {"b0"}


def browse(meaning: Browse, knowledge: Knowledge, today: date) -> Message:
    """The knowledge base by Baustein, then topic, then entry, without typing."""
    place, _, topic = meaning.shelf.partition("/")
    if place not in SHELVES:
        rows = [(Button(title, Browse(shelf=name)),) for name, title in SHELVES.items()]
        return Message((Paragraph("Wo möchten Sie nachsehen?", Style.TITLE),), tuple(rows))
    here = [entry for entry in knowledge.entries.values() if place in shelf(entry) and entry.valid_on(today)]
    back = Button("← Zurück", Browse(shelf=place if topic else ""))
    if topic in knowledge.topics:
        rows = [(entry_button(entry),) for entry in here if topic in entry.topics]
        title = f"{SHELVES[place]} · {knowledge.topics[topic].title}"
        return Message((Paragraph(title, Style.TITLE),), (*rows, (back,)))
    topics = [found for found in knowledge.topics.values() if any(found.id in entry.topics for entry in here)]
    rows = [(Button(found.title, Browse(shelf=f"{place}/{found.id}")),) for found in topics]
    return Message((Paragraph(SHELVES[place], Style.TITLE),), (*rows, (back,)))


def ask_reason(feedback: int) -> Message:
    rows = [(Button(reason, Reason(feedback=feedback, reason=reason)),) for reason in REASONS]
    rows.append((Button("Eigener Grund …", Reason(feedback=feedback)),))
    return Message((Paragraph("Danke. Was war nicht gut? Ein Tipp genügt."),), tuple(rows))


def contacts(knowledge: Knowledge) -> Message:
    if not knowledge.contacts:
        text = "Ansprechpersonen Ihrer Kommune sind noch nicht hinterlegt. Bitte fragen Sie Ihre KIM-Koordination."
        return plain(text)
    listed = [Paragraph(f"{contact.responsible_for}: {contact.text}") for contact in knowledge.contacts]
    return Message((Paragraph("Zuständig bei Ihnen", Style.TITLE), *listed))


def welcome(person: Person, examples: str) -> Message:
    """The greeting: what the person may do, and what never to write."""
    lines = [
        "Fragen Sie mich zu den Regeln des Kommunalen Integrationsmanagements NRW, zum Beispiel: „Bis wann muss der "
        "Antrag fürs nächste Jahr raus?“ Sie bekommen eine kurze Antwort mit Fundstelle."
    ]
    if Permission.CASES in PERMISSIONS[person.role]:
        lines.append(f"Ihre Fälle führe ich nur unter ihrer Nummer, zum Beispiel {examples}.")
    paragraphs = [Paragraph("KIM-Lotse", Style.TITLE), *map(Paragraph, lines)]
    paragraphs.append(Paragraph("Bitte schreiben Sie keine Namen und keine Kontaktdaten von Klient:innen.", Style.NOTE))
    return Message(tuple(paragraphs), menu(person))


HELP: Sequence[tuple[Permission, str]] = (
    (Permission.RULES, "Frage eintippen, auch in Stichworten: „Sachkosten Assistenz“"),
    (Permission.RULES, "Nachfragen: „und bei Baustein 3?“"),
    (Permission.RULES, "/themen: nachschlagen, ohne zu tippen"),
    (Permission.CASES, "„Kurzberatung {example} heute 20 min Telefon, Wohnen“ oder /beratung: Gespräch eintragen"),
    (Permission.CASES, "/offen: was noch in die KIM-Datenbank muss; /export: als Datei"),
    (Permission.CASES, "„Meine letzten Beratungen“, „Lösch die von eben“, „Wie ist meine Auslastung?“"),
    (Permission.STATISTICS, "„Wie ist die Auslastung?“, /export: Zahlen ohne Einzelfälle"),
    (Permission.CASES, "/faelle oder „meine Fälle“: Ihre laufenden Fälle"),
    (Permission.CASES, "„Fall anlegen {example}“, „Fall {example} abschließen“, „… übernehmen“, „… übergeben“"),
    (Permission.CASES, "„Einwilligung {example} widerrufen“: alles zum Fall löschen"),
    (Permission.CASES, "„Bin vom 1.12. bis 14.12. im Urlaub“: Vertretung eintragen"),
    (Permission.DEADLINES, "„Erinner mich nächsten Dienstag 9 Uhr an …“, „Wiedervorlage {example} in 6 Wochen“"),
    (Permission.DEADLINES, "/erinnerungen: offene Erinnerungen; /fristen: Termine des Programms, auch als Kalender"),
    (Permission.DEADLINES, "/einstellungen: Arbeitszeit und was Meldungen zeigen"),
    (Permission.RULES, "/meinedaten: was über Sie gespeichert ist, als Datei oder löschen"),
    (Permission.RULES, "/abbrechen: von vorn beginnen"),
    (Permission.RULES, "👎 unter einer Antwort: Rückmeldung an die Redaktion"),
)
"""What can be done, and which permission it takes."""


def help_text(person: Person, example: str) -> Message:
    """What this person may do, and no more."""
    allowed = PERMISSIONS[person.role]
    lines = [f"• {line.format(example=example)}" for permission, line in HELP if permission in allowed]
    return Message(
        (
            Paragraph("So hilft Ihnen KIM-Lotse", Style.TITLE),
            Paragraph("\n".join(lines)),
            Paragraph("Im Zweifel entscheidet die zuständige Behörde; ich nenne immer die Fundstelle.", Style.NOTE),
        ),
        menu(person),
    )


def menu(person: Person) -> tuple[tuple[Button, ...], ...]:
    may_hold_cases = Permission.CASES in PERMISSIONS[person.role]
    cases = ((Button("Meine Fälle", Do(operation=ListCases())),),) if may_hold_cases else ()
    return ((Button("Alle Themen", Browse()),), *cases, (Button("Meine Daten", Do(operation=ShowMyData())),))


def done(reply: Said, knowledge: Knowledge, files: Sequence[File]) -> Message:
    """The reply to an operation, with the source that says why, and its buttons."""
    paragraphs = [Paragraph(reply.title, Style.TITLE)] if reply.title else []
    paragraphs.append(Paragraph(reply.text))
    cited = [knowledge.citation(knowledge.entries[entry]) for entry in reply.cites if entry in knowledge.entries]
    paragraphs += [Paragraph(citation, Style.SOURCE) for citation in dict.fromkeys(cited)]
    rows = tuple(tuple(Button(choice.label, Do(operation=choice.then)) for choice in row) for row in reply.rows)
    return Message(tuple(paragraphs), rows, tuple(files))


def plain(text: str) -> Message:
    return Message((Paragraph(text),))


def said(sentence: str, intent: str) -> Turn:
    """A turn of one sentence."""
    return Turn(Outcome("other", intent), (plain(sentence),))
