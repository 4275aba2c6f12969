"""`lotse knowledge`: check and look at the knowledge base; the curators' work list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from actions.clock import local_day, system_clock
from actions.settings import load_settings
from actions.store.records import close_note, work_list
from bot.commands.output import out
from bot.runtime.assembly import open_database
from knowledge.check import check_knowledge
from knowledge.deadlines import load_deadlines
from knowledge.errors import LotseError
from knowledge.load import load_examples, load_knowledge

app = typer.Typer(no_args_is_help=True, help="Die Wissensbasis prüfen und ansehen.")

SourceFile = Annotated[Path | None, typer.Option(help="Text der offiziellen FAQ zum Abgleich")]


@app.command()
def check(source: SourceFile = None) -> None:
    """Schema, Kennungen, Verweise, Daten, Prüftermine, doppelte Beispiele; mit --source auch alle Zahlen."""
    settings = load_settings()
    knowledge = load_knowledge(settings.overlay)
    findings = check_knowledge(
        knowledge,
        load_examples(settings.overlay),
        today=local_day(system_clock()),
        deadlines=load_deadlines(settings.overlay),
        source=source,
    )
    for finding in findings:
        out.print(finding, markup=False)
    if findings:
        raise LotseError(f"{len(findings)} Beanstandungen in der Wissensbasis – bitte diese Stellen berichtigen.")
    out.print(f"Die Wissensbasis ist in Ordnung: {len(knowledge.entries)} Einträge.")


@app.command("list")
def list_entries() -> None:
    """Alle Einträge mit Titel."""
    for entry in load_knowledge(load_settings().overlay).entries.values():
        out.print(f"{entry.id:32} {entry.title}", markup=False)


@app.command()
def show(entry_id: str) -> None:
    """Einen Eintrag mit Fundstelle."""
    knowledge = load_knowledge(load_settings().overlay)
    if entry_id not in knowledge.entries:
        raise LotseError(f"Den Eintrag „{entry_id}“ gibt es nicht – „lotse knowledge list“ zeigt alle.")
    entry = knowledge.entries[entry_id]
    parts = [entry.title, entry.answer, entry.details, entry.note, knowledge.citation(entry)]
    out.print("\n\n".join(part for part in parts if part), markup=False)


@app.command()
def unanswered() -> None:
    """Die Arbeitsliste: an die Koordination gegebene Fragen und Antworten, die nicht halfen."""
    engine = open_database(load_settings())
    with Session(engine) as session:
        waiting = work_list(session)
        for note in waiting:
            shown = ", ".join(note.entries) or "–"
            reason = f" · {note.reason}" if note.reason else ""
            day = f"{local_day(note.created_at):%d.%m.%Y}"
            out.print(f"{note.id}: {day} {note.kind.value} [{shown}]{reason}: {note.question}", markup=False)
    if not waiting:
        out.print("Nichts offen.")


@app.command()
def done(number: int) -> None:
    """Eine Notiz der Arbeitsliste abhaken."""
    with Session(open_database(load_settings())) as session:
        if not close_note(session, feedback=number, now=system_clock()):
            raise LotseError(f"Die Notiz {number} gibt es nicht – „lotse knowledge unanswered“ zeigt die offenen.")
        session.commit()
    out.print(f"Notiz {number} ist erledigt.")
