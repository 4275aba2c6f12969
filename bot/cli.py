"""The `lotse` command: thin; every command hands over to the module that does the work."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from sqlmodel import Session

from actions.clock import local_day, system_clock
from actions.settings import Settings, load_settings
from actions.store.engine import open_store
from actions.store.records import close_note, work_list
from bot.logs import configure_logging
from bot.runtime.environments import ensure_rasa_environment
from bot.runtime.model import Model, ensure_model
from bot.runtime.progress import Progress
from knowledge.check import check_knowledge
from knowledge.errors import LotseError
from knowledge.load import Knowledge, load_examples, load_knowledge

app = typer.Typer(no_args_is_help=True, add_completion=False, help="KIM-Lotse: Regelfragen zu KIM NRW.")
knowledge_app = typer.Typer(no_args_is_help=True, help="Die Wissensbasis prüfen und ansehen.")
app.add_typer(knowledge_app, name="knowledge")
out = Console(highlight=False, soft_wrap=True)

SourceFile = Annotated[Path | None, typer.Option(help="Text der offiziellen FAQ zum Abgleich")]


def main() -> None:
    """Run a command; what a person can act on becomes one line on standard error and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_politely)
    try:
        app()
    except LotseError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"Fehler: {error.sentence}", markup=False)
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

    served(lambda chain, _settings: TerminalChat(chain).run())


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


@knowledge_app.command()
def check(source: SourceFile = None) -> None:
    """Schema, Kennungen, Verweise, Daten, Prüftermine, doppelte Beispiele; mit --source auch alle Zahlen."""
    settings = load_settings()
    knowledge = load_knowledge(settings.overlay)
    findings = check_knowledge(
        knowledge, load_examples(settings.overlay), today=local_day(system_clock()), source=source
    )
    for finding in findings:
        out.print(finding, markup=False)
    if findings:
        raise LotseError(f"{len(findings)} Beanstandungen in der Wissensbasis – bitte diese Stellen berichtigen.")
    out.print(f"Die Wissensbasis ist in Ordnung: {len(knowledge.entries)} Einträge.")


@knowledge_app.command("list")
def list_entries() -> None:
    """Alle Einträge mit Titel."""
    for entry in load_knowledge(load_settings().overlay).entries.values():
        out.print(f"{entry.id:32} {entry.title}", markup=False)


@knowledge_app.command()
def show(entry_id: str) -> None:
    """Einen Eintrag mit Fundstelle."""
    knowledge = load_knowledge(load_settings().overlay)
    if entry_id not in knowledge.entries:
        raise LotseError(f"Den Eintrag „{entry_id}“ gibt es nicht – „lotse knowledge list“ zeigt alle.")
    entry = knowledge.entries[entry_id]
    parts = [entry.title, entry.answer, entry.details, entry.note, knowledge.citation(entry)]
    out.print("\n\n".join(part for part in parts if part), markup=False)


@knowledge_app.command()
def unanswered() -> None:
    """Die Arbeitsliste: an die Koordination gegebene Fragen und Antworten, die nicht halfen."""
    engine = open_store(load_settings().database)
    with Session(engine) as session:
        waiting = work_list(session)
        for note in waiting:
            shown = ", ".join(note.entries) or "–"
            reason = f" · {note.reason}" if note.reason else ""
            day = f"{local_day(note.created_at):%d.%m.%Y}"
            out.print(f"{note.id}: {day} {note.kind.value} [{shown}]{reason}: {note.question}", markup=False)
    if not waiting:
        out.print("Nichts offen.")


@knowledge_app.command()
def done(number: int) -> None:
    """Eine Notiz der Arbeitsliste abhaken."""
    with Session(open_store(load_settings().database)) as session:
        if not close_note(session, feedback=number, now=system_clock()):
            raise LotseError(f"Die Notiz {number} gibt es nicht – „lotse knowledge unanswered“ zeigt die offenen.")
        session.commit()
    out.print(f"Notiz {number} ist erledigt.")


def prepared() -> tuple[Settings, Knowledge]:
    """Settings, log, store with its local person, and knowledge: what every serving command needs."""
    from bot.runtime.assembly import enrol_local_person

    settings = load_settings()
    set_secrets = filter(None, (settings.telegram_token, settings.telegram_webhook_secret))
    secrets = [secret.get_secret_value() for secret in set_secrets]
    configure_logging(settings.logs_dir / "bot.log", settings.log_level, secrets)
    knowledge = load_knowledge(settings.overlay)
    enrol_local_person(open_store(settings.database))
    return settings, knowledge


def served(work: Callable[[Any, Settings], Any], *, degraded: bool = False) -> None:
    """Do some work with a chain behind which both servers run, and end afterwards what was started for it."""
    settings, knowledge = prepared()
    progress = Progress()
    model = ensure_model(settings, knowledge, progress)
    with ExitStack() as stack:
        token = start_services(stack, settings, model, progress) if not degraded else ""
        from bot.runtime.assembly import open_chain

        chain = open_chain(settings, knowledge, model, token, always_degraded=degraded)
        asyncio.run(work(chain, settings))


def start_services(stack: ExitStack, settings: Settings, model: Model, progress: Progress) -> str:
    from bot.runtime.services import Services

    return stack.enter_context(Services(settings, model, progress)).token
