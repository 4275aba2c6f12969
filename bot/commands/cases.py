"""`lotse case`: import, hand over, forget; what an operator does without reading what is in a case."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from actions.access import OPERATOR
from actions.cases import CaseError, case_for, hand_over, withdraw_consent
from actions.clock import local_day, system_clock
from actions.importing import ImportRefusedError, import_cases
from actions.people import require_person
from actions.settings import load_settings
from actions.store.engine import erase_traces
from bot.commands.output import errors, lie, out
from bot.runtime.assembly import open_database
from bot.runtime.services import internal_token
from bot.understanding import forget_trackers, rasa_client
from knowledge.casework import load_casework
from nlu.readers.case_numbers import CaseNumberReader

YES = ("ja", "j", "yes", "y")

app = typer.Typer(no_args_is_help=True, help="Fälle einlesen, übergeben, vergessen.")


@app.command("import")
def import_file(
    file: Path,
    owner: Annotated[str, typer.Option(help="Alias der Person, der die Fälle gehören")],
    consent_signed: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%d.%m.%Y"], help="Tag der Einwilligungen, wo die Datei keinen nennt (FAQ 34)"
        ),
    ] = None,
) -> None:
    """Fälle aus einer CSV-Datei anlegen (nummer, form, start, einwilligung): alle Zeilen oder keine."""
    settings = load_settings()
    with Session(open_database(settings)) as session:
        try:
            count = import_cases(
                session,
                by=OPERATOR,
                owner=require_person(session, owner),
                file=file,
                casework=load_casework(settings.overlay),
                signed_on=consent_signed.date() if consent_signed else None,
                now=system_clock(),
            )
        except ImportRefusedError as error:
            for problem in error.problems:
                errors.print(problem, markup=False)
            raise
        session.commit()
    out.print(f"{lie(count)} jetzt bei „{owner}“.", markup=False)


@app.command("hand-over")
def hand_over_case(
    number: str, to: Annotated[str, typer.Option(help="Alias der Person, die den Fall bekommt")]
) -> None:
    """Einen Fall an jemand anderen geben."""
    settings = load_settings()
    with Session(open_database(settings)) as session:
        case = case_for(session, by=OPERATOR, number=normalised(number), day=local_day(system_clock()))
        hand_over(session, by=OPERATOR, case=case, to=require_person(session, to), now=system_clock())
        session.commit()
        out.print(f"{case.number} liegt jetzt bei „{to}“.", markup=False)


@app.command()
def forget(number: str, yes: Annotated[bool, typer.Option("--yes", help="Nicht nachfragen")] = False) -> None:
    """Einen Fall vergessen (Widerruf der Einwilligung): alles zu ihm wird gelöscht, auch in den Chats."""
    settings = load_settings()
    engine = open_database(settings)
    with Session(engine) as session:
        case = case_for(session, by=OPERATOR, number=normalised(number), day=local_day(system_clock()))
        if not (yes or agreed(f"Alles zu {case.number} löschen?")):
            raise CaseError("Nichts gelöscht.", case.number)
        withdraw_consent(session, by=OPERATOR, case=case, now=system_clock())
        session.commit()
    erase_traces(engine)
    asyncio.run(forget_trackers(rasa_client(settings.rasa_port, internal_token(settings)), settings.turn_timeout))
    out.print("Gelöscht. Nachrichten in den Chats folgen, sobald der Lotse läuft.")


def agreed(question: str) -> bool:
    """Whether a yes is typed; anything else, or nothing, is a no."""
    out.print(f"{question} [ja/nein]", end=" ", markup=False)
    return sys.stdin.readline().strip().lower() in YES


def normalised(number: str) -> str:
    """Raises `CaseError` for what is no case number."""
    casework = load_casework(load_settings().overlay)
    found = CaseNumberReader(casework.case_numbers, casework.case_words).numbers(number)
    if len(found) != 1:
        raise CaseError(f"Das ist keine Fallnummer wie {casework.examples} – bitte prüfen.", number)
    return found[0]
