"""The `lotse` command: thin; every command hands over to the module that does the work."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from sqlmodel import Session

from actions.clock import system_clock
from actions.hygiene import chat_counts
from actions.occurrences import occurrence_counts
from actions.people import blocked_people, everybody, open_invitation
from actions.settings import Settings, load_settings
from actions.store.lock import hold_store
from actions.store.records import work_list
from bot.commands import cases, keys, staff
from bot.commands import knowledge as knowledge_commands
from bot.commands.output import errors, out
from bot.logs import configure_logging
from bot.runtime.environments import ensure_rasa_environment
from bot.runtime.guard import open_guard
from bot.runtime.model import Model, ensure_model
from bot.runtime.progress import Progress
from knowledge.errors import LotseError
from knowledge.load import Knowledge, load_knowledge

ISO = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="KIM-Lotse: Regelfragen zu KIM NRW.")
app.add_typer(cases.app, name="case")
app.add_typer(keys.app, name="keys")
app.add_typer(knowledge_commands.app, name="knowledge")
app.add_typer(staff.app, name="staff")


def main() -> None:
    """Run a command; what a person can act on becomes one line on standard error and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_politely)
    try:
        app()
    except LotseError as error:
        errors.print(f"Fehler: {error.sentence}", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def end_politely(_number: int, _frame: object) -> None:
    signal.raise_signal(signal.SIGINT)


@app.command()
def setup() -> None:
    """Alles vorbereiten: Rasas Umgebung, Datenordner, Datenbank, lokale Person, Sprachmodell."""
    settings, knowledge = prepared()
    progress = Progress()
    ensure_rasa_environment(progress, settings.python310)
    ensure_model(settings, knowledge, progress)
    open_guard(settings, knowledge, progress)
    progress.say("Fertig. „make run“ oder „lotse run“ startet den Lotsen.")


@app.command()
def train() -> None:
    """Das Sprachmodell trainieren, wenn keines zu den Daten passt."""
    settings, knowledge = prepared()
    model = ensure_model(settings, knowledge, Progress())
    out.print(f"Modell: {model.archive}")


@app.command()
def run(chat: Annotated[bool, typer.Option(help="Chat im Terminal öffnen")] = True) -> None:
    """Alles starten: Rasa, Wissensdienst, Telegram (mit Token) und den Chat im Terminal."""
    from bot.serving import serve

    served(lambda chain, settings: serve(chain, settings, with_terminal=chat and sys.stdin.isatty(), say=out.print))


@app.command()
def chat() -> None:
    """Im Terminal chatten; startet, was noch nicht läuft."""
    from bot.channels.terminal import TerminalChat

    served(lambda chain, settings: TerminalChat(chain, settings.data_dir / "exports").run())


@app.command()
def ask(
    question: str,
    json: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON")] = False,
) -> None:
    """Eine Frage durch den ganzen Weg stellen."""
    from bot.asking import ask as ask_once
    from bot.asking import prepare_local_person

    async def once(chain: Any, _settings: Settings) -> None:
        prepare_local_person(chain)
        asked = await ask_once(chain, question, conversation="ask")
        out.print(asked.model_dump_json(indent=2) if json else asked.text, markup=False)

    served(once)


@app.command()
def evaluate(
    file: Path,
    out_file: Annotated[Path | None, typer.Option("--out", help="Ergebnis je Frage als JSON-Zeilen")] = None,
    degraded: Annotated[bool, typer.Option(help="Ohne Rasa, nur mit der Wissensbasis")] = False,
) -> None:
    """Eine Datei mit Fragen stellen und zählen, was herauskam."""
    from bot.asking import ask as ask_once
    from bot.asking import prepare_local_person
    from bot.evaluating import judge, read_questions, summary

    questions = read_questions(file)

    async def all_of_them(chain: Any, _settings: Settings) -> None:
        prepare_local_person(chain)
        judged = []
        with Bar(console=Console(stderr=True)) as bar:
            for number, question in enumerate(bar.track(questions, description="Fragen")):
                asked = await ask_once(chain, question.q, conversation=f"evaluate-{number}")
                judged.append(judge(question, asked))
        if out_file:
            lines = [one.asked.model_dump_json() for one in judged]
            out_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for line in summary(judged):
            out.print(line, markup=False)

    served(all_of_them, degraded=degraded)


@app.command()
def understand(
    text: Annotated[str | None, typer.Argument(help="Die Nachricht")] = None,
    json: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON in einer Zeile")] = False,
    now: Annotated[datetime | None, typer.Option(help="Wann sie geschrieben wurde", formats=ISO)] = None,
    file: Annotated[Path | None, typer.Option(help="JSON-Zeilen mit q und now; je Zeile ein Ergebnis")] = None,
) -> None:
    """Zeigen, was aus einer Nachricht verstanden wird; nichts wird getan oder gespeichert."""
    from actions.practice import load_practice
    from actions.requests import requests_of
    from bot.reading import Line, Reading, read_lines
    from knowledge.ranking import load_ranker

    if (text is None) == (file is None):
        raise LotseError("Bitte eine Nachricht oder --file angeben.")
    settings = load_settings()
    knowledge = load_knowledge(settings.overlay)
    model = ensure_model(settings, knowledge, Progress())
    reading = Reading(load_ranker(model.ranker), requests_of(load_practice(knowledge, settings.overlay)))
    for line in read_lines(file) if file else [Line(q=text or "", now=now)]:
        read = reading.read(line.q, line.now or now or system_clock())
        if json or file:
            out.print(dumps(read, ensure_ascii=False), markup=False)
        else:
            out.print("\n".join([read["intent"], *(f"  {k}: {v}" for k, v in read["slots"].items())]), markup=False)


@app.command()
def mask(
    json: Annotated[bool, typer.Option("--json", help="Je Zeile ein JSON-Objekt mit den Fundstellen")] = False,
) -> None:
    """Texte von der Standardeingabe (einer je Zeile) so zeigen, wie sie weitergereicht würden."""
    settings = load_settings()
    guard = open_guard(settings, load_knowledge(settings.overlay), Progress())
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise LotseError(f"Zeile {number} der Eingabe ist kein UTF-8 – bitte die Datei so speichern.") from None
        masked = guard.mask(text)
        if json:
            found = {"text": text, "masked": masked.text, "spans": [list(span) for span in masked.spans]}
            out.print(dumps(found, ensure_ascii=False), markup=False)
        else:
            out.print(masked.text, markup=False)


@app.command()
def status() -> None:
    """Was wartet und was nicht klappt: Nachrichten in den Chats, Erinnerungen, Einladungen, Arbeitsliste."""
    from bot.runtime.assembly import open_database

    with Session(open_database(load_settings())) as session:
        chats, now = chat_counts(session), system_clock()
        invited = [person for person in everybody(session) if open_invitation(session, person, now)]
        out.print(
            f"Chat-Nachrichten, die noch gelöscht werden: {chats.waiting}, davon mit Fehlversuch: {chats.failing}"
        )
        out.print(f"Chat-Nachrichten, die nicht mehr gelöscht werden können: {chats.given_up}")
        reminders = occurrence_counts(session, now=now)
        out.print(f"Erinnerungen: {reminders.planned} geplant, {reminders.stuck} überfällig und noch nicht zugestellt")
        out.print(f"Mitarbeitende, die der Bot nicht erreicht: {len(blocked_people(session))}")
        out.print(f"Offene Einladungen: {len(invited)}")
        out.print(f"Offene Notizen der Arbeitsliste: {len(work_list(session))}")


def prepared() -> tuple[Settings, Knowledge]:
    """Settings, log, store with its local person, and knowledge: what every serving command needs."""
    from bot.runtime.assembly import enrol_local_person, open_database

    settings = load_settings()
    set_secrets = filter(
        None, (settings.telegram_token, settings.telegram_webhook_secret, settings.keys, settings.database_url)
    )
    secrets = [secret.get_secret_value() for secret in set_secrets]
    configure_logging(settings.logs_dir / "bot.log", settings.log_level, secrets)
    knowledge = load_knowledge(settings.overlay)
    enrol_local_person(open_database(settings))
    return settings, knowledge


def served(work: Callable[[Any, Settings], Any], *, degraded: bool = False) -> None:
    """Do some work with a chain behind which both servers run, and end afterwards what was started for it."""
    settings, knowledge = prepared()
    progress = Progress()
    model = ensure_model(settings, knowledge, progress)
    guard = open_guard(settings, knowledge, progress)
    with ExitStack() as stack:
        stack.enter_context(hold_store(settings.database))
        token = start_services(stack, settings, model, progress) if not degraded else ""
        from bot.runtime.assembly import open_chain

        chain = open_chain(settings, knowledge, model, guard, token, always_degraded=degraded)
        asyncio.run(work(chain, settings))


def start_services(stack: ExitStack, settings: Settings, model: Model, progress: Progress) -> str:
    from bot.runtime.services import Services

    return stack.enter_context(Services(settings, model, progress)).token
