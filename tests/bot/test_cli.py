"""The `lotse` command, run as a person runs it: what it prints, how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from actions.clock import local_day, system_clock
from actions.store.engine import open_store
from actions.store.models import FeedbackKind
from actions.store.records import add_reason, keep_feedback
from knowledge.check import check_knowledge
from knowledge.load import Knowledge, load_examples

LOTSE = Path(sys.executable).parent / "lotse"
Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]

ENTRY = """\
- id: lokal-1
  title: Unser Verfahren
  question: Wie läuft das bei uns?
  answer: Über das Amt 50.
  source: {document: faq, question: 1}
  checked_on: 2026-11-22
  topics: [grundlagen]
  review_by: 2099-12-31
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def lotse(tmp_path: Path, data_dir: Path) -> Run:
    """Runs the command in an empty folder, with a data folder of its own."""

    def run(*arguments: str, **variables: str) -> Ran:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = kept | {"LOTSE_DATA_DIR": str(data_dir)} | variables
        return subprocess.run(
            [str(LOTSE), *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "overlay"
    (folder / "entries").mkdir(parents=True)
    return folder


def refusal(ran: Ran) -> str:
    """The one line that a failed command says."""
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    [line] = ran.stderr.splitlines()
    assert line.startswith("Fehler: ")
    return line


def test_list_names_every_entry_with_its_title(lotse: Run, knowledge: Knowledge) -> None:
    ran = lotse("knowledge", "list")
    listed = [tuple(line.split(maxsplit=1)) for line in ran.stdout.splitlines()]
    assert listed == [(entry.id, entry.title) for entry in knowledge.entries.values()]
    assert (ran.returncode, ran.stderr) == (0, "")


def test_show_gives_an_entry_with_its_citation(lotse: Run, knowledge: Knowledge) -> None:
    ran = lotse("knowledge", "show", "faq-27")
    entry = knowledge.entries["faq-27"]
    assert ran.stdout.startswith(entry.title)
    assert entry.answer in ran.stdout
    assert ran.stdout.rstrip().endswith(knowledge.citation(entry))


def test_an_unknown_entry_is_refused_in_one_line(lotse: Run) -> None:
    ran = lotse("knowledge", "show", "faq-[b]99[/b]")
    assert refusal(ran) == "Fehler: Den Eintrag „faq-[b]99[/b]“ gibt es nicht – „lotse knowledge list“ zeigt alle."
    assert ran.stdout == ""


def test_check_says_what_the_checks_found(lotse: Run, knowledge: Knowledge) -> None:
    findings = check_knowledge(knowledge, load_examples(), today=local_day(system_clock()))
    ran = lotse("knowledge", "check")
    if findings:
        assert ran.stdout.splitlines() == findings
        assert f"{len(findings)} Beanstandungen" in refusal(ran)
    else:
        assert ran.stdout == f"Die Wissensbasis ist in Ordnung: {len(knowledge.entries)} Einträge.\n"
        assert ran.returncode == 0


def test_check_finds_what_is_wrong_in_the_overlay(lotse: Run, overlay: Path) -> None:
    (overlay / "entries" / "lokal.yml").write_text(ENTRY.replace("[grundlagen]", "[gibtesnicht]"), "utf-8")
    ran = lotse("knowledge", "check", LOTSE_OVERLAY=str(overlay))
    assert "lokal-1: unbekanntes Thema „gibtesnicht“." in ran.stdout.splitlines()
    assert "Beanstandungen in der Wissensbasis" in refusal(ran)


def test_unanswered_is_empty_at_first(lotse: Run) -> None:
    ran = lotse("knowledge", "unanswered")
    assert (ran.returncode, ran.stdout) == (0, "Nichts offen.\n")


def test_unanswered_lists_what_waits_for_the_curators_with_the_day_in_germany(lotse: Run, data_dir: Path) -> None:
    engine = open_store(data_dir / "lotse.db")
    with Session(engine) as session:
        noon, late = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
        for kind, question, entries, now in (
            (FeedbackKind.PASSED_ON, "Wie wird das [bold]Wetter[/]?", [], noon),
            (FeedbackKind.HELPFUL, "Wer hilft?", ["faq-01"], noon),
            (FeedbackKind.UNHELPFUL, "Wann ist die Frist?", ["faq-27"], late),
        ):
            number = keep_feedback(session, kind=kind, question=question, entries=entries, now=now)
        add_reason(session, feedback=number, reason="Veraltet")
        session.commit()
    engine.dispose()
    assert lotse("knowledge", "unanswered").stdout.splitlines() == [
        "1: 22.11.2026 passed_on [–]: Wie wird das [bold]Wetter[/]?",
        "3: 23.11.2026 unhelpful [faq-27] · Veraltet: Wann ist die Frist?",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOTSE_RASA_PORT", "viele"),
        ("LOTSE_RASA_PORT", "5055"),
        ("LOTSE_LOG_LEVEL", "LAUT"),
        ("LOTSE_MESSAGES_PER_MINUTE", "0"),
        ("LOTSE_TELEGRAM_STAFF", "anna"),
        ("LOTSE_TELEGRAM_WEBHOOK_URL", "https://lotse.example.org/hook"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(lotse: Run, variable: str, value: str) -> None:
    line = refusal(lotse("knowledge", "list", **{variable: value}))
    assert variable in line
    assert "Value error" not in line


def test_an_overlay_is_listed_with_the_rest(lotse: Run, overlay: Path) -> None:
    (overlay / "entries" / "lokal.yml").write_text(ENTRY, "utf-8")
    last = lotse("knowledge", "list", LOTSE_OVERLAY=str(overlay)).stdout.splitlines()[-1]
    assert last.split(maxsplit=1) == ["lokal-1", "Unser Verfahren"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ENTRY.replace("title:", "titel:"), "„lokal-1“"),
        (ENTRY + "  : [", "kein gültiges YAML"),
        ("lokal-1: Unser Verfahren\n", "eine Liste wird erwartet"),
        ("- nur ein Satz\n", "bitte berichtigen"),
        (ENTRY.replace("2026-11-22", "2026-11-31"), "bitte"),
        (ENTRY.replace("2026-11-22", "gestern"), "checked_on"),
        ("", "eine Liste wird erwartet"),
    ],
    ids=["field", "yaml", "mapping", "sentence", "no such day", "no date", "empty"],
)
def test_a_broken_overlay_file_is_named_in_one_line(lotse: Run, overlay: Path, content: str, said: str) -> None:
    (overlay / "entries" / "lokal.yml").write_text(content, "utf-8")
    line = refusal(lotse("knowledge", "list", LOTSE_OVERLAY=str(overlay)))
    assert "lokal.yml" in line
    assert said in line


def test_an_id_given_twice_is_named(lotse: Run, overlay: Path) -> None:
    (overlay / "entries" / "lokal.yml").write_text(ENTRY.replace("lokal-1", "faq-27"), "utf-8")
    line = refusal(lotse("knowledge", "list", LOTSE_OVERLAY=str(overlay)))
    assert "„faq-27“" in line
    assert "doppelt" in line


def test_a_missing_overlay_folder_is_named(lotse: Run, tmp_path: Path) -> None:
    line = refusal(lotse("knowledge", "list", LOTSE_OVERLAY=str(tmp_path / "nirgends")))
    assert str(tmp_path / "nirgends") in line
    assert "LOTSE_OVERLAY" in line


def test_a_data_folder_that_is_a_file_is_said_in_one_line(lotse: Run, data_dir: Path) -> None:
    data_dir.write_text("kein Ordner", "utf-8")
    assert "lässt sich nicht öffnen" in refusal(lotse("knowledge", "unanswered"))


def test_a_broken_database_is_said_in_one_line(lotse: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "lotse.db").write_bytes(b"kein SQLite" * 1000)
    assert "lotse.db lässt sich nicht öffnen" in refusal(lotse("knowledge", "unanswered"))


def test_without_a_command_the_help_is_shown(lotse: Run) -> None:
    ran = lotse()
    assert all(command in ran.stdout + ran.stderr for command in ("setup", "run", "chat", "ask", "knowledge"))
